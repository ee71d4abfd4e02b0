/*
 * flow_hide.c - no secret leaves in an error's body that is too long to be held.
 *
 * Runs in: worker.
 * Owns: the last bytes that came, which may be the beginning of one.
 *
 * Stars take its place, so the length stays what it was.
 */
#include "worker/hide.h"
#include "worker/req.h"

/* Give all but what may be the beginning of one. */
static void
pass(struct filter *f, size_t keep)
{
	size_t n = buf_len(&f->buf);

	if (n <= keep)
		return;
	f->next->ops->push(f->next, buf_ptr(&f->buf), n - keep);
	buf_consume(&f->buf, n - keep);
}

static void
take(struct filter *f, const char *p, size_t n, int clean)
{
	if (f->r->lost)
		return;
	if (buf_add(&f->buf, p, n) != 0) {
		f->r->lost = 1;		/* the answer is cut, visibly */
		return;
	}
	if (!clean)
		hide_secrets(f->r, buf_ptr(&f->buf), buf_len(&f->buf));
	pass(f, hide_span(f->r) - 1);
}

/* What was held is clean (hide_answer) and comes first. */
static void
hide_push(struct filter *f, const char *p, size_t n)
{
	size_t clean = n < f->given ? n : f->given;

	f->given -= clean;
	if (clean > 0)
		take(f, p, clean, 1);
	if (n > clean)
		take(f, p + clean, n - clean, 0);
}

static void
hide_end(struct filter *f, int ok)
{
	pass(f, 0);
	f->next->ops->end(f->next, ok);
}

static void
hide_fini(struct filter *f)
{
	buf_free(&f->buf);
}

const struct filter_ops flow_hide_ops = {
	"hide", hide_push, hide_end, hide_fini
};
