/*
 * mock_dialects_test.c - aigw-mock: the formats beside OpenAI's.
 *
 * Runs in: make check.
 * Owns: the mocks it starts.
 *
 * A table of requests, each with the place in the answer that shows what the
 * request asked for; and whole streams, compared event by event.
 */
#include <signal.h>
#include <sys/wait.h>

#include "base/json.h"
#include "harness.h"
#include "tap.h"

#define WITH	"anthropic-version: 2023-06-01\r\n"
#define USER	"{\"role\":\"user\",\"content\":\"hi\"}"
#define SCHEMA	"{\"type\":\"object\",\"properties\":{\"city\":" \
	"{\"type\":\"string\"}}}"

#define AN(more) "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER \
	"]" more "}"
#define AN_TOOLS ",\"tools\":[{\"name\":\"look\",\"input_schema\":" SCHEMA "}]"
#define AN_BACK(block) "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" \
	USER ",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\"," \
	"\"id\":\"t1\",\"name\":\"look\",\"input\":{}}]}," \
	"{\"role\":\"user\",\"content\":[" block "]}]" AN_TOOLS "}"

#define GE_HI "{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}"
#define GE(more) "{\"contents\":[" GE_HI "]" more "}"
#define GE_TOOLS ",\"tools\":[{\"functionDeclarations\":[{\"name\":" \
	"\"look\",\"parametersJsonSchema\":" SCHEMA "}]}]"
#define GE_BACK(sig, result) "{\"contents\":[" GE_HI ",{\"role\":\"model\"," \
	"\"parts\":[{\"functionCall\":{\"name\":\"look\",\"args\":{}}" sig \
	"}]}" result "]" GE_TOOLS "}"
#define GE_RESULT ",{\"role\":\"user\",\"parts\":[{\"functionResponse\":" \
	"{\"name\":\"look\",\"response\":{\"output\":\"x\"}}}]}"
#define GE_DUMMY ",\"thoughtSignature\":" \
	"\"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=\""

#define GE_COUNT(model, more) "{\"generateContentRequest\":{\"model\":\"" \
	model "\",\"contents\":[" GE_HI "]}" more "}"

#define OC(more) "{\"model\":\"m\",\"messages\":[" USER "]" more "}"
#define OC_TOOLS ",\"tools\":[{\"type\":\"function\",\"function\":{" \
	"\"name\":\"look\",\"parameters\":" SCHEMA "}}]"
#define OC_BACK(id) "{\"model\":\"m\",\"messages\":[" USER ",{\"role\":" \
	"\"assistant\",\"tool_calls\":[{\"id\":\"" id "\",\"function\":" \
	"{\"name\":\"look\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\"," \
	"\"tool_call_id\":\"" id "\",\"content\":\"x\"}]" OC_TOOLS "}"

#define AN_COUNT "/v1/messages/count_tokens"
#define G2	"/v1beta/models/gemini-2.5-flash:"
#define G3	"/v1beta/models/gemini-3-pro:"
#define EMBED	"{\"content\":{\"parts\":[{\"text\":\"a\"}]}}"
#define BATCH(m) "{\"requests\":[{\"model\":\"models/" m "\",\"content\":" \
	"{\"parts\":[{\"text\":\"a\"}]}},{\"model\":\"models/" m "\"," \
	"\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}"
#define MIE	"/mistral/v1/embeddings"
#define OLE	"/api/embed"
#define MI	"/mistral/v1/chat/completions"
#define GR	"/groq/openai/v1/chat/completions"
#define AZ	"/openai/deployments/d/chat/completions"

/* The answer has that status, and at that place that text. */
static const struct {
	const char *path, *body;
	int status;
	const char *at, *want;
} cases[] = {
	/* Anthropic */
	{ "/v1/messages", AN(""), 200, "content.0.type", "text" },
	{ "/v1/messages", AN(""), 200, "stop_reason", "max_tokens" },
	{ "/v1/messages", AN(AN_TOOLS), 200, "content.0.input.city",
	    "value" },
	{ "/v1/messages", AN(AN_TOOLS), 200, "stop_reason", "tool_use" },
	{ "/v1/messages", AN(AN_TOOLS ",\"tool_choice\":{\"type\":\"none\"}"),
	    200, "content.0.type", "text" },
	{ "/v1/messages", AN(",\"thinking\":{\"type\":\"adaptive\"}"), 200,
	    "content.0.type", "thinking" },
	{ "/v1/messages", AN(",\"thinking\":{\"type\":\"adaptive\","
	    "\"display\":\"omitted\"}"), 200, "content.0.type", "text" },
	{ "/v1/messages", AN_BACK("{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"t1\"}"), 200, "content.0.type", "text" },
	{ "/v1/messages", AN_BACK("{\"type\":\"text\",\"text\":\"x\"}"), 400,
	    "error.type", "invalid_request_error" },
	{ "/v1/messages", AN_BACK("{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"t2\"}"), 400, "type", "error" },
	{ "/v1/messages", "{\"model\":\"m\",\"messages\":[" USER "]}", 400,
	    "error.message", "max_tokens: Field required" },
	{ "/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"messages\":["
	    USER ",{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"thinking\",\"thinking\":\"x\",\"signature\":\"eA==\"}]},"
	    USER "]}", 400, "error.message",
	    "Invalid `signature` in `thinking` block" },
	{ "/v1/messages", AN(",\"metadata\":{\"user_id\":"
	    "\"[[mock:status=529]]\"}"), 529, "error.type",
	    "overloaded_error" },
	{ AN_COUNT, "{\"model\":\"m\",\"messages\":[" USER "]}", 200,
	    "input_tokens", "8" },
	{ AN_COUNT, AN(""), 400, "error.message",
	    "max_tokens: Extra inputs are not permitted" },
	{ AN_COUNT, "{\"model\":\"m\",\"messages\":[" USER "],\"stream\":"
	    "false}", 400, "error.message",
	    "stream: Extra inputs are not permitted" },
	/* Gemini */
	{ G2 "generateContent", GE(""), 200, "candidates.0.finishReason",
	    "STOP" },
	{ G2 "generateContent", GE(",\"generationConfig\":"
	    "{\"maxOutputTokens\":2}"), 200, "candidates.0.finishReason",
	    "MAX_TOKENS" },
	{ G2 "generateContent", GE(GE_TOOLS), 200,
	    "candidates.0.content.parts.0.functionCall.args.city", "value" },
	{ G2 "generateContent", GE(GE_TOOLS), 200,
	    "candidates.0.content.parts.0.functionCall.id", NULL },
	{ G3 "generateContent", GE(GE_TOOLS), 200,
	    "candidates.0.content.parts.0.functionCall.name", "look" },
	{ G2 "generateContent", GE(",\"generationConfig\":{\"thinkingConfig\""
	    ":{\"includeThoughts\":true}}"), 200,
	    "candidates.0.content.parts.0.thought", "true" },
	{ G2 "generateContent", GE_BACK("", GE_RESULT), 200,
	    "candidates.0.content.parts.0.functionCall", NULL },
	{ G2 "generateContent", GE_BACK("", ""), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G3 "generateContent", GE_BACK("", GE_RESULT), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G3 "generateContent", GE_BACK(GE_DUMMY, GE_RESULT), 200,
	    "candidates.0.finishReason", "STOP" },
	{ G2 "generateContent", GE(",\"labels\":{\"x\":"
	    "\"[[mock:status=429,retry-after=7]]\"}"), 429,
	    "error.details.0.retryDelay", "7s" },
	{ G2 "countTokens", GE(""), 200, "totalTokens", "11" },
	{ G2 "countTokens", GE(GE_TOOLS), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G2 "countTokens", GE_COUNT("models/gemini-2.5-flash", ""), 200,
	    "totalTokens", "11" },
	{ G2 "countTokens", GE_COUNT("gemini-2.5-flash", ""), 400,
	    "error.status", "INVALID_ARGUMENT" },
	{ G2 "countTokens", GE_COUNT("models/other", ""), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G2 "countTokens", GE_COUNT("models/gemini-2.5-flash",
	    ",\"contents\":[" GE_HI "]"), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G2 "embedContent", "{\"content\":{\"parts\":[{\"text\":\"a\"}]},"
	    "\"outputDimensionality\":1}", 200, "embedding.values.1", NULL },
	{ G2 "embedContent", EMBED, 200, "usageMetadata.promptTokenCount",
	    "1" },
	{ G2 "embedContent", "{\"content\":{\"parts\":[]}}", 400,
	    "error.status", "INVALID_ARGUMENT" },
	{ G2 "batchEmbedContents", BATCH("gemini-2.5-flash"), 200,
	    "embeddings.2", NULL },
	{ G2 "batchEmbedContents", BATCH("other"), 400, "error.status",
	    "INVALID_ARGUMENT" },
	{ G2 "batchEmbedContents", "{\"requests\":[{},{}]}", 400,
	    "error.status", "INVALID_ARGUMENT" },
	{ G2 "batchEmbedContents", "{\"requests\":[" EMBED "],\"x\":1}",
	    400, "error.status", "INVALID_ARGUMENT" },
	/* Embeddings of others. */
	{ MIE, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}", 200,
	    "data.1.index", "1" },
	{ MIE, "{\"model\":\"m\",\"input\":\"abcd\"}", 200,
	    "usage.total_tokens", "1" },
	{ MIE, "{\"model\":\"m\",\"input\":[1,2]}", 422, "detail.0.type",
	    "value_error" },
	{ MIE, "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":3}", 422,
	    "detail.0.msg", "unknown member dimensions" },
	{ OLE, "{\"model\":\"m\",\"input\":[\"a\",\"b\"],"
	    "\"dimensions\":2}", 200, "embeddings.1.2", NULL },
	{ OLE, "{\"model\":\"m\",\"input\":\"a\"}", 200,
	    "prompt_eval_count", "1" },
	{ OLE, "{\"model\":\"m\",\"input\":[]}", 400, "error",
	    "invalid input type" },
	{ OLE, "{\"model\":\"m\",\"input\":\"a\",\"user\":\"u\"}", 400,
	    "error", "unknown member user" },
	{ OLE "dings", "{\"model\":\"m\",\"prompt\":\"a\"}", 200,
	    "embedding.16", NULL },
	{ OLE "dings", "{\"model\":\"m\",\"input\":\"a\"}", 400, "error",
	    "unknown member input" },
	/* Mistral */
	{ MI, OC(""), 200, "choices.0.finish_reason", "stop" },
	{ MI, OC(OC_TOOLS), 200, "choices.0.message.tool_calls.0.function."
	    "arguments", "{\"city\":\"value\"}" },
	{ MI, OC(",\"reasoning_effort\":\"high\""), 200,
	    "choices.0.message.content.0.thinking.0.type", "text" },
	{ MI, OC_BACK("abcdefgh9"), 200, "choices.0.finish_reason", "stop" },
	{ MI, OC_BACK("call_abcd"), 400, "object", "error" },
	{ MI, OC(",\"user\":\"[[mock:status=401]]\""), 401, "detail",
	    "Invalid API Key" },
	/* Groq */
	{ GR, OC(OC_TOOLS), 200, "choices.0.message.tool_calls.0.function."
	    "name", "look" },
	{ GR, OC(",\"reasoning_effort\":\"low\""), 200,
	    "choices.0.message.reasoning",
	    "Thinking step 1 step 2 step 3 step 4 step 5" },
	{ GR, OC(",\"reasoning_effort\":\"low\",\"reasoning_format\":"
	    "\"hidden\""), 200, "choices.0.message.reasoning", NULL },
	{ GR, OC(",\"n\":2"), 400, "error.type", "invalid_request_error" },
	/* Ollama */
	{ "/api/chat", OC(",\"stream\":false"), 200, "done", "true" },
	{ "/api/chat", OC(",\"stream\":false" OC_TOOLS), 200,
	    "message.tool_calls.0.function.arguments.city", "value" },
	{ "/api/chat", OC(",\"stream\":false,\"format\":" SCHEMA), 200,
	    "message.content", "{\"city\":\"text\"}" },
	{ "/api/chat", OC(",\"stream\":false,\"options\":{\"num_predict\":1}"),
	    200, "done_reason", "length" },
	{ "/api/chat", OC(",\"user\":\"[[mock:status=404]]\""), 404, "error",
	    "model not found, try pulling it first" },
	/* Azure */
	{ AZ "?api-version=2026-01-01", OC(""), 200, "model", "d" },
	{ AZ, OC(""), 404, "error.code", "DeploymentNotFound" },
	{ "/openai/responses?api-version=1", "{\"model\":\"d\",\"input\":"
	    "\"x\"}", 200, "model", "d" },
	{ "/openai/responses", "{\"model\":\"d\",\"input\":\"x\"}", 404,
	    "error.code", "DeploymentNotFound" },
	{ "/openai/v1/responses", "{\"model\":\"d\",\"input\":\"x\"}", 200,
	    "model", "d" },
	{ "/openai/v1/responses?api-version=2025-01-01", "{\"model\":\"d\","
	    "\"input\":\"x\"}", 400, "error.message",
	    "API version not supported" },
	/* Responses */
	{ "/v1/responses", "{\"model\":\"m\",\"input\":\"x\",\"reasoning\":"
	    "{\"effort\":\"low\",\"summary\":\"auto\"}}", 200,
	    "output.0.summary.0.text",
	    "Thinking step 1 step 2 step 3 step 4 step 5" },
	{ "/v1/responses", "{\"model\":\"m\",\"input\":\"x\",\"text\":"
	    "{\"format\":{\"type\":\"json_schema\",\"schema\":" SCHEMA
	    "}}}", 200, "output.0.content.0.text", "{\"city\":\"text\"}" },
	{ "/v1/responses/input_tokens", "{\"model\":\"m\",\"input\":\"x\"}",
	    200, "input_tokens", "1" },
	{ "/v1/responses/input_tokens", "{\"model\":\"m\",\"input\":\"x\","
	    "\"max_output_tokens\":20}", 400, "error.message",
	    "Unknown parameter: 'max_output_tokens'." },
};

static struct harness_proc mock;
static char where[64];

static void
start(void)
{
	const char *argv[] = {
		harness_path("aigw-mock"), "--listen", "127.0.0.1:0",
		"--seed", "7", NULL
	};

	harness_start(&mock, argv);
	harness_line(&mock, "listening ", where, sizeof(where));
}

static void
stop(void)
{
	int status = harness_stop(&mock, SIGTERM);

	OK(WIFEXITED(status));
	EQ_INT(WEXITSTATUS(status), 0);
}

TEST(whole_answers)
{
	struct harness_answer a;
	struct json_object *o, *v;
	const char *text;
	size_t i;

	start();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EQ_INT(harness_http(where, "POST", cases[i].path, WITH,
		    str_of(cases[i].body), &a), cases[i].status);
		o = NULL;
		OK(json_parse(buf_str(&a.body), &o) == 0);
		v = harness_get(o, cases[i].at);
		text = v == NULL ? NULL : json_object_get_string(v);
		if (cases[i].want == NULL)
			OK(text == NULL);
		else
			EQ_STR(text == NULL ? cases[i].path : text,
			    cases[i].want);
		json_object_put(o);
		harness_answer_free(&a);
	}
	stop();
}

/* What lines of a stream begin with, in their order; the rest is left out. */
static const struct {
	const char *path, *body, *lines;
} streams[] = {
	{ "/v1/messages", AN(",\"stream\":true,\"thinking\":{\"type\":"
	    "\"adaptive\"}" AN_TOOLS),
	    "event: message_start|event: content_block_start|event: ping|"
	    "event: content_block_delta|event: content_block_delta|"
	    "event: content_block_delta|event: content_block_delta|"
	    "event: content_block_delta|event: content_block_delta|"
	    "event: content_block_delta|event: content_block_stop|"
	    "event: content_block_start|event: content_block_delta|"
	    "event: content_block_delta|event: content_block_delta|"
	    "event: content_block_stop|event: message_delta|"
	    "event: message_stop" },
	{ "/v1/messages", AN(",\"stream\":true,\"metadata\":{\"user_id\":"
	    "\"[[mock:error=2]]\"}"), "event: message_start|"
	    "event: content_block_start|event: ping|event: error" },
	{ G2 "streamGenerateContent?alt=sse", GE(",\"generationConfig\":"
	    "{\"maxOutputTokens\":2}"), "data: |data: |data: " },
	{ G2 "streamGenerateContent", GE(",\"generationConfig\":"
	    "{\"maxOutputTokens\":1}"), "[{\"cand|,|{\"cand|]" },
	{ G2 "streamGenerateContent", GE(",\"labels\":{\"a\":"
	    "\"[[mock:error=0]]\"}"), "[{\"error\": {\"code\": 503" },
	{ MI, OC(",\"stream\":true" OC_TOOLS), "data: {|data: {|"
	    "data: [DONE]" },
	{ GR, OC(",\"stream\":true" OC_TOOLS), "data: {|data: {|data: {|"
	    "data: [DONE]" },
	{ GR, OC(",\"stream\":true,\"user\":\"[[mock:error=1]]\""),
	    "data: {|event: error|data: {\"error\"" },
	{ "/api/chat", OC(OC_TOOLS), "{\"model\"|{\"model\"" },
	{ AZ "?api-version=1", OC(",\"stream\":true,\"max_tokens\":1"),
	    "data: {\"choices\":[],|data: {\"id\"|data: {\"id\"|"
	    "data: {\"id\"|data: [DONE]" },
};

TEST(streams_in_order)
{
	struct str rest, line, want, part;
	struct harness_answer a;
	size_t i;

	start();
	for (i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		EQ_INT(harness_http(where, "POST", streams[i].path, WITH,
		    str_of(streams[i].body), &a), 200);
		rest = buf_str(&a.body);
		want = str_of(streams[i].lines);
		while (str_split(&rest, '\n', &line)) {
			if (line.n == 0 || str_eqc(line, "\r") ||
			    str_starts(line, STR("data: {\"type\"")))
				continue;
			OK(str_split(&want, '|', &part));
			OK(str_starts(line, part));
		}
		EQ_S(want, "");
		harness_answer_free(&a);
	}
	stop();
}

/* The thinking that a stream signed is taken back. */
TEST(signature_comes_back)
{
	struct json_object *o, *b;
	struct harness_answer a;
	struct buf body;

	start();
	buf_init(&body, 65536);
	EQ_INT(harness_http(where, "POST", "/v1/messages", WITH,
	    STR(AN(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
	    "1024}" AN_TOOLS)), &a), 200);
	OK(json_parse(buf_str(&a.body), &o) == 0);
	harness_answer_free(&a);
	b = json_get(o, "content");
	EQ_INT(json_object_array_length(b), 2);
	buf_printf(&body, "{\"model\":\"m\",\"max_tokens\":9,\"thinking\":"
	    "{\"type\":\"enabled\",\"budget_tokens\":1024},\"messages\":["
	    USER ",{\"role\":\"assistant\",\"content\":%s},{\"role\":"
	    "\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"%s\"}]}]" AN_TOOLS "}",
	    json_object_to_json_string(b), json_object_get_string(
	    harness_get(o, "content.1.id")));
	EQ_INT(harness_http(where, "POST", "/v1/messages", WITH,
	    buf_str(&body), &a), 200);
	harness_answer_free(&a);
	buf_free(&body);
	json_object_put(o);
	/* A call without its thinking is refused then. */
	EQ_INT(harness_http(where, "POST", "/v1/messages", WITH,
	    STR("{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},"
	    "\"model\":\"m\",\"max_tokens\":9,\"messages\":[" USER ","
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
	    "\"id\":\"t1\",\"name\":\"look\",\"input\":{}}]},{\"role\":"
	    "\"user\",\"content\":[{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"t1\"}]}]}"), &a), 400);
	harness_answer_free(&a);
	stop();
}

/* So many calls and their results, the last first: with one result of another
 * id, or a text before one. */
static int
answer_calls(int n, int other, int text)
{
	struct harness_answer a;
	struct buf body;
	int i, rc;

	buf_init(&body, 16 << 20);
	buf_adds(&body, STR("{\"model\":\"m\",\"max_tokens\":9,\"messages\":"
	    "[" USER ",{\"role\":\"assistant\",\"content\":["));
	for (i = 0; i < n; i++)
		buf_printf(&body, "%s{\"type\":\"tool_use\",\"id\":\"t%d\","
		    "\"name\":\"look\",\"input\":{}}", i > 0 ? "," : "", i);
	buf_adds(&body, STR("]},{\"role\":\"user\",\"content\":["));
	for (i = n - 1; i >= 0; i--)
		buf_printf(&body, "%s{\"type\":\"tool_result\","
		    "\"tool_use_id\":\"%s%d\"}%s", i == text ?
		    "{\"type\":\"text\",\"text\":\"a\"}," : "",
		    i == other ? "x" : "t", i, i > 0 ? "," : "");
	buf_adds(&body, STR("]}]" AN_TOOLS "}"));
	rc = harness_http(where, "POST", "/v1/messages", WITH,
	    buf_str(&body), &a);
	harness_answer_free(&a);
	buf_free(&body);
	return rc;
}

TEST(each_call_is_answered)
{
	start();
	EQ_INT(answer_calls(1, -1, -1), 200);
	EQ_INT(answer_calls(20000, -1, -1), 200);
	EQ_INT(answer_calls(2000, 0, -1), 400);
	EQ_INT(answer_calls(2000, 1999, -1), 400);
	EQ_INT(answer_calls(2000, -1, 0), 400);
	stop();
}

/* Keys of every kind, lists of models, and the meter. */
TEST(lists_and_meter)
{
	static const struct {
		const char *path, *headers, *at, *want;
	} gets[] = {
		{ "/v1/models", WITH, "data.0.type", "model" },
		{ "/v1/models", "", "object", "list" },
		{ "/v1beta/models", "", "models.0.name",
		    "models/gemini-2.5-flash" },
		{ "/v1beta/models/gemini-2.5-pro", "", "name",
		    "models/gemini-2.5-pro" },
		{ "/mistral/v1/models", "", "object", "list" },
		{ "/api/tags", "", "models.0.name", "llama3.2:latest" },
	};
	struct harness_answer a;
	struct json_object *o;
	size_t i;

	start();
	for (i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
		EQ_INT(harness_http(where, "GET", gets[i].path,
		    gets[i].headers, STR(""), &a), 200);
		OK(json_parse(buf_str(&a.body), &o) == 0);
		EQ_STR(json_object_get_string(harness_get(o, gets[i].at)),
		    gets[i].want);
		json_object_put(o);
		harness_answer_free(&a);
	}
	EQ_INT(harness_http(where, "POST", G2 "generateContent?key=k9", "",
	    STR(GE("")), &a), 200);
	harness_answer_free(&a);
	o = harness_json(where, "GET", "/_mock/sent?since=6", "");
	EQ_S(json_get_str(harness_get(o, "sent.0"), "key"), "k9");
	EQ_S(json_get_str(harness_get(o, "sent.0"), "model"),
	    "gemini-2.5-flash");
	EQ_INT(harness_int(o, "sent.0.output"), 16);
	EQ_INT(harness_int(o, "sent.0.input"), 11);
	json_object_put(o);
	stop();
}

TAP_BEGIN
TAP_ROW(whole_answers)
TAP_ROW(streams_in_order)
TAP_ROW(signature_comes_back)
TAP_ROW(each_call_is_answered)
TAP_ROW(lists_and_meter)
TAP_END
