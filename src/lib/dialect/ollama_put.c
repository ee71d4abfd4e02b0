/*
 * ollama_put.c - neutral events for a client of Ollama's format.
 *
 * Runs in: worker.
 * Owns: the state of an answer, in its arena.
 *
 * Each line has a piece of the answer, the last one why it ended, how many
 * tokens it has and how long it took. Calls go out whole.
 */
#include "base/clock.h"
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/ollama.h"

#define MAX_ARGS	(64u << 20)	/* of a call */

struct call {
	struct call	*next;
	unsigned	 number;
	int		 custom, ended;
	struct str	 id, name;
	struct buf	 args;
};

struct out {
	struct call	*calls, *last;
	struct str	 head;		/* of each line */
	struct price_usage usage;
	const char	*reason;
	int64_t		 first_us;	/* when the first text came */
	int		 refused, failed;
	int		 unsaid;	/* refused without a word */
};

static void
free_call(void *arg)
{
	struct call *k = arg;

	buf_free(&k->args);
}

static struct out *
out_of(struct codec_out *o)
{
	struct out *s = o->state;
	char when[CLOCK_RFC3339_SIZE];
	struct buf b;
	struct jw w;

	if (s != NULL)
		return s;
	s = o->state = arena_zalloc(o->a, sizeof(*s));
	s->reason = "stop";
	s->first_us = -1;
	clock_rfc3339(o->now * CLOCK_US_S, when);
	buf_init(&b, 256 + 8 * o->model.n);
	jw_init(&w, &b);
	jw_open(&w, '{');
	jw_key(&w, "model");
	jw_str(&w, o->model);
	jw_ktext(&w, "created_at", when);
	s->head = arena_str(o->a, buf_str(&b));
	buf_free(&b);
	return s;
}

/* Of a line: what is the same in all, and where the text stands. */
static void
open_line(struct codec_out *o, struct jw *w, struct str text)
{
	struct out *s = out_of(o);

	if (s->first_us < 0)
		s->first_us = o->spent_us;
	jw_init(w, o->out);
	w->error = buf_adds(o->out, s->head);
	w->comma = 1;
	if (o->req->prompt) {
		jw_key(w, "response");
		jw_str(w, text);
		return;
	}
	jw_key(w, "message");
	jw_open(w, '{');
	jw_ktext(w, "role", "assistant");
	jw_key(w, "content");
	jw_str(w, text);
}

static void
close_message(struct codec_out *o, struct jw *w)
{
	if (!o->req->prompt)
		jw_close(w, '}');
}

static int
end_line(struct codec_out *o, struct jw *w)
{
	jw_close(w, '}');
	return jw_done(w) != 0 ? jw_done(w) : buf_addc(o->out, '\n');
}

static int
plain_end(struct codec_out *o, struct jw *w)
{
	close_message(o, w);
	jw_kbool(w, "done", 0);
	return end_line(o, w);
}

static int
put_text(struct codec_out *o, struct str text)
{
	struct jw w;

	if (text.n == 0)
		return 0;
	open_line(o, &w, text);
	return plain_end(o, &w);
}

static int
put_thinking(struct codec_out *o, struct str text)
{
	struct jw w;

	if (text.n == 0 || o->req->show_thoughts == 0)
		return 0;
	open_line(o, &w, STR(""));
	jw_kstr(&w, "thinking", text);
	return plain_end(o, &w);
}

static void
write_image(struct jw *w, struct str base64)
{
	jw_key(w, "images");
	jw_open(w, '[');
	jw_str(w, base64);
	jw_close(w, ']');
}

static int
put_image(struct codec_out *o, struct str base64)
{
	struct jw w;

	open_line(o, &w, STR(""));
	write_image(&w, base64);
	return plain_end(o, &w);
}

static void
call_begin(struct codec_out *o, const struct ir_event *ev)
{
	struct call *k = arena_zalloc(o->a, sizeof(*k));
	struct out *s = out_of(o);

	k->number = ev->call;
	k->custom = ev->custom;
	k->id = arena_str(o->a, ev->id);
	k->name = arena_str(o->a, ev->name);
	buf_init(&k->args, MAX_ARGS);
	arena_cleanup(o->a, free_call, k);
	if (s->last == NULL)
		s->calls = k;
	else
		s->last->next = k;
	s->last = k;
}

static struct call *
call_of(struct codec_out *o, unsigned number)
{
	struct out *s = out_of(o);
	struct call *k = s->last;

	if (k != NULL && k->number == number)
		return k;
	for (k = s->calls; k != NULL && k->number != number;)
		k = k->next;
	return k;
}

static void
write_call(struct codec_out *o, struct jw *w, const struct call *k)
{
	struct str args = str_trim(buf_str(&k->args));
	struct jscan_result res;

	jw_open(w, '{');
	jw_kstr(w, "id", k->id);
	jw_key(w, "function");
	jw_open(w, '{');
	jw_ku64(w, "index", k->number);
	jw_kstr(w, "name", k->name);
	jw_key(w, "arguments");
	if (!k->custom && (args.n == 0 || str_eqc(args, "null")))
		jw_raw(w, STR("{}"));
	else if (!k->custom && jscan(args, NULL, NULL, 0, &res) == 0 &&
	    res.type == JSCAN_OBJECT)
		jw_line(w, args);
	else {		/* free text, or a model that did not keep to JSON */
		jw_open(w, '{');
		jw_key(w, k->custom ? "input" : "_raw");
		jw_str(w, buf_str(&k->args));
		jw_close(w, '}');
	}
	jw_close(w, '}');
	jw_close(w, '}');
}

static int
put_call(struct codec_out *o, struct call *k)
{
	struct jw w;
	int rc;

	if (k == NULL || k->ended || o->req->prompt)
		return 0;
	k->ended = 1;
	open_line(o, &w, STR(""));
	jw_key(&w, "tool_calls");
	jw_open(&w, '[');
	write_call(o, &w, k);
	jw_close(&w, ']');
	rc = plain_end(o, &w);
	codec_drop(o->a, &k->args);
	return rc;
}

/* OpenAI's {"content":[...]}: its list. */
static int
put_logprobs(struct codec_out *o, struct str raw)
{
	struct jval list = jt_get(jt_value(raw), "content");
	struct jw w;

	if (list.type != JSCAN_ARRAY)
		return 0;
	open_line(o, &w, STR(""));
	close_message(o, &w);
	jw_key(&w, "logprobs");
	jw_line(&w, list.raw);
	jw_kbool(&w, "done", 0);
	return end_line(o, &w);
}

static int
put_error(struct codec_out *o, enum fault f, struct str text)
{
	out_of(o)->failed = 1;
	return fault_event(o->out, SHAPE_OLLAMA, f, text);
}

static void
take_finish(struct codec_out *o, const struct ir_event *ev)
{
	struct out *s = out_of(o);

	s->reason = ev->finish == IR_LENGTH || ev->finish == IR_CONTEXT_FULL ?
	    "length" : "stop";
	s->unsaid = ev->finish == IR_REFUSED && !s->refused;
}

static int
put_finish(struct codec_out *o, const struct ir_event *ev)
{
	struct out *s = out_of(o);
	struct call *k;
	int rc = 0;

	for (k = s->calls; k != NULL && rc == 0; k = k->next)
		rc = put_call(o, k);
	take_finish(o, ev);
	if (rc == 0 && ev->finish == IR_FAILED)
		rc = put_error(o, FAULT_UPSTREAM, ev->text.n > 0 ? ev->text :
		    STR("the provider could not finish its answer"));
	if (rc == 0 && s->unsaid)
		rc = put_text(o, ev->text.n > 0 ? ev->text :
		    STR(CHAT_REFUSED));
	return rc;
}

/* Those of a whole answer. */
static void
write_logprobs(struct jw *w, const struct ir_event *ev, unsigned n)
{
	struct jval list, v;
	unsigned i, any = 0;
	size_t pos;

	for (i = 0; i < n; i++) {
		if (ev[i].kind != IR_EV_LOGPROBS || ev[i].choice != 0)
			continue;
		list = jt_get(jt_value(ev[i].raw), "content");
		for (pos = 0; jt_each(list, &pos, NULL, &v);) {
			if (any++ == 0) {
				jw_key(w, "logprobs");
				jw_open(w, '[');
			}
			jw_raw(w, v.raw);
		}
	}
	if (any > 0)
		jw_close(w, ']');
}

/* What stands behind the message in the last line. */
static int
put_done(struct codec_out *o, struct jw *w, const struct ir_event *ev,
    unsigned n)
{
	struct out *s = out_of(o);
	uint64_t all = (uint64_t)o->spent_us * 1000;
	uint64_t first = (uint64_t)s->first_us * 1000;

	close_message(o, w);
	write_logprobs(w, ev, n);
	jw_kbool(w, "done", 1);
	jw_ktext(w, "done_reason", s->reason);
	jw_ku64(w, "total_duration", all);
	jw_ku64(w, "load_duration", 0);
	jw_ku64(w, "prompt_eval_count", s->usage.input);
	jw_ku64(w, "prompt_eval_duration", first);
	jw_ku64(w, "eval_count", s->usage.output);
	jw_ku64(w, "eval_duration", all > first ? all - first : 0);
	return end_line(o, w);
}

static int
put_end(struct codec_out *o)
{
	struct jw w;

	open_line(o, &w, STR(""));
	return put_done(o, &w, NULL, 0);
}

/* What both forms of an answer only take note of; 1: it was. */
static int
take_event(struct codec_out *o, const struct ir_event *ev)
{
	struct out *s = out_of(o);
	struct call *k;

	if (ev->choice != 0 || s->failed)
		return 1;
	switch (ev->kind) {
	case IR_EV_CALL:
		call_begin(o, ev);
		return 1;
	case IR_EV_USAGE:
		s->usage = ev->usage;
		return 1;
	case IR_EV_ARGS:
		if ((k = call_of(o, ev->call)) == NULL || k->ended)
			return 1;
		return codec_keep(o->a, &k->args, ev->text) == 0 ? 1 :
		    ERR_TOOBIG;
	case IR_EV_REFUSAL:
		s->refused = 1;
		return 0;
	case IR_EV_CITATION:
		codec_lose(o, "citations");
		return 1;
	default:
		return 0;
	}
}

int
ollama_put(struct codec_out *o, const struct ir_event *ev)
{
	int rc = take_event(o, ev);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	switch (ev->kind) {
	case IR_EV_TEXT:
	case IR_EV_REFUSAL:
		return put_text(o, ev->text);
	case IR_EV_THINKING:
		return put_thinking(o, ev->text);
	case IR_EV_IMAGE:
		return put_image(o, ev->text);
	case IR_EV_CALL_END:
		return put_call(o, call_of(o, ev->call));
	case IR_EV_LOGPROBS:
		return put_logprobs(o, ev->raw);
	case IR_EV_FINISH:
		return put_finish(o, ev);
	case IR_EV_ERROR:
		return put_error(o, ev->fault, ev->text);
	case IR_EV_END:
		return put_end(o);
	default:
		return 0;
	}
}

/* The texts of some kinds of event together. */
static int
gather(struct buf *b, const struct ir_event *ev, unsigned n,
    enum ir_event_kind kind, enum ir_event_kind or)
{
	unsigned i;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		if (ev[i].choice == 0 && (ev[i].kind == kind ||
		    ev[i].kind == or))
			rc = buf_adds(b, ev[i].text);
	return rc;
}

/* The members of the message behind its text. */
static int
write_message(struct codec_out *o, struct jw *w, const struct ir_event *ev,
    unsigned n)
{
	const struct call *k = out_of(o)->calls;
	unsigned i, images = 0;
	struct buf b;
	int rc;

	buf_init(&b, o->out->max);
	rc = gather(&b, ev, n, IR_EV_THINKING, IR_EV_THINKING);
	if (o->req->show_thoughts != 0)
		jw_kstr(w, "thinking", buf_str(&b));
	buf_free(&b);
	for (i = 0; i < n; i++)
		if (ev[i].kind == IR_EV_IMAGE && images++ == 0)
			write_image(w, ev[i].text);
	if (images > 1)
		codec_lose(o, "images");
	if (k == NULL || o->req->prompt)
		return rc;
	jw_key(w, "tool_calls");
	jw_open(w, '[');
	for (; k != NULL; k = k->next)
		write_call(o, w, k);
	jw_close(w, ']');
	return rc;
}

int
ollama_put_body(struct codec_out *o, const struct ir_event *ev, unsigned n)
{
	struct out *s = out_of(o);
	struct buf b;
	struct jw w;
	unsigned i;
	int rc;

	s->first_us = 0;
	buf_init(&b, o->out->max);
	for (i = 0; i < n; i++) {
		if ((rc = take_event(o, &ev[i])) < 0)
			return rc;
		if (ev[i].kind == IR_EV_FINISH && ev[i].choice == 0)
			take_finish(o, &ev[i]);
		if (ev[i].kind == IR_EV_ERROR ||
		    (ev[i].kind == IR_EV_FINISH && ev[i].finish == IR_FAILED))
			return codec_fail(o, SHAPE_OLLAMA,
			    ev[i].kind == IR_EV_ERROR ? ev[i].fault :
			    FAULT_UPSTREAM, ev[i].text);
	}
	if ((rc = gather(&b, ev, n, IR_EV_TEXT, IR_EV_REFUSAL)) == 0 &&
	    s->unsaid)
		rc = buf_adds(&b, STR(CHAT_REFUSED));
	if (rc == 0) {
		open_line(o, &w, buf_str(&b));
		if ((rc = write_message(o, &w, ev, n)) == 0)
			rc = put_done(o, &w, ev, n);
	}
	buf_free(&b);
	return rc;
}
