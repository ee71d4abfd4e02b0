/*
 * reserve_test.c - tokens of a key: spent and reserved never pass a limit, and
 * who is refused leaves everything as it was.
 */
#include "base/rng.h"
#include "state/alive.h"
#include "state/limit_rec.h"
#include "state_help.h"

#define S CLOCK_US_S

static struct help_opts h;

static struct act_admit
new_admit(uint64_t tpm, uint64_t life, uint64_t tokens)
{
	struct act_admit a = { .key_id = 5, .tokens = tokens,
	    .boot_us = 1000 * S, .real_us = 1700000000LL * S };

	a.limits.v[WINDOW_TPM] = tpm;
	a.limits.v[WINDOW_TOKENS] = life;
	return a;
}

static int
reserve(struct state *st, struct act_admit *ad, uint64_t want, int more,
    struct act_reserve *r)
{
	memset(r, 0, sizeof(*r));
	r->admit = ad;
	r->want = want;
	r->more = more;
	r->boot_us = ad->boot_us;
	return help_run(st, &r->a, ACT_RESERVE);
}

static int
settle(struct state *st, struct act_admit *ad, uint64_t tokens)
{
	struct act_settle s = { .rec = help_usage(5, tokens, 0),
	    .boot_us = ad->boot_us, .reserved = ad->reserved,
	    .release = ad->place };

	return help_run(st, &s.a, ACT_SETTLE);
}

static struct limit_rec
record(struct state *st)
{
	struct limit l;

	EQ_INT(limit_load(st, 5, &l), 0);
	state_turn_end(st);
	return l.r;
}

/* Who was admitted in an hour that is over, and is refused its tokens now, does
 * not give the present hour anew. */
TEST(a_refusal_of_an_hour_before)
{
	struct state *st = help_new(&h, "hours", BOARD_WORKER);
	struct act_admit a = new_admit(0, 5000, 0), b;
	struct act_reserve r;
	int i;

	a.limits.v[WINDOW_HOURLY] = 3;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	for (i = 0; i < 5; i++) {
		b = new_admit(0, 5000, 0);
		b.limits.v[WINDOW_HOURLY] = 3;
		b.boot_us += 2 * 3600 * S;
		b.real_us += 2 * 3600 * S;
		if (i == 4)
			EQ_INT(reserve(st, &a, 6000, 0, &r), ERR_LIMIT);
		EQ_INT(help_run(st, &b.a, ACT_ADMIT), i < 3 ? 0 : ERR_LIMIT);
	}
	EQ_INT(b.refused, WINDOW_HOURLY);
	state_close(&st);
}

/* 200 at once and tokens for one: one. */
TEST(one_fits)
{
	struct state *st = help_new(&h, "one", BOARD_WORKER);
	struct act_admit a[200], b;
	struct act_reserve r;
	int i, n = 0;

	for (i = 0; i < 200; i++) {
		a[i] = new_admit(0, 5000, 4000);
		EQ_INT(help_run(st, &a[i].a, ACT_ADMIT), 0);
		EQ_INT(a[i].reserved, 0);	/* scarce */
	}
	for (i = 0; i < 200; i++)
		if (reserve(st, &a[i], 4000, 0, &r) == 0)
			n++;
		else {
			EQ_INT(r.refused, WINDOW_TOKENS);
			OK(r.retry_after_us > 0);
		}
	EQ_INT(n, 1);
	EQ_INT(a[0].reserved, 4000);
	EQ_INT(record(st).reserved, 4000);
	/* what nobody has reserved is still to be had */
	b = new_admit(0, 5000, 1000);
	EQ_INT(help_run(st, &b.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &b, 1000, 0, &r), 0);
	/* now all is promised: not even admitted, but waiting helps */
	a[1] = new_admit(0, 5000, 10);
	EQ_INT(help_run(st, &a[1].a, ACT_ADMIT), ERR_LIMIT);
	OK(a[1].retry_after_us > 0);
	EQ_INT(settle(st, &a[0], 900), 0);
	EQ_INT(settle(st, &b, 100), 0);
	EQ_INT(record(st).reserved, 0);
	EQ_INT(record(st).tokens, 1000);
	a[1] = new_admit(0, 5000, 4000);
	EQ_INT(help_run(st, &a[1].a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a[1], 4001, 0, &r), ERR_LIMIT);
	EQ_INT(r.retry_after_us, 0);		/* nobody will give back */
	a[1] = new_admit(0, 5000, 4000);
	EQ_INT(help_run(st, &a[1].a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a[1], 4000, 0, &r), 0);
	state_close(&st);
}

TEST(easily)
{
	struct state *st = help_new(&h, "easily", BOARD_WORKER);
	struct act_admit a = new_admit(0, 320000, 10000);
	struct act_reserve r;

	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(a.reserved, 10000);
	EQ_INT(record(st).reserved, 10000);
	EQ_INT(settle(st, &a, 1), 0);
	a = new_admit(0, 320000, 10000);	/* one is gone */
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(a.reserved, 0);
	/* more in steps, for one that is under way: refused, it keeps what
	 * it has */
	EQ_INT(reserve(st, &a, 10000, 0, &r), 0);
	EQ_INT(reserve(st, &a, 20000, 1, &r), 0);
	EQ_INT(a.reserved, 20000);
	EQ_INT(reserve(st, &a, 400000, 1, &r), ERR_LIMIT);
	EQ_INT(a.reserved, 20000);
	EQ_INT(record(st).reserved, 20000);
	a = new_admit(100000, 320000, 4000);	/* the tighter one counts */
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(a.reserved, 0);
	a = new_admit(0, 0, 4000);
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(a.reserved, 0);
	a = new_admit(0, 320000, 10);
	a.shadow = 1;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(a.reserved, 0);
	state_close(&st);
}

TEST(tpm)
{
	struct state *st = help_new(&h, "tpm", BOARD_WORKER);
	struct act_admit a = new_admit(1000, 0, 900), b;
	struct act_reserve r;

	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a, 600, 0, &r), 0);
	EQ_INT(settle(st, &a, 600), 0);
	b = new_admit(1000, 0, 900);
	b.boot_us += 10 * S;
	EQ_INT(help_run(st, &b.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &b, 401, 0, &r), ERR_LIMIT);
	EQ_INT(r.refused, WINDOW_TPM);
	/* when the 600 leave the window */
	OK(r.retry_after_us > 49 * S && r.retry_after_us < 51 * S);
	b = new_admit(1000, 0, 900);
	b.boot_us += 10 * S;
	EQ_INT(help_run(st, &b.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &b, 1001, 0, &r), ERR_LIMIT);
	EQ_INT(r.retry_after_us, 0);		/* it never fits */
	b = new_admit(1000, 0, 900);
	b.boot_us += 10 * S;
	EQ_INT(help_run(st, &b.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &b, 400, 0, &r), 0);
	a = new_admit(1000, 0, 900);
	a.boot_us += 11 * S;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), ERR_LIMIT);
	OK(a.retry_after_us > 0);
	state_close(&st);
}

/* --- giving back --------------------------------------------------------- */

static void
windows(struct state *st, const struct act_admit *a, uint64_t v[WINDOW_KINDS])
{
	EQ_INT(window_usage(st, 5, a->boot_us, a->real_us, v), 0);
	state_turn_end(st);
}

/* n requests before it and after it, then it is refused. */
static void
gives_back(struct state *st, uint64_t limit, int n)
{
	uint64_t before[WINDOW_KINDS], after[WINDOW_KINDS];
	struct act_admit a[64], x;
	struct act_reserve r;
	int64_t last;
	int i;

	for (i = 0; i < 2 * n + 1; i++) {
		a[i] = new_admit(0, 100000, 0);
		a[i].boot_us += i * 1000;
		a[i].limits.v[WINDOW_RPS] = limit;
		a[i].limits.v[WINDOW_RPM] = limit;
		a[i].limits.v[WINDOW_RPD] = limit;
		a[i].limits.v[WINDOW_HOURLY] = limit;
		a[i].limits.v[WINDOW_DAILY] = limit;
		a[i].limits.v[WINDOW_COOLDOWN] = 10;
		a[i].limits.v[WINDOW_CONCURRENCY] = limit;
		EQ_INT(help_run(st, &a[i].a, ACT_ADMIT), 0);
		EQ_INT(a[i].place, 1);
	}
	x = a[2 * n];
	windows(st, &x, before);
	last = record(st).last_us;
	EQ_INT(reserve(st, &a[n], 100001, 0, &r), ERR_LIMIT);
	EQ_INT(a[n].place, 0);
	windows(st, &x, after);
	for (i = 0; i < WINDOW_KINDS; i++)
		EQ_INT(after[i], before[i] - (before[i] > 0));
	EQ_INT(record(st).last_us, n > 0 ? last : last - 1000 * n);
}

TEST(refusal_gives_back)
{
	static const uint64_t limits[] = { 100, 1024, 5000 };
	struct state *st;
	char name[20];
	unsigned i;
	int n;

	for (i = 0; i < 3; i++)
		for (n = 1; n <= 20; n += 19) {
			snprintf(name, sizeof(name), "back%u-%d", i, n);
			st = help_new(&h, name, BOARD_WORKER);
			gives_back(st, limits[i], n);
			state_close(&st);
		}
}

/* The only one, refused: the next may come at once, cool-down or not. */
TEST(cooldown_is_given_back)
{
	struct state *st = help_new(&h, "cool", BOARD_WORKER);
	struct act_admit a = new_admit(0, 1000, 0), b;
	struct act_reserve r;

	a.limits.v[WINDOW_COOLDOWN] = 60 * S;
	a.limits.v[WINDOW_RPS] = 1;
	b = a;
	b.boot_us++;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a, 1001, 0, &r), ERR_LIMIT);
	EQ_INT(help_run(st, &b.a, ACT_ADMIT), 0);
	state_close(&st);
}

/* --- the dead ------------------------------------------------------------ */

TEST(reserved_by_the_dead)
{
	struct state *st = help_new(&h, "dead", BOARD_WORKER);
	struct act_admit a = new_admit(0, 5000, 0);
	struct act_reserve r;

	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a, 3000, 0, &r), 0);
	state_close(&st);
	/* its successor in the slot leaves it to the recorder */
	h.o.incarnation = 2000;
	st = help_open(&h.o);
	a = new_admit(0, 5000, 0);
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(reserve(st, &a, 1500, 0, &r), 0);
	EQ_INT(record(st).reserved, 4500);
	state_close(&st);
	h.o.role = BOARD_RECORDER;
	h.o.slot_index = 9;
	h.o.incarnation = 3000;
	st = help_open(&h.o);
	EQ_INT(state_gone(st, 1, 1001), 0);
	EQ_INT(record(st).reserved, 1500);
	EQ_INT(state_gone(st, 1, 2000), 0);
	EQ_INT(record(st).reserved, 0);
	state_close(&st);
}

/* --- any order ----------------------------------------------------------- */

#define FLIGHT 40

TEST(any_order)
{
	struct state *st = help_new(&h, "any", BOARD_WORKER);
	struct act_admit a[FLIGHT];
	struct act_reserve r;
	uint64_t life = 2000000, tpm = 90000, spent = 0, reserved, want;
	int64_t now = 1000 * S;
	int i, k, live[FLIGHT] = { 0 }, admitted = 0, refused = 0;
	struct limit_rec rec;

	for (i = 0; i < 20000; i++) {
		k = (int)rng_below(FLIGHT);
		now += (int64_t)rng_below(200000);
		if (!live[k]) {
			a[k] = new_admit(tpm, life, rng_below(4000));
			a[k].boot_us = now;
			if (help_run(st, &a[k].a, ACT_ADMIT) != 0)
				continue;
			want = rng_below(9000);
			live[k] = want <= a[k].reserved ||
			    reserve(st, &a[k], want, 0, &r) == 0;
			admitted += live[k];
			refused += !live[k];
		} else if (rng_below(3) == 0) {
			want = a[k].reserved + 1000;
			(void)reserve(st, &a[k], want, 1, &r);
		} else {
			/* an answer is not longer than its bound */
			want = rng_below(a[k].reserved + 1);
			a[k].boot_us = now;
			EQ_INT(settle(st, &a[k], want), 0);
			spent += want;
			live[k] = 0;
		}
		rec = record(st);
		for (k = 0, reserved = 0; k < FLIGHT; k++)
			reserved += live[k] ? a[k].reserved : 0;
		EQ_INT(rec.reserved, reserved);
		EQ_INT(rec.tokens, spent);
		OK(rec.tokens + rec.reserved <= life);
		/* the sum of the window may hold what has just left it */
		OK(rec.reserved <= tpm);
	}
	OK(admitted > 100 && refused > 10);
	printf("# %d admitted, %d refused, %llu spent\n", admitted, refused,
	    (unsigned long long)spent);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(a_refusal_of_an_hour_before)
TAP_ROW(one_fits)
TAP_ROW(easily)
TAP_ROW(tpm)
TAP_ROW(refusal_gives_back)
TAP_ROW(cooldown_is_given_back)
TAP_ROW(reserved_by_the_dead)
TAP_ROW(any_order)
TAP_END
