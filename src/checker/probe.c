/*
 * probe.c - is this upstream key good? Asked again and again.
 *
 * Runs in: checker.
 * Owns: one timer and at most one question per upstream key.
 *
 * A key is probed every health.interval, and a moment before its rest ends, so
 * that one which is still refused does not come back to be refused. Workers put
 * keys out too, so their rows are read again whenever the table changed.
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
#define PROBE_EARLY_US	(5 * CLOCK_US_S) /* before the end of a rest */
#define PROBE_MIN_US	CLOCK_US_S
#define PROBE_SOON_US	(CLOCK_US_S / 10)

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
	const struct conf *conf;
	uint64_t	 version;
	unsigned	 running, added;
	int		 lacking;	/* of what a question takes */
	struct upkey_rec *rows;
	int		 n_rows;
	TAILQ_HEAD(, probe_key) keys;
};

static void probe_due(void *arg);

/* 1 when the configuration has that key, of whatever provider. */
static int
probe_configured(const struct probe *p, const struct upkey_rec *row)
{
	const struct conf_provider *c = conf_provider(p->conf,
	    str_of(row->provider));
	unsigned i;

	for (i = 0; c != NULL && i < c->n_keys; i++)
		if (memcmp(c->keys[i].id, row->id, sizeof(row->id)) == 0)
			return 1;
	return 0;
}

/* All rows of the table, those of keys that are gone removed. */
static void
probe_read(struct probe *p)
{
	int i;

	p->version = upkey_version(p->st);
	p->n_rows = upkey_all(p->st, p->rows, UPKEY_ROWS);
	for (i = 0; i < p->n_rows; i++) {
		if (probe_configured(p, &p->rows[i]))
			continue;
		(void)upkey_del(p->st, p->rows[i].provider, p->rows[i].id);
		p->rows[i--] = p->rows[--p->n_rows];
	}
}

struct probe *
probe_new(struct ev_loop *loop, struct state *st, struct fetch_set *set,
    const struct conf *conf)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	p->loop = loop;
	p->st = st;
	p->set = set;
	p->conf = conf;
	p->rows = xcalloc(UPKEY_ROWS, sizeof(*p->rows));
	TAILQ_INIT(&p->keys);
	probe_read(p);
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

/* When: after the interval, or a little before its rest ends. */
static int64_t
probe_when(const struct probe_key *k)
{
	int64_t us = probe_interval(k), now = clock_real_us(), rest;

	if (!upkey_rests(&k->rec, now) || k->rec.until_us == UPKEY_NEVER ||
	    k->rec.why == UPKEY_RATE)
		return us;
	rest = k->rec.until_us - now;
	rest -= rest / 10 < PROBE_EARLY_US ? rest / 10 : PROBE_EARLY_US;
	if (rest < PROBE_SOON_US)
		rest = PROBE_SOON_US;
	return rest < us ? rest : us;
}

static void
probe_plan(struct probe_key *k)
{
	ev_timer_set(k->p->loop, &k->timer, probe_when(k), probe_due, k);
}

static void
probe_log(const struct probe_key *k, const struct upkey_rec *before)
{
	const struct upkey_rec *now = &k->rec;
	char id[13];

	if (now->status == before->status && now->why == before->why)
		return;
	crypto_hex(id, k->key->id, 6);	/* as aigwctl and metrics name it */
	if (now->status == UPKEY_UNHEALTHY && now->why != UPKEY_FINE)
		log_warn("provider %s key %s (%s) is refused: %s",
		    k->prov->id, id, k->key->source, now->error);
	else if (now->status == UPKEY_UNHEALTHY)
		log_warn("provider %s cannot be probed with key %s: %s",
		    k->prov->id, id, now->error);
	else if (before->status == UPKEY_UNHEALTHY)
		log_notice("provider %s key %s (%s) is back", k->prov->id,
		    id, k->key->source);
}

struct probe_verdict {
	const struct probe_key *k;
	const struct ask_result *res;
};

/* Inside the transaction. What a worker saw meanwhile counts for more. */
static int
probe_write(void *arg, struct upkey_rec *rec)
{
	const struct probe_verdict *v = arg;

	if (rec->until_us != v->k->asked_until_us)
		return 0;
	probe_judge(v->res, v->k->prov->dialect, clock_real_us(),
	    v->k->prov->health.unhealthy_retry, rec);
	return 1;
}

static int
probe_failed(const struct ask_result *res)
{
	return res->status == 0 || res->status >= 500 ||
	    (res->status >= 401 && res->status <= 403);
}

/*
 * It could not be asked, as for want of a descriptor or memory: that says nothing
 * of the key, and what is known stays.
 */
static void
probe_lacking(struct probe_key *k, const struct ask_result *res)
{
	if (!k->p->lacking)
		log_warn("keys cannot be probed: %s: %s; what is known of "
		    "them stays", outcome_text(res->outcome), res->why);
	k->p->lacking = 1;
	ev_timer_set(k->p->loop, &k->timer, PROBE_MIN_US, probe_due, k);
}

static void
probe_done(void *arg, const struct ask_result *res)
{
	struct probe_key *k = arg;
	struct probe_verdict v = { k, res };
	struct upkey_rec before = k->rec;
	int rc;

	k->ask = NULL;
	k->p->running--;
	if (outcome_not_theirs(res->outcome)) {
		probe_lacking(k, res);
		return;
	}
	if (k->p->lacking)
		log_notice("keys are probed again");
	k->p->lacking = 0;
	board_add(CTR_probes, 1);
	if (probe_failed(res))
		board_add(CTR_probes_failed, 1);
	rc = upkey_update(k->p->st, &k->rec, probe_write, &v);
	if (rc < 0)
		log_error("health of a key of provider %s not stored: %s",
		    k->prov->id, err_str(rc));
	probe_log(k, &before);
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

	for (i = 0; i < p->n_rows; i++)
		if (memcmp(p->rows[i].id, k->rec.id, sizeof(k->rec.id)) == 0 &&
		    strcmp(p->rows[i].provider, k->rec.provider) == 0)
			break;
	if (i == p->n_rows)
		return soon;
	k->rec = p->rows[i];
	if (upkey_rests(&k->rec, clock_real_us()))
		return probe_when(k);
	left = k->rec.checked_us + probe_interval(k) - clock_real_us();
	return k->rec.status == UPKEY_HEALTHY && left > soon &&
	    left <= 2 * k->prov->health.interval ? left : soon;
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
	int64_t until;

	TAILQ_FOREACH(k, &p->keys, link) {
		if (memcmp(k->rec.id, row->id, sizeof(row->id)) != 0 ||
		    strcmp(k->rec.provider, row->provider) != 0)
			continue;
		until = k->rec.until_us;
		k->rec = *row;
		if (until != row->until_us && k->ask == NULL)
			probe_plan(k);
	}
}

void
probe_look(struct probe *p)
{
	int i;

	if (upkey_version(p->st) == p->version)
		return;
	probe_read(p);
	for (i = 0; i < p->n_rows; i++)
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
