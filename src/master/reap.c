/*
 * reap.c - the death of a child.
 *
 * Runs in: master.
 * Owns: nothing; frees struct proc.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/faultpoint.h"
#include "base/fd.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/slot.h"

void
reap_kill(struct proc *p, int sig, const char *why)
{
	if (sig == SIGKILL) {
		log_warn("killing %s, pid %d: %s", p->row->role->name,
		    (int)p->pid, why);
		p->kill_us = 0;
		p->blamed = 1;
	}
	kill(p->pid, sig);
}

/* The slot is free, and recorder and checker clean up after the dead. In an
 * upgrade the other master may have been first, and the slot be another's. */
static void
is_gone(struct master *m, unsigned slot, uint64_t incarnation)
{
	struct proc *p;

	if (m->board->slot[slot].incarnation == incarnation)
		board_retire(m->board, &m->board->slot[slot]);
	TAILQ_FOREACH(p, &m->procs, link)
		if (p->row->flags & ROLE_TOLD_GONE)
			contract_send(p, MSG_GONE, slot, incarnation, NULL, 0);
}

static void
log_death(const struct proc *p, int status)
{
	char how[96];

	throttle_text(status, how, sizeof(how));
	if (p->row->flags & ROLE_ONCE && WIFEXITED(status))
		log_debug("%s, pid %d: %s", p->row->role->name, (int)p->pid,
		    how);
	else if ((p->draining || p->drained) && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0)
		log_info("%s, pid %d, generation %u, has left%s",
		    p->row->role->name, (int)p->pid, p->gen->number,
		    p->draining ? "" : " unasked");
	else
		log_error("%s, pid %d, generation %u, died%s: %s",
		    p->row->role->name, (int)p->pid, p->gen->number,
		    p->ready ? "" : " before it was ready", how);
}

/* What prepares the stores has ended. When it was killed from outside: again;
 * a file that kills its reader does so by another signal. */
static void
prepared(struct master *m, struct place *at, int status)
{
	m->prepared = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!m->prepared && (!WIFSIGNALED(status) || WTERMSIG(status) !=
	    SIGKILL || spawn(m, at, m->current) != 0))
		master_fail(m, "the stores cannot be prepared");
}

static void
bury(struct master *m, struct proc *p, int status)
{
	struct place *at = p->place;

	/* What it said last: READY or DRAINED may still be in the socket. */
	contract_read(m, p);
	log_death(p, status);
	FAULT_POINT(reaped);
	if (at != NULL && !p->draining && m->stop == STOP_NOT &&
	    !(p->row->flags & ROLE_ONCE))
		place_died(m, p, status);
	TAILQ_REMOVE(&m->procs, p, link);
	fd_close(&p->sock);
	is_gone(m, p->slot, p->incarnation);
	if (at != NULL) {
		at->proc = NULL;
		if (p->draining)
			at->throttle.due_us = 0;
		if (p->row->flags & ROLE_ONCE && m->stop == STOP_NOT)
			prepared(m, at, status);
	}
	FAULT_POINT(buried);
	gen_unref(m, p->gen);
	free(p);
}

void
reap(struct master *m)
{
	struct proc *p;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (upgrade_reaped(m, pid, status))
			continue;
		TAILQ_FOREACH(p, &m->procs, link)
			if (p->pid == pid)
				break;
		if (p != NULL)
			bury(m, p, status);
	}
}

static int
ours(const struct master *m, unsigned slot)
{
	const struct proc *p;

	if (m->slot == &m->board->slot[slot])
		return 1;
	TAILQ_FOREACH(p, &m->procs, link)
		if (p->slot == slot)
			return 1;
	return 0;
}

/*
 * After an upgrade two masters share the board. The children of one that was
 * killed are reaped by init; their slots are freed here. Nothing is killed:
 * the board is not to be trusted with that.
 */
void
reap_strangers(struct master *m)
{
	struct board_slot *s;
	unsigned i;

	for (i = 0; i < BOARD_SLOTS; i++) {
		s = &m->board->slot[i];
		if (!ours(m, i) && slot_is_dead(s))
			is_gone(m, i, s->incarnation);
	}
}
