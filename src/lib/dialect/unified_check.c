/*
 * unified_check.c - what is wrong with a body of POST /v1/chat, all of it.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * "details" mirrors the body: a node with faults below it has "_errors" too,
 * empty when it is fine itself; before its members in an object, behind its
 * elements in an array. Clients walk that.
 */
#include <stdio.h>

#include "base/err.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "dialect/unified.h"

#define ITEMS_MAX	20	/* messages that are told of */
#define WORD_MAX	100	/* bytes of a value that is repeated */
#define DETAILS_MAX	(64u << 10)

static const struct str role_names[] = {
	{ "system", 6 }, { "user", 4 }, { "assistant", 9 }
};
static const struct unified_choices roles = { role_names, 3, { NULL, 0 } };

struct check {
	struct arena	*a;
	const struct unified_choices *c;
	struct jval	 provider, model, messages, stream;
	const char	*whole, *bad_provider, *bad_model, *bad_messages,
			*bad_stream;	/* NULL: fine */
	struct buf	 items;		/* "0":{...},"4":{...} */
	unsigned	 n_items;
};

static const char *
type_name(enum jscan_type t)
{
	switch (t) {
	case JSCAN_NULL:
		return "null";
	case JSCAN_FALSE:
	case JSCAN_TRUE:
		return "boolean";
	case JSCAN_NUMBER:
		return "number";
	case JSCAN_STRING:
		return "string";
	case JSCAN_ARRAY:
		return "array";
	case JSCAN_OBJECT:
		return "object";
	default:
		return "undefined";
	}
}

static const char *
expected(struct arena *a, const char *what, struct jval v)
{
	if (v.type == JSCAN_NONE)
		return "Required";
	return arena_printf(a, "Expected %s, received %s", what,
	    type_name(v.type));
}

/* "'a' | 'b'" with that sign around each. */
static const char *
list(struct arena *a, const struct unified_choices *c, const char *sign)
{
	const char *text = "";
	unsigned i;

	for (i = 0; i < c->n; i++)
		text = arena_printf(a, "%s%s%s%.*s%s", text, i > 0 ? " | " :
		    "", sign, STR_ARG(c->v[i]), sign);
	return text;
}

static struct str
clip(struct str s)
{
	if (s.n <= WORD_MAX)
		return s;
	for (s.n = WORD_MAX; s.n > 0; s.n--)
		if (((unsigned char)s.p[s.n] & 0xc0) != 0x80)
			break;
	return s;
}

static const char *
check_enum(struct arena *a, const struct unified_choices *c, struct jval v)
{
	struct str s;
	unsigned i;

	if (v.type != JSCAN_STRING)
		return expected(a, list(a, c, "'"), v);
	s = jt_text(a, v);
	for (i = 0; i < c->n; i++)
		if (str_eq(s, c->v[i]))
			return NULL;
	s = clip(s);
	return arena_printf(a, "Invalid enum value. Expected %s, received "
	    "'%.*s'", list(a, c, "'"), STR_ARG(s));
}

static const char *
check_model(struct arena *a, struct jval v, struct str name)
{
	if (v.type != JSCAN_STRING)
		return expected(a, "string", v);
	if (name.n == 0)
		return "String must contain at least 1 character(s)";
	if (name.n > UNIFIED_MODEL_MAX)
		return "String must contain at most 511 character(s)";
	return NULL;
}

/* --- messages ------------------------------------------------------------ */

static void
leaf(struct jw *w, const char *name, const char *what)
{
	if (what == NULL)
		return;
	jw_key(w, name);
	jw_open(w, '{');
	jw_key(w, "_errors");
	jw_open(w, '[');
	jw_text(w, what);
	jw_close(w, ']');
	jw_close(w, '}');
}

static void
no_errors(struct jw *w)
{
	jw_kraw(w, "_errors", STR("[]"));
}

static void
item(struct check *k, struct jw *w, unsigned at, struct jval v)
{
	const char *bad_role, *bad_content = NULL;
	struct jval content = jt_get(v, "content");
	char index[16];

	snprintf(index, sizeof(index), "%u", at);
	if (v.type != JSCAN_OBJECT) {
		k->n_items++;
		leaf(w, index, expected(k->a, "object", v));
		return;
	}
	bad_role = check_enum(k->a, &roles, jt_get(v, "role"));
	if (content.type != JSCAN_STRING)
		bad_content = expected(k->a, "string", content);
	if (bad_role == NULL && bad_content == NULL)
		return;
	k->n_items++;
	jw_key(w, index);
	jw_open(w, '{');
	no_errors(w);
	leaf(w, "role", bad_role);
	leaf(w, "content", bad_content);
	jw_close(w, '}');
}

static void
check_messages(struct check *k)
{
	struct jval v;
	struct jw w;
	size_t pos = 0;
	unsigned at;

	if (k->messages.type != JSCAN_ARRAY) {
		k->bad_messages = expected(k->a, "array", k->messages);
		return;
	}
	jw_init(&w, &k->items);
	for (at = 0; k->n_items < ITEMS_MAX && jt_each(k->messages, &pos,
	    NULL, &v); at++)
		item(k, &w, at, v);
}

/* --- the answer ---------------------------------------------------------- */

static void
put_details(struct jw *w, const struct check *k)
{
	jw_key(w, "details");
	jw_open(w, '{');
	if (k->whole != NULL) {
		jw_key(w, "_errors");
		jw_open(w, '[');
		jw_text(w, k->whole);
		jw_close(w, ']');
		jw_close(w, '}');
		return;
	}
	no_errors(w);
	leaf(w, "provider", k->bad_provider);
	leaf(w, "model", k->bad_model);
	leaf(w, "messages", k->bad_messages);
	if (k->n_items > 0) {
		jw_key(w, "messages");
		jw_open(w, '{');
		jw_raw(w, buf_str(&k->items));
		no_errors(w);
		jw_close(w, '}');
	}
	leaf(w, "stream", k->bad_stream);
	jw_close(w, '}');
}

static void
put_enum(struct jw *w, const char *name, const struct unified_choices *c)
{
	unsigned i;

	jw_key(w, name);
	jw_open(w, '{');
	jw_ktext(w, "type", "enum");
	jw_key(w, "options");
	jw_open(w, '[');
	for (i = 0; i < c->n; i++)
		jw_str(w, c->v[i]);
	jw_close(w, ']');
	jw_close(w, '}');
}

static void
put_structure(struct jw *w, const struct unified_choices *c)
{
	jw_key(w, "structure");
	jw_open(w, '{');
	jw_ktext(w, "type", "object");
	jw_key(w, "properties");
	jw_open(w, '{');
	put_enum(w, "provider", c);
	jw_kraw(w, "model", STR("{\"type\":\"string\"}"));
	jw_key(w, "messages");
	jw_open(w, '{');
	jw_ktext(w, "type", "array");
	jw_key(w, "items");
	jw_open(w, '{');
	jw_ktext(w, "type", "object");
	jw_key(w, "properties");
	jw_open(w, '{');
	put_enum(w, "role", &roles);
	jw_kraw(w, "content", STR("{\"type\":\"string\"}"));
	jw_close(w, '}');
	jw_close(w, '}');
	jw_close(w, '}');
	jw_close(w, '}');
	jw_close(w, '}');
}

static void
put_expected(struct jw *w, const struct check *k)
{
	const struct unified_choices *c = k->c;

	jw_key(w, "expectedSchema");
	jw_open(w, '{');
	put_structure(w, c);
	jw_ktext(w, "description", arena_printf(k->a,
	    "provider: one of %s\nmodel: a name that the provider knows\n"
	    "messages: a list of\n  role: one of %s\n  content: a text",
	    list(k->a, c, ""), list(k->a, &roles, "")));
	jw_key(w, "example");
	jw_open(w, '{');
	jw_key(w, "provider");
	jw_str(w, c->n > 0 ? c->v[0] : STR("openai"));
	jw_key(w, "model");
	jw_str(w, c->model);
	jw_kraw(w, "messages",
	    STR("[{\"role\":\"user\",\"content\":\"Hello\"}]"));
	jw_close(w, '}');
	jw_close(w, '}');
}

static int
answer(const struct check *k, struct buf *b)
{
	struct jw w;

	jw_init(&w, b);
	jw_open(&w, '{');
	jw_ktext(&w, "error", "Invalid request");
	put_details(&w, k);
	put_expected(&w, k);
	jw_close(&w, '}');
	return jw_done(&w);
}

static void
members(struct check *k, struct jval top)
{
	struct str name;
	struct jval v;
	size_t pos = 0;

	while (jt_each(top, &pos, &name, &v)) {
		if (str_eqc(name, "provider"))
			k->provider = v;
		else if (str_eqc(name, "model"))
			k->model = v;
		else if (str_eqc(name, "messages"))
			k->messages = v;
		else if (str_eqc(name, "stream"))
			k->stream = v;
	}
}

static int
is_fine(const struct check *k)
{
	return k->whole == NULL && k->bad_provider == NULL &&
	    k->bad_model == NULL && k->bad_messages == NULL &&
	    k->n_items == 0 && k->bad_stream == NULL;
}

int
unified_check(struct arena *a, struct str body,
    const struct unified_choices *c, struct unified_ask *ask, struct buf *b)
{
	struct check k = { .a = a, .c = c };
	struct jval top = jt_value(body);
	int rc;

	memset(ask, 0, sizeof(*ask));
	if (top.type != JSCAN_OBJECT)
		k.whole = expected(a, "object", top);
	buf_init(&k.items, DETAILS_MAX);
	members(&k, top);
	ask->provider = arena_str(a, jt_text(a, k.provider));
	ask->model = arena_str(a, jt_text(a, k.model));
	k.bad_provider = check_enum(a, c, k.provider);
	k.bad_model = check_model(a, k.model, ask->model);
	if (k.stream.type != JSCAN_NONE && k.stream.type != JSCAN_TRUE &&
	    k.stream.type != JSCAN_FALSE)
		k.bad_stream = expected(a, "boolean", k.stream);
	check_messages(&k);
	rc = is_fine(&k) ? 0 : answer(&k, b);
	if (rc == 0 && !is_fine(&k))
		rc = ERR_FORMAT;
	buf_free(&k.items);
	return rc;
}
