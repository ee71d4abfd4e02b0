/* num_test.c - numbers, sizes, times and money. */
#include "base/err.h"
#include "base/num.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char	*text;
	int		 rc;
	long long	 v;
};

static void
check(const struct row *rows, size_t n, int (*fn)(struct str, int64_t *))
{
	int64_t v;
	size_t i;

	for (i = 0; i < n; i++) {
		v = 77;
		if (fn(str_of(rows[i].text), &v) != rows[i].rc ||
		    v != (rows[i].rc == 0 ? rows[i].v : 77))
			tap_fail(__FILE__, __LINE__, "\"%s\" gives %lld",
			    rows[i].text, (long long)v);
	}
}

static int
u64(struct str s, int64_t *v)
{
	return num_u64(s, (uint64_t *)v);
}

static int
hex(struct str s, int64_t *v)
{
	return num_hex(s, (uint64_t *)v);
}

static int
size(struct str s, int64_t *v)
{
	return num_size(s, (uint64_t *)v);
}

static int
usd(struct str s, int64_t *v)
{
	return num_decimal(s, 12, v);
}

TEST(unsigned_numbers)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "007", 0, 7 }, { "1234567890", 0, 1234567890 },
		{ "18446744073709551615", 0, -1 },
		{ "18446744073709551616", ERR_RANGE, 0 },
		{ "18446744073709551620", ERR_RANGE, 0 },
		{ "99999999999999999999", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 }, { " 1", ERR_FORMAT, 0 },
		{ "1 ", ERR_FORMAT, 0 }, { "+1", ERR_FORMAT, 0 },
		{ "-1", ERR_FORMAT, 0 }, { "1a", ERR_FORMAT, 0 },
		{ "0x1", ERR_FORMAT, 0 }, { "1.0", ERR_FORMAT, 0 },
	};

	check(rows, N(rows), u64);
}

TEST(signed_numbers)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "-1", 0, -1 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", ERR_RANGE, 0 },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "-9223372036854775809", ERR_RANGE, 0 },
		{ "-", ERR_FORMAT, 0 }, { "--1", ERR_FORMAT, 0 },
		{ "+1", ERR_FORMAT, 0 }, { "", ERR_FORMAT, 0 },
	};

	check(rows, N(rows), num_i64);
}

TEST(hexadecimal)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "fF", 0, 255 }, { "1a2B", 0, 0x1a2b },
		{ "ffffffffffffffff", 0, -1 },
		{ "10000000000000000", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 }, { "g", ERR_FORMAT, 0 },
		{ "0x1", ERR_FORMAT, 0 }, { "@", ERR_FORMAT, 0 },
		{ "`", ERR_FORMAT, 0 }, { " 1", ERR_FORMAT, 0 },
	};

	check(rows, N(rows), hex);
}

TEST(sizes)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "4096", 0, 4096 }, { "64k", 0, 65536 },
		{ "64K", 0, 65536 }, { "32m", 0, 33554432 },
		{ "1G", 0, 1073741824 }, { "0k", 0, 0 },
		{ "17179869183g", 0, -1073741824 },
		{ "17179869184g", ERR_RANGE, 0 }, { "k", ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 }, { "1kb", ERR_FORMAT, 0 },
		{ "1 k", ERR_FORMAT, 0 }, { "-1k", ERR_FORMAT, 0 },
		{ "1t", ERR_FORMAT, 0 }, { "1.5k", ERR_FORMAT, 0 },
	};

	check(rows, N(rows), size);
}

TEST(times)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "00", 0, 0 }, { "250ms", 0, 250000 },
		{ "10s", 0, 10000000 }, { "15m", 0, 900000000 },
		{ "2h", 0, 7200000000LL }, { "1d", 0, 86400000000LL },
		{ "0s", 0, 0 }, { "106751991d", 0, 106751991 * 86400000000LL },
		{ "106751992d", ERR_RANGE, 0 }, { "10", ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 }, { "s", ERR_FORMAT, 0 },
		{ "1S", ERR_FORMAT, 0 }, { "1us", ERR_FORMAT, 0 },
		{ "1 s", ERR_FORMAT, 0 }, { "1.5s", ERR_FORMAT, 0 },
		{ "-1s", ERR_FORMAT, 0 }, { "1sm", ERR_FORMAT, 0 },
		{ "99999999999999999999s", ERR_RANGE, 0 },
	};

	check(rows, N(rows), num_time_us);
}

TEST(decimals)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "6.25e-06", 0, 6250000 },
		{ "1", 0, 1000000000000LL }, { "-1", 0, -1000000000000LL },
		{ "1e-12", 0, 1 }, { "4e-13", 0, 0 }, { "5e-13", 0, 1 },
		{ "-5e-13", 0, -1 }, { "4.9999999999999999999e-13", 0, 0 },
		{ "7e-14", 0, 0 }, { "9.9e-13", 0, 1 }, { "1e-30", 0, 0 },
		{ "1e-999999", 0, 0 }, { "0e999999", 0, 0 },
		{ "0.000000000001", 0, 1 }, { "0.0000000000005", 0, 1 },
		{ "0.00000000000049", 0, 0 }, { "1.5E+1", 0, 15000000000000LL },
		{ "100.000000000000000000000000000000000000", 0,
		    100000000000000LL },
		{ "0.0000000000000000000000000000000000000001e40", 0,
		    1000000000000LL },
		{ "9223372.036854775807", 0, INT64_MAX },
		{ "9223372.036854775808", ERR_RANGE, 0 },
		{ "9223372.0368547758075", ERR_RANGE, 0 },
		{ "1e7", ERR_RANGE, 0 }, { "1e400", ERR_RANGE, 0 },
		{ "123456789012345678901234567890123456789", ERR_RANGE, 0 },
		{ "", ERR_FORMAT, 0 }, { "-", ERR_FORMAT, 0 },
		{ ".", ERR_FORMAT, 0 }, { "1.2.3", ERR_FORMAT, 0 },
		{ "1e", ERR_FORMAT, 0 }, { "1e+", ERR_FORMAT, 0 },
		{ "1e+-5", ERR_FORMAT, 0 }, { "1e++5", ERR_FORMAT, 0 },
		{ "1e5x", ERR_FORMAT, 0 }, { "+1", ERR_FORMAT, 0 },
		{ " 1", ERR_FORMAT, 0 }, { "0x1p3", ERR_FORMAT, 0 },
		{ "nan", ERR_FORMAT, 0 }, { "inf", ERR_FORMAT, 0 },
	};

	check(rows, N(rows), usd);
}

TEST(decimals_without_scale)
{
	int64_t v;

	EQ_INT(num_decimal(STR("25.0"), 0, &v), 0);
	EQ_INT(v, 25);
	EQ_INT(num_decimal(STR("0.5"), 0, &v), 0);
	EQ_INT(v, 1);
	EQ_INT(num_decimal(STR("-0.4"), 0, &v), 0);
	EQ_INT(v, 0);
	EQ_INT(num_decimal(STR("9223372036854775807"), 0, &v), 0);
	EQ_INT(v, INT64_MAX);
}

TEST(printing)
{
	char dst[40];

	EQ_MEM(dst, num_put_u64(dst, 0), "0", 1);
	EQ_MEM(dst, num_put_u64(dst, UINT64_MAX), "18446744073709551615", 20);
	num_put_usd(dst, 0, 2);
	EQ_STR(dst, "0.00");
	num_put_usd(dst, 1000000000000LL, 0);
	EQ_STR(dst, "1");
	num_put_usd(dst, 1500000000000LL, 0);
	EQ_STR(dst, "2");
	num_put_usd(dst, 6250000, 12);
	EQ_STR(dst, "0.000006250000");
	num_put_usd(dst, 6250000, 6);
	EQ_STR(dst, "0.000006");
	num_put_usd(dst, 6500000, 6);
	EQ_STR(dst, "0.000007");
	num_put_usd(dst, -1995000000000LL, 2);
	EQ_STR(dst, "-2.00");
	num_put_usd(dst, -4, 6);
	EQ_STR(dst, "0.000000");
	num_put_usd(dst, INT64_MIN, 12);
	EQ_STR(dst, "-9223372.036854775808");
	EQ_INT(num_put_usd(dst, INT64_MAX, 12), 20);
	EQ_STR(dst, "9223372.036854775807");
}

TAP_BEGIN
TAP_ROW(unsigned_numbers)
TAP_ROW(signed_numbers)
TAP_ROW(hexadecimal)
TAP_ROW(sizes)
TAP_ROW(times)
TAP_ROW(decimals)
TAP_ROW(decimals_without_scale)
TAP_ROW(printing)
TAP_END
