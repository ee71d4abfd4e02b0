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

#endif
