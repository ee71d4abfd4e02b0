/*
 * net.c - networks and addresses as text, for the conf layer.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/num.h"
#include "conf/net.h"

static const unsigned char v4_prefix[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

/* 32 or 128: the length of an address of its family; 0: none. */
static unsigned
ip_parse(struct str s, unsigned char out[16])
{
	char text[INET6_ADDRSTRLEN];

	if (s.n == 0 || str_copy(text, sizeof(text), s) != 0)
		return 0;
	memcpy(out, v4_prefix, sizeof(v4_prefix));
	if (inet_pton(AF_INET, text, out + 12) == 1)
		return 32;
	return inet_pton(AF_INET6, text, out) == 1 ? 128 : 0;
}

static int
host_bits_zero(const unsigned char addr[16], unsigned bits)
{
	unsigned i;

	for (i = bits; i < 128; i++)
		if (addr[i / 8] & 0x80 >> i % 8)
			return 0;
	return 1;
}

const char *
conf_cidr_parse(struct str s, struct conf_cidr *out)
{
	long slash = str_chr(s, '/');
	struct conf_cidr c;
	uint64_t bits;
	unsigned full;

	full = ip_parse(slash < 0 ? s : str_make(s.p, (size_t)slash), c.addr);
	if (full == 0)
		return "must be a network such as \"10.0.0.0/8\" or \"::1\"";
	bits = full;
	if (slash >= 0 && (num_u64(str_skip(s, (size_t)slash + 1), &bits) != 0
	    || bits > full))
		return full == 32 ? "the length must be 0 to 32" :
		    "the length must be 0 to 128";
	c.bits = (unsigned)bits + 128 - full;
	if (!host_bits_zero(c.addr, c.bits))
		return "there are address bits behind the mask";
	*out = c;
	return NULL;
}

void
conf_cidr_text(const struct conf_cidr *c, char out[CONF_CIDR_SIZE])
{
	int v4 = c->bits >= 96 &&
	    memcmp(c->addr, v4_prefix, sizeof(v4_prefix)) == 0;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? c->addr + 12 : c->addr, text,
	    sizeof(text));
	snprintf(out, CONF_CIDR_SIZE, "%s/%u", text,
	    v4 ? c->bits - 96 : c->bits);
}

int
conf_cidrs_match(const struct conf_cidrs *l, const unsigned char addr[16])
{
	unsigned i, bytes, rest;

	for (i = 0; i < l->n; i++) {
		bytes = l->v[i].bits / 8;
		rest = l->v[i].bits % 8;
		if (memcmp(addr, l->v[i].addr, bytes) != 0)
			continue;
		if (rest == 0 ||
		    (addr[bytes] ^ l->v[i].addr[bytes]) >> (8 - rest) == 0)
			return 1;
	}
	return 0;
}

static const char *
unix_parse(struct str path, struct conf_addr *out)
{
	if (path.n == 0 || path.p[0] != '/')
		return "a Unix socket needs a whole path: \"unix:/path\"";
	if (path.n >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return "the path of the Unix socket is too long";
	out->is_unix = out->loopback = 1;
	return NULL;
}

const char *
conf_addr_parse(struct str s, struct conf_addr *out)
{
	static const unsigned char zero[16], one[16] = { [15] = 1 };
	unsigned char ip[16];
	struct str host;
	uint64_t port;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (str_starts(s, STR("unix:")))
		return unix_parse(str_skip(s, 5), out);
	for (i = s.n; i > 0 && s.p[i - 1] != ':'; i--)
		;
	if (i < 2 || num_u64(str_skip(s, i), &port) != 0)
		return "must be \"address:port\", \"[v6]:port\", \"*:port\" or "
		    "\"unix:/path\"";
	if (port > 65535)
		return "the port must be 0 to 65535";
	out->port = (unsigned)port;
	host = str_make(s.p, i - 1);
	if (str_eqc(host, "*")) {
		out->any = 1;
		return NULL;
	}
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
		if (ip_parse(str_make(host.p + 1, host.n - 2), ip) != 128)
			return "the address in brackets must be an IPv6 address";
	} else if (ip_parse(host, ip) != 32)
		return "the address must be an IP address, IPv6 in brackets, "
		    "or \"*\"";
	out->any = memcmp(ip, zero, 16) == 0 ||
	    (memcmp(ip, v4_prefix, 12) == 0 && memcmp(ip + 12, zero, 4) == 0);
	out->loopback = memcmp(ip, one, 16) == 0 ||
	    (memcmp(ip, v4_prefix, 12) == 0 && ip[12] == 127);
	return NULL;
}
