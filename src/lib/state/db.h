/*
 * db.h - one LMDB environment: the only file that knows its growth, other
 * processes' growth, stale readers, full disks and panic.
 *
 * An environment is one tree. A table is the first byte of a key (schema.h),
 * so that a transaction over several tables makes few pages dirty. A process
 * has at most one read snapshot, renewed by the first look-up after db_rest,
 * and at most one write transaction; while that is open, look-ups see it.
 * Values returned point into the map: they are good until the next change,
 * db_rest or the end of the transaction, and have no alignment.
 *
 * Codes: ERR_FULL (map or disk), ERR_CORRUPT and ERR_SYSTEM (see db_fatal),
 * ERR_NOMEM, ERR_BUSY (no reader slot left).
 */
#ifndef STATE_DB_H
#define STATE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "base/board.h"
#include "base/str.h"
#include "state/db_key.h"

#define DB_READERS	4096

struct db;

struct db_opts {
	const char	*name;		/* for messages: "hot" */
	const char	*dir;
	const char	*ballast;	/* file to give up when the disk is
					   full; NULL: none */
	uint64_t	 map_size;
	int		 durable;	/* 0: MDB_NOSYNC */
	int		 readonly;
	int		 lone;		/* dir is a file that nobody else has
					   open: a copy; no lock file */
	struct board_slot *slot;	/* lock marks; NULL: none */
};

int db_open(const struct db_opts *o, struct db **out, char *err,
    size_t errsize);
void db_close(struct db **dp);
/* 0, or why this process must leave: from then on nothing works any more. */
int db_fatal(const struct db *d);
/* Log a warning when the library's version is known to be unsafe. */
void db_warn_version(void);
/* Bytes that lock.mdb needs for DB_READERS. */
size_t db_lock_size(void);

/* --- reading ----------------------------------------------------------- */

/* 0, ERR_NOTFOUND, or a code. */
int db_get(struct db *d, const struct db_key *k, struct str *val);
/* End the snapshot. */
void db_rest(struct db *d);

/* A walk over the keys that begin with a prefix. */
struct db_walk {
	struct db	*d;
	void		*cursor;
	struct db_key	 prefix, from;
	int		 started;
};

/* from (may be NULL): the first key to see. */
int db_walk(struct db *d, struct db_walk *w, const struct db_key *prefix,
    const struct db_key *from);
/* 0 with the next record, ERR_NOTFOUND at the end, or a code. */
int db_walk_next(struct db_walk *w, struct str *key, struct str *val);
/* Go on from that key. */
void db_walk_to(struct db_walk *w, const struct db_key *k);
/* Delete the record that db_walk_next returned last. */
int db_walk_del(struct db_walk *w);
void db_walk_end(struct db_walk *w);

/* --- writing ----------------------------------------------------------- */

/* Wait for the lock and open the transaction. */
int db_begin(struct db *d);
/* After a failure nothing has been changed. */
int db_commit(struct db *d);
void db_abort(struct db *d);
int db_writing(const struct db *d);

/* Make the record writable in place, n bytes at *p. Its bytes are what they
 * were when it existed with this size, else undefined. */
int db_edit(struct db *d, const struct db_key *k, size_t n, void **p);
int db_put(struct db *d, const struct db_key *k, const void *p, size_t n);
/* The same for a key greater than all others. */
int db_append(struct db *d, const struct db_key *k, const void *p, size_t n);
/* The greatest key and its value. */
int db_last(struct db *d, struct str *key, struct str *val);
/* 0, ERR_NOTFOUND, or a code. */
int db_del(struct db *d, const struct db_key *k);

/* --- care -------------------------------------------------------------- */

/* Free the reader slots of dead processes; how many, or a code. */
int db_sweep_readers(struct db *d);
/* Process ids that hold a reader slot: the count, or a code. */
int db_readers(struct db *d, uint32_t *pids, int max);
/* Size of the map or of the file system, the smaller one. */
uint64_t db_capacity(const struct db *d);
/* About how many of its bytes can still be written. */
uint64_t db_room(struct db *d);
/* So little that it must stay for what cannot wait: a key that is switched
 * off. */
int db_tight(struct db *d);
/* After ERR_FULL: what is full, as half a sentence. */
const char *db_full_why(const struct db *d);
/* After ERR_FULL: give up the ballast when it was the disk (not the map) that
 * is full. 1 when that freed something. */
int db_drop_ballast(struct db *d);
/* Make the ballast again if it is gone and the disk has room. */
void db_make_ballast(struct db *d);
/* Number of the last transaction: the same number, the same content. */
uint64_t db_last_txn(struct db *d);
/* Write a consistent copy without free pages to the file fd, which this
 * library does from a second thread: 0, or a code with text in err. */
int db_copy(struct db *d, int fd, char *err, size_t errsize);

/* --- db_audit.c: is this file whole? ------------------------------------ */

struct db_audit {
	uint64_t	 txn, records, pages, free_pages;
	uint32_t	 sum;		/* CRC-32C of all keys and values */
};

/*
 * Walk every record in order, and fn for each (0: go on); and account for
 * every page: in use once, or free once. fn NULL: only see whether the file is
 * as long as it must be. 0, ERR_CORRUPT, what fn returned, or a code; text in
 * err. A damaged file may end the process, but not keep it for ever: keys must
 * grow.
 */
int db_audit(struct db *d, struct db_audit *a,
    int (*fn)(void *arg, struct str key, struct str val), void *arg,
    char *err, size_t errsize);

#endif
