/*
 * mock_ollama.c - Ollama's chat: lines of JSON, calls with objects.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * A request streams unless it says otherwise; a bound is in the options.
 */
#include <stdio.h>
#include <time.h>

#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_like.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

static void
error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	(void)code;
	mock_answer_set(a, status, "application/json; charset=utf-8");
	buf_reset(&a->body);
	buf_adds(&a->body, STR("{\"error\":\""));
	buf_add_json(&a->body, str_of(message != NULL ? message :
	    status == 404 ? "model not found, try pulling it first" :
	    status == 503 ? "server busy, please try again." : "error"));
	buf_adds(&a->body, STR("\"}"));
}

static void
error_event(struct mock_answer *a, struct buf *b)
{
	(void)a;
	buf_adds(b, STR("{\"error\":\"an error was encountered while running "
	    "the model\"}\n"));
}

static void
put_head(struct buf *b, const struct mock_gen *g)
{
	time_t t = (time_t)g->created;
	char when[40];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S.123456Z", &tm);
	buf_adds(b, STR("{\"model\":\""));
	buf_add_json(b, str_of(g->model));
	buf_printf(b, "\",\"created_at\":\"%s\",\"message\":"
	    "{\"role\":\"assistant\",\"content\":\"", when);
}

static void
put_call(struct buf *b, const struct mock_gen *g, unsigned i)
{
	buf_adds(b, STR("{\"id\":\""));
	mock_gen_call_id(b, g, "call_", 8, i);
	buf_printf(b, "\",\"function\":{\"index\":%u,\"name\":\"%s\","
	    "\"arguments\":", i, g->tool);
	mock_gen_arguments(b, g);
	buf_adds(b, STR("}}"));
}

static void
put_done(struct buf *b, struct mock_answer *a)
{
	struct mock_tokens *t = &a->tokens;
	const char *f = strcmp(a->gen.finish, "length") == 0 ? "length" :
	    "stop";

	buf_printf(b, ",\"done_reason\":\"%s\",\"done\":true,"
	    "\"total_duration\":4935886791,\"load_duration\":534986708,"
	    "\"prompt_eval_duration\":107345000,"
	    "\"eval_duration\":4289432000", a->act.finish[0] != '\0' ?
	    a->act.finish : f);
	if (a->act.usage != MOCK_USAGE_MISSING &&
	    a->act.usage != MOCK_USAGE_NULL) {
		t->reported = a->act.usage == MOCK_USAGE_TRUE;
		buf_addc(b, ',');
		mock_gen_number(b, "prompt_eval_count", t->input,
		    a->act.usage);
		buf_addc(b, ',');
		mock_gen_number(b, "eval_count", t->output, a->act.usage);
	}
	buf_addc(b, '}');
}

static void
whole(struct mock_answer *a)
{
	const struct mock_gen *g = &a->gen;
	struct buf *b = &a->body;
	unsigned i;

	put_head(b, g);
	if (g->calls == 0)
		mock_gen_content(b, g);
	buf_addc(b, '"');
	if (g->think > 0) {
		buf_adds(b, STR(",\"thinking\":\""));
		mock_gen_thoughts(b, g);
		buf_addc(b, '"');
	}
	for (i = 0; i < g->calls; i++) {
		buf_adds(b, i == 0 ? STR(",\"tool_calls\":[") : STR(","));
		put_call(b, g, i);
	}
	buf_adds(b, g->calls > 0 ? STR("]}") : STR("}"));
	put_done(b, a);
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	const struct mock_gen *g = &a->gen;
	int call = part == MOCK_START && g->kind == MOCK_CALL;

	if (part == MOCK_FINISH && !a->act.no_done) {
		put_head(b, g);
		buf_adds(b, STR("\"}"));
		put_done(b, a);
		buf_addc(b, '\n');
	}
	if (!call && (part != MOCK_PIECE || g->kind == MOCK_CALL))
		return;
	put_head(b, g);
	if (call) {
		buf_adds(b, STR("\",\"tool_calls\":["));
		put_call(b, g, g->call);
		buf_addc(b, ']');
	} else {
		if (g->kind == MOCK_THINK)
			buf_adds(b, STR("\",\"thinking\":\""));
		mock_gen_now(b, g);
		buf_addc(b, '"');
	}
	buf_adds(b, STR("},\"done\":false}\n"));
}

static void
plan(struct mock_call *c, struct json_object *root)
{
	struct json_object *format = json_get(root, "format");
	struct json_object *think = json_get(root, "think");
	struct mock_ask ask = { 0 };

	mock_like_ask(c, root, &ask);
	ask.json = json_object_is_type(format, json_type_object) ||
	    str_eqc(json_get_str(root, "format"), "json");
	ask.schema = json_object_is_type(format, json_type_object) ? format :
	    NULL;
	ask.most = json_get_int(json_get(root, "options"), "num_predict", 0);
	if (ask.most < 0)
		ask.most = 0;
	if (json_object_get_boolean(think))	/* true, or a level */
		ask.thinking = 128;
	ask.shown = 1;
	mock_gen_plan(c, &ask);
	c->a->tokens.cached = c->a->tokens.written = 0;
}

static void
chat(struct mock_call *c)
{
	struct json_object *root = NULL;

	if (json_parse(c->body, &root) != 0 ||
	    c->w[MOCK_W_MESSAGES].type != JSCAN_ARRAY)
		mock_request_error(c, 400, NULL, "invalid request");
	else {
		plan(c, root);
		if (c->w[MOCK_W_STREAM].type == JSCAN_FALSE) {
			c->a->ctype = "application/json; charset=utf-8";
			whole(c->a);
		} else
			mock_gen_walk(c->a, "application/x-ndjson", put);
	}
	json_object_put(root);
}

static const char *const usual_models[] = {
	"llama3.2:latest", "qwen3:8b", "gpt-oss:20b", NULL
};

static void
tags(struct mock_call *c)
{
	const char *const *l = mock_gen_models(c, usual_models);
	struct buf *b = &c->a->body;
	size_t i;

	buf_adds(b, STR("{\"models\":["));
	for (i = 0; l[i] != NULL; i++)
		buf_printf(b, "%s{\"name\":\"%s\",\"model\":\"%s\","
		    "\"modified_at\":\"2026-01-01T00:00:00Z\","
		    "\"size\":2019393189,\"digest\":\"%064zx\",\"details\":"
		    "{\"format\":\"gguf\",\"family\":\"llama\","
		    "\"parameter_size\":\"3.2B\","
		    "\"quantization_level\":\"Q4_K_M\"}}",
		    i == 0 ? "" : ",", l[i], l[i], i);
	buf_adds(b, STR("]}"));
}

static void
version(struct mock_call *c)
{
	buf_adds(&c->a->body, STR("{\"version\":\"0.12.6\"}"));
}

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/api/chat", "ollama chat", MOCK_JSON | MOCK_MODEL, chat },
	{ "POST", "*/api/embed", "embed", MOCK_JSON | MOCK_MODEL,
	    mock_ollama_embed },
	{ "POST", "*/api/embeddings", "embeddings", MOCK_JSON | MOCK_MODEL,
	    mock_ollama_embed_old },
	{ "GET", "*/api/tags", "tags", 0, tags },
	{ "GET", "*/api/version", "version", 0, version },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_ollama = {
	"ollama", endpoints, error, error_event
};
