/*
 * session.c - the session that a program says a request is of.
 *
 * Runs in: worker.
 * Owns: the names of the headers.
 *
 * One look at the fields that nobody else knows, once for a request: a field
 * whose length is not that of one of the names costs a test of a bit.
 */
#include "state/sessions.h"
#include "worker/req.h"
#include "worker/session.h"

enum part { SESSION, AGENT, PARENT, PARTS };

/* Of a session the first that is there; session.header goes before them. */
static const struct name {
	struct str	 text;
	enum part	 part;
} names[] = {
#define N(s, part) { { s, sizeof(s) - 1 }, part }
	N("x-claude-code-session-id", SESSION),
	N("session-id", SESSION),		/* Codex */
	N("session_id", SESSION),		/* and older ones */
	N("conversation_id", SESSION),
	N("x-session-affinity", SESSION),
	N("x-claude-code-agent-id", AGENT),
	N("x-claude-code-parent-agent-id", PARENT),
#undef N
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))
/* The lengths of these, a bit each. */
#define LENGTHS (1u << 10 | 1u << 15 | 1u << 18 | 1u << 22 | 1u << 24 | 1u << 29)

struct found {
	const struct hdr *h[PARTS];
	unsigned	 rank[PARTS];	/* the least counts; 0: not there */
};

static void
note(struct found *f, enum part part, unsigned rank, const struct hdr *h)
{
	if (f->rank[part] != 0 && f->rank[part] <= rank)
		return;
	f->rank[part] = rank;
	f->h[part] = h;
}

static void
look_at(struct found *f, const struct hdr *h, struct str configured)
{
	unsigned i;

	if (h->name.n == configured.n && str_ieq(h->name, configured))
		note(f, SESSION, 1, h);
	if (h->name.n > 31 || !(LENGTHS >> h->name.n & 1))
		return;
	for (i = 0; i < N_NAMES; i++)
		if (h->name.n == names[i].text.n &&
		    str_ieq(h->name, names[i].text))
			note(f, names[i].part, i + 2, h);
}

static struct str
value_of(const struct hdr *h)
{
	return h == NULL ? STR_NULL : h->value;
}

/* Fields that the gateway reads itself are no session: a key must not become
 * one. */
static void
look(struct req *r)
{
	const struct http1_head *h = r->head;
	struct str configured = STR_NULL;
	struct found f;
	unsigned i, known = 0;

	for (i = 0; i < h->n; i++) {
		if ((h->h[i].id != HDR_OTHER && h->h[i].id !=
		    HDR_X_SESSION_ID) || h->h[i].value.n == 0)
			continue;
		if (!known) {
			known = 1;
			memset(&f, 0, sizeof(f));
			configured = str_of(r->w->conf->session.header);
		}
		look_at(&f, &h->h[i], configured);
	}
	if (!known || (f.h[SESSION] == NULL && f.h[AGENT] == NULL &&
	    f.h[PARENT] == NULL))
		return;
	r->session = arena_zalloc(r->arena, sizeof(*r->session));
	r->session->id = value_of(f.h[SESSION]);
	r->session->agent = value_of(f.h[AGENT]);
	r->session->parent = value_of(f.h[PARENT]);
}

const struct session *
session_of(struct req *r)
{
	if (!r->session_known) {
		r->session_known = 1;
		look(r);
	}
	return r->session;
}

static struct str
kept(struct req *r, struct str raw)
{
	char name[USAGE_NAME_MAX + 1];
	struct str s = sessions_name(raw, name);

	return s.p == name ? arena_str(r->arena, s) : s;
}

void
session_names(struct req *r, struct usage_rec *u)
{
	const struct session *s = session_of(r);

	if (s == NULL || s->id.n == 0)
		return;
	u->session = kept(r, s->id);
	u->agent = kept(r, s->agent);
	u->parent = kept(r, s->parent);
}
