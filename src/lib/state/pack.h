/*
 * pack.h - numbers as LEB128 and texts with a byte of length, as the records
 * of the spool and of sessions have them.
 */
#ifndef STATE_PACK_H
#define STATE_PACK_H

#include <string.h>

#include "base/err.h"
#include "state/usage.h"

#define PACK_NUMBER_MAX	10u			/* bytes of a number */
#define PACK_TEXT_MAX	(1u + USAGE_NAME_MAX)	/* and of a text */

static inline unsigned char *
pack_number(unsigned char *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	*p++ = (unsigned char)v;
	return p;
}

/* Cut at USAGE_NAME_MAX bytes. */
static inline unsigned char *
pack_text(unsigned char *p, struct str s)
{
	size_t n = s.n > USAGE_NAME_MAX ? USAGE_NAME_MAX : s.n;

	*p++ = (unsigned char)n;
	if (n > 0)
		memcpy(p, s.p, n);
	return p + n;
}

/* Take the first one of *p: 0 or ERR_CORRUPT. A text points into p. */
static inline int
unpack_number(struct str *p, uint64_t *v)
{
	unsigned shift;
	unsigned char c;

	*v = 0;
	for (shift = 0; shift < 70 && p->n > 0; shift += 7) {
		c = (unsigned char)*p->p;
		*p = str_skip(*p, 1);
		*v |= (uint64_t)(c & 0x7f) << (shift < 64 ? shift : 63);
		if (c < 0x80)
			return 0;
	}
	return ERR_CORRUPT;
}

static inline int
unpack_text(struct str *p, struct str *s)
{
	size_t n;

	if (p->n == 0 || (n = (unsigned char)*p->p) > p->n - 1)
		return ERR_CORRUPT;
	*s = str_make(p->p + 1, n);
	*p = str_skip(*p, n + 1);
	return 0;
}

#endif
