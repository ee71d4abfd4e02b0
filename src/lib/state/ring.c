/*
 * ring.c - exact times of a sliding window, in chunks of 32.
 *
 * Runs in: worker.
 * Owns: the chunks of rings under TABLE_LIMIT.
 *
 * The ring has room for cap times; the live ones are tail .. tail + live - 1,
 * oldest first. It only ever grows, so a limit that is lowered and raised
 * again forgets nothing. The youngest ones stand in the record itself until
 * they are LIMIT_FRESH; a chunk is made when it is first written.
 */
#include <stddef.h>

#include "base/log.h"
#include "state/limit_rec.h"

struct ring_chunk {
	struct rec_head	 head;
	int64_t		 t[LIMIT_CHUNK];
};

static size_t
chunk_size(unsigned cap, unsigned chunk)
{
	unsigned n = cap - chunk * LIMIT_CHUNK;

	return offsetof(struct ring_chunk, t) +
	    (n < LIMIT_CHUNK ? n : LIMIT_CHUNK) * sizeof(int64_t);
}

/*
 * Read the chunk that holds entry i; 1 when it is there. A damaged one is
 * read as the youngest time of the ring: never one too many.
 */
static int
chunk_read(struct limit *l, enum limit_slide_id s, unsigned i,
    struct ring_chunk *c)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
	const struct limit_slide *w = &l->r.slide[s];
	size_t n = chunk_size(w->cap, i / LIMIT_CHUNK);
	struct db_key k;
	struct str val;
	int rc, j;

	limit_chunk_key(&k, l->key_id, s, i / LIMIT_CHUNK);
	rc = db_get(l->st->hot, &k, &val);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	if (rc == 0 && val.n == n &&
	    rec_check(val.p, n, LIMIT_VERSION) == 0) {
		memcpy(c, val.p, n);
		return 1;
	}
	if (rc == 0 && val.n == n && log_allow(&lim))
		log_error("store hot: damaged times of key %llu",
		    (unsigned long long)l->key_id);
	for (j = 0; j < LIMIT_CHUNK; j++)
		c->t[j] = w->at;
	return 0;
}

/* A look at one live time after the other. */
struct look {
	struct ring_chunk c;
	unsigned	 have;		/* number of the chunk + 1 */
};

/* Live time i, 0 the oldest. */
static int
look_at(struct limit *l, enum limit_slide_id s, struct look *k, unsigned i,
    int64_t *t)
{
	const struct limit_slide *w = &l->r.slide[s];
	unsigned at = (w->tail + i) % w->cap;
	int rc;

	if (i + w->fresh >= w->live) {
		*t = w->u.t[i + w->fresh - w->live];
		return 0;
	}
	if (k->have != at / LIMIT_CHUNK + 1) {
		if ((rc = chunk_read(l, s, at, &k->c)) < 0)
			return rc;
		k->have = at / LIMIT_CHUNK + 1;
	}
	*t = k->c.t[at % LIMIT_CHUNK];
	return 0;
}

int
ring_entry(struct limit *l, enum limit_slide_id s, unsigned i, int64_t *t)
{
	struct look k;

	k.have = 0;
	return look_at(l, s, &k, i, t);
}

/* Forget the oldest. */
static void
pop(struct limit_slide *w)
{
	w->tail = (uint16_t)((w->tail + 1) % w->cap);
	w->live--;
	if (w->fresh > w->live) {
		w->fresh--;
		memmove(w->u.t, w->u.t + 1, w->fresh * sizeof(w->u.t[0]));
	}
}

int
ring_expire(struct limit *l, enum limit_slide_id s, int64_t period)
{
	struct limit_slide *w = &l->r.slide[s];
	struct look k;
	int64_t t;
	int rc;

	if (w->live > 0 && w->at + period <= l->now)
		w->live = w->fresh = 0;	/* even the youngest has left */
	k.have = 0;
	while (w->live > 0) {
		if ((rc = look_at(l, s, &k, 0, &t)) != 0)
			return rc;
		if (t + period > l->now)
			break;
		pop(w);
	}
	return 0;
}

/* Write the chunk of entry i. */
static int
chunk_write(struct limit *l, enum limit_slide_id s, unsigned i,
    struct ring_chunk *c)
{
	size_t n = chunk_size(l->r.slide[s].cap, i / LIMIT_CHUNK);
	struct db_key k;
	void *p;
	int rc;

	rec_seal(c, n, LIMIT_VERSION);
	limit_chunk_key(&k, l->key_id, s, i / LIMIT_CHUNK);
	if ((rc = db_edit(l->st->hot, &k, n, &p)) != 0)
		return rc;
	memcpy(p, c, n);
	return 0;
}

/* Move the fresh times to their chunks. */
static int
spill(struct limit *l, enum limit_slide_id s)
{
	struct limit_slide *w = &l->r.slide[s];
	struct ring_chunk c;
	unsigned i, at, next;
	int rc;

	for (i = 0; i < w->fresh; i++) {
		at = (unsigned)(w->tail + w->live - w->fresh + i) % w->cap;
		next = (at + 1) % w->cap;
		if ((i == 0 || at % LIMIT_CHUNK == 0) &&
		    (rc = chunk_read(l, s, at, &c)) < 0)
			return rc;
		c.t[at % LIMIT_CHUNK] = w->u.t[i];
		if ((i + 1 == w->fresh || next % LIMIT_CHUNK == 0) &&
		    (rc = chunk_write(l, s, at, &c)) != 0)
			return rc;
	}
	w->fresh = 0;
	return 0;
}

int
ring_put(struct limit *l, enum limit_slide_id s, int64_t t)
{
	struct limit_slide *w = &l->r.slide[s];
	int rc;

	if (w->live == w->cap)
		pop(w);
	if (w->fresh == LIMIT_FRESH && (rc = spill(l, s)) != 0)
		return rc;
	w->u.t[w->fresh++] = t;
	w->live++;
	w->at = t;
	l->dirty = 1;
	return 0;
}

int
ring_all(struct limit *l, enum limit_slide_id s, int64_t v[LIMIT_EXACT])
{
	struct look k;
	unsigned n;
	int rc;

	k.have = 0;
	for (n = 0; n < l->r.slide[s].live; n++)
		if ((rc = look_at(l, s, &k, n, &v[n])) != 0)
			return rc;
	return (int)n;
}

/* Write n times as the content of a ring of that capacity. */
static int
rewrite(struct limit *l, enum limit_slide_id s, unsigned cap,
    const int64_t *v, unsigned n)
{
	struct limit_slide *w = &l->r.slide[s];
	struct ring_chunk c;
	unsigned i, part;
	int rc;

	w->mode = LIMIT_RING;
	w->cap = (uint16_t)cap;
	w->tail = 0;
	w->live = (uint16_t)n;
	w->fresh = 0;
	w->at = n > 0 ? v[n - 1] : 0;
	w->sum = 0;
	l->dirty = 1;
	for (i = 0; i < n; i += LIMIT_CHUNK) {
		part = n - i < LIMIT_CHUNK ? n - i : LIMIT_CHUNK;
		memset(&c, 0, sizeof(c));
		memcpy(c.t, v + i, part * sizeof(v[0]));
		if ((rc = chunk_write(l, s, i, &c)) != 0)
			return rc;
	}
	return 0;
}

int
ring_fit(struct limit *l, enum limit_slide_id s, int64_t period,
    unsigned cap)
{
	struct limit_slide *w = &l->r.slide[s];
	int64_t v[LIMIT_EXACT];
	int n = 0;

	if (w->mode == LIMIT_RING && w->cap >= cap)
		return 0;
	if (w->mode == LIMIT_RING)
		n = ring_all(l, s, v);
	else if (w->mode == LIMIT_PARTS)
		n = parts_times(l, s, period, v);
	if (n < 0)
		return n;
	return rewrite(l, s, (unsigned)n > cap ? (unsigned)n : cap, v,
	    (unsigned)n);
}

int
ring_drop(struct limit *l, enum limit_slide_id s, int64_t t)
{
	struct limit_slide *w = &l->r.slide[s];
	int64_t v[LIMIT_EXACT];
	int i, n;

	for (i = 0; i < w->fresh; i++)
		if (w->u.t[i] == t) {
			memmove(w->u.t + i, w->u.t + i + 1,
			    (size_t)(w->fresh - i - 1) * sizeof(t));
			w->fresh--;
			w->live--;
			l->dirty = 1;
			return 0;
		}
	if ((n = ring_all(l, s, v)) < 0)
		return n;
	for (i = 0; i < n && v[i] != t; i++)
		continue;
	if (i == n)
		return 0;
	memmove(v + i, v + i + 1, (size_t)(n - i - 1) * sizeof(t));
	return rewrite(l, s, w->cap, v, (unsigned)(n - 1));
}
