/*
 * db.c - one LMDB environment, with everything that can go wrong in it.
 *
 * Runs in: worker, checker, recorder, admin, and throw-away children.
 * Owns: the environment, its read snapshot and its write transaction.
 *
 * An environment must never cross a fork, nor may its files be opened by hand
 * in a process that has it open: closing them would drop LMDB's locks.
 * set_mapsize moves the map also under open snapshots, so all transactions of
 * the process are ended before.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "state/db_priv.h"

#define FULL_DISK	(256 << 10)	/* bytes left: a short write was that */

int
db_code(struct db *d, int rc, const char *what)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		d->full = DB_FULL_MAP;
		return ERR_FULL;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		d->disk_full = 1;
		d->full = DB_FULL_DISK;
		return ERR_FULL;
	case EROFS:		/* may be written again: as a full disk */
		d->full = DB_FULL_READONLY;
		return ERR_FULL;
	case ENOMEM:
		return ERR_NOMEM;
	case MDB_READERS_FULL:
		return ERR_BUSY;
	case EINTR:
	case EAGAIN:
		return ERR_AGAIN;
	case MDB_KEYEXIST:
		return ERR_EXISTS;
	case MDB_VERSION_MISMATCH:
		return ERR_VERSION;
	case MDB_PANIC:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_BAD_RSLOT:
	case MDB_INVALID:
		d->fatal = ERR_CORRUPT;
		break;
	default:
		d->fatal = ERR_SYSTEM;
	}
	log_error("store %s: %s: %s", d->name, what, mdb_strerror(rc));
	return d->fatal;
}

void
db_warn_version(void)
{
	int major, minor, patch;

	mdb_version(&major, &minor, &patch);
	if (major == 0 && minor == 9 && patch >= 26 && patch <= 31)
		log_warn("LMDB %d.%d.%d has races between processes; "
		    "use 0.9.24, 0.9.25, or 0.9.32 and later",
		    major, minor, patch);
}

size_t
db_lock_size(void)
{
	return 4096 + DB_READERS * 64;	/* a header, and a line per reader */
}

static int
open_env(struct db *d, const struct db_opts *o)
{
	unsigned flags = MDB_NOTLS | (o->durable ? 0 : MDB_NOSYNC) |
	    (o->readonly ? MDB_RDONLY : 0) |
	    (o->lone ? MDB_NOSUBDIR | MDB_NOLOCK : 0);
	MDB_txn *t;
	MDB_dbi dbi;
	MDB_stat ms;
	int rc;

	if ((rc = mdb_env_create(&d->env)) != 0)
		return rc;
	if ((rc = mdb_env_set_maxreaders(d->env, DB_READERS)) != 0 ||
	    (rc = mdb_env_set_mapsize(d->env, o->map_size)) != 0 ||
	    (rc = mdb_env_open(d->env, o->dir, flags, 0600)) != 0)
		return rc;
	if ((rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &t)) ==
	    MDB_MAP_RESIZED && (rc = mdb_env_set_mapsize(d->env, 0)) == 0)
		rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &t);
	if (rc != 0)
		return rc;
	if ((rc = mdb_dbi_open(t, NULL, 0, &dbi)) == 0) {
		ASSERT(dbi == DB_MAIN_TREE);
		rc = mdb_stat(t, dbi, &ms);
		d->page = ms.ms_psize;
	}
	mdb_txn_abort(t);
	return rc;
}

uint64_t
db_fs_size(const struct db *d, int only_free)
{
	struct statvfs fs;

	if (statvfs(d->dir, &fs) != 0)
		return UINT64_MAX;
	return (uint64_t)(only_free ? fs.f_bavail : fs.f_blocks) *
	    fs.f_frsize;
}

int
db_open(const struct db_opts *o, struct db **out, char *err, size_t errsize)
{
	struct db *d = xcalloc(1, sizeof(*d));
	int rc;

	*out = NULL;
	d->name = o->name;
	d->slot = o->slot;
	d->durable = o->durable != 0;
	d->readonly = o->readonly;
	d->map_size = o->map_size;
	d->dir = xstrdup(o->dir);
	if (o->ballast != NULL)
		d->ballast = xstrdup(o->ballast);
	if ((rc = open_env(d, o)) != 0) {
		snprintf(err, errsize, "%s: %s", o->dir, mdb_strerror(rc));
		errno = rc > 0 ? rc : 0;
		rc = rc > 0 && rc != ENOSPC ? ERR_SYSTEM : db_code(d, rc, "open");
		db_close(&d);
		return rc;
	}
	d->capacity = db_fs_size(d, 0);
	if (d->capacity > d->map_size)
		d->capacity = d->map_size;
	*out = d;
	return 0;
}

void
db_close(struct db **dp)
{
	struct db *d = *dp;

	if (d == NULL)
		return;
	if (d->wtxn != NULL)
		db_abort(d);
	if (d->rtxn != NULL)
		mdb_txn_abort(d->rtxn);
	if (d->env != NULL)
		mdb_env_close(d->env);
	free(d->ballast);
	free(d->dir);
	free(d);
	*dp = NULL;
}

int
db_fatal(const struct db *d)
{
	return d->fatal;
}

/* LMDB takes keys and values to be read as plain pointers. */
static MDB_val
val_of(const void *p, size_t n)
{
	MDB_val v = { n, NULL };

	memcpy(&v.mv_data, &p, sizeof(p));
	return v;
}

/* --- reading ----------------------------------------------------------- */

/* Another process made the map larger: follow it. */
static int
adopt_size(struct db *d)
{
	if (d->rtxn != NULL)
		mdb_txn_abort(d->rtxn);
	d->rtxn = NULL;
	d->reading = 0;
	return mdb_env_set_mapsize(d->env, 0);
}

int
db_snapshot(struct db *d)
{
	int rc, tries;

	if (d->fatal != 0)
		return d->fatal;
	if (d->reading)
		return 0;
	for (tries = 0; ; tries++) {
		rc = d->rtxn != NULL ? mdb_txn_renew(d->rtxn) :
		    mdb_txn_begin(d->env, NULL, MDB_RDONLY, &d->rtxn);
		if (tries == 3)
			break;
		if (rc == MDB_READERS_FULL) {	/* by the dead, mostly */
			(void)mdb_reader_check(d->env, NULL);
			continue;
		}
		if (rc != MDB_MAP_RESIZED || (rc = adopt_size(d)) != 0)
			break;
	}
	if (rc == 0)
		d->reading = 1;
	return db_code(d, rc, "read");
}

void
db_rest(struct db *d)
{
	if (d->reading)
		mdb_txn_reset(d->rtxn);
	d->reading = 0;
}

int
db_get(struct db *d, const struct db_key *k, struct str *val)
{
	MDB_val key = val_of(k->b, k->n), v;
	int rc;

	*val = STR_NULL;
	if (d->wtxn != NULL)
		rc = mdb_cursor_get(d->wcur, &key, &v, MDB_SET);
	else if ((rc = db_snapshot(d)) != 0)
		return rc;
	else
		rc = mdb_get(d->rtxn, DB_MAIN_TREE, &key, &v);
	if (rc == 0)
		*val = str_make(v.mv_data, v.mv_size);
	return rc == MDB_NOTFOUND ? ERR_NOTFOUND : db_code(d, rc, "look-up");
}

int
db_walk(struct db *d, struct db_walk *w, const struct db_key *prefix,
    const struct db_key *from)
{
	MDB_cursor *c;
	int rc;

	w->cursor = NULL;
	if (d->wtxn == NULL && (rc = db_snapshot(d)) != 0)
		return rc;
	rc = mdb_cursor_open(d->wtxn != NULL ? d->wtxn : d->rtxn, DB_MAIN_TREE,
	    &c);
	if (rc != 0)
		return db_code(d, rc, "walk");
	w->d = d;
	w->cursor = c;
	w->prefix = *prefix;
	w->from = from != NULL ? *from : *prefix;
	w->started = 0;
	return 0;
}

int
db_walk_next(struct db_walk *w, struct str *key, struct str *val)
{
	MDB_val k = val_of(w->from.b, w->from.n), v;
	int rc;

	*key = *val = STR_NULL;
	rc = mdb_cursor_get(w->cursor, &k, &v,
	    w->started ? MDB_NEXT : k.mv_size == 0 ? MDB_FIRST :
	    MDB_SET_RANGE);
	w->started = 1;
	if (rc != 0)
		return db_code(w->d, rc, "walk");
	if (k.mv_size < w->prefix.n ||
	    memcmp(k.mv_data, w->prefix.b, w->prefix.n) != 0)
		return ERR_NOTFOUND;
	*key = str_make(k.mv_data, k.mv_size);
	*val = str_make(v.mv_data, v.mv_size);
	return 0;
}

void
db_walk_to(struct db_walk *w, const struct db_key *k)
{
	w->from = *k;
	w->started = 0;
}

int
db_walk_del(struct db_walk *w)
{
	/* The cursor then stands before the next one: LMDB sees to it. */
	return db_code(w->d, mdb_cursor_del(w->cursor, 0), "delete");
}

void
db_walk_end(struct db_walk *w)
{
	if (w->cursor != NULL)
		mdb_cursor_close(w->cursor);
	w->cursor = NULL;
}

/* --- writing ----------------------------------------------------------- */

int
db_begin(struct db *d)
{
	int rc, tries;

	ASSERT(d->wtxn == NULL && !d->readonly);
	/*
	 * Also where LMDB itself would go on: what failed may be half there,
	 * and who comes after us must not take our next record for it.
	 */
	if (d->fatal != 0)
		return d->fatal;
	FAULT_POINT_AT(hot_wait, d->durable);
	if (d->slot != NULL)
		board_lock_wait(d->slot);
	for (tries = 0; ; tries++) {
		rc = mdb_txn_begin(d->env, NULL, 0, &d->wtxn);
		if (rc != MDB_MAP_RESIZED || tries == 3)
			break;
		if ((rc = adopt_size(d)) != 0)
			break;
	}
	if (d->slot != NULL)
		board_lock_got(d->slot, d->durable, rc == 0);
	if (rc != 0)
		d->wtxn = NULL;
	else if ((rc = mdb_cursor_open(d->wtxn, DB_MAIN_TREE, &d->wcur)) != 0)
		db_abort(d);
	else
		FAULT_POINT_AT(hot_locked, d->durable);
	return db_code(d, rc, "begin");
}

/* The transaction is gone, its cursors with it. */
static void
ended(struct db *d)
{
	d->wtxn = NULL;
	d->wcur = d->tail = NULL;
	if (d->slot != NULL)
		board_lock_free(d->slot);
	db_rest(d);		/* look-ups must see what was written */
}

int
db_commit(struct db *d)
{
	int rc;

	FAULT_POINT_AT(hot_commit, d->durable);
	rc = mdb_txn_commit(d->wtxn);
	ended(d);
	FAULT_POINT_AT(hot_committed, d->durable);
	/* LMDB calls a short write EIO, also when the disk just became full. */
	if (rc == EIO && db_fs_size(d, 1) < FULL_DISK)
		rc = ENOSPC;
	return db_code(d, rc, "commit");
}

void
db_abort(struct db *d)
{
	if (d->wtxn == NULL)
		return;
	mdb_txn_abort(d->wtxn);
	ended(d);
}

int
db_writing(const struct db *d)
{
	return d->wtxn != NULL;
}

int
db_edit(struct db *d, const struct db_key *k, size_t n, void **p)
{
	MDB_val key = val_of(k->b, k->n), v = { n, NULL };
	int rc;

	*p = NULL;
	if ((rc = mdb_cursor_put(d->wcur, &key, &v, MDB_RESERVE)) != 0)
		return db_code(d, rc, "write");
	*p = v.mv_data;
	return 0;
}

int
db_put(struct db *d, const struct db_key *k, const void *p, size_t n)
{
	MDB_val key = val_of(k->b, k->n), v = val_of(p, n);

	return db_code(d, mdb_cursor_put(d->wcur, &key, &v, 0), "write");
}

static int
tail_cursor(struct db *d)
{
	if (d->tail != NULL)
		return 0;
	return db_code(d, mdb_cursor_open(d->wtxn, DB_MAIN_TREE, &d->tail),
	    "cursor");
}

int
db_append(struct db *d, const struct db_key *k, const void *p, size_t n)
{
	MDB_val key = val_of(k->b, k->n), v = val_of(p, n);
	int rc;

	if ((rc = tail_cursor(d)) != 0)
		return rc;
	return db_code(d, mdb_cursor_put(d->tail, &key, &v, MDB_APPEND),
	    "append");
}

int
db_last(struct db *d, struct str *key, struct str *val)
{
	MDB_cursor *c;
	MDB_val k, v;
	int rc;

	*key = *val = STR_NULL;
	if (d->wtxn != NULL) {
		if ((rc = tail_cursor(d)) != 0)
			return rc;
		rc = mdb_cursor_get(d->tail, &k, &v, MDB_LAST);
	} else {
		if ((rc = db_snapshot(d)) != 0)
			return rc;
		rc = mdb_cursor_open(d->rtxn, DB_MAIN_TREE, &c);
		if (rc == 0) {
			rc = mdb_cursor_get(c, &k, &v, MDB_LAST);
			mdb_cursor_close(c);
		}
	}
	if (rc != 0)
		return db_code(d, rc, "look-up");
	*key = str_make(k.mv_data, k.mv_size);
	*val = str_make(v.mv_data, v.mv_size);
	return 0;
}

int
db_del(struct db *d, const struct db_key *k)
{
	MDB_val key = val_of(k->b, k->n);

	return db_code(d, mdb_del(d->wtxn, DB_MAIN_TREE, &key, NULL), "delete");
}
