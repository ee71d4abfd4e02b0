/*
 * sigflag.h - what signals ask the master for, as flags.
 */
#ifndef PROC_SIGFLAG_H
#define PROC_SIGFLAG_H

#include <signal.h>

enum sigflag {
	SIG_CHILD, SIG_FAST, SIG_GRACEFUL, SIG_RELOAD, SIG_REOPEN, SIG_UPGRADE,
	SIG_NO_WORKERS, SIG_FLAGS
};

/* Install the handlers, block the signals; wait_mask: what ppoll lets in. */
void sigflag_init(sigset_t *wait_mask, int ignore_winch);
void sigflag_raise(enum sigflag f);
/* 1, once, when it was asked for. */
int sigflag_take(enum sigflag f);
/* In a fork before exec: default handlers, nothing blocked. */
void sigflag_reset(void);

#endif
