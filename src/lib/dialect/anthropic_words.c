/*
 * anthropic_words.c - what a client calls what Anthropic cannot be told.
 *
 * Runs in: worker.
 * Owns: the table.
 */
#include <stdarg.h>
#include <stdio.h>

#include "dialect/an_write.h"

/* NULL: as in chat requests. */
static const struct row {
	const char	*chat, *responses, *gemini, *anthropic;
} rows[] = {
	{ "max_tokens", "max_output_tokens",
	    "generationConfig.maxOutputTokens", NULL },
	{ "temperature", NULL, "generationConfig.temperature", NULL },
	{ "top_p", NULL, "generationConfig.topP", NULL },
	{ "top_k", NULL, "generationConfig.topK", NULL },
	{ "stop", NULL, "generationConfig.stopSequences", "stop_sequences" },
	{ "seed", NULL, "generationConfig.seed", NULL },
	{ "n", NULL, "generationConfig.candidateCount", NULL },
	{ "frequency_penalty", NULL, "generationConfig.frequencyPenalty",
	    NULL },
	{ "presence_penalty", NULL, "generationConfig.presencePenalty",
	    NULL },
	{ "logprobs", "include", "generationConfig.responseLogprobs",
	    NULL },
	{ "response_format", "text.format", "generationConfig.responseSchema",
	    "output_config.format" },
	{ "reasoning_effort", "reasoning.effort",
	    "generationConfig.thinkingConfig", "thinking" },
	{ "show_thoughts", "reasoning.summary",
	    "generationConfig.thinkingConfig.includeThoughts", NULL },
	{ "messages", "input", "contents", NULL },
	{ "tool_choice", NULL, "toolConfig.functionCallingConfig", NULL },
	{ "service_tier", NULL, "serviceTier", NULL },
	{ "verbosity", "text.verbosity", NULL, NULL },
	{ "detail", NULL, "mediaResolution", NULL },
	{ "reasoning_content", "reasoning", "thought", NULL },
};

const char *
an_word(const struct ir_req *q, const char *chat)
{
	const char *word = codec_word(q, chat);
	size_t i;

	if (word != NULL)
		return word;
	if (q->from == DIALECT_MISTRAL && strcmp(chat, "seed") == 0)
		return "random_seed";
	if (q->from == DIALECT_GROQ && strcmp(chat, "show_thoughts") == 0)
		return "reasoning_format";
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(chat, rows[i].chat) != 0)
			continue;
		word = q->from == DIALECT_GEMINI ? rows[i].gemini :
		    q->from == DIALECT_ANTHROPIC ? rows[i].anthropic :
		    q->responses ? rows[i].responses : NULL;
		break;
	}
	return word == NULL ? chat : word;
}

int
an_drop(struct an_wr *x, const char *chat)
{
	return ir_drop(x->n, an_word(x->q, chat));
}

int
an_change(struct an_wr *x, const char *chat)
{
	return ir_change(x->n, an_word(x->q, chat));
}

int
an_refuse(struct an_wr *x, const char *chat, const char *fmt, ...)
{
	const char *word = an_word(x->q, chat);
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return ir_refuse(x->n, word, "%s: %s", word, text);
}
