/*
 * sweep.c - lets old records of keys and sessions go, in hot and in the ledger.
 *
 * Runs in: recorder.
 * Owns: where the walk stands.
 *
 * A limit record that says nothing any more (its longest window is over) is
 * removed. One slice a call, so the writer lock is never held for long; a walk
 * through the whole store begins once a minute, one through the checkpoints and
 * one through the sessions once an hour.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "recorder/sweep.h"
#include "state/checkpoint.h"
#include "state/sessions.h"

#define SWEEP_EVERY_US	(60 * CLOCK_US_S)
#define SWEEP_OLD_US	(3600 * CLOCK_US_S)
#define SWEEP_SLICE_US	50000

struct sweep {
	struct child	*c;
	struct state	*st;
	struct ev_timer	 timer, old, sessions;
	uint64_t	 next, next_old;	/* 0: at the beginning */
};

static void
sweep_slice(void *arg)
{
	struct sweep *s = arg;
	int rc = state_expire(s->st, &s->next, clock_boot_us(),
	    clock_real_us());

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

/* What sessions used, past ledger.retention. */
static void
sweep_sessions(void *arg)
{
	struct sweep *s = arg;
	int rc = sessions_expire(s->st, clock_real_us() -
	    s->c->conf->ledger.retention);

	if (rc < 0)
		log_warn("old sums of sessions could not be removed: %s",
		    err_str(rc));
	ev_timer_set(s->c->loop, &s->sessions, rc > 0 ? SWEEP_SLICE_US :
	    SWEEP_OLD_US, sweep_sessions, s);
}

void
sweep_start(struct child *c, struct state *st)
{
	struct sweep *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->st = st;
	ev_timer_set(c->loop, &s->timer, SWEEP_EVERY_US, sweep_slice, s);
	ev_timer_set(c->loop, &s->old, SWEEP_EVERY_US, sweep_old, s);
	ev_timer_set(c->loop, &s->sessions, SWEEP_SLICE_US, sweep_sessions, s);
}
