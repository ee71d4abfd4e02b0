/* json_test.c - trees: strictness, numbers, text. */
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Parse and write again. */
static const char *
again(const char *text)
{
	static char out[1000];
	struct json_object *o;
	struct buf b;

	EQ_INT(json_parse(str_of(text), &o), 0);
	buf_init(&b, sizeof(out));
	EQ_INT(json_write(&b, o), 0);
	str_copy(out, sizeof(out), buf_str(&b));
	buf_free(&b);
	json_object_put(o);
	return out;
}

TEST(text_survives)
{
	static const char *const rows[] = {
		"null", "true", "false", "0", "-1", "1.50", "1e400",
		"9223372036854775807", "-9223372036854775808",
		"18446744073709551615", "\"\"", "[]", "{}", "[1,[2,{}]]",
		"{\"a\":1,\"b\":[null]}", "\"\\u0000\"", "\"a/b\"",
		"\"caf\xc3\xa9 \xf0\x9f\x98\x80\"", "\"\\n\\t\\\"\\\\\"",
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		EQ_STR(again(rows[i]), rows[i]);
	EQ_STR(again(" { \"a\" : [ 1 , 2 ] } \r\n"), "{\"a\":[1,2]}");
	EQ_STR(again("\"\\ud83d\\ude00\""), "\"\xf0\x9f\x98\x80\"");
	EQ_STR(again(" 12 "), "12");
}

TEST(refuses)
{
	static const char *const rows[] = {
		"", "{", "[1,]", "{'a':1}", "NaN", "01", "[1] x", "//\n1",
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "\"\t\"",
		"18446744073709551616", "[-9223372036854775809]",
		"{\"a\":123456789012345678901234567890}",
		"\"\xff\"", "tru", "\xef\xbb\xbf{}", "Infinity", "-Infinity",
	};
	struct json_object *o;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		o = (struct json_object *)1;
		EQ_INT(json_parse(str_of(rows[i]), &o), ERR_FORMAT);
		OK(o == NULL);
	}
	/* and the next text is read afresh */
	EQ_STR(again("[1]"), "[1]");
}

TEST(depth)
{
	char t[200];
	struct json_object *o;

	memset(t, '[', 64);
	memset(t + 64, ']', 64);
	EQ_INT(json_parse(str_make(t, 128), &o), 0);
	json_object_put(o);
	memset(t, '[', 65);
	memset(t + 65, ']', 65);
	EQ_INT(json_parse(str_make(t, 130), &o), ERR_TOOBIG);
	memset(t, '[', 63);
	strcpy(t + 63, "[\"x\",1,null,{}");
	EQ_INT(json_parse(str_of(t), &o), ERR_TOOBIG);
	strcpy(t + 63, "[\"x\",1,null");
	memset(t + strlen(t), ']', 64);
	EQ_INT(json_parse(str_make(t, 63 + 11 + 64), &o), 0);
	json_object_put(o);
}

TEST(members)
{
	struct json_object *o;

	EQ_INT(json_parse(STR("{\"s\":\"a\\u0000b\",\"n\":7,\"f\":25.0,"
	    "\"h\":1.5,\"e\":1e400,\"z\":null,\"o\":{\"x\":1},"
	    "\"big\":9999999999999999999}"), &o), 0);
	EQ_MEM(json_get_str(o, "s").p, json_get_str(o, "s").n, "a\0b", 3);
	OK(json_get_str(o, "n").p == NULL);
	OK(json_get_str(o, "none").p == NULL);
	EQ_INT(json_get_int(o, "n", 1), 7);
	EQ_INT(json_get_int(o, "f", 1), 25);
	EQ_INT(json_get_int(o, "h", 1), 1);
	EQ_INT(json_get_int(o, "e", 1), 1);
	EQ_INT(json_get_int(o, "s", 1), 1);
	EQ_INT(json_get_int(o, "none", 1), 1);
	OK(json_get(o, "z") == NULL);
	OK(json_get(o, "o") != NULL);
	EQ_INT(json_get_int(json_get(o, "o"), "x", 0), 1);
	OK(json_get(json_get(o, "n"), "x") == NULL);
	OK(json_get(NULL, "x") == NULL);
	json_object_put(o);
}

TEST(write_is_bounded)
{
	struct json_object *o;
	struct buf b;

	EQ_INT(json_parse(STR("[1,2,3]"), &o), 0);
	buf_init(&b, 6);
	EQ_INT(json_write(&b, o), ERR_TOOBIG);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
	json_object_put(o);
}

TAP_BEGIN
TAP_ROW(text_survives)
TAP_ROW(refuses)
TAP_ROW(depth)
TAP_ROW(members)
TAP_ROW(write_is_bounded)
TAP_END
