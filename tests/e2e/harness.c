/*
 * harness.c - run programs and talk HTTP to them, for end-to-end tests.
 *
 * Runs in: test programs.
 * Owns: nothing.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "harness.h"
#include "net/addr.h"
#include "net/http1_body.h"
#include "tap.h"

#define DEADLINE_MS	20000

const char *
harness_path(const char *name)
{
	static char path[4][512];
	static unsigned n;
	const char *dir = getenv("AIGW_BUILD_DIR");
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir == NULL ? "." : dir, name);
	return p;
}

void
harness_start(struct harness_proc *p, const char *const *argv)
{
	int fds[2];

	buf_init(&p->read, 64u << 20);
	fflush(stdout);
	OK(pipe(fds) == 0);
	p->pid = fork();
	OK(p->pid >= 0);
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		perror(argv[0]);
		_exit(127);
	}
	close(fds[1]);
	p->out = fds[0];
}

/* Wait for fd to be readable; 0 when the deadline is over. */
static int
readable(int fd, int64_t until_us)
{
	struct pollfd f = { fd, POLLIN, 0 };
	int64_t ms = (until_us - clock_mono_us()) / 1000;

	while (ms > 0) {
		if (poll(&f, 1, (int)ms) > 0)
			return 1;
		ms = (until_us - clock_mono_us()) / 1000;
	}
	return 0;
}

static int64_t
deadline(void)
{
	return clock_mono_us() + DEADLINE_MS * 1000LL;
}

/* Read once into b: bytes, 0 at the end. */
static ssize_t
read_some(int fd, struct buf *b, int64_t until)
{
	char text[16384];
	ssize_t n;

	if (!readable(fd, until))
		tap_fail(__FILE__, __LINE__, "nothing to read for too long");
	do
		n = read(fd, text, sizeof(text));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		OK(buf_add(b, text, (size_t)n) == 0);
	return n;
}

void
harness_line(struct harness_proc *p, const char *prefix, char *dst,
    size_t size)
{
	int64_t until = deadline();
	struct str line;
	long at;

	for (;;) {
		while ((at = str_chr(buf_str(&p->read), '\n')) >= 0) {
			line = str_make(buf_ptr(&p->read), (size_t)at);
			buf_consume(&p->read, (size_t)at + 1);
			if (str_starts(line, str_of(prefix))) {
				str_copy(dst, size, str_trim(str_skip(line,
				    strlen(prefix))));
				return;
			}
		}
		if (read_some(p->out, &p->read, until) <= 0)
			tap_fail(__FILE__, __LINE__, "no line \"%s\"",
			    prefix);
	}
}

static int
reap(pid_t pid)
{
	int64_t until = deadline();
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (clock_mono_us() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			tap_fail(__FILE__, __LINE__, "does not end");
		}
		poll(NULL, 0, 5);
	}
	return status;
}

int
harness_stop(struct harness_proc *p, int sig)
{
	int status;

	if (p->pid <= 0)
		return 0;
	kill(p->pid, sig);
	close(p->out);
	status = reap(p->pid);
	p->pid = 0;
	buf_free(&p->read);
	return status;
}

int
harness_output(const char *const *argv, struct buf *out)
{
	struct harness_proc p;

	harness_start(&p, argv);
	while (read_some(p.out, out, deadline()) > 0)
		continue;
	close(p.out);
	buf_free(&p.read);
	return reap(p.pid);
}

static int
dial(const char *where)
{
	struct timeval tv = { DEADLINE_MS / 1000, 0 };
	struct sockaddr_storage ss;
	struct str host = str_of(where);
	unsigned char addr[16];
	uint64_t port = 0;
	int fd, len;

	while (host.n > 0 && host.p[host.n - 1] != ':')
		host.n--;
	OK(host.n > 0 && num_u64(str_of(where + host.n), &port) == 0);
	host.n--;
	OK(addr_parse(host, addr) == 0);
	len = addr_to_sock(addr, (unsigned)port, &ss);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	OK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(fd, (struct sockaddr *)&ss, (socklen_t)len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Split raw into head and body: the status, 0 when not whole. */
static int
understand(const struct buf *raw, const char *method,
    struct harness_answer *a)
{
	static struct http1_head h;
	enum http1_error why;
	struct http1_body b;
	struct str data, p = buf_str(raw);
	size_t seen = 0;
	long n;

	do {
		seen = 0;
		n = http1_response(p.p, p.n, &seen, NULL,
		    http1_method(str_of(method)), &h, &why);
		if (n <= 0)
			return 0;
		buf_reset(&a->head);
		buf_add(&a->head, p.p, (size_t)n);
		p = str_skip(p, (size_t)n);
	} while (h.status < 200);
	http1_body_init(&b, h.body, h.length);
	while (p.n > 0 && !b.done &&
	    (n = http1_body_feed(&b, p.p, p.n, &data)) > 0) {
		buf_adds(&a->body, data);
		p = str_skip(p, (size_t)n);
	}
	if (h.body == HTTP1_NO_BODY || h.body == HTTP1_UNTIL_CLOSE ||
	    (h.body == HTTP1_LENGTH && h.length == 0))
		b.done = 1;
	return b.done ? h.status : 0;
}

int
harness_http(const char *where, const char *method, const char *target,
    const char *headers, struct str body, struct harness_answer *a)
{
	struct buf b, raw;
	int fd = dial(where);
	ssize_t n;

	memset(a, 0, sizeof(*a));
	buf_init(&a->head, 1u << 20);
	buf_init(&a->body, 256u << 20);
	if (fd < 0)
		return 0;
	buf_init(&b, 256u << 20);
	buf_init(&raw, 256u << 20);
	buf_printf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"
	    "%s", method, target, where, headers);
	if (body.n > 0)
		buf_printf(&b, "Content-Length: %zu\r\n", body.n);
	buf_adds(&b, STR("\r\n"));
	buf_adds(&b, body);
	while (buf_len(&b) > 0 && (n = send(fd, buf_ptr(&b), buf_len(&b),
	    MSG_NOSIGNAL)) > 0)
		buf_consume(&b, (size_t)n);
	while (read_some(fd, &raw, deadline()) > 0)
		continue;
	close(fd);
	a->status = understand(&raw, method, a);
	buf_free(&b);
	buf_free(&raw);
	return a->status;
}

struct json_object *
harness_json(const char *where, const char *method, const char *target,
    const char *body)
{
	struct harness_answer a;
	struct json_object *o = NULL;

	harness_http(where, method, target, "", str_of(body), &a);
	json_parse(buf_str(&a.body), &o);
	harness_answer_free(&a);
	return o;
}

void
harness_answer_free(struct harness_answer *a)
{
	buf_free(&a->head);
	buf_free(&a->body);
}

void
harness_header(const struct harness_answer *a, const char *name, char *dst,
    size_t size)
{
	struct str rest = buf_str(&a->head), line, n;
	long at;

	dst[0] = '\0';
	while (str_split(&rest, '\n', &line)) {
		if ((at = str_chr(line, ':')) < 0)
			continue;
		n = str_make(line.p, (size_t)at);
		line = str_skip(line, (size_t)at + 1);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (str_ieq(n, str_of(name))) {
			str_copy(dst, size, str_trim(line));
			return;
		}
	}
}

struct json_object *
harness_get(struct json_object *o, const char *path)
{
	struct str rest = str_of(path), part;
	char name[128];
	uint64_t i;

	while (o != NULL && str_split(&rest, '.', &part)) {
		str_copy(name, sizeof(name), part);
		if (json_object_is_type(o, json_type_array) &&
		    num_u64(part, &i) == 0)
			o = json_object_array_get_idx(o, (size_t)i);
		else
			o = json_get(o, name);
	}
	return o;
}

int64_t
harness_int(struct json_object *o, const char *path)
{
	o = harness_get(o, path);
	return o == NULL ? -1 : json_object_get_int64(o);
}
