/*
 * proxyhdr.c - the header of the PROXY protocol, versions 1 and 2.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A header that is cut is ERR_AGAIN only as long as it can still become a
 * right one, so that a client without a proxy is not kept waiting.
 */
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "net/addr.h"
#include "net/proxyhdr.h"

#define LINE_MAX_1	107	/* of version 1, with CR LF */
#define FIXED_2		16	/* of version 2, before the addresses */

static const char magic[12] = "\r\n\r\n\0\r\nQUIT\n";

/* --- version 1: text --------------------------------------------------- */

/* The next word, ended by one blank or the end. */
static struct str
word(struct str *rest)
{
	long at = str_chr(*rest, ' ');
	struct str w = *rest;

	if (at < 0)
		*rest = STR_NULL;
	else {
		w.n = (size_t)at;
		*rest = str_skip(*rest, w.n + 1);
	}
	return w;
}

static int
is_address(struct str s, int v6, unsigned char out[16])
{
	if ((str_chr(s, ':') >= 0) != v6 || str_chr(s, '[') >= 0)
		return 0;
	return addr_parse(s, out) == 0;
}

static int
is_port(struct str s, unsigned *out)
{
	uint64_t v;

	if (s.n == 0 || s.n > 5 || (s.n > 1 && s.p[0] == '0') ||
	    num_u64(s, &v) != 0 || v > 65535)
		return 0;
	*out = (unsigned)v;
	return 1;
}

static int
parse_line(struct str line, struct proxyhdr *out)
{
	unsigned char to[16];
	unsigned port;
	struct str family;
	int v6;

	line = str_skip(line, 6);
	family = word(&line);
	if (str_eqc(family, "UNKNOWN"))
		return 0;
	v6 = str_eqc(family, "TCP6");
	if (!v6 && !str_eqc(family, "TCP4"))
		return ERR_FORMAT;
	if (!is_address(word(&line), v6, out->addr) ||
	    !is_address(word(&line), v6, to) ||
	    !is_port(word(&line), &out->port))
		return ERR_FORMAT;
	if (!is_port(line, &port))
		return ERR_FORMAT;
	out->known = 1;
	return 0;
}

static long
parse_text(const char *p, size_t n, struct proxyhdr *out)
{
	size_t max = n < LINE_MAX_1 ? n : LINE_MAX_1;
	const char *end = memchr(p, '\n', max);

	if (end == NULL)
		return n < LINE_MAX_1 ? ERR_AGAIN : ERR_FORMAT;
	if (end == p || end[-1] != '\r' ||
	    memchr(p, '\r', (size_t)(end - p)) != end - 1 ||
	    parse_line(str_make(p, (size_t)(end - 1 - p)), out) != 0)
		return ERR_FORMAT;
	return end + 1 - p;
}

/* --- version 2: binary ------------------------------------------------- */

/* Addresses of TCP over IPv4 and IPv6 say who it is; the other families that
 * exist say nothing that we could use. */
static int
parse_block(const unsigned char *p, size_t n, struct proxyhdr *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t size;

	switch (p[13]) {
	case 0x11:
	case 0x12:
		size = 12;
		break;
	case 0x21:
	case 0x22:
		size = 36;
		break;
	case 0x31:
	case 0x32:
		size = 216;
		break;
	case 0x00:
		size = 0;
		break;
	default:
		return ERR_FORMAT;
	}
	if (n < FIXED_2 + size)
		return ERR_FORMAT;
	if (p[13] == 0x11) {
		memcpy(out->addr, mapped, sizeof(mapped));
		memcpy(out->addr + 12, p + 16, 4);
		out->port = (unsigned)p[24] << 8 | p[25];
		out->known = 1;
	} else if (p[13] == 0x21) {
		memcpy(out->addr, p + 16, 16);
		out->port = (unsigned)p[48] << 8 | p[49];
		out->known = 1;
	}
	return 0;
}

static long
parse_binary(const unsigned char *p, size_t n, struct proxyhdr *out)
{
	size_t size;

	if (n < FIXED_2)
		return ERR_AGAIN;
	size = FIXED_2 + ((size_t)p[14] << 8 | p[15]);
	if (p[12] >> 4 != 2 || (p[12] & 15) > 1 || size > PROXYHDR_MAX)
		return ERR_FORMAT;
	if (n < size)
		return ERR_AGAIN;
	/* LOCAL: the proxy looks whether we live; addresses do not count */
	if ((p[12] & 15) == 1 && parse_block(p, size, out) != 0)
		return ERR_FORMAT;
	return (long)size;
}

long
proxyhdr_parse(const char *p, size_t n, struct proxyhdr *out)
{
	static const char word1[6] = "PROXY ";
	size_t m;

	memset(out, 0, sizeof(*out));
	m = n < sizeof(word1) ? n : sizeof(word1);
	if (memcmp(p, word1, m) == 0)
		return m < sizeof(word1) ? ERR_AGAIN : parse_text(p, n, out);
	m = n < sizeof(magic) ? n : sizeof(magic);
	if (memcmp(p, magic, m) != 0)
		return ERR_FORMAT;
	return m < sizeof(magic) ? ERR_AGAIN :
	    parse_binary((const unsigned char *)p, n, out);
}
