/*
 * flow_tap.c - watches the answer's bytes: usage, end mark, errors.
 *
 * Runs in: worker.
 * Owns: the beginning of an event that has not come whole.
 *
 * Events that lie whole in what was read are looked at where they are; only a
 * remainder is copied. An answer that is no stream is looked at as a whole
 * when it ended (hold has it), or by its last bytes when it was too long.
 */
#include "base/jscan.h"
#include "worker/req.h"

#define TAIL 4096

enum { TAP_CLEAN, TAP_INSIDE, TAP_BLIND };

static void
each_event(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct sse_event ev;
	size_t seen = 0;
	long used;

	while (n > 0 && (used = sse_next(str_make(p, n), &seen, &ev)) > 0) {
		r->dialect->event(&r->tap, &ev);
		p += used;
		n -= (size_t)used;
		f->state = TAP_CLEAN;
	}
	f->seen = seen;
	if (n > 0) {
		f->state = TAP_INSIDE;
		if (buf_add(&f->buf, p, n) != 0)
			f->state = TAP_BLIND;
	}
}

/* The remainder and new bytes together. */
static void
continue_event(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct sse_event ev;
	long used;

	if (f->state == TAP_BLIND || buf_add(&f->buf, p, n) != 0) {
		f->state = TAP_BLIND;
		buf_free(&f->buf);
		return;
	}
	while (buf_len(&f->buf) > 0 && (used = sse_next(buf_str(&f->buf),
	    &f->seen, &ev)) > 0) {
		r->dialect->event(&r->tap, &ev);
		buf_consume(&f->buf, (size_t)used);
	}
	f->state = buf_len(&f->buf) > 0 ? TAP_INSIDE : TAP_CLEAN;
	if (f->state == TAP_CLEAN) {
		buf_free(&f->buf);
		f->seen = 0;
	}
}

/* Keep the last bytes of a long answer: usage stands at the end. */
static void
keep_tail(struct filter *f, const char *p, size_t n)
{
	if (n > TAIL) {
		p += n - TAIL;
		n = TAIL;
	}
	if (buf_len(&f->buf) + n > 2 * TAIL)
		buf_consume(&f->buf, buf_len(&f->buf) - TAIL);
	buf_add(&f->buf, p, n);
}

static void
tap_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;

	if (r->up_sse) {
		if (f->state == TAP_CLEAN && buf_len(&f->buf) == 0)
			each_event(f, p, n);
		else
			continue_event(f, p, n);
	} else if (r->tail_usage)
		keep_tail(f, p, n);
	f->next->ops->push(f->next, p, n);
}

/* {"usage":{...}} made of the end of a long JSON answer. */
static void
tail_usage(struct filter *f)
{
	struct str t = buf_str(&f->buf), name = STR("\"usage\"");
	long at, last = -1;
	struct buf b;

	while ((at = str_find(str_skip(t, (size_t)(last + 1)), name)) >= 0)
		last += at + 1;
	if (last < 0)
		return;
	buf_init(&b, 2 * TAIL + 16);
	if (buf_addc(&b, '{') == 0 &&
	    buf_adds(&b, str_skip(t, (size_t)last)) == 0)
		f->r->dialect->body(&f->r->tap, buf_str(&b));
	buf_free(&b);
}

static void
tap_end(struct filter *f, int ok)
{
	struct req *r = f->r;

	if (!r->up_sse && r->tail_usage && !r->tap.has_usage)
		tail_usage(f);
	f->next->ops->end(f->next, ok);
}

static void
tap_fini(struct filter *f)
{
	buf_free(&f->buf);
}

const struct filter_ops flow_tap_ops = {
	"tap", tap_push, tap_end, tap_fini
};
