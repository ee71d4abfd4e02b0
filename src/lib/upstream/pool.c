/*
 * pool.c - the kept connections of a host.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: every connection to a provider, also those in use.
 *
 * An idle connection has its events: what it says or its end closes it before
 * anyone can take it. What is left is the peer that closes at the very moment
 * of reuse; fetch_h1 deals with that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/board.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "upstream/pool.h"

#define IDLE_US		(45 * 1000000LL)
#define LIFE_US		(600 * 1000000LL)

struct pool_conn *
pool_add(struct fetch_host *h, struct conn *c)
{
	struct pool_conn *pc = xcalloc(1, sizeof(*pc));

	pc->host = h;
	pc->c = c;
	pc->moves = h->moves;
	pc->created = ev_now_us(h->set->loop);
	h->refs++;
	h->n_open++;
	board_add(CTR_upstream_conns, 1);
	board_add(CTR_upstream_open, 1);
	return pc;
}

void
pool_close(struct pool_conn **pp)
{
	struct pool_conn *pc = *pp;

	if (pc == NULL)
		return;
	conn_close(&pc->c);
	pc->host->n_open--;
	board_sub(CTR_upstream_open, 1);
	fetch_host_unref(pc->host);
	free(pc);
	*pp = NULL;
}

static void
unlink_idle(struct pool_conn *pc)
{
	TAILQ_REMOVE(&pc->host->idle, pc, link);
	pc->host->n_idle--;
}

static void
drop_idle(struct pool_conn *pc)
{
	unlink_idle(pc);
	pool_close(&pc);
}

/* 1 when nothing can be read: no bytes, no end. */
static int
quiet(struct pool_conn *pc)
{
	char b;

	return !conn_readable(pc->c) ||
	    conn_read(pc->c, &b, 1) == ERR_AGAIN;
}

static void
on_idle(void *arg, unsigned what)
{
	struct pool_conn *pc = arg;

	/* TLS may only have brought a session ticket. */
	if ((what & CONN_FAILED) || !quiet(pc))
		drop_idle(pc);
}

/* 1 when the host still has the address that it is connected to. */
static int
still_there(struct pool_conn *pc)
{
	const struct fetch_host *h = pc->host;
	unsigned char addr[16];
	unsigned i, port;

	if (pc->moves == h->moves)
		return 1;
	pc->moves = h->moves;
	conn_peer(pc->c, addr, &port);
	for (i = 0; i < h->n_addr; i++)
		if (memcmp(h->addr[i], addr, 16) == 0)
			return 1;
	return 0;
}

static int
too_old(const struct pool_conn *pc, int64_t now)
{
	return now - pc->idle_since > IDLE_US || now - pc->created > LIFE_US;
}

struct pool_conn *
pool_take(struct fetch_host *h)
{
	int64_t now = ev_now_us(h->set->loop);
	struct pool_conn *pc;

	while ((pc = TAILQ_FIRST(&h->idle)) != NULL) {
		if (!too_old(pc, now)) {
			unlink_idle(pc);
			pc->uses++;
			board_add(CTR_upstream_reused, 1);
			return pc;
		}
		drop_idle(pc);
	}
	return NULL;
}

void
pool_put(struct pool_conn **pp)
{
	struct pool_conn *pc = *pp;
	struct fetch_host *h = pc->host;

	pc->idle_since = ev_now_us(h->set->loop);
	if (h->gone || h->n_idle >= POOL_IDLE || !still_there(pc) ||
	    too_old(pc, pc->idle_since) || !quiet(pc)) {
		pool_close(pp);
		return;
	}
	conn_owner(pc->c, on_idle, pc);
	TAILQ_INSERT_HEAD(&h->idle, pc, link);
	h->n_idle++;
	*pp = NULL;
}

void
pool_sweep(struct fetch_host *h, unsigned *left)
{
	int64_t now = ev_now_us(h->set->loop);
	struct pool_conn *pc, *next;

	for (pc = TAILQ_FIRST(&h->idle); pc != NULL && *left > 0; pc = next) {
		next = TAILQ_NEXT(pc, link);
		if (too_old(pc, now)) {
			drop_idle(pc);
			--*left;
		}
	}
}

void
pool_moved(struct fetch_host *h)
{
	struct pool_conn *pc, *next;

	h->moves++;
	for (pc = TAILQ_FIRST(&h->idle); pc != NULL; pc = next) {
		next = TAILQ_NEXT(pc, link);
		if (!still_there(pc))
			drop_idle(pc);
	}
}

void
pool_clear(struct fetch_host *h)
{
	struct pool_conn *pc;

	while ((pc = TAILQ_FIRST(&h->idle)) != NULL)
		drop_idle(pc);
}
