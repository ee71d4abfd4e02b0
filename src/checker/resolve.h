/*
 * resolve.h - addresses of provider hosts, looked up again and again.
 *
 * Workers never resolve: they use what is published from here. Each lookup
 * runs in a thread of its own, at most RESOLVE_THREADS at once, so a resolver
 * that hangs delays no other host and never the loop.
 */
#ifndef CHECKER_RESOLVE_H
#define CHECKER_RESOLVE_H

#include "base/ev.h"
#include "state/addr_book.h"

#define RESOLVE_THREADS	32

struct resolve;

/*
 * Find the addresses of host, in order of preference, v4 mapped; blocking,
 * called in a thread. The number found (at most ADDR_BOOK_MAX), or with text
 * in err ERR_NOTFOUND, or ERR_SYSTEM when this process lacks what a lookup
 * takes: that says nothing of the host, is not told, and soon tried again.
 */
typedef int resolve_lookup_fn(const char *host,
    unsigned char addr[ADDR_BOOK_MAX][16], char *err, size_t errsize);

struct resolve_opts {
	int64_t		 period_us;	/* after a good lookup; 0: 30 s */
	int64_t		 retry_us;	/* first retry after a bad one; 0: 1 s;
					   doubles up to period_us */
	resolve_lookup_fn *lookup;	/* NULL: getaddrinfo(3) */
};

/* NULL when the pipe cannot be made. fn hears each result, from the loop. */
struct resolve *resolve_new(struct ev_loop *loop,
    const struct resolve_opts *o,
    void (*fn)(void *arg, const struct addr_book_rec *rec), void *arg);
/*
 * Look this host up from now on (at once, then every period). known: what was
 * published before, or NULL: its addresses stay in force while lookups fail.
 * IP literals are reported without a lookup. Adding twice is adding once.
 */
void resolve_add(struct resolve *r, const char *host,
    const struct addr_book_rec *known);
/* Lookups stop; running threads end by themselves and are not heard. */
void resolve_free(struct resolve **rp);

#endif
