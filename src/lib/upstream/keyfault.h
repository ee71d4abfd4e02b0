/*
 * keyfault.h - is an error the upstream key's fault, and how long must it
 * rest?
 *
 * Tables: from what a provider says to the kind of fault, and from the kind to
 * the time. "change when a key leaves the rotation" is a change of
 * rows there.
 */
#ifndef UPSTREAM_KEYFAULT_H
#define UPSTREAM_KEYFAULT_H

#include "conf/conf.h"
#include "state/upkey.h"
#include "upstream/complaint.h"

/*
 * What a status, with what the body says, means for the key: UPKEY_FINE when
 * it is not at fault.
 */
enum upkey_why keyfault_find(enum conf_dialect d, int status,
    const struct complaint *c);

/*
 * The same of an error inside a 200: an event of a stream, or a whole body. Its
 * type or code stand for the status, which is put into *status (400: none).
 */
enum upkey_why keyfault_inside(enum conf_dialect d, const struct complaint *c,
    int *status);

/* How long a key rests. */
struct keyfault_rest {
	int64_t	away_us;	/* 0: it stays; UPKEY_NEVER: until a probe
				   finds it good */
	int	grow;		/* doubles while it happens again */
};

/*
 * asked_us: what the provider said (retry_after), or -1. Its unhealthy_retry
 * and whether it is probed count too.
 */
struct keyfault_rest keyfault_rest(enum upkey_why why, int64_t asked_us,
    const struct conf_provider *p);

/* For logs and status: "refused by the provider". */
const char *keyfault_text(enum upkey_why why);

#endif
