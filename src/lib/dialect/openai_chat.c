/*
 * openai_chat.c - OpenAI Chat Completions and the endpoints that share its
 * usage object (completions, embeddings, images, audio, rerank, responses).
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A stream's events are looked at by searching for member names: inside a JSON
 * string every quote is escaped, so the bytes "name" with plain quotes are
 * always a member name or a whole string value, never part of a text. Numbers
 * are read by the strict scanner.
 */
#include <stdio.h>

#include "base/jscan.h"
#include "dialect/tap.h"

#define MAX_TOKENS 1000000000ULL	/* of one answer */

/* Value behind the first "name" : in s, without blanks; empty if none. */
static struct str
member(struct str s, struct str quoted)
{
	long at;

	while ((at = str_find(s, quoted)) >= 0) {
		s = str_skip(s, (size_t)at + quoted.n);
		while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
			s = str_skip(s, 1);
		if (s.n == 0 || *s.p != ':')
			continue;
		s = str_skip(s, 1);
		while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
			s = str_skip(s, 1);
		return s;
	}
	return STR_NULL;
}

/* Bytes of the JSON string that begins at s (with its quote). */
static size_t
string_bytes(struct str s)
{
	size_t i;

	if (s.n == 0 || *s.p != '"')
		return 0;
	for (i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i - 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

enum {
	W_PROMPT, W_COMPLETION, W_INPUT, W_OUTPUT, W_CACHED, W_CACHED_IN,
	W_WRITE, W_REASON, W_REASON_OUT, W_TOTAL, W_COUNT
};

static const char *const usage_paths[W_COUNT] = {
	"usage.prompt_tokens", "usage.completion_tokens",
	"usage.input_tokens", "usage.output_tokens",
	"usage.prompt_tokens_details.cached_tokens",
	"usage.input_tokens_details.cached_tokens",
	"usage.prompt_tokens_details.cache_write_tokens",
	"usage.completion_tokens_details.reasoning_tokens",
	"usage.output_tokens_details.reasoning_tokens",
	"usage.total_tokens",
};

static uint64_t
number(const struct jscan_want *w)
{
	uint64_t v;

	if (w->type != JSCAN_NUMBER || jscan_u64(w->raw, &v) != 0)
		return 0;
	return v;
}

/* Negative, broken or absurd numbers are no usage: it is estimated then. */
static int
credible(const struct jscan_want *w)
{
	uint64_t v;
	int i;

	for (i = 0; i < W_COUNT; i++)
		if (w[i].type == JSCAN_NUMBER &&
		    (jscan_u64(w[i].raw, &v) != 0 || v > MAX_TOKENS))
			return 0;
	return 1;
}

static void
take_usage(struct tap *t, const struct jscan_want *w)
{
	struct price_usage *u = &t->usage;

	if (w[W_PROMPT].type != JSCAN_NUMBER &&
	    w[W_INPUT].type != JSCAN_NUMBER &&
	    w[W_TOTAL].type != JSCAN_NUMBER)
		return;
	if (!credible(w))
		return;
	u->input = number(&w[W_PROMPT]) + number(&w[W_INPUT]);
	u->output = number(&w[W_COMPLETION]) + number(&w[W_OUTPUT]);
	if (u->input == 0 && u->output == 0)
		u->input = number(&w[W_TOTAL]);
	u->cached = number(&w[W_CACHED]) + number(&w[W_CACHED_IN]);
	u->cache_write = number(&w[W_WRITE]);
	u->reasoning = number(&w[W_REASON]) + number(&w[W_REASON_OUT]);
	if (u->cached > u->input)
		u->cached = u->input;
	if (u->cache_write > u->input - u->cached)
		u->cache_write = u->input - u->cached;
	if (u->reasoning > u->output)
		u->reasoning = u->output;
	t->has_usage = 1;
}

static void
set_wants(struct jscan_want w[W_COUNT + 1])
{
	int i;

	memset(w, 0, (W_COUNT + 1) * sizeof(*w));
	for (i = 0; i < W_COUNT; i++)
		w[i].path = usage_paths[i];
	w[W_COUNT].path = "error";
}

static void
note_error(struct tap *t, const struct jscan_want *e)
{
	struct str m;

	if (e->type != JSCAN_OBJECT && e->type != JSCAN_STRING)
		return;
	m = e->type == JSCAN_OBJECT ? member(e->raw, STR("\"message\"")) :
	    e->raw;
	if (m.n > 0 && *m.p == '"')
		m = str_make(m.p + 1, string_bytes(m));
	else
		m = e->raw;
	t->error = 1;
	str_copy(t->error_text, sizeof(t->error_text), m);
}

static void
found(struct tap *t, const struct jscan_want *w)
{
	take_usage(t, w);
	note_error(t, &w[W_COUNT]);
}

static void
scan_usage(struct tap *t, struct str text)
{
	struct jscan_want w[W_COUNT + 1];

	set_wants(w);
	if (tap_scan(t, text, w, W_COUNT + 1) == 0)
		found(t, w);
}

/* Member names whose non-empty string is generated text. */
static const struct str text_names[] = {
	{ "\"content\"", 9 }, { "\"arguments\"", 11 },
	{ "\"reasoning_content\"", 19 }, { "\"reasoning\"", 11 },
	{ "\"refusal\"", 9 }, { "\"text\"", 6 },
};

static void
openai_event(struct tap *t, const struct sse_event *ev)
{
	struct str d = ev->data, v;
	size_t i, n;

	t->usage_only = 0;
	if (d.n == 0)
		return;
	if (str_eq(d, STR("[DONE]"))) {
		t->finished = 1;
		return;
	}
	for (i = 0; i < sizeof(text_names) / sizeof(text_names[0]); i++) {
		n = string_bytes(member(d, text_names[i]));
		t->text_bytes += n;
		if (n > 0)
			t->content = 1;
	}
	if (!t->content && (str_find(d, STR("\"tool_calls\"")) >= 0 ||
	    string_bytes(member(d, STR("\"finish_reason\""))) > 0))
		t->content = 1;
	v = member(d, STR("\"usage\""));
	if ((v.n > 0 && *v.p == '{') || str_find(d, STR("\"error\"")) >= 0) {
		scan_usage(t, d);
		v = member(d, STR("\"choices\""));
		t->usage_only = t->has_usage && v.n > 1 && v.p[0] == '[' &&
		    v.p[1] == ']';
	}
}

static int
openai_body(struct tap *t, struct str body, struct dialect_scan **sp)
{
	struct jscan_want w[W_COUNT + 1];

	set_wants(w);
	return tap_body(t, body, sp, w, W_COUNT + 1, found);
}

const struct dialect dialect_openai_chat = {
	.name = "openai",
	.shape = SHAPE_OPENAI,
	.event = openai_event,
	.body = openai_body,
	.has_end_mark = 1,
	.keepalive = ": keepalive\n\n",
};
