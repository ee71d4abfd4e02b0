/*
 * groq.c - Groq's form of OpenAI's chat.
 *
 * Runs in: worker.
 * Owns: what differs.
 */
#include "dialect/chat.h"
#include "dialect/embed.h"

static const char *
groq_tier(struct str word)
{
	static const char *const rows[][2] = {
		{ "default", "on_demand" }, { "standard_only", "on_demand" },
		{ "standard", "on_demand" }, { "flex", "flex" },
		{ "priority", "performance" }, { NULL, NULL },
	};
	const char *s = chat_look_up(rows, word);

	return s == NULL ? "auto" : s;
}

const struct chat chat_groq = {
	.dialect = DIALECT_GROQ,
	.name = "Groq",
	.max_tokens = "max_completion_tokens",
	.seed = "seed",
	.user = "user",
	.required = "required",
	.max_temperature = 2,
	.max_stop = 4,
	.has = CHAT_DEVELOPER | CHAT_NAME | CHAT_RESULT_IMAGES |
	    CHAT_REASONING | CHAT_WHOLE_CALLS | CHAT_LATE_SYSTEM,
	.tier = groq_tier,
	.effort = chat_groq_effort,
};

static const struct codec_path paths[] = {
	{ "/groq/openai/v1/chat/completions", NULL, 0 },
	{ "/groq/v4/chat/completions", NULL, 0 },
	{ NULL, NULL, 0 }
};

CHAT_CODEC(groq, chat_groq, &chat_groq, .paths = paths,
    .embed = &embed_openai);
