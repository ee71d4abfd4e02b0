/*
 * overload.h - when to refuse new requests: pure, times are arguments.
 *
 * The measure is the lag: how long work waits until the worker comes to it. A
 * burst may wait; when no request has found a shorter lag than client.max_lag
 * for OVERLOAD_US, the worker is overloaded, until it has found no longer one
 * for OVERLOAD_CALM_US, nor refused any.
 *
 * While it is, so many requests may be under way at once as keep the lag at two
 * thirds of max_lag: one comes in for each that ends. That holds as well for
 * streams of minutes, whose number says what they cost, as for answers of some
 * microseconds; a share of the requests to refuse would have to be found anew
 * with each. The limit follows the lag no faster than what was taken shows in
 * it: that takes until the provider answers. Nor does it leave the number under
 * way by more than what ends in some ms, since most of them may only wait for
 * somebody else. What is needed to keep the worker busy until providers answer
 * (Little: ends per second by that delay) is always let in, or it would find
 * nothing to do when what waits now is done.
 */
#ifndef WORKER_OVERLOAD_H
#define WORKER_OVERLOAD_H

#include <stdint.h>

#define OVERLOAD_US	50000
#define OVERLOAD_CALM_US 1000000

struct overload {
	int64_t		 max_lag;	/* 0: never */
	int64_t		 high_since;	/* no short lag since then; 0: there
					   was one */
	int64_t		 high_last;	/* the last lag that was too long */
	int64_t		 refused_last;
	int		 on;
	unsigned	 busy;		/* taken, and not ended */
	double		 limit;		/* of busy, at the lag aimed for */
	int64_t		 updated;	/* the limit's last step */
	int64_t		 waited;	/* the last lag that was not 0 */
	double		 delay;		/* us until a provider answers: mean */
	double		 rate;		/* ends per us of a busy worker */
	unsigned	 ended;		/* since rated */
	int64_t		 rated;
	int		 full;		/* always a lag since then */
};

void overload_init(struct overload *o, int64_t max_lag);
/*
 * The lag that counts: short is how long short work waits, backlog how long the
 * next part of answers that come faster than they are handled. Such an answer
 * must wait for every part anyway, and dozens of them at once are no overload:
 * it may so many times as long.
 */
#define OVERLOAD_LONG	6

static inline int64_t
overload_lag(int64_t short_, int64_t backlog)
{
	backlog /= OVERLOAD_LONG;
	return short_ > backlog ? short_ : backlog;
}

/* A request came while others wait for lag: 1 take it, 0 refuse it. Each that
 * is taken is ended, once. */
int overload_admit(struct overload *o, int64_t now, int64_t lag);
/* The provider of a request that was taken has begun to answer, so long after
 * that, while others wait for lag. */
void overload_answer(struct overload *o, int64_t after, int64_t lag);
/* answered: overload_answer was called for it. Others cost so little that how many
 * there are says nothing of what the worker can do. */
void overload_end(struct overload *o, int answered);

#endif
