/*
 * anthropic_put.c - events into what a client of the Messages API gets.
 *
 * Runs in: worker.
 * Owns: what is queued, in buffers that the arena's cleanup frees.
 *
 * A client takes blocks one after another, while the calls of other APIs may
 * come interleaved. So blocks stand in a list in the order of their first
 * event; what belongs to the first one that is not done goes out as it comes,
 * what belongs to later ones waits in theirs.
 */
#include "base/err.h"
#include "dialect/an_put.h"

#define QUEUE_MAX (256u << 20)	/* the caller bounds all of it */

static void
free_state(void *arg)
{
	struct an_out *s = arg;
	struct an_block *b;

	for (b = s->first; b != NULL; b = b->next) {
		buf_free(&b->queue);
		buf_free(&b->sign);
	}
	buf_free(&s->refusal);
}

static struct an_out *
state(struct codec_out *o)
{
	struct an_out *s = o->state;

	if (s == NULL) {
		s = o->state = arena_zalloc(o->a, sizeof(*s));
		buf_init(&s->refusal, QUEUE_MAX);
		arena_cleanup(o->a, free_state, s);
	}
	return s;
}

/*
 * The block at the head has gone out. A call stays, since a signature may name
 * it; others are used again, so that a long stream holds no more than a short
 * one.
 */
static void
retire(struct codec_out *o)
{
	struct an_out *s = state(o);
	struct an_block *b = s->head;

	s->index++;
	s->cur = NULL;
	s->head = b->next;
	codec_drop(o->a, &b->queue);
	codec_drop(o->a, &b->sign);
	if (b->kind == K_CALL) {
		s->kept = b;
		return;
	}
	if (s->kept == NULL)
		s->first = b->next;
	else
		s->kept->next = b->next;
	if (s->last == b)
		s->last = s->kept;
	b->next = s->spare;
	s->spare = b;
}

/* Send what may go out: all of the blocks that are done, and of one more what
 * has come. */
static int
flush(struct codec_out *o)
{
	struct an_out *s = state(o);
	struct an_block *b;
	int rc;

	if (!s->stream)
		return 0;
	while ((b = s->head) != NULL) {
		if (s->cur != b) {
			if ((rc = an_out_block(o, b, s->index)) != 0 ||
			    (b->kind == K_CALL && (rc = an_out_text(o, b,
			    s->index, STR(""))) != 0))
				return rc;
			s->cur = b;
		}
		if (buf_len(&b->queue) > 0) {
			if ((rc = an_out_text(o, b, s->index,
			    buf_str(&b->queue))) != 0)
				return rc;
			codec_drop(o->a, &b->queue);
		}
		if (!b->done)
			return 0;
		if ((rc = an_out_stop(o, b, s->index)) != 0)
			return rc;
		retire(o);
	}
	return 0;
}

static struct an_block *
new_block(struct codec_out *o, enum an_kind kind)
{
	struct an_out *s = state(o);
	struct an_block *b = s->spare;

	if (b == NULL)
		b = arena_alloc(o->a, sizeof(*b));
	else
		s->spare = b->next;
	memset(b, 0, sizeof(*b));
	buf_init(&b->queue, QUEUE_MAX);
	buf_init(&b->sign, QUEUE_MAX);
	b->kind = kind;
	return b;
}

/* The last block, when more of its kind may follow in it; else a new one. */
static struct an_block *
last(struct codec_out *o, enum an_kind kind)
{
	struct an_out *s = state(o);
	struct an_block *b = s->last;

	if (kind != K_CALL && b != NULL && b->kind == kind && !b->done)
		return b;
	if (b != NULL && b->kind != K_CALL)
		b->done = 1;
	b = new_block(o, kind);
	if (s->last == NULL)
		s->first = b;
	else
		s->last->next = b;
	s->last = b;
	if (s->head == NULL)
		s->head = b;
	return b;
}

static struct an_block *
find_call(struct codec_out *o, unsigned call)
{
	struct an_out *s = state(o);
	struct an_block *b;

	for (b = s->stream ? s->head : s->first; b != NULL; b = b->next)
		if (b->kind == K_CALL && b->call == call)
			return b;
	return NULL;
}

static int
add(struct codec_out *o, struct an_block *b, struct str text)
{
	struct an_out *s = state(o);
	int rc;

	if (s->stream && s->cur == b && buf_len(&b->queue) == 0)
		return text.n == 0 ? 0 : an_out_text(o, b, s->index, text);
	if ((rc = codec_keep(o->a, &b->queue, text)) != 0)
		return rc;
	return flush(o);
}

/* --- events -------------------------------------------------------------- */

static int
on_call(struct codec_out *o, const struct ir_event *ev)
{
	struct an_block *b = last(o, K_CALL);

	b->call = ev->call;
	b->id = ev->id.n > 0 ? arena_str(o->a, ev->id) :
	    str_of(arena_printf(o->a, "toolu_%s_%u", o->id, ev->call));
	b->name = arena_str(o->a, ev->name);
	state(o)->calls++;
	return flush(o);
}

/* The block's last word: its signature, or what is redacted. */
static int
sign(struct codec_out *o, struct an_block *b, enum conf_dialect from,
    struct str s)
{
	int rc;

	if (from != DIALECT_ANTHROPIC)
		s = codec_seal(CODEC_TMP(o), from, s);
	b->done = 1;
	if ((rc = codec_keep(o->a, &b->sign, s)) != 0)
		return rc;
	return flush(o);
}

/* The signature of a call: behind it, as redacted thinking. */
static int
on_call_signature(struct codec_out *o, const struct ir_event *ev)
{
	struct an_out *s = state(o);
	struct an_block *b;

	for (b = s->first; b != NULL; b = b->next)
		if (b->kind == K_CALL && b->call == ev->call - 1)
			return sign(o, last(o, K_REDACTED), ev->from,
			    an_call_seal_make(CODEC_TMP(o), b->id, ev->text));
	return 0;
}

static int
on_signature(struct codec_out *o, const struct ir_event *ev)
{
	if (ev->call > 0)
		return on_call_signature(o, ev);
	return sign(o, last(o, K_THINKING), ev->from, ev->text);
}

static int
on_error(struct codec_out *o, enum fault f, struct str text)
{
	struct an_out *s = state(o);

	s->dead = 1;
	return fault_event(o->out, SHAPE_ANTHROPIC, f, text);
}

static int
on_end(struct codec_out *o)
{
	struct an_out *s = state(o);
	struct an_block *b;
	int rc;

	for (b = s->head; b != NULL; b = b->next)
		b->done = 1;
	s->dead = 1;
	if ((rc = flush(o)) != 0)
		return rc;
	return an_out_end(o, s);
}

/*
 * A client that did not ask for thinking, or for none of its text, gets none:
 * many take the first block for the answer. What is signed goes out without
 * its text, to be sent back, but not to those who switched thinking off.
 */
static int
is_hidden(const struct codec_out *o, const struct ir_event *ev)
{
	const struct ir_req *q = o->req;

	if (q == NULL || q->from != DIALECT_ANTHROPIC)
		return 0;
	if (ev->kind == IR_EV_THINKING)
		return q->think == IR_THINK_UNSET ||
		    q->think == IR_THINK_OFF || q->show_thoughts == 0;
	return q->think == IR_THINK_OFF && (ev->kind == IR_EV_REDACTED ||
	    (ev->kind == IR_EV_SIGNATURE && ev->call == 0));
}

static int
on_event(struct codec_out *o, const struct ir_event *ev)
{
	struct an_out *s = state(o);
	struct an_block *b;

	if (is_hidden(o, ev))
		return 0;
	switch (ev->kind) {
	case IR_EV_TEXT:
		return ev->text.n == 0 ? 0 : add(o, last(o, K_TEXT),
		    ev->text);
	case IR_EV_THINKING:
		if (ev->text.n == 0)
			return 0;
		b = last(o, K_THINKING);
		b->from = ev->from;
		return add(o, b, ev->text);
	case IR_EV_SIGNATURE:
		return on_signature(o, ev);
	case IR_EV_REDACTED:
		return sign(o, last(o, K_REDACTED), ev->from, ev->text);
	case IR_EV_REFUSAL:
		s->refused = 1;
		return codec_keep(o->a, &s->refusal, ev->text);
	case IR_EV_CALL:
		return on_call(o, ev);
	case IR_EV_ARGS:
		b = find_call(o, ev->call);
		return b == NULL || b->done ? 0 : add(o, b, ev->text);
	case IR_EV_CALL_END:
		if ((b = find_call(o, ev->call)) == NULL)
			return 0;
		b->done = 1;
		return flush(o);
	case IR_EV_FINISH:
		s->finish = ev->finish;
		s->sequence = arena_str(o->a, ev->sequence);
		return 0;
	case IR_EV_USAGE:
		s->usage = ev->usage;
		return 0;
	case IR_EV_CITATION:
		codec_lose(o, "citations");
		return 0;
	default:
		return 0;
	}
}

/* What no client of this API can be given; NULL: nothing. */
static const char *
impossible(const struct ir_event *ev)
{
	if (ev->kind == IR_EV_IMAGE)
		return "the model answered with an image, which the Messages "
		    "API has no block for";
	if (ev->kind == IR_EV_FINISH && ev->finish == IR_FAILED)
		return "the provider could not finish its answer";
	return NULL;
}

int
an_put(struct codec_out *o, const struct ir_event *ev)
{
	struct an_out *s = state(o);
	const char *why;
	int rc;

	s->stream = 1;
	if (s->dead || ev->choice > 0)
		return 0;
	if ((why = impossible(ev)) != NULL)
		return on_error(o, FAULT_UPSTREAM, str_of(why));
	if (ev->kind == IR_EV_ERROR)
		return on_error(o, ev->fault, ev->text);
	if (!s->started && (rc = an_out_start(o)) != 0)
		return rc;
	s->started = 1;
	if (ev->kind == IR_EV_END)
		return on_end(o);
	return on_event(o, ev);
}

int
an_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	struct an_out *s = state(o);
	const char *why;
	unsigned i;
	int rc;

	for (i = 0; i < n; i++) {
		if (ev[i].kind == IR_EV_END)
			break;
		if (ev[i].choice > 0)
			continue;
		if ((why = impossible(&ev[i])) != NULL)
			return codec_fail(o, SHAPE_ANTHROPIC, FAULT_UPSTREAM,
			    str_of(why));
		if (ev[i].kind == IR_EV_ERROR)
			return codec_fail(o, SHAPE_ANTHROPIC, ev[i].fault,
			    ev[i].text);
		if ((rc = on_event(o, &ev[i])) != 0)
			return rc;
	}
	return an_out_message(o, s);
}
