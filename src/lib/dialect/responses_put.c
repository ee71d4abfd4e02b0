/*
 * responses_put.c - events, as a Responses answer.
 *
 * Runs in: worker.
 * Owns: nothing; what it keeps lies in the answer's arena.
 *
 * One message or reasoning item is open at a time; calls stay open until they
 * end, each at a place of its own in the output.
 */
#include "base/err.h"
#include "dialect/rout.h"

#define FAULT_MAX (1u << 20)

static void
put_text(struct rout *r, struct str text, int refusal)
{
	struct rout_piece *p;

	if (refusal)
		r->refused = 1;
	if (text.n == 0)
		return;
	p = rout_open_piece(r, refusal);
	rout_keep(r, &p->text, text);
	rout_ev_text(r, refusal ? "response.refusal.delta" :
	    "response.output_text.delta", r->cur, "content_index", "delta",
	    text);
}

/* An annotation, in the form that this API has. */
static void
put_citation(struct rout *r, struct str raw)
{
	struct jval v = jt_value(raw), in = jt_get(v, "url_citation"), url,
	    title;
	struct rout_piece *p;

	if (in.type == JSCAN_OBJECT && in.raw.n > 2)	/* as chat nests it */
		raw = str_of(arena_printf(CODEC_TMP(r->o),
		    "{\"type\":\"url_citation\",%.*s", (int)in.raw.n - 1,
		    in.raw.p + 1));
	else if (!jt_eq(jt_get(v, "type"), "url_citation")) {
		url = jt_get(v, "url");
		if (url.type != JSCAN_STRING) {
			codec_lose(r->o, "citations");
			return;
		}
		title = jt_get(v, "title");
		raw = str_of(arena_printf(CODEC_TMP(r->o),
		    "{\"type\":\"url_citation\",\"start_index\":0,"
		    "\"end_index\":0,\"url\":%.*s,\"title\":%.*s}",
		    STR_ARG(url.raw), STR_ARG(title.type == JSCAN_STRING ?
		    title.raw : STR("\"\""))));
	}
	p = rout_open_piece(r, 0);
	if (rout_ev_item(r, "response.output_text.annotation.added", r->cur)) {
		jw_ku64(&r->w, "content_index", r->cur->n_pieces - 1);
		jw_ku64(&r->w, "annotation_index", p->n_notes);
		jw_kraw(&r->w, "annotation", raw);
		rout_event_end(r);
	}
	if (p->n_notes++ > 0)
		rout_keep(r, &p->notes, STR(","));
	rout_keep(r, &p->notes, raw);
}

/* The message that is open; of a body the last, which a signature may have
 * closed. */
static struct rout_item *
message(struct rout *r)
{
	struct rout_item *i, *last = NULL;

	if (r->cur != NULL && r->cur->kind == ROUT_MESSAGE)
		return r->cur;
	for (i = r->mute ? r->items : NULL; i != NULL; i = i->next)
		if (i->kind == ROUT_MESSAGE)
			last = i;
	return last;
}

static void
put_logprobs(struct rout *r, struct str raw)
{
	struct jval list = jt_get(jt_value(raw), "content"), v;
	struct rout_item *i = message(r);
	struct rout_piece *p;
	size_t pos = 0;

	if (i == NULL) {
		codec_lose(r->o, "logprobs");
		return;
	}
	p = i->last;
	while (p != NULL && jt_each(list, &pos, NULL, &v)) {
		if (buf_len(&p->probs) > 0)
			rout_keep(r, &p->probs, STR(","));
		rout_keep(r, &p->probs, v.raw);
	}
}

/* --- reasoning ----------------------------------------------------------- */

static void
put_thinking(struct rout *r, const struct ir_event *ev)
{
	struct rout_item *i = rout_open(r, ROUT_REASONING);

	if (ev->text.n == 0 || r->o->req->show_thoughts == 0)
		return;
	if (i->last == NULL) {
		i->raw = ev->from == DIALECT_MISTRAL ||
		    ev->from == DIALECT_GROQ;
		rout_add_piece(r, i, 0);
		rout_ev_thought(r, i->raw ? "response.content_part.added" :
		    "response.reasoning_summary_part.added", i, 1);
	}
	rout_keep(r, &i->last->text, ev->text);
	rout_ev_text(r, i->raw ? "response.reasoning_text.delta" :
	    "response.reasoning_summary_text.delta", i, i->raw ?
	    "content_index" : "summary_index", "delta", ev->text);
}

/* A signature belongs to the reasoning that is open, or to an item of its own.
 * before: what it is, when it is no plain one. */
static void
put_signature(struct rout *r, const struct ir_event *ev, const char *before,
    struct str call_id)
{
	struct rout_item *i;
	struct str s = ev->text;

	if (*before != '\0')
		rout_close(r);
	i = rout_open(r, ROUT_REASONING);
	if (*before != '\0')
		s = str_of(arena_printf(CODEC_TMP(r->o), "%s%.*s%s%.*s", before,
		    STR_ARG(call_id), call_id.n > 0 ? ":" : "", STR_ARG(s)));
	if (ev->from == DIALECT_OPENAI || ev->from == DIALECT_AZURE)
		i->signature = arena_str(r->o->a, s);
	else
		i->signature = codec_seal(r->o->a, ev->from, s);
	rout_close(r);
}

/* --- calls --------------------------------------------------------------- */

static struct rout_item *
call_at(struct rout *r, unsigned call)
{
	struct rout_item *i = r->calls;

	while (i != NULL && i->call != call)
		i = i->next_call;
	return i;
}

static void
put_call(struct rout *r, const struct ir_event *ev)
{
	const struct ir_tool *t = ir_tool_find(r->o->req, ev->name);
	struct rout_item *i = rout_new(r, ROUT_CALL);

	rout_close(r);
	i->call = ev->call;
	/* The client's tool takes free text, but the call has an object. */
	i->unwrap = !ev->custom && t != NULL && t->kind == IR_CUSTOM;
	i->custom = ev->custom || i->unwrap;
	i->name = arena_str(r->o->a, ev->name);
	if (t != NULL && t->group.n > 0) {
		i->group = t->group;
		i->name = str_skip(i->name, t->group.n + IR_TOOL_MARK);
	}
	i->call_id = ev->id.n > 0 ? arena_str(r->o->a, ev->id) :
	    str_of(arena_printf(r->o->a, "call_%s_%u", r->o->id, ev->call));
	i->next_call = r->calls;
	r->calls = i;
	rout_add_piece(r, i, 0);
	r->held = i;
}

static void
call_text(struct rout *r, struct rout_item *i, struct str text, int done)
{
	const char *type = i->custom ? done ?
	    "response.custom_tool_call_input.done" :
	    "response.custom_tool_call_input.delta" : done ?
	    "response.function_call_arguments.done" :
	    "response.function_call_arguments.delta";

	rout_ev_text(r, type, i, NULL, !done ? "delta" : i->custom ? "input" :
	    "arguments", text);
}

static void
put_args(struct rout *r, const struct ir_event *ev)
{
	struct rout_item *i = call_at(r, ev->call);

	if (i == NULL || i->done || ev->text.n == 0)
		return;
	rout_keep(r, &i->last->text, ev->text);
	if (!i->unwrap)
		call_text(r, i, ev->text, 0);
}

/* {"input":TEXT} to TEXT, when it is that. */
static void
unwrap(struct rout *r, struct rout_item *i)
{
	struct str args = buf_str(&i->last->text);
	struct jscan_result res;
	struct jval v;

	if (jscan(args, NULL, NULL, 0, &res) == 0) {
		v = jt_get(jt_value(args), "input");
		if (v.type == JSCAN_STRING) {
			args = arena_str(CODEC_TMP(r->o),
			    jt_text(CODEC_TMP(r->o), v));
			buf_reset(&i->last->text);
			rout_keep(r, &i->last->text, args);
		}
	}
	call_text(r, i, buf_str(&i->last->text), 0);
}

static void
end_call(struct rout *r, struct rout_item *i)
{
	if (i == NULL || i->done)
		return;
	if (buf_len(&i->last->text) == 0 && !i->custom) {
		rout_keep(r, &i->last->text, STR("{}"));
		call_text(r, i, STR("{}"), 0);
	}
	if (i->unwrap)
		unwrap(r, i);
	call_text(r, i, buf_str(&i->last->text), 1);
	rout_end(r, i);
}

static void
put_image(struct rout *r, const struct ir_event *ev)
{
	struct rout_item *i = rout_new(r, ROUT_IMAGE);

	rout_close(r);
	rout_keep(r, &rout_add_piece(r, i, 0)->text, ev->text);
	rout_announce(r, i);
	rout_end(r, i);
}

/* --- the end ------------------------------------------------------------- */

/* error: {"code":...,"message":...} of r; told as an event, too. */
static void
put_failed(struct rout *r, enum fault f, struct str message)
{
	struct buf b;
	struct jval e;

	if (r->failed)
		return;
	r->failed = 1;
	r->o->fault = f;
	r->o->fault_text = message;
	buf_init(&b, FAULT_MAX);
	if (fault_write(&b, SHAPE_OPENAI, f, fault_status(f), message,
	    STR_NULL, STR_NULL) != 0)
		buf_reset(&b);
	e = jt_get(jt_value(arena_str(CODEC_TMP(r->o), buf_str(&b))), "error");
	buf_reset(&b);
	if (buf_printf(&b, "{\"code\":%.*s,\"message\":%.*s}",
	    STR_ARG(jt_get(e, "code").type == JSCAN_STRING ?
	    jt_get(e, "code").raw : STR("\"server_error\"")),
	    STR_ARG(jt_get(e, "message").raw)) == 0)
		r->error = arena_str(CODEC_TMP(r->o), buf_str(&b));
	buf_free(&b);
	if (rout_event(r, "error")) {
		jw_key(&r->w, "error");
		jw_raw(&r->w, e.raw);
		rout_event_end(r);
	}
	rout_ev_response(r, "response.failed", "failed");
}

static void
put_finish(struct rout *r, const struct ir_event *ev)
{
	r->finish = ev->finish;
	r->why = arena_str(r->o->a, ev->text.n > 0 ? ev->text : ev->native);
	if (ev->finish == IR_REFUSED && !r->refused)
		put_text(r, ev->text.n > 0 ? ev->text :
		    STR("The model declined to answer."), 1);
}

static const char *
status_of(const struct rout *r)
{
	switch (r->finish) {
	case IR_LENGTH:
	case IR_CONTEXT_FULL:
	case IR_CONTENT_FILTER:
		return "incomplete";
	case IR_PAUSE:
	case IR_FAILED:
		return "failed";
	default:
		return "completed";
	}
}

static void
close_all(struct rout *r)
{
	struct rout_item *i;

	rout_close(r);
	for (i = r->items; i != NULL; i = i->next)
		if (i->kind == ROUT_CALL)
			end_call(r, i);
}

static void
put_end(struct rout *r)
{
	const char *status = status_of(r);

	r->ended = 1;
	close_all(r);
	if (strcmp(status, "failed") == 0)
		put_failed(r, FAULT_UPSTREAM, str_of(arena_printf(
		    CODEC_TMP(r->o), "the provider ended its answer with \"%.*s\"",
		    STR_ARG(r->why))));
	else
		rout_ev_response(r, strcmp(status, "incomplete") == 0 ?
		    "response.incomplete" : "response.completed", status);
}

/* --- the events ---------------------------------------------------------- */

static struct rout *
state_of(struct codec_out *o, int mute)
{
	struct rout *r = o->state;

	if (r == NULL) {
		r = o->state = arena_zalloc(o->a, sizeof(*r));
		r->o = o;
		r->mute = mute;
		jw_init(&r->w, o->out);
	}
	r->o = o;
	r->w.b = o->out;
	return r;
}

/* A call is announced with the event behind it: a signature of it comes
 * before the call, since reasoning leads to calls. */
static void
announce_held(struct rout *r, const struct ir_event *ev)
{
	struct rout_item *i = r->held;

	if (i == NULL)
		return;
	if (ev->kind == IR_EV_SIGNATURE && ev->call == i->call + 1)
		put_signature(r, ev, RESP_CALL, i->call_id);
	r->held = NULL;
	rout_announce(r, i);
}

static void
put_signed(struct rout *r, const struct ir_event *ev, int held)
{
	const struct rout_item *i;

	if (ev->call == 0)
		put_signature(r, ev, "", STR_NULL);
	else if (!held && (i = call_at(r, ev->call - 1)) != NULL)
		put_signature(r, ev, RESP_CALL, i->call_id);
}

static void
put_event(struct rout *r, const struct ir_event *ev)
{
	int held = r->held != NULL && ev->call == r->held->call + 1;

	announce_held(r, ev);
	switch (ev->kind) {
	case IR_EV_TEXT:
	case IR_EV_REFUSAL:
		put_text(r, ev->text, ev->kind == IR_EV_REFUSAL);
		break;
	case IR_EV_THINKING:
		put_thinking(r, ev);
		break;
	case IR_EV_SIGNATURE:
		put_signed(r, ev, held);
		break;
	case IR_EV_REDACTED:
		put_signature(r, ev, RESP_REDACTED, STR_NULL);
		break;
	case IR_EV_CALL:
		put_call(r, ev);
		break;
	case IR_EV_ARGS:
		put_args(r, ev);
		break;
	case IR_EV_CALL_END:
		end_call(r, call_at(r, ev->call));
		break;
	case IR_EV_IMAGE:
		put_image(r, ev);
		break;
	case IR_EV_CITATION:
		put_citation(r, ev->raw);
		break;
	case IR_EV_LOGPROBS:
		put_logprobs(r, ev->raw);
		break;
	case IR_EV_FINISH:
		put_finish(r, ev);
		break;
	case IR_EV_USAGE:
		r->usage = ev->usage;
		r->has_usage = 1;
		break;
	case IR_EV_ERROR:
		put_failed(r, ev->fault, ev->text);
		break;
	case IR_EV_END:
		put_end(r);
		break;
	case IR_EV_START:
		break;
	}
}

int
resp_put(struct codec_out *o, const struct ir_event *ev)
{
	struct rout *r = state_of(o, 0);

	if (r->failed || r->ended || ev->choice > 0)
		return 0;
	if (!r->opened) {
		r->opened = 1;
		if (!o->begun) {
			rout_ev_response(r, "response.created", "in_progress");
			rout_ev_response(r, "response.in_progress",
			    "in_progress");
		}
	}
	put_event(r, ev);
	return r->w.error;
}

int
resp_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	struct rout *r = state_of(o, 1);
	unsigned i;

	for (i = 0; i < n && !r->failed; i++)
		if (ev[i].choice == 0)
			put_event(r, &ev[i]);
	r->w.comma = 0;
	rout_response(r, r->failed ? "failed" : status_of(r));
	return r->w.error;
}
