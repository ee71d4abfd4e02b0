/*
 * host_test.c - what the stores ask of the machine: a safe LMDB, a local file
 * system, lock files with all their blocks, readers that die.
 *
 * mdb_version and statfs are defined here again. The program starts itself as
 * helper ("host_test --helper FOLDER"): a reader that is killed.
 * DISK_READERS=2000 kills as many.
 */
#include <lmdb.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "state/db.h"
#include "state_help.h"

static struct help_opts h;
static int version[3] = { 0, 9, 24 };
static long magic;			/* of every file system; 0: true */

char *
mdb_version(int *major, int *minor, int *patch)
{
	static char text[] = "test";

	*major = version[0];
	*minor = version[1];
	*patch = version[2];
	return text;
}

int
statfs(const char *path, struct statfs *fs)
{
	int rc = (int)syscall(SYS_statfs, path, fs);

	if (magic != 0)
		fs->f_type = magic;
	return rc;
}

/* What is logged while a warning is due. */
static int
warned(int patch)
{
	char path[300];
	struct buf b;
	int fd, n;

	snprintf(path, sizeof(path), "%s/log", tap_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	OK(fd >= 0);
	version[2] = patch;
	log_set_fd(fd);
	db_warn_version();
	log_set_fd(-1);
	version[2] = 24;
	close(fd);
	buf_init(&b, 4096);
	EQ_INT(fd_read_file(path, &b), 0);
	n = buf_len(&b) > 0;
	buf_free(&b);
	return n;
}

TEST(unsafe_versions)
{
	EQ_INT(warned(24), 0);
	EQ_INT(warned(25), 0);
	EQ_INT(warned(26), 1);
	EQ_INT(warned(29), 1);
	EQ_INT(warned(31), 1);
	EQ_INT(warned(32), 0);
}

TEST(network_file_systems)
{
	static const long nets[] = { 0x6969, 0x517b, 0xff534d42, 0xfe534d42,
	    0x01021997, 0x65735546, 0x00c36400 };
	char base[200], err[256];
	size_t i;

	log_set_fd(-1);
	snprintf(base, sizeof(base), "%s/net", tap_dir());
	help_opts(&h, base, BOARD_RECORDER, 1);
	for (i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		magic = nets[i];
		EQ_INT(state_prepare(&h.o, err, sizeof(err)),
		    ERR_UNSUPPORTED);
		OK(strstr(err, "local file system") != NULL);
	}
	magic = 0xef53;
	EQ_INT(state_prepare(&h.o, err, sizeof(err)), 0);
	magic = 0;
}

TEST(lock_files_have_their_blocks)
{
	struct state *st = help_new(&h, "lock", BOARD_RECORDER);
	char path[300];
	struct stat sb;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s/lock.mdb", i ? h.run :
		    h.state, i ? "hot" : "ledger");
		EQ_INT(stat(path, &sb), 0);
		OK((size_t)sb.st_size >= db_lock_size());
		OK((size_t)sb.st_blocks * 512 >= db_lock_size());
	}
	state_close(&st);
}

/* --- readers that die --------------------------------------------------- */

static void
nothing(struct act *a)
{
}

/* Hold a snapshot of both stores until killed. */
static int
reader(const char *base)
{
	struct state *st;
	struct key_rec k;
	uint64_t records, bytes;
	char err[256];

	log_set_fd(-1);
	help_opts(&h, base, BOARD_ADMIN, 7);
	if (state_open(&h.o, &st, err, sizeof(err)) != 0)
		return 1;
	(void)key_find_id(st, 1, &k);
	usage_spool_size(st, &records, &bytes);
	if (write(1, "r", 1) != 1)
		return 2;
	for (;;)
		pause();
}

static pid_t
start_reader(const char *base)
{
	int fd[2];
	char c;
	pid_t pid;

	EQ_INT(pipe2(fd, O_CLOEXEC), 0);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		dup2(fd[1], 1);
		execl("/proc/self/exe", "host_test", "--helper", base,
		    (char *)NULL);
		_exit(9);
	}
	close(fd[1]);
	EQ_INT(read(fd[0], &c, 1), 1);
	close(fd[0]);
	return pid;
}

static void
write_some(struct state *st)
{
	struct act_settle s[64];
	int i;

	memset(s, 0, sizeof(s));
	for (i = 0; i < 64; i++) {
		s[i].a.kind = ACT_SETTLE;
		s[i].a.done = nothing;
		s[i].rec = help_usage(1 + (uint64_t)i, 1, 1);
		state_queue(st, &s[i].a);
	}
	state_flush(st);
	OK(usage_drain(st, 1000, NULL, NULL) >= 0);
	state_turn_end(st);
}

static uint64_t
size_of(const char *dir, const char *name)
{
	char path[300];
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s/data.mdb", dir, name);
	EQ_INT(stat(path, &sb), 0);
	return (uint64_t)sb.st_size;
}

/*
 * A dead reader keeps all pages that were freed since; the recorder hears of
 * it, or looks every five seconds: both files stay small.
 */
TEST(dead_readers)
{
	const char *env = getenv("DISK_READERS");
	int i, status, n = env != NULL ? atoi(env) : 60;
	struct state *st = help_new(&h, "readers", BOARD_RECORDER);
	uint64_t hot, ledger;
	char base[200];
	pid_t pid;

	snprintf(base, sizeof(base), "%s/readers", tap_dir());
	for (i = 0; i < 20; i++)
		write_some(st);
	hot = size_of(h.run, "hot");
	ledger = size_of(h.state, "ledger");
	for (i = 0; i < n; i++) {
		pid = start_reader(base);
		write_some(st);
		kill(pid, SIGKILL);
		EQ_INT(waitpid(pid, &status, 0), pid);
		write_some(st);
		if (i % 10 == 9)
			EQ_INT(state_sweep(st), 0);
		else if (i % 2)
			EQ_INT(state_gone(st, 7, 1007), 0);
	}
	printf("# %d readers killed: hot %llu KiB, was %llu; ledger %llu KiB, "
	    "was %llu\n", n, (unsigned long long)size_of(h.run, "hot") / 1024,
	    (unsigned long long)hot / 1024, (unsigned long long)
	    size_of(h.state, "ledger") / 1024, (unsigned long long)ledger /
	    1024);
	/* As small as ever, give or take what ten of them kept. */
	OK(size_of(h.run, "hot") <= hot * 6 / 5 + (4 << 20));
	OK(size_of(h.state, "ledger") <= ledger * 6 / 5 + (4 << 20));
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
}

/* --- the ledger has reached its largest size ----------------------------- */

static int
add_requests(void *arg, const struct usage_total *t)
{
	*(uint64_t *)arg += t->requests;
	return 0;
}

static void
settle_as(struct state *st, unsigned model)
{
	struct act_settle s;
	char name[16];

	memset(&s, 0, sizeof(s));
	s.rec = help_usage(1 + model, 1, 1);
	snprintf(name, sizeof(name), "m%u", model);
	s.rec.model = str_of(name);
	EQ_INT(help_run(st, &s.a, ACT_SETTLE), 0);
}

/* Records wait, keys can be changed, and with a larger map all goes on. */
TEST(ledger_map_full)
{
	char base[200], err[256];
	static struct key_rec k;
	char secret[KEY_SECRET_SIZE];
	uint64_t requests = 0, records, bytes;
	struct state *st;
	unsigned n = 0;
	int rc = 0;

	log_set_fd(-1);
	snprintf(base, sizeof(base), "%s/map", tap_dir());
	help_opts(&h, base, BOARD_RECORDER, 1);
	h.o.ledger_max = 1 << 20;
	EQ_INT(state_prepare(&h.o, err, sizeof(err)), 0);
	st = help_open(&h.o);
	key_new_secret(secret, k.hash, k.hint);
	strcpy(k.name, "one");
	k.enabled = 1;
	EQ_INT(key_create(st, &k), 0);
	while (rc >= 0 && n < 100000) {
		settle_as(st, n++);
		rc = usage_drain(st, 1000, NULL, NULL);
		state_turn_end(st);
	}
	EQ_INT(rc, ERR_FULL);
	OK(strstr(state_full_why(st), "largest size") != NULL);
	EQ_INT(state_fatal(st), 0);
	k.enabled = 0;
	EQ_INT(key_update(st, &k), 0);
	settle_as(st, n++);
	usage_spool_size(st, &records, &bytes);
	OK(records >= 2);
	state_close(&st);
	h.o.ledger_max = 8 << 20;
	st = help_open(&h.o);
	EQ_INT(usage_drain(st, 1000, NULL, NULL), (int)records);
	EQ_INT(usage_totals(st, 0, 1 << 30, 0, add_requests, &requests), 0);
	EQ_INT(requests, n);
	state_close(&st);
}

static const struct tap_test tests[] = {
TAP_ROW(ledger_map_full)
TAP_ROW(unsafe_versions)
TAP_ROW(network_file_systems)
TAP_ROW(lock_files_have_their_blocks)
TAP_ROW(dead_readers)
};

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--helper") == 0)
		return reader(argv[2]);
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
