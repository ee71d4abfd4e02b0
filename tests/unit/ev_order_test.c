/* ev_order_test.c - the loop: which of many events are handled when. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ev.h"
#include "tap.h"

static struct ev_loop *loop;

#define MANY 64

static struct busy {
	struct ev_io	 io;
	int		 fd[2];
	int64_t		 lag;
	int		 seen, calls;
} busy[MANY];
static int n_seen;

static void
begin(void)
{
	loop = ev_loop_new();
	n_seen = 0;
}

/* One millisecond of work: for what was read, not for being writable. */
static void
on_work(void *arg, unsigned what)
{
	struct busy *y = arg;
	int64_t start = clock_mono_us();
	char c;

	(void)what;
	y->calls++;
	if (recv(y->fd[0], &c, 1, MSG_DONTWAIT) == 1) {
		while (clock_mono_us() < start + 1000)
			;
		y->seen++;
		n_seen++;
		y->lag = ev_lag_us(loop);
	}
}

/* What is ready at once is handled over many turns, nobody twice before the
 * others; and the lag of the last one is the time that all took. */
TEST(events_are_sliced)
{
	int i, turns = 0, most = 0, before;

	begin();
	for (i = 0; i < MANY; i++) {
		memset(&busy[i], 0, sizeof(busy[i]));
		OK(socketpair(AF_UNIX, SOCK_STREAM, 0, busy[i].fd) == 0);
		EQ_INT(ev_io_start(loop, &busy[i].io, busy[i].fd[0], 0, 1,
		    on_work, &busy[i]), 0);
	}
	/* that they can be written to is told first */
	for (i = 0; i < 50; i++)
		ev_turn(loop, 0);
	for (i = 0; i < MANY; i++)
		OK(write(busy[i].fd[1], "x", 1) == 1);
	for (turns = 0; n_seen < MANY && turns < 1000; turns++) {
		before = n_seen;
		ev_turn(loop, 0);
		if (n_seen - before > most)
			most = n_seen - before;
	}
	EQ_INT(n_seen, MANY);
	OK(most <= 16);
	OK(turns >= 4);
	for (i = 0, before = 0; i < MANY; i++) {
		EQ_INT(busy[i].seen, 1);
		before += busy[i].lag > 20000;
	}
	OK(before >= MANY / 8);
	/* and comes back to nothing */
	for (i = 0; i < 3; i++)
		ev_turn(loop, 0);
	OK(write(busy[0].fd[1], "x", 1) == 1);
	ev_turn(loop, 1000);
	EQ_INT(busy[0].seen, 2);
	OK(busy[0].lag < 500000);
	for (i = 0; i < MANY; i++) {
		ev_io_stop(&busy[i].io);
		close(busy[i].fd[0]);
		close(busy[i].fd[1]);
	}
	ev_loop_free(&loop);
}

/* Ten milliseconds wait; what is urgent does not, though it came last. */
TEST(urgent_events_come_first)
{
	struct busy y[11];
	int i, last = 0;

	begin();
	memset(y, 0, sizeof(y));
	for (i = 0; i < 11; i++) {
		OK(socketpair(AF_UNIX, SOCK_STREAM, 0, y[i].fd) == 0);
		EQ_INT(ev_io_start(loop, &y[i].io, y[i].fd[0], 0, 1, on_work,
		    &y[i]), 0);
	}
	ev_turn(loop, 0);
	for (i = 0; i < 11; i++)
		OK(write(y[i].fd[1], "x", 1) == 1);
	ev_io_urgent(&y[10].io, 1);
	for (i = 0; n_seen < 11 && i < 1000; i++) {
		ev_turn(loop, 0);
		if (i == 0)
			EQ_INT(y[10].seen, 1);
		last += n_seen < 11;
	}
	EQ_INT(n_seen, 11);
	OK(last > 0);
	for (i = 0; i < 11; i++) {
		ev_io_stop(&y[i].io);
		close(y[i].fd[0]);
		close(y[i].fd[1]);
	}
	ev_loop_free(&loop);
}

TEST(told_events_are_handled_once)
{
	struct busy y = { .seen = 0 };

	begin();
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, y.fd) == 0);
	EQ_INT(ev_io_start(loop, &y.io, y.fd[0], 0, 1, on_work, &y), 0);
	ev_turn(loop, 0);
	OK(!ev_pending(loop));
	y.calls = 0;
	ev_io_tell(&y.io, EV_IO_IN);
	ev_io_tell(&y.io, EV_IO_IN);
	OK(ev_io_ready(&y.io, EV_IO_IN));
	OK(ev_pending(loop));
	ev_turn(loop, -1);
	EQ_INT(y.calls, 1);
	OK(!ev_io_ready(&y.io, EV_IO_IN));
	ev_io_tell(&y.io, EV_IO_IN);
	ev_io_stop(&y.io);		/* told to nobody */
	OK(!ev_pending(loop));
	ev_turn(loop, 0);
	EQ_INT(y.calls, 1);
	close(y.fd[0]);
	close(y.fd[1]);
	ev_loop_free(&loop);
}

/* --- timers -------------------------------------------------------------- */

static struct due {
	struct ev_timer	 timer;
	int		 nth;		/* to fire, from 1 */
} due[MANY];

/* Half a millisecond of work, which says so. */
static void
on_due(void *arg)
{
	int64_t end = clock_mono_us() + 500;
	struct due *d = arg;

	d->nth = ++n_seen;
	ev_long(loop);
	while (clock_mono_us() < end)
		;
}

/* Due timers have a share of the turn; the rest come in the next ones, in
 * order, and may be cancelled until then. */
TEST(timers_are_sliced)
{
	int i, turns, before;
	int64_t end;

	begin();
	memset(due, 0, sizeof(due));
	for (i = 0; i < MANY; i++)
		ev_timer_set(loop, &due[i].timer, 0, on_due, &due[i]);
	end = clock_mono_us() + 40000;
	while (clock_mono_us() < end)
		;
	for (turns = 0; n_seen < MANY - 1; turns++) {
		before = n_seen;
		ev_turn(loop, 0);
		ev_timer_cancel(&due[MANY - 1].timer);
		OK(n_seen > before);
		OK(n_seen - before < MANY / 2);
		EQ_INT(ev_pending(loop), n_seen < MANY - 1);
	}
	OK(turns > 1);
	for (i = 0; i < MANY - 1; i++)
		EQ_INT(due[i].nth, i + 1);
	EQ_INT(due[MANY - 1].nth, 0);
	ev_loop_free(&loop);
}

/* --- tasks ---------------------------------------------------------------- */

/* Longer than a turn's share of tasks. */
static void
on_long_task(void *arg)
{
	int64_t end = clock_mono_us() + 5000;

	(void)arg;
	n_seen++;
	ev_long(loop);
	while (clock_mono_us() < end)
		;
}

/* What acts and output wake in a turn that is long already waits for the next
 * one, however often it is told to run; each turn does one at least. */
TEST(tasks_wait_when_the_turn_is_long)
{
	struct ev_task long_task[2] = { { .loop = NULL } };
	int i;

	begin();
	for (i = 0; i < 3; i++) {
		ev_defer(loop, &long_task[0], on_long_task, NULL);
		ev_defer(loop, &long_task[1], on_long_task, NULL);
		ev_turn(loop, -1);
		EQ_INT(n_seen, 2 * i + 1);
		ev_run_deferred(loop, 4);
		ev_run_deferred(loop, 4);
		EQ_INT(n_seen, 2 * i + 1);
		OK(ev_pending(loop));
		ev_turn(loop, -1);
		EQ_INT(n_seen, 2 * i + 2);
		OK(!ev_pending(loop));
	}
	ev_loop_free(&loop);
}

static void
on_slice(void *arg)
{
	(void)arg;
	n_seen++;
	while (ev_may_go_on(loop))
		;
}

static void
on_look(void *arg)
{
	*(int64_t *)arg = ev_backlog_us(loop);
}

/* How long the last one had to wait, while there are more. */
TEST(a_backlog_waits)
{
	static struct ev_task long_work[20];
	struct ev_task look = { .loop = NULL };
	int64_t waited = -1, start;
	int i;

	begin();
	start = clock_mono_us();
	ev_turn(loop, 0);
	EQ_INT(ev_backlog_us(loop), 0);
	for (i = 0; i < 20; i++)
		ev_backlog(loop, &long_work[i], on_slice, NULL);
	while (n_seen < 2)
		ev_turn(loop, 0);
	OK(n_seen < 20);
	ev_defer(loop, &look, on_look, &waited);
	ev_turn(loop, 0);
	/* another had its millisecond before it */
	OK(waited >= 1000);
	OK(waited <= clock_mono_us() - start);
	while (ev_pending(loop))
		ev_turn(loop, 0);
	EQ_INT(n_seen, 20);
	EQ_INT(ev_backlog_us(loop), 0);
	ev_loop_free(&loop);
}

/* What was put off otherwise is none, and nobody else's lag, however much
 * there is. */
TEST(what_is_put_off_is_no_backlog)
{
	static struct ev_task long_work[20];
	struct ev_task look = { .loop = NULL };
	int64_t waited, end;
	int i;

	begin();
	ev_turn(loop, 0);
	for (i = 0; i < 20; i++)
		ev_later(loop, &long_work[i], on_slice, NULL);
	end = clock_mono_us() + 20000;
	while (clock_mono_us() < end)
		;
	for (i = 0; n_seen < 20 && i < 1000; i++) {
		waited = -1;
		ev_defer(loop, &look, on_look, &waited);
		ev_turn(loop, 0);
		EQ_INT(waited, 0);
		EQ_INT(ev_backlog_us(loop), 0);
		EQ_INT(ev_lag_us(loop), 0);
	}
	EQ_INT(n_seen, 20);
	ev_loop_free(&loop);
}

TAP_BEGIN
TAP_ROW(a_backlog_waits)
TAP_ROW(what_is_put_off_is_no_backlog)
TAP_ROW(timers_are_sliced)
TAP_ROW(tasks_wait_when_the_turn_is_long)
TAP_ROW(events_are_sliced)
TAP_ROW(urgent_events_come_first)
TAP_ROW(told_events_are_handled_once)
TAP_END
