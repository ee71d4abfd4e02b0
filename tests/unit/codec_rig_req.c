/*
 * codec_rig_req.c - a request as lines.
 *
 * Runs in: unit tests.
 * Owns: nothing.
 */
#include "codec_rig.h"

#define OUT_MAX (64u << 20)

static const char *const role_names[] = {
	"system", "user", "assistant", "tool"
};
static const char *const part_names[] = {
	"text", "image", "file", "audio", "video", "call", "result",
	"thinking", "refusal", "opaque"
};
static const char *const tool_names[] = { "function", "custom", "builtin" };
static const char *const choice_names[] = { "", "auto", "none", "required" };
static const char *const format_names[] = {
	"", "text", "json_object", "json_schema"
};
static const char *const think_names[] = {
	"", "off", "effort", "budget", "adaptive"
};

static void
word(struct buf *b, const char *name, struct str s)
{
	if (s.n > 0)
		buf_printf(b, " %s=%.*s", name, STR_ARG(s));
}

static void
quoted(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	buf_add_json(b, s);
	buf_addc(b, '"');
}

/* From a dialect: what it means is known there only. */
static void
source(struct buf *b, const struct ir_part *p)
{
	if (p->signature.n > 0 || p->media.file_id.n > 0 ||
	    p->kind == IR_OPAQUE)
		word(b, "from", str_of(conf_dialect_name(p->from)));
}

static void
media(struct buf *b, const struct ir_media *m)
{
	word(b, "mime", m->mime);
	word(b, "base64", m->base64);
	word(b, "url", m->url);
	word(b, "file_id", m->file_id);
	if (m->text.n > 0) {
		buf_adds(b, STR(" text="));
		quoted(b, m->text);
	}
	word(b, "filename", m->filename);
	word(b, "title", m->title);
	word(b, "detail", m->detail);
}

static void
parts(struct buf *b, const struct ir_part *p, int depth)
{
	for (; p != NULL; p = p->next) {
		buf_printf(b, "%*s%s", depth, "", part_names[p->kind]);
		source(b, p);
		word(b, "id", p->id);
		word(b, "name", p->name);
		word(b, "item", p->item_id);
		if (p->custom)
			buf_printf(b, " custom");
		if (p->error)
			buf_printf(b, " error");
		if (p->redacted)
			buf_printf(b, " redacted");
		media(b, &p->media);
		word(b, "json", p->json);
		word(b, "cache", p->cache);
		word(b, "citations", p->citations);
		word(b, "signature", p->signature);
		word(b, "raw", p->raw);
		if (p->text.n > 0 || p->args.n > 0 || p->kind == IR_TEXT) {
			buf_addc(b, ' ');
			quoted(b, p->args.n > 0 ? p->args : p->text);
		}
		buf_addc(b, '\n');
		parts(b, p->result, depth + 1);
	}
}

static void
tools(struct buf *b, const struct ir_tool *t)
{
	for (; t != NULL; t = t->next) {
		buf_printf(b, "tool %s", tool_names[t->kind]);
		if (t->kind == IR_BUILTIN)
			word(b, "from", str_of(conf_dialect_name(t->from)));
		word(b, "name", t->name);
		if (t->strict >= 0)
			buf_printf(b, " strict=%d", t->strict);
		word(b, "schema", t->schema);
		word(b, "format", t->format);
		word(b, "cache", t->cache);
		if (t->kind == IR_BUILTIN)
			word(b, "raw", t->raw);
		if (t->description.n > 0) {
			buf_addc(b, ' ');
			quoted(b, t->description);
		}
		buf_addc(b, '\n');
	}
}

static void
lines_of(struct buf *b, const char *name, const struct str *v, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		buf_printf(b, "%s ", name);
		quoted(b, v[i]);
		buf_addc(b, '\n');
	}
}

static void
said(struct buf *b, const char *name, struct str s)
{
	if (s.n > 0)
		buf_printf(b, "%s %.*s\n", name, STR_ARG(s));
}

static void
said_u64(struct buf *b, const char *name, uint64_t v)
{
	if (v != 0)
		buf_printf(b, "%s %llu\n", name, (unsigned long long)v);
}

/* -1: not said. */
static void
said_bool(struct buf *b, const char *name, int v)
{
	if (v >= 0)
		buf_printf(b, "%s %d\n", name, v);
}

static void
sampling(struct buf *b, const struct ir_req *q)
{
	said_u64(b, "max_output", q->max_output);
	lines_of(b, "stop", q->stop, q->n_stop);
	said(b, "temperature", q->temperature.raw);
	said(b, "top_p", q->top_p.raw);
	said(b, "top_k", q->top_k.raw);
	said(b, "seed", q->seed.raw);
	said(b, "frequency_penalty", q->frequency_penalty.raw);
	said(b, "presence_penalty", q->presence_penalty.raw);
	said(b, "n", q->n.raw);
	said_u64(b, "logprobs", (uint64_t)q->logprobs);
	said(b, "top_logprobs", q->top_logprobs.raw);
	said(b, "logit_bias", q->logit_bias);
}

static void
shape(struct buf *b, const struct ir_req *q)
{
	said(b, "choice", str_of(choice_names[q->choice]));
	lines_of(b, "allowed", q->allowed, q->n_allowed);
	said_bool(b, "parallel", q->parallel);
	said(b, "think", str_of(think_names[q->think]));
	said(b, "effort", q->effort);
	said_u64(b, "budget", q->budget);
	said_bool(b, "show_thoughts", q->show_thoughts);
	said_u64(b, "encrypted", (uint64_t)q->encrypted);
	said(b, "format", str_of(format_names[q->format]));
	said(b, "schema_name", q->schema_name);
	said(b, "schema_description", q->schema_description);
	said(b, "schema", q->schema);
	said_bool(b, "schema_strict", q->schema_strict);
}

static void
hints(struct buf *b, const struct ir_req *q)
{
	const struct ir_extra *e;

	said(b, "user", q->user);
	said(b, "service_tier", q->service_tier);
	said(b, "verbosity", q->verbosity);
	said(b, "cache_key", q->cache_key);
	said(b, "metadata", q->metadata);
	said(b, "previous_id", q->previous_id);
	said_bool(b, "store", q->store);
	for (e = q->extra; e != NULL; e = e->next)
		buf_printf(b, "extra %s%s %.*s\n", e->must ? "must " : "",
		    e->name, STR_ARG(e->raw));
}

const char *
rig_req(struct rig *r, const struct ir_req *q)
{
	const struct ir_turn *t;
	const char *s;
	struct buf b;

	if (q == NULL)
		return arena_printf(r->a, "! %s: %s",
		    r->note.param == NULL ? "" : r->note.param,
		    r->note.message == NULL ? "" : r->note.message);
	buf_init(&b, OUT_MAX);
	said(&b, "model", q->model);
	if (q->stream)
		buf_printf(&b, "stream\n");
	if (q->include_usage)
		buf_printf(&b, "include_usage\n");
	for (t = q->turns; t != NULL; t = t->next) {
		buf_printf(&b, "%s", t->developer ? "developer" :
		    role_names[t->role]);
		word(&b, "name", t->name);
		buf_addc(&b, '\n');
		parts(&b, t->parts, 1);
	}
	tools(&b, q->tools);
	shape(&b, q);
	sampling(&b, q);
	hints(&b, q);
	s = arena_strndup(r->a, buf_len(&b) == 0 ? "" : buf_ptr(&b),
	    buf_len(&b));
	buf_free(&b);
	return s;
}
