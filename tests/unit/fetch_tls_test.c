/*
 * fetch_tls_test.c - exchanges over TLS and through proxies.
 *
 * Runs in: make check.
 * Owns: one rig per test, certificates.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "cert.h"
#include "fetch_rig.h"
#include "net/tls.h"

#define OK5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct cert ca, leaf, old;

static const char *
make_certs(void)
{
	if (ca.cert_pem == NULL) {
		cert_ca(&ca);
		cert_leaf(&leaf, &ca, "DNS:api.test,IP:127.0.0.1", 10);
		cert_leaf(&old, &ca, "DNS:api.test", -1);
	}
	return cert_file("ca.pem", ca.cert_pem);
}

static void
tls(enum engine e)
{
	int i;

	make_certs();
	rig_begin_tls(e, "api.test", make_certs(), cert_server_ctx(&leaf));
	SCRIPT({ OK5 }, { CHUNKED "5\r\nhello\r\n0\r\n\r\n", ANS_BYTEWISE },
	    { OK5, ANS_CLOSE }, { OK5 }, { "HTTP/1.1 200 OK\r\n\r\nend",
	    ANS_CLOSE }, { OK5 }, { NULL, ANS_CLOSE }, { OK5 },
	    { NULL, ANS_RESET });
	for (i = 0; i < 4; i++)
		rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 2);
	rig_expect("POST", "x", 200, "end");
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 3);
	rig_fail("POST", "x", OUTCOME_RESET);
	EQ_INT(rig.srv.requests, 7);
	rig_expect("POST", "x", 200, "hello");
	rig_fail("POST", "x", OUTCOME_RESET);
	EQ_INT(rig.srv.requests, 9);
	EQ_INT(fetch_stats(rig.r.f)->resent, 0);
	rig_end();
}

static void
tls_refused(enum engine e)
{
	make_certs();
	rig_begin_tls(e, "other.test", make_certs(), cert_server_ctx(&leaf));
	rig_fail("POST", "x", OUTCOME_TLS);
	OK(strstr(rig.r.why, "mismatch") != NULL ||
	    strstr(rig.r.why, "match") != NULL);
	EQ_INT(rig.srv.requests, 0);
	rig.p.host = "127.0.0.1";
	rig_new_host();
	SCRIPT({ OK5 });
	rig_expect("POST", "x", 200, "hello");
	rig_end();
	rig_begin_tls(e, "api.test", make_certs(), cert_server_ctx(&old));
	rig_fail("POST", "x", OUTCOME_TLS);
	OK(strstr(rig.r.why, "expired") != NULL);
	rig_end();
	rig_begin_tls(e, "api.test", "", cert_server_ctx(&leaf));
	rig_fail("POST", "x", OUTCOME_TLS);
	rig.p.tls_verify = 0;
	rig_new_host();
	rig_publish();
	SCRIPT({ OK5 });
	rig_expect("POST", "x", 200, "hello");
	rig_end();
	/* A server that waits for plain HTTP never answers the handshake. */
	rig_begin_tls(e, "api.test", make_certs(), NULL);
	rig.req.connect_us = 60000;
	rig_fail("POST", "x", OUTCOME_CONNECT_TIMEOUT);
	rig_end();
}

static void
tls_stale_reuse(enum engine e)
{
	make_certs();
	rig_begin_tls(e, "api.test", make_certs(), cert_server_ctx(&leaf));
	SCRIPT({ OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	server_hang_up(&rig.srv);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.requests, 2);
	EQ_INT(fetch_stats(rig.r.f)->resent, 1);
	rig_end();
}

/* Through a proxy, which sees neither credentials nor content. */
TEST(curl_proxy)
{
	char url[64];

	rig_begin(CURL);
	snprintf(url, sizeof(url), "http://u%%40x:p@127.0.0.1:%u",
	    rig.srv.port);
	rig.p.proxy = url;
	rig.p.http2 = 0;
	rig.p.allow_private.n = 0;	/* the proxy is allowed by being one */
	rig_new_host();
	OK(!fetch_host_waiting(rig.host));
	rig.srv.proxy = 1;
	SCRIPT({ OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.connects, 1);
	EQ_INT(rig.srv.accepted, 1);
	OK(str_find(buf_str(&rig.srv.last_connect),
	    STR("Proxy-Authorization: Basic dUB4OnA=\r\n")) > 0);
	OK(str_find(buf_str(&rig.srv.last_connect), STR("x-test")) < 0);
	OK(str_find(buf_str(&rig.srv.last), STR("x-test: yes")) > 0);
	OK(str_find(buf_str(&rig.srv.last), STR("Proxy-")) < 0);
	rig_end();
}

/* The line that the server had. */
static int
asked(const char *method)
{
	struct str last = buf_str(&rig.srv.last), m = str_of(method);

	return str_starts(last, m) &&
	    str_starts(str_skip(last, m.n), STR(" /v1/x?y=1 HTTP/1.1\r\n"));
}

/* A method of any length is itself, with a body and without; of a HEAD the body
 * stays behind. */
static void
any_method(enum engine e)
{
	static const char *const name = "GENERATE-WITH-A-METHOD-OF-ITS-OWN-NAME";

	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 }, { OK5 }, { OK5 },
	    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" }, { OK5 });
	rig_expect(name, "body", 200, "hello");
	OK(asked(name));
	OK(str_ends(buf_str(&rig.srv.last), STR("\r\n\r\nbody")));
	rig_expect(name, NULL, 200, "hello");
	OK(asked(name));
	rig_expect("PUT", "body", 200, "hello");
	OK(asked("PUT"));
	rig_expect("DELETE", NULL, 200, "hello");
	OK(asked("DELETE"));
	rig_expect("HEAD", e == CURL ? "body" : NULL, 200, "");
	OK(asked("HEAD"));
	OK(str_ends(buf_str(&rig.srv.last), STR("\r\n\r\n")));
	rig_expect("POST", "x", 200, "hello");
	OK(asked("POST"));
	rig_end();
}

TEST(curl_proxy_refuses)
{
	char url[64];

	rig_begin(CURL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", rig.srv.port);
	rig.p.proxy = url;
	rig_new_host();
	SCRIPT({ "HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n" });
	rig_fail("POST", "x", OUTCOME_CONNECT);
	EQ_INT(rig.r.heads, 0);
	rig_end();
}

TEST(resolve_name)
{
	struct conf_provider p = { .host = "api.test", .proxy = "" };
	char name[64];

	EQ_INT(fetch_resolve_name(&p, name, sizeof(name)), 0);
	EQ_STR(name, "api.test");
	p.proxy = "socks5h://user:secret@proxy.test:1080";
	EQ_INT(fetch_resolve_name(&p, name, sizeof(name)), 0);
	EQ_STR(name, "proxy.test");
	p.proxy = "http://proxy.test:70000/";
	OK(fetch_resolve_name(&p, name, sizeof(name)) < 0);
}

/* An address that takes connections and speaks no TLS, or breaks them, does not
 * keep from the one behind it. */
static void
bad_node(int breaks)
{
	unsigned char a[2][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
	    127, 0, 0, 2 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0,
	    0, 1 } };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd, in;

	rig_begin_tls(H1, "api.test", make_certs(), cert_server_ctx(&leaf));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	sin.sin_port = htons((uint16_t)rig.srv.port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	OK(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	OK(listen(fd, 8) == 0);
	SCRIPT({ OK5, ANS_CLOSE }, { OK5 });
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 2, 0, "");
	rig_start(&rig.r, "POST", "x");
	while (rig.r.ends == 0) {
		if (breaks && (in = accept(fd, NULL, NULL)) >= 0)
			close(in);
		rig_turn();
	}
	EQ_STR(rig.r.why, "");
	EQ_INT(rig.r.status, 200);
	EQ_INT(fetch_stats(rig.r.f)->peer[15], 1);
	/* The good one comes first now. */
	rig.req.connect_us = 200000;
	rig_expect("POST", "x", 200, "hello");
	close(fd);
	rig_end();
}

TEST(h1_tls_node_that_hangs) { bad_node(0); }
TEST(h1_tls_node_that_breaks) { bad_node(1); }

TEST(cleanup)
{
	cert_free(&ca);
	cert_free(&leaf);
	cert_free(&old);
	tls_cleanup();
	OK(ca.cert_pem == NULL);
}

TEST(h1_tls) { tls(H1); }
TEST(h1_tls_refused) { tls_refused(H1); }
TEST(h1_tls_stale_reuse) { tls_stale_reuse(H1); }
TEST(curl_tls) { tls(CURL); }
TEST(curl_tls_refused) { tls_refused(CURL); }
TEST(curl_tls_stale_reuse) { tls_stale_reuse(CURL); }
TEST(h1_any_method) { any_method(H1); }
TEST(curl_any_method) { any_method(CURL); }

TAP_BEGIN
	TAP_ROW(h1_tls)
	TAP_ROW(h1_tls_refused)
	TAP_ROW(h1_tls_stale_reuse)
	TAP_ROW(curl_tls)
	TAP_ROW(curl_tls_refused)
	TAP_ROW(curl_tls_stale_reuse)
	TAP_ROW(h1_any_method)
	TAP_ROW(curl_any_method)
	TAP_ROW(curl_proxy)
	TAP_ROW(curl_proxy_refuses)
	TAP_ROW(resolve_name)
	TAP_ROW(h1_tls_node_that_hangs)
	TAP_ROW(h1_tls_node_that_breaks)
	TAP_ROW(cleanup)
TAP_END
