/*
 * prepare.c - make the stores' folders and files before anybody opens them.
 *
 * Runs in: a throw-away child, before the others; tests.
 * Owns: run_dir/boot_id.
 *
 * hot lives as long as the machine is up: when the boot id beside it differs
 * it is removed and made anew, with a greater epoch. lock.mdb is allocated
 * beforehand: a reader that touches an unallocated page of it on a full disk
 * would be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "state/ballast.h"
#include "state/rec.h"
#include "state/spool.h"
#include "state/state_priv.h"

#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define BOOT_ID_MAX	128
#define TMPFS		0x01021994
#define RAMFS		0x858458f6

/* File systems whose locks or maps do not hold between hosts. */
static const struct {
	unsigned long	 magic;
	const char	*name;
} network[] = {
	{ 0x6969, "NFS" }, { 0x517b, "SMB" }, { 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB2" }, { 0x01021997, "9P" },
	{ 0x65735546, "FUSE" }, { 0x00c36400, "Ceph" },
	{ 0x5346414f, "AFS" }, { 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" }, { 0x564c, "NCP" }, { 0x7461636f, "OCFS2" },
	{ 0x01161970, "GFS2" }, { 0x0bd00bd0, "Lustre" },
	{ 0x786f4256, "a shared folder of VirtualBox" },
	{ 0x47504653, "GPFS" }, { 0xaad7aaea, "PanFS" },
};

static int
fail(char *err, size_t errsize, const char *path)
{
	int saved = errno;

	snprintf(err, errsize, "%s: %s", path, strerror(saved));
	errno = saved;
	return saved == ENOSPC ? ERR_FULL : ERR_SYSTEM;
}

static int
check_fs(const char *dir, int hot, char *err, size_t errsize)
{
	struct statfs fs;
	unsigned long magic;
	size_t i;

	if (statfs(dir, &fs) != 0)
		return fail(err, errsize, dir);
	magic = (unsigned long)fs.f_type & 0xffffffffUL;
	for (i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if (magic == network[i].magic) {
			snprintf(err, errsize, "%s is on %s: the stores need "
			    "a local file system", dir, network[i].name);
			return ERR_UNSUPPORTED;
		}
	if (hot && magic != TMPFS && magic != RAMFS)
		log_warn("%s is not in memory (tmpfs): each request may write "
		    "to the disk", dir);
	return 0;
}

static int
make_dir(const char *path, mode_t mode, char *err, size_t errsize)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return fail(err, errsize, path);
	return 0;
}

/* Make the file, or let it grow to n bytes, with its blocks. */
static int
allocate(const char *path, size_t n, char *err, size_t errsize)
{
	struct stat sb;
	int fd, e = 0, rc = 0;

	if (stat(path, &sb) == 0 && (size_t)sb.st_size >= n &&
	    (size_t)sb.st_blocks * 512 >= n)
		return 0;
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		return fail(err, errsize, path);
	while ((e = posix_fallocate(fd, 0, (off_t)n)) == EINTR)
		;
	if (e != 0) {
		errno = e;
		rc = fail(err, errsize, path);
	}
	fd_close(&fd);
	return rc;
}

/* The folder of one store with its lock file, and the ballast beside it. */
static int
make_place(const char *dir, const char *name, int hot, uint64_t map,
    char *err, size_t errsize)
{
	char path[PATH_MAX], lock[PATH_MAX];
	int rc;

	if ((rc = make_dir(dir, 0750, err, errsize)) != 0 ||
	    (rc = check_fs(dir, hot, err, errsize)) != 0)
		return rc;
	state_path(path, dir, name);
	if ((rc = make_dir(path, 0700, err, errsize)) != 0)
		return rc;
	state_path(lock, path, "lock.mdb");
	if ((rc = allocate(lock, db_lock_size(), err, errsize)) != 0)
		return rc;
	state_path(path, dir, "ballast");
	if (allocate(path, ballast_size(map), err, errsize) != 0)
		log_warn("no ballast: %s", err);
	return 0;
}

/* --- the life of hot --------------------------------------------------- */

/* 1 when hot was made since the machine started; id: what to write. */
static int
same_boot(const char *run_dir, struct buf *id)
{
	char path[PATH_MAX];
	struct buf had;
	int same;

	buf_init(id, BOOT_ID_MAX);
	buf_init(&had, BOOT_ID_MAX);
	state_path(path, run_dir, "boot_id");
	same = fd_read_file(BOOT_ID, id) == 0 &&
	    fd_read_file(path, &had) == 0 && buf_len(id) > 0 &&
	    str_eq(buf_str(id), buf_str(&had));
	buf_free(&had);
	return same;
}

int
state_same_boot(const char *run_dir)
{
	struct buf id;
	int same = same_boot(run_dir, &id);

	buf_free(&id);
	return same;
}

static int
remove_hot(const char *run_dir, char *err, size_t errsize)
{
	static const char *const files[] = { "boot_id", "hot/data.mdb",
	    "hot/lock.mdb" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		state_path(path, run_dir, files[i]);
		if (unlink(path) != 0 && errno != ENOENT)
			return fail(err, errsize, path);
	}
	return 0;
}

/* Greatest epoch that the ledger knows. */
static int
last_epoch(struct db *ledger, uint64_t *epoch)
{
	struct db_key table;
	struct db_walk w;
	struct str key, val;
	int rc;

	*epoch = 0;
	db_key(&table, TABLE_APPLIED);
	if ((rc = db_walk(ledger, &w, &table, NULL)) != 0)
		return rc;
	while ((rc = db_walk_next(&w, &key, &val)) == 0)
		*epoch = db_key_number(key.p + 1, 8);
	db_walk_end(&w);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* A file made durable is of no use when its name is not. */
static int
sync_dir(const char *dir, char *err, size_t errsize)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = fail(err, errsize, dir);
	fd_close(&fd);
	return rc;
}

static int
make_ledger(const struct state_opts *o, uint64_t *epoch, char *err,
    size_t errsize)
{
	char dir[PATH_MAX];
	struct db_opts d = { .name = "ledger", .dir = dir, .durable = 1,
	    .slot = o->slot, .map_size = o->ledger_max != 0 ? o->ledger_max :
	    STATE_LEDGER_MAX };
	struct db *db;
	int rc;

	state_path(dir, o->state_dir, "ledger");
	if ((rc = db_open(&d, &db, err, errsize)) != 0)
		return rc;
	if ((rc = db_begin(db)) == 0 &&
	    (rc = schema_create(db, STORE_LEDGER, err, errsize)) == 0)
		rc = db_commit(db);
	if (rc == 0)
		rc = last_epoch(db, epoch);
	if (rc != 0 && err[0] == '\0')
		snprintf(err, errsize, "%s: %s", dir, err_str(rc));
	db_close(&db);
	if (rc == 0)
		rc = sync_dir(dir, err, errsize);
	return rc != 0 ? rc : sync_dir(o->state_dir, err, errsize);
}

static int
fill_hot(struct db *db, uint64_t after, char *err, size_t errsize)
{
	uint64_t epoch = 0, now = (uint64_t)clock_real_us();
	int rc;

	if ((rc = schema_create(db, STORE_HOT, err, errsize)) != 0 ||
	    (rc = schema_meta_get(db, META_EPOCH, &epoch)) != 0)
		return rc;
	if (epoch == 0)
		rc = schema_meta_put(db, META_EPOCH,
		    now > after ? now : after + 1);
	return rc != 0 ? rc : spool_create(db);
}

static int
make_hot(const struct state_opts *o, uint64_t after, char *err,
    size_t errsize)
{
	char dir[PATH_MAX];
	struct db_opts d = { .name = "hot", .dir = dir, .slot = o->slot,
	    .map_size = o->hot_max != 0 ? o->hot_max : STATE_HOT_MAX };
	struct db *db;
	int rc;

	state_path(dir, o->run_dir, "hot");
	if ((rc = db_open(&d, &db, err, errsize)) != 0)
		return rc;
	if ((rc = db_begin(db)) == 0 &&
	    (rc = fill_hot(db, after, err, errsize)) == 0)
		rc = db_commit(db);
	if (rc != 0 && err[0] == '\0')
		snprintf(err, errsize, "%s: %s", dir, err_str(rc));
	db_close(&db);
	return rc;
}

int
state_prepare(const struct state_opts *o, char *err, size_t errsize)
{
	char path[PATH_MAX];
	struct buf id;
	uint64_t hot_max = o->hot_max != 0 ? o->hot_max : STATE_HOT_MAX;
	uint64_t ledger_max = o->ledger_max != 0 ? o->ledger_max :
	    STATE_LEDGER_MAX;
	uint64_t epoch = 0;
	int rc, same;

	err[0] = '\0';
	same = same_boot(o->run_dir, &id);
	if (!same && (rc = remove_hot(o->run_dir, err, errsize)) != 0)
		goto out;
	if ((rc = make_place(o->state_dir, "ledger", 0, ledger_max, err,
	    errsize)) != 0 ||
	    (rc = make_place(o->run_dir, "hot", 1, hot_max, err,
	    errsize)) != 0)
		goto out;
	err[0] = '\0';
	if ((rc = make_ledger(o, &epoch, err, errsize)) != 0 ||
	    (rc = make_hot(o, epoch, err, errsize)) != 0 || same)
		goto out;
	state_path(path, o->run_dir, "boot_id");
	rc = fd_write_file(path, buf_ptr(&id), buf_len(&id), 0600);
	if (rc != 0)
		rc = fail(err, errsize, path);
out:
	buf_free(&id);
	return rc;
}
