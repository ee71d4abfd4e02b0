/*
 * upgrade.c - another binary beside this one, on the same sockets.
 *
 * Runs in: master, old and new.
 * Owns: the socket between the two.
 *
 * The old one starts what stands at its original path and hands over, in one
 * variable, the numbers of: the socket between the two, the lock of run_dir,
 * the board, a pipe with the key of session tickets, the listeners. The new one
 * starts its own children and says "ready" (R); then both serve until one is
 * told to leave. Who is told to reopen the log files tells the other (L).
 * Roles that work alone (checker, recorder, admin) stay with the old one:
 * those of the new one wait for its locks. Until "ready" the old one carries
 * on by itself if anything goes wrong.
 */
#include <errno.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/handover.h"
#include "proc/notify.h"
#include "proc/sigflag.h"

#define DEADLINE_US	(75 * CLOCK_US_S)
#define TEXT_MAX	65536

extern char **environ;

/* In the fork: only what is handed over survives exec. */
static void
become(struct master *m, int peer)
{
	struct handover h = { .generation = m->last_number, .peer = peer,
	    .lock = m->lock_fd, .board = m->board_fd,
	    .listen = &m->current->listen };
	struct buf b;

	FAULT_POINT(upgrade_child);
	sigflag_reset();
	(void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	h.ticket = fd_pipe(m->ticket_key, CHILD_TICKET_KEY);
	handover_keep(&h);
	buf_init(&b, TEXT_MAX);
	if (handover_format(&h, &b) != 0 || putenv(buf_ptr(&b)) != 0)
		_exit(127);
	execve(m->opts->exe_path, m->opts->argv, environ);
	log_errore("%s cannot be started", m->opts->exe_path);
	_exit(127);
}

static const char *
obstacle(const struct master *m)
{
	if (getpid() == 1)
		return "this is process 1: replace the container instead";
	if (m->successor != 0)
		return "another one is under way";
	if (m->predecessor != 0)
		return "the old binary of the last one is still there";
	if (m->stop != STOP_NOT || !m->started)
		return "not while starting or stopping";
	return NULL;
}

void
upgrade_start(struct master *m)
{
	const char *why = obstacle(m);
	int pair[2];

	if (why != NULL) {
		log_error("upgrade refused: %s", why);
		m->retire_after = 0;
		return;
	}
	if (m->next != NULL) {
		m->upgrade_wanted = 1;	/* when the reload is done */
		return;
	}
	m->upgrade_wanted = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    pair) < 0 || files_pid_aside(m) != 0) {
		log_errore("upgrade");
		return;
	}
	log_notice("upgrade: starting %s", m->opts->exe_path);
	FAULT_POINT(upgrade);
	if ((m->successor = fork()) == 0)
		become(m, pair[1]);
	fd_close(&pair[1]);
	m->peer_fd = pair[0];
	m->successor_ready = 0;
	m->upgrade_due_us = clock_mono_us() + DEADLINE_US;
	FAULT_POINT(upgrade_forked);
	if (m->successor < 0) {
		log_errore("fork");
		m->successor = 0;
		fd_close(&m->peer_fd);
		files_pid_back(m);
	}
}

int
upgrade_reaped(struct master *m, pid_t pid, int status)
{
	if (m->successor == 0 || pid != m->successor)
		return 0;
	if (m->successor_ready)
		log_notice("the new binary, pid %d, has left (status %#x): "
		    "back to this one%s", (int)pid, (unsigned)status,
		    m->workers_off ? "; HUP starts its workers" : "");
	else
		log_error("upgrade failed: the new binary ended before it was "
		    "ready (status %#x); this one carries on",
		    (unsigned)status);
	m->successor = 0;
	m->successor_ready = m->retire_after = 0;
	fd_close(&m->peer_fd);
	files_pid_back(m);
	if (m->stop == STOP_NOT)
		notify_send("READY=1\nMAINPID=%d", (int)getpid());
	return 1;
}

void
upgrade_peer(struct master *m)
{
	char said;
	ssize_t n = read(m->peer_fd, &said, 1);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n == 1 && said == 'R' && m->successor != 0) {
		FAULT_POINT(upgrade_told);
		m->successor_ready = 1;
		log_notice("upgrade: the new binary, pid %d, is ready; QUIT "
		    "to this one, pid %d, ends it", (int)m->successor,
		    (int)getpid());
		if (m->retire_after)
			sigflag_raise(SIG_GRACEFUL);
		return;
	}
	if (n == 1 && said == 'L')
		files_logs_reopen(m);
	if (n == 1)
		return;
	fd_close(&m->peer_fd);
	if (m->predecessor != 0) {
		log_notice("upgrade: the old binary, pid %d, has left",
		    (int)m->predecessor);
		m->predecessor = 0;
	}
}

void
upgrade_step(struct master *m, int64_t now)
{
	if (m->upgrade_wanted && m->next == NULL && m->stop == STOP_NOT)
		upgrade_start(m);
	if (m->successor == 0 || m->successor_ready ||
	    now < m->upgrade_due_us)
		return;
	log_error("upgrade: the new binary, pid %d, does not get ready: "
	    "killing it", (int)m->successor);
	m->upgrade_due_us = now + DEADLINE_US;
	kill(m->successor, SIGKILL);
}

void
upgrade_announce(struct master *m)
{
	if (m->predecessor == 0)
		return;
	FAULT_POINT(upgrade_ready);
	notify_send("MAINPID=%d\nREADY=1", (int)getpid());
	if (write(m->peer_fd, "R", 1) != 1)
		log_warne("upgrade: the old binary cannot be told");
	FAULT_POINT(upgrade_announced);
}

void
upgrade_reopen(struct master *m)
{
	if (m->peer_fd >= 0 && write(m->peer_fd, "L", 1) != 1)
		log_warne("the other binary cannot be told to reopen its logs");
}

/* A board of another layout stays with the old binary; ours is new then. */
static void
take_board(struct master *m)
{
	if (board_map(m->board_fd, &m->board) == 0)
		return;
	fd_close(&m->board_fd);
	m->board = NULL;
	log_notice("upgrade: the counters begin anew");
}

int
upgrade_adopt(struct master *m)
{
	const char *text = getenv(HANDOVER_NAME);
	struct handover h = { .listen = &m->inherited };
	int rc;

	if (text == NULL)
		return 0;
	if ((rc = handover_parse(text, &h)) != 0) {
		log_error("upgrade: %s: %s", HANDOVER_NAME, err_str(rc));
		return rc;
	}
	unsetenv(HANDOVER_NAME);
	m->predecessor = getppid();
	m->last_number = h.generation;
	m->peer_fd = h.peer;
	m->lock_fd = h.lock;
	m->board_fd = h.board;
	if (read(h.ticket, m->ticket_key, CHILD_TICKET_KEY) !=
	    CHILD_TICKET_KEY)
		log_warn("upgrade: TLS sessions begin anew");
	fd_close(&h.ticket);
	take_board(m);
	FAULT_POINT(upgrade_adopted);
	return 0;
}
