/*
 * local_models.c - what this key may use, as each format lists it.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A page has what its client asked for: Anthropic's limit and after_id, Google's
 * pageSize and pageToken, which is the last name of the page before. Without
 * these, and in OpenAI's format always, it has all.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "dialect/count.h"
#include "worker/local.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/where.h"

struct model_walk {
	struct req	*r;
	struct buf	*b;
	struct local_page page;
	int		 counted;	/* say how many providers there are */
};

void
local_quoted(struct buf *b, const char *name, struct str s)
{
	buf_printf(b, "\"%s\":\"", name);
	buf_add_json(b, s);
	buf_addc(b, '"');
}

/* It is there since the configuration was loaded. providers 0: not told. */
static void
openai_model(const struct req *r, struct buf *b, struct str id,
    struct str owner, unsigned providers)
{
	buf_addc(b, '{');
	local_quoted(b, "id", id);
	buf_printf(b, ",\"object\":\"model\",\"created\":%lld,",
	    (long long)(r->w->conf->loaded_us / CLOCK_US_S));
	local_quoted(b, "owned_by", owner);
	if (providers > 0)
		buf_printf(b, ",\"providers\":%u", providers);
	buf_addc(b, '}');
}

static void
anthropic_model(const struct req *r, struct buf *b, struct str id)
{
	char when[CLOCK_RFC3339_SIZE];

	clock_rfc3339(r->w->conf->loaded_us, when);
	buf_adds(b, STR("{\"type\":\"model\","));
	local_quoted(b, "id", id);
	buf_addc(b, ',');
	local_quoted(b, "display_name", id);
	buf_printf(b, ",\"created_at\":\"%s\"}", when);
}

/* Limits are told when prices.conf has them. */
static void
gemini_model(struct req *r, struct buf *b, struct str id)
{
	uint64_t in = price_context(r->w->prices, id);
	uint64_t out = price_max_output(r->w->prices, id);

	buf_adds(b, STR("{\"name\":\"models/"));
	buf_add_json(b, id);
	buf_adds(b, STR("\",\"version\":\"001\","));
	local_quoted(b, "displayName", id);
	if (in > 0)
		buf_printf(b, ",\"inputTokenLimit\":%llu",
		    (unsigned long long)in);
	if (out > 0)
		buf_printf(b, ",\"outputTokenLimit\":%llu",
		    (unsigned long long)out);
	buf_adds(b, STR(",\"supportedGenerationMethods\":"
	    "[\"generateContent\",\"countTokens\"]}"));
}

/* Its server tells more of the file that a model is there. */
static void
ollama_model(const struct req *r, struct buf *b, struct str id)
{
	buf_addc(b, '{');
	local_quoted(b, "name", id);
	buf_addc(b, ',');
	local_quoted(b, "model", id);
	local_ollama_modified(r, b);
	buf_adds(b, STR(",\"size\":0,\"digest\":\"\","));
	local_ollama_details(b);
	buf_addc(b, '}');
}

int
local_page_takes(struct local_page *p, struct buf *b, struct str id)
{
	if (p->only.n > 0 && !str_eq(p->only, id))
		return 0;
	if (p->after.n > 0) {
		if (str_eq(p->after, id))
			p->after = STR_NULL;
		return 0;
	}
	if (p->n == p->most) {
		p->more = 1;
		return 0;
	}
	if (p->n++ > 0)
		buf_addc(b, ',');
	else
		p->first = id;
	p->last = id;
	return 1;
}

static int
each_model(void *arg, struct str id, struct str owner, unsigned providers)
{
	struct model_walk *m = arg;

	if (!local_page_takes(&m->page, m->b, id))
		return m->page.more;
	if (m->r->ep.shape == SHAPE_ANTHROPIC)
		anthropic_model(m->r, m->b, id);
	else if (m->r->ep.shape == SHAPE_GEMINI)
		gemini_model(m->r, m->b, id);
	else if (m->r->ep.shape == SHAPE_OLLAMA)
		ollama_model(m->r, m->b, id);
	else
		openai_model(m->r, m->b, id, owner, m->counted ? providers : 0);
	return 0;
}

void
local_query(const struct req *r, struct catalog_query *q)
{
	memset(q, 0, sizeof(*q));
	q->pinned = r->ep.pinned;
	if (r->caller.role != ROLE_ROOT) {
		q->groups = r->caller.groups;
		q->providers = r->caller.providers;
		q->models = r->caller.models;
	}
}

static void
walk_models(struct model_walk *m)
{
	struct catalog_query q;

	local_query(m->r, &q);
	catalog_each(m->r->w->catalog->cat, &q, each_model, m);
}

struct str
local_asked(struct req *r, struct str name)
{
	struct str q = r->head->query, part;

	while (str_split(&q, '&', &part))
		if (str_starts(part, name))
			return where_unescape(r->arena, str_skip(part, name.n));
	return STR_NULL;
}

static void
set_page(struct model_walk *m)
{
	struct req *r = m->r;
	struct str most = STR_NULL;

	if (r->ep.shape == SHAPE_ANTHROPIC) {
		most = local_asked(r, STR("limit="));
		m->page.after = local_asked(r, STR("after_id="));
	} else if (r->ep.shape == SHAPE_GEMINI) {
		most = local_asked(r, STR("pageSize="));
		m->page.after = local_asked(r, STR("pageToken="));
	}
	if (most.n == 0 || num_u64(most, &m->page.most) != 0 ||
	    m->page.most == 0)
		m->page.most = UINT64_MAX;
}

static void
anthropic_end(struct buf *b, const struct model_walk *m)
{
	buf_printf(b, "],\"has_more\":%s,", m->page.more ? "true" : "false");
	if (m->page.n == 0) {
		buf_adds(b, STR("\"first_id\":null,\"last_id\":null}"));
		return;
	}
	local_quoted(b, "first_id", m->page.first);
	buf_addc(b, ',');
	local_quoted(b, "last_id", m->page.last);
	buf_addc(b, '}');
}

int
local_models(struct req *r, struct buf *b)
{
	struct model_walk m = { .r = r, .b = b };

	set_page(&m);
	buf_adds(b, r->ep.shape == SHAPE_GEMINI ||
	    r->ep.shape == SHAPE_OLLAMA ? STR("{\"models\":[") :
	    r->ep.shape == SHAPE_ANTHROPIC ? STR("{\"data\":[") :
	    STR("{\"object\":\"list\",\"data\":["));
	walk_models(&m);
	if (r->ep.shape == SHAPE_ANTHROPIC) {
		anthropic_end(b, &m);
		return 200;
	}
	buf_addc(b, ']');
	if (r->ep.shape == SHAPE_GEMINI && m.page.more) {
		buf_addc(b, ',');
		local_quoted(b, "nextPageToken", m.page.last);
	}
	buf_addc(b, '}');
	return 200;
}

int
local_counted(struct req *r, struct buf *b)
{
	struct model_walk m = { .r = r, .b = b, .counted = 1,
	    .page = { .most = UINT64_MAX } };

	r->ep.shape = SHAPE_OPENAI;
	buf_adds(b, STR("{\"object\":\"list\",\"data\":["));
	walk_models(&m);
	buf_adds(b, STR("]}"));
	return 200;
}

int
local_model(struct req *r, struct buf *b)
{
	struct model_walk m = { .r = r, .b = b,
	    .page = { .most = UINT64_MAX } };

	m.page.only = r->ep.rest = where_unescape(r->arena, r->ep.rest);
	walk_models(&m);
	return m.page.n == 1 ? 200 : 404;
}

int
local_count(struct req *r, struct buf *b)
{
	r->guessed = 1;
	r->usage_flags |= USAGE_ESTIMATED;
	count_put(b, speak_client_codec(r->ep.ep)->count,
	    req_input_estimate(r));
	return 200;
}
