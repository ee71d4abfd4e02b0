/*
 * dialect.c - the table of wire formats.
 *
 * Runs in: worker.
 * Owns: the table.
 */
#include "base/err.h"
#include "dialect/dialect.h"

/*
 * Groq, Mistral and Azure answer as OpenAI does.
 */
static const struct dialect *const table[DIALECT_COUNT] = {
	[DIALECT_OPENAI] = &dialect_openai_chat,
	[DIALECT_ANTHROPIC] = &tap_anthropic,
	[DIALECT_GEMINI] = &tap_gemini,
	[DIALECT_MISTRAL] = &dialect_openai_chat,
	[DIALECT_GROQ] = &dialect_openai_chat,
	[DIALECT_AZURE] = &dialect_openai_chat,
	[DIALECT_OLLAMA] = &tap_ollama,
};

const struct dialect *
dialect_get(enum conf_dialect d)
{
	ASSERT((unsigned)d < DIALECT_COUNT);
	return table[d];
}

const struct dialect *
dialect_of_api(enum conf_dialect d, unsigned api)
{
	if (api == CONF_API_MESSAGES)
		return &tap_anthropic;
	if (api == CONF_API_RESPONSES)
		return &tap_responses;
	return dialect_get(d);
}

uint64_t
dialect_estimate(uint64_t bytes)
{
	return bytes / 4 + (bytes % 4 != 0);
}
