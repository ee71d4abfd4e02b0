/*
 * net.h - networks and addresses as text, for the conf layer and who takes the
 * same text for a client key.
 *
 * What the net layer does with sockets is net/addr.h.
 */
#ifndef CONF_NET_H
#define CONF_NET_H

#include "conf/conf.h"

#define CONF_CIDR_SIZE	64

/* "10.0.0.0/8", "::1/128", "192.0.2.7": NULL, or what is wrong with it. Bits
 * behind the mask must be zero. */
const char *conf_cidr_parse(struct str s, struct conf_cidr *out);
/* Its text; terminated. */
void conf_cidr_text(const struct conf_cidr *c, char out[CONF_CIDR_SIZE]);

/* What a listener's address is. */
struct conf_addr {
	int		 is_unix;
	int		 any;		/* all addresses */
	int		 loopback;	/* Unix sockets too */
	unsigned	 port;
};
/* "127.0.0.1:8080", "[::1]:80", "*:80", "unix:/path": NULL, or what is wrong. */
const char *conf_addr_parse(struct str s, struct conf_addr *out);

#endif
