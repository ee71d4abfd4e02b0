/*
 * endpoint.h - which path means what: method + path -> family, operation.
 */
#ifndef WORKER_ENDPOINT_H
#define WORKER_ENDPOINT_H

#include "conf/conf.h"
#include "dialect/fault.h"
#include "net/http1.h"

struct req;

enum endpoint_kind {
	ENDPOINT_NONE,
	ENDPOINT_ROUTED,	/* model in the body: the whole pipeline */
	ENDPOINT_RAW,		/* the raw proxy of one provider */
	ENDPOINT_LOCAL		/* answered here */
};

#define ENDPOINT_OPEN		0x01u	/* no key needed */
#define ENDPOINT_MULTIPART	0x02u	/* may be multipart/form-data */
#define ENDPOINT_CHAT		0x04u	/* has an end mark when streamed */
#define ENDPOINT_MODEL_OPTIONAL	0x08u	/* model may be missing */
#define ENDPOINT_PREFIX		0x10u	/* path is a prefix: /v1/models/ */
#define ENDPOINT_IN_PATH	0x20u	/* prefix; the rest is the model and the
					   suffix */
#define ENDPOINT_COUNTS		0x40u	/* counts tokens, generates none */
#define ENDPOINT_LIST		0x80u	/* of models; routes.models */
#define ENDPOINT_VERSION	0x100u	/* Azure's, outside of deployments */
#define ENDPOINT_PUBLIC		0x200u	/* no key with models.public */
#define ENDPOINT_STYLES		0x800u	/* takes bodies of other styles too */
#define ENDPOINT_PROMPT		0x2000u	/* for one text: Ollama's
					   /api/generate, :embedContent */
#define ENDPOINT_SHOW		0x4000u	/* tells of a model; no provider is
					   asked */
#define ENDPOINT_UNIFIED	0x1000u	/* a format of its own (unified.h) */

/* Families of paths; the names of routes.* */
enum endpoint_family {
#define X(id, name, ...) FAMILY_##id,	/* FAMILY_OPENAI and so on */
	DIALECTS(X)
#undef X
	FAMILY_OPENROUTER, FAMILY_UNIFIED, FAMILY_COUNT
};

struct endpoint {
	enum http1_method method;	/* GET also serves HEAD */
	struct str	 path;		/* without a family prefix */
	enum endpoint_kind kind;
	enum fault_shape shape;
	unsigned	 flags;
	unsigned	 api;		/* CONF_API_*, for routed */
	const char	*suffix;	/* behind the provider's prefix; IN_PATH:
					   behind the model in path too */
	enum endpoint_family family;
	enum conf_dialect dialect;	/* of the client */
	/* ENDPOINT_LOCAL, _SHOW, and _COUNTS when no provider can: append the
	 * answer (JSON) to body; its status. */
	int		(*answer)(struct req *r, struct buf *body);
};

struct endpoint_match {
	const struct endpoint *ep;
	enum endpoint_kind kind;
	enum fault_shape shape;
	int		 pinned;	/* provider index of the path, or -1 */
	struct str	 rest;		/* RAW: behind the id; PREFIX: tail;
					   IN_PATH: the model, as written */
	int		 wrong_method;	/* the path is known, the method not: */
	const char	*allow;		/* ... these are */
};

static inline int
endpoint_embeds(const struct endpoint *e)
{
	return e != NULL && e->api == CONF_API_EMBEDDINGS;
}

/* Find what path means under this configuration; kind NONE: nothing. */
void endpoint_find(const struct conf *c, enum http1_method method,
    struct str path, struct str query, struct endpoint_match *out);

/* Does the query name an API version, as Azure wants it? */
int endpoint_version(struct str query);

/* The rows, one after another; *i is 0 first. NULL: that was the last. */
const struct endpoint *endpoint_next(const struct conf *c, size_t *i);

/* What a body of Claude's style asks for on a path with ENDPOINT_STYLES. */
const struct endpoint *endpoint_claude(void);

#endif
