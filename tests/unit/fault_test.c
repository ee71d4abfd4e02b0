/* fault_test.c - error bodies in every shape are JSON with the right words. */
#include <stdio.h>

#include "base/jscan.h"
#include "dialect/fault.h"
#include "tap.h"

static void
look(enum fault_shape shape, enum fault f, int status, const char *path,
    const char *want)
{
	struct jscan_want w = { .path = path };
	struct jscan_result res;
	struct buf b;
	char text[256];
	long n;

	buf_init(&b, 4096);
	EQ_INT(fault_write(&b, shape, f, status, STR("no \"x\"\n"),
	    STR("model"), STR("req_1")), 0);
	EQ_INT(jscan(buf_str(&b), NULL, &w, 1, &res), 0);
	if (want == NULL)
		OK(str_eqc(w.raw, "404"));
	else {
		n = jscan_string(w.raw, text, sizeof(text));
		OK(n >= 0);
		EQ_STR(text, want);
	}
	buf_free(&b);
}

static void
check(enum fault_shape shape, const char *path, const char *want)
{
	look(shape, FAULT_NO_MODEL, 404, path, want);
}

static void
spells(enum fault_shape shape, enum fault f, const char *path,
    const char *want)
{
	look(shape, f, fault_status(f), path, want);
}

TEST(shapes)
{
	check(SHAPE_OPENAI, "error.code", "model_not_found");
	check(SHAPE_OPENAI, "error.type", "invalid_request_error");
	check(SHAPE_OPENAI, "error.param", "model");
	check(SHAPE_OPENAI, "error.message", "no \"x\"\n");
	check(SHAPE_ANTHROPIC, "type", "error");
	check(SHAPE_ANTHROPIC, "error.type", "not_found_error");
	check(SHAPE_ANTHROPIC, "request_id", "req_1");
	check(SHAPE_GEMINI, "error.status", "NOT_FOUND");
	check(SHAPE_MISTRAL, "object", "error");
	check(SHAPE_UNIFIED, "statusCode", NULL);
	check(SHAPE_UNIFIED, "error", "Not Found");
	check(SHAPE_UNIFIED, "message", "no \"x\"\n");
	check(SHAPE_OLLAMA, "error", "no \"x\"\n");
	check(SHAPE_PLAIN, "error", "no \"x\"\n");
}

/* What clients match on. */
TEST(words)
{
	static const struct {
		enum fault	 fault;
		int		 status;
		const char	*type, *code, *an_type, *ge_status;
	} rows[] = {
		{ FAULT_BAD_REQUEST, 400, "invalid_request_error",
		    "invalid_request", "invalid_request_error",
		    "INVALID_ARGUMENT" },
		{ FAULT_NO_OPERATION, 400, "invalid_request_error",
		    "unsupported_operation", "invalid_request_error",
		    "INVALID_ARGUMENT" },
		{ FAULT_CONTEXT, 400, "invalid_request_error",
		    "context_length_exceeded", "invalid_request_error",
		    "INVALID_ARGUMENT" },
		{ FAULT_BAD_KEY, 401, "invalid_request_error",
		    "invalid_api_key", "authentication_error",
		    "UNAUTHENTICATED" },
		{ FAULT_DENIED, 403, "permission_denied_error",
		    "permission_denied", "permission_error",
		    "PERMISSION_DENIED" },
		{ FAULT_BODY_TOO_LARGE, 413, "invalid_request_error",
		    "request_too_large", "request_too_large",
		    "INVALID_ARGUMENT" },
		{ FAULT_RATE, 429, "requests", "rate_limit_exceeded",
		    "rate_limit_error", "RESOURCE_EXHAUSTED" },
		{ FAULT_UPSTREAM, 502, "server_error", "upstream_error",
		    "api_error", "INTERNAL" },
		{ FAULT_OVERLOAD, 503, "server_error", "overloaded",
		    "overloaded_error", "UNAVAILABLE" },
		{ FAULT_TIMEOUT, 504, "server_error", "timeout",
		    "timeout_error", "DEADLINE_EXCEEDED" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		EQ_INT(fault_status(rows[i].fault), rows[i].status);
		spells(SHAPE_OPENAI, rows[i].fault, "error.type",
		    rows[i].type);
		spells(SHAPE_OPENAI, rows[i].fault, "error.code",
		    rows[i].code);
		spells(SHAPE_ANTHROPIC, rows[i].fault, "error.type",
		    rows[i].an_type);
		spells(SHAPE_GEMINI, rows[i].fault, "error.status",
		    rows[i].ge_status);
	}
}

TEST(every_kind_has_a_row)
{
	struct jscan_result res;
	struct buf b;
	int f, s;

	for (f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		OK(fault_status(f) >= 400 && fault_status(f) < 600);
		OK(fault_name(f)[0] != '\0');
		for (s = SHAPE_OPENAI; s <= SHAPE_PLAIN; s++) {
			buf_init(&b, 4096);
			EQ_INT(fault_write(&b, s, f, fault_status(f),
			    STR("m"), STR_NULL, STR_NULL), 0);
			EQ_INT(jscan(buf_str(&b), NULL, NULL, 0, &res), 0);
			buf_free(&b);
		}
	}
}

TEST(waits)
{
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(fault_write(&b, SHAPE_GEMINI, FAULT_RATE, 429, STR("m"),
	    STR_NULL, STR_NULL), 0);
	EQ_INT(fault_write_wait(&b, SHAPE_GEMINI, 34400000), 0);
	EQ_S(buf_str(&b), "{\"error\":{\"code\":429,\"message\":\"m\","
	    "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
	    "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":"
	    "\"34.400s\"}]}}");
	buf_reset(&b);
	EQ_INT(fault_write(&b, SHAPE_OPENAI, FAULT_RATE, 429, STR("m"),
	    STR_NULL, STR_NULL), 0);
	EQ_INT(fault_write_wait(&b, SHAPE_OPENAI, 34400000), 0);
	OK(str_find(buf_str(&b), STR("34")) < 0);
	buf_free(&b);
}

TEST(events)
{
	struct buf b;

	buf_init(&b, 4096);
	EQ_INT(fault_event(&b, SHAPE_OPENAI, FAULT_TRUNCATED, STR("cut")), 0);
	OK(str_starts(buf_str(&b), STR("data: {\"error\":{\"message\":\"cut\"")));
	OK(str_ends(buf_str(&b), STR("}}\n\n")));
	buf_reset(&b);
	EQ_INT(fault_event(&b, SHAPE_ANTHROPIC, FAULT_TRUNCATED, STR("c")), 0);
	OK(str_starts(buf_str(&b), STR("event: error\ndata: {")));
	buf_reset(&b);
	EQ_INT(fault_event(&b, SHAPE_UNIFIED, FAULT_TIMEOUT, STR("c")), 0);
	OK(str_eqc(buf_str(&b), "event: error\ndata: {\"error\":\"Request "
	    "timeout\",\"detail\":\"c\"}\n\n"));
	buf_reset(&b);
	EQ_INT(fault_event(&b, SHAPE_UNIFIED, FAULT_OVERLOAD, STR("c")), 0);
	OK(str_starts(buf_str(&b), STR("event: error\ndata: {\"error\":"
	    "\"Streaming failed\"")));
	buf_free(&b);
}

/* "KIND: text (param)" of what a provider says. */
static void
says(const char *body, int status, const char *want)
{
	struct fault_said f;
	char text[256];

	fault_read(&f, str_of(body), status);
	snprintf(text, sizeof(text), "%s: %.*s (%.*s)", fault_name(f.fault),
	    STR_ARG(f.text), STR_ARG(f.param));
	EQ_STR(text, want);
}

TEST(envelopes)
{
	says("{\"error\":{\"message\":\"no\",\"type\":\"x\",\"param\":\"n\","
	    "\"code\":null}}", 400, "bad_request: no (n)");
	says("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
	    "\"message\":\"model: x\"}}", 404, "no_model: model: x ()");
	says("[{\"error\":{\"code\":400,\"message\":\"bad\",\"status\":"
	    "\"INVALID_ARGUMENT\"}}]", 400, "bad_request: bad ()");
	says("{\"detail\":\"Bad Key\"}", 401, "bad_request: Bad Key ()");
	says("{\"detail\":[{\"loc\":[\"body\",\"x\"],\"msg\":\"Extra\"}]}",
	    422, "bad_request: Extra ()");
	says("{\"object\":\"error\",\"message\":{\"detail\":[{\"msg\":"
	    "\"Extra\"}]},\"type\":\"t\"}", 422, "bad_request: Extra ()");
	says("{\"object\":\"error\",\"message\":\"no\"}", 400,
	    "bad_request: no ()");
	says("{\"error\":\"no model\"}", 404, "no_model: no model ()");
	says("{\"error\":{\"code\":\"context_length_exceeded\",\"message\":"
	    "\"m\"}}", 400, "context: m ()");
	says("{\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 "
	    "maximum\"}}", 400, "context: prompt is too long: 9 tokens > 8 "
	    "maximum ()");
	says("<html>", 413, "body_too_large:  ()");
	says("", 400, "bad_request:  ()");
	says("[]", 400, "bad_request:  ()");
	says("{\"error\":{\"message\":5}}", 400, "bad_request:  ()");
}

TAP_BEGIN
TAP_ROW(envelopes)
TAP_ROW(shapes)
TAP_ROW(words)
TAP_ROW(every_kind_has_a_row)
TAP_ROW(waits)
TAP_ROW(events)
TAP_END
