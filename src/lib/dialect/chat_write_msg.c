/*
 * chat_write_msg.c - turns of the neutral form into messages of the chat
 * family.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/wire.h"

/* --- assistants ---------------------------------------------------------- */

static void
write_wrapped(struct chat_writer *w, struct str input)
{
	struct buf b;
	struct jw in;

	buf_init(&b, w->w.b->max);
	jw_init(&in, &b);
	jw_open(&in, '{');
	jw_key(&in, "input");
	jw_str(&in, input);
	jw_close(&in, '}');
	if (w->w.error == 0)
		w->w.error = jw_done(&in);
	jw_str(&w->w, buf_str(&b));
	buf_free(&b);
}

static struct str
call_id(const struct chat_writer *w, struct str id)
{
	if (chat_has(w, CHAT_SHORT_IDS))
		return wire_id(w->q->a, id, CHAT_ID);
	return id.n <= 64 ? id : wire_id(w->q->a, id, 32);
}

static void
write_call(struct chat_writer *w, const struct ir_part *p)
{
	struct str name = wire_tool_name(w->q, p->name);
	int custom = p->custom && chat_has(w, CHAT_CUSTOM);

	jw_open(&w->w, '{');
	jw_key(&w->w, "id");
	jw_str(&w->w, call_id(w, p->id));
	jw_ktext(&w->w, "type", custom ? "custom" : "function");
	jw_key(&w->w, custom ? "custom" : "function");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", name);
	jw_key(&w->w, custom ? "input" : "arguments");
	if (p->custom && !custom)
		write_wrapped(w, p->args);
	else
		jw_str(&w->w, p->args.n == 0 && !custom ? STR("{}") :
		    p->args);
	jw_close(&w->w, '}');
	jw_close(&w->w, '}');
}

static int
write_thinking_chunk(struct chat_writer *w, const struct ir_part *p)
{
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "thinking");
	jw_key(&w->w, "thinking");
	jw_open(&w->w, '[');
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "type", "text");
	jw_key(&w->w, "text");
	jw_str(&w->w, p->text);
	jw_close(&w->w, '}');
	jw_close(&w->w, ']');
	if (p->from == w->c->dialect)
		jw_kstr(&w->w, "signature", p->signature);
	jw_close(&w->w, '}');
	return p->from == w->c->dialect ? 0 :
	    ir_change(w->n, chat_word(w, "reasoning_content"));
}

/* What of an assistant's turn goes where. */
struct said {
	unsigned	 texts, refusals, thoughts, calls, others;
	int		 marked, cited;
};

static void
count(const struct ir_part *p, struct said *s)
{
	memset(s, 0, sizeof(*s));
	for (; p != NULL; p = ir_next(p)) {
		s->texts += p->kind == IR_TEXT;
		s->marked |= p->kind == IR_TEXT && p->cache.n > 0;
		s->cited |= p->kind == IR_TEXT && p->citations.n > 0;
		s->refusals += p->kind == IR_REFUSAL;
		s->thoughts += p->kind == IR_THINKING && !p->redacted &&
		    p->text.n > 0;
		s->calls += p->kind == IR_CALL;
		s->others += p->kind == IR_IMAGE || p->kind == IR_FILE ||
		    p->kind == IR_AUDIO || p->kind == IR_VIDEO ||
		    p->kind == IR_OPAQUE;
	}
}

static int
write_said_part(struct chat_writer *w, const struct ir_part *p)
{
	switch (p->kind) {
	case IR_TEXT:
		return chat_write_text(w, p, "", p->text);
	case IR_REFUSAL:
		if (!chat_has(w, CHAT_REFUSAL))
			return chat_write_text(w, p, "", p->text);
		jw_open(&w->w, '{');
		jw_ktext(&w->w, "type", "refusal");
		jw_key(&w->w, "refusal");
		jw_str(&w->w, p->text);
		jw_close(&w->w, '}');
		return 0;
	case IR_THINKING:
		if (!chat_has(w, CHAT_CHUNKS) || p->redacted || p->text.n == 0)
			return 0;
		return write_thinking_chunk(w, p);
	default:
		return 0;
	}
}

/* "content" of an assistant, and "refusal" when it said nothing else. */
static int
write_said(struct chat_writer *w, const struct ir_turn *t,
    const struct said *s)
{
	unsigned chunks = chat_has(w, CHAT_CHUNKS) ? s->thoughts : 0;
	const struct ir_part *p = t->parts;
	int rc = 0;

	while (p != NULL && p->kind != IR_TEXT && p->kind != IR_REFUSAL)
		p = ir_next(p);
	jw_key(&w->w, "content");
	if (s->texts + s->refusals + chunks == 0)
		jw_raw(&w->w, chat_has(w, CHAT_CHUNKS) ? STR("\"\"") :
		    STR("null"));
	else if (chunks == 0 && s->texts + s->refusals == 1 && !s->marked) {
		if (p->kind == IR_REFUSAL && chat_has(w, CHAT_REFUSAL)) {
			jw_raw(&w->w, STR("null"));
			jw_kstr(&w->w, "refusal", p->text);
		} else
			jw_str(&w->w, p->text);
	} else {
		jw_open(&w->w, '[');
		for (p = t->parts; p != NULL && rc == 0; p = ir_next(p))
			rc = write_said_part(w, p);
		jw_close(&w->w, ']');
	}
	if (rc == 0 && s->refusals > 0 && !chat_has(w, CHAT_REFUSAL))
		rc = ir_change(w->n, "refusal");
	if (rc == 0 && s->cited)
		rc = ir_drop(w->n, chat_word(w, "citations"));
	return rc;
}

/* Thinking where it has a member of its own, or no place at all. */
static int
write_reasoning(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc = 0, done = 0;

	for (p = t->parts; p != NULL && rc == 0; p = ir_next(p)) {
		if (p->kind != IR_THINKING || (chat_has(w, CHAT_CHUNKS) &&
		    !p->redacted && p->text.n > 0))
			continue;
		if (!chat_has(w, CHAT_REASONING) || p->redacted ||
		    p->text.n == 0 || done) {
			rc = ir_drop(w->n, chat_word(w, "reasoning_content"));
			continue;
		}
		jw_kstr(&w->w, "reasoning", p->text);
		done = 1;
		if (p->from != w->c->dialect)
			rc = ir_change(w->n,
			    chat_word(w, "reasoning_content"));
	}
	return rc;
}

/* What an assistant's message has beside texts and calls. */
static int
write_others(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;

	for (p = t->parts; p != NULL; p = ir_next(p)) {
		if (p->kind == IR_OPAQUE && chat_same(w) &&
		    str_eqc(p->name, "audio"))
			jw_kraw(&w->w, "audio", p->raw);
		else if (p->kind != IR_TEXT && p->kind != IR_REFUSAL &&
		    p->kind != IR_THINKING && p->kind != IR_CALL)
			return chat_no_form(w, "what an assistant made", "");
	}
	return 0;
}

static int
write_name(struct chat_writer *w, const struct ir_turn *t)
{
	if (t->name.n == 0 || chat_has(w, CHAT_NAME)) {
		jw_kstr(&w->w, "name", t->name);
		return 0;
	}
	return ir_change(w->n, "name");
}

static int
write_assistant(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	struct said s;
	int rc;

	count(t->parts, &s);
	if (s.texts + s.refusals + s.calls + s.others + (chat_has(w, CHAT_CHUNKS |
	    CHAT_REASONING) ? s.thoughts : 0) == 0)
		return t->parts == NULL ? 0 : write_reasoning(w, t);
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "assistant");
	if (t->name.n > 0 && !chat_has(w, CHAT_NAME))
		rc = ir_drop(w->n, "name");
	else
		rc = write_name(w, t);
	if (rc != 0 || (rc = write_said(w, t, &s)) != 0 ||
	    (rc = write_reasoning(w, t)) != 0 ||
	    (rc = write_others(w, t)) != 0)
		return rc;
	if (s.calls > 0) {
		jw_key(&w->w, "tool_calls");
		jw_open(&w->w, '[');
		for (p = t->parts; p != NULL; p = ir_next(p))
			if (p->kind == IR_CALL)
				write_call(w, p);
		jw_close(&w->w, ']');
	}
	if (t->next == NULL && chat_has(w, CHAT_PREFIX))
		jw_kbool(&w->w, "prefix", 1);
	else if (t->next == NULL && w->c == &chat_openai && !chat_same(w))
		rc = ir_change(w->n, "prefill");
	jw_close(&w->w, '}');
	return rc;
}

/* --- results ------------------------------------------------------------- */

static int
is_media(const struct ir_part *p)
{
	return p->kind == IR_IMAGE || p->kind == IR_AUDIO ||
	    p->kind == IR_VIDEO || (p->kind == IR_FILE &&
	    p->media.text.n == 0);
}

/* A result's parts where a tool message takes no pictures. */
static int
write_result_texts(struct chat_writer *w, const struct ir_part *r,
    const char *before)
{
	static const struct ir_part seen = { .text = CHAT_F("[The picture or "
	    "file is in the next message of the user.]") };
	const struct ir_part *p;
	int rc = 0;

	jw_key(&w->w, "content");
	jw_open(&w->w, '[');
	for (p = r->result; p != NULL && rc == 0; p = ir_next(p)) {
		rc = is_media(p) ? chat_write_text(w, &seen, before, seen.text) :
		    chat_write_part(w, p, before);
		before = "";
	}
	jw_close(&w->w, ']');
	return rc;
}

static int
write_result(struct chat_writer *w, const struct ir_part *r, int *media)
{
	const char *before = r->error ? "Error: " : "";
	const struct ir_part *p;
	int rc, some = 0;

	for (p = r->result; p != NULL; p = ir_next(p))
		some |= is_media(p);
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "tool");
	jw_key(&w->w, "tool_call_id");
	jw_str(&w->w, call_id(w, r->id));
	if (chat_has(w, CHAT_PREFIX))
		jw_kstr(&w->w, "name", wire_tool_name(w->q, r->name));
	if (r->result == NULL && r->json.n > 0) {
		const struct ir_part json = { .text = r->json };

		rc = chat_write_content(w, &json, before);
	} else if (some && !chat_has(w, CHAT_RESULT_IMAGES)) {
		*media = 1;
		rc = write_result_texts(w, r, before);
	} else
		rc = chat_write_content(w, r->result, before);
	jw_close(&w->w, '}');
	if (rc == 0 && r->error)
		rc = ir_change(w->n, chat_word(w, "is_error"));
	return rc;
}

/* What results had that tool messages cannot: a user's message with it. */
static int
write_result_media(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *r, *p;
	struct ir_part head = { 0 };
	int rc = 0, said;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "user");
	jw_key(&w->w, "content");
	jw_open(&w->w, '[');
	for (r = t->parts; r != NULL; r = ir_next(r)) {
		said = 0;
		for (p = r->result; p != NULL && rc == 0; p = ir_next(p)) {
			if (!is_media(p))
				continue;
			if (!said)
				rc = chat_write_text(w, &head, "", str_of(
				    arena_printf(w->q->a, "Result of the tool "
				    "call %.*s:", STR_ARG(r->id))));
			said = 1;
			if (rc == 0)
				rc = chat_write_part(w, p, "");
		}
	}
	jw_close(&w->w, ']');
	jw_close(&w->w, '}');
	return rc != 0 ? rc : ir_change(w->n, chat_word(w, "tool_result"));
}

/* --- turns --------------------------------------------------------------- */

static int
write_plain(struct chat_writer *w, const struct ir_turn *t, const char *role,
    const char *before)
{
	int rc;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", role);
	if ((rc = write_name(w, t)) != 0)
		return rc;
	if (t->name.n > 0 && !chat_has(w, CHAT_NAME))
		before = arena_printf(w->q->a, "%s%.*s: ", before,
		    STR_ARG(t->name));
	rc = chat_write_content(w, t->parts, before);
	jw_close(&w->w, '}');
	return rc;
}

static int
write_system(struct chat_writer *w, const struct ir_turn *t,
    const struct ir_turn *prev)
{
	int rc;

	if (prev != NULL && !chat_has(w, CHAT_LATE_SYSTEM) &&
	    (prev->role == IR_ASSISTANT || prev->role == IR_TOOL)) {
		if ((rc = ir_change(w->n, "system")) != 0)
			return rc;
		return write_plain(w, t, "user", "[System instruction] ");
	}
	return write_plain(w, t, t->developer && chat_has(w, CHAT_DEVELOPER) ?
	    "developer" : "system", "");
}

static int
write_results(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc = 0, media = 0;

	for (p = t->parts; p != NULL && rc == 0; p = ir_next(p))
		rc = p->kind == IR_RESULT ? write_result(w, p, &media) :
		    chat_no_form(w, "what is no result", " beside results");
	if (rc == 0 && media)
		rc = write_result_media(w, t);
	return rc;
}

int
chat_write_messages(struct chat_writer *w)
{
	const struct ir_turn *t, *prev = NULL;
	int rc = 0;

	jw_key(&w->w, "messages");
	jw_open(&w->w, '[');
	if (w->ask_json)
		jw_raw(&w->w, STR("{\"role\":\"system\",\"content\":"
		    "\"Answer in JSON.\"}"));
	for (t = w->q->turns; t != NULL && rc == 0; prev = t, t = ir_next(t)) {
		switch (t->role) {
		case IR_SYSTEM:
			rc = write_system(w, t, prev);
			break;
		case IR_USER:
			rc = write_plain(w, t, "user", "");
			break;
		case IR_ASSISTANT:
			rc = write_assistant(w, t);
			break;
		case IR_TOOL:
			rc = write_results(w, t);
			break;
		}
	}
	jw_close(&w->w, ']');
	return rc;
}
