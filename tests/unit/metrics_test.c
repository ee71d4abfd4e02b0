/* metrics_test.c - sums over processes that live and die; label values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/metrics.h"
#include "base/buf.h"
#include "tap.h"

static struct board *board;
static struct metrics_snap snap, last;

static void
begin(void)
{
	free(board);
	board = calloc(1, sizeof(*board));
	OK(board != NULL);
	memset(&last, 0, sizeof(last));
}

static struct board_slot *
slot(unsigned i, uint64_t requests, uint64_t open)
{
	struct board_slot *s = &board->slot[i];

	s->role = BOARD_WORKER;
	s->ctr[CTR_requests] = requests;
	s->ctr[CTR_conns_open] = open;
	s->ctr[CTR_turn_max_us] = requests * 10;
	return s;
}

TEST(sums_over_the_living_and_the_dead)
{
	struct board_slot *s;

	begin();
	s = slot(3, 10, 2);
	slot(7, 5, 1);
	metrics_take(board, &snap);
	EQ_INT(snap.ctr[CTR_requests], 15);
	EQ_INT(snap.ctr[CTR_conns_open], 3);
	EQ_INT(snap.ctr[CTR_turn_max_us], 100);
	board_retire(board, s);
	metrics_take(board, &snap);
	EQ_INT(snap.ctr[CTR_requests], 15);
	EQ_INT(snap.ctr[CTR_conns_open], 1);
	EQ_INT(snap.ctr[CTR_turn_max_us], 50);
}

TEST(counters_never_fall)
{
	begin();
	slot(1, 20, 4)->hist[BOARD_HIST_REQUEST][2] = 9;
	metrics_take(board, &snap);
	metrics_steady(&snap, &last);
	slot(1, 12, 1)->hist[BOARD_HIST_REQUEST][2] = 3;
	metrics_take(board, &snap);
	metrics_steady(&snap, &last);
	EQ_INT(snap.ctr[CTR_requests], 20);
	EQ_INT(snap.ctr[CTR_conns_open], 1);	/* a gauge may */
	EQ_INT(snap.hist[BOARD_HIST_REQUEST][2], 9);
	slot(1, 30, 1);
	metrics_take(board, &snap);
	metrics_steady(&snap, &last);
	EQ_INT(snap.ctr[CTR_requests], 30);
}

TEST(labels_are_escaped)
{
	struct buf b;

	buf_init(&b, 100);
	metrics_label(&b, STR("a\\b\"c\nd"));
	EQ_S(buf_str(&b), "a\\\\b\\\"c\\nd");
	buf_free(&b);
}

TAP_BEGIN
TAP_ROW(sums_over_the_living_and_the_dead)
TAP_ROW(counters_never_fall)
TAP_ROW(labels_are_escaped)
TAP_END
