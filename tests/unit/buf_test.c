/* buf_test.c - buffers: the hard maximum, consuming, JSON escapes. */
#include "base/buf.h"
#include "base/err.h"
#include "tap.h"

TEST(maximum_is_hard)
{
	struct buf b;

	buf_init(&b, 10);
	EQ_INT(buf_add(&b, "0123456789", 10), 0);
	EQ_INT(buf_addc(&b, 'x'), ERR_TOOBIG);
	EQ_S(buf_str(&b), "0123456789");
	buf_consume(&b, 4);
	EQ_INT(buf_printf(&b, "%s", "abcd"), 0);
	EQ_S(buf_str(&b), "456789abcd");
	EQ_INT(buf_printf(&b, "%s", "e"), ERR_TOOBIG);
	buf_free(&b);
}

TEST(json_escapes)
{
	struct buf b;

	buf_init(&b, 1000);
	EQ_INT(buf_add_json(&b, STR("a\"b\\c\n\t\x01\x0b z")), 0);
	EQ_S(buf_str(&b), "a\\\"b\\\\c\\n\\t\\u0001\\u000b z");
	buf_free(&b);
	buf_init(&b, 5);
	EQ_INT(buf_add_json(&b, STR("abcd\n")), ERR_TOOBIG);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
}

TEST(grows_while_consumed)
{
	struct buf b;
	int i;

	buf_init(&b, 4096);
	for (i = 0; i < 100000; i++) {
		EQ_INT(buf_printf(&b, "%06d", i), 0);
		if (buf_len(&b) > 3000)
			buf_consume(&b, 2994);
	}
	OK(b.cap <= 8192);
	buf_free(&b);
}

TAP_BEGIN
TAP_ROW(maximum_is_hard)
TAP_ROW(json_escapes)
TAP_ROW(grows_while_consumed)
TAP_END
