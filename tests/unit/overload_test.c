/* overload_test.c - the decision to refuse, with times of a table. */
#include "tap.h"
#include "worker/overload.h"

#define MS 1000LL
#define MAX (20 * MS)

/* Requests every ms from..to, all with this lag: how many are taken. */
static int
taken(struct overload *o, int64_t from, int64_t to, int64_t lag)
{
	int n = 0;

	for (; from < to; from += MS)
		n += overload_admit(o, from, lag);
	return n;
}

TEST(a_burst_may_wait)
{
	struct overload o;

	overload_init(&o, MAX);
	EQ_INT(taken(&o, 1000 * MS, 1099 * MS, 50 * MS), 99);
	EQ_INT(taken(&o, 1099 * MS, 1100 * MS, MAX), 1);
	EQ_INT(taken(&o, 1100 * MS, 1199 * MS, MAX + 1), 99);
	OK(!o.on);
}

TEST(a_lag_that_stays_is_overload)
{
	struct overload o;

	overload_init(&o, MAX);
	EQ_INT(taken(&o, 1000 * MS, 2000 * MS, MAX + 1), 100);
	OK(o.on);
	/* who did not wait too long is taken all the same */
	EQ_INT(taken(&o, 2000 * MS, 2010 * MS, MAX), 10);
	/* and right behind it the next one is refused, without a new proof */
	EQ_INT(taken(&o, 2010 * MS, 2020 * MS, MAX + 1), 0);
	OK(o.on);
}

TEST(it_is_over_after_a_calm_second)
{
	struct overload o;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 2000 * MS, MAX + 1);
	EQ_INT(taken(&o, 2000 * MS, 2990 * MS, 1 * MS), 990);
	OK(o.on);
	EQ_INT(taken(&o, 2990 * MS, 3010 * MS, 1 * MS), 20);
	OK(!o.on);
	EQ_INT(taken(&o, 3010 * MS, 3100 * MS, MAX + 1), 90);
}

/* Lags seldom seen: each could be a hiccup. */
TEST(rare_ones_prove_nothing)
{
	struct overload o;
	int i;

	overload_init(&o, MAX);
	for (i = 1; i < 50; i++)
		OK(overload_admit(&o, i * 200 * MS, 90 * MS));
	OK(!o.on);
	/* nor does a past overload after a pause */
	taken(&o, 20000 * MS, 21000 * MS, MAX + 1);
	OK(o.on);
	OK(overload_admit(&o, 30000 * MS, 90 * MS));
	OK(!o.on);
}

TEST(never)
{
	struct overload o;

	overload_init(&o, 0);
	EQ_INT(taken(&o, 1000 * MS, 3000 * MS, 900 * MS), 2000);
}

/*
 * A worker with room for 1,000 requests per second gets 3,000: each that is
 * taken costs a millisecond, one that is refused a twentieth; they wait in a
 * queue. What comes out: the worker is never idle, and nobody waits long.
 */
TEST(three_times_the_capacity)
{
	struct overload o;
	int64_t arrived, now = 1000 * MS, most = 0;
	int i, n = 0, late = 0;

	overload_init(&o, MAX);
	for (i = 0; i < 30000; i++) {
		arrived = 1000 * MS + i * MS / 3;
		if (now < arrived)
			now = arrived;
		if (now - arrived > most && i > 1000)
			most = now - arrived;
		if (overload_admit(&o, now, now - arrived)) {
			n++;
			now += 950;
		}
		now += 50;
		late += i > 1000 && now - arrived > 50 * MS;
	}
	OK(n >= 8400);			/* 3,000 heads cost 15 % */
	OK(n <= 10000);
	OK(most <= MAX + 2 * MS);
	EQ_INT(late, 0);
}

TAP_BEGIN
TAP_ROW(a_burst_may_wait)
TAP_ROW(a_lag_that_stays_is_overload)
TAP_ROW(it_is_over_after_a_calm_second)
TAP_ROW(rare_ones_prove_nothing)
TAP_ROW(never)
TAP_ROW(three_times_the_capacity)
TAP_END
