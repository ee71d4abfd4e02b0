/*
 * chat_put_body.c - neutral events into a whole answer of the chat family.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The events are walked once for each member: there are few of them, and no
 * second copy of the texts is made.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/wire.h"

struct body {
	const struct chat *c;
	struct codec_out *o;
	const struct ir_event *ev;
	unsigned	 n, choice;
	struct jw	 w;
};

/* Events of a kind in the choice; thoughts may be empty, and are none then. */
static unsigned
count(const struct body *b, enum ir_event_kind kind)
{
	unsigned i, found = 0;

	for (i = 0; i < b->n; i++)
		found += b->ev[i].kind == kind &&
		    b->ev[i].choice == b->choice &&
		    (kind != IR_EV_THINKING || b->ev[i].text.n > 0);
	return found;
}

static const struct ir_event *
last(const struct body *b, enum ir_event_kind kind)
{
	unsigned i = b->n;

	while (i-- > 0)
		if (b->ev[i].kind == kind && b->ev[i].choice == b->choice)
			return &b->ev[i];
	return NULL;
}

/* Their texts as one string. */
static void
put_joined(struct body *b, enum ir_event_kind kind, enum ir_event_kind also)
{
	const struct ir_event *e;

	jw_raw(&b->w, STR("\""));
	for (e = b->ev; e < b->ev + b->n; e++)
		if ((e->kind == kind || e->kind == also) &&
		    e->choice == b->choice && b->w.error == 0)
			b->w.error = buf_add_json(b->w.b, e->text);
	if (b->w.error == 0)
		b->w.error = buf_addc(b->w.b, '"');
}

static struct str
joined_args(const struct body *b, unsigned call)
{
	const struct ir_event *e;
	struct str s;
	struct buf t;

	buf_init(&t, b->w.b->max);
	for (e = b->ev; e < b->ev + b->n; e++)
		if (e->kind == IR_EV_ARGS && e->choice == b->choice &&
		    e->call == call)
			buf_adds(&t, e->text);
	s = arena_str(b->o->a, buf_str(&t));
	buf_free(&t);
	return s;
}

static void
put_function_call(struct body *b, const struct ir_event *e)
{
	struct str args = joined_args(b, e->call);

	jw_key(&b->w, "function_call");
	jw_open(&b->w, '{');
	jw_kstr(&b->w, "name", e->name);
	jw_key(&b->w, "arguments");
	jw_str(&b->w, args.n > 0 ? args : STR("{}"));
	jw_close(&b->w, '}');
}

static void
put_call(struct body *b, const struct ir_event *e)
{
	struct str args = joined_args(b, e->call), id = e->id;
	const struct ir_event *s;

	if (args.n == 0 && !e->custom)
		args = STR("{}");
	if (b->c->has & CHAT_SHORT_IDS)
		id = wire_id(b->o->a, id, CHAT_ID);
	jw_open(&b->w, '{');
	chat_put_call(&b->w, id, e->name, e->custom, args);
	if (b->c->dialect == DIALECT_MISTRAL)
		jw_ku64(&b->w, "index", e->call);
	for (s = b->ev; s < b->ev + b->n; s++)
		if (s->kind == IR_EV_SIGNATURE && s->call == e->call + 1 &&
		    s->choice == e->choice &&
		    b->c->dialect == DIALECT_OPENAI) {
			chat_put_call_signature(&b->w,
			    chat_signature(b->c, b->o, s));
			break;
		}
	jw_close(&b->w, '}');
}

static void
put_calls(struct body *b)
{
	const struct ir_event *e;
	int legacy = b->o->req->functions;

	if (count(b, IR_EV_CALL) == 0) {
		if (b->c->dialect == DIALECT_MISTRAL)
			jw_kraw(&b->w, "tool_calls", STR("null"));
		return;
	}
	if (!legacy) {
		jw_key(&b->w, "tool_calls");
		jw_open(&b->w, '[');
	}
	for (e = b->ev; e < b->ev + b->n; e++) {
		if (e->kind != IR_EV_CALL || e->choice != b->choice)
			continue;
		if (!legacy)
			put_call(b, e);
		else if (e->call == 0)
			put_function_call(b, e);
	}
	if (!legacy)
		jw_close(&b->w, ']');
}

/* A list of chunks, when there is thinking. */
static void
put_chunks(struct body *b)
{
	const struct ir_event *s = NULL, *e;
	struct str text;
	struct buf t;

	buf_init(&t, b->w.b->max);
	for (e = b->ev; e < b->ev + b->n; e++) {
		if (e->choice != b->choice)
			continue;
		if (e->kind == IR_EV_THINKING)
			buf_adds(&t, e->text);
		else if (e->kind == IR_EV_SIGNATURE && e->call == 0)
			s = e;
	}
	text = arena_str(b->o->a, buf_str(&t));
	buf_free(&t);
	jw_open(&b->w, '[');
	chat_put_thinking(&b->w, text, s == NULL ? STR_NULL :
	    chat_signature(b->c, b->o, s));
	if (count(b, IR_EV_TEXT) + count(b, IR_EV_REFUSAL) > 0) {
		jw_open(&b->w, '{');
		jw_ktext(&b->w, "type", "text");
		jw_key(&b->w, "text");
		put_joined(b, IR_EV_TEXT, IR_EV_REFUSAL);
		jw_close(&b->w, '}');
	}
	jw_close(&b->w, ']');
}

static void
put_content(struct body *b, int thinking)
{
	int own = (b->c->has & CHAT_REFUSAL) != 0;
	unsigned texts = count(b, IR_EV_TEXT);

	if (!own)
		texts += count(b, IR_EV_REFUSAL);
	jw_key(&b->w, "content");
	if (thinking && (b->c->has & CHAT_CHUNKS))
		put_chunks(b);
	else if (texts > 0)
		put_joined(b, IR_EV_TEXT, own ? IR_EV_TEXT : IR_EV_REFUSAL);
	else if (!(b->c->has & CHAT_CHUNKS) && (count(b, IR_EV_CALL) > 0 ||
	    count(b, IR_EV_REFUSAL) > 0))
		jw_raw(&b->w, STR("null"));
	else
		jw_text(&b->w, "");
}

/* refusal: what was said, or why the answer ended. */
static void
put_refusal(struct body *b, const struct ir_event *f)
{
	if (!(b->c->has & CHAT_REFUSAL))
		return;
	jw_key(&b->w, "refusal");
	if (count(b, IR_EV_REFUSAL) > 0)
		put_joined(b, IR_EV_REFUSAL, IR_EV_REFUSAL);
	else if (f != NULL && f->finish == IR_REFUSED)
		jw_str(&b->w, f->text.n > 0 ? f->text : STR(CHAT_REFUSED));
	else
		jw_raw(&b->w, STR("null"));
}

/* Lists that only OpenAI's answers have. */
static void
put_lists(struct body *b)
{
	const struct ir_event *e;

	for (e = b->ev; e < b->ev + b->n; e++)
		if (e->kind == IR_EV_CITATION && (b->c->dialect !=
		    DIALECT_OPENAI || !chat_is_citation(e->raw)))
			codec_lose(b->o, "citations");
	if (b->c->dialect != DIALECT_OPENAI) {
		if (count(b, IR_EV_IMAGE) > 0)
			codec_lose(b->o, "images");
		return;
	}
	jw_key(&b->w, "annotations");
	jw_open(&b->w, '[');
	for (e = b->ev; e < b->ev + b->n; e++)
		if (e->kind == IR_EV_CITATION && e->choice == b->choice &&
		    chat_is_citation(e->raw))
			chat_put_citation(&b->w, b->o->a, e->raw);
	jw_close(&b->w, ']');
	if (count(b, IR_EV_IMAGE) == 0)
		return;
	jw_key(&b->w, "images");
	jw_open(&b->w, '[');
	for (e = b->ev; e < b->ev + b->n; e++)
		if (e->kind == IR_EV_IMAGE && e->choice == b->choice)
			chat_put_image(&b->w, b->o->a, e);
	jw_close(&b->w, ']');
}

static void
put_logprobs(struct body *b)
{
	const struct ir_event *e;
	struct jval v;
	size_t pos;

	if (b->c->dialect == DIALECT_MISTRAL)
		return;
	jw_key(&b->w, "logprobs");
	if (!(b->c->has & CHAT_LOGPROBS) || count(b, IR_EV_LOGPROBS) == 0) {
		jw_raw(&b->w, STR("null"));
		return;
	}
	jw_open(&b->w, '{');
	jw_key(&b->w, "content");
	jw_open(&b->w, '[');
	for (e = b->ev; e < b->ev + b->n; e++)
		if (e->kind == IR_EV_LOGPROBS && e->choice == b->choice)
			for (pos = 0; jt_each(jt_get(jt_value(e->raw),
			    "content"), &pos, NULL, &v);)
				jw_raw(&b->w, v.raw);
	jw_close(&b->w, ']');
	jw_kraw(&b->w, "refusal", STR("null"));
	jw_close(&b->w, '}');
}

static void
put_message(struct body *b, const struct ir_event *f)
{
	int thinking = b->o->req->show_thoughts != 0 &&
	    count(b, IR_EV_THINKING) > 0;

	jw_key(&b->w, "message");
	jw_open(&b->w, '{');
	jw_ktext(&b->w, "role", "assistant");
	put_content(b, thinking);
	if (thinking && !(b->c->has & CHAT_CHUNKS)) {
		jw_key(&b->w, b->c->has & CHAT_REASONING ? "reasoning" :
		    "reasoning_content");
		put_joined(b, IR_EV_THINKING, IR_EV_THINKING);
	}
	put_refusal(b, f);
	put_lists(b);
	put_calls(b);
	jw_close(&b->w, '}');
}

/* 1, or 0 when the choice ended with what is no answer. */
static int
put_choice(struct body *b)
{
	const struct ir_event *f = last(b, IR_EV_FINISH);
	const char *finish = chat_finish(b->c, b->o, f == NULL ? IR_STOP :
	    f->finish, count(b, IR_EV_CALL) > 0,
	    count(b, IR_EV_REFUSAL) > 0);

	if (finish == NULL)
		return 0;
	jw_open(&b->w, '{');
	jw_ku64(&b->w, "index", b->choice);
	put_message(b, f);
	put_logprobs(b);
	jw_ktext(&b->w, "finish_reason", finish);
	jw_close(&b->w, '}');
	return 1;
}

/* An error's event, or one for an end that is none; NULL: it is an answer. */
static const struct ir_event *
failure(const struct body *b)
{
	static const struct ir_event broken = { .kind = IR_EV_ERROR,
	    .fault = FAULT_UPSTREAM,
	    .text = CHAT_F("the provider could not finish its answer") };
	const struct ir_event *e;

	for (e = b->ev; e < b->ev + b->n; e++) {
		if (e->kind == IR_EV_ERROR)
			return e;
		if (e->kind == IR_EV_FINISH && chat_finish(b->c, b->o,
		    e->finish, 0, 0) == NULL)
			return &broken;
	}
	return NULL;
}

int
chat_put_body(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev, unsigned n)
{
	static const struct price_usage nobody;
	struct body b = { .c = c, .o = o, .ev = ev, .n = n };
	const struct ir_event *e;
	unsigned choices = 1;

	if ((e = failure(&b)) != NULL)
		return codec_fail(o, c->dialect == DIALECT_MISTRAL ?
		    SHAPE_MISTRAL : SHAPE_OPENAI, e->fault, e->text);
	for (e = ev; e < ev + n; e++)
		if (e->choice >= choices)
			choices = e->choice + 1;
	jw_init(&b.w, o->out);
	jw_open(&b.w, '{');
	jw_kstr(&b.w, "id", chat_id(c, o));
	jw_ktext(&b.w, "object", "chat.completion");
	jw_ku64(&b.w, "created", (uint64_t)o->now);
	jw_key(&b.w, "model");
	jw_str(&b.w, o->model);
	jw_key(&b.w, "choices");
	jw_open(&b.w, '[');
	for (b.choice = 0; b.choice < choices; b.choice++)
		put_choice(&b);
	jw_close(&b.w, ']');
	b.choice = 0;
	/* Mistral's clients take no answer without it. */
	if ((e = last(&b, IR_EV_USAGE)) != NULL ||
	    c->dialect == DIALECT_MISTRAL) {
		jw_key(&b.w, "usage");
		chat_put_usage(c, &b.w, e == NULL ? &nobody : &e->usage);
	}
	if (c->dialect == DIALECT_GROQ) {
		jw_key(&b.w, "x_groq");
		jw_open(&b.w, '{');
		jw_ktext(&b.w, "id", o->id);
		jw_close(&b.w, '}');
	}
	jw_close(&b.w, '}');
	return jw_done(&b.w);
}
