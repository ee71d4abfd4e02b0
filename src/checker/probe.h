/*
 * probe.h - is this upstream key good?
 */
#ifndef CHECKER_PROBE_H
#define CHECKER_PROBE_H

#include "checker/ask.h"
#include "conf/conf.h"
#include "state/upkey.h"

/*
 * What an answer to a probe says about the key: fills status, http_status,
 * until_us and error of rec (pure). A refusal of the key (401, 402, 403)
 * keeps it out of routing for retry_us (0: until a probe succeeds, which is
 * told by the farthest time); trouble of the provider is shown, but the
 * breakers decide about it.
 */
void probe_judge(const struct ask_result *res, int64_t now_us,
    int64_t retry_us, struct upkey_rec *rec);

struct probe;

struct probe *probe_new(struct ev_loop *loop, struct state *st,
    struct fetch_set *set);
/* Probe all keys of this provider from now on. */
void probe_add(struct probe *p, const struct conf_provider *prov,
    struct fetch_host *host);
/* Look at what workers found out; call about once a second. */
void probe_look(struct probe *p);
void probe_free(struct probe **pp);

#endif
