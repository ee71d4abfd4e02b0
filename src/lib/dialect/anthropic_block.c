/*
 * anthropic_block.c - messages and their blocks into the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "dialect/an_read.h"
#include "dialect/wire.h"
#include "base/err.h"
#include "base/slice.h"

#define PARTS 100000		/* messages and blocks, as at the API */

enum { B_TYPE, B_TEXT, B_SOURCE, B_CACHE, B_CITATIONS, B_TITLE, B_CONTEXT,
	B_ID, B_NAME, B_INPUT, B_CALLER, B_USE_ID, B_CONTENT, B_ERROR,
	B_THINKING, B_SIGNATURE, B_DATA, B_N };
static const struct an_key block_keys[B_N] = {
	AN_KEY("type"), AN_KEY("text"), AN_KEY("source"),
	AN_KEY("cache_control"), AN_KEY("citations"), AN_KEY("title"),
	AN_KEY("context"), AN_KEY("id"), AN_KEY("name"), AN_KEY("input"),
	AN_KEY("caller"), AN_KEY("tool_use_id"), AN_KEY("content"),
	AN_KEY("is_error"), AN_KEY("thinking"), AN_KEY("signature"),
	AN_KEY("data")
};

enum { S_TYPE, S_MEDIA, S_DATA, S_URL, S_FILE, S_CONTENT, S_N };
static const struct an_key source_keys[S_N] = {
	AN_KEY("type"), AN_KEY("media_type"), AN_KEY("data"), AN_KEY("url"),
	AN_KEY("file_id"), AN_KEY("content")
};

/* Where a kind of block may stand. */
#define IN_SYSTEM	0x1
#define IN_USER		0x2
#define IN_ASSISTANT	0x4
#define IN_RESULT	0x8

/* A list that parts are added to at its end. */
struct list {
	struct ir_part	*first, **end;
};

typedef int (*block_fn)(struct an_rd *r, struct jval *m, struct ir_part *p);

static int read_block(struct an_rd *r, struct jval v, unsigned where,
    struct list *l);

static void
other_block(void *arg, struct str name, struct jval v)
{
	an_extra(arg, "messages.content.", name, v);
}

static void
other_source(void *arg, struct str name, struct jval v)
{
	an_extra(arg, "messages.content.source.", name, v);
}

static void
other_message(void *arg, struct str name, struct jval v)
{
	an_extra(arg, "messages.", name, v);
}

/* 1 when it says something: neither null, [] nor {}. */
static int
says(struct jval v)
{
	struct jval one;
	size_t pos = 0;

	return jt_is(v) && ((v.type != JSCAN_ARRAY &&
	    v.type != JSCAN_OBJECT) || jt_each(v, &pos, NULL, &one));
}

static int
block_text(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	if (says(m[B_CITATIONS]))
		p->citations = m[B_CITATIONS].raw;
	if (r->q->api_2026 && r->in_user && p->citations.n > 0)
		return an_bad(r, "citations", "must be empty in a message of "
		    "a user");
	return an_get_str(r, m[B_TEXT], "text", 1, &p->text);
}

/* Base64 as it came, but for blanks and line ends. */
static struct str
clean_base64(struct arena *a, struct str s)
{
	char *d;
	size_t i, n = 0;

	for (i = 0; i < s.n && (unsigned char)s.p[i] > ' '; i++)
		slice_bytes(i);
	if (i == s.n)
		return s;
	d = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++) {
		slice_bytes(i);
		if ((unsigned char)s.p[i] > ' ')
			d[n++] = s.p[i];
	}
	return str_make(d, n);
}

static int
read_url(struct an_rd *r, struct jval v, struct ir_media *m)
{
	int rc = an_get_str(r, v, "source.url", 1, &m->url);

	if (rc != 0)
		return rc;
	if (wire_url(m->url) == WIRE_URL_NOBODY)
		return an_bad(r, "source.url", "must be an https URL (http or "
		    "gs for models that take them); data belongs into a "
		    "source of type base64");
	m->where = an_path(r, "source.url");
	return 0;
}

static int
read_source(struct an_rd *r, struct jval v, struct ir_part *p)
{
	struct jval m[S_N];
	struct str type;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "source", "must be an object");
	an_pick(v, source_keys, S_N, m, other_source, r);
	if ((rc = an_get_str(r, m[S_TYPE], "source.type", 1, &type)) != 0 ||
	    (rc = an_get_str(r, m[S_MEDIA], "source.media_type", 0,
	    &p->media.mime)) != 0)
		return rc;
	if (str_eqc(type, "base64")) {
		rc = an_get_str(r, m[S_DATA], "source.data", 1,
		    &p->media.base64);
		p->media.base64 = clean_base64(r->q->a, p->media.base64);
		return rc;
	}
	if (str_eqc(type, "url"))
		return read_url(r, m[S_URL], &p->media);
	if (str_eqc(type, "file"))
		return an_get_str(r, m[S_FILE], "source.file_id", 1,
		    &p->media.file_id);
	if (p->kind == IR_FILE && str_eqc(type, "text"))
		return an_get_str(r, m[S_DATA], "source.data", 1,
		    &p->media.text);
	if (p->kind == IR_FILE && str_eqc(type, "content")) {
		if (m[S_CONTENT].type == JSCAN_STRING)
			p->media.text = jt_text(r->q->a, m[S_CONTENT]);
		else
			p->kind = IR_OPAQUE;
		return 0;
	}
	return an_bad(r, "source.type", "is not one of base64, url, file, "
	    "and for documents text and content");
}

static int
block_image(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	return read_source(r, m[B_SOURCE], p);
}

static int
block_document(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	if (r->q->api_2026 && !r->in_user)
		return an_bad(r, "type", "document may not stand in a "
		    "message of the assistant");
	if (jt_bool(jt_get(m[B_CITATIONS], "enabled")) == 1)
		p->citations = m[B_CITATIONS].raw;
	if (says(m[B_CONTEXT]))
		an_extra(r, "messages.content.", STR("context"),
		    m[B_CONTEXT]);
	if (an_get_str(r, m[B_TITLE], "title", 0, &p->media.title) != 0)
		return ERR_FORMAT;
	return read_source(r, m[B_SOURCE], p);
}

static int
block_call(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	int rc;

	if ((rc = an_get_str(r, m[B_ID], "id", 1, &p->id)) != 0 ||
	    (rc = an_get_str(r, m[B_NAME], "name", 1, &p->name)) != 0)
		return rc;
	if (m[B_INPUT].type != JSCAN_OBJECT)
		return an_bad(r, "input", "must be an object");
	/* "direct" is said of every call of the model's own. */
	if (jt_is(m[B_CALLER]) && !jt_eq(jt_get(m[B_CALLER], "type"),
	    "direct"))
		an_extra(r, "messages.content.", STR("caller"), m[B_CALLER]);
	p->args = m[B_INPUT].raw;
	return 0;
}

/* The call that this result answers: mostly the next of the last message. */
static void
name_result(struct an_rd *r, struct ir_part *p)
{
	struct ir_part *c = r->next_call;
	unsigned n = 0;

	if (c == NULL || !str_eq(c->id, p->id))
		for (c = r->calls; c != NULL; c = ir_next(c))
			if (++n > 256 || (c->kind == IR_CALL &&
			    str_eq(c->id, p->id)))
				break;
	if (c == NULL || n > 256)
		return;
	p->name = c->name;
	for (c = ir_next(c); c != NULL && c->kind != IR_CALL;)
		c = ir_next(c);
	r->next_call = c;
}

static int
block_result(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	struct list l = { NULL, &l.first };
	struct jval v;
	size_t pos = 0;
	int rc, error = 0;

	if ((rc = an_get_str(r, m[B_USE_ID], "tool_use_id", 1, &p->id)) != 0 ||
	    (rc = an_get_bool(r, m[B_ERROR], "is_error", &error)) != 0)
		return rc;
	p->error = error != 0;
	name_result(r, p);
	if (!jt_is(m[B_CONTENT]))
		return 0;
	if (m[B_CONTENT].type == JSCAN_STRING) {
		ir_part_add(r->q, &p->result, IR_TEXT)->text =
		    jt_text(r->q->a, m[B_CONTENT]);
		return 0;
	}
	if (m[B_CONTENT].type != JSCAN_ARRAY)
		return an_bad(r, "content", "must be a string or an array");
	for (r->sub = 0; jt_each(m[B_CONTENT], &pos, NULL, &v); r->sub++)
		if ((rc = read_block(r, v, IN_RESULT, &l)) != 0)
			return rc;
	r->sub = -1;
	p->result = l.first;
	return 0;
}

/* Whose reasoning it is: a provider's that we have sealed, or Anthropic's. */
static void
whose(struct an_rd *r, struct ir_part *p, struct str s)
{
	if (!codec_unseal(r->q->a, s, &p->from, &p->signature)) {
		p->from = DIALECT_ANTHROPIC;
		p->signature = s;
	}
}

static int
block_thinking(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	struct str s;
	int rc;

	if ((rc = an_get_str(r, m[B_THINKING], "thinking", 1, &p->text)) != 0 ||
	    (rc = an_get_str(r, m[B_SIGNATURE], "signature", 0, &s)) != 0)
		return rc;
	whose(r, p, s);
	return 0;
}

static int
block_redacted(struct an_rd *r, struct jval *m, struct ir_part *p)
{
	struct str s;
	int rc;

	if ((rc = an_get_str(r, m[B_DATA], "data", 1, &s)) != 0)
		return rc;
	p->redacted = 1;
	whose(r, p, s);
	return 0;
}

static const struct kind {
	const char	*type;
	enum ir_kind	 kind;
	unsigned	 where;
	block_fn	 read;
} kinds[] = {
	{ "text", IR_TEXT, IN_SYSTEM | IN_USER | IN_ASSISTANT | IN_RESULT,
	    block_text },
	{ "image", IR_IMAGE, IN_USER | IN_RESULT, block_image },
	{ "document", IR_FILE, IN_USER | IN_ASSISTANT | IN_RESULT,
	    block_document },
	{ "tool_use", IR_CALL, IN_ASSISTANT, block_call },
	{ "tool_result", IR_RESULT, IN_USER, block_result },
	{ "thinking", IR_THINKING, IN_ASSISTANT, block_thinking },
	{ "redacted_thinking", IR_THINKING, IN_ASSISTANT, block_redacted },
};

/*
 * A call's signature travels behind it as redacted thinking of the gateway's
 * own making (anthropic_put.c): give it back to its call. 1 when p was one.
 */
static int
give_back(struct list *l, struct ir_part *p)
{
	struct str id, s;
	struct ir_part *c;
	long at;

	if (p->kind != IR_THINKING || !p->redacted ||
	    p->from == DIALECT_ANTHROPIC ||
	    !an_call_seal(p->signature, &id, &s))
		return 0;
	for (at = 0, c = l->first; c != NULL && at < 1024; c = ir_next(c), at++)
		if (c->kind == IR_CALL && str_eq(c->id, id)) {
			c->signature = s;
			c->from = p->from;
		}
	return 1;
}

static int
read_block(struct an_rd *r, struct jval v, unsigned where, struct list *l)
{
	struct jval m[B_N];
	struct ir_part *p;
	struct str type;
	size_t i;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "", "must be an object");
	if (++r->parts > PARTS)
		return an_bad(r, "", "is one block too many: at most "
		    "100000");
	an_pick(v, block_keys, B_N, m, NULL, NULL);
	if ((rc = an_get_str(r, m[B_TYPE], "type", 1, &type)) != 0)
		return rc;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_eqc(type, kinds[i].type))
			break;
	p = ir_part_add(r->q, l->end, i < sizeof(kinds) / sizeof(*kinds) ?
	    kinds[i].kind : IR_OPAQUE);
	p->from = DIALECT_ANTHROPIC;
	if (jt_is(m[B_CACHE]))
		p->cache = m[B_CACHE].raw;
	if (p->kind != IR_OPAQUE) {
		if (!(kinds[i].where & where))
			return an_bad(r, "type", "may not stand here");
		an_pick(v, block_keys, B_N, m, other_block, r);
		if ((rc = kinds[i].read(r, m, p)) != 0)
			return rc;
	} else if (where == IN_SYSTEM)
		return an_bad(r, "type", "must be text");
	if (p->kind == IR_OPAQUE || (p->kind == IR_FILE &&
	    says(m[B_CONTEXT])))
		p->raw = v.raw;
	if (give_back(l, p))
		*l->end = NULL;
	else
		l->end = &p->next;
	return 0;
}

/* The value of "content" or "system". */
static int
read_content(struct an_rd *r, struct jval v, const char *member,
    unsigned where, struct list *l)
{
	struct jval one;
	struct ir_part *p;
	size_t pos = 0;
	int rc;

	if (v.type == JSCAN_STRING) {
		if (++r->parts > PARTS)
			return an_bad(r, member, "is one message too many: "
			    "at most 100000");
		p = ir_part_add(r->q, l->end, IR_TEXT);
		p->text = jt_text(r->q->a, v);
		l->end = &p->next;
		return 0;
	}
	if (v.type != JSCAN_ARRAY)
		return an_bad(r, member, "must be a string or an array");
	for (r->block = 0; jt_each(v, &pos, NULL, &one); r->block++)
		if ((rc = read_block(r, one, where, l)) != 0)
			return rc;
	r->block = -1;
	return 0;
}

int
an_read_system(struct an_rd *r, struct jval v)
{
	struct list l = { NULL, &l.first };
	struct ir_part *p, *next;
	int rc;

	if (!jt_is(v))
		return 0;
	r->top = "system";
	if ((rc = read_content(r, v, "system", IN_SYSTEM, &l)) != 0)
		return rc;
	for (p = l.first; p != NULL; p = next) {
		next = p->next;
		p->next = NULL;
		ir_turn_add(r->q, IR_SYSTEM)->parts = p;
	}
	return 0;
}

/* Results of a user's message become a turn before the rest of it. */
static int
user_turns(struct an_rd *r, struct ir_part *p)
{
	struct list results = { NULL, &results.first };
	struct list rest = { NULL, &rest.first }, *l;
	int moved = 0;

	for (; p != NULL; p = ir_next(p)) {
		l = p->kind == IR_RESULT ? &results : &rest;
		moved |= l == &results && rest.first != NULL;
		*l->end = p;
		l->end = &p->next;
	}
	*results.end = *rest.end = NULL;
	if (results.first != NULL)
		ir_turn_add(r->q, IR_TOOL)->parts = results.first;
	if (rest.first != NULL || results.first == NULL)
		ir_turn_add(r->q, IR_USER)->parts = rest.first;
	return moved ? ir_change(r->n, "messages") : 0;
}

static int
read_message(struct an_rd *r, struct jval v)
{
	static const struct an_key keys[] = { AN_KEY("role"),
		AN_KEY("content") };
	struct list l = { NULL, &l.first };
	struct jval m[2];
	struct str role;
	int rc;

	if (v.type != JSCAN_OBJECT)
		return an_bad(r, "", "must be an object");
	an_pick(v, keys, 2, m, other_message, r);
	if ((rc = an_get_str(r, m[0], "role", 1, &role)) != 0)
		return rc;
	r->in_user = str_eqc(role, "user");
	if (r->in_user) {
		if ((rc = read_content(r, m[1], "content", IN_USER,
		    &l)) != 0)
			return rc;
		return user_turns(r, l.first);
	}
	if (str_eqc(role, "assistant")) {
		if ((rc = read_content(r, m[1], "content", IN_ASSISTANT,
		    &l)) != 0)
			return rc;
		ir_turn_add(r->q, IR_ASSISTANT)->parts = l.first;
		r->calls = r->next_call = l.first;
		while (r->next_call != NULL && r->next_call->kind != IR_CALL)
			r->next_call = r->next_call->next;
		return 0;
	}
	if (!str_eqc(role, "system"))
		return an_bad(r, "role", "must be user, assistant or system");
	if ((rc = read_content(r, m[1], "content", IN_SYSTEM, &l)) != 0)
		return rc;
	ir_turn_add(r->q, IR_SYSTEM)->parts = l.first;
	return 0;
}

int
an_read_messages(struct an_rd *r, struct jval v)
{
	struct jval one;
	size_t pos = 0;
	int rc;

	if (v.type != JSCAN_ARRAY)
		return an_bad(r, "messages", "must be an array");
	for (r->msg = 0; jt_each(v, &pos, NULL, &one); r->msg++)
		if ((rc = read_message(r, one)) != 0)
			return rc;
	r->msg = -1;
	return 0;
}
