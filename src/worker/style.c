/*
 * style.c - bodies of other styles on the path of OpenAI's chat.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A body of Claude's style is a request of the Messages API from here on, and
 * so is its answer; one of Gemini's is made a chat of OpenAI's.
 */
#include "base/err.h"
#include "dialect/style.h"
#include "worker/style.h"

#define GROW	2u		/* times its length; and some more */
#define MORE	4096u

/* The body is b's now, with its memory. */
static void
replace(struct req *r, struct buf *b)
{
	lease_give(&r->w->mem, r->body.cap);
	buf_free(&r->body);
	r->body = *b;
	lease_force(&r->w->mem, r->body.cap);
	r->request_bytes = buf_len(b);
	r->decode = NULL;
	r->files_known = 0;
	memset(&r->files, 0, sizeof(r->files));
}

int
style_adapt(struct req *r, int claude)
{
	struct str body = buf_str(&r->body);
	struct buf b;
	int rc;

	if (!claude && !style_is_gemini(body, r->model))
		return 0;
	buf_init(&b, GROW * body.n + MORE);
	rc = claude ? style_claude(&b, body) :
	    style_gemini(&b, r->arena, body);
	if (rc != 0) {
		buf_free(&b);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	if (claude)
		r->ep.ep = endpoint_claude();
	r->ep.shape = r->ep.ep->shape;
	replace(r, &b);
	return 1;
}
