/*
 * key.c - client keys of the ledger.
 *
 * Runs in: worker (look-up), admin (change).
 * Owns: TABLE_KEY, TABLE_KEY_ID, TABLE_KEY_NAME.
 *
 * TABLE_KEY: hash -> the key. The hash before a rotation leads to a record
 * that only names the present one. TABLE_KEY_ID and TABLE_KEY_NAME lead to
 * the present hash.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/rng.h"
#include "state/key_pack.h"
#include "state/limit_rec.h"
#include "state/totals.h"

#define LINK_VERSION	64	/* not a version of the key itself */

struct key_link {
	struct rec_head	 head;
	unsigned char	 hash[32];
};

static const unsigned char no_hash[32];

/* --- keys of the tables ------------------------------------------------ */

static void
hash_key(struct db_key *k, const unsigned char hash[32])
{
	db_key(k, TABLE_KEY);
	db_key_bytes(k, hash, 32);
}

static void
id_key(struct db_key *k, uint64_t id)
{
	db_key(k, TABLE_KEY_ID);
	db_key_u64(k, id);
}

static void
name_key(struct db_key *k, struct str name)
{
	db_key(k, TABLE_KEY_NAME);
	db_key_bytes(k, name.p, name.n > KEY_NAME_MAX ? KEY_NAME_MAX :
	    name.n);
}

static int
put_link(struct state *st, const struct db_key *k,
    const unsigned char hash[32])
{
	struct key_link l;

	memcpy(l.hash, hash, sizeof(l.hash));
	rec_seal(&l, sizeof(l), LINK_VERSION);
	return db_put(st->ledger, k, &l, sizeof(l));
}

static int
is_link(struct str val)
{
	return val.n == sizeof(struct key_link);
}

static int
get_link(struct str val, unsigned char hash[32])
{
	struct key_link l;
	int rc;

	if (!is_link(val))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, LINK_VERSION)) != 0)
		return rc;
	memcpy(&l, val.p, sizeof(l));
	memcpy(hash, l.hash, sizeof(l.hash));
	return 0;
}

/* --- look-up ----------------------------------------------------------- */

static int
unpack(struct str val, const unsigned char hash[32], struct key_rec *out)
{
	int rc = key_unpack(val, out);

	if (rc != 0)
		return rc;
	return crypto_equal(out->hash, hash, 32) ? 0 : ERR_CORRUPT;
}

/* The key under its present hash. */
static int
fetch(struct state *st, const unsigned char hash[32], struct key_rec *out)
{
	struct db_key k;
	struct str val;
	int rc;

	hash_key(&k, hash);
	if ((rc = db_get(st->ledger, &k, &val)) != 0)
		return rc;
	return unpack(val, hash, out);
}

int
key_find(struct state *st, const unsigned char hash[32], int64_t real_us,
    struct key_rec *out)
{
	unsigned char now[32];
	struct db_key k;
	struct str val;
	int rc;

	hash_key(&k, hash);
	if ((rc = db_get(st->ledger, &k, &val)) != 0)
		return rc;
	if (!is_link(val))
		return unpack(val, hash, out);
	if ((rc = get_link(val, now)) != 0)
		return rc;
	if ((rc = fetch(st, now, out)) != 0)
		return rc == ERR_NOTFOUND ? ERR_CORRUPT : rc;
	if (!crypto_equal(out->old_hash, hash, 32) ||
	    real_us >= out->old_until_us)
		return ERR_NOTFOUND;
	return 0;
}

static int
find_by(struct state *st, const struct db_key *k, struct key_rec *out)
{
	unsigned char hash[32];
	struct str val;
	int rc;

	if ((rc = db_get(st->ledger, k, &val)) != 0 ||
	    (rc = get_link(val, hash)) != 0)
		return rc;
	rc = fetch(st, hash, out);
	return rc == ERR_NOTFOUND ? ERR_CORRUPT : rc;
}

int
key_find_id(struct state *st, uint64_t id, struct key_rec *out)
{
	struct db_key k;

	id_key(&k, id);
	return find_by(st, &k, out);
}

int
key_find_name(struct state *st, struct str name, struct key_rec *out)
{
	struct db_key k;

	if (name.n == 0 || name.n > KEY_NAME_MAX)
		return ERR_NOTFOUND;
	name_key(&k, name);
	return find_by(st, &k, out);
}

int
key_each(struct state *st, uint64_t after,
    int (*fn)(void *arg, const struct key_rec *rec), void *arg)
{
	struct db_key table, from;
	struct db_walk w;
	struct key_rec r;
	unsigned char hash[32];
	struct str key, val;
	int rc;

	db_key(&table, TABLE_KEY_ID);
	id_key(&from, after + 1);
	if (after == UINT64_MAX)
		return 0;
	if ((rc = db_walk(st->ledger, &w, &table, &from)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0)
		if ((rc = get_link(val, hash)) != 0 ||
		    (rc = fetch(st, hash, &r)) != 0 ||
		    (rc = fn(arg, &r)) != 0)
			break;
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

int64_t
key_last_used(struct state *st, uint64_t id)
{
	int64_t ledger = totals_last_used(st, id);
	struct limit l;

	if (limit_load(st, id, &l) != 0 || !l.found)
		return ledger;
	return l.r.used_us > ledger ? l.r.used_us : ledger;
}

/* --- change ------------------------------------------------------------ */

static int
has_old(const struct key_rec *r)
{
	return memcmp(r->old_hash, no_hash, sizeof(no_hash)) != 0;
}

/* Take the key out of all tables. */
static int
take_out(struct state *st, const struct key_rec *r)
{
	struct db_key k;
	int rc;

	hash_key(&k, r->hash);
	if ((rc = db_del(st->ledger, &k)) != 0)
		return rc;
	id_key(&k, r->id);
	if ((rc = db_del(st->ledger, &k)) != 0)
		return rc;
	name_key(&k, str_of(r->name));
	if ((rc = db_del(st->ledger, &k)) != 0 || !has_old(r))
		return rc;
	hash_key(&k, r->old_hash);
	rc = db_del(st->ledger, &k);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* 1 when the key is taken. */
static int
there(struct state *st, const struct db_key *k)
{
	struct str val;
	int rc = db_get(st->ledger, k, &val);

	return rc == 0 ? 1 : rc == ERR_NOTFOUND ? 0 : rc;
}

static int
put_in(struct state *st, const struct key_rec *r)
{
	unsigned char rec[KEY_PACK_MAX];
	struct db_key k;
	int rc;

	name_key(&k, str_of(r->name));
	if ((rc = there(st, &k)) != 0)
		return rc < 0 ? rc : ERR_EXISTS;
	if ((rc = put_link(st, &k, r->hash)) != 0)
		return rc;
	id_key(&k, r->id);
	if ((rc = put_link(st, &k, r->hash)) != 0)
		return rc;
	hash_key(&k, r->hash);
	if ((rc = there(st, &k)) != 0)
		return rc < 0 ? rc : ERR_EXISTS;
	rc = db_put(st->ledger, &k, rec, key_pack(rec, r));
	if (rc != 0 || !has_old(r))
		return rc;
	hash_key(&k, r->old_hash);
	if ((rc = there(st, &k)) != 0)
		return rc < 0 ? rc : ERR_EXISTS;
	return put_link(st, &k, r->hash);
}

/* End the transaction: commit when rc is 0. */
static int
finish(struct state *st, int rc)
{
	if (rc == 0)
		rc = db_commit(st->ledger);
	else
		db_abort(st->ledger);
	return rc;
}

static int
create(struct state *st, struct key_rec *rec)
{
	uint64_t id;
	int rc;

	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((rc = schema_meta_get(st->ledger, META_KEY_ID, &id)) == 0) {
		rec->id = id + 1;
		rec->created_us = clock_real_us();
		rc = schema_meta_put(st->ledger, META_KEY_ID, rec->id);
	}
	return finish(st, rc != 0 ? rc : put_in(st, rec));
}

static int
update(struct state *st, const struct key_rec *rec)
{
	struct key_rec had;
	int rc;

	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((rc = key_find_id(st, rec->id, &had)) == 0 &&
	    (rc = take_out(st, &had)) == 0)
		rc = put_in(st, rec);
	return finish(st, rc);
}

static int
take_away(struct state *st, uint64_t id)
{
	struct key_rec had;
	int rc;

	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((rc = key_find_id(st, id, &had)) == 0)
		rc = take_out(st, &had);
	return finish(st, rc);
}

/* These cannot wait until the disk has room: the ballast is for them. */
int
key_create(struct state *st, struct key_rec *rec)
{
	int rc = rec->name[0] == '\0' ? ERR_FORMAT : create(st, rec);

	return rc == ERR_FULL && db_drop_ballast(st->ledger) ?
	    create(st, rec) : rc;
}

int
key_update(struct state *st, const struct key_rec *rec)
{
	int rc = rec->name[0] == '\0' ? ERR_FORMAT : update(st, rec);

	return rc == ERR_FULL && db_drop_ballast(st->ledger) ?
	    update(st, rec) : rc;
}

int
key_delete(struct state *st, uint64_t id)
{
	int rc = take_away(st, id);

	return rc == ERR_FULL && db_drop_ballast(st->ledger) ?
	    take_away(st, id) : rc;
}

void
key_new_secret(char secret[KEY_SECRET_SIZE], unsigned char hash[32],
    char hint[KEY_HINT_SIZE])
{
	static const char prefix[] = "sk-aigw-";

	memcpy(secret, prefix, sizeof(prefix) - 1);
	rng_text(secret + sizeof(prefix) - 1, 48);
	crypto_sha256(str_of(secret), hash);
	snprintf(hint, KEY_HINT_SIZE, "%.10s..", secret);
}
