/*
 * jw.h - writing JSON text.
 *
 * The first error is kept, the caller checks once at the end with
 * jw_done. Commas are the writer's business.
 */
#ifndef DIALECT_JW_H
#define DIALECT_JW_H

#include "base/buf.h"

struct jw {
	struct buf	*b;
	int		 error;		/* first one of buf.h */
	int		 comma;		/* one is due before the next value */
};

void jw_init(struct jw *w, struct buf *b);
void jw_open(struct jw *w, char bracket);	/* '{' or '[' */
void jw_close(struct jw *w, char bracket);	/* '}' or ']' */
void jw_key(struct jw *w, const char *name);	/* name: plain ASCII */
void jw_str(struct jw *w, struct str s);
void jw_text(struct jw *w, const char *s);
void jw_raw(struct jw *w, struct str raw);	/* "null" when empty */
/* The same on one line, as an event of a stream needs it: what ends a line
 * stands between values only, and becomes a blank. */
void jw_line(struct jw *w, struct str raw);
void jw_one_line(char *p, size_t n);	/* of what was written */
void jw_u64(struct jw *w, uint64_t v);
void jw_bool(struct jw *w, int v);
/* key and value; the str ones write nothing when s is empty. */
void jw_kstr(struct jw *w, const char *name, struct str s);
void jw_ktext(struct jw *w, const char *name, const char *s);
void jw_kraw(struct jw *w, const char *name, struct str raw);
void jw_ku64(struct jw *w, const char *name, uint64_t v);
void jw_kbool(struct jw *w, const char *name, int v);
int jw_done(const struct jw *w);

#endif
