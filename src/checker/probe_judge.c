/*
 * probe_judge.c - what the answer to a probe says about the key.
 *
 * Runs in: checker; pure.
 * Owns: nothing.
 */
#include <stdio.h>

#include "checker/probe.h"
#include "upstream/keyfault.h"

/* What an answer says about the key. */
enum probe_says {
	SAYS_GOOD, SAYS_REFUSED,
	SAYS_KNOWN,		/* not now, but it is a key */
	SAYS_NOTHING,		/* about keys */
	SAYS_TROUBLE		/* of the provider */
};

/* By status; the first row that covers it. */
static const struct probe_row {
	int		 from, to;
	enum probe_says	 says;
	enum upkey_why	 why;
	const char	*text;
} probe_rows[] = {
	{ 200, 299, SAYS_GOOD, UPKEY_FINE, "" },
	{ 300, 399, SAYS_NOTHING, UPKEY_FINE, "probe redirected" },
	{ 401, 401, SAYS_REFUSED, UPKEY_AUTH, "auth failed" },
	{ 402, 402, SAYS_REFUSED, UPKEY_PAYMENT, "payment required" },
	{ 403, 403, SAYS_REFUSED, UPKEY_DENIED, "permission denied" },
	{ 404, 405, SAYS_NOTHING, UPKEY_FINE, "health path not served" },
	{ 408, 408, SAYS_TROUBLE, UPKEY_FINE, "timed out" },
	{ 429, 429, SAYS_KNOWN, UPKEY_FINE, "" },
	{ 400, 499, SAYS_NOTHING, UPKEY_FINE, "probe refused" },
	{ 504, 504, SAYS_TROUBLE, UPKEY_FINE, "timed out" },
	{ 0, 999, SAYS_TROUBLE, UPKEY_FINE, "provider failed" },
};

/* Google calls an unknown key a bad request. */
static const struct probe_row probe_unknown = {
	400, 499, SAYS_REFUSED, UPKEY_AUTH, "auth failed"
};

static const struct probe_row *
probe_find(const struct ask_result *res, enum conf_dialect d)
{
	const struct probe_row *row = probe_rows;
	struct complaint said;

	while (res->status < row->from || res->status > row->to)
		row++;
	if (row->says != SAYS_NOTHING || res->status < 400)
		return row;
	complaint_read(res->body, &said);
	return keyfault_find(d, res->status, &said) == UPKEY_AUTH ?
	    &probe_unknown : row;
}

static int
probe_timed_out(enum outcome o)
{
	return o == OUTCOME_CONNECT_TIMEOUT || o == OUTCOME_HEAD_TIMEOUT ||
	    o == OUTCOME_IDLE_TIMEOUT || o == OUTCOME_TOTAL_TIMEOUT;
}

/* No answer at all is trouble of the provider, in its own words. */
static void
probe_error(const struct ask_result *res, const struct probe_row *row,
    struct upkey_rec *rec)
{
	rec->http_status = (uint16_t)res->status;
	if (res->status == 0)
		snprintf(rec->error, 101, "%s",
		    probe_timed_out(res->outcome) ? "timed out" : res->why);
	else if (row->text[0] != '\0')
		snprintf(rec->error, 101, "%s (HTTP %d)", row->text,
		    res->status);
	else
		rec->error[0] = '\0';
}

/*
 * A list of models can be had with a key that is rate limited or not paid for,
 * and where it is public, with any: when a key that a probe brought back was
 * refused again, only time helps.
 */
static int
probe_tells(const struct upkey_rec *rec)
{
	return rec->until_us == UPKEY_NEVER || (rec->faults < 2 &&
	    (rec->why == UPKEY_AUTH || rec->why == UPKEY_DENIED));
}

static void
probe_good(struct upkey_rec *rec)
{
	rec->status = UPKEY_HEALTHY;
	rec->why = UPKEY_FINE;
	rec->until_us = 0;
	rec->http_status = 0;
	rec->error[0] = '\0';
}

static void
probe_refused(const struct probe_row *row, int64_t now_us, int64_t retry_us,
    struct upkey_rec *rec)
{
	int64_t until = retry_us > 0 ? now_us + retry_us : UPKEY_NEVER;

	if (!upkey_rests(rec, now_us) || rec->until_us < until)
		rec->until_us = until;
	rec->status = UPKEY_UNHEALTHY;
	rec->why = row->why;
	rec->faults = 1;	/* probes see it */
}

void
probe_judge(const struct ask_result *res, enum conf_dialect d, int64_t now_us,
    int64_t retry_us, struct upkey_rec *rec)
{
	const struct probe_row *row = probe_find(res, d);
	int rests = upkey_rests(rec, now_us);

	rec->checked_us = now_us;
	rec->response_us = res->took_us > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)res->took_us;
	switch (row->says) {
	case SAYS_GOOD:
		if (!rests || probe_tells(rec))
			probe_good(rec);
		return;
	case SAYS_KNOWN:
		if (!rests)
			probe_good(rec);
		return;
	case SAYS_REFUSED:
		probe_refused(row, now_us, retry_us, rec);
		break;
	case SAYS_NOTHING:
		if ((rests && rec->until_us != UPKEY_NEVER) ||
		    rec->status == UPKEY_HEALTHY)
			return;
		rec->status = UPKEY_UNKNOWN;
		rec->why = UPKEY_FINE;
		rec->until_us = 0;
		break;
	case SAYS_TROUBLE:
		if (rests)
			return;
		rec->status = UPKEY_UNHEALTHY;
		rec->why = UPKEY_FINE;
		rec->until_us = 0;
		break;
	}
	probe_error(res, row, rec);
}
