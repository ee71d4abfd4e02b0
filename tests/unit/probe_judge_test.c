/* probe_judge_test.c - what the answer to a probe says about the key. */
#include <string.h>

#include "checker/probe.h"
#include "tap.h"

#define NOW	1000000000LL
#define RETRY	3600000000LL

static struct upkey_rec rec;
static const char *body = "";

/* What was known before; time in seconds from now on, -1: never ends. */
static void
known(enum upkey_status status, enum upkey_why why, int64_t rest_s,
    unsigned faults)
{
	memset(&rec, 0, sizeof(rec));
	rec.status = status;
	rec.why = why;
	rec.until_us = rest_s == -1 ? UPKEY_NEVER : rest_s == 0 ? 0 :
	    NOW + rest_s * 1000000;
	rec.faults = faults;
	if (status == UPKEY_UNHEALTHY)
		strcpy(rec.error, "before");
}

static void
judge(int status, enum outcome o, const char *why, int64_t retry)
{
	struct ask_result res = {
		.outcome = o, .status = status, .why = why, .took_us = 1500,
		.body = str_of(body)
	};

	probe_judge(&res, DIALECT_GEMINI, NOW, retry, &rec);
	EQ_INT(rec.checked_us, NOW);
	EQ_INT(rec.response_us, 1500);
}

TEST(good_keys)
{
	known(UPKEY_UNKNOWN, UPKEY_FINE, 0, 0);
	judge(200, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
	EQ_INT(rec.until_us, 0);
	EQ_STR(rec.error, "");
	known(UPKEY_UNKNOWN, UPKEY_FINE, 0, 0);
	judge(429, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
}

TEST(refused_keys_rest)
{
	known(UPKEY_UNKNOWN, UPKEY_FINE, 0, 0);
	judge(401, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.why, UPKEY_AUTH);
	EQ_INT(rec.until_us, NOW + RETRY);
	EQ_STR(rec.error, "auth failed (HTTP 401)");
	known(UPKEY_HEALTHY, UPKEY_FINE, 0, 0);
	judge(403, OUTCOME_OK, "", RETRY);
	EQ_STR(rec.error, "permission denied (HTTP 403)");
	EQ_INT(rec.faults, 1);
	known(UPKEY_HEALTHY, UPKEY_FINE, 0, 0);
	judge(402, OUTCOME_OK, "", 0);
	EQ_INT(rec.until_us, UPKEY_NEVER);
	/* a longer rest is not shortened */
	known(UPKEY_UNHEALTHY, UPKEY_QUOTA, 7200, 1);
	judge(401, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.until_us, NOW + 7200000000LL);
}

TEST(a_good_answer_brings_back_what_it_can_tell)
{
	static const struct {
		enum upkey_why why;
		unsigned faults;
		int64_t rest_s;
		int back;
	} rows[] = {
		{ UPKEY_AUTH, 1, 600, 1 }, { UPKEY_DENIED, 1, 600, 1 },
		{ UPKEY_AUTH, 2, 600, 0 }, { UPKEY_DENIED, 3, 600, 0 },
		{ UPKEY_PAYMENT, 1, 600, 0 }, { UPKEY_QUOTA, 1, 600, 0 },
		{ UPKEY_RATE, 1, 600, 0 },
		{ UPKEY_QUOTA, 1, -1, 1 }, { UPKEY_AUTH, 9, -1, 1 },
		{ UPKEY_QUOTA, 1, -10, 1 }, { UPKEY_AUTH, 9, -10, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		known(UPKEY_UNHEALTHY, rows[i].why, rows[i].rest_s,
		    rows[i].faults);
		judge(200, OUTCOME_OK, "", RETRY);
		EQ_INT(rec.status, rows[i].back ? UPKEY_HEALTHY :
		    UPKEY_UNHEALTHY);
		EQ_STR(rec.error, rows[i].back ? "" : "before");
		OK((rec.until_us == 0) == rows[i].back);
	}
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, 600, 1);
	judge(429, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
}

TEST(trouble_of_the_provider_does_not_bench_the_key)
{
	known(UPKEY_HEALTHY, UPKEY_FINE, 0, 0);
	judge(503, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.why, UPKEY_FINE);
	EQ_INT(rec.until_us, 0);
	EQ_INT(upkey_rests(&rec, NOW), 0);
	judge(0, OUTCOME_TOTAL_TIMEOUT, "no answer in time", RETRY);
	EQ_STR(rec.error, "timed out");
	EQ_INT(rec.until_us, 0);
	judge(0, OUTCOME_CONNECT, "connection refused", RETRY);
	EQ_STR(rec.error, "connection refused");
	/* nor does it end a rest */
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, 600, 1);
	judge(0, OUTCOME_CONNECT, "connection refused", RETRY);
	EQ_INT(rec.why, UPKEY_AUTH);
	EQ_INT(rec.until_us, NOW + 600000000LL);
	EQ_STR(rec.error, "before");
}

TEST(a_path_that_is_not_there_says_nothing)
{
	known(UPKEY_UNKNOWN, UPKEY_FINE, 0, 0);
	judge(404, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
	judge(400, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
	/* a request has shown that it is good */
	known(UPKEY_HEALTHY, UPKEY_FINE, 0, 0);
	judge(405, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
	/* time alone ends a rest */
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, 600, 1);
	judge(404, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.until_us, NOW + 600000000LL);
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, -10, 1);
	judge(404, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
	/* which is never: nothing else would */
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, -1, 1);
	judge(404, OUTCOME_OK, "", 0);
	EQ_INT(rec.status, UPKEY_UNKNOWN);
}

TEST(an_unknown_key_may_be_a_bad_request)
{
	body = "{\"error\":{\"code\":400,\"message\":\"API key not valid. "
	    "Please pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\"}}";
	known(UPKEY_UNKNOWN, UPKEY_FINE, 0, 0);
	judge(400, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.why, UPKEY_AUTH);
	EQ_INT(rec.until_us, NOW + RETRY);
	EQ_STR(rec.error, "auth failed (HTTP 400)");
	known(UPKEY_UNHEALTHY, UPKEY_AUTH, -1, 1);
	judge(400, OUTCOME_OK, "", 0);
	EQ_INT(rec.status, UPKEY_UNHEALTHY);
	EQ_INT(rec.until_us, UPKEY_NEVER);
	/* another bad request says nothing */
	body = "{\"error\":{\"code\":400,\"message\":\"bad\"}}";
	known(UPKEY_HEALTHY, UPKEY_FINE, 0, 0);
	judge(400, OUTCOME_OK, "", RETRY);
	EQ_INT(rec.status, UPKEY_HEALTHY);
	body = "";
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
TAP_ROW(a_good_answer_brings_back_what_it_can_tell)
TAP_ROW(trouble_of_the_provider_does_not_bench_the_key)
TAP_ROW(a_path_that_is_not_there_says_nothing)
TAP_ROW(an_unknown_key_may_be_a_bad_request)
TAP_ROW(long_errors_are_cut)
TAP_END
