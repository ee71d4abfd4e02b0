/* jscan_value_test.c - reading the values that the scanner has found. */
#include <string.h>

#include "base/err.h"
#include "base/jscan.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

TEST(strings)
{
	static const struct {
		const char	*raw;
		long		 n;
		const char	*text;
	} rows[] = {
		{ "\"\"", 0, "" },
		{ "\"abc\"", 3, "abc" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", 8, "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20ac\"", 6, "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00!\"", 5, "\xf0\x9f\x98\x80!" },
		{ "\"\\uDBFF\\uDFFF\"", 4, "\xf4\x8f\xbf\xbf" },
		{ "\"\xc3\xa9\xf0\x9f\x98\x80\"", 6,
		    "\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\"\\u0000\"", ERR_FORMAT, "" },
		{ "\"\\ud800\"", ERR_FORMAT, "" },
		{ "\"\\ude00\\ud83d\"", ERR_FORMAT, "" },
		{ "abc", ERR_FORMAT, "" }, { "\"abc", ERR_FORMAT, "" },
		{ "\"", ERR_FORMAT, "" }, { "", ERR_FORMAT, "" },
		{ "\"a\"b\"", ERR_FORMAT, "" }, { "12", ERR_FORMAT, "" },
		{ "\"\\x\"", ERR_FORMAT, "" }, { "\"\n\"", ERR_FORMAT, "" },
	};
	char dst[32];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		strcpy(dst, "junk");
		EQ_INT(jscan_string(str_of(rows[i].raw), dst, sizeof(dst)),
		    rows[i].n);
		EQ_STR(dst, rows[i].text);
	}
}

TEST(strings_that_do_not_fit)
{
	char dst[8];

	EQ_INT(jscan_string(STR("\"1234567\""), dst, 8), 7);
	EQ_INT(jscan_string(STR("\"12345678\""), dst, 8), ERR_TOOBIG);
	EQ_STR(dst, "");
	EQ_INT(jscan_string(STR("\"12345\xe2\x82\xac\""), dst, 8), ERR_TOOBIG);
	EQ_INT(jscan_string(STR("\"1234\xe2\x82\xac\""), dst, 8), 7);
	EQ_INT(jscan_string(STR("\"\""), dst, 1), 0);
	EQ_INT(jscan_string(STR("\"a\""), dst, 1), ERR_TOOBIG);
}

TEST(numbers)
{
	static const struct {
		const char	*raw;
		int		 rc;
		uint64_t	 v;
	} rows[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "0e999999999", 0, 0 },
		{ "1", 0, 1 }, { "1.0", 0, 1 }, { "1.000e0", 0, 1 },
		{ "1e3", 0, 1000 }, { "1E+3", 0, 1000 }, { "1.5e1", 0, 15 },
		{ "1500e-2", 0, 15 }, { "0.001e3", 0, 1 }, { "10", 0, 10 },
		{ "1000000000000000000000e-21", 0, 1 },
		{ "0.00000000000000000000000000001e29", 0, 1 },
		{ "25.0", 0, 25 },
		{ "999999999999999999", 0, 999999999999999999ULL },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551615.00", 0, UINT64_MAX },
		{ "18446744073709551616", ERR_RANGE, 7 },
		{ "99999999999999999999", ERR_RANGE, 7 },
		{ "1e19", 0, 10000000000000000000ULL },
		{ "1e20", ERR_RANGE, 7 }, { "2e19", ERR_RANGE, 7 },
		{ "1e400", ERR_RANGE, 7 },
		{ "1e99999999999999999999", ERR_RANGE, 7 },
		{ "1e-99999999999999999999", ERR_FORMAT, 7 },
		{ "-1", ERR_RANGE, 7 }, { "-1e5", ERR_RANGE, 7 },
		{ "0.5", ERR_FORMAT, 7 }, { "1.5", ERR_FORMAT, 7 },
		{ "-0.5", ERR_FORMAT, 7 }, { "15e-1", ERR_FORMAT, 7 },
		{ "\"1\"", ERR_FORMAT, 7 }, { "", ERR_FORMAT, 7 },
		{ "01", ERR_FORMAT, 7 }, { "1x", ERR_FORMAT, 7 },
		{ "true", ERR_FORMAT, 7 }, { "[1]", ERR_FORMAT, 7 },
	};
	uint64_t v;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		v = 7;
		if (jscan_u64(str_of(rows[i].raw), &v) != rows[i].rc)
			tap_fail(__FILE__, __LINE__, "%s", rows[i].raw);
		EQ_INT(v, rows[i].v);
	}
}

TEST(each_of_an_object)
{
	struct str raw = STR(" { \"a\" : 1 , \"b,]\\\"\":[1,[2]], "
	    "\"c\":{\"}\":\"]\"},\"d\":\"x\" ,\"e\":null,\"f\":true} ");
	static const struct {
		const char	*key, *value;
		enum jscan_type	 type;
	} want[] = {
		{ "\"a\"", "1", JSCAN_NUMBER },
		{ "\"b,]\\\"\"", "[1,[2]]", JSCAN_ARRAY },
		{ "\"c\"", "{\"}\":\"]\"}", JSCAN_OBJECT },
		{ "\"d\"", "\"x\"", JSCAN_STRING },
		{ "\"e\"", "null", JSCAN_NULL },
		{ "\"f\"", "true", JSCAN_TRUE },
	};
	struct str key, value;
	enum jscan_type type;
	size_t pos = 0, i;

	for (i = 0; i < N(want); i++) {
		EQ_INT(jscan_each(raw, &pos, &key, &value, &type), 1);
		EQ_S(key, want[i].key);
		EQ_S(value, want[i].value);
		EQ_INT(type, want[i].type);
	}
	EQ_INT(jscan_each(raw, &pos, &key, &value, &type), 0);
	EQ_INT(jscan_each(raw, &pos, &key, &value, &type), 0);
}

TEST(each_of_an_array)
{
	struct str raw = STR("[false,\n-1.5e3 ,[],{},\"a\\\\\"]");
	static const char *const want[] = {
		"false", "-1.5e3", "[]", "{}", "\"a\\\\\""
	};
	struct str key, value;
	enum jscan_type type;
	size_t pos = 0, i;

	for (i = 0; i < N(want); i++) {
		EQ_INT(jscan_each(raw, &pos, &key, &value, &type), 1);
		EQ_INT(key.n, 0);
		EQ_S(value, want[i]);
	}
	EQ_INT(jscan_each(raw, &pos, &key, &value, &type), 0);
}

TEST(each_of_nothing)
{
	struct str key, value;
	enum jscan_type type;
	size_t pos;

	pos = 0;
	EQ_INT(jscan_each(STR("[]"), &pos, &key, &value, &type), 0);
	pos = 0;
	EQ_INT(jscan_each(STR("{ }"), &pos, &key, &value, &type), 0);
	pos = 0;
	EQ_INT(jscan_each(STR("\"a\""), &pos, &key, &value, &type), 0);
	pos = 0;
	EQ_INT(jscan_each(STR(""), &pos, &key, &value, &type), 0);
	pos = 0;
	EQ_INT(jscan_each(STR("12"), &pos, &key, &value, &type), 0);
}

/* Also what jscan did not accept must not lead it out of the text. */
TEST(each_stays_inside)
{
	static const char *const rows[] = {
		"[", "{", "[\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "[,",
		"[,,", "{:}", "[[[", "{\"a\":[{", "{a", "[\"\\",
	};
	struct str key, value;
	enum jscan_type type;
	size_t pos, i;
	int rounds;

	for (i = 0; i < N(rows); i++) {
		pos = 0;
		for (rounds = 0; rounds < 10; rounds++) {
			if (!jscan_each(str_of(rows[i]), &pos, &key, &value,
			    &type))
				break;
			OK(pos <= strlen(rows[i]));
		}
		OK(rounds < 10);
	}
}

TAP_BEGIN
TAP_ROW(strings)
TAP_ROW(strings_that_do_not_fit)
TAP_ROW(numbers)
TAP_ROW(each_of_an_object)
TAP_ROW(each_of_an_array)
TAP_ROW(each_of_nothing)
TAP_ROW(each_stays_inside)
TAP_END
