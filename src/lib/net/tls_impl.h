/*
 * tls_impl.h - what the two halves of tls share: contexts and connections.
 */
#ifndef NET_TLS_IMPL_H
#define NET_TLS_IMPL_H

#include <openssl/ssl.h>
#include <sys/queue.h>

#include "net/tls.h"

#define TLS_SESSIONS	8	/* kept per name: a 1.3 ticket serves once */

/* Sessions of one server name, newest last. */
struct tls_name {
	SLIST_ENTRY(tls_name) link;
	SSL_SESSION	*session[TLS_SESSIONS];
	unsigned	 n;
	char		 name[];
};

struct tls_ctx {
	SSL_CTX		*ssl_ctx;
	unsigned	 refs;		/* the owner and every connection */
	int		 client, verify;
	SLIST_HEAD(, tls_name) names;
};

struct tls {
	SSL		*ssl;
	struct tls_ctx	*ctx;
	struct tls_name	*name;		/* client with a name */
	char		*err;
	uint64_t	 sent;
	char		*got, *got_end;	/* received, in OpenSSL's buffer */
	int		 held;		/* OpenSSL may have buffers */
	int		 fd;
	int		 sys_errno;	/* of the last failed system call */
	unsigned	 is_short : 1,	/* short read: counts as empty */
			 eof_seen : 1,	/* the peer shut its side */
			 broken : 1;
};

/* Keep a session for the next connection to name; takes it over. */
void tls_name_put(struct tls_name *n, SSL_SESSION *s);
/* The newest usable session, to be freed by the caller, or NULL. */
SSL_SESSION *tls_name_take(struct tls_name *n);
struct tls_name *tls_ctx_name(struct tls_ctx *ctx, const char *name);
void tls_ctx_unref(struct tls_ctx *ctx);
/* The newest error of the OpenSSL queue as text; empties the queue. */
void tls_queue_text(char *dst, size_t size, const char *what);

#endif
