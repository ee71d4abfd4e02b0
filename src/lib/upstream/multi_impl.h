/*
 * multi_impl.h - a libcurl transfer, as fetch_curl uses it.
 */
#ifndef UPSTREAM_MULTI_IMPL_H
#define UPSTREAM_MULTI_IMPL_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "conf/conf.h"
#include "net/addr.h"
#include "net/hdr.h"
#include "upstream/multi.h"
#include "upstream/outcome.h"

/* Before anything of libcurl is used; again: nothing. */
void multi_init(void);
/* An easy handle of the process, without options but the shared ones. */
CURL *multi_easy(struct multi *m);

struct sock;

struct multi_xfer {
	TAILQ_ENTRY(multi_xfer) link;	/* of those to be removed */
	struct multi	*m;
	CURL		*easy;
	void		*arg;		/* the user's; NULL once dropped */
	void		(*done)(void *arg, CURLcode rc);
	/* Asked for every address before it is used: 1 refuses it. */
	int		(*guarded)(void *arg, const unsigned char addr[16]);
	/* Who is to hear of sockets: opened and, when it is gone, closed. */
	void		*owner;
	void		(*opened)(void *owner);
	void		(*closed)(void *owner);
	/* The connection is there and the request goes out; may be NULL. */
	void		(*sending)(void *arg);
	struct curl_slist *resolve, *headers, *proxy_headers;
	char		 err[CURL_ERROR_SIZE];
	char		 refused[ADDR_TEXT_SIZE];	/* by guarded, or "" */
	int		 ours;		/* we could not make a socket */
	int		 sends;		/* times the request was sent */
	int		 max_sends;	/* 1: never silently again */
	struct sock	*sock;		/* where the request went */
	int		 unheard;	/* it ended, and nothing had arrived */
	int		 added;
};

/* libcurl has a new socket for x, and closes one. */
void multi_sock_add(struct multi_xfer *x, int fd);
int multi_sock_close(void *m, curl_socket_t fd);
/* The request of x goes out on the socket with this local port. */
void multi_sock_use(struct multi_xfer *x, int local_port);

/*
 * A transfer with the rules of the house: no redirects, no environment
 * proxies, no names looked up when addresses are given, no second send of a
 * request. p: TLS, proxy and version of the provider.
 */
struct multi_xfer *multi_xfer_new(struct multi *m,
    const struct conf_provider *p, void *arg,
    void (*done)(void *arg, CURLcode rc));
/* Go through this proxy. */
void multi_proxy_set(struct multi_xfer *x, const char *url);
/* Is it what libcurl has to know of a proxy's account? Could it be, by what it
 * takes with its NUL? */
int multi_proxy_is_secret(const char *text);
int multi_proxy_is_size(size_t size);
/* Not by HTTP/2, though the provider speaks it. */
void multi_xfer_http1(struct multi_xfer *x);
/* The addresses of host:port. */
void multi_xfer_addrs(struct multi_xfer *x, const char *host, unsigned port,
    const unsigned char (*addr)[16], unsigned n);
/*
 * Request fields; those of one connection are left out, and what libcurl
 * would add by itself is kept out. 0, or ERR_FORMAT for one that may not be
 * sent.
 */
int multi_xfer_headers(struct multi_xfer *x, const char *host_header,
    const struct hdr *h, unsigned n);
/* Method and body size (-1: none); the body comes by the read function. */
void multi_xfer_method(struct multi_xfer *x, struct str method, int64_t size);
/* Begin. Not from inside a callback of libcurl: use a task. */
int multi_xfer_start(struct multi_xfer *x);
/* Stop and free, at any time; accepts NULL, sets NULL. */
void multi_xfer_drop(struct multi_xfer **xp);
/* Go on after the write function has paused; from a task. */
void multi_xfer_continue(struct multi_xfer *x);
/* What a result means. head: the answer's head was complete. */
enum outcome multi_outcome(const struct multi_xfer *x, CURLcode rc, int head);
/* Text of the failure. */
const char *multi_why(const struct multi_xfer *x, CURLcode rc);

#endif
