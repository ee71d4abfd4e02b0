/*
 * http1_out.h - write heads and chunk framing of HTTP/1.1 messages.
 *
 * A head is written piece by piece into a buffer: first line, fields, end.
 *
 *	http1_out_status(b, 200);
 *	http1_out_date(b, real_us);
 *	http1_out_field(b, STR("content-type"), type);
 *	http1_out_length(b, n);
 *	http1_out_end(b);
 *
 * Each returns 0, ERR_FORMAT (a value that may not be sent), or ERR_TOOBIG or
 * ERR_NOMEM of the buffer; the buffer is then as it was before the call.
 */
#ifndef NET_HTTP1_OUT_H
#define NET_HTTP1_OUT_H

#include <stdint.h>

#include "base/buf.h"
#include "net/hdr.h"

#define HTTP1_OUT_CHUNK	20	/* room for a chunk's size line */
#define HTTP1_OUT_LAST	STR("0\r\n\r\n")	/* behind the last chunk */
#define HTTP1_OUT_CONTINUE	STR("HTTP/1.1 100 Continue\r\n\r\n")

/* "HTTP/1.1 status reason"; status 100 to 999, else ERR_FORMAT. */
int http1_out_status(struct buf *b, int status);
/* "METHOD target HTTP/1.1"; ERR_FORMAT when one of them is not valid. */
int http1_out_request(struct buf *b, struct str method, struct str target);
/* One field; ERR_FORMAT unless hdr_valid. */
int http1_out_field(struct buf *b, struct str name, struct str value);
/* The fields of h, without those that concern one connection or the framing
 * (hdr_hop_by_hop, Content-Length). */
int http1_out_fields(struct buf *b, const struct hdr *h, unsigned n);
/* Content-Length. */
int http1_out_length(struct buf *b, uint64_t n);
/* Date, from microseconds since 1970; made once per second. */
int http1_out_date(struct buf *b, int64_t real_us);
/* The empty line. */
int http1_out_end(struct buf *b);

/*
 * Size line of a chunk of n bytes (n > 0) into dst: its length. Send it, the
 * bytes, then CR LF; HTTP1_OUT_LAST ends the body.
 */
size_t http1_out_chunk(char dst[HTTP1_OUT_CHUNK], uint64_t n);

#endif
