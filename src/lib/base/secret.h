/*
 * secret.h - text that must not be seen: provider keys, passwords, tokens.
 *
 * Secrets live in pages that are locked, left out of core dumps and wiped
 * when freed. There is no way to print one by accident: the type is opaque,
 * and secret_mask shows four characters at most.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/str.h"

struct secret;

/* Copy text (no NUL inside) into secret memory. Never NULL. */
struct secret *secret_new(struct str text);
/* Wipe and free; accepts NULL, sets NULL. */
void secret_free(struct secret **sp);
/* The text, valid until secret_free; only where it goes on the wire. */
struct str secret_reveal(const struct secret *s);
/* 1 when absent or empty. */
int secret_empty(const struct secret *s);
/* Compare in constant time (for equal lengths). */
int secret_eq(const struct secret *s, struct str text);
/*
 * Printable form, "****" or "sk-a****" (four first characters, only when
 * there are more than 12): at most 12 bytes with NUL.
 */
#define SECRET_MASK_SIZE 12
void secret_mask(const struct secret *s, char out[SECRET_MASK_SIZE]);
/* Overwrite n bytes at p so that the compiler cannot leave it out. */
void secret_wipe(void *p, size_t n);

#endif
