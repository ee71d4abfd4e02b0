/*
 * preface.c - what a TCP proxy sends before the connection of its client.
 *
 * Runs in: worker.
 * Owns: struct preface, and the descriptor until the header is there.
 *
 * The header stands before TLS too. It is looked at where it lies in the
 * socket and taken only when it is whole, so that what comes behind it is
 * the connection's.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "net/proxyhdr.h"
#include "worker/client.h"
#include "worker/preface.h"

struct preface {
	struct client	*c;
	struct listener	*l;
	struct ev_io	 io;
	int		 fd;
};

int
preface_wanted(const struct worker *w, int fd, const struct listener *l,
    unsigned char peer[16], unsigned *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	return w->conf->client.proxy_protocol && !l->local &&
	    getpeername(fd, (struct sockaddr *)&ss, &len) == 0 &&
	    addr_from_sock((struct sockaddr *)&ss, peer, port) >= 0 &&
	    conf_cidrs_match(&w->conf->client.trusted_proxies, peer);
}

/* The header is whole: what follows is the client's connection. */
static void
taken(struct preface *p, const struct proxyhdr *h)
{
	struct client *c = p->c;
	struct listener *l = p->l;
	int fd = p->fd;

	ev_io_stop(&p->io);
	p->fd = -1;
	if (h->known)
		client_from(c, h->addr, h->port);
	client_begin(c, fd, l);		/* frees p */
}

static void
on_bytes(void *arg, unsigned what)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
	static char b[PROXYHDR_MAX];
	struct preface *p = arg;
	char who[ADDR_TEXT_SIZE];
	struct proxyhdr h;
	ssize_t n;
	long size;

	(void)what;
	n = recv(p->fd, b, sizeof(b), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(p->c);
		return;
	}
	size = proxyhdr_parse(b, (size_t)n, &h);
	if (size == ERR_AGAIN && n < PROXYHDR_MAX)
		return;
	if (size > 0 && recv(p->fd, b, (size_t)size, MSG_DONTWAIT) == size) {
		taken(p, &h);
		return;
	}
	addr_text(p->c->peer, who);
	if (log_allow(&lim))
		log_warn("%s is one of client.trusted_proxies and does not "
		    "begin with a header of the PROXY protocol: closed", who);
	board_add(CTR_bad_requests, 1);
	client_close(p->c);
}

struct preface *
preface_new(struct client *c, int fd, struct listener *l)
{
	struct preface *p = xcalloc(1, sizeof(*p));

	p->c = c;
	p->l = l;
	p->fd = fd;
	if (ev_io_start(c->w->loop, &p->io, fd, EV_IO_IN, 1, on_bytes, p) != 0)
		log_errore("cannot watch a connection");	/* times out */
	return p;
}

void
preface_free(struct preface **pp)
{
	struct preface *p = *pp;

	if (p == NULL)
		return;
	*pp = NULL;
	ev_io_stop(&p->io);
	fd_close(&p->fd);
	free(p);
}
