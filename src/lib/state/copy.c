/*
 * copy.c - copies of the ledger, and the note that it was closed in order.
 *
 * Runs in: aigwctl (copies); recorder and prepare (the note).
 * Owns: state_dir/ledger.clean.
 *
 * The note names the last transaction: it is true as long as the ledger still
 * ends with that one, so nobody has to take it away.
 */
#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "state/state_priv.h"

#define NOTE		"ledger.clean"
#define IDS_APART	(1u << 20)

const char *
state_full_why(const struct state *st)
{
	return db_full_why(st->ledger);
}

uint64_t
state_last_txn(struct state *st)
{
	return db_last_txn(st->ledger);
}

int
state_note_clean(const char *state_dir, uint64_t txn)
{
	char path[PATH_MAX], text[32];
	int n = snprintf(text, sizeof(text), "%llu\n",
	    (unsigned long long)txn);

	state_path(path, state_dir, NOTE);
	return fd_write_file(path, text, (size_t)n, 0600);
}

int
state_was_clean(const char *state_dir, uint64_t txn)
{
	char path[PATH_MAX];
	struct str rest, line;
	struct buf b;
	uint64_t n = 0;
	int clean;

	state_path(path, state_dir, NOTE);
	buf_init(&b, 64);
	clean = fd_read_file(path, &b) == 0;
	rest = buf_str(&b);
	clean = clean && str_split(&rest, '\n', &line) &&
	    num_u64(line, &n) == 0 && n == txn;
	buf_free(&b);
	return clean;
}

int
state_copy(const char *dir, int fd, char *err, size_t errsize)
{
	struct db_opts o = { .name = "ledger", .dir = dir, .durable = 1,
	    .readonly = 1, .map_size = STATE_LEDGER_MAX };
	struct db *d;
	int rc;

	if ((rc = db_open(&o, &d, err, errsize)) != 0)
		return rc;
	if ((rc = schema_check(d, STORE_LEDGER, err, errsize)) == 0)
		rc = db_copy(d, fd, err, errsize);
	db_close(&d);
	return rc;
}

/*
 * Keys that were made after the copy are gone from it, but hot may know their
 * numbers still: those are not given again.
 */
int
state_copy_adopt(const char *path, char *err, size_t errsize)
{
	struct db_opts o = { .name = "ledger", .dir = path, .durable = 1,
	    .lone = 1, .map_size = STATE_LEDGER_MAX };
	struct db *d;
	uint64_t id;
	int rc;

	if ((rc = db_open(&o, &d, err, errsize)) != 0)
		return rc;
	if ((rc = db_begin(d)) == 0 &&
	    (rc = schema_meta_get(d, META_KEY_ID, &id)) == 0 &&
	    (rc = schema_meta_put(d, META_KEY_ID, id + IDS_APART)) == 0)
		rc = db_commit(d);
	if (rc != 0)
		snprintf(err, errsize, "%s: %s", path, err_str(rc));
	db_close(&d);
	return rc;
}
