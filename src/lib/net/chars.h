/*
 * chars.h - classes of bytes in HTTP messages (RFC 9110, 5; RFC 9112, 3).
 */
#ifndef NET_CHARS_H
#define NET_CHARS_H

#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHARS_TOKEN	1u	/* tchar: methods and field names */
#define CHARS_PATH	2u	/* target up to '?' */
#define CHARS_QUERY	4u	/* target behind it */
#define CHARS_HOST	8u	/* registered name or IPv4 address */
#define CHARS_TEXT	16u	/* field value: all but controls; tab is one */
#define CHARS_DIGIT	32u
#define CHARS_HEX	64u

extern const unsigned char chars_class[256];

static inline int
chars_is(char c, unsigned class)
{
	return (chars_class[(unsigned char)c] & class) != 0;
}

/* First byte in p[0..e) that is not of that class, or e. */
static inline const char *
chars_skip(const char *p, const char *e, unsigned class)
{
	while (p < e && chars_is(*p, class))
		p++;
	return p;
}

/* The same for CHARS_TEXT, sixteen bytes at a time where it can. */
static inline const char *
chars_skip_text(const char *p, const char *e)
{
#ifdef __SSE2__
	const __m128i low = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t');
	const __m128i del = _mm_set1_epi8(0x7f);
	__m128i v, bad;
	int mask;

	for (; e - p >= 16; p += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)p);
		bad = _mm_andnot_si128(_mm_cmpeq_epi8(v, tab),
		    _mm_cmpeq_epi8(_mm_min_epu8(v, low), v));
		bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, del));
		if ((mask = _mm_movemask_epi8(bad)) != 0)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	return chars_skip(p, e, CHARS_TEXT);
}

#endif
