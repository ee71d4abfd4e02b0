/*
 * local.h - endpoints that the worker answers by itself.
 *
 * Each appends its JSON to body and returns the HTTP status; 0 when that takes
 * another turn. Shapes:
 * aigw-api(7) and the older gateways' status pages.
 */
#ifndef WORKER_LOCAL_H
#define WORKER_LOCAL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct req;

/* local_models.c: the list in the shape of r->ep, and one of it. */
int local_models(struct req *r, struct buf *body);
int local_model(struct req *r, struct buf *body);
/* With the number of providers of each. */
int local_counted(struct req *r, struct buf *body);
/* A page of models: set by the query, then filled one by one. */
struct local_page {
	struct str	 only;		/* n = 0: all */
	struct str	 after;		/* n = 0: from the beginning */
	uint64_t	 most;
	uint64_t	 n;		/* taken */
	struct str	 first, last;	/* of those */
	int		 more;		/* behind the page */
};

/* Does id stand on the page? If so it counts, and a comma parts it from the
 * one before. When the page is full p->more is set. */
int local_page_takes(struct local_page *p, struct buf *body, struct str id);
/* Append "name":"s". */
void local_quoted(struct buf *body, const char *name, struct str s);
/* local_able.c: what models take, and what is lost on the way to them. */
int local_able(struct req *r, struct buf *body);
/* It has begun and must come to its end, also when the client has gone. */
int local_able_runs(const struct req *r);
/* The value of a query parameter ("limit="), unescaped; n = 0: none. */
struct str local_asked(struct req *r, struct str name);
/* local_ollama.c: what Ollama's clients ask its server beside lists. */
int local_ollama_ps(struct req *r, struct buf *body);
int local_ollama_version(struct req *r, struct buf *body);
int local_ollama_show(struct req *r, struct buf *body);
/* "details" of a model whose file nobody has. */
void local_ollama_details(struct buf *b);
/* ,"modified_at": when the configuration was loaded. */
void local_ollama_modified(const struct req *r, struct buf *b);
/* What the caller of r may use, for catalog_each. */
struct catalog_query;
void local_query(const struct req *r, struct catalog_query *q);
/* How many tokens a request has, when no provider can count: an estimate. */
int local_count(struct req *r, struct buf *body);
int local_root(struct req *r, struct buf *body);
int local_health(struct req *r, struct buf *body);
int local_health_quick(struct req *r, struct buf *body);
int local_info(struct req *r, struct buf *body);
int local_routes(struct req *r, struct buf *body);
int local_healthz(struct req *r, struct buf *body);
int local_readyz(struct req *r, struct buf *body);

#endif
