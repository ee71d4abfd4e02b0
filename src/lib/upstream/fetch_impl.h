/*
 * fetch_impl.h - what the engines, the pool and fetch.c share.
 */
#ifndef UPSTREAM_FETCH_IMPL_H
#define UPSTREAM_FETCH_IMPL_H

#include "net/http1_body.h"
#include "net/tls.h"
#include "upstream/fetch.h"

#define FETCH_SCRATCH	65536	/* one read of any answer */
#define FETCH_ADDRS	16	/* addresses kept of a host */
#define FETCH_MAX_HEAD	65536	/* of an answer */
#define FETCH_MAX_ASK	(2u << 20)	/* head of a request: client.max_header
					   is 1m at most, the rest is for what
					   the gateway adds */

struct multi;
struct dial;
struct inflate;
struct pool_conn;
TAILQ_HEAD(pool_list, pool_conn);

struct fetch_set {
	struct ev_loop	*loop;
	struct conn_set	*conns;
	struct multi	*multi;		/* libcurl's, made when first needed */
	LIST_HEAD(, fetch_host) hosts;
	struct buf	 out;		/* a request head is written here */
	struct http1_head head;		/* the answer head being parsed */
	struct hdr	 kept[HTTP1_MAX_HEADERS];
	char		 scratch[FETCH_SCRATCH];
};

enum host_state { HOST_WAITING, HOST_KNOWN, HOST_FAILED };

struct fetch_host {
	LIST_ENTRY(fetch_host) link;
	struct fetch_set *set;
	const struct conf_provider *p;
	struct tls_ctx	*tls;		/* NULL: plain */
	unsigned	 refs;		/* the owner, fetches, connections */
	int		 gone;		/* the owner has freed it */
	enum host_state	 state;
	char		 name[256];	/* whose addresses these are */
	int		 literal;	/* the name is an address */
	unsigned char	 addr[FETCH_ADDRS][16];
	unsigned	 n_addr;
	unsigned	 good;		/* index that answered last */
	unsigned	 moves;		/* changes of the addresses */
	char		 why[128];	/* HOST_FAILED */
	TAILQ_HEAD(, fetch) waiting;	/* for an address */
	struct pool_list idle;		/* newest first */
	unsigned	 n_open, n_idle;
	unsigned	 n_busy;	/* transfers of fetch_curl */
};

enum fetch_phase { PHASE_CONNECT, PHASE_HEAD, PHASE_BODY, PHASE_END };

/* What differs between the carriers. */
struct fetch_engine {
	void (*start)(struct fetch *f);
	void (*resume)(struct fetch *f);
	/* The host's addresses are there, or not to be had. */
	void (*addrs)(struct fetch *f);
	/* Let go of everything; nothing may be called for f after this. */
	void (*stop)(struct fetch *f);
	/* 1 when the whole body has been taken (asked in PHASE_BODY). */
	int (*sent)(const struct fetch *f);
	size_t		 max_ask;	/* bytes of a request's head */
};

struct fetch {
	struct fetch_set *set;
	struct fetch_host *host;
	const struct fetch_engine *engine;
	struct fetch_req req;
	const struct fetch_ops *ops;
	void		*arg;
	struct fetch_stats stats;
	size_t		 ask;		/* bytes of the request's head */
	struct ev_timer	 timer;
	struct ev_task	 task;
	TAILQ_ENTRY(fetch) wait_link;
	int64_t		 started, since;	/* since: of the phase */
	int64_t		 active;	/* last byte of the answer */
	int64_t		 asked;		/* last byte of the request */
	enum fetch_phase phase;
	enum outcome	 outcome;	/* of a failure told later */
	char		*why;
	unsigned	 busy;		/* callbacks under way */
	unsigned	 paused : 1, cancelled : 1, waiting : 1,
			 got : 1,	/* a byte of the answer came */
			 keep_alive : 1, send_failed : 1;
	struct inflate	*inflate;
	uint64_t	 inflated;	/* bytes that came out of it */
	/* fetch_h1 */
	struct dial	*dial;
	struct pool_conn *pc;
	struct http1_body body;
	struct buf	 head;		/* a head that came in pieces; of
					   libcurl's what is to be inflated */
	size_t		 seen;
	uint64_t	 mark;		/* conn_sent before this request */
	unsigned	 interim;	/* 1xx heads so far */
	/* fetch_curl */
	struct multi_xfer *xfer;
	size_t		 sent;		/* body bytes handed to libcurl */
	size_t		 given;		/* since the last look at the time */
	unsigned	 full : 1,	/* it has had its share of a turn */
			 over : 1;	/* it is done, result is a CURLcode */
	int		 result;
};

extern const struct fetch_engine fetch_h1_engine, fetch_curl_engine;

/* What the head of its request comes to as HTTP/1.1, at most. */
size_t fetch_ask_size(const struct fetch *f);
/* Enter a callback of an engine; leave frees a fetch cancelled inside, and
 * then returns 1. */
void fetch_enter(struct fetch *f);
int fetch_leave(struct fetch *f);
/* 1 while the exchange goes on. */
int fetch_alive(const struct fetch *f);
/* Begin a phase now; sets the timer. */
void fetch_phase(struct fetch *f, enum fetch_phase p);
void fetch_arm(struct fetch *f);
/* Give the head to the caller (undoes a content coding; may end f). */
void fetch_give_head(struct fetch *f, const struct http1_head *h);
/* Give body bytes to the caller (may end f). */
void fetch_give(struct fetch *f, const char *p, size_t n);
/* The answer is complete. */
void fetch_complete(struct fetch *f);
/* End it; why may point anywhere. Only between fetch_enter and fetch_leave. */
void fetch_end(struct fetch *f, enum outcome o, const char *why);
/* End it from the loop. */
void fetch_end_later(struct fetch *f, enum outcome o, const char *why);
/* Wait on the host for addresses / stop waiting. */
void fetch_wait_addrs(struct fetch *f);
void fetch_wait_stop(struct fetch *f);
void fetch_host_unref(struct fetch_host *h);
/* 1 when the provider may not be reached at this address. */
int fetch_host_guarded(const struct fetch_host *h,
    const unsigned char addr[16]);

#endif
