/*
 * endpoint.c - which path means what.
 *
 * Runs in: worker.
 * Owns: the table of client endpoints.
 */
#include "worker/endpoint.h"
#include "worker/local.h"

#define TEXT(s) { s, sizeof(s) - 1 }
#define OPENAI(m, path, flags, api, suffix)				\
	{ HTTP1_##m, TEXT(path), ENDPOINT_ROUTED, SHAPE_OPENAI, flags,	\
	    api, suffix, NULL }
#define LOCAL(m, path, flags, fn)					\
	{ HTTP1_##m, TEXT(path), ENDPOINT_LOCAL, SHAPE_OPENAI, flags,	\
	    0, NULL, fn }

static const struct endpoint table[] = {
	OPENAI(POST, "/v1/chat/completions", ENDPOINT_CHAT,
	    CONF_API_CHAT, "/chat/completions"),
	OPENAI(POST, "/v1/completions", ENDPOINT_CHAT,
	    CONF_API_COMPLETIONS | CONF_API_CHAT, "/completions"),
	OPENAI(POST, "/v1/embeddings", 0,
	    CONF_API_EMBEDDINGS, "/embeddings"),
	OPENAI(POST, "/v1/moderations", ENDPOINT_MODEL_OPTIONAL,
	    CONF_API_MODERATIONS, "/moderations"),
	OPENAI(POST, "/v1/images/generations", 0,
	    CONF_API_IMAGES, "/images/generations"),
	OPENAI(POST, "/v1/images/edits", ENDPOINT_MULTIPART,
	    CONF_API_IMAGES, "/images/edits"),
	OPENAI(POST, "/v1/images/variations", ENDPOINT_MULTIPART,
	    CONF_API_IMAGES, "/images/variations"),
	OPENAI(POST, "/v1/audio/speech", 0,
	    CONF_API_AUDIO, "/audio/speech"),
	OPENAI(POST, "/v1/audio/transcriptions", ENDPOINT_MULTIPART,
	    CONF_API_AUDIO, "/audio/transcriptions"),
	OPENAI(POST, "/v1/audio/translations", ENDPOINT_MULTIPART,
	    CONF_API_AUDIO, "/audio/translations"),
	OPENAI(POST, "/v1/rerank", 0, 0, "/rerank"),
	LOCAL(GET, "/v1/models", 0, local_models),
	LOCAL(GET, "/v1/models/", ENDPOINT_PREFIX, local_model),
	LOCAL(GET, "/", ENDPOINT_OPEN, local_root),
	LOCAL(GET, "/health", ENDPOINT_OPEN, local_health),
	LOCAL(GET, "/health/quick", ENDPOINT_OPEN, local_health_quick),
	LOCAL(GET, "/info", ENDPOINT_OPEN, local_info),
	LOCAL(GET, "/routes", ENDPOINT_OPEN, local_routes),
	LOCAL(GET, "/healthz", ENDPOINT_OPEN, local_healthz),
	LOCAL(GET, "/readyz", ENDPOINT_OPEN, local_readyz),
};

static int
method_fits(const struct endpoint *e, enum http1_method m)
{
	if (m == HTTP1_HEAD)
		m = HTTP1_GET;
	return e->method == m;
}

/* Rows with that path; sets ep, or wrong_method. */
static void
find_row(struct str path, enum http1_method m, struct endpoint_match *out)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct endpoint *e = &table[i];
		struct str p = e->path;

		if (e->flags & ENDPOINT_PREFIX) {
			if (!str_starts(path, p) || path.n == p.n)
				continue;
		} else if (!str_eq(path, p))
			continue;
		if (!method_fits(e, m)) {
			out->wrong_method = 1;
			continue;
		}
		out->ep = e;
		out->kind = e->kind;
		out->shape = e->shape;
		out->rest = str_skip(path, p.n);
		out->wrong_method = 0;
		return;
	}
}

static int
route_on(enum conf_route r)
{
	return r != ROUTE_OFF;
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

/* Family paths of OpenAI's format stand under /v1 and under /openai/v1. */
static void
find_openai(const struct conf *c, enum http1_method m, struct str path,
    struct endpoint_match *out)
{
	struct str rest;

	if (!route_on(c->routes.openai))
		return;
	if (str_starts(path, STR("/openai/v1/"))) {
		find_row(str_skip(path, 7), m, out);
		if (out->ep == NULL)
			return;
		out->pinned = first_segment(c, path, &rest);
	}
}

void
endpoint_find(const struct conf *c, enum http1_method m, struct str path,
    struct endpoint_match *out)
{
	struct str rest;
	int p;

	memset(out, 0, sizeof(*out));
	out->pinned = -1;
	out->shape = SHAPE_OPENAI;
	find_row(path, m, out);
	if (out->ep != NULL && out->kind == ENDPOINT_ROUTED &&
	    !route_on(c->routes.openai)) {
		memset(out, 0, sizeof(*out));
		out->pinned = -1;
		return;
	}
	if (out->ep != NULL || out->wrong_method)
		return;
	find_openai(c, m, path, out);
	if (out->ep != NULL)
		return;
	out->wrong_method = 0;
	if (c->routes.platforms && (p = first_segment(c, path, &rest)) >= 0) {
		out->kind = ENDPOINT_RAW;
		out->shape = SHAPE_PLAIN;
		out->pinned = p;
		out->rest = rest;
	}
}
