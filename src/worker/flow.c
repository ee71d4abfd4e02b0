/*
 * flow.c - building and feeding the chain of filters; the hold filter.
 *
 * Runs in: worker.
 * Owns: the filters of a request.
 */
#include "base/err.h"
#include "upstream/fetch.h"
#include "worker/hide.h"
#include "worker/req.h"
#include "worker/translate.h"

/* What may come beyond hold_max until the pause works: one read, which may
 * have to be inflated. */
#define HOLD_MORE	(16u << 20)

static void
add(struct req *r, const struct filter_ops *ops, size_t max)
{
	struct flow *fl = &r->flow;
	struct filter *f = &fl->f[fl->n];

	ASSERT(fl->n < FLOW_MAX);
	memset(f, 0, sizeof(*f));
	f->ops = ops;
	f->r = r;
	buf_init(&f->buf, max);
	if (fl->n > 0)
		fl->f[fl->n - 1].next = f;
	fl->n++;
}

/* What may be held. */
static size_t
hold_most(const struct req *r)
{
	return r->translated ? translate_most(r) : r->w->conf->client.hold_max;
}

static size_t
hold_max(const struct req *r)
{
	return r->up_sse && r->stream ? r->w->conf->client.hold_max :
	    hold_most(r);
}

void
flow_build(struct req *r)
{
	ASSERT(r->flow.n == 0);
	hide_begin(r);
	add(r, &flow_tap_ops, 1 << 20);
	add(r, &flow_hold_ops, hold_most(r) + HOLD_MORE);
	if (r->translated)
		add(r, &flow_translate_ops, hold_most(r) + HOLD_MORE);
	else if (r->hide_usage)
		add(r, &flow_withhold_ops, 1 << 16);
	add(r, &flow_out_ops, 0);
}

/* One read, or a slice of what was held, with what was kept back. */
#define HIDE_MAX	(2 * HOLD_MORE)

void
flow_hide(struct req *r)
{
	struct filter *hold = &r->flow.f[1], *out = hold->next;

	if (hide_span(r) == 0)
		return;
	add(r, &flow_hide_ops, HIDE_MAX);
	flow_wipe(&r->flow);
	hold->next = &r->flow.f[r->flow.n - 1];
	r->flow.f[r->flow.n - 2].next = NULL;	/* out is still the last */
	hold->next->next = out;
	hold->next->given = buf_len(&hold->buf);
}

void
flow_wipe(struct flow *fl)
{
	unsigned i;

	for (i = 0; i < fl->n; i++)
		fl->f[i].buf.wipe = 1;
}

void
flow_fini(struct req *r)
{
	unsigned i;

	for (i = 0; i < r->flow.n; i++)
		if (r->flow.f[i].ops->fini != NULL)
			r->flow.f[i].ops->fini(&r->flow.f[i]);
	r->flow.n = 0;
	hide_forget(r);
	lease_move(&r->w->mem, &r->flow_counted, 0);
}

void
flow_count(struct req *r)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < r->flow.n; i++)
		n += r->flow.f[i].buf.cap;
	lease_move(&r->w->mem, &r->flow_counted, n);
}

void
flow_push(struct flow *fl, const char *p, size_t n)
{
	ASSERT(fl->n > 0);
	fl->f[0].ops->push(&fl->f[0], p, n);
}

void
flow_end(struct flow *fl, int ok)
{
	ASSERT(fl->n > 0);
	fl->f[0].ops->end(&fl->f[0], ok);
}

/* --- hold --------------------------------------------------------------- */

#define HOLD_SLICE	(64u << 10)	/* let go at once */
#define HOLD_MUCH	4096		/* takes its time when translated */

enum { HOLD_CLOSED, HOLD_OPENING, HOLD_OPEN };

static void
hold_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;

	if (f->state == HOLD_OPEN) {
		f->next->ops->push(f->next, p, n);
		return;
	}
	if (r->lost)
		return;
	if (buf_add(&f->buf, p, n) != 0) {
		r->lost = r->commit_now = 1;
		return;
	}
	if (buf_len(&f->buf) <= hold_max(r) &&
	    !lease_over(&r->w->mem))
		return;
	/* More than may be held, by it or by all: the answer begins, but not
	 * here, since this is a callback and the head has not been sent. */
	r->commit_now = 1;
	flow_let_go(r);
	if (!r->paused && r->fetch != NULL) {
		r->paused = 1;
		fetch_pause(r->fetch);
	}
}

static void
hold_end(struct filter *f, int ok)
{
	f->next->ops->end(f->next, ok);
}

static void
hold_fini(struct filter *f)
{
	buf_free(&f->buf);
}

const struct filter_ops flow_hold_ops = {
	"hold", hold_push, hold_end, hold_fini
};

const struct buf *
flow_held(const struct flow *fl)
{
	return &fl->f[1].buf;
}

void
flow_replace(struct flow *fl, struct buf *b)
{
	struct filter *f = &fl->f[1];

	buf_free(&f->buf);
	f->buf = *b;
	buf_init(b, b->max);
}

int
flow_open(struct flow *fl)
{
	struct filter *f = &fl->f[1];
	size_t n;

	if (f->state == HOLD_OPEN)
		return 0;
	f->state = HOLD_OPENING;
	n = buf_len(&f->buf) - f->given;
	if (n > HOLD_SLICE)
		n = HOLD_SLICE;
	if (n >= HOLD_MUCH)
		ev_long(f->r->w->loop);
	if (n > 0)
		f->next->ops->push(f->next, buf_ptr(&f->buf) + f->given, n);
	f->given += n;
	if (f->given < buf_len(&f->buf))
		return ERR_AGAIN;
	f->state = HOLD_OPEN;
	hold_fini(f);
	return 0;
}

int
flow_inside_event(const struct flow *fl)
{
	return fl->n == 0 || fl->f[0].state != 0;
}

struct str
flow_rest(const struct flow *fl)
{
	return fl->n == 0 ? STR_NULL : buf_str(&fl->f[0].buf);
}
