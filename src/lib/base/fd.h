/*
 * fd.h - file descriptors: flags, whole reads and writes, passing, sealing.
 *
 * All return 0 or a code of err.h; ERR_SYSTEM leaves errno set.
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <sys/types.h>

#include "base/buf.h"

int fd_nonblock(int fd);
int fd_cloexec(int fd, int on);
/* Close if >= 0 and set to -1; keeps errno. */
void fd_close(int *fd);
/* Write everything (blocking fd; EINTR repeated). */
int fd_write_all(int fd, const void *p, size_t n);
/* Read until end of file into b: 0, ERR_TOOBIG, ERR_NOMEM, ERR_SYSTEM. */
int fd_read_all(int fd, struct buf *b);
/* The same for a named file. */
int fd_read_file(const char *path, struct buf *b);
/* Replace path as a whole: temporary file beside it, fsync, rename, fsync of
 * the folder. mode as in open(2). */
int fd_write_file(const char *path, const void *p, size_t n, mode_t mode);
/* memfd with these bytes, sealed against any change: fd, or ERR_SYSTEM. */
int fd_sealed(const char *name, const void *p, size_t n);
/* Pipe with these bytes (at most PIPE_BUF) to be read once: fd, or ERR_SYSTEM.
 * Unlike those of a memfd they never go to a swap device, whoever has it. */
int fd_pipe(const void *p, size_t n);
/* One datagram with up to 8 descriptors (SCM_RIGHTS); the caller keeps them. */
int fd_send_msg(int sock, const void *p, size_t n, const int *fds, int nfds);
/*
 * Receive one datagram of at most n bytes: its size (0: closed), ERR_AGAIN,
 * ERR_TOOBIG (more bytes than n, or more than 8 descriptors), ERR_LIMIT (a whole
 * message, but no numbers left here for its descriptors) or ERR_SYSTEM.
 * *nfds: in: room in fds, out: how many came (none after an error); they are
 * the caller's and close-on-exec. Those without room are closed.
 */
ssize_t fd_recv_msg(int sock, void *p, size_t n, int *fds, int *nfds);
/* Raise RLIMIT_NOFILE to at least want, the hard limit too where allowed.
 * Returns the limit now in force. */
unsigned long fd_limit(unsigned long want);

#endif
