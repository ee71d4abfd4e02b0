/*
 * headers.h - the header fields that the gateway knows, one row each.
 *
 * A row is all that is told of a field: its id, its name, what may not be done
 * with it. From it come enum hdr_id and the parser's table (net/hdr.h; net/hdr.c
 * wants the place of a new name), what the configuration may name, and what of
 * a client's fields never reaches a provider.
 */
#ifndef CONF_HEADERS_H
#define CONF_HEADERS_H

#define HEADER_HOP	1	/* of one connection (RFC 9110, 7.6.1) */
#define HEADER_FRAMING	2	/* of a connection or of the framing: no
				   provider's option may name it */
#define HEADER_PRIVATE	4	/* between the client and us */
#define HEADER_SESSION	8	/* names a session */
#define HEADER_LINK	(HEADER_HOP | HEADER_FRAMING)
/* What of a client's fields no provider gets, whatever is configured. */
#define HEADER_KEPT	(HEADER_HOP | HEADER_FRAMING | HEADER_PRIVATE)

#define HEADERS(X)							\
	X(HOST, "host", HEADER_FRAMING)					\
	X(CONTENT_LENGTH, "content-length", HEADER_FRAMING)		\
	X(TRANSFER_ENCODING, "transfer-encoding", HEADER_LINK)		\
	X(CONNECTION, "connection", HEADER_LINK)			\
	X(KEEP_ALIVE, "keep-alive", HEADER_LINK)			\
	X(UPGRADE, "upgrade", HEADER_LINK)				\
	X(TE, "te", HEADER_LINK)					\
	X(TRAILER, "trailer", HEADER_LINK)				\
	X(EXPECT, "expect", HEADER_FRAMING)				\
	X(CONTENT_TYPE, "content-type", 0)				\
	X(CONTENT_ENCODING, "content-encoding", 0)			\
	X(ACCEPT, "accept", 0)						\
	X(ACCEPT_ENCODING, "accept-encoding", HEADER_PRIVATE)		\
	X(AUTHORIZATION, "authorization", HEADER_PRIVATE)		\
	X(X_API_KEY, "x-api-key", HEADER_PRIVATE)			\
	X(API_KEY, "api-key", HEADER_PRIVATE)				\
	X(X_GOOG_API_KEY, "x-goog-api-key", HEADER_PRIVATE)		\
	X(PROXY_AUTHORIZATION, "proxy-authorization",			\
	    HEADER_HOP | HEADER_PRIVATE)				\
	X(PROXY_AUTHENTICATE, "proxy-authenticate",			\
	    HEADER_HOP | HEADER_PRIVATE)				\
	X(PROXY_CONNECTION, "proxy-connection", HEADER_LINK)		\
	X(COOKIE, "cookie", HEADER_PRIVATE)				\
	X(SET_COOKIE, "set-cookie", 0)					\
	X(LOCATION, "location", 0)					\
	X(USER_AGENT, "user-agent", 0)					\
	X(REFERER, "referer", 0)					\
	X(ORIGIN, "origin", 0)						\
	X(DATE, "date", 0)						\
	X(SERVER, "server", 0)						\
	X(RETRY_AFTER, "retry-after", 0)				\
	X(X_REQUEST_ID, "x-request-id", HEADER_PRIVATE)			\
	X(REQUEST_ID, "request-id", 0)					\
	X(X_FORWARDED_FOR, "x-forwarded-for", HEADER_PRIVATE)		\
	X(FORWARDED, "forwarded", HEADER_PRIVATE)			\
	X(X_REAL_IP, "x-real-ip", HEADER_PRIVATE)			\
	X(X_SESSION_ID, "x-session-id", HEADER_SESSION)			\
	X(ANTHROPIC_VERSION, "anthropic-version", 0)			\
	X(ANTHROPIC_BETA, "anthropic-beta", 0)				\
	X(OPENAI_BETA, "openai-beta", 0)

#endif
