/*
 * frame.c - how a stream is divided: server-sent events, or lines of JSON.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/frame.h"

#define TEXT(s) { s, sizeof(s) - 1 }

static const struct str types[] = {
	[FRAME_EVENTS] = TEXT("text/event-stream"),
	[FRAME_LINES] = TEXT("application/x-ndjson"),
};

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

long
frame_next(enum frame f, struct str in, size_t *seen, struct sse_event *ev)
{
	return f == FRAME_LINES ? next_line(in, seen, ev) :
	    sse_next(in, seen, ev);
}

long
frame_skip(enum frame f, struct str in, int *state)
{
	const char *lf;

	if (f == FRAME_EVENTS)
		return sse_skip(in, state);
	lf = memchr(in.p, '\n', in.n);
	return lf == NULL ? ERR_AGAIN : lf - in.p + 1;
}

struct str
frame_break(enum frame f)
{
	return f == FRAME_LINES ? STR("\n") : STR("\n\n");
}
