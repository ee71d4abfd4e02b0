/*
 * chat_write_tool.c - tools, tool_choice and response_format of the neutral
 * form into the chat family's.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/slice.h"
#include "dialect/chat.h"
#include "dialect/wire.h"

/* A free-form tool as a function with one text. */
#define WRAPPED "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":" \
	"\"string\"}},\"required\":[\"input\"],\"additionalProperties\":false}"
#define MAX_STRICT	512	/* properties, each looked for in "required" */
#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"

/* Several tools may be called, but not all: 1 when only those are sent. */
static int
is_cut(const struct chat_writer *w)
{
	const struct ir_req *q = w->q;

	return q->n_allowed > 0 && !chat_has(w, CHAT_SUBSET) &&
	    !(q->n_allowed == 1 && q->choice == IR_REQUIRED);
}

static int
write_custom(struct chat_writer *w, const struct ir_tool *t)
{
	jw_ktext(&w->w, "type", "custom");
	jw_key(&w->w, "custom");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", wire_tool_name(w->q, t->name));
	jw_kstr(&w->w, "description", t->description);
	jw_kraw(&w->w, "format", t->format);
	jw_close(&w->w, '}');
	return 0;
}

static int
write_function(struct chat_writer *w, const struct ir_tool *t)
{
	struct str name = wire_tool_name(w->q, t->name), schema = t->schema;
	int rc = 0;

	if (!str_eq(name, t->name))
		rc = ir_change(w->n, "tools.name");
	if (schema.n == 0 && w->c->dialect == DIALECT_MISTRAL)
		schema = STR(NO_PARAMETERS);
	if (rc == 0 && t->kind == IR_CUSTOM) {
		if (t->format.n > 0 && jt_eq(jt_get(jt_value(t->format),
		    "type"), "grammar"))
			return ir_refuse(w->n, "tools", "%s has no form for "
			    "the grammar of the tool \"%.*s\": use a function",
			    w->c->name, (int)(t->name.n > 64 ? 64 :
			    t->name.n), t->name.p);
		schema = STR(WRAPPED);
		rc = ir_change(w->n, "tools.custom");
	}
	jw_ktext(&w->w, "type", "function");
	jw_key(&w->w, "function");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", name);
	jw_kstr(&w->w, "description", t->description);
	jw_kraw(&w->w, "parameters", schema);
	if (t->strict >= 0 && t->kind == IR_FUNCTION)
		jw_kbool(&w->w, "strict", t->strict);
	jw_close(&w->w, '}');
	if (rc == 0 && t->cache.n > 0)
		rc = ir_drop(w->n, ir_mark(w->q));
	return rc;
}

static int
write_tool(struct chat_writer *w, const struct ir_tool *t)
{
	int rc;

	if (t->kind == IR_BUILTIN) {
		if (!chat_same(w) || t->from != w->q->from)
			return ir_refuse(w->n, "tools", "the tool \"%.*s\" is "
			    "run by its provider, and %s does not have it: "
			    "leave it out, or choose another model",
			    (int)(t->name.n > 64 ? 64 : t->name.n), t->name.p,
			    w->c->name);
		jw_raw(&w->w, t->raw);
		return 0;
	}
	jw_open(&w->w, '{');
	if (t->kind == IR_CUSTOM && chat_has(w, CHAT_CUSTOM))
		rc = write_custom(w, t);
	else
		rc = write_function(w, t);
	jw_close(&w->w, '}');
	return rc;
}

static void
write_named(struct chat_writer *w, struct str name)
{
	const struct ir_tool *t = wire_tool_find(w->q, name);
	const char *kind = t != NULL && t->kind == IR_CUSTOM &&
	    chat_has(w, CHAT_CUSTOM) ? "custom" : "function";

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", kind);
	jw_key(&w->w, kind);
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", wire_tool_name(w->q, name));
	jw_close(&w->w, '}');
	jw_close(&w->w, '}');
}

static void
write_subset(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	unsigned i;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "allowed_tools");
	jw_key(&w->w, "allowed_tools");
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "mode", q->choice == IR_REQUIRED ? "required" :
	    "auto");
	jw_key(&w->w, "tools");
	jw_open(&w->w, '[');
	for (i = 0; i < q->n_allowed; i++)
		write_named(w, q->allowed[i]);
	jw_close(&w->w, ']');
	jw_close(&w->w, '}');
	jw_close(&w->w, '}');
}

static void
write_choice(struct chat_writer *w)
{
	const struct ir_req *q = w->q;

	if (w->c->required == NULL ||
	    (q->choice == IR_CHOICE_UNSET && q->n_allowed == 0))
		return;
	jw_key(&w->w, "tool_choice");
	if (q->choice == IR_REQUIRED && q->n_allowed == 1)
		write_named(w, q->allowed[0]);
	else if (q->n_allowed > 0 && chat_has(w, CHAT_SUBSET))
		write_subset(w);
	else
		jw_text(&w->w, q->choice == IR_NONE ? "none" :
		    q->choice == IR_REQUIRED ? w->c->required : "auto");
}

int
chat_write_tools(struct chat_writer *w)
{
	struct ir_req *q = w->q;
	const struct ir_tool *t;
	int rc = 0, cut = is_cut(w);

	if (q->tools == NULL)
		return 0;
	if (cut)
		ir_tool_marks(q);
	jw_key(&w->w, "tools");
	jw_open(&w->w, '[');
	for (t = q->tools; t != NULL && rc == 0; t = ir_next(t))
		if (!cut || t->allowed)
			rc = write_tool(w, t);
	jw_close(&w->w, ']');
	if (rc == 0 && cut)
		rc = ir_change(w->n, chat_word(w, "tool_choice"));
	if (rc != 0)
		return rc;
	write_choice(w);
	if (q->parallel >= 0)
		jw_kbool(&w->w, "parallel_tool_calls", q->parallel);
	return 0;
}

/* --- format of the answer ------------------------------------------------ */

/*
 * What "strict" wants of an object: no other properties, and all of them
 * required. Too deep or too large to tell is no.
 */
static int
is_strict(struct jval s, int depth)
{
	struct jval props, req, v, e;
	struct str name;
	size_t pos = 0, at;
	int found, n = 0;

	if (depth == 0)
		return 0;
	if (s.type == JSCAN_ARRAY) {
		while (jt_each(s, &pos, NULL, &v))
			if (!is_strict(v, depth - 1))
				return 0;
		return 1;
	}
	if (s.type != JSCAN_OBJECT)
		return 1;
	props = jt_get(s, "properties");
	req = jt_get(s, "required");
	if (jt_eq(jt_get(s, "type"), "object") &&
	    jt_get(s, "additionalProperties").type != JSCAN_FALSE)
		return 0;
	while (jt_each(props, &pos, &name, &v)) {
		for (at = 0, found = 0; !found && jt_each(req, &at, NULL, &e);)
			found = e.raw.n == name.n + 2 &&
			    memcmp(e.raw.p + 1, name.p, name.n) == 0;
		if (!found || ++n > MAX_STRICT || !is_strict(v, depth - 1))
			return 0;
	}
	return is_strict(jt_get(s, "items"), depth - 1) &&
	    is_strict(jt_get(s, "anyOf"), depth - 1);
}

/* The schema needs a name: its own, its title, or any. */
static struct str
schema_name(struct chat_writer *w)
{
	struct ir_req *q = w->q;
	struct str s = q->schema_name;

	if (s.n == 0)
		s = jt_text(q->a, jt_get(jt_value(q->schema), "title"));
	return s.n == 0 ? STR("response") : wire_tool_name(q, s);
}

static int
write_schema(struct chat_writer *w)
{
	struct ir_req *q = w->q;
	int strict = q->schema_strict;

	if (strict < 0 && !chat_same(w))
		strict = is_strict(jt_value(q->schema), 32);
	jw_ktext(&w->w, "type", "json_schema");
	jw_key(&w->w, "json_schema");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", schema_name(w));
	jw_kstr(&w->w, "description", q->schema_description);
	jw_kraw(&w->w, "schema", q->schema);
	if (strict >= 0)
		jw_kbool(&w->w, "strict", strict);
	jw_close(&w->w, '}');
	return 0;
}

/* Some text of the turns has the word JSON, in any case. */
static int
says_json(const struct ir_part *p)
{
	size_t i;

	for (; p != NULL; p = ir_next(p)) {
		for (i = 0; i + 4 <= p->text.n; i++) {
			slice_bytes(8 * i);
			if (strncasecmp(p->text.p + i, "json", 4) == 0)
				return 1;
		}
		if (says_json(p->result))
			return 1;
	}
	return 0;
}

/* A server refuses json_object unless the prompt asks for JSON. */
static int
ask_json(struct chat_writer *w)
{
	const struct ir_turn *t;

	for (t = w->q->turns; t != NULL; t = ir_next(t))
		if (says_json(t->parts))
			return 0;
	w->ask_json = 1;
	return ir_change(w->n, chat_word(w, "response_format"));
}

/* Before the messages are written: it may ask for one more. */
int
chat_write_format(struct chat_writer *w)
{
	int rc = 0;

	if (w->q->format != IR_JSON_OBJECT && w->q->format != IR_JSON_SCHEMA)
		return 0;
	jw_key(&w->w, "response_format");
	jw_open(&w->w, '{');
	if (w->q->format == IR_JSON_SCHEMA)
		rc = write_schema(w);
	else {
		jw_ktext(&w->w, "type", "json_object");
		if (!chat_same(w))
			rc = ask_json(w);
	}
	jw_close(&w->w, '}');
	return rc;
}
