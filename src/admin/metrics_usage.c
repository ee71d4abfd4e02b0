/*
 * metrics_usage.c - totals of the ledger by provider and model.
 *
 * Runs in: admin.
 * Owns: the sums of days that no longer change.
 *
 * Days before yesterday are read once and kept as a sum; yesterday and today
 * are read at each look. So a look costs two days, however old the ledger is,
 * and the numbers never fall.
 */
#include <stdio.h>

#include "admin/metrics.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hmap.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "state/usage.h"

#define METRICS_SERIES	20000		/* pairs; the rest is one more */

enum metrics_sum {
	SUM_REQUESTS, SUM_FAILED, SUM_INPUT, SUM_OUTPUT, SUM_CACHED,
	SUM_CACHE_WRITE, SUM_REASONING, SUM_COUNT
};

struct metrics_series {
	struct metrics_series *next;
	char		 name[2 * USAGE_NAME_MAX + 4];	/* provider \n model */
	uint64_t	 base[SUM_COUNT], live[SUM_COUNT];
	__int128	 base_cost, live_cost;
};

struct metrics_usage {
	struct state	*st;
	struct hmap	*by_name;
	struct metrics_series *first, **last;
	size_t		 n;
	int32_t		 base_day;	/* days before it are in base */
	int		 to_base;	/* where rows go now */
};

struct metrics_usage *
metrics_usage_new(struct state *st)
{
	struct metrics_usage *u = xcalloc(1, sizeof(*u));

	u->st = st;
	u->by_name = hmap_new();
	u->last = &u->first;
	return u;
}

static struct metrics_series *
metrics_series(struct metrics_usage *u, const struct usage_total *t)
{
	struct metrics_series *s;
	char name[sizeof(s->name)];
	int n;

	if (u->n < METRICS_SERIES)
		n = snprintf(name, sizeof(name), "%s\n%s", t->provider,
		    t->model);
	else
		n = snprintf(name, sizeof(name), "\nother");
	s = hmap_get(u->by_name, str_make(name, (size_t)n));
	if (s != NULL)
		return s;
	s = xcalloc(1, sizeof(*s));
	memcpy(s->name, name, (size_t)n + 1);
	hmap_set(u->by_name, str_of(s->name), s);
	*u->last = s;
	u->last = &s->next;
	u->n++;
	return s;
}

static int
metrics_usage_row(void *arg, const struct usage_total *t)
{
	struct metrics_usage *u = arg;
	struct metrics_series *s = metrics_series(u, t);
	uint64_t *v = u->to_base ? s->base : s->live;

	v[SUM_REQUESTS] += t->requests;
	v[SUM_FAILED] += t->failed;
	v[SUM_INPUT] += t->input;
	v[SUM_OUTPUT] += t->output;
	v[SUM_CACHED] += t->cached;
	v[SUM_CACHE_WRITE] += t->cache_write;
	v[SUM_REASONING] += t->reasoning;
	if (u->to_base)
		s->base_cost += t->cost;
	else
		s->live_cost += t->cost;
	return 0;
}

static void
metrics_usage_read(struct metrics_usage *u)
{
	int32_t today = (int32_t)(clock_real_us() / CLOCK_US_S / 86400);
	struct metrics_series *s;

	for (s = u->first; s != NULL; s = s->next) {
		memset(s->live, 0, sizeof(s->live));
		s->live_cost = 0;
	}
	if (today - 1 > u->base_day) {
		u->to_base = 1;
		(void)usage_totals(u->st, u->base_day, today - 2, 0,
		    metrics_usage_row, u);
		u->to_base = 0;
		u->base_day = today - 1;
	}
	(void)usage_totals(u->st, u->base_day, INT32_MAX, 0,
	    metrics_usage_row, u);
}

static void
metrics_usage_labels(const struct metrics_series *s, struct buf *b,
    const char *name)
{
	struct str rest = str_of(s->name), provider;

	str_split(&rest, '\n', &provider);
	(void)buf_printf(b, "%s{provider=\"", name);
	metrics_label(b, provider);
	(void)buf_adds(b, STR("\",model=\""));
	metrics_label(b, rest);
}

static void
metrics_usage_simple(const struct metrics_usage *u, struct buf *b,
    const char *name, const char *help, enum metrics_sum sum)
{
	const struct metrics_series *s;

	(void)buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n", name, help,
	    name);
	for (s = u->first; s != NULL; s = s->next) {
		metrics_usage_labels(s, b, name);
		(void)buf_printf(b, "\"} %llu\n",
		    (unsigned long long)(s->base[sum] + s->live[sum]));
	}
}

static void
metrics_usage_tokens(const struct metrics_usage *u, struct buf *b)
{
	static const char *const kinds[SUM_COUNT] = {
		[SUM_INPUT] = "input", [SUM_OUTPUT] = "output",
		[SUM_CACHED] = "cached", [SUM_CACHE_WRITE] = "cache_write",
		[SUM_REASONING] = "reasoning",
	};
	const struct metrics_series *s;
	int k;

	(void)buf_adds(b, STR("# HELP aigw_tokens_total Tokens accounted, by "
	    "provider, model and kind; cached and cache_write are parts of "
	    "input, reasoning of output.\n"
	    "# TYPE aigw_tokens_total counter\n"));
	for (s = u->first; s != NULL; s = s->next)
		for (k = SUM_INPUT; k < SUM_COUNT; k++) {
			metrics_usage_labels(s, b, "aigw_tokens_total");
			(void)buf_printf(b, "\",kind=\"%s\"} %llu\n",
			    kinds[k],
			    (unsigned long long)(s->base[k] + s->live[k]));
		}
}

static void
metrics_usage_cost(const struct metrics_usage *u, struct buf *b)
{
	const struct metrics_series *s;

	(void)buf_adds(b, STR("# HELP aigw_cost_dollars_total Cost accounted, "
	    "by provider and model.\n"
	    "# TYPE aigw_cost_dollars_total counter\n"));
	for (s = u->first; s != NULL; s = s->next) {
		metrics_usage_labels(s, b, "aigw_cost_dollars_total");
		(void)buf_printf(b, "\"} %.12g\n",
		    (double)(s->base_cost + s->live_cost) / 1e12);
	}
}

void
metrics_usage_print(struct metrics_usage *u, struct buf *b)
{
	metrics_usage_read(u);
	metrics_usage_simple(u, b, "aigw_provider_requests_total",
	    "Requests accounted, by provider and model.", SUM_REQUESTS);
	metrics_usage_simple(u, b, "aigw_provider_failures_total",
	    "Requests accounted that failed, by provider and model.",
	    SUM_FAILED);
	metrics_usage_tokens(u, b);
	metrics_usage_cost(u, b);
}
