/*
 * provider.c - the providers of a worker.
 *
 * Runs in: worker.
 * Owns: struct wprov: connection parameters, credential headers, failures.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hmap.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "upstream/cred.h"
#include "worker/hide.h"
#include "worker/worker.h"

static void
init_one(struct worker *w, struct wprov *p, const struct conf_provider *c)
{
	unsigned i;

	p->conf = c;
	p->prefix = str_of(c->api_prefix);
	p->n_keys = c->n_keys > WORKER_KEYS ? WORKER_KEYS : c->n_keys;
	p->keys = arena_zalloc(w->arena, (p->n_keys + 1) * sizeof(*p->keys));
	for (i = 0; i < p->n_keys; i++) {
		p->keys[i].conf = &c->keys[i];
		cred_header(w->arena, c, c->keys[i].key, &p->keys[i].cred);
	}
	hide_init(w, p);
	rotation_init(w, p);
	/* Another address: nothing is known of it. */
	p->breaker.shared = rota_fuse(&w->child->board->rota,
	    rota_hash(rota_hash(0, c->id, strlen(c->id) + 1), c->base_url,
	    strlen(c->base_url)), w->child->slot->generation);
	hmap_set(w->prov_by_id, str_of(c->id), p);
	if (!c->enabled)
		return;
	p->host = fetch_host_new(w->fetches, c, p->broken, sizeof(p->broken));
	if (p->host == NULL)
		log_error("provider %s cannot be used: %s", c->id, p->broken);
}

int
provider_init(struct worker *w)
{
	unsigned i;

	w->n_prov = w->conf->n_providers;
	w->prov_by_id = hmap_new();
	w->prov = arena_zalloc(w->arena, (w->n_prov + 1) * sizeof(*w->prov));
	w->facts = arena_zalloc(w->arena, (w->n_prov + 1) *
	    sizeof(*w->facts));
	for (i = 0; i < w->n_prov; i++) {
		w->prov[i].index = i;
		init_one(w, &w->prov[i], &w->conf->providers[i]);
		w->facts[i].usable_keys = (int)w->prov[i].n_keys;
		if (w->prov[i].n_keys == 0 && w->prov[i].host != NULL)
			w->facts[i].usable_keys = 1;	/* needs no key */
		if (w->prov[i].host != NULL)
			w->serving = 1;
	}
	return 0;
}

static struct breaker_rule
rule(const struct worker *w)
{
	struct breaker_rule r = { w->conf->failover.threshold,
	    w->conf->failover.min_failure_ratio, w->conf->failover.window,
	    w->conf->failover.half_open_after };

	return r;
}

void
provider_look(struct worker *w, struct wprov *p)
{
	struct breaker_rule r = rule(w);

	w->facts[p->index].open = !breaker_ready(&p->breaker, &r,
	    ev_now_us(w->loop));
}

int
provider_begin(struct worker *w, struct wprov *p)
{
	int trial;

	p->in_flight++;
	if ((trial = breaker_begin(&p->breaker)) != 0)
		provider_look(w, p);
	return trial;
}

void
provider_end(struct worker *w, struct wprov *p)
{
	breaker_end(&p->breaker);
	provider_look(w, p);
}

void
provider_note(struct worker *w, struct wprov *p, int64_t began_us, int ok,
    int trial)
{
	struct breaker_rule r = rule(w);
	int now = breaker_note(&p->breaker, &r, began_us, ev_now_us(w->loop),
	    ok, trial);

	if (now == BREAKER_OPEN)
		log_warn("provider %s fails, goes last for %lld s",
		    p->conf->id, (long long)(breaker_rest(&p->breaker, &r) /
		    CLOCK_US_S));
	else if (now == BREAKER_CLOSED)
		log_notice("provider %s works again", p->conf->id);
	if (now >= 0 || p->breaker.state != BREAKER_CLOSED ||
	    w->facts[p->index].open)
		provider_look(w, p);
}
