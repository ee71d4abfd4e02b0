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
#include "base/clock.h"
#include "base/hmap.h"
#include "state/rec.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/totals.h"

#define TOTAL_VERSION	1
#define PLACES		64	/* sums in work */
#define DAY_US		(86400 * CLOCK_US_S)

struct sums {
	uint64_t	 requests, failed, streams, aborted, estimated;
	uint64_t	 input, output, cached, cache_write, reasoning;
	uint64_t	 duration_us;
	uint64_t	 cost_low;
	int64_t		 cost_high;
	int64_t		 last_us;	/* end of the latest request */
};

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

static void
add(struct sums *s, const struct usage_rec *r)
{
	__int128 cost = (__int128)(((unsigned __int128)(uint64_t)s->cost_high
	    << 64) | s->cost_low);

	cost += r->cost;
	s->cost_low = (uint64_t)cost;
	s->cost_high = (int64_t)(cost >> 64);
	s->requests++;
	s->failed += (r->flags & USAGE_FAILED) != 0;
	s->streams += (r->flags & USAGE_STREAM) != 0;
	s->aborted += (r->flags & USAGE_ABORTED) != 0;
	s->estimated += (r->flags & USAGE_ESTIMATED) != 0;
	s->input += r->input;
	s->output += r->output;
	s->cached += r->cached;
	s->cache_write += r->cache_write;
	s->reasoning += r->reasoning;
	s->duration_us += r->duration_us;
	if (s->last_us < r->real_us)
		s->last_us = r->real_us;
}

static struct str
cut(struct str s)
{
	return str_make(s.p, s.n > USAGE_NAME_MAX ? USAGE_NAME_MAX : s.n);
}

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
	struct str name = cut(r->key_name);
	int rc;

	if ((p->key.n != k->n || memcmp(p->key.b, k->b, k->n) != 0) &&
	    (rc = fetch(d, p, k)) != 0)
		return rc;
	add(&p->t.s, r);
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

static void
day_key(struct db_key *k, int32_t day)
{
	db_key(k, TABLE_TOTAL);
	db_key_u32(k, (uint32_t)day ^ 0x80000000u);
}

static int32_t
day_of(int64_t us)
{
	return (int32_t)(us >= 0 ? us / DAY_US : -((-us + DAY_US - 1) /
	    DAY_US));
}

int
totals_add(struct state *st, const struct usage_rec *r)
{
	struct db_key k;
	int rc;

	day_key(&k, day_of(r->real_us));
	db_key_u64(&k, r->key_id);
	db_key_str(&k, cut(r->provider));
	db_key_str(&k, cut(r->group));
	db_key_str(&k, cut(r->model));
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
take_text(struct str *p, char dst[USAGE_NAME_MAX + 1])
{
	size_t n;

	if (p->n == 0 || (n = (unsigned char)*p->p) > p->n - 1 ||
	    n > USAGE_NAME_MAX)
		return ERR_CORRUPT;
	memcpy(dst, p->p + 1, n);
	dst[n] = '\0';
	*p = str_skip(*p, n + 1);
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
	memset(u, 0, sizeof(*u));
	u->day = (int32_t)((uint32_t)db_key_number(key.p + 1, 4) ^
	    0x80000000u);
	u->key_id = db_key_number(key.p + 5, 8);
	key = str_skip(key, 13);
	if (take_text(&key, u->provider) != 0 ||
	    take_text(&key, u->group) != 0 ||
	    take_text(&key, u->model) != 0 || t.name_len > USAGE_NAME_MAX)
		return ERR_CORRUPT;
	memcpy(u->key_name, t.name, t.name_len);
	u->requests = t.s.requests;
	u->failed = t.s.failed;
	u->streams = t.s.streams;
	u->aborted = t.s.aborted;
	u->estimated = t.s.estimated;
	u->interrupted = t.interrupted;
	u->input = t.s.input;
	u->output = t.s.output;
	u->cached = t.s.cached;
	u->cache_write = t.s.cache_write;
	u->reasoning = t.s.reasoning;
	u->duration_us = t.s.duration_us;
	u->cost = (__int128)(((unsigned __int128)(uint64_t)t.s.cost_high <<
	    64) | t.s.cost_low);
	return 0;
}

/* The row is done: ERR_AGAIN when it was the last of this call. */
static int
walked(struct usage_walk *walk, struct str key, unsigned *n)
{
	if (walk == NULL)
		return 0;
	walk->at.n = 0;
	db_key_bytes(&walk->at, key.p, key.n);
	return ++*n >= walk->rows ? ERR_AGAIN : 0;
}

static int
was_last(const struct usage_walk *walk, struct str key)
{
	return walk != NULL && walk->at.n == key.n &&
	    memcmp(walk->at.b, key.p, key.n) == 0;
}

int
usage_totals(struct state *st, int32_t from, int32_t to,
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg)
{
	struct usage_total u;
	struct db_key table, start;
	struct db_walk w;
	struct str key, val;
	unsigned n = 0;
	int rc;

	db_key(&table, TABLE_TOTAL);
	if (walk != NULL && walk->at.n > 0)
		start = walk->at;
	else
		day_key(&start, from);
	if ((rc = db_walk(st->ledger, &w, &table, &start)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		if (was_last(walk, key))
			continue;
		if ((rc = decode(key, val, &u)) != 0 || u.day > to ||
		    (rc = fn(arg, &u)) != 0 ||
		    (rc = walked(walk, key, &n)) != 0)
			break;
	}
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}
