/*
 * upkey.h - health of upstream keys, shared by all processes (in hot).
 *
 * A key is named by its provider's id and the first 8 bytes of the SHA-256 of
 * its text. No row means that nothing is known yet; such a key is used.
 *
 * A key is out of the rotation (rests) until until_us. A status of unhealthy
 * with no such time is trouble of the provider, seen by a probe: it is shown,
 * but the key goes on being used.
 */
#ifndef STATE_UPKEY_H
#define STATE_UPKEY_H

#include "state/state.h"

#define UPKEY_ROWS	16384		/* more keys than anybody has */
#define UPKEY_NEVER	INT64_MAX	/* rests until a probe finds it good */

enum upkey_status { UPKEY_UNKNOWN, UPKEY_HEALTHY, UPKEY_UNHEALTHY };

/* Why a key rests. Stored: new ones at the end. */
enum upkey_why {
	UPKEY_FINE,
	UPKEY_AUTH,		/* 401: not known */
	UPKEY_PAYMENT,		/* 402 */
	UPKEY_DENIED,		/* 403 */
	UPKEY_QUOTA,		/* used up what was paid for */
	UPKEY_RATE,		/* 429: too fast */
	UPKEY_WHYS
};

struct upkey_rec {
	char		 provider[65];
	unsigned char	 id[8];
	enum upkey_status status;
	enum upkey_why	 why;		/* it rests, or rested last */
	int64_t		 until_us;	/* real time; rests until then */
	int64_t		 checked_us;	/* real time of the last check */
	int64_t		 fault_us;	/* real time of the last refusal of a
					   request */
	uint32_t	 response_us;	/* of the last check */
	uint16_t	 http_status;	/* that made it unhealthy */
	uint32_t	 faults;	/* refusals in a row */
	char		 error[104];
};

/* 1 when it is out of the rotation at that time. */
static inline int
upkey_rests(const struct upkey_rec *r, int64_t real_us)
{
	return r->status == UPKEY_UNHEALTHY && r->until_us > real_us;
}

/* What to show: one that had its rest and was not tried since is unknown. */
static inline enum upkey_status
upkey_shown(const struct upkey_rec *r, int64_t real_us)
{
	return r->status == UPKEY_UNHEALTHY && r->until_us > 0 &&
	    r->until_us <= real_us ? UPKEY_UNKNOWN : r->status;
}

/* "unknown", "healthy", "unhealthy". */
const char *upkey_status_name(enum upkey_status s);
/* "", "auth", "payment", "denied", "quota", "rate". */
const char *upkey_why_name(enum upkey_why w);

/*
 * A worker saw the key refused, or (good) saw it serve a request: for the first
 * time, or although it rested, as all did; then it is in rotation again, when
 * the request was begun behind the last refusal. Fill
 * provider, id, real_us, and for a refusal why, http_status, error of rec. rec
 * is the whole row when done is called.
 */
struct act_key_fault {
	struct act	 a;
	struct upkey_rec rec;
	int64_t		 real_us;	/* now, or when the request began */
	enum { UPKEY_REFUSED, UPKEY_SERVED, UPKEY_SERVED_AGAIN } good;
	int64_t		 away_us;	/* from now on; UPKEY_NEVER */
	int		 grow;		/* away_us doubles with each further
					   refusal, up to UPKEY_GROW_MAX_US */
};

#define UPKEY_GROW_MAX_US	(60 * 1000000LL)

/*
 * What a row becomes by an act (pure). Of refusals that come
 * while the key rests already, as those of requests under way, all but the
 * first count as one. 0 when nothing changes.
 */
int upkey_change(const struct upkey_rec *had, struct act_key_fault *act);

/* Number that changes whenever a row changes: cheap to poll. */
uint64_t upkey_version(struct state *st);
/* All rows into v (room for max): the count, or a code. */
int upkey_all(struct state *st, struct upkey_rec *v, unsigned max);
/*
 * Checker (blocking): change the row named by provider and id of rec, or write
 * or remove it. fn gets the row as it is then (zeros when there is none) and
 * returns 1 to have it written; rec is the row afterwards.
 */
int upkey_update(struct state *st, struct upkey_rec *rec,
    int (*fn)(void *arg, struct upkey_rec *row), void *arg);
int upkey_put(struct state *st, const struct upkey_rec *rec);
int upkey_del(struct state *st, const char *provider,
    const unsigned char id[8]);

#endif
