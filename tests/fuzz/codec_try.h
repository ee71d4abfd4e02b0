/*
 * codec_try.h - what one dialect's parsers must do with anything.
 *
 * For the targets codec_<dialect>_fuzz.c, which are this with a name. The
 * input's first line says what the rest is: "r" a request, "s" a stream, "b" a
 * whole answer; without one, by its first character.
 */
#ifndef CODEC_TRY_H
#define CODEC_TRY_H

#include "base/err.h"
#include "base/jscan.h"
#include "dialect/codec.h"
#include "fuzz.h"

#define TRY_OUT_MAX (16u << 20)

struct try {
	const struct codec *c;
	struct arena	*a;
	struct buf	 said;		/* the events, as lines */
	int		 began, over;
};

static int
try_json(struct str s)
{
	static const struct jscan_opts opts = { .max_depth = 128 };
	struct jscan_result res;

	return jscan(s, &opts, NULL, 0, &res) == 0;
}

/* One beginning, nothing behind the end; raw values are JSON. */
static void
try_event(void *arg, const struct ir_event *ev)
{
	struct try *t = arg;

	ASSERT(!t->over);
	ASSERT((ev->kind == IR_EV_START) == !t->began ||
	    ev->kind == IR_EV_ERROR);
	ASSERT(ev->raw.n == 0 || try_json(ev->raw));
	ASSERT(ev->finish <= IR_FAILED && ev->fault < FAULT_COUNT);
	t->began = 1;
	t->over = ev->kind == IR_EV_END || ev->kind == IR_EV_ERROR;
	ASSERT(buf_printf(&t->said, "%d %u %u %d %d|%.*s|%.*s|%.*s|%.*s|%.*s\n",
	    (int)ev->kind, ev->choice, ev->call, ev->custom, (int)ev->finish,
	    STR_ARG(ev->id), STR_ARG(ev->name), STR_ARG(ev->text),
	    STR_ARG(ev->raw), STR_ARG(ev->native)) == 0);
}

/* Memory may grow with what came, but not out of proportion. */
static void
try_memory(const struct arena *a, size_t n, size_t times)
{
	ASSERT(arena_size(a) <= (1u << 17) + times * n);
}

static void
try_request(struct try *t, enum conf_dialect d, int responses, struct str text)
{
	struct ir_target to = { .dialect = d, .responses = responses,
	    .model = STR("model-1") };
	struct ir_note note = { .a = t->a };
	struct jscan_result res;
	struct ir_req q;
	struct buf b;

	if (jscan(text, NULL, NULL, 0, &res) != 0)
		return;
	ir_req_init(&q, t->a, d);
	q.responses = responses;
	buf_init(&b, TRY_OUT_MAX);
	if (t->c->read(&q, text, &note) == 0 && ir_check(&q, &note) == 0 &&
	    t->c->write(&b, &q, &to, &note) == 0)
		ASSERT(try_json(buf_str(&b)));
	else
		ASSERT(note.param == NULL || note.message != NULL);
	try_memory(t->a, text.n, 1024);
	buf_free(&b);
}

/* Feed pieces of so many bytes; each event lies in memory of its own, and so
 * does what is said about it. */
static int
try_feed(struct try *t, struct codec_in *in, struct str text, size_t step)
{
	struct sse_event ev;
	size_t seen = 0, some;
	struct buf b;
	int rc = 0;
	long n;

	buf_init(&b, TRY_OUT_MAX);
	for (; text.n > 0 && rc == 0; text = str_skip(text, some)) {
		some = text.n < step ? text.n : step;
		ASSERT(buf_add(&b, text.p, some) == 0);
		while (rc == 0 && buf_len(&b) > 0 && (n = frame_next(
		    t->c->frame, buf_str(&b), &seen, &ev)) > 0) {
			in->tmp = arena_new(0);
			rc = t->c->event(in, &ev);
			arena_free(&in->tmp);
			memset(buf_ptr(&b), '#', (size_t)n);
			buf_consume(&b, (size_t)n);
			seen = 0;
		}
	}
	buf_free(&b);
	return rc != 0 ? rc : t->c->end(in);
}

static void
try_stream(struct try *t, const struct ir_req *q, struct str text)
{
	const size_t steps[] = { SIZE_MAX, text.n < 600 ? 1 : 61 };
	struct buf first;
	int i, rc, was = 0;

	buf_init(&first, TRY_OUT_MAX);
	for (i = 0; i < 2; i++) {
		struct codec_in in = { .arg = t, .emit = try_event, .req = q };

		t->began = t->over = 0;
		buf_init(&t->said, TRY_OUT_MAX);
		in.a = arena_new(0);
		rc = try_feed(t, &in, text, steps[i]);
		try_memory(in.a, text.n, 64);
		arena_free(&in.a);
		if (i == 0) {
			first = t->said;
			was = rc;
			continue;
		}
		ASSERT(rc == was);
		ASSERT(str_eq(buf_str(&first), buf_str(&t->said)));
		buf_free(&t->said);
	}
	buf_free(&first);
}

static void
try_body(struct try *t, const struct ir_req *q, struct str text)
{
	struct codec_in in = { .a = t->a, .emit = try_event, .arg = t,
	    .req = q };

	buf_init(&t->said, TRY_OUT_MAX);
	(void)t->c->body(&in, text);
	try_memory(t->a, text.n, 64);
	buf_free(&t->said);
}

static int
codec_try(enum conf_dialect d, int responses, const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct try t = { .c = codec_get(d, responses) };
	struct ir_req q;

	if (size == 0)
		return 0;
	t.a = arena_new(0);
	ir_req_init(&q, t.a, d);
	ir_tool_add(&q, STR("patch"))->kind = IR_CUSTOM;
	if (size > 1 && data[1] == '\n')
		text = str_skip(text, 2);
	/* Of its own size: reading behind it is seen. */
	text = arena_str(t.a, text);
	if (*data == 'r')
		try_request(&t, d, responses, text);
	else if (*data == 'b' || *data == '{')
		try_body(&t, &q, text);
	else
		try_stream(&t, &q, text);
	arena_free(&t.a);
	return 0;
}

#endif
