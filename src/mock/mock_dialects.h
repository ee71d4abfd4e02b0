/*
 * mock_dialects.h - the dialects beside OpenAI's.
 *
 * Each is a file of its own. Those of OpenAI's paths are told by a prefix:
 * /mistral/..., /groq/...; Azure by /openai/deployments/.
 */
#ifndef MOCK_DIALECTS_H
#define MOCK_DIALECTS_H

#include "mock/mock.h"

extern const struct mock_dialect mock_anthropic, mock_azure, mock_gemini,
    mock_groq, mock_mistral, mock_ollama;

/*
 * Is what a request to Anthropic says of earlier turns what the server would
 * take? NULL, or what it answers. Same for Gemini.
 */
struct json_object;
const char *mock_anthropic_check(struct json_object *request);
const char *mock_gemini_check(struct json_object *request,
    const char *model);

#endif
