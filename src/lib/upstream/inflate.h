/*
 * inflate.h - undo gzip and deflate (the door to zlib), with limits.
 */
#ifndef UPSTREAM_INFLATE_H
#define UPSTREAM_INFLATE_H

#include <stdint.h>

#include "base/str.h"

struct inflate;

/* coding: "gzip", "x-gzip", "deflate" (any case): NULL for others. */
struct inflate *inflate_new(struct str coding);
void inflate_free(struct inflate **ip);
/*
 * Put bytes in; fn gets what comes out, in pieces of at most 16 KiB, and may
 * return non-zero to stop. 0; ERR_FORMAT: not that coding, or bytes after its
 * end; ERR_TOOBIG: more than 100 times what came in, or than 256 MiB.
 */
int inflate_feed(struct inflate *z, const char *p, size_t n,
    int (*fn)(void *arg, const char *p, size_t n), void *arg);
/* 1 when the compressed data had its proper end. */
int inflate_done(const struct inflate *z);

#endif
