/*
 * tap_responses.c - watches streams of OpenAI's Responses API.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The last event repeats the whole answer with its usage; a body is like any
 * other of OpenAI's.
 */
#include "base/jfind.h"
#include "dialect/tap.h"

enum { R_IN, R_OUT, R_CACHED, R_WRITE, R_THINK, R_ERROR, R_N };

static void
last(struct tap *t, struct str d)
{
	struct jscan_want w[R_N] = {
		[R_IN] = { .path = "response.usage.input_tokens" },
		[R_OUT] = { .path = "response.usage.output_tokens" },
		[R_CACHED] = { .path = "response.usage.input_tokens_details."
		    "cached_tokens" },
		[R_WRITE] = { .path = "response.usage.input_tokens_details."
		    "cache_write_tokens" },
		[R_THINK] = { .path = "response.usage.output_tokens_details."
		    "reasoning_tokens" },
		[R_ERROR] = { .path = "response.error" },
	};
	struct price_usage u;
	int64_t v[R_ERROR];
	int i;

	if (tap_scan(t, d, w, R_N) != 0)
		return;
	tap_error(t, &w[R_ERROR]);
	tap_numbers(w, R_ERROR, v);
	if (v[R_IN] < 0 && v[R_OUT] < 0)
		return;
	for (i = 0; i < R_ERROR; i++)
		if (v[i] < 0)
			v[i] = 0;
	u.input = (uint64_t)v[R_IN];
	u.output = (uint64_t)v[R_OUT];
	u.cached = (uint64_t)v[R_CACHED];
	u.cache_write = (uint64_t)v[R_WRITE];
	u.reasoning = (uint64_t)v[R_THINK];
	tap_usage(t, &u);
}

static void
tap_responses_event(struct tap *t, const struct sse_event *ev)
{
	struct str d;
	struct buf b;
	long n;

	d = tap_data(ev, &b);
	if (str_ends(ev->name, STR(".delta"))) {
		n = jfind_string(jfind(d, STR("delta")));
		t->text_bytes += n > 0 ? (uint64_t)n : 0;
		t->content = 1;
	} else if (str_eq(ev->name, STR("response.completed")) ||
	    str_eq(ev->name, STR("response.incomplete"))) {
		last(t, d);
		t->content = t->finished = 1;
	} else if (str_eq(ev->name, STR("response.failed"))) {
		last(t, d);
		t->error = 1;
	} else if (str_eq(ev->name, STR("error")))
		tap_words(t, d);
	buf_free(&b);
}

static int
tap_responses_body(struct tap *t, struct str body, struct dialect_scan **sp)
{
	return dialect_openai_chat.body(t, body, sp);
}

const struct dialect tap_responses = {
	.name = "responses",
	.shape = SHAPE_OPENAI,
	.event = tap_responses_event,
	.body = tap_responses_body,
	.has_end_mark = 1,
	.keepalive = ": keepalive\n\n",
};
