/*
 * xalloc.h - small allocations that do not fail.
 *
 * A process keeps a reserve. When malloc fails, the reserve is given back to
 * the allocator, the allocation is tried again, and xalloc_low() says so until
 * xalloc_refill() has got a new reserve: the request engine refuses new work
 * meanwhile. Only when that fails too does the process end (the master starts
 * a new one). Anything whose size a peer decides goes through buf.h, which
 * returns ERR_NOMEM instead.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

/* Never return NULL. xcalloc zeroes. n * size must not overflow. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n)
    __attribute__((malloc, returns_nonnull));

/* Take the reserve (bytes) at start. */
void xalloc_init(size_t reserve);
/* 1 while the reserve is used up. */
int xalloc_low(void);
/* Try to get the reserve back; 0, or ERR_NOMEM. Call from a timer. */
int xalloc_refill(void);

/* malloc that a test can make fail; for callers that handle NULL. */
void *xalloc_try(size_t size);
void *xalloc_try_realloc(void *p, size_t size);
/* Let the n-th of these from now on fail, once; 0: none. For tests. */
void xalloc_fail(unsigned n);

#endif
