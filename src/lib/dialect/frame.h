/*
 * frame.h - how a stream is divided: server-sent events, lines of JSON, or the
 * elements of one JSON array.
 *
 * A line, or an object of the array with what stands before it, is told as an
 * event (sse.h) with one line of data, so whoever looks at events need not know.
 * The end of the array is an event without data. Pure, as sse.h is.
 */
#ifndef DIALECT_FRAME_H
#define DIALECT_FRAME_H

#include "dialect/sse.h"

enum frame { FRAME_EVENTS, FRAME_LINES, FRAME_ARRAY };

/* What its content-type is. */
struct str frame_type(enum frame f);
/* Which one a content-type says: 1, or 0 when it is no stream. */
int frame_find(struct str content_type, enum frame *f);
/*
 * Does a body that begins so look like a stream of that kind, whatever its
 * content-type says? 1, 0, or ERR_AGAIN when more of it must be seen; *seen is
 * 0 first and belongs to this function then. One JSON value is no stream.
 */
int frame_guess(enum frame f, struct str begin, size_t *seen);
/* sse_next and sse_skip for either; *state begins as SSE_LINE. */
long frame_next(enum frame f, struct str in, size_t *seen,
    struct sse_event *ev);
long frame_skip(enum frame f, struct str in, int *state);
/*
 * Append what is to be sent before another event where the last one has not
 * come whole (inside; rest is what there is of it, empty when it was too long
 * to be kept): 0, a buf.h error, or ERR_FORMAT where nothing can mend it.
 */
int frame_mend(struct buf *b, enum frame f, int inside, struct str rest);

#endif
