/*
 * dialect.c - what watches answers.
 *
 * Runs in: worker.
 * Owns: nothing; the table is in codec.c.
 */
#include "base/err.h"
#include "dialect/dialect.h"

const struct dialect *
dialect_of_api(enum conf_dialect d, unsigned api)
{
	if (api == CONF_API_MESSAGES)
		return &tap_anthropic;
	if (api == CONF_API_RESPONSES)
		return &tap_responses;
	return dialect_get(d);
}

uint64_t
dialect_estimate(uint64_t bytes)
{
	return bytes / 4 + (bytes % 4 != 0);
}
