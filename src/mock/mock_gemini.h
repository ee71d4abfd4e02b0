/*
 * mock_gemini.h - the parts of the mock's Gemini.
 */
#ifndef MOCK_GEMINI_H
#define MOCK_GEMINI_H

#include "mock/mock_gen.h"

/* mock_gemini_ask.c: decide what the answer to the request is. */
void mock_gemini_plan(struct mock_call *c, struct json_object *root);
/* Member of that name, or in the spelling with underscores. */
struct json_object *mock_gemini_get(struct json_object *o, const char *camel,
    const char *snake);

/* Endpoints of mock_gemini_misc.c */
void mock_gemini_count(struct mock_call *c);
void mock_gemini_models(struct mock_call *c);
void mock_gemini_model(struct mock_call *c);
/* Of mock_embed.c */
void mock_gemini_embed(struct mock_call *c);
void mock_gemini_embed_batch(struct mock_call *c);

#endif
