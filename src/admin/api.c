/*
 * api.c - the endpoints of the admin listener: table, permission, errors.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include "admin/api.h"
#include "admin/metrics.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "state/key.h"

static int
api_healthz(struct admin *a, struct http_req *r)
{
	(void)a;
	(void)buf_adds(&r->out, STR("{\"status\":\"ok\"}\n"));
	return 0;
}

/* Ready: a worker serves and there is a provider to serve from. */
static int
api_readyz(struct admin *a, struct http_req *r)
{
	const struct board *b = a->c->board;
	const char *why = "no worker is ready";
	unsigned i, providers = 0;

	for (i = 0; i < a->c->conf->n_providers; i++)
		providers += a->c->conf->providers[i].enabled != 0;
	for (i = 0; i < BOARD_SLOTS; i++)
		if (b->slot[i].role == BOARD_WORKER &&
		    b->slot[i].state == BOARD_READY)
			why = NULL;
	if (providers == 0)
		why = "no provider is configured";
	if (a->leaving)
		why = "leaving";
	if (why == NULL) {
		(void)buf_adds(&r->out, STR("{\"status\":\"ready\"}\n"));
		return 0;
	}
	r->status = 503;
	(void)buf_printf(&r->out,
	    "{\"status\":\"not ready\",\"reason\":\"%s\"}\n", why);
	return 0;
}

static int
api_metrics(struct admin *a, struct http_req *r)
{
	r->type = "text/plain; version=0.0.4; charset=utf-8";
	return metrics_print(a->metrics, &r->out);
}

static const struct api_row api_rows[] = {
	{ "GET", "/healthz", API_OPEN, api_healthz },
	{ "GET", "/readyz", API_OPEN, api_readyz },
	{ "GET", "/metrics", API_LOCAL, api_metrics },
};

#define API_ROWS (sizeof(api_rows) / sizeof(api_rows[0]))

void
api_error(struct http_req *r, int status, const char *code,
    const char *message)
{
	r->status = status;
	buf_reset(&r->out);
	(void)buf_printf(&r->out, "{\"error\":{\"code\":\"%s\",\"message\":\"",
	    code);
	(void)buf_add_json(&r->out, str_of(message));
	(void)buf_adds(&r->out, STR("\"}}\n"));
}

/* The key that the request shows, or STR_NULL. */
static struct str
api_secret(const struct http_req *r)
{
	const struct hdr *h;
	struct str v;

	h = hdr_find(r->head->h, r->head->n, HDR_AUTHORIZATION);
	if (h != NULL) {
		v = h->value;
		if (v.n > 7 && str_ieq(str_make(v.p, 7), STR("bearer ")))
			v = str_trim(str_skip(v, 7));
		return v;
	}
	h = hdr_find(r->head->h, r->head->n, HDR_X_API_KEY);
	if (h == NULL)
		h = hdr_find(r->head->h, r->head->n, HDR_API_KEY);
	return h == NULL ? STR_NULL : h->value;
}

/* A key of the file with this hash and a role that may do everything. */
static int
api_file_key(const struct conf *conf, const unsigned char hash[32],
    int64_t now_us)
{
	unsigned i;
	int found = 0;

	for (i = 0; i < conf->n_keys; i++) {
		const struct conf_key *k = &conf->keys[i];

		if (crypto_equal(k->hash, hash, 32) && k->enabled &&
		    k->role != ROLE_USER &&
		    (k->expires == 0 || now_us < k->expires))
			found = 1;
	}
	return found;
}

int
api_is_admin(struct admin *a, const struct http_req *r)
{
	struct key_rec rec;
	unsigned char hash[CRYPTO_SHA256];
	struct str secret = api_secret(r);
	int64_t now = clock_real_us();

	if (secret.n == 0)
		return 0;
	crypto_sha256(secret, hash);
	if (api_file_key(a->c->conf, hash, now))
		return 1;
	return key_find(a->st, hash, now, &rec) == 0 && rec.enabled &&
	    rec.role != KEY_USER &&
	    (rec.expires_us == 0 || now < rec.expires_us);
}

static int
api_permitted(struct admin *a, const struct api_row *row,
    const struct http_req *r)
{
	if (row->permission == API_OPEN)
		return 1;
	if (row->permission == API_LOCAL && admin_is_local(a->c->conf))
		return 1;
	return api_is_admin(a, r);
}

int
api_serve(void *arg, struct http_req *r)
{
	struct admin *a = arg;
	struct str method = r->head->method_text;
	int path_known = 0;
	size_t i;

	if (r->head->method == HTTP1_HEAD)
		method = STR("GET");
	for (i = 0; i < API_ROWS; i++) {
		if (!str_eqc(r->head->path, api_rows[i].path))
			continue;
		path_known = 1;
		if (!str_eqc(method, api_rows[i].method))
			continue;
		if (api_permitted(a, &api_rows[i], r))
			return api_rows[i].fn(a, r);
		(void)buf_adds(&r->headers,
		    STR("WWW-Authenticate: Bearer\r\n"));
		api_error(r, 401, "unauthorized",
		    "a client key of role admin or root is needed");
		return 0;
	}
	if (path_known)
		api_error(r, 405, "method_not_allowed",
		    "this path does not take that method");
	else
		api_error(r, 404, "not_found", "no such path");
	return 0;
}
