/*
 * anthropic_tool.c - tools and their choice in a Messages request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/an_write.h"
#include "dialect/wire.h"

#define NO_PARAMETERS STR("{\"type\":\"object\",\"properties\":{}}")
/* A free-form tool: a function of one text; anthropic_event.c unwraps it. */
#define FREE_FORM STR("{\"type\":\"object\",\"properties\":{\"input\":" \
	"{\"type\":\"string\"}},\"required\":[\"input\"]," \
	"\"additionalProperties\":false}")

struct str
an_name(const struct an_wr *x, struct str name)
{
	return x->foreign ? wire_tool_name(x->q, name) : name;
}

/* Only some tools may be called, and that is not one forced tool. */
static int
is_subset(const struct ir_req *q)
{
	return q->n_allowed > 0 &&
	    !(q->choice == IR_REQUIRED && q->n_allowed == 1);
}

/* One that stands in the history is wanted with it. */
static int
is_sent(const struct ir_req *q, const struct ir_tool *t)
{
	return !is_subset(q) || t->allowed || t->called;
}

/* A schema that is an object's, as the API wants. */
static int
write_parameters(struct an_wr *x, const struct ir_tool *t)
{
	struct jval v = jt_value(t->schema), type;
	int rc, changed = 0;

	jw_key(&x->w, "input_schema");
	if (t->kind == IR_CUSTOM) {
		jw_raw(&x->w, FREE_FORM);
		return 0;
	}
	if (t->schema.n == 0 || v.type == JSCAN_NULL) {
		jw_raw(&x->w, NO_PARAMETERS);
		return 0;
	}
	type = jt_get(v, "type");
	if (v.type != JSCAN_OBJECT || (jt_is(type) && !jt_eq(type, "object")))
		return an_refuse(x, "tools", "the parameters of "
		    "\"%.*s\" must be a schema of type object",
		    STR_ARG(t->name));
	if (t->strict == 1 && x->foreign && jt_is(type)) {
		if ((rc = an_write_schema(x, "tools", t->schema,
		    &changed)) != 0)
			return rc;
		return changed ? an_change(x, "tools") : 0;
	}
	if (jt_is(type)) {
		jw_raw(&x->w, t->schema);
		return 0;
	}
	jw_raw(&x->w, STR("{\"type\":\"object\""));
	v.raw = str_trim(str_skip(v.raw, 1));
	if (v.raw.n > 1)
		jw_raw(&x->w, v.raw);
	else
		jw_close(&x->w, '}');
	return 0;
}

static int
write_tool(struct an_wr *x, const struct ir_tool *t)
{
	struct str name = an_name(x, t->name);
	int rc;

	if (t->kind == IR_BUILTIN || (!x->foreign && t->raw.n > 0)) {
		if (t->from != DIALECT_ANTHROPIC)
			return an_refuse(x, "tools", "\"%.*s\" is "
			    "run by its own provider; Anthropic has no such "
			    "tool", STR_ARG(t->name));
		jw_raw(&x->w, t->raw);
		return 0;
	}
	if (t->kind == IR_CUSTOM &&
	    jt_eq(jt_get(jt_value(t->format), "type"), "grammar"))
		return an_refuse(x, "tools", "the grammar of "
		    "\"%.*s\" cannot be enforced by Anthropic",
		    STR_ARG(t->name));
	if ((t->kind == IR_CUSTOM || !str_eq(name, t->name)) &&
	    (rc = an_change(x, "tools")) != 0)
		return rc;
	jw_open(&x->w, '{');
	jw_key(&x->w, "name");
	jw_str(&x->w, name);
	jw_kstr(&x->w, "description", t->description);
	if ((rc = write_parameters(x, t)) != 0)
		return rc;
	if (t->strict == 1)
		jw_kbool(&x->w, "strict", 1);
	if ((rc = an_write_cache(x, t->cache)) != 0)
		return rc;
	jw_close(&x->w, '}');
	return 0;
}

/* The schema of the answer as a tool that must be called. */
static int
write_schema_tool(struct an_wr *x)
{
	struct ir_tool t = { .kind = IR_FUNCTION, .strict = -1 };
	struct ir_req *q = x->q;
	int rc;

	if (q->tools != NULL || x->think == IR_BUDGET)
		return an_refuse(x, "response_format",
		    "the model %.*s has no structured output beside tools or "
		    "thinking", STR_ARG(x->t->model));
	t.name = an_schema_tool(q);
	t.description = q->schema_description;
	t.schema = q->schema;
	jw_key(&x->w, "tools");
	jw_open(&x->w, '[');
	if ((rc = write_tool(x, &t)) != 0)
		return rc;
	jw_close(&x->w, ']');
	jw_key(&x->w, "tool_choice");
	jw_open(&x->w, '{');
	jw_ktext(&x->w, "type", "tool");
	jw_key(&x->w, "name");
	jw_str(&x->w, t.name);
	jw_close(&x->w, '}');
	return an_change(x, "response_format");
}

static int
write_choice(struct an_wr *x)
{
	static const char *const names[] = { "auto", "auto", "none", "any" };
	const struct ir_req *q = x->q;
	int one = q->choice == IR_REQUIRED && q->n_allowed == 1;
	unsigned i;

	for (i = 0; i < q->n_allowed; i++)
		if (ir_tool_find(q, q->allowed[i]) == NULL)
			return an_refuse(x, "tool_choice",
			    "\"%.*s\" is not among the tools",
			    STR_ARG(q->allowed[i]));
	if (q->choice == IR_CHOICE_UNSET && q->n_allowed == 0 &&
	    (q->parallel < 0 || (q->parallel == 1 && x->foreign)))
		return 0;
	jw_key(&x->w, "tool_choice");
	jw_open(&x->w, '{');
	jw_ktext(&x->w, "type", one ? "tool" : names[q->choice]);
	if (one) {
		jw_key(&x->w, "name");
		jw_str(&x->w, an_name(x, q->allowed[0]));
	}
	if (q->choice != IR_NONE && (q->parallel == 0 ||
	    (q->parallel == 1 && !x->foreign)))
		jw_kbool(&x->w, "disable_parallel_tool_use", !q->parallel);
	jw_close(&x->w, '}');
	return is_subset(q) ? an_change(x, "tool_choice") : 0;
}

int
an_write_tools(struct an_wr *x)
{
	const struct ir_req *q = x->q;
	const struct ir_tool *t;
	int rc;

	if (x->schema_tool)
		return write_schema_tool(x);
	if (q->tools == NULL) {
		if (q->choice == IR_REQUIRED)
			return an_refuse(x, "tool_choice",
			    "there are no tools to choose from");
		return 0;
	}
	if (is_subset(q))
		ir_tool_marks(x->q);
	jw_key(&x->w, "tools");
	jw_open(&x->w, '[');
	for (t = q->tools; t != NULL; t = t->next)
		if (is_sent(q, t) && (rc = write_tool(x, t)) != 0)
			return rc;
	jw_close(&x->w, ']');
	return write_choice(x);
}
