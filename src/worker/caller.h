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
/*
 * Check an effective client address against the listener's and the key's
 * rules; forwarded: for whom the peer forwards is not known, so that being
 * loopback alone is no pass.
 */
int caller_address_ok(const struct worker *w, const struct caller *c,
    const unsigned char addr[16], int forwarded);
/*
 * The address of the client behind trusted proxies (walks X-Forwarded-For
 * from the right); *forwarded: a forwarding header (also Forwarded or
 * X-Real-IP) came from a peer that is not trusted, or says nothing readable.
 */
void caller_address(const struct worker *w, const unsigned char peer[16],
    const struct hdr *h, unsigned n, unsigned char out[16], int *forwarded);

#endif
