/*
 * link.c - the control socket, from the side of aigwctl.
 *
 * Runs in: aigwctl.
 * Owns: the connection to the control socket.
 *
 * One line of JSON goes there; pieces come back: "v 1" at once, "o N" or "e N"
 * and N bytes, at last "x STATUS". An admin process that hangs accepts, but
 * sends no "v": that counts as nobody.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "aigwctl/aigwctl.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"

#define LINK_HELLO_MS	3000
#define LINK_PATIENCE_US (3 * CLOCK_US_S)

struct link {
	int		 fd;
	struct buf	 in;
	struct buf	*out;		/* NULL: stdout and stderr */
};

/* Connected fd, LINK_DOWN, or ERR_DENIED when the socket is not ours. */
static int
link_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, rc;

	if (str_copy(sun.sun_path, sizeof(sun.sun_path), str_of(path)) != 0) {
		fprintf(stderr, "aigwctl: %s: too long for a socket\n", path);
		return LINK_DOWN;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return LINK_DOWN;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	rc = errno == EACCES || errno == EPERM ? ERR_DENIED : LINK_DOWN;
	close(fd);
	return rc;
}

static int
link_send(struct link *l, int json, int argc, char *const *argv)
{
	struct buf b;
	int i, rc;

	buf_init(&b, 1 << 20);
	(void)buf_printf(&b, "{\"json\":%s,\"args\":[",
	    json ? "true" : "false");
	for (i = 0; i < argc; i++) {
		(void)buf_adds(&b, i > 0 ? STR(",\"") : STR("\""));
		(void)buf_add_json(&b, str_of(argv[i]));
		(void)buf_addc(&b, '"');
	}
	(void)buf_adds(&b, STR("]}\n"));
	rc = fd_write_all(l->fd, buf_ptr(&b), buf_len(&b));
	buf_free(&b);
	return rc;
}

static int
link_fill(struct link *l)
{
	char tmp[16384];
	ssize_t n;

	do
		n = read(l->fd, tmp, sizeof(tmp));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return ERR_EOF;
	return buf_add(&l->in, tmp, (size_t)n);
}

/* The head of the next piece: its kind and number. */
static int
link_head(struct link *l, char *kind, uint64_t *number)
{
	const char *nl;
	struct str line;
	int rc;

	while ((nl = memchr(buf_str(&l->in).p, '\n', buf_len(&l->in))) ==
	    NULL)
		if ((rc = link_fill(l)) < 0)
			return rc;
	line = str_make(buf_ptr(&l->in), (size_t)(nl - buf_ptr(&l->in)));
	if (line.n < 3 || line.p[1] != ' ')
		return ERR_FORMAT;
	*kind = line.p[0];
	rc = num_u64(str_skip(line, 2), number);
	buf_consume(&l->in, line.n + 1);
	return rc;
}

/* The greeting: 0, or a code when none comes in time. */
static int
link_hello(struct link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	uint64_t version;
	char kind;
	int rc;

	if (poll(&p, 1, LINK_HELLO_MS) <= 0)
		return ERR_TIMEOUT;
	rc = link_head(l, &kind, &version);
	return rc < 0 ? rc : kind == 'v' && version == 1 ? 0 : ERR_VERSION;
}

/* Pass n bytes of a piece on. */
static int
link_bytes(struct link *l, char kind, uint64_t n)
{
	size_t k;
	int rc;

	while (n > 0) {
		if (buf_len(&l->in) == 0 && (rc = link_fill(l)) < 0)
			return rc;
		k = buf_len(&l->in) < n ? buf_len(&l->in) : (size_t)n;
		if (l->out == NULL)
			fwrite(buf_ptr(&l->in), 1, k,
			    kind == 'e' ? stderr : stdout);
		else if (kind == 'o' &&
		    (rc = buf_add(l->out, buf_ptr(&l->in), k)) < 0)
			return rc;
		buf_consume(&l->in, k);
		n -= k;
	}
	fflush(stdout);
	return 0;
}

static int
link_answer(struct link *l)
{
	uint64_t n;
	char kind;
	int rc;

	for (;;) {
		rc = link_head(l, &kind, &n);
		if (rc == 0 && kind == 'x')
			return (int)(n & 0x7f);
		if (rc == 0)
			rc = kind == 'o' || kind == 'e' ?
			    link_bytes(l, kind, n) : ERR_FORMAT;
		if (rc == 0)
			continue;
		if (l->out == NULL)
			fprintf(stderr, "aigwctl: the gateway broke off: "
			    "%s\n", err_str(rc));
		return EXIT_FAILED;
	}
}

int
link_run(const struct ctl *c, int argc, char *const *argv, struct buf *out)
{
	struct link l = { .out = out };
	int rc;

	l.fd = link_connect(c->socket);
	if (l.fd == ERR_DENIED) {
		if (out == NULL)
			fprintf(stderr, "aigwctl: %s: only root and the "
			    "gateway's own user may use it\n", c->socket);
		return EXIT_FAILED;
	}
	if (l.fd < 0)
		return LINK_DOWN;
	buf_init(&l.in, 1 << 20);
	if (link_hello(&l) < 0 ||
	    link_send(&l, c->json || out != NULL, argc, argv) < 0)
		rc = LINK_DOWN;
	else
		rc = link_answer(&l);
	buf_free(&l.in);
	close(l.fd);
	return rc;
}

int
link_run_patient(const struct ctl *c, int argc, char *const *argv)
{
	const struct timespec tenth = { 0, 100000000 };
	int64_t end = clock_mono_us() + LINK_PATIENCE_US;
	int rc;

	for (;;) {
		rc = link_run(c, argc, argv, NULL);
		if (rc != LINK_DOWN || life_master(c) == 0 ||
		    clock_mono_us() > end)
			return rc;
		nanosleep(&tenth, NULL);
	}
}
