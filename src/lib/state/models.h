/*
 * models.h - model lists that the checker fetched from providers (in hot).
 */
#ifndef STATE_MODELS_H
#define STATE_MODELS_H

#include "state/state.h"

uint64_t models_version(struct state *st);
/* Walk the model ids of a provider: fn returns 0 to go on. *fetched_us: real
 * time of the list, 0 when there is none. */
int models_each(struct state *st, const char *provider, int64_t *fetched_us,
    int (*fn)(void *arg, struct str id), void *arg);
/* Checker (blocking): replace the list. */
int models_put(struct state *st, const char *provider, int64_t fetched_us,
    const struct str *ids, unsigned n);

#endif
