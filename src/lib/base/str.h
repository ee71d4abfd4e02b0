/*
 * str.h - a piece of text that somebody else owns: pointer and length.
 *
 * Not terminated by NUL; may contain any byte. Copied by value.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct str {
	const char	*p;
	size_t		 n;
};

#define STR(lit)	((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_NULL	((struct str){ NULL, 0 })
#define STR_ARG(s)	(int)(s).n, (s).p	/* for "%.*s" */

static inline struct str
str_of(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

static inline struct str
str_make(const char *p, size_t n)
{
	return (struct str){ p, n };
}

static inline int
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline int
str_eqc(struct str a, const char *s)
{
	return str_eq(a, str_of(s));
}

/* ASCII case-insensitive. */
static inline int
str_ieq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

static inline int
str_starts(struct str a, struct str prefix)
{
	return a.n >= prefix.n &&
	    (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

static inline int
str_ends(struct str a, struct str suffix)
{
	return a.n >= suffix.n && (suffix.n == 0 ||
	    memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n) == 0);
}

static inline struct str
str_skip(struct str a, size_t n)
{
	if (n > a.n)
		n = a.n;
	return n == 0 ? a : str_make(a.p + n, a.n - n);
}

/* Position of c, or -1. */
static inline long
str_chr(struct str a, char c)
{
	const char *q = a.n == 0 ? NULL : memchr(a.p, c, a.n);

	return q == NULL ? -1 : (long)(q - a.p);
}

/* Without blanks and tabs at both ends. */
struct str str_trim(struct str s);
/* Copy into dst (size bytes), always terminated; 0, or ERR_TOOBIG (cut). */
int str_copy(char *dst, size_t size, struct str s);
/* Next part of *rest up to sep; 0 when nothing is left. Parts may be empty. */
int str_split(struct str *rest, char sep, struct str *part);
/* Glob with '*' only, case-sensitive; 1 when pattern covers s. */
int str_glob(const char *pattern, struct str s);
/*
 * Bytes of the UTF-8 character (RFC 3629) that s begins with: 1 to 4, or 0
 * when it is malformed, cut or s is empty.
 */
size_t str_utf8(struct str s);
/* Position of needle in hay (memmem), or -1. */
long str_find(struct str hay, struct str needle);

#endif
