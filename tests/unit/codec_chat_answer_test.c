/* codec_chat_answer_test.c - answers of OpenAI Chat to events and back. */
#include "codec_rig.h"

#define OC &codec_openai_chat

#define HEAD "data: {\"id\":\"chatcmpl-req_0123456789abcdef\"," \
	"\"object\":\"chat.completion.chunk\",\"created\":1700000000," \
	"\"model\":\"m\",\"choices\":["
#define DELTA(index, delta) HEAD "{\"index\":" index ",\"delta\":{" delta \
	"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
#define ROLE(index) DELTA(index, \
	"\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
#define FINISH(reason) HEAD "{\"index\":0,\"delta\":{},\"logprobs\":null," \
	"\"finish_reason\":\"" reason "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static struct rig r;

#define EVENTS(...) (const struct ir_event[]){ __VA_ARGS__ }
#define PUT(...) rig_put(&r, OC, EVENTS(__VA_ARGS__), \
	sizeof(EVENTS(__VA_ARGS__)) / sizeof(struct ir_event))
#define PUT_BODY(...) rig_put_body(&r, OC, EVENTS(__VA_ARGS__), \
	sizeof(EVENTS(__VA_ARGS__)) / sizeof(struct ir_event))
#define START	{ .kind = IR_EV_START }
#define TEXT(s)	{ .kind = IR_EV_TEXT, .text = STR(s) }
#define CALL(n, i, t) { .kind = IR_EV_CALL, .call = n, .id = STR(i), \
	.name = STR(t) }
#define ARGS(n, s) { .kind = IR_EV_ARGS, .call = n, .text = STR(s) }
#define CALL_END(n) { .kind = IR_EV_CALL_END, .call = n }
#define END_OF(f) { .kind = IR_EV_FINISH, .finish = f }, \
	{ .kind = IR_EV_END }

/* Of a provider that formats its JSON. */
TEST(log_probabilities_on_one_line)
{
	rig_new(&r);
	EQ_STR(PUT(START, TEXT("a"), { .kind = IR_EV_LOGPROBS,
	    .raw = STR("{\"content\":[{\r\n\t\"token\":\"a\"\n}\r]}") }),
	    ROLE("0") DELTA("0", "\"content\":\"a\"")
	    HEAD "{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[{  "
	    "\t\"token\":\"a\" } ]},\"finish_reason\":null}]}\n\n");
	rig_free(&r);
}

/* --- decoding ------------------------------------------------------------ */

TEST(recorded_streams)
{
	rig_new(&r);
	EQ_STR(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-text-usage.response.sse")),
	    "start id=chatcmpl-C2P1wP1damHwC6sXvGAIh5PMvH6wM "
	    "model=gpt-4o-2024-08-06 created=1754688908\n"
	    "text \"The capital of Mexico is Mexico City.\"\n"
	    "finish stop native=stop\nusage in=14 out=8\nend\n");
	EQ_STR(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-parallel-tools.response.sse")),
	    "start id=chatcmpl-C2QD1kGWsTW5OWiqAtOSFEAOfPfQH "
	    "model=gpt-4o-2024-08-06 created=1754693439\n"
	    "call 0 id=call_q2UyBRP7eXNTzAoR8lEhjc9Z name=get_country\n"
	    "args 0 \"{}\"\ncall_end 0\n"
	    "call 1 id=call_b51ijcpFkDiTQG1bQzsrmtW5 name=get_product_name\n"
	    "args 1 \"{}\"\ncall_end 1\n"
	    "finish tool_calls native=tool_calls\nusage in=364 out=40\n"
	    "end\n");
	EQ_STR(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-refusal.response.sse")),
	    "start id=chatcmpl-ABfw4IfQfCCrcuybFm41wJyxjbkz7 "
	    "model=gpt-4o-2024-08-06 created=1727346172\n"
	    "refusal \"I'm sorry, I can't assist with that request.\"\n"
	    "finish refused native=stop\nusage in=79 out=11\nend\n");
	EQ_STR(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-length.response.sse")),
	    "start id=chatcmpl-ABfw3Oqj8RD0z6aJiiX37oTjV2HFh "
	    "model=gpt-4o-2024-08-06 created=1727346171\n"
	    "text \"{\\\"\"\nfinish length native=length\n"
	    "usage in=79 out=1\nend\n");
	OK(strstr(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-logprobs.response.sse")),
	    "text \"Foo\"\nlogprobs {\"content\":[{\"token\":\"Foo\",") !=
	    NULL);
	OK(strstr(rig_stream(&r, OC, rig_file(&r,
	    "openai-chat/stream-n3.response.sse")),
	    "finish stop native=stop\nfinish choice=1 stop native=stop\n"
	    "finish choice=2 stop native=stop\nusage in=79 out=42\nend\n")
	    != NULL);
	rig_free(&r);
}

TEST(recorded_bodies)
{
	rig_new(&r);
	EQ_STR(rig_body(&r, OC, rig_file(&r,
	    "openai-chat/json-parallel-tools.response.json")),
	    "start id=chatcmpl-C9f7f1SbHRzcwlJwrYKdSonTRWPvV "
	    "model=gpt-4o-2024-08-06 created=1756419063\n"
	    "call 0 id=call_jYdIdRZHxZTn5bWCq5jlMrJi name=delete_file\n"
	    "args 0 \"{\\\"path\\\": \\\".env\\\"}\"\ncall_end 0\n"
	    "call 1 id=call_TmlTVWQbzrXCZ4jNsCVNbNqu name=create_file\n"
	    "args 1 \"{\\\"path\\\": \\\"test.txt\\\"}\"\ncall_end 1\n"
	    "finish tool_calls native=tool_calls\nusage in=71 out=46\n"
	    "end\n");
	OK(strstr(rig_body(&r, OC, rig_file(&r,
	    "openai-chat/json-cache-write.response.json")),
	    "usage in=4020 out=4 write=4012\n") != NULL);
	OK(strstr(rig_body(&r, OC, rig_file(&r,
	    "openai-chat/json-cache-read.response.json")),
	    "usage in=4020 out=4 cached=4012\n") != NULL);
	OK(strstr(rig_body(&r, OC, rig_file(&r,
	    "openai-chat/json-reasoning-effort.response.json")),
	    "usage in=27 out=267 reasoning=192\n") != NULL);
	EQ_STR(rig_body(&r, OC, rig_file(&r,
	    "openai-chat/error-404-model.response.json")),
	    "error upstream \"The model `gpt-4.1-nano-wrong` does not exist "
	    "or you do not have access to it.\"\n");
	rig_free(&r);
}

/* One choice's delta and its finish_reason, raw. */
#define IN(delta, finish) "data: {\"id\":\"i\",\"model\":\"g\",\"choices\":" \
	"[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}\n\n"
#define BEGUN "start id=i model=g\n"
#define TOOL(s) "\"tool_calls\":[" s "]"

TEST(calls_as_servers_divide_them)
{
	rig_new(&r);
	/* Interleaved, numbered from 1, two in one delta, name repeated. */
	EQ_STR(rig_stream(&r, OC, STR(
	    IN(TOOL("{\"index\":1,\"id\":\"a\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{\\\"x\"}},{\"index\":2,\"id\":\"b\","
	    "\"function\":{\"name\":\"g\",\"arguments\":\"\"}}"), "null")
	    IN(TOOL("{\"index\":2,\"function\":{\"arguments\":\"[1]\"}}"),
	    "null")
	    IN(TOOL("{\"index\":1,\"id\":\"a\",\"function\":{\"name\":\"\","
	    "\"arguments\":\"\\\":1}\"}}"), "\"stop\"") DONE)),
	    BEGUN "call 0 id=a name=f\nargs 0 \"{\\\"x\"\n"
	    "call 1 id=b name=g\nargs 1 \"[1]\"\nargs 0 \"\\\":1}\"\n"
	    "call_end 0\ncall_end 1\nfinish tool_calls native=stop\nend\n");
	/* No index: an id begins a call. One index for all. */
	EQ_STR(rig_stream(&r, OC, STR(
	    IN(TOOL("{\"id\":\"a\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{\"}}"), "null")
	    IN(TOOL("{\"function\":{\"arguments\":\"}\"}}"), "null")
	    IN(TOOL("{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"g\","
	    "\"arguments\":\"{}\"}}"), "\"tool_calls\"") DONE)),
	    BEGUN "call 0 id=a name=f\nargs 0 \"{}\"\ncall_end 0\n"
	    "call 1 id=b name=g\nargs 1 \"{}\"\ncall_end 1\n"
	    "finish tool_calls native=tool_calls\nend\n");
	/* No id at all; free-form; the old form. */
	EQ_STR(rig_stream(&r, OC, STR(
	    IN(TOOL("{\"index\":0,\"function\":{\"name\":\"f\"}}"), "null")
	    IN(TOOL("{\"index\":1,\"id\":\"c\",\"type\":\"custom\","
	    "\"custom\":{\"name\":\"p\",\"input\":\"ab\"}}"),
	    "\"tool_calls\"") DONE)),
	    BEGUN "call 0 id=call_0_0 name=f\ncall 1 id=c name=p custom\n"
	    "args 1 \"ab\"\ncall_end 0\ncall_end 1\n"
	    "finish tool_calls native=tool_calls\nend\n");
	EQ_STR(rig_stream(&r, OC, STR(
	    IN("\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}",
	    "null") IN("\"function_call\":{\"arguments\":\"{}\"}", "null")
	    IN("", "\"function_call\"") DONE)),
	    BEGUN "call 0 id=call_fn_0 name=f\nargs 0 \"{}\"\ncall_end 0\n"
	    "finish tool_calls native=function_call\nend\n");
	rig_free(&r);
}

TEST(thinking_and_names)
{
	struct ir_tool *t;

	rig_new(&r);
	t = ir_tool_add(&r.req, STR("a.b"));
	t = ir_tool_add(&r.req, STR("patch"));
	t->kind = IR_CUSTOM;
	EQ_STR(rig_stream(&r, OC, STR(
	    IN("\"reasoning_content\":\"hm\",\"reasoning\":\"hm\"", "null")
	    IN("\"reasoning\":\"!\",\"content\":\"a\\ud83d\\ude00\"", "null")
	    IN(TOOL("{\"index\":0,\"id\":\"x\",\"function\":{\"name\":"
	    "\"patch\",\"arguments\":\"{\\\"input\\\": \"}}"), "null")
	    IN(TOOL("{\"index\":0,\"function\":{\"arguments\":"
	    "\"\\\"*** a\\\\nb\\\"}\"},\"extra_content\":{\"google\":"
	    "{\"thought_signature\":\"sig\"}}}"), "\"tool_calls\"") DONE)),
	    BEGUN "thinking \"hm!\"\ntext \"a\xf0\x9f\x98\x80\"\n"
	    "call 0 id=x name=patch custom\n"
	    "signature call=1 from=gemini \"sig\"\n"
	    "args 0 \"*** a\\nb\"\ncall_end 0\n"
	    "finish tool_calls native=tool_calls\nend\n");
	EQ_STR(rig_stream(&r, OC, str_of(arena_printf(r.a,
	    IN(TOOL("{\"index\":0,\"id\":\"x\",\"function\":{\"name\":"
	    "\"a_b_%s\",\"arguments\":\"{}\"}}"), "\"tool_calls\"") DONE,
	    "00000000"))),
	    BEGUN "call 0 id=x name=a_b_00000000\nargs 0 \"{}\"\n"
	    "call_end 0\nfinish tool_calls native=tool_calls\nend\n");
	rig_free(&r);
}

TEST(faults)
{
	rig_new(&r);
	/* An error instead of a chunk; nothing after it counts. */
	EQ_STR(rig_stream(&r, OC, STR(IN("\"content\":\"a\"", "null")
	    "data: {\"error\":{\"message\":\"slow down\",\"type\":"
	    "\"requests\",\"code\":\"rate_limit_exceeded\"}}\n\n"
	    IN("\"content\":\"b\"", "\"stop\"") DONE)),
	    BEGUN "text \"a\"\nerror rate \"slow down\"\n");
	EQ_STR(rig_stream(&r, OC, STR("event: error\ndata: {\"message\":"
	    "\"no\"}\n\n")), "error upstream \"no\"\n");
	EQ_STR(rig_stream(&r, OC, STR("data: {\"error\":\"text\"}\n\n")),
	    "error upstream \"text\"\n");
	/* Cut off; an end that says nothing; no JSON. */
	EQ_STR(rig_stream(&r, OC, STR(IN("\"content\":\"a\"", "\"stop\""))),
	    BEGUN "text \"a\"\nfinish stop native=stop\n! EOF\n");
	EQ_STR(rig_stream(&r, OC, STR(IN("\"content\":\"a\"", "null") DONE)),
	    BEGUN "text \"a\"\nerror truncated \"the provider ended its "
	    "answer without saying why\"\n");
	EQ_STR(rig_stream(&r, OC, STR("data: {\"choices\":[\n\n")),
	    "! FORMAT\n");
	EQ_STR(rig_stream(&r, OC, STR("data: {\"choices\":[{\"index\":"
	    "100000,\"delta\":{}}]}\n\n")), "start\n! FORMAT\n");
	EQ_STR(rig_body(&r, OC, STR("{\"object\":\"list\"}")), "! FORMAT\n");
	EQ_STR(rig_body(&r, OC, STR("<html>")), "! FORMAT\n");
	rig_free(&r);
}

/* --- encoding ------------------------------------------------------------ */

TEST(put_text)
{
	rig_new(&r);
	EQ_STR(PUT(START, TEXT("a\"b"), { .kind = IR_EV_USAGE,
	    .usage = { .input = 3, .output = 2, .cached = 1 } },
	    END_OF(IR_STOP)),
	    ROLE("0") DELTA("0", "\"content\":\"a\\\"b\"") FINISH("stop")
	    DONE);
	r.req.include_usage = 1;
	EQ_STR(PUT(START, { .kind = IR_EV_FINISH, .finish = IR_LENGTH },
	    { .kind = IR_EV_USAGE, .usage = { .input = 3, .output = 2,
	    .cached = 1, .reasoning = 2 } }, { .kind = IR_EV_END }),
	    HEAD "{\"index\":0,\"delta\":{\"role\":\"assistant\","
	    "\"content\":\"\",\"refusal\":null},\"logprobs\":null,"
	    "\"finish_reason\":null}],\"usage\":null}\n\n"
	    HEAD "{\"index\":0,\"delta\":{},\"logprobs\":null,"
	    "\"finish_reason\":\"length\"}],\"usage\":null}\n\n"
	    HEAD "],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,"
	    "\"total_tokens\":5,\"prompt_tokens_details\":{"
	    "\"cached_tokens\":1},\"completion_tokens_details\":{"
	    "\"reasoning_tokens\":2}}}\n\n" DONE);
	rig_free(&r);
}

TEST(put_calls)
{
	rig_new(&r);
	EQ_STR(PUT(START, { .kind = IR_EV_THINKING, .text = STR("hm") },
	    { .kind = IR_EV_SIGNATURE, .text = STR("s"),
	    .from = DIALECT_ANTHROPIC },
	    CALL(0, "a", "f"), ARGS(0, "{\"x\""), ARGS(0, ":1}"),
	    CALL_END(0), CALL(1, "b", "g"), CALL_END(1),
	    { .kind = IR_EV_SIGNATURE, .text = STR("s"), .call = 1,
	    .from = DIALECT_GEMINI },
	    END_OF(IR_TOOL_CALLS)),
	    ROLE("0") DELTA("0", "\"reasoning_content\":\"hm\"")
	    DELTA("0", "\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]")
	    DELTA("0", "\"tool_calls\":[{\"index\":0,\"function\":{"
	    "\"arguments\":\"{\\\"x\\\"\"}}]")
	    DELTA("0", "\"tool_calls\":[{\"index\":0,\"function\":{"
	    "\"arguments\":\":1}\"}}]")
	    DELTA("0", "\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]")
	    DELTA("0", "\"tool_calls\":[{\"index\":1,\"function\":{"
	    "\"arguments\":\"{}\"}}]")
	    DELTA("0", "\"tool_calls\":[{\"index\":0,\"extra_content\":{"
	    "\"google\":{\"thought_signature\":\"s\"}}}]")
	    FINISH("tool_calls") DONE);
	/* A client that has functions is called in that way, once. */
	r.req.functions = 1;
	EQ_STR(PUT(START, CALL(0, "a", "f"), ARGS(0, "{}"), CALL_END(0),
	    CALL(1, "b", "g"), CALL_END(1), END_OF(IR_TOOL_CALLS)),
	    ROLE("0") DELTA("0", "\"function_call\":{\"name\":\"f\","
	    "\"arguments\":\"\"}")
	    DELTA("0", "\"function_call\":{\"arguments\":\"{}\"}")
	    FINISH("function_call") DONE);
	rig_free(&r);
}

TEST(put_ends)
{
	rig_new(&r);
	EQ_STR(PUT(START, TEXT("a"), { .kind = IR_EV_ERROR,
	    .fault = FAULT_TRUNCATED, .text = STR("cut") },
	    { .kind = IR_EV_END }),
	    ROLE("0") DELTA("0", "\"content\":\"a\"")
	    "data: {\"error\":{\"message\":\"cut\",\"type\":\"server_error\","
	    "\"param\":null,\"code\":\"upstream_truncated\"}}\n\n");
	EQ_STR(PUT(START, { .kind = IR_EV_FINISH, .finish = IR_REFUSED,
	    .text = STR("no") }, { .kind = IR_EV_END }),
	    ROLE("0") DELTA("0", "\"refusal\":\"no\"")
	    FINISH("content_filter") DONE);
	EQ_STR(PUT(START, { .kind = IR_EV_REFUSAL, .text = STR("no") },
	    END_OF(IR_REFUSED)),
	    ROLE("0") DELTA("0", "\"refusal\":\"no\"") FINISH("stop") DONE);
	EQ_STR(PUT(START, END_OF(IR_CONTENT_FILTER)),
	    ROLE("0") FINISH("content_filter") DONE);
	EQ_STR(PUT(START, END_OF(IR_CONTEXT_FULL)),
	    ROLE("0") FINISH("length") DONE);
	EQ_STR(PUT(START, END_OF(IR_STOP_SEQUENCE)),
	    ROLE("0") FINISH("stop") DONE);
	EQ_STR(PUT(START, END_OF(IR_PAUSE)), ROLE("0")
	    "data: {\"error\":{\"message\":\"the provider could not finish "
	    "its answer\",\"type\":\"server_error\",\"param\":null,"
	    "\"code\":\"upstream_error\"}}\n\n");
	rig_free(&r);
}

TEST(put_whole)
{
	rig_new(&r);
	EQ_STR(PUT_BODY(START, { .kind = IR_EV_THINKING, .text = STR("hm") },
	    TEXT("a"), TEXT("b"), CALL(0, "i", "f"), ARGS(0, "{"),
	    ARGS(0, "}"), CALL_END(0), { .kind = IR_EV_CITATION,
	    .raw = STR("{\"type\":\"url_citation\",\"url\":\"https://x\","
	    "\"title\":\"t\",\"start_index\":1,\"end_index\":2}") },
	    { .kind = IR_EV_USAGE, .usage = { .input = 3, .output = 2 } },
	    END_OF(IR_TOOL_CALLS)),
	    "{\"id\":\"chatcmpl-req_0123456789abcdef\",\"object\":"
	    "\"chat.completion\",\"created\":1700000000,\"model\":\"m\","
	    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
	    "\"content\":\"ab\",\"reasoning_content\":\"hm\",\"refusal\":null,"
	    "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{"
	    "\"start_index\":1,\"end_index\":2,\"url\":\"https://x\","
	    "\"title\":\"t\"}}],\"tool_calls\":[{\"id\":\"i\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]"
	    "},\"logprobs\":null,\"finish_reason\":\"tool_calls\"}],"
	    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,"
	    "\"total_tokens\":5,\"prompt_tokens_details\":{"
	    "\"cached_tokens\":0},\"completion_tokens_details\":{"
	    "\"reasoning_tokens\":0}}}");
	EQ_STR(PUT_BODY({ .kind = IR_EV_ERROR, .fault = FAULT_TIMEOUT,
	    .text = STR("late") }),
	    "{\"error\":{\"message\":\"late\",\"type\":\"server_error\","
	    "\"param\":null,\"code\":\"timeout\"}}");
	rig_free(&r);
}

/* What was put is understood as what it was made of. */
TEST(there_and_back)
{
	static const char *const names[] = {
		"stream-text-usage.response.sse",
		"stream-parallel-tools.response.sse",
		"stream-refusal.response.sse", "stream-length.response.sse",
		"stream-logprobs.response.sse",
	};
	const char *want, *got, *s;
	struct str file;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rig_new(&r);
		r.req.include_usage = 1;
		file = rig_file(&r, arena_printf(r.a, "openai-chat/%s",
		    names[i]));
		want = strchr(rig_stream(&r, OC, file), '\n');
		s = rig_put(&r, OC, r.ev, r.n);
		got = strchr(rig_stream(&r, OC, str_of(s)), '\n');
		EQ_STR(got, want);
		(void)rig_stream(&r, OC, file);
		s = rig_put_body(&r, OC, r.ev, r.n);
		got = strchr(rig_body(&r, OC, str_of(s)), '\n');
		if (strstr(names[i], "logprobs") == NULL)
			EQ_STR(got, want);
		rig_free(&r);
	}
}

TAP_BEGIN
TAP_ROW(log_probabilities_on_one_line)
TAP_ROW(recorded_streams)
TAP_ROW(recorded_bodies)
TAP_ROW(calls_as_servers_divide_them)
TAP_ROW(thinking_and_names)
TAP_ROW(faults)
TAP_ROW(put_text)
TAP_ROW(put_calls)
TAP_ROW(put_ends)
TAP_ROW(put_whole)
TAP_ROW(there_and_back)
TAP_END
