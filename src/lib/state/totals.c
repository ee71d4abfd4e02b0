/*
 * totals.c - sums of usage in the ledger.
 *
 * Runs in: recorder (write); worker, admin (read).
 * Owns: TABLE_TOTAL, TABLE_KEY_TOTAL, TABLE_APPLIED.
 *
 * TABLE_TOTAL: (day, key, provider, group, model), days biased so that they
 * sort; none is ever deleted. TABLE_KEY_TOTAL: the life of a key, which is the
 * sum of its rows there, so that one damaged row can be made of the others.
 * TABLE_APPLIED: per epoch of hot, the last sequence that is in the sums.
 */
#include "base/hmap.h"
#include "base/log.h"
#include "state/rec.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/sums.h"
#include "state/totals.h"

#define TOTAL_VERSION	1
#define PLACES		64	/* sums in work */
#define KEY_OF		13u	/* bytes of a key: table, day, client key */
#define MENDED		1

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
unpack(struct str val, struct total_rec *t)
{
	int rc;

	if (val.n != sizeof(*t))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, TOTAL_VERSION)) != 0)
		return rc;
	memcpy(t, val.p, sizeof(*t));
	return t->name_len <= USAGE_NAME_MAX ? 0 : ERR_CORRUPT;
}

/* The row, zeroes when there is none or *damaged. 0, or a code. */
static int
load(struct db *d, const struct db_key *k, struct total_rec *t, int *damaged)
{
	struct str val;
	int rc = db_get(d, k, &val);

	*damaged = rc == 0 && unpack(val, t) != 0;
	if (rc != 0 || *damaged)
		memset(t, 0, sizeof(*t));
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* --- of a damaged row --------------------------------------------------- */

static void
tell(const struct db_key *k, uint64_t key_id)
{
	static struct log_limit lim = { 5, 0, 0, 0 };

	if (log_allow(&lim))
		log_error("store ledger: a row of usage of key %llu (%s) is "
		    "damaged and made of the key's others",
		    (unsigned long long)key_id,
		    schema_name(STORE_LEDGER, k->b[0]));
}

static void
life_key(struct db_key *k, uint64_t key_id)
{
	db_key(k, TABLE_KEY_TOTAL);
	db_key_u64(k, key_id);
}

static void
day_key(struct db_key *k, int32_t day, uint64_t key_id)
{
	sums_day_key(k, TABLE_TOTAL, day);
	db_key_u64(k, key_id);
}

/* All rows of a key that can be read; over those of others from day to day. */
static int
sum_of_days(struct db *d, uint64_t key_id, struct total_rec *sum)
{
	struct total_rec t;
	struct db_key table, at;
	struct db_walk w;
	struct str key, val;
	uint64_t id;
	int64_t day;
	int rc;

	memset(sum, 0, sizeof(*sum));
	db_key(&table, TABLE_TOTAL);
	day_key(&at, INT32_MIN, key_id);
	if ((rc = db_walk(d, &w, &table, &at)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		if (key.n < KEY_OF)
			continue;
		id = db_key_number(key.p + 5, 8);
		if (id == key_id) {
			if (unpack(val, &t) == 0) {
				sums_join(&sum->s, &t.s);
				sum->interrupted += t.interrupted;
			}
			continue;
		}
		day = (int64_t)sums_key_day(key) + (id > key_id);
		if (day > INT32_MAX)
			break;
		day_key(&at, (int32_t)day, key_id);
		db_walk_to(&w, &at);
	}
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/*
 * A key's life is the sum of its rows; a row is what the others leave of the
 * life. When more than one is damaged the first that is used has it all.
 */
static int
mend(struct db *d, const struct db_key *k, struct total_rec *t)
{
	unsigned at = k->b[0] == TABLE_KEY_TOTAL ? 1 : KEY_OF - 8;
	uint64_t key_id = db_key_number((const char *)k->b + at, 8);
	struct total_rec rest;
	struct db_key life;
	unsigned i;
	int rc, damaged;

	tell(k, key_id);
	for (i = 0; i < PLACES; i++)
		if ((rc = write_back(d, &places[i])) != 0)
			return rc;
	if ((rc = sum_of_days(d, key_id, &rest)) != 0)
		return rc;
	if (k->b[0] == TABLE_KEY_TOTAL) {
		*t = rest;
		return MENDED;
	}
	life_key(&life, key_id);
	if ((rc = load(d, &life, t, &damaged)) != 0)
		return rc;
	sums_part(&t->s, &rest.s);
	if (damaged)
		memset(&t->s, 0, sizeof(t->s));
	t->s.last_us = 0;
	t->interrupted -= t->interrupted < rest.interrupted ?
	    t->interrupted : rest.interrupted;
	return MENDED;
}

/* --- writing ------------------------------------------------------------ */

/* 0, MENDED, or a code. */
static int
fetch(struct db *d, struct place *p, const struct db_key *k)
{
	int rc, damaged;

	if ((rc = write_back(d, p)) != 0 ||
	    (rc = load(d, k, &p->t, &damaged)) != 0 ||
	    (damaged && (rc = mend(d, k, &p->t)) < 0))
		return rc;
	p->key.n = k->n;
	memcpy(p->key.b, k->b, k->n);
	return rc;
}

static int
add_to(struct db *d, const struct db_key *k, const struct usage_rec *r)
{
	struct place *p = place_of(k);
	struct str name = sums_cut(r->key_name);
	int rc = 0;

	if ((p->key.n != k->n || memcmp(p->key.b, k->b, k->n) != 0) &&
	    (rc = fetch(d, p, k)) < 0)
		return rc;
	/* a life that was made of its days has it by that of today */
	if (rc != MENDED || k->b[0] != TABLE_KEY_TOTAL) {
		sums_add(&p->t.s, r);
		if (r->flags & USAGE_INTERRUPTED &&
		    p->t.interrupted < UINT32_MAX)
			p->t.interrupted++;
	}
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

	day_key(&k, sums_day(r->real_us), r->key_id);
	db_key_str(&k, sums_cut(r->provider));
	db_key_str(&k, sums_cut(r->group));
	db_key_str(&k, sums_cut(r->model));
	if ((rc = add_to(st->ledger, &k, r)) != 0 || r->key_id == 0)
		return rc;
	life_key(&k, r->key_id);
	return add_to(st->ledger, &k, r);
}

/*
 * What a damaged one forgets matters only when a recorder was killed before it
 * took what it had added up from the spool. Better that counts twice than the
 * drain ends for all.
 */
int
totals_applied(struct state *st, uint64_t epoch, uint64_t *seq)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
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
	if (totals_check_applied(val) != 0) {
		if (log_allow(&lim))
			log_error("store ledger: what epoch %llu has in the "
			    "sums is damaged: all of the spool is taken for "
			    "new", (unsigned long long)epoch);
		return 0;
	}
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

/* The sums of a key's life, zeroes when there are none: 0, 1 when the days had
 * to tell, or a code. */
static int
life(struct state *st, uint64_t key_id, struct sums *s)
{
	struct total_rec t;
	struct db_key k;
	int rc, damaged;

	life_key(&k, key_id);
	if ((rc = load(st->ledger, &k, &t, &damaged)) == 0 && damaged)
		rc = sum_of_days(st->ledger, key_id, &t);
	*s = t.s;
	return rc != 0 ? rc : damaged;
}

int64_t
totals_last_used(struct state *st, uint64_t key_id)
{
	struct sums s;

	return life(st, key_id, &s) >= 0 ? s.last_us : 0;
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
	if ((rc = life(st, key_id, &s)) < 0)
		return rc;
	life_key(&k, key_id);
	if (rc == MENDED)
		tell(&k, key_id);
	if ((rc = totals_applied(st, st->epoch, &applied)) != 0)
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
totals_check(struct str val, uint64_t *n)
{
	struct total_rec t;
	int rc = unpack(val, &t);

	if (rc == 0)
		*n = t.s.requests;
	return rc;
}

int
totals_check_applied(struct str val)
{
	return val.n != sizeof(struct number_rec) ? ERR_CORRUPT :
	    rec_check(val.p, val.n, TOTAL_VERSION);
}

static int
decode(struct str key, struct str val, struct usage_total *u)
{
	struct total_rec t;
	int rc;

	if (key.n < KEY_OF)
		return ERR_CORRUPT;
	if ((rc = unpack(val, &t)) != 0)
		return rc;
	u->day = sums_key_day(key);
	u->key_id = db_key_number(key.p + 5, 8);
	key = str_skip(key, 13);
	if (sums_key_text(&key, u->provider) != 0 ||
	    sums_key_text(&key, u->group) != 0 ||
	    sums_key_text(&key, u->model) != 0)
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
