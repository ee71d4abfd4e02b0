/*
 * overload.h - when to refuse new requests: pure, times are arguments.
 *
 * The measure is the lag: how long work waits until the worker comes to it. A
 * burst may wait; when no request has found a shorter lag than client.max_lag
 * for OVERLOAD_US, the worker is overloaded, until none has found a longer one
 * for OVERLOAD_CALM_US and hardly any must be refused for that.
 *
 * What an admitted request costs shows in the lag only when its provider
 * answers. To admit whenever the lag is short would therefore admit far too
 * many, then none for long, and all would wait. So a share of the requests is
 * refused that follows the lag, and its distance over time from two thirds of
 * max_lag, as RFC 8033 (PIE) does with packets; evenly, without chance.
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
	int		 on;
	int64_t		 updated;	/* the controller's last step */
	int64_t		 waited;	/* the last lag that was not 0 */
	double		 base;		/* share to refuse at no lag, 0-1 */
	double		 owed;		/* of the next refusal */
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

/* A request came while others wait for lag: 1 take it, 0 refuse it. */
int overload_admit(struct overload *o, int64_t now, int64_t lag);

#endif
