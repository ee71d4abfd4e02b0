/*
 * hmap.c - a hash table from bytes to a pointer (open addressing, SipHash-1-3).
 *
 * Runs in: every process.
 * Owns: its slots, neither keys nor values.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/hmap.h"
#include "base/rng.h"
#include "base/slice.h"
#include "base/xalloc.h"

struct slot {
	uint64_t	 hash;
	struct str	 key;
	void		*value;		/* NULL: free; &gone: deleted */
};

struct hmap {
	struct slot	*slots;
	size_t		 cap;		/* power of two */
	size_t		 used;		/* live */
	size_t		 filled;	/* live and deleted */
};

static char gone;
static uint64_t seed[2];

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
#define SIPROUND do {							\
	v0 += v1; v1 = ROTL(v1, 13); v1 ^= v0; v0 = ROTL(v0, 32);	\
	v2 += v3; v3 = ROTL(v3, 16); v3 ^= v2;				\
	v0 += v3; v3 = ROTL(v3, 21); v3 ^= v0;				\
	v2 += v1; v1 = ROTL(v1, 17); v1 ^= v2; v2 = ROTL(v2, 32);	\
} while (0)

uint64_t
hmap_hash(const void *in, size_t n)
{
	const unsigned char *p = in, *end = p + (n & ~(size_t)7);
	uint64_t v0, v1, v2, v3, m;

	if (seed[0] == 0)
		rng_bytes(seed, sizeof(seed));
	v0 = seed[0] ^ 0x736f6d6570736575ULL;
	v1 = seed[1] ^ 0x646f72616e646f6dULL;
	v2 = seed[0] ^ 0x6c7967656e657261ULL;
	v3 = seed[1] ^ 0x7465646279746573ULL;
	for (; p != end; p += 8) {
		memcpy(&m, p, 8);
		v3 ^= m;
		SIPROUND;
		v0 ^= m;
	}
	m = 0;
	if ((n & 7) != 0)
		memcpy(&m, p, n & 7);
	m |= (uint64_t)n << 56;
	v3 ^= m;
	SIPROUND;
	v0 ^= m;
	v2 ^= 0xff;
	SIPROUND;
	SIPROUND;
	SIPROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

struct hmap *
hmap_new(void)
{
	struct hmap *m = xcalloc(1, sizeof(*m));

	m->cap = 16;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	return m;
}

void
hmap_free(struct hmap **mp)
{
	if (*mp == NULL)
		return;
	free((*mp)->slots);
	free(*mp);
	*mp = NULL;
}

static struct slot *
find(const struct hmap *m, uint64_t h, struct str key)
{
	size_t i;

	for (i = h & (m->cap - 1); m->slots[i].value != NULL;
	    i = (i + 1) & (m->cap - 1))
		if (m->slots[i].hash == h && m->slots[i].value != &gone &&
		    str_eq(m->slots[i].key, key))
			return &m->slots[i];
	return NULL;
}

void *
hmap_get(const struct hmap *m, struct str key)
{
	struct slot *s = find(m, hmap_hash(key.p, key.n), key);

	return s == NULL ? NULL : s->value;
}

static void
put(struct hmap *m, uint64_t h, struct str key, void *value)
{
	size_t i;

	for (i = h & (m->cap - 1); m->slots[i].value != NULL;
	    i = (i + 1) & (m->cap - 1))
		;
	m->slots[i] = (struct slot){ h, key, value };
	m->used++;
	m->filled++;
}

static void
grow(struct hmap *m)
{
	struct slot *old = m->slots;
	size_t i, n = m->cap;

	if (m->used * 2 >= m->cap)
		m->cap *= 2;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	m->used = m->filled = 0;
	for (i = 0; i < n; i++) {
		slice_use(40);
		if (old[i].value != NULL && old[i].value != &gone)
			put(m, old[i].hash, old[i].key, old[i].value);
	}
	free(old);
}

void *
hmap_set(struct hmap *m, struct str key, void *value)
{
	uint64_t h = hmap_hash(key.p, key.n);
	struct slot *s = find(m, h, key);
	void *old;

	ASSERT(value != NULL);
	slice_use(100);
	if (s != NULL) {
		old = s->value;
		s->key = key;
		s->value = value;
		return old;
	}
	if ((m->filled + 1) * 4 > m->cap * 3)
		grow(m);
	put(m, h, key, value);
	return NULL;
}

void *
hmap_del(struct hmap *m, struct str key)
{
	struct slot *s = find(m, hmap_hash(key.p, key.n), key);
	void *old;

	if (s == NULL)
		return NULL;
	old = s->value;
	s->value = &gone;
	s->key = STR_NULL;
	m->used--;
	return old;
}

size_t
hmap_count(const struct hmap *m)
{
	return m->used;
}

int
hmap_next(const struct hmap *m, size_t *it, struct str *key, void **value)
{
	for (; *it < m->cap; (*it)++) {
		struct slot *s = &m->slots[*it];

		if (s->value == NULL || s->value == &gone)
			continue;
		*key = s->key;
		*value = s->value;
		(*it)++;
		return 1;
	}
	return 0;
}
