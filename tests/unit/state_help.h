/* state_help.h - stores in a scratch folder, and acts that run at once. */
#ifndef STATE_HELP_H
#define STATE_HELP_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "state/key.h"
#include "state/state.h"
#include "state/upkey.h"
#include "state/usage.h"
#include "state/window.h"
#include "tap.h"

#define HOT_MAX		(64ULL << 20)
#define LEDGER_MAX	(64ULL << 20)

/* Options for the stores below base/name; texts live in the struct. */
struct help_opts {
	struct state_opts o;
	char		 run[256], state[256];
};

static inline struct state_opts *
help_opts(struct help_opts *h, const char *base, enum board_role role,
    unsigned slot)
{
	memset(h, 0, sizeof(*h));
	mkdir(base, 0700);
	snprintf(h->run, sizeof(h->run), "%s/run", base);
	snprintf(h->state, sizeof(h->state), "%s/state", base);
	h->o.run_dir = h->run;
	h->o.state_dir = h->state;
	h->o.role = role;
	h->o.slot_index = slot;
	h->o.incarnation = 1000 + slot;
	h->o.hot_max = HOT_MAX;
	h->o.ledger_max = LEDGER_MAX;
	return &h->o;
}

static inline struct state *
help_open(struct state_opts *o)
{
	struct state *st;
	char err[256];
	int rc = state_open(o, &st, err, sizeof(err));

	if (rc != 0)
		tap_fail(__FILE__, __LINE__, "state_open: %s", err);
	return st;
}

/* New stores in a scratch folder of that name. */
static inline struct state *
help_new(struct help_opts *h, const char *name, enum board_role role)
{
	char base[128], err[256];

	log_set_fd(-1);
	snprintf(base, sizeof(base), "%s/%s", tap_dir(), name);
	help_opts(h, base, role, 1);
	if (state_prepare(&h->o, err, sizeof(err)) != 0)
		tap_fail(__FILE__, __LINE__, "state_prepare: %s", err);
	return help_open(&h->o);
}

static inline void
help_done(struct act *a)
{
	(*(int *)a->arg)++;
}

/* Run one act in a transaction of its own; its result. */
static inline int
help_run(struct state *st, struct act *a, enum act_kind kind)
{
	int n = 0;

	a->kind = kind;
	a->done = help_done;
	a->arg = &n;
	state_queue(st, a);
	state_flush(st);
	EQ_INT(n, 1);
	return a->rc;
}

static inline struct usage_rec
help_usage(uint64_t key_id, uint64_t in, uint64_t out)
{
	struct usage_rec r = { .key_id = key_id, .input = in, .output = out,
	    .key_name = STR("ci"), .provider = STR("openai"),
	    .group = STR("pool"), .model = STR("gpt-4o"),
	    .upstream_model = STR("gpt-4o-2024"), .endpoint = STR("chat"),
	    .session = STR("0f1e-22"), .agent = STR("a1"),
	    .parent = STR("main"),
	    .real_us = 1700000000LL * CLOCK_US_S, .status = 200,
	    .attempts = 1, .cost = 1000, .duration_us = 5 };

	strcpy(r.request_id, "req_0123456789abcdef");
	return r;
}

static inline int
help_settle(struct state *st, uint64_t key_id, uint64_t in, uint64_t out,
    int release)
{
	struct act_settle s = { .rec = help_usage(key_id, in, out),
	    .release = release };

	return help_run(st, &s.a, ACT_SETTLE);
}

#endif
