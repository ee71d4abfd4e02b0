/*
 * probe.h - is this upstream key good?
 */
#ifndef CHECKER_PROBE_H
#define CHECKER_PROBE_H

#include "checker/ask.h"
#include "conf/conf.h"
#include "state/upkey.h"

/*
 * What an answer to a probe says about the key, put into rec, which holds what
 * was known before (pure). A refusal (401, 402, 403) keeps it out of rotation
 * for retry_us (0: until a probe finds it good), and so does a 400 that calls it
 * unknown in the dialect d, as Google's. A good answer brings back a
 * key that was refused; one that is rate limited or out of quota has its time,
 * since a list of models costs nothing. A path that is not served says
 * nothing: a rest is ended by time alone. Trouble of the provider is shown,
 * but says nothing about the key: the breakers decide.
 */
void probe_judge(const struct ask_result *res, enum conf_dialect d,
    int64_t now_us, int64_t retry_us, struct upkey_rec *rec);

struct probe;

/* Rows about keys that conf does not have are removed. */
struct probe *probe_new(struct ev_loop *loop, struct state *st,
    struct fetch_set *set, const struct conf *conf);
/* Probe all keys of this provider from now on. */
void probe_add(struct probe *p, const struct conf_provider *prov,
    struct fetch_host *host);
/* Look at what workers found out; call about once a second. */
void probe_look(struct probe *p);
void probe_free(struct probe **pp);

#endif
