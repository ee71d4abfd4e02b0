/*
 * jscan_text.h - the inside of JSON strings, for jscan and
 * buf_add_json.
 *
 * Where the time goes: nearly all bytes of a chat body are in long strings.
 */
#ifndef BASE_JSCAN_TEXT_H
#define BASE_JSCAN_TEXT_H

#include "base/str.h"

/*
 * Check the string whose first byte behind the quote is p. Returns its closing
 * quote, or NULL with the offending byte in *at (end when the text ended too
 * early) and static text in *what. *escaped is set to 1 when it has a
 * backslash. Behind stop the check is broken off: *what is NULL, and *at is
 * the p to go on with.
 */
const char *jscan_text_end(const char *p, const char *end, const char *stop,
    int *escaped, const char **at, const char **what);
/*
 * Next character of an accepted string: its code point, with *p moved behind
 * it. Pairs of surrogates are joined; a lone one is returned as it is.
 */
uint32_t jscan_text_next(const char **p, const char *end);
/* 1: the key raw stands for name; -1: it does but for case; else 0. */
int jscan_text_is(struct str raw, struct str name);
/* 0 for nearly all keys that are another; such a form is never shorter. */
int jscan_text_may_be(struct str raw, struct str name);
/* 1 when both stand for the same characters. */
int jscan_text_same(struct str a, struct str b);
/* The first byte in [p, end) that is no plain ASCII inside of a string, or end:
 * quotes, backslashes, controls (DEL is none) and all from 0x80 on. */
const char *jscan_text_plain(const char *p, const char *end);
/* Name the vector code to use, "avx2", "sse2", "swar", instead of the best:
 * 0, or ERR_UNSUPPORTED. For tests. */
int jscan_text_force(const char *name);

#endif
