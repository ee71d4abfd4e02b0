/*
 * scenario_test.c - each scenario once, in a process of its own.
 *
 * Runs in: make check (TAP).
 * Owns: nothing.
 */
#include <stdio.h>
#include <unistd.h>

#include "scen_run.h"

static unsigned number, failed;

static void
one(unsigned at)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		scen_run(at);
		fflush(stdout);
		_exit(0);
	}
	status = scen_status(pid);
	failed += status != 0;
	printf("%sok %u - %s %s\n", status == 0 ? "" : "not ", ++number,
	    scen_file(), scen_title(at));
}

int
main(int argc, char **argv)
{
	if (scen_each(argc > 1 ? argv[1] : NULL, one) != 0)
		return 99;
	printf("1..%u\n", number);
	return failed > 0;
}
