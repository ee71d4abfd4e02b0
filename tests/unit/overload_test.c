/* overload_test.c - the decision to refuse, with times of a table. */
#include <stdio.h>
#include <string.h>

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
	int n;

	overload_init(&o, MAX);
	EQ_INT(taken(&o, 1000 * MS, 1050 * MS, 2 * MAX), 50);
	OK(!o.on);
	/* nobody comes in, and none for those that go */
	EQ_INT(taken(&o, 1050 * MS, 1100 * MS, 2 * MAX), 0);
	OK(o.on);
	EQ_INT(o.busy, 50);
	OK(o.limit <= 50);
	for (n = 0; n < 5; n++)
		overload_end(&o, 1);
	EQ_INT(taken(&o, 1100 * MS, 1110 * MS, 2 * MAX), 0);
	EQ_INT(o.busy, 45);
}

/* At the lag aimed for one comes in for each that ends, now and in an hour. */
TEST(one_for_one)
{
	struct overload o;
	int64_t now;
	int i, n = 0;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 1051 * MS, MAX + 1);
	o.limit = o.busy;
	for (now = 1051 * MS, i = 0; i < 3600000; i++, now += MS) {
		if (i % 10 == 0)
			overload_end(&o, 1);
		n += overload_admit(&o, now, MAX * 2 / 3);
	}
	OK(o.on);
	OK(n >= 359990 && n <= 360010);
	OK(o.busy >= 48 && o.busy <= 52);
}

TEST(it_is_over_after_a_calm_second)
{
	struct overload o;
	int n, i;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 1100 * MS, MAX + 1);
	OK(o.on);
	/* nothing waits: more and more come in, and none has to end */
	n = taken(&o, 1100 * MS, 1500 * MS, 0);
	OK(n > 100);
	OK(o.on);
	for (i = 0; i < n; i++)
		overload_end(&o, 1);
	while (o.busy > 0)
		overload_end(&o, 1);
	n = 0;
	for (i = 1500; i < 3000; i++) {	/* few at once */
		n += overload_admit(&o, i * MS, 0);
		overload_end(&o, 1);
	}
	EQ_INT(n, 1500);
	OK(!o.on);
	EQ_INT(taken(&o, 3000 * MS, 3049 * MS, MAX + 1), 49);
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

/* Long streams that all wait, and now and then a short request that ends: what
 * is free is not kept from others. */
TEST(idle_is_not_kept_free)
{
	struct overload o;
	int64_t now;
	int i, n = 0;

	overload_init(&o, MAX);
	taken(&o, 1000 * MS, 1200 * MS, 2 * MAX);
	OK(o.on);
	for (i = 0; i < 3; i++)
		overload_answer(&o, 30 * MS, 0);
	for (now = 1200 * MS; now < 6000 * MS; now += MS) {
		if (now % (500 * MS) == 0 && o.busy > 0)
			overload_end(&o, 1);
		n += overload_admit(&o, now, now < 1300 * MS ? 2 * MAX : 0);
	}
	OK(o.rate > 0);
	OK(n > 2000);
}

/* Refusals of ours, many more than what is served, lift no limit. */
TEST(own_answers_say_nothing_of_the_worker)
{
	struct overload o;
	int64_t now;
	int i, n = 0;

	overload_init(&o, MAX);
	overload_answer(&o, 2000 * MS, 0);
	taken(&o, 1000 * MS, 1200 * MS, MAX / 2);
	for (now = 1200 * MS; now < 4000 * MS; now += MS) {
		for (i = 0; i < 2; i++)
			if (overload_admit(&o, now, now < 2000 * MS ? MAX / 2 :
			    2 * MAX))
				overload_end(&o, 0);
		if (now >= 2000 * MS)
			n += overload_admit(&o, now, 2 * MAX);
	}
	OK(o.on);
	OK(n < 100);
}

TEST(never)
{
	struct overload o;

	overload_init(&o, 0);
	EQ_INT(taken(&o, 1000 * MS, 3000 * MS, 900 * MS), 2000);
}

/*
 * A worker and what it has to do: heads come first, then what providers sent,
 * first in first out. Streams have so many parts, the first so long after they
 * were taken; what has gathered meanwhile is handled together.
 */
#define SLOT_US		50
#define SLOTS		1400000		/* 70 s */
#define STREAMS		60000

struct plant {
	int	 parts;
	double	 gap, delay;		/* us between parts, before the first */
	double	 read, part;		/* us that they cost */
	double	 refusal, taking;
	double	 rate;			/* requests per second */
	double	 warm, end;		/* us; what is measured lies between */
	int	 lag_max;		/* ms, at most in the middle */
	double	 useful;		/* of the time, at least */
	unsigned waiting;		/* that end never and cost nothing */
};

struct stream {
	double	 taken, first;
	double	 since;			/* it is ready */
	int	 next;			/* part */
	int	 link;
};

static struct stream streams[STREAMS];
static int slots[SLOTS], queue[STREAMS], unused;
static unsigned q_head, q_tail;

static void
due_at(int i, double us)
{
	int slot = (int)(us / SLOT_US) + 1;

	if (slot < SLOTS) {
		streams[i].link = slots[slot];
		slots[slot] = i;
	}
}

/* One that is ready: what it costs. */
static double
one_part(const struct plant *p, struct overload *o, double now)
{
	int i = queue[q_head++ % STREAMS], n = p->parts;
	struct stream *s = &streams[i];

	if (p->gap > 0)
		n = (int)((now - s->first) / p->gap) + 1;
	n = n > p->parts ? p->parts : n <= s->next ? s->next + 1 : n;
	if (s->next == 0)
		overload_answer(o, (int64_t)(now - s->taken),
		    (int64_t)(now - s->since));
	now = p->read + p->part * (n - s->next);
	s->next = n;
	if (n == p->parts) {
		overload_end(o, 1);
		s->link = unused;
		unused = i;
	} else
		due_at(i, s->first + n * p->gap);
	return now;
}

/* A head: what it costs. */
static double
one_head(const struct plant *p, struct overload *o, double now, double lag)
{
	int i = unused;

	if (!overload_admit(o, (int64_t)now, (int64_t)lag))
		return p->refusal;
	unused = streams[i].link;
	streams[i].taken = now;
	streams[i].first = now + p->taking + p->delay;
	streams[i].next = 0;
	due_at(i, streams[i].first);
	return p->taking;
}

static void
empty(void)
{
	int i;

	for (i = 0; i < STREAMS; i++)
		streams[i].link = i + 1;
	for (i = 0; i < SLOTS; i++)
		slots[i] = -1;
	unused = 0;
	q_head = q_tail = 0;
}

static void
run(const char *name, const struct plant *p)
{
	static int lags[1000];		/* heads by ms of lag */
	struct overload o;
	double now = 0, head = 0, lag, had, useful = 0;
	long heads = 0, seen = 0;
	int slot = 0, i, next, ms, worst;

	empty();
	memset(lags, 0, sizeof(lags));
	overload_init(&o, 15 * MS);
	o.busy = p->waiting;
	while (now < p->end) {
		for (; slot <= now / SLOT_US; slot++)
			for (i = slots[slot]; i >= 0; i = next) {
				next = streams[i].link;
				streams[i].since = slot * SLOT_US;
				queue[q_tail++ % STREAMS] = i;
			}
		lag = q_head == q_tail ? 0 : now -
		    streams[queue[q_head % STREAMS]].since;
		if (head <= now) {
			ms = (int)(lag / 1000);
			had = one_head(p, &o, now, lag);
			if (now >= p->warm) {
				lags[ms > 999 ? 999 : ms]++;
				heads++;
				useful += had == p->taking ? had : 0;
			}
			head += 1e6 / p->rate;
		} else if (q_head != q_tail) {
			had = one_part(p, &o, now);
			if (now >= p->warm)
				useful += had;
		} else {
			had = 0;
			now = slot * SLOT_US < head ? slot * SLOT_US : head;
		}
		now += had;
	}
	for (ms = 0; ms < 999 && (seen += lags[ms]) * 2 < heads; ms++)
		;
	for (worst = 999; worst > 0 && lags[worst] == 0; worst--)
		;
	useful /= p->end - p->warm;
	printf("# %s: %.1f %% of the time for those taken, lag in the middle "
	    "%d ms, at most %d\n", name, 100 * useful, ms, worst);
	OK(useful >= p->useful);
	OK(ms <= p->lag_max);
	if (p->delay <= 20000 && p->waiting == 0)	/* soon seen */
		OK(worst <= 3 * p->lag_max);
}

/* What refusals leave of the worker is used, whatever is under way. */
TEST(three_times_the_capacity)
{
	run("answers of 47 us", &(struct plant){ 1, 0, 1000, 27, 2,
	    13, 20, 60000, 2e+06, 6e+06, 15, 0.28 });
	run("300 parts at once", &(struct plant){ 300, 0, 20000, 20, 1.5,
	    35, 45, 6000, 2e+06, 1e+07, 15, 0.83 });
	run("1,000 parts at once", &(struct plant){ 1000, 0, 20000, 30, 1.5,
	    35, 45, 1900, 2e+06, 1e+07, 15, 0.94 });
	run("streams of 3 s", &(struct plant){ 300, 10000, 100000, 15, 2,
	    37, 60, 600, 6e+06, 4e+07, 15, 0.97 });
	run("streams of 20 s, 1 s of thought", &(struct plant){ 1000, 20000, 1000000, 15, 2,
	    37, 60, 200, 3e+07, 6.5e+07, 25, 0.92 });
	run("all after 0.2 s", &(struct plant){ 300, 0, 200000, 20, 1.5,
	    35, 45, 6000, 5e+06, 2.5e+07, 40, 0.67 });
	run("answers beside 20,000 that wait", &(struct plant){ 1, 0, 1000, 27,
	    2, 13, 20, 60000, 2e+06, 6e+06, 15, 0.27, 20000 });
	run("parts beside 20,000 that wait", &(struct plant){ 300, 0, 20000,
	    20, 1.5, 35, 45, 6000, 2e+06, 1e+07, 20, 0.68, 20000 });
	run("streams beside 20,000 that wait", &(struct plant){ 300, 10000,
	    100000, 15, 2, 37, 60, 600, 6e+06, 4e+07, 15, 0.97, 20000 });
	run("all after 1 s", &(struct plant){ 300, 0, 1000000, 20, 1.5,
	    35, 45, 6000, 1e+07, 6e+07, 60, 0.74 });
}

TAP_BEGIN
TAP_ROW(a_burst_may_wait)
TAP_ROW(a_lag_that_stays_is_overload)
TAP_ROW(one_for_one)
TAP_ROW(it_is_over_after_a_calm_second)
TAP_ROW(rare_ones_prove_nothing)
TAP_ROW(idle_is_not_kept_free)
TAP_ROW(own_answers_say_nothing_of_the_worker)
TAP_ROW(never)
TAP_ROW(three_times_the_capacity)
TAP_END
