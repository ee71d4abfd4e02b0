/*
 * retry_after.h - when a provider wants to be asked again.
 */
#ifndef UPSTREAM_RETRY_AFTER_H
#define UPSTREAM_RETRY_AFTER_H

#include <stdint.h>

#include "net/hdr.h"

/* Nobody makes us wait for longer. */
#define RETRY_AFTER_MAX_US	(86400 * 1000000LL)

/*
 * Retry-After-Ms (as OpenAI sends it), else Retry-After: seconds or one of the
 * three forms of a date (RFC 9110, 10.2.3 and 5.6.7). Microseconds from
 * real_us on, at most RETRY_AFTER_MAX_US; 0 when it is now or was in the past;
 * -1 when there is none or it makes no sense.
 */
int64_t retry_after(const struct hdr *h, unsigned n, int64_t real_us);
/* The same of what Google says in a body: seconds, "34.4s". */
int64_t retry_after_delay(struct str s);

#endif
