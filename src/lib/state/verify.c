/*
 * verify.c - is this ledger sound? Every page, every record.
 *
 * Runs in: throw-away processes (proc/apart.h), since a damaged file may end
 * the one that reads it; tests.
 * Owns: nothing.
 */
#include <limits.h>
#include <stdio.h>

#include "base/err.h"
#include "state/checkpoint.h"
#include "state/key_pack.h"
#include "state/rec.h"
#include "state/sessions.h"
#include "state/state_priv.h"
#include "state/totals.h"

#define LINK_SIZE	(sizeof(struct rec_head) + 32)
#define TELL_EVERY	16384	/* records between two calls of progress */

struct verify {
	struct db	*d;
	struct state_check *c;
};

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

/* What is counted for the one who asked, and checks of single tables. */
static int
check_table(struct verify *v, unsigned char table, struct str key,
    struct str val)
{
	struct key_rec r;
	uint64_t n;
	int rc;

	switch (table) {
	case TABLE_KEY:
		if (val.n == LINK_SIZE)
			return check_link(v->d, val);
		if ((rc = key_unpack(val, &r)) != 0)
			return rc;
		v->c->keys++;
		return 0;
	case TABLE_KEY_ID:
	case TABLE_KEY_NAME:
		return val.n == LINK_SIZE ? check_link(v->d, val) :
		    ERR_CORRUPT;
	case TABLE_CHECKPOINT:
		return checkpoint_check(val);
	case TABLE_SESSION:
		return sessions_check(key, val);
	case TABLE_TOTAL:
		if ((rc = totals_check(val, &n)) != 0)
			return rc;
		v->c->requests += n;
		return 0;
	case TABLE_KEY_TOTAL:
		return totals_check(val, &n);
	case TABLE_APPLIED:
		return totals_check_applied(val);
	}
	return 0;
}

/* The versions inside differ per table; the checksum is common to all. */
static int
check_record(struct verify *v, struct str key, struct str val)
{
	struct rec_head h;
	unsigned char table = key.n > 0 ? (unsigned char)key.p[0] : 0;
	int rc;

	if (schema_name(STORE_LEDGER, table) == NULL)
		return ERR_VERSION;
	if (val.n < sizeof(h))
		return ERR_CORRUPT;
	memcpy(&h, val.p, sizeof(h));
	if ((rc = rec_check(val.p, val.n, h.version)) != 0)
		return rc;
	return check_table(v, table, key, val);
}

static int
each(void *arg, struct str key, struct str val)
{
	struct verify *v = arg;
	struct state_check *c = v->c;
	const char *name;
	int rc = check_record(v, key, val);

	c->records++;
	if (c->progress != NULL && c->records % TELL_EVERY == 0)
		c->progress(c->arg, c->records);
	if (rc == 0)
		return 0;
	name = key.n == 0 ? NULL : schema_name(STORE_LEDGER,
	    (unsigned char)key.p[0]);
	if (rc == ERR_VERSION && name == NULL)
		snprintf(c->err, sizeof(c->err), "record %llu is of an "
		    "unknown table: a newer program wrote it, or it is "
		    "damaged", (unsigned long long)c->records);
	else
		snprintf(c->err, sizeof(c->err), "table %s, record %llu: %s",
		    name != NULL ? name : "unknown",
		    (unsigned long long)c->records, err_str(rc));
	return rc;
}

static int
check_open(struct state_check *c, struct db *d)
{
	struct verify v = { d, c };
	struct db_audit a;
	char err[sizeof(c->err)];
	int rc;

	if ((rc = schema_check(d, STORE_LEDGER, c->err, sizeof(c->err))) != 0)
		return rc;
	c->walked = !c->shallow && (c->clean_dir == NULL ||
	    !state_was_clean(c->clean_dir, db_last_txn(d)));
	rc = db_audit(d, &a, c->walked ? each : NULL, &v, err, sizeof(err));
	c->txn = a.txn;
	c->sum = a.sum;
	if (rc != 0 && c->err[0] == '\0')
		snprintf(c->err, sizeof(c->err), "%s", err);
	return rc;
}

int
state_check(struct state_check *c)
{
	struct db_opts o = { .name = "ledger", .dir = c->path, .durable = 1,
	    .readonly = 1, .lone = c->lone,
	    .map_size = c->map_max != 0 ? c->map_max : STATE_LEDGER_MAX };
	struct db *d;
	int rc;

	c->records = c->keys = c->requests = c->txn = 0;
	c->sum = 0;
	c->walked = 0;
	c->err[0] = '\0';
	if ((rc = db_open(&o, &d, c->err, sizeof(c->err))) != 0)
		return rc;
	rc = check_open(c, d);
	if (rc != 0 && c->err[0] == '\0')
		snprintf(c->err, sizeof(c->err), "%s", err_str(rc));
	db_close(&d);
	return rc;
}

int
state_verify(const char *state_dir, uint64_t ledger_max, uint64_t *records,
    char *err, size_t errsize)
{
	char dir[PATH_MAX];
	struct state_check c = { .path = dir, .map_max = ledger_max };
	int rc;

	state_path(dir, state_dir, "ledger");
	rc = state_check(&c);
	*records = c.records;
	snprintf(err, errsize, "%s", c.err);
	return rc;
}
