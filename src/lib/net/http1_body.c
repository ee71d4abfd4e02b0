/*
 * http1_body.c - bodies of HTTP/1 messages.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * The chunked decoder is a state per byte but for the data, which is one run.
 * A call goes on behind a run through the framing up to the next one, so that a
 * body in few packets needs few calls. A fault behind a run is reported by the
 * next call: bytes before it are never lost, however the body was cut.
 */
#include "base/err.h"
#include "net/chars.h"
#include "net/http1_body.h"

#define MAX_DIGITS	8
#define MAX_TRAILER	4096

enum {
	SIZE,		/* digits of a chunk size */
	SIZE_LF,	/* LF behind them */
	DATA,
	DATA_CR,	/* CR LF behind data */
	DATA_LF,
	LINE,		/* first byte of a trailer line, or of the last line */
	NAME,
	VALUE,
	VALUE_LF,
	LAST_LF,
	BAD		/* for ever */
};

void
http1_body_init(struct http1_body *b, enum http1_body_kind kind,
    uint64_t length)
{
	memset(b, 0, sizeof(*b));
	b->kind = kind;
	b->state = SIZE;
	if (kind == HTTP1_LENGTH)
		b->left = length;
	b->done = kind == HTTP1_NO_BODY ||
	    (kind == HTTP1_LENGTH && length == 0);
}

/* A byte of a chunk's size line. */
static inline int
size_byte(struct http1_body *b, unsigned char c)
{
	if (!chars_is((char)c, CHARS_HEX)) {
		if (c != '\r' || b->digits == 0)
			return ERR_FORMAT;
		b->digits = 0;
		b->state = SIZE_LF;
		return 0;
	}
	if (b->digits == MAX_DIGITS)
		return ERR_FORMAT;
	b->left = b->left << 4 |
	    (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	b->digits++;
	return 0;
}

/* A byte of the trailers or of the empty line behind them. */
static int
trailer_byte(struct http1_body *b, char c)
{
	if (++b->trailer > MAX_TRAILER)
		return ERR_FORMAT;
	switch (b->state) {
	case LINE:
		if (c == '\r') {
			b->state = LAST_LF;
			return 0;
		}
		b->state = NAME;
		return chars_is(c, CHARS_TOKEN) ? 0 : ERR_FORMAT;
	case NAME:
		if (c == ':') {
			b->state = VALUE;
			return 0;
		}
		return chars_is(c, CHARS_TOKEN) ? 0 : ERR_FORMAT;
	case VALUE:
		if (c == '\r') {
			b->state = VALUE_LF;
			return 0;
		}
		return chars_is(c, CHARS_TEXT) ? 0 : ERR_FORMAT;
	case VALUE_LF:
		b->state = LINE;
		return c == '\n' ? 0 : ERR_FORMAT;
	case LAST_LF:
		b->done = c == '\n';
		return c == '\n' ? 0 : ERR_FORMAT;
	default:
		return ERR_FORMAT;
	}
}

/* One byte of framing: 0 or ERR_FORMAT. */
static inline int
frame_byte(struct http1_body *b, char c)
{
	switch (b->state) {
	case SIZE:
		return size_byte(b, (unsigned char)c);
	case SIZE_LF:
		b->state = b->left > 0 ? DATA : LINE;
		return c == '\n' ? 0 : ERR_FORMAT;
	case DATA_CR:
		b->state = DATA_LF;
		return c == '\r' ? 0 : ERR_FORMAT;
	case DATA_LF:
		b->state = SIZE;
		return c == '\n' ? 0 : ERR_FORMAT;
	default:
		return trailer_byte(b, c);
	}
}

/* The next run of at most b->left bytes; sets *data. */
static inline size_t
take(struct http1_body *b, const char *p, size_t n, struct str *data)
{
	if (n > b->left)
		n = (size_t)b->left;
	b->left -= n;
	*data = str_make(p, n);
	return n;
}

static long
feed_chunked(struct http1_body *b, const char *p, size_t n, struct str *data)
{
	size_t i = 0;

	while (i < n && !b->done) {
		if (b->state == DATA) {
			if (data->n > 0)
				break;
			i += take(b, p + i, n - i, data);
			if (b->left == 0)
				b->state = DATA_CR;
			continue;
		}
		if (frame_byte(b, p[i]) != 0) {
			b->state = BAD;
			return i > 0 ? (long)i : ERR_FORMAT;
		}
		i++;
	}
	return (long)i;
}

long
http1_body_feed(struct http1_body *b, const char *p, size_t n,
    struct str *data)
{
	*data = str_make(p, 0);
	if (b->done || n == 0)
		return 0;
	switch (b->kind) {
	case HTTP1_CHUNKED:
		return feed_chunked(b, p, n, data);
	case HTTP1_LENGTH:
		n = take(b, p, n, data);
		b->done = b->left == 0;
		return (long)n;
	case HTTP1_UNTIL_CLOSE:
		*data = str_make(p, n);
		return (long)n;
	default:
		return 0;
	}
}
