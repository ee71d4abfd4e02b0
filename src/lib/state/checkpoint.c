/*
 * checkpoint.c - what of a client key's limits must survive a boot.
 *
 * Runs in: recorder (write), worker (read).
 * Owns: TABLE_CHECKPOINT of the ledger.
 *
 * Times of hot are of CLOCK_BOOTTIME, times here are real. They are moved to
 * the end of their part, so what is read back counts for a little longer than
 * it should, never shorter. A round over the records of hot begins only when
 * something was committed there since the last one began; of a record only
 * the head is looked at unless it was used since.
 */
#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "state/checkpoint.h"
#include "state/limit_rec.h"

#define CHECKPOINT_VERSION 1
#define DAY_US		(86400 * CLOCK_US_S)
#define MINUTE_US	(60 * CLOCK_US_S)
#define PART_US		(DAY_US / 64)
#define PARTS		68		/* a day touches 66 */
#define KEEP_US		(32 * DAY_US)
#define EVERY_US	(5 * CLOCK_US_S)	/* from round to round */
#define SLACK_US	(10 * CLOCK_US_S)	/* from an act's time to its
						   commit, at the very most */
#define LOOK_US		10000		/* for one call */
#define LOOK_KEYS	256		/* used ones, in one snapshot */
#define LOOK_RECORDS	16384
#define WAITING_MAX	(4u << 20)	/* bytes */
#define EXPIRE_LOOK	4096
#define EXPIRE_KEYS	64

enum { MINUTE_REQUESTS, MINUTE_TOKENS, MINUTES };

struct part {
	uint32_t	 number;	/* of PART_US since 1970 */
	uint32_t	 n;
};

struct row {
	struct rec_head	 head;
	int64_t		 used_us;
	struct {
		int64_t		 start;
		uint64_t	 n;
	} calendar[CALENDARS];
	struct {
		int64_t		 last_us;	/* of the youngest */
		uint64_t	 n;
	} minute[MINUTES];
	uint64_t	 parts;
	struct part	 part[PARTS];
};

struct checkpoint {
	uint64_t	 next;		/* key to look at; 0: no round */
	uint64_t	 seen;		/* of hot, when the round began */
	int64_t		 since_us;	/* boot time: what is to be looked at */
	int64_t		 began_us;
	struct buf	 waiting;	/* (u64 key, u64 size, row) ... */
};

static size_t
row_size(const struct row *r)
{
	return offsetof(struct row, part) + r->parts * sizeof(r->part[0]);
}

static void
row_key(struct db_key *k, uint64_t key_id)
{
	db_key(k, TABLE_CHECKPOINT);
	db_key_u64(k, key_id);
}

static int
row_unpack(struct str val, struct row *r)
{
	int rc = rec_check(val.p, val.n, CHECKPOINT_VERSION);

	if (rc != 0)
		return rc;
	if (val.n < offsetof(struct row, part) || val.n > sizeof(*r))
		return ERR_CORRUPT;
	memcpy(r, val.p, val.n);
	return r->parts <= PARTS && row_size(r) == val.n ? 0 : ERR_CORRUPT;
}

int
checkpoint_check(struct str val)
{
	struct row r;

	return row_unpack(val, &r);
}

/* 0, ERR_NOTFOUND, or a code. A damaged row is none. */
static int
row_load(struct state *st, uint64_t key_id, struct row *r)
{
	static struct log_limit lim = { 5, 0, 0, 0 };
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, key_id);
	if ((rc = db_get(st->ledger, &k, &val)) != 0)
		return rc;
	if ((rc = row_unpack(val, r)) == 0)
		return 0;
	if (log_allow(&lim))
		log_error("store ledger: the checkpoint of key %llu cannot be "
		    "read: %s", (unsigned long long)key_id, err_str(rc));
	return ERR_NOTFOUND;
}

static int64_t
round_up(int64_t t, int64_t unit)
{
	return (t + unit - 1) / unit * unit;
}

/* --- from hot ---------------------------------------------------------- */

/* What a window holds now, oldest first; how many rows, or a code. */
static int
counts(struct limit *l, enum limit_slide_id s, int64_t period,
    struct limit_count v[LIMIT_EXACT])
{
	static int64_t t[LIMIT_EXACT];
	int rc, i, n;

	switch ((enum limit_mode)l->r.slide[s].mode) {
	case LIMIT_RING:
		if ((rc = ring_expire(l, s, period)) != 0 ||
		    (n = ring_all(l, s, t)) < 0)
			return rc != 0 ? rc : n;
		for (i = 0; i < n; i++) {
			v[i].t = t[i];
			v[i].n = 1;
		}
		return n;
	case LIMIT_PARTS:
		if ((rc = parts_advance(l, s, period, l->now)) != 0)
			return rc;
		return parts_list(l, s, period, v);
	case LIMIT_NONE:
		break;
	}
	return 0;
}

static void
add_part(struct row *r, int64_t real_us, uint64_t n)
{
	uint32_t number = (uint32_t)(round_up(real_us, PART_US) / PART_US);
	struct part *p = r->parts == 0 ? NULL : &r->part[r->parts - 1];

	if (p == NULL || (p->number < number && r->parts < PARTS)) {
		p = &r->part[r->parts++];
		p->number = number;
		p->n = 0;
	}
	p->n = n > UINT32_MAX - p->n ? UINT32_MAX : p->n + (uint32_t)n;
}

static int
add_minute(struct limit *l, enum limit_slide_id s, int64_t shift,
    struct row *r, unsigned which)
{
	static struct limit_count v[LIMIT_EXACT];
	int n, i;

	if ((n = counts(l, s, MINUTE_US, v)) <= 0)
		return n;
	for (i = 0; i < n; i++)
		r->minute[which].n += v[i].n;
	r->minute[which].last_us = round_up(v[n - 1].t + shift, CLOCK_US_S);
	return 0;
}

/* The row of a key; l->now and l->real_us are the same moment. */
static int
pack(struct limit *l, struct row *r)
{
	static struct limit_count v[LIMIT_EXACT];
	int64_t shift = l->real_us - l->now;
	int i, n, rc;

	memset(r, 0, sizeof(*r));
	r->used_us = l->r.used_us;
	for (i = 0; i < CALENDARS; i++) {
		r->calendar[i].start = l->r.calendar[i].start;
		r->calendar[i].n = l->r.calendar[i].n;
	}
	if ((rc = add_minute(l, SLIDE_RPM, shift, r, MINUTE_REQUESTS)) != 0 ||
	    (rc = add_minute(l, SLIDE_TPM, shift, r, MINUTE_TOKENS)) != 0)
		return rc;
	if ((n = counts(l, SLIDE_RPD, DAY_US, v)) < 0)
		return n;
	for (i = 0; i < n; i++)
		add_part(r, v[i].t + shift, v[i].n);
	rec_seal(r, row_size(r), CHECKPOINT_VERSION);
	return 0;
}

/* Is all of row in have? Tokens come after the use that they belong to, and have
 * the same time as those of the same second. */
static int
is_same(const struct row *have, const struct row *row)
{
	return have->used_us == row->used_us &&
	    row->minute[MINUTE_TOKENS].last_us <=
	    have->minute[MINUTE_TOKENS].last_us &&
	    row->minute[MINUTE_TOKENS].n <= have->minute[MINUTE_TOKENS].n;
}

/* Look closer at one key: keep its row when the ledger has an older one. */
static int
look_at(struct state *st, uint64_t key_id, int64_t boot_us, int64_t real_us)
{
	struct checkpoint *c = st->checkpoint;
	struct row have, row;
	struct limit l;
	uint64_t size;
	int rc;

	if ((rc = limit_load(st, key_id, &l)) != 0)
		return rc;
	l.now = boot_us;
	l.real_us = real_us;
	if (!l.found || (rc = pack(&l, &row)) != 0)
		return rc;
	rc = row_load(st, key_id, &have);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	if (rc == 0 && is_same(&have, &row))
		return 0;
	size = row_size(&row);
	rc = buf_reserve(&c->waiting, sizeof(key_id) + sizeof(size) +
	    (size_t)size);
	if (rc != 0)
		return rc;
	buf_add(&c->waiting, &key_id, sizeof(key_id));
	buf_add(&c->waiting, &size, sizeof(size));
	buf_add(&c->waiting, &row, (size_t)size);
	return 0;
}

/* Was it used since? */
static int
is_used(struct str val, int64_t since_us)
{
	struct limit_rec r;

	if (val.n < offsetof(struct limit_rec, places))
		return 0;
	memcpy(&r, val.p, offsetof(struct limit_rec, places));
	return r.admitted && limit_used(&r) >= since_us;
}

/* The next keys that were used; the count, or a code. c->next moves on. */
static int
find_used(struct state *st, uint64_t v[LOOK_KEYS])
{
	struct checkpoint *c = st->checkpoint;
	struct limit_walk w;
	struct str val;
	uint64_t id = 0;
	int rc, seen, n = 0;

	if ((rc = limit_walk(st, &w, c->next)) != 0)
		return rc;
	for (seen = 0; seen < LOOK_RECORDS && n < LOOK_KEYS; seen++) {
		if ((rc = limit_walk_next(&w, &id, &val)) != 0)
			break;
		if (is_used(val, c->since_us))
			v[n++] = id;
	}
	limit_walk_end(&w);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	c->next = rc == ERR_NOTFOUND ? 0 : id + 1;
	return n;
}

static int
look_on(struct state *st, int64_t boot_us, int64_t real_us)
{
	static uint64_t v[LOOK_KEYS];
	int n, i, rc;

	n = find_used(st, v);
	for (i = 0, rc = n < 0 ? n : 0; i < n && rc == 0; i++)
		rc = look_at(st, v[i], boot_us, real_us);
	db_rest(st->hot);
	db_rest(st->ledger);
	return rc;
}

int
checkpoint_look(struct state *st, int64_t boot_us, int64_t real_us,
    int restart)
{
	struct checkpoint *c = st->checkpoint;
	int64_t begin = clock_mono_us();
	uint64_t now;
	int rc;

	if (c == NULL) {
		c = st->checkpoint = xcalloc(1, sizeof(*c));
		c->since_us = INT64_MIN;
		c->began_us = boot_us - SLACK_US - EVERY_US;
		buf_init(&c->waiting, 2 * WAITING_MAX);
	}
	if (c->next == 0 || restart) {
		now = db_last_txn(st->hot);
		if (c->next == 0 && (now == c->seen || (!restart &&
		    boot_us - SLACK_US - c->began_us < EVERY_US)))
			return 0;
		c->seen = now;
		c->next = 1;
		c->began_us = boot_us - SLACK_US;
	}
	do {
		if (buf_len(&c->waiting) >= WAITING_MAX)
			return 1;
		if ((rc = look_on(st, boot_us, real_us)) != 0) {
			c->next = c->seen = 0;
			return rc;
		}
		if (c->next == 0) {
			c->since_us = c->began_us;
			return 0;
		}
	} while (clock_mono_us() - begin < LOOK_US);
	return 1;
}

int
checkpoint_waiting(const struct state *st)
{
	return st->checkpoint != NULL && buf_len(&st->checkpoint->waiting) > 0;
}

int
checkpoint_write(struct state *st)
{
	struct str rest;
	struct db_key k;
	uint64_t key_id, size;
	int rc;

	if (!checkpoint_waiting(st))
		return 0;
	rest = buf_str(&st->checkpoint->waiting);
	while (rest.n >= sizeof(key_id) + sizeof(size)) {
		memcpy(&key_id, rest.p, sizeof(key_id));
		memcpy(&size, rest.p + sizeof(key_id), sizeof(size));
		rest = str_skip(rest, sizeof(key_id) + sizeof(size));
		row_key(&k, key_id);
		if ((rc = db_put(st->ledger, &k, rest.p, (size_t)size)) != 0)
			return rc;
		rest = str_skip(rest, (size_t)size);
	}
	return 0;
}

void
checkpoint_done(struct state *st, int ok)
{
	struct checkpoint *c = st->checkpoint;

	if (!checkpoint_waiting(st))
		return;
	buf_reset(&c->waiting);
	if (!ok) {	/* look at all of them again */
		c->since_us = INT64_MIN;
		c->next = c->seen = 0;
	}
}

void
checkpoint_free(struct checkpoint **cp)
{
	if (*cp == NULL)
		return;
	buf_free(&(*cp)->waiting);
	free(*cp);
	*cp = NULL;
}

/* --- to hot ------------------------------------------------------------ */

static int
seed_slide(struct limit *l, enum limit_slide_id s, int64_t period, int64_t t,
    uint64_t n)
{
	int rc;

	if (t > l->now)		/* the end of its part is still to come */
		t = l->now;
	if (n == 0 || t + period <= l->now)
		return 0;
	rc = parts_advance(l, s, period, t);
	return rc != 0 ? rc : parts_add(l, s, n);
}

int
checkpoint_seed(struct limit *l, int64_t boot_us, int64_t real_us)
{
	int64_t shift = real_us - boot_us;
	struct row r;
	uint64_t i;
	int rc;

	if ((rc = row_load(l->st, l->key_id, &r)) != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	l->now = boot_us;
	if ((rc = seed_slide(l, SLIDE_RPM, MINUTE_US,
	    r.minute[MINUTE_REQUESTS].last_us - shift,
	    r.minute[MINUTE_REQUESTS].n)) != 0 ||
	    (rc = seed_slide(l, SLIDE_TPM, MINUTE_US,
	    r.minute[MINUTE_TOKENS].last_us - shift,
	    r.minute[MINUTE_TOKENS].n)) != 0)
		return rc;
	for (i = 0; i < r.parts; i++)
		if ((rc = seed_slide(l, SLIDE_RPD, DAY_US, r.part[i].number *
		    PART_US - shift, r.part[i].n)) != 0)
			return rc;
	for (i = 0; i < CALENDARS; i++) {
		l->r.calendar[i].start = r.calendar[i].start;
		l->r.calendar[i].n = r.calendar[i].n;
	}
	if (l->r.used_us < r.used_us)
		l->r.used_us = r.used_us;
	l->r.last_us = r.used_us - shift;
	if (l->r.last_us > boot_us)
		l->r.last_us = boot_us;
	l->r.admitted = 1;
	l->dirty = 1;
	return 0;
}

/* --- expiry ------------------------------------------------------------ */

static int
find_old(struct state *st, uint64_t *next, int64_t real_us,
    uint64_t v[EXPIRE_KEYS])
{
	struct db_key table, from;
	struct db_walk w;
	struct str key, val;
	struct row r;
	int rc, seen, n = 0;

	row_key(&from, *next);
	db_key(&table, TABLE_CHECKPOINT);
	if ((rc = db_walk(st->ledger, &w, &table, &from)) != 0)
		return rc;
	for (seen = 0; seen < EXPIRE_LOOK && n < EXPIRE_KEYS; seen++) {
		if ((rc = db_walk_next(&w, &key, &val)) != 0)
			break;
		*next = db_key_number(key.p + 1, 8) + 1;
		if (row_unpack(val, &r) != 0 || r.used_us + KEEP_US < real_us)
			v[n++] = *next - 1;
	}
	db_walk_end(&w);
	db_rest(st->ledger);
	if (rc == ERR_NOTFOUND)
		*next = 0;
	return rc != 0 && rc != ERR_NOTFOUND ? rc : n;
}

int
checkpoint_expire(struct state *st, uint64_t *next, int64_t real_us)
{
	uint64_t v[EXPIRE_KEYS];
	struct db_key k;
	int rc, n, i;

	if ((n = find_old(st, next, real_us, v)) <= 0)
		return n;
	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	for (i = 0; i < n && rc == 0; i++) {
		row_key(&k, v[i]);
		if ((rc = db_del(st->ledger, &k)) == ERR_NOTFOUND)
			rc = 0;
	}
	if (rc != 0) {
		db_abort(st->ledger);
		return rc;
	}
	rc = db_commit(st->ledger);
	return rc != 0 ? rc : n;
}
