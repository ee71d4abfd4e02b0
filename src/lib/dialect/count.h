/*
 * count.h - the tokens of a request, counted without answering it.
 *
 * A format that can count has a struct codec_count in its row (codec.h): where,
 * and what of a chat request goes there. The request is read and written by the
 * codec, as a chat is.
 */
#ifndef DIALECT_COUNT_H
#define DIALECT_COUNT_H

#include "dialect/codec.h"

/* The chat request in a body that jscan accepted. */
struct str count_chat(const struct codec_count *c, struct str body);
/* Append what counts the chat request that the format's codec has written for
 * that model: 0 or a buf.h error. */
int count_write(struct buf *b, const struct codec_count *c, struct str chat,
    struct str model);
/* The number in an answer: 0 or ERR_FORMAT. */
int count_read(const struct codec_count *c, struct str answer, uint64_t *n);
/* Append an answer: 0 or a buf.h error. */
int count_put(struct buf *b, const struct codec_count *c, uint64_t n);

#endif
