/*
 * responses_event.c - a provider's Responses answer, into events.
 *
 * Runs in: worker.
 * Owns: nothing; its state lies in the answer's arena.
 *
 * An item comes as "added", pieces, "done"; some servers leave out the pieces,
 * or all but the last event. So each item knows what of it was told, and what
 * was not is taken from the next event that has all of it.
 */
#include "base/err.h"
#include "dialect/resp.h"
#include "dialect/wire.h"

#define ITEMS_MAX	4096	/* of one answer */
#define DATA_MAX	(256u << 20)

struct item {
	struct item	*next;
	uint64_t	 index;		/* output_index */
	unsigned	 call;
	unsigned	 is_call : 1, texted : 1, done : 1;
	uint64_t	 summary;	/* its part that is being told */
};

struct state {
	struct item	*items, *last;	/* the latest first */
	unsigned	 n_items;
	int		 refused, failed;
};

static struct state *
state_of(struct codec_in *in)
{
	if (in->state == NULL)
		in->state = arena_zalloc(in->a, sizeof(struct state));
	return in->state;
}

static void
emit(struct codec_in *in, enum ir_event_kind kind, struct str text)
{
	struct ir_event ev = { .kind = kind, .text = text,
	    .from = DIALECT_OPENAI };

	in->emit(in->arg, &ev);
}

/* The item with that number; it is new when there is none. */
static struct item *
item_at(struct codec_in *in, uint64_t index)
{
	struct state *s = state_of(in);
	struct item *i = s->last;

	if (i != NULL && i->index == index)
		return i;
	for (i = s->items; i != NULL; i = i->next)
		if (i->index == index)
			return s->last = i;
	if (s->n_items++ == ITEMS_MAX)
		return NULL;
	i = arena_zalloc(in->a, sizeof(*i));
	i->index = index;
	i->next = s->items;
	s->items = s->last = i;
	return i;
}

/* --- the answer ---------------------------------------------------------- */

static void
start(struct codec_in *in, struct jval response)
{
	struct ir_event ev = { .kind = IR_EV_START };

	if (in->started)
		return;
	in->started = 1;
	ev.id = jt_text(CODEC_TMP(in), jt_get(response, "id"));
	ev.model = jt_text(CODEC_TMP(in), jt_get(response, "model"));
	ev.created = (int64_t)(jt_u64(jt_get(response, "created_at"), 0) &
	    INT64_MAX);
	in->emit(in->arg, &ev);
}

static void
take_usage(struct codec_in *in, struct jval u)
{
	struct ir_event ev = { .kind = IR_EV_USAGE };
	struct jval in_d = jt_get(u, "input_tokens_details");
	struct jval out_d = jt_get(u, "output_tokens_details");

	if (u.type != JSCAN_OBJECT)
		return;
	ev.usage.input = jt_u64(jt_get(u, "input_tokens"), 0);
	ev.usage.output = jt_u64(jt_get(u, "output_tokens"), 0);
	ev.usage.cached = jt_u64(jt_get(in_d, "cached_tokens"), 0);
	ev.usage.cache_write = jt_u64(jt_get(in_d, "cache_write_tokens"), 0);
	ev.usage.reasoning = jt_u64(jt_get(out_d, "reasoning_tokens"), 0);
	in->emit(in->arg, &ev);
}

static void
finish(struct codec_in *in, struct jval response)
{
	struct ir_event ev = { .kind = IR_EV_FINISH, .finish = IR_STOP };
	struct jval why = jt_get(jt_get(response, "incomplete_details"),
	    "reason");

	if (in->finished)
		return;
	in->finished = 1;
	ev.native = jt_text(CODEC_TMP(in), jt_get(response, "status"));
	if (jt_eq(jt_get(response, "status"), "incomplete")) {
		ev.native = jt_text(CODEC_TMP(in), why);
		ev.finish = jt_eq(why, "content_filter") ? IR_CONTENT_FILTER :
		    IR_LENGTH;
	} else if (in->calls > 0)
		ev.finish = IR_TOOL_CALLS;
	else if (state_of(in)->refused)
		ev.finish = IR_REFUSED;
	in->emit(in->arg, &ev);
}

/* What OpenAI calls it; others are the provider's fault. */
static enum fault
fault_of(struct jval code)
{
	static const struct {
		const char	*code;
		enum fault	 fault;
	} rows[] = {
		{ "rate_limit_exceeded", FAULT_RATE },
		{ "insufficient_quota", FAULT_UPSTREAM_AUTH },
		{ "invalid_api_key", FAULT_UPSTREAM_AUTH },
		{ "context_length_exceeded", FAULT_BAD_REQUEST },
		{ "invalid_prompt", FAULT_BAD_REQUEST },
		{ "invalid_request_error", FAULT_BAD_REQUEST },
		{ "server_overloaded", FAULT_OVERLOAD },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (jt_eq(code, rows[i].code))
			return rows[i].fault;
	return FAULT_UPSTREAM;
}

/* The members of e: code or type, message. */
static void
fail(struct codec_in *in, struct jval e)
{
	struct ir_event ev = { .kind = IR_EV_ERROR };
	struct state *s = state_of(in);
	struct jval code = jt_get(e, "code");

	if (s->failed || in->ended)
		return;
	s->failed = 1;
	if (!jt_is(code))
		code = jt_get(e, "type");
	ev.fault = fault_of(code);
	ev.native = jt_text(CODEC_TMP(in), code);
	ev.text = jt_text(CODEC_TMP(in), jt_get(e, "message"));
	if (ev.text.n == 0)
		ev.text = STR("the provider failed");
	in->emit(in->arg, &ev);
}

/* --- items --------------------------------------------------------------- */

static void
begin_call(struct codec_in *in, struct item *i, struct jval item, int custom)
{
	struct ir_event ev = { .kind = IR_EV_CALL, .custom = custom };
	const struct ir_tool *t = NULL;

	if (i->is_call)
		return;
	i->is_call = 1;
	i->call = in->calls++;
	ev.call = i->call;
	ev.id = jt_text(CODEC_TMP(in), jt_get(item, "call_id"));
	ev.name = jt_text(CODEC_TMP(in), jt_get(item, "name"));
	if (in->req != NULL)
		t = wire_tool_find(in->req, ev.name);
	if (t != NULL)
		ev.name = t->name;	/* as the client called it */
	in->emit(in->arg, &ev);
}

static void
args(struct codec_in *in, struct item *i, struct str text)
{
	struct ir_event ev = { .kind = IR_EV_ARGS, .call = i->call,
	    .text = text };

	if (text.n == 0 || !i->is_call || i->done)
		return;
	i->texted = 1;
	in->emit(in->arg, &ev);
}

static void
end_call(struct codec_in *in, struct item *i, struct jval text)
{
	struct ir_event ev = { .kind = IR_EV_CALL_END, .call = i->call };

	if (!i->texted)
		args(in, i, jt_text(CODEC_TMP(in), text));
	in->emit(in->arg, &ev);
}

static void
logprobs(struct codec_in *in, struct jval list)
{
	struct ir_event ev = { .kind = IR_EV_LOGPROBS };
	struct jval one;
	size_t pos = 0;

	if (list.type != JSCAN_ARRAY || !jt_each(list, &pos, NULL, &one))
		return;
	ev.raw = str_of(arena_printf(CODEC_TMP(in), "{\"content\":%.*s}",
	    STR_ARG(list.raw)));
	in->emit(in->arg, &ev);
}

static void
citation(struct codec_in *in, struct jval v)
{
	struct ir_event ev = { .kind = IR_EV_CITATION, .raw = v.raw,
	    .from = DIALECT_OPENAI };

	if (v.type == JSCAN_OBJECT)
		in->emit(in->arg, &ev);
}

/* The content of a message of which no piece came. */
static void
whole_message(struct codec_in *in, struct jval item)
{
	struct jval content = jt_get(item, "content"), p, note;
	size_t pos = 0, at;

	while (jt_each(content, &pos, NULL, &p)) {
		if (jt_eq(jt_get(p, "type"), "refusal")) {
			state_of(in)->refused = 1;
			emit(in, IR_EV_REFUSAL, jt_text(CODEC_TMP(in),
			    jt_get(p, "refusal")));
			continue;
		}
		emit(in, IR_EV_TEXT, jt_text(CODEC_TMP(in), jt_get(p, "text")));
		logprobs(in, jt_get(p, "logprobs"));
		for (at = 0; jt_each(jt_get(p, "annotations"), &at, NULL,
		    &note); )
			citation(in, note);
	}
}

static void
thoughts(struct codec_in *in, struct item *i, struct jval list)
{
	struct jval p;
	size_t pos = 0;

	while (jt_each(list, &pos, NULL, &p)) {
		if (i->texted)
			emit(in, IR_EV_THINKING, STR("\n\n"));
		i->texted = 1;
		emit(in, IR_EV_THINKING, jt_text(CODEC_TMP(in), jt_get(p, "text")));
	}
}

/* The signature is the one at the end: that of "added" is another. It holds
 * for the item of that id only, so the id goes with it. */
static void
end_reasoning(struct codec_in *in, struct item *i, struct jval item)
{
	struct str sig = jt_text(CODEC_TMP(in), jt_get(item, "encrypted_content"));
	struct str id = jt_text(CODEC_TMP(in), jt_get(item, "id"));

	if (!i->texted)
		thoughts(in, i, jt_get(item, "summary"));
	if (!i->texted)
		thoughts(in, i, jt_get(item, "content"));
	if (sig.n == 0)
		return;
	if (!i->texted)
		emit(in, IR_EV_THINKING, STR(""));
	if (str_starts(id, STR("rs_")) && !str_starts(sig, STR("rs_")))
		sig = arena_cat(CODEC_TMP(in), arena_cat(CODEC_TMP(in), id,
		    STR(":")), sig);
	emit(in, IR_EV_SIGNATURE, sig);
}

static void
image(struct codec_in *in, struct jval item)
{
	struct ir_event ev = { .kind = IR_EV_IMAGE, .name = STR("image/png") };
	struct jval format = jt_get(item, "output_format");

	ev.text = jt_text(CODEC_TMP(in), jt_get(item, "result"));
	if (jt_is(format))
		ev.name = str_of(arena_printf(CODEC_TMP(in), "image/%.*s",
		    STR_ARG(jt_text(CODEC_TMP(in), format))));
	if (ev.text.n > 0)
		in->emit(in->arg, &ev);
}

static void
item_added(struct codec_in *in, struct item *i, struct jval item)
{
	struct jval type = jt_get(item, "type");

	if (jt_eq(type, "function_call"))
		begin_call(in, i, item, 0);
	else if (jt_eq(type, "custom_tool_call"))
		begin_call(in, i, item, 1);
}

static void
item_done(struct codec_in *in, struct item *i, struct jval item)
{
	struct jval type = jt_get(item, "type");

	if (i->done)
		return;
	item_added(in, i, item);
	if (jt_eq(type, "function_call"))
		end_call(in, i, jt_get(item, "arguments"));
	else if (jt_eq(type, "custom_tool_call"))
		end_call(in, i, jt_get(item, "input"));
	else if (jt_eq(type, "reasoning"))
		end_reasoning(in, i, item);
	else if (jt_eq(type, "message") && !i->texted)
		whole_message(in, item);
	else if (jt_eq(type, "image_generation_call"))
		image(in, item);
	i->done = 1;
}

/* All items that were not told yet. */
static int
whole_output(struct codec_in *in, struct jval response)
{
	struct jval list = jt_get(response, "output"), v;
	struct item *i;
	size_t pos = 0;
	uint64_t n = 0;

	while (jt_each(list, &pos, NULL, &v)) {
		if ((i = item_at(in, n++)) == NULL)
			return ERR_FORMAT;
		item_done(in, i, v);
	}
	return 0;
}

static int
completed(struct codec_in *in, struct jval response)
{
	struct ir_event ev = { .kind = IR_EV_END };
	int rc;

	if (in->ended || state_of(in)->failed)
		return 0;
	start(in, response);
	if ((rc = whole_output(in, response)) != 0)
		return rc;
	finish(in, response);
	take_usage(in, jt_get(response, "usage"));
	in->ended = 1;
	in->emit(in->arg, &ev);
	return 0;
}

/* --- events of a stream -------------------------------------------------- */

struct event {
	struct jval	 type, response, item, delta, error, top;
	struct item	*i;		/* of output_index */
	uint64_t	 part;		/* summary_index */
};

static int
on_response(struct codec_in *in, struct event *e)
{
	start(in, e->response);
	return 0;
}

static int
on_completed(struct codec_in *in, struct event *e)
{
	return completed(in, e->response);
}

static int
on_failed(struct codec_in *in, struct event *e)
{
	fail(in, jt_get(e->response, "error"));
	return 0;
}

/* Nested in "error", or flat. */
static int
on_error(struct codec_in *in, struct event *e)
{
	fail(in, e->error.type == JSCAN_OBJECT ? e->error : e->top);
	return 0;
}

static int
on_added(struct codec_in *in, struct event *e)
{
	item_added(in, e->i, e->item);
	return 0;
}

static int
on_done(struct codec_in *in, struct event *e)
{
	item_done(in, e->i, e->item);
	return 0;
}

static int
on_text(struct codec_in *in, struct event *e)
{
	e->i->texted = 1;
	emit(in, IR_EV_TEXT, jt_text(CODEC_TMP(in), e->delta));
	logprobs(in, jt_get(e->top, "logprobs"));
	return 0;
}

static int
on_refusal(struct codec_in *in, struct event *e)
{
	e->i->texted = 1;
	state_of(in)->refused = 1;
	emit(in, IR_EV_REFUSAL, jt_text(CODEC_TMP(in), e->delta));
	return 0;
}

static int
on_note(struct codec_in *in, struct event *e)
{
	citation(in, jt_get(e->top, "annotation"));
	return 0;
}

static int
on_thought(struct codec_in *in, struct event *e)
{
	if (e->i->texted && e->part != e->i->summary)
		emit(in, IR_EV_THINKING, STR("\n\n"));
	e->i->summary = e->part;
	e->i->texted = 1;
	emit(in, IR_EV_THINKING, jt_text(CODEC_TMP(in), e->delta));
	return 0;
}

static int
on_args(struct codec_in *in, struct event *e)
{
	args(in, e->i, jt_text(CODEC_TMP(in), e->delta));
	return 0;
}

static const struct {
	const char	*type;
	int		(*on)(struct codec_in *in, struct event *e);
} rows[] = {
	{ "response.output_text.delta", on_text },
	{ "response.function_call_arguments.delta", on_args },
	{ "response.custom_tool_call_input.delta", on_args },
	{ "response.reasoning_summary_text.delta", on_thought },
	{ "response.reasoning_text.delta", on_thought },
	{ "response.refusal.delta", on_refusal },
	{ "response.output_item.added", on_added },
	{ "response.output_item.done", on_done },
	{ "response.output_text.annotation.added", on_note },
	{ "response.created", on_response },
	{ "response.in_progress", on_response },
	{ "response.completed", on_completed },
	{ "response.done", on_completed },
	{ "response.incomplete", on_completed },
	{ "response.failed", on_failed },
	{ "response.cancelled", on_failed },
	{ "error", on_error },
};

static int
one(struct codec_in *in, struct jval top)
{
	struct event e = { .top = top, .part = 0 };
	struct state *s = state_of(in);
	struct jval v;
	struct str key;
	uint64_t index = 0;
	size_t pos = 0, i;

	while (jt_each(top, &pos, &key, &v)) {
		if (str_eqc(key, "type"))
			e.type = v;
		else if (str_eqc(key, "delta"))
			e.delta = v;
		else if (str_eqc(key, "output_index"))
			index = jt_u64(v, 0);
		else if (str_eqc(key, "summary_index"))
			e.part = jt_u64(v, 0);
		else if (str_eqc(key, "item"))
			e.item = v;
		else if (str_eqc(key, "response"))
			e.response = v;
		else if (str_eqc(key, "error"))
			e.error = v;
	}
	/* An error without a type is one, too. */
	if (e.type.type == JSCAN_NONE && jt_is(e.error))
		return on_error(in, &e);
	if (e.type.type != JSCAN_STRING)
		return 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eqc(str_make(e.type.raw.p + 1, e.type.raw.n - 2),
		    rows[i].type))
			break;
	if (i == sizeof(rows) / sizeof(rows[0]) || in->ended || s->failed)
		return 0;	/* of a kind that we need not know */
	if (!in->started && rows[i].on != on_error && rows[i].on != on_failed)
		start(in, e.response);
	if ((e.i = item_at(in, index)) == NULL)
		return ERR_FORMAT;
	return rows[i].on(in, &e);
}

static int
accept(struct codec_in *in, struct str text)
{
	struct jscan_result res;
	struct jval top = jt_value(text);

	if (jscan(text, NULL, NULL, 0, &res) != 0 || top.type != JSCAN_OBJECT)
		return ERR_FORMAT;
	return one(in, top);
}

int
resp_event(struct codec_in *in, const struct sse_event *ev)
{
	struct buf b;
	int rc;

	/* Some compatible servers end as chat does. */
	if (ev->data_lines == 0 || str_eq(ev->data, STR("[DONE]")))
		return 0;
	if (ev->data_lines == 1)
		return accept(in, ev->data);
	buf_init(&b, DATA_MAX);
	if ((rc = sse_data(ev, &b)) == 0)
		rc = accept(in, buf_str(&b));
	buf_free(&b);
	return rc;
}

int
resp_end(struct codec_in *in)
{
	return in->ended || state_of(in)->failed ? 0 : ERR_EOF;
}

int
resp_body(struct codec_in *in, struct str body)
{
	struct jscan_result res;
	struct jval top = jt_value(body), e;

	if (jscan(body, NULL, NULL, 0, &res) != 0 || top.type != JSCAN_OBJECT)
		return ERR_FORMAT;
	e = jt_get(top, "error");
	if (jt_is(e) || jt_eq(jt_get(top, "status"), "failed") ||
	    jt_eq(jt_get(top, "status"), "cancelled")) {
		start(in, top);
		fail(in, e);
		return 0;
	}
	if (jt_get(top, "output").type != JSCAN_ARRAY)
		return ERR_FORMAT;
	return completed(in, top);
}
