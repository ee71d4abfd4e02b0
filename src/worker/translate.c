/*
 * translate.c - a request whose client and provider speak different formats.
 *
 * Runs in: worker.
 * Owns: the written request, the written answer.
 *
 * The client's body is read anew for each attempt, since writing it for one
 * target may change the neutral form. A stream is translated event by event; an
 * answer that is no stream is translated when it has been held whole, so that
 * one that makes no sense can still go elsewhere.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "worker/speak.h"
#include "worker/translate.h"

#define BODY_MAX	(256u << 20)
#define OUT_MAX		(64u << 20)

struct translate {
	const struct codec *client, *provider;
	struct ir_req	 q;
	struct ir_note	 note;
	struct codec_in	 in;
	struct codec_out out;
	struct codec_bill bill;
	struct buf	 body;		/* for the provider */
	struct buf	 answer;	/* for the client, to be pushed */
	/* of an answer that is no stream */
	struct ir_event	*ev;
	unsigned	 n_ev, cap_ev;
	int		 begun, error;
};

struct str
translate_body(const struct req *r)
{
	return buf_str(&r->translate->body);
}

const char *
translate_dropped(const struct req *r)
{
	return r->translate == NULL ? "" : ir_dropped(&r->translate->note);
}

void
translate_free(struct req *r)
{
	if (r->translate == NULL)
		return;
	buf_free(&r->translate->body);
	buf_free(&r->translate->answer);
	r->translate = NULL;
}

/* The client's request in the neutral form. */
static int
read_request(struct req *r, struct translate *t)
{
	const struct endpoint *e = r->ep.ep;
	int rc;

	t->note.a = r->arena;
	t->note.strict = r->route.group != NULL && r->route.group->strict;
	ir_req_init(&t->q, r->arena, e->dialect);
	t->q.responses = e->api == CONF_API_RESPONSES;
	if ((rc = t->client->read(&t->q, buf_str(&r->body), &t->note)) != 0)
		return rc;
	t->q.stream = (int)r->stream;
	if (e->flags & ENDPOINT_IN_PATH)
		t->q.model = r->model;
	/* It has no tools, and says nothing else that could be wrong. */
	if (e->flags & ENDPOINT_UNIFIED)
		return 0;
	return ir_check(&t->q, &t->note);
}

int
translate_request(struct req *r)
{
	struct translate *t;
	struct ir_target to;
	int rc;

	translate_free(r);
	t = r->translate = arena_zalloc(r->arena, sizeof(*t));
	buf_init(&t->body, BODY_MAX);
	buf_init(&t->answer, OUT_MAX);
	t->client = speak_client_codec(r->ep.ep);
	t->provider = speak_provider_codec(r->prov->conf);
	memset(&to, 0, sizeof(to));
	to.dialect = r->prov->conf->dialect;
	to.responses = speak_responses(r->prov->conf);
	to.model = r->target->model;
	to.max_output = r->price.max_output;
	to.generic = to.dialect == DIALECT_OPENAI &&
	    strcmp(r->prov->conf->host, "api.openai.com") != 0;
	if ((rc = read_request(r, t)) == 0)
		rc = t->provider->write(&t->body, &t->q, &to, &t->note);
	if (rc == 0)
		return 0;
	if (rc == ERR_FORMAT)
		req_fail(r, FAULT_BAD_REQUEST, t->note.message != NULL ?
		    t->note.message : "the body cannot be translated for this "
		    "model", t->note.param);
	else
		req_fail(r, FAULT_OVERLOAD, "the gateway is short of memory, "
		    "try again", NULL);
	return rc;
}

/* --- the answer ---------------------------------------------------------- */

static void
keep(struct translate *t, const struct ir_event *ev)
{
	struct ir_event *v;

	if (t->n_ev == t->cap_ev) {
		t->cap_ev = t->cap_ev == 0 ? 32 : t->cap_ev * 2;
		v = arena_alloc(t->in.a, t->cap_ev * sizeof(*v));
		if (t->n_ev > 0)
			memcpy(v, t->ev, t->n_ev * sizeof(*v));
		t->ev = v;
	}
	v = &t->ev[t->n_ev++];
	*v = *ev;
	v->id = arena_str(t->in.a, ev->id);
	v->name = arena_str(t->in.a, ev->name);
	v->model = arena_str(t->in.a, ev->model);
	v->text = arena_str(t->in.a, ev->text);
	v->raw = arena_str(t->in.a, ev->raw);
	v->native = arena_str(t->in.a, ev->native);
	v->sequence = arena_str(t->in.a, ev->sequence);
}

/* What is known by now, for the end of the answer. */
static void
make_bill(struct req *r)
{
	struct translate *t = r->translate;

	if (t->out.bill == NULL)
		return;
	t->bill.guess.input = req_input_estimate(r);
	t->bill.guess.output = dialect_estimate(r->tap.text_bytes);
	t->bill.latency_ms = (ev_now_us(r->w->loop) - r->start_us) / 1000;
}

static void
on_event(void *arg, const struct ir_event *ev)
{
	struct req *r = arg;
	struct translate *t = r->translate;
	int rc;

	if (t->error != 0)
		return;
	if (ev->kind == IR_EV_END)
		make_bill(r);
	if (!r->stream)
		keep(t, ev);
	else if ((rc = t->client->put(&t->out, ev)) != 0)
		t->error = rc;
}

static void
begin_answer(struct req *r)
{
	struct translate *t = r->translate;

	if (t->begun)
		return;
	t->begun = 1;
	t->in.a = t->out.a = r->arena;
	t->in.emit = on_event;
	t->in.arg = r;
	t->in.req = t->out.req = &t->q;
	t->out.out = &t->answer;
	t->out.id = r->id;
	t->out.now = r->real_us / 1000000;
	t->out.model = r->model;
	if (r->ep.ep->flags & ENDPOINT_UNIFIED) {
		t->bill.provider = r->asked;
		t->bill.price = &r->price;
		t->out.bill = &t->bill;
	}
	t->out.json_array = r->ep.ep->dialect == DIALECT_GEMINI &&
	    str_find(r->head->query, STR("alt=sse")) < 0;
}

int
translate_answer(struct req *r)
{
	struct translate *t = r->translate;
	int rc;

	begin_answer(r);
	rc = t->provider->body(&t->in, buf_str(flow_held(&r->flow)));
	if (rc == 0)
		rc = t->error;
	if (rc == 0 && !r->stream)
		rc = t->client->put_body(&t->out, t->ev, t->n_ev);
	return rc;
}

int
translate_fault(struct req *r, struct buf *b, enum fault f, struct str message)
{
	struct ir_event ev = { .kind = IR_EV_ERROR, .fault = f,
	    .text = message };
	struct translate *t = r->translate;
	int rc;

	if (t == NULL || t->client == NULL || !r->stream)
		return fault_event(b, r->ep.shape == SHAPE_PLAIN ?
		    SHAPE_OPENAI : r->ep.shape, f, message);
	begin_answer(r);
	t->out.out = b;
	rc = t->client->put(&t->out, &ev);
	t->out.out = &t->answer;
	return rc;
}

/* What the provider says about a request it refuses, in the client's shape. */
static void
write_error(struct req *r, struct str body)
{
	struct translate *t = r->translate;
	struct jscan_want w[] = { { .path = "error.message" },
		{ .path = "message" } };
	struct jscan_result res;
	char text[2048];
	long n = -1;
	int i;

	if (jscan(body, NULL, w, 2, &res) == 0)
		for (i = 0; i < 2 && n <= 0; i++)
			n = jscan_string(w[i].raw, text, sizeof(text));
	if (n <= 0)
		n = snprintf(text, sizeof(text), "the provider refused the "
		    "request (HTTP %d)", r->up_status);
	fault_write(&t->answer, r->ep.shape, r->ep.shape == SHAPE_UNIFIED ?
	    FAULT_UPSTREAM : FAULT_BAD_REQUEST, r->up_status,
	    str_make(text, (size_t)n), STR_NULL, str_of(r->id));
}

static void
pass_on(struct filter *f)
{
	struct translate *t = f->r->translate;

	if (buf_len(&t->answer) == 0)
		return;
	f->next->ops->push(f->next, buf_ptr(&t->answer),
	    buf_len(&t->answer));
	buf_reset(&t->answer);
}

static void
push_events(struct filter *f)
{
	struct req *r = f->r;
	struct translate *t = r->translate;
	struct sse_event ev;
	size_t seen = 0;
	long used;

	while (t->error == 0 && (used = sse_next(buf_str(&f->buf), &seen,
	    &ev)) > 0) {
		int rc = t->provider->event(&t->in, &ev);

		if (t->error == 0)
			t->error = rc;
		buf_consume(&f->buf, (size_t)used);
		seen = 0;
	}
}

static void
translate_push(struct filter *f, const char *p, size_t n)
{
	struct req *r = f->r;
	struct translate *t = r->translate;

	if (t->error != 0)
		return;
	if (!r->up_sse && r->up_status < 400)
		return;			/* translate_answer has had it */
	if ((t->error = buf_add(&f->buf, p, n)) != 0 || !r->up_sse)
		return;
	begin_answer(r);
	push_events(f);
	pass_on(f);
}

static void
translate_end(struct filter *f, int ok)
{
	struct req *r = f->r;
	struct translate *t = r->translate;

	if (r->up_status >= 400)
		write_error(r, buf_str(&f->buf));
	else if (r->up_sse && ok && t->error == 0) {
		begin_answer(r);
		t->error = t->provider->end(&t->in);
		if (t->error == 0 && !r->stream)
			t->error = t->client->put_body(&t->out, t->ev,
			    t->n_ev);
	}
	pass_on(f);
	if (t->error != 0)
		r->abort = 1;
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
