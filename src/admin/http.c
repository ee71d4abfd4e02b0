/*
 * http.c - a small HTTP server for the admin listener.
 *
 * Runs in: admin.
 * Owns: the connections of the admin listener.
 *
 * The head is copied out of the input as soon as it is complete, because its
 * slices must stay while the body comes in behind it.
 */
#include <sys/queue.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/http.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http1_body.h"
#include "net/http1_out.h"

#define HTTP_HEAD_MAX	65536
#define HTTP_HEAD_US	(10 * CLOCK_US_S)	/* for a whole request */
#define HTTP_IDLE_US	(60 * CLOCK_US_S)
#define HTTP_LINGER_US	(2 * CLOCK_US_S)
#define HTTP_LISTENERS	8
#define HTTP_PAUSE_US	(CLOCK_US_S / 4)	/* without descriptors */

struct http_conn {
	LIST_ENTRY(http_conn) link;
	struct http	*http;
	struct conn	*conn;
	struct ev_timer	 timer;
	struct ev_task	 task;
	struct buf	 in, head_bytes, body;
	size_t		 seen;
	int		 have_head, closing;
	struct http1_head head;
	struct http1_body framing;
};

struct http {
	struct ev_loop	*loop;
	struct conn_set	*conns;
	int		(*fn)(void *, struct http_req *);
	void		*arg;
	struct {
		struct http	*http;
		struct ev_io	 io;
		int		 fd;
	} listener[HTTP_LISTENERS];
	unsigned	 n_listeners, n;
	struct ev_timer	 pause;
	int		 draining;
	LIST_HEAD(, http_conn) list;
};

static void
http_close(struct http_conn *c, int linger)
{
	ev_timer_cancel(&c->timer);
	ev_defer_cancel(&c->task);
	if (linger)
		conn_close_linger(&c->conn, HTTP_LINGER_US);
	else
		conn_close(&c->conn);
	buf_free(&c->in);
	buf_free(&c->head_bytes);
	buf_free(&c->body);
	LIST_REMOVE(c, link);
	c->http->n--;
	free(c);
}

static void
http_expired(void *arg)
{
	http_close(arg, 0);
}

/* Write status line, headers and body of an answer. */
static void
http_answer(struct http_conn *c, struct http_req *r, int keep)
{
	struct buf b;
	char date[CLOCK_RFC3339_SIZE];
	int head = c->have_head && c->head.method == HTTP1_HEAD;

	clock_http_date(clock_real_us(), date);
	buf_init(&b, HTTP_HEAD_MAX);
	(void)buf_printf(&b, "HTTP/1.1 %d %s\r\nDate: %s\r\n"
	    "Content-Type: %s\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	    "%s%.*s\r\n",
	    r->status, http1_reason(r->status), date, r->type,
	    buf_len(&r->out), keep ? "" : "Connection: close\r\n",
	    STR_ARG(buf_str(&r->headers)));
	if (conn_writes(c->conn, buf_str(&b)) < 0 ||
	    (!head && buf_len(&r->out) > 0 &&
	    conn_writes(c->conn, buf_str(&r->out)) < 0))
		c->closing = 1;
	buf_free(&b);
	if (!keep)
		c->closing = 1;
}

static void
http_req_init(struct http_req *r, struct http_conn *c)
{
	unsigned port;

	memset(r, 0, sizeof(*r));
	r->status = 200;
	r->type = "application/json";
	buf_init(&r->out, HTTP_ANSWER_MAX);
	buf_init(&r->headers, 4096);
	conn_peer(c->conn, r->peer, &port);
}

static void
http_req_fini(struct http_req *r)
{
	buf_free(&r->out);
	buf_free(&r->headers);
}

/* Refuse what cannot be read as a request, and close. */
static void
http_refuse(struct http_conn *c, int status, const char *text)
{
	struct http_req r;

	http_req_init(&r, c);
	r.status = status;
	(void)buf_printf(&r.out, "{\"error\":{\"code\":\"bad_request\","
	    "\"message\":\"%s\"}}\n", text);
	http_answer(c, &r, 0);
	http_req_fini(&r);
}

/* 0, or ERR_AGAIN: later. */
static int
http_serve(struct http_conn *c)
{
	struct http_req r;
	int keep = c->head.keep_alive && !c->http->draining;

	http_req_init(&r, c);
	r.head = &c->head;
	r.body = buf_str(&c->body);
	if (c->http->fn(c->http->arg, &r) == ERR_AGAIN) {
		http_req_fini(&r);
		return ERR_AGAIN;
	}
	http_answer(c, &r, keep);
	http_req_fini(&r);
	c->have_head = 0;
	c->seen = 0;
	buf_reset(&c->head_bytes);
	buf_reset(&c->body);
	ev_timer_set(c->http->loop, &c->timer, HTTP_IDLE_US, http_expired, c);
	return 0;
}

/* 1 when the head is complete; else 0. */
static int
http_head(struct http_conn *c)
{
	static const struct http1_limits lim = { 8192, HTTP_HEAD_MAX };
	enum http1_error why = HTTP1_OK;
	size_t zero = 0;
	long n;

	n = http1_request(buf_str(&c->in).p, buf_len(&c->in), &c->seen, &lim,
	    &c->head, &why);
	if (n == ERR_AGAIN)
		return 0;
	if (n < 0 || buf_add(&c->head_bytes, buf_ptr(&c->in),
	    (size_t)n) < 0) {
		http_refuse(c, n < 0 ? http1_error_status(why) : 500,
		    n < 0 ? http1_error_text(why) : "out of memory");
		return 0;
	}
	buf_consume(&c->in, (size_t)n);
	(void)http1_request(buf_ptr(&c->head_bytes), (size_t)n, &zero, &lim,
	    &c->head, &why);
	http1_body_init(&c->framing, c->head.body, c->head.length);
	c->have_head = 1;
	ev_timer_set(c->http->loop, &c->timer, HTTP_HEAD_US, http_expired, c);
	if (c->head.expect_continue && buf_len(&c->in) == 0)
		(void)conn_writes(c->conn, HTTP1_OUT_CONTINUE);
	return 1;
}

/* 1 when the body is complete; else 0. */
static int
http_body(struct http_conn *c)
{
	struct str data;
	long n;

	if (c->head.body == HTTP1_NO_BODY)
		return 1;
	if (c->head.body == HTTP1_LENGTH && c->head.length > HTTP_BODY_MAX) {
		http_refuse(c, 413, "request body too large");
		return 0;
	}
	while (!c->framing.done) {
		n = http1_body_feed(&c->framing, buf_str(&c->in).p,
		    buf_len(&c->in), &data);
		if (n < 0) {
			http_refuse(c, 400, "malformed chunked body");
			return 0;
		}
		if (data.n > 0 && buf_adds(&c->body, data) < 0) {
			http_refuse(c, 413, "request body too large");
			return 0;
		}
		buf_consume(&c->in, (size_t)n);
		if (n == 0 && !c->framing.done)
			return 0;
	}
	return 1;
}

/* Read what is there; 0 when the peer is gone. */
static int
http_fill(struct http_conn *c)
{
	char tmp[16384];
	ssize_t n = 0;

	while (buf_len(&c->in) < HTTP_HEAD_MAX) {
		n = conn_read(c->conn, tmp, sizeof(tmp));
		if (n <= 0)
			break;
		if (buf_add(&c->in, tmp, (size_t)n) < 0)
			return 0;
	}
	return n > 0 || n == ERR_AGAIN;
}

static void
http_run(void *arg)
{
	struct http_conn *c = arg;
	int alive = 1, rounds = 64;

	while (!c->closing && rounds-- > 0) {
		alive = http_fill(c);
		if (!c->have_head && (buf_len(&c->in) == 0 || !http_head(c)))
			break;
		if (c->closing || conn_above(c->conn) || !http_body(c))
			break;
		if (http_serve(c) == ERR_AGAIN) {
			ev_later(c->http->loop, &c->task, http_run, c);
			return;
		}
	}
	if (c->closing)
		http_close(c, 1);
	else if (!alive)	/* the peer sends no more; answers still go */
		http_close(c, conn_queued(c->conn) > 0);
	else if (conn_readable(c->conn) && !conn_above(c->conn))
		ev_defer(c->http->loop, &c->task, http_run, c);
}

static void
http_event(void *arg, unsigned what)
{
	struct http_conn *c = arg;

	if ((what & CONN_FAILED) != 0) {
		http_close(c, 0);
		return;
	}
	ev_defer(c->http->loop, &c->task, http_run, c);
}

static void http_accept(void *arg, unsigned what);

static void
http_watch(void *arg)
{
	struct http *h = arg;
	unsigned i;

	for (i = 0; i < h->n_listeners && !h->draining; i++) {
		ev_io_stop(&h->listener[i].io);
		if (ev_io_start(h->loop, &h->listener[i].io,
		    h->listener[i].fd, EV_IO_IN, 0, http_accept,
		    &h->listener[i].http) < 0)
			ev_timer_set(h->loop, &h->pause, HTTP_PAUSE_US,
			    http_watch, h);
	}
}

/* Who waits would be told of again and again: a pause. */
static void
http_refused(struct http *h)
{
	static struct log_limit lim = { 1 };
	unsigned i;

	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	if (log_allow(&lim))
		log_errore("accept");
	for (i = 0; i < h->n_listeners; i++)
		ev_io_stop(&h->listener[i].io);
	ev_timer_set(h->loop, &h->pause, HTTP_PAUSE_US, http_watch, h);
}

static void
http_accept(void *arg, unsigned what)
{
	struct http *h = *(struct http **)arg;
	struct http_conn *c;
	unsigned i;
	int fd = -1;

	(void)what;
	for (i = 0; i < h->n_listeners; i++)
		if ((void *)&h->listener[i].http == arg)
			fd = accept4(h->listener[i].fd, NULL, NULL,
			    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		http_refused(h);
		return;
	}
	if (h->n >= HTTP_CONNS_MAX) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->http = h;
	buf_init_wiped(&c->in, HTTP_HEAD_MAX + 32768);
	buf_init_wiped(&c->head_bytes, HTTP_HEAD_MAX + 32768);
	buf_init(&c->body, HTTP_BODY_MAX);
	LIST_INSERT_HEAD(&h->list, c, link);
	h->n++;
	ev_timer_set(h->loop, &c->timer, HTTP_HEAD_US, http_expired, c);
	c->conn = conn_accept(h->conns, fd, NULL, http_event, c);
}

struct http *
http_new(struct ev_loop *loop, struct conn_set *conns,
    int (*fn)(void *, struct http_req *), void *arg)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->loop = loop;
	h->conns = conns;
	h->fn = fn;
	h->arg = arg;
	LIST_INIT(&h->list);
	return h;
}

int
http_listen(struct http *h, int fd)
{
	unsigned i = h->n_listeners;
	int rc;

	if (i >= HTTP_LISTENERS)
		return ERR_TOOBIG;
	h->listener[i].http = h;
	h->listener[i].fd = fd;
	rc = ev_io_start(h->loop, &h->listener[i].io, fd, EV_IO_IN, 0,
	    http_accept, &h->listener[i].http);
	if (rc == 0)
		h->n_listeners++;
	return rc;
}

void
http_drain(struct http *h)
{
	struct http_conn *c, *next;
	unsigned i;

	h->draining = 1;
	ev_timer_cancel(&h->pause);
	for (i = 0; i < h->n_listeners; i++) {
		ev_io_stop(&h->listener[i].io);
		fd_close(&h->listener[i].fd);	/* a new master may want it */
	}
	for (c = LIST_FIRST(&h->list); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (!c->have_head && buf_len(&c->in) == 0)
			http_close(c, 1);
	}
}
