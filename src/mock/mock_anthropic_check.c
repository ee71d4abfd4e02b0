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
#include "base/hmap.h"
#include "mock/mock_dialects.h"
#include "mock/mock_gen.h"

static int
is(struct json_object *block, const char *type)
{
	return str_eqc(json_get_str(block, "type"), type);
}

/* Ids that blocks of the type have in member; head: of those in front of all
 * others. */
static struct hmap *
ids(struct json_object *content, const char *type, const char *member,
    int head)
{
	struct hmap *m = hmap_new();
	struct json_object *b;
	size_t i;

	for (i = 0; (b = json_at(content, i)) != NULL; i++) {
		if (is(b, type))
			(void)hmap_set(m, json_get_str(b, member), b);
		else if (head)
			break;
	}
	return m;
}

static const char *
check_block(struct json_object *b, const struct hmap *called,
    const struct hmap *answered)
{
	struct str sig = json_get_str(b, "signature");
	struct str text = json_get_str(b, "thinking");

	if (is(b, "tool_use") &&
	    hmap_get(answered, json_get_str(b, "id")) == NULL)
		return "`tool_use` ids were found without `tool_result` "
		    "blocks immediately after";
	if (is(b, "tool_result") &&
	    hmap_get(called, json_get_str(b, "tool_use_id")) == NULL)
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

/* The blocks of a message between those of its neighbours. */
static const char *
check_content(struct json_object *content, struct json_object *before,
    struct json_object *after)
{
	struct hmap *called = ids(before, "tool_use", "id", 0);
	struct hmap *answered = ids(after, "tool_result", "tool_use_id", 1);
	struct json_object *b;
	const char *bad = NULL;
	size_t i;

	for (i = 0; bad == NULL && (b = json_at(content, i)) != NULL; i++)
		bad = check_block(b, called, answered);
	hmap_free(&called);
	hmap_free(&answered);
	return bad;
}

const char *
mock_anthropic_check(struct json_object *request)
{
	struct json_object *l = json_get(request, "messages"), *m, *next;
	struct json_object *before = NULL, *content;
	const char *bad = NULL;
	size_t i;

	if (!str_eqc(json_get_str(json_at(l, 0), "role"), "user"))
		return "messages: first message must use the \"user\" role";
	for (i = 0; bad == NULL && (m = json_at(l, i)) != NULL; i++) {
		content = json_get(m, "content");
		next = json_get(json_at(l, i + 1), "content");
		bad = check_content(content, before, next);
		if (bad == NULL && json_at(l, i + 1) != NULL &&
		    json_at(l, i + 2) == NULL)
			bad = check_budget(request, content, next);
		before = content;
	}
	return bad;
}
