/*
 * torture_test.c - each write to the stores fails once: at the Nth call, for
 * every N, with every error.
 *
 * A process works on the stores until it is through or says that it must
 * leave, as a worker or the recorder would; then a fresh one must find all
 * that was acknowledged, once, in a ledger that verifies, and go on working.
 * TORTURE_N=200 makes it longer.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim.h"
#include "state_help.h"

#define OPS	9		/* at least, and behind the first failure */
#define PER_CALL 4		/* at most, for each call up to the Nth */
#define TRIES	3
#define KEYS_MAX 500		/* in one store */

/* What the processes tell each other. */
struct shared {
	uint64_t	 keys, settles;		/* acknowledged ... */
	uint64_t	 keys_asked, asked;	/* ... and asked for */
	uint64_t	 failed;		/* calls made to fail */
};

/* What came of a campaign. */
struct sum {
	uint64_t	 runs, failed, left, keys, settles, reached;
};

static struct shared *shared;
static struct help_opts h;
static int most_ops;

static const struct { const char *name; int err; } errs[] = {
	{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EROFS", EROFS }, { "short", SHIM_SHORT },
};

/* --- the one that works under faults ------------------------------------ */

static void
count_rc(struct act *a)
{
	*(int *)a->arg = a->rc;
}

static int
settle_one(struct state *st)
{
	struct act_settle s;
	int rc = 1;

	memset(&s, 0, sizeof(s));
	s.rec = help_usage(1, 3, 4);
	s.a.kind = ACT_SETTLE;
	s.a.done = count_rc;
	s.a.arg = &rc;
	shared->asked++;
	state_queue(st, &s.a);
	state_flush(st);
	if (rc == 0)
		shared->settles++;
	return rc;
}

static int
key_one(struct state *st)
{
	static struct key_rec k;
	char secret[KEY_SECRET_SIZE];
	int rc;

	memset(&k, 0, sizeof(k));
	key_new_secret(secret, k.hash, k.hint);
	snprintf(k.name, sizeof(k.name), "k%llu",
	    (unsigned long long)shared->keys_asked++);
	k.enabled = 1;
	rc = key_create(st, &k);
	if (rc == 0)
		shared->keys++;
	return rc;
}

static int
one(struct state *st, int what)
{
	int rc;

	if (what == 0)
		return key_one(st);
	if (what == 1) {
		rc = usage_drain(st, 100, NULL, NULL);
		return rc < 0 ? rc : 0;
	}
	return settle_one(st);
}

/* As a process does: what failed is tried again, what is fatal ends it. */
static int
work(void)
{
	struct state *st;
	char err[256];
	int i, t, rest = OPS, status = 0;

	if (state_open(&h.o, &st, err, sizeof(err)) != 0) {
		shared->failed += shim_failed();
		return 11;
	}
	for (i = 0; i < most_ops && rest > 0 && status == 0; i++) {
		rest -= shim_failed() > 0;
		for (t = 0; t < TRIES; t++) {
			if (one(st, i % 3) == 0)
				break;
			if (state_fatal(st) != 0)
				status = 10;
			state_turn_end(st);
			if (status != 0)
				break;
		}
	}
	shared->failed += shim_failed();
	if (status == 0)
		state_close(&st);
	return status;
}

/* --- the one that comes after ------------------------------------------- */

static int
add_total(void *arg, const struct usage_total *t)
{
	*(uint64_t *)arg += t->requests;
	return 0;
}

static int
add_key(void *arg, const struct key_rec *k)
{
	(void)k;
	(*(uint64_t *)arg)++;
	return 0;
}

static int
look(void)
{
	uint64_t requests = 0, keys = 0, records;
	struct state *st;
	char err[256];
	int rc;

	if (state_open(&h.o, &st, err, sizeof(err)) != 0)
		return 20;
	while ((rc = usage_drain(st, 1000, NULL, NULL)) > 0)
		state_turn_end(st);
	if (rc != 0)
		return 21;
	state_turn_end(st);
	if (usage_totals(st, 0, 1 << 30, 0, add_total, &requests) != 0 ||
	    key_each(st, 0, add_key, &keys) != 0)
		return 22;
	if (requests < shared->settles || requests > shared->asked)
		return 23;
	if (keys < shared->keys || keys > shared->keys_asked)
		return 24;
	/* From here on they count as acknowledged. */
	shared->settles = shared->asked = requests;
	shared->keys = keys;
	if (settle_one(st) != 0 || key_one(st) != 0)
		return 25;
	state_close(&st);
	if (state_verify(h.state, LEDGER_MAX, &records, err, sizeof(err)))
		return 26;
	return 0;
}

/* --- the tests ---------------------------------------------------------- */

static int
apart(int (*fn)(void), unsigned calls, int err, uint64_t n, int once)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		alarm(300);	/* it hangs */
		shim_fail(calls, err, n, once);
		status = fn();
		shim_fail(0, 0, 0, 0);
		tap_exit(status);
	}
	OK(pid > 0);
	EQ_INT(waitpid(pid, &status, 0), pid);
	return status;
}

/* One call that fails, and what is found behind it. */
static void
fault(const char *name, unsigned calls, size_t e, uint64_t n, int once,
    struct sum *sum)
{
	int status;

	most_ops = OPS + PER_CALL * (int)n;
	status = apart(work, calls, errs[e].err, n, once);
	sum->runs++;
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 &&
	    WEXITSTATUS(status) != 10 && WEXITSTATUS(status) != 11))
		tap_fail(__FILE__, __LINE__, "%s, %s at call %llu: status "
		    "%#x", name, errs[e].name, (unsigned long long)n,
		    (unsigned)status);
	sum->left += WEXITSTATUS(status) != 0;
	status = apart(look, 0, 0, 0, 0);
	if (status != 0)
		tap_fail(__FILE__, __LINE__, "%s, %s at call %llu: "
		    "afterwards %d", name, errs[e].name,
		    (unsigned long long)n, WEXITSTATUS(status));
}

static void
add(struct sum *sum)
{
	sum->failed += shared->failed;
	sum->keys += shared->keys;
	sum->settles += shared->settles;
	memset(shared, 0, sizeof(*shared));
}

/* New stores; those of a long campaign would get full. */
static void
begin(void)
{
	static unsigned number;
	struct state *st;
	char name[32];

	snprintf(name, sizeof(name), "store%u", number++);
	st = help_new(&h, name, BOARD_RECORDER);
	state_close(&st);
}

static void
torture(const char *name, unsigned calls, uint64_t most, int once)
{
	struct sum sum = { 0, 0, 0, 0, 0, 0 };
	uint64_t n, before;
	size_t e;

	begin();
	for (e = 0; e < sizeof(errs) / sizeof(errs[0]); e++)
		/* LMDB repeats a write that was interrupted: not always. */
		for (n = once ? 1 : 2; n <= most; n++) {
			if (shared->keys > KEYS_MAX) {
				add(&sum);
				begin();
			}
			before = shared->failed;
			fault(name, calls, e, n, once, &sum);
			if (shared->failed == before)
				break;	/* nobody makes so many such calls */
			if (n > sum.reached)
				sum.reached = n;
		}
	add(&sum);
	printf("# %s: N up to %llu, %llu runs, %llu calls failed, %llu "
	    "processes left; %llu keys, %llu requests, none lost\n", name,
	    (unsigned long long)sum.reached, (unsigned long long)sum.runs,
	    (unsigned long long)sum.failed, (unsigned long long)sum.left,
	    (unsigned long long)sum.keys, (unsigned long long)sum.settles);
	OK(sum.failed > 0);
}

static void
share(void)
{
	shim_files(tap_dir());
	if (shared == NULL)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	OK(shared != MAP_FAILED);
}

static uint64_t
most(uint64_t usual)
{
	const char *env = getenv("TORTURE_N");

	return env != NULL ? strtoull(env, NULL, 10) : usual;
}

TEST(any_call_once)
{
	share();
	torture("any call, once", SHIM_ALL, most(30), 1);
}

TEST(every_nth_call)
{
	share();
	torture("any call, every Nth", SHIM_ALL, most(10), 0);
}

TEST(every_nth_sync)
{
	share();
	torture("sync, every Nth", SHIM_FDATASYNC | SHIM_FSYNC, most(4), 0);
	torture("sync, once", SHIM_FDATASYNC | SHIM_FSYNC, most(3), 1);
}

TEST(every_nth_write)
{
	share();
	torture("pwrite, every Nth", SHIM_PWRITE, most(6), 0);
	torture("writev, every Nth", SHIM_WRITEV, most(4), 0);
}

TEST(open_and_allocate)
{
	share();
	torture("open and the like, once", SHIM_OPEN | SHIM_FTRUNCATE |
	    SHIM_FALLOCATE, most(4), 1);
}

static const struct tap_test tests[] = {
TAP_ROW(any_call_once)
TAP_ROW(every_nth_call)
TAP_ROW(every_nth_sync)
TAP_ROW(every_nth_write)
TAP_ROW(open_and_allocate)
};

int
main(int argc, char **argv)
{
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
