/*
 * responses_history.c - turns, as the items of a Responses input.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/slice.h"
#include "dialect/resp.h"
#include "dialect/wire.h"

#define ID_MAX 64		/* of a call */

struct history {
	struct jw	*w;
	struct ir_req	*q;
	const struct ir_target *t;
	struct ir_note	*n;
	int		 own, marks;
	unsigned	 messages;	/* of the assistant, for their ids */
};

static int
write_mark(struct history *h, const struct ir_part *p)
{
	struct jval ttl;

	if (p->cache.n == 0)
		return 0;
	if (!h->marks && !h->own)
		return ir_drop(h->n, ir_mark(h->q));
	ttl = jt_get(jt_value(p->cache), "ttl");
	jw_kraw(h->w, "prompt_cache_breakpoint", !jt_is(ttl) ?
	    STR("{\"mode\":\"explicit\"}") : jt_eq(ttl, "1h") ?
	    STR("{\"mode\":\"explicit\",\"ttl\":\"12h\"}") :
	    STR("{\"mode\":\"explicit\",\"ttl\":\"30m\"}"));
	return h->own ? 0 : ir_change(h->n, ir_mark(h->q));
}

/* --- parts --------------------------------------------------------------- */

/* The value "data:TYPE;base64,..." behind a key; it may be megabytes, so it is
 * put together where it goes. */
static void
data_uri(struct history *h, const char *key, struct str mime, struct str data)
{
	struct jw *w = h->w;
	int rc;

	jw_key(w, key);
	if (w->error == 0 && ((rc = buf_adds(w->b, STR("\"data:"))) != 0 ||
	    (rc = buf_add_json(w->b, mime)) != 0 ||
	    (rc = buf_adds(w->b, STR(";base64,"))) != 0 ||
	    (rc = buf_add_json(w->b, data)) != 0 ||
	    (rc = buf_addc(w->b, '"')) != 0))
		w->error = rc;
	w->comma = 1;
}

/* A file's id is worth something where it came from only. */
static int
file_id(struct history *h, const struct ir_part *p)
{
	if (p->from != DIALECT_OPENAI && p->from != DIALECT_AZURE)
		return ir_refuse(h->n, p->media.where != NULL ?
		    p->media.where : "file_id", "the file \"%.*s\" is at "
		    "another provider: send its content instead",
		    (int)(p->media.file_id.n > 100 ? 100 :
		    p->media.file_id.n), p->media.file_id.p);
	jw_kstr(h->w, "file_id", p->media.file_id);
	return 0;
}

static int
write_image(struct history *h, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	int rc = wire_url_web(h->n, m);

	if (rc != 0)
		return rc;
	jw_ktext(h->w, "type", "input_image");
	jw_kstr(h->w, "detail", m->detail.n > 0 ? m->detail : STR("auto"));
	if (m->base64.n > 0)
		data_uri(h, "image_url", m->mime.n > 0 ? m->mime :
		    STR("image/png"), m->base64);
	else if (m->url.n > 0)
		jw_kstr(h->w, "image_url", m->url);
	else
		return file_id(h, p);
	return 0;
}

/* A document that is plain text, under its title. */
static int
write_document(struct history *h, const struct ir_part *p, struct str text)
{
	struct str title = p->media.title.n > 0 ? p->media.title :
	    p->media.filename;

	jw_ktext(h->w, "type", "input_text");
	jw_kstr(h->w, "text", arena_cat(h->q->a, arena_cat(h->q->a,
	    title.n > 0 ? title : STR("Document"), STR("\n\n")), text));
	return ir_change(h->n, "document");
}

static int
write_file(struct history *h, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str text = h->own ? m->text : wire_plain_text(h->q->a, m);
	int rc = wire_url_web(h->n, m);

	if (rc != 0)
		return rc;
	if (p->citations.n > 0 && !h->own)
		return ir_no_citing(h->n, h->q, "the Responses API");
	if (text.n > 0)
		return write_document(h, p, text);
	jw_ktext(h->w, "type", "input_file");
	if (m->base64.n > 0) {
		jw_kstr(h->w, "filename", m->filename.n > 0 ? m->filename :
		    m->title.n > 0 ? m->title : STR("document.pdf"));
		data_uri(h, "file_data", m->mime.n > 0 ? m->mime :
		    STR("application/pdf"), m->base64);
	} else if (m->url.n > 0)
		jw_kstr(h->w, "file_url", m->url);
	else
		return file_id(h, p);
	return 0;
}

/* A part of what goes in; prefix is before a text. */
static int
write_in(struct history *h, const struct ir_part *p, const char *prefix)
{
	int rc = 0;

	jw_open(h->w, '{');
	switch (p->kind) {
	case IR_TEXT:
	case IR_REFUSAL:
		jw_ktext(h->w, "type", "input_text");
		jw_key(h->w, "text");
		jw_str(h->w, *prefix == '\0' ? p->text :
		    arena_cat(h->q->a, str_of(prefix), p->text));
		break;
	case IR_IMAGE:
		rc = write_image(h, p);
		break;
	case IR_FILE:
		rc = write_file(h, p);
		break;
	default:
		rc = ir_refuse(h->n, p->kind == IR_AUDIO ? "input_audio" :
		    p->kind == IR_VIDEO ? "video" : "content",
		    "the Responses API takes text, images and files only: "
		    "choose another model for the rest");
	}
	if (rc == 0)
		rc = write_mark(h, p);
	jw_close(h->w, '}');
	return rc;
}

/* A string when that is enough, else parts. */
static int
write_content(struct history *h, const char *key, const struct ir_part *p,
    const char *prefix)
{
	int rc;

	jw_key(h->w, key);
	if (p == NULL || (p->next == NULL && p->kind == IR_TEXT &&
	    p->cache.n == 0)) {
		jw_str(h->w, p == NULL ? str_of(prefix) : *prefix == '\0' ?
		    p->text : arena_cat(h->q->a, str_of(prefix), p->text));
		return 0;
	}
	jw_open(h->w, '[');
	for (; p != NULL; p = ir_next(p)) {
		if ((rc = write_in(h, p, prefix)) != 0)
			return rc;
		if (p->kind == IR_TEXT)
			prefix = "";
	}
	jw_close(h->w, ']');
	return 0;
}

/* --- what the assistant said --------------------------------------------- */

static void
write_said(struct history *h, const struct ir_part *p)
{
	jw_open(h->w, '{');
	if (p->kind == IR_REFUSAL) {
		jw_ktext(h->w, "type", "refusal");
		jw_key(h->w, "refusal");
		jw_str(h->w, p->text);
	} else {
		jw_ktext(h->w, "type", "output_text");
		jw_key(h->w, "text");
		jw_str(h->w, p->text);
		jw_kraw(h->w, "annotations", h->own && p->citations.n > 0 ?
		    p->citations : STR("[]"));
		jw_kraw(h->w, "logprobs", STR("[]"));
	}
	jw_close(h->w, '}');
}

static int
is_said(const struct ir_part *p)
{
	return p->kind == IR_TEXT || p->kind == IR_REFUSAL;
}

/* The texts and refusals in a row from p on, as one message; *next is the
 * part behind them. */
static void
write_message(struct history *h, const struct ir_part *p,
    const struct ir_part **next)
{
	const struct ir_part *first = p;

	for (*next = p->next; *next != NULL && is_said(*next); )
		*next = (*next)->next;
	h->messages++;
	jw_open(h->w, '{');
	if (p->next == *next && p->kind == IR_TEXT && p->item_id.n == 0 &&
	    (p->citations.n == 0 || !h->own)) {
		jw_ktext(h->w, "role", "assistant");
		jw_key(h->w, "content");
		jw_str(h->w, p->text);
		jw_close(h->w, '}');
		return;
	}
	jw_ktext(h->w, "type", "message");
	jw_kstr(h->w, "id", first->item_id.n > 0 ? first->item_id :
	    str_of(arena_printf(h->q->a, "msg_%u", h->messages)));
	jw_ktext(h->w, "status", "completed");
	jw_ktext(h->w, "role", "assistant");
	jw_key(h->w, "content");
	jw_open(h->w, '[');
	for (; p != *next; p = ir_next(p))
		write_said(h, p);
	jw_close(h->w, ']');
	jw_close(h->w, '}');
}

static struct str
call_id(struct history *h, struct str id)
{
	return id.n <= ID_MAX ? id : wire_id(h->q->a, id, 32);
}

static void
write_call(struct history *h, const struct ir_part *p)
{
	struct jw *w = h->w;

	jw_open(w, '{');
	jw_ktext(w, "type", p->custom ? "custom_tool_call" : "function_call");
	if (h->own)
		jw_kstr(w, "id", p->item_id);
	jw_kstr(w, "call_id", call_id(h, p->id));
	jw_kstr(w, "name", wire_tool_name(h->q, p->name));
	jw_key(w, p->custom ? "input" : "arguments");
	jw_str(w, p->args.n == 0 && !p->custom ? STR("{}") : p->args);
	jw_close(w, '}');
}

/* What responses_event.c put together: the id of the item and its content. */
static struct str
take_sealed(const struct ir_part *p, struct str *id)
{
	long at = str_starts(p->signature, STR("rs_")) ?
	    str_chr(p->signature, ':') : -1;

	*id = at < 0 ? p->item_id : str_make(p->signature.p, (size_t)at);
	return str_skip(p->signature, (size_t)(at + 1));
}

/* Reasoning goes to those who made it, and only before what it led to. */
static int
write_thinking(struct history *h, const struct ir_part *p)
{
	const char *word = codec_word(h->q, "reasoning_content");
	const struct ir_part *q = p->next;
	struct str id, sealed = take_sealed(p, &id);
	struct jw *w = h->w;

	while (q != NULL && q->kind == IR_THINKING)
		q = ir_next(q);
	if ((p->from != DIALECT_OPENAI && p->from != DIALECT_AZURE) ||
	    (p->signature.n == 0 && !(h->own && p->item_id.n > 0)) ||
	    q == NULL)
		return ir_drop(h->n, word != NULL ? word :
		    h->q->from == DIALECT_ANTHROPIC ? "thinking" :
		    h->q->from == DIALECT_GEMINI ? "thought" : "reasoning");
	jw_open(w, '{');
	jw_ktext(w, "type", "reasoning");
	jw_kstr(w, "id", id);
	jw_key(w, "summary");
	jw_open(w, '[');
	if (p->text.n > 0) {
		jw_open(w, '{');
		jw_ktext(w, "type", "summary_text");
		jw_kstr(w, "text", p->text);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_kstr(w, "encrypted_content", sealed);
	jw_close(w, '}');
	return 0;
}

static int
write_assistant(struct history *h, const struct ir_turn *t)
{
	const struct ir_part *p = t->parts, *next;
	int rc = 0;

	for (; p != NULL && rc == 0; p = next) {
		next = p->next;
		if (is_said(p))
			write_message(h, p, &next);
		else if (p->kind == IR_CALL)
			write_call(h, p);
		else if (p->kind == IR_THINKING)
			rc = write_thinking(h, p);
		else if (p->kind == IR_OPAQUE && h->own)
			jw_raw(h->w, p->raw);
		else
			rc = ir_refuse(h->n, "content", "the Responses API "
			    "takes text and calls only from the assistant");
	}
	return rc;
}

/* --- turns --------------------------------------------------------------- */

static int
write_result(struct history *h, const struct ir_part *p)
{
	int rc;

	if (p->error && (rc = ir_change(h->n, "is_error")) != 0)
		return rc;
	jw_open(h->w, '{');
	jw_ktext(h->w, "type", p->custom ? "custom_tool_call_output" :
	    "function_call_output");
	jw_kstr(h->w, "call_id", call_id(h, p->id));
	if (p->result == NULL && p->json.n > 0) {
		jw_key(h->w, "output");
		jw_str(h->w, p->error ? str_of(arena_printf(h->q->a,
		    "Error: %.*s", STR_ARG(p->json))) : p->json);
	} else if ((rc = write_content(h, "output", p->result, p->error ?
	    "Error: " : "")) != 0)
		return rc;
	jw_close(h->w, '}');
	return 0;
}

static int
write_turn(struct history *h, const struct ir_turn *t)
{
	const char *prefix = "";
	const struct ir_part *p;
	int rc;

	if (t->role == IR_ASSISTANT)
		return write_assistant(h, t);
	if (t->role == IR_TOOL) {
		for (p = t->parts; p != NULL; p = ir_next(p))
			if ((rc = write_result(h, p)) != 0)
				return rc;
		return 0;
	}
	if (t->name.n > 0) {
		prefix = arena_printf(h->q->a, "%.*s: ", STR_ARG(t->name));
		if ((rc = ir_change(h->n, "name")) != 0)
			return rc;
	}
	jw_open(h->w, '{');
	jw_ktext(h->w, "role", t->role == IR_USER ? "user" :
	    t->developer && !h->t->generic ? "developer" : "system");
	if ((rc = write_content(h, "content", t->parts, prefix)) != 0)
		return rc;
	jw_close(h->w, '}');
	return 0;
}

/* Somebody says "json"; without that OpenAI refuses the format json_object. */
static int
says_json(const struct ir_req *q, const struct ir_turn *skip)
{
	const struct ir_turn *t;
	const struct ir_part *p;
	size_t i;

	for (t = q->turns; t != NULL; t = ir_next(t))
		for (p = t == skip ? NULL : t->parts; p != NULL; p = ir_next(p))
			for (i = 0; i + 4 <= p->text.n; i++) {
				slice_bytes(8 * i);
				if (str_ieq(str_make(p->text.p + i, 4),
				    STR("json")))
					return 1;
			}
	return 0;
}

int
resp_input_write(struct jw *w, struct ir_req *q, const struct ir_turn *skip,
    const struct ir_target *t, struct ir_note *n)
{
	struct history h = { .w = w, .q = q, .t = t, .n = n,
	    .own = q->responses, .marks = ir_can(t, TRAIT_MARKS,
	    chat_takes_marks(t->model)) };
	const struct ir_turn *turn;
	int rc;

	jw_key(w, "input");
	jw_open(w, '[');
	if (q->format == IR_JSON_OBJECT && !h.own && !says_json(q, skip)) {
		jw_raw(w, STR("{\"role\":\"system\",\"content\":"
		    "\"Answer in JSON.\"}"));
		if ((rc = ir_change(n, "response_format")) != 0)
			return rc;
	}
	for (turn = q->turns; turn != NULL; turn = ir_next(turn)) {
		if (turn == skip)
			continue;
		if ((rc = write_turn(&h, turn)) != 0)
			return rc;
		if (turn->next == NULL && turn->role == IR_ASSISTANT &&
		    !h.own && (rc = ir_change(n, "messages")) != 0)
			return rc;	/* goes on in a message of its own */
	}
	jw_close(w, ']');
	return 0;
}
