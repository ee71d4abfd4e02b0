/*
 * jscan_value.c - reading the values that jscan has found, and its end.
 *
 * Runs in: every child.
 * Owns: nothing.
 *
 * What comes here was accepted by jscan, but each function stays within raw
 * whatever it holds.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/jscan_text.h"
#include "base/slice.h"

#define PORTION 65536	/* of a string, between two looks at the clock */

static size_t
put_utf8(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The inside of a whole string value: 0 or ERR_FORMAT. */
static int
inside(struct str raw, struct str *text)
{
	const char *close, *at, *what;
	int escaped;

	if (raw.n < 2 || raw.p[0] != '"')
		return ERR_FORMAT;
	close = jscan_text_end(raw.p + 1, raw.p + raw.n, raw.p + raw.n,
	    &escaped, &at, &what);
	if (close != raw.p + raw.n - 1)
		return ERR_FORMAT;
	*text = str_make(raw.p + 1, raw.n - 2);
	return 0;
}

long
jscan_string(struct str raw, char *dst, size_t size)
{
	struct str text;
	const char *p, *end;
	char tmp[4];
	size_t n = 0, k;
	uint32_t c;

	ASSERT(size > 0);
	dst[0] = '\0';
	if (inside(raw, &text) != 0)
		return ERR_FORMAT;
	for (p = text.p, end = p + text.n; p < end; n += k) {
		c = jscan_text_next(&p, end);
		if (c == 0 || (c >= 0xd800 && c <= 0xdfff)) {
			dst[0] = '\0';
			return ERR_FORMAT;
		}
		k = put_utf8(tmp, c);
		if (k >= size - n) {
			dst[0] = '\0';
			return ERR_TOOBIG;
		}
		memcpy(dst + n, tmp, k);
	}
	dst[n] = '\0';
	return (long)n;
}

/*
 * The digits of a number as v * 10^(*exp10), v without zeros at its end. *p
 * moves behind them.
 */
static int
mantissa(const char **pp, const char *end, uint64_t *v, int64_t *exp10)
{
	const char *p = *pp;
	int64_t zeros = 0;
	int dot = 0;

	for (; p < end; p++) {
		if (*p == '.') {
			dot = 1;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		*exp10 -= dot;
		zeros++;
		if (*p == '0')
			continue;
		for (; zeros > 0 && *v != 0; zeros--)
			if (__builtin_mul_overflow(*v, 10, v))
				return ERR_RANGE;
		zeros = 0;
		if (__builtin_add_overflow(*v, (uint64_t)(*p - '0'), v))
			return ERR_RANGE;
	}
	*exp10 += zeros;
	*pp = p;
	return 0;
}

static int64_t
exponent(const char *p, const char *end)
{
	int neg = 0;
	int64_t e = 0;

	if (p == end)
		return 0;
	p++;
	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	for (; p < end; p++)
		if (e < 1000000000000LL)
			e = e * 10 + (*p - '0');
	return neg ? -e : e;
}

/* Nearly every number is a few digits: 1, or 0 when it is something else. */
static int
digits(struct str raw, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (raw.n == 0 || raw.n > 18 || (raw.p[0] == '0' && raw.n > 1))
		return 0;
	for (i = 0; i < raw.n; i++) {
		if (raw.p[i] < '0' || raw.p[i] > '9')
			return 0;
		v = v * 10 + (uint64_t)(raw.p[i] - '0');
	}
	*out = v;
	return 1;
}

int
jscan_u64(struct str raw, uint64_t *out)
{
	struct jscan_result res;
	const char *p = raw.p, *end = raw.p + raw.n;
	uint64_t v = 0;
	int64_t e = 0;
	int neg = 0;

	if (digits(raw, out))
		return 0;
	if (jscan(raw, NULL, NULL, 0, &res) != 0 || res.type != JSCAN_NUMBER)
		return ERR_FORMAT;
	if (*p == '-') {
		neg = 1;
		p++;
	}
	if (mantissa(&p, end, &v, &e) != 0)
		return ERR_RANGE;
	e += exponent(p, end);
	if (v != 0 && e < 0)
		return ERR_FORMAT;
	if (v != 0 && neg)
		return ERR_RANGE;
	for (; v != 0 && e > 0; e--)
		if (__builtin_mul_overflow(v, 10, &v))
			return ERR_RANGE;
	*out = v;
	return 0;
}

int
jscan_stays(const struct jscan_want *w, struct str raw)
{
	uint64_t was, is;

	return w->type == JSCAN_NUMBER && jscan_u64(w->raw, &was) == 0 &&
	    (jscan_u64(raw, &is) != 0 || is < was);
}

static size_t
skip_blanks(struct str raw, size_t i)
{
	while (i < raw.n && (raw.p[i] == ' ' || raw.p[i] == '\n' ||
	    raw.p[i] == '\r' || raw.p[i] == '\t'))
		i++;
	return i;
}

/* Behind the string whose quote is at i, or raw.n. */
static size_t
skip_string(struct str raw, size_t i)
{
	const char *p = raw.p + i + 1, *end = raw.p + raw.n, *from = p;

	/* It was accepted: only quotes and backslashes count. */
	for (;;) {
		p = jscan_text_plain(p, end - p > PORTION ? p + PORTION : end);
		while (p < end && *(const unsigned char *)p >= 0x80 &&
		    p - from < PORTION)
			p++;
		if (p - from >= PORTION) {
			slice_use(PORTION / 4);
			from = p;
		}
		if (p >= end)
			break;
		if (*p == '"') {
			slice_use((size_t)(p - from) / 8 + 8);
			return (size_t)(p - raw.p) + 1;
		}
		if (*p == '\\')
			p += end - p > 1 ? 2 : 1;
		else if (*(const unsigned char *)p < 0x20)
			p++;
	}
	return raw.n;
}

/* Behind the value at i, or raw.n. */
static size_t
skip_value(struct str raw, size_t i)
{
	size_t depth = 0;

	while (i < raw.n) {
		switch (raw.p[i]) {
		case '"':
			i = skip_string(raw, i);
			if (depth == 0)
				return i;
			continue;
		case '{': case '[':
			depth++;
			break;
		case '}': case ']':
			if (depth == 0)
				return i;
			if (--depth == 0)
				return i + 1;
			break;
		case ',':
			slice_use(8);
			/* FALLTHROUGH */
		case ' ': case '\n': case '\r': case '\t':
			if (depth == 0)
				return i;
			break;
		}
		i++;
	}
	return i;
}

static enum jscan_type
type_of(struct str v)
{
	switch (v.n == 0 ? '\0' : v.p[0]) {
	case '\0':
		return JSCAN_NONE;
	case '"':
		return JSCAN_STRING;
	case '{':
		return JSCAN_OBJECT;
	case '[':
		return JSCAN_ARRAY;
	case 't':
		return JSCAN_TRUE;
	case 'f':
		return JSCAN_FALSE;
	case 'n':
		return JSCAN_NULL;
	}
	return JSCAN_NUMBER;
}

int
jscan_each(struct str raw, size_t *pos, struct str *key, struct str *value,
    enum jscan_type *type)
{
	size_t i = *pos, from;

	if (i == 0) {
		i = skip_blanks(raw, 0);
		if (i >= raw.n || (raw.p[i] != '{' && raw.p[i] != '['))
			return 0;
		i++;
	}
	i = skip_blanks(raw, i);
	if (i < raw.n && raw.p[i] == ',')
		i = skip_blanks(raw, i + 1);
	if (i >= raw.n || raw.p[i] == '}' || raw.p[i] == ']')
		return 0;
	*key = STR_NULL;
	if (raw.p[skip_blanks(raw, 0)] == '{') {
		from = i;
		i = raw.p[i] == '"' ? skip_string(raw, i) :
		    skip_value(raw, i);
		*key = str_make(raw.p + from, i - from);
		i = skip_blanks(raw, i);
		if (i >= raw.n || raw.p[i] != ':')
			return 0;
		i = skip_blanks(raw, i + 1);
	}
	from = i;
	i = skip_value(raw, i);
	*value = str_make(raw.p + from, i - from);
	*type = type_of(*value);
	*pos = i;
	return i > from;
}

void
jscan_free(struct jscan_run **rp)
{
	free(*rp);
	*rp = NULL;
}
