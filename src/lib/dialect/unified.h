/*
 * unified.h - POST /v1/chat: a provider by name, a model, messages of text.
 *
 * The codec (codec_unified) has the client's side only: nobody serves this
 * format to us. What is left out of the format stands in no answer: tools,
 * thinking, images.
 */
#ifndef DIALECT_UNIFIED_H
#define DIALECT_UNIFIED_H

#include "dialect/codec.h"

/* What a client may name as provider, and a model for the example. */
struct unified_choices {
	const struct str *v;
	unsigned	 n;
	struct str	 model;
};

/* In the arena; empty when the body does not say it. */
struct unified_ask {
	struct str	 provider, model;
};

#define UNIFIED_MODEL_MAX 511	/* bytes of its name */

/*
 * Check a body that jscan accepted, or an empty one: 0, or ERR_FORMAT and b
 * has the answer, which tells of every member at fault and of what is
 * expected; or a code of buf.h.
 */
int unified_check(struct arena *a, struct str body,
    const struct unified_choices *c, struct unified_ask *ask, struct buf *b);

#endif
