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
#define LONGEST		16	/* times its rest, when it fails again and again */
#define LONGEST_US	(60 * CLOCK_US_S)

static struct rota_fuse *
fuse(struct breaker *b)
{
	return b->shared != NULL ? b->shared : &b->own;
}

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

int64_t
breaker_rest(struct breaker *b, const struct breaker_rule *r)
{
	int64_t v = fuse(b)->rest_us, most = LONGEST * r->rest_us;

	if (most > LONGEST_US)
		most = r->rest_us > LONGEST_US ? r->rest_us : LONGEST_US;
	return v < r->rest_us ? r->rest_us : v > most ? most : v;
}

/* It fails: open it for those who share the fuse, unless one of them just has.
 * Failing again soon after it was well it rests longer. What is stored by two
 * stores may be seen by halves: then it is a rest of another length. */
static int
blow(struct breaker *b, const struct breaker_rule *r, int64_t now)
{
	struct rota_fuse *f = fuse(b);
	int64_t was = f->blown_us, mended = f->mended_us;
	int64_t rest = breaker_rest(b, r);

	if (atomic_compare_exchange_strong(&f->blown_us, &was, now) &&
	    mended > was)
		f->rest_us = now - mended < rest ? 2 * rest : r->rest_us;
	return change(b, BREAKER_OPEN, now);
}

/* What the others found meanwhile. */
static void
look(struct breaker *b, int64_t now)
{
	const struct rota_fuse *f = fuse(b);
	int64_t blown = f->blown_us, mended = f->mended_us;

	if (blown > b->since_us && blown > mended)
		change(b, BREAKER_OPEN, blown);
	else if (b->state == BREAKER_OPEN && mended > b->since_us &&
	    mended > blown)
		change(b, BREAKER_TRIAL, now);
}

/* Is it for us to try it? */
static int
claim(struct breaker *b, int64_t rest, int64_t now)
{
	struct rota_fuse *f = fuse(b);
	int64_t was = f->trial_us;

	if (now < b->since_us + rest ||
	    (was > b->since_us && now < was + rest))
		return 0;
	return atomic_compare_exchange_strong(&f->trial_us, &was, now);
}

int
breaker_ready(struct breaker *b, const struct breaker_rule *r, int64_t now)
{
	look(b, now);
	if (b->state == BREAKER_OPEN && claim(b, breaker_rest(b, r), now))
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
	if (b->trials <= ENOUGH)
		return -1;
	if (fuse(b)->mended_us <= fuse(b)->blown_us)
		fuse(b)->mended_us = now;
	return change(b, BREAKER_CLOSED, now);
}

int
breaker_note(struct breaker *b, const struct breaker_rule *r, int64_t began,
    int64_t now, int ok, int trial)
{
	int64_t recent = r->window_us < RECENT_US ? r->window_us : RECENT_US;

	if (trial)
		breaker_end(b);
	look(b, now);
	if (b->state != BREAKER_CLOSED) {
		if (began < b->since_us)
			return -1;
		if (ok)
			return worked(b, now);
		/* In the open it may fail as it likes: the rest goes on. */
		return b->state == BREAKER_TRIAL ? blow(b, r, now) : -1;
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
	return blow(b, r, now);
}
