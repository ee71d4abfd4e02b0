/*
 * flow_tap.c - watches the answer's bytes: usage, end mark, errors.
 *
 * Runs in: worker.
 * Owns: the beginning of an event that has not come whole.
 *
 * Events that lie whole in what was read are looked at where they are; only a
 * remainder is copied. An answer that is no stream is looked at as a whole
 * when it ended (hold has it), or by its last bytes when it was let go before.
 */
#include "base/jscan.h"
#include "dialect/jt.h"
#include "worker/req.h"

#define TAIL	16384		/* metadata may stand behind usage */
#define SAMPLE	(1u << 20)	/* of what is held, in one turn */

enum { TAP_CLEAN, TAP_INSIDE, TAP_BLIND };

/* Comments and pings without data are no event of the format. */
static void
look(struct req *r, const struct sse_event *ev)
{
	unsigned had = r->tap.error;

	if (ev->data_lines > 0)
		r->unseen = 0;
	r->tap.seen |= ev->data_lines > 0;
	if (r->up_frame == FRAME_ARRAY) {
		r->tap.array |= jt_value(ev->raw).type ==
		    JSCAN_ARRAY;
		r->tap.closed |= ev->data_lines == 0;
	}
	r->dialect->event(&r->tap, ev);
	if (r->tap.error && !had)
		req_key_said(r, ev->data);
}

static void
each_event(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct sse_event ev;
	size_t seen = 0;
	long used;

	while (n > 0 && (used = frame_next(r->up_frame, str_make(p, n),
	    &seen, &ev)) > 0) {
		look(r, &ev);
		p += used;
		n -= (size_t)used;
	}
	if (n == 0)
		return;
	f->line = SSE_LINE;
	frame_skip(r->up_frame, str_make(p, n), &f->line);
	f->state = buf_add(&f->buf, p, n) == 0 ? TAP_INSIDE : TAP_BLIND;
}

/* The rest of the event that has begun: bytes used. Of an event that is too
 * long to be kept only the end is looked for. */
static size_t
continue_event(struct filter *f, const char *p, size_t n)
{
	enum frame frame = f->r->up_frame;
	long end = frame_skip(frame, str_make(p, n), &f->line), whole;
	size_t used = end < 0 ? n : (size_t)end, seen = 0;
	struct sse_event ev;

	if (f->state == TAP_INSIDE && buf_add(&f->buf, p, used) != 0)
		f->state = TAP_BLIND;
	if (f->state == TAP_INSIDE && end >= 0) {
		whole = frame_next(frame, buf_str(&f->buf), &seen, &ev);
		if (whole > 0)
			look(f->r, &ev);
	}
	f->r->unseen |= f->state == TAP_BLIND && end >= 0;
	if (f->state == TAP_BLIND || end >= 0)
		buf_free(&f->buf);
	if (end >= 0)
		f->state = TAP_CLEAN;
	return used;
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
	if (buf_add(&f->buf, p, n) != 0)
		buf_reset(&f->buf);	/* no gaps: it is estimated then */
}

void
flow_retell(struct flow *fl)
{
	struct filter *f = &fl->f[0];

	buf_free(&f->buf);
	fl->f[0].r->let_go = 0;
	fl->f[0].r->tap.text_bytes = 0;
	each_event(f, buf_ptr(flow_held(fl)), buf_len(flow_held(fl)));
}

/* Of the beginning, as if the rest were like it. */
static uint64_t
held_text(const struct req *r)
{
	const struct buf *held = flow_held(&r->flow);
	size_t n = buf_len(held), run = 0;

	if (n <= SAMPLE)
		return dialect_text(buf_str(held), &run);
	return dialect_text(str_make(buf_ptr(held), SAMPLE), &run) *
	    (uint64_t)n / SAMPLE;
}

void
flow_let_go(struct req *r)
{
	const struct buf *held = flow_held(&r->flow);

	if (r->let_go || r->up_sse)
		return;
	r->let_go = 1;
	keep_tail(&r->flow.f[0], buf_ptr(held), buf_len(held));
	r->tap.text_bytes = held_text(r);
}

uint64_t
flow_text(const struct req *r)
{
	return r->let_go || r->tap.finished || r->flow.n == 0 ?
	    r->tap.text_bytes : held_text(r);
}

static void
tap_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	size_t used = 0;

	if (r->up_sse) {
		if (f->state != TAP_CLEAN)
			used = continue_event(f, p, n);
		if (f->state == TAP_CLEAN)
			each_event(f, p + used, n - used);
	} else if (r->let_go) {
		keep_tail(f, p, n);
		r->tap.text_bytes += dialect_text(str_make(p, n), &f->given);
	}
	f->next->ops->push(f->next, p, n);
}

/* Where usage begins in the end of an answer, or -1; Google has another name for
 * it, and Ollama's numbers stand among its other members. */
static long
find_usage(const struct dialect *d, struct str t)
{
	static const struct {
		const struct dialect *d;
		struct str name;
	} names[] = {
		{ &tap_gemini, STR("\"usageMetadata\"") },
		{ &tap_ollama, STR("\"prompt_eval_count\"") },
		{ &tap_ollama, STR("\"eval_count\"") },
		{ NULL, STR("\"usage\"") }
	};
	long at, last = -1;
	unsigned i;

	for (i = 0; i < 4 && last < 0; i++) {
		if (names[i].d != NULL && names[i].d != d)
			continue;
		while ((at = str_find(str_skip(t, (size_t)(last + 1)),
		    names[i].name)) >= 0)
			last += at + 1;
	}
	return last;
}

/* {"usage":{...}} made of the end of a long JSON answer. */
static void
tail_usage(struct filter *f)
{
	struct tap *tap = &f->r->tap;
	uint64_t text = tap->text_bytes;
	struct str t = buf_str(&f->buf);
	long at = find_usage(f->r->dialect, t);
	struct buf b;

	if (at < 0)
		return;
	buf_init(&b, 2 * TAIL + 16);
	if (buf_addc(&b, '{') == 0 && buf_adds(&b, str_skip(t, (size_t)at)) == 0)
		f->r->dialect->body(tap, buf_str(&b), NULL);
	buf_free(&b);
	tap->text_bytes = text;
}

static void
tap_end(struct filter *f, int ok)
{
	struct req *r = f->r;

	if (r->let_go && !r->tap.has_usage)
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
