/*
 * local_able.c - GET /v1/capabilities: what each model takes, and what is lost
 * on the way to it from each format of clients.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * What is lost is found by trying (dialect/able.h). That takes a while, so it
 * runs in slices (base/slice.h), over the catalogue of its beginning.
 */
#include "base/err.h"
#include "base/num.h"
#include "base/slice.h"
#include "dialect/able.h"
#include "worker/local.h"
#include "worker/req.h"
#include "worker/speak.h"

#define PAGE		50	/* models, when nobody says */
#define PAGE_MAX	1000
#define SLICE_WORK	500000	/* nanoseconds of a turn, about */

/* Formats of clients: what a path of each is, for chats and embeddings. */
enum { CHATS, EMBEDDINGS };
static const struct {
	const char	*name, *path[2];
} formats[] = {
	{ "openai", { "/v1/chat/completions", "/v1/embeddings" } },
	{ "responses", { "/v1/responses", NULL } },
	{ "anthropic", { "/v1/messages", NULL } },
	{ "gemini", { "/v1beta/models/m:generateContent",
	    "/v1beta/models/m:batchEmbedContents" } },
	{ "mistral", { "/mistral/v1/chat/completions",
	    "/mistral/v1/embeddings" } },
	{ "groq", { "/groq/openai/v1/chat/completions", NULL } },
	{ "ollama", { "/ollama/api/chat", "/ollama/api/embed" } },
};

/* Their features. */
static const struct {
	const char	*member;
	const char	*(*name)(unsigned i);
	enum able	(*try)(struct arena *a, const struct able_client *c,
			    const struct ir_target *t, unsigned i);
} kinds[] = {
	[CHATS] = { "clients", able_name, able_try },
	[EMBEDDINGS] = { "embeddings", able_embed_name, able_embed_try },
};

struct able_page {
	struct req	*r;
	struct buf	*b;
	struct slice	*slice;		/* NULL: none */
	struct local_page page;
};

static void
strings(struct buf *b, const char *name, const struct conf_strs *l)
{
	unsigned i;

	buf_printf(b, "\"%s\":[", name);
	for (i = 0; i < l->n; i++) {
		buf_adds(b, i > 0 ? STR(",\"") : STR("\""));
		buf_add_json(b, str_of(l->v[i]));
		buf_addc(b, '"');
	}
	buf_addc(b, ']');
}

/* The features that fared so. */
static void
fared(struct buf *b, const char *name, int kind, const enum able *how,
    enum able want)
{
	unsigned i, n = 0;

	buf_printf(b, ",\"%s\":[", name);
	for (i = 0; kinds[kind].name(i) != NULL; i++)
		if (how[i] == want)
			buf_printf(b, "%s\"%s\"", n++ > 0 ? "," : "",
			    kinds[kind].name(i));
	buf_addc(b, ']');
}

static void
try_all(struct arena *a, int kind, const struct able_client *c,
    const struct ir_target *t, enum able *how)
{
	unsigned i;

	for (i = 0; kinds[kind].name(i) != NULL; i++)
		how[i] = kinds[kind].try(a, c, t, i);
}

/* What a client of that format may say. */
static void
from_format(struct buf *b, struct arena *a, int kind,
    const struct endpoint *e, const struct conf_provider *p,
    const struct ir_target *t)
{
	struct able_client c = { e->dialect, e->api == CONF_API_RESPONSES };
	enum speak how = speak_how(e, p);
	enum able fate[ABLE_MAX];

	buf_printf(b, "\"form\":\"%s\"", how == SPEAK_SAME ? "native" :
	    how == SPEAK_TRANSLATED ? "translated" : "none");
	if (how != SPEAK_TRANSLATED)
		return;
	try_all(a, kind, &c, t, fate);
	fared(b, "changed", kind, fate, ABLE_CHANGED);
	fared(b, "dropped", kind, fate, ABLE_DROPPED);
	fared(b, "refused", kind, fate, ABLE_REFUSED);
}

static void
clients(struct able_page *m, struct arena *a, int kind,
    const struct conf_provider *p, const struct ir_target *t)
{
	struct endpoint_match ep;
	unsigned i, n = 0;

	buf_printf(m->b, ",\"%s\":{", kinds[kind].member);
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].path[kind] == NULL || m->r->gone)
			continue;
		endpoint_find(m->r->w->conf, HTTP1_POST,
		    str_of(formats[i].path[kind]), STR_NULL, &ep);
		if (ep.kind != ENDPOINT_ROUTED)
			continue;	/* switched off */
		buf_printf(m->b, "%s\"%s\":{", n++ > 0 ? "," : "",
		    formats[i].name);
		from_format(m->b, a, kind, ep.ep, p, t);
		buf_addc(m->b, '}');
	}
	buf_addc(m->b, '}');
}

/* 1 when one of the features named so is carried, in whatever form. */
static int
carries(const enum able *fate, const char *name, const char *or)
{
	unsigned i;

	for (i = 0; able_name(i) != NULL; i++)
		if ((strcmp(able_name(i), name) == 0 ||
		    strcmp(able_name(i), or) == 0) &&
		    (fate[i] == ABLE_KEPT || fate[i] == ABLE_CHANGED))
			return 1;
	return 0;
}

/* What a client of its own format may ask of it. */
static void
own(struct buf *b, struct arena *a, const struct ir_target *t)
{
	static const char *const shown[][3] = {
		{ "tools", "tools", "tools" },
		{ "images", "images", "image_urls" },
		{ "thinking", "thinking_effort", "thinking_budget" },
		{ "structured_output", "json_schema", "json_schema" },
	};
	struct able_client c = { t->dialect, t->responses };
	enum able fate[ABLE_MAX];
	unsigned i;

	try_all(a, CHATS, &c, t, fate);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		buf_printf(b, ",\"%s\":%s", shown[i][0], carries(fate,
		    shown[i][1], shown[i][2]) ? "true" : "false");
}

static void
dollars(struct buf *b, const char *name, int64_t pico, int64_t times)
{
	char text[40];

	if (pico < 0 || pico > INT64_MAX / times)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_add(b, text, num_put_usd(text, pico * times, 6));
}

static void
price(struct buf *b, const struct conf_price *p)
{
	int64_t times = p->unit == PRICE_PER_CALL ? 1 : 1000000;

	buf_printf(b, ",\"price\":{\"unit\":\"%s\"", p->unit ==
	    PRICE_PER_CALL ? "per_call" : "per_million_tokens");
	dollars(b, "input", p->input, times);
	dollars(b, "output", p->output, times);
	dollars(b, "cached_input", p->cached_input, times);
	dollars(b, "cache_write", p->cache_write, times);
	buf_printf(b, ",\"known\":%s}", p->unknown ? "false" : "true");
}

static void
limit(struct buf *b, const char *name, uint64_t tokens)
{
	if (tokens > 0)
		buf_printf(b, ",\"%s\":%llu", name,
		    (unsigned long long)tokens);
	else
		buf_printf(b, ",\"%s\":null", name);
}

static void
target(struct able_page *m, const struct catalog_target *t)
{
	const struct worker *w = m->r->w;
	struct arena *a = arena_new(16384);
	struct conf_price cost;
	struct ir_target to;
	struct buf *b = m->b;

	buf_addc(b, '{');
	local_quoted(b, "provider", str_of(t->provider->id));
	buf_addc(b, ',');
	local_quoted(b, "model", t->model);
	buf_printf(b, ",\"dialect\":\"%s\"",
	    conf_dialect_name(t->provider->dialect));
	speak_target(t->provider, t->model, w->prices, &to);
	limit(b, "context", to.known.context);
	limit(b, "max_output", to.known.max_output);
	if (price_find(w->prices, w->conf, t->provider, t->target, t->model,
	    &cost) == 0)
		price(b, &cost);
	own(b, a, &to);
	clients(m, a, CHATS, t->provider, &to);
	if (t->provider->apis & CONF_API_EMBEDDINGS)
		clients(m, a, EMBEDDINGS, t->provider, &to);
	buf_addc(b, '}');
	arena_free(&a);
}

static void
model(struct able_page *m, struct str id)
{
	struct catalog_result res;
	struct catalog_query q;
	struct arena *a = arena_new(1024);
	struct buf *b = m->b;
	unsigned i;

	local_query(m->r, &q);
	q.model = id;
	buf_addc(b, '{');
	local_quoted(b, "id", id);
	if (catalog_resolve(m->r->catalog->cat, a, &q, &res) !=
	    CATALOG_FOUND)
		res.n = 0;
	buf_printf(b, ",\"group\":%s,\"strict\":%s,", res.group != NULL ?
	    "true" : "false", res.group != NULL && res.group->strict ?
	    "true" : "false");
	if (res.group != NULL) {
		strings(b, "capabilities", &res.group->capabilities);
		buf_addc(b, ',');
	}
	buf_adds(b, STR("\"targets\":["));
	for (i = 0; i < res.n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		target(m, &res.targets[i]);
	}
	buf_adds(b, STR("]}"));
	arena_free(&a);
}

static int
each(void *arg, struct str id, struct str owner, unsigned providers)
{
	struct able_page *m = arg;

	(void)owner;
	(void)providers;
	if (!local_page_takes(&m->page, m->b, id))
		return m->page.more;
	model(m, id);
	return 0;
}

static int
page(void *arg)
{
	struct able_page *m = arg;
	struct catalog_query q;

	local_query(m->r, &q);
	catalog_each(m->r->catalog->cat, &q, each, m);
	buf_printf(m->b, "],\"has_more\":%s", m->page.more ? "true" : "false");
	if (m->page.more) {
		buf_addc(m->b, ',');
		local_quoted(m->b, "last", m->page.last);
	}
	buf_addc(m->b, '}');
	return 0;
}

static struct able_page *
begin(struct req *r, struct buf *b)
{
	struct able_page *m = arena_zalloc(r->arena, sizeof(*m));
	struct str most = local_asked(r, STR("limit="));

	m->r = r;
	m->b = b;
	m->page.only = local_asked(r, STR("model="));
	m->page.after = local_asked(r, STR("after="));
	if (most.n == 0 || num_u64(most, &m->page.most) != 0 ||
	    m->page.most == 0)
		m->page.most = PAGE;
	if (m->page.most > PAGE_MAX)
		m->page.most = PAGE_MAX;
	r->catalog = facts_catalog(r->w);
	buf_adds(b, STR("{\"object\":\"list\",\"data\":["));
	return m;
}

/* What a slice has begun it must end. */
int
local_able_runs(const struct req *r)
{
	return r->able != NULL && r->able->slice != NULL;
}

int
local_able(struct req *r, struct buf *b)
{
	struct able_page *m = r->able;

	if (m == NULL) {
		m = r->able = begin(r, b);
		/* Without memory for a slice: at once. */
		if ((m->slice = slice_new(page, m)) == NULL)
			page(m);
	}
	if (r->gone)		/* nobody reads it: soon to its end */
		m->page.most = m->page.n;
	if (m->slice != NULL && slice_run(m->slice, SLICE_WORK) == ERR_AGAIN)
		return 0;
	slice_free(&m->slice);
	return 200;
}
