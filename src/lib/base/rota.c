/*
 * rota.c - turns and rates that all processes share, as cells of the board.
 *
 * Runs in: worker.
 * Owns: nothing; the cells are the board's.
 *
 * A gate's passes are numbered and go in batches (of one, unless the rate is
 * high). A batch may begin when the one before the last window's is over: what
 * counts is the time of its last pass, which is noted before the pass is
 * taken. So whoever dies in between has given nothing away.
 */
#include <string.h>

#include "base/err.h"
#include "base/rota.h"

#define TAKEN_BITS	24
#define TAKEN_MASK	((1u << TAKEN_BITS) - 1)

uint64_t
rota_hash(uint64_t h, const void *p, unsigned long n)
{
	const unsigned char *b = p;

	if (h == 0)
		h = 14695981039346656037ULL;
	while (n-- > 0)
		h = (h ^ *b++) * 1099511628211ULL;
	return h == 0 ? 1 : h;
}

/* Is it ours, or can it be? */
static int
claim(struct rota_name *c, uint64_t name, uint32_t generation, int old)
{
	uint64_t had = atomic_load(&c->hash);
	uint32_t seen = atomic_load(&c->generation);

	if (had != name) {
		if (old ? had == 0 || seen + ROTA_AGE >= generation :
		    had != 0)
			return 0;
		if (!atomic_compare_exchange_strong(&c->hash, &had, name) &&
		    had != name)
			return 0;
	}
	if (seen < generation || old)
		atomic_store(&c->generation, generation);
	return 1;
}

/* The cells are n structs of size bytes; NULL: none is free. */
static void *
find(void *cells, unsigned n, size_t size, uint64_t name, uint32_t generation)
{
	char *base = cells;
	unsigned i;
	int old;

	for (old = 0; old < 2; old++)
		for (i = 0; i < n; i++) {
			void *c = base + (name + i) % n * size;

			if (claim(c, name, generation, old))
				return c;
		}
	return NULL;
}

struct rota_cursor *
rota_cursor(struct rota *r, uint64_t name, uint32_t generation)
{
	return find(r->cursor, ROTA_CURSORS, sizeof(r->cursor[0]), name,
	    generation);
}

struct rota_gate *
rota_gate(struct rota *r, uint64_t name, uint32_t generation)
{
	return find(r->gate, ROTA_GATES, sizeof(r->gate[0]), name,
	    generation);
}

struct rota_fuse *
rota_fuse(struct rota *r, uint64_t name, uint32_t generation)
{
	return find(r->fuse, ROTA_FUSES, sizeof(r->fuse[0]), name,
	    generation);
}

/* --- turns -------------------------------------------------------------- */

/* The weights times d are whole numbers with a sum that fits: that sum. */
static unsigned
whole(const double *weight, unsigned n, unsigned d, unsigned *w)
{
	double v, sum = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		v = weight[i] * d;
		if (v > ROTA_ORDER)
			return 0;
		w[i] = (unsigned)(v + 0.5);
		if (v - w[i] > 1e-6 || w[i] - v > 1e-6)
			return 0;
		sum += w[i];
	}
	return sum > ROTA_ORDER ? 0 : (unsigned)sum;
}

/* The nearest whole numbers, at least 1, with a sum that fits. */
static unsigned
nearest(const double *weight, unsigned n, double sum, unsigned *w)
{
	unsigned i, total = 0;

	for (i = 0; i < n; i++) {
		w[i] = 0;
		if (weight[i] <= 0)
			continue;
		w[i] = (unsigned)(weight[i] / sum * (ROTA_ORDER - n) + 0.5);
		if (w[i] == 0)
			w[i] = 1;
		total += w[i];
	}
	return total;
}

static unsigned
shares(const double *weight, unsigned n, unsigned *w)
{
	double sum = 0;
	unsigned i, d, total;

	for (i = 0; i < n; i++)
		sum += weight[i];
	if (sum <= 0)
		return 0;
	for (d = 1; d <= 128; d++)
		if ((total = whole(weight, n, d, w)) > 0)
			return total;
	return nearest(weight, n, sum, w);
}

static unsigned
common(unsigned a, unsigned b)
{
	unsigned t;

	while (b != 0) {
		t = a % b;
		a = b;
		b = t;
	}
	return a;
}

unsigned
rota_order(const double *weight, unsigned n, uint8_t order[ROTA_ORDER])
{
	unsigned w[64], i, k, total, best, by = 0;
	int credit[64];

	ASSERT(n <= 64);
	if ((total = shares(weight, n, w)) == 0)
		return 0;
	for (i = 0; i < n; i++)
		by = common(by, w[i]);
	total /= by;
	memset(credit, 0, sizeof(credit));
	for (k = 0; k < total; k++) {
		for (best = n, i = 0; i < n; i++) {
			credit[i] += (int)(w[i] / by);
			if (w[i] > 0 && (best == n ||
			    credit[i] > credit[best]))
				best = i;
		}
		credit[best] -= (int)total;
		order[k] = (uint8_t)best;
	}
	return total;
}

/* --- rates -------------------------------------------------------------- */

void
rota_rate(double q, struct rota_rate *out)
{
	uint64_t n = q < 1 ? 1 : (uint64_t)q;

	ASSERT(q > 0);
	if (q < 1e-6)
		q = 1e-6;
	out->window_us = (q < 1 ? (int64_t)(1e6 / q) : 1000000) +
	    ROTA_MARGIN_US;
	out->batch = (uint32_t)((n + ROTA_TIMES - 2) / (ROTA_TIMES - 1));
	if (out->batch > TAKEN_MASK)
		out->batch = TAKEN_MASK;
	out->batches = (uint32_t)(n / out->batch);
	if (out->batches > ROTA_TIMES - 1)
		out->batches = ROTA_TIMES - 1;
}

/* Batch h may be used from this time on. */
static int64_t
from(const struct rota_gate *g, const struct rota_rate *r, uint64_t h,
    int64_t now)
{
	int64_t last = atomic_load(&g->at[(h - 1) % ROTA_TIMES]);
	int64_t full = atomic_load(&g->at[(h - r->batches) % ROTA_TIMES]);

	if (full != 0 && full + r->window_us > now)
		now = full + r->window_us;
	return last > now ? last : now;
}

int64_t
rota_ask(const struct rota_gate *g, const struct rota_rate *r, int64_t now)
{
	return from(g, r, atomic_load(&g->word) >> TAKEN_BITS, now) - now;
}

/* The time of a batch only grows; its place was that of a much older one. */
static void
note(_Atomic int64_t *at, int64_t t)
{
	int64_t had = atomic_load(at);

	while (had < t && !atomic_compare_exchange_weak(at, &had, t))
		;
}

int64_t
rota_take(struct rota_gate *g, const struct rota_rate *r, int64_t now,
    int64_t latest)
{
	uint64_t word = atomic_load(&g->word), next, h;
	int64_t t;

	for (;;) {
		h = word >> TAKEN_BITS;
		t = from(g, r, h, now);
		if (t > latest)
			return -1;
		next = word + 1;
		if ((word & TAKEN_MASK) + 1 >= r->batch) {
			note(&g->at[h % ROTA_TIMES], t);
			next = (h + 1) << TAKEN_BITS;
		}
		if (atomic_compare_exchange_strong(&g->word, &word, next))
			return t;
	}
}
