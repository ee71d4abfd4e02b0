/*
 * look_compare.c - what two answers do not say alike.
 *
 * Runs in: golden tests.
 * Owns: the table of words for how an answer ended.
 */
#include <string.h>

#include "look.h"

const char *
look_finish(const struct look *l, int format, unsigned choice)
{
	static const struct {
		const char	*word, *what;
	} rows[] = {
		{ "stop", "stop" }, { "end_turn", "stop" },
		{ "stop_sequence", "stop" }, { "STOP", "stop" },
		{ "completed", "stop" }, { "complete", "stop" },
		{ "length", "length" }, { "max_tokens", "length" },
		{ "model_length", "length" }, { "MAX_TOKENS", "length" },
		{ "max_output_tokens", "length" },
		{ "model_context_window_exceeded", "length" },
		{ "tool_calls", "calls" }, { "tool_use", "calls" },
		{ "function_call", "calls" },
		{ "content_filter", "filter" }, { "refusal", "filter" },
		{ "SAFETY", "filter" }, { "PROHIBITED_CONTENT", "filter" },
		{ "RECITATION", "filter" }, { "BLOCKLIST", "filter" },
	};
	const struct look_choice *c = &l->ch[choice];
	size_t i;

	if (c->finish == NULL)
		return "";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, c->finish) == 0)
			break;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return "other";
	/* Formats that have no word for it, and servers that do not use it. */
	if (strcmp(rows[i].what, "stop") == 0 && c->call[0].used &&
	    format != AN)
		return "calls";
	return rows[i].what;
}

/* Without white space: how paragraphs are joined is nobody's rule. */
static int
same_words(const struct buf *a, const struct buf *b)
{
	struct str x = buf_str(a), y = buf_str(b);
	size_t i = 0, k = 0;

	for (;;) {
		while (i < x.n && strchr(" \n\r\t", x.p[i]) != NULL)
			i++;
		while (k < y.n && strchr(" \n\r\t", y.p[k]) != NULL)
			k++;
		if (i == x.n || k == y.n)
			return i == x.n && k == y.n;
		if (x.p[i++] != y.p[k++])
			return 0;
	}
}

static int
same(const struct buf *a, const struct buf *b)
{
	return str_eq(buf_str(a), buf_str(b));
}

/* Arguments with nothing in them are an empty object. */
static const char *
arguments(const struct look *l, const struct buf *b)
{
	struct json_object *o;
	const char *s;

	if (buf_len(b) == 0)
		return "{}";
	s = arena_strndup(l->a, buf_str(b).p, buf_len(b));
	if ((o = json_tokener_parse(s)) == NULL)
		return s;
	s = arena_strdup(l->a, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return s;
}

struct letters {
	char		 s[32];
	unsigned	 n;
};

static void
differ(struct letters *d, char letter, int same)
{
	if (!same && memchr(d->s, letter, d->n) == NULL)
		d->s[d->n++] = letter;
}

static void
compare_choice(struct letters *d, const struct look *was, int f,
    const struct look *now, int g, unsigned i)
{
	const struct look_choice *a = &was->ch[i], *b = &now->ch[i];
	unsigned k;

	differ(d, 't', same(&a->text, &b->text));
	differ(d, 'r', same(&a->refusal, &b->refusal));
	differ(d, 'h', same_words(&a->thinking, &b->thinking));
	differ(d, 'p', a->images == b->images);
	differ(d, 'q', a->citations == b->citations);
	differ(d, 'l', a->logprobs == b->logprobs);
	if (now->error == NULL)
		differ(d, 'f', strcmp(look_finish(was, f, i),
		    look_finish(now, g, i)) == 0);
	for (k = 0; k < LOOK_CALLS; k++) {
		const struct look_call *x = &a->call[k], *y = &b->call[k];

		differ(d, 'c', x->used == y->used);
		if (!x->used || !y->used)
			continue;
		differ(d, 'c', same(&x->name, &y->name));
		differ(d, 'c', strcmp(arguments(was, &x->args),
		    arguments(now, &y->args)) == 0);
		differ(d, 'i', same(&x->id, &y->id));
	}
}

const char *
look_compare(struct arena *a, const struct look *was, int format,
    const struct look *now, int now_format)
{
	struct letters d = { "", 0 };
	unsigned i;

	differ(&d, 'e', (was->error == NULL) == (now->error == NULL));
	/* An error instead of an answer says nothing else. */
	if (now->error != NULL && !now->stream)
		return arena_strndup(a, d.s, d.n);
	if (now->error == NULL)
		differ(&d, 'n', was->n == now->n);
	for (i = 0; i < was->n && i < now->n; i++)
		compare_choice(&d, was, format, now, now_format, i);
	if (now->error != NULL)
		return arena_strndup(a, d.s, d.n);
	differ(&d, 'u', was->usage == now->usage && was->in == now->in &&
	    was->out == now->out);
	differ(&d, 'k', was->cached == now->cached);
	differ(&d, 'w', was->written == now->written);
	differ(&d, 'z', was->reasoning == now->reasoning);
	differ(&d, 'd', was->ended == now->ended);
	return arena_strndup(a, d.s, d.n);
}
