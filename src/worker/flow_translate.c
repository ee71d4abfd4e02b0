/*
 * flow_translate.c - the filter that translates a stream, event by event; what
 * a client is told when its stream fails.
 *
 * Runs in: worker.
 * Owns: the event that has not come whole.
 *
 * A whole answer was translated before it comes by here (translate_answer). An
 * event of many kilobytes, or the end of a stream that has to be said again as
 * a whole, is long work: RELAY goes on with it in slices, and nothing more is
 * read meanwhile.
 */
#include <stdint.h>

#include "base/err.h"
#include "upstream/fetch.h"
#include "worker/hide.h"
#include "worker/speak.h"
#include "worker/translating.h"

#define PUSH_AT	(64u << 10)	/* of many events at once */
#define PASS_MAX (256u << 10)	/* of a long one in a turn */
#define LONG_EVENT (64u << 10)	/* for which a slice is worth its while */
#define LONG_STREAM (256u << 10) /* kept of it */
#define TOO_LONG "prompt is too long"

int
translate_array(const struct req *r)
{
	return r->stream && r->ep.ep != NULL &&
	    r->ep.ep->dialect == DIALECT_GEMINI &&
	    str_find(r->head->query, STR("alt=sse")) < 0;
}

int
translate_over(const struct req *r, int *failed)
{
	const struct translate *t = r->translate;

	*failed = 0;
	if (!r->translated || t == NULL || t->whole || !t->over)
		return 0;
	*failed = t->fault != FAULT_NONE;
	return 1;
}

const char *
translate_broken(const struct req *r, enum fault *f)
{
	const struct translate *t = r->translate;

	if (!r->translated || t == NULL || t->error == 0)
		return NULL;
	*f = FAULT_UPSTREAM;
	switch (t->error) {
	case ERR_EOF:
		*f = FAULT_TRUNCATED;
		return "the provider ended the stream without its end mark";
	case ERR_TOOBIG:
		return "the answer is larger than client.max_body";
	case ERR_NOMEM:
		*f = FAULT_OVERLOAD;
		return "the gateway is short of memory";
	default:
		return "the provider sent an event that is not what its "
		    "format says";
	}
}

/* --- when it fails ------------------------------------------------------- */

/* The last element of an array that was begun, and its end. */
static int
end_array(struct buf *b, const struct ir_event *ev)
{
	int rc = fault_write(b, SHAPE_GEMINI, ev->fault,
	    fault_status(ev->fault), ev->text, STR_NULL, STR_NULL);

	return rc != 0 ? rc : buf_addc(b, ']');
}

/* As the first that the client's codec writes. */
static int
put_fault(struct req *r, struct buf *b, const struct ir_event *ev)
{
	const struct codec *c = speak_client_codec(r->ep.ep);
	struct codec_out o;
	struct ir_req q;

	ir_req_init(&q, r->arena, r->ep.ep->dialect);
	q.responses = r->ep.ep->api == CONF_API_RESPONSES;
	q.stream = 1;
	memset(&o, 0, sizeof(o));
	o.a = r->arena;
	o.out = b;
	o.req = &q;
	o.id = r->id;
	o.now = r->real_us / 1000000;
	o.model = r->model;
	o.json_array = translate_array(r);
	o.begun = r->relaying != 0;
	return c->put(&o, ev);
}

int
translate_fault(struct req *r, struct buf *b, enum fault f, struct str message)
{
	struct ir_event ev = { .kind = IR_EV_ERROR, .fault = f,
	    .text = message };
	struct translate *t = r->translate;
	int rc;

	/* What begun a stream ends it, if it was translated. */
	if (t != NULL && t->begun && r->stream) {
		t->out.out = b;
		rc = t->client->put(&t->out, &ev);
		t->out.out = &t->answer;
		t->over = 1;
		return rc;
	}
	if (r->up_sse && r->up_frame == FRAME_ARRAY)
		return end_array(b, &ev);
	/* These tell more than fault_event knows. */
	if (r->stream && r->ep.ep != NULL && (translate_array(r) ||
	    r->ep.ep->api == CONF_API_RESPONSES))
		return put_fault(r, b, &ev);
	return fault_event(b, r->ep.shape != SHAPE_PLAIN ? r->ep.shape :
	    r->up_sse && r->up_frame == FRAME_LINES ? SHAPE_OLLAMA :
	    SHAPE_OPENAI, f, message);
}

/* What the provider says about a request it refuses, in the client's shape. */
static void
write_error(struct req *r, struct str body)
{
	struct translate *t = r->translate;
	enum fault_shape shape = r->ep.shape;
	struct fault_said said;
	struct str text;

	fault_read(&said, body, r->up_status);
	text = said.text;
	if (text.n == 0)
		text = str_of(arena_printf(r->arena, "the provider refused "
		    "the request (HTTP %d)", r->up_status));
	/* By these words clients of Anthropic's know that they are to shorten
	 * what they send. */
	if (said.fault == FAULT_CONTEXT && shape == SHAPE_ANTHROPIC &&
	    !str_starts(text, STR(TOO_LONG)))
		text = str_of(arena_printf(r->arena, TOO_LONG ": %.*s",
		    STR_ARG(text)));
	fault_write(&t->answer, shape, shape == SHAPE_UNIFIED ?
	    FAULT_UPSTREAM : said.fault, r->up_status, text, said.param,
	    str_of(r->id));
}

/* --- the filter ---------------------------------------------------------- */

static struct filter *
filter_of(struct req *r)
{
	unsigned i;

	for (i = 0; i < r->flow.n; i++)
		if (r->flow.f[i].ops == &flow_translate_ops)
			return &r->flow.f[i];
	return NULL;
}

/* Of a long event a part in a turn. */
static void
pass_on(struct filter *f)
{
	struct translate *t = f->r->translate;
	size_t n = buf_len(&t->answer);

	if (n > PASS_MAX)
		n = PASS_MAX;
	if (n == 0)
		return;
	f->next->ops->push(f->next, buf_ptr(&t->answer), n);
	buf_consume(&t->answer, n);
	t->clean -= n < t->clean ? n : t->clean;
	if (buf_len(&t->answer) == 0 && t->answer.cap > PUSH_AT)
		buf_free(&t->answer);
}

/* What was made of an event, or the end, may have a key that came as escapes,
 * or in the texts of several events: rc. */
static int
clean(struct req *r, int rc)
{
	struct translate *t = r->translate;

	if (buf_len(&t->answer) > t->clean)
		hide_long(r, buf_ptr(&t->answer) + t->clean,
		    buf_len(&t->answer) - t->clean);
	t->clean = buf_len(&t->answer);
	return rc;
}

/* One has been read, and is clean: rc. */
static void
was_read(struct req *r, int rc)
{
	struct translate *t = r->translate;

	if (t->error == 0)
		t->error = rc;
	if (!t->over && arena_size(t->a) > t->max)
		t->error = ERR_TOOBIG;
	arena_reset(t->tmp);
}

static int
read_long(void *arg)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	struct sse_event ev;
	size_t seen = 0;

	if (frame_next(r->up_frame, buf_str(&t->event), &seen, &ev) < 0)
		return ERR_FORMAT;
	return clean(r, t->provider->event(&t->in, &ev));
}

static int
read_end(void *arg)
{
	struct req *r = arg;

	return clean(r, r->translate->provider->end(&r->translate->in));
}

/* Begin on the event of so many bytes at the front: it leaves the filter, whose
 * buffer may move when more comes. */
static void
take_long(struct filter *f, size_t used)
{
	struct req *r = f->r;
	struct translate *t = r->translate;
	struct buf rest;
	int rc;

	buf_init(&rest, f->buf.max);
	if ((rc = buf_adds(&rest, str_skip(buf_str(&f->buf), used))) != 0) {
		t->error = rc;
		return;
	}
	t->event = f->buf;
	t->event.len = t->event.off + used;
	f->buf = rest;
	if (!r->paused && r->fetch != NULL && !r->up_ended) {
		r->paused = 1;
		fetch_pause(r->fetch);
	}
}

/* What was made of a stream so far comes again at its end. */
static int
is_long(const struct translate *t, size_t n)
{
	return n > LONG_EVENT || arena_size(t->a) > LONG_STREAM;
}

/* The events at the front, until a long one. */
static void
push_events(struct filter *f)
{
	struct req *r = f->r;
	struct translate *t = r->translate;
	struct sse_event ev;
	size_t seen = 0;
	long used;

	while (t->error == 0 && !translate_busy(r) &&
	    (used = frame_next(r->up_frame, buf_str(&f->buf), &seen, &ev)) >
	    0) {
		if (is_long(t, (size_t)used)) {
			take_long(f, (size_t)used);
			break;
		}
		was_read(r, clean(r, t->provider->event(&t->in, &ev)));
		buf_consume(&f->buf, (size_t)used);
		if (buf_len(&t->answer) > PUSH_AT)
			pass_on(f);
	}
	/* Of what is left only the end has to be looked for. */
	f->line = SSE_LINE;
	if (!translate_busy(r))
		frame_skip(r->up_frame, buf_str(&f->buf), &f->line);
}

/* More of a stream. */
static int
more(struct filter *f, const char *p, size_t n)
{
	size_t had = buf_len(&f->buf);
	int rc = buf_add(&f->buf, p, n);
	long end = 0;

	if (rc != 0 || translate_busy(f->r))
		return rc;
	if (had > 0)
		end = frame_skip(f->r->up_frame, str_make(p, n), &f->line);
	if (end < 0)
		return 0;
	translate_begin(f->r);
	if (had > LONG_EVENT)
		take_long(f, had + (size_t)end);
	else
		push_events(f);
	return 0;
}

static void
translate_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct translate *t = r->translate;
	int rc;

	if (t->whole) {		/* translate_answer has had it */
		f->next->ops->push(f->next, p, n);
		return;
	}
	if (t->error != 0)
		return;
	if (r->up_sse)
		rc = more(f, p, n);
	else
		rc = buf_add(&f->buf, p, n);
	if (t->error == 0)
		t->error = rc;
	if (!translate_busy(r))
		pass_on(f);
	translate_count(r);
	if (t->error != 0 || translate_busy(r))
		req_wake(r);
}

int
translate_busy(const struct req *r)
{
	const struct translate *t = r->translate;

	return r->translated && t != NULL && !t->whole &&
	    (t->event.data != NULL || t->ending ||
	    buf_len(&t->answer) > PASS_MAX);
}

int
translate_go_on(struct req *r)
{
	struct translate *t = r->translate;
	struct filter *f;
	int rc;

	if (!translate_busy(r) || (f = filter_of(r)) == NULL)
		return 0;
	if (t->event.data != NULL || t->ending) {
		rc = translate_work(r, t->ending ? read_end : read_long,
		    SIZE_MAX);
		if (rc == ERR_AGAIN)
			return ERR_AGAIN;
		t->ending = 0;
		was_read(r, rc);
		buf_free(&t->event);
	}
	pass_on(f);
	if (!translate_busy(r) && !t->ended)
		push_events(f);
	if (!translate_busy(r))
		pass_on(f);
	translate_count(r);
	flow_count(r);
	return translate_busy(r) ? ERR_AGAIN : 0;
}

int
translate_finish(struct req *r)
{
	struct translate *t = r->translate;
	struct filter *f;

	if (!r->translated || t == NULL || t->whole || t->ended ||
	    !r->up_sse || t->error != 0 || t->over ||
	    (f = filter_of(r)) == NULL)
		return 0;
	translate_begin(r);
	t->ended = 1;
	if (is_long(t, 0)) {
		t->ending = 1;
		return translate_go_on(r);
	}
	was_read(r, read_end(r));
	return translate_busy(r) ? ERR_AGAIN : 0;
}

static void
translate_end(struct filter *f, int ok)
{
	struct req *r = f->r;
	struct translate *t = r->translate;

	ASSERT(!translate_busy(r));
	if (r->up_status >= 400)
		write_error(r, buf_str(&f->buf));
	pass_on(f);
	f->next->ops->end(f->next, ok && t->error == 0);
}

static void
translate_fini(struct filter *f)
{
	buf_free(&f->buf);
}

const struct filter_ops flow_translate_ops = {
	"translate", translate_push, translate_end, translate_fini
};
