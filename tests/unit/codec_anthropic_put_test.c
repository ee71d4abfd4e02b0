/* codec_anthropic_put_test.c - what clients of the Messages API are given. */
#include "codec_rig.h"

#define EV(name, data) "event: " name "\ndata: " data "\n\n"
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

TEST(put_hidden_thinking)
{
	static const struct ir_event ev[] = { E_START,
	    E_THINK(DIALECT_GROQ, "a"), E_SIGN(DIALECT_GEMINI, 0, "s"),
	    E_TEXT("x"), E_CALL(0, "c0", "f"),
	    E_SIGN(DIALECT_GEMINI, 1, "c2ln"), E_CALL_END(0),
	    E_FINISH(IR_STOP), E_END };
	static const struct {
		enum ir_think	 think;
		int		 show, text, sign;
	} rows[] = {
		{ IR_THINK_UNSET, -1, 0, 1 }, { IR_THINK_OFF, -1, 0, 0 },
		{ IR_BUDGET, 1, 1, 1 }, { IR_ADAPTIVE, 0, 0, 1 },
		{ IR_ADAPTIVE, -1, 1, 1 }, { IR_EFFORT, -1, 1, 1 },
	};
	const char *out;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		r.req.from = DIALECT_ANTHROPIC;
		r.req.think = rows[i].think;
		r.req.show_thoughts = rows[i].show;
		out = PUT(&r, ev);
		EQ_INT(strstr(out, "thinking_delta") != NULL, rows[i].text);
		EQ_INT(strstr(out, "signature_delta") != NULL, rows[i].sign);
		OK(strstr(out, "\"redacted_thinking\"") != NULL);
		rig_free(&r);
	}
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

TAP_BEGIN
TAP_ROW(put_text)
TAP_ROW(put_interleaved_calls)
TAP_ROW(put_unended_calls)
TAP_ROW(put_thinking)
TAP_ROW(put_hidden_thinking)
TAP_ROW(put_refusal)
TAP_ROW(put_reasons)
TAP_ROW(put_errors)
TAP_END
