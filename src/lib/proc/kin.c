/*
 * kin.c - children that outlived their master.
 *
 * Runs in: children (join), master (kill).
 * Owns: run_dir/aigwd.kin; in a child the descriptor with the lock.
 *
 * Locks of fcntl(2) belong to a process, and end when it closes any descriptor
 * of the file: a child opens it once. The byte is its process number, and
 * LEAVING more when it knows that it is alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/kin.h"

#define DEEPEST	64		/* searches inside each other: no more locks */
#define LEAVING	((off_t)1 << 32)
#define LOOK_US		20000
#define LEAVE_US	(30 * CLOCK_US_S)	/* beyond drain_timeout */

struct search {
	const struct board *board;	/* NULL: none is there yet */
	const char	*why;		/* NULL: they are counted only */
	unsigned	 found;
	int		 fd;
};

static int
open_file(const char *run_dir, int flags)
{
	char path[512];
	int n = snprintf(path, sizeof(path), "%s/aigwd.kin", run_dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_TOOBIG;
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

static int own_fd = -1;

static int
set_lock(int type, off_t at)
{
	struct flock l = { .l_type = (short)type, .l_whence = SEEK_SET,
	    .l_start = at, .l_len = 1 };

	return fcntl(own_fd, F_SETLK, &l);
}

void
kin_join(const char *run_dir)
{
	own_fd = open_file(run_dir, O_RDWR | O_CREAT);
	if (own_fd < 0 || set_lock(F_WRLCK, getpid()) < 0)
		log_warne("%s/aigwd.kin: a master that comes later cannot "
		    "find this process", run_dir);
	(void)prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
}

void
kin_leave(void)
{
	/* SIGCONT takes back a stop, also that by which a debugger attaches. */
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	if (own_fd >= 0 && set_lock(F_WRLCK, LEAVING + getpid()) == 0)
		(void)set_lock(F_UNLCK, getpid());
}

static int
on_board(const struct board *b, pid_t pid)
{
	unsigned i;

	for (i = 0; b != NULL && i < BOARD_SLOTS; i++)
		if (b->slot[i].role != BOARD_FREE &&
		    b->slot[i].pid == (uint32_t)pid)
			return 1;
	return 0;
}

/* Some lock in n bytes from at on (0: to the end): whose, or 0. */
static pid_t
holder(int fd, off_t at, off_t n, off_t *where)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = at, .l_len = n };

	if (fcntl(fd, F_GETLK, &l) < 0 || l.l_type == F_UNLCK || l.l_pid <= 1)
		return 0;
	*where = l.l_start;
	return l.l_pid;
}

static void
end_it(struct search *s, pid_t pid, off_t at)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	off_t where;

	/* Still the same one, now that the number cannot be given again? */
	if (fd >= 0 && holder(s->fd, at, 1, &where) == pid &&
	    syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)
		log_warn("killing pid %d, which a dead master left behind: %s",
		    (int)pid, s->why);
	fd_close(&fd);
}

static void
search(struct search *s, off_t at, off_t n, int depth)
{
	off_t where;
	pid_t pid = holder(s->fd, at, n, &where);

	if (pid == 0 || depth > DEEPEST || where < at)
		return;
	if (!on_board(s->board, pid)) {
		s->found++;
		if (s->why != NULL)
			end_it(s, pid, where);
	}
	if (where > at)
		search(s, at, where - at, depth + 1);
	if (n == 0 || where + 1 < at + n)
		search(s, where + 1, n == 0 ? 0 : at + n - where - 1,
		    depth + 1);
}

/* Those with a lock in n bytes from at on: how many; and an end of them. */
static unsigned
look(const struct board *b, const char *run_dir, off_t at, off_t n,
    const char *why)
{
	struct search s = { .board = b, .why = why };
	struct stat st;

	if ((s.fd = open_file(run_dir, O_RDWR)) < 0)
		return 0;
	/* Not a file that somebody else locks, by another name. */
	if (fstat(s.fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		search(&s, at, n, 0);
	fd_close(&s.fd);
	return s.found;
}

void
kin_clear(const char *run_dir, int64_t patience_us)
{
	int64_t end = clock_mono_us() + patience_us;

	while (look(NULL, run_dir, 0, LEAVING, clock_mono_us() < end ? NULL :
	    "it hangs") > 0)
		usleep(LOOK_US);
}

unsigned
kin_watch(const struct board *b, const struct conf *c, int64_t now, int stuck)
{
	static int64_t late;

	if (late == 0)
		late = now + c->drain_timeout + LEAVE_US;
	if (stuck)
		return look(b, c->run_dir, 0, 0, "a lock is in nobody's hand "
		    "here");
	if (now < late)
		return 0;
	late = INT64_MAX;
	return look(b, c->run_dir, 0, 0, "it has not left");
}
