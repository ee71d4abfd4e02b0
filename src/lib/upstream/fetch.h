/*
 * fetch.h - one HTTP exchange with a provider, whatever engine carries it.
 *
 * The caller gets three callbacks: head once, bytes any number of times, end
 * exactly once. They only record and defer: none of them may free the fetch,
 * but fetch_cancel is allowed from outside and then nothing is called any
 * more. Engines: fetch_h1 (own framing) and fetch_curl (proxies, HTTP/2).
 */
#ifndef UPSTREAM_FETCH_H
#define UPSTREAM_FETCH_H

#include "conf/conf.h"
#include "net/conn.h"
#include "net/http1.h"
#include "upstream/outcome.h"

struct fetch_set;		/* all exchanges and pools of a process */
struct fetch_host;		/* one provider: addresses, TLS, idle pool */
struct fetch;

/* Never NULL. The process flushes conns itself (conn_flush_all, once per
 * turn). */
struct fetch_set *fetch_set_new(struct ev_loop *loop, struct conn_set *conns);
/* All fetches must be cancelled and all hosts freed before. */
void fetch_set_free(struct fetch_set **sp);

/*
 * A provider's connection parameters, from its configuration (kept by
 * reference: the catalogue must outlive it). NULL: err says why (a CA file
 * that cannot be read).
 */
struct fetch_host *fetch_host_new(struct fetch_set *s,
    const struct conf_provider *p, char *err, size_t errsize);
/* Idle connections close now, exchanges under way finish first. */
void fetch_host_free(struct fetch_host **hp);
/*
 * Addresses of fetch_host_name, as the checker published them (n = 0 with
 * failed = 1: the name cannot be resolved, why says it; addresses known from
 * before stay in use). Exchanges that waited for an address go on. Addresses
 * that the provider may not have (SSRF rule: addr_is_guarded and not in
 * allow_private) are refused at the socket. A host that is an IP literal needs
 * none.
 */
void fetch_host_addrs(struct fetch_host *h, const unsigned char (*addr)[16],
    unsigned n, int failed, const char *why);
/*
 * The name whose addresses are to be published for this provider: its host,
 * or that of its proxy. 0, or ERR_FORMAT, ERR_TOOBIG.
 */
int fetch_resolve_name(const struct conf_provider *p, char *host,
    size_t size);
/* That name of a host; "" when its proxy makes no sense. */
const char *fetch_host_name(const struct fetch_host *h);
/* 1 when requests would wait for an address. */
int fetch_host_waiting(const struct fetch_host *h);

/*
 * What to send. The struct is copied; all that it points to (texts, headers,
 * pieces and their bytes) stays valid until end or fetch_cancel.
 */
struct fetch_req {
	struct str	 method, target;	/* target: "/v1/x?y" */
	const struct hdr *headers;	/* without Host and framing; fields of
					   one connection are left out. Without
					   an Accept-Encoding, identity is
					   asked for */
	unsigned	 n_headers;
	const struct iovec *body;	/* at most 7 pieces */
	unsigned	 n_body;
	int		 has_body;	/* send Content-Length also when 0 */
	int		 idempotent;	/* may be repeated after bytes went out */
	int		 keep_encoding;	/* deliver a compressed answer as it is;
					   0: gzip and deflate are undone, and
					   the head shows neither coding nor
					   length */
	int64_t		 connect_us;	/* time-outs; 0: none. Waiting for an
					   address counts as connecting */
	int64_t		 total_us;
	int64_t		 idle_us;	/* between bytes of the answer, while
					   not paused */
	int64_t		 head_us;	/* from the last byte sent to the head;
					   0: total only */
	int64_t		 first_us;	/* from the last byte sent to
					   fetch_first */
};

struct fetch_head {
	int		 status;
	const struct hdr *h;		/* valid during the callback only */
	unsigned	 n;
	int64_t		 length;	/* -1: unknown */
	int		 no_body;
};

struct fetch_stats {
	int		 reused;	/* on a kept connection */
	int		 resent;	/* repeated on a fresh connection */
	int64_t		 connected_us, sent_us, head_us, end_us; /* ev_now */
	unsigned char	 peer[16];
};

struct fetch_ops {
	void (*head)(void *arg, const struct fetch_head *h);
	/* They may be overwritten, so may the values of the head's fields. */
	void (*bytes)(void *arg, const char *p, size_t n);
	/* why: text for the log, valid during the callback */
	void (*end)(void *arg, enum outcome o, const char *why);
	/* The first byte is about to leave (again, when it is sent again);
	 * also from inside fetch_start. May be NULL. */
	void (*sending)(void *arg);
};

/* Start; never NULL. Failures come through end, never from inside here. */
struct fetch *fetch_start(struct fetch_set *s, struct fetch_host *h,
    const struct fetch_req *req, const struct fetch_ops *ops, void *arg);
/* Stop reading / go on. Bytes already read may still be delivered once, but
 * not from inside these two. */
void fetch_pause(struct fetch *f);
void fetch_resume(struct fetch *f);
/* Give up without any further callback (after end: just release). Accepts
 * NULL, sets NULL. Every fetch ends with this call. */
void fetch_cancel(struct fetch **fp);
const struct fetch_stats *fetch_stats(const struct fetch *f);
/*
 * 1 when the pieces of the body are not needed any more before end: the head
 * of the answer has come and everything was sent. An answer may come while the
 * request is still on its way.
 */
int fetch_body_done(const struct fetch *f);
/* What first_us is the time-out of has come, or is not waited for. */
void fetch_first(struct fetch *f);
/* Change the idle time-out while under way. */
void fetch_set_idle(struct fetch *f, int64_t idle_us);

/* Close idle connections that are too old; call about once a second. 1: there
 * may be more, a hundred are enough for one turn. */
int fetch_sweep(struct fetch_set *s);
/* Open and idle connections of a host. */
unsigned fetch_host_open(const struct fetch_host *h);
unsigned fetch_host_idle(const struct fetch_host *h);

#endif
