/* jscan_test.c - the scanner: grammar, limits, wanted members, positions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/jscan_text.h"
#include "tap.h"
#include "jscan_cases.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const codes[] = { "swar", "sse2", "avx2" };

/* In memory of its very size, so that reading beyond it is noticed. */
static int
scan_copy(struct str t, struct jscan_result *res)
{
	char *p = malloc(t.n == 0 ? 1 : t.n);
	int rc;

	memcpy(p, t.p, t.n);
	rc = jscan(str_make(p, t.n), NULL, NULL, 0, res);
	free(p);
	return rc;
}

TEST(accepts)
{
	struct jscan_result r;
	size_t i, c;

	OK(N(accepted) >= 95);
	for (c = 0; c < N(codes); c++) {
		if (jscan_text_force(codes[c]) != 0)
			continue;
		for (i = 0; i < N(accepted); i++)
			if (scan_copy(accepted[i], &r) != 0)
				tap_fail(__FILE__, __LINE__, "%s: %.*s: %s at "
				    "%zu", codes[c], STR_ARG(accepted[i]),
				    r.what, r.at);
	}
}

TEST(refuses)
{
	struct jscan_result r;
	size_t i, c;

	OK(N(refused) >= 188);
	for (c = 0; c < N(codes); c++) {
		if (jscan_text_force(codes[c]) != 0)
			continue;
		for (i = 0; i < N(refused); i++) {
			if (scan_copy(refused[i], &r) != ERR_FORMAT)
				tap_fail(__FILE__, __LINE__, "%s: row %zu: "
				    "%.*s", codes[c], i, STR_ARG(refused[i]));
			OK(r.at <= refused[i].n);
			OK(r.what[0] != '\0');
			EQ_INT(r.type, JSCAN_NONE);
		}
	}
}

/* Every control byte, bad escape and odd byte at every place of a vector. */
TEST(refuses_at_every_place)
{
	struct jscan_result r;
	char t[80];
	size_t c, at;
	int b;

	for (c = 0; c < N(codes); c++) {
		if (jscan_text_force(codes[c]) != 0)
			continue;
		for (at = 1; at < 70; at++)
			for (b = 0; b < 256; b++) {
				if (b >= 0x20 && b < 0x80 && b != '"' &&
				    b != '\\')
					continue;
				memset(t, 'x', sizeof(t));
				t[0] = t[79] = '"';
				t[at] = (char)b;
				EQ_INT(scan_copy(str_make(t, 80), &r),
				    ERR_FORMAT);
				if (b != '"' && b != '\\')
					EQ_INT(r.at, at);
				else
					EQ_INT(r.at, at + 1);
			}
	}
}

TEST(escapes_are_few)
{
	struct jscan_result r;
	char t[4] = "\"\\?\"";
	int b, good = 0;

	for (b = 1; b < 128; b++) {
		t[2] = (char)b;
		good += scan_copy(str_make(t, 4), &r) == 0;
	}
	EQ_INT(good, 8);	/* quote \ / b f n r t */
}

/* A text that was cut is refused, at its end, wherever it was cut. */
TEST(every_prefix_is_refused)
{
	struct jscan_result r;
	struct str t;
	size_t i, n;

	for (i = 0; i < N(accepted); i++) {
		t = str_trim(accepted[i]);
		if (t.p[0] != '"' && t.p[0] != '[' && t.p[0] != '{')
			continue;
		while (t.n > 0 && strchr(" \t\r\n", t.p[t.n - 1]) != NULL)
			t.n--;
		for (n = 0; n < t.n; n++) {
			EQ_INT(scan_copy(str_make(t.p, n), &r), ERR_FORMAT);
			/* a cut UTF-8 character: at its beginning */
			OK(r.at <= n && n - r.at < 4);
			if (n == 0 || (t.p[n - 1] & 0x80) == 0) {
				EQ_INT(r.at, n);
				EQ_STR(r.what, "unexpected end");
			}
		}
	}
}

TEST(positions)
{
	static const struct {
		const char	*text;
		size_t		 at;
		const char	*what;
	} rows[] = {
		{ "", 0, "unexpected end" },
		{ "{\"a\":1,}", 7, "expected a key" },
		{ "{\"a\" 1}", 5, "expected a colon" },
		{ "{\"a\":x}", 5, "expected a value" },
		{ "[1 2]", 3, "expected a comma or a bracket" },
		{ "{\"a\":1 2}", 7, "expected a comma or a brace" },
		{ "[1]x", 3, "something behind the value" },
		{ "[-x]", 2, "expected a digit" },
		{ "[1.x]", 3, "expected a digit" },
		{ "[truX]", 4, "expected a value" },
		{ "[\"a\\q\"]", 4, "bad escape in a string" },
		{ "[\"a\\u00g0\"]", 7, "bad escape in a string" },
		{ "[\"a\tb\"]", 3, "control byte in a string" },
		{ "[\"a\xff\"]", 3, "malformed UTF-8" },
		{ "[\"\xc3\xa9\xc3\"]", 4, "malformed UTF-8" },
	};
	struct jscan_result r;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		OK(jscan(str_of(rows[i].text), NULL, NULL, 0, &r) != 0);
		EQ_STR(r.what, rows[i].what);
		EQ_INT(r.at, rows[i].at);
	}
}

TEST(depth)
{
	struct jscan_opts o = { .max_depth = 1024 };
	struct jscan_result r;
	static char t[200000];
	int i;

	for (i = 0; i < 64; i++) {
		t[i] = '[';
		t[127 - i] = ']';
	}
	EQ_INT(jscan(str_make(t, 128), NULL, NULL, 0, &r), 0);
	memset(t, '[', 65);
	memset(t + 65, ']', 65);
	EQ_INT(jscan(str_make(t, 130), NULL, NULL, 0, &r), ERR_TOOBIG);
	EQ_INT(r.at, 64);
	EQ_STR(r.what, "nested too deep");
	memset(t, '[', sizeof(t));
	EQ_INT(jscan(str_make(t, sizeof(t)), NULL, NULL, 0, &r), ERR_TOOBIG);
	EQ_INT(jscan(str_make(t, sizeof(t)), &o, NULL, 0, &r), ERR_TOOBIG);
	EQ_INT(r.at, 1024);
	memset(t + 1024, ']', 1024);
	EQ_INT(jscan(str_make(t, 2048), &o, NULL, 0, &r), 0);
	o.max_depth = 1;
	EQ_INT(jscan(STR("[1]"), &o, NULL, 0, &r), 0);
	EQ_INT(jscan(STR("[{}]"), &o, NULL, 0, &r), ERR_TOOBIG);
}

TEST(values)
{
	struct jscan_opts o = { .max_values = 4 };
	struct jscan_result r;

	EQ_INT(jscan(STR("[1,2,3]"), &o, NULL, 0, &r), 0);
	EQ_INT(jscan(STR("[1,2,3,4]"), &o, NULL, 0, &r), ERR_TOOBIG);
	EQ_STR(r.what, "too many values");
	EQ_INT(r.at, 7);
	EQ_INT(jscan(STR("{\"a\":[],\"b\":{}}"), &o, NULL, 0, &r), 0);
	o.max_values = 1;
	EQ_INT(jscan(STR("1"), &o, NULL, 0, &r), 0);
	EQ_INT(jscan(STR("{}"), &o, NULL, 0, &r), 0);
}

TEST(finds_members)
{
	struct jscan_want w[] = {
		{ "model" }, { "stream" }, { "stream_options.include_usage" },
		{ "choices.1.finish_reason" }, { "a.b.c.d" }, { "a.b" },
		{ "none" }, { "max_tokens" }, { "stop" },
	};
	struct jscan_result r;

	EQ_INT(jscan(STR(" { \"x\" : {\"model\":1,\"stream\":2},"
	    "\"mod\\u0065l\" : \"m\\n1\" , \"stream\":true,"
	    "\"stream_options\":{\"y\":[],\"include_usage\":false},"
	    "\"choices\":[{\"finish_reason\":0},{\"finish_reason\":null}],"
	    "\"a\":{\"b\":{\"c\":{\"d\":[ 1, {} ]},\"model\":5}},"
	    "\"max_tokens\":1e2,\"stop\":[]} "), NULL, w, N(w), &r), 0);
	EQ_INT(r.type, JSCAN_OBJECT);
	EQ_INT(w[0].type, JSCAN_STRING);
	EQ_S(w[0].raw, "\"m\\n1\"");
	EQ_INT(w[1].type, JSCAN_TRUE);
	EQ_INT(w[2].type, JSCAN_FALSE);
	EQ_S(w[2].raw, "false");
	EQ_INT(w[3].type, JSCAN_NULL);
	EQ_INT(w[4].type, JSCAN_ARRAY);
	EQ_S(w[4].raw, "[ 1, {} ]");
	EQ_INT(w[5].type, JSCAN_OBJECT);
	EQ_S(w[5].raw, "{\"c\":{\"d\":[ 1, {} ]},\"model\":5}");
	EQ_INT(w[6].type, JSCAN_NONE);
	OK(w[6].raw.p == NULL);
	EQ_INT(w[7].type, JSCAN_NUMBER);
	EQ_S(w[7].raw, "1e2");
	EQ_S(w[8].raw, "[]");
}

TEST(enters_arrays_by_number_only)
{
	struct jscan_want w[] = { { "0" }, { "2.x" }, { "1.0" }, { "x" } };
	struct jscan_result r;

	EQ_INT(jscan(STR("[\"a\",[7,8],{\"x\":9},{\"x\":1}]"), NULL, w, 4, &r),
	    0);
	EQ_INT(r.type, JSCAN_ARRAY);
	EQ_S(w[0].raw, "\"a\"");
	EQ_S(w[1].raw, "9");
	EQ_S(w[2].raw, "7");
	EQ_INT(w[3].type, JSCAN_NONE);
	/* a scalar where the path wants to go on */
	EQ_INT(jscan(STR("[1,2,3]"), NULL, w, 4, &r), 0);
	EQ_INT(w[1].type, JSCAN_NONE);
	/* an object's key may look like a number */
	EQ_INT(jscan(STR("{\"0\":5}"), NULL, w, 1, &r), 0);
	EQ_S(w[0].raw, "5");
}

TEST(nothing_found_in_a_refused_text)
{
	struct jscan_want w[] = { { "model" } };
	struct jscan_result r;

	OK(jscan(STR("{\"model\":\"a\",}"), NULL, w, 1, &r) != 0);
	EQ_INT(w[0].type, JSCAN_NONE);
	OK(w[0].raw.p == NULL && w[0].raw.n == 0);
	EQ_INT(r.type, JSCAN_NONE);
}

/* Text, and whether it passes without options, no_duplicates, no twins. */
static const struct {
	const char	*text;
	const char	*plain, *no_dup, *no_twin;
} twice[] = {
#define DUP "duplicate key"
#define CASE "key differs by case only"
#define NUL "\\u0000 where it is not allowed"
#define LONE "lone surrogate"
	{ "{\"model\":\"a\",\"model\":\"b\"}", DUP, DUP, DUP },
	{ "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}", DUP, DUP, DUP },
	{ "{\"\\u006d\\u006F\\u0064\\u0065\\u006c\":1,\"model\":1}",
	    DUP, DUP, DUP },
	{ "{\"a\":{\"b\":1,\"\\u0062\":2}}", DUP, DUP, DUP },
	{ "{\"a\":{\"b\":1},\"a\":{\"c\":2}}", DUP, DUP, DUP },
	{ "{\"a\":1,\"a\":{\"b\":2}}", DUP, DUP, DUP },
	{ "{\"z\":1,\"z\":2}", "", DUP, "" },
	{ "{\"z\\n\":1,\"\\u007a\\u000a\":2}", "", DUP, "" },
	{ "{\"\\/\":1,\"/\":2}", "", DUP, "" },
	{ "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", "", DUP, "" },
	{ "{\"\":1,\"\":2}", "", DUP, "" },
	{ "{\"z\":{\"y\":1,\"y\":2}}", "", "", "" },
	{ "[{\"model\":1,\"model\":2}]", "", "", "" },
	{ "{\"x\":{\"model\":1,\"model\":2}}", "", "", "" },
	{ "{\"a\":{\"c\":1,\"c\":2}}", "", "", "" },
	{ "{\"Model\":1}", "", "", CASE },
	{ "{\"model\":1,\"MODEL\":2}", "", "", CASE },
	{ "{\"\\u004dodel\":1}", "", "", CASE },
	{ "{\"\xc5\xbf" "tream\":1}", "", "", CASE },
	{ "{\"a\":{\"B\":1}}", "", "", CASE },
	{ "{\"x\":{\"Model\":1}}", "", "", "" },
	{ "{\"model\\u0000\":1}", NUL, NUL, NUL },
	{ "{\"z\\u0000\":1}", NUL, NUL, NUL },
	{ "{\"z\":{\"\\u0000\":1}}", "", "", "" },
	{ "{\"\\ud800\":1}", LONE, LONE, LONE },
	{ "{\"model\":\"a\\u0000\"}", NUL, NUL, NUL },
	{ "{\"model\":\"\\udc00\"}", LONE, LONE, LONE },
	{ "{\"model\":\"\\ud800\\ud800\\udc00\"}", LONE, LONE, LONE },
	{ "{\"model\":\"\\ud83d\\ude00\"}", "", "", "" },
	{ "{\"x\":\"\\u0000\\ud800\"}", "", "", "" },
	{ "{\"model\":[\"\\u0000\"]}", "", "", "" },
};

/* Every division of a text gives what the whole gives. */
TEST(slices)
{
	static const char good[] = "{\"a\":[1,2,[3,{\"b\":4}]],\"model\":"
	    "\"m\",\"c\":\"a \\u00e4 string \xe6\xbc\xa2\xe6\xbc\xa2 with all kinds\"}";
	static const char bad[] = "{\"model\":\"m\",\"a\":[1,2,3,4,5,6,x]}";
	struct jscan_want w[1] = { { .path = "model" } };
	struct jscan_result res;
	struct jscan_run *r;
	size_t n;
	int rc, turns;

	for (n = 1; n < sizeof(good) + 1; n++) {
		r = jscan_begin(str_make(good, sizeof(good) - 1), NULL, w, 1, &res);
		for (turns = 1; (rc = jscan_some(r, n)) == ERR_AGAIN; turns++)
			OK(turns < 100);
		EQ_INT(rc, 0);
		OK(str_eq(w[0].raw, STR("\"m\"")));
		EQ_INT(res.type, JSCAN_OBJECT);
		OK(turns > 4 || n > 4);
		OK(turns == 1 || n < sizeof(good));
		jscan_free(&r);
		OK(r == NULL);
		r = jscan_begin(str_make(bad, sizeof(bad) - 1), NULL, w, 1, &res);
		while ((rc = jscan_some(r, n)) == ERR_AGAIN)
			continue;
		EQ_INT(rc, ERR_FORMAT);
		EQ_INT(res.at, 30);
		EQ_INT(w[0].type, JSCAN_NONE);
		jscan_free(&r);
	}
	jscan_free(&r);
}

TEST(keys_that_parsers_disagree_about)
{
	struct jscan_opts dup = { .no_duplicates = 1 };
	struct jscan_opts twin = { .no_case_twins = 1 };
	struct jscan_opts any = { .any_text = 1 };
	struct jscan_want w[] = { { "model" }, { "stream" }, { "a.b" } };
	struct jscan_result r;
	size_t i;

	for (i = 0; i < N(twice); i++) {
		jscan(str_of(twice[i].text), NULL, w, 3, &r);
		EQ_STR(r.what, twice[i].plain);
		jscan(str_of(twice[i].text), &dup, w, 3, &r);
		EQ_STR(r.what, twice[i].no_dup);
		jscan(str_of(twice[i].text), &twin, w, 3, &r);
		EQ_STR(r.what, twice[i].no_twin);
		jscan(str_of(twice[i].text), &any, w, 3, &r);
		EQ_STR(r.what, strcmp(twice[i].plain, DUP) == 0 ? DUP : "");
	}
}

TEST(big_integers)
{
	static const struct {
		const char	*text;
		int		 fits;
	} rows[] = {
		{ "0", 1 }, { "-1", 1 }, { "999999999999999999", 1 },
		{ "9223372036854775808", 1 }, { "18446744073709551615", 1 },
		{ "-9223372036854775808", 1 }, { "18446744073709551616", 0 },
		{ "-9223372036854775809", 0 }, { "1e99", 1 },
		{ "18446744073709551616.0", 1 }, { "-0.1", 1 },
		{ "100000000000000000000e-3", 1 },
		{ "100000000000000000000000000000000000000000", 0 },
	};
	struct jscan_opts o = { .no_big_integers = 1 };
	struct jscan_result r;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		EQ_INT(jscan(str_of(rows[i].text), &o, NULL, 0, &r) == 0,
		    rows[i].fits);
		EQ_STR(r.what, rows[i].fits ? "" : "integer out of range");
		EQ_INT(jscan(str_of(rows[i].text), NULL, NULL, 0, &r), 0);
	}
	EQ_INT(jscan(STR("[1,18446744073709551616]"), &o, NULL, 0, &r),
	    ERR_FORMAT);
	EQ_INT(r.at, 3);
}

TEST(many_keys)
{
	struct jscan_opts o = { .no_duplicates = 1 };
	struct jscan_result r;
	static char t[20000];
	size_t n = 1;
	int i;

	t[0] = '{';
	for (i = 0; i < 512; i++)
		n += (size_t)sprintf(t + n, "\"key%d\":0,", i);
	t[n - 1] = '}';
	EQ_INT(jscan(str_make(t, n), &o, NULL, 0, &r), 0);
	n += (size_t)sprintf(t + n - 1, ",\"key7\":0}") - 1;
	EQ_INT(jscan(str_make(t, n), &o, NULL, 0, &r), ERR_FORMAT);
	EQ_STR(r.what, "duplicate key");
	n = n - 3 + (size_t)sprintf(t + n - 5, "x\":0}") - 2;
	EQ_INT(jscan(str_make(t, n), &o, NULL, 0, &r), ERR_TOOBIG);
	EQ_STR(r.what, "too many keys");
	EQ_INT(jscan(str_make(t, n), NULL, NULL, 0, &r), 0);
}

TEST(sixty_four_wants)
{
	static char path[64][8], t[2000];
	struct jscan_want w[64];
	struct jscan_result r;
	size_t n = 1;
	int i;

	t[0] = '{';
	for (i = 0; i < 64; i++) {
		sprintf(path[i], "k%d", i);
		w[i].path = path[i];
		n += (size_t)sprintf(t + n, "\"k%d\":%d,", i, i);
	}
	t[n - 1] = '}';
	EQ_INT(jscan(str_make(t, n), NULL, w, 64, &r), 0);
	for (i = 0; i < 64; i++)
		EQ_INT(atoi(w[i].raw.p), i);
}

TEST(the_largest_of_several)
{
	static const struct jscan_opts opts = { .largest = 1, .any_text = 1 };
	static const struct { const char *text, *n, *deep; } rows[] = {
		{ "{\"n\":1,\"n\":9}", "9", "" },
		{ "{\"n\":9,\"n\":1}", "9", "" },
		{ "{\"N\":9,\"n\":1,\"\\u006e\":11}", "11", "" },
		{ "{\"n\":9,\"n\":null,\"n\":\"x\",\"n\":1.5,\"n\":-3}", "9", "" },
		{ "{\"n\":null,\"n\":2}", "2", "" },
		{ "{\"n\":\"x\",\"n\":\"y\"}", "\"y\"", "" },
		{ "{\"a\":{\"b\":7,\"b\":5},\"a\":{\"b\":6},\"A\":1}", "", "7" },
		{ "{\"a\":{\"b\":7,\"b\":{\"b\":8,\"a\":[8]}}}", "", "7" },
		{ "{\"a\":{\"b\":{\"b\":8},\"b\":[1,2]}}", "", "[1,2]" },
	};
	struct jscan_want w[] = { { "n" }, { "a.b" } };
	struct jscan_result r;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		EQ_INT(jscan(str_of(rows[i].text), &opts, w, 2, &r), 0);
		OK(str_eqc(w[0].raw, rows[i].n));
		OK(str_eqc(w[1].raw, rows[i].deep));
	}
}

TAP_BEGIN
TAP_ROW(accepts)
TAP_ROW(refuses)
TAP_ROW(refuses_at_every_place)
TAP_ROW(escapes_are_few)
TAP_ROW(every_prefix_is_refused)
TAP_ROW(positions)
TAP_ROW(depth)
TAP_ROW(values)
TAP_ROW(finds_members)
TAP_ROW(enters_arrays_by_number_only)
TAP_ROW(nothing_found_in_a_refused_text)
TAP_ROW(slices)
TAP_ROW(keys_that_parsers_disagree_about)
TAP_ROW(big_integers)
TAP_ROW(many_keys)
TAP_ROW(sixty_four_wants)
TAP_ROW(the_largest_of_several)
TAP_END
