/*
 * priv.h - users, groups, resource limits and environment of a process.
 */
#ifndef PROC_PRIV_H
#define PROC_PRIV_H

#include <sys/types.h>

/* Numbers of user and group: 0, or ERR_NOTFOUND. */
int priv_lookup(const char *user, const char *group, uid_t *uid, gid_t *gid);
/* Become uid:gid for good (groups, all ids); verifies it. No-op when not
 * root: 0 or ERR_SYSTEM. */
int priv_drop(uid_t uid, gid_t gid);
/*
 * Before anything secret is in memory: not dumpable (no core file, no ptrace,
 * /proc/PID is root's), not even for our own user. exec undoes it, a change of
 * user before exec too.
 */
void priv_conceal(void);
/* no_new_privs, not dumpable, no core file. debug: dumpable again. */
void priv_harden(int debug);
/*
 * The environment, but for harmless entries, moves to secret memory, and what
 * /proc/PID/environ shows is overwritten. environ and getenv work as before;
 * pointers from getenv before are lost. For the master, as the first thing.
 */
void priv_hide_env(void);
/* Raise the limit of open files to want, or warn. */
void priv_raise_files(unsigned long want);
/*
 * What a child is exec'd with: the entries of env on the allow list (zone,
 * language, sanitizers, and what the dynamic loader read anyway), then extra.
 * One malloc'd array whose strings are the caller's.
 */
char **priv_child_env(char *const *env, char *extra);
/* Lift the limit of locked memory for this process and its children, as far as
 * it may. For the master, before it has secrets. */
void priv_raise_lock(void);
/* What this process could not lock, and more bytes, are a line in the log; once
 * is enough. */
void priv_tell_unlocked(size_t more);
/* Clear the environment but for an allow list (TZ, LANG...). */
void priv_clear_env(void);

#endif
