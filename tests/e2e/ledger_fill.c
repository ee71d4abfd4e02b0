/*
 * ledger_fill.c - put many sums into the ledger of a gateway that is stopped.
 *
 * Runs in: end-to-end tests; never installed.
 * Owns: nothing.
 *
 * ledger_fill STATE_DIR N: N models with one request each on one of the last
 * 28 days, each of a session of its own; model I had I tokens and cost I
 * micro-dollars.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "state/sessions.h"
#include "state/state_priv.h"
#include "state/totals.h"

#define TOGETHER 10000		/* in one transaction */

static int
put(struct state *st, uint64_t from, uint64_t to)
{
	struct usage_rec r;
	char model[32], session[32];
	int rc;

	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	totals_begin();
	for (; from < to; from++) {
		snprintf(model, sizeof(model), "model-%06llu",
		    (unsigned long long)from);
		snprintf(session, sizeof(session), "session-%06llu",
		    (unsigned long long)from);
		memset(&r, 0, sizeof(r));
		r.real_us = clock_real_us() - (int64_t)(from % 28) * 86400 *
		    CLOCK_US_S;
		r.key_name = STR("k");
		r.provider = STR("p1");
		r.group = STR("");
		r.model = str_of(model);
		r.session = str_of(session);
		r.output = from;
		r.cost = (int64_t)from * 1000000;
		if ((rc = totals_add(st, &r)) != 0 ||
		    (rc = sessions_add(st, &r)) != 0)
			break;
	}
	if (rc == 0)
		rc = totals_end(st);
	if (rc == 0)
		return db_commit(st->ledger);
	db_abort(st->ledger);
	return rc;
}

int
main(int argc, char **argv)
{
	struct state st = { .queued = 0 };
	char path[PATH_MAX], err[512] = "";
	struct db_opts o = { .name = "ledger", .dir = path,
	    .map_size = STATE_LEDGER_MAX, .durable = 1 };
	uint64_t n, i;
	int rc;

	if (argc != 3 || num_u64(str_of(argv[2]), &n) != 0) {
		fputs("usage: ledger_fill STATE_DIR N\n", stderr);
		return 2;
	}
	state_path(path, argv[1], "ledger");
	rc = db_open(&o, &st.ledger, err, sizeof(err));
	for (i = 0; rc == 0 && i < n; i += TOGETHER)
		rc = put(&st, i, i + TOGETHER < n ? i + TOGETHER : n);
	if (rc != 0)
		fprintf(stderr, "ledger_fill: %s %s\n", err_str(rc), err);
	db_close(&st.ledger);
	return rc != 0;
}
