/*
 * ollama_event.c - Ollama's answers into neutral events; watching them.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A stream is lines of JSON; the last one says "done": true. An answer that is
 * no stream is one such line with all of it. Calls come whole.
 */
#include <limits.h>

#include "base/err.h"
#include "dialect/jt.h"
#include "dialect/ollama.h"
#include "dialect/tap.h"
#include "dialect/wire.h"

#define MAX_TOKENS	1000000000ULL	/* of one answer */

static void
emit(struct codec_in *in, struct ir_event ev)
{
	in->emit(in->arg, &ev);
}

static void
emit_text(struct codec_in *in, enum ir_event_kind kind, struct jval v)
{
	struct str text = jt_text(CODEC_TMP(in), v);

	if (text.n > 0)
		emit(in, (struct ir_event){ .kind = kind, .text = text });
}

static void
take_call(struct codec_in *in, struct jval v)
{
	struct jval f = jt_get(v, "function"), args = jt_get(f, "arguments");
	struct str name = jt_text(CODEC_TMP(in), jt_get(f, "name"));
	struct str id = jt_text(CODEC_TMP(in), jt_get(v, "id")), text;
	const struct ir_tool *t = in->req == NULL ? NULL :
	    wire_tool_find(in->req, name);
	int custom = t != NULL && t->kind == IR_CUSTOM;
	const struct ir_turn *turn = in->req == NULL ? NULL : in->req->turns;
	unsigned n = 0, call = in->calls++;

	while (turn != NULL && ++n)
		turn = turn->next;
	if (id.n == 0)
		id = str_of(arena_printf(CODEC_TMP(in), "call_%u_%u", n, call));
	text = args.type == JSCAN_OBJECT ? args.raw : jt_text(CODEC_TMP(in), args);
	if (custom && jt_get(args, "input").type == JSCAN_STRING)
		text = jt_text(CODEC_TMP(in), jt_get(args, "input"));
	emit(in, (struct ir_event){ .kind = IR_EV_CALL, .call = call,
	    .id = id, .name = t == NULL ? name : t->name, .custom = custom });
	if (text.n > 0)
		emit(in, (struct ir_event){ .kind = IR_EV_ARGS, .call = call,
		    .text = text });
	emit(in, (struct ir_event){ .kind = IR_EV_CALL_END, .call = call });
}

enum {
	A_ERROR, A_MODEL, A_THINKING, A_CONTENT, A_CALLS, A_RESPONSE,
	A_PROMPT_THINKING, A_LOGPROBS, A_DONE, A_REASON, A_IN, A_OUT, A_COUNT
};

static const char *const paths[A_COUNT] = {
	[A_ERROR] = "error", [A_MODEL] = "model",
	[A_THINKING] = "message.thinking", [A_CONTENT] = "message.content",
	[A_CALLS] = "message.tool_calls", [A_RESPONSE] = "response",
	[A_PROMPT_THINKING] = "thinking", [A_LOGPROBS] = "logprobs",
	[A_DONE] = "done", [A_REASON] = "done_reason",
	[A_IN] = "prompt_eval_count", [A_OUT] = "eval_count",
};

static void
take_end(struct codec_in *in, const struct jval *m)
{
	struct price_usage u = { .input = jt_u64(m[A_IN], 0),
	    .output = jt_u64(m[A_OUT], 0) };

	in->finished = in->ended = 1;
	emit(in, (struct ir_event){ .kind = IR_EV_FINISH,
	    .native = jt_text(CODEC_TMP(in), m[A_REASON]),
	    .finish = jt_eq(m[A_REASON], "length") ? IR_LENGTH :
	    in->calls > 0 ? IR_TOOL_CALLS : IR_STOP });
	if ((u.input > 0 || u.output > 0) && u.input <= MAX_TOKENS &&
	    u.output <= MAX_TOKENS)
		emit(in, (struct ir_event){ .kind = IR_EV_USAGE, .usage = u });
	emit(in, (struct ir_event){ .kind = IR_EV_END });
}

static int
fail(struct codec_in *in, struct jval e)
{
	struct jval m = jt_get(e, "message");

	if (!jt_is(m))
		m = e;
	in->ended = 1;
	emit(in, (struct ir_event){ .kind = IR_EV_ERROR,
	    .fault = FAULT_UPSTREAM, .text = m.type == JSCAN_STRING ?
	    jt_text(CODEC_TMP(in), m) : m.raw });
	return 0;
}

/* One line: 0, or ERR_FORMAT. */
static int
take(struct codec_in *in, struct str text)
{
	static const struct jscan_opts opts = { .max_depth = 128,
	    .max_values = UINT_MAX, .any_text = 1 };
	struct jscan_want w[A_COUNT];
	struct jscan_result res;
	struct jval m[A_COUNT], e;
	size_t pos = 0;
	struct buf b;
	int i;

	for (i = 0; i < A_COUNT; i++)
		w[i] = (struct jscan_want){ .path = paths[i] };
	if (jscan(text, &opts, w, A_COUNT, &res) != 0 ||
	    res.type != JSCAN_OBJECT)
		return ERR_FORMAT;
	for (i = 0; i < A_COUNT; i++)
		m[i] = (struct jval){ w[i].type, w[i].raw };
	if (m[A_ERROR].type > JSCAN_FALSE)
		return fail(in, m[A_ERROR]);
	if (!jt_is(m[A_DONE]) && m[A_CONTENT].type != JSCAN_STRING &&
	    m[A_RESPONSE].type != JSCAN_STRING && !jt_is(m[A_CALLS]))
		return ERR_FORMAT;
	if (!in->started)
		emit(in, (struct ir_event){ .kind = IR_EV_START,
		    .model = jt_text(CODEC_TMP(in), m[A_MODEL]) });
	in->started = 1;
	emit_text(in, IR_EV_THINKING, m[A_THINKING]);
	emit_text(in, IR_EV_THINKING, m[A_PROMPT_THINKING]);
	emit_text(in, IR_EV_TEXT, m[A_CONTENT]);
	emit_text(in, IR_EV_TEXT, m[A_RESPONSE]);
	while (jt_each(m[A_CALLS], &pos, NULL, &e))
		take_call(in, e);
	pos = 0;
	if (jt_each(m[A_LOGPROBS], &pos, NULL, &e)) {
		buf_init(&b, m[A_LOGPROBS].raw.n + 32);
		if (buf_printf(&b, "{\"content\":%.*s}",
		    STR_ARG(m[A_LOGPROBS].raw)) == 0)
			emit(in, (struct ir_event){ .kind = IR_EV_LOGPROBS,
			    .raw = arena_str(CODEC_TMP(in), buf_str(&b)) });
		buf_free(&b);
	}
	if (m[A_DONE].type == JSCAN_TRUE)
		take_end(in, m);
	return 0;
}

int
ollama_event(struct codec_in *in, const struct sse_event *ev)
{
	return in->ended || ev->data_lines == 0 ? 0 : take(in, ev->data);
}

int
ollama_end(struct codec_in *in)
{
	return in->ended ? 0 : ERR_EOF;
}

int
ollama_body(struct codec_in *in, struct str body)
{
	int rc = take(in, body);

	return rc == 0 && !in->ended ? ERR_FORMAT : rc;
}

/* --- watching ------------------------------------------------------------ */

enum {
	T_IN, T_OUT, T_ERROR, T_DONE, T_CONTENT, T_THINKING, T_CALLS,
	T_RESPONSE, T_PROMPT_THINKING, T_COUNT
};

static const struct jscan_want wants[T_COUNT] = {
	[T_IN] = { .path = "prompt_eval_count" },
	[T_OUT] = { .path = "eval_count" },
	[T_ERROR] = { .path = "error" },
	[T_DONE] = { .path = "done" },
	[T_CONTENT] = { .path = "message.content" },
	[T_THINKING] = { .path = "message.thinking" },
	[T_CALLS] = { .path = "message.tool_calls" },
	[T_RESPONSE] = { .path = "response" },
	[T_PROMPT_THINKING] = { .path = "thinking" },
};

static void
found(struct tap *t, const struct jscan_want *w)
{
	struct price_usage u = { .input = 0 };
	int64_t v[2];

	tap_error(t, &w[T_ERROR]);
	tap_numbers(w, 2, v);
	if (v[T_IN] < 0 && v[T_OUT] < 0)
		return;
	u.input = v[T_IN] < 0 ? 0 : (uint64_t)v[T_IN];
	u.output = v[T_OUT] < 0 ? 0 : (uint64_t)v[T_OUT];
	tap_usage(t, &u);
}

static void
tap_event(struct tap *t, const struct sse_event *ev)
{
	struct jscan_want w[T_COUNT];
	int i;

	memcpy(w, wants, sizeof(w));
	if (ev->data_lines == 0 || tap_scan(t, ev->data, w, T_COUNT) != 0)
		return;
	for (i = T_CONTENT; i < T_COUNT; i++)
		if (w[i].raw.n > 2 && w[i].type >= JSCAN_STRING) {
			t->text_bytes += w[i].raw.n - 2;
			t->content = 1;
		}
	if (w[T_DONE].type == JSCAN_TRUE)
		t->content = t->finished = 1;
	found(t, w);
}

static int
tap_whole(struct tap *t, struct str body, struct dialect_scan **sp)
{
	return tap_body(t, body, sp, wants, T_COUNT, found);
}

const struct dialect tap_ollama = {
	.name = "ollama",
	.shape = SHAPE_OLLAMA,
	.event = tap_event,
	.body = tap_whole,
	.has_end_mark = 1,
	.frame = FRAME_LINES,
	/* No comments there: a line that adds nothing. */
	.keepalive = "{\"message\":{\"role\":\"assistant\",\"content\":"
	    "\"\"},\"response\":\"\",\"done\":false}\n",
};
