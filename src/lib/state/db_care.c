/*
 * db_care.c - an environment's health: dead readers, room, ballast, copies.
 *
 * Runs in: worker, checker, recorder, admin, aigwctl (copies).
 * Owns: nothing; the environment is db.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "state/ballast.h"
#include "state/db_priv.h"

int
db_sweep_readers(struct db *d)
{
	int dead = 0, rc;

	if ((rc = mdb_reader_check(d->env, &dead)) != 0)
		return db_code(d, rc, "reader check");
	return dead;
}

struct readers {
	uint32_t	*pids;
	int		 n, max;
};

/* One line of LMDB's list: process id, thread, transaction. */
static int
add_reader(const char *line, void *arg)
{
	struct readers *r = arg;
	unsigned long pid = strtoul(line, NULL, 10);

	if (pid != 0 && r->n < r->max)
		r->pids[r->n++] = (uint32_t)pid;
	return 0;
}

int
db_readers(struct db *d, uint32_t *pids, int max)
{
	struct readers r = { pids, 0, max };
	int rc = mdb_reader_list(d->env, add_reader, &r);

	return rc < 0 ? ERR_SYSTEM : r.n;
}

uint64_t
db_capacity(const struct db *d)
{
	return d->capacity;
}

/* Pages on LMDB's own free list, which only a snapshot may read. */
static uint64_t
free_pages(struct db *d)
{
	MDB_cursor *c;
	MDB_val k, v;
	uint64_t sum = 0;
	int was = d->reading;
	size_t n;

	if (db_snapshot(d) != 0)
		return 0;
	if (mdb_cursor_open(d->rtxn, DB_FREE_TREE, &c) != 0)
		return 0;
	while (mdb_cursor_get(c, &k, &v, MDB_NEXT) == 0)
		if (v.mv_size >= sizeof(n)) {
			memcpy(&n, v.mv_data, sizeof(n));
			sum += n;
		}
	mdb_cursor_close(c);
	if (!was)
		db_rest(d);
	return sum;
}

uint64_t
db_room(struct db *d)
{
	MDB_envinfo info;
	uint64_t used, room, fs = db_fs_size(d, 1);

	if (mdb_env_info(d->env, &info) != 0)
		return 0;
	used = ((uint64_t)info.me_last_pgno + 1) * d->page;
	room = used < info.me_mapsize ? info.me_mapsize - used : 0;
	if (room > fs)
		room = fs;
	return room > d->capacity / 4 ? room :
	    room + free_pages(d) * d->page;
}

int
db_tight(struct db *d)
{
	uint64_t least = ballast_size(d->map_size) / 4;

	if (db_room(d) >= least)
		return 0;
	d->full = db_fs_size(d, 1) < least ? DB_FULL_DISK : DB_FULL_MAP;
	return 1;
}

const char *
db_full_why(const struct db *d)
{
	return d->full != NULL ? d->full : err_str(ERR_FULL);
}

int
db_drop_ballast(struct db *d)
{
	if (d->ballast == NULL || !d->disk_full || !ballast_drop(d->ballast))
		return 0;
	log_error("store %s: disk full: the ballast %s was given up",
	    d->name, d->ballast);
	return 1;
}

void
db_make_ballast(struct db *d)
{
	if (d->ballast != NULL &&
	    ballast_make(d->ballast, ballast_size(d->map_size)))
		d->disk_full = 0;
}

uint64_t
db_last_txn(struct db *d)
{
	MDB_envinfo info;

	return mdb_env_info(d->env, &info) == 0 ? info.me_last_txnid : 0;
}

int
db_copy(struct db *d, int fd, char *err, size_t errsize)
{
	int rc = mdb_env_copyfd2(d->env, fd, MDB_CP_COMPACT);

	if (rc != 0)
		snprintf(err, errsize, "%s cannot be copied: %s", d->dir,
		    mdb_strerror(rc));
	return db_code(d, rc, "copy");
}
