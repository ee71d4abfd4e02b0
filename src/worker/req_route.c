/*
 * req_route.c - ROUTE: the ordered candidates of a request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <limits.h>

#include "base/jscan.h"
#include "base/rng.h"
#include "worker/req.h"
#include "worker/slowness.h"

static enum step
no_model(struct req *r)
{
	return req_fail(r, FAULT_NO_MODEL, req_printf(r, "the model \"%.*s\" "
	    "does not exist or no provider serves it here: see GET "
	    "/v1/models", (int)(r->model.n > 200 ? 200 : r->model.n),
	    r->model.p), "model");
}

static int
allowed(const struct conf_strs *l, struct str s)
{
	unsigned i;

	for (i = 0; i < l->n; i++)
		if (str_glob(l->v[i], s))
			return 1;
	return l->n == 0;
}

/* What the body says about itself; 0 when that cannot be told for certain. */
static int
read_raw(struct req *r)
{
	static const struct jscan_opts strict = {
		.max_depth = 64, .max_values = UINT_MAX, .no_duplicates = 1,
		.no_case_twins = 1
	};
	struct jscan_want w[4] = { { .path = "model" }, { .path = "stream" },
		{ .path = "max_tokens" }, { .path = "max_completion_tokens" } };
	struct jscan_result res;
	struct str body = buf_str(&r->body);
	char name[512];
	long n;

	if (body.n == 0)
		return r->head->method == HTTP1_GET ||
		    r->head->method == HTTP1_HEAD;
	if (jscan(body, &strict, w, 4, &res) != 0 ||
	    res.type != JSCAN_OBJECT)
		return 0;
	r->stream = w[1].type == JSCAN_TRUE;
	if (jscan_u64(w[3].raw, &r->marks.max_tokens) != 0 &&
	    jscan_u64(w[2].raw, &r->marks.max_tokens) != 0)
		r->marks.max_tokens = 0;
	if (w[0].type != JSCAN_STRING ||
	    (n = jscan_string(w[0].raw, name, sizeof(name))) <= 0)
		return 0;
	r->model = str_make(arena_strndup(r->arena, name, (size_t)n),
	    (size_t)n);
	return 1;
}

/* The allow lists of the key, on the raw proxy; NULL: nothing against it. */
static const char *
raw_denied(const struct req *r, struct str provider, int readable)
{
	const struct caller *c = &r->caller;

	if (c->role == ROLE_ROOT)
		return NULL;
	if (c->groups.n > 0)
		return "this key may only use its groups, not the raw proxy";
	if (!allowed(&c->providers, provider))
		return "this key may not use this provider";
	if (c->models.n > 0 && !readable)
		return "this key may only use its models, and this request "
		    "does not name one in a JSON body";
	if (r->model.n > 0 && !allowed(&c->models, r->model))
		return "this key may not use this model";
	return NULL;
}

/* The raw proxy: one provider, the model for the books and allow lists. */
static enum step
route_raw(struct req *r)
{
	struct catalog_target *t = arena_zalloc(r->arena, sizeof(*t));
	int readable = read_raw(r);
	const char *why;

	t->index = (unsigned)r->ep.pinned;
	t->provider = &r->w->conf->providers[t->index];
	why = raw_denied(r, str_of(t->provider->id), readable);
	if (why != NULL)
		return req_fail(r, FAULT_DENIED, why, NULL);
	t->model = r->model;
	r->route.targets = t;
	r->route.n = 1;
	r->route.model = r->model;
	return STEP_RESERVE;
}

static uint64_t *
cursor(struct req *r)
{
	const struct conf *c = r->w->conf;
	size_t i = r->route.group == NULL ? c->n_groups :
	    (size_t)(r->route.group - c->groups);

	return &r->w->cursors[i];
}

static void
default_model(struct req *r)
{
	/* Moderations without a model: the first provider that serves them. */
	const struct conf *c = r->w->conf;
	unsigned i;

	for (i = 0; i < c->n_providers; i++)
		if (c->providers[i].enabled &&
		    (c->providers[i].apis & r->ep.ep->api)) {
			r->ep.pinned = (int)i;
			return;
		}
}

enum step
req_route(struct req *r)
{
	struct catalog_query q;

	r->attempt = arena_zalloc(r->arena, REQ_MAX_ATTEMPTS *
	    sizeof(*r->attempt));
	r->catalog = facts_catalog(r->w);
	if (r->ep.kind == ENDPOINT_RAW)
		return route_raw(r);
	if (r->model.n == 0 && r->ep.pinned < 0)
		default_model(r);
	memset(&q, 0, sizeof(q));
	q.model = r->model;
	q.groups = r->caller.groups;
	q.providers = r->caller.providers;
	q.models = r->caller.models;
	if (r->caller.role == ROLE_ROOT)
		memset(&q.groups, 0, 3 * sizeof(q.groups));
	q.pinned = r->ep.pinned;
	q.api = r->ep.ep->api;
	switch (catalog_resolve(r->catalog->cat, r->arena, &q, &r->route)) {
	case CATALOG_FOUND:
		break;
	case CATALOG_DENIED:
		return req_fail(r, FAULT_DENIED, req_printf(r, "this key may "
		    "not use the model \"%.*s\"",
		    (int)(r->model.n > 200 ? 200 : r->model.n),
		    r->model.p), "model");
	case CATALOG_NO_MODEL:
		return no_model(r);
	}
	slowness_order(r);
	route_order(r->route.targets, r->route.n, r->route.strategy,
	    r->w->facts, rng_u64, cursor(r));
	return STEP_RESERVE;
}
