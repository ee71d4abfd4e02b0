/*
 * shim.c - the system calls that write a store: noted down, or made to fail.
 *
 * The functions of libc are defined here again; a program's own definition,
 * or that of a library loaded before, is what LMDB calls.
 */
#undef _FORTIFY_SOURCE		/* it has its own idea of open() */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

#define FDS	4096
#define IOVS	1025

static char prefix[512], gate[512];
static int log_fd = -1;
static unsigned fail_calls;
static int fail_err, fail_once;
static uint64_t fail_every, counted, failed;
/* 0: not ours; 1: ours; 2: and each write is synced; 4: a store's data */
static unsigned char kind_of[FDS];

void
shim_files(const char *p)
{
	snprintf(prefix, sizeof(prefix), "%s", p);
}

void
shim_log(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    O_WRONLY | O_APPEND | O_CLOEXEC);

	/* Out of the way of numbers that are inherited. */
	log_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 900);
	if (fd >= 0)
		syscall(SYS_close, fd);
}

void
shim_fail(unsigned calls, int err, uint64_t every, int once)
{
	fail_calls = calls;
	fail_err = err;
	fail_every = every;
	fail_once = once;
	counted = failed = 0;
}

uint64_t
shim_counted(void)
{
	return counted;
}

uint64_t
shim_failed(void)
{
	return failed;
}

static unsigned
ours(int fd)
{
	return fd >= 0 && fd < FDS ? kind_of[fd] : 0;
}

/* 1 when this call is to fail. */
static int
fails(unsigned call, int is_ours)
{
	if (!is_ours || !(fail_calls & call) || fail_every == 0)
		return 0;
	if (gate[0] != '\0' && access(gate, F_OK) != 0)
		return 0;
	if (++counted % fail_every != 0 || (fail_once && failed > 0))
		return 0;
	failed++;
	return 1;
}

static void
note(enum shim_kind k, uint64_t at, const struct iovec *iov, int n)
{
	struct shim_rec r = { .kind = k, .pid = (uint32_t)getpid(),
	    .at = at };
	struct iovec v[IOVS];
	struct timespec ts;
	int i;

	if (log_fd < 0 || n >= IOVS)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	r.mono_ns = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	v[0] = (struct iovec){ &r, sizeof(r) };
	for (i = 0; i < n; i++) {
		v[i + 1] = iov[i];
		r.len += iov[i].iov_len;
	}
	if (syscall(SYS_writev, log_fd, v, n + 1) < 0)
		abort();
}

static int
fail_with(void)
{
	errno = fail_err == SHIM_SHORT ? EIO : fail_err;
	return -1;
}

/* --- what LMDB calls ---------------------------------------------------- */

static int
opened(int fd, const char *path, int flags)
{
	size_t n = strlen(path);

	if (fd < 0 || fd >= FDS)
		return fd;
	kind_of[fd] = 0;
	if (prefix[0] == '\0' || strncmp(path, prefix, strlen(prefix)) != 0)
		return fd;
	kind_of[fd] = 1;
	if (flags & O_DSYNC)
		kind_of[fd] |= 2;
	if (n >= 8 && strcmp(path + n - 8, "data.mdb") == 0)
		kind_of[fd] |= 4;
	return fd;
}

static int
open_it(const char *path, int flags, mode_t mode)
{
	int is = prefix[0] != '\0' && strncmp(path, prefix, strlen(prefix)) ==
	    0 && (flags & O_ACCMODE) != O_RDONLY;

	if (fails(SHIM_OPEN, is))
		return fail_with();
	return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode),
	    path, flags);
}

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & (O_CREAT | __O_TMPFILE)) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return open_it(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & (O_CREAT | __O_TMPFILE)) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return open_it(path, flags, mode);
}

int
close(int fd)
{
	if (fd >= 0 && fd == log_fd)
		return 0;
	if (fd >= 0 && fd < FDS)
		kind_of[fd] = 0;
	return (int)syscall(SYS_close, fd);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	unsigned k = ours(fd);
	struct iovec v;
	ssize_t rc;

	if (fails(SHIM_PWRITE, k != 0)) {
		if (fail_err != SHIM_SHORT || n < 2)
			return fail_with();
		n /= 2;
	}
	memcpy(&v.iov_base, &p, sizeof(p));
	v.iov_len = n;
	if (k & 4)
		note(k & 2 ? SHIM_WRITE_THROUGH : SHIM_WRITE, (uint64_t)at,
		    &v, 1);
	rc = syscall(SYS_pwrite64, fd, p, n, at);
	if ((k & 6) == 6 && rc == (ssize_t)n)
		note(SHIM_THROUGH, 0, NULL, 0);
	return rc;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	unsigned k = ours(fd);
	struct iovec half;

	if (fails(SHIM_WRITEV, k != 0)) {
		if (fail_err != SHIM_SHORT || n < 1)
			return fail_with();
		half = iov[0];
		half.iov_len /= 2;
		iov = &half;
		n = 1;
	}
	if (k & 4)
		note(SHIM_WRITE, (uint64_t)lseek(fd, 0, SEEK_CUR), iov, n);
	return syscall(SYS_writev, fd, iov, n);
}

int
fdatasync(int fd)
{
	unsigned k = ours(fd);
	int rc;

	if (fails(SHIM_FDATASYNC, k != 0))
		return fail_with();
	rc = (int)syscall(SYS_fdatasync, fd);
	if (k & 4 && rc == 0)
		note(SHIM_SYNC, 0, NULL, 0);
	return rc;
}

int
fsync(int fd)
{
	unsigned k = ours(fd);
	int rc;

	if (fails(SHIM_FSYNC, k != 0))
		return fail_with();
	rc = (int)syscall(SYS_fsync, fd);
	if (k & 4 && rc == 0)
		note(SHIM_SYNC, 0, NULL, 0);
	return rc;
}

int
ftruncate(int fd, off_t size)
{
	if (fails(SHIM_FTRUNCATE, ours(fd) != 0))
		return fail_with();
	return (int)syscall(SYS_ftruncate, fd, size);
}

int
posix_fallocate(int fd, off_t at, off_t n)
{
	if (fails(SHIM_FALLOCATE, ours(fd) != 0))
		return fail_err == SHIM_SHORT ? EIO : fail_err;
	return syscall(SYS_fallocate, fd, 0, at, n) == 0 ? 0 : errno;
}

/* --- loaded before a program -------------------------------------------- */

static const struct { const char *name; int v; } errs[] = {
	{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR },
	{ "EROFS", EROFS }, { "short", SHIM_SHORT },
}, calls[] = {
	{ "open", SHIM_OPEN }, { "pwrite", SHIM_PWRITE },
	{ "writev", SHIM_WRITEV }, { "fdatasync", SHIM_FDATASYNC },
	{ "fsync", SHIM_FSYNC }, { "ftruncate", SHIM_FTRUNCATE },
	{ "fallocate", SHIM_FALLOCATE }, { "all", SHIM_ALL },
	{ "writes", SHIM_PWRITE | SHIM_WRITEV },
};

/* "role calls error every": only in children of that role; "*": in all. */
static void
fail_line(const char *role, const char *call, const char *err,
    unsigned long every)
{
	const char *me = getenv("AIGW_CHILD");
	unsigned c = 0;
	int e = 0;
	size_t i, n = strlen(role);

	if (strcmp(role, "*") != 0 && (me == NULL || strncmp(me, role, n) != 0
	    || me[n] != ' '))
		return;
	for (i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		if (strcmp(err, errs[i].name) == 0)
			e = errs[i].v;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(call, calls[i].name) == 0)
			c = (unsigned)calls[i].v;
	shim_fail(c, e, every, 0);
}

__attribute__((constructor)) static void
from_file(void)
{
	char path[600], line[600], a[512], b[64], c[64], *slash;
	unsigned long n;
	Dl_info me;
	FILE *f;

	if (dladdr((void *)(uintptr_t)shim_files, &me) == 0)
		return;
	snprintf(path, sizeof(path), "%s", me.dli_fname);
	if ((slash = strrchr(path, '/')) == NULL)
		return;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/shim.conf");
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "files %511s", a) == 1)
			shim_files(a);
		else if (sscanf(line, "gate %511s", a) == 1)
			snprintf(gate, sizeof(gate), "%s", a);
		else if (sscanf(line, "log %511s", a) == 1)
			shim_log(a);
		else if (sscanf(line, "fail %511s %63s %63s %lu", a, b, c,
		    &n) == 4)
			fail_line(a, b, c, n);
	}
	fclose(f);
}
