/* checkpoint_test.c - limits over a boot: what is kept, rounded against the
 * client, and what is not written. */
#include <unistd.h>

#include "base/rng.h"
#include "state/checkpoint.h"
#include "state_help.h"

#define S	CLOCK_US_S
#define REAL	(1792886400LL * S)	/* midnight in UTC */
#define DAY	(86400 * S)

static struct help_opts h;

/* A machine: real time goes on over boots, boot time begins anew. */
static int64_t real_us, booted_us;

static int
admit(struct state *st, struct act_admit *a, uint64_t key)
{
	a->key_id = key;
	a->boot_us = real_us - booted_us;
	a->real_us = real_us;
	return help_run(st, &a->a, ACT_ADMIT);
}

static int
one(struct state *st, uint64_t key, enum window_kind k, uint64_t limit)
{
	struct act_admit a = { 0 };

	a.limits.v[k] = limit;
	return admit(st, &a, key);
}

static void
settle(struct state *st, uint64_t key, uint64_t tokens)
{
	struct act_settle s = { .rec = help_usage(key, tokens, 0) };

	s.boot_us = real_us - booted_us;
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
}

/* What the recorder does at a flush, and what it does at its end. */
static void
save(struct state *st)
{
	int rc, restart = 1;

	do {
		rc = checkpoint_look(st, real_us - booted_us, real_us,
		    restart);
		OK(rc >= 0);
		OK(usage_drain(st, 1000, NULL, NULL) >= 0);
		restart = 0;
	} while (rc > 0);
	OK(!checkpoint_waiting(st));
}

static struct state *
boot(struct state *st, int64_t off_us)
{
	static const char *const files[] = { "boot_id", "hot/data.mdb",
	    "hot/lock.mdb" };
	char path[400], err[256];
	size_t i;

	state_close(&st);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", h.run, files[i]);
		EQ_INT(unlink(path), 0);
	}
	real_us += off_us;
	booted_us = real_us - 5 * S;
	EQ_INT(state_prepare(&h.o, err, sizeof(err)), 0);
	return help_open(&h.o);
}

static struct state *
begin(const char *name)
{
	EQ_INT(clock_set_zone("UTC"), 0);
	real_us = REAL;
	booted_us = real_us - 1000 * S;
	return help_new(&h, name, BOARD_RECORDER);
}

TEST(calendar_limits)
{
	struct state *st = begin("calendar");
	int i;

	real_us += 10 * 60 * S;
	for (i = 0; i < 5; i++)
		EQ_INT(one(st, 1, WINDOW_HOURLY, 7), 0);
	for (i = 0; i < 6; i++)
		EQ_INT(one(st, 2, WINDOW_DAILY, 7), 0);
	save(st);
	st = boot(st, 60 * S);
	for (i = 0; i < 3; i++)
		EQ_INT(one(st, 1, WINDOW_HOURLY, 7), i < 2 ? 0 : ERR_LIMIT);
	for (i = 0; i < 2; i++)
		EQ_INT(one(st, 2, WINDOW_DAILY, 7), i < 1 ? 0 : ERR_LIMIT);
	/* over several boots, and into the next hour and day */
	save(st);
	st = boot(st, 3600 * S);
	EQ_INT(one(st, 1, WINDOW_HOURLY, 1), 0);
	EQ_INT(one(st, 2, WINDOW_DAILY, 7), ERR_LIMIT);
	save(st);
	st = boot(st, DAY);
	EQ_INT(one(st, 2, WINDOW_DAILY, 1), 0);
	state_close(&st);
}

TEST(day_window)
{
	static const uint64_t limits[] = { 30, 1024, 3000 };
	struct state *st = begin("rpd");
	unsigned i, n;

	for (i = 0; i < 3; i++)
		for (n = 0; n < 20; n++)
			EQ_INT(one(st, 1 + i, WINDOW_RPD, limits[i]), 0);
	real_us += 600 * S;
	save(st);
	st = boot(st, 3600 * S);
	for (i = 0; i < 3; i++) {
		for (n = 20; one(st, 1 + i, WINDOW_RPD, limits[i]) == 0; n++)
			;
		EQ_INT(n, limits[i]);
	}
	/* the twenty leave a day after they came, 22.5 minutes later at most */
	real_us = REAL + DAY - 1;
	for (i = 0; i < 3; i++)
		EQ_INT(one(st, 1 + i, WINDOW_RPD, limits[i]), ERR_LIMIT);
	real_us = REAL + DAY + 1350 * S + DAY / 256 + 1;
	for (i = 0; i < 3; i++) {
		for (n = 0; one(st, 1 + i, WINDOW_RPD, limits[i]) == 0; n++)
			;
		EQ_INT(n, 20);
	}
	state_close(&st);
}

TEST(minutes_and_cooldown)
{
	struct state *st = begin("minutes");
	struct act_admit a = { 0 };
	int i;

	a.limits.v[WINDOW_RPM] = 10;
	a.limits.v[WINDOW_TPM] = 100;
	for (i = 0; i < 8; i++)
		EQ_INT(admit(st, &a, 1), 0);
	settle(st, 1, 99);
	EQ_INT(one(st, 2, WINDOW_COOLDOWN, 300 * S), 0);
	EQ_INT(one(st, 3, WINDOW_TOKENS, 50), 0);
	settle(st, 3, 50);
	save(st);
	/* a container is started again in a moment */
	st = boot(st, 3 * S);
	EQ_INT(admit(st, &a, 1), 0);
	settle(st, 1, 1);
	EQ_INT(admit(st, &a, 1), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_TPM);
	a.limits.v[WINDOW_TPM] = 0;
	EQ_INT(admit(st, &a, 1), 0);
	EQ_INT(admit(st, &a, 1), ERR_LIMIT);
	EQ_INT(a.refused, WINDOW_RPM);
	a.limits.v[WINDOW_RPM] = 0;
	a.limits.v[WINDOW_COOLDOWN] = 300 * S;
	EQ_INT(admit(st, &a, 2), ERR_LIMIT);
	EQ_INT(a.retry_after_us, 297 * S);
	EQ_INT(one(st, 3, WINDOW_TOKENS, 50), ERR_LIMIT);
	real_us += 300 * S;
	a.limits.v[WINDOW_RPM] = 10;
	EQ_INT(admit(st, &a, 1), 0);
	EQ_INT(admit(st, &a, 2), 0);
	state_close(&st);
}

/* What is told to have been used in the second of the last checkpoint. */
TEST(tokens_of_the_same_second)
{
	struct state *st = begin("second");

	real_us += 100000;
	EQ_INT(one(st, 1, WINDOW_TPM, 100), 0);
	EQ_INT(one(st, 1, WINDOW_TPM, 100), 0);
	settle(st, 1, 40);
	save(st);
	real_us += 100000;
	settle(st, 1, 60);
	save(st);
	st = boot(st, 3 * S);
	EQ_INT(one(st, 1, WINDOW_TPM, 100), ERR_LIMIT);
	EQ_INT(one(st, 1, WINDOW_TPM, 101), 0);
	state_close(&st);
}

/* Boots at any moment, a limit above and one below the exact: never one too
 * many in a day, and none refused that rounding does not explain: once by a
 * part and a sub-window for each boot within the day. */
static void
random_boots(const char *name, uint64_t limit)
{
	static int64_t v[40000], boots[1000];
	struct state *st = begin(name);
	int64_t end = real_us + 6 * DAY, late;
	int n = 0, from = 0, to, refused = 0, booted = 0, i;

	while (real_us < end) {
		real_us += (int64_t)rng_below((uint64_t)(2 * 6 * DAY / 9000));
		if (rng_below(500) == 0) {
			save(st);
			st = boot(st, (int64_t)rng_below(7200 * S) + S);
			boots[booted++] = real_us;
		}
		late = DAY / 256 + 2;
		for (i = 0; i < booted; i++)
			if (boots[i] > real_us - DAY - 3 * 3600 * S)
				late += 1350 * S + DAY / 256 + 2;
		while (from < n && v[from] <= real_us - DAY)
			from++;
		for (to = from; to > 0 && v[to - 1] > real_us - DAY - late;)
			to--;
		if (one(st, 7, WINDOW_RPD, limit) == 0) {
			v[n++] = real_us;
			OK((uint64_t)(n - from) <= limit);
		} else {
			refused++;
			OK((uint64_t)(n - to) >= limit);
		}
	}
	OK(refused > 100);
	OK((uint64_t)n > 5 * limit);
	state_close(&st);
}

TEST(random_boots_exact)
{
	random_boots("exact", 700);
}

TEST(random_boots_in_parts)
{
	random_boots("parts", 1100);
}

/* A key that was noted as used, or refused, before it is filled. */
TEST(filled_at_the_first_limit)
{
	struct state *st = begin("first");
	struct act_admit a = { 0 };
	int i;

	for (i = 0; i < 5; i++)
		EQ_INT(one(st, 1, WINDOW_DAILY, 5), 0);
	save(st);
	st = boot(st, S);
	EQ_INT(admit(st, &a, 1), 0);	/* no limits at this moment */
	EQ_INT(one(st, 1, WINDOW_DAILY, 5), ERR_LIMIT);
	EQ_INT(one(st, 1, WINDOW_DAILY, 6), 0);
	EQ_INT(one(st, 1, WINDOW_DAILY, 6), ERR_LIMIT);
	state_close(&st);
}

/* A look takes several calls when this one is kept from the processor. */
static int
waits(struct state *st, int restart)
{
	int rc;

	do {
		rc = checkpoint_look(st, real_us - booted_us, real_us,
		    restart);
		restart = 0;
	} while (rc > 0);
	EQ_INT(rc, 0);
	return checkpoint_waiting(st);
}

TEST(only_what_changed_is_written)
{
	struct state *st = begin("idle");
	uint64_t key;

	for (key = 1; key <= 300; key++)
		EQ_INT(one(st, key, WINDOW_RPD, 9), 0);
	OK(waits(st, 0));
	EQ_INT(usage_drain(st, 100, NULL, NULL), 0);
	/* nothing was committed since: not even a look */
	real_us += 60 * S;
	OK(!waits(st, 0));
	/* one key was used; the next round is five seconds later */
	EQ_INT(one(st, 17, WINDOW_RPD, 9), 0);
	OK(waits(st, 0));
	EQ_INT(usage_drain(st, 100, NULL, NULL), 0);
	real_us += 4 * S;
	EQ_INT(one(st, 17, WINDOW_RPD, 9), 0);
	OK(!waits(st, 0));
	real_us += S;
	OK(waits(st, 0));
	EQ_INT(usage_drain(st, 100, NULL, NULL), 0);
	/* a new recorder looks at all and finds nothing to write */
	state_close(&st);
	st = help_open(&h.o);
	OK(!waits(st, 1));
	/* refusals change nothing */
	EQ_INT(one(st, 17, WINDOW_RPD, 3), ERR_LIMIT);
	OK(!waits(st, 1));
	state_close(&st);
}

/* How many records a sound ledger has; closes and opens it. */
static uint64_t
verify(struct state **st)
{
	uint64_t n;
	char err[256];

	state_close(st);
	EQ_INT(state_verify(h.state, LEDGER_MAX, &n, err, sizeof(err)), 0);
	*st = help_open(&h.o);
	return n;
}

TEST(the_ledger_knows_the_table)
{
	struct state *st = begin("verify");
	uint64_t n, next = 0, before = verify(&st);
	int rc, sum = 0;

	for (n = 1; n <= 150; n++)
		EQ_INT(one(st, n, WINDOW_DAILY, 9), 0);
	save(st);
	EQ_INT(verify(&st) - before, 150);
	real_us += 20 * DAY;
	EQ_INT(one(st, 5, WINDOW_DAILY, 9), 0);
	save(st);
	do {
		rc = checkpoint_expire(st, &next, real_us + 13 * DAY);
		OK(rc >= 0);
		sum += rc;
	} while (next != 0);
	EQ_INT(sum, 149);
	EQ_INT(verify(&st) - before, 1);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(calendar_limits)
TAP_ROW(day_window)
TAP_ROW(minutes_and_cooldown)
TAP_ROW(tokens_of_the_same_second)
TAP_ROW(random_boots_exact)
TAP_ROW(random_boots_in_parts)
TAP_ROW(filled_at_the_first_limit)
TAP_ROW(only_what_changed_is_written)
TAP_ROW(the_ledger_knows_the_table)
TAP_END
