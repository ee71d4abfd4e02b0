/*
 * torture_test.c - each scenario again, with memory that fails.
 *
 * Runs in: make check (TAP), make check-long (AIGW_LONG=1).
 * Owns: nothing.
 *
 * A scenario is run once to count its allocations, then once for each of
 * them with that one failing, and once for each that may fail with that and
 * all behind it failing. What the script expects does not count then. What
 * counts: no crash, no leak, every attempt settled once, nothing held, whole
 * or visibly cut answers, and a worker that serves the next client. The short
 * form takes every n-th.
 */
#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scen_run.h"

#define SAMPLES	2		/* of a scenario and kind, in the short form */

static struct {
	unsigned allocs, tries;
	unsigned char statuses[1000];
} *counts;			/* shared with the children */
static unsigned number, failed, runs;

static int
run(unsigned at, enum scen_torture kind, unsigned n)
{
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		scen_torture = kind;
		scen_torture_at = n;
		scen_run(at);
		counts->allocs = scen_allocs;
		counts->tries = scen_tries;
		fflush(stdout);
		if (kind != TORTURE_NONE && scen_leaks() != 0)
			_exit(2);
		_exit(0);
	}
	runs++;
	return scen_status(pid);
}

/* All of a kind, or some of them: how many failed. */
static unsigned
all(unsigned at, enum scen_torture kind, unsigned max)
{
	unsigned n, bad = 0, step = 1;

	if (getenv("AIGW_LONG") == NULL && max > SAMPLES)
		step = max / SAMPLES;
	for (n = 1 + number % step; n <= max; n += step)
		if (run(at, kind, n) != 0) {
			printf("# with %s %u of %u\n", kind == TORTURE_ONE ?
			    "allocation" : "all from", n, max);
			bad++;
		}
	return bad;
}

static void
one(unsigned at)
{
	unsigned bad = 0, allocs, tries;

	memset(counts, 0, sizeof(*counts));
	if (run(at, TORTURE_NONE, 0) != 0)
		bad = 1;
	else {
		allocs = counts->allocs;
		tries = counts->tries;
		bad = all(at, TORTURE_ONE, allocs);
		bad += all(at, TORTURE_REST, tries);
	}
	failed += bad > 0;
	printf("%sok %u - %s %s\n", bad == 0 ? "" : "not ", ++number,
	    scen_file(), scen_title(at));
}

int
main(int argc, char **argv)
{
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 99;
	scen_statuses = counts->statuses;
	if (scen_each(argc > 1 ? argv[1] : NULL, one) != 0)
		return 99;
	printf("# %u scenarios, %u runs\n1..%u\n", number, runs, number);
	return failed > 0;
}
