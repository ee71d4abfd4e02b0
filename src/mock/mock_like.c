/*
 * mock_like.c - requests that look like OpenAI's chat, read from a tree.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include <ctype.h>

#include "mock/mock_like.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

static int
is_tool(struct json_object *message)
{
	return str_eqc(json_get_str(message, "role"), "tool");
}

void
mock_like_ask(struct mock_call *c, struct json_object *root,
    struct mock_ask *ask)
{
	struct json_object *l = json_get(root, "messages"), *f;
	struct json_object *choice = json_get(root, "tool_choice");
	struct str kind;

	f = mock_openai_tool(json_get(root, "tools"), choice);
	if (f != NULL && !is_tool(json_at(l, json_object_array_length(l) -
	    1)) && !str_eqc(json_get_str(root, "tool_choice"), "none")) {
		ask->tool = json_get_str(f, "name");
		ask->arguments = json_get(f, "parameters");
	}
	f = json_get(root, "response_format");
	kind = json_get_str(f, "type");
	ask->json = str_starts(kind, STR("json_"));
	ask->schema = json_get(json_get(f, "json_schema"), "schema");
	ask->most = json_get_int(root, "max_completion_tokens",
	    json_get_int(root, "max_tokens", 0));
	ask->input = mock_text_count(c->w[MOCK_W_MESSAGES].raw.n);
	ask->caches = json_get(root, "prompt_cache_key") != NULL;
}

static int
id_fits(struct str id, size_t len)
{
	size_t i;

	if (id.n == 0 || (len > 0 && id.n != len))
		return 0;
	for (i = 0; len > 0 && i < id.n; i++)
		if (!isalnum((unsigned char)id.p[i]))
			return 0;
	return 1;
}

/* Is there a result for id in the tool messages from i on? */
static int
answered(struct json_object *l, size_t i, struct str id)
{
	for (; is_tool(json_at(l, i)); i++)
		if (str_eq(json_get_str(json_at(l, i), "tool_call_id"), id))
			return 1;
	return 0;
}

const char *
mock_like_check(struct json_object *root, size_t id_len)
{
	struct json_object *l = json_get(root, "messages"), *calls;
	size_t i, k, results, n = 0;
	struct str id;

	for (i = 0; json_at(l, i) != NULL; i++) {
		if (is_tool(json_at(l, i))) {
			if (n-- == 0)
				return "Unexpected tool message: no call";
			continue;
		}
		calls = json_get(json_at(l, i), "tool_calls");
		for (results = 0; is_tool(json_at(l, i + 1 + results));)
			results++;
		for (k = 0; json_at(calls, k) != NULL; k++) {
			id = json_get_str(json_at(calls, k), "id");
			if (!id_fits(id, id_len))
				return "Tool call id was not of the form "
				    "that is wanted";
			if (!answered(l, i + 1, id))
				return "Not the same number of function "
				    "calls and responses";
		}
		n = k;
		if (n < results)
			return "Not the same number of function calls and "
			    "responses";
	}
	return i == 0 ? "messages is empty" : NULL;
}

void
mock_like_function(struct buf *b, const struct mock_gen *g)
{
	buf_printf(b, "{\"name\":\"%s\",\"arguments\":\"", g->tool);
	mock_gen_content(b, g);
	buf_adds(b, STR("\"}"));
}

void
mock_like_tokens(struct buf *b, struct mock_answer *a)
{
	enum mock_usage how = a->act.usage;
	struct mock_tokens *t = &a->tokens;

	t->reported = how == MOCK_USAGE_TRUE;
	mock_gen_number(b, "prompt_tokens", t->input, how);
	buf_addc(b, ',');
	mock_gen_number(b, "completion_tokens", t->output, how);
	buf_addc(b, ',');
	mock_gen_number(b, "total_tokens", t->input + t->output, how);
}

const char *
mock_like_finish(const struct mock_answer *a)
{
	return a->act.finish[0] != '\0' ? a->act.finish : a->gen.finish;
}
