/* slow_test.c - when a slow target goes last, and how it comes back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "route/slow.h"
#include "tap.h"

#define MS		1000LL
#define MOST		4096
#define TARGETS		4

/* A worker's requests, each millisecond of its own time. */
struct attempt {
	struct slow_wait wait;
	unsigned	 target;
	int64_t		 end_us;
	int		 used;
};

static const struct slow_rule rule = { 3.0, 30 * CLOCK_US_S };
static struct slow_group group;
static struct slow target[TARGETS], *list[TARGETS];
static struct attempt attempt[MOST];
static int64_t now, takes[TARGETS];	/* usual time, in us */
static unsigned given[TARGETS], left_out, came_back, forgotten, under_way;
static unsigned clients;
static unsigned turn;
static int kind, tail;
static uint64_t seed;

static uint64_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL;
}

/* Between nothing and everything, neither included. */
static double
unit(void)
{
	return ((double)(rnd() >> 11) + 0.5) / 9007199254740992.0;
}

static void
setup(unsigned n, const int *priorities)
{
	unsigned i;

	memset(&group, 0, sizeof(group));
	memset(attempt, 0, sizeof(attempt));
	memset(given, 0, sizeof(given));
	left_out = came_back = forgotten = under_way = clients = 0;
	seed = 88172645463325252ULL;
	now = 1000 * CLOCK_US_S;
	kind = SLOW_STREAM;
	tail = 0;
	group.v = list;
	group.n = n;
	for (i = 0; i < n; i++) {
		slow_init(&target[i], &group, i,
		    priorities == NULL ? 1 : priorities[i]);
		target[i].usable = 1;
		list[i] = &target[i];
		takes[i] = 100 * MS;
	}
}

/* As the order of candidates does: best rank, in turns. */
static unsigned
choose(void)
{
	enum slow_turn where[TARGETS];
	unsigned i, k, best = 0;
	int rank, least = 1000;

	turn++;
	for (i = 0; i < group.n; i++)
		where[i] = slow_turn(&target[i], &rule, now, rnd());
	for (i = 0; i < group.n; i++) {
		k = (i + turn) % group.n;
		rank = 10 * target[k].priority + (where[k] == SLOW_LAST ?
		    500 : where[k] == SLOW_PROBE ? 0 : 1);
		if (rank < least) {
			least = rank;
			best = k;
		}
	}
	return best;
}

static void
begin(void)
{
	struct attempt *a = attempt;
	double by = 1;

	while (a < attempt + MOST && a->used)
		a++;
	if (a == attempt + MOST)
		return;
	a->used = 1;
	under_way++;
	a->target = choose();
	given[a->target]++;
	if (tail)	/* log-normal, a 95 % value of three times the median */
		by = exp(0.67 * sqrt(-2 * log(unit())) *
		    cos(6.283185307179586 * unit()));
	a->end_us = now + (int64_t)((double)takes[a->target] * by);
	slow_begin(&target[a->target], &a->wait, kind, now);
}

static void
look(void)
{
	unsigned i;

	slow_look(&group, &rule, now);
	for (i = 0; i < group.n; i++) {
		left_out += target[i].news == SLOW_LEFT;
		came_back += target[i].news == SLOW_BACK;
		forgotten += target[i].news == SLOW_FORGOTTEN;
		target[i].news = SLOW_NO_NEWS;
	}
}

/* Requests for so long: rate per second, or as many clients as there are,
 * one after the other. */
static void
run(int64_t ms, unsigned rate)
{
	int64_t until = now + ms * MS;
	double due = 0;
	unsigned i, n;

	memset(given, 0, sizeof(given));
	for (; now < until; now += MS) {
		for (i = 0, n = under_way; n > 0; i++) {
			n -= attempt[i].used != 0;
			if (!attempt[i].used || attempt[i].end_us > now)
				continue;
			attempt[i].used = 0;
			under_way--;
			slow_end(&attempt[i].wait, now, SLOW_ANSWERED);
		}
		for (due += rate / 1000.0; due >= 1; due--)
			begin();
		while (under_way < clients)
			begin();
		if (now / MS % 100 == 0)
			look();
	}
}

TEST(it_is_out_within_two_seconds)
{
	static const unsigned rates[] = { 15, 50, 300, 3000 };
	unsigned i, all;

	for (i = 0; i < 4; i++) {
		setup(3, NULL);
		run(20000, rates[i]);
		EQ_INT(left_out, 0);
		takes[0] *= 100;
		run(2000, rates[i]);
		EQ_INT(left_out, 1);
		OK(target[0].out);
		run(5000, rates[i]);
		all = given[0] + given[1] + given[2];
		OK(given[0] * 20 <= all);
		OK(rates[i] < 300 || given[0] > 0);	/* probes */
		EQ_INT(came_back, 0);
	}
}

TEST(clients_that_wait_are_evidence)
{
	setup(3, NULL);
	clients = 8;
	takes[0] = takes[1] = takes[2] = 2 * MS;
	run(20000, 0);
	EQ_INT(left_out, 0);
	takes[0] = 3000 * MS;		/* all eight hang there by and by */
	run(2000, 0);
	EQ_INT(left_out, 1);
	OK(target[0].out);
}

TEST(it_comes_back_in_steps)
{
	unsigned i, n, was = 0, rose = 0;

	setup(3, NULL);
	run(10000, 300);
	takes[0] *= 100;
	run(3000, 300);
	OK(target[0].out);
	takes[0] /= 100;
	for (i = 0; i < 60 && target[0].out; i++) {
		run(500, 300);
		n = given[0];
		/* never twice its share, nor a jump from nothing to all */
		OK(n <= 90);
		rose += n > was;
		was = n;
	}
	OK(!target[0].out);
	OK(i >= 5);
	OK(rose >= 3);
	EQ_INT(came_back, 1);
	run(10000, 300);
	OK(given[0] > 900);
	EQ_INT(left_out, 1);
}

TEST(slow_again_on_its_way_back)
{
	setup(3, NULL);
	run(10000, 300);
	takes[0] *= 100;
	run(3000, 300);
	takes[0] /= 100;
	while (target[0].step < 3)
		run(100, 300);
	takes[0] *= 100;
	run(2000, 300);
	OK(target[0].out);
	EQ_INT(target[0].step, 0);
	EQ_INT(came_back, 0);
}

TEST(nobody_asks_for_it)
{
	setup(3, NULL);
	run(10000, 300);
	takes[0] *= 100;
	run(3000, 300);
	OK(target[0].out);
	run(290000, 0);
	OK(target[0].out);
	run(20000, 0);
	OK(!target[0].out);
	EQ_INT(group.n_out, 0);
	EQ_INT(forgotten, 1);
	EQ_INT(came_back, 0);
	run(2000, 300);			/* slow as ever */
	EQ_INT(left_out, 2);
}

TEST(noise_ejects_nobody)
{
	static const unsigned rates[] = { 2, 20, 100, 400 };
	unsigned i;

	for (i = 0; i < 4; i++) {
		setup(3, NULL);
		tail = 1;
		takes[0] = takes[1] = takes[2] = 300 * MS;
		run(600000, rates[i]);
		EQ_INT(left_out, 0);
	}
	/* many times slower, and nobody would notice */
	setup(3, NULL);
	takes[0] = 150 * MS;
	takes[1] = takes[2] = 2 * MS;
	run(20000, 300);
	EQ_INT(left_out, 0);
	/* a single hanging request, and few in all */
	setup(3, NULL);
	run(20000, 100);
	slow_begin(&target[0], &attempt[MOST - 1].wait, kind, now);
	run(60000, 100);
	EQ_INT(left_out, 0);
	setup(3, NULL);
	takes[0] *= 100;
	run(1000, 15);
	EQ_INT(left_out, 0);
}

TEST(the_last_one_stays)
{
	setup(2, NULL);
	run(10000, 300);
	takes[0] *= 100;
	takes[1] *= 100;
	run(60000, 100);
	OK(!target[0].out || !target[1].out);
	setup(2, NULL);
	target[1].usable = 0;
	run(10000, 300);
	takes[0] *= 100;
	run(10000, 100);
	OK(!target[0].out);
	setup(1, NULL);
	run(10000, 300);
	takes[0] *= 100;
	run(10000, 100);
	OK(!target[0].out);
	/* two of three are slow: the group is */
	setup(3, NULL);
	takes[0] *= 100;
	takes[1] *= 100;
	run(60000, 100);
	EQ_INT(left_out, 0);
}

TEST(a_first_choice_is_compared_with_itself)
{
	static const int prio[] = { 1, 2, 3 };

	setup(3, prio);
	run(60000, 100);
	EQ_INT(given[1] + given[2], 0);
	takes[0] *= 100;
	run(2000, 100);
	OK(target[0].out);
	run(3000, 100);
	OK(given[1] > 280);
	takes[0] /= 100;
	run(30000, 100);
	OK(!target[0].out);
	/* The second is slower still: the first keeps its place. */
	setup(3, prio);
	takes[1] = 5000 * MS;
	target[0].usable = 0;
	target[0].priority = 9;		/* as if it had a breaker open */
	run(20000, 100);
	OK(target[1].times[SLOW_STREAM].p95_us > 4000 * MS);
	target[0].usable = 1;
	target[0].priority = 1;
	target[2].usable = 0;
	run(60000, 100);
	takes[0] = 1500 * MS;
	run(20000, 100);
	EQ_INT(left_out, 0);
	/* Answers as a whole depend on what was asked. */
	setup(3, prio);
	kind = SLOW_WHOLE;
	run(60000, 100);
	takes[0] *= 100;
	run(5000, 100);
	EQ_INT(left_out, 0);
}

TEST(given_up_is_evidence_errors_are_none)
{
	struct slow_wait w[64];
	unsigned i;

	setup(3, NULL);
	run(20000, 100);
	run(200, 0);			/* nobody waits */
	EQ_INT(under_way, 0);
	for (i = 0; i < 64; i++)
		slow_begin(&target[0], &w[i], kind, now);
	for (i = 0; i < 64; i++)
		slow_end(&w[i], now + CLOCK_US_S, SLOW_UNTOLD);
	for (i = 0; i < 64; i++)
		slow_end(&w[i], now + CLOCK_US_S, SLOW_SILENT);	/* over */
	look();
	EQ_INT(left_out, 0);
	for (i = 0; i < 64; i++)
		slow_begin(&target[0], &w[i], kind, now);
	for (i = 0; i < 64; i++)	/* early: says nothing */
		slow_end(&w[i], now + 10 * MS, SLOW_SILENT);
	look();
	EQ_INT(left_out, 0);
	for (i = 0; i < 64; i++)
		slow_begin(&target[0], &w[i], kind, now);
	now += CLOCK_US_S;
	for (i = 0; i < 64; i++)
		slow_end(&w[i], now, SLOW_SILENT);
	look();
	EQ_INT(left_out, 1);
}

TEST(kinds_are_not_mixed)
{
	unsigned i;

	/* Long answers at one, streams at the others. */
	setup(3, NULL);
	for (i = 0; i < 200; i++) {
		kind = SLOW_STREAM;
		run(50, 60);
		kind = SLOW_WHOLE;
		takes[0] = takes[1] = takes[2] = 4000 * MS;
		run(50, 60);
		takes[0] = takes[1] = takes[2] = 100 * MS;
	}
	EQ_INT(left_out, 0);
	OK(target[0].times[SLOW_WHOLE].p95_us > 3500 * MS);
	OK(target[0].times[SLOW_STREAM].p95_us < 200 * MS);
}

TAP_BEGIN
TAP_ROW(it_is_out_within_two_seconds)
TAP_ROW(clients_that_wait_are_evidence)
TAP_ROW(it_comes_back_in_steps)
TAP_ROW(slow_again_on_its_way_back)
TAP_ROW(nobody_asks_for_it)
TAP_ROW(noise_ejects_nobody)
TAP_ROW(the_last_one_stays)
TAP_ROW(a_first_choice_is_compared_with_itself)
TAP_ROW(given_up_is_evidence_errors_are_none)
TAP_ROW(kinds_are_not_mixed)
TAP_END
