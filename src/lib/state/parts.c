/*
 * parts.c - a sliding window in 1/256 sub-windows.
 *
 * Runs in: worker.
 * Owns: the chunks of sub-window counts under TABLE_LIMIT.
 *
 * Sub-window i lasts from i * period / 256 to (i + 1) * period / 256 of
 * CLOCK_BOOTTIME. What happened in it counts until 257 / 256 of a period after
 * its beginning: never one too many, at most 0.4 % of the period too long.
 * Counts stand in five blocks of 64; a block carries its number, and one with
 * another number than expected counts as empty, so nothing is ever cleared. What
 * is from before this boot (checkpoint.c) has negative times and numbers.
 */
#include <stddef.h>

#include "state/limit_rec.h"

#define PARTS		256		/* of a period */
#define BLOCK		64		/* counts in a block */
#define BLOCKS		5		/* 257 counts touch at most five */
#define NO_BLOCK	INT64_MIN

struct block {
	struct rec_head	 head;
	int64_t		 number;
	uint32_t	 n[BLOCK];
};

/* Division that rounds down. */
static int64_t
floor_div(__int128 a, int64_t b)
{
	__int128 q = a / b;

	return (int64_t)(q * b > a ? q - 1 : q);
}

/* Number of the block of sub-window i. */
static int64_t
block_of(int64_t i)
{
	return floor_div(i, BLOCK);
}

static void
block_key(struct db_key *k, const struct limit *l, enum limit_slide_id s,
    int64_t number)
{
	limit_chunk_key(k, l->key_id, s, LIMIT_EXACT / LIMIT_CHUNK +
	    (unsigned)(number - floor_div(number, BLOCKS) * BLOCKS));
}

static int
block_read(struct limit *l, enum limit_slide_id s, int64_t number,
    struct block *b)
{
	struct db_key k;
	struct str val;
	int rc;

	block_key(&k, l, s, number);
	rc = db_get(l->st->hot, &k, &val);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	if (rc == 0 && val.n == sizeof(*b) &&
	    rec_check(val.p, val.n, LIMIT_VERSION) == 0) {
		memcpy(b, val.p, sizeof(*b));
		if (b->number == number)
			return 0;
	}
	memset(b, 0, sizeof(*b));
	b->number = number;
	return 0;
}

/* Number of the sub-window of a fresh count: not after the newest one. */
static int64_t
part_index(const struct limit_slide *w, const struct limit_part *p)
{
	return w->at - (uint32_t)((uint32_t)w->at - p->low);
}

/* Count of sub-window i; b is a look at one block after the other. */
static int
count_of(struct limit *l, enum limit_slide_id s, struct block *b, int64_t i,
    uint64_t *n)
{
	const struct limit_slide *w = &l->r.slide[s];
	unsigned j;
	int rc;

	if (b->number != block_of(i) &&
	    (rc = block_read(l, s, block_of(i), b)) != 0)
		return rc;
	*n = b->n[i - b->number * BLOCK];
	for (j = 0; j < w->fresh; j++)
		if (w->u.part[j].low == (uint32_t)i)
			*n += w->u.part[j].n;
	return 0;
}

/* Sum of the counts from .. to. */
static int
add_up(struct limit *l, enum limit_slide_id s, int64_t from, int64_t to,
    uint64_t *sum)
{
	struct block b;
	uint64_t n;
	int rc;

	*sum = 0;
	b.number = NO_BLOCK;
	for (; from <= to; from++) {
		if ((rc = count_of(l, s, &b, from, &n)) != 0)
			return rc;
		*sum += n;
	}
	return 0;
}

static int64_t
part_of(int64_t t, int64_t period)
{
	return floor_div((__int128)t * PARTS, period);
}

/* When sub-window i begins, rounded up. */
static int64_t
part_start(int64_t i, int64_t period)
{
	return -floor_div(-(__int128)i * period, PARTS);
}

/* Delete the blocks of an earlier time in this form. */
static int
forget(struct limit *l, enum limit_slide_id s)
{
	struct db_key k;
	unsigned i;
	int rc;

	for (i = 0; i < BLOCKS; i++) {
		limit_chunk_key(&k, l->key_id, s,
		    LIMIT_EXACT / LIMIT_CHUNK + i);
		rc = db_del(l->st->hot, &k);
		if (rc != 0 && rc != ERR_NOTFOUND)
			return rc;
	}
	return 0;
}

int
parts_advance(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t t)
{
	struct limit_slide *w = &l->r.slide[s];
	int64_t i = part_of(t, period);
	uint64_t gone;
	int rc;

	if (w->mode != LIMIT_PARTS) {
		if ((rc = forget(l, s)) != 0)
			return rc;
		memset(w, 0, sizeof(*w));
		w->mode = LIMIT_PARTS;
		w->at = i;
		l->dirty = 1;
	}
	if (i <= w->at)
		return 0;
	if (i - w->at > PARTS || w->sum == 0)
		w->sum = w->fresh = 0;
	else {
		rc = add_up(l, s, w->at - PARTS, i - PARTS - 1, &gone);
		if (rc != 0)
			return rc;
		w->sum -= gone < w->sum ? gone : w->sum;
	}
	w->at = i;
	return 0;
}

/* Add one fresh count to its block. */
static int
spill_one(struct limit *l, enum limit_slide_id s, const struct limit_part *f)
{
	int64_t i = part_index(&l->r.slide[s], f);
	struct block b;
	struct db_key k;
	uint32_t *count = &b.n[i - block_of(i) * BLOCK];
	void *p;
	int rc;

	if ((rc = block_read(l, s, block_of(i), &b)) != 0)
		return rc;
	*count = f->n > UINT32_MAX - *count ? UINT32_MAX : *count + f->n;
	rec_seal(&b, sizeof(b), LIMIT_VERSION);
	block_key(&k, l, s, block_of(i));
	if ((rc = db_edit(l->st->hot, &k, sizeof(b), &p)) != 0)
		return rc;
	memcpy(p, &b, sizeof(b));
	return 0;
}

/* Move the fresh counts to their blocks; those out of the window are gone. */
static int
spill(struct limit *l, enum limit_slide_id s)
{
	struct limit_slide *w = &l->r.slide[s];
	unsigned j;
	int rc;

	for (j = 0; j < w->fresh; j++) {
		if (part_index(w, &w->u.part[j]) < w->at - PARTS)
			continue;
		if ((rc = spill_one(l, s, &w->u.part[j])) != 0)
			return rc;
	}
	w->fresh = 0;
	return 0;
}

int
parts_add(struct limit *l, enum limit_slide_id s, uint64_t n)
{
	struct limit_slide *w = &l->r.slide[s];
	struct limit_part *p = w->fresh > 0 ? &w->u.part[w->fresh - 1] : NULL;
	int rc;

	l->dirty = 1;
	if (n > UINT32_MAX / 2)
		n = UINT32_MAX / 2;
	w->sum += n;
	if (p != NULL && p->low == (uint32_t)w->at &&
	    n <= UINT32_MAX - p->n) {
		p->n += (uint32_t)n;
		return 0;
	}
	if (w->fresh == LIMIT_FRESH && (rc = spill(l, s)) != 0)
		return rc;
	w->u.part[w->fresh].low = (uint32_t)w->at;
	w->u.part[w->fresh++].n = (uint32_t)n;
	return 0;
}

int
parts_drop(struct limit *l, enum limit_slide_id s, int64_t period, int64_t t,
    uint64_t n)
{
	struct limit_slide *w = &l->r.slide[s];
	int64_t i = part_of(t < 0 ? 0 : t, period);
	struct block b;
	struct db_key k;
	unsigned j;
	int rc;

	if (i < w->at - PARTS || i > w->at)
		return 0;
	for (j = 0; j < w->fresh && n > 0; j++)
		if (w->u.part[j].low == (uint32_t)i) {
			uint64_t m = n < w->u.part[j].n ? n : w->u.part[j].n;

			w->u.part[j].n -= (uint32_t)m;
			w->sum -= m < w->sum ? m : w->sum;
			n -= m;
			l->dirty = 1;
		}
	if (n == 0)
		return 0;
	if ((rc = block_read(l, s, i / BLOCK, &b)) != 0)
		return rc;
	if (n > b.n[i % BLOCK])
		n = b.n[i % BLOCK];
	b.n[i % BLOCK] -= (uint32_t)n;
	w->sum -= n < w->sum ? n : w->sum;
	l->dirty = 1;
	rec_seal(&b, sizeof(b), LIMIT_VERSION);
	limit_chunk_key(&k, l->key_id, s, LIMIT_EXACT / LIMIT_CHUNK +
	    (unsigned)(i / BLOCK % BLOCKS));
	return db_put(l->st->hot, &k, &b, sizeof(b));
}

int
parts_wait(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, int64_t *us)
{
	const struct limit_slide *w = &l->r.slide[s];
	int64_t i = w->at - PARTS;
	uint64_t left = w->sum, n;
	struct block b;
	int rc;

	b.number = NO_BLOCK;
	for (; i < w->at; i++) {
		if ((rc = count_of(l, s, &b, i, &n)) != 0)
			return rc;
		left -= n < left ? n : left;
		if (left < limit)
			break;
	}
	*us = part_start(i + PARTS + 1, period) - l->now;
	if (*us < 1)
		*us = 1;
	return 0;
}

int
parts_list(struct limit *l, enum limit_slide_id s, int64_t period,
    struct limit_count v[LIMIT_COUNTS])
{
	const struct limit_slide *w = &l->r.slide[s];
	struct block b;
	int64_t i;
	int rc, n = 0;

	b.number = NO_BLOCK;
	for (i = w->at - PARTS; i <= w->at; i++) {
		if ((rc = count_of(l, s, &b, i, &v[n].n)) != 0)
			return rc;
		v[n].t = part_start(i + 1, period) - 1;
		if (v[n].t > l->now)
			v[n].t = l->now;
		n += v[n].n > 0;
	}
	return n;
}

int
parts_times(struct limit *l, enum limit_slide_id s, int64_t period,
    int64_t v[LIMIT_EXACT])
{
	struct limit_count c[LIMIT_COUNTS];
	int i, parts, n = 0;

	if ((parts = parts_list(l, s, period, c)) < 0)
		return parts;
	for (i = 0; i < parts; i++)
		for (; c[i].n > 0 && n < LIMIT_EXACT; c[i].n--)
			v[n++] = c[i].t;
	return n;
}
