/*
 * dialect.c - what watches answers.
 *
 * Runs in: worker.
 * Owns: nothing; the table is in codec.c.
 */
#include "base/err.h"
#include "dialect/dialect.h"

#define RUN_MAX	1024		/* of base64; no word is as long */

const struct dialect *
dialect_of_api(enum conf_dialect d, unsigned api)
{
	if (api == CONF_API_MESSAGES)
		return &tap_anthropic;
	if (api == CONF_API_RESPONSES)
		return &tap_responses;
	return dialect_get(d);
}

static int
is_base64(unsigned char b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
	    (b >= '0' && b <= '9') || b == '+' || b == '/' || b == '-' ||
	    b == '_' || b == '=';
}

uint64_t
dialect_text(struct str s, size_t *run)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (is_base64((unsigned char)s.p[i])) {
			++*run;
			continue;
		}
		n += 1 + (*run <= RUN_MAX ? *run : 0);
		*run = 0;
	}
	return n;
}

uint64_t
dialect_estimate(uint64_t bytes)
{
	return bytes / 4 + (bytes % 4 != 0);
}
