/*
 * simple.c - a small HTTP client for the checker and the admin process.
 *
 * Runs in: checker, admin.
 * Owns: one transfer per request, the answer collected so far.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "net/http1.h"
#include "upstream/multi_impl.h"
#include "upstream/simple.h"

#define SET(x, opt, val) curl_easy_setopt((x)->easy, CURLOPT_##opt, val)
#define MAX_HEAD	65536
#define TIMEOUT_US	(30 * 1000000LL)
#define MAX_BODY	(1u << 20)

struct simple {
	struct ev_loop	*loop;
	struct multi_xfer *x;
	simple_fn	*fn;
	void		*arg;
	struct ev_timer	 timer;
	struct ev_task	 task;
	int64_t		 started;
	struct conf_cidrs allow;	/* copied */
	int		 guard, busy, cancelled, over;
	enum http1_method method;
	char		*body;		/* of the request */
	size_t		 body_n, body_at;
	struct buf	 head, in;
	int		 have_head, cut;
	struct http1_head parsed;	/* slices of head */
	enum outcome	 outcome;	/* found inside a callback */
	const char	*why;
};

static int
is_guarded(void *arg, const unsigned char addr[16])
{
	struct simple *s = arg;
	unsigned i;

	if (!s->guard || !addr_is_guarded(addr))
		return 0;
	for (i = 0; i < s->allow.n; i++)
		if (addr_in(addr, s->allow.v[i].addr, s->allow.v[i].bits))
			return 0;
	return 1;
}

static void
release(struct simple *s)
{
	multi_xfer_drop(&s->x);
	ev_timer_cancel(&s->timer);
	ev_defer_cancel(&s->task);
	buf_free(&s->head);
	buf_free(&s->in);
	free(s->allow.v);
	free(s->body);
	free(s);
}

void
simple_cancel(struct simple **sp)
{
	struct simple *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	if (s->busy)
		s->cancelled = 1;
	else
		release(s);
}

static void
finish(struct simple *s, enum outcome o, const char *why)
{
	struct simple_answer a = { o, why, 0 };
	char *ip = NULL;

	if (s->over)
		return;
	s->over = 1;
	ev_timer_cancel(&s->timer);
	ev_defer_cancel(&s->task);
	if (s->have_head) {
		a.status = s->parsed.status;
		a.headers = s->parsed.h;
		a.n_headers = s->parsed.n;
	}
	a.body = buf_str(&s->in);
	a.cut = s->cut;
	a.elapsed_us = ev_now_us(s->loop) - s->started;
	if (s->x != NULL && curl_easy_getinfo(s->x->easy,
	    CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip != NULL)
		addr_parse(str_of(ip), a.peer);
	s->busy = 1;
	s->fn(s->arg, &a);
	s->busy = 0;
	if (s->cancelled)
		release(s);
	else
		multi_xfer_drop(&s->x);
}

static void
on_done(void *arg, CURLcode rc)
{
	struct simple *s = arg;

	if (s->outcome != OUTCOME_OK)
		finish(s, s->outcome, s->why);
	else if (rc != CURLE_OK && !s->cut)
		finish(s, multi_outcome(s->x, rc, s->have_head),
		    multi_why(s->x, rc));
	else if (!s->have_head)
		finish(s, OUTCOME_RESET, "closed by the peer");
	else
		finish(s, OUTCOME_OK, "");
}

static void
on_timer(void *arg)
{
	struct simple *s = arg;
	enum outcome o = s->x != NULL && s->x->sends > 0 ?
	    OUTCOME_TOTAL_TIMEOUT : OUTCOME_CONNECT_TIMEOUT;

	finish(s, o, outcome_text(o));
}

static size_t
on_read(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct simple *s = x->arg;
	size_t k = size * n;

	if (s == NULL)
		return CURL_READFUNC_ABORT;
	if (k > s->body_n - s->body_at)
		k = s->body_n - s->body_at;
	memcpy(p, s->body + s->body_at, k);
	s->body_at += k;
	return k;
}

static size_t
bad_head(struct simple *s, const char *why)
{
	s->outcome = OUTCOME_BAD_HEAD;
	s->why = why;
	return 0;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct simple *s = x->arg;
	struct str line = { p, size * n };
	struct http1_limits lim = { 0, MAX_HEAD };
	enum http1_error why = HTTP1_OK;
	size_t ok = line.n, seen = 0;

	if (s == NULL)
		return 0;
	if (s->have_head)
		return ok;
	if (buf_len(&s->head) == 0 && str_starts(line, STR("HTTP/2"))) {
		buf_adds(&s->head, STR("HTTP/1.1"));
		line = str_skip(line, 6);
	}
	if (buf_adds(&s->head, line) < 0)
		return bad_head(s, "the answer's head is too large");
	if (!str_eqc(line, "\r\n"))
		return ok;
	if (http1_response(buf_ptr(&s->head), buf_len(&s->head), &seen, &lim,
	    s->method, &s->parsed, &why) < 0)
		return bad_head(s, http1_error_text(why));
	if (s->parsed.status >= 200)
		s->have_head = 1;
	else
		buf_reset(&s->head);
	return ok;
}

static size_t
on_write(char *p, size_t size, size_t n, void *arg)
{
	struct multi_xfer *x = arg;
	struct simple *s = x->arg;
	size_t k = size * n;

	if (s == NULL)
		return 0;
	if (k > s->in.max - buf_len(&s->in)) {
		s->cut = 1;
		k = s->in.max - buf_len(&s->in);
	}
	if (buf_add(&s->in, p, k) < 0)
		return 0;
	return s->cut ? 0 : k;
}

static void
run(void *arg)
{
	struct simple *s = arg;

	if (s->outcome != OUTCOME_OK)
		finish(s, s->outcome, s->why);
	else if (multi_xfer_start(s->x) < 0)
		finish(s, OUTCOME_NOMEM, "out of memory");
}

/* Give libcurl the addresses of the URL's host, or of the proxy. */
static void
set_addrs(struct simple *s, const struct simple_req *r)
{
	const char *of = r->url;
	char host[256];
	unsigned port;

	if (r->provider != NULL && r->provider->proxy != NULL &&
	    *r->provider->proxy != '\0') {
		of = r->provider->proxy;
		s->guard = 0;
	}
	if (r->n_addr > 0 && multi_url_host(of, host, sizeof(host), &port) ==
	    0)
		multi_xfer_addrs(s->x, host, port, r->addr, r->n_addr);
}

static void
copy_request(struct simple *s, const struct simple_req *r)
{
	const struct conf_provider *p = r->provider;

	if (p != NULL) {
		s->guard = 1;
		s->allow.n = p->allow_private.n;
		s->allow.v = xcalloc(s->allow.n + 1, sizeof(*s->allow.v));
		if (s->allow.n > 0)
			memcpy(s->allow.v, p->allow_private.v,
			    s->allow.n * sizeof(*s->allow.v));
	}
	s->method = http1_method(str_of(r->method));
	s->body_n = r->body.n;
	s->body = xmalloc(r->body.n + 1);
	if (r->body.n > 0)
		memcpy(s->body, r->body.p, r->body.n);
	buf_init(&s->head, MAX_HEAD);
	buf_init(&s->in, r->max_body > 0 ? r->max_body : MAX_BODY);
}

struct simple *
simple_request(struct ev_loop *loop, struct multi *m,
    const struct simple_req *r, simple_fn *fn, void *arg)
{
	struct simple *s = xcalloc(1, sizeof(*s));
	struct multi_xfer *x;

	s->loop = loop;
	s->fn = fn;
	s->arg = arg;
	s->started = ev_now_us(loop);
	copy_request(s, r);
	x = s->x = multi_xfer_new(m, r->provider, s, on_done);
	x->guarded = is_guarded;
	if (s->method == HTTP1_GET || s->method == HTTP1_HEAD)
		x->max_sends = 2;
	set_addrs(s, r);
	multi_xfer_method(x, str_of(r->method), r->body.p == NULL ? -1 :
	    (int64_t)r->body.n);
	SET(x, READFUNCTION, on_read);
	SET(x, READDATA, x);
	SET(x, HEADERFUNCTION, on_header);
	SET(x, HEADERDATA, x);
	SET(x, WRITEFUNCTION, on_write);
	SET(x, WRITEDATA, x);
	if (SET(x, URL, r->url) != CURLE_OK || multi_xfer_headers(x, NULL,
	    r->headers, r->n_headers) < 0) {
		s->outcome = OUTCOME_SEND;
		s->why = "the request is not valid";
	}
	ev_timer_set(loop, &s->timer, r->timeout_us > 0 ? r->timeout_us :
	    TIMEOUT_US, on_timer, s);
	ev_defer(loop, &s->task, run, s);
	return s;
}
