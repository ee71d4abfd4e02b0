/*
 * clock.h - the times of day and of boot. Tests replace this file at link time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_US_S	1000000LL

/* Microseconds of CLOCK_MONOTONIC: loop timers. */
int64_t clock_mono_us(void);
/* Microseconds of CLOCK_BOOTTIME: shared rate windows, also over suspend. */
int64_t clock_boot_us(void);
/* Microseconds since 1970 UTC. */
int64_t clock_real_us(void);

/* RFC 3339 in UTC with milliseconds, "2026-11-21T11:05:00.123Z": 25 bytes. */
#define CLOCK_RFC3339_SIZE 32
void clock_rfc3339(int64_t real_us, char out[CLOCK_RFC3339_SIZE]);
/*
 * The same in the zone of localtime(3) (TZ set by the process at start), with
 * offset "+01:00".
 */
void clock_local3339(int64_t real_us, char out[CLOCK_RFC3339_SIZE]);
/* IMF-fixdate for HTTP (RFC 9110, 5.6.7): 30 bytes with NUL. */
void clock_http_date(int64_t real_us, char out[CLOCK_RFC3339_SIZE]);
/* Set the process's zone ("UTC", "Europe/Berlin"): 0, or ERR_NOTFOUND. */
int clock_set_zone(const char *name);

#endif
