/*
 * responses_items.c - the items of a Responses input, into turns.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the request's arena.
 *
 * What the assistant said comes as separate items: reasoning, messages, calls.
 * Items in a row are one turn here, except that a message behind a message
 * begins a new one. Outputs in a row are one turn of the tools.
 */
#include "base/err.h"
#include "dialect/resp.h"
#include "dialect/unknown.h"
#include "dialect/wire.h"

#define SEARCHES 500	/* of a whole history, in one request */

/* --- parts of a message -------------------------------------------------- */

/* A mark of the cache in the words that the neutral form has for it. */
static void
read_cache(struct ir_req *q, struct ir_part *p, struct jval v)
{
	struct jval ttl = jt_get(v, "ttl");

	if (v.type != JSCAN_OBJECT)
		return;
	q->said[IR_SAID_MARK] = "prompt_cache_breakpoint";
	unknown_in(q, "input.content.prompt_cache_breakpoint.", v,
	    "mode|ttl|");
	p->cache = jt_is(ttl) ? STR("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}") :
	    STR("{\"type\":\"ephemeral\"}");
}

static int
read_image(struct resp_read *r, struct jval v, struct ir_part *p)
{
	struct str url = STR_NULL;
	int rc;

	if ((rc = resp_text(r, v, "image_url", &url)) != 0 ||
	    (rc = resp_text(r, v, "file_id", &p->media.file_id)) != 0 ||
	    (rc = resp_text(r, v, "detail", &p->media.detail)) != 0)
		return rc;
	if (url.n == 0)
		return p->media.file_id.n > 0 ? 0 :
		    resp_bad(r, "image_url", "a URL");
	rc = wire_data_uri(r->q->a, url, &p->media);
	if (rc < 0 || (rc == 0 && wire_url(url) == WIRE_URL_NOBODY))
		return resp_bad(r, "image_url", WIRE_URL_TEXT);
	if (rc == 0) {
		p->media.url = url;
		p->media.where = resp_path(r, "image_url");
	}
	return 0;
}

static int
read_file(struct resp_read *r, struct jval v, struct ir_part *p)
{
	struct ir_media *m = &p->media;
	struct str data = STR_NULL;
	int rc;

	if ((rc = resp_text(r, v, "file_data", &data)) != 0 ||
	    (rc = resp_text(r, v, "file_url", &m->url)) != 0 ||
	    (rc = resp_text(r, v, "file_id", &m->file_id)) != 0 ||
	    (rc = resp_text(r, v, "filename", &m->filename)) != 0)
		return rc;
	if (m->url.n > 0) {
		if (wire_url(m->url) == WIRE_URL_NOBODY)
			return resp_bad(r, "file_url", "an http or https URL "
			    "(gs for Gemini); data belongs into file_data");
		m->where = resp_path(r, "file_url");
	}
	if (data.n == 0)
		return m->url.n > 0 || m->file_id.n > 0 ? 0 :
		    resp_bad(r, "file_data", "a file");
	rc = wire_data_uri(r->q->a, data, m);
	if (rc == 0)
		rc = wire_base64(r->q->a, data, m);
	if (rc < 0)
		return resp_bad(r, "file_data", "base64");
	if (m->mime.n == 0)
		m->mime = wire_mime(m->filename);
	return 0;
}

static int
read_audio(struct resp_read *r, struct jval v, struct ir_part *p)
{
	struct jval a = jt_get(v, "input_audio");
	struct str format = STR_NULL, data = STR_NULL;
	int rc;

	if ((rc = resp_need(r, a, "data", &data)) != 0 ||
	    (rc = resp_need(r, a, "format", &format)) != 0)
		return rc;
	p->media.mime = str_of(arena_printf(r->q->a, "audio/%.*s",
	    STR_ARG(format)));
	return wire_base64(r->q->a, data, &p->media) < 0 ?
	    resp_bad(r, "input_audio.data", "base64") : 0;
}

static int
read_said(struct resp_read *r, struct jval v, struct ir_part *p)
{
	struct jval notes = jt_get(v, "annotations"), one;
	size_t pos = 0;

	if (notes.type == JSCAN_ARRAY && jt_each(notes, &pos, NULL, &one))
		p->citations = notes.raw;
	return resp_need(r, v, "text", &p->text);
}

static int
read_refusal(struct resp_read *r, struct jval v, struct ir_part *p)
{
	return resp_need(r, v, "refusal", &p->text);
}

static const struct {
	const char	*type;
	enum ir_kind	 kind;
	int		(*read)(struct resp_read *r, struct jval v,
			    struct ir_part *p);
} part_types[] = {
	{ "input_text", IR_TEXT, read_said },
	{ "output_text", IR_TEXT, read_said },
	{ "text", IR_TEXT, read_said },
	{ "refusal", IR_REFUSAL, read_refusal },
	{ "input_image", IR_IMAGE, read_image },
	{ "input_file", IR_FILE, read_file },
	{ "input_audio", IR_AUDIO, read_audio },
};
#define PART_TYPES (sizeof(part_types) / sizeof(part_types[0]))

static int
read_part(struct resp_read *r, struct jval v, struct ir_part **list)
{
	struct jval type = jt_get(v, "type");
	struct ir_part *p;
	size_t i;

	for (i = 0; i < PART_TYPES; i++)
		if (jt_eq(type, part_types[i].type))
			break;
	if (i == PART_TYPES)
		return resp_bad(r, "type", "input_text, input_image, "
		    "input_file, output_text or refusal");
	p = ir_part_add(r->q, list, part_types[i].kind);
	unknown_in(r->q, "input.content.", v, "type|text|refusal|image_url|"
	    "file_id|detail|file_data|file_url|filename|input_audio|"
	    "annotations|logprobs|prompt_cache_breakpoint|");
	read_cache(r->q, p, jt_get(v, "prompt_cache_breakpoint"));
	return part_types[i].read(r, v, p);
}

/* A text, or an array of parts; name is the member that has it. */
static int
read_parts(struct resp_read *r, struct jval v, const char *name,
    struct ir_part **list)
{
	struct jval e;
	size_t pos = 0;
	int rc;

	if (v.type == JSCAN_STRING) {
		ir_part_add(r->q, list, IR_TEXT)->text = jt_text(r->q->a, v);
		return 0;
	}
	if (v.type != JSCAN_ARRAY)
		return resp_bad(r, name, "a string or an array of parts");
	r->list = name;
	for (r->part = 0; jt_each(v, &pos, NULL, &e); r->part++)
		if ((rc = read_part(r, e, list)) != 0)
			return rc;
	r->part = -1;
	return 0;
}

/* --- items --------------------------------------------------------------- */

/* Where the assistant's next item goes. */
static struct ir_turn *
open_turn(struct resp_read *r, int message)
{
	if (r->open == NULL || (message && r->said))
		r->open = ir_turn_add(r->q, IR_ASSISTANT);
	r->said = message;
	return r->open;
}

static int
read_message(struct resp_read *r, struct jval v)
{
	struct jval role = jt_get(v, "role"), phase = jt_get(v, "phase");
	struct ir_part *p, *was;
	struct ir_turn *t;
	int rc;

	if (jt_eq(role, "assistant"))
		t = open_turn(r, 1);
	else {
		r->open = NULL;
		if (!jt_eq(role, "user") && !jt_eq(role, "system") &&
		    !jt_eq(role, "developer"))
			return resp_bad(r, "role",
			    "user, assistant, system or developer");
		t = ir_turn_add(r->q, jt_eq(role, "user") ? IR_USER :
		    IR_SYSTEM);
		t->developer = jt_eq(role, "developer");
	}
	if (jt_is(phase))
		ir_extra_add(r->q, "phase", STR_NULL);
	was = t->parts == NULL ? NULL : r->q->last_part;
	if ((rc = read_parts(r, jt_get(v, "content"), "content",
	    &t->parts)) != 0 || t->role != IR_ASSISTANT)
		return rc;
	p = was == NULL ? t->parts : was->next;
	return p == NULL ? 0 : resp_text(r, v, "id", &p->item_id);
}

static int
read_call(struct resp_read *r, struct jval v, int custom)
{
	struct ir_part *p = ir_part_add(r->q, &open_turn(r, 0)->parts,
	    IR_CALL);
	struct str group = STR("");
	int rc;

	p->custom = custom != 0;
	if (r->q->last_turn->parts == p || r->call == NULL)
		r->call = p;
	if ((rc = resp_need(r, v, "call_id", &p->id)) != 0 ||
	    (rc = resp_need(r, v, "name", &p->name)) != 0 ||
	    (rc = resp_text(r, v, "namespace", &group)) != 0 ||
	    (rc = resp_text(r, v, "id", &p->item_id)) != 0)
		return rc;
	p->name = ir_tool_name(r->q->a, group, p->name);
	return resp_need(r, v, custom ? "input" : "arguments", &p->args);
}

static int
read_function_call(struct resp_read *r, struct jval v)
{
	return read_call(r, v, 0);
}

static int
read_custom_call(struct resp_read *r, struct jval v)
{
	return read_call(r, v, 1);
}

/*
 * The name of that call. Outputs mostly come in the order of their calls, so
 * it is the next one; the search for others has an end, for a body may have a
 * hundred thousand of them.
 */
static struct str
called(struct resp_read *r, struct str id)
{
	const struct ir_part *p = r->call;

	while (p != NULL && p->kind != IR_CALL)
		p = ir_next(p);
	if (p == NULL || !str_eq(p->id, id))
		p = r->searches++ < SEARCHES ? ir_call_find(r->q, id) : NULL;
	if (p == NULL)
		return STR_NULL;
	r->call = p->next;
	return p->name;
}

static int
read_output(struct resp_read *r, struct jval v, int custom)
{
	struct ir_turn *t = r->q->last_turn;
	struct ir_part *p;
	int rc;

	r->open = NULL;
	if (t == NULL || t->role != IR_TOOL)
		t = ir_turn_add(r->q, IR_TOOL);
	p = ir_part_add(r->q, &t->parts, IR_RESULT);
	p->custom = custom != 0;
	if ((rc = resp_need(r, v, "call_id", &p->id)) != 0)
		return rc;
	p->name = called(r, p->id);
	rc = read_parts(r, jt_get(v, "output"), "output", &p->result);
	/* The list that grows is the turn's again. */
	r->q->part_list = &t->parts;
	r->q->last_part = p;
	return rc;
}

static int
read_function_output(struct resp_read *r, struct jval v)
{
	return read_output(r, v, 0);
}

static int
read_custom_output(struct resp_read *r, struct jval v)
{
	return read_output(r, v, 1);
}

/* The texts of a list of summary_text or reasoning_text, with empty lines
 * between them. */
static int
read_thoughts(struct resp_read *r, struct jval v, struct str *out)
{
	struct jval e;
	struct str s;
	struct buf b;
	size_t pos = 0;
	int rc = 0;

	buf_init(&b, v.raw.n + 1);
	while (rc == 0 && jt_each(v, &pos, NULL, &e)) {
		s = STR("");
		unknown_in(r->q, "input.summary.", e, "type|text|");
		if ((rc = resp_need(r, e, "text", &s)) == 0 && buf_len(&b) > 0)
			rc = buf_adds(&b, STR("\n\n"));
		if (rc == 0)
			rc = buf_adds(&b, s);
	}
	if (rc == 0 && buf_len(&b) > 0)
		*out = arena_str(r->q->a, buf_str(&b));
	buf_free(&b);
	return rc;
}

/* The signature of a call: "ID:SIGNATURE". No thinking is added then. */
static void
sign_call(struct resp_read *r, struct str s, enum conf_dialect from)
{
	struct ir_part *p;
	struct ir_turn *t;
	struct str id = s;

	/* An id may have colons, base64 has none. */
	while (id.n > 0 && id.p[id.n - 1] != ':')
		id.n--;
	if (id.n == 0)
		return;
	id.n--;
	for (t = r->q->turns; t != NULL; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p))
			if (p->kind == IR_CALL && str_eq(p->id, id)) {
				p->signature = str_skip(s, id.n + 1);
				p->from = from;
			}
}

static int
read_reasoning(struct resp_read *r, struct jval v)
{
	struct str text = STR(""), sig = STR_NULL, plain;
	enum conf_dialect from = r->q->from;
	struct ir_part *p;
	int rc, redacted = 0;

	if ((rc = resp_text(r, v, "encrypted_content", &sig)) != 0 ||
	    (rc = read_thoughts(r, jt_get(v, "summary"), &text)) != 0)
		return rc;
	if (text.n == 0 &&
	    (rc = read_thoughts(r, jt_get(v, "content"), &text)) != 0)
		return rc;
	if (codec_unseal(r->q->a, sig, &from, &plain)) {
		sig = plain;
		redacted = str_starts(sig, STR(RESP_REDACTED));
		if (str_starts(sig, STR(RESP_CALL))) {
			/* Its call comes next, or was before it. */
			p = arena_zalloc(r->q->a, sizeof(*p));
			p->text = str_skip(sig, sizeof(RESP_CALL) - 1);
			p->from = from;
			p->next = r->signs;
			r->signs = p;
			return 0;
		}
		if (redacted)
			sig = str_skip(sig, sizeof(RESP_REDACTED) - 1);
	}
	p = ir_part_add(r->q, &open_turn(r, 0)->parts, IR_THINKING);
	p->from = from;
	p->signature = sig;
	p->text = text;
	p->redacted = redacted != 0;
	return resp_text(r, v, "id", &p->item_id);
}

static const struct {
	const char	*type;
	int		(*read)(struct resp_read *r, struct jval v);
	/* id and status tell what the server knows of its own item */
	const char	*members;
} item_types[] = {
	{ "message", read_message, "type|id|status|role|content|phase|" },
	{ "function_call", read_function_call, "type|id|status|call_id|name|"
	    "namespace|arguments|" },
	{ "function_call_output", read_function_output, "type|id|status|"
	    "call_id|output|" },
	{ "custom_tool_call", read_custom_call, "type|id|status|call_id|name|"
	    "namespace|input|" },
	{ "custom_tool_call_output", read_custom_output, "type|id|status|"
	    "call_id|output|" },
	{ "reasoning", read_reasoning, "type|id|status|summary|content|"
	    "encrypted_content|" },
};
#define ITEM_TYPES (sizeof(item_types) / sizeof(item_types[0]))

/* References, compactions, calls of built-in tools: no other dialect has
 * them. The item stays at its place for its own. */
static int
read_other(struct resp_read *r, struct jval v)
{
	struct str type = STR_NULL;
	int rc;

	if ((rc = resp_need(r, v, "type", &type)) != 0)
		return rc;
	ir_part_add(r->q, &open_turn(r, 0)->parts, IR_OPAQUE)->raw = v.raw;
	ir_extra_must(r->q, resp_path(r, "type"), STR_NULL);
	return 0;
}

static int
read_item(struct resp_read *r, struct jval v)
{
	struct jval type = jt_get(v, "type");
	size_t i;

	if (v.type != JSCAN_OBJECT)
		return resp_bad(r, "type", "in an object: each item is one");
	for (i = 0; i < ITEM_TYPES; i++)
		if (!jt_is(type) || jt_eq(type, item_types[i].type))
			break;
	if (i == ITEM_TYPES)
		return read_other(r, v);
	unknown_in(r->q, "input.", v, item_types[i].members);
	return item_types[i].read(r, v);
}

int
resp_items(struct resp_read *r, struct jval items)
{
	struct jval e;
	struct ir_part *p;
	size_t pos = 0;
	int rc;

	for (r->item = 0; jt_each(items, &pos, NULL, &e); r->item++)
		if ((rc = read_item(r, e)) != 0)
			return rc;
	r->item = -1;
	for (p = r->signs; p != NULL && r->searches++ < SEARCHES; p = ir_next(p))
		sign_call(r, p->text, p->from);
	return 0;
}
