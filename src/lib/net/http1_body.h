/*
 * http1_body.h - bodies of HTTP/1 messages: length, chunked, until close.
 *
 * Pure and incremental. Chunk sizes: hex digits only, at most 8; extensions
 * are refused; trailers are read and dropped (at most 4 KiB).
 */
#ifndef NET_HTTP1_BODY_H
#define NET_HTTP1_BODY_H

#include "net/http1.h"

struct http1_body {
	enum http1_body_kind kind;
	uint64_t	 left;		/* of the body or chunk */
	int		 state;
	unsigned	 digits;
	unsigned	 trailer;	/* bytes of trailers so far */
	int		 done;
};

void http1_body_init(struct http1_body *b, enum http1_body_kind kind,
    uint64_t length);
/*
 * Take bytes from p[0..n): *data is the next run of body bytes (may be
 * empty), the return value how many of p were used. Call again while it
 * returns > 0 and b->done is 0. ERR_FORMAT: bad framing. With
 * HTTP1_UNTIL_CLOSE done is never set.
 */
long http1_body_feed(struct http1_body *b, const char *p, size_t n,
    struct str *data);

#endif
