/*
 * local.c - status pages.
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

int
local_root(struct req *r, struct buf *body)
{
	(void)r;
	buf_adds(body, STR("{\"status\":\"ok\",\"service\":\"aigw\"}"));
	return 200;
}

/*
 * healthy and unhealthy are what a check or a request has shown; a key that
 * nobody has tried yet is unknown.
 */
static enum upkey_status
key_status(const struct wkey *k)
{
	return upkey_shown(&k->rec, clock_real_us());
}

static void
put_time(struct buf *b, const char *name, int64_t real_us)
{
	char when[CLOCK_RFC3339_SIZE];

	buf_printf(b, ",\"%s\":", name);
	if (real_us == 0 || real_us == UPKEY_NEVER) {
		buf_adds(b, STR("null"));
		return;
	}
	clock_rfc3339(real_us, when);
	quoted(b, str_of(when));
}

static void
key_row(struct buf *b, const struct wkey *k)
{
	const struct upkey_rec *u = &k->rec;
	char id[17], mask[SECRET_MASK_SIZE];

	crypto_hex(id, k->conf->id, 8);
	id[12] = '\0';
	secret_mask(k->conf->key, mask);
	buf_printf(b, "{\"key_id\":\"%s\",\"key_preview\":", id);
	quoted(b, str_of(mask));
	buf_printf(b, ",\"status\":\"%s\"", upkey_status_name(key_status(k)));
	put_time(b, "last_check", u->checked_us);
	if (u->checked_us != 0)
		buf_printf(b, ",\"response_time_ms\":%u.%02u",
		    u->response_us / 1000, u->response_us / 10 % 100);
	else
		buf_adds(b, STR(",\"response_time_ms\":null"));
	buf_adds(b, STR(",\"error\":"));
	if (u->error[0] != '\0')
		quoted(b, str_of(u->error));
	else
		buf_adds(b, STR("null"));
	buf_printf(b, ",\"in_rotation\":%s", upkey_rests(u,
	    clock_real_us()) ? "false" : "true");
	put_time(b, "rests_until", upkey_rests(u, clock_real_us()) ?
	    u->until_us : 0);
	buf_printf(b, ",\"faults\":%u}", u->faults);
}

static void
key_ids(struct buf *b, const struct wprov *p, const char *name,
    enum upkey_status s)
{
	char id[17];
	unsigned i, n = 0;

	buf_printf(b, ",\"%s\":[", name);
	for (i = 0; i < p->n_keys; i++) {
		if (key_status(&p->keys[i]) != s)
			continue;
		crypto_hex(id, p->keys[i].conf->id, 8);
		id[12] = '\0';
		buf_printf(b, "%s\"%s\"", n++ > 0 ? "," : "", id);
	}
	buf_addc(b, ']');
}

/* Keys of each status, and what that makes of a provider. */
struct tally {
	unsigned	 keys, n[3];
	enum upkey_status status;
};

/* Healthy: all keys are. Unhealthy: one is not, or it cannot be used. */
static void
tally(const struct wprov *p, struct tally *t)
{
	unsigned i;

	memset(t, 0, sizeof(*t));
	t->keys = p->n_keys;
	for (i = 0; i < p->n_keys; i++)
		t->n[key_status(&p->keys[i])]++;
	t->status = p->host == NULL || t->n[UPKEY_UNHEALTHY] > 0 ?
	    UPKEY_UNHEALTHY : t->n[UPKEY_UNKNOWN] > 0 ? UPKEY_UNKNOWN :
	    UPKEY_HEALTHY;
}

static void
platform_head(struct buf *b, const struct wprov *p, const char *status)
{
	quoted(b, str_of(p->conf->id));
	buf_adds(b, STR(":{\"display_name\":"));
	quoted(b, str_of(p->conf->name[0] == '\0' ? p->conf->id :
	    p->conf->name));
	buf_printf(b, ",\"status\":\"%s\",\"base_url\":", status);
	quoted(b, str_of(p->conf->base_url));
}

static void
platform_counts(struct buf *b, const struct tally *t)
{
	buf_printf(b, ",\"total_keys\":%u,\"healthy_keys\":%u,"
	    "\"unhealthy_keys\":%u,\"unknown_keys\":%u", t->keys,
	    t->n[UPKEY_HEALTHY], t->n[UPKEY_UNHEALTHY], t->n[UPKEY_UNKNOWN]);
}

static void
deep_row(struct req *r, struct buf *b, struct wprov *p, const struct tally *t)
{
	int admin = r->caller.known && r->caller.role != ROLE_USER;
	unsigned i;

	platform_head(b, p, upkey_status_name(t->status));
	buf_adds(b, STR(",\"health_endpoint\":"));
	quoted(b, str_of(p->conf->health.path));
	platform_counts(b, t);
	if (admin) {
		key_ids(b, p, "healthy_key_list", UPKEY_HEALTHY);
		key_ids(b, p, "unhealthy_key_list", UPKEY_UNHEALTHY);
		buf_adds(b, STR(",\"keys\":["));
		for (i = 0; i < p->n_keys; i++) {
			if (i > 0)
				buf_addc(b, ',');
			key_row(b, &p->keys[i]);
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

/* No key of it works; no key of it is known to work. */
static int
is_dead(const struct wprov *p, const struct tally *t)
{
	return p->host == NULL || (t->keys > 0 &&
	    t->n[UPKEY_UNHEALTHY] == t->keys);
}

static int
is_unsure(const struct tally *t)
{
	return t->keys > 0 && t->n[UPKEY_HEALTHY] == 0;
}

int
local_health(struct req *r, struct buf *body)
{
	unsigned n = 0, healthy = 0, keys = 0, good = 0, dead = 0, unsure = 0;
	char when[CLOCK_RFC3339_SIZE];
	struct buf rows;
	struct tally t;
	unsigned i;

	buf_init(&rows, 8 << 20);
	for (i = 0; i < r->w->n_prov; i++) {
		struct wprov *p = &r->w->prov[i];

		if (!p->conf->enabled)
			continue;
		if (n++ > 0)
			buf_addc(&rows, ',');
		tally(p, &t);
		deep_row(r, &rows, p, &t);
		healthy += t.status == UPKEY_HEALTHY;
		keys += t.keys;
		good += t.n[UPKEY_HEALTHY];
		dead += (unsigned)is_dead(p, &t);
		unsure += (unsigned)is_unsure(&t);
	}
	clock_rfc3339(clock_real_us(), when);
	buf_printf(body, "{\"timestamp\":\"%s\",\"status\":\"ok\","
	    "\"overall_status\":\"%s\",\"message\":\"%u of %u providers "
	    "healthy\",\"platforms\":{", when, upkey_status_name(dead > 0 ?
	    UPKEY_UNHEALTHY : unsure > 0 ? UPKEY_UNKNOWN : UPKEY_HEALTHY),
	    healthy, n);
	buf_adds(body, buf_str(&rows));
	buf_free(&rows);
	buf_printf(body, "},\"summary\":{\"total_platforms\":%u,"
	    "\"healthy_platforms\":%u,\"total_keys\":%u,"
	    "\"healthy_keys\":%u}}", n, healthy, keys, good);
	return 200;
}

int
local_health_quick(struct req *r, struct buf *body)
{
	char when[CLOCK_RFC3339_SIZE];
	struct tally t;
	unsigned i, n = 0;

	clock_rfc3339(clock_real_us(), when);
	buf_printf(body, "{\"timestamp\":\"%s\",\"status\":\"healthy\","
	    "\"message\":\"aigw is running\",\"platforms\":{", when);
	for (i = 0; i < r->w->n_prov; i++) {
		struct wprov *p = &r->w->prov[i];

		if (!p->conf->enabled)
			continue;
		if (n++ > 0)
			buf_addc(body, ',');
		tally(p, &t);
		platform_head(body, p, "enabled");
		platform_counts(body, &t);
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
	const struct endpoint *e;
	unsigned n = 0, sep = 0;
	size_t i = 0;

	if (!r->w->conf->routes.info)
		return 404;
	buf_adds(body, STR("{\"available_endpoints\":{"));
	endpoints(r, body, &n);
	buf_adds(body, STR("},\"gateway\":["));
	while ((e = endpoint_next(r->w->conf, &i)) != NULL)
		buf_printf(body, "%s\"%s %s%s%s\"", sep++ > 0 ? "," : "",
		    e->method == HTTP1_GET ? "GET" : "POST", e->path.p,
		    e->flags & ENDPOINT_IN_PATH ? "{model}" :
		    e->flags & ENDPOINT_PREFIX ? "{id}" : "",
		    e->flags & ENDPOINT_IN_PATH ? e->suffix : "");
	buf_adds(body, STR("]}"));
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
