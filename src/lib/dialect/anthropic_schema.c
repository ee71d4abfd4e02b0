/*
 * anthropic_schema.c - a JSON schema in the form that Anthropic enforces.
 *
 * Runs in: worker.
 * Owns: the tables of keywords.
 *
 * Keywords that only validate are moved into the description, where the model
 * reads them. Objects must say additionalProperties: false.
 */
#include "base/err.h"
#include "dialect/an_write.h"

#define DEPTH 48

enum how { VALIDATES, REFUSED, SCHEMA, SCHEMAS, NAMED, TYPE, MORE, MIN_ITEMS,
	FORMAT, DESCRIPTION };

static const struct row {
	const char	*name;
	enum how	 how;
} rows[] = {
	{ "minimum", VALIDATES }, { "maximum", VALIDATES },
	{ "exclusiveMinimum", VALIDATES }, { "exclusiveMaximum", VALIDATES },
	{ "multipleOf", VALIDATES }, { "minLength", VALIDATES },
	{ "maxLength", VALIDATES }, { "maxItems", VALIDATES },
	{ "uniqueItems", VALIDATES }, { "minProperties", VALIDATES },
	{ "maxProperties", VALIDATES },
	{ "oneOf", REFUSED }, { "not", REFUSED }, { "if", REFUSED },
	{ "then", REFUSED }, { "else", REFUSED },
	{ "patternProperties", REFUSED }, { "dependentSchemas", REFUSED },
	{ "dependentRequired", REFUSED }, { "propertyNames", REFUSED },
	{ "prefixItems", REFUSED }, { "contains", REFUSED },
	{ "items", SCHEMA }, { "anyOf", SCHEMAS }, { "allOf", SCHEMAS },
	{ "properties", NAMED }, { "$defs", NAMED }, { "definitions", NAMED },
	{ "type", TYPE }, { "additionalProperties", MORE },
	{ "minItems", MIN_ITEMS }, { "format", FORMAT },
	{ "description", DESCRIPTION },
};

static const char *const formats[] = {
	"date-time", "time", "date", "duration", "email", "hostname", "uri",
	"ipv4", "ipv6", "uuid"
};

/* What is being written. */
struct walk {
	struct an_wr	*x;
	const char	*param;
	int		 changed;
};

static int schema(struct walk *k, struct jval v, const char *at, int depth);

static const struct row *
find(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_eqc(name, rows[i].name))
			return &rows[i];
	return NULL;
}

static int
refuse(struct walk *k, const char *at, const char *what)
{
	return an_refuse(k->x, k->param, "%s%s is not supported by "
	    "Anthropic's structured outputs: leave it out", at, what);
}

/* A key as it stands in the source, with its escapes. */
static void
raw_key(struct jw *w, struct str name)
{
	jw_raw(w, STR("\""));
	w->comma = 0;
	jw_raw(w, name);
	w->comma = 0;
	jw_raw(w, STR("\":"));
	w->comma = 0;
}

static int
format_ok(struct jval v)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (jt_eq(v, formats[i]))
			return 1;
	return 0;
}

/* 1 when the keyword goes to the description. */
static int
only_told(const struct row *row, struct jval v)
{
	if (row == NULL)
		return 0;
	return row->how == VALIDATES ||
	    (row->how == MIN_ITEMS && jt_u64(v, 9) > 1) ||
	    (row->how == FORMAT && !format_ok(v));
}

static void
description(struct walk *k, struct jval v)
{
	struct jval one, was = jt_get(v, "description");
	struct str name, text = jt_text(k->x->q->a, was);
	struct buf b;
	size_t pos = 0;
	int n = 0;

	buf_init(&b, text.n + v.raw.n + 64);
	buf_adds(&b, text);
	while (jt_each(v, &pos, &name, &one)) {
		if (!only_told(find(name), one))
			continue;
		buf_adds(&b, n++ > 0 ? STR(", ") : text.n > 0 ?
		    STR("\n\n{") : STR("{"));
		buf_printf(&b, "%.*s: %.*s", STR_ARG(name),
		    STR_ARG(one.raw));
	}
	if (n > 0) {
		buf_addc(&b, '}');
		k->changed = 1;
	}
	if (buf_len(&b) > 0)
		jw_kstr(&k->x->w, "description", buf_str(&b));
	buf_free(&b);
}

/* ["string","null"] becomes a union. */
static int
type(struct walk *k, struct jval v, const char *at)
{
	struct jw *w = &k->x->w;
	struct jval one;
	size_t pos = 0;

	if (v.type != JSCAN_ARRAY) {
		jw_kraw(w, "type", v.raw);
		return 0;
	}
	k->changed = 1;
	jw_key(w, "anyOf");
	jw_open(w, '[');
	while (jt_each(v, &pos, NULL, &one)) {
		if (jt_eq(one, "object"))
			return refuse(k, at, "/type with an object among "
			    "others");
		jw_open(w, '{');
		jw_kraw(w, "type", one.raw);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	return 0;
}

static int
nested(struct walk *k, struct str name, struct jval v, enum how how,
    const char *at, int depth)
{
	struct jw *w = &k->x->w;
	struct jval one;
	struct str key;
	size_t pos = 0;
	const char *in;
	unsigned i = 0;
	int rc;

	in = arena_printf(k->x->q->a, "%s/%.*s", at, STR_ARG(name));
	raw_key(w, name);
	if (how == SCHEMA)
		return schema(k, v, in, depth + 1);
	if ((how == SCHEMAS && v.type != JSCAN_ARRAY) ||
	    (how == NAMED && v.type != JSCAN_OBJECT))
		return refuse(k, in, " of this type");
	jw_open(w, how == NAMED ? '{' : '[');
	while (jt_each(v, &pos, &key, &one)) {
		if (how == NAMED)
			raw_key(w, key);
		else
			key = str_of(arena_printf(k->x->q->a, "%u", i++));
		if ((rc = schema(k, one, arena_printf(k->x->q->a, "%s/%.*s",
		    in, STR_ARG(key)), depth + 1)) != 0)
			return rc;
	}
	jw_close(w, how == NAMED ? '}' : ']');
	return 0;
}

static int
keyword(struct walk *k, struct str name, struct jval v, const char *at,
    int depth)
{
	const struct row *row = find(name);

	if (row == NULL) {
		raw_key(&k->x->w, name);
		jw_raw(&k->x->w, v.raw);
		return 0;
	}
	switch (row->how) {
	case REFUSED:
		return refuse(k, at, arena_printf(k->x->q->a, "/%s",
		    row->name));
	case SCHEMA:
	case SCHEMAS:
	case NAMED:
		return nested(k, name, v, row->how, at, depth);
	case TYPE:
		return type(k, v, at);
	case MORE:
		if (v.type == JSCAN_OBJECT && v.raw.n > 2)
			return refuse(k, at, "/additionalProperties with a "
			    "schema");
		if (v.type != JSCAN_FALSE)
			k->changed = 1;
		return 0;
	case MIN_ITEMS:
	case FORMAT:
		if (!only_told(row, v))
			jw_kraw(&k->x->w, row->name, v.raw);
		return 0;
	case VALIDATES:
	case DESCRIPTION:
		break;
	}
	return 0;
}

static int
schema(struct walk *k, struct jval v, const char *at, int depth)
{
	struct jw *w = &k->x->w;
	struct jval one;
	struct str name;
	size_t pos = 0;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return refuse(k, at, " which is no object");
	if (depth > DEPTH)
		return refuse(k, at, " so deep");
	if (jt_is(jt_get(v, "anyOf")) &&
	    jt_get(v, "type").type == JSCAN_ARRAY)
		return refuse(k, at, "/type as an array beside anyOf");
	jw_open(w, '{');
	while (jt_each(v, &pos, &name, &one))
		if ((rc = keyword(k, name, one, at, depth)) != 0)
			return rc;
	description(k, v);
	if (jt_eq(jt_get(v, "type"), "object") ||
	    jt_is(jt_get(v, "properties"))) {
		jw_kbool(w, "additionalProperties", 0);
		if (!jt_is(jt_get(v, "additionalProperties")))
			k->changed = 1;
	}
	jw_close(w, '}');
	return 0;
}

int
an_write_schema(struct an_wr *x, const char *param, struct str raw,
    int *changed)
{
	struct walk k = { x, param, 0 };
	int rc = schema(&k, jt_value(raw), "", 0);

	*changed |= k.changed;
	return rc;
}
