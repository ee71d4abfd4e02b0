/*
 * upkey_change.c - what the health of an upstream key becomes by an act.
 *
 * Runs in: worker, checker, admin; pure.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/err.h"
#include "state/upkey.h"

/* A refusal so soon behind the end of a rest is one more in a row. */
#define ROW_US		(10 * CLOCK_US_S)
/* One of those that rest for long, so soon behind the last. */
#define ROW_LONG_US	(3600 * CLOCK_US_S)

const char *
upkey_status_name(enum upkey_status s)
{
	static const char *const names[] = { "unknown", "healthy",
	    "unhealthy" };

	ASSERT((unsigned)s < 3);
	return names[s];
}

const char *
upkey_why_name(enum upkey_why w)
{
	static const char *const names[UPKEY_WHYS] = { "", "auth", "payment",
	    "denied", "quota", "rate" };

	ASSERT((unsigned)w < UPKEY_WHYS);
	return names[w];
}

/* How many in a row this refusal makes. */
static uint32_t
in_a_row(const struct upkey_rec *had, const struct act_key_fault *a)
{
	if (had->faults == 0 || had->fault_us == 0)
		return 1;
	if (upkey_rests(had, a->real_us))
		return had->faults;	/* was under way already */
	if (a->real_us - had->until_us < ROW_US ||
	    (!a->grow && a->real_us - had->fault_us < ROW_LONG_US))
		return had->faults + 1;
	return 1;
}

/* When its rest ends. */
static int64_t
rests_until(const struct upkey_rec *had, const struct act_key_fault *a)
{
	int64_t away = a->away_us, until;
	uint32_t i;

	if (away == UPKEY_NEVER)
		return UPKEY_NEVER;
	for (i = 1; a->grow && i < a->rec.faults && away < UPKEY_GROW_MAX_US;
	    i++)
		away *= 2;
	if (a->grow && away > UPKEY_GROW_MAX_US)
		away = UPKEY_GROW_MAX_US;
	until = a->real_us + away;
	return upkey_rests(had, a->real_us) && had->until_us > until ?
	    had->until_us : until;
}

int
upkey_change(const struct upkey_rec *had, struct act_key_fault *a)
{
	struct upkey_rec *r = &a->rec;

	r->checked_us = had->checked_us;
	r->response_us = had->response_us;
	if (a->good == UPKEY_REFUSED) {
		r->status = UPKEY_UNHEALTHY;
		r->faults = in_a_row(had, a);
		r->until_us = rests_until(had, a);
		r->fault_us = a->real_us;
		return 1;
	}
	/*
	 * Begun before the refusal, or without knowing of it, it tells
	 * nothing about what is now. Trouble of a probe is for the next one.
	 */
	if (had->status == UPKEY_HEALTHY || (had->fault_us != 0 &&
	    a->real_us <= had->fault_us) ||
	    (had->status == UPKEY_UNHEALTHY && (had->why == UPKEY_FINE ||
	    a->good == UPKEY_SERVED))) {
		*r = *had;
		return 0;
	}
	r->status = UPKEY_HEALTHY;
	r->why = UPKEY_FINE;
	r->until_us = r->fault_us = 0;
	r->faults = 0;
	r->http_status = 0;
	r->error[0] = '\0';
	return 1;
}
