/*
 * quote.h - what a text repeats of another.
 *
 * Providers quote the request they refuse. Logs may have their words, but not
 * what a client wrote.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include "base/str.h"

#define QUOTE_RUN	12	/* bytes in a row that make a quotation */
#define QUOTE_TEXT_MAX	4096	/* of a text; what is behind it is cut off */

/*
 * Replace each run of QUOTE_RUN bytes or more in text that also stands in
 * source by "[...]". The new length; text is not terminated anew. The time is
 * linear in source, a few milliseconds for a MiB.
 */
size_t quote_hide(char *text, size_t n, struct str source);
/*
 * A secret in text, where a slash may be escaped as in JSON. Overwrite every
 * occurrence with '*', length unchanged: how many.
 */
size_t quote_mask(char *text, size_t n, struct str secret);
/* The most bytes that it takes there. */
size_t quote_span(struct str secret);
/*
 * For those who ask of every byte that passes: one memchr, for the byte that
 * texts seldom have, of its longest part without a slash. secret is not copied.
 */
struct quote_probe {
	struct str	 secret;	/* empty: it is in no text */
	struct str	 part;
	size_t		 rare;		/* place of that byte in the part */
};

void quote_probe_init(struct quote_probe *q, struct str secret);
/* 1 when text has it, and perhaps when text has its part only. */
int quote_probe_in(const struct quote_probe *q, const char *text, size_t n);
/* How many of the last bytes are the beginning of one that is cut off by the
 * end of the text; 0: none. */
size_t quote_probe_cut(const struct quote_probe *q, const char *text,
    size_t n);

#endif
