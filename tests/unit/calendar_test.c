/* calendar_test.c - hours and days where the clocks change, by a clock of our
 * own. */
#include <stdlib.h>
#include <time.h>

#include "state/calendar.h"
#include "state_help.h"

#define S	CLOCK_US_S
#define HOUR	(3600 * S)

static struct help_opts h;

static void
zone(const char *name)
{
	if (clock_set_zone(name) != 0)
		tap_skip("no time zones here");
}

struct change {
	const char	*zone;
	int64_t		 at;		/* the moment the clocks change, s */
	int64_t		 day;		/* hours of that day, in halves */
};

/* Both directions; half an hour off UTC; a change by half an hour; a midnight
 * that is there twice, and one that is not there. */
static const struct change changes[] = {
	{ "Europe/Berlin", 1774746000, 46 },
	{ "Europe/Berlin", 1792890000, 50 },
	{ "America/New_York", 1772953200, 46 },
	{ "America/New_York", 1793512800, 50 },
	{ "Australia/Adelaide", 1775320200, 50 },
	{ "Australia/Adelaide", 1791045000, 46 },
	{ "Australia/Lord_Howe", 1775314800, 49 },
	{ "Australia/Lord_Howe", 1791041400, 47 },
	{ "America/Havana", 1772946000, 46 },
	{ "America/Havana", 1793509200, 50 },
	{ "America/Santiago", 1775358000, 50 },
	{ "America/Santiago", 1788667200, 46 },
	{ "Asia/Kolkata", 1792890000, 48 },
	{ "UTC", 1792890000, 48 },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* What the clock on the wall shows. */
struct wall {
	int		 day, hour;
	long		 off;
};

static struct wall
wall(int64_t us)
{
	time_t t = (time_t)(us / S);
	struct wall w;
	struct tm tm;

	localtime_r(&t, &tm);
	w.day = tm.tm_year * 512 + tm.tm_yday;
	w.hour = tm.tm_hour;
	w.off = tm.tm_gmtoff;
	return w;
}

/*
 * Every minute of four days: hours and days follow each other without a gap,
 * each holds exactly the moments that show its hour and its date, and to ask
 * anew gives what was given before.
 */
static void
walk(const struct change *ch)
{
	struct calendar kept = { 0 }, c, last = { 0 };
	struct wall w, before = { 0 };
	int64_t t, from = (ch->at - 2 * 86400) * S, longest = 0;

	for (t = from; t < from + 96 * HOUR; t += 60 * S) {
		memset(&c, 0, sizeof(c));
		calendar_at(&c, t);
		calendar_at(&kept, t);
		w = wall(t);
		EQ_INT(kept.hour_start, c.hour_start);
		EQ_INT(kept.hour_end, c.hour_end);
		EQ_INT(kept.day_start, c.day_start);
		EQ_INT(kept.day_end, c.day_end);
		OK(c.hour_start <= t && t < c.hour_end);
		OK(c.day_start <= t && t < c.day_end);
		OK(c.hour_end - c.hour_start <= HOUR);
		if (t > from) {
			EQ_INT(last.hour_start != c.hour_start,
			    before.hour != w.hour || before.off != w.off);
			EQ_INT(last.day_start != c.day_start,
			    before.day != w.day);
			OK(last.hour_start == c.hour_start ||
			    last.hour_end == c.hour_start);
			OK(last.day_start == c.day_start ||
			    last.day_end == c.day_start);
		}
		if (llabs(c.day_end - c.day_start - 24 * HOUR) > longest)
			longest = llabs(c.day_end - c.day_start - 24 * HOUR);
		last = c;
		before = w;
	}
	EQ_INT(longest, llabs(ch->day - 48) * HOUR / 2);
}

TEST(hours_and_days_where_clocks_change)
{
	size_t i;

	for (i = 0; i < CHANGES; i++) {
		zone(changes[i].zone);
		walk(&changes[i]);
	}
	EQ_INT(clock_set_zone("UTC"), 0);
}

#define PER_HOUR	3
#define PER_DAY		40

/* A request every seven minutes, over both changes: what is admitted is what
 * the wall's clock allows, to the request. */
static void
admissions(struct state *st, uint64_t key, const struct change *ch)
{
	struct act_admit a = { .key_id = key };
	struct wall w, had = { -1, -1, 0 };
	int64_t t, from = (ch->at - 2 * 86400) * S, end;
	int hour = 0, day = 0, may;

	a.limits.v[WINDOW_HOURLY] = PER_HOUR;
	a.limits.v[WINDOW_DAILY] = PER_DAY;
	for (t = from; t < from + 96 * HOUR; t += 7 * 60 * S) {
		w = wall(t);
		if (w.day != had.day)
			day = 0;
		if (w.day != had.day || w.hour != had.hour ||
		    w.off != had.off)
			hour = 0;
		had = w;
		may = hour < PER_HOUR && day < PER_DAY;
		a.boot_us = t - from;
		a.real_us = t;
		EQ_INT(help_run(st, &a.a, ACT_ADMIT), may ? 0 : ERR_LIMIT);
		hour += may;
		day += may;
		if (may)
			continue;
		/* the time told is the time it takes, to the microsecond */
		end = t + a.retry_after_us;
		w = wall(end - 1);
		OK(w.day == had.day);
		OK(a.refused == WINDOW_DAILY || (w.hour == had.hour &&
		    w.off == had.off));
		w = wall(end);
		OK(w.day != had.day || (a.refused == WINDOW_HOURLY &&
		    (w.hour != had.hour || w.off != had.off)));
	}
}

TEST(limits_where_clocks_change)
{
	struct state *st = help_new(&h, "clocks", BOARD_WORKER);
	size_t i;

	for (i = 0; i < CHANGES; i++) {
		zone(changes[i].zone);
		/* the process has one zone for life: so has its store */
		state_close(&st);
		st = help_open(&h.o);
		admissions(st, 10 + i, &changes[i]);
	}
	EQ_INT(clock_set_zone("UTC"), 0);
	state_close(&st);
}

/* A clock that is put back does not give the hour anew; one that was far in
 * the future does not refuse for ever. */
TEST(a_clock_that_is_set)
{
	struct state *st = help_new(&h, "set", BOARD_WORKER);
	struct act_admit a = { .key_id = 4 };
	int64_t t = 1792890000 * S;

	EQ_INT(clock_set_zone("UTC"), 0);
	a.limits.v[WINDOW_HOURLY] = 1;
	a.real_us = t;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	a.real_us = t - 1;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), ERR_LIMIT);
	a.real_us = t - HOUR;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), ERR_LIMIT);
	a.real_us = t - HOUR - 1;
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), 0);
	EQ_INT(help_run(st, &a.a, ACT_ADMIT), ERR_LIMIT);
	state_close(&st);
}

TAP_BEGIN
TAP_ROW(hours_and_days_where_clocks_change)
TAP_ROW(limits_where_clocks_change)
TAP_ROW(a_clock_that_is_set)
TAP_END
