/*
 * metrics.h - the numbers of all processes as Prometheus text.
 *
 * aigw-metrics.7 lists every name.
 */
#ifndef ADMIN_METRICS_H
#define ADMIN_METRICS_H

#include "admin/admin.h"
#include "base/buf.h"

/* One consistent look at the counters of the board. */
struct metrics_snap {
	uint64_t	 ctr[CTR_COUNT];
	uint64_t	 hist[BOARD_HIST_COUNT][BOARD_HIST_N];
};

struct metrics *metrics_new(struct admin *a);
/* Append everything: 0. ERR_AGAIN: this turn has had enough of it, call again
 * in the next one (whoever comes again goes on with the same text). */
int metrics_print(struct metrics *m, struct buf *b);

/* Sum over all processes, living and dead; gauges of maxima are maxima. */
void metrics_take(const struct board *board, struct metrics_snap *s);
/* Raise what fell below last (a counter never falls), remember it. */
void metrics_steady(struct metrics_snap *s, struct metrics_snap *last);
/* Append a label value, escaped. */
void metrics_label(struct buf *b, struct str value);

/* --- metrics_usage.c --------------------------------------------------- */

struct metrics_usage;

struct metrics_usage *metrics_usage_new(struct state *st);
/* Read the totals of the ledger: 0, or ERR_AGAIN as metrics_print. */
int metrics_usage_read(struct metrics_usage *u);
/* Forget what was read of a look that nobody went on with. */
void metrics_usage_restart(struct metrics_usage *u);
/* Append what was read by provider and model: 0 or ERR_AGAIN. */
int metrics_usage_print(struct metrics_usage *u, struct buf *b);

#endif
