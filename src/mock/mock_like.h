/*
 * mock_like.h - requests that look like OpenAI's chat, read from a tree.
 */
#ifndef MOCK_LIKE_H
#define MOCK_LIKE_H

#include "mock/mock_gen.h"

/* Tools, results, response_format and bounds of a request with messages. */
void mock_like_ask(struct mock_call *c, struct json_object *root,
    struct mock_ask *ask);
/*
 * What is wrong with the turns, or NULL: calls without results, results
 * without calls. id_len: each call's id must be that many letters and digits;
 * 0: any.
 */
const char *mock_like_check(struct json_object *root, size_t id_len);
/* Append {"name":...,"arguments":"..."}, the arguments as text. */
void mock_like_function(struct buf *b, const struct mock_gen *g);
/* Append "prompt_tokens":...,"completion_tokens":...,"total_tokens":... */
void mock_like_tokens(struct buf *b, struct mock_answer *a);
/* The finish reason to tell. */
const char *mock_like_finish(const struct mock_answer *a);

#endif
