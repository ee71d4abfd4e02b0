/*
 * master.c - the loop of the master: flags in, actions out.
 *
 * Runs in: master.
 * Owns: struct master.
 *
 * One turn: wait for a signal or a message, a second at most; then look at
 * the flags in fixed order; then take each part a step further. The text of
 * turn() is the list of things that an operator can ask for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/xalloc.h"
#include "master/master.h"
#include "proc/kin.h"
#include "proc/notify.h"
#include "proc/priv.h"
#include "proc/sigflag.h"

#define START_US	(60 * CLOCK_US_S)
#define PATIENCE_US	(3 * CLOCK_US_S)
#define SPARE_FDS	5120	/* 4,096 of it may linger */
#define RESERVE		(1u << 20)

void
master_fail(struct master *m, const char *why)
{
	log_error("%s", why);
	m->status = 1;
	stop_begin(m, STOP_FAST);
}

static void
drain_workers(struct master *m)
{
	if (m->stop != STOP_NOT || m->current->drained)
		return;
	log_notice("draining the workers; HUP starts new ones");
	reload_abort(m, "the workers are to drain");
	m->workers_off = 1;
	gen_drain(m, m->current, m->current->conf->drain_timeout);
}

/* A daemon lets go of the terminal, and of who waits for the start. */
static void
detach(struct master *m)
{
	int i;

	if (m->opts->report_fd < 0)
		return;
	log_set_stdout(0);
	for (i = 0; i < 3; i++)
		dup2(m->null_fd, i);
	if (write(m->opts->report_fd, "R", 1) != 1)
		log_debug("nobody waits for the start");
	close(m->opts->report_fd);
}

/* Everything is READY for the first time. */
static void
started(struct master *m)
{
	m->started = 1;
	FAULT_POINT(started);
	m->board->generation = m->current->number;
	if (files_pid_write(m) != 0) {
		master_fail(m, "start failed");
		return;
	}
	log_notice("ready: %u workers, pid %d", m->current->n_worker,
	    (int)getpid());
	if (m->predecessor != 0)
		upgrade_announce(m);
	else
		notify_send("READY=1\nSTATUS=generation %u", m->current->number);
	detach(m);
}

static void
start_step(struct master *m, int64_t now)
{
	if (m->started || m->stop != STOP_NOT)
		return;
	if (!m->prepared)	/* may have a large ledger to verify */
		m->start_due_us = now + START_US;
	else if (place_ready(m->current->worker, m->current->n_worker) &&
	    place_ready(m->single, m->n_single))
		started(m);
	else if (now > m->start_due_us)
		master_fail(m, "start failed: not all processes got ready");
}

static void
turn(struct master *m)
{
	int64_t now;

	if (sigflag_take(SIG_CHILD))
		reap(m);
	if (sigflag_take(SIG_FAST))
		stop_begin(m, STOP_FAST);
	if (sigflag_take(SIG_GRACEFUL))
		stop_begin(m, STOP_GRACEFUL);
	if (sigflag_take(SIG_RELOAD))
		m->reload_wanted = 1;
	if (sigflag_take(SIG_REOPEN)) {
		files_logs_reopen(m);
		upgrade_reopen(m);
	}
	if (sigflag_take(SIG_UPGRADE))
		upgrade_start(m);
	if (sigflag_take(SIG_NO_WORKERS))
		drain_workers(m);
	now = clock_mono_us();
	watch_run(m, now);
	reload_step(m, now);
	if (m->prepared)
		place_run(m, now);
	start_step(m, now);
	upgrade_step(m, now);
	stop_step(m, now);
}

static void
wait_events(struct master *m, const sigset_t *mask)
{
	static struct pollfd pfd[BOARD_SLOTS + 1];
	static struct proc *who[BOARD_SLOTS + 1];
	struct timespec tick = { 1, 0 };
	struct proc *p;
	nfds_t i, n = 0;

	TAILQ_FOREACH(p, &m->procs, link)
		if (p->sock >= 0 && n < BOARD_SLOTS) {
			who[n] = p;
			pfd[n++] = (struct pollfd){ p->sock, POLLIN, 0 };
		}
	if (m->peer_fd >= 0) {
		who[n] = NULL;
		pfd[n++] = (struct pollfd){ m->peer_fd, POLLIN, 0 };
	}
	if (ppoll(pfd, n, &tick, mask) <= 0)
		return;
	for (i = 0; i < n; i++) {
		if (pfd[i].revents == 0)
			continue;
		if (who[i] == NULL)
			upgrade_peer(m);
		else
			contract_read(m, who[i]);
	}
}

static int
begin(struct master *m)
{
	struct conf *c = m->current->conf;
	char err[512];
	int rc;

	m->uid = geteuid();
	m->gid = getegid();
	if (m->uid != 0)
		log_info("not started as root: all processes run as user %d",
		    (int)m->uid);
	else if ( priv_lookup(c->user, c->group, &m->uid, &m->gid) != 0) {
		log_error("no user %s or group %s: make them (useradd "
		    "--system %s), or set \"user\" and \"group\"", c->user,
		    c->group, c->user);
		return ERR_NOTFOUND;
	}
	if ((rc = files_folders(m, c)) != 0 || (rc = files_lock(m, c)) != 0 ||
	    (rc = files_logs_open(m, c)) != 0)
		return rc;
	priv_raise_files(c->client.max_connections * 2ul + SPARE_FDS);
	/* The children of a master that was killed are on their way out. */
	if (m->predecessor == 0)
		kin_clear(c->run_dir, PATIENCE_US);
	m->current->listen.patience_us = PATIENCE_US;
	if ((rc = listenset_open(&m->current->listen, &m->inherited, c,
	    m->gid, err, sizeof(err))) != 0) {
		log_error("%s", err);
		return rc;
	}
	listenset_close(&m->inherited, 0);
	if ((rc = spawn_init(m)) != 0)
		log_errore("start");
	return rc;
}

static void
make_singles(struct master *m)
{
	unsigned i;

	for (i = 0; i < m->n_rows; i++)
		if (!(m->rows[i].flags & ROLE_WORKER))
			place_init(&m->single[m->n_single++], &m->rows[i]);
	/* The throw-away child comes first, and alone. */
	m->prepared = 1;
	for (i = 0; i < m->n_single; i++)
		if (m->single[i].row->flags & ROLE_ONCE) {
			m->prepared = 0;
			if (spawn(m, &m->single[i], m->current) != 0)
				master_fail(m, "start failed");
		}
}

static void
finish(struct master *m)
{
	if (m->current != NULL)
		gen_unref(m, m->current);
	m->current = NULL;
	files_pid_remove(m);
	if (m->slot != NULL)
		board_retire(m->board, m->slot);
	log_notice("gone");
}

int
master_run(const struct options *o, const struct role_row *rows,
    unsigned n_rows)
{
	static struct master self = { .lock_fd = -1, .exe_fd = -1,
	    .log_fd = { -1, -1, -1 }, .board_fd = -1, .peer_fd = -1 };
	struct master *m = &self;
	struct conf *c = NULL;
	sigset_t mask;

	m->opts = o;
	m->rows = rows;
	m->n_rows = n_rows;
	xalloc_init(RESERVE);
	TAILQ_INIT(&m->procs);
	TAILQ_INIT(&m->gens);
	rng_bytes(m->ticket_key, sizeof(m->ticket_key));
	m->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (upgrade_adopt(m) != 0 || reload_load(m, &c) != 0)
		return 1;
	log_set_level((enum log_level)c->log_level);
	m->current = gen_new(m, c);
	sigflag_init(&mask, isatty(0) || isatty(1) || isatty(2));
	if (begin(m) != 0) {
		gen_unref(m, m->current);
		return 1;
	}
	m->watch_us = clock_mono_us();
	make_singles(m);
	for (;;) {
		turn(m);
		if (m->done)
			break;
		wait_events(m, &mask);
	}
	finish(m);
	return m->status;
}
