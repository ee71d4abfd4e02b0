/*
 * ledger.c - "backup" and "check-ledger": copies of the ledger, and whether
 * one is sound.
 *
 * Runs in: aigwctl.
 * Owns: the copy while it is being made (FILE.part).
 *
 * This process opens the ledger beside the gateway, as a reader: nothing of
 * the gateway waits for it. While it reads, the gateway cannot use freed pages
 * again, so the time is limited.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aigwctl/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/num.h"
#include "proc/apart.h"

#define BACKUP_S	600

int
ledger_words(struct ctl *c, int argc, char **argv)
{
	int i, n = 0;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			c->json = 1;
		else
			argv[n++] = argv[i];
	return n;
}

/* Where the running gateway says that its ledger is: 0 or ERR_NOTFOUND. */
static int
ask(const struct ctl *c, char *dst, size_t size)
{
	char word[] = "status", *argv[] = { word, NULL };
	struct json_object *o = NULL;
	struct buf b;
	int rc = ERR_NOTFOUND;

	buf_init(&b, 16 << 20);
	if (link_run(c, 1, argv, &b) == EXIT_DONE &&
	    json_parse(str_trim(buf_str(&b)), &o) == 0)
		rc = str_copy(dst, size, json_get_str(json_get(o, "store"),
		    "state_dir"));
	json_object_put(o);
	buf_free(&b);
	return rc == 0 && dst[0] != '\0' ? 0 : ERR_NOTFOUND;
}

int
ledger_folder(const struct ctl *c, char *dst, size_t size)
{
	if ((c->by_socket || c->conf == NULL) && ask(c, dst, size) == 0)
		return 0;
	if (c->conf != NULL && !c->by_socket)
		return str_copy(dst, size, str_of(c->conf->state_dir));
	fprintf(stderr, "aigwctl: where is the ledger? Give -c CONF\n");
	return ERR_NOTFOUND;
}

int
ledger_check_file(struct state_check *k, int64_t limit_us, int64_t *took_us)
{
	int64_t begin = clock_mono_us();
	int rc = apart_check(k, limit_us);

	*took_us = clock_mono_us() - begin;
	return rc;
}

void
ledger_print(const struct ctl *c, const char *what, const char *path,
    const struct state_check *k, int rc, int64_t us)
{
	struct json_object *o;
	struct stat sb = { .st_size = 0 };
	char sum[12];

	(void)stat(path, &sb);
	snprintf(sum, sizeof(sum), "%08x", k->sum);
	if (!c->json && rc != 0)
		fprintf(stderr, "aigwctl: %s: %s: %s\n", path, err_str(rc),
		    k->err);
	else if (!c->json)
		printf("%s: %s: %llu records, %llu keys, %llu requests, "
		    "checksum %s, in %.2f s\n", path, what,
		    (unsigned long long)k->records,
		    (unsigned long long)k->keys,
		    (unsigned long long)k->requests, sum, (double)us / 1e6);
	if (!c->json)
		return;
	o = json_object_new_object();
	json_object_object_add(o, "path", json_object_new_string(path));
	json_object_object_add(o, "ok", json_object_new_boolean(rc == 0));
	if (rc != 0)
		json_object_object_add(o, "problem",
		    json_object_new_string(k->err));
	json_object_object_add(o, "records",
	    json_object_new_int64((int64_t)k->records));
	json_object_object_add(o, "keys",
	    json_object_new_int64((int64_t)k->keys));
	json_object_object_add(o, "requests",
	    json_object_new_int64((int64_t)k->requests));
	json_object_object_add(o, "transaction",
	    json_object_new_int64((int64_t)k->txn));
	json_object_object_add(o, "checksum", json_object_new_string(sum));
	json_object_object_add(o, "bytes",
	    json_object_new_int64((int64_t)sb.st_size));
	json_object_object_add(o, "duration_us", json_object_new_int64(us));
	printf("%s\n", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

/* --- check-ledger ------------------------------------------------------- */

static int
has(const char *dir, const char *name, char *dst, size_t size)
{
	int n = snprintf(dst, size, "%s/%s", dir, name);

	return n > 0 && (size_t)n < size && access(dst, F_OK) == 0;
}

/*
 * LMDB makes a lock file where there is none, also for a reader: root's, and
 * the gateway could not open its ledger. Made here, it is the ledger's owner's.
 */
static void
lock_file(const char *dir)
{
	char data[PATH_MAX], lock[PATH_MAX];
	struct stat sb;
	int fd;

	if (geteuid() != 0 || has(dir, "lock.mdb", lock, sizeof(lock)) ||
	    !has(dir, "data.mdb", data, sizeof(data)) || stat(data, &sb) != 0)
		return;
	fd = open(lock, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd >= 0 && fchown(fd, sb.st_uid, sb.st_gid) != 0)
		unlink(lock);
	fd_close(&fd);
}

/*
 * The words of a user as something to look at: a folder with data.mdb, or the
 * one that holds it, or a copy. data.mdb itself beside its lock file may be in
 * use, so it is taken as the folder it is in.
 */
static int
find(const char *arg, char path[PATH_MAX], int *lone)
{
	char tmp[PATH_MAX];
	struct stat sb;
	char *slash;

	*lone = 0;
	if (stat(arg, &sb) != 0 ||
	    str_copy(path, PATH_MAX, str_of(arg)) != 0) {
		fprintf(stderr, "aigwctl: %s: %s\n", arg, strerror(errno));
		return ERR_SYSTEM;
	}
	if (S_ISDIR(sb.st_mode)) {
		if (has(arg, "data.mdb", tmp, sizeof(tmp)))
			return 0;
		if (has(arg, "ledger/data.mdb", tmp, sizeof(tmp)) &&
		    has(arg, "ledger", path, PATH_MAX))
			return 0;
		fprintf(stderr, "aigwctl: %s: no ledger is there\n", arg);
		return ERR_NOTFOUND;
	}
	slash = strrchr(path, '/');
	if (strcmp(slash != NULL ? slash + 1 : path, "data.mdb") == 0) {
		snprintf(tmp, sizeof(tmp), "%.*s", slash == NULL ? 1 :
		    (int)(slash - path), slash == NULL ? "." : path);
		if (has(tmp, "lock.mdb", path, PATH_MAX))
			return str_copy(path, PATH_MAX, str_of(tmp));
		snprintf(path, PATH_MAX, "%s", arg);
	}
	*lone = 1;
	return 0;
}

int
ledger_check(struct ctl *c, int argc, char **argv)
{
	char path[PATH_MAX], state[PATH_MAX];
	struct state_check k = { .path = path };
	int64_t us;
	int rc;

	argc = ledger_words(c, argc, argv);
	if (argc > 2) {
		fprintf(stderr, "usage: aigwctl check-ledger [DIR|FILE]\n");
		return EXIT_BAD_USAGE;
	}
	if (argc < 2 && ledger_folder(c, state, sizeof(state)) != 0)
		return EXIT_FAILED;
	if (find(argc < 2 ? state : argv[1], path, &k.lone) != 0)
		return EXIT_FAILED;
	if (!k.lone)
		lock_file(path);
	rc = ledger_check_file(&k, 0, &us);
	ledger_print(c, "sound", path, &k, rc, us);
	return rc == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* --- backup ------------------------------------------------------------- */

static char part[PATH_MAX];

/* Out of time or interrupted: nothing that looks like a backup stays. */
static void
on_signal(int sig)
{
	static const char late[] = "aigwctl: the backup took too long\n";

	unlink(part);
	if (sig == SIGALRM && write(STDERR_FILENO, late,
	    sizeof(late) - 1) < 0)
		_exit(EXIT_FAILED);
	_exit(EXIT_FAILED);
}

static void
on_signals(unsigned seconds)
{
	static const int v[] = { SIGALRM, SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		sigaction(v[i], &sa, NULL);
	alarm(seconds);
}

/* FILE.part, ours alone; what a killed one left there is used again. */
static int
open_part(const char *file)
{
	int fd, n = snprintf(part, sizeof(part), "%s.part", file);

	if (access(file, F_OK) == 0) {
		fprintf(stderr, "aigwctl: %s is there already\n", file);
		return ERR_EXISTS;
	}
	if (n < 0 || (size_t)n >= sizeof(part))
		return ERR_TOOBIG;
	fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		fprintf(stderr, "aigwctl: %s: %s\n", part, strerror(errno));
		return ERR_SYSTEM;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		fprintf(stderr, "aigwctl: %s: another backup runs\n", part);
		fd_close(&fd);
		return ERR_BUSY;
	}
	on_signals(0);
	if (fchmod(fd, 0600) == 0 && ftruncate(fd, 0) == 0)
		return fd;
	fprintf(stderr, "aigwctl: %s: %s\n", part, strerror(errno));
	fd_close(&fd);
	return ERR_SYSTEM;
}

/* Give it its name, for good: 0, ERR_EXISTS or ERR_SYSTEM. */
static int
name_it(int fd, const char *file)
{
	if (fsync(fd) != 0)
		return ERR_SYSTEM;
	if (renameat2(AT_FDCWD, part, AT_FDCWD, file, RENAME_NOREPLACE) != 0) {
		if (errno == EEXIST)
			return ERR_EXISTS;
		if ((errno != EINVAL && errno != ENOSYS) ||
		    link(part, file) != 0 || unlink(part) != 0)
			return ERR_SYSTEM;
	}
	return ledger_sync_folder(file);
}

int
ledger_sync_folder(const char *file)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(file, '/');
	int fd, rc;

	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 : slash == file ?
	    1 : (int)(slash - file), slash == NULL ? "." : file);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 || fsync(fd) != 0 ? ERR_SYSTEM : 0;
	fd_close(&fd);
	return rc;
}

static int
copy_out(const char *dir, int fd, struct state_check *k, unsigned seconds)
{
	int64_t us;
	int rc;

	on_signals(seconds);
	rc = state_copy(dir, fd, k->err, sizeof(k->err));
	alarm(0);		/* the ledger is not held any more */
	if (rc != 0)
		return rc;
	k->path = part;
	k->lone = 1;
	return ledger_check_file(k, 0, &us);
}

static int
backup(struct ctl *c, const char *file, unsigned seconds)
{
	char state[PATH_MAX], dir[PATH_MAX + 8];
	struct state_check k = { .err = "" };
	int64_t begin = clock_mono_us();
	int fd, rc;

	if (ledger_folder(c, state, sizeof(state)) != 0)
		return EXIT_FAILED;
	snprintf(dir, sizeof(dir), "%s/ledger", state);
	if ((fd = open_part(file)) < 0)
		return EXIT_FAILED;
	lock_file(dir);
	if ((rc = copy_out(dir, fd, &k, seconds)) == 0 &&
	    (rc = name_it(fd, file)) != 0)
		snprintf(k.err, sizeof(k.err), "%s", rc == ERR_EXISTS ?
		    "somebody made it meanwhile" : strerror(errno));
	if (rc != 0)
		unlink(part);
	fd_close(&fd);
	ledger_print(c, "saved and sound", file, &k, rc,
	    clock_mono_us() - begin);
	return rc == 0 ? EXIT_DONE : EXIT_FAILED;
}

int
ledger_backup(struct ctl *c, int argc, char **argv)
{
	const char *file = NULL;
	uint64_t seconds = BACKUP_S;
	int i, bad = 0;

	argc = ledger_words(c, argc, argv);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--timeout") == 0 && i + 1 < argc)
			bad |= num_u64(str_of(argv[++i]), &seconds) < 0 ||
			    seconds == 0 || seconds > 86400;
		else if (file == NULL && argv[i][0] != '-')
			file = argv[i];
		else
			bad = 1;
	}
	if (bad || file == NULL) {
		fprintf(stderr, "usage: aigwctl backup [--timeout SECONDS] "
		    "FILE\n");
		return EXIT_BAD_USAGE;
	}
	return backup(c, file, (unsigned)seconds);
}
