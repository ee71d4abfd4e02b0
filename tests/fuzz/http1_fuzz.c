/*
 * http1_fuzz.c - heads: whole and in parts must agree, slices lie inside.
 *
 * The first byte chooses what is parsed, the limits, and the method that was
 * asked with; the second how the bytes are cut.
 */
#include <stdlib.h>

#include "base/err.h"
#include "fuzz.h"
#include "net/http1.h"

static const struct http1_limits limits[4] = {
	{ 0, 0 }, { 16, 64 }, { 64, 64 }, { 40, 200 }
};

struct side {
	char		*p;
	size_t		 n;		/* bytes given at last */
	long		 rc;
	enum http1_error why;
	struct http1_head head;
};

static void
parse(struct side *s, const uint8_t *p, size_t n, size_t *seen,
    unsigned kind)
{
	const struct http1_limits *lim = &limits[kind >> 1 & 3];

	/* A copy of exactly n bytes. */
	free(s->p);
	s->p = malloc(n == 0 ? 1 : n);
	ASSERT(s->p != NULL);
	memcpy(s->p, p, n);
	s->n = n;
	if (kind & 1)
		s->rc = http1_response(s->p, n, seen, lim,
		    (enum http1_method)(kind >> 3 & 7), &s->head, &s->why);
	else
		s->rc = http1_request(s->p, n, seen, lim, &s->head, &s->why);
	ASSERT(s->rc == ERR_AGAIN || s->rc == ERR_FORMAT ||
	    (s->rc > 0 && (size_t)s->rc <= n));
	ASSERT((s->rc == ERR_FORMAT) == (s->why != HTTP1_OK));
	ASSERT(*seen <= n);
}

/* The slice is of s, and the same as that of another try. */
static void
check_slice(const struct side *s, struct str x, const struct side *o,
    struct str y)
{
	ASSERT((x.p == NULL) == (y.p == NULL));
	if (x.p == NULL)
		return;
	ASSERT(x.p >= s->p && x.p + x.n <= s->p + s->rc);
	ASSERT(x.n == y.n && x.p - s->p == y.p - o->p);
}

static void
check_head(const struct side *s, const struct side *o)
{
	const struct http1_head *x = &s->head, *y = &o->head;
	unsigned i;

	check_slice(s, x->method_text, o, y->method_text);
	check_slice(s, x->target, o, y->target);
	check_slice(s, x->path, o, y->path);
	check_slice(s, x->query, o, y->query);
	check_slice(s, x->host, o, y->host);
	check_slice(s, x->reason, o, y->reason);
	ASSERT(x->method == y->method && x->status == y->status);
	ASSERT(x->minor == y->minor && x->body == y->body);
	ASSERT(x->length == y->length && x->has_length == y->has_length);
	ASSERT(x->keep_alive == y->keep_alive && x->upgrade == y->upgrade);
	ASSERT(x->expect_continue == y->expect_continue && x->n == y->n);
	ASSERT(x->n <= HTTP1_MAX_HEADERS);
	for (i = 0; i < x->n; i++) {
		ASSERT(x->h[i].id == y->h[i].id);
		ASSERT(x->h[i].id == hdr_id(x->h[i].name));
		ASSERT(hdr_valid(x->h[i].name, x->h[i].value));
		check_slice(s, x->h[i].name, o, y->h[i].name);
		check_slice(s, x->h[i].value, o, y->h[i].value);
	}
}

/* What must hold for any head that is accepted. */
static void
check_rules(const struct side *s, int response)
{
	const struct http1_head *h = &s->head;
	unsigned i, hosts = 0, lengths = 0, codings = 0;

	ASSERT(s->rc >= 4 && memcmp(s->p + s->rc - 4, "\r\n\r\n", 4) == 0);
	for (i = 0; i < h->n; i++) {
		hosts += h->h[i].id == HDR_HOST;
		lengths += h->h[i].id == HDR_CONTENT_LENGTH;
		codings += h->h[i].id == HDR_TRANSFER_ENCODING;
	}
	ASSERT(lengths + codings <= 1);
	ASSERT(lengths == h->has_length);
	ASSERT(codings == 0 || h->minor == 1);
	if (response) {
		ASSERT(h->status >= 100 && h->status <= 599);
		return;
	}
	ASSERT(hosts == 1 || (hosts == 0 && h->minor == 0));
	ASSERT((h->body == HTTP1_CHUNKED) == (codings == 1));
	ASSERT((h->body == HTTP1_LENGTH) == (lengths == 1));
	ASSERT(h->path.n > 0 || h->method == HTTP1_CONNECT);
}

/*
 * In parts, some faults are seen only when the head is complete; then it must
 * be the same fault.
 */
static void
finish(struct side *s, const uint8_t *p, size_t n, size_t *seen,
    unsigned kind)
{
	uint8_t *more = malloc(n + 4);

	ASSERT(more != NULL);
	memcpy(more, p, n);
	memcpy(more + n, "\r\n\r\n", 4);
	parse(s, more, n + 4, seen, kind);
	free(more);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct side whole, part;
	unsigned kind, cut;
	size_t seen = 0, at;

	if (size < 2)
		return 0;
	kind = data[0];
	cut = data[1];
	data += 2;
	size -= 2;
	parse(&whole, data, size, &seen, kind);
	for (seen = 0, at = 0; at < size; ) {
		cut = cut * 5 + 1;
		at += 1 + (data[at] ^ cut) % 24;
		if (at > size)
			at = size;
		parse(&part, data, at, &seen, kind);
		if (part.rc != ERR_AGAIN)
			break;
	}
	if (whole.rc == ERR_FORMAT && part.rc == ERR_AGAIN)
		finish(&part, data, size, &seen, kind);
	if (size > 0)
		ASSERT(part.rc == whole.rc && part.why == whole.why);
	if (whole.rc > 0) {
		check_head(&whole, &part);
		check_rules(&whole, (int)(kind & 1));
	}
	free(whole.p);
	free(part.p);
	whole.p = part.p = NULL;
	return 0;
}
