/*
 * chars.h - classes of bytes in HTTP messages (RFC 9110, 5; RFC 9112, 3).
 */
#ifndef NET_CHARS_H
#define NET_CHARS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
	for (; e - p >= 4; p += 4) {
		if (!chars_is(p[0], class))
			return p;
		if (!chars_is(p[1], class))
			return p + 1;
		if (!chars_is(p[2], class))
			return p + 2;
		if (!chars_is(p[3], class))
			return p + 3;
	}
	while (p < e && chars_is(*p, class))
		p++;
	return p;
}

/*
 * The same, for classes that hold all letters and the bytes first to last:
 * sixteen bytes at a time while all are of these.
 */
static inline const char *
chars_skip_plain(const char *p, const char *e, unsigned class,
    unsigned char first, unsigned char last)
{
#ifdef __SSE2__
	const __m128i letters = _mm_set1_epi8('z' - 'a');
	const __m128i others = _mm_set1_epi8((char)(last - first));
	__m128i v, a, b;
	int mask;

	for (; e - p >= 16; p += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)p);
		a = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)),
		    _mm_set1_epi8('a'));
		a = _mm_cmpeq_epi8(_mm_min_epu8(a, letters), a);
		b = _mm_sub_epi8(v, _mm_set1_epi8((char)first));
		b = _mm_cmpeq_epi8(_mm_min_epu8(b, others), b);
		mask = _mm_movemask_epi8(_mm_or_si128(a, b));
		if (mask != 0xffff) {
			p += __builtin_ctz(~(unsigned)mask);
			if (!chars_is(*p, class))
				return p;
			break;
		}
	}
#endif
	return chars_skip(p, e, class);
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

/*
 * 1 when the 8 (4, 1) bytes of a and b are equal but for the case of letters; b
 * is lower case: only letters of b have bit 0x40, only there 0x20 may differ.
 */
static inline int
chars_same8(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return ((x ^ y) & ~((y & 0x4040404040404040ULL) >> 1)) == 0;
}

static inline int
chars_same4(const char *a, const char *b)
{
	uint32_t x, y;

	memcpy(&x, a, 4);
	memcpy(&y, b, 4);
	return ((x ^ y) & ~((y & 0x40404040U) >> 1)) == 0;
}

static inline int
chars_same1(const char *a, const char *b)
{
	return ((*a ^ *b) & ~((*b & 0x40) >> 1)) == 0;
}

/*
 * The same for n bytes, 1 to 24, by words that may overlap. b: lower case
 * letters, digits and '-'.
 */
static inline int
chars_same(const char *a, const char *b, size_t n)
{
	if (n >= 8)
		return chars_same8(a, b) &&
		    chars_same8(a + n - 8, b + n - 8) &&
		    (n <= 16 || chars_same8(a + 8, b + 8));
	if (n >= 4)
		return chars_same4(a, b) && chars_same4(a + n - 4, b + n - 4);
	return chars_same1(a, b) && chars_same1(a + n / 2, b + n / 2) &&
	    chars_same1(a + n - 1, b + n - 1);
}

/* 1 when s is that word (a literal as for chars_same), in any case. */
#define chars_word(s, lit) \
	((s).n == sizeof(lit) - 1 && chars_same((s).p, "" lit, sizeof(lit) - 1))

#endif
