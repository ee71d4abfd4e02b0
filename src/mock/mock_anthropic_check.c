/*
 * mock_anthropic_check.c - what Anthropic's server wants of earlier turns.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * Rules that no schema tells: each call is answered in the next message, in
 * front of all else; thinking comes back as it was signed, and before a call
 * when thinking is on with a budget.
 */
#include "mock/mock_dialects.h"
#include "mock/mock_gen.h"

static int
is(struct json_object *block, const char *type)
{
	return str_eqc(json_get_str(block, "type"), type);
}

/* Is the call with that id answered at the head of content? */
static int
answered(struct json_object *content, struct str id)
{
	struct json_object *b;
	size_t i;

	for (i = 0; (b = json_at(content, i)) != NULL &&
	    is(b, "tool_result"); i++)
		if (str_eq(json_get_str(b, "tool_use_id"), id))
			return 1;
	return 0;
}

/* Was the call with that id made in content? */
static int
called(struct json_object *content, struct str id)
{
	struct json_object *b;
	size_t i;

	for (i = 0; (b = json_at(content, i)) != NULL; i++)
		if (is(b, "tool_use") && str_eq(json_get_str(b, "id"), id))
			return 1;
	return 0;
}

static const char *
check_block(struct json_object *b, struct json_object *before,
    struct json_object *after)
{
	struct str sig = json_get_str(b, "signature");
	struct str text = json_get_str(b, "thinking");

	if (is(b, "tool_use") && !answered(after, json_get_str(b, "id")))
		return "`tool_use` ids were found without `tool_result` "
		    "blocks immediately after";
	if (is(b, "tool_result") &&
	    !called(before, json_get_str(b, "tool_use_id")))
		return "unexpected `tool_use_id` found in `tool_result` "
		    "blocks";
	if (is(b, "text") && json_get_str(b, "text").n == 0)
		return "text content blocks must be non-empty";
	if (is(b, "thinking") && (text.p == NULL ||
	    !mock_gen_signed(sig, "anthropic", text)))
		return "Invalid `signature` in `thinking` block";
	return NULL;
}

/* A budget for thinking wants thinking before calls that are answered now. */
static const char *
check_budget(struct json_object *request, struct json_object *content,
    struct json_object *last)
{
	struct json_object *b = json_at(content, 0);
	size_t i;

	if (!str_eqc(json_get_str(json_get(request, "thinking"), "type"),
	    "enabled") || !is(json_at(last, 0), "tool_result") ||
	    is(b, "thinking") || is(b, "redacted_thinking"))
		return NULL;
	for (i = 0; (b = json_at(content, i)) != NULL; i++)
		if (is(b, "tool_use"))
			return "Expected `thinking` or `redacted_thinking`, "
			    "but found `tool_use`. When `thinking` is "
			    "enabled, a final `assistant` message must start "
			    "with a thinking block";
	return NULL;
}

const char *
mock_anthropic_check(struct json_object *request)
{
	struct json_object *l = json_get(request, "messages"), *m, *b, *next;
	struct json_object *before = NULL, *content;
	const char *bad = NULL;
	size_t i, k;

	if (!str_eqc(json_get_str(json_at(l, 0), "role"), "user"))
		return "messages: first message must use the \"user\" role";
	for (i = 0; bad == NULL && (m = json_at(l, i)) != NULL; i++) {
		content = json_get(m, "content");
		next = json_get(json_at(l, i + 1), "content");
		for (k = 0; bad == NULL && (b = json_at(content, k)) != NULL;
		    k++)
			bad = check_block(b, before, next);
		if (bad == NULL && json_at(l, i + 1) != NULL &&
		    json_at(l, i + 2) == NULL)
			bad = check_budget(request, content, next);
		before = content;
	}
	return bad;
}
