/*
 * mock_openai.h - the OpenAI dialect of the mock.
 */
#ifndef MOCK_OPENAI_H
#define MOCK_OPENAI_H

#include "mock/mock.h"

extern const struct mock_dialect mock_openai;

/* The error body; also what /v1/responses and the misc endpoints answer. */
void mock_openai_error(struct mock_answer *a, int status, const char *code,
    const char *message);

/* Endpoints, by file. mock_openai.c: */
void mock_openai_chat(struct mock_call *c);
void mock_openai_completion(struct mock_call *c);
/* mock_responses.c: */
void mock_responses(struct mock_call *c);
/* mock_openai_misc.c: */
void mock_openai_embeddings(struct mock_call *c);
void mock_openai_moderations(struct mock_call *c);
void mock_openai_images(struct mock_call *c);
void mock_openai_speech(struct mock_call *c);
void mock_openai_transcription(struct mock_call *c);
void mock_openai_rerank(struct mock_call *c);
void mock_openai_models(struct mock_call *c);
void mock_openai_model(struct mock_call *c);

/* mock_openai_gen.c: what the chat-like endpoints have in common. */

/* Seconds since 1970 for "created"; fixed when the seed is. */
int64_t mock_openai_created(const struct mock_call *c);
/* Header lines that the real one sends. */
void mock_openai_headers(struct mock_answer *a);
/* Fill a->gen and a->tokens: text or tool calls, how much, why it ends. */
void mock_openai_plan(struct mock_call *c, enum mock_want input,
    enum mock_want limit);
/* Append piece i of the content, escaped for JSON. */
void mock_openai_piece(struct buf *b, const struct mock_gen *g, unsigned i);
/* Append all of them. */
void mock_openai_content(struct buf *b, const struct mock_gen *g);
/* A number of usage as act wants it told: true, negative, huge, "text". */
void mock_openai_number(struct buf *b, const char *name, int64_t n,
    enum mock_usage how);

#endif
