/*
 * http1_body_fuzz.c - bodies: whole and in parts must agree.
 *
 * The first byte chooses the kind (and a length), the second how the bytes are
 * cut. What a chunked body holds is checked against a decoder that knows only
 * well-formed bodies.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "fuzz.h"
#include "net/http1_body.h"

struct side {
	struct http1_body b;
	struct buf	 data;
	size_t		 used;
	int		 bad;
};

static void
feed(struct side *s, const uint8_t *p, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);
	struct str run;
	size_t at = 0;
	long rc = 1;

	ASSERT(copy != NULL);
	memcpy(copy, p, n);
	while (at < n && !s->b.done && rc > 0) {
		rc = http1_body_feed(&s->b, copy + at, n - at, &run);
		ASSERT(rc == ERR_FORMAT ||
		    (rc > 0 && (size_t)rc <= n - at));
		ASSERT(run.p >= copy + at && run.p + run.n <= copy + n);
		ASSERT(rc > 0 ? run.n <= (size_t)rc : run.n == 0);
		ASSERT(buf_adds(&s->data, run) == 0);
		at += rc > 0 ? (size_t)rc : 0;
	}
	s->used += at;
	s->bad = rc == ERR_FORMAT;
	free(copy);
}

/* The data of a chunked body that was accepted, by the plain grammar. */
static void
check_chunks(const uint8_t *p, size_t n, struct str data)
{
	size_t at = 0, out = 0, size, digits;

	for (;;) {
		for (size = digits = 0; p[at] != '\r'; at++, digits++)
			size = size * 16 + (size_t)(p[at] <= '9' ?
			    p[at] - '0' : (p[at] & 0xdf) - 'A' + 10);
		ASSERT(digits > 0 && digits <= 8 && p[at + 1] == '\n');
		at += 2;
		if (size == 0)
			break;
		ASSERT(n - at >= size + 2 && data.n - out >= size);
		ASSERT(memcmp(data.p + out, p + at, size) == 0);
		out += size;
		at += size;
		ASSERT(p[at] == '\r' && p[at + 1] == '\n');
		at += 2;
	}
	ASSERT(out == data.n);
	ASSERT(n >= at + 2 && p[n - 2] == '\r' && p[n - 1] == '\n');
}

static void
start(struct side *s, unsigned kind, size_t max)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->data, max);
	switch (kind & 7) {
	case 0:
		http1_body_init(&s->b, HTTP1_LENGTH, kind >> 3);
		break;
	case 1:
		http1_body_init(&s->b, HTTP1_UNTIL_CLOSE, 0);
		break;
	case 2:
		http1_body_init(&s->b, HTTP1_NO_BODY, 0);
		break;
	default:
		http1_body_init(&s->b, HTTP1_CHUNKED, 0);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct side whole, part;
	unsigned kind, cut;
	size_t at, n;

	if (size < 2)
		return 0;
	kind = data[0];
	cut = data[1];
	data += 2;
	size -= 2;
	start(&whole, kind, size);
	feed(&whole, data, size);
	start(&part, kind, size);
	for (at = 0; at < size && !part.bad && !part.b.done; at += n) {
		cut = cut * 5 + 1;
		n = 1 + (data[at] ^ cut) % 17;
		if (n > size - at)
			n = size - at;
		feed(&part, data + at, n);
	}
	ASSERT(whole.bad == part.bad && whole.b.done == part.b.done);
	ASSERT(whole.used == part.used);
	ASSERT(str_eq(buf_str(&whole.data), buf_str(&part.data)));
	if (whole.b.kind == HTTP1_CHUNKED && whole.b.done)
		check_chunks(data, whole.used, buf_str(&whole.data));
	buf_free(&whole.data);
	buf_free(&part.data);
	return 0;
}
