/*
 * anthropic_read.c - a Messages request into the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A user message with tool results becomes a turn of results and a turn of the
 * rest. What only this API knows goes to q->extra under its own name; members
 * of blocks and tools under theirs with the way to them.
 */
#include "dialect/an.h"
#include "dialect/an_read.h"
#include "dialect/unknown.h"
#include "base/err.h"

#define EXTRAS	64		/* more are one row "others" */
#define NAME	64		/* of an extra */

const char *
an_path(const struct an_rd *r, const char *member)
{
	struct arena *a = r->q->a;
	const char *dot = *member ? "." : "";

	if (r->msg < 0)
		return r->block < 0 ? member : arena_printf(a, "%s[%d]%s%s",
		    r->top, r->block, dot, member);
	if (r->block < 0)
		return arena_printf(a, "messages[%d]%s%s", r->msg, dot,
		    member);
	if (r->sub < 0)
		return arena_printf(a, "messages[%d].content[%d]%s%s", r->msg,
		    r->block, dot, member);
	return arena_printf(a, "messages[%d].content[%d].content[%d]%s%s",
	    r->msg, r->block, r->sub, dot, member);
}

int
an_bad(const struct an_rd *r, const char *member, const char *what)
{
	const char *path = an_path(r, member);

	return ir_refuse(r->n, path, "%s: %s", path, what);
}

static int
is_extra(const char *have, const char *where, struct str name)
{
	size_t n = strlen(where);

	return strncmp(have, where, n) == 0 &&
	    str_eq(str_of(have + n), name);
}

void
an_extra(struct an_rd *r, const char *where, struct str name, struct jval v)
{
	const struct ir_extra *e;

	if (!jt_is(v) || r->extras > EXTRAS)
		return;
	if (name.n > NAME) {		/* too long to be told, or written */
		where = "";
		name = STR("others");
	}
	for (e = r->q->extra; e != NULL; e = e->next)
		if (is_extra(e->name, where, name))
			return;
	if (r->extras++ < EXTRAS)
		ir_extra_add(r->q, arena_printf(r->q->a, "%s%.*s", where,
		    STR_ARG(name)), v.raw);
	else
		ir_extra_add(r->q, "others", v.raw);
}

/* What asks for more than other providers can do. */
static const char *const musts[] = {
	"compaction", "container", "inference_geo", "mcp_servers", "thread"
};

/* 1 when all that it asks for is to leave out old thinking, which does not
 * get to another provider anyway. */
static int
only_thinking(struct jval v)
{
	struct jval edits = jt_get(v, "edits"), one;
	size_t pos = 0;

	while (jt_each(edits, &pos, NULL, &one))
		if (!str_starts(jt_get(one, "type").raw,
		    STR("\"clear_thinking")))
			return 0;
	return 1;
}

static void
other_member(void *arg, struct str name, struct jval v)
{
	struct an_rd *r = arg;
	size_t i;

	if (!jt_is(v))
		return;
	for (i = 0; i < sizeof(musts) / sizeof(*musts); i++)
		if (str_eqc(name, musts[i])) {
			ir_extra_must(r->q, musts[i], v.raw);
			return;
		}
	if (str_eqc(name, "context_management") && !only_thinking(v))
		ir_extra_must(r->q, "context_management", v.raw);
	else
		an_extra(r, "", name, v);
}

static void
other_tool(void *arg, struct str name, struct jval v)
{
	an_extra(arg, "tools.", name, v);
}

int
an_get_str(const struct an_rd *r, struct jval v, const char *member,
    int required, struct str *out)
{
	*out = STR_NULL;
	if (!jt_is(v))
		return required ? an_bad(r, member, "is required") : 0;
	if (v.type != JSCAN_STRING)
		return an_bad(r, member, "must be a string");
	*out = jt_text(r->q->a, v);
	return 0;
}

int
an_get_bool(const struct an_rd *r, struct jval v, const char *member, int *out)
{
	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_TRUE && v.type != JSCAN_FALSE)
		return an_bad(r, member, "must be true or false");
	*out = v.type == JSCAN_TRUE;
	return 0;
}

static int
get_num(const struct an_rd *r, struct jval v, const char *member,
    struct ir_num *out)
{
	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_NUMBER)
		return an_bad(r, member, "must be a number");
	out->raw = v.raw;
	out->v = jt_double(v);
	return 0;
}

/* --- tools --------------------------------------------------------------- */

enum { T_TYPE, T_NAME, T_DESC, T_SCHEMA, T_STRICT, T_CACHE, T_N };
static const struct an_key tool_keys[T_N] = {
	AN_KEY("type"), AN_KEY("name"), AN_KEY("description"),
	AN_KEY("input_schema"), AN_KEY("strict"), AN_KEY("cache_control")
};

static int
read_tool(struct an_rd *r, struct jval v)
{
	struct jval m[T_N];
	struct ir_tool *t;
	struct str name, type;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "", "must be an object");
	an_pick(v, tool_keys, T_N, m, NULL, NULL);
	if ((rc = an_get_str(r, m[T_TYPE], "type", 0, &type)) != 0)
		return rc;
	if (type.n > 0 && !str_eqc(type, "custom")) {
		if ((rc = an_get_str(r, m[T_NAME], "name", 0, &name)) != 0)
			return rc;
		t = ir_tool_add(r->q, name.n > 0 ? name : type);
		t->kind = IR_BUILTIN;
		t->from = DIALECT_ANTHROPIC;
		t->raw = v.raw;
		return 0;
	}
	if ((rc = an_get_str(r, m[T_NAME], "name", 1, &name)) != 0)
		return rc;
	if (!jt_is(m[T_SCHEMA]))
		return an_bad(r, "input_schema", "is required");
	if (m[T_SCHEMA].type != JSCAN_OBJECT)
		return an_bad(r, "input_schema", "must be an object");
	t = ir_tool_add(r->q, name);
	t->kind = IR_FUNCTION;
	t->from = DIALECT_ANTHROPIC;
	t->schema = m[T_SCHEMA].raw;
	t->raw = v.raw;
	t->strict = -1;
	if (jt_is(m[T_CACHE]))
		t->cache = m[T_CACHE].raw;
	an_pick(v, tool_keys, T_N, m, other_tool, r);
	if ((rc = an_get_str(r, m[T_DESC], "description", 0,
	    &t->description)) != 0)
		return rc;
	return an_get_bool(r, m[T_STRICT], "strict", &t->strict);
}

static int
read_tools(struct an_rd *r, struct jval v)
{
	struct jval one;
	size_t pos = 0;
	int rc;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_ARRAY)
		return an_bad(r, "tools", "must be an array");
	r->top = "tools";
	for (r->block = 0; jt_each(v, &pos, NULL, &one); r->block++)
		if ((rc = read_tool(r, one)) != 0)
			return rc;
	r->block = -1;
	return 0;
}

static int
read_choice(struct an_rd *r, struct jval v)
{
	struct ir_req *q = r->q;
	struct str type;
	int rc, single = -1;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "tool_choice", "must be an object");
	unknown_in(q, "tool_choice.", v,
	    "type|name|disable_parallel_tool_use|");
	if ((rc = an_get_str(r, jt_get(v, "type"), "tool_choice.type", 1,
	    &type)) != 0 ||
	    (rc = an_get_bool(r, jt_get(v, "disable_parallel_tool_use"),
	    "tool_choice.disable_parallel_tool_use", &single)) != 0)
		return rc;
	if (single >= 0)
		q->parallel = !single;
	if (str_eqc(type, "auto"))
		q->choice = IR_AUTO;
	else if (str_eqc(type, "any"))
		q->choice = IR_REQUIRED;
	else if (str_eqc(type, "none"))
		q->choice = IR_NONE;
	else if (str_eqc(type, "tool")) {
		q->choice = IR_REQUIRED;
		q->allowed = arena_zalloc(q->a, sizeof(*q->allowed));
		q->n_allowed = 1;
		return an_get_str(r, jt_get(v, "name"), "tool_choice.name", 1,
		    &q->allowed[0]);
	} else
		return an_bad(r, "tool_choice.type",
		    "must be auto, any, tool or none");
	return 0;
}

/* --- thinking and output ------------------------------------------------- */

static int
read_thinking(struct an_rd *r, struct jval v)
{
	struct ir_req *q = r->q;
	struct jval budget;
	struct str type, display;
	int rc;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "thinking", "must be an object");
	unknown_in(q, "thinking.", v, "type|budget_tokens|display|");
	if ((rc = an_get_str(r, jt_get(v, "type"), "thinking.type", 1,
	    &type)) != 0 || (rc = an_get_str(r, jt_get(v, "display"),
	    "thinking.display", 0, &display)) != 0)
		return rc;
	if (str_eqc(display, "omitted"))
		q->show_thoughts = 0;
	else if (display.n > 0)		/* "summarized", and newer words */
		q->show_thoughts = 1;
	if (str_eqc(type, "disabled"))
		q->think = IR_THINK_OFF;
	else if (str_eqc(type, "adaptive") || str_eqc(type, "between_tools"))
		q->think = IR_ADAPTIVE;
	else if (str_eqc(type, "enabled")) {
		budget = jt_get(v, "budget_tokens");
		q->think = IR_BUDGET;
		q->budget = jt_u64(budget, 0);
		if (budget.type != JSCAN_NUMBER || q->budget < 1024)
			return an_bad(r, "thinking.budget_tokens",
			    "must be an integer of at least 1024");
		if (q->show_thoughts < 0)
			q->show_thoughts = 1;
	} else
		return an_bad(r, "thinking.type",
		    "must be enabled, adaptive or disabled");
	return 0;
}

static int
read_format(struct an_rd *r, struct jval v, const char *member)
{
	struct ir_req *q = r->q;
	struct jval schema;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_OBJECT)
		return an_bad(r, member, "must be an object");
	unknown_in(q, "output_config.format.", v, "type|schema|");
	schema = jt_get(v, "schema");
	if (!jt_eq(jt_get(v, "type"), "json_schema") ||
	    schema.type != JSCAN_OBJECT)
		return an_bad(r, member,
		    "must have type json_schema and an object as schema");
	q->format = IR_JSON_SCHEMA;
	q->schema = schema.raw;
	return 0;
}

static int
read_output(struct an_rd *r, struct jval v)
{
	struct ir_req *q = r->q;
	int rc;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "output_config", "must be an object");
	unknown_in(q, "output_config.", v, "effort|format|");
	if ((rc = an_get_str(r, jt_get(v, "effort"), "output_config.effort",
	    0, &q->effort)) != 0)
		return rc;
	if (q->effort.n > 0 && q->think != IR_BUDGET)
		q->said[IR_SAID_EFFORT] = "output_config.effort";
	if (q->effort.n > 0 && q->think == IR_THINK_UNSET)
		q->think = IR_EFFORT;
	return read_format(r, jt_get(v, "format"), "output_config.format");
}

/* --- the top level ------------------------------------------------------- */

enum { M_MODEL, M_MAX, M_MESSAGES, M_SYSTEM, M_STOP, M_TEMP, M_TOP_P, M_TOP_K,
	M_STREAM, M_TOOLS, M_CHOICE, M_THINKING, M_OUTPUT, M_FORMAT, M_META,
	M_TIER, M_N };
static const struct an_key top_keys[M_N] = {
	AN_KEY("model"), AN_KEY("max_tokens"), AN_KEY("messages"),
	AN_KEY("system"), AN_KEY("stop_sequences"), AN_KEY("temperature"),
	AN_KEY("top_p"), AN_KEY("top_k"), AN_KEY("stream"), AN_KEY("tools"),
	AN_KEY("tool_choice"), AN_KEY("thinking"), AN_KEY("output_config"),
	AN_KEY("output_format"), AN_KEY("metadata"), AN_KEY("service_tier")
};

static int
read_stop(struct an_rd *r, struct jval v)
{
	struct ir_req *q = r->q;
	struct jval one;
	size_t pos = 0;
	unsigned n = 0;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_ARRAY)
		return an_bad(r, "stop_sequences", "must be an array");
	while (jt_each(v, &pos, NULL, &one)) {
		if (one.type != JSCAN_STRING)
			return an_bad(r, "stop_sequences",
			    "must be an array of strings");
		n++;
	}
	if (n == 0)
		return 0;
	q->stop = arena_zalloc(q->a, n * sizeof(*q->stop));
	q->n_stop = 0;
	for (pos = 0; jt_each(v, &pos, NULL, &one);)
		q->stop[q->n_stop++] = jt_text(q->a, one);
	return 0;
}

/* The newer API takes them not even at their defaults. */
static int
check_sampling(const struct an_rd *r, const struct jval *m)
{
	static const struct {
		int		 at;
		const char	*name;
	} gone[] = {
		{ M_TEMP, "temperature" }, { M_TOP_P, "top_p" },
		{ M_TOP_K, "top_k" },
	};
	size_t i;

	for (i = 0; r->q->api_2026 && i < sizeof(gone) / sizeof(*gone); i++)
		if (jt_is(m[gone[i].at]))
			return an_bad(r, gone[i].name, "Extra inputs are not "
			    "permitted");
	return 0;
}

static int
read_limits(struct an_rd *r, const struct jval *m)
{
	struct ir_req *q = r->q;
	int rc, stream = 0;

	if ((rc = check_sampling(r, m)) != 0)
		return rc;
	if (jt_is(m[M_MAX])) {
		q->max_output = jt_u64(m[M_MAX], UINT64_MAX);
		if (m[M_MAX].type != JSCAN_NUMBER ||
		    q->max_output == UINT64_MAX)
			return an_bad(r, "max_tokens",
			    "must be a positive integer");
		if (q->max_output == 0)
			return an_bad(r, "max_tokens", "0 only warms "
			    "Anthropic's prompt cache; ask for 1 or more");
	}
	if ((rc = get_num(r, m[M_TEMP], "temperature", &q->temperature)) != 0 ||
	    (rc = get_num(r, m[M_TOP_P], "top_p", &q->top_p)) != 0 ||
	    (rc = get_num(r, m[M_TOP_K], "top_k", &q->top_k)) != 0 ||
	    (rc = an_get_bool(r, m[M_STREAM], "stream", &stream)) != 0)
		return rc;
	q->stream = stream;
	return read_stop(r, m[M_STOP]);
}

static void
other_meta(void *arg, struct str name, struct jval v)
{
	an_extra(arg, "metadata.", name, v);
}

static int
read_meta(struct an_rd *r, struct jval v)
{
	static const struct an_key keys[] = { AN_KEY("user_id") };
	struct jval user;

	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "metadata", "must be an object");
	an_pick(v, keys, 1, &user, other_meta, r);
	return an_get_str(r, user, "metadata.user_id", 0, &r->q->user);
}

int
an_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	struct an_rd r = { q, n, -1, -1, -1, "", 0, 0, NULL,
	    NULL, 0 };
	struct jval m[M_N], doc = jt_value(body);
	int rc;

	if (doc.type != JSCAN_OBJECT)
		return an_bad(&r, "body", "must be a JSON object");
	an_pick(doc, top_keys, M_N, m, other_member, &r);
	if ((rc = an_get_str(&r, m[M_MODEL], "model", 1, &q->model)) != 0 ||
	    (rc = read_limits(&r, m)) != 0 ||
	    (rc = read_thinking(&r, m[M_THINKING])) != 0 ||
	    (rc = read_format(&r, m[M_FORMAT], "output_format")) != 0 ||
	    (rc = read_output(&r, m[M_OUTPUT])) != 0 ||
	    (rc = read_meta(&r, m[M_META])) != 0 ||
	    (rc = an_get_str(&r, m[M_TIER], "service_tier", 0,
	    &q->service_tier)) != 0 ||
	    (rc = read_tools(&r, m[M_TOOLS])) != 0 ||
	    (rc = read_choice(&r, m[M_CHOICE])) != 0 ||
	    (rc = an_read_system(&r, m[M_SYSTEM])) != 0)
		return rc;
	if (!jt_is(m[M_MESSAGES]))
		return an_bad(&r, "messages", "is required");
	return an_read_messages(&r, m[M_MESSAGES]);
}
