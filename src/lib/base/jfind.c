/*
 * jfind.c - members of a JSON text, found by a quick look that checks nothing.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * All members of an event are looked at in one walk from quote to quote: a
 * search through the text for each name costs several times as much.
 */
#include <string.h>

#include "base/jfind.h"

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' ||
	    *p == '\r'))
		p++;
	return p;
}

/* The quote that ends the string whose first byte is p; NULL: there is none. */
static const char *
string_end(const char *p, const char *end)
{
	const char *from = p, *q, *b;

	while (p < end && (q = memchr(p, '"', (size_t)(end - p))) != NULL) {
		for (b = q; b > from && b[-1] == '\\'; b--)
			;
		if ((q - b) % 2 == 0)
			return q;
		p = q + 1;
	}
	return NULL;
}

int
jfind_next(struct str *rest, struct str *name, struct str *value)
{
	const char *p = rest->p, *end, *q;

	if (rest->n == 0)
		return 0;
	for (end = p + rest->n; p < end; ) {
		if (*p++ != '"')
			continue;
		if ((q = string_end(p, end)) == NULL)
			break;
		*name = str_make(p, (size_t)(q - p));
		p = skip_blanks(q + 1, end);
		if (p == end || *p != ':')
			continue;
		p = skip_blanks(p + 1, end);
		*value = *rest = str_make(p, (size_t)(end - p));
		return 1;
	}
	rest->p += rest->n;
	rest->n = 0;
	return 0;
}

long
jfind_string(struct str value)
{
	const char *q;

	if (value.n == 0 || *value.p != '"')
		return -1;
	q = string_end(value.p + 1, value.p + value.n);
	return q == NULL ? -1 : (long)(q - value.p - 1);
}

struct str
jfind(struct str text, struct str name)
{
	struct str n, v;

	while (jfind_next(&text, &n, &v))
		if (str_eq(n, name))
			return v;
	return STR_NULL;
}

int
jfind_same_head(const struct jfind_memo *m, struct str text, struct str *name,
    struct str *value)
{
	const char *p, *end;

	if (m->head_n == 0 || text.n < m->head_n ||
	    memcmp(text.p, m->head, m->head_n) != 0)
		return 0;
	end = text.p + text.n;
	p = skip_blanks(text.p + m->head_n, end);
	*name = str_make(text.p + m->name, m->name_n);
	*value = str_make(p, (size_t)(end - p));
	return 1;
}

void
jfind_set_head(struct jfind_memo *m, struct str text, struct str name,
    struct str value)
{
	size_t n = text.n - value.n;

	m->head_n = m->tail_n = 0;
	if (n > sizeof(m->head))
		return;
	memcpy(m->head, text.p, n);
	m->head_n = (unsigned short)n;
	m->name = (unsigned short)(name.p - text.p);
	m->name_n = (unsigned short)name.n;
}

int
jfind_same_tail(const struct jfind_memo *m, struct str tail)
{
	return m->tail_n > 0 && str_eq(tail, str_make(m->tail, m->tail_n));
}

void
jfind_set_tail(struct jfind_memo *m, struct str tail)
{
	m->tail_n = 0;
	if (tail.n == 0 || tail.n > sizeof(m->tail) ||
	    *skip_blanks(tail.p, tail.p + tail.n - 1) == ':')
		return;
	memcpy(m->tail, tail.p, tail.n);
	m->tail_n = (unsigned short)tail.n;
}
