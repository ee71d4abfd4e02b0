/*
 * solo.h - one of its kind at a time: the checker, the recorder.
 *
 * During a reload or a binary upgrade two masters or two generations live
 * side by side for a moment. A lock on run_dir/NAME.lock decides which of two
 * processes of one role works; the other is passive until it gets the lock.
 */
#ifndef PROC_SOLO_H
#define PROC_SOLO_H

#include "base/ev.h"

struct solo {
	struct ev_loop	*loop;
	struct ev_timer	 timer;
	int		 fd;		/* -1: not open */
	int		 held;
	char		 path[512];
	void		(*fn)(void *arg);
	void		*arg;
};

/*
 * Ask for the lock now and every 100 ms; fn(arg) is called once, from the
 * loop, when this process holds it. 0, or ERR_SYSTEM when the file cannot be
 * made, ERR_TOOBIG when run_dir is too long.
 */
int solo_start(struct solo *s, struct ev_loop *loop, const char *run_dir,
    const char *name, void (*fn)(void *), void *arg);
/* Give the lock back, stop asking. */
void solo_stop(struct solo *s);

#endif
