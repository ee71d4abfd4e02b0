/*
 * req_route.c - ROUTE: the ordered candidates of a request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/rng.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/slowness.h"
#include "worker/unified.h"
#include "worker/where.h"

static enum step
no_model(struct req *r)
{
	return req_fail(r, FAULT_NO_MODEL, req_printf(r, "the model \"%.*s\" "
	    "does not exist or no provider serves it here: see GET "
	    "/v1/models", (int)(r->model.n > 200 ? 200 : r->model.n),
	    r->model.p), "model");
}

/* Would it, as a path or a part of one, lead elsewhere at the provider? */
static int
climbs(struct str path)
{
	struct str part;

	while (str_split(&path, '/', &part))
		if (str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return 1;
	return 0;
}

/*
 * The model that a raw path names, decoded as the provider does it: 1, or 0
 * when it names none. One that cannot be told is empty.
 */
static int
named_by_path(struct req *r, struct str *model)
{
	static const struct str marks[] = { { "/models/", 8 },
	    { "/tunedModels/", 13 }, { "/deployments/", 13 } };
	struct str path = where_unescape(r->arena, r->ep.rest), s;
	size_t i, at;
	long end;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		for (at = 0; at + marks[i].n <= path.n; at++) {
			if (!str_ieq(str_make(path.p + at, marks[i].n),
			    marks[i]))
				continue;
			s = str_skip(path, at + marks[i].n);
			if ((end = str_chr(s, '/')) >= 0 ||
			    (end = str_chr(s, ':')) >= 0)
				s.n = (size_t)end;
			*model = climbs(path) ? STR("") : s;
			return 1;
		}
	return 0;
}

/* Is it certain which model the request is about, or that it is none? */
static int
readable(const struct req *r, int in_path)
{
	if (in_path)
		return r->model.n > 0;
	if (buf_len(&r->body) == 0)
		return r->head->method == HTTP1_GET ||
		    r->head->method == HTTP1_HEAD;
	return r->json && r->model.n > 0;
}

/* The allow lists of the key, on the raw proxy; NULL: nothing against it. */
static const char *
raw_denied(const struct req *r, struct str provider, int in_path)
{
	const struct caller *c = &r->caller;

	if (c->role == ROLE_ROOT)
		return NULL;
	if (c->groups.n > 0)
		return "this key may only use its groups, not the raw proxy";
	if (!conf_allows(&c->providers, provider))
		return "this key may not use this provider";
	if (c->models.n > 0 && !readable(r, in_path))
		return "this key may only use its models, and this request "
		    "does not name one in its path or a JSON body";
	if (r->model.n > 0 && !conf_allows(&c->models, r->model))
		return "this key may not use this model";
	return NULL;
}

/* The raw proxy: one provider, the model for the books and allow lists. */
static enum step
route_raw(struct req *r)
{
	struct catalog_target *t = arena_zalloc(r->arena, sizeof(*t));
	const char *why;
	int in_path;

	t->index = (unsigned)r->ep.pinned;
	t->provider = &r->w->conf->providers[t->index];
	/* Where the path names the model, the body's word does not count. */
	in_path = speak_in_path(t->provider) && named_by_path(r, &r->model);
	why = raw_denied(r, str_of(t->provider->id), in_path);
	if (why != NULL)
		return req_fail(r, FAULT_DENIED, why, NULL);
	if (climbs(r->ep.rest) || (str_chr(r->ep.rest, '%') >= 0 &&
	    climbs(where_unescape(r->arena, r->ep.rest))))
		return req_fail(r, FAULT_BAD_REQUEST, "the path has a part "
		    "\".\" or \"..\", which may lead out of what is this "
		    "provider's: leave it out", NULL);
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
		    speak_how(r->ep.ep, &c->providers[i]) ==
		    SPEAK_SAME) {
			r->ep.pinned = (int)i;
			return;
		}
}

/* Has it said that it cannot count, to this caller or to several? */
static int
cannot_count(const struct req *r, const struct wprov *p)
{
	return p->cannot_count_us > ev_now_us(r->w->loop) &&
	    (p->cannot_count_all || p->cannot_count_for == r->caller.id);
}

/* Has it a way to do it? */
static int
can_do(const struct req *r, const struct catalog_target *t)
{
	if (speak_in_path(t->provider) && climbs(t->model))
		return 0;
	return speak_how(r->ep.ep, t->provider) != SPEAK_NOT &&
	    (!req_counts(r) || !cannot_count(r, &r->w->prov[t->index]));
}

/* Leave out targets that cannot do it; 0: none is left. */
static int
reachable(struct req *r)
{
	unsigned i, n = 0;

	for (i = 0; i < r->route.n; i++)
		if (can_do(r, &r->route.targets[i]))
			r->route.targets[n++] = r->route.targets[i];
	r->uncounted = n < r->route.n && req_counts(r);
	r->route.n = n;
	return n > 0;
}

/* What the model means to this caller. */
static enum step
resolve(struct req *r)
{
	struct catalog_query q;

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
	q.api = speak_apis(r->ep.ep);
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
	return STEP_ROUTE;
}

/* Names that nobody lists are the client's: they are not remembered. */
static int
is_measured(const struct req *r)
{
	return !(r->ep.ep->flags & ENDPOINT_UNIFIED) || catalog_lists(
	    r->catalog->cat, r->route.targets[0].index, r->model);
}

enum step
req_route(struct req *r)
{
	enum step next;

	r->attempt = arena_zalloc(r->arena, REQ_MAX_ATTEMPTS *
	    sizeof(*r->attempt));
	r->catalog = facts_catalog(r->w);
	if (r->ep.kind == ENDPOINT_RAW)
		return route_raw(r);
	next = r->ep.ep->flags & ENDPOINT_UNIFIED ? unified_route(r) :
	    resolve(r);
	if (next != STEP_ROUTE)
		return next;
	if (r->ep.ep->flags & ENDPOINT_SHOW)
		return STEP_LOCAL;
	if (is_measured(r))
		slowness_order(r);
	if (!reachable(r) && req_counts(r))
		return STEP_LOCAL;
	if (r->route.n == 0)
		return req_fail(r, FAULT_NO_OPERATION, req_printf(r, "no "
		    "provider of the model \"%.*s\" can serve %.*s: see GET "
		    "/v1/models", (int)(r->model.n > 200 ? 200 : r->model.n),
		    r->model.p, STR_ARG(r->head->path)), "model");
	route_order(r->route.targets, r->route.n, r->route.strategy,
	    r->w->facts, rng_u64, cursor(r));
	return STEP_RESERVE;
}
