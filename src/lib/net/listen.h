/*
 * listen.h - listening sockets: TCP v4/v6 and Unix.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/str.h"

struct listen_addr {
	int		 family;	/* AF_INET, AF_INET6, AF_UNIX */
	char		 host[64];
	unsigned	 port;
	char		 path[108];
};

/*
 * "127.0.0.1:8080", "[::]:443" (IPv6 only), "*:80" (both), "unix:/path": 0 or
 * ERR_FORMAT. Addresses only, no names; host keeps the text as it is.
 */
int listen_parse(struct str s, struct listen_addr *out);
/* Bind and listen (non-blocking, close-on-exec, backlog 4,096, nodelay). A
 * stale Unix socket nobody answers on is replaced; mode as octal text or "".
 * fd, or ERR_SYSTEM with text in err. */
int listen_open(const struct listen_addr *a, const char *mode, char *err,
    size_t errsize);
/* How a client on this machine reaches a listener: "https://[::1]:8443",
 * "unix:/path". ERR_FORMAT when address is none, ERR_TOOBIG. */
int listen_url(struct str address, int tls, char *url, size_t size);
/* Port actually bound (for port 0), or 0. */
unsigned listen_port(int fd);

#endif
