/*
 * calendar.c - hours and days of the process's zone.
 *
 * Runs in: worker, recorder.
 * Owns: nothing.
 *
 * An hour is named by the moment it begins, so the hour that a change of the
 * clocks repeats is counted as two.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "state/calendar.h"

#define HOUR	3600

static int64_t
midnight(const struct tm *day, int add)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = day->tm_year;
	tm.tm_mon = day->tm_mon;
	tm.tm_mday = day->tm_mday + add;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * CLOCK_US_S;
}

void
calendar_at(struct calendar *c, int64_t us)
{
	time_t t = (time_t)(us / CLOCK_US_S);
	struct tm tm;
	int64_t into;

	if (us >= c->hour_start && us < c->hour_end && us >= c->day_start &&
	    us < c->day_end)
		return;
	localtime_r(&t, &tm);
	into = (t + tm.tm_gmtoff) % HOUR;
	c->hour_start = (t - into) * CLOCK_US_S;
	c->hour_end = c->hour_start + HOUR * CLOCK_US_S;
	c->day_start = midnight(&tm, 0);
	c->day_end = midnight(&tm, 1);
	/* A zone may lack the midnight of a day on which its clocks change. */
	if (c->day_start > us)
		c->day_start = us;
	if (c->day_end <= us)
		c->day_end = us + 1;
}
