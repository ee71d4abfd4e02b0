/*
 * look_gemini.c - answers of Gemini's generateContent.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include <string.h>

#include "look.h"

/* Vertex's calls in pieces: values, or pieces of texts, at "$.name". */
static void
pieces(struct look *l, struct look_call *call, struct json_object *list)
{
	struct json_object *one, *v, *was;
	const char *key;
	size_t i;

	if (l->partial == NULL)
		l->partial = json_object_new_object();
	for (i = 0; i < look_len(list); i++) {
		one = look_nth(list, i);
		key = json_object_get_string(json_get(one, "jsonPath")) + 2;
		was = json_get(l->partial, key);
		if ((v = json_get(one, "stringValue")) == NULL)
			v = json_object_get(json_get(one, "numberValue"));
		else
			v = json_object_new_string(arena_printf(l->a, "%s%s",
			    was == NULL ? "" : json_object_get_string(was),
			    json_object_get_string(v)));
		json_object_object_add(l->partial, key, v);
	}
	look_args(call, l->partial);
}

static void
part(struct look *l, struct look_choice *c, struct json_object *p)
{
	struct json_object *f = json_get(p, "functionCall"),
	    *thought = json_get(p, "thought");
	struct look_call *call;
	int64_t n = 0;

	if (thought != NULL && json_object_get_boolean(thought))
		look_text(&c->thinking, json_get(p, "text"));
	else
		look_text(&c->text, json_get(p, "text"));
	c->images += json_get(p, "inlineData") != NULL;
	if (f == NULL)
		return;
	while (n < LOOK_CALLS && c->call[n].used)
		n++;
	if (json_get(f, "name") == NULL && n > 0) {
		pieces(l, &c->call[n - 1], json_get(f, "partialArgs"));
		return;
	}
	json_object_put(l->partial);
	l->partial = NULL;
	call = look_call(l, c, n);
	if (json_get(f, "willContinue") != NULL) {
		look_text(&call->name, json_get(f, "name"));
		return;
	}
	look_need(l, f, "name args");
	look_text(&call->id, json_get(f, "id"));
	look_text(&call->name, json_get(f, "name"));
	look_args(call, json_get(f, "args"));
}

static void
candidate(struct look *l, struct json_object *v)
{
	struct look_choice *c = look_choice(l, look_int(v, "index", 0));
	struct json_object *parts = json_get(json_get(v, "content"), "parts");
	struct str s = json_get_str(v, "finishReason");
	size_t i;

	if (c->finish != NULL)
		look_wrong(l, "said behind its finishReason");
	for (i = 0; i < look_len(parts); i++)
		part(l, c, look_nth(parts, i));
	c->logprobs += (unsigned)look_len(json_get(json_get(v,
	    "logprobsResult"), "chosenCandidates"));
	c->citations += (unsigned)look_len(json_get(json_get(v,
	    "citationMetadata"), "citationSources"));
	c->citations += (unsigned)look_len(json_get(json_get(v,
	    "groundingMetadata"), "groundingChunks"));
	if (s.n > 0) {
		c->finish = arena_strndup(l->a, s.p, s.n);
		l->ended = 1;
	}
}

static void
usage(struct look *l, struct json_object *u)
{
	if (u == NULL)
		return;
	l->usage = 1;
	l->in = look_int(u, "promptTokenCount", 0) + look_int(u,
	    "toolUsePromptTokenCount", 0);
	l->cached = look_int(u, "cachedContentTokenCount", 0);
	l->reasoning = look_int(u, "thoughtsTokenCount", 0);
	l->out = look_int(u, "candidatesTokenCount", 0) + l->reasoning;
	look_need(l, u, "totalTokenCount");
}

void
look_gemini(struct look *l, struct json_object *o)
{
	struct json_object *v = json_get(o, "error");
	struct str s;
	size_t i;

	if (v != NULL) {
		look_need(l, v, "code message status");
		l->error = arena_strdup(l->a, json_object_to_json_string(v));
		return;
	}
	look_need(l, o, "modelVersion responseId");
	v = json_get(o, "candidates");
	for (i = 0; i < look_len(v); i++)
		candidate(l, look_nth(v, i));
	s = json_get_str(json_get(o, "promptFeedback"), "blockReason");
	if (s.n > 0) {
		look_choice(l, 0)->finish = arena_strndup(l->a, s.p, s.n);
		l->ended = 1;
	}
	usage(l, json_get(o, "usageMetadata"));
}
