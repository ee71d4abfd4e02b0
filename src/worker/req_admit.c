/*
 * req_admit.c - ADMIT: limits of the key, before the body is read.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"
#include "worker/req.h"

static void
on_admit(struct act *a)
{
	struct req *r = a->arg;

	r->waiting_act = 0;
	req_wake(r);
}

int
req_limited(const struct req *r)
{
	return r->admit.a.rc == ERR_LIMIT || (r->admitted && r->admit.over);
}

static enum step
refused(struct req *r)
{
	const struct act_admit *ad = &r->admit;

	board_add(CTR_limited, 1);
	r->retry_after_us = ad->retry_after_us;
	if (ad->refused == WINDOW_TOKENS)
		return req_fail(r, FAULT_TOKENS, "the token budget of this "
		    "key (max_tokens) is used up", NULL);
	return req_fail(r, FAULT_RATE, req_printf(r, "limit reached: %s is "
	    "%llu for this key, try again in %lld ms",
	    window_name(ad->refused),
	    (unsigned long long)r->caller.limits.v[ad->refused],
	    (long long)((ad->retry_after_us + 999) / 1000)), NULL);
}

static enum step
next_step(struct req *r)
{
	return r->ep.kind == ENDPOINT_LOCAL ? STEP_LOCAL : STEP_BODY;
}

enum step
req_admit(struct req *r)
{
	struct act_admit *ad = &r->admit;

	if (r->waiting_act)
		return STEP_WAIT;
	if (ad->a.arg == NULL) {
		if (xalloc_low())
			return req_fail(r, FAULT_OVERLOAD, "the gateway is "
			    "short of memory, try again", NULL);
		ad->a.kind = ACT_ADMIT;
		ad->a.done = on_admit;
		ad->a.arg = r;
		ad->key_id = r->caller.id;
		ad->limits = r->caller.limits;
		ad->boot_us = clock_boot_us();
		ad->real_us = r->real_us;
		ad->shadow = r->w->conf->limits.shadow;
		ad->tokens = req_reserve_guess(r);
		r->waiting_act = 1;
		state_queue(r->w->state, &ad->a);
		return STEP_WAIT;
	}
	if (r->gone) {
		r->fault = FAULT_CLIENT_GONE;
		r->admitted = ad->a.rc == 0;
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	}
	if (ad->a.rc == ERR_LIMIT)
		return refused(r);
	if (ad->a.rc == ERR_FULL) {
		r->retry_after_us = 5 * CLOCK_US_S;
		return req_fail(r, FAULT_OVERLOAD, "usage cannot be recorded "
		    "now (store full), try again", NULL);
	}
	if (ad->a.rc != 0)
		return req_fail(r, FAULT_INTERNAL, "the shared state failed, "
		    "try again", NULL);
	r->admitted = 1;
	if (ad->over)
		board_add(CTR_limited_shadow, 1);
	return next_step(r);
}
