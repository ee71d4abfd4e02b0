/*
 * conn_out.c - the output side of a connection: queue and flush.
 *
 * Runs in: worker, checker, admin, aigwctl, aigw-mock.
 * Owns: the queued pieces and the pool of empty ones.
 *
 * Small writes are copied together into 4 KiB blocks from a pool of the
 * process, so an idle connection holds no buffer; large ones stay with their
 * owner. A plain connection sends up to 16 pieces with one call; TLS gathers
 * small pieces into one record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "net/conn_impl.h"

#define POOLED		512	/* empty blocks kept */
#define SEND_PIECES	16
#define SEND_SLICE	(512u << 10)	/* bytes of one connection and flush */
#define FLUSH_BUDGET	8192	/* sends of one conn_flush_all */
#define FLUSH_US	2000	/* and how long it may take */
#define FLUSH_LOOK	16	/* short sends between two looks at the clock */
#define FLUSH_SHORT	16384	/* bytes; a longer one counts as several */

/* Room in a pooled block. */
#define BLOCK_CAP	(CONN_PIECE - sizeof(struct piece))

static struct piece *
block_new(struct conn_set *s, size_t n)
{
	struct piece *q;
	size_t cap = n > BLOCK_CAP ? n : BLOCK_CAP;

	if (cap == BLOCK_CAP && (q = STAILQ_FIRST(&s->free_blocks)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->free_blocks, link);
		s->n_blocks--;
	} else if ((q = xalloc_try(sizeof(*q) + cap)) == NULL)
		return NULL;
	s->held += sizeof(*q) + cap;
	q->cap = cap;
	q->p = q->data;
	q->n = 0;
	return q;
}

static struct piece *
ref_new(struct conn_set *s)
{
	struct piece *q = STAILQ_FIRST(&s->free_refs);

	if (q != NULL) {
		STAILQ_REMOVE_HEAD(&s->free_refs, link);
		s->n_refs--;
	} else
		q = xmalloc(sizeof(*q));
	q->cap = 0;
	return q;
}

static void
piece_free(struct conn *c, struct piece *q)
{
	struct conn_set *s = c->set;

	if (q->cap == 0) {
		c->refs--;
		if (s->n_refs < POOLED) {
			STAILQ_INSERT_HEAD(&s->free_refs, q, link);
			s->n_refs++;
			return;
		}
		free(q);
		return;
	}
	s->held -= sizeof(*q) + q->cap;
	/* It may be a head with a provider's key, or what somebody asked. */
	secret_wipe(q->data, (size_t)(q->p + q->n - q->data));
	if (q->cap == BLOCK_CAP && s->n_blocks < POOLED) {
		STAILQ_INSERT_HEAD(&s->free_blocks, q, link);
		s->n_blocks++;
	} else
		free(q);
}

size_t
conn_set_held(const struct conn_set *s)
{
	return s->held;
}

void
conn_out_free_pool(struct conn_set *s)
{
	struct piece *q;

	while ((q = STAILQ_FIRST(&s->free_blocks)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->free_blocks, link);
		free(q);
	}
	while ((q = STAILQ_FIRST(&s->free_refs)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->free_refs, link);
		free(q);
	}
}

void
conn_out_drop(struct conn *c)
{
	struct piece *q;

	while ((q = STAILQ_FIRST(&c->out)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->out, link);
		piece_free(c, q);
	}
	c->queued = 0;
	c->above = c->waited = 0;
	if (c->in_dirty) {
		TAILQ_REMOVE(&c->set->dirty, c, dirty_link);
		c->in_dirty = 0;
	}
}

int
conn_out_own(struct conn *c)
{
	struct piece *q, *n, *next;

	for (q = STAILQ_FIRST(&c->out); q != NULL; q = next) {
		next = STAILQ_NEXT(q, link);
		if (q->cap != 0)
			continue;
		if ((n = block_new(c->set, q->n)) == NULL)
			return ERR_NOMEM;
		memcpy(n->data, q->p, q->n);
		n->n = q->n;
		STAILQ_INSERT_AFTER(&c->out, q, n, link);
		c->last = c->last == q ? n : c->last;
		STAILQ_REMOVE(&c->out, q, piece, link);
		piece_free(c, q);
	}
	return 0;
}

void
conn_dirty(struct conn *c)
{
	if (c->in_dirty || c->blocked || c->state != CONN_S_OPEN)
		return;
	TAILQ_INSERT_TAIL(&c->set->dirty, c, dirty_link);
	c->in_dirty = 1;
}

static void
queued_more(struct conn *c, size_t n)
{
	c->queued += n;
	if (c->queued > CONN_HIGH)
		c->above = 1;
	conn_dirty(c);
}

int
conn_write(struct conn *c, const void *p, size_t n)
{
	struct piece *q;
	size_t room;

	if (c->out_dead || c->state == CONN_S_FAILED)
		return ERR_CLOSED;
	if (n == 0)
		return 0;
	if (n > CONN_OUT_MAX - c->queued || c->queued > CONN_OUT_MAX)
		return ERR_TOOBIG;
	q = STAILQ_EMPTY(&c->out) ? NULL : c->last;
	room = q == NULL || q->cap == 0 ? 0 :
	    (size_t)(q->data + q->cap - (q->p + q->n));
	if (room < n) {
		if ((q = block_new(c->set, n)) == NULL)
			return ERR_NOMEM;
		STAILQ_INSERT_TAIL(&c->out, q, link);
		c->last = q;
	}
	memcpy(q->data + (q->p - q->data) + q->n, p, n);
	q->n += n;
	queued_more(c, n);
	return 0;
}

int
conn_writes(struct conn *c, struct str s)
{
	return conn_write(c, s.p, s.n);
}

int
conn_write_ref(struct conn *c, const void *p, size_t n)
{
	struct piece *q;

	if (c->out_dead || c->state == CONN_S_FAILED)
		return ERR_CLOSED;
	if (n == 0)
		return 0;
	if (c->refs >= CONN_REFS)
		return ERR_TOOBIG;
	q = ref_new(c->set);
	q->p = p;
	q->n = n;
	c->refs++;
	c->waited = 1;
	STAILQ_INSERT_TAIL(&c->out, q, link);
	c->last = q;
	queued_more(c, n);
	return 0;
}

static void
consume(struct conn *c, size_t n)
{
	struct piece *q;

	c->queued -= n;
	c->progress = ev_now_us(c->set->loop);
	while (n > 0) {
		q = STAILQ_FIRST(&c->out);
		if (q->n > n) {
			q->p += n;
			q->n -= n;
			return;
		}
		n -= q->n;
		STAILQ_REMOVE_HEAD(&c->out, link);
		piece_free(c, q);
	}
}

static void *
unconst(const void *p)
{
	union { const void *c; void *v; } u = { p };

	return u.v;
}

/* One send of a plain connection: bytes, or ERR_AGAIN, ERR_SYSTEM. */
static ssize_t
send_plain(struct conn *c, size_t *asked)
{
	struct iovec v[SEND_PIECES];
	struct msghdr m = { 0 };
	struct piece *q;
	ssize_t r;
	size_t n = 0;

	*asked = 0;
	STAILQ_FOREACH(q, &c->out, link) {
		if (n == SEND_PIECES)
			break;
		v[n].iov_base = unconst(q->p);
		v[n++].iov_len = q->n;
		*asked += q->n;
	}
	m.msg_iov = v;
	m.msg_iovlen = n;
	do
		r = n == 1 ? send(c->fd, v[0].iov_base, v[0].iov_len,
		    MSG_NOSIGNAL) : sendmsg(c->fd, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r >= 0) {
		c->sent += (uint64_t)r;
		return r;
	}
	return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_AGAIN :
	    ERR_SYSTEM;
}

/*
 * One record: small pieces are gathered. A record that the kernel did not
 * take whole is offered again with at least the same bytes, since the queue
 * only grows at its end.
 */
static ssize_t
send_tls(struct conn *c, size_t *asked)
{
	struct piece *q = STAILQ_FIRST(&c->out);
	const char *p = q->p;
	unsigned want;
	size_t n = q->n;

	if (n < CONN_GATHER && STAILQ_NEXT(q, link) != NULL) {
		if (c->set->gather == NULL)
			c->set->gather = xmalloc(CONN_GATHER);
		p = c->set->gather;
		n = 0;
		STAILQ_FOREACH(q, &c->out, link) {
			size_t k = CONN_GATHER - n;

			if (k > q->n)
				k = q->n;
			memcpy(c->set->gather + n, q->p, k);
			n += k;
			if (n == CONN_GATHER)
				break;
		}
	}
	/* A record at a time: what was taken is then all that was asked. */
	*asked = n > CONN_GATHER ? CONN_GATHER : n;
	return tls_write(c->tls, p, n, &want);
}

/* Events that follow from how full the queue is now. */
static unsigned
level(struct conn *c)
{
	unsigned tell = 0;

	if (c->queued == 0) {
		if (c->waited || c->above)
			tell = CONN_DRAINED;
		c->above = c->waited = 0;
	} else if (c->above && c->queued <= CONN_HIGH / 4) {
		c->above = 0;
		tell = CONN_DRAINED;
	}
	return tell;
}

static unsigned
send_failed(struct conn *c, ssize_t rc)
{
	const char *why = rc == ERR_TLS || c->tls != NULL ?
	    tls_error(c->tls) : strerror(errno);

	conn_fail(c, 3, why);
	return CONN_FAILED | CONN_READABLE;
}

unsigned
conn_out_flush(struct conn *c)
{
	size_t done = 0, asked;
	ssize_t r;

	if (c->in_dirty) {
		TAILQ_REMOVE(&c->set->dirty, c, dirty_link);
		c->in_dirty = 0;
	}
	if (c->state != CONN_S_OPEN)
		return 0;
	c->blocked = 0;
	while (c->queued > 0) {
		if (done >= SEND_SLICE) {
			c->waited = 1;
			conn_dirty(c);
			return level(c);
		}
		r = c->tls == NULL ? send_plain(c, &asked) :
		    send_tls(c, &asked);
		if (r > 0) {
			consume(c, (size_t)r);
			done += (size_t)r;
			if (c->tls != NULL || (size_t)r == asked)
				continue;
			r = ERR_AGAIN;	/* the socket's buffer is full */
		}
		if (r != ERR_AGAIN)
			return send_failed(c, r);
		c->blocked = c->waited = 1;
		break;
	}
	return level(c);
}

static void
again(void *arg)
{
	(void)arg;	/* only so that the loop does not sleep */
}

void
conn_flush_all(struct conn_set *s)
{
	int64_t end = clock_mono_us() + FLUSH_US;
	unsigned tell, n = 0, left = FLUSH_BUDGET;
	struct conn *c;
	size_t queued;

	while (left > 0 && (n < FLUSH_LOOK || clock_mono_us() < end) &&
	    (c = TAILQ_FIRST(&s->dirty)) != NULL) {
		queued = c->queued;
		n = n < FLUSH_LOOK ? n + 1 : 0;
		tell = conn_out_flush(c);
		n += (unsigned)((queued - c->queued) / FLUSH_SHORT);
		/* One that could send on and on takes its turn again later. */
		left -= c->in_dirty && left >= FLUSH_BUDGET / 16 ?
		    FLUSH_BUDGET / 16 : 1;
		if (tell != 0)
			c->fn(c->arg, tell);
	}
	if (!TAILQ_EMPTY(&s->dirty))
		ev_defer(s->loop, &s->again_task, again, s);
}

int
conn_unflushed(const struct conn_set *s)
{
	return !TAILQ_EMPTY(&s->dirty);
}

size_t
conn_queued(const struct conn *c)
{
	return c->queued;
}

int
conn_above(const struct conn *c)
{
	return c->above;
}

void
conn_tell_drained(struct conn *c)
{
	c->waited = 1;
}

int64_t
conn_progress_us(const struct conn *c)
{
	return c->progress;
}

void
conn_drop_output(struct conn *c)
{
	conn_out_drop(c);
	c->out_dead = 1;
}
