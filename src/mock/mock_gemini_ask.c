/*
 * mock_gemini_ask.c - what a request in Gemini's format asks for, and whether
 * what it says of earlier turns is what the server would take.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include "mock/mock_dialects.h"
#include "mock/mock_gemini.h"
#include "mock/mock_text.h"

struct json_object *
mock_gemini_get(struct json_object *o, const char *camel, const char *snake)
{
	struct json_object *v = json_get(o, camel);

	return v != NULL ? v : json_get(o, snake);
}

/* Parts of content i that have that member. */
static unsigned
count(struct json_object *contents, size_t i, const char *camel,
    const char *snake)
{
	struct json_object *l = json_get(json_at(contents, i), "parts");
	unsigned n = 0;
	size_t k;

	for (k = 0; json_at(l, k) != NULL; k++)
		n += mock_gemini_get(json_at(l, k), camel, snake) != NULL;
	return n;
}

static unsigned
calls(struct json_object *contents, size_t i)
{
	return count(contents, i, "functionCall", "function_call");
}

static unsigned
results(struct json_object *contents, size_t i)
{
	return count(contents, i, "functionResponse", "function_response");
}

/* Is the name one of those that toolConfig allows, if it names any? */
static int
allowed(struct json_object *names, struct str name)
{
	size_t i;

	for (i = 0; json_at(names, i) != NULL; i++)
		if (str_eqc(name, json_object_get_string(json_at(names, i))))
			return 1;
	return json_at(names, 0) == NULL;
}

static struct json_object *
pick_tool(struct json_object *root)
{
	struct json_object *l = json_get(root, "tools"), *d, *names;
	struct json_object *mode;
	size_t i, k;

	mode = mock_gemini_get(mock_gemini_get(root, "toolConfig",
	    "tool_config"), "functionCallingConfig",
	    "function_calling_config");
	if (str_eqc(json_get_str(mode, "mode"), "NONE"))
		return NULL;
	names = mock_gemini_get(mode, "allowedFunctionNames",
	    "allowed_function_names");
	for (i = 0; json_at(l, i) != NULL; i++) {
		d = mock_gemini_get(json_at(l, i), "functionDeclarations",
		    "function_declarations");
		for (k = 0; json_at(d, k) != NULL; k++)
			if (allowed(names, json_get_str(json_at(d, k),
			    "name")))
				return json_at(d, k);
	}
	return NULL;
}

/* Tokens: of the level, of the budget, or what it thinks unasked. */
static int64_t
thinking(struct json_object *t)
{
	static const struct { const char *name; int64_t tokens; } levels[] = {
		{ "MINIMAL", 16 }, { "LOW", 64 }, { "MEDIUM", 128 },
		{ "HIGH", 256 },
	};
	struct json_object *budget;
	struct str level;
	size_t i;

	level = json_get_str(t, "thinkingLevel");
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_ieq(level, str_of(levels[i].name)))
			return levels[i].tokens;
	budget = mock_gemini_get(t, "thinkingBudget", "thinking_budget");
	if (budget != NULL)
		return json_object_get_int64(budget) < 0 ? 128 :
		    json_object_get_int64(budget) / 8;
	return t == NULL ? 0 : 128;
}

void
mock_gemini_plan(struct mock_call *c, struct json_object *root)
{
	struct json_object *contents = json_get(root, "contents"), *t, *conf;
	struct mock_ask ask = { 0 };
	size_t n = json_object_array_length(contents);

	conf = mock_gemini_get(root, "generationConfig", "generation_config");
	t = pick_tool(root);
	if (t != NULL && results(contents, n - 1) == 0) {
		ask.tool = json_get_str(t, "name");
		ask.arguments = mock_gemini_get(t, "parametersJsonSchema",
		    "parameters_json_schema");
		if (ask.arguments == NULL)
			ask.arguments = json_get(t, "parameters");
	}
	ask.json = str_eqc(str_of(json_object_get_string(mock_gemini_get(
	    conf, "responseMimeType", "response_mime_type"))),
	    "application/json");
	ask.schema = mock_gemini_get(conf, "responseJsonSchema",
	    "response_json_schema");
	if (ask.schema == NULL)
		ask.schema = mock_gemini_get(conf, "responseSchema",
		    "response_schema");
	t = mock_gemini_get(conf, "thinkingConfig", "thinking_config");
	ask.thinking = thinking(t);
	ask.shown = json_object_get_boolean(mock_gemini_get(t,
	    "includeThoughts", "include_thoughts"));
	ask.most = json_get_int(conf, "maxOutputTokens", 0);
	ask.input = mock_text_count(c->w[MOCK_W_CONTENTS].raw.n);
	ask.caches = json_get(root, "cachedContent") != NULL;
	ask.choices = (unsigned)json_get_int(conf, "candidateCount", 1);
	mock_gen_plan(c, &ask);
	c->a->gen.logprobs = json_object_get_boolean(json_get(conf,
	    "responseLogprobs"));
	c->a->tokens.written = 0;
}

/* Is the first call of that content signed, by us or by the known dummy? */
static int
is_signed(struct json_object *content)
{
	struct json_object *l = json_get(content, "parts"), *p;
	struct str sig;
	size_t i;

	for (i = 0; (p = json_at(l, i)) != NULL; i++) {
		if (mock_gemini_get(p, "functionCall", "function_call") ==
		    NULL)
			continue;
		sig = json_get_str(p, "thoughtSignature");
		if (sig.p == NULL)
			sig = json_get_str(p, "thought_signature");
		return sig.p != NULL && (mock_gen_signed(sig, "gemini",
		    STR_NULL) || mock_gen_signed(sig,
		    "skip_thought_signature_validator", STR_NULL));
	}
	return 1;
}

/* The index of the content that began the turn: no result is in it. */
static size_t
turn(struct json_object *l)
{
	size_t i = json_object_array_length(l);

	while (i > 0 && (results(l, i - 1) > 0 || str_eqc(json_get_str(
	    json_at(l, i - 1), "role"), "model")))
		i--;
	return i;
}

const char *
mock_gemini_check(struct json_object *request, const char *model)
{
	struct json_object *l = json_get(request, "contents");
	size_t i, from;

	if (json_at(l, 0) == NULL)
		return "* GenerateContentRequest.contents: contents is not "
		    "specified";
	from = turn(l);
	for (i = 0; json_at(l, i) != NULL; i++) {
		if (calls(l, i) > 0 && calls(l, i) != results(l, i + 1))
			return "Please ensure that the number of function "
			    "response parts is equal to the number of "
			    "function call parts of the function call turn.";
		if (results(l, i) > 0 && (i == 0 || calls(l, i - 1) == 0))
			return "Please ensure that function response turn "
			    "comes immediately after a function call turn.";
		if (i >= from && strstr(model, "gemini-3") != NULL &&
		    !is_signed(json_at(l, i)))
			return "Function call is missing a thought_signature "
			    "in functionCall parts.";
	}
	return NULL;
}
