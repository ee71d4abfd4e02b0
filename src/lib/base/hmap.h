/*
 * hmap.h - a hash table from bytes to a pointer.
 *
 * Keys are not copied: they must live as long as the entry. Hashing is keyed
 * with a random seed per process, so clients cannot choose collisions.
 */
#ifndef BASE_HMAP_H
#define BASE_HMAP_H

#include "base/str.h"

struct hmap;

struct hmap *hmap_new(void);
void hmap_free(struct hmap **mp);
/* Value of key, or NULL. */
void *hmap_get(const struct hmap *m, struct str key);
/* Set or replace; value must not be NULL. Returns the old value or NULL. */
void *hmap_set(struct hmap *m, struct str key, void *value);
/* Remove; returns the value that was there, or NULL. */
void *hmap_del(struct hmap *m, struct str key);
size_t hmap_count(const struct hmap *m);
/* Walk: start with *it = 0; returns 0 at the end. Do not change it meanwhile. */
int hmap_next(const struct hmap *m, size_t *it, struct str *key, void **value);
/* The keyed 64-bit hash of bytes that the tables use. */
uint64_t hmap_hash(const void *p, size_t n);

#endif
