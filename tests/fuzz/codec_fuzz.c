/*
 * codec_fuzz.c - requests and answers of any dialect, told in any other.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * The input's first line is three characters: whose it is, who gets it (digits,
 * see rows; "u": POST /v1/chat, which has clients only) and what it is: "r" a
 * request, "s" a stream, "b" a whole answer. A request for "u" is only checked,
 * and adapted as one of another style.
 * The rest is what a peer sent. What a codec writes must be JSON, each event of a
 * stream on one line; its own events have a beginning and an end.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/style.h"
#include "dialect/unified.h"
#include "fuzz.h"

#define OUT_MAX (8u << 20)

static const struct {
	enum conf_dialect d;
	int		 responses;
} rows[] = {
	{ DIALECT_OPENAI, 0 }, { DIALECT_OPENAI, 1 },
	{ DIALECT_ANTHROPIC, 0 }, { DIALECT_GEMINI, 0 },
	{ DIALECT_MISTRAL, 0 }, { DIALECT_GROQ, 0 }, { DIALECT_AZURE, 0 },
	{ DIALECT_OLLAMA, 0 },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))
#define EVENTS 256

static const struct codec *
codec_of(uint8_t c)
{
	return c == 'u' ? &codec_unified : codec_get(rows[c % N_ROWS].d,
	    rows[c % N_ROWS].responses);
}

/* Who is told of the price. */
static const struct conf_price price = { .input = 2500000,
	.output = 10000000, .cached_input = -1, .cache_write = -1,
	.reasoning = -1 };
static const struct codec_bill bill = { .provider = { "p", 1 },
	.price = &price, .guess = { 1, 2, 0, 0, 0 }, .latency_ms = 3 };

struct heard {
	struct codec_out *out;
	const struct codec *to;
	struct ir_event	 ev[EVENTS];
	unsigned	 n;
	int		 rc;
	int		 began, over;
};

static int
json(struct str s)
{
	static const struct jscan_opts opts = { .max_depth = 128 };
	struct jscan_result res;

	return jscan(s, &opts, NULL, 0, &res) == 0;
}

/* Bodies as DECODE sees them. */
static void
check_body(struct arena *a, struct str text)
{
	static const struct str names[] = { { "openai", 6 }, { "p", 1 } };
	static const struct unified_choices c = { names, 2, { "m", 1 } };
	struct jscan_result res;
	struct unified_ask ask;
	struct buf b;
	int rc;

	if (text.n > 0 && jscan(text, NULL, NULL, 0, &res) != 0)
		return;
	buf_init(&b, OUT_MAX);
	rc = unified_check(a, text, &c, &ask, &b);
	ASSERT(rc == 0 ? buf_len(&b) == 0 : json(buf_str(&b)));
	buf_reset(&b);
	if (text.n > 0 && res.type == JSCAN_OBJECT) {
		ASSERT(style_claude(&b, text) == 0 && json(buf_str(&b)));
		buf_reset(&b);
		rc = style_gemini(&b, a, text);
		ASSERT(rc == ERR_NOTFOUND || (rc == 0 &&
		    json(buf_str(&b)) && !style_is_gemini(buf_str(&b),
		    STR("gemini"))));
	}
	buf_free(&b);
}

static void
request(struct arena *a, const struct codec *from, const struct codec *to,
    unsigned source, unsigned target, struct str text)
{
	struct ir_note note = { .a = a };
	struct ir_target t = { .dialect = rows[target].d,
	    .responses = rows[target].responses, .model = STR("gemini-3-x"),
	    .known = { .max_output = 4096 } };
	struct jscan_result res;
	struct ir_req q;
	struct buf b;

	if (jscan(text, NULL, NULL, 0, &res) != 0)
		return;
	ir_req_init(&q, a, rows[source].d);
	q.responses = rows[source].responses;
	buf_init(&b, OUT_MAX);
	if (from->read(&q, text, &note) == 0 && (from == &codec_unified ||
	    ir_check(&q, &note) == 0) && to->write(&b, &q, &t, &note) == 0)
		ASSERT(json(buf_str(&b)));
	(void)ir_dropped(&note);
	buf_free(&b);
}

/* One beginning, nothing behind the end. */
static void
check_order(struct heard *h, const struct ir_event *ev)
{
	ASSERT(!h->over);
	ASSERT((ev->kind == IR_EV_START) == !h->began ||
	    ev->kind == IR_EV_ERROR);
	ASSERT(ev->raw.n == 0 || json(ev->raw));
	h->began = 1;
	h->over = ev->kind == IR_EV_END || ev->kind == IR_EV_ERROR;
}

static void
put(void *arg, const struct ir_event *ev)
{
	struct heard *h = arg;

	check_order(h, ev);
	if (h->rc == 0)
		h->rc = h->to->put(h->out, ev);
}

static void
note(void *arg, const struct ir_event *ev)
{
	struct heard *h = arg;

	check_order(h, ev);
	if (h->n < EVENTS)
		h->ev[h->n++] = *ev;
}

/* Each event of what was written has one line of JSON. */
static void
check_stream(enum frame f, struct str text)
{
	struct sse_event ev;
	size_t seen;
	long n;

	while (text.n > 0) {
		seen = 0;
		n = frame_next(f, text, &seen, &ev);
		ASSERT(n > 0 && ev.data_lines <= 1);
		ASSERT(ev.data_lines == 0 || json(ev.data) ||
		    str_eqc(ev.data, "[DONE]"));
		text = str_skip(text, (size_t)n);
	}
}

/* A whole answer. */
static void
whole(const struct codec *from, struct heard *h, struct str text)
{
	struct codec_in in = { .a = h->out->a, .emit = note, .arg = h,
	    .req = h->out->req };

	if (from->body(&in, text) == 0 && h->n < EVENTS &&
	    h->to->put_body(h->out, h->ev, h->n) == 0)
		ASSERT(json(buf_str(h->out->out)));
}

/*
 * A stream in pieces of so many bytes. What is said about an event lies in
 * memory that is gone behind it; what is kept may grow with the answer only.
 */
static void
feed(const struct codec *from, struct heard *h, struct str text, size_t step)
{
	struct codec_in in = { .a = h->out->a, .emit = put, .arg = h,
	    .req = h->out->req };
	struct sse_event ev;
	size_t seen = 0, some, n_text = text.n;
	struct buf b;
	int rc = 0;
	long n;

	buf_init(&b, OUT_MAX);
	for (; text.n > 0 && rc == 0; text = str_skip(text, some)) {
		some = text.n < step ? text.n : step;
		ASSERT(buf_add(&b, text.p, some) == 0);
		while (rc == 0 && (n = frame_next(from->frame, buf_str(&b),
		    &seen, &ev)) > 0) {
			in.tmp = h->out->tmp = arena_new(0);
			rc = from->event(&in, &ev);
			arena_free(&in.tmp);
			memset(buf_ptr(&b), '#', (size_t)n);
			buf_consume(&b, (size_t)n);
			seen = 0;
		}
	}
	in.tmp = h->out->tmp = arena_new(0);
	if (rc == 0)
		(void)from->end(&in);
	arena_free(&in.tmp);
	buf_free(&b);
	ASSERT(arena_size(h->out->a) <= (1u << 17) + 512 * n_text);
	if (h->rc == 0)
		check_stream(h->to->frame, buf_str(h->out->out));
}

/* How it comes makes no difference. */
static void
stream(const struct codec *from, const struct heard *to, struct str text)
{
	const size_t steps[] = { SIZE_MAX, text.n < 600 ? 1 : 61 };
	struct codec_out out;
	struct heard h;
	struct buf b[2];
	int i;

	for (i = 0; i < 2; i++) {
		out = *to->out;
		out.a = arena_new(0);
		out.out = &b[i];
		h = *to;
		h.out = &out;
		buf_init(&b[i], OUT_MAX);
		feed(from, &h, text, steps[i]);
		arena_free(&out.a);
	}
	ASSERT(str_eq(buf_str(&b[0]), buf_str(&b[1])));
	buf_free(&b[0]);
	buf_free(&b[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct codec_out out = { .a = a, .id = "req_0", .model = STR("m"),
	    .bill = &bill };
	struct heard h = { .out = &out };
	const struct codec *from, *to;
	struct ir_req q;
	struct buf b;

	if (size < 4)
		goto out;
	from = codec_of(data[0]);
	to = codec_of(data[1]);
	if (from == NULL || to == NULL || (from->event == NULL &&
	    data[2] != 'r'))
		goto out;
	if (data[2] == 'r' && to->write == NULL) {
		check_body(a, str_make((const char *)data + 4, size - 4));
		goto out;
	}
	if (data[2] == 'r') {
		request(a, from, to, data[0] % N_ROWS, data[1] % N_ROWS,
		    str_make((const char *)data + 4, size - 4));
		goto out;
	}
	ir_req_init(&q, a, rows[data[1] % N_ROWS].d);
	q.show_thoughts = 1;
	q.include_usage = 1;
	ir_tool_add(&q, STR("patch"))->kind = IR_CUSTOM;
	buf_init(&b, OUT_MAX);
	out.out = &b;
	out.req = &q;
	h.to = to;
	if (data[2] == 'b')
		whole(from, &h, str_make((const char *)data + 4, size - 4));
	else
		stream(from, &h, str_make((const char *)data + 4, size - 4));
	buf_free(&b);
out:
	arena_free(&a);
	return 0;
}
