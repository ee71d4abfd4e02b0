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
#include "state/alive.h"
#include "state/checkpoint.h"
#include "state/open.h"
#include "state/sessions.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/totals.h"

#define DRAIN_MAX	(64u << 20)	/* bytes copied out at once */
#define WRITERS		1024		/* processes whose records it has */

int
usage_settle(struct state *st, struct act *act)
{
	struct act_settle *a = (struct act_settle *)act;
	int rc;

	a->a.rc = 0;
	if ((rc = spool_append(st, &a->rec)) != 0)
		return rc;
	if (a->open != NULL)
		open_mark(a->open, a->rec.seq);
	return window_settle(st, a->rec.key_id, a->rec.input + a->rec.output,
	    a->boot_us != 0 ? a->boot_us : clock_boot_us(), a->release,
	    a->reserved);
}

/*
 * When it is not known whether the transaction came through the mark stays:
 * the spool tells who comes after us.
 */
void
usage_settled(struct state *st, struct act *act, int rc)
{
	struct act_settle *a = (struct act_settle *)act;

	if (rc == 0)		/* once, however often it was tried */
		board_add(CTR_spool_written, 1);
	if (a->open == NULL)
		return;
	if (rc == 0)
		open_end(st, &a->open);
	else if (state_fatal(st) == 0)
		open_mark(a->open, 0);
}

/* --- to the ledger ------------------------------------------------------ */

/* The writers of the records of one drain. */
static struct writers {
	struct {
		uint64_t	 incarnation, seq;	/* of his last one */
	} v[WRITERS];
	unsigned	 n;
	uint64_t	 last;		/* sequence of the last record */
} writers;

static void
note_writer(uint64_t incarnation, uint64_t seq)
{
	unsigned i;

	for (i = 0; i < writers.n; i++)
		if (writers.v[i].incarnation == incarnation) {
			writers.v[i].seq = seq;
			return;
		}
	if (writers.n == WRITERS) {
		log_error("more than %d processes wrote usage", WRITERS);
		return;
	}
	writers.v[writers.n].incarnation = incarnation;
	writers.v[writers.n++].seq = seq;
}

/* In the transaction that takes their records from the spool: what was there,
 * so that it is known when they are dead. */
static int
note_writers(struct state *st)
{
	unsigned i;
	int rc;

	for (i = 0; i < writers.n; i++)
		if ((rc = alive_set_drained(st, writers.v[i].incarnation,
		    writers.v[i].seq)) != 0)
			return rc;
	return 0;
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
	writers.n = 0;
	while (spool_next(&recs, &seq, &rec)) {
		writers.last = seq;
		rc = spool_unpack(rec, &r);
		if (rc == 0)
			note_writer(r.writer, seq);
		if (seq <= *last)
			continue;
		*last = seq;
		if (rc != 0) {
			log_error("usage record %llu of epoch %llu is lost: "
			    "%s", (unsigned long long)seq,
			    (unsigned long long)st->epoch, err_str(rc));
			continue;
		}
		if ((rc = totals_add(st, &r)) != 0 ||
		    (rc = sessions_add(st, &r)) != 0)
			return rc;
	}
	if ((rc = totals_end(st)) != 0 ||
	    (rc = checkpoint_write(st)) != 0 || *last == *applied)
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

	if (db_tight(st->ledger))
		return ERR_FULL;
	if ((rc = db_begin(st->ledger)) != 0)
		return rc;
	if ((rc = apply(st, recs, applied, last)) != 0) {
		db_abort(st->ledger);
		return rc;
	}
	return db_commit(st->ledger);
}

/* How many were new, or a code; *more: others may be behind. */
static int
drain_once(struct state *st, unsigned max, struct buf *b, int *more,
    void (*each)(void *arg, const struct usage_rec *rec), void *arg)
{
	uint64_t applied, last;
	struct str recs;
	int rc = spool_read(st, 0, max, b), moved;

	db_rest(st->hot);
	*more = 0;
	if (rc < 0 || (rc == 0 && !checkpoint_waiting(st)))
		return rc;
	FAULT_POINT(spool_read);
	recs = buf_str(b);
	rc = commit(st, recs, &applied, &last);
	checkpoint_done(st, rc == 0);
	if (rc != 0 || recs.n == 0)
		return rc;
	moved = (int)report(st, recs, applied, each, arg);
	/*
	 * Up to here all are in the ledger, whoever put them there. Those that
	 * we have not read stay: their writers are not known.
	 */
	if (last > writers.last)
		last = writers.last;
	*more = moved == 0;
	FAULT_POINT(spool_delete);
	rc = spool_delete(st, last, note_writers);
	FAULT_POINT(spool_deleted);
	return rc < 0 ? rc : moved;
}

int
usage_drain(struct state *st, unsigned max,
    void (*each)(void *arg, const struct usage_rec *rec), void *arg)
{
	struct buf b;
	int rc, more;

	buf_init(&b, DRAIN_MAX);
	do {
		buf_reset(&b);
		rc = drain_once(st, max, &b, &more, each, arg);
	} while (rc == 0 && more);
	if (rc > 0) {
		db_make_ballast(st->hot);
		db_make_ballast(st->ledger);
	}
	buf_free(&b);
	return rc;
}

void
usage_spool_size(struct state *st, uint64_t *records, uint64_t *bytes)
{
	if (spool_size(st, records, bytes) != 0)
		*records = *bytes = 0;
}
