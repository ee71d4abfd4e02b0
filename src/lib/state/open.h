/*
 * open.h - requests under way, on record before their bytes leave for a
 * provider: so that what a worker had begun is accounted for when it dies.
 *
 * Each worker has a file in run_dir, mapped and shared, with one entry per
 * request: noting one costs stores into memory, no system call and no
 * transaction. The pages are there before they are touched, so a full file
 * system is ERR_FULL and never a signal. The entry outlives the process; the
 * recorder reads it when the worker is gone (open_dead.c).
 *
 * Exactly once: the settle act writes the sequence of its spool record into
 * the entry before the transaction is committed, and the entry is freed when
 * it is. An entry that bears a sequence was settled if the spool has that
 * record from that worker, or has had it (alive.h).
 */
#ifndef STATE_OPEN_H
#define STATE_OPEN_H

#include "state/usage.h"

/* What a request is charged if it is cut off now, in tokens and pico-dollars.
 * The cost is fixed + output * per_output. */
struct open_charge {
	uint64_t	 input, output;
	int64_t		 fixed, per_output;
};

/* --- worker ------------------------------------------------------------ */

/*
 * Make an entry from request_id, key_id, key_name, group, model, endpoint,
 * flags and the session's names of who; real_us is when the request began. It
 * counts from its first open_attempt on. 0, ERR_FULL (no room to note it: do not send), or
 * ERR_SYSTEM.
 */
int open_begin(struct state *st, const struct usage_rec *who,
    struct open_req **out);
/* Attempt number n is about to start. */
void open_attempt(struct open_req *o, unsigned n, struct str provider,
    struct str upstream_model, const struct open_charge *c);
/* Its first byte is about to leave: from here on it is charged. */
void open_sent(struct open_req *o);
/* So many tokens of output by now. */
void open_output(struct open_req *o, uint64_t tokens);
/* This is what it will be charged. */
void open_exact(struct open_req *o, uint64_t input, uint64_t output,
    int64_t cost);
/* Nothing is to be charged (any more). Accepts NULL, sets NULL. */
void open_end(struct state *st, struct open_req **op);

/* --- inside the state layer -------------------------------------------- */

/* Put down that this process lives and make its file: 0, or a code. Blocking;
 * open_begin does so when it could not be done before. */
int open_create(struct state *st);
void open_close(struct state *st);
/* The entry is settled by spool record seq if that is committed; 0: not. */
void open_mark(struct open_req *o, uint64_t seq);

/* --- recorder ---------------------------------------------------------- */

/*
 * Write a usage record, marked USAGE_INTERRUPTED, for each request of a dead
 * worker that was not settled, and charge its key. How far this went is part
 * of the same transactions: doing it again changes nothing. Blocking. 0, or a
 * code (ERR_FULL: try again later).
 */
int open_dead(struct state *st, uint64_t incarnation);
/* The file of a dead worker, after that. */
void open_unlink(struct state *st, uint64_t incarnation);
/* Remove the files of workers that are not known any more. */
void open_sweep(struct state *st);

#endif
