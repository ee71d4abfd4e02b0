/*
 * metrics_usage.c - totals of the ledger by provider and model.
 *
 * Runs in: admin.
 * Owns: the sums of days that no longer change.
 *
 * Days before yesterday are read once and kept as a sum; yesterday and today
 * are read at each look. So a look costs two days, however old the ledger is,
 * and the numbers never fall. Both reading and printing go in slices: a row is
 * a microsecond or two, and a ledger may have millions of them.
 */
#include <stdio.h>

#include "admin/metrics.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hmap.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "state/usage.h"

#define METRICS_SERIES	20000		/* pairs; the rest is one more */
#define METRICS_ROWS	2000		/* read in one turn */
#define METRICS_LINES	4000		/* printed in one turn */

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
	/* of the look under way */
	enum { USAGE_BEGIN, USAGE_BASE, USAGE_LIVE } stage;
	int32_t		 today;
	struct usage_walk walk;
	int		 printing;
	size_t		 family;	/* which is printed */
	struct metrics_series *next;	/* in it */
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
	uint64_t *v = u->stage == USAGE_BASE ? s->base : s->live;

	v[SUM_REQUESTS] += t->requests;
	v[SUM_FAILED] += t->failed;
	v[SUM_INPUT] += t->input;
	v[SUM_OUTPUT] += t->output;
	v[SUM_CACHED] += t->cached;
	v[SUM_CACHE_WRITE] += t->cache_write;
	v[SUM_REASONING] += t->reasoning;
	if (u->stage == USAGE_BASE)
		s->base_cost += t->cost;
	else
		s->live_cost += t->cost;
	return 0;
}

/* Begin with the days that still change. */
static void
metrics_usage_live(struct metrics_usage *u)
{
	struct metrics_series *s;

	for (s = u->first; s != NULL; s = s->next) {
		memset(s->live, 0, sizeof(s->live));
		s->live_cost = 0;
	}
	u->stage = USAGE_LIVE;
	u->walk.at.n = 0;
}

static void
metrics_usage_begin(struct metrics_usage *u)
{
	u->today = (int32_t)(clock_real_us() / CLOCK_US_S / 86400);
	u->walk.rows = METRICS_ROWS;
	u->walk.at.n = 0;
	if (u->today - 1 > u->base_day)
		u->stage = USAGE_BASE;
	else
		metrics_usage_live(u);
}

/* The base is kept, and gone on with: each row counts once. */
void
metrics_usage_restart(struct metrics_usage *u)
{
	if (u->stage == USAGE_LIVE)
		u->stage = USAGE_BEGIN;
	u->printing = 0;
}

int
metrics_usage_read(struct metrics_usage *u)
{
	int rc;

	if (u->stage == USAGE_BEGIN)
		metrics_usage_begin(u);
	if (u->stage == USAGE_BASE) {
		rc = usage_totals(u->st, u->base_day, u->today - 2, &u->walk,
		    metrics_usage_row, u);
		if (rc != 0)		/* the next look goes on from here */
			return rc == ERR_AGAIN ? rc : 0;
		u->base_day = u->today - 1;
		metrics_usage_live(u);
	}
	rc = usage_totals(u->st, u->base_day, INT32_MAX, &u->walk,
	    metrics_usage_row, u);
	if (rc == ERR_AGAIN)
		return rc;
	u->stage = USAGE_BEGIN;
	return 0;
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
metrics_usage_simple(const struct metrics_series *s, struct buf *b,
    const char *name, enum metrics_sum sum)
{
	metrics_usage_labels(s, b, name);
	(void)buf_printf(b, "\"} %llu\n",
	    (unsigned long long)(s->base[sum] + s->live[sum]));
}

static void
metrics_usage_requests(const struct metrics_series *s, struct buf *b,
    const char *name)
{
	metrics_usage_simple(s, b, name, SUM_REQUESTS);
}

static void
metrics_usage_failures(const struct metrics_series *s, struct buf *b,
    const char *name)
{
	metrics_usage_simple(s, b, name, SUM_FAILED);
}

static void
metrics_usage_tokens(const struct metrics_series *s, struct buf *b,
    const char *name)
{
	static const char *const kinds[SUM_COUNT] = {
		[SUM_INPUT] = "input", [SUM_OUTPUT] = "output",
		[SUM_CACHED] = "cached", [SUM_CACHE_WRITE] = "cache_write",
		[SUM_REASONING] = "reasoning",
	};
	int k;

	for (k = SUM_INPUT; k < SUM_COUNT; k++) {
		metrics_usage_labels(s, b, name);
		(void)buf_printf(b, "\",kind=\"%s\"} %llu\n", kinds[k],
		    (unsigned long long)(s->base[k] + s->live[k]));
	}
}

static void
metrics_usage_cost(const struct metrics_series *s, struct buf *b,
    const char *name)
{
	metrics_usage_labels(s, b, name);
	(void)buf_printf(b, "\"} %.12g\n",
	    (double)(s->base_cost + s->live_cost) / 1e12);
}

static const struct metrics_family {
	const char	*name, *help;
	void		(*fn)(const struct metrics_series *s, struct buf *b,
			    const char *name);
	unsigned	 lines;			/* of a series */
} metrics_families[] = {
	{ "aigw_provider_requests_total",
	    "Requests accounted, by provider and model.",
	    metrics_usage_requests, 1 },
	{ "aigw_provider_failures_total",
	    "Requests accounted that failed, by provider and model.",
	    metrics_usage_failures, 1 },
	{ "aigw_tokens_total", "Tokens accounted, by provider, model and "
	    "kind; cached and cache_write are parts of input, reasoning of "
	    "output.", metrics_usage_tokens, 5 },
	{ "aigw_cost_dollars_total",
	    "Cost accounted, by provider and model.", metrics_usage_cost, 1 },
};

#define METRICS_FAMILIES \
	(sizeof(metrics_families) / sizeof(metrics_families[0]))

int
metrics_usage_print(struct metrics_usage *u, struct buf *b)
{
	const struct metrics_family *f;
	unsigned lines = 0;

	if (!u->printing) {
		u->printing = 1;
		u->family = 0;
		u->next = u->first;
	}
	for (; u->family < METRICS_FAMILIES; u->family++) {
		if (lines >= METRICS_LINES)
			return ERR_AGAIN;
		f = &metrics_families[u->family];
		if (u->next == u->first)
			(void)buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n",
			    f->name, f->help, f->name);
		for (; u->next != NULL; u->next = u->next->next) {
			if (lines >= METRICS_LINES)
				return ERR_AGAIN;
			f->fn(u->next, b, f->name);
			lines += f->lines;
		}
		u->next = u->first;
	}
	u->printing = 0;
	return 0;
}
