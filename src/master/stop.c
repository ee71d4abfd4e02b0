/*
 * stop.c - leaving: gracefully or fast.
 *
 * Runs in: master.
 * Owns: the order in which processes leave.
 *
 * Graceful: workers drain, then the others, the recorder last, so that all
 * usage is in the ledger. Beside a new binary all are told at once: while
 * workers finish long streams the gateway must be one that can be told things.
 * Fast: TERM to all, a few seconds to account for what is under way, then
 * KILL; the recorder last here as well.
 */
#include <signal.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/folder.h"
#include "proc/notify.h"

#define SINGLE_US	(10 * CLOCK_US_S)
#define LAST_US		(30 * CLOCK_US_S)
#define FAST_US		(5 * CLOCK_US_S)
#define PHASES		3

/* In which phase is p told to leave? */
static int
phase_of(const struct proc *p)
{
	if (p->row->flags & ROLE_LAST)
		return 2;
	return p->row->flags & ROLE_WORKER ? 0 : 1;
}

static void
tell_fast(struct master *m, int64_t now)
{
	struct proc *p;

	TAILQ_FOREACH(p, &m->procs, link)
		if (phase_of(p) <= m->stop_phase && !p->hurried) {
			p->draining = p->hurried = 1;
			p->kill_us = now + FAST_US;
			reap_kill(p, SIGTERM, "fast stop");
		}
}

static void
tell_graceful(struct master *m)
{
	const int64_t t[PHASES] = { m->current->conf->drain_timeout,
	    SINGLE_US, LAST_US };
	int phase, all = m->successor_ready;
	struct proc *p;

	TAILQ_FOREACH(p, &m->procs, link) {
		phase = phase_of(p);
		if ((all || phase == m->stop_phase) && !p->draining)
			contract_drain(m, p, t[phase]);
	}
}

static void
tell(struct master *m, int64_t now)
{
	if (m->stop == STOP_FAST)
		tell_fast(m, now);
	else
		tell_graceful(m);
}

void
stop_begin(struct master *m, enum stop_kind kind)
{
	if (m->stop >= kind)
		return;
	log_notice(kind == STOP_FAST ? "stopping" :
	    "stopping when all work is done");
	if (m->successor == 0)
		notify_send("STOPPING=1");
	m->stop = kind;
	reload_abort(m, "stopping");
	if (m->current != NULL) {
		m->current->drained = 1;
		gen_release_listeners(m, m->current);
	}
	/* Who tells us to stop may have seen its number before we heard it. */
	if (m->successor != 0 && folder_read_pid(m->pid_path) == m->successor)
		m->successor_ready = 1;
	if (m->successor != 0 && !m->successor_ready)
		kill(m->successor, SIGTERM);
	/* Fast: workers, checker and admin leave at the same time. */
	m->stop_phase = kind == STOP_FAST ? 1 : 0;
	tell(m, clock_mono_us());
}

void
stop_step(struct master *m, int64_t now)
{
	const struct proc *p;

	if (m->stop == STOP_NOT)
		return;
	for (;;) {
		TAILQ_FOREACH(p, &m->procs, link)
			if (phase_of(p) <= m->stop_phase)
				return;
		if (++m->stop_phase >= PHASES)
			break;
		tell(m, now);
	}
	m->done = 1;
}
