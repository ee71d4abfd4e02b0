/*
 * watch.c - children that hang.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * A child whose loop has not turned for ten seconds is killed and replaced.
 * Not so a child that waits for the lock of a shared store: then the one that
 * holds it is the culprit. As all wait for the lock of hot, who stops with it
 * in hand has three seconds only; in the ledger's case the disk may be slow.
 * When nobody here holds it, a child of a dead master may, which hangs as well.
 */
#include <signal.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/kin.h"
#include "proc/slot.h"

#define PERIOD_US	(1 * CLOCK_US_S)
#ifndef WATCH_HANG_S
#define WATCH_HANG_S	10		/* shorter in a test */
#endif
#define HANG_US		(WATCH_HANG_S * CLOCK_US_S)
#define HOLD_US		(3 * CLOCK_US_S)
#define TELL_US		(HANG_US / 3)
#define START_US	(60 * CLOCK_US_S)

/* Less than the limit is no reason to kill, and seen in the log. */
static void
tell(struct proc *p, int64_t silent)
{
	if (silent > TELL_US && !p->silent && p->ready) {
		log_warn("%s, pid %d: its loop has not turned for %.1f s",
		    p->row->role->name, (int)p->pid, (double)silent / 1e6);
		board_add(CTR_stalls, 1);
	}
	p->silent = silent > TELL_US;
}

static void
look_at(struct proc *p, const struct board_slot *s, int64_t now)
{
	int64_t held = s->lock_hold_us;
	int64_t most = p->ready ? HANG_US : START_US;

	if (held != 0 && now - held > HOLD_US) {
		reap_kill(p, SIGKILL, "it holds the store for too long");
		return;
	}
	/* Who stops waiting beats first (db_begin): look in this order. */
	if (s->lock_wait_us != 0)
		return;
	tell(p, now - s->heartbeat_us);
	if (now - s->heartbeat_us > most)
		reap_kill(p, SIGKILL, "it hangs");
}

void
watch_run(struct master *m, int64_t now)
{
	int64_t slept = now - m->watch_us;
	struct proc *p;
	int stuck;

	TAILQ_FOREACH(p, &m->procs, link)
		if (p->kill_us != 0 && now >= p->kill_us)
			reap_kill(p, SIGKILL, "it does not leave");
	if (slept < PERIOD_US)
		return;
	m->watch_us = now;
	m->slot->heartbeat_us = now;
	/* When this process was held up, the children were too: next time. */
	if (slept > 3 * PERIOD_US) {
		TAILQ_FOREACH(p, &m->procs, link)
			m->board->slot[p->slot].heartbeat_us = now;
		return;
	}
	TAILQ_FOREACH(p, &m->procs, link)
		look_at(p, &m->board->slot[p->slot], now);
	slot_nudge(m->board, now - PERIOD_US);
	stuck = slot_stuck(m->board, now - HANG_US);
	if (m->predecessor == 0 && m->successor == 0 && kin_watch(m->board,
	    m->current->conf, now, stuck >= 0) > 0)
		stuck = -1;
	TAILQ_FOREACH(p, &m->procs, link)
		if (stuck >= 0 && p->slot == (unsigned)stuck)
			reap_kill(p, SIGKILL, "it waits for nobody's lock");
	if (m->successor == 0)
		reap_strangers(m);
}
