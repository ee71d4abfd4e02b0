/*
 * script_server.h - a provider that answers what a test wrote down.
 *
 * Lives in the test's own loop. The n-th request, over all connections, gets
 * the n-th answer.
 */
#ifndef TEST_SCRIPT_SERVER_H
#define TEST_SCRIPT_SERVER_H

#include "base/buf.h"
#include "net/conn.h"

#define ANS_BYTEWISE	1u	/* one byte per turn */
#define ANS_CLOSE	2u	/* then close */
#define ANS_RESET	4u	/* then reset */
#define ANS_EARLY	8u	/* as soon as the head is there */
#define ANS_REPEAT	16u	/* send it over and over */

struct answer {
	const char	*text;		/* NULL: none */
	unsigned	 how;
	size_t		 n;		/* 0: strlen */
};

struct server_conn;
struct server {
	struct ev_loop	*loop;
	struct conn_set	*set;
	struct tls_ctx	*tls;
	struct ev_io	 io;
	int		 fd;
	unsigned	 port;
	const struct answer *answers;
	unsigned	 n_answers;
	unsigned	 accepted, requests, answered;
	struct buf	 last;		/* head and body of the last request */
	int		 proxy;		/* answer CONNECT, then be the origin */
	unsigned	 connects;
	struct buf	 last_connect;
	LIST_HEAD(, server_conn) conns;
};

void server_start(struct server *s, struct ev_loop *loop,
    struct conn_set *set, struct tls_ctx *tls);
void server_stop(struct server *s);
void server_script(struct server *s, const struct answer *a, unsigned n);
/* Close all connections from its side, now. */
void server_hang_up(struct server *s);
/* The same with a reset. */
void server_reset(struct server *s);
unsigned server_open(const struct server *s);

#endif
