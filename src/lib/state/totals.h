/*
 * totals.h - sums of usage in the ledger.
 */
#ifndef STATE_TOTALS_H
#define STATE_TOTALS_H

#include "state/usage.h"

/*
 * A damaged row stops nobody: it is told in the log and made of the key's other
 * rows, by the recorder for good when something is added to it.
 *
 * In the open transaction of the ledger: begin, add records, end (which
 * writes the sums that are still in work).
 */
void totals_begin(void);
int totals_add(struct state *st, const struct usage_rec *r);
int totals_end(struct state *st);
/* Sequence up to which an epoch's records are in the totals (0: none). */
int totals_applied(struct state *st, uint64_t epoch, uint64_t *seq);
int totals_set_applied(struct state *st, uint64_t epoch, uint64_t seq);
/*
 * Tokens that a key has spent in its life: what the ledger knows and what
 * still waits in the spool. Inside a transaction of hot.
 */
int totals_spent(struct state *st, uint64_t key_id, uint64_t *tokens);

/* Real time at which the key's latest request in the ledger ended; 0: none. */
int64_t totals_last_used(struct state *st, uint64_t key_id);
/* Is this a sound row of TABLE_TOTAL or TABLE_KEY_TOTAL, of TABLE_APPLIED? 0
 * (*n: its requests), or a code. */
int totals_check(struct str val, uint64_t *n);
int totals_check_applied(struct str val);

#endif
