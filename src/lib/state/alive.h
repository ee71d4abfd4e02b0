/*
 * alive.h - which workers have hot open: so that what the dead held is found
 * also when nobody was told of their death (the whole gateway was killed).
 */
#ifndef STATE_ALIVE_H
#define STATE_ALIVE_H

#include "state/state.h"

/* Write this process down. Blocking. */
int alive_register(struct state *st);
/* Strike one out; unknown ones are fine. Blocking. */
int alive_forget(struct state *st, uint64_t incarnation);
/* state_gone for each that was written down and lives no more. Blocking. */
int alive_sweep(struct state *st);

/* How far the usage of a worker is accounted for. */
struct alive_mark {
	uint64_t	 drained;	/* its records up to this sequence were
					   in the spool and have left it */
	uint32_t	 charged;	/* so many entries of open.h are done */
};

/* 0, ERR_NOTFOUND (not written down, or struck out), or a code. */
int alive_get(struct state *st, uint64_t incarnation, struct alive_mark *m);
/* In the open transaction; unknown ones are left out. */
int alive_set_drained(struct state *st, uint64_t incarnation, uint64_t seq);
int alive_set_charged(struct state *st, uint64_t incarnation, uint32_t n);

#endif
