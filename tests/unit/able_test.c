/* able_test.c - what crosses between formats, found by trying. */
#include "dialect/able.h"
#include "tap.h"

static enum able
fate(const struct able_client *c, const struct ir_target *t, const char *name)
{
	struct arena *a = arena_new(4096);
	enum able how = ABLE_NONE;
	unsigned i, found = 0;

	for (i = 0; able_name(i) != NULL; i++)
		if (strcmp(able_name(i), name) == 0) {
			how = able_try(a, c, t, i);
			found++;
		}
	EQ_INT(found, 1);
	OK(i <= ABLE_MAX);
	arena_free(&a);
	return how;
}

TEST(fates)
{
	static const struct able_client chat = { DIALECT_OPENAI, 0 },
	    responses = { DIALECT_OPENAI, 1 },
	    messages = { DIALECT_ANTHROPIC, 0 },
	    ollama = { DIALECT_OLLAMA, 0 };
	struct ir_target claude = { .dialect = DIALECT_ANTHROPIC,
	    .model = STR("claude-sonnet-4-5") },
	    server = { .dialect = DIALECT_OPENAI, .model = STR("m"),
	    .generic = 1 };

	EQ_INT(fate(&chat, &claude, "tools"), ABLE_KEPT);
	EQ_INT(fate(&chat, &claude, "images"), ABLE_KEPT);
	EQ_INT(fate(&chat, &claude, "seed"), ABLE_DROPPED);
	EQ_INT(fate(&chat, &claude, "logit_bias"), ABLE_REFUSED);
	EQ_INT(fate(&chat, &claude, "thinking_effort"), ABLE_CHANGED);
	EQ_INT(fate(&responses, &claude, "previous_response"), ABLE_REFUSED);
	EQ_INT(fate(&messages, &server, "top_k"), ABLE_REFUSED);
	EQ_INT(fate(&messages, &server, "cache_control"), ABLE_DROPPED);
	/* What a client cannot say is not lost. */
	EQ_INT(fate(&messages, &server, "seed"), ABLE_NONE);
	EQ_INT(fate(&ollama, &claude, "logit_bias"), ABLE_NONE);
	EQ_INT(fate(&chat, &claude, "top_k"), ABLE_NONE);
}

TAP_BEGIN
TAP_ROW(fates)
TAP_END
