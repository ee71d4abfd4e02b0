/* probe_judge_test.c - what the answer to a probe says about the key. */
#include "checker/probe.h"
#include "tap.h"

#define NOW	1000000000LL
#define RETRY	3600000000LL

static struct upkey_rec rec;

static void
judge(int status, enum outcome o, const char *why, int64_t retry)
{
	struct ask_result res = {
		.outcome = o, .status = status, .why = why, .took_us = 1500
	};

	rec.faults = 0;
	probe_judge(&res, NOW, retry, &rec);
	EQ_INT(rec.checked_us, NOW);
	EQ_INT(rec.response_us, 1500);
}

TEST(good_keys)
{
	judge(200, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
	EQ_INT(rec.until_us, 0);
	EQ_STR(rec.error, "");
	judge(429, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
}

TEST(refused_keys_rest)
{
	judge(401, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.until_us, NOW + RETRY);
	EQ_STR(rec.error, "auth failed (HTTP 401)");
	judge(403, OUTCOME_OK, "", RETRY);
	EQ_STR(rec.error, "permission denied (HTTP 403)");
	EQ_INT(rec.faults, 1);
	judge(402, OUTCOME_OK, "", 0);
	EQ_INT(rec.until_us, INT64_MAX);
}

TEST(trouble_of_the_provider_does_not_bench_the_key)
{
	judge(503, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.until_us, 0);
	judge(0, OUTCOME_TOTAL_TIMEOUT, "no answer in time", RETRY);
	EQ_STR(rec.error, "timed out");
	EQ_INT(rec.until_us, 0);
	judge(0, OUTCOME_CONNECT, "connection refused", RETRY);
	EQ_STR(rec.error, "connection refused");
}

TEST(a_path_that_is_not_there_says_nothing)
{
	judge(404, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
	judge(400, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
}

TEST(long_errors_are_cut)
{
	char why[300];

	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	judge(0, OUTCOME_TLS, why, RETRY);
	EQ_INT(strlen(rec.error), 100);
}

TAP_BEGIN
TAP_ROW(good_keys)
TAP_ROW(refused_keys_rest)
TAP_ROW(trouble_of_the_provider_does_not_bench_the_key)
TAP_ROW(a_path_that_is_not_there_says_nothing)
TAP_ROW(long_errors_are_cut)
TAP_END
