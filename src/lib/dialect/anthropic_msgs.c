/*
 * anthropic_msgs.c - turns as the messages of a Messages request.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * Users and assistants take turns there, results come first in the message
 * behind their calls, and no text is empty. So turns are sorted into messages
 * first and written then.
 */
#include "base/err.h"
#include "dialect/an_write.h"

#define ONLY_JSON STR("Answer with one valid JSON object and nothing else.")

enum role { M_USER, M_ASSISTANT, M_SYSTEM };
static const char *const role_names[] = { "user", "assistant", "system" };

/* A part of a message; text stands for the part's own. */
struct node {
	struct node	*next;
	const struct ir_part *p;
	struct str	 text;
};

struct nodes {
	struct node	*first, *last;
};

struct msg {
	struct msg	*next;
	enum role	 role;
	enum ir_role	 turn;		/* of the last turn that is in it */
	struct nodes	 results, rest;
};

struct msgs {
	struct msg	*first, *last;
};

static void
append(struct nodes *l, struct node *first, struct node *last)
{
	if (first == NULL)
		return;
	if (l->first == NULL)
		l->first = first;
	else
		l->last->next = first;
	l->last = last;
}

static void
add_node(struct an_wr *x, struct nodes *l, const struct ir_part *p,
    struct str text)
{
	struct node *e = arena_zalloc(x->q->a, sizeof(*e));

	e->p = p;
	e->text = text;
	append(l, e, e);
}

/* Sort a turn's parts; what is empty or not Anthropic's is left out. */
static int
add_part(struct an_wr *x, const struct ir_part *p, struct nodes *results,
    struct nodes *rest)
{
	int rc;

	switch (p->kind) {
	case IR_REFUSAL:
		if ((rc = an_change(x, "refusal")) != 0)
			return rc;
		/* FALLTHROUGH */
	case IR_TEXT:
		if (an_blank(p->text))
			return an_change(x, "messages");
		break;
	case IR_THINKING:
		if (p->from != DIALECT_ANTHROPIC || p->signature.n == 0)
			return an_drop(x, "reasoning_content");
		break;
	case IR_RESULT:
		add_node(x, results, p, STR_NULL);
		return 0;
	default:
		break;
	}
	add_node(x, rest, p, p->text);
	return 0;
}

/* "name: " before the first text; a text of its own when there is none. */
static int
prefix(struct an_wr *x, struct str name, struct nodes *rest)
{
	static const struct ir_part none = { .kind = IR_TEXT };
	struct node *e;
	struct nodes own = { NULL, NULL };
	struct arena *a = x->q->a;

	for (e = rest->first; e != NULL; e = ir_next(e))
		if (e->p->kind == IR_TEXT)
			break;
	if (e != NULL)
		e->text = arena_cat(a, arena_cat(a, name, STR(": ")), e->text);
	else {
		add_node(x, &own, &none, arena_cat(a, name, STR(":")));
		append(&own, rest->first, rest->last);
		*rest = own;
	}
	return an_change(x, "name");
}

/* Instructions where the API has no place for them: marked as such. */
static int
mark(struct an_wr *x, struct nodes *rest)
{
	struct node *e;

	for (e = rest->first; e != NULL; e = ir_next(e))
		e->text = arena_cat(x->q->a, arena_cat(x->q->a,
		    STR("<system>\n"), e->text), STR("\n</system>"));
	return an_change(x, "messages");
}

static struct msg *
new_msg(struct an_wr *x, struct msgs *l, enum role role)
{
	struct msg *m = arena_zalloc(x->q->a, sizeof(*m));

	m->role = role;
	if (l->last == NULL)
		l->first = m;
	else
		l->last->next = m;
	l->last = m;
	return m;
}

static int
add_turn(struct an_wr *x, struct msgs *l, const struct ir_turn *t)
{
	struct nodes results = { NULL, NULL }, rest = { NULL, NULL };
	struct msg *m = l->last;
	const struct ir_part *p;
	enum role role = t->role == IR_ASSISTANT ? M_ASSISTANT : M_USER;
	int rc;

	for (p = t->parts; p != NULL; p = ir_next(p))
		if ((rc = add_part(x, p, &results, &rest)) != 0)
			return rc;
	if (t->role != IR_USER && rest.first == NULL && results.first == NULL)
		return t->parts == NULL ? 0 : an_change(x, "messages");
	if (t->name.n > 0 && (rc = prefix(x, t->name, &rest)) != 0)
		return rc;
	if (t->role == IR_SYSTEM) {
		if (m != NULL && m->role != M_ASSISTANT &&
		    (!x->foreign || (x->traits & TRAIT_SYSTEM)))
			role = M_SYSTEM;
		else if ((rc = mark(x, &rest)) != 0)
			return rc;
	}
	if (m == NULL || m->role != role || role == M_SYSTEM)
		m = new_msg(x, l, role);
	else if ((m->turn == t->role ||
	    (results.first != NULL && m->rest.first != NULL)) &&
	    (rc = an_change(x, "messages")) != 0)
		return rc;
	m->turn = t->role;
	append(&m->results, results.first, results.last);
	append(&m->rest, rest.first, rest.last);
	return 0;
}

static int
has_call(const struct msg *m)
{
	const struct node *e;

	for (e = m->rest.first; e != NULL; e = ir_next(e))
		if (e->p->kind == IR_CALL)
			return 1;
	return 0;
}

/* An assistant's message at the end is to be continued. */
static int
check_prefill(struct an_wr *x, struct msg *m)
{
	struct node *e = m->rest.last;

	if (m->role != M_ASSISTANT || has_call(m))
		return 0;
	if (!(x->traits & TRAIT_PREFILL) || x->think == IR_BUDGET ||
	    x->think == IR_ADAPTIVE)
		return an_refuse(x, "messages", "the model "
		    "%.*s does not continue a message of an assistant%s: "
		    "end with one of a user", STR_ARG(x->t->model),
		    x->traits & TRAIT_PREFILL ? " when it thinks" : "");
	while (e->p->kind == IR_TEXT && e->text.n > 0 &&
	    an_blank(str_make(e->text.p + e->text.n - 1, 1)))
		e->text.n--;
	return 0;
}

static int
check(struct an_wr *x, const struct msgs *l)
{
	const struct msg *m;

	if (l->first == NULL || l->first->role != M_USER)
		return an_refuse(x, "messages", "a conversation "
		    "with Anthropic begins with a message of a user");
	for (m = l->first; m != NULL; m = ir_next(m))
		if (m->results.first == NULL && m->rest.first == NULL)
			return an_refuse(x, "messages", "a "
			    "message of a user is empty; it must say "
			    "something");
	return check_prefill(x, l->last);
}

static int
write_nodes(struct an_wr *x, const struct node *e)
{
	int rc;

	for (; e != NULL; e = ir_next(e))
		if ((rc = an_write_part(x, e->p, e->text)) != 0)
			return rc;
	return 0;
}

/* The instructions before the first message. */
static int
write_system(struct an_wr *x, const struct ir_turn *end)
{
	static const struct ir_part only_json = { .kind = IR_TEXT };
	struct nodes none = { NULL, NULL }, l;
	const struct ir_turn *t;
	const struct ir_part *p;
	struct nodes all = { NULL, NULL };
	int rc;

	for (t = x->q->turns; t != end; t = ir_next(t)) {
		l = (struct nodes){ NULL, NULL };
		for (p = t->parts; p != NULL; p = ir_next(p))
			if ((rc = add_part(x, p, &none, &l)) != 0)
				return rc;
		if (t->name.n > 0 && (rc = prefix(x, t->name, &l)) != 0)
			return rc;
		append(&all, l.first, l.last);
	}
	if (x->q->format == IR_JSON_OBJECT) {
		add_node(x, &all, &only_json, ONLY_JSON);
		if ((rc = an_change(x, "response_format")) != 0)
			return rc;
	}
	if (all.first == NULL)
		return 0;
	jw_key(&x->w, "system");
	jw_open(&x->w, '[');
	if ((rc = write_nodes(x, all.first)) != 0)
		return rc;
	jw_close(&x->w, ']');
	return 0;
}

int
an_write_messages(struct an_wr *x)
{
	struct msgs l = { NULL, NULL };
	const struct ir_turn *head, *t;
	const struct msg *m;
	int rc;

	for (head = x->q->turns; head != NULL && head->role == IR_SYSTEM;)
		head = ir_next(head);
	if ((rc = write_system(x, head)) != 0)
		return rc;
	for (t = head; t != NULL; t = ir_next(t))
		if ((rc = add_turn(x, &l, t)) != 0)
			return rc;
	if ((rc = check(x, &l)) != 0)
		return rc;
	jw_key(&x->w, "messages");
	jw_open(&x->w, '[');
	for (m = l.first; m != NULL; m = ir_next(m)) {
		jw_open(&x->w, '{');
		jw_ktext(&x->w, "role", role_names[m->role]);
		jw_key(&x->w, "content");
		jw_open(&x->w, '[');
		if ((rc = write_nodes(x, m->results.first)) != 0 ||
		    (rc = write_nodes(x, m->rest.first)) != 0)
			return rc;
		jw_close(&x->w, ']');
		jw_close(&x->w, '}');
	}
	jw_close(&x->w, ']');
	return 0;
}
