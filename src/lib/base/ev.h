/*
 * ev.h - the event loop: sockets, timers, deferred work.
 *
 * The owner runs turns by hand: ev_turn waits for events, calls the callbacks,
 * fires due timers, then runs what was deferred. Callbacks may start and stop
 * anything, also themselves. Scenario tests replace this module at link time.
 */
#ifndef BASE_EV_H
#define BASE_EV_H

#include <stdint.h>
#include <sys/queue.h>

struct ev_loop;
struct event;			/* libevent's */

#define EV_IO_IN	1u
#define EV_IO_OUT	2u
#define EV_IO_EOF	4u	/* the peer has shut its side (edge mode) */

struct ev_io {
	struct event	*event;
	void		(*fn)(void *arg, unsigned what);
	void		*arg;
	int		 fd;
	int		 urgent;
	struct ev_loop	*loop;
	TAILQ_ENTRY(ev_io) link;	/* while ready != 0 */
	unsigned	 ready;		/* what has happened, not handled */
	int64_t		 since_us;	/* since then */
};

struct ev_timer {
	LIST_ENTRY(ev_timer) link;
	struct ev_loop	*loop;		/* NULL: not set */
	int64_t		 due_us;
	void		(*fn)(void *arg);
	void		*arg;
};

TAILQ_HEAD(task_list, ev_task);

struct ev_task {
	TAILQ_ENTRY(ev_task) link;
	struct ev_loop	*loop;		/* NULL: not queued */
	uint64_t	 round;		/* the round it was queued in */
	struct task_list *list;		/* that it is in */
	int64_t		 since_us;	/* the turn it was queued in */
	int		 backlog;	/* ev_backlog put it off */
	void		(*fn)(void *arg);
	void		*arg;
};

/* Never NULL; panics only when the system has no epoll left at start. */
struct ev_loop *ev_loop_new(void);
void ev_loop_free(struct ev_loop **lp);

/*
 * One turn: wait at most max_ms (-1: as long as nothing is due). Events that
 * are not handled within a few milliseconds wait for the next turn.
 */
void ev_turn(struct ev_loop *l, int max_ms);
/* Microseconds of clock_mono_us when this turn's work began: after the wait,
 * before the first callback. */
int64_t ev_now_us(const struct ev_loop *l);
/*
 * How long what is not urgent must wait: the age of the oldest such event or
 * task. An event counts from the turn's wait, or, when the loop does not come
 * to rest, from the turn in which the system may have had it; rather too much
 * than too little. 0 when nothing waits.
 */
int64_t ev_lag_us(const struct ev_loop *l);
/* How long the last that had its share of what ev_backlog put off had waited
 * for it; 0 when no more of it waits. */
int64_t ev_backlog_us(const struct ev_loop *l);

/*
 * Watch fd. Edge mode reports each change of readiness once, both directions,
 * and the peer's shutdown: one registration for the life of a connection.
 * Level mode (edge = 0) repeats EV_IO_IN or EV_IO_OUT as asked by what.
 * 0, or ERR_SYSTEM. The fd stays the caller's: ev_io_stop before close.
 */
int ev_io_start(struct ev_loop *l, struct ev_io *io, int fd, unsigned what,
    int edge, void (*fn)(void *, unsigned), void *arg);
void ev_io_stop(struct ev_io *io);
int ev_io_active(const struct ev_io *io);
/* Handle these as if the system had told them now. */
void ev_io_tell(struct ev_io *io, unsigned what);
/* 1 when what it tells of such a kind has not been handled. */
static inline int
ev_io_ready(const struct ev_io *io, unsigned what)
{
	return (io->ready & what) != 0;
}

/*
 * Handle its events before those that are not urgent. For what is short and
 * must not wait: a new connection, a request that may have to be refused. They
 * have a share of each turn, not all of it.
 */
void ev_io_urgent(struct ev_io *io, int urgent);

/*
 * Fire fn(arg) once, delay_us from now, up to 16 ms late (timers are coarse
 * and shared), later when thousands are due at once. Setting a set timer moves
 * it. A zeroed struct is a timer not set.
 */
void ev_timer_set(struct ev_loop *l, struct ev_timer *t, int64_t delay_us,
    void (*fn)(void *), void *arg);
void ev_timer_cancel(struct ev_timer *t);
static inline int
ev_timer_active(const struct ev_timer *t)
{
	return t->loop != 0;
}

/* Run fn(arg) at the end of this turn, once; queueing twice is one run. */
void ev_defer(struct ev_loop *l, struct ev_task *t, void (*fn)(void *),
    void *arg);
/*
 * Run it at the end of the next turn, which will not wait, or of one after
 * that: for the rest of what has had its share of this one. What is put off
 * has a few milliseconds of each turn. ev_defer_cancel works too.
 */
void ev_later(struct ev_loop *l, struct ev_task *t, void (*fn)(void *),
    void *arg);
void ev_defer_cancel(struct ev_task *t);
/* The same for what others send faster than it is handled: its wait tells how
 * much of it there is. */
void ev_backlog(struct ev_loop *l, struct ev_task *t, void (*fn)(void *),
    void *arg);
/*
 * For work in slices of half a millisecond or less: may the callback under way
 * do the next one now? Only what was put off has a share of more than one.
 */
int ev_may_go_on(const struct ev_loop *l);
/* What runs now takes long, as a handshake does: the loop is to look at the
 * clock behind it, which it does not do behind each event, timer and task. */
void ev_long(struct ev_loop *l);
/* 1 when events, due timers or deferred tasks wait (the next turn will not
 * block). */
int ev_pending(const struct ev_loop *l);
/* Run what is deferred now, then what that has deferred, and so on: at most
 * rounds times. What is left when the turn has become long, or all when it is
 * long already, is for the next one. */
void ev_run_deferred(struct ev_loop *l, int rounds);

#endif
