/*
 * sandbox.h - system call filter and file system rules of a child.
 */
#ifndef PROC_SANDBOX_H
#define PROC_SANDBOX_H

#include "base/board.h"

struct sandbox_opts {
	enum board_role	 role;
	const char	*run_dir, *state_dir;
	const char	*const *read_paths;	/* NULL ended; may be NULL */
};

/*
 * Enter for good. 0; ERR_UNSUPPORTED when neither seccomp nor Landlock is
 * there (the caller logs a notice); ERR_SYSTEM.
 */
int sandbox_enter(const struct sandbox_opts *o);

#endif
