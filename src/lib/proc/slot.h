/*
 * slot.h - slots of the board and numbers of workers, for a master.
 *
 * Two masters may share a board during an upgrade; both calls stand that.
 */
#ifndef PROC_SLOT_H
#define PROC_SLOT_H

#include "base/board.h"

/* Take a free slot for role: its index, or ERR_LIMIT. */
int slot_claim(struct board *b, enum board_role role);
/*
 * Give the worker in slot the smallest number that no living worker has: of any
 * generation, of either master. 0, or ERR_LIMIT.
 */
int slot_number(struct board *b, unsigned slot, unsigned *number);

/*
 * The slot that has waited longest, since before then_us, for the lock of a
 * store that nobody holds; -1: none. It was stopped when it was woken, and the
 * others sleep on; when it dies the kernel wakes the next.
 */
int slot_stuck(const struct board *b, int64_t then_us);
/*
 * Have all who wait since before then_us for a lock that nobody holds look
 * again, by a SIGCONT, which children handle: a process that was killed when it
 * had been woken, and had not yet taken the lock, took the wake-up along.
 */
void slot_nudge(const struct board *b, int64_t then_us);
/* Is the process of a taken slot gone? */
int slot_is_dead(const struct board_slot *s);

#endif
