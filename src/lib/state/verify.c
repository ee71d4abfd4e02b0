/*
 * verify.c - walk every record of the ledger.
 *
 * Runs in: tests; made for a throw-away child, since a damaged file may end it.
 * Owns: nothing.
 */
#include <limits.h>
#include <stdio.h>

#include "base/err.h"
#include "state/key_pack.h"
#include "state/rec.h"
#include "state/state_priv.h"

#define LINK_SIZE	(sizeof(struct rec_head) + 32)

/* A link must lead to a key that exists. */
static int
check_link(struct db *d, struct str val)
{
	struct db_key k;
	struct str to;

	db_key(&k, TABLE_KEY);
	db_key_bytes(&k, val.p + sizeof(struct rec_head), 32);
	return db_get(d, &k, &to) == 0 && to.n != LINK_SIZE ? 0 :
	    ERR_CORRUPT;
}

/* The versions inside differ per table; the checksum is common to all. */
static int
check_record(struct db *d, struct str key, struct str val)
{
	struct key_rec r;
	struct rec_head h;
	unsigned char table = (unsigned char)key.p[0];
	int rc;

	if (schema_name(STORE_LEDGER, table) == NULL)
		return ERR_VERSION;
	if (val.n < sizeof(h))
		return ERR_CORRUPT;
	memcpy(&h, val.p, sizeof(h));
	if ((rc = rec_check(val.p, val.n, h.version)) != 0)
		return rc;
	switch (table) {
	case TABLE_KEY:
		return val.n == LINK_SIZE ? check_link(d, val) :
		    key_unpack(val, &r);
	case TABLE_KEY_ID:
	case TABLE_KEY_NAME:
		return val.n == LINK_SIZE ? check_link(d, val) : ERR_CORRUPT;
	}
	return 0;
}

static int
walk(struct db *d, uint64_t *records, char *err, size_t errsize)
{
	struct db_key all = { .n = 0 };
	struct db_walk w;
	struct str key, val;
	const char *name;
	int rc, bad = 0;

	all.n = 0;
	if ((rc = db_walk(d, &w, &all, NULL)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0) {
		(*records)++;
		if ((bad = check_record(d, key, val)) == 0)
			continue;
		name = schema_name(STORE_LEDGER, (unsigned char)key.p[0]);
		snprintf(err, errsize, "ledger, table %s, record %llu: %s",
		    name != NULL ? name : "unknown",
		    (unsigned long long)*records, err_str(bad));
		break;
	}
	db_walk_end(&w);
	return bad != 0 ? bad : rc == ERR_NOTFOUND ? 0 : rc;
}

int
state_verify(const char *state_dir, uint64_t ledger_max, uint64_t *records,
    char *err, size_t errsize)
{
	char dir[PATH_MAX];
	struct db_opts o = { .name = "ledger", .dir = dir, .durable = 1,
	    .readonly = 1,
	    .map_size = ledger_max != 0 ? ledger_max : STATE_LEDGER_MAX };
	struct db *d;
	int rc;

	*records = 0;
	err[0] = '\0';
	state_path(dir, state_dir, "ledger");
	if ((rc = db_open(&o, &d, err, errsize)) != 0)
		return rc;
	if ((rc = schema_check(d, STORE_LEDGER, err, errsize)) == 0)
		rc = walk(d, records, err, errsize);
	if (rc != 0 && err[0] == '\0')
		snprintf(err, errsize, "%s: %s", dir, err_str(rc));
	db_close(&d);
	return rc;
}
