/*
 * strict.h - the strict client: a load generator that accounts for the end of
 * every request.
 *
 * strict.c reads options and starts requests, strict_slot.c is the life of one
 * connection, strict_check.c verifies answers, strict_stats.c counts and
 * prints.
 */
#ifndef STRICT_H
#define STRICT_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/ev.h"
#include "net/conn.h"
#include "net/http1_body.h"

#define STRICT_MARKER	40

/* How a request ended. Each ends in exactly one of these ways. */
#define STRICT_ENDS(X)							\
	X(OK, "ok")		/* complete, right */			\
	X(STATUS, "status")	/* complete, but not 2xx */		\
	X(REFUSED, "refused")	/* no connection */			\
	X(TLS, "tls")		/* no handshake */			\
	X(RESET, "reset")	/* closed before a byte of the answer */ \
	X(SHORT, "short")	/* closed or cut in the answer */	\
	X(WRONG, "wrong")	/* malformed, or not our answer */	\
	X(TIMEOUT, "timeout")	/* no progress for --timeout */

enum strict_end {
#define X(id, name) STRICT_##id,
	STRICT_ENDS(X)
#undef X
	STRICT_N_ENDS
};

struct strict_options {
	int		 tls, verify;
	unsigned char	 addr[16];
	unsigned	 port;
	char		 host[128];		/* as in the URL */
	char		 path[512];
	const char	*ca, *method, *model, *key, *body_file, *until;
	const char	*log, *expect, *words, *prompt;
	struct buf	 headers;		/* lines */
	struct buf	 body;			/* of body_file */
	unsigned	 connections;
	double		 rate;			/* per second; 0: closed */
	double		 connect_rate;		/* new connections; 0: all */
	uint64_t	 requests;		/* 0: no end */
	int64_t		 time_us;		/* 0: no end */
	int64_t		 timeout_us;
	int64_t		 warm_us;		/* what starts before is in no histogram */
	unsigned	 max_per_conn;		/* 0: keep alive for ever */
	int		 stream, include_usage, generated, distinct, quick;
	int		 spread;		/* all connections take turns */
};

/* What checks the answer of one request. */
struct strict_check {
	char		 marker[STRICT_MARKER];
	int		 active;	/* a generated body: marker known */
	int		 sse;
	int		 quick;		/* only whether a stream has ended */
	int		 status;
	struct buf	 text;		/* JSON body, or a line not whole */
	int64_t		 next;		/* token expected next */
	int		 done, finish;	/* [DONE], finish_reason seen */
	int64_t		 lost, reordered;
	uint64_t	 input, output, cached;
	int		 usage;
	const char	*wrong;		/* first fault, static text */
};

struct strict;

struct strict_slot {
	struct strict	*s;
	struct conn	*conn;
	uint64_t	 conn_number;	/* of all connections, from 1 */
	char		 marker[STRICT_MARKER];
	int		 state;
	unsigned	 what, requests;	/* of this connection */
	int		 eof, answered;		/* a byte has come */
	int		 close_after;
	struct ev_task	 task;
	struct ev_timer	 timer;
	struct buf	 in;
	size_t		 seen;
	struct http1_body framing;
	int		 in_body;
	struct strict_check check;
	int64_t		 start_us, last_us;	/* intended start, progress */
	int64_t		 first_us;
	int64_t		 sent_us;	/* CLOCK_BOOTTIME; 0: it was not */
	uint64_t	 bytes;
};

#define STRICT_BUCKETS	(64 * 32)

struct strict_hist {
	uint64_t	n[STRICT_BUCKETS], count;
	int64_t		max;
};

struct strict_stats {
	uint64_t	started, ends[STRICT_N_ENDS], classes[6];
	uint64_t	connects, reused, idle_closed;
	uint64_t	streams, events, lost, reordered, cut;
	uint64_t	input, output, cached, usages, bytes;
	uint64_t	steady;		/* good ends behind warm_us, in time_us */
	int64_t		begin_us, last_us, gap_us, silence_us;
	unsigned	busy, max_busy;
	struct strict_hist latency, first, refused;
	char		examples[8][160];
	unsigned	n_examples;
};

struct strict {
	struct ev_loop	*loop;
	struct conn_set	*conns;
	struct tls_ctx	*tls;
	struct strict_options o;
	struct strict_stats st;
	struct strict_slot *slots;
	struct ev_io	 tick;
	FILE		*log;
	unsigned	 turn;		/* of a slot, with spread */
	uint32_t	 run;		/* makes markers of this run unique */
	uint64_t	 connects_due;	/* by connect_rate */
	int		 stopping;
};

/* strict.c: a slot is free; gives it the next request or leaves it idle. */
void strict_next(struct strict_slot *sl);

/* strict_slot.c */
void strict_slot_init(struct strict *s, struct strict_slot *sl);
/* Begin a request that was meant to start at start_us. */
void strict_slot_start(struct strict_slot *sl, int64_t start_us);
/* 1 when a request is under way. */
int strict_slot_busy(const struct strict_slot *sl);
void strict_slot_free(struct strict_slot *sl);

/* strict_check.c */
void strict_check_begin(struct strict_check *c, const char *marker, int sse);
/* Body bytes: the number of events in them. */
unsigned strict_check_feed(struct strict_check *c, struct str data);
/* The body is over: STRICT_OK, STRICT_SHORT or STRICT_WRONG. */
enum strict_end strict_check_end(struct strict_check *c, const char *expect);

/* strict_stats.c */
void strict_stats_start(struct strict *s);
void strict_stats_end(struct strict_slot *sl, enum strict_end end,
    const char *why);
void strict_stats_print(struct strict *s, FILE *f);

#endif
