/*
 * anthropic_think.c - how long and how hard a model is to work.
 *
 * Runs in: worker.
 * Owns: the table of efforts.
 *
 * Newer models think adaptively with an effort, older ones with a budget of
 * tokens, which counts against max_tokens.
 */
#include "base/err.h"
#include "dialect/an_write.h"

#define MAX_TOKENS	4096	/* when nobody knows the model's limit */
#define ROOM		1024	/* for the answer behind the thinking */
#define LEAST		1024	/* budget */

static const struct level {
	const char	*name, *sent;
	unsigned	 trait;		/* it needs; else it is "high" */
	uint64_t	 budget;
	uint64_t	 from;		/* the least budget that means it */
} levels[] = {
	{ "minimal", "low", 0, 1024, 0 },
	{ "low", "low", 0, 2048, 1 },
	{ "medium", "medium", 0, 8192, 2048 },
	{ "high", "high", 0, 24576, 12288 },
	{ "xhigh", "xhigh", TRAIT_XHIGH, 32768, 32768 },
	{ "max", "max", TRAIT_MAX, 32768, UINT64_MAX },
};
#define LEVELS (sizeof(levels) / sizeof(*levels))

#define FIELD "reasoning_effort"

static const struct level *
by_name(struct str name)
{
	size_t i;

	for (i = 0; i < LEVELS; i++)
		if (str_eqc(name, levels[i].name))
			return &levels[i];
	return NULL;
}

static const struct level *
by_budget(uint64_t budget)
{
	size_t i;

	for (i = LEVELS - 1; i > 0; i--)
		if (budget >= levels[i].from)
			break;
	return &levels[i];
}

static const char *
effort(const struct an_wr *x, const struct level *l)
{
	return l->trait == 0 || (x->traits & l->trait) != 0 ? l->sent :
	    "high";
}

/*
 * With a budget, the last message that calls tools must begin with thinking
 * that Anthropic signed, as long as the tools' results are what is answered.
 */
static int
unsigned_loop(const struct ir_req *q)
{
	const struct ir_turn *t, *last = NULL;
	const struct ir_part *p;
	int results = 0;

	for (t = q->turns; t != NULL; t = ir_next(t)) {
		if (t->role == IR_ASSISTANT) {
			last = t;
			results = 0;
		}
		results |= t->role == IR_TOOL;
	}
	if (last == NULL || !results)
		return 0;
	for (p = last->parts; p != NULL && p->kind == IR_TEXT &&
	    an_blank(p->text);)
		p = ir_next(p);
	return p == NULL || p->kind != IR_THINKING ||
	    p->from != DIALECT_ANTHROPIC || p->signature.n == 0;
}

/* max_tokens: what was asked for, at most what the model can. */
static int
plan_output(struct an_wr *x)
{
	const struct ir_req *q = x->q;

	x->max_output = q->max_output;
	if (q->max_output == 0) {
		x->max_output = x->t->known.max_output > 0 ? x->t->known.max_output :
		    MAX_TOKENS;
		return an_change(x, "max_tokens");
	}
	if (x->t->known.max_output == 0 || q->max_output <= x->t->known.max_output)
		return 0;
	x->max_output = x->t->known.max_output;
	return an_change(x, "max_tokens");
}

/* Make the budget fit, or think without one. */
static int
plan_budget(struct an_wr *x, uint64_t room)
{
	const struct ir_req *q = x->q;
	uint64_t most = x->t->known.max_output;

	if (q->choice == IR_REQUIRED)
		return an_refuse(x, "tool_choice", "this "
		    "model cannot think and be made to call a tool: ask for "
		    "auto, or for no thinking (%s)", an_word(q, FIELD));
	if (q->max_output == 0 && x->max_output < x->budget + ROOM) {
		x->max_output = x->budget + ROOM;
		if (most > 0 && x->max_output > most)
			x->max_output = most;
	}
	if (x->budget + room > x->max_output) {
		x->budget = x->max_output > room ? x->max_output - room : 0;
		if (an_change(x, FIELD) != 0)
			return ERR_FORMAT;
	}
	if (x->budget >= LEAST && !unsigned_loop(q))
		return 0;
	x->think = IR_THINK_UNSET;
	return an_drop(x, FIELD);
}

/* l: how hard; NULL when only that it shall think. */
static int
plan_level(struct an_wr *x, const struct level *l)
{
	if (x->traits & TRAIT_ADAPTIVE) {
		x->think = IR_ADAPTIVE;
		if (l != NULL)
			x->effort = effort(x, l);
		return 0;
	}
	if (!(x->traits & TRAIT_BUDGET))
		return an_drop(x, FIELD);
	x->think = IR_BUDGET;
	x->budget = l == NULL ? 8192 : l->budget;
	return plan_budget(x, ROOM);
}

static int
plan_effort(struct an_wr *x)
{
	const struct level *l = by_name(x->q->effort);

	if (l == NULL)
		return an_refuse(x, FIELD, "there is no effort \"%.*s\"",
		    STR_ARG(x->q->effort));
	if (!x->foreign) {	/* output_config.effort alone */
		x->effort = l->sent;
		return 0;
	}
	if (an_change(x, FIELD) != 0)
		return ERR_FORMAT;
	return plan_level(x, l);
}

/* Nothing was said but that thoughts shall be seen: so there shall be some,
 * where the model decides itself how many. */
static int
plan_shown(struct an_wr *x)
{
	if (x->q->show_thoughts != 1 || !x->foreign)
		return 0;
	if (x->traits & TRAIT_ADAPTIVE) {
		x->think = IR_ADAPTIVE;
		return 0;
	}
	return x->traits & TRAIT_BUDGET ? an_drop(x, "show_thoughts") : 0;
}

static int
plan_think(struct an_wr *x)
{
	const struct ir_req *q = x->q;
	int off = q->think == IR_THINK_OFF ||
	    (q->think == IR_EFFORT && str_eqc(q->effort, "none")) ||
	    (q->think == IR_BUDGET && q->budget == 0);

	x->think = IR_THINK_UNSET;
	if (off) {
		if (x->traits & TRAIT_ADAPTIVE)
			x->think = IR_THINK_OFF;
		return 0;
	}
	switch (q->think) {
	case IR_EFFORT:
		return plan_effort(x);
	case IR_BUDGET:
		if (!x->foreign && q->effort.n > 0 &&
		    by_name(q->effort) != NULL)
			x->effort = effort(x, by_name(q->effort));
		if (x->traits & TRAIT_BUDGET) {
			x->think = IR_BUDGET;
			x->budget = q->budget < LEAST ? LEAST : q->budget;
			return plan_budget(x, 1);
		}
		if (an_change(x, FIELD) != 0)
			return ERR_FORMAT;
		return plan_level(x, by_budget(q->budget));
	case IR_ADAPTIVE:
		if (!(x->traits & TRAIT_ADAPTIVE) &&
		    an_change(x, FIELD) != 0)
			return ERR_FORMAT;
		return plan_level(x, by_name(q->effort));
	default:
		return plan_shown(x);
	}
}

int
an_plan_limits(struct an_wr *x)
{
	int rc;

	if ((rc = plan_output(x)) != 0)
		return rc;
	return plan_think(x);
}

/* --- writing ------------------------------------------------------------- */

static int
thinks(const struct an_wr *x)
{
	return x->think == IR_BUDGET || x->think == IR_ADAPTIVE;
}

static int
sampling_off(struct an_wr *x, const char *name)
{
	return an_refuse(x, name, "the model %.*s takes no value but its "
	    "default: leave it out", STR_ARG(x->t->model));
}

static int
write_temperature(struct an_wr *x)
{
	const struct ir_num *v = &x->q->temperature;

	if (v->raw.n == 0)
		return 0;
	if (!(x->traits & TRAIT_SAMPLING))
		return v->v >= 1 && v->v <= 1 ? 0 :
		    sampling_off(x, "temperature");
	if (thinks(x) && (v->v < 1 || v->v > 1))
		return an_drop(x, "temperature");
	if (v->v > 1) {
		jw_ku64(&x->w, "temperature", 1);
		return an_change(x, "temperature");
	}
	jw_kraw(&x->w, "temperature", v->raw);
	return 0;
}

static int
write_sampling(struct an_wr *x)
{
	const struct ir_req *q = x->q;
	int rc;

	if ((rc = write_temperature(x)) != 0)
		return rc;
	if (q->top_p.raw.n > 0) {
		if (!(x->traits & TRAIT_SAMPLING)) {
			if (q->top_p.v < 0.99)
				return sampling_off(x, "top_p");
		} else if (thinks(x) && q->top_p.v < 0.95) {
			if ((rc = an_drop(x, "top_p")) != 0)
				return rc;
		} else
			jw_kraw(&x->w, "top_p", q->top_p.raw);
	}
	if (q->top_k.raw.n == 0)
		return 0;
	if (!(x->traits & TRAIT_SAMPLING))
		return sampling_off(x, "top_k");
	if (thinks(x))
		return an_drop(x, "top_k");
	jw_kraw(&x->w, "top_k", q->top_k.raw);
	return 0;
}

static int
write_stop(struct an_wr *x)
{
	const struct ir_req *q = x->q;
	unsigned i, n = 0;

	for (i = 0; i < q->n_stop; i++) {
		if (q->stop[i].n == 0)
			continue;
		if (an_blank(q->stop[i]))
			return an_refuse(x, "stop", "a sequence of "
			    "white space only is not accepted by Anthropic");
		if (n++ == 0) {
			jw_key(&x->w, "stop_sequences");
			jw_open(&x->w, '[');
		}
		jw_str(&x->w, q->stop[i]);
	}
	if (n > 0)
		jw_close(&x->w, ']');
	return 0;
}

static void
write_thinking(struct an_wr *x)
{
	static const char *const names[] = { "", "disabled", "", "enabled",
	    "adaptive" };
	const struct ir_req *q = x->q;

	if (x->think == IR_THINK_UNSET)
		return;
	jw_key(&x->w, "thinking");
	jw_open(&x->w, '{');
	jw_ktext(&x->w, "type", names[x->think]);
	if (x->think == IR_BUDGET)
		jw_ku64(&x->w, "budget_tokens", x->budget);
	if (thinks(x) && q->show_thoughts == 0)
		jw_ktext(&x->w, "display", "omitted");
	if (x->think == IR_ADAPTIVE && q->show_thoughts == 1)
		jw_ktext(&x->w, "display", "summarized");
	jw_close(&x->w, '}');
}

static int
write_output(struct an_wr *x)
{
	struct ir_req *q = x->q;
	int rc, changed = 0, format = q->format == IR_JSON_SCHEMA &&
	    !x->schema_tool;

	if (x->effort == NULL && !format)
		return 0;
	jw_key(&x->w, "output_config");
	jw_open(&x->w, '{');
	if (x->effort != NULL)
		jw_ktext(&x->w, "effort", x->effort);
	if (format) {
		jw_key(&x->w, "format");
		jw_open(&x->w, '{');
		jw_ktext(&x->w, "type", "json_schema");
		jw_key(&x->w, "schema");
		if (!x->foreign)
			jw_raw(&x->w, q->schema);
		else if ((rc = an_write_schema(x, "response_format",
		    q->schema, &changed)) != 0)
			return rc;
		jw_close(&x->w, '}');
	}
	jw_close(&x->w, '}');
	return changed ? an_change(x, "response_format") : 0;
}

int
an_write_limits(struct an_wr *x)
{
	int rc;

	write_thinking(x);
	if ((rc = write_output(x)) != 0 || (rc = write_sampling(x)) != 0)
		return rc;
	return write_stop(x);
}
