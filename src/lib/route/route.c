/*
 * route.c - the order in which targets are tried.
 *
 * Runs in: worker.
 * Owns: the table of strategies.
 */
#include "base/err.h"
#include "route/route.h"
#include "route/strat.h"

/* Those without code of their own order as "weighted". */
static strat_fn *const strategies[STRATEGY_COUNT] = {
	[STRATEGY_PRIORITY] = strat_weighted,
	[STRATEGY_WEIGHTED] = strat_weighted,
	[STRATEGY_ROUND_ROBIN] = strat_round_robin,
	[STRATEGY_BALANCED] = strat_weighted,
	[STRATEGY_LATENCY_FIRST] = strat_weighted,
	[STRATEGY_COST_FIRST] = strat_weighted,
	[STRATEGY_RELIABILITY_FIRST] = strat_weighted,
	[STRATEGY_CHEAPEST] = strat_weighted,
	[STRATEGY_LEAST_BUSY] = strat_weighted,
	[STRATEGY_TIER_SCORE] = strat_weighted,
	[STRATEGY_PREFIX_AFFINITY] = strat_weighted,
};

/* 0: in its place, 1: slow, 2: fails or has no key. */
static int
trouble(const struct catalog_target *t, const struct route_fact *facts)
{
	if (facts[t->index].usable_keys <= 0 || facts[t->index].open)
		return 2;
	return t->turn == SLOW_LAST;
}

/* Group: usable first; inside, by priority. Lower is earlier. */
static int
rank_less(const struct catalog_target *a, const struct catalog_target *b,
    const struct route_fact *facts)
{
	int ta = trouble(a, facts), tb = trouble(b, facts);

	if (ta != tb)
		return ta < tb;
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->turn == SLOW_PROBE && b->turn != SLOW_PROBE;
}

void
route_order(struct catalog_target *t, unsigned n, enum conf_strategy strategy,
    const struct route_fact *facts, uint64_t (*rnd)(void), uint64_t *cursor)
{
	struct catalog_target tmp;
	unsigned i, j, from;

	ASSERT((unsigned)strategy < STRATEGY_COUNT);
	if (n < 2)
		return;
	for (i = 1; i < n; i++) {	/* stable insertion: n is small */
		tmp = t[i];
		for (j = i; j > 0 && rank_less(&tmp, &t[j - 1], facts); j--)
			t[j] = t[j - 1];
		t[j] = tmp;
	}
	for (from = 0, i = 1; i <= n; i++)
		if (i == n || rank_less(&t[i - 1], &t[i], facts)) {
			if (i - from > 1)
				strategies[strategy](t + from, i - from,
				    rnd, cursor);
			from = i;
		}
}
