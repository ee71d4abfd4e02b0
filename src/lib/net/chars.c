/*
 * chars.c - classes of bytes in HTTP messages.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * Targets are narrower than "no blanks": bytes that every client of the WHATWG
 * URL rules encodes are refused where they must be encoded ("<>` and braces,
 * backslash in the path); what browsers do send raw in a query ({}|^\) passes.
 * A host name is letters, digits and -._~ only: RFC 3986 allows more, but no
 * name that is in use needs it.
 */
#include "net/chars.h"

/* Sixteen rows of sixteen: the sum of the CHARS_ bits of each byte. */
const unsigned char chars_class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	16, 23, 16, 17, 23, 23, 23, 23, 22, 22, 23, 23, 22, 31, 31, 22,
	127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 22, 22, 16, 22, 16, 20,
	22, 95, 95, 95, 95, 95, 95, 31, 31, 31, 31, 31, 31, 31, 31, 31,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 22, 20, 22, 23, 31,
	21, 95, 95, 95, 95, 95, 95, 31, 31, 31, 31, 31, 31, 31, 31, 31,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 20, 23, 20, 31, 0,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
};
