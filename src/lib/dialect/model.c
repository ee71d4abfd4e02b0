/*
 * model.c - what a model takes, told by its name.
 *
 * Runs in: worker.
 * Owns: the tables.
 *
 * The last resort: what prices.conf says of a model comes first (ir_can), and no
 * other file looks at names. A name that says nothing (a deployment, another
 * maker's model) is a model that takes what most of its format take: its server
 * knows better.
 */
#include <stdio.h>

#include "dialect/model.h"

/* --- Claude --------------------------------------------------------------- */

/* "claude-opus-4-6-20260205" is family opus, version 4.6; the older order
 * "claude-3-7-sonnet-latest" is understood too. */
#define V(major, minor)	((major) * 100u + (minor))

static const struct row {
	const char	*family;	/* NULL: any */
	unsigned	 from;
	unsigned	 add, remove;
} claude_rows[] = {
	{ NULL, V(0, 0), TRAIT_SAMPLING | TRAIT_PREFILL, 0 },
	{ NULL, V(3, 7), TRAIT_BUDGET, 0 },
	{ "opus", V(4, 1), TRAIT_SCHEMA, 0 },
	{ NULL, V(4, 5), TRAIT_SCHEMA, 0 },
	{ NULL, V(4, 6), TRAIT_ADAPTIVE | TRAIT_MAX, TRAIT_PREFILL },
	{ NULL, V(4, 7), TRAIT_XHIGH, TRAIT_SAMPLING | TRAIT_BUDGET },
	{ "opus", V(4, 8), TRAIT_SYSTEM, 0 },
};

static int
is_digit(struct str s, size_t at)
{
	return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

/* A number of one or two digits between dashes (or dots) at *at; a date has
 * more. */
static int
number(struct str s, size_t *at, unsigned *out)
{
	size_t i = *at;
	unsigned v = 0;

	while (is_digit(s, i) && i - *at < 3)
		v = v * 10 + (unsigned)(s.p[i++] - '0');
	if (i == *at || i - *at > 2)
		return 0;
	if (i < s.n && s.p[i] != '-' && s.p[i] != '.' && s.p[i] != '@')
		return 0;
	*out = v;
	*at = i < s.n ? i + 1 : i;
	return 1;
}

/* The first "-4-6" or "-5" of the name as 406, 500; 0 when there is none. */
static unsigned
claude_version(struct str name)
{
	unsigned major, minor;
	size_t i;

	for (i = 0; i < name.n; i++) {
		if (name.p[i] != '-' || !is_digit(name, i + 1))
			continue;
		i++;
		if (!number(name, &i, &major))
			return 0;
		if (!number(name, &i, &minor))
			minor = 0;
		return V(major, minor);
	}
	return 0;
}

unsigned
an_traits(struct str model)
{
	unsigned v, traits = 0;
	size_t i;

	if (str_find(model, STR("claude")) < 0 || (v = claude_version(model)) == 0)
		return TRAIT_SAMPLING | TRAIT_PREFILL | TRAIT_BUDGET | TRAIT_SCHEMA;
	for (i = 0; i < sizeof(claude_rows) / sizeof(*claude_rows); i++)
		if (v >= claude_rows[i].from && (claude_rows[i].family == NULL ||
		    str_find(model, str_of(claude_rows[i].family)) >= 0))
			traits = (traits | claude_rows[i].add) & ~claude_rows[i].remove;
	return traits;
}

/* --- OpenAI's, and what speaks its format ---------------------------------- */

#define O(n)		(10000u + (n) * 100u)	/* o1, o3, o4-mini */
#define GPT(major, minor) ((major) * 100u + (minor))

/* O(3), GPT(5, 6); 0 when the name is another's. */
static unsigned
gpt_version(struct str model)
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
	unsigned v = gpt_version(model);

	return v >= GPT(5, 6) && v < O(0);
}

/* Since GPT-5.1 they may be told not to reason, and are then like others. */
int
chat_takes_sampling(struct str model, int thinks)
{
	unsigned v = gpt_version(model);

	return !reasons(v) || (v >= GPT(5, 1) && v < O(0) && !thinks);
}

int
chat_takes_stop(struct str model)
{
	unsigned v = gpt_version(model);

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
	unsigned v = gpt_version(model);

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

	if (model_is_oss(model))
		return climb(&oss, effort);
	if (str_find(model, STR("qwen")) >= 0)
		return strcmp(effort, "default") == 0 ? "default" :
		    climb(&qwen, effort);
	return climb(&none, effort);
}

const char *
model_effort(const struct ir_target *t, const char *asked,
    const char *(*by_name)(struct str model, const char *effort))
{
	if (t->known.cannot & TRAIT_EFFORT)
		return strcmp(asked, "none") == 0 ? "" : NULL;
	/* One that has levels, of no version. */
	return by_name(t->known.can & TRAIT_EFFORT ? STR("gpt-oss") :
	    t->model, asked);
}

/* The first row that fits. */
const char *
model_least_effort(const struct ir_target *t)
{
	static const struct {
		const char	*begin, *least;
	} rows[] = {
		{ "gpt-5.", "none" }, { "gpt-5", "minimal" }, { "o1", "low" },
		{ "o3", "low" }, { "o4", "low" }, { "codex", "low" },
		{ "gpt-3", NULL }, { "gpt-4", NULL }, { "chatgpt-4", NULL },
	};
	size_t i;

	if (t->known.cannot & TRAIT_EFFORT)
		return NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(t->model, str_of(rows[i].begin)))
			return rows[i].least == NULL && (t->known.can &
			    TRAIT_EFFORT) ? "" : rows[i].least;
	return "";
}

int
model_is_oss(struct str model)
{
	return str_find(model, STR("gpt-oss")) >= 0;
}

/* --- Gemini ---------------------------------------------------------------- */

struct ge_model
ge_model(struct str name)
{
	struct ge_model m = { .major = 0 };
	struct str s = name;
	long at;

	m.pro = str_find(name, STR("pro")) >= 0;
	m.lite = str_find(name, STR("lite")) >= 0;
	if ((at = str_find(name, STR("gemini-"))) < 0)
		return m;
	s = str_skip(s, (size_t)at + 7);
	for (; s.n > 0 && *s.p >= '0' && *s.p <= '9'; s = str_skip(s, 1))
		m.major = m.major > 99 ? 99 : m.major * 10 +
		    (unsigned)(*s.p - '0');
	if (s.n > 1 && *s.p == '.' && s.p[1] >= '0' && s.p[1] <= '9')
		m.minor = (unsigned)(s.p[1] - '0');
	return m;
}

int
ge_has_levels(struct ge_model m)
{
	return m.major == 0 || m.major >= 3;
}
