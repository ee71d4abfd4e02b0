/* breaker_test.c - when a provider goes last, and how it comes back. */
#include <string.h>

#include "base/clock.h"
#include "route/breaker.h"
#include "tap.h"

#define MS(n)	((int64_t)(n) * 1000)
#define S(n)	((int64_t)(n) * CLOCK_US_S)

static const struct breaker_rule rule = { 2, 0.5, S(300), S(30) };
static struct breaker b;
static int64_t now;

static void
begin(void)
{
	memset(&b, 0, sizeof(b));
	now = S(1000);
}

static int
note(int ok)
{
	return breaker_note(&b, &rule, now, now, ok, breaker_begin(&b));
}

TEST(two_failures_open_it)
{
	begin();
	EQ_INT(breaker_ready(&b, &rule, now), 1);
	EQ_INT(note(0), -1);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
	EQ_INT(note(0), BREAKER_OPEN);
	EQ_INT(breaker_ready(&b, &rule, now), 0);
	EQ_INT(breaker_ready(&b, &rule, now + S(30) - 1), 0);
	EQ_INT(breaker_ready(&b, &rule, now + S(30)), 1);
}

/* 1,000 a second for ten minutes, then death. */
TEST(a_sudden_death_is_noticed_in_two_seconds)
{
	int64_t died;
	int i;

	begin();
	for (i = 0; i < 600000; i++, now += MS(1))
		EQ_INT(note(1), -1);
	died = now;
	while (note(0) != BREAKER_OPEN)
		now += MS(1);
	OK(now - died <= S(2));
}

TEST(a_few_failures_among_many_do_not_open_it)
{
	int i;

	begin();
	for (i = 0; i < 100000; i++, now += MS(1))
		EQ_INT(note(i % 10 != 0), -1);
}

/* Twenty seconds apart: only the long window sees them. */
TEST(slow_failures_open_it)
{
	begin();
	EQ_INT(note(1), -1);
	now += S(20);
	EQ_INT(note(0), -1);
	now += S(20);
	EQ_INT(note(0), BREAKER_OPEN);
	begin();
	EQ_INT(note(0), -1);
	now += S(301);
	EQ_INT(note(0), -1);		/* the first is forgotten */
}

TEST(a_flapping_provider_is_out)
{
	int i, open = 0;

	begin();
	for (i = 0; i < 200 && !open; i++, now += MS(10))
		open = note(i / 20 % 2 == 0) == BREAKER_OPEN;
	OK(open);
}

TEST(it_comes_back_by_and_by)
{
	unsigned want = 1, k;

	begin();
	note(0);
	note(0);
	now += S(30);
	while (b.state != BREAKER_CLOSED && want < 1000) {
		for (k = 0; breaker_ready(&b, &rule, now); k++)
			EQ_INT(breaker_begin(&b), 1);
		EQ_INT(k, want);
		want *= 2;
		now += MS(5);
		for (; k > 1; k--)
			breaker_end(&b);
		breaker_note(&b, &rule, now, now, 1, 1);
	}
	EQ_INT(want, 64);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
	EQ_INT(note(0), -1);		/* old failures are forgotten */
}

TEST(a_failed_trial_opens_it_again)
{
	begin();
	note(0);
	note(0);
	now += S(30);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
	EQ_INT(breaker_begin(&b), 1);
	EQ_INT(breaker_ready(&b, &rule, now), 0);	/* one at a time */
	now += MS(1);
	EQ_INT(breaker_note(&b, &rule, now, now, 0, 1), BREAKER_OPEN);
	EQ_INT(breaker_ready(&b, &rule, now + S(29)), 0);
	EQ_INT(breaker_ready(&b, &rule, now + S(30)), 1);
	EQ_INT(breaker_begin(&b), 1);
	breaker_end(&b);		/* without a verdict: another */
	EQ_INT(breaker_ready(&b, &rule, now + S(30)), 1);
}

TEST(what_began_before_says_nothing)
{
	int64_t before;

	begin();
	before = now - S(5);
	note(0);
	note(0);
	EQ_INT(breaker_note(&b, &rule, before, now, 1, 0), -1);
	EQ_INT(breaker_ready(&b, &rule, now), 0);
	now += S(30);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
	EQ_INT(breaker_note(&b, &rule, before, now, 0, 0), -1);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
}

/* All are open: it was tried although, and works. */
TEST(a_last_resort_that_works_counts)
{
	begin();
	note(0);
	note(0);
	now += MS(10);
	EQ_INT(breaker_note(&b, &rule, now, now, 1, 0), -1);
	EQ_INT(breaker_ready(&b, &rule, now), 1);
}

TAP_BEGIN
TAP_ROW(two_failures_open_it)
TAP_ROW(a_sudden_death_is_noticed_in_two_seconds)
TAP_ROW(a_few_failures_among_many_do_not_open_it)
TAP_ROW(slow_failures_open_it)
TAP_ROW(a_flapping_provider_is_out)
TAP_ROW(it_comes_back_by_and_by)
TAP_ROW(a_failed_trial_opens_it_again)
TAP_ROW(what_began_before_says_nothing)
TAP_ROW(a_last_resort_that_works_counts)
TAP_END
