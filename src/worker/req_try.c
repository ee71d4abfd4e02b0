/*
 * req_try.c - TRY: next candidate and upstream key, start an attempt.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "worker/req.h"

static unsigned
max_attempts(const struct req *r)
{
	unsigned m = r->w->conf->failover.max_attempts;

	return m == 0 || m > REQ_MAX_ATTEMPTS ? REQ_MAX_ATTEMPTS : m;
}

/* Nothing left: what the client is told depends on how the last one ended. */
static enum step
nothing_left(struct req *r)
{
	const struct attempt *a;
	const char *last;

	if (r->n_attempts == 0)
		return req_fail(r, FAULT_NO_UPSTREAM, "no provider can take "
		    "this request now", NULL);
	a = &r->attempt[r->n_attempts - 1];
	/* Addresses and the like are in the log: clients get the kind. */
	last = a->why != NULL && a->outcome == OUTCOME_OK ? a->why :
	    outcome_text(a->outcome);
	if (a->status == 401 || a->status == 402 || a->status == 403 ||
	    a->status == 404)
		return req_fail(r, FAULT_UPSTREAM_AUTH, req_printf(r,
		    "provider %s refused the gateway's own key or model "
		    "(HTTP %d): tell the operator", a->provider->id,
		    a->status), NULL);
	if (a->status == 429) {
		r->retry_after_us = r->up_retry_us > 0 ? r->up_retry_us :
		    CLOCK_US_S;
		return req_fail(r, FAULT_RATE, req_printf(r, "provider %s "
		    "limits the gateway's rate, and no other can take this "
		    "request: try again", a->provider->id), NULL);
	}
	if (r->n_attempts > 1)
		return req_fail(r, FAULT_NO_UPSTREAM, req_printf(r, "all %u "
		    "attempts failed, the last at provider %s: %s",
		    r->n_attempts, a->provider->id, last), NULL);
	if (outcome_status(a->outcome) == 504)
		return req_fail(r, FAULT_TIMEOUT, req_printf(r, "provider %s "
		    "did not answer in time: %s", a->provider->id, last),
		    NULL);
	return req_fail(r, FAULT_UPSTREAM, req_printf(r, "provider %s "
	    "failed: %s", a->provider->id, last), NULL);
}

/* Another key of the same target, else the next target; 0: none left. */
static int
next_candidate(struct req *r)
{
	while (r->target == NULL || r->key == -2) {
		if (r->next_target >= r->route.n)
			return 0;
		r->target = &r->route.targets[r->next_target++];
		r->prov = &r->w->prov[r->target->index];
		r->keys_tried = 0;
		r->key = -1;
		if (r->prov->host == NULL) {
			log_debug("%s: provider %s left out: %s", r->id,
			    r->prov->conf->id, r->prov->broken);
			r->key = -2;
		}
	}
	if (r->prov->n_keys == 0 && r->keys_tried == 0) {
		r->keys_tried = 1;
		r->key = -1;
		return 1;
	}
	r->key = provider_pick_key(r->w, r->prov, r->keys_tried);
	if (r->key < 0) {
		r->key = -2;
		return next_candidate(r);
	}
	r->keys_tried |= 1ULL << r->key;
	return 1;
}

static enum step
no_price(struct req *r)
{
	return req_fail(r, FAULT_DENIED, req_printf(r, "the price of model "
	    "\"%.*s\" is unknown and prices.unknown is \"refuse\"",
	    STR_ARG(r->target->model)), "model");
}

/* Nothing is sent that could not be accounted for. */
static enum step
no_record(struct req *r, int rc)
{
	if (rc != ERR_FULL)
		return req_fail(r, FAULT_INTERNAL, "the shared state failed, "
		    "try again", NULL);
	r->retry_after_us = 5 * CLOCK_US_S;
	return req_fail(r, FAULT_OVERLOAD, "usage cannot be recorded now "
	    "(store full), try again", NULL);
}

enum step
req_try(struct req *r)
{
	int rc;

	if (r->gone)
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	if (r->n_attempts >= max_attempts(r) || !next_candidate(r))
		return nothing_left(r);
	if (price_find(r->w->prices, r->w->conf, r->prov->conf,
	    r->target->target, r->target->model, &r->price) != 0)
		return no_price(r);
	if ((rc = req_open_attempt(r)) != 0)
		return no_record(r, rc);
	if (r->n_attempts > 0)
		board_add(CTR_failovers, 1);
	req_upstream_start(r);
	req_commit_watch(r);
	return STEP_HEAD;
}
