/*
 * mock_anthropic.c - Anthropic Messages: whole and as a stream.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * The blocks of mock_gen.h are the format's own; a tool's arguments begin with
 * an empty piece, and a ping follows the first block's start, as recorded.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_gen.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

static void
headers(struct mock_answer *a)
{
	buf_printf(&a->extra, "request-id: %s\r\n"
	    "anthropic-ratelimit-requests-limit: 4000\r\n"
	    "anthropic-ratelimit-requests-remaining: 3999\r\n"
	    "anthropic-ratelimit-requests-reset: 2026-11-21T00:00:00Z\r\n",
	    a->id);
}

static const struct {
	int status;
	const char *type, *message;
} errors[] = {
	{ 400, "invalid_request_error", "Invalid request." },
	{ 401, "authentication_error", "invalid x-api-key" },
	{ 402, "billing_error", "Your credit balance is too low." },
	{ 403, "permission_error", "Your key has no access to this." },
	{ 404, "not_found_error", "Not found" },
	{ 408, "timeout_error", "Request timed out." },
	{ 409, "conflict_error", "Conflict." },
	{ 413, "request_too_large", "Request exceeds the maximum size" },
	{ 429, "rate_limit_error", "This request would exceed your "
	    "organization's rate limit." },
	{ 500, "api_error", "Internal server error" },
	{ 503, "overloaded_error", "Overloaded" },
	{ 504, "timeout_error", "Request timed out." },
	{ 529, "overloaded_error", "Overloaded" },
};

static void
put_error(struct buf *b, const char *type, const char *message,
    const char *id)
{
	buf_printf(b, "{\"type\":\"error\",\"error\":{\"type\":\"%s\","
	    "\"message\":\"", type);
	buf_add_json(b, str_of(message));
	buf_printf(b, "\"},\"request_id\":\"%s\"}", id);
}

static void
error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	const char *type = status >= 500 ? "api_error" :
	    "invalid_request_error", *text = "Error.";
	size_t i;

	(void)code;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == status) {
			type = errors[i].type;
			text = errors[i].message;
		}
	mock_answer_set(a, status, "application/json");
	headers(a);
	buf_printf(&a->extra, "x-should-retry: %s\r\n", status == 429 ||
	    status >= 500 ? "true" : "false");
	buf_reset(&a->body);
	put_error(&a->body, type, message != NULL ? message : text, a->id);
}

static void
error_event(struct mock_answer *a, struct buf *b)
{
	buf_adds(b, STR("event: error\ndata: "));
	put_error(b, "overloaded_error", "Overloaded", a->id);
	buf_adds(b, STR("\n\n"));
}

/* Input is told without what a cache had or took. */
static void
put_usage(struct buf *b, struct mock_answer *a, int64_t output, int full)
{
	enum mock_usage how = a->act.usage;
	struct mock_tokens *t = &a->tokens;

	if (how == MOCK_USAGE_NULL)
		buf_adds(b, STR(",\"usage\":null"));
	if (how == MOCK_USAGE_NULL || how == MOCK_USAGE_MISSING)
		return;
	t->reported = how == MOCK_USAGE_TRUE;
	buf_adds(b, STR(",\"usage\":{"));
	mock_gen_number(b, "input_tokens", t->input - t->cached - t->written,
	    how);
	buf_addc(b, ',');
	mock_gen_number(b, "cache_creation_input_tokens", t->written, how);
	buf_addc(b, ',');
	mock_gen_number(b, "cache_read_input_tokens", t->cached, how);
	if (full)
		buf_printf(b, ",\"cache_creation\":{"
		    "\"ephemeral_5m_input_tokens\":%lld,"
		    "\"ephemeral_1h_input_tokens\":0},"
		    "\"service_tier\":\"standard\","
		    "\"inference_geo\":\"not_available\"",
		    (long long)t->written);
	buf_addc(b, ',');
	mock_gen_number(b, "output_tokens", output, how);
	if (t->reasoning > 0)
		buf_printf(b, ",\"output_tokens_details\":"
		    "{\"thinking_tokens\":%lld}", (long long)t->reasoning);
	buf_addc(b, '}');
}

static void
put_signature(struct buf *b, const struct mock_gen *g)
{
	struct buf text;

	buf_init(&text, 65536);
	mock_gen_thoughts(&text, g);
	mock_gen_sign(b, "anthropic", buf_str(&text));
	buf_free(&text);
}

#define SOURCE "{\"type\":\"web_search_result_location\",\"url\":\""	\
	MOCK_SOURCE "\",\"title\":\"" MOCK_TITLE "\",\"encrypted_index\":"	\
	"\"QQ==\",\"cited_text\":\"The\"}"

static void
put_block(struct buf *b, const struct mock_gen *g, int full, int cite)
{
	switch (g->kind) {
	case MOCK_THINK:
		buf_adds(b, STR("{\"type\":\"thinking\",\"thinking\":\""));
		if (full)
			mock_gen_thoughts(b, g);
		buf_adds(b, STR("\",\"signature\":\""));
		if (full)
			put_signature(b, g);
		buf_adds(b, STR("\"}"));
		return;
	case MOCK_CALL:
		buf_adds(b, STR("{\"type\":\"tool_use\",\"id\":\""));
		mock_gen_call_id(b, g, "toolu_", 24, g->call);
		buf_printf(b, "\",\"name\":\"%s\",\"input\":", g->tool);
		if (full)
			mock_gen_arguments(b, g);
		else
			buf_adds(b, STR("{}"));
		buf_adds(b, STR(",\"caller\":{\"type\":\"direct\"}}"));
		return;
	default:
		buf_adds(b, STR("{\"type\":\"text\",\"text\":\""));
		if (full)
			mock_gen_content(b, g);
		buf_addc(b, '"');
		if (full && cite)
			buf_adds(b, STR(",\"citations\":[" SOURCE "]"));
		buf_addc(b, '}');
		return;
	}
}

static const char *
stop_reason(const struct mock_answer *a)
{
	const char *f = a->gen.finish;

	if (a->act.finish[0] != '\0')
		return a->act.finish;
	if (a->act.refusal)
		return "refusal";
	return strcmp(f, "length") == 0 ? "max_tokens" :
	    strcmp(f, "tool_calls") == 0 ? "tool_use" : "end_turn";
}

/* The message up to its content. */
static void
put_head(struct buf *b, const struct mock_gen *g)
{
	buf_adds(b, STR("{\"model\":\""));
	buf_add_json(b, str_of(g->model));
	buf_printf(b, "\",\"id\":\"%s\",\"type\":\"message\","
	    "\"role\":\"assistant\",\"content\":[", g->id);
}

static void
whole(struct mock_answer *a)
{
	struct mock_gen *g = &a->gen;
	struct buf *b = &a->body;

	put_head(b, g);
	for (mock_gen_first(g); g->kind != MOCK_NONE; mock_gen_follow(g)) {
		if (g->block > 0)
			buf_addc(b, ',');
		put_block(b, g, 1, a->act.cite);
	}
	buf_printf(b, "],\"stop_reason\":\"%s\",\"stop_sequence\":null,"
	    "\"stop_details\":null", stop_reason(a));
	put_usage(b, a, a->tokens.output, 1);
	buf_addc(b, '}');
}

static void
open_event(struct buf *b, const char *type)
{
	buf_printf(b, "event: %s\ndata: {\"type\":\"%s\"", type, type);
}

static void
put_delta(struct buf *b, const struct mock_gen *g, const char *type,
    const char *member)
{
	open_event(b, "content_block_delta");
	buf_printf(b, ",\"index\":%u,\"delta\":{\"type\":\"%s\",\"%s\":\"",
	    g->block, type, member);
}

static void
put_open(struct buf *b, const struct mock_gen *g)
{
	open_event(b, "content_block_start");
	buf_printf(b, ",\"index\":%u,\"content_block\":", g->block);
	put_block(b, g, 0, 0);
	buf_adds(b, STR("  }\n\n"));
	if (g->block == 0)
		buf_adds(b, STR("event: ping\ndata: {\"type\": \"ping\"}"
		    "\n\n"));
	if (g->kind == MOCK_CALL) {
		put_delta(b, g, "input_json_delta", "partial_json");
		buf_adds(b, STR("\"} }\n\n"));
	}
}

static void
put_close(struct buf *b, const struct mock_gen *g, int cite)
{
	if (g->kind == MOCK_TEXT && cite) {
		open_event(b, "content_block_delta");
		buf_printf(b, ",\"index\":%u,\"delta\":{\"type\":"
		    "\"citations_delta\",\"citation\":" SOURCE "} }\n\n",
		    g->block);
	}
	if (g->kind == MOCK_THINK) {
		put_delta(b, g, "signature_delta", "signature");
		put_signature(b, g);
		buf_adds(b, STR("\"} }\n\n"));
	}
	open_event(b, "content_block_stop");
	buf_printf(b, ",\"index\":%u }\n\n", g->block);
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	struct mock_gen *g = &a->gen;

	switch (part) {
	case MOCK_BEGIN:
		open_event(b, "message_start");
		buf_adds(b, STR(",\"message\":"));
		put_head(b, g);
		buf_adds(b, STR("],\"stop_reason\":null,"
		    "\"stop_sequence\":null,\"stop_details\":null"));
		put_usage(b, a, 3, 1);
		buf_adds(b, STR("}}\n\n"));
		return;
	case MOCK_START:
		put_open(b, g);
		return;
	case MOCK_PIECE:
		put_delta(b, g, g->kind == MOCK_THINK ? "thinking_delta" :
		    g->kind == MOCK_CALL ? "input_json_delta" : "text_delta",
		    g->kind == MOCK_THINK ? "thinking" :
		    g->kind == MOCK_CALL ? "partial_json" : "text");
		mock_gen_now(b, g);
		buf_adds(b, STR("\"}   }\n\n"));
		return;
	case MOCK_CLOSE:
		put_close(b, g, a->act.cite);
		return;
	case MOCK_FINISH:
		open_event(b, "message_delta");
		buf_printf(b, ",\"delta\":{\"stop_reason\":\"%s\","
		    "\"stop_sequence\":null,\"stop_details\":null}",
		    stop_reason(a));
		put_usage(b, a, a->tokens.output, 0);
		buf_adds(b, STR(" }\n\n"));
		return;
	case MOCK_LAST:
		if (a->act.no_done)
			return;
		open_event(b, "message_stop");
		buf_adds(b, STR(" }\n\n"));
		return;
	}
}

/* The tool to call: the named one, else the first with a schema. */
static struct json_object *
pick_tool(struct json_object *root)
{
	struct json_object *l = json_get(root, "tools"), *t;
	struct json_object *choice = json_get(root, "tool_choice");
	struct str want = json_get_str(choice, "name"), name;
	size_t i;

	if (!json_object_is_type(l, json_type_array) ||
	    str_eqc(json_get_str(choice, "type"), "none"))
		return NULL;
	for (i = 0; i < json_object_array_length(l); i++) {
		t = json_object_array_get_idx(l, i);
		name = json_get_str(t, "name");
		if (name.p != NULL && json_get(t, "input_schema") != NULL &&
		    (want.p == NULL || str_eq(want, name)))
			return t;
	}
	return NULL;
}

/* 1 when the last message holds a tool's result. */
static int
after_tool(struct json_object *root)
{
	struct json_object *l = json_get(root, "messages"), *m;
	size_t i, n;

	n = json_object_array_length(l);
	m = json_get(json_object_array_get_idx(l, n - 1), "content");
	if (!json_object_is_type(m, json_type_array))
		return 0;
	for (i = 0; i < json_object_array_length(m); i++)
		if (str_eqc(json_get_str(json_object_array_get_idx(m, i),
		    "type"), "tool_result"))
			return 1;
	return 0;
}

static int64_t
thinking(struct json_object *root)
{
	struct json_object *t = json_get(root, "thinking");
	struct str type = json_get_str(t, "type");

	if (str_eqc(type, "enabled"))
		return json_get_int(t, "budget_tokens", 1024) / 8;
	return str_eqc(type, "adaptive") ? 128 : 0;
}

static void
plan(struct mock_call *c, struct json_object *root)
{
	struct json_object *t = pick_tool(root), *f;
	struct mock_ask ask = { 0 };

	if (t != NULL && !after_tool(root)) {
		ask.tool = json_get_str(t, "name");
		ask.arguments = json_get(t, "input_schema");
	}
	f = json_get(json_get(root, "output_config"), "format");
	ask.json = f != NULL;
	ask.schema = json_get(f, "schema");
	ask.thinking = thinking(root);
	ask.shown = !str_eqc(json_get_str(json_get(root, "thinking"),
	    "display"), "omitted");
	ask.most = json_get_int(root, "max_tokens", 0);
	ask.input = mock_text_count(c->w[MOCK_W_MESSAGES].raw.n);
	ask.caches = str_find(c->body, STR("\"cache_control\"")) >= 0;
	mock_gen_plan(c, &ask);
}

/* NULL, or what a server says of the request. */
static const char *
check(struct mock_call *c, struct json_object *root)
{
	if (hdr_find_name(c->head->h, c->head->n,
	    STR("anthropic-version")) == NULL)
		return "anthropic-version: header is required";
	if (c->w[MOCK_W_MESSAGES].type != JSCAN_ARRAY)
		return "messages: Field required";
	return mock_anthropic_check(root);
}

static void
messages(struct mock_call *c)
{
	struct json_object *root = NULL;
	struct mock_answer *a = c->a;
	const char *bad;

	if (json_parse(c->body, &root) != 0)
		bad = "The request body is not valid JSON";
	else if ((bad = check(c, root)) == NULL &&
	    c->w[MOCK_W_MAX_TOKENS].type != JSCAN_NUMBER)
		bad = "max_tokens: Field required";
	if (bad != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		plan(c, root);
		mock_text_id(a->gen.id, sizeof(a->gen.id), "msg_", 24,
		    a->gen.seed);
		headers(a);
		if (mock_request_true(c, MOCK_W_STREAM))
			mock_gen_walk(a, "text/event-stream; charset=utf-8",
			    put);
		else
			whole(a);
	}
	json_object_put(root);
}

static void
count(struct mock_call *c)
{
	static const char *const known[] = { "model", "messages", "system",
	    "tools", "tool_choice", "thinking", "output_config",
	    "cache_control", "context_management", "mcp_servers",
	    "output_format", "speed", NULL };
	struct json_object *root = NULL;
	const char *bad = "The request body is not valid JSON", *extra = NULL;
	char text[128];

	if (json_parse(c->body, &root) == 0 &&
	    (bad = check(c, root)) == NULL &&
	    (extra = mock_request_extra(root, known)) != NULL) {
		snprintf(text, sizeof(text), "%.64s: Extra inputs are not "
		    "permitted", extra);
		bad = text;
	}
	if (bad != NULL)
		mock_request_error(c, 400, NULL, bad);
	else {
		headers(c->a);
		buf_printf(&c->a->body, "{\"input_tokens\":%lld}", (long long)
		    mock_text_count(c->w[MOCK_W_MESSAGES].raw.n));
	}
	json_object_put(root);
}

static const char *const usual_models[] = {
	"claude-opus-5", "claude-sonnet-5", "claude-sonnet-4-5",
	"claude-haiku-4-5", NULL
};

static void
models(struct mock_call *c)
{
	const char *const *l = mock_gen_models(c, usual_models);
	struct buf *b = &c->a->body;
	size_t i;

	headers(c->a);
	buf_adds(b, STR("{\"data\":["));
	for (i = 0; l[i] != NULL; i++) {
		buf_adds(b, i == 0 ? STR("{\"type\":\"model\",\"id\":\"") :
		    STR(",{\"type\":\"model\",\"id\":\""));
		buf_add_json(b, str_of(l[i]));
		buf_adds(b, STR("\",\"display_name\":\""));
		buf_add_json(b, str_of(l[i]));
		buf_adds(b, STR("\",\"created_at\":\"2026-01-01T00:00:00Z\","
		    "\"max_input_tokens\":200000,\"max_tokens\":64000}"));
	}
	buf_printf(b, "],\"has_more\":false,\"first_id\":\"%s\","
	    "\"last_id\":\"%s\"}", l[0] == NULL ? "" : l[0],
	    i == 0 ? "" : l[i - 1]);
}

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/messages/count_tokens", "count_tokens",
	    MOCK_JSON | MOCK_MODEL, count },
	{ "POST", "*/messages", "messages", MOCK_JSON | MOCK_MODEL,
	    messages },
	{ "GET", "*/models", "models", MOCK_VERSION, models },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_anthropic = {
	"anthropic", endpoints, error, error_event
};
