/*
 * state_bench.c - what an admission and a settlement cost, by batch size.
 *
 * Not a test: prints microseconds per act, the median of slices of 64 acts, so
 * that other work on the machine shows little. "state_bench [DIR [SECONDS]]";
 * DIR should be in memory, /dev/shm by default.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "state/state.h"
#include "state/usage.h"
#include "state/window.h"

#define BATCH_MAX	64
#define KEYS		1000
#define SLICE		64
#define SLICES		100000

struct run {
	const char	*name;
	struct window_limits limits;
	int		 keys;		/* requests go round over so many */
};

static const struct run runs[] = {
	{ "rps 1m, rpm 1m", { .v = { 1000000, 1000000 } }, 1 },
	{ "rpm 1000 (ring), over 1000 keys", { .v = { 0, 1000 } }, KEYS },
	{ "rps rpm rpd, over 1000 keys", { .v = { 1000, 100000, 1000000 } },
	    KEYS },
	{ "all kinds, one key", { .v = { 1000000, 10000000, 100000000,
	    1000000000, 100000000, 100000000, 0, 100000,
	    1000000000000 } }, 1 },
	{ "no limits", { .v = { 0 } }, KEYS },
};

static struct act_admit admits[BATCH_MAX];
static struct act_settle settles[BATCH_MAX];
static unsigned refused, failed;

static void
done(struct act *a)
{
	if (a->rc == 0)
		return;
	if (a->kind == ACT_NONE && a->rc == -11)
		refused++;
	else
		failed++;
}

static void
queue_admit(struct state *st, const struct run *r, unsigned i, unsigned n)
{
	struct act_admit *a = &admits[i];

	a->a.kind = ACT_ADMIT;
	a->a.done = done;
	a->key_id = 1 + n % (unsigned)r->keys;
	a->limits = r->limits;
	a->boot_us = clock_boot_us();
	a->real_us = clock_real_us();
	state_queue(st, &a->a);
}

static void
queue_settle(struct state *st, const struct run *r, unsigned i, unsigned n)
{
	struct act_settle *s = &settles[i];

	s->a.kind = ACT_SETTLE;
	s->a.done = done;
	memset(&s->rec, 0, sizeof(s->rec));
	strcpy(s->rec.request_id, "req_0123456789abcdef012345");
	s->rec.real_us = clock_real_us();
	s->rec.key_id = 1 + n % (unsigned)r->keys;
	s->rec.key_name = STR("team-blue-ci");
	s->rec.provider = STR("openai");
	s->rec.group = STR("gpt-4-pool");
	s->rec.model = STR("gpt-4o-mini");
	s->rec.upstream_model = STR("gpt-4o-mini-2024-07-18");
	s->rec.endpoint = STR("chat");
	s->rec.status = 200;
	s->rec.attempts = 1;
	s->rec.input = 1234;
	s->rec.output = 456;
	s->rec.cost = 123456789;
	s->rec.duration_us = 1234567;
	s->release = r->limits.v[WINDOW_CONCURRENCY] != 0;
	state_queue(st, &s->a);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, unsigned n)
{
	qsort(v, n, sizeof(v[0]), by_value);
	return n == 0 ? 0 : v[n / 2];
}

/* One slice: SLICE admissions and settlements, in batches. */
static void
slice(struct state *st, const struct run *r, unsigned batch, unsigned from,
    double *admit, double *settle)
{
	int64_t t0, t1, t2, a = 0, s = 0;
	unsigned i, n;

	for (n = 0; n < SLICE; n += batch) {
		for (i = 0; i < batch; i++)
			queue_admit(st, r, i, from + n + i);
		t0 = clock_mono_us();
		state_flush(st);
		t1 = clock_mono_us();
		a += t1 - t0;
		for (i = 0; i < batch; i++)
			queue_settle(st, r, i, from + n + i);
		t1 = clock_mono_us();
		state_flush(st);
		t2 = clock_mono_us();
		s += t2 - t1;
	}
	*admit = (double)a / SLICE;
	*settle = (double)s / SLICE;
}

static void
measure(struct state *st, const struct run *r, unsigned batch, double seconds)
{
	static double admit[SLICES], settle[SLICES];
	int64_t end = clock_mono_us() + (int64_t)(seconds * 1e6);
	unsigned n = 0;
	double a, s;

	refused = failed = 0;
	while (clock_mono_us() < end && n < SLICES) {
		slice(st, r, batch, n * SLICE, &admit[n], &settle[n]);
		if (++n % 256 == 0)		/* not counted */
			usage_drain(st, 1 << 20, NULL, NULL);
	}
	a = median(admit, n);
	s = median(settle, n);
	printf("%-34s %5u %9.2f %9.2f %9.2f   %u %u\n", r->name, batch, a, s,
	    a + s, refused, failed);
	fflush(stdout);
	usage_drain(st, 1 << 20, NULL, NULL);
}

/* Moving records to the ledger, in slices as the recorder does. */
static void
measure_drain(struct state *st)
{
	int64_t t0, us = 0;
	int n = 0, rc;
	unsigned i, j;

	for (i = 0; i < 40960 / BATCH_MAX; i++) {
		for (j = 0; j < BATCH_MAX; j++)
			queue_settle(st, &runs[4], j, i * BATCH_MAX + j);
		state_flush(st);
	}
	do {
		t0 = clock_mono_us();
		rc = usage_drain(st, 4096, NULL, NULL);
		us += clock_mono_us() - t0;
		n += rc > 0 ? rc : 0;
	} while (rc > 0);
	printf("%-34s %5d %29.2f   0 0\n", "drain", 4096, (double)us / n);
}

static int
remove_one(const char *path, const struct stat *sb, int kind, struct FTW *f)
{
	return remove(path);
}

int
main(int argc, char **argv)
{
	static const unsigned batches[] = { 1, 4, 16, 64 };
	char dir[200], run[256], ledger[256], err[256];
	struct state_opts o = { .run_dir = run, .state_dir = ledger,
	    .role = BOARD_RECORDER, .slot_index = 1, .incarnation = 1,
	    .spool_max = 256 << 20, .slot = board_self };
	double seconds = argc > 2 ? atof(argv[2]) : 0.5;
	struct state *st;
	size_t i, j;

	snprintf(dir, sizeof(dir), "%s/state-bench-XXXXXX",
	    argc > 1 ? argv[1] : "/dev/shm");
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		return 1;
	}
	snprintf(run, sizeof(run), "%s/run", dir);
	snprintf(ledger, sizeof(ledger), "%s/ledger", dir);
	if (state_prepare(&o, err, sizeof(err)) != 0 ||
	    state_open(&o, &st, err, sizeof(err)) != 0) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	printf("%-34s %5s %9s %9s %9s   refused failed\n", "us per act",
	    "batch", "admit", "settle", "both");
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		for (j = 0; j < sizeof(batches) / sizeof(batches[0]); j++)
			measure(st, &runs[i], batches[j], seconds);
	measure_drain(st);
	state_close(&st);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
