/*
 * drain.h - usage records from the spool in hot to the ledger.
 */
#ifndef RECORDER_DRAIN_H
#define RECORDER_DRAIN_H

#include "proc/child.h"
#include "state/usage.h"

struct drain;

/* Make it, idle. Lives as long as the process. */
struct drain *drain_new(struct child *c, struct state *st);
/* Start moving: every ledger.flush, and at once while the spool is large. */
void drain_run(struct drain *d);
/*
 * Move everything that is there, then say DRAINED; also when the ledger
 * refuses for timeout_us or 5 s, whichever is less: what stays in the spool is
 * the next recorder's.
 */
void drain_last(struct drain *d, int64_t timeout_us);

#endif
