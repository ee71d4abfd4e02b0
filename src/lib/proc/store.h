/*
 * store.h - the shared state (state/state.h) as the child of a role has it.
 */
#ifndef PROC_STORE_H
#define PROC_STORE_H

#include "proc/child.h"
#include "state/state.h"

/* What the child's place and its configuration say about the stores. */
struct state_opts store_opts(const struct child *c);
/* Open hot and ledger: 0, or a code of state_open (logged). */
int store_open(const struct child *c, struct state **out);
/* Clean up after a dead sibling (child_role.gone); a failure is logged. */
void store_gone(struct state *st, unsigned slot, uint64_t incarnation);
/* At the end of a turn: read snapshots end; a damaged store ends the child. */
void store_turn_end(struct child *c, struct state *st);

#endif
