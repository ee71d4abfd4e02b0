/*
 * sessions.c - what sessions used, in the ledger.
 *
 * Runs in: recorder (write); admin (read, sessions_name); worker (sessions_name).
 * Owns: TABLE_SESSION.
 *
 * Keys: (day), (day, key, "", "") and (day, key, session, agent). The first
 * two count the rows of the day and of the key; the second one also has the
 * sums of what found no room. All have one form: head, then numbers as LEB128
 * and two texts; about 80 bytes.
 */
#include <stdio.h>

#include "base/log.h"
#include "state/pack.h"
#include "state/rec.h"
#include "state/sessions.h"
#include "state/state_priv.h"
#include "state/sums.h"

#define SESSION_VERSION	1
#define NUMBERS		17u
#define ROW_MAX		(sizeof(struct rec_head) + NUMBERS * PACK_NUMBER_MAX \
			    + 2 * PACK_TEXT_MAX)
#define KEY_DAY		5u	/* bytes of a key: table, day */
#define KEY_OF		13u	/* and client key */
#define EXPIRE_ROWS	512	/* removed in one transaction */

struct row {
	struct sums	 s;
	uint64_t	 interrupted;
	int64_t		 first_us;	/* begin of the earliest request */
	uint64_t	 rows;		/* of the day, or the day and key */
	char		 key_name[USAGE_NAME_MAX + 1];
	char		 parent[USAGE_NAME_MAX + 1];
};

/* --- names ------------------------------------------------------------- */

static int
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' &&
	    strchr("-_.:@/+=~", c) != NULL);
}

struct str
sessions_name(struct str raw, char dst[USAGE_NAME_MAX + 1])
{
	unsigned char hash[CRYPTO_SHA256];
	char hex[2 * 16 + 1];
	size_t i;

	for (i = 0; i < raw.n && i <= USAGE_NAME_MAX && is_plain(raw.p[i]); i++)
		continue;
	if (i == raw.n && i <= USAGE_NAME_MAX)
		return raw;
	crypto_sha256(raw, hash);
	crypto_hex(hex, hash, 16);
	snprintf(dst, USAGE_NAME_MAX + 1, "sha256:%s", hex);
	return str_of(dst);
}

/* --- rows -------------------------------------------------------------- */

/* The numbers of a row in the order in which they are stored. */
static void
numbers(struct row *r, uint64_t *v[NUMBERS])
{
	uint64_t *p[NUMBERS] = { &r->s.requests, &r->s.failed, &r->s.streams,
	    &r->s.aborted, &r->s.estimated, &r->interrupted, &r->s.input,
	    &r->s.output, &r->s.cached, &r->s.cache_write, &r->s.reasoning,
	    &r->s.duration_us, &r->s.cost_low, (uint64_t *)&r->s.cost_high,
	    (uint64_t *)&r->first_us, (uint64_t *)&r->s.last_us, &r->rows };

	memcpy(v, p, sizeof(p));
}

static int
store(struct db *d, const struct db_key *k, struct row *r)
{
	unsigned char rec[ROW_MAX], *p = rec + sizeof(struct rec_head);
	uint64_t *v[NUMBERS];
	size_t n;
	unsigned i;

	numbers(r, v);
	for (i = 0; i < NUMBERS; i++)
		p = pack_number(p, *v[i]);
	p = pack_text(p, str_of(r->key_name));
	p = pack_text(p, str_of(r->parent));
	n = (size_t)(p - rec);
	rec_seal(rec, n, SESSION_VERSION);
	return db_put(d, k, rec, n);
}

static int
unpack(struct str val, struct row *r)
{
	struct str name, parent;
	uint64_t *v[NUMBERS];
	unsigned i;
	int rc;

	if ((rc = rec_check(val.p, val.n, SESSION_VERSION)) != 0)
		return rc;
	val = str_skip(val, sizeof(struct rec_head));
	numbers(r, v);
	for (i = 0; i < NUMBERS; i++)
		if ((rc = unpack_number(&val, v[i])) != 0)
			return rc;
	if ((rc = unpack_text(&val, &name)) != 0 ||
	    (rc = unpack_text(&val, &parent)) != 0)
		return rc;
	if (name.n > USAGE_NAME_MAX || parent.n > USAGE_NAME_MAX)
		return ERR_CORRUPT;
	str_copy(r->key_name, sizeof(r->key_name), name);
	str_copy(r->parent, sizeof(r->parent), parent);
	return 0;
}

/*
 * 0, also when there is none (zeroes, *found = 0), or a code. A damaged one is
 * there and empty: its requests still are in the totals, and a day or a key that
 * counts its rows anew has at most twice as many.
 */
static int
load(struct db *d, const struct db_key *k, struct row *r, int *found)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
	struct str val;
	int rc;

	memset(r, 0, sizeof(*r));
	rc = db_get(d, k, &val);
	*found = rc == 0;
	if (rc != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	if ((rc = unpack(val, r)) == 0)
		return 0;
	if (log_allow(&lim))
		log_error("store ledger: a row of sessions cannot be read and "
		    "begins anew: %s", err_str(rc));
	memset(r, 0, sizeof(*r));
	return 0;
}

static void
row_key(struct db_key *k, int32_t day, uint64_t key_id, struct str session,
    struct str agent)
{
	sums_day_key(k, TABLE_SESSION, day);
	db_key_u64(k, key_id);
	db_key_str(k, sums_cut(session));
	db_key_str(k, sums_cut(agent));
}

/* --- writing ----------------------------------------------------------- */

static int
add_to(struct db *d, const struct db_key *k, struct row *row,
    const struct usage_rec *r)
{
	int64_t began = r->real_us - (int64_t)r->duration_us;

	if (row->s.requests == 0 || began < row->first_us)
		row->first_us = began;
	sums_add(&row->s, r);
	row->interrupted += (r->flags & USAGE_INTERRUPTED) != 0;
	if (r->key_name.n > 0)
		str_copy(row->key_name, sizeof(row->key_name), r->key_name);
	if (r->parent.n > 0)
		str_copy(row->parent, sizeof(row->parent), r->parent);
	return store(d, k, row);
}

/* Count one more row: 1, 0 when there is no room for it, or a code. */
static int
take_room(struct db *d, int32_t day, uint64_t key_id)
{
	struct db_key day_key, key_key;
	struct row of_day, of_key;
	int found, rc;

	sums_day_key(&day_key, TABLE_SESSION, day);
	row_key(&key_key, day, key_id, STR_NULL, STR_NULL);
	if ((rc = load(d, &day_key, &of_day, &found)) != 0 ||
	    (rc = load(d, &key_key, &of_key, &found)) != 0)
		return rc;
	if (of_day.rows >= SESSIONS_OF_DAY || of_key.rows >= SESSIONS_OF_KEY)
		return 0;
	of_day.rows++;
	of_key.rows++;
	if ((rc = store(d, &day_key, &of_day)) != 0 ||
	    (rc = store(d, &key_key, &of_key)) != 0)
		return rc;
	return 1;
}

int
sessions_add(struct state *st, const struct usage_rec *r)
{
	int32_t day = sums_day(r->real_us);
	struct db_key k;
	struct row row;
	int found, rc;

	if (r->session.n == 0)
		return 0;
	row_key(&k, day, r->key_id, r->session, r->agent);
	if ((rc = load(st->ledger, &k, &row, &found)) != 0)
		return rc;
	if (!found && (rc = take_room(st->ledger, day, r->key_id)) <= 0) {
		if (rc < 0)
			return rc;
		row_key(&k, day, r->key_id, STR_NULL, STR_NULL);
		if ((rc = load(st->ledger, &k, &row, &found)) != 0)
			return rc;
	}
	return add_to(st->ledger, &k, &row, r);
}

/* --- reading ----------------------------------------------------------- */

static int
decode(struct str key, struct str val, struct usage_total *u)
{
	struct str rest;
	struct row r;
	int rc;

	if (key.n != KEY_DAY && key.n < KEY_OF)
		return ERR_CORRUPT;
	u->day = sums_key_day(key);
	if ((rc = unpack(val, &r)) != 0 || key.n == KEY_DAY)
		return rc != 0 ? rc : SUMS_NONE;
	u->key_id = db_key_number(key.p + KEY_DAY, 8);
	rest = str_skip(key, KEY_OF);
	if (sums_key_text(&rest, u->session) != 0 ||
	    sums_key_text(&rest, u->agent) != 0 || rest.n > 0)
		return ERR_CORRUPT;
	if (r.s.requests == 0)
		return SUMS_NONE;
	str_copy(u->key_name, sizeof(u->key_name), str_of(r.key_name));
	str_copy(u->parent, sizeof(u->parent), str_of(r.parent));
	sums_show(&r.s, u);
	u->interrupted = r.interrupted;
	u->first_us = r.first_us;
	return 0;
}

int
sessions_check(struct str key, struct str val)
{
	struct usage_total u;
	int rc;

	memset(&u, 0, sizeof(u));
	rc = decode(key, val, &u);
	return rc == SUMS_NONE ? 0 : rc;
}

int
usage_sessions(struct state *st, int32_t from, int32_t to,
    struct usage_walk *walk,
    int (*fn)(void *arg, const struct usage_total *t), void *arg)
{
	return sums_walk(st, TABLE_SESSION, from, to, decode, walk, fn, arg);
}

/* --- expiry ------------------------------------------------------------ */

/* Delete up to max rows (0: only look) of the days before that one: how many
 * there were, or a code. */
static int
remove_some(struct state *st, int32_t day, unsigned max)
{
	struct db_key table;
	struct db_walk w;
	struct str key, val;
	int rc, n = 0;

	db_key(&table, TABLE_SESSION);
	if ((rc = db_walk(st->ledger, &w, &table, NULL)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		if (key.n >= KEY_DAY && sums_key_day(key) >= day)
			break;
		n++;
		if (max == 0 || (rc = db_walk_del(&w)) != 0 ||
		    n == (int)max)
			break;
	}
	db_walk_end(&w);
	return rc != 0 && rc != ERR_NOTFOUND ? rc : n;
}

int
sessions_expire(struct state *st, int64_t real_us)
{
	int32_t day = sums_day(real_us);
	int rc, n;

	n = remove_some(st, day, 0);
	db_rest(st->ledger);
	if (n <= 0)
		return n;
	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((n = remove_some(st, day, EXPIRE_ROWS)) < 0) {
		db_abort(st->ledger);
		return n;
	}
	rc = db_commit(st->ledger);
	return rc != 0 ? rc : n;
}
