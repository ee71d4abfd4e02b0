/*
 * rota.h - turns and rates that all processes share, as cells of the board.
 *
 * There is no lock and no system call in it: only atomics, so a process that
 * dies in the middle of anything leaves a cell that the others can use. Cells
 * are claimed by a 64-bit name and stay claimed, so a new generation of
 * processes goes on where the last one stands.
 *
 * A cursor counts turns: everybody takes the next number and looks up whose
 * turn it is in the same order (rota_order). A gate keeps a rate: exactly so
 * many passes in any window, over all processes. A fuse is what all know of a
 * provider that fails (route/breaker.h).
 */
#ifndef BASE_ROTA_H
#define BASE_ROTA_H

#include <stdatomic.h>
#include <stdint.h>

#define ROTA_CURSORS	1024
#define ROTA_GATES	4096
#define ROTA_FUSES	1024
#define ROTA_TIMES	128		/* times that a gate keeps */
#define ROTA_ORDER	1024		/* longest order of turns */
#define ROTA_AGE	64		/* generations a cell is kept unused */

/*
 * What a window is longer than it has to be: passes are delayed differently on
 * their way (a turn of the loop, a new connection), and must not come together
 * again at the other end.
 */
#define ROTA_MARGIN_US	50000

/* The head of a cell. */
struct rota_name {
	_Atomic uint64_t hash;		/* 0: free */
	_Atomic uint32_t generation;	/* the newest that asked for it */
};

struct rota_cursor {
	struct rota_name name;
	_Atomic uint64_t n;
} __attribute__((aligned(64)));

struct rota_gate {
	struct rota_name name;
	/* number of the batch of passes (40 bits), passes taken of it (24) */
	_Atomic uint64_t word;
	/* when each of the last batches was used up; clock_mono_us */
	_Atomic int64_t	at[ROTA_TIMES];
} __attribute__((aligned(64)));

/* Times of clock_mono_us, 0: never. Written when something changed only. */
struct rota_fuse {
	struct rota_name name;
	_Atomic int64_t	blown_us;	/* found failing, last */
	_Atomic int64_t	mended_us;	/* found well again, last */
	_Atomic int64_t	rest_us;	/* how long it rests this time */
	_Atomic int64_t	trial_us;	/* somebody began to try it */
	/* A line of the cache; not aligned, a breaker may hold its own. */
	char		pad[16];
};

struct rota {
	struct rota_cursor cursor[ROTA_CURSORS];
	struct rota_gate gate[ROTA_GATES];
	struct rota_fuse fuse[ROTA_FUSES] __attribute__((aligned(64)));
};

/* FNV-1a of n bytes, to be continued from h (0: begin); never 0. */
uint64_t rota_hash(uint64_t h, const void *p, unsigned long n);

/*
 * The cell of that name, claimed when nobody has it yet; NULL when all are
 * taken by names that were asked for in the last ROTA_AGE generations.
 */
struct rota_cursor *rota_cursor(struct rota *r, uint64_t name,
    uint32_t generation);
struct rota_gate *rota_gate(struct rota *r, uint64_t name,
    uint32_t generation);
struct rota_fuse *rota_fuse(struct rota *r, uint64_t name,
    uint32_t generation);

/* The next turn. */
static inline uint64_t
rota_next(struct rota_cursor *c)
{
	return atomic_fetch_add_explicit(&c->n, 1, memory_order_relaxed);
}

/*
 * An order of turns in which i has a share of weight[i], evenly spread (smooth
 * weighted round robin). Those with weight 0 have none. Shares are exact when
 * the weights have a short common measure, else within 1/ROTA_ORDER. n is at
 * most 64. The length: 0 when all weights are 0.
 */
unsigned rota_order(const double *weight, unsigned n,
    uint8_t order[ROTA_ORDER]);

/* A rate as a gate counts it. */
struct rota_rate {
	uint32_t	 batch;		/* passes of a batch */
	uint32_t	 batches;	/* of a window */
	int64_t		 window_us;
};

/*
 * So many a second; below one: one in so many seconds. A fraction above one is
 * dropped; more than ROTA_TIMES are rounded down by less than one in a
 * hundred, never up.
 */
void rota_rate(double per_second, struct rota_rate *out);

/* How long from now (clock_mono_us) a pass would have to wait; 0: not. */
int64_t rota_ask(const struct rota_gate *g, const struct rota_rate *r,
    int64_t now_us);
/*
 * Take a pass for the earliest time that is neither before now nor before its
 * turn: that time, or -1 when it is after latest_us; then nothing is taken.
 * Passes are given in order, also those for later.
 */
int64_t rota_take(struct rota_gate *g, const struct rota_rate *r,
    int64_t now_us, int64_t latest_us);

#endif
