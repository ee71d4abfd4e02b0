/*
 * chat_model.c - what a model of the chat family takes, told by its name.
 *
 * Runs in: worker.
 * Owns: the tables.
 *
 * A name that says nothing (a deployment, another maker's model) is a model
 * that takes everything: its server knows better.
 */
#include <stdio.h>

#include "dialect/chat.h"

#define O(n)		(10000u + (n) * 100u)	/* o1, o3, o4-mini */
#define GPT(major, minor) ((major) * 100u + (minor))

/* O(3), GPT(5, 6); 0 when the name is another's. */
static unsigned
version(struct str model)
{
	unsigned major, minor = 0;
	char name[32];
	long at;

	while ((at = str_chr(model, '/')) >= 0)
		model = str_skip(model, (size_t)at + 1);
	if (str_starts(model, STR("ft:")))
		model = str_skip(model, 3);
	if (str_starts(model, STR("chat")))
		model = str_skip(model, 4);
	(void)str_copy(name, sizeof(name), model);
	if (sscanf(name, "gpt-%2u.%2u", &major, &minor) >= 1)
		return major == 35 ? GPT(3, 5) : GPT(major, minor);
	if (sscanf(name, "o%1u", &major) == 1)
		return O(major);
	return 0;
}

static int
reasons(unsigned v)
{
	return v >= GPT(5, 0);
}

int
chat_takes_marks(struct str model)
{
	unsigned v = version(model);

	return v >= GPT(5, 6) && v < O(0);
}

/* Since GPT-5.1 they may be told not to reason, and are then like others. */
int
chat_takes_sampling(struct str model, int thinks)
{
	unsigned v = version(model);

	return !reasons(v) || (v >= GPT(5, 1) && v < O(0) && !thinks);
}

int
chat_takes_stop(struct str model)
{
	unsigned v = version(model);

	return !reasons(v) || v == O(1);
}

/* --- effort -------------------------------------------------------------- */

enum { NONE, MINIMAL, LOW, MEDIUM, HIGH, XHIGH, MAX, LEVELS };

static const char *const levels[LEVELS] = { "none", "minimal", "low",
    "medium", "high", "xhigh", "max" };

/* What each level becomes; "" says nothing and loses nothing. */
struct ladder {
	unsigned	 from;		/* version, for OpenAI */
	const char	*word[LEVELS];
};

static const char *
climb(const struct ladder *l, const char *effort)
{
	int i;

	for (i = 0; i < LEVELS; i++)
		if (strcmp(levels[i], effort) == 0)
			return l->word[i];
	return NULL;
}

const char *
chat_openai_effort(struct str model, const char *effort)
{
	static const struct ladder rows[] = {
		{ O(0), { "low", "low", "low", "medium", "high", "high",
		    "high" } },
		{ GPT(5, 6), { "none", "minimal", "low", "medium", "high",
		    "xhigh", "max" } },
		{ GPT(5, 2), { "none", "low", "low", "medium", "high",
		    "xhigh", "xhigh" } },
		{ GPT(5, 1), { "none", "low", "low", "medium", "high",
		    "high", "high" } },
		{ GPT(5, 0), { "minimal", "minimal", "low", "medium", "high",
		    "high", "high" } },
		{ GPT(1, 0), { "", NULL } },
		{ 0, { "none", "minimal", "low", "medium", "high", "xhigh",
		    "max" } },
	};
	const struct ladder *l = rows;
	unsigned v = version(model);

	while (v < l->from)
		l++;
	return climb(l, effort);
}

const char *
chat_generic_effort(struct str model, const char *effort)
{
	static const struct ladder row = { 0, { NULL, "low", "low", "medium",
	    "high", "high", "high" } };

	(void)model;
	return climb(&row, effort);
}

const char *
chat_mistral_effort(struct str model, const char *effort)
{
	static const struct ladder row = { 0, { "none", "none", "high",
	    "high", "high", "high", "high" } };

	(void)model;
	return climb(&row, effort);
}

/* gpt-oss has three levels and no off; Qwen is on or off; others do not
 * reason. */
const char *
chat_groq_effort(struct str model, const char *effort)
{
	static const struct ladder oss = { 0, { "low", "low", "low",
	    "medium", "high", "high", "high" } };
	static const struct ladder qwen = { 0, { "none", "default",
	    "default", "default", "default", "default", "default" } };
	static const struct ladder none = { 0, { "", NULL } };

	if (str_find(model, STR("gpt-oss")) >= 0)
		return climb(&oss, effort);
	if (str_find(model, STR("qwen")) >= 0)
		return strcmp(effort, "default") == 0 ? "default" :
		    climb(&qwen, effort);
	return climb(&none, effort);
}
