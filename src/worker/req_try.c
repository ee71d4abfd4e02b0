/*
 * req_try.c - TRY: next candidate and upstream key, start an attempt.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A target whose max_qps is reached is passed over; when no other takes the
 * request, it is looked at again, and the request waits for its pass if that
 * comes soon. One whose format cannot carry the request is none of its
 * candidates: nothing is counted against it, and the next is tried. It has used
 * its pass, since only what is asked to write can tell.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/translate.h"

#define PACE_MAX_US	CLOCK_US_S	/* longest wait for a pass */

static unsigned
max_attempts(const struct req *r)
{
	unsigned m = r->w->conf->failover.max_attempts;

	return m == 0 || m > REQ_MAX_ATTEMPTS ? REQ_MAX_ATTEMPTS : m;
}

/* What the client is told, and what is logged, about the last attempt. */
static const char *
last_words(const struct attempt *a, int for_log)
{
	if (a->outcome != OUTCOME_OK)	/* addresses are in the log already */
		return outcome_text(a->outcome);
	if (!for_log && a->said != NULL)
		return a->said;
	return a->why != NULL ? a->why : outcome_text(a->outcome);
}

enum step
req_short(struct req *r, enum outcome o)
{
	r->retry_after_us = CLOCK_US_S;
	return req_fail(r, FAULT_OVERLOAD, o == OUTCOME_NOMEM ?
	    "the gateway is short of memory, try again" : "the gateway is "
	    "short of connections or memory, try again", NULL);
}

/* Every try failed: 503, 504 or 502. */
static enum step
all_failed(struct req *r, const struct attempt *a)
{
	enum fault f = r->n_attempts > 1 ? FAULT_NO_UPSTREAM :
	    a->fault != FAULT_NONE ? a->fault :
	    outcome_status(a->outcome) == 504 ? FAULT_TIMEOUT :
	    FAULT_UPSTREAM;
	const char *text[2];
	int i;

	for (i = 0; i < 2; i++) {
		const char *last = last_words(a, i);

		if (f == FAULT_NO_UPSTREAM)
			text[i] = req_printf(r, "all %u attempts failed, the "
			    "last at provider %s: %s", r->n_attempts,
			    a->provider->id, last);
		else
			text[i] = req_printf(r, "provider %s %s: %s",
			    a->provider->id, f == FAULT_TIMEOUT ?
			    "did not answer in time" : "failed", last);
	}
	r->logged = text[1];
	if (a->status >= 500 && r->up_retry_us > 0)
		r->retry_after_us = r->up_retry_us;
	return req_fail(r, f, text[0], NULL);
}

/* A provider of the model cannot count, and those that can did not. */
static enum step
estimate(struct req *r)
{
	ev_timer_cancel(&r->timer);
	req_upstream_stop(r);
	translate_free(r);
	r->up_head = r->translated = 0;
	return STEP_LOCAL;
}

static enum step
no_price(struct req *r)
{
	struct str model = r->unpriced->model;

	if (model.n == 0)
		return req_fail(r, FAULT_DENIED, "this request names no model "
		    "whose price is known, and prices.unknown is \"refuse\"",
		    NULL);
	return req_fail(r, FAULT_DENIED, req_printf(r, "the price of model "
	    "\"%.*s\" is unknown and prices.unknown is \"refuse\"",
	    STR_ARG(model)), "model");
}

/* Nothing left: what the client is told depends on how the last one ended. */
static enum step
nothing_left(struct req *r)
{
	const struct attempt *a;

	if (r->uncounted && !r->unreadable)
		return estimate(r);
	if (r->late_us > 0) {
		r->retry_after_us = r->late_us;
		return req_fail(r, FAULT_RATE, "every provider of this model "
		    "has reached its max_qps: try again", NULL);
	}
	if (r->n_attempts == 0 && r->refusal != NULL)
		return req_fail(r, FAULT_BAD_REQUEST, r->refusal,
		    r->refused_param);
	if (r->n_attempts == 0 && r->unpriced != NULL)
		return no_price(r);
	if (r->n_attempts == 0)
		return req_fail(r, FAULT_NO_UPSTREAM, "no provider can take "
		    "this request now", NULL);
	a = &r->attempt[r->n_attempts - 1];
	if (a->status == 401 || a->status == 402 || a->status == 403 ||
	    a->status == 404 || (a->status == 400 &&
	    a->fault == FAULT_UPSTREAM_AUTH))
		return req_fail(r, FAULT_UPSTREAM_AUTH, req_printf(r,
		    "provider %s refused the gateway's own key or model "
		    "(HTTP %d): tell the operator", a->provider->id,
		    a->status), NULL);
	if (a->status == 429 || a->fault == FAULT_RATE) {
		r->retry_after_us = r->up_retry_us > 0 ? r->up_retry_us :
		    CLOCK_US_S;
		return req_fail(r, FAULT_RATE, req_printf(r, "provider %s "
		    "limits the gateway's rate, and no other can take this "
		    "request: try again", a->provider->id), NULL);
	}
	if (r->n_attempts == 1 && (a->outcome == OUTCOME_NOMEM ||
	    a->outcome == OUTCOME_OURS))
		return req_short(r, a->outcome);
	return all_failed(r, a);
}

/* Its max_qps is reached: come back when nobody else takes the request. */
static void
pass_over(struct req *r, int64_t wait_us)
{
	if (r->passed_over == NULL)
		r->passed_over = arena_zalloc(r->arena, r->route.n);
	r->passed_over[r->next_target - 1] = 1;
	if (r->late_us == 0 || wait_us < r->late_us)
		r->late_us = wait_us;
}

static int
is_translated(const struct req *r)
{
	return r->ep.kind == ENDPOINT_ROUTED &&
	    speak_how(r->ep.ep, r->prov->conf) == SPEAK_TRANSLATED;
}

/* With prices.unknown = "refuse" one without is none of its candidates, unless
 * nothing is to be paid for. */
static int
has_price(struct req *r)
{
	if (price_find(r->w->prices, r->w->conf, r->prov->conf,
	    r->target->target, r->target->model, &r->price) == 0 ||
	    req_counts(r) || (r->ep.kind == ENDPOINT_RAW &&
	    r->request_bytes == 0))
		return 1;
	if (r->unpriced == NULL)
		r->unpriced = r->target;
	return 0;
}

/*
 * The next target: all of them first, then those that were passed over. 0:
 * none is left.
 */
static int
next_target(struct req *r)
{
	for (;;) {
		if (r->next_target >= r->route.n) {
			if (r->passed_over == NULL || r->late)
				return 0;
			r->late = 1;
			r->late_us = 0;
			r->next_target = 0;
		}
		r->target = &r->route.targets[r->next_target++];
		if (r->late && !r->passed_over[r->next_target - 1])
			continue;
		r->prov = &r->w->prov[r->target->index];
		r->keys_tried = 0;
		r->key = -1;
		if (r->unreadable && is_translated(r))
			continue;
		if (r->prov->host != NULL && has_price(r))
			return 1;
		if (r->prov->host == NULL)
			log_debug("%s: provider %s left out: %s", r->id,
			    r->prov->conf->id, r->prov->broken);
	}
}

/* Another key of the same target, else the next target; 0: none left. */
static int
next_candidate(struct req *r, int64_t *wait_us)
{
	struct rotation_pick pick;

	for (;;) {
		if ((r->target == NULL || r->key == -2) && !next_target(r))
			return 0;
		switch (rotation_pick(r->prov, r->keys_tried,
		    r->late ? PACE_MAX_US : 0, &pick)) {
		case ROTATION_KEY:
			r->key = pick.key;
			r->keys_tried |= 1ULL << (pick.key < 0 ? 0 : pick.key);
			*wait_us = pick.wait_us;
			return 1;
		case ROTATION_LATER:
			pass_over(r, pick.wait_us);
			break;
		default:
			break;
		}
		r->key = -2;
	}
}

static void
on_pace(void *arg)
{
	req_wake(arg);
}

/* A candidate with its pass, for now or soon; STEP_TRY: it may start. */
static enum step
choose(struct req *r)
{
	int64_t wait_us = 0;

	if (r->n_attempts >= max_attempts(r) || !next_candidate(r, &wait_us))
		return nothing_left(r);
	if (wait_us <= 0)
		return STEP_TRY;
	r->paced = 1;
	ev_timer_set(r->w->loop, &r->pace, wait_us, on_pace, r);
	return STEP_WAIT;
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

/* The candidate is chosen, and its pass is there. */
static enum step
begin(struct req *r)
{
	int rc;

	if (r->translated || r->renamed) {
		rc = translate_request(r);
		r->rewriting = rc == ERR_AGAIN;
		if (r->rewriting)
			return req_go_on(r);
		if (r->gone)
			return req_fail(r, FAULT_CLIENT_GONE, "client went "
			    "away", NULL);
		if (rc == ERR_FORMAT) {
			r->key = -2;	/* the next target */
			return req_go_on(r);
		}
		if (rc != 0)
			return STEP_FAIL;
	}
	if ((rc = req_open_attempt(r)) != 0)
		return no_record(r, rc);
	if (r->n_attempts > 0)
		board_add(CTR_failovers, 1);
	req_upstream_start(r);
	req_commit_watch(r);
	return STEP_HEAD;
}

/* While the request waited for its pass its key was refused to another. */
static int
key_rests_now(const struct req *r)
{
	return r->key >= 0 && rotation_usable(r->prov) > 0 &&
	    (r->prov->out >> r->key & 1);
}

enum step
req_try(struct req *r)
{
	enum step next;

	if (r->rewriting)
		return begin(r);
	if (r->gone) {
		ev_timer_cancel(&r->pace);
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	}
	if (!r->paced && (next = choose(r)) != STEP_TRY)
		return next;
	if (ev_timer_active(&r->pace))
		return STEP_WAIT;
	if (r->paced) {
		r->paced = 0;
		if (key_rests_now(r))
			return req_go_on(r);
	}
	r->translated = is_translated(r);
	r->renamed = r->ep.kind == ENDPOINT_ROUTED &&
	    speak_renames(r->ep.ep, r->prov->conf, r->model,
	    r->target->model);
	if (!r->translated && !r->renamed)
		translate_free(r);
	return begin(r);
}
