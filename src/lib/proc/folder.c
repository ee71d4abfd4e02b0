/*
 * folder.c - folders and files that root makes for its children.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "proc/folder.h"

char *
folder_join(const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *s = xmalloc(n);

	snprintf(s, n, "%s/%s", dir, name);
	return s;
}

static void
make_parents(const char *path)
{
	char *copy = xstrdup(path), *p;

	for (p = copy + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			(void)mkdir(copy, 0755);
			*p = '/';
		}
	free(copy);
}

int
folder_make(const char *path, uid_t uid, gid_t gid, int give, mode_t mode)
{
	struct stat st;
	int fd, rc = 0;

	make_parents(path);
	if (mkdir(path, mode) < 0 && errno != EEXIST) {
		log_errore("%s cannot be made", path);
		return ERR_SYSTEM;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		log_errore("%s cannot be used", path);
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	if (geteuid() == 0 && uid != 0 && st.st_uid == 0 &&
	    (fchown(fd, give ? uid : 0, gid) < 0 || fchmod(fd, mode) < 0)) {
		log_errore("%s cannot be given to the children", path);
		rc = ERR_SYSTEM;
	}
	fd_close(&fd);
	return rc;
}

int
folder_open_log(const char *dir, const char *name, gid_t gid)
{
	int fd, made = 1, flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	char *path = folder_join(dir, name);
	struct stat st;

	fd = open(path, flags | O_CREAT | O_EXCL, 0640);
	if (fd < 0 && errno == EEXIST) {
		made = 0;
		fd = open(path, flags);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		log_errore("%s cannot be opened", path);
		fd_close(&fd);
	} else if (S_ISREG(st.st_mode) && st.st_nlink > 1) {
		log_error("%s has more than one name", path);
		fd_close(&fd);
	} else if (made && geteuid() == 0 && fchown(fd, (uid_t)-1, gid) < 0)
		log_warne("%s keeps its group", path);
	free(path);
	return fd < 0 ? ERR_SYSTEM : fd;
}

int
folder_open_logs(const char *dir, const char *const *names, int n, gid_t gid,
    int *fd)
{
	int i, new[8], rc = 0;

	ASSERT(n <= 8);
	for (i = 0; i < n; i++)
		if ((new[i] = folder_open_log(dir, names[i], gid)) < 0)
			rc = ERR_SYSTEM;
	for (i = 0; i < n; i++) {
		if (rc == 0 && fd[i] < 0) {
			fd[i] = new[i];
			continue;
		}
		if (rc == 0 && dup3(new[i], fd[i], O_CLOEXEC) < 0)
			rc = ERR_SYSTEM;
		fd_close(&new[i]);
	}
	return rc;
}

int
folder_lock(const char *path)
{
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags);

	/* Not O_CREAT at once: a sticky folder may forbid that on a file
	 * that is there. */
	if (fd < 0)
		fd = open(path, flags | O_CREAT, 0600);
	if (fd < 0) {
		log_errore("%s cannot be opened", path);
		return ERR_SYSTEM;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	fd_close(&fd);
	return ERR_BUSY;
}

pid_t
folder_read_pid(const char *path)
{
	uint64_t pid = 0;
	struct buf b;

	buf_init(&b, 64);
	if (fd_read_file(path, &b) != 0 || buf_addc(&b, '\0') != 0 ||
	    num_u64(str_make(buf_ptr(&b), strcspn(buf_ptr(&b), "\n")), &pid)
	    != 0 || pid > INT32_MAX)
		pid = 0;
	buf_free(&b);
	return (pid_t)pid;
}
