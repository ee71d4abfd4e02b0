/*
 * gemini_read.c - a generateContent request becomes the neutral form.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the request's arena or body.
 *
 * Objects are walked once, member by member, and each member is looked up in a
 * table of rows; what has no row is an extra.
 */
#include "base/err.h"
#include "dialect/ge.h"

#define EXTRAS_MAX	32u
#define KEY_MAX		40u

const char *
ge_path(const struct ge_rd *r, const char *member)
{
	const char *dot = *r->scope == '\0' || *member == '\0' ? "" : ".";

	if (r->content < 0)
		return arena_printf(r->q->a, "%s%s%s", r->scope, dot, member);
	if (r->part < 0)
		return arena_printf(r->q->a, "contents[%d]%s%s", r->content,
		    *member == '\0' ? "" : ".", member);
	return arena_printf(r->q->a, "contents[%d].parts[%d]%s%s%s%s",
	    r->content, r->part, *r->scope == '\0' ? "" : ".", r->scope,
	    *member == '\0' ? "" : ".", member);
}

int
ge_wrong(struct ge_rd *r, const char *member, const char *what)
{
	const char *path = ge_path(r, member);

	return ir_refuse(r->n, path, "%s must be %s", path, what);
}

static const char *
type_name(enum jscan_type t)
{
	switch (t) {
	case JSCAN_TRUE:
	case JSCAN_FALSE:
		return "true or false";
	case JSCAN_NUMBER:
		return "a number";
	case JSCAN_STRING:
		return "a string";
	case JSCAN_ARRAY:
		return "an array";
	case JSCAN_OBJECT:
		return "an object";
	default:
		return "something else";
	}
}

static int
unknown(struct ge_rd *r, struct str key, struct jval v)
{
	char name[KEY_MAX + 1];
	size_t i;

	if (r->extras++ >= EXTRAS_MAX)
		return 0;
	if (key.n > KEY_MAX)
		key.n = KEY_MAX;
	for (i = 0; i < key.n; i++)
		name[i] = (key.p[i] >= '0' && key.p[i] <= '9') ||
		    ((key.p[i] | 0x20) >= 'a' && (key.p[i] | 0x20) <= 'z') ?
		    key.p[i] : '_';
	name[key.n] = '\0';
	ir_extra_add(r->q, *r->scope == '\0' ?
	    arena_strdup(r->q->a, name) :
	    arena_printf(r->q->a, "%s.%s", r->scope, name), v.raw);
	return 0;
}

int
ge_members(struct ge_rd *r, struct jval o, const struct ge_member *rows)
{
	const struct ge_member *m;
	struct str key;
	struct jval v;
	size_t pos = 0;
	int rc;

	while (jt_each(o, &pos, &key, &v)) {
		for (m = rows; m->name != NULL && !ge_is(key, m->name); m++)
			;
		if (v.type == JSCAN_NULL)
			continue;
		if (m->name == NULL)
			rc = unknown(r, key, v);
		else if (m->type != JSCAN_NONE && v.type != m->type &&
		    !(m->type == JSCAN_TRUE && v.type == JSCAN_FALSE))
			rc = ge_wrong(r, m->name, type_name(m->type));
		else
			rc = m->read(r, v);
		if (rc != 0)
			return rc;
	}
	return 0;
}

void
ge_unknown(struct ge_rd *r, const char *where, struct jval o,
    const char *const *known)
{
	const char *const *k;
	struct str key;
	struct jval v;
	size_t pos = 0;

	while (o.type == JSCAN_OBJECT && jt_each(o, &pos, &key, &v)) {
		for (k = known; *k != NULL && !ge_is(key, *k); k++)
			;
		if (*k == NULL)
			unknown_add(r->q, where, key, v);
	}
}

/* --- contents --------------------------------------------------------------- */

static int
read_parts(struct ge_rd *r, struct jval parts, enum ir_role role)
{
	struct jval v;
	size_t pos;
	int rc, pass, seen = 0;

	for (pass = 0; pass < 2; pass++) {
		/* Results come first: they make a turn of their own. */
		r->turn = NULL;
		for (pos = 0, r->part = 0; ge_each(parts, &pos, &v);
		    r->part++, seen = 1)
			if ((rc = ge_read_part(r, v, role, pass)) != 0)
				return rc;
	}
	r->part = -1;
	if (!seen && role == IR_USER)
		return ge_wrong(r, "parts", "an array with at least one part");
	return 0;
}

static int
read_content(struct ge_rd *r, struct jval v)
{
	struct jval role, parts, m;
	enum ir_role who = IR_USER;
	struct str key;
	size_t pos = 0;

	role = parts = (struct jval){ JSCAN_NONE, STR_NULL };
	if (v.type != JSCAN_OBJECT)
		return ge_wrong(r, "", "an object with role and parts");
	while (jt_each(v, &pos, &key, &m)) {
		if (ge_is(key, "role"))
			role = m;
		else if (ge_is(key, "parts"))
			parts = m;
		else
			unknown_add(r->q, "contents.", key, m);
	}
	if (jt_is(role)) {
		if (role.type != JSCAN_STRING)
			return ge_wrong(r, "role", "a string");
		if (jt_eq(role, "model"))
			who = IR_ASSISTANT;
		else if (!jt_eq(role, "user") && !jt_eq(role, "function") &&
		    !jt_eq(role, ""))
			return ge_wrong(r, "role", "\"user\" or \"model\"");
	}
	if (jt_is(parts) && parts.type != JSCAN_ARRAY &&
	    parts.type != JSCAN_OBJECT)
		return ge_wrong(r, "parts", "an array of parts");
	return read_parts(r, parts, who);
}

int
ge_read_contents(struct ge_rd *r, struct jval v)
{
	struct jval c;
	size_t pos = 0;
	int rc;

	if (v.type != JSCAN_ARRAY && v.type != JSCAN_OBJECT)
		return ge_wrong(r, "contents", "an array of contents");
	for (r->content = 0; ge_each(v, &pos, &c); r->content++) {
		r->calls = 0;
		if ((rc = read_content(r, c)) != 0)
			return rc;
	}
	r->contents = (unsigned)r->content;
	r->content = -1;
	return 0;
}

/* One part of systemInstruction: text and nothing else. */
static int
read_system_part(struct ge_rd *r, struct ir_turn *t, struct jval v)
{
	struct jval text = v;
	struct ir_part *p;

	if (v.type == JSCAN_OBJECT)
		text = ge_get(v, "text");
	if (text.type != JSCAN_STRING)
		return ge_wrong(r, "systemInstruction.parts", "text parts: "
		    "instructions can be nothing else");
	p = ir_part_add(r->q, &t->parts, IR_TEXT);
	p->text = jt_text(r->q->a, text);
	return 0;
}

int
ge_read_system(struct ge_rd *r, struct jval v)
{
	static const char *const known[] = { "role", "parts", "text", NULL };
	struct jval parts = v, one;
	struct ir_turn *t;
	size_t pos = 0;
	int rc;

	ge_unknown(r, "systemInstruction.", v, known);
	if (v.type == JSCAN_OBJECT) {
		parts = ge_get(v, "parts");
		/* A bare part instead of a content. */
		if (!jt_is(parts) && jt_is(ge_get(v, "text")))
			parts = v;
	} else if (v.type != JSCAN_STRING)
		return ge_wrong(r, "systemInstruction", "an object with "
		    "parts");
	if (!jt_is(parts))
		return 0;
	t = ir_turn_add(r->q, IR_SYSTEM);
	while (ge_each(parts, &pos, &one))
		if ((rc = read_system_part(r, t, one)) != 0)
			return rc;
	return 0;
}

/* --- the other members of the top ---------------------------------------- */

/* Thresholds that filter nothing may be left out elsewhere. */
static int
read_safety(struct ge_rd *r, struct jval v)
{
	struct jval s, level;
	size_t pos = 0;
	int filters = 0;

	while (ge_each(v, &pos, &s)) {
		if (s.type != JSCAN_OBJECT)
			return ge_wrong(r, "safetySettings", "an array of "
			    "objects");
		level = ge_get(s, "threshold");
		filters |= !jt_eq(level, "BLOCK_NONE") && !jt_eq(level, "OFF");
	}
	if (filters)
		ir_extra_must(r->q, "safetySettings", v.raw);
	else if (pos > 0)
		ir_extra_add(r->q, "safetySettings", v.raw);
	return 0;
}

static int
read_cached(struct ge_rd *r, struct jval v)
{
	ir_extra_must(r->q, "cachedContent", v.raw);
	return 0;
}

static int
read_tier(struct ge_rd *r, struct jval v)
{
	char tier[32];
	long i, n;

	n = jscan_string(v.raw, tier, sizeof(tier));
	for (i = 0; i < n; i++)
		if (tier[i] >= 'A' && tier[i] <= 'Z')
			tier[i] |= 0x20;
	if (n > 0 && strcmp(tier, "unspecified") != 0)
		r->q->service_tier = str_of(arena_strdup(r->q->a, tier));
	return 0;
}

static int
read_store(struct ge_rd *r, struct jval v)
{
	r->q->store = jt_bool(v);
	return 0;
}

static int
ignore(struct ge_rd *r, struct jval v)
{
	(void)r;
	(void)v;
	return 0;
}

static const struct ge_member later[] = {
	{ "contents", JSCAN_NONE, ge_read_contents },
	{ "systemInstruction", JSCAN_NONE, ignore },
	{ "generationConfig", JSCAN_OBJECT, ge_read_config },
	{ "tools", JSCAN_NONE, ge_read_tools },
	{ "toolConfig", JSCAN_OBJECT, ge_read_tool_config },
	{ "safetySettings", JSCAN_NONE, read_safety },
	{ "cachedContent", JSCAN_STRING, read_cached },
	{ "serviceTier", JSCAN_STRING, read_tier },
	{ "store", JSCAN_TRUE, read_store },
	{ "model", JSCAN_STRING, ignore },	/* stands in the path */
	{ NULL, JSCAN_NONE, NULL }
};

/* VALIDATED is said once for all tools. */
static void
make_strict(struct ge_rd *r)
{
	struct ir_tool *t;

	for (t = r->q->tools; r->validated && t != NULL; t = ir_next(t))
		if (t->kind == IR_FUNCTION)
			t->strict = 1;
}

int
ge_read(struct ir_req *q, struct str body, struct ir_note *n)
{
	struct ge_rd r = { .q = q, .n = n, .scope = "", .content = -1,
	    .part = -1 };
	struct jval v = jt_value(body), system;
	int rc;

	r.wait_end = &r.wait;
	if (v.type != JSCAN_OBJECT)
		return ir_refuse(n, "", "the body must be a JSON object");
	/* Instructions are the first turn, wherever they stand. */
	system = ge_get(v, "systemInstruction");
	if (jt_is(system) && (rc = ge_read_system(&r, system)) != 0)
		return rc;
	if ((rc = ge_members(&r, v, later)) != 0)
		return rc;
	if (r.contents == 0)
		return ge_wrong(&r, "contents", "an array with at least one "
		    "content");
	make_strict(&r);
	return 0;
}
