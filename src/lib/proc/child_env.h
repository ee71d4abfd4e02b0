/*
 * child_env.h - what the master tells a child beside the descriptors: the one
 * environment variable AIGW_CHILD.
 */
#ifndef PROC_CHILD_ENV_H
#define PROC_CHILD_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "proc/child.h"

#define CHILD_ENV_NAME	"AIGW_CHILD"
#define CHILD_ENV_SIZE	1024

/* Most descriptors that a child starts with, from CHILD_FD_MASTER on. */
#define CHILD_ENV_FDS	(CHILD_FD_FIRST - CHILD_FD_MASTER + \
			CHILD_MAX_LISTEN)

struct child_env {
	char		 role[16];
	unsigned	 index, slot, generation, workers, foreground;
	uint64_t	 incarnation;
	unsigned	 n_listen;
	int		 listen_conf[CHILD_MAX_LISTEN];
};

/* "AIGW_CHILD=..." into out. */
void child_env_format(const struct child_env *e, char out[CHILD_ENV_SIZE]);
/* The value of the variable: 0, or ERR_FORMAT. */
int child_env_parse(const char *text, struct child_env *e);
/*
 * In the fork: put n descriptors at CHILD_FD_MASTER and after, *keep behind
 * them (close-on-exec, its new number in *keep), and close all others. Ends
 * the process when it cannot.
 */
void child_env_arrange(const int *fds, unsigned n, int *keep);

#endif
