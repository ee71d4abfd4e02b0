/*
 * quote.c - what a text repeats of another.
 *
 * Runs in: worker.
 * Owns: one table, made anew for each text.
 *
 * Every eight bytes in a row of the text are put into a table, each kind once.
 * The source is walked byte by byte, and what it has is marked; five marks in
 * a row are a run of twelve bytes. The work does not depend on how often
 * something is repeated, and the table's order is not for a client to guess.
 */
#include <stdint.h>

#include "base/quote.h"
#include "base/rng.h"

#define GRAM	8
#define SLOTS	(4 * QUOTE_TEXT_MAX)	/* a power of two */

struct grams {
	size_t		 n;		/* grams of the text */
	uint64_t	 secret;	/* odd */
	uint16_t	 slot[SLOTS];	/* kind + 1; 0: none */
	uint64_t	 value[QUOTE_TEXT_MAX];	/* of a kind */
	unsigned char	 seen[QUOTE_TEXT_MAX];	/* it is in the source */
	uint16_t	 kind[QUOTE_TEXT_MAX];	/* at each place of the text */
};

static uint64_t
gram(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The slot that has v, or the free one where it would go. */
static uint16_t *
find(struct grams *g, uint64_t v)
{
	size_t s = (size_t)(v * g->secret >> 40) & (SLOTS - 1);

	while (g->slot[s] != 0 && g->value[g->slot[s] - 1] != v)
		s = (s + 1) & (SLOTS - 1);
	return &g->slot[s];
}

static void
fill(struct grams *g, const char *text, size_t n)
{
	unsigned kinds = 0;
	uint16_t *s;
	size_t i;

	if (g->secret == 0)
		rng_bytes(&g->secret, sizeof(g->secret));
	g->secret |= 1;
	g->n = n - GRAM + 1;
	memset(g->slot, 0, sizeof(g->slot));
	memset(g->seen, 0, g->n);
	for (i = 0; i < g->n; i++) {
		s = find(g, gram(text + i));
		if (*s == 0) {
			g->value[kinds] = gram(text + i);
			*s = (uint16_t)++kinds;
		}
		g->kind[i] = (uint16_t)(*s - 1);
	}
}

/* Bytes from i on that are a quotation; 0: none begins here. */
static size_t
run(const struct grams *g, size_t i)
{
	size_t from = i;

	while (i < g->n && g->seen[g->kind[i]])
		i++;
	return i == from ? 0 : i - from + GRAM - 1;
}

size_t
quote_hide(char *text, size_t n, struct str source)
{
	static const char mark[] = "[...]";
	static struct grams g;		/* too large for the stack */
	size_t k, i, len, out = 0;
	uint16_t s;

	if (n > QUOTE_TEXT_MAX)
		n = QUOTE_TEXT_MAX;
	if (n < QUOTE_RUN || source.n < QUOTE_RUN)
		return n;
	fill(&g, text, n);
	for (k = 0; k + GRAM <= source.n; k++)
		if ((s = *find(&g, gram(source.p + k))) != 0)
			g.seen[s - 1] = 1;
	/* A mark is shorter than what it stands for. */
	for (i = 0; i < n; ) {
		if ((len = run(&g, i)) < QUOTE_RUN) {
			text[out++] = text[i++];
			continue;
		}
		memcpy(text + out, mark, sizeof(mark) - 1);
		out += sizeof(mark) - 1;
		i += len;
	}
	return out;
}

/* --- secrets -------------------------------------------------------------- */

#define CUT	SIZE_MAX

/* Bytes at s that stand for secret; 0: none do; CUT: s ends before it does. */
static size_t
stands_at(const char *s, size_t n, struct str secret)
{
	size_t i, at = 0;

	for (i = 0; i < secret.n; i++, at++) {
		if (secret.p[i] == '/' && at < n && s[at] == '\\')
			at++;
		if (at >= n)
			return CUT;
		if (s[at] != secret.p[i])
			return 0;
	}
	return at;
}

size_t
quote_mask(char *text, size_t n, struct str secret)
{
	long slash = str_chr(secret, '/'), next;
	struct str head = str_make(secret.p, slash < 0 ? secret.n :
	    (size_t)slash);
	size_t found = 0, at = 0, k;

	if (secret.n == 0)
		return 0;
	/* Up to its first slash it stands as it is. */
	while (at < n && (next = str_find(str_make(text + at, n - at), head)) >=
	    0) {
		at += (size_t)next;
		k = stands_at(text + at, n - at, secret);
		if (k == 0 || k == CUT) {
			at++;
			continue;
		}
		memset(text + at, '*', k);
		at += k;
		found++;
	}
	return found;
}

size_t
quote_span(struct str secret)
{
	size_t i, n = secret.n;

	for (i = 0; i < secret.n; i++)
		n += secret.p[i] == '/';
	return n;
}

/* JSON and most languages have these seldom, the first ones least. */
static const char seldom[] =
    "ZQXJKVYWBUGHFNDRLPMOECTIASqzxjkvwbyg9876543_fpmuh210d";

static struct str
longest_part(struct str s)
{
	struct str best = STR_NULL, part;
	long slash;

	while (s.n > 0) {
		slash = str_chr(s, '/');
		part = str_make(s.p, slash < 0 ? s.n : (size_t)slash);
		if (part.n > best.n)
			best = part;
		s = str_skip(s, part.n + (slash >= 0));
	}
	return best;
}

void
quote_probe_init(struct quote_probe *q, struct str secret)
{
	const char *s;
	long at = -1;

	q->part = longest_part(secret);
	q->secret = q->part.n > 0 ? secret : STR_NULL;
	for (s = seldom; *s != '\0' && at < 0; s++)
		at = str_chr(q->part, *s);
	q->rare = at < 0 ? q->part.n / 2 : (size_t)at;
}

int
quote_probe_in(const struct quote_probe *q, const char *text, size_t n)
{
	const char *p = text + q->rare, *end;

	if (q->part.n == 0 || n < q->part.n)
		return 0;
	end = p + (n - q->part.n) + 1;
	while (p < end && (p = memchr(p, q->part.p[q->rare],
	    (size_t)(end - p))) != NULL) {
		if (memcmp(p - q->rare, q->part.p, q->part.n) == 0)
			return 1;
		p++;
	}
	return 0;
}

size_t
quote_probe_cut(const struct quote_probe *q, const char *text, size_t n)
{
	size_t span = quote_span(q->secret), at;

	for (at = n < span ? 0 : n - span + 1; span > 0 && at < n; at++)
		if (stands_at(text + at, n - at, q->secret) == CUT)
			return n - at;
	return 0;
}
