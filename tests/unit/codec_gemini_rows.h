/*
 * codec_gemini_rows.h - requests to Gemini, a row for each thing to be said.
 */
#ifndef CODEC_GEMINI_ROWS_H
#define CODEC_GEMINI_ROWS_H

#include "codec_rig.h"

/* Text with ' for ", as JSON wants it. */
static inline const char *
quoted(struct rig *r, const char *s)
{
	char *d = arena_strdup(r->a, s), *p;

	for (p = d; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return d;
}

static inline struct ir_part *
add(struct ir_req *q, struct ir_turn *t, enum ir_kind kind, const char *text)
{
	struct ir_part *p = ir_part_add(q, &t->parts, kind);

	p->text = str_of(text);
	return p;
}

static inline struct ir_turn *
say(struct ir_req *q, enum ir_role role, const char *text)
{
	struct ir_turn *t = ir_turn_add(q, role);

	add(q, t, IR_TEXT, text);
	return t;
}

/* One row per cell of the column: how a request is, what becomes of it. */
struct row {
	const char	*name;
	void		(*make)(struct ir_req *q);
	const char	*part;		/* of the body, or "! param" */
	const char	*dropped;
	const char	*model;		/* NULL: gemini-3-flash */
};

static inline void
check(const struct row *rows, size_t n)
{
	struct ir_req *q;
	struct ir_note note;
	struct rig r;
	const char *got;
	size_t i;

	rig_new(&r);
	for (i = 0; i < n; i++) {
		q = arena_zalloc(r.a, sizeof(*q));
		ir_req_init(q, r.a, DIALECT_OPENAI);
		rows[i].make(q);
		r.target.dialect = DIALECT_GEMINI;
		r.target.model = str_of(rows[i].model == NULL ?
		    "gemini-3-flash" : rows[i].model);
		got = rig_write(&r, &codec_gemini, q);
		note = r.note;
		if (strstr(got, quoted(&r, rows[i].part)) == NULL)
			tap_fail(__FILE__, __LINE__, "%s: %s", rows[i].name,
			    got);
		if (strcmp(ir_dropped(&note), rows[i].dropped) != 0)
			tap_fail(__FILE__, __LINE__, "%s: dropped %s",
			    rows[i].name, ir_dropped(&note));
	}
	rig_free(&r);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))
#define MAKE(fn) static void fn(struct ir_req *q)

#endif
