/*
 * gen.c - a generation: one configuration and what runs with it.
 *
 * Runs in: master.
 * Owns: configurations, sealed shares, the listeners of each generation.
 *
 * Referred to by m->current, m->next and by each of its processes; the last
 * one frees it.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "master/master.h"

static const struct role_row *
worker_row(const struct master *m)
{
	unsigned i;

	for (i = 0; i < m->n_rows; i++)
		if (m->rows[i].flags & ROLE_WORKER)
			return &m->rows[i];
	return NULL;
}

struct gen *
gen_new(struct master *m, struct conf *c)
{
	struct gen *g = xcalloc(1, sizeof(*g));
	const struct role_row *row = worker_row(m);
	unsigned i;

	g->number = ++m->last_number;
	g->refs = 1;
	g->conf = c;
	for (i = 0; i < MASTER_ROLES; i++)
		g->share[i].fd = -1;
	g->n_worker = row == NULL ? 0 : c->workers;
	g->worker = xcalloc(g->n_worker + 1, sizeof(*g->worker));
	for (i = 0; i < g->n_worker; i++)
		place_init(&g->worker[i], row);
	TAILQ_INSERT_TAIL(&m->gens, g, link);
	return g;
}

/* Unix sockets stay while another master uses them too. */
static int
may_unlink(const struct master *m)
{
	return m->successor == 0 && m->predecessor == 0;
}

void
gen_unref(struct master *m, struct gen *g)
{
	unsigned i;

	if (g == NULL || --g->refs > 0)
		return;
	TAILQ_REMOVE(&m->gens, g, link);
	listenset_close(&g->listen, may_unlink(m));
	for (i = 0; i < MASTER_ROLES; i++)
		share_close(&g->share[i]);
	conf_free(&g->conf);
	free(g->worker);
	free(g);
}

int
gen_share(struct master *m, struct gen *g, enum board_role role)
{
	int rc = 0;

	if (g->share[role].fd < 0)
		rc = share_seal(g->conf, role, m->ticket_key, &g->share[role]);
	return rc != 0 ? rc : g->share[role].fd;
}

void
gen_drain(struct master *m, struct gen *g, int64_t timeout_us)
{
	struct proc *p;

	g->drained = 1;
	TAILQ_FOREACH(p, &m->procs, link)
		if (p->gen == g && p->row->flags & ROLE_WORKER) {
			if (p->place != NULL)
				p->place->proc = NULL;
			p->place = NULL;
			contract_drain(m, p, timeout_us);
		}
}

void
gen_release_listeners(struct master *m, struct gen *g)
{
	listenset_close(&g->listen, may_unlink(m));
}

unsigned
gen_draining(const struct master *m)
{
	const struct gen *g;
	unsigned n = 0;

	TAILQ_FOREACH(g, &m->gens, link)
		if (g != m->current && g != m->next)
			n++;
	return n;
}
