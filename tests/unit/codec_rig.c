/*
 * codec_rig.c - feed a codec, and print what it says.
 *
 * Runs in: unit tests.
 * Owns: the arena of a rig.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/jscan.h"
#include "codec_rig.h"

#define OUT_MAX (64u << 20)

void
rig_new(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	r->a = arena_new(65536);
	ir_req_init(&r->req, r->a, DIALECT_OPENAI);
	r->req.model = STR("m");
	r->out.id = "req_0123456789abcdef";
	r->out.now = 1700000000;
	r->out.model = STR("m");
	r->target.model = STR("up");
}

void
rig_free(struct rig *r)
{
	arena_free(&r->a);
}

struct str
rig_file(struct rig *r, const char *name)
{
	const char *dir = getenv("AIGW_TRANSCRIPTS");
	char piece[65536];
	struct buf b;
	struct str s;
	size_t n;
	FILE *f;

	if (dir == NULL || *dir == '\0') {
		rig_free(r);
		tap_skip("AIGW_TRANSCRIPTS names no folder");
	}
	f = fopen(arena_printf(r->a, "%s/%s", dir, name), "r");
	if (f == NULL) {
		rig_free(r);
		tap_skip("not recorded");
	}
	buf_init(&b, OUT_MAX);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		EQ_INT(buf_add(&b, piece, n), 0);
	fclose(f);
	s = arena_str(r->a, buf_str(&b));
	buf_free(&b);
	return s;
}

/* Text of b in the arena; b is freed. */
static const char *
keep(struct rig *r, struct buf *b)
{
	const char *s = arena_strndup(r->a, buf_len(b) == 0 ? "" : buf_ptr(b),
	    buf_len(b));

	buf_free(b);
	return s;
}

/* --- events -------------------------------------------------------------- */

/* A name for a code of err.h. */
static const char *
code_name(int rc)
{
	switch (rc) {
#define X(name, val, text) case (val): return #name;
	ERR_LIST(X)
#undef X
	}
	return "?";
}

static void
record(void *arg, const struct ir_event *ev)
{
	struct rig *r = arg;
	struct ir_event *e;

	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 64 : 2 * r->cap;
		e = arena_alloc(r->a, r->cap * sizeof(*e));
		if (r->n > 0)
			memcpy(e, r->ev, r->n * sizeof(*e));
		r->ev = e;
	}
	e = &r->ev[r->n++];
	*e = *ev;
	/* What a codec says need not stay. */
	e->id = arena_str(r->a, ev->id);
	e->name = arena_str(r->a, ev->name);
	e->model = arena_str(r->a, ev->model);
	e->text = arena_str(r->a, ev->text);
	e->raw = arena_str(r->a, ev->raw);
	e->native = arena_str(r->a, ev->native);
	e->sequence = arena_str(r->a, ev->sequence);
}

static void
begin(struct rig *r, struct codec_in *in)
{
	r->n = 0;
	r->cap = 0;
	r->ev = NULL;
	memset(in, 0, sizeof(*in));
	in->a = r->a;
	in->emit = record;
	in->arg = r;
	in->req = &r->req;
}

/* Every event lies in memory of its own size, so that a sanitizer sees who reads
 * behind it or keeps it. */
int
rig_feed(struct rig *r, const struct codec *c, struct str sse, size_t step)
{
	struct codec_in in;
	struct sse_event ev;
	struct buf b;
	size_t seen = 0, at = 0;
	long n;
	int rc = 0;

	begin(r, &in);
	buf_init(&b, OUT_MAX);
	while (at < sse.n && rc == 0) {
		size_t some = sse.n - at < step ? sse.n - at : step;

		EQ_INT(buf_add(&b, sse.p + at, some), 0);
		at += some;
		while (rc == 0 && buf_len(&b) > 0 &&
		    (n = frame_next(c->frame, buf_str(&b), &seen, &ev)) > 0) {
			rc = c->event(&in, &ev);
			memset(buf_ptr(&b), '#', (size_t)n);
			buf_consume(&b, (size_t)n);
			seen = 0;
		}
	}
	if (rc == 0 && buf_len(&b) > 0)
		rc = ERR_EOF;	/* in the middle of an event */
	if (rc == 0)
		rc = c->end(&in);
	buf_free(&b);
	return rc;
}

static const char *
result(struct rig *r)
{
	const char *s = rig_lines(r, r->ev, r->n, 1);

	if (r->rc == 0)
		return s;
	return arena_printf(r->a, "%s! %s\n", s, code_name(r->rc));
}

const char *
rig_stream(struct rig *r, const struct codec *c, struct str sse)
{
	static const size_t step[] = { 1, 7, SIZE_MAX };
	const char *was = NULL, *now;
	int rc = 0;
	size_t i;

	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		r->rc = rig_feed(r, c, sse, step[i]);
		now = rig_lines(r, r->ev, r->n, 0);
		if (was != NULL) {
			EQ_STR(now, was);
			EQ_INT(r->rc, rc);
		}
		was = now;
		rc = r->rc;
	}
	return result(r);
}

const char *
rig_body(struct rig *r, const struct codec *c, struct str body)
{
	struct codec_in in;

	begin(r, &in);
	r->rc = c->body(&in, body);
	return result(r);
}

static const char *const kind_names[] = {
	"start", "text", "refusal", "thinking", "signature", "redacted",
	"call", "args", "call_end", "image", "citation", "logprobs", "finish",
	"usage", "error", "end"
};
static const char *const finish_names[] = {
	"none", "stop", "stop_sequence", "length", "context_full",
	"tool_calls", "content_filter", "refused", "pause", "failed"
};

static void
word(struct buf *b, const char *name, struct str s)
{
	if (s.n > 0)
		buf_printf(b, " %s=%.*s", name, STR_ARG(s));
}

static void
number(struct buf *b, const char *name, uint64_t v)
{
	if (v != 0)
		buf_printf(b, " %s=%llu", name, (unsigned long long)v);
}

static int
is_piece(const struct ir_event *e)
{
	return e->kind == IR_EV_TEXT || e->kind == IR_EV_REFUSAL ||
	    e->kind == IR_EV_THINKING || e->kind == IR_EV_ARGS;
}

static void
usage(struct buf *b, const struct price_usage *u)
{
	number(b, "in", u->input);
	number(b, "out", u->output);
	number(b, "cached", u->cached);
	number(b, "write", u->cache_write);
	number(b, "reasoning", u->reasoning);
}

/* All of a line but the text of a piece. */
static void
line(struct buf *b, const struct ir_event *e)
{
	buf_printf(b, "%s", kind_names[e->kind]);
	number(b, "choice", e->choice);
	if (e->kind == IR_EV_CALL || e->kind == IR_EV_ARGS ||
	    e->kind == IR_EV_CALL_END)
		buf_printf(b, " %u", e->call);
	else
		number(b, "call", e->call);
	if (e->kind == IR_EV_SIGNATURE || e->kind == IR_EV_REDACTED)
		word(b, "from", str_of(conf_dialect_name(e->from)));
	word(b, "id", e->id);
	word(b, "name", e->name);
	word(b, "model", e->model);
	number(b, "created", (uint64_t)e->created);
	if (e->custom)
		buf_printf(b, " custom");
	if (e->kind == IR_EV_FINISH)
		buf_printf(b, " %s", finish_names[e->finish]);
	word(b, "native", e->native);
	word(b, "sequence", e->sequence);
	if (e->kind == IR_EV_USAGE)
		usage(b, &e->usage);
	if (e->kind == IR_EV_ERROR)
		buf_printf(b, " %s", fault_name(e->fault));
	if (e->raw.n > 0)
		buf_printf(b, " %.*s", STR_ARG(e->raw));
}

const char *
rig_lines(struct rig *r, const struct ir_event *ev, unsigned n, int join)
{
	struct buf b;
	unsigned i;

	buf_init(&b, OUT_MAX);
	for (i = 0; i < n; i++) {
		const struct ir_event *e = &ev[i];

		line(&b, e);
		if (is_piece(e) || e->text.n > 0) {
			buf_adds(&b, STR(" \""));
			buf_add_json(&b, e->text);
			while (join && is_piece(e) && i + 1 < n &&
			    ev[i + 1].kind == e->kind &&
			    ev[i + 1].choice == e->choice &&
			    ev[i + 1].call == e->call)
				buf_add_json(&b, ev[++i].text);
			buf_addc(&b, '"');
		}
		buf_addc(&b, '\n');
	}
	return keep(r, &b);
}

/* --- answers ------------------------------------------------------------- */

static void
must_be_json(struct str text)
{
	struct jscan_result res;

	if (jscan(text, NULL, NULL, 0, &res) != 0)
		tap_fail(__FILE__, __LINE__, "no JSON, %s at %zu: %.*s",
		    res.what, res.at, STR_ARG(text));
}

static void
must_be_events(enum frame f, struct str sse)
{
	struct sse_event ev;
	size_t seen = 0;
	struct buf b;
	long n;

	while (sse.n > 0) {
		n = frame_next(f, sse, &seen, &ev);
		if (n <= 0)
			tap_fail(__FILE__, __LINE__, "half an event: %.*s",
			    STR_ARG(sse));
		sse = str_skip(sse, (size_t)n);
		seen = 0;
		if (ev.data_lines == 0 || str_eq(ev.data, STR("[DONE]")))
			continue;
		buf_init(&b, OUT_MAX);
		EQ_INT(ev.data_lines == 1 ? buf_adds(&b, ev.data) :
		    sse_data(&ev, &b), 0);
		must_be_json(buf_str(&b));
		buf_free(&b);
	}
}

static const char *
put(struct rig *r, const struct codec *c, const struct ir_event *ev,
    unsigned n, int whole)
{
	struct codec_out o = r->out;
	struct buf b;
	unsigned i;

	buf_init(&b, OUT_MAX);
	o.a = r->a;
	o.out = &b;
	o.state = NULL;
	if (o.req == NULL)
		o.req = &r->req;
	r->rc = whole ? c->put_body(&o, ev, n) : 0;
	for (i = 0; !whole && r->rc == 0 && i < n; i++)
		r->rc = c->put(&o, &ev[i]);
	if (r->rc != 0) {
		buf_free(&b);
		return arena_printf(r->a, "! %s", code_name(r->rc));
	}
	if (whole || o.json_array)
		must_be_json(buf_str(&b));
	else
		must_be_events(c->frame, buf_str(&b));
	return keep(r, &b);
}

const char *
rig_put(struct rig *r, const struct codec *c, const struct ir_event *ev,
    unsigned n)
{
	return put(r, c, ev, n, 0);
}

const char *
rig_put_body(struct rig *r, const struct codec *c, const struct ir_event *ev,
    unsigned n)
{
	return put(r, c, ev, n, 1);
}

/* --- requests ------------------------------------------------------------ */

struct ir_req *
rig_read(struct rig *r, const struct codec *c, enum conf_dialect from,
    const char *body)
{
	/* Of its own size: reading behind it is seen. */
	struct str text = arena_str(r->a, str_of(body));
	struct ir_req *q = arena_zalloc(r->a, sizeof(*q));

	must_be_json(text);
	memset(&r->note, 0, sizeof(r->note));
	r->note.a = r->a;
	ir_req_init(q, r->a, from);
	q->prompt = r->prompt;
	r->rc = c->read(q, text, &r->note);
	if (r->rc == ERR_FORMAT)
		OK(r->note.message != NULL);
	return r->rc == 0 ? q : NULL;
}

const char *
rig_write(struct rig *r, const struct codec *c, struct ir_req *q)
{
	int strict = r->note.strict;
	struct buf b;

	memset(&r->note, 0, sizeof(r->note));
	r->note.a = r->a;
	r->note.strict = strict;
	buf_init(&b, OUT_MAX);
	r->rc = c->write(&b, q, &r->target, &r->note);
	if (r->rc != 0) {
		buf_free(&b);
		if (r->rc != ERR_FORMAT)
			return arena_printf(r->a, "! %s", code_name(r->rc));
		OK(r->note.message != NULL);
		return arena_printf(r->a, "! %s: %s", r->note.param == NULL ?
		    "" : r->note.param, r->note.message);
	}
	must_be_json(buf_str(&b));
	return keep(r, &b);
}
