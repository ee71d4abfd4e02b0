/*
 * chat.c - the members of the chat family and what differs between them.
 *
 * Runs in: worker.
 * Owns: the table.
 *
 * A server that is like OpenAI's knows less of it: it gets what all such
 * servers know.
 */
#include "dialect/chat.h"
#include "dialect/embed.h"

/* The word of a row whose first it is; NULL when there is none. */
const char *
chat_look_up(const char *const rows[][2], struct str word)
{
	for (; (*rows)[0] != NULL; rows++)
		if (str_eqc(word, (*rows)[0]))
			return (*rows)[1];
	return NULL;
}

/* --- service tiers ------------------------------------------------------- */

static const char *
openai_tier(struct str word)
{
	static const char *const rows[][2] = {
		{ "standard_only", "default" }, { "standard", "default" },
		{ "on_demand", "default" }, { "default", "default" },
		{ "priority", "priority" }, { "flex", "flex" },
		{ NULL, NULL },
	};
	const char *s = chat_look_up(rows, word);

	return s == NULL ? "auto" : s;
}

static const char *
mistral_tier(struct str word)
{
	static const char *const rows[][2] = {
		{ "default", "standard_only" }, { "flex", "standard_only" },
		{ "standard_only", "standard_only" },
		{ "standard", "standard_only" },
		{ "on_demand", "standard_only" }, { NULL, NULL },
	};
	const char *s = chat_look_up(rows, word);

	return s == NULL ? "auto" : s;
}

/* --- the family ---------------------------------------------------------- */

#define CHAT_COMMON (CHAT_NAME | CHAT_N | CHAT_LOGPROBS | CHAT_PENALTIES | \
	CHAT_CACHE_KEY | CHAT_METADATA | CHAT_VERBOSITY | CHAT_FILES | \
	CHAT_AUDIO | CHAT_REFUSAL | CHAT_ASK_USAGE | CHAT_PREDICTION | \
	CHAT_LATE_SYSTEM)

const struct chat chat_openai = {
	.dialect = DIALECT_OPENAI,
	.name = "OpenAI",
	.max_tokens = "max_completion_tokens",
	.seed = "seed",
	.user = "safety_identifier",
	.required = "required",
	.max_temperature = 2,
	.max_stop = 4,
	.has = CHAT_COMMON | CHAT_DEVELOPER | CHAT_CUSTOM | CHAT_SUBSET |
	    CHAT_STORE | CHAT_BREAKPOINTS | CHAT_DETAIL_ORIGINAL,
	.tier = openai_tier,
	.effort = chat_openai_effort,
};

const struct chat chat_generic = {
	.dialect = DIALECT_OPENAI,
	.name = "this server",
	.max_tokens = "max_tokens",
	.seed = "seed",
	.user = "user",
	.required = "required",
	.max_temperature = 2,
	.max_stop = 4,
	.has = CHAT_COMMON,
	.tier = openai_tier,
	.effort = chat_generic_effort,
};

const struct chat chat_mistral = {
	.dialect = DIALECT_MISTRAL,
	.name = "Mistral",
	.max_tokens = "max_tokens",
	.seed = "random_seed",
	.required = "any",
	.max_temperature = 1.5,
	.has = CHAT_N | CHAT_PENALTIES | CHAT_CACHE_KEY | CHAT_METADATA |
	    CHAT_DOCUMENTS | CHAT_BARE_AUDIO | CHAT_RESULT_IMAGES |
	    CHAT_CHUNKS | CHAT_SHORT_IDS | CHAT_PREFIX | CHAT_PREDICTION |
	    CHAT_WHOLE_CALLS,
	.tier = mistral_tier,
	.effort = chat_mistral_effort,
};

#define ROW(id, variant, target, whose, vectors)			\
CHAT_CODEC(id, variant, target, .like = DIALECT_##whose,		\
    .embed = &embed_##vectors)

ROW(openai_chat, chat_openai, t->generic ? &chat_generic : &chat_openai,
    OPENAI, openai);
ROW(azure, chat_openai, &chat_openai, OPENAI, openai);
ROW(mistral, chat_mistral, &chat_mistral, MISTRAL, mistral);
