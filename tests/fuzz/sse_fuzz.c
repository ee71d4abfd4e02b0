/*
 * sse_fuzz.c - event streams of any bytes, whole and in pieces.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * The first byte says how large the pieces are. The same events must be found
 * however the bytes come (but for an LF that comes behind the CR of an empty
 * line), one behind the other without a gap, and each as a reader of single
 * lines finds it.
 */
#include "base/err.h"
#include "dialect/frame.h"
#include "fuzz.h"

/* The event at the front of text, read a byte at a time: its size or 0. */
static size_t
plain_event(struct str text, unsigned *data_lines)
{
	size_t i = 0, from, len;

	*data_lines = 0;
	while (i < text.n) {
		for (from = i; i < text.n && text.p[i] != '\n' &&
		    text.p[i] != '\r'; i++)
			;
		len = i - from;
		if (i == text.n)
			return 0;
		i += text.p[i] == '\r' && i + 1 < text.n &&
		    text.p[i + 1] == '\n' ? 2 : 1;
		if (len == 0)
			return i;
		if (len >= 4 && memcmp(text.p + from, "data", 4) == 0 &&
		    (len == 4 || text.p[from + 4] == ':'))
			++*data_lines;
	}
	return 0;
}

static int
inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p &&
	    part.p + part.n <= whole.p + whole.n);
}

static void
check_event(const struct sse_event *ev, struct str left, long n)
{
	struct buf b;
	unsigned lines;

	ASSERT((size_t)n == plain_event(left, &lines));
	ASSERT(ev->raw.p == left.p && ev->raw.n == (size_t)n);
	ASSERT(ev->data_lines == lines);
	ASSERT(inside(ev->name, ev->raw) && inside(ev->data, ev->raw));
	buf_init(&b, left.n + 1);
	ASSERT(sse_data(ev, &b) == 0);
	ASSERT(lines != 1 || str_eq(buf_str(&b), ev->data));
	ASSERT(lines != 0 || buf_len(&b) == 0);
	buf_free(&b);
}

/* What a body looks like does not depend on how it comes. */
static void
check_guess(struct str text, size_t step)
{
	static const enum frame all[] = { FRAME_EVENTS, FRAME_LINES,
	    FRAME_ARRAY };
	size_t i, have, seen;
	int rc;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (rc = ERR_AGAIN, have = seen = 0; rc == ERR_AGAIN &&
		    have < text.n;) {
			have = text.n - have < step ? text.n : have + step;
			rc = frame_guess(all[i], str_make(text.p, have),
			    &seen);
		}
		seen = 0;
		ASSERT(text.n == 0 || rc == frame_guess(all[i], text, &seen));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct sse_event ev;
	size_t step, have = 0, from = 0, seen = 0;
	unsigned lines;
	long n;

	if (size == 0)
		return 0;
	step = (size_t)data[0] + 1;
	text = str_skip(text, 1);
	check_guess(text, step);
	while (have < text.n) {
		have = text.n - have < step ? text.n : have + step;
		while ((n = sse_next(str_make(text.p + from, have - from),
		    &seen, &ev)) > 0) {
			ASSERT(seen == 0);
			check_event(&ev, str_make(text.p + from, have - from),
			    n);
			from += (size_t)n;
		}
		ASSERT(n == ERR_AGAIN && seen <= have - from);
	}
	ASSERT(plain_event(str_skip(text, from), &lines) == 0);
	return 0;
}
