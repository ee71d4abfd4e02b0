/*
 * shim.h - the system calls that write a store: noted down, or made to fail.
 *
 * Linked into a test program, or loaded before a program (LD_PRELOAD, then
 * "shim.conf" beside the library says what to do: "files PREFIX", "log FILE",
 * "fail ROLE CALLS ERROR EVERY", "gate FILE": calls fail while it is there).
 * Only files whose path begins with a given text are meant.
 */
#ifndef DISK_SHIM_H
#define DISK_SHIM_H

#include <stdint.h>

enum shim_call {
	SHIM_OPEN = 1, SHIM_PWRITE = 2, SHIM_WRITEV = 4, SHIM_FDATASYNC = 8,
	SHIM_FSYNC = 16, SHIM_FTRUNCATE = 32, SHIM_FALLOCATE = 64,
	SHIM_ALL = 127
};

#define SHIM_SHORT	(-1)	/* instead of an errno: half of it is written */

/* Which files: a beginning of paths. */
void shim_files(const char *prefix);
/* Note all writes to these files in this one, which is there. */
void shim_log(const char *path);
/*
 * The calls of this set are counted from now on; let each of them fail whose
 * number can be divided by every (once: only the first such one). 0: none.
 */
void shim_fail(unsigned calls, int err, uint64_t every, int once);
/* How many were counted, and made to fail, since then. */
uint64_t shim_counted(void);
uint64_t shim_failed(void);

/* The log: records of this head, then len bytes. */
enum shim_kind {
	SHIM_WRITE = 1,		/* about to be written */
	SHIM_SYNC,		/* all of the file before is on the disk */
	SHIM_WRITE_THROUGH,	/* about to be written and synced */
	SHIM_THROUGH		/* the last of those is on the disk */
};

struct shim_rec {
	uint32_t	 kind, pid;
	int64_t		 mono_ns;
	uint64_t	 at, len;
};

#endif
