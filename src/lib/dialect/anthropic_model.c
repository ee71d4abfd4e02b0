/*
 * anthropic_model.c - what a model of Anthropic's takes, told by its name.
 *
 * Runs in: worker.
 * Owns: the table.
 *
 * "claude-opus-4-6-20260205" is family opus, version 4.6; the older order
 * "claude-3-7-sonnet-latest" is understood too. A name that is none of these
 * is a model of somebody who speaks the API: it gets what most take.
 */
#include "dialect/an_write.h"

#define V(major, minor)	((major) * 100u + (minor))

static const struct row {
	const char	*family;	/* NULL: any */
	unsigned	 from;
	unsigned	 add, remove;
} rows[] = {
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
version(struct str name)
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

	if (str_find(model, STR("claude")) < 0 || (v = version(model)) == 0)
		return TRAIT_SAMPLING | TRAIT_PREFILL | TRAIT_BUDGET | TRAIT_SCHEMA;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (v >= rows[i].from && (rows[i].family == NULL ||
		    str_find(model, str_of(rows[i].family)) >= 0))
			traits = (traits | rows[i].add) & ~rows[i].remove;
	return traits;
}
