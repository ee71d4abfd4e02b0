/*
 * req_body.c - BODY: the bounded body, within the memory budget.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "worker/req.h"

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
	r->retry_after_us = CLOCK_US_S;
	return req_fail(r, FAULT_OVERLOAD, "client.buffer_budget is used up, "
	    "try again", NULL);
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

	r->body_ready = 1;
	r->cl->progress_us = ev_now_us(r->w->loop);
	if (h->body == HTTP1_LENGTH && h->length > r->body.max)
		return too_large(r);
	if (h->body == HTTP1_LENGTH &&
	    r->w->buffered + h->length > r->w->buffer_max)
		return no_room(r);
	/* Room for the whole body at once, when that is modest. */
	if (h->body == HTTP1_LENGTH && h->length > 0 &&
	    h->length <= 1 << 20 &&
	    buf_reserve(&r->body, (size_t)h->length) != 0)
		return no_room(r);
	if (r->expect && h->body != HTTP1_NO_BODY && !r->cl->body.done &&
	    buf_len(&r->cl->in) == 0)
		client_continue(r->cl);
	return STEP_WAIT;
}

enum step
req_body(struct req *r)
{
	size_t cap = r->body.cap;
	enum step s;
	int rc;

	if (r->gone)
		return body_fault(r, ERR_CLOSED);
	if (r->fault != FAULT_NONE)	/* too slow: req_client_late */
		return STEP_FAIL;
	if (!r->body_ready && (s = begin(r)) != STEP_WAIT)
		return s;
	rc = client_read_body(r->cl, &r->body);
	r->w->buffered += r->body.cap - cap;
	if (rc == ERR_AGAIN) {
		if (r->w->buffered > r->w->buffer_max)
			return no_room(r);
		if (!ev_timer_active(&r->cl->timer))
			client_watch(r->cl, r->w->conf->client.body_timeout);
		return STEP_WAIT;
	}
	if (rc != 0)
		return body_fault(r, rc);
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
