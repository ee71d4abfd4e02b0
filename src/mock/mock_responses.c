/*
 * mock_responses.c - OpenAI Responses: reasoning, one message or function
 * calls.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * The blocks of mock_gen.h are output items. A stream sends the events of one
 * after the other, each with its sequence number, and the whole response again
 * in response.completed.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_gen.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define THOUGHTS	6

/* What of the reasoning is told; bits of gen.form. */
#define TELL_SUMMARY	1
#define TELL_SEALED	2

static void
put_id(struct buf *b, const struct mock_gen *g)
{
	static const char *const prefixes[] = {
		[MOCK_THINK] = "rs_", [MOCK_TEXT] = "msg_", [MOCK_CALL] = "fc_"
	};
	char id[64];

	mock_text_id(id, sizeof(id), prefixes[g->kind], 40,
	    g->seed + 10 + g->block);
	buf_adds(b, str_of(id));
}

static void
put_summary(struct buf *b, const struct mock_gen *g, int full)
{
	buf_adds(b, STR("{\"type\":\"summary_text\",\"text\":\""));
	if (full)
		mock_gen_thoughts(b, g);
	buf_adds(b, STR("\"}"));
}

#define NOTE "{\"type\":\"url_citation\",\"start_index\":0,\"end_index\":3," \
	"\"url\":\"" MOCK_SOURCE "\",\"title\":\"" MOCK_TITLE "\"}"

static void
put_text_part(struct buf *b, const struct mock_answer *a, int full)
{
	if (a->act.refusal)
		buf_adds(b, STR("{\"type\":\"refusal\",\"refusal\":\""));
	else {
		buf_adds(b, STR("{\"type\":\"output_text\","
		    "\"annotations\":["));
		if (full && a->act.cite)
			buf_adds(b, STR(NOTE));
		buf_adds(b, STR("],\"logprobs\":["));
		if (full && a->gen.logprobs)
			mock_gen_logprobs(b, &a->gen, 0);
		buf_adds(b, STR("],\"text\":\""));
	}
	if (full)
		mock_gen_content(b, &a->gen);
	buf_adds(b, STR("\"}"));
}

static void
put_reasoning(struct buf *b, const struct mock_gen *g, int full)
{
	struct buf id;

	buf_init(&id, 256);
	buf_adds(b, STR("\",\"type\":\"reasoning\",\"summary\":["));
	if (full && (g->form & TELL_SUMMARY))
		put_summary(b, g, 1);
	buf_addc(b, ']');
	if (g->form & TELL_SEALED) {
		buf_adds(b, STR(",\"encrypted_content\":\""));
		put_id(&id, g);
		mock_gen_sign(b, "responses", full ? buf_str(&id) : STR(""));
		buf_addc(b, '"');
	}
	buf_addc(b, '}');
	buf_free(&id);
}

/* The open item. */
static void
put_item(struct buf *b, const struct mock_answer *a, int full)
{
	const char *status = full ? "completed" : "in_progress";
	const struct mock_gen *g = &a->gen;

	buf_adds(b, STR("{\"id\":\""));
	put_id(b, g);
	if (g->kind == MOCK_THINK) {
		put_reasoning(b, g, full);
	} else if (g->kind == MOCK_TEXT) {
		buf_printf(b, "\",\"type\":\"message\",\"status\":\"%s\","
		    "\"role\":\"assistant\",\"content\":[", status);
		if (full)
			put_text_part(b, a, 1);
		buf_adds(b, STR("]}"));
	} else {
		buf_printf(b, "\",\"type\":\"function_call\","
		    "\"status\":\"%s\",\"name\":\"%s\",\"call_id\":\"",
		    status, g->tool);
		mock_gen_call_id(b, g, "call_", 24, g->call);
		buf_adds(b, STR("\",\"arguments\":\""));
		if (full)
			mock_gen_content(b, g);
		buf_adds(b, STR("\"}"));
	}
}

static void
put_usage(struct buf *b, struct mock_answer *a)
{
	enum mock_usage how = a->act.usage;
	struct mock_tokens *t = &a->tokens;

	if (how == MOCK_USAGE_MISSING || how == MOCK_USAGE_NULL) {
		buf_adds(b, STR("null"));
		return;
	}
	t->reported = how == MOCK_USAGE_TRUE;
	buf_addc(b, '{');
	mock_gen_number(b, "input_tokens", t->input, how);
	buf_adds(b, STR(",\"input_tokens_details\":{"));
	mock_gen_number(b, "cached_tokens", t->cached, how);
	buf_adds(b, STR("},"));
	mock_gen_number(b, "output_tokens", t->output, how);
	buf_adds(b, STR(",\"output_tokens_details\":{"));
	mock_gen_number(b, "reasoning_tokens", t->reasoning, how);
	buf_adds(b, STR("},"));
	mock_gen_number(b, "total_tokens", t->input + t->output, how);
	buf_addc(b, '}');
}

/* Up to the output; status "in_progress" leaves that empty. */
static void
put_head(struct buf *b, const struct mock_gen *g, const char *status,
    const char *error)
{
	buf_printf(b, "{\"id\":\"%s\",\"object\":\"response\","
	    "\"created_at\":%lld,\"status\":\"%s\",\"background\":false,"
	    "\"error\":%s,\"incomplete_details\":%s,"
	    "\"instructions\":null,\"max_output_tokens\":null,"
	    "\"max_tool_calls\":null,\"model\":\"", g->id,
	    (long long)g->created, status, error,
	    strcmp(status, "incomplete") == 0 ?
	    "{\"reason\":\"max_output_tokens\"}" : "null");
	buf_add_json(b, str_of(g->model));
	buf_adds(b, STR("\",\"output\":["));
}

static void
put_tail(struct buf *b, struct mock_answer *a, int full)
{
	buf_adds(b, STR("],\"parallel_tool_calls\":true,"
	    "\"previous_response_id\":null,\"prompt_cache_key\":null,"
	    "\"reasoning\":{\"effort\":null,\"summary\":null},"
	    "\"safety_identifier\":null,\"service_tier\":\"default\","
	    "\"store\":true,\"temperature\":1.0,\"text\":{\"format\":"
	    "{\"type\":\"text\"},\"verbosity\":\"medium\"},"
	    "\"tool_choice\":\"auto\",\"tools\":[],\"top_logprobs\":0,"
	    "\"top_p\":1.0,\"truncation\":\"disabled\",\"usage\":"));
	if (full)
		put_usage(b, a);
	else
		buf_adds(b, STR("null"));
	buf_adds(b, STR(",\"user\":null,\"metadata\":{}}"));
}

static int
is_cut(const struct mock_gen *g)
{
	return strcmp(g->finish, "length") == 0;
}

static void
put_response(struct buf *b, struct mock_answer *a, int full)
{
	struct mock_gen *g = &a->gen;

	put_head(b, g, !full ? "in_progress" : is_cut(g) ? "incomplete" :
	    "completed", "null");
	if (full)
		for (mock_gen_first(g); g->kind != MOCK_NONE;
		    mock_gen_follow(g)) {
			if (g->block > 0)
				buf_addc(b, ',');
			put_item(b, a, 1);
		}
	put_tail(b, a, full);
}

static void
open_event(struct buf *b, struct mock_gen *g, const char *type)
{
	buf_printf(b, "event: %s\ndata: {\"type\":\"%s\","
	    "\"sequence_number\":%u", type, type, g->seq++);
}

static void
put_event(struct buf *b, struct mock_answer *a, const char *type, int full)
{
	open_event(b, &a->gen, type);
	buf_adds(b, STR(",\"response\":"));
	put_response(b, a, full);
	buf_adds(b, STR("}\n\n"));
}

static void
put_item_event(struct buf *b, struct mock_answer *a, const char *type,
    int full)
{
	open_event(b, &a->gen, type);
	buf_printf(b, ",\"output_index\":%u,\"item\":", a->gen.block);
	put_item(b, a, full);
	buf_adds(b, STR("}\n\n"));
}

/* An event about the content of the open item, up to its own member. */
static void
open_content(struct buf *b, struct mock_gen *g, const char *type)
{
	open_event(b, g, type);
	buf_adds(b, STR(",\"item_id\":\""));
	put_id(b, g);
	buf_printf(b, "\",\"output_index\":%u", g->block);
	if (g->kind != MOCK_CALL)
		buf_printf(b, ",\"%s_index\":0", g->kind == MOCK_THINK ?
		    "summary" : "content");
}

/* Events of each kind: NULL, the format has none. */
static const struct {
	const char *added, *delta, *done, *member, *part_done;
} names[] = {
	[MOCK_THINK] = { "response.reasoning_summary_part.added",
	    "response.reasoning_summary_text.delta",
	    "response.reasoning_summary_text.done", "text",
	    "response.reasoning_summary_part.done" },
	[MOCK_TEXT] = { "response.content_part.added",
	    "response.output_text.delta", "response.output_text.done", "text",
	    "response.content_part.done" },
	[MOCK_CALL] = { NULL, "response.function_call_arguments.delta",
	    "response.function_call_arguments.done", "arguments", NULL },
};

static void
put_part(struct buf *b, struct mock_answer *a, const char *type, int full)
{
	if (type == NULL)
		return;
	open_content(b, &a->gen, type);
	buf_adds(b, STR(",\"part\":"));
	if (a->gen.kind == MOCK_THINK)
		put_summary(b, &a->gen, full);
	else
		put_text_part(b, a, full);
	buf_adds(b, STR("}\n\n"));
}

static void
put_content(struct buf *b, struct mock_answer *a, int all)
{
	struct mock_gen *g = &a->gen;
	int refusal = a->act.refusal && g->kind == MOCK_TEXT;

	open_content(b, g, refusal ? all ? "response.refusal.done" :
	    "response.refusal.delta" : all ? names[g->kind].done :
	    names[g->kind].delta);
	if (g->kind == MOCK_TEXT && !refusal) {
		buf_adds(b, STR(",\"logprobs\":["));
		if (g->logprobs && all)
			mock_gen_logprobs(b, g, 0);
		else if (g->logprobs)
			mock_gen_logprob(b, g, 0, g->piece);
		buf_addc(b, ']');
	}
	buf_printf(b, ",\"%s\":\"", !all ? "delta" : refusal ? "refusal" :
	    names[g->kind].member);
	if (all)
		mock_gen_all(b, g);
	else
		mock_gen_now(b, g);
	buf_adds(b, STR("\"}\n\n"));
}

static void
put(struct mock_answer *a, struct buf *b, enum mock_part part)
{
	struct mock_gen *g = &a->gen;
	int told = g->kind != MOCK_THINK || (g->form & TELL_SUMMARY);

	switch (part) {
	case MOCK_BEGIN:
		put_event(b, a, "response.created", 0);
		put_event(b, a, "response.in_progress", 0);
		return;
	case MOCK_START:
		put_item_event(b, a, "response.output_item.added", 0);
		if (told)
			put_part(b, a, names[g->kind].added, 0);
		return;
	case MOCK_PIECE:
		if (told)
			put_content(b, a, 0);
		return;
	case MOCK_CLOSE:
		if (told) {
			if (a->act.cite && g->kind == MOCK_TEXT) {
				open_content(b, g, "response.output_text."
				    "annotation.added");
				buf_adds(b, STR(",\"annotation_index\":0,"
				    "\"annotation\":" NOTE "}\n\n"));
			}
			put_content(b, a, 1);
			put_part(b, a, names[g->kind].part_done, 1);
		}
		put_item_event(b, a, "response.output_item.done", 1);
		return;
	case MOCK_FINISH:
		return;
	case MOCK_LAST:
		if (!a->act.no_done)
			put_event(b, a, is_cut(g) ? "response.incomplete" :
			    "response.completed", 1);
		return;
	}
}

void
mock_responses_error_event(struct mock_answer *a, struct buf *b)
{
	static const char what[] = "\"code\":\"server_error\",\"message\":"
	    "\"The server had an error while processing your request.\"";
	static const char failed[] = "{\"code\":\"server_error\","
	    "\"message\":\"The server had an error.\"}";
	struct mock_gen *g = &a->gen;

	open_event(b, g, "error");
	buf_printf(b, ",\"error\":{\"type\":\"server_error\",%s,"
	    "\"param\":null}}\n\n", what);
	open_event(b, g, "response.failed");
	buf_adds(b, STR(",\"response\":"));
	put_head(b, g, "failed", failed);
	put_tail(b, a, 0);
	buf_adds(b, STR("}\n\n"));
}

/* Encrypted content holds for the item of its id, or one without. */
static int
is_ours(struct str input)
{
	struct json_object *l = NULL, *i;
	struct str sealed;
	int ok = 1;
	size_t k;

	if (str_find(input, STR("\"encrypted_content\"")) < 0 ||
	    json_parse(input, &l) != 0)
		return 1;
	for (k = 0; k < json_object_array_length(l) && ok; k++) {
		i = json_object_array_get_idx(l, k);
		sealed = json_get_str(i, "encrypted_content");
		if (sealed.p != NULL)
			ok = mock_gen_signed(sealed, "responses",
			    json_get_str(i, "id"));
	}
	json_object_put(l);
	return ok;
}

void
mock_responses(struct mock_call *c)
{
	struct mock_answer *a = c->a;
	struct mock_gen *g = &a->gen;

	if (c->w[MOCK_W_INPUT].type == JSCAN_NONE) {
		mock_request_error(c, 400, "missing_required_parameter",
		    "Missing required parameter: 'input'.");
		return;
	}
	if (c->w[MOCK_W_INPUT].type == JSCAN_ARRAY &&
	    !is_ours(c->w[MOCK_W_INPUT].raw)) {
		mock_request_error(c, 400, "invalid_encrypted_content",
		    "Encrypted content item_id did not match the target "
		    "item id.");
		return;
	}
	mock_openai_plan(c, MOCK_W_INPUT, MOCK_W_MAX_OUTPUT);
	mock_text_id(g->id, sizeof(g->id), "resp_", 40, g->seed);
	mock_openai_headers(a);
	if (a->tokens.reasoning > 0)
		g->think = THOUGHTS;
	if (c->w[MOCK_W_SUMMARY].type == JSCAN_STRING)
		g->form |= TELL_SUMMARY;
	if (str_find(c->w[MOCK_W_INCLUDE].raw,
	    STR("reasoning.encrypted_content")) >= 0)
		g->form |= TELL_SEALED;
	if (mock_request_true(c, MOCK_W_STREAM))
		mock_gen_walk(a, "text/event-stream; charset=utf-8", put);
	else
		put_response(&a->body, a, 1);
}

void
mock_responses_count(struct mock_call *c)
{
	static const char *const known[] = { "model", "input", "instructions",
	    "previous_response_id", "conversation", "tools", "tool_choice",
	    "parallel_tool_calls", "reasoning", "text", "truncation",
	    "personality", NULL };
	struct json_object *root = NULL;
	const char *extra;
	char text[128];

	(void)json_parse(c->body, &root);
	if ((extra = mock_request_extra(root, known)) != NULL) {
		snprintf(text, sizeof(text), "Unknown parameter: '%.64s'.",
		    extra);
		mock_request_error(c, 400, "unknown_parameter", text);
		json_object_put(root);
		return;
	}
	json_object_put(root);
	mock_openai_headers(c->a);
	buf_printf(&c->a->body, "{\"object\":\"response.input_tokens\","
	    "\"input_tokens\":%lld}",
	    (long long)mock_text_count(c->w[MOCK_W_INPUT].raw.n));
}
