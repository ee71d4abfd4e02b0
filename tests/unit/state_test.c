/* state_test.c - the stores: making, boot id, versions, damage, health. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "state/addr_book.h"
#include "state/ballast.h"
#include "state/db.h"
#include "state/models.h"
#include "state/schema.h"
#include "state_help.h"

static struct help_opts h;

static int
prepare(void)
{
	char err[256];

	return state_prepare(&h.o, err, sizeof(err));
}

/* Replace every "from" in a closed file; how many there were. */
static int
replace(const char *path, const char *from, const char *to)
{
	struct buf b;
	char *p;
	int n = 0;

	buf_init(&b, 64 << 20);
	EQ_INT(fd_read_file(path, &b), 0);
	while ((p = memmem(buf_ptr(&b), buf_len(&b), from, strlen(from))) !=
	    NULL) {
		memcpy(p, to, strlen(to));
		n++;
	}
	EQ_INT(fd_write_file(path, buf_ptr(&b), buf_len(&b), 0600), 0);
	buf_free(&b);
	return n;
}

TEST(boot_id_changes)
{
	struct state *st = help_new(&h, "boot", BOARD_RECORDER);
	char path[300];
	uint64_t epoch = state_epoch(st), records, bytes;
	struct stat sb;

	OK(epoch > 1600000000000000ULL);
	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	state_close(&st);
	/* the same boot: hot lives on */
	EQ_INT(prepare(), 0);
	st = help_open(&h.o);
	EQ_INT(state_epoch(st), epoch);
	usage_spool_size(st, &records, &bytes);
	EQ_INT(records, 1);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	state_close(&st);
	/* another boot: a new one, whose records are not taken for old */
	snprintf(path, sizeof(path), "%s/boot_id", h.run);
	EQ_INT(fd_write_file(path, "other\n", 6, 0600), 0);
	EQ_INT(prepare(), 0);
	st = help_open(&h.o);
	OK(state_epoch(st) > epoch);
	usage_spool_size(st, &records, &bytes);
	EQ_INT(records, 0);
	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 1);
	state_close(&st);
	/* files that must be there before they are needed */
	snprintf(path, sizeof(path), "%s/hot/lock.mdb", h.run);
	EQ_INT(stat(path, &sb), 0);
	OK((size_t)sb.st_blocks * 512 >= db_lock_size());
	snprintf(path, sizeof(path), "%s/ballast", h.state);
	EQ_INT(stat(path, &sb), 0);
	EQ_INT(sb.st_size, ballast_size(LEDGER_MAX));
}

TEST(not_prepared)
{
	struct state *st;
	char err[256];

	help_opts(&h, tap_dir(), BOARD_WORKER, 1);
	snprintf(h.run, sizeof(h.run), "%s/nowhere", tap_dir());
	EQ_INT(state_open(&h.o, &st, err, sizeof(err)), ERR_SYSTEM);
	OK(st == NULL);
	OK(strstr(err, "No such file") != NULL);
	state_close(&st);
}

TEST(unknown_version)
{
	struct state *st = help_new(&h, "version", BOARD_RECORDER);
	char path[300], err[256] = "";
	struct db_opts o = { .name = "ledger", .dir = path,
	    .map_size = LEDGER_MAX };
	struct { uint32_t crc; uint8_t version, zero[3]; uint64_t v; } n =
	    { 0, 1, { 0 }, 9 };
	struct db_key k;
	struct db *d;

	state_close(&st);
	snprintf(path, sizeof(path), "%s/ledger", h.state);
	EQ_INT(db_open(&o, &d, err, sizeof(err)), 0);
	db_key(&k, TABLE_META);
	db_key_u8(&k, 0);
	db_key_u8(&k, TABLE_TOTAL);
	n.crc = crypto_crc32c(0, (char *)&n + 4, sizeof(n) - 4);
	EQ_INT(db_begin(d), 0);
	EQ_INT(db_put(d, &k, &n, sizeof(n)), 0);
	EQ_INT(db_commit(d), 0);
	db_close(&d);
	EQ_INT(state_open(&h.o, &st, err, sizeof(err)), ERR_VERSION);
	OK(strstr(err, "total") != NULL && strstr(err, "9") != NULL);
	EQ_INT(prepare(), ERR_VERSION);
}

TEST(damage_is_seen)
{
	struct state *st = help_new(&h, "damage", BOARD_ADMIN);
	char path[300], err[256], secret[KEY_SECRET_SIZE];
	struct key_rec r = { .enabled = 1 }, got;
	uint64_t records;

	key_new_secret(secret, r.hash, r.hint);
	strcpy(r.name, "damage-this-name");
	strcpy(r.models, "gpt-damaged-model");
	EQ_INT(key_create(st, &r), 0);
	state_close(&st);
	EQ_INT(state_verify(h.state, LEDGER_MAX, &records, err,
	    sizeof(err)), 0);
	OK(records >= 3 + 7);
	snprintf(path, sizeof(path), "%s/ledger/data.mdb", h.state);
	OK(replace(path, "gpt-damaged-model", "gpt-DAMAGED") > 0);
	EQ_INT(state_verify(h.state, LEDGER_MAX, &records, err,
	    sizeof(err)), ERR_CORRUPT);
	OK(strstr(err, "table key,") != NULL);
	st = help_open(&h.o);
	EQ_INT(key_find(st, r.hash, 0, &got), ERR_CORRUPT);
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
}

/* Take the number of the last transaction back where readers look for it. */
static void
forge(const char *dir)
{
	char path[400];
	uint64_t txn[2], word, at;
	int fd, found = 0;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_RDONLY);
	OK(pread(fd, &txn[0], 8, 144) == 8);
	OK(pread(fd, &txn[1], 8, 4096 + 144) == 8);
	if (txn[0] < txn[1])
		txn[0] = txn[1];
	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	fd = open(path, O_RDWR);
	for (at = 8; at < 256; at += 8) {
		OK(pread(fd, &word, 8, (off_t)at) == 8);
		if (word != txn[0])
			continue;
		word--;
		OK(pwrite(fd, &word, 8, (off_t)at) == 8);
		found++;
	}
	tap_exit(found == 1 ? 0 : 1);
}

/*
 * A writer that is killed when its commit is complete but for the note of it
 * leaves the others with the transaction before, until the next writer comes.
 */
TEST(commit_that_nobody_sees)
{
	struct state *st = help_new(&h, "unseen", BOARD_ADMIN);
	char dir[300], err[256], secret[KEY_SECRET_SIZE];
	struct key_rec r = { .enabled = 1 };
	uint64_t records;
	int open_end[2], status;
	pid_t user, forger;

	key_new_secret(secret, r.hash, r.hint);
	strcpy(r.name, "one");
	EQ_INT(key_create(st, &r), 0);
	state_close(&st);
	OK(pipe(open_end) == 0);
	/* who opens a store that nobody has open sets that number right */
	if ((user = fork()) == 0) {
		st = help_open(&h.o);
		OK(write(open_end[1], "", 1) == 1);
		pause();
	}
	OK(read(open_end[0], secret, 1) == 1);
	snprintf(dir, sizeof(dir), "%s/ledger", h.state);
	if ((forger = fork()) == 0)
		forge(dir);
	OK(waitpid(forger, &status, 0) == forger && status == 0);
	status = state_verify(h.state, LEDGER_MAX, &records, err, sizeof(err));
	kill(user, SIGKILL);
	waitpid(user, NULL, 0);
	EQ_INT(status, 0);
	OK(records > 0);
}

TEST(damaged_usage_is_skipped)
{
	struct state *st = help_new(&h, "damage2", BOARD_RECORDER);
	struct act_settle s = { .rec = help_usage(1, 1, 1) };
	struct act_admit a = { .key_id = 9 };
	char path[300];

	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	strcpy(s.rec.request_id, "req_broken");
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	state_close(&st);
	snprintf(path, sizeof(path), "%s/hot/data.mdb", h.run);
	OK(replace(path, "req_broken", "req_BROKEN") > 0);
	st = help_open(&h.o);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 3);
	EQ_INT(usage_drain(st, 10, NULL, NULL), 0);
	a.limits.v[WINDOW_RPM] = 3;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	state_close(&st);
}

TEST(ledger_is_not_written_by_workers)
{
	struct state *st = help_new(&h, "readonly", BOARD_ADMIN);
	struct key_rec r = { .enabled = 1 }, got;
	char secret[KEY_SECRET_SIZE];

	key_new_secret(secret, r.hash, r.hint);
	strcpy(r.name, "x");
	EQ_INT(key_create(st, &r), 0);
	state_close(&st);
	h.o.role = BOARD_WORKER;
	st = help_open(&h.o);
	EQ_INT(key_find(st, r.hash, 0, &got), 0);
	EQ_STR(got.name, "x");
	state_turn_end(st);
	state_close(&st);
}

static int
change(void *arg, struct upkey_rec *row)
{
	row->faults = 7;
	return *(int *)arg;
}

TEST(upstream_keys)
{
	struct state *st = help_new(&h, "upkey", BOARD_CHECKER);
	struct act_key_fault f = { .rec = { .provider = "openai",
	    .id = "12345678", .why = UPKEY_AUTH, .http_status = 401,
	    .error = "invalid key" }, .real_us = 5 * CLOCK_US_S,
	    .away_us = 500 }, good = f;
	struct upkey_rec v[4], r;
	uint64_t ver = upkey_version(st);

	EQ_INT(upkey_all(st, v, 4), 0);
	state_turn_end(st);
	EQ_INT(help_run(st, &f.a, ACT_KEY_FAULT), 0);
	f.real_us += 600;
	EQ_INT(help_run(st, &f.a, ACT_KEY_FAULT), 0);
	OK(upkey_version(st) != ver);
	EQ_INT(upkey_all(st, v, 4), 1);
	EQ_STR(v[0].provider, "openai");
	EQ_MEM(v[0].id, 8, "12345678", 8);
	EQ_INT(v[0].status, UPKEY_UNHEALTHY);
	EQ_INT(v[0].faults, 2);
	EQ_INT(v[0].why, UPKEY_AUTH);
	EQ_INT(v[0].until_us, 5 * CLOCK_US_S + 1100);
	EQ_INT(v[0].fault_us, 5 * CLOCK_US_S + 600);
	EQ_INT(v[0].http_status, 401);
	EQ_STR(v[0].error, "invalid key");
	/* what began before the refusal changes nothing, not the version */
	good.good = UPKEY_SERVED_AGAIN;
	ver = upkey_version(st);
	EQ_INT(help_run(st, &good.a, ACT_KEY_FAULT), 0);
	EQ_INT(good.rec.status, UPKEY_UNHEALTHY);
	EQ_INT(upkey_version(st), ver);
	good.real_us = 9 * CLOCK_US_S;
	EQ_INT(help_run(st, &good.a, ACT_KEY_FAULT), 0);
	EQ_INT(good.rec.status, UPKEY_HEALTHY);
	EQ_INT(upkey_all(st, v, 4), 1);
	r = v[0];
	EQ_INT(upkey_update(st, &r, change, &(int){ 0 }), 0);
	EQ_INT(r.faults, 7);
	EQ_INT(upkey_all(st, v, 4), 1);
	EQ_INT(v[0].faults, 0);		/* was not to be written */
	EQ_INT(upkey_update(st, &r, change, &(int){ 1 }), 0);
	EQ_INT(upkey_all(st, v, 4), 1);
	EQ_INT(v[0].faults, 7);
	r = v[0];
	r.faults = 0;
	EQ_INT(upkey_put(st, &r), 0);
	strcpy(r.provider, "z");
	EQ_INT(upkey_put(st, &r), 0);
	EQ_INT(upkey_all(st, v, 1), 1);
	EQ_INT(upkey_all(st, v, 4), 2);
	EQ_INT(v[0].status, UPKEY_HEALTHY);
	ver = upkey_version(st);
	EQ_INT(upkey_del(st, "z", r.id), 0);
	EQ_INT(upkey_del(st, "z", r.id), ERR_NOTFOUND);
	EQ_INT(upkey_version(st), ver + 1);
	EQ_INT(upkey_all(st, v, 4), 1);
	state_close(&st);
}

TEST(addresses)
{
	struct state *st = help_new(&h, "addr", BOARD_CHECKER);
	struct addr_book_rec r = { .host = "api.example.org", .n = 2,
	    .resolved_us = 77, .addr = { "0123456789abcde", "fedcba987654321"
	    } }, got;
	uint64_t ver = addr_book_version(st);

	EQ_INT(addr_book_get(st, r.host, &got), ERR_NOTFOUND);
	EQ_INT(addr_book_put(st, &r), 0);
	OK(addr_book_version(st) != ver);
	EQ_INT(addr_book_get(st, r.host, &got), 0);
	EQ_MEM(&got, sizeof(got), &r, sizeof(r));
	r.n = 0;
	r.error = 1;
	memset(r.addr, 0, sizeof(r.addr));
	strcpy(r.error_text, "no such host");
	EQ_INT(addr_book_put(st, &r), 0);
	EQ_INT(addr_book_get(st, r.host, &got), 0);
	EQ_MEM(&got, sizeof(got), &r, sizeof(r));
	state_close(&st);
}

struct seen {
	int	n;
	size_t	bytes;
	char	last[300];
};

static int
see_model(void *arg, struct str id)
{
	struct seen *s = arg;

	s->n++;
	s->bytes += id.n;
	str_copy(s->last, sizeof(s->last), id);
	return s->n == 5000 ? 42 : 0;
}

TEST(model_lists)
{
	static char text[1000][40];
	static struct str ids[1000];
	struct state *st = help_new(&h, "models", BOARD_CHECKER);
	struct seen s = { 0 };
	int64_t us = 9;
	uint64_t ver;
	int i;

	EQ_INT(models_each(st, "openai", &us, see_model, &s), 0);
	EQ_INT(us, 0);
	for (i = 0; i < 1000; i++) {
		snprintf(text[i], sizeof(text[i]), "vendor/model-%d", i);
		ids[i] = str_of(text[i]);
	}
	EQ_INT(models_put(st, "openai", 5, ids, 1000), 0);
	EQ_INT(models_put(st, "openai2", 6, ids, 1), 0);
	ver = models_version(st);
	EQ_INT(models_each(st, "openai", &us, see_model, &s), 0);
	EQ_INT(us, 5);
	EQ_INT(s.n, 1000);
	EQ_STR(s.last, "vendor/model-999");
	/* the same list: only its time is new */
	EQ_INT(models_put(st, "openai", 7, ids, 1000), 0);
	EQ_INT(models_version(st), ver);
	EQ_INT(models_put(st, "openai", 8, ids, 3), 0);
	OK(models_version(st) != ver);
	memset(&s, 0, sizeof(s));
	EQ_INT(models_each(st, "openai", &us, see_model, &s), 0);
	EQ_INT(us, 8);
	EQ_INT(s.n, 3);
	s.n = 4997;
	EQ_INT(models_each(st, "openai", &us, see_model, &s), 42);
	state_close(&st);
}

TEST(lock_marks)
{
	static struct board_slot slot;
	struct state *st = help_new(&h, "marks", BOARD_WORKER);

	state_close(&st);
	h.o.slot = &slot;
	st = help_open(&h.o);
	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	EQ_INT(slot.lock_hold_us, 0);
	EQ_INT(slot.lock_wait_us, 0);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(boot_id_changes)
TAP_ROW(not_prepared)
TAP_ROW(unknown_version)
TAP_ROW(damage_is_seen)
TAP_ROW(commit_that_nobody_sees)
TAP_ROW(damaged_usage_is_skipped)
TAP_ROW(ledger_is_not_written_by_workers)
TAP_ROW(upstream_keys)
TAP_ROW(addresses)
TAP_ROW(model_lists)
TAP_ROW(lock_marks)
TAP_END
