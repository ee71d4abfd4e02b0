/*
 * retry_after.c - when a provider wants to be asked again.
 *
 * Runs in: worker; pure.
 * Owns: nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "upstream/retry_after.h"

/* A number with or without a fraction, times unit; large ones are cut. */
static int64_t
number(struct str s, int64_t unit)
{
	long dot = str_chr(s, '.');
	struct str part = dot < 0 ? s : str_make(s.p, (size_t)dot);
	struct str more = dot < 0 ? STR_NULL : str_skip(s, (size_t)dot + 1);
	int64_t us, f = unit;
	uint64_t v;
	size_t i;

	for (i = 0; i < more.n; i++)
		if (more.p[i] < '0' || more.p[i] > '9')
			return -1;
	switch (num_u64(part, &v)) {
	case 0:
		break;
	case ERR_RANGE:
		return RETRY_AFTER_MAX_US;
	default:
		return -1;
	}
	if (v >= (uint64_t)(RETRY_AFTER_MAX_US / unit))
		return RETRY_AFTER_MAX_US;
	us = (int64_t)v * unit;
	for (i = 0; i < more.n && f >= 10; i++)
		us += (more.p[i] - '0') * (f /= 10);
	return us;
}

static int
month(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	for (i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, name, 3) == 0)
			return i + 1;
	return 0;
}

/* Days from 1970-01-01 to the first of March of year y, then on. */
static int64_t
days(int y, int m, int d)
{
	int64_t era;

	if (m <= 2) {		/* the year begins in March */
		y--;
		m += 12;
	}
	era = (int64_t)y * 365 + y / 4 - y / 100 + y / 400;
	return era + (153 * (m - 3) + 2) / 5 + d - 1 - 719468;
}

/* Seconds since 1970, or -1. */
static int64_t
date(struct str s, int64_t real_us)
{
	int y = 0, d = 0, h, min, sec, m, end = -1;
	char text[40], mon[4] = "";

	if (str_copy(text, sizeof(text), s) != 0)
		return -1;
	if (sscanf(text, "%*3[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT%n", &d,
	    mon, &y, &h, &min, &sec, &end) == 6 && end == (int)s.n) {
		;
	} else if (sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d "
	    "%2d:%2d:%2d GMT%n", &d, mon, &y, &h, &min, &sec, &end) == 6 &&
	    end == (int)s.n) {
		/* two digits: not more than 50 years from now */
		y += 2000;
		if (y > 1970 + (int)(real_us / (31556952 * 1000000LL)) + 50)
			y -= 100;
	} else if (sscanf(text, "%*3[A-Za-z] %3s %2d %2d:%2d:%2d %4d%n", mon,
	    &d, &h, &min, &sec, &y, &end) != 6 || end != (int)s.n)
		return -1;
	m = month(mon);
	if (m == 0 || y < 1900 || d < 1 || d > 31 || h < 0 || h > 23 ||
	    min < 0 || min > 59 || sec < 0 || sec > 60)
		return -1;
	return days(y, m, d) * 86400 + h * 3600 + min * 60 + sec;
}

static int64_t
seconds_or_date(struct str s, int64_t real_us)
{
	int64_t v;

	if (s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9')
		return number(s, 1000000);
	if ((v = date(s, real_us)) == -1)
		return -1;
	if (v <= real_us / 1000000)
		return 0;
	v -= real_us / 1000000;
	return v >= RETRY_AFTER_MAX_US / 1000000 ? RETRY_AFTER_MAX_US :
	    v * 1000000;
}

int64_t
retry_after(const struct hdr *h, unsigned n, int64_t real_us)
{
	const struct hdr *after = hdr_find(h, n, HDR_RETRY_AFTER);
	int64_t us;
	unsigned i;

	for (i = 0; i < n; i++)
		if (str_ieq(h[i].name, STR("retry-after-ms")) &&
		    (us = number(str_trim(h[i].value), 1000)) >= 0)
			return us;
	return after == NULL ? -1 :
	    seconds_or_date(str_trim(after->value), real_us);
}

int64_t
retry_after_delay(struct str s)
{
	if (s.n < 2 || s.p[s.n - 1] != 's')
		return -1;
	return number(str_make(s.p, s.n - 1), 1000000);
}
