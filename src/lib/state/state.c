/*
 * state.c - open the stores, queue acts, apply them in one transaction.
 *
 * Runs in: worker, checker, recorder, admin.
 * Owns: struct state; the queue of acts.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/faultpoint.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "state/alive.h"
#include "state/checkpoint.h"
#include "state/limit_rec.h"
#include "state/open.h"
#include "state/spool.h"

#define FLUSH_MAX	128	/* acts of one transaction */

/* What each kind of act does. */
static const struct act_row {
	int	(*apply)(struct state *st, struct act *a);
	int	(*light)(struct state *st, struct act *a);
	void	(*after)(struct state *st, struct act *a, int rc);
	enum { ALWAYS, UNLESS_BRIM, UNLESS_OVER } when;
} rows[ACT_KINDS] = {
	[ACT_ADMIT] = { window_admit, window_admit_light, NULL,
	    UNLESS_OVER },
	[ACT_SETTLE] = { usage_settle, NULL, usage_settled, UNLESS_BRIM },
	[ACT_LEAVE] = { window_leave, NULL, NULL, ALWAYS },
	[ACT_RESERVE] = { window_reserve, NULL, reserve_after, UNLESS_BRIM },
	[ACT_KEY_FAULT] = { upkey_fault, NULL, NULL, UNLESS_BRIM },
};

void
state_path(char *dst, const char *dir, const char *name)
{
	int n = snprintf(dst, PATH_MAX, "%s/%s", dir, name);

	ASSERT(n > 0 && n < PATH_MAX);
}

static int
open_hot(const struct state_opts *o, struct state *st, char *err,
    size_t errsize)
{
	char dir[PATH_MAX], ballast[PATH_MAX];
	struct db_opts d = { .name = "hot", .dir = dir, .ballast = ballast,
	    .map_size = o->hot_max != 0 ? o->hot_max : STATE_HOT_MAX,
	    .slot = o->slot };
	int rc;

	state_path(dir, o->run_dir, "hot");
	state_path(ballast, o->run_dir, "ballast");
	if ((rc = db_open(&d, &st->hot, err, errsize)) != 0 ||
	    (rc = schema_check(st->hot, STORE_HOT, err, errsize)) != 0)
		return rc;
	rc = schema_meta_get(st->hot, META_EPOCH, &st->epoch);
	if (rc == 0 && st->epoch == 0)
		rc = ERR_CORRUPT;
	if (rc != 0)
		snprintf(err, errsize, "%s: no epoch: %s", dir, err_str(rc));
	return rc;
}

static int
open_ledger(const struct state_opts *o, struct state *st, char *err,
    size_t errsize)
{
	char dir[PATH_MAX], ballast[PATH_MAX];
	struct db_opts d = { .name = "ledger", .dir = dir,
	    .ballast = ballast, .durable = 1,
	    .map_size = o->ledger_max != 0 ? o->ledger_max :
	    STATE_LEDGER_MAX, .slot = o->slot,
	    .readonly = o->role != BOARD_RECORDER && o->role != BOARD_ADMIN };
	int rc;

	state_path(dir, o->state_dir, "ledger");
	state_path(ballast, o->state_dir, "ballast");
	if ((rc = db_open(&d, &st->ledger, err, errsize)) != 0)
		return rc;
	return schema_check(st->ledger, STORE_LEDGER, err, errsize);
}

int
state_open(const struct state_opts *o, struct state **out, char *err,
    size_t errsize)
{
	struct state *st = xcalloc(1, sizeof(*st));
	int rc;

	*out = NULL;
	st->role = o->role;
	st->slot_index = o->slot_index;
	st->board = o->board;
	st->incarnation = o->incarnation;
	st->spool_max = o->spool_max;
	st->run_dir = xstrdup(o->run_dir);
	TAILQ_INIT(&st->queue);
	TAILQ_INIT(&st->ending);
	db_warn_version();
	/* The checker has no business with it: NULL. */
	if ((o->role != BOARD_CHECKER &&
	    (rc = open_ledger(o, st, err, errsize)) != 0) ||
	    (rc = open_hot(o, st, err, errsize)) != 0) {
		state_close(&st);
		return rc;
	}
	if (o->role == BOARD_WORKER)
		rc = open_create(st);
	else if (o->role == BOARD_RECORDER)
		rc = alive_sweep(st);
	if (rc == ERR_FULL) {	/* it must start all the same */
		log_warn("store hot is full: not all could be written down");
		rc = 0;
	}
	if (rc != 0) {
		snprintf(err, errsize, "hot: %s", err_str(rc));
		state_close(&st);
		return rc;
	}
	state_turn_end(st);
	*out = st;
	return 0;
}

void
state_close(struct state **sp)
{
	struct state *st = *sp;

	if (st == NULL)
		return;
	checkpoint_free(&st->checkpoint);
	db_close(&st->hot);
	db_close(&st->ledger);
	open_close(st);
	free(st->run_dir);
	free(st);
	*sp = NULL;
}

int
state_fatal(const struct state *st)
{
	int rc = db_fatal(st->hot);

	return rc != 0 || st->ledger == NULL ? rc : db_fatal(st->ledger);
}

uint64_t
state_epoch(const struct state *st)
{
	return st->epoch;
}

void
state_turn_end(struct state *st)
{
	db_rest(st->hot);
	if (st->ledger != NULL)
		db_rest(st->ledger);
}

/* --- acts -------------------------------------------------------------- */

void
state_queue(struct state *st, struct act *a)
{
	ASSERT(a->kind > ACT_NONE && a->kind < ACT_KINDS);
	TAILQ_INSERT_TAIL(&st->queue, a, link);
	st->queued++;
}

unsigned
state_queued(const struct state *st)
{
	return st->queued;
}

static int
apply_one(struct state *st, struct act *a)
{
	const struct act_row *row = &rows[a->kind];
	int rc;

	if (!db_writing(st->hot)) {
		if (row->light != NULL && row->light(st, a))
			return 0;
		st->spool.known = 0;
		if ((rc = db_begin(st->hot)) != 0 ||
		    (rc = spool_look(st)) != 0)
			return rc;
	}
	if ((row->when == UNLESS_OVER && (st->over || st->refusing)) ||
	    (row->when == UNLESS_BRIM && st->brim)) {
		a->rc = ERR_FULL;
		return 0;
	}
	return row->apply(st, a);
}

static int
apply_all(struct state *st)
{
	struct act *a;
	int rc;

	TAILQ_FOREACH(a, &st->ending, link)
		if ((rc = apply_one(st, a)) != 0) {
			db_abort(st->hot);
			return rc;
		}
	if (!db_writing(st->hot))
		return 0;
	board_add(CTR_state_rounds, 1);
	if ((rc = db_commit(st->hot)) == 0 && !st->refusing)
		st->full = 0;
	return rc;
}

/* The transaction is over. */
static void
tell(struct state *st, int rc)
{
	struct act *a;

	TAILQ_FOREACH(a, &st->ending, link)
		if (rows[a->kind].after != NULL)
			rows[a->kind].after(st, a, rc != 0 ? rc : a->rc);
}

/*
 * When there is no room for all, then for those that must be written; when
 * it was the disk, with the ballast given up.
 */
static int
apply_somehow(struct state *st)
{
	unsigned tries;
	int rc = apply_all(st);

	for (tries = 0; rc == ERR_FULL && tries < 2; tries++) {
		if (tries == 1 && !db_drop_ballast(st->hot))
			break;
		tell(st, rc);
		st->full = 1;
		st->refusing = 1;
		rc = apply_all(st);
		st->refusing = 0;
	}
	return rc;
}

/* The acts of one transaction: how many. */
static unsigned
take_some(struct state *st)
{
	unsigned n = st->queued, i;
	struct act *a;

	ASSERT(TAILQ_EMPTY(&st->ending) && !db_writing(st->hot));
	if (n <= FLUSH_MAX) {
		TAILQ_CONCAT(&st->ending, &st->queue, link);
		st->queued = 0;
		return n;
	}
	for (i = 0; i < FLUSH_MAX; i++) {
		a = TAILQ_FIRST(&st->queue);
		TAILQ_REMOVE(&st->queue, a, link);
		TAILQ_INSERT_TAIL(&st->ending, a, link);
	}
	st->queued -= FLUSH_MAX;
	return FLUSH_MAX;
}

unsigned
state_flush(struct state *st)
{
	struct act *a;
	unsigned n;
	int rc;

	if (st->queued == 0)
		return 0;
	n = take_some(st);
	rc = apply_somehow(st);
	tell(st, rc);
	board_add(CTR_state_acts, n);
	while ((a = TAILQ_FIRST(&st->ending)) != NULL) {
		TAILQ_REMOVE(&st->ending, a, link);
		a->kind = ACT_NONE;
		if (rc != 0)
			a->rc = rc;
		a->done(a);
	}
	return n;
}

/*
 * What it had begun is charged before its places are given back: at no moment
 * is less taken than was used. Each part may be done again.
 */
int
state_gone(struct state *st, unsigned slot, uint64_t incarnation)
{
	int rc;

	if ((rc = db_sweep_readers(st->hot)) < 0 || (st->ledger != NULL &&
	    (rc = db_sweep_readers(st->ledger)) < 0))
		return rc;
	if (st->role != BOARD_RECORDER)
		return 0;
	FAULT_POINT(gone);
	if ((rc = open_dead(st, incarnation)) != 0 ||
	    (rc = places_sweep(st, slot, incarnation)) != 0)
		return rc;
	FAULT_POINT(gone_places);
	open_unlink(st, incarnation);
	FAULT_POINT(gone_done);
	return alive_forget(st, incarnation);
}

int
state_sweep(struct state *st)
{
	int rc;

	/* Also those who are no children of ours: a backup that was killed. */
	if ((rc = db_sweep_readers(st->ledger)) < 0)
		return rc;
	return alive_sweep(st);
}
