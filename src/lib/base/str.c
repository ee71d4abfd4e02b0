/*
 * str.c - what str.h does not do inline.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/str.h"

struct str
str_trim(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

int
str_copy(char *dst, size_t size, struct str s)
{
	size_t n = s.n;
	int rc = 0;

	ASSERT(size > 0);
	if (n >= size) {
		n = size - 1;
		rc = ERR_TOOBIG;
	}
	if (n > 0)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return rc;
}

int
str_split(struct str *rest, char sep, struct str *part)
{
	long at;

	if (rest->p == NULL)
		return 0;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*part = *rest;
		*rest = STR_NULL;
		return 1;
	}
	*part = str_make(rest->p, (size_t)at);
	rest->p += at + 1;
	rest->n -= (size_t)at + 1;
	return 1;
}

int
str_glob(const char *pat, struct str s)
{
	const char *star = NULL;
	size_t i = 0, back = 0;

	while (i < s.n) {
		if (*pat == '*') {
			star = pat++;
			back = i;
		} else if (*pat != '\0' && *pat == s.p[i]) {
			pat++;
			i++;
		} else if (star != NULL) {
			pat = star + 1;
			i = ++back;
		} else
			return 0;
	}
	while (*pat == '*')
		pat++;
	return *pat == '\0';
}

long
str_find(struct str hay, struct str needle)
{
	const char *q;

	if (needle.n == 0)
		return 0;
	if (hay.n < needle.n)
		return -1;
	q = memmem(hay.p, hay.n, needle.p, needle.n);
	return q == NULL ? -1 : (long)(q - hay.p);
}

static int
tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
str_utf8(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || s.n < 2 || !tail(p[1]))
		return 0;
	if (p[0] < 0xe0)
		return 2;
	if (s.n < 3 || !tail(p[2]))
		return 0;
	if (p[0] < 0xf0)	/* no overlong form, no surrogate */
		return (p[0] == 0xe0 && p[1] < 0xa0) ||
		    (p[0] == 0xed && p[1] > 0x9f) ? 0 : 3;
	if (p[0] > 0xf4 || s.n < 4 || !tail(p[3]) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return 4;
}
