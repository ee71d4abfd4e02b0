/*
 * multi.c - libcurl on the event loop.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: the multi handle, its sockets' events, a few empty easy handles.
 *
 * libcurl may not be called from inside its own callbacks. What comes from
 * there is recorded; transfers that are dropped meanwhile are removed by a
 * task.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "net/conn.h"
#include "upstream/multi_impl.h"

#define MAX_IDLE	256

struct multi_socket {
	struct ev_io	 io;
	struct multi	*m;
	curl_socket_t	 fd;
};

/* An open socket and who counts it. */
struct sock {
	LIST_ENTRY(sock) link;
	int		 fd;
	int		 port;		/* local; 0: not known yet */
	void		*owner;
	void		(*closed)(void *owner);
	struct multi_xfer *x;		/* whose request it carries */
	uint64_t	 mark;		/* acknowledged before that */
};

struct multi {
	struct ev_loop	*loop;
	LIST_HEAD(, sock) socks;
	CURLM		*curlm;
	CURLSH		*share;
	struct ev_timer	 timer;
	struct ev_task	 kick, sweep;
	TAILQ_HEAD(, multi_xfer) dropped;
	int		 inside;	/* libcurl is running */
};

static void
sock_leave(struct multi_xfer *x)
{
	if (x->sock != NULL)
		x->sock->x = NULL;
	x->sock = NULL;
}

static void
reap(struct multi *m)
{
	struct multi_xfer *x;
	CURLMsg *msg;
	CURLcode rc;
	char *p;
	int left;

	while ((msg = curl_multi_info_read(m->curlm, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		rc = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &p);
		x = (struct multi_xfer *)(void *)p;
		curl_multi_remove_handle(m->curlm, x->easy);
		x->added = 0;
		sock_leave(x);
		if (x->arg != NULL)
			x->done(x->arg, rc);
	}
}

static void
act(struct multi *m, curl_socket_t fd, int what)
{
	int running;

	m->inside++;
	curl_multi_socket_action(m->curlm, fd, what, &running);
	m->inside--;
	reap(m);
}

static void
on_socket(void *arg, unsigned what)
{
	struct multi_socket *s = arg;

	act(s->m, s->fd, (what & EV_IO_IN ? CURL_CSELECT_IN : 0) |
	    (what & EV_IO_OUT ? CURL_CSELECT_OUT : 0));
}

static int
set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct multi *m = arg;
	struct multi_socket *s = sockp;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s != NULL) {
			ev_io_stop(&s->io);
			free(s);
		}
		curl_multi_assign(m->curlm, fd, NULL);
		return 0;
	}
	if (s == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->m = m;
		s->fd = fd;
		curl_multi_assign(m->curlm, fd, s);
	}
	ev_io_stop(&s->io);
	if (ev_io_start(m->loop, &s->io, fd,
	    (what & CURL_POLL_IN ? EV_IO_IN : 0) |
	    (what & CURL_POLL_OUT ? EV_IO_OUT : 0), 0, on_socket, s) < 0)
		return -1;
	return 0;
}

static void
on_time(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int
set_timer(CURLM *curlm, long ms, void *arg)
{
	struct multi *m = arg;

	(void)curlm;
	ev_timer_cancel(&m->timer);
	ev_defer_cancel(&m->kick);
	if (ms == 0)
		ev_defer(m->loop, &m->kick, on_time, m);
	else if (ms > 0)
		ev_timer_set(m->loop, &m->timer, ms * 1000LL, on_time, m);
	return 0;
}

/* What libcurl knows of a proxy's account lives as long as a connection. The
 * rest is as it always is. */
static void *(*const plain)(size_t) = malloc;

static void *
get(size_t n)
{
	return multi_proxy_is_size(n) ? secret_get(n) : plain(n);
}

static char *
copy(const char *text)
{
	size_t n = strlen(text) + 1;
	void *p = multi_proxy_is_secret(text) ? secret_get(n) : plain(n);

	return p == NULL ? NULL : memcpy(p, text, n);
}

void
multi_init(void)
{
	static int ready;

	if (ready)
		return;
	/* It copies headers, URLs and keys of TLS: nothing of them stays in
	 * memory that it gave back. */
	ASSERT(curl_global_init_mem(CURL_GLOBAL_DEFAULT, get,
	    secret_give_back, secret_resize, copy, calloc) == CURLE_OK);
	ready = 1;
}

struct multi *
multi_new(struct ev_loop *loop)
{
	struct multi *m = xcalloc(1, sizeof(*m));

	multi_init();
	m->loop = loop;
	TAILQ_INIT(&m->dropped);
	m->curlm = curl_multi_init();
	m->share = curl_share_init();
	ASSERT(m->curlm != NULL && m->share != NULL);
	curl_share_setopt(m->share, CURLSHOPT_SHARE,
	    CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(m->curlm, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(m->curlm, CURLMOPT_SOCKETDATA, m);
	curl_multi_setopt(m->curlm, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(m->curlm, CURLMOPT_TIMERDATA, m);
	curl_multi_setopt(m->curlm, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE);
	curl_multi_setopt(m->curlm, CURLMOPT_PIPELINING,
	    (long)CURLPIPE_MULTIPLEX);
	return m;
}

static void
sock_gone(struct sock *s)
{
	LIST_REMOVE(s, link);
	if (s->x != NULL)
		s->x->sock = NULL;
	s->closed(s->owner);
	free(s);
}

static void
sock_forget(struct multi *m, int fd)
{
	struct sock *s;

	LIST_FOREACH(s, &m->socks, link)
		if (s->fd == fd) {
			sock_gone(s);
			return;
		}
}

void
multi_sock_add(struct multi_xfer *x, int fd)
{
	struct sock *s;

	if (x->owner == NULL)
		return;
	/* libcurl closes those that never got connected without a word. */
	sock_forget(x->m, fd);
	s = xcalloc(1, sizeof(*s));
	s->fd = fd;
	s->owner = x->owner;
	s->closed = x->closed;
	x->opened(x->owner);
	LIST_INSERT_HEAD(&x->m->socks, s, link);
}

static int
local_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	unsigned char addr[16];
	unsigned port;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0 ||
	    addr_from_sock((struct sockaddr *)&ss, addr, &port) < 0)
		return 0;
	return (int)port;
}

void
multi_sock_use(struct multi_xfer *x, int port)
{
	struct sock *s;

	sock_leave(x);
	LIST_FOREACH(s, &x->m->socks, link) {
		if (s->port == 0)
			s->port = local_port(s->fd);
		if (s->port != port)
			continue;
		if (s->x != NULL)	/* HTTP/2: shared, nothing to prove */
			sock_leave(s->x);
		else if (conn_fd_acked(s->fd, &s->mark) == 0) {
			s->x = x;
			x->sock = s;
		}
		return;
	}
}

/*
 * libcurl closes a socket that carried a request. 1 when nothing of that was
 * acknowledged and the peer's end came before any reset (see conn_heard): a
 * reset that comes after an end is EPIPE, alone it is ECONNRESET. Who asked
 * first was told; libcurl keeps the text of its first error.
 */
static int
sock_unheard(const struct sock *s)
{
	socklen_t len = sizeof(int);
	uint64_t acked;
	int e = 0;

	if (s->x->err[0] != '\0' &&
	    !str_ends(str_of(s->x->err), str_of(strerror(EPIPE))))
		return 0;
	return conn_fd_acked(s->fd, &acked) == 0 &&
	    acked <= s->mark &&
	    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0 &&
	    (e == 0 || e == EPIPE);
}

int
multi_sock_close(void *arg, curl_socket_t fd)
{
	struct multi *m = arg;
	struct sock *s;

	LIST_FOREACH(s, &m->socks, link)
		if (s->fd == fd && s->x != NULL)
			s->x->unheard = sock_unheard(s);
	sock_forget(m, fd);
	return close(fd);
}

/* Give the easy handle back and free the rest. */
static void
xfer_free(struct multi_xfer *x)
{
	struct multi *m = x->m;

	if (x->added)
		curl_multi_remove_handle(m->curlm, x->easy);
	sock_leave(x);
	/* Kept for the next one it would keep the last head, too, in which a
	 * provider may have quoted its key. */
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->resolve);
	curl_slist_free_all(x->headers);
	curl_slist_free_all(x->proxy_headers);
	free(x);
}

static void
sweep(void *arg)
{
	struct multi *m = arg;
	struct multi_xfer *x;

	while ((x = TAILQ_FIRST(&m->dropped)) != NULL) {
		TAILQ_REMOVE(&m->dropped, x, link);
		xfer_free(x);
	}
}

void
multi_free(struct multi **mp)
{
	struct multi *m = *mp;
	struct sock *s;

	if (m == NULL)
		return;
	sweep(m);
	m->inside++;
	curl_multi_cleanup(m->curlm);
	while ((s = LIST_FIRST(&m->socks)) != NULL)
		sock_gone(s);
	curl_share_cleanup(m->share);
	ev_timer_cancel(&m->timer);
	ev_defer_cancel(&m->kick);
	ev_defer_cancel(&m->sweep);
	free(m);
	*mp = NULL;
}

void
multi_xfer_drop(struct multi_xfer **xp)
{
	struct multi_xfer *x = *xp;

	if (x == NULL)
		return;
	*xp = NULL;
	x->arg = NULL;
	if (x->m->inside) {
		TAILQ_INSERT_TAIL(&x->m->dropped, x, link);
		ev_defer(x->m->loop, &x->m->sweep, sweep, x->m);
	} else
		xfer_free(x);
}

int
multi_xfer_start(struct multi_xfer *x)
{
	ASSERT(!x->m->inside);
	x->added = 1;
	if (curl_multi_add_handle(x->m->curlm, x->easy) == CURLM_OK)
		return 0;
	x->added = 0;
	return ERR_NOMEM;
}

void
multi_xfer_continue(struct multi_xfer *x)
{
	x->m->inside++;
	curl_easy_pause(x->easy, CURLPAUSE_CONT);
	x->m->inside--;
	reap(x->m);
}

CURL *
multi_easy(struct multi *m)
{
	CURL *e = curl_easy_init();

	ASSERT(e != NULL);
	curl_easy_setopt(e, CURLOPT_SHARE, m->share);
	return e;
}
