/*
 * conn_rig.c - two connections, one loop, and what they were told.
 *
 * Runs in: unit test programs.
 * Owns: the loop and both connections.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "conn_rig.h"

struct ev_loop *loop;
struct conn_set *set;
const unsigned char conn_rig_local[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255,
    255, 127, 0, 0, 1 };

struct side a, b;

void
slurp(struct side *s)
{
	ssize_t r;

	while (!s->hold && s->end == 0) {
		size_t want = s->chunk != 0 ? s->chunk : 65536;

		if (s->cap - s->n < want) {
			s->cap = s->cap * 2 + want;
			s->got = xrealloc(s->got, s->cap);
		}
		r = conn_read(s->c, s->got + s->n, want);
		if (r == ERR_AGAIN)
			return;
		s->reads++;
		if (r <= 0)
			s->end = r == 0 ? 1 : (int)r;
		else
			s->n += (size_t)r;
	}
}

void
on_side(void *arg, unsigned what)
{
	struct side *s = arg;

	s->told |= what;
	if (what & CONN_READABLE)
		slurp(s);
}

void
turn(void)
{
	ev_turn(loop, 20);
	conn_flush_all(set);
}

void
begin(void)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	loop = ev_loop_new();
	set = conn_set_new(loop);
}

void
finish(void)
{
	conn_close(&a.c);
	conn_close(&b.c);
	free(a.got);
	free(b.got);
	conn_set_free(&set);
	ev_loop_free(&loop);
}

int
listener(unsigned *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	OK(listen(fd, 16) == 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	*port = ntohs(sin.sin_port);
	return fd;
}

/* Connect a to b. */
void
link_up(struct tls_ctx *client, struct tls_ctx *server, const char *sni)
{
	unsigned port;
	int l = listener(&port), fd;

	a.c = conn_connect(set, conn_rig_local, port, client, sni, on_side, &a);
	fd = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	OK(fd >= 0);
	close(l);
	b.c = conn_accept(set, fd, server, on_side, &b);
}

char *
pattern(size_t n)
{
	char *p = xmalloc(n);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
	return p;
}

void
conn_rig_large(struct tls_ctx *client, struct tls_ctx *server)
{
	size_t n = 6 << 20, i;
	char *p = pattern(n);

	begin();
	link_up(client, server, "test.example");
	b.hold = 1;
	for (i = 0; i < 6; i++)
		EQ_INT(conn_write_ref(a.c, p + i * (n / 6), n / 6), 0);
	EQ_INT(conn_write(a.c, "tail", 4), 0);
	WAIT(b.told & CONN_READABLE);
	for (i = 0; i < 20; i++)
		turn();
	OK(conn_queued(a.c) > 0);
	OK(conn_above(a.c));
	EQ_INT(a.told & CONN_DRAINED, 0);
	b.hold = 0;
	slurp(&b);
	WAIT(b.n == n + 4);
	EQ_MEM(b.got, n, p, n);
	EQ_MEM(b.got + n, 4, "tail", 4);
	OK(a.told & CONN_DRAINED);
	OK(!conn_above(a.c));
	free(p);
	finish();
}

void
conn_rig_linger(struct tls_ctx *client, struct tls_ctx *server)
{
	size_t n = 3 << 20;
	char *p = pattern(n);

	begin();
	link_up(client, server, "test.example");
	WAIT((a.told & b.told) & CONN_CONNECTED);
	conn_write(b.c, "0123456789", 10);
	conn_write_ref(a.c, p, n);
	conn_close_linger(&a.c, 3000000);
	memset(p, 0, n);	/* it was copied */
	free(p);
	OK(a.c == NULL);
	WAIT(b.end != 0);
	EQ_INT(b.end, 1);
	EQ_INT(b.n, n);
	OK(b.got[n - 1] != 0 || b.got[n - 2] != 0);
	finish();
}
