/*
 * buf.c - growable bytes with a hard maximum.
 *
 * Runs in: every process.
 * Owns: the memory of each buffer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jscan_text.h"
#include "base/slice.h"
#include "base/xalloc.h"

#define BUF_FIRST 256
#define COPY_PORTION	(256u << 10)
#define JSON_PORTION	65536	/* of a text, looked at at once */
/* Above it memory is the system's (xalloc.c): it is moved without a copy, and
 * what is freed nobody sees any more. */
#define SYSTEM		(8u << 20)

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_init_wiped(struct buf *b, size_t max)
{
	buf_init(b, max);
	b->wipe = 1;
}

static void
free_data(struct buf *b)
{
	if (b->wipe && b->data != NULL && b->cap <= SYSTEM)
		explicit_bzero(b->data, b->cap);
	free(b->data);
}

void
buf_free(struct buf *b)
{
	free_data(b);
	b->data = NULL;
	b->off = b->len = b->cap = 0;
}

void
buf_reset(struct buf *b)
{
	b->off = b->len = 0;
}

/* Is room for need bytes made by moving them down, rather than by growing? Not
 * so when that would free little: the next call would have to move again. */
static int
worth_moving(const struct buf *b, size_t need)
{
	return need <= b->cap && b->off > 0 &&
	    (b->off >= b->len - b->off || b->cap >= b->max);
}

size_t
buf_cap_for(const struct buf *b, size_t n)
{
	size_t have = b->len - b->off, need, cap;

	if (n > b->max || have > b->max - n ||
	    (b->cap - b->len >= n && b->data != NULL))
		return b->cap;
	need = have + n;
	if (worth_moving(b, need) || need > SIZE_MAX / 4)
		return b->cap;
	for (cap = BUF_FIRST; cap < need + (b->off > 0 ? need / 2 : 0); )
		cap *= 2;
	if (cap > b->max)
		cap = b->max > BUF_FIRST ? b->max : BUF_FIRST;
	return cap;
}

/* Large memory is moved by the system, in no time. */
static int
grow(struct buf *b, size_t cap)
{
	size_t have = b->len - b->off;
	char *p;

	if (b->off == 0 && b->data != NULL &&
	    (!b->wipe || b->cap > SYSTEM)) {
		if ((p = xalloc_try_realloc(b->data, cap)) == NULL)
			return ERR_NOMEM;
	} else {
		if ((p = xalloc_try(cap)) == NULL)
			return ERR_NOMEM;
		if (have > 0)
			memcpy(p, b->data + b->off, have);
		free_data(b);
	}
	b->data = p;
	b->off = 0;
	b->len = have;
	b->cap = cap;
	return 0;
}

int
buf_reserve(struct buf *b, size_t n)
{
	size_t have = b->len - b->off;

	if (n > b->max || have > b->max - n)
		return ERR_TOOBIG;
	if (b->cap - b->len >= n && b->data != NULL)
		return 0;
	if (worth_moving(b, have + n)) {
		memmove(b->data, b->data + b->off, have);
		b->off = 0;
		b->len = have;
		return 0;
	}
	if (have + n > SIZE_MAX / 4)
		return ERR_NOMEM;
	return grow(b, buf_cap_for(b, n));
}

/* Of a long one a portion at a time (see slice.h): there is room for it. */
static int
add_long(struct buf *b, const char *p, size_t n)
{
	size_t some;

	for (; n > 0; n -= some, p += some) {
		some = n < COPY_PORTION ? n : COPY_PORTION;
		memcpy(b->data + b->len, p, some);
		b->len += some;
		slice_use(some / 3);	/* into memory that is new */
	}
	return 0;
}

/* Nearly always. */
static inline int
has_room(const struct buf *b, size_t n)
{
	return b->cap - b->len >= n && b->len - b->off + n <= b->max;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	int rc;

	if (n == 0)
		return 0;
	if (!has_room(b, n) && (rc = buf_reserve(b, n)) != 0)
		return rc;
	if (n > COPY_PORTION)
		return add_long(b, p, n);
	memcpy(b->data + b->len, p, n);
	b->len += n;
	return 0;
}

int
buf_adds(struct buf *b, struct str s)
{
	return buf_add(b, s.p, s.n);
}

int
buf_addc(struct buf *b, char c)
{
	int rc;

	if (!has_room(b, 1) && (rc = buf_reserve(b, 1)) != 0)
		return rc;
	b->data[b->len++] = c;
	return 0;
}

int
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t max;
	int n, rc;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return ERR_FORMAT;
	if ((size_t)n > b->max || buf_len(b) > b->max - (size_t)n)
		return ERR_TOOBIG;
	/* vsnprintf writes a NUL behind the text: room for it, not counted. */
	max = b->max;
	b->max = max == SIZE_MAX ? max : max + 1;
	rc = buf_reserve(b, (size_t)n + 1);
	b->max = max;
	if (rc != 0)
		return rc;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return rc;
}

static int
add_escaped(struct buf *b, unsigned char c)
{
	static const char names[] = "btnvfr";	/* 8..13; \v has no name */

	switch (c) {
	case '"':
		return buf_add(b, "\\\"", 2);
	case '\\':
		return buf_add(b, "\\\\", 2);
	}
	if (c >= 8 && c <= 13 && c != 11) {
		char e[2] = { '\\', names[c - 8] };
		return buf_add(b, e, 2);
	}
	return buf_printf(b, "\\u%04x", c);
}

/* What buf_add_json copies from p on as it is; at least one byte of it when
 * there is any. */
static size_t
json_run(const char *p, const char *end)
{
	const char *q = p, *del;
	size_t n;

	if (end - p > JSON_PORTION)
		end = p + JSON_PORTION;
	if ((unsigned char)*p < 0x80) {
		q = jscan_text_plain(p, end);
		if (q == p || (del = memchr(p, 0x7f, (size_t)(q - p))) == NULL)
			return (size_t)(q - p);
		return (size_t)(del - p);
	}
	while (q < end && (unsigned char)*q >= 0x80 &&
	    (n = str_utf8(str_make(q, (size_t)(end - q)))) > 0)
		q += n;
	return (size_t)(q - p);
}

int
buf_add_json(struct buf *b, struct str s)
{
	const char *p = s.n > 0 ? s.p : "", *end = p + s.n;
	size_t n, before = buf_len(b);
	int rc = 0;

	if (b->cap - b->len < s.n)	/* it does not become shorter */
		rc = buf_reserve(b, s.n);
	for (; p < end && rc == 0; p += n) {
		n = json_run(p, end);
		/* A portion may end inside of a character. */
		if (n == 0 && (unsigned char)*p >= 0x80)
			n = str_utf8(str_make(p, (size_t)(end - p)));
		slice_use(n / 4 + 16);
		if (n > 0) {
			rc = buf_add(b, p, n);
			continue;
		}
		n = 1;
		rc = (unsigned char)*p >= 0x80 ? buf_add(b, "\xef\xbf\xbd", 3) :
		    add_escaped(b, (unsigned char)*p);
	}
	if (rc != 0)
		b->len = b->off + before;
	return rc;
}

void
buf_consume(struct buf *b, size_t n)
{
	ASSERT(n <= b->len - b->off);
	b->off += n;
	if (b->off == b->len)
		b->off = b->len = 0;
}
