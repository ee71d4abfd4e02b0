/*
 * schema.c - the tables of hot and ledger: which, where, in what version.
 *
 * Runs in: every process that opens the stores.
 * Owns: TABLE_META.
 *
 * A program reads a table in its own version and in the one before; it adds
 * what is missing and refuses what is newer.
 */
#include <stdio.h>

#include "base/err.h"
#include "state/rec.h"
#include "state/schema.h"

#define META_VERSION	1	/* of the records of TABLE_META */
#define META_TABLES	0	/* their second key byte: versions ... */
#define META_NUMBERS	1	/* ... and numbers */

static const struct table {
	unsigned char	 id;
	enum schema_store store;
	const char	*name;
	unsigned	 version, oldest;	/* written, still read; 0: it
						   may be missing */
} tables[] = {
	{ TABLE_META,	STORE_HOT,	"meta",		1, 1 },
	{ TABLE_LIMIT,	STORE_HOT,	"limit",	1, 1 },
	{ TABLE_UPKEY,	STORE_HOT,	"upkey",	1, 1 },
	{ TABLE_ADDR,	STORE_HOT,	"addr",		1, 1 },
	{ TABLE_MODELS,	STORE_HOT,	"models",	1, 1 },
	{ TABLE_PROC,	STORE_HOT,	"proc",		1, 1 },
	{ TABLE_SPOOL,	STORE_HOT,	"spool",	1, 1 },
	{ TABLE_META,	STORE_LEDGER,	"meta",		1, 1 },
	{ TABLE_KEY,	STORE_LEDGER,	"key",		1, 1 },
	{ TABLE_KEY_ID,	STORE_LEDGER,	"key_id",	1, 1 },
	{ TABLE_KEY_NAME, STORE_LEDGER,	"key_name",	1, 1 },
	{ TABLE_TOTAL,	STORE_LEDGER,	"total",	1, 1 },
	{ TABLE_KEY_TOTAL, STORE_LEDGER, "key_total",	1, 1 },
	{ TABLE_APPLIED, STORE_LEDGER,	"applied",	1, 1 },
	{ TABLE_CHECKPOINT, STORE_LEDGER, "checkpoint",	1, 1 },
	{ TABLE_SESSION, STORE_LEDGER,	"session",	1, 0 },
};

struct number {
	struct rec_head	 head;
	uint64_t	 v;
};

static int
get(struct db *d, unsigned char kind, unsigned char id, uint64_t *v)
{
	struct db_key k;
	struct number n;
	struct str val;
	int rc;

	db_key(&k, TABLE_META);
	db_key_u8(&k, kind);
	db_key_u8(&k, id);
	if ((rc = db_get(d, &k, &val)) != 0)
		return rc;
	if (val.n != sizeof(n))
		return ERR_CORRUPT;
	if ((rc = rec_check(val.p, val.n, META_VERSION)) != 0)
		return rc;
	memcpy(&n, val.p, sizeof(n));
	*v = n.v;
	return 0;
}

static int
put(struct db *d, unsigned char kind, unsigned char id, uint64_t v)
{
	struct db_key k;
	struct number n = { .v = v };

	db_key(&k, TABLE_META);
	db_key_u8(&k, kind);
	db_key_u8(&k, id);
	rec_seal(&n, sizeof(n), META_VERSION);
	return db_put(d, &k, &n, sizeof(n));
}

static int
check_one(struct db *d, const struct table *t, char *err, size_t errsize)
{
	uint64_t v;
	int rc;

	rc = get(d, META_TABLES, t->id, &v);
	if (rc == ERR_NOTFOUND && t->oldest == 0)
		return rc;
	if (rc == 0 && (v > t->version || v < t->oldest)) {
		snprintf(err, errsize, "table %s has version %llu, this "
		    "program reads %u to %u", t->name, (unsigned long long)v,
		    t->oldest, t->version);
		return ERR_VERSION;
	}
	if (rc != 0)
		snprintf(err, errsize, "table %s: %s", t->name, err_str(rc));
	return rc;
}

int
schema_check(struct db *d, enum schema_store s, char *err, size_t errsize)
{
	size_t i;
	int rc;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].store != s)
			continue;
		rc = check_one(d, &tables[i], err, errsize);
		if (rc == ERR_NOTFOUND)
			rc = tables[i].oldest == 0 ? 0 : ERR_VERSION;
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
schema_create(struct db *d, enum schema_store s, char *err, size_t errsize)
{
	size_t i;
	int rc;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].store != s)
			continue;
		rc = check_one(d, &tables[i], err, errsize);
		if (rc == ERR_NOTFOUND)
			rc = put(d, META_TABLES, tables[i].id,
			    tables[i].version);
		if (rc != 0)
			return rc;
	}
	return 0;
}

const char *
schema_name(enum schema_store s, unsigned char table)
{
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i].store == s && tables[i].id == table)
			return tables[i].name;
	return NULL;
}

int
schema_meta_get(struct db *d, enum schema_meta m, uint64_t *v)
{
	int rc = get(d, META_NUMBERS, (unsigned char)m, v);

	if (rc == ERR_NOTFOUND)
		*v = 0;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

int
schema_meta_put(struct db *d, enum schema_meta m, uint64_t v)
{
	return put(d, META_NUMBERS, (unsigned char)m, v);
}

int
schema_meta_bump(struct db *d, enum schema_meta m)
{
	uint64_t v;
	int rc;

	if ((rc = schema_meta_get(d, m, &v)) != 0)
		return rc;
	return schema_meta_put(d, m, v + 1);
}
