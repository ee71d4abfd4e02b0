/*
 * chat_call.c - calls in answers of the chat family.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Servers divide them differently: whole in one delta or in pieces, with or
 * without index, several under one index, with id and name repeated or empty,
 * the first one numbered 1.
 */
#include "base/err.h"
#include "base/slice.h"
#include "dialect/chat_in.h"
#include "dialect/wire.h"

#define MAX_CALLS	1024		/* of a choice */
#define MAX_ARGS	(16u << 20)	/* of a call that is unwrapped */

static void
free_buf(void *arg)
{
	struct buf *b = arg;

	buf_free(b);
}

static void
call_end(struct codec_in *in, const struct chat_choice *c, struct chat_call *k)
{
	struct jscan_result res;
	struct str args;
	struct jval v;

	if (k->ended)
		return;
	k->ended = 1;
	if (k->wrapped != NULL) {
		args = buf_str(k->wrapped);
		if (jscan(args, NULL, NULL, 0, &res) == 0 &&
		    (v = jt_get(jt_value(args), "input")).type ==
		    JSCAN_STRING)
			args = jt_text(CODEC_TMP(in), v);
		if (args.n > 0)
			chat_emit(in, (struct ir_event){ .kind = IR_EV_ARGS,
			    .choice = (unsigned)c->index, .call = k->number,
			    .text = args });
		/* Freed with the arena: the text may lie in it. */
	}
	chat_emit(in, (struct ir_event){ .kind = IR_EV_CALL_END,
	    .choice = (unsigned)c->index, .call = k->number });
}

/* Follow the brackets of arguments that come in pieces. */
static void
watch(struct chat_call *k, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		slice_bytes(i);
		if (k->escaped)
			k->escaped = 0;
		else if (k->in_string) {
			k->escaped = c == '\\';
			k->in_string = c != '"';
		} else if (c == '"')
			k->in_string = 1;
		else if (c == '{' || c == '[')
			k->depth++;
		else if ((c == '}' || c == ']') && --k->depth <= 0)
			k->whole = 1;
	}
}

static int
call_args(struct codec_in *in, const struct chat_choice *c, struct chat_call *k,
    struct str args)
{
	if (args.n == 0 || k->ended)
		return 0;
	watch(k, args);
	if (k->wrapped != NULL)
		return codec_keep(in->a, k->wrapped, args);
	chat_emit(in, (struct ir_event){ .kind = IR_EV_ARGS, .text = args,
	    .choice = (unsigned)c->index, .call = k->number });
	return 0;
}

/*
 * A new call. The ones before it are over, unless their arguments are not:
 * then more may come.
 */
static struct chat_call *
call_new(struct codec_in *in, struct chat_choice *c, uint64_t index, struct str id,
    struct str name, int custom)
{
	const struct ir_tool *t = in->req == NULL ? NULL :
	    wire_tool_find(in->req, name);
	struct chat_call *k, *o;

	for (o = c->calls; o != NULL; o = o->next)
		if (o->whole)
			call_end(in, c, o);
	k = arena_zalloc(in->a, sizeof(*k));
	k->index = index;
	k->number = c->n_calls++;
	k->id = id.n > 0 ? arena_str(in->a, id) : str_of(arena_printf(in->a,
	    "call_%u_%u", (unsigned)c->index, k->number));
	k->whole = custom;
	if (t != NULL && t->kind == IR_CUSTOM && !custom) {
		k->wrapped = arena_alloc(in->a, sizeof(*k->wrapped));
		buf_init(k->wrapped, MAX_ARGS);
		arena_cleanup(in->a, free_buf, k->wrapped);
		custom = 1;
	}
	if (c->last == NULL)
		c->calls = k;
	else
		c->last->next = k;
	c->last = k;
	if (c->index == 0)
		in->calls = c->n_calls;
	chat_emit(in, (struct ir_event){ .kind = IR_EV_CALL, .id = k->id,
	    .name = t == NULL ? name : t->name, .custom = custom,
	    .choice = (unsigned)c->index, .call = k->number });
	return k;
}

/* The call that a fragment belongs to, or NULL: it begins a new one. */
static struct chat_call *
call_of(struct chat_choice *c, struct jval index, struct str id)
{
	uint64_t n = jt_u64(index, UINT64_MAX);
	struct chat_call *k, *found = NULL;

	if (n == UINT64_MAX)	/* none: an id begins a call */
		found = c->last;
	else
		for (k = c->calls; k != NULL; k = k->next)
			if (k->index == n)
				found = k;
	if (found == NULL || (id.n > 0 && !str_eq(id, found->id)))
		return NULL;
	return found;
}

enum { C_INDEX, C_ID, C_FUNCTION, C_CUSTOM, C_EXTRA, C_COUNT };

static void
call_signature(struct codec_in *in, const struct chat_choice *c,
    const struct chat_call *k, struct jval extra)
{
	struct str s = jt_text(CODEC_TMP(in), jt_get(jt_get(extra, "google"),
	    "thought_signature"));

	if (s.n > 0)
		chat_emit(in, (struct ir_event){ .kind = IR_EV_SIGNATURE,
		    .from = DIALECT_GEMINI, .text = s, .call = k->number + 1,
		    .choice = (unsigned)c->index });
}

static int
fragment(struct codec_in *in, struct chat_choice *c, struct jval v)
{
	static const struct str names[C_COUNT] = { CHAT_F("index"),
	    CHAT_F("id"), CHAT_F("function"), CHAT_F("custom"),
	    CHAT_F("extra_content") };
	struct jval m[C_COUNT], f, args;
	struct chat_call *k;
	struct str id;
	int custom;

	chat_fields(v, names, C_COUNT, m);
	custom = jt_is(m[C_CUSTOM]);
	f = m[custom ? C_CUSTOM : C_FUNCTION];
	id = jt_text(CODEC_TMP(in), m[C_ID]);
	if ((k = call_of(c, m[C_INDEX], id)) == NULL) {
		if (c->n_calls == MAX_CALLS)
			return ERR_FORMAT;
		k = call_new(in, c, jt_u64(m[C_INDEX], c->n_calls), id,
		    jt_text(CODEC_TMP(in), jt_get(f, "name")), custom);
	}
	if (jt_is(m[C_EXTRA]))
		call_signature(in, c, k, m[C_EXTRA]);
	args = jt_get(f, custom ? "input" : "arguments");
	return call_args(in, c, k, args.type == JSCAN_OBJECT ? args.raw :
	    jt_text(CODEC_TMP(in), args));
}

int
chat_take_calls(struct codec_in *in, struct chat_choice *c, struct jval list)
{
	struct jval v;
	size_t pos = 0;
	int rc;

	while (jt_each(list, &pos, NULL, &v))
		if ((rc = fragment(in, c, v)) != 0)
			return rc;
	return 0;
}

int
chat_take_function(struct codec_in *in, struct chat_choice *c, struct jval f)
{
	struct chat_call *k = c->last;

	if (f.type != JSCAN_OBJECT)
		return 0;
	if (k == NULL)
		k = call_new(in, c, 0, STR("call_fn_0"),
		    jt_text(CODEC_TMP(in), jt_get(f, "name")), 0);
	return call_args(in, c, k, jt_text(CODEC_TMP(in), jt_get(f, "arguments")));
}

void
chat_end_calls(struct codec_in *in, struct chat_choice *c)
{
	struct chat_call *k;

	for (k = c->calls; k != NULL; k = k->next)
		call_end(in, c, k);
}
