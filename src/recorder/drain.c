/*
 * drain.c - usage records from the spool in hot to the ledger.
 *
 * Runs in: recorder.
 * Owns: the flush timer.
 *
 * A slice is one durable commit of at most DRAIN_SLICE records; between two
 * slices the loop turns, so that the master's word is heard. When the ledger
 * refuses (disk full) the records stay in hot, workers go on until
 * ledger.spool_max, and each further try waits a little longer.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "recorder/drain.h"
#include "state/checkpoint.h"

#define DRAIN_SLICE	4096
#define DRAIN_LOOK_US	100000		/* how often the size is looked at */
#define DRAIN_MIN_US	10000
#define DRAIN_RECORDS	8192		/* this many do not wait for flush */
#define DRAIN_RETRY_MAX	500000		/* space may be back at any moment */
#define DRAIN_TELL_US	(60 * CLOCK_US_S)
#define DRAIN_LAST_US	(5 * CLOCK_US_S)

struct drain {
	struct child	*c;
	struct state	*st;
	struct ev_timer	 timer;
	struct ev_task	 task;
	int64_t		 flushed_us;	/* when the last slice was begun */
	int64_t		 retry_us;	/* 0: the last slice worked */
	int64_t		 refused_us, told_us;	/* since when; last said */
	int		 last;		/* 1: finishing; 2: and limits seen */
	int64_t		 give_up_us;	/* then finish without */
};

static struct log_limit unsaved_lines = { 1 };

static void drain_slice(void *arg);
static void drain_look(void *arg);

struct drain *
drain_new(struct child *c, struct state *st)
{
	struct drain *d = xcalloc(1, sizeof(*d));

	d->c = c;
	d->st = st;
	return d;
}

/* Between two slices. What was recorded is in the ledger before flush is over:
 * a tenth of that is for the commit. */
static int64_t
drain_pause(const struct drain *d)
{
	int64_t flush = d->c->conf->ledger.flush;

	return flush - flush / 10;
}

static void
drain_wait(struct drain *d, int64_t us)
{
	if (us > DRAIN_LOOK_US)
		us = DRAIN_LOOK_US;
	if (us < DRAIN_MIN_US)
		us = DRAIN_MIN_US;
	ev_timer_set(d->c->loop, &d->timer, us, drain_look, d);
}

/* Room for the call log: sees every record once. */
static void
drain_each(void *arg, const struct usage_rec *rec)
{
	(void)arg;
	(void)rec;
}

static void
drain_gauge(struct drain *d, uint64_t *records, uint64_t *bytes)
{
	usage_spool_size(d->st, records, bytes);
	board_set(CTR_spool_bytes, *bytes);
}

static void
drain_refused(struct drain *d, int rc)
{
	int64_t now = ev_now_us(d->c->loop);
	const char *why = rc == ERR_FULL ? state_full_why(d->st) :
	    err_str(rc);
	uint64_t records, bytes;

	drain_gauge(d, &records, &bytes);
	board_set(CTR_ledger_refusing, 1);
	if (d->retry_us == 0) {
		d->refused_us = d->told_us = now;
		log_error("ledger refuses usage records: %s; they stay in "
		    "the spool and are tried again", why);
	} else if (now - d->told_us > DRAIN_TELL_US) {
		d->told_us = now;
		log_error("ledger refuses usage records for %lld s now: %s; "
		    "%llu wait in the spool", (long long)(now -
		    d->refused_us) / CLOCK_US_S, why,
		    (unsigned long long)records);
	}
	d->retry_us = d->retry_us == 0 ? DRAIN_LOOK_US : d->retry_us * 2;
	if (d->retry_us > DRAIN_RETRY_MAX)
		d->retry_us = DRAIN_RETRY_MAX;
	if (d->last && now + d->retry_us > d->give_up_us) {
		log_warn("leaving with usage records in the spool; the next "
		    "recorder moves them");
		child_drained(d->c);
		return;
	}
	ev_timer_set(d->c->loop, &d->timer, d->retry_us, drain_slice, d);
}

/* What of the limits must survive a boot goes with the records: 1 when not all
 * has been looked at. At the end all is, once. */
static int
drain_checkpoint(struct drain *d)
{
	int rc = checkpoint_look(d->st, clock_boot_us(), clock_real_us(),
	    d->last == 1);

	if (d->last)
		d->last = 2;
	if (rc < 0 && log_allow(&unsaved_lines))
		log_error("limits cannot be saved: %s", err_str(rc));
	return rc > 0;
}

static void
drain_slice(void *arg)
{
	struct drain *d = arg;
	int64_t begun = ev_now_us(d->c->loop);
	uint64_t records, bytes;
	int rc, more = drain_checkpoint(d);

	rc = usage_drain(d->st, DRAIN_SLICE, drain_each, d);
	if (rc < 0) {
		drain_refused(d, rc);
		return;
	}
	if (d->retry_us != 0)
		log_notice("ledger takes usage records again");
	board_set(CTR_ledger_refusing, 0);
	d->retry_us = 0;
	board_add(CTR_spool_drained, (uint64_t)rc);
	drain_gauge(d, &records, &bytes);
	if (rc == DRAIN_SLICE || (d->last && (rc > 0 || more))) {
		ev_defer(d->c->loop, &d->task, drain_slice, d);
		return;
	}
	d->flushed_us = begun;
	if (d->last)
		child_drained(d->c);
	else
		drain_wait(d, drain_pause(d));
}

/* Time to flush, or enough waiting to do it at once? */
static void
drain_look(void *arg)
{
	struct drain *d = arg;
	uint64_t records, bytes, max = d->c->conf->ledger.spool_max;
	int64_t left = d->flushed_us + drain_pause(d) -
	    ev_now_us(d->c->loop);

	drain_gauge(d, &records, &bytes);
	if (left <= 0 || records >= DRAIN_RECORDS ||
	    (max > 0 && bytes > max / 4)) {
		drain_slice(d);
		return;
	}
	drain_wait(d, left);
}

void
drain_run(struct drain *d)
{
	if (d->last)
		return;
	ev_timer_set(d->c->loop, &d->timer, 0, drain_slice, d);
}

void
drain_last(struct drain *d, int64_t timeout_us)
{
	if (d->last)
		return;
	d->last = 1;
	d->give_up_us = ev_now_us(d->c->loop) +
	    (timeout_us < DRAIN_LAST_US ? timeout_us : DRAIN_LAST_US);
	ev_timer_set(d->c->loop, &d->timer, 0, drain_slice, d);
}
