/*
 * disk_test.c - stores that run out of disk or map.
 *
 * The program starts itself as helper ("disk_test --helper KIND FOLDER"), so
 * that no environment crosses a fork, and mounts file systems only there.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state_help.h"

static struct help_opts h;

/* --- helpers ----------------------------------------------------------- */

static int
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = fd < 0 || write(fd, text, strlen(text)) < 0;

	if (fd >= 0)
		close(fd);
	return rc ? -1 : 0;
}

/* Mount a file system of that size that only this process sees. */
static int
own_disk(const char *dir, const char *size)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1\n", (unsigned)geteuid());
	mkdir(dir, 0700);
	if (unshare(CLONE_NEWNS) != 0 &&
	    (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
	    write_text("/proc/self/uid_map", map) != 0))
		return -1;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -1;
	return mount("tmpfs", dir, "tmpfs", 0, size);
}

static void
stop_at_full(struct act *a)
{
	if (a->rc != 0)
		_exit(12);
}

/*
 * A file system of our own of 4 MiB, nothing else on it: it becomes full,
 * nothing breaks, and the recorder cures it. 77: may not be made here.
 */
static int
full_disk(const char *base)
{
	char err[256];
	struct state *st;
	int settled = 0, n;

	help_opts(&h, base, BOARD_RECORDER, 1);
	if (own_disk(h.run, "size=4m") != 0)
		return 77;
	h.o.hot_max = 32 << 20;
	if (state_prepare(&h.o, err, sizeof(err)) != 0 ||
	    state_open(&h.o, &st, err, sizeof(err)) != 0)
		return 11;
	while (help_settle(st, 1, 1, 1, 0) == 0)
		settled++;
	if (state_fatal(st) != 0 || settled < 1000)
		return 12;
	while ((n = usage_drain(st, 1000, NULL, NULL)) > 0)
		settled -= n;
	if (n != 0 || settled != 0 || state_fatal(st) != 0)
		return 13;
	n = help_settle(st, 1, 1, 1, 0);
	state_close(&st);
	return n == 0 ? 0 : 14;
}

/* The same, but somebody else takes the last byte behind our back. */
static int
stolen_disk(const char *base)
{
	char err[256], path[300], junk[4096] = "";
	struct state *st;
	int fd, n, settled = 0;

	help_opts(&h, base, BOARD_RECORDER, 1);
	if (own_disk(h.run, "size=24m") != 0)
		return 77;
	h.o.hot_max = 64 << 20;
	if (state_prepare(&h.o, err, sizeof(err)) != 0 ||
	    state_open(&h.o, &st, err, sizeof(err)) != 0)
		return 11;
	for (; settled < 2000; settled++)
		if (help_settle(st, 1, 1, 1, 0) != 0)
			return 12;
	snprintf(path, sizeof(path), "%s/junk", h.run);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0)
		return 13;
	while (write(fd, junk, sizeof(junk)) > 0)
		;
	while (help_settle(st, 1, 1, 1, 0) == 0)
		settled++;
	while ((n = usage_drain(st, 1000, NULL, NULL)) > 0)
		settled -= n;
	if (n != 0 || settled != 0 || state_fatal(st) != 0)
		return 14;
	n = help_settle(st, 1, 1, 1, 0);
	state_close(&st);
	close(fd);
	return n == 0 ? 0 : 15;
}

/* Open with a larger map than the others and fill more than they have. */
static int
grow(const char *base)
{
	struct state *st;
	char err[256];
	int i;

	help_opts(&h, base, BOARD_WORKER, 3);
	h.o.hot_max = 4 * HOT_MAX;
	if (state_open(&h.o, &st, err, sizeof(err)) != 0)
		return 11;
	for (i = 0; i < 1000000; i++) {
		struct act_settle s[8];
		int j;

		memset(s, 0, sizeof(s));
		for (j = 0; j < 8; j++) {
			s[j].a.kind = ACT_SETTLE;
			s[j].a.done = stop_at_full;
			s[j].rec = help_usage(1, 1, 1);
			state_queue(st, &s[j].a);
		}
		state_flush(st);
		if (i * 8 * 150ULL > 2 * HOT_MAX)
			break;
	}
	state_close(&st);
	return 0;
}

static int
helper(const char *kind, const char *base)
{
	log_set_fd(-1);
	if (strcmp(kind, "full_disk") == 0)
		return full_disk(base);
	if (strcmp(kind, "stolen_disk") == 0)
		return stolen_disk(base);
	return grow(base);
}

/* --- the tests --------------------------------------------------------- */

/* Its exit status. */
static int
run_helper(const char *kind)
{
	char base[200];
	pid_t pid;
	int status;

	snprintf(base, sizeof(base), "%s/%s", tap_dir(), kind);
	mkdir(base, 0700);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		execl("/proc/self/exe", "disk_test", "--helper", kind, base,
		    (char *)NULL);
		_exit(9);
	}
	OK(pid > 0);
	EQ_INT(waitpid(pid, &status, 0), pid);
	OK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
run_alone(const char *kind)
{
	int status = run_helper(kind);

	if (status == 77)
		tap_skip("no file system of our own may be mounted here");
	EQ_INT(status, 0);
}

/* A new generation with a larger map: the old one follows, both ways. */
TEST(map_grows_elsewhere)
{
	struct state *st = help_new(&h, "grow", BOARD_RECORDER);
	uint64_t records, bytes;

	usage_spool_size(st, &records, &bytes);
	EQ_INT(records, 0);
	state_turn_end(st);
	EQ_INT(run_helper("grow"), 0);
	usage_spool_size(st, &records, &bytes);
	OK(bytes > HOT_MAX);
	state_turn_end(st);
	EQ_INT(help_settle(st, 1, 1, 1, 0), 0);
	EQ_INT(usage_drain(st, 100000, NULL, NULL), 100000);
	EQ_INT(state_fatal(st), 0);
	state_close(&st);
}

TEST(full_disk)
{
	run_alone("full_disk");
}

TEST(stolen_disk)
{
	run_alone("stolen_disk");
}

static const struct tap_test tests[] = {
TAP_ROW(map_grows_elsewhere)
TAP_ROW(full_disk)
TAP_ROW(stolen_disk)
};

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--helper") == 0)
		return helper(argv[2], argv[3]);
	return tap_run(tests, sizeof(tests) / sizeof(tests[0]), argc, argv);
}
