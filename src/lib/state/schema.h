/*
 * schema.h - the tables of hot and ledger: which, where, in what version.
 *
 * A table is the first byte of its keys. A new table is one row in schema.c.
 */
#ifndef STATE_SCHEMA_H
#define STATE_SCHEMA_H

#include "state/db.h"

enum schema_store { STORE_HOT, STORE_LEDGER };

/* First bytes; TABLE_SPOOL must be the greatest of hot (it is appended to). */
enum {
	TABLE_META	= 0x01,		/* both stores */
	TABLE_LIMIT	= 0x10,		/* hot */
	TABLE_UPKEY	= 0x11,
	TABLE_ADDR	= 0x12,
	TABLE_MODELS	= 0x13,
	TABLE_PROC	= 0x14,
	TABLE_SPOOL	= 0xf0,
	TABLE_KEY	= 0x20,		/* ledger */
	TABLE_KEY_ID	= 0x21,
	TABLE_KEY_NAME	= 0x22,
	TABLE_TOTAL	= 0x30,
	TABLE_KEY_TOTAL	= 0x31,
	TABLE_APPLIED	= 0x32,
	TABLE_CHECKPOINT = 0x33,
	TABLE_SESSION	= 0x34
};

/* Numbers kept in TABLE_META. */
enum schema_meta {
	META_EPOCH	= 1,	/* hot: never used twice */
	META_UPKEYS	= 2,	/* hot: changes of TABLE_UPKEY */
	META_ADDRS	= 3,
	META_MODELS	= 4,
	META_KEY_ID	= 5	/* ledger: last id given to a key */
};

/* Inside a transaction: write down the version of each table that is not
 * there yet; 0, ERR_VERSION with its name in err, or a code. */
int schema_create(struct db *d, enum schema_store s, char *err,
    size_t errsize);
/* Are all tables there that an older program made too, and all in versions that
 * this program reads? */
int schema_check(struct db *d, enum schema_store s, char *err,
    size_t errsize);
/* Name of a table of that store, or NULL. */
const char *schema_name(enum schema_store s, unsigned char table);

/* A number of TABLE_META: 0 (also when it is not there: 0), or a code. */
int schema_meta_get(struct db *d, enum schema_meta m, uint64_t *v);
int schema_meta_put(struct db *d, enum schema_meta m, uint64_t v);
/* Add one inside a transaction. */
int schema_meta_bump(struct db *d, enum schema_meta m);

#endif
