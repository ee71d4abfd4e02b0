/*
 * aigwctl.h - what the files of aigwctl share.
 */
#ifndef AIGWCTL_AIGWCTL_H
#define AIGWCTL_AIGWCTL_H

#include <sys/types.h>
#include <stdio.h>

#include "base/buf.h"
#include "conf/conf.h"

/* Exit statuses; 1 and 2 as the server's. */
#define EXIT_DONE	0
#define EXIT_FAILED	1
#define EXIT_BAD_USAGE	2

struct ctl {
	const char	*conf_path;	/* -c, or NULL */
	int		 json;
	int		 by_socket;	/* -s names the gateway */
	struct conf	*conf;		/* NULL: could not be read */
	char		 run_dir[512];
	char		 socket[600];
};

/* A command that aigwctl runs by itself. */
struct ctl_local {
	const char	*name, *args, *help;
	int		(*fn)(struct ctl *c, int argc, char **argv);
};

/* --- link.c: the control socket ---------------------------------------- */

#define LINK_DOWN	(-100)	/* nobody answers at the socket */

/*
 * Send a command and pass the answer on to stdout and stderr, or, when out is
 * not NULL, append its standard output there and drop the rest. The exit
 * status, or LINK_DOWN.
 */
int link_run(const struct ctl *c, int argc, char *const *argv,
    struct buf *out);
/* The same, asking again for up to three seconds while a master is alive: an
 * admin process may just be changing places. */
int link_run_patient(const struct ctl *c, int argc, char *const *argv);

/* --- life.c: by signal ------------------------------------------------- */

/* Process id of the living master of run_dir, or 0. */
pid_t life_master(const struct ctl *c);
/* Say to f that nobody answers, and what to do about it. */
void life_nobody(const struct ctl *c, FILE *f);
int life_status(struct ctl *c, int argc, char **argv);
int life_reload(struct ctl *c, int argc, char **argv);
int life_reopen(struct ctl *c, int argc, char **argv);
int life_upgrade(struct ctl *c, int argc, char **argv);
int life_drain(struct ctl *c, int argc, char **argv);
int life_stop(struct ctl *c, int argc, char **argv);

/* --- ledger.c, restore.c: files ----------------------------------------- */

int ledger_backup(struct ctl *c, int argc, char **argv);
int ledger_restore(struct ctl *c, int argc, char **argv);
int ledger_check(struct ctl *c, int argc, char **argv);

/* --- tools -------------------------------------------------------------- */

int token_main(struct ctl *c, int argc, char **argv);
int test_main(struct ctl *c, int argc, char **argv);
int try_main(struct ctl *c, int argc, char **argv);

#endif
