/*
 * spool.c - usage records on their way from hot to the ledger.
 *
 * Runs in: worker (append), recorder (read, delete).
 * Owns: TABLE_SPOOL.
 *
 * A packed record: head, sum, then numbers as LEB128 and texts with a byte of
 * length; about 150 bytes for a usual request.
 */
#include "base/faultpoint.h"
#include "base/log.h"
#include "state/pack.h"
#include "state/rec.h"
#include "state/spool.h"
#include "state/state_priv.h"

#define SPOOL_VERSION	1
#define SPOOL_OVERHEAD	24	/* of a record in the tree: key, node, slack */
#define DELETE_SLICE	128	/* records deleted in one transaction */
#define SMALL		(16ULL << 20)	/* of such: at every flush */
#define RESERVE_MIN	(384ULL << 10)
#define RESERVE_MAX	(64ULL << 20)
#define TIGHT_EVERY	32	/* flushes between looks at the room in hot */

struct spool_head {
	struct rec_head	 head;
	uint64_t	 sum;		/* with this record */
};

struct spool_floor {
	struct rec_head	 head;
	uint64_t	 sum, seq;	/* of the last one that left */
};

/* --- packing ----------------------------------------------------------- */

size_t
spool_pack(unsigned char dst[SPOOL_REC_MAX], const struct usage_rec *r,
    uint64_t sum)
{
	unsigned char *p = dst + sizeof(struct spool_head);
	struct spool_head h = { .sum = sum };
	size_t n;

	p = pack_text(p, str_make(r->request_id, strnlen(r->request_id,
	    sizeof(r->request_id))));
	p = pack_text(p, r->key_name);
	p = pack_text(p, r->provider);
	p = pack_text(p, r->group);
	p = pack_text(p, r->model);
	p = pack_text(p, r->upstream_model);
	p = pack_text(p, r->endpoint);
	p = pack_number(p, (uint64_t)r->real_us);
	p = pack_number(p, r->key_id);
	p = pack_number(p, r->flags);
	p = pack_number(p, r->status);
	p = pack_number(p, r->attempts);
	p = pack_number(p, r->input);
	p = pack_number(p, r->output);
	p = pack_number(p, r->cached);
	p = pack_number(p, r->cache_write);
	p = pack_number(p, r->reasoning);
	p = pack_number(p, (uint64_t)r->cost);
	p = pack_number(p, r->duration_us);
	p = pack_number(p, r->first_us);
	p = pack_number(p, r->upstream_us);
	p = pack_number(p, r->writer);
	if (r->session.n > 0) {		/* few have one */
		p = pack_text(p, r->session);
		p = pack_text(p, r->agent);
		p = pack_text(p, r->parent);
	}
	n = (size_t)(p - dst);
	h.sum += n + SPOOL_OVERHEAD;
	memcpy(dst, &h, sizeof(h));
	rec_seal(dst, n, SPOOL_VERSION);
	return n;
}

int
spool_unpack(struct str p, struct usage_rec *r)
{
	struct str id, *texts[] = { &id, &r->key_name, &r->provider,
	    &r->group, &r->model, &r->upstream_model, &r->endpoint };
	uint64_t real, flags, status, attempts, cost, *numbers[] = { &real,
	    &r->key_id, &flags, &status, &attempts, &r->input, &r->output,
	    &r->cached, &r->cache_write, &r->reasoning, &cost,
	    &r->duration_us, &r->first_us, &r->upstream_us };
	size_t i;
	int rc;

	if ((rc = rec_check(p.p, p.n, SPOOL_VERSION)) != 0)
		return rc;
	memset(r, 0, sizeof(*r));
	p = str_skip(p, sizeof(struct spool_head));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if ((rc = unpack_text(&p, texts[i])) != 0)
			return rc;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if ((rc = unpack_number(&p, numbers[i])) != 0)
			return rc;
	str_copy(r->request_id, sizeof(r->request_id), id);
	r->real_us = (int64_t)real;
	r->flags = (uint32_t)flags;
	r->status = (uint16_t)status;
	r->attempts = (uint16_t)attempts;
	r->cost = (int64_t)cost;
	/* an older program did not write it */
	if (unpack_number(&p, &r->writer) != 0)
		r->writer = 0;
	if (p.n == 0)
		return 0;
	if ((rc = unpack_text(&p, &r->session)) != 0 ||
	    (rc = unpack_text(&p, &r->agent)) != 0)
		return rc;
	return unpack_text(&p, &r->parent);
}

/* --- both ends --------------------------------------------------------- */

static void
spool_key(struct db_key *k, uint64_t seq)
{
	db_key(k, TABLE_SPOOL);
	db_key_u64(k, seq);
}

static int
put_floor(struct db *hot, uint64_t seq, uint64_t sum)
{
	struct spool_floor f = { .seq = seq, .sum = sum };
	struct db_key k;

	rec_seal(&f, sizeof(f), SPOOL_VERSION);
	spool_key(&k, 0);
	return db_put(hot, &k, &f, sizeof(f));
}

int
spool_create(struct db *hot)
{
	struct db_key k;
	struct str val;
	int rc;

	spool_key(&k, 0);
	rc = db_get(hot, &k, &val);
	return rc == ERR_NOTFOUND ? put_floor(hot, 0, 0) : rc;
}

/*
 * Where the spool begins and ends. A damaged sum only makes the size wrong;
 * a sequence stands in the key.
 */
static int
ends(struct state *st, struct spool_floor *f, uint64_t *seq, uint64_t *sum)
{
	struct spool_head h;
	struct db_key k;
	struct str key, val;
	int rc;

	spool_key(&k, 0);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc == ERR_NOTFOUND ? ERR_CORRUPT : rc;
	if (val.n != sizeof(*f))
		return ERR_CORRUPT;
	memcpy(f, val.p, sizeof(*f));
	if ((rc = db_last(st->hot, &key, &val)) != 0)
		return rc;
	if (key.n != 9 || (unsigned char)key.p[0] != TABLE_SPOOL ||
	    val.n < sizeof(h))
		return ERR_CORRUPT;
	*seq = db_key_number(key.p + 1, 8);
	memcpy(&h, val.p, sizeof(h));
	*sum = h.sum;
	if (*seq == 0)
		*seq = f->seq;
	return 0;
}

static int
know(struct state *st)
{
	struct spool_floor f;
	int rc;

	if (st->spool.known)
		return 0;
	rc = ends(st, &f, &st->spool.seq, &st->spool.bytes);
	if (rc != 0)
		return rc;
	st->spool.first_bytes = f.sum;
	st->spool.known = 1;
	return 0;
}

int
spool_append(struct state *st, struct usage_rec *r)
{
	unsigned char rec[SPOOL_REC_MAX];
	struct db_key k;
	size_t n;
	int rc;

	if ((rc = know(st)) != 0)
		return rc;
	FAULT_POINT(spool_append);
	r->writer = st->incarnation;
	n = spool_pack(rec, r, st->spool.bytes);
	spool_key(&k, st->spool.seq + 1);
	if ((rc = db_append(st->hot, &k, rec, n)) != 0)
		return rc;
	st->spool.seq++;
	st->spool.bytes += n + SPOOL_OVERHEAD;
	r->epoch = st->epoch;
	r->seq = st->spool.seq;
	FAULT_POINT(spool_appended);
	return 0;
}

int
spool_get(struct state *st, uint64_t seq, struct usage_rec *r)
{
	struct db_key k;
	struct str val;
	int rc;

	spool_key(&k, seq);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc;
	return spool_unpack(val, r);
}

/*
 * Look at the room in hot: when it is short nothing new is admitted, and at
 * the brim nothing more is settled either, so that the recorder has the pages
 * that deleting needs.
 */
static void
look_at_room(struct state *st)
{
	uint64_t size = db_capacity(st->hot), room, reserve = size / 8;

	if (!st->tight && size >= SMALL && st->flushes % TIGHT_EVERY != 0)
		return;
	if (reserve > RESERVE_MAX)
		reserve = RESERVE_MAX;
	if (reserve < RESERVE_MIN)
		reserve = RESERVE_MIN;
	room = db_room(st->hot);
	st->tight = room < reserve;
	st->brim = room < reserve / 4;
}

int
spool_look(struct state *st)
{
	int rc;

	st->flushes++;
	look_at_room(st);
	st->over = st->tight;
	if (st->spool_max == 0 || st->over)
		return 0;
	if ((rc = know(st)) != 0)
		return rc;
	st->over = st->spool.bytes - st->spool.first_bytes >= st->spool_max;
	return 0;
}

int
spool_size(struct state *st, uint64_t *records, uint64_t *bytes)
{
	struct spool_floor f;
	uint64_t seq, sum;
	int rc;

	*records = *bytes = 0;
	if ((rc = ends(st, &f, &seq, &sum)) != 0)
		return rc;
	*records = seq - f.seq;
	*bytes = sum - f.sum;
	return 0;
}

int
spool_read(struct state *st, uint64_t after, unsigned max, struct buf *b)
{
	struct db_key table, from;
	struct db_walk w;
	struct str key, val;
	uint64_t seq;
	uint32_t size;
	unsigned n = 0;
	int rc;

	db_key(&table, TABLE_SPOOL);
	spool_key(&from, after + 1);
	if ((rc = db_walk(st->hot, &w, &table, &from)) != 0)
		return rc;
	while (n < max && (rc = db_walk_next(&w, &key, &val)) == 0) {
		seq = key.n == 9 ? db_key_number(key.p + 1, 8) : 0;
		size = (uint32_t)val.n;
		if ((rc = buf_add(b, &seq, sizeof(seq))) != 0 ||
		    (rc = buf_add(b, &size, sizeof(size))) != 0 ||
		    (rc = buf_adds(b, val)) != 0)
			break;
		n++;
	}
	db_walk_end(&w);
	if (rc == ERR_TOOBIG && n > 0)
		rc = 0;		/* as many as fit; the last one is cut */
	return rc == 0 || rc == ERR_NOTFOUND ? (int)n : rc;
}

int
spool_next(struct str *rest, uint64_t *seq, struct str *rec)
{
	uint32_t size;

	if (rest->n < sizeof(*seq) + sizeof(size))
		return 0;
	memcpy(seq, rest->p, sizeof(*seq));
	memcpy(&size, rest->p + sizeof(*seq), sizeof(size));
	if (rest->n - sizeof(*seq) - sizeof(size) < size)
		return 0;
	*rec = str_make(rest->p + sizeof(*seq) + sizeof(size), size);
	*rest = str_skip(*rest, sizeof(*seq) + sizeof(size) + size);
	return 1;
}

/* Delete up to DELETE_SLICE records: how many, or a code. */
static int
delete_some(struct state *st, uint64_t last)
{
	struct spool_floor f;
	struct spool_head h;
	struct db_key table, from;
	struct db_walk w;
	struct str key, val;
	uint64_t end, sum, seq;
	int rc, n = 0;

	if ((rc = ends(st, &f, &end, &sum)) != 0)
		return rc;
	seq = f.seq;
	sum = f.sum;
	db_key(&table, TABLE_SPOOL);
	spool_key(&from, 1);
	if ((rc = db_walk(st->hot, &w, &table, &from)) != 0)
		return rc;
	while (n < DELETE_SLICE &&
	    (rc = db_walk_next(&w, &key, &val)) == 0) {
		if (db_key_number(key.p + 1, 8) > last)
			break;
		seq = db_key_number(key.p + 1, 8);
		memcpy(&h, val.p, val.n < sizeof(h) ? val.n : sizeof(h));
		sum = h.sum;
		if ((rc = db_walk_del(&w)) != 0)
			break;
		n++;
	}
	db_walk_end(&w);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	if (n > 0 && (rc = put_floor(st->hot, seq, sum)) != 0)
		return rc;
	return n;
}

int
spool_delete(struct state *st, uint64_t last, int (*also)(struct state *st))
{
	int rc, n, dropped = 0, swept = 0;

	do {
		db_rest(st->hot);
		if ((rc = db_begin(st->hot)) != 0)
			return rc;
		if ((n = also(st)) == 0)
			n = delete_some(st, last);
		if (n < 0)
			db_abort(st->hot);
		else if ((rc = db_commit(st->hot)) != 0)
			n = rc;
		if (n == ERR_FULL && !dropped && db_drop_ballast(st->hot)) {
			dropped = 1;
			n = DELETE_SLICE;	/* once more */
		}
		/* The snapshots of the dead keep pages from being used. */
		if (n == ERR_FULL && !swept++ && db_sweep_readers(st->hot) > 0)
			n = DELETE_SLICE;
	} while (n == DELETE_SLICE);
	return n < 0 ? n : 0;
}
