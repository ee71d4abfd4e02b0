/*
 * facts.c - what other processes publish, copied ten times a second.
 *
 * Runs in: worker.
 * Owns: the current catalogue reference.
 *
 * Routing reads arrays of this process; only here the shared state is asked,
 * and only when a version number moved.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "state/addr_book.h"
#include "state/models.h"
#include "worker/worker.h"

struct collect {
	struct arena	*arena;
	struct conf_strs ids;
	unsigned	 cap;
};

static int
collect_id(void *arg, struct str id)
{
	struct collect *c = arg;
	const char **more;

	if (c->ids.n == c->cap) {
		c->cap = c->cap == 0 ? 64 : c->cap * 2;
		more = arena_alloc(c->arena, c->cap * sizeof(*more));
		if (c->ids.n > 0)
			memcpy(more, c->ids.v, c->ids.n * sizeof(*more));
		c->ids.v = more;
	}
	c->ids.v[c->ids.n++] = arena_strndup(c->arena, id.p, id.n);
	return 0;
}

static void
rebuild_catalog(struct worker *w)
{
	struct arena *a = arena_new(4096);
	struct catalog_list *lists;
	struct catalog_ref *ref = xcalloc(1, sizeof(*ref));
	unsigned i, n = 0;
	int64_t when;

	lists = arena_zalloc(a, (w->n_prov + 1) * sizeof(*lists));
	for (i = 0; i < w->n_prov; i++) {
		const struct conf_provider *p = w->prov[i].conf;
		struct collect c = { a, { NULL, 0 }, 0 };

		if (!p->enabled || p->models.n > 0)
			continue;
		models_each(w->state, p->id, &when, collect_id, &c);
		lists[n].provider = i;
		lists[n++].ids = c.ids;
	}
	ref->cat = catalog_new(w->conf, lists, n);
	ref->refs = 1;
	arena_free(&a);
	facts_catalog_release(&w->catalog);
	w->catalog = ref;
}

struct catalog_ref *
facts_catalog(struct worker *w)
{
	w->catalog->refs++;
	return w->catalog;
}

void
facts_catalog_release(struct catalog_ref **rp)
{
	struct catalog_ref *ref = *rp;

	if (ref == NULL)
		return;
	*rp = NULL;
	ASSERT(ref->refs > 0);
	if (--ref->refs > 0)
		return;
	catalog_free(&ref->cat);
	free(ref);
}

static void
poll_addresses(struct worker *w)
{
	struct addr_book_rec rec;
	unsigned i;

	for (i = 0; i < w->n_prov; i++) {
		struct wprov *p = &w->prov[i];

		if (p->host == NULL || addr_book_get(w->state,
		    fetch_host_name(p->host), &rec) != 0)
			continue;
		fetch_host_addrs(p->host, rec.addr, rec.n,
		    rec.error && rec.n == 0, rec.error_text);
	}
}

static void
apply_upkey(struct worker *w, const struct upkey_rec *r)
{
	struct wprov *p = hmap_get(w->prov_by_id, str_of(r->provider));
	unsigned k;

	for (k = 0; p != NULL && k < p->n_keys; k++)
		if (memcmp(p->keys[k].conf->id, r->id, 8) == 0)
			p->keys[k].rec = *r;
}

static void
poll_upkeys(struct worker *w)
{
	static struct upkey_rec *rows;
	unsigned i, k;
	int n;

	if (rows == NULL)
		rows = xcalloc(UPKEY_ROWS, sizeof(*rows));
	if ((n = upkey_all(w->state, rows, UPKEY_ROWS)) < 0)
		return;
	for (i = 0; i < w->n_prov; i++)
		for (k = 0; k < w->prov[i].n_keys; k++)
			memset(&w->prov[i].keys[k].rec, 0, sizeof(*rows));
	for (i = 0; i < (unsigned)n; i++)
		apply_upkey(w, &rows[i]);
	for (i = 0; i < w->n_prov; i++)
		rotation_update(&w->prov[i]);
}

void
facts_poll(struct worker *w)
{
	uint64_t v;
	unsigned i;

	if ((v = addr_book_version(w->state)) != w->addr_seen) {
		w->addr_seen = v;
		poll_addresses(w);
	}
	if ((v = upkey_version(w->state)) != w->upkey_seen) {
		w->upkey_seen = v;
		poll_upkeys(w);
	}
	v = models_version(w->state);
	if (w->catalog == NULL || v != w->models_seen) {
		w->models_seen = v;
		rebuild_catalog(w);
	}
	for (i = 0; i < w->n_prov; i++) {
		struct wprov *p = &w->prov[i];
		struct route_fact *f = &w->facts[i];

		provider_look(w, p);
		f->in_flight = p->in_flight;
		if (p->host == NULL)
			f->usable_keys = 0;
		else if (p->n_keys > 0)
			f->usable_keys = (int)rotation_usable(p);
	}
}
