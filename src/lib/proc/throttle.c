/*
 * throttle.c - what a death means, when to start a process again: pure.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "proc/throttle.h"

#define DELAY_FIRST	(1 * CLOCK_US_S)
#define DELAY_MOST	(60 * CLOCK_US_S)
#define EACH_US		(CLOCK_US_S / 2)	/* pays for one death */
#define BURST		30

enum throttle_end
throttle_end(const struct throttle_life *l)
{
	if (!l->blamed && WIFSIGNALED(l->status) &&
	    WTERMSIG(l->status) == SIGKILL)
		return l->ready ? THROTTLE_SERVED : THROTTLE_KILLED;
	if (!l->ready || (l->begun > 0 && l->begun == l->active))
		return THROTTLE_FIRST;
	return THROTTLE_SERVED;
}

void
throttle_text(int status, char *out, size_t size)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (WIFEXITED(status))
		snprintf(out, size, "exit status %d", WEXITSTATUS(status));
	else if (sig == SIGSYS)
		snprintf(out, size, "signal %d (SIGSYS, it made a system call "
		    "that its sandbox forbids)", sig);
	else if (sig != 0)
		snprintf(out, size, "signal %d (%s)", sig, strsignal(sig));
	else
		snprintf(out, size, "status %#x", (unsigned)status);
}

int64_t
throttle_died(struct throttle *t, enum throttle_end how, int64_t now)
{
	int64_t wait;

	t->even_us = (t->even_us > now ? t->even_us : now) + EACH_US;
	wait = t->even_us - now - BURST * EACH_US;
	if (wait < 0)
		wait = 0;
	if (how == THROTTLE_SERVED)
		t->delay_us = 0;
	if (how == THROTTLE_FIRST) {
		t->delay_us = t->delay_us == 0 ? DELAY_FIRST :
		    t->delay_us * 2;
		if (t->delay_us > DELAY_MOST)
			t->delay_us = DELAY_MOST;
		if (wait < t->delay_us)
			wait = t->delay_us;
	}
	t->due_us = now + wait;
	return wait;
}
