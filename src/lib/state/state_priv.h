/*
 * state_priv.h - what the files of this layer share.
 */
#ifndef STATE_STATE_PRIV_H
#define STATE_STATE_PRIV_H

#include "state/calendar.h"
#include "state/db.h"
#include "state/schema.h"
#include "state/state.h"

#define STATE_NOTED	1024	/* keys whose use is known to be noted */

TAILQ_HEAD(act_list, act);

struct state {
	enum board_role	 role;
	unsigned	 slot_index;
	const struct board *board;
	uint64_t	 incarnation;
	uint64_t	 spool_max;
	char		*run_dir;
	struct open_file *open;		/* of a worker: open.c */
	int		 registered;	/* it is written down: alive.c */
	struct db	*hot, *ledger;
	uint64_t	 epoch;
	struct act_list	 queue, ending;	/* waiting; applied, done to call */
	unsigned	 queued;
	struct calendar	 calendar;
	struct {
		uint64_t	 key_id;
		int64_t		 real_us;
	} noted[STATE_NOTED];
	/* of the running transaction, filled when first needed */
	struct {
		int		 known;
		uint64_t	 seq, bytes;	/* of the last record */
		uint64_t	 first_bytes;	/* of the floor */
	} spool;
	unsigned	 flushes;
	int		 tight;		/* hot is nearly full ... */
	int		 brim;		/* ... so that not even usage goes in */
	int		 over;		/* so is the spool: nothing is admitted */
	int		 full;		/* the last write was refused: who is
					   admitted writes something */
	int		 refusing;	/* this flush admits nothing */
	unsigned	 lights;	/* admissions without a transaction */
	struct checkpoint *checkpoint;	/* recorder: what is to be written */
};

#define STATE_HOT_MAX		(1ULL << 30)
#define STATE_LEDGER_MAX	(16ULL << 30)

/* Names of the files below run_dir and state_dir; dst has PATH_MAX bytes. */
void state_path(char *dst, const char *dir, const char *name);

/* What acts do, in the open transaction: 0 (a->rc is the result), or a store
 * code that undoes the whole transaction. */
int window_admit(struct state *st, struct act *a);
int usage_settle(struct state *st, struct act *a);
/* Called when the transaction is over, and for each that failed. */
void usage_settled(struct state *st, struct act *a, int rc);
int window_leave(struct state *st, struct act *a);
int window_reserve(struct state *st, struct act *a);
void reserve_after(struct state *st, struct act *a, int rc);
int upkey_fault(struct state *st, struct act *a);
/* What a request has used: tokens for tpm and max_tokens; its place and the
 * tokens that were reserved for it are given back. */
int window_settle(struct state *st, uint64_t key_id, uint64_t tokens,
    int64_t boot_us, int release, uint64_t reserved);
/* 1 when the act could be completed without a transaction (a->rc is set). */
int window_admit_light(struct state *st, struct act *a);

#endif
