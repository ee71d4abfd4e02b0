/*
 * fake_ev.c - base/ev.h and base/clock.h with a time that stands still.
 *
 * Runs in: the scenario runner.
 * Owns: virtual time.
 */
#include <time.h>

#include "base/clock.h"
#include "scen.h"

int64_t scen_now = 1000000000;
int64_t scen_lag, scen_backlog;
unsigned scen_n_later, scen_n_backlog;
int scen_long;

static int
virtual_time(clockid_t id, struct timespec *ts)
{
	int64_t us = scen_now + (id == CLOCK_REALTIME ? SCEN_EPOCH_US : 0);

	ts->tv_sec = us / CLOCK_US_S;
	ts->tv_nsec = us % CLOCK_US_S * 1000;
	return 0;
}

/* The forms of time are the real ones; only their source is not. */
#define clock_gettime virtual_time
#include "lib/base/clock.c"
#undef clock_gettime

struct ev_loop {
	LIST_HEAD(, ev_timer) timers;
	TAILQ_HEAD(, ev_task) tasks;
	uint64_t	 round;
};

static struct task_list put_off;	/* a mark */
static int share;		/* slices that the task may go on for */
static int tasks_left;		/* of a long turn */

struct ev_loop *
ev_loop_new(void)
{
	struct ev_loop *l = calloc(1, sizeof(*l));

	LIST_INIT(&l->timers);
	TAILQ_INIT(&l->tasks);
	return l;
}

int64_t
ev_now_us(const struct ev_loop *l)
{
	(void)l;
	return scen_now;
}

int64_t
ev_lag_us(const struct ev_loop *l)
{
	(void)l;
	return scen_lag;
}

int64_t
ev_backlog_us(const struct ev_loop *l)
{
	(void)l;
	return scen_backlog;
}

static struct ev_timer *
nearest(struct ev_loop *l)
{
	struct ev_timer *t, *best = NULL;

	LIST_FOREACH(t, &l->timers, link)
		if (best == NULL || t->due_us < best->due_us)
			best = t;
	return best;
}

int64_t
scen_next_timer(struct ev_loop *l)
{
	struct ev_timer *t = nearest(l);

	return t == NULL ? INT64_MAX : t->due_us;
}

void
scen_turn(struct ev_loop *l)
{
	struct ev_timer *t;

	while ((t = nearest(l)) != NULL && t->due_us <= scen_now) {
		ev_timer_cancel(t);
		t->fn(t->arg);
	}
	tasks_left = 1;
	ev_run_deferred(l, 4);
	tasks_left = 0;
}

void
ev_timer_set(struct ev_loop *l, struct ev_timer *t, int64_t delay_us,
    void (*fn)(void *), void *arg)
{
	ev_timer_cancel(t);
	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	t->due_us = scen_now + (delay_us < 0 ? 0 : delay_us);
	LIST_INSERT_HEAD(&l->timers, t, link);
}

void
ev_timer_cancel(struct ev_timer *t)
{
	if (t->loop == NULL)
		return;
	LIST_REMOVE(t, link);
	t->loop = NULL;
}

void
ev_defer(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	t->fn = fn;
	t->arg = arg;
	if (t->loop != NULL)
		return;
	t->loop = l;
	t->round = l->round;
	t->list = NULL;
	TAILQ_INSERT_TAIL(&l->tasks, t, link);
}

void
ev_later(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	if (t->loop == NULL) {
		ev_defer(l, t, fn, arg);
		t->list = &put_off;
		scen_n_later++;
	}
}

void
ev_backlog(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	ev_later(l, t, fn, arg);
	scen_n_backlog++;
}

int
ev_may_go_on(const struct ev_loop *l)
{
	(void)l;
	return share > 0 && share-- > 0;
}

void
ev_long(struct ev_loop *l)
{
	(void)l;
}

void
ev_defer_cancel(struct ev_task *t)
{
	if (t->loop == NULL)
		return;
	TAILQ_REMOVE(&t->loop->tasks, t, link);
	t->loop = NULL;
}

int
ev_pending(const struct ev_loop *l)
{
	return !TAILQ_EMPTY(&l->tasks);
}

void
ev_run_deferred(struct ev_loop *l, int rounds)
{
	struct ev_task *t;

	for (; rounds > 0 && ev_pending(l); rounds--) {
		l->round++;
		while ((t = TAILQ_FIRST(&l->tasks)) != NULL &&
		    t->round < l->round) {
			if (scen_long && tasks_left-- <= 0)
				return;
			ev_defer_cancel(t);
			share = t->list == &put_off;
			t->fn(t->arg);
		}
	}
}

/* No descriptor is ever watched: clients come from the script. */
int
ev_io_start(struct ev_loop *l, struct ev_io *io, int fd, unsigned what,
    int edge, void (*fn)(void *, unsigned), void *arg)
{
	(void)what;
	(void)edge;
	io->fn = fn;
	io->arg = arg;
	io->fd = fd;
	io->loop = l;
	return 0;
}

void
ev_io_stop(struct ev_io *io)
{
	io->loop = NULL;
}

void
ev_io_tell(struct ev_io *io, unsigned what)
{
	(void)io;
	(void)what;
}

void
ev_io_urgent(struct ev_io *io, int urgent)
{
	(void)io;
	(void)urgent;
}

int
ev_io_active(const struct ev_io *io)
{
	return io->loop != NULL;
}
