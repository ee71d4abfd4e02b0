/*
 * num.c - numbers, sizes, times and money as text.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include "base/err.h"
#include "base/num.h"

int
num_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;
	unsigned d;

	if (s.n == 0)
		return ERR_FORMAT;
	for (i = 0; i < s.n; i++) {
		d = (unsigned)(unsigned char)s.p[i] - '0';
		if (d > 9)
			return ERR_FORMAT;
		if (v > (UINT64_MAX - d) / 10)
			return ERR_RANGE;
		v = v * 10 + d;
	}
	*out = v;
	return 0;
}

int
num_i64(struct str s, int64_t *out)
{
	int neg = s.n > 0 && s.p[0] == '-', rc;
	uint64_t v;

	if (neg)
		s = str_skip(s, 1);
	if ((rc = num_u64(s, &v)) != 0)
		return rc;
	if (v > (uint64_t)INT64_MAX + (neg ? 1 : 0))
		return ERR_RANGE;
	*out = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int
num_hex(struct str s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;
	int c;

	if (s.n == 0)
		return ERR_FORMAT;
	if (s.n > 16)
		return ERR_RANGE;
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			c = (c | 32) - 'a' + 10;
		else
			return ERR_FORMAT;
		v = v << 4 | (unsigned)c;
	}
	*out = v;
	return 0;
}

int
num_size(struct str s, uint64_t *out)
{
	uint64_t v;
	int shift = 0, rc;

	if (s.n == 0)
		return ERR_FORMAT;
	switch (s.p[s.n - 1] | 32) {
	case 'k':
		shift = 10;
		break;
	case 'm':
		shift = 20;
		break;
	case 'g':
		shift = 30;
		break;
	}
	if (shift != 0)
		s.n--;
	if ((rc = num_u64(s, &v)) != 0)
		return rc;
	if (v > UINT64_MAX >> shift)
		return ERR_RANGE;
	*out = v << shift;
	return 0;
}

int
num_time_us(struct str s, int64_t *out)
{
	static const struct {
		struct str	unit;
		int64_t		us;
	} units[] = {
		{ { "ms", 2 }, 1000 }, { { "s", 1 }, 1000000 },
		{ { "m", 1 }, 60000000 }, { { "h", 1 }, 3600000000LL },
		{ { "d", 1 }, 86400000000LL },
	};
	uint64_t v;
	size_t n = 0, i;
	int rc;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if ((rc = num_u64(str_make(s.p, n), &v)) != 0)
		return rc;
	s = str_skip(s, n);
	if (s.n == 0 && v == 0) {
		*out = 0;
		return 0;
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_eq(s, units[i].unit)) {
			if (v > (uint64_t)(INT64_MAX / units[i].us))
				return ERR_RANGE;
			*out = (int64_t)v * units[i].us;
			return 0;
		}
	return ERR_FORMAT;
}

/* Read digits[.digits] into mant, counting the decimals. Digits behind the
 * 30th are dropped: they cannot change the result but by rounding. */
static int
mantissa(struct str *s, unsigned __int128 *mant, int *exp10)
{
	int any = 0, digits = 0, dot = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (c == '.' && !dot) {
			dot = 1;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		any = 1;
		if (digits < 30) {
			*mant = *mant * 10 + (unsigned)(c - '0');
			if (*mant != 0)
				digits++;
			*exp10 -= dot;
		} else
			*exp10 += !dot;
	}
	*s = str_skip(*s, i);
	return any ? 0 : ERR_FORMAT;
}

static int
exponent(struct str s, int *exp10)
{
	int64_t e;
	int rc;

	if (s.n == 0)
		return 0;
	if ((s.p[0] | 32) != 'e')
		return ERR_FORMAT;
	s = str_skip(s, 1);
	if (s.n > 1 && s.p[0] == '+' && s.p[1] != '-')
		s = str_skip(s, 1);
	if ((rc = num_i64(s, &e)) != 0)
		return rc;
	*exp10 += e > 1000 ? 1000 : e < -1000 ? -1000 : (int)e;
	return 0;
}

int
num_decimal(struct str s, int scale, int64_t *out)
{
	unsigned __int128 v = 0;
	int neg = 0, e = scale, half = 0, rc;

	if (s.n > 0 && s.p[0] == '-') {
		neg = 1;
		s = str_skip(s, 1);
	}
	if ((rc = mantissa(&s, &v, &e)) != 0 || (rc = exponent(s, &e)) != 0)
		return rc;
	for (; e > 0 && v != 0; e--) {
		if (v > (unsigned __int128)INT64_MAX)
			return ERR_RANGE;
		v *= 10;
	}
	for (; e < 0 && v != 0; e++) {
		half = v % 10 >= 5;
		v /= 10;
	}
	if (e < 0)
		half = 0;
	v += (unsigned)half;
	if (v > (unsigned __int128)INT64_MAX)
		return ERR_RANGE;
	*out = neg ? -(int64_t)v : (int64_t)v;
	return 0;
}

size_t
num_put_u64(char *dst, uint64_t v)
{
	char tmp[20];
	size_t n = 0, i;

	do
		tmp[n++] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	for (i = 0; i < n; i++)
		dst[i] = tmp[n - 1 - i];
	return n;
}

size_t
num_put_usd(char *dst, int64_t pico, int digits)
{
	uint64_t v = pico < 0 ? 0 - (uint64_t)pico : (uint64_t)pico;
	uint64_t unit = 1;
	size_t n = 0;
	int i;

	ASSERT(digits >= 0 && digits <= 12);
	for (i = digits; i < 12; i++)
		unit *= 10;
	v = v / unit + (v % unit >= unit - unit / 2 && unit > 1);
	for (unit = 1, i = 0; i < digits; i++)
		unit *= 10;
	if (pico < 0 && v != 0)
		dst[n++] = '-';
	n += num_put_u64(dst + n, v / unit);
	if (digits > 0)
		dst[n++] = '.';
	for (v %= unit; digits > 0; digits--) {
		unit /= 10;
		dst[n++] = (char)('0' + v / unit);
		v %= unit;
	}
	dst[n] = '\0';
	return n;
}
