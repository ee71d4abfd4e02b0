/* addr_test.c - addresses: texts, guarded networks, prefixes, sockaddr. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/err.h"
#include "net/addr.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Texts that are no address. */
static const char *const bad[] = {
	"", " ", "1", "1.2", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.",
	"1.2.3.4.5", "1..2.3", "1.2.3.256", "1.2.3.-4", "1.2.3.+4",
	"01.2.3.4", "1.2.3.04", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001",
	"2130706433", "017700000001", "127.1", "127.0.1", "1.2.3.4 ",
	" 1.2.3.4", "1.2.3.4\n", "1.2.3.4/8", "1.2.3.4:80", "1.2.3.a",
	"[1.2.3.4]", "a.b.c.d", "localhost", "example.com", "*",
	":", ":::", "1::2::3", "::12345", "::g", "1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1 ", " ::1", "::1/128",
	"::1%lo", "fe80::1%eth0", "fe80::1%25eth0", "[::1", "::1]", "[[::1]]",
	"[]", "[::1]:80", "[ ::1]", "::1.2.3", "::1.2.3.256", "::01.2.3.4",
	":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
	"::ffff:127.1", "::ffff:0x7f.0.0.1",
	"\xef\xbc\x91.2.3.4", "127.0.0.1\xe3\x80\x82",
	"0000000000000000000000000000000000000000000000000000000000000000001",
};

/* Guarded. */
static const char *const guarded[] = {
	"0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.0.0.1",
	"10.255.255.255", "100.64.0.0", "100.64.0.1", "100.100.100.200",
	"100.127.255.255", "127.0.0.0", "127.0.0.1", "127.0.0.2",
	"127.1.2.3", "127.255.255.255", "169.254.0.0", "169.254.169.254",
	"169.254.170.2", "169.254.255.255", "168.63.129.16",
	"172.16.0.0", "172.16.0.1", "172.31.255.255", "192.0.0.0",
	"192.0.0.192", "192.0.0.255", "192.0.2.1", "192.88.99.1",
	"192.168.0.0", "192.168.1.1", "192.168.255.255", "198.18.0.0",
	"198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
	"224.0.0.0", "224.0.0.1", "233.252.0.1", "239.255.255.255",
	"240.0.0.0", "240.0.0.1", "250.1.2.3", "255.255.255.254",
	"255.255.255.255",
	/* v4-mapped */
	"::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1",
	"::FFFF:a9fe:a9fe", "::ffff:192.168.0.1", "::ffff:0.0.0.0",
	"[::ffff:172.16.0.1]", "::ffff:100.64.0.1", "::ffff:224.0.0.1",
	"::ffff:255.255.255.255", "::ffff:198.18.0.1",
	/* v4-compatible, translated */
	"::127.0.0.1", "::7f00:1", "::10.0.0.1", "::8.8.8.8", "::2",
	"::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8",
	/* NAT64 */
	"64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.1.2.3",
	"64:ff9b::a9fe:a9fe", "64:ff9b::192.168.0.1", "64:ff9b::0.0.0.0",
	"64:ff9b::100.64.0.1", "64:ff9b::198.18.0.1", "64:ff9b::224.0.0.1",
	"64:ff9b::255.255.255.255", "0064:ff9b:0:0:0:0:c0a8:0101",
	"64:ff9b:1::8.8.8.8", "64:ff9b:1::127.0.0.1", "64:ff9b:1:ffff::1",
	/* 6to4 */
	"2002:7f00:1::", "2002:7f00:0001::1", "2002:a00:1::1",
	"2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2002:ac10:1::1",
	"2002:6440:1::1", "2002::1", "2002:e000:1::", "2002:ffff:ffff::",
	"2002:c612:1::",
	/* IPv6 */
	"::", "[::]", "::0", "0:0:0:0:0:0:0:0", "::1", "[::1]",
	"0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001",
	"100::", "100::1", "100:0:0:0:ffff:ffff:ffff:ffff",
	"2001::", "2001::1", "2001:0:7f00:1::1", "2001:10::1", "2001:20::1",
	"2001:1ff:ffff::", "2001:db8::", "2001:db8::1",
	"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::1", "3fff:fff::1",
	"5f00::1", "fc00::", "fc00::1", "fd00::1", "fd00:ec2::254",
	"fd20:ce::254", "fdff:ffff::1", "fe80::", "fe80::1",
	"fe80::a9fe:a9fe", "febf:ffff::1", "fec0::1", "feff::1", "ff00::",
	"ff01::1", "ff02::1", "ff02::fb", "ff05::2", "ff0e::1", "ffff::",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};

/* Not guarded: most are the neighbours of the above. */
static const char *const open_[] = {
	"1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
	"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
	"168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
	"172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
	"192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
	"192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
	"198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
	"::ffff:8.8.8.8", "::ffff:808:808", "::ffff:11.0.0.0",
	"64:ff9b::8.8.8.8", "64:ff9b::808:808", "64:ff9b::1.1.1.1",
	"64:ff9b:2::1", "64:ff9a::1",
	"2002:808:808::1", "2002:101:101::", "2003::1",
	"100:0:0:1::", "2000::1", "2001:200::1", "2001:4860:4860::8888",
	"2001:db7:ffff::1", "2001:db9::1", "2400:cb00::1", "2606:4700::1111",
	"2a00:1450:4001::200e", "3ffe::1", "3fff:1000::1", "5eff::1",
	"5f01::1", "4000::1", "fb00::1", "fe00::1", "fe7f:ffff::1",
};

static void
parse(const char *s, unsigned char out[16])
{
	if (addr_parse(str_of(s), out) != 0)
		tap_fail(__FILE__, __LINE__, "not parsed: %s", s);
}

TEST(bad_texts)
{
	unsigned char a[16], before[16];
	size_t i;

	memset(before, 0x5a, sizeof(before));
	for (i = 0; i < COUNT(bad); i++) {
		memcpy(a, before, sizeof(a));
		if (addr_parse(str_of(bad[i]), a) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "parsed: %s", bad[i]);
		EQ_MEM(a, 16, before, 16);
	}
	EQ_INT(addr_parse(STR("1.2.3.4\0"), a), ERR_FORMAT);
	EQ_INT(addr_parse(STR_NULL, a), ERR_FORMAT);
}

TEST(ports)
{
	static const char *const good[] = { "1.2.3.4", "1.2.3.4:5",
	    "1.2.3.4:65535", "[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]",
	    "::ffff:1.2.3.4" };
	static const char *const none[] = { "", ":80", "1.2.3.4:",
	    "1.2.3.4:123456", "1.2.3.4:8a", "1.2.3.4:80:80", "1.2.3.4.:80",
	    "[::1]80", "[::1]:", "[::1]:x", "[::1]]:80", "[::1", "]:80",
	    "[1.2.3.4]:80", "::1]:80", "unknown", "unknown:80", "_x" };
	unsigned char a[16], want[16];
	size_t i;

	parse("1.2.3.4", want);
	for (i = 0; i < COUNT(good); i++) {
		memset(a, 0, sizeof(a));
		EQ_INT(addr_parse_port(str_of(good[i]), a), 0);
		EQ_MEM(a, 16, want, 16);
	}
	for (i = 0; i < COUNT(none); i++)
		if (addr_parse_port(str_of(none[i]), a) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "parsed: %s", none[i]);
	EQ_INT(addr_parse_port(STR_NULL, a), ERR_FORMAT);
}

TEST(guarded)
{
	unsigned char a[16];
	size_t i;

	for (i = 0; i < COUNT(guarded); i++) {
		parse(guarded[i], a);
		if (!addr_is_guarded(a))
			tap_fail(__FILE__, __LINE__, "open: %s", guarded[i]);
	}
}

TEST(not_guarded)
{
	unsigned char a[16];
	size_t i;

	for (i = 0; i < COUNT(open_); i++) {
		parse(open_[i], a);
		if (addr_is_guarded(a))
			tap_fail(__FILE__, __LINE__, "guarded: %s", open_[i]);
	}
}

/* Every /16 of IPv4 must agree in its three forms with the plain one. */
TEST(forms_agree)
{
	unsigned char v4[16], nat64[16], sixto4[16];
	unsigned i, last;

	for (i = 0; i < 65536; i++)
		for (last = 0; last < 3; last++) {
			parse("::ffff:0.0.0.0", v4);
			v4[12] = (unsigned char)(i >> 8);
			v4[13] = (unsigned char)i;
			v4[14] = last == 2 ? 113 : 0;
			v4[15] = (unsigned char)(last * 9);
			parse("64:ff9b::", nat64);
			memcpy(nat64 + 12, v4 + 12, 4);
			parse("2002::", sixto4);
			memcpy(sixto4 + 2, v4 + 12, 4);
			EQ_INT(addr_is_guarded(v4), addr_is_guarded(nat64));
			EQ_INT(addr_is_guarded(v4), addr_is_guarded(sixto4));
		}
}

TEST(texts)
{
	static const char *const rows[][2] = {
		{ "1.2.3.4", "1.2.3.4" },
		{ "::ffff:1.2.3.4", "1.2.3.4" },
		{ "[::1]", "::1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" },
		{ "::", "::" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char text[ADDR_TEXT_SIZE];
	unsigned char a[16];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		parse(rows[i][0], a);
		addr_text(a, text);
		EQ_STR(text, rows[i][1]);
	}
}

TEST(loopback)
{
	static const char *const yes[] = { "127.0.0.1", "127.9.9.9", "::1",
	    "::ffff:127.0.0.1" };
	static const char *const no[] = { "126.0.0.1", "::", "::2",
	    "64:ff9b::127.0.0.1", "10.0.0.1", "::127.0.0.1" };
	unsigned char a[16];
	size_t i;

	for (i = 0; i < COUNT(yes); i++) {
		parse(yes[i], a);
		EQ_INT(addr_is_loopback(a), 1);
	}
	for (i = 0; i < COUNT(no); i++) {
		parse(no[i], a);
		EQ_INT(addr_is_loopback(a), 0);
	}
}

TEST(prefixes)
{
	unsigned char a[16], b[16];
	unsigned bits;

	parse("10.1.2.3", a);
	parse("10.1.0.0", b);
	OK(addr_in(a, b, 96 + 16));
	OK(addr_in(a, b, 96 + 22));
	OK(!addr_in(a, b, 96 + 23));
	parse("::1", b);
	OK(addr_in(a, b, 0));
	OK(!addr_in(a, b, 96));
	/* One differing bit at each place. */
	for (bits = 0; bits < 128; bits++) {
		memcpy(b, a, 16);
		b[bits / 8] ^= (unsigned char)(0x80 >> bits % 8);
		OK(addr_in(a, b, bits));
		OK(!addr_in(a, b, bits + 1));
		OK(!addr_in(a, b, 128));
		OK(!addr_in(a, b, 200));
	}
	OK(addr_in(a, a, 128));
}

TEST(sockaddrs)
{
	struct sockaddr_storage ss;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	unsigned char a[16], b[16];
	unsigned port;

	parse("1.2.3.4", a);
	EQ_INT(addr_to_sock(a, 8080, &ss), sizeof(struct sockaddr_in));
	EQ_INT(ss.ss_family, AF_INET);
	EQ_INT(addr_from_sock((struct sockaddr *)&ss, b, &port),
	    sizeof(struct sockaddr_in));
	EQ_MEM(a, 16, b, 16);
	EQ_INT(port, 8080);
	parse("2001:db8::1", a);
	EQ_INT(addr_to_sock(a, 65535, &ss), sizeof(struct sockaddr_in6));
	EQ_INT(ss.ss_family, AF_INET6);
	EQ_INT(addr_from_sock((struct sockaddr *)&ss, b, &port),
	    sizeof(struct sockaddr_in6));
	EQ_MEM(a, 16, b, 16);
	EQ_INT(port, 65535);
	EQ_INT(addr_to_sock(a, 65536, &ss), ERR_UNSUPPORTED);
	EQ_INT(addr_from_sock((struct sockaddr *)&un, b, &port),
	    ERR_UNSUPPORTED);
}

TAP_BEGIN
TAP_ROW(bad_texts)
TAP_ROW(ports)
TAP_ROW(guarded)
TAP_ROW(not_guarded)
TAP_ROW(forms_agree)
TAP_ROW(texts)
TAP_ROW(loopback)
TAP_ROW(prefixes)
TAP_ROW(sockaddrs)
TAP_END
