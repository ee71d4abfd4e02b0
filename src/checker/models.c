/*
 * models.c - model lists of providers that name none.
 *
 * Runs in: checker.
 * Owns: one timer and at most one question per such provider.
 *
 * A list that cannot be fetched is asked for again with the next key after a
 * doubling delay; the last good list stays in force.
 */
#include <sys/queue.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "checker/ask.h"
#include "checker/models.h"
#include "state/models.h"

#define MODELS_BODY_MAX	(8u << 20)
#define MODELS_RETRY_US	(2 * CLOCK_US_S)
#define MODELS_TTL_MIN	CLOCK_US_S

struct models_row {
	TAILQ_ENTRY(models_row) link;
	struct models	*m;
	const struct conf_provider *p;
	struct fetch_host *host;
	struct ev_timer	 timer;
	struct ask	*ask;
	unsigned	 key;		/* next to be used */
	int64_t		 retry_us;	/* 0: the last fetch worked */
};

struct models {
	struct ev_loop	*loop;
	struct state	*st;
	struct fetch_set *set;
	TAILQ_HEAD(, models_row) rows;
};

struct models_ids {
	struct arena	*arena;
	struct str	*v;
	unsigned	 n;
};

static void models_due(void *arg);

struct models *
models_new(struct ev_loop *loop, struct state *st, struct fetch_set *set)
{
	struct models *m = xcalloc(1, sizeof(*m));

	m->loop = loop;
	m->st = st;
	m->set = set;
	TAILQ_INIT(&m->rows);
	return m;
}

static void
models_collect(void *arg, struct str id)
{
	struct models_ids *ids = arg;

	ids->v[ids->n++] = arena_str(ids->arena, id);
}

/* Publish the list of an answer: how many, or a code. */
static int
models_publish(struct models_row *r, struct str body)
{
	struct models_ids ids = { 0 };
	int rc;

	ids.arena = arena_new(16384);
	ids.v = arena_alloc(ids.arena, MODELS_MAX * sizeof(*ids.v));
	rc = models_parse(body, models_collect, &ids);
	if (rc >= 0)
		rc = models_put(r->m->st, r->p->id, clock_real_us(), ids.v,
		    ids.n);
	if (rc >= 0)
		rc = (int)ids.n;
	arena_free(&ids.arena);
	return rc;
}

static void
models_later(struct models_row *r, int good)
{
	int64_t ttl = r->p->models_ttl, us;

	if (ttl < MODELS_TTL_MIN)
		ttl = MODELS_TTL_MIN;
	if (good)
		r->retry_us = 0;
	else
		r->retry_us = r->retry_us == 0 ? MODELS_RETRY_US :
		    r->retry_us * 2;
	if (r->retry_us > ttl)
		r->retry_us = ttl;
	us = good ? ttl : r->retry_us;
	ev_timer_set(r->m->loop, &r->timer, us, models_due, r);
}

/* Nothing was asked: neither the list nor the key is to blame. */
static void
models_lacking(struct models_row *r, const struct ask_result *res)
{
	if (r->retry_us == 0)
		log_warn("model list of provider %s cannot be asked for: %s: "
		    "%s", r->p->id, outcome_text(res->outcome), res->why);
	r->retry_us = MODELS_RETRY_US;
	ev_timer_set(r->m->loop, &r->timer, r->retry_us, models_due, r);
}

static void
models_done(void *arg, const struct ask_result *res)
{
	struct models_row *r = arg;
	int n = 0, first = r->retry_us == 0;

	r->ask = NULL;
	if (outcome_not_theirs(res->outcome)) {
		models_lacking(r, res);
		return;
	}
	if (res->outcome == OUTCOME_OK && res->status == 200 && !res->cut)
		n = models_publish(r, res->body);
	else if (first)
		log_warn("model list of provider %s not available: %s "
		    "(status %d)", r->p->id, res->cut ? "answer too long" :
		    res->outcome != OUTCOME_OK ? res->why : "refused",
		    res->status);
	if (n < 0 && first)
		log_warn("model list of provider %s not usable: %s",
		    r->p->id, err_str(n));
	if (n > 0)
		log_debug("provider %s lists %d models", r->p->id, n);
	if (n <= 0 && r->p->n_keys > 0)
		r->key = (r->key + 1) % r->p->n_keys;
	models_later(r, n > 0);
}

static void
models_due(void *arg)
{
	struct models_row *r = arg;
	struct ask_req req = {
		.provider = r->p, .host = r->host,
		.key = r->p->n_keys > 0 ? r->p->keys[r->key].key : NULL,
		.method = "GET", .path = r->p->models_path, .body = "",
		.timeout_us = r->p->health.timeout > 0 ?
		    r->p->health.timeout : 20 * CLOCK_US_S,
		.max = MODELS_BODY_MAX,
	};

	r->ask = ask_start(r->m->loop, r->m->set, &req, models_done, r);
}

void
models_add(struct models *m, const struct conf_provider *p,
    struct fetch_host *host)
{
	struct models_row *r = xcalloc(1, sizeof(*r));

	r->m = m;
	r->p = p;
	r->host = host;
	TAILQ_INSERT_TAIL(&m->rows, r, link);
	ev_timer_set(m->loop, &r->timer, 0, models_due, r);
}

void
models_free(struct models **mp)
{
	struct models *m = *mp;
	struct models_row *r;

	*mp = NULL;
	if (m == NULL)
		return;
	while ((r = TAILQ_FIRST(&m->rows)) != NULL) {
		TAILQ_REMOVE(&m->rows, r, link);
		ev_timer_cancel(&r->timer);
		ask_cancel(&r->ask);
		free(r);
	}
	free(m);
}
