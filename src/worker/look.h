/*
 * look.h - long looks at the body of a request, a slice in a turn.
 */
#ifndef WORKER_LOOK_H
#define WORKER_LOOK_H

#include "worker/req.h"

/*
 * Do fn(arg), a pure function that looks at the whole body, or go on with it:
 * what it returns, or ERR_AGAIN. DECODE comes here again until it is over, also
 * when the client has gone; r->look is for arg meanwhile.
 */
int look(struct req *r, int (*fn)(void *arg), void *arg);

#endif
