/*
 * tls_test.c - TLS connections over loopback.
 *
 * Runs in: make check.
 * Owns: one rig per test, certificates.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "cert.h"
#include "conn_rig.h"
#include "net/conn_impl.h"
#include "net/tls_impl.h"

static struct cert ca, leaf;

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
	s = cert_server_ctx(&leaf);
	s2 = cert_server_ctx(&leaf);		/* another worker, same ticket key */
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

/* OpenSSL's buffers, 34 KiB, are there for as long as there is something in
 * them: not while nothing comes, and not because somebody looked. */
TEST(tls_idle_holds_no_buffers)
{
	struct tls_ctx *s, *c;
	unsigned want;
	char byte;
	int i;

	make_certs();
	s = cert_server_ctx(&leaf);
	c = client_ctx(1, ca_path());
	begin();
	link_up(c, s, "test.example");
	for (i = 1; i <= 3; i++) {
		conn_write(a.c, "hello", 5);
		WAIT(b.n == 5u * (size_t)i);
		conn_write(b.c, "back", 4);
		WAIT(a.n == 4u * (size_t)i);
		EQ_INT(tls_read(a.c->tls, &byte, 1, &want), ERR_AGAIN);
		EQ_INT(want, EV_IO_IN);
		OK(!a.c->tls->held && !b.c->tls->held);
	}
	finish();
	tls_ctx_free(&s);
	tls_ctx_free(&c);
}

TEST(tls_large_and_linger)
{
	struct tls_ctx *s, *c;

	make_certs();
	s = cert_server_ctx(&leaf);
	c = client_ctx(1, ca_path());
	conn_rig_large(c, s);
	conn_rig_linger(c, s);
	tls_ctx_free(&s);
	tls_ctx_free(&c);
}

static void
refuse(const struct cert *cert, const char *ca_file, const char *sni,
    const char *text)
{
	struct tls_ctx *s = cert_server_ctx(cert), *c = client_ctx(1, ca_file);

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
	s = cert_server_ctx(&self);
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
	s = cert_server_ctx(&leaf);
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
	    cert_ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
	EQ_INT(tls_server_ctx(str_of(leaf.cert_pem), str_of(ca.key_pem),
	    "1.2", cert_ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
	EQ_INT(tls_server_ctx(str_of(leaf.cert_pem), str_of(leaf.key_pem),
	    "1.1", cert_ticket_key, &ctx, err, sizeof(err)), ERR_TLS);
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
	TAP_ROW(tls_echo_and_resume)
	TAP_ROW(tls_idle_holds_no_buffers)
	TAP_ROW(tls_large_and_linger)
	TAP_ROW(tls_verification)
	TAP_ROW(tls_cut)
	TAP_ROW(tls_bad_contexts)
	TAP_ROW(cleanup)
TAP_END
