/*
 * responses_object.c - the response object, and items as JSON.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * A response repeats much of its request: clients read it from there.
 */
#include "dialect/rout.h"

static void
items_json(struct jw *w, const char *key, const struct buf *b)
{
	jw_key(w, key);
	jw_open(w, '[');
	if (buf_len(b) > 0)
		jw_raw(w, buf_str(b));
	jw_close(w, ']');
}

void
rout_piece_json(struct jw *w, const struct rout_piece *p, int empty)
{
	struct str text = empty ? STR("") : buf_str(&p->text);

	jw_open(w, '{');
	if (p->refusal) {
		jw_ktext(w, "type", "refusal");
		jw_key(w, "refusal");
		jw_str(w, text);
	} else {
		jw_ktext(w, "type", "output_text");
		items_json(w, "annotations", &p->notes);
		items_json(w, "logprobs", &p->probs);
		jw_key(w, "text");
		jw_str(w, text);
	}
	jw_close(w, '}');
}

static void
message_json(struct jw *w, const struct rout_item *i)
{
	const struct rout_piece *p;

	jw_ktext(w, "status", i->done ? "completed" : "in_progress");
	jw_ktext(w, "role", "assistant");
	jw_key(w, "content");
	jw_open(w, '[');
	for (p = i->done ? i->pieces : NULL; p != NULL; p = p->next)
		rout_piece_json(w, p, 0);
	jw_close(w, ']');
}

static void
thoughts_json(struct jw *w, const char *key, const char *type,
    const struct rout_piece *p)
{
	jw_key(w, key);
	jw_open(w, '[');
	if (p != NULL) {
		jw_open(w, '{');
		jw_ktext(w, "type", type);
		jw_key(w, "text");
		jw_str(w, buf_str(&p->text));
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void
reasoning_json(struct jw *w, const struct rout_item *i)
{
	const struct rout_piece *p = i->done ? i->pieces : NULL;

	thoughts_json(w, "summary", "summary_text", i->raw ? NULL : p);
	if (i->raw)
		thoughts_json(w, "content", "reasoning_text", p);
	if (i->done)
		jw_kstr(w, "encrypted_content", i->signature);
}

static void
call_json(struct jw *w, const struct rout_item *i)
{
	if (!i->custom)
		jw_ktext(w, "status", i->done ? "completed" : "in_progress");
	jw_key(w, "call_id");
	jw_str(w, i->call_id);
	jw_kstr(w, "namespace", i->group);
	jw_key(w, "name");
	jw_str(w, i->name);
	jw_key(w, i->custom ? "input" : "arguments");
	jw_str(w, i->done ? buf_str(&i->pieces->text) : STR(""));
}

void
rout_item_json(struct jw *w, const struct rout_item *i)
{
	static const char *const types[] = { "message", "reasoning",
		"function_call", "image_generation_call" };

	jw_open(w, '{');
	jw_kstr(w, "id", i->id);
	jw_ktext(w, "type", i->kind == ROUT_CALL && i->custom ?
	    "custom_tool_call" : types[i->kind]);
	if (i->kind == ROUT_MESSAGE)
		message_json(w, i);
	else if (i->kind == ROUT_REASONING)
		reasoning_json(w, i);
	else if (i->kind == ROUT_CALL)
		call_json(w, i);
	else {
		jw_ktext(w, "status", i->done ? "completed" : "in_progress");
		jw_key(w, "result");
		if (i->done)
			jw_str(w, buf_str(&i->pieces->text));
		else
			jw_raw(w, STR_NULL);
	}
	jw_close(w, '}');
}

/* --- what the request said ----------------------------------------------- */

static void
number_or(struct jw *w, const char *key, struct str raw, struct str dflt)
{
	jw_key(w, key);
	jw_raw(w, raw.n > 0 ? raw : dflt);
}

/* null when it is empty. */
static void
text_or_null(struct jw *w, const char *key, struct str s)
{
	jw_key(w, key);
	if (s.n > 0)
		jw_str(w, s);
	else
		jw_raw(w, STR_NULL);
}

static void
echo_reasoning(struct jw *w, const struct ir_req *q)
{
	jw_key(w, "reasoning");
	jw_open(w, '{');
	text_or_null(w, "effort", q->effort);
	text_or_null(w, "summary", q->show_thoughts == 1 ? STR("auto") :
	    STR_NULL);
	jw_close(w, '}');
}

static void
echo_text(struct jw *w, const struct ir_req *q)
{
	jw_key(w, "text");
	jw_open(w, '{');
	jw_key(w, "format");
	jw_open(w, '{');
	if (q->format == IR_JSON_SCHEMA) {
		jw_ktext(w, "type", "json_schema");
		jw_kstr(w, "name", q->schema_name);
		jw_kstr(w, "description", q->schema_description);
		jw_kraw(w, "schema", q->schema);
		if (q->schema_strict >= 0)
			jw_kbool(w, "strict", q->schema_strict);
	} else
		jw_ktext(w, "type", q->format == IR_JSON_OBJECT ?
		    "json_object" : "text");
	jw_close(w, '}');
	jw_kstr(w, "verbosity", q->verbosity.n > 0 ? q->verbosity :
	    STR("medium"));
	jw_close(w, '}');
}

static void
echo_tool_ref(struct jw *w, const struct ir_req *q, struct str name)
{
	const struct ir_tool *t = ir_tool_find(q, name);

	jw_open(w, '{');
	jw_key(w, "type");
	if (t != NULL && t->kind == IR_BUILTIN)
		jw_str(w, name);
	else {
		jw_text(w, t != NULL && t->kind == IR_CUSTOM ? "custom" :
		    "function");
		jw_kstr(w, "name", name);
	}
	jw_close(w, '}');
}

static void
echo_choice(struct jw *w, const struct ir_req *q)
{
	const char *mode = q->choice == IR_NONE ? "none" :
	    q->choice == IR_REQUIRED ? "required" : "auto";
	unsigned i;

	jw_key(w, "tool_choice");
	if (q->n_allowed == 0) {
		jw_text(w, mode);
		return;
	}
	if (q->n_allowed == 1 && q->choice == IR_REQUIRED) {
		echo_tool_ref(w, q, q->allowed[0]);
		return;
	}
	jw_open(w, '{');
	jw_ktext(w, "type", "allowed_tools");
	jw_ktext(w, "mode", mode);
	jw_key(w, "tools");
	jw_open(w, '[');
	for (i = 0; i < q->n_allowed; i++)
		echo_tool_ref(w, q, q->allowed[i]);
	jw_close(w, ']');
	jw_close(w, '}');
}

void
resp_echo(struct jw *w, const struct ir_req *q)
{
	const struct ir_turn *first = q->turns;
	const struct ir_tool *t;
	int told = q->responses && first != NULL && first->parts != NULL &&
	    first->role == IR_SYSTEM && !first->developer;

	text_or_null(w, "instructions", told ? first->parts->text : STR_NULL);
	jw_key(w, "max_output_tokens");
	if (q->max_output > 0)
		jw_u64(w, q->max_output);
	else
		jw_raw(w, STR_NULL);
	jw_kbool(w, "parallel_tool_calls", q->parallel != 0);
	text_or_null(w, "previous_response_id", q->previous_id);
	echo_reasoning(w, q);
	jw_kstr(w, "service_tier", q->service_tier.n > 0 ? q->service_tier :
	    STR("default"));
	jw_kbool(w, "store", 0);	/* it cannot be fetched again */
	number_or(w, "temperature", q->temperature.raw, STR("1.0"));
	echo_text(w, q);
	echo_choice(w, q);
	jw_key(w, "tools");
	jw_open(w, '[');
	for (t = q->responses ? q->tools : NULL; t != NULL; t = t->next)
		jw_raw(w, t->raw);
	jw_close(w, ']');
	number_or(w, "top_p", q->top_p.raw, STR("1.0"));
	jw_ktext(w, "truncation", "disabled");
	text_or_null(w, "user", q->user);
	number_or(w, "metadata", q->metadata, STR("{}"));
}

/* --- the response -------------------------------------------------------- */

static void
usage_json(struct rout *r)
{
	const struct price_usage *u = &r->usage;
	struct jw *w = &r->w;

	jw_key(w, "usage");
	if (!r->has_usage) {
		jw_raw(w, STR_NULL);
		return;
	}
	jw_open(w, '{');
	jw_ku64(w, "input_tokens", u->input);
	jw_key(w, "input_tokens_details");
	jw_open(w, '{');
	jw_ku64(w, "cached_tokens", u->cached);
	jw_ku64(w, "cache_write_tokens", u->cache_write);
	jw_close(w, '}');
	jw_ku64(w, "output_tokens", u->output);
	jw_key(w, "output_tokens_details");
	jw_open(w, '{');
	jw_ku64(w, "reasoning_tokens", u->reasoning);
	jw_close(w, '}');
	jw_ku64(w, "total_tokens", u->input + u->output);
	jw_close(w, '}');
}

static void
ended_json(struct rout *r, const char *status)
{
	struct jw *w = &r->w;

	jw_key(w, "error");
	jw_raw(w, r->error);
	jw_key(w, "incomplete_details");
	if (strcmp(status, "incomplete") == 0) {
		jw_open(w, '{');
		jw_ktext(w, "reason", r->finish == IR_CONTENT_FILTER ?
		    "content_filter" : "max_output_tokens");
		jw_close(w, '}');
	} else
		jw_raw(w, STR_NULL);
}

void
rout_response(struct rout *r, const char *status)
{
	const char *id = strchr(r->o->id, '_');
	const struct rout_item *i;
	struct jw *w = &r->w;

	jw_open(w, '{');
	jw_kstr(w, "id", str_of(arena_printf(CODEC_TMP(r->o), "resp_%s",
	    id == NULL ? r->o->id : id + 1)));
	jw_ktext(w, "object", "response");
	jw_ku64(w, "created_at", (uint64_t)r->o->now);
	jw_ktext(w, "status", status);
	jw_kbool(w, "background", 0);
	ended_json(r, status);
	jw_kstr(w, "model", r->o->model);
	jw_key(w, "output");
	jw_open(w, '[');
	for (i = r->items; i != NULL; i = i->next)
		if (i->done)
			rout_item_json(w, i);
	jw_close(w, ']');
	resp_echo(w, r->o->req);
	usage_json(r);
	jw_close(w, '}');
}
