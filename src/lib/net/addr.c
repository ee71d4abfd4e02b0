/*
 * addr.c - IP addresses and networks.
 *
 * Runs in: every process.
 * Owns: nothing.
 *
 * Guarded networks are rows of two tables. Forms that carry an IPv4 address
 * inside are judged by that address where a route to it may exist (v4-mapped,
 * NAT64, 6to4); the dead ones (v4-compatible, translated, Teredo) are guarded
 * as a whole.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/err.h"
#include "base/num.h"
#include "net/addr.h"

static const unsigned char mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

/* Where the four bytes of an IPv4 address stand inside other forms. */
static const struct {
	unsigned char	 net[16];
	unsigned	 bits, at;
} embedded[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96, 12 },	/* v4-mapped */
	{ { 0, 0x64, 0xff, 0x9b }, 96, 12 },		/* NAT64 */
	{ { 0x20, 0x02 }, 16, 2 },			/* 6to4 */
};

static const struct {
	unsigned char	 net[4];
	unsigned	 bits;
} guarded4[] = {
	{ { 0 }, 8 },			/* "this" network */
	{ { 10 }, 8 },			/* private */
	{ { 100, 64 }, 10 },		/* carrier-grade NAT */
	{ { 127 }, 8 },			/* loopback */
	{ { 168, 63, 129, 16 }, 32 },	/* host agent of a large cloud */
	{ { 169, 254 }, 16 },		/* link-local, metadata services */
	{ { 172, 16 }, 12 },		/* private */
	{ { 192, 0, 0 }, 24 },		/* protocol assignments */
	{ { 192, 0, 2 }, 24 },		/* documentation */
	{ { 192, 88, 99 }, 24 },	/* 6to4 relays, withdrawn */
	{ { 192, 168 }, 16 },		/* private */
	{ { 198, 18 }, 15 },		/* benchmarks */
	{ { 198, 51, 100 }, 24 },	/* documentation */
	{ { 203, 0, 113 }, 24 },	/* documentation */
	{ { 224 }, 4 },			/* multicast */
	{ { 240 }, 4 },			/* reserved, broadcast */
};

static const struct {
	unsigned char	 net[16];
	unsigned	 bits;
} guarded6[] = {
	{ { 0 }, 96 },			/* ::, ::1, v4-compatible */
	{ { [8] = 0xff, [9] = 0xff }, 96 },	/* ::ffff:0:a.b.c.d */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 },	/* local NAT64 */
	{ { 0x01 }, 64 },		/* discard */
	{ { 0x20, 0x01 }, 23 },		/* protocol assignments, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documentation */
	{ { 0x3f, 0xff }, 20 },		/* documentation */
	{ { 0x5f }, 16 },		/* segment routing */
	{ { 0xfc }, 7 },		/* unique local */
	{ { 0xfe, 0x80 }, 10 },		/* link-local */
	{ { 0xfe, 0xc0 }, 10 },		/* site-local, withdrawn */
	{ { 0xff }, 8 },		/* multicast */
};

/* 1 when the first bits bits of a and b are equal. */
static int
prefix_eq(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (whole > 0 && memcmp(a, b, whole) != 0)
		return 0;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

int
addr_parse(struct str s, unsigned char out[16])
{
	unsigned char a[16];
	char text[ADDR_TEXT_SIZE];
	int brackets = s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';

	if (brackets)
		s = str_make(s.p + 1, s.n - 2);
	if (s.n == 0 || memchr(s.p, '\0', s.n) != NULL ||
	    str_copy(text, sizeof(text), s) != 0)
		return ERR_FORMAT;
	if (!brackets && inet_pton(AF_INET, text, a + 12) == 1)
		memcpy(a, mapped, sizeof(mapped));
	else if (inet_pton(AF_INET6, text, a) != 1)
		return ERR_FORMAT;
	memcpy(out, a, sizeof(a));
	return 0;
}

int
addr_parse_port(struct str s, unsigned char out[16])
{
	long colon = str_chr(s, ':'), end = str_chr(s, ']');
	size_t i, n = s.n;

	if (end >= 0)			/* [v6] */
		n = (size_t)end + 1;
	else if (colon >= 0 && str_chr(str_skip(s, (size_t)colon + 1),
	    ':') < 0)			/* no v6 */
		n = (size_t)colon;
	if (n < s.n && (s.p[n] != ':' || s.n - n < 2 || s.n - n > 6))
		return ERR_FORMAT;
	for (i = n + 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return ERR_FORMAT;
	return addr_parse(str_make(s.p, n), out);
}

/* What inet_ntop does with a format of printf: it is in each line of the log. */
static void
v4_text(const unsigned char a[4], char *out)
{
	int i;

	for (i = 0; i < 4; i++) {
		out += num_put_u64(out, a[i]);
		*out++ = i < 3 ? '.' : '\0';
	}
}

void
addr_text(const unsigned char addr[16], char out[ADDR_TEXT_SIZE])
{
	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		v4_text(addr + 12, out);
	else
		inet_ntop(AF_INET6, addr, out, ADDR_TEXT_SIZE);
}

int
addr_to_sock(const unsigned char addr[16], unsigned port,
    struct sockaddr_storage *ss)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(ss, 0, sizeof(*ss));
	if (port > 65535)
		return ERR_UNSUPPORTED;
	if (memcmp(addr, mapped, sizeof(mapped)) == 0) {
		in.sin_port = htons((uint16_t)port);
		memcpy(&in.sin_addr, addr + 12, 4);
		memcpy(ss, &in, sizeof(in));
		return (int)sizeof(in);
	}
	in6.sin6_port = htons((uint16_t)port);
	memcpy(&in6.sin6_addr, addr, 16);
	memcpy(ss, &in6, sizeof(in6));
	return (int)sizeof(in6);
}

int
addr_from_sock(const struct sockaddr *sa, unsigned char out[16],
    unsigned *port)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof(in));
		memcpy(out, mapped, sizeof(mapped));
		memcpy(out + 12, &in.sin_addr, 4);
		*port = ntohs(in.sin_port);
		return (int)sizeof(in);
	case AF_INET6:
		memcpy(&in6, sa, sizeof(in6));
		memcpy(out, &in6.sin6_addr, 16);
		*port = ntohs(in6.sin6_port);
		return (int)sizeof(in6);
	default:
		return ERR_UNSUPPORTED;
	}
}

int
addr_is_loopback(const unsigned char addr[16])
{
	static const unsigned char one[16] = { [15] = 1 };

	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		return addr[12] == 127;
	return memcmp(addr, one, 16) == 0;
}

static int
is_guarded4(const unsigned char a[4])
{
	size_t i;

	for (i = 0; i < sizeof(guarded4) / sizeof(guarded4[0]); i++)
		if (prefix_eq(a, guarded4[i].net, guarded4[i].bits))
			return 1;
	return 0;
}

int
addr_is_guarded(const unsigned char addr[16])
{
	size_t i;

	for (i = 0; i < sizeof(embedded) / sizeof(embedded[0]); i++)
		if (prefix_eq(addr, embedded[i].net, embedded[i].bits))
			return is_guarded4(addr + embedded[i].at);
	for (i = 0; i < sizeof(guarded6) / sizeof(guarded6[0]); i++)
		if (prefix_eq(addr, guarded6[i].net, guarded6[i].bits))
			return 1;
	return 0;
}

int
addr_in(const unsigned char addr[16], const unsigned char net[16],
    unsigned bits)
{
	return prefix_eq(addr, net, bits > 128 ? 128 : bits);
}
