/* codec_responses_test.c - requests of the Responses API, read and written. */
#include <stdlib.h>

#include "base/err.h"
#include "codec_rig.h"

static struct rig r;

static struct ir_req *
take(const char *body)
{
	struct ir_req *q = rig_read(&r, &codec_responses, DIALECT_OPENAI,
	    body);

	if (q == NULL)
		tap_fail(__FILE__, __LINE__, "refused: %s", r.note.message);
	return q;
}

static const char *
reading(const char *body)
{
	return rig_req(&r, rig_read(&r, &codec_responses, DIALECT_OPENAI,
	    body));
}

static const char *
writing(struct ir_req *q)
{
	return rig_write(&r, &codec_responses, q);
}

/* Read and write again for a provider of the same API. */
static const char *
again(const char *body)
{
	return writing(take(body));
}

/* As if it had come from another dialect. */
static struct ir_req *
foreign(const char *body, enum conf_dialect from)
{
	struct ir_req *q = take(body);

	q->responses = 0;
	q->from = from;
	return q;
}

#define DROPPED(s)	EQ_STR(ir_dropped(&r.note), s)

/* --- reading ------------------------------------------------------------- */

TEST(settings)
{
	rig_new(&r);
	EQ_STR(reading("{\"model\":\"gpt-5\",\"instructions\":\"Be brief.\","
	    "\"input\":\"Hi\",\"max_output_tokens\":100,\"temperature\":0.50,"
	    "\"top_p\":1.0,\"top_logprobs\":3,\"stream\":true,\"store\":true,"
	    "\"parallel_tool_calls\":false,\"previous_response_id\":\"resp_1\","
	    "\"reasoning\":{\"effort\":\"high\",\"summary\":\"auto\"},"
	    "\"text\":{\"format\":{\"type\":\"json_object\"},\"verbosity\":"
	    "\"low\"},\"include\":[\"reasoning.encrypted_content\"],"
	    "\"user\":\"a\",\"safety_identifier\":\"b\",\"service_tier\":"
	    "\"flex\",\"prompt_cache_key\":\"k\",\"metadata\":{\"x\":\"1\"},"
	    "\"stream_options\":{\"include_obfuscation\":false},"
	    "\"truncation\":\"disabled\",\"background\":false,"
	    "\"tool_choice\":null,\"odd\":[1]}"),
	    "model gpt-5\nstream\nsystem\n text \"Be brief.\"\nuser\n"
	    " text \"Hi\"\nparallel 0\nthink effort\neffort high\n"
	    "show_thoughts 1\nencrypted 1\nformat json_object\n"
	    "max_output 100\ntemperature 0.50\ntop_p 1.0\nlogprobs 1\n"
	    "top_logprobs 3\nuser b\nservice_tier flex\nverbosity low\n"
	    "cache_key k\nmetadata {\"x\":\"1\"}\nprevious_id resp_1\n"
	    "store 1\nextra odd [1]\n");
	EQ_STR(reading("{\"input\":\"x\",\"reasoning\":{\"effort\":\"none\","
	    "\"mode\":\"pro\"},\"include\":[\"file_search_call.results\"],"
	    "\"truncation\":\"auto\",\"background\":true,\"conversation\":"
	    "{\"id\":\"c\"},\"moderation\":{},\"metadata\":{}}"),
	    "user\n text \"x\"\nthink off\neffort none\n"
	    "extra include [\"file_search_call.results\"]\n"
	    "extra reasoning.mode \"pro\"\nextra must background true\n"
	    "extra must truncation \"auto\"\n"
	    "extra must conversation {\"id\":\"c\"}\n"
	    "extra must moderation {}\n");
	rig_free(&r);
}

/* Tools of a namespace are tools with two names, in calls too. */
TEST(namespaces)
{
	static const char body[] = "{\"input\":[{\"type\":\"message\","
	    "\"role\":\"user\",\"content\":\"x\"},{\"type\":"
	    "\"function_call\",\"call_id\":\"1\",\"namespace\":\"ns\","
	    "\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":"
	    "\"function_call_output\",\"call_id\":\"1\",\"output\":"
	    "\"y\"}],\"tools\":[{\"type\":\"namespace\",\"name\":\"ns\","
	    "\"description\":\"d\",\"tools\":[{\"type\":\"function\","
	    "\"name\":\"f\",\"parameters\":{}}]}],\"tool_choice\":{"
	    "\"type\":\"function\",\"namespace\":\"ns\",\"name\":"
	    "\"f\"}}";

	rig_new(&r);
	EQ_STR(reading(body), "user\n text \"x\"\nassistant\n call id=1 "
	    "name=ns__f \"{}\"\ntool\n result id=1 name=ns__f\n  text "
	    "\"y\"\ntool function name=ns__f schema={}\nchoice required\n"
	    "allowed \"ns__f\"\nextra tools.description \"d\"\n");
	(void)reading("{\"input\":\"x\",\"tools\":[{\"type\":\"namespace\"}]}");
	EQ_STR(r.note.param, "tools[].tools");
	rig_free(&r);
}

TEST(tools)
{
	rig_new(&r);
	EQ_STR(reading("{\"input\":\"x\",\"tools\":[{\"type\":\"function\","
	    "\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":"
	    "\"object\"},\"strict\":true},{\"type\":\"custom\",\"name\":"
	    "\"patch\",\"format\":{\"type\":\"text\"}},{\"type\":"
	    "\"web_search\",\"search_context_size\":\"low\"}],"
	    "\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}}"),
	    "user\n text \"x\"\ntool function name=f strict=1 "
	    "schema={\"type\":\"object\"} \"d\"\ntool custom name=patch "
	    "format={\"type\":\"text\"}\ntool builtin from=openai "
	    "name=web_search raw={\"type\":\"web_search\","
	    "\"search_context_size\":\"low\"}\nchoice required\n"
	    "allowed \"f\"\n");
	EQ_STR(reading("{\"input\":\"x\",\"tools\":[{\"type\":\"function\","
	    "\"name\":\"f\",\"parameters\":null},{\"type\":\"function\","
	    "\"name\":\"g\"}],\"tool_choice\":{\"type\":\"allowed_tools\","
	    "\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":"
	    "\"g\"},{\"type\":\"function\",\"name\":\"f\"}]}}"),
	    "user\n text \"x\"\ntool function name=f\ntool function name=g\n"
	    "choice auto\nallowed \"g\"\nallowed \"f\"\n");
	EQ_STR(reading("{\"input\":\"x\",\"tool_choice\":\"none\",\"text\":{"
	    "\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":"
	    "{\"a\": 1},\"strict\":false,\"description\":\"d\"}}}"),
	    "user\n text \"x\"\nchoice none\nformat json_schema\n"
	    "schema_name n\nschema_description d\nschema {\"a\": 1}\n"
	    "schema_strict 0\n");
	rig_free(&r);
}

TEST(messages)
{
	rig_new(&r);
	EQ_STR(reading("{\"input\":[{\"role\":\"developer\",\"content\":\"s\"},"
	    "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":"
	    "\"input_text\",\"text\":\"a\",\"prompt_cache_breakpoint\":"
	    "{\"mode\":\"explicit\"}},{\"type\":\"input_image\",\"image_url\":"
	    "\"data:image/jpg;base64,iVBO Rw0KGgo=\",\"detail\":\"low\"},"
	    "{\"type\":\"input_image\",\"image_url\":\"https://x/y\"},"
	    "{\"type\":\"input_image\",\"file_id\":\"file-1\"},{\"type\":"
	    "\"input_file\",\"filename\":\"a.pdf\",\"file_data\":\"JVBERi0=\""
	    "},{\"type\":\"input_file\",\"file_url\":\"https://x/z\"},"
	    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\","
	    "\"format\":\"wav\"}}]},{\"role\":\"assistant\",\"id\":\"msg_1\","
	    "\"content\":[{\"type\":\"output_text\",\"text\":\"b\","
	    "\"annotations\":[]},{\"type\":\"refusal\",\"refusal\":\"no\"}],"
	    "\"phase\":\"commentary\"},{\"role\":\"assistant\",\"content\":"
	    "\"c\"}]}"),
	    "developer\n text \"s\"\nuser\n text cache={\"type\":"
	    "\"ephemeral\"} \"a\"\n image mime=image/png base64=iVBORw0KGgo= "
	    "detail=low\n image url=https://x/y\n image from=openai "
	    "file_id=file-1\n file mime=application/pdf base64=JVBERi0= "
	    "filename=a.pdf\n file url=https://x/z\n audio mime=audio/wav "
	    "base64=AAAA\nassistant\n text item=msg_1 \"b\"\n refusal \"no\"\n"
	    "assistant\n text \"c\"\nextra phase \n");
	rig_free(&r);
}

static const char history[] = "{\"input\":[{\"role\":\"user\",\"content\":"
    "\"q\"},{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":"
    "\"summary_text\",\"text\":\"one\"},{\"type\":\"summary_text\",\"text\":"
    "\"two\"}],\"encrypted_content\":\"E\"},{\"type\":\"message\",\"role\":"
    "\"assistant\",\"content\":\"t\"},{\"type\":\"function_call\",\"id\":"
    "\"fc_1\",\"call_id\":\"c1\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":"
    "1.0}\",\"status\":\"completed\"},{\"type\":\"custom_tool_call\","
    "\"call_id\":\"c2\",\"name\":\"p\",\"input\":\"*** x\"},{\"type\":"
    "\"function_call_output\",\"call_id\":\"c1\",\"output\":\"r\"},{\"type\":"
    "\"custom_tool_call_output\",\"call_id\":\"c2\",\"output\":[{\"type\":"
    "\"input_text\",\"text\":\"s\"},{\"type\":\"input_image\",\"image_url\":"
    "\"https://x/y\"}]},{\"role\":\"user\",\"content\":\"go on\"}]}";

TEST(turns)
{
	rig_new(&r);
	EQ_STR(reading(history),
	    "user\n text \"q\"\nassistant\n thinking from=openai item=rs_1 "
	    "signature=E \"one\\n\\ntwo\"\n text \"t\"\n call id=c1 name=f "
	    "item=fc_1 \"{\\\"a\\\":1.0}\"\n call id=c2 name=p custom "
	    "\"*** x\"\ntool\n result id=c1 name=f\n  text \"r\"\n result "
	    "id=c2 name=p custom\n  text \"s\"\n  image url=https://x/y\n"
	    "user\n text \"go on\"\n");
	EQ_STR(reading("{\"input\":[{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"type\":\"item_reference\",\"id\":\"x\"}]}"),
	    "user\n text \"q\"\nassistant\n opaque from=openai raw={\"type\":"
	    "\"item_reference\",\"id\":\"x\"}\n"
	    "extra must input[1].type \n");
	rig_free(&r);
}

/* Reasoning of others comes back as it was given: sealed. */
TEST(sealed)
{
	struct str a, b, c;
	const char *body;

	rig_new(&r);
	a = codec_seal(r.a, DIALECT_ANTHROPIC, STR("sig"));
	b = codec_seal(r.a, DIALECT_ANTHROPIC, STR("redacted:data"));
	c = codec_seal(r.a, DIALECT_GEMINI, STR("call:a:0:thought"));
	body = arena_printf(r.a, "{\"input\":[{\"role\":\"user\",\"content\":"
	    "\"q\"},{\"type\":\"reasoning\",\"summary\":[{\"type\":"
	    "\"summary_text\",\"text\":\"hm\"}],\"encrypted_content\":\"%s\"},"
	    "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":"
	    "\"%s\"},{\"type\":\"reasoning\",\"summary\":[],"
	    "\"encrypted_content\":\"%s\"},{\"type\":\"function_call\","
	    "\"call_id\":\"a:0\",\"name\":\"f\",\"arguments\":\"{}\"},"
	    "{\"type\":\"function_call_output\",\"call_id\":\"a:0\","
	    "\"output\":\"\"}]}", a.p, b.p, c.p);
	EQ_STR(reading(body), "user\n text \"q\"\nassistant\n thinking "
	    "from=anthropic signature=sig \"hm\"\n thinking from=anthropic "
	    "redacted signature=data\n call from=gemini id=a:0 name=f "
	    "signature=thought \"{}\"\ntool\n result id=a:0 name=f\n"
	    "  text \"\"\n");
	/* OpenAI is not given any of it. */
	EQ_STR(again(body), "{\"model\":\"up\",\"input\":[{\"role\":\"user\","
	    "\"content\":\"q\"},{\"type\":\"function_call\",\"call_id\":"
	    "\"a:0\",\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":"
	    "\"function_call_output\",\"call_id\":\"a:0\",\"output\":\"\"}]}");
	DROPPED("reasoning");
	rig_free(&r);
}

TEST(refused)
{
	static const char *const rows[][2] = {
		{ "[]", "! body: the body must be an object" },
		{ "{}", "! input: input must be a string or an array of items"
		},
		{ "{\"input\":5}", "! input: input must be a string or an "
		    "array of items" },
		{ "{\"model\":1,\"input\":\"x\"}", "! model: model must be a "
		    "string" },
		{ "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":"
		    "\"input_text\",\"text\":7}]}]}", "! input[0].content[0]"
		    ".text: input[0].content[0].text must be a string" },
		{ "{\"input\":[{\"role\":\"user\",\"content\":{}}]}",
		    "! input[0].content: input[0].content must be a string or "
		    "an array of parts" },
		{ "{\"input\":[{\"role\":\"king\",\"content\":\"\"}]}",
		    "! input[0].role: input[0].role must be user, assistant, "
		    "system or developer" },
		{ "{\"input\":[7]}", "! input[0].type: input[0].type must be "
		    "in an object: each item is one" },
		{ "{\"input\":[{\"type\":\"function_call\",\"name\":\"f\","
		    "\"arguments\":\"\"}]}", "! input[0].call_id: "
		    "input[0].call_id must be a string" },
		{ "{\"input\":[{\"type\":\"function_call_output\","
		    "\"call_id\":\"c\",\"output\":{}}]}", "! input[0].output: "
		    "input[0].output must be a string or an array of parts" },
		{ "{\"input\":\"x\",\"max_output_tokens\":0}",
		    "! max_output_tokens: max_output_tokens must be a "
		    "positive integer" },
		{ "{\"input\":\"x\",\"temperature\":\"1\"}",
		    "! temperature: temperature must be a number" },
		{ "{\"input\":\"x\",\"stream\":1}", "! stream: stream must be "
		    "true or false" },
		{ "{\"input\":\"x\",\"tools\":{}}", "! tools: tools must be "
		    "an array of tools" },
		{ "{\"input\":\"x\",\"tools\":[{\"type\":\"function\"}]}",
		    "! tools[].name: tools[].name must be a string" },
		{ "{\"input\":\"x\",\"tool_choice\":{\"type\":\"function\","
		    "\"name\":\"f\"}}", "! tool_choice: tool_choice names "
		    "\"f\", which is not in tools" },
		{ "{\"input\":\"x\",\"text\":{\"format\":{\"type\":\"xml\"}}}",
		    "! text.format.type: text.format.type must be text, "
		    "json_object or json_schema" },
		{ "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":"
		    "\"input_image\",\"image_url\":\"data:image/png;base64,"
		    "%%\"}]}]}", "! input[0].content[0].image_url: "
		    "input[0].content[0].image_url must be an http or https "
		    "URL (gs for Gemini), or data:TYPE;base64, and base64 "
		    "text" },
	};
	size_t i;

	rig_new(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_STR(reading(rows[i][0]), rows[i][1]);
	rig_free(&r);
}

/* --- writing ------------------------------------------------------------- */

TEST(same_api)
{
	static const char text[] = "{\"model\":\"up\",\"instructions\":\"i\","
	    "\"input\":[{\"role\":\"developer\",\"content\":\"d\"},{\"role\":"
	    "\"user\",\"content\":\"q\"}],\"tools\":[{\"type\":\"function\","
	    "\"name\":\"f\",\"parameters\":{\"type\":\"object\"},\"strict\":"
	    "null},{\"type\":\"web_search\"}],\"tool_choice\":{\"type\":"
	    "\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":"
	    "\"function\",\"name\":\"f\"},{\"type\":\"web_search\"}]},"
	    "\"parallel_tool_calls\":true,\"max_output_tokens\":16,"
	    "\"temperature\":1.00,\"include\":[\"reasoning.encrypted_content\""
	    ",\"a.b\"],\"text\":{\"format\":{\"type\":\"json_schema\","
	    "\"name\":\"n\",\"schema\":{},\"strict\":true},\"verbosity\":"
	    "\"low\"},\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\","
	    "\"mode\":\"pro\"},\"stream\":true,\"store\":false,"
	    "\"safety_identifier\":\"u\",\"metadata\":{\"a\":\"b\"},"
	    "\"service_tier\":\"priority\",\"background\":true}";

	rig_new(&r);
	EQ_STR(again(text), text);
	DROPPED("");
	/* Encrypted content holds for one id only, which it brought along. */
	OK(strstr(again("{\"model\":\"m\",\"input\":[{\"type\":\"reasoning\","
	    "\"id\":\"rs_a\",\"summary\":[],\"encrypted_content\":\"rs_b:E\"},"
	    "{\"role\":\"assistant\",\"content\":\"t\"}]}"), "\"id\":\"rs_b\","
	    "\"summary\":[],\"encrypted_content\":\"E\"}") != NULL);
	EQ_STR(again(history), "{\"model\":\"up\",\"input\":[{\"role\":"
	    "\"user\",\"content\":\"q\"},{\"type\":\"reasoning\",\"id\":"
	    "\"rs_1\",\"summary\":[{\"type\":\"summary_text\",\"text\":"
	    "\"one\\n\\ntwo\"}],\"encrypted_content\":\"E\"},{\"role\":"
	    "\"assistant\",\"content\":\"t\"},{\"type\":\"function_call\","
	    "\"id\":\"fc_1\",\"call_id\":\"c1\",\"name\":\"f\",\"arguments\":"
	    "\"{\\\"a\\\":1.0}\"},{\"type\":\"custom_tool_call\",\"call_id\":"
	    "\"c2\",\"name\":\"p\",\"input\":\"*** x\"},{\"type\":"
	    "\"function_call_output\",\"call_id\":\"c1\",\"output\":\"r\"},"
	    "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c2\","
	    "\"output\":[{\"type\":\"input_text\",\"text\":\"s\"},{\"type\":"
	    "\"input_image\",\"detail\":\"auto\",\"image_url\":"
	    "\"https://x/y\"}]},{\"role\":\"user\",\"content\":\"go on\"}]}");
	rig_free(&r);
}

/* What was read, written and read again is the same. */
TEST(round_trip)
{
	static const char *const names[] = { "json-text", "json-schema",
		"json-parallel-tools", "json-reasoning-replay",
		"json-reasoning-two-tools", "json-cache-write",
		"json-previous-response-id", "json-image-url", "stream-text",
		"stream-tool-call-2026", "stream-reasoning-tool",
		"stream-reasoning-text" };
	struct ir_req *q;
	const char *was;
	size_t i;

	rig_new(&r);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		q = take(rig_file(&r, arena_printf(r.a,
		    "openai-responses/%s.request.json", names[i])).p);
		r.target.model = q->model;
		was = rig_req(&r, q);
		EQ_STR(reading(writing(q)), was);
	}
	rig_free(&r);
}

TEST(foreign_words)
{
	struct ir_req *q;

	rig_new(&r);
	q = foreign("{\"instructions\":\"s\",\"input\":\"x\",\"tools\":["
	    "{\"type\":\"function\",\"name\":\"a.b\"}],"
	    "\"max_output_tokens\":5,\"service_tier\":\"standard_only\"}",
	    DIALECT_ANTHROPIC);
	q->think = IR_BUDGET;
	q->budget = 5000;
	r.target.model = STR("gpt-5");
	EQ_STR(writing(q), "{\"model\":\"gpt-5\",\"instructions\":\"s\","
	    "\"input\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":["
	    "{\"type\":\"function\",\"name\":\"a_b_4ce83a4e\",\"parameters\":"
	    "{\"type\":\"object\",\"properties\":{}},\"strict\":false}],"
	    "\"max_output_tokens\":16,\"include\":["
	    "\"reasoning.encrypted_content\"],\"reasoning\":{\"effort\":"
	    "\"medium\"},\"store\":false,\"service_tier\":\"default\"}");
	DROPPED("tools,max_tokens,thinking.budget_tokens,service_tier");
	/* One that cannot think is not told to. */
	r.target.model = STR("gpt-4o");
	q->tools = NULL;
	q->max_output = 0;
	q->service_tier = STR_NULL;
	EQ_STR(writing(q), "{\"model\":\"gpt-4o\",\"instructions\":\"s\","
	    "\"input\":[{\"role\":\"user\",\"content\":\"x\"}],"
	    "\"store\":false}");
	DROPPED("thinking");
	rig_free(&r);
}

TEST(system_turns)
{
	struct ir_req *q;

	rig_new(&r);
	q = foreign("{\"instructions\":\"a\",\"input\":[{\"role\":\"system\","
	    "\"content\":\"b\"},{\"role\":\"user\",\"content\":\"x\"},"
	    "{\"role\":\"developer\",\"content\":\"c\"}]}", DIALECT_OPENAI);
	EQ_STR(writing(q), "{\"model\":\"up\",\"input\":[{\"role\":\"system\","
	    "\"content\":\"a\"},{\"role\":\"system\",\"content\":\"b\"},"
	    "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"developer\","
	    "\"content\":\"c\"}],\"store\":false}");
	r.target.generic = 1;
	OK(strstr(writing(q), "developer") == NULL);
	rig_free(&r);
}

/* Parts that change on the way. */
TEST(foreign_parts)
{
	struct ir_req *q;
	struct ir_part *p;

	rig_new(&r);
	q = foreign("{\"input\":[{\"role\":\"user\",\"content\":\"hi\"},"
	    "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
	    "\"arguments\":\"\"},{\"type\":\"function_call_output\","
	    "\"call_id\":\"c\",\"output\":\"bad\"},{\"role\":\"assistant\","
	    "\"content\":\"so\"}]}", DIALECT_ANTHROPIC);
	q->turns->name = STR("bob");
	p = ir_part_add(q, &q->turns->parts, IR_FILE);
	p->media.text = STR("plain");
	p->media.title = STR("T");
	p = ir_part_add(q, &q->turns->parts, IR_IMAGE);
	p->media.base64 = STR("AAAA");
	p->media.mime = STR("image/gif");
	p->cache = STR("{\"type\":\"ephemeral\"}");
	q->turns->next->next->parts->error = 1;
	EQ_STR(writing(q), "{\"model\":\"up\",\"input\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"input_text\",\"text\":\"bob: hi\"},"
	    "{\"type\":\"input_text\",\"text\":\"T\\n\\nplain\"},{\"type\":"
	    "\"input_image\",\"detail\":\"auto\",\"image_url\":"
	    "\"data:image/gif;base64,AAAA\"}]},{\"type\":\"function_call\","
	    "\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},"
	    "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":"
	    "\"Error: bad\"},{\"role\":\"assistant\",\"content\":\"so\"}],"
	    "\"store\":false}");
	DROPPED("name,document,cache_control,is_error,messages");
	r.target.model = STR("gpt-5.6-sol");
	OK(strstr(writing(q), "\"prompt_cache_breakpoint\":{\"mode\":"
	    "\"explicit\"}") != NULL);
	rig_free(&r);
}

/* Each cell of the matrix that refuses, and those that drop. */
TEST(lost)
{
	static const struct ir_num two = { { "2", 1 }, 2 },
	    zero = { { "0", 1 }, 0 }, one = { { "1", 1 }, 1 };
	struct str stop = STR("x");
	struct ir_req *q;
	struct ir_part *p;

	rig_new(&r);
	q = foreign("{\"input\":\"x\"}", DIALECT_GEMINI);
	q->seed = two;
	q->n = one;
	q->frequency_penalty = zero;
	EQ_STR(writing(q), "{\"model\":\"up\",\"input\":[{\"role\":\"user\","
	    "\"content\":\"x\"}],\"store\":false}");
	DROPPED("seed");
	q->n = two;
	OK(strncmp(writing(q), "! candidateCount: ", 18) == 0);
	q->n = one;
	q->top_k = two;
	OK(strncmp(writing(q), "! topK: ", 8) == 0);
	q->top_k.raw = STR_NULL;
	q->presence_penalty = two;
	OK(strncmp(writing(q), "! presencePenalty: ", 19) == 0);
	q->presence_penalty = zero;
	q->stop = &stop;
	q->n_stop = 1;
	OK(strncmp(writing(q), "! stopSequences: ", 17) == 0);
	q->n_stop = 0;
	q->logit_bias = STR("{\"1\":2}");
	OK(strncmp(writing(q), "! logit_bias: ", 14) == 0);
	q->logit_bias = STR("{}");
	OK(*writing(q) == '{');
	ir_extra_must(q, "safetySettings", STR("[]"));
	OK(strncmp(writing(q), "! safetySettings: ", 18) == 0);
	q->extra->must = 0;
	OK(*writing(q) == '{');
	DROPPED("seed,safetySettings");
	r.note.strict = 1;
	OK(strncmp(writing(q), "! seed: ", 8) == 0);
	r.note.strict = 0;
	ir_tool_add(q, STR("google_search"))->kind = IR_BUILTIN;
	OK(strncmp(writing(q), "! tools: ", 9) == 0);
	q->tools = NULL;
	p = ir_part_add(q, &q->turns->parts, IR_VIDEO);
	OK(strncmp(writing(q), "! video: ", 9) == 0);
	p->kind = IR_AUDIO;
	OK(strncmp(writing(q), "! input_audio: ", 15) == 0);
	p->kind = IR_IMAGE;
	p->media.file_id = STR("f");
	p->from = DIALECT_GEMINI;
	OK(strncmp(writing(q), "! file_id: ", 11) == 0);
	p->from = DIALECT_OPENAI;
	OK(strstr(writing(q), "\"file_id\":\"f\"") != NULL);
	p->kind = IR_CALL;
	p->id = STR("nobody");
	q->turns->role = IR_ASSISTANT;
	ir_turn_add(q, IR_USER);
	OK(strncmp(writing(q), "! messages: ", 12) == 0);
	rig_free(&r);
}

TEST(formats)
{
	struct ir_req *q;

	rig_new(&r);
	q = foreign("{\"input\":\"x\",\"text\":{\"format\":{\"type\":"
	    "\"json_object\"}}}", DIALECT_GEMINI);
	EQ_STR(writing(q), "{\"model\":\"up\",\"input\":[{\"role\":\"system\","
	    "\"content\":\"Answer in JSON.\"},{\"role\":\"user\",\"content\":"
	    "\"x\"}],\"text\":{\"format\":{\"type\":\"json_object\"}},"
	    "\"store\":false}");
	DROPPED("response_format");
	/* A schema without a name, and one that strict mode takes. */
	q->format = IR_JSON_SCHEMA;
	q->schema = STR("{\"title\":\"a b\",\"type\":\"object\","
	    "\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]"
	    ",\"additionalProperties\":false}");
	OK(strstr(writing(q), "\"name\":\"a_b_") != NULL);
	OK(strstr(writing(q), "\"strict\":true}}") != NULL);
	q->schema = STR("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
	    "\"string\"}},\"additionalProperties\":false}");
	OK(strstr(writing(q), "\"name\":\"response\"") != NULL);
	OK(strstr(writing(q), "\"strict\":false}}") != NULL);
	rig_free(&r);
}

/* Chat has a member of its own for OpenAI's search. */
TEST(web_search)
{
	struct ir_req *q;

	rig_new(&r);
	q = foreign("{\"input\":\"x\"}", DIALECT_OPENAI);
	ir_extra_must(q, "web_search_options", STR("{\"search_context_size\":"
	    "\"low\",\"user_location\":{\"type\":\"approximate\","
	    "\"approximate\":{\"city\":\"Oslo\"}}}"));
	EQ_STR(writing(q), "{\"model\":\"up\",\"input\":[{\"role\":\"user\","
	    "\"content\":\"x\"}],\"tools\":[{\"type\":\"web_search\","
	    "\"search_context_size\":\"low\",\"user_location\":{\"type\":"
	    "\"approximate\",\"city\":\"Oslo\"}}],\"store\":false}");
	DROPPED("web_search_options");
	rig_free(&r);
}

/* A body of nothing but calls and outputs takes no time to speak of. */
TEST(many_items)
{
	const unsigned n = 20000;
	struct ir_req *q;
	struct buf b;
	unsigned i;

	rig_new(&r);
	buf_init(&b, 16 << 20);
	buf_adds(&b, STR("{\"input\":["));
	for (i = 0; i < n; i++)
		buf_printf(&b, "{\"type\":\"function_call\",\"call_id\":"
		    "\"c%u\",\"name\":\"f\",\"arguments\":\"{}\"},", i);
	for (i = n; i-- > 0;)
		buf_printf(&b, "{\"type\":\"function_call_output\","
		    "\"call_id\":\"c%u\",\"output\":\"\"}%s", i,
		    i > 0 ? "," : "]}");
	buf_addc(&b, '\0');
	q = take(buf_ptr(&b));
	OK(q->turns->next != NULL && q->turns->next->next == NULL);
	buf_free(&b);
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(settings)
TAP_ROW(namespaces)
TAP_ROW(tools)
TAP_ROW(messages)
TAP_ROW(turns)
TAP_ROW(sealed)
TAP_ROW(refused)
TAP_ROW(same_api)
TAP_ROW(round_trip)
TAP_ROW(foreign_words)
TAP_ROW(system_turns)
TAP_ROW(foreign_parts)
TAP_ROW(lost)
TAP_ROW(formats)
TAP_ROW(web_search)
TAP_ROW(many_items)
TAP_END
