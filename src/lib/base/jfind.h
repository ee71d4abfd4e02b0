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

#endif
