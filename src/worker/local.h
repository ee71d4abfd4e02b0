/*
 * local.h - endpoints that the worker answers by itself.
 *
 * Each appends its JSON to body and returns the HTTP status; 0 when that takes
 * another turn. Shapes:
 * aigw-api(7) and the older gateways' status pages.
 */
#ifndef WORKER_LOCAL_H
#define WORKER_LOCAL_H

#include "base/buf.h"
#include "base/str.h"

struct req;

/* local_models.c: the list in the shape of r->ep, and one of it. */
int local_models(struct req *r, struct buf *body);
int local_model(struct req *r, struct buf *body);
/* local_able.c: what models take, and what is lost on the way to them. */
int local_able(struct req *r, struct buf *body);
/* The value of a query parameter ("limit="), unescaped; n = 0: none. */
struct str local_asked(struct req *r, struct str name);
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
