/*
 * media.c - pictures, sound and files inside a JSON body.
 *
 * Runs in: worker; pure.
 * Owns: nothing.
 *
 * A body of a megabyte is mostly one picture, and a provider counts some
 * hundred tokens for it, not one for each byte. Where data may stand is a
 * list, so that nobody gets plain text past a limit as a picture: a provider
 * would refuse it there.
 */
#include "base/err.h"
#include "dialect/media.h"

#define BLANKS	4096

enum { OUTSIDE, STRING, DATA };		/* of a string; looking at its text */

static const char *const members[] = { "url", "image_url", "data",
    "file_data", "bytes" };

static int
is_member(struct str key)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (str_eqc(key, members[i]))
			return 1;
	return 0;
}

/* Nothing but a colon and a little white space between a key and its value? */
static int
is_value(const char *p, const char *e)
{
	int colon = 0;

	if (e - p > BLANKS)
		return 0;
	for (; p < e; p++) {
		if (*p == ':')
			colon = 1;
		else if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
			return 0;
	}
	return colon;
}

/* Is what stands at q escaped? What stands at p before it is, or not. */
static int
is_escaped(const char *p, const char *q, int escaped)
{
	const char *b;

	for (b = q; b > p && b[-1] == '\\'; b--)
		;
	return (q - b + (b == p && escaped)) % 2 != 0;
}

static int
is_base64(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' ||
	    c == '_' || c == '=';
}

/* Where the base64 of a string would begin; -1: it is none. */
static long
data_begin(struct str s)
{
	const struct str mark = STR(";base64,");
	long at;

	if (!str_starts(s, STR("data:")))
		return 0;
	at = str_find(str_make(s.p, s.n < 256 ? s.n : 256), mark);
	return at < 0 ? -1 : at + (long)mark.n;
}

static void
string_over(struct media_run *r)
{
	r->key = r->from;
	r->key_n = r->to - r->from;
	r->at = r->after = r->to + 1;
	r->stage = OUTSIDE;
}

/* The string has come whole: may it be data? */
static void
judge(struct str body, struct media_run *r)
{
	struct str s = str_make(body.p + r->from, r->to - r->from);
	long at;

	if (s.n < MEDIA_MIN || r->after == 0 ||
	    !is_member(str_make(body.p + r->key, r->key_n)) ||
	    !is_value(body.p + r->after, s.p - 1) ||
	    (at = data_begin(s)) < 0) {
		string_over(r);
		return;
	}
	r->at = r->from + (size_t)at;
	r->stage = DATA;
}

/* Look for a quote in the n bytes at r->at. */
static void
quote(struct str body, struct media_run *r, size_t n)
{
	const char *p = body.p + r->at, *q = memchr(p, '"', n);
	int escaped = 0;

	if (r->stage == STRING)
		escaped = is_escaped(p, q == NULL ? p + n : q, r->escaped);
	r->escaped = q == NULL && escaped;
	if (q == NULL) {
		r->at += n;
		return;
	}
	r->at = (size_t)(q - body.p) + 1;
	if (r->stage == OUTSIDE) {
		r->from = r->at;
		r->stage = STRING;
	} else if (!escaped) {
		r->to = (size_t)(q - body.p);
		judge(body, r);
	}
}

/* Is what may be data made of its characters? */
static void
data(struct str body, struct media_run *r, size_t n, struct media *out)
{
	const char *p = body.p + r->at, *e = body.p + r->to;

	if ((size_t)(e - p) > n)
		e = p + n;
	while (p < e && is_base64(*p))
		p++;
	r->at = (size_t)(p - body.p);
	if (p < e)
		string_over(r);
	else if (r->at == r->to) {
		out->bytes += r->to - r->from;
		out->n++;
		string_over(r);
	}
}

int
media_some(struct str body, struct media_run *r, size_t bytes,
    struct media *out)
{
	size_t from, n;

	while (r->at < body.n) {
		if (bytes == 0)
			return ERR_AGAIN;
		from = r->at;
		n = body.n - from < bytes ? body.n - from : bytes;
		if (r->stage == DATA)
			data(body, r, n, out);
		else
			quote(body, r, n);
		/* Behind a string it may have gone far back or ahead. */
		n = r->at > from ? r->at - from : 1;
		bytes -= n < bytes ? n : bytes;
	}
	return 0;
}

void
media_find(struct str body, struct media *out)
{
	struct media_run r = { 0 };

	out->bytes = out->n = 0;
	(void)media_some(body, &r, SIZE_MAX, out);
}
