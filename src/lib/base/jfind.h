/*
 * jfind.h - members of a JSON text, found by a quick look that checks nothing.
 *
 * Inside a JSON string each quote is escaped (RFC 8259 section 7): a string
 * with a colon behind it is the name of a member, never part of a text. Good
 * for counting what streams by; what money hangs on is read by jscan.
 */
#ifndef BASE_JFIND_H
#define BASE_JFIND_H

#include "base/str.h"

/*
 * The next member in *rest, however deep it stands: 1 with its name as written,
 * between the quotes, and *value from its first byte to the end of the text;
 * *rest goes on there. 0 when there is none.
 */
int jfind_next(struct str *rest, struct str *name, struct str *value);
/* Bytes between the quotes of the string that value begins with, escapes as
 * they stand; -1 when it begins with no string or the string does not end. */
long jfind_string(struct str value);
/* The value of the first member of that name (without quotes), as jfind_next
 * gives it; empty when there is none. */
struct str jfind(struct str text, struct str name);

/*
 * How the last of many texts began and ended. The chunks of a stream differ in
 * the value of one member, the one that told something: what stands before it
 * is mostly the same in all, and often what stands behind. All zero: none.
 */
#define JFIND_HEAD	320		/* bytes; a longer one is not kept */
#define JFIND_TAIL	128

struct jfind_memo {
	unsigned short	 head_n, tail_n, name, name_n;
	char		 head[JFIND_HEAD], tail[JFIND_TAIL];
};

/* Does text begin as the one that was kept, up to the value? 1 with the name
 * and value that jfind_next would come to there. */
int jfind_same_head(const struct jfind_memo *m, struct str text,
    struct str *name, struct str *value);
/* Keep how text begins, up to value; name is in it. No tail is known then. */
void jfind_set_head(struct jfind_memo *m, struct str text, struct str name,
    struct str value);
/* The same for what stands behind a string. One with a colon is not kept: it
 * makes that string a name. */
int jfind_same_tail(const struct jfind_memo *m, struct str tail);
void jfind_set_tail(struct jfind_memo *m, struct str tail);

#endif
