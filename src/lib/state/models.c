/*
 * models.c - model lists that the checker fetched from providers.
 *
 * Runs in: checker (write), all (read).
 * Owns: TABLE_MODELS.
 *
 * Record (provider, 0) is the head of a list; (provider, 1 ..) hold the ids,
 * each with a byte of length, so many as fit into a page comfortably.
 */
#include <stddef.h>

#include "state/models.h"
#include "state/rec.h"
#include "state/state_priv.h"

#define MODELS_VERSION	1
#define CHUNK		1000	/* bytes of ids in one record */
#define CHUNKS_MAX	4096

struct models_head {
	struct rec_head	 head;
	int64_t		 fetched_us;
	uint32_t	 n, chunks;
};

struct models_chunk {
	struct rec_head	 head;
	unsigned char	 ids[CHUNK];
};

static void
row_key(struct db_key *k, const char *provider, unsigned chunk)
{
	db_key(k, TABLE_MODELS);
	db_key_str(k, str_of(provider));
	db_key_u16(k, (uint16_t)chunk);
}

uint64_t
models_version(struct state *st)
{
	uint64_t v;

	return schema_meta_get(st->hot, META_MODELS, &v) == 0 ? v : 0;
}

static int
head(struct state *st, const char *provider, struct models_head *h)
{
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, provider, 0);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc;
	if (val.n != sizeof(*h))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, MODELS_VERSION)) != 0)
		return rc;
	memcpy(h, val.p, sizeof(*h));
	return 0;
}

static int
each_of(struct str ids, int (*fn)(void *arg, struct str id), void *arg)
{
	size_t n;
	int rc;

	while (ids.n > 0) {
		n = (unsigned char)ids.p[0];
		if (n > ids.n - 1)
			return ERR_CORRUPT;
		if ((rc = fn(arg, str_make(ids.p + 1, n))) != 0)
			return rc;
		ids = str_skip(ids, n + 1);
	}
	return 0;
}

int
models_each(struct state *st, const char *provider, int64_t *fetched_us,
    int (*fn)(void *arg, struct str id), void *arg)
{
	struct models_head h;
	struct models_chunk c;
	struct db_key k;
	struct str val;
	unsigned i;
	int rc;

	*fetched_us = 0;
	if ((rc = head(st, provider, &h)) != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	*fetched_us = h.fetched_us;
	for (i = 1; i <= h.chunks; i++) {
		row_key(&k, provider, i);
		if ((rc = db_get(st->hot, &k, &val)) != 0)
			return rc == ERR_NOTFOUND ? ERR_CORRUPT : rc;
		if (val.n > sizeof(c))
			return ERR_CORRUPT;
		if ((rc = rec_check(val.p, val.n, MODELS_VERSION)) != 0)
			return rc;
		memcpy(&c, val.p, val.n);
		rc = each_of(str_make((const char *)c.ids, val.n -
		    sizeof(c.head)), fn, arg);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Write one chunk of ids from v[*i] on; sets *changed when it is another. */
static int
put_chunk(struct state *st, const char *provider, unsigned chunk,
    const struct str *v, unsigned n, unsigned *i, int *changed)
{
	struct models_chunk c;
	struct db_key k;
	struct str had;
	size_t len, at = 0;
	int rc;

	memset(&c.head, 0, sizeof(c.head));
	for (; *i < n; (*i)++) {
		len = v[*i].n > 255 ? 255 : v[*i].n;
		if (at + 1 + len > sizeof(c.ids))
			break;
		c.ids[at++] = (unsigned char)len;
		memcpy(c.ids + at, v[*i].p, len);
		at += len;
	}
	at += sizeof(c.head);
	rec_seal(&c, at, MODELS_VERSION);
	row_key(&k, provider, chunk);
	rc = db_get(st->hot, &k, &had);
	if (rc == 0 && str_eq(had, str_make((const char *)&c, at)))
		return 0;
	*changed = 1;
	return rc == 0 || rc == ERR_NOTFOUND ?
	    db_put(st->hot, &k, &c, at) : rc;
}

static int
put_all(struct state *st, const char *provider, int64_t fetched_us,
    const struct str *ids, unsigned n)
{
	struct models_head h, had;
	struct db_key k;
	unsigned i = 0;
	int rc, changed;

	memset(&h, 0, sizeof(h));
	if ((changed = head(st, provider, &had) != 0))
		had.chunks = 0;
	while (i < n && h.chunks < CHUNKS_MAX)
		if ((rc = put_chunk(st, provider, ++h.chunks, ids, n,
		    &i, &changed)) != 0)
			return rc;
	h.fetched_us = fetched_us;
	h.n = i;
	rec_seal(&h, sizeof(h), MODELS_VERSION);
	row_key(&k, provider, 0);
	if ((rc = db_put(st->hot, &k, &h, sizeof(h))) != 0)
		return rc;
	for (i = h.chunks + 1; i <= had.chunks; i++) {
		row_key(&k, provider, i);
		rc = db_del(st->hot, &k);
		if (rc != 0 && rc != ERR_NOTFOUND)
			return rc;
	}
	return changed || had.chunks != h.chunks ?
	    schema_meta_bump(st->hot, META_MODELS) : 0;
}

int
models_put(struct state *st, const char *provider, int64_t fetched_us,
    const struct str *ids, unsigned n)
{
	int rc;

	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	if ((rc = put_all(st, provider, fetched_us, ids, n)) != 0) {
		db_abort(st->hot);
		return rc;
	}
	return db_commit(st->hot);
}
