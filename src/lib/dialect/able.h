/*
 * able.h - what crosses from one format to another, found by trying.
 *
 * There is no table of what is lost: each feature is put into a request that
 * has nothing else, the codecs write it, and what they say is the answer.
 */
#ifndef DIALECT_ABLE_H
#define DIALECT_ABLE_H

#include "dialect/codec.h"

enum able {
	ABLE_NONE,		/* the client's format has no word for it */
	ABLE_KEPT,
	ABLE_CHANGED,		/* in another form, or nearly */
	ABLE_DROPPED,
	ABLE_REFUSED
};

/* Whose request it is. */
struct able_client {
	enum conf_dialect dialect;
	int		 responses;
};

#define ABLE_MAX 64		/* features, at most */
/* The name of feature i, "tool_results"; NULL behind the last. */
const char *able_name(unsigned i);
/* Try feature i: a request of that client for t. Scratch lies in a. */
enum able able_try(struct arena *a, const struct able_client *c,
    const struct ir_target *t, unsigned i);

/* The same of embeddings: "tokens". */
const char *able_embed_name(unsigned i);
enum able able_embed_try(struct arena *a, const struct able_client *c,
    const struct ir_target *t, unsigned i);

#endif
