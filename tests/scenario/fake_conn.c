/*
 * fake_conn.c - net/conn.h: the clients' connections, moved by the script.
 *
 * Runs in: the scenario runner.
 * Owns: nothing; struct conn belongs to the script.
 */
#include <stdlib.h>

#include "base/err.h"
#include "scen.h"

#define HIGH	(64u << 10)

struct conn *scen_accepting;
static struct conn *all[SCEN_CLIENTS];
static unsigned n_all;

struct conn_set *
conn_set_new(struct ev_loop *l)
{
	(void)l;
	return calloc(1, 8);
}

size_t
conn_set_held(const struct conn_set *s)
{
	size_t n = 0;
	unsigned i;

	(void)s;
	for (i = 0; i < n_all; i++)
		if (all[i]->closed == SCEN_OPEN)
			n += buf_len(&all[i]->out);
	return n;
}

struct conn *
conn_accept(struct conn_set *s, int fd, struct tls_ctx *tls, conn_fn *fn,
    void *arg)
{
	struct conn *c = scen_accepting;

	(void)s;
	(void)fd;
	(void)tls;
	c->fn = fn;
	c->arg = arg;
	c->progress = scen_now;
	all[n_all++] = c;
	return c;
}

void
conn_peer(const struct conn *c, unsigned char addr[16], unsigned *port)
{
	memcpy(addr, c->peer, 16);
	*port = 4711;
}

void
scen_conn_event(struct conn *c, unsigned what)
{
	if (c->closed == SCEN_OPEN)
		SCEN_WORKER(c->fn(c->arg, what));
}

ssize_t
conn_read(struct conn *c, void *p, size_t n)
{
	if (n > buf_len(&c->in))
		n = buf_len(&c->in);
	if (n == 0) {
		c->readable = c->eof;
		return c->eof ? 0 : ERR_AGAIN;
	}
	memcpy(p, buf_ptr(&c->in), n);
	buf_consume(&c->in, n);
	return (ssize_t)n;
}

int
conn_readable(const struct conn *c)
{
	return c->readable;
}

int
conn_write(struct conn *c, const void *p, size_t n)
{
	int was, rc;

	if (c->refuse || !scen_take())
		return ERR_NOMEM;
	was = scen_arm(0);
	rc = buf_add(&c->out, p, n);
	scen_arm(was);
	return rc;
}

int
conn_writes(struct conn *c, struct str s)
{
	return conn_write(c, s.p, s.n);
}

void
conn_urgent(struct conn *c, int urgent)
{
	(void)c;
	(void)urgent;
}

size_t
conn_queued(const struct conn *c)
{
	return buf_len(&c->out);
}

int
conn_above(const struct conn *c)
{
	return c->was_above || conn_queued(c) > HIGH;
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
conn_flush(struct conn *c)
{
	size_t n = buf_len(&c->out);
	int was = scen_arm(0);

	c->was_above |= conn_above(c);
	if (n > c->room)
		n = c->room;
	if (n > 0) {
		buf_add(&c->got, buf_ptr(&c->out), n);
		buf_consume(&c->out, n);
		c->progress = scen_now;
		if (c->room != SIZE_MAX)
			c->room -= n;
	}
	c->waited |= buf_len(&c->out) > 0;
	scen_arm(was);
}

void
conn_flush_all(struct conn_set *s)
{
	unsigned i;

	(void)s;
	scen_before_output();
	for (i = 0; i < n_all; i++) {
		struct conn *c = all[i];
		size_t before = conn_queued(c);

		if (c->closed != SCEN_OPEN)
			continue;
		conn_flush(c);
		if (conn_queued(c) == before)
			continue;
		if ((c->was_above && conn_queued(c) < HIGH / 4) ||
		    (c->waited && conn_queued(c) == 0)) {
			c->waited = c->was_above = 0;
			scen_conn_event(c, CONN_DRAINED);
		}
	}
}

int
conn_unflushed(const struct conn_set *s)
{
	unsigned i;

	(void)s;
	for (i = 0; i < n_all; i++)
		if (all[i]->closed == SCEN_OPEN && all[i]->room > 0 &&
		    buf_len(&all[i]->out) > 0)
			return 1;
	return 0;
}

/* There is no socket to peek into. */
int
conn_fd(const struct conn *c)
{
	(void)c;
	return -1;
}

void
conn_reset(struct conn **cp)
{
	(*cp)->closed = SCEN_RESET;
	*cp = NULL;
}

void
conn_close(struct conn **cp)
{
	if (*cp == NULL)
		return;
	(*cp)->closed = SCEN_CLOSED;
	*cp = NULL;
}

/* What is queued goes out only as far as the kernel takes it now: that a slow
 * client gets the rest is the worker's business before it calls this. */
void
conn_close_linger(struct conn **cp, int64_t linger_us)
{
	(void)linger_us;
	conn_flush(*cp);
	(*cp)->closed = SCEN_POLITE;
	*cp = NULL;
}
