/*
 * codec_ollama_test.c - Ollama's format: requests read, answers told and
 * written.
 */
#include "codec_rig.h"

static struct rig r;

static const char *
reads(int prompt, const char *body)
{
	struct ir_req *q;

	r.prompt = prompt;
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA, body);
	if (q != NULL)
		return rig_req(&r, q);
	return arena_printf(r.a, "! %s: %s", r.note.param, r.note.message);
}

/* What is read of the request below. */
static const char chat_read[] =
    "model llama\n"
    "stream\n"
    "system\n"
    " text \"be kind\"\n"
    "user\n"
    " text \"what?\"\n"
    " image mime=image/png base64=iVBORw0KGgo=\n"
    " image mime=image/jpeg base64=/9j/4AAQ\n"
    "assistant\n"
    " thinking \"hm\"\n"
    " call id=call_2_0 name=f \"{\\\"b\\\":1.50,\\\"a\\\":2}\"\n"
    " call id=x name=g \"{}\"\n"
    "tool\n"
    " result id=x name=g\n"
    "  text \"7\"\n"
    " result id=call_2_0 name=f\n"
    "  text \"8\"\n"
    "assistant\n"
    " text \"done\"\n"
    "user\n"
    " text \"ok\"\n"
    "tool function name=f schema={\"type\":\"object\"} \"d\"\n"
    "think effort\n"
    "effort high\n"
    "show_thoughts 1\n"
    "format json_schema\n"
    "schema {\"type\":\"object\"}\n"
    "max_output 9\n"
    "stop \"a\"\n"
    "stop \"b\"\n"
    "temperature 0.50\n"
    "top_p 1\n"
    "top_k 3\n"
    "seed -1\n"
    "frequency_penalty 0.1\n"
    "presence_penalty 0.2\n"
    "logprobs 1\n"
    "top_logprobs 2\n"
    "extra keep_alive \"5m\"\n"
    "extra options.num_ctx 4096\n";

TEST(read_chat)
{
	rig_new(&r);
	EQ_STR(reads(0, "{\"model\":\"llama\",\"messages\":["
	    "{\"role\":\"system\",\"content\":\"be kind\"},"
	    "{\"role\":\"User\",\"content\":\"what?\",\"images\":["
	    "\"iVBORw0KGgo=\",\"/9j/4AAQ\"]},"
	    "{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\","
	    "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":"
	    "{\"b\":1.50,\"a\":2}}},{\"id\":\"x\",\"function\":{\"index\":1,"
	    "\"name\":\"g\"}}]},"
	    "{\"role\":\"tool\",\"content\":\"7\",\"tool_name\":\"g\"},"
	    "{\"role\":\"tool\",\"content\":\"8\"},"
	    "{\"role\":\"assistant\",\"content\":\"done\"},"
	    "{\"role\":\"user\",\"content\":\"ok\"}],"
	    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}}],"
	    "\"think\":\"high\",\"format\":{\"type\":\"object\"},"
	    "\"keep_alive\":\"5m\",\"logprobs\":true,\"top_logprobs\":2,"
	    "\"options\":{\"num_predict\":9,\"temperature\":0.50,\"top_p\":1,"
	    "\"top_k\":3,\"seed\":-1,\"frequency_penalty\":0.1,"
	    "\"presence_penalty\":0.2,\"stop\":[\"a\",\"b\"],"
	    "\"num_ctx\":4096}}"),
	    chat_read);
	rig_free(&r);
}

TEST(read_prompt)
{
	rig_new(&r);
	EQ_STR(reads(1, "{\"model\":\"llama\",\"system\":\"be kind\","
	    "\"prompt\":\"what?\",\"images\":[\"iVBORw0KGgo=\"],"
	    "\"stream\":false,\"format\":\"json\",\"think\":false,"
	    "\"raw\":false,\"context\":[],\"template\":\"\","
	    "\"options\":{\"num_predict\":-1,\"stop\":\"x\"}}"),
	    "model llama\n"
	    "system\n"
	    " text \"be kind\"\n"
	    "user\n"
	    " text \"what?\"\n"
	    " image mime=image/png base64=iVBORw0KGgo=\n"
	    "think off\n"
	    "show_thoughts 0\n"
	    "format json_object\n"
	    "stop \"x\"\n");
	EQ_STR(reads(1, "{\"prompt\":\"a\",\"context\":[1,2],\"raw\":true,"
	    "\"suffix\":\"b\",\"messages\":[1]}"),
	    "stream\n"
	    "user\n"
	    " text \"a\"\n"
	    "extra must context [1,2]\n"
	    "extra must raw true\n"
	    "extra must suffix \"b\"\n"
	    "extra must messages [1]\n");
	rig_free(&r);
}

TEST(read_wrong)
{
	static const struct {
		int		 prompt;
		const char	*body, *want;
	} rows[] = {
		{ 0, "[]", "body" },
		{ 0, "{\"model\":7}", "model" },
		{ 0, "{}", "messages" },
		{ 0, "{\"messages\":[]}", "messages" },
		{ 0, "{\"messages\":{}}", "messages" },
		{ 0, "{\"messages\":[7]}", "messages[0]" },
		{ 0, "{\"messages\":[{\"role\":\"x\"}]}", "messages[0].role" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":[]}]}",
		    "messages[0].content" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"\","
		    "\"images\":[\"%\"]}]}", "messages[0].images" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"\","
		    "\"images\":\"aaaa\"}]}", "messages[0].images" },
		{ 0, "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":"
		    "[{}]}]}", "messages[0].tool_calls[0].function" },
		{ 0, "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":"
		    "[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}]}",
		    "messages[0].tool_calls[0].function.arguments" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"think\":\"much\"}", "think" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"format\":\"xml\"}", "format" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"stream\":1}", "stream" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"tools\":[7]}", "tools[0]" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"options\":{\"temperature\":\"1\"}}",
		    "options.temperature" },
		{ 0, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
		    "\"options\":{\"stop\":[1]}}", "options.stop" },
		{ 1, "{\"model\":\"m\"}", "prompt" },
		{ 1, "{\"prompt\":\"\"}", "prompt" },
		{ 1, "{\"prompt\":7}", "prompt" },
		{ 1, "{\"prompt\":\"a\",\"system\":7}", "system" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_new(&r);
		EQ_STR(strncmp(reads(rows[i].prompt, rows[i].body), "! ", 2) ==
		    0 ? r.note.param : rows[i].body, rows[i].want);
		rig_free(&r);
	}
}

/* --- answers ------------------------------------------------------------- */

#define LINE(text)	"{\"model\":\"up\",\"created_at\":"		\
	"\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\","	\
	text "},\"done\":false}\n"

TEST(streams)
{
	rig_new(&r);
	EQ_STR(rig_stream(&r, &codec_ollama, STR(
	    LINE("\"content\":\"\",\"thinking\":\"hm\"")
	    LINE("\"content\":\"hel\"") "\n" LINE("\"content\":\"lo\"")
	    "{\"model\":\"up\",\"message\":{\"role\":\"assistant\","
	    "\"content\":\"\"},\"done\":true,\"done_reason\":\"length\","
	    "\"total_duration\":5,\"prompt_eval_count\":7,"
	    "\"eval_count\":3}\r\n")),
	    "start model=up\n"
	    "thinking \"hm\"\n"
	    "text \"hello\"\n"
	    "finish length native=length\n"
	    "usage in=7 out=3\n"
	    "end\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR(
	    LINE("\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":"
	    "\"f\",\"arguments\":{\"a\":1.0}}},{\"id\":\"c\",\"function\":{"
	    "\"index\":1,\"name\":\"g\",\"arguments\":{}}}]")
	    "{\"model\":\"up\",\"message\":{\"role\":\"assistant\","
	    "\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n")),
	    "start model=up\n"
	    "call 0 id=call_0_0 name=f\n"
	    "args 0 \"{\\\"a\\\":1.0}\"\n"
	    "call_end 0\n"
	    "call 1 id=c name=g\n"
	    "args 1 \"{}\"\n"
	    "call_end 1\n"
	    "finish tool_calls native=stop\n"
	    "end\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR(
	    "{\"model\":\"up\",\"response\":\"hi\",\"thinking\":\"h\","
	    "\"done\":false}\n{\"response\":\"\",\"done\":true,"
	    "\"done_reason\":\"stop\",\"context\":[1,2],"
	    "\"eval_count\":3}\n")),
	    "start model=up\n"
	    "thinking \"h\"\n"
	    "text \"hi\"\n"
	    "finish stop native=stop\n"
	    "usage out=3\n"
	    "end\n");
	rig_free(&r);
}

TEST(streams_that_break)
{
	rig_new(&r);
	EQ_STR(rig_stream(&r, &codec_ollama, STR(LINE("\"content\":\"a\""))),
	    "start model=up\n"
	    "text \"a\"\n"
	    "! EOF\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR(LINE("\"content\":\"a\"")
	    "{\"error\":\"out of memory\"}\n" LINE("\"content\":\"b\""))),
	    "start model=up\n"
	    "text \"a\"\n"
	    "error upstream \"out of memory\"\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR(LINE("\"content\":\"a\"")
	    "{\"error\":{\"message\":\"m\"}}\n")),
	    "start model=up\n"
	    "text \"a\"\n"
	    "error upstream \"m\"\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR("data: {}\n")),
	    "! FORMAT\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR("{}\n")),
	    "! FORMAT\n");
	EQ_STR(rig_stream(&r, &codec_ollama, STR(LINE("\"content\":\"a\"")
	    "{\"done\":tr")),
	    "start model=up\n"
	    "text \"a\"\n"
	    "! EOF\n");
	rig_free(&r);
}

TEST(bodies)
{
	rig_new(&r);
	EQ_STR(rig_body(&r, &codec_ollama, STR("{\"model\":\"up\","
	    "\"message\":{\"role\":\"assistant\",\"content\":\"hi\"},"
	    "\"logprobs\":[{\"token\":\"hi\",\"logprob\":-1}],"
	    "\"done\":true,\"done_reason\":\"stop\","
	    "\"prompt_eval_count\":7,\"eval_count\":3}")),
	    "start model=up\n"
	    "text \"hi\"\n"
	    "logprobs {\"content\":[{\"token\":\"hi\",\"logprob\":-1}]}"
	    "\n"
	    "finish stop native=stop\n"
	    "usage in=7 out=3\n"
	    "end\n");
	EQ_STR(rig_body(&r, &codec_ollama, STR("{\"error\":\"no\"}")),
	    "error upstream \"no\"\n");
	EQ_STR(rig_body(&r, &codec_ollama, STR("{\"message\":{\"content\":"
	    "\"hi\"}}")),
	    "start\n"
	    "text \"hi\"\n"
	    "! FORMAT\n");
	EQ_STR(rig_body(&r, &codec_ollama, STR("7")),
	    "! FORMAT\n");
	rig_free(&r);
}

static const struct ir_event talk[] = {
	{ .kind = IR_EV_START, .model = { "up", 2 } },
	{ .kind = IR_EV_THINKING, .text = { "hm", 2 } },
	{ .kind = IR_EV_TEXT, .text = { "a\nb", 3 } },
	{ .kind = IR_EV_CALL, .id = { "c1", 2 }, .name = { "f", 1 } },
	{ .kind = IR_EV_ARGS, .text = { "{\"a\":\n", 6 } },
	{ .kind = IR_EV_ARGS, .text = { "1}", 2 } },
	{ .kind = IR_EV_CALL_END },
	{ .kind = IR_EV_CALL, .call = 1, .id = { "c2", 2 },
	    .name = { "g", 1 } },
	{ .kind = IR_EV_CALL_END, .call = 1 },
	{ .kind = IR_EV_FINISH, .finish = IR_TOOL_CALLS },
	{ .kind = IR_EV_USAGE, .usage = { .input = 7, .output = 3 } },
	{ .kind = IR_EV_END },
};
#define N(list) (unsigned)(sizeof(list) / sizeof((list)[0]))

TEST(put)
{
	rig_new(&r);
	r.out.spent_us = 2000;
	EQ_STR(rig_put(&r, &codec_ollama, talk, N(talk)),
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\""
	    "thinking\":\"hm\"},\"done\":false}\n"
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"a\\nb"
	    "\"},\"done\":false}\n"
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\""
	    "tool_calls\":[{\"id\":\"c1\",\"function\":{\"index\":0,\"n"
	    "ame\":\"f\",\"arguments\":{\"a\": 1}}}]},\"done\":false}\n"
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\""
	    "tool_calls\":[{\"id\":\"c2\",\"function\":{\"index\":1,\"n"
	    "ame\":\"g\",\"arguments\":{}}}]},\"done\":false}\n"
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\""
	    "done\":true,\"done_reason\":\"stop\",\"total_duration\":20"
	    "00000,\"load_duration\":0,\"prompt_eval_count\":7,\"prompt"
	    "_eval_duration\":2000000,\"eval_count\":3,\"eval_duration\""
	    ":0}\n");
	EQ_STR(rig_put_body(&r, &codec_ollama, talk, N(talk)),
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"a\\nb"
	    "\",\"thinking\":\"hm\",\"tool_calls\":[{\"id\":\"c1\",\"fu"
	    "nction\":{\"index\":0,\"name\":\"f\",\"arguments\":{\"a\":"
	    " 1}}},{\"id\":\"c2\",\"function\":{\"index\":1,\"name\":\""
	    "g\",\"arguments\":{}}}]},\"done\":true,\"done_reason\":\"s"
	    "top\",\"total_duration\":2000000,\"load_duration\":0,\"pro"
	    "mpt_eval_count\":7,\"prompt_eval_duration\":0,\"eval_count"
	    "\":3,\"eval_duration\":2000000}\n");
	r.req.show_thoughts = 0;
	r.req.prompt = 1;
	EQ_STR(rig_put(&r, &codec_ollama, talk, N(talk)),
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"response\":\"a\\nb\",\"done\":false}\n"
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"response\":\"\",\"done\":true,\"done_reason\":\"stop\""
	    ",\"total_duration\":2000000,\"load_duration\":0,\"prompt_e"
	    "val_count\":7,\"prompt_eval_duration\":2000000,\"eval_coun"
	    "t\":3,\"eval_duration\":0}\n");
	r.req.show_thoughts = 1;
	EQ_STR(rig_put_body(&r, &codec_ollama, talk, N(talk)),
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"response\":\"a\\nb\",\"thinking\":\"hm\",\"done\":tru"
	    "e,\"done_reason\":\"stop\",\"total_duration\":2000000,\"lo"
	    "ad_duration\":0,\"prompt_eval_count\":7,\"prompt_eval_dura"
	    "tion\":0,\"eval_count\":3,\"eval_duration\":2000000}\n");
	rig_free(&r);
}

static const char *
ends(enum ir_finish f)
{
	const struct ir_event ev[] = {
		{ .kind = IR_EV_START },
		{ .kind = IR_EV_FINISH, .finish = f },
		{ .kind = IR_EV_END },
	};

	return rig_put(&r, &codec_ollama, ev, N(ev));
}

TEST(put_ends)
{
	rig_new(&r);
	OK(strstr(ends(IR_STOP), "\"done_reason\":\"stop\"") != NULL);
	OK(strstr(ends(IR_STOP_SEQUENCE), "\"done_reason\":\"stop\"") != NULL);
	OK(strstr(ends(IR_LENGTH), "\"done_reason\":\"length\"") != NULL);
	OK(strstr(ends(IR_CONTEXT_FULL), "\"done_reason\":\"length\"") !=
	    NULL);
	OK(strstr(ends(IR_REFUSED), "refused to answer") != NULL);
	EQ_STR(ends(IR_FAILED), "{\"error\":\"the provider could not finish "
	    "its answer\"}\n");
	rig_free(&r);
}

TEST(put_errors)
{
	static const struct ir_event ev[] = {
		{ .kind = IR_EV_START },
		{ .kind = IR_EV_TEXT, .text = { "a", 1 } },
		{ .kind = IR_EV_ERROR, .fault = FAULT_TRUNCATED,
		    .text = { "cut", 3 } },
	};

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_ollama, ev + 1, 2),
	    "{\"model\":\"m\",\"created_at\":\"2023-11-14T22:13:20.000Z"
	    "\",\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
	    "\"done\":false}\n"
	    "{\"error\":\"cut\"}\n");
	EQ_STR(rig_put_body(&r, &codec_ollama, ev, N(ev)),
	    "{\"error\":\"cut\"}");
	rig_free(&r);
}

/* What it writes it reads: events of a stream and of a body. */
TEST(there_and_back)
{
	const char *text, *lines;

	rig_new(&r);
	text = rig_put(&r, &codec_ollama, talk, N(talk));
	lines = rig_stream(&r, &codec_ollama, str_of(text));
	EQ_STR(lines, rig_body(&r, &codec_ollama, str_of(rig_put_body(&r,
	    &codec_ollama, talk, N(talk)))));
	EQ_STR(lines,
	    "start model=m\n"
	    "thinking \"hm\"\n"
	    "text \"a\\nb\"\n"
	    "call 0 id=c1 name=f\n"
	    "args 0 \"{\\\"a\\\": 1}\"\n"
	    "call_end 0\n"
	    "call 1 id=c2 name=g\n"
	    "args 1 \"{}\"\n"
	    "call_end 1\n"
	    "finish tool_calls native=stop\n"
	    "usage in=7 out=3\n"
	    "end\n");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(read_chat)
TAP_ROW(read_prompt)
TAP_ROW(read_wrong)
TAP_ROW(streams)
TAP_ROW(streams_that_break)
TAP_ROW(bodies)
TAP_ROW(put)
TAP_ROW(put_ends)
TAP_ROW(put_errors)
TAP_ROW(there_and_back)
TAP_END
