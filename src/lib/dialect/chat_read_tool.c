/*
 * chat_read_tool.c - tools, tool_choice and response_format of the chat family
 * into the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/unknown.h"

#define MAX_ALLOWED	1024		/* each tool is looked for in them */

/* --- definitions --------------------------------------------------------- */

/* name, description, parameters and strict of a function. */
static int
read_function(struct chat_reader *r, struct jval f, struct jval whole)
{
	enum { NAME, DESCRIPTION, PARAMETERS, STRICT, COUNT };
	static const struct str names[COUNT] = { CHAT_F("name"),
	    CHAT_F("description"), CHAT_F("parameters"), CHAT_F("strict") };
	struct str name = STR_NULL;
	struct jval m[COUNT], cache;
	struct ir_tool *t;
	int rc;

	chat_members(r, f, names, COUNT, m, "tools.function.");
	if ((rc = chat_text(r, m[NAME], "function.name", &name)) != 0)
		return rc;
	if (name.n == 0)
		return chat_bad(r, "function.name", "must not be empty");
	t = ir_tool_add(r->q, name);
	t->raw = whole.raw;
	unknown_in(r->q, "tools.", whole, "type|function|cache_control|");
	cache = jt_get(whole, "cache_control");
	if (cache.type == JSCAN_OBJECT)
		t->cache = cache.raw;
	if (t->cache.n > 0)
		r->q->said[IR_SAID_MARK] = "cache_control";
	if ((rc = chat_text(r, m[DESCRIPTION], "function.description",
	    &t->description)) != 0 || (rc = chat_type(r, m[PARAMETERS],
	    "function.parameters", JSCAN_OBJECT)) != 0 ||
	    (rc = chat_flag(r, m[STRICT], "function.strict",
	    &t->strict)) != 0)
		return rc;
	t->schema = m[PARAMETERS].raw;
	return 0;
}

static int
read_custom(struct chat_reader *r, struct jval c, struct jval whole)
{
	struct str name = STR_NULL;
	struct ir_tool *t;
	int rc;

	if ((rc = chat_text(r, jt_get(c, "name"), "custom.name", &name)) != 0)
		return rc;
	if (name.n == 0)
		return chat_bad(r, "custom.name", "must not be empty");
	t = ir_tool_add(r->q, name);
	t->kind = IR_CUSTOM;
	t->raw = whole.raw;
	unknown_in(r->q, "tools.", whole, "type|custom|");
	unknown_in(r->q, "tools.custom.", c, "name|description|format|");
	t->format = jt_get(c, "format").raw;
	return chat_text(r, jt_get(c, "description"), "custom.description",
	    &t->description);
}

static int
read_tool(struct chat_reader *r, struct jval v)
{
	struct jval type, f;
	struct ir_tool *t;

	if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "", "must be an object");
	type = jt_get(v, "type");
	f = jt_get(v, "function");
	if (!jt_is(type) || jt_eq(type, "function")) {
		if (f.type != JSCAN_OBJECT)
			return chat_bad(r, "function", "must be an object");
		return read_function(r, f, v);
	}
	if (type.type != JSCAN_STRING)
		return chat_bad(r, "type", "must be a string");
	f = jt_get(v, "custom");
	if (jt_eq(type, "custom")) {
		if (f.type != JSCAN_OBJECT)
			return chat_bad(r, "custom", "must be an object");
		return read_custom(r, f, v);
	}
	t = ir_tool_add(r->q, jt_text(r->q->a, type));
	t->kind = IR_BUILTIN;
	t->raw = v.raw;
	return 0;
}

int
chat_read_tools(struct chat_reader *r, struct jval v)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "tools", JSCAN_ARRAY)) != 0)
		return rc;
	r->list = "tools";
	for (r->at = 0; jt_each(v, &pos, NULL, &e); r->at++)
		if ((rc = read_tool(r, e)) != 0)
			return rc;
	return 0;
}

/* Before there were tools: at most one call per answer, without an id. */
int
chat_read_functions(struct chat_reader *r, struct jval v)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "functions", JSCAN_ARRAY)) != 0)
		return rc;
	r->q->functions = 1;
	r->list = "functions";
	for (r->at = 0; jt_each(v, &pos, NULL, &e); r->at++) {
		if (e.type != JSCAN_OBJECT)
			return chat_bad(r, "", "must be an object");
		if ((rc = read_function(r, e, e)) != 0)
			return rc;
	}
	if (r->q->tools != NULL)
		r->q->parallel = 0;
	return 0;
}

/* --- choice -------------------------------------------------------------- */

static void
allow(struct ir_req *q, struct str name)
{
	q->allowed[q->n_allowed++] = name;
}

/* {"mode":"auto","tools":[{"type":"function","function":{"name":...}}]} */
static int
read_allowed(struct chat_reader *r, struct jval v)
{
	struct jval mode = jt_get(v, "mode"), tools = jt_get(v, "tools"), e;
	struct ir_req *q = r->q;
	struct str name;
	size_t pos = 0;
	unsigned n = 0;

	if (tools.type != JSCAN_ARRAY)
		return chat_bad(r, "tool_choice.allowed_tools.tools",
		    "must be an array");
	q->choice = jt_eq(mode, "required") ? IR_REQUIRED : IR_AUTO;
	while (jt_each(tools, &pos, NULL, &e))
		n++;
	if (n > MAX_ALLOWED)
		return chat_bad(r, "tool_choice.allowed_tools.tools",
		    "names too many");
	q->allowed = arena_alloc(q->a, (n + 1) * sizeof(*q->allowed));
	for (pos = 0; jt_each(tools, &pos, NULL, &e);) {
		if (jt_is(jt_get(e, "function")))
			e = jt_get(e, "function");
		else if (jt_is(jt_get(e, "custom")))
			e = jt_get(e, "custom");
		name = jt_text(q->a, jt_get(e, "name"));
		if (name.n == 0)
			return chat_bad(r, "tool_choice.allowed_tools.tools",
			    "must name tools");
		allow(q, name);
	}
	return 0;
}

static int
read_choice_word(struct chat_reader *r, struct jval v)
{
	struct ir_req *q = r->q;

	if (jt_eq(v, "none"))
		q->choice = IR_NONE;
	else if (jt_eq(v, "auto"))
		q->choice = IR_AUTO;
	else if (jt_eq(v, "required") || jt_eq(v, "any"))
		q->choice = IR_REQUIRED;
	else
		return chat_bad(r, "tool_choice", "must be none, auto, "
		    "required, or an object");
	return 0;
}

int
chat_read_choice(struct chat_reader *r, struct jval v)
{
	struct ir_req *q = r->q;
	struct str name;
	int rc;

	if (v.type == JSCAN_STRING) {
		if ((rc = read_choice_word(r, v)) != 0)
			return rc;
	} else if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "tool_choice",
		    "must be a string or an object");
	else if (jt_eq(jt_get(v, "type"), "allowed_tools")) {
		if ((rc = read_allowed(r, jt_get(v, "allowed_tools"))) != 0)
			return rc;
	} else {
		unknown_in(q, "tool_choice.", v, "type|function|custom|");
		v = jt_get(v, jt_eq(jt_get(v, "type"), "custom") ? "custom" :
		    "function");
		unknown_in(q, "tool_choice.function.", v, "name|");
		name = jt_text(q->a, jt_get(v, "name"));
		if (name.n == 0)
			return chat_bad(r, "tool_choice",
			    "must name a function");
		q->choice = IR_REQUIRED;
		q->allowed = arena_alloc(q->a, sizeof(*q->allowed));
		allow(q, name);
	}
	if (q->tools == NULL && q->choice == IR_REQUIRED)
		return chat_bad(r, "tool_choice",
		    "is only possible together with tools");
	return 0;
}

int
chat_read_function_call(struct chat_reader *r, struct jval v)
{
	struct ir_req *q = r->q;
	struct str name;

	if (v.type == JSCAN_STRING)
		return read_choice_word(r, v);
	unknown_in(q, "function_call.", v, "name|");
	name = jt_text(q->a, jt_get(v, "name"));
	if (name.n == 0)
		return chat_bad(r, "function_call",
		    "must be none, auto, or name a function");
	q->choice = IR_REQUIRED;
	q->n_allowed = 0;
	q->allowed = arena_alloc(q->a, sizeof(*q->allowed));
	allow(q, name);
	return 0;
}

/* --- format of the answer ------------------------------------------------ */

int
chat_read_format(struct chat_reader *r, struct jval v)
{
	struct jval type = jt_get(v, "type"), s = jt_get(v, "json_schema");
	struct jval schema = jt_get(s, "schema");
	struct ir_req *q = r->q;
	int rc;

	if ((rc = chat_type(r, v, "response_format", JSCAN_OBJECT)) != 0)
		return rc;
	unknown_in(q, "response_format.", v, "type|json_schema|");
	unknown_in(q, "response_format.json_schema.", s,
	    "name|description|schema|strict|");
	if (jt_eq(type, "text")) {
		q->format = IR_PLAIN;
		return 0;
	}
	if (jt_eq(type, "json_object")) {
		q->format = IR_JSON_OBJECT;
		return 0;
	}
	if (!jt_eq(type, "json_schema"))
		return chat_bad(r, "response_format.type",
		    "must be text, json_object or json_schema");
	if (s.type != JSCAN_OBJECT)
		return chat_bad(r, "response_format.json_schema",
		    "must be an object");
	q->format = IR_JSON_SCHEMA;
	if ((rc = chat_type(r, schema, "response_format.json_schema.schema",
	    JSCAN_OBJECT)) != 0 || (rc = chat_text(r, jt_get(s, "name"),
	    "response_format.json_schema.name", &q->schema_name)) != 0 ||
	    (rc = chat_text(r, jt_get(s, "description"),
	    "response_format.json_schema.description",
	    &q->schema_description)) != 0)
		return rc;
	q->schema = jt_is(schema) ? schema.raw : STR("{}");
	return chat_flag(r, jt_get(s, "strict"),
	    "response_format.json_schema.strict", &q->schema_strict);
}
