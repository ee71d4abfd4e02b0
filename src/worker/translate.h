/*
 * translate.h - a request whose client and provider speak different formats.
 */
#ifndef WORKER_TRANSLATE_H
#define WORKER_TRANSLATE_H

#include "worker/req.h"

struct translate;

/* Bytes that a translated answer may have. That of embeddings grows with their
 * number, not with the request. */
size_t translate_most(const struct req *r);
/*
 * Write the request for the chosen target: 0, or the fault that r is to fail
 * with is set. ERR_FORMAT: it cannot be written for this one, which concerns
 * the request only; r->refusal tells why the first could not take it.
 * ERR_AGAIN: it is long, and the rest is for the next turn. What was begun is
 * gone on with until it is over, also when the client is gone.
 */
int translate_request(struct req *r);
/* The body for the provider; and forget it, it has been sent. */
struct str translate_body(const struct req *r);
void translate_sent(struct req *r);
/*
 * The whole answer that is held becomes the client's, held in its place: 0, ERR_AGAIN as above,
 * 1 when it is an error (translate_said), or ERR_FORMAT when it is not what the
 * provider's format says.
 */
int translate_answer(struct req *r);
/* 1 when one of both has begun and is not over. */
int translate_begun(const struct req *r);
/* What the provider said in an answer that is an error. */
enum fault translate_said(const struct req *r, struct str *text);
/*
 * A stream: 1 when a long event, or what was made of one, waits for its next
 * slice; nothing of the request may end or be freed before. translate_go_on
 * does it: 0, or ERR_AGAIN. translate_finish: the provider's bytes have ended
 * well; 0, or ERR_AGAIN as above.
 */
int translate_busy(const struct req *r);
int translate_go_on(struct req *r);
int translate_finish(struct req *r);
/* Why a stream cannot be translated any further; NULL: it can. */
const char *translate_broken(const struct req *r, enum fault *f);
/* 1 when the client was told the end of its stream, good or bad; *failed: it
 * was an error. */
int translate_over(const struct req *r, int *failed);
/* 1 when the client reads its stream as elements of one JSON array. */
int translate_array(const struct req *r);
/* Append the event that tells the client in its format that its stream failed,
 * translated or not: 0 or a buf.h error. */
int translate_fault(struct req *r, struct buf *b, enum fault f,
    struct str message);
/* "seed,metadata" that did not reach the provider; "" for none. */
const char *translate_dropped(const struct req *r);
/* Free what is not in the request's arena. */
void translate_free(struct req *r);

extern const struct filter_ops flow_translate_ops;

#endif
