/*
 * strat_round_robin.c - one target further at each call.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "route/strat.h"

static void
reverse(struct catalog_target *t, unsigned from, unsigned to)
{
	struct catalog_target tmp;

	for (; from + 1 < to; from++, to--) {
		tmp = t[from];
		t[from] = t[to - 1];
		t[to - 1] = tmp;
	}
}

void
strat_round_robin(struct catalog_target *t, unsigned n, uint64_t (*rnd)(void),
    uint64_t *cursor)
{
	unsigned k = (unsigned)((*cursor)++ % n);

	(void)rnd;
	reverse(t, 0, k);
	reverse(t, k, n);
	reverse(t, 0, n);
}
