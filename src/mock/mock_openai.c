/*
 * mock_openai.c - OpenAI chat completions and completions.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * A stream is a small machine: role, content, finish, usage, [DONE]. Choices
 * take turns, as the real server interleaves them.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_gen.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define FINGERPRINT "fp_44709d6fcb"

enum { ST_ROLE, ST_CALL, ST_CONTENT, ST_FINISH, ST_USAGE, ST_DONE };

static const struct {
	int status;
	const char *type, *code, *message;
} errors[] = {
	{ 400, "invalid_request_error", NULL, "Invalid request." },
	{ 401, "invalid_request_error", "invalid_api_key",
	    "Incorrect API key provided." },
	{ 402, "insufficient_quota", "billing_hard_limit_reached",
	    "Billing hard limit has been reached." },
	{ 403, "invalid_request_error", "unsupported_country_region_territory",
	    "Country, region, or territory not supported." },
	{ 404, "invalid_request_error", "model_not_found",
	    "The model does not exist or you do not have access to it." },
	{ 408, "timeout", NULL, "Request timed out." },
	{ 413, "invalid_request_error", NULL, "Request too large." },
	{ 422, "invalid_request_error", NULL, "Unprocessable entity." },
	{ 429, "requests", "rate_limit_exceeded",
	    "Rate limit reached for requests. Please try again later." },
	{ 500, "server_error", NULL,
	    "The server had an error while processing your request." },
	{ 503, "server_error", NULL,
	    "The engine is currently overloaded, please try again later." },
};

void
mock_openai_error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	const char *type = status >= 500 ? "server_error" :
	    "invalid_request_error", *text = "Error.";
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == status) {
			type = errors[i].type;
			text = errors[i].message;
			if (code == NULL)
				code = errors[i].code;
		}
	if (message != NULL)
		text = message;
	if (code != NULL && strcmp(code, "insufficient_quota") == 0)
		type = code;
	mock_answer_set(a, status, "application/json; charset=utf-8");
	mock_openai_headers(a);
	buf_reset(&a->body);
	buf_adds(&a->body, STR("{\n    \"error\": {\n        \"message\": \""));
	buf_add_json(&a->body, str_of(text));
	buf_printf(&a->body, "\",\n        \"type\": \"%s\",\n"
	    "        \"param\": null,\n        \"code\": ", type);
	if (code == NULL)
		buf_adds(&a->body, STR("null"));
	else
		buf_printf(&a->body, "\"%s\"", code);
	buf_adds(&a->body, STR("\n    }\n}\n"));
}

void
mock_openai_error_event(struct mock_answer *a, struct buf *b)
{
	if (str_starts(str_of(a->gen.id), STR("resp_"))) {
		mock_responses_error_event(a, b);
		return;
	}
	buf_adds(b, STR("data: {\"error\":{\"message\":\"The server had an "
	    "error while processing your request. Sorry about that!\","
	    "\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n"));
}

static void
put_usage(struct buf *b, struct mock_answer *a)
{
	enum mock_usage how = a->act.usage;
	struct mock_tokens *t = &a->tokens;

	if (how == MOCK_USAGE_NULL) {
		buf_adds(b, STR(",\"usage\":null"));
		return;
	}
	if (how == MOCK_USAGE_MISSING)
		return;
	t->reported = how == MOCK_USAGE_TRUE;
	buf_adds(b, STR(",\"usage\":{"));
	mock_gen_number(b, "prompt_tokens", t->input, how);
	buf_addc(b, ',');
	mock_gen_number(b, "completion_tokens", t->output, how);
	buf_addc(b, ',');
	mock_gen_number(b, "total_tokens", t->input + t->output, how);
	buf_adds(b, STR(",\"prompt_tokens_details\":{"));
	mock_gen_number(b, "cached_tokens", t->cached, how);
	buf_adds(b, STR(",\"audio_tokens\":0},"
	    "\"completion_tokens_details\":{"));
	mock_gen_number(b, "reasoning_tokens", t->reasoning, how);
	buf_adds(b, STR(",\"audio_tokens\":0,"
	    "\"accepted_prediction_tokens\":0,"
	    "\"rejected_prediction_tokens\":0}}"));
}

static void
put_head(struct buf *b, const struct mock_gen *g, const char *object)
{
	buf_adds(b, STR("{\"id\":\""));
	buf_adds(b, str_of(g->id));
	buf_adds(b, STR("\",\"object\":\""));
	buf_adds(b, str_of(object));
	buf_adds(b, STR("\",\"created\":"));
	mock_text_num(b, g->created);
	buf_adds(b, STR(",\"model\":\""));
	buf_add_json(b, str_of(g->model));
	buf_adds(b, STR("\",\"service_tier\":\"default\","
	    "\"system_fingerprint\":\"" FINGERPRINT "\",\"choices\":["));
}

static void
put_call_id(struct buf *b, const struct mock_gen *g, unsigned call)
{
	char id[40];

	mock_text_id(id, sizeof(id), "call_", 24, g->seed + 100 + call);
	buf_printf(b, "\"id\":\"%s\",\"type\":\"function\",", id);
}

static void
put_annotations(struct buf *b, const struct mock_act *act)
{
	buf_adds(b, STR("\"annotations\":["));
	if (act->cite)
		buf_adds(b, STR("{\"type\":\"url_citation\",\"url_citation\":{"
		    "\"start_index\":0,\"end_index\":3,\"url\":\"" MOCK_SOURCE
		    "\",\"title\":\"" MOCK_TITLE "\"}}"));
	buf_addc(b, ']');
}

static void
put_message(struct buf *b, const struct mock_gen *g, const struct mock_act *act)
{
	int refusal = act->refusal;
	unsigned i;

	buf_adds(b, STR("\"message\":{\"role\":\"assistant\",\"content\":"));
	if (g->calls > 0 || refusal)
		buf_adds(b, STR("null"));
	else {
		buf_addc(b, '"');
		mock_gen_content(b, g);
		buf_addc(b, '"');
	}
	for (i = 0; i < g->calls; i++) {
		buf_adds(b, i == 0 ? STR(",\"tool_calls\":[{") : STR(",{"));
		put_call_id(b, g, i);
		buf_printf(b, "\"function\":{\"name\":\"%s\",\"arguments\":\"",
		    g->tool);
		mock_gen_content(b, g);
		buf_adds(b, i + 1 == g->calls ? STR("\"}}]") : STR("\"}}"));
	}
	buf_adds(b, STR(",\"refusal\":"));
	if (refusal) {
		buf_addc(b, '"');
		mock_gen_content(b, g);
		buf_adds(b, STR("\","));
	} else
		buf_adds(b, STR("null,"));
	put_annotations(b, act);
	buf_addc(b, '}');
}

static const char *
finish_reason(const struct mock_answer *a)
{
	return a->act.finish[0] != '\0' ? a->act.finish : a->gen.finish;
}

/* Of all of the text, or of the piece that is told now. */
static void
put_logprobs(struct buf *b, const struct mock_gen *g, int all)
{
	buf_adds(b, STR(",\"logprobs\":"));
	if (!g->logprobs || g->calls > 0 || (!all && g->step != ST_CONTENT)) {
		buf_adds(b, STR("null"));
		return;
	}
	buf_adds(b, STR("{\"content\":["));
	if (all)
		mock_gen_logprobs(b, g, 0);
	else
		mock_gen_logprob(b, g, 0, g->token);
	buf_adds(b, STR("],\"refusal\":null}"));
}

static void
whole(struct mock_answer *a)
{
	const struct mock_gen *g = &a->gen;
	struct buf *b = &a->body;
	unsigned i;

	put_head(b, g, g->legacy ? "text_completion" : "chat.completion");
	for (i = 0; i < g->choices; i++) {
		buf_adds(b, i == 0 ? STR("{\"index\":") :
		    STR(",{\"index\":"));
		mock_text_num(b, i);
		buf_addc(b, ',');
		if (g->legacy) {
			buf_adds(b, STR("\"text\":\""));
			mock_gen_content(b, g);
			buf_addc(b, '"');
		} else
			put_message(b, g, &a->act);
		put_logprobs(b, g, 1);
		buf_adds(b, STR(",\"finish_reason\":\""));
		buf_adds(b, str_of(finish_reason(a)));
		buf_adds(b, STR("\"}"));
	}
	buf_addc(b, ']');
	put_usage(b, a);
	buf_addc(b, '}');
}

/* What stands in the delta of this event. */
static void
put_delta(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;

	if (g->step == ST_ROLE) {
		buf_printf(b, "\"role\":\"assistant\",\"content\":%s,"
		    "\"refusal\":null", g->calls > 0 ? "null" : "\"\"");
	} else if (g->step == ST_CALL) {
		buf_printf(b, "\"tool_calls\":[{\"index\":%u,", g->call);
		put_call_id(b, g, g->call);
		buf_printf(b, "\"function\":{\"name\":\"%s\","
		    "\"arguments\":\"\"}}]", g->tool);
	} else if (g->step == ST_CONTENT && g->calls > 0) {
		buf_printf(b, "\"tool_calls\":[{\"index\":%u,\"function\":"
		    "{\"arguments\":\"", g->call);
		mock_gen_piece(b, g, g->token % g->tokens);
		buf_adds(b, STR("\"}}]"));
	} else if (g->step == ST_CONTENT) {
		buf_adds(b, a->act.refusal ? STR("\"refusal\":\"") :
		    STR("\"content\":\""));
		mock_gen_piece(b, g, g->token);
		buf_addc(b, '"');
	} else if (g->step == ST_FINISH && a->act.cite)
		put_annotations(b, &a->act);
}

static void
put_chunk(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;

	buf_adds(b, STR("data: "));
	put_head(b, g, g->legacy ? "text_completion" :
	    "chat.completion.chunk");
	if (g->step != ST_USAGE) {
		buf_adds(b, STR("{\"index\":"));
		mock_text_num(b, g->choice);
		buf_addc(b, ',');
		if (g->legacy) {
			buf_adds(b, STR("\"text\":\""));
			if (g->step == ST_CONTENT)
				mock_gen_piece(b, g, g->token);
			buf_addc(b, '"');
		} else {
			buf_adds(b, STR("\"delta\":{"));
			put_delta(a, b);
			buf_addc(b, '}');
		}
		put_logprobs(b, g, 0);
		buf_adds(b, STR(",\"finish_reason\":"));
		if (g->step == ST_FINISH)
			buf_printf(b, "\"%s\"}", finish_reason(a));
		else
			buf_adds(b, STR("null}"));
	}
	buf_addc(b, ']');
	if (g->step == ST_USAGE)
		put_usage(b, a);
	else if (g->usage)
		buf_adds(b, STR(",\"usage\":null"));
	buf_adds(b, STR("}\n\n"));
}

/* Where tool calls go on: fragments of one call, then the next call. */
static void
advance_call(struct mock_gen *g)
{
	if (g->step == ST_CALL) {
		g->step = ST_CONTENT;
		return;
	}
	g->token++;
	if (g->token < g->tokens * (g->call + 1))
		return;
	if (++g->call < g->calls)
		g->step = ST_CALL;
	else {
		g->call = 0;
		g->step = ST_FINISH;
	}
}

static void
advance(struct mock_gen *g)
{
	if (g->calls > 0 && (g->step == ST_CALL || g->step == ST_CONTENT)) {
		advance_call(g);
		return;
	}
	if (g->step <= ST_FINISH && ++g->choice < g->choices)
		return;
	g->choice = 0;
	switch (g->step) {
	case ST_ROLE:
		g->step = g->calls > 0 ? ST_CALL : g->tokens > 0 ?
		    ST_CONTENT : ST_FINISH;
		break;
	case ST_CONTENT:
		if (++g->token >= g->tokens)
			g->step = ST_FINISH;
		break;
	case ST_FINISH:
		g->step = g->usage ? ST_USAGE : ST_DONE;
		break;
	default:
		g->step = ST_DONE;
		break;
	}
}

enum mock_next
mock_openai_next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;

	if (g->step == ST_DONE) {
		if (!a->act.no_done)
			buf_adds(b, STR("data: [DONE]\n\n"));
		return MOCK_NEXT_END;
	}
	put_chunk(a, b);
	advance(g);
	if (g->step == ST_DONE && a->act.no_done)
		return MOCK_NEXT_END;
	return g->step == ST_CONTENT && g->choice == 0 ? MOCK_NEXT_TOKEN :
	    MOCK_NEXT_NOW;
}

static void
begin(struct mock_call *c)
{
	struct mock_answer *a = c->a;

	mock_openai_headers(a);
	if (mock_request_true(c, MOCK_W_STREAM)) {
		a->ctype = "text/event-stream; charset=utf-8";
		a->next = mock_openai_next;
	} else
		whole(a);
}

void
mock_openai_chat(struct mock_call *c)
{
	struct mock_gen *g = &c->a->gen;

	if (c->w[MOCK_W_MESSAGES].type != JSCAN_ARRAY ||
	    c->w[MOCK_W_MESSAGES].raw.n < 3) {
		mock_request_error(c, 400, "empty_array",
		    "Invalid 'messages': empty array. Expected an array with "
		    "minimum length 1, but got an empty array instead.");
		return;
	}
	mock_openai_plan(c, MOCK_W_MESSAGES, MOCK_W_MAX_COMPLETION);
	mock_text_id(g->id, sizeof(g->id), "chatcmpl-", 29, g->seed);
	begin(c);
}

void
mock_openai_completion(struct mock_call *c)
{
	struct mock_gen *g = &c->a->gen;

	c->w[MOCK_W_TOOLS].type = JSCAN_NONE;
	mock_openai_plan(c, MOCK_W_PROMPT, MOCK_W_MAX_TOKENS);
	g->legacy = 1;
	mock_text_id(g->id, sizeof(g->id), "cmpl-", 29, g->seed);
	if (g->tokens > 0)
		g->step = ST_CONTENT;
	else
		g->step = ST_FINISH;
	begin(c);
}

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/chat/completions", "chat", MOCK_JSON | MOCK_MODEL,
	    mock_openai_chat },
	{ "POST", "*/completions", "completions", MOCK_JSON | MOCK_MODEL,
	    mock_openai_completion },
	{ "POST", "*/responses/input_tokens", "input_tokens",
	    MOCK_JSON | MOCK_MODEL, mock_responses_count },
	{ "POST", "*/responses", "responses", MOCK_JSON | MOCK_MODEL,
	    mock_responses },
	{ "POST", "*/embeddings", "embeddings", MOCK_JSON | MOCK_MODEL,
	    mock_openai_embeddings },
	{ "POST", "*/moderations", "moderations", MOCK_JSON,
	    mock_openai_moderations },
	{ "POST", "*/images/generations", "images", MOCK_JSON,
	    mock_openai_images },
	{ "POST", "*/images/edits", "images", MOCK_FORM,
	    mock_openai_images },
	{ "POST", "*/images/variations", "images", MOCK_FORM,
	    mock_openai_images },
	{ "POST", "*/audio/speech", "speech", MOCK_JSON | MOCK_MODEL,
	    mock_openai_speech },
	{ "POST", "*/audio/transcriptions", "transcriptions", MOCK_FORM,
	    mock_openai_transcription },
	{ "POST", "*/audio/translations", "translations", MOCK_FORM,
	    mock_openai_transcription },
	{ "POST", "*/rerank", "rerank", MOCK_JSON | MOCK_MODEL,
	    mock_openai_rerank },
	{ "GET", "*/models", "models", 0, mock_openai_models },
	{ "GET", "*/models/*", "model", 0, mock_openai_model },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_openai = {
	"openai", endpoints, mock_openai_error, mock_openai_error_event
};
