/*
 * addr.h - IP addresses as 16 bytes (IPv4 is v4-mapped) and networks.
 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <sys/socket.h>

#include "base/str.h"

#define ADDR_TEXT_SIZE	64

/* "1.2.3.4", "::1", "[::1]": 0 or ERR_FORMAT. Only the canonical forms of
 * inet_pton; no octal, no hex, no short forms. */
int addr_parse(struct str s, unsigned char out[16]);
/* The same, also with a port behind: "1.2.3.4:80", "[::1]:80". */
int addr_parse_port(struct str s, unsigned char out[16]);
void addr_text(const unsigned char addr[16], char out[ADDR_TEXT_SIZE]);
/* To and from sockaddr; the length of the sockaddr, or ERR_UNSUPPORTED (a port
 * over 65535, another family). */
int addr_to_sock(const unsigned char addr[16], unsigned port,
    struct sockaddr_storage *ss);
int addr_from_sock(const struct sockaddr *sa, unsigned char out[16],
    unsigned *port);
int addr_is_loopback(const unsigned char addr[16]);
/*
 * 1 for addresses no provider may have unless allowed: unspecified, loopback,
 * private, link-local, CGNAT, multicast, reserved, ULA, documentation,
 * benchmarks, protocol assignments, and the v4-mapped, NAT64 and 6to4 forms of
 * these; all of Teredo, v4-compatible and site-local. The tables of addr.c say
 * which networks these are.
 */
int addr_is_guarded(const unsigned char addr[16]);
/* 1 when the first bits bits are equal (v4 networks have bits + 96). */
int addr_in(const unsigned char addr[16], const unsigned char net[16],
    unsigned bits);

#endif
