/*
 * req_local.c - LOCAL: answers that need no provider.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "worker/req.h"

enum step
req_local(struct req *r)
{
	const struct hdr *up;
	struct buf b;

	/* Upgrade: h2c comes from clients that can do without; ignored. */
	up = hdr_find(r->head->h, r->head->n, HDR_UPGRADE);
	if (r->head->upgrade && hdr_has_token(up->value, STR("websocket")))
		return req_fail(r, FAULT_UPGRADE, "this path has no "
		    "WebSocket: use plain HTTP", NULL);
	buf_init(&b, 16 << 20);
	r->status = r->ep.ep->answer(r, &b);
	if (r->status == 404) {
		buf_free(&b);
		if (!(r->ep.ep->flags & ENDPOINT_PREFIX))
			return req_fail(r, FAULT_NO_PATH, "this page is "
			    "switched off (routes.info)", NULL);
		return req_fail(r, FAULT_NO_MODEL, req_printf(r, "the model "
		    "\"%.*s\" does not exist",
		    (int)(r->ep.rest.n > 200 ? 200 : r->ep.rest.n),
		    r->ep.rest.p), "model");
	}
	req_answer_json(r, &b);
	return STEP_ACCOUNT;
}
