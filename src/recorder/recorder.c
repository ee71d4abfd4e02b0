/*
 * recorder.c - the recorder: usage to the ledger, places of the dead.
 *
 * Runs in: recorder.
 * Owns: its store and the lock that makes it the only one at work.
 *
 * Two recorders may live for a moment (reload, upgrade); the one without the
 * lock does nothing but clean up after dead siblings of its own master. A
 * record is moved once even so, because the ledger remembers the last
 * (epoch, sequence) it has applied.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "proc/solo.h"
#include "proc/store.h"
#include "recorder/drain.h"
#include "recorder/recorder.h"
#include "recorder/sweep.h"

#define RECORDER_SWEEP_US	(5 * CLOCK_US_S)

struct recorder {
	struct child	*c;
	struct state	*st;
	struct drain	*drain;
	struct solo	 solo;
	struct ev_timer	 sweep;
};

/*
 * Workers of another master: it may have had no recorder left to tell of
 * their death.
 */
static void
recorder_sweep(void *arg)
{
	struct recorder *r = arg;
	int rc = state_sweep(r->st);

	if (rc < 0)
		log_error("cleaning up after the dead failed: %s",
		    err_str(rc));
	ev_timer_set(r->c->loop, &r->sweep, RECORDER_SWEEP_US,
	    recorder_sweep, r);
}

static void
recorder_work(void *arg)
{
	struct recorder *r = arg;

	log_info("at work");
	recorder_sweep(r);
	drain_run(r->drain);
	sweep_start(r->c, r->st);
}

static int
recorder_start(struct child *c)
{
	struct recorder *r = xcalloc(1, sizeof(*r));
	int rc;

	c->data = r;
	r->c = c;
	r->solo.fd = -1;
	if ((rc = store_open(c, &r->st)) != 0)
		return rc;
	r->drain = drain_new(c, r->st);
	rc = solo_start(&r->solo, c->loop, c->conf->run_dir, "recorder",
	    recorder_work, r);
	if (rc < 0) {
		log_errore("%s/recorder.lock cannot be used",
		    c->conf->run_dir);
		return rc;
	}
	child_ready(c);
	return 0;
}

static void
recorder_drain(struct child *c, int64_t timeout_us)
{
	struct recorder *r = c->data;

	if (!r->solo.held) {
		solo_stop(&r->solo);
		child_drained(c);
		return;
	}
	drain_last(r->drain, timeout_us);
}

static void
recorder_gone(struct child *c, unsigned slot, uint64_t incarnation)
{
	struct recorder *r = c->data;

	store_gone(r->st, slot, incarnation);
}

static void
recorder_turn(struct child *c)
{
	struct recorder *r = c->data;

	store_turn_end(c, r->st);
}

/* The last to leave when the gateway stops. */
static void
recorder_leave(struct child *c)
{
	struct recorder *r = c->data;

	if (r->solo.held && state_fatal(r->st) == 0 &&
	    state_note_clean(c->conf->state_dir, state_last_txn(r->st)) != 0)
		log_warne("%s/ledger.clean cannot be written",
		    c->conf->state_dir);
}

const struct child_role recorder_role = {
	.role = BOARD_RECORDER,
	.name = "recorder",
	.start = recorder_start,
	.drain = recorder_drain,
	.gone = recorder_gone,
	.turn = recorder_turn,
	.leave = recorder_leave,
};
