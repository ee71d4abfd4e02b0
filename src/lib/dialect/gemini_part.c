/*
 * gemini_part.c - one part of a content becomes the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Calls without an id get one made of their name and place; a result without
 * an id belongs to the oldest call of its name that has no result yet.
 */
#include "base/err.h"
#include "dialect/ge.h"
#include "dialect/wire.h"

#define WAITING_MAX	512u	/* calls that each result is looked for among */

/* A part's members, found in one walk. */
struct fields {
	struct jval	text, thought, signature, inline_data, file_data,
			call, result, opaque, video, resolution;
	unsigned	n;		/* kinds of data: one is allowed */
};

static const struct field {
	const char	*name;
	size_t		 at;
	enum jscan_type	 type;
	int		 data;
} names[] = {
	{ "text", offsetof(struct fields, text), JSCAN_STRING, 1 },
	{ "thought", offsetof(struct fields, thought), JSCAN_TRUE, 0 },
	{ "thoughtSignature", offsetof(struct fields, signature),
	    JSCAN_STRING, 0 },
	{ "inlineData", offsetof(struct fields, inline_data), JSCAN_OBJECT,
	    1 },
	{ "fileData", offsetof(struct fields, file_data), JSCAN_OBJECT, 1 },
	{ "functionCall", offsetof(struct fields, call), JSCAN_OBJECT, 1 },
	{ "functionResponse", offsetof(struct fields, result), JSCAN_OBJECT,
	    1 },
	{ "executableCode", offsetof(struct fields, opaque), JSCAN_OBJECT, 1 },
	{ "codeExecutionResult", offsetof(struct fields, opaque),
	    JSCAN_OBJECT, 1 },
	{ "toolCall", offsetof(struct fields, opaque), JSCAN_OBJECT, 1 },
	{ "toolResponse", offsetof(struct fields, opaque), JSCAN_OBJECT, 1 },
	{ "videoMetadata", offsetof(struct fields, video), JSCAN_OBJECT, 0 },
	{ "mediaResolution", offsetof(struct fields, resolution),
	    JSCAN_NONE, 0 },
};

static int
find(struct ge_rd *r, struct jval v, struct fields *f)
{
	struct str key;
	struct jval m;
	size_t pos = 0, i;

	memset(f, 0, sizeof(*f));
	while (jt_each(v, &pos, &key, &m)) {
		if (m.type == JSCAN_NULL)
			continue;
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (ge_is(key, names[i].name))
				break;
		if (i == sizeof(names) / sizeof(names[0])) {
			unknown_add(r->q, "contents.parts.", key, m);
			continue;
		}
		if (names[i].type != JSCAN_NONE && m.type != names[i].type &&
		    !(names[i].type == JSCAN_TRUE && m.type == JSCAN_FALSE))
			return ge_wrong(r, names[i].name,
			    names[i].type == JSCAN_STRING ? "a string" :
			    names[i].type == JSCAN_OBJECT ? "an object" :
			    "true or false");
		*(struct jval *)(void *)((char *)f + names[i].at) = m;
		f->n += (unsigned)names[i].data;
	}
	return 0;
}

/* The content's turn of that role. */
static struct ir_turn *
turn_of(struct ge_rd *r, enum ir_role role)
{
	if (r->turn == NULL || r->turn->role != role)
		r->turn = ir_turn_add(r->q, role);
	return r->turn;
}

/* Whose it is: Google's own as it came, or one that went out sealed. */
static void
take_signature(struct ge_rd *r, struct ir_part *p, struct jval v)
{
	struct str s = jt_text(r->q->a, v), plain = s;

	p->from = DIALECT_GEMINI;
	if (s.n == 0 || str_eqc(s, GE_NO_SIGNATURE) ||
	    str_eqc(s, "skip_thought_signature_validator"))
		return;
	/* "gw1." and "rgw1." (redacted) in base64 */
	if (str_starts(s, STR("Z3cxL")) || str_starts(s, STR("cmd3MS")))
		plain = ge_unbase64(r->q->a, s);
	if (plain.n > 0 && *plain.p == 'r' &&
	    codec_unseal(r->q->a, str_skip(plain, 1), &p->from,
	    &p->signature)) {
		p->redacted = 1;
		return;
	}
	if (!codec_unseal(r->q->a, plain, &p->from, &p->signature))
		p->signature = s;
}

/*
 * Thoughts that a foreign model signed at their end are one again: a stream
 * tells them piece by piece, and a client may keep the pieces apart.
 */
static void
join_thoughts(struct ge_rd *r, struct ir_part *first, const struct ir_part *p)
{
	const struct ir_part *i;
	size_t n = 0;
	char *d;

	for (i = first; i != NULL; i = i->next)
		n += i->text.n;
	d = arena_alloc(r->q->a, n + 1);
	for (n = 0, i = first; i != NULL; n += i->text.n, i = i->next)
		if (i->text.n > 0)
			memcpy(d + n, i->text.p, i->text.n);
	first->text = str_make(d, n);
	first->from = p->from;
	first->signature = p->signature;
	first->next = NULL;
	r->q->last_part = first;
}

static int
read_thought(struct ge_rd *r, const struct fields *f)
{
	struct ir_turn *t = turn_of(r, IR_ASSISTANT);
	struct ir_part *was = r->q->part_list == &t->parts && t->parts != NULL
	    ? r->q->last_part : NULL, *p;

	p = ir_part_add(r->q, &t->parts, IR_THINKING);
	p->text = jt_text(r->q->a, f->text);
	p->from = DIALECT_GEMINI;
	if (jt_is(f->signature))
		take_signature(r, p, f->signature);
	if (was == NULL || was->kind != IR_THINKING || was->signature.n > 0 ||
	    was->text.n == 0)
		r->thought = p;
	else if (r->thought != NULL && p->from != DIALECT_GEMINI &&
	    !p->redacted)
		join_thoughts(r, r->thought, p);
	return 0;
}

static int
read_text(struct ge_rd *r, const struct fields *f, enum ir_role role)
{
	struct ir_part *p;

	if (jt_bool(f->thought) == 1 && role == IR_ASSISTANT)
		return read_thought(r, f);
	p = ir_part_add(r->q, &turn_of(r, role)->parts, IR_TEXT);
	p->text = jt_text(r->q->a, f->text);
	if (jt_is(f->signature))
		take_signature(r, p, f->signature);
	return 0;
}

/* --- media ------------------------------------------------------------------ */

static struct str
mime_of(struct ge_rd *r, struct jval v)
{
	struct str s = jt_text(r->q->a, v);

	return str_ieq(s, STR("image/jpg")) ? STR("image/jpeg") : s;
}

static const char *const media_names[] = { "data", "mimeType", "fileUri",
    "displayName", NULL };

static int
read_inline(struct ge_rd *r, struct jval v, struct ir_part **list)
{
	struct jval data = ge_get(v, "data"), mime = ge_get(v, "mimeType");
	struct ir_media m = { .mime = STR_NULL };
	struct ir_part *p;

	ge_unknown(r, "contents.parts.inlineData.", v, media_names);
	if (data.type != JSCAN_STRING)
		return ge_wrong(r, "inlineData.data", "a base64 string");
	if (jt_is(mime) && mime.type != JSCAN_STRING)
		return ge_wrong(r, "inlineData.mimeType", "a string");
	m.base64 = ge_base64(r->q->a, jt_text(r->q->a, data));
	if (m.base64.p == NULL)
		return ge_wrong(r, "inlineData.data", "base64");
	m.mime = mime_of(r, mime);
	if (m.mime.n == 0)
		m.mime = wire_mime_of(m.base64);
	m.filename = jt_text(r->q->a, ge_get(v, "displayName"));
	if (str_starts(m.mime, STR("text/"))) {
		m.text = ge_unbase64(r->q->a, m.base64);
		m.base64 = STR_NULL;
	}
	p = ir_part_add(r->q, list, ge_kind(m.mime, STR_NULL));
	p->media = m;
	return 0;
}

static int
read_file(struct ge_rd *r, struct jval v, struct ir_part **list)
{
	struct jval uri = ge_get(v, "fileUri"), mime = ge_get(v, "mimeType");
	struct ir_media m = { .mime = STR_NULL };
	struct ir_part *p;
	struct str s;

	ge_unknown(r, "contents.parts.fileData.", v, media_names);
	if (uri.type != JSCAN_STRING)
		return ge_wrong(r, "fileData.fileUri", "a string");
	if (jt_is(mime) && mime.type != JSCAN_STRING)
		return ge_wrong(r, "fileData.mimeType", "a string");
	s = jt_text(r->q->a, uri);
	if (wire_url(s) == WIRE_URL_NOBODY && str_chr(s, ':') >= 0)
		return ge_wrong(r, "fileData.fileUri", "the URI of a file at "
		    "Google, or an https or gs URL; data belongs into "
		    "inlineData");
	m.where = ge_path(r, "fileData.fileUri");
	m.mime = mime_of(r, mime);
	m.filename = jt_text(r->q->a, ge_get(v, "displayName"));
	if (wire_url(s) == WIRE_URL_HTTP &&
	    str_find(s, STR("://generativelanguage.googleapis.com/")) < 0)
		m.url = s;
	else
		m.file_id = s;
	if (m.mime.n == 0)
		m.mime = ge_mime_of_url(s);
	p = ir_part_add(r->q, list, ge_kind(m.mime, s));
	p->media = m;
	return 0;
}

static int
read_media(struct ge_rd *r, struct jval v, const struct fields *f,
    enum ir_role role)
{
	struct ir_part **list = &turn_of(r, role)->parts;
	struct ir_part *p;
	struct jval level = f->resolution;
	int rc;

	rc = jt_is(f->inline_data) ? read_inline(r, f->inline_data, list) :
	    read_file(r, f->file_data, list);
	if (rc != 0)
		return rc;
	p = r->q->last_part;
	if (p->kind == IR_VIDEO)
		p->raw = v.raw;		/* with its videoMetadata */
	if (level.type == JSCAN_OBJECT)
		level = ge_get(level, "level");
	if (jt_eq(level, "MEDIA_RESOLUTION_LOW"))
		p->media.detail = STR("low");
	else if (jt_eq(level, "MEDIA_RESOLUTION_HIGH") ||
	    jt_eq(level, "MEDIA_RESOLUTION_ULTRA_HIGH"))
		p->media.detail = STR("high");
	if (jt_is(f->signature))
		take_signature(r, p, f->signature);
	return 0;
}

/* --- calls and results ----------------------------------------------------- */

static const char *const call_names[] = { "name", "id", "args", NULL };
static const char *const result_names[] = { "name", "id", "response", "parts",
    NULL };

static int
read_call(struct ge_rd *r, const struct fields *f)
{
	struct jval name = ge_get(f->call, "name"), id = ge_get(f->call, "id"),
	    args = ge_get(f->call, "args");
	struct ge_wait *w = arena_zalloc(r->q->a, sizeof(*w));
	struct ir_part *p;

	ge_unknown(r, "contents.parts.functionCall.", f->call, call_names);
	if (name.type != JSCAN_STRING || name.raw.n < 3)
		return ge_wrong(r, "functionCall.name", "a string");
	if (jt_is(id) && id.type != JSCAN_STRING)
		return ge_wrong(r, "functionCall.id", "a string");
	if (jt_is(args) && args.type != JSCAN_OBJECT)
		return ge_wrong(r, "functionCall.args", "an object");
	p = ir_part_add(r->q, &turn_of(r, IR_ASSISTANT)->parts, IR_CALL);
	p->name = jt_text(r->q->a, name);
	p->id = jt_text(r->q->a, id);
	if (p->id.n == 0)
		p->id = ge_id(r->q->a, p->name, (unsigned)r->content,
		    r->calls);
	r->calls++;
	p->args = jt_is(args) ? args.raw : STR("{}");
	if (jt_is(f->signature))
		take_signature(r, p, f->signature);
	w->id = p->id;
	w->name = p->name;
	*r->wait_end = w;
	r->wait_end = &w->next;
	if (++r->waiting > WAITING_MAX)
		return ir_refuse(r->n, ge_path(r, "functionCall"), "more than "
		    "%u calls wait for their results", WAITING_MAX);
	return 0;
}

/* Take the call that the result answers off the list: its id. */
static struct str
answer(struct ge_rd *r, struct str id, struct str name)
{
	struct ge_wait **pp, *w;

	for (pp = &r->wait; (w = *pp) != NULL; pp = &w->next) {
		if (id.n > 0 ? !str_eq(w->id, id) : !str_eq(w->name, name))
			continue;
		if ((*pp = w->next) == NULL)
			r->wait_end = pp;
		r->waiting--;
		return w->id;
	}
	return STR_NULL;
}

/* What the tool said: text when it is only wrapped, else the object. */
static void
take_response(struct ge_rd *r, struct ir_part *p, struct jval v)
{
	static const char *const wraps[] = { "output", "result", "content",
	    "return_value", "error" };
	struct jval m = { JSCAN_NONE, STR_NULL }, error = m, first;
	struct str key, name = STR_NULL, text = v.raw;
	struct ir_part *t;
	size_t pos = 0, i;
	int n = 0;

	while (jt_each(v, &pos, &key, &first)) {
		if (n++ == 0) {
			m = first;
			name = key;
		}
		if (str_eqc(key, "error"))
			error = first;
	}
	p->error = jt_is(error) && error.raw.n > 2;
	for (i = 0; n == 1 && i < sizeof(wraps) / sizeof(wraps[0]); i++)
		if (str_eqc(name, wraps[i]) && (m.type == JSCAN_STRING ||
		    (p->error && jt_is(m)))) {
			text = m.type == JSCAN_STRING ?
			    jt_text(r->q->a, m) : m.raw;
			break;
		}
	if (n == 0)
		text = STR("");
	else if (str_eq(text, v.raw))
		p->json = v.raw;
	t = ir_part_add(r->q, &p->result, IR_TEXT);
	t->text = text;
}

static int
read_result(struct ge_rd *r, struct jval v)
{
	struct jval name = ge_get(v, "name"), id = ge_get(v, "id"),
	    said = ge_get(v, "response"), parts = ge_get(v, "parts"), one;
	struct ir_part *p;
	size_t pos = 0;
	int rc = 0;

	ge_unknown(r, "contents.parts.functionResponse.", v, result_names);
	if (name.type != JSCAN_STRING)
		return ge_wrong(r, "functionResponse.name", "a string");
	if (jt_is(id) && id.type != JSCAN_STRING)
		return ge_wrong(r, "functionResponse.id", "a string");
	if (jt_is(said) && said.type != JSCAN_OBJECT)
		return ge_wrong(r, "functionResponse.response", "an object");
	p = ir_part_add(r->q, &turn_of(r, IR_TOOL)->parts, IR_RESULT);
	p->name = jt_text(r->q->a, name);
	p->id = answer(r, jt_text(r->q->a, id), p->name);
	if (p->id.n == 0)
		p->id = answer(r, STR_NULL, p->name);
	if (p->id.n == 0)
		return ir_refuse(r->n, ge_path(r, "functionResponse"),
		    "%s answers \"%.*s\", but no functionCall of that name "
		    "waits for a result", ge_path(r, "functionResponse"),
		    (int)(p->name.n > 100 ? 100 : p->name.n), p->name.p);
	take_response(r, p, jt_is(said) ? said : jt_value(STR("{}")));
	while (rc == 0 && ge_each(parts, &pos, &one)) {
		if (jt_is(ge_get(one, "inlineData")))
			rc = read_inline(r, ge_get(one, "inlineData"),
			    &p->result);
		else if (jt_is(ge_get(one, "fileData")))
			rc = read_file(r, ge_get(one, "fileData"),
			    &p->result);
		else
			rc = ge_wrong(r, "functionResponse.parts",
			    "parts with inlineData");
	}
	return rc;
}

int
ge_read_part(struct ge_rd *r, struct jval v, enum ir_role role, int pass)
{
	struct ir_part *p;
	struct fields f;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return ge_wrong(r, "", "an object");
	if ((rc = find(r, v, &f)) != 0)
		return rc;
	if (f.n > 1)
		return ge_wrong(r, "", "of one kind: text, inlineData, "
		    "fileData, functionCall or functionResponse");
	if (jt_is(f.result))
		return pass == 0 ? read_result(r, f.result) : 0;
	if (pass == 0)
		return 0;
	if (jt_is(f.call))
		return read_call(r, &f);
	if (jt_is(f.inline_data) || jt_is(f.file_data))
		return read_media(r, v, &f, role);
	if (jt_is(f.opaque)) {
		p = ir_part_add(r->q, &turn_of(r, role)->parts, IR_OPAQUE);
		p->raw = v.raw;
		return 0;
	}
	if (f.n == 0 && !jt_is(f.signature))
		return ge_wrong(r, "", "a part with text, inlineData, "
		    "fileData, functionCall or functionResponse");
	return read_text(r, &f, role);
}
