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
	EQ_INT(taken(&o, 1000 * MS, 1049 * MS, 50 * MS), 49);
	EQ_INT(taken(&o, 1049 * MS, 1050 * MS, MAX), 1);
	EQ_INT(taken(&o, 1050 * MS, 1099 * MS, MAX + 1), 49);
	OK(!o.on);
}

TEST(a_lag_that_stays_is_overload)
{
	struct overload o;
	int n, before;

	overload_init(&o, MAX);
	EQ_INT(taken(&o, 1000 * MS, 1050 * MS, 2 * MAX), 50);
	n = taken(&o, 1050 * MS, 1100 * MS, 2 * MAX);
	OK(o.on);
	OK(n > 5 && n < 20);		/* half of 50, less for the lag */
	/* more and more are refused until it helps */
	before = taken(&o, 1100 * MS, 1600 * MS, 2 * MAX);
	n = taken(&o, 1600 * MS, 2100 * MS, 2 * MAX);
	OK(n < before);
	n = taken(&o, 2100 * MS, 9100 * MS, 2 * MAX);
	EQ_INT(taken(&o, 9100 * MS, 9200 * MS, 2 * MAX), 0);
	/* and all at once when the lag is beyond reason */
	taken(&o, 9200 * MS, 10000 * MS, 0);
	EQ_INT(taken(&o, 10000 * MS, 10100 * MS, 5 * MAX), 0);
}

/* Evenly: one in three is every third one. */
TEST(refusals_are_spread)
{
	struct overload o;
	int i, row = 0, most = 0, n = 0;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 1100 * MS, MAX);
	o.on = 1;
	o.high_last = o.updated = 1100 * MS;
	o.base = 1 - 0.4 / (1 - 12.0 * MAX / 1e6);
	for (i = 0; i < 300; i++) {
		if (overload_admit(&o, 1100 * MS + i, MAX)) {
			row = 0;
			n++;
		} else if (++row > most)
			most = row;
	}
	OK(n >= 119 && n <= 121);
	EQ_INT(most, 2);
}

TEST(it_is_over_after_a_calm_second)
{
	struct overload o;
	int n;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 2000 * MS, MAX + 1);
	OK(o.base >= 0.5);
	/* nothing waits: after a third of a second hardly any is refused */
	taken(&o, 2000 * MS, 2333 * MS, 0);
	n = taken(&o, 2333 * MS, 2990 * MS, 0);
	OK(n > 640);
	OK(o.on);
	EQ_INT(taken(&o, 2990 * MS, 3010 * MS, 0), 20);
	OK(!o.on);
	EQ_INT(taken(&o, 3010 * MS, 3050 * MS, MAX + 1), 40);
	/* but the share that keeps the lag where it should be stays */
	taken(&o, 3050 * MS, 4000 * MS, MAX + 1);
	n = taken(&o, 4000 * MS, 9000 * MS, MAX);
	OK(o.on);
	OK(n < 3000);
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
 * A worker with room for 1,000 requests per second gets more: one that is
 * taken costs a twentieth of a millisecond at once and most of one when its
 * provider answers, 20 ms later; it waits for that in a queue. What comes out
 * behind the first second: the worker is never idle, and nobody waits long.
 */
static void
overrun(int times, int least)
{
	static int64_t due[120000];
	struct overload o;
	int64_t now = 1000 * MS, arrived, end = 0, lag, worst = 0, sum = 0;
	int i = 0, first = 0, n = 0, served = 0, total = times * 10000;

	overload_init(&o, MAX);
	while (i < total) {
		arrived = 1000 * MS + i * MS / times;
		/* heads come before what is in the queue */
		if (arrived <= now) {
			lag = first < n && due[first] < now ?
			    now - due[first] : 0;
			if (overload_admit(&o, now, lag))
				due[n++] = now + 20 * MS;
			i++;
			now += 50;
			sum += i > total / 5 ? lag : 0;
			if (i > total / 5 && lag > worst)
				worst = lag;
		} else if (first < n && due[first] <= now) {
			first++;
			now += 900;
			served += i > total / 5;
			end = now;
		} else if (first < n && due[first] < arrived)
			now = due[first];
		else
			now = arrived;
	}
	OK(end > 0);
	OK(worst <= 3 * MAX);
	OK(sum / (total - total / 5) <= MAX * 3 / 4);
	OK(served >= least);
}

TEST(three_times_the_capacity)
{
	overrun(2, 7000);
	overrun(3, 6600);	/* 3,000 heads a second cost 15 % */
	overrun(6, 5500);	/* 30 % */
}

TAP_BEGIN
TAP_ROW(a_burst_may_wait)
TAP_ROW(a_lag_that_stays_is_overload)
TAP_ROW(refusals_are_spread)
TAP_ROW(it_is_over_after_a_calm_second)
TAP_ROW(rare_ones_prove_nothing)
TAP_ROW(never)
TAP_ROW(three_times_the_capacity)
TAP_END
