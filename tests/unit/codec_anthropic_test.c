/* codec_anthropic_test.c - answers of the Messages API, decoded. */
#include "codec_rig.h"
#include "dialect/wire.h"

#define EV(name, data) "event: " name "\ndata: " data "\n\n"
#define START EV("message_start", "{\"type\":\"message_start\",\"message\":" \
	"{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\"," \
	"\"model\":\"claude\",\"content\":[],\"stop_reason\":null," \
	"\"usage\":{\"input_tokens\":10,\"cache_creation_input_tokens\":2," \
	"\"cache_read_input_tokens\":3,\"output_tokens\":1}}}")
#define OPEN(i, block) EV("content_block_start", \
	"{\"type\":\"content_block_start\",\"index\":" #i \
	",\"content_block\":" block "  }")
#define DELTA(i, delta) EV("content_block_delta", \
	"{\"type\":\"content_block_delta\",\"index\":" #i ",\"delta\":" \
	delta " }")
#define CLOSE(i) EV("content_block_stop", \
	"{\"type\":\"content_block_stop\",\"index\":" #i "  }")
#define MESSAGE_DELTA(delta, usage) EV("message_delta", \
	"{\"type\":\"message_delta\",\"delta\":" delta ",\"usage\":" usage "}")
#define STOP EV("message_stop", "{\"type\":\"message_stop\"  }")
#define PING EV("ping", "{\"type\": \"ping\"}")
#define END(reason) MESSAGE_DELTA("{\"stop_reason\":\"" reason "\"}", \
	"{\"output_tokens\":7}") STOP

static const char *
stream(struct rig *r, const char *sse)
{
	return rig_stream(r, &codec_anthropic, str_of(sse));
}

TEST(text)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(stream(&r, START OPEN(0, "{\"type\":\"text\",\"text\":\"\"}")
	    PING DELTA(0, "{\"type\":\"text_delta\",\"text\":\"a\\u00e4\"}")
	    DELTA(0, "{\"type\":\"text_delta\",\"text\":\"\\n\\\"b\"}")
	    CLOSE(0) MESSAGE_DELTA("{\"stop_reason\":\"stop_sequence\","
	    "\"stop_sequence\":\"X\"}", "{\"input_tokens\":10,"
	    "\"output_tokens\":9,\"output_tokens_details\":"
	    "{\"thinking_tokens\":4}}") STOP),
	    "start id=msg_1 model=claude\n"
	    "text \"a\303\244\\n\\\"b\"\n"
	    "finish stop_sequence native=stop_sequence sequence=X\n"
	    "usage in=15 out=9 cached=3 write=2 reasoning=4\n"
	    "end\n");
	rig_free(&r);
}

TEST(usage_overwritten)
{
	struct rig r;

	/* Totals: a later number counts, a missing or null one does not. */
	rig_new(&r);
	EQ_STR(stream(&r, START MESSAGE_DELTA("{\"stop_reason\":null}",
	    "{\"output_tokens\":5,\"input_tokens\":null}")
	    MESSAGE_DELTA("{\"stop_reason\":\"end_turn\"}",
	    "{\"output_tokens\":6,\"input_tokens\":40}") STOP),
	    "start id=msg_1 model=claude\n"
	    "finish stop native=end_turn\n"
	    "usage in=45 out=6 cached=3 write=2\n"
	    "end\n");
	rig_free(&r);
}

TEST(calls)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(stream(&r, START
	    OPEN(0, "{\"type\":\"text\",\"text\":\"\"}")
	    DELTA(0, "{\"type\":\"text_delta\",\"text\":\"so\"}") CLOSE(0)
	    OPEN(1, "{\"type\":\"tool_use\",\"id\":\"toolu_1\","
	    "\"name\":\"f\",\"input\":{},\"caller\":{\"type\":\"direct\"}}")
	    DELTA(1, "{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
	    DELTA(1, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"{\\\"a\\\":\"}")
	    DELTA(1, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"1.0}\"}") CLOSE(1)
	    OPEN(2, "{\"type\":\"tool_use\",\"id\":\"toolu_2\","
	    "\"name\":\"g\",\"input\":{}}")
	    DELTA(2, "{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
	    CLOSE(2) END("tool_use")),
	    "start id=msg_1 model=claude\n"
	    "text \"so\"\n"
	    "call 0 id=toolu_1 name=f\n"
	    "args 0 \"{\\\"a\\\":1.0}\"\n"
	    "call_end 0\n"
	    "call 1 id=toolu_2 name=g\n"
	    "args 1 \"{}\"\n"
	    "call_end 1\n"
	    "finish tool_calls native=tool_use\n"
	    "usage in=15 out=7 cached=3 write=2\n"
	    "end\n");
	rig_free(&r);
}

TEST(tools_under_other_names)
{
	const char *name;
	struct ir_tool *t;
	struct rig r;

	/* A name that was replaced comes back; free-form input is unwrapped. */
	rig_new(&r);
	ir_tool_add(&r.req, STR("a.b"))->kind = IR_FUNCTION;
	t = ir_tool_add(&r.req, STR("patch"));
	t->kind = IR_CUSTOM;
	EQ_STR(stream(&r, START
	    OPEN(0, "{\"type\":\"tool_use\",\"id\":\"t1\","
	    "\"name\":\"patch\",\"input\":{}}")
	    DELTA(0, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"{\\\"input\\\": \\\"x\\\\n\"}")
	    DELTA(0, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"y\\\"}\"}") CLOSE(0) END("tool_use")),
	    "start id=msg_1 model=claude\n"
	    "call 0 id=t1 name=patch custom\n"
	    "args 0 \"x\\ny\"\n"
	    "call_end 0\n"
	    "finish tool_calls native=tool_use\n"
	    "usage in=15 out=7 cached=3 write=2\n"
	    "end\n");
	name = wire_plain_names.make(r.a, STR("a.b"), 0).p;
	OK(strcmp(name, "a.b") != 0);
	OK(strstr(stream(&r, arena_printf(r.a, START "event: x\ndata: {"
	    "\"type\":\"content_block_start\",\"index\":0,"
	    "\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
	    "\"name\":\"%s\"}}\n\n" CLOSE(0) END("tool_use"), name)),
	    "call 0 id=t name=a.b\n") != NULL);
	rig_free(&r);
}

TEST(schema_as_a_tool)
{
	struct rig r;

	/* Asked for as a forced tool: to the client it is text. */
	rig_new(&r);
	r.req.format = IR_JSON_SCHEMA;
	r.req.schema_name = STR("dog");
	EQ_STR(stream(&r, START
	    OPEN(0, "{\"type\":\"tool_use\",\"id\":\"t1\","
	    "\"name\":\"dog\",\"input\":{}}")
	    DELTA(0, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"{\\\"n\\\":1}\"}") CLOSE(0) END("tool_use")),
	    "start id=msg_1 model=claude\n"
	    "text \"{\\\"n\\\":1}\"\n"
	    "finish stop native=tool_use\n"
	    "usage in=15 out=7 cached=3 write=2\n"
	    "end\n");
	rig_free(&r);
}

TEST(thinking)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(stream(&r, START
	    OPEN(0, "{\"type\":\"thinking\",\"thinking\":\"\","
	    "\"signature\":\"\"}")
	    DELTA(0, "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
	    DELTA(0, "{\"type\":\"thinking_delta\",\"thinking\":\"\"}")
	    DELTA(0, "{\"type\":\"signature_delta\","
	    "\"signature\":\"c2ln\"}") CLOSE(0)
	    OPEN(1, "{\"type\":\"redacted_thinking\",\"data\":\"ZGF0\"}")
	    CLOSE(1) OPEN(2, "{\"type\":\"server_tool_use\",\"id\":\"s\"}")
	    DELTA(2, "{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"{}\"}") CLOSE(2)
	    OPEN(3, "{\"type\":\"text\",\"text\":\"\"}")
	    DELTA(3, "{\"type\":\"citations_delta\","
	    "\"citation\":{\"type\":\"char_location\"}}")
	    DELTA(3, "{\"type\":\"new_delta\",\"x\":1}")
	    EV("new_event", "{\"type\":\"new_event\"}")
	    CLOSE(3) END("max_tokens")),
	    "start id=msg_1 model=claude\n"
	    "thinking \"hm\"\n"
	    "signature from=anthropic \"c2ln\"\n"
	    "redacted from=anthropic \"ZGF0\"\n"
	    "citation {\"type\":\"char_location\"}\n"
	    "finish length native=max_tokens\n"
	    "usage in=15 out=7 cached=3 write=2\n"
	    "end\n");
	rig_free(&r);
}

TEST(reasons)
{
	static const struct {
		const char	*delta, *lines;
	} rows[] = {
		{ "{\"stop_reason\":\"pause_turn\"}",
		    "finish pause native=pause_turn\n" },
		{ "{\"stop_reason\":\"model_context_window_exceeded\"}",
		    "finish context_full "
		    "native=model_context_window_exceeded\n" },
		{ "{\"stop_reason\":\"something_new\"}",
		    "finish stop native=something_new\n" },
		{ "{\"stop_reason\":\"refusal\",\"stop_details\":"
		    "{\"type\":\"refusal\",\"explanation\":\"no\"}}",
		    "refusal \"no\"\n"
		    "finish content_filter native=refusal\n" },
		{ "{\"stop_reason\":\"refusal\"}",
		    "refusal \"The provider declined to answer.\"\n"
		    "finish content_filter native=refusal\n" },
	};
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		EQ_STR(stream(&r, arena_printf(r.a, START "event: "
		    "message_delta\ndata: {\"type\":\"message_delta\","
		    "\"delta\":%s,\"usage\":null}\n\n" STOP, rows[i].delta)),
		    arena_printf(r.a, "start id=msg_1 model=claude\n%s"
		    "usage in=15 out=1 cached=3 write=2\nend\n",
		    rows[i].lines));
		rig_free(&r);
	}
}

TEST(broken)
{
	struct rig r;

	rig_new(&r);
	/* The end mark is missing: what was used is told all the same. */
	EQ_STR(stream(&r, START OPEN(0, "{\"type\":\"text\",\"text\":\"a\"}")),
	    "start id=msg_1 model=claude\ntext \"a\"\n"
	    "usage in=15 out=1 cached=3 write=2\n! EOF\n");
	EQ_STR(stream(&r, ""), "! EOF\n");
	EQ_STR(stream(&r, PING), "! EOF\n");
	EQ_STR(stream(&r, START EV("error", "{\"type\":\"error\",\"error\":"
	    "{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")
	    STOP), "start id=msg_1 model=claude\n"
	    "usage in=15 out=1 cached=3 write=2\n"
	    "error overload \"Overloaded\"\n");
	EQ_STR(stream(&r, EV("error", "{\"type\":\"error\",\"error\":"
	    "{\"type\":\"rate_limit_error\",\"message\":\"slow\"}}")),
	    "error rate \"slow\"\n");
	EQ_STR(stream(&r, EV("x", "{\"type\":\"message_delta\"}")),
	    "! FORMAT\n");
	EQ_STR(stream(&r, START EV("x", "{\"type\":")),
	    "start id=msg_1 model=claude\n! FORMAT\n");
	rig_free(&r);
}

TEST(bodies)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_body(&r, &codec_anthropic, STR("{\"id\":\"msg_1\","
	    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\","
	    "\"content\":[{\"type\":\"thinking\",\"thinking\":\"t\","
	    "\"signature\":\"cw==\"},{\"type\":\"text\",\"text\":\"x\","
	    "\"citations\":[{\"a\":1}]},{\"type\":\"tool_use\",\"id\":\"u\","
	    "\"name\":\"f\",\"input\":{\"b\": 1.50}},{\"type\":\"tool_use\","
	    "\"id\":\"v\",\"name\":\"g\"}],\"stop_reason\":\"tool_use\","
	    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
	    "\"output_tokens\":2,\"output_tokens_details\":null}}")),
	    "start id=msg_1 model=c\n"
	    "thinking \"t\"\n"
	    "signature from=anthropic \"cw==\"\n"
	    "text \"x\"\n"
	    "citation {\"a\":1}\n"
	    "call 0 id=u name=f\n"
	    "args 0 \"{\\\"b\\\": 1.50}\"\n"
	    "call_end 0\n"
	    "call 1 id=v name=g\n"
	    "args 1 \"{}\"\n"
	    "call_end 1\n"
	    "finish tool_calls native=tool_use\n"
	    "usage in=1 out=2\n"
	    "end\n");
	EQ_STR(rig_body(&r, &codec_anthropic, STR("{\"type\":\"error\","
	    "\"error\":{\"type\":\"authentication_error\","
	    "\"message\":\"invalid x-api-key\"}}")),
	    "error upstream_auth \"invalid x-api-key\"\n");
	EQ_STR(rig_body(&r, &codec_anthropic, STR("{}")), "! FORMAT\n");
	EQ_STR(rig_body(&r, &codec_anthropic, STR("{\"type\":\"message\","
	    "\"content\":\"x\"}")), "! FORMAT\n");
	EQ_STR(rig_body(&r, &codec_anthropic, STR("<html>")), "! FORMAT\n");
	rig_free(&r);
}

TEST(recorded)
{
	static const char *const names[] = { "stream-text",
	    "stream-text-then-tool", "stream-tool-call",
	    "stream-parallel-tools-noargs", "stream-thinking",
	    "stream-redacted-thinking", "stream-refusal",
	    "stream-stop-sequence-prefill", "stream-structured-output",
	    "stream-after-tool-result" };
	struct ir_event *ev;
	const char *lines, *whole;
	struct rig r;
	unsigned n;
	size_t i;

	/* What is written of an answer says the same when it is read. */
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		rig_new(&r);
		lines = rig_stream(&r, &codec_anthropic, rig_file(&r,
		    arena_printf(r.a, "anthropic/%s.response.sse",
		    names[i])));
		OK(strstr(lines, "\nend\n") != NULL);
		lines = strchr(lines, '\n');
		ev = r.ev;
		n = r.n;
		whole = rig_put_body(&r, &codec_anthropic, ev, n);
		EQ_STR(strchr(rig_stream(&r, &codec_anthropic, str_of(
		    rig_put(&r, &codec_anthropic, ev, n))), '\n'), lines);
		EQ_STR(strchr(rig_body(&r, &codec_anthropic, str_of(whole)),
		    '\n'), lines);
		rig_free(&r);
	}
}

TAP_BEGIN
TAP_ROW(text)
TAP_ROW(usage_overwritten)
TAP_ROW(calls)
TAP_ROW(tools_under_other_names)
TAP_ROW(schema_as_a_tool)
TAP_ROW(thinking)
TAP_ROW(reasons)
TAP_ROW(broken)
TAP_ROW(bodies)
TAP_ROW(recorded)
TAP_END
