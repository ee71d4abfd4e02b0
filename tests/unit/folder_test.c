/*
 * folder_test.c - folders and files that root makes for its children.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/folder.h"
#include "tap.h"

#define SOMEBODY 65534

static char path[256];

static const char *
in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	return path;
}

TEST(make)
{
	struct stat st;

	log_set_fd(-1);
	EQ_INT(folder_make(in_dir("a/b/c"), SOMEBODY, SOMEBODY, 1, 0700), 0);
	OK(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
	EQ_INT(st.st_mode & 07777, 0700);
	if (geteuid() == 0) {
		EQ_INT(st.st_uid, SOMEBODY);
		EQ_INT(st.st_gid, SOMEBODY);
		/* given already: left alone */
		EQ_INT(folder_make(path, 1, 1, 1, 0755), 0);
		OK(stat(path, &st) == 0 && st.st_uid == SOMEBODY);
		EQ_INT(folder_make(in_dir("run"), SOMEBODY, SOMEBODY, 0,
		    01775), 0);
		OK(stat(path, &st) == 0 && st.st_uid == 0);
		EQ_INT(st.st_gid, SOMEBODY);
		EQ_INT(st.st_mode & 07777, 01775);
	}
	EQ_INT(fd_write_file(in_dir("file"), "x", 1, 0600), 0);
	EQ_INT(folder_make(path, 0, 0, 0, 0755), ERR_SYSTEM);
}

TEST(open_log)
{
	struct stat st;
	char to[300];
	int fd;

	log_set_fd(-1);
	fd = folder_open_log(tap_dir(), "x.log", SOMEBODY);
	OK(fd >= 0 && fstat(fd, &st) == 0);
	EQ_INT(st.st_mode & 0777, 0640);
	if (geteuid() == 0)
		EQ_INT(st.st_gid, SOMEBODY);
	OK(write(fd, "1", 1) == 1);
	fd_close(&fd);
	fd = folder_open_log(tap_dir(), "x.log", SOMEBODY);
	OK(fd >= 0 && write(fd, "2", 1) == 1 && fstat(fd, &st) == 0);
	EQ_INT(st.st_size, 2);
	fd_close(&fd);
	/* what somebody else could have put there */
	snprintf(to, sizeof(to), "%s", in_dir("x.log"));
	OK(symlink(to, in_dir("link.log")) == 0);
	EQ_INT(folder_open_log(tap_dir(), "link.log", 0), ERR_SYSTEM);
	OK(link(to, in_dir("second.log")) == 0);
	EQ_INT(folder_open_log(tap_dir(), "second.log", 0), ERR_SYSTEM);
	EQ_INT(folder_open_log(in_dir("nowhere"), "x.log", 0), ERR_SYSTEM);
}

TEST(lock)
{
	int a, b;

	log_set_fd(-1);
	a = folder_lock(in_dir("l"));
	OK(a >= 0);
	EQ_INT(folder_lock(path), ERR_BUSY);
	fd_close(&a);
	b = folder_lock(path);
	OK(b >= 0);
	fd_close(&b);
	EQ_INT(folder_lock(in_dir("nowhere/l")), ERR_SYSTEM);
}

TEST(pid)
{
	static const char *const bad[] = { "", "\n", "x\n", "-4\n", "12x\n",
	    "99999999999\n" };
	size_t i;

	EQ_INT(folder_read_pid(in_dir("none")), 0);
	fd_write_file(in_dir("p"), "4711\n", 5, 0600);
	EQ_INT(folder_read_pid(path), 4711);
	fd_write_file(path, "4711", 4, 0600);
	EQ_INT(folder_read_pid(path), 4711);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd_write_file(path, bad[i], strlen(bad[i]), 0600);
		EQ_INT(folder_read_pid(path), 0);
	}
}

TEST(join)
{
	char *s = folder_join("/a", "b");

	EQ_STR(s, "/a/b");
	free(s);
}

TAP_BEGIN
	TAP_ROW(make)
	TAP_ROW(open_log)
	TAP_ROW(lock)
	TAP_ROW(pid)
	TAP_ROW(join)
TAP_END
