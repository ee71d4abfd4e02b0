/*
 * priv.c - users, groups, resource limits and environment of a process.
 *
 * Runs in: master, children.
 * Owns: nothing.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "proc/priv.h"

extern char **environ;

/* Names with '*' at the end are prefixes. */
static const char *const allowed[] = {
	"TZ", "LANG", "LC_*",
	"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
	"GCOV_PREFIX*", "LLVM_PROFILE_FILE", NULL
};
/* Read by the loader before main: given to exec, dropped by the child. */
static const char *const loader[] = {
	"LD_PRELOAD", "LD_LIBRARY_PATH", "MALLOC_*", "GLIBC_TUNABLES",
#ifdef FAULT_POINTS
	"AIGW_FAULTS",
#endif
	NULL
};

int
priv_lookup(const char *user, const char *group, uid_t *uid, gid_t *gid)
{
	struct passwd *pw = getpwnam(user);
	struct group *gr = getgrnam(group);

	if (pw == NULL || gr == NULL)
		return ERR_NOTFOUND;
	*uid = pw->pw_uid;
	*gid = gr->gr_gid;
	return 0;
}

int
priv_drop(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (geteuid() != 0)
		return 0;
	if (setgroups(1, &gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return ERR_SYSTEM;
	if (getresuid(&r, &e, &s) < 0 || getresgid(&gr, &ge, &gs) < 0)
		return ERR_SYSTEM;
	if (r != uid || e != uid || s != uid || gr != gid || ge != gid ||
	    gs != gid || (uid != 0 && setuid(0) == 0)) {
		errno = EPERM;
		return ERR_SYSTEM;
	}
	return 0;
}

void
priv_conceal(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		log_warne("this process cannot be kept from being traced");
}

void
priv_harden(int debug)
{
	struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		log_warne("no_new_privs is not there");
	if (prctl(PR_SET_DUMPABLE, debug ? 1 : 0, 0, 0, 0) < 0 ||
	    (!debug && setrlimit(RLIMIT_CORE, &none) < 0))
		log_warne("core files cannot be switched off");
}

void
priv_raise_files(unsigned long want)
{
	unsigned long got = fd_limit(want);

	if (got < want)
		log_warn("%lu descriptors per process instead of %lu: raise "
		    "the limit or lower client.max_connections", got, want);
}

void
priv_raise_lock(void)
{
	struct rlimit rl = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &rl) == 0 ||
	    getrlimit(RLIMIT_MEMLOCK, &rl) < 0)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_MEMLOCK, &rl);
}

void
priv_tell_unlocked(size_t more)
{
	size_t n = secret_unlocked() + crypto_mem_unlocked() + more;
	static int told;

	if (n == 0 || told)
		return;
	told = 1;
	log_warn("%zu KiB with secrets cannot be kept from swap: raise the "
	    "limit of locked memory (LimitMEMLOCK)", (n + 1023) / 1024);
}

/* Is entry ("NAME=value") in the list? */
static int
listed(const char *entry, const char *const *list)
{
	size_t n, name = strcspn(entry, "=");

	for (; *list != NULL; list++) {
		n = strlen(*list);
		if ((*list)[n - 1] == '*') {
			if (name >= n - 1 && strncmp(entry, *list, n - 1) == 0)
				return 1;
		} else if (name == n && strncmp(entry, *list, n) == 0)
			return 1;
	}
	return 0;
}

void
priv_hide_env(void)
{
	static char **moved;	/* kept until the process ends */
	size_t n = 0, i, len;

	while (environ != NULL && environ[n] != NULL)
		n++;
	moved = xcalloc(n + 1, sizeof(*moved));
	for (i = 0; i < n; i++) {
		if (listed(environ[i], allowed) || listed(environ[i], loader)) {
			moved[i] = environ[i];
			continue;
		}
		len = strlen(environ[i]);
		moved[i] = secret_text(secret_new(str_make(environ[i], len)));
		secret_wipe(environ[i], len);
	}
	environ = moved;
}

char **
priv_child_env(char *const *env, char *extra)
{
	size_t n = 0, k = 0;
	char **out;

	while (env[n] != NULL)
		n++;
	out = xcalloc(n + 2, sizeof(*out));
	for (n = 0; env[n] != NULL; n++)
		if (listed(env[n], allowed) || listed(env[n], loader))
			out[k++] = env[n];
	out[k++] = extra;
	return out;
}

void
priv_clear_env(void)
{
	static char **out;	/* kept until the process ends */
	size_t n, k = 0;

	out = xcalloc(1, sizeof(*out));
	for (n = 0; environ != NULL && environ[n] != NULL; n++)
		if (listed(environ[n], allowed)) {
			out = xrealloc(out, (k + 2) * sizeof(*out));
			out[k++] = environ[n];
		}
	out[k] = NULL;
	environ = out;
}
