/*
 * handover.h - what an old binary hands to a new one: the variable
 * AIGW_UPGRADE, all descriptors by number.
 */
#ifndef PROC_HANDOVER_H
#define PROC_HANDOVER_H

#include "base/buf.h"
#include "proc/listenset.h"

#define HANDOVER_NAME	"AIGW_UPGRADE"

struct handover {
	unsigned	 generation;
	int		 peer;		/* socket between the two masters */
	int		 lock;		/* of run_dir */
	int		 board;
	int		 ticket;	/* pipe: session ticket key */
	/* format: the listeners; parse: adopted into it */
	struct listenset *listen;
};

/* Append "AIGW_UPGRADE=..." and a NUL: 0, or an error of buf.h. */
int handover_format(const struct handover *h, struct buf *b);
/*
 * The value of the variable. Every number must be an open descriptor; it is
 * close-on-exec afterwards. 0, or ERR_FORMAT, ERR_VERSION.
 */
int handover_parse(const char *text, struct handover *h);
/* Let the descriptors of h through an exec (in the fork). */
void handover_keep(const struct handover *h);

#endif
