/*
 * unified.c - POST /v1/chat as a client's format.
 *
 * Runs in: worker.
 * Owns: the state of a stream, in the answer's arena.
 *
 * Tokens are told in both spellings that clients of the format know. Money is
 * a text with six decimals.
 */
#include "base/err.h"
#include "base/num.h"
#include "dialect/jt.h"
#include "dialect/jw.h"
#include "dialect/unified.h"

#define DECIMALS 6

/* --- requests ------------------------------------------------------------ */

static int
read_role(struct ir_note *n, unsigned at, struct jval v, enum ir_role *role)
{
	char param[48];

	if (jt_eq(v, "system"))
		*role = IR_SYSTEM;
	else if (jt_eq(v, "user"))
		*role = IR_USER;
	else if (jt_eq(v, "assistant"))
		*role = IR_ASSISTANT;
	else {
		snprintf(param, sizeof(param), "messages[%u].role", at);
		return ir_refuse(n, param, "%s must be system, user or "
		    "assistant", param);
	}
	return 0;
}

static int
read_message(struct ir_req *q, struct ir_note *n, unsigned at, struct jval v)
{
	struct jval content = { JSCAN_NONE, STR_NULL }, role = content, m;
	struct ir_turn *t;
	enum ir_role who = IR_USER;
	char param[48];
	struct str name;
	size_t pos = 0;
	int rc;

	while (jt_each(v, &pos, &name, &m)) {
		if (str_eqc(name, "role"))
			role = m;
		else if (str_eqc(name, "content"))
			content = m;
		else if ((rc = ir_drop(n, "messages")) != 0)
			return rc;
	}
	if ((rc = read_role(n, at, role, &who)) != 0)
		return rc;
	if (content.type != JSCAN_STRING) {
		snprintf(param, sizeof(param), "messages[%u].content", at);
		return ir_refuse(n, param, "%s must be a string", param);
	}
	t = ir_turn_add(q, who);
	ir_part_add(q, &t->parts, IR_TEXT)->text = jt_text(q->a, content);
	return 0;
}

static int
read_messages(struct ir_req *q, struct ir_note *n, struct jval v)
{
	struct jval m;
	size_t pos = 0;
	unsigned at;
	int rc;

	if (v.type != JSCAN_ARRAY)
		return ir_refuse(n, "messages", "messages must be an array");
	for (at = 0; jt_each(v, &pos, NULL, &m); at++)
		if ((rc = read_message(q, n, at, m)) != 0)
			return rc;
	return 0;
}

static int
un_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	struct jval top = jt_value(body), v;
	struct jval messages = { JSCAN_NONE, STR_NULL };
	struct str name;
	size_t pos = 0;
	int rc;

	while (jt_each(top, &pos, &name, &v)) {
		if (str_eqc(name, "messages"))
			messages = v;
		else if (str_eqc(name, "model"))
			q->model = jt_text(q->a, v);
		else if (str_eqc(name, "stream"))
			q->stream = v.type == JSCAN_TRUE;
		else if (!str_eqc(name, "provider") && (rc = ir_drop(n,
		    arena_strndup(q->a, name.p, name.n))) != 0)
			return rc;
	}
	return read_messages(q, n, messages);
}

/* --- what an answer costs ------------------------------------------------ */

static uint64_t
total(const struct price_usage *u)
{
	return u->input > UINT64_MAX - u->output ? UINT64_MAX :
	    u->input + u->output;
}

static void
put_usage(struct jw *w, const struct price_usage *u)
{
	jw_key(w, "usage");
	if (u == NULL) {
		jw_raw(w, STR("null"));
		return;
	}
	jw_open(w, '{');
	jw_ku64(w, "prompt_tokens", u->input);
	jw_ku64(w, "completion_tokens", u->output);
	jw_ku64(w, "total_tokens", total(u));
	jw_ku64(w, "input_tokens", u->input);
	jw_ku64(w, "output_tokens", u->output);
	jw_close(w, '}');
}

static void
put_usd(struct jw *w, const char *name, int64_t pico)
{
	char text[40];

	jw_kstr(w, name, str_make(text, num_put_usd(text, pico, DECIMALS)));
}

/* A part that costs nothing is not mentioned; a call has no parts. */
static void
put_cost(struct jw *w, const struct codec_bill *bill,
    const struct price_usage *u)
{
	struct price_usage in, out;
	const struct conf_price *p = bill == NULL ? NULL : bill->price;
	int64_t part;

	jw_key(w, "cost");
	if (p == NULL || u == NULL) {
		jw_raw(w, STR("null"));
		return;
	}
	in = out = *u;
	in.output = in.reasoning = 0;
	out.input = out.cached = out.cache_write = 0;
	jw_open(w, '{');
	jw_ku64(w, "total_tokens", total(u));
	jw_ku64(w, "input_tokens", u->input);
	jw_ku64(w, "output_tokens", u->output);
	put_usd(w, "estimated_cost_usd", price_cost(p, u));
	if (p->unit == PRICE_PER_MTOK && (part = price_cost(p, &in)) > 0)
		put_usd(w, "input_cost_usd", part);
	if (p->unit == PRICE_PER_MTOK && (part = price_cost(p, &out)) > 0)
		put_usd(w, "output_cost_usd", part);
	jw_close(w, '}');
}

static void
put_bill(struct jw *w, const struct codec_bill *bill,
    const struct price_usage *u)
{
	if (u == NULL && bill != NULL)
		u = &bill->guess;
	put_usage(w, u);
	put_cost(w, bill, u);
	jw_ku64(w, "latency_ms", bill == NULL || bill->latency_ms < 0 ? 0 :
	    (uint64_t)bill->latency_ms);
}

/* --- streams ------------------------------------------------------------- */

struct state {
	struct price_usage usage;
	int		 counted, said, over;
};

/* When nobody said why. */
#define REFUSED	"The model refused to answer."
#define BROKEN	"the provider could not finish its answer"

static int
begin(struct jw *w, struct buf *b, const char *event)
{
	int rc = buf_printf(b, "event: %s\ndata: ", event);

	jw_init(w, b);
	jw_open(w, '{');
	return rc;
}

static int
end(struct jw *w)
{
	jw_close(w, '}');
	return w->error != 0 ? w->error : buf_adds(w->b, STR("\n\n"));
}

static int
put_chunk(struct codec_out *o, struct state *s, struct str text)
{
	struct jw w;
	int rc;

	if (text.n == 0)
		return 0;
	s->said = 1;
	if ((rc = begin(&w, o->out, "chunk")) != 0)
		return rc;
	jw_kstr(&w, "content", text);
	jw_ktext(&w, "role", "assistant");
	return end(&w);
}

static int
put_done(struct codec_out *o, struct state *s)
{
	struct jw w;
	int rc;

	s->over = 1;
	if ((rc = begin(&w, o->out, "done")) != 0)
		return rc;
	put_bill(&w, o->bill, s->counted ? &s->usage : NULL);
	return end(&w);
}

static int
put_error(struct codec_out *o, struct state *s, enum fault f, struct str text)
{
	s->over = 1;
	return fault_event(o->out, SHAPE_UNIFIED, f, text);
}

static int
put_finish(struct codec_out *o, struct state *s, const struct ir_event *ev)
{
	if (ev->finish == IR_FAILED)
		return put_error(o, s, FAULT_UPSTREAM, ev->text.n > 0 ?
		    ev->text : STR(BROKEN));
	if (ev->finish == IR_REFUSED && !s->said)
		return put_chunk(o, s, ev->text.n > 0 ? ev->text :
		    STR(REFUSED));
	return 0;
}

static int
un_put(struct codec_out *o, const struct ir_event *ev)
{
	struct state *s = o->state;

	if (s == NULL)
		s = o->state = arena_zalloc(o->a, sizeof(*s));
	if (s->over || ev->choice != 0)
		return 0;
	switch (ev->kind) {
	case IR_EV_TEXT:
	case IR_EV_REFUSAL:
		return put_chunk(o, s, ev->text);
	case IR_EV_FINISH:
		return put_finish(o, s, ev);
	case IR_EV_USAGE:
		s->usage = ev->usage;
		s->counted = 1;
		return 0;
	case IR_EV_ERROR:
		return put_error(o, s, ev->fault, ev->text);
	case IR_EV_END:
		return put_done(o, s);
	default:
		return 0;
	}
}

/* --- whole answers ------------------------------------------------------- */

/* An error's event, or one for an end that is none; NULL: it is an answer. */
static const struct ir_event *
failure(const struct ir_event *ev, unsigned n)
{
	static const struct ir_event broken = { .kind = IR_EV_ERROR,
	    .fault = FAULT_UPSTREAM, .text = { BROKEN, sizeof(BROKEN) - 1 } };
	unsigned i;

	for (i = 0; i < n; i++) {
		if (ev[i].kind == IR_EV_ERROR)
			return &ev[i];
		if (ev[i].kind == IR_EV_FINISH && ev[i].choice == 0 &&
		    ev[i].finish == IR_FAILED)
			return &broken;
	}
	return NULL;
}

/* All that was said, as one string. */
static void
put_content(struct jw *w, const struct ir_event *ev, unsigned n)
{
	const struct ir_event *refused = NULL;
	size_t before;
	unsigned i;

	jw_key(w, "content");
	jw_raw(w, STR("\""));
	before = buf_len(w->b);
	for (i = 0; i < n && w->error == 0; i++) {
		if (ev[i].choice != 0)
			continue;
		if (ev[i].kind == IR_EV_TEXT || ev[i].kind == IR_EV_REFUSAL)
			w->error = buf_add_json(w->b, ev[i].text);
		else if (ev[i].kind == IR_EV_FINISH &&
		    ev[i].finish == IR_REFUSED)
			refused = &ev[i];
	}
	if (w->error == 0 && refused != NULL && buf_len(w->b) == before)
		w->error = buf_add_json(w->b, refused->text.n > 0 ?
		    refused->text : STR(REFUSED));
	if (w->error == 0)
		w->error = buf_addc(w->b, '"');
}

static int
un_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	const struct price_usage *u = NULL;
	const struct ir_event *e;
	struct jw w;
	unsigned i;

	if ((e = failure(ev, n)) != NULL)
		return codec_fail(o, SHAPE_UNIFIED, e->fault, e->text);
	for (i = 0; i < n; i++)
		if (ev[i].kind == IR_EV_USAGE)
			u = &ev[i].usage;
	jw_init(&w, o->out);
	jw_open(&w, '{');
	jw_kstr(&w, "provider", o->bill == NULL ? STR_NULL :
	    o->bill->provider);
	jw_key(&w, "message");
	jw_open(&w, '{');
	jw_ktext(&w, "role", "assistant");
	put_content(&w, ev, n);
	jw_close(&w, '}');
	put_bill(&w, o->bill, u);
	jw_close(&w, '}');
	return jw_done(&w);
}

const struct codec codec_unified = {
	.name = "unified",
	.read = un_read,
	.put = un_put,
	.put_body = un_put_body,
};
