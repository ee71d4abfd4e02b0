/* sse_test.c - events, lines and elements at every split, all line ends. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "dialect/frame.h"
#include "tap.h"

static const char stream[] =
    ": hello\n\ndata: {\"a\":1}\n\nevent: x\r\ndata:two\r\n\r\n"
    "data: l1\ndata: l2\nid: 7\n\ndata: [DONE]\n\n";

/* Read all events of in, given in pieces cut after every byte of at. */
static void
names(struct str in, struct buf *out)
{
	struct sse_event ev;
	size_t seen = 0;
	long n;

	while (in.n > 0 && (n = sse_next(in, &seen, &ev)) > 0) {
		buf_printf(out, "[%.*s|", STR_ARG(ev.name));
		EQ_INT(sse_data(&ev, out), 0);
		buf_printf(out, "|%u|%ld]", ev.data_lines, n);
		in = str_skip(in, (size_t)n);
	}
	EQ_INT(in.n, 0);
}

TEST(all_events)
{
	struct buf b;

	buf_init(&b, 4096);
	names(str_of(stream), &b);
	EQ_S(buf_str(&b), "[||0|9][|{\"a\":1}|1|15][x|two|1|22]"
	    "[|l1\nl2|2|25][|[DONE]|1|14]");
	buf_free(&b);
}

TEST(one_byte_at_a_time)
{
	struct buf whole, got, in;
	struct sse_event ev;
	size_t i, seen = 0;
	long n;

	buf_init(&whole, 4096);
	buf_init(&got, 4096);
	buf_init(&in, 4096);
	names(str_of(stream), &whole);
	for (i = 0; i < sizeof(stream) - 1; i++) {
		buf_addc(&in, stream[i]);
		n = sse_next(buf_str(&in), &seen, &ev);
		if (n == ERR_AGAIN)
			continue;
		buf_printf(&got, "[%.*s|", STR_ARG(ev.name));
		sse_data(&ev, &got);
		buf_printf(&got, "|%u|%ld]", ev.data_lines, n);
		buf_consume(&in, (size_t)n);
	}
	EQ_INT(buf_len(&in), 0);
	/* The LF behind the last CR comes alone. */
	EQ_S(buf_str(&got), "[||0|9][|{\"a\":1}|1|15][x|two|1|21][||0|1]"
	    "[|l1\nl2|2|25][|[DONE]|1|14]");
	buf_free(&whole);
	buf_free(&got);
	buf_free(&in);
}

TEST(incomplete)
{
	struct sse_event ev;
	size_t seen = 0;

	EQ_INT(sse_next(STR("data: x\n"), &seen, &ev), ERR_AGAIN);
	seen = 0;
	EQ_INT(sse_next(STR(""), &seen, &ev), ERR_AGAIN);
	seen = 0;
	EQ_INT(sse_next(STR("data: x\r\n\r\n"), &seen, &ev), 11);
	EQ_INT(sse_next(STR("data: x\r\r."), &seen, &ev), 9);
	EQ_INT(sse_next(STR("data: x\r"), &seen, &ev), ERR_AGAIN);
	EQ_INT(sse_next(STR("data: x\r\n"), &seen, &ev), ERR_AGAIN);
	EQ_INT(sse_next(STR("data: x\r\nd"), &seen, &ev), ERR_AGAIN);
}

/* The end of an empty line is there with its CR: the LF that may follow is an
 * empty line without an event. */
TEST(event_ends_at_its_last_cr)
{
	static const char *const ends[] = { "\r\r", "\n\r", "\r\n\r" };
	struct sse_event ev;
	size_t i, seen;
	char text[32];
	int state;
	long n;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		n = snprintf(text, sizeof(text), "event: e\ndata: x%s",
		    ends[i]);
		seen = 0;
		EQ_INT(sse_next(str_of(text), &seen, &ev), n);
		EQ_S(ev.name, "e");
		EQ_S(ev.data, "x");
		EQ_INT(ev.data_lines, 1);
		state = SSE_LINE;
		EQ_INT(sse_skip(str_of(text), &state), n);
		EQ_INT(state, SSE_LINE);
	}
	EQ_INT(sse_next(STR("\ndata: x\r\r"), &seen, &ev), 1);
	EQ_INT(ev.data_lines, 0);
	EQ_INT(sse_skip(STR("\ndata: x\r\r"), &state), 1);
	/* An LF that is there already belongs to it. */
	state = SSE_LINE;
	EQ_INT(sse_skip(STR("d\r\n\r\nd"), &state), 5);
}

/* At each cut both find the same ends; the bytes are all there again. */
TEST(skip_agrees_with_next)
{
	static const char text[] = "data: 1\r\rdata: 2\r\n\r\ndata: 3\n\r"
	    "data: 4\r\n\r: c\r\rdata: 5\r\n\ndata: 6\n\r\n";
	size_t cut, at, from, seen, end;
	struct sse_event ev;
	struct buf got;
	long n, skipped;
	int state;

	buf_init(&got, 4096);
	for (cut = 1; cut < sizeof(text) - 1; cut++) {
		buf_reset(&got);
		for (at = 0; at < sizeof(text) - 1; at += (size_t)n) {
			end = at < cut ? cut : sizeof(text) - 1;
			seen = 0;
			n = sse_next(str_make(text + at, end - at), &seen, &ev);
			state = SSE_LINE;
			skipped = sse_skip(str_make(text + at, end - at),
			    &state);
			EQ_INT(skipped, n);
			if (n < 0) {
				from = end;
				end = sizeof(text) - 1;
				n = sse_next(str_make(text + at, end - at),
				    &seen, &ev);
				skipped = sse_skip(str_make(text + from,
				    end - from), &state);
				EQ_INT(skipped + (long)(from - at), n);
			}
			if (ev.data_lines > 0)
				buf_adds(&got, ev.data);
		}
		EQ_S(buf_str(&got), "123456");
	}
	buf_free(&got);
}

/* Lines that all end with CR are no more work than others. */
TEST(many_short_lines)
{
	static char text[1 << 20];
	struct sse_event ev;
	size_t from = 0, seen = 0;
	long n, events = 0;

	memset(text, '\r', sizeof(text));
	while ((n = sse_next(str_make(text + from, sizeof(text) - from), &seen,
	    &ev)) > 0) {
		EQ_INT(n, 1);
		from += (size_t)n;
		events++;
	}
	EQ_INT(events, sizeof(text));
}

/* Of an array, divided at every byte: what there is of it at any time. */
static void
elements(const char *text, const char *want)
{
	struct buf in, got;
	struct sse_event ev;
	size_t seen = 0;
	int state = SSE_LINE;
	long n, end;

	buf_init(&in, 4096);
	buf_init(&got, 4096);
	for (; *text != '\0'; text++) {
		buf_addc(&in, *text);
		end = frame_skip(FRAME_ARRAY, str_make(text, 1), &state);
		n = frame_next(FRAME_ARRAY, buf_str(&in), &seen, &ev);
		EQ_INT(end == 1, n > 0);
		if (n <= 0)
			continue;
		EQ_INT(n, buf_len(&in));
		buf_printf(&got, "%u<%.*s>", ev.data_lines, STR_ARG(ev.data));
		buf_reset(&in);
		state = SSE_LINE;
	}
	buf_printf(&got, "+%.*s", STR_ARG(buf_str(&in)));
	EQ_S(buf_str(&got), want);
	buf_free(&in);
	buf_free(&got);
}

TEST(elements_of_an_array)
{
	elements("[{\"a\":1}\r\n,\n {\"b\":[{},[]]}]\n",
	    "1<{\"a\":1}>1<{\"b\":[{},[]]}>0<>+\n");
	elements("[{\"a\":\"]}\\\"[{\\\\\"},{", "1<{\"a\":\"]}\\\"[{\\\\\"}>+,{");
	elements("[]", "0<>+");
	elements("[ {\"a", "+[ {\"a");
}

TEST(what_stands_before_another)
{
	static const struct {
		enum frame	 f;
		int		 inside;
		const char	*rest, *want;
	} rows[] = {
		{ FRAME_EVENTS, 0, "", "" }, { FRAME_EVENTS, 1, "da", "\n\n" },
		{ FRAME_LINES, 0, "", "" }, { FRAME_LINES, 1, "{", "\n" },
		{ FRAME_ARRAY, 0, "", ",\r\n" },
		{ FRAME_ARRAY, 1, " \r\n", ",\r\n" },
		{ FRAME_ARRAY, 1, "\n,", "" }, { FRAME_ARRAY, 1, "[\n", "" },
		{ FRAME_ARRAY, 1, ",{", NULL }, { FRAME_ARRAY, 1, "", NULL },
	};
	struct buf b;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 64);
		rc = frame_mend(&b, rows[i].f, rows[i].inside,
		    str_of(rows[i].rest));
		EQ_INT(rc, rows[i].want == NULL ? ERR_FORMAT : 0);
		if (rc == 0)
			EQ_S(buf_str(&b), rows[i].want);
		buf_free(&b);
	}
}

/* What a body looks like, one byte at a time: when it is known. */
TEST(by_its_first_bytes)
{
	static const struct {
		enum frame	 f;
		const char	*text;
		int		 want;
		size_t		 at;	/* bytes that are enough */
	} rows[] = {
		{ FRAME_EVENTS, "data:", 1, 5 },
		{ FRAME_EVENTS, "\r\n\nevent: x", 1, 9 },
		{ FRAME_EVENTS, ": hi", 1, 1 },
		{ FRAME_EVENTS, "id:1", 1, 3 },
		{ FRAME_EVENTS, "retry: 1", 1, 6 },
		{ FRAME_EVENTS, "data", ERR_AGAIN, 4 },
		{ FRAME_EVENTS, "\n", ERR_AGAIN, 1 },
		{ FRAME_EVENTS, " data:", 0, 1 },
		{ FRAME_EVENTS, "dates", 0, 4 },
		{ FRAME_EVENTS, "{\"data:\":1}\n", 0, 1 },
		{ FRAME_EVENTS, "[]", 0, 1 },
		{ FRAME_LINES, "{\"a\":1}\n", 1, 8 },
		{ FRAME_LINES, "\n {\"a\":1} \r\n{", 1, 12 },
		{ FRAME_LINES, "{\"a\":1}", ERR_AGAIN, 7 },
		{ FRAME_LINES, "{\n\"a\":1}\n", 0, 2 },
		{ FRAME_LINES, "{\"a\":1}x\n", 0, 9 },
		{ FRAME_LINES, "[\n", 0, 1 },
		{ FRAME_LINES, "data: {}\n", 0, 1 },
		{ FRAME_ARRAY, "\n[", 1, 2 },
		{ FRAME_ARRAY, "{", 0, 1 },
	};
	struct str s;
	size_t i, seen;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = str_make(rows[i].text, 0);
		seen = 0;
		do {
			s.n++;
			rc = frame_guess(rows[i].f, s, &seen);
		} while (rc == ERR_AGAIN && s.n < strlen(rows[i].text));
		EQ_INT(rc, rows[i].want);
		EQ_INT(s.n, rows[i].at);
		seen = 0;
		EQ_INT(frame_guess(rows[i].f, str_of(rows[i].text), &seen),
		    rows[i].want);
	}
	/* It does not look for ever. */
	seen = 0;
	EQ_INT(frame_guess(FRAME_ARRAY, STR("                                "
	    "                                 ["), &seen), 0);
}

TAP_BEGIN
TAP_ROW(by_its_first_bytes)
TAP_ROW(elements_of_an_array)
TAP_ROW(what_stands_before_another)
TAP_ROW(many_short_lines)
TAP_ROW(all_events)
TAP_ROW(one_byte_at_a_time)
TAP_ROW(incomplete)
TAP_ROW(event_ends_at_its_last_cr)
TAP_ROW(skip_agrees_with_next)
TAP_END
