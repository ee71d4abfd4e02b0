/*
 * usage.c - the settle act, and the move of usage records to the ledger.
 *
 * Runs in: worker (settle), recorder (drain).
 * Owns: nothing; records are spool.c's, sums totals.c's.
 *
 * A record leaves the spool only after the ledger has it, durably and with
 * its (epoch, sequence) in the same transaction: a drain that is killed at any
 * instant is simply done again.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/totals.h"

#define DRAIN_MAX	(64u << 20)	/* bytes copied out at once */

int
usage_settle(struct state *st, struct act *act)
{
	struct act_settle *a = (struct act_settle *)act;
	int rc;

	a->a.rc = 0;
	if ((rc = spool_append(st, &a->rec)) != 0)
		return rc;
	board_add(CTR_spool_written, 1);
	return window_settle(st, a->rec.key_id, a->rec.input + a->rec.output,
	    a->boot_us != 0 ? a->boot_us : clock_boot_us(), a->release);
}

/* One ledger transaction over the copied records: *last, and the code. */
static int
apply(struct state *st, struct str recs, uint64_t *applied, uint64_t *last)
{
	struct usage_rec r;
	struct str rec;
	uint64_t seq;
	int rc;

	if ((rc = totals_applied(st, st->epoch, applied)) != 0)
		return rc;
	*last = *applied;
	totals_begin();
	while (spool_next(&recs, &seq, &rec)) {
		if (seq <= *last)
			continue;
		*last = seq;
		if ((rc = spool_unpack(rec, &r)) != 0) {
			log_error("usage record %llu of epoch %llu is lost: "
			    "%s", (unsigned long long)seq,
			    (unsigned long long)st->epoch, err_str(rc));
			continue;
		}
		if ((rc = totals_add(st, &r)) != 0)
			return rc;
	}
	if ((rc = totals_end(st)) != 0 || *last == *applied)
		return rc;
	return totals_set_applied(st, st->epoch, *last);
}

/* Tell each of the records that were new. */
static unsigned
report(struct state *st, struct str recs, uint64_t applied,
    void (*each)(void *arg, const struct usage_rec *rec), void *arg)
{
	struct usage_rec r;
	struct str rec;
	uint64_t seq;
	unsigned n = 0;

	while (spool_next(&recs, &seq, &rec)) {
		if (seq <= applied)
			continue;
		n++;
		if (each == NULL || spool_unpack(rec, &r) != 0)
			continue;
		r.epoch = st->epoch;
		r.seq = seq;
		each(arg, &r);
	}
	return n;
}

static int
commit(struct state *st, struct str recs, uint64_t *applied, uint64_t *last)
{
	int rc;

	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((rc = apply(st, recs, applied, last)) != 0) {
		db_abort(st->ledger);
		return rc;
	}
	return db_commit(st->ledger);
}

int
usage_drain(struct state *st, unsigned max,
    void (*each)(void *arg, const struct usage_rec *rec), void *arg)
{
	struct buf b;
	uint64_t applied, last;
	struct str recs;
	unsigned moved = 0;
	int rc;

	buf_init(&b, DRAIN_MAX);
	rc = spool_read(st, 0, max, &b);
	db_rest(st->hot);
	if (rc <= 0)
		goto out;
	FAULT_POINT(spool_read);
	recs = buf_str(&b);
	if ((rc = commit(st, recs, &applied, &last)) != 0)
		goto out;
	moved = report(st, recs, applied, each, arg);
	/* Up to here all are in the ledger, whoever put them there. */
	FAULT_POINT(spool_delete);
	rc = spool_delete(st, last);
	FAULT_POINT(spool_deleted);
	db_make_ballast(st->hot);
	db_make_ballast(st->ledger);
out:
	buf_free(&b);
	return rc < 0 ? rc : (int)moved;
}

void
usage_spool_size(struct state *st, uint64_t *records, uint64_t *bytes)
{
	if (spool_size(st, records, bytes) != 0)
		*records = *bytes = 0;
}
