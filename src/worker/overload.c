/*
 * overload.c - when to refuse new requests: pure, times are arguments.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <string.h>

#include "worker/overload.h"

void
overload_init(struct overload *o, int64_t max_lag)
{
	memset(o, 0, sizeof(*o));
	o->max_lag = max_lag;
}

int
overload_admit(struct overload *o, int64_t now, int64_t lag)
{
	if (o->max_lag == 0)
		return 1;
	if (lag <= o->max_lag) {
		if (now - o->high_last >= OVERLOAD_CALM_US)
			o->on = 0;
		o->high_since = 0;
		return 1;
	}
	/* Two that are far apart do not show that it was so in between. */
	if (o->high_since == 0 || now - o->high_last >= OVERLOAD_US)
		o->high_since = now;
	if (o->on && now - o->high_last >= OVERLOAD_CALM_US)
		o->on = 0;
	o->high_last = now;
	if (now - o->high_since >= OVERLOAD_US)
		o->on = 1;
	return !o->on;
}
