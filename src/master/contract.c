/*
 * contract.c - messages from and to children.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * What a child may say at all stands in proc/msg.c; what it may say at this
 * moment is decided here. A child that says anything else is killed: it is
 * broken or broken into.
 */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/sigflag.h"

#define LEAVE_US	(5 * CLOCK_US_S)
#define GRACE_US	(20 * CLOCK_US_S)

void
contract_send(struct proc *p, enum msg_type type, unsigned slot, uint64_t arg,
    const int *fds, int nfds)
{
	int rc;

	if (p->sock < 0)
		return;
	rc = msg_send(p->sock, type, slot, arg, fds, nfds);
	if (rc == ERR_AGAIN)
		reap_kill(p, SIGKILL, "it does not read its messages");
	else if (rc != 0)
		fd_close(&p->sock);	/* dying; reap will see it */
}

void
contract_drain(struct master *m, struct proc *p, int64_t timeout_us)
{
	int64_t last = clock_mono_us() + timeout_us + GRACE_US;

	if (!p->draining || p->kill_us == 0 || last < p->kill_us) {
		p->kill_us = last;
		contract_send(p, MSG_DRAIN, 0, (uint64_t)timeout_us, NULL, 0);
	}
	p->draining = 1;
}

void
contract_report(struct master *m, struct proc *p)
{
	int fd;

	if (m->report == NULL || !(p->row->flags & ROLE_REPORTS) || !p->ready)
		return;
	fd = fd_sealed("aigw-report", m->report, strlen(m->report));
	if (fd < 0)
		return;
	contract_send(p, MSG_REPORT, 0, 0, &fd, 1);
	fd_close(&fd);
}

/* May p say this now? */
static int
timely(const struct proc *p, enum msg_type type)
{
	switch (type) {
	case MSG_READY:
		return !p->ready && !p->drained;
	case MSG_DRAINED:
		return !p->drained;	/* unasked: somebody sent it TERM */
	default:
		return p->ready && !p->drained;
	}
}

static void
obey(struct master *m, struct proc *p, const struct msg *msg)
{
	switch (msg->type) {
	case MSG_READY:
		p->ready = 1;
		log_debug("%s, pid %d, is ready", p->row->role->name,
		    (int)p->pid);
		contract_report(m, p);
		break;
	case MSG_DRAINED:
		p->drained = 1;
		p->kill_us = clock_mono_us() + LEAVE_US;
		break;
	case MSG_RELOAD:
		sigflag_raise(SIG_RELOAD);
		break;
	case MSG_REOPEN_LOGS:
		sigflag_raise(SIG_REOPEN);
		break;
	case MSG_UPGRADE:
		m->retire_after = (int)msg->arg;
		sigflag_raise(SIG_UPGRADE);
		break;
	case MSG_STOP:
		sigflag_raise(msg->arg ? SIG_FAST : SIG_GRACEFUL);
		break;
	case MSG_DRAIN_ALL:
		sigflag_raise(SIG_NO_WORKERS);
		break;
	default:
		break;
	}
}

void
contract_read(struct master *m, struct proc *p)
{
	int fds[MSG_MAX_FDS], nfds, rc;
	struct msg msg;

	if (p->sock < 0)
		return;
	while ((rc = msg_recv(p->sock, &msg, fds, &nfds)) == 0) {
		while (nfds > 0)
			fd_close(&fds[--nfds]);
		if (msg_permitted(p->row->role->role,
		    (enum msg_type)msg.type) &&
		    timely(p, (enum msg_type)msg.type)) {
			obey(m, p, &msg);
			continue;
		}
		log_error("%s, pid %d, said %s, which it may not",
		    p->row->role->name, (int)p->pid,
		    msg_name((enum msg_type)msg.type));
		rc = ERR_DENIED;
		break;
	}
	if (rc == ERR_AGAIN)
		return;
	fd_close(&p->sock);
	if (rc == ERR_FORMAT || rc == ERR_DENIED)
		reap_kill(p, SIGKILL, "breach of the contract");
	else if (p->kill_us == 0)
		p->kill_us = clock_mono_us() + LEAVE_US;
}
