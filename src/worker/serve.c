/*
 * serve.c - the life of a client connection.
 *
 * Runs in: worker.
 * Owns: struct client.
 *
 * The socket is read into the worker's scratch buffer; only what cannot be
 * used at once is kept, so an idle connection holds no buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "worker/client.h"
#include "worker/preface.h"
#include "worker/req.h"

#define PIPELINE_MAX	65536		/* bytes kept behind a request */
#define LINGER_US	2000000
#define REFUSED_US	1000000		/* for the 503 to be read */
#define COME_US		10000		/* for a request that has just come */

static void on_conn(void *arg, unsigned what);
static void on_timer(void *arg);
static void read_head(struct client *c);

static void
idle_count(struct client *c, int idle)
{
	if (c->counted_idle == (unsigned)idle)
		return;
	c->counted_idle = (unsigned)idle;
	if (idle)
		board_add(CTR_conns_idle, 1);
	else
		board_sub(CTR_conns_idle, 1);
}

/* What is kept of the input counts in the budget. */
void
client_free_input(struct client *c)
{
	buf_free(&c->in);
	lease_move(&c->w->mem, &c->counted, 0);
}

/* The connection is closed or somebody else's: forget the client. */
static void
release(struct client *c)
{
	struct worker *w = c->w;

	ASSERT(c->req == NULL && c->conn == NULL);
	idle_count(c, 0);
	ev_timer_cancel(&c->timer);
	ev_defer_cancel(&c->task);
	client_free_input(c);
	TAILQ_REMOVE(&w->clients, c, link);
	w->n_clients--;
	lease_give(&w->conn_lease, 1);
	board_sub(CTR_conns_open, 1);
	free(c);
	worker_client_gone(w);
}

void
client_close(struct client *c)
{
	preface_free(&c->preface);
	conn_close(&c->conn);
	release(c);
}

/* Close with what is queued still going out, reading what comes (RFC 9112,
 * 9.6): a reset would take the answer away from the client. */
static void
close_politely(struct client *c)
{
	struct worker *w = c->w;

	ASSERT(c->req == NULL);
	idle_count(c, 0);
	conn_flush(c->conn);
	if (conn_queued(c->conn) > 0) {		/* a slow reader: go on */
		c->state = CLIENT_CLOSING;
		ev_timer_set(w->loop, &c->timer, w->conf->client.write_timeout,
		    on_timer, c);
		return;
	}
	conn_close_linger(&c->conn, LINGER_US);
	release(c);
}

/*
 * A request may have come while this turn was busy with others; to close on
 * it would be to lose it. Its event is due in the next turn.
 */
static int
has_come(const struct client *c)
{
	char byte;

	return recv(conn_fd(c->conn), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void
on_timer(void *arg)
{
	struct client *c = arg;
	int64_t left;

	if (c->state == CLIENT_BUSY) {
		req_client_timer(c->req);
		return;
	}
	if (c->state == CLIENT_PREFACE) {
		client_close(c);
		return;
	}
	if (c->state == CLIENT_CLOSING && conn_queued(c->conn) == 0) {
		close_politely(c);
		return;
	}
	left = c->progress_us - ev_now_us(c->w->loop);
	if (conn_queued(c->conn) > 0) {		/* not idle: it reads */
		left = conn_progress_us(c->conn) +
		    c->w->conf->client.write_timeout -
		    ev_now_us(c->w->loop);
		if (left <= 0) {
			client_close(c);
			return;
		}
	}
	if (left > 0) {
		ev_timer_set(c->w->loop, &c->timer, left, on_timer, c);
		return;
	}
	if (buf_len(&c->in) > 0) {
		req_refuse(c, FAULT_BODY_TIMEOUT,
		    "the request head did not arrive within "
		    "client.header_timeout");
		return;
	}
	if (has_come(c))
		ev_timer_set(c->w->loop, &c->timer, COME_US, on_timer, c);
	else
		client_close(c);
}

/* The connection waits until deadline_us (ev_now) for what comes next. The
 * timer is moved only when it must fire earlier. */
static void
wait_until(struct client *c, int64_t delay_us)
{
	c->progress_us = ev_now_us(c->w->loop) + delay_us;
	if (!ev_timer_active(&c->timer) || c->timer.due_us > c->progress_us)
		ev_timer_set(c->w->loop, &c->timer, delay_us, on_timer, c);
}

static void
nobody(void *arg, unsigned what)
{
	(void)arg;
	(void)what;
}

static void
refuse(struct worker *w, int fd, struct listener *l)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
	    "retry-after: 1\r\ncontent-type: application/json\r\n"
	    "content-length: 120\r\nconnection: close\r\n\r\n"
	    "{\"error\":{\"message\":\"too many connections, try again\","
	    "\"type\":\"server_error\",\"param\":null,"
	    "\"code\":\"too_many_connections\"}}";
	struct conn *c;

	board_add(CTR_conns_refused, 1);
	if (l->tls != NULL) {	/* a handshake would cost more than it says */
		close(fd);
		return;
	}
	c = conn_accept(w->conns, fd, NULL, nobody, NULL);
	(void)conn_write(c, text, sizeof(text) - 1);
	conn_close_linger(&c, REFUSED_US);
}

void
client_from(struct client *c, const unsigned char addr[16], unsigned port)
{
	memcpy(c->peer, addr, sizeof(c->peer));
	c->port = port;
}

void
client_begin(struct client *c, int fd, struct listener *l)
{
	c->conn = conn_accept(c->w->conns, fd, l->tls, on_conn, c);
	if (l->local)		/* a Unix socket counts as loopback */
		addr_parse(STR("127.0.0.1"), c->peer);
	else if (c->state != CLIENT_PREFACE)
		conn_peer(c->conn, c->peer, &c->port);
	conn_urgent(c->conn, l->tls == NULL);	/* a handshake takes long */
	preface_free(&c->preface);
	c->state = CLIENT_HEAD;
}

void
client_accept(struct worker *w, int fd, struct listener *l)
{
	struct client *c;

	if (w->n_clients >= w->max_clients ||
	    lease_take(&w->conn_lease, 1) != 0) {
		refuse(w, fd, l);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->w = w;
	c->state = CLIENT_HEAD;
	c->local = (unsigned)l->local;
	buf_init_wiped(&c->in, w->conf->client.max_header + PIPELINE_MAX);
	if (preface_wanted(w, fd, l, c->peer, &c->port)) {
		c->state = CLIENT_PREFACE;
		c->preface = preface_new(c, fd, l);
	} else
		client_begin(c, fd, l);
	TAILQ_INSERT_TAIL(&w->clients, c, link);
	w->n_clients++;
	board_add(CTR_conns_accepted, 1);
	board_add(CTR_conns_open, 1);
	wait_until(c, w->conf->client.header_timeout);
}

/* Parse a head at the front of p[0..n): 1 used (request begun), 0 more
 * bytes needed, -1 the connection is being closed. */
static int
take_head(struct client *c, const char *p, size_t n, size_t *used)
{
	static struct http1_head head;
	struct http1_limits lim = { 0, c->w->conf->client.max_header };
	enum http1_error why;
	long size;

	size = http1_request(p, n, &c->seen, &lim, &head, &why);
	if (size == ERR_AGAIN)
		return 0;
	if (size < 0) {
		board_add(CTR_bad_requests, 1);
		req_refuse_http(c, why);
		return -1;
	}
	*used = (size_t)size;
	c->seen = 0;
	c->state = CLIENT_BUSY;
	conn_urgent(c->conn, 0);
	c->n_requests++;
	idle_count(c, 0);
	http1_body_init(&c->body, head.body, head.length);
	req_begin(c, &head);
	return 1;
}

int
client_keep(struct client *c, const char *p, size_t n)
{
	int rc = buf_add(&c->in, p, n);

	if (rc == 0 && n > 0)
		lease_move(&c->w->mem, &c->counted, c->in.cap);
	return rc;
}

/* What came could not be kept: tell the client, with or without a request. */
static void
cannot_keep(struct client *c, int rc)
{
	static const char text[] = "the gateway is short of memory, try again";

	if (c->req != NULL)
		req_refuse_begun(c->req, FAULT_OVERLOAD, text);
	else if (rc == ERR_NOMEM)
		req_refuse(c, FAULT_OVERLOAD, text);
	else
		req_refuse_http(c, HTTP1_HEAD_TOO_LONG);
}

/* n: what conn_read gave. Who sends no more may still read. */
static void
read_end(struct client *c, ssize_t n)
{
	c->eof = 1;
	if (n == 0 && conn_queued(c->conn) > 0)
		close_politely(c);
	else
		client_close(c);
}

/*
 * Answers wait for a client that does not read. It gets no more of them, so
 * what it sends stays in the socket until CONN_DRAINED: pipelined requests
 * would else fill the memory of all.
 */
static int
behind(struct client *c)
{
	if (!conn_above(c->conn) && (!lease_over(&c->w->mem) ||
	    conn_queued(c->conn) <= CLIENT_PRESSED))
		return 0;
	conn_tell_drained(c->conn);
	return 1;
}

static void
read_head(struct client *c)
{
	struct worker *w = c->w;
	size_t used = 0;
	ssize_t n;
	int rc, err, kept = buf_len(&c->in) > 0;

	if (behind(c))
		return;
	while (c->state == CLIENT_HEAD) {
		if (buf_len(&c->in) > 0 && c->seen < buf_len(&c->in)) {
			rc = take_head(c, buf_ptr(&c->in), buf_len(&c->in),
			    &used);
			if (rc < 0)
				return;
			if (rc > 0) {
				buf_consume(&c->in, used);
				if (buf_len(&c->in) == 0)
					client_free_input(c);
				req_start(c->req);
				return;
			}
		}
		n = conn_read(c->conn, w->scratch, WORKER_SCRATCH);
		if (n == ERR_AGAIN)
			break;
		if (n <= 0) {
			read_end(c, n);
			return;
		}
		if (buf_len(&c->in) > 0) {
			if ((err = client_keep(c, w->scratch,
			    (size_t)n)) != 0) {
				cannot_keep(c, err);
				return;
			}
			continue;
		}
		rc = take_head(c, w->scratch, (size_t)n, &used);
		if (rc < 0)
			return;
		err = client_keep(c, w->scratch + used, (size_t)n - used);
		if (err != 0) {
			cannot_keep(c, err);
			return;
		}
		if (rc > 0) {
			req_start(c->req);
			return;
		}
		idle_count(c, 0);
		wait_until(c, w->conf->client.header_timeout);
	}
	/* The beginning of a head that came with the request before it. */
	if (kept && c->counted_idle && c->state == CLIENT_HEAD) {
		idle_count(c, 0);
		wait_until(c, w->conf->client.header_timeout);
	}
}

/* While a request is under way: body bytes are its own business; else what
 * comes is kept, and an end of file means that the client is gone. */
static void
read_busy(struct client *c)
{
	ssize_t n;

	if (req_wants_body(c->req)) {
		req_wake(c->req);
		return;
	}
	while (buf_len(&c->in) < PIPELINE_MAX) {
		n = conn_read(c->conn, c->w->scratch, PIPELINE_MAX -
		    buf_len(&c->in));
		if (n == ERR_AGAIN)
			return;
		if (n <= 0 ||
		    client_keep(c, c->w->scratch, (size_t)n) != 0) {
			c->eof = 1;
			req_client_gone(c->req);
			return;
		}
	}
}

static void
on_conn(void *arg, unsigned what)
{
	struct client *c = arg;

	if (what & CONN_FAILED) {
		c->failed = c->eof = 1;
		if (c->req != NULL)
			req_client_gone(c->req);
		else
			client_close(c);
		return;
	}
	if ((what & CONN_DRAINED) && c->req != NULL)
		req_client_drained(c->req);
	if (c->state == CLIENT_CLOSING) {
		if (conn_queued(c->conn) == 0)
			close_politely(c);
		return;
	}
	if ((what & CONN_DRAINED) && c->state == CLIENT_HEAD &&
	    conn_queued(c->conn) == 0 && buf_len(&c->in) == 0)
		wait_until(c, c->w->conf->client.idle_timeout);
	/* What is there already may have waited for the drain. */
	if (c->state == CLIENT_HEAD && (what & (CONN_READABLE | CONN_DRAINED)))
		read_head(c);
	else if (c->state == CLIENT_BUSY && (what & CONN_READABLE))
		read_busy(c);
}

void
client_continue(struct client *c)
{
	conn_writes(c->conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	conn_flush(c->conn);
}

void
client_write(struct client *c, const void *p, size_t n)
{
	if (c->failed || n == 0)
		return;
	board_add(CTR_bytes_out, n);
	if (conn_write(c->conn, p, n) != 0) {
		c->failed = 1;
		if (c->req != NULL)
			req_client_gone(c->req);
	}
}

void
client_watch(struct client *c, int64_t delay_us)
{
	ev_timer_set(c->w->loop, &c->timer, delay_us, on_timer, c);
}

static void
on_next(void *arg)
{
	struct client *c = arg;

	if (c->state == CLIENT_HEAD)
		read_head(c);
}

void
client_finish(struct client *c, int keep_open, int abort_now)
{
	struct worker *w = c->w;

	c->req = NULL;
	if (abort_now == CLIENT_RESET)
		conn_reset(&c->conn);
	if (abort_now || c->failed) {
		client_close(c);
		return;
	}
	if (!keep_open || c->eof || !c->body.done) {
		close_politely(c);
		return;
	}
	c->state = CLIENT_HEAD;
	conn_urgent(c->conn, 1);
	idle_count(c, 1);
	wait_until(c, w->conf->client.idle_timeout);
	if (buf_len(&c->in) > 0 || conn_readable(c->conn))
		ev_defer(w->loop, &c->task, on_next, c);
}

void
client_drain_all(struct worker *w)
{
	struct client *c;

	TAILQ_FOREACH(c, &w->clients, link)
		if (c->state == CLIENT_HEAD)
			wait_until(c, w->conf->client.idle_timeout);
}
