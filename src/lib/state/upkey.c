/*
 * upkey.c - health of upstream keys, shared by all processes.
 *
 * Runs in: worker (a fault), checker (everything), all (read).
 * Owns: TABLE_UPKEY.
 */
#include "state/rec.h"
#include "state/state_priv.h"
#include "state/upkey.h"

#define UPKEY_VERSION	1

struct upkey_stored {
	struct rec_head	 head;
	int64_t		 until_us, checked_us;
	uint32_t	 status, response_us, faults;
	uint16_t	 http_status, zero;
	char		 error[104];
	char		 provider[65];
	unsigned char	 id[8];
	unsigned char	 pad[7];
};

static void
row_key(struct db_key *k, const char *provider, const unsigned char id[8])
{
	db_key(k, TABLE_UPKEY);
	db_key_str(k, str_of(provider));
	db_key_bytes(k, id, 8);
}

static int
decode(struct str val, struct upkey_rec *r)
{
	struct upkey_stored s;
	int rc;

	if (val.n != sizeof(s))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, UPKEY_VERSION)) != 0)
		return rc;
	memcpy(&s, val.p, sizeof(s));
	memcpy(r->provider, s.provider, sizeof(r->provider));
	memcpy(r->id, s.id, sizeof(r->id));
	memcpy(r->error, s.error, sizeof(r->error));
	r->status = (enum upkey_status)s.status;
	r->until_us = s.until_us;
	r->checked_us = s.checked_us;
	r->response_us = s.response_us;
	r->http_status = s.http_status;
	r->faults = s.faults;
	return 0;
}

static int
store(struct state *st, const struct upkey_rec *r)
{
	struct upkey_stored s;
	struct db_key k;
	int rc;

	memset(&s, 0, sizeof(s));
	s.until_us = r->until_us;
	s.checked_us = r->checked_us;
	s.status = (uint32_t)r->status;
	s.response_us = r->response_us;
	s.faults = r->faults;
	s.http_status = r->http_status;
	str_copy(s.error, sizeof(s.error), str_of(r->error));
	str_copy(s.provider, sizeof(s.provider), str_of(r->provider));
	memcpy(s.id, r->id, sizeof(s.id));
	rec_seal(&s, sizeof(s), UPKEY_VERSION);
	row_key(&k, r->provider, r->id);
	if ((rc = db_put(st->hot, &k, &s, sizeof(s))) != 0)
		return rc;
	return schema_meta_bump(st->hot, META_UPKEYS);
}

int
upkey_fault(struct state *st, struct act *act)
{
	struct act_key_fault *a = (struct act_key_fault *)act;
	struct upkey_rec had;
	struct db_key k;
	struct str val;
	int rc;

	a->a.rc = 0;
	row_key(&k, a->rec.provider, a->rec.id);
	rc = db_get(st->hot, &k, &val);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	a->rec.status = UPKEY_UNHEALTHY;
	a->rec.faults = 1;
	if (rc == 0 && decode(val, &had) == 0) {
		a->rec.faults = had.faults + 1;
		a->rec.checked_us = had.checked_us;
		a->rec.response_us = had.response_us;
		if (had.status == UPKEY_UNHEALTHY &&
		    had.until_us > a->rec.until_us)
			a->rec.until_us = had.until_us;
	}
	return store(st, &a->rec);
}

uint64_t
upkey_version(struct state *st)
{
	uint64_t v;

	return schema_meta_get(st->hot, META_UPKEYS, &v) == 0 ? v : 0;
}

int
upkey_all(struct state *st, struct upkey_rec *v, unsigned max)
{
	struct db_key table;
	struct db_walk w;
	struct str key, val;
	unsigned n = 0;
	int rc;

	db_key(&table, TABLE_UPKEY);
	if ((rc = db_walk(st->hot, &w, &table, NULL)) != 0)
		return rc;
	while (n < max && (rc = db_walk_next(&w, &key, &val)) == 0)
		if (decode(val, &v[n]) == 0)
			n++;
	db_walk_end(&w);
	return rc == 0 || rc == ERR_NOTFOUND ? (int)n : rc;
}

int
upkey_put(struct state *st, const struct upkey_rec *rec)
{
	int rc;

	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	if ((rc = store(st, rec)) != 0) {
		db_abort(st->hot);
		return rc;
	}
	return db_commit(st->hot);
}

int
upkey_del(struct state *st, const char *provider,
    const unsigned char id[8])
{
	struct db_key k;
	int rc;

	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	row_key(&k, provider, id);
	if ((rc = db_del(st->hot, &k)) != 0 ||
	    (rc = schema_meta_bump(st->hot, META_UPKEYS)) != 0) {
		db_abort(st->hot);
		return rc;
	}
	return db_commit(st->hot);
}
