/*
 * child.h - the skeleton of every child of the master.
 *
 * What it inherits is fixed: descriptors 3.. in the order below; their counts
 * stand in one environment variable, AIGW_CHILD (child_env.h). The master has
 * dropped root before exec: no line of a child ever runs as root. child_main
 * reads the variable, loads the share of the configuration, maps the board,
 * clears the environment, and runs the role: start, the sandbox, then turns
 * of the loop until it has drained.
 *
 * Signals: HUP, INT, QUIT, USR1, USR2, WINCH, PIPE are ignored (a terminal
 * sends some of them to the whole group; the master decides). TERM means
 * drain(c, 0), and leaving 4 s later whatever happens.
 *
 * End of file on the contract means that the master died: orphaned is set and
 * drain called; nothing can be asked of the master any more. A role closes
 * its listeners at once then, since the next master wants the addresses.
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
#define CHILD_FD_FIRST		9	/* listeners */

#define CHILD_MAX_LISTEN	64
#define CHILD_MAX_WORKERS	240	/* twice that and more are slots */
#define CHILD_TICKET_KEY	80	/* TLS session tickets (net/tls.h) */

struct child;

/* What a role does with the contract; all called from the loop. */
struct child_role {
	enum board_role	 role;
	const char	*name;
	/* Set up; 0, or a code (logged by the callee): the child exits 1. */
	int	(*start)(struct child *c);
	/*
	 * Stop taking work, finish what is under way within timeout_us, then
	 * child_drained. 0: at once, cut what is under way but account for
	 * it. Called again with a shorter time when somebody is in a hurry.
	 */
	void	(*drain)(struct child *c, int64_t timeout_us);
	/* The log descriptors were replaced. May be NULL. */
	void	(*reopen)(struct child *c);
	/* A child died. May be NULL. */
	void	(*gone)(struct child *c, unsigned slot, uint64_t incarnation);
	/* Last reload report (sealed memfd, now owned by callee). NULL ok. */
	void	(*report)(struct child *c, int fd);
	/* Work of each turn after events: state acts, flushes. NULL ok. */
	void	(*turn)(struct child *c);
	/* The last turn is over, however it came to that. NULL ok. */
	void	(*leave)(struct child *c);
};

struct child {
	const struct child_role *role;
	struct ev_loop	*loop;
	struct conf	*conf;
	struct board	*board;
	struct board_slot *slot;
	/* Numbers (index) are unique over all workers of a board, also of older
	 * generations, so one may be larger than workers (as configured). */
	unsigned	 slot_index, index, generation, workers;
	uint64_t	 incarnation;
	int		 listen_fd[CHILD_MAX_LISTEN];
	int		 listen_conf[CHILD_MAX_LISTEN];	/* in conf->listen;
							   -1: admin */
	unsigned	 n_listen;
	int		 error_fd, access_fd, api_fd;
	int		 foreground;
	int		 draining;
	int		 orphaned;	/* the master died */
	/* Of all workers, kept over reloads and upgrades; zero elsewhere. */
	unsigned char	 ticket_key[CHILD_TICKET_KEY];
	void		*data;		/* the role's own */
};

/* Run as a child: loop until drained or told to stop; the exit status. */
int child_main(const struct child_role *role);
/* 1 when this process was started as a child; name of the role asked for. */
int child_requested(const char **role_name);
/* Say READY once serving; in start: when the sandbox stands. */
void child_ready(struct child *c);
/* Say DRAINED and leave the loop after this turn. */
void child_drained(struct child *c);
/* Leave with an error: the master starts a new one. */
void child_fail(struct child *c, const char *why);
/* Ask the master for something (admin only): 0, or ERR_AGAIN, ERR_SYSTEM.
 * UPGRADE, arg 1: the old binary leaves when the new one is ready. STOP, arg
 * 1: fast. */
int child_ask(struct child *c, enum msg_type type, uint64_t arg);

#endif
