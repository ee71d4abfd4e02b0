/*
 * dial.h - connect to one of a host's addresses.
 *
 * Addresses are tried in their order, the one that answered last first; the
 * next one starts when one fails or has not answered within 250 ms. The first
 * that is open, TLS included, wins.
 */
#ifndef UPSTREAM_DIAL_H
#define UPSTREAM_DIAL_H

#include "upstream/fetch_impl.h"

struct dial;

/* c: the connection, now the receiver's; or NULL, and o and why say why. The
 * dial is over and still to be freed, also from inside. */
typedef void dial_fn(void *arg, struct conn *c, enum outcome o,
    const char *why);

/* Begin; fn is never called from inside. */
struct dial *dial_start(struct fetch_host *h, dial_fn *fn, void *arg);
/* Stop; accepts NULL, sets NULL. */
void dial_free(struct dial **dp);

#endif
