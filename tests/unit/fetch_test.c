/*
 * fetch_test.c - plain exchanges, the same suite for both engines.
 *
 * Runs in: make check.
 * Owns: one rig per test.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "fetch_rig.h"

#define OK5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void
exchange(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 });
	rig_expect("POST", "{\"a\":1}", 200, "hello");
	EQ_INT(rig.r.length, 5);
	OK(strstr(rig.r.headers, "X-A: b\n") != NULL);
	OK(str_starts(buf_str(&rig.srv.last),
	    STR("POST /v1/x?y=1 HTTP/1.1\r\n")));
	OK(str_ends(buf_str(&rig.srv.last), STR("\r\n\r\n{\"a\":1}")));
	OK(str_find(buf_str(&rig.srv.last), str_of(rig.host_header)) > 0);
	OK(str_find(buf_str(&rig.srv.last), STR("x-test: yes\r\n")) > 0);
	OK(str_find(buf_str(&rig.srv.last), STR("upgrade")) < 0);
	OK(str_find(buf_str(&rig.srv.last),
	    STR("Accept-Encoding: identity\r\n")) > 0);
	OK(str_find(buf_str(&rig.srv.last), STR("Expect")) < 0);
	EQ_INT(fetch_stats(rig.r.f)->reused, 0);
	OK(fetch_stats(rig.r.f)->peer[12] == 127);
	rig_end();
}

static void
reuse(enum engine e)
{
	int i;

	rig_begin(e);
	SCRIPT({ OK5 }, { CHUNKED "5\r\nhello\r\n0\r\n\r\n" },
	    { "HTTP/1.1 204 No Content\r\n\r\n" }, { OK5 });
	for (i = 0; i < 4; i++) {
		if (i == 2)
			rig_expect("GET", NULL, 204, "");
		else
			rig_expect("POST", "x", 200, "hello");
		EQ_INT(fetch_stats(rig.r.f)->reused, i > 0);
	}
	EQ_INT(rig.srv.accepted, 1);
	EQ_INT(fetch_host_idle(rig.host), 1);
	EQ_INT(fetch_host_open(rig.host), 1);
	rig_end();
}

static void
framings(enum engine e)
{
	rig_begin(e);
	SCRIPT({ CHUNKED "1\r\na\r\n00000002\r\nbc\r\n0\r\nT: x\r\n\r\n" },
	    { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
	    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
	    OK5 },
	    { "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" },
	    { "HTTP/1.1 200 OK\r\n\r\nuntil the end", ANS_CLOSE });
	rig_expect("POST", "x", 200, "abc");
	rig_expect("POST", "x", 200, "");
	EQ_INT(rig.r.no_body, 1);
	rig_expect("POST", "x", 200, "hello");
	rig_expect("HEAD", NULL, 200, "");
	EQ_INT(rig.srv.accepted, 1);
	rig_expect("POST", "x", 200, "until the end");
	EQ_INT(rig.r.length, -1);
	EQ_INT(fetch_host_idle(rig.host), 0);
	rig_end();
}

static void
bytewise(enum engine e)
{
	rig_begin(e);
	SCRIPT({ CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", ANS_BYTEWISE },
	    { "HTTP/1.1 100 Continue\r\n\r\n" OK5, ANS_BYTEWISE });
	rig_expect("POST", "x", 200, "abcde");
	EQ_INT(rig.r.pieces, 5);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 1);
	rig_end();
}

static void
cut_short(enum engine e)
{
	rig_begin(e);
	SCRIPT({ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
	    ANS_CLOSE },
	    { CHUNKED "5\r\nhello\r\n", ANS_CLOSE },
	    { CHUNKED "5\r\nhello\r\n", ANS_RESET },
	    { "HTTP/1.1 200 OK\r\n\r\nhello", ANS_RESET });
	rig_fail("POST", "x", OUTCOME_TRUNCATED);
	EQ_S(buf_str(&rig.r.body), "hello");
	rig_fail("POST", "x", OUTCOME_TRUNCATED);
	EQ_S(buf_str(&rig.r.body), "hello");
	rig_fail("POST", "x", OUTCOME_TRUNCATED);
	rig_fail("POST", "x", OUTCOME_TRUNCATED);
	EQ_INT(fetch_host_open(rig.host), 0);
	rig_end();
}

static void
bad_answers(enum engine e)
{
	rig_begin(e);
	SCRIPT({ "SSH-2.0-OpenSSH_9.2\r\n", ANS_CLOSE },
	    { CHUNKED "zz\r\nhello\r\n" });
	rig_fail("POST", "x", OUTCOME_BAD_HEAD);
	EQ_INT(rig.r.heads, 0);
	rig_fail("POST", "x", OUTCOME_BAD_BODY);
	rig_end();
}

static void
endless_head(enum engine e)
{
	static char line[1001];

	rig_begin(e);
	memset(line, 'a', 1000);
	memcpy(line, "X-Y: ", 5);
	memcpy(line + 998, "\r\n", 2);
	{
		static struct answer a[2];

		a[0].text = line;
		a[0].how = ANS_REPEAT;
		server_script(&rig.srv, a, 1);
	}
	rig_fail("POST", "x", OUTCOME_BAD_HEAD);
	rig_end();
}

static void
extra_bytes(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" },
	    { OK5 });
	rig_expect("POST", "x", 200, "hello");
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 2);
	rig_end();
}

static void
resets(enum engine e)
{
	rig_begin(e);
	SCRIPT({ NULL, ANS_RESET }, { NULL, ANS_CLOSE },
	    { "HTTP/1.1 200 O", ANS_CLOSE });
	rig_fail("POST", "x", OUTCOME_RESET);
	rig_fail("POST", "x", OUTCOME_RESET);
	rig_fail("POST", "x", OUTCOME_RESET);
	EQ_INT(rig.srv.requests, 3);
	EQ_INT(rig.r.heads, 0);
	rig_end();
}

static void
stalls(enum engine e)
{
	rig_begin(e);
	SCRIPT({ NULL }, { CHUNKED "5\r\nhello\r\n" },
	    { CHUNKED "5\r\nhello\r\n" });
	rig.req.head_us = 60000;
	rig_fail("POST", "x", OUTCOME_HEAD_TIMEOUT);
	rig.req.head_us = 0;
	rig.req.idle_us = 60000;
	rig_fail("POST", "x", OUTCOME_IDLE_TIMEOUT);
	EQ_S(buf_str(&rig.r.body), "hello");
	rig.req.idle_us = 0;
	rig.req.total_us = 60000;
	rig_fail("POST", "x", OUTCOME_TOTAL_TIMEOUT);
	EQ_INT(fetch_host_open(rig.host), 0);
	rig_end();
}

/* Bytes do not put the first content off; what was waited for does. */
static void
first_content(enum engine e)
{
	int64_t until;

	rig_begin(e);
	SCRIPT({ NULL }, { CHUNKED "5\r\nhello\r\n" },
	    { CHUNKED "5\r\nhello\r\n" });
	rig.req.first_us = 60000;
	rig_fail("POST", "x", OUTCOME_HEAD_TIMEOUT);
	rig_fail("POST", "x", OUTCOME_FIRST_TIMEOUT);
	EQ_S(buf_str(&rig.r.body), "hello");
	rig.req.first_us = 1000000;
	rig_start(&rig.r, "POST", "x");
	WAIT(buf_len(&rig.r.body) == 5);
	fetch_first(rig.r.f);
	for (until = clock_mono_us() + 1100000; clock_mono_us() < until; )
		rig_turn();
	EQ_INT(rig.r.ends, 0);
	rig_release(&rig.r);
	rig_end();
}

/* The body is not wanted: the answer comes, the rest is not sent. */
static void
early_answer(enum engine e)
{
	size_t n = 24 << 20;
	char *big = xmalloc(n + 1);

	memset(big, 'x', n);
	big[n] = '\0';
	rig_begin(e);
	SCRIPT({ "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno",
	    ANS_EARLY }, { OK5 });
	rig_expect("POST", big, 413, "no");
	OK(buf_len(&rig.srv.last) < n);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 2);
	rig_end();
	free(big);
}

static void
large_request(enum engine e)
{
	size_t n = 3 << 20;
	char *big = xmalloc(n + 1);

	memset(big, 'x', n);
	big[n] = '\0';
	rig_begin(e);
	SCRIPT({ OK5 });
	rig_expect("POST", big, 200, "hello");
	OK(str_ends(buf_str(&rig.srv.last), str_make(big, n)));
	EQ_INT(rig.srv.accepted, 1);
	rig_end();
	free(big);
}

/* A paused exchange does not read: the server cannot send all. */
static void
back_pressure(enum engine e)
{
	static struct answer a;
	size_t n = 24 << 20, head, seen;
	char *text = xmalloc(n + 100);
	int i;

	head = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: %zu\r\n\r\n", n);
	memset(text + head, 'y', n);
	a.text = text;
	a.n = head + n;
	rig_begin(e);
	server_script(&rig.srv, &a, 1);
	rig.r.pause_at = 100000;
	rig_start(&rig.r, "POST", "x");
	WAIT(buf_len(&rig.r.body) >= 100000);
	fetch_set_idle(rig.r.f, 400000);	/* does not run while paused */
	for (i = 0; i < 12; i++)
		rig_turn();
	seen = buf_len(&rig.r.body);
	OK(seen < 100000 + 600000);
	for (i = 0; i < 20; i++)
		rig_turn();
	EQ_INT(buf_len(&rig.r.body), seen);
	EQ_INT(rig.r.ends, 0);
	fetch_set_idle(rig.r.f, 20000000);
	rig.r.pause_at = 0;
	fetch_resume(rig.r.f);
	EQ_INT(buf_len(&rig.r.body), seen);
	rig_done(&rig.r);
	EQ_INT(rig.r.outcome, OUTCOME_OK);
	EQ_MEM(buf_ptr(&rig.r.body), buf_len(&rig.r.body), text + head, n);
	rig_end();
	free(text);
}

static void
cancels(enum engine e)
{
	int i, turns;

	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 }, { OK5 }, { OK5 }, { OK5 }, { OK5 }, { OK5 },
	    { OK5 }, { OK5 }, { OK5 }, { OK5 }, { OK5 }, { OK5 });
	for (turns = 0; turns < 6; turns++) {
		rig_start(&rig.r, "POST", "x");
		for (i = 0; i < turns; i++)
			rig_turn();
		fetch_cancel(&rig.r.f);
		OK(rig.r.f == NULL);
		i = rig.r.ends;
		rig_turn();
		EQ_INT(rig.r.ends, i);
	}
	for (i = 1; i <= 3; i++) {
		rig.r.cancel_in = i;
		rig_start(&rig.r, "POST", "x");
		WAIT(rig.r.f == NULL);
		rig_turn();
		EQ_INT(rig.r.ends, i == 3);
	}
	rig.r.cancel_in = 0;
	rig_end();
}

/* The server ends a kept connection at the very moment of reuse. */
static void
stale_reuse(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(fetch_host_idle(rig.host), 1);
	server_hang_up(&rig.srv);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.requests, 2);
	/* libcurl looks before it reuses. */
	EQ_INT(fetch_stats(rig.r.f)->resent, e == H1);
	EQ_INT(rig.srv.accepted, 2);
	rig_end();
}

/* The same with a reset: not a byte of the request went out. */
static void
reset_reuse(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	server_reset(&rig.srv);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.requests, 2);
	EQ_INT(rig.srv.accepted, 2);
	rig_end();
}

/* It read the request and then left: nobody knows what it did with it. */
static void
heard_reuse(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 }, { NULL, ANS_CLOSE }, { OK5 }, { NULL, ANS_RESET });
	rig_expect("POST", "x", 200, "hello");
	rig_fail("POST", "x", OUTCOME_RESET);
	EQ_INT(rig.srv.requests, 2);
	EQ_INT(fetch_stats(rig.r.f)->resent, 0);
	rig_expect("POST", "x", 200, "hello");
	rig_fail("POST", "x", OUTCOME_RESET);
	EQ_INT(rig.srv.requests, 4);
	SCRIPT({ OK5 }, { NULL, ANS_CLOSE }, { OK5 });
	rig.req.idempotent = 1;
	rig_expect("GET", NULL, 200, "hello");
	rig_expect("GET", NULL, 200, "hello");
	EQ_INT(rig.srv.requests, 7);
	EQ_INT(fetch_stats(rig.r.f)->resent, 1);
	rig_end();
}

/* A kept connection that ends while idle is gone before the next request. */
static void
idle_end(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5 }, { OK5 });
	rig_expect("POST", "x", 200, "hello");
	server_hang_up(&rig.srv);
	if (e == H1)		/* libcurl finds out when it is asked */
		WAIT(fetch_host_open(rig.host) == 0);
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(fetch_stats(rig.r.f)->resent, 0);
	rig_end();
}

static void
not_connected(enum engine e)
{
	unsigned char a[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10,
	    0, 0, 1 };

	rig_begin(e);
	server_stop(&rig.srv);
	rig_fail("POST", "x", OUTCOME_CONNECT);
	rig.p.allow_private.n = 0;
	rig_fail("POST", "x", OUTCOME_GUARDED);
	rig.p.allow_private.n = 1;
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])&a, 1, 0,
	    "");
	rig_fail("POST", "x", OUTCOME_GUARDED);
	rig.p.host = "127.0.0.1";
	rig_new_host();
	rig_fail("POST", "x", OUTCOME_CONNECT);
	rig_end();
}

static void
addresses(enum engine e)
{
	/* Nobody listens on 127.0.0.2 at that port. */
	unsigned char a[2][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
	    127, 0, 0, 2 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0,
	    0, 1 } };

	rig_begin(e);
	rig_new_host();
	SCRIPT({ OK5 }, { OK5 });
	OK(fetch_host_waiting(rig.host));
	rig_start(&rig.r, "POST", "x");
	rig_turn();
	EQ_INT(rig.r.ends, 0);
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 2, 0, "");
	rig_done(&rig.r);
	EQ_STR(rig.r.why, "");
	EQ_INT(rig.r.status, 200);
	rig_new_host();
	rig_start(&rig.r, "POST", "x");
	fetch_host_addrs(rig.host, NULL, 0, 1, "no such name");
	rig_done(&rig.r);
	EQ_INT(rig.r.outcome, OUTCOME_RESOLVE);
	EQ_STR(rig.r.why, "no such name");
	rig_fail("POST", "x", OUTCOME_RESOLVE);
	rig_publish();
	rig_expect("POST", "x", 200, "hello");
	rig_new_host();
	rig.req.connect_us = 50000;
	rig_fail("POST", "x", OUTCOME_RESOLVE);
	rig_end();
}

/* The first address swallows connects: the second gets its chance. */
TEST(h1_slow_address)
{
	unsigned char a[2][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
	    127, 0, 0, 2 }, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0,
	    0, 1 } };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd[4], i;

	rig_begin(H1);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	sin.sin_port = htons((uint16_t)rig.srv.port);
	for (i = 0; i < 4; i++)
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	OK(bind(fd[0], (struct sockaddr *)&sin, sizeof(sin)) == 0);
	OK(listen(fd[0], 0) == 0);
	for (i = 1; i < 4; i++)		/* fill its queue */
		connect(fd[i], (struct sockaddr *)&sin, sizeof(sin));
	SCRIPT({ OK5 }, { OK5, ANS_CLOSE }, { OK5 });
	fetch_host_addrs(rig.host, (const unsigned char (*)[16])a, 2, 0, "");
	rig_expect("POST", "x", 200, "hello");
	OK(fetch_stats(rig.r.f)->peer[15] == 1);
	rig_expect("POST", "x", 200, "hello");
	/* The good one is remembered and comes first now. */
	rig.req.connect_us = 150000;
	rig_expect("POST", "x", 200, "hello");
	EQ_INT(rig.srv.accepted, 2);
	rig_end();
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

/* The host is removed while an exchange is under way: that one ends well. */
static void
host_removed(enum engine e)
{
	rig_begin(e);
	SCRIPT({ OK5, ANS_BYTEWISE });
	rig_start(&rig.r, "POST", "x");
	WAIT(rig.r.heads == 1);
	fetch_host_free(&rig.host);
	rig_done(&rig.r);
	EQ_INT(rig.r.outcome, OUTCOME_OK);
	rig_end();
}

/* Much that came compressed in one piece with its head, all read at once. */
static void
compressed_at_once(enum engine e)
{
	static char plain[60000], text[65536];
	static struct answer a[2];
	z_stream z = { 0 };
	unsigned i, seed = 1;
	int n;

	rig_begin(e);
	for (i = 0; i < sizeof(plain); i++) {
		seed = seed * 1103515245 + 12345;
		plain[i] = (char)(i < 20000 ? 'a' + (seed >> 16) % 26 : 'b');
	}
	OK(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = (Bytef *)plain;
	z.avail_in = sizeof(plain);
	z.next_out = (Bytef *)text + 256;
	z.avail_out = sizeof(text) - 256;
	OK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	n = snprintf(text, 256, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: %lu\r\n\r\n", z.total_out);
	memmove(text + n, text + 256, z.total_out);
	a[0].text = a[1].text = text;
	a[0].n = (size_t)n + z.total_out;
	a[1].n = a[0].n - 5;
	a[1].how = ANS_CLOSE;
	deflateEnd(&z);
	server_script(&rig.srv, a, 2);
	rig_start(&rig.r, "POST", "x");
	rig_done(&rig.r);
	EQ_INT(rig.r.outcome, OUTCOME_OK);
	EQ_MEM(buf_ptr(&rig.r.body), buf_len(&rig.r.body), plain,
	    sizeof(plain));
	rig_fail("POST", "x", OUTCOME_TRUNCATED);
	EQ_INT(rig.srv.accepted, 1);	/* it was kept */
	rig_end();
}

/* "hello hello hello hello\n", gzip */
#define GZ "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57" \
	"\xc8\x40\x27\xb9\x00\x00\x88\x59\x0b\x18\x00\x00\x00"

static void
compressed(enum engine e)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip"
	    "\r\nContent-Length: 29\r\n\r\n";
	static struct answer a[4];
	static char text[256], bad[256];

	rig_begin(e);
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(head) - 1, GZ, 29);
	memcpy(bad, text, sizeof(text));
	bad[sizeof(head) + 12] ^= 0x55;
	a[0].text = a[1].text = a[2].text = text;
	a[3].text = bad;
	a[0].n = a[1].n = a[2].n = a[3].n = sizeof(head) - 1 + 29;
	a[1].how = ANS_BYTEWISE;
	server_script(&rig.srv, a, 4);
	rig_expect("POST", "x", 200, "hello hello hello hello\n");
	OK(strstr(rig.r.headers, "Encoding") == NULL);
	OK(strstr(rig.r.headers, "Length") == NULL);
	EQ_INT(rig.r.length, -1);
	rig_expect("POST", "x", 200, "hello hello hello hello\n");
	rig.req.keep_encoding = 1;
	rig_start(&rig.r, "POST", "x");
	rig_done(&rig.r);
	EQ_MEM(buf_ptr(&rig.r.body), buf_len(&rig.r.body), GZ, 29);
	OK(strstr(rig.r.headers, "Content-Encoding: gzip") != NULL);
	rig.req.keep_encoding = 0;
	rig_fail("POST", "x", OUTCOME_BAD_BODY);
	rig_end();
}

#define ALL(X)								\
	X(exchange) X(reuse) X(framings) X(bytewise) X(cut_short)	\
	X(bad_answers) X(endless_head) X(extra_bytes) X(resets)		\
	X(stalls) X(first_content) X(early_answer) X(large_request)	\
	X(back_pressure) X(cancels) X(stale_reuse) X(reset_reuse)	\
	X(heard_reuse) X(idle_end)					\
	X(not_connected) X(addresses) X(host_removed)	\
	X(compressed) X(compressed_at_once)

#define X(name) TEST(h1_##name) { name(H1); }
ALL(X)
#undef X
#define X(name) TEST(curl_##name) { name(CURL); }
ALL(X)
#undef X

TAP_BEGIN
	TAP_ROW(h1_slow_address)
#define X(name) TAP_ROW(h1_##name)
	ALL(X)
#undef X
#define X(name) TAP_ROW(curl_##name)
	ALL(X)
#undef X
TAP_END
