/* buf_test.c - buffers: the hard maximum, consuming, JSON escapes. */
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xalloc.h"
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

TEST(wiped_ones_are_like_others)
{
	struct buf b;
	int i;

	buf_init_wiped(&b, 5000);
	for (i = 0; i < 1000; i++) {
		EQ_INT(buf_printf(&b, "%04d ", i), 0);
		if (i == 600)
			buf_consume(&b, 5 * 500);
	}
	EQ_INT(buf_len(&b), 2500);
	EQ_MEM(buf_ptr(&b), 10, "0500 0501 ", 10);
	EQ_MEM(buf_ptr(&b) + 2490, 10, "0998 0999 ", 10);
	buf_free(&b);
	EQ_INT(buf_adds(&b, STR("again")), 0);
	EQ_S(buf_str(&b), "again");
	buf_free(&b);
}

TEST(memory_keeps_to_the_maximum)
{
	struct buf b;
	int i;

	buf_init(&b, 5000);
	for (i = 0; i < 5000; i++)
		EQ_INT(buf_addc(&b, 'x'), 0);
	EQ_INT(b.cap, 5000);
	EQ_INT(buf_addc(&b, 'x'), ERR_TOOBIG);
	EQ_INT(buf_reserve(&b, 0), 0);
	EQ_INT(buf_reserve(&b, SIZE_MAX), ERR_TOOBIG);
	buf_free(&b);
	EQ_INT(b.cap, 0);
	EQ_INT(buf_add(&b, "again", 5), 0);
	buf_free(&b);
	buf_init(&b, SIZE_MAX);
	EQ_INT(buf_reserve(&b, SIZE_MAX - 1), ERR_NOMEM);
	EQ_INT(buf_printf(&b, "%d", 1), 0);
	EQ_S(buf_str(&b), "1");
	EQ_INT(b.max == SIZE_MAX, 1);
	buf_free(&b);
}

/* Whichever allocation fails, the call fails whole. */
TEST(a_failed_call_changes_nothing)
{
	struct buf b;
	unsigned n;
	int i, rc;

	for (n = 1; n < 6; n++) {
		buf_init(&b, 100000);
		xalloc_fail(n);
		for (i = 0; i < 1000; i++) {
			rc = i % 2 ? buf_printf(&b, "%05d", i) :
			    buf_add_json(&b, STR("a\nb\t"));
			if (rc == ERR_NOMEM) {
				EQ_INT(buf_len(&b) % 11, i % 2 ? 6 : 0);
				rc = i % 2 ? buf_printf(&b, "%05d", i) :
				    buf_add_json(&b, STR("a\nb\t"));
			}
			EQ_INT(rc, 0);
		}
		EQ_INT(buf_len(&b), 5500);
		EQ_MEM(buf_ptr(&b) + 5489, 11, "a\\nb\\t00999", 11);
		buf_free(&b);
	}
	xalloc_fail(0);
}

/* Filled and emptied at the same pace, the content is moved now and then, not
 * at each call. */
TEST(moves_are_rare)
{
	struct buf b;
	char *was;
	int i, moves = 0;
	size_t off;

	buf_init(&b, 1 << 20);
	for (i = 0; i < 250; i++)
		EQ_INT(buf_add(&b, "0123456789abcdef", 16), 0);
	for (i = 0; i < 10000; i++) {
		was = b.data;
		buf_consume(&b, 16);
		off = b.off;
		EQ_INT(buf_add(&b, "0123456789abcdef", 16), 0);
		moves += b.data != was || b.off < off;
	}
	EQ_INT(buf_len(&b), 4000);
	OK(moves < 100);
	OK(b.cap <= 16384);
	buf_free(&b);
}

TEST(json_is_always_utf8)
{
	struct buf b;

	buf_init(&b, 1000);
	EQ_INT(buf_add_json(&b, STR("caf\xc3\xa9 \xf0\x9f\x98\x80\x7f")), 0);
	EQ_S(buf_str(&b), "caf\xc3\xa9 \xf0\x9f\x98\x80\\u007f");
	buf_reset(&b);
	EQ_INT(buf_add_json(&b, STR("a\xff" "b\xc3" "c\xed\xa0\x80\xe2\x82")),
	    0);
	EQ_S(buf_str(&b), "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c"
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "\xef\xbf\xbd\xef\xbf\xbd");
	buf_reset(&b);
	EQ_INT(buf_add_json(&b, STR("")), 0);
	EQ_INT(buf_add_json(&b, STR_NULL), 0);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
}

TAP_BEGIN
TAP_ROW(wiped_ones_are_like_others)
TAP_ROW(memory_keeps_to_the_maximum)
TAP_ROW(a_failed_call_changes_nothing)
TAP_ROW(moves_are_rare)
TAP_ROW(json_is_always_utf8)
TAP_ROW(maximum_is_hard)
TAP_ROW(json_escapes)
TAP_ROW(grows_while_consumed)
TAP_END
