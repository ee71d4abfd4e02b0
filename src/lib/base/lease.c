/*
 * lease.c - a process's share of a bound that all processes have together.
 *
 * Runs in: worker.
 * Owns: this slot's leases on the board.
 *
 * Stores and loads of leases are sequentially consistent: of two processes
 * that store and then sum, at least one sees the other's store.
 */
#include <string.h>

#include "base/err.h"
#include "base/lease.h"

#define SLACK 4		/* chunks kept for what comes next */

void
lease_init(struct lease *l, struct board *b, unsigned slot,
    enum board_lease kind, uint64_t limit, uint64_t chunk)
{
	ASSERT(slot < BOARD_SLOTS && chunk > 0);
	memset(l, 0, sizeof(*l));
	l->board = b;
	l->slot = slot;
	l->kind = kind;
	l->limit = limit;
	l->chunk = chunk;
}

static uint64_t
whole_chunks(const struct lease *l, uint64_t n)
{
	return (n + l->chunk - 1) / l->chunk * l->chunk;
}

static void
publish(struct lease *l, uint64_t n)
{
	atomic_store(&l->board->lease[l->kind][l->slot], n);
}

static int
too_much(const struct lease *l)
{
	return board_leased(l->board, l->kind) > l->limit;
}

/* Lease want in all: 1, or 0 and all is as before. */
static int
claim(struct lease *l, uint64_t want)
{
	publish(l, want);
	if (too_much(l)) {
		publish(l, l->held);
		return 0;
	}
	l->held = want;
	return 1;
}

int
lease_take(struct lease *l, uint64_t n)
{
	/* Near the limit a whole chunk may be too much. */
	if (l->used + n > l->held &&
	    !claim(l, whole_chunks(l, l->used + n)) &&
	    !claim(l, l->used + n))
		return ERR_LIMIT;
	l->used += n;
	return 0;
}

int
lease_fits(const struct lease *l, uint64_t n)
{
	return l->used + n <= l->held || board_leased(l->board, l->kind) -
	    l->held + l->used + n <= l->limit;
}

void
lease_force(struct lease *l, uint64_t n)
{
	l->used += n;
	if (l->used <= l->held)
		return;
	if (!claim(l, whole_chunks(l, l->used))) {
		l->held = l->used;
		publish(l, l->held);
	}
	l->over = too_much(l);
}

static void
hold(struct lease *l, uint64_t n)
{
	if (l->held > n) {
		l->held = n;
		publish(l, n);
	}
	l->over = l->over && too_much(l);
}

static void
shrink(struct lease *l)
{
	hold(l, whole_chunks(l, l->used));
	/* Past the limit no part of a chunk is left to be taken. */
	if (l->over)
		hold(l, l->used);
}

void
lease_give(struct lease *l, uint64_t n)
{
	ASSERT(n <= l->used);
	l->used -= n;
	if (l->over || l->held - l->used >= (l->chunk == 1 ? 1 :
	    (SLACK + 1) * l->chunk))
		shrink(l);
}

void
lease_move(struct lease *l, uint64_t *have, uint64_t now)
{
	if (now > *have)
		lease_force(l, now - *have);
	else if (now < *have)
		lease_give(l, *have - now);
	*have = now;
}

void
lease_rest(struct lease *l)
{
	shrink(l);
}
