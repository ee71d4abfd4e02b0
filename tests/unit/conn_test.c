/*
 * conn_test.c - connections, plain and TLS, over loopback.
 *
 * Runs in: make check.
 * Owns: one loop per test.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "cert.h"
#include "net/conn.h"
#include "net/tls.h"
#include "tap.h"

static struct ev_loop *loop;
static struct conn_set *set;
static const unsigned char local[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255,
    255, 127, 0, 0, 1 };

/* One side: what it was told and has read. */
struct side {
	struct conn	*c;
	unsigned	 told;		/* all events so far */
	char		*got;
	size_t		 n, cap;
	int		 hold;		/* do not read */
	int		 end;		/* 1: end of file, < 0: error */
	int		 reads;
	size_t		 chunk;		/* read size; 0: 64 KiB */
};

static struct side a, b;		/* client, server */

static void
slurp(struct side *s)
{
	ssize_t r;

	while (!s->hold && s->end == 0) {
		size_t want = s->chunk != 0 ? s->chunk : 65536;

		if (s->cap - s->n < want) {
			s->cap = s->cap * 2 + want;
			s->got = xrealloc(s->got, s->cap);
		}
		r = conn_read(s->c, s->got + s->n, want);
		if (r == ERR_AGAIN)
			return;
		s->reads++;
		if (r <= 0)
			s->end = r == 0 ? 1 : (int)r;
		else
			s->n += (size_t)r;
	}
}

static void
on_side(void *arg, unsigned what)
{
	struct side *s = arg;

	s->told |= what;
	if (what & CONN_READABLE)
		slurp(s);
}

static void
turn(void)
{
	ev_turn(loop, 20);
	conn_flush_all(set);
}

#define WAIT(cond) do {							\
	int64_t until_ = clock_mono_us() + 5000000;			\
	while (!(cond) && clock_mono_us() < until_)			\
		turn();							\
	OK(cond);							\
} while (0)

static void
begin(void)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	loop = ev_loop_new();
	set = conn_set_new(loop);
}

static void
finish(void)
{
	conn_close(&a.c);
	conn_close(&b.c);
	free(a.got);
	free(b.got);
	conn_set_free(&set);
	ev_loop_free(&loop);
}

static int
listener(unsigned *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	OK(listen(fd, 16) == 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	*port = ntohs(sin.sin_port);
	return fd;
}

/* Connect a to b. */
static void
link_up(struct tls_ctx *client, struct tls_ctx *server, const char *sni)
{
	unsigned port;
	int l = listener(&port), fd;

	a.c = conn_connect(set, local, port, client, sni, on_side, &a);
	fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	OK(fd >= 0);
	close(l);
	b.c = conn_accept(set, fd, server, on_side, &b);
}

static char *
pattern(size_t n)
{
	char *p = xmalloc(n);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
	return p;
}

TEST(echo)
{
	unsigned char peer[16];
	unsigned port;

	begin();
	link_up(NULL, NULL, NULL);
	EQ_INT(conn_write(a.c, "hel", 3), 0);
	EQ_INT(conn_writes(a.c, STR("lo")), 0);
	EQ_INT(conn_queued(a.c), 5);
	WAIT(b.n == 5);
	EQ_MEM(b.got, b.n, "hello", 5);
	EQ_INT(b.reads, 1);
	EQ_INT(conn_queued(a.c), 0);
	EQ_INT(conn_sent(a.c), 5);
	OK(a.told & CONN_CONNECTED);
	OK(b.told & CONN_CONNECTED);
	EQ_INT(a.told & CONN_DRAINED, 0);
	OK(!conn_readable(b.c));
	conn_write(b.c, "back", 4);
	WAIT(a.n == 4);
	conn_peer(b.c, peer, &port);
	EQ_MEM(peer, 16, local, 16);
	OK(port != 0);
	conn_close(&b.c);
	WAIT(a.end == 1);
	finish();
}

TEST(refused)
{
	unsigned port;
	int l;

	begin();
	l = listener(&port);
	close(l);
	a.c = conn_connect(set, local, port, NULL, NULL, on_side, &a);
	WAIT(a.told & CONN_FAILED);
	EQ_INT(conn_error_stage(a.c), 1);
	EQ_STR(conn_error(a.c), "Connection refused");
	EQ_INT(conn_write(a.c, "x", 1), ERR_CLOSED);
	finish();
}

static void
large(struct tls_ctx *client, struct tls_ctx *server)
{
	size_t n = 6 << 20, i;
	char *p = pattern(n);

	begin();
	link_up(client, server, "test.example");
	b.hold = 1;
	for (i = 0; i < 6; i++)
		EQ_INT(conn_write_ref(a.c, p + i * (n / 6), n / 6), 0);
	EQ_INT(conn_write(a.c, "tail", 4), 0);
	WAIT(b.told & CONN_READABLE);
	for (i = 0; i < 20; i++)
		turn();
	OK(conn_queued(a.c) > 0);
	OK(conn_above(a.c));
	EQ_INT(a.told & CONN_DRAINED, 0);
	b.hold = 0;
	slurp(&b);
	WAIT(b.n == n + 4);
	EQ_MEM(b.got, n, p, n);
	EQ_MEM(b.got + n, 4, "tail", 4);
	OK(a.told & CONN_DRAINED);
	OK(!conn_above(a.c));
	free(p);
	finish();
}

TEST(large_plain)
{
	large(NULL, NULL);
}

TEST(too_many_refs)
{
	int i;

	begin();
	link_up(NULL, NULL, NULL);
	for (i = 0; i < 8; i++)
		EQ_INT(conn_write_ref(a.c, "x", 1), 0);
	EQ_INT(conn_write_ref(a.c, "x", 1), ERR_TOOBIG);
	WAIT(b.n == 8);
	EQ_INT(conn_write_ref(a.c, "x", 1), 0);
	WAIT(b.n == 9);
	finish();
}

static void
reset_now(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

/* Bytes and a reset that arrive together: the reset must not be lost. */
TEST(data_and_reset)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	EQ_INT(write(fd, "abc", 3), 3);
	reset_now(fd);
	WAIT(a.end != 0);
	EQ_INT(a.n, 3);
	EQ_INT(a.end, ERR_SYSTEM);
	EQ_STR(conn_error(a.c), "Connection reset by peer");
	EQ_INT(conn_error_stage(a.c), 3);
	finish();
}

TEST(data_and_end)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	EQ_INT(write(fd, "abc", 3), 3);
	close(fd);
	WAIT(a.end != 0);
	EQ_INT(a.n, 3);
	EQ_INT(a.end, 1);
	finish();
}

/* What the peer said before it refused our bytes can still be read. */
TEST(read_after_send_failed)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	a.hold = 1;
	EQ_INT(write(fd, "bye", 3), 3);
	reset_now(fd);
	WAIT(a.told & CONN_READABLE);
	conn_write(a.c, "x", 1);
	WAIT(a.told & CONN_FAILED);
	a.hold = 0;
	slurp(&a);
	EQ_MEM(a.got, a.n, "bye", 3);
	OK(a.end != 0);
	finish();
}

TEST(unheard)
{
	uint64_t mark;

	begin();
	link_up(NULL, NULL, NULL);
	conn_write(a.c, "one", 3);
	WAIT(b.n == 3);
	mark = conn_sent(a.c);
	EQ_INT(mark, 3);
	/* Close with everything read, then send: the kernel refuses it. */
	conn_close(&b.c);
	conn_write(a.c, "two", 3);
	conn_flush(a.c);
	WAIT(a.end != 0);
	EQ_INT(conn_unheard(a.c, mark), 1);
	EQ_INT(conn_unheard(a.c, 0), 0);
	finish();
}

TEST(heard)
{
	begin();
	link_up(NULL, NULL, NULL);
	conn_write(a.c, "one", 3);
	WAIT(b.n == 3);
	conn_write(a.c, "two", 3);
	WAIT(b.n == 6);
	conn_close(&b.c);
	WAIT(a.end != 0);
	EQ_INT(conn_unheard(a.c, 3), 0);
	finish();
}

/* A peer that reads and resets may not have acknowledged: no proof. */
TEST(heard_then_reset)
{
	int i;

	begin();
	link_up(NULL, NULL, NULL);
	for (i = 1; i <= 4; i++) {	/* so that acknowledgements wait */
		conn_write(a.c, "one", 3);
		WAIT(b.n == (size_t)i * 3);
		conn_write(b.c, "two", 3);
		WAIT(a.n == (size_t)i * 3);
	}
	conn_write(a.c, "one", 3);
	WAIT(b.n == 15);
	setsockopt(conn_fd(b.c), SOL_SOCKET, SO_LINGER,
	    &(struct linger){ 1, 0 }, sizeof(struct linger));
	conn_close(&b.c);
	WAIT(a.end != 0);
	EQ_INT(conn_unheard(a.c, 12), 0);
	finish();
}

static void
linger(struct tls_ctx *client, struct tls_ctx *server)
{
	size_t n = 3 << 20;
	char *p = pattern(n);

	begin();
	link_up(client, server, "test.example");
	WAIT((a.told & b.told) & CONN_CONNECTED);
	conn_write(b.c, "0123456789", 10);
	conn_write_ref(a.c, p, n);
	conn_close_linger(&a.c, 3000000);
	memset(p, 0, n);	/* it was copied */
	free(p);
	OK(a.c == NULL);
	WAIT(b.end != 0);
	EQ_INT(b.end, 1);
	EQ_INT(b.n, n);
	OK(b.got[n - 1] != 0 || b.got[n - 2] != 0);
	finish();
}

TEST(linger_plain)
{
	linger(NULL, NULL);
}

/* A set that is freed takes its lingering connections along. */
TEST(linger_left)
{
	begin();
	link_up(NULL, NULL, NULL);
	WAIT((a.told & b.told) & CONN_CONNECTED);
	conn_close_linger(&a.c, 60000000);
	OK(a.c == NULL);
	turn();
	finish();
	OK(set == NULL);
}

static void
on_closing(void *arg, unsigned what)
{
	struct side *s = arg;

	s->told |= what;
	conn_close(&s->c);
}

TEST(close_in_callback)
{
	unsigned port;
	int l, i;

	begin();
	l = listener(&port);
	for (i = 0; i < 3; i++) {
		a.told = 0;
		a.c = conn_connect(set, local, i == 1 ? port + 0 : port, NULL,
		    NULL, on_closing, &a);
		WAIT(a.c == NULL);
		OK(a.told & CONN_CONNECTED);
	}
	close(l);
	a.told = 0;
	a.c = conn_connect(set, local, port, NULL, NULL, on_closing, &a);
	WAIT(a.c == NULL);
	EQ_INT(a.told, CONN_FAILED);
	finish();
}

/* --- TLS --------------------------------------------------------------- */

static struct cert ca, leaf;
static const unsigned char ticket_key[80] = "0123456789";

static struct tls_ctx *
server_ctx(const struct cert *c)
{
	struct tls_ctx *ctx;
	char err[256];

	if (tls_server_ctx(str_of(c->cert_pem), str_of(c->key_pem), "1.2",
	    ticket_key, &ctx, err, sizeof(err)) < 0)
		tap_fail(__FILE__, __LINE__, "%s", err);
	return ctx;
}

static struct tls_ctx *
client_ctx(int verify, const char *ca_file)
{
	struct tls_client_opts o = { verify, ca_file, "", "" };
	struct tls_ctx *ctx;
	char err[256];

	if (tls_client_ctx(&o, &ctx, err, sizeof(err)) < 0)
		tap_fail(__FILE__, __LINE__, "%s", err);
	return ctx;
}

static void
make_certs(void)
{
	if (ca.cert_pem != NULL)
		return;
	cert_ca(&ca);
	cert_leaf(&leaf, &ca, "DNS:test.example,IP:127.0.0.1", 10);
	cert_file("ca.pem", ca.cert_pem);
}

static const char *
ca_path(void)
{
	return cert_file("ca.pem", ca.cert_pem);
}

TEST(tls_echo_and_resume)
{
	struct tls_ctx *s, *s2, *c;
	int i;

	make_certs();
	s = server_ctx(&leaf);
	s2 = server_ctx(&leaf);		/* another worker, same ticket key */
	c = client_ctx(1, ca_path());
	for (i = 0; i < 3; i++) {
		begin();
		link_up(c, i == 1 ? s2 : s, i == 2 ? "127.0.0.1" :
		    "test.example");
		conn_write(a.c, "hello", 5);
		WAIT(b.n == 5);
		conn_write(b.c, "back", 4);
		WAIT(a.n == 4);
		OK(conn_is_tls(a.c));
		EQ_INT(conn_tls_resumed(a.c), i == 1);
		OK(conn_sent(a.c) > 5);
		conn_close(&b.c);
		WAIT(a.end == 1);
		finish();
	}
	tls_ctx_free(&s);
	tls_ctx_free(&s2);
	tls_ctx_free(&c);
}

TEST(tls_large_and_linger)
{
	struct tls_ctx *s, *c;

	make_certs();
	s = server_ctx(&leaf);
	c = client_ctx(1, ca_path());
	large(c, s);
	linger(c, s);
	tls_ctx_free(&s);
	tls_ctx_free(&c);
}

static void
refuse(const struct cert *cert, const char *ca_file, const char *sni,
    const char *text)
{
	struct tls_ctx *s = server_ctx(cert), *c = client_ctx(1, ca_file);

	begin();
	link_up(c, s, sni);
	conn_write(a.c, "secret", 6);
	WAIT(a.told & CONN_FAILED);
	EQ_INT(conn_error_stage(a.c), 2);
	EQ_STR(conn_error(a.c), text);
	WAIT(b.told != 0);
	EQ_INT(b.n, 0);
	finish();
	tls_ctx_free(&s);
	tls_ctx_free(&c);
}

TEST(tls_verification)
{
	struct cert old, self;
	struct tls_ctx *s, *c;

	make_certs();
	cert_leaf(&old, &ca, "DNS:test.example", -1);
	cert_leaf(&self, NULL, "DNS:test.example", 10);
	refuse(&leaf, ca_path(), "other.example",
	    "certificate verify failed: hostname mismatch");
	refuse(&leaf, ca_path(), "127.0.0.2",
	    "certificate verify failed: IP address mismatch");
	refuse(&old, ca_path(), "test.example",
	    "certificate verify failed: certificate has expired");
	refuse(&self, ca_path(), "test.example",
	    "certificate verify failed: self-signed certificate");
	refuse(&leaf, "", "test.example", "certificate verify failed: "
	    "unable to get local issuer certificate");
	s = server_ctx(&self);
	c = client_ctx(0, "");
	begin();
	link_up(c, s, "test.example");
	conn_write(a.c, "x", 1);
	WAIT(b.n == 1);
	finish();
	tls_ctx_free(&s);
	tls_ctx_free(&c);
	cert_free(&old);
	cert_free(&self);
}

/* An end without close_notify is not a clean end. */
TEST(tls_cut)
{
	struct tls_ctx *s, *c;

	make_certs();
	s = server_ctx(&leaf);
	c = client_ctx(1, ca_path());
	begin();
	link_up(c, s, "test.example");
	WAIT((a.told & b.told) & CONN_CONNECTED);
	conn_write(b.c, "part", 4);
	WAIT(a.n == 4);
	shutdown(conn_fd(b.c), SHUT_WR);
	WAIT(a.end != 0);
	EQ_INT(a.end, ERR_TLS);
	EQ_STR(conn_error(a.c), "closed by the peer without close_notify");
	finish();
	tls_ctx_free(&s);
	tls_ctx_free(&c);
}

TEST(tls_bad_contexts)
{
	struct tls_client_opts o = { 1, "/nonexistent/ca.pem", "", "" };
	struct tls_ctx *ctx;
	char err[256] = "";

	make_certs();
	EQ_INT(tls_client_ctx(&o, &ctx, err, sizeof(err)), ERR_TLS);
	OK(ctx == NULL);
	OK(strstr(err, "ca_file") != NULL);
	EQ_INT(tls_server_ctx(STR("nonsense"), str_of(leaf.key_pem), "1.2",
	    ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
	EQ_INT(tls_server_ctx(str_of(leaf.cert_pem), str_of(ca.key_pem),
	    "1.2", ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
	EQ_INT(tls_server_ctx(str_of(leaf.cert_pem), str_of(leaf.key_pem),
	    "1.1", ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
	OK(strstr(err, "1.1") != NULL);
}

TEST(cleanup)
{
	cert_free(&ca);
	cert_free(&leaf);
	tls_cleanup();
	OK(ca.cert_pem == NULL);
}

TAP_BEGIN
	TAP_ROW(echo)
	TAP_ROW(refused)
	TAP_ROW(large_plain)
	TAP_ROW(too_many_refs)
	TAP_ROW(data_and_reset)
	TAP_ROW(data_and_end)
	TAP_ROW(read_after_send_failed)
	TAP_ROW(unheard)
	TAP_ROW(heard)
	TAP_ROW(heard_then_reset)
	TAP_ROW(linger_plain)
	TAP_ROW(linger_left)
	TAP_ROW(close_in_callback)
	TAP_ROW(tls_echo_and_resume)
	TAP_ROW(tls_large_and_linger)
	TAP_ROW(tls_verification)
	TAP_ROW(tls_cut)
	TAP_ROW(tls_bad_contexts)
	TAP_ROW(cleanup)
TAP_END
