/* sessions_test.c - what sessions used: names, sums, bounds, age, old stores. */
#include <unistd.h>

#include "state/pack.h"
#include "state/rec.h"
#include "state/sessions.h"
#include "state/spool.h"
#include "state/state_priv.h"
#include "state/totals.h"
#include "state_help.h"

#define DAY_US	(86400 * CLOCK_US_S)

static struct help_opts h;

/* --- names --------------------------------------------------------------- */

TEST(names)
{
	static const char *const odd[] = { "a b", "a\"b", "(other)", "#1",
	    "a\x01", "\xc3\xa9", "a\x7f", "<a>" };
	char dst[USAGE_NAME_MAX + 1], again[USAGE_NAME_MAX + 1], text[300];
	struct str s;
	size_t i;

	s = sessions_name(STR("0Az9-_.:@/+=~"), dst);
	OK(str_eqc(s, "0Az9-_.:@/+=~") && s.p != dst);
	OK(sessions_name(STR(""), dst).n == 0);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		s = sessions_name(str_of(odd[i]), dst);
		EQ_INT(s.n, 39);
		OK(str_starts(s, STR("sha256:")));
	}
	/* zero bytes are no end */
	s = sessions_name(str_make("a\0b", 3), dst);
	OK(!str_eq(s, sessions_name(str_make("a\0c", 3), again)));
	memset(text, 'x', sizeof(text));
	EQ_INT(sessions_name(str_make(text, 64), dst).n, 64);
	s = sessions_name(str_make(text, 65), dst);
	EQ_STR(dst, "sha256:9537c5fdf120482f7d58d25e9ed583f5");
	EQ_INT(s.n, 39);
	OK(!str_eq(s, sessions_name(str_make(text, 300), again)));
	OK(str_eq(s, sessions_name(str_make(text, 65), again)));
}

/* --- sums ---------------------------------------------------------------- */

#define SEEN 16

struct seen {
	struct usage_total t[SEEN];
	unsigned	 n;
	uint64_t	 requests, input;
	__int128	 cost;
};

static int
see(void *arg, const struct usage_total *t)
{
	struct seen *s = arg;

	if (s->n < SEEN)
		s->t[s->n] = *t;
	s->n++;
	s->requests += t->requests;
	s->input += t->input;
	s->cost += t->cost;
	return 0;
}

static struct seen
sessions(struct state *st)
{
	struct seen s = { .n = 0 };

	EQ_INT(usage_sessions(st, -1000000, 1000000, NULL, see, &s), 0);
	state_turn_end(st);
	return s;
}

static void
settle(struct state *st, uint64_t key, const char *session, const char *agent,
    int64_t after_us, uint32_t flags)
{
	struct act_settle s = { .rec = help_usage(key, 10, 3) };

	s.rec.session = str_of(session);
	s.rec.agent = str_of(agent);
	s.rec.parent = STR("");
	s.rec.real_us += after_us;
	s.rec.duration_us = CLOCK_US_S;
	s.rec.flags = flags;
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
}

TEST(sums)
{
	struct state *st = help_new(&h, "sums", BOARD_RECORDER);
	int64_t began = help_usage(1, 0, 0).real_us - CLOCK_US_S;
	struct seen s;

	settle(st, 1, "b", "", 60 * CLOCK_US_S, USAGE_FAILED);
	settle(st, 1, "b", "", 30 * CLOCK_US_S, USAGE_STREAM);
	settle(st, 1, "b", "", 90 * CLOCK_US_S, USAGE_INTERRUPTED);
	settle(st, 1, "a", "", 0, 0);
	settle(st, 1, "b", "x", 0, 0);
	settle(st, 2, "b", "", 0, 0);
	settle(st, 2, "", "", 0, 0);		/* names none */
	settle(st, 2, "", "x", 0, 0);
	settle(st, 1, "b", "", DAY_US, 0);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 9);
	s = sessions(st);
	EQ_INT(s.n, 5);
	EQ_INT(s.requests, 7);
	EQ_STR(s.t[0].session, "a");
	EQ_STR(s.t[1].session, "b");
	EQ_STR(s.t[1].agent, "");
	EQ_STR(s.t[1].key_name, "ci");
	EQ_INT(s.t[1].key_id, 1);
	EQ_INT(s.t[1].requests, 3);
	EQ_INT(s.t[1].failed, 1);
	EQ_INT(s.t[1].streams, 1);
	EQ_INT(s.t[1].interrupted, 1);
	EQ_INT(s.t[1].input, 30);
	EQ_INT(s.t[1].output, 9);
	OK(s.t[1].cost == 3000);
	EQ_INT(s.t[1].first_us, began + 30 * CLOCK_US_S);
	EQ_INT(s.t[1].last_us, began + 91 * CLOCK_US_S);
	EQ_STR(s.t[2].agent, "x");
	EQ_INT(s.t[3].key_id, 2);
	EQ_INT(s.t[4].day, s.t[3].day + 1);
	/* on another day the same ones go on */
	settle(st, 1, "b", "", 95 * CLOCK_US_S, 0);
	EQ_INT(usage_drain(st, 100, NULL, NULL), 1);
	EQ_INT(sessions(st).t[1].requests, 4);
	state_close(&st);
}

/* In slices every row is seen once. */
TEST(in_slices)
{
	struct state *st = help_new(&h, "slices", BOARD_RECORDER);
	struct usage_walk walk = { .rows = 3 };
	struct seen s = { .n = 0 };
	char name[16];
	int i, rc, calls = 0;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		settle(st, (uint64_t)i % 3, name, "", i % 2 * DAY_US, 0);
	}
	EQ_INT(usage_drain(st, 100, NULL, NULL), 20);
	do {
		rc = usage_sessions(st, -1000000, 1000000, &walk, see, &s);
		state_turn_end(st);
		OK(rc == 0 || rc == ERR_AGAIN);
		calls++;
	} while (rc != 0);
	EQ_INT(s.n, 20);
	EQ_INT(s.requests, 20);
	OK(calls > 6);
	state_close(&st);
}

/* Long texts are cut, and fit. */
TEST(long_texts)
{
	struct state *st = help_new(&h, "long", BOARD_RECORDER);
	struct act_settle s = { .rec = help_usage(4, 1, 1) };
	struct usage_rec *r = &s.rec, got;
	unsigned char rec[SPOOL_REC_MAX];
	char name[300];
	struct seen seen;
	size_t n;

	memset(name, 'x', sizeof(name));
	r->model = r->key_name = r->group = r->provider = r->endpoint =
	    r->upstream_model = r->session = r->agent = r->parent =
	    str_make(name, sizeof(name));
	memset(r->request_id, 'r', sizeof(r->request_id));
	r->key_id = r->input = r->output = r->cached = r->cache_write =
	    r->reasoning = r->duration_us = r->first_us = r->upstream_us =
	    UINT64_MAX;
	r->cost = INT64_MAX;
	r->flags = UINT32_MAX;
	r->writer = UINT64_MAX;
	n = spool_pack(rec, r, 0);
	OK(n <= sizeof(rec));
	EQ_INT(spool_unpack(str_make((char *)rec, n), &got), 0);
	EQ_INT(got.parent.n, 64);
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	seen = sessions(st);
	EQ_INT(strlen(seen.t[0].session), 64);
	EQ_INT(strlen(seen.t[0].agent), 64);
	EQ_INT(strlen(seen.t[0].parent), 64);
	state_close(&st);
}

/* The spool of an older program has no names; what is cut off is damage. */
TEST(spool_records)
{
	struct usage_rec r = help_usage(4, 1, 2), got;
	unsigned char rec[SPOOL_REC_MAX];
	size_t with, without, n;

	with = spool_pack(rec, &r, 0);
	EQ_INT(spool_unpack(str_make((char *)rec, with), &got), 0);
	OK(str_eqc(got.session, "0f1e-22") && str_eqc(got.agent, "a1") &&
	    str_eqc(got.parent, "main"));
	for (n = with - 1; n > with - strlen("0f1e-22a1main") - 3; n--) {
		rec_seal(rec, n, 1);
		EQ_INT(spool_unpack(str_make((char *)rec, n), &got),
		    ERR_CORRUPT);
	}
	r.session = STR("");
	without = spool_pack(rec, &r, 0);
	EQ_INT(with - without, strlen("0f1e-22a1main") + 3);
	EQ_INT(spool_unpack(str_make((char *)rec, without), &got), 0);
	EQ_INT(got.session.n + got.agent.n + got.parent.n, 0);
}

/* --- bounds -------------------------------------------------------------- */

/* Add n sessions of a key, in one transaction, each with one request; their ids
 * come in no order, as those of programs do. */
static void
many(struct state *st, uint64_t key, unsigned from, unsigned n, int64_t us)
{
	struct usage_rec r = help_usage(key, 1, 1);
	char name[40];

	r.real_us += us;
	r.agent = r.parent = STR("");
	EQ_INT(db_begin(st->ledger), 0);
	for (; n > 0; n--) {
		snprintf(name, sizeof(name), "%08x-1111-4222-8333-%012x",
		    from * 2654435761u, from);
		from++;
		r.session = str_of(name);
		EQ_INT(sessions_add(st, &r), 0);
	}
	EQ_INT(db_commit(st->ledger), 0);
}

/* The row of what found no room. */
static const struct usage_total *
other(const struct seen *s)
{
	unsigned i;

	for (i = 0; i < s->n && i < SEEN; i++)
		if (s->t[i].session[0] == '\0')
			return &s->t[i];
	return NULL;
}

TEST(bound_of_a_key)
{
	struct state *st = help_new(&h, "key", BOARD_RECORDER);
	struct seen s;

	many(st, 7, 0, SESSIONS_OF_KEY, 0);
	s = sessions(st);
	EQ_INT(s.n, SESSIONS_OF_KEY);
	OK(other(&s) == NULL);
	many(st, 7, SESSIONS_OF_KEY, 500, 0);
	many(st, 7, 17, 1, 0);			/* has its row */
	s = sessions(st);
	EQ_INT(s.n, SESSIONS_OF_KEY + 1);
	EQ_INT(s.requests, SESSIONS_OF_KEY + 501);
	EQ_INT(other(&s)->requests, 500);
	EQ_STR(other(&s)->key_name, "ci");
	/* other keys and other days have room */
	many(st, 8, 0, 1, 0);
	many(st, 7, SESSIONS_OF_KEY, 1, DAY_US);
	EQ_INT(sessions(st).n, SESSIONS_OF_KEY + 3);
	state_close(&st);
}

TEST(bound_of_a_day)
{
	struct state *st = help_new(&h, "day", BOARD_RECORDER);
	struct seen s;
	uint64_t key;

	for (key = 10; key < 10 + SESSIONS_OF_DAY / SESSIONS_OF_KEY; key++)
		many(st, key, 0, SESSIONS_OF_KEY, 0);
	EQ_INT(sessions(st).n, SESSIONS_OF_DAY);
	many(st, 1, 0, 3, 0);
	many(st, 2, 0, 4, 0);
	s = sessions(st);
	EQ_INT(s.n, SESSIONS_OF_DAY + 2);
	EQ_INT(s.requests, SESSIONS_OF_DAY + 7);
	EQ_INT(s.t[0].key_id, 1);
	EQ_INT(s.t[0].requests, 3);
	many(st, 1, 0, 3, DAY_US);
	EQ_INT(sessions(st).n, SESSIONS_OF_DAY + 5);
	printf("# %.0f bytes a row\n", (double)(db_capacity(st->ledger) -
	    db_room(st->ledger)) / SESSIONS_OF_DAY);
	state_close(&st);
}

/* Old days go, a bounded number at a time; the others stay. */
TEST(age)
{
	struct state *st = help_new(&h, "age", BOARD_RECORDER);
	int64_t now = help_usage(1, 0, 0).real_us;
	uint64_t txn;
	int n, calls = 0, rows = 0;

	many(st, 7, 0, 1200, 0);
	many(st, 8, 0, 3, 0);
	many(st, 7, 0, 5, DAY_US);
	EQ_INT(sessions_expire(st, now + DAY_US - DAY_US), 0);
	txn = state_last_txn(st);
	EQ_INT(sessions_expire(st, now), 0);
	EQ_INT(state_last_txn(st), txn);	/* nothing to do: no write */
	while ((n = sessions_expire(st, now + DAY_US)) > 0) {
		OK(n <= 512);
		calls++;
		rows += n;
	}
	EQ_INT(n, 0);
	EQ_INT(calls, 3);
	EQ_INT(rows, 1200 + 3 + 2 + 1);	/* and what counts them */
	EQ_INT(sessions(st).n, 5);
	/* the counts of the day that stays are what they were */
	many(st, 7, 5, SESSIONS_OF_KEY - 5, DAY_US);
	EQ_INT(sessions(st).n, SESSIONS_OF_KEY);
	many(st, 7, SESSIONS_OF_KEY, 1, DAY_US);
	EQ_INT(sessions(st).n, SESSIONS_OF_KEY + 1);
	state_close(&st);
}

/* --- stores of other programs -------------------------------------------- */

static void
meta_key(struct db_key *k)
{
	db_key(k, TABLE_META);
	db_key_u8(k, 0);
	db_key_u8(k, TABLE_SESSION);
}

/* A ledger from before there were sessions is sound, can be copied, and gets
 * the table at the next start; nothing of it is lost. */
TEST(older_ledger)
{
	struct state *st = help_new(&h, "older", BOARD_RECORDER);
	struct db_key k;
	struct str val;
	uint64_t records;
	char err[256] = "";

	settle(st, 1, "", "", 0, 0);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	meta_key(&k);
	EQ_INT(db_begin(st->ledger), 0);
	EQ_INT(db_del(st->ledger, &k), 0);
	EQ_INT(db_commit(st->ledger), 0);
	state_close(&st);
	EQ_INT(state_verify(h.state, 0, &records, err, sizeof(err)), 0);
	st = help_open(&h.o);
	EQ_INT(db_get(st->ledger, &k, &val), ERR_NOTFOUND);
	state_close(&st);
	EQ_INT(state_prepare(&h.o, err, sizeof(err)), 0);
	st = help_open(&h.o);
	EQ_INT(db_get(st->ledger, &k, &val), 0);
	settle(st, 1, "a", "", 0, 0);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	EQ_INT(sessions(st).requests, 1);
	state_close(&st);
	EQ_INT(state_verify(h.state, 0, &records, err, sizeof(err)), 0);
}

static int
put_and_verify(const void *key, size_t n, const void *rec, size_t size,
    char err[256])
{
	struct state *st = help_open(&h.o);
	struct db_key k = { .n = n };
	uint64_t records;
	int rc;

	memcpy(k.b, key, n);
	EQ_INT(db_begin(st->ledger), 0);
	EQ_INT(db_put(st->ledger, &k, rec, size), 0);
	EQ_INT(db_commit(st->ledger), 0);
	state_close(&st);
	err[0] = '\0';
	rc = state_verify(h.state, 0, &records, err, 256);
	st = help_open(&h.o);
	EQ_INT(db_begin(st->ledger), 0);
	EQ_INT(db_del(st->ledger, &k), 0);
	EQ_INT(db_commit(st->ledger), 0);
	state_close(&st);
	return rc;
}

/* check-ledger reads these rows too, and says of what it does not know that it
 * may be newer. */
TEST(verified)
{
	struct state *st = help_new(&h, "verify", BOARD_RECORDER);
	unsigned char rec[64];
	char err[256];

	settle(st, 1, "a", "b", 0, 0);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	state_close(&st);
	memset(rec, 0, sizeof(rec));
	rec_seal(rec, 8 + 17 + 2, 1);
	EQ_INT(put_and_verify("\x34" "dddd", 5, rec, 8 + 17 + 2, err), 0);
	EQ_INT(put_and_verify("\x34" "ddddkkkkkkkk\0\0", 15, rec, 8 + 17 + 2,
	    err), 0);
	EQ_INT(put_and_verify("\x34" "ddddkkkkkkkk\1a\0", 16, rec,
	    8 + 17 + 2, err), 0);
	/* keys that are cut or too long, a record that is cut */
	EQ_INT(put_and_verify("\x34" "dddd", 4, rec, 8 + 17 + 2, err),
	    ERR_CORRUPT);
	EQ_INT(put_and_verify("\x34" "ddddkkkkkkkk\1a", 15, rec, 8 + 17 + 2,
	    err), ERR_CORRUPT);
	EQ_INT(put_and_verify("\x34" "ddddkkkkkkkk\1a\0x", 17, rec,
	    8 + 17 + 2, err), ERR_CORRUPT);
	OK(strstr(err, "table session") != NULL);
	rec_seal(rec, 8 + 17, 1);
	EQ_INT(put_and_verify("\x34" "dddd", 5, rec, 8 + 17, err),
	    ERR_CORRUPT);
	rec_seal(rec, 8 + 17 + 2, 2);
	EQ_INT(put_and_verify("\x34" "dddd", 5, rec, 8 + 17 + 2, err),
	    ERR_VERSION);
	EQ_INT(put_and_verify("\x35" "dddd", 5, rec, 8 + 17 + 2, err),
	    ERR_VERSION);
	OK(strstr(err, "newer program") != NULL);
}

TAP_BEGIN
TAP_ROW(names)
TAP_ROW(sums)
TAP_ROW(in_slices)
TAP_ROW(long_texts)
TAP_ROW(spool_records)
TAP_ROW(bound_of_a_key)
TAP_ROW(bound_of_a_day)
TAP_ROW(age)
TAP_ROW(older_ledger)
TAP_ROW(verified)
TAP_END
