/*
 * mock_mistral.c - Mistral's chat: thinking in chunks, short ids of calls.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * A stream tells calls whole, together with the finish reason and the usage.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_like.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define ID_LEN 9

static void
error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	struct buf *b = &a->body;

	mock_answer_set(a, status, "application/json");
	buf_reset(b);
	if (message == NULL)
		message = status == 429 ? "Rate limit exceeded" :
		    status >= 500 ? "Service unavailable." : "Bad request";
	if (status == 401)
		buf_adds(b, STR("{\"detail\":\"Invalid API Key\"}"));
	else if (status == 422) {
		buf_adds(b, STR("{\"detail\":[{\"loc\":[\"body\"],\"msg\":\""));
		buf_add_json(b, str_of(message));
		buf_adds(b, STR("\",\"type\":\"value_error\"}]}"));
	} else {
		buf_adds(b, STR("{\"object\":\"error\",\"message\":\""));
		buf_add_json(b, str_of(message));
		buf_printf(b, "\",\"type\":\"%s\",\"param\":null,"
		    "\"code\":\"%s\"}", status == 429 ? "rate_limited" :
		    status == 404 ? "invalid_model" : status >= 500 ?
		    "service_unavailable" : "invalid_request_error",
		    code != NULL ? code : "3000");
	}
}

static void
error_event(struct mock_answer *a, struct buf *b)
{
	(void)a;
	buf_adds(b, STR("data: {\"object\":\"error\",\"message\":"
	    "\"Service unavailable.\",\"type\":\"service_unavailable\","
	    "\"param\":null,\"code\":\"3000\"}\n\n"));
}

static void
put_head(struct buf *b, const struct mock_gen *g, const char *object)
{
	buf_printf(b, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,"
	    "\"model\":\"", g->id, object, (long long)g->created);
	buf_add_json(b, str_of(g->model));
	buf_adds(b, STR("\",\"choices\":["));
}

static void
put_usage(struct buf *b, struct mock_answer *a)
{
	if (a->act.usage == MOCK_USAGE_MISSING)
		return;
	if (a->act.usage == MOCK_USAGE_NULL) {
		buf_adds(b, STR(",\"usage\":null"));
		return;
	}
	buf_adds(b, STR(",\"usage\":{"));
	mock_like_tokens(b, a);
	buf_printf(b, ",\"prompt_tokens_details\":{\"cached_tokens\":%lld}",
	    (long long)a->tokens.cached);
	if (a->tokens.reasoning > 0)
		buf_printf(b, ",\"completion_tokens_details\":"
		    "{\"reasoning_tokens\":%lld}",
		    (long long)a->tokens.reasoning);
	buf_adds(b, STR(",\"service_tier\":\"standard\"}"));
}

static void
put_calls(struct buf *b, const struct mock_gen *g)
{
	unsigned i;

	buf_adds(b, STR("\"tool_calls\":["));
	for (i = 0; i < g->calls; i++) {
		buf_adds(b, i == 0 ? STR("{\"id\":\"") : STR(",{\"id\":\""));
		mock_gen_call_id(b, g, "", ID_LEN, i);
		buf_adds(b, STR("\",\"type\":\"function\",\"function\":"));
		mock_like_function(b, g);
		buf_printf(b, ",\"index\":%u}", i);
	}
	buf_addc(b, ']');
}

static void
open_think(struct buf *b)
{
	buf_adds(b, STR("{\"type\":\"thinking\",\"thinking\":"
	    "[{\"type\":\"text\",\"text\":\""));
}

static void
put_choice(struct buf *b, const struct mock_answer *a, unsigned i)
{
	const struct mock_gen *g = &a->gen;

	buf_printf(b, "%s{\"index\":%u,\"finish_reason\":\"%s\","
	    "\"message\":{\"role\":\"assistant\",", i > 0 ? "," : "", i,
	    mock_like_finish(a));
	if (g->calls > 0)
		put_calls(b, g);
	else
		buf_adds(b, STR("\"tool_calls\":null"));
	buf_adds(b, STR(",\"content\":"));
	if (g->think > 0) {
		buf_addc(b, '[');
		open_think(b);
		mock_gen_thoughts(b, g);
		buf_adds(b, STR("\"}],\"closed\":true}"));
		if (g->calls == 0)
			buf_adds(b, STR(",{\"type\":\"text\",\"text\":"));
	}
	if (g->calls == 0 || g->think == 0) {
		buf_addc(b, '"');
		if (g->calls == 0)
			mock_gen_content(b, g);
		buf_addc(b, '"');
	}
	if (g->think > 0)
		buf_adds(b, g->calls == 0 ? STR("}]") : STR("]"));
	buf_adds(b, STR("}}"));
}

static void
whole(struct mock_answer *a)
{
	struct buf *b = &a->body;
	unsigned i;

	put_head(b, &a->gen, "chat.completion");
	for (i = 0; i < a->gen.choices; i++)
		put_choice(b, a, i);
	buf_addc(b, ']');
	put_usage(b, a);
	buf_addc(b, '}');
}

static void
put_delta(struct buf *b, const struct mock_gen *g, enum mock_part part)
{
	if (part == MOCK_BEGIN)
		buf_adds(b, STR("\"role\":\"assistant\",\"content\":\"\""));
	else if (part == MOCK_FINISH && g->calls > 0)
		put_calls(b, g);
	else if (part == MOCK_FINISH)
		buf_adds(b, STR("\"content\":\"\""));
	else if (g->kind == MOCK_THINK) {
		buf_adds(b, STR("\"content\":["));
		open_think(b);
		mock_gen_now(b, g);
		buf_adds(b, STR("\"}]}]"));
	} else {
		buf_adds(b, STR("\"content\":\""));
		mock_gen_now(b, g);
		buf_addc(b, '"');
	}
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	const struct mock_gen *g = &a->gen;
	unsigned i;

	if (part == MOCK_START || part == MOCK_CLOSE ||
	    (part == MOCK_PIECE && g->kind == MOCK_CALL))
		return;
	if (part == MOCK_LAST) {
		if (!a->act.no_done)
			buf_adds(b, STR("data: [DONE]\n\n"));
		return;
	}
	buf_adds(b, STR("data: "));
	put_head(b, g, "chat.completion.chunk");
	for (i = 0; i < g->choices; i++) {
		buf_printf(b, "%s{\"index\":%u,\"delta\":{",
		    i > 0 ? "," : "", i);
		put_delta(b, g, part);
		buf_adds(b, STR("},\"finish_reason\":"));
		if (part == MOCK_FINISH)
			buf_printf(b, "\"%s\"}", mock_like_finish(a));
		else
			buf_adds(b, STR("null}"));
	}
	buf_addc(b, ']');
	if (part == MOCK_FINISH)
		put_usage(b, a);
	buf_adds(b, STR(",\"p\":\"abcdefghi\"}\n\n"));
}

static void
plan(struct mock_call *c, struct json_object *root)
{
	struct mock_ask ask = { 0 };
	struct str effort = json_get_str(root, "reasoning_effort");

	mock_like_ask(c, root, &ask);
	if (str_eqc(json_get_str(root, "tool_choice"), "none"))
		ask.tool = STR_NULL;
	if ((effort.p != NULL && !str_eqc(effort, "none")) ||
	    str_eqc(json_get_str(root, "prompt_mode"), "reasoning"))
		ask.thinking = 128;
	ask.shown = 1;
	ask.choices = (unsigned)json_get_int(root, "n", 1);
	mock_gen_plan(c, &ask);
	c->a->tokens.written = 0;
}

/* The last message: a user's, a tool's, or the beginning of the answer. */
static const char *
check(struct json_object *root)
{
	struct json_object *l = json_get(root, "messages"), *m;
	const char *bad = mock_like_check(root, ID_LEN);
	struct str role;

	if (bad != NULL)
		return bad;
	m = json_object_array_get_idx(l, json_object_array_length(l) - 1);
	role = json_get_str(m, "role");
	if (str_eqc(role, "user") || str_eqc(role, "tool") ||
	    (str_eqc(role, "assistant") &&
	    json_object_get_boolean(json_get(m, "prefix"))))
		return NULL;
	return "Expected last role User or Tool (or Assistant with prefix "
	    "True) for serving";
}

static void
chat(struct mock_call *c)
{
	struct json_object *root = NULL;
	struct mock_answer *a = c->a;
	const char *bad = "Invalid JSON";

	if (json_parse(c->body, &root) != 0 || (bad = check(root)) != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		plan(c, root);
		mock_text_id(a->gen.id, sizeof(a->gen.id), "", 32,
		    a->gen.seed);
		buf_printf(&a->extra, "mistral-correlation-id: %s\r\n",
		    a->id);
		if (mock_request_true(c, MOCK_W_STREAM))
			mock_gen_walk(a, "text/event-stream; charset=utf-8",
			    put);
		else
			whole(a);
	}
	json_object_put(root);
}

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/mistral/*chat/completions", "chat",
	    MOCK_JSON | MOCK_MODEL, chat },
	{ "POST", "*/mistral/*embeddings", "embeddings",
	    MOCK_JSON | MOCK_MODEL, mock_mistral_embed },
	{ "GET", "*/mistral/*models", "models", 0, mock_openai_models },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_mistral = {
	"mistral", endpoints, error, error_event
};
