/*
 * chat_read_msg.c - messages of the chat family into turns and parts.
 *
 * Runs in: worker.
 * Owns: the table of content parts.
 *
 * Calls of the old kind (function_call, role function) have no ids: they get
 * some by their number.
 */
#include "base/err.h"
#include "dialect/chat.h"
#include "dialect/unknown.h"
#include "dialect/wire.h"

/* Of a message: each result is looked for among them. */
#define MAX_CALLS	1024

/* --- parts --------------------------------------------------------------- */

enum {
	P_TYPE, P_TEXT, P_IMAGE, P_AUDIO, P_FILE, P_REFUSAL, P_THINKING,
	P_SIGNATURE, P_DOCUMENT, P_DOCUMENT_NAME, P_VIDEO, P_FILE_ID,
	P_BREAKPOINT, P_CACHE, P_COUNT
};

static const struct str part_names[P_COUNT] = {
	CHAT_F("type"), CHAT_F("text"), CHAT_F("image_url"),
	CHAT_F("input_audio"), CHAT_F("file"), CHAT_F("refusal"),
	CHAT_F("thinking"), CHAT_F("signature"), CHAT_F("document_url"),
	CHAT_F("document_name"), CHAT_F("video_url"), CHAT_F("file_id"),
	CHAT_F("prompt_cache_breakpoint"), CHAT_F("cache_control"),
};

/* Bytes behind "data:", a URL, or nothing that is either. */
static int
read_place(struct chat_reader *r, struct str url, const char *member,
    struct ir_media *m)
{
	int rc = wire_data_uri(r->q->a, url, m);

	if (rc == ERR_FORMAT || (rc == 0 && wire_url(url) == WIRE_URL_NOBODY))
		return chat_bad(r, member, "must be " WIRE_URL_TEXT);
	if (rc == 0) {
		m->url = url;
		m->where = chat_path(r, member);
	}
	return 0;
}

/* A URL in a string, or in an object's "url" with "detail". */
static int
read_url(struct chat_reader *r, struct jval v, const char *member,
    struct ir_media *m)
{
	static const struct str names[2] = { CHAT_F("detail"), CHAT_F("url") };
	struct str url = STR_NULL;
	struct jval in[2];
	int rc;

	if (v.type == JSCAN_OBJECT) {
		chat_members(r, v, names, 2, in, "messages.content.url.");
		if ((rc = chat_text(r, in[0], "image_url.detail",
		    &m->detail)) != 0)
			return rc;
		v = in[1];
	}
	if (v.type != JSCAN_STRING)
		return chat_bad(r, member,
		    "must be a URL, or an object with one as its \"url\"");
	if ((rc = chat_text(r, v, member, &url)) != 0)
		return rc;
	return read_place(r, url, member, m);
}

static int
part_text(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	if (v[P_TEXT].type != JSCAN_STRING)
		return chat_bad(r, "text", "must be a string");
	return chat_text(r, v[P_TEXT], "text", &p->text);
}

static int
part_image(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	p->kind = IR_IMAGE;
	return read_url(r, v[P_IMAGE], "image_url", &p->media);
}

static int
part_video(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	p->kind = IR_VIDEO;
	return read_url(r, v[P_VIDEO], "video_url", &p->media);
}

/* {"data", "format"}, or the base64 or a URL itself. */
static int
part_audio(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	static const struct str names[2] = { CHAT_F("format"), CHAT_F("data") };
	struct str data, format = STR_NULL;
	struct jval a = v[P_AUDIO], in[2];
	int rc;

	p->kind = IR_AUDIO;
	if (a.type == JSCAN_OBJECT) {
		chat_members(r, a, names, 2, in, "messages.content.input_audio.");
		if ((rc = chat_text(r, in[0], "input_audio.format",
		    &format)) != 0)
			return rc;
		a = in[1];
	}
	if (a.type != JSCAN_STRING)
		return chat_bad(r, "input_audio",
		    "must have the sound as base64 text");
	data = jt_text(r->q->a, a);
	if (format.n > 0 && format.n < 16)
		p->media.mime = str_of(arena_printf(r->q->a, "audio/%.*s",
		    STR_ARG(format)));
	if (str_starts(data, STR("https://")) ||
	    str_starts(data, STR("http://"))) {
		p->media.url = data;
		return 0;
	}
	if ((rc = wire_data_uri(r->q->a, data, &p->media)) == 0)
		rc = wire_base64(r->q->a, data, &p->media);
	if (rc < 0)
		return chat_bad(r, "input_audio", "must be base64 text");
	return 0;
}

static int
part_file(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	static const struct str names[3] = { CHAT_F("filename"),
	    CHAT_F("file_id"), CHAT_F("file_data") };
	struct ir_media *m = &p->media;
	struct str data = STR_NULL;
	struct jval f = v[P_FILE], in[3];
	int rc;

	p->kind = IR_FILE;
	chat_members(r, f, names, 3, in, "messages.content.file.");
	if ((rc = chat_text(r, v[P_FILE_ID], "file_id", &m->file_id)) != 0 ||
	    (rc = chat_type(r, f, "file", JSCAN_OBJECT)) != 0 ||
	    (rc = chat_text(r, in[0], "file.filename",
	    &m->filename)) != 0 ||
	    (m->file_id.n == 0 && (rc = chat_text(r, in[1],
	    "file.file_id", &m->file_id)) != 0) ||
	    (rc = chat_text(r, in[2], "file.file_data",
	    &data)) != 0)
		return rc;
	if (data.n == 0 && m->file_id.n == 0)
		return chat_bad(r, "file",
		    "must have a file_id, or file_data and a filename");
	if (data.n == 0)
		return 0;
	m->mime = wire_mime(m->filename);
	if ((rc = wire_data_uri(r->q->a, data, m)) == 0)
		rc = wire_base64(r->q->a, data, m);
	if (rc < 0)
		return chat_bad(r, "file.file_data",
		    "must be data:TYPE;base64, and base64 text");
	return 0;
}

static int
part_document(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	struct ir_media *m = &p->media;
	int rc;

	p->kind = IR_FILE;
	if ((rc = chat_text(r, v[P_DOCUMENT_NAME], "document_name",
	    &m->filename)) != 0 ||
	    (rc = read_url(r, v[P_DOCUMENT], "document_url", m)) != 0)
		return rc;
	if (m->mime.n == 0)
		m->mime = wire_mime(m->url);
	if (m->mime.n == 0)
		m->mime = STR("application/pdf");
	return 0;
}

static int
part_refusal(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	p->kind = IR_REFUSAL;
	return chat_text(r, v[P_REFUSAL], "refusal", &p->text);
}

/* "thinking" is text, or a list of text chunks. */
static int
part_thinking(struct chat_reader *r, const struct jval *v, struct ir_part *p)
{
	struct jval t = v[P_THINKING], e;
	struct ir_req *q = r->q;
	struct str s = STR_NULL;
	size_t pos = 0, n = 0;
	char *sum;
	int rc;

	p->kind = IR_THINKING;
	q->said[IR_SAID_THINKING] = "thinking";
	if ((rc = chat_text(r, v[P_SIGNATURE], "signature", &s)) != 0)
		return rc;
	if (s.n > 0 && !codec_unseal(q->a, s, &p->from, &p->signature))
		p->signature = s;
	if (t.type == JSCAN_STRING)
		p->text = jt_text(q->a, t);
	if (t.type == JSCAN_STRING ||
	    (rc = chat_type(r, t, "thinking", JSCAN_ARRAY)) != 0 || !jt_is(t))
		return rc;
	/* The texts together are shorter than the list. */
	sum = arena_alloc(q->a, t.raw.n);
	while (jt_each(t, &pos, NULL, &e)) {
		s = jt_text(q->a, jt_get(e, "text"));
		memcpy(sum + n, s.p, s.n);
		n += s.n;
	}
	p->text = str_make(sum, n);
	return 0;
}

static const struct {
	const char	*type;
	int		(*fn)(struct chat_reader *r, const struct jval *v,
			    struct ir_part *p);
} part_types[] = {
	{ "text", part_text },
	{ "image_url", part_image },
	{ "input_audio", part_audio },
	{ "file", part_file },
	{ "refusal", part_refusal },
	{ "thinking", part_thinking },
	{ "document_url", part_document },
	{ "video_url", part_video },
};

/* The mark behind which a prompt is kept, in Anthropic's words. */
static void
read_cache(struct ir_req *q, const struct jval *v, struct ir_part *p)
{
	struct jval ttl;

	if (v[P_CACHE].type == JSCAN_OBJECT)
		p->cache = v[P_CACHE].raw;
	if (v[P_BREAKPOINT].type != JSCAN_OBJECT)
		return;
	q->said[IR_SAID_MARK] = "prompt_cache_breakpoint";
	ttl = jt_get(v[P_BREAKPOINT], "ttl");
	p->cache = jt_is(ttl) && !jt_eq(ttl, "5m") ?
	    STR("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}") :
	    STR("{\"type\":\"ephemeral\"}");
}

static int
read_part(struct chat_reader *r, struct jval v, struct ir_part **list)
{
	struct jval m[P_COUNT];
	struct ir_part *p;
	size_t i;

	if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "", "must be an object");
	chat_members(r, v, part_names, P_COUNT, m, "messages.content.");
	unknown_in(r->q, "messages.content.prompt_cache_breakpoint.",
	    m[P_BREAKPOINT], "mode|ttl|");
	for (i = 0; i < sizeof(part_types) / sizeof(part_types[0]); i++)
		if (jt_eq(m[P_TYPE], part_types[i].type))
			break;
	if (i == sizeof(part_types) / sizeof(part_types[0])) {
		if (r->c->dialect != DIALECT_MISTRAL ||
		    m[P_TYPE].type != JSCAN_STRING)
			return chat_bad(r, "type",
			    "must be one that this API has");
		p = ir_part_add(r->q, list, IR_OPAQUE);
		p->raw = v.raw;
		return 0;
	}
	p = ir_part_add(r->q, list, IR_TEXT);
	read_cache(r->q, m, p);
	return part_types[i].fn(r, m, p);
}

int
chat_read_content(struct chat_reader *r, struct jval v,
    struct ir_part **list)
{
	struct ir_part *p;
	struct jval e;
	size_t pos = 0;
	int rc = 0;

	if (v.type == JSCAN_STRING) {
		p = ir_part_add(r->q, list, IR_TEXT);
		p->text = jt_text(r->q->a, v);
		return 0;
	}
	if (v.type != JSCAN_ARRAY)
		return chat_bad(r, "content",
		    "must be a string or an array of parts");
	r->sub = "content";
	for (r->sub_at = 0; rc == 0 && jt_each(v, &pos, NULL, &e);
	    r->sub_at++)
		if ((rc = read_part(r, e, list)) != 0)
			return rc;
	r->sub = NULL;
	return 0;
}

/* --- calls and their results --------------------------------------------- */

static struct str
function_id(struct chat_reader *r, unsigned n)
{
	return str_of(arena_printf(r->q->a, "call_fn_%u", n));
}

/* Where Google's own chat endpoint has a call's signature. */
static void
read_signature(struct chat_reader *r, struct jval extra, struct ir_part *p)
{
	struct str s = jt_text(r->q->a, jt_get(jt_get(extra, "google"),
	    "thought_signature"));

	if (s.n == 0)
		return;
	p->from = DIALECT_GEMINI;
	if (!codec_unseal(r->q->a, s, &p->from, &p->signature))
		p->signature = s;
}

/* Arguments are JSON text in a string; Mistral takes an object too. */
static int
read_args(struct chat_reader *r, struct jval v, const char *member,
    struct ir_part *p)
{
	if (v.type == JSCAN_OBJECT) {
		p->args = v.raw;
		return 0;
	}
	return chat_text(r, v, member, &p->args);
}

enum { C_ID, C_TYPE, C_FUNCTION, C_CUSTOM, C_EXTRA, C_COUNT };

static int
read_call(struct chat_reader *r, struct jval v, struct ir_part **list)
{
	static const struct str names[C_COUNT] = { CHAT_F("id"),
	    CHAT_F("type"), CHAT_F("function"), CHAT_F("custom"),
	    CHAT_F("extra_content") };
	struct jval m[C_COUNT];
	struct ir_part *p;
	int rc, custom;

	if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "", "must be an object");
	chat_members(r, v, names, C_COUNT, m, "messages.tool_calls.");
	custom = jt_is(m[C_CUSTOM]);
	if (!custom && m[C_FUNCTION].type != JSCAN_OBJECT)
		return chat_bad(r, "function", "must be an object");
	if (m[C_ID].type != JSCAN_STRING)
		return chat_bad(r, "id", "must be a string");
	p = ir_part_add(r->q, list, IR_CALL);
	p->id = jt_text(r->q->a, m[C_ID]);
	p->custom = custom;
	read_signature(r, m[C_EXTRA], p);
	v = m[custom ? C_CUSTOM : C_FUNCTION];
	unknown_in(r->q, "messages.tool_calls.function.", v, custom ?
	    "name|input|" : "name|arguments|");
	if ((rc = chat_text(r, jt_get(v, "name"), "function.name",
	    &p->name)) != 0)
		return rc;
	if (p->name.n == 0)
		return chat_bad(r, "function.name", "must not be empty");
	if (custom)
		return chat_text(r, jt_get(v, "input"), "custom.input",
		    &p->args);
	return read_args(r, jt_get(v, "arguments"), "function.arguments", p);
}

static int
read_calls(struct chat_reader *r, struct jval v, struct ir_part **list)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "tool_calls", JSCAN_ARRAY)) != 0)
		return rc;
	r->sub = "tool_calls";
	for (r->sub_at = 0; jt_each(v, &pos, NULL, &e); r->sub_at++) {
		if (r->sub_at == MAX_CALLS)
			return chat_bad(r, "", "is one call too many for a "
			    "message");
		if ((rc = read_call(r, e, list)) != 0)
			return rc;
	}
	r->sub = NULL;
	return 0;
}

static int
read_function_call(struct chat_reader *r, struct jval v,
    struct ir_part **list)
{
	struct ir_part *p;
	int rc;

	if (!jt_is(v))
		return 0;
	if ((rc = chat_type(r, v, "function_call", JSCAN_OBJECT)) != 0)
		return rc;
	p = ir_part_add(r->q, list, IR_CALL);
	p->id = function_id(r, r->n_functions++);
	unknown_in(r->q, "messages.function_call.", v, "name|arguments|");
	if ((rc = chat_text(r, jt_get(v, "name"), "function_call.name",
	    &p->name)) != 0)
		return rc;
	return read_args(r, jt_get(v, "arguments"),
	    "function_call.arguments", p);
}

/* --- messages ------------------------------------------------------------ */

enum {
	M_ROLE, M_CONTENT, M_NAME, M_CALLS, M_CALL_ID, M_REFUSAL,
	M_REASONING_CONTENT, M_REASONING, M_FUNCTION, M_AUDIO, M_PREFIX, M_COUNT
};

static const struct str msg_names[M_COUNT] = {
	CHAT_F("role"), CHAT_F("content"), CHAT_F("name"),
	CHAT_F("tool_calls"), CHAT_F("tool_call_id"), CHAT_F("refusal"),
	CHAT_F("reasoning_content"), CHAT_F("reasoning"),
	CHAT_F("function_call"), CHAT_F("audio"), CHAT_F("prefix"),
};

/* What an assistant said beside "content" in members of their own. */
static int
read_said(struct chat_reader *r, const struct jval *m, struct ir_part **list)
{
	struct str thought = STR_NULL, refusal = STR_NULL;
	struct jval v = m[M_REASONING_CONTENT];
	const char *name = "reasoning_content";
	struct ir_part *p;
	int rc;

	if (!jt_is(v)) {
		v = m[M_REASONING];
		name = "reasoning";
	}
	if ((rc = chat_text(r, v, name, &thought)) != 0)
		return rc;
	if (thought.n > 0) {
		p = ir_part_add(r->q, list, IR_THINKING);
		p->text = thought;
		r->q->said[IR_SAID_THINKING] = name;
	}
	/* "" beside calls is as good as nothing. */
	if (jt_is(m[M_CONTENT]) && !(m[M_CONTENT].raw.n == 2 &&
	    m[M_CONTENT].type == JSCAN_STRING && (jt_is(m[M_CALLS]) ||
	    jt_is(m[M_FUNCTION]))) &&
	    (rc = chat_read_content(r, m[M_CONTENT], list)) != 0)
		return rc;
	if ((rc = chat_text(r, m[M_REFUSAL], "refusal", &refusal)) != 0)
		return rc;
	if (refusal.n > 0) {
		p = ir_part_add(r->q, list, IR_REFUSAL);
		p->text = refusal;
	}
	if (jt_is(m[M_AUDIO])) {
		p = ir_part_add(r->q, list, IR_OPAQUE);
		p->raw = m[M_AUDIO].raw;
		p->name = STR("audio");
	}
	return 0;
}

static int
read_assistant(struct chat_reader *r, const struct jval *m)
{
	struct ir_part *parts = NULL;
	struct ir_turn *t;
	int rc;

	if ((rc = read_said(r, m, &parts)) != 0 ||
	    (rc = read_calls(r, m[M_CALLS], &parts)) != 0 ||
	    (rc = read_function_call(r, m[M_FUNCTION], &parts)) != 0)
		return rc;
	if (parts == NULL)
		return 0;	/* it said nothing */
	t = ir_turn_add(r->q, IR_ASSISTANT);
	t->parts = parts;
	r->said = t;
	r->next_call = parts;
	return chat_text(r, m[M_NAME], "name", &t->name);
}

#define LOOKS_MAX 4000000u	/* at calls, in one request */

/* The call of the last assistant message that has that id: as a rule the one
 * behind the call that was answered before. */
static const struct ir_part *
call_of(struct chat_reader *r, struct str id)
{
	const struct ir_part *p;

	for (p = r->next_call; p != NULL && r->looked < LOOKS_MAX;
	    p = ir_next(p), r->looked++)
		if (p->kind == IR_CALL && str_eq(p->id, id))
			break;
	for (p = p != NULL || r->said == NULL ? p : r->said->parts;
	    p != NULL && r->looked < LOOKS_MAX; p = ir_next(p), r->looked++)
		if (p->kind == IR_CALL && str_eq(p->id, id)) {
			r->next_call = p->next;
			return p;
		}
	return NULL;
}

static int
read_result(struct chat_reader *r, const struct jval *m, int legacy)
{
	const struct ir_part *call;
	struct ir_part *p;
	int rc;

	if (!legacy && m[M_CALL_ID].type != JSCAN_STRING)
		return chat_bad(r, "tool_call_id", "must be a string");
	if (r->results == NULL) {
		r->results = ir_turn_add(r->q, IR_TOOL);
		r->next_result = &r->results->parts;
	}
	p = ir_part_add(r->q, r->next_result, IR_RESULT);
	r->next_result = &p->next;
	if ((rc = chat_text(r, m[M_NAME], "name", &p->name)) != 0)
		return rc;
	p->id = !legacy ? jt_text(r->q->a, m[M_CALL_ID]) : function_id(r,
	    r->n_functions == 0 ? 0 : r->n_functions - 1);
	if ((call = call_of(r, p->id)) != NULL) {
		p->name = call->name;
		p->custom = call->custom;
	}
	if (!jt_is(m[M_CONTENT]))
		return chat_bad(r, "content",
		    "must be a string or an array of parts");
	return chat_read_content(r, m[M_CONTENT], &p->result);
}

static int
read_message(struct chat_reader *r, struct jval v)
{
	struct jval m[M_COUNT];
	struct ir_turn *t;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return chat_bad(r, "", "must be an object");
	chat_members(r, v, msg_names, M_COUNT, m, "messages.");
	if (jt_eq(m[M_ROLE], "tool"))
		return read_result(r, m, 0);
	if (jt_eq(m[M_ROLE], "function"))
		return read_result(r, m, 1);
	r->results = NULL;
	if (jt_eq(m[M_ROLE], "assistant"))
		return read_assistant(r, m);
	if (jt_eq(m[M_ROLE], "user"))
		t = ir_turn_add(r->q, IR_USER);
	else if (jt_eq(m[M_ROLE], "system") || jt_eq(m[M_ROLE], "developer")) {
		t = ir_turn_add(r->q, IR_SYSTEM);
		t->developer = jt_eq(m[M_ROLE], "developer");
	} else
		return chat_bad(r, "role", "must be system, developer, user, "
		    "assistant, tool or function");
	if ((rc = chat_text(r, m[M_NAME], "name", &t->name)) != 0)
		return rc;
	return chat_read_content(r, m[M_CONTENT], &t->parts);
}

int
chat_read_messages(struct chat_reader *r, struct jval v)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if ((rc = chat_type(r, v, "messages", JSCAN_ARRAY)) != 0)
		return rc;
	r->list = "messages";
	for (r->at = 0; jt_each(v, &pos, NULL, &e); r->at++) {
		r->sub = NULL;
		if ((rc = read_message(r, e)) != 0)
			return rc;
	}
	return 0;
}
