/*
 * open_test.c - requests under way when their worker dies at a chosen instant:
 * each is charged exactly once, whatever else dies, whatever its file says.
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/rng.h"
#include "open_help.h"
#include "state/open_file.h"
#include "state/spool.h"

static int
settle_open(struct state *st, struct open_req **o)
{
	struct act_settle s = { .rec = help_usage(7, 3, 4), .open = *o };
	int rc = help_run(st, &s.a, ACT_SETTLE);

	*o = s.open;
	return rc;
}

/* --- a worker that dies at a chosen instant ------------------------------ */

enum { AT_BEGUN, AT_ATTEMPT, AT_SENT, AT_STREAM, AT_EXACT, AT_MARKED,
    AT_APPENDED, AT_COMMITTED, AT_DRAINED, AT_FREED, AT_SECOND, AT_COUNT };

static void
die(void)
{
	kill(getpid(), SIGKILL);
}

static void
die_in_done(struct act *a)
{
	(void)a;
	die();
}

/* Do to hot what the settle act does, and stop where it says. */
static void
settle_until(struct state *st, struct open_req *o, int at)
{
	struct usage_rec r = help_usage(7, 3, 4);
	struct act_settle s = { .rec = r, .open = o };
	int done = 0;

	if (at == AT_COMMITTED || at == AT_FREED || at == AT_DRAINED) {
		/* after() has freed the entry when done is called: put the
		 * mark back for those that die before */
		s.a.kind = ACT_SETTLE;
		s.a.done = die_in_done;
		if (at != AT_FREED) {
			s.a.done = help_done;
			s.a.arg = &done;
		}
		state_queue(st, &s.a);
		state_flush(st);
		atomic_store(&o->seq, s.rec.seq);
		atomic_store(&o->used, 1);
		die();
	}
	EQ_INT(db_begin(st->hot), 0);
	st->spool.known = 0;
	if (at == AT_MARKED) {
		open_mark(o, 1);
		die();
	}
	EQ_INT(spool_append(st, &r), 0);
	open_mark(o, r.seq);
	die();
}

static int
die_at(struct state *st, int at)
{
	struct open_req *o = begin(st, 7);

	if (at == AT_BEGUN)
		die();
	open_attempt(o, 1, STR("openai"), STR("m"), &charge);
	if (at == AT_ATTEMPT)
		die();
	open_sent(o);
	if (at == AT_SENT)
		die();
	open_output(o, 55);
	if (at == AT_STREAM)
		die();
	if (at == AT_SECOND) {
		open_attempt(o, 2, STR("other"), STR("m"), &charge);
		die();
	}
	open_exact(o, 11, 22, 33);
	if (at == AT_EXACT)
		die();
	settle_until(st, o, at);
	return 9;
}

/* --- the tests ------------------------------------------------------------- */

/* What the ledger must say when a worker dies at each instant. */
static const struct {
	uint64_t requests, interrupted, input, output;
	int64_t	 cost;
} after[AT_COUNT] = {
	[AT_BEGUN] = { 0, 0, 0, 0, 0 },
	[AT_ATTEMPT] = { 0, 0, 0, 0, 0 },
	[AT_SENT] = { 1, 1, 40, 100, 2000 },
	[AT_STREAM] = { 1, 1, 40, 55, 1550 },
	[AT_EXACT] = { 1, 1, 11, 22, 33 },
	[AT_MARKED] = { 1, 1, 11, 22, 33 },
	[AT_APPENDED] = { 1, 1, 11, 22, 33 },
	[AT_COMMITTED] = { 1, 0, 3, 4, 1000 },
	[AT_DRAINED] = { 1, 0, 3, 4, 1000 },
	[AT_FREED] = { 1, 0, 3, 4, 1000 },
	/* the first attempt was made: a record, and nothing to pay */
	[AT_SECOND] = { 1, 1, 0, 0, 0 },
};

static void
check_after(struct state *st, int at)
{
	struct sum s = ledger(st);

	EQ_INT(s.requests, after[at].requests);
	EQ_INT(s.interrupted, after[at].interrupted);
	EQ_INT(s.input, after[at].input);
	EQ_INT(s.output, after[at].output);
	OK(s.cost == after[at].cost);
	EQ_INT(files(), 0);
}

TEST(each_instant)
{
	char base[200], name[20];
	struct alive_mark m;
	struct state *st;
	int at;

	for (at = 0; at < AT_COUNT; at++) {
		snprintf(name, sizeof(name), "at%d", at);
		st = help_new(&h, name, BOARD_RECORDER);
		snprintf(base, sizeof(base), "%s/%s", tap_dir(), name);
		reap(start("die", base, 5, 77, at));
		EQ_INT(files(), 1);
		if (at == AT_DRAINED)	/* its record left the spool before */
			EQ_INT(ledger(st).requests, 1);
		EQ_INT(state_gone(st, 5, 77), 0);
		check_after(st, at);
		EQ_INT(alive_get(st, 77, &m), ERR_NOTFOUND);
		/* once more changes nothing */
		EQ_INT(state_gone(st, 5, 77), 0);
		check_after(st, at);
		state_close(&st);
	}
}

/* Nobody heard of the death. */
TEST(unheard)
{
	char base[200];
	struct state *st = help_new(&h, "unheard", BOARD_RECORDER);

	snprintf(base, sizeof(base), "%s/unheard", tap_dir());
	reap(start("die", base, 5, 77, AT_SENT));
	reap(start("die", base, 6, 78, AT_STREAM));
	state_close(&st);
	st = help_open(&h.o);
	EQ_INT(ledger(st).requests, 2);
	EQ_INT(ledger(st).output, 155);
	EQ_INT(files(), 0);
	state_close(&st);
}

/* The recorder is killed between its slices, before it removes the file, or
 * finds no row at all. */
TEST(recorder_dies_too)
{
	char base[200];
	struct state *st;

	st = help_new(&h, "again", BOARD_RECORDER);
	snprintf(base, sizeof(base), "%s/again", tap_dir());
	reap(start("die", base, 5, 77, AT_SENT));
	EQ_INT(open_dead(st, 77), 0);		/* and no further */
	EQ_INT(files(), 1);
	state_close(&st);
	st = help_open(&h.o);			/* sweeps */
	EQ_INT(ledger(st).requests, 1);
	EQ_INT(files(), 0);
	/* the row went, the file did not */
	reap(start("die", base, 5, 78, AT_SENT));
	EQ_INT(open_dead(st, 78), 0);
	EQ_INT(alive_forget(st, 78), 0);
	EQ_INT(open_dead(st, 78), 0);
	EQ_INT(ledger(st).requests, 2);
	EQ_INT(state_sweep(st), 0);
	EQ_INT(ledger(st).requests, 2);
	EQ_INT(files(), 0);
	state_close(&st);
}

/* Only the recorder charges, whoever else hears of it. */
TEST(others_leave_it_alone)
{
	char base[200];
	struct state *st = help_new(&h, "others", BOARD_CHECKER);

	snprintf(base, sizeof(base), "%s/others", tap_dir());
	reap(start("die", base, 5, 77, AT_SENT));
	EQ_INT(state_gone(st, 5, 77), 0);
	EQ_INT(files(), 1);
	state_close(&st);
	h.o.role = BOARD_RECORDER;
	st = help_open(&h.o);
	EQ_INT(ledger(st).requests, 1);
	state_close(&st);
}

/* A worker as another process would see it: damage must not matter. */
static void
write_file(struct state *st, uint64_t incarnation, void (*spoil)(char *p,
    size_t n))
{
	size_t n = OPEN_HEAD + 3 * sizeof(struct open_req);
	struct open_head hd = { OPEN_MAGIC, OPEN_VERSION,
	    sizeof(struct open_req), 9, st->epoch, incarnation };
	struct open_req *o;
	char path[300], *p = aligned_alloc(OPEN_HEAD, 2 * OPEN_HEAD);
	int fd;

	OK(p != NULL && n <= 2 * OPEN_HEAD);
	memset(p, 0, n);
	memcpy(p, &hd, sizeof(hd));
	o = (struct open_req *)(void *)(p + OPEN_HEAD);
	o->used = 1;
	o->key_id = 7;
	o->part[0].sent = 1;
	o->part[0].attempts = 1;
	o->part[0].output = 5;
	if (spoil != NULL)
		spoil(p, n);
	snprintf(path, sizeof(path), "%s/open-%llu", h.run,
	    (unsigned long long)incarnation);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	OK(fd >= 0);
	EQ_INT(write(fd, p, n), (long)n);
	close(fd);
	free(p);
}

static void
all_ones(char *p, size_t n)
{
	memset(p + OPEN_HEAD, 0xff, n - OPEN_HEAD);
}

static void
used_only(char *p, size_t n)
{
	struct open_req *o = (struct open_req *)(void *)(p + OPEN_HEAD);

	memset(o, 0xff, sizeof(*o));
	o->used = 1;
	o->seq = 0;
}

static void
random_bytes(char *p, size_t n)
{
	rng_bytes(p + OPEN_HEAD, n - OPEN_HEAD);
	*(uint32_t *)(void *)(p + OPEN_HEAD) = 1;
}

static void
other_epoch(char *p, size_t n)
{
	((struct open_head *)(void *)p)->epoch++;
}

static void
row_of(struct state *st, uint64_t incarnation)
{
	uint64_t mine = st->incarnation;

	st->incarnation = incarnation;
	EQ_INT(alive_register(st), 0);
	st->incarnation = mine;
}

/* A container that is started again has the process ids of before, and the
 * board tells whose they are: the recorder's is no dead worker's. */
TEST(process_ids_come_again)
{
	static struct board b;
	struct state *st = help_new(&h, "again2", BOARD_RECORDER);
	struct alive_mark m;
	struct sum t;

	row_of(st, 50);
	write_file(st, 50, NULL);
	EQ_INT(state_sweep(st), 0);
	EQ_INT(alive_get(st, 50, &m), 0);	/* so it seems */
	state_turn_end(st);
	b.slot[3].pid = (uint32_t)getpid();
	b.slot[3].incarnation = 50;		/* so it is */
	st->board = &b;
	row_of(st, 60);			/* of a clock that was put back */
	EQ_INT(state_sweep(st), 0);
	EQ_INT(alive_get(st, 50, &m), 0);
	EQ_INT(alive_get(st, 60, &m), ERR_NOTFOUND);
	state_turn_end(st);
	EQ_INT(ledger_and(st, &t).requests, 0);
	b.slot[3].incarnation = st->incarnation;
	EQ_INT(state_sweep(st), 0);
	EQ_INT(alive_get(st, 50, &m), ERR_NOTFOUND);
	state_turn_end(st);
	EQ_INT(ledger_and(st, &t).requests, 1);
	EQ_INT(files(), 0);
	state_close(&st);
}

TEST(damage)
{
	struct state *st = help_new(&h, "damage", BOARD_RECORDER);
	struct sum s, t;
	int i;

	row_of(st, 50);
	write_file(st, 50, NULL);
	EQ_INT(state_gone(st, 9, 50), 0);
	EQ_INT(ledger_and(st, &t).requests, 1);
	row_of(st, 51);
	write_file(st, 51, all_ones);
	EQ_INT(state_gone(st, 9, 51), 0);
	EQ_INT(ledger_and(st, &t).requests, 1);
	row_of(st, 52);
	write_file(st, 52, used_only);
	EQ_INT(state_gone(st, 9, 52), 0);
	s = ledger_and(st, &t);
	EQ_INT(s.requests, 2);
	OK(s.output <= 5 + (1ULL << 40));
	row_of(st, 53);
	write_file(st, 53, other_epoch);
	EQ_INT(state_gone(st, 9, 53), 0);
	EQ_INT(ledger_and(st, &t).requests, 2);
	write_file(st, 54, NULL);		/* no row */
	EQ_INT(state_sweep(st), 0);
	EQ_INT(ledger_and(st, &t).requests, 2);
	for (i = 0; i < 200; i++) {
		row_of(st, 100 + (uint64_t)i);
		write_file(st, 100 + (uint64_t)i, random_bytes);
		EQ_INT(state_gone(st, 9, 100 + (uint64_t)i), 0);
	}
	OK(ledger_and(st, &t).requests <= 2 + 3 * 200);
	EQ_INT(files(), 0);
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
}

/* More than a slice, more than a chunk; entries are used again. */
TEST(many)
{
	struct state *st = help_new(&h, "many", BOARD_WORKER), *rec;
	struct open_req *o[1000];
	int i;

	for (i = 0; i < 1000; i++)
		o[i] = sent(st, 7);
	for (i = 0; i < 1000; i += 2)
		EQ_INT(settle_open(st, &o[i]), 0);
	for (i = 0; i < 1000; i += 2) {
		OK(o[i] == NULL);
		o[i] = sent(st, 7);
	}
	for (i = 0; i < 10; i++)
		open_end(st, &o[i]);
	state_close(&st);			/* its file stays */
	EQ_INT(files(), 1);
	h.o.role = BOARD_RECORDER;
	h.o.incarnation = 2;
	rec = help_open(&h.o);
	EQ_INT(state_gone(rec, 1, 1001), 0);
	EQ_INT(ledger(rec).requests, 500 + 990);
	EQ_INT(ledger(rec).interrupted, 990);
	EQ_INT(files(), 0);
	state_close(&rec);
}

/* No room for more entries: told, no signal, and cured when one is free. */
TEST(full)
{
	struct state *st = help_new(&h, "full", BOARD_WORKER);
	struct usage_rec who = help_usage(7, 0, 0);
	struct open_req *o[OPEN_CHUNK], *more;
	struct rlimit had, tight;
	unsigned i;

	for (i = 0; i < OPEN_CHUNK; i++)
		o[i] = begin(st, 7);
	EQ_INT(getrlimit(RLIMIT_FSIZE, &had), 0);
	tight = had;
	tight.rlim_cur = OPEN_HEAD + (OPEN_CHUNK + 1) *
	    sizeof(struct open_req);
	OK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	EQ_INT(setrlimit(RLIMIT_FSIZE, &tight), 0);
	EQ_INT(open_begin(st, &who, &more), ERR_FULL);
	OK(more == NULL);
	open_end(st, &o[0]);
	EQ_INT(open_begin(st, &who, &o[0]), 0);
	EQ_INT(open_begin(st, &who, &more), ERR_FULL);
	EQ_INT(setrlimit(RLIMIT_FSIZE, &had), 0);
	EQ_INT(open_begin(st, &who, &more), 0);
	open_end(st, &more);
	for (i = 0; i < OPEN_CHUNK; i++)
		open_end(st, &o[i]);
	state_close(&st);
	EQ_INT(files(), 0);
}

/* A settle that fails leaves the entry as it was, and says so. */
TEST(failed_settle)
{
	struct state *st = help_new(&h, "failed", BOARD_WORKER), *rec;
	struct open_req *o = sent(st, 7);
	struct act_settle s = { .rec = help_usage(7, 3, 4), .open = o };

	s.a.kind = ACT_SETTLE;
	usage_settled(st, &s.a, ERR_FULL);
	OK(s.open == o);
	EQ_INT(o->seq, 0);
	EQ_INT(o->used, 1);
	EQ_INT(settle_open(st, &o), 0);
	OK(o == NULL);
	state_close(&st);
	EQ_INT(files(), 0);
	h.o.role = BOARD_RECORDER;
	rec = help_open(&h.o);
	EQ_INT(ledger(rec).requests, 1);
	EQ_INT(ledger(rec).interrupted, 0);
	state_close(&rec);
}

/* Write the file of a worker anew, with entries of another size. */
static void
resize_entries(uint64_t incarnation, uint32_t size, unsigned n)
{
	static char in[OPEN_HEAD + 64 * sizeof(struct open_req)],
	    out[OPEN_HEAD + 64 * OPEN_ENTRY_MAX];
	char path[300];
	unsigned i;
	int fd;

	open_path(path, h.run, incarnation);
	fd = open(path, O_RDWR | O_CLOEXEC);
	OK(fd >= 0);
	EQ_INT(read(fd, in, sizeof(in)), (ssize_t)sizeof(in));
	memset(out, 'x', sizeof(out));
	memcpy(out, in, OPEN_HEAD);
	memcpy(out + offsetof(struct open_head, entry_size), &size,
	    sizeof(size));
	for (i = 0; i < n; i++)
		memcpy(out + OPEN_HEAD + i * size, in + OPEN_HEAD +
		    i * sizeof(struct open_req), size <
		    sizeof(struct open_req) ? size : sizeof(struct open_req));
	EQ_INT(ftruncate(fd, 0), 0);
	EQ_INT(pwrite(fd, out, OPEN_HEAD + n * size, 0),
	    (ssize_t)(OPEN_HEAD + n * size));
	close(fd);
}

static int
is_named(void *arg, const struct usage_total *t)
{
	EQ_STR(t->session, "0f1e-22");
	EQ_STR(t->agent, "a1");
	EQ_STR(t->parent, "main");
	*(uint64_t *)arg += t->requests;
	return 0;
}

/* A worker of an older program had no sessions, one of a later program has
 * more than we know: what they had under way is charged all the same. */
TEST(other_programs)
{
	static const uint32_t size[] = { 704, sizeof(struct open_req) + 128 };
	struct state *st, *rec;
	char name[24];
	uint64_t n;
	struct sum s, t;
	int i, k;

	for (k = 0; k < 2; k++) {
		snprintf(name, sizeof(name), "size-%d", k);
		st = help_new(&h, name, BOARD_WORKER);
		for (i = 0; i < 5; i++) {
			struct open_req *o = sent(st, 7);

			if (k == 0)
				o->flags &= ~OPEN_SESSION;
		}
		state_close(&st);
		resize_entries(1001, size[k], 5);
		h.o.role = BOARD_RECORDER;
		h.o.incarnation = 2;
		rec = help_open(&h.o);
		EQ_INT(state_gone(rec, 1, 1001), 0);
		s = ledger_and(rec, &t);
		EQ_INT(s.interrupted, 5);
		EQ_INT(s.output, 500);
		n = 0;
		EQ_INT(usage_sessions(rec, 0, 1 << 30, 0, is_named, &n), 0);
		EQ_INT(n, k == 0 ? 0 : 5);
		EQ_INT(files(), 0);
		state_close(&rec);
	}
}

static const struct tap_test tests[] = {
TAP_ROW(other_programs)
TAP_ROW(each_instant)
TAP_ROW(unheard)
TAP_ROW(recorder_dies_too)
TAP_ROW(others_leave_it_alone)
TAP_ROW(process_ids_come_again)
TAP_ROW(damage)
TAP_ROW(many)
TAP_ROW(full)
TAP_ROW(failed_settle)
};

int
main(int argc, char **argv)
{
	if (argc >= 7 && strcmp(argv[1], "--helper") == 0)
		return die_at(help_child(argv + 2, BOARD_WORKER), atoi(argv[6]));
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
