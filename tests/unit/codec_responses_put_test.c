/* codec_responses_put_test.c - answers of the Responses API, both ways. */
#include <stdlib.h>

#include "base/err.h"
#include "codec_rig.h"

static struct rig r;

/* --- from a provider ----------------------------------------------------- */

static const char *
stream(const char *name)
{
	return rig_stream(&r, &codec_responses, rig_file(&r, arena_printf(r.a,
	    "openai-responses/%s.response.sse", name)));
}

static const char *
body(const char *name)
{
	return rig_body(&r, &codec_responses, rig_file(&r, arena_printf(r.a,
	    "openai-responses/%s.response.json", name)));
}

/* An event of a stream: DATA("created", "...") */
#define DATA(members)	"data: {" members "}\n\n"
#define DELTA(type, rest) \
	DATA("\"type\":\"response." type ".delta\",\"output_index\":0," rest)
#define COMPLETED(output) \
	DATA("\"type\":\"response.completed\",\"response\":{\"id\":\"r\"," \
	    "\"status\":\"completed\",\"output\":[" output "]}")
#define START	"start id=r\n"
#define CREATED	DATA("\"type\":\"response.created\",\"response\":{\"id\":\"r\"}")

static const char *
feed(const char *text)
{
	return rig_stream(&r, &codec_responses, str_of(text));
}

TEST(recorded_streams)
{
	rig_new(&r);
	EQ_STR(stream("stream-text"), "start id=resp_0a02cdbf39789cc8016a85bef0"
	    "6dc88192bb00de16e4c5ac1e model=gpt-4.1-nano-2025-04-14 "
	    "created=1787150064\ntext \"1, 2, 3\"\nfinish stop "
	    "native=completed\nusage in=14 out=8\nend\n");
	EQ_INT(r.n, 11);
	EQ_STR(stream("stream-tool-call"), "start id=resp_67e554a155508191900ee"
	    "113293c4c830794405d35281ae2 model=gpt-4o-2024-08-06 "
	    "created=1743082657\ncall 0 id=call_kL0PCQV7M2WMoVX8V8OtYSAL "
	    "name=get_capital\nargs 0 \"{\\\"country\\\":\\\"France\\\"}\"\n"
	    "call_end 0\nfinish tool_calls native=completed\n"
	    "usage in=255 out=16\nend\n");
	EQ_STR(stream("stream-error-mid"), "start id=resp_05500b38c2cd9bfc00691"
	    "c7c9d222481a3b595421266dab424 model=gpt-5-nano-2025-08-07 "
	    "created=1763474589\nerror native=insufficient_quota "
	    "upstream_auth \"You exceeded your current quota, please check "
	    "your plan and billing details. For more information on this "
	    "error, read the docs: https://platform.openai.com/docs/guides/"
	    "error-codes/api-errors.\"\n");
	OK(strstr(stream("stream-reasoning-tool"), "\ncall 0 id=call_CWXgs68Yp"
	    "rAjp6t0371hiPOI name=final_result\nargs 0 \"{\\\"result\\\":6666}"
	    "\"\ncall_end 0\nfinish tool_calls native=completed\nusage in=53 "
	    "out=469 reasoning=448\nend\n") != NULL);
	EQ_INT(r.ev[1].kind, IR_EV_THINKING);
	EQ_INT(r.ev[2].kind, IR_EV_SIGNATURE);
	/* The one of "done", not the shorter one of "added". */
	OK(r.ev[2].text.n > 2000);
	/* With the id that it holds for. */
	OK(str_starts(r.ev[2].text, STR("rs_0050471a34b36ae60068c97bac4dcc819"
	    "595fd0f80d6b3c405:gAAAAABoyXvx")));
	OK(strstr(stream("stream-reasoning-text"), "finish stop "
	    "native=completed\nusage in=50 out=667 reasoning=516\nend\n") !=
	    NULL);
	rig_free(&r);
}

TEST(recorded_bodies)
{
	rig_new(&r);
	EQ_STR(body("json-parallel-tools"), "start id=resp_67e547c48c9481918c5c"
	    "4394464ce0c60ae6111e84dd5c08 model=gpt-4o-2024-08-06 "
	    "created=1743079364\ncall 0 id=call_LWVp74L5HaH2KNvgVz9PJsrj "
	    "name=get_location\nargs 0 \"{\\\"loc_name\\\":\\\"Londos\\\"}\"\n"
	    "call_end 0\ncall 1 id=call_YnRAWeTyxI91m5uNa5bxXwVO "
	    "name=get_location\nargs 1 \"{\\\"loc_name\\\":\\\"London\\\"}\"\n"
	    "call_end 1\nfinish tool_calls native=completed\nusage\nend\n");
	OK(strstr(body("json-cache-write"), "text \"OK\"\nfinish stop "
	    "native=completed\nusage in=4020 out=5 write=4012\nend\n") !=
	    NULL);
	OK(strstr(body("json-reasoning-replay"), "usage in=426 out=385 "
	    "reasoning=256\nend\n") != NULL);
	rig_free(&r);
}

TEST(streams_of_others)
{
	rig_new(&r);
	/* Nothing but the last event, and chat's mark behind it. */
	EQ_STR(feed(COMPLETED("{\"type\":\"reasoning\",\"summary\":[{\"text\":"
	    "\"a\"},{\"text\":\"b\"}]},{\"type\":\"message\",\"content\":["
	    "{\"type\":\"output_text\",\"text\":\"x\",\"annotations\":[{"
	    "\"type\":\"url_citation\"}],\"logprobs\":[{\"token\":\"x\"}]},"
	    "{\"type\":\"refusal\",\"refusal\":\"no\"}]}")
	    "data: [DONE]\n\n"),
	    START "thinking \"a\\n\\nb\"\ntext \"x\"\nlogprobs {\"content\":["
	    "{\"token\":\"x\"}]}\ncitation {\"type\":\"url_citation\"}\n"
	    "refusal \"no\"\nfinish refused native=completed\nend\n");
	/* Arguments only at the end, a tool that is called otherwise there. */
	ir_tool_add(&r.req, STR("a.b"));
	EQ_STR(feed(CREATED DATA("\"type\":\"response.output_item.added\","
	    "\"output_index\":1,\"item\":{\"type\":\"function_call\","
	    "\"call_id\":\"c\",\"name\":\"a_b_4ce83a4e\",\"arguments\":\"\"}")
	    DATA("\"type\":\"response.output_item.done\",\"output_index\":1,"
	    "\"item\":{\"type\":\"function_call\",\"call_id\":\"c\","
	    "\"arguments\":\"{}\"}") COMPLETED("")),
	    START "call 0 id=c name=a.b\nargs 0 \"{}\"\ncall_end 0\n"
	    "finish tool_calls native=completed\nend\n");
	/* Summaries in parts; an open model's own thoughts. */
	EQ_STR(feed(CREATED DELTA("reasoning_summary_text",
	    "\"summary_index\":0,\"delta\":\"a\"")
	    DELTA("reasoning_summary_text", "\"summary_index\":1,"
	    "\"delta\":\"b\"") DELTA("reasoning_text", "\"delta\":\"c\"")
	    COMPLETED("")), START "thinking \"a\\n\\nb\\n\\nc\"\n"
	    "finish stop native=completed\nend\n");
	EQ_STR(feed(CREATED DATA("\"type\":\"response.output_item.added\","
	    "\"output_index\":0,\"item\":{\"type\":\"custom_tool_call\","
	    "\"call_id\":\"c\",\"name\":\"p\"}")
	    DELTA("custom_tool_call_input", "\"delta\":\"*\"")
	    DATA("\"type\":\"response.output_item.done\",\"output_index\":0,"
	    "\"item\":{\"type\":\"custom_tool_call\",\"input\":\"*\"}")
	    DATA("\"type\":\"response.incomplete\",\"response\":{\"status\":"
	    "\"incomplete\",\"incomplete_details\":{\"reason\":"
	    "\"max_output_tokens\"}}")),
	    START "call 0 id=c name=p custom\nargs 0 \"*\"\ncall_end 0\n"
	    "finish length native=max_output_tokens\nend\n");
	rig_free(&r);
}

TEST(broken_streams)
{
	rig_new(&r);
	/* Without its end, with something that is no JSON, or no object. */
	EQ_STR(feed(CREATED DELTA("output_text", "\"delta\":\"a\"")),
	    START "text \"a\"\n! EOF\n");
	EQ_STR(feed(CREATED "data: {\n\n"), START "! FORMAT\n");
	EQ_STR(feed(CREATED "data: 5\n\n"), START "! FORMAT\n");
	EQ_STR(feed(DATA("\"type\":5") DATA("\"x\":1")), "! EOF\n");
	EQ_STR(feed(CREATED DATA("\"type\":\"error\",\"code\":"
	    "\"rate_limit_exceeded\",\"message\":\"slow\"")
	    COMPLETED("")), START "error native=rate_limit_exceeded rate "
	    "\"slow\"\n");
	EQ_STR(feed(CREATED DATA("\"type\":\"response.failed\",\"response\":{"
	    "\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}")),
	    START "error native=server_error upstream \"m\"\n");
	/* Nothing is told behind the end. */
	EQ_STR(feed(CREATED COMPLETED("") DELTA("output_text",
	    "\"delta\":\"a\"")), START "finish stop native=completed\nend\n");
	EQ_STR(rig_body(&r, &codec_responses, STR("{\"output\":5}")),
	    "! FORMAT\n");
	EQ_STR(rig_body(&r, &codec_responses, STR("{\"status\":\"failed\","
	    "\"error\":{\"code\":\"x\",\"message\":\"m\"},\"output\":[]}")),
	    "start\nerror native=x upstream \"m\"\n");
	rig_free(&r);
}

/* An answer of nothing but items is none. */
TEST(too_many_items)
{
	struct buf b;
	unsigned i;

	rig_new(&r);
	buf_init(&b, 1 << 20);
	buf_adds(&b, STR("{\"output\":[{}"));
	for (i = 0; i < 5000; i++)
		buf_adds(&b, STR(",{}"));
	buf_adds(&b, STR("]}"));
	EQ_STR(rig_body(&r, &codec_responses, buf_str(&b)),
	    "start\n! FORMAT\n");
	buf_free(&b);
	rig_free(&r);
}

/* --- to a client --------------------------------------------------------- */

#define EV(k, ...)	{ .kind = IR_EV_##k, __VA_ARGS__ }

/* The members of a response behind its output, when nothing was asked. */
#define ECHO \
	"\"instructions\":null,\"max_output_tokens\":null," \
	"\"parallel_tool_calls\":true,\"previous_response_id\":null," \
	"\"reasoning\":{\"effort\":null,\"summary\":null},\"service_tier\":" \
	"\"default\",\"store\":false,\"temperature\":1.0,\"text\":{\"format\":" \
	"{\"type\":\"text\"},\"verbosity\":\"medium\"},\"tool_choice\":" \
	"\"auto\",\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\"," \
	"\"user\":null,\"metadata\":{},"
#define RESPONSE(status, error, why, output, usage) \
	"{\"id\":\"resp_0123456789abcdef\",\"object\":\"response\"," \
	"\"created_at\":1700000000,\"status\":\"" status "\"," \
	"\"background\":false,\"error\":" error ",\"incomplete_details\":" why \
	",\"model\":\"m\",\"output\":[" output "]," ECHO "\"usage\":" usage "}"
#define USAGE(i, c, w, o, s, t) \
	"{\"input_tokens\":" i ",\"input_tokens_details\":{\"cached_tokens\":" \
	c ",\"cache_write_tokens\":" w "},\"output_tokens\":" o \
	",\"output_tokens_details\":{\"reasoning_tokens\":" s \
	"},\"total_tokens\":" t "}"
#define SAY(type, n, rest) \
	"event: " type "\ndata: {\"type\":\"" type "\",\"sequence_number\":" n \
	"," rest "}\n\n"
#define BEGUN \
	SAY("response.created", "0", "\"response\":" \
	    RESPONSE("in_progress", "null", "null", "", "null")) \
	SAY("response.in_progress", "1", "\"response\":" \
	    RESPONSE("in_progress", "null", "null", "", "null"))
#define MSG	"\"item_id\":\"msg_0123456789abcdef00\",\"output_index\":0," \
		"\"content_index\":0,"
#define PART(text) \
	"{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[]," \
	"\"text\":\"" text "\"}"
#define MESSAGE(text) \
	"{\"id\":\"msg_0123456789abcdef00\",\"type\":\"message\",\"status\":" \
	"\"completed\",\"role\":\"assistant\",\"content\":[" PART(text) "]}"

static const struct ir_event hello[] = {
	EV(START, .id = STR("chatcmpl-1"), .model = STR("x"), .created = 5),
	EV(TEXT, .text = STR("He")),
	EV(TEXT, .text = STR("llo")),
	EV(FINISH, .finish = IR_STOP),
	EV(USAGE, .usage = { 10, 5, 3, 2, 1 }),
	EV(END, .call = 0),
};

#define N(a)	(sizeof(a) / sizeof((a)[0]))

TEST(text)
{
	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_responses, hello, N(hello)), BEGUN
	    SAY("response.output_item.added", "2", "\"output_index\":0,"
	    "\"item\":{\"id\":\"msg_0123456789abcdef00\",\"type\":\"message\","
	    "\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}")
	    SAY("response.content_part.added", "3", MSG "\"part\":" PART(""))
	    SAY("response.output_text.delta", "4", MSG "\"delta\":\"He\","
	    "\"logprobs\":[]")
	    SAY("response.output_text.delta", "5", MSG "\"delta\":\"llo\","
	    "\"logprobs\":[]")
	    SAY("response.output_text.done", "6", MSG "\"text\":\"Hello\","
	    "\"logprobs\":[]")
	    SAY("response.content_part.done", "7", MSG "\"part\":"
	    PART("Hello"))
	    SAY("response.output_item.done", "8", "\"output_index\":0,"
	    "\"item\":" MESSAGE("Hello"))
	    SAY("response.completed", "9", "\"response\":"
	    RESPONSE("completed", "null", "null", MESSAGE("Hello"),
	    USAGE("10", "3", "2", "5", "1", "15"))));
	EQ_STR(rig_put_body(&r, &codec_responses, hello, N(hello)),
	    RESPONSE("completed", "null", "null", MESSAGE("Hello"),
	    USAGE("10", "3", "2", "5", "1", "15")));
	rig_free(&r);
}

#define FC(n, id, name, args, status) \
	"{\"id\":\"fc_0123456789abcdef0" n "\",\"type\":\"function_call\"," \
	"\"status\":\"" status "\",\"call_id\":\"" id "\",\"name\":\"" name \
	"\",\"arguments\":\"" args "\"}"
#define AT(n) \
	"\"item_id\":\"fc_0123456789abcdef0" n "\",\"output_index\":" n ","

/* Calls whose arguments come in turns keep their places. */
TEST(parallel_calls)
{
	static const struct ir_event ev[] = {
		EV(START, .call = 0),
		EV(CALL, .call = 0, .id = STR("a"), .name = STR("f")),
		EV(ARGS, .call = 0, .text = STR("{\"x\"")),
		EV(CALL, .call = 1, .id = STR("b"), .name = STR("g")),
		EV(ARGS, .call = 0, .text = STR(":1}")),
		EV(CALL_END, .call = 0),
		EV(FINISH, .finish = IR_TOOL_CALLS),
		EV(END, .call = 0),
	};

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_responses, ev, N(ev)), BEGUN
	    SAY("response.output_item.added", "2", "\"output_index\":0,"
	    "\"item\":" FC("0", "a", "f", "", "in_progress"))
	    SAY("response.function_call_arguments.delta", "3", AT("0")
	    "\"delta\":\"{\\\"x\\\"\"")
	    SAY("response.output_item.added", "4", "\"output_index\":1,"
	    "\"item\":" FC("1", "b", "g", "", "in_progress"))
	    SAY("response.function_call_arguments.delta", "5", AT("0")
	    "\"delta\":\":1}\"")
	    SAY("response.function_call_arguments.done", "6", AT("0")
	    "\"arguments\":\"{\\\"x\\\":1}\"")
	    SAY("response.output_item.done", "7", "\"output_index\":0,"
	    "\"item\":" FC("0", "a", "f", "{\\\"x\\\":1}", "completed"))
	    SAY("response.function_call_arguments.delta", "8", AT("1")
	    "\"delta\":\"{}\"")
	    SAY("response.function_call_arguments.done", "9", AT("1")
	    "\"arguments\":\"{}\"")
	    SAY("response.output_item.done", "10", "\"output_index\":1,"
	    "\"item\":" FC("1", "b", "g", "{}", "completed"))
	    SAY("response.completed", "11", "\"response\":"
	    RESPONSE("completed", "null", "null",
	    FC("0", "a", "f", "{\\\"x\\\":1}", "completed") ","
	    FC("1", "b", "g", "{}", "completed"), "null")));
	rig_free(&r);
}

#define RS	"\"item_id\":\"rs_0123456789abcdef00\",\"output_index\":0,"

TEST(thinking)
{
	static const struct ir_event ev[] = {
		EV(START, .call = 0),
		EV(THINKING, .text = STR("hm")),
		EV(SIGNATURE, .text = STR("sig"), .from = DIALECT_ANTHROPIC),
		EV(REDACTED, .text = STR("x"), .from = DIALECT_ANTHROPIC),
	};

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_responses, ev, N(ev)), BEGUN
	    SAY("response.output_item.added", "2", "\"output_index\":0,"
	    "\"item\":{\"id\":\"rs_0123456789abcdef00\",\"type\":"
	    "\"reasoning\",\"summary\":[]}")
	    SAY("response.reasoning_summary_part.added", "3", RS
	    "\"summary_index\":0,\"part\":{\"type\":\"summary_text\","
	    "\"text\":\"\"}")
	    SAY("response.reasoning_summary_text.delta", "4", RS
	    "\"summary_index\":0,\"delta\":\"hm\"")
	    SAY("response.reasoning_summary_text.done", "5", RS
	    "\"summary_index\":0,\"text\":\"hm\"")
	    SAY("response.reasoning_summary_part.done", "6", RS
	    "\"summary_index\":0,\"part\":{\"type\":\"summary_text\","
	    "\"text\":\"hm\"}")
	    SAY("response.output_item.done", "7", "\"output_index\":0,"
	    "\"item\":{\"id\":\"rs_0123456789abcdef00\",\"type\":"
	    "\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":"
	    "\"hm\"}],\"encrypted_content\":\"gw1.anthropic.c2ln\"}")
	    SAY("response.output_item.added", "8", "\"output_index\":1,"
	    "\"item\":{\"id\":\"rs_0123456789abcdef01\",\"type\":"
	    "\"reasoning\",\"summary\":[]}")
	    SAY("response.output_item.done", "9", "\"output_index\":1,"
	    "\"item\":{\"id\":\"rs_0123456789abcdef01\",\"type\":"
	    "\"reasoning\",\"summary\":[],\"encrypted_content\":"
	    "\"gw1.anthropic.cmVkYWN0ZWQ6eA==\"}"));
	rig_free(&r);
}

/* Thoughts of open models are content, not a summary; a signature of a call
 * comes before the call. */
TEST(thinking_of_others)
{
	static const struct ir_event ev[] = {
		EV(THINKING, .text = STR("hm"), .from = DIALECT_MISTRAL),
		EV(CALL, .call = 0, .id = STR("a"), .name = STR("f")),
		EV(SIGNATURE, .call = 1, .text = STR("s"),
		    .from = DIALECT_GEMINI),
		EV(CALL_END, .call = 0),
		EV(END, .call = 0),
	};

	rig_new(&r);
	EQ_STR(rig_put_body(&r, &codec_responses, ev, N(ev)),
	    RESPONSE("completed", "null", "null",
	    "{\"id\":\"rs_0123456789abcdef00\",\"type\":\"reasoning\","
	    "\"summary\":[],\"content\":[{\"type\":\"reasoning_text\","
	    "\"text\":\"hm\"}]},{\"id\":\"rs_0123456789abcdef01\",\"type\":"
	    "\"reasoning\",\"summary\":[],\"encrypted_content\":"
	    "\"gw1.gemini.Y2FsbDphOnM=\"},"
	    FC("2", "a", "f", "{}", "completed"), "null"));
	OK(strstr(rig_put(&r, &codec_responses, ev, 1),
	    "\"content_index\":0,\"delta\":\"hm\"") != NULL);
	rig_free(&r);
}

/* The client's tool takes text, the provider gave an object with it. */
TEST(custom_tool)
{
	static const struct ir_event ev[] = {
		EV(CALL, .call = 0, .id = STR("a"), .name = STR("patch")),
		EV(ARGS, .call = 0, .text = STR("{\"input\":")),
		EV(ARGS, .call = 0, .text = STR("\"*\\n\"}")),
		EV(CALL_END, .call = 0),
		EV(END, .call = 0),
	};

	rig_new(&r);
	ir_tool_add(&r.req, STR("patch"))->kind = IR_CUSTOM;
	OK(strstr(rig_put(&r, &codec_responses, ev, N(ev)),
	    SAY("response.custom_tool_call_input.delta", "3", "\"item_id\":"
	    "\"ctc_0123456789abcdef00\",\"output_index\":0,\"delta\":"
	    "\"*\\n\"")
	    SAY("response.custom_tool_call_input.done", "4", "\"item_id\":"
	    "\"ctc_0123456789abcdef00\",\"output_index\":0,\"input\":"
	    "\"*\\n\"")
	    SAY("response.output_item.done", "5", "\"output_index\":0,"
	    "\"item\":{\"id\":\"ctc_0123456789abcdef00\",\"type\":"
	    "\"custom_tool_call\",\"call_id\":\"a\",\"name\":\"patch\","
	    "\"input\":\"*\\n\"}")) != NULL);
	rig_free(&r);
}

/* The tool is one of a namespace: the client gets both names. */
TEST(namespace_call)
{
	static const struct ir_event ev[] = {
		EV(CALL, .call = 0, .id = STR("a"), .name = STR("ns__f")),
		EV(ARGS, .call = 0, .text = STR("{}")),
		EV(CALL_END, .call = 0),
		EV(END, .call = 0),
	};

	rig_new(&r);
	ir_tool_add(&r.req, STR("ns__f"))->group = STR("ns");
	OK(strstr(rig_put(&r, &codec_responses, ev, N(ev)),
	    "\"status\":\"completed\",\"call_id\":\"a\",\"namespace\":"
	    "\"ns\",\"name\":\"f\",\"arguments\":\"{}\"}") != NULL);
	rig_free(&r);
}

TEST(other_ends)
{
	struct ir_event ev[] = {
		EV(TEXT, .text = STR("a")),
		EV(FINISH, .finish = IR_LENGTH),
		EV(END, .call = 0),
	};

	rig_new(&r);
	EQ_STR(rig_put_body(&r, &codec_responses, ev, 3),
	    RESPONSE("incomplete", "null", "{\"reason\":"
	    "\"max_output_tokens\"}", MESSAGE("a"), "null"));
	OK(strstr(rig_put(&r, &codec_responses, ev, 3),
	    "event: response.incomplete\n") != NULL);
	ev[1].finish = IR_CONTENT_FILTER;
	EQ_STR(rig_put_body(&r, &codec_responses, ev, 3),
	    RESPONSE("incomplete", "null", "{\"reason\":"
	    "\"content_filter\"}", MESSAGE("a"), "null"));
	ev[1].finish = IR_REFUSED;
	OK(strstr(rig_put(&r, &codec_responses, ev, 3),
	    "\"content_index\":1,\"refusal\":\"The model declined to answer.\""
	    ) != NULL);
	ev[1].finish = IR_FAILED;
	ev[1].native = STR("MALFORMED");
	OK(strstr(rig_put_body(&r, &codec_responses, ev, 3),
	    "\"status\":\"failed\",\"background\":false,\"error\":{\"code\":"
	    "\"upstream_error\",\"message\":\"the provider ended its answer "
	    "with \\\"MALFORMED\\\"\"}") != NULL);
	rig_free(&r);
}

TEST(error)
{
	static const struct ir_event ev[] = {
		EV(START, .call = 0),
		EV(ERROR, .fault = FAULT_RATE, .text = STR("slow \"down\"")),
		EV(TEXT, .text = STR("nothing follows")),
	};

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_responses, ev, N(ev)), BEGUN
	    SAY("error", "2", "\"error\":{\"message\":\"slow \\\"down\\\"\","
	    "\"type\":\"requests\",\"param\":null,\"code\":"
	    "\"rate_limit_exceeded\"}")
	    SAY("response.failed", "3", "\"response\":" RESPONSE("failed",
	    "{\"code\":\"rate_limit_exceeded\",\"message\":\"slow \\\"down"
	    "\\\"\"}", "null", "", "null")));
	rig_free(&r);
}

/* What was asked is repeated, also when it has line ends between values. */
TEST(echo)
{
	struct ir_req *q;
	const char *s;

	rig_new(&r);
	q = rig_read(&r, &codec_responses, DIALECT_OPENAI, "{\"input\":\"x\","
	    "\"instructions\":\"i\",\"tools\":[{\"type\":\"function\",\n"
	    "\"name\":\"f\"}],\"tool_choice\":{\"type\":\"function\",\"name\":"
	    "\"f\"},\"temperature\":0.5,\"max_output_tokens\":20,\"text\":{"
	    "\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":"
	    "{\r\n}}},\"metadata\":{\"a\":\"b\"},\"reasoning\":{\"effort\":"
	    "\"low\"}}");
	r.out.req = q;
	s = rig_put(&r, &codec_responses, hello, N(hello));
	OK(strstr(s, "\"instructions\":\"i\",\"max_output_tokens\":20,"
	    "\"parallel_tool_calls\":true,\"previous_response_id\":null,"
	    "\"reasoning\":{\"effort\":\"low\",\"summary\":null},"
	    "\"service_tier\":\"default\",\"store\":false,\"temperature\":0.5,"
	    "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\","
	    "\"schema\":{  }},\"verbosity\":\"medium\"},\"tool_choice\":{"
	    "\"type\":\"function\",\"name\":\"f\"},\"tools\":[{\"type\":"
	    "\"function\", \"name\":\"f\"}],\"top_p\":1.0,\"truncation\":"
	    "\"disabled\",\"user\":null,\"metadata\":{\"a\":\"b\"},") != NULL);
	rig_free(&r);
}

/* Citations of chat are flat here, others have no place. */
TEST(notes)
{
	static const struct ir_event ev[] = {
		EV(TEXT, .text = STR("a")),
		EV(CITATION, .raw = STR("{\"type\":\"url_citation\","
		    "\"url_citation\":{\"url\":\"u\"}}")),
		EV(CITATION, .raw = STR("{\"type\":\"page_location\"}")),
		EV(LOGPROBS, .raw = STR("{\"content\":[{\"token\":\"a\"}]}")),
		EV(END, .call = 0),
	};

	rig_new(&r);
	OK(strstr(rig_put_body(&r, &codec_responses, ev, N(ev)),
	    "\"content\":[{\"type\":\"output_text\",\"annotations\":[{"
	    "\"type\":\"url_citation\",\"url\":\"u\"}],\"logprobs\":[{"
	    "\"token\":\"a\"}],\"text\":\"a\"}]") != NULL);
	rig_free(&r);
}

/* A recorded answer, decoded and encoded, decodes to the same. */
TEST(round_trip)
{
	static const char *const names[] = { "stream-text",
		"stream-tool-call", "stream-tool-call-2026",
		"stream-reasoning-text", "stream-reasoning-tool" };
	const char *was, *now, *sse;
	size_t i;

	rig_new(&r);
	for (i = 0; i < N(names); i++) {
		was = strchr(stream(names[i]), '\n');
		sse = rig_put(&r, &codec_responses, r.ev, r.n);
		now = strchr(feed(sse), '\n');
		EQ_STR(now, was);
	}
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(recorded_streams)
TAP_ROW(recorded_bodies)
TAP_ROW(streams_of_others)
TAP_ROW(broken_streams)
TAP_ROW(too_many_items)
TAP_ROW(text)
TAP_ROW(parallel_calls)
TAP_ROW(thinking)
TAP_ROW(thinking_of_others)
TAP_ROW(custom_tool)
TAP_ROW(namespace_call)
TAP_ROW(other_ends)
TAP_ROW(error)
TAP_ROW(echo)
TAP_ROW(notes)
TAP_ROW(round_trip)
TAP_END
