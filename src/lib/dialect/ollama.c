/*
 * ollama.c - Ollama's format, and its requests into the neutral form.
 *
 * Runs in: worker.
 * Owns: the tables of members.
 *
 * /api/chat has messages, /api/generate one prompt; the rest is the same.
 * Calls have no ids, or ids that only newer servers know: a result without one
 * belongs to the oldest call of its name that has none yet, or to the oldest.
 */
#include <stddef.h>

#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/embed.h"
#include "dialect/ollama.h"
#include "dialect/unknown.h"
#include "dialect/wire.h"

#define MAX_CALLS	1024		/* of a message */
#define LOOKS_MAX	4000000u	/* at calls, in one request */

struct wait {			/* a call that has no result yet */
	struct wait	*next;
	const struct ir_part *call;
};

struct reader {
	struct chat_reader r;
	struct wait	*wait, **wait_end;
	unsigned	 looked;
};

/* --- messages ------------------------------------------------------------ */

static int
read_images(struct reader *o, struct jval v, struct ir_part **list)
{
	struct chat_reader *r = &o->r;
	struct ir_part *p;
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "images", JSCAN_ARRAY)) != 0)
		return rc;
	while (jt_each(v, &pos, NULL, &e)) {
		p = ir_part_add(r->q, list, IR_IMAGE);
		if (e.type != JSCAN_STRING || wire_base64(r->q->a,
		    jt_text(r->q->a, e), &p->media) < 0)
			return chat_bad(r, "images",
			    "must hold pictures as base64 text");
	}
	return 0;
}

static int
read_call(struct reader *o, struct jval v, struct ir_part **list)
{
	struct chat_reader *r = &o->r;
	struct jval f = jt_get(v, "function"), args = jt_get(f, "arguments");
	struct wait *w = arena_zalloc(r->q->a, sizeof(*w));
	struct ir_part *p = ir_part_add(r->q, list, IR_CALL);
	int rc;

	if (f.type != JSCAN_OBJECT)
		return chat_bad(r, "function", "must be an object");
	unknown_in(r->q, "messages.tool_calls.", v, "type|id|function|");
	unknown_in(r->q, "messages.tool_calls.function.", f,
	    "name|arguments|index|");
	if ((rc = chat_text(r, jt_get(f, "name"), "function.name",
	    &p->name)) != 0 || (rc = chat_text(r, jt_get(v, "id"), "id",
	    &p->id)) != 0 || (rc = chat_type(r, args, "function.arguments",
	    JSCAN_OBJECT)) != 0)
		return rc;
	if (p->name.n == 0)
		return chat_bad(r, "function.name", "must not be empty");
	if (p->id.n == 0)
		p->id = str_of(arena_printf(r->q->a, "call_%u_%u", r->at,
		    r->sub_at));
	p->args = jt_is(args) ? args.raw : STR("{}");
	w->call = p;
	*o->wait_end = w;
	o->wait_end = &w->next;
	return 0;
}

static int
read_calls(struct reader *o, struct jval v, struct ir_part **list)
{
	struct chat_reader *r = &o->r;
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "tool_calls", JSCAN_ARRAY)) != 0)
		return rc;
	o->wait = NULL;
	o->wait_end = &o->wait;
	r->sub = "tool_calls";
	for (r->sub_at = 0; jt_each(v, &pos, NULL, &e); r->sub_at++) {
		if (r->sub_at == MAX_CALLS)
			return chat_bad(r, "", "is one call too many for a "
			    "message");
		if ((rc = read_call(o, e, list)) != 0)
			return rc;
	}
	r->sub = NULL;
	return 0;
}

enum {
	M_ROLE, M_CONTENT, M_THINKING, M_IMAGES, M_CALLS, M_TOOL_NAME, M_NAME,
	M_CALL_ID, M_COUNT
};

static int
read_assistant(struct reader *o, const struct jval *m)
{
	struct str thought = STR_NULL, text = STR_NULL;
	struct chat_reader *r = &o->r;
	struct ir_part *parts = NULL;
	int rc;

	if ((rc = chat_text(r, m[M_THINKING], "thinking", &thought)) != 0 ||
	    (rc = chat_text(r, m[M_CONTENT], "content", &text)) != 0)
		return rc;
	if (thought.n > 0)
		ir_part_add(r->q, &parts, IR_THINKING)->text = thought;
	if (text.n > 0)
		ir_part_add(r->q, &parts, IR_TEXT)->text = text;
	if ((rc = read_images(o, m[M_IMAGES], &parts)) != 0 ||
	    (rc = read_calls(o, m[M_CALLS], &parts)) != 0)
		return rc;
	if (parts != NULL)	/* else it said nothing */
		ir_turn_add(r->q, IR_ASSISTANT)->parts = parts;
	return 0;
}

/* The call that it answers, which has its result now. */
static const struct ir_part *
answered(struct reader *o, struct str id, struct str name)
{
	struct wait **p = &o->wait, *w;

	for (; (w = *p) != NULL && o->looked < LOOKS_MAX; p = &w->next) {
		o->looked++;
		if (id.n > 0 ? str_eq(w->call->id, id) : name.n == 0 ||
		    str_eq(w->call->name, name))
			break;
	}
	if (w == NULL || o->looked == LOOKS_MAX)
		return NULL;
	if ((*p = w->next) == NULL)
		o->wait_end = p;
	return w->call;
}

static int
read_result(struct reader *o, const struct jval *m)
{
	struct chat_reader *r = &o->r;
	struct str text = STR(""), id = STR(""), name = STR("");
	const struct ir_part *call;
	struct ir_part *p;
	int rc;

	if ((rc = chat_text(r, m[M_TOOL_NAME], "tool_name", &name)) != 0 ||
	    (name.n == 0 && (rc = chat_text(r, m[M_NAME], "name",
	    &name)) != 0) ||
	    (rc = chat_text(r, m[M_CALL_ID], "tool_call_id", &id)) != 0 ||
	    (rc = chat_text(r, m[M_CONTENT], "content", &text)) != 0)
		return rc;
	if (r->results == NULL) {
		r->results = ir_turn_add(r->q, IR_TOOL);
		r->next_result = &r->results->parts;
	}
	p = ir_part_add(r->q, r->next_result, IR_RESULT);
	r->next_result = &p->next;
	call = answered(o, id, name);
	p->id = call != NULL ? call->id : id.n > 0 ? id : name;
	p->name = call != NULL ? call->name : name;
	ir_part_add(r->q, &p->result, IR_TEXT)->text = text;
	return read_images(o, m[M_IMAGES], &p->result);
}

/* A message of a user or the system, or a prompt. */
static int
read_said(struct reader *o, enum ir_role role, struct jval text,
    const char *member, struct jval images)
{
	struct ir_turn *t = ir_turn_add(o->r.q, role);
	struct ir_part *p = ir_part_add(o->r.q, &t->parts, IR_TEXT);
	int rc;

	p->text = STR("");
	if ((rc = chat_text(&o->r, text, member, &p->text)) != 0)
		return rc;
	return read_images(o, images, &t->parts);
}

static int
read_message(struct reader *o, struct jval v)
{
	static const struct str names[M_COUNT] = { CHAT_F("role"),
	    CHAT_F("content"), CHAT_F("thinking"), CHAT_F("images"),
	    CHAT_F("tool_calls"), CHAT_F("tool_name"), CHAT_F("name"),
	    CHAT_F("tool_call_id") };
	struct chat_reader *r = &o->r;
	struct jval m[M_COUNT];
	struct str role;

	if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "", "must be an object");
	chat_members(r, v, names, M_COUNT, m, "messages.");
	role = jt_text(r->q->a, m[M_ROLE]);
	if (str_ieq(role, STR("tool")))
		return read_result(o, m);
	r->results = NULL;
	if (str_ieq(role, STR("assistant")))
		return read_assistant(o, m);
	if (str_ieq(role, STR("user")))
		return read_said(o, IR_USER, m[M_CONTENT], "content",
		    m[M_IMAGES]);
	if (str_ieq(role, STR("system")))
		return read_said(o, IR_SYSTEM, m[M_CONTENT], "content",
		    m[M_IMAGES]);
	return chat_bad(r, "role", "must be system, user, assistant or tool");
}

static int
read_messages(struct reader *o, struct jval v)
{
	struct chat_reader *r = &o->r;
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "messages", JSCAN_ARRAY)) != 0)
		return rc;
	r->list = "messages";
	for (r->at = 0; jt_each(v, &pos, NULL, &e); r->at++) {
		r->sub = NULL;
		if ((rc = read_message(o, e)) != 0)
			return rc;
	}
	r->list = NULL;
	if (r->q->turns == NULL)	/* it would only load the model */
		return ir_refuse(r->n, "messages",
		    "messages must hold at least one message");
	return 0;
}

/* --- the other members --------------------------------------------------- */

static int
read_think(struct chat_reader *r, struct jval v)
{
	static const char *const known[] = { "low", "medium", "high", "max" };
	struct ir_req *q = r->q;
	size_t i;

	if (!jt_is(v))
		return 0;
	q->show_thoughts = v.type != JSCAN_FALSE;
	if (v.type == JSCAN_TRUE)
		q->think = IR_ADAPTIVE;
	else if (v.type == JSCAN_FALSE)
		q->think = IR_THINK_OFF;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (jt_eq(v, known[i])) {
			q->think = IR_EFFORT;
			q->effort = str_of(known[i]);
		}
	return q->think != IR_THINK_UNSET ? 0 : chat_bad(r, "think",
	    "must be true, false, low, medium or high");
}

static int
read_format(struct chat_reader *r, struct jval v)
{
	if (jt_eq(v, "json"))
		r->q->format = IR_JSON_OBJECT;
	else if (v.type == JSCAN_OBJECT) {
		r->q->format = IR_JSON_SCHEMA;
		r->q->schema = v.raw;
	} else if (jt_is(v) && !jt_eq(v, ""))
		return chat_bad(r, "format", "must be \"json\" or a schema");
	return 0;
}

static int
read_stop(struct chat_reader *r, struct jval v)
{
	struct ir_req *q = r->q;
	unsigned n = 1;
	size_t pos = 0;
	struct jval e;

	while (jt_each(v, &pos, NULL, &e))
		n++;
	q->stop = arena_alloc(q->a, n * sizeof(*q->stop));
	q->n_stop = 0;		/* a member said twice: the last one counts */
	if (v.type == JSCAN_STRING)
		q->stop[q->n_stop++] = jt_text(q->a, v);
	else if (v.type != JSCAN_ARRAY)
		return chat_bad(r, "options.stop", "must hold strings");
	for (pos = 0; jt_each(v, &pos, NULL, &e); q->n_stop++) {
		if (e.type != JSCAN_STRING)
			return chat_bad(r, "options.stop", "must hold strings");
		q->stop[q->n_stop] = jt_text(q->a, e);
	}
	return 0;
}

#define AT(member)	offsetof(struct ir_req, member)

static int
read_option(struct chat_reader *r, struct str name, struct jval v)
{
	static const struct {
		struct str	 name;
		size_t		 at;
	} rows[] = {
		{ CHAT_F("temperature"), AT(temperature) },
		{ CHAT_F("top_p"), AT(top_p) }, { CHAT_F("top_k"), AT(top_k) },
		{ CHAT_F("seed"), AT(seed) },
		{ CHAT_F("frequency_penalty"), AT(frequency_penalty) },
		{ CHAT_F("presence_penalty"), AT(presence_penalty) },
		{ CHAT_F("num_predict"), 0 },
	};
	const char *path = arena_printf(r->q->a, "options.%.*s",
	    STR_ARG(name));
	size_t i = 0, n = sizeof(rows) / sizeof(rows[0]);
	struct ir_num *num;
	int rc;

	if (str_eqc(name, "stop"))
		return read_stop(r, v);
	while (i < n && !str_eq(name, rows[i].name))
		i++;
	if (i == n) {
		ir_extra_add(r->q, path, v.raw);
		return 0;
	}
	if ((rc = chat_type(r, v, path, JSCAN_NUMBER)) != 0)
		return rc;
	if (i == n - 1) {	/* negative: no limit */
		r->q->max_output = jt_u64(v, 0);
		return 0;
	}
	num = (void *)((char *)r->q + rows[i].at);
	num->raw = v.raw;
	num->v = jt_double(v);
	return 0;
}

static int
read_options(struct chat_reader *r, struct jval v)
{
	struct str name;
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "options", JSCAN_OBJECT)) != 0)
		return rc;
	while (jt_each(v, &pos, &name, &e))
		if (jt_is(e) && (rc = read_option(r, name, e)) != 0)
			return rc;
	return 0;
}

enum {
	T_MODEL, T_STREAM, T_MESSAGES, T_TOOLS, T_SYSTEM, T_PROMPT, T_IMAGES,
	T_THINK, T_FORMAT, T_OPTIONS, T_LOGPROBS, T_TOP_LOGPROBS, T_COUNT
};

/* The prompt of /api/generate, or messages. */
static int
read_turns(struct reader *o, const struct jval *m)
{
	struct chat_reader *r = &o->r;
	struct jval none = { JSCAN_NONE, STR_NULL };
	int rc;

	if (!r->q->prompt) {
		if ((rc = chat_read_tools(r, m[T_TOOLS])) != 0)
			return rc;
		r->list = NULL;
		return read_messages(o, m[T_MESSAGES]);
	}
	if (jt_is(m[T_SYSTEM]) && !jt_eq(m[T_SYSTEM], "") &&
	    (rc = read_said(o, IR_SYSTEM, m[T_SYSTEM], "system", none)) != 0)
		return rc;
	if (!jt_is(m[T_PROMPT]) || jt_eq(m[T_PROMPT], ""))
		return chat_bad(r, "prompt", "must be there");
	return read_said(o, IR_USER, m[T_PROMPT], "prompt", m[T_IMAGES]);
}

/* What changes the meaning when it is lost. */
static int
is_promise(struct str name, struct jval v)
{
	return str_eqc(name, "suffix") || str_eqc(name, "template") ||
	    str_eqc(name, "context") || str_eqc(name, "messages") ||
	    str_eqc(name, "prompt") || str_eqc(name, "images") ||
	    str_eqc(name, "system") || str_eqc(name, "tools") ||
	    (str_eqc(name, "raw") && v.type == JSCAN_TRUE);
}

static int
is_empty(struct jval v)
{
	struct jval e;
	size_t pos = 0;

	return !jt_is(v) || jt_eq(v, "") || (v.type == JSCAN_ARRAY &&
	    !jt_each(v, &pos, NULL, &e));
}

static int
is_known(const struct ir_req *q, int i)
{
	if (i == T_MESSAGES || i == T_TOOLS)
		return !q->prompt;
	return q->prompt || (i != T_SYSTEM && i != T_PROMPT && i != T_IMAGES);
}

static int
ollama_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	static const struct str names[T_COUNT] = { CHAT_F("model"),
	    CHAT_F("stream"), CHAT_F("messages"), CHAT_F("tools"),
	    CHAT_F("system"), CHAT_F("prompt"), CHAT_F("images"),
	    CHAT_F("think"), CHAT_F("format"), CHAT_F("options"),
	    CHAT_F("logprobs"), CHAT_F("top_logprobs") };
	struct reader o = { .r = { .c = &chat_generic, .q = q, .n = n } };
	struct jval top = jt_value(body), m[T_COUNT], v;
	struct chat_reader *r = &o.r;
	struct str name;
	size_t pos = 0;
	int i, rc;

	if (top.type != JSCAN_OBJECT)
		return ir_refuse(n, "body", "the body must be a JSON object");
	memset(m, 0, sizeof(m));
	while (jt_each(top, &pos, &name, &v)) {
		for (i = 0; i < T_COUNT && !(str_eq(name, names[i]) &&
		    is_known(q, i)); i++)
			continue;
		if (i < T_COUNT)
			m[i] = v;
		else if (!is_empty(v) && is_promise(name, v))
			ir_extra_must(q, arena_strndup(q->a, name.p, name.n),
			    v.raw);
		else if (!is_empty(v) && !str_eqc(name, "raw"))
			ir_extra_add(q, arena_strndup(q->a, name.p, name.n),
			    v.raw);
	}
	q->stream = 1;		/* unless told otherwise */
	if ((rc = chat_text(r, m[T_MODEL], "model", &q->model)) != 0 ||
	    (rc = chat_flag(r, m[T_STREAM], "stream", &q->stream)) != 0 ||
	    (rc = read_turns(&o, m)) != 0 ||
	    (rc = read_think(r, m[T_THINK])) != 0 ||
	    (rc = read_format(r, m[T_FORMAT])) != 0 ||
	    (rc = read_options(r, m[T_OPTIONS])) != 0 ||
	    (rc = chat_flag(r, m[T_LOGPROBS], "logprobs",
	    &q->logprobs)) != 0 || (rc = chat_type(r, m[T_TOP_LOGPROBS],
	    "top_logprobs", JSCAN_NUMBER)) != 0)
		return rc;
	q->top_logprobs.raw = m[T_TOP_LOGPROBS].type == JSCAN_NUMBER ?
	    m[T_TOP_LOGPROBS].raw : STR_NULL;
	q->top_logprobs.v = jt_double(m[T_TOP_LOGPROBS]);
	return 0;
}

/* --- the format ---------------------------------------------------------- */

static const char *const words[][2] = {
	{ "max_tokens", "options.num_predict" },
	{ "stop", "options.stop" }, { "seed", "options.seed" },
	{ "temperature", "options.temperature" },
	{ "top_p", "options.top_p" }, { "top_k", "options.top_k" },
	{ "frequency_penalty", "options.frequency_penalty" },
	{ "presence_penalty", "options.presence_penalty" },
	{ "response_format", "format" }, { "reasoning_effort", "think" },
	{ "reasoning", "think" }, { "reasoning_content", "thinking" },
	{ "show_thoughts", "think" },
	{ NULL, NULL }
};

static const struct codec_path paths[] = {
	{ "/ollama/api/chat", NULL, 0 },
	{ "/ollama/v5/api/chat", NULL, 0 },
	{ "/ollama/api/generate", "/api/generate", 1 },
	{ NULL, NULL, 0 }
};

const struct codec codec_ollama = {
	.name = "ollama",
	.read = ollama_read,
	.write = ollama_write,
	.event = ollama_event,
	.end = ollama_end,
	.body = ollama_body,
	.put = ollama_put,
	.put_body = ollama_put_body,
	.words = words,
	.frame = FRAME_LINES,
	.tap = &tap_ollama,
	.like = DIALECT_OLLAMA,
	.path = "/api/chat",
	.others = "/v1",
	.limit = "options.num_predict",
	.streams = 1,
	.paths = paths,
	.embed = &embed_ollama,
};
