/*
 * state.h - the shared state of all processes: hot and ledger.
 *
 * A process opens it once. Workers change hot only through acts: complete
 * operations that are queued, applied together by state_flush in one write
 * transaction, and then reported by their done function. Nothing here is kept
 * open over a return to the event loop, and nothing but state_flush (and the
 * calls marked "blocking", for admin, recorder and checker) waits for a lock.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include <stdint.h>
#include <sys/queue.h>

#include "base/board.h"
#include "base/str.h"

struct state;

struct state_opts {
	const char	*run_dir, *state_dir;
	enum board_role	 role;		/* decides what may be written */
	struct board_slot *slot;	/* where lock marks go; may be NULL */
	unsigned	 slot_index;
	const struct board *board;	/* of the slot: tells whose process id
					   is whose; may be NULL */
	uint64_t	 incarnation;
	uint64_t	 hot_max;	/* map size of hot; 0: 1 GiB */
	uint64_t	 ledger_max;	/* map size of ledger; 0: 16 GiB */
	uint64_t	 spool_max;	/* bytes; 0: unlimited */
};

/*
 * Make the folders' files when they are not there: both environments with all
 * tables, lock files preallocated, the boot id file, the ballast. Run once by
 * a throw-away child before any process opens them (and by tests). Refuses
 * network file systems. 0, or an error with a message in err.
 */
int state_prepare(const struct state_opts *o, char *err, size_t errsize);

/* Open: 0, ERR_VERSION, ERR_CORRUPT, ERR_SYSTEM, ERR_FULL; text in err. */
int state_open(const struct state_opts *o, struct state **out, char *err,
    size_t errsize);
void state_close(struct state **sp);

/* 1 when hot was made since the machine started. */
int state_same_boot(const char *run_dir);

/* --- is the ledger sound? ---------------------------------------------- */

struct state_check {
	const char	*path;		/* folder of the ledger, or a copy */
	int		 lone;		/* it is a copy: one file, not in use */
	uint64_t	 map_max;	/* as state_opts.ledger_max */
	int		 shallow;	/* only look whether it can be opened */
	/* State folder: shallow will do when the ledger was closed in order
	 * and has not been changed since. NULL: does not matter. */
	const char	*clean_dir;
	void		(*progress)(void *arg, uint64_t records);
	void		*arg;
	/* results */
	int		 walked;
	uint64_t	 records, keys, requests, txn;
	uint32_t	 sum;		/* equal in ledgers of equal content */
	char		 err[256];	/* the first problem */
};

/*
 * Walk every page and every record: each page used once or free once, keys in
 * order, tables and versions known, checksums right, indexes true. For a
 * throw-away process: a damaged file may end the one that reads it. 0, or a
 * code with the first problem in err.
 */
int state_check(struct state_check *c);
/* The same for state_dir, when only the count matters. */
int state_verify(const char *state_dir, uint64_t ledger_max,
    uint64_t *records, char *err, size_t errsize);
/* After ERR_FULL from the ledger: why, as half a sentence. */
const char *state_full_why(const struct state *st);
/* Number of the ledger's last transaction. */
uint64_t state_last_txn(struct state *st);
/* Note that the ledger is in order up to this transaction: the recorder, the
 * last to leave, and prepare when it has walked it. */
int state_note_clean(const char *state_dir, uint64_t txn);
int state_was_clean(const char *state_dir, uint64_t txn);

/* Write a consistent, compact copy of the ledger in folder dir, which may be
 * in use, to the file fd: 0, or a code with text in err. Not for a sandbox:
 * LMDB starts a thread. */
int state_copy(const char *dir, int fd, char *err, size_t errsize);
/* Make a copy fit to become the ledger: no number of a client key that may
 * have been given since is given again. 0, or a code with text in err. */
int state_copy_adopt(const char *path, char *err, size_t errsize);

/*
 * 0, or the code that makes this process unfit to go on (MDB_PANIC, EIO,
 * corruption): it must log, leave, and be started again.
 */
int state_fatal(const struct state *st);

/* --- acts -------------------------------------------------------------- */

enum act_kind {
	ACT_NONE, ACT_ADMIT, ACT_RESERVE, ACT_SETTLE, ACT_LEAVE, ACT_KEY_FAULT,
	ACT_KINDS
};

struct act {
	TAILQ_ENTRY(act) link;
	enum act_kind	 kind;		/* ACT_NONE: not queued */
	int		 rc;		/* result, valid in done */
	void		(*done)(struct act *);
	void		*arg;
};

/* Queue an act (embedded in its own struct, see window.h, usage.h, upkey.h).
 * It must stay where it is until done is called. */
void state_queue(struct state *st, struct act *a);
/* Acts waiting. */
unsigned state_queued(const struct state *st);
/*
 * Apply what is queued, in order, in one transaction; then call done of each.
 * Of very many only the first, so that it does not take long: state_queued
 * tells whether there are more.
 * When the transaction itself fails every act has that code in rc (ERR_FULL:
 * the store is full; others: see state_fatal). Returns how many were done.
 */
unsigned state_flush(struct state *st);

/*
 * End the read snapshots of this turn (lookups below renew them by
 * themselves). Call once per loop turn before waiting.
 */
void state_turn_end(struct state *st);

/* Number of this life of hot, never used twice. */
uint64_t state_epoch(const struct state *st);

/* A child died: free its readers; the recorder also charges what it had under
 * way and gives back its places. Recorder and checker call it on GONE. A
 * recorder that opens the stores does so for all workers that died while nobody
 * listened. ERR_FULL: try again later, state_sweep does. Blocking. */
int state_gone(struct state *st, unsigned slot, uint64_t incarnation);
/* The same for all workers that died while nobody listened. Recorder, when it
 * comes to work and now and then: what an old binary could not do. Blocking. */
int state_sweep(struct state *st);

/*
 * Remove limit records of keys that were not used for more than a day, by boot
 * time (they are made again when needed), some per call; records that only tell
 * of the last use, by real time. *next: 0 at first; where to go on, 0 when all
 * have been seen. Returns how many were removed, or a code. Recorder, now and
 * then. Blocking.
 */
int state_expire(struct state *st, uint64_t *next, int64_t boot_us,
    int64_t real_us);

#endif
