/*
 * sandbox.h - system call filter and file system rules of a child.
 *
 * Two nets. seccomp: an allow list per role; a call that only an attacker
 * makes (execve, ptrace, setuid, mount, ...) kills the process, any other
 * call that is not listed fails with EPERM (newer spellings for which libc
 * has a way round: ENOSYS). Landlock: see the head of landlock.c; no exec, no
 * TCP bind, no signals to others.
 *
 *	           worker   checker  recorder  admin
 *	network    yes      yes      no        accepts only
 *	new files  no       no       yes       yes
 *	threads    no       yes      no        no
 *	ledger     reads    no       writes    writes
 *
 * Entered when the role has started, so what only start needs (opening the
 * stores, binding the control socket, loading libraries) is not listed.
 * Landlock binds the calling thread and those it starts later only: start
 * threads after start, not in it.
 */
#ifndef PROC_SANDBOX_H
#define PROC_SANDBOX_H

#include "base/board.h"

struct sandbox_opts {
	enum board_role	 role;
	const char	*run_dir, *state_dir;
};

/*
 * Enter for good. 0; ERR_UNSUPPORTED when neither seccomp nor Landlock is
 * there (the caller logs a notice); ERR_SYSTEM.
 */
int sandbox_enter(const struct sandbox_opts *o);

/* The Landlock half: 0, ERR_UNSUPPORTED, ERR_SYSTEM. */
int landlock_enter(const struct sandbox_opts *o);

#endif
