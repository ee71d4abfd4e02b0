/*
 * codec_chat_variant_test.c - what Groq, Mistral and models of OpenAI's take
 * of a chat request, and how they answer.
 */
#include "codec_rig.h"

#define U "{\"role\":\"user\",\"content\":\"hi\"}"
#define M(messages) "{\"model\":\"up\",\"messages\":[" messages "]"
#define F "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"

static struct rig r;

/* A row: what an OpenAI client says beside one message, and what becomes of it
 * at the target. "! param" for a refusal. */
static const struct cell {
	const char	*in;
	const char	*groq, *groq_note;
	const char	*mistral, *mistral_note;
} cells[] = {
	{ ",\"max_completion_tokens\":5", ",\"max_completion_tokens\":5", "",
	    ",\"max_tokens\":5", "" },
	{ ",\"temperature\":1.5", ",\"temperature\":1.5", "",
	    ",\"temperature\":1.5", "" },
	{ ",\"temperature\":1.6", ",\"temperature\":1.6", "",
	    ",\"temperature\":1.5", "temperature" },
	{ ",\"top_p\":0.5", ",\"top_p\":0.5", "", ",\"top_p\":0.5", "" },
	{ ",\"seed\":3", ",\"seed\":3", "", ",\"random_seed\":3", "" },
	{ ",\"seed\":-3", ",\"seed\":-3", "", "! seed", "" },
	{ ",\"n\":1", "", "", ",\"n\":1", "" },
	{ ",\"n\":2", "! n", "", ",\"n\":2", "" },
	{ ",\"stop\":[\"a\"]", ",\"stop\":[\"a\"]", "",
	    ",\"stop\":[\"a\"]", "" },
	{ ",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "! stop", "",
	    ",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "" },
	{ ",\"frequency_penalty\":0.0", "", "",
	    ",\"frequency_penalty\":0.0", "" },
	{ ",\"presence_penalty\":1", "", "presence_penalty",
	    ",\"presence_penalty\":1", "" },
	{ ",\"logit_bias\":{}", "", "", "", "" },
	{ ",\"logit_bias\":{\"1\":1}", "! logit_bias", "",
	    "! logit_bias", "" },
	{ ",\"logprobs\":true", "! logprobs", "", "! logprobs", "" },
	{ ",\"logprobs\":false", "", "", "", "" },
	{ ",\"user\":\"u\"", ",\"user\":\"u\"", "", "", "user" },
	{ ",\"safety_identifier\":\"u\"", ",\"user\":\"u\"", "", "",
	    "safety_identifier" },
	{ ",\"user\":\"u\",\"safety_identifier\":\"u\"",
	    ",\"user\":\"u\"", "", "", "safety_identifier" },
	{ ",\"safety_identifier\":\"s\",\"user\":\"u\"",
	    ",\"user\":\"s\"", "", "", "safety_identifier" },
	{ ",\"prompt_cache_key\":\"k\"", "", "prompt_cache_key",
	    ",\"prompt_cache_key\":\"k\"", "" },
	{ ",\"metadata\":{\"a\":\"b\"}", "", "metadata",
	    ",\"metadata\":{\"a\":\"b\"}", "" },
	{ ",\"verbosity\":\"low\"", "", "verbosity", "", "verbosity" },
	{ ",\"store\":true", "", "store", "", "store" },
	{ ",\"store\":false", "", "", "", "" },
	{ ",\"service_tier\":\"default\"", ",\"service_tier\":\"on_demand\"",
	    "service_tier", ",\"service_tier\":\"standard_only\"",
	    "service_tier" },
	{ ",\"service_tier\":\"auto\"", ",\"service_tier\":\"auto\"", "",
	    ",\"service_tier\":\"auto\"", "" },
	{ ",\"prediction\":{\"type\":\"content\"}", "", "prediction",
	    ",\"prediction\":{\"type\":\"content\"}", "" },
	{ ",\"web_search_options\":{}", "! web_search_options", "",
	    "! web_search_options", "" },
	{ ",\"moderation\":{}", "! moderation", "", "! moderation", "" },
	{ ",\"modalities\":[\"audio\"]", "! modalities", "",
	    "! modalities", "" },
	{ ",\"x_unknown\":1", "", "x_unknown", "", "x_unknown" },
	{ ",\"reasoning_effort\":\"low\"", "", "reasoning_effort",
	    ",\"reasoning_effort\":\"high\"", "reasoning_effort" },
	{ ",\"reasoning_effort\":\"none\"", "", "",
	    ",\"reasoning_effort\":\"none\"", "" },
	{ ",\"tools\":[" F "],\"tool_choice\":\"required\"",
	    ",\"tools\":[" F "],\"tool_choice\":\"required\"", "",
	    ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],"
	    "\"tool_choice\":\"any\"", "" },
	{ ",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"p\","
	    "\"format\":{\"type\":\"grammar\"}}}]", "! tools", "",
	    "! tools", "" },
	{ ",\"tools\":[" F "],\"parallel_tool_calls\":false",
	    ",\"tools\":[" F "],\"parallel_tool_calls\":false", "",
	    ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],"
	    "\"parallel_tool_calls\":false", "" },
};

static void
check_cell(const struct codec *c, const char *in, const char *want,
    const char *note)
{
	struct ir_req *q;
	const char *got;

	rig_new(&r);
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    arena_printf(r.a, M(U) "%s}", in));
	OK(q != NULL);
	EQ_STR(ir_dropped(&r.note), strstr(in, "\"s\"") != NULL ? "user" : "");
	got = rig_write(&r, c, q);
	if (want[0] == '!') {
		OK(got[0] == '!');
		EQ_STR(r.note.param, want + 2);
	} else {
		EQ_STR(got, arena_printf(r.a, M(U) "%s}", want));
		EQ_STR(ir_dropped(&r.note), note);
	}
	rig_free(&r);
}

TEST(members)
{
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		check_cell(&codec_groq, cells[i].in, cells[i].groq,
		    cells[i].groq_note);
		check_cell(&codec_mistral, cells[i].in, cells[i].mistral,
		    cells[i].mistral_note);
	}
}

/* From OpenAI's messages to those of c. */
static const char *
messages(const struct codec *c, const char *in)
{
	struct ir_req *q;

	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    arena_printf(r.a, M("%s") "}", in));
	OK(q != NULL);
	return rig_write(&r, c, q);
}

TEST(messages_of_groq)
{
	rig_new(&r);
	EQ_STR(messages(&codec_groq, "{\"role\":\"developer\",\"content\":"
	    "\"a\"},{\"role\":\"user\",\"name\":\"n\",\"content\":\"b\"},"
	    "{\"role\":\"assistant\",\"reasoning_content\":\"hm\",\"refusal\":"
	    "\"no\"},{\"role\":\"system\",\"content\":\"c\"}"),
	    M("{\"role\":\"developer\",\"content\":\"a\"},{\"role\":\"user\","
	    "\"name\":\"n\",\"content\":\"b\"},{\"role\":\"assistant\","
	    "\"content\":\"no\",\"reasoning\":\"hm\"},{\"role\":\"system\","
	    "\"content\":\"c\"}") "}");
	EQ_STR(ir_dropped(&r.note), "refusal,reasoning_content");
	EQ_STR(messages(&codec_groq, "{\"role\":\"user\",\"content\":[{"
	    "\"type\":\"file\",\"file\":{\"file_data\":"
	    "\"data:application/pdf;base64,JVBERi0=\"}}]}"),
	    "! messages: Groq has no form for documents: leave it out, or "
	    "choose another model");
	EQ_STR(messages(&codec_groq, "{\"role\":\"user\",\"content\":[{"
	    "\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\","
	    "\"format\":\"wav\"}}]}"),
	    "! messages: Groq has no form for this sound: leave it out, or "
	    "choose another model");
	EQ_STR(messages(&codec_groq, "{\"role\":\"user\",\"content\":[{"
	    "\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x\","
	    "\"detail\":\"original\"}}]}"),
	    M("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
	    "\"image_url\":{\"url\":\"https://x\",\"detail\":\"high\"}}]}")
	    "}");
	EQ_STR(ir_dropped(&r.note), "detail");
	rig_free(&r);
}

TEST(messages_of_mistral)
{
	rig_new(&r);
	EQ_STR(messages(&codec_mistral, "{\"role\":\"developer\",\"content\":"
	    "\"a\"},{\"role\":\"user\",\"name\":\"n\",\"content\":\"b\"},"
	    "{\"role\":\"assistant\",\"content\":\"c\",\"reasoning_content\":"
	    "\"hm\"},{\"role\":\"system\",\"content\":\"d\"}," U
	    ",{\"role\":\"assistant\",\"content\":\"e\"}"),
	    M("{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"user\","
	    "\"content\":\"n: b\"},{\"role\":\"assistant\",\"content\":[{"
	    "\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":"
	    "\"hm\"}]},{\"type\":\"text\",\"text\":\"c\"}]},{\"role\":"
	    "\"user\",\"content\":\"[System instruction] d\"}," U
	    ",{\"role\":\"assistant\",\"content\":\"e\",\"prefix\":true}")
	    "}");
	EQ_STR(ir_dropped(&r.note), "name,reasoning_content,system");
	/* Ids of nine letters and digits, alike in calls and results. */
	EQ_STR(messages(&codec_mistral, U ",{\"role\":\"assistant\","
	    "\"tool_calls\":[{\"id\":\"g6fVbXS8K\",\"type\":\"function\","
	    "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},{\"role\":"
	    "\"tool\",\"tool_call_id\":\"g6fVbXS8K\",\"content\":\"1\"}"),
	    M(U ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{"
	    "\"id\":\"g6fVbXS8K\",\"type\":\"function\",\"function\":{"
	    "\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"g6fVbXS8K\",\"name\":\"f\",\"content\":"
	    "\"1\"}") "}");
	EQ_STR(messages(&codec_mistral, U ",{\"role\":\"assistant\","
	    "\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"custom\","
	    "\"custom\":{\"name\":\"f\",\"input\":\"a\\\"b\"}}]},{\"role\":"
	    "\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"1\"}"),
	    M(U ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{"
	    "\"id\":\"GmfxVIbmF\",\"type\":\"function\",\"function\":{"
	    "\"name\":\"f\",\"arguments\":\"{\\\"input\\\":\\\"a\\\\\\\"b\\\"}"
	    "\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"GmfxVIbmF\","
	    "\"name\":\"f\",\"content\":\"1\"}") "}");
	EQ_STR(messages(&codec_mistral, "{\"role\":\"user\",\"content\":[{"
	    "\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\","
	    "\"file_data\":\"data:application/pdf;base64,JVBERi0=\"}},{"
	    "\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\","
	    "\"format\":\"flac\"}}]}"),
	    M("{\"role\":\"user\",\"content\":[{\"type\":\"document_url\","
	    "\"document_url\":\"data:application/pdf;base64,JVBERi0=\","
	    "\"document_name\":\"a.pdf\"},{\"type\":\"input_audio\","
	    "\"input_audio\":\"AAAA\"}]}") "}");
	EQ_STR(ir_dropped(&r.note), "file");
	rig_free(&r);
}

/* What only they have, read and written by themselves and by others. */
#define DOC "{\"id\":\"d\",\"source\":{\"type\":\"text\",\"text\":\"x\"}}"

TEST(their_own)
{
	struct ir_req *q;

	rig_new(&r);
	q = rig_read(&r, &codec_mistral, DIALECT_MISTRAL, M("{\"role\":"
	    "\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
	    "\"https://x\"},{\"type\":\"reference\",\"reference_ids\":[1]}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":"
	    "\"text\",\"text\":\"b\"}],\"closed\":true,\"signature\":\"s\"},{"
	    "\"type\":\"text\",\"text\":\"c\"}]}," U) ",\"random_seed\":1,"
	    "\"safe_prompt\":true,\"tools\":[{\"type\":\"web_search\"}]}");
	EQ_STR(rig_write(&r, &codec_mistral, q), M("{\"role\":\"user\","
	    "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"https://x\"}},{\"type\":\"reference\",\"reference_ids\":[1]}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":[{\"type\":\"text\",\"text\":\"ab\"}],"
	    "\"signature\":\"s\"},{\"type\":\"text\",\"text\":\"c\"}]}," U)
	    ",\"tools\":[{\"type\":\"web_search\"}],\"random_seed\":1,"
	    "\"safe_prompt\":true}");
	EQ_STR(ir_dropped(&r.note), "");
	OK(rig_write(&r, &codec_openai_chat, q)[0] == '!');
	q = rig_read(&r, &codec_mistral, DIALECT_MISTRAL, M(U)
	    ",\"safe_prompt\":false,\"random_seed\":4}");
	EQ_STR(rig_write(&r, &codec_openai_chat, q), M(U) ",\"seed\":4}");
	q = rig_read(&r, &codec_groq, DIALECT_GROQ, M(U)
	    ",\"documents\":[" DOC "]}");
	EQ_STR(rig_write(&r, &codec_groq, q), M("{\"role\":\"user\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}")
	    ",\"documents\":[" DOC "]}");
	OK(rig_write(&r, &codec_openai_chat, q)[0] == '!');
	EQ_STR(r.note.param, "documents");
	q = rig_read(&r, &codec_groq, DIALECT_GROQ, M(U)
	    ",\"citation_options\":\"disabled\",\"documents\":[" DOC "]}");
	OK(strstr(rig_write(&r, &codec_groq, q), "\"citation_options\":"
	    "\"disabled\"") != NULL);
	OK(strstr(rig_write(&r, &codec_openai_chat, q), "\"text\":"
	    "\"Document: d\\n\\nx\"") != NULL);
	EQ_STR(ir_dropped(&r.note), "documents");
	OK(rig_read(&r, &codec_groq, DIALECT_GROQ, M(U)
	    ",\"documents\":[{\"text\":\"x\"}]}") == NULL);
	q = rig_read(&r, &codec_groq, DIALECT_GROQ, M(U)
	    ",\"reasoning_format\":\"parsed\",\"reasoning_effort\":"
	    "\"default\"}");
	EQ_STR(rig_write(&r, &codec_groq, q), M(U) ",\"reasoning_effort\":"
	    "\"default\",\"reasoning_format\":\"parsed\"}");
	OK(rig_write(&r, &codec_openai_chat, q)[0] == '{');
	EQ_STR(ir_dropped(&r.note), "reasoning_effort,reasoning_format");
	rig_free(&r);
}

TEST(subset_and_json)
{
	struct ir_req *q;

	rig_new(&r);
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI, M(U) ",\"tools\":"
	    "[" F ",{\"type\":\"function\",\"function\":{\"name\":\"g\"}},"
	    "{\"type\":\"custom\",\"custom\":{\"name\":\"p\"}}],"
	    "\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{"
	    "\"mode\":\"auto\",\"tools\":[{\"type\":\"function\","
	    "\"function\":{\"name\":\"g\"}},{\"type\":\"custom\",\"custom\":{"
	    "\"name\":\"p\"}}]}},\"response_format\":{\"type\":"
	    "\"json_object\"}}");
	EQ_STR(rig_write(&r, &codec_groq, q), "{\"model\":\"up\","
	    "\"response_format\":{\"type\":\"json_object\"},\"messages\":[{"
	    "\"role\":\"system\",\"content\":\"Answer in JSON.\"}," U "],"
	    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}},"
	    "{\"type\":\"function\",\"function\":{\"name\":\"p\","
	    "\"parameters\":{\"type\":\"object\",\"properties\":{\"input\":{"
	    "\"type\":\"string\"}},\"required\":[\"input\"],"
	    "\"additionalProperties\":false}}}],\"tool_choice\":\"auto\"}");
	EQ_STR(ir_dropped(&r.note),
	    "response_format,tools.custom,tool_choice");
	rig_free(&r);
}

/* --- models -------------------------------------------------------------- */

TEST(efforts)
{
	static const struct {
		const struct codec *c;
		const char	*model, *asked, *sent;	/* "": nothing */
	} rows[] = {
		{ &codec_openai_chat, "gpt-4o", "none", "" },
		{ &codec_openai_chat, "gpt-35-turbo", "high", "" },
		{ &codec_openai_chat, "o3-mini", "xhigh", "high" },
		{ &codec_openai_chat, "gpt-5-nano", "none", "minimal" },
		{ &codec_openai_chat, "gpt-5.1", "minimal", "low" },
		{ &codec_openai_chat, "gpt-5.2", "max", "xhigh" },
		{ &codec_openai_chat, "openai/gpt-5.6-sol", "max", "max" },
		{ &codec_openai_chat, "my-deployment", "minimal",
		    "minimal" },
		{ &codec_groq, "openai/gpt-oss-120b", "none", "low" },
		{ &codec_groq, "qwen/qwen3-32b", "low", "default" },
		{ &codec_mistral, "m", "minimal", "none" },
	};
	struct ir_req *q;
	const char *got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_new(&r);
		q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
		    arena_printf(r.a, M(U) ",\"reasoning_effort\":\"%s\"}",
		    rows[i].asked));
		q->from = DIALECT_ANTHROPIC;
		r.target.model = str_of(rows[i].model);
		got = strstr(rig_write(&r, rows[i].c, q),
		    "\"reasoning_effort\":\"");
		if (*rows[i].sent == '\0')
			OK(got == NULL);
		else {
			OK(got != NULL);
			got += sizeof("\"reasoning_effort\":\"") - 1;
			EQ_STR(got, arena_printf(r.a, "%s\"}",
			    rows[i].sent));
		}
		rig_free(&r);
	}
}

TEST(models_that_reason)
{
	struct ir_req *q;

	rig_new(&r);
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI, M(U)
	    ",\"temperature\":1,\"top_p\":1.0}");
	q->from = DIALECT_GEMINI;
	r.target.model = STR("gpt-5");
	EQ_STR(rig_write(&r, &codec_openai_chat, q),
	    "{\"model\":\"gpt-5\",\"messages\":[" U "]}");
	EQ_STR(ir_dropped(&r.note), "temperature,top_p");
	r.target.model = STR("gpt-5.1");
	EQ_STR(rig_write(&r, &codec_openai_chat, q), "{\"model\":\"gpt-5.1\","
	    "\"messages\":[" U "],\"temperature\":1,\"top_p\":1.0}");
	q->temperature.v = 0.5;
	r.target.model = STR("o4-mini");
	OK(strstr(rig_write(&r, &codec_openai_chat, q), "! temperature: ") !=
	    NULL);
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI, M(U)
	    ",\"stop\":\"x\"}");
	q->from = DIALECT_ANTHROPIC;
	OK(strstr(rig_write(&r, &codec_openai_chat, q), "! stop_sequences: ")
	    != NULL);
	r.target.model = STR("o1");
	OK(rig_write(&r, &codec_openai_chat, q)[0] == '{');
	rig_free(&r);
}

/* --- answers ------------------------------------------------------------- */

TEST(recorded)
{
	rig_new(&r);
	EQ_STR(rig_stream(&r, &codec_groq, rig_file(&r,
	    "groq/stream-tool-call.response.sse")),
	    "start id=chatcmpl-b610d559-f156-4aca-8827-24b4fe6af54f "
	    "model=llama-3.3-70b-versatile created=1770770843\n"
	    "call 0 id=tk85n1k4m name=weather\nargs 0 \"{}\"\ncall_end 0\n"
	    "finish tool_calls native=tool_calls\nusage in=210 out=15\n"
	    "end\n");
	OK(strstr(rig_stream(&r, &codec_groq, rig_file(&r,
	    "groq/stream-error-mid.response.sse")), "\nerror upstream \"Tool "
	    "call validation failed: ") != NULL);
	OK(strstr(rig_body(&r, &codec_groq, rig_file(&r,
	    "groq/json-reasoning.response.json")), "\nthinking \"The user "
	    "asks: ") != NULL);
	OK(strstr(rig_stream(&r, &codec_groq, rig_file(&r,
	    "groq/stream-reasoning-tool.response.sse")),
	    "usage in=304 out=49 reasoning=23\nend\n") != NULL);
	EQ_STR(rig_stream(&r, &codec_mistral, rig_file(&r,
	    "mistral/stream-incremental-tool-call.response.sse")),
	    "start id=735e434874a24f68a2390b3cab149242 model=zai-glm-5-2 "
	    "created=1787234678\ncall 0 id=chatcmpl-tool-9f149c74c42f265b "
	    "name=webSearchTool\nargs 0 \"{\\\"query\\\": \\\"current Berlin "
	    "weather\\\"}\"\ncall_end 0\nfinish tool_calls "
	    "native=tool_calls\nusage in=171 out=14 cached=128\nend\n");
	OK(strstr(rig_stream(&r, &codec_mistral, rig_file(&r,
	    "mistral/stream-thinking.response.sse")), "the answer is 144.\"\n"
	    "text \"144\"\nfinish stop native=stop\nusage in=31 out=66\nend\n")
	    != NULL);
	OK(strstr(rig_body(&r, &codec_mistral, rig_file(&r,
	    "mistral/json-image-url.response.json")),
	    "usage in=273 out=104 cached=32\n") != NULL);
	EQ_STR(rig_body(&r, &codec_mistral, rig_file(&r,
	    "mistral/error-401.response.json")),
	    "error upstream \"Invalid API Key\"\n");
	rig_free(&r);
}

static const struct ir_event answer[] = {
	{ .kind = IR_EV_START },
	{ .kind = IR_EV_THINKING },
	{ .kind = IR_EV_THINKING, .text = { "hm", 2 } },
	{ .kind = IR_EV_REFUSAL, .text = { "no", 2 } },
	{ .kind = IR_EV_CALL, .id = { "call_1", 6 }, .name = { "f", 1 } },
	{ .kind = IR_EV_ARGS, .text = { "{", 1 } },
	{ .kind = IR_EV_ARGS, .text = { "}", 1 } },
	{ .kind = IR_EV_CALL_END },
	{ .kind = IR_EV_FINISH, .finish = IR_TOOL_CALLS },
	{ .kind = IR_EV_USAGE, .usage = { .input = 1, .output = 2 } },
	{ .kind = IR_EV_END },
};
#define N_ANSWER (sizeof(answer) / sizeof(answer[0]))

#define HEAD(id) "data: {\"id\":\"" id "req_0123456789abcdef\",\"object\":" \
	"\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\"," \
	"\"choices\":[{\"index\":0,\"delta\":{"
#define TAIL "},\"finish_reason\":null}]}\n\n"
#define GTAIL "},\"logprobs\":null,\"finish_reason\":null}]"
#define USAGE "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2," \
	"\"total_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":0}"
#define G_USAGE USAGE ",\"completion_tokens_details\":{" \
	"\"reasoning_tokens\":0}}"

TEST(put_streams)
{
	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_mistral, answer, N_ANSWER),
	    HEAD("") "\"role\":\"assistant\",\"content\":\"\"" TAIL
	    HEAD("") "\"content\":[{\"type\":\"thinking\",\"thinking\":[{"
	    "\"type\":\"text\",\"text\":\"hm\"}]}]" TAIL
	    HEAD("") "\"content\":\"no\"" TAIL
	    HEAD("") "\"tool_calls\":[{\"index\":0,\"id\":\"GmfxVIbmF\","
	    "\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{}\"}}]" TAIL
	    HEAD("") "},\"finish_reason\":\"tool_calls\"}]," USAGE "}}\n\n"
	    "data: [DONE]\n\n");
	EQ_STR(rig_put(&r, &codec_groq, answer, N_ANSWER),
	    HEAD("chatcmpl-") "\"role\":\"assistant\",\"content\":\"\"" GTAIL
	    ",\"x_groq\":{\"id\":\"req_0123456789abcdef\"}}\n\n"
	    HEAD("chatcmpl-") "\"reasoning\":\"hm\"" GTAIL "}\n\n"
	    HEAD("chatcmpl-") "\"content\":\"no\"" GTAIL "}\n\n"
	    HEAD("chatcmpl-") "\"tool_calls\":[{\"index\":0,\"id\":"
	    "\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{}\"}}]" GTAIL "}\n\n"
	    HEAD("chatcmpl-") "},\"logprobs\":null,\"finish_reason\":"
	    "\"tool_calls\"}]," G_USAGE ",\"x_groq\":{\"id\":"
	    "\"req_0123456789abcdef\"," G_USAGE "}}\n\ndata: [DONE]\n\n");
	EQ_STR(rig_put(&r, &codec_groq, (const struct ir_event[]){
	    { .kind = IR_EV_ERROR, .fault = FAULT_TRUNCATED,
	    .text = STR("cut") } }, 1),
	    "event: error\ndata: {\"error\":{\"message\":\"cut\",\"type\":"
	    "\"server_error\",\"param\":null,\"code\":\"upstream_truncated\"}"
	    "}\n\n");
	rig_free(&r);
}

TEST(put_bodies)
{
	rig_new(&r);
	EQ_STR(rig_put_body(&r, &codec_mistral, answer, N_ANSWER),
	    "{\"id\":\"req_0123456789abcdef\",\"object\":\"chat.completion\","
	    "\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
	    "\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},"
	    "{\"type\":\"text\",\"text\":\"no\"}],\"tool_calls\":[{\"id\":"
	    "\"GmfxVIbmF\",\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{}\"},\"index\":0}]},\"finish_reason\":"
	    "\"tool_calls\"}]," USAGE "}}");
	/* Nobody counted; its client takes no answer without usage. */
	OK(strstr(rig_put_body(&r, &codec_mistral, (const struct ir_event[]){
	    { .kind = IR_EV_START }, { .kind = IR_EV_TEXT, .text = STR("x") },
	    { .kind = IR_EV_FINISH, .finish = IR_STOP },
	    { .kind = IR_EV_END } }, 4), "\"usage\":{\"prompt_tokens\":0,"
	    "\"completion_tokens\":0,\"total_tokens\":0,") != NULL);
	EQ_STR(rig_put_body(&r, &codec_groq, answer, N_ANSWER),
	    "{\"id\":\"chatcmpl-req_0123456789abcdef\",\"object\":"
	    "\"chat.completion\",\"created\":1700000000,\"model\":\"m\","
	    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
	    "\"content\":\"no\",\"reasoning\":\"hm\",\"tool_calls\":[{\"id\":"
	    "\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
	    "\"arguments\":\"{}\"}}]},\"logprobs\":null,\"finish_reason\":"
	    "\"tool_calls\"}]," G_USAGE ",\"x_groq\":{\"id\":"
	    "\"req_0123456789abcdef\"}}");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(members)
TAP_ROW(messages_of_groq)
TAP_ROW(messages_of_mistral)
TAP_ROW(their_own)
TAP_ROW(subset_and_json)
TAP_ROW(efforts)
TAP_ROW(models_that_reason)
TAP_ROW(recorded)
TAP_ROW(put_streams)
TAP_ROW(put_bodies)
TAP_END
