/*
 * msg_test.c - the contract between master and child.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "proc/msg.h"
#include "tap.h"

static int pair[2];

static void
open_pair(void)
{
	OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0, pair) == 0);
}

static void
close_pair(void)
{
	fd_close(&pair[0]);
	fd_close(&pair[1]);
}

TEST(there_and_back)
{
	int fds[MSG_MAX_FDS], nfds;
	struct msg m;

	open_pair();
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_AGAIN);
	EQ_INT(msg_send(pair[0], MSG_GONE, 17, UINT64_MAX, NULL, 0), 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), 0);
	EQ_INT(m.type, MSG_GONE);
	EQ_INT(m.slot, 17);
	OK(m.arg == UINT64_MAX);
	EQ_INT(nfds, 0);
	fd_close(&pair[0]);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_EOF);
	close_pair();
}

TEST(descriptors)
{
	int send[3] = { 0, 1, 2 }, fds[MSG_MAX_FDS], nfds, i;
	struct msg m;

	open_pair();
	EQ_INT(msg_send(pair[0], MSG_REOPEN, 0, 0, send, 3), 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), 0);
	EQ_INT(nfds, 3);
	for (i = 0; i < 3; i++) {
		OK(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
		close(fds[i]);
	}
	close_pair();
}

/* Descriptors that come unasked are closed. */
TEST(smuggled)
{
	struct msg m;
	int fds[MSG_MAX_FDS], nfds, next, got = 0;

	open_pair();
	EQ_INT(msg_send(pair[0], MSG_READY, 0, 0, NULL, 0), 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), 0);
	next = dup(0);
	close(next);
	OK(fd_send_msg(pair[0], &m, sizeof(m), &got, 1) == 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_FORMAT);
	EQ_INT(nfds, 0);
	got = dup(0);
	EQ_INT(got, next);
	close(got);
	close_pair();
}

TEST(wrong_size)
{
	char big[256] = "";
	struct msg m;
	int fds[MSG_MAX_FDS], nfds;

	open_pair();
	EQ_INT(msg_send(pair[0], MSG_READY, 0, 0, NULL, 0), 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), 0);
	memcpy(big, &m, sizeof(m));
	EQ_INT(write(pair[0], big, sizeof(m) - 1), sizeof(m) - 1);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_FORMAT);
	EQ_INT(write(pair[0], big, sizeof(m) + 1), sizeof(m) + 1);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_FORMAT);
	EQ_INT(write(pair[0], big, sizeof(big)), sizeof(big));
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), ERR_FORMAT);
	close_pair();
}

/* A message as msg_send makes it, to be spoilt. */
static struct msg
good(enum msg_type type)
{
	struct msg m;
	int fds[MSG_MAX_FDS], nfds;

	open_pair();
	EQ_INT(msg_send(pair[0], type, 0, 0, NULL, 0), 0);
	EQ_INT(msg_recv(pair[1], &m, fds, &nfds), 0);
	close_pair();
	return m;
}

TEST(strict)
{
	struct msg m = good(MSG_READY), out;

	EQ_INT(msg_check(&m, sizeof(m), 0, &out), 0);
	EQ_INT(msg_check(&m, sizeof(m), 1, &out), ERR_FORMAT);
	m.pad = 1;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_READY);
	m.slot = 1;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_READY);
	m.arg = 1;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_READY);
	m.version++;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_READY);
	m.magic++;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_READY);
	m.type = MSG_TYPES;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m.type = MSG_NONE;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_GONE);
	m.slot = BOARD_SLOTS;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_LOGLEVEL);
	m.arg = 5;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
	m = good(MSG_DRAIN);
	m.arg = (uint64_t)INT64_MAX + 1;
	EQ_INT(msg_check(&m, sizeof(m), 0, &out), ERR_FORMAT);
}

/* The whole permit table. */
TEST(permits)
{
	int t, role, want;

	for (t = -1; t <= MSG_TYPES; t++)
		for (role = BOARD_FREE; role <= BOARD_ADMIN; role++) {
			want = 0;
			if (t == MSG_READY || t == MSG_DRAINED)
				want = role >= BOARD_WORKER;
			else if (t >= MSG_RELOAD && t <= MSG_DRAIN_ALL)
				want = role == BOARD_ADMIN;
			else if (t >= MSG_DRAIN && t < MSG_TYPES)
				want = role == BOARD_MASTER;
			EQ_INT(msg_permitted((enum board_role)role,
			    (enum msg_type)t), want);
		}
}

TEST(names)
{
	EQ_STR(msg_name(MSG_READY), "READY");
	EQ_STR(msg_name(MSG_REPORT), "REPORT");
	EQ_STR(msg_name(MSG_TYPES), "unknown");
	EQ_STR(msg_name(MSG_NONE), "unknown");
}

TAP_BEGIN
	TAP_ROW(there_and_back)
	TAP_ROW(descriptors)
	TAP_ROW(smuggled)
	TAP_ROW(wrong_size)
	TAP_ROW(strict)
	TAP_ROW(permits)
	TAP_ROW(names)
TAP_END
