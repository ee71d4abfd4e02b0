/*
 * http1_field.h - what the parts of an HTTP/1 head mean for its framing.
 *
 * For http1.c only. The parser gives each part as it comes; the first fault
 * ends the head.
 */
#ifndef NET_HTTP1_FIELD_H
#define NET_HTTP1_FIELD_H

#include "net/http1.h"

/* What the field lines said so far. */
struct http1_fields {
	struct http1_head *out;
	unsigned char	 request, host, length, chunked, close, keep_alive,
			 expect, upgrade, upgrade_token, type;
};

/* Start: every member of out gets a value but h, of which n are none. */
void http1_fields_init(struct http1_fields *f, struct http1_head *out,
    int request);
/*
 * Judge the form of the target that is in out->target, with what stands before
 * '?' in out->path; sets out->path and, for the forms that name one,
 * out->host.
 */
enum http1_error http1_target(struct http1_head *out);
/* Ids that http1_field looks at: 1 when id is one of them. */
#define FRAMING(id)	(1ULL << HDR_##id)
static inline int
http1_is_framing(enum hdr_id id)
{
	return (1ULL << id & (FRAMING(CONTENT_LENGTH) |
	    FRAMING(TRANSFER_ENCODING) | FRAMING(CONNECTION) |
	    FRAMING(HOST) | FRAMING(UPGRADE) | FRAMING(EXPECT) |
	    FRAMING(CONTENT_TYPE))) != 0;
}
#undef FRAMING
_Static_assert(HDR_IDS <= 64, "ids do not fit a word");

/* 1 for Content_Length and the like, which some readers take for the name with
 * hyphens. */
int http1_looks_framing(struct str name);

/* One field with such an id. */
enum http1_error http1_field(struct http1_fields *f, const struct hdr *h);
/* The head is complete: set body, length and flags of out. */
enum http1_error http1_end_request(struct http1_fields *f);
void http1_end_response(struct http1_fields *f, enum http1_method asked);

#endif
