/*
 * jw.c - writing JSON text.
 *
 * Runs in: worker, aigw-mock.
 * Owns: nothing.
 */
#include "base/num.h"
#include "dialect/jw.h"

void
jw_init(struct jw *w, struct buf *b)
{
	w->b = b;
	w->error = w->comma = 0;
}

static void
add(struct jw *w, struct str s)
{
	int rc;

	if (w->error == 0 && (rc = buf_adds(w->b, s)) != 0)
		w->error = rc;
}

/* What comes before a value. */
static void
before(struct jw *w)
{
	if (w->comma)
		add(w, STR(","));
	w->comma = 1;
}

void
jw_open(struct jw *w, char bracket)
{
	before(w);
	add(w, str_make(&bracket, 1));
	w->comma = 0;
}

void
jw_close(struct jw *w, char bracket)
{
	add(w, str_make(&bracket, 1));
	w->comma = 1;
}

void
jw_key(struct jw *w, const char *name)
{
	before(w);
	add(w, STR("\""));
	add(w, str_of(name));
	add(w, STR("\":"));
	w->comma = 0;
}

void
jw_str(struct jw *w, struct str s)
{
	int rc;

	before(w);
	add(w, STR("\""));
	if (w->error == 0 && (rc = buf_add_json(w->b, s)) != 0)
		w->error = rc;
	add(w, STR("\""));
}

void
jw_text(struct jw *w, const char *s)
{
	jw_str(w, str_of(s));
}

void
jw_raw(struct jw *w, struct str raw)
{
	before(w);
	add(w, raw.n == 0 ? STR("null") : raw);
}

void
jw_u64(struct jw *w, uint64_t v)
{
	char text[24];

	jw_raw(w, str_make(text, num_put_u64(text, v)));
}

void
jw_bool(struct jw *w, int v)
{
	jw_raw(w, v ? STR("true") : STR("false"));
}

void
jw_kstr(struct jw *w, const char *name, struct str s)
{
	if (s.n == 0)
		return;
	jw_key(w, name);
	jw_str(w, s);
}

void
jw_ktext(struct jw *w, const char *name, const char *s)
{
	jw_key(w, name);
	jw_text(w, s);
}

void
jw_kraw(struct jw *w, const char *name, struct str raw)
{
	if (raw.n == 0)
		return;
	jw_key(w, name);
	jw_raw(w, raw);
}

void
jw_ku64(struct jw *w, const char *name, uint64_t v)
{
	jw_key(w, name);
	jw_u64(w, v);
}

void
jw_kbool(struct jw *w, const char *name, int v)
{
	jw_key(w, name);
	jw_bool(w, v);
}

int
jw_done(const struct jw *w)
{
	return w->error;
}
