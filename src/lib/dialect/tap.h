/*
 * tap.h - what the taps of the formats share.
 */
#ifndef DIALECT_TAP_H
#define DIALECT_TAP_H

#include "base/jscan.h"
#include "dialect/dialect.h"

/* Tokens where numbers stand; -1 for a member that is not there. Broken,
 * negative and absurd numbers make all of them -1: no usage. */
void tap_numbers(const struct jscan_want *w, unsigned n, int64_t *out);
/* Scan the text, however large: 0, or t->malformed is set. */
int tap_scan(struct tap *t, struct str text, struct jscan_want *w, unsigned n);
/*
 * The body of a dialect row: the whole answer, or a slice of a long one. w: n
 * wants with their paths; found gets them when the text was accepted. What w's
 * paths point to must stay.
 */
int tap_body(struct tap *t, struct str body, struct dialect_scan **sp,
    const struct jscan_want *w, unsigned n,
    void (*found)(struct tap *t, const struct jscan_want *w));
/* The answer is an error, and these are its words: of an object its message,
 * of a string what is in it, else the value as it stands. */
void tap_words(struct tap *t, struct str value);
/* The same for an error member, when it is an object or a string. */
void tap_error(struct tap *t, const struct jscan_want *error);
/* Usage of which parts exceed the whole is brought into order. */
void tap_usage(struct tap *t, const struct price_usage *u);
/* The event's data, with all its lines: *b is used when there are several,
 * and freed by the caller. */
struct str tap_data(const struct sse_event *ev, struct buf *b);

#endif
