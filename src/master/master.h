/*
 * master.h - what the files of the master share.
 *
 * The master reads no byte from the network, opens no database, and waits
 * for nothing but its signals and its children. All it knows is in struct
 * master; each file below has one part of it to look after.
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <sys/queue.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "proc/child.h"
#include "proc/listenset.h"
#include "proc/options.h"
#include "proc/share.h"
#include "proc/throttle.h"

#define MASTER_ROLES	8
#define MASTER_OLD_MAX	8		/* draining generations */
#define MASTER_LOGS	3		/* error, access, api-error */

/* What a role gets beside the contract, its share, the board, error log. */
#define ROLE_WORKER	0x01u		/* many, replaced by generations */
#define ROLE_ONCE	0x02u		/* before all others, then gone */
#define ROLE_LISTEN	0x04u		/* the public listeners */
#define ROLE_ADMIN_LISTEN 0x08u		/* the admin listener */
#define ROLE_ACCESS_LOG	0x10u
#define ROLE_API_LOG	0x20u
#define ROLE_TOLD_GONE	0x40u		/* hears of dead children */
#define ROLE_REPORTS	0x80u		/* gets the last reload report */
#define ROLE_LAST	0x100u		/* stopped after all others */

/* One row of the table in aigwd.c. */
struct role_row {
	const struct child_role *role;
	unsigned	 flags;
};

struct proc;

/* A process that ought to be there. */
struct place {
	const struct role_row *row;
	struct proc	*proc;		/* NULL: not running */
	struct throttle	 throttle;
};

/* One configuration and what runs with it. */
struct gen {
	TAILQ_ENTRY(gen) link;
	unsigned	 number, refs;
	struct conf	*conf;
	struct listenset listen;
	struct share	 share[MASTER_ROLES];	/* by board role */
	struct place	*worker;
	unsigned	 n_worker;
	int		 drained;	/* its workers were told to leave */
};

/* A child, from fork until it was reaped. */
struct proc {
	TAILQ_ENTRY(proc) link;
	pid_t		 pid;
	const struct role_row *row;
	struct place	*place;		/* NULL: not to be replaced */
	struct gen	*gen;
	int		 sock;
	unsigned	 slot, index;
	uint64_t	 incarnation;
	int		 ready, draining, drained;
	int		 hurried;	/* TERM was sent */
	int		 blamed;	/* we killed it */
	int		 silent;	/* that was told */
	int64_t		 started_us;
	int64_t		 kill_us;	/* KILL then; 0: never */
};
TAILQ_HEAD(proc_list, proc);
TAILQ_HEAD(gen_list, gen);

enum stop_kind { STOP_NOT, STOP_GRACEFUL, STOP_FAST };

struct master {
	const struct options *opts;
	const struct role_row *rows;
	unsigned	 n_rows;
	int		 done, status;

	/* files.c */
	int		 lock_fd, null_fd;
	int		 log_fd[MASTER_LOGS];
	char		*pid_path, *old_pid_path;
	int		 pid_written;

	/* spawn.c */
	int		 exe_fd;
	uid_t		 uid;
	gid_t		 gid;
	struct board	*board;
	struct board_slot *slot;
	int		 board_fd;
	unsigned char	 ticket_key[CHILD_TICKET_KEY];
	struct proc_list procs;

	/* gen.c, reload.c */
	struct gen_list	 gens;
	struct gen	*current, *next;
	unsigned	 last_number;
	struct place	 single[MASTER_ROLES];
	unsigned	 n_single;
	struct listenset inherited;
	int		 reload_wanted;
	int64_t		 reload_due_us;	/* the next generation's deadline */
	char		*report;	/* text of the last reload report */

	/* master.c */
	int		 prepared;	/* the throw-away child is done */
	int		 started;	/* everything was READY once */
	int64_t		 start_due_us;
	int64_t		 watch_us;	/* last look at the heartbeats */
	int		 workers_off;	/* WINCH */

	/* stop.c */
	enum stop_kind	 stop;
	int		 stop_phase;

	/* upgrade.c */
	int		 upgrade_wanted, retire_after;
	pid_t		 successor;	/* the new binary; 0: none */
	int		 successor_ready, peer_fd;
	int64_t		 upgrade_due_us;
	pid_t		 predecessor;	/* the old binary; 0: none */
};

/* master.c: be the master: the exit status. */
int master_run(const struct options *o, const struct role_row *rows,
    unsigned n_rows);
/* Something that never ends well: say so, stop fast, exit 1. */
void master_fail(struct master *m, const char *why);

/* spawn.c: mechanism of birth. */
int spawn_init(struct master *m);
/* Start the process of a place: 0, or a code (logged). */
int spawn(struct master *m, struct place *p, struct gen *g);
/* The log descriptors that a role gets, in the order of MSG_REOPEN. */
void spawn_logs(const struct master *m, const struct role_row *row,
    int fds[MASTER_LOGS]);

/* reap.c: death. */
void reap(struct master *m);
void reap_kill(struct proc *p, int sig, const char *why);
/* Free slots whose owners of another master are gone. */
void reap_strangers(struct master *m);

/* place.c: policy of birth. */
void place_init(struct place *p, const struct role_row *row);
void place_run(struct master *m, int64_t now);
/* The process of the place died, with that status. */
void place_died(struct master *m, const struct proc *p, int status);
/* 1 when every place of the generation, or every single, is READY. */
int place_ready(const struct place *p, unsigned n);

/* contract.c: messages from and to children. */
void contract_read(struct master *m, struct proc *p);
void contract_drain(struct master *m, struct proc *p, int64_t timeout_us);
void contract_send(struct proc *p, enum msg_type type, unsigned slot,
    uint64_t arg, const int *fds, int nfds);
void contract_report(struct master *m, struct proc *p);

/* gen.c */
struct gen *gen_new(struct master *m, struct conf *c);
void gen_unref(struct master *m, struct gen *g);
/* Sealed share of a role: fd, or ERR_SYSTEM. */
int gen_share(struct master *m, struct gen *g, enum board_role role);
/* Tell its workers to leave and let go of its listeners. */
void gen_drain(struct master *m, struct gen *g, int64_t timeout_us);
void gen_release_listeners(struct master *m, struct gen *g);
unsigned gen_draining(const struct master *m);

/* reload.c */
/* Load, check, report to the log; 0 and *out, or ERR_FORMAT. */
int reload_load(struct master *m, struct conf **out);
void reload_step(struct master *m, int64_t now);
void reload_abort(struct master *m, const char *why);

/* files.c: folders, logs, lock and pid file. */
int files_folders(struct master *m, const struct conf *c);
int files_lock(struct master *m, const struct conf *c);
int files_logs_open(struct master *m, const struct conf *c);
void files_logs_reopen(struct master *m);
int files_pid_write(struct master *m);
/* Make room for the pid file of the new binary, or take it back. */
int files_pid_aside(struct master *m);
void files_pid_back(struct master *m);
void files_pid_remove(struct master *m);

/* stop.c */
void stop_begin(struct master *m, enum stop_kind kind);
void stop_step(struct master *m, int64_t now);

/* upgrade.c */
void upgrade_start(struct master *m);
void upgrade_step(struct master *m, int64_t now);
/* 1 when pid was the new binary. */
int upgrade_reaped(struct master *m, pid_t pid, int status);
/* The other master said something, or is gone. */
void upgrade_peer(struct master *m);
/* In the new binary: adopt what stands in the variable; 0 or ERR_FORMAT. */
int upgrade_adopt(struct master *m);
/* The other master reopens its log files too. */
void upgrade_reopen(struct master *m);
/* In the new binary: everything is READY. */
void upgrade_announce(struct master *m);

/* watch.c */
void watch_run(struct master *m, int64_t now);

#endif
