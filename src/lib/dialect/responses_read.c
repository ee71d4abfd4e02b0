/*
 * responses_read.c - a Responses request, into the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the request's arena.
 *
 * The members are collected in one walk, for each may be megabytes, and then
 * read in the order of the table: instructions come before the input, tools
 * before the choice among them. responses_items.c reads the input.
 */
#include "base/err.h"
#include "dialect/resp.h"
#include "dialect/unknown.h"

const char *
resp_path(struct resp_read *r, const char *name)
{
	if (r->item < 0)
		return name;
	if (r->part < 0)
		return arena_printf(r->q->a, "input[%d].%s", r->item, name);
	return arena_printf(r->q->a, "input[%d].%s[%d].%s", r->item, r->list,
	    r->part, name);
}

int
resp_bad(struct resp_read *r, const char *name, const char *want)
{
	const char *path = resp_path(r, name);

	return ir_refuse(r->n, path, "%s must be %s", path, want);
}

/* v is what name stands for. */
static int
text_of(struct resp_read *r, struct jval v, const char *name, struct str *out)
{
	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_STRING)
		return resp_bad(r, name, "a string");
	*out = jt_text(r->q->a, v);
	return 0;
}

int
resp_text(struct resp_read *r, struct jval o, const char *name,
    struct str *out)
{
	return text_of(r, jt_get(o, name), name, out);
}

int
resp_need(struct resp_read *r, struct jval o, const char *name,
    struct str *out)
{
	struct jval v = jt_get(o, name);

	if (v.type != JSCAN_STRING)
		return resp_bad(r, name, "a string");
	*out = jt_text(r->q->a, v);
	return 0;
}

/* --- members ------------------------------------------------------------- */

static int
read_model(struct resp_read *r, struct jval v)
{
	return text_of(r, v, "model", &r->q->model);
}

static int
read_instructions(struct resp_read *r, struct jval v)
{
	struct str s = STR_NULL;
	struct ir_turn *t;
	int rc;

	if ((rc = text_of(r, v, "instructions", &s)) != 0 || s.n == 0)
		return rc;
	t = ir_turn_add(r->q, IR_SYSTEM);
	ir_part_add(r->q, &t->parts, IR_TEXT)->text = s;
	return 0;
}

static int
read_input(struct resp_read *r, struct jval v)
{
	struct ir_turn *t;

	if (v.type == JSCAN_ARRAY)
		return resp_items(r, v);
	if (v.type != JSCAN_STRING)
		return resp_bad(r, "input", "a string or an array of items");
	t = ir_turn_add(r->q, IR_USER);
	ir_part_add(r->q, &t->parts, IR_TEXT)->text = jt_text(r->q->a, v);
	return 0;
}

static int
read_max(struct resp_read *r, struct jval v)
{
	r->q->max_output = jt_u64(v, 0);
	return r->q->max_output > 0 ? 0 : resp_bad(r, "max_output_tokens",
	    "a positive integer");
}

static int
number(struct resp_read *r, struct jval v, const char *name,
    struct ir_num *out)
{
	if (v.type != JSCAN_NUMBER)
		return resp_bad(r, name, "a number");
	out->raw = v.raw;
	out->v = jt_double(v);
	return 0;
}

static int
read_temperature(struct resp_read *r, struct jval v)
{
	return number(r, v, "temperature", &r->q->temperature);
}

static int
read_top_p(struct resp_read *r, struct jval v)
{
	return number(r, v, "top_p", &r->q->top_p);
}

static int
read_top_logprobs(struct resp_read *r, struct jval v)
{
	int rc = number(r, v, "top_logprobs", &r->q->top_logprobs);

	if (rc == 0 && r->q->top_logprobs.v > 0) {
		r->q->logprobs = 1;
		r->q->said[IR_SAID_LOGPROBS] = "top_logprobs";
	}
	return rc;
}

static int
read_stream(struct resp_read *r, struct jval v)
{
	if (jt_bool(v) < 0)
		return resp_bad(r, "stream", "true or false");
	r->q->stream = jt_bool(v);
	return 0;
}

static int
read_parallel(struct resp_read *r, struct jval v)
{
	if (jt_bool(v) < 0)
		return resp_bad(r, "parallel_tool_calls", "true or false");
	r->q->parallel = jt_bool(v);
	return 0;
}

static int
read_store(struct resp_read *r, struct jval v)
{
	if (jt_bool(v) < 0)
		return resp_bad(r, "store", "true or false");
	r->q->store = jt_bool(v);
	return 0;
}

static int
read_name_of_user(struct resp_read *r, struct jval v, const char *word)
{
	struct str s = STR_NULL;
	int rc = text_of(r, v, word, &s);

	return rc != 0 ? rc : ir_user(r->q, r->n, word, s);
}

static int
read_user(struct resp_read *r, struct jval v)
{
	return read_name_of_user(r, v, "user");
}

static int
read_safety_id(struct resp_read *r, struct jval v)
{
	return read_name_of_user(r, v, "safety_identifier");
}

static int
read_metadata(struct resp_read *r, struct jval v)
{
	size_t pos = 0;
	struct jval first;

	if (v.type != JSCAN_OBJECT)
		return resp_bad(r, "metadata", "an object");
	if (jt_each(v, &pos, NULL, &first))
		r->q->metadata = v.raw;
	return 0;
}

static int
read_background(struct resp_read *r, struct jval v)
{
	if (jt_bool(v) < 0)
		return resp_bad(r, "background", "true or false");
	if (jt_bool(v) > 0)
		ir_extra_must(r->q, "background", v.raw);
	return 0;
}

static int
read_truncation(struct resp_read *r, struct jval v)
{
	if (!jt_eq(v, "disabled"))
		ir_extra_must(r->q, "truncation", v.raw);
	return 0;
}

/* How the stream is padded is between us and the client. */
static int
read_stream_options(struct resp_read *r, struct jval v)
{
	unknown_in(r->q, "stream_options.", v, "include_obfuscation|");
	return v.type == JSCAN_OBJECT ? 0 : resp_bad(r, "stream_options",
	    "an object");
}

/* Those that we know are kept as what they mean, others as they are. */
static int
read_include(struct resp_read *r, struct jval v)
{
	struct jval e;
	size_t pos = 0;
	int others = 0;

	if (v.type != JSCAN_ARRAY)
		return resp_bad(r, "include", "an array of strings");
	while (jt_each(v, &pos, NULL, &e)) {
		if (e.type != JSCAN_STRING)
			return resp_bad(r, "include", "an array of strings");
		if (jt_eq(e, "reasoning.encrypted_content"))
			r->q->encrypted = 1;
		else if (jt_eq(e, "message.output_text.logprobs"))
			r->q->logprobs = 1;
		else
			others = 1;
	}
	if (others)
		ir_extra_add(r->q, "include", v.raw);
	return 0;
}

static int
read_schema(struct resp_read *r, struct jval f)
{
	struct ir_req *q = r->q;
	struct jval schema = jt_get(f, "schema"), strict = jt_get(f, "strict");
	int rc;

	q->format = IR_JSON_SCHEMA;
	unknown_in(q, "text.format.", f,
	    "type|name|description|schema|strict|");
	if (schema.type != JSCAN_OBJECT)
		return resp_bad(r, "text.format.schema", "an object");
	q->schema = schema.raw;
	if (jt_is(strict) && jt_bool(strict) < 0)
		return resp_bad(r, "text.format.strict", "true or false");
	q->schema_strict = jt_bool(strict);
	if ((rc = text_of(r, jt_get(f, "name"), "text.format.name",
	    &q->schema_name)) != 0)
		return rc;
	return text_of(r, jt_get(f, "description"), "text.format.description",
	    &q->schema_description);
}

static int
read_text(struct resp_read *r, struct jval v)
{
	struct jval f = jt_get(v, "format"), type = jt_get(f, "type");
	int rc;

	if (v.type != JSCAN_OBJECT)
		return resp_bad(r, "text", "an object");
	unknown_in(r->q, "text.", v, "format|verbosity|");
	if ((rc = text_of(r, jt_get(v, "verbosity"), "text.verbosity",
	    &r->q->verbosity)) != 0 || !jt_is(f))
		return rc;
	if (jt_eq(type, "json_schema"))
		return read_schema(r, f);
	unknown_in(r->q, "text.format.", f, "type|");
	if (jt_eq(type, "json_object"))
		r->q->format = IR_JSON_OBJECT;
	else if (jt_eq(type, "text"))
		r->q->format = IR_PLAIN;
	else
		return resp_bad(r, "text.format.type",
		    "text, json_object or json_schema");
	return 0;
}

static int
read_reasoning(struct resp_read *r, struct jval v)
{
	struct jval context = jt_get(v, "context"), mode = jt_get(v, "mode");
	struct str summary = STR_NULL;
	struct ir_req *q = r->q;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return resp_bad(r, "reasoning", "an object");
	unknown_in(q, "reasoning.", v,
	    "effort|summary|generate_summary|context|mode|");
	if ((rc = text_of(r, jt_get(v, "effort"), "reasoning.effort",
	    &q->effort)) != 0 || (rc = text_of(r,
	    jt_get(v, "generate_summary"), "reasoning.generate_summary",
	    &summary)) != 0 || (rc = text_of(r, jt_get(v, "summary"),
	    "reasoning.summary", &summary)) != 0)
		return rc;
	if (q->effort.n > 0)
		q->think = str_eqc(q->effort, "none") ? IR_THINK_OFF :
		    IR_EFFORT;
	q->said[IR_SAID_SHOWN] = jt_is(jt_get(v, "summary")) ? NULL :
	    "reasoning.generate_summary";
	if (summary.n > 0)
		q->show_thoughts = !str_eqc(summary, "none");
	if (jt_is(context) && !jt_eq(context, "auto"))
		ir_extra_add(q, "reasoning.context", context.raw);
	if (jt_is(mode) && !jt_eq(mode, "standard"))
		ir_extra_add(q, "reasoning.mode", mode.raw);
	return 0;
}

/* --- tools --------------------------------------------------------------- */

static int read_tool(struct resp_read *r, struct jval v, struct str group);

static int
read_function(struct resp_read *r, struct jval v, struct ir_tool *t)
{
	struct jval p = jt_get(v, "parameters"), strict = jt_get(v, "strict");

	if (jt_is(p) && p.type != JSCAN_OBJECT)
		return resp_bad(r, "tools[].parameters", "an object");
	if (jt_is(p))
		t->schema = p.raw;
	if (jt_is(strict) && jt_bool(strict) < 0)
		return resp_bad(r, "tools[].strict", "true or false");
	t->strict = jt_bool(strict);
	return 0;
}

/* A namespace: its tools are the client's own, called by two names. */
static int
read_group(struct resp_read *r, struct jval v)
{
	struct jval list = jt_get(v, "tools"), name = jt_get(v, "name"), e;
	size_t pos = 0;
	int rc;

	if (name.type != JSCAN_STRING || list.type != JSCAN_ARRAY)
		return resp_bad(r, "tools[].tools", "an array of tools, "
		    "beside a name");
	unknown_in(r->q, "tools.", v, "type|name|tools|");
	while (jt_each(list, &pos, NULL, &e))
		if ((rc = read_tool(r, e, jt_text(r->q->a, name))) != 0)
			return rc;
	return 0;
}

/* Where there are no namespaces both names are one, which may be another's. */
static int
check_groups(struct resp_read *r)
{
	const struct ir_tool *t, *first;

	for (t = r->q->tools; t != NULL; t = t->next) {
		first = ir_tool_find(r->q, t->name);
		if (first != t && !str_eq(first->group, t->group))
			return ir_refuse(r->n, "tools", "tools: two tools are "
			    "called \"%.*s\" where a namespace is a part of "
			    "the name", (int)(t->name.n > 100 ? 100 :
			    t->name.n), t->name.p);
	}
	return 0;
}

static int
read_tool(struct resp_read *r, struct jval v, struct str group)
{
	struct jval type = jt_get(v, "type"), name = jt_get(v, "name");
	struct ir_tool *t;

	if (type.type != JSCAN_STRING)
		return resp_bad(r, "tools[].type", "a string");
	if (group.n == 0 && jt_eq(type, "namespace"))
		return read_group(r, v);
	t = ir_tool_add(r->q, STR(""));
	t->raw = v.raw;
	if (!jt_eq(type, "function") && !jt_eq(type, "custom")) {
		t->kind = IR_BUILTIN;
		t->name = jt_text(r->q->a, type);
		return 0;
	}
	if (name.type != JSCAN_STRING || name.raw.n < 3)
		return resp_bad(r, "tools[].name", "a string");
	unknown_in(r->q, group.n > 0 ? "tools.tools." : "tools.", v,
	    "type|name|description|parameters|strict|format|");
	t->group = group;
	t->name = ir_tool_name(r->q->a, group, jt_text(r->q->a, name));
	if (jt_eq(type, "custom")) {
		struct jval format = jt_get(v, "format");

		t->kind = IR_CUSTOM;
		if (jt_is(format))
			t->format = format.raw;
	} else if (read_function(r, v, t) != 0)
		return ERR_FORMAT;
	return text_of(r, jt_get(v, "description"), "tools[].description",
	    &t->description);
}

static int
read_tools(struct resp_read *r, struct jval v)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if (v.type != JSCAN_ARRAY)
		return resp_bad(r, "tools", "an array of tools");
	while (jt_each(v, &pos, NULL, &e))
		if ((rc = read_tool(r, e, STR(""))) != 0)
			return rc;
	return check_groups(r);
}

static int
allow(struct resp_read *r, struct jval v, const char *name)
{
	struct ir_req *q = r->q;
	struct str s = ir_tool_name(q->a, jt_text(q->a, jt_get(v,
	    "namespace")), jt_text(q->a, jt_get(v, "name")));

	if (s.n == 0)		/* a built-in tool has a type only */
		s = jt_text(q->a, jt_get(v, "type"));
	if (s.n == 0)
		return resp_bad(r, name, "the name of a tool");
	if (ir_tool_find(q, s) == NULL)
		return ir_refuse(r->n, name, "%s names \"%.*s\", which is not "
		    "in tools", name, (int)(s.n > 100 ? 100 : s.n), s.p);
	q->allowed[q->n_allowed++] = s;
	return 0;
}

static int
read_allowed(struct resp_read *r, struct jval v)
{
	struct jval list = jt_get(v, "tools"), e;
	unsigned n = 0;
	size_t pos = 0;
	int rc;

	if (list.type != JSCAN_ARRAY)
		return resp_bad(r, "tool_choice.tools", "an array of tools");
	while (jt_each(list, &pos, NULL, &e))
		n++;
	r->q->allowed = arena_alloc(r->q->a, (n + 1) * sizeof(struct str));
	r->q->choice = jt_eq(jt_get(v, "mode"), "required") ? IR_REQUIRED :
	    IR_AUTO;
	for (pos = 0; jt_each(list, &pos, NULL, &e);)
		if ((rc = allow(r, e, "tool_choice.tools")) != 0)
			return rc;
	return 0;
}

static int
read_choice(struct resp_read *r, struct jval v)
{
	struct ir_req *q = r->q;

	if (jt_eq(v, "auto"))
		q->choice = IR_AUTO;
	else if (jt_eq(v, "none"))
		q->choice = IR_NONE;
	else if (jt_eq(v, "required"))
		q->choice = IR_REQUIRED;
	else if (v.type != JSCAN_OBJECT)
		return resp_bad(r, "tool_choice", "auto, none, required or an "
		    "object");
	else if (jt_eq(jt_get(v, "type"), "allowed_tools"))
		return read_allowed(r, v);
	else {
		unknown_in(q, "tool_choice.", v, "type|name|namespace|");
		q->choice = IR_REQUIRED;
		q->allowed = arena_alloc(q->a, sizeof(struct str));
		return allow(r, v, "tool_choice");
	}
	return 0;
}

/* --- the body ------------------------------------------------------------ */

#define AT(member)	offsetof(struct ir_req, member)

static const struct member {
	const char	*name;
	int		(*read)(struct resp_read *r, struct jval v);
	size_t		 at;		/* without read: a text there; 0: may
					   not be lost */
} members[] = {
	{ "model", read_model, 0 },
	{ "instructions", read_instructions, 0 },
	{ "input", read_input, 0 },
	{ "tools", read_tools, 0 },
	{ "tool_choice", read_choice, 0 },
	{ "parallel_tool_calls", read_parallel, 0 },
	{ "max_output_tokens", read_max, 0 },
	{ "temperature", read_temperature, 0 },
	{ "top_p", read_top_p, 0 },
	{ "top_logprobs", read_top_logprobs, 0 },
	{ "include", read_include, 0 },
	{ "text", read_text, 0 },
	{ "reasoning", read_reasoning, 0 },
	{ "stream", read_stream, 0 },
	{ "stream_options", read_stream_options, 0 },
	{ "store", read_store, 0 },
	{ "previous_response_id", NULL, AT(previous_id) },
	{ "user", read_user, 0 },
	{ "safety_identifier", read_safety_id, 0 },
	{ "prompt_cache_key", NULL, AT(cache_key) },
	{ "service_tier", NULL, AT(service_tier) },
	{ "metadata", read_metadata, 0 },
	{ "background", read_background, 0 },
	{ "truncation", read_truncation, 0 },
	{ "conversation", NULL, 0 },
	{ "context_management", NULL, 0 },
	{ "prompt", NULL, 0 },
	{ "moderation", NULL, 0 },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* The members of the body, each at its place in v; others are extras. */
static void
collect(struct ir_req *q, struct jval body, struct jval *v)
{
	struct jval e;
	struct str key;
	size_t pos = 0, i;

	while (jt_each(body, &pos, &key, &e)) {
		for (i = 0; i < MEMBERS; i++)
			if (str_eqc(key, members[i].name))
				break;
		if (i < MEMBERS)
			v[i] = e;
		else if (jt_is(e))
			ir_extra_add(q, arena_strndup(q->a, key.p, key.n),
			    e.raw);
	}
}

int
resp_req_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	struct resp_read r = { .q = q, .n = n, .item = -1, .part = -1 };
	struct jval top = jt_value(body), v[MEMBERS];
	size_t i;
	int rc = 0;

	q->responses = 1;
	if (top.type != JSCAN_OBJECT)
		return ir_refuse(n, "body", "the body must be an object");
	memset(v, 0, sizeof(v));
	collect(q, top, v);
	for (i = 0; i < MEMBERS; i++) {
		if (!jt_is(v[i])) {
			/* A stored prompt may stand for the input. */
			if (members[i].read == read_input &&
			    !jt_is(jt_get(top, "prompt")))
				return resp_bad(&r, "input",
				    "a string or an array of items");
			continue;
		}
		if (members[i].read != NULL)
			rc = members[i].read(&r, v[i]);
		else if (members[i].at > 0)
			rc = text_of(&r, v[i], members[i].name,
			    (void *)((char *)q + members[i].at));
		else
			ir_extra_must(q, members[i].name, v[i].raw);
		if (rc != 0)
			return rc;
	}
	return 0;
}
