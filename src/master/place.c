/*
 * place.c - when to start a process: the policy of birth.
 *
 * Runs in: master.
 * Owns: the delays; the rule for them is in proc/throttle.h.
 */
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master.h"

#define SINGLE_DRAIN_US	(10 * CLOCK_US_S)

void
place_init(struct place *p, const struct role_row *row)
{
	*p = (struct place){ .row = row };
}

static void
put_off(struct place *p, enum throttle_end how, int64_t now)
{
	int64_t wait = throttle_died(&p->throttle, how, now);

	if (wait > 0)
		log_warn("%s is started again in %.1f s", p->row->role->name,
		    (double)wait / CLOCK_US_S);
}

void
place_died(struct master *m, const struct proc *p, int status)
{
	const struct board_slot *s = &m->board->slot[p->slot];
	struct throttle_life l = { .status = status, .blamed = p->blamed,
	    .ready = p->ready, .begun = board_get(s, CTR_requests),
	    .active = board_get(s, CTR_requests_active) };

	m->board->restarts++;
	put_off(p->place, throttle_end(&l), clock_mono_us());
}

static void
start_due(struct master *m, struct place *p, struct gen *g, int64_t now)
{
	if (p->proc != NULL || now < p->throttle.due_us)
		return;
	if (spawn(m, p, g) != 0)
		put_off(p, THROTTLE_FIRST, now);
}

static void
run_workers(struct master *m, struct gen *g, int64_t now)
{
	unsigned i;

	if (g == NULL || g->drained)
		return;
	for (i = 0; i < g->n_worker; i++)
		start_due(m, &g->worker[i], g, now);
}

void
place_run(struct master *m, int64_t now)
{
	struct place *p;
	unsigned i;

	if (m->stop != STOP_NOT || m->current == NULL)
		return;
	run_workers(m, m->current, now);
	run_workers(m, m->next, now);
	for (i = 0; i < m->n_single; i++) {
		p = &m->single[i];
		if (p->row->flags & ROLE_ONCE)
			continue;
		/* Hand over: the new one starts when the old one has left. */
		if (p->proc != NULL && p->proc->gen != m->current &&
		    !p->proc->draining)
			contract_drain(m, p->proc, SINGLE_DRAIN_US);
		start_due(m, p, m->current, now);
	}
}

int
place_ready(const struct place *p, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (p[i].row->flags & ROLE_ONCE)
			continue;
		if (p[i].proc == NULL || !p[i].proc->ready)
			return 0;
	}
	return 1;
}
