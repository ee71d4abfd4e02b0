/*
 * spawn.c - the birth of a child: board slot, descriptors, fork, exec.
 *
 * Runs in: master, and the fork before exec.
 * Owns: the fd of the running binary.
 *
 * A child is exec'd from the descriptor of the binary that runs, so that an
 * installation under a running master never mixes versions. It gets exactly
 * the descriptors of child.h; everything else is close-on-exec and closed by
 * hand as well. Root is given up between fork and exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "master/master.h"
#include "proc/child_env.h"
#include "proc/priv.h"
#include "proc/sigflag.h"
#include "proc/slot.h"

extern char **environ;

int
spawn_init(struct master *m)
{
	int slot;

	m->exe_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (m->exe_fd < 0)
		return ERR_SYSTEM;
	/* NULL: not adopted from the old binary. */
	if (m->board == NULL && (m->board_fd = board_create(&m->board)) < 0)
		return ERR_SYSTEM;
	if ((slot = slot_claim(m->board, BOARD_MASTER)) < 0)
		return slot;
	m->slot = &m->board->slot[slot];
	m->slot->pid = (uint32_t)getpid();
	m->slot->state = BOARD_READY;
	board_set_self(m->slot);
	return 0;
}

void
spawn_logs(const struct master *m, const struct role_row *row,
    int fds[MASTER_LOGS])
{
	fds[0] = m->log_fd[0];
	fds[1] = row->flags & ROLE_ACCESS_LOG ? m->log_fd[1] : m->null_fd;
	fds[2] = row->flags & ROLE_API_LOG ? m->log_fd[2] : m->null_fd;
}

/* Descriptors in the order of child.h; the number of them. */
static unsigned
collect(struct master *m, const struct proc *p, int theirs, int share,
    struct child_env *e, int fds[CHILD_ENV_FDS])
{
	unsigned i, n = 0, flags = p->row->flags;
	const struct listenset *l = &p->gen->listen;

	fds[n++] = theirs;
	fds[n++] = share;
	fds[n++] = m->board_fd;
	spawn_logs(m, p->row, fds + n);
	n += MASTER_LOGS;
	for (i = 0; i < l->n; i++)
		if (flags & (l->conf[i] < 0 ? ROLE_ADMIN_LISTEN :
		    ROLE_LISTEN)) {
			e->listen_conf[e->n_listen++] = l->conf[i];
			fds[n++] = l->sock[i]->fd;
		}
	return n;
}

static void
become(struct master *m, const struct proc *p, const struct child_env *e,
    const int *fds, unsigned n)
{
	char var[CHILD_ENV_SIZE], title[48];
	char *argv[2] = { title, NULL };
	int exe = m->exe_fd;

	FAULT_POINT(spawn_child);
	sigflag_reset();
	child_env_format(e, var);
	snprintf(title, sizeof(title), p->row->flags & ROLE_WORKER ?
	    "aigwd: %s %u (generation %u)" : "aigwd: %s", e->role, e->index,
	    e->generation);
	if (priv_drop(m->uid, m->gid) != 0) {
		log_errore("%s cannot give up root", e->role);
		_exit(127);
	}
	dup2(m->null_fd, STDIN_FILENO);
	if (!m->opts->foreground) {
		dup2(m->null_fd, STDOUT_FILENO);
		dup2(m->null_fd, STDERR_FILENO);
	}
	child_env_arrange(fds, n, &exe);
	fexecve(exe, argv, priv_child_env(environ, var));
	_exit(127);
}

/* Everything that can fail before the fork. */
static int
get_ready(struct master *m, struct proc *p, int pair[2], int *share)
{
	int slot, rc;

	if ((*share = gen_share(m, p->gen, p->row->role->role)) < 0)
		return *share;
	if ((slot = slot_claim(m->board, p->row->role->role)) < 0)
		return slot;
	p->slot = (unsigned)slot;
	p->incarnation = m->board->slot[slot].incarnation;
	if (p->row->flags & ROLE_WORKER &&
	    (rc = slot_number(m->board, p->slot, &p->index)) != 0)
		goto fail;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, pair) == 0)
		return 0;
	rc = ERR_SYSTEM;
fail:
	board_retire(m->board, &m->board->slot[slot]);
	return rc;
}

static void
register_child(struct master *m, struct proc *p, struct place *at)
{
	struct board_slot *s = &m->board->slot[p->slot];

	s->pid = (uint32_t)p->pid;
	s->generation = p->gen->number;
	p->started_us = clock_mono_us();
	p->place = at;
	at->proc = p;
	p->gen->refs++;
	TAILQ_INSERT_TAIL(&m->procs, p, link);
	log_debug("%s started, pid %d, generation %u", p->row->role->name,
	    (int)p->pid, p->gen->number);
}

int
spawn(struct master *m, struct place *at, struct gen *g)
{
	struct proc *p = xcalloc(1, sizeof(*p));
	int pair[2], fds[CHILD_ENV_FDS], share, rc;
	struct child_env e = { .foreground =
	    (unsigned)m->opts->foreground };
	unsigned n;

	p->row = at->row;
	p->gen = g;
	if ((rc = get_ready(m, p, pair, &share)) != 0) {
		log_error("%s cannot be started: %s",
		    at->row->role->name, rc == ERR_SYSTEM ?
		    strerror(errno) : err_str(rc));
		free(p);
		return rc;
	}
	snprintf(e.role, sizeof(e.role), "%s", p->row->role->name);
	e.index = p->index;
	e.slot = p->slot;
	e.generation = g->number;
	e.incarnation = p->incarnation;
	e.workers = g->conf->workers;
	n = collect(m, p, pair[1], share, &e, fds);
	FAULT_POINT(spawn);
	if ((p->pid = fork()) == 0)
		become(m, p, &e, fds, n);
	fd_close(&pair[1]);
	p->sock = pair[0];
	if (p->pid < 0) {
		log_errore("fork");
		board_retire(m->board, &m->board->slot[p->slot]);
		fd_close(&p->sock);
		free(p);
		return ERR_SYSTEM;
	}
	register_child(m, p, at);
	FAULT_POINT(spawned);
	return 0;
}
