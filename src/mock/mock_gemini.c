/*
 * mock_gemini.c - Gemini's generateContent: whole, SSE and JSON array.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Calls come whole in one part. Those of a model whose name has "gemini-3"
 * have ids and are signed, the first of a turn only, as the server does.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_gemini.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

enum { FORM_WHOLE, FORM_SSE, FORM_ARRAY };

static const struct {
	int status;
	const char *name, *message;
} errors[] = {
	{ 400, "INVALID_ARGUMENT", "Request contains an invalid argument." },
	{ 401, "UNAUTHENTICATED", "Request had invalid credentials." },
	{ 403, "PERMISSION_DENIED", "The caller does not have permission" },
	{ 404, "NOT_FOUND", "The model is not found for API version v1beta." },
	{ 409, "ABORTED", "The operation was aborted." },
	{ 429, "RESOURCE_EXHAUSTED", "You exceeded your current quota." },
	{ 499, "CANCELLED", "The operation was cancelled." },
	{ 500, "INTERNAL", "An internal error has occurred." },
	{ 503, "UNAVAILABLE", "The model is overloaded." },
	{ 504, "DEADLINE_EXCEEDED", "Deadline expired." },
};

static void
put_error(struct buf *b, int status, const char *message, const char *more)
{
	const char *name = status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == status) {
			name = errors[i].name;
			if (message == NULL)
				message = errors[i].message;
		}
	buf_printf(b, "{\"error\": {\"code\": %d,\"message\": \"", status);
	buf_add_json(b, str_of(message == NULL ? "Error." : message));
	buf_printf(b, "\",\"status\": \"%s\"%s}}", name, more);
}

/* A wrong key is an argument, and the time to wait stands in the body. */
static void
error(struct mock_answer *a, int status, const char *code,
    const char *message)
{
	char more[256] = "";

	if (code != NULL && strcmp(code, "invalid_api_key") == 0) {
		status = 400;
		message = "API key not valid. Please pass a valid API key.";
		snprintf(more, sizeof(more), ",\"details\": [{\"@type\": "
		    "\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":"
		    " \"API_KEY_INVALID\",\"domain\": \"googleapis.com\"}]");
	} else if (a->act.retry_after >= 0)
		snprintf(more, sizeof(more), ",\"details\": [{\"@type\": "
		    "\"type.googleapis.com/google.rpc.RetryInfo\","
		    "\"retryDelay\": \"%llds\"}]",
		    (long long)a->act.retry_after);
	mock_answer_set(a, status, "application/json; charset=UTF-8");
	buf_reset(&a->body);
	buf_reset(&a->extra);
	put_error(&a->body, status, message, more);
}

static void
error_event(struct mock_answer *a, struct buf *b)
{
	if (a->gen.form == FORM_SSE)
		buf_adds(b, STR("data: "));
	else if (a->events > 0)
		buf_adds(b, STR("\r\n,\r\n"));
	else
		buf_addc(b, '[');
	put_error(b, 503, NULL, "");
	buf_adds(b, a->gen.form == FORM_SSE ? STR("\r\n\r\n") : STR("]"));
}

static int
is_three(const struct mock_gen *g)
{
	return strstr(g->model, "gemini-3") != NULL;
}

static void
put_usage(struct buf *b, struct mock_answer *a, int last)
{
	enum mock_usage how = a->act.usage;
	struct mock_tokens *t = &a->tokens;

	if (how == MOCK_USAGE_MISSING || how == MOCK_USAGE_NULL) {
		if (how == MOCK_USAGE_NULL)
			buf_adds(b, STR(",\"usageMetadata\": null"));
		return;
	}
	if (last)
		t->reported = how == MOCK_USAGE_TRUE;
	buf_adds(b, STR(",\"usageMetadata\": {"));
	mock_gen_number(b, "promptTokenCount", t->input, how);
	if (t->cached > 0) {
		buf_addc(b, ',');
		mock_gen_number(b, "cachedContentTokenCount", t->cached, how);
	}
	if (last) {
		buf_addc(b, ',');
		mock_gen_number(b, "candidatesTokenCount",
		    t->output - t->reasoning, how);
	}
	if (t->reasoning > 0) {
		buf_addc(b, ',');
		mock_gen_number(b, "thoughtsTokenCount", t->reasoning, how);
	}
	buf_addc(b, ',');
	mock_gen_number(b, "totalTokenCount", t->input + (last ? t->output :
	    t->reasoning), how);
	buf_printf(b, ",\"promptTokensDetails\": [{\"modality\": \"TEXT\","
	    "\"tokenCount\": %lld}]}", (long long)t->input);
}

static void
put_signature(struct buf *b, const struct mock_gen *g)
{
	if (!is_three(g) || (g->kind == MOCK_CALL && g->call > 0))
		return;
	buf_adds(b, STR(",\"thoughtSignature\": \""));
	mock_gen_sign(b, "gemini", str_of(g->id));
	buf_addc(b, '"');
}

/* The open block; of a text or a thought all or the piece. */
static void
put_part(struct buf *b, const struct mock_gen *g, int all)
{
	if (g->kind == MOCK_CALL) {
		buf_printf(b, "{\"functionCall\": {\"name\": \"%s\","
		    "\"args\": ", g->tool);
		mock_gen_arguments(b, g);
		if (is_three(g)) {
			buf_adds(b, STR(",\"id\": \""));
			mock_gen_call_id(b, g, "", 8, g->call);
			buf_addc(b, '"');
		}
		buf_addc(b, '}');
		put_signature(b, g);
		buf_addc(b, '}');
		return;
	}
	buf_adds(b, STR("{\"text\": \""));
	if (all)
		mock_gen_all(b, g);
	else
		mock_gen_now(b, g);
	buf_addc(b, '"');
	if (g->kind == MOCK_THINK)
		buf_adds(b, STR(",\"thought\": true"));
	else if (all)
		put_signature(b, g);
	buf_addc(b, '}');
}

/* Of all of the text, or of the piece that is told now. */
static void
put_logprobs(struct buf *b, const struct mock_gen *g, int all)
{
	if (!g->logprobs || g->calls > 0 || (!all && g->kind != MOCK_TEXT))
		return;
	buf_adds(b, STR(",\"logprobsResult\": {\"chosenCandidates\": ["));
	if (all)
		mock_gen_logprobs(b, g, 1);
	else
		mock_gen_logprob(b, g, 1, g->piece);
	buf_adds(b, STR("]}"));
}

static void
put_finish(struct buf *b, const struct mock_answer *a)
{
	const char *f = a->gen.finish;

	f = a->act.finish[0] != '\0' ? a->act.finish : a->act.refusal ?
	    "SAFETY" : strcmp(f, "length") == 0 ? "MAX_TOKENS" : "STOP";
	buf_printf(b, ",\"finishReason\": \"%s\"", f);
	if (a->act.cite)
		buf_adds(b, STR(",\"groundingMetadata\": {\"groundingChunks\": "
		    "[{\"web\": {\"uri\": \"" MOCK_SOURCE "\",\"title\": \""
		    MOCK_TITLE "\"}}],\"groundingSupports\": [{\"segment\": "
		    "{\"startIndex\": 0,\"endIndex\": 3},"
		    "\"groundingChunkIndices\": [0]}]}"));
	if (a->gen.calls > 0)
		buf_adds(b, STR(",\"finishMessage\": "
		    "\"Model generated function call(s).\""));
}

static void
put_tail(struct buf *b, struct mock_answer *a, int last)
{
	put_usage(b, a, last);
	buf_adds(b, STR(",\"modelVersion\": \""));
	buf_add_json(b, str_of(a->gen.model));
	buf_printf(b, "\",\"responseId\": \"%s\"}", a->gen.id);
}

static void
put_candidate(struct buf *b, struct mock_answer *a, unsigned i)
{
	struct mock_gen *g = &a->gen;

	buf_adds(b, STR("{\"content\": {"));
	mock_gen_first(g);
	if (g->kind != MOCK_NONE && !a->act.refusal) {
		buf_adds(b, STR("\"parts\": ["));
		for (; g->kind != MOCK_NONE; mock_gen_follow(g)) {
			if (g->block > 0)
				buf_addc(b, ',');
			put_part(b, g, 1);
		}
		buf_adds(b, STR("],"));
	}
	buf_adds(b, STR("\"role\": \"model\"}"));
	put_logprobs(b, g, 1);
	put_finish(b, a);
	buf_printf(b, ",\"index\": %u}", i);
}

static void
whole(struct mock_answer *a)
{
	struct buf *b = &a->body;
	unsigned i;

	buf_adds(b, STR("{\"candidates\": ["));
	for (i = 0; i < a->gen.choices; i++) {
		if (i > 0)
			buf_addc(b, ',');
		put_candidate(b, a, i);
	}
	buf_addc(b, ']');
	put_tail(b, a, 1);
}

/* What stands before and behind the chunks of a JSON array. */
static void
put_chunk_end(struct buf *b, const struct mock_gen *g, int last)
{
	if (g->form == FORM_SSE)
		buf_adds(b, STR("\r\n\r\n"));
	else if (last)
		buf_adds(b, STR("\r\n]"));
	else
		buf_adds(b, STR("\r\n,\r\n"));
}

/* What a chunk has of a candidate. */
static void
put_some(struct buf *b, struct mock_answer *a, int last, unsigned i)
{
	const struct mock_gen *g = &a->gen;

	buf_adds(b, STR("{\"content\": {"));
	if (last) {
		buf_adds(b, STR("\"parts\": [{\"text\": \"\""));
		if (g->calls == 0)
			put_signature(b, g);
		buf_adds(b, STR("}],\"role\": \"model\"}"));
		put_finish(b, a);
	} else {
		buf_adds(b, STR("\"parts\": ["));
		put_part(b, g, 0);
		buf_adds(b, STR("],\"role\": \"model\"}"));
		put_logprobs(b, g, 0);
	}
	buf_printf(b, ",\"index\": %u}", i);
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	struct mock_gen *g = &a->gen;
	int last = part == MOCK_FINISH;
	unsigned i;

	if ((part != MOCK_PIECE || g->kind == MOCK_CALL) &&
	    (part != MOCK_START || g->kind != MOCK_CALL) && !last)
		return;
	if (last && a->act.no_done)
		return;
	if (g->form == FORM_SSE)
		buf_adds(b, STR("data: "));
	else if (a->events == 0)
		buf_addc(b, '[');
	buf_adds(b, STR("{\"candidates\": ["));
	for (i = 0; i < g->choices; i++) {
		if (i > 0)
			buf_addc(b, ',');
		put_some(b, a, last, i);
	}
	buf_addc(b, ']');
	put_tail(b, a, last);
	put_chunk_end(b, g, last);
}

static void
begin(struct mock_call *c, int form)
{
	struct json_object *root = NULL;
	struct mock_answer *a = c->a;
	const char *bad;

	if (json_parse(c->body, &root) != 0)
		bad = "Invalid JSON payload received.";
	else
		bad = mock_gemini_check(root, c->model);
	if (bad != NULL) {
		mock_request_error(c, 400, NULL, bad);
		json_object_put(root);
		return;
	}
	mock_gemini_plan(c, root);
	json_object_put(root);
	mock_text_id(a->gen.id, sizeof(a->gen.id), "", 22, a->gen.seed);
	a->gen.form = form;
	if (form == FORM_WHOLE) {
		a->ctype = "application/json; charset=UTF-8";
		whole(a);
	} else
		mock_gen_walk(a, form == FORM_SSE ? "text/event-stream" :
		    "application/json; charset=UTF-8", put);
}

static void
generate(struct mock_call *c)
{
	begin(c, FORM_WHOLE);
}

static void
stream(struct mock_call *c)
{
	begin(c, str_eqc(mock_request_query(c, "alt"), "sse") ? FORM_SSE :
	    FORM_ARRAY);
}

#define POST_JSON	(MOCK_JSON | MOCK_MODEL | MOCK_IN_PATH)

static const struct mock_endpoint endpoints[] = {
	{ "POST", "*/models/*:generateContent", "generateContent", POST_JSON,
	    generate },
	{ "POST", "*/models/*:streamGenerateContent", "streamGenerateContent",
	    POST_JSON, stream },
	{ "POST", "*/models/*:countTokens", "countTokens", POST_JSON,
	    mock_gemini_count },
	{ "POST", "*/models/*:embedContent", "embedContent", POST_JSON,
	    mock_gemini_embed },
	{ "POST", "*/models/*:batchEmbedContents", "batchEmbedContents",
	    POST_JSON, mock_gemini_embed_batch },
	{ "GET", "*/v1beta/models", "models", 0, mock_gemini_models },
	{ "GET", "*/v1beta/models/*", "model", MOCK_IN_PATH,
	    mock_gemini_model },
	{ NULL, NULL, NULL, 0, NULL }
};

const struct mock_dialect mock_gemini = {
	"gemini", endpoints, error, error_event
};
