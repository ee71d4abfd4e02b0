/*
 * slowness.h - which targets are slow: the worker's side of slow.h.
 */
#ifndef WORKER_SLOWNESS_H
#define WORKER_SLOWNESS_H

#include "route/slow.h"

struct req;
struct worker;

void slowness_init(struct worker *w);
/* Ten times a second, after the facts: look at what was measured. */
void slowness_poll(struct worker *w);

/* The candidates of a request: mark those that are slow; nothing is measured
 * of a request that has one candidate only. */
void slowness_order(struct req *r);
/* An attempt begins, ends (see slow.h). */
void slowness_begin(struct req *r);
void slowness_end(struct req *r, enum slow_end how);

#endif
