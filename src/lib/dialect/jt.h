/*
 * jt.h - reading members of JSON text where they are.
 *
 * The text has been accepted by jscan. Nothing is parsed into a tree: a value
 * is a slice of the text.
 */
#ifndef DIALECT_JT_H
#define DIALECT_JT_H

#include "base/arena.h"
#include "base/jscan.h"

struct jval {
	enum jscan_type	 type;		/* JSCAN_NONE: not there */
	struct str	 raw;
};

/* The whole text as a value. */
struct jval jt_value(struct str text);
/* Member of an object (the last, if there are several); JSCAN_NONE if none or
 * if o is no object. */
struct jval jt_get(struct jval o, const char *name);
/* 1 when it is there and not null. */
int jt_is(struct jval v);
/* Walk an array or object: 1 and the next value; name (may be NULL) is the raw
 * key without quotes. *pos is 0 at first. */
int jt_each(struct jval v, size_t *pos, struct str *name, struct jval *out);
/* Decode a string into the arena; empty for all that is no string. Lone
 * surrogates become U+FFFD. */
struct str jt_text(struct arena *a, struct jval v);
/* Where an escape is that stands for half a surrogate pair, in strings or keys
 * of JSON text; -1: there is none. */
long jt_lone(struct str text);
/* The string equals s. */
int jt_eq(struct jval v, const char *s);
/* Non-negative integer or dflt. */
uint64_t jt_u64(struct jval v, uint64_t dflt);
/* -1 absent or null, else 0 or 1. */
int jt_bool(struct jval v);
double jt_double(struct jval v);

#endif
