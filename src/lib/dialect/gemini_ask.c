/*
 * gemini_ask.c - tools, generationConfig and the rest of a request to Gemini.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * What a model thinks is asked for by a level from Gemini 3 on, by a number of
 * tokens before that; names tell which it is.
 */
#include "base/err.h"
#include "base/num.h"
#include "dialect/ge.h"

#define STOPS_MAX	5u

/* What only Gemini's reader knew goes back where it stood. */
static void
put_extras(struct ge_wr *g, const char *scope)
{
	const struct ir_extra *e;
	struct str name, s = str_of(scope);

	for (e = g->q->extra; g->q->from == DIALECT_GEMINI && e != NULL;
	    e = ir_next(e)) {
		name = str_of(e->name);
		if (!str_starts(name, s))
			continue;
		name = str_skip(name, s.n);
		if (str_chr(name, '.') < 0)
			jw_kraw(&g->w, name.p, e->raw);
	}
}

/* --- tools -------------------------------------------------------------------- */

static int
put_function(struct ge_wr *g, const struct ir_tool *t)
{
	struct str schema = t->schema;

	if (g->q->from == DIALECT_GEMINI && t->raw.n > 0) {
		jw_raw(&g->w, t->raw);
		return 0;
	}
	if (t->kind == IR_CUSTOM) {
		if (t->format.n > 0 &&
		    jt_eq(jt_get(jt_value(t->format), "type"), "grammar"))
			return ir_refuse(g->n, "tools", "the tool \"%.*s\" "
			    "has a grammar, which this model cannot follow",
			    (int)(t->name.n > 100 ? 100 : t->name.n),
			    t->name.p);
		schema = STR("{\"type\":\"object\",\"properties\":{\"input\":"
		    "{\"type\":\"string\"}},\"required\":[\"input\"]}");
	}
	jw_open(&g->w, '{');
	jw_kstr(&g->w, "name", wire_name(g->q, &ge_names, t->name));
	jw_kstr(&g->w, "description", t->description);
	jw_kraw(&g->w, "parametersJsonSchema", schema);
	jw_close(&g->w, '}');
	if (t->cache.n > 0 && ir_drop(g->n, ir_mark(g->q)) != 0)
		return ERR_FORMAT;
	if (t->kind == IR_CUSTOM)
		return ir_change(g->n, "tools.custom");
	return str_eq(wire_name(g->q, &ge_names, t->name), t->name) ? 0 :
	    ir_change(g->n, "tools.name");
}

static int
put_builtins(struct ge_wr *g)
{
	const struct ir_tool *t;

	for (t = g->q->tools; t != NULL; t = ir_next(t)) {
		if (t->kind != IR_BUILTIN)
			continue;
		if (t->from != DIALECT_GEMINI)
			return ir_refuse(g->n, "tools", "the tool \"%.*s\" is "
			    "run by another provider: this model does not "
			    "have it", (int)(t->name.n > 100 ? 100 :
			    t->name.n), t->name.p);
		jw_raw(&g->w, t->raw);
	}
	return 0;
}

/* A lossless "strict" of Gemini is for all tools at once. */
static int
strict_tools(const struct ge_wr *g)
{
	const struct ir_tool *t;

	for (t = g->q->tools; t != NULL; t = ir_next(t))
		if (t->kind == IR_FUNCTION && t->strict == 1)
			return 1;
	return 0;
}

static int
put_calling(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	int strict = strict_tools(g), rc = 0;
	const char *mode;
	unsigned i;

	if (q->choice == IR_NONE)
		mode = "NONE";
	else if (q->choice == IR_REQUIRED)
		mode = "ANY";
	else if (strict || q->n_allowed > 0)
		mode = "VALIDATED";
	else if (q->choice == IR_AUTO)
		mode = "AUTO";
	else
		return 0;
	jw_key(&g->w, "functionCallingConfig");
	jw_open(&g->w, '{');
	jw_ktext(&g->w, "mode", mode);
	if (q->n_allowed > 0 && q->choice != IR_NONE) {
		jw_key(&g->w, "allowedFunctionNames");
		jw_open(&g->w, '[');
		for (i = 0; i < q->n_allowed; i++)
			jw_str(&g->w, wire_name(q, &ge_names,
			    q->allowed[i]));
		jw_close(&g->w, ']');
	}
	jw_close(&g->w, '}');
	if (strict && q->from != DIALECT_GEMINI)
		rc = ir_change(g->n, "tools.strict");
	return rc;
}

/* toolConfig, when there is anything to say in it. */
static int
put_choice(struct ge_wr *g, int functions)
{
	const struct ir_extra *e;
	int rc = 0, own = 0;

	for (e = g->q->extra; e != NULL; e = ir_next(e))
		own |= g->q->from == DIALECT_GEMINI &&
		    strncmp(e->name, "toolConfig.", 11) == 0;
	if (!own && (!functions || (g->q->choice == IR_CHOICE_UNSET &&
	    g->q->n_allowed == 0 && !strict_tools(g))))
		return 0;
	jw_key(&g->w, "toolConfig");
	jw_open(&g->w, '{');
	if (functions)
		rc = put_calling(g);
	put_extras(g, "toolConfig.");
	jw_close(&g->w, '}');
	return rc;
}

int
ge_write_tools(struct ge_wr *g)
{
	const struct ir_tool *t;
	int n = 0, rc;

	if (g->q->tools == NULL)
		return put_choice(g, 0);
	jw_key(&g->w, "tools");
	jw_open(&g->w, '[');
	for (t = g->q->tools; t != NULL; t = ir_next(t)) {
		if (t->kind == IR_BUILTIN)
			continue;
		if (n++ == 0) {
			jw_open(&g->w, '{');
			jw_key(&g->w, "functionDeclarations");
			jw_open(&g->w, '[');
		}
		if ((rc = put_function(g, t)) != 0)
			return rc;
	}
	if (n > 0) {
		jw_close(&g->w, ']');
		jw_close(&g->w, '}');
	}
	if ((rc = put_builtins(g)) != 0)
		return rc;
	jw_close(&g->w, ']');
	if ((rc = put_choice(g, n > 0)) != 0)
		return rc;
	return g->q->parallel == 0 ?
	    ir_change(g->n, ge_word(g->q, GE_PARALLEL)) : 0;
}

/* --- thinking ------------------------------------------------------------------ */

enum strength { NONE, MINIMAL, LOW, MEDIUM, HIGH, MOST };

static enum strength
strength_of(const struct ir_req *q)
{
	static const struct {
		const char	*effort;
		enum strength	 s;
	} rows[] = {
		{ "none", NONE }, { "minimal", MINIMAL }, { "low", LOW },
		{ "medium", MEDIUM }, { "high", HIGH }, { "xhigh", MOST },
		{ "max", MOST },
	};
	size_t i;

	if (q->think == IR_THINK_OFF)
		return NONE;
	if (q->think == IR_BUDGET)
		return q->budget < 2048 ? LOW : q->budget < 12288 ? MEDIUM :
		    q->budget < 32768 ? HIGH : MOST;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eqc(q->effort, rows[i].effort))
			return rows[i].s;
	return MEDIUM;
}

static const char *
level_of(const struct ge_model *m, enum strength s)
{
	switch (s) {
	case NONE:
	case MINIMAL:
		return m->pro ? "LOW" : "MINIMAL";
	case LOW:
		return "LOW";
	case MEDIUM:
		return m->pro && m->major == 3 && m->minor == 0 ? "LOW" :
		    "MEDIUM";
	default:
		return "HIGH";
	}
}

/* Tokens for Gemini 2.5: what it takes lies between the model's bounds. */
static uint64_t
budget_of(const struct ge_model *m, uint64_t v)
{
	uint64_t least = m->pro ? 128 : m->lite ? 512 : 1,
	    most = m->pro ? 32768 : 24576;

	if (v == 0)
		return m->pro ? least : 0;
	return v < least ? least : v > most ? most : v;
}

static int
put_level(struct ge_wr *g, enum strength s)
{
	static const char *const own[] = { "", "minimal", "low", "medium",
	    "high" };
	const char *level = level_of(&g->m, s);
	int same = g->q->from == DIALECT_GEMINI && g->q->think == IR_EFFORT &&
	    s >= MINIMAL && s <= HIGH &&
	    str_ieq(str_of(own[s]), str_of(level));

	jw_ktext(&g->w, "thinkingLevel", level);
	return same ? 0 : ir_change(g->n, ge_word(g->q,
	    g->q->think == IR_BUDGET ? GE_BUDGET : GE_EFFORT));
}

static int
put_budget(struct ge_wr *g, enum strength s)
{
	static const uint64_t tokens[] = { 0, 1024, 1024, 8192, 24576,
	    32768 };
	const struct ir_req *q = g->q;
	uint64_t asked = q->think == IR_BUDGET ? q->budget : tokens[s];
	uint64_t v = budget_of(&g->m, asked);

	jw_ku64(&g->w, "thinkingBudget", v);
	if (q->think == IR_BUDGET || (q->think == IR_THINK_OFF &&
	    q->from == DIALECT_GEMINI))
		return v == asked ? 0 :
		    ir_change(g->n, ge_word(g->q, GE_BUDGET));
	return ir_change(g->n, ge_word(g->q, GE_EFFORT));
}

static int
put_thinking(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	int free_to = q->think == IR_ADAPTIVE && q->effort.n == 0;
	int rc = 0;

	if (q->think == IR_THINK_UNSET && q->show_thoughts != 1)
		return 0;
	/* Models before 2.5 do not think. */
	if (g->m.major == 1 || (g->m.major == 2 && g->m.minor < 5))
		return q->think == IR_THINK_UNSET || q->think == IR_THINK_OFF
		    ? 0 : ir_drop(g->n, ge_word(q,
		    q->think == IR_BUDGET ? GE_BUDGET : GE_EFFORT));
	jw_key(&g->w, "thinkingConfig");
	jw_open(&g->w, '{');
	if (q->show_thoughts == 1)
		jw_kbool(&g->w, "includeThoughts", 1);
	if (free_to && !ge_has_levels(g->m)) {
		jw_key(&g->w, "thinkingBudget");
		jw_raw(&g->w, STR("-1"));
	} else if (q->think != IR_THINK_UNSET && !free_to)
		rc = ge_has_levels(g->m) ? put_level(g, strength_of(q)) :
		    put_budget(g, strength_of(q));
	jw_close(&g->w, '}');
	return rc;
}

/* --- the other numbers --------------------------------------------------------- */

/* Of 32 bits there; folded, so that the same seed stays the same. */
static int
put_seed(struct ge_wr *g)
{
	struct str raw = g->q->seed.raw;
	int64_t v;

	if (raw.n == 0)
		return 0;
	if (num_i64(raw, &v) == 0 && (v > INT32_MAX || v < INT32_MIN)) {
		jw_ku64(&g->w, "seed", (uint64_t)v & INT32_MAX);
		return ir_change(g->n, ge_word(g->q, GE_SEED));
	}
	jw_kraw(&g->w, "seed", raw);
	return 0;
}

static int
put_max(struct ge_wr *g)
{
	uint64_t v = g->q->max_output, most = g->t->known.max_output;

	if (v == 0)
		return 0;
	if (most > 0 && v > most) {
		jw_ku64(&g->w, "maxOutputTokens", most);
		return ir_change(g->n, ge_word(g->q, GE_MAX));
	}
	jw_ku64(&g->w, "maxOutputTokens", v);
	return 0;
}

static int
put_stop(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	unsigned i, n = 0;

	for (i = 0; i < q->n_stop; i++)
		n += q->stop[i].n > 0;
	if (n > STOPS_MAX)
		return ir_refuse(g->n, ge_word(q, GE_STOP), "%s has %u "
		    "sequences: this model takes at most %u",
		    ge_word(q, GE_STOP), n, STOPS_MAX);
	if (n == 0)
		return 0;
	jw_key(&g->w, "stopSequences");
	jw_open(&g->w, '[');
	for (i = 0; i < q->n_stop; i++)
		if (q->stop[i].n > 0)
			jw_str(&g->w, q->stop[i]);
	jw_close(&g->w, ']');
	return 0;
}

static int
put_format(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	const struct ir_tool *t;

	if (q->format != IR_JSON_OBJECT && q->format != IR_JSON_SCHEMA) {
		if (q->format == IR_PLAIN && q->from == DIALECT_GEMINI)
			jw_ktext(&g->w, "responseMimeType", "text/plain");
		return 0;
	}
	for (t = q->tools; t != NULL && g->m.major > 0 && g->m.major < 3;
	    t = ir_next(t))
		if (t->kind != IR_BUILTIN)
			return ir_refuse(g->n, ge_word(q, GE_FORMAT), "this "
			    "model cannot answer as JSON while it has tools: "
			    "leave one of them out or choose a newer model");
	jw_ktext(&g->w, "responseMimeType", "application/json");
	if (q->format == IR_JSON_SCHEMA)
		jw_kraw(&g->w, "responseJsonSchema", q->schema);
	return q->schema_description.n > 0 ?
	    ir_drop(g->n, "response_format.description") : 0;
}

static int
put_logprobs(struct ge_wr *g)
{
	const struct ir_req *q = g->q;

	if (!q->logprobs)
		return 0;
	jw_kbool(&g->w, "responseLogprobs", 1);
	jw_kraw(&g->w, "logprobs", q->top_logprobs.raw);
	return q->from == DIALECT_GEMINI ? 0 :
	    ir_change(g->n, ge_word(q, GE_LOGPROBS));
}

int
ge_write_config(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	int rc;

	jw_key(&g->w, "generationConfig");
	jw_open(&g->w, '{');
	jw_kraw(&g->w, "temperature", q->temperature.raw);
	jw_kraw(&g->w, "topP", q->top_p.raw);
	jw_kraw(&g->w, "topK", q->top_k.raw);
	jw_kraw(&g->w, "candidateCount", q->n.raw);
	jw_kraw(&g->w, "presencePenalty", q->presence_penalty.raw);
	jw_kraw(&g->w, "frequencyPenalty", q->frequency_penalty.raw);
	if ((rc = put_max(g)) != 0 || (rc = put_stop(g)) != 0 ||
	    (rc = put_seed(g)) != 0 || (rc = put_logprobs(g)) != 0 ||
	    (rc = put_format(g)) != 0 || (rc = put_thinking(g)) != 0)
		return rc;
	put_extras(g, "generationConfig.");
	jw_close(&g->w, '}');
	put_extras(g, "");
	return 0;
}

/* --- what gets lost ------------------------------------------------------------ */

static int
put_tier(struct ge_wr *g)
{
	static const char *const rows[][2] = { { "default", "standard" },
	    { "standard_only", "standard" }, { "on_demand", "standard" },
	    { "standard", "standard" }, { "flex", "flex" },
	    { "priority", "priority" } };
	struct str tier = g->q->service_tier;
	size_t i;

	if (tier.n == 0)
		return 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eqc(tier, rows[i][0])) {
			jw_ktext(&g->w, "serviceTier", rows[i][1]);
			return g->q->from == DIALECT_GEMINI ? 0 :
			    ir_change(g->n, ge_word(g->q, GE_TIER));
		}
	return ir_drop(g->n, ge_word(g->q, GE_TIER));
}

int
ge_write_hints(struct ge_wr *g)
{
	const struct ir_req *q = g->q;
	int rc;

	if (q->logit_bias.n > 2)
		return ir_refuse(g->n, "logit_bias", "logit_bias names tokens "
		    "of OpenAI's models: leave it out for this model");
	if (q->previous_id.n > 0)
		return ir_refuse(g->n, "previous_response_id", "earlier "
		    "answers are not stored: send the whole conversation");
	if ((rc = put_tier(g)) != 0)
		return rc;
	if (q->from == DIALECT_GEMINI) {
		if (q->store >= 0)
			jw_kbool(&g->w, "store", q->store);
		return 0;
	}
	if ((q->user.n > 0 &&
	    (rc = ir_drop(g->n, ge_word(q, GE_USER))) != 0) ||
	    (q->metadata.n > 0 && (rc = ir_drop(g->n, "metadata")) != 0) ||
	    (q->verbosity.n > 0 &&
	    (rc = ir_drop(g->n, ge_word(q, GE_VERBOSITY))) != 0) ||
	    (q->cache_key.n > 0 &&
	    (rc = ir_drop(g->n, "prompt_cache_key")) != 0) ||
	    (q->store == 1 && (rc = ir_drop(g->n, "store")) != 0))
		return rc;
	if ((rc = ir_lose_marks(q, g->n, 1, 0)) != 0)
		return rc;
	return ir_extra_lose(q, g->n);
}

int
ge_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n)
{
	struct ge_wr g = { .q = q, .t = t, .n = n };
	int rc, levels;

	jw_init(&g.w, b);
	g.m = ge_model(t->model);
	levels = ge_has_levels(g.m);
	if (ir_can(t, TRAIT_EFFORT, levels) != levels) {
		g.m.major = levels ? 2 : 3;
		g.m.minor = levels ? 5 : 0;
	}
	jw_open(&g.w, '{');
	if ((rc = ge_write_contents(&g)) != 0 ||
	    (rc = ge_write_tools(&g)) != 0 ||
	    (rc = ge_write_config(&g)) != 0 || (rc = ge_write_hints(&g)) != 0)
		return rc;
	jw_close(&g.w, '}');
	return jw_done(&g.w);
}
