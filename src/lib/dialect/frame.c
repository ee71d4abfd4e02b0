/*
 * frame.c - how a stream is divided: server-sent events, lines of JSON, or the
 * elements of one JSON array.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/frame.h"
#include "dialect/jt.h"

#define TEXT(s) { s, sizeof(s) - 1 }

static const struct str types[] = {
	[FRAME_EVENTS] = TEXT("text/event-stream"),
	[FRAME_LINES] = TEXT("application/x-ndjson"),
	[FRAME_ARRAY] = TEXT("application/json"),
};

/* Inside an array's element: how deep, and whether in a string. A new one has
 * SSE_LINE only. */
#define IN_STRING	2
#define ESCAPED		4
#define LEVEL		8
#define LEVEL_MAX	(1 << 24)

struct str
frame_type(enum frame f)
{
	return types[f];
}

int
frame_find(struct str type, enum frame *f)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (type.n >= types[i].n && strncasecmp(type.p, types[i].p,
		    types[i].n) == 0) {
			*f = (enum frame)i;
			return 1;
		}
	return 0;
}

/* --- by their first bytes ------------------------------------------------ */

#define BLANKS_MAX	64
#define LINE_LONGEST	(64 << 10)	/* looked at in one go */

/* The name of a field, or a comment. */
static int
begins_event(struct str s)
{
	static const struct str names[] = { TEXT(":"), TEXT("data:"),
	    TEXT("event:"), TEXT("id:"), TEXT("retry:") };
	int rc = 0;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_starts(s, names[i]))
			return 1;
		if (str_starts(names[i], s))
			rc = ERR_AGAIN;
	}
	return rc;
}

/* One object, and nothing else in its line. */
static int
begins_lines(struct str s, size_t *seen)
{
	const char *lf = memchr(s.p + *seen, '\n', s.n - *seen);
	struct jscan_result res;

	if (*s.p != '{')
		return 0;
	*seen = s.n;
	if (lf == NULL)
		return ERR_AGAIN;
	if (lf - s.p > LINE_LONGEST)
		return 0;
	return jscan(str_make(s.p, (size_t)(lf - s.p)), NULL, NULL, 0,
	    &res) == 0;
}

int
frame_guess(enum frame f, struct str begin, size_t *seen)
{
	size_t blanks = 0;
	int rc;

	/* A line of an event does not begin with them. */
	while (blanks < begin.n && blanks < BLANKS_MAX &&
	    memchr("\r\n \t", begin.p[blanks], f == FRAME_EVENTS ? 2 : 4) !=
	    NULL)
		blanks++;
	begin = str_skip(begin, blanks);
	if (begin.n == 0)
		return ERR_AGAIN;
	if (f == FRAME_ARRAY)
		return *begin.p == '[';
	if (f == FRAME_EVENTS)
		return begins_event(begin);
	*seen = *seen > blanks ? *seen - blanks : 0;
	rc = begins_lines(begin, seen);
	*seen += blanks;
	return rc;
}

/* --- one behind the other ------------------------------------------------ */

static long
next_line(struct str in, size_t *seen, struct sse_event *ev)
{
	const char *lf = memchr(in.p + *seen, '\n', in.n - *seen);

	if (lf == NULL) {
		*seen = in.n;
		return ERR_AGAIN;
	}
	memset(ev, 0, sizeof(*ev));
	ev->raw = str_make(in.p, (size_t)(lf - in.p) + 1);
	ev->data = str_make(in.p, ev->raw.n - 1);
	if (ev->data.n > 0 && ev->data.p[ev->data.n - 1] == '\r')
		ev->data.n--;
	ev->data = str_trim(ev->data);
	ev->data_lines = ev->data.n > 0;
	*seen = 0;
	return (long)ev->raw.n;
}

/* One byte of a string. */
static int
in_string(int s, char c)
{
	if (s & ESCAPED)
		return s & ~ESCAPED;
	return c == '\\' ? s | ESCAPED : c == '"' ? s & ~IN_STRING : s;
}

static long
skip_element(struct str in, int *state)
{
	int s = *state;
	size_t i;

	for (i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (s & IN_STRING)
			s = in_string(s, c);
		else if (c == '"')
			s |= IN_STRING;
		else if (c == '{' || (c == '[' && s >= LEVEL))
			s += s < LEVEL_MAX ? LEVEL : 0;
		else if ((c == '}' || c == ']') && (s -= LEVEL) < LEVEL)
			break;
	}
	*state = s;
	return i < in.n ? (long)i + 1 : ERR_AGAIN;
}

static long
next_element(struct str in, size_t *seen, struct sse_event *ev)
{
	int state = SSE_LINE;
	long n = skip_element(in, &state);
	const char *from;

	*seen = 0;
	if (n < 0)
		return n;
	memset(ev, 0, sizeof(*ev));
	ev->raw = str_make(in.p, (size_t)n);
	from = memchr(in.p, '{', (size_t)n);
	if (from == NULL || in.p[n - 1] != '}')
		return n;
	ev->data = str_make(from, (size_t)(in.p + n - from));
	ev->data_lines = 1;
	return n;
}

long
frame_next(enum frame f, struct str in, size_t *seen, struct sse_event *ev)
{
	return f == FRAME_LINES ? next_line(in, seen, ev) :
	    f == FRAME_ARRAY ? next_element(in, seen, ev) :
	    sse_next(in, seen, ev);
}

long
frame_skip(enum frame f, struct str in, int *state)
{
	const char *lf;

	if (f == FRAME_EVENTS)
		return sse_skip(in, state);
	if (f == FRAME_ARRAY)
		return skip_element(in, state);
	lf = memchr(in.p, '\n', in.n);
	return lf == NULL ? ERR_AGAIN : lf - in.p + 1;
}

int
frame_mend(struct buf *b, enum frame f, int inside, struct str rest)
{
	struct str s = jt_value(rest).raw;

	if (f != FRAME_ARRAY)
		return !inside ? 0 :
		    buf_adds(b, f == FRAME_LINES ? STR("\n") : STR("\n\n"));
	if (s.n == 0 && inside == (rest.n > 0))
		return buf_adds(b, STR(",\r\n"));
	/* Another begins behind either. */
	return str_eqc(s, "[") || str_eqc(s, ",") ? 0 : ERR_FORMAT;
}
