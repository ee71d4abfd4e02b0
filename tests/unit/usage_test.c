/* usage_test.c - spool, drain, totals, caps, damaged rows. */
#include <signal.h>
#include <sys/resource.h>

#include "state/rec.h"
#include "state/state_priv.h"
#include "state/totals.h"
#include "state_help.h"

static struct help_opts h;

struct sum {
	uint64_t	requests, input, rows;
	__int128	cost;
};

static int
add_total(void *arg, const struct usage_total *t)
{
	struct sum *s = arg;

	s->rows++;
	s->requests += t->requests;
	s->input += t->input;
	s->cost += t->cost;
	return 0;
}

static struct sum
totals(struct state *st)
{
	struct sum s = { 0 };

	EQ_INT(usage_totals(st, 0, 100000, 0, add_total, &s), 0);
	state_turn_end(st);
	return s;
}

static void
see(void *arg, const struct usage_rec *r)
{
	struct usage_rec want = help_usage(4, 100, 7);

	(*(int *)arg)++;
	EQ_STR(r->request_id, want.request_id);
	OK(str_eq(r->key_name, want.key_name));
	OK(str_eq(r->upstream_model, want.upstream_model));
	OK(str_eq(r->endpoint, want.endpoint));
	EQ_INT(r->real_us, want.real_us);
	EQ_INT(r->input, 100);
	EQ_INT(r->output, 7);
	EQ_INT(r->status, 200);
	EQ_INT(r->cost, 1000);
	OK(r->epoch != 0);
	OK(r->seq != 0);
}

TEST(move)
{
	struct state *st = help_new(&h, "move", BOARD_RECORDER);
	uint64_t records, bytes;
	int i, seen = 0;

	for (i = 0; i < 300; i++)
		EQ_INT(help_settle(st, 4, 100, 7, 0), 0);
	usage_spool_size(st, &records, &bytes);
	EQ_INT(records, 300);
	OK(bytes > 300 * 100 && bytes < 300 * 300);
	state_turn_end(st);
	EQ_INT(usage_drain(st, 200, see, &seen), 200);
	EQ_INT(seen, 200);
	EQ_INT(usage_drain(st, 200, see, &seen), 100);
	EQ_INT(usage_drain(st, 200, see, &seen), 0);
	usage_spool_size(st, &records, &bytes);
	EQ_INT(records, 0);
	EQ_INT(bytes, 0);
	EQ_INT(totals(st).requests, 300);
	EQ_INT(totals(st).input, 30000);
	EQ_INT(totals(st).cost, 300000);
	EQ_INT(totals(st).rows, 1);
	/* goes on counting after the spool was empty */
	EQ_INT(help_settle(st, 4, 100, 7, 0), 0);
	EQ_INT(usage_drain(st, 200, see, &seen), 1);
	EQ_INT(totals(st).requests, 301);
	state_close(&st);
}

TEST(rows_and_long_names)
{
	struct state *st = help_new(&h, "rows", BOARD_RECORDER);
	struct act_settle s = { 0 };
	char name[300];
	int i;

	memset(name, 'x', sizeof(name));
	for (i = 0; i < 4; i++) {
		s.rec = help_usage(4, 1, 1);
		s.rec.real_us += i % 2 * 86400 * CLOCK_US_S;
		if (i >= 2)
			s.rec.model = s.rec.key_name = s.rec.group =
			    s.rec.provider = str_make(name, sizeof(name));
		s.rec.cost = INT64_MAX;
		memset(s.rec.request_id, 'r', sizeof(s.rec.request_id));
		EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	}
	EQ_INT(usage_drain(st, 10, NULL, NULL), 4);
	EQ_INT(totals(st).rows, 4);
	OK(totals(st).cost == (__int128)INT64_MAX * 4);
	state_close(&st);
}

static int
fail_once(void *arg, const struct usage_total *t)
{
	struct sum *s = arg;

	if (s->rows == 10 && s->cost >= 0) {
		s->cost = -1;
		return 99;
	}
	s->rows++;
	s->input += t->input;
	return 0;
}

/* In slices every row is visited once, also when one failed in between. */
TEST(walk_in_slices)
{
	struct state *st = help_new(&h, "slices", BOARD_RECORDER);
	struct usage_walk walk = { .rows = 7 };
	struct act_settle s = { 0 };
	struct sum sum = { 0 };
	char name[24];
	int i, rc, calls = 0;

	for (i = 0; i < 25; i++) {
		s.rec = help_usage(4, (uint64_t)i + 1, 1);
		s.rec.real_us += i % 3 * 86400 * CLOCK_US_S;
		snprintf(name, sizeof(name), "model-%d", i);
		s.rec.model = str_of(name);
		EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	}
	EQ_INT(usage_drain(st, 100, NULL, NULL), 25);
	EQ_INT(totals(st).rows, 25);
	do {
		rc = usage_totals(st, 0, 100000, &walk, fail_once, &sum);
		state_turn_end(st);
		OK(rc == 0 || rc == ERR_AGAIN || (rc == 99 && calls == 1));
		calls++;
	} while (rc != 0);
	EQ_INT(calls, 5);
	EQ_INT(sum.rows, 25);
	EQ_INT(sum.input, 25 * 26 / 2);
	state_close(&st);
}

TEST(spool_cap)
{
	struct state *st;
	struct act_admit a = { .key_id = 3 };
	int i;

	st = help_new(&h, "cap", BOARD_RECORDER);
	state_close(&st);
	h.o.spool_max = 4000;
	st = help_open(&h.o);
	a.limits.v[WINDOW_RPM] = 1000;
	for (i = 0; help_run(st, &a.a, ACT_ADMIT) == 0 && i < 1000; i++)
		EQ_INT(help_settle(st, 3, 1, 1, 0), 0);
	EQ_INT(a.a.rc, ERR_FULL);
	OK(i > 10 && i < 40);
	/* what was served is written down all the same */
	EQ_INT(help_settle(st, 3, 1, 1, 0), 0);
	EQ_INT(usage_drain(st, 1000, NULL, NULL), i + 1);
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(totals(st).requests, (uint64_t)i + 1);
	state_close(&st);
}

/* A tiny map: admission stops first, then settling; draining cures it. */
TEST(map_full)
{
	char err[256];
	struct state *st;
	struct act_admit a = { 0 };
	int i, settled = 0, rc;

	st = help_new(&h, "full", BOARD_RECORDER);
	state_close(&st);
	h.o.hot_max = 1 << 20;
	snprintf(h.run, sizeof(h.run), "%s/full2", tap_dir());
	EQ_INT(state_prepare(&h.o, err, sizeof(err)), 0);
	st = help_open(&h.o);
	a.limits.v[WINDOW_RPM] = 1000;
	for (i = 0; i < 100000; i++) {
		a.key_id = (uint64_t)i + 1;
		if (help_run(st, &a.a, ACT_ADMIT) != 0)
			break;
		EQ_INT(help_settle(st, 3, 1, 1, 0), 0);
		settled++;
	}
	EQ_INT(a.a.rc, ERR_FULL);
	OK(settled > 500);
	for (i = 0; i < 200; i++)
		EQ_INT(help_settle(st, 3, 1, 1, 0), 0);
	settled += 200;
	while ((rc = help_settle(st, 3, 1, 1, 0)) == 0)
		settled++;
	EQ_INT(rc, ERR_FULL);
	EQ_INT(state_fatal(st), 0);
	while ((rc = usage_drain(st, 1000, NULL, NULL)) > 0)
		settled -= rc;
	EQ_INT(rc, 0);
	EQ_INT(settled, 0);
	EQ_INT(help_settle(st, 3, 1, 1, 0), 0);
	state_close(&st);
}

TEST(one_transaction)
{
	struct state *st = help_new(&h, "batch", BOARD_WORKER);
	struct act_admit a[8];
	uint64_t rounds = board_get(board_self, CTR_state_rounds);
	int i, n = 0;

	memset(a, 0, sizeof(a));
	for (i = 0; i < 8; i++) {
		a[i].key_id = 5;
		a[i].limits.v[WINDOW_RPM] = 5;
		a[i].boot_us = 1000;
		a[i].a.kind = ACT_ADMIT;
		a[i].a.done = help_done;
		a[i].a.arg = &n;
		state_queue(st, &a[i].a);
	}
	EQ_INT(state_queued(st), 8);
	EQ_INT(state_flush(st), 8);
	EQ_INT(state_flush(st), 0);
	EQ_INT(n, 8);
	EQ_INT(board_get(board_self, CTR_state_rounds), rounds + 1);
	EQ_INT(a[4].a.rc, 0);
	EQ_INT(a[5].a.rc, ERR_LIMIT);
	state_close(&st);
}

/* A record that the disk refuses is tried again, at once and later. */
TEST(written_once)
{
	struct state *st = help_new(&h, "once", BOARD_RECORDER);
	uint64_t before = board_get(board_self, CTR_spool_written), refused;
	struct rlimit had, none;
	int i, rc[2];

	EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
	EQ_INT(board_get(board_self, CTR_spool_written), before + 1);
	signal(SIGXFSZ, SIG_IGN);
	EQ_INT(getrlimit(RLIMIT_FSIZE, &had), 0);
	none = had;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	for (i = 0; i < 2; i++)
		rc[i] = help_settle(st, 4, 1, 1, 0);
	refused = board_get(board_self, CTR_spool_written);
	setrlimit(RLIMIT_FSIZE, &had);
	EQ_INT(rc[0], ERR_FULL);
	EQ_INT(rc[1], ERR_FULL);
	EQ_INT(refused, before + 1);
	EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
	EQ_INT(board_get(board_self, CTR_spool_written), before + 2);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 2);
	state_close(&st);
}

/* --- damaged rows --------------------------------------------------------- */

enum how { BAD_BYTE, BAD_SIZE };	/* this with a good checksum */

/* Damage the first row of a table whose key has these bytes at at. */
static void
damage(struct state *st, unsigned char table, size_t at, uint64_t number,
    enum how how)
{
	unsigned char v[1024];
	struct db_key k, row;
	struct db_walk w;
	struct str key, val;
	size_t n = 0;

	db_key(&k, table);
	row = k;
	EQ_INT(db_begin(st->ledger), 0);
	EQ_INT(db_walk(st->ledger, &w, &k, NULL), 0);
	while (n == 0 && db_walk_next(&w, &key, &val) == 0) {
		if (key.n < at + 8 || db_key_number(key.p + at, 8) != number)
			continue;
		n = val.n;
		OK(n < sizeof(v));
		memcpy(v, val.p, n);
		row.n = 0;
		db_key_bytes(&row, key.p, key.n);
	}
	db_walk_end(&w);
	OK(n > 12);
	if (how == BAD_SIZE)
		rec_seal(v, n - 8, v[4]);
	else
		v[10] ^= 0x55;
	EQ_INT(db_put(st->ledger, &row, v, how == BAD_SIZE ? n - 8 : n), 0);
	EQ_INT(db_commit(st->ledger), 0);
}

/* Three days of keys 4 and 5 are in the ledger. */
static struct state *
three_days(const char *name, enum board_role role)
{
	struct state *st = help_new(&h, name, BOARD_RECORDER);
	struct act_settle s = { 0 };
	int i;

	for (i = 0; i < 6; i++) {
		s.rec = help_usage(4 + (uint64_t)i % 2, 100, 10);
		s.rec.real_us += i / 2 * 86400 * CLOCK_US_S;
		EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	}
	EQ_INT(usage_drain(st, 100, NULL, NULL), 6);
	EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
	if (role == BOARD_RECORDER)
		return st;
	damage(st, TABLE_KEY_TOTAL, 1, 4, BAD_BYTE);
	state_close(&st);
	h.o.role = role;
	return help_open(&h.o);
}

static uint64_t
spent(struct state *st, uint64_t key_id)
{
	uint64_t n = 0;

	EQ_INT(totals_spent(st, key_id, &n), 0);
	state_turn_end(st);
	return n;
}

/* Admissions of others in the same batch are none of its affair, and its own
 * limit still counts what was spent. */
TEST(damaged_life_and_acts)
{
	struct state *st = three_days("life-acts", BOARD_WORKER);
	struct act_admit a[3];
	int i, n = 0;

	memset(a, 0, sizeof(a));
	for (i = 0; i < 3; i++) {
		a[i].key_id = i < 2 ? 5 - (uint64_t)i : 6;
		a[i].limits.v[WINDOW_TOKENS] = 332;
		a[i].boot_us = 1000;
		a[i].a.kind = ACT_ADMIT;
		a[i].a.done = help_done;
		a[i].a.arg = &n;
		state_queue(st, &a[i].a);
	}
	EQ_INT(state_flush(st), 3);
	EQ_INT(a[0].a.rc, 0);
	EQ_INT(a[1].a.rc, ERR_LIMIT);
	EQ_INT(a[2].a.rc, 0);
	EQ_INT(spent(st, 4), 332);
	state_close(&st);
}

TEST(damaged_life_and_drain)
{
	struct state *st = three_days("life-drain", BOARD_RECORDER);
	int how;

	for (how = BAD_BYTE; how <= BAD_SIZE; how++) {
		damage(st, TABLE_KEY_TOTAL, 1, 4, how);
		EQ_INT(spent(st, 4), (uint64_t)(332 + how * 4));
		EQ_INT(help_settle(st, 5, 1, 1, 0), 0);
		EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
		EQ_INT(usage_drain(st, 100, NULL, NULL), 3);
		EQ_INT(usage_drain(st, 100, NULL, NULL), 0);
		EQ_INT(spent(st, 4), (uint64_t)(334 + how * 4));
		EQ_INT(spent(st, 5), (uint64_t)(332 + how * 2));
		EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
	}
	EQ_INT(totals_last_used(st, 4),
	    (1700000000LL + 2 * 86400) * CLOCK_US_S);
	state_close(&st);
}

/* A day's row is what the other days leave of the life. */
TEST(damaged_day)
{
	struct state *st = three_days("day", BOARD_RECORDER);
	struct sum before, after;
	int how;

	for (how = BAD_BYTE; how <= BAD_SIZE; how++) {
		EQ_INT(usage_drain(st, 100, NULL, NULL), 1);
		before = totals(st);
		damage(st, TABLE_TOTAL, 5, 4, how);
		EQ_INT(help_settle(st, 5, 1, 1, 0), 0);
		EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
		EQ_INT(usage_drain(st, 100, NULL, NULL), 2);
		after = totals(st);
		EQ_INT(after.rows, 6);
		EQ_INT(after.requests, before.requests + 2);
		EQ_INT(after.input, before.input + 2);
		EQ_INT(after.cost, before.cost + 2000);
		EQ_INT(help_settle(st, 4, 1, 1, 0), 0);
	}
	state_close(&st);
}

/* Both: what was of that day is gone, all else is counted. */
TEST(damaged_life_and_day)
{
	struct state *st = three_days("both", BOARD_RECORDER);

	damage(st, TABLE_TOTAL, 5, 4, BAD_BYTE);
	damage(st, TABLE_KEY_TOTAL, 1, 4, BAD_BYTE);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 1);
	EQ_INT(totals(st).rows, 6);
	EQ_INT(totals(st).requests, 6);
	EQ_INT(spent(st, 4), 222);
	EQ_INT(spent(st, 5), 330);
	state_close(&st);
}

/* Neither ends the drain: a session begins anew, the rest of the spool counts. */
TEST(damaged_session_and_applied)
{
	struct state *st = three_days("applied", BOARD_RECORDER);

	damage(st, TABLE_SESSION, 5, 4, BAD_BYTE);
	damage(st, TABLE_APPLIED, 1, st->epoch, BAD_SIZE);
	EQ_INT(spent(st, 4), 332);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 1);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 0);
	EQ_INT(totals(st).requests, 7);
	EQ_INT(spent(st, 4), 332);
	state_close(&st);
}

TEST(damaged_rows_are_told)
{
	static const struct { unsigned char table; size_t at; } rows[] = {
	    { TABLE_TOTAL, 5 }, { TABLE_KEY_TOTAL, 1 }, { TABLE_APPLIED, 1 } };
	struct state *st;
	uint64_t records;
	char name[16], err[256];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "told%zu", i);
		st = three_days(name, BOARD_RECORDER);
		damage(st, rows[i].table, rows[i].at,
		    i < 2 ? 4 : st->epoch, BAD_SIZE);
		state_close(&st);
		EQ_INT(state_verify(h.state, LEDGER_MAX, &records, err,
		    sizeof(err)), ERR_CORRUPT);
		OK(strstr(err, schema_name(STORE_LEDGER, rows[i].table)) !=
		    NULL);
	}
}

TAP_BEGIN
TAP_ROW(move)
TAP_ROW(rows_and_long_names)
TAP_ROW(walk_in_slices)
TAP_ROW(spool_cap)
TAP_ROW(map_full)
TAP_ROW(one_transaction)
TAP_ROW(written_once)
TAP_ROW(damaged_life_and_acts)
TAP_ROW(damaged_life_and_drain)
TAP_ROW(damaged_day)
TAP_ROW(damaged_life_and_day)
TAP_ROW(damaged_session_and_applied)
TAP_ROW(damaged_rows_are_told)
TAP_END
