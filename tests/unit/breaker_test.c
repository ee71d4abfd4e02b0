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

/* --- several that share a fuse ------------------------------------------ */

#define MANY	4

static struct rota_fuse fuse;
static struct breaker v[MANY];

static void
begin_many(void)
{
	int i;

	memset(&fuse, 0, sizeof(fuse));
	memset(v, 0, sizeof(v));
	for (i = 0; i < MANY; i++)
		v[i].shared = &fuse;
	now = S(1000);
}

static int
note_of(int i, int ok)
{
	return breaker_note(&v[i], &rule, now, now, ok, breaker_begin(&v[i]));
}

static int
ready(void)
{
	int i, n = 0;

	for (i = 0; i < MANY; i++)
		n += breaker_ready(&v[i], &rule, now);
	return n;
}

/* The first that is ready, which must be the only one. */
static int
the_one(void)
{
	int i, found = -1;

	for (i = 0; i < MANY; i++)
		if (breaker_ready(&v[i], &rule, now)) {
			OK(found < 0);
			found = i;
		}
	OK(found >= 0);
	return found < 0 ? 0 : found;
}

/* It works as often as is needed for n to be closed. */
static void
works(int i)
{
	int k;

	for (k = 0; k < 100 && v[i].state != BREAKER_CLOSED; k++) {
		now += MS(1);
		EQ_INT(breaker_ready(&v[i], &rule, now), 1);
		note_of(i, 1);
	}
	EQ_INT(v[i].state, BREAKER_CLOSED);
}

TEST(what_one_finds_all_know)
{
	begin_many();
	EQ_INT(ready(), MANY);
	note_of(1, 0);
	EQ_INT(note_of(1, 0), BREAKER_OPEN);
	now += MS(100);
	EQ_INT(ready(), 0);
	/* one that comes later, as a new worker, knows it too */
	memset(&v[0], 0, sizeof(v[0]));
	v[0].shared = &fuse;
	EQ_INT(ready(), 0);
	now += S(29);
	EQ_INT(ready(), 0);
}

TEST(one_tries_for_all)
{
	int i, first;

	begin_many();
	note_of(2, 0);
	note_of(2, 0);
	now += MS(100);
	ready();
	for (i = 0; i < 3; i++) {
		now += S(30);
		first = the_one();
		now += MS(10);
		EQ_INT(note_of(first, 0), BREAKER_OPEN);
		EQ_INT(ready(), 0);
	}
	now += S(30);
	first = the_one();
	works(first);
	now += MS(100);
	EQ_INT(ready(), MANY);		/* the others try it now */
	for (i = 0; i < MANY; i++)
		if (i != first) {
			EQ_INT(v[i].state, BREAKER_TRIAL);
			EQ_INT(v[i].trials, 1);
			works(i);
		}
}

/* Who was to try it is dead, or has no requests. */
TEST(a_trial_without_an_end_is_made_by_another)
{
	int first, second;

	begin_many();
	note_of(0, 0);
	note_of(0, 0);
	now += S(30);
	first = the_one();
	breaker_begin(&v[first]);
	now += S(29);
	EQ_INT(ready(), 0);
	now += S(1);
	second = the_one();
	OK(second != first);
}

TEST(it_rests_longer_each_time_it_was_well_only_shortly)
{
	static const int rests[] = { 30, 60, 60, 60 };
	static const struct breaker_rule quick = { 2, 0.5, S(10), S(1) };
	int64_t want = S(1);
	int i;

	begin_many();
	for (i = 0; i < 4; i++) {
		note_of(0, 0);
		note_of(0, 0);
		EQ_INT(breaker_rest(&v[0], &rule), S(rests[i]));
		EQ_INT(breaker_rest(&v[1], &rule), S(rests[i]));
		now += S(rests[i]) - 1;
		EQ_INT(ready(), 0);
		now += 1;
		works(the_one());
		ready();
		works(0);		/* whoever it was */
		now += S(5);
	}
	now += S(70);			/* well for long */
	note_of(0, 0);
	note_of(0, 0);
	EQ_INT(breaker_rest(&v[0], &rule), S(30));
	/* a failed trial is no such time */
	now += S(30);
	i = the_one();
	note_of(i, 0);
	EQ_INT(breaker_rest(&v[0], &rule), S(30));
	begin();
	for (i = 0; i < 8; i++) {
		breaker_note(&b, &quick, now, now, 0, breaker_begin(&b));
		breaker_note(&b, &quick, now, now, 0, breaker_begin(&b));
		EQ_INT(breaker_rest(&b, &quick), want);
		now += want;
		while (b.state != BREAKER_CLOSED) {
			breaker_ready(&b, &quick, now);
			breaker_note(&b, &quick, now, now, 1,
			    breaker_begin(&b));
		}
		now += MS(200);
		want = want < S(16) ? 2 * want : S(16);
	}
}

TAP_BEGIN
TAP_ROW(what_one_finds_all_know)
TAP_ROW(one_tries_for_all)
TAP_ROW(a_trial_without_an_end_is_made_by_another)
TAP_ROW(it_rests_longer_each_time_it_was_well_only_shortly)
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
