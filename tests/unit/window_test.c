/* window_test.c - limits: every kind, changes of limits, refusals. */
#include "base/rng.h"
#include "state/calendar.h"
#include "state_help.h"

#define S	CLOCK_US_S
#define REAL	(1700000000LL * S)
#define HOUR	(3600LL * S)

static struct help_opts h;

static int
admit(struct state *st, struct act_admit *a, uint64_t key, int64_t boot)
{
	a->key_id = key;
	a->boot_us = boot;
	a->real_us = REAL + boot;
	return help_run(st, &a->a, ACT_ADMIT);
}

static int
one(struct state *st, uint64_t key, enum window_kind k, uint64_t limit,
    int64_t boot)
{
	struct act_admit a = { 0 };

	a.limits.v[k] = limit;
	return admit(st, &a, key, boot);
}

TEST(names)
{
	EQ_STR(window_name(WINDOW_RPS), "rps");
	EQ_STR(window_name(WINDOW_TOKENS), "max_tokens");
	EQ_STR(window_name(WINDOW_KINDS), "unknown");
}

TEST(ring_is_exact)
{
	struct state *st = help_new(&h, "ring", BOARD_WORKER);
	struct act_admit a = { 0 };
	int i;

	for (i = 0; i < 3; i++)
		EQ_INT(one(st, 7, WINDOW_RPS, 3, 100 * S + i * 1000), 0);
	a.limits.v[WINDOW_RPS] = 3;
	EQ_INT(admit(st, &a, 7, 101 * S - 1), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_RPS);
	EQ_INT(a.retry_after_us, 1);
	EQ_INT(a.limit, 3);
	EQ_INT(a.remaining, 0);
	EQ_INT(admit(st, &a, 7, 101 * S), 0);
	EQ_INT(a.remaining, 0);
	EQ_INT(admit(st, &a, 7, 101 * S), ERR_LIMIT);
	EQ_INT(a.retry_after_us, 1000);
	/* long idle: all are free again */
	EQ_INT(admit(st, &a, 7, 500 * S), 0);
	EQ_INT(a.remaining, 2);
	state_close(&st);
}

/* A request may not be counted before an earlier one of the same key. */
TEST(clock_of_another_worker)
{
	struct state *st = help_new(&h, "skew", BOARD_WORKER);
	struct act_admit a = { 0 };

	a.limits.v[WINDOW_RPM] = 10;
	EQ_INT(admit(st, &a, 7, 1000), 0);
	EQ_INT(admit(st, &a, 7, 990), 0);
	EQ_INT(a.boot_us, 1000);
	state_close(&st);
}

TEST(limits_that_change)
{
	static const uint64_t limits[] = { 10, 50, 5, 2000, 20, 1024, 1025,
	    3, 64, 1100, 1000 };
	struct state *st = help_new(&h, "change", BOARD_WORKER);
	uint64_t n = 0, l;
	int64_t t = 1000 * S;
	unsigned i;

	/* Within one period never more than the greatest limit so far, and
	 * a lower limit lets nothing through. */
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		l = limits[i];
		while (one(st, 7, WINDOW_RPM, l, t) == 0) {
			n++;
			OK(n <= l);
		}
		OK(n >= l);
		t += 1000;
	}
	EQ_INT(n, 2000);
	/* After the period all is forgotten, whatever form it had. */
	EQ_INT(one(st, 7, WINDOW_RPM, 3, t + 61 * S), 0);
	EQ_INT(one(st, 7, WINDOW_RPM, 3, t + 61 * S), 0);
	EQ_INT(one(st, 7, WINDOW_RPM, 3, t + 61 * S), 0);
	EQ_INT(one(st, 7, WINDOW_RPM, 3, t + 61 * S), ERR_LIMIT);
	state_close(&st);
}

TEST(parts_again_after_ring)
{
	struct state *st = help_new(&h, "again", BOARD_WORKER);
	int i, n = 0;

	for (i = 0; i < 100; i++)
		EQ_INT(one(st, 1, WINDOW_RPM, 2000, 100 * S), 0);
	EQ_INT(one(st, 1, WINDOW_RPM, 101, 101 * S), 0);
	while (one(st, 1, WINDOW_RPM, 1500, 102 * S) == 0)
		n++;
	EQ_INT(n, 1399);
	while (n < 5000 && one(st, 1, WINDOW_RPM, 1500, 159 * S) == 0)
		n++;
	EQ_INT(n, 1399);
	/* 100 leave at 160 s, at most 60/256 s late */
	for (i = 0; one(st, 1, WINDOW_RPM, 1500, 160 * S + 60 * S / 256 +
	    1) == 0; i++)
		;
	EQ_INT(i, 100);
	state_close(&st);
}

TEST(refusal_leaves_the_others)
{
	struct state *st = help_new(&h, "whole", BOARD_WORKER);
	struct act_admit a = { 0 };
	uint64_t used[WINDOW_KINDS];
	int i;

	a.limits.v[WINDOW_RPS] = 2;
	a.limits.v[WINDOW_RPM] = 100;
	a.limits.v[WINDOW_RPD] = 5000;
	a.limits.v[WINDOW_DAILY] = 50;
	a.limits.v[WINDOW_CONCURRENCY] = 50;
	for (i = 0; i < 10; i++)
		EQ_INT(admit(st, &a, 9, S + i), i < 2 ? 0 : ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_RPS);
	EQ_INT(a.place, 0);
	EQ_INT(window_usage(st, 9, S + 20, REAL + S, used), 0);
	EQ_INT(used[WINDOW_RPS], 2);
	EQ_INT(used[WINDOW_RPM], 2);
	EQ_INT(used[WINDOW_RPD], 2);
	EQ_INT(used[WINDOW_DAILY], 2);
	EQ_INT(used[WINDOW_CONCURRENCY], 2);
	state_turn_end(st);
	/* several refuse: the one that lasts longest is told */
	a.limits.v[WINDOW_RPM] = 2;
	EQ_INT(admit(st, &a, 9, S + 30), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_RPM);
	EQ_INT(a.retry_after_us, 60 * S - 30);
	state_close(&st);
}

/* What the headers tell: the tightest window, tpm before max_tokens, and when
 * nothing of them is used any more. */
TEST(what_is_shown)
{
	struct state *st = help_new(&h, "shown", BOARD_WORKER);
	struct act_admit a = { 0 };

	a.limits.v[WINDOW_RPM] = 3;
	a.limits.v[WINDOW_RPD] = 2;
	a.limits.v[WINDOW_TOKENS] = 100;
	EQ_INT(admit(st, &a, 9, S), 0);
	EQ_INT(a.limit, 2);
	EQ_INT(a.remaining, 1);
	EQ_INT(a.reset_us, 86400 * S);
	EQ_INT(a.tokens_limit, 100);
	EQ_INT(a.tokens_remaining, 100);
	EQ_INT(a.tokens_reset_us, 0);
	EQ_INT(help_settle(st, 9, 30, 10, 0), 0);
	EQ_INT(admit(st, &a, 9, 2 * S), 0);
	EQ_INT(a.remaining, 0);
	EQ_INT(a.tokens_remaining, 60);
	EQ_INT(admit(st, &a, 9, 3 * S), ERR_LIMIT);
	EQ_INT(a.remaining, 0);
	EQ_INT(a.retry_after_us, 86398 * S);
	EQ_INT(a.reset_us, 86399 * S);
	a.limits.v[WINDOW_TPM] = 1000;
	a.limits.v[WINDOW_RPD] = a.limits.v[WINDOW_RPM] = 0;
	a.limits.v[WINDOW_HOURLY] = 1;
	EQ_INT(admit(st, &a, 9, 4 * S), 0);
	EQ_INT(a.tokens_limit, 1000);
	EQ_INT(a.tokens_remaining, 1000);
	OK(a.tokens_reset_us >= 60 * S);
	OK(a.tokens_reset_us <= 60 * S + 60 * S / 256);
	EQ_INT(a.limit, 1);
	EQ_INT(a.remaining, 0);
	/* REAL is 22:13:20 UTC */
	EQ_INT(a.reset_us, (46 * 60 + 36) * S);
	state_close(&st);
}

/* What is from before the boot has times below 0. */
TEST(times_before_zero)
{
	static const uint64_t limits[] = { 40, 2000 };
	struct state *st = help_new(&h, "below", BOARD_WORKER);
	uint64_t l;
	int64_t t, us = 86400 * S / 256;
	unsigned i, n;

	for (i = 0; i < 2; i++) {
		l = limits[i];
		for (n = 0; n < 30; n++)
			EQ_INT(one(st, 1 + i, WINDOW_RPD, l, -80000 * S +
			    (int64_t)n * 1700 * S), 0);
		for (t = 0; one(st, 1 + i, WINDOW_RPD, l, t) == 0; t++)
			n++;
		EQ_INT(n, l);
		/* the first leaves a day later, hardly more */
		t = 6400 * S;
		EQ_INT(one(st, 1 + i, WINDOW_RPD, l, t - 1), ERR_LIMIT);
		EQ_INT(one(st, 1 + i, WINDOW_RPD, l, t + us), 0);
		EQ_INT(one(st, 1 + i, WINDOW_RPD, l, t + us), ERR_LIMIT);
	}
	state_close(&st);
}

TEST(shadow_counts)
{
	struct state *st = help_new(&h, "shadow", BOARD_WORKER);
	struct act_admit a = { .shadow = 1 };
	int i;

	a.limits.v[WINDOW_RPM] = 5;
	for (i = 0; i < 20; i++) {
		EQ_INT(admit(st, &a, 9, 10 * S + i), 0);
		EQ_INT(a.over, i >= 5);
	}
	a.shadow = 0;
	EQ_INT(admit(st, &a, 9, 10 * S + 70 * S), 0);
	state_close(&st);
}

TEST(calendar)
{
	struct state *st;
	struct act_admit a = { 0 };
	int i;

	EQ_INT(clock_set_zone("UTC"), 0);
	st = help_new(&h, "calendar", BOARD_WORKER);
	a.limits.v[WINDOW_HOURLY] = 4;
	a.limits.v[WINDOW_DAILY] = 6;
	/* REAL is 22:13:20 UTC; boot 0 is there */
	for (i = 0; i < 5; i++)
		EQ_INT(admit(st, &a, 3, i), i < 4 ? 0 : ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_HOURLY);
	EQ_INT(a.retry_after_us, (46 * 60 + 40) * S - 4);
	for (i = 0; i < 3; i++)
		EQ_INT(admit(st, &a, 3, 47 * 60 * S + i), i < 2 ? 0 :
		    ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_DAILY);
	EQ_INT(admit(st, &a, 3, 107 * 60 * S), 0);
	/* a clock put back does not give the day anew */
	a.limits.v[WINDOW_HOURLY] = 0;
	for (i = 0; i < 9; i++)
		EQ_INT(admit(st, &a, 3, 106 * 60 * S), i < 5 ? 0 :
		    ERR_LIMIT);
	state_close(&st);
}

/* 25 October 2026 in Berlin has the hour from 2 to 3 twice. */
TEST(clocks_change)
{
	struct state *st;
	struct calendar c = { 0 };
	struct act_admit a = { 0 };
	int64_t one_utc = 1792890000LL * S;	/* 01:00 UTC */

	if (clock_set_zone("Europe/Berlin") != 0)
		tap_skip("no time zones here");
	st = help_new(&h, "clocks", BOARD_WORKER);
	calendar_at(&c, one_utc);
	EQ_INT(c.hour_start, one_utc);
	EQ_INT(c.day_end - c.day_start, 25LL * 3600 * S);
	calendar_at(&c, c.day_end);
	EQ_INT(c.day_end - c.day_start, 24LL * 3600 * S);
	a.limits.v[WINDOW_HOURLY] = 1;
	EQ_INT(admit(st, &a, 3, one_utc - REAL - 1), 0);
	EQ_INT(admit(st, &a, 3, one_utc - REAL - 1), ERR_LIMIT);
	EQ_INT(a.retry_after_us, 1);
	EQ_INT(admit(st, &a, 3, one_utc - REAL), 0);
	EQ_INT(admit(st, &a, 3, one_utc - REAL), ERR_LIMIT);
	EQ_INT(clock_set_zone("UTC"), 0);
	state_close(&st);
}

TEST(cooldown)
{
	struct state *st = help_new(&h, "cooldown", BOARD_WORKER);
	struct act_admit a = { 0 };

	a.limits.v[WINDOW_COOLDOWN] = 500000;
	EQ_INT(admit(st, &a, 3, 10), 0);
	EQ_INT(admit(st, &a, 3, 500009), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_COOLDOWN);
	EQ_INT(a.retry_after_us, 1);
	EQ_INT(admit(st, &a, 3, 500010), 0);
	state_close(&st);
}

TEST(concurrency)
{
	struct help_opts h2;
	struct state *st = help_new(&h, "places", BOARD_WORKER);
	struct act_admit a = { 0 };
	struct act_leave l = { .key_id = 5, .release = 1 };
	int i;

	a.limits.v[WINDOW_CONCURRENCY] = 3;
	for (i = 0; i < 4; i++)
		EQ_INT(admit(st, &a, 5, i), i < 3 ? 0 : ERR_LIMIT);
	EQ_INT(a.place, 0);
	OK(a.retry_after_us > 0);
	EQ_INT(help_settle(st, 5, 1, 1, 1), 0);
	EQ_INT(help_run(st, &l.a, ACT_LEAVE), 0);
	EQ_INT(admit(st, &a, 5, 9), 0);
	EQ_INT(a.place, 1);
	EQ_INT(admit(st, &a, 5, 9), 0);
	EQ_INT(admit(st, &a, 5, 9), ERR_LIMIT);
	/* the process is gone: another frees what it held, and only that */
	state_close(&st);
	help_opts(&h2, strcat(strcpy((char[200]){ 0 }, tap_dir()),
	    "/places"), BOARD_RECORDER, 2);
	st = help_open(&h2.o);
	EQ_INT(state_gone(st, 1, 999), 0);
	EQ_INT(admit(st, &a, 5, 9), ERR_LIMIT);
	EQ_INT(state_gone(st, 1, 1001), 0);
	for (i = 0; i < 4; i++)
		EQ_INT(admit(st, &a, 5, i), i < 3 ? 0 : ERR_LIMIT);
	state_close(&st);
	/* a new process in the same slot frees those of its predecessor */
	h2.o.incarnation = 77;
	st = help_open(&h2.o);
	a.limits.v[WINDOW_CONCURRENCY] = 4;
	EQ_INT(admit(st, &a, 5, 20), 0);
	for (i = 0; i < 4; i++)
		EQ_INT(admit(st, &a, 5, 20), i < 3 ? 0 : ERR_LIMIT);
	state_close(&st);
}

/* After kill -9 of the master its workers drain beside those of the next one,
 * which has a board of its own: the same slot, and both live. */
TEST(places_beside_those_of_another_board)
{
	struct help_opts h2;
	struct state *old = help_new(&h, "boards", BOARD_WORKER), *st;
	struct act_admit a = { 0 }, b = { 0 };
	struct act_leave l = { .key_id = 5, .release = 1 };

	a.limits.v[WINDOW_CONCURRENCY] = b.limits.v[WINDOW_CONCURRENCY] = 2;
	EQ_INT(admit(old, &a, 5, 1), 0);
	help_opts(&h2, strcat(strcpy((char[200]){ 0 }, tap_dir()),
	    "/boards"), BOARD_WORKER, 1);
	h2.o.incarnation = 2001;
	st = help_open(&h2.o);
	EQ_INT(admit(st, &b, 5, 2), 0);
	EQ_INT(admit(st, &b, 5, 3), ERR_LIMIT);
	/* that of the old one is given back, and that one only */
	EQ_INT(help_run(old, &l.a, ACT_LEAVE), 0);
	EQ_INT(admit(st, &b, 5, 4), 0);
	EQ_INT(admit(st, &b, 5, 5), ERR_LIMIT);
	EQ_INT(admit(old, &a, 5, 6), ERR_LIMIT);
	state_close(&st);
	state_close(&old);
}

TEST(tokens)
{
	struct state *st = help_new(&h, "tokens", BOARD_RECORDER);
	struct act_admit a = { 0 };

	/* spent before the limit was set, partly in the ledger */
	EQ_INT(help_settle(st, 5, 10, 5, 0), 0);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 1);
	EQ_INT(help_settle(st, 5, 10, 5, 0), 0);
	EQ_INT(help_settle(st, 6, 10, 5, 0), 0);
	a.limits.v[WINDOW_TOKENS] = 40;
	EQ_INT(admit(st, &a, 5, 1), 0);
	EQ_INT(help_settle(st, 5, 9, 0, 0), 0);
	EQ_INT(admit(st, &a, 5, 1), 0);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 3);
	EQ_INT(help_settle(st, 5, 1, 0, 0), 0);
	EQ_INT(admit(st, &a, 5, 1), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_TOKENS);
	EQ_INT(a.retry_after_us, 0);
	state_close(&st);
}

TEST(tokens_per_minute)
{
	struct state *st = help_new(&h, "tpm", BOARD_WORKER);
	struct act_admit a = { 0 };
	struct act_settle s = { .rec = help_usage(5, 60, 20) };

	a.limits.v[WINDOW_TPM] = 100;
	EQ_INT(admit(st, &a, 5, S), 0);
	s.boot_us = 2 * S;
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	EQ_INT(admit(st, &a, 5, 3 * S), 0);
	s.boot_us = 30 * S;
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	EQ_INT(admit(st, &a, 5, 30 * S), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_TPM);
	OK(a.retry_after_us >= 32 * S);
	OK(a.retry_after_us <= 32 * S + 60 * S / 256 + 1);
	EQ_INT(admit(st, &a, 5, 30 * S + a.retry_after_us), 0);
	state_close(&st);
}

TEST(no_limits_cost_nothing)
{
	struct state *st = help_new(&h, "free", BOARD_WORKER);
	struct act_admit a = { 0 };
	uint64_t rounds;
	int i;

	EQ_INT(admit(st, &a, 5, S), 0);
	EQ_INT(key_last_used(st, 5), REAL + S);
	state_turn_end(st);
	rounds = board_get(board_self, CTR_state_rounds);
	for (i = 0; i < 50; i++)
		EQ_INT(admit(st, &a, 5, S + i), 0);
	EQ_INT(board_get(board_self, CTR_state_rounds), rounds);
	EQ_INT(key_last_used(st, 5), REAL + S);
	state_turn_end(st);
	EQ_INT(admit(st, &a, 5, 62 * S), 0);
	EQ_INT(key_last_used(st, 5), REAL + 62 * S);
	EQ_INT(a.limit, 0);
	state_close(&st);
}

TEST(expiry)
{
	struct state *st = help_new(&h, "expiry", BOARD_RECORDER);
	struct act_admit a = { 0 };
	uint64_t next = 0, key;
	int i, n = 0, rc;

	a.limits.v[WINDOW_RPM] = 100;
	a.limits.v[WINDOW_RPD] = 2000;
	a.limits.v[WINDOW_TOKENS] = 100;
	for (key = 1; key <= 200; key++) {
		for (i = 0; i < 10; i++)
			EQ_INT(admit(st, &a, key, S), 0);
		EQ_INT(help_settle(st, key, 30, 30, 0), 0);
	}
	a.limits.v[WINDOW_CONCURRENCY] = 5;
	EQ_INT(admit(st, &a, 7, 2 * S), 0);
	EQ_INT(usage_drain(st, 1000, NULL, NULL), 200);
	a.limits.v[WINDOW_CONCURRENCY] = 0;
	EQ_INT(admit(st, &a, 150, 20LL * 3600 * S), 0);
	do {
		rc = state_expire(st, &next, 28 * HOUR, REAL + 28 * HOUR);
		OK(rc >= 0);
		n += rc;
	} while (next != 0);
	EQ_INT(n, 198);		/* not the one that runs, nor the late one */
	EQ_INT(key_last_used(st, 7), REAL + 2 * S);
	EQ_INT(key_last_used(st, 9), REAL);	/* from the ledger */
	state_turn_end(st);
	/* the tokens were not forgotten */
	EQ_INT(admit(st, &a, 9, 30LL * 3600 * S), 0);
	EQ_INT(help_settle(st, 9, 40, 0, 0), 0);
	EQ_INT(admit(st, &a, 9, 30LL * 3600 * S), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_TOKENS);
	state_close(&st);
}

/* A clock that is set forward, for a moment or for good, ends no window: a day
 * is over when that time has passed. Back it keeps no record for ever. */
TEST(expiry_and_a_clock_that_is_set)
{
	struct state *st = help_new(&h, "set", BOARD_RECORDER);
	struct act_settle s = { .rec = help_usage(4, 30, 30) };
	struct act_admit a = { 0 };
	uint64_t next = 0;

	EQ_INT(one(st, 3, WINDOW_RPD, 1, S), 0);
	EQ_INT(one(st, 4, WINDOW_TPM, 50, S), 0);
	EQ_INT(admit(st, &a, 5, S), 0);		/* it has no limit */
	EQ_INT(state_expire(st, &next, 2 * S, REAL + 28 * HOUR), 1);
	EQ_INT(key_last_used(st, 5), 0);
	EQ_INT(one(st, 3, WINDOW_RPD, 1, 3 * S), ERR_LIMIT);
	EQ_INT(state_expire(st, &next, 26 * HOUR, REAL + 9999 * HOUR), 0);
	EQ_INT(one(st, 3, WINDOW_RPD, 1, 23 * HOUR), ERR_LIMIT);
	/* what began a day ago has used its tokens now */
	s.boot_us = 28 * HOUR;
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	EQ_INT(state_expire(st, &next, 28 * HOUR, REAL - 9999 * HOUR), 1);
	EQ_INT(next, 0);
	EQ_INT(one(st, 4, WINDOW_TPM, 50, 28 * HOUR), ERR_LIMIT);
	EQ_INT(state_expire(st, &next, 56 * HOUR, REAL - 9999 * HOUR), 1);
	state_close(&st);
}

/*
 * Limits that change at random against plain counting: never one too many,
 * and none refused that would be allowed one sub-window later.
 */
TEST(random_against_a_model)
{
	static const uint64_t limits[] = { 1, 8, 9, 33, 100, 1024, 1025,
	    3000 };
	static int64_t v[20000];
	struct state *st = help_new(&h, "model", BOARD_WORKER);
	int64_t t = 5000 * S, late = 60 * S / 256 + 2;
	uint64_t limit = 100, in, surely;
	int i, n = 0, from = 0, j, ok;

	for (i = 0; i < 20000; i++) {
		if (rng_below(40) == 0)
			limit = limits[rng_below(8)];
		t += (int64_t)rng_below(rng_below(500) == 0 ? 90 * S :
		    120000);
		while (from < n && v[from] <= t - 60 * S - late)
			from++;
		surely = (uint64_t)(n - from);
		for (j = from; j < n && v[j] <= t - 60 * S; j++)
			;
		in = (uint64_t)(n - j);
		ok = one(st, 7, WINDOW_RPM, limit, t) == 0;
		if (ok)
			v[n++] = t;
		if (ok ? in >= limit : surely < limit)
			tap_fail(__FILE__, __LINE__, "limit %llu, %llu in "
			    "the window, %s", (unsigned long long)limit,
			    (unsigned long long)in, ok ? "admitted" :
			    "refused");
	}
	OK(n > 3000);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(names)
TAP_ROW(ring_is_exact)
TAP_ROW(clock_of_another_worker)
TAP_ROW(limits_that_change)
TAP_ROW(parts_again_after_ring)
TAP_ROW(refusal_leaves_the_others)
TAP_ROW(what_is_shown)
TAP_ROW(times_before_zero)
TAP_ROW(shadow_counts)
TAP_ROW(calendar)
TAP_ROW(clocks_change)
TAP_ROW(cooldown)
TAP_ROW(concurrency)
TAP_ROW(places_beside_those_of_another_board)
TAP_ROW(tokens)
TAP_ROW(tokens_per_minute)
TAP_ROW(no_limits_cost_nothing)
TAP_ROW(expiry)
TAP_ROW(expiry_and_a_clock_that_is_set)
TAP_ROW(random_against_a_model)
TAP_END
