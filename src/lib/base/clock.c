/*
 * clock.c - the times of day and of boot.
 *
 * Runs in: every process.
 * Owns: the process's time zone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

static int64_t
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_US_S + ts.tv_nsec / 1000;
}

int64_t
clock_mono_us(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t
clock_boot_us(void)
{
	return now(CLOCK_BOOTTIME);
}

int64_t
clock_real_us(void)
{
	return now(CLOCK_REALTIME);
}

static void
put_second(const struct tm *tm, char out[CLOCK_RFC3339_SIZE])
{
	strftime(out, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S.", tm);
}

void
clock_rfc3339(int64_t us, char out[CLOCK_RFC3339_SIZE])
{
	time_t t = (time_t)(us / CLOCK_US_S);
	struct tm tm;
	size_t n;

	put_second(gmtime_r(&t, &tm), out);
	n = strlen(out);
	snprintf(out + n, CLOCK_RFC3339_SIZE - n, "%03dZ",
	    (int)(us / 1000 % 1000));
}

/* What is the same for all of a second, in the zone of now. */
static __thread struct {
	time_t	t;
	char	head[CLOCK_RFC3339_SIZE];
	char	zone[8];
} last_local = { .t = -1 };

static void
local_second(time_t t)
{
	struct tm tm;
	long off;

	localtime_r(&t, &tm);
	off = tm.tm_gmtoff;
	put_second(&tm, last_local.head);
	if (off == 0)
		snprintf(last_local.zone, sizeof(last_local.zone), "Z");
	else
		snprintf(last_local.zone, sizeof(last_local.zone),
		    "%c%02ld:%02ld", off < 0 ? '-' : '+',
		    labs(off) / 3600 % 24, labs(off) / 60 % 60);
	last_local.t = t;
}

void
clock_local3339(int64_t us, char out[CLOCK_RFC3339_SIZE])
{
	time_t t = (time_t)(us / CLOCK_US_S);
	int ms = (int)(us / 1000 % 1000);
	char *p;

	if (t != last_local.t || t < 0)
		local_second(t);
	p = stpcpy(out, last_local.head);
	*p++ = (char)('0' + ms / 100 % 10);
	*p++ = (char)('0' + ms / 10 % 10);
	*p++ = (char)('0' + ms % 10);
	memcpy(p, last_local.zone, strlen(last_local.zone) + 1);
}

void
clock_http_date(int64_t us, char out[CLOCK_RFC3339_SIZE])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(us / CLOCK_US_S);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, CLOCK_RFC3339_SIZE,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * tm.tm_wday, tm.tm_mday % 100, months + 3 * tm.tm_mon,
	    (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* localtime(3) takes UTC without a word for a name it cannot read. */
static int
is_zone_file(const char *name)
{
	char path[256], magic[4] = "";
	FILE *f;
	int ok;

	if (snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name) >=
	    (int)sizeof(path) || (f = fopen(path, "re")) == NULL)
		return 0;
	ok = fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0;
	fclose(f);
	return ok;
}

int
clock_set_zone(const char *name)
{
	if (name[0] == '\0' || strcmp(name, "UTC") == 0)
		name = "UTC0";
	else {
		if (name[0] == '/' || strstr(name, "..") != NULL)
			return ERR_NOTFOUND;
		if (!is_zone_file(name))
			return ERR_NOTFOUND;
	}
	setenv("TZ", name, 1);
	tzset();
	last_local.t = -1;
	return 0;
}
