/*
 * sweep.c - lets old records of the hot store go.
 *
 * Runs in: recorder.
 * Owns: where the walk stands.
 *
 * A limit record that says nothing any more (its longest window is over) is
 * removed. One slice a call, so the writer lock is never held for long; a walk
 * through the whole store begins once a minute.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "recorder/sweep.h"

#define SWEEP_EVERY_US	(60 * CLOCK_US_S)
#define SWEEP_SLICE_US	50000

struct sweep {
	struct child	*c;
	struct state	*st;
	struct ev_timer	 timer;
	uint64_t	 next;		/* 0: at the beginning */
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

void
sweep_start(struct child *c, struct state *st)
{
	struct sweep *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->st = st;
	ev_timer_set(c->loop, &s->timer, SWEEP_EVERY_US, sweep_slice, s);
}
