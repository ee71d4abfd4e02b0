/*
 * mock_openai_gen.c - what an OpenAI answer will say, decided beforehand.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Content is made in pieces, one per token. Plain text is made on the fly;
 * arguments of tools and JSON are made whole and cut into pieces of 8 bytes.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define PIECE		8
#define TOKENS		16	/* of an answer when nobody says */

int64_t
mock_openai_created(const struct mock_call *c)
{
	return c->m->fixed ? 1767225600 + (int64_t)c->seq :
	    clock_real_us() / CLOCK_US_S;
}

void
mock_openai_headers(struct mock_answer *a)
{
	buf_adds(&a->extra, STR("openai-version: 2020-10-01\r\n"
	    "openai-processing-ms: 12\r\n"
	    "x-ratelimit-limit-requests: 10000\r\n"
	    "x-ratelimit-remaining-requests: 9999\r\n"
	    "x-ratelimit-reset-requests: 6ms\r\n"));
}

static size_t
piece_at(const struct mock_gen *g, size_t n, unsigned i)
{
	size_t at = (size_t)i * PIECE;

	if (at >= n)
		return n;
	while (at < n && ((unsigned char)g->text[at] & 0xC0) == 0x80)
		at++;
	return at;
}

void
mock_openai_piece(struct buf *b, const struct mock_gen *g, unsigned i)
{
	size_t n, from, to;

	if (g->text == NULL) {
		mock_text_token(b, g->marker, g->seed, i);
		return;
	}
	n = strlen(g->text);
	from = piece_at(g, n, i);
	to = i + 1 >= g->tokens ? n : piece_at(g, n, i + 1);
	buf_add_json(b, str_make(g->text + from, to - from));
}

void
mock_openai_content(struct buf *b, const struct mock_gen *g)
{
	unsigned i;

	for (i = 0; i < g->tokens; i++)
		mock_openai_piece(b, g, i);
}

void
mock_openai_number(struct buf *b, const char *name, int64_t n,
    enum mock_usage how)
{
	buf_addc(b, '"');
	buf_adds(b, str_of(name));
	buf_adds(b, STR("\":"));
	switch (how) {
	case MOCK_USAGE_NEGATIVE:
		buf_printf(b, "%lld", (long long)-n - 1);
		break;
	case MOCK_USAGE_HUGE:
		buf_printf(b, "99999999999999999999%lld", (long long)n);
		break;
	case MOCK_USAGE_STRING:
		buf_printf(b, "\"%lld\"", (long long)n);
		break;
	default:
		mock_text_num(b, n);
		break;
	}
}

/* 1 when the last element of messages (or input) is a tool's result. */
static int
after_tool(struct str list)
{
	struct str key, value, last = STR_NULL;
	enum jscan_type type;
	size_t pos = 0;

	while (jscan_each(list, &pos, &key, &value, &type))
		last = value;
	return str_find(last, STR("\"tool_call_id\"")) >= 0 ||
	    str_find(last, STR("function_call_output")) >= 0;
}

static void
keep_text(struct mock_gen *g, struct buf *b)
{
	buf_addc(b, '\0');
	free(g->text);
	g->text = xstrdup(buf_ptr(b));
	g->tokens = (unsigned)((strlen(g->text) + PIECE - 1) / PIECE);
}

/* The function to call: the chosen one, else the first. */
static struct json_object *
pick_tool(struct json_object *tools, struct json_object *choice)
{
	struct json_object *f = json_get(choice, "function"), *o;
	struct str want = json_get_str(f != NULL ? f : choice, "name");
	size_t i, n = json_object_array_length(tools);

	for (i = 0; i < n; i++) {
		o = json_object_array_get_idx(tools, i);
		f = json_get(o, "function");
		if (f == NULL)
			f = o;		/* the flat form of /v1/responses */
		if (json_get_str(f, "name").p != NULL &&
		    (want.p == NULL || str_eq(want, json_get_str(f, "name"))))
			return f;
	}
	return NULL;
}

static void
plan_tool(struct mock_call *c)
{
	struct json_object *tools = NULL, *choice = NULL, *f, *schema;
	struct mock_gen *g = &c->a->gen;
	struct buf b;

	buf_init(&b, 1u << 20);
	if (json_parse(c->w[MOCK_W_TOOLS].raw, &tools) != 0)
		goto out;
	if (c->w[MOCK_W_TOOL_CHOICE].type == JSCAN_OBJECT)
		json_parse(c->w[MOCK_W_TOOL_CHOICE].raw, &choice);
	if ((f = pick_tool(tools, choice)) == NULL)
		goto out;
	str_copy(g->tool, sizeof(g->tool), json_get_str(f, "name"));
	g->calls = c->a->act.calls > 0 ? (unsigned)c->a->act.calls : 1;
	schema = json_get(f, "parameters");
	if (schema != NULL)
		mock_text_schema(&b, schema, g->marker[0] != '\0' ?
		    g->marker : "value");
	else
		buf_adds(&b, STR("{}"));
	keep_text(g, &b);
out:
	buf_free(&b);
	json_object_put(tools);
	json_object_put(choice);
}

static int
wants_tool(const struct mock_call *c, enum mock_want input)
{
	return c->w[MOCK_W_TOOLS].type == JSCAN_ARRAY &&
	    !c->a->act.no_tool &&
	    !str_eqc(c->w[MOCK_W_TOOL_CHOICE].raw, "\"none\"") &&
	    (c->w[input].type != JSCAN_ARRAY || !after_tool(c->w[input].raw));
}

/* json_object and json_schema: a text that parses, and fits the schema. */
static void
plan_json(struct mock_call *c)
{
	struct json_object *f = NULL, *s = NULL;
	struct mock_gen *g = &c->a->gen;
	char kind[32], kind2[32];
	struct buf b;

	mock_request_text(c, MOCK_W_FORMAT, kind, sizeof(kind));
	mock_request_text(c, MOCK_W_TEXT_FORMAT, kind2, sizeof(kind2));
	if (strncmp(kind, "json_", 5) != 0 && strncmp(kind2, "json_", 5) != 0)
		return;
	if (strcmp(kind, "json_schema") == 0 &&
	    json_parse(c->w[MOCK_W_RESPONSE_FORMAT].raw, &f) == 0)
		s = json_get(json_get(f, "json_schema"), "schema");
	buf_init(&b, 1u << 20);
	if (s != NULL)
		mock_text_schema(&b, s, g->marker[0] != '\0' ? g->marker :
		    "text");
	else
		buf_printf(&b, "{\"answer\":\"[[marker:%s]]\",\"number\":7}",
		    g->marker);
	keep_text(g, &b);
	buf_free(&b);
	json_object_put(f);
}

static int64_t
reasoning(const struct mock_call *c)
{
	static const struct { const char *name; int64_t tokens; } efforts[] = {
		{ "low", 64 }, { "medium", 128 }, { "high", 256 },
		{ "xhigh", 512 }, { "max", 1024 },
	};
	char effort[16];
	size_t i;

	if (c->a->act.reasoning >= 0)
		return c->a->act.reasoning;
	mock_request_text(c, MOCK_W_EFFORT, effort, sizeof(effort));
	for (i = 0; i < sizeof(efforts) / sizeof(efforts[0]); i++)
		if (strcmp(effort, efforts[i].name) == 0)
			return efforts[i].tokens;
	return 0;
}

static void
count_tokens(struct mock_call *c, enum mock_want input)
{
	struct mock_tokens *t = &c->a->tokens;
	const struct mock_gen *g = &c->a->gen;

	t->input = mock_text_count(c->w[input].raw.n);
	t->reasoning = reasoning(c);
	t->output = (int64_t)g->tokens * g->choices *
	    (g->calls > 0 ? g->calls : 1) + t->reasoning;
	if (c->a->act.cached >= 0)
		t->cached = c->a->act.cached;
	else if (c->w[MOCK_W_CACHE_KEY].type == JSCAN_STRING &&
	    t->input >= 1024)
		t->cached = t->input / 2 / 128 * 128;
	if (t->cached > t->input)
		t->cached = t->input;
}

void
mock_openai_plan(struct mock_call *c, enum mock_want input,
    enum mock_want limit)
{
	const struct mock_act *act = &c->a->act;
	struct mock_gen *g = &c->a->gen;
	int64_t most;

	str_copy(g->model, sizeof(g->model), str_of(c->model));
	str_copy(g->marker, sizeof(g->marker), c->marker);
	g->seed = mock_text_mix(c->m->seed + c->seq);
	g->created = mock_openai_created(c);
	g->choices = (unsigned)mock_request_int(c, MOCK_W_N, 1);
	if (g->choices < 1 || g->choices > 128)
		g->choices = 1;
	g->tokens = act->tokens >= 0 ? (unsigned)act->tokens : TOKENS;
	g->finish = "stop";
	g->usage = mock_request_true(c, MOCK_W_USAGE);
	if (wants_tool(c, input))
		plan_tool(c);
	if (g->calls == 0)
		plan_json(c);
	most = mock_request_int(c, limit, 0);
	if (most == 0 && limit == MOCK_W_MAX_COMPLETION)
		most = mock_request_int(c, MOCK_W_MAX_TOKENS, 0);
	if (g->calls > 0)
		g->finish = "tool_calls";
	else if (most > 0 && g->tokens > most) {
		g->tokens = (unsigned)most;
		g->finish = "length";
		if (g->text != NULL)
			g->text[piece_at(g, strlen(g->text), g->tokens)] =
			    '\0';
	}
	count_tokens(c, input);
}
