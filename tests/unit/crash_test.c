/*
 * crash_test.c - several processes on the same stores: limits hold over all
 * of them, and kill -9 at any instant loses and doubles nothing.
 *
 * The program starts itself as helper ("crash_test --helper KIND ..."), so no
 * environment crosses a fork. CRASH_KILLS=N makes the campaign longer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/xalloc.h"
#include "state_help.h"

#define HELPERS		4
#define S		CLOCK_US_S
#define EVENTS_MAX	200000

/* What all helpers see; a file in the scratch folder. */
struct shared {
	_Atomic int64_t	 now;		/* fake boot time */
	_Atomic uint64_t attempts;	/* left to make */
	_Atomic uint64_t asked, acked;	/* settlements */
	_Atomic uint64_t events;
	struct {
		int64_t	 t;
		int	 admitted;
	} event[EVENTS_MAX];
};

static struct shared *shared;
static struct help_opts h;

static struct shared *
map_shared(const char *base)
{
	char path[300];
	struct shared *p;
	int fd;

	snprintf(path, sizeof(path), "%s/shared", base);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*p)) != 0)
		exit(3);
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		exit(3);
	return p;
}

/* --- helpers ----------------------------------------------------------- */

static struct state *
helper_open(const char *base, enum board_role role, unsigned slot,
    uint64_t incarnation)
{
	struct state *st;
	char err[256];

	help_opts(&h, base, role, slot);
	h.o.incarnation = incarnation;
	h.o.spool_max = 4 << 20;
	shared = map_shared(base);
	if (state_open(&h.o, &st, err, sizeof(err)) != 0) {
		fprintf(stderr, "helper: %s\n", err);
		exit(4);
	}
	return st;
}

static void
note_event(struct act *act)
{
	struct act_admit *a = (struct act_admit *)act;
	uint64_t i = atomic_fetch_add(&shared->events, 1);

	if ((a->a.rc != 0 && a->a.rc != ERR_LIMIT) || i >= EVENTS_MAX)
		exit(5);
	shared->event[i].t = a->boot_us;
	shared->event[i].admitted = a->a.rc == 0;
}

/* Ask again and again, in batches of 1 to 8; the fake clock runs on. */
static int
hammer(struct state *st, uint64_t limit, int64_t step)
{
	struct act_admit a[8];
	int i, n;

	memset(a, 0, sizeof(a));
	while (atomic_load(&shared->attempts) < (1ULL << 60)) {
		n = 1 + (int)rng_below(8);
		if (atomic_fetch_sub(&shared->attempts, (uint64_t)n) <=
		    (uint64_t)n)
			break;
		for (i = 0; i < n; i++) {
			a[i].a.kind = ACT_ADMIT;
			a[i].a.done = note_event;
			a[i].key_id = 42;
			a[i].limits.v[WINDOW_RPM] = limit;
			a[i].real_us = S;
			a[i].boot_us = atomic_fetch_add(&shared->now,
			    (int64_t)rng_below((uint64_t)step));
			state_queue(st, &a[i].a);
		}
		state_flush(st);
	}
	return 0;
}

static void
acked(struct act *a)
{
	if (a->rc == 0)
		atomic_fetch_add(&shared->acked, 1);
	else if (a->rc != ERR_FULL)
		_exit(6);
}

static void
pause_us(long us)
{
	struct timespec ts = { 0, us * 1000 };

	nanosleep(&ts, NULL);
}

static void
admitted(struct act *a)
{
}

/* Take places and settle, for ever. */
static int
settle(struct state *st)
{
	struct act_admit a;
	struct act_settle s[8];
	int i, n, full = 0;

	while (state_fatal(st) == 0) {
		n = 1 + (int)rng_below(8);
		memset(&a, 0, sizeof(a));
		memset(s, 0, sizeof(s));
		a.a.kind = ACT_ADMIT;
		a.a.done = admitted;
		a.key_id = 1 + rng_below(3);
		a.limits.v[WINDOW_CONCURRENCY] = 1000000;
		a.limits.v[WINDOW_RPM] = 1000;
		a.limits.v[WINDOW_TOKENS] = 1ULL << 60;
		a.boot_us = clock_boot_us();
		a.real_us = clock_real_us();
		state_queue(st, &a.a);
		/* The recorder is behind: leave it the processor. */
		if (full) {
			pause_us(1000);
			n = 0;
		}
		for (i = 0; i < n; i++) {
			s[i].a.kind = ACT_SETTLE;
			s[i].a.done = acked;
			s[i].rec = help_usage(1 + rng_below(3), 3, 4);
			s[i].release = i == 0 && rng_below(4) != 0;
			state_queue(st, &s[i].a);
		}
		atomic_fetch_add(&shared->asked, (uint64_t)n);
		state_flush(st);
		full = a.a.rc == ERR_FULL;
		state_turn_end(st);
	}
	return 10;
}

/*
 * A reader that was killed, or that has no processor for a while, keeps pages
 * of hot from being used again: the recorder tries again then, as ours does.
 */
static int
record(struct state *st)
{
	int n, rounds = 0, full = 0;

	for (;;) {
		n = usage_drain(st, 1 + (unsigned)rng_below(300), NULL, NULL);
		full = n == ERR_FULL ? full + 1 : 0;
		if ((n < 0 && n != ERR_FULL) || full > 2000) {
			fprintf(stderr, "# usage_drain: %s\n", err_str(n));
			return 7;
		}
		if (full > 0)
			pause_us(5000);
		state_turn_end(st);
		if (++rounds % 20 == 0 && state_gone(st, 500, 1) != 0)
			return 8;
	}
}

static int
helper(char **arg)
{
	unsigned slot = (unsigned)atoi(arg[2]);
	struct state *st;
	int rc;

	log_set_fd(getenv("CRASH_LOG") != NULL ? 2 : -1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	st = helper_open(arg[1], strcmp(arg[0], "record") == 0 ?
	    BOARD_RECORDER : BOARD_WORKER, slot,
	    strtoull(arg[3], NULL, 10));
	if (strcmp(arg[0], "hammer") == 0)
		rc = hammer(st, strtoull(arg[4], NULL, 10),
		    strtoll(arg[5], NULL, 10));
	else
		rc = strcmp(arg[0], "settle") == 0 ? settle(st) : record(st);
	state_close(&st);
	return rc;
}

/* --- the tests --------------------------------------------------------- */

static pid_t
start(const char *kind, const char *base, unsigned slot, uint64_t inc,
    uint64_t x, int64_t y)
{
	char a[4][24];
	pid_t pid;

	snprintf(a[0], sizeof(a[0]), "%u", slot);
	snprintf(a[1], sizeof(a[1]), "%llu", (unsigned long long)inc);
	snprintf(a[2], sizeof(a[2]), "%llu", (unsigned long long)x);
	snprintf(a[3], sizeof(a[3]), "%lld", (long long)y);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		execl("/proc/self/exe", "crash_test", "--helper", kind, base,
		    a[0], a[1], a[2], a[3], (char *)NULL);
		_exit(9);
	}
	OK(pid > 0);
	return pid;
}

static void
base_of(char *dst, size_t size, const char *name)
{
	snprintf(dst, size, "%s/%s", tap_dir(), name);
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* First of v[0..n) that is greater than t. */
static uint64_t
above(const int64_t *v, uint64_t n, int64_t t)
{
	uint64_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (v[mid] > t)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* No window of 60 s holds more than limit; each refusal was due. */
static void
check_events(uint64_t limit)
{
	uint64_t n = atomic_load(&shared->events), i, ok = 0, in;
	int64_t *v = xmalloc(n * sizeof(*v)), t, period = 60 * S;
	int64_t late = limit > 1024 ? period / 256 + 1 : 0;

	for (i = 0; i < n; i++)
		if (shared->event[i].admitted)
			v[ok++] = shared->event[i].t;
	qsort(v, ok, sizeof(*v), by_time);
	OK(ok > limit);		/* more than one window was tried */
	for (i = 0; i + limit < ok; i++)
		OK(v[i + limit] - v[i] >= period);
	for (i = 0; i < n; i++) {
		t = shared->event[i].t;
		if (shared->event[i].admitted)
			continue;
		in = above(v, ok, t) - above(v, ok, t - period - late);
		OK(in >= limit);
	}
	free(v);
}

static void
limit_holds(uint64_t limit, uint64_t attempts, double load)
{
	char base[200], name[20];
	struct state *st;
	pid_t pid[HELPERS];
	unsigned i;
	int status;

	snprintf(name, sizeof(name), "limit%llu", (unsigned long long)limit);
	st = help_new(&h, name, BOARD_WORKER);
	state_close(&st);
	base_of(base, sizeof(base), name);
	shared = map_shared(base);
	memset(shared, 0, sizeof(*shared));
	shared->now = 1000 * S;
	shared->attempts = attempts;
	for (i = 0; i < HELPERS; i++)
		pid[i] = start("hammer", base, i + 1, i + 1, limit,
		    (int64_t)(2 * 60e6 / (double)limit / load));
	for (i = 0; i < HELPERS; i++) {
		EQ_INT(waitpid(pid[i], &status, 0), pid[i]);
		EQ_INT(status, 0);
	}
	check_events(limit);
	munmap(shared, sizeof(*shared));
}

TEST(limit_7)
{
	limit_holds(7, 10000, 4);
}

TEST(limit_100)
{
	limit_holds(100, 10000, 3);
}

TEST(limit_1024)
{
	limit_holds(1024, 20000, 2);
}

TEST(limit_5000)
{
	limit_holds(5000, 40000, 1.5);
}

struct sum {
	uint64_t	requests, input, output;
};

static int
add_total(void *arg, const struct usage_total *t)
{
	struct sum *s = arg;

	s->requests += t->requests;
	s->input += t->input;
	s->output += t->output;
	return 0;
}

/* Start, kill and replace helpers; the incarnation of each is its number. */
static void
campaign(const char *base, int kills)
{
	static const char *const kinds[HELPERS] = { "settle", "settle",
	    "settle", "record" };
	pid_t pid[HELPERS];
	uint64_t inc = 1;
	unsigned i;
	int status;

	for (i = 0; i < HELPERS; i++)
		pid[i] = start(kinds[i], base, i + 1, inc++, 0, 0);
	/* On a busy machine nobody may get that far between two kills. */
	for (i = 0; i < 20000 && atomic_load(&shared->acked) == 0; i++)
		pause_us(1000);
	while (kills-- > 0) {
		i = (unsigned)rng_below(HELPERS);
		pause_us(2000 + (long)rng_below(20000));
		kill(pid[i], SIGKILL);
		EQ_INT(waitpid(pid[i], &status, 0), pid[i]);
		if (!WIFSIGNALED(status))	/* see settle and record */
			tap_fail(__FILE__, __LINE__, "a \"%s\" left by "
			    "itself, status %d", kinds[i],
			    WEXITSTATUS(status));
		pid[i] = start(kinds[i], base, i + 1, inc++, 0, 0);
	}
	for (i = 0; i < HELPERS; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], &status, 0);
	}
}

TEST(kill_at_any_instant)
{
	char base[200], err[256];
	const char *env = getenv("CRASH_KILLS");
	struct sum s = { 0 };
	struct state *st;
	uint64_t i, records, used[WINDOW_KINDS];
	int rc;

	st = help_new(&h, "kill", BOARD_RECORDER);
	state_close(&st);
	base_of(base, sizeof(base), "kill");
	shared = map_shared(base);
	campaign(base, env != NULL ? atoi(env) : 50);
	st = help_open(&h.o);
	while ((rc = usage_drain(st, 10000, NULL, NULL)) > 0)
		;
	EQ_INT(rc, 0);
	EQ_INT(usage_totals(st, 0, 1 << 30, 0, add_total, &s), 0);
	OK(atomic_load(&shared->acked) > 0);
	OK(s.requests >= atomic_load(&shared->acked));
	OK(s.requests <= atomic_load(&shared->asked));
	EQ_INT(s.input, 3 * s.requests);
	EQ_INT(s.output, 4 * s.requests);
	/* tokens of the keys agree with the ledger, wherever they stood */
	for (i = 1, s.input = 0; i <= 3; i++) {
		struct act_admit a = { .key_id = i };

		a.limits.v[WINDOW_TOKENS] = 1ULL << 60;
		EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
		EQ_INT(window_usage(st, i, 0, 0, used), 0);
		s.input += used[WINDOW_TOKENS];
		state_turn_end(st);
	}
	EQ_INT(s.input, 7 * s.requests);
	/* and no place stays taken: the recorder found out who is dead */
	for (i = 1; i <= 3; i++) {
		EQ_INT(window_usage(st, i, 0, 0, used), 0);
		EQ_INT(used[WINDOW_CONCURRENCY], 0);
	}
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
	EQ_INT(state_verify(h.state, LEDGER_MAX, &records, err,
	    sizeof(err)), 0);
	printf("# %llu settled, %llu in flight at kills\n",
	    (unsigned long long)s.requests, (unsigned long long)
	    (atomic_load(&shared->asked) - atomic_load(&shared->acked)));
}

static const struct tap_test tests[] = {
TAP_ROW(limit_7)
TAP_ROW(limit_100)
TAP_ROW(limit_1024)
TAP_ROW(limit_5000)
TAP_ROW(kill_at_any_instant)
};

int
main(int argc, char **argv)
{
	if (argc >= 8 && strcmp(argv[1], "--helper") == 0)
		return helper(argv + 2);
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
