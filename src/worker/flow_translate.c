/*
 * flow_translate.c - the filter that translates a stream, event by event; what
 * a client is told when its stream fails.
 *
 * Runs in: worker.
 * Owns: the event that has not come whole.
 *
 * A whole answer was translated before it comes by here (translate_answer).
 */
#include "base/err.h"
#include "worker/speak.h"
#include "worker/translating.h"

#define PUSH_AT	(64u << 10)	/* of many events at once */
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

static void
pass_on(struct filter *f)
{
	struct translate *t = f->r->translate;

	if (buf_len(&t->answer) == 0)
		return;
	f->next->ops->push(f->next, buf_ptr(&t->answer),
	    buf_len(&t->answer));
	buf_reset(&t->answer);
	if (t->answer.cap > PUSH_AT)
		buf_free(&t->answer);
}

static void
push_events(struct filter *f)
{
	struct req *r = f->r;
	struct translate *t = r->translate;
	struct sse_event ev;
	long used;
	int rc;

	while (t->error == 0 && (used = frame_next(r->up_frame,
	    buf_str(&f->buf), &f->given, &ev)) > 0) {
		rc = t->provider->event(&t->in, &ev);
		if (t->error == 0)
			t->error = rc;
		if (arena_size(t->a) > t->max)
			t->error = ERR_TOOBIG;
		arena_reset(t->tmp);
		buf_consume(&f->buf, (size_t)used);
		f->given = 0;
		if (buf_len(&t->answer) > PUSH_AT)
			pass_on(f);
	}
}

static void
translate_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct translate *t = r->translate;

	if (t->whole) {		/* translate_answer has had it */
		f->next->ops->push(f->next, p, n);
		return;
	}
	if (t->error != 0)
		return;
	if ((t->error = buf_add(&f->buf, p, n)) == 0 && r->up_sse) {
		translate_begin(r);
		push_events(f);
		pass_on(f);
	}
	translate_count(r);
	if (t->error != 0)
		req_wake(r);
}

static void
translate_end(struct filter *f, int ok)
{
	struct req *r = f->r;
	struct translate *t = r->translate;

	if (r->up_status >= 400)
		write_error(r, buf_str(&f->buf));
	else if (r->up_sse && ok && t->error == 0 && !t->over) {
		translate_begin(r);
		t->error = t->provider->end(&t->in);
		arena_reset(t->tmp);
	}
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
