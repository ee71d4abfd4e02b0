/*
 * listenset.h - the listening sockets of a generation: keep, new, drop.
 */
#ifndef PROC_LISTENSET_H
#define PROC_LISTENSET_H

#include <stddef.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "proc/child.h"

/* A listening socket, shared by generations. */
struct listen_sock {
	unsigned	 refs;
	int		 fd;
	char		*address;
};

struct listenset {
	int64_t		 patience_us;	/* for an address that is in use; 0 */
	unsigned	 n;
	struct listen_sock *sock[CHILD_MAX_LISTEN];
	int		 conf[CHILD_MAX_LISTEN];	/* -1: admin */
};

/* Take over fd, already listening on address. */
void listenset_add(struct listenset *set, const char *address, int fd,
    int conf);
/*
 * Open what c wants, taking what old has for the same address: 0, or
 * ERR_SYSTEM, ERR_TOOBIG with text in err; then nothing has changed. A Unix
 * socket made by root belongs to group gid. An address in use is tried again
 * for set->patience_us (blocking; what is open already stays open).
 */
int listenset_open(struct listenset *set, const struct listenset *old,
    const struct conf *c, gid_t gid, char *err, size_t errsize);
/* Let go of all; unlink_paths: also remove Unix sockets nobody uses. */
void listenset_close(struct listenset *set, int unlink_paths);

#endif
