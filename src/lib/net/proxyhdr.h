/*
 * proxyhdr.h - the header of the PROXY protocol, versions 1 and 2: for whom a
 * TCP proxy has made this connection.
 *
 * Pure and strict: one line of text or one binary block before anything else
 * of the connection. What stands behind the addresses (TLVs) is skipped.
 */
#ifndef NET_PROXYHDR_H
#define NET_PROXYHDR_H

#include "base/str.h"

#define PROXYHDR_MAX	4096	/* bytes of a header that is taken */

struct proxyhdr {
	int		 known;	/* 0: the proxy speaks for itself */
	unsigned char	 addr[16];	/* of the client, v4 mapped */
	unsigned	 port;
};

/* Parse at the front of p[0..n): its size, ERR_AGAIN (more bytes are needed),
 * or ERR_FORMAT. */
long proxyhdr_parse(const char *p, size_t n, struct proxyhdr *out);

#endif
