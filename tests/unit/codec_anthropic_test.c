/* codec_anthropic_test.c - answers of the Messages API, both directions. */
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

/* What a client is told of an answer of text. */
#define OUT_START EV("message_start", "{\"type\":\"message_start\"," \
	"\"message\":{\"id\":\"msg_req_0123456789abcdef\"," \
	"\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\"," \
	"\"content\":[],\"stop_reason\":null,\"stop_sequence\":null," \
	"\"stop_details\":null,\"usage\":{\"input_tokens\":0," \
	"\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0," \
	"\"output_tokens\":0}}}")
#define OUT_OPEN(i, block) EV("content_block_start", \
	"{\"type\":\"content_block_start\",\"index\":" #i \
	",\"content_block\":" block "}")
#define OUT_TEXT_OPEN(i) OUT_OPEN(i, "{\"type\":\"text\",\"text\":\"\"}")
#define OUT_THINK_OPEN(i) OUT_OPEN(i, \
	"{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
#define OUT_CALL_OPEN(i, id, name) OUT_OPEN(i, "{\"type\":\"tool_use\"," \
	"\"id\":\"" id "\",\"name\":\"" name "\",\"input\":{}}") \
	OUT_ARGS(i, "")
#define OUT_DELTA(i, type, member, text) EV("content_block_delta", \
	"{\"type\":\"content_block_delta\",\"index\":" #i ",\"delta\":" \
	"{\"type\":\"" type "\",\"" member "\":\"" text "\"}}")
#define OUT_TEXT(i, text) OUT_DELTA(i, "text_delta", "text", text)
#define OUT_THINK(i, text) OUT_DELTA(i, "thinking_delta", "thinking", text)
#define OUT_SIGNED(i, text) OUT_DELTA(i, "signature_delta", "signature", text)
#define OUT_ARGS(i, text) OUT_DELTA(i, "input_json_delta", "partial_json", text)
#define OUT_CLOSE(i) EV("content_block_stop", \
	"{\"type\":\"content_block_stop\",\"index\":" #i "}")
#define OUT_END(reason, sequence, details, usage) EV("message_delta", \
	"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
	"\",\"stop_sequence\":" sequence ",\"stop_details\":" details "}," \
	"\"usage\":{" usage "}}") \
	EV("message_stop", "{\"type\":\"message_stop\"}")
#define OUT_NO_USAGE "\"input_tokens\":0,\"cache_creation_input_tokens\":0," \
	"\"cache_read_input_tokens\":0,\"output_tokens\":0"

/* --- decoding ------------------------------------------------------------ */

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
	name = wire_tool_name(r.a, STR("a.b")).p;
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

/* --- encoding ------------------------------------------------------------ */

#define E_START { .kind = IR_EV_START }
#define E_TEXT(s) { .kind = IR_EV_TEXT, .text = { s, sizeof(s) - 1 } }
#define E_CALL(n, i, f) { .kind = IR_EV_CALL, .call = n, \
	.id = { i, sizeof(i) - 1 }, .name = { f, sizeof(f) - 1 } }
#define E_ARGS(n, s) { .kind = IR_EV_ARGS, .call = n, \
	.text = { s, sizeof(s) - 1 } }
#define E_CALL_END(n) { .kind = IR_EV_CALL_END, .call = n }
#define E_FINISH(f) { .kind = IR_EV_FINISH, .finish = f }
#define E_USAGE(i, o, c, w, t) { .kind = IR_EV_USAGE, .usage = { \
	.input = i, .output = o, .cached = c, .cache_write = w, \
	.reasoning = t } }
#define E_END { .kind = IR_EV_END }
#define COUNT(v) (unsigned)(sizeof(v) / sizeof(*(v)))
#define PUT(r, v) rig_put(r, &codec_anthropic, v, COUNT(v))
#define PUT_BODY(r, v) rig_put_body(r, &codec_anthropic, v, COUNT(v))

TEST(put_text)
{
	static const struct ir_event ev[] = { E_START, E_TEXT("a\n"),
	    E_TEXT(""), E_TEXT("b"), { .kind = IR_EV_FINISH,
	    .finish = IR_STOP_SEQUENCE, .sequence = { "X", 1 } },
	    E_USAGE(20, 9, 3, 2, 4), E_END, E_TEXT("late") };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, ev), OUT_START OUT_TEXT_OPEN(0) OUT_TEXT(0, "a\\n")
	    OUT_TEXT(0, "b") OUT_CLOSE(0) OUT_END("stop_sequence", "\"X\"",
	    "null", "\"input_tokens\":15,\"cache_creation_input_tokens\":2,"
	    "\"cache_read_input_tokens\":3,\"output_tokens\":9,"
	    "\"output_tokens_details\":{\"thinking_tokens\":4}"));
	EQ_STR(PUT_BODY(&r, ev), "{\"id\":\"msg_req_0123456789abcdef\","
	    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"a\\nb\"}],"
	    "\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"X\","
	    "\"stop_details\":null,\"usage\":{\"input_tokens\":15,"
	    "\"cache_creation_input_tokens\":2,"
	    "\"cache_read_input_tokens\":3,\"output_tokens\":9,"
	    "\"output_tokens_details\":{\"thinking_tokens\":4}}}");
	rig_free(&r);
}

TEST(put_interleaved_calls)
{
	/* The second waits until the first is whole; so does text. */
	static const struct ir_event ev[] = { E_START, E_TEXT("t"),
	    E_CALL(0, "c0", "f"), E_ARGS(0, "{"), E_CALL(1, "", "g"),
	    E_ARGS(1, "["), E_ARGS(0, "}"), E_ARGS(1, "]"), E_TEXT("u"),
	    E_CALL_END(1), E_ARGS(0, " "), E_CALL_END(0), E_TEXT("v"),
	    E_FINISH(IR_STOP), E_END };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, ev), OUT_START OUT_TEXT_OPEN(0) OUT_TEXT(0, "t")
	    OUT_CLOSE(0) OUT_CALL_OPEN(1, "c0", "f") OUT_ARGS(1, "{")
	    OUT_ARGS(1, "}") OUT_ARGS(1, " ") OUT_CLOSE(1)
	    OUT_CALL_OPEN(2, "toolu_req_0123456789abcdef_1", "g")
	    OUT_ARGS(2, "[]") OUT_CLOSE(2) OUT_TEXT_OPEN(3) OUT_TEXT(3, "u")
	    OUT_TEXT(3, "v") OUT_CLOSE(3)
	    OUT_END("tool_use", "null", "null", OUT_NO_USAGE));
	EQ_STR(PUT_BODY(&r, ev), "{\"id\":\"msg_req_0123456789abcdef\","
	    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"t\"},"
	    "{\"type\":\"tool_use\",\"id\":\"c0\",\"name\":\"f\","
	    "\"input\":{}},{\"type\":\"tool_use\","
	    "\"id\":\"toolu_req_0123456789abcdef_1\",\"name\":\"g\","
	    "\"input\":{\"_raw\":\"[]\"}},"
	    "{\"type\":\"text\",\"text\":\"uv\"}],"
	    "\"stop_reason\":\"tool_use\",\"stop_sequence\":null,"
	    "\"stop_details\":null,\"usage\":{" OUT_NO_USAGE "}}");
	rig_free(&r);
}

TEST(put_unended_calls)
{
	/* A source that ends no call: all is sent at the end. */
	static const struct ir_event ev[] = { E_START, E_CALL(0, "c0", "f"),
	    E_CALL(1, "c1", "g"), E_ARGS(1, "{}"), E_FINISH(IR_TOOL_CALLS),
	    E_END };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, ev), OUT_START OUT_CALL_OPEN(0, "c0", "f")
	    OUT_CLOSE(0) OUT_CALL_OPEN(1, "c1", "g") OUT_ARGS(1, "{}")
	    OUT_CLOSE(1) OUT_END("tool_use", "null", "null", OUT_NO_USAGE));
	rig_free(&r);
}

#define E_THINK(d, s) { .kind = IR_EV_THINKING, .from = d, \
	.text = { s, sizeof(s) - 1 } }
#define E_SIGN(d, c, s) { .kind = IR_EV_SIGNATURE, .from = d, .call = c, \
	.text = { s, sizeof(s) - 1 } }

TEST(put_thinking)
{
	static const struct ir_event own[] = { E_START,
	    E_THINK(DIALECT_ANTHROPIC, "a"),
	    E_SIGN(DIALECT_ANTHROPIC, 0, "c2ln"),
	    E_THINK(DIALECT_ANTHROPIC, "b"),
	    E_SIGN(DIALECT_ANTHROPIC, 0, "c2lo"),
	    { .kind = IR_EV_REDACTED, .from = DIALECT_ANTHROPIC,
	    .text = { "ZGF0", 4 } }, E_TEXT("x"), E_FINISH(IR_STOP), E_END };
	static const struct ir_event foreign[] = { E_START,
	    E_THINK(DIALECT_GROQ, "a"), E_TEXT("x"),
	    E_CALL(0, "c0", "f"), E_SIGN(DIALECT_GEMINI, 1, "c2ln"),
	    E_ARGS(0, "{}"), E_CALL_END(0), E_FINISH(IR_STOP), E_END };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, own), OUT_START
	    OUT_THINK_OPEN(0) OUT_THINK(0, "a") OUT_SIGNED(0, "c2ln")
	    OUT_CLOSE(0)
	    OUT_THINK_OPEN(1) OUT_THINK(1, "b") OUT_SIGNED(1, "c2lo")
	    OUT_CLOSE(1)
	    OUT_OPEN(2, "{\"type\":\"redacted_thinking\",\"data\":\"ZGF0\"}")
	    OUT_CLOSE(2) OUT_TEXT_OPEN(3) OUT_TEXT(3, "x") OUT_CLOSE(3)
	    OUT_END("end_turn", "null", "null", OUT_NO_USAGE));
	/* Unsigned thinking gets our mark; a call's signature follows it:
	 * "call:c0:c2ln". */
	EQ_STR(PUT(&r, foreign), OUT_START
	    OUT_THINK_OPEN(0) OUT_THINK(0, "a") OUT_SIGNED(0, "gw1.groq.")
	    OUT_CLOSE(0) OUT_TEXT_OPEN(1) OUT_TEXT(1, "x") OUT_CLOSE(1)
	    OUT_CALL_OPEN(2, "c0", "f") OUT_ARGS(2, "{}") OUT_CLOSE(2)
	    OUT_OPEN(3, "{\"type\":\"redacted_thinking\","
	    "\"data\":\"gw1.gemini.Y2FsbDpjMDpjMmxu\"}") OUT_CLOSE(3)
	    OUT_END("tool_use", "null", "null", OUT_NO_USAGE));
	rig_free(&r);
}

TEST(put_refusal)
{
	static const struct ir_event ev[] = { E_START,
	    { .kind = IR_EV_REFUSAL, .text = { "I ", 2 } },
	    { .kind = IR_EV_REFUSAL, .text = { "can't", 5 } },
	    E_FINISH(IR_STOP), E_END };
	static const struct ir_event filter[] = { E_START,
	    E_FINISH(IR_CONTENT_FILTER), E_END };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, ev), OUT_START OUT_END("refusal", "null",
	    "{\"type\":\"refusal\",\"category\":null,"
	    "\"explanation\":\"I can't\"}", OUT_NO_USAGE));
	EQ_STR(PUT(&r, filter), OUT_START OUT_END("refusal", "null",
	    "{\"type\":\"refusal\",\"category\":null,"
	    "\"explanation\":null}", OUT_NO_USAGE));
	rig_free(&r);
}

TEST(put_reasons)
{
	static const struct {
		enum ir_finish	 finish;
		const char	*reason;
	} rows[] = {
		{ IR_STOP, "end_turn" }, { IR_LENGTH, "max_tokens" },
		{ IR_STOP_SEQUENCE, "end_turn" },
		{ IR_CONTEXT_FULL, "model_context_window_exceeded" },
		{ IR_PAUSE, "pause_turn" }, { IR_REFUSED, "refusal" },
	};
	struct ir_event ev[] = { E_START, E_FINISH(IR_STOP), E_END };
	struct rig r;
	size_t i;

	rig_new(&r);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ev[1].finish = rows[i].finish;
		OK(strstr(PUT(&r, ev), arena_printf(r.a,
		    "\"stop_reason\":\"%s\"", rows[i].reason)) != NULL);
	}
	rig_free(&r);
}

TEST(put_errors)
{
	static const struct ir_event ev[] = { E_START, E_TEXT("a"),
	    { .kind = IR_EV_ERROR, .fault = FAULT_TRUNCATED,
	    .text = { "cut", 3 } }, E_TEXT("b"), E_END };
	static const struct ir_event image[] = { E_START,
	    { .kind = IR_EV_IMAGE, .name = { "image/png", 9 } }, E_END };
	struct rig r;

	rig_new(&r);
	EQ_STR(PUT(&r, ev), OUT_START OUT_TEXT_OPEN(0) OUT_TEXT(0, "a")
	    EV("error", "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"api_error\",\"message\":\"cut\"}}"));
	EQ_STR(PUT_BODY(&r, ev), "{\"type\":\"error\",\"error\":{"
	    "\"type\":\"api_error\",\"message\":\"cut\"},"
	    "\"request_id\":\"req_0123456789abcdef\"}");
	OK(strstr(PUT(&r, image), "event: error") != NULL);
	OK(strstr(PUT(&r, image), "message_stop") == NULL);
	OK(strstr(PUT_BODY(&r, image), "\"type\":\"error\"") != NULL);
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
TAP_ROW(put_text)
TAP_ROW(put_interleaved_calls)
TAP_ROW(put_unended_calls)
TAP_ROW(put_thinking)
TAP_ROW(put_refusal)
TAP_ROW(put_reasons)
TAP_ROW(put_errors)
TAP_ROW(recorded)
TAP_END
