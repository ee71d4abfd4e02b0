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
#include <stdint.h>

#include "dialect/media.h"

static const char *const members[] = { "url", "image_url", "data",
    "file_data", "bytes" };

/* The end of the string that begins behind its quote at p. */
static const char *
string_end(const char *p, const char *e)
{
	const char *q, *b;

	for (; (q = memchr(p, '"', (size_t)(e - p))) != NULL; p = q + 1) {
		for (b = q; b > p && b[-1] == '\\'; b--)
			;
		if ((q - b) % 2 == 0)
			return q;
	}
	return e;
}

static int
is_member(struct str key)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (str_eqc(key, members[i]))
			return 1;
	return 0;
}

/* Nothing but a colon and white space between a key and its value? */
static int
is_value(const char *p, const char *e)
{
	int colon = 0;

	for (; p < e; p++) {
		if (*p == ':')
			colon = 1;
		else if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
			return 0;
	}
	return colon;
}

static int
is_base64(struct str s)
{
	const struct str mark = STR(";base64,");
	const char *p, *e = s.p + s.n;
	long at;

	if (str_starts(s, STR("data:"))) {
		at = str_find(str_make(s.p, s.n < 256 ? s.n : 256), mark);
		if (at < 0)
			return 0;
		s = str_skip(s, (size_t)at + mark.n);
	}
	for (p = s.p; p < e; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || *p == '+' || *p == '/' ||
		    *p == '-' || *p == '_' || *p == '='))
			return 0;
	return 1;
}

void
media_find(struct str body, struct media *out)
{
	const char *p = body.p, *e = body.p + body.n, *q, *after = NULL;
	struct str key = STR_NULL, s;

	out->bytes = out->n = 0;
	while (p < e && (p = memchr(p, '"', (size_t)(e - p))) != NULL) {
		q = string_end(p + 1, e);
		s = str_make(p + 1, (size_t)(q - p) - 1);
		if (s.n >= MEDIA_MIN && after != NULL && is_member(key) &&
		    is_value(after, p) && is_base64(s)) {
			out->bytes += s.n;
			out->n++;
		}
		key = s;
		after = q + 1;
		p = q < e ? q + 1 : e;
	}
}
