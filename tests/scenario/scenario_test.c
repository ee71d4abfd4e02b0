/*
 * scenario_test.c - each scenario in a process of its own, as it is and with
 * turns that are so long that most of what they wake waits for the next one.
 *
 * Runs in: make check (TAP).
 * Owns: nothing.
 */
#include <stdio.h>
#include <unistd.h>

#include "scen_run.h"

static unsigned number, failed;

static void
run(unsigned at, int long_turns)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		scen_long = long_turns;
		scen_run(at);
		fflush(stdout);
		_exit(0);
	}
	status = scen_status(pid);
	failed += status != 0;
	printf("%sok %u - %s %s%s\n", status == 0 ? "" : "not ", ++number,
	    scen_file(), scen_title(at), long_turns ? " (long turns)" : "");
}

static void
one(unsigned at)
{
	run(at, 0);
	run(at, 1);
}

int
main(int argc, char **argv)
{
	if (scen_each(argc > 1 ? argv[1] : NULL, one) != 0)
		return 99;
	printf("1..%u\n", number);
	return failed > 0;
}
