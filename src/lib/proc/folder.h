/*
 * folder.h - folders and files that root makes for its children.
 *
 * When the master is root and the children are not, a child broken into may
 * do what it likes in a folder of its user. So a folder stays root's where
 * that can be (run_dir: sticky and writable for the group), files are opened
 * without following links, and only what was made here is given away.
 *
 * All log why they fail and return 0 or ERR_SYSTEM, if not said otherwise.
 */
#ifndef PROC_FOLDER_H
#define PROC_FOLDER_H

#include <sys/types.h>

/* dir/name; xmalloc'd. */
char *folder_join(const char *dir, const char *name);
/*
 * Make path and its parents. As root: one that root owns gets group gid, this
 * mode, and owner uid when give is set; one of another user stays as it is.
 */
int folder_make(const char *path, uid_t uid, gid_t gid, int give,
    mode_t mode);
/* Open dir/name for appending, made with 0640 and group gid: fd. Refuses
 * links and files with a second name. */
int folder_open_log(const char *dir, const char *name, gid_t gid);
/* n of them (8 at most), all or none: into fd, where that is -1; else they take
 * the numbers of the old ones there. */
int folder_open_logs(const char *dir, const char *const *names, int n,
    gid_t gid, int *fd);
/* Open and lock path: fd; ERR_BUSY when somebody has the lock. */
int folder_lock(const char *path);
/* Number in a file like a pid file, 0 when there is none. */
pid_t folder_read_pid(const char *path);

#endif
