/*
 * hdr.h - header fields of HTTP messages (RFC 9110, 5).
 */
#ifndef NET_HDR_H
#define NET_HDR_H

#include "base/str.h"
#include "conf/headers.h"

/* Names that the program looks at; others are HDR_OTHER. */
enum hdr_id {
	HDR_OTHER,
#define X(id, name, kind) HDR_##id,
	HEADERS(X)
#undef X
	HDR_IDS
};

struct hdr {
	struct str	 name, value;	/* value without outer blanks */
	enum hdr_id	 id;
};

/* Id of a name, any case. */
enum hdr_id hdr_id(struct str name);
/* First field of that id or name among n, or NULL. */
const struct hdr *hdr_find(const struct hdr *h, unsigned n, enum hdr_id id);
const struct hdr *hdr_find_name(const struct hdr *h, unsigned n,
    struct str name);
/* 1 when name is a token and value has no control bytes but tab: safe to
 * send. */
int hdr_valid(struct str name, struct str value);
/* 1 for fields with which a client shows its key. */
int hdr_is_credential(enum hdr_id id);
/* 1 for fields that concern one connection only (RFC 9110, 7.6.1). */
int hdr_hop_by_hop(enum hdr_id id);
/* 1 for fields of a client that never reach a provider: these, those of the
 * framing and what is between the client and us. */
int hdr_kept_back(enum hdr_id id);
/* 1 when the comma-separated list value contains token, any case. */
int hdr_has_token(struct str value, struct str token);

#endif
