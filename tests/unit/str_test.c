/* str_test.c - pieces of text. */
#include "base/err.h"
#include "base/str.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

TEST(compare)
{
	OK(str_eq(STR("a"), STR("a")) && !str_eq(STR("a"), STR("b")));
	OK(!str_eq(STR("a"), STR("ab")) && str_eq(STR_NULL, STR("")));
	OK(str_eqc(STR("abc"), "abc") && str_eqc(STR_NULL, ""));
	OK(str_ieq(STR("Content-Type"), STR("content-TYPE")));
	OK(!str_ieq(STR("a"), STR("b")) && str_ieq(STR_NULL, STR_NULL));
	OK(str_starts(STR("abc"), STR("ab")) && str_starts(STR("a"), STR("")));
	OK(!str_starts(STR("a"), STR("ab")));
	OK(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	OK(str_eq(STR("a\0b"), STR("a\0b")) && !str_eq(STR("a\0b"),
	    STR("a\0c")));
}

TEST(parts)
{
	EQ_S(str_skip(STR("abc"), 1), "bc");
	EQ_S(str_skip(STR("abc"), 9), "");
	EQ_S(str_skip(STR_NULL, 3), "");
	EQ_INT(str_chr(STR("abc"), 'c'), 2);
	EQ_INT(str_chr(STR("abc"), 'x'), -1);
	EQ_INT(str_chr(STR_NULL, 'x'), -1);
	EQ_S(str_trim(STR(" \ta b\t ")), "a b");
	EQ_S(str_trim(STR(" \t ")), "");
	EQ_S(str_trim(STR("\na\n")), "\na\n");
	EQ_INT(str_find(STR("hay needle"), STR("needle")), 4);
	EQ_INT(str_find(STR("hay"), STR("needle")), -1);
	EQ_INT(str_find(STR("hay"), STR("")), 0);
}

TEST(copy)
{
	char dst[4];

	EQ_INT(str_copy(dst, sizeof(dst), STR("abc")), 0);
	EQ_STR(dst, "abc");
	EQ_INT(str_copy(dst, sizeof(dst), STR("abcd")), ERR_TOOBIG);
	EQ_STR(dst, "abc");
	EQ_INT(str_copy(dst, 1, STR("a")), ERR_TOOBIG);
	EQ_STR(dst, "");
	EQ_INT(str_copy(dst, sizeof(dst), STR_NULL), 0);
	EQ_STR(dst, "");
}

TEST(split)
{
	struct str rest = STR("a,,bc,"), part;

	EQ_INT(str_split(&rest, ',', &part), 1);
	EQ_S(part, "a");
	EQ_INT(str_split(&rest, ',', &part), 1);
	EQ_S(part, "");
	EQ_INT(str_split(&rest, ',', &part), 1);
	EQ_S(part, "bc");
	EQ_INT(str_split(&rest, ',', &part), 1);
	EQ_S(part, "");
	EQ_INT(str_split(&rest, ',', &part), 0);
	rest = STR("");
	EQ_INT(str_split(&rest, ',', &part), 1);
	EQ_S(part, "");
	EQ_INT(str_split(&rest, ',', &part), 0);
	rest = STR_NULL;
	EQ_INT(str_split(&rest, ',', &part), 0);
}

TEST(glob)
{
	static const struct {
		const char	*pattern, *text;
		int		 covers;
	} rows[] = {
		{ "*", "", 1 }, { "*", "abc", 1 }, { "", "", 1 },
		{ "", "a", 0 }, { "a", "", 0 }, { "gpt-*", "gpt-4o", 1 },
		{ "gpt-*", "gpt-", 1 }, { "gpt-*", "gpt", 0 },
		{ "*-mini", "gpt-4o-mini", 1 }, { "*-mini", "gpt-mini-x", 0 },
		{ "a*b*c", "a1b2c", 1 }, { "a*b*c", "abc", 1 },
		{ "a*b*c", "acb", 0 }, { "**a**", "xax", 1 },
		{ "a*a", "a", 0 }, { "a*a", "aa", 1 }, { "A", "a", 0 },
		{ "*aab", "aaaaab", 1 }, { "a.c", "abc", 0 },
		{ "*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0 },
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		if (str_glob(rows[i].pattern, str_of(rows[i].text)) !=
		    rows[i].covers)
			tap_fail(__FILE__, __LINE__, "%s on %s",
			    rows[i].pattern, rows[i].text);
}

TEST(utf8)
{
	static const struct {
		const char	*text;
		size_t		 n;
	} rows[] = {
		{ "", 0 }, { "a", 1 }, { "\xc2\x80", 2 }, { "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 }, { "\xed\x9f\xbf", 3 },
		{ "\xee\x80\x80", 3 }, { "\xef\xbf\xbf", 3 },
		{ "\xf0\x90\x80\x80", 4 }, { "\xf4\x8f\xbf\xbf", 4 },
		{ "\x80", 0 }, { "\xc0\x80", 0 }, { "\xc1\xbf", 0 },
		{ "\xc2", 0 }, { "\xc2""a", 0 }, { "\xe0\x9f\xbf", 0 },
		{ "\xe1\x80", 0 }, { "\xe1\x80""a", 0 }, { "\xe1""aa", 0 },
		{ "\xed\xa0\x80", 0 }, { "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf0\x90\x80", 0 }, { "\xf0\x90\x80""a", 0 },
		{ "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		EQ_INT(str_utf8(str_of(rows[i].text)), rows[i].n);
	EQ_INT(str_utf8(STR("\0")), 1);
}

TAP_BEGIN
TAP_ROW(compare)
TAP_ROW(parts)
TAP_ROW(copy)
TAP_ROW(split)
TAP_ROW(glob)
TAP_ROW(utf8)
TAP_END
