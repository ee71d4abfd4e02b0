/*
 * share.h - the sealed memfd with what a role may know: the key of session
 * tickets (workers), then the configuration as text, secrets resolved.
 */
#ifndef PROC_SHARE_H
#define PROC_SHARE_H

#include "conf/conf.h"
#include "proc/child.h"

/* Make the share of a role: fd, or ERR_SYSTEM and errors of buf.h. */
int share_seal(const struct conf *c, enum board_role role,
    const unsigned char ticket_key[CHILD_TICKET_KEY]);
/*
 * Read it, at fixed offsets (all children of a generation share one open
 * file): 0; ERR_FORMAT, ERR_SYSTEM (logged). Nothing of it stays in memory
 * but the configuration.
 */
int share_load(int fd, struct conf **out,
    unsigned char ticket_key[CHILD_TICKET_KEY]);

#endif
