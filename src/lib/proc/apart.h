/*
 * apart.h - look at a ledger in a process of its own, which may die of it.
 */
#ifndef PROC_APART_H
#define PROC_APART_H

#include <stdint.h>

#include "state/state.h"

/*
 * state_check in a forked process; c is filled in as if it had run here. The
 * caller must have no store open. c->progress is called here, at least twice a
 * second; limit_us 0: as long as it takes. 0, or a code with the problem in
 * c->err: ERR_CORRUPT also when the process was killed by what it read,
 * ERR_TIMEOUT when the time was over.
 */
int apart_check(struct state_check *c, int64_t limit_us);

#endif
