/*
 * upkey.h - health of upstream keys, shared by all processes (in hot).
 *
 * A key is named by its provider's id and the first 8 bytes of the SHA-256 of
 * its text. No row means healthy.
 */
#ifndef STATE_UPKEY_H
#define STATE_UPKEY_H

#include "state/state.h"

enum upkey_status { UPKEY_UNKNOWN, UPKEY_HEALTHY, UPKEY_UNHEALTHY };

struct upkey_rec {
	char		 provider[65];
	unsigned char	 id[8];
	enum upkey_status status;
	int64_t		 until_us;	/* real time; unhealthy until then */
	int64_t		 checked_us;	/* real time of the last check */
	uint32_t	 response_us;	/* of the last check */
	uint16_t	 http_status;	/* that made it unhealthy */
	uint32_t	 faults;	/* in a row */
	char		 error[104];
};

/* A worker saw the key refused: unhealthy until until_us. */
struct act_key_fault {
	struct act	 a;
	struct upkey_rec rec;
};

/* Number that changes whenever a row changes: cheap to poll. */
uint64_t upkey_version(struct state *st);
/* All rows into v (room for max): the count, or a code. */
int upkey_all(struct state *st, struct upkey_rec *v, unsigned max);
/* Checker (blocking): write or remove a row. */
int upkey_put(struct state *st, const struct upkey_rec *rec);
int upkey_del(struct state *st, const char *provider,
    const unsigned char id[8]);

#endif
