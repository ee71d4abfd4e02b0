/*
 * script_server.c - a provider that answers what a test wrote down.
 *
 * Runs in: unit test programs.
 * Owns: its listening socket and connections.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "script_server.h"

struct server_conn {
	LIST_ENTRY(server_conn) link;
	struct server	*s;
	struct conn	*c;
	struct buf	 in;
	const struct answer *a;		/* under way */
	size_t		 at;
	struct ev_task	 task;
	int64_t		 stepped;	/* the turn of the last step */
	int		 skip;		/* answered early: ignore the body */
};

static void
drop(struct server_conn *sc)
{
	LIST_REMOVE(sc, link);
	ev_defer_cancel(&sc->task);
	conn_close(&sc->c);
	buf_free(&sc->in);
	free(sc);
}

static void
reset(struct server_conn *sc)
{
	struct linger l = { 1, 0 };

	setsockopt(conn_fd(sc->c), SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	drop(sc);
}

static size_t
answer_size(const struct answer *a)
{
	return a->n != 0 ? a->n : strlen(a->text);
}

static void
finish(struct server_conn *sc)
{
	const struct answer *a = sc->a;

	sc->a = NULL;
	conn_flush(sc->c);
	if (a->how & ANS_RESET)
		reset(sc);
	else if (a->how & ANS_CLOSE)
		drop(sc);
}

static void
step(void *arg)
{
	struct server_conn *sc = arg;
	size_t n = answer_size(sc->a);
	int64_t now = ev_now_us(sc->s->loop);

	if (now == sc->stepped)
		;		/* once per turn */
	else if (sc->a->how & ANS_REPEAT) {
		while (!conn_above(sc->c) &&
		    conn_write(sc->c, sc->a->text, n) == 0)
			;
	} else {
		conn_write(sc->c, sc->a->text + sc->at++, 1);
		conn_flush(sc->c);
		if (sc->at == n) {
			finish(sc);
			return;
		}
	}
	sc->stepped = now;
	ev_defer(sc->s->loop, &sc->task, step, sc);
}

static void
answer(struct server_conn *sc)
{
	struct server *s = sc->s;

	if (s->answered >= s->n_answers)
		return;		/* silence */
	sc->a = &s->answers[s->answered++];
	sc->at = 0;
	if (sc->a->how & (ANS_BYTEWISE | ANS_REPEAT)) {
		step(sc);
		return;
	}
	if (sc->a->text != NULL)
		conn_write(sc->c, sc->a->text, answer_size(sc->a));
	finish(sc);
}

/* Size of the request at the start of in, 0: incomplete. */
static size_t
request_size(struct server_conn *sc, size_t *head)
{
	struct str in = buf_str(&sc->in), rest;
	long end = str_find(in, STR("\r\n\r\n")), at;
	uint64_t length = 0;

	if (end < 0)
		return 0;
	*head = (size_t)end + 4;
	at = str_find(str_make(in.p, *head), STR("Content-Length: "));
	if (at >= 0) {
		rest = str_skip(in, (size_t)at + 16);
		num_u64(str_make(rest.p, (size_t)str_chr(rest, '\r')),
		    &length);
	}
	return in.n >= *head + length ? *head + (size_t)length : 0;
}

/* One request from in: 1 when there was one. */
static int
one(struct server_conn *sc)
{
	struct server *s = sc->s;
	size_t head = 0, n = request_size(sc, &head);
	const struct answer *next = s->answered < s->n_answers ?
	    &s->answers[s->answered] : NULL;

	if (n == 0 && head > 0 && next != NULL && (next->how & ANS_EARLY)) {
		n = buf_len(&sc->in);
		sc->skip = 1;
	}
	if (n == 0)
		return 0;
	if (s->proxy && str_starts(buf_str(&sc->in), STR("CONNECT "))) {
		s->connects++;
		buf_reset(&s->last_connect);
		buf_add(&s->last_connect, buf_ptr(&sc->in), n);
		buf_consume(&sc->in, n);
		conn_writes(sc->c, STR("HTTP/1.1 200 ok\r\n\r\n"));
		return 1;
	}
	s->requests++;
	buf_reset(&s->last);
	buf_add(&s->last, buf_ptr(&sc->in), n);
	buf_consume(&sc->in, n);
	return 2;
}

static void
on_client(void *arg, unsigned what)
{
	struct server_conn *sc = arg;
	char p[16384];
	ssize_t r;
	int k;

	if (what & CONN_READABLE) {
		while ((r = conn_read(sc->c, p, sizeof(p))) > 0)
			if (!sc->skip)
				buf_add(&sc->in, p, (size_t)r);
		if (r != ERR_AGAIN) {
			drop(sc);
			return;
		}
		while ((k = one(sc)) == 1)
			;
		if (k == 2)
			answer(sc);
	} else if (what & CONN_FAILED)
		drop(sc);
}

static void
on_listen(void *arg, unsigned what)
{
	struct server *s = arg;
	struct server_conn *sc;
	int fd;

	(void)what;
	while ((fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		sc = xcalloc(1, sizeof(*sc));
		sc->s = s;
		buf_init(&sc->in, 64 << 20);
		LIST_INSERT_HEAD(&s->conns, sc, link);
		s->accepted++;
		sc->c = conn_accept(s->set, fd, s->tls, on_client, sc);
	}
}

void
server_start(struct server *s, struct ev_loop *loop, struct conn_set *set,
    struct tls_ctx *tls)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->set = set;
	s->tls = tls;
	LIST_INIT(&s->conns);
	buf_init(&s->last, 64 << 20);
	buf_init(&s->last_connect, 65536);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT(bind(s->fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	ASSERT(listen(s->fd, 64) == 0);
	getsockname(s->fd, (struct sockaddr *)&sin, &len);
	s->port = ntohs(sin.sin_port);
	ev_io_start(loop, &s->io, s->fd, EV_IO_IN, 0, on_listen, s);
}

void
server_script(struct server *s, const struct answer *a, unsigned n)
{
	s->answers = a;
	s->n_answers = n;
	s->answered = 0;
}

void
server_hang_up(struct server *s)
{
	struct server_conn *sc;

	while ((sc = LIST_FIRST(&s->conns)) != NULL)
		drop(sc);
}

void
server_reset(struct server *s)
{
	struct server_conn *sc;

	while ((sc = LIST_FIRST(&s->conns)) != NULL)
		reset(sc);
}

void
server_stop(struct server *s)
{
	server_hang_up(s);
	ev_io_stop(&s->io);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buf_free(&s->last);
	buf_free(&s->last_connect);
}

unsigned
server_open(const struct server *s)
{
	const struct server_conn *sc;
	unsigned n = 0;

	LIST_FOREACH(sc, &s->conns, link)
		n++;
	return n;
}
