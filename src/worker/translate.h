/*
 * translate.h - a request whose client and provider speak different formats.
 */
#ifndef WORKER_TRANSLATE_H
#define WORKER_TRANSLATE_H

#include "worker/req.h"

struct translate;

/*
 * Write the request for the chosen target: 0, or the fault that r is to fail
 * with is set (message and param are in the arena).
 */
int translate_request(struct req *r);
/* The body for the provider. */
struct str translate_body(const struct req *r);
/* The whole answer, held and known to be JSON, becomes the client's: 0, or
 * ERR_FORMAT when it is not what the provider's format says. */
int translate_answer(struct req *r);
/* Append the event that tells the client in its format that its stream failed,
 * translated or not: 0 or a buf.h error. */
int translate_fault(struct req *r, struct buf *b, enum fault f,
    struct str message);
/* "seed,metadata" that did not reach the provider; "" for none. */
const char *translate_dropped(const struct req *r);
/* Free what is not in the arena. */
void translate_free(struct req *r);

extern const struct filter_ops flow_translate_ops;

#endif
