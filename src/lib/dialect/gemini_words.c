/*
 * gemini_words.c - what clients of other formats call what Gemini lacks.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/ge.h"

/* As OpenAI says it in chats and responses, Anthropic, Gemini, Mistral; NULL:
 * as in chats. */
static const char *const words[GE_WORDS][5] = {
	[GE_MAX] = { "max_tokens", "max_output_tokens", NULL,
	    "generationConfig.maxOutputTokens", NULL },
	[GE_STOP] = { "stop", NULL, "stop_sequences",
	    "generationConfig.stopSequences", NULL },
	[GE_SEED] = { "seed", NULL, NULL, "generationConfig.seed",
	    "random_seed" },
	[GE_EFFORT] = { "reasoning_effort", "reasoning.effort", "thinking",
	    "generationConfig.thinkingConfig.thinkingLevel", NULL },
	[GE_BUDGET] = { "reasoning", NULL, "thinking.budget_tokens",
	    "generationConfig.thinkingConfig.thinkingBudget", NULL },
	[GE_FORMAT] = { "response_format", "text.format",
	    "output_config.format", "generationConfig.responseMimeType",
	    NULL },
	[GE_LOGPROBS] = { "logprobs", "include", NULL, NULL, NULL },
	[GE_MESSAGES] = { "messages", "input", NULL, "contents", NULL },
	[GE_SYSTEM] = { "messages.system", "input.system", NULL, NULL, NULL },
	[GE_CONTENT] = { "messages.content", "input.content", NULL,
	    "contents.parts", NULL },
	[GE_PREFILL] = { "messages.prefill", "input.prefill", NULL,
	    "contents.prefill", "messages.prefix" },
	[GE_DETAIL] = { "image_url.detail", "input_image.detail", NULL,
	    "mediaResolution", NULL },
	[GE_USER] = { "user", NULL, "metadata.user_id", NULL, NULL },
	[GE_VERBOSITY] = { "verbosity", "text.verbosity", NULL, NULL, NULL },
	[GE_TIER] = { "service_tier", NULL, NULL, "serviceTier", NULL },
	[GE_PARALLEL] = { "parallel_tool_calls", NULL,
	    "tool_choice.disable_parallel_tool_use", NULL, NULL },
	[GE_THOUGHT] = { "reasoning_content", "reasoning", "thinking",
	    "thought", "thinking" },
};

const char *
ge_word(const struct ir_req *q, enum ge_word which)
{
	const char *s;

	ASSERT((unsigned)which < GE_WORDS);
	if ((s = codec_word(q, words[which][0])) != NULL)
		return s;
	if (q->responses)
		s = words[which][1];
	else if (q->from == DIALECT_ANTHROPIC)
		s = words[which][2];
	else if (q->from == DIALECT_GEMINI)
		s = words[which][3];
	else if (q->from == DIALECT_MISTRAL)
		s = words[which][4];
	return s == NULL ? words[which][0] : s;
}
