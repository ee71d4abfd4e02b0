/*
 * gemini_embed.c - embeddings as Google has them: embedContent for one text,
 * batchEmbedContents for many.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Each request of a batch names its model, the one of the path, and may have
 * its own options. Between two of Google's servers each is copied but for the
 * name; for other formats options have to be alike in all.
 */
#include "base/slice.h"
#include "dialect/embed.h"
#include "dialect/ge.h"

#define PORTION 65536u
#define PARTS 16	/* of a content that is one text, fewer */

struct reader {
	struct embed	*e;
	struct ir_note	*n;
	unsigned	 at;		/* of the batch */
};

/* --- requests ------------------------------------------------------------ */

/* "requests[2].content", or "content". */
static const char *
path_of(const struct reader *r, const char *member)
{
	return r->e->q->prompt ? member : arena_printf(r->e->q->a,
	    "requests[%u].%s", r->at, member);
}

static int
bad(const struct reader *r, const char *member, const char *what)
{
	return embed_bad(r->n, path_of(r, member), what);
}

/* Google's own servers may take it. */
static void
only_own(const struct reader *r, const char *member, const char *why)
{
	if (r->e->only != NULL)
		return;
	r->e->only = path_of(r, member);
	r->e->why = why;
}

static char *
copy(char *d, struct str s)
{
	size_t n;

	for (; s.n > 0; s = str_skip(s, n), d += n) {
		n = s.n < PORTION ? s.n : PORTION;
		memcpy(d, s.p, n);
		slice_use(PORTION / 3);
	}
	return d;
}

/* Several texts of one content make one vector: the insides of the strings
 * side by side. */
static struct jval
join(struct embed *e, const struct jval *part, unsigned n)
{
	struct jval v = { JSCAN_STRING, { NULL, 0 } };
	size_t size = 2;
	unsigned i;
	char *d;

	for (i = 0; i < n; i++)
		size += part[i].raw.n - 2;
	v.raw.p = d = arena_alloc(e->q->a, size);
	*d++ = '"';
	for (i = 0; i < n; i++)
		d = copy(d, str_make(part[i].raw.p + 1, part[i].raw.n - 2));
	*d = '"';
	v.raw.n = size;
	e->joined = 1;
	return v;
}

static int
read_content(struct reader *r, struct jval content)
{
	struct jval part[PARTS], one;
	unsigned n = 0;
	size_t pos = 0;

	if (content.type != JSCAN_OBJECT)
		return bad(r, "content", "must be there");
	while (ge_each(ge_get(content, "parts"), &pos, &one) && n < PARTS) {
		part[n] = ge_get(one, "text");
		if (part[n++].type == JSCAN_STRING)
			continue;
		only_own(r, "content.parts", "must have text: this model "
		    "takes nothing else");
		return embed_add(r->e, one, r->n);
	}
	if (n == 0)
		return bad(r, "content.parts", "must have a part");
	if (n == PARTS)
		only_own(r, "content.parts", "has too many parts to be one "
		    "text");
	return embed_add(r->e, n == 1 ? part[0] : join(r->e, part, n), r->n);
}

static int
is_own(struct reader *r, struct str name, struct jval v, int *rc,
    uint64_t *dimensions, int *truncate)
{
	if (ge_is(name, "taskType"))
		r->e->task |= jt_is(v);
	else if (ge_is(name, "title"))
		r->e->title |= jt_is(v);
	else if (ge_is(name, "outputDimensionality"))
		*rc = embed_number(v, dimensions) ? 0 : bad(r,
		    "outputDimensionality", EMBED_NUMBER);
	else if (ge_is(name, "autoTruncate"))
		*rc = embed_flag(v, truncate) ? 0 : bad(r, "autoTruncate",
		    EMBED_FLAG);
	else
		return 0;
	return 1;
}

/* Options stand beside the content, or in an object of their own. */
static int
read_options(struct reader *r, struct jval o, uint64_t *dimensions,
    int *truncate, int inside)
{
	struct str name;
	struct jval v;
	size_t pos = 0;
	int rc = 0;

	if (o.type != JSCAN_OBJECT)
		return bad(r, "embedContentConfig", "must be an object");
	while (rc == 0 && jt_each(o, &pos, &name, &v)) {
		if (is_own(r, name, v, &rc, dimensions, truncate))
			continue;
		if (!inside && (ge_is(name, "model") ||
		    ge_is(name, "content")))
			continue;
		if (!inside && ge_is(name, "embedContentConfig")) {
			if (jt_is(v))
				rc = read_options(r, v, dimensions, truncate,
				    1);
		} else
			embed_extra(r->e, name, v);
	}
	return rc;
}

static int
read_one(struct reader *r, struct jval o)
{
	struct embed *e = r->e;
	uint64_t dimensions = 0;
	int rc, truncate = -1;

	if (o.type != JSCAN_OBJECT)
		return embed_bad(r->n, "requests", "must be a list of "
		    "objects");
	if ((rc = read_options(r, o, &dimensions, &truncate, 0)) != 0)
		return rc;
	if (r->at == 0) {
		e->dimensions = dimensions;
		e->truncate = truncate;
	}
	if (dimensions != e->dimensions || truncate != e->truncate)
		only_own(r, dimensions != e->dimensions ?
		    "outputDimensionality" : "autoTruncate", "must be the "
		    "same in all requests: this model takes one for all of "
		    "them");
	return read_content(r, ge_get(o, "content"));
}

static int
read_body(struct embed *e, struct str body, struct ir_note *n)
{
	struct jval top = jt_value(body), list, one;
	struct reader r = { e, n, 0 };
	unsigned most = 0;
	size_t pos = 0;
	int rc = 0;

	e->truncate = -1;
	if (e->q->prompt) {
		e->item = arena_alloc(e->q->a, sizeof(*e->item));
		e->item[0] = top;
		return read_one(&r, top);
	}
	list = ge_get(top, "requests");
	while (most <= EMBED_TEXTS && jt_each(list, &pos, NULL, &one))
		most++;
	e->item = arena_alloc(e->q->a, (most + 1) * sizeof(*e->item));
	for (pos = 0; rc == 0 && jt_each(list, &pos, NULL, &one); r.at++) {
		if (r.at < most)
			e->item[r.at] = one;
		rc = read_one(&r, one);
	}
	return rc != 0 || e->n > 0 ? rc : embed_bad(n, "requests", "must have "
	    "at least one request");
}

/* As the client wrote it. */
static void
put_own(struct jw *w, struct jval item)
{
	struct str name;
	struct jval v;
	size_t pos = 0;

	while (jt_each(item, &pos, &name, &v)) {
		if (ge_is(name, "model"))
			continue;
		jw_raw(w, str_make(name.p - 1, name.n + 2));
		w->comma = 0;
		jw_raw(w, STR(":"));
		w->comma = 0;
		jw_raw(w, v.raw);
	}
}

static void
put_text(struct jw *w, const struct embed *e, unsigned i)
{
	jw_key(w, "content");
	jw_open(w, '{');
	jw_key(w, "parts");
	jw_open(w, '[');
	jw_open(w, '{');
	jw_kraw(w, "text", e->text[i].raw);
	jw_close(w, '}');
	jw_close(w, ']');
	jw_close(w, '}');
	if (e->dimensions > 0)
		jw_ku64(w, "outputDimensionality", e->dimensions);
	if (e->truncate < 0)
		return;
	jw_key(w, "embedContentConfig");
	jw_open(w, '{');
	jw_kbool(w, "autoTruncate", e->truncate);
	jw_close(w, '}');
}

static void
put_request(struct jw *w, const struct embed *e, unsigned i, struct str model)
{
	jw_open(w, '{');
	jw_kstr(w, "model", model);
	if (e->q->from == DIALECT_GEMINI)
		put_own(w, e->item[i]);
	else
		put_text(w, e, i);
	jw_close(w, '}');
}

static int
write_body(struct buf *b, const struct embed *e, const struct ir_target *t,
    struct ir_note *n)
{
	struct str model = str_of(arena_printf(e->q->a, "models/%.*s",
	    STR_ARG(t->model)));
	int own = e->q->from == DIALECT_GEMINI, rc;
	struct jw w;
	unsigned i;

	if (!own && (rc = embed_lose(e, EMBED_HAS_TRUNCATE, n)) != 0)
		return rc;
	jw_init(&w, b);
	if (own && e->q->prompt) {
		put_request(&w, e, 0, model);
		return jw_done(&w);
	}
	jw_open(&w, '{');
	jw_key(&w, "requests");
	jw_open(&w, '[');
	for (i = 0; i < e->n; i++)
		put_request(&w, e, i, model);
	jw_close(&w, ']');
	jw_close(&w, '}');
	return jw_done(&w);
}

/* --- answers ------------------------------------------------------------- */

static int
get(struct embed_answer *an, struct str body)
{
	embed_room(an);
	return embed_vectors(an, ge_get(jt_value(body), "embeddings"),
	    "values");
}

static int
put_values(struct jw *w, const struct embed_answer *an, unsigned i)
{
	int rc;

	jw_open(w, '{');
	jw_key(w, "values");
	rc = embed_put_vector(w, an, i, 0);
	jw_close(w, '}');
	return rc;
}

static int
put(struct buf *b, const struct embed_answer *an)
{
	struct jw w;
	unsigned i;
	int rc = 0;

	jw_init(&w, b);
	jw_open(&w, '{');
	if (an->asked->q->prompt) {
		jw_key(&w, "embedding");
		rc = put_values(&w, an, 0);
	} else {
		jw_key(&w, "embeddings");
		jw_open(&w, '[');
		for (i = 0; rc == 0 && i < an->want; i++)
			rc = put_values(&w, an, i);
		jw_close(&w, ']');
	}
	jw_key(&w, "usageMetadata");
	jw_open(&w, '{');
	jw_ku64(&w, "promptTokenCount", an->tokens);
	jw_close(&w, '}');
	jw_close(&w, '}');
	return rc != 0 ? rc : jw_done(&w);
}

const struct embed_codec embed_gemini = {
	.path = "/models/{model}:batchEmbedContents",
	.has = EMBED_HAS_TRUNCATE | EMBED_HAS_TASK, .read = read_body,
	.write = write_body, .get = get, .put = put, .names = 1
};
