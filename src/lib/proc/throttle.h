/*
 * throttle.h - what a death means, when to start a process again: pure.
 *
 * One that had served is replaced at once, so that a death costs one process
 * and no time: thirty such deaths in a row, then two each second, since what
 * kills it may be one request among many good ones. One that dies before it is
 * ready, or of the first thing it does, would do so again: it waits 1 s, then
 * twice as long each time, up to a minute, until one of its kind has served.
 */
#ifndef PROC_THROTTLE_H
#define PROC_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

enum throttle_end {
	THROTTLE_SERVED,	/* it had done some work */
	THROTTLE_FIRST,		/* it died of its first, or before */
	THROTTLE_KILLED		/* from outside, before it could do any */
};

/* What is known of a process that has ended. */
struct throttle_life {
	int	 status;	/* of waitpid */
	int	 blamed;	/* its master killed it */
	int	 ready;		/* it had been */
	uint64_t begun, active;	/* requests; 0: it serves none */
};

/* A signal from outside is not its fault. Who dies in its first request, or
 * its first few at once, would do so again. */
enum throttle_end throttle_end(const struct throttle_life *l);
/* "exit status 1", "signal 9 (Killed)" */
void throttle_text(int status, char *out, size_t size);

/* Zeroes: may start now. */
struct throttle {
	int64_t	due_us;		/* not before */
	int64_t	delay_us;	/* the last one for THROTTLE_FIRST; 0: none */
	int64_t	even_us;	/* when all deaths so far are forgotten */
};

/* Note a death: how long the next one waits. */
int64_t throttle_died(struct throttle *t, enum throttle_end how, int64_t now);

#endif
