/* http1_test.c - heads: accepted, refused, split anywhere, limits, meaning. */
#include <stdlib.h>

#include "base/err.h"
#include "http1_heads.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* One try: on a copy of exactly n bytes, so that reading on is noticed. */
struct try {
	long		 rc;
	size_t		 seen;
	enum http1_error why;
	struct http1_head head;
	char		*copy;
};

static void
try(struct try *t, int request, const char *p, size_t n,
    const struct http1_limits *lim)
{
	free(t->copy);
	t->copy = malloc(n == 0 ? 1 : n);
	OK(t->copy != NULL);
	memcpy(t->copy, p, n);
	t->rc = request ?
	    http1_request(t->copy, n, &t->seen, lim, &t->head, &t->why) :
	    http1_response(t->copy, n, &t->seen, lim, HTTP1_GET, &t->head,
		&t->why);
	OK(t->seen <= n);
	OK(t->rc > 0 || t->rc == ERR_AGAIN || t->rc == ERR_FORMAT);
	OK((t->rc == ERR_FORMAT) == (t->why != HTTP1_OK));
}

static int
same_slice(const struct try *a, struct str x, const struct try *b,
    struct str y)
{
	if (x.p == NULL || y.p == NULL)
		return x.p == y.p;
	return x.n == y.n && x.p - a->copy == y.p - b->copy;
}

static void
same_head(const struct try *a, const struct try *b)
{
	const struct http1_head *x = &a->head, *y = &b->head;
	unsigned i;

	EQ_INT(x->method, y->method);
	OK(same_slice(a, x->method_text, b, y->method_text));
	OK(same_slice(a, x->target, b, y->target));
	OK(same_slice(a, x->path, b, y->path));
	OK(same_slice(a, x->query, b, y->query));
	OK(same_slice(a, x->host, b, y->host));
	OK(same_slice(a, x->reason, b, y->reason));
	EQ_INT(x->status, y->status);
	EQ_INT(x->minor, y->minor);
	EQ_INT(x->body, y->body);
	EQ_INT(x->length, y->length);
	EQ_INT(x->keep_alive, y->keep_alive);
	EQ_INT(x->expect_continue, y->expect_continue);
	EQ_INT(x->n, y->n);
	for (i = 0; i < x->n; i++) {
		EQ_INT(x->h[i].id, y->h[i].id);
		OK(same_slice(a, x->h[i].name, b, y->h[i].name));
		OK(same_slice(a, x->h[i].value, b, y->h[i].value));
	}
}

/* The result must not depend on how the bytes came. */
static void
check_splits(int request, const char *p, size_t n,
    const struct http1_limits *lim)
{
	struct try whole = { 0 }, part = { 0 };
	size_t i;

	try(&whole, request, p, n, lim);
	for (i = 1; i <= n; i++) {
		try(&part, request, p, i, lim);
		if (part.rc != ERR_AGAIN)
			break;
	}
	EQ_INT(part.rc, whole.rc);
	EQ_INT(part.why, whole.why);
	if (whole.rc > 0) {
		EQ_INT(whole.rc, i);
		same_head(&whole, &part);
	}
	for (i = 0; i < n; i++) {
		part.seen = 0;
		try(&part, request, p, i, lim);
		if (part.rc == ERR_AGAIN)
			try(&part, request, p, n, lim);
		EQ_INT(part.rc, whole.rc);
		EQ_INT(part.why, whole.why);
		if (whole.rc > 0)
			same_head(&whole, &part);
	}
	free(whole.copy);
	free(part.copy);
}

static void
check_cases(int request, const struct head_case *c, size_t n)
{
	struct try t = { 0 };
	size_t i;

	for (i = 0; i < n; i++, t.seen = 0) {
		try(&t, request, c[i].p, c[i].n, NULL);
		if (t.why != c[i].why)
			tap_fail(__FILE__, __LINE__,
			    "row %zu: %d, expected %d: %s", i, (int)t.why,
			    (int)c[i].why, c[i].p);
		if (t.why == HTTP1_OK)
			EQ_INT(t.rc, c[i].n);
		check_splits(request, c[i].p, c[i].n, NULL);
	}
	free(t.copy);
}

TEST(requests)
{
	check_cases(1, request_cases, COUNT(request_cases));
}

TEST(codings)
{
	check_cases(1, coding_cases, COUNT(coding_cases));
}

TEST(responses)
{
	check_cases(0, response_cases, COUNT(response_cases));
}

/* What follows a head is not looked at. */
TEST(pipelined)
{
	static const char two[] = G "\r\n\0\n\xff GET";
	struct try t = { 0 };

	try(&t, 1, two, sizeof(two) - 1, NULL);
	EQ_INT(t.rc, sizeof(G "\r\n") - 1);
	check_splits(1, two, sizeof(two) - 1, NULL);
	free(t.copy);
}

static void
get(struct try *t, const char *s)
{
	t->seen = 0;
	try(t, 1, s, strlen(s), NULL);
	EQ_INT(t->rc, strlen(s));
}

TEST(parts_of_a_request)
{
	struct try t = { 0 };
	const struct http1_head *h = &t.head;

	get(&t, "\r\nPOST /v1/x?a=b?c HTTP/1.1\r\nHost: h.example:80\r\n"
	    "Content-Type:  text/plain \t\r\nX-Other:\r\n"
	    "Content-Length: 17\r\nExpect: 100-continue\r\n\r\n");
	EQ_INT(h->method, HTTP1_POST);
	EQ_S(h->method_text, "POST");
	EQ_S(h->target, "/v1/x?a=b?c");
	EQ_S(h->path, "/v1/x");
	EQ_S(h->query, "a=b?c");
	EQ_S(h->host, "h.example:80");
	EQ_INT(h->minor, 1);
	EQ_INT(h->n, 5);
	EQ_INT(h->h[1].id, HDR_CONTENT_TYPE);
	EQ_S(h->h[1].name, "Content-Type");
	EQ_S(h->h[1].value, "text/plain");
	EQ_INT(h->h[2].id, HDR_OTHER);
	EQ_S(h->h[2].value, "");
	EQ_INT(h->body, HTTP1_LENGTH);
	EQ_INT(h->length, 17);
	OK(h->has_length && h->keep_alive && h->expect_continue &&
	    !h->upgrade);
	free(t.copy);
}

TEST(targets)
{
	struct try t = { 0 };
	const struct http1_head *h = &t.head;

	get(&t, "GET http://h:80/p?q HTTP/1.1\r\nHost: H:80\r\n\r\n");
	EQ_S(h->target, "http://h:80/p?q");
	EQ_S(h->path, "/p");
	EQ_S(h->query, "q");
	EQ_S(h->host, "H:80");
	get(&t, "GET http://h?q HTTP/1.0\r\n\r\n");
	EQ_S(h->path, "/");
	EQ_S(h->query, "q");
	EQ_S(h->host, "h");
	get(&t, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
	EQ_S(h->path, "*");
	OK(h->query.p == NULL);
	get(&t, "GET /? HTTP/1.1\r\nHost: h\r\n\r\n");
	OK(h->query.p != NULL && h->query.n == 0);
	get(&t, "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n");
	OK(h->path.p == h->target.p + 3 && h->path.n == 0);
	EQ_S(h->host, "h:1");
	get(&t, "GET / HTTP/1.0\r\n\r\n");
	OK(h->host.p == NULL);
	free(t.copy);
}

TEST(connections)
{
	static const struct {
		const char	*text;
		int		 keep_alive, upgrade;
	} rows[] = {
		{ G "\r\n", 1, 0 },
		{ G "Connection: close\r\n\r\n", 0, 0 },
		{ G "Connection: Close\r\n\r\n", 0, 0 },
		{ G "Connection: x ,\tclose\r\n\r\n", 0, 0 },
		{ G "Connection: keep-alive\r\n\r\n", 1, 0 },
		{ G "Connection: keep-alive, close\r\n\r\n", 0, 0 },
		{ G "Connection: x\r\nConnection: close\r\n\r\n", 0, 0 },
		{ G "Connection: closed\r\n\r\n", 1, 0 },
		{ G "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 1,
		    1 },
		{ G "Upgrade: websocket\r\n\r\n", 1, 0 },
		{ G "Connection: upgrade\r\n\r\n", 1, 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0, 0 },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1, 0 },
		{ "GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\n"
		    "Upgrade: h2c\r\n\r\n", 1, 0 },
	};
	struct try t = { 0 };
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		get(&t, rows[i].text);
		EQ_INT(t.head.keep_alive, rows[i].keep_alive);
		EQ_INT(t.head.upgrade, rows[i].upgrade);
	}
	free(t.copy);
}

TEST(expectations)
{
	struct try t = { 0 };

	get(&t, P "Expect: 100-continue\r\n\r\n");
	EQ_INT(t.head.expect_continue, 0);
	get(&t, P "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n");
	EQ_INT(t.head.expect_continue, 0);
	get(&t, P "Expect: 100-continue\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n");
	EQ_INT(t.head.expect_continue, 1);
	EQ_INT(t.head.body, HTTP1_CHUNKED);
	get(&t, "POST / HTTP/1.0\r\nExpect: 100-continue\r\n"
	    "Content-Length: 1\r\n\r\n");
	EQ_INT(t.head.expect_continue, 0);
	free(t.copy);
}

TEST(bodies_of_responses)
{
	static const struct {
		const char	*text;
		enum http1_method asked;
		enum http1_body_kind body;
		int		 length, keep_alive;
	} rows[] = {
#define R(s)	"HTTP/1.1 " s "\r\n\r\n"
		{ R("200 OK"), HTTP1_GET, HTTP1_UNTIL_CLOSE, 0, 0 },
		{ R("200 OK\r\nContent-Length: 3"), HTTP1_GET, HTTP1_LENGTH,
		    3, 1 },
		{ R("200 OK\r\nContent-Length: 0"), HTTP1_GET, HTTP1_LENGTH,
		    0, 1 },
		{ R("200 OK\r\nTransfer-Encoding: chunked"), HTTP1_POST,
		    HTTP1_CHUNKED, 0, 1 },
		{ R("200 OK\r\nContent-Length: 3"), HTTP1_HEAD, HTTP1_NO_BODY,
		    3, 1 },
		{ R("200 OK\r\nTransfer-Encoding: chunked"), HTTP1_HEAD,
		    HTTP1_NO_BODY, 0, 1 },
		{ R("200 OK"), HTTP1_HEAD, HTTP1_NO_BODY, 0, 1 },
		{ R("200 OK"), HTTP1_CONNECT, HTTP1_NO_BODY, 0, 1 },
		{ R("403 No\r\nContent-Length: 3"), HTTP1_CONNECT,
		    HTTP1_LENGTH, 3, 1 },
		{ R("100 Continue"), HTTP1_POST, HTTP1_NO_BODY, 0, 1 },
		{ R("103 Hints\r\nContent-Length: 3"), HTTP1_POST,
		    HTTP1_NO_BODY, 3, 0 },
		{ R("204 None"), HTTP1_GET, HTTP1_NO_BODY, 0, 1 },
		{ R("204 None\r\nContent-Length: 0"), HTTP1_GET,
		    HTTP1_NO_BODY, 0, 1 },
		{ R("204 None\r\nTransfer-Encoding: chunked"), HTTP1_GET,
		    HTTP1_NO_BODY, 0, 0 },
		{ R("304 Same\r\nContent-Length: 3"), HTTP1_GET,
		    HTTP1_NO_BODY, 3, 1 },
		{ R("205 Reset\r\nContent-Length: 0"), HTTP1_GET,
		    HTTP1_LENGTH, 0, 1 },
		{ R("200 OK\r\nConnection: close\r\nContent-Length: 3"),
		    HTTP1_GET, HTTP1_LENGTH, 3, 0 },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", HTTP1_GET,
		    HTTP1_LENGTH, 3, 0 },
		{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
		    "Content-Length: 3\r\n\r\n", HTTP1_GET, HTTP1_LENGTH, 3,
		    1 },
		{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n",
		    HTTP1_GET, HTTP1_UNTIL_CLOSE, 0, 0 },
	};
	struct http1_head h;
	enum http1_error why;
	size_t i, seen;

	for (i = 0; i < COUNT(rows); i++) {
		seen = 0;
		EQ_INT(http1_response(rows[i].text, strlen(rows[i].text),
		    &seen, NULL, rows[i].asked, &h, &why),
		    strlen(rows[i].text));
		EQ_INT(h.body, rows[i].body);
		EQ_INT(h.length, rows[i].length);
		EQ_INT(h.keep_alive, rows[i].keep_alive);
	}
}

TEST(reason)
{
	struct try t = { 0 };

	try(&t, 0, R("429 Too Many"), strlen(R("429 Too Many")), NULL);
	EQ_INT(t.head.status, 429);
	EQ_S(t.head.reason, "Too Many");
	free(t.copy);
}

/* Limits: the greatest that passes, and one byte more. */
TEST(limits)
{
	static const char text[] = "GET /abcdef HTTP/1.1\r\nHost: a\r\n"
	    "X-A: b\r\n\r\n";
	const size_t n = sizeof(text) - 1, line = strlen(
	    "GET /abcdef HTTP/1.1\r\n");
	struct http1_limits lim = { .max_line = line, .max_head = n };
	struct try t = { 0 };
	size_t i;

	try(&t, 1, text, n, &lim);
	EQ_INT(t.rc, n);
	check_splits(1, text, n, &lim);
	for (i = 1; i < n; i++) {
		lim.max_head = i;
		lim.max_line = line;
		t.seen = 0;
		try(&t, 1, text, n, &lim);
		EQ_INT(t.why, HTTP1_HEAD_TOO_LONG);
		check_splits(1, text, n, &lim);
		lim.max_head = n;
		lim.max_line = i;
		t.seen = 0;
		try(&t, 1, text, n, &lim);
		EQ_INT(t.why, i < line ? HTTP1_LINE_TOO_LONG : HTTP1_OK);
		check_splits(1, text, n, &lim);
	}
	free(t.copy);
}

/* An endless line or head is refused as soon as the limit is reached. */
TEST(endless)
{
	static char p[70000];
	struct try t = { 0 };

	memset(p, 'a', sizeof(p));
	try(&t, 1, p, 8191, NULL);
	EQ_INT(t.rc, ERR_AGAIN);
	try(&t, 1, p, 8192, NULL);
	EQ_INT(t.why, HTTP1_LINE_TOO_LONG);
	memcpy(p, "GET / HTTP/1.1\r\n", 16);
	t.seen = 0;
	try(&t, 1, p, 65535, NULL);
	EQ_INT(t.rc, ERR_AGAIN);
	try(&t, 1, p, 65536, NULL);
	EQ_INT(t.why, HTTP1_HEAD_TOO_LONG);
	free(t.copy);
}

TEST(too_many_headers)
{
	char p[4096] = G;
	struct try t = { 0 };
	int i;

	for (i = 1; i < HTTP1_MAX_HEADERS; i++)
		strcat(p, "a: b\r\n");
	strcat(p, "\r\n");
	get(&t, p);
	EQ_INT(t.head.n, HTTP1_MAX_HEADERS);
	strcpy(p + strlen(p) - 2, "a: b\r\n\r\n");
	t.seen = 0;
	try(&t, 1, p, strlen(p), NULL);
	EQ_INT(t.why, HTTP1_TOO_MANY);
	check_splits(1, p, strlen(p), NULL);
	free(t.copy);
}

/* What can be refused before the head is complete is refused then. */
TEST(early)
{
	static const char *const heads[] = {
		"hello\r\n", "GET / HTTP/1.1\n", "GET / HTTP/9.9\r\n",
		G "X: y\n", G "X: y\rz", G "X: \x01", "GET / HTTP/1.1\r\n\n"
	};
	struct try t = { 0 };
	size_t i, n;

	for (i = 0; i < COUNT(heads); i++) {
		for (n = 1, t.seen = 0; n < strlen(heads[i]); n++) {
			try(&t, 1, heads[i], n, NULL);
			if (t.rc != ERR_AGAIN)
				break;
		}
		try(&t, 1, heads[i], strlen(heads[i]), NULL);
		EQ_INT(t.rc, ERR_FORMAT);
	}
	free(t.copy);
}

TEST(errors_have_words)
{
	int e;

	for (e = HTTP1_OK; e <= HTTP1_BAD_CHUNK; e++) {
		OK(http1_error_text((enum http1_error)e) != NULL);
		OK(http1_error_status((enum http1_error)e) >= 200);
	}
	EQ_INT(http1_error_status(HTTP1_HEAD_TOO_LONG), 431);
	EQ_STR(http1_reason(429), "Too Many Requests");
	EQ_STR(http1_reason(299), "Unknown");
	EQ_INT(http1_method(STR("PATCH")), HTTP1_PATCH);
	EQ_INT(http1_method(STR("patch")), HTTP1_OTHER);
}

TAP_BEGIN
TAP_ROW(requests)
TAP_ROW(codings)
TAP_ROW(responses)
TAP_ROW(pipelined)
TAP_ROW(parts_of_a_request)
TAP_ROW(targets)
TAP_ROW(connections)
TAP_ROW(expectations)
TAP_ROW(bodies_of_responses)
TAP_ROW(reason)
TAP_ROW(limits)
TAP_ROW(endless)
TAP_ROW(too_many_headers)
TAP_ROW(early)
TAP_ROW(errors_have_words)
TAP_END
