/* solo_test.c - one of its kind at a time, also when the other one dies. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "proc/solo.h"
#include "tap.h"

static void
got(void *arg)
{
	*(int *)arg = 1;
}

static void
until(struct ev_loop *loop, const int *flag)
{
	int64_t end = clock_mono_us() + 10 * CLOCK_US_S;

	while (!*flag && clock_mono_us() < end)
		ev_turn(loop, 50);
	OK(*flag);
}

TEST(second_waits_for_the_first)
{
	struct ev_loop *loop = ev_loop_new();
	struct solo a, b;
	int has_a = 0, has_b = 0, i;

	EQ_INT(solo_start(&a, loop, tap_dir(), "one", got, &has_a), 0);
	until(loop, &has_a);
	EQ_INT(solo_start(&b, loop, tap_dir(), "one", got, &has_b), 0);
	for (i = 0; i < 3; i++)
		ev_turn(loop, 20);
	EQ_INT(has_b, 0);
	solo_stop(&a);
	until(loop, &has_b);
	EQ_INT(b.held, 1);
	solo_stop(&b);
	ev_loop_free(&loop);
}

TEST(a_dead_holder_holds_nothing)
{
	struct ev_loop *loop;
	struct solo s;
	int has = 0, p[2], status;
	char c;
	pid_t pid;

	OK(pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		loop = ev_loop_new();
		if (solo_start(&s, loop, tap_dir(), "two", got, &has) == 0)
			while (!has)
				ev_turn(loop, 50);
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	OK(read(p[0], &c, 1) == 1);
	loop = ev_loop_new();
	EQ_INT(solo_start(&s, loop, tap_dir(), "two", got, &has), 0);
	ev_turn(loop, 20);
	ev_turn(loop, 20);
	EQ_INT(has, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	until(loop, &has);
	solo_stop(&s);
	ev_loop_free(&loop);
	close(p[0]);
	close(p[1]);
}

TEST(no_folder)
{
	struct ev_loop *loop = ev_loop_new();
	struct solo s;
	int has = 0;

	EQ_INT(solo_start(&s, loop, "/nonexistent", "x", got, &has),
	    ERR_SYSTEM);
	solo_stop(&s);
	ev_loop_free(&loop);
}

TAP_BEGIN
TAP_ROW(second_waits_for_the_first)
TAP_ROW(a_dead_holder_holds_nothing)
TAP_ROW(no_folder)
TAP_END
