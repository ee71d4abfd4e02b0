/*
 * breaker.c - when a provider that fails goes last, and how it comes back.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <string.h>

#include "base/clock.h"
#include "route/breaker.h"

#define RECENT_US	(2 * CLOCK_US_S)
#define ENOUGH		32	/* trials at once: it is well again */

static void
ring_move(struct breaker_ring *g, int64_t window_us, int64_t now)
{
	int64_t step = window_us / BREAKER_SLOTS + 1;
	unsigned i;

	if (now < g->until_us)
		return;
	for (i = 0; i < BREAKER_SLOTS && now >= g->until_us; i++) {
		g->at = (g->at + 1) % BREAKER_SLOTS;
		g->ok[g->at] = g->failed[g->at] = 0;
		g->until_us += step;
	}
	if (now >= g->until_us)
		g->until_us = now + step;
}

static int
ring_bad(const struct breaker_ring *g, const struct breaker_rule *r)
{
	uint64_t ok = 0, failed = 0;
	unsigned i;

	for (i = 0; i < BREAKER_SLOTS; i++) {
		ok += g->ok[i];
		failed += g->failed[i];
	}
	return failed >= r->threshold &&
	    (double)failed >= r->ratio * (double)(ok + failed);
}

static int
change(struct breaker *b, enum breaker_state s, int64_t now)
{
	b->state = s;
	b->since_us = now;
	b->out = 0;
	b->trials = 1;
	memset(&b->recent, 0, sizeof(b->recent));
	memset(&b->window, 0, sizeof(b->window));
	return (int)s;
}

int
breaker_ready(struct breaker *b, const struct breaker_rule *r, int64_t now)
{
	if (b->state == BREAKER_OPEN && now >= b->since_us + r->rest_us)
		change(b, BREAKER_TRIAL, now);
	return b->state == BREAKER_CLOSED ||
	    (b->state == BREAKER_TRIAL && b->out < b->trials);
}

int
breaker_begin(struct breaker *b)
{
	if (b->state != BREAKER_TRIAL)
		return 0;
	b->out++;
	return 1;
}

void
breaker_end(struct breaker *b)
{
	if (b->out > 0)		/* not one of before the last change */
		b->out--;
}

static int
worked(struct breaker *b, int64_t now)
{
	/* One that was tried because nothing else was left. */
	if (b->state == BREAKER_OPEN)
		change(b, BREAKER_TRIAL, now);
	b->trials *= 2;
	return b->trials > ENOUGH ? change(b, BREAKER_CLOSED, now) : -1;
}

int
breaker_note(struct breaker *b, const struct breaker_rule *r, int64_t began,
    int64_t now, int ok, int trial)
{
	int64_t recent = r->window_us < RECENT_US ? r->window_us : RECENT_US;

	if (trial)
		breaker_end(b);
	if (b->state != BREAKER_CLOSED) {
		if (began < b->since_us)
			return -1;
		if (ok)
			return worked(b, now);
		/* In the open it may fail as it likes: the rest goes on. */
		return b->state == BREAKER_TRIAL ?
		    change(b, BREAKER_OPEN, now) : -1;
	}
	ring_move(&b->recent, recent, now);
	ring_move(&b->window, r->window_us, now);
	if (ok) {
		b->recent.ok[b->recent.at]++;
		b->window.ok[b->window.at]++;
		return -1;
	}
	b->recent.failed[b->recent.at]++;
	b->window.failed[b->window.at]++;
	if (!ring_bad(&b->recent, r) && !ring_bad(&b->window, r))
		return -1;
	return change(b, BREAKER_OPEN, now);
}
