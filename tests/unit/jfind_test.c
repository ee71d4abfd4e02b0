/* jfind_test.c - members of a JSON text, found by a quick look. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jfind.h"
#include "tap.h"

/* All names in text, each with the first byte of its value. */
static const char *
names(const char *text)
{
	static char out[256];
	struct str rest = str_of(text), name, v;
	size_t n = 0;

	*out = '\0';
	while (jfind_next(&rest, &name, &v))
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s=%c ",
		    (int)name.n, name.p, v.n > 0 ? *v.p : '.');
	EQ_INT(rest.n, 0);
	return out;
}

TEST(members)
{
	EQ_STR(names("{\"a\":1,\"b\" : {\"c\"\t:\r\n[\"d\",\"e\"]},\"f\":null}"),
	    "a=1 b={ c=[ f=n ");
	EQ_STR(names("{\"a\":\"b\\\"c\\\":1\",\"d\":\"\\\\\",\"e\":\"\"}"),
	    "a=\" d=\" e=\" ");
	EQ_STR(names("{\"a\\\\\\\"b\":1}"), "a\\\\\\\"b=1 ");
	EQ_STR(names(""), "");
	EQ_STR(names("\"a\":"), "a=. ");
	EQ_STR(names("\"a\""), "");
	EQ_STR(names("\"a"), "");
	EQ_STR(names("{\"a\":\"b\\\"}"), "a=\" ");
}

/* Not even a place. */
TEST(no_text)
{
	struct jfind_memo memo = { 0 };
	struct str rest = STR_NULL, name, v;

	EQ_INT(jfind_next(&rest, &name, &v), 0);
	EQ_INT(jfind_same_head(&memo, rest, &name, &v), 0);
	EQ_INT(jfind_same_tail(&memo, rest), 0);
	jfind_set_tail(&memo, rest);
	EQ_INT(memo.tail_n, 0);
}

TEST(string)
{
	EQ_INT(jfind_string(STR("\"\"")), 0);
	EQ_INT(jfind_string(STR("\"ab\\\"c\" ,")), 5);
	EQ_INT(jfind_string(STR("\"ab\\\\\"")), 4);
	EQ_INT(jfind_string(STR("\"ab\\\"")), -1);
	EQ_INT(jfind_string(STR("\"")), -1);
	EQ_INT(jfind_string(STR("[\"a\"]")), -1);
	EQ_INT(jfind_string(STR_NULL), -1);
}

TEST(by_name)
{
	struct str text = STR("{\"x\":\"y\",\"y\":2,\"y\":3}"), v;

	v = jfind(text, STR("y"));
	OK(v.n > 0 && *v.p == '2');
	OK(jfind(text, STR("z")).n == 0);
}

/* No text takes more than a few looks at each byte: none goes on for ever. */
TEST(long_runs)
{
	enum { N = 1 << 20 };
	char *p = malloc(N);
	struct str rest = str_make(p, N), name, v;

	OK(p != NULL);
	memset(p, '\\', N);
	p[0] = p[N - 1] = '"';
	OK(!jfind_next(&rest, &name, &v));
	memset(p, '"', N);
	rest = str_make(p, N);
	OK(!jfind_next(&rest, &name, &v));
	free(p);
}

TAP_BEGIN
TAP_ROW(members)
TAP_ROW(no_text)
TAP_ROW(string)
TAP_ROW(by_name)
TAP_ROW(long_runs)
TAP_END
