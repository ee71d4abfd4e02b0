/*
 * embed_fuzz.c - requests for embeddings, and answers to them, of all formats.
 *
 * Runs in: the fuzzer, and "make check" on its corpus.
 * Owns: nothing.
 *
 * The input begins with 'q' or 'a' (a request, an answer; 'Q': of the operation
 * for one text), the client's format and the provider's, as digits.
 */
#include "base/err.h"
#include "base/jscan.h"
#include "dialect/embed.h"
#include "fuzz.h"

#define OUT_MAX (16u << 20)

static const struct {
	const struct embed_codec *c;
	enum conf_dialect d;
} formats[] = {
	{ &embed_openai, DIALECT_OPENAI }, { &embed_mistral, DIALECT_MISTRAL },
	{ &embed_gemini, DIALECT_GEMINI }, { &embed_ollama, DIALECT_OLLAMA },
};

static int
is_json(struct str s)
{
	struct jscan_result res;

	return jscan(s, NULL, NULL, 0, &res) == 0 &&
	    res.type == JSCAN_OBJECT;
}

/* What was written is JSON, and read again it is the same. */
static void
request(struct arena *a, struct str s, int one, unsigned from, unsigned to)
{
	struct ir_target t = { .dialect = formats[to].d, .model = STR("m2") };
	struct ir_note note = { .a = a }, again = { .a = a };
	struct ir_req q, q2;
	struct embed e = { .q = &q }, e2 = { .q = &q2 };
	struct buf b;
	unsigned i;

	ir_req_init(&q, a, formats[from].d);
	q.prompt = one;
	if (formats[from].c->read(&e, s, &note) != 0) {
		ASSERT(note.message != NULL);
		return;
	}
	buf_init(&b, OUT_MAX);
	if (formats[to].c->write(&b, &e, &t, &note) != 0)
		ASSERT(note.message != NULL);
	else {
		ASSERT(is_json(buf_str(&b)));
		ir_req_init(&q2, a, formats[to].d);
		q2.prompt = one && from == to && to == 2;
		ASSERT(formats[to].c->read(&e2, buf_str(&b), &again) == 0);
		ASSERT(e2.n == e.n && e2.dimensions == e.dimensions);
		for (i = 0; i < e.n; i++)
			ASSERT(str_eq(e.text[i].raw, e2.text[i].raw));
	}
	buf_free(&b);
}

/* To two texts. What the client gets is JSON, and has two vectors. */
static void
answer(struct arena *a, struct str s, int one, unsigned to, unsigned from)
{
	struct ir_req q;
	struct embed e = { .q = &q, .n = one ? 1 : 2, .base64 = s.n % 2 };
	struct embed_answer an = { .a = a, .want = e.n, .asked = &e,
	    .model = STR("m"), .id = "i", .tokens = 3 }, again = an;
	struct buf b;

	ir_req_init(&q, a, formats[to].d);
	q.prompt = one && to > 1;
	buf_init(&b, OUT_MAX);
	if (formats[from].c->get(&an, s) == 0 &&
	    formats[to].c->put(&b, &an) == 0) {
		ASSERT(is_json(buf_str(&b)));
		if (!q.prompt)
			ASSERT(formats[to].c->get(&again, buf_str(&b)) == 0);
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_make((const char *)data, size);
	unsigned client, provider;
	struct arena *a;

	if (size < 4)
		return 0;
	client = data[1] % 4;
	provider = data[2] % 4;
	if (!is_json(str_skip(s, 3)))
		return 0;
	a = arena_new(4096);
	if ((data[0] | 32) == 'q')
		request(a, str_skip(s, 3), data[0] == 'Q', client, provider);
	else
		answer(a, str_skip(s, 3), data[0] == 'A', client, provider);
	arena_free(&a);
	return 0;
}
