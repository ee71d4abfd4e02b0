/*
 * fetch_h1.c - the engine of our own: HTTP/1.1 on pooled connections.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the exchange's connection while it has one.
 *
 * Bytes are read into one scratch buffer of the process and handed on from
 * there; a paused exchange does not read. The one delicate thing is a kept
 * connection that its peer closes while we send on it. The request may be
 * sent again only if the peer cannot have seen it: it ended the connection
 * without acknowledging any byte of the request (conn_heard).
 */
#include <stdlib.h>
#include <string.h>

#include "base/board.h"
#include "base/err.h"
#include "base/secret.h"
#include "net/http1_out.h"
#include "upstream/dial.h"
#include "upstream/fetch_impl.h"
#include "upstream/pool.h"

#define SLICE		(64u << 10)	/* bytes between looks at the time */
#define MUCH		4096		/* takes its time when translated */
#define COPY_BODY	2048		/* a body up to this joins the head */
#define ASK_KEPT	65536		/* room for heads that is kept */
#define INTERIM		16		/* 1xx heads before the real one */
#define ASK_REST	128		/* version, our three fields, ends */
#define INFLATE_READ	1024		/* read less: it grows */

static void on_conn(void *arg, unsigned what);
static void input(struct fetch *f);

/* --- out --------------------------------------------------------------- */

size_t
fetch_ask_size(const struct fetch *f)
{
	const struct fetch_req *r = &f->req;
	size_t n = r->method.n + r->target.n +
	    strlen(f->host->p->host_header) + ASK_REST;
	unsigned i;

	for (i = 0; i < r->n_headers; i++)
		n += r->headers[i].name.n + r->headers[i].value.n + 4;
	return n;
}

/* The request head into the buffer of the set: 0, or an error. */
static int
write_head(struct fetch *f, uint64_t length)
{
	const struct fetch_req *r = &f->req;
	struct buf *b = &f->set->out;
	int rc;

	buf_reset(b);
	if ((rc = http1_out_request(b, r->method, r->target)) < 0 ||
	    (rc = http1_out_field(b, STR("Host"),
	    str_of(f->host->p->host_header))) < 0 ||
	    (rc = http1_out_fields(b, r->headers, r->n_headers)) < 0)
		return rc;
	if (hdr_find(r->headers, r->n_headers, HDR_ACCEPT_ENCODING) == NULL &&
	    (rc = http1_out_field(b, STR("Accept-Encoding"),
	    STR("identity"))) < 0)
		return rc;
	if ((r->has_body || length > 0) &&
	    (rc = http1_out_length(b, length)) < 0)
		return rc;
	return http1_out_end(b);
}

/* Queue head and body. */
static int
queue_request(struct fetch *f)
{
	const struct fetch_req *r = &f->req;
	struct conn *c = f->pc->c;
	uint64_t length = 0;
	unsigned i;
	int rc;

	for (i = 0; i < r->n_body; i++)
		length += r->body[i].iov_len;
	if ((rc = write_head(f, length)) == 0)
		rc = conn_writes(c, buf_str(&f->set->out));
	/* It has the provider's key. */
	secret_wipe(f->set->out.data, f->set->out.len);
	if (f->set->out.cap > ASK_KEPT)
		buf_free(&f->set->out);
	if (rc < 0)
		return rc;
	for (i = 0; i < r->n_body; i++) {
		rc = length <= COPY_BODY ?
		    conn_write(c, r->body[i].iov_base, r->body[i].iov_len) :
		    conn_write_ref(c, r->body[i].iov_base,
		    r->body[i].iov_len);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void
run_input(void *arg)
{
	struct fetch *f = arg;

	fetch_enter(f);
	input(f);
	fetch_leave(f);
}

/* Something is to be read although no event will say so. */
static void
input_later(struct fetch *f)
{
	ev_defer(f->set->loop, &f->task, run_input, f);
}

static void
send_request(struct fetch *f)
{
	struct conn *c = f->pc->c;
	int rc;

	f->mark = conn_sent(c);
	conn_owner(c, on_conn, f);
	conn_peer(c, f->stats.peer, &(unsigned){ 0 });
	if (f->ops->sending != NULL)
		f->ops->sending(f->arg);
	if ((rc = queue_request(f)) < 0 && rc != ERR_CLOSED) {
		if (rc == ERR_FORMAT)
			fetch_end_later(f, OUTCOME_SEND,
			    "the request head is not valid");
		else
			fetch_end_later(f, OUTCOME_NOMEM, "out of memory");
		return;
	}
	fetch_phase(f, PHASE_HEAD);
	f->stats.connected_us = f->stats.sent_us = f->since;
	if (conn_readable(c))
		input_later(f);
}

static void
on_dialed(void *arg, struct conn *c, enum outcome o, const char *why)
{
	struct fetch *f = arg;

	fetch_enter(f);
	if (c == NULL)
		fetch_end(f, o, why);	/* frees the dial, which has why */
	else {
		dial_free(&f->dial);
		f->pc = pool_add(f->host, c);
		send_request(f);
	}
	fetch_leave(f);
}

/* Get a fresh connection, or wait for the address to make one to. */
static void
dial(struct fetch *f)
{
	if (f->host->state == HOST_WAITING)
		fetch_wait_addrs(f);
	else if (f->host->state == HOST_FAILED)
		fetch_end_later(f, OUTCOME_RESOLVE, f->host->why);
	else
		f->dial = dial_start(f->host, on_dialed, f);
}

static void
h1_start(struct fetch *f)
{
	f->pc = pool_take(f->host);
	if (f->pc == NULL) {
		dial(f);
		return;
	}
	f->stats.reused = 1;
	send_request(f);
}

/* --- a kept connection that was dead ----------------------------------- */

static void
send_again(struct fetch *f)
{
	pool_close(&f->pc);
	ev_timer_cancel(&f->timer);
	f->send_failed = 0;
	f->stats.reused = 0;
	f->stats.resent = 1;
	board_add(CTR_resends, 1);
	fetch_phase(f, PHASE_CONNECT);
	dial(f);
}

/* The connection ended before any byte of the answer: 1 if sent again, else
 * the reason not to is in *why, if that is more than it was. */
static int
was_stale(struct fetch *f, const char **why)
{
	const char *heard;

	if (f->got || !f->stats.reused || f->stats.resent)
		return 0;
	if (!f->req.idempotent &&
	    (heard = conn_heard(f->pc->c, f->mark)) != NULL) {
		*why = heard;
		return 0;
	}
	send_again(f);
	return 1;
}

/* --- in ---------------------------------------------------------------- */

/* The connection gave end of file (rc 0) or failed. */
static void
ended(struct fetch *f, ssize_t rc)
{
	const char *why = rc == 0 ? "closed by the peer" :
	    conn_error(f->pc->c);

	if (f->phase == PHASE_BODY) {
		if (f->body.kind == HTTP1_UNTIL_CLOSE && rc == 0) {
			pool_close(&f->pc);
			fetch_complete(f);
		} else
			fetch_end(f, OUTCOME_TRUNCATED, why);
		return;
	}
	if (was_stale(f, &why))
		return;
	fetch_end(f, f->send_failed && !f->got ? OUTCOME_SEND :
	    OUTCOME_RESET, why);
}

/* The last byte of the answer was seen; extra: more came behind it. */
static void
complete(struct fetch *f, int extra)
{
	if (f->keep_alive && !extra && !f->send_failed &&
	    conn_queued(f->pc->c) == 0)
		pool_put(&f->pc);
	else
		pool_close(&f->pc);
	fetch_complete(f);
}

static void
body_bytes(struct fetch *f, const char *p, size_t n)
{
	struct str data;
	long used;

	f->active = ev_now_us(f->set->loop);
	while (!f->body.done) {
		if (n == 0)
			return;
		used = http1_body_feed(&f->body, p, n, &data);
		if (used < 0) {
			fetch_end(f, OUTCOME_BAD_BODY,
			    "the answer's chunks are malformed");
			return;
		}
		p += used;
		n -= (size_t)used;
		fetch_give(f, data.p, data.n);
		if (!fetch_alive(f))
			return;
		if (used == 0)
			return;
	}
	complete(f, n > 0 || buf_len(&f->head) > 0);
}

/* What came compressed with the head: a little of it, as if read now. */
static void
kept_bytes(struct fetch *f)
{
	char some[INFLATE_READ];
	size_t n = buf_len(&f->head);

	if (n > sizeof(some))
		n = sizeof(some);
	memcpy(some, buf_ptr(&f->head), n);
	buf_consume(&f->head, n);
	body_bytes(f, some, n);
	secret_wipe(some, n);
}

/* A whole head: n bytes after it begin at p. */
static void
whole_head(struct fetch *f, const struct http1_head *h, const char *p,
    size_t n)
{
	http1_body_init(&f->body, h->body, h->length);
	f->keep_alive = h->keep_alive && h->body != HTTP1_UNTIL_CLOSE;
	if (conn_queued(f->pc->c) > 0) {
		f->keep_alive = 0;
		if (h->status >= 300)	/* it does not want the rest */
			conn_drop_output(f->pc->c);
	}
	fetch_give_head(f, h);
	if (!fetch_alive(f))
		return;
	if (f->inflate == NULL || n <= INFLATE_READ)
		body_bytes(f, p, n);
	else if (buf_add(&f->head, p, n) < 0)
		fetch_end(f, OUTCOME_NOMEM, "out of memory");
}

/*
 * Look for a head in p[0..n): 1 found and all of p used, 0 more is needed (of
 * which *keep bytes at the end of p), or the exchange is over.
 */
static int
head_bytes(struct fetch *f, const char *p, size_t n, size_t *keep)
{
	struct http1_limits lim = { 0, FETCH_MAX_HEAD };
	enum http1_error why = HTTP1_OK;
	struct http1_head *h = &f->set->head;
	long used;

	while (n > 0) {
		used = http1_response(p, n, &f->seen, &lim,
		    http1_method(f->req.method), h, &why);
		if (used == ERR_AGAIN)
			break;
		if (used < 0 || h->status == 101) {
			fetch_end(f, OUTCOME_BAD_HEAD, used < 0 ?
			    http1_error_text(why) : "the protocol was switched");
			return 1;
		}
		p += used;
		n -= (size_t)used;
		f->seen = 0;
		if (h->status >= 200) {
			whole_head(f, h, p, n);
			return 1;
		}
		if (++f->interim > INTERIM) {
			fetch_end(f, OUTCOME_BAD_HEAD,
			    "too many interim answers");
			return 1;
		}
	}
	*keep = n;
	return 0;
}

/* Bytes before the end of the head; what is incomplete is kept. */
static void
before_head(struct fetch *f, const char *p, size_t n)
{
	struct buf *b = &f->head, whole;
	size_t keep = 0;

	if (buf_len(b) > 0) {
		if (buf_add(b, p, n) < 0) {
			fetch_end(f, OUTCOME_BAD_HEAD,
			    "the answer's head is too large");
			return;
		}
		/* The callbacks may end f, so the bytes are taken out. */
		whole = *b;
		buf_init_wiped(b, whole.max);
		if (head_bytes(f, buf_ptr(&whole), buf_len(&whole), &keep)) {
			buf_free(&whole);
			return;
		}
		buf_consume(&whole, buf_len(&whole) - keep);
		*b = whole;
		return;
	}
	if (head_bytes(f, p, n, &keep) || keep == 0)
		return;
	if (buf_add(b, p + n - keep, keep) < 0)
		fetch_end(f, OUTCOME_NOMEM, "out of memory");
}

/* Read and hand on, as long as there is something and the caller wants it. */
static void
input(struct fetch *f)
{
	struct fetch_set *s = f->set;
	size_t total = 0, want;
	uint64_t before = f->inflated;
	ssize_t r;

	while (fetch_alive(f) && f->pc != NULL && !f->paused) {
		if (total + (f->inflated - before) >= SLICE) {
			if (!ev_may_go_on(s->loop)) {
				ev_backlog(s->loop, &f->task, run_input, f);
				return;
			}
			total = 0;
			before = f->inflated;
		}
		if (f->phase == PHASE_BODY && buf_len(&f->head) > 0) {
			kept_bytes(f);
			continue;
		}
		want = f->inflate == NULL ? FETCH_SCRATCH : INFLATE_READ;
		r = conn_read(f->pc->c, s->scratch, want);
		if (r == ERR_AGAIN) {
			if (f->send_failed)
				ended(f, ERR_SYSTEM);
			return;
		}
		if (r <= 0) {
			ended(f, r);
			return;
		}
		f->got = 1;
		total += (size_t)r;
		if (r >= MUCH)
			ev_long(s->loop);
		if (f->phase == PHASE_HEAD)
			before_head(f, s->scratch, (size_t)r);
		else
			body_bytes(f, s->scratch, (size_t)r);
		/* It may have quoted the provider's key. */
		secret_wipe(s->scratch, (size_t)r);
	}
}

static void
on_conn(void *arg, unsigned what)
{
	struct fetch *f = arg;

	fetch_enter(f);
	if (what & CONN_FAILED)
		f->send_failed = 1;
	if ((what & CONN_DRAINED) && f->phase == PHASE_HEAD)
		f->stats.sent_us = ev_now_us(f->set->loop);
	if (what & (CONN_READABLE | CONN_FAILED))
		input(f);
	fetch_leave(f);
}

static void
h1_resume(struct fetch *f)
{
	if (f->pc != NULL && (conn_readable(f->pc->c) || f->send_failed ||
	    (f->phase == PHASE_BODY && buf_len(&f->head) > 0)))
		input_later(f);
}

static void
h1_stop(struct fetch *f)
{
	dial_free(&f->dial);
	pool_close(&f->pc);
}

static int
h1_sent(const struct fetch *f)
{
	return f->pc != NULL && conn_queued(f->pc->c) == 0;
}

const struct fetch_engine fetch_h1_engine = {
	h1_start, h1_resume, dial, h1_stop, h1_sent,
	FETCH_MAX_ASK
};
