/* fd_test.c - descriptors: sealing, passing, whole files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "tap.h"

static int
open_count(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	OK(d != NULL);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static const char *
path_of(const char *name)
{
	static char path[4][256];
	static int next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", tap_dir(), name);
	return p;
}

static struct str
content(const char *path)
{
	static struct buf b;

	buf_free(&b);
	buf_init(&b, 100000);
	EQ_INT(fd_read_file(path, &b), 0);
	return buf_str(&b);
}

TEST(sealed)
{
	struct buf b;
	int fd;
	char c = 'x';

	fd = fd_sealed("test", "hello", 5);
	OK(fd >= 0);
	OK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	buf_init(&b, 100);
	EQ_INT(fd_read_all(fd, &b), 0);
	EQ_S(buf_str(&b), "hello");
	buf_free(&b);
	OK(pwrite(fd, &c, 1, 0) < 0 && errno == EPERM);
	OK(ftruncate(fd, 0) < 0 && errno == EPERM);
	OK(ftruncate(fd, 100) < 0 && errno == EPERM);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 && errno == EPERM);
	OK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
	    MAP_FAILED);
	fd_close(&fd);
	EQ_INT(fd, -1);
	fd_close(&fd);
	fd = fd_sealed("empty", "", 0);
	OK(fd >= 0);
	fd_close(&fd);
}

TEST(pipe)
{
	char whole[PIPE_BUF], got[PIPE_BUF + 1];
	struct stat st;
	int fd;

	memset(whole, 'x', sizeof(whole));
	fd = fd_pipe(whole, sizeof(whole));
	OK(fd >= 0);
	OK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EQ_INT(fstat(fd, &st), 0);
	OK(S_ISFIFO(st.st_mode));
	EQ_INT(read(fd, got, sizeof(got)), PIPE_BUF);
	OK(memcmp(got, whole, PIPE_BUF) == 0);
	EQ_INT(read(fd, got, sizeof(got)), 0);	/* and nobody can add more */
	fd_close(&fd);
}

TEST(write_file_replaces)
{
	const char *path = path_of("conf");
	struct stat st, again;
	char *big = calloc(1, 50000);

	EQ_INT(fd_write_file(path, "one", 3, 0600), 0);
	EQ_S(content(path), "one");
	EQ_INT(stat(path, &st), 0);
	EQ_INT(st.st_mode & 07777, 0600);
	EQ_INT(fd_write_file(path, "three", 5, 0644), 0);
	EQ_S(content(path), "three");
	EQ_INT(stat(path, &again), 0);
	EQ_INT(again.st_mode & 07777, 0644);
	/* another file took the name: a reader of the old one keeps it */
	OK(again.st_ino != st.st_ino);
	EQ_INT(fd_write_file(path, big, 50000, 0600), 0);
	EQ_INT(content(path).n, 50000);
	EQ_INT(fd_write_file(path, "", 0, 0600), 0);
	EQ_INT(content(path).n, 0);
	free(big);
}

static int
entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	OK(d != NULL);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

TEST(write_file_fails_without_a_trace)
{
	int fds = open_count();

	EQ_INT(mkdir(path_of("dir"), 0700), 0);
	EQ_INT(mkdir(path_of("dir/sub"), 0700), 0);
	/* a folder cannot be replaced by a file */
	EQ_INT(fd_write_file(path_of("dir/sub"), "x", 1, 0600), ERR_SYSTEM);
	EQ_INT(errno, EISDIR);
	EQ_INT(entries(path_of("dir")), 1);
	EQ_INT(fd_write_file(path_of("none/file"), "x", 1, 0600), ERR_SYSTEM);
	EQ_INT(errno, ENOENT);
	EQ_INT(open_count(), fds);
}

TEST(read_limits)
{
	struct buf b;

	EQ_INT(fd_write_file(path_of("ten"), "0123456789", 10, 0600), 0);
	buf_init(&b, 10);
	EQ_INT(fd_read_file(path_of("ten"), &b), 0);
	buf_free(&b);
	buf_init(&b, 9);
	EQ_INT(fd_read_file(path_of("ten"), &b), ERR_TOOBIG);
	buf_free(&b);
	EQ_INT(fd_read_file(path_of("none"), &b), ERR_SYSTEM);
	EQ_INT(errno, ENOENT);
}

TEST(flags)
{
	int p[2];

	EQ_INT(pipe(p), 0);
	EQ_INT(fd_nonblock(p[0]), 0);
	OK(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	EQ_INT(fd_cloexec(p[0], 1), 0);
	EQ_INT(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	EQ_INT(fd_cloexec(p[0], 0), 0);
	EQ_INT(fcntl(p[0], F_GETFD), 0);
	EQ_INT(fd_write_all(p[1], "abc", 3), 0);
	fd_close(&p[1]);
	errno = 77;
	fd_close(&p[0]);
	EQ_INT(errno, 77);
	EQ_INT(fd_nonblock(-1), ERR_SYSTEM);
	EQ_INT(fd_write_all(-1, "a", 1), ERR_SYSTEM);
}

static void
pair(int s[2])
{
	EQ_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, s), 0);
}

TEST(pass_descriptors)
{
	int s[2], send[8], got[8], n, i, fds = open_count();
	char text[16];

	pair(s);
	for (i = 0; i < 8; i++)
		send[i] = fd_sealed("n", "0123456789", (size_t)i + 1);
	EQ_INT(fd_send_msg(s[0], "hello", 5, send, 8), 0);
	n = 8;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), 5);
	EQ_MEM(text, 5, "hello", 5);
	EQ_INT(n, 8);
	for (i = 0; i < 8; i++) {
		OK(got[i] != send[i]);
		EQ_INT(lseek(got[i], 0, SEEK_END), i + 1);
		EQ_INT(fcntl(got[i], F_GETFD), FD_CLOEXEC);
		fd_close(&got[i]);
		OK(fcntl(send[i], F_GETFD) >= 0);
		fd_close(&send[i]);
	}
	EQ_INT(fd_send_msg(s[0], "x", 1, NULL, 0), 0);
	n = 8;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), 1);
	EQ_INT(n, 0);
	fd_close(&s[0]);
	fd_close(&s[1]);
	EQ_INT(open_count(), fds);
}

TEST(descriptors_without_room_are_closed)
{
	int s[2], send[3], got[3] = { -1, -1, -1 }, n, fds;
	char text[4];

	pair(s);
	send[0] = send[1] = send[2] = s[0];
	fds = open_count();
	EQ_INT(fd_send_msg(s[0], "a", 1, send, 3), 0);
	n = 1;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), 1);
	EQ_INT(n, 1);
	EQ_INT(got[1], -1);
	EQ_INT(open_count(), fds + 1);
	fd_close(&got[0]);
	/* a message that is too long is refused with all it brought */
	EQ_INT(fd_send_msg(s[0], "too long", 8, send, 3), 0);
	n = 3;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), ERR_TOOBIG);
	EQ_INT(n, 0);
	EQ_INT(open_count(), fds);
	fd_close(&s[0]);
	fd_close(&s[1]);
}

TEST(too_many_descriptors_are_refused)
{
	union {
		char		b[CMSG_SPACE(20 * sizeof(int))];
		struct cmsghdr	align;
	} ctl;
	struct iovec iov = { ctl.b, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = ctl.b, .msg_controllen = sizeof(ctl.b) };
	int s[2], got[8], n, i, fds;
	char text[4];

	pair(s);
	memset(&ctl, 0, sizeof(ctl));
	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(20 * sizeof(int));
	for (i = 0; i < 20; i++)
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)) + (size_t)i * sizeof(int),
		    &s[0], sizeof(int));
	EQ_INT(sendmsg(s[0], &m, 0), 1);
	fds = open_count();
	n = 8;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), ERR_TOOBIG);
	EQ_INT(n, 0);
	EQ_INT(open_count(), fds);
	fd_close(&s[0]);
	fd_close(&s[1]);
}

/* A message whose descriptors find no number here is told from a wrong one. */
TEST(no_number_for_descriptors)
{
	struct rlimit had, none;
	int s[2], send[3], got[3], n = 3, fds;
	char text[4];

	pair(s);
	send[0] = send[1] = send[2] = s[0];
	fds = open_count();
	EQ_INT(fd_send_msg(s[0], "abc", 3, send, 3), 0);
	EQ_INT(fd_send_msg(s[0], "d", 1, NULL, 0), 0);
	OK(getrlimit(RLIMIT_NOFILE, &had) == 0);
	none = had;
	none.rlim_cur = 3;
	OK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), ERR_LIMIT);
	EQ_INT(n, 0);
	n = 3;
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), got, &n), 1);
	EQ_INT(n, 0);
	OK(setrlimit(RLIMIT_NOFILE, &had) == 0);
	EQ_INT(open_count(), fds);
	fd_close(&s[0]);
	fd_close(&s[1]);
}

TEST(no_message)
{
	int s[2], n = 0;
	char text[4];

	pair(s);
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), NULL, &n), ERR_AGAIN);
	fd_close(&s[0]);
	EQ_INT(fd_recv_msg(s[1], text, sizeof(text), NULL, &n), 0);
	EQ_INT(fd_send_msg(s[1], "a", 1, NULL, 0), ERR_SYSTEM);
	EQ_INT(errno, EPIPE);
	fd_close(&s[1]);
}

TEST(full_socket)
{
	int s[2], i, rc = 0;
	char text[1000] = "";

	pair(s);
	for (i = 0; i < 100000 && rc == 0; i++)
		rc = fd_send_msg(s[0], text, sizeof(text), NULL, 0);
	EQ_INT(rc, ERR_AGAIN);
	fd_close(&s[0]);
	fd_close(&s[1]);
}

TEST(limit)
{
	unsigned long now = fd_limit(1);

	OK(now >= 1);
	EQ_INT(fd_limit(now), now);
	OK(fd_limit(now + 1) >= now);
}

TAP_BEGIN
TAP_ROW(sealed)
TAP_ROW(pipe)
TAP_ROW(write_file_replaces)
TAP_ROW(write_file_fails_without_a_trace)
TAP_ROW(read_limits)
TAP_ROW(flags)
TAP_ROW(pass_descriptors)
TAP_ROW(descriptors_without_room_are_closed)
TAP_ROW(too_many_descriptors_are_refused)
TAP_ROW(no_number_for_descriptors)
TAP_ROW(no_message)
TAP_ROW(full_socket)
TAP_ROW(limit)
TAP_END
