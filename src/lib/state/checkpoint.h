/*
 * checkpoint.h - what of a client key's limits must survive a boot.
 *
 * hot is gone after a boot (or when its folder was emptied). A row of the
 * ledger per key keeps the counts of the hour and of the day, the day window
 * in parts of 22.5 minutes, the minute windows as one number, and the last use
 * for the cool-down; times are rounded against the client, at each boot anew.
 * The recorder looks for keys that were used, a slice at each flush, and
 * writes their rows in the commit of the usage records; a worker fills a new
 * record of hot from it. Tokens of a key's life need no row: totals_spent
 * knows them.
 */
#ifndef STATE_CHECKPOINT_H
#define STATE_CHECKPOINT_H

#include "state/state.h"

struct limit;

/* --- worker ------------------------------------------------------------ */

/* Fill a record that has never admitted: 0, also when there is nothing to
 * fill it with, or a code. */
int checkpoint_seed(struct limit *l, int64_t boot_us, int64_t real_us);

/* --- recorder ---------------------------------------------------------- */

struct checkpoint;

/*
 * Look at some more records of hot, for at most about 10 ms, and keep what is
 * to be written. 1: there is more to look at; 0: a round is over, or none is
 * due: at most one in five seconds, and none when hot has not changed; or a
 * code. restart: begin one now.
 */
int checkpoint_look(struct state *st, int64_t boot_us, int64_t real_us,
    int restart);
/* 1 when something waits to be written. */
int checkpoint_waiting(const struct state *st);
/* Write it, in the open transaction of the ledger: 0, or a code. */
int checkpoint_write(struct state *st);
/* It is written (ok), or could not be: then it is looked for again. */
void checkpoint_done(struct state *st, int ok);
/*
 * Delete some rows of keys not used for a month. *next: 0 at first; where to
 * go on, 0 at the end. How many, or a code. Blocking.
 */
int checkpoint_expire(struct state *st, uint64_t *next, int64_t real_us);
void checkpoint_free(struct checkpoint **cp);

/* Is this a row of the table? 0, ERR_CORRUPT or ERR_VERSION. */
int checkpoint_check(struct str val);

#endif
