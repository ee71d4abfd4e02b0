/*
 * http1_out.c - write heads and chunk framing of HTTP/1.1 messages.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: the Date line of the current second.
 *
 * What goes out is checked here once more, whoever made it: no byte of a name
 * or value can end a line, so no head of ours can be split.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "net/chars.h"
#include "net/http1.h"
#include "net/http1_out.h"

/* Copy s to d; the end of the copy. */
static char *
put(char *d, struct str s)
{
	if (s.n > 0)
		memcpy(d, s.p, s.n);
	return d + s.n;
}

/* a b c d as one piece. */
static int
add4(struct buf *b, struct str s1, struct str s2, struct str s3,
    struct str s4)
{
	size_t n = s1.n + s2.n + s3.n + s4.n;
	char *d;
	int rc;

	if ((rc = buf_reserve(b, n)) != 0)
		return rc;
	d = b->data + b->len;
	put(put(put(put(d, s1), s2), s3), s4);
	b->len += n;
	return 0;
}

int
http1_out_status(struct buf *b, int status)
{
	char t[5];

	if (status == 200)
		return buf_adds(b, STR("HTTP/1.1 200 OK\r\n"));
	if (status < 100 || status > 999)
		return ERR_FORMAT;
	t[0] = (char)('0' + status / 100);
	t[1] = (char)('0' + status / 10 % 10);
	t[2] = (char)('0' + status % 10);
	t[3] = ' ';
	return add4(b, STR("HTTP/1.1 "), str_make(t, 4),
	    str_of(http1_reason(status)), STR("\r\n"));
}

int
http1_out_request(struct buf *b, struct str method, struct str target)
{
	const char *e;

	if (method.n == 0 || target.n == 0)
		return ERR_FORMAT;
	e = method.p + method.n;
	if (chars_skip(method.p, e, CHARS_TOKEN) != e)
		return ERR_FORMAT;
	e = target.p + target.n;
	if (chars_skip(target.p, e, CHARS_QUERY) != e)
		return ERR_FORMAT;
	return add4(b, method, STR(" "), target, STR(" HTTP/1.1\r\n"));
}

int
http1_out_field(struct buf *b, struct str name, struct str value)
{
	if (!hdr_valid(name, value))
		return ERR_FORMAT;
	return add4(b, name, STR(": "), value, STR("\r\n"));
}

int
http1_out_fields(struct buf *b, const struct hdr *h, unsigned n)
{
	size_t before = buf_len(b);
	unsigned i;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		if (h[i].id != HDR_CONTENT_LENGTH && !hdr_hop_by_hop(h[i].id))
			rc = http1_out_field(b, h[i].name, h[i].value);
	if (rc != 0)
		b->len = b->off + before;
	return rc;
}

int
http1_out_length(struct buf *b, uint64_t n)
{
	char t[24];

	return add4(b, STR("Content-Length: "),
	    str_make(t, num_put_u64(t, n)), STR("\r\n"), STR_NULL);
}

int
http1_out_date(struct buf *b, int64_t real_us)
{
	static char text[CLOCK_RFC3339_SIZE];
	static int64_t second = -1;
	int64_t now = real_us / CLOCK_US_S;

	if (now != second) {
		clock_http_date(real_us, text);
		second = now;
	}
	return add4(b, STR("Date: "), str_of(text), STR("\r\n"), STR_NULL);
}

int
http1_out_end(struct buf *b)
{
	return buf_adds(b, STR("\r\n"));
}

size_t
http1_out_chunk(char dst[HTTP1_OUT_CHUNK], uint64_t n)
{
	char t[16];
	size_t i = sizeof(t), len;

	do {
		t[--i] = "0123456789abcdef"[n & 15];
		n >>= 4;
	} while (n > 0);
	len = sizeof(t) - i;
	memcpy(dst, t + i, len);
	dst[len] = '\r';
	dst[len + 1] = '\n';
	return len + 2;
}
