/*
 * listen.c - listening sockets.
 *
 * Runs in: master (and tests).
 * Owns: nothing; the caller owns each fd and the path of a Unix socket.
 *
 * TCP_NODELAY is set on the listener: accepted sockets inherit it, which
 * saves a system call each. So is TCP_NOTSENT_LOWAT: for a client that reads
 * nothing the kernel keeps 64 KiB and not megabytes, while what is on its way
 * to one that reads is not limited. TCP_DEFER_ACCEPT is not set: connections that wait
 * for their first byte in the kernel are seen by no time-out of ours, do not
 * count in the balance of the workers, and are reset when the listener closes.
 * "[::]" means IPv6 only; "*" means both, by one IPv6 socket where there is
 * IPv6.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "net/addr.h"
#include "net/listen.h"

#define BACKLOG	4096
#define UNSENT	(64 << 10)

static int
port_parse(struct str s, unsigned *out)
{
	uint64_t v;

	if (s.n > 5 || num_u64(s, &v) != 0 || v > 65535)
		return ERR_FORMAT;
	*out = (unsigned)v;
	return 0;
}

/* host:port with host "*", an IPv4 address or an IPv6 address in brackets. */
static int
tcp_parse(struct str s, struct listen_addr *out)
{
	unsigned char addr[16];
	struct str host;
	size_t i;

	for (i = s.n; i > 0 && s.p[i - 1] != ':'; i--)
		;
	if (i == 0 || port_parse(str_skip(s, i), &out->port) != 0)
		return ERR_FORMAT;
	host = str_make(s.p, i - 1);
	if (str_eqc(host, "*"))
		out->family = AF_INET6;
	else if (addr_parse(host, addr) != 0)
		return ERR_FORMAT;
	else if (host.p[0] == '[')
		out->family = AF_INET6;
	else if (str_chr(host, ':') < 0)
		out->family = AF_INET;
	else
		return ERR_FORMAT;	/* "::1:80" has two readings */
	return str_copy(out->host, sizeof(out->host), host) == 0 ? 0 :
	    ERR_FORMAT;
}

int
listen_parse(struct str s, struct listen_addr *out)
{
	memset(out, 0, sizeof(*out));
	if (!str_starts(s, STR("unix:")))
		return tcp_parse(s, out);
	s = str_skip(s, 5);
	if (s.n == 0 || s.p[0] != '/' || memchr(s.p, '\0', s.n) != NULL)
		return ERR_FORMAT;
	out->family = AF_UNIX;
	return str_copy(out->path, sizeof(out->path), s) == 0 ? 0 :
	    ERR_FORMAT;
}

static int fail(char *err, size_t errsize, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text of a failure, errno's behind it; ERR_SYSTEM. */
static int
fail(char *err, size_t errsize, const char *fmt, ...)
{
	int e = errno, n;
	va_list ap;

	va_start(ap, fmt);
	n = vsnprintf(err, errsize, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < errsize)
		snprintf(err + n, errsize - (size_t)n, ": %s", strerror(e));
	errno = e;
	return ERR_SYSTEM;
}

static int
new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Options of a TCP listener; only_v6 for IPv6. */
static int
tcp_options(int fd, int family, int only_v6)
{
	int on = 1, unsent = UNSENT;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return ERR_SYSTEM;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		return ERR_SYSTEM;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
	    sizeof(unsent)) != 0)
		return ERR_SYSTEM;
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &only_v6, sizeof(only_v6)) != 0)
		return ERR_SYSTEM;
	return 0;
}

static int
tcp_bind(const unsigned char addr[16], unsigned port, int only_v6)
{
	struct sockaddr_storage ss;
	int fd, n = addr_to_sock(addr, port, &ss);

	if ((fd = new_socket(ss.ss_family)) < 0)
		return ERR_SYSTEM;
	if (tcp_options(fd, ss.ss_family, only_v6) == 0 &&
	    bind(fd, (struct sockaddr *)&ss, (socklen_t)n) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	fd_close(&fd);
	return ERR_SYSTEM;
}

static int
tcp_open(const struct listen_addr *a, char *err, size_t errsize)
{
	unsigned char addr[16];
	int fd, all = str_eqc(str_of(a->host), "*");

	if (addr_parse(all ? STR("::") : str_of(a->host), addr) != 0) {
		errno = EINVAL;
		return fail(err, errsize, "%s", a->host);
	}
	fd = tcp_bind(addr, a->port, !all);
	if (fd < 0 && all && (errno == EAFNOSUPPORT ||
	    errno == EADDRNOTAVAIL) && addr_parse(STR("0.0.0.0"), addr) == 0)
		fd = tcp_bind(addr, a->port, 0);
	if (fd < 0)
		return fail(err, errsize, "%s:%u", a->host, a->port);
	return fd;
}

/*
 * Remove a socket that nobody listens on; 0 when the path is free now. Anything
 * else than a socket stays where it is.
 */
static int
unix_clear(const struct sockaddr_un *un)
{
	struct stat st;
	int fd, rc;

	if (lstat(un->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : ERR_SYSTEM;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return ERR_SYSTEM;
	}
	if ((fd = new_socket(AF_UNIX)) < 0)
		return ERR_SYSTEM;
	rc = connect(fd, (const struct sockaddr *)un, sizeof(*un));
	if (rc != 0 && errno == ECONNREFUSED)
		rc = unlink(un->sun_path);
	else {
		errno = EADDRINUSE;
		rc = -1;
	}
	fd_close(&fd);
	return rc == 0 ? 0 : ERR_SYSTEM;
}

/* Octal text: 0, or ERR_FORMAT. */
static int
mode_parse(const char *s, mode_t *out)
{
	mode_t v = 0;
	size_t n;

	for (n = 0; s[n] != '\0'; n++) {
		if (s[n] < '0' || s[n] > '7' || n == 4)
			return ERR_FORMAT;
		v = v * 8 + (mode_t)(s[n] - '0');
	}
	*out = v;
	return n > 0 && v <= 0777 ? 0 : ERR_FORMAT;
}

static int
unix_open(const struct listen_addr *a, const char *mode, char *err,
    size_t errsize)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	mode_t m = 0, mask = 0;
	int fd, bound;

	if (mode[0] != '\0' && mode_parse(mode, &m) != 0) {
		errno = EINVAL;
		return fail(err, errsize, "mode \"%s\"", mode);
	}
	if (str_copy(un.sun_path, sizeof(un.sun_path), str_of(a->path)) != 0) {
		errno = ENAMETOOLONG;
		return fail(err, errsize, "unix:%s", a->path);
	}
	if (unix_clear(&un) != 0 || (fd = new_socket(AF_UNIX)) < 0)
		return fail(err, errsize, "unix:%s", a->path);
	/* Nobody may connect before the mode is set. */
	if (mode[0] != '\0')
		mask = umask(0777);
	bound = bind(fd, (const struct sockaddr *)&un, sizeof(un));
	if (mode[0] != '\0')
		umask(mask);
	if (bound == 0 && listen(fd, BACKLOG) == 0 &&
	    (mode[0] == '\0' || chmod(a->path, m) == 0))
		return fd;
	fail(err, errsize, "unix:%s", a->path);
	if (bound == 0)
		unlink(a->path);
	fd_close(&fd);
	return ERR_SYSTEM;
}

int
listen_open(const struct listen_addr *a, const char *mode, char *err,
    size_t errsize)
{
	ASSERT(errsize > 0);
	err[0] = '\0';
	if (a->family == AF_UNIX)
		return unix_open(a, mode == NULL ? "" : mode, err, errsize);
	return tcp_open(a, err, errsize);
}

unsigned
listen_port(int fd)
{
	struct sockaddr_storage ss;
	unsigned char addr[16];
	socklen_t n = sizeof(ss);
	unsigned port = 0;

	if (getsockname(fd, (struct sockaddr *)&ss, &n) != 0 ||
	    addr_from_sock((struct sockaddr *)&ss, addr, &port) < 0)
		return 0;
	return port;
}

int
listen_url(struct str address, int tls, char *url, size_t size)
{
	struct listen_addr l;
	const char *host = l.host;
	int n;

	if (listen_parse(address, &l) != 0)
		return ERR_FORMAT;
	if (l.family == AF_UNIX)
		return str_copy(url, size, address);
	if (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "*") == 0)
		host = "127.0.0.1";
	else if (strcmp(host, "[::]") == 0)
		host = "[::1]";
	n = snprintf(url, size, "http%s://%s:%u", tls ? "s" : "", host,
	    l.port);
	return n < 0 || (size_t)n >= size ? ERR_TOOBIG : 0;
}
