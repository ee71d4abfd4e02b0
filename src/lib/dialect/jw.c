/*
 * jw.c - writing JSON text.
 *
 * Runs in: worker, aigw-mock.
 * Owns: nothing.
 */
#include "base/num.h"
#include "base/slice.h"
#include "dialect/jw.h"

#define SHORT	4096

void
jw_init(struct jw *w, struct buf *b)
{
	w->b = b;
	w->error = w->comma = 0;
}

/* Room for n more bytes, which follow at once; NULL: none, or an error was. */
static char *
room(struct jw *w, size_t n)
{
	struct buf *b = w->b;
	int rc;

	if (w->error != 0)
		return NULL;
	if ((b->cap - b->len < n || buf_len(b) + n > b->max) &&
	    (rc = buf_reserve(b, n)) != 0) {
		w->error = rc;
		return NULL;
	}
	return b->data + b->len;
}

static void
add(struct jw *w, struct str s)
{
	char *p;
	int rc;

	if (s.n > SHORT) {
		if (w->error == 0 && (rc = buf_adds(w->b, s)) != 0)
			w->error = rc;
	} else if (s.n > 0 && (p = room(w, s.n)) != NULL) {
		memcpy(p, s.p, s.n);
		w->b->len += s.n;
	}
}

/* One byte, behind what comes before a value. */
static void
begin(struct jw *w, char c)
{
	char *p = room(w, 2);

	if (p == NULL)
		return;
	if (w->comma)
		*p++ = ',';
	*p = c;
	w->b->len += 1 + (w->comma != 0);
}

void
jw_open(struct jw *w, char bracket)
{
	begin(w, bracket);
	w->comma = 0;
	slice_use(100);			/* and what comes into it */
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
	size_t n = strlen(name);
	char *p = room(w, n + 4);

	if (p != NULL) {
		w->b->len += n + 3 + (w->comma != 0);
		if (w->comma)
			*p++ = ',';
		*p++ = '"';
		memcpy(p, name, n);
		memcpy(p + n, "\":", 2);
	}
	w->comma = 0;
}

void
jw_str(struct jw *w, struct str s)
{
	int rc;

	begin(w, '"');
	w->comma = 1;
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
	if (w->comma)
		add(w, STR(","));
	w->comma = 1;
	add(w, raw.n == 0 ? STR("null") : raw);
}

/* Each c of p[0..n) becomes a blank. */
static void
blank(char *p, size_t n, int c)
{
	char *end = p + n;

	while ((p = memchr(p, c, (size_t)(end - p))) != NULL)
		*p++ = ' ';
}

void
jw_one_line(char *p, size_t n)
{
	blank(p, n, '\n');
	blank(p, n, '\r');
	slice_use(n / 16);
}

void
jw_line(struct jw *w, struct str raw)
{
	jw_raw(w, raw);
	if (w->error == 0)
		jw_one_line(w->b->data + w->b->len - raw.n, raw.n);
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
