/*
 * store.c - the shared state as the child of a role has it.
 *
 * Runs in: every child.
 * Owns: nothing; the store is its opener's.
 */
#include "base/err.h"
#include "base/log.h"
#include "proc/store.h"

struct state_opts
store_opts(const struct child *c)
{
	return (struct state_opts){
		.run_dir = c->conf->run_dir, .state_dir = c->conf->state_dir,
		.role = c->role->role, .slot = c->slot,
		.slot_index = c->slot_index, .board = c->board,
		.incarnation = c->incarnation,
		.ledger_max = c->conf->ledger.max_size,
		.spool_max = c->conf->ledger.spool_max,
	};
}

int
store_open(const struct child *c, struct state **out)
{
	struct state_opts o = store_opts(c);
	char err[256] = "";
	int rc = state_open(&o, out, err, sizeof(err));

	if (rc < 0)
		log_error("store cannot be opened: %s: %s", err_str(rc), err);
	return rc;
}

void
store_gone(struct state *st, unsigned slot, uint64_t incarnation)
{
	int rc = state_gone(st, slot, incarnation);

	if (rc < 0)
		log_error("cleaning up after slot %u failed: %s", slot,
		    err_str(rc));
}

void
store_turn_end(struct child *c, struct state *st)
{
	state_turn_end(st);
	if (state_fatal(st) != 0)
		child_fail(c, "store is damaged");
}
