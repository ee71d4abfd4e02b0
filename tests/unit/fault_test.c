/* fault_test.c - error bodies in every shape are JSON with the right words. */
#include "base/jscan.h"
#include "dialect/fault.h"
#include "tap.h"

static void
check(enum fault_shape shape, const char *path, const char *want)
{
	struct jscan_want w = { .path = path };
	struct jscan_result res;
	struct buf b;
	char text[256];
	long n;

	buf_init(&b, 4096);
	EQ_INT(fault_write(&b, shape, FAULT_NO_MODEL, 404,
	    STR("no \"x\"\n"), STR("model"), STR("req_1")), 0);
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

TAP_BEGIN
TAP_ROW(shapes)
TAP_ROW(every_kind_has_a_row)
TAP_ROW(events)
TAP_END
