/* codec_anthropic_read_test.c - requests of the Messages API as they are. */
#include "codec_rig.h"

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"

static struct ir_req *
read_it(struct rig *r, const char *body)
{
	return rig_read(r, &codec_anthropic, DIALECT_ANTHROPIC, body);
}

/* What is read of members beside the model and one message. */
static const char *
read_with(struct rig *r, const char *members)
{
	const char *s = rig_req(r, read_it(r, arena_printf(r->a,
	    "{\"model\":\"m\"," HI "%s%s}", *members ? "," : "", members)));

	/* Without the lines that are always there. */
	return strncmp(s, "model m\nuser\n text \"hi\"\n", 24) == 0 ? s + 24 :
	    s;
}

/* --- reading ------------------------------------------------------------- */

static const struct {
	const char	*in, *lines;
} members[] = {
	{ "", "" },
	{ "\"max_tokens\":64", "max_output 64\n" },
	{ "\"stream\":true,\"temperature\":0.50,\"top_p\":1,"
	    "\"top_k\":5", "temperature 0.50\ntop_p 1\ntop_k 5\n" },
	{ "\"stop_sequences\":[\"a\",\"\\n\"]",
	    "stop \"a\"\nstop \"\\n\"\n" },
	{ "\"stop_sequences\":[],\"system\":null", "" },
	{ "\"metadata\":{\"user_id\":\"u\"}", "user u\n" },
	{ "\"metadata\":{\"user_id\":\"u\",\"x\":1}",
	    "user u\nextra metadata.x 1\n" },
	{ "\"service_tier\":\"auto\"", "service_tier auto\n" },
	{ "\"speed\":\"fast\"", "extra speed \"fast\"\n" },
	{ "\"mcp_servers\":[1]", "extra must mcp_servers [1]\n" },
	{ "\"context_management\":{\"edits\":[{\"type\":"
	    "\"clear_thinking_20251015\"}]}", "extra "
	    "context_management {\"edits\":[{\"type\":"
	    "\"clear_thinking_20251015\"}]}\n" },
	{ "\"context_management\":{\"edits\":[{\"type\":\"compact\"}]}",
	    "extra must context_management "
	    "{\"edits\":[{\"type\":\"compact\"}]}\n" },
	{ "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}",
	    "think budget\nbudget 2000\nshow_thoughts 1\n" },
	{ "\"thinking\":{\"type\":\"adaptive\",\"display\":"
	    "\"omitted\"},\"output_config\":{\"effort\":\"max\"}",
	    "think adaptive\neffort max\nshow_thoughts 0\n" },
	{ "\"thinking\":{\"type\":\"adaptive\",\"display\":"
	    "\"updates\"}", "think adaptive\nshow_thoughts 1\n" },
	{ "\"thinking\":{\"type\":\"between_tools\"}",
	    "think adaptive\n" },
	{ "\"thinking\":{\"type\":\"disabled\"}", "think off\n" },
	{ "\"output_config\":{\"effort\":\"low\"}",
	    "think effort\neffort low\n" },
	{ "\"output_config\":{\"format\":{\"type\":\"json_schema\","
	    "\"schema\":{\"a\": 1}}}",
	    "format json_schema\nschema {\"a\": 1}\n" },
	{ "\"output_format\":{\"type\":\"json_schema\","
	    "\"schema\":{}}", "format json_schema\nschema {}\n" },
	{ "\"tool_choice\":{\"type\":\"auto\","
	    "\"disable_parallel_tool_use\":true}",
	    "choice auto\nparallel 0\n" },
	{ "\"tool_choice\":{\"type\":\"any\","
	    "\"disable_parallel_tool_use\":false}",
	    "choice required\nparallel 1\n" },
	{ "\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}",
	    "choice required\nallowed \"f\"\n" },
	{ "\"tool_choice\":{\"type\":\"none\"}", "choice none\n" },
	{ "\"tools\":[{\"name\":\"f\",\"description\":\"d\","
	    "\"input_schema\":{\"type\": \"object\"},\"strict\":true,"
	    "\"cache_control\":{\"type\":\"ephemeral\"}},"
	    "{\"type\":\"custom\",\"name\":\"g\",\"input_schema\":{},"
	    "\"defer_loading\":true},"
	    "{\"type\":\"web_search_20260318\","
	    "\"name\":\"web_search\"}]",
	    "tool function name=f strict=1 schema={\"type\": "
	    "\"object\"} cache={\"type\":\"ephemeral\"} \"d\"\n"
	    "tool function name=g schema={}\n"
	    "tool builtin from=anthropic name=web_search raw="
	    "{\"type\":\"web_search_20260318\","
	    "\"name\":\"web_search\"}\n"
	    "extra tools.defer_loading true\n" },
};

TEST(read_members)
{
	const char *got;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		rig_new(&r);
		got = read_with(&r, members[i].in);
		if (strncmp(got, "model m\nstream\n", 15) == 0)
			got += 15 + 16;
		EQ_STR(got, members[i].lines);
		rig_free(&r);
	}
}

static const struct {
	const char	*in, *refusal;
} refusals[] = {
	{ "[]", "! body: body: must be a JSON object" },
	{ "{" HI "}", "! model: model: is required" },
	{ "{\"model\":1," HI "}", "! model: model: must be a string" },
	{ "{\"model\":\"m\"}", "! messages: messages: is required" },
	{ "{\"model\":\"m\",\"messages\":{}}",
	    "! messages: messages: must be an array" },
	{ "{\"model\":\"m\",\"messages\":[1]}",
	    "! messages[0]: messages[0]: must be an object" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"tool\"}]}",
	    "! messages[0].role: messages[0].role: "
	    "must be user, assistant or system" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":7}]}", "! messages[0].content: "
	    "messages[0].content: must be a string or an array" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"text\"}]}]}",
	    "! messages[0].content[0].text: "
	    "messages[0].content[0].text: is required" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"tool_use\"}]}]}",
	    "! messages[0].content[0].type: "
	    "messages[0].content[0].type: may not stand here" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
	    "\"a\",\"content\":[{\"type\":\"text\",\"text\":1}]}]}]}",
	    "! messages[0].content[0].content[0].text: "
	    "messages[0].content[0].content[0].text: "
	    "must be a string" },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"image\",\"source\":"
	    "{\"type\":\"x\"}}]}]}", NULL },
	{ "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\","
	    "\"content\":[{\"type\":\"tool_use\",\"id\":\"a\","
	    "\"name\":\"f\",\"input\":\"{}\"}]}]}",
	    "! messages[0].content[0].input: "
	    "messages[0].content[0].input: must be an object" },
	{ "{\"model\":\"m\",\"system\":[{\"type\":\"image\"}]," HI "}",
	    "! system[0].type: system[0].type: may not stand here" },
	{ "{\"model\":\"m\",\"system\":[{\"type\":\"x\"}]," HI "}",
	    "! system[0].type: system[0].type: must be text" },
	{ "{\"model\":\"m\",\"max_tokens\":0," HI "}", NULL },
	{ "{\"model\":\"m\",\"max_tokens\":\"1\"," HI "}", NULL },
	{ "{\"model\":\"m\",\"stream\":1," HI "}",
	    "! stream: stream: must be true or false" },
	{ "{\"model\":\"m\",\"temperature\":\"1\"," HI "}",
	    "! temperature: temperature: must be a number" },
	{ "{\"model\":\"m\",\"stop_sequences\":\"a\"," HI "}", NULL },
	{ "{\"model\":\"m\",\"stop_sequences\":[1]," HI "}", NULL },
	{ "{\"model\":\"m\",\"tools\":[{\"name\":\"f\"}]," HI "}",
	    "! tools[0].input_schema: tools[0].input_schema: "
	    "is required" },
	{ "{\"model\":\"m\",\"tools\":{}," HI "}", NULL },
	{ "{\"model\":\"m\",\"tool_choice\":\"auto\"," HI "}", NULL },
	{ "{\"model\":\"m\",\"tool_choice\":{\"type\":\"tool\"}," HI
	    "}", "! tool_choice.name: tool_choice.name: is required" },
	{ "{\"model\":\"m\",\"thinking\":{\"type\":\"enabled\","
	    "\"budget_tokens\":1000}," HI "}", NULL },
	{ "{\"model\":\"m\",\"thinking\":true," HI "}", NULL },
	{ "{\"model\":\"m\",\"metadata\":{\"user_id\":1}," HI "}",
	    NULL },
	{ "{\"model\":\"m\",\"output_config\":{\"format\":"
	    "{\"type\":\"text\"}}," HI "}", NULL },
};

TEST(read_refusals)
{
	const char *got;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		rig_new(&r);
		got = rig_req(&r, read_it(&r, refusals[i].in));
		if (refusals[i].refusal != NULL)
			EQ_STR(got, refusals[i].refusal);
		OK(*got == '!');
		rig_free(&r);
	}
}

TEST(read_messages)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_req(&r, read_it(&r, "{\"model\":\"m\",\"system\":["
	    "{\"type\":\"text\",\"text\":\"s1\",\"cache_control\":{\"a\":1}},"
	    "{\"type\":\"text\",\"text\":\"s2\"}],\"messages\":["
	    "{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":"
	    "{\"type\":\"base64\",\"media_type\":\"image/png\","
	    "\"data\":\"iVBO\\nRw==\"}},{\"type\":\"image\",\"source\":"
	    "{\"type\":\"file\",\"file_id\":\"f1\"}},"
	    "{\"type\":\"document\",\"title\":\"T\",\"source\":{\"type\":"
	    "\"text\",\"media_type\":\"text/plain\",\"data\":\"doc\"},"
	    "\"citations\":{\"enabled\":true}},"
	    "{\"type\":\"search_result\",\"x\":1}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":\"t\",\"signature\":\"c2ln\"},"
	    "{\"type\":\"redacted_thinking\",\"data\":\"ZGF0\"},"
	    "{\"type\":\"text\",\"text\":\"a\",\"citations\":[]},"
	    "{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\","
	    "\"input\":{\"n\": 1.0},\"caller\":{\"type\":\"direct\"}},"
	    "{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"g\","
	    "\"input\":{}}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"c1\",\"content\":\"r1\"},"
	    "{\"type\":\"tool_result\",\"tool_use_id\":\"c2\",\"is_error\":"
	    "true,\"content\":[{\"type\":\"text\",\"text\":\"no\"},"
	    "{\"type\":\"image\",\"source\":{\"type\":\"url\","
	    "\"url\":\"https://x/y\"}}]},"
	    "{\"type\":\"text\",\"text\":\"go on\",\"extra\":1}]},"
	    "{\"role\":\"system\",\"content\":\"be brief\"}]}")),
	    "model m\n"
	    "system\n text cache={\"a\":1} \"s1\"\n"
	    "system\n text \"s2\"\n"
	    "user\n image mime=image/png base64=iVBORw==\n"
	    " image from=anthropic file_id=f1\n"
	    " file mime=text/plain text=\"doc\" title=T citations={\"enabled\":true}\n"
	    " opaque from=anthropic raw={\"type\":\"search_result\",\"x\":1}\n"
	    "assistant\n"
	    " thinking from=anthropic signature=c2ln \"t\"\n"
	    " thinking from=anthropic redacted signature=ZGF0\n"
	    " text \"a\"\n"
	    " call id=c1 name=f \"{\\\"n\\\": 1.0}\"\n"
	    " call id=c2 name=g \"{}\"\n"
	    "tool\n"
	    " result id=c1 name=f\n  text \"r1\"\n"
	    " result id=c2 name=g error\n  text \"no\"\n"
	    "  image url=https://x/y\n"
	    "user\n text \"go on\"\n"
	    "system\n text \"be brief\"\n"
	    "extra messages.content.extra 1\n");
	rig_free(&r);
}

TEST(read_sealed)
{
	struct rig r;

	/* What a client was given of other providers goes back to them. */
	rig_new(&r);
	EQ_STR(rig_req(&r, read_it(&r, "{\"model\":\"m\",\"messages\":["
	    "{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":\"t\",\"signature\":\"gw1.gemini.c2ln\"},"
	    "{\"type\":\"tool_use\",\"id\":\"c0\",\"name\":\"f\","
	    "\"input\":{}},{\"type\":\"redacted_thinking\","
	    "\"data\":\"gw1.gemini.Y2FsbDpjMDpjMmxu\"},"
	    "{\"type\":\"redacted_thinking\",\"data\":\"gw1.openai.eA==\"}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"c0\"}]}]}")),
	    "model m\n"
	    "user\n text \"q\"\n"
	    "assistant\n"
	    " thinking from=gemini signature=sig \"t\"\n"
	    " call from=gemini id=c0 name=f signature=c2ln \"{}\"\n"
	    " thinking from=openai redacted signature=x\n"
	    "tool\n result id=c0 name=f\n");
	rig_free(&r);
}

TEST(read_bounds)
{
	struct ir_extra *e;
	struct ir_req *q;
	struct rig r;
	struct buf b;
	unsigned n = 0;
	int i;

	/* A block more than the API takes; members that nobody knows. */
	rig_new(&r);
	buf_init(&b, 4u << 20);
	EQ_INT(buf_adds(&b, STR("{\"model\":\"m\",\"messages\":[{\"role\":"
	    "\"user\",\"content\":[")), 0);
	for (i = 0; i <= 100000; i++)
		EQ_INT(buf_printf(&b, "%s{\"type\":\"x\"}", i ? "," : ""), 0);
	EQ_INT(buf_adds(&b, STR("]}]}")), 0);
	EQ_INT(buf_addc(&b, '\0'), 0);
	EQ_STR(rig_req(&r, read_it(&r, buf_ptr(&b))),
	    "! messages[0].content[100000]: messages[0].content[100000]: is "
	    "one block too many: at most 100000");
	buf_reset(&b);
	EQ_INT(buf_adds(&b, STR("{\"model\":\"m\"," HI)), 0);
	for (i = 0; i < 500; i++)
		EQ_INT(buf_printf(&b, ",\"x%d\":1,\"y\":2", i), 0);
	EQ_INT(buf_add(&b, "}", 2), 0);
	q = read_it(&r, buf_ptr(&b));
	for (e = q->extra; e != NULL; e = e->next)
		n++;
	EQ_INT(n, 65);
	EQ_STR(q->last_extra->name, "others");
	buf_free(&b);
	rig_free(&r);
}

/* Not cut, maybe inside of an escape, but left out. */
TEST(long_name)
{
	static const char body[] = "{\"model\":\"m\",\"max_tokens\":9,"
	    "\"messages\":[{\"role\":\"user\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"q\"}]}]";
	struct ir_req *q;
	struct rig r;
	char text[512];

	rig_new(&r);
	snprintf(text, sizeof(text), "%s,\"%063d\\\\\":1}", body, 0);
	q = read_it(&r, text);
	OK(q != NULL && q->extra != NULL);
	EQ_STR(q->extra->name, "others");
	r.target.model = q->model;
	snprintf(text, sizeof(text), "%s}", body);
	EQ_STR(rig_write(&r, &codec_anthropic, q), text);
	rig_free(&r);
}

/* --- writing one's own --------------------------------------------------- */

TEST(own_round_trip)
{
	static const char *const bodies[] = {
		"{\"model\":\"claude-opus-4-8\",\"max_tokens\":64000,"
		    "\"stream\":true,\"thinking\":{\"type\":\"adaptive\","
		    "\"display\":\"summarized\"},\"output_config\":"
		    "{\"effort\":\"xhigh\"},\"stop_sequences\":[\"a\"],"
		    "\"tools\":[{\"name\":\"f\",\"input_schema\":"
		    "{\"type\":\"object\"},\"input_examples\":[{}]}],"
		    "\"tool_choice\":{\"type\":\"auto\","
		    "\"disable_parallel_tool_use\":true},"
		    "\"system\":[{\"type\":\"text\",\"text\":\"s\","
		    "\"cache_control\":{\"type\":\"ephemeral\","
		    "\"ttl\":\"1h\"}}],"
		    "\"messages\":[{\"role\":\"user\",\"content\":["
		    "{\"type\":\"text\",\"text\":\"q\"}]},"
		    "{\"role\":\"assistant\",\"content\":["
		    "{\"type\":\"thinking\",\"thinking\":\"\","
		    "\"signature\":\"c2ln\"},{\"type\":\"redacted_thinking\","
		    "\"data\":\"ZA==\"},{\"type\":\"server_tool_use\","
		    "\"id\":\"s\"},{\"type\":\"tool_use\",\"id\":\"c\","
		    "\"name\":\"f\",\"input\":{\"a\": 1.0}}]},"
		    "{\"role\":\"user\",\"content\":["
		    "{\"type\":\"tool_result\",\"tool_use_id\":\"c\","
		    "\"content\":\"r\",\"is_error\":true},"
		    "{\"type\":\"text\",\"text\":\"and\"}]},"
		    "{\"role\":\"system\",\"content\":["
		    "{\"type\":\"text\",\"text\":\"mid\"}]}],"
		    "\"service_tier\":\"auto\","
		    "\"metadata\":{\"user_id\":\"u\"},\"speed\":\"fast\"}",
		"{\"model\":\"claude-haiku-4-5\",\"max_tokens\":4096,"
		    "\"thinking\":{\"type\":\"enabled\","
		    "\"budget_tokens\":4000},\"messages\":["
		    "{\"role\":\"user\",\"content\":[{\"type\":\"document\","
		    "\"source\":{\"type\":\"text\",\"media_type\":"
		    "\"text/plain\",\"data\":\"d\"},\"title\":\"t\","
		    "\"citations\":{\"enabled\":true}},"
		    "{\"type\":\"document\",\"context\":\"c\",\"source\":"
		    "{\"type\":\"url\",\"url\":\"https://x/y.pdf\"}},"
		    "{\"type\":\"image\",\"source\":{\"type\":\"base64\","
		    "\"media_type\":\"image/gif\",\"data\":\"R0lGODlh\"}}"
		    "]}]}",
	};
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		rig_new(&r);
		q = read_it(&r, bodies[i]);
		OK(q != NULL);
		r.target.model = q->model;
		EQ_STR(rig_write(&r, &codec_anthropic, q), bodies[i]);
		EQ_STR(ir_dropped(&r.note), "");
		rig_free(&r);
	}
}

TEST(recorded)
{
	static const char *const names[] = { "json-cache-read",
	    "json-cache-write", "json-image-url",
	    "json-parallel-tool-results", "json-parallel-tools", "json-text",
	    "json-thinking-tool", "json-thinking-tool-result",
	    "stream-after-tool-result", "stream-parallel-tools-noargs",
	    "stream-redacted-thinking", "stream-stop-sequence-prefill",
	    "stream-structured-output", "stream-text", "stream-thinking",
	    "stream-tool-call" };
	const char *was, *body;
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		rig_new(&r);
		q = read_it(&r, rig_file(&r, arena_printf(r.a,
		    "anthropic/%s.request.json", names[i])).p);
		was = rig_req(&r, q);
		OK(*was != '!');
		r.target.model = q->model;
		body = rig_write(&r, &codec_anthropic, q);
		OK(*body != '!');
		EQ_STR(ir_dropped(&r.note), "");
		EQ_STR(rig_req(&r, read_it(&r, body)), was);
		rig_free(&r);
	}
}

TAP_BEGIN
TAP_ROW(read_members)
TAP_ROW(read_refusals)
TAP_ROW(read_messages)
TAP_ROW(read_sealed)
TAP_ROW(read_bounds)
TAP_ROW(long_name)
TAP_ROW(own_round_trip)
TAP_ROW(recorded)
TAP_END
