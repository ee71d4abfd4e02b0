/*
 * serve_body.c - the body of a request, from the client's connection.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Room is made in proportion to what has come: a client that only says that
 * much will come holds little of the budget. What a body's buffer holds is
 * always counted there, whole.
 */
#include "base/clock.h"
#include "base/err.h"
#include "worker/client.h"

#define FIRST	16384		/* room before anything came */
#define SHOWN	32768		/* behind it a modest body has room whole */
#define MODEST	(1u << 20)
#define ENOUGH	64		/* this part more is progress, */
#define PER_S	1024		/* or this for each second of body_timeout */

/* Room for n more bytes, if the budget has it. */
static int
room(struct client *c, struct buf *b, size_t n)
{
	size_t more = buf_cap_for(b, n) - b->cap;
	int rc;

	if (more > 0 && lease_take(&c->w->mem, more) != 0)
		return ERR_LIMIT;
	if ((rc = buf_reserve(b, n)) != 0)
		lease_give(&c->w->mem, more);
	return rc;
}

/* How much to make room for before the next read. */
static size_t
portion(const struct client *c, const struct buf *b)
{
	size_t have = buf_len(b), n = 3 * have;

	if (n < FIRST)
		n = FIRST;
	if (b->cap - b->len >= FIRST / 4)
		n = b->cap - b->len;
	if (n > CLIENT_BODY_SLICE)
		n = CLIENT_BODY_SLICE;
	if (c->body.kind != HTTP1_LENGTH)
		return n;
	if (n > c->body.left || (have >= SHOWN && c->body.left <= MODEST))
		n = (size_t)c->body.left;
	return n;
}

/* Body bytes that were read already. */
static int
body_from_input(struct client *c, struct buf *b)
{
	size_t n = buf_len(&c->in);
	struct str data;
	long used;
	int rc;

	if (n == 0 || c->body.done)
		return 0;
	if (c->body.kind == HTTP1_LENGTH && n > c->body.left)
		n = (size_t)c->body.left;
	if (n > b->max - buf_len(b))	/* the framing may be the rest */
		n = b->max - buf_len(b);
	if ((rc = room(c, b, n)) != 0)
		return rc;
	while (buf_len(&c->in) > 0 && !c->body.done) {
		used = http1_body_feed(&c->body, buf_ptr(&c->in),
		    buf_len(&c->in), &data);
		if (used < 0)
			return ERR_FORMAT;
		if ((rc = buf_add(b, data.p, data.n)) != 0)
			return rc;
		if (used == 0)
			break;
		buf_consume(&c->in, (size_t)used);
	}
	return 0;
}

int
client_skip_body(struct client *c)
{
	struct str data;
	long used;

	while (buf_len(&c->in) > 0 && !c->body.done) {
		used = http1_body_feed(&c->body, buf_ptr(&c->in),
		    buf_len(&c->in), &data);
		if (used <= 0)
			break;
		buf_consume(&c->in, (size_t)used);
	}
	return c->body.done;
}

/* A long body of known length goes straight to its place. */
static ssize_t
body_direct(struct client *c, struct buf *b, size_t want)
{
	ssize_t n;

	if (want > CLIENT_BODY_SLICE)
		want = CLIENT_BODY_SLICE;
	n = conn_read(c->conn, b->data + b->len, want);
	if (n > 0) {
		b->len += (size_t)n;
		c->body.left -= (uint64_t)n;
		c->body.done = c->body.left == 0;
	}
	return n;
}

static ssize_t
body_chunk(struct client *c, struct buf *b, size_t want)
{
	const char *p = c->w->scratch;
	struct str data;
	ssize_t n;
	size_t at = 0;
	long used;
	int rc;

	n = conn_read(c->conn, c->w->scratch, want < WORKER_SCRATCH ? want :
	    WORKER_SCRATCH);
	if (n <= 0)
		return n;
	while (at < (size_t)n && !c->body.done) {
		used = http1_body_feed(&c->body, p + at, (size_t)n - at,
		    &data);
		if (used < 0)
			return ERR_FORMAT;
		if ((rc = buf_add(b, data.p, data.n)) != 0)
			return rc;
		if (used == 0)
			break;
		at += (size_t)used;
	}
	rc = client_keep(c, p + at, (size_t)n - at);
	return rc == 0 ? n : rc;
}

/* A read into room that is there: bytes, or what client_read_body says. */
static ssize_t
read_some(struct client *c, struct buf *b)
{
	size_t want = portion(c, b);
	ssize_t n;
	int rc;

	if (c->failed || c->eof)
		return ERR_CLOSED;
	/* What is too long is found when it has come. */
	if ((rc = room(c, b, want)) == ERR_TOOBIG &&
	    c->body.kind != HTTP1_LENGTH) {
		want = b->max - buf_len(b);
		rc = want == 0 ? 0 : room(c, b, want);
		want++;
	}
	if (rc != 0)
		return rc;
	n = c->body.kind == HTTP1_LENGTH ? body_direct(c, b, want) :
	    body_chunk(c, b, want);
	if (n == 0 || n == ERR_SYSTEM || n == ERR_TLS) {
		c->eof = 1;
		return ERR_CLOSED;
	}
	return n;
}

/*
 * A byte at a time would hold a large buffer for ever: what renews the
 * time-out is in proportion to what has come, but at most PER_S.
 */
static void
note_progress(struct client *c, const struct buf *b)
{
	int64_t most = c->w->conf->client.body_timeout * PER_S / CLOCK_US_S;
	size_t want = c->body_mark / ENOUGH;

	if ((int64_t)want > most)
		want = (size_t)most;
	if (buf_len(b) - c->body_mark <= want)
		return;
	c->body_mark = buf_len(b);
	c->progress_us = ev_now_us(c->w->loop);
}

int
client_read_body(struct client *c, struct buf *b, int *more)
{
	size_t total = 0;
	ssize_t n;
	int rc;

	*more = 0;
	if ((rc = body_from_input(c, b)) != 0)
		return rc;
	note_progress(c, b);
	if (buf_len(&c->in) == 0)
		client_free_input(c);
	while (!c->body.done) {
		if (total >= CLIENT_BODY_SLICE) {
			*more = 1;
			return ERR_AGAIN;
		}
		if ((n = read_some(c, b)) < 0)
			return (int)n;
		total += (size_t)n;
		note_progress(c, b);
	}
	if (buf_len(&c->in) == 0)
		client_free_input(c);
	return 0;
}
