/*
 * overload.h - when to refuse new requests: pure, times are arguments.
 *
 * The measure is the lag: how long an event waits until the worker comes to
 * it. A burst may wait; when no request has found a shorter lag than
 * client.max_lag for OVERLOAD_US, the worker is overloaded. From then on a
 * request that waited longer is refused and others are taken, so the lag stays
 * about there and the worker has as much to do as it can; until none has had
 * to be refused for a second.
 */
#ifndef WORKER_OVERLOAD_H
#define WORKER_OVERLOAD_H

#include <stdint.h>

#define OVERLOAD_US	100000
#define OVERLOAD_CALM_US 1000000

struct overload {
	int64_t		 max_lag;	/* 0: never */
	int64_t		 high_since;	/* no short lag since then; 0: there
					   was one */
	int64_t		 high_last;	/* the last lag that was too long */
	int		 on;
};

void overload_init(struct overload *o, int64_t max_lag);
/* A request came that waited for lag: 1 take it, 0 refuse it. */
int overload_admit(struct overload *o, int64_t now, int64_t lag);

#endif
