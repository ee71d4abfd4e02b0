/*
 * mock_openai.h - the OpenAI dialect of the mock.
 */
#ifndef MOCK_OPENAI_H
#define MOCK_OPENAI_H

#include "base/json.h"
#include "mock/mock.h"

extern const struct mock_dialect mock_openai;

/* The error body; also what /v1/responses and the misc endpoints answer. */
void mock_openai_error(struct mock_answer *a, int status, const char *code,
    const char *message);

void mock_openai_error_event(struct mock_answer *a, struct buf *b);
/* The next event of a chat stream. */
enum mock_next mock_openai_next(struct mock_answer *a, struct buf *b);

/* Endpoints, by file. mock_openai.c: */
void mock_openai_chat(struct mock_call *c);
void mock_openai_completion(struct mock_call *c);
/* mock_responses.c: */
void mock_responses(struct mock_call *c);
void mock_responses_count(struct mock_call *c);
void mock_responses_error_event(struct mock_answer *a, struct buf *b);
/* mock_openai_misc.c: */
void mock_openai_embeddings(struct mock_call *c);
void mock_openai_moderations(struct mock_call *c);
void mock_openai_images(struct mock_call *c);
void mock_openai_speech(struct mock_call *c);
void mock_openai_transcription(struct mock_call *c);
void mock_openai_rerank(struct mock_call *c);
void mock_openai_models(struct mock_call *c);
/* A list of n numbers that follow from seed, or base64 of the floats. */
void mock_openai_vector(struct buf *b, uint64_t seed, unsigned n, int base64);
/* ,"usage":{...}: prompt_tokens and total_tokens, of input. */
void mock_openai_input_usage(struct mock_call *c, struct str input);
/* mock_embed.c: */
void mock_mistral_embed(struct mock_call *c);
void mock_ollama_embed(struct mock_call *c);
void mock_ollama_embed_old(struct mock_call *c);
void mock_openai_model(struct mock_call *c);

/* mock_openai_gen.c: what the chat-like endpoints have in common. */

/* Header lines that the real one sends. */
void mock_openai_headers(struct mock_answer *a);
/* Fill a->gen and a->tokens: text or tool calls, how much, why it ends. */
void mock_openai_plan(struct mock_call *c, enum mock_want input,
    enum mock_want limit);
/* The function to call of a list: the chosen one, else the first; or NULL. */
struct json_object *mock_openai_tool(struct json_object *tools,
    struct json_object *choice);
/* Tokens that an effort costs; 0: none, or not known. */
int64_t mock_openai_effort(const char *effort);

#endif
