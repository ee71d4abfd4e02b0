/*
 * anthropic_event.c - a Messages answer, stream or whole, into events.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The API has one block open at a time. The stop reason and the usage come in
 * message_delta, perhaps several times, and are given on at message_stop.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/an.h"
#include "dialect/wire.h"

/* What the open block is. */
enum an_open { OPEN_NONE, OPEN_TEXT, OPEN_THINKING, OPEN_CALL,
	OPEN_CUSTOM,		/* a call whose input is to be unwrapped */
	OPEN_SCHEMA,		/* a call that stands for structured output */
	OPEN_OTHER };

#define CUSTOM_MAX (16u << 20)

struct an_in {
	struct price_usage u;
	uint64_t	 uncached;	/* input_tokens */
	enum an_open	 open;
	int		 schema;	/* an OPEN_SCHEMA was there */
	int		 args;		/* the call has got some */
	struct buf	 input;		/* of the block's start */
	struct buf	 custom;	/* arguments to be unwrapped */
	struct str	 reason, sequence, detail;
};

static const struct {
	const char	*native;
	enum ir_finish	 finish;
} reasons[] = {
	{ "end_turn", IR_STOP },
	{ "max_tokens", IR_LENGTH },
	{ "stop_sequence", IR_STOP_SEQUENCE },
	{ "tool_use", IR_TOOL_CALLS },
	{ "pause_turn", IR_PAUSE },
	{ "refusal", IR_CONTENT_FILTER },
	{ "model_context_window_exceeded", IR_CONTEXT_FULL },
};

static const struct {
	const char	*type;
	enum fault	 fault;
} faults[] = {
	{ "overloaded_error", FAULT_OVERLOAD },
	{ "rate_limit_error", FAULT_RATE },
	{ "timeout_error", FAULT_TIMEOUT },
	{ "invalid_request_error", FAULT_BAD_REQUEST },
	{ "request_too_large", FAULT_BODY_TOO_LARGE },
	{ "not_found_error", FAULT_NO_MODEL },
	{ "authentication_error", FAULT_UPSTREAM_AUTH },
	{ "permission_error", FAULT_UPSTREAM_AUTH },
	{ "billing_error", FAULT_UPSTREAM_AUTH },
};

static void
free_state(void *arg)
{
	struct an_in *s = arg;

	buf_free(&s->custom);
	buf_free(&s->input);
}

static struct an_in *
state(struct codec_in *in)
{
	struct an_in *s = in->state;

	if (s == NULL) {
		s = in->state = arena_zalloc(in->a, sizeof(*s));
		buf_init(&s->custom, CUSTOM_MAX);
		buf_init(&s->input, CUSTOM_MAX);
		arena_cleanup(in->a, free_state, s);
	}
	return s;
}

static struct str
text_of(struct codec_in *in, struct jval v, const char *member)
{
	return jt_text(CODEC_TMP(in), jt_get(v, member));
}

static void
emit(struct codec_in *in, enum ir_event_kind kind, struct str text)
{
	struct ir_event ev = { .kind = kind, .text = text };

	ev.from = DIALECT_ANTHROPIC;
	if (kind == IR_EV_ARGS || kind == IR_EV_CALL_END)
		ev.call = in->calls - 1;
	in->emit(in->arg, &ev);
}

static void
take(struct jval usage, const char *name, uint64_t *v)
{
	*v = jt_u64(jt_get(usage, name), *v);
}

static void
take_usage(struct an_in *s, struct jval usage)
{
	struct jval d;

	if (usage.type != JSCAN_OBJECT)
		return;
	take(usage, "input_tokens", &s->uncached);
	take(usage, "cache_creation_input_tokens", &s->u.cache_write);
	take(usage, "cache_read_input_tokens", &s->u.cached);
	take(usage, "output_tokens", &s->u.output);
	d = jt_get(usage, "output_tokens_details");
	take(d, "thinking_tokens", &s->u.reasoning);
}

static void
emit_usage(struct codec_in *in)
{
	const struct an_in *s = state(in);
	struct ir_event ev = { .kind = IR_EV_USAGE };

	ev.usage = s->u;
	ev.usage.input = s->uncached + s->u.cached + s->u.cache_write;
	in->emit(in->arg, &ev);
}

static void
emit_error(struct codec_in *in, enum fault f, struct str text)
{
	struct ir_event ev = { .kind = IR_EV_ERROR, .fault = f,
	    .text = text };

	if (in->started)
		emit_usage(in);
	in->ended = 1;
	in->emit(in->arg, &ev);
}

/* --- blocks -------------------------------------------------------------- */

static int
begin_call(struct codec_in *in, struct jval block)
{
	struct an_in *s = state(in);
	struct ir_event ev = { .kind = IR_EV_CALL };
	const struct ir_tool *t;
	struct jval input = jt_get(block, "input");
	int rc;

	ev.id = text_of(in, block, "id");
	ev.name = text_of(in, block, "name");
	s->args = 0;
	buf_reset(&s->input);
	if ((rc = codec_keep(in->a, &s->input, input.type == JSCAN_OBJECT ?
	    input.raw : STR("{}"))) != 0)
		return rc;
	t = in->req == NULL ? NULL : wire_tool_find(in->req,
	    ev.name);
	if (t == NULL && in->req != NULL &&
	    in->req->format == IR_JSON_SCHEMA &&
	    str_eq(ev.name, an_schema_tool(in->req))) {
		s->open = OPEN_SCHEMA;
		s->schema = 1;
		return 0;
	}
	s->open = OPEN_CALL;
	if (t != NULL) {
		ev.name = t->name;
		ev.custom = t->kind == IR_CUSTOM;
	}
	if (ev.custom) {
		s->open = OPEN_CUSTOM;
		buf_reset(&s->custom);
	}
	ev.call = in->calls++;
	in->emit(in->arg, &ev);
	return 0;
}

static int
begin_block(struct codec_in *in, struct jval block)
{
	struct an_in *s = state(in);
	struct jval type = jt_get(block, "type");
	struct str text;

	s->open = OPEN_OTHER;
	if (jt_eq(type, "text")) {
		s->open = OPEN_TEXT;
		text = text_of(in, block, "text");
		if (text.n > 0)
			emit(in, IR_EV_TEXT, text);
	} else if (jt_eq(type, "thinking")) {
		s->open = OPEN_THINKING;
		text = text_of(in, block, "thinking");
		if (text.n > 0)
			emit(in, IR_EV_THINKING, text);
		text = text_of(in, block, "signature");
		if (text.n > 0)
			emit(in, IR_EV_SIGNATURE, text);
	} else if (jt_eq(type, "redacted_thinking"))
		emit(in, IR_EV_REDACTED,
		    text_of(in, block, "data"));
	else if (jt_eq(type, "tool_use"))
		return begin_call(in, block);
	return 0;
}

static int
add_args(struct codec_in *in, struct str piece)
{
	struct an_in *s = state(in);

	if (piece.n == 0)
		return 0;
	s->args = 1;
	if (s->open == OPEN_CALL)
		emit(in, IR_EV_ARGS, piece);
	else if (s->open == OPEN_SCHEMA)
		emit(in, IR_EV_TEXT, piece);
	else if (s->open == OPEN_CUSTOM)
		return codec_keep(in->a, &s->custom, piece);
	return 0;
}

/* {"input": text} is what a free-form tool was made of (anthropic_tool.c). */
static void
unwrap(struct codec_in *in, struct str args)
{
	static const struct jscan_opts opts;
	struct jscan_result res;
	struct jval input;
	struct str text;

	if (jscan(args, &opts, NULL, 0, &res) != 0) {
		emit(in, IR_EV_ARGS, arena_str(CODEC_TMP(in), args));
		return;
	}
	input = jt_get(jt_value(args), "input");
	text = input.type == JSCAN_STRING ?
	    jt_text(CODEC_TMP(in), input) : args;
	/* The buffer it may lie in is used again by the next call. */
	if (text.n > 0)
		emit(in, IR_EV_ARGS, arena_str(CODEC_TMP(in), text));
}

static int
end_block(struct codec_in *in)
{
	struct an_in *s = state(in);
	enum an_open was = s->open;
	int rc;

	if ((was == OPEN_CALL || was == OPEN_SCHEMA || was == OPEN_CUSTOM) &&
	    !s->args && (rc = add_args(in, arena_str(CODEC_TMP(in),
	    buf_str(&s->input)))) != 0)
		return rc;
	if (was == OPEN_CUSTOM)
		unwrap(in, buf_str(&s->custom));
	if (was == OPEN_CALL || was == OPEN_CUSTOM)
		emit(in, IR_EV_CALL_END, STR_NULL);
	s->open = OPEN_NONE;
	return 0;
}

static int
add_delta(struct codec_in *in, struct jval delta)
{
	struct jval type = jt_get(delta, "type"), v;
	struct ir_event ev = { .kind = IR_EV_CITATION };
	enum ir_event_kind kind;
	struct str text;

	if (jt_eq(type, "input_json_delta"))
		return add_args(in,
		    text_of(in, delta, "partial_json"));
	if (jt_eq(type, "citations_delta")) {
		v = jt_get(delta, "citation");
		ev.raw = v.raw;
		ev.from = DIALECT_ANTHROPIC;
		if (v.type == JSCAN_OBJECT)
			in->emit(in->arg, &ev);
		return 0;
	}
	if (jt_eq(type, "text_delta")) {
		kind = IR_EV_TEXT;
		text = text_of(in, delta, "text");
	} else if (jt_eq(type, "thinking_delta")) {
		kind = IR_EV_THINKING;
		text = text_of(in, delta, "thinking");
	} else if (jt_eq(type, "signature_delta")) {
		kind = IR_EV_SIGNATURE;
		text = text_of(in, delta, "signature");
	} else
		return 0;
	if (text.n > 0)
		emit(in, kind, text);
	return 0;
}

/* --- the message --------------------------------------------------------- */

static void
start(struct codec_in *in, struct jval message)
{
	struct ir_event ev = { .kind = IR_EV_START };

	if (in->started)
		return;
	in->started = 1;
	ev.from = DIALECT_ANTHROPIC;
	ev.id = text_of(in, message, "id");
	ev.model = text_of(in, message, "model");
	in->emit(in->arg, &ev);
	take_usage(state(in), jt_get(message, "usage"));
}

/* Members of a whole message or of message_delta's delta. */
static void
take_reason(struct codec_in *in, struct jval v)
{
	struct an_in *s = state(in);
	struct jval reason = jt_get(v, "stop_reason"), m;

	if (reason.type == JSCAN_STRING)
		s->reason = arena_str(in->a, jt_text(CODEC_TMP(in), reason));
	if ((m = jt_get(v, "stop_sequence")).type == JSCAN_STRING)
		s->sequence = arena_str(in->a, jt_text(CODEC_TMP(in), m));
	m = jt_get(jt_get(v, "stop_details"), "explanation");
	if (m.type == JSCAN_STRING)
		s->detail = arena_str(in->a, jt_text(CODEC_TMP(in), m));
}

static void
finish(struct codec_in *in)
{
	struct an_in *s = state(in);
	struct ir_event ev = { .kind = IR_EV_FINISH, .finish = IR_STOP };
	size_t i;

	if (in->ended)
		return;
	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (str_eqc(s->reason, reasons[i].native))
			ev.finish = reasons[i].finish;
	if (ev.finish == IR_TOOL_CALLS && s->schema && in->calls == 0)
		ev.finish = IR_STOP;
	if (ev.finish == IR_CONTENT_FILTER)
		emit(in, IR_EV_REFUSAL, s->detail.n > 0 ? s->detail :
		    STR("The provider declined to answer."));
	ev.from = DIALECT_ANTHROPIC;
	ev.native = s->reason;
	ev.sequence = s->sequence;
	in->finished = 1;
	in->emit(in->arg, &ev);
	emit_usage(in);
	in->ended = 1;
	emit(in, IR_EV_END, STR_NULL);
}

static void
error(struct codec_in *in, struct jval doc)
{
	struct jval e = jt_get(doc, "error"), type = jt_get(e, "type");
	enum fault f = FAULT_UPSTREAM;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (jt_eq(type, faults[i].type))
			f = faults[i].fault;
	emit_error(in, f, text_of(in, e, "message"));
}

int
an_event(struct codec_in *in, const struct sse_event *ev)
{
	static const struct jscan_opts opts;
	struct jscan_result res;
	struct jval doc, type;

	if (in->ended || ev->data_lines == 0 || ev->data.n == 0)
		return 0;
	if (jscan(ev->data, &opts, NULL, 0, &res) != 0)
		return ERR_FORMAT;
	doc = jt_value(ev->data);
	type = jt_get(doc, "type");
	if (jt_eq(type, "message_start"))
		start(in, jt_get(doc, "message"));
	else if (jt_eq(type, "error"))
		error(in, doc);
	else if (!in->started)
		return jt_eq(type, "ping") ? 0 : ERR_FORMAT;
	else if (jt_eq(type, "content_block_delta"))
		return add_delta(in, jt_get(doc, "delta"));
	else if (jt_eq(type, "content_block_start"))
		return begin_block(in, jt_get(doc, "content_block"));
	else if (jt_eq(type, "content_block_stop"))
		return end_block(in);
	else if (jt_eq(type, "message_delta")) {
		take_reason(in, jt_get(doc, "delta"));
		take_usage(state(in), jt_get(doc, "usage"));
	} else if (jt_eq(type, "message_stop"))
		finish(in);
	return 0;
}

int
an_end(struct codec_in *in)
{
	if (in->ended)
		return 0;
	if (in->started)
		emit_usage(in);
	return ERR_EOF;
}

int
an_body(struct codec_in *in, struct str body)
{
	static const struct jscan_opts opts;
	struct jval doc, content, block, one;
	struct jscan_result res;
	struct ir_event ev = { .kind = IR_EV_CITATION };
	size_t pos = 0, at;
	int rc;

	if (jscan(body, &opts, NULL, 0, &res) != 0)
		return ERR_FORMAT;
	doc = jt_value(body);
	if (jt_eq(jt_get(doc, "type"), "error")) {
		error(in, doc);
		return 0;
	}
	content = jt_get(doc, "content");
	if (!jt_eq(jt_get(doc, "type"), "message") ||
	    content.type != JSCAN_ARRAY)
		return ERR_FORMAT;
	start(in, doc);
	ev.from = DIALECT_ANTHROPIC;
	while (jt_each(content, &pos, NULL, &block)) {
		if ((rc = begin_block(in, block)) != 0)
			return rc;
		for (at = 0; jt_each(jt_get(block, "citations"), &at, NULL,
		    &one);) {
			ev.raw = one.raw;
			in->emit(in->arg, &ev);
		}
		if ((rc = end_block(in)) != 0)
			return rc;
	}
	take_reason(in, doc);
	finish(in);
	return 0;
}
