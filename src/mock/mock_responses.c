/*
 * mock_responses.c - OpenAI Responses: one message or function calls.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * The stream sends the events of one output item after the other, each with
 * its sequence number, and the whole response again in response.completed.
 */
#include <stdio.h>

#include "mock/mock_answer.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

enum {
	ST_CREATED, ST_PROGRESS, ST_ADDED, ST_PART, ST_DELTA, ST_TEXT_DONE,
	ST_PART_DONE, ST_ITEM_DONE, ST_COMPLETED
};

static void
put_id(struct buf *b, const struct mock_gen *g, const char *prefix,
    unsigned n)
{
	char id[64];

	mock_text_id(id, sizeof(id), prefix, 40, g->seed + n);
	buf_adds(b, str_of(id));
}

static void
put_text_part(struct buf *b, const struct mock_gen *g, int full)
{
	buf_adds(b, STR("{\"type\":\"output_text\",\"annotations\":[],"
	    "\"logprobs\":[],\"text\":\""));
	if (full)
		mock_openai_content(b, g);
	buf_adds(b, STR("\"}"));
}

static void
put_item(struct buf *b, const struct mock_gen *g, unsigned i, int full)
{
	const char *status = full ? "completed" : "in_progress";

	buf_adds(b, STR("{\"id\":\""));
	if (g->calls == 0) {
		put_id(b, g, "msg_", 10);
		buf_printf(b, "\",\"type\":\"message\",\"status\":\"%s\","
		    "\"role\":\"assistant\",\"content\":[", status);
		if (full)
			put_text_part(b, g, 1);
		buf_adds(b, STR("]}"));
		return;
	}
	put_id(b, g, "fc_", 20 + i);
	buf_printf(b, "\",\"type\":\"function_call\",\"status\":\"%s\","
	    "\"name\":\"%s\",\"call_id\":\"", status, g->tool);
	put_id(b, g, "call_", 40 + i);
	buf_adds(b, STR("\",\"arguments\":\""));
	if (full)
		mock_openai_content(b, g);
	buf_adds(b, STR("\"}"));
}

static unsigned
items(const struct mock_gen *g)
{
	return g->calls > 0 ? g->calls : 1;
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
	mock_openai_number(b, "input_tokens", t->input, how);
	buf_adds(b, STR(",\"input_tokens_details\":{"));
	mock_openai_number(b, "cached_tokens", t->cached, how);
	buf_adds(b, STR("},"));
	mock_openai_number(b, "output_tokens", t->output, how);
	buf_adds(b, STR(",\"output_tokens_details\":{"));
	mock_openai_number(b, "reasoning_tokens", t->reasoning, how);
	buf_adds(b, STR("},"));
	mock_openai_number(b, "total_tokens", t->input + t->output, how);
	buf_addc(b, '}');
}

static void
put_response(struct buf *b, struct mock_answer *a, int full)
{
	const struct mock_gen *g = &a->gen;
	int cut = strcmp(g->finish, "length") == 0;
	unsigned i;

	buf_printf(b, "{\"id\":\"%s\",\"object\":\"response\","
	    "\"created_at\":%lld,\"status\":\"%s\",\"background\":false,"
	    "\"error\":null,\"incomplete_details\":%s,"
	    "\"instructions\":null,\"max_output_tokens\":null,"
	    "\"max_tool_calls\":null,\"model\":\"", g->id,
	    (long long)g->created, !full ? "in_progress" : cut ?
	    "incomplete" : "completed", full && cut ?
	    "{\"reason\":\"max_output_tokens\"}" : "null");
	buf_add_json(b, str_of(g->model));
	buf_adds(b, STR("\",\"output\":["));
	for (i = 0; full && i < items(g); i++) {
		if (i > 0)
			buf_addc(b, ',');
		put_item(b, g, i, 1);
	}
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

static void
open_event(struct buf *b, struct mock_gen *g, const char *type)
{
	buf_printf(b, "event: %s\ndata: {\"type\":\"%s\","
	    "\"sequence_number\":%u", type, type, g->seq++);
}

static void
put_place(struct buf *b, const struct mock_gen *g)
{
	buf_adds(b, STR(",\"item_id\":\""));
	put_id(b, g, g->calls > 0 ? "fc_" : "msg_", g->calls > 0 ?
	    20 + g->call : 10);
	buf_printf(b, "\",\"output_index\":%u", g->call);
	if (g->calls == 0)
		buf_adds(b, STR(",\"content_index\":0"));
}

/* Events about the content of the item that is open. */
static void
content_event(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;
	int call = g->calls > 0;

	switch (g->step) {
	case ST_PART:
		open_event(b, g, "response.content_part.added");
		put_place(b, g);
		buf_adds(b, STR(",\"part\":"));
		put_text_part(b, g, 0);
		return;
	case ST_DELTA:
		open_event(b, g, call ?
		    "response.function_call_arguments.delta" :
		    "response.output_text.delta");
		put_place(b, g);
		buf_adds(b, STR(",\"delta\":\""));
		mock_openai_piece(b, g, g->token % g->tokens);
		buf_adds(b, call ? STR("\"") : STR("\",\"logprobs\":[]"));
		return;
	case ST_TEXT_DONE:
		open_event(b, g, call ?
		    "response.function_call_arguments.done" :
		    "response.output_text.done");
		put_place(b, g);
		buf_adds(b, call ? STR(",\"arguments\":\"") :
		    STR(",\"logprobs\":[],\"text\":\""));
		mock_openai_content(b, g);
		buf_addc(b, '"');
		return;
	default:
		open_event(b, g, "response.content_part.done");
		put_place(b, g);
		buf_adds(b, STR(",\"part\":"));
		put_text_part(b, g, 1);
		return;
	}
}

static void
advance(struct mock_gen *g)
{
	if (g->step == ST_DELTA) {
		if (++g->token < g->tokens * (g->call + 1))
			return;
		g->step++;
		return;
	}
	if (g->step == ST_ADDED && (g->calls > 0 || g->tokens == 0))
		g->step = g->tokens > 0 ? ST_DELTA : ST_TEXT_DONE;
	else if (g->step == ST_TEXT_DONE && g->calls > 0)
		g->step = ST_ITEM_DONE;
	else if (g->step == ST_ITEM_DONE && g->calls > 0 &&
	    ++g->call < g->calls)
		g->step = ST_ADDED;
	else
		g->step++;
}

static enum mock_next
next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;
	int full = g->step == ST_COMPLETED;

	switch (g->step) {
	case ST_CREATED:
	case ST_PROGRESS:
	case ST_COMPLETED:
		open_event(b, g, full ? strcmp(g->finish, "length") == 0 ?
		    "response.incomplete" : "response.completed" :
		    g->step == ST_CREATED ? "response.created" :
		    "response.in_progress");
		buf_adds(b, STR(",\"response\":"));
		put_response(b, a, full);
		break;
	case ST_ADDED:
	case ST_ITEM_DONE:
		open_event(b, g, g->step == ST_ADDED ?
		    "response.output_item.added" :
		    "response.output_item.done");
		buf_printf(b, ",\"output_index\":%u,\"item\":", g->call);
		put_item(b, g, g->call, g->step == ST_ITEM_DONE);
		break;
	default:
		content_event(a, b);
		break;
	}
	buf_adds(b, STR("}\n\n"));
	if (full)
		return MOCK_NEXT_END;
	advance(g);
	return g->step == ST_DELTA ? MOCK_NEXT_TOKEN : MOCK_NEXT_NOW;
}

void
mock_responses(struct mock_call *c)
{
	struct mock_answer *a = c->a;

	if (c->w[MOCK_W_INPUT].type == JSCAN_NONE) {
		mock_request_error(c, 400, "missing_required_parameter",
		    "Missing required parameter: 'input'.");
		return;
	}
	mock_openai_plan(c, MOCK_W_INPUT, MOCK_W_MAX_OUTPUT);
	mock_text_id(a->gen.id, sizeof(a->gen.id), "resp_", 40, a->gen.seed);
	mock_openai_headers(a);
	if (mock_request_true(c, MOCK_W_STREAM)) {
		a->ctype = "text/event-stream; charset=utf-8";
		a->next = next;
	} else
		put_response(&a->body, a, 1);
}
