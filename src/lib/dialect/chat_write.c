/*
 * chat_write.c - the neutral form into a request of the chat family.
 *
 * Runs in: worker.
 * Owns: the words that clients of other formats use.
 */
#include <stdio.h>

#include "base/err.h"
#include "dialect/chat.h"

int
chat_same(const struct chat_writer *w)
{
	enum conf_dialect from = w->q->from;

	if (from == DIALECT_AZURE)
		from = DIALECT_OPENAI;
	return from == w->c->dialect && !w->q->responses;
}

static const struct word {
	const char	*name;		/* OpenAI Chat; NULL below: the same */
	const char	*responses, *anthropic, *gemini, *mistral, *groq;
} words[] = {
	{ "reasoning_content", "reasoning", "thinking", "thought", "thinking",
	    "reasoning" },
	{ "reasoning_effort", "reasoning.effort", "thinking",
	    "thinkingConfig", NULL, NULL },
	{ "show_thoughts", "reasoning.summary", "thinking.display",
	    "thinkingConfig.includeThoughts", "reasoning_effort",
	    "reasoning_format" },
	{ "file", "input_file", "document", "inlineData", "document_url",
	    "documents" },
	{ "tool_result", "function_call_output", NULL, "functionResponse",
	    "tool", "tool" },
	{ "is_error", NULL, NULL, "functionResponse", NULL, NULL },
	{ "response_format", "text.format", "output_config.format",
	    "responseMimeType", NULL, NULL },
	{ "messages", "input", NULL, "contents", NULL, NULL },
	{ "tool_choice", NULL, NULL, "toolConfig.functionCallingConfig", NULL,
	    NULL },
	{ "tools.strict", NULL, NULL, "toolConfig.functionCallingConfig", NULL,
	    NULL },
	{ "parallel_tool_calls", NULL,
	    "tool_choice.disable_parallel_tool_use", NULL, NULL, NULL },
	{ "citations", "annotations", NULL, NULL, NULL, NULL },
	{ "verbosity", "text.verbosity", NULL, NULL, NULL, NULL },
	{ "safety_identifier", NULL, "metadata.user_id", NULL, NULL, "user" },
	{ "seed", NULL, NULL, NULL, "random_seed", NULL },
	{ "n", NULL, NULL, "candidateCount", NULL, NULL },
	{ "stop", NULL, "stop_sequences", "stopSequences", NULL, NULL },
	{ "top_k", NULL, NULL, "topK", NULL, NULL },
	{ "frequency_penalty", NULL, NULL, "frequencyPenalty", NULL, NULL },
	{ "presence_penalty", NULL, NULL, "presencePenalty", NULL, NULL },
	{ "logprobs", "include", NULL, "responseLogprobs", NULL, NULL },
	{ "service_tier", NULL, NULL, "serviceTier", NULL, NULL },
};

const char *
chat_word(const struct chat_writer *w, const char *name)
{
	const struct word *r = words, *end = r + sizeof(words) /
	    sizeof(words[0]);
	const char *s;

	while (r < end && strcmp(r->name, name) != 0)
		r++;
	if ((s = codec_word(w->q, name)) != NULL)
		return s;
	if (r == end)
		return name;
	if (w->q->responses)
		s = r->responses;
	else if (w->q->from == DIALECT_ANTHROPIC)
		s = r->anthropic;
	else if (w->q->from == DIALECT_GEMINI)
		s = r->gemini;
	else if (w->q->from == DIALECT_MISTRAL)
		s = r->mistral;
	else
		s = w->q->from == DIALECT_GROQ ? r->groq : NULL;
	return s == NULL ? name : s;
}

static int
unsupported(struct chat_writer *w, const char *name)
{
	const char *word = chat_word(w, name);

	return ir_refuse(w->n, word, "%s has no equivalent at %s: leave it "
	    "out, or choose another model", word, w->c->name);
}

/* --- sampling ------------------------------------------------------------ */

/* No tail of zeros changes what a number says; 0, 0.0 and 0e1 are none. */
static int
is_set(const struct ir_num *v)
{
	return v->raw.n > 0 && (v->v > 0 || v->v < 0);
}

/*
 * 1 when the number may be sent. A model that reasons takes only 1, and that
 * need not be said; its own clients get its own answer.
 */
static int
may_send(struct chat_writer *w, const char *name, const struct ir_num *v,
    int *rc)
{
	const struct ir_req *q = w->q;
	int thinks = q->think == IR_EFFORT || q->think == IR_BUDGET ||
	    q->think == IR_ADAPTIVE;

	*rc = 0;
	if (v->raw.n == 0)
		return 0;
	if (chat_same(w) || w->c != &chat_openai ||
	    ir_can(w->t, TRAIT_SAMPLING, chat_takes_sampling(w->t->model,
	    thinks)))
		return 1;
	*rc = v->v >= 1 && v->v <= 1 ? ir_drop(w->n, name) :
	    ir_refuse(w->n, name, "%s can only be 1 with a model that "
	    "reasons: leave it out, or choose another model", name);
	return 0;
}

static int
write_temperature(struct chat_writer *w)
{
	const struct ir_num *t = &w->q->temperature;
	int rc;

	if (!may_send(w, "temperature", t, &rc))
		return rc;
	jw_key(&w->w, "temperature");
	if (t->v <= w->c->max_temperature) {
		jw_raw(&w->w, t->raw);
		return 0;
	}
	jw_raw(&w->w, str_of(arena_printf(w->q->a, "%g",
	    w->c->max_temperature)));
	return ir_change(w->n, "temperature");
}

static int
write_penalty(struct chat_writer *w, const char *name, const struct ir_num *v)
{
	if (chat_has(w, CHAT_PENALTIES)) {
		jw_kraw(&w->w, name, v->raw);
		return 0;
	}
	return is_set(v) ? ir_drop(w->n, chat_word(w, name)) : 0;
}

static int
write_logprobs(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	struct str bias = q->logit_bias;
	size_t pos = 0;
	struct jval v;

	if (bias.n > 0 && !jt_each(jt_value(bias), &pos, NULL, &v))
		bias = STR_NULL;
	if (!chat_has(w, CHAT_LOGPROBS)) {
		if (bias.n > 0)
			return unsupported(w, "logit_bias");
		return q->logprobs || is_set(&q->top_logprobs) ?
		    unsupported(w, "logprobs") : 0;
	}
	jw_kraw(&w->w, "logit_bias", bias);
	if (q->logprobs || is_set(&q->top_logprobs))
		jw_kbool(&w->w, "logprobs", 1);
	jw_kraw(&w->w, "top_logprobs", q->top_logprobs.raw);
	return 0;
}

static int
write_stop(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	unsigned i;

	if (q->n_stop == 0)
		return 0;
	if (w->c->max_stop > 0 && q->n_stop > w->c->max_stop)
		return ir_refuse(w->n, chat_word(w, "stop"), "%s has %u "
		    "sequences, and %s takes at most %u",
		    chat_word(w, "stop"), q->n_stop, w->c->name,
		    w->c->max_stop);
	if (w->c == &chat_openai && !chat_same(w) &&
	    !ir_can(w->t, TRAIT_STOP, chat_takes_stop(w->t->model)))
		return unsupported(w, "stop");
	jw_key(&w->w, "stop");
	jw_open(&w->w, '[');
	for (i = 0; i < q->n_stop; i++)
		jw_str(&w->w, q->stop[i]);
	jw_close(&w->w, ']');
	return 0;
}

int
chat_write_sampling(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	int rc;

	if (is_set(&q->top_k) && !ir_top_k_usual(q))
		return unsupported(w, "top_k");
	if (is_set(&q->top_k) &&
	    (rc = ir_drop(w->n, chat_word(w, "top_k"))) != 0)
		return rc;
	if (q->n.raw.n > 0 && !chat_has(w, CHAT_N) && q->n.v > 1)
		return unsupported(w, "n");
	if (q->seed.v < 0 && w->c->dialect == DIALECT_MISTRAL)
		return ir_refuse(w->n, chat_word(w, "seed"), "%s is negative, "
		    "and Mistral takes only others", chat_word(w, "seed"));
	if ((rc = write_temperature(w)) != 0)
		return rc;
	if (may_send(w, "top_p", &q->top_p, &rc))
		jw_kraw(&w->w, "top_p", q->top_p.raw);
	if (rc != 0)
		return rc;
	jw_kraw(&w->w, w->c->seed, q->seed.raw);
	if (q->n.raw.n > 0 && (chat_has(w, CHAT_N) || chat_same(w)))
		jw_kraw(&w->w, "n", q->n.raw);
	if ((rc = write_penalty(w, "frequency_penalty",
	    &q->frequency_penalty)) != 0 || (rc = write_penalty(w,
	    "presence_penalty", &q->presence_penalty)) != 0 ||
	    (rc = write_logprobs(w)) != 0)
		return rc;
	return write_stop(w);
}

/* --- reasoning ----------------------------------------------------------- */

/* A budget as an effort. */
static const char *
budget_effort(uint64_t budget)
{
	return budget == 0 ? "none" : budget < 2048 ? "low" :
	    budget < 12288 ? "medium" : budget < 32768 ? "high" : "xhigh";
}

int
chat_write_effort(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	const char *asked = NULL, *s;

	if (q->think == IR_THINK_OFF)
		asked = "none";
	else if (q->effort.n > 0)
		asked = arena_strndup(q->a, q->effort.p, q->effort.n);
	else if (q->think == IR_BUDGET)
		asked = budget_effort(q->budget);
	if (asked == NULL && q->think == IR_ADAPTIVE)
		asked = "default";
	if (asked == NULL)
		return 0;
	s = chat_same(w) ? asked : model_effort(w->t, asked,
	    w->c->effort);
	if (s != NULL && *s != '\0')
		jw_ktext(&w->w, "reasoning_effort", s);
	if (s != NULL && (*s == '\0' || (strcmp(s, asked) == 0 &&
	    q->think != IR_BUDGET)))
		return 0;
	return ir_change(w->n, chat_word(w, "reasoning_effort"));
}

static int
write_shown(struct chat_writer *w)
{
	if (w->q->show_thoughts < 0)
		return 0;
	if (chat_has(w, CHAT_REASONING)) {
		/* Only models that reason take it. */
		if (chat_same(w) || model_effort(w->t, "high",
		    w->c->effort) != NULL)
			jw_ktext(&w->w, "reasoning_format",
			    w->q->show_thoughts ? "parsed" : "hidden");
		return 0;
	}
	return w->q->show_thoughts && !chat_same(w) ?
	    ir_change(w->n, chat_word(w, "show_thoughts")) : 0;
}

/* --- hints --------------------------------------------------------------- */

static int
hint(struct chat_writer *w, unsigned what, const char *name, struct str text)
{
	if (text.n == 0)
		return 0;
	if (!chat_has(w, what))
		return ir_drop(w->n, chat_word(w, name));
	jw_kstr(&w->w, name, text);
	return 0;
}

static int
write_tier(struct chat_writer *w)
{
	struct str tier = w->q->service_tier;
	const char *s;

	if (tier.n == 0)
		return 0;
	if (chat_same(w)) {
		jw_kstr(&w->w, "service_tier", tier);
		return 0;
	}
	s = w->c->tier(tier);
	if (s == NULL)
		return ir_drop(w->n, chat_word(w, "service_tier"));
	jw_ktext(&w->w, "service_tier", s);
	return str_eqc(tier, s) ? 0 :
	    ir_change(w->n, chat_word(w, "service_tier"));
}

static int
write_hints(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	int rc;

	if (q->user.n > 0) {
		if (w->c->user == NULL) {
			if ((rc = ir_drop(w->n, chat_word(w,
			    "safety_identifier"))) != 0)
				return rc;
		} else
			jw_kstr(&w->w, w->c->user, q->user);
	}
	if ((rc = hint(w, CHAT_CACHE_KEY, "prompt_cache_key",
	    q->cache_key)) != 0 || (rc = hint(w, CHAT_VERBOSITY, "verbosity",
	    q->verbosity)) != 0)
		return rc;
	if (chat_has(w, CHAT_METADATA))
		jw_kraw(&w->w, "metadata", q->metadata);
	else if (q->metadata.n > 0 &&
	    (rc = ir_drop(w->n, "metadata")) != 0)
		return rc;
	if (q->store >= 0 && chat_has(w, CHAT_STORE))
		jw_kbool(&w->w, "store", q->store);
	else if (q->store > 0 && (rc = ir_drop(w->n, "store")) != 0)
		return rc;
	return write_tier(w);
}

/* 1: this server has the member too, as the client means it. */
static int
knows(const struct chat_writer *w, const struct ir_extra *e)
{
	if (chat_same(w))
		return 1;
	if (strcmp(e->name, "moderation") == 0)
		return w->c == &chat_openai && w->q->responses;
	return chat_has(w, CHAT_PREDICTION) &&
	    strcmp(e->name, "prediction") == 0;
}

/* The source's own members: kept where they are known, else lost or refused. */
static int
write_extras(struct chat_writer *w)
{
	const struct ir_extra *e;
	int rc = 0;

	if (w->q->previous_id.n > 0)
		return ir_refuse(w->n, "previous_response_id", "the answer "
		    "that previous_response_id names is not kept for this "
		    "model: send the whole conversation");
	for (e = w->q->extra; e != NULL && rc == 0; e = ir_next(e)) {
		if (e->inner && chat_same(w))
			continue;
		if (knows(w, e))
			jw_kraw(&w->w, e->name, e->raw);
		else if (e->must)
			rc = unsupported(w, e->name);
		else
			rc = ir_drop(w->n, e->name);
	}
	return rc;
}

/* What stands beside the messages at Groq, and before them elsewhere. */
static void
write_documents(struct chat_writer *w)
{
	const struct ir_turn *t = w->q->turns;
	const struct ir_part *p;
	int n = 0, cited = 0;

	if (!chat_same(w) || w->c->dialect != DIALECT_GROQ)
		return;
	while (t != NULL && t->role != IR_USER)
		t = ir_next(t);
	for (p = t == NULL ? NULL : t->parts; p != NULL; p = ir_next(p)) {
		if (p->kind != IR_FILE || p->raw.n == 0)
			continue;
		if (n++ == 0) {
			jw_key(&w->w, "documents");
			jw_open(&w->w, '[');
		}
		jw_raw(&w->w, p->raw);
		cited |= p->citations.n > 0;
	}
	if (n == 0)
		return;
	jw_close(&w->w, ']');
	if (!cited)
		jw_ktext(&w->w, "citation_options", "disabled");
}

static void
write_stream(struct chat_writer *w)
{
	if (!w->q->stream)
		return;
	jw_kbool(&w->w, "stream", 1);
	if (!chat_has(w, CHAT_ASK_USAGE))
		return;
	jw_key(&w->w, "stream_options");
	jw_raw(&w->w, STR("{\"include_usage\":true}"));
}

int
chat_write(const struct chat *c, struct buf *b, struct ir_req *q,
    const struct ir_target *t, struct ir_note *n)
{
	struct chat_writer w = { .c = c, .q = q, .t = t, .n = n };
	int rc;

	jw_init(&w.w, b);
	jw_open(&w.w, '{');
	jw_kstr(&w.w, "model", t->model);
	write_stream(&w);
	if ((rc = chat_write_format(&w)) != 0 ||
	    (rc = chat_write_messages(&w)) != 0 ||
	    (rc = chat_write_tools(&w)) != 0)
		return rc;
	if (q->max_output > 0)
		jw_ku64(&w.w, c->max_tokens, q->max_output);
	if ((rc = chat_write_sampling(&w)) != 0 ||
	    (rc = chat_write_effort(&w)) != 0 ||
	    (rc = write_shown(&w)) != 0 ||
	    (rc = write_hints(&w)) != 0 ||
	    (rc = write_extras(&w)) != 0 || (!chat_same(&w) &&
	    (rc = ir_lose_marks(q, n, !chat_marks(&w), 1)) != 0))
		return rc;
	write_documents(&w);
	jw_close(&w.w, '}');
	return jw_done(&w.w);
}
