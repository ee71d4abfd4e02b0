/*
 * lease.h - a process's share of a bound that all processes have together.
 *
 * Each slot of the board publishes how much it has leased. To take more, a
 * process first stores its new lease and then adds up those of all slots: over
 * the limit, it gives back. So two that race may both be refused, but never
 * both get what is left of one. The lease of a dead process goes with its
 * slot. Leases grow and shrink in chunks, so most calls touch the process's
 * own numbers only.
 */
#ifndef BASE_LEASE_H
#define BASE_LEASE_H

#include "base/board.h"

struct lease {
	struct board	*board;
	unsigned	 slot;
	enum board_lease kind;
	uint64_t	 limit;		/* of all together */
	uint64_t	 chunk;
	uint64_t	 used, held;	/* held is what the others see */
	int		 over;		/* see lease_over */
};

/* Begin with nothing; chunk 1: the others see every change. */
void lease_init(struct lease *l, struct board *b, unsigned slot,
    enum board_lease kind, uint64_t limit, uint64_t chunk);
/* Take n: 0, or ERR_LIMIT. */
int lease_take(struct lease *l, uint64_t n);
/* 1 when n could be had now; nothing is taken. */
int lease_fits(const struct lease *l, uint64_t n);
/* Count n that are there already and cannot be refused. */
void lease_force(struct lease *l, uint64_t n);
/* Give back n of what was taken or forced. */
void lease_give(struct lease *l, uint64_t n);
/* What was *have is now `now`: force or give the difference. */
void lease_move(struct lease *l, uint64_t *have, uint64_t now);
/* Give back chunks that are not in use; from a timer. */
void lease_rest(struct lease *l);
/* 1 from when a force went over the limit until all are below it again. */
static inline int
lease_over(const struct lease *l)
{
	return l->over;
}

#endif
