/*
 * overload.c - when to refuse new requests: pure, times are arguments.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <string.h>

#include "worker/overload.h"

/*
 * The lag grows by (requests taken, in capacities, less one) seconds a second,
 * some 20 to 70 ms after they were taken. What is taken is a share of a share:
 * so the gain is the same whether two or ten capacities are asked for.
 */
#define STEP_US		10000		/* at least between two steps */
#define STEPS_MAX	5		/* that one step may stand for */
#define DISTANCE	0.4		/* per second off the aim and step */
#define AIM(max)	((max) * 2 / 3)	/* what is held: those taken are many
					   at that, and share the worker */
#define NOW		12.0		/* per second of lag */
#define BEGIN		0.5		/* too much rather than too little */
#define END		0.02		/* as good as none */
#define IDLE_US		150000		/* when nothing waits for so long, */
#define IDLE		0.8		/* a step leaves this much */

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
		if (now - o->high_last >= OVERLOAD_CALM_US && o->base < END)
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
	if (!o->on && o->base < BEGIN)
		o->base = BEGIN;
	o->on = 1;
}

/* One step of the controller. */
static void
control(struct overload *o, int64_t now, int64_t lag)
{
	double steps = (double)(now - o->updated) / STEP_US;
	int64_t off = lag - (o->on ? AIM(o->max_lag) : o->max_lag);

	if (steps < 1)
		return;
	if (steps > STEPS_MAX)
		steps = STEPS_MAX;
	if (off > 2 * o->max_lag)
		off = 2 * o->max_lag;
	o->base += (1 - o->base) * DISTANCE * steps * (double)off / 1e6;
	if (lag > 0)
		o->waited = now;
	if (now - o->waited >= IDLE_US)
		o->base *= IDLE;
	o->base = o->base < 0 ? 0 : o->base > 1 ? 1 : o->base;
	o->updated = now;
}

int
overload_admit(struct overload *o, int64_t now, int64_t lag)
{
	double take;

	if (o->max_lag == 0)
		return 1;
	if (now - o->updated >= OVERLOAD_CALM_US)
		overload_init(o, o->max_lag);	/* nobody came: begin anew */
	judge(o, now, lag);
	control(o, now, lag);
	if (!o->on)
		return 1;
	take = 1 - NOW * (double)lag / 1e6;
	o->owed += take > 0 ? 1 - (1 - o->base) * take : 1;
	if (o->owed < 1)
		return 1;
	o->owed -= 1;
	return 0;
}
