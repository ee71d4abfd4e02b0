/*
 * gemini_partial.c - calls whose arguments arrive in pieces (Vertex).
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Each piece names the place of a value by a path ("$.location") and may leave
 * a string open for the next one. Only members of the top are understood.
 */
#include "base/err.h"
#include "dialect/gemini_in.h"

#define PIECE_MAX	(1u << 20)

/* "$.name" without the beginning; empty when it is another kind of path. */
static struct str
member_of(struct str path)
{
	if (!str_starts(path, STR("$.")))
		return STR_NULL;
	path = str_skip(path, 2);
	if (str_chr(path, '.') >= 0 || str_chr(path, '[') >= 0)
		return STR_NULL;
	return path;
}

static int
open_member(struct ge_in *g, struct buf *b, struct str path)
{
	struct str name = member_of(path);
	int rc;

	if (name.n == 0)
		return ERR_FORMAT;
	if (g->quoted && (rc = buf_addc(b, '"')) != 0)
		return rc;
	g->quoted = 0;
	if ((rc = buf_adds(b, g->members++ == 0 ? STR("{\"") : STR(",\"")))
	    != 0 || (rc = buf_add_json(b, name)) != 0)
		return rc;
	return buf_adds(b, STR("\":"));
}

/* The value that the piece has, without the quotes of a string. */
static struct jval
value_of(struct jval piece)
{
	static const char *const names[] = { "stringValue", "numberValue",
	    "boolValue", "nullValue" };
	struct jval v = { JSCAN_NONE, STR_NULL };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) &&
	    v.type == JSCAN_NONE; i++)
		v = jt_get(piece, names[i]);
	if (v.type == JSCAN_STRING && i == sizeof(names) / sizeof(names[0]))
		v = jt_value(STR("null"));	/* "NULL_VALUE" */
	return v;
}

static int
put_piece(struct codec_in *in, struct buf *b, struct jval piece)
{
	struct ge_in *g = ge_in(in);
	struct str path = jt_text(CODEC_TMP(in), jt_get(piece, "jsonPath"));
	struct jval v = value_of(piece);
	int rc, more = jt_bool(jt_get(piece, "willContinue")) == 1;

	if (!g->quoted || !str_eq(path, g->path)) {
		if ((rc = open_member(g, b, path)) != 0)
			return rc;
		if (v.type == JSCAN_STRING && (rc = buf_addc(b, '"')) != 0)
			return rc;
	}
	if (v.type != JSCAN_STRING)
		return buf_adds(b, v.raw.n > 0 ? v.raw : STR("null"));
	if ((rc = buf_adds(b, str_make(v.raw.p + 1, v.raw.n - 2))) != 0)
		return rc;
	g->quoted = more;
	if (more && !str_eq(path, g->path))
		g->path = arena_str(in->a, path);
	return more ? 0 : buf_addc(b, '"');
}

static int
close_object(struct ge_in *g, struct buf *b)
{
	int rc;

	if (g->quoted && (rc = buf_addc(b, '"')) != 0)
		return rc;
	if (g->members == 0 && (rc = buf_addc(b, '{')) != 0)
		return rc;
	g->partial = g->quoted = g->members = 0;
	return buf_addc(b, '}');
}

int
ge_partial(struct codec_in *in, unsigned choice, struct jval call,
    struct jval signature)
{
	struct ge_in *g = ge_in(in);
	struct jval pieces = jt_get(call, "partialArgs"), one;
	size_t pos = 0;
	struct buf b;
	int rc = 0, last = jt_bool(jt_get(call, "willContinue")) != 1;

	if (!g->partial)
		ge_call_begin(in, choice, call, signature);
	g->partial = 1;
	buf_init(&b, PIECE_MAX);
	while (rc == 0 && pieces.type == JSCAN_ARRAY &&
	    jt_each(pieces, &pos, NULL, &one))
		rc = put_piece(in, &b, one);
	if (rc == 0 && last)
		rc = close_object(g, &b);
	if (rc == 0)
		ge_call_args(in, choice, arena_str(CODEC_TMP(in), buf_str(&b)));
	buf_free(&b);
	if (rc == 0 && last)
		ge_call_end(in, choice);
	return rc;
}
