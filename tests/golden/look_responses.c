/*
 * look_responses.c - answers of OpenAI's Responses API.
 *
 * Runs in: golden tests.
 * Owns: nothing.
 *
 * A stream says everything twice, in pieces and as a whole at its end: the
 * pieces are what is looked at, the whole must say the same.
 */
#include <string.h>

#include "look.h"
#include "tap.h"

#define OBJECT "id object created_at status model output " \
	"parallel_tool_calls tool_choice tools temperature top_p error " \
	"incomplete_details instructions metadata"

/* The call whose item_id or output_index that is: calls in their order. */
static int64_t
calls(const struct look_choice *c)
{
	int64_t n = 0;

	while (n < LOOK_CALLS && c->call[n].used)
		n++;
	return n;
}

static void
part(struct look_choice *c, struct json_object *p)
{
	look_text(&c->text, json_get(p, "text"));
	look_text(&c->refusal, json_get(p, "refusal"));
	c->citations += (unsigned)look_len(json_get(p, "annotations"));
	c->logprobs += (unsigned)look_len(json_get(p, "logprobs"));
}

static void
thoughts(struct look_choice *c, struct json_object *list)
{
	size_t i;

	for (i = 0; i < look_len(list); i++)
		look_text(&c->thinking, json_get(look_nth(list, i), "text"));
}

static void
call_item(struct look *l, struct look_choice *c, struct json_object *item,
    int args)
{
	struct look_call *call = look_call(l, c, calls(c));

	look_need(l, item, "id call_id name");
	look_text(&call->id, json_get(item, "call_id"));
	look_text(&call->name, json_get(item, "name"));
	if (args)
		look_args(call, json_get(item, "arguments"));
}

static void
whole_item(struct look *l, struct look_choice *c, struct json_object *item)
{
	struct json_object *v = json_get(item, "content");
	size_t i;

	look_need(l, item, "type id");
	if (look_is(item, "type", "message")) {
		look_need(l, item, "role status content");
		for (i = 0; i < look_len(v); i++)
			part(c, look_nth(v, i));
	} else if (look_is(item, "type", "function_call"))
		call_item(l, c, item, 1);
	else if (look_is(item, "type", "reasoning")) {
		thoughts(c, json_get(item, "summary"));
		thoughts(c, v);
	} else if (look_is(item, "type", "image_generation_call"))
		c->images++;
}

static void
usage(struct look *l, struct json_object *u)
{
	struct json_object *in = json_get(u, "input_tokens_details");

	if (u == NULL)
		return;
	look_need(l, u, "input_tokens input_tokens_details output_tokens "
	    "output_tokens_details total_tokens");
	l->usage = 1;
	l->in = look_int(u, "input_tokens", 0);
	l->out = look_int(u, "output_tokens", 0);
	l->cached = look_int(in, "cached_tokens", 0);
	l->written = look_int(in, "cache_write_tokens", 0);
	l->reasoning = look_int(json_get(u, "output_tokens_details"),
	    "reasoning_tokens", 0);
}

/* How it ended, and what it cost. */
static void
outcome(struct look *l, struct look_choice *c, struct json_object *r)
{
	struct str s = json_get_str(r, "status"), why = json_get_str(
	    json_get(r, "incomplete_details"), "reason");

	if (why.n > 0)
		s = why;
	if (s.n > 0)
		c->finish = arena_strndup(l->a, s.p, s.n);
	if (json_get(r, "error") != NULL)
		l->error = arena_strdup(l->a, json_object_to_json_string(r));
	usage(l, json_get(r, "usage"));
}

/* The whole at the end of a stream, against its pieces. */
static void
check_whole(struct look *l, const struct look_choice *c,
    struct json_object *r)
{
	struct json_object *o = json_get(r, "output");
	struct look whole;
	size_t i;

	if (!l->strict)
		return;
	look_at(&whole, l->a, OC, 0, 0, "{\"choices\":[]}", 14);
	for (i = 0; i < look_len(o); i++)
		whole_item(&whole, look_choice(&whole, 0), look_nth(o, i));
	if (!str_eq(buf_str(&whole.ch[0].text), buf_str(&c->text)) ||
	    !str_eq(buf_str(&whole.ch[0].refusal), buf_str(&c->refusal)) ||
	    !str_eq(buf_str(&whole.ch[0].thinking), buf_str(&c->thinking)))
		look_wrong(l, "the whole says something else: %s",
		    json_object_to_json_string(o));
	for (i = 0; i < LOOK_CALLS; i++)
		if (whole.ch[0].call[i].used != c->call[i].used ||
		    !str_eq(buf_str(&whole.ch[0].call[i].args),
		    buf_str(&c->call[i].args)))
			look_wrong(l, "the whole calls otherwise: %s",
			    json_object_to_json_string(o));
	look_free(&whole);
}

static void
deltas(struct look *l, struct look_choice *c, struct json_object *o,
    struct str type)
{
	struct json_object *d = json_get(o, "delta"), *item;
	int64_t at = look_int(o, "output_index", 0);

	OK(at >= 0 && at < LOOK_ITEMS);

	if (str_eqc(type, "response.output_text.delta")) {
		look_text(&c->text, d);
		if (!l->strict)
			c->logprobs += (unsigned)look_len(json_get(o,
			    "logprobs"));
	} else if (str_eqc(type, "response.output_text.done")) {
		if (l->strict)
			c->logprobs += (unsigned)look_len(json_get(o,
			    "logprobs"));
	} else if (str_eqc(type, "response.refusal.delta"))
		look_text(&c->refusal, d);
	else if (str_eqc(type, "response.reasoning_summary_text.delta") ||
	    str_eqc(type, "response.reasoning_text.delta"))
		look_text(&c->thinking, d);
	else if (str_eqc(type, "response.output_text.annotation.added"))
		c->citations++;
	else if (str_eqc(type, "response.function_call_arguments.delta"))
		look_text(&c->call[l->call_of[at]].args, d);
	else if (str_eqc(type, "response.output_item.added")) {
		item = json_get(o, "item");
		look_need(l, item, "id type");
		l->call_of[at] = calls(c);
		if (look_is(item, "type", "function_call"))
			call_item(l, c, item, 0);
	} else if (str_eqc(type, "response.output_item.done") &&
	    look_is(json_get(o, "item"), "type", "image_generation_call"))
		c->images++;
}

static void
body(struct look *l, struct look_choice *c, struct json_object *o)
{
	struct json_object *v = json_get(o, "output");
	size_t i;

	if (json_get(o, "output") == NULL && json_get(o, "error") != NULL) {
		l->error = arena_strdup(l->a, json_object_to_json_string(o));
		l->n = 0;
		return;
	}
	look_need(l, o, OBJECT);
	for (i = 0; i < look_len(v); i++)
		whole_item(l, c, look_nth(v, i));
	outcome(l, c, o);
}

void
look_responses(struct look *l, struct json_object *o, const char *event)
{
	struct str type = json_get_str(o, "type");
	struct look_choice *c;
	struct json_object *r;

	if (str_eqc(type, "error")) {
		l->sequence++;
		l->error = arena_strdup(l->a, json_object_to_json_string(o));
		return;
	}
	c = look_choice(l, 0);
	if (!l->stream) {
		body(l, c, o);
		return;
	}
	if (event == NULL || !str_eqc(type, event))
		look_wrong(l, "no such event: line");
	if (look_int(o, "sequence_number", -1) != l->sequence++)
		look_wrong(l, "sequence_number");
	r = json_get(o, "response");
	if (str_eqc(type, "response.completed") ||
	    str_eqc(type, "response.incomplete") ||
	    str_eqc(type, "response.failed")) {
		look_need(l, r, OBJECT);
		outcome(l, c, r);
		if (l->error == NULL)
			check_whole(l, c, r);
		l->ended = l->error == NULL;
	} else if (r != NULL)
		look_need(l, r, OBJECT);
	else
		deltas(l, c, o, type);
}
