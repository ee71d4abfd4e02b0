/*
 * db_priv.h - what the files db*.c share: LMDB's door is these.
 */
#ifndef STATE_DB_PRIV_H
#define STATE_DB_PRIV_H

#include <lmdb.h>

#include "state/db.h"

#define DB_FREE_TREE	0	/* LMDB's handle of the list of free pages */
#define DB_MAIN_TREE	1	/* and of the unnamed tree */

#define DB_FULL_MAP	 "it has reached its largest size"
#define DB_FULL_DISK	 "no space left on its disk"
#define DB_FULL_READONLY "its disk is read-only"

struct db {
	const char	*name;
	char		*ballast;
	MDB_env		*env;
	MDB_txn		*wtxn, *rtxn;
	MDB_cursor	*wcur;		/* look-ups and edits of wtxn */
	MDB_cursor	*tail;		/* appends of wtxn */
	int		 reading;	/* rtxn holds a snapshot */
	int		 durable, readonly, fatal;
	int		 disk_full;	/* and not the map */
	const char	*full;		/* what the last ERR_FULL meant */
	unsigned	 page;
	char		*dir;
	uint64_t	 map_size;
	uint64_t	 capacity;	/* of map or file system */
	struct board_slot *slot;
};

/* LMDB's or errno's code as one of ours; remembers what ends a process. */
int db_code(struct db *d, int rc, const char *what);
/* Take a snapshot if there is none: 0 or a code. */
int db_snapshot(struct db *d);
/* Bytes of the file system, or those that are free. */
uint64_t db_fs_size(const struct db *d, int only_free);

#endif
