/*
 * solo.c - one of its kind at a time: the checker, the recorder.
 *
 * Runs in: checker, recorder.
 * Owns: the lock file's descriptor.
 *
 * flock(2) belongs to the open file, so the kernel gives the lock back when
 * the holder dies, however it dies. The file itself stays.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include "base/err.h"
#include "base/fd.h"
#include "proc/solo.h"

#define SOLO_RETRY_US	100000

static void
solo_try(void *arg)
{
	struct solo *s = arg;

	if (flock(s->fd, LOCK_EX | LOCK_NB) < 0) {
		ev_timer_set(s->loop, &s->timer, SOLO_RETRY_US, solo_try, s);
		return;
	}
	s->held = 1;
	s->fn(s->arg);
}

int
solo_start(struct solo *s, struct ev_loop *loop, const char *run_dir,
    const char *name, void (*fn)(void *), void *arg)
{
	int n;

	*s = (struct solo){ .loop = loop, .fd = -1, .fn = fn, .arg = arg };
	n = snprintf(s->path, sizeof(s->path), "%s/%s.lock", run_dir, name);
	if (n < 0 || (size_t)n >= sizeof(s->path))
		return ERR_TOOBIG;
	s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (s->fd < 0)
		return ERR_SYSTEM;
	ev_timer_set(loop, &s->timer, 0, solo_try, s);
	return 0;
}

void
solo_stop(struct solo *s)
{
	if (s->loop != NULL)
		ev_timer_cancel(&s->timer);
	fd_close(&s->fd);
	s->held = 0;
}
