/*
 * place.c - when to start a process: the policy of birth.
 *
 * Runs in: master.
 * Owns: the delays.
 *
 * A process that had served is replaced at once, so that a kill costs one
 * process and no time; from the sixth death in ten seconds on it waits for 1 s,
 * and no longer, since what kills it may be one request among many good ones. A
 * process that dies before READY waits: 1 s, then twice as long each time, up
 * to a minute.
 */
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master.h"

#define DELAY_FIRST	(1 * CLOCK_US_S)
#define DELAY_MOST	(60 * CLOCK_US_S)
#define BURST		5
#define BURST_US	(10 * CLOCK_US_S)
#define SINGLE_DRAIN_US	(10 * CLOCK_US_S)

void
place_init(struct place *p, const struct role_row *row)
{
	*p = (struct place){ .row = row };
}

static void
put_off(struct place *p, int64_t now, int longer)
{
	p->delay_us = p->delay_us == 0 || !longer ? DELAY_FIRST :
	    p->delay_us * 2;
	if (p->delay_us > DELAY_MOST)
		p->delay_us = DELAY_MOST;
	p->due_us = now + p->delay_us;
	log_warn("%s is started again in %lld s", p->row->role->name,
	    (long long)(p->delay_us / CLOCK_US_S));
}

void
place_died(struct master *m, struct place *p, int was_ready, int64_t lived_us)
{
	int64_t now = clock_mono_us();

	m->board->restarts++;
	if (now - p->deaths_since_us > BURST_US) {
		p->deaths_since_us = now;
		p->deaths = 0;
	}
	p->deaths++;
	if (was_ready && lived_us > BURST_US)
		p->delay_us = 0;
	if (!was_ready || p->deaths > BURST)
		put_off(p, now, !was_ready);
	else
		p->due_us = now;
}

static void
start_due(struct master *m, struct place *p, struct gen *g, int64_t now)
{
	if (p->proc != NULL || now < p->due_us)
		return;
	if (spawn(m, p, g) != 0)
		put_off(p, now, 1);
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
