/*
 * pool.h - the kept connections of a host.
 *
 * Newest first out; at most POOL_IDLE idle; none older than 10 minutes or
 * idle for 45 seconds; one that speaks or ends while idle is closed at once.
 */
#ifndef UPSTREAM_POOL_H
#define UPSTREAM_POOL_H

#include "upstream/fetch_impl.h"

#define POOL_IDLE	256

struct pool_conn {
	TAILQ_ENTRY(pool_conn) link;
	struct fetch_host *host;
	struct conn	*c;
	int64_t		 created, idle_since;
	unsigned	 uses;
	unsigned	 moves;		/* of the host, when last looked at */
};

/* Take over a new connection. */
struct pool_conn *pool_add(struct fetch_host *h, struct conn *c);
/* An idle one, now the caller's (set its owner), or NULL. */
struct pool_conn *pool_take(struct fetch_host *h);
/* Give back a connection whose exchange is complete; it may be closed. */
void pool_put(struct pool_conn **pp);
/* Close; accepts NULL, sets NULL. */
void pool_close(struct pool_conn **pp);
/* Close those that are too old, at most *left, which becomes less / all idle
 * ones. */
void pool_sweep(struct fetch_host *h, unsigned *left);
void pool_clear(struct fetch_host *h);
/* The host has other addresses: drop what is connected to one that is gone. */
void pool_moved(struct fetch_host *h);

#endif
