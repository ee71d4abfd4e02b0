/*
 * tap_anthropic.c - watches answers of Anthropic's Messages API.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Usage stands in message_start and, as totals of the whole message, in every
 * message_delta; a field that is missing there leaves the earlier value. The
 * output of message_start is a few tokens, whatever comes. Input is told without
 * what was read from and written to the cache.
 */
#include "base/jfind.h"
#include "dialect/tap.h"

enum { A_IN, A_OUT, A_READ, A_WRITE, A_HOUR, A_THINK, A_N };

#define USAGE(prefix) {							\
	[A_IN] = prefix "usage.input_tokens",				\
	[A_OUT] = prefix "usage.output_tokens",				\
	[A_READ] = prefix "usage.cache_read_input_tokens",		\
	[A_WRITE] = prefix "usage.cache_creation_input_tokens",		\
	[A_HOUR] = prefix						\
	    "usage.cache_creation.ephemeral_1h_input_tokens",		\
	[A_THINK] = prefix "usage.output_tokens_details.thinking_tokens" }

static void
set(uint64_t *dst, int64_t v)
{
	if (v >= 0)
		*dst = (uint64_t)v;
}

/* What was said about usage, over what was said before. */
static void
found(struct tap *t, const struct jscan_want *w)
{
	struct price_usage u = t->usage;
	uint64_t in = u.input - u.cached - u.cache_write;
	int64_t v[A_N];

	tap_error(t, &w[A_N]);
	tap_numbers(w, A_N, v);
	if (v[A_IN] < 0 && v[A_OUT] < 0)
		return;
	set(&in, v[A_IN]);
	set(&u.output, v[A_OUT]);
	set(&u.cached, v[A_READ]);
	set(&u.cache_write, v[A_WRITE]);
	set(&u.cache_hour, v[A_HOUR]);
	set(&u.reasoning, v[A_THINK]);
	u.input = in + u.cached + u.cache_write;
	tap_usage(t, &u);
	if (v[A_OUT] >= 0)
		t->partial = 0;
}

static void
set_wants(struct jscan_want w[A_N + 1], const char *const paths[A_N])
{
	int i;

	memset(w, 0, (A_N + 1) * sizeof(*w));
	for (i = 0; i < A_N; i++)
		w[i].path = paths[i];
	w[A_N].path = "error";
}

static void
take(struct tap *t, struct str text, const char *const paths[A_N])
{
	struct jscan_want w[A_N + 1];

	set_wants(w, paths);
	if (tap_scan(t, text, w, A_N + 1) == 0)
		found(t, w);
}

static void
delta(struct tap *t, struct str d)
{
	struct str name, v;
	long n;

	while (jfind_next(&d, &name, &v)) {
		if (!str_eq(name, STR("text")) &&
		    !str_eq(name, STR("thinking")) &&
		    !str_eq(name, STR("partial_json")))
			continue;
		if ((n = jfind_string(v)) > 0) {
			t->text_bytes += (uint64_t)n;
			t->content = 1;
		}
	}
}

static void
tap_anthropic_event(struct tap *t, const struct sse_event *ev)
{
	static const char *const start[A_N] = USAGE("message.");
	static const char *const later[A_N] = USAGE("");
	struct buf b;
	struct str d = tap_data(ev, &b), type = ev->name;

	if (str_eq(type, STR("message_start"))) {
		take(t, d, start);
		t->partial = t->has_usage;
	} else if (str_eq(type, STR("message_delta")))
		take(t, d, later);
	else if (str_eq(type, STR("content_block_delta")))
		delta(t, d);
	else if (str_eq(type, STR("content_block_start")) &&
	    (str_find(d, STR("_use\"")) >= 0 ||
	    str_find(d, STR("redacted_thinking")) >= 0))
		t->content = 1;
	else if (str_eq(type, STR("message_stop")))
		t->finished = 1;
	else if (str_eq(type, STR("error")))
		take(t, d, later);
	buf_free(&b);
}

static int
tap_anthropic_body(struct tap *t, struct str body, struct dialect_scan **sp)
{
	static const char *const paths[A_N] = USAGE("");
	struct jscan_want w[A_N + 1];

	set_wants(w, paths);
	return tap_body(t, body, sp, w, A_N + 1, found);
}

const struct dialect tap_anthropic = {
	.name = "anthropic",
	.shape = SHAPE_ANTHROPIC,
	.event = tap_anthropic_event,
	.body = tap_anthropic_body,
	.has_end_mark = 1,
	.keepalive = "event: ping\ndata: {\"type\": \"ping\"}\n\n",
};
