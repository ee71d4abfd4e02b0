/*
 * handover_test.c - what an old binary hands to a new one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "proc/handover.h"
#include "tap.h"

#define PREFIX (sizeof(HANDOVER_NAME "=") - 1)

static int
some_fd(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);

	OK(fd >= 3);
	return fd;
}

TEST(there_and_back)
{
	struct listenset out = { 0 }, in = { 0 };
	struct handover a = { .generation = UINT32_MAX,
	    .listen = &out }, b = { .listen = &in };
	struct buf text;

	a.peer = some_fd();
	a.lock = some_fd();
	a.board = some_fd();
	a.ticket = some_fd();
	listenset_add(&out, "127.0.0.1:0", some_fd(), 3);
	listenset_add(&out, "unix:/run/a;b=100%", some_fd(), -1);
	buf_init(&text, 4096);
	EQ_INT(handover_format(&a, &text), 0);
	handover_keep(&a);
	OK(fcntl(out.sock[1]->fd, F_GETFD) == 0);
	EQ_INT(handover_parse(buf_ptr(&text) + PREFIX, &b), 0);
	OK(b.generation == UINT32_MAX);
	EQ_INT(b.peer, a.peer);
	EQ_INT(b.lock, a.lock);
	EQ_INT(b.board, a.board);
	EQ_INT(b.ticket, a.ticket);
	EQ_INT(in.n, 2);
	EQ_STR(in.sock[0]->address, "127.0.0.1:0");
	EQ_INT(in.sock[0]->fd, out.sock[0]->fd);
	EQ_STR(in.sock[1]->address, "unix:/run/a;b=100%");
	OK(fcntl(b.peer, F_GETFD) & FD_CLOEXEC);
	OK(fcntl(in.sock[1]->fd, F_GETFD) & FD_CLOEXEC);
	buf_free(&text);
	listenset_close(&out, 0);
	listenset_close(&in, 0);
}

TEST(refused)
{
	static const char *const bad[] = {
		"", "2", "2;1;3;3;3", "2;1;x;3;3;3", "2;1;3;3;3;x",
		"2;1;2;3;3;3", "2;1;900000;3;3;3", "2;-1;3;3;3;3",
		"2;1;3;3;3;3;3", "2;1;3;3;3;3;=a", "2;1;3;3;3;3;3=%zz",
		"2;1;3;3;3;3;3=a%3",
	};
	struct listenset in;
	struct handover h;
	size_t i;

	if (fcntl(3, F_GETFD) < 0)
		OK(dup2(0, 3) == 3);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&in, 0, sizeof(in));
		h = (struct handover){ .listen = &in };
		EQ_INT(handover_parse(bad[i], &h), ERR_FORMAT);
		listenset_close(&in, 0);
	}
	h = (struct handover){ .listen = &in };
	EQ_INT(handover_parse("1;1;3;3;3;3;3", &h), ERR_VERSION);
}

TAP_BEGIN
	TAP_ROW(there_and_back)
	TAP_ROW(refused)
TAP_END
