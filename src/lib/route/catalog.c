/*
 * catalog.c - what "model" means.
 *
 * Runs in: worker, admin.
 * Owns: the index from model id to the providers that list it.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/hmap.h"
#include "base/xalloc.h"
#include "route/catalog.h"

struct listed {
	struct str	 id;
	unsigned	*providers;
	unsigned	 n, cap;
	struct listed	*next;		/* in the order of first mention */
};

struct catalog {
	const struct conf	*conf;
	struct arena		*arena;
	struct hmap		*models;	/* id -> struct listed */
	struct listed		*first, **last;
};

static void
add_model(struct catalog *cat, struct str id, unsigned provider)
{
	struct listed *l = hmap_get(cat->models, id);
	unsigned *more;

	if (l == NULL) {
		l = arena_zalloc(cat->arena, sizeof(*l));
		l->id = arena_str(cat->arena, id);
		hmap_set(cat->models, l->id, l);
		*cat->last = l;
		cat->last = &l->next;
	}
	if (l->n > 0 && l->providers[l->n - 1] == provider)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 4 : l->cap * 2;
		more = arena_alloc(cat->arena, l->cap * sizeof(*more));
		if (l->n > 0)
			memcpy(more, l->providers, l->n * sizeof(*more));
		l->providers = more;
	}
	l->providers[l->n++] = provider;
}

struct catalog *
catalog_new(const struct conf *c, const struct catalog_list *lists, unsigned n)
{
	struct catalog *cat = xcalloc(1, sizeof(*cat));
	unsigned i, j, k;

	cat->conf = c;
	cat->arena = arena_new(4096);
	cat->models = hmap_new();
	cat->last = &cat->first;
	for (i = 0; i < c->n_providers; i++) {
		const struct conf_provider *p = &c->providers[i];

		if (!p->enabled)
			continue;
		for (j = 0; j < p->models.n; j++)
			add_model(cat, str_of(p->models.v[j]), i);
		for (j = 0; p->models.n == 0 && j < n; j++)
			for (k = 0; lists[j].provider == i &&
			    k < lists[j].ids.n; k++)
				add_model(cat, str_of(lists[j].ids.v[k]), i);
	}
	return cat;
}

void
catalog_free(struct catalog **cp)
{
	if (*cp == NULL)
		return;
	hmap_free(&(*cp)->models);
	arena_free(&(*cp)->arena);
	free(*cp);
	*cp = NULL;
}

static struct catalog_target *
add_target(struct catalog_result *out, const struct catalog *cat,
    unsigned provider)
{
	struct catalog_target *t = &out->targets[out->n++];

	memset(t, 0, sizeof(*t));
	t->index = provider;
	t->provider = &cat->conf->providers[provider];
	t->priority = t->provider->priority;
	t->weight = t->provider->weight;
	return t;
}

static void
use_group(const struct catalog *cat, struct arena *a,
    const struct conf_group *g, struct str asked, struct catalog_result *out)
{
	unsigned i;

	out->group = g;
	out->model = str_of(g->name);
	out->strategy = g->strategy;
	out->targets = arena_alloc(a, (g->n_targets + 1) *
	    sizeof(*out->targets));
	for (i = 0; i < g->n_targets; i++) {
		const struct conf_target *ct = &g->targets[i];
		struct catalog_target *t;

		t = add_target(out, cat, (unsigned)ct->provider_index);
		t->target = ct;
		t->model = ct->model[0] == '\0' ? asked : str_of(ct->model);
		t->priority = ct->priority;
		t->weight = ct->weight;
	}
}

static void
use_provider(const struct catalog *cat, struct arena *a, unsigned provider,
    struct str model, struct catalog_result *out)
{
	out->model = model;
	out->strategy = STRATEGY_PRIORITY;
	out->targets = arena_alloc(a, sizeof(*out->targets));
	add_target(out, cat, provider)->model = model;
}

static int
use_listed(const struct catalog *cat, struct arena *a, struct str model,
    struct catalog_result *out)
{
	const struct listed *l = hmap_get(cat->models, model);
	unsigned i;

	if (l == NULL)
		return 0;
	out->model = l->id;
	out->strategy = cat->conf->default_strategy;
	out->targets = arena_alloc(a, l->n * sizeof(*out->targets));
	for (i = 0; i < l->n; i++)
		add_target(out, cat, l->providers[i])->model = l->id;
	return 1;
}

/* "provider/model": 1 when the part before the first slash is a provider. */
static int
use_prefixed(const struct catalog *cat, struct arena *a, struct str model,
    struct catalog_result *out)
{
	long slash = str_chr(model, '/');
	const struct conf_provider *p;

	if (slash <= 0 || (size_t)slash + 1 == model.n)
		return 0;
	p = conf_provider(cat->conf, str_make(model.p, (size_t)slash));
	if (p == NULL || !p->enabled)
		return 0;
	use_provider(cat, a, (unsigned)(p - cat->conf->providers),
	    str_skip(model, (size_t)slash + 1), out);
	return 1;
}

static const struct conf_group *
enabled_group(const struct catalog *cat, struct str name)
{
	const struct conf_group *g = conf_group(cat->conf, name);

	return g != NULL && g->enabled ? g : NULL;
}

/* Rules 2 to 6 of the contract, without the caller's lists. */
static int
lookup(const struct catalog *cat, struct arena *a, struct str model,
    int pinned, struct catalog_result *out)
{
	const struct conf_group *g;
	struct str m = model;
	unsigned i;
	long slash;

	if ((g = enabled_group(cat, m)) == NULL)
		for (i = 0; i < cat->conf->n_aliases; i++)
			if (str_glob(cat->conf->aliases[i].match, m)) {
				m = str_of(cat->conf->aliases[i].use);
				g = enabled_group(cat, m);
				pinned = -1;
				break;
			}
	if (g != NULL) {
		use_group(cat, a, g, m, out);
		return 1;
	}
	if (pinned >= 0) {
		use_provider(cat, a, (unsigned)pinned, m, out);
		return 1;
	}
	if (use_prefixed(cat, a, m, out) || use_listed(cat, a, m, out))
		return 1;
	slash = str_chr(m, '/');
	return slash >= 0 &&
	    use_listed(cat, a, str_skip(m, (size_t)slash + 1), out);
}

/* Leave out targets that cannot or may not be used; 1 when a rule of the
 * caller removed one. */
static int
filter(const struct catalog_query *q, struct catalog_result *out)
{
	unsigned i, n = 0;
	int denied = 0;

	for (i = 0; i < out->n; i++) {
		const struct catalog_target *t = &out->targets[i];

		if (!t->provider->enabled ||
		    (q->api != 0 && !(t->provider->apis & q->api)))
			continue;
		if (!conf_allows(&q->providers, str_of(t->provider->id)) ||
		    (!conf_allows(&q->models, t->model) &&
		    !conf_allows(&q->models, out->model))) {
			denied = 1;
			continue;
		}
		out->targets[n++] = *t;
	}
	out->n = n;
	return denied;
}

enum catalog_answer
catalog_resolve(const struct catalog *cat, struct arena *a,
    const struct catalog_query *q, struct catalog_result *out)
{
	memset(out, 0, sizeof(*out));
	if (q->groups.n > 0) {
		/* A bound key uses its groups and nothing else. */
		if (!lookup(cat, a, q->model, -1, out))
			return CATALOG_DENIED;
		if (out->group == NULL ||
		    !conf_allows(&q->groups, str_of(out->group->name))) {
			memset(out, 0, sizeof(*out));
			return CATALOG_DENIED;
		}
	} else if (!lookup(cat, a, q->model, q->pinned, out))
		return CATALOG_NO_MODEL;
	if (filter(q, out) && out->n == 0)
		return CATALOG_DENIED;
	return out->n == 0 ? CATALOG_NO_MODEL : CATALOG_FOUND;
}

int
catalog_lists(const struct catalog *cat, unsigned provider, struct str model)
{
	const struct listed *l = hmap_get(cat->models, model);
	unsigned i;

	for (i = 0; l != NULL && i < l->n; i++)
		if (l->providers[i] == provider)
			return 1;
	return 0;
}

/* How many of the providers of l the caller may use; the first in *owner. */
static unsigned
usable(const struct catalog *cat, const struct catalog_query *q,
    const struct listed *l, struct str *owner)
{
	unsigned i, n = 0;

	for (i = 0; i < l->n; i++) {
		const struct conf_provider *p =
		    &cat->conf->providers[l->providers[i]];

		if (!conf_allows(&q->providers, str_of(p->id)) ||
		    (q->pinned >= 0 && (unsigned)q->pinned != l->providers[i]))
			continue;
		if (n++ == 0)
			*owner = str_of(p->id);
	}
	return n;
}

/* May the caller use that target of the group? As filter() has it. */
static int
usable_target(const struct catalog *cat, const struct catalog_query *q,
    const struct conf_group *g, const struct conf_target *t)
{
	const struct conf_provider *p =
	    &cat->conf->providers[t->provider_index];

	return p->enabled && conf_allows(&q->providers, str_of(p->id)) &&
	    (conf_allows(&q->models, str_of(g->name)) ||
	    (t->model[0] != '\0' && conf_allows(&q->models,
	    str_of(t->model))));
}

/* How many providers of a group the caller may use. */
static unsigned
usable_providers(const struct catalog *cat, const struct catalog_query *q,
    const struct conf_group *g)
{
	unsigned i, k, n = 0;

	for (i = 0; i < g->n_targets; i++) {
		if (!usable_target(cat, q, g, &g->targets[i]))
			continue;
		for (k = 0; k < i; k++)
			if (g->targets[k].provider_index ==
			    g->targets[i].provider_index &&
			    usable_target(cat, q, g, &g->targets[k]))
				break;
		n += k == i;
	}
	return n;
}

int
catalog_each(const struct catalog *cat, const struct catalog_query *q,
    int (*fn)(void *, struct str, struct str, unsigned), void *arg)
{
	const struct listed *l;
	struct str owner = STR("aigw");
	unsigned i, n;
	int rc;

	for (i = 0; i < cat->conf->n_groups; i++) {
		const struct conf_group *g = &cat->conf->groups[i];

		if (!g->enabled || !conf_allows(&q->groups, str_of(g->name)) ||
		    (n = usable_providers(cat, q, g)) == 0)
			continue;
		if ((rc = fn(arg, str_of(g->name), owner, n)) != 0)
			return rc;
	}
	if (q->groups.n > 0)
		return 0;
	for (l = cat->first; l != NULL; l = l->next) {
		if (!conf_allows(&q->models, l->id) ||
		    enabled_group(cat, l->id) != NULL ||
		    (n = usable(cat, q, l, &owner)) == 0)
			continue;
		if ((rc = fn(arg, l->id, owner, n)) != 0)
			return rc;
	}
	return 0;
}
