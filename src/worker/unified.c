/*
 * unified.c - POST /v1/chat: what its body asks for, and its candidates.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The client names a provider, or a format that providers speak; its model is
 * sent as given, whether anybody lists it or not. So no group and no alias is
 * looked for.
 */
#include "base/err.h"
#include "dialect/unified.h"
#include "worker/look.h"
#include "worker/speak.h"
#include "worker/unified.h"

#define ANSWER_MAX	(1u << 20)
#define MODEL		"gpt-4o"	/* of the example, when none is known */

/* --- the body ------------------------------------------------------------ */

static int
may_use(const struct req *r, const struct conf_provider *p)
{
	return r->caller.role == ROLE_ROOT ||
	    conf_allows(&r->caller.providers, str_of(p->id));
}

static int
can_chat(const struct req *r, const struct conf_provider *p)
{
	return p->enabled && speak_how(r->ep.ep, p) != SPEAK_NOT;
}

static void
add_choice(struct str *v, unsigned *n, struct str name)
{
	unsigned i;

	for (i = 0; i < *n; i++)
		if (str_eq(v[i], name))
			return;
	v[(*n)++] = name;
}

/* What may be named: providers, then the formats they speak. */
static void
choices(struct req *r, struct unified_choices *c)
{
	const struct conf *f = r->w->conf;
	struct str *v = arena_alloc(r->arena, (2 * f->n_providers + 1) *
	    sizeof(*v));
	const struct conf_provider *p;
	int pass;

	memset(c, 0, sizeof(*c));
	c->model = STR(MODEL);
	for (pass = 0; pass < 2; pass++)
		for (p = f->providers; p < f->providers + f->n_providers;
		    p++) {
			if (!can_chat(r, p) || !may_use(r, p))
				continue;
			if (c->n == 0 && p->models.n > 0)
				c->model = str_of(p->models.v[0]);
			add_choice(v, &c->n, str_of(pass == 0 ? p->id :
			    conf_dialect_name(p->dialect)));
		}
	c->v = v;
}

/* The provider is there, but not for this key. */
static int
is_denied(const struct req *r, struct str name)
{
	const struct conf_provider *p = conf_provider(r->w->conf, name);

	return p != NULL && can_chat(r, p) && !may_use(r, p);
}

static enum step
teach(struct req *r, struct buf *b)
{
	r->fault = FAULT_BAD_REQUEST;
	r->message = "the body is not what /v1/chat takes";
	r->status = fault_status(r->fault);
	board_add(CTR_bad_requests, 1);
	req_answer_json(r, b);
	return STEP_ACCOUNT;
}

struct check {
	struct req	*r;
	struct unified_choices c;
	struct unified_ask ask;
	struct buf	 b;		/* the answer when it is wrong */
};

static int
check(void *arg)
{
	struct check *k = arg;

	return unified_check(k->r->arena, buf_str(&k->r->body), &k->c,
	    &k->ask, &k->b);
}

static struct check *
begin(struct req *r)
{
	struct check *k = arena_zalloc(r->arena, sizeof(*k));

	k->r = r;
	choices(r, &k->c);
	buf_init(&k->b, ANSWER_MAX);
	return k;
}

enum step
unified_decode(struct req *r)
{
	struct check *k = r->looking != NULL ? r->look : begin(r);
	int rc;

	r->look = k;
	if ((rc = look(r, check, k)) == ERR_AGAIN)
		return req_go_on(r);
	r->model = k->ask.model;
	r->asked = k->ask.provider;
	if (rc == ERR_FORMAT && !is_denied(r, k->ask.provider))
		return teach(r, &k->b);
	buf_free(&k->b);
	if (rc == ERR_FORMAT)
		return req_fail(r, FAULT_DENIED, "this key may not use this "
		    "provider", "provider");
	return rc == 0 ? STEP_ROUTE : req_fail(r, FAULT_OVERLOAD, "the "
	    "gateway is short of memory, try again", NULL);
}

static int
is_json(const struct hdr *h)
{
	struct str type = h == NULL ? STR_NULL : h->value;
	long at = str_chr(type, ';');

	if (at >= 0)
		type.n = (size_t)at;
	return str_ieq(str_trim(type), STR("application/json"));
}

enum step
unified_type(struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_CONTENT_TYPE);

	if (h == NULL && buf_len(&r->body) == 0)
		return unified_decode(r);
	if (!is_json(h))
		return req_fail(r, FAULT_MEDIA_TYPE, "the body must be "
		    "application/json: say so in content-type", NULL);
	return STEP_DECODE;
}

/* --- candidates ---------------------------------------------------------- */

/* Why not; NULL: it may. */
static const char *
denied(const struct req *r)
{
	const struct caller *c = &r->caller;

	if (c->role == ROLE_ROOT)
		return NULL;
	if (c->groups.n > 0)
		return "this key may only use its groups, not /v1/chat";
	if (!conf_allows(&c->models, r->model))
		return "this key may not use this model";
	return NULL;
}

static void
add_target(struct req *r, const struct conf_provider *p, int lists)
{
	unsigned index = (unsigned)(p - r->w->conf->providers);
	struct catalog_target *t;

	if (!can_chat(r, p) || !may_use(r, p) || (lists &&
	    !catalog_lists(r->catalog->cat, index, r->model)))
		return;
	t = &r->route.targets[r->route.n++];
	memset(t, 0, sizeof(*t));
	t->provider = p;
	t->index = index;
	t->model = r->model;
	t->priority = p->priority;
	t->weight = p->weight;
}

/* Providers of the format; those that are known to have the model, if there
 * are any. */
static void
of_dialect(struct req *r)
{
	const struct conf *f = r->w->conf;
	const struct conf_provider *p;
	int lists;

	for (lists = 1; lists >= 0 && r->route.n == 0; lists--)
		for (p = f->providers; p < f->providers + f->n_providers; p++)
			if (str_eqc(r->asked, conf_dialect_name(p->dialect)))
				add_target(r, p, lists);
}

enum step
unified_route(struct req *r)
{
	const struct conf *f = r->w->conf;
	const struct conf_provider *p = conf_provider(f, r->asked);
	const char *why = denied(r);

	if (why != NULL)
		return req_fail(r, FAULT_DENIED, why, NULL);
	r->route.model = r->model;
	r->route.strategy = f->default_strategy;
	r->route.targets = arena_alloc(r->arena, (f->n_providers + 1) *
	    sizeof(*r->route.targets));
	if (p != NULL && can_chat(r, p))
		add_target(r, p, 0);
	else
		of_dialect(r);
	if (r->route.n == 0)	/* since the body was checked: it cannot be */
		return req_fail(r, FAULT_NO_UPSTREAM, "no provider can take "
		    "this request now", NULL);
	return STEP_ROUTE;
}
