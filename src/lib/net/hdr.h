/*
 * hdr.h - header fields of HTTP messages (RFC 9110, 5).
 */
#ifndef NET_HDR_H
#define NET_HDR_H

#include "base/str.h"

/* Names that the program looks at; others are HDR_OTHER. */
#define HDR_LIST(X)							\
	X(HOST, "host") X(CONTENT_LENGTH, "content-length")		\
	X(TRANSFER_ENCODING, "transfer-encoding")			\
	X(CONNECTION, "connection") X(KEEP_ALIVE, "keep-alive")		\
	X(UPGRADE, "upgrade") X(TE, "te") X(TRAILER, "trailer")		\
	X(EXPECT, "expect") X(CONTENT_TYPE, "content-type")		\
	X(CONTENT_ENCODING, "content-encoding")				\
	X(ACCEPT, "accept") X(ACCEPT_ENCODING, "accept-encoding")	\
	X(AUTHORIZATION, "authorization") X(X_API_KEY, "x-api-key")	\
	X(API_KEY, "api-key") X(X_GOOG_API_KEY, "x-goog-api-key")	\
	X(PROXY_AUTHORIZATION, "proxy-authorization")			\
	X(PROXY_AUTHENTICATE, "proxy-authenticate")			\
	X(PROXY_CONNECTION, "proxy-connection")				\
	X(COOKIE, "cookie") X(SET_COOKIE, "set-cookie")			\
	X(LOCATION, "location") X(USER_AGENT, "user-agent")		\
	X(REFERER, "referer") X(ORIGIN, "origin") X(DATE, "date")	\
	X(SERVER, "server") X(RETRY_AFTER, "retry-after")		\
	X(X_REQUEST_ID, "x-request-id") X(REQUEST_ID, "request-id")	\
	X(X_FORWARDED_FOR, "x-forwarded-for") X(FORWARDED, "forwarded")	\
	X(X_REAL_IP, "x-real-ip") X(X_SESSION_ID, "x-session-id")	\
	X(ANTHROPIC_VERSION, "anthropic-version")			\
	X(ANTHROPIC_BETA, "anthropic-beta")				\
	X(OPENAI_BETA, "openai-beta")

enum hdr_id {
	HDR_OTHER,
#define X(id, name) HDR_##id,
	HDR_LIST(X)
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
/* 1 when the comma-separated list value contains token, any case. */
int hdr_has_token(struct str value, struct str token);

#endif
