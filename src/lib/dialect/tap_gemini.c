/*
 * tap_gemini.c - watches answers of Google's generateContent.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Every chunk is a whole answer object; of usageMetadata the last value of each
 * field counts. There is no end mark: the chunk with finishReason is the last
 * one with content, and a stream without any was cut.
 */
#include "base/jfind.h"
#include "dialect/tap.h"

enum { G_IN, G_TOOL, G_OUT, G_THINK, G_CACHED, G_TOTAL, G_N };

/* A field that is missing leaves the earlier value. */
static void
found(struct tap *t, const struct jscan_want *w)
{
	struct price_usage u = t->usage;
	uint64_t in, out = u.output - u.reasoning;
	int64_t v[G_N];

	tap_error(t, &w[G_N]);
	tap_numbers(w, G_N, v);
	if (v[G_IN] < 0 && v[G_OUT] < 0 && v[G_TOTAL] < 0)
		return;
	in = (uint64_t)(v[G_IN] < 0 ? 0 : v[G_IN]) +
	    (uint64_t)(v[G_TOOL] < 0 ? 0 : v[G_TOOL]);
	if (in > 0)
		u.input = in;
	if (v[G_OUT] >= 0)
		out = (uint64_t)v[G_OUT];
	if (v[G_THINK] >= 0)
		u.reasoning = (uint64_t)v[G_THINK];
	if (v[G_CACHED] >= 0)
		u.cached = (uint64_t)v[G_CACHED];
	u.output = out + u.reasoning;
	if (u.input == 0 && u.output == 0 && v[G_TOTAL] > 0)
		u.input = (uint64_t)v[G_TOTAL];
	tap_usage(t, &u);
	t->partial = v[G_OUT] < 0 && !t->finished;
}

static void
set_wants(struct jscan_want w[G_N + 1])
{
	static const char *const paths[G_N + 1] = {
		[G_IN] = "usageMetadata.promptTokenCount",
		[G_TOOL] = "usageMetadata.toolUsePromptTokenCount",
		[G_OUT] = "usageMetadata.candidatesTokenCount",
		[G_THINK] = "usageMetadata.thoughtsTokenCount",
		[G_CACHED] = "usageMetadata.cachedContentTokenCount",
		[G_TOTAL] = "usageMetadata.totalTokenCount",
		[G_N] = "error",
	};
	int i;

	memset(w, 0, (G_N + 1) * sizeof(*w));
	for (i = 0; i <= G_N; i++)
		w[i].path = paths[i];
}

static void
take(struct tap *t, struct str text)
{
	struct jscan_want w[G_N + 1];

	set_wants(w);
	if (tap_scan(t, text, w, G_N + 1) == 0)
		found(t, w);
}

/* 1 when it is a member whose numbers or words are to be read. */
static int
look_at(struct tap *t, struct str name, struct str v)
{
	long n;

	if (str_eq(name, STR("text"))) {
		if ((n = jfind_string(v)) > 0) {
			t->text_bytes += (uint64_t)n;
			t->content = 1;
		}
	} else if (str_eq(name, STR("functionCall")) ||
	    str_eq(name, STR("inlineData")))
		t->content = 1;
	else if (str_eq(name, STR("finishReason")) ||
	    str_eq(name, STR("blockReason"))) {
		if (jfind_string(v) > 0)
			t->content = t->finished = 1;
	} else
		return str_eq(name, STR("usageMetadata")) ||
		    str_eq(name, STR("error"));
	return 0;
}

static void
tap_gemini_event(struct tap *t, const struct sse_event *ev)
{
	struct str rest, name, v, d;
	struct buf b;
	int reads = 0;

	d = rest = tap_data(ev, &b);
	while (jfind_next(&rest, &name, &v))
		reads |= look_at(t, name, v);
	if (reads)
		take(t, d);
	buf_free(&b);
}

static int
tap_gemini_body(struct tap *t, struct str body, struct dialect_scan **sp)
{
	struct jscan_want w[G_N + 1];

	set_wants(w);
	return tap_body(t, body, sp, w, G_N + 1, found);
}

const struct dialect tap_gemini = {
	.name = "gemini",
	.shape = SHAPE_GEMINI,
	.event = tap_gemini_event,
	.body = tap_gemini_body,
	.has_end_mark = 1,
	.keepalive = ": keepalive\r\n\r\n",
};
