/*
 * watch.c - children that hang.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * A child whose loop has not turned for ten seconds is killed and replaced.
 * Not so a child that waits for the lock of the shared store: then the one
 * that holds it is the culprit, and it is killed when it overstays.
 */
#include <signal.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master.h"

#define PERIOD_US	(1 * CLOCK_US_S)
#define HANG_US		(10 * CLOCK_US_S)
#define START_US	(60 * CLOCK_US_S)

static void
look_at(struct proc *p, const struct board_slot *s, int64_t now)
{
	int64_t held = s->lock_hold_us, beat = s->heartbeat_us;
	int64_t most = p->ready ? HANG_US : START_US;

	if (held != 0 && now - held > HANG_US) {
		reap_kill(p, SIGKILL, "it holds the store for too long");
		return;
	}
	if (s->lock_wait_us != 0)
		return;
	if (now - beat > most)
		reap_kill(p, SIGKILL, "it hangs");
}

void
watch_run(struct master *m, int64_t now)
{
	int64_t slept = now - m->watch_us;
	struct proc *p;

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
	if (m->successor == 0)
		reap_strangers(m);
}
