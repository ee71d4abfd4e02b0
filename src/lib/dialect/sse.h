/*
 * sse.h - events of a text/event-stream (WHATWG HTML, server-sent events).
 *
 * Pure: finds one event at a time at the front of bytes that the caller
 * keeps. Lines end with LF, CRLF or CR. An event whose last byte so far is the
 * CR of its empty line is over: if an LF comes later it is found as one more
 * event of a single byte, which has no data lines, as any empty line too many.
 */
#ifndef DIALECT_SSE_H
#define DIALECT_SSE_H

#include "base/buf.h"
#include "base/str.h"

struct sse_event {
	struct str	raw;		/* all bytes with the empty line */
	struct str	name;		/* of "event:", empty when none */
	struct str	data;		/* of the first "data:" line */
	unsigned	data_lines;	/* > 1: sse_data joins them */
};

/*
 * Find the event at the front of in. *seen is how far an earlier call looked
 * (0 first, and again after the bytes moved). Its size, or ERR_AGAIN when the
 * empty line has not come yet. An event of comments only has no data lines.
 */
long sse_next(struct str in, size_t *seen, struct sse_event *ev);
/*
 * Look for the end of an event whose beginning is kept elsewhere, or not at
 * all. *state is SSE_LINE at an event's beginning and belongs to this function
 * then. Bytes of in that belong to the event, or ERR_AGAIN.
 */
#define SSE_LINE 1
long sse_skip(struct str in, int *state);
/* All data lines joined by LF, appended to b: 0 or a buf.h error. */
int sse_data(const struct sse_event *ev, struct buf *b);

#endif
