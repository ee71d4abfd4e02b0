/*
 * sweep.c - lets old records of keys go, in hot and in the ledger.
 *
 * Runs in: recorder.
 * Owns: where the walk stands.
 *
 * A limit record that says nothing any more (its longest window is over) is
 * removed. One slice a call, so the writer lock is never held for long; a walk
 * through the whole store begins once a minute, one through the checkpoints
 * once an hour.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "recorder/sweep.h"
#include "state/checkpoint.h"

#define SWEEP_EVERY_US	(60 * CLOCK_US_S)
#define SWEEP_OLD_US	(3600 * CLOCK_US_S)
#define SWEEP_SLICE_US	50000

struct sweep {
	struct child	*c;
	struct state	*st;
	struct ev_timer	 timer, old;
	uint64_t	 next, next_old;	/* 0: at the beginning */
};

static void
sweep_slice(void *arg)
{
	struct sweep *s = arg;
	int rc = state_expire(s->st, &s->next, clock_real_us());

	if (rc < 0) {
		log_warn("old limit records could not be removed: %s",
		    err_str(rc));
		s->next = 0;
	}
	ev_timer_set(s->c->loop, &s->timer, s->next == 0 ? SWEEP_EVERY_US :
	    SWEEP_SLICE_US, sweep_slice, s);
}

static void
sweep_old(void *arg)
{
	struct sweep *s = arg;
	int rc = checkpoint_expire(s->st, &s->next_old, clock_real_us());

	if (rc < 0) {
		log_warn("old checkpoints could not be removed: %s",
		    err_str(rc));
		s->next_old = 0;
	}
	ev_timer_set(s->c->loop, &s->old, s->next_old == 0 ? SWEEP_OLD_US :
	    SWEEP_SLICE_US, sweep_old, s);
}

void
sweep_start(struct child *c, struct state *st)
{
	struct sweep *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->st = st;
	ev_timer_set(c->loop, &s->timer, SWEEP_EVERY_US, sweep_slice, s);
	ev_timer_set(c->loop, &s->old, SWEEP_EVERY_US, sweep_old, s);
}
