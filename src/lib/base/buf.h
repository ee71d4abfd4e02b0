/*
 * buf.h - growable bytes with a hard maximum.
 *
 * The readable bytes are data[off .. len). A failed call leaves the buffer as
 * it was. Freed by buf_free; a zeroed struct with max set is a valid empty
 * buffer.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct buf {
	char	*data;
	size_t	 off;		/* first readable byte */
	size_t	 len;		/* end of readable bytes */
	size_t	 cap;
	size_t	 max;		/* most bytes that may be readable */
	int	 wipe;		/* overwrite memory before it is freed */
};

/* Make an empty buffer of at most max bytes; allocates nothing yet. */
void buf_init(struct buf *b, size_t max);
/* The same for what may hold credentials: its memory is overwritten when it is
 * freed, and when the buffer grows. */
void buf_init_wiped(struct buf *b, size_t max);
/* Release the memory; the buffer is empty and usable again. */
void buf_free(struct buf *b);
/* Forget the content, keep the memory. */
void buf_reset(struct buf *b);
/* Room for n more bytes: 0, ERR_TOOBIG (over max) or ERR_NOMEM. */
int buf_reserve(struct buf *b, size_t n);
/* What b->cap will be when buf_reserve(b, n) has succeeded. */
size_t buf_cap_for(const struct buf *b, size_t n);
/* Append: 0, ERR_TOOBIG or ERR_NOMEM. */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, struct str s);
int buf_addc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Append s as the inside of a JSON string (RFC 8259, 7), without quotes; what
 * is no UTF-8 becomes U+FFFD. */
int buf_add_json(struct buf *b, struct str s);
/* Drop n readable bytes at the front; n <= buf_len. */
void buf_consume(struct buf *b, size_t n);

static inline size_t
buf_len(const struct buf *b)
{
	return b->len - b->off;
}

static inline char *
buf_ptr(const struct buf *b)
{
	return b->data + b->off;
}

static inline struct str
buf_str(const struct buf *b)
{
	return str_make(b->data == NULL ? "" : b->data + b->off,
	    b->len - b->off);
}

#endif
