/*
 * child.h - the skeleton of every child of the master.
 *
 * What it inherits is fixed: descriptors 3.. in the order below; their counts
 * stand in one environment variable, AIGW_CHILD. child_main reads it, loads
 * the share of the configuration, maps the board, drops what is not needed,
 * and calls the role's run function.
 */
#ifndef PROC_CHILD_H
#define PROC_CHILD_H

#include "base/board.h"
#include "base/ev.h"
#include "conf/conf.h"
#include "proc/msg.h"

#define CHILD_FD_MASTER		3	/* the contract */
#define CHILD_FD_CONF		4	/* sealed configuration share */
#define CHILD_FD_BOARD		5
#define CHILD_FD_ERROR_LOG	6
#define CHILD_FD_ACCESS_LOG	7
#define CHILD_FD_API_LOG	8
#define CHILD_FD_FIRST		9	/* eventfds of workers, listeners */

#define CHILD_MAX_LISTEN	64
#define CHILD_MAX_WORKERS	256

struct child;

/* What a role does with the contract; all called from the loop. */
struct child_role {
	enum board_role	 role;
	const char	*name;
	/* Set up; 0, or a code (logged by the callee): the child exits 1. */
	int	(*start)(struct child *c);
	/* Stop taking work, finish what is under way within arg us. */
	void	(*drain)(struct child *c, int64_t timeout_us);
	/* The log descriptors were replaced. May be NULL. */
	void	(*reopen)(struct child *c);
	/* A child died. May be NULL. */
	void	(*gone)(struct child *c, unsigned slot, uint64_t incarnation);
	/* Last reload report (sealed memfd, now owned by callee). NULL ok. */
	void	(*report)(struct child *c, int fd);
	/* Work of each turn after events: state acts, flushes. NULL ok. */
	void	(*turn)(struct child *c);
};

struct child {
	const struct child_role *role;
	struct ev_loop	*loop;
	struct conf	*conf;
	struct board	*board;
	struct board_slot *slot;
	unsigned	 slot_index, index, generation, workers;
	uint64_t	 incarnation;
	int		 listen_fd[CHILD_MAX_LISTEN];
	int		 listen_conf[CHILD_MAX_LISTEN];	/* in conf->listen;
							   -1: admin */
	unsigned	 n_listen;
	int		 worker_efd[CHILD_MAX_WORKERS];
	unsigned	 n_efd;
	int		 error_fd, access_fd, api_fd;
	int		 foreground;
	int		 draining;
	void		*data;		/* the role's own */
};

/* Run as a child: loop until drained or told to stop; the exit status. */
int child_main(const struct child_role *role);
/* 1 when this process was started as a child; name of the role asked for. */
int child_requested(const char **role_name);
/* Say READY once serving. */
void child_ready(struct child *c);
/* Say DRAINED and leave the loop after this turn. */
void child_drained(struct child *c);
/* Leave with an error: the master starts a new one. */
void child_fail(struct child *c, const char *why);
/* Ask the master for something (admin only). */
int child_ask(struct child *c, enum msg_type type, uint64_t arg);

#endif
