/*
 * opt_put.c - the option table: values as text, the way a file has them.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/net.h"
#include "conf/opt.h"

void
opt_put_string(struct buf *b, struct str s)
{
	size_t i, from = 0;
	unsigned char c;

	buf_addc(b, '"');
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
			continue;
		buf_add(b, s.p + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n')
			buf_adds(b, STR("\\n"));
		else
			buf_printf(b, "\\x%02x", c);
	}
	buf_add(b, s.p + from, i - from);
	buf_addc(b, '"');
}

static void
put_double(struct buf *b, double d)
{
	char s[40];

	snprintf(s, sizeof(s), "%.15g", d);
	if (strtod(s, NULL) != d)
		snprintf(s, sizeof(s), "%.17g", d);
	buf_printf(b, "%s%s", s, strpbrk(s, ".e") == NULL ? ".0" : "");
}

/* v / 10^scale, exact, at least one decimal. */
static void
put_decimal(struct buf *b, int64_t v, int scale)
{
	char frac[24];
	int64_t unit = 1;
	int i, n;

	for (i = 0; i < scale; i++)
		unit *= 10;
	n = snprintf(frac, sizeof(frac), "%0*lld", scale,
	    (long long)(v % unit));
	while (n > 1 && frac[n - 1] == '0')
		frac[--n] = '\0';
	buf_printf(b, "%lld.%s", (long long)(v / unit), frac);
}

static void
put_i64(struct buf *b, int64_t v)
{
	buf_printf(b, "%lld%s", (long long)v,
	    v > INT32_MAX || v < INT32_MIN ? "L" : "");
}

static void
put_time(struct buf *b, int64_t us)
{
	static const struct {
		int64_t		us;
		const char	*unit;
	} units[] = {
		{ 86400000000LL, "d" }, { 3600000000LL, "h" },
		{ 60000000, "m" }, { 1000000, "s" }, { 1000, "ms" },
	};
	size_t i = 0;

	if (us == 0) {
		buf_adds(b, STR("\"0s\""));
		return;
	}
	while (i < 4 && us % units[i].us != 0)
		i++;
	buf_printf(b, "\"%lld%s\"", (long long)(us / units[i].us),
	    units[i].unit);
}

static void
put_size(struct buf *b, uint64_t n)
{
	static const char unit[] = "\0kmg";
	int i = 0;

	while (i < 3 && n != 0 && n % 1024 == 0) {
		n /= 1024;
		i++;
	}
	buf_printf(b, "\"%llu%.1s\"", (unsigned long long)n, unit + i);
}

static void
put_statuses(struct buf *b, const struct conf_statuses *st)
{
	const char *sep = "";
	int i, end;

#define HAS(i)	((i) < 600 && st->bits[(i) / 64] >> (i) % 64 & 1)
	buf_addc(b, '"');
	for (i = 0; i < 600; i = end + 1) {
		end = i;
		if (!HAS(i))
			continue;
		while (HAS(end + 1))
			end++;
		buf_printf(b, end > i ? "%s%d-%d" : "%s%d", sep, i, end);
		sep = ",";
	}
	buf_addc(b, '"');
#undef HAS
}

static void
put_strs(struct buf *b, const struct conf_strs *l)
{
	unsigned i;

	buf_adds(b, STR("("));
	for (i = 0; i < l->n; i++) {
		buf_adds(b, i > 0 ? STR(", ") : STR(" "));
		opt_put_string(b, str_of(l->v[i]));
	}
	buf_adds(b, STR(" )"));
}

static void
put_cidrs(struct buf *b, const struct conf_cidrs *l)
{
	char text[CONF_CIDR_SIZE];
	unsigned i;

	buf_adds(b, STR("("));
	for (i = 0; i < l->n; i++) {
		conf_cidr_text(&l->v[i], text);
		buf_printf(b, "%s\"%s\"", i > 0 ? ", " : " ", text);
	}
	buf_adds(b, STR(" )"));
}

static void
put_bits(struct buf *b, const char *choices, unsigned bits)
{
	const char *sep = " ";
	int i;

	buf_adds(b, STR("("));
	for (i = 0; i < 32; i++)
		if (bits >> i & 1) {
			buf_printf(b, "%s\"%.*s\"", sep,
			    STR_ARG(opt_choice_name(choices, i)));
			sep = ", ";
		}
	buf_adds(b, STR(" )"));
}

static void
put_hex(struct buf *b, const char *prefix, const void *p, size_t n)
{
	char hex[2 * CRYPTO_SHA256 + 1];

	crypto_hex(hex, p, n);
	buf_printf(b, "\"%s%s\"", prefix, hex);
}

/* Types that may be unset: 0 when this one is. */
static int
is_set(const struct opt *o, const void *f)
{
	switch (o->type) {
	case OPT_LIMIT:
	case OPT_LIMIT_TIME:
		return *(const uint64_t *)f != CONF_UNSET;
	case OPT_PRICE:
		return *(const int64_t *)f >= 0;
	case OPT_SCORE:
		return *(const double *)f >= 0;
	case OPT_STATUSES:
		return ((const struct conf_statuses *)f)->set;
	case OPT_DAY:
		return (*(const char *const *)f)[0] != '\0';
	default:
		return 1;
	}
}

static void
put_number(const struct opt *o, const char *base, struct buf *b)
{
	const void *f = base + o->off;
	int call = o->type == OPT_PRICE && o->off2 != 0 &&
	    *(const int *)(const void *)(base + o->off2) == PRICE_PER_CALL;

	switch (o->type) {
	case OPT_INT:
		put_i64(b, *(const int *)f);
		break;
	case OPT_UINT:
		put_i64(b, *(const unsigned *)f);
		break;
	case OPT_NUM:
	case OPT_SCORE:
		put_double(b, *(const double *)f);
		break;
	case OPT_USD:
		put_decimal(b, *(const int64_t *)f, 12);
		break;
	case OPT_PRICE:
		put_decimal(b, *(const int64_t *)f, call ? 12 : 6);
		break;
	default:
		put_i64(b, *(const int64_t *)f);
	}
}

static void
put_word(const struct opt *o, const void *f, struct buf *b)
{
	int i = *(const int *)f;

	if (o->type == OPT_BOOL)
		buf_adds(b, i ? STR("true") : STR("false"));
	else if (o->type == OPT_LEVEL)
		buf_printf(b, "\"%s\"", log_level_name((enum log_level)i));
	else
		buf_printf(b, "\"%.*s\"",
		    STR_ARG(opt_choice_name(o->arg, i)));
}

int
opt_put(const struct opt *o, const void *base, struct buf *b)
{
	const void *f = (const char *)base + o->off;

	if (!is_set(o, f))
		return 0;
	switch (o->type) {
	case OPT_BOOL:
	case OPT_ENUM:
	case OPT_LEVEL:
		put_word(o, f, b);
		break;
	case OPT_STR:
	case OPT_DAY:
		opt_put_string(b, str_of(*(const char *const *)f));
		break;
	case OPT_SIZE:
		put_size(b, *(const uint64_t *)f);
		break;
	case OPT_TIME:
	case OPT_LIMIT_TIME:
		put_time(b, *(const int64_t *)f);
		break;
	case OPT_BITS:
		put_bits(b, o->arg, *(const unsigned *)f);
		break;
	case OPT_STRS:
		put_strs(b, f);
		break;
	case OPT_CIDRS:
		put_cidrs(b, f);
		break;
	case OPT_STATUSES:
		put_statuses(b, f);
		break;
	case OPT_HASH:
		put_hex(b, "sha256:", f, 32);
		break;
	case OPT_HEX8:
		put_hex(b, "", f, 8);
		break;
	default:
		put_number(o, base, b);
	}
	return 1;
}
