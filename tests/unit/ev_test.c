/* ev_test.c - the loop: timers, deferred tasks, sockets. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ev.h"
#include "base/log.h"
#include "tap.h"

static struct ev_loop *loop;
static char order[64];

struct named {
	struct ev_timer	 timer;
	struct ev_task	 task;
	struct named	*other;
	char		 name;
	int		 fired, asked;
	int64_t		 at;		/* clock_mono_us when it fired */
};

static void
note(struct named *n)
{
	size_t k = strlen(order);

	if (k + 1 < sizeof(order)) {
		order[k] = n->name;
		order[k + 1] = '\0';
	}
	n->fired++;
	n->at = clock_mono_us();
}

static void
on_timer(void *arg)
{
	note(arg);
}

static void
on_cancel_other(void *arg)
{
	struct named *n = arg;

	note(n);
	ev_timer_cancel(&n->other->timer);
	ev_defer_cancel(&n->other->task);
}

static void
begin(void)
{
	order[0] = '\0';
	loop = ev_loop_new();
}

/* Turns until *flag, at most 5 s: 1 when it came. */
static int
turn_until(const int *flag)
{
	int64_t end = clock_mono_us() + 5 * CLOCK_US_S;

	while (!*flag && clock_mono_us() < end)
		ev_turn(loop, 100);
	return *flag != 0;
}

TEST(timers_in_order)
{
	struct named n[5] = { { .name = 'a' }, { .name = 'b' },
	    { .name = 'c' }, { .name = 'd' }, { .name = 'e' } };
	static const int ms[] = { 150, 20, 60, 100, 0 };
	int64_t from = clock_mono_us();
	int i;

	begin();
	for (i = 0; i < 5; i++)
		ev_timer_set(loop, &n[i].timer, ms[i] * 1000, on_timer, &n[i]);
	OK(turn_until(&n[0].fired));
	EQ_STR(order, "ebcda");
	for (i = 0; i < 5; i++) {
		EQ_INT(n[i].fired, 1);
		OK(!ev_timer_active(&n[i].timer));
		OK(n[i].at - from >= ms[i] * 1000);
	}
	ev_loop_free(&loop);
	OK(loop == NULL);
}

/* All due at once after a pause: still in order, within a slot by age. */
TEST(late_timers_in_order)
{
	struct named n[6];
	int i, one = 0;
	int64_t end;

	begin();
	for (i = 0; i < 6; i++) {
		n[i] = (struct named){ .name = (char)('a' + i) };
		ev_timer_set(loop, &n[i].timer, (i / 2) * 40000, on_timer,
		    &n[i]);
	}
	end = clock_mono_us() + 120000;
	while (clock_mono_us() < end)
		one++;
	OK(one > 0);
	EQ_STR(order, "");
	ev_turn(loop, 0);
	EQ_STR(order, "abcdef");
	ev_loop_free(&loop);
}

TEST(timer_moved_and_cancelled)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };
	struct named c = { .name = 'c' };

	begin();
	ev_timer_set(loop, &a.timer, 20000, on_timer, &a);
	ev_timer_set(loop, &a.timer, 90000, on_timer, &a);
	ev_timer_set(loop, &b.timer, 40000, on_timer, &b);
	ev_timer_set(loop, &c.timer, 10000, on_timer, &c);
	ev_timer_cancel(&c.timer);
	ev_timer_cancel(&c.timer);
	OK(turn_until(&a.fired));
	EQ_STR(order, "ba");
	EQ_INT(c.fired, 0);
	ev_loop_free(&loop);
}

TEST(cancel_inside_callback)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };
	struct named c = { .name = 'c' };

	begin();
	a.other = &b;
	ev_timer_set(loop, &a.timer, 1000, on_cancel_other, &a);
	ev_timer_set(loop, &b.timer, 1000, on_timer, &b);
	ev_timer_set(loop, &c.timer, 1000, on_timer, &c);
	OK(turn_until(&c.fired));
	EQ_STR(order, "ac");
	OK(!ev_timer_active(&b.timer));
	ev_loop_free(&loop);
}

static void
on_again(void *arg)
{
	struct named *n = arg;

	note(n);
	if (n->fired < 4)
		ev_timer_set(loop, &n->timer, 0, on_again, n);
}

TEST(set_inside_callback)
{
	struct named a = { .name = 'a' };
	int64_t from = clock_mono_us(), end = from + 5 * CLOCK_US_S;

	begin();
	ev_timer_set(loop, &a.timer, 0, on_again, &a);
	while (a.fired < 4 && clock_mono_us() < end)
		ev_turn(loop, 1000);
	EQ_INT(a.fired, 4);
	/* each within its slot: far less than the second of the turn */
	OK(clock_mono_us() - from < CLOCK_US_S);
	ev_loop_free(&loop);
}

/* Timers beyond one lap of the wheel share slots with near ones. */
TEST(far_timers_wait_for_their_lap)
{
	static struct named far[200], near = { .name = 'n' };
	int64_t lap = 1024 * 16384;
	int i;

	begin();
	for (i = 0; i < 200; i++)
		ev_timer_set(loop, &far[i].timer, lap + i * 1000, on_timer,
		    &far[i]);
	ev_timer_set(loop, &near.timer, 150000, on_timer, &near);
	OK(turn_until(&near.fired));
	EQ_STR(order, "n");
	for (i = 0; i < 200; i++) {
		EQ_INT(far[i].fired, 0);
		OK(ev_timer_active(&far[i].timer));
		ev_timer_cancel(&far[i].timer);
	}
	ev_loop_free(&loop);
}

/* The wait ends for a timer though no descriptor moves and none was given. */
TEST(wait_ends_for_a_timer)
{
	struct named a = { .name = 'a' };
	int64_t from = clock_mono_us();
	int turns;

	begin();
	ev_timer_set(loop, &a.timer, 200000, on_timer, &a);
	for (turns = 0; !a.fired && turns < 10; turns++)
		ev_turn(loop, -1);
	EQ_INT(a.fired, 1);
	OK(a.at - from >= 200000);
	OK(a.at - from < 1200000);
	ev_loop_free(&loop);
}

TEST(wait_is_bounded)
{
	int64_t from;

	begin();
	from = clock_mono_us();
	ev_turn(loop, 30);
	OK(clock_mono_us() - from >= 25000);
	OK(clock_mono_us() - from < 1030000);
	ev_loop_free(&loop);
}

static void
on_defer_again(void *arg)
{
	struct named *n = arg;

	note(n);
	if (n->other != NULL)
		ev_defer_cancel(&n->other->task);
	ev_defer(loop, &n->task, on_defer_again, n);
}

TEST(deferred_once)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };

	begin();
	OK(!ev_pending(loop));
	ev_defer(loop, &a.task, on_timer, &a);
	ev_defer(loop, &b.task, on_timer, &b);
	ev_defer(loop, &a.task, on_timer, &a);
	OK(ev_pending(loop));
	ev_turn(loop, 5000);
	EQ_STR(order, "ab");
	OK(!ev_pending(loop));
	ev_loop_free(&loop);
}

TEST(deferred_cancel)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };
	struct named c = { .name = 'c' };

	begin();
	a.other = &b;
	ev_defer(loop, &a.task, on_cancel_other, &a);
	ev_defer(loop, &b.task, on_timer, &b);
	ev_defer(loop, &c.task, on_timer, &c);
	ev_defer_cancel(&c.task);
	ev_turn(loop, 0);
	EQ_STR(order, "a");
	ev_loop_free(&loop);
}

/* A task that queues itself runs once per round, also when it has taken the
 * last one of its round out. */
TEST(deferred_rounds_are_bounded)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };

	begin();
	a.other = &b;
	ev_defer(loop, &a.task, on_defer_again, &a);
	ev_defer(loop, &b.task, on_timer, &b);
	ev_run_deferred(loop, 3);
	EQ_STR(order, "aaa");
	OK(ev_pending(loop));
	ev_defer_cancel(&a.task);
	OK(!ev_pending(loop));
	ev_loop_free(&loop);
}

struct sock {
	struct ev_io	io;
	struct ev_timer	timer;
	int		fd;
	int		calls, ins, outs, eofs;
	int		stop;
	int64_t		now;
};

static void
on_sock(void *arg, unsigned what)
{
	struct sock *s = arg;

	s->calls++;
	s->ins += (what & EV_IO_IN) != 0;
	s->outs += (what & EV_IO_OUT) != 0;
	s->eofs += (what & EV_IO_EOF) != 0;
	s->now = ev_now_us(loop);
	if (s->stop)
		ev_io_stop(&s->io);
}

static void
pair(int fd[2])
{
	EQ_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, fd), 0);
}

TEST(edge_reports_each_change_once)
{
	struct sock s = { .calls = 0 };
	int fd[2];
	char c;

	begin();
	pair(fd);
	EQ_INT(ev_io_start(loop, &s.io, fd[0], 0, 1, on_sock, &s), 0);
	OK(ev_io_active(&s.io));
	ev_turn(loop, 1000);
	EQ_INT(s.outs, 1);
	EQ_INT(s.ins, 0);
	/* nothing changed: not called again, though it is still writable */
	ev_turn(loop, 20);
	EQ_INT(s.calls, 1);
	EQ_INT(write(fd[1], "x", 1), 1);
	ev_turn(loop, 1000);
	EQ_INT(s.ins, 1);
	/* unread, but not reported again */
	ev_turn(loop, 20);
	EQ_INT(s.ins, 1);
	EQ_INT(write(fd[1], "y", 1), 1);
	ev_turn(loop, 1000);
	EQ_INT(s.ins, 2);
	EQ_INT(read(fd[0], &c, 1), 1);
	EQ_INT(s.eofs, 0);
	ev_io_stop(&s.io);
	ev_io_stop(&s.io);
	OK(!ev_io_active(&s.io));
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

TEST(edge_reports_end_of_file)
{
	struct sock s = { .calls = 0 };
	int fd[2];

	begin();
	pair(fd);
	EQ_INT(ev_io_start(loop, &s.io, fd[0], 0, 1, on_sock, &s), 0);
	ev_turn(loop, 1000);
	EQ_INT(write(fd[1], "last", 4), 4);
	EQ_INT(shutdown(fd[1], SHUT_WR), 0);
	OK(turn_until(&s.eofs));
	OK(s.ins > 0);
	ev_io_stop(&s.io);
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

TEST(level_repeats)
{
	struct sock s = { .calls = 0 };
	int fd[2];
	char c;

	begin();
	pair(fd);
	EQ_INT(ev_io_start(loop, &s.io, fd[0], EV_IO_IN, 0, on_sock, &s), 0);
	ev_turn(loop, 0);
	EQ_INT(s.calls, 0);
	EQ_INT(write(fd[1], "x", 1), 1);
	ev_turn(loop, 1000);
	ev_turn(loop, 1000);
	EQ_INT(s.ins, 2);
	EQ_INT(s.outs, 0);
	EQ_INT(read(fd[0], &c, 1), 1);
	ev_turn(loop, 0);
	EQ_INT(s.ins, 2);
	ev_io_stop(&s.io);
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

TEST(stop_inside_callback)
{
	struct sock s = { .stop = 1 }, t = { .stop = 1 };
	int fd[2];

	begin();
	pair(fd);
	EQ_INT(ev_io_start(loop, &s.io, fd[0], 0, 1, on_sock, &s), 0);
	EQ_INT(ev_io_start(loop, &t.io, fd[1], EV_IO_OUT, 0, on_sock, &t), 0);
	ev_turn(loop, 1000);
	ev_turn(loop, 0);
	EQ_INT(s.calls, 1);
	EQ_INT(t.calls, 1);
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

TEST(bad_descriptor_is_refused)
{
	struct sock s = { .calls = 0 };

	begin();
	log_set_fd(-1);
	EQ_INT(ev_io_start(loop, &s.io, 100000, EV_IO_IN, 0, on_sock, &s),
	    ERR_SYSTEM);
	OK(!ev_io_active(&s.io));
	ev_loop_free(&loop);
}

static void
on_timer_write(void *arg)
{
	struct sock *s = arg;

	EQ_INT(write(s->fd, "x", 1), 1);
}

/*
 * After a long wait the callbacks see the present time: a time-out that is
 * counted from the past would be over at once.
 */
static void
on_put_off(void *arg)
{
	struct named *n = arg;

	note(n);
	ev_later(loop, &n->task, on_timer, n);
}

/* Put off means: not in this turn, in none of its rounds; but at once then. */
TEST(later_is_the_next_turn)
{
	struct named a = { .name = 'a' }, b = { .name = 'b' };
	int64_t start;

	begin();
	ev_defer(loop, &a.task, on_put_off, &a);
	ev_run_deferred(loop, 4);
	EQ_STR(order, "a");
	ev_later(loop, &b.task, on_timer, &b);
	ev_later(loop, &b.task, on_timer, &b);
	OK(!ev_pending(loop));
	start = clock_mono_us();
	ev_turn(loop, 5000);
	OK(clock_mono_us() - start < 4000000);
	ev_turn(loop, 0);		/* if we were kept from the processor */
	EQ_STR(order, "aab");
	/* queued one way, it is not queued the other way */
	ev_later(loop, &a.task, on_timer, &a);
	ev_defer(loop, &a.task, on_timer, &a);
	ev_run_deferred(loop, 1);
	EQ_STR(order, "aab");
	ev_defer_cancel(&a.task);
	ev_later(loop, &b.task, on_timer, &b);
	ev_later(loop, &a.task, on_timer, &a);
	ev_defer_cancel(&b.task);
	ev_turn(loop, 0);
	EQ_STR(order, "aaba");
	ev_loop_free(&loop);
}

TEST(time_is_taken_after_the_wait)
{
	struct sock s = { .calls = 0 };
	int fd[2];
	int64_t from;

	begin();
	pair(fd);
	s.fd = fd[1];
	EQ_INT(ev_io_start(loop, &s.io, fd[0], EV_IO_IN, 0, on_sock, &s), 0);
	from = clock_mono_us();
	ev_timer_set(loop, &s.timer, 150000, on_timer_write, &s);
	OK(turn_until(&s.ins));
	OK(s.now - from >= 150000);
	OK(s.now <= clock_mono_us());
	ev_io_stop(&s.io);
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

static void
on_long(void *arg)
{
	struct named *n = arg;

	n->fired++;
	while (ev_may_go_on(loop))
		n->asked++;
}

/* What is put off has a share each, and all together a part of the turn; what
 * is not has one slice, and comes first. */
TEST(long_work_has_its_share)
{
	struct named n[20], now = { .name = 'n' };
	int i, turns, fired = 0, before;

	begin();
	memset(n, 0, sizeof(n));
	ev_defer(loop, &now.task, on_long, &now);
	ev_turn(loop, 0);
	EQ_INT(now.asked, 0);
	for (i = 0; i < 20; i++)
		ev_later(loop, &n[i].task, on_long, &n[i]);
	for (turns = 0; fired < 20; turns++) {
		before = fired;
		ev_defer(loop, &now.task, on_long, &now);
		ev_turn(loop, 0);
		EQ_INT(now.fired, 2 + turns);
		for (i = fired = 0; i < 20; i++)
			fired += n[i].fired;
		OK(fired > before);
		OK(fired - before < 20);
		OK(fired == 20 || ev_pending(loop));
	}
	for (i = 0; i < 20; i++) {
		EQ_INT(n[i].fired, 1);
		OK(n[i].asked > 0);
	}
	ev_loop_free(&loop);
}

static void
on_sets_later(void *arg, unsigned what)
{
	struct named *n = arg;

	(void)what;
	ev_timer_set(loop, &n->timer, 60000000, on_timer, n);
}

/* The wake that ended the wait is used up when a handler sets a timer that is
 * far away: the near one must still come. */
TEST(a_timer_is_not_lost_behind_a_later_one)
{
	struct named far = { .name = 'f' }, near = { .name = 'n' };
	struct ev_io io = { .event = NULL };
	int fd[2], i;

	begin();
	pair(fd);
	EQ_INT(ev_io_start(loop, &io, fd[0], EV_IO_OUT, 0, on_sets_later,
	    &far), 0);
	ev_timer_set(loop, &near.timer, 40000, on_timer, &near);
	for (i = 0; i < 100; i++)	/* that it can be written to stays */
		ev_turn(loop, 1);
	ev_io_stop(&io);
	OK(turn_until(&near.fired));
	EQ_INT(far.fired, 0);
	ev_timer_cancel(&far.timer);
	close(fd[0]);
	close(fd[1]);
	ev_loop_free(&loop);
}

TAP_BEGIN
TAP_ROW(timers_in_order)
TAP_ROW(late_timers_in_order)
TAP_ROW(timer_moved_and_cancelled)
TAP_ROW(cancel_inside_callback)
TAP_ROW(set_inside_callback)
TAP_ROW(far_timers_wait_for_their_lap)
TAP_ROW(wait_ends_for_a_timer)
TAP_ROW(wait_is_bounded)
TAP_ROW(deferred_once)
TAP_ROW(deferred_cancel)
TAP_ROW(deferred_rounds_are_bounded)
TAP_ROW(edge_reports_each_change_once)
TAP_ROW(edge_reports_end_of_file)
TAP_ROW(level_repeats)
TAP_ROW(stop_inside_callback)
TAP_ROW(bad_descriptor_is_refused)
TAP_ROW(later_is_the_next_turn)
TAP_ROW(long_work_has_its_share)
TAP_ROW(a_timer_is_not_lost_behind_a_later_one)
TAP_ROW(time_is_taken_after_the_wait)
TAP_END
