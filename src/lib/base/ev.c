/*
 * ev.c - the event loop on libevent_core.
 *
 * Runs in: every child, aigwctl, aigw-mock.
 * Owns: the event_base, the timer wheel.
 *
 * libevent watches descriptors. Timers are ours: a wheel of 1,024 slots of
 * 16 ms. Setting and cancelling cost a list operation and no heap, which is
 * what a server needs that sets ten time-outs per request and fires none.
 *
 * Events are queued as libevent tells them and then handled first in first
 * out, the urgent ones before the others. A turn spends URGENT_US on those and
 * goes on with the rest until EVENTS_US, with timers until TIMERS_US and with
 * tasks until TASKS_US, also with those that acts and output wake. What is left
 * over waits for the next turn, in its place.
 *
 * What was put off (ev_later) is long work in slices, such as bodies. It comes
 * last in a turn, for LONG_US. One piece has up to SHARE_US of it: a little of
 * all, again and again, would take far longer, with none's bytes in the caches.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ev.h"
#include "base/log.h"
#include "base/probe.h"
#include "base/xalloc.h"

#define URGENT_US	1000	/* from a turn's begin for urgent events */
#define EVENTS_US	2000	/* for all events, half of it for the others */
#define TIMERS_US	3000	/* until due timers wait */
#define TASKS_US	4000	/* until tasks wait */
#define LONG_US		1500	/* of each turn for what was put off */
#define SHARE_US	1000	/* of it for one task, at most */
#define LOOK_EVERY	8	/* events between two looks at the clock */
#define SLEPT_US	300	/* a poll that took longer has waited */
#define WHEEL		1024
#define TICK_US		16384

LIST_HEAD(timer_list, ev_timer);
TAILQ_HEAD(io_list, ev_io);

struct ev_loop {
	struct event_base	*base;
	struct timer_list	 wheel[WHEEL];
	struct timer_list	 firing;
	int64_t			 tick;		/* first tick not yet swept */
	int64_t			 wake_us;	/* when wake ends the wait */
	struct event		*wake;
	int64_t			 now;
	int			 now_known;	/* now is of this turn */
	size_t			 timers;
	struct task_list	 tasks;		/* for now */
	struct task_list	 later, put_off; /* next turn; from before */
	unsigned		 backlog;	/* of these by ev_backlog */
	int64_t			 backlog_us;	/* the last one's wait */
	uint64_t		 round;		/* of deferred tasks */
	struct io_list		 ready[2];	/* events; [1]: urgent */
	int			 awake;		/* the wait is over */
	int			 woken;		/* by wake, which is used up */
	int			 look;		/* at the clock (ev_long) */
	int64_t			 share_end;	/* of the task under way; 0:
						   it was not put off */
	int64_t			 polled;	/* before this turn's poll */
	int64_t			 woke;		/* behind it */
	int64_t			 since;		/* when the system may have
						   had what it now tells */
};

/* libevent's own words go to the error log. */
static void
on_words(int severity, const char *msg)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("event loop: %s", msg);
	else
		log_debug("event loop: %s", msg);
}

/* The first callback after the wait takes the time. */
static void
take_time(struct ev_loop *l)
{
	if (l->now_known)
		return;
	l->now = clock_mono_us();
	l->now_known = 1;
}

/* The same in the loop of events; the turn begins here. */
static void
wake_up(struct ev_loop *l)
{
	if (l->awake)
		return;
	l->awake = 1;
	take_time(l);
	probe_begin(l->now);
	/* Ready since the poll before, unless this one had to wait. */
	l->since = l->now - l->polled > SLEPT_US ? l->now : l->woke;
	l->woke = l->now;
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct ev_loop *l = arg;

	(void)fd;
	(void)what;
	wake_up(l);
	l->woken = 1;
	l->wake_us = INT64_MAX;
}

struct ev_loop *
ev_loop_new(void)
{
	struct ev_loop *l = xcalloc(1, sizeof(*l));
	struct event_config *cfg = event_config_new();

	ASSERT(cfg != NULL);
	event_set_log_callback(on_words);
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK |
	    EVENT_BASE_FLAG_IGNORE_ENV);
	l->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	ASSERT(l->base != NULL);
	l->wake = event_new(l->base, -1, 0, on_wake, l);
	ASSERT(l->wake != NULL);
	l->wake_us = INT64_MAX;
	l->now = l->since = l->woke = clock_mono_us();
	l->tick = l->now / TICK_US;
	TAILQ_INIT(&l->tasks);
	TAILQ_INIT(&l->later);
	TAILQ_INIT(&l->put_off);
	TAILQ_INIT(&l->ready[0]);
	TAILQ_INIT(&l->ready[1]);
	return l;
}

void
ev_loop_free(struct ev_loop **lp)
{
	if (*lp == NULL)
		return;
	event_free((*lp)->wake);
	event_base_free((*lp)->base);
	free(*lp);
	*lp = NULL;
}

int64_t
ev_now_us(const struct ev_loop *l)
{
	return l->now;
}

int64_t
ev_lag_us(const struct ev_loop *l)
{
	const struct ev_io *io = TAILQ_FIRST(&l->ready[0]);
	const struct ev_task *t = TAILQ_FIRST(&l->tasks);
	int64_t since = l->woke;

	if (io != NULL && io->since_us < since)
		since = io->since_us;
	if (t != NULL && t->since_us < since)
		since = t->since_us;
	return l->woke - since;
}

int64_t
ev_backlog_us(const struct ev_loop *l)
{
	return l->backlog > 0 ? l->backlog_us : 0;
}

/* Let the wait end at that time, if it does not end sooner. */
static void
arm_wake(struct ev_loop *l, int64_t at)
{
	struct timeval tv;
	int64_t us;

	if (at >= l->wake_us)
		return;
	us = at - clock_mono_us();
	if (us < 0)
		us = 0;
	tv.tv_sec = us / 1000000;
	tv.tv_usec = us % 1000000;
	l->wake_us = at;
	event_add(l->wake, &tv);
}

/*
 * Nothing ends the wait any more: look for the next slot with a timer. A wake
 * for a timer that was cancelled meanwhile, or for one that has laps to go, is
 * one empty turn.
 */
static void
next_wake(struct ev_loop *l)
{
	int64_t t;

	l->wake_us = INT64_MAX;
	l->woken = 0;
	if (l->timers == 0)
		return;
	for (t = l->tick; t < l->tick + WHEEL; t++)
		if (!LIST_EMPTY(&l->wheel[t % WHEEL]))
			break;
	arm_wake(l, (t + 1) * TICK_US);
}

/* One more of those that share a part of the turn, which ends so long after its
 * begin: 1 when it is over. */
static int
had_enough(struct ev_loop *l, unsigned *n, int64_t until_us)
{
	if (++*n % LOOK_EVERY != 0 && !l->look)
		return 0;
	l->look = 0;
	return clock_mono_us() - l->woke >= until_us;
}

void
ev_long(struct ev_loop *l)
{
	l->look = 1;
}

/* Move the due timers of a slot behind tail, oldest first; the new tail. */
static struct ev_timer *
take_slot(struct ev_loop *l, struct timer_list *slot, struct ev_timer *tail)
{
	struct ev_timer *t, *next, *last = NULL;

	for (t = LIST_FIRST(slot); t != NULL; t = next) {
		next = LIST_NEXT(t, link);
		if (t->due_us > l->now)		/* laps to go */
			continue;
		LIST_REMOVE(t, link);
		if (tail == NULL)
			LIST_INSERT_HEAD(&l->firing, t, link);
		else
			LIST_INSERT_AFTER(tail, t, link);
		if (last == NULL)
			last = t;
	}
	return last != NULL ? last : tail;
}

static void
take_due(struct ev_loop *l)
{
	int64_t over = l->now / TICK_US;	/* slots before this are over */
	struct ev_timer *tail = NULL;

	if (l->timers == 0)
		l->tick = over;
	if (over - l->tick > WHEEL)
		l->tick = over - WHEEL;
	for (; l->tick < over; l->tick++)
		tail = take_slot(l, &l->wheel[l->tick % WHEEL], tail);
}

/* Thousands may be due at once: of connections that nobody uses. What is left
 * of the turn before comes first. */
static void
fire_timers(struct ev_loop *l)
{
	struct ev_timer *t;
	unsigned n = 0;

	if (LIST_EMPTY(&l->firing))
		take_due(l);
	while ((t = LIST_FIRST(&l->firing)) != NULL) {
		ev_timer_cancel(t);
		t->fn(t->arg);
		if (had_enough(l, &n, TIMERS_US))
			return;
	}
}

/* Run what is queued, until the turn has become long. */
static void
run_tasks(struct ev_loop *l, int rounds)
{
	struct ev_task *t;
	unsigned n = 0;

	while (rounds-- > 0 && !TAILQ_EMPTY(&l->tasks)) {
		/* What a task queues belongs to the next round. */
		l->round++;
		while ((t = TAILQ_FIRST(&l->tasks)) != NULL &&
		    t->round < l->round) {
			TAILQ_REMOVE(&l->tasks, t, link);
			t->loop = NULL;
			t->fn(t->arg);
			if (had_enough(l, &n, TASKS_US))
				return;
		}
	}
}

/* The loop of events; false alarms come to an end too. */
static void
poll_events(struct ev_loop *l, int max_ms)
{
	l->polled = clock_mono_us();
	if (max_ms > 0)
		arm_wake(l, l->polled + max_ms * 1000LL);
	l->now_known = 0;
	l->awake = 0;
	/* Without ONCE it would come back for an event that is still there. */
	event_base_loop(l->base, EVLOOP_ONCE |
	    (max_ms == 0 ? EVLOOP_NONBLOCK : 0));
}

/* What was put off in the turn before may run in this one. */
static void
take_later(struct ev_loop *l)
{
	struct ev_task *t;

	TAILQ_FOREACH(t, &l->later, link)
		t->list = &l->put_off;
	TAILQ_CONCAT(&l->put_off, &l->later, link);
}

/* Handle what is ready, until so long after the turn's begin. */
static void
handle(struct ev_loop *l, struct io_list *q, int64_t until_us)
{
	struct ev_io *io;
	unsigned n = 0, what;

	while ((io = TAILQ_FIRST(q)) != NULL) {
		TAILQ_REMOVE(q, io, link);
		what = io->ready;
		io->ready = 0;
		io->fn(io->arg, what);		/* io may be gone behind it */
		if (had_enough(l, &n, until_us))
			return;
	}
}

static void
run_put_off(struct ev_loop *l)
{
	int64_t now, end = 0;
	struct ev_task *t;

	while ((t = TAILQ_FIRST(&l->put_off)) != NULL) {
		now = clock_mono_us();
		if (end != 0 && now >= end)
			return;
		if (end == 0)
			end = now + LONG_US;
		if (t->backlog)
			l->backlog_us = now - t->since_us;
		ev_defer_cancel(t);
		l->share_end = now + SHARE_US < end ? now + SHARE_US : end;
		t->fn(t->arg);
		l->share_end = 0;
	}
}

int
ev_may_go_on(const struct ev_loop *l)
{
	return l->share_end != 0 && clock_mono_us() < l->share_end;
}

void
ev_turn(struct ev_loop *l, int max_ms)
{
	take_later(l);
	if (ev_pending(l))
		max_ms = 0;
	poll_events(l, max_ms);
	if (!l->awake)
		wake_up(l);
	handle(l, &l->ready[1], URGENT_US);
	handle(l, &l->ready[0], EVENTS_US);
	l->now = clock_mono_us();
	l->now_known = 1;
	probe_phase("timers and tasks", l->now);
	fire_timers(l);
	/* What was set meanwhile may be later than what was there before. */
	if (l->woken || l->now >= l->wake_us || l->wake_us == INT64_MAX)
		next_wake(l);
	run_tasks(l, 4);		/* some in each turn, however long */
	if (!TAILQ_EMPTY(&l->put_off)) {
		probe_phase("long work", clock_mono_us());
		run_put_off(l);
	}
	/* Between turns the time may be old: ev_timer_set takes it anew. */
	l->now_known = 0;
}

static void
put(struct ev_io *io, unsigned what, int64_t since)
{
	if (io->ready == 0) {
		io->since_us = since;
		TAILQ_INSERT_TAIL(&io->loop->ready[io->urgent], io, link);
	}
	io->ready |= what;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct ev_io *io = arg;
	struct ev_loop *l = io->loop;
	unsigned w = 0;

	(void)fd;
	wake_up(l);
	if (what & EV_READ)
		w |= EV_IO_IN;
	if (what & EV_WRITE)
		w |= EV_IO_OUT;
	if (what & EV_CLOSED)
		w |= EV_IO_EOF;
	put(io, w, l->since);
}

int
ev_io_start(struct ev_loop *l, struct ev_io *io, int fd, unsigned what,
    int edge, void (*fn)(void *, unsigned), void *arg)
{
	short flags = EV_PERSIST;

	ASSERT(io->event == NULL);
	if (edge)
		flags |= EV_READ | EV_WRITE | EV_CLOSED | EV_ET;
	else {
		flags |= what & EV_IO_IN ? EV_READ : 0;
		flags |= what & EV_IO_OUT ? EV_WRITE : 0;
	}
	io->fn = fn;
	io->arg = arg;
	io->fd = fd;
	io->loop = l;
	io->ready = 0;
	io->urgent = 0;
	io->event = event_new(l->base, fd, flags, on_event, io);
	if (io->event == NULL)
		return ERR_SYSTEM;
	if (event_add(io->event, NULL) < 0) {
		event_free(io->event);
		io->event = NULL;
		return ERR_SYSTEM;
	}
	return 0;
}

void
ev_io_stop(struct ev_io *io)
{
	if (io->event == NULL)
		return;
	if (io->ready != 0)
		TAILQ_REMOVE(&io->loop->ready[io->urgent], io, link);
	io->ready = 0;
	event_free(io->event);
	io->event = NULL;
}

void
ev_io_tell(struct ev_io *io, unsigned what)
{
	ASSERT(io->event != NULL);
	put(io, what, io->loop->woke);
}

void
ev_io_urgent(struct ev_io *io, int urgent)
{
	urgent = urgent != 0;
	if (io->urgent == urgent)
		return;
	if (io->ready != 0) {
		TAILQ_REMOVE(&io->loop->ready[io->urgent], io, link);
		TAILQ_INSERT_TAIL(&io->loop->ready[urgent], io, link);
	}
	io->urgent = urgent;
}

int
ev_io_active(const struct ev_io *io)
{
	return io->event != NULL;
}

void
ev_timer_set(struct ev_loop *l, struct ev_timer *t, int64_t delay_us,
    void (*fn)(void *), void *arg)
{
	int64_t slot;

	if (t->loop != NULL)
		LIST_REMOVE(t, link);
	else
		l->timers++;
	if (delay_us < 0)
		delay_us = 0;
	take_time(l);
	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	t->due_us = l->now + delay_us;
	slot = t->due_us / TICK_US;
	if (slot < l->tick)
		slot = l->tick;
	LIST_INSERT_HEAD(&l->wheel[slot % WHEEL], t, link);
	arm_wake(l, (slot + 1) * TICK_US);
}

void
ev_timer_cancel(struct ev_timer *t)
{
	if (t->loop == NULL)
		return;
	LIST_REMOVE(t, link);
	t->loop->timers--;
	t->loop = NULL;
}

static void
queue_task(struct ev_loop *l, struct ev_task *t, void (*fn)(void *),
    void *arg, struct task_list *list)
{
	t->fn = fn;
	t->arg = arg;
	if (t->loop != NULL)
		return;
	t->loop = l;
	t->round = l->round;
	t->list = list;
	t->since_us = l->woke;
	t->backlog = 0;
	TAILQ_INSERT_TAIL(list, t, link);
}

void
ev_defer(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	queue_task(l, t, fn, arg, &l->tasks);
}

void
ev_later(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	queue_task(l, t, fn, arg, &l->later);
}

void
ev_backlog(struct ev_loop *l, struct ev_task *t, void (*fn)(void *), void *arg)
{
	if (t->loop != NULL)
		return;
	ev_later(l, t, fn, arg);
	t->backlog = 1;
	l->backlog++;
}

void
ev_defer_cancel(struct ev_task *t)
{
	if (t->loop == NULL)
		return;
	if (t->backlog)
		t->loop->backlog--;
	TAILQ_REMOVE(t->list, t, link);
	t->loop = NULL;
}

int
ev_pending(const struct ev_loop *l)
{
	return !TAILQ_EMPTY(&l->tasks) || !TAILQ_EMPTY(&l->put_off) ||
	    !TAILQ_EMPTY(&l->ready[0]) || !TAILQ_EMPTY(&l->ready[1]) ||
	    !LIST_EMPTY(&l->firing);
}

void
ev_run_deferred(struct ev_loop *l, int rounds)
{
	if (!TAILQ_EMPTY(&l->tasks) && clock_mono_us() - l->woke < TASKS_US)
		run_tasks(l, rounds);
}
