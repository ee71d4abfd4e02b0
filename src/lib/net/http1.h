/*
 * http1.h - heads of HTTP/1 messages, strict (RFC 9112).
 *
 * Pure: bytes in, slices of the same bytes out. Lines end with CRLF only; what
 * RFC 9112 lets a recipient tolerate but parsers read differently is refused;
 * http1_field.c lists it.
 */
#ifndef NET_HTTP1_H
#define NET_HTTP1_H

#include <stdint.h>

#include "net/hdr.h"

#define HTTP1_MAX_HEADERS	100

enum http1_body_kind {
	HTTP1_NO_BODY, HTTP1_LENGTH, HTTP1_CHUNKED, HTTP1_UNTIL_CLOSE
};

enum http1_method {
	HTTP1_OTHER, HTTP1_GET, HTTP1_HEAD, HTTP1_POST, HTTP1_PUT,
	HTTP1_DELETE, HTTP1_PATCH, HTTP1_OPTIONS, HTTP1_CONNECT, HTTP1_TRACE
};

struct http1_head {
	/* request */
	enum http1_method method;
	struct str	 method_text;
	struct str	 target;	/* as sent */
	struct str	 path;		/* of target, without query; empty:
					   CONNECT */
	struct str	 query;		/* without '?'; STR_NULL: none */
	struct str	 host;		/* of the Host field or target */
	/* response */
	int		 status;
	struct str	 reason;
	/* both */
	int		 minor;		/* HTTP/1.minor */
	struct hdr	 h[HTTP1_MAX_HEADERS];
	unsigned	 n;
	enum http1_body_kind body;
	uint64_t	 length;	/* when HTTP1_LENGTH */
	unsigned	 keep_alive : 1, expect_continue : 1, upgrade : 1,
			 has_length : 1;
};

/* Why a head was refused; http1_error_status and _text say it. */
enum http1_error {
	HTTP1_OK, HTTP1_BAD_LINE, HTTP1_BAD_METHOD, HTTP1_BAD_TARGET,
	HTTP1_BAD_VERSION, HTTP1_BAD_HEADER, HTTP1_BAD_HOST,
	HTTP1_BAD_LENGTH, HTTP1_BAD_ENCODING, HTTP1_BOTH_LENGTHS,
	HTTP1_TOO_MANY, HTTP1_LINE_TOO_LONG, HTTP1_HEAD_TOO_LONG,
	HTTP1_BAD_EXPECT, HTTP1_BAD_STATUS, HTTP1_BAD_CHUNK
};

struct http1_limits {
	size_t		max_line;	/* of the first line; 0: 8,192 */
	size_t		max_head;	/* 0: 65,536 */
};

/*
 * Parse a request head at the beginning of p[0..n). *seen is how far an
 * earlier call looked (0 first): no byte is searched twice.
 * > 0: size of the head, out filled (slices of p).
 * ERR_AGAIN: more bytes needed. ERR_FORMAT: refused, *why says for what; the
 * first fault counts, however the bytes were cut. A control byte, a bare line
 * end or a bad first line is refused as soon as it is there, the rest at the
 * latest when the head is complete.
 */
long http1_request(const char *p, size_t n, size_t *seen,
    const struct http1_limits *lim, struct http1_head *out,
    enum http1_error *why);
/* The same for a response to a request with that method (HEAD has no body;
 * 1xx, 204, 304 neither). A 1xx head is returned like any other. */
long http1_response(const char *p, size_t n, size_t *seen,
    const struct http1_limits *lim, enum http1_method method,
    struct http1_head *out, enum http1_error *why);

/* Status to answer and one line of text that names the fault and remedy. */
int http1_error_status(enum http1_error e);
const char *http1_error_text(enum http1_error e);
enum http1_method http1_method(struct str name);
/* Reason phrase for a status, "Unknown" when not registered. */
const char *http1_reason(int status);

#endif
