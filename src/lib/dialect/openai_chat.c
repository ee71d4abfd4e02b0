/*
 * openai_chat.c - OpenAI Chat Completions and the endpoints that share its
 * usage object (completions, embeddings, images, audio, rerank, responses).
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A stream's events are looked at once, from member to member (jfind.h); most
 * of what is in one is passed over, because it was in the one before.
 * Numbers are read by the strict scanner.
 */
#include <stdio.h>

#include "base/jfind.h"
#include "base/jscan.h"
#include "dialect/tap.h"

#define MAX_TOKENS 1000000000ULL	/* of one answer */

enum {
	W_PROMPT, W_COMPLETION, W_INPUT, W_OUTPUT, W_CACHED, W_CACHED_IN,
	W_WRITE, W_WRITE_IN, W_REASON, W_REASON_OUT, W_TOTAL,
	W_CACHED_NUM, W_CACHED_OLD,	/* Mistral's; the same number */
	W_COUNT,
	/* errors; in a stream Mistral's are the object itself */
	W_ERROR = W_COUNT, W_OBJECT, W_MESSAGE, W_ALL
};

static const char *const usage_paths[W_COUNT] = {
	"usage.prompt_tokens", "usage.completion_tokens",
	"usage.input_tokens", "usage.output_tokens",
	"usage.prompt_tokens_details.cached_tokens",
	"usage.input_tokens_details.cached_tokens",
	"usage.prompt_tokens_details.cache_write_tokens",
	"usage.input_tokens_details.cache_write_tokens",
	"usage.completion_tokens_details.reasoning_tokens",
	"usage.output_tokens_details.reasoning_tokens",
	"usage.total_tokens", "usage.num_cached_tokens",
	"usage.prompt_token_details.cached_tokens",
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

/* Of two names for the same number; who tells both means it once. */
static uint64_t
either(const struct jscan_want *a, const struct jscan_want *b)
{
	uint64_t x = number(a), y = number(b);

	return x > y ? x : y;
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
	u->input = either(&w[W_PROMPT], &w[W_INPUT]);
	u->output = either(&w[W_COMPLETION], &w[W_OUTPUT]);
	if (u->input == 0 && u->output == 0)
		u->input = number(&w[W_TOTAL]);
	u->cached = either(&w[W_CACHED], &w[W_CACHED_IN]);
	if (u->cached == 0)
		u->cached = number(&w[W_CACHED_OLD]);
	if (u->cached == 0)
		u->cached = number(&w[W_CACHED_NUM]);
	u->cache_write = either(&w[W_WRITE], &w[W_WRITE_IN]);
	u->reasoning = either(&w[W_REASON], &w[W_REASON_OUT]);
	if (u->cached > u->input)
		u->cached = u->input;
	if (u->cache_write > u->input - u->cached)
		u->cache_write = u->input - u->cached;
	if (u->reasoning > u->output)
		u->reasoning = u->output;
	t->has_usage = 1;
}

static void
set_wants(struct jscan_want w[W_ALL])
{
	int i;

	memset(w, 0, W_ALL * sizeof(*w));
	for (i = 0; i < W_COUNT; i++)
		w[i].path = usage_paths[i];
	w[W_ERROR].path = "error";
	w[W_OBJECT].path = "object";
	w[W_MESSAGE].path = "message";
}

static void
found(struct tap *t, const struct jscan_want *w)
{
	take_usage(t, w);
	tap_error(t, &w[W_ERROR]);
}

static void
scan_usage(struct tap *t, struct str text)
{
	struct jscan_want w[W_ALL];

	set_wants(w);
	if (tap_scan(t, text, w, W_ALL) != 0)
		return;
	found(t, w);
	if (str_eq(w[W_OBJECT].raw, STR("\"error\"")))
		tap_words(t, w[W_MESSAGE].raw);
}

/* Members whose non-empty string is generated text. */
static const struct str text_names[] = {
	{ "content", 7 }, { "arguments", 9 }, { "reasoning_content", 17 },
	{ "reasoning", 9 }, { "refusal", 7 }, { "text", 4 },
};

static int
is_text(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(text_names) / sizeof(text_names[0]); i++)
		if (str_eq(name, text_names[i]))
			return 1;
	return 0;
}

/* What a member tells, with this value. */
enum { NOTHING, TEXT, TO_READ };	/* numbers or words to be read */

static int
look_at(struct tap *t, struct str name, struct str v)
{
	long n;

	switch (v.n > 1 ? *v.p : 'n') {
	case '"':
		if (is_text(name)) {
			n = jfind_string(v);
			t->text_bytes += n > 0 ? (uint64_t)n : 0;
			t->content |= n > 0;
			return TEXT;
		}
		if (str_eq(name, STR("finish_reason"))) {
			t->content |= v.p[1] != '"';
			return TEXT;
		}
		if (str_eq(name, STR("object")) &&
		    str_starts(v, STR("\"error\"")))
			return TO_READ;
		break;
	case '{':
		if (str_eq(name, STR("usage")))
			return TO_READ;
		break;
	case '[':
		if (str_eq(name, STR("tool_calls"))) {
			t->content = 1;
			return TEXT;
		}
		break;
	case 'n':
		return NOTHING;
	}
	return str_eq(name, STR("error")) ? TO_READ : NOTHING;
}

/*
 * Look at all members of a chunk: 1 when there are numbers or words to be read.
 * Up to the first that tells something most begin as the one before (memo), and
 * behind its string they end so: that need not be looked at again.
 */
static int
look_through(struct tap *t, struct str d)
{
	struct str rest = d, name, v, tail = STR_NULL;
	int told = NOTHING, more = NOTHING, reads;
	long n;

	if (jfind_same_head(&t->memo, d, &name, &v))
		told = look_at(t, name, v);
	else {
		while (told == NOTHING && jfind_next(&rest, &name, &v))
			told = look_at(t, name, v);
		if (told == NOTHING)
			return 0;
		jfind_set_head(&t->memo, d, name, v);
	}
	reads = told == TO_READ;
	if ((n = jfind_string(v)) >= 0)
		tail = str_skip(v, (size_t)n + 2);
	if (jfind_same_tail(&t->memo, tail))
		return reads;
	rest = v;
	while (jfind_next(&rest, &name, &v)) {
		told = look_at(t, name, v);
		reads |= told == TO_READ;
		more |= told;
	}
	if (more == NOTHING)
		jfind_set_tail(&t->memo, tail);
	return reads;
}

static void
openai_event(struct tap *t, const struct sse_event *ev)
{
	struct str d;
	struct buf b;

	d = tap_data(ev, &b);
	if (str_eq(d, STR("[DONE]")))
		t->finished = 1;
	else if (look_through(t, d))
		scan_usage(t, d);
	buf_free(&b);
}

static int
openai_body(struct tap *t, struct str body, struct dialect_scan **sp)
{
	struct jscan_want w[W_ALL];

	set_wants(w);
	return tap_body(t, body, sp, w, W_ERROR + 1, found);
}

const struct dialect dialect_openai_chat = {
	.name = "openai",
	.shape = SHAPE_OPENAI,
	.event = openai_event,
	.body = openai_body,
	.has_end_mark = 1,
	.keepalive = ": keepalive\n\n",
};
