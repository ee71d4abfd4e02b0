/*
 * arena.c - memory that is freed all at once.
 *
 * Runs in: every process.
 * Owns: the blocks of each arena.
 *
 * The arena itself lives in its first block, so a request costs one malloc
 * and one free as long as that block is large enough.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/xalloc.h"

#define ARENA_ALIGN	16
#define ARENA_MIN	256
#define ARENA_BLOCK	4096
#define ARENA_LARGE	(256u << 10)
#define PORTION		(256u << 10)	/* copied at once */
#define ROUND(n)	(((n) + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1))

struct block {
	struct block	*next;
	size_t		 size;
} __attribute__((aligned(ARENA_ALIGN)));

struct cleanup {
	struct cleanup	*next;
	void		(*fn)(void *);
	void		*arg;
};

struct arena {
	struct block	*blocks;
	char		*cur;
	char		*end;
	struct cleanup	*cleanups;
	size_t		 total;
};

/* All of the first block behind the arena itself is free. */
static void
begin(struct arena *a, struct block *b)
{
	a->blocks = b;
	a->cur = (char *)a + ROUND(sizeof(*a));
	a->end = (char *)b + b->size;
	a->cleanups = NULL;
	a->total = b->size;
}

struct arena *
arena_new(size_t first)
{
	struct arena *a;
	struct block *b;
	size_t size;

	if (first < ARENA_MIN)
		first = ARENA_MIN;
	size = ROUND(sizeof(*b)) + ROUND(sizeof(*a)) + ROUND(first);
	b = xmalloc(size);
	b->next = NULL;
	b->size = size;
	a = (struct arena *)((char *)b + ROUND(sizeof(*b)));
	begin(a, b);
	return a;
}

void
arena_reset(struct arena *a)
{
	struct block *b, *next;
	struct cleanup *c;

	for (c = a->cleanups; c != NULL; c = c->next)
		c->fn(c->arg);
	for (b = a->blocks; (next = b->next) != NULL; b = next)
		free(b);
	begin(a, b);
}

static void
release(struct arena **ap, int wipe)
{
	struct arena *a = *ap;
	struct block *b, *next;
	struct cleanup *c;
	size_t size;

	if (a == NULL)
		return;
	*ap = NULL;
	for (c = a->cleanups; c != NULL; c = c->next)
		c->fn(c->arg);
	/* The arena lives in the last block of the list: read next first. */
	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		size = b->size;
		if (wipe)
			explicit_bzero(b, size);
		free(b);
	}
}

void
arena_free(struct arena **ap)
{
	release(ap, 0);
}

void
arena_wipe(struct arena **ap)
{
	release(ap, 1);
}

/* A large one has large blocks: it is freed at once, in one turn of a loop. */
static size_t
block_size(const struct arena *a)
{
	size_t block = ROUND(a->total / 4);

	return block < ARENA_BLOCK ? ARENA_BLOCK : block > ARENA_LARGE ?
	    ARENA_LARGE : block;
}

static void *
new_block(struct arena *a, size_t size)
{
	size_t block = block_size(a);
	size_t want = size > block / 4 ? size : block;
	struct block *b = xmalloc(ROUND(sizeof(*b)) + want);
	char *p = (char *)b + ROUND(sizeof(*b));

	b->size = ROUND(sizeof(*b)) + want;
	b->next = a->blocks;
	a->blocks = b;
	a->total += want;
	if (want > size) {
		a->cur = p + size;
		a->end = p + want;
	}
	slice_use(want / 8);		/* memory that is new */
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	char *p = a->cur;

	ASSERT(size < SIZE_MAX / 2);
	size = ROUND(size);
	if (size > (size_t)(a->end - p))
		return new_block(a, size);
	a->cur = p + size;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	size_t at;

	for (at = 0; n - at > PORTION; at += PORTION) {
		memcpy(p + at, s + at, PORTION);
		slice_use(PORTION / 3);
	}
	if (n > at)
		memcpy(p + at, s + at, n - at);
	p[n] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

struct str
arena_str(struct arena *a, struct str s)
{
	return str_make(arena_strndup(a, s.p, s.n), s.n);
}

struct str
arena_cat(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);

	if (x.n > 0)
		memcpy(p, x.p, x.n);
	if (y.n > 0)
		memcpy(p + x.n, y.p, y.n);
	slice_use((x.n + y.n) / 3);
	p[x.n + y.n] = '\0';
	return str_make(p, x.n + y.n);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ASSERT(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t
arena_size(const struct arena *a)
{
	return a->total;
}

void
arena_charge(struct arena *a, size_t was, size_t now)
{
	a->total = a->total + now - was;
}

void
arena_cleanup(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c = arena_alloc(a, sizeof(*c));

	c->fn = fn;
	c->arg = arg;
	c->next = a->cleanups;
	a->cleanups = c;
}
