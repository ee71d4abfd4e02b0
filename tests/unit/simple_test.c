/*
 * simple_test.c - the client of checker and admin.
 *
 * Runs in: make check.
 * Owns: one rig per test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cert.h"
#include "fetch_rig.h"
#include "net/tls.h"
#include "upstream/simple.h"

static struct multi *multi;
static struct simple *req;
static int calls, cancel_in;
static struct simple_answer got;
static char body[70000], why[256], type[64];

static void
on_answer(void *arg, const struct simple_answer *a)
{
	const struct hdr *h = hdr_find(a->headers, a->n_headers,
	    HDR_CONTENT_TYPE);

	OK(arg == &calls);
	calls++;
	got = *a;
	snprintf(body, sizeof(body), "%.*s", STR_ARG(a->body));
	snprintf(why, sizeof(why), "%s", a->error);
	snprintf(type, sizeof(type), "%.*s", h == NULL ? 0 :
	    (int)h->value.n, h == NULL ? "" : h->value.p);
	if (cancel_in)
		simple_cancel(&req);
}

static void
ask(struct simple_req *r)
{
	static char url[128];
	int before = calls;

	simple_cancel(&req);
	if (r->url == NULL) {
		snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1/models",
		    rig.srv.port);
		r->url = url;
	}
	req = simple_request(rig.loop, multi, r, on_answer, &calls);
	EQ_INT(calls, before);
	WAIT(calls > before);
	EQ_INT(calls, before + 1);
}

static void
begin(void)
{
	rig_begin(H1);
	multi = multi_new(rig.loop);
	cancel_in = 0;
}

static void
finish(void)
{
	simple_cancel(&req);
	multi_free(&multi);
	rig_end();
}

#define JSON5 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" \
	"Content-Length: 5\r\n\r\n[1,2]"

TEST(get_and_post)
{
	static const struct hdr h[] = { { { "x-a", 3 }, { "b", 1 },
	    HDR_OTHER } };
	struct simple_req r = { "GET" }, p = { "POST" };

	begin();
	SCRIPT({ JSON5 }, { JSON5 },
	    { "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno" });
	r.headers = h;
	r.n_headers = 1;
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_OK);
	EQ_INT(got.status, 200);
	EQ_STR(body, "[1,2]");
	EQ_STR(type, "application/json");
	EQ_STR(why, "");
	OK(got.peer[12] == 127);
	OK(str_starts(buf_str(&rig.srv.last),
	    STR("GET /v1/models HTTP/1.1\r\n")));
	OK(str_find(buf_str(&rig.srv.last), STR("x-a: b\r\n")) > 0);
	p.body = STR("{\"x\":1}");
	ask(&p);
	OK(str_ends(buf_str(&rig.srv.last), STR("\r\n\r\n{\"x\":1}")));
	OK(str_starts(buf_str(&rig.srv.last), STR("POST ")));
	cancel_in = 1;
	ask(&r);
	OK(req == NULL);
	EQ_INT(got.status, 401);
	finish();
}

TEST(limits)
{
	struct simple_req r = { "GET" };

	begin();
	SCRIPT({ JSON5 }, { NULL }, { NULL, ANS_CLOSE });
	r.max_body = 3;
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_OK);
	EQ_INT(got.cut, 1);
	EQ_STR(body, "[1,");
	r.timeout_us = 60000;
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_TOTAL_TIMEOUT);
	OK(got.elapsed_us >= 60000);
	EQ_INT(got.status, 0);
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_RESET);
	finish();
}

TEST(addresses)
{
	const unsigned char a[1][16] = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255,
	    255, 127, 0, 0, 1 } };
	struct simple_req r = { "GET" };
	char url[128];

	begin();
	SCRIPT({ JSON5 });
	r.provider = &rig.p;
	r.addr = a;
	r.n_addr = 1;
	snprintf(url, sizeof(url), "http://api.test:%u/x", rig.srv.port);
	r.url = url;
	rig.p.allow_private.n = 0;
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_GUARDED);
	EQ_INT(rig.srv.accepted, 0);
	rig.p.allow_private.n = 1;
	ask(&r);
	EQ_STR(why, "");
	EQ_INT(got.outcome, OUTCOME_OK);
	server_stop(&rig.srv);
	ask(&r);
	EQ_INT(got.outcome, OUTCOME_CONNECT);
	r.url = "ftp://127.0.0.1/";
	ask(&r);
	OK(got.outcome != OUTCOME_OK);
	finish();
}

TEST(cancelled)
{
	struct simple_req r = { "GET" };
	char url[128];
	int i, before = calls;

	begin();
	SCRIPT({ NULL });
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", rig.srv.port);
	r.url = url;
	for (i = 0; i < 4; i++) {
		int k;

		req = simple_request(rig.loop, multi, &r, on_answer, &calls);
		for (k = 0; k < i; k++)
			rig_turn();
		simple_cancel(&req);
		rig_turn();
	}
	EQ_INT(calls, before);
	finish();
}

TAP_BEGIN
	TAP_ROW(get_and_post)
	TAP_ROW(limits)
	TAP_ROW(addresses)
	TAP_ROW(cancelled)
TAP_END
