/*
 * req_local.c - LOCAL: answers that need no provider.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "worker/local.h"
#include "worker/req.h"

static void
forget(void *arg)
{
	buf_free(arg);
}

/* A long answer is made in turns: what there is of it stays with r. */
static struct buf *
answer_buf(struct req *r)
{
	if (r->local == NULL) {
		r->local = arena_zalloc(r->arena, sizeof(*r->local));
		buf_init(r->local, 16 << 20);
		arena_cleanup(r->arena, forget, r->local);
	}
	return r->local;
}

enum step
req_local(struct req *r)
{
	const struct hdr *up;
	struct buf *b;

	if (r->gone && r->local != NULL && !local_able_runs(r))
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	/* Upgrade: h2c comes from clients that can do without; ignored. */
	up = hdr_find(r->head->h, r->head->n, HDR_UPGRADE);
	if (r->head->upgrade && hdr_has_token(up->value, STR("websocket")))
		return req_fail(r, FAULT_UPGRADE, "this path has no "
		    "WebSocket: use plain HTTP", NULL);
	b = answer_buf(r);
	if ((r->status = r->ep.ep->answer(r, b)) == 0) {
		req_later(r);
		return STEP_WAIT;
	}
	if (r->gone && r->able != NULL)
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	if (r->status == 404) {
		if (!(r->ep.ep->flags & ENDPOINT_PREFIX))
			return req_fail(r, FAULT_NO_PATH, "this page is "
			    "switched off (routes.info)", NULL);
		return req_fail(r, FAULT_NO_MODEL, req_printf(r, "the model "
		    "\"%.*s\" does not exist",
		    (int)(r->ep.rest.n > 200 ? 200 : r->ep.rest.n),
		    r->ep.rest.p), "model");
	}
	req_answer_json(r, b);
	return STEP_ACCOUNT;
}
