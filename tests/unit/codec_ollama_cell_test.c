/*
 * codec_ollama_cell_test.c - what becomes of each feature on the way to Ollama
 * and on the way from it: the cells of its column and its row.
 */
#include "codec_rig.h"

static struct rig r;

/* "": nothing is said; "!param": refused; else what x-aigw-dropped says. */
static const char *
told(const char *written)
{
	return *written == '!' ? arena_printf(r.a, "!%s", r.note.param) :
	    ir_dropped(&r.note);
}

#define U	"{\"role\":\"user\",\"content\":\"hi\"}"
#define CHAT(rest)	"{\"messages\":[" U "]," rest "}"
#define SAID(rest)	"{\"messages\":[" rest "]}"
#define PART(rest)	SAID("{\"role\":\"user\",\"content\":[" rest "]}")
#define TOOL		"\"tools\":[{\"type\":\"function\",\"function\":" \
			"{\"name\":\"f\",\"parameters\":{\"type\":"	\
			"\"object\"}}}]"
#define TWO		"\"tools\":[{\"type\":\"function\",\"function\":" \
			"{\"name\":\"f\"}},{\"type\":\"function\","	\
			"\"function\":{\"name\":\"g\"}}]"
#define CALL(args)	"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":" \
			"\"c\",\"type\":\"function\",\"function\":{\"name\":" \
			"\"f\",\"arguments\":" args "}}]}"
#define RESULT(text)	"{\"role\":\"tool\",\"tool_call_id\":\"c\"," \
			"\"content\":" text "}"

/* The column: from OpenAI's chat, or Anthropic's messages. */
static const struct cell {
	const char	*name, *body, *said, *has;
	int		 messages;
} column[] = {
	{ "system_head", SAID("{\"role\":\"developer\",\"content\":\"s\"}," U),
	    "", "[{\"role\":\"system\",\"content\":\"s\"},", 0 },
	{ "system_mid", SAID(U ",{\"role\":\"system\",\"content\":\"s\"}," U),
	    "", "{\"role\":\"system\",\"content\":\"s\"}", 0 },
	{ "text", PART("{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
	    "\"text\":\"b\"}"), "", "\"content\":\"a\\nb\"", 0 },
	{ "empty_text", SAID("{\"role\":\"user\",\"content\":\"\"}"), "",
	    "\"content\":\"\"", 0 },
	{ "same_role", SAID(U "," U), "", U "," U, 0 },
	{ "name", SAID("{\"role\":\"user\",\"name\":\"Bo\",\"content\":"
	    "\"hi\"}"), "name", "\"content\":\"Bo: hi\"", 0 },
	{ "prefill", SAID(U ",{\"role\":\"assistant\",\"content\":\"so\"}"),
	    "", "{\"role\":\"assistant\",\"content\":\"so\"}]", 0 },
	{ "image_b64", PART("{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"data:image/png;base64,iVBORw0KGgo=\"}}"), "",
	    "\"content\":\"\",\"images\":[\"iVBORw0KGgo=\"]", 0 },
	{ "image_url", PART("{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"https://x/y.png\"}}"), "!messages", NULL, 0 },
	{ "image_detail", PART("{\"type\":\"image_url\",\"image_url\":{"
	    "\"url\":\"data:image/png;base64,iVBORw0KGgo=\",\"detail\":"
	    "\"low\"}}"), "detail", "\"images\":", 0 },
	{ "image_file_id", PART("{\"type\":\"file\",\"file\":{\"file_id\":"
	    "\"f\"}}"), "!messages", NULL, 0 },
	{ "pdf", PART("{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\","
	    "\"file_data\":\"data:application/pdf;base64,JVBERi0=\"}}"),
	    "!messages", NULL, 0 },
	{ "text_doc", PART("{\"type\":\"document\",\"title\":\"T\","
	    "\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\","
	    "\"data\":\"abc\"}}"), "document",
	    "\"content\":\"Document: T\\n\\nabc\"", 1 },
	{ "citations_req", PART("{\"type\":\"document\",\"citations\":{"
	    "\"enabled\":true},\"source\":{\"type\":\"text\",\"media_type\":"
	    "\"text/plain\",\"data\":\"abc\"}}"), "!citations", NULL, 1 },
	{ "audio_in", PART("{\"type\":\"input_audio\",\"input_audio\":{"
	    "\"data\":\"AAAA\",\"format\":\"wav\"}}"), "!messages", NULL, 0 },
	{ "video_in", PART("{\"type\":\"video_url\",\"video_url\":{\"url\":"
	    "\"https://x/y\"}}"), "!messages", NULL, 0 },
	{ "tool_def", CHAT(TOOL), "", TOOL, 0 },
	{ "tool_name_chars", CHAT("\"tools\":[{\"type\":\"function\","
	    "\"function\":{\"name\":\"a:b\"}}]"), "tools.name",
	    "\"name\":\"a_b_", 0 },
	{ "tool_strict", CHAT("\"tools\":[{\"type\":\"function\",\"function\":"
	    "{\"name\":\"f\",\"strict\":true}}]"), "tools.strict",
	    "\"function\":{\"name\":\"f\"}", 0 },
	{ "tool_custom", CHAT("\"tools\":[{\"type\":\"custom\",\"custom\":"
	    "{\"name\":\"f\"}}]"), "tools.custom", "\"input\"", 0 },
	{ "tool_custom grammar", CHAT("\"tools\":[{\"type\":\"custom\","
	    "\"custom\":{\"name\":\"f\",\"format\":{\"type\":\"grammar\"}}}]"),
	    "!tools", NULL, 0 },
	{ "tool_builtin", CHAT("\"tools\":[{\"type\":\"web_search\"}]"),
	    "!tools", NULL, 0 },
	{ "choice auto", CHAT(TOOL ",\"tool_choice\":\"auto\""), "", TOOL "}",
	    0 },
	{ "choice none", CHAT(TOOL ",\"tool_choice\":\"none\""), "",
	    "\"messages\":[" U "]}", 0 },
	{ "choice_required", CHAT(TOOL ",\"tool_choice\":\"required\""),
	    "!tool_choice", NULL, 0 },
	{ "choice_named", CHAT(TOOL ",\"tool_choice\":{\"type\":\"function\","
	    "\"function\":{\"name\":\"f\"}}"), "!tool_choice", NULL, 0 },
	{ "choice_subset", CHAT(TWO ",\"tool_choice\":{\"type\":"
	    "\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":"
	    "[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]}}"),
	    "tool_choice", "\"tools\":[{\"type\":\"function\",\"function\":{"
	    "\"name\":\"g\"}}]}", 0 },
	{ "no_parallel", CHAT(TOOL ",\"parallel_tool_calls\":false"),
	    "parallel_tool_calls", TOOL, 0 },
	{ "tool_call_hist", SAID(U "," CALL("\"{\\\"a\\\":1.0}\"") ","
	    RESULT("\"7\"")), "", "\"tool_calls\":[{\"function\":{\"name\":"
	    "\"f\",\"arguments\":{\"a\":1.0}}}]},{\"role\":\"tool\","
	    "\"content\":\"7\",\"tool_name\":\"f\"}]", 0 },
	{ "tool_call_hist empty", SAID(U "," CALL("\"\"") ","
	    RESULT("\"\"")), "", "\"arguments\":{}", 0 },
	{ "tool_call_hist no object", SAID(U "," CALL("\"[]\"") ","
	    RESULT("\"\"")), "!messages", NULL, 0 },
	{ "tool_error", SAID(U ",{\"role\":\"assistant\",\"content\":[{"
	    "\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{}}]}"
	    ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"c\",\"is_error\":true,\"content\":\"bad\"}]}"),
	    "is_error", "\"content\":\"Error: bad\",\"tool_name\":\"f\"", 1 },
	{ "tool_result_image", SAID(U ",{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{}}]"
	    "},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"c\",\"content\":[{\"type\":\"image\",\"source\""
	    ":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"
	    "\"iVBORw0KGgo=\"}}]}]}"), "tool_result",
	    "\"content\":\"\",\"tool_name\":\"f\"},{\"role\":\"user\","
	    "\"content\":\"[Pictures from the results of the tool calls.]\","
	    "\"images\":[\"iVBORw0KGgo=\"]}", 1 },
	{ "max_tokens", CHAT("\"max_tokens\":9"), "",
	    "\"options\":{\"num_predict\":9}", 0 },
	{ "sampling", CHAT("\"temperature\":1.50,\"top_p\":0.5,\"seed\":7,"
	    "\"frequency_penalty\":0.1,\"presence_penalty\":0.2,\"stop\":"
	    "\"x\""), "", "\"options\":{\"temperature\":1.50,\"top_p\":0.5,"
	    "\"seed\":7,\"frequency_penalty\":0.1,\"presence_penalty\":0.2,"
	    "\"stop\":[\"x\"]}", 0 },
	{ "top_k", CHAT("\"max_tokens\":5,\"top_k\":3"), "",
	    "\"top_k\":3", 1 },
	{ "n", CHAT("\"n\":2"), "!n", NULL, 0 },
	{ "n 1", CHAT("\"n\":1"), "", U, 0 },
	{ "logit_bias", CHAT("\"logit_bias\":{\"5\":1}"), "!logit_bias", NULL,
	    0 },
	{ "logit_bias empty", CHAT("\"logit_bias\":{}"), "", U, 0 },
	{ "logprobs", CHAT("\"logprobs\":true,\"top_logprobs\":2"), "",
	    "\"logprobs\":true,\"top_logprobs\":2", 0 },
	{ "json_object", CHAT("\"response_format\":{\"type\":\"json_object\"}"
	    ), "", "\"format\":\"json\"", 0 },
	{ "json_schema", CHAT("\"response_format\":{\"type\":\"json_schema\","
	    "\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}"
	    "}"), "", "\"format\":{\"type\":\"object\"}", 0 },
	{ "effort", CHAT("\"reasoning_effort\":\"low\""), "reasoning_effort",
	    "\"think\":true", 0 },
	{ "effort none", CHAT("\"reasoning_effort\":\"none\""), "",
	    "\"think\":false", 0 },
	{ "budget", CHAT("\"max_tokens\":9000,\"thinking\":{\"type\":"
	    "\"enabled\",\"budget_tokens\":2000}"), "thinking",
	    "\"think\":true", 1 },
	{ "adaptive", CHAT("\"max_tokens\":9,\"thinking\":{\"type\":"
	    "\"adaptive\"}"), "", "\"think\":true", 1 },
	{ "thinking_foreign", SAID(U ",{\"role\":\"assistant\","
	    "\"reasoning_content\":\"hm\",\"content\":\"a\"}," U),
	    "reasoning_content", "\"content\":\"a\",\"thinking\":\"hm\"", 0 },
	{ "refusal_hist", SAID(U ",{\"role\":\"assistant\",\"refusal\":"
	    "\"no\"}," U), "refusal", "\"content\":\"no\"", 0 },
	{ "cache_mark", PART("{\"type\":\"text\",\"text\":\"a\","
	    "\"cache_control\":{\"type\":\"ephemeral\"}}"), "cache_control",
	    "\"content\":\"a\"", 1 },
	{ "cache_key", CHAT("\"prompt_cache_key\":\"k\""), "prompt_cache_key",
	    U, 0 },
	{ "user_id", CHAT("\"user\":\"u\""), "user", U, 0 },
	{ "metadata", CHAT("\"metadata\":{\"a\":\"b\"}"), "metadata", U, 0 },
	{ "service_tier", CHAT("\"service_tier\":\"flex\""), "service_tier",
	    U, 0 },
	{ "verbosity", CHAT("\"verbosity\":\"low\""), "verbosity", U, 0 },
	{ "store", CHAT("\"store\":true"), "store", U, 0 },
	{ "store off", CHAT("\"store\":false"), "", U, 0 },
	{ "stream", CHAT("\"stream\":true,\"stream_options\":{"
	    "\"include_usage\":true}"), "", "\"stream\":true,", 0 },
	{ "no stream", CHAT("\"stream\":false"), "", "\"stream\":false,", 0 },
	{ "prediction", CHAT("\"prediction\":{}"), "prediction", U, 0 },
	{ "audio_out", CHAT("\"modalities\":[\"audio\"]"), "!modalities",
	    NULL, 0 },
};

static struct ir_req *
asked(const struct cell *c)
{
	return c->messages ? rig_read(&r, &codec_anthropic, DIALECT_ANTHROPIC,
	    arena_printf(r.a, "{\"model\":\"m\",%s%s",
	    strstr(c->body, "max_tokens") == NULL ? "\"max_tokens\":50," : "",
	    c->body + 1)) : rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    c->body);
}

static void
one_of_the_column(const struct cell *c, int strict)
{
	struct ir_req *q;
	const char *text;

	rig_new(&r);
	q = asked(c);
	EQ_STR(q == NULL ? r.note.message : "", "");
	r.note.strict = strict;
	text = rig_write(&r, &codec_ollama, q);
	if (strict) {
		EQ_STR(*text == '!' ? c->name : "", *c->said == '\0' ? "" :
		    c->name);
	} else {
		EQ_STR(arena_printf(r.a, "%s: %s", c->name, told(text)),
		    arena_printf(r.a, "%s: %s", c->name, c->said));
		if (c->has != NULL)
			EQ_STR(strstr(text, c->has) == NULL ? text : c->has,
			    c->has);
	}
	rig_free(&r);
}

TEST(column)
{
	size_t i;

	for (i = 0; i < sizeof(column) / sizeof(column[0]); i++)
		one_of_the_column(&column[i], 0);
}

TEST(strict_column)
{
	size_t i;

	for (i = 0; i < sizeof(column) / sizeof(column[0]); i++)
		one_of_the_column(&column[i], 1);
}

TEST(levels)
{
	struct ir_req *q;

	rig_new(&r);
	r.target.model = STR("gpt-oss:20b");
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    CHAT("\"reasoning_effort\":\"low\""));
	OK(strstr(rig_write(&r, &codec_ollama, q), "\"think\":\"low\"") !=
	    NULL);
	EQ_STR(ir_dropped(&r.note), "");
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    CHAT("\"reasoning_effort\":\"xhigh\""));
	OK(strstr(rig_write(&r, &codec_ollama, q), "\"think\":\"high\"") !=
	    NULL);
	EQ_STR(ir_dropped(&r.note), "reasoning_effort");
	rig_free(&r);
}

/* What prices.conf says of a model goes before what its name tells. */
TEST(told_by_the_operator)
{
	struct ir_req *q;

	rig_new(&r);
	r.target.known.can = TRAIT_EFFORT;
	q = rig_read(&r, &codec_openai_chat, DIALECT_OPENAI,
	    CHAT("\"reasoning_effort\":\"low\""));
	OK(strstr(rig_write(&r, &codec_ollama, q), "\"think\":\"low\"") !=
	    NULL);
	r.target.dialect = DIALECT_ANTHROPIC;
	r.target.model = STR("claude-opus-4-7");
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA,
	    "{\"messages\":[" U "],\"options\":{\"top_p\":0.5}}");
	EQ_STR(told(rig_write(&r, &codec_anthropic, q)), "!options.top_p");
	r.target.known.can = TRAIT_SAMPLING;
	r.target.known.max_output = 777;
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA,
	    "{\"messages\":[" U "],\"options\":{\"top_p\":0.5}}");
	OK(strstr(rig_write(&r, &codec_anthropic, q), "\"top_p\":0.5") !=
	    NULL);
	r.target.model = STR("gpt-4o");
	r.target.known.can = 0;
	r.target.known.cannot = TRAIT_STOP;
	r.target.dialect = DIALECT_OPENAI;
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA,
	    "{\"messages\":[" U "],\"options\":{\"stop\":\"x\"}}");
	EQ_STR(told(rig_write(&r, &codec_openai_chat, q)), "!options.stop");
	r.target.model = STR("gemini-2.5-flash");
	r.target.known.can = TRAIT_EFFORT;
	r.target.dialect = DIALECT_GEMINI;
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA,
	    "{\"messages\":[" U "],\"think\":\"low\"}");
	OK(strstr(rig_write(&r, &codec_gemini, q), "thinkingLevel") != NULL);
	/* OpenAI's, in both formats: whether it reasons, and marks. */
	r.target.dialect = DIALECT_OPENAI;
	r.target.model = STR("gpt-4o");
	OK(strstr(rig_write(&r, &codec_openai_chat, q),
	    "\"reasoning_effort\":\"low\"") != NULL);
	OK(strstr(rig_write(&r, &codec_responses, q),
	    "\"effort\":\"low\"") != NULL);
	r.target.known.can = 0;
	r.target.known.cannot = TRAIT_EFFORT;
	r.target.model = STR("gpt-5");
	EQ_STR(told(rig_write(&r, &codec_openai_chat, q)), "think");
	EQ_STR(told(rig_write(&r, &codec_responses, q)), "think");
	r.target.known.can = TRAIT_MARKS;
	r.target.model = STR("gpt-4o");
	q = rig_read(&r, &codec_anthropic, DIALECT_ANTHROPIC, "{\"model\":"
	    "\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"x\","
	    "\"cache_control\":{\"type\":\"ephemeral\"}}]}]}");
	OK(strstr(rig_write(&r, &codec_responses, q),
	    "prompt_cache_breakpoint") != NULL);
	rig_free(&r);
}

/* --- the row: from Ollama to the others ---------------------------------- */

#define OPT(rest)	CHAT("\"options\":{" rest "}")
#define OCALL		"{\"role\":\"assistant\",\"tool_calls\":[{" \
			"\"function\":{\"name\":\"f\",\"arguments\":{\"a\":" \
			"1}}}]},{\"role\":\"tool\",\"content\":\"7\"," \
			"\"tool_name\":\"f\"}"

static const struct row {
	const char	*name, *body;
	const char	*openai, *responses, *anthropic, *gemini, *mistral,
			*groq;
	int		 prompt;
} row[] = {
	{ "text", SAID(U),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "system_head", SAID("{\"role\":\"system\",\"content\":\"s\"}," U),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "system_mid", SAID(U ",{\"role\":\"system\",\"content\":\"s\"}," U),
	    "", "", "options.num_predict,messages", "messages.system,message"
	    "s", "", "", 0 },
	{ "empty_text", SAID(U ",{\"role\":\"assistant\",\"content\":\"\"},"
	    "" U),
	    "", "", "options.num_predict,messages", "messages", "", "", 0 },
	{ "same_role", SAID(U "," U),
	    "", "", "options.num_predict,messages", "messages", "", "", 0 },
	{ "prefill", SAID(U ",{\"role\":\"assistant\",\"content\":\"so\"}"),
	    "prefill", "messages", "options.num_predict", "messages.prefill"
	    "", "", "", 0 },
	{ "image_b64", SAID("{\"role\":\"user\",\"content\":\"hi\",\"images"
	    "\":[\"iVBORw0KGgo=\"]}"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "tool_def", CHAT(TOOL),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "tool_call_hist", SAID(U "," OCALL),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "tool_result_image", SAID(U ",{\"role\":\"assistant\",\"tool_calls"
	    "\":[{\"function\":{\"name\":\"f\"}}]},{\"role\":\"tool\",\"cont"
	    "ent\":\"7\",\"images\":[\"iVBORw0KGgo=\"]}"),
	    "tool_result", "", "options.num_predict", "", "", "", 0 },
	{ "max_tokens", OPT("\"num_predict\":90"),
	    "", "", "", "", "", "", 0 },
	{ "no limit", OPT("\"num_predict\":-1"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "temperature", OPT("\"temperature\":0.5"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "top_p", OPT("\"top_p\":0.5"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "top_k", OPT("\"top_k\":3"),
	    "!options.top_k", "!options.top_k", "options.num_predict", "",
	    "!options.top_k", "!options.top_k", 0 },
	{ "stop", OPT("\"stop\":[\"x\"]"),
	    "!options.stop", "!options.stop", "options.num_predict", "", "",
	    "", 0 },
	{ "seed", OPT("\"seed\":7"),
	    "", "options.seed", "options.seed,options.num_predict", "", "",
	    "", 0 },
	{ "penalties", OPT("\"frequency_penalty\":0.5"),
	    "", "!options.frequency_penalty", "!options.frequency_penalty",
	    "", "", "options.frequency_penalty", 0 },
	{ "logprobs", CHAT("\"logprobs\":true"),
	    "", "", "!logprobs", "logprobs", "!logprobs", "!logprobs", 0 },
	{ "json_object", CHAT("\"format\":\"json\""),
	    "format", "response_format", "options.num_predict,format", "",
	    "format", "format", 0 },
	{ "json_schema", CHAT("\"format\":{\"type\":\"object\",\"properties"
	    "\":{},\"required\":[],\"additionalProperties\":false}"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "think", CHAT("\"think\":true"),
	    "think", "", "options.num_predict,think", "", "think", "think",
	    0 },
	{ "think off", CHAT("\"think\":false"),
	    "", "", "options.num_predict", "think", "", "think", 0 },
	{ "effort", CHAT("\"think\":\"high\""),
	    "think", "", "options.num_predict,think", "think", "think", "",
	    0 },
	{ "thinking_foreign", SAID(U ",{\"role\":\"assistant\",\"thinking\":"
	    "\"hm\",\"content\":\"a\"}," U),
	    "thinking", "thinking", "options.num_predict,thinking", "thinki"
	    "ng", "thinking", "thinking", 0 },
	{ "keep_alive", CHAT("\"keep_alive\":\"5m\""),
	    "keep_alive", "keep_alive", "keep_alive,options.num_predict", "k"
	    "eep_alive", "keep_alive", "keep_alive", 0 },
	{ "num_ctx", OPT("\"num_ctx\":4096"),
	    "options.num_ctx", "options.num_ctx", "options.num_ctx,options.n"
	    "um_predict", "options.num_ctx", "options.num_ctx", "options.num"
	    "_ctx", 0 },
	{ "stream", CHAT("\"stream\":true"),
	    "", "", "options.num_predict", "", "", "", 0 },
	{ "prompt", "{\"prompt\":\"hi\"}",
	    "", "", "options.num_predict", "", "", "", 1 },
	{ "context", "{\"prompt\":\"hi\",\"context\":[1]}",
	    "!context", "!context", "!context", "!context", "!context", "!co"
	    "ntext", 1 },
	{ "suffix", "{\"prompt\":\"hi\",\"suffix\":\"x\"}",
	    "!suffix", "!suffix", "!suffix", "!suffix", "!suffix", "!suffix"
	    "", 1 },
	{ "raw", "{\"prompt\":\"hi\",\"raw\":true}",
	    "!raw", "!raw", "!raw", "!raw", "!raw", "!raw", 1 },
};

static const struct to {
	const struct codec *c;
	enum conf_dialect d;
	const char	*model;
	int		 responses;
	size_t		 at;
} targets[] = {
	{ &codec_openai_chat, DIALECT_OPENAI, "gpt-5.2", 0,
	    offsetof(struct row, openai) },
	{ &codec_responses, DIALECT_OPENAI, "gpt-5.2", 1,
	    offsetof(struct row, responses) },
	{ &codec_anthropic, DIALECT_ANTHROPIC, "claude-sonnet-4-5", 0,
	    offsetof(struct row, anthropic) },
	{ &codec_gemini, DIALECT_GEMINI, "gemini-3-pro", 0,
	    offsetof(struct row, gemini) },
	{ &codec_mistral, DIALECT_MISTRAL, "mistral-large", 0,
	    offsetof(struct row, mistral) },
	{ &codec_groq, DIALECT_GROQ, "openai/gpt-oss-20b", 0,
	    offsetof(struct row, groq) },
};

static void
one_of_the_row(const struct row *w, const struct to *t)
{
	const char *want = *(const char *const *)(const void *)
	    ((const char *)w + t->at), *text;
	struct ir_req *q;

	rig_new(&r);
	r.prompt = w->prompt;
	r.target.dialect = t->d;
	r.target.responses = t->responses;
	r.target.model = str_of(t->model);
	q = rig_read(&r, &codec_ollama, DIALECT_OLLAMA, w->body);
	EQ_STR(q == NULL ? r.note.message : "", "");
	text = told(rig_write(&r, t->c, q));
	EQ_STR(arena_printf(r.a, "%s to %s: %s", w->name, t->c->name, text),
	    arena_printf(r.a, "%s to %s: %s", w->name, t->c->name, want));
	rig_free(&r);
}

TEST(row)
{
	size_t i, k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (k = 0; k < sizeof(targets) / sizeof(targets[0]); k++)
			one_of_the_row(&row[i], &targets[k]);
}

TAP_BEGIN
TAP_ROW(column)
TAP_ROW(strict_column)
TAP_ROW(levels)
TAP_ROW(told_by_the_operator)
TAP_ROW(row)
TAP_END
