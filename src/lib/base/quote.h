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
/* Overwrite every occurrence of secret in text with '*': how many. */
size_t quote_mask(char *text, size_t n, struct str secret);

#endif
