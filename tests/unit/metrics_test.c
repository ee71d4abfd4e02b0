/* metrics_test.c - sums over processes that live and die; label values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/metrics.h"
#include "base/buf.h"
#include "state_help.h"

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
	/* what a name was cut to, too: one bad label spoils all of the page */
	buf_reset(&b);
	metrics_label(&b, STR("caf\xc3\xa9 \xff \xe2\x82"));
	EQ_S(buf_str(&b), "caf\xc3\xa9 %FF %E2%82");
	buf_free(&b);
}

#define MANY	3000		/* models, each on an old day and today */

static void
settle_all(struct state *st, int64_t real_us, uint64_t input)
{
	struct act_settle s = { 0 };
	char name[24];
	int i;

	for (i = 0; i < MANY; i++) {
		s.rec = help_usage(4, input, 1);
		s.rec.real_us = real_us;
		snprintf(name, sizeof(name), "model-%d", i);
		s.rec.model = str_of(name);
		EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	}
	EQ_INT(usage_drain(st, 2 * MANY, NULL, NULL), MANY);
}

/* All of it, in at least so many turns: the text is in b. */
static void
look(struct state *st, struct metrics_usage *u, struct buf *b, int least)
{
	int n = 1;

	buf_reset(b);
	while (metrics_usage_read(u) == ERR_AGAIN) {
		state_turn_end(st);
		n++;
	}
	while (metrics_usage_print(u, b) == ERR_AGAIN)
		n++;
	state_turn_end(st);
	OK(n >= least);
}

/* Every model has so many tokens of input, and no line stands twice. */
static void
check(const struct buf *b, unsigned long long input)
{
	char line[160];
	struct str s = buf_str(b);
	size_t lines = 0;
	int i;

	for (i = 0; i < MANY; i += 7) {
		snprintf(line, sizeof(line), "\naigw_tokens_total{provider="
		    "\"openai\",model=\"model-%d\",kind=\"input\"} %llu\n",
		    i, input);
		if (str_find(s, str_of(line)) < 0)
			tap_fail(__FILE__, __LINE__, "no line %s", line + 1);
	}
	for (; s.n > 0; s = str_skip(s, 1))
		lines += *s.p == '\n';
	EQ_INT(lines, 4 * 2 + MANY * 8);
}

TEST(usage_in_slices)
{
	static struct metrics_usage *u;		/* never freed: not a leak */
	struct help_opts h;
	struct state *st = help_new(&h, "metrics", BOARD_RECORDER);
	struct buf b;

	u = metrics_usage_new(st);
	buf_init(&b, 64u << 20);
	settle_all(st, 1700000000LL * CLOCK_US_S, 5);
	settle_all(st, clock_real_us(), 7);
	look(st, u, &b, 8);
	check(&b, 12);
	look(st, u, &b, 7);		/* old days are not read again */
	check(&b, 12);
	/* One that nobody went on with, then more usage. */
	EQ_INT(metrics_usage_read(u), ERR_AGAIN);
	metrics_usage_restart(u);
	settle_all(st, clock_real_us(), 1);
	look(st, u, &b, 7);
	check(&b, 13);
	EQ_INT(metrics_usage_print(u, &b), ERR_AGAIN);
	metrics_usage_restart(u);
	look(st, u, &b, 7);
	check(&b, 13);
	buf_free(&b);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(sums_over_the_living_and_the_dead)
TAP_ROW(counters_never_fall)
TAP_ROW(labels_are_escaped)
TAP_ROW(usage_in_slices)
TAP_END
