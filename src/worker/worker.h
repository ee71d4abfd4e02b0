/*
 * worker.h - what all files of a worker share.
 *
 * A worker is one event loop: it accepts on the shared sockets, runs requests
 * and talks to providers. struct worker lives as long as the process.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/lease.h"
#include "base/quote.h"
#include "conf/conf.h"
#include "conf/price.h"
#include "net/conn.h"
#include "net/tls.h"
#include "proc/child.h"
#include "route/breaker.h"
#include "route/catalog.h"
#include "route/route.h"
#include "state/state.h"
#include "state/upkey.h"
#include "upstream/fetch.h"
#include "worker/overload.h"

#define WORKER_SCRATCH	65536

extern const struct child_role worker_role;

struct client;
struct measured;
TAILQ_HEAD(client_list, client);

#define WORKER_KEYS	64		/* upstream keys of a provider */

/* One upstream key as this worker sees it. */
struct wkey {
	const struct conf_upkey *conf;
	struct hdr	 cred;		/* the credential header */
	struct quote_probe probe;	/* for an answer that has it */
	struct upkey_rec rec;		/* its health, as last heard */
	struct rota_gate *gate;		/* for max_qps; NULL: any */
	struct rota_rate rate;
};

/* A provider as this worker sees it. */
struct wprov {
	const struct conf_provider *conf;
	unsigned	 index;
	struct fetch_host *host;
	struct str	 prefix;	/* base path and api path, joined */
	struct wkey	*keys;
	unsigned	 n_keys;
	/* hide.c: for credentials among its headers; the most bytes that one
	 * of its secrets takes; bytes behind which one may go on */
	struct quote_probe *probes;
	unsigned	 n_probes;
	size_t		 span;
	unsigned char	 inside[256];
	/* rotation.c: bits of all keys and of those that rest, and when to
	 * look at these again (real time) */
	uint64_t	 all, out;
	int64_t		 look_us;
	struct rota_cursor *cursor;
	uint8_t		*order;		/* of turns, for the keys order_of */
	unsigned	 order_n;
	uint64_t	 order_of;
	struct rota_gate *gate;		/* for max_qps; NULL: any */
	struct rota_rate rate;
	int		 gated;		/* it or a key has a gate */
	uint32_t	 in_flight;
	/* until then it cannot count tokens: it has told this caller so, or
	 * more than one; it can */
	int64_t		 cannot_count_us;
	uint64_t	 cannot_count_for;
	int		 cannot_count_all, has_counted;
	char		 broken[160];	/* why it cannot be used; "" fine */
	struct breaker	 breaker;
};

/* A catalogue in use: the worker and each request hold a reference. */
struct catalog_ref {
	struct catalog	*cat;
	unsigned	 refs;
};

struct listener {
	struct worker	*w;
	struct ev_io	 io;
	int		 fd;
	struct tls_ctx	*tls;
	int		 local;		/* a Unix socket */
	int		 rest;		/* to be accepted before it is closed */
};

struct worker {
	struct child	*child;
	const struct conf *conf;
	struct ev_loop	*loop;
	struct conn_set	*conns;
	struct fetch_set *fetches;
	struct state	*state;
	struct price_list *prices;
	struct arena	*arena;		/* process lifetime */
	struct wprov	*prov;
	struct route_fact *facts;
	unsigned	 n_prov;
	struct catalog_ref *catalog;
	struct hmap	*file_keys;	/* hash -> struct conf_key */
	struct hmap	*prov_by_id;	/* -> struct wprov */
	/* slowness.c: by group, by model, all of them */
	struct measured	**slow_groups, *slow_first;
	struct hmap	*slow_models;
	uint64_t	*cursors;	/* round robin, one per group + 1 */
	struct client_list clients;
	unsigned	 n_clients;
	struct listener	 listener[CHILD_MAX_LISTEN];
	unsigned	 n_listener;
	int		 accepting;
	int		 draining, cut;
	struct ev_timer	 last;
	int64_t		 drain_until_us;
	struct lease	 mem;		/* of client.buffer_budget */
	struct lease	 conn_lease;	/* of client.max_connections */
	uint64_t	 out_counted;	/* queued output that mem has */
	unsigned	 max_clients;	/* as far as descriptors go */
	struct overload	 overload;
	struct ev_timer	 tick;		/* every 100 ms */
	struct ev_timer	 look;		/* accept again? */
	struct ev_timer	 second;	/* every second */
	struct ev_task	 again;		/* acts wait: another turn at once */
	struct ev_task	 rest;		/* the last to be accepted */
	struct ev_task	 cutting;	/* drain time is over */
	uint64_t	 upkey_seen, addr_seen, models_seen;
	char		*scratch;	/* WORKER_SCRATCH bytes, for one read,
					 * in secret memory */
	int		 serving;	/* an upstream with a key is there */
};

/* Accept again or stop, after a change of load or state. */
void worker_accept_update(struct worker *w);
/* A client is gone: leave when this was the last one of a draining worker. */
void worker_client_gone(struct worker *w);

/* provider.c: make the table; facts.c: keep it up to date. */
int provider_init(struct worker *w);
/*
 * The order of candidates: whether the provider goes last is to be looked at
 * again, as time has passed; an attempt begins (1: it is a trial, see
 * breaker.h), ends without a verdict, has worked or failed.
 */
void provider_look(struct worker *w, struct wprov *p);
int provider_begin(struct worker *w, struct wprov *p);
void provider_end(struct worker *w, struct wprov *p);
void provider_note(struct worker *w, struct wprov *p, int64_t began_us,
    int ok, int trial);

/* --- rotation.c: the keys of a provider --------------------------------- */

void rotation_init(struct worker *w, struct wprov *p);
/* A key's health has changed. */
void rotation_update(struct wprov *p);
/* Keys in rotation now. */
unsigned rotation_usable(struct wprov *p);

struct rotation_pick {
	int	 key;			/* -1: the provider has none */
	int64_t	 wait_us;		/* do not send before */
};
enum { ROTATION_NONE, ROTATION_LATER, ROTATION_KEY };

/*
 * Whose turn is it, of the keys that are not in the tried mask? When all rest
 * all are taken back at once. ROTATION_NONE: nobody is left. ROTATION_LATER:
 * max_qps lets nobody send within max_wait_us; wait_us says when it will. A
 * provider without keys has one turn, with key -1.
 */
int rotation_pick(struct wprov *p, uint64_t tried, int64_t max_wait_us,
    struct rotation_pick *out);

/* --- facts.c ------------------------------------------------------------ */

/* Poll the shared state; called every 100 ms. */
void facts_poll(struct worker *w);
/* Take and give back a reference to the catalogue. */
struct catalog_ref *facts_catalog(struct worker *w);
void facts_catalog_release(struct catalog_ref **ref);

#endif
