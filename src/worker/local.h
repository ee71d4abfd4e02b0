/*
 * local.h - endpoints that the worker answers by itself.
 *
 * Each appends its JSON to body and returns the HTTP status. Shapes:
 * aigw-api(7) and the older gateways' status pages.
 */
#ifndef WORKER_LOCAL_H
#define WORKER_LOCAL_H

#include "base/buf.h"

struct req;

/* local_models.c: the list in the shape of r->ep, and one of it. */
int local_models(struct req *r, struct buf *body);
int local_model(struct req *r, struct buf *body);
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
