/* keyfault_test.c - what a provider's error means for the key that got it. */
#include <stdio.h>

#include "base/clock.h"
#include "state/upkey.h"
#include "tap.h"
#include "upstream/complaint.h"
#include "upstream/cred.h"
#include "upstream/keyfault.h"
#include "upstream/retry_after.h"

#define NOW	(1700000000LL * CLOCK_US_S)	/* 2023-11-14 22:13:20 */

/* --- retry_after -------------------------------------------------------- */

static int64_t
after(const char *name, const char *value)
{
	struct hdr h = { str_of(name), str_of(value), hdr_id(str_of(name)) };

	return retry_after(&h, 1, NOW);
}

TEST(seconds)
{
	EQ_INT(after("Retry-After", "7"), 7 * CLOCK_US_S);
	EQ_INT(after("retry-after", " 0 "), 0);
	EQ_INT(after("Retry-After", "1.5"), 1500000);
	EQ_INT(after("Retry-After-Ms", "250"), 250000);
	EQ_INT(after("retry-after-ms", "12.5"), 12500);
	EQ_INT(retry_after(NULL, 0, NOW), -1);
}

TEST(dates)
{
	EQ_INT(after("Retry-After", "Tue, 14 Nov 2023 22:13:50 GMT"),
	    30 * CLOCK_US_S);
	EQ_INT(after("Retry-After", "Tuesday, 14-Nov-23 22:13:50 GMT"),
	    30 * CLOCK_US_S);
	EQ_INT(after("Retry-After", "Tue Nov 14 22:13:50 2023"),
	    30 * CLOCK_US_S);
	EQ_INT(after("Retry-After", "Wed Nov  1 22:13:50 2023"), 0);
	EQ_INT(after("Retry-After", "Mon, 13 Nov 2023 22:13:50 GMT"), 0);
	EQ_INT(after("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	EQ_INT(after("Retry-After", "Sunday, 06-Nov-94 08:49:37 GMT"), 0);
	EQ_INT(after("Retry-After", "Thu, 29 Feb 2024 00:00:00 GMT"),
	    RETRY_AFTER_MAX_US);
	EQ_INT(after("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
	    RETRY_AFTER_MAX_US);
}

TEST(hostile_values)
{
	static const char *const bad[] = { "-1", "", " ", "abc", "1e9", "0x10",
	    "+5", "7s", "1,2", "1.x", ".5", "--", "NaN", "Infinity",
	    "Tue, 14 Nov 2023 22:13:50", "Tue, 14 Nov 2023 22:13:50 GMTx",
	    "Tue, 99 Nov 2023 22:13:50 GMT", "Tue, 14 Foo 2023 22:13:50 GMT",
	    "Tue, 14 Nov 2023 99:13:50 GMT", "Tue, -4 Nov 2023 22:13:50 GMT",
	    "Tue, 14 Nov 2023 22:13:50 GMT, Tue, 14 Nov 2023 22:13:50 GMT",
	    "\xff\xfe", "%s%n%s%n" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EQ_INT(after("Retry-After", bad[i]), -1);
	EQ_INT(after("Retry-After", "99999999999999999999999999"),
	    RETRY_AFTER_MAX_US);
	EQ_INT(after("Retry-After", "18446744073709551615"),
	    RETRY_AFTER_MAX_US);
	EQ_INT(after("Retry-After-Ms", "9223372036854775807"),
	    RETRY_AFTER_MAX_US);
	EQ_INT(after("Retry-After", "86401"), RETRY_AFTER_MAX_US);
}

/* What makes no sense is as if it were not there. */
TEST(milliseconds_first)
{
	struct hdr h[2] = {
		{ STR("retry-after"), STR("2"), HDR_RETRY_AFTER },
		{ STR("retry-after-ms"), STR("1500"), HDR_OTHER }
	};

	EQ_INT(retry_after(h, 2, NOW), 1500000);
	h[1].value = STR("-1500");
	EQ_INT(retry_after(h, 2, NOW), 2 * CLOCK_US_S);
}

TEST(delays)
{
	EQ_INT(retry_after_delay(STR("48s")), 48 * CLOCK_US_S);
	EQ_INT(retry_after_delay(STR("34.4s")), 34400000);
	EQ_INT(retry_after_delay(STR("0s")), 0);
	EQ_INT(retry_after_delay(STR("s")), -1);
	EQ_INT(retry_after_delay(STR("48")), -1);
	EQ_INT(retry_after_delay(STR("-1s")), -1);
	EQ_INT(retry_after_delay(STR("99999999999999999999s")),
	    RETRY_AFTER_MAX_US);
}

/* --- complaint ---------------------------------------------------------- */

static struct complaint said;

static void
say(const char *body)
{
	complaint_read(str_of(body), &said);
}

TEST(complaints)
{
	char text[200];

	say("{\"error\":{\"message\":\"You \\u00e9\",\"type\":\"insufficient_"
	    "quota\",\"param\":null,\"code\":\"insufficient_quota\"}}");
	EQ_STR(said.type, "insufficient_quota");
	EQ_STR(said.code, "insufficient_quota");
	EQ_STR(said.message, "You \xc3\xa9");
	complaint_text(&said, 429, text, sizeof(text));
	EQ_STR(text, "HTTP 429, type insufficient_quota, code "
	    "insufficient_quota");
	say("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
	    "\"message\":\"m\\u0000\\ud800\"}}");
	EQ_STR(said.type, "overloaded_error");
	say("{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\"}}");
	EQ_STR(said.type, "INVALID_ARGUMENT");
	EQ_STR(said.code, "400");
	EQ_INT(said.retry_us, -1);
	say("{\"error\":{\"code\":429,\"details\":[{\"@type\":\"x\"},7,{"
	    "\"retryDelay\":\"34.4s\"},{\"retryDelay\":\"9s\"}]}}");
	EQ_INT(said.retry_us, 34400000);
	say("{\"error\":{\"details\":[{\"retryDelay\":9}]}}");
	EQ_INT(said.retry_us, -1);
	say("{\"object\":\"error\",\"message\":\"m\",\"type\":\"t\"}");
	EQ_STR(said.type, "t");
	EQ_STR(said.message, "m");
	/* to a stream without alt=sse */
	say(" [{\n\"error\":{\"code\":429,\"status\":"
	    "\"RESOURCE_EXHAUSTED\",\"message\":\"m\",\"details\":[{"
	    "\"retryDelay\":\"48s\"}]}}\n]\n");
	EQ_STR(said.type, "RESOURCE_EXHAUSTED");
	EQ_STR(said.message, "m");
	EQ_INT(said.retry_us, 48 * CLOCK_US_S);
	EQ_INT(said.moderated, 0);
	say("{\"error\":\"plain\"}");
	EQ_STR(said.message, "plain");
	complaint_text(&said, 500, text, sizeof(text));
	EQ_STR(text, "HTTP 500");
}

/* No text that a client may have written gets into what is logged. */
TEST(complaints_that_are_none)
{
	static const char *const bad[] = { "", "{", "[]", "null", "text",
	    "[", "[7]", "[[{\"error\":{\"type\":\"x\"}}]]", "[null,{"
	    "\"error\":{\"type\":\"x\"}}]",
	    "{\"error\":{\"type\":\"two words\",\"code\":\"a\\nb\"}}",
	    "{\"error\":{\"type\":\"\",\"code\":{\"a\":1}}}",
	    "{\"error\":{\"type\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}",
	    "{\"error\":{\"type\":\"x\"},\"error\":{\"type\":\"y\"}}" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		say(bad[i]);
		EQ_STR(said.type, "");
		EQ_STR(said.code, "");
	}
}

TEST(long_messages_are_cut_whole)
{
	char body[8192];
	size_t n, i;

	for (i = 0; i < 13; i++) {
		n = (size_t)sprintf(body, "{\"message\":\"%.*s", (int)i,
		    "aaaaaaaaaaaaa");
		while (n < 6000)
			n += (size_t)sprintf(body + n, "\\u00e9\xf0\x9f\x98\x80"
			    "\\ud83d\\ude00\\\\");
		strcpy(body + n, "\"}");
		say(body);
		OK(strlen(said.message) > 200);
	}
}

/* --- keyfault ----------------------------------------------------------- */

static enum upkey_why
fault(enum conf_dialect d, int status, const char *body)
{
	say(body);
	return keyfault_find(d, status, &said);
}

TEST(statuses)
{
	EQ_INT(fault(DIALECT_OPENAI, 401, ""), UPKEY_AUTH);
	EQ_INT(fault(DIALECT_OPENAI, 402, "x"), UPKEY_PAYMENT);
	EQ_INT(fault(DIALECT_GROQ, 403, "{}"), UPKEY_DENIED);
	EQ_INT(fault(DIALECT_OPENAI, 429, "{}"), UPKEY_RATE);
	EQ_INT(fault(DIALECT_OPENAI, 400, "{}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 404, "{}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 500, "{}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 200, "{}"), UPKEY_FINE);
}

TEST(bodies)
{
	EQ_INT(fault(DIALECT_OPENAI, 429, "{\"error\":{\"message\":\"You "
	    "exceeded\",\"type\":\"insufficient_quota\",\"code\":"
	    "\"insufficient_quota\"}}"), UPKEY_QUOTA);
	EQ_INT(fault(DIALECT_OPENAI, 429, "{\"error\":{\"message\":\"Rate "
	    "limit reached\",\"type\":\"requests\",\"code\":"
	    "\"rate_limit_exceeded\"}}"), UPKEY_RATE);
	EQ_INT(fault(DIALECT_OPENAI, 400, "{\"error\":{\"code\":"
	    "\"billing_hard_limit_reached\"}}"), UPKEY_QUOTA);
	EQ_INT(fault(DIALECT_ANTHROPIC, 400, "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"invalid_request_error\",\"message\":\"Your credit "
	    "balance is too low to access the API.\"}}"), UPKEY_QUOTA);
	EQ_INT(fault(DIALECT_GEMINI, 400, "{\"error\":{\"code\":400,"
	    "\"message\":\"API key not valid. Please pass a valid one.\","
	    "\"status\":\"INVALID_ARGUMENT\"}}"), UPKEY_AUTH);
	EQ_INT(fault(DIALECT_OPENAI, 403, "{\"error\":{\"code\":"
	    "\"model_not_found\"}}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_GEMINI, 400, "[{\"error\":{\"code\":400,"
	    "\"message\":\"API key not valid. Please pass a valid one.\","
	    "\"status\":\"INVALID_ARGUMENT\"}}]"), UPKEY_AUTH);
	EQ_INT(fault(DIALECT_GEMINI, 429, "[{\"error\":{\"code\":429,"
	    "\"message\":\"You exceeded your current quota, please\"}}]"),
	    UPKEY_QUOTA);
}

/* An error event: as the status that its words stand for. */
static enum upkey_why
inside(enum conf_dialect d, const char *body, int status)
{
	enum upkey_why why;
	int got;

	say(body);
	why = keyfault_inside(d, &said, &got);
	EQ_INT(got, status);
	return why;
}

TEST(events)
{
	EQ_INT(inside(DIALECT_OPENAI, "{\"error\":{\"type\":"
	    "\"insufficient_quota\",\"code\":\"insufficient_quota\"}}", 400),
	    UPKEY_QUOTA);
	EQ_INT(inside(DIALECT_OPENAI, "{\"error\":{\"type\":\"requests\","
	    "\"code\":\"rate_limit_exceeded\"}}", 429), UPKEY_RATE);
	EQ_INT(inside(DIALECT_OPENAI, "{\"type\":\"response.failed\","
	    "\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\","
	    "\"message\":\"m\"}}}", 429), UPKEY_RATE);
	EQ_STR(said.message, "m");
	EQ_INT(inside(DIALECT_OPENAI, "{\"error\":{\"code\":401,"
	    "\"message\":\"m\"}}", 401), UPKEY_AUTH);
	EQ_INT(inside(DIALECT_ANTHROPIC, "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"rate_limit_error\"}}", 429), UPKEY_RATE);
	EQ_INT(inside(DIALECT_ANTHROPIC, "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"authentication_error\"}}", 401), UPKEY_AUTH);
	EQ_INT(inside(DIALECT_ANTHROPIC, "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"overloaded_error\"}}", 400), UPKEY_FINE);
	EQ_INT(inside(DIALECT_GEMINI, "{\"error\":{\"code\":429,\"status\":"
	    "\"RESOURCE_EXHAUSTED\"}}", 429), UPKEY_RATE);
	EQ_INT(inside(DIALECT_GEMINI, "{\"error\":{\"code\":503,\"status\":"
	    "\"UNAVAILABLE\"}}", 503), UPKEY_FINE);
	EQ_INT(inside(DIALECT_OPENAI, "{\"error\":{\"code\":1300}}", 400),
	    UPKEY_FINE);
	EQ_INT(inside(DIALECT_OPENAI, "{\"error\":{\"message\":"
	    "\"no: rate_limit_exceeded\"}}", 400), UPKEY_FINE);
}

/* A provider that quotes the client: the key stays. */
TEST(clients_put_no_key_out)
{
	EQ_INT(fault(DIALECT_OPENAI, 400, "{\"error\":{\"message\":\"Invalid "
	    "value: 'insufficient_quota'\",\"type\":\"invalid_request_error\","
	    "\"param\":\"insufficient_quota\"}}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 400, "{\"error\":{\"message\":\"no model "
	    "Your credit balance is too low\"}}"), UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 400, "insufficient_quota"), UPKEY_FINE);
	/* nor does what it asks for: a moderator's refusal, another's file */
	EQ_INT(fault(DIALECT_OPENAI, 403, "{\"error\":{\"code\":403,"
	    "\"message\":\"Your input was flagged\",\"metadata\":{"
	    "\"reasons\":[\"violence\"],\"flagged_input\":\"x\"}}}"),
	    UPKEY_FINE);
	EQ_INT(fault(DIALECT_OPENAI, 403, "{\"error\":{\"code\":403,"
	    "\"message\":\"no\",\"metadata\":{\"reasons\":\"\"}}}"),
	    UPKEY_DENIED);
	EQ_INT(fault(DIALECT_OPENAI, 401, "{\"error\":{\"metadata\":{"
	    "\"reasons\":[]}}}"), UPKEY_AUTH);
	EQ_INT(fault(DIALECT_GEMINI, 403, "{\"error\":{\"code\":403,"
	    "\"message\":\"You do not have permission to access the File "
	    "abc or it may not exist.\",\"status\":\"PERMISSION_DENIED\"}}"),
	    UPKEY_FINE);
	EQ_INT(fault(DIALECT_GEMINI, 403, "{\"error\":{\"code\":403,"
	    "\"message\":\"Permission denied: Consumer has been suspended.\","
	    "\"status\":\"PERMISSION_DENIED\"}}"), UPKEY_DENIED);
}

TEST(rests)
{
	struct conf_provider p = { .health = { .interval = 1,
	    .unhealthy_retry = 3600 * CLOCK_US_S } };
	enum upkey_why w;

	for (w = UPKEY_AUTH; w <= UPKEY_QUOTA; w++) {
		EQ_INT(keyfault_rest(w, -1, &p).away_us, 3600 * CLOCK_US_S);
		EQ_INT(keyfault_rest(w, 0, &p).away_us, 3600 * CLOCK_US_S);
		EQ_INT(keyfault_rest(w, 5, &p).away_us, 5);
		EQ_INT(keyfault_rest(w, -1, &p).grow, 0);
	}
	EQ_INT(keyfault_rest(UPKEY_RATE, -1, &p).away_us, CLOCK_US_S);
	EQ_INT(keyfault_rest(UPKEY_RATE, -1, &p).grow, 1);
	EQ_INT(keyfault_rest(UPKEY_RATE, 9, &p).away_us, 9);
	EQ_INT(keyfault_rest(UPKEY_RATE, 9, &p).grow, 0);
	EQ_INT(keyfault_rest(UPKEY_FINE, 9, &p).away_us, 0);
	p.health.unhealthy_retry = 0;
	EQ_INT(keyfault_rest(UPKEY_AUTH, -1, &p).away_us, UPKEY_NEVER);
	p.health.interval = 0;	/* nothing could bring it back */
	EQ_INT(keyfault_rest(UPKEY_AUTH, -1, &p).away_us, 0);
	EQ_INT(keyfault_rest(UPKEY_RATE, -1, &p).away_us, CLOCK_US_S);
}

/* --- what the row becomes ----------------------------------------------- */

static struct upkey_rec row;

static void
refuse(int64_t at_s, int64_t away_s, int grow)
{
	struct act_key_fault a = { .real_us = NOW + at_s * CLOCK_US_S,
	    .away_us = away_s == -1 ? UPKEY_NEVER : away_s * CLOCK_US_S,
	    .grow = grow, .rec = { .why = UPKEY_RATE } };

	EQ_INT(upkey_change(&row, &a), 1);
	row = a.rec;
}

static int64_t
until(void)
{
	return (row.until_us - NOW) / CLOCK_US_S;
}

TEST(back_off_grows_and_forgets)
{
	memset(&row, 0, sizeof(row));
	refuse(0, 1, 1);
	EQ_INT(until(), 1);
	EQ_INT(row.faults, 1);
	refuse(0, 1, 1);		/* under way at the same time */
	EQ_INT(row.faults, 1);
	EQ_INT(until(), 1);
	refuse(2, 1, 1);
	EQ_INT(until(), 4);
	refuse(5, 1, 1);
	EQ_INT(until(), 9);
	refuse(1000, 1, 1);
	EQ_INT(row.faults, 1);
	EQ_INT(until(), 1001);
	for (; row.faults < 40; )
		refuse(until() + 1, 1, 1);
	EQ_INT(row.until_us - row.fault_us, UPKEY_GROW_MAX_US);
}

TEST(longer_rests_stay)
{
	memset(&row, 0, sizeof(row));
	refuse(0, 600, 0);
	refuse(1, 1, 1);
	EQ_INT(until(), 600);
	refuse(2, 3600, 0);
	EQ_INT(until(), 3602);
	refuse(3, -1, 0);
	EQ_INT(row.until_us, UPKEY_NEVER);
	refuse(4, 5, 0);
	EQ_INT(row.until_us, UPKEY_NEVER);
}

TEST(success_brings_back)
{
	struct act_key_fault good = { .good = UPKEY_SERVED,
	    .real_us = NOW };

	memset(&row, 0, sizeof(row));
	EQ_INT(upkey_change(&row, &good), 1);	/* unknown before */
	EQ_INT(good.rec.status, UPKEY_HEALTHY);
	row = good.rec;
	EQ_INT(upkey_change(&row, &good), 0);
	refuse(10, 600, 0);
	EQ_INT(upkey_rests(&row, NOW + 11 * CLOCK_US_S), 1);
	/* begun before the refusal: says nothing */
	EQ_INT(upkey_change(&row, &good), 0);
	EQ_INT(good.rec.status, UPKEY_UNHEALTHY);
	good.real_us = NOW + 20 * CLOCK_US_S;
	/* by a worker that did not know yet: what the provider said counts */
	EQ_INT(upkey_change(&row, &good), 0);
	good.good = UPKEY_SERVED_AGAIN;
	EQ_INT(upkey_change(&row, &good), 1);
	EQ_INT(good.rec.status, UPKEY_HEALTHY);
	EQ_INT(good.rec.until_us, 0);
	EQ_INT(good.rec.faults, 0);
}

/* --- hiding keys -------------------------------------------------------- */

static char text[200];
static struct conf_provider prov;

static void
hide(const char *s, const char *want)
{
	strcpy(text, s);
	cred_mask(&prov, text, strlen(text));
	EQ_STR(text, want);
}

TEST(keys_are_hidden)
{
	struct conf_upkey k[4] = { { .key = secret_new(STR("sk-one")) },
	    { .key = secret_new(STR("a/b/c")) }, { .key = NULL },
	    { .key = secret_new(STR("zz")) } };

	prov.keys = k;
	prov.n_keys = 4;
	hide("key sk-one, sk-on and sk-onesk-one", "key ******, sk-on and "
	    "************");
	hide("a/b/c a\\/b\\/c a\\/b/c a\\b/c", "***** ******* ****** a\\b/c");
	hide("", "");
	hide("zz", "zz");		/* too short to be a key */
	hide("sk-sk-one", "sk-******");
	EQ_INT(cred_mask_span(&prov), 7);
	k[2].key = secret_new(STR("sk-one-two"));
	k[3].key = secret_new(STR("one-"));
	hide("sk-one-two sk-one-tw one-two", "********** ******-tw ****two");
	strcpy(text, "it was sk-o");
	cred_mask_cut(&prov, text, strlen(text));
	EQ_STR(text, "it was ****");
	strcpy(text, "sk");
	cred_mask_cut(&prov, text, strlen(text));
	EQ_STR(text, "sk");
	prov.n_keys = 0;
	EQ_INT(cred_mask_span(&prov), 0);
}

TAP_BEGIN
TAP_ROW(seconds)
TAP_ROW(dates)
TAP_ROW(hostile_values)
TAP_ROW(milliseconds_first)
TAP_ROW(delays)
TAP_ROW(complaints)
TAP_ROW(complaints_that_are_none)
TAP_ROW(long_messages_are_cut_whole)
TAP_ROW(statuses)
TAP_ROW(bodies)
TAP_ROW(events)
TAP_ROW(clients_put_no_key_out)
TAP_ROW(rests)
TAP_ROW(back_off_grows_and_forgets)
TAP_ROW(longer_rests_stay)
TAP_ROW(success_brings_back)
TAP_ROW(keys_are_hidden)
TAP_END
