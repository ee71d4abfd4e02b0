/*
 * landlock.c - which files a child may reach.
 *
 * Runs in: children.
 * Owns: nothing.
 *
 * Recorder and admin write below run_dir and state_dir. Worker and checker, who
 * talk with the network, have all that they write into open already: they get
 * no path for writing at all, and read what the system has for everybody, and
 * the stores; the checker not the ledger.
 *
 * The structures are written out here because the headers of the build
 * machine may be older than the kernel that runs us; the kernel takes any
 * size. What an older kernel does not know is left out of the mask.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "proc/sandbox.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif

#define LL_VERSION	1u		/* flag: ask for the version */
#define LL_PATH_BENEATH	1
#define LL_EXECUTE	(1ull << 0)
#define LL_WRITE_FILE	(1ull << 1)
#define LL_READ_FILE	(1ull << 2)
#define LL_READ_DIR	(1ull << 3)
#define LL_REMOVE_DIR	(1ull << 4)
#define LL_REMOVE_FILE	(1ull << 5)
#define LL_MAKE_CHAR	(1ull << 6)
#define LL_MAKE_DIR	(1ull << 7)
#define LL_MAKE_REG	(1ull << 8)
#define LL_MAKE_SOCK	(1ull << 9)
#define LL_MAKE_FIFO	(1ull << 10)
#define LL_MAKE_BLOCK	(1ull << 11)
#define LL_MAKE_SYM	(1ull << 12)
#define LL_REFER	(1ull << 13)	/* version 2 */
#define LL_TRUNCATE	(1ull << 14)	/* version 3 */
#define LL_BIND_TCP	(1ull << 0)	/* version 4 */
#define LL_SCOPE_SIGNAL	(1ull << 1)

/* All that changes something, and exec; nobody gets the devices. */
#define LL_GUARDED	(LL_EXECUTE | LL_WRITE_FILE | LL_REMOVE_DIR | \
	LL_REMOVE_FILE | LL_MAKE_CHAR | LL_MAKE_DIR | LL_MAKE_REG | \
	LL_MAKE_SOCK | LL_MAKE_FIFO | LL_MAKE_BLOCK | LL_MAKE_SYM | \
	LL_REFER | LL_TRUNCATE)
#define LL_OURS		(LL_WRITE_FILE | LL_REMOVE_DIR | LL_REMOVE_FILE | \
	LL_MAKE_DIR | LL_MAKE_REG | LL_MAKE_SOCK | LL_REFER | LL_TRUNCATE)
#define LL_READS	(LL_READ_FILE | LL_READ_DIR)

struct ll_ruleset {
	uint64_t	 fs, net, scoped;
};

struct ll_beneath {
	uint64_t	 access;
	int32_t		 fd;
} __attribute__((packed));

/* Certificates, zones, names; plug-ins of the resolver. */
static const char *const system_paths[] = {
	"/etc", "/usr", "/lib", "/lib64", "/opt", "/run", "/var/run", "/proc",
	"/sys", "/dev", "/etc/resolv.conf", NULL
};

/* What a role may do below its folders. */
static const struct {
	int		 closed;	/* reads what is listed only */
	uint64_t	 run, state;
} rights[] = {
	[BOARD_WORKER] = { 1, LL_READS, LL_READS },
	[BOARD_CHECKER] = { 1, LL_READS, 0 },
	[BOARD_RECORDER] = { 0, LL_OURS, LL_OURS },
	[BOARD_ADMIN] = { 0, LL_OURS, LL_OURS },
};

static int
allow(int set, const char *path, uint64_t access)
{
	struct ll_beneath b = { .access = access };
	struct stat st;
	int rc;

	b.fd = open(path, O_PATH | O_CLOEXEC);
	if (b.fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : ERR_SYSTEM;
	if (fstat(b.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		b.access &= LL_READ_FILE;
	rc = syscall(SYS_landlock_add_rule, set, LL_PATH_BENEATH, &b, 0) < 0
	    ? ERR_SYSTEM : 0;
	close(b.fd);
	return rc;
}

/* What this kernel knows of the things that we deny. */
static size_t
guarded(long version, struct ll_ruleset *r)
{
	r->fs = LL_GUARDED;
	if (version < 2)
		r->fs &= ~LL_REFER;
	if (version < 3)
		r->fs &= ~LL_TRUNCATE;
	if (version >= 4)
		r->net = LL_BIND_TCP;
	if (version >= 6)
		r->scoped = LL_SCOPE_SIGNAL;
	return version >= 6 ? sizeof(*r) : version >= 4 ?
	    2 * sizeof(r->fs) : sizeof(r->fs);
}

static int
allow_all(int set, const struct sandbox_opts *o, uint64_t known)
{
	uint64_t run = rights[o->role].run & known;
	uint64_t state = rights[o->role].state & known;
	const char *const *p;

	if (run != 0 && allow(set, o->run_dir, run) != 0)
		return ERR_SYSTEM;
	if (state != 0 && allow(set, o->state_dir, state) != 0)
		return ERR_SYSTEM;
	if (!rights[o->role].closed)
		return 0;
	for (p = system_paths; *p != NULL; p++)
		if (allow(set, *p, LL_READS) != 0)
			return ERR_SYSTEM;
	return 0;
}

int
landlock_enter(const struct sandbox_opts *o)
{
	struct ll_ruleset r = { 0 };
	long version;
	size_t size;
	int set, rc = ERR_SYSTEM;

	version = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_VERSION);
	if (version < 1)
		return ERR_UNSUPPORTED;
	size = guarded(version, &r);
	if (rights[o->role].closed)
		r.fs |= LL_READS;
	set = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (set < 0)
		return ERR_SYSTEM;
	if (allow_all(set, o, r.fs) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, set, 0) < 0)
		goto out;
	rc = 0;
out:
	fd_close(&set);
	return rc;
}
