/*
 * logline.h - the access log: one line per request.
 */
#ifndef WORKER_LOGLINE_H
#define WORKER_LOGLINE_H

struct req;
struct worker;

/* Add the line of a finished request to the buffer. */
void logline_write(struct req *r);
/* Write the buffer to the log; called by a timer, on reopen and at the end. */
void logline_flush(struct worker *w);

#endif
