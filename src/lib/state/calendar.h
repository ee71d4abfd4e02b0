/*
 * calendar.h - hours and days of the process's zone.
 */
#ifndef STATE_CALENDAR_H
#define STATE_CALENDAR_H

#include <stdint.h>

/* The hour and the day that were asked for last: asking again is free. */
struct calendar {
	int64_t		 hour_start, hour_end;	/* real us */
	int64_t		 day_start, day_end;
};

/* Fill it for that moment. */
void calendar_at(struct calendar *c, int64_t real_us);

#endif
