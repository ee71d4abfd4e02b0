/*
 * client.h - the life of a client connection (serve.c).
 *
 * One request at a time; what a client pipelines behind it waits in the
 * connection. Requests use these calls and never touch the socket.
 */
#ifndef WORKER_CLIENT_H
#define WORKER_CLIENT_H

#include "net/http1.h"
#include "net/http1_body.h"
#include "worker/worker.h"

struct req;

enum client_state {
	CLIENT_PREFACE,		/* a proxy tells who it is (preface.c) */
	CLIENT_HEAD,		/* waiting for or reading a request head */
	CLIENT_BUSY,		/* a request is under way */
	CLIENT_CLOSING
};

struct client {
	TAILQ_ENTRY(client) link;
	struct worker	*w;
	struct conn	*conn;		/* NULL: preface */
	struct preface	*preface;
	enum client_state state;
	struct buf	 in;		/* read and not yet used */
	uint64_t	 counted;	/* of it in the budget */
	size_t		 seen;		/* of the head parser */
	struct req	*req;
	struct ev_timer	 timer;
	struct ev_task	 task;		/* look at the input again */
	struct http1_body body;
	unsigned char	 peer[16];
	unsigned	 port;
	uint64_t	 n_requests;
	unsigned	 local : 1,	/* Unix socket */
			 eof : 1,	/* the client sends no more */
			 failed : 1, counted_idle : 1;
	int64_t		 progress_us;
	size_t		 body_mark;	/* of the body, as of progress_us */
};

/* Bytes of a body that are read at a time. */
#define CLIENT_BODY_SLICE (64u << 10)

/* What may wait for a client while all together hold too much. */
#define CLIENT_PRESSED (16u << 10)

/* Take over an accepted descriptor; one too many for client.max_connections
 * is told so with a 503, or over TLS just closed. */
void client_accept(struct worker *w, int fd, struct listener *l);
/* Close all connections that wait between requests; the others when done. */
void client_drain_all(struct worker *w);
void client_close(struct client *c);

/* --- for preface.c ----------------------------------------------------- */

/* The connection is that of this address. */
void client_from(struct client *c, const unsigned char addr[16],
    unsigned port);
/* From here on it is spoken HTTP, or TLS first; ends the preface. */
void client_begin(struct client *c, int fd, struct listener *l);

/* --- serve_body.c and serve.c ------------------------------------------ */

/* Keep bytes that nobody can use yet: 0, ERR_TOOBIG or ERR_NOMEM. */
int client_keep(struct client *c, const char *p, size_t n);
void client_free_input(struct client *c);

/* --- for requests ------------------------------------------------------ */

/*
 * Read body bytes into b, whose memory counts in the budget: ERR_OK when the
 * body is complete, ERR_AGAIN (*more: there may be more now, for req_go_on),
 * ERR_LIMIT (no room in the budget; nothing is lost), ERR_FORMAT
 * (framing), ERR_TOOBIG, ERR_NOMEM, ERR_CLOSED.
 */
int client_read_body(struct client *c, struct buf *b, int *more);
/* Drop a body that nobody wants: 1 when it was all there, 0 when the rest
 * would have to be waited for. */
int client_skip_body(struct client *c);
/* Send "100 Continue" now. */
void client_continue(struct client *c);
/* Queue bytes of the answer. */
void client_write(struct client *c, const void *p, size_t n);
enum { CLIENT_CUT = 1, CLIENT_RESET };

/*
 * The answer is complete: read the next request, or (keep = 0) close after
 * what is queued went out. abort: break the connection so that the client
 * sees the truncation; CLIENT_RESET when a close would look like the end. The
 * request is gone for the connection.
 */
void client_finish(struct client *c, int keep, int abort);
/* Call req_client_timer in delay_us. */
void client_watch(struct client *c, int64_t delay_us);

#endif
