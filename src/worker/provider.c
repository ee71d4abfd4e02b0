/*
 * provider.c - the providers of a worker and the rotation of their keys.
 *
 * Runs in: worker.
 * Owns: struct wprov: connection parameters, credential headers, rotation.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "upstream/cred.h"
#include "worker/worker.h"

static void
init_one(struct worker *w, struct wprov *p, const struct conf_provider *c)
{
	unsigned i;

	p->conf = c;
	p->prefix = str_of(c->api_prefix);
	p->n_keys = c->n_keys > 64 ? 64 : c->n_keys;
	p->keys = arena_zalloc(w->arena, (p->n_keys + 1) * sizeof(*p->keys));
	for (i = 0; i < p->n_keys; i++) {
		p->keys[i].conf = &c->keys[i];
		cred_header(w->arena, c, c->keys[i].key, &p->keys[i].cred);
	}
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

unsigned
provider_usable_keys(const struct wprov *p, int64_t real_us)
{
	unsigned i, n = 0;

	for (i = 0; i < p->n_keys; i++)
		n += p->keys[i].until_us <= real_us;
	return n;
}

/* Smooth weighted round robin over the keys that pass. */
static int
rotate(struct wprov *p, uint64_t tried, int64_t real_us, int any)
{
	double sum = 0;
	unsigned i;
	int best = -1;

	for (i = 0; i < p->n_keys; i++) {
		struct wkey *k = &p->keys[i];

		if ((tried >> i & 1) || (!any && k->until_us > real_us))
			continue;
		k->credit += k->conf->weight;
		sum += k->conf->weight;
		if (best < 0 || k->credit > p->keys[best].credit)
			best = (int)i;
	}
	if (best >= 0)
		p->keys[best].credit -= sum;
	return best;
}

int
provider_pick_key(struct worker *w, struct wprov *p, uint64_t tried)
{
	int64_t now = clock_real_us();
	int k = rotate(p, tried, now, 0);

	(void)w;
	if (k < 0 && provider_usable_keys(p, now) == 0)
		k = rotate(p, tried, now, 1);
	return k;
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
	struct breaker_rule r;

	if (p->breaker.state == BREAKER_CLOSED) {
		w->facts[p->index].open = 0;
		return;
	}
	r = rule(w);
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
		    p->conf->id, (long long)(r.rest_us / CLOCK_US_S));
	else if (now == BREAKER_CLOSED)
		log_notice("provider %s works again", p->conf->id);
	if (now >= 0 || p->breaker.state != BREAKER_CLOSED)
		provider_look(w, p);
}
