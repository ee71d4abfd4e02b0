/*
 * prepare.c - the throw-away child that makes the stores.
 *
 * Runs in: a child of its own, before all others.
 * Owns: nothing.
 *
 * The master opens no database, and a damaged file may kill whoever reads
 * it: so a process that nobody will miss looks first, and only after that the
 * stores are opened. The whole ledger is walked when the machine stopped while
 * the gateway ran. A kill of the gateway alone is harmless: what it had
 * written is in the kernel's memory, and LMDB needs no more.
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "proc/apart.h"
#include "proc/prepare.h"
#include "proc/store.h"

#define TELL_US		(5 * CLOCK_US_S)

struct prepare {
	struct child	*c;
	int64_t		 told_us;
};

/* It is slow, not hanging: the master must see that. */
static void
on_progress(void *arg, uint64_t records)
{
	struct prepare *p = arg;
	int64_t now = clock_mono_us();

	p->c->slot->heartbeat_us = now;
	if (now - p->told_us < TELL_US)
		return;
	p->told_us = now;
	log_notice("the ledger is being verified: %llu records so far",
	    (unsigned long long)records);
}

static void
complain(const struct state_check *k, int rc)
{
	if (rc == ERR_CORRUPT)
		log_error("the ledger %s/data.mdb is damaged: %s. It is left "
		    "as it is and the gateway does not start: bring a backup "
		    "back with \"aigwctl restore FILE\", or move the file "
		    "away to begin with an empty ledger", k->path, k->err);
	else if (rc == ERR_VERSION)
		log_error("the ledger %s/data.mdb was written by another "
		    "version: %s. It is left as it is: start the version "
		    "that wrote it, or bring a backup back with \"aigwctl "
		    "restore FILE\"", k->path, k->err);
	else
		log_error("the ledger %s/data.mdb cannot be read: %s: %s",
		    k->path, err_str(rc), k->err);
}

static int
check_ledger(struct child *c, const struct state_opts *o)
{
	struct prepare p = { c, clock_mono_us() };
	char dir[PATH_MAX], file[PATH_MAX + 10];
	struct state_check k = { .path = dir, .map_max = o->ledger_max,
	    .clean_dir = o->state_dir, .progress = on_progress, .arg = &p };
	int64_t begin = clock_mono_us();
	int rc;

	snprintf(dir, sizeof(dir), "%s/ledger", o->state_dir);
	snprintf(file, sizeof(file), "%s/data.mdb", dir);
	if (access(file, F_OK) != 0)
		return 0;
	k.shallow = state_same_boot(o->run_dir);
	rc = apart_check(&k, 0);
	if (rc != 0) {
		complain(&k, rc);
		return rc;
	}
	if (k.walked && state_note_clean(o->state_dir, k.txn) != 0)
		log_warne("%s/ledger.clean cannot be written", o->state_dir);
	if (k.walked)
		log_notice("the gateway was not stopped in order before the "
		    "machine was: the ledger was verified, %llu records in "
		    "%.1f s, all sound", (unsigned long long)k.records,
		    (double)(clock_mono_us() - begin) / 1e6);
	return 0;
}

static int
prepare_start(struct child *c)
{
	struct state_opts o = store_opts(c);
	char err[256] = "";
	int rc;

	if ((rc = check_ledger(c, &o)) != 0)
		return rc;
	if ((rc = state_prepare(&o, err, sizeof(err))) != 0) {
		log_error("stores: %s: %s", err_str(rc), err);
		return rc;
	}
	child_drained(c);
	return 0;
}

static void
prepare_drain(struct child *c, int64_t timeout_us)
{
	child_drained(c);
}

const struct child_role prepare_role = {
	.role = BOARD_RECORDER,
	.name = "prepare",
	.start = prepare_start,
	.drain = prepare_drain,
};
