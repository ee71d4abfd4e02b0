/* codec_openai_chat_test.c - requests of OpenAI Chat to neutral and back. */
#include "codec_rig.h"

#define OC &codec_openai_chat

static struct rig r;

static struct ir_req *
read_it(const char *body)
{
	return rig_read(&r, OC, DIALECT_OPENAI, body);
}

/* "param: message" of a body that is refused. */
static void
refused(const char *body, const char *param)
{
	rig_new(&r);
	OK(read_it(body) == NULL);
	EQ_STR(r.note.param, param);
	rig_free(&r);
}

/* Read, written for the model, as it was. */
static void
same(const char *body)
{
	struct ir_req *q;

	rig_new(&r);
	q = read_it(body);
	if (q == NULL)
		EQ_STR(r.note.message, "");
	EQ_STR(rig_write(&r, OC, q), body);
	EQ_STR(ir_dropped(&r.note), "");
	rig_free(&r);
}

#define M(messages) "{\"model\":\"up\",\"messages\":[" messages "]"
#define U "{\"role\":\"user\",\"content\":\"hi\"}"
#define F "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"

TEST(messages_stay)
{
	same(M(U) "}");
	same(M("{\"role\":\"system\",\"content\":\"a\"},"
	    "{\"role\":\"developer\",\"name\":\"n\",\"content\":\"b\"}," U ","
	    "{\"role\":\"assistant\",\"content\":\"c\"},"
	    "{\"role\":\"system\",\"content\":\"d\"}," U) "}");
	same(M("{\"role\":\"user\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"https://x/y.png\",\"detail\":\"original\"}},"
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"data:image/png;base64,iVBORw0KGgoA\"}},"
	    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\","
	    "\"format\":\"mp3\"}},{\"type\":\"file\",\"file\":{\"filename\":"
	    "\"a.pdf\",\"file_data\":"
	    "\"data:application/pdf;base64,JVBERi0xLjQ=\"}}]}") "}");
	same(M(U ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{\\\"n\\\": 1.00, \\\"n\\\":2e400}\"}},"
	    "{\"id\":\"b\",\"type\":\"custom\",\"custom\":{\"name\":\"p\","
	    "\"input\":\"*** a\"}}]},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"b\",\"content\":\"1\"},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"2\"},"
	    "{\"type\":\"text\",\"text\":\"3\"}]}") "}");
	same(M(U ",{\"role\":\"assistant\",\"content\":null,\"refusal\":"
	    "\"no\"}," U ",{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"a\"},{\"type\":\"refusal\",\"refusal\":"
	    "\"b\"}]}," U) "}");
}

TEST(members_stay)
{
	same("{\"model\":\"up\",\"stream\":true,\"stream_options\":{"
	    "\"include_usage\":true},\"response_format\":{\"type\":"
	    "\"json_schema\",\"json_schema\":{\"name\":\"s\",\"description\":"
	    "\"d\",\"schema\":{\"type\": \"object\"},\"strict\":true}},"
	    "\"messages\":[" U "],\"tools\":[{\"type\":\"function\","
	    "\"function\":{\"name\":\"f\",\"description\":\"d\","
	    "\"parameters\":{ },\"strict\":false}},{\"type\":\"custom\","
	    "\"custom\":{\"name\":\"p\",\"format\":{\"type\":\"text\"}}}],"
	    "\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{"
	    "\"mode\":\"required\",\"tools\":[{\"type\":\"function\","
	    "\"function\":{\"name\":\"f\"}},{\"type\":\"custom\",\"custom\":{"
	    "\"name\":\"p\"}}]}},\"parallel_tool_calls\":false,"
	    "\"max_completion_tokens\":7,\"temperature\":1.50,\"top_p\":0.1,"
	    "\"seed\":-3,\"n\":2,\"frequency_penalty\":-1,"
	    "\"presence_penalty\":0,\"logit_bias\":{\"1\":-100},"
	    "\"logprobs\":true,\"top_logprobs\":3,\"stop\":[\"a\",\"b\"],"
	    "\"reasoning_effort\":\"xhigh\",\"safety_identifier\":\"u\","
	    "\"prompt_cache_key\":\"k\",\"verbosity\":\"low\",\"metadata\":{"
	    "\"a\":\"b\"},\"store\":true,\"service_tier\":\"fast\","
	    "\"web_search_options\":{},\"prediction\":{\"type\":\"content\"},"
	    "\"x_new\":[1]}");
	same("{\"model\":\"up\",\"response_format\":{\"type\":"
	    "\"json_object\"},\"messages\":[" U "],\"tools\":[" F "],"
	    "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":"
	    "\"f\"}},\"reasoning_effort\":\"none\"}");
}

TEST(spellings)
{
	struct ir_req *q;

	rig_new(&r);
	q = read_it(M(U) ",\"max_tokens\":9,\"stop\":\"x\",\"user\":\"u\","
	    "\"tools\":[" F "],\"tool_choice\":\"any\",\"n\":null,"
	    "\"response_format\":{\"type\":\"text\"},\"modalities\":"
	    "[ \"text\" ]}");
	EQ_STR(rig_write(&r, OC, q), M(U) ",\"tools\":[" F "],"
	    "\"tool_choice\":\"required\",\"max_completion_tokens\":9,"
	    "\"stop\":[\"x\"],\"safety_identifier\":\"u\"}");
	r.target.generic = 1;
	EQ_STR(rig_write(&r, OC, q), M(U) ",\"tools\":[" F "],"
	    "\"tool_choice\":\"required\",\"max_tokens\":9,"
	    "\"stop\":[\"x\"],\"user\":\"u\"}");
	q = read_it(M("{\"role\":\"developer\",\"content\":\"a\"}," U) "}");
	EQ_STR(rig_write(&r, OC, q),
	    M("{\"role\":\"system\",\"content\":\"a\"}," U) "}");
	rig_free(&r);
}

/* functions and function_call, from before there were tools. */
TEST(old_functions)
{
	struct ir_req *q;

	rig_new(&r);
	q = read_it(M(U ",{\"role\":\"assistant\",\"content\":null,"
	    "\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
	    "{\"role\":\"function\",\"name\":\"f\",\"content\":\"1\"}")
	    ",\"functions\":[{\"name\":\"f\",\"parameters\":{}}],"
	    "\"function_call\":{\"name\":\"f\"}}");
	OK(q->functions);
	EQ_STR(rig_write(&r, OC, q), M(U ",{\"role\":\"assistant\","
	    "\"content\":null,\"tool_calls\":[{\"id\":\"call_fn_0\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}"
	    "]},{\"role\":\"tool\",\"tool_call_id\":\"call_fn_0\",\"content\":"
	    "\"1\"}") ",\"tools\":[{\"type\":\"function\",\"function\":{"
	    "\"name\":\"f\",\"parameters\":{}}}],\"tool_choice\":{\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\"}},"
	    "\"parallel_tool_calls\":false}");
	EQ_INT(ir_check(q, &r.note), 0);
	rig_free(&r);
}

TEST(refusals)
{
	refused("[]", "body");
	refused("{\"model\":\"m\"}", "messages");
	refused("{\"messages\":[]}", "messages");
	refused("{\"messages\":{}}", "messages");
	refused("{\"model\":1,\"messages\":[" U "]}", "model");
	refused("{\"messages\":[1]}", "messages[0]");
	refused("{\"messages\":[" U ",{\"role\":\"x\"}]}",
	    "messages[1].role");
	refused("{\"messages\":[{\"role\":\"user\",\"content\":null}]}",
	    "messages[0].content");
	refused("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"\"},{\"type\":\"text\",\"text\":1}]}]}",
	    "messages[0].content[1].text");
	refused("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"smell\"}]}]}", "messages[0].content[0].type");
	refused("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
	    "?\"}}]}]}", "messages[0].content[0].image_url");
	refused("{\"messages\":[{\"role\":\"tool\",\"content\":\"\"}]}",
	    "messages[0].tool_call_id");
	refused("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":["
	    "{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":7}}]}]}",
	    "messages[0].tool_calls[0].function.arguments");
	refused(M(U) ",\"max_tokens\":0}", "max_tokens");
	refused(M(U) ",\"max_tokens\":1,\"max_completion_tokens\":2}",
	    "max_tokens");
	refused(M(U) ",\"temperature\":\"1\"}", "temperature");
	refused(M(U) ",\"stop\":[1]}", "stop");
	refused(M(U) ",\"reasoning_effort\":\"much\"}", "reasoning_effort");
	refused(M(U) ",\"tool_choice\":\"required\"}", "tool_choice");
	refused(M(U) ",\"tools\":[{\"type\":\"function\"}]}",
	    "tools[0].function");
	refused(M(U) ",\"response_format\":{\"type\":\"xml\"}}",
	    "response_format.type");
}

/* Results are looked for among a message's calls: there may be 1,024. */
TEST(many_calls)
{
	struct buf b;
	int i;

	buf_init(&b, 1u << 20);
	buf_adds(&b, STR("{\"messages\":[" U ",{\"role\":\"assistant\","
	    "\"tool_calls\":["));
	for (i = 0; i <= 1024; i++)
		buf_printf(&b, "%s{\"id\":\"%d\",\"function\":{\"name\":"
		    "\"f\"}}", i == 0 ? "" : ",", i);
	buf_adds(&b, STR("]}]}"));
	buf_addc(&b, '\0');
	refused(buf_ptr(&b), "messages[1].tool_calls[1024]");
	buf_free(&b);
}

/* --- from other formats -------------------------------------------------- */

static struct ir_req *
foreign(enum conf_dialect from)
{
	struct ir_req *q = arena_zalloc(r.a, sizeof(*q));
	struct ir_part *p;

	ir_req_init(q, r.a, from);
	p = ir_part_add(q, &ir_turn_add(q, IR_USER)->parts, IR_TEXT);
	p->text = STR("hi");
	return q;
}

static void
written(struct ir_req *q, const char *want, const char *dropped)
{
	EQ_STR(rig_write(&r, OC, q), want);
	EQ_STR(r.rc == 0 ? ir_dropped(&r.note) : r.note.param, dropped);
}

TEST(from_anthropic)
{
	struct ir_part *p, *in;
	struct ir_req *q;
	struct ir_turn *t;

	rig_new(&r);
	q = foreign(DIALECT_ANTHROPIC);
	t = ir_turn_add(q, IR_ASSISTANT);
	p = ir_part_add(q, &t->parts, IR_THINKING);
	p->text = STR("hm");
	p = ir_part_add(q, &t->parts, IR_TEXT);
	p->text = STR("a");
	p = ir_part_add(q, &t->parts, IR_CALL);
	p->id = STR("toolu_1");
	p->name = STR("f");
	t = ir_turn_add(q, IR_TOOL);
	p = ir_part_add(q, &t->parts, IR_RESULT);
	p->id = STR("toolu_1");
	p->error = 1;
	in = ir_part_add(q, &p->result, IR_TEXT);
	in->text = STR("bad");
	in = ir_part_add(q, &p->result, IR_IMAGE);
	in->media.mime = STR("image/png");
	in->media.base64 = STR("iVBORw0KGgoA");
	q->think = IR_BUDGET;
	q->budget = 4096;
	q->user = STR("u");
	q->service_tier = STR("standard_only");
	written(q, M(U ",{\"role\":\"assistant\",\"content\":\"a\","
	    "\"tool_calls\":[{\"id\":\"toolu_1\",\"type\":\"function\","
	    "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"toolu_1\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"Error: bad\"},{\"type\":\"text\","
	    "\"text\":\"[The picture or file is in the next message of the "
	    "user.]\"}]},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"Result of the tool call toolu_1:\"},{\"type\":"
	    "\"image_url\",\"image_url\":{\"url\":"
	    "\"data:image/png;base64,iVBORw0KGgoA\"}}]}")
	    ",\"reasoning_effort\":\"medium\",\"safety_identifier\":\"u\","
	    "\"service_tier\":\"default\"}",
	    "thinking,is_error,tool_result,service_tier");
	q->top_k.raw = STR("5");
	q->top_k.v = 5;
	written(q, "! top_k: top_k has no equivalent at OpenAI: leave it out, "
	    "or choose another model", "top_k");
	rig_free(&r);
}

TEST(from_gemini)
{
	struct ir_tool *tool;
	struct ir_part *p;
	struct ir_req *q;

	rig_new(&r);
	q = foreign(DIALECT_GEMINI);
	p = ir_part_add(q, &q->turns->parts, IR_FILE);
	p->media.text = STR("body");
	p->media.filename = STR("a.txt");
	tool = ir_tool_add(q, STR("a.b"));
	tool->schema = STR("{\"type\":\"object\"}");
	q->format = IR_JSON_OBJECT;
	q->show_thoughts = 1;
	OK(strstr(rig_write(&r, OC, q), "{\"role\":\"system\",\"content\":"
	    "\"Answer in JSON.\"},{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"hi\"},{\"type\":\"text\",\"text\":"
	    "\"Document: a.txt\\n\\nbody\"}]}") != NULL);
	EQ_STR(ir_dropped(&r.note), "responseMimeType,inlineData,tools.name,"
	    "thinkingConfig.includeThoughts");
	q = foreign(DIALECT_GEMINI);
	q->format = IR_JSON_SCHEMA;
	q->schema = STR("{\"type\":\"object\",\"title\":\"A b\",\"properties\":"
	    "{\"x\":{\"type\":\"string\"}},\"required\":[\"x\"],"
	    "\"additionalProperties\":false}");
	OK(strstr(rig_write(&r, OC, q), "\"name\":\"A_b_") != NULL);
	OK(strstr(rig_write(&r, OC, q), "\"strict\":true") != NULL);
	q->schema = STR("{\"type\":\"object\"}");
	OK(strstr(rig_write(&r, OC, q), "\"name\":\"response\"") != NULL);
	OK(strstr(rig_write(&r, OC, q), "\"strict\":false") != NULL);
	ir_part_add(q, &q->turns->parts, IR_VIDEO);
	OK(strstr(rig_write(&r, OC, q), "! contents: OpenAI has no form for "
	    "video") != NULL);
	q = foreign(DIALECT_GEMINI);
	ir_extra_must(q, "safetySettings", STR("[1]"));
	OK(strstr(rig_write(&r, OC, q), "! safetySettings: ") != NULL);
	q = foreign(DIALECT_GEMINI);
	tool = ir_tool_add(q, STR("googleSearch"));
	tool->kind = IR_BUILTIN;
	OK(strstr(rig_write(&r, OC, q), "! tools: the tool \"googleSearch\"")
	    != NULL);
	rig_free(&r);
}

TEST(strict)
{
	struct ir_req *q;

	rig_new(&r);
	q = foreign(DIALECT_GEMINI);
	q->show_thoughts = 1;
	r.note.strict = 1;
	OK(str_starts(str_of(rig_write(&r, OC, q)),
	    STR("! thinkingConfig.includeThoughts: ")));
	rig_free(&r);
}

TEST(recorded_requests)
{
	static const char *const names[] = { "json-image", "json-json-schema",
	    "json-parallel-tools", "json-single-tool", "json-cache-write",
	    "stream-parallel-tools", "stream-text-usage" };
	struct ir_req *q;
	const char *first;
	struct str s;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rig_new(&r);
		r.target.model = STR("gpt-5.6-sol");
		s = rig_file(&r, arena_printf(r.a,
		    "openai-chat/%s.request.json", names[i]));
		q = read_it(arena_strndup(r.a, s.p, s.n));
		OK(q != NULL);
		q->model = r.target.model;
		first = rig_req(&r, q);
		q = read_it(rig_write(&r, OC, q));
		OK(q != NULL);
		EQ_STR(rig_req(&r, q), first);
		rig_free(&r);
	}
}

TAP_BEGIN
TAP_ROW(messages_stay)
TAP_ROW(members_stay)
TAP_ROW(spellings)
TAP_ROW(old_functions)
TAP_ROW(refusals)
TAP_ROW(many_calls)
TAP_ROW(from_anthropic)
TAP_ROW(from_gemini)
TAP_ROW(strict)
TAP_ROW(recorded_requests)
TAP_END
