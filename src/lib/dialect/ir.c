/*
 * ir.c - making and checking the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the caller's arena.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hmap.h"
#include "dialect/ir.h"

#define DROPPED_MAX 1024	/* a header of the answer */
#define FEW	16		/* tools that need no index */

static int
note(struct ir_note *n, const char *field, enum ir_how how)
{
	unsigned i;

	if (n->strict)
		return ir_refuse(n, field, "%s cannot be carried to this "
		    "model unchanged, and its group is strict: leave it out",
		    field);
	for (i = 0; i < n->n; i++)
		if (strcmp(n->v[i].field, field) == 0)
			return 0;
	if (n->n < IR_NOTES) {
		n->v[n->n].field = field;
		n->v[n->n++].how = how;
	}
	return 0;
}

int
ir_drop(struct ir_note *n, const char *field)
{
	return note(n, field, IR_DROPPED);
}

int
ir_change(struct ir_note *n, const char *field)
{
	return note(n, field, IR_CHANGED);
}

int
ir_refuse(struct ir_note *n, const char *param, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (n->message != NULL)
		return ERR_FORMAT;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n->param = param == NULL ? NULL : arena_strdup(n->a, param);
	n->message = arena_strdup(n->a, text);
	return ERR_FORMAT;
}

const char *
ir_dropped(const struct ir_note *n)
{
	struct str s;
	struct buf b;
	unsigned i;

	/* The names of unknown members are the client's: as many as fit. */
	buf_init(&b, DROPPED_MAX);
	for (i = 0; i < n->n; i++)
		buf_printf(&b, "%s%s", buf_len(&b) > 0 ? "," : "",
		    n->v[i].field);
	s = buf_str(&b);
	s.p = arena_strndup(n->a, s.n == 0 ? "" : s.p, s.n);
	buf_free(&b);
	return s.p;
}

static void
free_index(void *arg)
{
	struct ir_index *x = arg;

	hmap_free(&x->names);
	hmap_free(&x->renamed);
	hmap_free(&x->calls);
}

void
ir_req_init(struct ir_req *q, struct arena *a, enum conf_dialect from)
{
	memset(q, 0, sizeof(*q));
	q->index = arena_zalloc(a, sizeof(*q->index));
	arena_cleanup(a, free_index, q->index);
	q->a = a;
	q->from = from;
	q->parallel = q->show_thoughts = q->schema_strict = q->store = -1;
}

struct ir_turn *
ir_turn_add(struct ir_req *q, enum ir_role role)
{
	struct ir_turn *t = arena_zalloc(q->a, sizeof(*t)), **p = &q->turns;

	slice_use(200);
	if (q->last_turn != NULL)
		p = &q->last_turn->next;
	t->role = role;
	*p = q->last_turn = t;
	return t;
}

struct ir_part *
ir_part_add(struct ir_req *q, struct ir_part **list, enum ir_kind kind)
{
	struct ir_part *t = arena_zalloc(q->a, sizeof(*t));

	slice_use(300);
	/* The last of the list that was added to last is remembered. */
	if (q->part_list == list && *list != NULL)
		list = &q->last_part->next;
	else {
		q->part_list = list;
		while (*list != NULL)
			list = &(*list)->next;
	}
	t->kind = kind;
	t->from = q->from;
	*list = q->last_part = t;
	return t;
}

struct ir_tool *
ir_tool_add(struct ir_req *q, struct str name)
{
	struct ir_tool *t = arena_zalloc(q->a, sizeof(*t)), **p = &q->tools;

	slice_use(300);
	if (q->last_tool != NULL)
		p = &q->last_tool->next;
	t->name = name;
	t->strict = -1;
	t->from = q->from;
	*p = q->last_tool = t;
	return t;
}

static void
extra(struct ir_req *q, const char *name, struct str raw, int must)
{
	struct ir_extra *e = arena_zalloc(q->a, sizeof(*e));

	e->name = name;
	e->raw = raw;
	e->must = must;
	if (q->last_extra == NULL)
		q->extra = e;
	else
		q->last_extra->next = e;
	q->last_extra = e;
}

int
ir_top_k_usual(const struct ir_req *q)
{
	return q->from == DIALECT_GEMINI && q->top_k.v >= 64 &&
	    q->top_k.v <= 64;
}

struct str
ir_tool_name(struct arena *a, struct str group, struct str name)
{
	return group.n == 0 ? name : arena_cat(a, arena_cat(a, group,
	    STR("__")), name);
}

const struct ir_tool *
ir_tool_find(const struct ir_req *q, struct str name)
{
	const struct ir_tool *t = q->tools;
	struct ir_index *x = q->index;
	unsigned n = 0;

	while (t != NULL && !str_eq(t->name, name) && (n++ < FEW || x == NULL))
		t = ir_next(t);
	if (n <= FEW || t == NULL || x == NULL)
		return t;
	/* Lists are appended to: what is behind the last one is new. */
	if (x->names == NULL)
		x->names = hmap_new();
	for (t = x->last == NULL ? q->tools : x->last->next; t != NULL;
	    t = ir_next(t)) {
		if (hmap_get(x->names, t->name) == NULL)
			(void)hmap_set(x->names, t->name, (void *)(uintptr_t)t);
		x->last = t;
	}
	return hmap_get(x->names, name);
}

static void
mark(const struct ir_req *q, struct str name, int called)
{
	struct ir_tool *t = (struct ir_tool *)(uintptr_t)ir_tool_find(q, name);

	if (t == NULL)
		return;
	t->called |= called != 0;
	t->allowed |= called == 0;
}

void
ir_tool_marks(struct ir_req *q)
{
	const struct ir_turn *t;
	const struct ir_part *p;
	unsigned i;

	for (i = 0; i < q->n_allowed; i++)
		mark(q, q->allowed[i], 0);
	for (t = q->turns; t != NULL && q->tools != NULL; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p))
			if (p->kind == IR_CALL)
				mark(q, p->name, 1);
}

int
ir_user(struct ir_req *q, struct ir_note *n, const char *word,
    struct str user)
{
	int rc = q->user.n == 0 || str_eq(q->user, user) ? 0 :
	    ir_drop(n, q->said[IR_SAID_USER]);

	q->said[IR_SAID_USER] = word;
	q->user = user;
	return rc;
}

const char *
ir_mark(const struct ir_req *q)
{
	const char *s = q->said[IR_SAID_MARK];

	return s == NULL ? "cache_control" : s;
}

const char *
ir_cited(const struct ir_req *q)
{
	return q->responses ? "annotations" : "citations";
}

int
ir_no_citing(struct ir_note *n, const struct ir_req *q, const char *who)
{
	/* Documents of Groq's clients are cited unless they say otherwise. */
	if (q->from == DIALECT_GROQ)
		return ir_refuse(n, "documents", "%s cannot cite from "
		    "documents: set citation_options to \"disabled\", or "
		    "choose another model", who);
	return ir_refuse(n, "citations", "%s cannot cite from documents: "
	    "leave citations out, or choose another model", who);
}

void
ir_extra_add(struct ir_req *q, const char *name, struct str raw)
{
	extra(q, name, raw, 0);
}

void
ir_extra_must(struct ir_req *q, const char *name, struct str raw)
{
	extra(q, name, raw, 1);
}

int
ir_extra_lose(const struct ir_req *q, struct ir_note *n)
{
	const struct ir_extra *e;
	int rc;

	for (e = q->extra; e != NULL; e = ir_next(e)) {
		rc = !e->must ? ir_drop(n, e->name) : ir_refuse(n, e->name,
		    "%s has no equivalent at the provider of this model: "
		    "leave it out or choose another model", e->name);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
lose_marks(const struct ir_req *q, const struct ir_part *p, struct ir_note *n,
    int all)
{
	int rc = 0;

	for (; p != NULL && rc == 0; p = ir_next(p)) {
		if (p->cache.n > 0 && (all || p->kind == IR_CALL ||
		    p->kind == IR_RESULT))
			rc = ir_drop(n, ir_mark(q));
		if (rc == 0 && p->kind == IR_TEXT && p->citations.n > 0)
			rc = ir_drop(n, ir_cited(q));
		if (rc == 0)
			rc = lose_marks(q, p->result, n, all);
	}
	return rc;
}

int
ir_lose_marks(const struct ir_req *q, struct ir_note *n, int all, int named)
{
	const struct ir_turn *t;
	int rc = 0;

	for (t = q->turns; t != NULL && rc == 0; t = ir_next(t)) {
		rc = lose_marks(q, t->parts, n, all);
		if (rc == 0 && !named && t->role == IR_SYSTEM &&
		    t->name.n > 0)
			rc = ir_drop(n, "messages.name");
	}
	return rc;
}

const struct ir_part *
ir_call_find(const struct ir_req *q, struct str id)
{
	const struct ir_part *p, *found = NULL;
	const struct ir_turn *t;

	for (t = q->turns; t != NULL; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p))
			if (p->kind == IR_CALL && str_eq(p->id, id))
				found = p;
	return found;
}

const struct ir_part *
ir_call_of(const struct ir_req *q, struct str id)
{
	struct ir_index *x = q->index;
	const struct ir_turn *t;
	struct ir_part *p;

	if (x == NULL)
		return ir_call_find(q, id);
	for (t = x->calls == NULL ? q->turns : NULL; t != NULL; t = ir_next(t))
		for (p = t->parts; p != NULL; p = ir_next(p)) {
			if (p->kind != IR_CALL)
				continue;
			if (x->calls == NULL)
				x->calls = hmap_new();
			(void)hmap_set(x->calls, p->id, p);
		}
	return x->calls == NULL ? NULL : hmap_get(x->calls, id);
}

/* Turns by number, from 1: where an id was called first and answered last. */
struct ids {
	struct hmap	*called, *answered;
};

static void
collect(const struct ir_req *q, struct ids *ids)
{
	const struct ir_part *p;
	const struct ir_turn *t;
	uintptr_t i = 1;

	for (t = q->turns; t != NULL; t = ir_next(t), i++)
		for (p = t->parts; p != NULL; p = ir_next(p)) {
			if (p->kind == IR_RESULT)
				(void)hmap_set(ids->answered, p->id,
				    (void *)i);
			else if (p->kind == IR_CALL &&
			    hmap_get(ids->called, p->id) == NULL)
				(void)hmap_set(ids->called, p->id, (void *)i);
		}
}

static int
check_part(const struct ids *ids, uintptr_t turn, int last,
    const struct ir_part *p, struct ir_note *n)
{
	uintptr_t other;

	if (p->kind == IR_CALL && !last &&
	    (uintptr_t)hmap_get(ids->answered, p->id) <= turn)
		return ir_refuse(n, "messages", "the tool call \"%.*s\" has "
		    "no result: every call needs one before the next turn",
		    (int)(p->id.n > 100 ? 100 : p->id.n), p->id.p);
	if (p->kind != IR_RESULT)
		return 0;
	other = (uintptr_t)hmap_get(ids->called, p->id);
	if (other == 0 || other >= turn)
		return ir_refuse(n, "messages", "a tool result for \"%.*s\", "
		    "which no call before it has as its id",
		    (int)(p->id.n > 100 ? 100 : p->id.n), p->id.p);
	return 0;
}

/* Move the results of t's calls, up to the next turn of the assistant, right
 * behind it: 1 when there was something between. */
static int
settle(struct ir_req *q, struct ir_turn *t)
{
	struct ir_turn *last = t, *prev, *u;
	int moved = 0;

	while (last->next != NULL && last->next->role == IR_TOOL)
		last = last->next;
	for (prev = last; (u = prev->next) != NULL &&
	    u->role != IR_ASSISTANT;) {
		if (u->role != IR_TOOL) {
			prev = u;
			continue;
		}
		prev->next = u->next;
		u->next = last->next;
		last = last->next = u;
		if (q->last_turn == u)
			q->last_turn = prev;
		moved = 1;
	}
	return moved;
}

static int
settle_all(struct ir_req *q, struct ir_note *n)
{
	const struct ir_part *p;
	struct ir_turn *t;
	int moved = 0;

	for (t = q->turns; t != NULL; t = ir_next(t)) {
		for (p = t->parts; p != NULL && p->kind != IR_CALL;)
			p = ir_next(p);
		if (p != NULL && t->role == IR_ASSISTANT)
			moved |= settle(q, t);
	}
	return moved ? ir_change(n, "messages") : 0;
}

int
ir_check(struct ir_req *q, struct ir_note *n)
{
	struct ids ids = { hmap_new(), hmap_new() };
	const struct ir_turn *t;
	const struct ir_part *p;
	int rc = 0, said = 0;
	uintptr_t i = 1;

	collect(q, &ids);
	for (t = q->turns; t != NULL && rc == 0; t = ir_next(t), i++) {
		said |= t->role != IR_SYSTEM;
		for (p = t->parts; p != NULL && rc == 0; p = ir_next(p))
			rc = check_part(&ids, i, t->next == NULL, p, n);
	}
	hmap_free(&ids.called);
	hmap_free(&ids.answered);
	if (rc != 0)
		return rc;
	if (!said)
		return ir_refuse(n, "messages", "there is no message of a "
		    "user: at least one is needed");
	return settle_all(q, n);
}
