/*
 * hdr_lookup.h - the id of a field name, inline. For hdr.c and http1.c only.
 *
 * One look-up by length, first and middle letter, then one comparison of at
 * most three words.
 */
#ifndef NET_HDR_LOOKUP_H
#define NET_HDR_LOOKUP_H

#include "net/chars.h"
#include "net/hdr.h"

#define HDR_LONGEST	24
#define HDR_SLOTS	512
#define HDR_SLOT(n, first, middle)					\
	((2u * (unsigned)(n) + ((first) & 31u) +			\
	    32u * ((middle) & 31u)) & (HDR_SLOTS - 1))

struct hdr_name {
	char		 text[HDR_LONGEST];
	unsigned char	 n;
	char		 pad[7];	/* 32 bytes a row */
};

extern const struct hdr_name hdr_names[HDR_IDS];
extern const unsigned char hdr_slots[HDR_SLOTS];

static inline enum hdr_id
hdr_lookup(struct str s)
{
	const struct hdr_name *row;
	unsigned id;

	if (s.n - 1 >= HDR_LONGEST)	/* 0, too */
		return HDR_OTHER;
	id = hdr_slots[HDR_SLOT(s.n, (unsigned char)s.p[0],
	    (unsigned char)s.p[s.n / 2])];
	row = &hdr_names[id];
	return row->n == s.n && chars_same(s.p, row->text, s.n) ?
	    (enum hdr_id)id : HDR_OTHER;
}

#endif
