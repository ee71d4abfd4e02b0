/*
 * ask.c - what a request says, told from its bytes by json-c alone.
 *
 * Runs in: golden tests.
 * Owns: the lines.
 */
#include <string.h>

#include "ask.h"
#include "tap.h"

#define TEXT_MAX (16u << 20)

static struct json_object *
get(struct json_object *o, const char *name)
{
	return json_object_is_type(o, json_type_object) ? json_get(o, name) :
	    NULL;
}

static size_t
len(struct json_object *v)
{
	return json_object_is_type(v, json_type_array) ?
	    json_object_array_length(v) : 0;
}

static struct json_object *
nth(struct json_object *v, size_t i)
{
	return json_object_array_get_idx(v, i);
}

static int
is(struct json_object *o, const char *name, const char *value)
{
	struct str s = get(o, name) == NULL ? STR_NULL :
	    json_get_str(o, name);

	return s.p != NULL && str_eqc(s, value);
}

/* Text without white space: how parts are joined is nobody's rule. */
static void
words(struct ask *k, enum ask_kind kind, const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr(" \n\r\t", *s) == NULL)
			EQ_INT(buf_addc(&k->line[kind], *s), 0);
}

static void
text(struct ask *k, enum ask_kind kind, struct json_object *v)
{
	if (json_object_is_type(v, json_type_string))
		words(k, kind, json_object_get_string(v));
}

/* A value as JSON, or a string that is JSON, the same way. */
static void
value(struct ask *k, enum ask_kind kind, struct json_object *v)
{
	struct json_object *o = NULL;

	if (json_object_is_type(v, json_type_string))
		o = json_tokener_parse(json_object_get_string(v));
	if (o == NULL && json_object_is_type(v, json_type_string))
		text(k, kind, v);
	else
		words(k, kind, json_object_to_json_string_ext(o != NULL ? o :
		    v, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void
media(struct ask *k)
{
	words(k, ASK_MEDIA, "m");
}

static void
call(struct ask *k, struct json_object *name, struct json_object *args)
{
	text(k, ASK_CALLS, name);
	words(k, ASK_CALLS, ":");
	if (args == NULL || (json_object_is_type(args, json_type_string) &&
	    json_object_get_string_len(args) == 0))
		words(k, ASK_CALLS, "{}");
	else
		value(k, ASK_CALLS, args);
}

static void
number(struct ask *k, struct json_object *o, const char *name)
{
	struct json_object *v = get(o, name);

	if (v != NULL) {
		words(k, ASK_NUMBERS, json_object_get_string(v));
		words(k, ASK_NUMBERS, ";");
	}
}

/* A string or a list of parts of any of the formats. */
static void
parts(struct ask *k, enum ask_kind kind, struct json_object *v)
{
	struct json_object *p, *t;
	size_t i;

	if (json_object_is_type(v, json_type_string)) {
		text(k, kind, v);
		return;
	}
	for (i = 0; i < len(v); i++) {
		p = nth(v, i);
		t = get(p, "text");
		if (is(p, "type", "thinking"))
			continue;
		if (t != NULL)
			text(k, kind, t);
		else if (is(p, "type", "refusal"))
			text(k, kind, get(p, "refusal"));
		else if (!is(p, "type", "tool_use") &&
		    !is(p, "type", "tool_result") &&
		    !is(p, "type", "redacted_thinking"))
			media(k);
	}
}

static enum ask_kind
kind_of(struct json_object *m)
{
	if (is(m, "role", "assistant") || is(m, "role", "model"))
		return ASK_ASSISTANT;
	return is(m, "role", "system") || is(m, "role", "developer") ?
	    ASK_SYSTEM : ASK_USER;
}

static void
tool_names(struct ask *k, struct json_object *tools, int inside)
{
	struct json_object *t;
	size_t i;

	for (i = 0; i < len(tools); i++) {
		t = nth(tools, i);
		if (inside && get(t, "function") != NULL)
			t = get(t, "function");
		else if (inside && get(t, "custom") != NULL)
			t = get(t, "custom");
		text(k, ASK_TOOLS, get(t, "name"));
		words(k, ASK_TOOLS, ";");
	}
}

static void
chat(struct ask *k, struct json_object *o)
{
	struct json_object *list = get(o, "messages"), *m, *calls, *f;
	size_t i, n;

	for (i = 0; i < len(list); i++) {
		m = nth(list, i);
		if (is(m, "role", "tool")) {
			for (n = 0; n < len(get(m, "images")); n++)
				media(k);
			parts(k, ASK_RESULTS, get(m, "content"));
			words(k, ASK_RESULTS, ";");
			continue;
		}
		parts(k, kind_of(m), get(m, "content"));
		text(k, ASK_ASSISTANT, get(m, "refusal"));
		for (n = 0; n < len(get(m, "images")); n++)
			media(k);	/* Ollama's */
		calls = get(m, "tool_calls");
		for (n = 0; n < len(calls); n++) {
			f = get(nth(calls, n), "function");
			call(k, get(f, "name"), get(f, "arguments"));
		}
	}
	for (i = 0; i < len(get(o, "documents")); i++)
		media(k);	/* Groq's */
	tool_names(k, get(o, "tools"), 1);
	number(k, o, "max_tokens");
	number(k, o, "max_completion_tokens");
	if (get(o, "options") != NULL)
		o = get(o, "options");	/* Ollama's */
	number(k, o, "num_predict");
	number(k, o, "temperature");
	number(k, o, "top_p");
}

static void
messages(struct ask *k, struct json_object *o)
{
	struct json_object *list = get(o, "messages"), *m, *c, *b;
	size_t i, n;

	parts(k, ASK_SYSTEM, get(o, "system"));
	for (i = 0; i < len(list); i++) {
		m = nth(list, i);
		c = get(m, "content");
		parts(k, kind_of(m), c);
		for (n = 0; n < len(c); n++) {
			b = nth(c, n);
			if (is(b, "type", "tool_use"))
				call(k, get(b, "name"), get(b, "input"));
			else if (is(b, "type", "tool_result")) {
				parts(k, ASK_RESULTS, get(b, "content"));
				words(k, ASK_RESULTS, ";");
			}
		}
	}
	tool_names(k, get(o, "tools"), 0);
	number(k, o, "max_tokens");
	number(k, o, "temperature");
	number(k, o, "top_p");
}

static void
responses(struct ask *k, struct json_object *o)
{
	struct json_object *list = get(o, "input"), *m;
	size_t i;

	text(k, ASK_SYSTEM, get(o, "instructions"));
	text(k, ASK_USER, list);
	for (i = 0; i < len(list); i++) {
		m = nth(list, i);
		if (is(m, "type", "function_call"))
			call(k, get(m, "name"), get(m, "arguments"));
		else if (is(m, "type", "function_call_output")) {
			parts(k, ASK_RESULTS, get(m, "output"));
			words(k, ASK_RESULTS, ";");
		} else if (get(m, "role") != NULL)
			parts(k, kind_of(m), get(m, "content"));
	}
	tool_names(k, get(o, "tools"), 0);
	number(k, o, "max_output_tokens");
	number(k, o, "temperature");
	number(k, o, "top_p");
}

/* What a tool said: a text that is only wrapped, or the object. */
static void
response(struct ask *k, struct json_object *v)
{
	static const char *const wraps[] = { "output", "result", "content",
	    "return_value", "error" };
	size_t i;

	for (i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++)
		if (json_object_object_length(v) == 1 &&
		    json_object_is_type(get(v, wraps[i]), json_type_string)) {
			text(k, ASK_RESULTS, get(v, wraps[i]));
			words(k, ASK_RESULTS, ";");
			return;
		}
	value(k, ASK_RESULTS, v);
	words(k, ASK_RESULTS, ";");
}

static void
gemini_part(struct ask *k, enum ask_kind kind, struct json_object *p)
{
	struct json_object *f = get(p, "functionCall"), *r = get(p,
	    "functionResponse"), *thought = get(p, "thought");
	size_t i;

	if (thought != NULL && json_object_get_boolean(thought))
		return;
	text(k, kind, get(p, "text"));
	if (f != NULL)
		call(k, get(f, "name"), get(f, "args"));
	if (r != NULL)
		response(k, get(r, "response"));
	for (i = 0; i < len(get(r, "parts")); i++)
		media(k);
	if (get(p, "inlineData") != NULL || get(p, "inline_data") != NULL ||
	    get(p, "fileData") != NULL)
		media(k);
}

static void
gemini(struct ask *k, struct json_object *o)
{
	struct json_object *list = get(o, "contents"), *c, *v, *t;
	size_t i, n;

	v = get(get(o, "systemInstruction"), "parts");
	for (i = 0; i < len(v); i++)
		text(k, ASK_SYSTEM, get(nth(v, i), "text"));
	for (i = 0; i < len(list); i++) {
		c = nth(list, i);
		v = get(c, "parts");
		for (n = 0; n < len(v); n++)
			gemini_part(k, kind_of(c), nth(v, n));
	}
	t = get(o, "tools");
	for (i = 0; i < len(t); i++)
		tool_names(k, get(nth(t, i), "functionDeclarations"), 0);
	v = get(o, "generationConfig");
	number(k, v, "maxOutputTokens");
	number(k, v, "temperature");
	number(k, v, "topP");
}

void
ask_at(struct ask *k, struct arena *a, int format, const char *body)
{
	struct json_object *o = probe_parse(body);
	int i;

	memset(k, 0, sizeof(*k));
	k->a = a;
	for (i = 0; i < ASK_KINDS; i++)
		buf_init(&k->line[i], TEXT_MAX);
	if (format == AN)
		messages(k, o);
	else if (format == OR)
		responses(k, o);
	else if (format == GE)
		gemini(k, o);
	else
		chat(k, o);
	json_object_put(o);
}

void
ask_free(struct ask *k)
{
	int i;

	for (i = 0; i < ASK_KINDS; i++)
		buf_free(&k->line[i]);
}

const char *
ask_compare(struct arena *a, const struct ask *x, const struct ask *y)
{
	char d[ASK_KINDS + 1], *p = d;
	int i;

	for (i = 0; i < ASK_KINDS; i++)
		if (!str_eq(buf_str(&x->line[i]), buf_str(&y->line[i])))
			*p++ = ASK_LETTERS[i];
	*p = '\0';
	return arena_strdup(a, d);
}
