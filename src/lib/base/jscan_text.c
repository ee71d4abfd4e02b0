/*
 * jscan_text.c - the inside of JSON strings.
 *
 * Runs in: every child.
 * Owns: nothing but the choice of the vector code.
 *
 * A string is runs of plain ASCII with escapes and UTF-8 between. Runs are
 * skipped 32, 16 or 8 bytes at a time; a loop over single bytes ends each.
 */
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/err.h"
#include "base/jscan_text.h"

#define ONES	0x0101010101010101ULL
#define HIGH	0x8080808080808080ULL

/* Not a quote, a backslash, a control or the part of a longer character. */
static inline int
plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static inline uint64_t
zero_bytes(uint64_t v)
{
	return (v - ONES) & ~v & HIGH;
}

/* The first byte in [p, end) that is not plain, or end. */
static const char *
skip_swar(const char *p, const char *end)
{
	uint64_t v;

	for (; end - p >= 8; p += 8) {
		memcpy(&v, p, 8);
		if (((v & HIGH) | ((v - ONES * 0x20) & ~v & HIGH) |
		    zero_bytes(v ^ ONES * '"') |
		    zero_bytes(v ^ ONES * '\\')) != 0)
			break;
	}
	while (p < end && plain((unsigned char)*p))
		p++;
	return p;
}

#if defined(__x86_64__)
/* One bit for each of 16 bytes that is not plain. */
static inline unsigned
odd16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i m = _mm_or_si128(
	    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
	    /* signed: controls and all from 0x80 on are below 0x20 */
	    _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));

	return (unsigned)_mm_movemask_epi8(m);
}

static const char *
skip_sse2(const char *p, const char *end)
{
	unsigned m;

	for (; end - p >= 16; p += 16)
		if ((m = odd16(p)) != 0)
			return p + __builtin_ctz(m);
	return skip_swar(p, end);
}

__attribute__((target("avx2")))
static const char *
skip_avx2(const char *p, const char *end)
{
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i slash = _mm256_set1_epi8('\\');
	const __m256i space = _mm256_set1_epi8(0x20);
	unsigned m;

	for (; end - p >= 32; p += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);

		m = (unsigned)_mm256_movemask_epi8(_mm256_or_si256(
		    _mm256_or_si256(_mm256_cmpeq_epi8(v, quote),
		    _mm256_cmpeq_epi8(v, slash)),
		    _mm256_cmpgt_epi8(space, v)));
		if (m != 0)
			return p + __builtin_ctz(m);
	}
	return skip_sse2(p, end);
}

static const char *skip_first(const char *, const char *);
static const char *(*skip_long)(const char *, const char *) = skip_first;

/* The first call looks what the processor can do. */
static const char *
skip_first(const char *p, const char *end)
{
	skip_long = __builtin_cpu_supports("avx2") ? skip_avx2 : skip_sse2;
	return skip_long(p, end);
}

/* Most keys and values end within 16 bytes: no call for those. */
static inline const char *
skip(const char *p, const char *end)
{
	unsigned m;

	if (end - p < 16)
		return skip_swar(p, end);
	if ((m = odd16(p)) != 0)
		return p + __builtin_ctz(m);
	return skip_long(p + 16, end);
}

int
jscan_text_force(const char *name)
{
	if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2"))
		skip_long = skip_avx2;
	else if (strcmp(name, "sse2") == 0)
		skip_long = skip_sse2;
	else if (strcmp(name, "swar") == 0)
		skip_long = skip_swar;
	else
		return ERR_UNSUPPORTED;
	return 0;
}
#else
#define skip skip_swar

int
jscan_text_force(const char *name)
{
	return strcmp(name, "swar") == 0 ? 0 : ERR_UNSUPPORTED;
}
#endif

const char *
jscan_text_plain(const char *p, const char *end)
{
	return skip(p, end);
}

static inline int
tail(const char *p)
{
	return (*(const unsigned char *)p & 0xc0) == 0x80;
}

/* Length of the UTF-8 sequence (RFC 3629) at p, 0 when malformed. */
static inline size_t
sequence(const char *p, size_t left)
{
	unsigned char c = (unsigned char)p[0], d;

	if (left < 2 || c < 0xc2)
		return 0;
	if (c < 0xe0)
		return tail(p + 1) ? 2 : 0;
	d = (unsigned char)p[1];
	if (left < 3 || !tail(p + 1) || !tail(p + 2))
		return 0;
	if (c < 0xf0)	/* no overlong form, no surrogate */
		return (c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) ?
		    0 : 3;
	if (left < 4 || !tail(p + 3) || c > 0xf4 ||
	    (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
		return 0;
	return 4;
}

static inline int
hex(char ch)
{
	unsigned char c = (unsigned char)ch;

	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Length of the escape at p, or 0 with *at set. */
static inline size_t
escape(const char *p, const char *end, const char **at)
{
	int i;

	*at = p + 1;
	if (end - p < 2)
		return 0;
	switch (p[1]) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n':
	case 'r': case 't':
		return 2;
	case 'u':
		for (i = 2; i < 6; i++) {
			*at = p + i;
			if (*at == end || hex(p[i]) < 0)
				return 0;
		}
		return 6;
	}
	return 0;
}

const char *
jscan_text_end(const char *p, const char *end, const char *stop, int *escaped,
    const char **at, const char **what)
{
	size_t n;

	*escaped = 0;
	for (;;) {
		p = skip(p, stop > p ? stop : p);
		*at = p;
		*what = NULL;
		if (p >= stop && p < end)
			return NULL;
		*what = "unexpected end";
		if (p == end)
			return NULL;
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = 1;
			if ((n = escape(p, end, at)) == 0) {
				if (*at != end)
					*what = "bad escape in a string";
				return NULL;
			}
			p += n;
		} else if (*(const unsigned char *)p < 0x20) {
			*what = "control byte in a string";
			return NULL;
		} else {
			*what = "malformed UTF-8";
			do {
				if ((n = sequence(p, (size_t)(end - p))) == 0)
					return NULL;
				p += n;
				*at = p;
			} while (p < stop &&
			    *(const unsigned char *)p >= 0x80);
		}
	}
}

static uint32_t
hex4(const char *p)
{
	return (uint32_t)(hex(p[0]) << 12 | hex(p[1]) << 8 | hex(p[2]) << 4 |
	    hex(p[3]));
}

static uint32_t
next_escape(const char **pp, const char *end)
{
	static const char names[] = "b\bf\fn\nr\rt\t";
	const char *p = *pp, *q;
	uint32_t u, low;

	if (p[1] != 'u') {
		*pp = p + 2;
		for (q = names; *q != '\0'; q += 2)
			if (*q == p[1])
				return (unsigned char)q[1];
		return (unsigned char)p[1];
	}
	u = hex4(p + 2);
	*pp = p + 6;
	if (u < 0xd800 || u > 0xdbff || end - p < 12 || p[6] != '\\' ||
	    p[7] != 'u')
		return u;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return u;
	*pp = p + 12;
	return 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
}

uint32_t
jscan_text_next(const char **pp, const char *end)
{
	const unsigned char *p = (const unsigned char *)*pp;

	if (*p == '\\')
		return next_escape(pp, end);
	if (*p < 0x80) {
		*pp += 1;
		return *p;
	}
	if (*p < 0xe0) {
		*pp += 2;
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	}
	if (*p < 0xf0) {
		*pp += 3;
		return (uint32_t)(p[0] & 0xf) << 12 |
		    (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	}
	*pp += 4;
	return (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

/* A character as a parser that ignores case sees it: two are not ASCII. */
static uint32_t
fold(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	return c == 0x17f ? 's' : c == 0x212a ? 'k' : c;
}

int
jscan_text_is(struct str raw, struct str name)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	size_t i;
	uint32_t c;
	int same = 1;

	for (i = 0; i < name.n && p < end; i++) {
		c = jscan_text_next(&p, end);
		if (c == (unsigned char)name.p[i])
			continue;
		if (fold(c) != fold((unsigned char)name.p[i]))
			return 0;
		same = -1;
	}
	return i == name.n && p == end ? same : 0;
}

int
jscan_text_may_be(struct str raw, struct str name)
{
	return raw.n >= name.n && raw.n > 0 && name.n > 0 &&
	    (raw.p[0] == '\\' || (raw.p[0] & 0x80) != 0 ||
	    (raw.p[0] | 0x20) == (name.p[0] | 0x20));
}

int
jscan_text_same(struct str a, struct str b)
{
	const char *p = a.p, *pe = a.p + a.n, *q = b.p, *qe = b.p + b.n;

	while (p < pe && q < qe)
		if (jscan_text_next(&p, pe) != jscan_text_next(&q, qe))
			return 0;
	return p == pe && q == qe;
}
