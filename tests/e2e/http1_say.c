/*
 * http1_say.c - what our parser makes of requests, for a comparison.
 *
 * Runs in: tests/e2e/llhttp.mjs.
 * Owns: nothing.
 *
 * Input: frames of four bytes of length, lowest first, and the bytes of one
 * connection. Output: a line for each: every whole message as "METHOD TARGET
 * FIELDS HASH BODY HASH", with a byte 1 behind it, then how it ended:
 * "refused", "closed" behind a message, or "more" is needed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/http1.h"
#include "net/http1_body.h"

#define MOST	(1 << 20)

static uint32_t
fnv(uint32_t h, const char *p, size_t n, int lower)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (lower && c >= 'A' && c <= 'Z')
			c += 32;
		h = (h ^ c) * 16777619u;
	}
	return h;
}

static uint32_t
hash_fields(const struct http1_head *h)
{
	uint32_t v = 2166136261u;
	unsigned i;

	for (i = 0; i < h->n; i++) {
		v = fnv(v, h->h[i].name.p, h->h[i].name.n, 1);
		v = fnv(v, ":", 1, 0);
		v = fnv(v, h->h[i].value.p, h->h[i].value.n, 0);
		v = fnv(v, "\n", 1, 0);
	}
	return v;
}

/* The body at p[0..n): bytes used when it is whole, 0 when more is needed,
 * -1 when refused. */
static long
say_body(const struct http1_head *h, const char *p, size_t n, size_t *len,
    uint32_t *hash)
{
	struct http1_body b;
	struct str data;
	size_t at = 0;
	long k;

	http1_body_init(&b, h->body, h->length);
	*len = 0;
	*hash = 2166136261u;
	while (!b.done) {
		if ((k = http1_body_feed(&b, p + at, n - at, &data)) < 0)
			return -1;
		*hash = fnv(*hash, data.p, data.n, 0);
		*len += data.n;
		at += (size_t)k;
		if (k == 0 && !b.done)
			return -2;
	}
	return (long)at;
}

static void
say(const char *p, size_t n)
{
	static struct http1_head h;
	struct http1_limits lim = { 0, 0 };
	enum http1_error why;
	size_t seen, len;
	uint32_t hash;
	long k, b;

	while (n > 0) {
		seen = 0;
		k = http1_request(p, n, &seen, &lim, &h, &why);
		if (k == ERR_AGAIN)
			break;
		if (k < 0) {
			puts("refused");
			return;
		}
		b = say_body(&h, p + k, n - (size_t)k, &len, &hash);
		if (b == -2)
			break;
		if (b < 0) {
			puts("refused");
			return;
		}
		printf("%.*s %.*s %u %u %zu %u\001", STR_ARG(h.method_text),
		    STR_ARG(h.target), h.n, hash_fields(&h), len, hash);
		if (!h.keep_alive) {
			puts("closed");
			return;
		}
		p += k + b;
		n -= (size_t)(k + b);
	}
	puts("more");
}

int
main(void)
{
	char *p = malloc(MOST);
	unsigned char l[4];
	size_t n;

	while (fread(l, 1, 4, stdin) == 4) {
		n = l[0] | (size_t)l[1] << 8 | (size_t)l[2] << 16;
		if (n > MOST || fread(p, 1, n, stdin) != n)
			return 1;
		say(p, n);
	}
	free(p);
	return 0;
}
