/*
 * apart.c - look at a ledger in a process of its own, which may die of it.
 *
 * Runs in: prepare, aigwctl, and the process that they fork for this.
 * Owns: that process.
 *
 * A map of a damaged file brings signals: bus errors beyond its end, wild
 * pointers inside. They end the forked process with a status that says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/apart.h"

#define BEAT_MS		500

/* What the process says: how far it is, then how it ended. */
struct word {
	int		 ended, rc;
	struct state_check c;
};

static int pipe_out;

static void
tell(const struct word *w)
{
	/* A pipe takes this at once and as a whole. */
	_Static_assert(sizeof(*w) <= 4096, "too long for a pipe");
	if (write(pipe_out, w, sizeof(*w)) != (ssize_t)sizeof(*w))
		_exit(1);
}

static void
on_progress(void *arg, uint64_t records)
{
	struct word w = { 0 };

	w.c.records = records;
	tell(&w);
}

static void
on_damage(int sig)
{
	_exit(128 + sig);
}

static void
look(const struct state_check *c, int fd)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	struct sigaction sa = { .sa_handler = on_damage };
	struct word w = { .ended = 1 };
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &sa, NULL);
	pipe_out = fd;
	log_set_fd(-1);		/* the one that asked reports */
	log_set_stdout(0);
	w.c = *c;
	w.c.progress = on_progress;
	w.rc = state_check(&w.c);
	tell(&w);
	_exit(0);
}

/* Take what was said into c: 1 at the end. */
static int
hear(struct state_check *c, const struct word *w)
{
	void (*progress)(void *, uint64_t) = c->progress;
	void *arg = c->arg;

	c->records = w->c.records;
	if (!w->ended)
		return 0;
	*c = w->c;
	c->progress = progress;
	c->arg = arg;
	return 1;
}

/* Until it has ended or the time is over: 0, the code, or ERR_EOF. */
static int
listen_to(struct state_check *c, int fd, int64_t until_us)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct word w;
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, BEAT_MS) < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (until_us != 0 && clock_mono_us() > until_us)
			return ERR_TIMEOUT;
		if (p.revents != 0) {
			n = read(fd, &w, sizeof(w));
			if (n != (ssize_t)sizeof(w))
				return ERR_EOF;
			if (hear(c, &w))
				return w.rc;
		}
		if (c->progress != NULL)
			c->progress(c->arg, c->records);
	}
}

static int
death(struct state_check *c, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) :
	    WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128 : 0;

	if (sig == 0 || sig == SIGKILL) {
		snprintf(c->err, sizeof(c->err), "the process that looked at "
		    "it was ended");
		return ERR_SYSTEM;
	}
	snprintf(c->err, sizeof(c->err), "reading it brought signal %d (%s): "
	    "it is cut off or holds wild numbers", sig, strsignal(sig));
	return ERR_CORRUPT;
}

int
apart_check(struct state_check *c, int64_t limit_us)
{
	int fd[2], status = 0, rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		snprintf(c->err, sizeof(c->err), "%s", strerror(errno));
		return ERR_SYSTEM;
	}
	if (pid == 0)
		look(c, fd[1]);
	fd_close(&fd[1]);
	rc = listen_to(c, fd[0], limit_us == 0 ? 0 :
	    clock_mono_us() + limit_us);
	if (rc == ERR_TIMEOUT || rc == ERR_SYSTEM)
		kill(pid, SIGKILL);
	fd_close(&fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == ERR_EOF)
		rc = death(c, status);
	else if (rc == ERR_TIMEOUT)
		snprintf(c->err, sizeof(c->err), "it took too long");
	return rc;
}
