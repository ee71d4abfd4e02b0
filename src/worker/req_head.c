/*
 * req_head.c - HEAD: classify an answer before its first content.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Nothing has been sent to the client yet, so any failure can still go
 * elsewhere.
 */
#include <ctype.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "upstream/complaint.h"
#include "upstream/keyfault.h"
#include "upstream/outcome.h"
#include "upstream/retry_after.h"
#include "worker/hide.h"
#include "worker/req.h"
#include "worker/slowness.h"
#include "worker/translate.h"

#define WORDS_MAX	(256u << 10)	/* no error says it further behind */
#define SEARCH		(512u << 10)	/* for keywords: bytes of both, multiplied */
#define SEARCH_MIN	4096
#define COUNT_AGAIN_US	(300 * CLOCK_US_S)

static struct log_limit attempt_lines = { 50 };

/* An unknown model is our catalogue's fault, not the client's, unless it named
 * the provider itself. */
static int
unknown_model(const struct req *r)
{
	struct str held = buf_str(flow_held(&r->flow));

	if (r->ep.kind == ENDPOINT_RAW)
		return 0;
	if ((r->ep.ep->flags & ENDPOINT_UNIFIED) &&
	    r->next_target == r->route.n)
		return 0;
	if (r->up_status == 404)
		return 1;
	if (held.n > WORDS_MAX)
		held.n = WORDS_MAX;
	return r->up_status == 400 &&
	    str_find(held, STR("\"model_not_found\"")) >= 0;
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

/*
 * How an attempt ended. The client may read the provider's words; logs get the
 * type and code, since the words may quote a prompt in a form that hide_words
 * does not know.
 */
static void
note_error(struct req *r, const struct complaint *c)
{
	struct attempt *a = &r->attempt[r->n_attempts - 1];
	struct str held = buf_str(flow_held(&r->flow));
	const char *words = hide_words(r, held.p, held.n);
	char text[192];

	a->status = r->up_status;
	a->said = req_printf(r, "HTTP %d%s%s", r->up_status,
	    words[0] == '\0' ? "" : ": ", words);
	complaint_text(c, r->up_status, text, sizeof(text));
	a->why = req_printf(r, "%s", text);
	if (c->message[0] != '\0' && log_get_level() == LOG_LEVEL_DEBUG)
		log_debug("%s: provider %s says: %.200s", r->id,
		    a->provider->id, hide_words(r, c->message,
		    strlen(c->message)));
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

/* What a status of 300 and more asks for, with what the body says. */
static enum outcome_next
judge(const struct req *r, enum upkey_why why)
{
	enum outcome_next next = outcome_status_next(r->prov->conf,
	    r->up_status);

	if (r->ep.kind == ENDPOINT_RAW && next == NEXT_TARGET)
		next = r->up_status == 429 ? NEXT_KEY : NEXT_RELAY;
	/* A 429 that is not to be retried is passed on as it is. */
	if (why != UPKEY_FINE && !(why == UPKEY_RATE && next == NEXT_RELAY))
		return NEXT_KEY;
	if (next == NEXT_RELAY && unknown_model(r))
		next = NEXT_TARGET;
	return next;
}

/* The operation is not there; 404 may also be about the model. */
static int
lacks_count(const struct req *r)
{
	return req_counts(r) && (r->up_status == 404 || r->up_status == 405 ||
	    r->up_status == 501);
}

/* It may have been about something in the request that is not there, as a file:
 * one caller's counts for itself, two callers' for all, and none when it has
 * counted before. */
static void
note_uncounted(struct req *r)
{
	struct wprov *p = r->prov;
	int64_t now = ev_now_us(r->w->loop);

	if (p->has_counted)
		return;
	p->cannot_count_all = p->cannot_count_us > now &&
	    (p->cannot_count_all || p->cannot_count_for != r->caller.id);
	p->cannot_count_for = r->caller.id;
	p->cannot_count_us = now + COUNT_AGAIN_US;
	log_info("provider %s cannot count tokens (HTTP %d): it is not asked "
	    "again %sfor %d s", p->conf->id, r->up_status,
	    p->cannot_count_all ? "" : "by this client key ",
	    (int)(COUNT_AGAIN_US / CLOCK_US_S));
}

/* The next may be able to; when nobody is, it is estimated (req_try.c). */
static enum step
cannot_count(struct req *r, const struct complaint *c)
{
	struct str held = buf_str(flow_held(&r->flow));

	r->uncounted = 1;
	note_error(r, c);
	verdict(r, 1);
	if (held.n <= WORDS_MAX && str_find(held, STR("model")) < 0 &&
	    str_find(held, STR("eployment")) < 0)
		note_uncounted(r);
	r->key = -2;
	return STEP_TRY;
}

/*
 * What the error says about the key. A raw path is the client's choice, and may
 * be one that the key is not meant for: a 403 there without a word about the key
 * leaves it to the probes.
 */
static enum upkey_why
blame(const struct req *r, const struct complaint *c)
{
	enum upkey_why why = keyfault_find(r->prov->conf->dialect,
	    r->up_status, c);

	return why == UPKEY_DENIED && r->ep.kind == ENDPOINT_RAW ?
	    UPKEY_FINE : why;
}

static enum step
on_status(struct req *r)
{
	struct complaint said;
	enum upkey_why why;
	enum outcome_next next;

	/* The body of an error is short and says why: wait for it. */
	if (!r->up_ended && !r->commit_now)
		return STEP_WAIT;
	if (hide_answer(r) == ERR_AGAIN)
		return req_go_on(r);
	complaint_read(buf_str(flow_held(&r->flow)), &said);
	why = blame(r, &said);
	if (why == UPKEY_FINE && lacks_count(r))
		return cannot_count(r, &said);
	next = judge(r, why);
	r->up_retry_us = retry_after(r->up_h, r->up_n, clock_real_us());
	if (r->up_retry_us < 0)
		r->up_retry_us = said.retry_us;
	if (why != UPKEY_FINE)
		req_key_fault(r, why);
	if (next == NEXT_RELAY && !r->early)
		return STEP_RELAY;
	note_error(r, &said);
	if (next == NEXT_RELAY) {	/* too late for its status */
		r->logged = r->attempt[r->n_attempts - 1].why;
		return req_fail(r, FAULT_UPSTREAM,
		    r->attempt[r->n_attempts - 1].said, NULL);
	}
	if (next == NEXT_KEY) {
		/* Some call a wrong key or an empty purse a bad request. */
		if (r->up_status == 400)
			r->attempt[r->n_attempts - 1].fault =
			    FAULT_UPSTREAM_AUTH;
		return try_other(r, 0);
	}
	verdict(r, r->up_status >= 400 && r->up_status < 500);
	return try_other(r, 1);
}

/* The first bytes of all keywords, the length of the longest, and of all. */
static size_t
keyword_bytes(const struct conf_strs *l, unsigned char first[256],
    size_t *longest)
{
	size_t all = 0, n;
	unsigned i;

	memset(first, 0, 256);
	*longest = 0;
	for (i = 0; i < l->n; i++) {
		if ((n = strlen(l->v[i])) == 0)
			continue;
		first[tolower((unsigned char)l->v[i][0])] = 1;
		first[toupper((unsigned char)l->v[i][0])] = 1;
		if (n > *longest)
			*longest = n;
		all += n;
	}
	return all;
}

static int
keyword_at(const struct conf_strs *l, struct str s)
{
	unsigned i;
	size_t n;

	for (i = 0; i < l->n; i++)
		if ((n = strlen(l->v[i])) > 0 && n <= s.n &&
		    strncasecmp(s.p, l->v[i], n) == 0)
			return 1;
	return 0;
}

/* 1, 0, or ERR_AGAIN when this turn has had enough of it. */
static int
has_keyword(struct req *r)
{
	const struct conf_strs *l = &r->w->conf->failure_keywords;
	struct str held = buf_str(flow_held(&r->flow));
	unsigned char first[256];
	size_t all, longest, end, most;

	if (l->n == 0 || r->route.group == NULL ||
	    !r->route.group->failure_keywords)
		return 0;
	if ((all = keyword_bytes(l, first, &longest)) == 0)
		return 0;
	most = SEARCH / all < SEARCH_MIN ? SEARCH_MIN : SEARCH / all;
	/* More may come behind what is held: a word that begins in the slice
	 * has to be there whole. */
	end = held.n - r->searched > most + longest ? r->searched + most :
	    held.n;
	for (; r->searched < end; r->searched++)
		if (first[(unsigned char)held.p[r->searched]] &&
		    keyword_at(l, str_skip(held, r->searched)))
			return 1;
	return end == held.n ? 0 : ERR_AGAIN;
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

/* A whole answer that must be JSON, and is not: 1; 0, or ERR_AGAIN. */
static int
malformed(struct req *r)
{
	struct str held = buf_str(flow_held(&r->flow));

	if (r->ep.kind != ENDPOINT_ROUTED || r->commit_now)
		return 0;
	if (held.n == 0)
		r->tap.malformed = 1;
	else if (!r->tap.finished && r->dialect->body(&r->tap, held,
	    &r->tap_scan) == ERR_AGAIN)
		return ERR_AGAIN;
	return r->tap.malformed &&
	    (says_json(r) || (r->ep.ep->flags & ENDPOINT_CHAT));
}

/* An error inside a 2xx, before content: to the next key when this one is at
 * fault, as with a status. */
static enum step
error_inside(struct req *r)
{
	struct attempt *a = &r->attempt[r->n_attempts - 1];

	a->said = req_printf(r, "error event: %s", hide_words(r,
	    r->tap.error_text, strlen(r->tap.error_text)));
	if (!req_key_blamed(r))
		return bad_answer(r, "error event");
	a->why = "error event";
	a->status = r->key_status;
	return try_other(r, 0);
}

/* Is a whole answer an error that is the key's? Others are passed on. */
static int
key_error(struct req *r)
{
	if (r->tap.error)
		req_key_said(r, buf_str(flow_held(&r->flow)));
	return r->key_why != UPKEY_FINE;
}

/* An error in a 200: nothing was sent yet, so its status can be told. */
static enum step
says_error(struct req *r)
{
	struct attempt *a = &r->attempt[r->n_attempts - 1];
	struct str text;
	enum fault f = translate_said(r, &text);

	a->said = req_printf(r, "error in the answer: %s", hide_words(r,
	    text.p, text.n));
	if (f == FAULT_BAD_REQUEST || f == FAULT_BODY_TOO_LARGE) {
		verdict(r, 1);
		return req_fail(r, f, a->said, NULL);
	}
	a->fault = f;
	return bad_answer(r, "error in the answer");
}

/* More than may be held of what must be translated as a whole. That is our bound,
 * not the provider's fault; for want of memory nobody is asked (and paid) again,
 * since there is none for the next answer either. */
static enum step
cannot_hold(struct req *r)
{
	if (buf_len(flow_held(&r->flow)) <= translate_most(r)) {
		req_upstream_note(r, OUTCOME_NOMEM,
		    "client.buffer_budget is used up");
		return req_short(r, OUTCOME_NOMEM);
	}
	req_upstream_note(r, OUTCOME_OK, endpoint_embeds(r->ep.ep) ?
	    "the answer is larger than a quarter of client.buffer_budget and "
	    "cannot be translated" : "the answer is larger than "
	    "client.max_body and cannot be translated");
	return try_other(r, 1);
}

/* A whole answer becomes one of the client's format. */
static enum step
translated(struct req *r)
{
	int rc;

	if (r->commit_now)
		return cannot_hold(r);
	if ((rc = translate_answer(r)) == ERR_AGAIN)
		return req_go_on(r);
	if (rc == 1)
		return says_error(r);
	if (rc != 0)
		return bad_answer(r, rc == ERR_TOOBIG ? "the answer is too "
		    "long to be translated" : "the answer is not what the "
		    "provider's format says");
	r->up_sse = 0;		/* it is whole now */
	r->tap.finished = 1;
	return STEP_RELAY;
}

/* A 2xx answer: is it decided that this is the one? */
static enum step
on_success(struct req *r)
{
	int rc = 0, whole = !r->up_sse || (r->translated && !r->stream);
	enum step next;

	/* What is no chat is not held: its content is not known here. */
	if (r->up_sse && (r->ep.ep == NULL ||
	    !(r->ep.ep->flags & ENDPOINT_CHAT)))
		return STEP_RELAY;
	if (r->early && !r->up_sse && (!r->untold || r->up_ended ||
	    r->commit_now))
		return bad_answer(r, "the answer is no stream");
	if (r->up_sse && !whole) {
		if (r->tap.error && !r->tap.content)
			return error_inside(r);
		if (!r->tap.content && !r->tap.finished && !r->commit_now &&
		    !r->up_ended)
			return STEP_WAIT;
		if (r->up_ended && r->up_outcome == OUTCOME_OK &&
		    !r->tap.content && !r->tap.finished)
			return bad_answer(r, "the stream ended before its "
			    "first content");
	} else if (!r->up_ended && !r->commit_now)
		return STEP_WAIT;
	else if (!r->up_sse && (rc = malformed(r)) == ERR_AGAIN)
		return req_go_on(r);
	else if (!r->up_sse && rc != 0)
		return bad_answer(r, "the answer is not valid JSON");
	else if (key_error(r))
		return error_inside(r);
	if ((rc = has_keyword(r)) == ERR_AGAIN)
		return req_go_on(r);
	if (rc != 0)
		return bad_answer(r, "failure keyword in the answer");
	if (whole && r->translated && (next = translated(r)) != STEP_RELAY)
		return next;
	verdict(r, 1);
	req_key_good(r);
	return STEP_RELAY;
}

/* Memory is ours: a provider is not blamed for it. */
static enum step
no_memory(struct req *r)
{
	req_upstream_note(r, OUTCOME_NOMEM, "no memory to hold the answer");
	return try_other(r, 1);
}

/* Every provider would be sent as much: none is blamed, nor asked. */
static enum step
too_large(struct req *r)
{
	return req_fail(r, FAULT_HEAD_TOO_LARGE, req_printf(r, "the request's "
	    "header fields, with those that provider %s is sent besides, are "
	    "too large to be passed on: send fewer or shorter ones",
	    r->prov->conf->id), NULL);
}

static enum step
transport_failed(struct req *r)
{
	if (r->up_outcome == OUTCOME_HEAD_TOO_LARGE)
		return too_large(r);
	if (!outcome_not_theirs(r->up_outcome))
		verdict(r, 0);
	/* What the provider may have begun to work on is not repeated on the
	 * raw proxy unless the method allows it (RFC 9110, 9.2.2). */
	if (r->ep.kind == ENDPOINT_RAW && !outcome_unprocessed(r->up_outcome) &&
	    r->head->method != HTTP1_GET && r->head->method != HTTP1_HEAD)
		r->next_target = r->route.n;
	return try_other(r, 1);
}

static enum step
head(struct req *r)
{
	if (r->gone && !req_drains(r)) {
		/* What was begun is done to its end. */
		if (translate_begun(r) && translate_answer(r) == ERR_AGAIN)
			return req_go_on(r);
		/* What was sent is billed, whoever waits for the answer. */
		if (fetch_stats(r->fetch)->sent_us != 0)
			req_cost(r);
		req_upstream_note(r, r->up_outcome, "client went away");
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	}
	req_commit(r);
	if (r->lost || (r->up_ended && r->up_outcome == OUTCOME_NOMEM))
		return no_memory(r);
	if (r->up_ended && r->up_outcome != OUTCOME_OK)
		return transport_failed(r);
	if (!r->up_head)
		return STEP_WAIT;
	if (r->up_status >= 300)
		return on_status(r);
	return on_success(r);
}

/* What the attempt says about its target's speed. */
static enum slow_end
told(const struct req *r, enum step next)
{
	if (next == STEP_RELAY && r->up_status < 300)
		return SLOW_ANSWERED;
	return r->gone || (r->up_ended &&
	    outcome_status(r->up_outcome) == 504) ? SLOW_SILENT :
	    SLOW_UNTOLD;
}

enum step
req_head(struct req *r)
{
	enum step next = head(r);

	if (next != STEP_WAIT)
		slowness_end(r, told(r, next));
	return next;
}
