/*
 * fd.c - file descriptors: flags, whole reads and writes, passing, sealing.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/rng.h"

#define FD_MSG_MAX 8

int
fd_nonblock(int fd)
{
	int fl = fcntl(fd, F_GETFL);

	if (fl < 0 || fcntl(fd, F_SETFL, fl | O_NONBLOCK) < 0)
		return ERR_SYSTEM;
	return 0;
}

int
fd_cloexec(int fd, int on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? ERR_SYSTEM : 0;
}

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int
fd_write_all(int fd, const void *p, size_t n)
{
	const char *q = p;
	ssize_t w;

	while (n > 0) {
		if ((w = write(fd, q, n)) < 0) {
			if (errno == EINTR)
				continue;
			return ERR_SYSTEM;
		}
		q += w;
		n -= (size_t)w;
	}
	return 0;
}

int
fd_read_all(int fd, struct buf *b)
{
	char tmp[8192];
	ssize_t r;
	int rc;

	for (;;) {
		if ((r = read(fd, tmp, sizeof(tmp))) < 0) {
			if (errno == EINTR)
				continue;
			return ERR_SYSTEM;
		}
		if (r == 0)
			return 0;
		if ((rc = buf_add(b, tmp, (size_t)r)) != 0)
			return rc;
	}
}

int
fd_read_file(const char *path, struct buf *b)
{
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
		return ERR_SYSTEM;
	rc = fd_read_all(fd, b);
	fd_close(&fd);
	return rc;
}

static int
sync_folder(const char *path)
{
	char copy[4096];
	int fd, rc;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return ERR_TOOBIG;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	rc = fsync(fd) < 0 ? ERR_SYSTEM : 0;
	fd_close(&fd);
	return rc;
}

int
fd_write_file(const char *path, const void *p, size_t n, mode_t mode)
{
	char tmp[4096];
	int fd, rc;

	if (snprintf(tmp, sizeof(tmp), "%s.%016llx", path,
	    (unsigned long long)rng_u64()) >= (int)sizeof(tmp))
		return ERR_TOOBIG;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return ERR_SYSTEM;
	rc = fd_write_all(fd, p, n);
	if (rc == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		rc = ERR_SYSTEM;
	fd_close(&fd);
	if (rc == 0 && rename(tmp, path) < 0)
		rc = ERR_SYSTEM;
	if (rc != 0) {
		int saved = errno;

		unlink(tmp);
		errno = saved;
		return rc;
	}
	return sync_folder(path);
}

int
fd_sealed(const char *name, const void *p, size_t n)
{
	int fd;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return ERR_SYSTEM;
	if (fd_write_all(fd, p, n) != 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW |
	    F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	return fd;
}

int
fd_pipe(const void *p, size_t n)
{
	int fd[2], rc;

	ASSERT(n <= PIPE_BUF);
	if (pipe2(fd, O_CLOEXEC) < 0)
		return ERR_SYSTEM;
	rc = fd_write_all(fd[1], p, n);
	fd_close(&fd[1]);
	if (rc != 0)
		fd_close(&fd[0]);
	return rc != 0 ? ERR_SYSTEM : fd[0];
}

int
fd_send_msg(int sock, const void *p, size_t n, const int *fds, int nfds)
{
	union {
		char		b[CMSG_SPACE(FD_MSG_MAX * sizeof(int))];
		struct cmsghdr	align;
	} ctl;
	struct iovec iov = { NULL, n };
	struct msghdr m = { 0 };
	struct cmsghdr *c;

	ASSERT(nfds >= 0 && nfds <= FD_MSG_MAX);
	memcpy(&iov.iov_base, &p, sizeof(p));	/* sendmsg does not write */
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	if (nfds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		m.msg_control = ctl.b;
		m.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, (size_t)nfds * sizeof(int));
	}
	while (sendmsg(sock, &m, MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return ERR_AGAIN;
		return ERR_SYSTEM;
	}
	return 0;
}

/* Take the descriptors out of m; those without room are closed. *all: how many
 * the system had numbers for. */
static int
take_fds(struct msghdr *m, int *fds, int room, int *all)
{
	struct cmsghdr *c;
	int got = 0, fd;
	size_t i, n;

	*all = 0;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(int));
			++*all;
			if (got < room)
				fds[got++] = fd;
			else
				close(fd);
		}
	}
	return got;
}

ssize_t
fd_recv_msg(int sock, void *p, size_t n, int *fds, int *nfds)
{
	union {
		char		b[CMSG_SPACE(FD_MSG_MAX * sizeof(int))];
		struct cmsghdr	align;
	} ctl;
	struct iovec iov = { p, n };
	struct msghdr m = { 0 };
	int room, got, all;
	ssize_t r;

	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = ctl.b;
	m.msg_controllen = sizeof(ctl.b);
	room = *nfds;
	*nfds = 0;
	while ((r = recvmsg(sock, &m, MSG_CMSG_CLOEXEC)) < 0) {
		if (errno == EINTR)
			continue;
		return errno == EAGAIN ? ERR_AGAIN : ERR_SYSTEM;
	}
	got = take_fds(&m, fds, room, &all);
	if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (got > 0)
			close(fds[--got]);
		return all < FD_MSG_MAX && !(m.msg_flags & MSG_TRUNC) ?
		    ERR_LIMIT : ERR_TOOBIG;
	}
	*nfds = got;
	return r;
}

unsigned long
fd_limit(unsigned long want)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0)
		return 0;
	if (rl.rlim_cur < want) {
		struct rlimit up = { want, rl.rlim_max };

		if (up.rlim_max < want)
			up.rlim_max = want;
		if (setrlimit(RLIMIT_NOFILE, &up) < 0) {
			up.rlim_cur = up.rlim_max = rl.rlim_max;
			setrlimit(RLIMIT_NOFILE, &up);
		}
		getrlimit(RLIMIT_NOFILE, &rl);
	}
	return rl.rlim_cur;
}
