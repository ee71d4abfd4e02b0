/*
 * strat.h - the strategies behind route.c: each orders targets of equal rank.
 */
#ifndef ROUTE_STRAT_H
#define ROUTE_STRAT_H

#include "route/catalog.h"

typedef void strat_fn(struct catalog_target *t, unsigned n,
    uint64_t (*rnd)(void), uint64_t *cursor);

/* Random order, the chance to be next in proportion to weight. */
strat_fn strat_weighted;
/* The order given, beginning one further at each call. */
strat_fn strat_round_robin;

#endif
