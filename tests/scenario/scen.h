/*
 * scen.h - what the parts of the scenario runner share.
 *
 * The worker runs unchanged; loop, clock, connections, exchanges and state
 * are the fakes of this folder, chosen when the program is linked. Time
 * passes only when a script says so.
 */
#ifndef SCEN_H
#define SCEN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/ev.h"
#include "net/conn.h"
#include "net/listen.h"
#include "state/key.h"
#include "state/upkey.h"
#include "state/window.h"
#include "upstream/fetch.h"
#include "worker/worker.h"

#define SCEN_CLIENTS	16
#define SCEN_FETCHES	64
#define SCEN_RECORDS	64
#define SCEN_KEYS	8
#define SCEN_MODELS	8
#define SCEN_EPOCH_US	1800000000000000LL	/* 2027-01-15, real time */

/* End the scenario: what is wrong, with the script's line. In a run that is
 * made to fail only the line ends: the script expects what does not come. */
void scen_fail(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
/* The same when nothing excuses it. */
void scen_broken(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* --- fake_alloc.c ------------------------------------------------------- */

/* 1 while code of the worker runs, 0 in the fakes: the state before. */
int scen_arm(int on);
#define SCEN_WORKER(call) do {						\
	int was_ = scen_arm(1);						\
	call;								\
	scen_arm(was_);							\
} while (0)

enum scen_torture {
	TORTURE_NONE,
	TORTURE_ONE,		/* the n-th allocation fails */
	TORTURE_REST		/* what may fail fails from the n-th on */
};
extern enum scen_torture scen_torture;
extern unsigned scen_torture_at, scen_allocs, scen_tries;
/* Count an allocation that a fake stands for: 0 when it fails. */
int scen_take(void);
/* Blocks of the worker that nobody can find any more: 0, or how many, as far
 * as the program was built to know. */
int scen_leaks(void);

/* --- checks after a run that was made to fail --------------------------- */

/* All that clients got are whole answers or visibly cut; scen_broken. Which
 * statuses there may be is what the run without failures has left here. */
void torture_check(void);
extern unsigned char *scen_statuses;	/* by number; NULL: not asked for */

/* --- fake_ev.c ---------------------------------------------------------- */

extern int64_t scen_now;		/* virtual time */
extern int64_t scen_lag;		/* how long events have waited */
extern int64_t scen_backlog;		/* and answers */
extern unsigned scen_n_later;		/* tasks that were put off so far, */
extern unsigned scen_n_backlog;		/* and of them by ev_backlog */
extern int scen_long;			/* turns are long before they have run
					   a second task */
/* Due time of the nearest timer, INT64_MAX: none. */
int64_t scen_next_timer(struct ev_loop *l);
/* Fire what is due, run what is deferred: the first half of a turn. */
void scen_turn(struct ev_loop *l);

/* --- scen_run.c --------------------------------------------------------- */

/* What is queued goes out now: with the last bytes of an answer its request is
 * over, since the client may send the next one. scen_broken. */
void scen_before_output(void);

/* --- fake_conn.c -------------------------------------------------------- */

enum scen_closed { SCEN_OPEN, SCEN_POLITE, SCEN_CLOSED, SCEN_RESET };

/* A client's end of a connection. */
struct conn {
	conn_fn		*fn;
	void		*arg;
	struct buf	 in;		/* sent by the client, not yet read */
	struct buf	 out;		/* queued by the worker */
	struct buf	 got;		/* what the client has received */
	size_t		 cursor;	/* of got: what was expected already */
	size_t		 room;		/* bytes the kernel still takes */
	int64_t		 progress;
	int		 readable, eof, waited, was_above, refuse;
	int		 asked_head;
	enum scen_closed closed;
	unsigned char	 peer[16];
};

extern struct conn *scen_accepting;	/* taken by the next conn_accept */
/* Tell the worker; does nothing on a closed connection. */
void scen_conn_event(struct conn *c, unsigned what);

/* --- fake_fetch.c ------------------------------------------------------- */

struct fetch {
	const struct conf_provider *p;
	struct str	 method, target;
	struct buf	 head, body;	/* copies, fields as "name: value\n" */
	const struct iovec *v;		/* as given */
	unsigned	 n_body;
	const struct fetch_ops *ops;
	void		*arg;
	struct fetch_stats stats;
	int64_t		 idle_us, first_us, connect_us, total_us;
	struct ev_timer	 timer;		/* first_us */
	int		 has_head, ended, cancelled, paused, early;
};

extern struct fetch *scen_fetch[SCEN_FETCHES];
extern unsigned scen_n_fetch;
/* Its end, told to the worker. */
void scen_fetch_end(struct fetch *f, enum outcome o);
/* 1 when the given pieces still hold what they held at the start. */
int scen_fetch_intact(const struct fetch *f);

/* --- fake_state.c ------------------------------------------------------- */

extern struct buf scen_record[SCEN_RECORDS];
extern unsigned scen_n_record, scen_n_admit, scen_places;
extern unsigned scen_attempts_settled;
extern struct act_admit *scen_next_admit;	/* copied, or NULL */
extern struct window_limits scen_limits;	/* of the last admission */
extern int scen_settle_rc, scen_open_rc, scen_reserve_rc, scen_n_open;
extern unsigned scen_n_reserve;
/* At the end: nothing is held, every attempt was settled. */
void scen_state_finish(void);
/* what the key may still reserve, and what is reserved */
extern uint64_t scen_tokens, scen_reserved;
extern int64_t scen_tokens_us;	/* when that is more again; 0: never */
extern unsigned scen_key_faults;
extern int scen_drained;
/* Client keys of the ledger; what is published about upstream keys and models;
 * the versions move when that changes. */
extern struct key_rec scen_key[SCEN_KEYS];
extern struct upkey_rec scen_upkey[SCEN_KEYS];
extern struct str scen_model[SCEN_MODELS];
extern char scen_models_of[64];
extern unsigned scen_n_key, scen_n_upkey, scen_n_model;
extern uint64_t scen_upkey_version, scen_models_version;

#endif
