/*
 * mock_openai_gen.c - what an OpenAI answer will say, decided beforehand.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Members are read by the fast scanner, not from a tree: the benchmarks of the
 * gateway use this answer.
 */
#include "mock/mock_gen.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

void
mock_openai_headers(struct mock_answer *a)
{
	buf_adds(&a->extra, STR("openai-version: 2020-10-01\r\n"
	    "openai-processing-ms: 12\r\n"
	    "x-ratelimit-limit-requests: 10000\r\n"
	    "x-ratelimit-remaining-requests: 9999\r\n"
	    "x-ratelimit-reset-requests: 6ms\r\n"));
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

struct json_object *
mock_openai_tool(struct json_object *tools, struct json_object *choice)
{
	struct json_object *f = json_get(choice, "function"), *o;
	struct str want = json_get_str(f != NULL ? f : choice, "name");
	size_t i, n = json_object_is_type(tools, json_type_array) ?
	    json_object_array_length(tools) : 0;

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
	struct json_object *tools = NULL, *choice = NULL, *f;

	if (json_parse(c->w[MOCK_W_TOOLS].raw, &tools) != 0)
		return;
	if (c->w[MOCK_W_TOOL_CHOICE].type == JSCAN_OBJECT)
		json_parse(c->w[MOCK_W_TOOL_CHOICE].raw, &choice);
	if ((f = mock_openai_tool(tools, choice)) != NULL)
		mock_gen_tool(c, json_get_str(f, "name"),
		    json_get(f, "parameters"));
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
	char kind[32], kind2[32];

	mock_request_text(c, MOCK_W_FORMAT, kind, sizeof(kind));
	mock_request_text(c, MOCK_W_TEXT_FORMAT, kind2, sizeof(kind2));
	if (strncmp(kind, "json_", 5) != 0 && strncmp(kind2, "json_", 5) != 0)
		return;
	if (strcmp(kind, "json_schema") == 0 &&
	    json_parse(c->w[MOCK_W_RESPONSE_FORMAT].raw, &f) == 0)
		s = json_get(json_get(f, "json_schema"), "schema");
	else if (strcmp(kind2, "json_schema") == 0 &&
	    json_parse(c->w[MOCK_W_TEXT].raw, &f) == 0)
		s = json_get(json_get(f, "format"), "schema");
	mock_gen_json(c, s);
	json_object_put(f);
}

int64_t
mock_openai_effort(const char *effort)
{
	static const struct { const char *name; int64_t tokens; } efforts[] = {
		{ "default", 64 }, { "minimal", 32 }, { "low", 64 },
		{ "medium", 128 }, { "high", 256 }, { "xhigh", 512 },
		{ "max", 1024 },
	};
	size_t i;

	for (i = 0; i < sizeof(efforts) / sizeof(efforts[0]); i++)
		if (strcmp(effort, efforts[i].name) == 0)
			return efforts[i].tokens;
	return 0;
}

static int64_t
reasoning(const struct mock_call *c)
{
	char effort[16];

	if (c->a->act.reasoning >= 0)
		return c->a->act.reasoning;
	mock_request_text(c, MOCK_W_EFFORT, effort, sizeof(effort));
	if (effort[0] == '\0')
		mock_request_text(c, MOCK_W_REASONING, effort,
		    sizeof(effort));
	return mock_openai_effort(effort);
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
	struct mock_gen *g = &c->a->gen;
	int64_t most;

	mock_gen_init(c);
	g->choices = (unsigned)mock_request_int(c, MOCK_W_N, 1);
	if (g->choices < 1 || g->choices > 128)
		g->choices = 1;
	g->usage = mock_request_true(c, MOCK_W_USAGE);
	g->logprobs = mock_request_true(c, MOCK_W_LOGPROBS) ||
	    str_find(c->w[MOCK_W_INCLUDE].raw,
	    STR("message.output_text.logprobs")) >= 0;
	if (wants_tool(c, input))
		plan_tool(c);
	if (g->calls == 0)
		plan_json(c);
	most = mock_request_int(c, limit, 0);
	if (most == 0 && limit == MOCK_W_MAX_COMPLETION)
		most = mock_request_int(c, MOCK_W_MAX_TOKENS, 0);
	if (g->calls > 0)
		g->finish = "tool_calls";
	else
		mock_gen_cut(g, most);
	count_tokens(c, input);
}
