/*
 * route.h - the order in which targets are tried.
 *
 * Pure: facts and random numbers are arguments. A strategy is one row in
 * route.c and, when it is more than a line, one file strat_<name>.c.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "route/catalog.h"

/* What is known about a provider now; one per provider, by index. */
struct route_fact {
	int		 usable_keys;	/* keys in rotation */
	int		 open;		/* breaker open: last resort */
	int64_t		 latency_us;	/* first-token p95; 0 unknown */
	uint32_t	 in_flight;
};

/*
 * Order t[0..n) in place: usable before unusable (all unusable: as if all
 * were usable; those that are slow between these), then by priority, a probe
 * of a slow one before others, then by the strategy. rnd gives uniform
 * 64-bit numbers; cursor is the caller's counter for round robin.
 */
void route_order(struct catalog_target *t, unsigned n,
    enum conf_strategy strategy, const struct route_fact *facts,
    uint64_t (*rnd)(void), uint64_t *cursor);

#endif
