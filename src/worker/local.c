/*
 * local.c - model lists and status pages.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/xalloc.h"
#include "state/upkey.h"
#include "worker/local.h"
#include "worker/req.h"

static void
quoted(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	buf_add_json(b, s);
	buf_addc(b, '"');
}

struct model_walk {
	struct buf	*b;
	struct str	 only;		/* n = 0: all */
	unsigned	 n;
};

static int
each_model(void *arg, struct str id, struct str owner, unsigned providers)
{
	struct model_walk *m = arg;

	(void)providers;
	if (m->only.n > 0 && !str_eq(m->only, id))
		return 0;
	if (m->n++ > 0)
		buf_addc(m->b, ',');
	buf_adds(m->b, STR("{\"id\":"));
	quoted(m->b, id);
	buf_adds(m->b, STR(",\"object\":\"model\",\"created\":1700000000,"
	    "\"owned_by\":"));
	quoted(m->b, owner);
	buf_addc(m->b, '}');
	return 0;
}

static void
walk_models(struct req *r, struct model_walk *m)
{
	struct catalog_query q;

	memset(&q, 0, sizeof(q));
	q.pinned = r->ep.pinned;
	if (r->caller.role != ROLE_ROOT) {
		q.groups = r->caller.groups;
		q.providers = r->caller.providers;
		q.models = r->caller.models;
	}
	catalog_each(r->w->catalog->cat, &q, each_model, m);
}

int
local_models(struct req *r, struct buf *body)
{
	struct model_walk m = { body, STR_NULL, 0 };

	buf_adds(body, STR("{\"object\":\"list\",\"data\":["));
	walk_models(r, &m);
	buf_adds(body, STR("]}"));
	return 200;
}

int
local_model(struct req *r, struct buf *body)
{
	struct model_walk m = { body, r->ep.rest, 0 };

	walk_models(r, &m);
	return m.n == 1 ? 200 : 404;
}

int
local_root(struct req *r, struct buf *body)
{
	(void)r;
	buf_adds(body, STR("{\"status\":\"ok\",\"service\":\"aigw\"}"));
	return 200;
}

/* What the checker knows about the keys, once per call. */
static struct upkey_rec *
upkeys(struct req *r, int *n)
{
	struct upkey_rec *v;

	v = arena_alloc(r->arena, 1024 * sizeof(*v));
	*n = upkey_all(r->w->state, v, 1024);
	if (*n < 0)
		*n = 0;
	return v;
}

static const struct upkey_rec *
find_upkey(const struct upkey_rec *v, int n, const char *provider,
    const unsigned char id[8])
{
	int i;

	for (i = 0; i < n; i++)
		if (memcmp(v[i].id, id, 8) == 0 &&
		    strcmp(v[i].provider, provider) == 0)
			return &v[i];
	return NULL;
}

static int
key_healthy(const struct wkey *k)
{
	return k->until_us <= clock_real_us();
}

static void
key_row(struct buf *b, const struct wkey *k, const struct upkey_rec *u)
{
	char id[17], mask[SECRET_MASK_SIZE], when[CLOCK_RFC3339_SIZE];

	crypto_hex(id, k->conf->id, 8);
	id[12] = '\0';
	secret_mask(k->conf->key, mask);
	buf_printf(b, "{\"key_id\":\"%s\",\"key_preview\":", id);
	quoted(b, str_of(mask));
	buf_printf(b, ",\"status\":\"%s\",\"last_check\":",
	    !key_healthy(k) ? "unhealthy" : u == NULL ||
	    u->checked_us == 0 ? "unknown" : "healthy");
	if (u != NULL && u->checked_us != 0) {
		clock_rfc3339(u->checked_us, when);
		quoted(b, str_of(when));
		buf_printf(b, ",\"response_time_ms\":%u.%02u",
		    u->response_us / 1000, u->response_us / 10 % 100);
	} else
		buf_adds(b, STR("null,\"response_time_ms\":null"));
	buf_adds(b, STR(",\"error\":"));
	if (u != NULL && u->error[0] != '\0')
		quoted(b, str_of(u->error));
	else
		buf_adds(b, STR("null"));
	buf_addc(b, '}');
}

static void
key_ids(struct buf *b, const struct wprov *p, const char *name, int healthy)
{
	char id[17];
	unsigned i, n = 0;

	buf_printf(b, ",\"%s\":[", name);
	for (i = 0; i < p->n_keys; i++) {
		if (key_healthy(&p->keys[i]) != healthy)
			continue;
		crypto_hex(id, p->keys[i].conf->id, 8);
		id[12] = '\0';
		buf_printf(b, "%s\"%s\"", n++ > 0 ? "," : "", id);
	}
	buf_addc(b, ']');
}

struct health {
	unsigned	providers, healthy_providers, keys, healthy_keys, dead;
};

static void
deep_row(struct req *r, struct buf *b, struct wprov *p,
    const struct upkey_rec *u, int nu, struct health *h)
{
	unsigned i, ok = provider_usable_keys(p, clock_real_us());
	int admin = r->caller.known && r->caller.role != ROLE_USER;

	quoted(b, str_of(p->conf->id));
	buf_adds(b, STR(":{\"display_name\":"));
	quoted(b, str_of(p->conf->name[0] == '\0' ? p->conf->id :
	    p->conf->name));
	buf_printf(b, ",\"status\":\"%s\",\"base_url\":", ok == p->n_keys &&
	    p->host != NULL ? "healthy" : "unhealthy");
	quoted(b, str_of(p->conf->base_url));
	buf_adds(b, STR(",\"health_endpoint\":"));
	quoted(b, str_of(p->conf->health.path));
	buf_printf(b, ",\"total_keys\":%u,\"healthy_keys\":%u,"
	    "\"unhealthy_keys\":%u", p->n_keys, ok, p->n_keys - ok);
	if (admin) {
		key_ids(b, p, "healthy_key_list", 1);
		key_ids(b, p, "unhealthy_key_list", 0);
		buf_adds(b, STR(",\"keys\":["));
		for (i = 0; i < p->n_keys; i++) {
			if (i > 0)
				buf_addc(b, ',');
			key_row(b, &p->keys[i], find_upkey(u, nu,
			    p->conf->id, p->keys[i].conf->id));
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
	h->providers++;
	h->healthy_providers += ok == p->n_keys && p->host != NULL;
	h->keys += p->n_keys;
	h->healthy_keys += ok;
	h->dead += (ok == 0 && p->n_keys > 0) || p->host == NULL;
}

int
local_health(struct req *r, struct buf *body)
{
	char when[CLOCK_RFC3339_SIZE];
	struct health h = { 0 };
	struct upkey_rec *u;
	struct buf rows;
	unsigned i;
	int nu;

	u = upkeys(r, &nu);
	buf_init(&rows, 8 << 20);
	for (i = 0; i < r->w->n_prov; i++) {
		if (!r->w->prov[i].conf->enabled)
			continue;
		if (h.providers > 0)
			buf_addc(&rows, ',');
		deep_row(r, &rows, &r->w->prov[i], u, nu, &h);
	}
	clock_rfc3339(clock_real_us(), when);
	buf_printf(body, "{\"timestamp\":\"%s\",\"status\":\"ok\","
	    "\"overall_status\":\"%s\",\"message\":\"%u of %u providers "
	    "healthy\",\"platforms\":{", when, h.dead > 0 ? "unhealthy" :
	    "healthy", h.healthy_providers, h.providers);
	buf_adds(body, buf_str(&rows));
	buf_free(&rows);
	buf_printf(body, "},\"summary\":{\"total_platforms\":%u,"
	    "\"healthy_platforms\":%u,\"total_keys\":%u,\"healthy_keys\":%u}}",
	    h.providers, h.healthy_providers, h.keys, h.healthy_keys);
	return 200;
}

int
local_health_quick(struct req *r, struct buf *body)
{
	char when[CLOCK_RFC3339_SIZE];
	unsigned i, n = 0, ok;

	clock_rfc3339(clock_real_us(), when);
	buf_printf(body, "{\"timestamp\":\"%s\",\"status\":\"healthy\","
	    "\"message\":\"aigw is running\",\"platforms\":{", when);
	for (i = 0; i < r->w->n_prov; i++) {
		struct wprov *p = &r->w->prov[i];

		if (!p->conf->enabled)
			continue;
		ok = provider_usable_keys(p, clock_real_us());
		if (n++ > 0)
			buf_addc(body, ',');
		quoted(body, str_of(p->conf->id));
		buf_adds(body, STR(":{\"display_name\":"));
		quoted(body, str_of(p->conf->name[0] == '\0' ?
		    p->conf->id : p->conf->name));
		buf_printf(body, ",\"status\":\"enabled\",\"total_keys\":%u,"
		    "\"healthy_keys\":%u,\"unhealthy_keys\":%u,"
		    "\"base_url\":", p->n_keys, ok, p->n_keys - ok);
		quoted(body, str_of(p->conf->base_url));
		buf_addc(body, '}');
	}
	buf_adds(body, STR("}}"));
	return 200;
}

static void
endpoints(struct req *r, struct buf *b, unsigned *n)
{
	unsigned i;

	for (i = 0; i < r->w->n_prov; i++) {
		const struct conf_provider *p = r->w->prov[i].conf;

		if (!p->enabled || !r->w->conf->routes.platforms)
			continue;
		if ((*n)++ > 0)
			buf_addc(b, ',');
		quoted(b, str_of(p->id));
		buf_printf(b, ":\"/%s%s/*\"", p->id, p->api_path);
	}
}

int
local_info(struct req *r, struct buf *body)
{
	unsigned i, n = 0;

	if (!r->w->conf->routes.info)
		return 404;
	buf_adds(body, STR("{\"service\":\"aigw\",\"status\":\"Running\","
	    "\"version\":\"" VERSION "\",\"enabled_platforms\":["));
	for (i = 0; i < r->w->n_prov; i++)
		if (r->w->prov[i].conf->enabled) {
			if (n++ > 0)
				buf_addc(body, ',');
			quoted(body, str_of(r->w->prov[i].conf->id));
		}
	buf_adds(body, STR("],\"endpoints\":{"));
	n = 0;
	endpoints(r, body, &n);
	buf_adds(body, n > 0 ? STR(",") : STR(""));
	buf_adds(body, STR("\"health_full\":\"/health\",\"health_quick\":"
	    "\"/health/quick\",\"routes\":\"/routes\",\"info\":\"/info\"},"
	    "\"features\":[\"openai\",\"streaming\",\"failover\","
	    "\"key_rotation\",\"rate_limits\",\"accounting\","
	    "\"platform_proxy\"]}"));
	return 200;
}

int
local_routes(struct req *r, struct buf *body)
{
	unsigned n = 0;

	if (!r->w->conf->routes.info)
		return 404;
	buf_adds(body, STR("{\"available_endpoints\":{"));
	endpoints(r, body, &n);
	buf_adds(body, STR("}}"));
	return 200;
}

int
local_healthz(struct req *r, struct buf *body)
{
	buf_printf(body, "{\"status\":\"%s\"}", r->w->draining ? "draining" :
	    "ok");
	return r->w->draining ? 503 : 200;
}

int
local_readyz(struct req *r, struct buf *body)
{
	unsigned i;

	if (r->w->draining) {
		buf_adds(body, STR("{\"status\":\"draining\"}"));
		return 503;
	}
	for (i = 0; i < r->w->n_prov; i++)
		if (r->w->facts[i].usable_keys > 0 &&
		    r->w->prov[i].host != NULL)
			break;
	buf_printf(body, "{\"status\":\"%s\"}", i < r->w->n_prov ? "ok" :
	    "no usable provider");
	return i < r->w->n_prov ? 200 : 503;
}
