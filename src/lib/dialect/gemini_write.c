/*
 * gemini_write.c - the neutral form becomes a generateContent request.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Gemini wants turns that alternate, all results of a turn's calls together in
 * the order of the calls, and from version 3 on a signature at the first call
 * of each step: one that another provider made, or that was lost, is replaced
 * by the word that Google documents for that.
 */
#include "base/err.h"
#include "dialect/ge.h"

#define SORT_MAX	128u
#define TEXT_MAX	(64u << 20)

/* Contents under way. */
struct out {
	struct ge_wr	*g;
	const char	*role;		/* of the open content, NULL: none */
	int		 signed_call;	/* the content's first call is done */
	unsigned	 parts;		/* of the turn */
	struct str	 pending;	/* a signature for the next part */
	const struct ir_part *taken;	/* its signature was written */
	const struct ir_turn *asked;	/* the last turn of the assistant */
	int		 named;		/* the turn's name was written */
};

/* What comes is a part of a content of that role. */
static void
content(struct out *o, const char *role)
{
	struct jw *w = &o->g->w;

	if (o->role == NULL || strcmp(o->role, role) != 0) {
		if (o->role != NULL) {
			jw_close(w, ']');
			jw_close(w, '}');
		}
		jw_open(w, '{');
		jw_ktext(w, "role", role);
		jw_key(w, "parts");
		jw_open(w, '[');
		o->role = role;
		o->signed_call = 0;
	}
	o->parts++;
}

static void
begin(struct out *o, const char *role)
{
	content(o, role);
	jw_open(&o->g->w, '{');
}

static const char *
role_of(const struct ir_turn *t)
{
	return t->role == IR_ASSISTANT ? "model" : "user";
}

static struct str
join(struct arena *a, struct str x, const char *sep, struct str y)
{
	size_t n = strlen(sep);
	char *d = arena_alloc(a, x.n + n + y.n + 1);

	memcpy(d, x.p, x.n);
	memcpy(d + x.n, sep, n);
	if (y.n > 0)
		memcpy(d + x.n + n, y.p, y.n);
	return str_make(d, x.n + n + y.n);
}

/* --- text and thoughts ------------------------------------------------------- */

static struct str
take_pending(struct out *o, const struct ir_part *p)
{
	struct str s = o->pending;

	o->pending = STR_NULL;
	if (p->from == DIALECT_GEMINI && p->signature.n > 0)
		return p->signature;
	return s;
}

static int
put_text(struct out *o, const struct ir_turn *t, const struct ir_part *p,
    struct str text)
{
	struct ge_wr *g = o->g;
	struct str sig = take_pending(o, p);
	int rc;

	if (text.n == 0 && sig.n == 0 && g->q->from != DIALECT_GEMINI)
		return t->role == IR_ASSISTANT ? 0 :
		    ir_change(g->n, ge_word(g->q, GE_CONTENT));
	if (t->name.n > 0 && !o->named) {
		if ((rc = ir_change(g->n, "name")) != 0)
			return rc;
		text = join(g->q->a, t->name, ": ", text);
		o->named = 1;
	}
	begin(o, role_of(t));
	jw_key(&g->w, "text");
	jw_str(&g->w, text);
	jw_kstr(&g->w, "thoughtSignature", sig);
	jw_close(&g->w, '}');
	return p->citations.n > 0 ? ir_drop(g->n, ir_cited(g->q)) : 0;
}

static int
put_thought(struct out *o, const struct ir_part *p)
{
	struct ge_wr *g = o->g;
	int same = g->q->from == DIALECT_GEMINI;

	if (p == o->taken)
		return 0;
	if (p->from != DIALECT_GEMINI)
		return ir_drop(g->n, ge_word(g->q, GE_THOUGHT));
	if (p->text.n > 0 || (same && p->signature.n > 0)) {
		begin(o, "model");
		jw_key(&g->w, "text");
		jw_str(&g->w, p->text);
		jw_kbool(&g->w, "thought", 1);
		if (same)
			jw_kstr(&g->w, "thoughtSignature", p->signature);
		jw_close(&g->w, '}');
	}
	if (!same && p->signature.n > 0)
		o->pending = p->signature;
	return 0;
}

/* A signature that stood at the end of the turn. */
static void
put_pending(struct out *o)
{
	if (o->pending.n == 0)
		return;
	begin(o, "model");
	jw_key(&o->g->w, "text");
	jw_str(&o->g->w, STR(""));
	jw_kstr(&o->g->w, "thoughtSignature", o->pending);
	jw_close(&o->g->w, '}');
	o->pending = STR_NULL;
}

/* --- calls -------------------------------------------------------------------- */

static int
put_args(struct ge_wr *g, const struct ir_part *p)
{
	struct str args = str_trim(p->args);

	if (p->custom) {
		jw_open(&g->w, '{');
		jw_key(&g->w, "input");
		jw_str(&g->w, p->args);
		jw_close(&g->w, '}');
		return ir_change(g->n, "tools.custom");
	}
	if (args.n == 0 || str_eqc(args, "null"))
		args = STR("{}");
	else
		args = ge_object_text(args);
	if (args.n == 0)
		return ir_refuse(g->n, ge_word(g->q, GE_MESSAGES), "the "
		    "arguments of the tool call \"%.*s\" are no JSON object: "
		    "this model takes nothing else", (int)(p->id.n > 100 ? 100 : p->id.n),
		    p->id.p);
	jw_raw(&g->w, args);
	return 0;
}

/* Messages have no place for a call's signature but a block behind it. */
static struct str
behind(struct out *o, const struct ir_part *p)
{
	const struct ir_part *t = p->next;

	if (t == NULL || t->kind != IR_THINKING || t->text.n > 0 ||
	    t->from != DIALECT_GEMINI)
		return STR_NULL;
	o->taken = t;
	return t->signature;
}

static int
put_call(struct out *o, const struct ir_part *p)
{
	struct ge_wr *g = o->g;
	struct str sig = take_pending(o, p);
	int rc;

	if (sig.n == 0 && g->q->from == DIALECT_ANTHROPIC)
		sig = behind(o, p);
	begin(o, "model");
	jw_key(&g->w, "functionCall");
	jw_open(&g->w, '{');
	jw_kstr(&g->w, "id", p->id);
	jw_kstr(&g->w, "name", wire_name(g->q, &ge_names, p->name));
	jw_key(&g->w, "args");
	if ((rc = put_args(g, p)) != 0)
		return rc;
	jw_close(&g->w, '}');
	if (sig.n == 0 && !o->signed_call && ge_has_levels(g->m))
		sig = STR(GE_NO_SIGNATURE);
	jw_kstr(&g->w, "thoughtSignature", sig);
	jw_close(&g->w, '}');
	o->signed_call = 1;
	return 0;
}

/* --- results ------------------------------------------------------------------ */

static struct str
result_text(struct arena *a, const struct ir_part *p)
{
	const struct ir_part *r;
	struct str out = STR("");
	struct buf b;
	int n = 0;

	for (r = p->result; r != NULL; r = ir_next(r))
		if (r->kind == IR_TEXT && n++ == 0)
			out = r->text;
	if (n < 2)
		return out;
	buf_init(&b, TEXT_MAX);
	for (r = p->result, n = 0; r != NULL; r = ir_next(r))
		if (r->kind == IR_TEXT && (n++ == 0 ||
		    buf_addc(&b, '\n') == 0) && buf_adds(&b, r->text) != 0)
			break;
	out = arena_str(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
put_response(struct ge_wr *g, const struct ir_part *p)
{
	struct str text = result_text(g->q->a, p), object;
	int wrapped = p->error && g->q->from != DIALECT_GEMINI;

	object = p->json.n > 0 ? p->json : ge_object_text(text);
	jw_key(&g->w, "response");
	if (object.n > 0 && !wrapped) {
		jw_raw(&g->w, object);
		return;
	}
	jw_open(&g->w, '{');
	jw_key(&g->w, p->error ? "error" : "output");
	jw_str(&g->w, text);
	jw_close(&g->w, '}');
}

/* The name of the call that is answered. */
static struct str
call_name(struct out *o, const struct ir_part *p)
{
	const struct ir_part *c;

	if (p->name.n > 0)
		return wire_name(o->g->q, &ge_names, p->name);
	c = ir_call_of(o->g->q, p->id);
	return wire_name(o->g->q, &ge_names, c == NULL ? p->id : c->name);
}

/* May it stand inside the functionResponse? */
static int
inside(const struct ge_wr *g, const struct ir_part *r)
{
	return ge_has_levels(g->m) && r->media.base64.n > 0;
}

static int
put_result(struct out *o, const struct ir_part *p)
{
	struct ge_wr *g = o->g;
	const struct ir_part *r;
	int rc = 0, n = 0;

	begin(o, "user");
	jw_key(&g->w, "functionResponse");
	jw_open(&g->w, '{');
	jw_kstr(&g->w, "id", p->id);
	jw_kstr(&g->w, "name", call_name(o, p));
	put_response(g, p);
	for (r = p->result; r != NULL && rc == 0; r = ir_next(r)) {
		if (r->kind == IR_TEXT || !inside(g, r))
			continue;
		if (n++ == 0) {
			jw_key(&g->w, "parts");
			jw_open(&g->w, '[');
		}
		jw_open(&g->w, '{');
		rc = ge_write_media(g, r);
		jw_close(&g->w, '}');
	}
	if (n > 0)
		jw_close(&g->w, ']');
	jw_close(&g->w, '}');
	jw_close(&g->w, '}');
	for (r = p->result; r != NULL && rc == 0; r = ir_next(r)) {
		if (r->kind == IR_TEXT || inside(g, r))
			continue;
		begin(o, "user");
		rc = ge_write_media(g, r);
		jw_close(&g->w, '}');
	}
	if (rc == 0 && p->cache.n > 0)
		rc = ir_drop(g->n, ir_mark(g->q));
	return rc;
}

static const struct ir_part *
next_of(const struct ir_part *p, enum ir_kind kind)
{
	while (p != NULL && p->kind != kind)
		p = ir_next(p);
	return p;
}

/* The results of a turn in the order of the calls; few are ever not. */
static int
put_results(struct out *o, const struct ir_turn *t)
{
	const struct ir_part *c, *r, *v[SORT_MAX];
	unsigned i, n = 0, sorted = 1;
	int rc;

	c = o->asked == NULL ? NULL : next_of(o->asked->parts, IR_CALL);
	for (r = next_of(t->parts, IR_RESULT); r != NULL;
	    r = next_of(r->next, IR_RESULT), n++) {
		sorted &= c != NULL && str_eq(c->id, r->id);
		c = c == NULL ? NULL : next_of(c->next, IR_CALL);
		if (n < SORT_MAX)
			v[n] = r;
	}
	c = o->asked == NULL || sorted || n > SORT_MAX ? NULL :
	    next_of(o->asked->parts, IR_CALL);
	for (; c != NULL; c = next_of(c->next, IR_CALL))
		for (i = 0; i < n; i++)
			if (v[i] != NULL && str_eq(c->id, v[i]->id)) {
				if ((rc = put_result(o, v[i])) != 0)
					return rc;
				v[i] = NULL;
				break;
			}
	r = next_of(t->parts, IR_RESULT);
	for (i = 0; r != NULL; r = next_of(r->next, IR_RESULT), i++)
		if ((n > SORT_MAX || v[i] != NULL) &&
		    (rc = put_result(o, r)) != 0)
			return rc;
	return 0;
}

/* --- turns -------------------------------------------------------------------- */

static int
put_part(struct out *o, const struct ir_turn *t, const struct ir_part *p)
{
	struct ge_wr *g = o->g;
	int rc;

	switch (p->kind) {
	case IR_TEXT:
		return put_text(o, t, p, p->text);
	case IR_REFUSAL:
		if ((rc = ir_change(g->n, "refusal")) != 0)
			return rc;
		return put_text(o, t, p, p->text);
	case IR_THINKING:
		return put_thought(o, p);
	case IR_CALL:
		return put_call(o, p);
	case IR_RESULT:
		return 0;		/* put_results */
	case IR_OPAQUE:
		if (p->from != DIALECT_GEMINI)
			return ir_refuse(g->n, ge_word(g->q, GE_MESSAGES),
			    "the history has a part that only the provider it "
			    "came from understands: leave it out");
		content(o, role_of(t));
		jw_raw(&g->w, p->raw);
		return 0;
	default:
		begin(o, role_of(t));
		rc = ge_write_media(g, p);
		jw_close(&g->w, '}');
		return rc;
	}
}

/* Instructions behind the first turn stay where they are. */
static int
put_instruction(struct out *o, const struct ir_turn *t)
{
	const struct ir_part *p;
	int rc;

	if ((rc = ir_change(o->g->n, ge_word(o->g->q, GE_SYSTEM))) != 0)
		return rc;
	for (p = t->parts; p != NULL; p = ir_next(p))
		if (p->text.n > 0 && (rc = put_text(o, t, p,
		    join(o->g->q->a, STR("[System instructions]"), "\n",
		    p->text))) != 0)
			return rc;
	return 0;
}

static int
put_turn(struct out *o, const struct ir_turn *t)
{
	struct ge_wr *g = o->g;
	const char *before = o->role;
	const struct ir_part *p;
	int rc = 0;

	o->parts = 0;
	o->named = 0;
	if (t->role == IR_SYSTEM)
		return put_instruction(o, t);
	if (t->role == IR_TOOL && (rc = put_results(o, t)) != 0)
		return rc;
	for (p = t->parts; p != NULL && rc == 0; p = ir_next(p)) {
		rc = put_part(o, t, p);
		if (rc == 0 && p->cache.n > 0)
			rc = ir_drop(g->n, ir_mark(g->q));
	}
	if (rc != 0)
		return rc;
	put_pending(o);
	if (o->parts == 0)
		return t->role == IR_ASSISTANT ?
		    ir_change(g->n, ge_word(g->q, GE_CONTENT)) :
		    ir_refuse(g->n, ge_word(g->q, GE_MESSAGES), "a user "
		    "message is empty: it must say something");
	return before != NULL && strcmp(before, o->role) == 0 &&
	    (t->role == IR_ASSISTANT || t->role == IR_USER) &&
	    !(o->asked != NULL && o->asked->next != NULL &&
	    o->asked->next->role == IR_TOOL && o->asked->next->next == t) ?
	    ir_change(g->n, ge_word(g->q, GE_MESSAGES)) : 0;
}

static void
put_system(struct ge_wr *g, const struct ir_turn *end)
{
	const struct ir_turn *t;
	const struct ir_part *p;
	int n = 0;

	for (t = g->q->turns; t != end; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p)) {
			if (p->text.n == 0)
				continue;
			if (n++ == 0) {
				jw_key(&g->w, "systemInstruction");
				jw_open(&g->w, '{');
				jw_key(&g->w, "parts");
				jw_open(&g->w, '[');
			}
			jw_open(&g->w, '{');
			jw_kstr(&g->w, "text", p->text);
			jw_close(&g->w, '}');
		}
	if (n > 0) {
		jw_close(&g->w, ']');
		jw_close(&g->w, '}');
	}
}

static int
system_cache(struct ge_wr *g, const struct ir_turn *end)
{
	const struct ir_turn *t;
	const struct ir_part *p;

	for (t = g->q->turns; t != end; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p))
			if (p->cache.n > 0)
				return ir_drop(g->n, ir_mark(g->q));
	return 0;
}

static int
put_turns(struct out *o, const struct ir_turn *t)
{
	struct ge_wr *g = o->g;
	int rc = 0;

	for (; t != NULL && rc == 0; t = ir_next(t)) {
		rc = put_turn(o, t);
		if (t->role == IR_ASSISTANT)
			o->asked = t;
		if (rc == 0 && t->next == NULL && t->role == IR_ASSISTANT)
			rc = ir_change(g->n, ge_word(g->q, GE_PREFILL));
	}
	if (o->role != NULL) {
		jw_close(&g->w, ']');
		jw_close(&g->w, '}');
	}
	return rc;
}

int
ge_write_contents(struct ge_wr *g)
{
	const struct ir_turn *first = g->q->turns;
	struct out o = { .g = g };
	int rc;

	while (first != NULL && first->role == IR_SYSTEM)
		first = ir_next(first);
	put_system(g, first);
	if ((rc = system_cache(g, first)) != 0)
		return rc;
	jw_key(&g->w, "contents");
	jw_open(&g->w, '[');
	rc = put_turns(&o, first);
	jw_close(&g->w, ']');
	return rc;
}
