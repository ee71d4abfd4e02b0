/*
 * frame.h - how a stream is divided: server-sent events, or lines of JSON.
 *
 * A line is told as an event (sse.h) with one line of data, so whoever looks at
 * events need not know. Pure, as sse.h is.
 */
#ifndef DIALECT_FRAME_H
#define DIALECT_FRAME_H

#include "dialect/sse.h"

enum frame { FRAME_EVENTS, FRAME_LINES };

/* What its content-type is. */
struct str frame_type(enum frame f);
/* Which one a content-type says: 1, or 0 when it is no stream. */
int frame_find(struct str content_type, enum frame *f);
/* sse_next and sse_skip for either; *state begins as SSE_LINE. */
long frame_next(enum frame f, struct str in, size_t *seen,
    struct sse_event *ev);
long frame_skip(enum frame f, struct str in, int *state);
/* What makes a whole one of what has been sent of an event. */
struct str frame_break(enum frame f);

#endif
