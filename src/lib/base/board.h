/*
 * board.h - counters, heartbeats and marks of all processes in one memfd.
 *
 * The master makes it; every child maps it. A slot is written by its owner
 * only (the master clears it when the child is gone), read by all. Fields are
 * relaxed atomics; nothing here may be trusted by the master for memory
 * safety.
 */
#ifndef BASE_BOARD_H
#define BASE_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/counters.h"
#include "base/rota.h"

#define BOARD_SLOTS 512

/* Latency histogram: upper bounds in milliseconds, the last is open. */
#define BOARD_HIST_BOUNDS \
	{ 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, \
	30000, 60000, 300000 }
#define BOARD_HIST_N 17

enum board_hist {
	BOARD_HIST_REQUEST, BOARD_HIST_FIRST_TOKEN, BOARD_HIST_TURN,
	BOARD_HIST_COUNT
};

enum board_role {
	BOARD_FREE, BOARD_MASTER, BOARD_WORKER, BOARD_CHECKER, BOARD_RECORDER,
	BOARD_ADMIN
};

enum board_state {
	BOARD_STARTING, BOARD_READY, BOARD_DRAINING, BOARD_DRAINED
};

/* What processes have of a common bound (lease.h). */
enum board_lease { BOARD_LEASE_BUFFERS, BOARD_LEASE_CONNS, BOARD_LEASES };

struct board_slot {
	_Atomic uint32_t role;		/* enum board_role */
	_Atomic uint32_t index;		/* number within the role */
	_Atomic uint32_t pid;
	_Atomic uint32_t state;		/* enum board_state */
	_Atomic uint32_t generation;
	_Atomic uint64_t incarnation;	/* never used twice */
	_Atomic int64_t started_us;	/* clock_real_us */
	_Atomic int64_t heartbeat_us;	/* clock_mono_us of the last turn */
	_Atomic int64_t lock_wait_us;	/* since when waiting for the lock of a
					   store; 0: not */
	_Atomic int64_t lock_hold_us;	/* since when holding that of hot */
	_Atomic int64_t ledger_hold_us;	/* and that of the ledger */
	_Atomic uint64_t ctr[CTR_COUNT];
	_Atomic uint64_t hist[BOARD_HIST_COUNT][BOARD_HIST_N];
} __attribute__((aligned(64)));

struct board {
	uint32_t	magic, version, size, slots;
	_Atomic uint32_t retiring;	/* odd while board_retire works */
	_Atomic uint64_t catalog_version;
	_Atomic uint64_t next_incarnation;
	_Atomic int64_t	started_us;
	_Atomic uint32_t generation;
	_Atomic uint32_t reload_failed;	/* the last reload was refused */
	_Atomic int64_t	reload_us;	/* when the last reload ended */
	_Atomic uint64_t reloads;
	_Atomic uint64_t restarts;	/* children started again after a death */
	/* incarnation of the worker that has each number, or of a dead one */
	_Atomic uint64_t number_owner[BOARD_SLOTS];
	/* of each slot; side by side, since they are added up often */
	_Atomic uint64_t lease[BOARD_LEASES][BOARD_SLOTS];
	struct board_slot retired;	/* sums of the dead */
	struct board_slot slot[BOARD_SLOTS];
	struct rota	rota;		/* turns and rates of upstream keys */
};

/* Make the memfd and map it: its fd, or ERR_SYSTEM. Master only. */
int board_create(struct board **out);
/* Map an inherited board: 0, ERR_SYSTEM, or ERR_VERSION. */
int board_map(int fd, struct board **out);

/* Waiting for the lock of a store; then it was got, or not; it was given back.
 * The heart beats on the way: who has waited long is alive. */
void board_lock_wait(struct board_slot *s);
void board_lock_got(struct board_slot *s, int ledger, int got);
void board_lock_free(struct board_slot *s);

/* The slot this process counts in; a private dummy until set. */
extern struct board_slot *board_self;
void board_set_self(struct board_slot *s);

/* Master: add the counters of a dead slot to the retired ones, free it; what
 * it had leased is free too. The log is told how long the turns of its loop
 * were: at "info" when one was too long, else at "debug". */
void board_retire(struct board *b, struct board_slot *s);
/* Sum of a counter or gauge over all slots and the retired. */
uint64_t board_sum(const struct board *b, enum counter c);
uint64_t board_hist_sum(const struct board *b, enum board_hist h, int bucket);
/* Sum of the leases of all slots. */
uint64_t board_leased(const struct board *b, enum board_lease kind);
/* Count a duration (microseconds) in a histogram of this process. */
void board_time(enum board_hist h, int64_t us);

const char *board_role_name(enum board_role r);
const char *board_state_name(enum board_state s);
/* Metric name, help and kind ('C' or 'G') of a counter. */
const char *board_ctr_name(enum counter c);
const char *board_ctr_help(enum counter c);
char board_ctr_kind(enum counter c);

static inline void
board_add(enum counter c, uint64_t n)
{
	/* One writer per slot: a plain add, stored whole. */
	atomic_store_explicit(&board_self->ctr[c],
	    atomic_load_explicit(&board_self->ctr[c], memory_order_relaxed) +
	    n, memory_order_relaxed);
}

static inline void
board_sub(enum counter c, uint64_t n)
{
	board_add(c, 0 - n);
}

static inline void
board_set(enum counter c, uint64_t v)
{
	atomic_store_explicit(&board_self->ctr[c], v, memory_order_relaxed);
}

static inline uint64_t
board_get(const struct board_slot *s, enum counter c)
{
	return atomic_load_explicit(&s->ctr[c], memory_order_relaxed);
}

#endif
