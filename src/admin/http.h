/*
 * http.h - a small HTTP server for the admin listener.
 *
 * Whole requests in, whole answers out; streams are the workers' business.
 */
#ifndef ADMIN_HTTP_H
#define ADMIN_HTTP_H

#include "net/conn.h"
#include "net/http1.h"

#define HTTP_BODY_MAX	(4u << 20)	/* bytes of a request body */
#define HTTP_ANSWER_MAX	(64u << 20)
#define HTTP_CONNS_MAX	256

struct http_req {
	const struct http1_head *head;
	struct str	 body;
	unsigned char	 peer[16];
	/* the answer: 200, "application/json", empty until said otherwise */
	int		 status;
	const char	*type;		/* static text */
	struct buf	 out;
	struct buf	 headers;	/* further lines, each with CRLF */
};

struct http;

/* fn answers a request: 0. ERR_AGAIN: it is asked again in the next turn, as if
 * for the first time. */
struct http *http_new(struct ev_loop *loop, struct conn_set *conns,
    int (*fn)(void *arg, struct http_req *r), void *arg);
/* Accept on fd too: 0 or ERR_SYSTEM. */
int http_listen(struct http *h, int fd);
/* Accept no more; idle connections close now, others after their answer. */
void http_drain(struct http *h);

#endif
