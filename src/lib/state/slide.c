/*
 * slide.c - one sliding window: exact or in parts, whichever the limit asks.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A window in parts becomes a ring only when everything in it fits into one,
 * so that no change of a limit, however often, forgets a recent admission. Its
 * time is then the last of its sub-window, so changing back rounds no further.
 */
#include "state/limit_rec.h"

/* Ring to parts: count each time in its sub-window. */
static int
to_parts(struct limit *l, enum limit_slide_id s, int64_t period)
{
	int64_t v[LIMIT_EXACT];
	int n, i, rc;

	if ((n = ring_all(l, s, v)) < 0)
		return n;
	if (n == 0)
		v[0] = l->now;
	if ((rc = parts_advance(l, s, period, v[0])) != 0)
		return rc;
	for (i = 0; i < n; i++)
		if ((rc = parts_advance(l, s, period, v[i])) != 0 ||
		    (rc = parts_add(l, s, 1)) != 0)
			return rc;
	return 0;
}

int
slide_fit(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, int weighed)
{
	struct limit_slide *w = &l->r.slide[s];
	int rc;

	if (w->mode == LIMIT_RING) {
		if ((rc = ring_expire(l, s, period)) != 0)
			return rc;
		if (limit <= LIMIT_EXACT)
			return ring_fit(l, s, period, (unsigned)limit);
		if ((rc = to_parts(l, s, period)) != 0)
			return rc;
		return parts_advance(l, s, period, l->now);
	}
	if (w->mode == LIMIT_PARTS || weighed || limit > LIMIT_EXACT) {
		if ((rc = parts_advance(l, s, period, l->now)) != 0)
			return rc;
		if (weighed || limit > LIMIT_EXACT || w->sum > LIMIT_EXACT)
			return 0;
	}
	return ring_fit(l, s, period, (unsigned)limit);
}

int
slide_check(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t limit, struct limit_verdict *v)
{
	const struct limit_slide *w = &l->r.slide[s];
	uint64_t used = w->mode == LIMIT_RING ? w->live : w->sum;
	int64_t t;
	int rc;

	v->over = used >= limit;
	v->left = v->over ? 0 : limit - used;
	v->reset_us = w->mode == LIMIT_PARTS ? period + period / 256 : period;
	if (!v->over)
		return 0;
	if (w->mode == LIMIT_PARTS)
		return parts_wait(l, s, period, limit, &v->wait_us);
	v->reset_us = w->at + period - l->now;
	rc = ring_entry(l, s, w->live - (unsigned)limit, &t);
	v->wait_us = rc == 0 ? t + period - l->now : 0;
	return rc;
}

int
slide_take(struct limit *l, enum limit_slide_id s, int64_t period,
    uint64_t n)
{
	int rc;

	if (l->r.slide[s].mode == LIMIT_RING)
		return ring_put(l, s, l->now);
	if ((rc = parts_advance(l, s, period, l->now)) != 0)
		return rc;
	return parts_add(l, s, n);
}

int
slide_give(struct limit *l, enum limit_slide_id s, int64_t period, int64_t t,
    uint64_t n)
{
	if (l->r.slide[s].mode == LIMIT_RING)
		return ring_drop(l, s, t);
	if (l->r.slide[s].mode == LIMIT_PARTS)
		return parts_drop(l, s, period, t, n);
	return 0;
}
