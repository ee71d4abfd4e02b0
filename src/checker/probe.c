/*
 * probe.c - is this upstream key good? Asked again and again.
 *
 * Runs in: checker.
 * Owns: one timer and at most one question per upstream key.
 *
 * A key is probed every health.interval. One that was refused rests until its
 * cool-down (health.unhealthy_retry) ends, is probed then, and is back in
 * routing when that works. Workers put keys out too, so their rows are read
 * again whenever the table changed.
 */
#include <sys/queue.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/xalloc.h"
#include "checker/probe.h"

#define PROBE_BODY_MAX	(8u << 20)
#define PROBE_SPREAD_US	(20 * 1000LL)	/* between first probes */
#define PROBE_AT_ONCE	64
#define PROBE_ROWS	16384
#define PROBE_MIN_US	CLOCK_US_S

struct probe_key {
	TAILQ_ENTRY(probe_key) link;
	struct probe	*p;
	const struct conf_provider *prov;
	const struct conf_upkey *key;
	struct fetch_host *host;
	struct ev_timer	 timer;
	struct ask	*ask;
	int64_t		 asked_until_us; /* rec.until_us when asked */
	struct upkey_rec rec;
};

struct probe {
	struct ev_loop	*loop;
	struct state	*st;
	struct fetch_set *set;
	uint64_t	 version;
	unsigned	 running, added;
	struct upkey_rec *rows;
	int		 n_rows;	/* that were there at the start */
	TAILQ_HEAD(, probe_key) keys;
};

static void probe_due(void *arg);

struct probe *
probe_new(struct ev_loop *loop, struct state *st, struct fetch_set *set)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	p->loop = loop;
	p->st = st;
	p->set = set;
	p->rows = xcalloc(PROBE_ROWS, sizeof(*p->rows));
	p->version = upkey_version(st);
	p->n_rows = upkey_all(st, p->rows, PROBE_ROWS);
	TAILQ_INIT(&p->keys);
	return p;
}

/* A tenth around the interval, so that keys do not march in step. */
static int64_t
probe_interval(const struct probe_key *k)
{
	int64_t us = k->prov->health.interval;

	if (us < PROBE_MIN_US)
		us = PROBE_MIN_US;
	return us - us / 20 + (int64_t)rng_below((uint64_t)us / 10 + 1);
}

/* Set the timer: the interval, or the end of the rest if that is sooner or
 * the key rests at all. */
static void
probe_plan(struct probe_key *k)
{
	int64_t us = probe_interval(k);
	int64_t rest = k->rec.until_us == INT64_MAX ? 0 :
	    k->rec.until_us - clock_real_us();

	if (k->rec.status == UPKEY_UNHEALTHY && rest > 0)
		us = rest;
	ev_timer_set(k->p->loop, &k->timer, us, probe_due, k);
}

static void
probe_log(const struct probe_key *k, enum upkey_status before)
{
	char id[13];

	if (k->rec.status == before)
		return;
	crypto_hex(id, k->key->id, 6);	/* as aigwctl and metrics name it */
	if (k->rec.status == UPKEY_UNHEALTHY)
		log_warn("provider %s key %s (%s) is unhealthy: %s",
		    k->prov->id, id, k->key->source, k->rec.error);
	else if (before == UPKEY_UNHEALTHY)
		log_notice("provider %s key %s (%s) is back", k->prov->id,
		    id, k->key->source);
}

static void
probe_done(void *arg, const struct ask_result *res)
{
	struct probe_key *k = arg;
	enum upkey_status before = k->rec.status;
	int rc;

	k->ask = NULL;
	k->p->running--;
	probe_look(k->p);
	if (k->rec.until_us != k->asked_until_us) {
		probe_plan(k);	/* a worker was faster: its word counts */
		return;
	}
	probe_judge(res, clock_real_us(), k->prov->health.unhealthy_retry,
	    &k->rec);
	board_add(CTR_probes, 1);
	if (k->rec.status == UPKEY_UNHEALTHY)
		board_add(CTR_probes_failed, 1);
	probe_log(k, before);
	rc = upkey_put(k->p->st, &k->rec);
	if (rc < 0)
		log_error("health of a key of provider %s not stored: %s",
		    k->prov->id, err_str(rc));
	probe_plan(k);
}

static void
probe_due(void *arg)
{
	struct probe_key *k = arg;
	struct ask_req req = {
		.provider = k->prov, .host = k->host, .key = k->key->key,
		.method = k->prov->health.method,
		.path = k->prov->health.path, .body = k->prov->health.body,
		.timeout_us = k->prov->health.timeout, .max = PROBE_BODY_MAX,
	};

	if (k->ask != NULL)
		return;
	if (k->p->running >= PROBE_AT_ONCE) {
		ev_timer_set(k->p->loop, &k->timer, PROBE_SPREAD_US,
		    probe_due, k);
		return;
	}
	if (req.path[0] == '\0')
		req.path = k->prov->models_path;
	k->p->running++;
	k->asked_until_us = k->rec.until_us;
	k->ask = ask_start(k->p->loop, k->p->set, &req, probe_done, k);
}

/*
 * When a key is probed first: soon, but one that rests or was found healthy a
 * moment ago (by the checker before a reload) has its time.
 */
static int64_t
probe_first(struct probe_key *k)
{
	struct probe *p = k->p;
	int64_t soon = PROBE_SPREAD_US * p->added++, left;
	int i;

	for (i = 0; i < p->n_rows; i++) {
		if (memcmp(p->rows[i].id, k->rec.id, sizeof(k->rec.id)) != 0 ||
		    strcmp(p->rows[i].provider, k->rec.provider) != 0)
			continue;
		k->rec = p->rows[i];
		if (k->rec.status == UPKEY_UNHEALTHY &&
		    k->rec.until_us > clock_real_us() &&
		    k->rec.until_us != INT64_MAX)
			return k->rec.until_us - clock_real_us();
		left = k->rec.checked_us + probe_interval(k) -
		    clock_real_us();
		if (k->rec.status == UPKEY_HEALTHY && left > soon &&
		    left <= 2 * k->prov->health.interval)
			return left;
		break;
	}
	return soon;
}

void
probe_add(struct probe *p, const struct conf_provider *prov,
    struct fetch_host *host)
{
	struct probe_key *k;
	unsigned i;

	for (i = 0; i < prov->n_keys; i++) {
		k = xcalloc(1, sizeof(*k));
		k->p = p;
		k->prov = prov;
		k->key = &prov->keys[i];
		k->host = host;
		str_copy(k->rec.provider, sizeof(k->rec.provider),
		    str_of(prov->id));
		memcpy(k->rec.id, prov->keys[i].id, sizeof(k->rec.id));
		TAILQ_INSERT_TAIL(&p->keys, k, link);
		ev_timer_set(p->loop, &k->timer, probe_first(k), probe_due,
		    k);
	}
}

/* A row that was written by somebody else: take it over, plan anew. */
static void
probe_row(struct probe *p, const struct upkey_rec *row)
{
	struct probe_key *k;

	TAILQ_FOREACH(k, &p->keys, link) {
		if (memcmp(k->rec.id, row->id, sizeof(row->id)) != 0 ||
		    strcmp(k->rec.provider, row->provider) != 0)
			continue;
		if (k->rec.status == row->status &&
		    k->rec.until_us == row->until_us)
			return;
		k->rec = *row;
		if (k->ask == NULL && row->status == UPKEY_UNHEALTHY &&
		    row->until_us > 0)
			probe_plan(k);
		return;
	}
}

void
probe_look(struct probe *p)
{
	uint64_t version = upkey_version(p->st);
	int i, n;

	if (version == p->version)
		return;
	p->version = version;
	n = upkey_all(p->st, p->rows, PROBE_ROWS);
	for (i = 0; i < n; i++)
		probe_row(p, &p->rows[i]);
}

void
probe_free(struct probe **pp)
{
	struct probe *p = *pp;
	struct probe_key *k;

	*pp = NULL;
	if (p == NULL)
		return;
	while ((k = TAILQ_FIRST(&p->keys)) != NULL) {
		TAILQ_REMOVE(&p->keys, k, link);
		ev_timer_cancel(&k->timer);
		ask_cancel(&k->ask);
		free(k);
	}
	free(p->rows);
	free(p);
}
