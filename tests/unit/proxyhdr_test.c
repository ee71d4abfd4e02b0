/* proxyhdr_test.c - the PROXY protocol: right headers byte by byte, wrong ones,
 * and every cut of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "net/addr.h"
#include "net/proxyhdr.h"
#include "tap.h"

#define MAGIC	"\r\n\r\n\0\r\nQUIT\n"

/* A right header: each cut asks for more, bytes behind it do not matter. */
static void
right(const char *p, size_t n, const char *addr, unsigned port)
{
	char text[ADDR_TEXT_SIZE], b[600];
	struct proxyhdr h;
	size_t i;

	for (i = 0; i < n; i++)
		EQ_INT(proxyhdr_parse(p, i, &h), ERR_AGAIN);
	memcpy(b, p, n);
	memcpy(b + n, "GET / HTTP/1.1\r\n", 16);
	EQ_INT(proxyhdr_parse(b, n + 16, &h), n);
	EQ_INT(h.known, addr != NULL);
	if (addr == NULL)
		return;
	addr_text(h.addr, text);
	EQ_STR(text, addr);
	EQ_INT(h.port, port);
}

#define LINE(s)	s "\r\n", sizeof(s "\r\n") - 1

TEST(text)
{
	right(LINE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443"),
	    "192.0.2.7", 56324);
	right(LINE("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535"),
	    "255.255.255.255", 65535);
	right(LINE("PROXY TCP6 2001:db8::7 ::1 1 0"), "2001:db8::7", 1);
	right(LINE("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2"), "192.0.2.7", 1);
	right(LINE("PROXY UNKNOWN"), NULL, 0);
	right(LINE("PROXY UNKNOWN whatever it says 1 2"), NULL, 0);
}

TEST(wrong_text)
{
	static const char *const bad[] = {
		"PROXY", "PROXY ", "PROXY TCP4", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 ",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3", "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2",
		"PROXY TCP4  1.2.3.4 1.2.3.4 1 2", "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536",
		"PROXY TCP4 1.2.3.4 1.2.3.4 01 2", "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 +2", "PROXY TCP4 1.2.3 1.2.3.4 1 2",
		"PROXY TCP4 1.2.3.4 x 1 2", "PROXY TCP4 01.2.3.4 1.2.3.4 1 2",
		"PROXY TCP4 ::1 ::1 1 2", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2",
		"PROXY TCP6 [::1] ::1 1 2", "PROXY TCP6 ::1%lo ::1 1 2",
		"PROXY TCP4 1.2.3.4\t1.2.3.4 1 2", "PROXY tcp4 1.2.3.4 1.2.3.4 1 2",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r", "PROXY\rTCP4 1.2.3.4 1.2.3.4 1 2",
		"PROXY UNKNOWNS", "proxy UNKNOWN", "GET / HTTP/1.1", "\r", "",
		"PROXY UNKNOWN 0123456789012345678901234567890123456789012345678"
		"901234567890123456789012345678901234567890123456789",
	};
	struct proxyhdr h;
	char b[300];
	size_t i;
	int n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = snprintf(b, sizeof(b), "%s\r\n", bad[i]);
		if (bad[i][0] == '\r' || bad[i][0] == '\0')
			continue;
		if (proxyhdr_parse(b, (size_t)n, &h) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
		/* a line feed alone ends nothing */
		n = snprintf(b, sizeof(b), "%s\n", "PROXY UNKNOWN");
		EQ_INT(proxyhdr_parse(b, (size_t)n, &h), ERR_FORMAT);
	}
	/* it does not wait for the end of what cannot become one */
	memset(b, 'x', sizeof(b));
	memcpy(b, "PROXY ", 6);
	EQ_INT(proxyhdr_parse(b, 107, &h), ERR_FORMAT);
	EQ_INT(proxyhdr_parse("X", 1, &h), ERR_FORMAT);
	EQ_INT(proxyhdr_parse("\r\n\r\nX", 5, &h), ERR_FORMAT);
}

static size_t
binary(char *b, int command, int family, size_t n, size_t size)
{
	size_t i;

	memcpy(b, MAGIC, 12);
	b[12] = (char)command;
	b[13] = (char)family;
	b[14] = (char)(n >> 8);
	b[15] = (char)n;
	for (i = 0; i < size; i++)
		b[16 + i] = (char)(i + 1);
	return 16 + size;
}

TEST(block)
{
	char b[5000];
	struct proxyhdr h;

	right(b, binary(b, 0x21, 0x11, 12, 12), "1.2.3.4", 0x90a);
	right(b, binary(b, 0x21, 0x21, 36, 36),
	    "102:304:506:708:90a:b0c:d0e:f10", 0x2122);
	/* what stands behind the addresses is skipped */
	right(b, binary(b, 0x21, 0x11, 300, 300), "1.2.3.4", 0x90a);
	/* the proxy's own, and families without an address for us */
	right(b, binary(b, 0x20, 0x11, 12, 12), NULL, 0);
	right(b, binary(b, 0x20, 0x00, 0, 0), NULL, 0);
	right(b, binary(b, 0x20, 0x77, 5, 5), NULL, 0);
	right(b, binary(b, 0x21, 0x00, 9, 9), NULL, 0);
	right(b, binary(b, 0x21, 0x12, 12, 12), NULL, 0);
	right(b, binary(b, 0x21, 0x31, 216, 216), NULL, 0);
	EQ_INT(proxyhdr_parse(b, binary(b, 0x21, 0x11, 4080, 4080), &h), 4096);
}

TEST(wrong_block)
{
	static const struct { int command, family; size_t n; } bad[] = {
		{ 0x11, 0x11, 12 }, { 0x31, 0x11, 12 }, { 0x22, 0x11, 12 },
		{ 0x2f, 0x11, 12 }, { 0x21, 0x13, 12 }, { 0x21, 0x41, 216 },
		{ 0x21, 0x10, 12 }, { 0x21, 0x01, 12 }, { 0x21, 0x11, 11 },
		{ 0x21, 0x21, 35 }, { 0x21, 0x11, 0 }, { 0x21, 0x31, 215 },
		{ 0x21, 0x11, 4081 }, { 0x21, 0x11, 65535 },
	};
	static char b[70000];
	struct proxyhdr h;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EQ_INT(proxyhdr_parse(b, binary(b, bad[i].command,
		    bad[i].family, bad[i].n, bad[i].n), &h), ERR_FORMAT);
}

/* Nothing is read behind the end, and a size is never beyond it. */
TEST(noise)
{
	char b[400], *copy;
	struct proxyhdr h;
	size_t n, i;
	long size;
	int k;

	for (k = 0; k < 200000; k++) {
		n = binary(b, 0x21, rng_below(2) ? 0x11 : 0x21, 36, 36);
		if (rng_below(2) != 0)
			n = (size_t)snprintf(b, sizeof(b), "PROXY TCP4 1.2.3.4 "
			    "5.6.7.8 9 10\r\n");
		for (i = rng_below(4); i > 0; i--)
			b[rng_below(n)] = (char)rng_below(256);
		n = rng_below(n + 1);
		copy = malloc(n + 1);
		OK(copy != NULL);
		memcpy(copy, b, n);
		size = proxyhdr_parse(copy, n, &h);
		free(copy);
		OK(size == ERR_AGAIN || size == ERR_FORMAT ||
		    (size > 0 && (size_t)size <= n));
	}
}

TAP_BEGIN
TAP_ROW(text)
TAP_ROW(wrong_text)
TAP_ROW(block)
TAP_ROW(wrong_block)
TAP_ROW(noise)
TAP_END
