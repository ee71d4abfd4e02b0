/*
 * totals.c - sums of usage in the ledger.
 *
 * Runs in: recorder (write); worker, admin (read).
 * Owns: TABLE_TOTAL, TABLE_KEY_TOTAL, TABLE_APPLIED.
 *
 * TABLE_TOTAL: (day, key, provider, group, model), days biased so that they
 * sort. TABLE_KEY_TOTAL: the life of a key. TABLE_APPLIED: per epoch of hot,
 * the last sequence that is in the sums.
 */
#include "base/hmap.h"
#include "state/rec.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/sums.h"
#include "state/totals.h"

#define TOTAL_VERSION	1
#define PLACES		64	/* sums in work */

struct total_rec {
	struct rec_head	 head;
	struct sums	 s;
	unsigned char	 name_len;
	char		 name[USAGE_NAME_MAX];
	unsigned char	 zero[3];
	uint32_t	 interrupted;	/* requests; 0 in older records */
};

struct number_rec {
	struct rec_head	 head;
	uint64_t	 v;
};

/*
 * The sums that a drain is working on: many records in a row belong to the
 * same few. A place in the table is written back when another sum wants it.
 */
static struct place {
	struct db_key	 key;		/* n 0: empty */
	struct total_rec t;
} places[PLACES];

static struct place *
place_of(const struct db_key *k)
{
	return &places[hmap_hash(k->b, k->n) % PLACES];
}

static int
write_back(struct db *d, struct place *p)
{
	struct db_key *k = &p->key;
	int rc;

	if (k->n == 0)
		return 0;
	rec_seal(&p->t, sizeof(p->t), TOTAL_VERSION);
	rc = db_put(d, k, &p->t, sizeof(p->t));
	k->n = 0;
	return rc;
}

static int
fetch(struct db *d, struct place *p, const struct db_key *k)
{
	struct str val;
	int rc;

	if ((rc = write_back(d, p)) != 0)
		return rc;
	rc = db_get(d, k, &val);
	if (rc == 0 && val.n != sizeof(p->t))
		return ERR_CORRUPT;
	if (rc == 0)
		rc = rec_check(val.p, val.n, TOTAL_VERSION);
	if (rc == 0)
		memcpy(&p->t, val.p, sizeof(p->t));
	else if (rc == ERR_NOTFOUND)
		memset(&p->t, 0, sizeof(p->t));
	else
		return rc;
	p->key.n = k->n;
	memcpy(p->key.b, k->b, k->n);
	return 0;
}

static int
add_to(struct db *d, const struct db_key *k, const struct usage_rec *r)
{
	struct place *p = place_of(k);
	struct str name = sums_cut(r->key_name);
	int rc;

	if ((p->key.n != k->n || memcmp(p->key.b, k->b, k->n) != 0) &&
	    (rc = fetch(d, p, k)) != 0)
		return rc;
	sums_add(&p->t.s, r);
	if (r->flags & USAGE_INTERRUPTED && p->t.interrupted < UINT32_MAX)
		p->t.interrupted++;
	if (name.n > 0) {
		p->t.name_len = (unsigned char)name.n;
		memcpy(p->t.name, name.p, name.n);
	}
	return 0;
}

void
totals_begin(void)
{
	unsigned i;

	for (i = 0; i < PLACES; i++)
		places[i].key.n = 0;
}

int
totals_end(struct state *st)
{
	unsigned i;
	int rc;

	for (i = 0; i < PLACES; i++)
		if ((rc = write_back(st->ledger, &places[i])) != 0)
			return rc;
	return 0;
}

int
totals_add(struct state *st, const struct usage_rec *r)
{
	struct db_key k;
	int rc;

	sums_day_key(&k, TABLE_TOTAL, sums_day(r->real_us));
	db_key_u64(&k, r->key_id);
	db_key_str(&k, sums_cut(r->provider));
	db_key_str(&k, sums_cut(r->group));
	db_key_str(&k, sums_cut(r->model));
	if ((rc = add_to(st->ledger, &k, r)) != 0 || r->key_id == 0)
		return rc;
	db_key(&k, TABLE_KEY_TOTAL);
	db_key_u64(&k, r->key_id);
	return add_to(st->ledger, &k, r);
}

int
totals_applied(struct state *st, uint64_t epoch, uint64_t *seq)
{
	struct number_rec n;
	struct db_key k;
	struct str val;
	int rc;

	*seq = 0;
	db_key(&k, TABLE_APPLIED);
	db_key_u64(&k, epoch);
	rc = db_get(st->ledger, &k, &val);
	if (rc != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	if (val.n != sizeof(n))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, TOTAL_VERSION)) != 0)
		return rc;
	memcpy(&n, val.p, sizeof(n));
	*seq = n.v;
	return 0;
}

int
totals_set_applied(struct state *st, uint64_t epoch, uint64_t seq)
{
	struct number_rec n = { .v = seq };
	struct db_key k;

	rec_seal(&n, sizeof(n), TOTAL_VERSION);
	db_key(&k, TABLE_APPLIED);
	db_key_u64(&k, epoch);
	return db_put(st->ledger, &k, &n, sizeof(n));
}

/* The sums of a key's life: 0, also when there are none (zeroes). */
static int
life(struct state *st, uint64_t key_id, struct sums *s)
{
	struct total_rec t;
	struct db_key k;
	struct str val;
	int rc;

	memset(s, 0, sizeof(*s));
	db_key(&k, TABLE_KEY_TOTAL);
	db_key_u64(&k, key_id);
	rc = db_get(st->ledger, &k, &val);
	if (rc != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	if (val.n != sizeof(t) ||
	    rec_check(val.p, val.n, TOTAL_VERSION) != 0)
		return ERR_CORRUPT;
	memcpy(&t, val.p, sizeof(t));
	*s = t.s;
	return 0;
}

int64_t
totals_last_used(struct state *st, uint64_t key_id)
{
	struct sums s;

	return life(st, key_id, &s) == 0 ? s.last_us : 0;
}

/*
 * The spool loses a record only after the ledger has it, and we hold the lock
 * of the spool: a fresh snapshot of the ledger and the rest of the spool make
 * the exact sum.
 */
int
totals_spent(struct state *st, uint64_t key_id, uint64_t *tokens)
{
	struct sums s;
	struct usage_rec r;
	struct db_key k, from;
	struct db_walk w;
	struct str key, val;
	uint64_t applied;
	int rc;

	db_rest(st->ledger);
	if ((rc = life(st, key_id, &s)) != 0 ||
	    (rc = totals_applied(st, st->epoch, &applied)) != 0)
		return rc;
	*tokens = s.input + s.output;
	db_key(&k, TABLE_SPOOL);
	from = k;
	db_key_u64(&from, applied + 1);
	if ((rc = db_walk(st->hot, &w, &k, &from)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0)
		if (spool_unpack(val, &r) == 0 && r.key_id == key_id)
			*tokens += r.input + r.output;
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* --- reading ----------------------------------------------------------- */

int
totals_requests(struct str val, uint64_t *n)
{
	struct total_rec t;

	if (val.n != sizeof(t))
		return ERR_CORRUPT;
	memcpy(&t, val.p, sizeof(t));
	*n = t.s.requests;
	return 0;
}

static int
decode(struct str key, struct str val, struct usage_total *u)
{
	struct total_rec t;
	int rc;

	if (val.n != sizeof(t) || key.n < 1 + 4 + 8)
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, TOTAL_VERSION)) != 0)
		return rc;
	memcpy(&t, val.p, sizeof(t));
	u->day = sums_key_day(key);
	u->key_id = db_key_number(key.p + 5, 8);
	key = str_skip(key, 13);
	if (sums_key_text(&key, u->provider) != 0 ||
	    sums_key_text(&key, u->group) != 0 ||
	    sums_key_text(&key, u->model) != 0 ||
	    t.name_len > USAGE_NAME_MAX)
		return ERR_CORRUPT;
	memcpy(u->key_name, t.name, t.name_len);
	sums_show(&t.s, u);
	u->interrupted = t.interrupted;
	return 0;
}

int
usage_totals(struct state *st, int32_t from, int32_t to,
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg)
{
	return sums_walk(st, TABLE_TOTAL, from, to, decode, walk, fn, arg);
}
