/*
 * ballast.c - a file that only keeps room.
 *
 * Runs in: recorder, admin, worker (gives it up); a throw-away child makes it.
 * Owns: run_dir/ballast, state_dir/ballast.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "state/ballast.h"

uint64_t
ballast_size(uint64_t map_size)
{
	uint64_t n = map_size / 64;

	return n < 64 << 10 ? 64 << 10 : n > 16 << 20 ? 16 << 20 : n;
}

int
ballast_drop(const char *path)
{
	return unlink(path) == 0;
}

int
ballast_make(const char *path, uint64_t size)
{
	int fd, made;

	if (access(path, F_OK) == 0)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	made = posix_fallocate(fd, 0, (off_t)size) == 0;
	if (!made)
		unlink(path);
	fd_close(&fd);
	return made;
}
