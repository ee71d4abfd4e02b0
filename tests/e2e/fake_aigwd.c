/*
 * fake_aigwd.c - the real master with children that only pretend.
 *
 * Runs in: the tests of the master.
 * Owns: the roles that src/aigwd.c, linked with it, has rows for.
 *
 * A worker greets each connection with "worker INDEX generation G pid P" and
 * keeps it until the client closes; so does admin. One letter from the client
 * makes it do something (see act). RUN_DIR/fake.ROLE makes a child of that
 * role fail at start: "crash", "hang", "slow"; "nosandbox": it gets into none.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "admin/admin.h"
#include "checker/checker.h"
#include "proc/child.h"
#include "proc/prepare.h"
#include "recorder/recorder.h"
#include "worker/worker.h"

struct fake_conn {
	struct ev_io	 io;
	struct child	*c;
	int		 fd;
};

static struct ev_io listeners[CHILD_MAX_LISTEN];
static struct ev_timer last_call, greet_late;
static unsigned open_conns;

static void
leave_if_idle(struct child *c)
{
	if (c->draining && open_conns == 0)
		child_drained(c);
}

static void
fake_close(struct fake_conn *k)
{
	struct child *c = k->c;

	ev_io_stop(&k->io);
	close(k->fd);
	free(k);
	open_conns--;
	leave_if_idle(c);
}

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		log_debug("client gone");
}

/* How many descriptors are open, and which environment is left. */
static void
say_facts(struct fake_conn *k)
{
	char text[256];
	int fd, n = 0;

	for (fd = 0; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			n++;
	snprintf(text, sizeof(text), "fds %d secret %s uid %d\n", n,
	    getenv("FAKE_SECRET") != NULL ? "yes" : "no",
	    (int)getuid());
	say(k->fd, text);
}

static void
act(struct fake_conn *k, char what)
{
	static char *const argv[] = { NULL };

	switch (what) {
	case 'c':
		abort();
	case 'h':
		for (;;)
			pause();
	case 'w':
		k->c->slot->lock_wait_us = clock_mono_us();
		for (;;)
			pause();
	case 'o':
		k->c->slot->lock_hold_us = clock_mono_us();
		say(k->fd, "holding\n");
		break;
	case 'x':
		(void)!write(CHILD_FD_MASTER, "garbage", 7);
		break;
	case 's':
		(void)child_ask(k->c, MSG_STOP, 0);
		break;
	case 'r':
		(void)child_ask(k->c, MSG_RELOAD, 0);
		break;
	case 'u':
		(void)child_ask(k->c, MSG_UPGRADE, 1);
		break;
	case 'e':
		execv("/bin/true", argv);
		say(k->fd, "alive\n");
		break;
	case 'f':
		say_facts(k);
		break;
	case 'l':
		(void)!write(k->c->access_fd, "line\n", 5);
		say(k->fd, "logged\n");
		break;
	default:
		say(k->fd, "pong\n");
	}
}

static void
on_conn(void *arg, unsigned what)
{
	struct fake_conn *k = arg;
	char b[16];
	ssize_t n = read(k->fd, b, sizeof(b));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		fake_close(k);
	else
		act(k, b[0]);
}

static void
on_listener(void *arg, unsigned what)
{
	struct child *c = arg;
	struct fake_conn *k;
	char text[128];
	unsigned i;
	int fd;

	for (i = 0; i < c->n_listen; i++) {
		fd = accept4(c->listen_fd[i], NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		k = xcalloc(1, sizeof(*k));
		k->c = c;
		k->fd = fd;
		open_conns++;
		ev_io_start(c->loop, &k->io, fd, EV_IO_IN, 0, on_conn, k);
		snprintf(text, sizeof(text),
		    "%s %u generation %u pid %d\n", c->role->name, c->index,
		    c->generation, (int)getpid());
		say(fd, text);
	}
}

static void
now_ready(void *arg)
{
	struct child *c = arg;
	unsigned i;

	for (i = 0; i < c->n_listen; i++)
		ev_io_start(c->loop, &listeners[i], c->listen_fd[i], EV_IO_IN,
		    0, on_listener, c);
	child_ready(c);
}

/* As a kernel or a container would have it. */
static void
forbid_sandbox(void)
{
#ifdef HAVE_SECCOMP
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (ctx == NULL || seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(seccomp), 0) < 0 || seccomp_load(ctx) < 0)
		log_info("the sandbox cannot be forbidden");
	seccomp_release(ctx);
#else
	log_info("the sandbox cannot be forbidden");
#endif
}

static int
fake_start(struct child *c)
{
	char path[512];
	struct buf b;

	buf_init(&b, 64);
	snprintf(path, sizeof(path), "%s/fake.%s", c->conf->run_dir,
	    c->role->name);
	(void)fd_read_file(path, &b);
	if (str_starts(buf_str(&b), STR("crash"))) {
		log_error("crash at start, as told");
		return ERR_SYSTEM;
	}
	if (str_starts(buf_str(&b), STR("hang")))
		for (;;)
			pause();
	if (str_starts(buf_str(&b), STR("nosandbox"))) {
		forbid_sandbox();
		now_ready(c);		/* as soon as those of aigwd */
		buf_free(&b);
		return 0;
	}
	ev_timer_set(c->loop, &greet_late, str_starts(buf_str(&b),
	    STR("slow")) ? 500000 : 0, now_ready, c);
	buf_free(&b);
	return 0;
}

static void
time_is_up(void *arg)
{
	child_drained(arg);
}

static void
fake_drain(struct child *c, int64_t timeout_us)
{
	unsigned i;

	for (i = 0; i < c->n_listen; i++) {
		ev_io_stop(&listeners[i]);
		fd_close(&c->listen_fd[i]);
	}
	c->n_listen = 0;
	ev_timer_set(c->loop, &last_call, timeout_us, time_is_up, c);
	leave_if_idle(c);
}

static void
fake_gone(struct child *c, unsigned slot, uint64_t incarnation)
{
	log_info("told: slot %u gone", slot);
}

static void
fake_report(struct child *c, int fd)
{
	char path[512];
	struct buf b;

	buf_init(&b, 65536);
	(void)fd_read_all(fd, &b);
	fd_close(&fd);
	snprintf(path, sizeof(path), "%s/report", c->conf->run_dir);
	(void)fd_write_file(path, buf_ptr(&b), buf_len(&b), 0644);
	buf_free(&b);
}

static int
once_start(struct child *c)
{
	struct buf b;
	char path[512];

	buf_init(&b, 64);
	snprintf(path, sizeof(path), "%s/fake.prepare", c->conf->run_dir);
	if (fd_read_file(path, &b) == 0)
		return ERR_CORRUPT;
	child_drained(c);
	return 0;
}

#define FAKE(r, n) { .role = (r), .name = (n), .start = fake_start, \
	.drain = fake_drain, .gone = fake_gone, .report = fake_report }

const struct child_role prepare_role = { .role = BOARD_RECORDER,
    .name = "prepare", .start = once_start, .drain = fake_drain };
const struct child_role worker_role = FAKE(BOARD_WORKER, "worker");
const struct child_role checker_role = FAKE(BOARD_CHECKER, "checker");
const struct child_role recorder_role = FAKE(BOARD_RECORDER, "recorder");
const struct child_role admin_role = FAKE(BOARD_ADMIN, "admin");
