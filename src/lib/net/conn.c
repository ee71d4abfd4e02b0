/*
 * conn.c - one non-blocking connection: life, events, input.
 *
 * Runs in: worker, checker, admin, aigwctl, aigw-mock.
 * Owns: the descriptor, the TLS object, the place in the lists of its set.
 *
 * A read of a plain socket that got less than it asked for has emptied it, so
 * the read that would only say EAGAIN is left out: the next edge tells of new
 * bytes, and EV_IO_EOF of an end that came with these. One thing is not told:
 * bytes and a reset that arrived together look like bytes alone. Connections
 * after such a read are therefore "in doubt" and looked at once more when
 * they stayed silent for a moment.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "net/conn_impl.h"

#define DOUBT_US	200000
#define DOUBTS_MAX	512	/* looked at in one turn */
#define NOTIFY_MAX	32	/* told at once */

/* A connection that nobody owns any more. */
struct lingerer {
	LIST_ENTRY(lingerer) link;
	struct ev_timer	 timer;
	struct conn	*c;
};

static void on_io(void *arg, unsigned what);
static void end_linger(void *arg);

struct conn_set *
conn_set_new(struct ev_loop *loop)
{
	struct conn_set *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	TAILQ_INIT(&s->dirty);
	TAILQ_INIT(&s->notify);
	LIST_INIT(&s->lingering);
	TAILQ_INIT(&s->doubt);
	STAILQ_INIT(&s->free_blocks);
	STAILQ_INIT(&s->free_refs);
	return s;
}

void
conn_set_free(struct conn_set **sp)
{
	struct conn_set *s = *sp;
	struct lingerer *l;

	if (s == NULL)
		return;
	while ((l = LIST_FIRST(&s->lingering)) != NULL)
		end_linger(l);
	ev_defer_cancel(&s->notify_task);
	ev_defer_cancel(&s->again_task);
	ev_timer_cancel(&s->doubt_timer);
	conn_out_free_pool(s);
	free(s->gather);
	free(s);
	*sp = NULL;
}

unsigned
conn_fail(struct conn *c, int stage, const char *text)
{
	if (c->err == NULL) {
		c->err = xstrdup(text);
		c->stage = (unsigned char)stage;
	}
	conn_out_drop(c);
	c->out_dead = 1;
	if (stage < 3) {
		c->state = CONN_S_FAILED;
		c->readable = 0;
	} else
		c->readable = 1;
	return CONN_FAILED;
}

static void
run_notify(void *arg)
{
	struct conn_set *s = arg;
	struct conn *c;
	unsigned what, n = 0;

	ev_long(s->loop);
	while ((c = TAILQ_FIRST(&s->notify)) != NULL) {
		if (n++ == NOTIFY_MAX) {
			ev_defer(s->loop, &s->notify_task, run_notify, s);
			return;
		}
		TAILQ_REMOVE(&s->notify, c, notify_link);
		c->in_notify = 0;
		what = c->pending;
		c->pending = 0;
		c->fn(c->arg, what);
	}
}

void
conn_notify(struct conn *c, unsigned what)
{
	c->pending |= what;
	if (!c->in_notify) {
		TAILQ_INSERT_TAIL(&c->set->notify, c, notify_link);
		c->in_notify = 1;
	}
	ev_defer(c->set->loop, &c->set->notify_task, run_notify, c->set);
}

static void
no_doubt(struct conn *c)
{
	if (!c->in_doubt)
		return;
	TAILQ_REMOVE(&c->set->doubt, c, doubt_link);
	c->in_doubt = 0;
}

/* 1: nothing can be read now, not even an error (which this leaves there). */
static int
silent(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

static void
look_again(void *arg)
{
	struct conn_set *s = arg;
	int64_t now = ev_now_us(s->loop), wait;
	struct conn *c;
	unsigned n = 0;

	while ((c = TAILQ_FIRST(&s->doubt)) != NULL) {
		wait = c->doubt_since + DOUBT_US - now;
		if (wait > 0 || n++ == DOUBTS_MAX) {
			ev_timer_set(s->loop, &s->doubt_timer, wait,
			    look_again, s);
			return;
		}
		no_doubt(c);
		if (!ev_io_ready(&c->io, EV_IO_IN) && !silent(c->fd))
			ev_io_tell(&c->io, EV_IO_IN);
	}
}

static void
set_doubt(struct conn *c)
{
	struct conn_set *s = c->set;

	if (c->in_doubt)
		TAILQ_REMOVE(&s->doubt, c, doubt_link);
	TAILQ_INSERT_TAIL(&s->doubt, c, doubt_link);
	c->in_doubt = 1;
	c->doubt_since = ev_now_us(s->loop);
	if (!ev_timer_active(&s->doubt_timer))
		ev_timer_set(s->loop, &s->doubt_timer, DOUBT_US, look_again,
		    s);
}

static unsigned
opened(struct conn *c)
{
	c->state = CONN_S_OPEN;
	c->progress = ev_now_us(c->set->loop);
	if (c->queued > 0)
		conn_dirty(c);
	return 0;
}

static unsigned
handshake(struct conn *c)
{
	unsigned want;
	int rc;

	ev_long(c->set->loop);
	rc = tls_handshake(c->tls, &want);
	if (rc == ERR_AGAIN) {
		if (tls_short(c->tls))
			set_doubt(c);
		return 0;
	}
	if (rc < 0)
		return conn_fail(c, 2, tls_error(c->tls));
	opened(c);
	/* What came behind the handshake may be inside already. */
	c->readable = 1;
	return CONN_READABLE;
}

/* The connect has an end. */
static unsigned
connected(struct conn *c)
{
	int e = 0;
	socklen_t len = sizeof(e);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
		e = errno;
	if (e != 0)
		return conn_fail(c, 1, strerror(e));
	if (c->tls == NULL)
		return opened(c);
	c->state = CONN_S_HANDSHAKE;
	return handshake(c);
}

static void
on_io(void *arg, unsigned what)
{
	struct conn *c = arg;
	unsigned tell = 0;

	if (what & EV_IO_EOF) {
		c->eof_edge = 1;
		c->fin |= c->err == NULL;
	}
	if (what & (EV_IO_IN | EV_IO_EOF)) {
		c->readable = 1;
		if (c->tls != NULL)
			tls_edge(c->tls, c->eof_edge);
		no_doubt(c);
	}
	switch ((enum conn_state)c->state) {
	case CONN_S_CONNECT:
		tell = connected(c);
		break;
	case CONN_S_HANDSHAKE:
		tell = handshake(c);
		break;
	case CONN_S_OPEN:
		/* With the others, when this turn sends. */
		if ((what & EV_IO_OUT) && c->blocked) {
			c->blocked = 0;
			if (c->queued > 0)
				conn_dirty(c);
		}
		if (what & (EV_IO_IN | EV_IO_EOF))
			tell |= CONN_READABLE;
		break;
	case CONN_S_FAILED:
		return;
	}
	if (c->state == CONN_S_OPEN && !c->told_open) {
		c->told_open = 1;
		tell |= CONN_CONNECTED;
	}
	if (tell != 0)
		c->fn(c->arg, tell);
}

static struct conn *
conn_new(struct conn_set *s, int fd, conn_fn *fn, void *arg)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	c->set = s;
	c->fd = fd;
	c->fn = fn;
	c->arg = arg;
	c->progress = ev_now_us(s->loop);
	STAILQ_INIT(&c->out);
	return c;
}

void
conn_urgent(struct conn *c, int urgent)
{
	ev_io_urgent(&c->io, urgent);
}

/* It did not begin; errno says why. */
static void
not_begun(struct conn *c)
{
	int e = errno;

	c->ours = (unsigned)err_ours(e);
	conn_notify(c, conn_fail(c, 1, strerror(e)));
}

/* Begin to listen to the socket; failures are told later. */
static void
start(struct conn *c, struct tls_ctx *tls, const char *sni)
{
	if (tls != NULL && (c->tls = tls_new(tls, c->fd, sni)) == NULL) {
		c->ours = 1;
		conn_notify(c, conn_fail(c, 2, "out of memory"));
		return;
	}
	if (ev_io_start(c->set->loop, &c->io, c->fd, 0, 1, on_io, c) < 0)
		not_begun(c);
}

struct conn *
conn_accept(struct conn_set *s, int fd, struct tls_ctx *tls, conn_fn *fn,
    void *arg)
{
	struct conn *c = conn_new(s, fd, fn, arg);
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->state = tls == NULL ? CONN_S_OPEN : CONN_S_HANDSHAKE;
	start(c, tls, NULL);
	return c;
}

struct conn *
conn_connect(struct conn_set *s, const unsigned char addr[16], unsigned port,
    struct tls_ctx *tls, const char *sni, conn_fn *fn, void *arg)
{
	struct conn *c = conn_new(s, -1, fn, arg);
	struct sockaddr_storage ss;
	int len = addr_to_sock(addr, port, &ss), one = 1;

	memcpy(c->peer, addr, 16);
	c->port = port;
	c->have_peer = 1;
	c->state = CONN_S_CONNECT;
	c->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		not_begun(c);
		return c;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	if (connect(c->fd, (struct sockaddr *)&ss, (socklen_t)len) < 0 &&
	    errno != EINPROGRESS && errno != EINTR) {
		not_begun(c);
		return c;
	}
	start(c, tls, sni);
	return c;
}

void
conn_owner(struct conn *c, conn_fn *fn, void *arg)
{
	c->fn = fn;
	c->arg = arg;
}

void
conn_close(struct conn **cp)
{
	struct conn *c = *cp;

	if (c == NULL)
		return;
	conn_out_drop(c);
	no_doubt(c);
	if (c->in_notify)
		TAILQ_REMOVE(&c->set->notify, c, notify_link);
	if (c->linger != NULL) {
		LIST_REMOVE(c->linger, link);
		c->set->n_lingering--;
		ev_timer_cancel(&c->linger->timer);
		free(c->linger);
	}
	ev_io_stop(&c->io);
	if (c->tls != NULL) {
		tls_shutdown(c->tls);
		tls_free(&c->tls);
	}
	if (c->fd >= 0)
		close(c->fd);
	free(c->err);
	free(c);
	*cp = NULL;
}

static void
end_linger(void *arg)
{
	struct lingerer *l = arg;
	struct conn *c = l->c;

	conn_close(&c);
}

/* Everything is out: say so, then drop what comes until the peer is done. */
static void
on_linger(void *arg, unsigned what)
{
	struct lingerer *l = arg;
	struct conn *c = l->c;
	char waste[4096];
	ssize_t r;
	int i;

	if (what & CONN_FAILED) {
		conn_close(&c);
		return;
	}
	if (c->queued == 0 && !c->out_dead) {
		if (c->tls != NULL)
			tls_shutdown(c->tls);
		shutdown(c->fd, SHUT_WR);
		c->out_dead = 1;
	}
	for (i = 0; i < 16; i++) {
		r = conn_read(c, waste, sizeof(waste));
		if (r == ERR_AGAIN)
			return;
		if (r <= 0) {
			conn_close(&c);
			return;
		}
	}
	conn_notify(c, CONN_READABLE);
}

void
conn_reset(struct conn **cp)
{
	struct linger l = { 1, 0 };
	struct conn *c = *cp;

	if (c == NULL)
		return;
	if (c->fd >= 0)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	tls_free(&c->tls);		/* and no close_notify */
	conn_close(cp);
}

void
conn_close_linger(struct conn **cp, int64_t linger_us)
{
	struct conn *c = *cp;
	struct lingerer *l;

	if (c == NULL || c->state != CONN_S_OPEN || c->out_dead ||
	    linger_us <= 0 || c->set->n_lingering >= CONN_LINGERS ||
	    conn_out_own(c) < 0) {
		conn_close(cp);
		return;
	}
	*cp = NULL;
	l = xcalloc(1, sizeof(*l));
	l->c = c;
	c->linger = l;
	c->waited = 1;
	conn_owner(c, on_linger, l);
	LIST_INSERT_HEAD(&c->set->lingering, l, link);
	c->set->n_lingering++;
	ev_timer_set(c->set->loop, &l->timer, linger_us, end_linger, l);
	on_linger(l, c->blocked ? 0 : conn_out_flush(c));
}

ssize_t
conn_read(struct conn *c, void *p, size_t n)
{
	unsigned want;
	ssize_t r;

	if (c->state == CONN_S_FAILED)
		return c->stage == 2 ? ERR_TLS : ERR_SYSTEM;
	if (!c->readable || c->state != CONN_S_OPEN)
		return ERR_AGAIN;
	if (c->tls != NULL) {
		r = tls_read(c->tls, p, n, &want);
		if (r == ERR_AGAIN) {
			c->readable = 0;
			if (tls_short(c->tls))
				set_doubt(c);
		} else if (r < 0 && c->err == NULL)
			conn_fail(c, 3, tls_error(c->tls));
		c->fin |= r == 0 && c->err == NULL;
		return r;
	}
	do
		r = recv(c->fd, p, n, 0);
	while (r < 0 && errno == EINTR);
	if (r > 0 && (size_t)r < n && !c->eof_edge && !c->out_dead) {
		c->readable = 0;
		set_doubt(c);
	} else if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		c->readable = 0;
		return ERR_AGAIN;
	} else if (r < 0) {
		conn_fail(c, 3, strerror(errno));
		return ERR_SYSTEM;
	} else if (r == 0 && c->err == NULL)
		c->fin = 1;
	return r;
}

int
conn_readable(const struct conn *c)
{
	return c->readable;
}

void
conn_flush(struct conn *c)
{
	unsigned tell;

	if (c->queued == 0 || c->blocked)
		return;
	if ((tell = conn_out_flush(c)) != 0)
		conn_notify(c, tell);
}

uint64_t
conn_sent(const struct conn *c)
{
	return c->tls == NULL ? c->sent : tls_sent(c->tls);
}

int
conn_handshaking(const struct conn *c)
{
	return c->state == CONN_S_HANDSHAKE;
}

const char *
conn_error(const struct conn *c)
{
	return c->err == NULL ? "" : c->err;
}

int
conn_error_stage(const struct conn *c)
{
	return c->stage;
}

int
conn_error_ours(const struct conn *c)
{
	return c->ours;
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}

int
conn_is_tls(const struct conn *c)
{
	return c->tls != NULL;
}

int
conn_tls_resumed(const struct conn *c)
{
	return c->tls != NULL && tls_resumed(c->tls);
}

void
conn_peer(const struct conn *c, unsigned char addr[16], unsigned *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	memcpy(addr, c->peer, 16);
	*port = c->port;
	if (c->have_peer)
		return;
	if (getpeername(c->fd, (struct sockaddr *)&ss, &len) < 0 ||
	    addr_from_sock((struct sockaddr *)&ss, addr, port) < 0) {
		memset(addr, 0, 16);
		*port = 0;
	}
}
