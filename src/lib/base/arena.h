/*
 * arena.h - memory that is freed all at once: a request, a catalogue.
 *
 * Small pieces are cut from blocks, large ones are blocks of their own. What
 * is not memory is released by cleanup functions, last registered first.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena;

/* First block of about first bytes (256 at least). Never NULL. */
struct arena *arena_new(size_t first);
/* Run the cleanups and free everything; accepts NULL, sets NULL. */
void arena_free(struct arena **ap);

/* The same; what it held is overwritten. */
void arena_wipe(struct arena **ap);

/* Run the cleanups and forget all that it holds, for use again: of its memory
 * the first block is kept. */
void arena_reset(struct arena *a);

/* Aligned for any type, not zeroed; never NULL (see xalloc.h). */
void *arena_alloc(struct arena *a, size_t size)
    __attribute__((returns_nonnull));
void *arena_zalloc(struct arena *a, size_t size)
    __attribute__((returns_nonnull));
/* Terminated copies. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
struct str arena_str(struct arena *a, struct str s);
/* One behind the other: unlike "%.*s", with the NULs that they have. */
struct str arena_cat(struct arena *a, struct str x, struct str y);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes taken from the allocator so far, with those of arena_charge. */
size_t arena_size(const struct arena *a);
/* What lies beside it and is freed by a cleanup had `was` bytes, and has `now`:
 * it counts in arena_size. */
void arena_charge(struct arena *a, size_t was, size_t now);
/* Call fn(arg) when the arena is freed. */
void arena_cleanup(struct arena *a, void (*fn)(void *), void *arg);

#endif
