/*
 * prepare.c - the throw-away child that makes the stores.
 *
 * Runs in: a child of its own, before all others.
 * Owns: nothing.
 *
 * The master opens no database, and a damaged file may kill whoever reads
 * it: so a process that nobody will miss does it first.
 */
#include "base/err.h"
#include "base/log.h"
#include "proc/prepare.h"
#include "proc/store.h"

static int
prepare_start(struct child *c)
{
	struct state_opts o = store_opts(c);
	char err[256] = "";
	int rc = state_prepare(&o, err, sizeof(err));

	if (rc != 0) {
		log_error("stores: %s: %s", err_str(rc), err);
		return rc;
	}
	child_ready(c);
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
