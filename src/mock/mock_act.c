/*
 * mock_act.c - what the mock does to one answer: pace, faults, content.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Each word of the little language is a row: its name, the kind of its value
 * and where the value goes. Words whose value says more have a function.
 */
#include <stddef.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/num.h"
#include "mock/mock_act.h"

enum kind { K_INT, K_I64, K_TIME, K_TEXT, K_RATE, K_FN };

struct word {
	const char	*name;
	enum kind	 kind;
	size_t		 at;		/* offset in struct mock_act */
	size_t		 size;		/* of a text */
	int		(*fn)(struct mock_act *, struct str name,
			    struct str value);
};

struct choice {
	const char	*name;
	int		 value;
};

static int
choose(const struct choice *c, struct str value, int *out)
{
	for (; c->name != NULL; c++)
		if (str_eqc(value, c->name)) {
			*out = c->value;
			return 0;
		}
	return ERR_FORMAT;
}

/* reset, close, stall: "before", "head", "body", bytes, or "eN" events. */
static int
set_end(struct mock_act *a, struct str name, struct str value)
{
	static const struct choice ends[] = {
		{ "reset", MOCK_END_RESET }, { "close", MOCK_END_CLOSE },
		{ "stall", MOCK_END_STALL }, { "cut", MOCK_END_CLOSE },
		{ "cut-clean", MOCK_END_CUT }, { NULL, 0 }
	};
	uint64_t n = 0;
	int end;

	if (choose(ends, name, &end) != 0)
		return ERR_FORMAT;
	if (str_eqc(value, "before"))
		a->where = MOCK_AT_BEFORE;
	else if (str_eqc(value, "head"))
		a->where = MOCK_AT_HEAD;
	else if (str_eqc(value, "body")) {
		a->where = MOCK_AT_BYTE;
		n = 10;
	} else if (value.n > 1 && value.p[0] == 'e' &&
	    num_u64(str_skip(value, 1), &n) == 0)
		a->where = MOCK_AT_EVENT;
	else if (num_u64(value, &n) == 0)
		a->where = name.p[0] == 'c' && name.p[1] == 'u' ?
		    MOCK_AT_EVENT : MOCK_AT_BYTE;
	else
		return ERR_FORMAT;
	if (n > INT64_MAX)
		return ERR_FORMAT;
	a->end = (enum mock_end)end;
	a->at = (int64_t)n;
	return 0;
}

static int
set_garbage(struct mock_act *a, struct str name, struct str value)
{
	static const struct choice c[] = {
		{ "http", MOCK_GARBAGE_HTTP }, { "json", MOCK_GARBAGE_JSON },
		{ "head", MOCK_GARBAGE_HEAD }, { "line", MOCK_GARBAGE_LINE },
		{ "chunk", MOCK_GARBAGE_CHUNK },
		{ "status", MOCK_GARBAGE_STATUS }, { NULL, 0 }
	};
	int v;

	(void)name;
	if (choose(c, value, &v) != 0)
		return ERR_FORMAT;
	a->garbage = (enum mock_garbage)v;
	return 0;
}

static int
set_usage(struct mock_act *a, struct str name, struct str value)
{
	static const struct choice c[] = {
		{ "true", MOCK_USAGE_TRUE },
		{ "missing", MOCK_USAGE_MISSING },
		{ "negative", MOCK_USAGE_NEGATIVE },
		{ "huge", MOCK_USAGE_HUGE }, { "null", MOCK_USAGE_NULL },
		{ "string", MOCK_USAGE_STRING }, { NULL, 0 }
	};
	int v;

	(void)name;
	if (choose(c, value, &v) != 0)
		return ERR_FORMAT;
	a->usage = (enum mock_usage)v;
	return 0;
}

/* length=+5, length=-5 */
static int
set_length(struct mock_act *a, struct str name, struct str value)
{
	(void)name;
	if (value.n > 0 && value.p[0] == '+')
		value = str_skip(value, 1);
	return num_i64(value, &a->length);
}

/* In base64, since a comma ends a word. */
static int
set_args(struct mock_act *a, struct str name, struct str value)
{
	struct buf b;
	int rc;

	(void)name;
	buf_init(&b, sizeof(a->args));
	rc = crypto_unbase64(&b, value);
	if (rc == 0 && str_copy(a->args, sizeof(a->args), buf_str(&b)) != 0)
		rc = ERR_FORMAT;
	buf_free(&b);
	return rc == 0 ? 0 : ERR_FORMAT;
}

static int
set_flag(struct mock_act *a, struct str name, struct str value)
{
	unsigned on;

	if (str_eqc(value, "1") || str_eqc(value, "true") || value.n == 0)
		on = 1;
	else if (str_eqc(value, "0") || str_eqc(value, "false"))
		on = 0;
	else
		return ERR_FORMAT;
	if (str_eqc(name, "gzip"))
		a->gzip = on;
	else if (str_eqc(name, "slow-head"))
		a->slow_head = on;
	else if (str_eqc(name, "close-after"))
		a->close_after = on;
	else if (str_eqc(name, "close-reuse"))
		a->close_reuse = on;
	else if (str_eqc(name, "until-close"))
		a->until_close = on;
	else if (str_eqc(name, "empty"))
		a->empty = on;
	else if (str_eqc(name, "no-done"))
		a->no_done = on;
	else if (str_eqc(name, "no-tool"))
		a->no_tool = on;
	else if (str_eqc(name, "cite"))
		a->cite = on;
	else
		a->refusal = on;
	return 0;
}

#define OFF(m)	offsetof(struct mock_act, m)
#define TEXT(m)	K_TEXT, OFF(m), sizeof(((struct mock_act *)0)->m), NULL
#define FN(f)	K_FN, 0, 0, f

static const struct word words[] = {
	{ "status", K_INT, OFF(status), 0, NULL },
	{ "retry-after", K_I64, OFF(retry_after), 0, NULL },
	{ "code", TEXT(code) },
	{ "message", TEXT(message) },
	{ "reset", FN(set_end) },
	{ "close", FN(set_end) },
	{ "stall", FN(set_end) },
	{ "cut", FN(set_end) },
	{ "cut-clean", FN(set_end) },
	{ "stall-for", K_TIME, OFF(stall_us), 0, NULL },
	{ "error", K_INT, OFF(error_at), 0, NULL },
	{ "bps", K_I64, OFF(bps), 0, NULL },
	{ "length", FN(set_length) },
	{ "garbage", FN(set_garbage) },
	{ "usage", FN(set_usage) },
	{ "gzip", FN(set_flag) },
	{ "slow-head", FN(set_flag) },
	{ "close-after", FN(set_flag) },
	{ "close-reuse", FN(set_flag) },
	{ "until-close", FN(set_flag) },
	{ "empty", FN(set_flag) },
	{ "no-done", FN(set_flag) },
	{ "no-tool", FN(set_flag) },
	{ "refusal", FN(set_flag) },
	{ "cite", FN(set_flag) },
	{ "calls", K_INT, OFF(calls), 0, NULL },
	{ "early", K_INT, OFF(early), 0, NULL },
	{ "headers", K_INT, OFF(headers), 0, NULL },
	{ "latency", K_TIME, OFF(latency_us), 0, NULL },
	{ "first-token", K_TIME, OFF(first_us), 0, NULL },
	{ "rate", K_RATE, OFF(rate), 0, NULL },
	{ "tokens", K_INT, OFF(tokens), 0, NULL },
	{ "chunk", K_INT, OFF(chunk), 0, NULL },
	{ "cached", K_I64, OFF(cached), 0, NULL },
	{ "reasoning", K_I64, OFF(reasoning), 0, NULL },
	{ "finish", TEXT(finish) },
	{ "tool", TEXT(tool) },
	{ "args", FN(set_args) },
};

void
mock_act_init(struct mock_act *a)
{
	memset(a, 0, sizeof(*a));
	a->latency_us = a->first_us = -1;
	a->rate = -1;
	a->tokens = a->chunk = a->calls = -1;
	a->retry_after = -1;
	a->error_at = -1;
	a->cached = a->reasoning = -1;
}

static int
set_word(struct mock_act *a, const struct word *w, struct str name,
    struct str value)
{
	char *to = (char *)a + w->at;
	uint64_t u;
	int64_t i;

	switch (w->kind) {
	case K_INT:
		if (num_u64(value, &u) != 0 || u > 100000000)
			return ERR_FORMAT;
		*(int *)(void *)to = (int)u;
		return 0;
	case K_I64:
		if (num_u64(value, &u) != 0 || u > INT64_MAX)
			return ERR_FORMAT;
		*(int64_t *)(void *)to = (int64_t)u;
		return 0;
	case K_TIME:
		return num_time_us(value, (int64_t *)(void *)to);
	case K_RATE:
		if (num_decimal(value, 3, &i) != 0 || i < 0)
			return ERR_FORMAT;
		*(double *)(void *)to = (double)i / 1000;
		return 0;
	case K_TEXT:
		return str_copy(to, w->size, value);
	case K_FN:
		return w->fn(a, name, value);
	}
	return ERR_FORMAT;
}

static int
one_word(struct mock_act *a, struct str part)
{
	struct str name = part, value = STR("");
	long eq = str_chr(part, '=');
	size_t i;

	if (eq >= 0) {
		name = str_trim(str_make(part.p, (size_t)eq));
		value = str_trim(str_skip(part, (size_t)eq + 1));
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqc(name, words[i].name))
			return set_word(a, &words[i], name, value);
	return ERR_FORMAT;
}

int
mock_act_parse(struct mock_act *a, struct str text, struct str *bad)
{
	struct str rest = text, part;

	while (str_split(&rest, ',', &part)) {
		part = str_trim(part);
		if (part.n == 0)
			continue;
		if (one_word(a, part) != 0) {
			*bad = part;
			return ERR_FORMAT;
		}
	}
	return 0;
}
