/*
 * strat_weighted.c - random order in proportion to weight.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "route/strat.h"

/* Uniform in [0, 1) from 53 bits. */
static double
unit(uint64_t (*rnd)(void))
{
	return (double)(rnd() >> 11) * (1.0 / 9007199254740992.0);
}

void
strat_weighted(struct catalog_target *t, unsigned n, uint64_t (*rnd)(void),
    uint64_t *cursor)
{
	struct catalog_target tmp;
	double sum, at;
	unsigned i, j;

	(void)cursor;
	for (i = 0; i + 1 < n; i++) {
		for (sum = 0, j = i; j < n; j++)
			sum += t[j].weight > 0 ? t[j].weight : 0;
		at = unit(rnd) * sum;
		for (j = i; j + 1 < n; j++) {
			at -= t[j].weight > 0 ? t[j].weight : 0;
			if (at < 0)
				break;
		}
		tmp = t[j];
		for (; j > i; j--)
			t[j] = t[j - 1];
		t[i] = tmp;
	}
}
