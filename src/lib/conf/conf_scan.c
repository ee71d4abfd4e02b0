/*
 * conf_scan.c - what libconfig would not notice in a text.
 *
 * Runs in: master; children for their share.
 * Owns: nothing.
 *
 * libconfig 1.5 cuts whole numbers to 32 bits unless they end in L, drops
 * \x00 from strings, takes a comment without an end, and opens whatever file
 * @include names. This reads the text with the same lexical rules and says so
 * before libconfig sees it.
 */
#include <ctype.h>
#include <string.h>

#include "base/num.h"
#include "conf/load.h"
#include "conf/syntax.h"

struct scan {
	struct load	*l;
	const char	*name;
	const char	*p;
	int		 line;
	int		 line_before;	/* of the token before this one */
	int		 failed;	/* a syntax error was said */
	struct syntax	 syntax;
};

static void
say(struct scan *s, const char *text)
{
	load_say(s->l, CONF_MISTAKE, s->name, s->line, "%s", text);
}

/* The first syntax error is the only one that makes sense. What is missing
 * at the end of a line is said about that line. */
static void
token(struct scan *s, enum syntax_token t, char c)
{
	int line = s->line;

	if (s->failed)
		return;
	if (syntax_token(&s->syntax, t, c) != 0) {
		s->failed = 1;
		if (s->syntax.late && s->line_before > 0)
			s->line = s->line_before;
		say(s, s->syntax.error);
		s->line = line;
	}
	s->line_before = line;
}

static void
skip_line(struct scan *s)
{
	while (*s->p != '\0' && *s->p != '\n')
		s->p++;
}

static void
skip_comment(struct scan *s)
{
	int from = s->line;

	for (s->p += 2; *s->p != '\0'; s->p++) {
		if (s->p[0] == '*' && s->p[1] == '/') {
			s->p += 2;
			return;
		}
		s->line += *s->p == '\n';
	}
	/* libconfig would take the rest of the file for it without a word. */
	s->line = from;
	say(s, "a comment has no end");
	s->failed = 1;
}

/* At the x of an escape: what it stands for must be a character. */
static void
check_hex(struct scan *s)
{
	if (s->p[1] == '0' && s->p[2] == '0')
		say(s, "a string cannot hold \\x00");
	else if (isxdigit((unsigned char)s->p[1]) && s->p[1] > '7' &&
	    isxdigit((unsigned char)s->p[2]))
		say(s, "\\x80 to \\xff are not UTF-8: write the character "
		    "itself");
}

static void
skip_string(struct scan *s)
{
	int from = s->line;

	for (s->p++; *s->p != '"'; s->p++) {
		if (*s->p == '\0') {
			s->line = from;
			say(s, "a string has no closing quote");
			s->failed = 1;
			return;
		}
		s->line += *s->p == '\n';
		if (*s->p != '\\' || s->p[1] == '\0')
			continue;
		s->p++;
		s->line += *s->p == '\n';
		if ((*s->p | 32) == 'x')
			check_hex(s);
	}
	s->p++;
}

static int
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '*';
}

/* A whole number; digits has neither sign, 0x nor L. */
static void
check_whole(struct scan *s, struct str text, struct str digits, int hex,
    int neg, int big)
{
	uint64_t v = 0, max = big ? (uint64_t)INT64_MAX : (uint64_t)INT32_MAX;
	int rc = hex ? num_hex(digits, &v) : num_u64(digits, &v);

	if (rc == 0 && v <= max + (neg ? 1 : 0))
		return;
	if (rc == 0 && v <= (uint64_t)INT64_MAX)
		load_say(s->l, CONF_MISTAKE, s->name, s->line, "%.*s: numbers "
		    "above 2147483647 must end in L: %.*sL", STR_ARG(text),
		    STR_ARG(text));
	else
		load_say(s->l, CONF_MISTAKE, s->name, s->line,
		    "%.*s: the number is too large", STR_ARG(text));
}

/* The end of a number with a fraction or exponent at p; p if it is none. */
static const char *
fraction_end(const char *p)
{
	const char *from = p, *e;

	while (isdigit((unsigned char)*p))
		p++;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++)
			;
	else if ((*p | 32) != 'e')
		return from;
	if ((*p | 32) != 'e')
		return p;
	e = p + 1 + (p[1] == '+' || p[1] == '-');
	if (!isdigit((unsigned char)*e))
		return memchr(from, '.', (size_t)(p - from)) != NULL ? p :
		    from;
	while (isdigit((unsigned char)*e))
		e++;
	return e;
}

/* 1 when there was a number. */
static int
number(struct scan *s)
{
	const char *from = s->p, *p = s->p, *end;
	int neg = *p == '-', hex = 0, big;
	struct str digits;

	if (*p == '-' || *p == '+')
		p++;
	if ((end = fraction_end(p)) != p) {
		s->p = end;
		return 1;
	}
	if (p == from && p[0] == '0' && (p[1] | 32) == 'x' &&
	    isxdigit((unsigned char)p[2])) {
		hex = 1;
		p += 2;
	}
	digits.p = p;
	while (hex ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p))
		p++;
	if ((digits.n = (size_t)(p - digits.p)) == 0)
		return 0;
	big = *p == 'L';
	p += big + (big && p[1] == 'L');
	check_whole(s, str_make(from, (size_t)(p - from)), digits, hex, neg,
	    big);
	s->p = p;
	return 1;
}

/* A name, or true and false. */
static void
name(struct scan *s)
{
	struct str n = { s->p, 0 };

	while (is_name(*s->p))
		s->p++;
	n.n = (size_t)(s->p - n.p);
	token(s, str_ieq(n, STR("true")) || str_ieq(n, STR("false")) ?
	    SYNTAX_BOOL : SYNTAX_NAME, 0);
}

/* Bytes of the character at p, 0 when it is not UTF-8. */
static int
utf8_len(const unsigned char *p)
{
	int n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0, i;

	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

int
load_is_utf8(const char *p)
{
	int n;

	for (; *p != '\0'; p += n)
		if ((n = utf8_len((const unsigned char *)p)) == 0)
			return 0;
	return 1;
}

static void
check_utf8(struct scan *s)
{
	const char *p = s->p;
	int n, line = s->line;

	for (; *p != '\0'; p += n) {
		n = utf8_len((const unsigned char *)p);
		if (n == 0) {
			say(s, "the file is not UTF-8 here");
			break;
		}
		s->line += *p == '\n';
	}
	s->line = line;
}

/* libconfig takes @include only as the first word of a line. */
static int
is_include(const char *text, const char *p)
{
	if (strncmp(p, "@include", 8) != 0)
		return 0;
	while (p > text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == text || p[-1] == '\n';
}

/* One token or blank at p. */
static void
step(struct scan *s, const char *text)
{
	if (*s->p == '\n' || *s->p == ' ' || *s->p == '\t' || *s->p == '\r' ||
	    *s->p == '\f')
		s->line += *s->p++ == '\n';
	else if (*s->p == '#' || (s->p[0] == '/' && s->p[1] == '/'))
		skip_line(s);
	else if (s->p[0] == '/' && s->p[1] == '*')
		skip_comment(s);
	else if (*s->p == '"') {
		token(s, SYNTAX_STRING, 0);
		skip_string(s);
		s->line_before = s->line;
	} else if (is_include(text, s->p)) {
		say(s, "@include is not used here: see include_dir");
		skip_line(s);
	} else if (isalpha((unsigned char)*s->p) || *s->p == '*')
		name(s);
	else if (strchr("+-.0123456789", *s->p) != NULL && number(s))
		token(s, SYNTAX_NUMBER, 0);
	else
		token(s, SYNTAX_MARK, *s->p++);
}

void
load_scan(struct load *l, const char *name_of_file, const char *text)
{
	struct scan s = { l, name_of_file, text, 1 };

	check_utf8(&s);
	syntax_init(&s.syntax);
	while (*s.p != '\0' && !s.failed)
		step(&s, text);
	token(&s, SYNTAX_END, 0);
}
