/*
 * chat_event.c - answers of the chat family into neutral events.
 *
 * Runs in: worker.
 * Owns: the state of a stream, in the answer's arena.
 *
 * A whole answer is a stream of one chunk: "message" has what the deltas have
 * together.
 */
#include <limits.h>

#include "base/err.h"
#include "dialect/chat_in.h"

#define MAX_TOKENS	1000000000ULL	/* of one answer */
#define MAX_CHOICES	128

struct state {
	struct chat_choice	*choices;
	unsigned	 n_choices;
	struct price_usage usage;
	int		 has_usage, failed;
};

static void
emit_text(struct codec_in *in, const struct chat_choice *c,
    enum ir_event_kind kind, struct str text)
{
	if (text.n > 0)
		chat_emit(in, (struct ir_event){ .kind = kind, .text = text,
		    .choice = (unsigned)c->index });
}

static int
fail(struct codec_in *in, enum fault f, struct str text)
{
	struct state *s = in->state;

	s->failed = 1;
	chat_emit(in, (struct ir_event){ .kind = IR_EV_ERROR, .fault = f,
	    .text = text });
	return 0;
}

/* --- content ------------------------------------------------------------- */

/* Mistral's chunks: text, thinking (a list of texts itself), references. */
static void
chunk(struct codec_in *in, const struct chat_choice *c, struct jval v)
{
	struct jval type = jt_get(v, "type"), list, e;
	struct str s;
	size_t pos = 0;

	if (jt_eq(type, "text"))
		emit_text(in, c, IR_EV_TEXT,
		    jt_text(CODEC_TMP(in), jt_get(v, "text")));
	else if (jt_eq(type, "reference"))
		chat_emit(in, (struct ir_event){ .kind = IR_EV_CITATION,
		    .choice = (unsigned)c->index, .raw = v.raw });
	if (!jt_eq(type, "thinking"))
		return;
	list = jt_get(v, "thinking");
	emit_text(in, c, IR_EV_THINKING, jt_text(CODEC_TMP(in), list));
	while (jt_each(list, &pos, NULL, &e))
		emit_text(in, c, IR_EV_THINKING,
		    jt_text(CODEC_TMP(in), jt_get(e, "text")));
	s = jt_text(CODEC_TMP(in), jt_get(v, "signature"));
	if (s.n > 0)
		chat_emit(in, (struct ir_event){ .kind = IR_EV_SIGNATURE,
		    .from = DIALECT_MISTRAL, .text = s,
		    .choice = (unsigned)c->index });
}

static void
content(struct codec_in *in, const struct chat_choice *c, struct jval v)
{
	struct jval e;
	size_t pos = 0;

	if (v.type == JSCAN_STRING)
		emit_text(in, c, IR_EV_TEXT, jt_text(CODEC_TMP(in), v));
	else if (v.type == JSCAN_ARRAY)
		while (jt_each(v, &pos, NULL, &e))
			chunk(in, c, e);
}

enum {
	D_CONTENT, D_REASONING_CONTENT, D_REASONING, D_REFUSAL, D_CALLS,
	D_FUNCTION, D_ANNOTATIONS, D_COUNT
};

static int
delta(struct codec_in *in, struct chat_choice *c, struct jval d)
{
	static const struct str names[D_COUNT] = { CHAT_F("content"),
	    CHAT_F("reasoning_content"), CHAT_F("reasoning"),
	    CHAT_F("refusal"), CHAT_F("tool_calls"),
	    CHAT_F("function_call"), CHAT_F("annotations") };
	struct jval m[D_COUNT], e;
	struct str s;
	size_t pos = 0;
	int rc;

	chat_fields(d, names, D_COUNT, m);
	/* Some have both, and they are the same. */
	s = jt_text(CODEC_TMP(in), m[D_REASONING_CONTENT]);
	if (s.n == 0)
		s = jt_text(CODEC_TMP(in), m[D_REASONING]);
	emit_text(in, c, IR_EV_THINKING, s);
	content(in, c, m[D_CONTENT]);
	s = jt_text(CODEC_TMP(in), m[D_REFUSAL]);
	c->refused |= s.n > 0;
	emit_text(in, c, IR_EV_REFUSAL, s);
	while (jt_each(m[D_ANNOTATIONS], &pos, NULL, &e))
		chat_emit(in, (struct ir_event){ .kind = IR_EV_CITATION,
		    .choice = (unsigned)c->index, .raw = e.raw });
	if ((rc = chat_take_calls(in, c, m[D_CALLS])) != 0)
		return rc;
	return chat_take_function(in, c, m[D_FUNCTION]);
}

/* --- the end of a choice ------------------------------------------------- */

static enum ir_finish
finish_of(const struct chat_choice *c, struct jval v)
{
	static const struct {
		const char	*word;
		enum ir_finish	 finish;
	} rows[] = {
		{ "length", IR_LENGTH },
		{ "max_tokens", IR_LENGTH },
		{ "model_length", IR_CONTEXT_FULL },
		{ "content_filter", IR_CONTENT_FILTER },
		{ "error", IR_FAILED },
		{ "tool_calls", IR_TOOL_CALLS },
		{ "function_call", IR_TOOL_CALLS },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (jt_eq(v, rows[i].word))
			return rows[i].finish;
	/* Some say "stop" although they call. */
	return c->n_calls > 0 ? IR_TOOL_CALLS : c->refused ? IR_REFUSED :
	    IR_STOP;
}

static void
finish(struct codec_in *in, struct chat_choice *c, struct jval v)
{
	if (v.type != JSCAN_STRING)
		return;
	c->finished = 1;
	chat_end_calls(in, c);
	if (c->index == 0)
		in->finished = 1;
	chat_emit(in, (struct ir_event){ .kind = IR_EV_FINISH,
	    .choice = (unsigned)c->index, .finish = finish_of(c, v),
	    .native = jt_text(CODEC_TMP(in), v) });
}

static struct chat_choice *
choice_of(struct codec_in *in, uint64_t index)
{
	struct state *s = in->state;
	struct chat_choice *c, **p = &s->choices;

	for (; (c = *p) != NULL; p = &c->next)
		if (c->index == index)
			return c;
	if (s->n_choices == MAX_CHOICES || index >= MAX_CHOICES)
		return NULL;
	s->n_choices++;
	c = *p = arena_zalloc(in->a, sizeof(*c));
	c->index = index;
	return c;
}

enum { H_INDEX, H_DELTA, H_MESSAGE, H_LOGPROBS, H_FINISH, H_COUNT };

static int
choice(struct codec_in *in, struct jval v)
{
	static const struct str names[H_COUNT] = { CHAT_F("index"),
	    CHAT_F("delta"), CHAT_F("message"), CHAT_F("logprobs"),
	    CHAT_F("finish_reason") };
	struct jval m[H_COUNT], e;
	struct chat_choice *c;
	size_t pos = 0;
	int rc;

	chat_fields(v, names, H_COUNT, m);
	if ((c = choice_of(in, jt_u64(m[H_INDEX], 0))) == NULL)
		return ERR_FORMAT;
	if (c->finished)	/* nothing can follow */
		return 0;
	rc = delta(in, c, jt_is(m[H_DELTA]) ? m[H_DELTA] : m[H_MESSAGE]);
	if (rc != 0)
		return rc;
	if (jt_each(jt_get(m[H_LOGPROBS], "content"), &pos, NULL, &e))
		chat_emit(in, (struct ir_event){ .kind = IR_EV_LOGPROBS,
		    .choice = (unsigned)c->index,
		    .raw = m[H_LOGPROBS].raw });
	finish(in, c, m[H_FINISH]);
	return 0;
}

/* --- usage --------------------------------------------------------------- */

enum {
	U_PROMPT, U_COMPLETION, U_PROMPT_DETAILS, U_PROMPT_DETAIL,
	U_COMPLETION_DETAILS, U_CACHED, U_COUNT
};

static void
take_usage(struct state *s, struct jval v)
{
	static const struct str names[U_COUNT] = { CHAT_F("prompt_tokens"),
	    CHAT_F("completion_tokens"), CHAT_F("prompt_tokens_details"),
	    CHAT_F("prompt_token_details"),
	    CHAT_F("completion_tokens_details"),
	    CHAT_F("num_cached_tokens") };
	struct price_usage u = { 0 };
	struct jval m[U_COUNT], in;

	if (v.type != JSCAN_OBJECT)
		return;
	chat_fields(v, names, U_COUNT, m);
	in = jt_is(m[U_PROMPT_DETAILS]) ? m[U_PROMPT_DETAILS] :
	    m[U_PROMPT_DETAIL];
	u.input = jt_u64(m[U_PROMPT], 0);
	u.output = jt_u64(m[U_COMPLETION], 0);
	u.cached = jt_u64(jt_get(in, "cached_tokens"),
	    jt_u64(m[U_CACHED], 0));
	u.cache_write = jt_u64(jt_get(in, "cache_write_tokens"), 0);
	u.reasoning = jt_u64(jt_get(m[U_COMPLETION_DETAILS],
	    "reasoning_tokens"), 0);
	if ((u.input == 0 && u.output == 0) || u.input > MAX_TOKENS ||
	    u.output > MAX_TOKENS)
		return;
	if (u.cached > u.input)
		u.cached = u.input;
	if (u.cache_write > u.input - u.cached)
		u.cache_write = u.input - u.cached;
	if (u.reasoning > u.output)
		u.reasoning = u.output;
	s->usage = u;
	s->has_usage = 1;
}

/* --- errors -------------------------------------------------------------- */

/* What an error object's words mean for who asked. */
static enum fault
fault_of(struct jval e)
{
	static const struct {
		const char	*word;
		enum fault	 fault;
	} rows[] = {
		{ "rate_limit", FAULT_RATE },
		{ "overload", FAULT_OVERLOAD },
		{ "capacity", FAULT_OVERLOAD },
		{ "timeout", FAULT_TIMEOUT },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_find(jt_get(e, "code").raw,
		    str_of(rows[i].word)) >= 0 ||
		    str_find(jt_get(e, "type").raw,
		    str_of(rows[i].word)) >= 0)
			return rows[i].fault;
	return FAULT_UPSTREAM;
}

static int
fail_with(struct codec_in *in, struct jval e)
{
	struct jval m = jt_get(e, "message");
	struct str text;

	if (e.type == JSCAN_STRING)
		m = e;
	if (!jt_is(m))
		m = jt_get(e, "detail");
	text = m.type == JSCAN_STRING ? jt_text(CODEC_TMP(in), m) :
	    jt_is(m) ? m.raw : e.raw;
	return fail(in, fault_of(e), text);
}

/* --- chunks -------------------------------------------------------------- */

/* From T_ID on only until the answer has started. */
enum {
	T_CHOICES, T_USAGE, T_GROQ, T_ERROR, T_ID, T_MODEL, T_CREATED, T_COUNT
};

static const char *const top_paths[T_COUNT] = {
	"choices", "usage", "x_groq", "error", "id", "model", "created"
};

static struct jval
val(const struct jscan_want *w)
{
	return (struct jval){ w->type, w->raw };
}

static void
start(struct codec_in *in, const struct jscan_want *w)
{
	if (in->started)
		return;
	in->started = 1;
	chat_emit(in, (struct ir_event){ .kind = IR_EV_START,
	    .id = jt_text(CODEC_TMP(in), val(&w[T_ID])),
	    .model = jt_text(CODEC_TMP(in), val(&w[T_MODEL])),
	    .created = (int64_t)(jt_u64(val(&w[T_CREATED]), 0) &
	    INT64_MAX) });
}

/* Mistral's errors have no member for them all. */
static int
is_fault(struct str text)
{
	struct jval v = jt_value(text);

	return jt_eq(jt_get(v, "object"), "error") ||
	    jt_is(jt_get(v, "detail"));
}

/* One chunk, or a whole answer: 0, or ERR_FORMAT. */
static int
take(struct codec_in *in, struct str text, int is_error)
{
	static const struct jscan_opts opts = { .max_depth = 128,
	    .max_values = UINT_MAX, .any_text = 1 };
	struct jscan_want w[T_COUNT];
	struct jscan_result res;
	struct jval list, v;
	size_t pos = 0;
	int i, rc;

	memset(w, 0, sizeof(w));
	for (i = 0; i < T_COUNT; i++)
		w[i].path = top_paths[i];
	if (jscan(text, &opts, w, in->started ? T_ID : T_COUNT, &res) != 0 ||
	    res.type != JSCAN_OBJECT)
		return ERR_FORMAT;
	v = val(&w[T_ERROR]);
	if (v.type > JSCAN_FALSE)
		return fail_with(in, v);
	list = val(&w[T_CHOICES]);
	if (is_error || (list.type == JSCAN_NONE && is_fault(text)))
		return fail_with(in, jt_value(text));
	take_usage(in->state, val(&w[T_USAGE]));
	if (w[T_USAGE].type != JSCAN_OBJECT &&
	    w[T_GROQ].type == JSCAN_OBJECT)
		take_usage(in->state, jt_get(val(&w[T_GROQ]), "usage"));
	/* Azure's first chunk has only what its filters say. */
	if (jt_each(list, &pos, NULL, &v) || w[T_USAGE].type == JSCAN_OBJECT)
		start(in, w);
	for (pos = 0; jt_each(list, &pos, NULL, &v);)
		if ((rc = choice(in, v)) != 0)
			return rc;
	return 0;
}

static int
done(struct codec_in *in)
{
	struct state *s = in->state;
	const struct chat_choice *c = s->choices;

	while (c != NULL && c->finished)
		c = c->next;
	if (c != NULL || s->choices == NULL)
		return fail(in, FAULT_TRUNCATED, STR("the provider ended its "
		    "answer without saying why"));
	if (s->has_usage)
		chat_emit(in, (struct ir_event){ .kind = IR_EV_USAGE,
		    .usage = s->usage });
	in->ended = 1;
	chat_emit(in, (struct ir_event){ .kind = IR_EV_END });
	return 0;
}

/* 1 when events are still taken. */
static int
is_open(struct codec_in *in)
{
	struct state *s = in->state;

	if (s == NULL)
		s = in->state = arena_zalloc(in->a, sizeof(*s));
	return !in->ended && !s->failed;
}

int
chat_event(const struct chat *c, struct codec_in *in,
    const struct sse_event *ev)
{
	struct buf b;
	int rc;

	(void)c;
	if (!is_open(in) || ev->data_lines == 0)
		return 0;
	if (ev->data_lines == 1) {
		if (str_eq(str_trim(ev->data), STR("[DONE]")))
			return done(in);
		return take(in, ev->data, str_eqc(ev->name, "error"));
	}
	buf_init(&b, ev->raw.n);
	if ((rc = sse_data(ev, &b)) == 0)
		rc = take(in, buf_str(&b), str_eqc(ev->name, "error"));
	buf_free(&b);
	return rc;
}

int
chat_end(struct codec_in *in)
{
	struct state *s = in->state;

	if (!is_open(in))
		return 0;
	if (s != NULL && s->has_usage)
		chat_emit(in, (struct ir_event){ .kind = IR_EV_USAGE,
		    .usage = s->usage });
	return ERR_EOF;
}

int
chat_body(const struct chat *c, struct codec_in *in, struct str body)
{
	struct state *s;
	int rc;

	(void)c;
	if (!is_open(in))
		return 0;
	if ((rc = take(in, body, 0)) != 0)
		return rc;
	s = in->state;
	if (s->failed)
		return 0;
	return s->choices == NULL ? ERR_FORMAT : done(in);
}
