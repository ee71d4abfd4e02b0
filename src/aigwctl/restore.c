/*
 * restore.c - "restore": a backup becomes the ledger.
 *
 * Runs in: aigwctl.
 * Owns: the lock of the master, so that no gateway starts meanwhile.
 *
 * The ledger that was there stays, under another name. The exchange is one
 * rename: whatever happens, there is a whole ledger.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aigwctl/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "proc/folder.h"

#define PIECE	65536
#define NAMES	100	/* restores in one second */

struct restore {
	const char	*file;
	char		 state[PATH_MAX], dir[PATH_MAX], data[PATH_MAX],
			 fresh[PATH_MAX], aside[PATH_MAX];
	char		 err[PATH_MAX + 200];
};

static int
fail(struct restore *r, const char *path, int rc)
{
	snprintf(r->err, sizeof(r->err), "%s: %s", path,
	    rc == ERR_SYSTEM ? strerror(errno) : err_str(rc));
	return rc;
}

/* dir/name, which must fit. */
static int
join(char dst[PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(dst, PATH_MAX, "%s/%s", dir, name);

	return n < 0 || n >= PATH_MAX ? ERR_TOOBIG : 0;
}

/* Who has the ledger open? LMDB's users hold a lock on the first byte. */
static int
in_use(struct restore *r)
{
	struct flock l = { .l_type = F_WRLCK, .l_len = 1 };
	char path[PATH_MAX];
	int fd, rc = 0;

	if (join(path, r->dir, "lock.mdb") != 0)
		return ERR_TOOBIG;
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return errno == ENOENT ? 0 : fail(r, path, ERR_SYSTEM);
	if (fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK) {
		snprintf(r->err, sizeof(r->err), "process %d has the ledger "
		    "open", (int)l.l_pid);
		rc = ERR_BUSY;
	}
	fd_close(&fd);
	return rc;
}

/* The folder as prepare would make it. */
static int
make_folder(struct restore *r)
{
	struct stat sb;

	if (stat(r->state, &sb) != 0)
		return fail(r, r->state, ERR_SYSTEM);
	if (mkdir(r->dir, 0700) != 0)
		return errno == EEXIST ? 0 : fail(r, r->dir, ERR_SYSTEM);
	if (geteuid() == 0 && chown(r->dir, sb.st_uid, sb.st_gid) != 0)
		return fail(r, r->dir, ERR_SYSTEM);
	return 0;
}

static int
copy_bytes(int in, int out)
{
	static char b[PIECE];
	ssize_t n;

	while ((n = read(in, b, sizeof(b))) != 0) {
		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (n > 0 && fd_write_all(out, b, (size_t)n) != 0)
			return ERR_SYSTEM;
	}
	return 0;
}

/* The backup beside the ledger, with its owner. */
static int
copy_in(struct restore *r)
{
	struct stat sb;
	int in, out = -1, rc = ERR_SYSTEM;

	if ((in = open(r->file, O_RDONLY | O_CLOEXEC)) < 0)
		return fail(r, r->file, ERR_SYSTEM);
	(void)unlink(r->fresh);
	out = open(r->fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (out < 0 || stat(r->dir, &sb) != 0 ||
	    (geteuid() == 0 && fchown(out, sb.st_uid, sb.st_gid) != 0) ||
	    (rc = copy_bytes(in, out)) != 0)
		rc = fail(r, r->fresh, ERR_SYSTEM);
	fd_close(&in);
	fd_close(&out);
	return rc;
}

static int
sync_file(struct restore *r)
{
	int fd = open(r->fresh, O_RDWR | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = fail(r, r->fresh, ERR_SYSTEM);
	fd_close(&fd);
	return rc;
}

/* Give the one that is there a second name; *kept: there was one. */
static int
keep_old(struct restore *r, int *kept)
{
	char when[32], name[80];
	struct tm tm;
	time_t now = (time_t)(clock_real_us() / CLOCK_US_S);
	int n;

	*kept = 0;
	if (access(r->data, F_OK) != 0)
		return 0;
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	for (n = 0; n < NAMES; n++) {
		snprintf(name, sizeof(name), n == 0 ? "data.mdb.before-%s" :
		    "data.mdb.before-%s.%d", when, n);
		if (join(r->aside, r->dir, name) != 0)
			return ERR_TOOBIG;
		if (link(r->data, r->aside) == 0) {
			*kept = 1;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return fail(r, r->aside, ERR_SYSTEM);
}

static int
exchange(struct restore *r, int *kept)
{
	char note[PATH_MAX];
	int rc;

	/* Nobody ran when the check of the file began, which takes time. */
	if ((rc = sync_file(r)) != 0 || (rc = in_use(r)) != 0 ||
	    (rc = keep_old(r, kept)) != 0)
		return rc;
	if (join(note, r->state, "ledger.clean") != 0)
		return ERR_TOOBIG;
	if (unlink(note) != 0 && errno != ENOENT)
		return fail(r, note, ERR_SYSTEM);
	if (rename(r->fresh, r->data) != 0 ||
	    ledger_sync_folder(r->data) != 0)
		return fail(r, r->data, ERR_SYSTEM);
	return 0;
}

static int
restore(struct restore *r, struct state_check *k, int *kept)
{
	int64_t us;
	int rc;

	*kept = 0;
	if ((rc = in_use(r)) != 0)
		return rc;
	k->path = r->file;
	k->lone = 1;
	if ((rc = ledger_check_file(k, 0, &us)) != 0) {
		snprintf(r->err, sizeof(r->err), "%s is no sound backup: %s",
		    r->file, k->err);
		return rc;
	}
	if ((rc = make_folder(r)) != 0)
		return rc;
	if ((rc = copy_in(r)) == 0)
		rc = state_copy_adopt(r->fresh, r->err, sizeof(r->err));
	if (rc == 0)
		rc = exchange(r, kept);
	if (rc != 0)
		(void)unlink(r->fresh);
	return rc;
}

static int
paths(struct restore *r, const struct ctl *c)
{
	if (ledger_folder(c, r->state, sizeof(r->state)) != 0 ||
	    join(r->dir, r->state, "ledger") != 0 ||
	    join(r->data, r->dir, "data.mdb") != 0)
		return ERR_NOTFOUND;
	return join(r->fresh, r->dir, "data.mdb.new");
}

int
ledger_restore(struct ctl *c, int argc, char **argv)
{
	static struct restore r;
	struct state_check k = { .err = "" };
	int64_t begin = clock_mono_us();
	char lock[PATH_MAX];
	int fd, kept, rc;

	argc = ledger_words(c, argc, argv);
	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: aigwctl restore FILE\n");
		return EXIT_BAD_USAGE;
	}
	r.file = argv[1];
	if (paths(&r, c) != 0 || join(lock, c->run_dir, "aigwd.lock") != 0)
		return EXIT_FAILED;
	fd = -1;		/* where there is no lock nobody can run */
	if (access(lock, F_OK) == 0)
		fd = folder_lock(lock);
	if (fd == ERR_BUSY)
		fprintf(stderr, "aigwctl: a gateway runs in %s: stop it "
		    "first\n", c->run_dir);
	if (fd < -1)
		return EXIT_FAILED;
	rc = restore(&r, &k, &kept);
	fd_close(&fd);
	if (rc != 0) {
		fprintf(stderr, "aigwctl: %s\n", r.err);
		return EXIT_FAILED;
	}
	ledger_print(c, "restored", r.data, &k, 0, clock_mono_us() - begin);
	if (kept && !c->json)
		printf("the ledger before it is kept as %s\n", r.aside);
	return EXIT_DONE;
}
