/*
 * chat_put.c - neutral events into a stream of the chat family.
 *
 * Runs in: worker.
 * Owns: the state of a stream, in the answer's arena.
 *
 * What all chunks begin and end with is made once.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/wire.h"

#define MAX_HEAD	8192
#define MAX_ARGS	(64u << 20)	/* of a call that is sent whole */

struct call {
	struct call	*next;
	unsigned	 number;
	int		 custom, said, ended;
	struct str	 id, name;
	struct buf	*args;		/* CHAT_WHOLE_CALLS */
};

struct choice {
	struct choice	*next;
	unsigned	 index;
	struct str	 head;		/* of its chunks, up to the delta */
	struct call	*calls;
	int		 refused, finished;
	const char	*finish;	/* not sent yet */
};

struct state {
	struct str	 head;		/* of chunks, up to the choices */
	struct str	 tail;		/* of most, behind the delta */
	struct choice	*choices;
	struct price_usage usage;
	int		 has_usage, failed, ended;
};

/* --- chunks -------------------------------------------------------------- */

/* The rest: finish_reason, and what follows the choices. */
static void
close_chunk(const struct chat *c, const struct codec_out *o, struct jw *w,
    struct str logprobs, const char *finish)
{
	jw_close(w, '}');
	if (c->dialect != DIALECT_MISTRAL) {
		jw_key(w, "logprobs");
		jw_line(w, logprobs);
	}
	jw_key(w, "finish_reason");
	if (finish == NULL)
		jw_raw(w, STR("null"));
	else
		jw_text(w, finish);
	jw_close(w, '}');
	jw_close(w, ']');
	if ((c->has & CHAT_ASK_USAGE) && o->req->include_usage) {
		jw_key(w, "usage");
		jw_raw(w, STR("null"));
	}
}

static struct state *
state_of(const struct chat *c, struct codec_out *o)
{
	struct state *s = o->state;
	struct buf b;
	struct jw w;

	if (s != NULL)
		return s;
	s = o->state = arena_zalloc(o->a, sizeof(*s));
	buf_init(&b, MAX_HEAD + 8 * o->model.n);
	buf_adds(&b, STR("data: "));
	jw_init(&w, &b);
	jw_open(&w, '{');
	jw_kstr(&w, "id", chat_id(c, o));
	jw_ktext(&w, "object", "chat.completion.chunk");
	jw_ku64(&w, "created", (uint64_t)o->now);
	jw_key(&w, "model");
	jw_str(&w, o->model);
	jw_key(&w, "choices");
	s->head = arena_str(o->a, buf_str(&b));
	buf_reset(&b);
	close_chunk(c, o, &w, STR_NULL, NULL);
	jw_close(&w, '}');
	buf_adds(&b, STR("\n\n"));
	s->tail = arena_str(o->a, buf_str(&b));
	buf_free(&b);
	return s;
}

/* Up to the members of the choice's delta. */
static void
open_chunk(struct codec_out *o, struct jw *w, const struct choice *ch)
{
	jw_init(w, o->out);
	w->error = buf_adds(o->out, ch->head);
}

static int
end_chunk(struct codec_out *o, struct jw *w)
{
	jw_close(w, '}');
	if (jw_done(w) != 0)
		return jw_done(w);
	return buf_adds(o->out, STR("\n\n"));
}

static int
plain_end(struct codec_out *o, const struct jw *w)
{
	const struct state *s = o->state;

	return jw_done(w) != 0 ? jw_done(w) : buf_adds(o->out, s->tail);
}

/* The choice; its first chunk says the role. */
static int
choice_of(const struct chat *c, struct codec_out *o, unsigned index,
    struct choice **out)
{
	struct state *s = state_of(c, o);
	struct choice *ch, **p = &s->choices;
	struct jw w;

	for (; (ch = *p) != NULL; p = &ch->next)
		if (ch->index == index) {
			*out = ch;
			return 0;
		}
	*out = ch = *p = arena_zalloc(o->a, sizeof(*ch));
	ch->index = index;
	ch->head = str_of(arena_printf(o->a, "%.*s[{\"index\":%u,\"delta\":{",
	    STR_ARG(s->head), index));
	open_chunk(o, &w, ch);
	jw_ktext(&w, "role", "assistant");
	jw_ktext(&w, "content", "");
	if (c->has & CHAT_REFUSAL)
		jw_kraw(&w, "refusal", STR("null"));
	close_chunk(c, o, &w, STR_NULL, NULL);
	if (c->dialect == DIALECT_GROQ && s->choices == ch) {
		jw_key(&w, "x_groq");
		jw_open(&w, '{');
		jw_ktext(&w, "id", o->id);
		jw_close(&w, '}');
	}
	return end_chunk(o, &w);
}

/* A delta with one text. */
static int
put_text(struct codec_out *o, const struct choice *ch, const char *name,
    struct str text)
{
	struct jw w;

	if (text.n == 0)
		return 0;
	open_chunk(o, &w, ch);
	jw_key(&w, name);
	jw_str(&w, text);
	return plain_end(o, &w);
}

/* --- thinking ------------------------------------------------------------ */

static int
put_chunk(const struct chat *c, struct codec_out *o, const struct choice *ch,
    struct str text, struct str signature)
{
	struct jw w;

	open_chunk(o, &w, ch);
	jw_key(&w, "content");
	jw_open(&w, '[');
	chat_put_thinking(&w, text, signature);
	jw_close(&w, ']');
	return plain_end(o, &w);
}

static int
put_thinking(const struct chat *c, struct codec_out *o,
    const struct choice *ch, struct str text)
{
	if (o->req->show_thoughts == 0 || text.n == 0)
		return 0;
	if (c->has & CHAT_CHUNKS)
		return put_chunk(c, o, ch, text, STR_NULL);
	return put_text(o, ch, c->has & CHAT_REASONING ? "reasoning" :
	    "reasoning_content", text);
}

static int
put_signature(const struct chat *c, struct codec_out *o,
    const struct choice *ch, const struct ir_event *ev)
{
	struct str s = chat_signature(c, o, ev);
	struct jw w;

	if (ev->call == 0)
		return c->has & CHAT_CHUNKS ? put_chunk(c, o, ch, STR_NULL,
		    s) : 0;
	if (c->dialect != DIALECT_OPENAI || o->req->functions)
		return 0;
	open_chunk(o, &w, ch);
	jw_key(&w, "tool_calls");
	jw_open(&w, '[');
	jw_open(&w, '{');
	jw_ku64(&w, "index", ev->call - 1);
	chat_put_call_signature(&w, s);
	jw_close(&w, '}');
	jw_close(&w, ']');
	return plain_end(o, &w);
}

/* --- calls --------------------------------------------------------------- */

static void
free_buf(void *arg)
{
	struct buf *b = arg;

	buf_free(b);
}

static struct call *
call_of(struct choice *ch, unsigned number)
{
	struct call *k = ch->calls;

	while (k != NULL && k->number != number)
		k = k->next;
	return k;
}

/* Of the old form there can be one. */
static int
put_function(const struct chat *c, struct codec_out *o,
    const struct choice *ch, const struct call *k, struct str name,
    struct str args)
{
	struct jw w;

	if (k->number > 0)
		return 0;
	open_chunk(o, &w, ch);
	jw_key(&w, "function_call");
	jw_open(&w, '{');
	jw_kstr(&w, "name", name);
	jw_key(&w, "arguments");
	jw_str(&w, args);
	jw_close(&w, '}');
	return plain_end(o, &w);
}

/* The whole call, or its beginning. */
static int
put_call(const struct chat *c, struct codec_out *o, const struct choice *ch,
    const struct call *k, struct str args)
{
	struct str id = k->id;
	struct jw w;

	if (o->req->functions)
		return put_function(c, o, ch, k, k->name, args);
	if (c->has & CHAT_SHORT_IDS)
		id = wire_id(CODEC_TMP(o), id, CHAT_ID);
	open_chunk(o, &w, ch);
	jw_key(&w, "tool_calls");
	jw_open(&w, '[');
	jw_open(&w, '{');
	jw_ku64(&w, "index", k->number);
	chat_put_call(&w, id, k->name, k->custom, args);
	jw_close(&w, '}');
	jw_close(&w, ']');
	return plain_end(o, &w);
}

static int
put_piece(const struct chat *c, struct codec_out *o, const struct choice *ch,
    const struct call *k, struct str args)
{
	struct jw w;

	if (o->req->functions)
		return put_function(c, o, ch, k, STR_NULL, args);
	open_chunk(o, &w, ch);
	jw_key(&w, "tool_calls");
	jw_open(&w, '[');
	jw_open(&w, '{');
	jw_ku64(&w, "index", k->number);
	jw_key(&w, k->custom ? "custom" : "function");
	jw_open(&w, '{');
	jw_key(&w, k->custom ? "input" : "arguments");
	jw_str(&w, args);
	jw_close(&w, '}');
	jw_close(&w, '}');
	jw_close(&w, ']');
	return plain_end(o, &w);
}

static int
put_call_begin(const struct chat *c, struct codec_out *o, struct choice *ch,
    const struct ir_event *ev)
{
	struct call *k = arena_zalloc(o->a, sizeof(*k)), **p = &ch->calls;

	while (*p != NULL)
		p = &(*p)->next;
	*p = k;
	k->number = ev->call;
	k->custom = ev->custom;
	k->id = arena_str(o->a, ev->id);
	k->name = arena_str(o->a, ev->name);
	if (!(c->has & CHAT_WHOLE_CALLS))
		return put_call(c, o, ch, k, STR(""));
	k->args = arena_alloc(o->a, sizeof(*k->args));
	buf_init(k->args, MAX_ARGS);
	arena_cleanup(o->a, free_buf, k->args);
	return 0;
}

static int
put_args(const struct chat *c, struct codec_out *o, struct choice *ch,
    const struct ir_event *ev)
{
	struct call *k = call_of(ch, ev->call);

	if (k == NULL || k->ended || ev->text.n == 0)
		return 0;
	k->said = 1;
	if (k->args != NULL)
		return codec_keep(o->a, k->args, ev->text);
	return put_piece(c, o, ch, k, ev->text);
}

static int
put_call_end(const struct chat *c, struct codec_out *o, struct choice *ch,
    struct call *k)
{
	struct str none = k != NULL && k->custom ? STR("") : STR("{}");
	int rc;

	if (k == NULL || k->ended)
		return 0;
	k->ended = 1;
	if (k->args == NULL)
		return k->said || k->custom ? 0 : put_piece(c, o, ch, k,
		    none);
	rc = put_call(c, o, ch, k, k->said ? buf_str(k->args) : none);
	codec_drop(o->a, k->args);
	return rc;
}

/* --- the end ------------------------------------------------------------- */

static int
put_error(const struct chat *c, struct codec_out *o, enum fault f,
    struct str text)
{
	struct state *s = state_of(c, o);
	int rc;

	s->failed = 1;
	if (c->dialect == DIALECT_GROQ &&
	    (rc = buf_adds(o->out, STR("event: error\n"))) != 0)
		return rc;
	return fault_event(o->out, SHAPE_OPENAI, f, text);
}

static int
put_finish(const struct chat *c, struct codec_out *o, struct choice *ch,
    const struct ir_event *ev)
{
	struct call *k;
	struct jw w;
	int rc;

	for (k = ch->calls; k != NULL; k = k->next)
		if ((rc = put_call_end(c, o, ch, k)) != 0)
			return rc;
	ch->finish = chat_finish(c, o, ev->finish, ch->calls != NULL,
	    ch->refused);
	if (ch->finish == NULL)
		return put_error(c, o, FAULT_UPSTREAM, ev->text.n > 0 ?
		    ev->text : STR("the provider could not finish its "
		    "answer"));
	if (ev->finish == IR_REFUSED && !ch->refused &&
	    (rc = put_text(o, ch, c->has & CHAT_REFUSAL ? "refusal" :
	    "content", ev->text.n > 0 ? ev->text : STR(CHAT_REFUSED))) != 0)
		return rc;
	ch->finished = 1;
	if (c->has & CHAT_WHOLE_CALLS)
		return 0;	/* with the usage */
	open_chunk(o, &w, ch);
	close_chunk(c, o, &w, STR_NULL, ch->finish);
	return end_chunk(o, &w);
}

/* Where the last chunk has usage: what was kept for it. */
static int
put_last(const struct chat *c, struct codec_out *o, const struct state *s)
{
	const struct choice *ch;
	struct jw w;
	int rc;

	for (ch = s->choices; ch != NULL; ch = ch->next) {
		open_chunk(o, &w, ch);
		close_chunk(c, o, &w, STR_NULL, ch->finish);
		if (s->has_usage && ch->next == NULL) {
			jw_key(&w, "usage");
			chat_put_usage(c, &w, &s->usage);
		}
		if (ch->next == NULL && c->dialect == DIALECT_GROQ) {
			jw_key(&w, "x_groq");
			jw_open(&w, '{');
			jw_ktext(&w, "id", o->id);
			if (s->has_usage) {
				jw_key(&w, "usage");
				chat_put_usage(c, &w, &s->usage);
			}
			jw_close(&w, '}');
		}
		if ((rc = end_chunk(o, &w)) != 0)
			return rc;
	}
	return 0;
}

static int
put_end(const struct chat *c, struct codec_out *o)
{
	struct state *s = state_of(c, o);
	struct jw w;
	int rc = 0;

	s->ended = 1;
	if (c->has & CHAT_WHOLE_CALLS)
		rc = put_last(c, o, s);
	else if (o->req->include_usage && s->has_usage) {
		jw_init(&w, o->out);
		w.error = buf_adds(o->out, s->head);
		jw_raw(&w, STR("[]"));
		jw_key(&w, "usage");
		chat_put_usage(c, &w, &s->usage);
		rc = end_chunk(o, &w);
	}
	return rc != 0 ? rc : buf_adds(o->out, STR("data: [DONE]\n\n"));
}

static int
put_citation(const struct chat *c, struct codec_out *o,
    const struct choice *ch, const struct ir_event *ev)
{
	struct jw w;

	if (c->dialect != DIALECT_OPENAI || !chat_is_citation(ev->raw)) {
		codec_lose(o, "citations");
		return 0;
	}
	open_chunk(o, &w, ch);
	jw_key(&w, "annotations");
	jw_open(&w, '[');
	chat_put_citation(&w, CODEC_TMP(o), ev->raw);
	jw_close(&w, ']');
	return plain_end(o, &w);
}

static int
put_image(const struct chat *c, struct codec_out *o, const struct choice *ch,
    const struct ir_event *ev)
{
	struct jw w;

	if (c->dialect != DIALECT_OPENAI) {
		codec_lose(o, "images");
		return 0;
	}
	open_chunk(o, &w, ch);
	jw_key(&w, "images");
	jw_open(&w, '[');
	chat_put_image(&w, CODEC_TMP(o), ev);
	jw_close(&w, ']');
	return plain_end(o, &w);
}

static int
put_logprobs(const struct chat *c, struct codec_out *o,
    const struct choice *ch, struct str raw)
{
	struct jw w;

	if (!(c->has & CHAT_LOGPROBS))
		return 0;
	open_chunk(o, &w, ch);
	close_chunk(c, o, &w, raw, NULL);
	return end_chunk(o, &w);
}

static int
put_in_choice(const struct chat *c, struct codec_out *o, struct choice *ch,
    const struct ir_event *ev)
{
	switch (ev->kind) {
	case IR_EV_TEXT:
		return put_text(o, ch, "content", ev->text);
	case IR_EV_REFUSAL:
		ch->refused = 1;
		return put_text(o, ch, c->has & CHAT_REFUSAL ? "refusal" :
		    "content", ev->text);
	case IR_EV_THINKING:
		return put_thinking(c, o, ch, ev->text);
	case IR_EV_SIGNATURE:
		return put_signature(c, o, ch, ev);
	case IR_EV_CALL:
		return put_call_begin(c, o, ch, ev);
	case IR_EV_ARGS:
		return put_args(c, o, ch, ev);
	case IR_EV_CALL_END:
		return put_call_end(c, o, ch, call_of(ch, ev->call));
	case IR_EV_IMAGE:
		return put_image(c, o, ch, ev);
	case IR_EV_CITATION:
		return put_citation(c, o, ch, ev);
	case IR_EV_LOGPROBS:
		return put_logprobs(c, o, ch, ev->raw);
	case IR_EV_FINISH:
		return put_finish(c, o, ch, ev);
	default:
		return 0;
	}
}

int
chat_put(const struct chat *c, struct codec_out *o,
    const struct ir_event *ev)
{
	struct state *s = state_of(c, o);
	struct choice *ch;
	int rc;

	if (s->failed || s->ended)
		return 0;
	switch (ev->kind) {
	case IR_EV_USAGE:
		s->usage = ev->usage;
		s->has_usage = 1;
		return 0;
	case IR_EV_ERROR:
		return put_error(c, o, ev->fault, ev->text);
	case IR_EV_END:
		return put_end(c, o);
	default:
		break;
	}
	if ((rc = choice_of(c, o, ev->choice, &ch)) != 0 || ch->finished)
		return rc;
	return put_in_choice(c, o, ch, ev);
}
