/* http1_body_test.c - bodies: framing accepted and refused, at every split. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http1_body.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Body bytes so far and how it ended. */
struct result {
	struct buf	 data;
	size_t		 used;
	int		 done, bad;
};

/* Give p[0..n) as a connection would: again until nothing is taken. */
static void
feed(struct http1_body *b, struct result *r, const char *p, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);
	struct str data;
	size_t at = 0;
	long rc = 1;

	OK(copy != NULL);
	memcpy(copy, p, n);
	while (rc > 0 && !b->done && at < n) {
		rc = http1_body_feed(b, copy + at, n - at, &data);
		OK(rc == ERR_FORMAT || (rc > 0 && (size_t)rc <= n - at));
		OK(data.p >= copy + at && data.p + data.n <= copy + n);
		OK(rc > 0 || data.n == 0);
		OK(buf_adds(&r->data, data) == 0);
		if (rc > 0)
			at += (size_t)rc;
	}
	r->used += at;
	r->done = b->done;
	r->bad = rc == ERR_FORMAT;
	free(copy);
}

/* Split at i; i = 0: byte by byte. */
static void
run(struct result *r, enum http1_body_kind kind, uint64_t length,
    const char *p, size_t n, size_t i)
{
	struct http1_body b;
	size_t k;

	memset(r, 0, sizeof(*r));
	buf_init(&r->data, 1 << 20);
	http1_body_init(&b, kind, length);
	if (i > 0) {
		feed(&b, r, p, i);
		if (!r->bad && !r->done)
			feed(&b, r, p + i, n - i);
		return;
	}
	for (k = 0; k < n && !r->bad && !r->done; k++)
		feed(&b, r, p + k, 1);
}

static void
same(const struct result *a, const struct result *b)
{
	EQ_MEM(a->data.data, buf_len(&a->data), b->data.data,
	    buf_len(&b->data));
	EQ_INT(a->used, b->used);
	EQ_INT(a->done, b->done);
	EQ_INT(a->bad, b->bad);
}

struct row {
	const char	*p;
	size_t		 n;
	const char	*data;	/* expected; NULL: refused */
	size_t		 rest;	/* bytes behind the body */
};

#define Y(s, data)	{ s, sizeof(s) - 1, data, 0 },
#define N(s)		{ s, sizeof(s) - 1, NULL, 0 },
#define LAST		"0\r\n\r\n"

static const struct row rows[] = {
	Y(LAST, "")
	Y("00000000\r\n\r\n", "")
	Y("5\r\nhello\r\n" LAST, "hello")
	Y("00000005\r\nhello\r\n" LAST, "hello")
	Y("5\r\nhello\r\n6\r\n world\r\n" LAST, "hello world")
	Y("a\r\n0123456789\r\nA\r\n0123456789\r\n" LAST,
	    "01234567890123456789")
	Y("2\r\n\r\n\r\n" LAST, "\r\n")
	Y("5\r\n" LAST "\r\n" LAST, LAST)
	Y("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n" LAST, "abc")
	{ "1\r\na\r\n" LAST "GET / HTTP/1.1\r\n", 27, "a", 16 },
	{ LAST LAST, 10, "", 5 },
	/* trailers are read and dropped */
	Y("1\r\na\r\n0\r\nX-A: b\r\n\r\n", "a")
	Y("1\r\na\r\n0\r\nX-A: b\r\nX-B:\t\xff\r\n\r\n", "a")
	Y("0\r\nX:\r\n\r\n", "")
	/* but they are framing, too */
	N("0\r\nX-A : b\r\n\r\n")
	N("0\r\n X-A: b\r\n\r\n")
	N("0\r\nX-A: b\r\n c\r\n\r\n")
	N("0\r\n: b\r\n\r\n")
	N("0\r\nX-A\r\n\r\n")
	N("0\r\nX\0A: b\r\n\r\n")
	N("0\r\nX-A: b\0\r\n\r\n")
	N("0\r\nX-A: b\n\r\n")
	N("0\r\nX-A: b\r\r\n\r\n")
	N("0\r\nX-A: b\rX: y\r\n\r\n")
	N("0\r\nX-A: b\r\n\n")
	N("0\r\nX-A: b\r\n\rX")
	N("0\r\n\n")
	N("0\r\n\rGET /")
	N("0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
	/* sizes */
	N("\r\n")
	N("\r\n\r\n")
	N(";\r\n")
	N("g\r\n")
	N("x\r\n")
	N("0x5\r\nhello\r\n" LAST)
	N("0X5\r\nhello\r\n" LAST)
	N("x5\r\nhello\r\n" LAST)
	N("+5\r\nhello\r\n" LAST)
	N("-5\r\nhello\r\n" LAST)
	N("-0\r\n\r\n")
	N("5.0\r\nhello\r\n" LAST)
	N("1_0\r\n0123456789abcdef\r\n" LAST)
	N("5h\r\nhello\r\n" LAST)
	N(" 5\r\nhello\r\n" LAST)
	N("\t5\r\nhello\r\n" LAST)
	N("5 \r\nhello\r\n" LAST)
	N("5\t\r\nhello\r\n" LAST)
	N("5\v\r\nhello\r\n" LAST)
	N("5\f\r\nhello\r\n" LAST)
	N("5\0\r\nhello\r\n" LAST)
	N("5\xa0\r\nhello\r\n" LAST)
	N("\xd9\xa5\r\nhello\r\n" LAST)
	N("5 5\r\nhello\r\n" LAST)
	N("5,5\r\nhello\r\n" LAST)
	N("000000005\r\nhello\r\n" LAST)
	N("000000000\r\n\r\n")
	N("100000005\r\nhello\r\n" LAST)
	N("10000000000000005\r\nhello\r\n" LAST)
	N("fffffffffffffffff\r\nhello\r\n" LAST)
	N("-ffffffffffffffff\r\nhello\r\n" LAST)
	N("0 \r\n\r\n")
	N("0 \n\n")
	/* bare LF and CR in the size line (CVE-2025-22871) */
	N("5\nhello\r\n" LAST)
	N("5\n\rhello\r\n" LAST)
	N("5\rhello\r\n" LAST)
	N("5\r\rhello\r\n" LAST)
	N("5\r\r\nhello\r\n" LAST)
	N("\n5\r\nhello\r\n" LAST)
	N("0\n\r\n")
	N("0\n\n")
	N("0\r\r\n\r\n")
	N("0\r\r\n\n")
	/* extensions (CVE-2025-55315 hides line ends in them) */
	N("5;\r\nhello\r\n" LAST)
	N("5;a\r\nhello\r\n" LAST)
	N("5;a=b\r\nhello\r\n" LAST)
	N("5 ;a=b\r\nhello\r\n" LAST)
	N("5; a=\"b\"\r\nhello\r\n" LAST)
	N("5;a\nhello\r\n" LAST)
	N("5;\nhello\r\n" LAST)
	N("5;a\rb\r\nhello\r\n" LAST)
	N("5;\r\r\nhello\r\n" LAST)
	N("5;a=\"\r\n\"\r\nhello\r\n" LAST)
	N("5;a=\"\n\"\r\nhello\r\n" LAST)
	N("0;a\r\n\r\n")
	N("0;\n\r\n")
	N("2;\nxx\r\n4c\r\n" LAST)
	N("1;;;;\r\nx\r\n" LAST)
	N("0;\r\nGET /admin HTTP/1.1\r\n\r\n")
	/* what ends the data */
	N("5\r\nhello\n" LAST)
	N("5\r\nhello\r" LAST)
	N("5\r\nhello" LAST)
	N("5\r\nhelloX\r\n" LAST)
	N("5\r\nhelloXX" LAST)
	N("5\r\nhello\n\r" LAST)
	N("5\r\nhello\r\r\n" LAST)
	N("5\r\nhello \r\n" LAST)
	N("5\r\nhello\r\n\r\n" LAST)
	N("5\r\nhello\r\n \r\n")
	N("3\r\nhello\r\n" LAST)
	N("6\r\nhello\r\n" LAST)
};

TEST(chunked)
{
	struct result whole, part;
	size_t i, k;

	for (k = 0; k < COUNT(rows); k++) {
		const struct row *w = &rows[k];

		run(&whole, HTTP1_CHUNKED, 0, w->p, w->n, w->n);
		if (whole.bad != (w->data == NULL) ||
		    whole.done != (w->data != NULL))
			tap_fail(__FILE__, __LINE__, "row %zu: %s", k, w->p);
		if (w->data != NULL) {
			EQ_S(buf_str(&whole.data), w->data);
			EQ_INT(whole.used, w->n - w->rest);
		}
		for (i = 0; i < w->n; i++) {
			run(&part, HTTP1_CHUNKED, 0, w->p, w->n, i);
			same(&whole, &part);
			buf_free(&part.data);
		}
		buf_free(&whole.data);
	}
}

TEST(with_length)
{
	static const char text[] = "hello, world";
	struct result r;
	size_t i, n;

	for (n = 0; n < sizeof(text); n++)
		for (i = 0; i < sizeof(text); i++) {
			run(&r, HTTP1_LENGTH, n, text, sizeof(text) - 1, i);
			EQ_MEM(r.data.data, buf_len(&r.data), text, n);
			EQ_INT(n == 0 ? 0 : r.used, n);
			EQ_INT(r.bad, 0);
			buf_free(&r.data);
		}
}

TEST(until_close)
{
	struct result r;

	run(&r, HTTP1_UNTIL_CLOSE, 0, "abc", 3, 1);
	EQ_S(buf_str(&r.data), "abc");
	EQ_INT(r.done, 0);
	buf_free(&r.data);
}

TEST(none)
{
	struct http1_body b;
	struct str data;

	http1_body_init(&b, HTTP1_NO_BODY, 0);
	EQ_INT(b.done, 1);
	EQ_INT(http1_body_feed(&b, "x", 1, &data), 0);
	EQ_INT(data.n, 0);
	http1_body_init(&b, HTTP1_LENGTH, 0);
	EQ_INT(b.done, 1);
	http1_body_init(&b, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&b, "", 0, &data), 0);
	EQ_INT(b.done, 0);
}

/* A large chunk is one run, taken in one call with all framing around it. */
TEST(maximal_runs)
{
	static char p[6 + 0x8000 + 5];
	struct http1_body b;
	struct str data;

	memcpy(p, "8000\r\n", 6);
	memset(p + 6, 'x', 0x8000);
	memcpy(p + 6 + 0x8000, "\r\n0\r\n", 5);
	http1_body_init(&b, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&b, p, 6 + 0x8000 + 5, &data), 6 + 0x8000 + 5);
	EQ_INT(data.n, 0x8000);
	OK(data.p == p + 6);
	EQ_INT(b.done, 0);
	EQ_INT(http1_body_feed(&b, "\r\nX", 3, &data), 2);
	EQ_INT(b.done, 1);
}

/* After a fault nothing is accepted, not even what would be right. */
TEST(faults_stay)
{
	struct http1_body b;
	struct str data;

	http1_body_init(&b, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&b, "1\r\na\r\nx", 7, &data), 6);
	EQ_S(data, "a");
	EQ_INT(http1_body_feed(&b, "0\r\n\r\n", 5, &data), ERR_FORMAT);
	EQ_INT(http1_body_feed(&b, "0\r\n\r\n", 5, &data), ERR_FORMAT);
	EQ_INT(b.done, 0);
}

/* The greatest size, and trailers up to their limit. */
TEST(limits)
{
	static char line[] = "X: 789\r\n";
	struct http1_body b;
	struct str data;
	int i;

	http1_body_init(&b, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&b, "ffffffff\r\nx", 11, &data), 11);
	EQ_INT(b.left, 0xfffffffe);
	http1_body_init(&b, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&b, "0\r\n", 3, &data), 3);
	for (i = 0; i < 4096; i += 8)
		EQ_INT(http1_body_feed(&b, line, 8, &data), 8);
	EQ_INT(http1_body_feed(&b, line, 8, &data), ERR_FORMAT);
}

TAP_BEGIN
TAP_ROW(chunked)
TAP_ROW(with_length)
TAP_ROW(until_close)
TAP_ROW(none)
TAP_ROW(maximal_runs)
TAP_ROW(faults_stay)
TAP_ROW(limits)
TAP_END
