/*
 * open_kill_test.c - workers and recorder killed at any instant, again and
 * again: every request that was on record is in the ledger exactly once.
 * OPEN_KILLS=N makes the campaign longer.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "open_help.h"
#include "state/open_file.h"

#define WORKERS 3

/* What the campaign counts; a file in the scratch folder. */
struct shared {
	_Atomic uint64_t opened, settled, bad;
};

static struct shared *shared;

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

static void
count_done(struct act *a)
{
	if (a->rc == 0)
		atomic_fetch_add(&shared->settled, 1);
	else if (a->rc != ERR_FULL)
		_exit(6);
}

#define UNDER_WAY 16
#define FULL_US	(5 * CLOCK_US_S)

/*
 * Begin and settle requests, for ever. Each is counted before it is on
 * record; between the two it may be lost, so at most one per death is.
 */
static int
work(struct state *st)
{
	struct open_req *o[UNDER_WAY] = { NULL };
	struct act_settle s[UNDER_WAY];
	unsigned i, k, n;

	while (state_fatal(st) == 0) {
		for (i = 0; i < UNDER_WAY; i++)
			if (o[i] == NULL && rng_below(2) == 0) {
				o[i] = begin(st, 1 + rng_below(3));
				open_attempt(o[i], 1, STR("p"), STR("m"),
				    &charge);
				atomic_fetch_add(&shared->opened, 1);
				open_sent(o[i]);
			}
		memset(s, 0, sizeof(s));
		n = (unsigned)rng_below(UNDER_WAY);
		for (k = 0; k < n; k++) {
			i = (unsigned)rng_below(UNDER_WAY);
			if (o[i] == NULL || s[i].open != NULL)
				continue;
			s[i].a.kind = ACT_SETTLE;
			s[i].a.done = count_done;
			s[i].rec = help_usage(o[i]->key_id, 3, 4);
			s[i].open = o[i];
			state_queue(st, &s[i].a);
		}
		state_flush(st);
		for (i = 0; i < UNDER_WAY; i++)
			if (s[i].a.done != NULL)
				o[i] = s[i].open;	/* NULL: settled */
		state_turn_end(st);
	}
	return 10;
}

/* As the recorder: what finds no room is tried again, not for ever. */
static int
record(struct state *st)
{
	int64_t served = clock_mono_us();
	int rc;

	for (;;) {
		rc = usage_drain(st, 1 + (unsigned)rng_below(300), NULL, NULL);
		state_turn_end(st);
		if (rc >= 0)
			rc = state_sweep(st);
		if (rc >= 0)
			served = clock_mono_us();
		else if (rc != ERR_FULL || clock_mono_us() > served + FULL_US) {
			fprintf(stderr, "# recorder: %s\n", err_str(rc));
			return 7;
		}
	}
}

static int
helper(char **arg)
{
	int rec = strcmp(arg[0], "record") == 0;

	shared = map_shared(arg[1]);
	return rec ? record(help_child(arg, BOARD_RECORDER)) :
	    work(help_child(arg, BOARD_WORKER));
}

/* Start, kill and replace workers and the recorder at random. */
static void
campaign(const char *base, int kills)
{
	struct timespec ts = { 0, 0 };
	pid_t pid[WORKERS + 1];
	uint64_t inc = 1;
	unsigned i;

	for (i = 0; i <= WORKERS; i++)
		pid[i] = start(i == WORKERS ? "record" : "work", base, i + 1,
		    inc++, 0);
	while (kills-- > 0) {
		i = (unsigned)rng_below(WORKERS + 1);
		ts.tv_nsec = (long)(2000 + rng_below(20000)) * 1000;
		nanosleep(&ts, NULL);
		kill(pid[i], SIGKILL);
		reap(pid[i]);
		pid[i] = start(i == WORKERS ? "record" : "work", base, i + 1,
		    inc++, 0);
	}
	for (i = 0; i <= WORKERS; i++) {
		kill(pid[i], SIGKILL);
		reap(pid[i]);
	}
}

TEST(kill_at_any_instant)
{
	char base[200];
	const char *env = getenv("OPEN_KILLS");
	int kills = env != NULL ? atoi(env) : 60;
	uint64_t opened, settled, deaths = (uint64_t)kills + WORKERS;
	struct state *st = help_new(&h, "kill", BOARD_RECORDER);
	struct sum s;

	state_close(&st);
	snprintf(base, sizeof(base), "%s/kill", tap_dir());
	shared = map_shared(base);
	campaign(base, kills);
	st = help_open(&h.o);
	s = ledger(st);
	opened = atomic_load(&shared->opened);
	settled = atomic_load(&shared->settled);
	/* who was counted as opened and died before it counted is lost; who
	 * was committed and died before it was counted is more */
	OK(opened > 0 && settled > 0 && s.interrupted > 0);
	OK(s.requests <= opened);
	OK(s.requests + deaths >= opened);
	OK(s.requests - s.interrupted >= settled);
	OK(s.requests - s.interrupted <= settled + deaths * UNDER_WAY);
	EQ_INT(s.input, 3 * (s.requests - s.interrupted) +
	    40 * s.interrupted);
	EQ_INT(s.output, 4 * (s.requests - s.interrupted) +
	    100 * s.interrupted);
	EQ_INT(files(), 0);
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
	printf("# %llu requests, %llu interrupted, %d kills\n",
	    (unsigned long long)s.requests,
	    (unsigned long long)s.interrupted, kills);
}

static const struct tap_test tests[] = {
TAP_ROW(kill_at_any_instant)
};

int
main(int argc, char **argv)
{
	if (argc >= 7 && strcmp(argv[1], "--helper") == 0)
		return helper(argv + 2);
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
