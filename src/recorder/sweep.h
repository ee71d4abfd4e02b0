/*
 * sweep.h - lets old records of keys and sessions go, in hot and in the ledger.
 */
#ifndef RECORDER_SWEEP_H
#define RECORDER_SWEEP_H

#include "proc/child.h"
#include "state/state.h"

struct sweep;

/* Begin: a slice now and then, from the loop of c. Lives as long as c. */
void sweep_start(struct child *c, struct state *st);

#endif
