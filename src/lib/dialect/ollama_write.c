/*
 * ollama_write.c - the neutral form into a request of Ollama's /api/chat.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A message is one text and pictures as bare base64; there is no tool_choice,
 * and streaming is what happens when nothing is said.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/ollama.h"
#include "dialect/wire.h"

/* What it takes of OpenAI's format: definitions of tools. */
static const struct chat form = {
	.dialect = DIALECT_OLLAMA, .name = "Ollama", .required = NULL,
};

static int
unsupported(struct chat_writer *w, const char *name)
{
	const char *word = chat_word(w, name);

	return ir_refuse(w->n, word, "%s has no equivalent at Ollama: leave "
	    "it out, or choose another model", word);
}

static int
drop(struct chat_writer *w, int is_said, const char *name)
{
	return is_said ? ir_drop(w->n, chat_word(w, name)) : 0;
}

/* --- content ------------------------------------------------------------- */

static void
add(struct chat_writer *w, struct str s)
{
	if (w->w.error == 0)
		w->w.error = buf_add_json(w->w.b, s);
}

static int
add_document(struct chat_writer *w, const struct ir_part *p)
{
	const struct ir_media *m = &p->media;
	struct str text = wire_plain_text(w->q->a, m), name = m->filename;

	if (p->citations.n > 0)
		return ir_no_citing(w->n, w->q, "Ollama");
	if (text.n == 0)
		return chat_no_form(w, "documents", "");
	if (name.n == 0)
		name = m->title;
	if (name.n > 0) {
		add(w, STR("Document: "));
		add(w, name);
		add(w, STR("\n\n"));
	}
	add(w, text);
	return ir_change(w->n, chat_word(w, "file"));
}

/* A part as a piece of the message's text. */
static int
add_part(struct chat_writer *w, const struct ir_part *p)
{
	switch (p->kind) {
	case IR_TEXT:
		add(w, p->text);
		return drop(w, p->citations.n > 0, "citations");
	case IR_REFUSAL:
		add(w, p->text);
		return ir_change(w->n, "refusal");
	case IR_FILE:
		return add_document(w, p);
	case IR_AUDIO:
		return chat_no_form(w, "sound", "");
	case IR_VIDEO:
		return chat_no_form(w, "video", "");
	default:
		return chat_no_form(w, "one of the parts", "");
	}
}

static int
has_place(const struct ir_part *p)
{
	return p->kind == IR_IMAGE || p->kind == IR_CALL ||
	    p->kind == IR_THINKING;
}

/* "content": the texts, a line each. */
static int
write_content(struct chat_writer *w, const struct ir_part *p,
    const char *before)
{
	int rc = 0, n = 0;

	jw_key(&w->w, "content");
	jw_raw(&w->w, STR("\""));
	add(w, str_of(before));
	for (; p != NULL && rc == 0; p = ir_next(p)) {
		if (p->cache.n > 0)
			rc = ir_drop(w->n, ir_mark(w->q));
		if (rc != 0 || has_place(p))
			continue;
		if (n++ > 0)
			add(w, STR("\n"));
		rc = add_part(w, p);
	}
	if (w->w.error == 0)
		w->w.error = buf_addc(w->w.b, '"');
	return rc;
}

/* Pictures of a list, as elements of "images", which may have begun. */
static int
add_images(struct chat_writer *w, const struct ir_part *p, int *begun)
{
	int rc = 0;

	for (; p != NULL && rc == 0; p = ir_next(p)) {
		if (p->kind != IR_IMAGE)
			continue;
		if (p->media.base64.n == 0)
			return chat_no_form(w, "a picture by its URL or id",
			    ", only for base64");
		if (!*begun) {
			jw_key(&w->w, "images");
			jw_open(&w->w, '[');
		}
		*begun = 1;
		jw_str(&w->w, p->media.base64);
		rc = drop(w, p->media.detail.n > 0 &&
		    !str_eqc(p->media.detail, "auto"), "detail");
	}
	return rc;
}

static int
write_images(struct chat_writer *w, const struct ir_part *list)
{
	int begun = 0, rc = add_images(w, list, &begun);

	if (begun)
		jw_close(&w->w, ']');
	return rc;
}

/* --- turns --------------------------------------------------------------- */

static int
write_plain(struct chat_writer *w, const struct ir_turn *t, const char *role)
{
	const char *before = "";
	int rc;

	if (t->name.n > 0) {
		before = arena_printf(w->q->a, "%.*s: ", STR_ARG(t->name));
		if ((rc = ir_change(w->n, "name")) != 0)
			return rc;
	}
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", role);
	if ((rc = write_content(w, t->parts, before)) == 0)
		rc = write_images(w, t->parts);
	jw_close(&w->w, '}');
	return rc;
}

static int
write_call(struct chat_writer *w, const struct ir_part *p)
{
	struct str args = str_trim(p->args);
	struct jscan_result res;

	jw_open(&w->w, '{');
	jw_key(&w->w, "function");
	jw_open(&w->w, '{');
	jw_kstr(&w->w, "name", wire_tool_name(w->q, p->name));
	jw_key(&w->w, "arguments");
	if (p->custom) {
		jw_open(&w->w, '{');
		jw_key(&w->w, "input");
		jw_str(&w->w, p->args);
		jw_close(&w->w, '}');
	} else if (args.n == 0 || str_eqc(args, "null"))
		jw_raw(&w->w, STR("{}"));
	else if (jscan(args, NULL, NULL, 0, &res) != 0 ||
	    res.type != JSCAN_OBJECT)
		return ir_refuse(w->n, "messages", "the arguments of the tool "
		    "call \"%.*s\" are no JSON object, and Ollama takes "
		    "nothing else", (int)(p->id.n > 100 ? 100 : p->id.n),
		    p->id.p);
	else
		jw_raw(&w->w, args);
	jw_close(&w->w, '}');
	jw_close(&w->w, '}');
	return 0;
}

/* "thinking": a model's own, or at least what another thought. */
static int
write_thinking(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc = 0, done = 0;

	for (p = t->parts; p != NULL && rc == 0; p = ir_next(p)) {
		if (p->kind != IR_THINKING)
			continue;
		if (p->redacted || p->text.n == 0 || done) {
			rc = drop(w, 1, "reasoning_content");
			continue;
		}
		jw_kstr(&w->w, "thinking", p->text);
		done = 1;
		if (p->from != DIALECT_OLLAMA)
			rc = ir_change(w->n, chat_word(w,
			    "reasoning_content"));
	}
	return rc;
}

static int
write_assistant(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc, calls = 0;

	for (p = t->parts; p != NULL; p = ir_next(p))
		calls += p->kind == IR_CALL;
	if ((rc = drop(w, t->name.n > 0, "name")) != 0)
		return rc;
	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "assistant");
	if ((rc = write_content(w, t->parts, "")) != 0 ||
	    (rc = write_thinking(w, t)) != 0 ||
	    (rc = write_images(w, t->parts)) != 0)
		return rc;
	if (calls > 0) {
		jw_key(&w->w, "tool_calls");
		jw_open(&w->w, '[');
		for (p = t->parts; p != NULL && rc == 0; p = ir_next(p))
			if (p->kind == IR_CALL)
				rc = write_call(w, p);
		jw_close(&w->w, ']');
	}
	jw_close(&w->w, '}');
	return rc;
}

static int
write_result(struct chat_writer *w, const struct ir_part *r)
{
	const struct ir_part json = { .text = r->json };
	const struct ir_part *call = r->name.n > 0 ? r :
	    ir_call_of(w->q, r->id);
	int rc;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "tool");
	rc = write_content(w, r->result == NULL && r->json.n > 0 ? &json :
	    r->result, r->error ? "Error: " : "");
	if (call != NULL)
		jw_kstr(&w->w, "tool_name", wire_tool_name(w->q,
		    call->name));
	jw_close(&w->w, '}');
	if (rc == 0 && r->error)
		rc = ir_change(w->n, chat_word(w, "is_error"));
	return rc;
}

static int
has_image(const struct ir_part *p)
{
	while (p != NULL && p->kind != IR_IMAGE)
		p = ir_next(p);
	return p != NULL;
}

/* Pictures in results follow in a message of the user. */
static int
write_result_images(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *r;
	int rc = 0, begun = 0;

	jw_open(&w->w, '{');
	jw_ktext(&w->w, "role", "user");
	jw_ktext(&w->w, "content", "[Pictures from the results of the tool "
	    "calls.]");
	for (r = t->parts; r != NULL && rc == 0; r = ir_next(r))
		rc = add_images(w, r->result, &begun);
	jw_close(&w->w, ']');
	jw_close(&w->w, '}');
	return rc != 0 ? rc : ir_change(w->n, chat_word(w, "tool_result"));
}

static int
write_results(struct chat_writer *w, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc = 0, images = 0;

	for (p = t->parts; p != NULL && rc == 0; p = ir_next(p)) {
		images |= has_image(p->result);
		rc = p->kind == IR_RESULT ? write_result(w, p) :
		    chat_no_form(w, "what is no result", " beside results");
	}
	return rc == 0 && images ? write_result_images(w, t) : rc;
}

static int
write_messages(struct chat_writer *w)
{
	const struct ir_turn *t;
	int rc = 0;

	jw_key(&w->w, "messages");
	jw_open(&w->w, '[');
	for (t = w->q->turns; t != NULL && rc == 0; t = ir_next(t)) {
		if (t->role == IR_ASSISTANT)
			rc = write_assistant(w, t);
		else if (t->role == IR_TOOL)
			rc = write_results(w, t);
		else
			rc = write_plain(w, t, t->role == IR_USER ? "user" :
			    "system");
	}
	jw_close(&w->w, ']');
	return rc;
}

/* --- the other members --------------------------------------------------- */

static int
write_tools(struct chat_writer *w)
{
	struct ir_req *q = w->q;
	struct ir_tool *t;
	int rc = 0;

	if (q->choice == IR_REQUIRED)
		return ir_refuse(w->n, chat_word(w, "tool_choice"), "Ollama "
		    "cannot be made to call a tool: ask for auto, or choose "
		    "another model");
	if (q->choice == IR_NONE || q->tools == NULL)
		return 0;
	for (t = q->tools; t != NULL && rc == 0; t = ir_next(t)) {
		rc = drop(w, t->strict == 1, "tools.strict");
		t->strict = -1;
	}
	if (rc == 0 && q->parallel == 0)
		rc = drop(w, 1, "parallel_tool_calls");
	q->parallel = -1;
	return rc != 0 ? rc : chat_write_tools(w);
}

/* "think": levels where the model has them, else on or off. */
static int
write_think(struct chat_writer *w)
{
	struct ir_req *q = w->q;
	struct str e = q->effort;
	const char *level;

	if (q->think == IR_THINK_UNSET)
		return 0;
	if (q->think == IR_THINK_OFF || str_eqc(e, "none") ||
	    (q->think == IR_BUDGET && q->budget == 0)) {
		jw_kbool(&w->w, "think", 0);
		return 0;
	}
	if (q->think == IR_BUDGET)
		e = q->budget < 2048 ? STR("low") : q->budget < 12288 ?
		    STR("medium") : STR("high");
	level = e.n == 0 ? "" : str_eqc(e, "minimal") || str_eqc(e, "low") ?
	    "low" : str_eqc(e, "medium") ? "medium" : "high";
	if (*level == '\0' || !ir_can(w->t, TRAIT_EFFORT,
	    model_is_oss(w->t->model))) {
		jw_kbool(&w->w, "think", 1);
		return *level == '\0' ? 0 : ir_change(w->n, chat_word(w,
		    "reasoning_effort"));
	}
	jw_ktext(&w->w, "think", level);
	return q->think == IR_EFFORT && str_eqc(e, level) ? 0 :
	    ir_change(w->n, chat_word(w, "reasoning_effort"));
}

static void
write_stop(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	unsigned i;

	if (q->n_stop == 0)
		return;
	jw_key(&w->w, "stop");
	jw_open(&w->w, '[');
	for (i = 0; i < q->n_stop; i++)
		jw_str(&w->w, q->stop[i]);
	jw_close(&w->w, ']');
}

static void
write_options(struct chat_writer *w)
{
	const struct ir_req *q = w->q;

	if (q->max_output == 0 && q->n_stop == 0 && q->temperature.raw.n +
	    q->top_p.raw.n + q->top_k.raw.n + q->seed.raw.n +
	    q->frequency_penalty.raw.n + q->presence_penalty.raw.n == 0)
		return;
	jw_key(&w->w, "options");
	jw_open(&w->w, '{');
	if (q->max_output > 0)
		jw_ku64(&w->w, "num_predict", q->max_output);
	jw_kraw(&w->w, "temperature", q->temperature.raw);
	jw_kraw(&w->w, "top_p", q->top_p.raw);
	jw_kraw(&w->w, "top_k", q->top_k.raw);
	jw_kraw(&w->w, "seed", q->seed.raw);
	jw_kraw(&w->w, "frequency_penalty", q->frequency_penalty.raw);
	jw_kraw(&w->w, "presence_penalty", q->presence_penalty.raw);
	write_stop(w);
	jw_close(&w->w, '}');
}

static int
has_members(struct str raw)
{
	struct jval v;
	size_t pos = 0;

	return raw.n > 0 && jt_each(jt_value(raw), &pos, NULL, &v);
}

/* What it cannot be told. */
static int
lose(struct chat_writer *w)
{
	const struct ir_req *q = w->q;
	int rc;

	if (q->previous_id.n > 0)
		return ir_refuse(w->n, "previous_response_id", "the answer "
		    "that previous_response_id names is not kept for this "
		    "model: send the whole conversation");
	if (has_members(q->logit_bias))
		return unsupported(w, "logit_bias");
	if (q->n.v > 1)
		return unsupported(w, "n");
	if ((rc = drop(w, q->user.n > 0, "safety_identifier")) != 0 ||
	    (rc = drop(w, q->metadata.n > 0, "metadata")) != 0 ||
	    (rc = drop(w, q->service_tier.n > 0, "service_tier")) != 0 ||
	    (rc = drop(w, q->verbosity.n > 0, "verbosity")) != 0 ||
	    (rc = drop(w, q->cache_key.n > 0, "prompt_cache_key")) != 0 ||
	    (rc = drop(w, q->store == 1, "store")) != 0 ||
	    (rc = ir_lose_marks(q, w->n, 1, 1)) != 0 ||
	    (q->format == IR_JSON_SCHEMA && (rc = drop(w,
	    q->schema_description.n > 0, "response_format.description")) != 0))
		return rc;
	return ir_extra_lose(q, w->n);
}

int
ollama_write(struct buf *b, struct ir_req *q, const struct ir_target *t,
    struct ir_note *n)
{
	struct chat_writer w = { .c = &form, .q = q, .t = t, .n = n };
	int rc;

	jw_init(&w.w, b);
	jw_open(&w.w, '{');
	jw_kstr(&w.w, "model", t->model);
	jw_kbool(&w.w, "stream", q->stream);
	if ((rc = write_messages(&w)) != 0 || (rc = write_tools(&w)) != 0 ||
	    (rc = write_think(&w)) != 0)
		return rc;
	if (q->format == IR_JSON_OBJECT)
		jw_ktext(&w.w, "format", "json");
	else if (q->format == IR_JSON_SCHEMA)
		jw_kraw(&w.w, "format", q->schema);
	if (q->logprobs || q->top_logprobs.v > 0)
		jw_kbool(&w.w, "logprobs", 1);
	jw_kraw(&w.w, "top_logprobs", q->top_logprobs.raw);
	write_options(&w);
	if ((rc = lose(&w)) != 0)
		return rc;
	jw_close(&w.w, '}');
	return jw_done(&w.w);
}
