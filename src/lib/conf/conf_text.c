/*
 * conf_text.c - the strings of a text, kept from libconfig.
 *
 * Runs in: master; children for their share.
 * Owns: the table of strings, in the arena of the load.
 *
 * Any string of a file may be a secret, and libconfig copies a text about as it
 * likes and frees it as it is. So it never sees one: in the text that it gets a
 * string is a number, and comments are gone. What the numbers stand for is
 * here, unescaped in place: in the memory that the file was read into.
 *
 * Lines stay where they are. Strings beside each other are one, as with
 * libconfig; the tests compare the two.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "conf/load.h"

struct hide {
	struct load	*l;
	struct buf	*out;
	char		*p;
	char		*end;	/* of the string before this; NULL: none */
};

/* Note a string: its number. */
static unsigned
note(struct load *l, const char *text)
{
	const char **grown;

	if (l->n_strs == l->strs_cap) {
		l->strs_cap = l->strs_cap == 0 ? 64 : 2 * l->strs_cap;
		grown = arena_alloc(l->tmp, l->strs_cap * sizeof(*grown));
		if (l->n_strs > 0)
			memcpy(grown, l->strs, l->n_strs * sizeof(*grown));
		l->strs = grown;
	}
	l->strs[l->n_strs] = text;
	return l->n_strs++;
}

/* Skip a comment, all but its line ends. */
static void
comment(struct hide *h)
{
	int block = h->p[0] == '/' && h->p[1] == '*';

	for (h->p += block ? 2 : 1; *h->p != '\0'; h->p++) {
		if (block && h->p[0] == '*' && h->p[1] == '/') {
			h->p += 2;
			break;
		}
		if (*h->p == '\n' && !block)
			break;
		if (*h->p == '\n')
			buf_addc(h->out, '\n');
	}
	buf_addc(h->out, ' ');
}

/* The escape at p as libconfig 1.5 knows it, else the backslash: its bytes. */
static size_t
unescape(const char *p, char *to)
{
	static const char from[] = "nrtf\\\"", into[] = "\n\r\t\f\\\"";
	const char *at = p[1] == '\0' ? NULL : strchr(from, p[1]);
	uint64_t v;

	if (at != NULL) {
		*to = into[at - from];
		return 2;
	}
	if ((p[1] | 32) == 'x' && isxdigit((unsigned char)p[2]) &&
	    isxdigit((unsigned char)p[3]) &&
	    num_hex(str_make(p + 2, 2), &v) == 0) {
		*to = (char)v;
		return 4;
	}
	*to = '\\';
	return 1;
}

/* The string at p: it needs less room unescaped, so it stays there. */
static void
string(struct hide *h)
{
	char *to = h->end;

	if (to == NULL) {
		to = h->p;
		buf_printf(h->out, "\"%u,", note(h->l, to));
	} else
		buf_addc(h->out, '"');
	for (h->p++; *h->p != '"' && *h->p != '\0'; to++) {
		if (*h->p == '\n')
			buf_addc(h->out, '\n');
		if (*h->p == '\\')
			h->p += unescape(h->p, to);
		else
			*to = *h->p++;
	}
	h->p += *h->p == '"';
	buf_addc(h->out, '"');
	*to = '\0';
	h->end = to;
}

void
load_hide(struct load *l, char *text, struct buf *out)
{
	struct hide h = { l, out, text, NULL };

	while (*h.p != '\0') {
		if (*h.p == '#' || (h.p[0] == '/' &&
		    (h.p[1] == '/' || h.p[1] == '*')))
			comment(&h);
		else if (*h.p == '"')
			string(&h);
		else {
			if (!isspace((unsigned char)*h.p))
				h.end = NULL;
			buf_addc(out, *h.p++);
		}
	}
	buf_addc(out, '\0');
}

const char *
load_text(const struct load *l, const config_setting_t *s)
{
	const char *text = s == NULL ? NULL : config_setting_get_string(s);
	unsigned long n;

	if (text == NULL)
		return NULL;
	n = strtoul(text, NULL, 10);
	ASSERT(n < l->n_strs);
	return l->strs[n];
}

void
load_set_text(struct load *l, config_setting_t *s, const char *text)
{
	char number[16];

	snprintf(number, sizeof(number), "%u,", note(l, text));
	config_setting_set_string(s, number);
}
