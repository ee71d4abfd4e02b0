/*
 * gemini_schema.c - Google's OpenAPI schemas become JSON schema.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Types in upper case, "nullable", counts that are strings, and snake_case
 * names: all else is copied as it is. Names under "properties" are the
 * client's and are never changed.
 */
#include "base/err.h"
#include "base/num.h"
#include "dialect/ge.h"

#define SCHEMA_MAX	(16u << 20)

static void convert(struct jw *w, struct jval v, unsigned depth);

static void
put_key(struct jw *w, struct str key)
{
	struct str quoted = str_make(key.p - 1, key.n + 2);

	jw_raw(w, quoted);		/* as it was written */
	w->comma = 0;
	if (w->error == 0)
		w->error = buf_addc(w->b, ':');
}

static void
map(struct jw *w, struct jval v, unsigned depth)
{
	struct str key;
	struct jval m;
	size_t pos = 0;

	jw_open(w, '{');
	while (jt_each(v, &pos, &key, &m)) {
		put_key(w, key);
		convert(w, m, depth + 1);
	}
	jw_close(w, '}');
}

static void
list(struct jw *w, struct jval v, unsigned depth)
{
	struct jval m;
	size_t pos = 0;

	jw_open(w, '[');
	while (jt_each(v, &pos, NULL, &m))
		convert(w, m, depth + 1);
	jw_close(w, ']');
}

/* "STRING" is "string", and with nullable ["string","null"]. */
static void
type(struct jw *w, struct jval v, int nullable)
{
	char name[32];
	long i, n = jscan_string(v.raw, name, sizeof(name));

	if (n <= 0 || strcmp(name, "TYPE_UNSPECIFIED") == 0)
		return;
	for (i = 0; i < n; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] |= 0x20;
	jw_key(w, "type");
	if (!nullable || strcmp(name, "null") == 0) {
		jw_text(w, name);
		return;
	}
	jw_open(w, '[');
	jw_text(w, name);
	jw_text(w, "null");
	jw_close(w, ']');
}

/* The value of a member that Google spells otherwise: 1 when written. */
static int
special(struct jw *w, struct str key, struct jval m, unsigned depth)
{
	static const char *const counts[] = { "minLength", "maxLength",
	    "minItems", "maxItems", "minProperties", "maxProperties" };
	struct str text;
	uint64_t v;
	size_t i;

	if (ge_is(key, "properties") && m.type == JSCAN_OBJECT) {
		jw_key(w, "properties");
		map(w, m, depth);
		return 1;
	}
	if (ge_is(key, "anyOf") && m.type == JSCAN_ARRAY) {
		jw_key(w, "anyOf");
		list(w, m, depth);
		return 1;
	}
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (!ge_is(key, counts[i]))
			continue;
		jw_key(w, counts[i]);
		text = m.type == JSCAN_STRING && m.raw.n > 2 ?
		    str_make(m.raw.p + 1, m.raw.n - 2) : STR_NULL;
		if (num_u64(text, &v) == 0)
			jw_u64(w, v);
		else
			jw_raw(w, m.raw);
		return 1;
	}
	return 0;
}

static void
member(struct jw *w, struct str key, struct jval m, int nullable,
    unsigned depth)
{
	if (ge_is(key, "nullable") || ge_is(key, "propertyOrdering") ||
	    m.type == JSCAN_NULL)
		return;
	if (ge_is(key, "type") && m.type == JSCAN_STRING) {
		type(w, m, nullable);
		return;
	}
	/* Google's mark of a string with a list of values. */
	if (ge_is(key, "format") && jt_eq(m, "enum"))
		return;
	if (special(w, key, m, depth))
		return;
	if (ge_is(key, "example")) {
		jw_key(w, "examples");
		jw_open(w, '[');
		jw_raw(w, m.raw);
		jw_close(w, ']');
		return;
	}
	put_key(w, key);
	if (ge_is(key, "items") || ge_is(key, "additionalProperties"))
		convert(w, m, depth + 1);
	else
		jw_raw(w, m.raw);
}

static void
convert(struct jw *w, struct jval v, unsigned depth)
{
	struct str key;
	struct jval m;
	size_t pos = 0;
	int nullable;

	if (v.type != JSCAN_OBJECT || depth > GE_DEPTH) {
		jw_raw(w, v.raw);
		return;
	}
	nullable = jt_bool(ge_get(v, "nullable")) == 1;
	jw_open(w, '{');
	while (jt_each(v, &pos, &key, &m))
		member(w, key, m, nullable, depth);
	jw_close(w, '}');
}

struct str
ge_schema(struct arena *a, struct str raw)
{
	struct str out = raw;
	struct buf b;
	struct jw w;

	buf_init(&b, SCHEMA_MAX);
	jw_init(&w, &b);
	convert(&w, jt_value(raw), 0);
	if (jw_done(&w) == 0)
		out = arena_str(a, buf_str(&b));
	buf_free(&b);
	return out;
}
