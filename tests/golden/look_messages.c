/*
 * look_messages.c - answers of Anthropic's Messages API.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 */
#include <string.h>

#include "look.h"

/* The number of calls so far. */
static int64_t
calls(const struct look_choice *c)
{
	int64_t n = 0;

	while (n < LOOK_CALLS && c->call[n].used)
		n++;
	return n;
}

/* A block whole, or as it starts. */
static void
block(struct look *l, struct look_choice *c, struct json_object *b)
{
	struct look_call *call;

	look_need(l, b, "type");
	look_text(&c->text, json_get(b, "text"));
	look_text(&c->thinking, json_get(b, "thinking"));
	c->citations += (unsigned)look_len(json_get(b, "citations"));
	if (look_is(b, "type", "text"))
		look_need(l, b, "text");
	else if (look_is(b, "type", "thinking"))
		look_need(l, b, "thinking signature");
	else if (look_is(b, "type", "tool_use")) {
		look_need(l, b, "id name input");
		call = look_call(l, c, calls(c));
		look_text(&call->id, json_get(b, "id"));
		look_text(&call->name, json_get(b, "name"));
		if (!l->stream)
			look_args(call, json_get(b, "input"));
	}
}

static void
usage(struct look *l, struct json_object *u)
{
	static const char *const names[] = { "input_tokens",
	    "cache_read_input_tokens", "cache_creation_input_tokens",
	    "output_tokens" };
	int64_t *const to[] = { &l->in, &l->cached, &l->written, &l->out };
	struct json_object *v;
	int i;

	if (u == NULL)
		return;
	l->usage = 1;
	for (i = 0; i < 4; i++)
		if ((v = json_get(u, names[i])) != NULL)
			*to[i] = json_object_get_int64(v);
	v = json_get(u, "output_tokens_details");
	l->reasoning = look_int(v, "thinking_tokens", l->reasoning);
}

/* What is there at once is counted apart: together it is the input. */
static void
whole_input(struct look *l)
{
	l->in += l->cached + l->written;
}

static void
stopped(struct look *l, struct look_choice *c, struct json_object *o)
{
	struct str s = json_get_str(o, "stop_reason");

	if (s.n > 0)
		c->finish = arena_strndup(l->a, s.p, s.n);
	look_text(&c->refusal, json_get(json_get(o, "stop_details"),
	    "explanation"));
}

static void
delta(struct look *l, struct look_choice *c, struct json_object *d)
{
	int64_t n = calls(c);

	look_text(&c->text, json_get(d, "text"));
	look_text(&c->thinking, json_get(d, "thinking"));
	if (n > 0)
		look_text(&c->call[n - 1].args, json_get(d, "partial_json"));
	if (look_is(d, "type", "citations_delta"))
		c->citations++;
	if (l->strict && !look_is(d, "type", "text_delta") &&
	    !look_is(d, "type", "thinking_delta") &&
	    !look_is(d, "type", "signature_delta") &&
	    !look_is(d, "type", "input_json_delta") &&
	    !look_is(d, "type", "citations_delta"))
		look_wrong(l, "a delta of no type");
}

/* Blocks come one behind the other, numbered from 0. */
static void
block_event(struct look *l, struct look_choice *c, struct json_object *o,
    struct str type)
{
	int64_t at = look_int(o, "index", -1);

	if (str_eqc(type, "content_block_start")) {
		if (l->open || at != l->block + 1)
			look_wrong(l, "block %d begins", (int)at);
		l->open = 1;
		l->block = (int)at;
		block(l, c, json_get(o, "content_block"));
		return;
	}
	if (!l->open || at != l->block)
		look_wrong(l, "block %d is not open", (int)at);
	if (str_eqc(type, "content_block_stop"))
		l->open = 0;
	else
		delta(l, c, json_get(o, "delta"));
}

static void
body(struct look *l, struct look_choice *c, struct json_object *o)
{
	struct json_object *v = json_get(o, "content");
	size_t i;

	look_need(l, o, "id type role model content stop_reason "
	    "stop_sequence usage");
	for (i = 0; i < look_len(v); i++)
		block(l, c, look_nth(v, i));
	stopped(l, c, o);
	usage(l, json_get(o, "usage"));
	whole_input(l);
}

void
look_messages(struct look *l, struct json_object *o, const char *event)
{
	struct str type = json_get_str(o, "type");
	struct look_choice *c;

	if (event == NULL ? l->stream : !str_eqc(type, event))
		look_wrong(l, "no such event: line");
	if (str_eqc(type, "error")) {
		look_need(l, o, "error");
		look_need(l, json_get(o, "error"), "type message");
		l->error = arena_strdup(l->a, json_object_to_json_string(o));
		return;
	}
	c = look_choice(l, 0);
	if (!l->stream)
		body(l, c, o);
	else if (str_eqc(type, "message_start")) {
		if (l->events != 1)
			look_wrong(l, "message_start is not the first");
		look_need(l, json_get(o, "message"), "id type role model "
		    "content stop_reason stop_sequence usage");
		usage(l, json_get(json_get(o, "message"), "usage"));
	} else if (str_starts(type, STR("content_block_")))
		block_event(l, c, o, type);
	else if (str_eqc(type, "message_delta")) {
		if (l->open)
			look_wrong(l, "message_delta in a block");
		stopped(l, c, json_get(o, "delta"));
		usage(l, json_get(o, "usage"));
	} else if (str_eqc(type, "message_stop")) {
		if (c->finish == NULL)
			look_wrong(l, "message_stop without message_delta");
		l->ended = 1;
		whole_input(l);
	} else if (!str_eqc(type, "ping"))
		look_wrong(l, "an unknown event");
}
