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
#include "worker/look.h"
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

struct adapt {
	struct req	*r;
	int		 claude;
	struct buf	 b;		/* the new body */
};

static int
adapt(void *arg)
{
	struct adapt *a = arg;
	struct str body = buf_str(&a->r->body);

	if (a->claude)
		return style_claude(&a->b, body);
	if (!style_is_gemini(body, a->r->model))
		return ERR_NOTFOUND;
	return style_gemini(&a->b, a->r->arena, body);
}

static struct adapt *
begin(struct req *r, int claude)
{
	struct adapt *a = arena_zalloc(r->arena, sizeof(*a));

	a->r = r;
	a->claude = claude;
	buf_init(&a->b, GROW * buf_len(&r->body) + MORE);
	return a;
}

int
style_adapt(struct req *r, int claude)
{
	struct adapt *a = r->looking != NULL ? r->look : begin(r, claude);
	int rc;

	r->look = a;
	if ((rc = look(r, adapt, a)) == ERR_AGAIN)
		return rc;
	if (rc != 0) {
		buf_free(&a->b);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	if (claude)
		r->ep.ep = endpoint_claude();
	r->ep.shape = r->ep.ep->shape;
	replace(r, &a->b);
	return 1;
}
