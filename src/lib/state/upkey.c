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
	uint16_t	 http_status, why;
	char		 error[104];
	char		 provider[65];
	unsigned char	 id[8];
	unsigned char	 fault[7];	/* fault_us, lowest byte first */
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
	unsigned i;
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
	r->why = s.why < UPKEY_WHYS ? (enum upkey_why)s.why : UPKEY_FINE;
	for (r->fault_us = 0, i = 7; i-- > 0; )
		r->fault_us = r->fault_us << 8 | s.fault[i];
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
	unsigned i;
	int rc;

	memset(&s, 0, sizeof(s));
	s.why = (uint16_t)r->why;
	for (i = 0; i < 7; i++)
		s.fault[i] = (unsigned char)(r->fault_us >> 8 * i);
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

/* In a transaction: the row, empty but for its name when there is none. */
static int
fetch_row(struct state *st, const struct upkey_rec *name,
    struct upkey_rec *row)
{
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, name->provider, name->id);
	rc = db_get(st->hot, &k, &val);
	if (rc == 0 && decode(val, row) == 0)
		return 0;
	memset(row, 0, sizeof(*row));
	memcpy(row->provider, name->provider, sizeof(row->provider));
	memcpy(row->id, name->id, sizeof(row->id));
	return rc == ERR_NOTFOUND ? 0 : rc;
}

int
upkey_fault(struct state *st, struct act *act)
{
	struct act_key_fault *a = (struct act_key_fault *)act;
	struct upkey_rec had;
	int rc;

	a->a.rc = 0;
	if ((rc = fetch_row(st, &a->rec, &had)) != 0)
		return rc;
	return upkey_change(&had, a) ? store(st, &a->rec) : 0;
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
upkey_update(struct state *st, struct upkey_rec *rec,
    int (*fn)(void *, struct upkey_rec *), void *arg)
{
	struct upkey_rec row;
	int rc;

	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	if ((rc = fetch_row(st, rec, &row)) != 0)
		goto fail;
	if (fn(arg, &row) && (rc = store(st, &row)) != 0)
		goto fail;
	*rec = row;
	return db_commit(st->hot);
fail:
	db_abort(st->hot);
	return rc;
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
