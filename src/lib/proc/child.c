/*
 * child.c - the skeleton of every child of the master.
 *
 * Runs in: children.
 * Owns: struct child, the contract socket, the sealed share.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/probe.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "proc/child.h"
#include "proc/child_env.h"
#include "proc/kin.h"
#include "proc/priv.h"
#include "proc/sandbox.h"
#include "proc/share.h"

#define RESERVE		(1u << 20)
#define TURN_MAX_MS	1000
#define TERM_GRACE_US	(4 * CLOCK_US_S)	/* master kills after 5 s */
#define DRAIN_GRACE_US	(10 * CLOCK_US_S)	/* beyond the drain time */

static struct child self;
static struct ev_io contract_io, term_io;
static struct ev_timer hurry;
static int leaving, is_ready, confined, exit_status, term_fd = -1;

int
child_requested(const char **role_name)
{
	static struct child_env e;
	const char *text = getenv(CHILD_ENV_NAME);

	if (text == NULL)
		return 0;
	if (child_env_parse(text, &e) != 0)
		*role_name = "";
	else
		*role_name = e.role;
	return 1;
}

static void
say_ready(struct child *c)
{
	FAULT_POINT(child_ready);
	if (!c->draining)
		c->slot->state = BOARD_READY;
	if (!c->orphaned &&
	    msg_send(CHILD_FD_MASTER, MSG_READY, 0, 0, NULL, 0) != 0)
		log_warne("READY cannot be sent");
	FAULT_POINT(child_readied);
}

/* Said by start, this waits for the sandbox: a master that believes in workers
 * lets those go that have served so far. */
void
child_ready(struct child *c)
{
	if (is_ready)
		return;
	is_ready = 1;
	if (confined)
		say_ready(c);
}

void
child_drained(struct child *c)
{
	if (leaving)
		return;
	leaving = 1;
	FAULT_POINT(child_drained);
	c->slot->state = BOARD_DRAINED;
	if (!c->orphaned)
		(void)msg_send(CHILD_FD_MASTER, MSG_DRAINED, 0, 0, NULL, 0);
}

void
child_fail(struct child *c, const char *why)
{
	log_error("leaving: %s", why);
	exit_status = 1;
	leaving = 1;
}

int
child_ask(struct child *c, enum msg_type type, uint64_t arg)
{
	if (c->orphaned)
		return ERR_SYSTEM;
	return msg_send(CHILD_FD_MASTER, type, 0, arg, NULL, 0);
}

static void
out_of_time(void *arg)
{
	log_warn("not drained in time, leaving");
	leaving = 1;
}

static void
drain(struct child *c, int64_t timeout_us, int64_t grace_us)
{
	int64_t last = timeout_us + grace_us;

	if (!ev_timer_active(&hurry) || ev_now_us(c->loop) + last <
	    hurry.due_us)
		ev_timer_set(c->loop, &hurry, last, out_of_time, c);
	c->draining = 1;
	c->slot->state = BOARD_DRAINING;
	FAULT_POINT(child_drain);
	c->role->drain(c, timeout_us);
}

static void
on_term(void *arg, unsigned what)
{
	struct signalfd_siginfo si;
	struct child *c = arg;

	if (read(term_fd, &si, sizeof(si)) != sizeof(si))
		return;
	drain(c, 0, TERM_GRACE_US);
}

static void
master_died(struct child *c)
{
	ev_io_stop(&contract_io);
	if (c->orphaned)
		return;
	c->orphaned = 1;
	kin_leave();
	if (c->draining)
		return;
	log_error("the master died, leaving");
	drain(c, c->conf->drain_timeout, DRAIN_GRACE_US);
}

/* New log files take the numbers of the old ones. */
static void
take_logs(struct child *c, int *fds)
{
	static const int number[3] = { CHILD_FD_ERROR_LOG,
	    CHILD_FD_ACCESS_LOG, CHILD_FD_API_LOG };
	int i;

	for (i = 0; i < 3; i++) {
		if (dup3(fds[i], number[i], O_CLOEXEC) < 0)
			log_warne("a new log file cannot be used");
		fd_close(&fds[i]);
	}
	if (c->role->reopen != NULL)
		c->role->reopen(c);
}

static void
obey(struct child *c, const struct msg *m, int *fds)
{
	switch (m->type) {
	case MSG_DRAIN:
		drain(c, (int64_t)m->arg, DRAIN_GRACE_US);
		break;
	case MSG_REOPEN:
		take_logs(c, fds);
		break;
	case MSG_LOGLEVEL:
		log_set_level((enum log_level)m->arg);
		break;
	case MSG_GONE:
		if (c->role->gone != NULL)
			c->role->gone(c, m->slot, m->arg);
		break;
	case MSG_REPORT:
		if (c->role->report != NULL)
			c->role->report(c, fds[0]);
		else
			fd_close(&fds[0]);
		break;
	default:
		break;
	}
}

static void
on_contract(void *arg, unsigned what)
{
	struct child *c = arg;
	int fds[MSG_MAX_FDS], nfds, rc;
	struct msg m;

	while ((rc = msg_recv(CHILD_FD_MASTER, &m, fds, &nfds)) == 0 ||
	    rc == ERR_LIMIT) {
		if (rc == ERR_LIMIT) {
			log_error("no descriptor left for what the master "
			    "sends; the logs stay as they are");
			continue;
		}
		if (msg_permitted(BOARD_MASTER, (enum msg_type)m.type)) {
			obey(c, &m, fds);
			continue;
		}
		while (nfds > 0)
			fd_close(&fds[--nfds]);
	}
	if (rc != ERR_AGAIN)
		master_died(c);
}

/* A sleeper on a lock is to look at it again (slot_nudge): that it ran is
 * all that is wanted. */
static void
on_nudge(int signo)
{
	(void)signo;
}

static void
set_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1,
	    SIGUSR2, SIGWINCH, SIGPIPE, SIGTTOU, SIGTTIN };
	struct sigaction nudge = { .sa_handler = on_nudge,
	    .sa_flags = SA_RESTART };
	sigset_t term;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGCONT, &nudge, NULL);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_SETMASK, &term, NULL);
	term_fd = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
take_share(struct child *c)
{
	int rc, fd = CHILD_FD_CONF;

	rc = share_load(fd, &c->conf, c->ticket_key);
	fd_close(&fd);
	return rc;
}

static int
take_board(struct child *c)
{
	int rc, fd = CHILD_FD_BOARD;

	if ((rc = board_map(fd, &c->board)) != 0)
		return rc;
	fd_close(&fd);
	c->slot = &c->board->slot[c->slot_index];
	c->slot->pid = (uint32_t)getpid();
	c->slot->heartbeat_us = clock_mono_us();
	board_set_self(c->slot);
	return 0;
}

/* Everything that stands in the variable and the descriptors. */
static int
inherit(struct child *c, const struct child_role *role)
{
	struct child_env e;
	char who[32];
	unsigned i;
	int fd = CHILD_FD_FIRST;

	c->role = role;
	if (child_env_parse(getenv(CHILD_ENV_NAME), &e) != 0)
		return ERR_FORMAT;
	c->index = e.index;
	c->slot_index = e.slot;
	c->generation = e.generation;
	c->incarnation = e.incarnation;
	c->workers = e.workers;
	c->foreground = (int)e.foreground;
	c->n_listen = e.n_listen;
	for (i = 0; i < c->n_listen; i++) {
		c->listen_fd[i] = fd++;
		c->listen_conf[i] = e.listen_conf[i];
	}
	while (--fd >= CHILD_FD_MASTER)
		if (fd_cloexec(fd, 1) != 0)
			return ERR_FORMAT;
	c->error_fd = CHILD_FD_ERROR_LOG;
	c->access_fd = CHILD_FD_ACCESS_LOG;
	c->api_fd = CHILD_FD_API_LOG;
	snprintf(who, sizeof(who), role->role == BOARD_WORKER ? "%s %u" :
	    "%s", role->name, c->index);
	log_init(who, c->error_fd);
	log_set_stdout(c->foreground);
	snprintf(who, sizeof(who), "aigwd:%s", role->name);
	prctl(PR_SET_NAME, who, 0, 0, 0);
	return 0;
}

static void
enter_sandbox(struct child *c)
{
	struct sandbox_opts o = { .role = c->role->role,
	    .run_dir = c->conf->run_dir, .state_dir = c->conf->state_dir };
	int rc = c->conf->sandbox ? sandbox_enter(&o) : 0;

	if (rc == ERR_UNSUPPORTED)
		log_notice("no sandbox: neither seccomp nor landlock here");
	else if (rc != 0) {
		child_fail(c, "the sandbox cannot be entered");
		return;
	}
	confined = 1;
	if (is_ready && !leaving)
		say_ready(c);
}

static void
beat(struct child *c)
{
	int64_t now = clock_mono_us();

	c->slot->heartbeat_us = now;
	probe_end(now);
	if (xalloc_low())
		(void)xalloc_refill();
}

static int
prepare(struct child *c)
{
	int rc;

	if ((rc = take_board(c)) != 0) {
		log_error("board: %s", err_str(rc));
		return rc;
	}
	if ((rc = take_share(c)) != 0) {
		log_error("configuration share: %s", err_str(rc));
		return rc;
	}
	kin_join(c->conf->run_dir);
	priv_harden(!c->conf->sandbox);
	if (c->index == 0)
		priv_tell_unlocked(0);
	priv_clear_env();
	xalloc_init(RESERVE);
	log_set_level((enum log_level)c->conf->log_level);
	(void)log_set_syslog(c->conf->syslog);
	(void)clock_set_zone(c->conf->timezone);
	c->loop = ev_loop_new();
	if (fd_nonblock(CHILD_FD_MASTER) != 0 || term_fd < 0 ||
	    ev_io_start(c->loop, &contract_io, CHILD_FD_MASTER, EV_IO_IN, 0,
	    on_contract, c) != 0 || ev_io_start(c->loop, &term_io, term_fd,
	    EV_IO_IN, 0, on_term, c) != 0) {
		log_errore("event loop");
		return ERR_SYSTEM;
	}
	return 0;
}

int
child_main(const struct child_role *role)
{
	struct child *c = &self;

	priv_conceal();
	set_signals();
	umask(077);
	if (inherit(c, role) != 0) {
		fprintf(stderr, "aigwd: not started by a master\n");
		return 2;
	}
	unsetenv(CHILD_ENV_NAME);
	if (prepare(c) != 0)
		return 1;
	FAULT_POINT(child_start);
	if (role->start(c) != 0)
		return 1;
	FAULT_POINT(child_sandbox);
	enter_sandbox(c);
	while (!leaving) {
		ev_turn(c->loop, TURN_MAX_MS);
		if (role->turn != NULL)
			role->turn(c);
		beat(c);
	}
	if (role->leave != NULL)
		role->leave(c);
	return exit_status;
}
