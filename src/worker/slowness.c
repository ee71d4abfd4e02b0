/*
 * slowness.c - which targets are slow: the worker's side of slow.h.
 *
 * Runs in: worker.
 * Owns: the list of groups whose targets are measured.
 *
 * A group is a group of the file, or a model that several providers list. It
 * is made when the first request uses it, and stays: what is known of a target
 * outlives a change of the model lists.
 */
#include "base/clock.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/rng.h"
#include "worker/req.h"
#include "worker/slowness.h"

struct measured {
	struct slow_group g;
	unsigned	 cap;
	const char	*name;
	struct measured	*next;
};

static struct slow_rule
rule(const struct worker *w)
{
	struct slow_rule r = { w->conf->failover.eject_slower_than,
	    w->conf->failover.half_open_after };

	return r;
}

void
slowness_init(struct worker *w)
{
	w->slow_groups = arena_zalloc(w->arena, (w->conf->n_groups + 1) *
	    sizeof(struct measured *));
	w->slow_models = hmap_new();
}

static struct measured *
new_measured(struct worker *w, struct str name)
{
	struct measured *m = arena_zalloc(w->arena, sizeof(*m));

	m->name = arena_strndup(w->arena, name.p, name.n);
	m->next = w->slow_first;
	w->slow_first = m;
	return m;
}

static struct slow *
add(struct worker *w, struct measured *m, unsigned provider, int priority)
{
	struct slow *s = arena_alloc(w->arena, sizeof(*s)), **more;

	if (m->g.n == m->cap) {
		m->cap = m->cap == 0 ? 4 : m->cap * 2;
		more = arena_alloc(w->arena, m->cap * sizeof(struct slow *));
		if (m->g.n > 0)
			memcpy(more, m->g.v, m->g.n * sizeof(struct slow *));
		m->g.v = more;
	}
	slow_init(s, &m->g, provider, priority);
	m->g.v[m->g.n++] = s;
	return s;
}

static struct measured *
of_group(struct worker *w, const struct conf_group *g)
{
	struct measured **mp = &w->slow_groups[g - w->conf->groups];
	unsigned i;

	if (*mp != NULL)
		return *mp;
	*mp = new_measured(w, str_of(g->name));
	for (i = 0; i < g->n_targets; i++)
		add(w, *mp, (unsigned)g->targets[i].provider_index,
		    g->targets[i].priority);
	return *mp;
}

static struct measured *
of_model(struct worker *w, struct str model)
{
	struct measured *m = hmap_get(w->slow_models, model);

	if (m == NULL) {
		m = new_measured(w, model);
		hmap_set(w->slow_models, str_of(m->name), m);
	}
	return m;
}

static struct slow *
find(struct worker *w, struct measured *m, const struct conf_group *g,
    const struct catalog_target *t)
{
	unsigned i;

	if (g != NULL)
		return m->g.v[t->target - g->targets];
	for (i = 0; i < m->g.n; i++)
		if (m->g.v[i]->provider == t->index)
			return m->g.v[i];
	return add(w, m, t->index, t->priority);
}

void
slowness_order(struct req *r)
{
	struct slow_rule rl;
	unsigned i;

	r->measured = NULL;
	if (r->route.n < 2 || r->w->conf->failover.eject_slower_than <= 0)
		return;
	r->measured = r->route.group != NULL ? of_group(r->w, r->route.group) :
	    of_model(r->w, r->route.model);
	if (r->measured->g.n_out == 0)
		return;
	rl = rule(r->w);
	for (i = 0; i < r->route.n; i++) {
		struct catalog_target *t = &r->route.targets[i];

		t->turn = slow_turn(find(r->w, r->measured, r->route.group,
		    t), &rl, ev_now_us(r->w->loop), rng_u64());
	}
}

void
slowness_begin(struct req *r)
{
	if (r->measured != NULL)
		slow_begin(find(r->w, r->measured, r->route.group, r->target),
		    &r->silent, r->stream ? SLOW_STREAM : SLOW_WHOLE,
		    ev_now_us(r->w->loop));
}

void
slowness_end(struct req *r, enum slow_end how)
{
	slow_end(&r->silent, ev_now_us(r->w->loop), how);
}

static void
tell(const struct worker *w, const struct measured *m, struct slow *s)
{
	const struct slow_times *t = &s->times[s->why];
	const char *id = w->conf->providers[s->provider].id;

	if (s->news == SLOW_LEFT) {
		board_add(CTR_ejections, 1);
		log_warn("provider %s is slow for %s: 95 %% of %s come within "
		    "%lld ms, the limit is %lld ms; it goes last but for 1 %% "
		    "of the requests", id, m->name, s->why == SLOW_STREAM ?
		    "first tokens" : "answers",
		    (long long)(t->p95_us / 1000),
		    (long long)(t->limit_us / 1000));
	} else if (s->news == SLOW_BACK)
		log_notice("provider %s is no longer slow for %s", id,
		    m->name);
	else if (s->news == SLOW_FORGOTTEN)
		log_notice("provider %s is no longer known to be slow for %s: "
		    "nobody asked for it", id, m->name);
	s->news = SLOW_NO_NEWS;
}

void
slowness_poll(struct worker *w)
{
	struct slow_rule rl = rule(w);
	struct measured *m;
	uint64_t out = 0;
	unsigned i;

	for (m = w->slow_first; m != NULL; m = m->next) {
		if (!m->g.busy)
			continue;
		for (i = 0; i < m->g.n; i++) {
			const struct route_fact *f =
			    &w->facts[m->g.v[i]->provider];

			m->g.v[i]->usable = f->usable_keys > 0 && !f->open;
		}
		slow_look(&m->g, &rl, ev_now_us(w->loop));
		for (i = 0; i < m->g.n; i++)
			tell(w, m, m->g.v[i]);
		out += m->g.n_out;
	}
	board_set(CTR_ejected, out);
}
