/*
 * sessions.h - what sessions used, in the ledger: sums by day, client key,
 * session and agent of the requests that name a session.
 *
 * Clients choose the names, so there is a bound to the rows of a key and to
 * those of a day; what is past it is summed in one row of the key and the day.
 */
#ifndef STATE_SESSIONS_H
#define STATE_SESSIONS_H

#include "state/usage.h"

#define SESSIONS_OF_KEY	10000u	/* rows of a key and a day */
#define SESSIONS_OF_DAY	100000u	/* rows of a day */

/*
 * The name under which a client's id is kept: itself, when it is not longer
 * than USAGE_NAME_MAX and has letters, digits and "-_.:@/+=~" only; else
 * "sha256:" and the first 32 hexadecimal digits, in dst.
 */
struct str sessions_name(struct str raw, char dst[USAGE_NAME_MAX + 1]);

/* In the open transaction of the ledger, for each record that is new. */
int sessions_add(struct state *st, const struct usage_rec *r);
/* A record of TABLE_SESSION: 0, ERR_CORRUPT or ERR_VERSION. */
int sessions_check(struct str key, struct str val);
/*
 * Remove some rows of the days that were over at that real time, in a
 * transaction of its own: how many, 0 when there are none, or a code.
 * Recorder. Blocking.
 */
int sessions_expire(struct state *st, int64_t real_us);

#endif
