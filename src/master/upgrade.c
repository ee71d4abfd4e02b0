/*
 * upgrade.c - another binary beside this one, on the same sockets.
 *
 * Runs in: master, old and new.
 * Owns: the socket between the two.
 *
 * The old one starts what stands at its original path and hands over, in one
 * variable, the numbers of: the socket between the two, the lock of run_dir,
 * the board, the eventfds of workers, the listeners. The new one starts its
 * own children and says "ready"; then both serve until one is told to leave.
 * Roles that work alone (checker, recorder, admin) stay with the old one:
 * those of the new one wait for its locks. Until "ready" the old one carries
 * on by itself if anything goes wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "master/master.h"

#define VARIABLE	"AIGW_UPGRADE"
#define VERSION_TEXT	"1"
#define DEADLINE_US	(75 * CLOCK_US_S)
#define TEXT_MAX	65536

extern char **environ;

/* "1;generation;peer;lock;board;ticket;efd,efd,...;fd=address;fd=address". */
static void
describe(struct master *m, int peer, int ticket, struct buf *b)
{
	const struct listenset *l = &m->current->listen;
	unsigned i;

	(void)buf_printf(b, VARIABLE "=" VERSION_TEXT ";%u;%d;%d;%d;%d;",
	    m->last_number, peer, m->lock_fd, m->board_fd, ticket);
	for (i = 0; i < m->n_efd; i++)
		(void)buf_printf(b, "%s%d", i > 0 ? "," : "", m->efd[i]);
	for (i = 0; i < l->n; i++)
		(void)buf_printf(b, ";%d=%s", l->sock[i]->fd,
		    l->sock[i]->address);
	(void)buf_addc(b, '\0');
}

/* In the fork: only what is handed over survives exec. */
static void
become(struct master *m, int peer)
{
	const struct listenset *l = &m->current->listen;
	struct buf b;
	unsigned i;
	int ticket;

	signal_reset();
	(void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	ticket = fd_sealed("aigw-ticket", m->ticket_key, CHILD_TICKET_KEY);
	fd_cloexec(ticket, 0);
	fd_cloexec(peer, 0);
	fd_cloexec(m->lock_fd, 0);
	fd_cloexec(m->board_fd, 0);
	for (i = 0; i < m->n_efd; i++)
		fd_cloexec(m->efd[i], 0);
	for (i = 0; i < l->n; i++)
		fd_cloexec(l->sock[i]->fd, 0);
	buf_init(&b, TEXT_MAX);
	describe(m, peer, ticket, &b);
	if (buf_len(&b) == 0 || buf_ptr(&b)[buf_len(&b) - 1] != '\0' ||
	    putenv(buf_ptr(&b)) != 0)
		_exit(127);
	execve(m->exe_path, m->opts->argv, environ);
	log_errore("%s cannot be started", m->exe_path);
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
	log_notice("upgrade: starting %s", m->exe_path);
	if ((m->successor = fork()) == 0)
		become(m, pair[1]);
	fd_close(&pair[1]);
	m->peer_fd = pair[0];
	m->successor_ready = 0;
	m->upgrade_due_us = clock_mono_us() + DEADLINE_US;
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
		notify("READY=1\nMAINPID=%d", (int)getpid());
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
		m->successor_ready = 1;
		log_notice("upgrade: the new binary, pid %d, is ready; QUIT "
		    "to this one, pid %d, ends it", (int)m->successor,
		    (int)getpid());
		if (m->retire_after)
			signal_raise(SIG_GRACEFUL);
		return;
	}
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
	notify("MAINPID=%d\nREADY=1", (int)getpid());
	if (write(m->peer_fd, "R", 1) != 1)
		log_warne("upgrade: the old binary cannot be told");
}

/* A number that is an open descriptor, close-on-exec again. */
static int
take_fd(struct str s, int *out)
{
	uint64_t n;

	if (num_u64(s, &n) != 0 || n < 3 || n > 1u << 20 ||
	    fd_cloexec((int)n, 1) != 0)
		return ERR_FORMAT;
	*out = (int)n;
	return 0;
}

static int
take_efds(struct master *m, struct str list)
{
	struct str part;

	while (str_split(&list, ',', &part)) {
		if (m->n_efd == CHILD_MAX_WORKERS ||
		    take_fd(part, &m->efd[m->n_efd]) != 0)
			return ERR_FORMAT;
		m->n_efd++;
	}
	return 0;
}

static int
take_listeners(struct master *m, struct str rest)
{
	struct str part;
	char *address;
	long at;
	int fd;

	while (str_split(&rest, ';', &part)) {
		if ((at = str_chr(part, '=')) < 0 ||
		    take_fd(str_make(part.p, (size_t)at), &fd) != 0 ||
		    m->inherited.n == CHILD_MAX_LISTEN)
			return ERR_FORMAT;
		address = xstrndup(part.p + at + 1, part.n - (size_t)at - 1);
		listenset_add(&m->inherited, address, fd, 0);
		free(address);
	}
	return 0;
}

static int
take_ticket(struct master *m, struct str s)
{
	int fd;

	if (take_fd(s, &fd) != 0)
		return ERR_FORMAT;
	if (pread(fd, m->ticket_key, CHILD_TICKET_KEY, 0) != CHILD_TICKET_KEY)
		return ERR_FORMAT;
	fd_close(&fd);
	return 0;
}

/* A board of another layout stays with the old binary; ours is new then, and
 * our workers take the upper half of the eventfds. */
static int
take_board(struct master *m, struct str s)
{
	if (take_fd(s, &m->board_fd) != 0)
		return ERR_FORMAT;
	if (board_map(m->board_fd, &m->board) == 0)
		return 0;
	fd_close(&m->board_fd);
	m->board = NULL;
	m->first_index = m->n_efd / 2;
	log_notice("upgrade: the counters begin anew");
	return 0;
}

int
upgrade_adopt(struct master *m)
{
	const char *var = getenv(VARIABLE);
	struct str rest, part[7];
	uint64_t number;
	char *copy;
	int i, rc = ERR_FORMAT;

	if (var == NULL)
		return 0;
	copy = xstrdup(var);
	unsetenv(VARIABLE);
	rest = str_of(copy);
	for (i = 0; i < 7; i++)
		if (!str_split(&rest, ';', &part[i]))
			goto out;
	if (!str_eqc(part[0], VERSION_TEXT) ||
	    num_u64(part[1], &number) != 0 || number > UINT32_MAX ||
	    take_fd(part[2], &m->peer_fd) != 0 ||
	    take_fd(part[3], &m->lock_fd) != 0 ||
	    take_efds(m, part[6]) != 0 || take_board(m, part[4]) != 0 ||
	    take_ticket(m, part[5]) != 0 || take_listeners(m, rest) != 0)
		goto out;
	m->last_number = (unsigned)number;
	m->predecessor = getppid();
	rc = 0;
out:
	if (rc != 0)
		log_error("upgrade: %s cannot be understood", VARIABLE);
	free(copy);
	return rc;
}
