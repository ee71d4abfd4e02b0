/*
 * usage.h - usage records: spool in hot, totals in ledger.
 *
 * A worker settles a request with one act; the recorder moves records to the
 * totals. A record carries (epoch, sequence): the ledger stores the last
 * applied pair in the same transaction as the totals, so moving twice changes
 * nothing.
 */
#ifndef STATE_USAGE_H
#define STATE_USAGE_H

#include "state/db_key.h"
#include "state/state.h"

#define USAGE_STREAM		0x01u	/* the answer was a stream */
#define USAGE_ESTIMATED		0x02u	/* tokens were estimated */
#define USAGE_ABORTED		0x04u	/* the client went away */
#define USAGE_TRUNCATED		0x08u	/* the provider broke off */
#define USAGE_FAILED		0x10u	/* no answer below 400 */
#define USAGE_UNPRICED		0x20u	/* default price was used */
#define USAGE_INTERRUPTED	0x40u	/* its worker died */

#define USAGE_NAME_MAX		64	/* longest stored name, cut there */

/* One request. Strings are borrowed during the call. */
struct usage_rec {
	uint64_t	 epoch, seq;	/* given by the spool */
	char		 request_id[40];
	int64_t		 real_us;	/* when it ended */
	uint64_t	 key_id;	/* 0: none */
	struct str	 key_name, provider, group, model, upstream_model,
			 endpoint;
	uint32_t	 flags;
	uint16_t	 status;	/* sent to the client */
	uint16_t	 attempts;
	uint64_t	 input, output, cached, cache_write, reasoning;
	int64_t		 cost;		/* pico-dollars */
	uint64_t	 duration_us, first_us, upstream_us;
	uint64_t	 writer;	/* incarnation; given by the spool */
	/* sessions_name() of what the client says it is of; n = 0: nothing */
	struct str	 session, agent, parent;
};

struct open_req;		/* open.h */

struct act_settle {
	struct act	 a;
	struct usage_rec rec;		/* in; epoch and seq out */
	int64_t		 boot_us;	/* when it ended; 0: now */
	/* concurrency place to give back for key_id (act_admit.place) */
	int		 release;
	uint64_t	 reserved;	/* tokens to give back */
	/* its entry (open.h), freed and set to NULL when this is recorded; or
	 * NULL */
	struct open_req	*open;
};

/* --- recorder (blocking) ----------------------------------------------- */

/*
 * Move up to max records from the spool to the ledger: one ledger commit
 * (durable), then they leave the spool. Returns how many were moved, or a
 * code. each (may be NULL) sees every record newly applied, for the call log.
 * What checkpoint_look has found goes along in that commit.
 */
int usage_drain(struct state *st, unsigned max,
    void (*each)(void *arg, const struct usage_rec *rec), void *arg);
/* Bytes and records in the spool now (may be a little old). */
void usage_spool_size(struct state *st, uint64_t *records, uint64_t *bytes);

/* --- totals (readers) -------------------------------------------------- */

struct usage_total {
	int32_t		 day;		/* UTC days since 1970 */
	uint64_t	 key_id;
	char		 key_name[USAGE_NAME_MAX + 1];
	/* usage_totals: */
	char		 provider[USAGE_NAME_MAX + 1];
	char		 group[USAGE_NAME_MAX + 1];
	char		 model[USAGE_NAME_MAX + 1];
	/* usage_sessions; all empty: sessions for which there was no room */
	char		 session[USAGE_NAME_MAX + 1];
	char		 agent[USAGE_NAME_MAX + 1];
	char		 parent[USAGE_NAME_MAX + 1];
	int64_t		 first_us, last_us;	/* begin and end, real time */
	/* both: */
	uint64_t	 requests, failed, streams, aborted, estimated,
			 interrupted;
	uint64_t	 input, output, cached, cache_write, reasoning;
	__int128	 cost;		/* pico-dollars */
	uint64_t	 duration_us;
};

/* How far a walk in slices has come. Zero at first, but for rows. */
struct usage_walk {
	unsigned	 rows;		/* visited by one call, at most */
	struct db_key	 at;		/* the last one; n = 0: none */
};

/*
 * Walk the totals of days from..to in key order. fn returns 0 to go on. 0, or
 * what fn returned, or a code. walk NULL: all at once; else ERR_AGAIN when
 * there may be more, and the next call goes on behind the last row, also after
 * a failure.
 */
int usage_totals(struct state *st, int32_t from, int32_t to,
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg);
/* The same for the requests that named a session: (day, key, session, agent).
 * Those older than ledger.retention are gone. */
int usage_sessions(struct state *st, int32_t from, int32_t to,
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg);

#endif
