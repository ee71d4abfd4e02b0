/*
 * req_body.c - BODY: the bounded body, within the memory budget.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "worker/req.h"

#define ROOM_WAIT_US	CLOCK_US_S	/* for room in the budget */
#define ROOM_LOOK_US	50000

static enum step
too_large(struct req *r)
{
	return req_fail(r, FAULT_BODY_TOO_LARGE, req_printf(r, "the body is "
	    "larger than client.max_body (%llu bytes)",
	    (unsigned long long)r->w->conf->client.max_body), NULL);
}

static enum step
no_room(struct req *r)
{
	board_add(CTR_buffer_refused, 1);
	r->retry_after_us = CLOCK_US_S;
	return req_fail(r, FAULT_OVERLOAD, "client.buffer_budget is used up, "
	    "try again", NULL);
}

static void
on_room(void *arg)
{
	req_wake(arg);
}

/* The client is not read meanwhile: it waits too. */
static enum step
wait_room(struct req *r)
{
	int64_t now = ev_now_us(r->w->loop);

	if (r->room_until_us == 0)
		r->room_until_us = now + ROOM_WAIT_US;
	if (now >= r->room_until_us) {
		r->keep = 0;
		return no_room(r);
	}
	r->cl->progress_us = now;	/* it is not its fault */
	ev_timer_set(r->w->loop, &r->timer, ROOM_LOOK_US, on_room, r);
	return STEP_WAIT;
}

static enum step
body_fault(struct req *r, int rc)
{
	r->keep = 0;
	switch (rc) {
	case ERR_FORMAT:
		board_add(CTR_bad_requests, 1);
		return req_fail(r, FAULT_BAD_REQUEST, "the chunked body is "
		    "malformed", NULL);
	case ERR_TOOBIG:
		return too_large(r);
	case ERR_NOMEM:
		return no_room(r);
	default:
		r->gone = 1;
		return req_fail(r, FAULT_CLIENT_GONE, "client went away while "
		    "sending the body", NULL);
	}
}

/* Before the first byte is read. */
static enum step
begin(struct req *r)
{
	const struct http1_head *h = r->head;

	if (h->body == HTTP1_LENGTH && h->length > r->body.max)
		return too_large(r);
	/* What cannot be held is not asked for. What came with the head is
	 * counted already. */
	if (h->body == HTTP1_LENGTH && h->length > r->cl->counted &&
	    !lease_fits(&r->w->mem, h->length - r->cl->counted))
		return wait_room(r);
	if (h->body == HTTP1_LENGTH && h->length > 0)
		r->body.max = (size_t)h->length;	/* and no more */
	r->body_ready = 1;
	r->cl->progress_us = ev_now_us(r->w->loop);
	r->cl->body_mark = 0;
	if (r->expect && h->body != HTTP1_NO_BODY && !r->cl->body.done &&
	    buf_len(&r->cl->in) == 0)
		client_continue(r->cl);
	return STEP_BODY;
}

enum step
req_body(struct req *r)
{
	enum step s;
	int rc, more;

	if (r->gone)
		return body_fault(r, ERR_CLOSED);
	if (r->fault != FAULT_NONE)	/* too slow: req_client_late */
		return STEP_FAIL;
	if (!r->body_ready && (s = begin(r)) != STEP_BODY)
		return s;
	if (r->cl->body.left > CLIENT_BODY_SLICE &&
	    !ev_may_go_on(r->w->loop))
		return req_later(r);
	rc = client_read_body(r->cl, &r->body, &more);
	if (rc == ERR_LIMIT)
		return wait_room(r);
	r->room_until_us = 0;
	if (rc == ERR_AGAIN) {
		if (!ev_timer_active(&r->cl->timer))
			client_watch(r->cl, r->w->conf->client.body_timeout);
		return more ? req_go_on(r) : STEP_WAIT;
	}
	if (rc != 0)
		return body_fault(r, rc);
	ev_timer_cancel(&r->timer);
	r->request_bytes = buf_len(&r->body);
	board_add(CTR_bytes_in, r->request_bytes);
	return STEP_DECODE;
}

void
req_client_late(struct req *r)
{
	r->keep = 0;
	if (r->step == STEP_BODY) {
		r->fault = FAULT_BODY_TIMEOUT;
		r->message = "the body did not arrive within "
		    "client.body_timeout";
	} else {
		r->gone = r->abort = 1;
		r->message = "the client did not read within "
		    "client.write_timeout";
	}
	req_wake(r);
}
