/* listen_test.c - listening sockets: texts, TCP on port 0, Unix sockets. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "net/addr.h"
#include "net/listen.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

TEST(texts)
{
	static const struct {
		const char	*text;
		int		 family;
		const char	*host;
		unsigned	 port;
		const char	*path;
	} rows[] = {
		{ "127.0.0.1:8080", AF_INET, "127.0.0.1", 8080, "" },
		{ "0.0.0.0:0", AF_INET, "0.0.0.0", 0, "" },
		{ "[::]:443", AF_INET6, "[::]", 443, "" },
		{ "[::1]:65535", AF_INET6, "[::1]", 65535, "" },
		{ "[::ffff:127.0.0.1]:1", AF_INET6, "[::ffff:127.0.0.1]", 1,
		    "" },
		{ "*:80", AF_INET6, "*", 80, "" },
		{ "unix:/run/a.sock", AF_UNIX, "", 0, "/run/a.sock" },
		{ "unix:/a:80", AF_UNIX, "", 0, "/a:80" },
	};
	struct listen_addr a;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		EQ_INT(listen_parse(str_of(rows[i].text), &a), 0);
		EQ_INT(a.family, rows[i].family);
		EQ_STR(a.host, rows[i].host);
		EQ_INT(a.port, rows[i].port);
		EQ_STR(a.path, rows[i].path);
	}
}

TEST(bad_texts)
{
	static const char *const rows[] = {
		"", ":", ":80", "80", "127.0.0.1", "127.0.0.1:",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1:0x50", "127.0.0.1: 80", "127.0.0.1:80 ",
		"127.0.0.1:000080", "localhost:80", "::1:80", "[::1]",
		"[::1]80", "[::1:80", "**:80", "127.1:80", "unix:",
		"unix:a.sock", "UNIX:/a", "tcp://127.0.0.1:80",
		"[127.0.0.1]:80",
	};
	struct listen_addr a;
	char longest[200] = "unix:/";
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		if (listen_parse(str_of(rows[i]), &a) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "parsed: %s", rows[i]);
	memset(longest + 6, 'a', 107);
	EQ_INT(listen_parse(str_make(longest, 5 + 107), &a), 0);
	EQ_INT(listen_parse(str_make(longest, 5 + 108), &a), ERR_FORMAT);
	EQ_INT(listen_parse(STR("unix:/a\0b"), &a), ERR_FORMAT);
}

TEST(urls)
{
	static const struct {
		const char	*text;
		int		 tls;
		const char	*url;
	} rows[] = {
		{ "127.0.0.1:8080", 0, "http://127.0.0.1:8080" },
		{ "0.0.0.0:443", 1, "https://127.0.0.1:443" },
		{ "[::]:443", 1, "https://[::1]:443" },
		{ "[2001:db8::1]:80", 0, "http://[2001:db8::1]:80" },
		{ "*:80", 0, "http://127.0.0.1:80" },
		{ "unix:/run/a.sock", 1, "unix:/run/a.sock" },
	};
	char url[64];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		EQ_INT(listen_url(str_of(rows[i].text), rows[i].tls, url,
		    sizeof(url)), 0);
		EQ_STR(url, rows[i].url);
	}
	EQ_INT(listen_url(STR("localhost:80"), 0, url, sizeof(url)),
	    ERR_FORMAT);
	EQ_INT(listen_url(STR("127.0.0.1:80"), 0, url, 19), ERR_TOOBIG);
}

static int
open_text(const char *s, const char *mode)
{
	struct listen_addr a;
	char err[256];
	int fd;

	EQ_INT(listen_parse(str_of(s), &a), 0);
	fd = listen_open(&a, mode, err, sizeof(err));
	OK((fd < 0) == (err[0] != '\0'));
	OK(fd >= 0 || fd == ERR_SYSTEM);
	return fd;
}

static int
option(int fd, int level, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	OK(getsockopt(fd, level, name, &v, &n) == 0);
	return v;
}

/* Connect to addr; fd, or -1. */
static int
dial(const char *addr, unsigned port)
{
	struct sockaddr_storage ss;
	unsigned char a[16];
	int fd, n;

	EQ_INT(addr_parse(str_of(addr), a), 0);
	n = addr_to_sock(a, port, &ss);
	OK((fd = socket(ss.ss_family, SOCK_STREAM, 0)) >= 0);
	if (connect(fd, (struct sockaddr *)&ss, (socklen_t)n) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
take(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int c;

	EQ_INT(poll(&p, 1, 5000), 1);
	OK((c = accept(fd, NULL, NULL)) >= 0);
	return c;
}

TEST(tcp4)
{
	char text[64];
	int fd, c, s, again;

	fd = open_text("127.0.0.1:0", "");
	OK(fd >= 0);
	OK(listen_port(fd) > 0);
	OK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	OK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EQ_INT(option(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	EQ_INT(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	OK((c = dial("127.0.0.1", listen_port(fd))) >= 0);
	s = take(fd);
	EQ_INT(option(s, IPPROTO_TCP, TCP_NODELAY), 1);
	snprintf(text, sizeof(text), "127.0.0.1:%u", listen_port(fd));
	EQ_INT(open_text(text, ""), ERR_SYSTEM);
	EQ_INT(errno, EADDRINUSE);
	/* The server closes first: its port waits, but can be bound. */
	close(s);
	close(c);
	close(fd);
	again = open_text(text, "");
	OK(again >= 0);
	close(again);
}

TEST(tcp6_only)
{
	int fd = open_text("[::]:0", ""), c;

	if (fd < 0)
		tap_skip("no IPv6 here");
	EQ_INT(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	EQ_INT(dial("127.0.0.1", listen_port(fd)), -1);
	c = dial("::1", listen_port(fd));
	close(fd);
	if (c < 0)
		tap_skip("no IPv6 loopback here");
	close(c);
}

TEST(tcp_all)
{
	int fd = open_text("*:0", ""), c;

	OK(fd >= 0);
	OK((c = dial("127.0.0.1", listen_port(fd))) >= 0);
	close(take(fd));
	close(c);
	close(fd);
}

TEST(not_ours)
{
	/* An address of the documentation network is on no interface. */
	EQ_INT(open_text("192.0.2.1:0", ""), ERR_SYSTEM);
	EQ_INT(errno, EADDRNOTAVAIL);
}

/* Text "unix:" and a path in the folder of this test. */
static const char *
unix_text(const char *name)
{
	static char text[256];

	snprintf(text, sizeof(text), "unix:%s/%s", tap_dir(), name);
	return text;
}

TEST(unix_mode)
{
	const char *text = unix_text("mode");
	struct stat st;
	mode_t mask = umask(022);
	int fd;

	fd = open_text(text, "0600");
	OK(fd >= 0);
	OK(stat(text + 5, &st) == 0);
	EQ_INT(st.st_mode & 07777, 0600);
	OK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EQ_INT(listen_port(fd), 0);
	EQ_INT(umask(mask), 022);
	close(fd);
	fd = open_text(text, "666");
	OK(fd >= 0);
	OK(stat(text + 5, &st) == 0);
	EQ_INT(st.st_mode & 07777, 0666);
	close(fd);
	OK(unlink(text + 5) == 0);
	EQ_INT(open_text(text, "9"), ERR_SYSTEM);
	EQ_INT(open_text(text, "rw"), ERR_SYSTEM);
	EQ_INT(open_text(text, "07777"), ERR_SYSTEM);
	EQ_INT(open_text(text, "1777"), ERR_SYSTEM);
	EQ_INT(access(text + 5, F_OK), -1);
}

TEST(unix_stale)
{
	const char *text = unix_text("stale");
	int fd, other;

	fd = open_text(text, "");
	OK(fd >= 0);
	/* Somebody listens: not replaced. */
	EQ_INT(open_text(text, ""), ERR_SYSTEM);
	EQ_INT(errno, EADDRINUSE);
	OK(access(text + 5, F_OK) == 0);
	/* Nobody listens any more: replaced. */
	close(fd);
	OK(access(text + 5, F_OK) == 0);
	other = open_text(text, "");
	OK(other >= 0);
	close(other);
	OK(unlink(text + 5) == 0);
}

TEST(unix_other_file)
{
	const char *text = unix_text("file");
	int fd;

	OK((fd = open(text + 5, O_CREAT | O_WRONLY, 0600)) >= 0);
	close(fd);
	EQ_INT(open_text(text, ""), ERR_SYSTEM);
	OK(unlink(text + 5) == 0);
	OK(symlink("/nonexistent", text + 5) == 0);
	EQ_INT(open_text(text, ""), ERR_SYSTEM);
	OK(unlink(text + 5) == 0);
	EQ_INT(open_text(unix_text("no/such/folder"), ""), ERR_SYSTEM);
}

TAP_BEGIN
TAP_ROW(texts)
TAP_ROW(bad_texts)
TAP_ROW(urls)
TAP_ROW(tcp4)
TAP_ROW(tcp6_only)
TAP_ROW(tcp_all)
TAP_ROW(not_ours)
TAP_ROW(unix_mode)
TAP_ROW(unix_stale)
TAP_ROW(unix_other_file)
TAP_END
