/*
 * look_ollama.c - answers of Ollama's /api/chat.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include "look.h"

static void
calls(struct look *l, struct look_choice *c, struct json_object *v)
{
	struct json_object *f;
	struct look_call *call;
	int64_t n = 0;
	size_t i;

	while (n < LOOK_CALLS && c->call[n].used)
		n++;
	for (i = 0; i < look_len(v); i++) {
		f = json_get(look_nth(v, i), "function");
		look_need(l, f, "name arguments");
		call = look_call(l, c, n++);
		look_text(&call->id, json_get(look_nth(v, i), "id"));
		look_text(&call->name, json_get(f, "name"));
		look_args(call, json_get(f, "arguments"));
	}
}

void
look_ollama(struct look *l, struct json_object *o)
{
	struct json_object *m = json_get(o, "message"), *done = json_get(o,
	    "done");
	struct str s = json_get_str(o, "done_reason");
	struct look_choice *c;

	if (json_get(o, "error") != NULL) {
		l->error = arena_strdup(l->a, json_object_to_json_string(o));
		return;
	}
	look_need(l, o, "model created_at message done");
	look_need(l, m, "role content");
	c = look_choice(l, 0);
	if (l->ended)
		look_wrong(l, "behind its end");
	look_text(&c->text, json_get(m, "content"));
	look_text(&c->thinking, json_get(m, "thinking"));
	c->images += (unsigned)look_len(json_get(m, "images"));
	c->logprobs += (unsigned)look_len(json_get(o, "logprobs"));
	calls(l, c, json_get(m, "tool_calls"));
	if (!json_object_get_boolean(done))
		return;
	l->ended = 1;
	look_need(l, o, "done_reason total_duration");
	if (s.n > 0)
		c->finish = arena_strndup(l->a, s.p, s.n);
	l->usage = json_get(o, "eval_count") != NULL;
	l->in = look_int(o, "prompt_eval_count", 0);
	l->out = look_int(o, "eval_count", 0);
}
