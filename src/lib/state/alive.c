/*
 * alive.c - which workers have hot open.
 *
 * Runs in: worker (writes itself down), recorder.
 * Owns: TABLE_PROC.
 *
 * LMDB knows which process ids hold one of its reader slots, and a lock in its
 * lock file tells whether they live. A process id that came again, as all do
 * when a container is started again, belongs to whom the board says, else to
 * the youngest incarnation. A row is struck out when everything that the dead
 * held is given back and what it had begun is charged; it says how far that
 * has gone.
 */
#include <stddef.h>
#include <unistd.h>

#include "state/alive.h"
#include "state/open.h"
#include "state/rec.h"
#include "state/state_priv.h"

#define ALIVE_VERSION	2
#define ALIVE_OLD	1	/* without marks */
#define ALIVE_MAX	512	/* workers of all generations */

struct alive_rec {
	struct rec_head	 head;
	uint32_t	 pid, slot;
	uint64_t	 drained;
	uint32_t	 charged, zero;
};

#define OLD_SIZE	offsetof(struct alive_rec, drained)

struct alive_row {
	uint64_t	 incarnation;
	uint32_t	 pid, slot;
};

static void
row_key(struct db_key *k, uint64_t incarnation)
{
	db_key(k, TABLE_PROC);
	db_key_u64(k, incarnation);
}

static int
finish(struct state *st, int rc)
{
	if (rc == 0)
		return db_commit(st->hot);
	db_abort(st->hot);
	return rc;
}

/* Unpack a row; one of an older program has no marks. */
static int
row_read(struct str val, struct alive_rec *r)
{
	memset(r, 0, sizeof(*r));
	if (val.n == sizeof(*r) &&
	    rec_check(val.p, val.n, ALIVE_VERSION) == 0) {
		memcpy(r, val.p, val.n);
		return 0;
	}
	if (val.n != OLD_SIZE || rec_check(val.p, val.n, ALIVE_OLD) != 0)
		return ERR_CORRUPT;
	memcpy(r, val.p, val.n);
	return 0;
}

static int
row_get(struct state *st, uint64_t incarnation, struct alive_rec *r)
{
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, incarnation);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc;
	return row_read(val, r);
}

static int
row_put(struct state *st, uint64_t incarnation, struct alive_rec *r)
{
	struct db_key k;

	rec_seal(r, sizeof(*r), ALIVE_VERSION);
	row_key(&k, incarnation);
	return db_put(st->hot, &k, r, sizeof(*r));
}

int
alive_get(struct state *st, uint64_t incarnation, struct alive_mark *m)
{
	struct alive_rec r;
	int rc;

	if ((rc = row_get(st, incarnation, &r)) != 0)
		return rc;
	m->drained = r.drained;
	m->charged = r.charged;
	return 0;
}

int
alive_set_drained(struct state *st, uint64_t incarnation, uint64_t seq)
{
	struct alive_rec r;
	int rc = row_get(st, incarnation, &r);

	if (rc != 0 || r.drained >= seq)
		return rc == ERR_NOTFOUND ? 0 : rc;
	r.drained = seq;
	return row_put(st, incarnation, &r);
}

int
alive_set_charged(struct state *st, uint64_t incarnation, uint32_t n)
{
	struct alive_rec r;
	int rc = row_get(st, incarnation, &r);

	if (rc != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	r.charged = n;
	return row_put(st, incarnation, &r);
}

int
alive_register(struct state *st)
{
	struct alive_rec r = { .pid = (uint32_t)getpid(),
	    .slot = st->slot_index };
	int rc;

	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	return finish(st, row_put(st, st->incarnation, &r));
}

int
alive_forget(struct state *st, uint64_t incarnation)
{
	struct db_key k;
	struct str val;
	int rc;

	row_key(&k, incarnation);
	if ((rc = db_get(st->hot, &k, &val)) != 0)
		return rc == ERR_NOTFOUND ? 0 : rc;
	if ((rc = db_begin(st->hot)) != 0)
		return rc;
	rc = db_del(st->hot, &k);
	return finish(st, rc == ERR_NOTFOUND ? 0 : rc);
}

/* All rows, by incarnation: the count, or a code. */
static int
rows(struct state *st, struct alive_row v[ALIVE_MAX])
{
	struct db_key table;
	struct db_walk w;
	struct alive_rec r;
	struct str key, val;
	int rc, n = 0;

	db_key(&table, TABLE_PROC);
	if ((rc = db_walk(st->hot, &w, &table, NULL)) != 0)
		return rc;
	while (n < ALIVE_MAX && (rc = db_walk_next(&w, &key, &val)) == 0) {
		if (key.n != 9 || row_read(val, &r) != 0)
			continue;
		v[n].incarnation = db_key_number(key.p + 1, 8);
		v[n].pid = r.pid;
		v[n++].slot = r.slot;
	}
	db_walk_end(&w);
	return rc == 0 || rc == ERR_NOTFOUND ? n : rc;
}

/* Who has this process id by the board, of whatever role; 0: nobody there. */
static uint64_t
holder(const struct board *b, uint32_t pid)
{
	unsigned i;

	for (i = 0; b != NULL && i < BOARD_SLOTS; i++)
		if (b->slot[i].pid == pid)
			return b->slot[i].incarnation;
	return 0;
}

static int
lives(const struct board *b, const struct alive_row *v, int n, int i,
    const uint32_t *pids, int n_pids)
{
	uint64_t of = holder(b, v[i].pid);
	int j;

	if (of != 0 && of != v[i].incarnation)
		return 0;
	for (j = i + 1; of == 0 && j < n; j++)
		if (v[j].pid == v[i].pid)
			return 0;
	for (j = 0; j < n_pids; j++)
		if (pids[j] == v[i].pid)
			return 1;
	return 0;
}

int
alive_sweep(struct state *st)
{
	static struct alive_row v[ALIVE_MAX];
	static uint32_t pids[DB_READERS];
	int i, n, n_pids, rc;

	if ((n = rows(st, v)) < 0)
		return n;
	/* Our snapshot holds a slot, so there is at least one. */
	if ((rc = db_sweep_readers(st->hot)) < 0)
		return rc;
	if ((n_pids = db_readers(st->hot, pids, DB_READERS)) <= 0)
		return n_pids;
	db_rest(st->hot);
	for (i = 0; i < n; i++)
		if (!lives(st->board, v, n, i, pids, n_pids) &&
		    (rc = state_gone(st, v[i].slot, v[i].incarnation)) != 0)
			return rc;
	open_sweep(st);
	return 0;
}
