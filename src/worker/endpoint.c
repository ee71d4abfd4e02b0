/*
 * endpoint.c - which path means what.
 *
 * Runs in: worker.
 * Owns: the tables of client endpoints.
 */
#include "base/err.h"
#include "dialect/embed.h"
#include "worker/endpoint.h"
#include "worker/local.h"

#define TEXT(s) { s, sizeof(s) - 1 }
#define ROW(path, fam, like, shape, flags, api, suffix, fn)		\
	{ HTTP1_POST, TEXT(path), ENDPOINT_ROUTED, SHAPE_##shape,	\
	    flags, api, suffix, FAMILY_##fam, DIALECT_##like, fn }
#define ROUTED(path, fam, shape, flags, api, suffix)			\
	ROW(path, fam, fam, shape, flags, api, suffix, NULL)
#define COUNTS(path, fam, shape, flags, api, suffix)			\
	ROW(path, fam, fam, shape, ENDPOINT_COUNTS | (flags), api, suffix, \
	    local_count)
#define OPENAI(path, flags, api, suffix)				\
	ROUTED(path, OPENAI, OPENAI, flags, api, suffix)
#define CHAT(path, fam, like, shape)					\
	ROW(path, fam, like, shape, ENDPOINT_CHAT, CONF_API_CHAT,	\
	    "/chat/completions", NULL)

#define MESSAGES(path)							\
	ROUTED(path, ANTHROPIC, ANTHROPIC, ENDPOINT_CHAT,		\
	    CONF_API_MESSAGES, "/messages")
#define COUNT_MESSAGES(path)						\
	COUNTS(path, ANTHROPIC, ANTHROPIC, 0, CONF_API_MESSAGES,	\
	    "/messages/count_tokens")

#define GEMINI(path, flags, api, suffix)				\
	ROUTED(path, GEMINI, GEMINI, ENDPOINT_IN_PATH | flags, api, suffix)
#define GEMINI_CHAT(path, colon)					\
	GEMINI(path, ENDPOINT_CHAT, CONF_API_CHAT,			\
	    colon "generateContent"),					\
	GEMINI(path, ENDPOINT_CHAT, CONF_API_CHAT,			\
	    colon "streamGenerateContent")
#define GEMINI_ALL(path)						\
	GEMINI_CHAT(path, ":"),						\
	COUNTS(path, GEMINI, GEMINI, ENDPOINT_IN_PATH, CONF_API_CHAT,	\
	    ":countTokens"),						\
	GEMINI(path, ENDPOINT_PROMPT, CONF_API_EMBEDDINGS,		\
	    ":embedContent"),						\
	GEMINI(path, 0, CONF_API_EMBEDDINGS, ":batchEmbedContents")

#define AZURE(path, flags, api, suffix)					\
	ROW(path, AZURE, OPENAI, OPENAI, ENDPOINT_IN_PATH | flags, api,	\
	    suffix, NULL)
#define AZURE_ALL(path)							\
	AZURE(path, ENDPOINT_CHAT, CONF_API_CHAT, "/chat/completions"),	\
	AZURE(path, ENDPOINT_CHAT,					\
	    CONF_API_COMPLETIONS | CONF_API_CHAT, "/completions"),	\
	AZURE(path, 0, CONF_API_EMBEDDINGS, "/embeddings"),		\
	AZURE(path, 0, CONF_API_IMAGES, "/images/generations"),		\
	AZURE(path, ENDPOINT_MULTIPART, CONF_API_IMAGES, "/images/edits"), \
	AZURE(path, 0, CONF_API_AUDIO, "/audio/speech"),		\
	AZURE(path, ENDPOINT_MULTIPART, CONF_API_AUDIO,			\
	    "/audio/transcriptions"),					\
	AZURE(path, ENDPOINT_MULTIPART, CONF_API_AUDIO,			\
	    "/audio/translations")
#define AZURE_RESPONSES(path)						\
	ROW(path, AZURE, OPENAI, OPENAI, ENDPOINT_CHAT |		\
	    ENDPOINT_VERSION, CONF_API_RESPONSES, "/responses", NULL),	\
	ROW(path "/input_tokens", AZURE, OPENAI, OPENAI,		\
	    ENDPOINT_COUNTS | ENDPOINT_VERSION, CONF_API_RESPONSES,	\
	    "/responses/input_tokens", local_count)

#define LOCAL_IN(m, path, fam, shape, flags, fn)			\
	{ HTTP1_##m, TEXT(path), ENDPOINT_LOCAL, SHAPE_##shape, flags,	\
	    0, NULL, FAMILY_##fam, DIALECT_##fam, fn }
#define LOCAL(m, path, flags, fn)					\
	LOCAL_IN(m, path, OPENAI, OPENAI, flags, fn)
#define LIST(path, fam)							\
	LOCAL_IN(GET, path, fam, fam, ENDPOINT_LIST, local_models),	\
	LOCAL_IN(GET, path "/", fam, fam, ENDPOINT_LIST |		\
	    ENDPOINT_PREFIX, local_model)

static const struct endpoint table[] = {
	ROW("/v1/chat/completions", OPENAI, OPENAI, OPENAI, ENDPOINT_CHAT |
	    ENDPOINT_STYLES, CONF_API_CHAT, "/chat/completions", NULL),
	OPENAI("/v1/completions", ENDPOINT_CHAT,
	    CONF_API_COMPLETIONS | CONF_API_CHAT, "/completions"),
	OPENAI("/v1/responses", ENDPOINT_CHAT,
	    CONF_API_RESPONSES, "/responses"),
	COUNTS("/v1/responses/input_tokens", OPENAI, OPENAI, 0,
	    CONF_API_RESPONSES, "/responses/input_tokens"),
	OPENAI("/v1/embeddings", 0,
	    CONF_API_EMBEDDINGS, "/embeddings"),
	OPENAI("/v1/moderations", ENDPOINT_MODEL_OPTIONAL,
	    CONF_API_MODERATIONS, "/moderations"),
	OPENAI("/v1/images/generations", 0,
	    CONF_API_IMAGES, "/images/generations"),
	OPENAI("/v1/images/edits", ENDPOINT_MULTIPART,
	    CONF_API_IMAGES, "/images/edits"),
	OPENAI("/v1/images/variations", ENDPOINT_MULTIPART,
	    CONF_API_IMAGES, "/images/variations"),
	OPENAI("/v1/audio/speech", 0,
	    CONF_API_AUDIO, "/audio/speech"),
	OPENAI("/v1/audio/transcriptions", ENDPOINT_MULTIPART,
	    CONF_API_AUDIO, "/audio/transcriptions"),
	OPENAI("/v1/audio/translations", ENDPOINT_MULTIPART,
	    CONF_API_AUDIO, "/audio/translations"),
	OPENAI("/v1/rerank", 0, 0, "/rerank"),
	MESSAGES("/v1/messages"),
	COUNT_MESSAGES("/v1/messages/count_tokens"),
	MESSAGES("/anthropic/v1/messages"),
	COUNT_MESSAGES("/anthropic/v1/messages/count_tokens"),
	MESSAGES("/anthropic/v3/messages"),
	GEMINI_ALL("/v1beta/models/"),
	GEMINI_ALL("/v1/models/"),
	GEMINI_ALL("/gemini/v1beta/models/"),
	GEMINI_ALL("/gemini/v2/models/"),
	GEMINI_CHAT("/gemini/v2/models/", "/"),
	CHAT("/mistral/v1/chat/completions", MISTRAL, MISTRAL, MISTRAL),
	ROUTED("/mistral/v1/fim/completions", MISTRAL, MISTRAL, ENDPOINT_CHAT,
	    CONF_API_COMPLETIONS, "/fim/completions"),
	AZURE_ALL("/openai/deployments/"),
	AZURE_ALL("/openai/openai/deployments/"),
	AZURE_ALL("/v1/deployments/"),
	AZURE_RESPONSES("/openai/responses"),
	AZURE_RESPONSES("/openai/openai/responses"),
	CHAT("/openrouter/v6/chat/completions", OPENROUTER, OPENAI, OPENAI),
	LOCAL_IN(GET, "/ollama/api/tags", OLLAMA, OLLAMA, ENDPOINT_LIST,
	    local_models),
	LOCAL_IN(GET, "/ollama/api/ps", OLLAMA, OLLAMA, 0, local_ollama_ps),
	LOCAL_IN(GET, "/ollama/api/version", OLLAMA, OLLAMA, 0,
	    local_ollama_version),
	ROW("/ollama/api/show", OLLAMA, OLLAMA, OLLAMA, ENDPOINT_SHOW, 0, "",
	    local_ollama_show),
	{ HTTP1_POST, TEXT("/v1/chat"), ENDPOINT_ROUTED, SHAPE_UNIFIED,
	    ENDPOINT_CHAT | ENDPOINT_UNIFIED, CONF_API_CHAT, "/chat",
	    FAMILY_UNIFIED, DIALECT_OPENAI, NULL },
	LIST("/v1/models", OPENAI),
	LIST("/models", OPENAI),
	LOCAL(GET, "/api/models", ENDPOINT_LIST | ENDPOINT_PUBLIC,
	    local_counted),
	LOCAL(GET, "/api/v1/models", ENDPOINT_LIST | ENDPOINT_PUBLIC,
	    local_counted),
	LOCAL(GET, "/v1/capabilities", ENDPOINT_LIST, local_able),
	LIST("/anthropic/v1/models", ANTHROPIC),
	LIST("/v1beta/models", GEMINI),
	LIST("/gemini/v1beta/models", GEMINI),
	LOCAL(GET, "/", ENDPOINT_OPEN, local_root),
	LOCAL(GET, "/health", ENDPOINT_OPEN, local_health),
	LOCAL(GET, "/health/quick", ENDPOINT_OPEN, local_health_quick),
	LOCAL(GET, "/info", ENDPOINT_OPEN, local_info),
	LOCAL(GET, "/routes", ENDPOINT_OPEN, local_routes),
	LOCAL(GET, "/healthz", ENDPOINT_OPEN, local_healthz),
	LOCAL(GET, "/readyz", ENDPOINT_OPEN, local_readyz),
};

static const struct endpoint claude_style = MESSAGES("/v1/chat/completions");

const struct endpoint *
endpoint_claude(void)
{
	return &claude_style;
}

/* What the gateway says of itself belongs to no family. */
static int
family_on(const struct conf *c, const struct endpoint *e)
{
	const enum conf_route on[FAMILY_COUNT] = {
#define X(id, name, ...) [FAMILY_##id] = c->routes.name,
		DIALECTS(X)
#undef X
		[FAMILY_OPENROUTER] = c->routes.openrouter,
		[FAMILY_UNIFIED] = c->routes.unified ? ROUTE_ON : ROUTE_OFF,
	};

	if ((e->flags & ENDPOINT_LIST) && !c->routes.models)
		return 0;
	if (e->kind == ENDPOINT_LOCAL && e->family == FAMILY_OPENAI)
		return 1;
	return on[e->family] != ROUTE_OFF;
}

static int
method_fits(const struct endpoint *e, enum http1_method m)
{
	if (m == HTTP1_HEAD)
		m = HTTP1_GET;
	return e->method == m;
}

/*
 * The first segment as an enabled provider: its index, or -1. *rest is the
 * path behind it.
 */
static int
first_segment(const struct conf *c, struct str path, struct str *rest)
{
	struct str id = str_skip(path, 1);
	const struct conf_provider *p;
	long slash = str_chr(id, '/');

	if (slash <= 0)
		return -1;
	id.n = (size_t)slash;
	if ((p = conf_provider(c, id)) == NULL || !p->enabled)
		return -1;
	*rest = str_skip(path, 1 + id.n);
	return (int)(p - c->providers);
}

int
endpoint_version(struct str query)
{
	struct str part;

	while (str_split(&query, '&', &part))
		if (str_starts(part, STR("api-version=")) && part.n > 12)
			return 1;
	return 0;
}

/* Without the version it may be meant for a provider of that name. */
static int
is_raw(const struct conf *c, const struct endpoint *e, struct str path,
    struct str query)
{
	struct str rest;

	return (e->flags & ENDPOINT_VERSION) && c->routes.platforms &&
	    !endpoint_version(query) && first_segment(c, path, &rest) >= 0;
}

/* Does path belong to the row? *rest is what the row leaves open. */
static int
path_fits(const struct endpoint *e, struct str path, struct str *rest)
{
	struct str p = e->path, op;

	*rest = STR_NULL;
	if (!(e->flags & (ENDPOINT_PREFIX | ENDPOINT_IN_PATH)))
		return str_eq(path, p);
	if (!str_starts(path, p) || path.n == p.n)
		return 0;
	*rest = str_skip(path, p.n);
	if (e->flags & ENDPOINT_IN_PATH) {
		op = str_of(e->suffix);
		if (!str_ends(*rest, op) || rest->n == op.n)
			return 0;
		rest->n -= op.n;
		return 1;	/* names of Ollama's models have colons */
	}
	/* Behind a colon stands an operation. */
	return e->family != FAMILY_GEMINI || str_chr(*rest, ':') < 0;
}

/* Paths that stand in the dialects' own files. */
#define MADE_MAX 64
static struct endpoint made[MADE_MAX];
static unsigned n_made;

static void
make_rows(enum conf_dialect d, const struct codec_path *p, const char *usual,
    unsigned flags, unsigned api)
{
	for (; p != NULL && p->path != NULL; p++) {
		ASSERT(n_made < MADE_MAX);
		made[n_made++] = (struct endpoint){ HTTP1_POST,
		    str_of(p->path), ENDPOINT_ROUTED,
		    codec_get(d, 0)->tap->shape,
		    flags | (p->prompt ? ENDPOINT_PROMPT : 0), api,
		    p->at != NULL ? p->at : usual, (enum endpoint_family)d, d,
		    NULL };
	}
}

static void
make_all(void)
{
	const struct codec *c;
	int d;

	for (d = 0; d < DIALECT_COUNT; d++) {
		c = codec_get((enum conf_dialect)d, 0);
		make_rows((enum conf_dialect)d, c->paths, c->path,
		    ENDPOINT_CHAT, CONF_API_CHAT);
		if (c->embed != NULL)
			make_rows((enum conf_dialect)d, c->embed->paths,
			    c->embed->path, 0, CONF_API_EMBEDDINGS);
	}
}

static const struct endpoint *
row_at(size_t i)
{
	size_t n = sizeof(table) / sizeof(table[0]);

	if (i < n)
		return &table[i];
	if (n_made == 0)
		make_all();
	return i - n < n_made ? &made[i - n] : NULL;
}

/* Rows with that path; sets ep, or wrong_method. */
static void
find_row(const struct conf *c, struct str path, struct str query,
    enum http1_method m, struct endpoint_match *out)
{
	const struct endpoint *e;
	struct str rest;
	size_t i;

	for (i = 0; (e = row_at(i)) != NULL; i++) {
		if (!path_fits(e, path, &rest) || !family_on(c, e) ||
		    is_raw(c, e, path, query))
			continue;
		if (!method_fits(e, m)) {
			/* Behind a colon stands an operation of another. */
			if ((e->flags & ENDPOINT_PREFIX) &&
			    str_chr(rest, ':') >= 0)
				continue;
			out->wrong_method = 1;
			out->shape = e->shape;
			out->allow = e->method == HTTP1_GET ? "GET, HEAD" :
			    "POST";
			continue;
		}
		out->ep = e;
		out->kind = e->kind;
		out->shape = e->shape;
		out->rest = rest;
		out->wrong_method = 0;
		return;
	}
}

const struct endpoint *
endpoint_next(const struct conf *c, size_t *i)
{
	const struct endpoint *e;

	while ((e = row_at((*i)++)) != NULL)
		if (family_on(c, e))
			break;
	return e;
}

/*
 * A path of a family that is also one below an enabled provider's own prefix
 * (/openai/v1/chat/completions with a provider openai): unless the model is a
 * group or an alias, only that provider is a candidate. Its index, or -1.
 */
static int
below_provider(const struct conf *c, struct str path)
{
	struct str rest, api;
	int p = first_segment(c, path, &rest);

	if (p < 0)
		return -1;
	api = str_of(c->providers[p].api_path);
	return str_starts(rest, api) && rest.n > api.n &&
	    rest.p[api.n] == '/' ? p : -1;
}

/* Whose errors a client expects that asks for what is not there. */
static enum fault_shape
shape_below(struct str path)
{
	static const struct {
		struct str		 begin;
		enum fault_shape	 shape;
	} rows[] = {
		{ TEXT("/anthropic/"), SHAPE_ANTHROPIC },
		{ TEXT("/v1/messages/"), SHAPE_ANTHROPIC },
		{ TEXT("/gemini/"), SHAPE_GEMINI },
		{ TEXT("/v1beta/"), SHAPE_GEMINI },
		{ TEXT("/mistral/"), SHAPE_MISTRAL },
		{ TEXT("/ollama/"), SHAPE_OLLAMA },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(path, rows[i].begin))
			return rows[i].shape;
	return SHAPE_OPENAI;
}

void
endpoint_find(const struct conf *c, enum http1_method m, struct str path,
    struct str query, struct endpoint_match *out)
{
	struct str rest, short_path = path;
	int p;

	memset(out, 0, sizeof(*out));
	out->pinned = -1;
	out->shape = SHAPE_OPENAI;
	find_row(c, path, query, m, out);
	/* OpenAI's paths stand under /openai/v1 too. */
	if (out->ep == NULL && !out->wrong_method &&
	    str_starts(path, STR("/openai/v1/"))) {
		short_path = str_skip(path, 7);
		find_row(c, short_path, query, m, out);
		if (out->ep != NULL && (out->ep->family != FAMILY_OPENAI ||
		    c->routes.openai == ROUTE_OFF)) {
			memset(out, 0, sizeof(*out));
			out->pinned = -1;
			out->shape = SHAPE_OPENAI;
		}
	}
	if (out->ep != NULL && (out->kind == ENDPOINT_ROUTED ||
	    (out->ep->flags & ENDPOINT_LIST)))
		out->pinned = below_provider(c, path);
	if (out->ep != NULL)
		return;
	if (c->routes.platforms && (p = first_segment(c, path, &rest)) >= 0) {
		out->kind = ENDPOINT_RAW;
		out->wrong_method = 0;
		out->shape = SHAPE_PLAIN;
		out->pinned = p;
		out->rest = rest;
	} else if (!out->wrong_method)
		out->shape = shape_below(path);
}
