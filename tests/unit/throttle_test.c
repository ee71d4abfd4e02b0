/*
 * throttle_test.c - what a death means, when to start a process again.
 */
#include <signal.h>

#include "base/clock.h"
#include "proc/throttle.h"
#include "tap.h"

#define S	CLOCK_US_S
#define EXITED(n)	((n) << 8)

static enum throttle_end
end_of(int status, int blamed, int ready, uint64_t begun, uint64_t active)
{
	struct throttle_life l = { status, blamed, ready, begun, active };

	return throttle_end(&l);
}

TEST(first_use)
{
	/* of its own doing */
	EQ_INT(end_of(EXITED(1), 0, 0, 0, 0), THROTTLE_FIRST);
	EQ_INT(end_of(SIGSEGV, 0, 0, 0, 0), THROTTLE_FIRST);
	EQ_INT(end_of(SIGSEGV, 0, 1, 1, 1), THROTTLE_FIRST);
	EQ_INT(end_of(EXITED(1), 0, 1, 7, 7), THROTTLE_FIRST);
	EQ_INT(end_of(SIGSEGV, 0, 1, 8, 7), THROTTLE_SERVED);
	EQ_INT(end_of(SIGABRT, 0, 1, 0, 0), THROTTLE_SERVED);
	/* killed from outside */
	EQ_INT(end_of(SIGKILL, 0, 0, 0, 0), THROTTLE_KILLED);
	EQ_INT(end_of(SIGKILL, 0, 1, 1, 1), THROTTLE_SERVED);
	/* killed by its master, with reason */
	EQ_INT(end_of(SIGKILL, 1, 0, 0, 0), THROTTLE_FIRST);
	EQ_INT(end_of(SIGKILL, 1, 1, 1, 1), THROTTLE_FIRST);
	EQ_INT(end_of(SIGKILL, 1, 1, 2, 1), THROTTLE_SERVED);
}

TEST(served_at_once)
{
	struct throttle t = { 0, 0, 0 };
	int64_t now = 100 * S;
	int i, n;

	for (i = 0; i < 30; i++) {
		EQ_INT(throttle_died(&t, THROTTLE_SERVED, now), 0);
		EQ_INT(t.due_us, now);
	}
	/* then two a second, for ever */
	for (n = 0, i = 0; i < 60; i++) {
		int64_t wait = throttle_died(&t, THROTTLE_SERVED, now);

		EQ_INT(wait, S / 2);
		EQ_INT(t.due_us, now + wait);
		now += wait;
	}
	/* one that dies every second never waits */
	now += 20 * S;
	for (i = 0; i < 1000; i++) {
		n += throttle_died(&t, THROTTLE_SERVED, now) != 0;
		now += S;
	}
	EQ_INT(n, 0);
}

TEST(first_waits_longer)
{
	static const int want[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct throttle t = { 0, 0, 0 };
	int64_t now = 5 * S;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		EQ_INT(throttle_died(&t, THROTTLE_FIRST, now), want[i] * S);
		EQ_INT(t.delay_us, want[i] * S);
		now = t.due_us;
	}
	/* a kill from outside says nothing about that */
	EQ_INT(throttle_died(&t, THROTTLE_KILLED, now), 0);
	EQ_INT(throttle_died(&t, THROTTLE_FIRST, now), 60 * S);
	/* one that served does */
	now += 60 * S;
	EQ_INT(throttle_died(&t, THROTTLE_SERVED, now), 0);
	EQ_INT(t.delay_us, 0);
	EQ_INT(throttle_died(&t, THROTTLE_FIRST, now), 1 * S);
}

TEST(text)
{
	char s[64];

	throttle_text(EXITED(3), s, sizeof(s));
	EQ_STR(s, "exit status 3");
	throttle_text(SIGKILL, s, sizeof(s));
	EQ_STR(s, "signal 9 (Killed)");
	throttle_text(0xffff, s, sizeof(s));
	EQ_STR(s, "status 0xffff");
}

TAP_BEGIN
	TAP_ROW(first_use)
	TAP_ROW(served_at_once)
	TAP_ROW(first_waits_longer)
	TAP_ROW(text)
TAP_END
