/* clock_test.c - times as text, days of a zone. */
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "tap.h"

#define T 1795259100123000LL	/* 2026-11-21T11:05:00.123Z */
#define DAY (86400 * CLOCK_US_S)

TEST(utc)
{
	char s[CLOCK_RFC3339_SIZE];

	clock_rfc3339(T, s);
	EQ_STR(s, "2026-11-21T11:05:00.123Z");
	clock_rfc3339(0, s);
	EQ_STR(s, "1970-01-01T00:00:00.000Z");
	clock_rfc3339(951782399999999LL, s);
	EQ_STR(s, "2000-02-28T23:59:59.999Z");
	clock_rfc3339(951782400000000LL, s);
	EQ_STR(s, "2000-02-29T00:00:00.000Z");
}

TEST(http)
{
	char s[CLOCK_RFC3339_SIZE];

	clock_http_date(T, s);
	EQ_STR(s, "Sat, 21 Nov 2026 11:05:00 GMT");
	clock_http_date(784111777 * CLOCK_US_S, s);
	EQ_STR(s, "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(zones)
{
	char s[CLOCK_RFC3339_SIZE];

	EQ_INT(clock_set_zone("UTC"), 0);
	clock_local3339(T, s);
	EQ_STR(s, "2026-11-21T11:05:00.123Z");
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		tap_skip("no time zone data here");
	EQ_INT(clock_set_zone("Europe/Berlin"), 0);
	clock_local3339(T, s);
	EQ_STR(s, "2026-11-21T12:05:00.123+01:00");
	clock_local3339(T - 150 * DAY, s);
	EQ_STR(s, "2026-06-24T13:05:00.123+02:00");
	EQ_INT(clock_set_zone("America/St_Johns"), 0);
	clock_local3339(T, s);
	EQ_STR(s, "2026-11-21T07:35:00.123-03:30");
	EQ_INT(clock_set_zone("Asia/Kathmandu"), 0);
	clock_local3339(T, s);
	EQ_STR(s, "2026-11-21T16:50:00.123+05:45");
	EQ_INT(clock_set_zone(""), 0);
	clock_local3339(T, s);
	EQ_STR(s, "2026-11-21T11:05:00.123Z");
}

TEST(zones_that_are_none)
{
	EQ_INT(clock_set_zone("Mars/Olympus"), ERR_NOTFOUND);
	EQ_INT(clock_set_zone("Europe"), ERR_NOTFOUND);
	EQ_INT(clock_set_zone("zone.tab"), ERR_NOTFOUND);
	EQ_INT(clock_set_zone("../zoneinfo/UTC"), ERR_NOTFOUND);
	EQ_INT(clock_set_zone("/etc/localtime"), ERR_NOTFOUND);
}

TEST(clocks_go_on)
{
	int64_t m = clock_mono_us(), b = clock_boot_us();
	int64_t r = clock_real_us();

	OK(m > 0 && b >= m && r > 1600000000 * CLOCK_US_S);
	m = clock_mono_us();		/* after b, whatever comes between */
	while (clock_mono_us() - m < 2000)
		;
	OK(clock_boot_us() - b >= 1990);
}

TAP_BEGIN
TAP_ROW(utc)
TAP_ROW(http)
TAP_ROW(zones)
TAP_ROW(zones_that_are_none)
TAP_ROW(clocks_go_on)
TAP_END
