/*
 * embed_test.c - embeddings between formats: numbers, base64, texts, bounds.
 *
 * What becomes of a number is judged by the C library; what is written for a
 * provider, by json-c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "dialect/embed.h"
#include "tap.h"

#define MANY	20000
#define BODY_MAX (16u << 20)

static const struct format {
	const struct embed_codec *c;
	enum conf_dialect d;
	const char *ask;		/* two texts, three numbers each */
} formats[] = {
	{ &embed_openai, DIALECT_OPENAI, "{\"model\":\"m\",\"input\":[\"a\\n"
	    "\\u00e9\",\"b\"],\"dimensions\":3}" },
	{ &embed_mistral, DIALECT_MISTRAL, "{\"model\":\"m\",\"input\":[\"a"
	    "\\n\\u00e9\",\"b\"],\"output_dimension\":3}" },
	{ &embed_gemini, DIALECT_GEMINI, "{\"requests\":[{\"model\":\"x\","
	    "\"content\":{\"parts\":[{\"text\":\"a\\n\\u00e9\"}]},"
	    "\"outputDimensionality\":3},{\"content\":{\"parts\":[{\"text\":"
	    "\"b\"}]},\"embedContentConfig\":{\"outputDimensionality\":3}}]}" },
	{ &embed_ollama, DIALECT_OLLAMA, "{\"model\":\"m\",\"input\":[\"a\\n"
	    "\\u00e9\",\"b\"],\"dimensions\":3}" },
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

struct rig {
	struct arena	*a;
	struct ir_req	 q;
	struct ir_note	 note;
	struct embed	 e;
	struct buf	 out;
};

static void
begin(struct rig *g, enum conf_dialect from)
{
	memset(g, 0, sizeof(*g));
	g->a = g->note.a = arena_new(4096);
	ir_req_init(&g->q, g->a, from);
	g->e.q = &g->q;
	buf_init(&g->out, BODY_MAX);
}

static void
end(struct rig *g)
{
	buf_free(&g->out);
	arena_free(&g->a);
}

/* An answer of Google's with these numbers, for OpenAI's client: what stands
 * at "embedding", or NULL when it is refused. */
static struct json_object *
converted(struct rig *g, const char *values, int base64)
{
	struct embed_answer an = { .a = g->a, .want = 1, .asked = &g->e,
	    .model = STR("m"), .id = "x" };
	char *body = arena_printf(g->a, "{\"embeddings\":[{\"values\":%s}]}",
	    values);
	struct json_object *root;

	buf_reset(&g->out);
	g->e.base64 = base64;
	if (embed_gemini.get(&an, str_of(body)) != 0 ||
	    embed_openai.put(&g->out, &an) != 0)
		return NULL;
	OK(json_parse(buf_str(&g->out), &root) == 0);
	return root;
}

static struct json_object *
vector_of(struct json_object *root)
{
	return json_get(json_at(json_get(root, "data"), 0), "embedding");
}

/* The floats of [text], through base64. */
static float
through(struct rig *g, const char *text)
{
	struct json_object *root = converted(g, arena_printf(g->a, "[%s]",
	    text), 1);
	struct buf raw;
	float f;

	OK(root != NULL);
	buf_init(&raw, 64);
	OK(crypto_unbase64(&raw, str_of(json_object_get_string(
	    vector_of(root)))) == 0);
	EQ_INT(buf_len(&raw), sizeof(f));
	memcpy(&f, buf_ptr(&raw), sizeof(f));
	buf_free(&raw);
	json_object_put(root);
	return f;
}

TEST(numbers_become_floats)
{
	static const char *const texts[] = { "0", "-0", "1", "-1", "0.1",
	    "1e-45", "1.17549435e-38", "3.4028235e38", "-3.4028235E+38",
	    "1e22", "1e23", "123456789012345", "1234567890123456",
	    "123456789012345678901234567890", "0.00000000000000000000001",
	    "1e-400", "0.1000000000000000055511151231257827",
	    "16777217", "16777219", "0.333333333333333314829616256247", "9e-9",
	    "0.000000000000000000000000000000000000000000000000000000000000000"
	    "0000000000000000000000000000001", "100000e-5", "1e+2", "5E-1" };
	struct rig g;
	size_t i;
	float got, want;

	begin(&g, DIALECT_OPENAI);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		got = through(&g, texts[i]);
		want = strtof(texts[i], NULL);
		EQ_MEM(&got, sizeof(got), &want, sizeof(want));
	}
	end(&g);
}

static uint32_t
next(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x ^ *x >> 15;
}

/* A float as others print it. */
static void
print(char *text, size_t size, float f, int form)
{
	switch (form) {
	case 0:
		snprintf(text, size, "%.9g", (double)f);
		break;
	case 1:
		snprintf(text, size, "%.17g", (double)f);
		break;
	case 2:
		snprintf(text, size, "%.8f", (double)f);
		break;
	default:
		snprintf(text, size, "%.12e", (double)f);
	}
}

TEST(any_float_crosses)
{
	uint32_t x = 7, bits;
	struct rig g;
	char text[400];
	float f, got, want;
	int i;

	for (i = 0; i < MANY; i++) {
		bits = i % 2 ? next(&x) : (next(&x) & 0x807fffffu) |
		    (100 + next(&x) % 30) << 23;
		memcpy(&f, &bits, sizeof(f));
		if (!isfinite(f))
			continue;
		begin(&g, DIALECT_OPENAI);
		print(text, sizeof(text), f, i / 2 % 4);
		got = through(&g, text);
		want = strtof(text, NULL);
		EQ_MEM(&got, sizeof(got), &want, sizeof(want));
		end(&g);
	}
}

/* Base64 to numbers: each reads as the float that it was. */
TEST(base64_becomes_numbers)
{
	float v[1000];
	uint32_t x = 3, bits;
	struct json_object *root;
	struct rig g;
	struct buf b;
	size_t i;

	for (i = 0; i < 1000; i++)
		do {
			bits = next(&x);
			memcpy(&v[i], &bits, sizeof(bits));
		} while (!isfinite(v[i]));
	begin(&g, DIALECT_OPENAI);
	buf_init(&b, BODY_MAX);
	buf_addc(&b, '"');
	OK(crypto_base64(&b, str_make((const char *)v, sizeof(v))) == 0);
	buf_add(&b, "\"", 2);
	root = converted(&g, buf_ptr(&b), 0);
	OK(root != NULL);
	EQ_INT(json_object_array_length(vector_of(root)), 1000);
	for (i = 0; i < 1000; i++)
		OK((float)json_object_get_double(json_at(vector_of(root),
		    i)) == v[i]);
	json_object_put(root);
	buf_free(&b);
	end(&g);
}

TEST(what_is_no_vector_is_refused)
{
	static const char *const numbers[] = { "[1e39]", "[-1e400]", "null",
	    "{}", "3" };
	static const char *const lists[] = { "[null]", "[[1]]", "[\"1\"]",
	    "[{}]", "[true]", "\"AAA\"", "\"AAAAAA==\\n\"", "\"AACAfw==\"",
	    "\"AADAfw==\"", "\"AAA=\"" };
	struct rig g;
	size_t i;

	begin(&g, DIALECT_OPENAI);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		OK(converted(&g, numbers[i], 1) == NULL);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		OK(converted(&g, lists[i], 0) == NULL);
	end(&g);
}

/* The texts and numbers that a provider is asked for, by json-c. */
static struct json_object *
asked(struct json_object *root, enum conf_dialect d, size_t i, int64_t *dim)
{
	struct json_object *one = root;

	if (d == DIALECT_GEMINI) {
		one = json_at(json_get(root, "requests"), i);
		*dim = json_get_int(one, "outputDimensionality", 0);
		OK(str_eqc(json_get_str(one, "model"), "models/m2"));
		if (*dim == 0)	/* as the client had it */
			*dim = json_get_int(json_get(one,
			    "embedContentConfig"), "outputDimensionality", 0);
		return json_get(json_at(json_get(json_get(one, "content"),
		    "parts"), 0), "text");
	}
	OK(str_eqc(json_get_str(root, "model"), "m2"));
	*dim = json_get_int(root, d == DIALECT_MISTRAL ? "output_dimension" :
	    "dimensions", 0);
	return json_at(json_get(root, "input"), i);
}

TEST(every_pair_of_formats)
{
	struct ir_target t = { .model = STR("m2") };
	struct json_object *root;
	struct rig g;
	size_t from, to;
	int64_t dim;

	for (from = 0; from < FORMATS; from++)
		for (to = 0; to < FORMATS; to++) {
			begin(&g, formats[from].d);
			OK(formats[from].c->read(&g.e,
			    str_of(formats[from].ask), &g.note) == 0);
			t.dialect = formats[to].d;
			OK(formats[to].c->write(&g.out, &g.e, &t,
			    &g.note) == 0);
			EQ_INT(g.note.n, 0);
			OK(json_parse(buf_str(&g.out), &root) == 0);
			EQ_STR(json_object_get_string(asked(root,
			    formats[to].d, 0, &dim)), "a\n\xc3\xa9");
			EQ_INT(dim, 3);
			EQ_STR(json_object_get_string(asked(root,
			    formats[to].d, 1, &dim)), "b");
			EQ_INT(dim, 3);
			json_object_put(root);
			end(&g);
		}
}

/* Memory in proportion, and an end to it. */
TEST(many_texts)
{
	struct rig g;
	struct buf b;
	unsigned i, n;

	for (n = EMBED_TEXTS; n <= EMBED_TEXTS + 1; n++) {
		begin(&g, DIALECT_OPENAI);
		buf_init(&b, BODY_MAX);
		buf_adds(&b, STR("{\"model\":\"m\",\"input\":[\"\""));
		for (i = 1; i < n; i++)
			buf_adds(&b, STR(",\"\""));
		buf_adds(&b, STR("]}"));
		EQ_INT(embed_openai.read(&g.e, buf_str(&b), &g.note),
		    n > EMBED_TEXTS ? ERR_FORMAT : 0);
		EQ_INT(g.e.n, EMBED_TEXTS);
		OK(arena_size(g.a) < 8u << 20);
		buf_free(&b);
		end(&g);
	}
}

TAP_BEGIN
TAP_ROW(numbers_become_floats)
TAP_ROW(any_float_crosses)
TAP_ROW(base64_becomes_numbers)
TAP_ROW(what_is_no_vector_is_refused)
TAP_ROW(every_pair_of_formats)
TAP_ROW(many_texts)
TAP_END
