/*
 * share.h - the sealed memfd with what a role may know: the key of session
 * tickets (workers), then the configuration as text, secrets resolved.
 */
#ifndef PROC_SHARE_H
#define PROC_SHARE_H

#include "conf/conf.h"
#include "proc/child.h"

/* Its descriptor, and the map that keeps its pages from a swap device. */
struct share {
	int	 fd;		/* -1: none */
	void	*map;
	size_t	 n;
};

/* Make the share of a role: 0, or ERR_SYSTEM and errors of buf.h. When its
 * memory cannot be locked that is logged, once. */
int share_seal(const struct conf *c, enum board_role role,
    const unsigned char ticket_key[CHILD_TICKET_KEY], struct share *out);
void share_close(struct share *s);
/*
 * Read it, at fixed offsets (all children of a generation share one open
 * file): 0; ERR_FORMAT, ERR_SYSTEM (logged). Nothing of it stays in memory
 * but the configuration.
 */
int share_load(int fd, struct conf **out,
    unsigned char ticket_key[CHILD_TICKET_KEY]);

#endif
