/*
 * mock_groq.c - Groq's chat: reasoning beside the content, x_groq.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * A call arrives whole in one chunk; the usage comes unasked with the finish.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_like.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

enum { FORM_PARSED, FORM_RAW };		/* where the reasoning stands */

static void
error_event(struct mock_answer *a, struct buf *b)
{
	(void)a;
	buf_adds(b, STR("event: error\ndata: {\"error\":{\"message\":"
	    "\"Internal server error\",\"type\":\"internal_server_error\","
	    "\"status_code\":500}}\n\n"));
}

static void
put_usage(struct buf *b, struct mock_answer *a)
{
	buf_adds(b, STR("{\"queue_time\":0.0049,"));
	mock_like_tokens(b, a);
	buf_adds(b, STR(",\"prompt_time\":0.0146,\"completion_time\":0.1122,"
	    "\"total_time\":0.1268"));
	if (a->tokens.cached > 0)
		buf_printf(b, ",\"prompt_tokens_details\":"
		    "{\"cached_tokens\":%lld}", (long long)a->tokens.cached);
	if (a->tokens.reasoning > 0)
		buf_printf(b, ",\"completion_tokens_details\":"
		    "{\"reasoning_tokens\":%lld}",
		    (long long)a->tokens.reasoning);
	buf_addc(b, '}');
}

static int
tells_usage(const struct mock_answer *a)
{
	return a->act.usage != MOCK_USAGE_MISSING &&
	    a->act.usage != MOCK_USAGE_NULL;
}

static void
put_x_groq(struct buf *b, struct mock_answer *a, int usage)
{
	buf_adds(b, STR(",\"x_groq\":{\"id\":\"req_"));
	buf_adds(b, str_of(a->gen.id + 9));
	buf_addc(b, '"');
	if (usage) {
		buf_adds(b, STR(",\"usage\":"));
		put_usage(b, a);
	} else
		buf_adds(b, STR(",\"seed\":27718886"));
	buf_addc(b, '}');
}

static void
put_head(struct buf *b, const struct mock_gen *g, const char *object)
{
	buf_printf(b, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%lld,"
	    "\"model\":\"", g->id, object, (long long)g->created);
	buf_add_json(b, str_of(g->model));
	buf_adds(b, STR("\",\"system_fingerprint\":\"fp_e8236260a9\","
	    "\"choices\":[{\"index\":0,"));
}

static void
put_call(struct buf *b, const struct mock_gen *g, unsigned i)
{
	buf_adds(b, STR("{\"id\":\""));
	mock_gen_call_id(b, g, "fc_", 36, i);
	buf_adds(b, STR("\",\"type\":\"function\",\"function\":"));
	mock_like_function(b, g);
	buf_printf(b, ",\"index\":%u}", i);
}

static void
put_message(struct buf *b, const struct mock_gen *g)
{
	unsigned i;

	buf_adds(b, STR("\"message\":{\"role\":\"assistant\""));
	if (g->calls == 0) {
		buf_adds(b, STR(",\"content\":\""));
		if (g->think > 0 && g->form == FORM_RAW) {
			buf_adds(b, STR("<think>"));
			mock_gen_thoughts(b, g);
			buf_adds(b, STR("</think>"));
		}
		mock_gen_content(b, g);
		buf_addc(b, '"');
	}
	if (g->think > 0 && g->form == FORM_PARSED) {
		buf_adds(b, STR(",\"reasoning\":\""));
		mock_gen_thoughts(b, g);
		buf_addc(b, '"');
	}
	for (i = 0; i < g->calls; i++) {
		buf_adds(b, i == 0 ? STR(",\"tool_calls\":[") : STR(","));
		put_call(b, g, i);
	}
	buf_adds(b, g->calls > 0 ? STR("]}") : STR("}"));
}

static void
whole(struct mock_answer *a)
{
	struct buf *b = &a->body;

	put_head(b, &a->gen, "chat.completion");
	put_message(b, &a->gen);
	buf_printf(b, ",\"logprobs\":null,\"finish_reason\":\"%s\"}]",
	    mock_like_finish(a));
	if (tells_usage(a)) {
		buf_adds(b, STR(",\"usage\":"));
		put_usage(b, a);
	}
	put_x_groq(b, a, 0);
	buf_adds(b, STR(",\"usage_breakdown\":null,"
	    "\"service_tier\":\"on_demand\"}"));
}

static void
put_delta(struct buf *b, const struct mock_gen *g, enum mock_part part)
{
	int raw = g->form == FORM_RAW;

	if (part == MOCK_BEGIN) {
		buf_printf(b, "\"role\":\"assistant\",\"content\":%s",
		    g->calls > 0 ? "null" : "\"\"");
	} else if (part == MOCK_START) {		/* of a call */
		buf_adds(b, STR("\"tool_calls\":["));
		put_call(b, g, g->call);
		buf_addc(b, ']');
	} else if (part == MOCK_PIECE) {
		buf_adds(b, g->kind == MOCK_THINK && !raw ?
		    STR("\"reasoning\":\"") : STR("\"content\":\""));
		if (g->kind == MOCK_THINK && raw && g->piece == 0)
			buf_adds(b, STR("<think>"));
		mock_gen_now(b, g);
		if (g->kind == MOCK_THINK && raw && g->piece + 1 == g->think)
			buf_adds(b, STR("</think>"));
		buf_adds(b, g->kind == MOCK_THINK && !raw ?
		    STR("\",\"channel\":\"analysis\"") : STR("\""));
	}
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	const struct mock_gen *g = &a->gen;

	if (part == MOCK_CLOSE || (part == MOCK_START) !=
	    (g->kind == MOCK_CALL && part != MOCK_BEGIN &&
	    part != MOCK_FINISH && part != MOCK_LAST && part != MOCK_PIECE))
		return;
	if (part == MOCK_PIECE && g->kind == MOCK_CALL)
		return;
	if (part == MOCK_LAST) {
		if (!a->act.no_done)
			buf_adds(b, STR("data: [DONE]\n\n"));
		return;
	}
	buf_adds(b, STR("data: "));
	put_head(b, g, "chat.completion.chunk");
	buf_adds(b, STR("\"delta\":{"));
	put_delta(b, g, part);
	buf_adds(b, STR("},\"logprobs\":null,\"finish_reason\":"));
	if (part == MOCK_FINISH)
		buf_printf(b, "\"%s\"}]", mock_like_finish(a));
	else
		buf_adds(b, STR("null}]"));
	if (part == MOCK_BEGIN)
		put_x_groq(b, a, 0);
	if (part == MOCK_FINISH && tells_usage(a)) {
		put_x_groq(b, a, 1);
		buf_adds(b, STR(",\"usage\":"));
		put_usage(b, a);
	}
	buf_adds(b, STR("}\n\n"));
}

static void
plan(struct mock_call *c, struct json_object *root)
{
	struct str format = json_get_str(root, "reasoning_format");
	struct json_object *include = json_get(root, "include_reasoning");
	struct mock_ask ask = { 0 };
	char effort[16];

	mock_like_ask(c, root, &ask);
	mock_request_text(c, MOCK_W_EFFORT, effort, sizeof(effort));
	ask.thinking = mock_openai_effort(effort);
	ask.shown = !str_eqc(format, "hidden") && (include == NULL ||
	    json_object_get_boolean(include));
	mock_gen_plan(c, &ask);
	c->a->gen.form = str_eqc(format, "raw") ? FORM_RAW : FORM_PARSED;
	c->a->tokens.written = 0;
}

/* What no model of theirs does. */
static const char *
check(struct json_object *root)
{
	static const char *const never[] = {
		"logprobs", "logit_bias", "top_logprobs"
	};
	size_t i;

	if (json_get_int(root, "n", 1) != 1)
		return "'n' : number must be at most 1";
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (json_get(root, never[i]) != NULL)
			return "`logprobs` is not supported with this model";
	return mock_like_check(root, 0);
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
		mock_text_id(a->gen.id, sizeof(a->gen.id), "chatcmpl-", 36,
		    a->gen.seed);
		if (mock_request_true(c, MOCK_W_STREAM))
			mock_gen_walk(a, "text/event-stream", put);
		else
			whole(a);
	}
	json_object_put(root);
}

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/groq/*chat/completions", "chat", MOCK_JSON | MOCK_MODEL,
	    chat },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_groq = {
	"groq", endpoints, mock_openai_error, error_event
};
