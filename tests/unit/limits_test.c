/*
 * limits_test.c - four processes at one key: each kind of limit, checked by the
 * times at which the acts counted.
 *
 * The clock is a number that all share and that each attempt moves on, so that
 * thousands of windows pass in seconds. One of the processes is killed now and
 * then, others close and open their stores as at a reload. AIGW_LONG is set:
 * a million attempts, and the figures go to the file AIGW_RESULTS names.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "state_help.h"

#define S	CLOCK_US_S
#define REAL	(1792886400LL * S)	/* midnight in UTC */
#define HOUR	(3600 * S)
#define DAY	(24 * HOUR)
#define PROCS	4
#define BATCH	16
#define TOKENS	10		/* of a request */
#define MAX	200000		/* attempts of a run */
#define KILLS	2		/* one each of processes 0, 1 */

enum { PENDING, ADMITTED, REFUSED, FAILED };

struct event {
	int64_t		 t;	/* PENDING: when it was asked; 0: it was not */
	int		 what;
	unsigned	 by;		/* PENDING: number of the process */
};

static struct shared {
	_Atomic int64_t	 now;
	_Atomic unsigned claimed;
	_Atomic int	 held[PROCS];	/* places, at most what hot says */
	_Atomic int	 most;		/* ... of all at once */
	_Atomic uint64_t settled;
	_Atomic unsigned ending[PROCS];	/* tokens that are being settled */
	struct event	 ev[MAX];
} *sh;

static struct help_opts h;
static uint64_t incarnation = 5000, key = 100;

struct run {
	enum window_kind kind;
	uint64_t	 limit;
	int64_t		 period;	/* of a sliding window */
	int64_t		 step;		/* between attempts, on average */
	unsigned	 attempts;
	/* found */
	uint64_t	 admitted, refused, pending, violations, early;
	double		 percent;	/* of the period, at the earliest */
	int		 kills;
	int64_t		 killed[KILLS];	/* when process i was */
	uint64_t	 unseen;	/* tokens that these were settling */
};

static struct state *
open_as(unsigned proc, enum board_role role)
{
	h.o.role = role;
	h.o.hot_max = 1ULL << 30;	/* nobody empties the spool */
	h.o.slot_index = 10 + proc;
	h.o.incarnation = ++incarnation;
	return help_open(&h.o);
}

static void
count(struct act *a)
{
	(void)a;
}

/* --- one process ------------------------------------------------------- */

struct proc {
	struct state	*st;
	const struct run *r;
	unsigned	 number, places;
};

static void
note_most(void)
{
	int sum = 0, most = sh->most, i;

	for (i = 0; i < PROCS; i++)
		sum += sh->held[i];
	while (sum > most && !atomic_compare_exchange_weak(&sh->most, &most,
	    sum))
		;
}

/* What was admitted ends: its tokens are spent, its place is given back. The
 * gauge goes down before the act and up after it: it shows too few. */
static void
end_some(struct proc *p, unsigned n)
{
	struct act_settle s[BATCH];
	unsigned i;

	memset(s, 0, sizeof(s));
	for (i = 0; i < n; i++) {
		s[i].rec = help_usage(key, TOKENS, 0);
		s[i].boot_us = sh->now;
		s[i].release = p->r->kind == WINDOW_CONCURRENCY;
		s[i].a.kind = ACT_SETTLE;
		s[i].a.done = count;
		sh->held[p->number] -= s[i].release;
		state_queue(p->st, &s[i].a);
	}
	sh->ending[p->number] = n * TOKENS;
	state_flush(p->st);
	for (i = 0; i < n; i++)
		if (s[i].a.rc == 0)
			sh->settled += TOKENS;
	sh->ending[p->number] = 0;
}

static void
ask(struct proc *p, unsigned n, unsigned at)
{
	struct act_admit a[BATCH];
	unsigned i, good = 0;

	memset(a, 0, sizeof(a));
	for (i = 0; i < n; i++) {
		a[i].key_id = key;
		a[i].limits.v[p->r->kind] = p->r->limit;
		a[i].boot_us = atomic_fetch_add(&sh->now, (int64_t)rng_below(
		    (uint64_t)p->r->step * 2 + 1));
		a[i].real_us = REAL + a[i].boot_us;
		a[i].a.kind = ACT_ADMIT;
		a[i].a.done = count;
		sh->ev[at + i].by = p->number;
		sh->ev[at + i].t = a[i].boot_us;
		state_queue(p->st, &a[i].a);
	}
	state_flush(p->st);
	for (i = 0; i < n; i++) {
		struct event *e = &sh->ev[at + i];

		e->t = a[i].boot_us;
		e->what = a[i].a.rc == 0 ? ADMITTED :
		    a[i].a.rc == ERR_LIMIT ? REFUSED : FAILED;
		good += e->what == ADMITTED;
	}
	if (p->r->kind == WINDOW_CONCURRENCY) {
		sh->held[p->number] += (int)good;
		note_most();
		p->places += good;
		good = (unsigned)rng_below(p->places / 4 + 2);
		if (good > BATCH)
			good = BATCH;
		if (good > p->places)
			good = p->places;
		p->places -= good;
	}
	if (good > 0 && (p->r->kind == WINDOW_CONCURRENCY ||
	    p->r->kind == WINDOW_TPM || p->r->kind == WINDOW_TOKENS))
		end_some(p, good);
	state_turn_end(p->st);
}

static void
work(const struct run *r, unsigned number)
{
	struct proc p = { .r = r, .number = number };
	unsigned n, at;

	p.st = open_as(number, BOARD_WORKER);
	for (;;) {
		n = 1 + (unsigned)rng_below(BATCH);
		at = atomic_fetch_add(&sh->claimed, n);
		if (at + n > r->attempts)
			break;
		ask(&p, n, at);
		if (rng_below(2000) == 0)	/* a pause */
			sh->now += (int64_t)rng_below((uint64_t)r->step *
			    r->limit * 2);
		if (p.places == 0 && rng_below(500) == 0) {
			state_close(&p.st);
			p.st = open_as(number, BOARD_WORKER);
		}
	}
	while (p.places > 0) {
		n = p.places < BATCH ? p.places : BATCH;
		end_some(&p, n);
		p.places -= n;
	}
	state_close(&p.st);
	tap_exit(0);
}

/* --- the run ----------------------------------------------------------- */

static pid_t
start(const struct run *r, unsigned number)
{
	pid_t pid;

	incarnation += 100000;
	if ((pid = fork()) == 0)
		work(r, number);
	OK(pid > 0);
	return pid;
}

/*
 * Wait for its end. When a process is killed between being woken and taking a
 * robust mutex of glibc, another may sleep on with the mutex free; whatever
 * interrupts its sleep makes it look again.
 */
static void
await_end(pid_t pid)
{
	int status, i;
	pid_t got;

	for (i = 1; (got = waitpid(pid, &status, WNOHANG)) == 0; i++) {
		usleep(200);
		if (i % 5000 == 0) {
			kill(pid, SIGSTOP);
			kill(pid, SIGCONT);
		}
		if (i > 300000)
			kill(pid, SIGKILL);
	}
	OK(got == pid);
	EQ_INT(status, 0);
}

/* What the recorder does when told of a death; no store may be open here when
 * the next one is forked. */
static void
bury(unsigned number, uint64_t from)
{
	pid_t pid;

	if ((pid = fork()) == 0) {
		struct state *st = open_as(100, BOARD_RECORDER);
		uint64_t i;

		/* he may have opened his stores several times */
		for (i = from + 1; i < from + 40; i++)
			if (state_gone(st, 10 + number, i) != 0)
				tap_exit(1);
		state_close(&st);
		tap_exit(0);
	}
	await_end(pid);
}

static void
hammer(struct run *r)
{
	pid_t pid[PROCS];
	uint64_t first[PROCS];
	unsigned i, next = r->attempts / 3;
	int status;

	memset(sh, 0, sizeof(*sh));
	r->unseen = 0;
	sh->now = 10 * DAY;
	key++;
	for (i = 0; i < PROCS; i++) {
		pid[i] = start(r, i);
		first[i] = incarnation;
	}
	for (r->kills = 0; r->kills < KILLS; next += r->attempts / 3) {
		while (sh->claimed < next &&
		    waitpid(pid[r->kills], &status, WNOHANG) == 0)
			usleep(200);
		i = (unsigned)r->kills++;
		if (kill(pid[i], SIGKILL) != 0)
			continue;
		waitpid(pid[i], &status, 0);
		r->killed[i] = sh->now;
		sh->held[i] = 0;
		r->unseen += sh->ending[i];
		sh->ending[i] = 0;
		bury(i, first[i]);
		pid[i] = start(r, i);
		first[i] = incarnation;
	}
	for (i = 0; i < PROCS; i++)
		await_end(pid[i]);
}

/* --- checks ------------------------------------------------------------ */

/* All in order; those with which a process was killed may have been admitted
 * between maybe and at_last. */
static int64_t good[MAX], bad[MAX], maybe[MAX], at_last[MAX], all_good[MAX];

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* One that was killed, which happens to each once, had asked before. */
static void
sort_pending(struct run *r, const struct event *e)
{
	if (e->t == 0)
		return;			/* never asked */
	OK(e->by < KILLS && e->t <= r->killed[e->by]);
	maybe[r->pending] = e->t;
	at_last[r->pending++] = r->killed[e->by];
}

static void
sort_out(struct run *r)
{
	unsigned i;

	r->admitted = r->refused = r->pending = 0;
	for (i = 0; i < r->attempts; i++) {
		const struct event *e = &sh->ev[i];

		OK(e->what != FAILED);
		if (e->what == ADMITTED)
			good[r->admitted++] = e->t;
		else if (e->what == REFUSED)
			bad[r->refused++] = e->t;
		else
			sort_pending(r, e);
	}
	qsort(good, r->admitted, sizeof(good[0]), by_time);
	qsort(bad, r->refused, sizeof(bad[0]), by_time);
	qsort(maybe, r->pending, sizeof(maybe[0]), by_time);
	qsort(at_last, r->pending, sizeof(at_last[0]), by_time);
	OK(r->admitted > 0);
	OK(r->refused > 0);
	OK(r->pending <= (uint64_t)r->kills * BATCH);
}

/* How many of n are not after t; *i moves with it. */
static uint64_t
until(const int64_t *v, uint64_t n, uint64_t *i, int64_t t)
{
	while (*i < n && v[*i] <= t)
		++*i;
	return *i;
}

/*
 * A refusal is early when the limit-th before it had left its window. What
 * the killed took may be missing among these: each may be as late as it can.
 */
static void
find_early(struct run *r, uint64_t limit, int64_t period)
{
	uint64_t i, n, now, all = 0, from = 0, to = 0;
	int64_t left;

	memcpy(all_good, good, r->admitted * sizeof(good[0]));
	memcpy(all_good + r->admitted, at_last, r->pending * sizeof(good[0]));
	qsort(all_good, r->admitted + r->pending, sizeof(good[0]), by_time);
	for (i = 0; i < r->refused; i++) {
		n = until(all_good, r->admitted + r->pending, &all, bad[i]);
		now = until(maybe, r->pending, &from, bad[i]) -
		    until(at_last, r->pending, &to, bad[i]);
		if (now >= limit)
			continue;
		if (n + now < limit) {
			r->early++;
			r->percent = 100;
			continue;
		}
		left = bad[i] - (all_good[n + now - limit] + period);
		if (left < 0)
			continue;
		r->early++;
		if ((double)left * 100 / (double)period > r->percent)
			r->percent = (double)left * 100 / (double)period;
	}
}

/* Any window of one period holds at most limit. */
static void
check_sliding(struct run *r, uint64_t limit, int64_t period)
{
	uint64_t i;

	for (i = limit; i < r->admitted; i++)
		if (good[i] - good[i - limit] < period) {
			r->violations++;
			printf("# too many: %lld us after %llu others, at %lld\n",
			    (long long)(good[i] - good[i - limit]),
			    (unsigned long long)limit, (long long)good[i]);
		}
	find_early(r, limit, period);
	if (r->violations > 0)
		tap_fail(__FILE__, __LINE__, "limit %llu: %llu windows with "
		    "one too many", (unsigned long long)limit,
		    (unsigned long long)r->violations);
	if (limit <= 1024)
		EQ_INT(r->early, 0);
	else
		OK(r->percent <= 0.4);
}

/* What the killed may have had admitted by t, since begin. */
static uint64_t
perhaps(const struct run *r, int64_t begin, int64_t t)
{
	uint64_t i, n = 0;

	for (i = 0; i < r->pending; i++)
		n += maybe[i] <= t && at_last[i] >= begin;
	return n;
}

/* Each hour or day holds at most limit, and one that refuses is full. */
static void
check_calendar(struct run *r, int64_t period)
{
	uint64_t i, n, from = 0, to = 0;
	int64_t begin;

	for (i = 0; i < r->admitted; i++) {
		if (good[i] / period != good[from] / period)
			from = i;
		r->violations += i - from >= r->limit;
	}
	for (i = from = 0; i < r->refused; i++) {
		begin = bad[i] / period * period;
		n = until(good, r->admitted, &to, bad[i]) -
		    until(good, r->admitted, &from, begin - 1);
		r->early += n < r->limit &&
		    n + perhaps(r, begin, bad[i]) < r->limit;
	}
	EQ_INT(r->violations, 0);
	EQ_INT(r->early, 0);
}

/* Tokens are known when a request has ended: what is under way at that moment
 * may go beyond, and what the killed did not settle is not counted at all. What
 * they were settling may be, although they did not come to say so. */
static void
check_tokens(struct run *r)
{
	uint64_t over = (PROCS + 2 * (uint64_t)r->kills) * BATCH * TOKENS;
	uint64_t l = r->limit / TOKENS, i;

	if (r->kind == WINDOW_TOKENS) {
		r->violations += sh->settled > r->limit + over;
		r->early += sh->settled + r->unseen + r->pending * TOKENS <
		    r->limit;
	} else
		for (i = l + over / TOKENS; i < r->admitted; i++)
			r->violations += good[i] -
			    good[i - l - over / TOKENS] < r->period -
			    r->period / 10;
	EQ_INT(r->violations, 0);
	EQ_INT(r->early, 0);
}

static void
check(struct run *r)
{
	sort_out(r);
	switch (r->kind) {
	case WINDOW_HOURLY:
		check_calendar(r, HOUR);
		break;
	case WINDOW_DAILY:
		check_calendar(r, DAY);
		break;
	case WINDOW_COOLDOWN:		/* a window of one */
		check_sliding(r, 1, (int64_t)r->limit);
		break;
	case WINDOW_TPM:
	case WINDOW_TOKENS:
		check_tokens(r);
		break;
	case WINDOW_CONCURRENCY:
		r->violations += (uint64_t)sh->most > r->limit;
		EQ_INT(r->violations, 0);
		OK((uint64_t)sh->most * 2 > r->limit);
		break;
	default:
		check_sliding(r, r->limit, r->period);
	}
}

static FILE *results;

static void
report(const struct run *r)
{
	char line[160], early[40];

	snprintf(early, sizeof(early), "%6llu %8.3f",
	    (unsigned long long)r->early, r->percent);
	if (r->kind == WINDOW_TPM || r->kind == WINDOW_CONCURRENCY)
		snprintf(early, sizeof(early), "%6s %8s", "-", "-");
	snprintf(line, sizeof(line), "  %-15s %8llu %9u %9llu %9llu %5d %12llu"
	    " %s", window_name(r->kind),
	    (unsigned long long)(r->kind == WINDOW_COOLDOWN ? r->limit / 1000 :
	    r->limit), r->attempts, (unsigned long long)r->admitted,
	    (unsigned long long)r->refused, r->kills,
	    (unsigned long long)r->violations, early);
	printf("# %s\n", line);
	if (results != NULL)
		fprintf(results, "%s\n", line);
}

static void
all(enum window_kind kind, const uint64_t *limits, int64_t period)
{
	struct run r = { .kind = kind, .period = period };
	unsigned i;

	EQ_INT(clock_set_zone("UTC"), 0);
	if (sh == NULL) {
		sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		OK(sh != MAP_FAILED);
		struct state *st = help_new(&h, "limits", BOARD_WORKER);
		state_close(&st);
	}
	for (i = 0; limits[i] != 0; i++) {
		r.limit = limits[i];
		/* about three times as many as are allowed */
		r.attempts = getenv("AIGW_LONG") != NULL ? 45000 : 4000;
		if (r.attempts < 4 * r.limit && kind != WINDOW_COOLDOWN)
			r.attempts = (unsigned)(4 * r.limit);
		r.step = kind == WINDOW_COOLDOWN ? (int64_t)r.limit / 3 :
		    period / (int64_t)(3 * r.limit);
		if (kind == WINDOW_TPM)
			r.step *= TOKENS;
		r.violations = r.early = 0;
		r.percent = 0;
		hammer(&r);
		check(&r);
		report(&r);
	}
}

static const uint64_t sizes[] = { 7, 100, 1024, 5000, 0 },
    tokens[] = { 1000, 10240, 50000, 0 }, lives[] = { 1000, 10240, 0 },
    pauses[] = { 1000, 50000, 3600000000ULL, 0 }, places[] = { 7, 100, 0 };

TEST(requests_per_second) { all(WINDOW_RPS, sizes, S); }
TEST(requests_per_minute) { all(WINDOW_RPM, sizes, 60 * S); }
TEST(requests_per_day) { all(WINDOW_RPD, sizes, DAY); }
TEST(requests_of_an_hour) { all(WINDOW_HOURLY, sizes, HOUR); }
TEST(requests_of_a_day) { all(WINDOW_DAILY, sizes, DAY); }

TEST(tokens_per_minute) { all(WINDOW_TPM, tokens, 60 * S); }
TEST(tokens_of_a_life) { all(WINDOW_TOKENS, lives, S); }
TEST(cooldown) { all(WINDOW_COOLDOWN, pauses, S); }
TEST(concurrency) { all(WINDOW_CONCURRENCY, places, S); }

static const struct tap_test tests[] = {
TAP_ROW(requests_per_second)
TAP_ROW(requests_per_minute)
TAP_ROW(requests_per_day)
TAP_ROW(requests_of_an_hour)
TAP_ROW(requests_of_a_day)
TAP_ROW(tokens_per_minute)
TAP_ROW(tokens_of_a_life)
TAP_ROW(cooldown)
TAP_ROW(concurrency)
};

int
main(int argc, char **argv)
{
	static const char head[] = "  limit              value  attempts  "
	    "admitted   refused kills one too many  early  % early";
	const char *name = getenv("AIGW_RESULTS");
	int rc;

	if (name != NULL && getenv("AIGW_LONG") != NULL &&
	    (results = fopen(name, "a")) != NULL)
		fprintf(results, "Limits, four processes at the acts, a clock "
		    "of their own\n%s\n", head);
	printf("# %s\n", head);
	fflush(stdout);
	rc = tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
	if (results != NULL) {
		fprintf(results, "\n");
		fclose(results);
	}
	return rc;
}
