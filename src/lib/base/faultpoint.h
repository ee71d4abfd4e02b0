/*
 * faultpoint.h - places where a process can be made to die, stop or spin.
 *
 * In the programs that are installed FAULT_POINT is nothing at all. In
 * tests/e2e/aigwd_faults, which is compiled with FAULT_POINTS, each point
 * counts who passes it in a file that AIGW_FAULTS names, and does there what
 * a row of that file asks for. "aigwd_faults --fault-points" prints the list
 * below, so that a campaign knows what it has to hit.
 *
 * The file: FAULTPOINT_HEAD bytes, then for each point a row for each letter
 * of FAULTPOINT_ROLES (struct faultpoint_row).
 */
#ifndef BASE_FAULTPOINT_H
#define BASE_FAULTPOINT_H

#include <stdatomic.h>
#include <stdint.h>

/* Master, prepare, worker, checker, recorder, admin. */
#define FAULTPOINT_ROLES "mpwcra"

/*
 * Name, and who passes it; in capitals: only beside what is not usual (other
 * children that die, a second binary). All before_ rows, then all after_ rows,
 * in the order of enum step; in the stores hot before ledger.
 */
#define FAULTPOINT_LIST(P) \
	/* a request */ \
	P(accepted, "w") P(begun, "w") \
	P(before_auth, "w") P(before_admit, "w") P(before_body, "w") \
	P(before_decode, "w") P(before_local, "w") P(before_route, "w") \
	P(before_reserve, "w") \
	P(before_try, "w") P(before_head, "w") P(before_relay, "w") \
	P(before_fail, "w") P(before_account, "w") P(before_done, "w") \
	P(after_auth, "w") P(after_admit, "w") P(after_body, "w") \
	P(after_decode, "w") P(after_local, "w") P(after_route, "w") \
	P(after_reserve, "w") \
	P(after_try, "w") P(after_head, "w") P(after_relay, "w") \
	P(after_fail, "w") P(after_account, "w") P(after_done, "w") \
	P(upstream_head, "w") P(upstream_bytes, "w") P(upstream_end, "w") \
	P(answer_head, "w") P(answer_body, "w") P(answer_end, "w") \
	P(flush, "w") P(flushed, "w") \
	/* the stores */ \
	P(hot_wait, "pwcr") P(ledger_wait, "pra") \
	P(hot_locked, "pwcr") P(ledger_locked, "pra") \
	P(hot_commit, "pwcr") P(ledger_commit, "pra") \
	P(hot_committed, "pwcr") P(ledger_committed, "pra") \
	/* the spool, the dead */ \
	P(spool_append, "w") P(spool_appended, "w") \
	P(spool_read, "r") P(spool_delete, "r") P(spool_deleted, "r") \
	P(open_begun, "w") P(open_send, "w") P(open_sent, "w") \
	P(open_marked, "w") P(open_end, "w") \
	P(gone, "R") P(dead_read, "R") P(dead_charge, "R") \
	P(dead_charged, "R") P(gone_places, "R") P(gone_done, "R") \
	/* any child */ \
	P(child_start, "pwcra") P(child_sandbox, "pwcra") \
	P(child_ready, "wcra") P(child_readied, "wcra") \
	P(child_drain, "wcra") P(child_drained, "pwcra") \
	/* admin */ \
	P(ctl_begin, "a") P(ctl_done, "a") \
	/* the master */ \
	P(spawn, "m") P(spawn_child, "m") P(spawned, "m") \
	P(reaped, "M") P(buried, "M") P(started, "m") \
	P(reload, "m") P(reload_loaded, "m") P(reload_next, "m") \
	P(reload_ready, "m") P(reload_commit, "m") P(reloaded, "m") \
	P(upgrade, "M") P(upgrade_child, "M") P(upgrade_forked, "M") \
	P(upgrade_adopted, "M") P(upgrade_ready, "M") \
	P(upgrade_announced, "M") P(upgrade_told, "M")

enum faultpoint {
#define FAULTPOINT_ENUM(name, roles) FAULTPOINT_##name,
	FAULTPOINT_LIST(FAULTPOINT_ENUM)
#undef FAULTPOINT_ENUM
	FAULTPOINT_COUNT
};

enum faultpoint_act {
	FAULTPOINT_NOTHING, FAULTPOINT_KILL, FAULTPOINT_STOP, FAULTPOINT_SPIN,
	FAULTPOINT_EXIT, FAULTPOINT_ABORT
};

#define FAULTPOINT_HEAD	32

struct faultpoint_row {
	_Atomic uint32_t act;		/* enum faultpoint_act */
	_Atomic int32_t	 after;		/* at the so many-th passage: 1.. */
	_Atomic uint32_t ms;		/* to spin */
	_Atomic uint32_t always;	/* at every passage, not once */
	_Atomic uint32_t hits, fired;
	_Atomic uint32_t pid;		/* of who did it last */
	_Atomic uint32_t pad;
};

#ifdef FAULT_POINTS

/* Begin to look; nothing happens without the variable. */
void faultpoint_open(const char *role);
void faultpoint_pass(enum faultpoint p);
/* Print "name roles" lines: an exit status. */
int faultpoint_list(void);

#define FAULT_POINT(name)	faultpoint_pass(FAULTPOINT_##name)
/* The i-th point from that one on. */
#define FAULT_POINT_AT(name, i)	faultpoint_pass((enum faultpoint)( \
    (int)FAULTPOINT_##name + (int)(i)))

#else

#define FAULT_POINT(name)	((void)0)
#define FAULT_POINT_AT(name, i)	((void)0)

#endif

#endif
