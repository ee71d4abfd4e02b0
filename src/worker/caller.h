/*
 * caller.h - who calls: the client key of a request and what it may do.
 */
#ifndef WORKER_CALLER_H
#define WORKER_CALLER_H

#include "conf/conf.h"
#include "dialect/fault.h"
#include "net/hdr.h"
#include "state/window.h"
#include "worker/worker.h"

struct caller {
	int		 known;		/* a key was recognised */
	uint64_t	 id;		/* 0: anonymous */
	struct str	 name;
	enum conf_role	 role;
	struct window_limits limits;
	struct conf_strs groups, providers, models;
	struct conf_cidrs allow_from;
	int64_t		 expires_us;	/* real time; 0: never */
};

/*
 * Find the caller by the credential in the head: Authorization, x-api-key,
 * api-key, x-goog-api-key, then ?key= when query_key is set. FAULT_NONE, or
 * why not; two different credentials are FAULT_BAD_REQUEST. Text is kept in
 * the arena.
 */
enum fault caller_find(struct worker *w, struct arena *a, const struct hdr *h,
    unsigned n, struct str query, int query_key, struct caller *out);
/* For whom the peer of a connection speaks. */
enum caller_via {
	CALLER_DIRECT,		/* for itself, or a trusted hop told for whom */
	CALLER_VIA_STRANGER,	/* a forwarding header of one not trusted */
	CALLER_VIA_LOST		/* a trusted one forwards for nobody readable */
};

/*
 * Check an effective client address against the listener's and the key's
 * rules: being loopback alone is no pass for who forwards, and who is lost
 * stands in no network.
 */
int caller_address_ok(const struct worker *w, const struct caller *c,
    const unsigned char addr[16], enum caller_via via);
/*
 * The address of the client behind trusted proxies (walks X-Forwarded-For
 * from the right); forwarding headers are also Forwarded and X-Real-IP. When
 * it is lost, out is the last hop that was read.
 */
enum caller_via caller_address(const struct worker *w,
    const unsigned char peer[16], const struct hdr *h, unsigned n,
    unsigned char out[16]);

#endif
