/*
 * look_chat.c - answers of the chat family: OpenAI, Mistral, Groq.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include <string.h>

#include "look.h"

/* An array of chunks, or a string. */
static void
content(struct look_choice *c, struct json_object *v)
{
	struct json_object *part, *said;
	size_t i, k;

	look_text(&c->text, v);
	for (i = 0; i < look_len(v); i++) {
		part = look_nth(v, i);
		if (look_is(part, "type", "text"))
			look_text(&c->text, json_get(part, "text"));
		else if (look_is(part, "type", "image_url"))
			c->images++;
		else if (look_is(part, "type", "reference"))
			c->citations++;
		said = json_get(part, "thinking");
		for (k = 0; k < look_len(said); k++)
			look_text(&c->thinking, json_get(look_nth(said, k),
			    "text"));
	}
}

static void
calls(struct look *l, struct look_choice *c, struct json_object *v)
{
	struct json_object *one, *f;
	struct look_call *call;
	int64_t at, last;
	size_t i;

	for (last = 0; last < LOOK_CALLS - 1 && c->call[last].used; last++)
		;
	for (i = 0; i < look_len(v); i++) {
		one = look_nth(v, i);
		f = json_get(one, "function");
		if (f == NULL)
			f = json_get(one, "custom");
		at = !l->stream ? (int64_t)i : json_get(one, "id") != NULL ||
		    last == 0 ? last++ : last - 1;
		if (l->stream)
			at = look_int(one, "index", at);
		call = look_call(l, c, at);
		if (!l->stream)
			look_need(l, one, "id type function");
		if (buf_len(&call->id) == 0)
			look_text(&call->id, json_get(one, "id"));
		if (buf_len(&call->name) == 0)
			look_text(&call->name, json_get(f, "name"));
		look_args(call, json_get(f, "arguments"));
	}
}

static void
message(struct look *l, struct look_choice *c, struct json_object *m)
{
	content(c, json_get(m, "content"));
	look_text(&c->refusal, json_get(m, "refusal"));
	look_text(&c->thinking, json_get(m, "reasoning_content"));
	look_text(&c->thinking, json_get(m, "reasoning"));
	calls(l, c, json_get(m, "tool_calls"));
	c->citations += (unsigned)look_len(json_get(m, "annotations"));
	c->images += (unsigned)look_len(json_get(m, "images"));
}

static void
usage(struct look *l, struct json_object *u, int format)
{
	struct json_object *in = json_get(u, "prompt_tokens_details"),
	    *out = json_get(u, "completion_tokens_details");

	if (u == NULL)
		return;
	look_need(l, u, "prompt_tokens completion_tokens total_tokens");
	l->usage = 1;
	l->in = look_int(u, "prompt_tokens", 0);
	l->out = look_int(u, "completion_tokens", 0);
	l->cached = look_int(in, "cached_tokens", look_int(u,
	    "num_cached_tokens", 0));
	l->written = look_int(in, "cache_write_tokens", 0);
	l->reasoning = look_int(out, "reasoning_tokens", 0);
	if (look_int(u, "total_tokens", 0) != l->in + l->out)
		look_wrong(l, "%d: total_tokens is no sum", format);
}

static void
choice(struct look *l, struct json_object *v)
{
	struct look_choice *c = look_choice(l, look_int(v, "index", 0));
	struct json_object *m = json_get(v, l->stream ? "delta" : "message");
	struct str s = json_get_str(v, "finish_reason");

	look_need(l, v, l->stream ? "index delta finish_reason" :
	    "index message finish_reason");
	if (c->finish != NULL && json_object_object_length(m) > 0)
		look_wrong(l, "said behind its finish_reason");
	message(l, c, m);
	c->logprobs += (unsigned)look_len(json_get(json_get(v, "logprobs"),
	    "content"));
	if (s.n > 0) {
		if (c->finish != NULL)
			look_wrong(l, "two finish_reasons");
		c->finish = arena_strndup(l->a, s.p, s.n);
	}
}

void
look_chat(struct look *l, struct json_object *o, int format)
{
	struct json_object *e = json_get(o, "error"), *v;
	struct str id = json_get_str(o, "id");
	size_t i;

	if (e == NULL && look_is(o, "object", "error"))
		e = o;
	if (e != NULL) {
		look_need(l, e, "message");
		l->error = arena_strdup(l->a, json_object_to_json_string(e));
		return;
	}
	look_need(l, o, "id object created model choices");
	if (l->strict && !look_is(o, "object", l->stream ?
	    "chat.completion.chunk" : "chat.completion"))
		look_wrong(l, "object");
	if (id.n > 0 && l->id != NULL && !str_eqc(id, l->id))
		look_wrong(l, "ids differ");
	if (id.n > 0 && l->id == NULL)
		l->id = arena_strndup(l->a, id.p, id.n);
	v = json_get(o, "choices");
	for (i = 0; i < look_len(v); i++)
		choice(l, look_nth(v, i));
	if ((v = json_get(o, "usage")) == NULL)
		v = json_get(json_get(o, "x_groq"), "usage");
	usage(l, v, format);
}
