/*
 * unified.h - POST /v1/chat: what its body asks for, and its candidates.
 */
#ifndef WORKER_UNIFIED_H
#define WORKER_UNIFIED_H

#include "worker/req.h"

/* Before the body is looked at: STEP_DECODE, or the refusal. Only JSON is
 * taken: a browser sends other types from any page without asking. */
enum step unified_type(struct req *r);
/* The scanner took the body: STEP_ROUTE, or the answer that says what is
 * wrong with it. */
enum step unified_decode(struct req *r);
/* Find the targets: STEP_ROUTE, or the refusal. */
enum step unified_route(struct req *r);

#endif
