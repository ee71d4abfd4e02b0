/*
 * strict_check.c - is this the answer to the question?
 *
 * Runs in: the strict client.
 * Owns: nothing.
 *
 * The question holds a marker; the mock answers "[[marker:X]] 1 2 3 ...", one
 * number per token, so a lost, repeated or foreign piece is seen.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "base/num.h"
#include "strict.h"

void
strict_check_begin(struct strict_check *c, const char *marker, int sse)
{
	struct buf keep = c->text;

	memset(c, 0, sizeof(*c));
	c->text = keep;
	buf_reset(&c->text);
	c->active = marker != NULL;
	if (marker != NULL)
		str_copy(c->marker, sizeof(c->marker), str_of(marker));
	c->sse = sse;
}

static void
fault(struct strict_check *c, const char *what)
{
	if (c->wrong == NULL)
		c->wrong = what;
}

/* One token of the text: the marker first, then " 1", " 2", ... */
static void
token(struct strict_check *c, struct str t)
{
	char want[STRICT_MARKER + 16];
	uint64_t n;

	if (str_starts(t, STR("[[marker:"))) {
		snprintf(want, sizeof(want), "[[marker:%s]]", c->marker);
		if (!str_eqc(t, want))
			fault(c, "marker of another request");
		else if (c->next != 0)
			c->reordered++;
		c->next = 1;
		return;
	}
	if (num_u64(str_trim(t), &n) != 0) {
		fault(c, "text that nobody sent");
		return;
	}
	if ((int64_t)n > c->next)
		c->lost += (int64_t)n - c->next;
	else if ((int64_t)n < c->next)
		c->reordered++;
	c->next = (int64_t)n + 1;
}

/* A piece of text may hold several tokens: they begin with a blank. */
static void
tokens(struct strict_check *c, struct str t)
{
	size_t i, from = 0;

	for (i = 1; i <= t.n; i++)
		if (i == t.n || t.p[i] == ' ') {
			token(c, str_make(t.p + from, i - from));
			from = i;
		}
}

enum { W_CONTENT, W_DELTA, W_FINISH, W_IN, W_OUT, W_CACHED, W_ERROR, W_N };

static void
usage(struct strict_check *c, const struct jscan_want *w)
{
	uint64_t in, out, cached = 0;

	if (w[W_IN].type != JSCAN_NUMBER || w[W_OUT].type != JSCAN_NUMBER)
		return;
	if (jscan_u64(w[W_IN].raw, &in) != 0 ||
	    jscan_u64(w[W_OUT].raw, &out) != 0)
		return;
	jscan_u64(w[W_CACHED].raw, &cached);
	c->input = in;
	c->output = out;
	c->cached = cached;
	c->usage = 1;
}

/* A whole JSON text: an answer, or a chunk of a stream. */
static void
json(struct strict_check *c, struct str text)
{
	struct jscan_want w[W_N] = {
		{ "choices.0.message.content", JSCAN_NONE, { NULL, 0 } },
		{ "choices.0.delta.content", JSCAN_NONE, { NULL, 0 } },
		{ "choices.0.finish_reason", JSCAN_NONE, { NULL, 0 } },
		{ "usage.prompt_tokens", JSCAN_NONE, { NULL, 0 } },
		{ "usage.completion_tokens", JSCAN_NONE, { NULL, 0 } },
		{ "usage.prompt_tokens_details.cached_tokens", JSCAN_NONE,
		    { NULL, 0 } },
		{ "error", JSCAN_NONE, { NULL, 0 } },
	};
	struct jscan_result res;
	struct str raw;

	if (jscan(text, NULL, w, W_N, &res) != 0) {
		fault(c, "not JSON");
		return;
	}
	usage(c, w);
	if (w[W_ERROR].type == JSCAN_OBJECT)
		fault(c, "an error inside the answer");
	if (w[W_FINISH].type == JSCAN_STRING)
		c->finish = 1;
	raw = w[c->sse ? W_DELTA : W_CONTENT].raw;
	if (raw.n > 2 && c->active)
		tokens(c, str_make(raw.p + 1, raw.n - 2));
}

static void
line(struct strict_check *c, struct str l, unsigned *events)
{
	if (l.n > 0 && l.p[l.n - 1] == '\r')
		l.n--;
	if (!str_starts(l, STR("data:")))
		return;
	l = str_trim(str_skip(l, 5));
	(*events)++;
	if (c->done)
		fault(c, "an event after [DONE]");
	else if (str_eqc(l, "[DONE]"))
		c->done = 1;
	else
		json(c, l);
}

/* The last bytes of a stream tell whether it has ended. */
static void
tail(struct strict_check *c, struct str data)
{
	struct str end = STR("data: [DONE]\n\n");

	buf_adds(&c->text, data.n > end.n ? str_skip(data, data.n - end.n) :
	    data);
	if (buf_len(&c->text) > end.n)
		buf_consume(&c->text, buf_len(&c->text) - end.n);
	c->done = c->finish = str_eq(buf_str(&c->text), end);
}

unsigned
strict_check_feed(struct strict_check *c, struct str data)
{
	unsigned events = 0;
	long at;

	if (c->sse && c->quick) {
		tail(c, data);
		return 0;
	}
	if (!c->sse) {
		if (buf_adds(&c->text, data) != 0)
			fault(c, "a body too large to check");
		return 0;
	}
	while ((at = str_chr(data, '\n')) >= 0) {
		if (buf_len(&c->text) == 0) {
			line(c, str_make(data.p, (size_t)at), &events);
		} else {
			buf_add(&c->text, data.p, (size_t)at);
			line(c, buf_str(&c->text), &events);
			buf_reset(&c->text);
		}
		data = str_skip(data, (size_t)at + 1);
	}
	if (buf_adds(&c->text, data) != 0)
		fault(c, "a line too long to check");
	return events;
}

enum strict_end
strict_check_end(struct strict_check *c, const char *expect)
{
	if (!c->active) {
		if (expect != NULL && str_find(buf_str(&c->text),
		    str_of(expect)) < 0)
			fault(c, "not the text expected");
		return c->wrong != NULL ? STRICT_WRONG : STRICT_OK;
	}
	if (!c->sse)
		json(c, buf_str(&c->text));
	if (c->wrong != NULL)
		return STRICT_WRONG;
	if (c->sse && (!c->done || !c->finish)) {
		c->wrong = "a stream without its end";
		return STRICT_SHORT;
	}
	if (c->sse && c->quick)
		return STRICT_OK;
	if (c->next == 0)
		fault(c, "no text");
	else if (c->lost > 0 || c->reordered > 0)
		fault(c, "tokens lost or out of order");
	else if (!c->finish)
		fault(c, "no finish_reason");
	else if (c->usage && (uint64_t)c->next != c->output)
		fault(c, "usage does not fit the text");
	return c->wrong != NULL ? STRICT_WRONG : STRICT_OK;
}
