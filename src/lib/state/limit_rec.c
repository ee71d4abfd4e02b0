/*
 * limit_rec.c - read and write the limit record of one client key.
 *
 * Runs in: worker; recorder and checker (places of the dead), admin (reads).
 * Owns: TABLE_LIMIT.
 */
#include <stddef.h>

#include "base/log.h"
#include "state/limit_rec.h"

static void
limit_key(struct db_key *k, uint64_t key_id)
{
	db_key(k, TABLE_LIMIT);
	db_key_u64(k, key_id);
	db_key_u8(k, 0);
}

void
limit_chunk_key(struct db_key *k, uint64_t key_id, enum limit_slide_id s,
    unsigned chunk)
{
	db_key(k, TABLE_LIMIT);
	db_key_u64(k, key_id);
	db_key_u8(k, (uint8_t)(1 + s));
	db_key_u16(k, (uint16_t)chunk);
}

static size_t
rec_size(const struct limit_rec *r)
{
	return offsetof(struct limit_rec, places) +
	    r->n_places * sizeof(r->places[0]);
}

int
limit_load(struct state *st, uint64_t key_id, struct limit *l)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
	struct db_key k;
	struct str val;
	int rc;

	l->st = st;
	l->key_id = key_id;
	l->found = l->dirty = 0;
	limit_key(&k, key_id);
	rc = db_get(st->hot, &k, &val);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	if (rc == 0 && val.n >= offsetof(struct limit_rec, places) &&
	    val.n <= sizeof(l->r) &&
	    rec_check(val.p, val.n, LIMIT_VERSION) == 0) {
		memcpy(&l->r, val.p, val.n);
		l->found = rec_size(&l->r) == val.n;
	}
	if (l->found)
		return 0;
	if (rc == 0 && log_allow(&lim))
		log_error("store hot: the limit record of key %llu is "
		    "damaged and made anew", (unsigned long long)key_id);
	memset(&l->r, 0, offsetof(struct limit_rec, places));
	return 0;
}

int
limit_store(struct limit *l)
{
	struct db_key k;
	size_t n = rec_size(&l->r);
	void *p;
	int rc;

	rec_seal(&l->r, n, LIMIT_VERSION);
	limit_key(&k, l->key_id);
	if ((rc = db_edit(l->st->hot, &k, n, &p)) != 0)
		return rc;
	memcpy(p, &l->r, n);
	return 0;
}
