/*
 * probe_judge.c - what the answer to a probe says about the key.
 *
 * Runs in: checker; pure.
 * Owns: nothing.
 */
#include <stdio.h>

#include "checker/probe.h"

/* By status; the first row that covers it. */
static const struct probe_row {
	int		 from, to;
	enum upkey_status status;
	int		 key;		/* the key is refused */
	const char	*text;
} probe_rows[] = {
	{ 200, 399, UPKEY_HEALTHY, 0, "" },
	{ 401, 401, UPKEY_UNHEALTHY, 1, "auth failed" },
	{ 402, 402, UPKEY_UNHEALTHY, 1, "payment required" },
	{ 403, 403, UPKEY_UNHEALTHY, 1, "permission denied" },
	{ 404, 405, UPKEY_UNKNOWN, 0, "health path not served" },
	{ 408, 408, UPKEY_UNHEALTHY, 0, "timed out" },
	{ 429, 429, UPKEY_HEALTHY, 0, "" },	/* limited, but known */
	{ 400, 499, UPKEY_UNKNOWN, 0, "probe refused" },
	{ 504, 504, UPKEY_UNHEALTHY, 0, "timed out" },
	{ 0, 999, UPKEY_UNHEALTHY, 0, "provider failed" },
};

static int
probe_timed_out(enum outcome o)
{
	return o == OUTCOME_CONNECT_TIMEOUT || o == OUTCOME_HEAD_TIMEOUT ||
	    o == OUTCOME_IDLE_TIMEOUT || o == OUTCOME_TOTAL_TIMEOUT;
}

void
probe_judge(const struct ask_result *res, int64_t now_us, int64_t retry_us,
    struct upkey_rec *rec)
{
	const struct probe_row *row = probe_rows;

	rec->checked_us = now_us;
	rec->response_us = res->took_us > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)res->took_us;
	rec->until_us = 0;
	rec->http_status = (uint16_t)res->status;
	rec->error[0] = '\0';
	if (res->status == 0) {
		rec->status = UPKEY_UNHEALTHY;
		rec->faults++;
		snprintf(rec->error, 101, "%s",
		    probe_timed_out(res->outcome) ? "timed out" : res->why);
		return;
	}
	while (res->status < row->from || res->status > row->to)
		row++;
	rec->status = row->status;
	if (row->text[0] != '\0')
		snprintf(rec->error, 101, "%s (HTTP %d)", row->text,
		    res->status);
	rec->faults = row->status == UPKEY_UNHEALTHY ? rec->faults + 1 : 0;
	if (row->key)
		rec->until_us = retry_us > 0 ? now_us + retry_us : INT64_MAX;
}
