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
	n->param = arena_strdup(n->a, param);
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

void
ir_req_init(struct ir_req *q, struct arena *a, enum conf_dialect from)
{
	memset(q, 0, sizeof(*q));
	q->a = a;
	q->from = from;
	q->parallel = q->show_thoughts = q->schema_strict = q->store = -1;
}

struct ir_turn *
ir_turn_add(struct ir_req *q, enum ir_role role)
{
	struct ir_turn *t = arena_zalloc(q->a, sizeof(*t)), **p = &q->turns;

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
	return group.n == 0 ? name : str_of(arena_printf(a, "%.*s__%.*s",
	    STR_ARG(group), STR_ARG(name)));
}

const struct ir_tool *
ir_tool_find(const struct ir_req *q, struct str name)
{
	const struct ir_tool *t = q->tools;

	while (t != NULL && !str_eq(t->name, name))
		t = t->next;
	return t;
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

	for (e = q->extra; e != NULL; e = e->next) {
		rc = !e->must ? ir_drop(n, e->name) : ir_refuse(n, e->name,
		    "%s has no equivalent at the provider of this model: "
		    "leave it out or choose another model", e->name);
		if (rc != 0)
			return rc;
	}
	return 0;
}

const struct ir_part *
ir_call_find(const struct ir_req *q, struct str id)
{
	const struct ir_part *p, *found = NULL;
	const struct ir_turn *t;

	for (t = q->turns; t != NULL; t = t->next)
		for (p = t->parts; p != NULL; p = p->next)
			if (p->kind == IR_CALL && str_eq(p->id, id))
				found = p;
	return found;
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

	for (t = q->turns; t != NULL; t = t->next, i++)
		for (p = t->parts; p != NULL; p = p->next) {
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

int
ir_check(const struct ir_req *q, struct ir_note *n)
{
	struct ids ids = { hmap_new(), hmap_new() };
	const struct ir_turn *t;
	const struct ir_part *p;
	int rc = 0, said = 0;
	uintptr_t i = 1;

	collect(q, &ids);
	for (t = q->turns; t != NULL && rc == 0; t = t->next, i++) {
		said |= t->role != IR_SYSTEM;
		for (p = t->parts; p != NULL && rc == 0; p = p->next)
			rc = check_part(&ids, i, t->next == NULL, p, n);
	}
	hmap_free(&ids.called);
	hmap_free(&ids.answered);
	if (rc != 0)
		return rc;
	if (!said)
		return ir_refuse(n, "messages", "there is no message of a "
		    "user: at least one is needed");
	return 0;
}
