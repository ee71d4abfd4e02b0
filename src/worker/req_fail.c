/*
 * req_fail.c - FAIL: the error in the shape of the path's format.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "worker/apilog.h"
#include "worker/req.h"
#include "worker/translate.h"

/* Some formats repeat the request where they tell of a failure. */
#define FAULT_MAX (16u << 20)

static int
status_of(const struct req *r)
{
	return fault_status(r->fault);
}

/* The client has its 200 already (req_commit.c): the stream says it. */
static enum step
in_band(struct req *r)
{
	struct buf b;

	r->status = 200;
	r->usage_flags |= USAGE_TRUNCATED | USAGE_FAILED;
	buf_init(&b, FAULT_MAX);
	if (translate_fault(r, &b, r->fault, str_of(r->message)) == 0) {
		req_answer_body(r, buf_ptr(&b), buf_len(&b));
		req_answer_end(r);
	} else
		r->abort = 1;
	buf_free(&b);
	if (r->abort || !r->chunked)
		r->keep = 0;
	apilog_write(r);
	return STEP_ACCOUNT;
}

enum step
req_fail_step(struct req *r)
{
	struct buf b;
	struct str param = r->param == NULL ? STR_NULL : str_of(r->param);

	req_upstream_stop(r);
	ev_timer_cancel(&r->timer);
	r->status = status_of(r);
	r->up_head = r->up_sse = 0;
	if (r->fault == FAULT_CLIENT_GONE || r->gone) {
		r->abort = 1;
		r->keep = 0;
		r->usage_flags |= USAGE_ABORTED;
		return STEP_ACCOUNT;
	}
	if (r->early)
		return in_band(r);
	buf_init(&b, 16384);
	if (fault_write(&b, r->ep.shape, r->fault, r->status,
	    str_of(r->message), param, str_of(r->id)) != 0)
		buf_reset(&b);
	else
		(void)fault_write_wait(&b, r->ep.shape, r->retry_after_us);
	req_answer_json(r, &b);
	if ((r->status >= 500 || r->n_attempts > 0) && !r->too_late)
		apilog_write(r);
	return STEP_ACCOUNT;
}
