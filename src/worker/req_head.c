/*
 * req_head.c - HEAD: classify an answer before its first content.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Nothing has been sent to the client yet, so any failure can still go
 * elsewhere.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/jscan.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "upstream/outcome.h"
#include "worker/hide.h"
#include "worker/req.h"

static struct log_limit key_lines = { 5 }, attempt_lines = { 50 };

/* The act belongs to nobody: the request may be gone when it is done. */
static void
on_key_fault(struct act *a)
{
	free(a->arg);
}

static int64_t
retry_after_us(const struct req *r)
{
	const struct hdr *h = hdr_find(r->up_h, r->up_n, HDR_RETRY_AFTER);
	int64_t s = 0;
	size_t i;

	if (h == NULL)
		return 0;
	for (i = 0; i < h->value.n; i++) {
		if (h->value.p[i] < '0' || h->value.p[i] > '9')
			return 0;
		s = s * 10 + (h->value.p[i] - '0');
		if (s > 86400)
			return 86400 * CLOCK_US_S;
	}
	return s * CLOCK_US_S;
}

/* The key leaves the rotation, here at once and elsewhere within 100 ms. */
static void
key_fault(struct req *r)
{
	struct wkey *k;
	struct act_key_fault *f;
	int64_t away = r->prov->conf->health.unhealthy_retry;
	int64_t asked = retry_after_us(r);

	if (r->key < 0)
		return;
	if (r->up_status == 429)
		away = asked;
	else if (asked > 0)
		away = asked;
	if (away <= 0)
		return;
	k = &r->prov->keys[r->key];
	k->until_us = clock_real_us() + away;
	f = xcalloc(1, sizeof(*f));
	f->a.kind = ACT_KEY_FAULT;
	f->a.done = on_key_fault;
	f->a.arg = f;
	str_copy(f->rec.provider, sizeof(f->rec.provider),
	    str_of(r->prov->conf->id));
	memcpy(f->rec.id, k->conf->id, sizeof(f->rec.id));
	f->rec.status = UPKEY_UNHEALTHY;
	f->rec.until_us = k->until_us;
	f->rec.checked_us = clock_real_us();
	f->rec.http_status = (uint16_t)r->up_status;
	str_copy(f->rec.error, sizeof(f->rec.error),
	    r->up_status == 429 ? STR("rate limited by the provider") :
	    STR("refused by the provider"));
	state_queue(r->w->state, &f->a);
	if (log_allow(&key_lines))
		log_warn("provider %s: key %d refused with status %d, out of "
		    "rotation for %lld s", r->prov->conf->id, r->key,
		    r->up_status, (long long)(away / CLOCK_US_S));
}

/* An unknown model is our catalogue's fault, not the client's. */
static int
unknown_model(const struct req *r)
{
	struct str held = buf_str(flow_held(&r->flow));

	if (r->ep.kind == ENDPOINT_RAW)
		return 0;
	if (r->up_status == 404)
		return 1;
	return r->up_status == 400 &&
	    str_find(held, STR("\"model_not_found\"")) >= 0;
}

/* The beginning of an error body, for the log and the client. */
static const char *
error_text(struct req *r)
{
	struct str held = buf_str(flow_held(&r->flow));

	const char *words = hide_words(r, held.p, held.n);

	return req_printf(r, "HTTP %d%s%s", r->up_status,
	    words[0] == '\0' ? "" : ": ", words);
}

/* What the attempt says about its provider. */
static void
verdict(struct req *r, int ok)
{
	int trial = r->trial;

	r->trial = 0;
	provider_note(r->w, r->prov, r->attempt[r->n_attempts - 1].start_us,
	    ok, trial);
}

static enum step
try_other(struct req *r, int other_target)
{
	const struct attempt *a = &r->attempt[r->n_attempts - 1];

	board_add(CTR_attempts_failed, 1);
	if (log_allow(&attempt_lines))
		log_warn("%s: attempt %u at provider %s failed: %s%s%.500s",
		    r->id, r->n_attempts, a->provider->id,
		    a->outcome == OUTCOME_OK ? "" : outcome_text(a->outcome),
		    a->outcome == OUTCOME_OK || a->why == NULL ? "" : ": ",
		    a->why == NULL ? "" : a->why);
	if (other_target)
		r->key = -2;
	return STEP_TRY;
}

static enum step
on_status(struct req *r)
{
	enum outcome_next next;

	/* The body of an error is short and says why: wait for it. */
	if (!r->up_ended && !r->commit_now)
		return STEP_WAIT;
	next = outcome_status_next(r->prov->conf, r->up_status);
	if (r->ep.kind == ENDPOINT_RAW && next == NEXT_TARGET)
		next = r->up_status == 429 ? NEXT_KEY : NEXT_RELAY;
	if (next == NEXT_RELAY && unknown_model(r))
		next = NEXT_TARGET;
	if (next == NEXT_RELAY && !r->early) {
		hide_answer(r);
		return STEP_RELAY;
	}
	r->attempt[r->n_attempts - 1].why = error_text(r);
	r->attempt[r->n_attempts - 1].status = r->up_status;
	if (next == NEXT_RELAY)		/* too late for its status */
		return req_fail(r, FAULT_UPSTREAM,
		    r->attempt[r->n_attempts - 1].why, NULL);
	r->up_retry_us = retry_after_us(r);
	if (next == NEXT_KEY || r->up_status == 429) {
		key_fault(r);
		return try_other(r, 0);
	}
	verdict(r, r->up_status >= 400 && r->up_status < 500);
	return try_other(r, 1);
}

static int
has_keyword(const struct req *r)
{
	const struct conf_strs *l = &r->w->conf->failure_keywords;
	struct str held = buf_str(flow_held(&r->flow));
	unsigned i;
	size_t k;

	if (r->route.group == NULL || !r->route.group->failure_keywords)
		return 0;
	for (i = 0; i < l->n; i++) {
		size_t n = strlen(l->v[i]);

		for (k = 0; n > 0 && k + n <= held.n; k++)
			if (strncasecmp(held.p + k, l->v[i], n) == 0)
				return 1;
	}
	return 0;
}

static enum step
bad_answer(struct req *r, const char *why)
{
	r->attempt[r->n_attempts - 1].why = why;
	r->attempt[r->n_attempts - 1].status = r->up_status;
	verdict(r, 0);
	return try_other(r, 1);
}

static int
says_json(const struct req *r)
{
	const struct hdr *t = hdr_find(r->up_h, r->up_n, HDR_CONTENT_TYPE);

	return t != NULL && str_find(t->value, STR("json")) >= 0;
}

/* A whole answer that must be JSON, and is not. */
static int
malformed(struct req *r)
{
	struct str held = buf_str(flow_held(&r->flow));

	if (r->ep.kind != ENDPOINT_ROUTED || r->commit_now)
		return 0;
	if (held.n > 0)
		r->dialect->body(&r->tap, held);
	else
		r->tap.malformed = 1;
	return r->tap.malformed &&
	    (says_json(r) || (r->ep.ep->flags & ENDPOINT_CHAT));
}

/* A 2xx answer: is it decided that this is the one? */
static enum step
on_success(struct req *r)
{
	/* What is no chat is not held: its content is not known here. */
	if (r->up_sse && (r->ep.ep == NULL ||
	    !(r->ep.ep->flags & ENDPOINT_CHAT)))
		return STEP_RELAY;
	if (r->early && !r->up_sse)
		return bad_answer(r, "the answer is no stream");
	if (r->up_sse) {
		if (r->tap.error && !r->tap.content)
			return bad_answer(r, req_printf(r, "error event: %s",
			    hide_words(r, r->tap.error_text,
			    strlen(r->tap.error_text))));
		if (!r->tap.content && !r->tap.finished && !r->commit_now &&
		    !r->up_ended)
			return STEP_WAIT;
		if (r->up_ended && r->up_outcome == OUTCOME_OK &&
		    !r->tap.content && !r->tap.finished)
			return bad_answer(r, "the stream ended before its "
			    "first content");
	} else if (!r->up_ended && !r->commit_now)
		return STEP_WAIT;
	else if (malformed(r))
		return bad_answer(r, "the answer is not valid JSON");
	if (has_keyword(r))
		return bad_answer(r, "failure keyword in the answer");
	verdict(r, 1);
	return STEP_RELAY;
}

static enum step
transport_failed(struct req *r)
{
	verdict(r, 0);
	/* What the provider may have begun to work on is not repeated on the
	 * raw proxy unless the method allows it (RFC 9110, 9.2.2). */
	if (r->ep.kind == ENDPOINT_RAW && !outcome_unprocessed(r->up_outcome) &&
	    r->head->method != HTTP1_GET && r->head->method != HTTP1_HEAD)
		r->next_target = r->route.n;
	return try_other(r, 1);
}

enum step
req_head(struct req *r)
{
	if (r->gone && !req_drains(r)) {
		/* What was sent is billed, whoever waits for the answer. */
		if (fetch_stats(r->fetch)->sent_us != 0)
			req_cost(r);
		req_upstream_note(r, r->up_outcome, "client went away");
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	}
	req_commit(r);
	if (r->up_ended && r->up_outcome != OUTCOME_OK)
		return transport_failed(r);
	if (r->lost)
		return bad_answer(r, "no memory to hold the answer");
	if (!r->up_head)
		return STEP_WAIT;
	if (r->up_status >= 300)
		return on_status(r);
	return on_success(r);
}
