/*
 * mock_gzip.h - a gzip stream (RFC 1952) of stored blocks, nothing compressed.
 */
#ifndef MOCK_GZIP_H
#define MOCK_GZIP_H

#include <stdint.h>

#include "base/buf.h"

struct mock_gzip {
	uint32_t	crc, total;
	int		begun;
};

/* Append the coded form of in (with the header before the first). */
int mock_gzip_add(struct buf *b, struct mock_gzip *g, struct str in);
/* Append the last block and the trailer. */
int mock_gzip_end(struct buf *b, struct mock_gzip *g);
/* Size that n bytes added at once, and the end, will have. */
size_t mock_gzip_size(size_t n);

#endif
