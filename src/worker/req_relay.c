/*
 * req_relay.c - RELAY: the answer goes to the client as it comes.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "worker/hide.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/translate.h"

/* Some formats repeat the request where they tell of a failure. */
#define FAULT_MAX (16u << 20)

#define KEEPALIVE_US (15 * CLOCK_US_S)

static void
on_keepalive(void *arg)
{
	struct req *r = arg;
	int64_t left;

	if (r->cl == NULL || r->gone)
		return;
	left = conn_progress_us(r->cl->conn) + KEEPALIVE_US -
	    ev_now_us(r->w->loop);
	if (left <= 0 && conn_queued(r->cl->conn) == 0 &&
	    !flow_inside_event(&r->flow) && !translate_busy(r))
		req_keepalive(r);
	ev_timer_set(r->w->loop, &r->timer, left > 0 ? left : KEEPALIVE_US,
	    on_keepalive, r);
}

static struct str
content_type(const struct req *r)
{
	const struct hdr *h = hdr_find(r->up_h, r->up_n, HDR_CONTENT_TYPE);

	if (r->translated)
		return r->stream && r->up_status < 400 &&
		    !translate_array(r) ?
		    frame_type(speak_client(r->ep.ep, r->prov->conf)->frame) :
		    STR("application/json");
	if (r->retold)
		return frame_type(r->up_frame);
	return h == NULL ? STR_NULL : h->value;
}

/* Of an answer that was held whole, unless HEAD has looked: 0, ERR_AGAIN. */
static int
take_usage(struct req *r)
{
	if (r->up_sse || !r->up_ended || r->up_status >= 400 ||
	    r->tap.finished || flow_held(&r->flow)->data == NULL)
		return 0;
	return r->dialect->body(&r->tap, buf_str(flow_held(&r->flow)),
	    &r->tap_scan);
}

static void
begin(struct req *r)
{
	int64_t length = r->up_length;

	ev_timer_cancel(&r->timer);
	r->first_us = ev_now_us(r->w->loop);
	if (r->taken)
		overload_answer(&r->w->overload, r->first_us - r->start_us,
		    req_lag(r->w));
	req_cost(r);
	if (r->translated && (r->up_sse || r->up_status >= 400))
		length = -1;
	else if (r->up_ended && r->up_outcome == OUTCOME_OK && !r->up_sse &&
	    !r->up_no_body && !r->commit_now)
		length = (int64_t)buf_len(flow_held(&r->flow));
	else if ((r->hide_usage || r->up_sse) && !r->up_no_body)
		length = -1;
	r->status = r->up_status;
	r->relaying = 1;
	if (!r->early) {
		req_answer_head(r, r->up_status, content_type(r), length);
		client_watch(r->cl, r->w->conf->client.write_timeout);
	}
	if (r->up_sse)
		board_add(CTR_streams_active, 1);
}

/* Begin the answer with what is held of it: 0, or ERR_AGAIN. Nothing more is
 * read meanwhile (req_relay goes on with that). */
static int
open_answer(struct req *r)
{
	int rc;

	if (!r->relaying) {
		if ((rc = take_usage(r)) != 0)
			return rc;
		begin(r);
	}
	if ((rc = flow_open(&r->flow)) != 0) {
		if (!r->paused && !r->up_ended) {
			r->paused = 1;
			fetch_pause(r->fetch);
		}
		return rc;
	}
	flow_count(r);
	if (r->up_sse)
		ev_timer_set(r->w->loop, &r->timer, KEEPALIVE_US,
		    on_keepalive, r);
	r->opened = 1;
	return 0;
}

/* Can an event follow what the client has got? What must stand between is
 * appended. */
static int
mend(const struct req *r, struct buf *b)
{
	if (r->translated)
		return 1;
	if (r->up_frame == FRAME_ARRAY && !r->tap.array)
		return 0;
	return frame_mend(b, r->up_frame, flow_inside_event(&r->flow),
	    flow_rest(&r->flow)) == 0;
}

/* Did a stream that ended well end before its end? Of a translated one the codec
 * knows. */
static int
ends_early(const struct req *r)
{
	if (!r->up_sse || r->ep.ep == NULL ||
	    !(r->ep.ep->flags & ENDPOINT_CHAT) || r->tap.error)
		return 0;
	return (r->dialect->has_end_mark && !r->tap.finished &&
	    !r->translated && (!r->unseen || flow_inside_event(&r->flow))) ||
	    (r->up_frame == FRAME_ARRAY && r->tap.array && !r->tap.closed);
}

/* Not the end of the answer, and whoever reads it is told. */
static void
cut_short(struct req *r, enum fault f, const char *message)
{
	struct buf b;

	r->usage_flags |= USAGE_TRUNCATED;
	r->fault = f;
	r->message = message;
	if (!r->up_sse || r->gone || r->cl == NULL) {
		r->abort = 1;
		return;
	}
	/* The client's own protocol says that this is not the end. What is
	 * translated goes out in whole events. */
	buf_init(&b, FAULT_MAX);
	if (mend(r, &b) && translate_fault(r, &b, f, str_of(r->message)) == 0) {
		req_answer_body(r, buf_ptr(&b), buf_len(&b));
		req_answer_end(r);
	} else
		r->abort = 1;
	buf_free(&b);
	/* A client that saw the end sends its next request: no close then. */
	if (r->abort || !r->chunked)
		r->keep = 0;
}

/* The provider's bytes ended: was that not the end of the answer? */
static int
is_cut(const struct req *r)
{
	int failed;

	if (translate_over(r, &failed) || r->tap.closed)
		return 0;	/* the client knows all */
	return r->up_outcome != OUTCOME_OK || ends_early(r);
}

static void
finish(struct req *r)
{
	int ok = r->up_outcome == OUTCOME_OK;
	int cut = is_cut(r), over, failed;
	const char *why;
	enum fault f;

	over = translate_over(r, &failed);
	flow_end(&r->flow, !cut);
	if ((why = translate_broken(r, &f)) != NULL) {
		cut_short(r, f, why);
		return;
	}
	if (!over)
		over = translate_over(r, &failed);
	if (!cut && r->up_sse && (r->tap.error || failed)) {	/* in its own words */
		r->fault = FAULT_UPSTREAM;
		r->message = req_printf(r, "provider %s reported an error "
		    "inside the stream", r->prov->conf->id);
		log_debug("%s: provider %s says: %s", r->id,
		    r->prov->conf->id, hide_words(r, r->tap.error_text,
		    strlen(r->tap.error_text)));
	}
	if (cut)
		cut_short(r, FAULT_TRUNCATED, ok ? "the provider ended the "
		    "stream without its end mark" :
		    outcome_text(r->up_outcome));
}

/* What the provider says makes no sense in the middle of its stream. */
static int
is_broken(struct req *r)
{
	const char *why;
	enum fault f;

	if ((why = translate_broken(r, &f)) == NULL)
		return 0;
	req_upstream_note(r, r->up_outcome, why);
	cut_short(r, f, why);
	req_upstream_stop(r);
	return 1;
}

/* The key's limits allow no more of this stream. */
static void
stop_here(struct req *r)
{
	req_upstream_note(r, r->up_outcome, "no more tokens for this key");
	cut_short(r, r->reserve->refused == WINDOW_TPM ? FAULT_RATE :
	    FAULT_TOKENS, req_printf(r, "%s of this key allows no more of "
	    "this answer", window_name(r->reserve->refused)));
	req_upstream_stop(r);
}

static enum step
over(struct req *r)
{
	if (r->up_sse)
		board_sub(CTR_streams_active, 1);
	ev_timer_cancel(&r->timer);
	req_key_blamed(r);
	return STEP_ACCOUNT;
}

int
req_drains(const struct req *r)
{
	return r->prov->conf->drain_on_disconnect && !r->w->cut;
}

/* What is held goes to the client, or long work on it goes on: 1 when the step
 * waits for that (*next). */
static int
is_at_work(struct req *r, enum step *next)
{
	if (translate_go_on(r) == ERR_AGAIN) {
		*next = req_go_on(r);
		return 1;
	}
	if (!r->opened && open_answer(r) == ERR_AGAIN) {
		/* What it has written is to be sent first. */
		*next = r->relaying ? req_later(r) : req_go_on(r);
		return 1;
	}
	if (!translate_busy(r))
		return 0;
	*next = req_go_on(r);
	return 1;
}

enum step
req_relay(struct req *r)
{
	enum step next;

	if (is_at_work(r, &next))
		return next;
	/* Paused while it was held, or for a client that is gone now. */
	if (r->paused && (r->gone || !conn_above(r->cl->conn)))
		req_client_drained(r);
	if (r->body.data != NULL && fetch_body_done(r->fetch)) {
		if (r->translated || r->renamed)
			translate_sent(r);
		else
			req_free_body(r);
	}
	if (r->gone && !req_drains(r) && !r->up_ended) {
		r->usage_flags |= USAGE_ABORTED;
		r->fault = FAULT_CLIENT_GONE;
		r->abort = 1;
		req_upstream_note(r, r->up_outcome, "client went away");
		return over(r);
	}
	if (!r->up_ended && !r->gone && is_broken(r))
		return over(r);
	req_reserve_more(r);
	if (r->spent) {
		stop_here(r);
		return over(r);
	}
	if (!r->up_ended)
		return STEP_WAIT;
	if (r->gone) {
		r->usage_flags |= USAGE_ABORTED;
		r->abort = 1;
	}
	if (!is_cut(r) && translate_finish(r) == ERR_AGAIN)
		return req_go_on(r);
	finish(r);
	return over(r);
}
