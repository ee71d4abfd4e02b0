/*
 * keyfault.c - is an error the upstream key's fault, and how long must it rest?
 *
 * Runs in: worker; pure.
 * Owns: the tables.
 *
 * A client must not be able to put keys out by what it writes: only words of
 * the protocol are compared, and messages from their first byte on, where no
 * provider quotes a prompt.
 */
#include "base/err.h"
#include "base/num.h"
#include "upstream/keyfault.h"

#define ANY	DIALECT_COUNT

enum part { CODE, MESSAGE, REASONS };	/* CODE: type or code */

/* What is said, where the status alone does not tell. First hit wins. */
static const struct said {
	enum conf_dialect dialect;
	int		 status;	/* 0: any */
	enum part	 part;
	const char	*text;
	enum upkey_why	 why;
} said[] = {
	/* OpenAI and those who speak like it */
	{ ANY, 0, CODE, "insufficient_quota", UPKEY_QUOTA },
	{ ANY, 0, CODE, "billing_hard_limit_reached", UPKEY_QUOTA },
	{ ANY, 0, CODE, "billing_not_active", UPKEY_QUOTA },
	{ ANY, 0, CODE, "billing_error", UPKEY_PAYMENT },
	{ ANY, 0, CODE, "invalid_api_key", UPKEY_AUTH },
	{ ANY, 0, CODE, "account_deactivated", UPKEY_AUTH },
	{ ANY, 0, MESSAGE, "You exceeded your current quota", UPKEY_QUOTA },
	/* the project's models, not the key */
	{ ANY, 403, CODE, "model_not_found", UPKEY_FINE },
	/* a moderator's refusal, which is about the prompt */
	{ ANY, 403, CODE, "content_policy_violation", UPKEY_FINE },
	{ ANY, 403, REASONS, "", UPKEY_FINE },
	/* a file of another key's project, or one that has gone */
	{ DIALECT_GEMINI, 403, MESSAGE, "You do not have permission to access "
	    "the File", UPKEY_FINE },
	{ DIALECT_ANTHROPIC, 400, MESSAGE, "Your credit balance is too low",
	    UPKEY_QUOTA },
	{ DIALECT_OPENAI, 400, MESSAGE, "Your credit balance is too low",
	    UPKEY_QUOTA },
	{ DIALECT_GEMINI, 400, MESSAGE, "API key not valid", UPKEY_AUTH },
	{ DIALECT_GEMINI, 400, MESSAGE, "API key expired", UPKEY_AUTH },
};

static const struct {
	int		 status;
	enum upkey_why	 why;
} statuses[] = {
	{ 401, UPKEY_AUTH }, { 402, UPKEY_PAYMENT }, { 403, UPKEY_DENIED },
	{ 429, UPKEY_RATE },
};

/* The status that goes with a type or code, for errors inside a 200. */
static const struct {
	const char	*word;
	int		 status;
} words[] = {
	{ "rate_limit_exceeded", 429 }, { "rate_limit_error", 429 },
	{ "RESOURCE_EXHAUSTED", 429 }, { "rate_limited", 429 },
	{ "authentication_error", 401 }, { "UNAUTHENTICATED", 401 },
	{ "permission_error", 403 }, { "PERMISSION_DENIED", 403 },
};

/*
 * How long: what the provider asks for, else by_retry: health.unhealthy_retry,
 * or a first time that grows.
 */
static const struct rest {
	const char	*text;
	int		 by_retry;
	int64_t		 first_us;
} rests[UPKEY_WHYS] = {
	[UPKEY_FINE] = { "", 0, 0 },
	[UPKEY_AUTH] = { "refused by the provider", 1, 0 },
	[UPKEY_PAYMENT] = { "payment required", 1, 0 },
	[UPKEY_DENIED] = { "denied by the provider", 1, 0 },
	[UPKEY_QUOTA] = { "quota used up", 1, 0 },
	[UPKEY_RATE] = { "rate limited by the provider", 0, 1000000 },
};

static int
hit(const struct said *s, const struct complaint *c)
{
	if (s->part == CODE)
		return strcmp(c->code, s->text) == 0 ||
		    strcmp(c->type, s->text) == 0;
	if (s->part == REASONS)
		return c->moderated;
	return strncmp(c->message, s->text, strlen(s->text)) == 0;
}

enum upkey_why
keyfault_find(enum conf_dialect d, int status, const struct complaint *c)
{
	size_t i;

	if (status < 400 || status >= 500)
		return UPKEY_FINE;
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if ((said[i].dialect == ANY || said[i].dialect == d) &&
		    (said[i].status == 0 || said[i].status == status) &&
		    hit(&said[i], c))
			return said[i].why;
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].why;
	return UPKEY_FINE;
}

/* A code that is a number is a status, as with Google and OpenRouter. */
static int
status_of(const struct complaint *c)
{
	uint64_t n;
	size_t i;

	if (num_u64(str_of(c->code), &n) == 0 && n < 1000)
		return (int)n;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(c->code, words[i].word) == 0 ||
		    strcmp(c->type, words[i].word) == 0)
			return words[i].status;
	return 400;
}

enum upkey_why
keyfault_inside(enum conf_dialect d, const struct complaint *c, int *status)
{
	*status = status_of(c);
	return keyfault_find(d, *status, c);
}

struct keyfault_rest
keyfault_rest(enum upkey_why why, int64_t asked_us,
    const struct conf_provider *p)
{
	struct keyfault_rest r = { 0, 0 };
	const struct rest *row = &rests[why];

	ASSERT((unsigned)why < UPKEY_WHYS);
	if (why == UPKEY_FINE)
		return r;
	if (asked_us > 0) {
		r.away_us = asked_us;
		return r;
	}
	if (!row->by_retry) {
		r.away_us = row->first_us;
		r.grow = 1;
		return r;
	}
	r.away_us = p->health.unhealthy_retry;
	/* "0s": no time brings it back. Then a probe has to. */
	if (r.away_us <= 0)
		r.away_us = p->health.interval > 0 ? UPKEY_NEVER : 0;
	return r;
}

const char *
keyfault_text(enum upkey_why why)
{
	ASSERT((unsigned)why < UPKEY_WHYS);
	return rests[why].text;
}
