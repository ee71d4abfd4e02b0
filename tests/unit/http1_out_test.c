/* http1_out_test.c - heads and chunk framing as they are written. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/http1.h"
#include "net/http1_body.h"
#include "net/http1_out.h"
#include "tap.h"

TEST(response)
{
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(http1_out_status(&b, 429), 0);
	EQ_INT(http1_out_date(&b, 784111777LL * 1000000), 0);
	EQ_INT(http1_out_field(&b, STR("content-type"), STR("a/b")), 0);
	EQ_INT(http1_out_length(&b, 0), 0);
	EQ_INT(http1_out_end(&b), 0);
	EQ_S(buf_str(&b), "HTTP/1.1 429 Too Many Requests\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "content-type: a/b\r\nContent-Length: 0\r\n\r\n");
	buf_reset(&b);
	EQ_INT(http1_out_status(&b, 200), 0);
	EQ_INT(http1_out_status(&b, 299), 0);
	EQ_INT(http1_out_length(&b, UINT64_MAX), 0);
	EQ_S(buf_str(&b), "HTTP/1.1 200 OK\r\nHTTP/1.1 299 Unknown\r\n"
	    "Content-Length: 18446744073709551615\r\n");
	EQ_INT(http1_out_status(&b, 99), ERR_FORMAT);
	EQ_INT(http1_out_status(&b, 1000), ERR_FORMAT);
	buf_free(&b);
}

TEST(date_changes)
{
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(http1_out_date(&b, 0), 0);
	EQ_INT(http1_out_date(&b, 999999), 0);
	EQ_INT(http1_out_date(&b, 1000000), 0);
	EQ_S(buf_str(&b), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	    "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
	buf_free(&b);
}

/* What could split a head is refused, and nothing of it is written. */
TEST(refused)
{
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(http1_out_field(&b, STR("a"), STR("b\r\nc: d")), ERR_FORMAT);
	EQ_INT(http1_out_field(&b, STR("a"), STR("b\n")), ERR_FORMAT);
	EQ_INT(http1_out_field(&b, STR("a"), STR("b\0")), ERR_FORMAT);
	EQ_INT(http1_out_field(&b, STR("a: b\r\nc"), STR("d")), ERR_FORMAT);
	EQ_INT(http1_out_field(&b, STR(""), STR("d")), ERR_FORMAT);
	EQ_INT(http1_out_request(&b, STR("GET"), STR("/a b")), ERR_FORMAT);
	EQ_INT(http1_out_request(&b, STR("GET"), STR("/\r\nx")), ERR_FORMAT);
	EQ_INT(http1_out_request(&b, STR("G T"), STR("/")), ERR_FORMAT);
	EQ_INT(http1_out_request(&b, STR("GET"), STR("")), ERR_FORMAT);
	EQ_INT(http1_out_request(&b, STR(""), STR("/")), ERR_FORMAT);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
}

TEST(fields)
{
	const struct hdr h[] = {
		{ STR("A"), STR("1"), HDR_OTHER },
		{ STR("Connection"), STR("x"), HDR_CONNECTION },
		{ STR("Content-Length"), STR("3"), HDR_CONTENT_LENGTH },
		{ STR("Transfer-Encoding"), STR("chunked"),
		    HDR_TRANSFER_ENCODING },
		{ STR("Date"), STR(""), HDR_DATE },
	};
	const struct hdr bad[] = {
		{ STR("A"), STR("1"), HDR_OTHER },
		{ STR("B"), STR("\r"), HDR_OTHER },
	};
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(http1_out_fields(&b, h, 5), 0);
	EQ_S(buf_str(&b), "A: 1\r\nDate: \r\n");
	EQ_INT(http1_out_fields(&b, bad, 2), ERR_FORMAT);
	EQ_S(buf_str(&b), "A: 1\r\nDate: \r\n");
	buf_free(&b);
}

/* Full: the call says so and leaves the buffer as it was. */
TEST(full)
{
	struct buf b;

	buf_init(&b, 20);
	EQ_INT(http1_out_status(&b, 200), 0);
	EQ_INT(http1_out_field(&b, STR("a"), STR("b")), ERR_TOOBIG);
	EQ_INT(http1_out_length(&b, 7), ERR_TOOBIG);
	EQ_INT(http1_out_end(&b), 0);
	EQ_S(buf_str(&b), "HTTP/1.1 200 OK\r\n\r\n");
	buf_free(&b);
}

/* Our own parser reads what we wrote. */
TEST(read_again)
{
	struct http1_head h;
	enum http1_error why;
	struct buf b;
	size_t seen = 0;

	buf_init(&b, 4096);
	EQ_INT(http1_out_request(&b, STR("POST"), STR("/v1?a=b")), 0);
	EQ_INT(http1_out_field(&b, STR("host"), STR("h:1")), 0);
	EQ_INT(http1_out_length(&b, 1234567), 0);
	EQ_INT(http1_out_end(&b), 0);
	EQ_INT(http1_request(buf_ptr(&b), buf_len(&b), &seen, NULL, &h, &why),
	    buf_len(&b));
	EQ_S(h.query, "a=b");
	EQ_INT(h.length, 1234567);
	buf_free(&b);
}

TEST(chunks)
{
	static const uint64_t sizes[] = { 1, 9, 10, 15, 16, 255, 256, 4096,
	    0xffffffff };
	char line[HTTP1_OUT_CHUNK], want[40];
	struct http1_body body;
	struct str data;
	size_t i, n;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = http1_out_chunk(line, sizes[i]);
		snprintf(want, sizeof(want), "%llx\r\n",
		    (unsigned long long)sizes[i]);
		EQ_S(str_make(line, n), want);
		http1_body_init(&body, HTTP1_CHUNKED, 0);
		EQ_INT(http1_body_feed(&body, line, n, &data), n);
		EQ_INT(body.left, sizes[i]);
	}
	EQ_INT(http1_out_chunk(line, UINT64_MAX), 18);
	http1_body_init(&body, HTTP1_CHUNKED, 0);
	EQ_INT(http1_body_feed(&body, HTTP1_OUT_LAST.p, HTTP1_OUT_LAST.n,
	    &data), 5);
	EQ_INT(body.done, 1);
}

TAP_BEGIN
TAP_ROW(response)
TAP_ROW(date_changes)
TAP_ROW(refused)
TAP_ROW(fields)
TAP_ROW(full)
TAP_ROW(read_again)
TAP_ROW(chunks)
TAP_END
