/*
 * responses_write.c - the neutral form, as a Responses request.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * What has no place in this API and would change the answer is refused, what
 * only helps is dropped and noted; responses_history.c writes the turns.
 */
#include "base/err.h"
#include "dialect/resp.h"
#include "dialect/wire.h"

#define MIN_OUTPUT	16	/* the least that max_output_tokens may be */
#define USER_MAX	64

struct writer {
	struct jw	 w;
	struct ir_req	*q;
	const struct ir_target *t;
	struct ir_note	*n;
	int		 own;		/* the client speaks this API too */
};

/* --- words of the client ------------------------------------------------- */

enum word { W_MAX, W_STOP, W_TOP_K, W_N, W_SEED, W_FREQUENCY, W_PRESENCE,
	W_EFFORT, W_BUDGET, W_FORMAT, W_TIER, W_USER };

/* As OpenAI, Anthropic, Gemini and Mistral say it; NULL: as OpenAI. */
static const char *const words[][4] = {
	{ "max_tokens", NULL, "maxOutputTokens", NULL },
	{ "stop", "stop_sequences", "stopSequences", NULL },
	{ "top_k", NULL, "topK", NULL },
	{ "n", NULL, "candidateCount", NULL },
	{ "seed", NULL, NULL, "random_seed" },
	{ "frequency_penalty", NULL, "frequencyPenalty", NULL },
	{ "presence_penalty", NULL, "presencePenalty", NULL },
	{ "reasoning_effort", "thinking", "thinkingConfig", NULL },
	{ "reasoning", "thinking.budget_tokens", "thinkingBudget", NULL },
	{ "response_format", "output_config", "responseSchema", NULL },
	{ "service_tier", NULL, "serviceTier", NULL },
	{ "user", "metadata.user_id", NULL, NULL },
};

static const char *
word(const struct ir_req *q, enum word which)
{
	const char *s = codec_word(q, words[which][0]);

	if (s != NULL)
		return s;
	if (q->from == DIALECT_ANTHROPIC)
		s = words[which][1];
	else if (q->from == DIALECT_GEMINI)
		s = words[which][2];
	else if (q->from == DIALECT_MISTRAL)
		s = words[which][3];
	return s == NULL ? words[which][0] : s;
}

/* --- what there is no place for ------------------------------------------ */

static int
lose_number(struct writer *r, const struct ir_num *v, enum word which,
    double same)
{
	if (v->raw.n == 0 || (v->v <= same && v->v >= same))
		return 0;
	return ir_refuse(r->n, word(r->q, which), "%s has no equivalent in "
	    "the Responses API: leave it out or choose another model",
	    word(r->q, which));
}

/* A chat client of OpenAI may ask for its web search by a member of its own,
 * and for moderation by the one that this API has too. */
static int
is_chat(const struct ir_req *q, const struct ir_extra *e, const char *name)
{
	return (q->from == DIALECT_OPENAI || q->from == DIALECT_AZURE) &&
	    !q->responses && strcmp(e->name, name) == 0;
}

static int
is_search(const struct ir_req *q, const struct ir_extra *e)
{
	return is_chat(q, e, "web_search_options");
}

static int
lose_extras(struct writer *r)
{
	const struct ir_extra *e;
	int rc;

	for (e = r->q->extra; e != NULL; e = ir_next(e)) {
		if (is_chat(r->q, e, "moderation"))
			rc = 0;		/* write_extras */
		else if (is_search(r->q, e))
			rc = ir_change(r->n, e->name);
		else if (!e->must)
			rc = ir_drop(r->n, e->name);
		else
			rc = ir_refuse(r->n, e->name, "%s has no equivalent "
			    "in the Responses API: leave it out or choose "
			    "another model", e->name);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
lose(struct writer *r)
{
	const struct ir_req *q = r->q;
	int rc;

	if (q->n_stop > 0)
		return ir_refuse(r->n, word(q, W_STOP), "the Responses API "
		    "has no %s: leave it out or choose another model",
		    word(q, W_STOP));
	if (q->logit_bias.n > 2)
		return ir_refuse(r->n, "logit_bias", "the Responses API has "
		    "no logit_bias: leave it out or choose another model");
	if (ir_top_k_usual(q))
		rc = ir_drop(r->n, word(q, W_TOP_K));
	else
		rc = lose_number(r, &q->top_k, W_TOP_K, -1);
	if (rc != 0 ||
	    (rc = lose_number(r, &q->n, W_N, 1)) != 0 ||
	    (rc = lose_number(r, &q->frequency_penalty, W_FREQUENCY,
	    0)) != 0 ||
	    (rc = lose_number(r, &q->presence_penalty, W_PRESENCE, 0)) != 0)
		return rc;
	if (q->seed.raw.n > 0 &&
	    (rc = ir_drop(r->n, word(q, W_SEED))) != 0)
		return rc;
	if (r->own)
		return 0;
	if ((rc = ir_lose_marks(q, r->n, 0, 0)) != 0)
		return rc;
	return lose_extras(r);
}

/* --- tools --------------------------------------------------------------- */

static int
write_function(struct writer *r, const struct ir_tool *t)
{
	struct str name = wire_tool_name(r->q, t->name);
	struct jw *w = &r->w;
	int rc;

	if (!str_eq(name, t->name) && (rc = ir_change(r->n, "tools")) != 0)
		return rc;
	if (t->cache.n > 0 && (rc = ir_drop(r->n, ir_mark(r->q))) != 0)
		return rc;
	jw_open(w, '{');
	jw_ktext(w, "type", t->kind == IR_CUSTOM ? "custom" : "function");
	jw_kstr(w, "name", name);
	jw_kstr(w, "description", t->description);
	if (t->kind == IR_CUSTOM)
		jw_kraw(w, "format", t->format);
	else {
		jw_kraw(w, "parameters", t->schema.n > 0 ? t->schema :
		    STR("{\"type\":\"object\",\"properties\":{}}"));
		/* Not said means strict there; elsewhere it means not. */
		if (t->strict >= 0 || !r->own)
			jw_kbool(w, "strict", t->strict > 0);
		else
			jw_kraw(w, "strict", STR("null"));
	}
	jw_close(w, '}');
	return 0;
}

static void
write_search(struct writer *r, struct str raw)
{
	struct jval o = jt_value(raw), where = jt_get(o, "user_location"), v;
	struct str key;
	struct jw *w = &r->w;
	size_t pos = 0;

	jw_open(w, '{');
	jw_ktext(w, "type", "web_search");
	jw_kraw(w, "search_context_size", jt_get(o,
	    "search_context_size").raw);
	if (jt_is(where)) {
		jw_key(w, "user_location");
		jw_open(w, '{');
		jw_ktext(w, "type", "approximate");
		where = jt_get(where, "approximate");
		while (jt_each(where, &pos, &key, &v))
			jw_kraw(w, arena_strndup(r->q->a, key.p, key.n),
			    v.raw);
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static int
write_tool(struct writer *r, const struct ir_tool *t)
{
	if (t->kind != IR_BUILTIN)
		return write_function(r, t);
	if (!r->own)
		return ir_refuse(r->n, "tools", "the tool \"%.*s\" is one "
		    "that its provider runs: this model's provider does not "
		    "have it", (int)(t->name.n > 100 ? 100 : t->name.n),
		    t->name.p);
	jw_raw(&r->w, t->raw);
	return 0;
}

static int
write_tools(struct writer *r)
{
	const struct ir_extra *e = r->q->extra;
	const struct ir_tool *t = r->q->tools;
	int rc;

	while (e != NULL && !is_search(r->q, e))
		e = ir_next(e);
	if (t == NULL && e == NULL)
		return 0;
	jw_key(&r->w, "tools");
	jw_open(&r->w, '[');
	for (; t != NULL; t = ir_next(t))
		if ((rc = write_tool(r, t)) != 0)
			return rc;
	if (e != NULL)
		write_search(r, e->raw);
	jw_close(&r->w, ']');
	return 0;
}

/* {"type":"function","name":...} of a tool that may be called. */
static void
write_allowed(struct writer *r, struct str name)
{
	const struct ir_tool *t = wire_tool_find(r->q, name);
	struct jw *w = &r->w;

	jw_open(w, '{');
	jw_key(w, "type");
	if (t != NULL && t->kind == IR_BUILTIN)
		jw_str(w, name);
	else {
		jw_text(w, t != NULL && t->kind == IR_CUSTOM ? "custom" :
		    "function");
		jw_kstr(w, "name", wire_tool_name(r->q, name));
	}
	jw_close(w, '}');
}

static void
write_choice(struct writer *r)
{
	static const char *const modes[] = { "", "auto", "none", "required" };
	const struct ir_req *q = r->q;
	struct jw *w = &r->w;
	unsigned i;

	if (q->choice == IR_CHOICE_UNSET)
		return;
	jw_key(w, "tool_choice");
	if (q->n_allowed == 0 || q->choice == IR_NONE) {
		jw_text(w, modes[q->choice]);
		return;
	}
	if (q->n_allowed == 1 && q->choice == IR_REQUIRED) {
		write_allowed(r, q->allowed[0]);
		return;
	}
	jw_open(w, '{');
	jw_ktext(w, "type", "allowed_tools");
	jw_ktext(w, "mode", modes[q->choice]);
	jw_key(w, "tools");
	jw_open(w, '[');
	for (i = 0; i < q->n_allowed; i++)
		write_allowed(r, q->allowed[i]);
	jw_close(w, ']');
	jw_close(w, '}');
}

/* --- how to answer ------------------------------------------------------- */

static int
write_limits(struct writer *r)
{
	struct ir_req *q = r->q;
	uint64_t max = q->max_output;
	int rc;

	if (max > 0 && max < MIN_OUTPUT) {
		max = MIN_OUTPUT;
		if ((rc = ir_change(r->n, r->own ? "max_output_tokens" :
		    word(q, W_MAX))) != 0)
			return rc;
	}
	if (max > 0)
		jw_ku64(&r->w, "max_output_tokens", max);
	jw_kraw(&r->w, "temperature", q->temperature.raw);
	jw_kraw(&r->w, "top_p", q->top_p.raw);
	jw_kraw(&r->w, "top_logprobs", q->top_logprobs.raw);
	return 0;
}

static void
write_include(struct writer *r)
{
	const struct ir_req *q = r->q;
	const struct ir_extra *e = q->extra;
	const char *least = model_least_effort(r->t);
	int encrypted = q->encrypted;
	struct jval v;
	size_t pos = 0;

	/* What is not stored there must come back with the next request. */
	if (!r->own && least != NULL && *least != '\0')
		encrypted = 1;
	while (e != NULL && (!r->own || strcmp(e->name, "include") != 0))
		e = ir_next(e);
	if (!q->logprobs && !encrypted && e == NULL)
		return;
	jw_key(&r->w, "include");
	jw_open(&r->w, '[');
	if (encrypted)
		jw_text(&r->w, "reasoning.encrypted_content");
	if (q->logprobs)
		jw_text(&r->w, "message.output_text.logprobs");
	while (e != NULL && jt_each(jt_value(e->raw), &pos, NULL, &v))
		if (!jt_eq(v, "reasoning.encrypted_content") &&
		    !jt_eq(v, "message.output_text.logprobs"))
			jw_raw(&r->w, v.raw);
	jw_close(&r->w, ']');
}

static void
write_format(struct writer *r)
{
	const struct ir_req *q = r->q;
	struct str name = q->schema_name;
	struct jw *w = &r->w;
	int strict = q->schema_strict;

	jw_key(w, "format");
	jw_open(w, '{');
	jw_ktext(w, "type", q->format == IR_JSON_SCHEMA ? "json_schema" :
	    q->format == IR_JSON_OBJECT ? "json_object" : "text");
	if (q->format == IR_JSON_SCHEMA) {
		if (name.n == 0)
			name = jt_text(q->a, jt_get(jt_value(q->schema),
			    "title"));
		jw_kstr(w, "name", name.n == 0 ? STR("response") :
		    wire_tool_name(q, name));
		jw_kstr(w, "description", q->schema_description);
		jw_kraw(w, "schema", q->schema);
		if (strict < 0 && (q->from == DIALECT_ANTHROPIC ||
		    q->from == DIALECT_GEMINI))
			strict = resp_strict(q->schema);
		if (strict >= 0)
			jw_kbool(w, "strict", strict);
	}
	jw_close(w, '}');
}

static void
write_text(struct writer *r)
{
	const struct ir_req *q = r->q;

	if (q->format == IR_FORMAT_UNSET && q->verbosity.n == 0)
		return;
	jw_key(&r->w, "text");
	jw_open(&r->w, '{');
	if (q->format != IR_FORMAT_UNSET)
		write_format(r);
	jw_kstr(&r->w, "verbosity", q->verbosity);
	jw_close(&r->w, '}');
}

static const char *
budget_effort(uint64_t budget)
{
	return budget < 2048 ? "low" : budget < 12288 ? "medium" :
	    budget < 32768 ? "high" : "xhigh";
}

/* What of the client's wish goes into reasoning.effort; empty: nothing. */
static int
effort_of(struct writer *r, struct str *out)
{
	const struct ir_req *q = r->q;
	const char *least = model_least_effort(r->t);

	*out = q->effort;
	if (q->think == IR_THINK_UNSET)
		return 0;
	/* OpenAI's own words go as they are: so does its complaint. */
	if (q->from == DIALECT_OPENAI || q->from == DIALECT_AZURE)
		return 0;
	if (least == NULL) {
		*out = STR_NULL;
		return q->think == IR_THINK_OFF ? 0 :
		    ir_drop(r->n, word(q, W_EFFORT));
	}
	if (q->think == IR_BUDGET) {
		*out = str_of(budget_effort(q->budget));
		return ir_change(r->n, word(q, W_BUDGET));
	}
	if (q->think != IR_THINK_OFF)
		return 0;
	*out = str_of(least);
	return strcmp(least, "none") == 0 ? 0 :
	    ir_change(r->n, word(q, W_EFFORT));
}

static int
write_reasoning(struct writer *r)
{
	const struct ir_extra *e;
	struct str effort = STR_NULL;
	int rc, show = r->q->show_thoughts == 1 &&
	    model_least_effort(r->t) != NULL;

	if ((rc = effort_of(r, &effort)) != 0)
		return rc;
	for (e = r->own ? r->q->extra : NULL; e != NULL; e = ir_next(e))
		if (strncmp(e->name, "reasoning.", 10) == 0)
			break;
	if (effort.n == 0 && !show && e == NULL)
		return 0;
	jw_key(&r->w, "reasoning");
	jw_open(&r->w, '{');
	jw_kstr(&r->w, "effort", effort);
	if (show)
		jw_ktext(&r->w, "summary", "auto");
	for (; e != NULL; e = ir_next(e))
		if (strncmp(e->name, "reasoning.", 10) == 0)
			jw_kraw(&r->w, e->name + 10, e->raw);
	jw_close(&r->w, '}');
	return 0;
}

/* --- hints --------------------------------------------------------------- */

static int
write_tier(struct writer *r)
{
	const struct ir_req *q = r->q;
	struct str s = q->service_tier;

	if (s.n == 0)
		return 0;
	if (q->from != DIALECT_OPENAI && q->from != DIALECT_AZURE &&
	    !str_eqc(s, "auto") && !str_eqc(s, "default") &&
	    !str_eqc(s, "flex") && !str_eqc(s, "priority")) {
		s = str_starts(s, STR("standard")) ||
		    str_eqc(s, "on_demand") ? STR("default") : STR("auto");
		jw_kstr(&r->w, "service_tier", s);
		return ir_change(r->n, word(q, W_TIER));
	}
	jw_kstr(&r->w, "service_tier", s);
	return 0;
}

static int
write_hints(struct writer *r)
{
	const struct ir_req *q = r->q;
	struct str user = q->user;
	struct jw *w = &r->w;
	int rc;

	if (user.n > USER_MAX) {
		user = wire_id(q->a, user, 32);
		if ((rc = ir_change(r->n, word(q, W_USER))) != 0)
			return rc;
	}
	if (q->stream)
		jw_kbool(w, "stream", 1);
	if (q->store >= 0 || !r->own)
		jw_kbool(w, "store", q->store > 0);
	jw_kstr(w, "previous_response_id", q->previous_id);
	jw_kstr(w, "safety_identifier", user);
	jw_kstr(w, "prompt_cache_key", q->cache_key);
	jw_kraw(w, "metadata", q->metadata);
	return write_tier(r);
}

/* Members that the neutral form has no place for: of this API, or of both. */
static int
write_extras(struct writer *r)
{
	const struct ir_extra *e;
	int rc;

	for (e = r->q->extra; e != NULL; e = ir_next(e)) {
		if (!r->own && !is_chat(r->q, e, "moderation"))
			continue;
		if (strcmp(e->name, "include") == 0 ||
		    strchr(e->name, '.') != NULL)
			continue;	/* written elsewhere */
		if (e->raw.n > 0)
			jw_kraw(&r->w, e->name, e->raw);
		else if ((rc = ir_drop(r->n, e->name)) != 0)
			return rc;
	}
	return 0;
}

/* The turn that is the instructions: the first and only one before the others
 * (for a client of this API, the first of them), of one plain text. */
static const struct ir_turn *
instructions(const struct writer *r)
{
	const struct ir_turn *t = r->q->turns;

	if (t == NULL || t->role != IR_SYSTEM || t->parts == NULL ||
	    t->parts->next != NULL || t->parts->kind != IR_TEXT ||
	    t->parts->cache.n > 0 || (r->own && t->developer))
		return NULL;
	if (!r->own && t->next != NULL && t->next->role == IR_SYSTEM)
		return NULL;
	return t;
}

static int
write_all(struct writer *r)
{
	const struct ir_turn *t = instructions(r);
	int rc;

	jw_open(&r->w, '{');
	jw_kstr(&r->w, "model", r->t->model);
	if (t != NULL)
		jw_kstr(&r->w, "instructions", t->parts->text);
	if ((rc = resp_input_write(&r->w, r->q, t, r->t, r->n)) != 0 ||
	    (rc = write_tools(r)) != 0)
		return rc;
	write_choice(r);
	if (r->q->parallel >= 0 && r->q->tools != NULL)
		jw_kbool(&r->w, "parallel_tool_calls", r->q->parallel);
	if ((rc = write_limits(r)) != 0)
		return rc;
	write_include(r);
	write_text(r);
	if ((rc = write_reasoning(r)) != 0 || (rc = write_hints(r)) != 0 ||
	    (rc = write_extras(r)) != 0)
		return rc;
	jw_close(&r->w, '}');
	return jw_done(&r->w);
}

int
resp_req_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n)
{
	struct writer r = { .q = q, .t = t, .n = n, .own = q->responses };
	int rc;

	if (q->previous_id.n > 0 && !r.own)
		return ir_refuse(n, "previous_response_id", "a conversation "
		    "that another provider keeps cannot go on here");
	/* What came before is not here when the provider keeps it. */
	if (q->previous_id.n == 0 && !r.own && (rc = ir_check(q, n)) != 0)
		return rc;
	if ((rc = lose(&r)) != 0)
		return rc;
	jw_init(&r.w, b);
	return write_all(&r);
}
