/*
 * limit_rec.c - read and write the limit record of one client key.
 *
 * Runs in: worker; recorder and checker (places of the dead), admin (reads).
 * Owns: TABLE_LIMIT.
 */
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/limit_rec.h"

#define MINUTE_US	(60 * CLOCK_US_S)
#define STALE_US	(27LL * 3600 * CLOCK_US_S)	/* a day and some */
#define EXPIRE_LOOK	4096	/* keys looked at by one call */
#define EXPIRE_KEYS	64	/* deleted by one call */

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

int
limit_delete(struct state *st, uint64_t key_id)
{
	struct db_key prefix;
	struct db_walk w;
	struct str key, val;
	int rc;

	db_key(&prefix, TABLE_LIMIT);
	db_key_u64(&prefix, key_id);
	if ((rc = db_walk(st->hot, &w, &prefix, NULL)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0)
		if ((rc = db_walk_del(&w)) != 0)
			break;
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

int
limit_walk(struct state *st, struct limit_walk *w, uint64_t from)
{
	struct db_key start;

	db_key(&w->table, TABLE_LIMIT);
	start = w->table;
	db_key_u64(&start, from);
	return db_walk(st->hot, &w->w, &w->table, &start);
}

int
limit_walk_next(struct limit_walk *w, uint64_t *key_id, struct str *rec)
{
	struct db_key next;
	struct str key;
	int rc;

	while ((rc = db_walk_next(&w->w, &key, rec)) == 0) {
		if (key.n < 10)
			return ERR_CORRUPT;
		*key_id = db_key_number(key.p + 1, 8);
		if (*key_id == UINT64_MAX)
			return ERR_NOTFOUND;
		/* over the chunks to the next key */
		next = w->table;
		db_key_u64(&next, *key_id + 1);
		db_walk_to(&w->w, &next);
		if (key.n == 10 && key.p[9] == 0)
			return 0;
	}
	return rc;
}

void
limit_walk_end(struct limit_walk *w)
{
	db_walk_end(&w->w);
}

/* --- expiry ------------------------------------------------------------ */

int64_t
limit_used(const struct limit_rec *r)
{
	const struct limit_slide *tpm = &r->slide[SLIDE_TPM];
	int64_t t = r->admitted ? r->last_us : INT64_MIN, end;

	if (tpm->mode != LIMIT_PARTS)
		return t;
	end = (int64_t)((__int128)(tpm->at + 1) * MINUTE_US / 256);
	return end > t ? end : t;
}

/*
 * Nothing in this record matters any more: its windows and its day are over,
 * and its tokens stand in the ledger. That a day and more is over must not be
 * taken from a clock that somebody may set; where nothing was admitted there is
 * only the time of the last use to lose.
 */
static int
is_stale(const struct limit_rec *r, int64_t boot_us, int64_t real_us)
{
	int64_t used = limit_used(r);

	if (r->running > 0 || r->reserved > 0)
		return 0;
	return used == INT64_MIN ? r->used_us + STALE_US < real_us :
	    used + STALE_US < boot_us;
}

static int
looks_stale(struct str val, int64_t boot_us, int64_t real_us)
{
	struct limit_rec r;

	if (val.n < offsetof(struct limit_rec, places))
		return 1;
	memcpy(&r, val.p, offsetof(struct limit_rec, places));
	return is_stale(&r, boot_us, real_us);
}

int
state_expire(struct state *st, uint64_t *next, int64_t boot_us,
    int64_t real_us)
{
	uint64_t id, v[EXPIRE_KEYS];
	struct limit_walk w;
	struct str val;
	int rc, seen, n = 0, i;

	if ((rc = limit_walk(st, &w, *next)) != 0)
		return rc;
	for (seen = 0; seen < EXPIRE_LOOK && n < EXPIRE_KEYS; seen++) {
		if ((rc = limit_walk_next(&w, &id, &val)) != 0)
			break;
		if (looks_stale(val, boot_us, real_us))
			v[n++] = id;
	}
	limit_walk_end(&w);
	db_rest(st->hot);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	*next = rc == ERR_NOTFOUND ? 0 : id + 1;
	if (n == 0)
		return 0;
	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	for (i = 0; i < n && rc == 0; i++) {
		struct limit l;

		/* it may have been used since we looked */
		rc = limit_load(st, v[i], &l);
		if (rc == 0 && l.found && !is_stale(&l.r, boot_us, real_us))
			continue;
		if (rc == 0)
			rc = limit_delete(st, v[i]);
	}
	if (rc != 0) {
		db_abort(st->hot);
		return rc;
	}
	rc = db_commit(st->hot);
	return rc != 0 ? rc : n;
}
