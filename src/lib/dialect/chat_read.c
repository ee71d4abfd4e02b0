/*
 * chat_read.c - a request of the chat family into the neutral form: its
 * members but messages and tools.
 *
 * Runs in: worker.
 * Owns: the table of members.
 *
 * All of the family's members are understood from every client of it: what a
 * server does not know itself its clients send all the same.
 */
#include <stddef.h>

#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/unknown.h"

static void
fields_of(struct jval o, const struct str *names, unsigned n,
    struct jval *out, struct ir_req *q, const char *where)
{
	struct str name;
	struct jval v;
	size_t pos = 0;
	unsigned i;

	memset(out, 0, n * sizeof(*out));
	while (jt_each(o, &pos, &name, &v)) {
		for (i = 0; i < n && !str_eq(name, names[i]);)
			i++;
		if (i == n && q != NULL)
			unknown_add(q, where, name, v);
		else if (i < n && jt_is(v))
			out[i] = v;
	}
}

void
chat_fields(struct jval o, const struct str *names, unsigned n,
    struct jval *out)
{
	fields_of(o, names, n, out, NULL, NULL);
}

void
chat_members(struct chat_reader *r, struct jval o, const struct str *names,
    unsigned n, struct jval *out, const char *where)
{
	fields_of(o, names, n, out, r->q, where);
}

const char *
chat_path(const struct chat_reader *r, const char *member)
{
	const char *dot = *member == '\0' ? "" : ".";
	struct arena *a = r->q->a;

	if (r->list == NULL)
		return member;
	if (r->sub == NULL)
		return arena_printf(a, "%s[%u]%s%s", r->list, r->at, dot,
		    member);
	return arena_printf(a, "%s[%u].%s[%u]%s%s", r->list, r->at, r->sub,
	    r->sub_at, dot, member);
}

int
chat_bad(const struct chat_reader *r, const char *member, const char *what)
{
	const char *path = chat_path(r, member);

	return ir_refuse(r->n, path, "%s %s", path, what);
}

int
chat_type(const struct chat_reader *r, struct jval v, const char *member,
    enum jscan_type type)
{
	static const char *const musts[] = {
		[JSCAN_NUMBER] = "must be a number",
		[JSCAN_STRING] = "must be a string",
		[JSCAN_ARRAY] = "must be an array",
		[JSCAN_OBJECT] = "must be an object",
	};

	if (!jt_is(v) || v.type == type)
		return 0;
	return chat_bad(r, member, musts[type]);
}

int
chat_text(const struct chat_reader *r, struct jval v, const char *member,
    struct str *out)
{
	int rc;

	if (!jt_is(v))
		return 0;
	if ((rc = chat_type(r, v, member, JSCAN_STRING)) != 0)
		return rc;
	*out = jt_text(r->q->a, v);
	return 0;
}

int
chat_flag(const struct chat_reader *r, struct jval v, const char *member,
    int *out)
{
	if (!jt_is(v))
		return 0;
	if (v.type != JSCAN_TRUE && v.type != JSCAN_FALSE)
		return chat_bad(r, member, "must be true or false");
	*out = v.type == JSCAN_TRUE;
	return 0;
}

static int
read_stream_options(struct chat_reader *r, struct jval v)
{
	int rc;

	if ((rc = chat_type(r, v, "stream_options", JSCAN_OBJECT)) != 0)
		return rc;
	unknown_in(r->q, "stream_options.", v,
	    "include_usage|include_obfuscation|");
	return chat_flag(r, jt_get(v, "include_usage"),
	    "stream_options.include_usage", &r->q->include_usage);
}

static int
read_limit(struct chat_reader *r, struct jval v, const char *name)
{
	uint64_t n;

	if (v.type != JSCAN_NUMBER || jscan_u64(v.raw, &n) != 0)
		return chat_bad(r, name, "must be a positive whole number");
	if (n == 0)
		return chat_bad(r, name, "must be at least 1");
	if (r->q->max_output != 0 && r->q->max_output != n)
		return chat_bad(r, "max_tokens", "is not what "
		    "max_completion_tokens says: send only one of them");
	r->q->max_output = n;
	return 0;
}

static int
read_max_completion(struct chat_reader *r, struct jval v)
{
	return read_limit(r, v, "max_completion_tokens");
}

/* It stands behind the other in the table. */
static int
read_max(struct chat_reader *r, struct jval v)
{
	return read_limit(r, v, "max_tokens");
}

static int
read_stop(struct chat_reader *r, struct jval v)
{
	struct ir_req *q = r->q;
	unsigned n = 0;
	struct jval e;
	size_t pos = 0;
	struct str s;

	if (v.type == JSCAN_ARRAY)
		while (jt_each(v, &pos, NULL, &e))
			n++;
	else if (v.type == JSCAN_STRING)
		n = 1;
	else
		return chat_bad(r, "stop", "must be a string or an array of "
		    "strings");
	q->stop = arena_alloc(q->a, (n + 1) * sizeof(*q->stop));
	q->n_stop = 0;
	for (pos = 0; v.type == JSCAN_STRING || jt_each(v, &pos, NULL, &e);) {
		if (v.type == JSCAN_STRING)
			e = v;
		else if (e.type != JSCAN_STRING)
			return chat_bad(r, "stop", "must hold strings");
		s = jt_text(q->a, e);
		if (s.n > 0)
			q->stop[q->n_stop++] = s;
		if (v.type == JSCAN_STRING)
			break;
	}
	return 0;
}

static int
read_effort(struct chat_reader *r, struct jval v)
{
	static const char *const known[] = { "minimal", "low", "medium",
	    "high", "xhigh", "max" };
	struct ir_req *q = r->q;
	struct str s = STR_NULL;
	size_t i;
	int rc;

	if ((rc = chat_text(r, v, "reasoning_effort", &s)) != 0)
		return rc;
	if (str_eqc(s, "none")) {
		q->think = IR_THINK_OFF;
		return 0;
	}
	if (str_eqc(s, "default")) {
		q->think = IR_ADAPTIVE;
		return 0;
	}
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqc(s, known[i])) {
			q->think = IR_EFFORT;
			q->effort = s;
			return 0;
		}
	return chat_bad(r, "reasoning_effort", "must be none, minimal, low, "
	    "medium, high, xhigh or max");
}

static int
read_reasoning_format(struct chat_reader *r, struct jval v)
{
	if (jt_eq(v, "parsed") || jt_eq(v, "raw"))
		r->q->show_thoughts = 1;
	else if (jt_eq(v, "hidden"))
		r->q->show_thoughts = 0;
	else
		return chat_bad(r, "reasoning_format",
		    "must be parsed, raw or hidden");
	r->q->said[IR_SAID_SHOWN] = "reasoning_format";
	return 0;
}

static int
read_include_reasoning(struct chat_reader *r, struct jval v)
{
	r->q->said[IR_SAID_SHOWN] = "include_reasoning";
	return chat_flag(r, v, "include_reasoning", &r->q->show_thoughts);
}

static int
read_name_of_user(struct chat_reader *r, struct jval v, const char *word)
{
	struct str s = STR_NULL;
	int rc = chat_text(r, v, word, &s);

	return rc != 0 ? rc : ir_user(r->q, r->n, word, s);
}

static int
read_user(struct chat_reader *r, struct jval v)
{
	return read_name_of_user(r, v, "user");
}

static int
read_safety_id(struct chat_reader *r, struct jval v)
{
	return read_name_of_user(r, v, "safety_identifier");
}

/* --- documents of Groq's clients ----------------------------------------- */

static int
read_citing(struct chat_reader *r, struct jval v)
{
	if (v.type != JSCAN_STRING)
		return chat_bad(r, "citation_options", "must be a string");
	r->uncited = jt_eq(v, "disabled");
	return 0;
}

static int
read_document(struct chat_reader *r, struct jval v, struct ir_part **list)
{
	struct jval source = jt_get(v, "source"), text = jt_get(source,
	    "text"), data = jt_get(source, "data");
	struct ir_part *p = ir_part_add(r->q, list, IR_FILE);

	p->raw = v.raw;
	p->media.mime = STR("text/plain");
	if (!r->uncited)
		p->citations = STR("{\"enabled\":true}");
	if (text.type == JSCAN_STRING)
		p->media.text = jt_text(r->q->a, text);
	else if (data.type == JSCAN_OBJECT)
		p->media.text = data.raw;
	else
		return chat_bad(r, "documents",
		    "must have a source with text or data each");
	unknown_in(r->q, "documents.", v, "id|source|");
	unknown_in(r->q, "documents.source.", source, "type|text|data|");
	return chat_text(r, jt_get(v, "id"), "documents.id",
	    &p->media.title);
}

/* They stand before what the user says first. */
static int
read_documents(struct chat_reader *r, struct jval v)
{
	struct ir_turn *t = r->q->turns;
	struct ir_part *list = NULL, *last;
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "documents", JSCAN_ARRAY)) != 0)
		return rc;
	while (jt_each(v, &pos, NULL, &e))
		if ((rc = read_document(r, e, &list)) != 0)
			return rc;
	if (list == NULL)
		return 0;
	last = r->q->last_part;
	while (t != NULL && t->role != IR_USER)
		t = t->next;
	if (t == NULL)
		return chat_bad(r, "documents", "need a message of a user");
	last->next = t->parts;
	t->parts = list;
	r->q->part_list = NULL;
	return 0;
}

enum kind { TEXT, FLAG, NUM, OBJECT, CALL };

#define AT(member)	offsetof(struct ir_req, member)

/* In the order in which they are read. */
static const struct field {
	struct str	 name;
	enum kind	 kind;
	size_t		 at;
	int		(*fn)(struct chat_reader *r, struct jval v);
} fields[] = {
	{ CHAT_F("model"), TEXT, AT(model), NULL },
	{ CHAT_F("stream"), FLAG, AT(stream), NULL },
	{ CHAT_F("stream_options"), CALL, 0, read_stream_options },
	{ CHAT_F("tools"), CALL, 0, chat_read_tools },
	{ CHAT_F("functions"), CALL, 0, chat_read_functions },
	{ CHAT_F("tool_choice"), CALL, 0, chat_read_choice },
	{ CHAT_F("function_call"), CALL, 0, chat_read_function_call },
	{ CHAT_F("parallel_tool_calls"), FLAG, AT(parallel), NULL },
	{ CHAT_F("messages"), CALL, 0, chat_read_messages },
	{ CHAT_F("citation_options"), CALL, 0, read_citing },
	{ CHAT_F("documents"), CALL, 0, read_documents },
	{ CHAT_F("max_completion_tokens"), CALL, 0,
	    read_max_completion },
	{ CHAT_F("max_tokens"), CALL, 0, read_max },
	{ CHAT_F("stop"), CALL, 0, read_stop },
	{ CHAT_F("temperature"), NUM, AT(temperature), NULL },
	{ CHAT_F("top_p"), NUM, AT(top_p), NULL },
	{ CHAT_F("top_k"), NUM, AT(top_k), NULL },
	{ CHAT_F("seed"), NUM, AT(seed), NULL },
	{ CHAT_F("random_seed"), NUM, AT(seed), NULL },
	{ CHAT_F("frequency_penalty"), NUM, AT(frequency_penalty), NULL },
	{ CHAT_F("presence_penalty"), NUM, AT(presence_penalty), NULL },
	{ CHAT_F("n"), NUM, AT(n), NULL },
	{ CHAT_F("logprobs"), FLAG, AT(logprobs), NULL },
	{ CHAT_F("top_logprobs"), NUM, AT(top_logprobs), NULL },
	{ CHAT_F("logit_bias"), OBJECT, AT(logit_bias), NULL },
	{ CHAT_F("reasoning_effort"), CALL, 0, read_effort },
	{ CHAT_F("reasoning_format"), CALL, 0, read_reasoning_format },
	{ CHAT_F("include_reasoning"), CALL, 0, read_include_reasoning },
	{ CHAT_F("response_format"), CALL, 0, chat_read_format },
	{ CHAT_F("user"), CALL, 0, read_user },
	{ CHAT_F("safety_identifier"), CALL, 0, read_safety_id },
	{ CHAT_F("service_tier"), TEXT, AT(service_tier), NULL },
	{ CHAT_F("verbosity"), TEXT, AT(verbosity), NULL },
	{ CHAT_F("prompt_cache_key"), TEXT, AT(cache_key), NULL },
	{ CHAT_F("metadata"), OBJECT, AT(metadata), NULL },
	{ CHAT_F("store"), FLAG, AT(store), NULL },
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static int
read_field(struct chat_reader *r, const struct field *f, struct jval v)
{
	void *at = (char *)r->q + f->at;
	struct ir_num *num;
	int rc;

	switch (f->kind) {
	case TEXT:
		return chat_text(r, v, f->name.p, at);
	case FLAG:
		return chat_flag(r, v, f->name.p, at);
	case OBJECT:
		if ((rc = chat_type(r, v, f->name.p, JSCAN_OBJECT)) == 0)
			*(struct str *)at = v.raw;
		return rc;
	case NUM:
		if ((rc = chat_type(r, v, f->name.p, JSCAN_NUMBER)) != 0)
			return rc;
		num = at;
		num->raw = v.raw;
		num->v = jt_double(v);
		return 0;
	case CALL:
		break;
	}
	return f->fn(r, v);
}

/* Their loss would break a promise, unless the value is the harmless one. */
static const struct promise {
	struct str	 name;
	const char	*harmless;	/* without blanks; NULL: none is */
} promises[] = {
	{ CHAT_F("web_search_options"), NULL },
	{ CHAT_F("modalities"), "[\"text\"]" },
	{ CHAT_F("audio"), NULL },
	{ CHAT_F("moderation"), NULL },
	{ CHAT_F("guardrails"), "[]" },
	{ CHAT_F("safe_prompt"), "false" },
	{ CHAT_F("search_settings"), NULL },
	{ CHAT_F("compound_custom"), NULL },
};

/* raw says want, but for blanks. */
static int
says(struct str raw, const char *want)
{
	size_t i;

	for (i = 0; i < raw.n; i++) {
		if (str_chr(STR(" \t\r\n"), raw.p[i]) >= 0)
			continue;
		if (raw.p[i] != *want)
			return 0;
		want++;
	}
	return *want == '\0';
}

static void
read_extra(struct ir_req *q, struct str name, struct jval v)
{
	const char *s = arena_strndup(q->a, name.p, name.n);
	size_t i;

	for (i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		if (str_eq(promises[i].name, name))
			break;
	if (i == sizeof(promises) / sizeof(promises[0]))
		ir_extra_add(q, s, v.raw);
	else if (promises[i].harmless == NULL ||
	    !says(v.raw, promises[i].harmless))
		ir_extra_must(q, s, v.raw);
}

int
chat_read(const struct chat *c, struct ir_req *q, struct str body,
    struct ir_note *n)
{
	struct chat_reader r = { .c = c, .q = q, .n = n };
	struct jval top = jt_value(body), v, known[N_FIELDS];
	struct str name;
	size_t pos = 0, i;
	int rc;

	memset(known, 0, sizeof(known));
	if (top.type != JSCAN_OBJECT)
		return ir_refuse(n, "body", "the body must be a JSON object");
	while (jt_each(top, &pos, &name, &v)) {
		if (!jt_is(v))
			continue;
		for (i = 0; i < N_FIELDS; i++)
			if (str_eq(name, fields[i].name))
				break;
		if (i < N_FIELDS)
			known[i] = v;
		else
			read_extra(q, name, v);
	}
	for (i = 0; i < N_FIELDS; i++) {
		if (!jt_is(known[i]))
			continue;
		if ((rc = read_field(&r, &fields[i], known[i])) != 0)
			return rc;
		r.list = r.sub = NULL;
	}
	if (q->turns == NULL)
		return ir_refuse(n, "messages",
		    "messages must hold at least one message");
	/* Mistral shows what it thought when it was to think. */
	if (c->dialect == DIALECT_MISTRAL && q->think == IR_EFFORT &&
	    q->show_thoughts < 0 && !str_eqc(q->effort, "minimal"))
		q->show_thoughts = 1;
	return 0;
}
