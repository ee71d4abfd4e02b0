/*
 * where.h - where at the provider an attempt goes.
 */
#ifndef WORKER_WHERE_H
#define WORKER_WHERE_H

#include "base/arena.h"
#include "base/str.h"

struct req;

/* Path and query for the chosen provider and model: in r's arena. */
struct str where_target(struct req *r);

/* A name in a client's path or query, "vendor%2Fmodel"; what makes no sense
 * stays as it is. */
struct str where_unescape(struct arena *a, struct str s);

#endif
