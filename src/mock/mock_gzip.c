/*
 * mock_gzip.c - a gzip stream (RFC 1952) of stored blocks, nothing compressed.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * What a provider sends that compresses although nobody asked; any inflater
 * reads it, and the mock needs no library for it.
 */
#include "mock/mock_gzip.h"

#define BLOCK	65535

static uint32_t
crc32_add(uint32_t crc, struct str in)
{
	size_t i;
	int k;

	crc = ~crc;
	for (i = 0; i < in.n; i++) {
		crc ^= (unsigned char)in.p[i];
		for (k = 0; k < 8; k++)
			crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

static void
put_le(struct buf *b, uint32_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_addc(b, (char)(v & 255));
}

static void
block(struct buf *b, int last, struct str in)
{
	buf_addc(b, (char)last);
	put_le(b, (uint32_t)in.n, 2);
	put_le(b, ~(uint32_t)in.n & 0xffff, 2);
	buf_adds(b, in);
}

static void
begin(struct buf *b, struct mock_gzip *g)
{
	static const char head[10] = {
		0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)255
	};

	if (!g->begun)
		buf_add(b, head, sizeof(head));
	g->begun = 1;
}

int
mock_gzip_add(struct buf *b, struct mock_gzip *g, struct str in)
{
	size_t n;

	begin(b, g);
	g->crc = crc32_add(g->crc, in);
	g->total += (uint32_t)in.n;
	for (; in.n > 0; in = str_skip(in, n)) {
		n = in.n < BLOCK ? in.n : BLOCK;
		block(b, 0, str_make(in.p, n));
	}
	return 0;
}

int
mock_gzip_end(struct buf *b, struct mock_gzip *g)
{
	begin(b, g);
	block(b, 1, STR(""));
	put_le(b, g->crc, 4);
	put_le(b, g->total, 4);
	return 0;
}

size_t
mock_gzip_size(size_t n)
{
	return 10 + n + (n + BLOCK - 1) / BLOCK * 5 + 5 + 8;
}
