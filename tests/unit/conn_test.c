/*
 * conn_test.c - plain connections over loopback.
 *
 * Runs in: make check.
 * Owns: one rig per test.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "conn_rig.h"

TEST(echo)
{
	unsigned char peer[16];
	unsigned port;

	begin();
	link_up(NULL, NULL, NULL);
	EQ_INT(conn_write(a.c, "hel", 3), 0);
	EQ_INT(conn_writes(a.c, STR("lo")), 0);
	EQ_INT(conn_queued(a.c), 5);
	WAIT(b.n == 5);
	EQ_MEM(b.got, b.n, "hello", 5);
	EQ_INT(b.reads, 1);
	EQ_INT(conn_queued(a.c), 0);
	EQ_INT(conn_sent(a.c), 5);
	OK(a.told & CONN_CONNECTED);
	OK(b.told & CONN_CONNECTED);
	EQ_INT(a.told & CONN_DRAINED, 0);
	OK(!conn_readable(b.c));
	conn_write(b.c, "back", 4);
	WAIT(a.n == 4);
	conn_peer(b.c, peer, &port);
	EQ_MEM(peer, 16, conn_rig_local, 16);
	OK(port != 0);
	conn_close(&b.c);
	WAIT(a.end == 1);
	finish();
}

TEST(refused)
{
	unsigned port;
	int l;

	begin();
	l = listener(&port);
	close(l);
	a.c = conn_connect(set, conn_rig_local, port, NULL, NULL, on_side, &a);
	WAIT(a.told & CONN_FAILED);
	EQ_INT(conn_error_stage(a.c), 1);
	EQ_STR(conn_error(a.c), "Connection refused");
	EQ_INT(conn_write(a.c, "x", 1), ERR_CLOSED);
	finish();
}

TEST(large_plain)
{
	conn_rig_large(NULL, NULL);
}

TEST(too_many_refs)
{
	int i;

	begin();
	link_up(NULL, NULL, NULL);
	for (i = 0; i < 8; i++)
		EQ_INT(conn_write_ref(a.c, "x", 1), 0);
	EQ_INT(conn_write_ref(a.c, "x", 1), ERR_TOOBIG);
	WAIT(b.n == 8);
	EQ_INT(conn_write_ref(a.c, "x", 1), 0);
	WAIT(b.n == 9);
	finish();
}

static void
reset_now(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

/* Bytes and a reset that arrive together: the reset must not be lost. */
TEST(data_and_reset)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, conn_rig_local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	EQ_INT(write(fd, "abc", 3), 3);
	reset_now(fd);
	WAIT(a.end != 0);
	EQ_INT(a.n, 3);
	EQ_INT(a.end, ERR_SYSTEM);
	EQ_STR(conn_error(a.c), "Connection reset by peer");
	EQ_INT(conn_error_stage(a.c), 3);
	finish();
}

TEST(data_and_end)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, conn_rig_local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	EQ_INT(write(fd, "abc", 3), 3);
	close(fd);
	WAIT(a.end != 0);
	EQ_INT(a.n, 3);
	EQ_INT(a.end, 1);
	finish();
}

/* What the peer said before it refused our bytes can still be read. */
TEST(read_after_send_failed)
{
	unsigned port;
	int l, fd;

	begin();
	l = listener(&port);
	a.c = conn_connect(set, conn_rig_local, port, NULL, NULL, on_side, &a);
	fd = accept(l, NULL, NULL);
	close(l);
	WAIT(a.told & CONN_CONNECTED);
	a.hold = 1;
	EQ_INT(write(fd, "bye", 3), 3);
	reset_now(fd);
	WAIT(a.told & CONN_READABLE);
	conn_write(a.c, "x", 1);
	WAIT(a.told & CONN_FAILED);
	a.hold = 0;
	slurp(&a);
	EQ_MEM(a.got, a.n, "bye", 3);
	OK(a.end != 0);
	finish();
}

TEST(unheard)
{
	uint64_t mark;

	begin();
	link_up(NULL, NULL, NULL);
	conn_write(a.c, "one", 3);
	WAIT(b.n == 3);
	mark = conn_sent(a.c);
	EQ_INT(mark, 3);
	/* Close with everything read, then send: the kernel refuses it. */
	conn_close(&b.c);
	conn_write(a.c, "two", 3);
	conn_flush(a.c);
	WAIT(a.end != 0);
	OK(conn_heard(a.c, mark) == NULL);
	OK(conn_heard(a.c, 0) != NULL);
	finish();
}

TEST(heard)
{
	begin();
	link_up(NULL, NULL, NULL);
	conn_write(a.c, "one", 3);
	WAIT(b.n == 3);
	conn_write(a.c, "two", 3);
	WAIT(b.n == 6);
	conn_close(&b.c);
	WAIT(a.end != 0);
	OK(conn_heard(a.c, 3) != NULL);
	finish();
}

/* A peer that reads and resets may not have acknowledged: no proof. */
TEST(heard_then_reset)
{
	int i;

	begin();
	link_up(NULL, NULL, NULL);
	for (i = 1; i <= 4; i++) {	/* so that acknowledgements wait */
		conn_write(a.c, "one", 3);
		WAIT(b.n == (size_t)i * 3);
		conn_write(b.c, "two", 3);
		WAIT(a.n == (size_t)i * 3);
	}
	conn_write(a.c, "one", 3);
	WAIT(b.n == 15);
	setsockopt(conn_fd(b.c), SOL_SOCKET, SO_LINGER,
	    &(struct linger){ 1, 0 }, sizeof(struct linger));
	conn_close(&b.c);
	WAIT(a.end != 0);
	OK(conn_heard(a.c, 12) != NULL);
	finish();
}

TEST(linger_plain)
{
	conn_rig_linger(NULL, NULL);
}

/* A set that is freed takes its lingering connections along. */
TEST(linger_left)
{
	begin();
	link_up(NULL, NULL, NULL);
	WAIT((a.told & b.told) & CONN_CONNECTED);
	conn_close_linger(&a.c, 60000000);
	OK(a.c == NULL);
	turn();
	finish();
	OK(set == NULL);
}

static void
on_closing(void *arg, unsigned what)
{
	struct side *s = arg;

	s->told |= what;
	conn_close(&s->c);
}

TEST(close_in_callback)
{
	unsigned port;
	int l, i;

	begin();
	l = listener(&port);
	for (i = 0; i < 3; i++) {
		a.told = 0;
		a.c = conn_connect(set, conn_rig_local, port, NULL,
		    NULL, on_closing, &a);
		WAIT(a.c == NULL);
		OK(a.told & CONN_CONNECTED);
	}
	close(l);
	a.told = 0;
	a.c = conn_connect(set, conn_rig_local, port, NULL, NULL, on_closing, &a);
	WAIT(a.c == NULL);
	EQ_INT(a.told, CONN_FAILED);
	finish();
}

TAP_BEGIN
	TAP_ROW(echo)
	TAP_ROW(refused)
	TAP_ROW(large_plain)
	TAP_ROW(too_many_refs)
	TAP_ROW(data_and_reset)
	TAP_ROW(data_and_end)
	TAP_ROW(read_after_send_failed)
	TAP_ROW(unheard)
	TAP_ROW(heard)
	TAP_ROW(heard_then_reset)
	TAP_ROW(linger_plain)
	TAP_ROW(linger_left)
	TAP_ROW(close_in_callback)
TAP_END
