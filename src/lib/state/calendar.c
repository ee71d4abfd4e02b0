/*
 * calendar.c - hours and days of the process's zone.
 *
 * Runs in: worker, recorder.
 * Owns: nothing.
 *
 * An hour is named by the moment it begins, so the hour that a change of the
 * clocks repeats is counted as two. Where they change by a part of an hour,
 * the hour ends there. A day begins at the first moment that has its date:
 * mktime(3) is no help, for a midnight that is there twice, or not at all, it
 * may say one thing now and another later.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "state/calendar.h"

#define HOUR	3600
#define DAY	86400
#define EAST	(15LL * HOUR)	/* no zone is so far from UTC */
#define WEST	(13LL * HOUR)

/* Seconds by which the zone is east of UTC at that moment. */
static long
offset_at(int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	localtime_r(&when, &tm);
	return tm.tm_gmtoff;
}

/* Days since 1970 on the zone's calendar. */
static int64_t
date_at(int64_t t)
{
	int64_t local = t + offset_at(t);

	return local >= 0 ? local / DAY : -((-local + DAY - 1) / DAY);
}

/* First moment with that date, or a later one where it was skipped. */
static int64_t
day_start(int64_t date)
{
	int64_t lo = date * DAY - EAST, hi = date * DAY + WEST, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (date_at(mid) < date)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

/* When minutes and seconds of the clock jump between from and to, which are
 * not alike: the first moment that is like to. */
static int64_t
jump(int64_t from, int64_t to)
{
	long off = offset_at(to) % HOUR;
	int64_t mid;

	while (to - from > 1) {
		mid = from + (to - from) / 2;
		if (offset_at(mid) % HOUR == off)
			to = mid;
		else
			from = mid;
	}
	return to;
}

static void
hour_at(struct calendar *c, int64_t t)
{
	long off = offset_at(t);
	int64_t into = (t + off) % HOUR, start, end;

	start = t - (into < 0 ? into + HOUR : into);
	end = start + HOUR;
	if (offset_at(start) % HOUR != off % HOUR)
		start = jump(start, t);
	if (offset_at(end - 1) % HOUR != off % HOUR)
		end = jump(t, end - 1);
	c->hour_start = start * CLOCK_US_S;
	c->hour_end = end * CLOCK_US_S;
}

void
calendar_at(struct calendar *c, int64_t us)
{
	int64_t t = us >= 0 ? us / CLOCK_US_S :
	    -((-us + CLOCK_US_S - 1) / CLOCK_US_S), date;

	if (us >= c->hour_start && us < c->hour_end && us >= c->day_start &&
	    us < c->day_end)
		return;
	hour_at(c, t);
	date = date_at(t);
	c->day_start = day_start(date) * CLOCK_US_S;
	c->day_end = day_start(date + 1) * CLOCK_US_S;
	/* Clocks that are put back over midnight give a date again. */
	if (c->day_end <= us)
		c->day_end = us + 1;
}
