/*
 * overload.c - when to refuse new requests: pure, times are arguments.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <string.h>

#include "base/err.h"
#include "worker/overload.h"

#define STEP_US		10000		/* at least between two steps */
#define STEP_MAX_US	50000		/* that one step may stand for */
#define AIM(max)	((max) * 2 / 3)	/* what is held: those taken are many
					   at that, and share the worker */
#define AWAY_MAX	2.0		/* aims off the aim that count */
#define PACE		0.3		/* of the limit, in a delay, per aim */
#define DELAY_MIN	50000.0		/* for that, us: the lag's own */
#define DELAY_MAX	3000000.0
#define AT_ONCE		0.1		/* of the limit, per aim */
#define STEEPEST	0.9		/* of busy: the limit in a step */
#define AHEAD_US	20000		/* of what ends: below busy, at most */
#define MORE		1.0		/* of what ends: above it, at most */
#define KEEP_BUSY	0.9		/* of what a busy worker ends */
#define IDLE_US		150000		/* when nothing waits for so long, */
#define IDLE		2		/* it grows so much faster */
#define NEWEST		0.05		/* weight of an answer's delay */
#define RATE_US		20000		/* at least between two looks */
#define RATE_MEAN_US	200000.0	/* at least, of the mean */

void
overload_init(struct overload *o, int64_t max_lag)
{
	memset(o, 0, sizeof(*o));
	o->max_lag = max_lag;
}

/* Is the worker overloaded, and not only hit by a burst? */
static void
judge(struct overload *o, int64_t now, int64_t lag)
{
	if (lag <= o->max_lag) {
		if (now - o->high_last >= OVERLOAD_CALM_US &&
		    now - o->refused_last >= OVERLOAD_CALM_US)
			o->on = 0;
		o->high_since = 0;
		return;
	}
	/* Two that are far apart do not show that it was so in between. */
	if (o->high_since == 0 || now - o->high_last >= OVERLOAD_US)
		o->high_since = now;
	o->high_last = now;
	if (now - o->high_since < OVERLOAD_US)
		return;
	if (!o->on) {
		o->limit = o->busy > 1 ? o->busy : 1;
		o->updated = now;
	}
	o->on = 1;
}

/* How far the lag is off the aim, in aims. */
static double
away(const struct overload *o, int64_t lag)
{
	double aim = (double)AIM(o->max_lag), x = ((double)lag - aim) / aim;

	return x > AWAY_MAX ? AWAY_MAX : x;
}

/* For how long a change of the limit does not show in the lag. */
static double
delay(const struct overload *o)
{
	return o->delay < DELAY_MIN ? DELAY_MIN :
	    o->delay > DELAY_MAX ? DELAY_MAX : o->delay;
}

/* What a busy worker ends: one with time to spare ends fewer, which says
 * nothing. */
static void
rate(struct overload *o, int64_t now, int64_t lag)
{
	double us = (double)(now - o->rated), mean = 2 * delay(o), had;

	if (lag < AIM(o->max_lag) / 2)
		o->full = 0;
	if (us < RATE_US)
		return;
	if (mean < RATE_MEAN_US)
		mean = RATE_MEAN_US;
	had = o->ended / us;
	if (us <= OVERLOAD_CALM_US && (o->full || had > o->rate))
		o->rate += (had - o->rate) * (us > mean ? 1 : us / mean);
	o->rated = now;
	o->ended = 0;
	o->full = 1;
}

/* Too long a lag. */
static void
lower(struct overload *o, double share)
{
	double least = KEEP_BUSY * o->rate * o->delay;

	if (o->limit > o->busy)
		o->limit = o->busy;
	o->limit *= 1 - share;
	if (o->limit < o->busy * STEEPEST)
		o->limit = o->busy * STEEPEST;
	if (o->limit < o->busy - AHEAD_US * o->rate)
		o->limit = o->busy - AHEAD_US * o->rate;
	if (o->limit < least)
		o->limit = least;
	if (o->limit < 1)
		o->limit = 1;
}

/* Too short a lag. Of those under way most may do nothing but wait: it is what
 * ends that tells how many more can be taken. */
static void
raise(struct overload *o, double share, double most)
{
	double more = o->limit * share;

	o->limit += most > 0 && more > most ? most : more;
}

/*
 * What ends says how many can be taken while there is work to wait for. When
 * nothing has waited for long it says nothing: hardly any of those under way may
 * end for minutes, with all the processor free.
 */
static double
pace(const struct overload *o, int64_t now)
{
	return now - o->waited >= OVERLOAD_CALM_US ? 0 : o->rate;
}

/* One step of the controller. */
static void
control(struct overload *o, int64_t now, int64_t lag)
{
	double us = (double)(now - o->updated), off = away(o, lag);

	if (lag > 0)
		o->waited = now;
	if (us < STEP_US)
		return;
	if (us > STEP_MAX_US)
		us = STEP_MAX_US;
	o->updated = now;
	if (off > 0)
		lower(o, PACE * off * us / delay(o));
	else if (o->busy >= o->limit * STEEPEST)	/* it is the limit that
							   keeps them out */
		raise(o, -PACE * off * us / delay(o) *
		    (now - o->waited >= IDLE_US ? IDLE : 1),
		    MORE * us * pace(o, now));
}

/* What the lag of the moment takes from the limit, or adds to it. */
static double
at_once(const struct overload *o, int64_t now, int64_t lag)
{
	double n = o->limit * AT_ONCE, most = AHEAD_US * pace(o, now);

	return (most > 0 && n > most ? most : n) * away(o, lag);
}

int
overload_admit(struct overload *o, int64_t now, int64_t lag)
{
	if (o->max_lag > 0) {
		if (now - o->updated >= OVERLOAD_CALM_US && o->on) {
			o->on = 0;		/* nobody came: begin anew */
			o->high_since = 0;
		}
		judge(o, now, lag);
		rate(o, now, lag);
	}
	if (o->on) {
		control(o, now, lag);
		if (o->busy >= o->limit - at_once(o, now, lag)) {
			o->refused_last = now;
			return 0;
		}
	}
	o->busy++;
	return 1;
}

void
overload_answer(struct overload *o, int64_t after, int64_t lag)
{
	double us = after > lag ? (double)(after - lag) : 0;

	o->delay += (us - o->delay) * (o->delay == 0 ? 1 : NEWEST);
}

void
overload_end(struct overload *o, int answered)
{
	ASSERT(o->busy > 0);
	o->busy--;
	o->ended += answered != 0;
}
