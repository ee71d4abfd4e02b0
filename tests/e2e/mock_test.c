/*
 * mock_test.c - aigw-mock: what it answers, counts, replays and obeys.
 *
 * Runs in: make check.
 * Owns: the mocks it starts.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/crypto.h"
#include "base/fd.h"
#include "harness.h"
#include "tap.h"

static struct harness_proc mock;
static char where[64], control[64];

/* A mock with these options more (up to NULL). */
static void
start(const char *const *more)
{
	const char *argv[24] = {
		harness_path("aigw-mock"), "--listen", "127.0.0.1:0",
		"--control", "127.0.0.1:0", "--seed", "7"
	};
	int i;

	for (i = 0; more != NULL && more[i] != NULL; i++)
		argv[7 + i] = more[i];
	harness_start(&mock, argv);
	harness_line(&mock, "listening ", where, sizeof(where));
	harness_line(&mock, "control ", control, sizeof(control));
}

static void
stop(void)
{
	int status = harness_stop(&mock, SIGTERM);

	OK(WIFEXITED(status));
	EQ_INT(WEXITSTATUS(status), 0);
}

#define CHAT(more) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"," \
	"\"content\":\"[[marker:a1]] hi\"}]" more "}"
#define TOOLS ",\"tools\":[{\"type\":\"function\",\"function\":{" \
	"\"name\":\"look\",\"parameters\":{\"type\":\"object\"," \
	"\"properties\":{\"city\":{\"type\":\"string\"}," \
	"\"days\":{\"type\":\"integer\"}}}}}]"

static struct json_object *
post(const char *path, const char *body)
{
	struct json_object *o = harness_json(where, "POST", path, body);

	OK(o != NULL);
	return o;
}

TEST(chat_answer)
{
	struct json_object *o;

	start(NULL);
	o = post("/v1/chat/completions", CHAT(",\"max_tokens\":3"));
	EQ_S(json_get_str(o, "object"), "chat.completion");
	EQ_S(json_get_str(harness_get(o, "choices.0.message"), "content"),
	    "[[marker:a1]] 1 2");
	EQ_S(json_get_str(harness_get(o, "choices.0"), "finish_reason"),
	    "length");
	EQ_INT(harness_int(o, "usage.completion_tokens"), 3);
	EQ_INT(harness_int(o, "usage.total_tokens"),
	    harness_int(o, "usage.prompt_tokens") + 3);
	json_object_put(o);
	stop();
}

/* Count the data lines of a stream and find its last usage. */
static int
events(const char *body, struct buf *text, int64_t *output)
{
	struct harness_answer a;
	struct json_object *o, *u;
	struct str rest, line, t;
	int n = 0;

	EQ_INT(harness_http(where, "POST", "/v1/chat/completions", "",
	    str_of(body), &a), 200);
	rest = buf_str(&a.body);
	while (str_split(&rest, '\n', &line)) {
		if (!str_starts(line, STR("data: ")))
			continue;
		n++;
		if (json_parse(str_skip(line, 6), &o) != 0)
			continue;
		u = harness_get(o, "choices.0.delta.content");
		if (u != NULL) {
			t = str_of(json_object_get_string(u));
			buf_adds(text, t);
		}
		if (harness_int(o, "usage.completion_tokens") >= 0)
			*output = harness_int(o, "usage.completion_tokens");
		json_object_put(o);
	}
	OK(str_ends(buf_str(&a.body), STR("data: [DONE]\n\n")));
	harness_answer_free(&a);
	return n;
}

TEST(chat_stream)
{
	int64_t output = -1;
	struct buf text;

	start(NULL);
	buf_init(&text, 65536);
	/* role, 5 tokens, finish, usage, [DONE] */
	EQ_INT(events(CHAT(",\"stream\":true,\"max_tokens\":5,"
	    "\"stream_options\":{\"include_usage\":true}"), &text, &output),
	    9);
	EQ_S(buf_str(&text), "[[marker:a1]] 1 2 3 4");
	EQ_INT(output, 5);
	output = -1;
	buf_reset(&text);
	EQ_INT(events(CHAT(",\"stream\":true,\"max_tokens\":5"), &text,
	    &output), 8);
	EQ_INT(output, -1);
	buf_free(&text);
	stop();
}

TEST(tool_calls)
{
	struct json_object *o, *args;

	start(NULL);
	o = post("/v1/chat/completions", CHAT(TOOLS));
	EQ_S(json_get_str(harness_get(o, "choices.0"), "finish_reason"),
	    "tool_calls");
	EQ_S(json_get_str(harness_get(o,
	    "choices.0.message.tool_calls.0.function"), "name"), "look");
	OK(json_parse(json_get_str(harness_get(o,
	    "choices.0.message.tool_calls.0.function"), "arguments"),
	    &args) == 0);
	EQ_S(json_get_str(args, "city"), "a1");
	EQ_INT(json_get_int(args, "days", 0), 7);
	json_object_put(args);
	json_object_put(o);
	o = post("/v1/chat/completions", "{\"model\":\"m\",\"messages\":["
	    "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"x\"}]"
	    TOOLS "}");
	EQ_S(json_get_str(harness_get(o, "choices.0"), "finish_reason"),
	    "stop");
	json_object_put(o);
	stop();
}

/* Arguments that arrive in pieces make the same JSON. */
TEST(tool_stream)
{
	struct harness_answer a;
	struct json_object *o, *v;
	struct str rest, line;
	struct buf args;

	start(NULL);
	buf_init(&args, 65536);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions", "",
	    STR(CHAT(TOOLS ",\"stream\":true")), &a), 200);
	rest = buf_str(&a.body);
	while (str_split(&rest, '\n', &line)) {
		if (json_parse(str_skip(line, 6), &o) != 0)
			continue;
		v = harness_get(o,
		    "choices.0.delta.tool_calls.0.function.arguments");
		if (v != NULL)
			buf_adds(&args, str_of(json_object_get_string(v)));
		json_object_put(o);
	}
	EQ_S(buf_str(&args), "{\"city\":\"a1\",\"days\":7}");
	buf_free(&args);
	harness_answer_free(&a);
	stop();
}

TEST(json_answers)
{
	struct json_object *o, *v;

	start(NULL);
	o = post("/v1/chat/completions", CHAT(",\"response_format\":{"
	    "\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\","
	    "\"schema\":{\"type\":\"object\",\"properties\":{\"ok\":{"
	    "\"type\":\"boolean\"},\"kind\":{\"enum\":[\"\\u00e9t\\u00e9\"]"
	    "}}}}}"));
	OK(json_parse(json_get_str(harness_get(o, "choices.0.message"),
	    "content"), &v) == 0);
	OK(json_object_get_boolean(json_get(v, "ok")));
	EQ_S(json_get_str(v, "kind"), "\xc3\xa9t\xc3\xa9");
	json_object_put(v);
	json_object_put(o);
	stop();
}

TEST(other_endpoints)
{
	struct harness_answer a;
	struct json_object *o;
	char text[64];

	start(NULL);
	o = post("/v1/embeddings",
	    "{\"model\":\"e\",\"input\":[\"a\",\"b\"],\"dimensions\":5}");
	EQ_INT(json_object_array_length(harness_get(o, "data.1.embedding")),
	    5);
	json_object_put(o);
	o = post("/v1/embeddings", "{\"model\":\"e\",\"input\":\"a\","
	    "\"dimensions\":3,\"encoding_format\":\"base64\"}");
	EQ_INT(json_get_str(harness_get(o, "data.0"), "embedding").n, 16);
	json_object_put(o);
	o = post("/v1/responses", "{\"model\":\"m\",\"input\":\"hi\"}");
	EQ_S(json_get_str(o, "status"), "completed");
	EQ_INT(harness_int(o, "usage.output_tokens"), 16);
	json_object_put(o);
	o = post("/v1/rerank", "{\"model\":\"m\",\"query\":\"q\","
	    "\"documents\":[\"a\",\"b\",\"c\"],\"top_n\":2}");
	EQ_INT(json_object_array_length(json_get(o, "results")), 2);
	json_object_put(o);
	o = post("/v1/moderations", "{\"input\":\"kill\"}");
	OK(json_object_get_boolean(harness_get(o, "results.0.flagged")));
	json_object_put(o);
	EQ_INT(harness_http(where, "POST", "/v1/audio/speech", "",
	    STR("{\"model\":\"t\",\"input\":\"a\",\"voice\":\"v\"}"), &a),
	    200);
	EQ_INT(buf_len(&a.body), 16 * 256);
	harness_header(&a, "content-type", text, sizeof(text));
	EQ_STR(text, "audio/mpeg");
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "GET", "/bytes/1000000?chunked=1", "",
	    STR(""), &a), 200);
	EQ_INT(buf_len(&a.body), 1000000);
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "DELETE", "/status/451", "", STR(""), &a),
	    451);
	harness_answer_free(&a);
	stop();
}

/* Every event has its number, and the last one the whole response. */
TEST(responses_stream)
{
	struct harness_answer a;
	struct json_object *o, *last = NULL;
	struct str rest, line;
	int n = 0;

	start(NULL);
	EQ_INT(harness_http(where, "POST", "/v1/responses", "",
	    STR("{\"model\":\"m\",\"input\":\"x\",\"stream\":true,\"tools\":[{"
	    "\"type\":\"function\",\"name\":\"f\"}]}"), &a), 200);
	rest = buf_str(&a.body);
	while (str_split(&rest, '\n', &line)) {
		if (json_parse(str_skip(line, 6), &o) != 0)
			continue;
		EQ_INT(harness_int(o, "sequence_number"), n++);
		json_object_put(last);
		last = o;
	}
	EQ_S(json_get_str(last, "type"), "response.completed");
	EQ_S(json_get_str(harness_get(last, "response.output.0"), "type"),
	    "function_call");
	EQ_S(json_get_str(harness_get(last, "response.output.0"),
	    "arguments"), "{}");
	json_object_put(last);
	harness_answer_free(&a);
	stop();
}

TEST(forms)
{
	static const char form[] = "--x\r\nContent-Disposition: form-data; "
	    "name=\"model\"\r\n\r\nwhisper-1\r\n--x\r\nContent-Disposition: "
	    "form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\xff\xfe\r\n"
	    "--x--\r\n";
	struct harness_answer a;
	struct json_object *o;

	start(NULL);
	EQ_INT(harness_http(where, "POST", "/v1/audio/transcriptions",
	    "Content-Type: multipart/form-data; boundary=x\r\n",
	    str_make(form, sizeof(form) - 1), &a), 200);
	OK(str_starts(buf_str(&a.body), STR("{\"text\":")));
	harness_answer_free(&a);
	o = harness_json(control, "GET", "/_mock/meter", "");
	EQ_S(json_get_str(harness_get(o, "rows.0"), "model"), "whisper-1");
	json_object_put(o);
	/* A body that is no text is shown as base64. */
	o = harness_json(control, "GET", "/_mock/requests?n=1", "");
	OK(harness_get(o, "requests.0.body_base64") != NULL);
	json_object_put(o);
	stop();
}

TEST(keys_and_models)
{
	static const char *const more[] = {
		"--models", "m,n", "--require-key", "sk-a,sk-b", NULL
	};
	struct harness_answer a;
	struct json_object *o;

	start(more);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions", "",
	    STR(CHAT("")), &a), 401);
	json_parse(buf_str(&a.body), &o);
	EQ_S(json_get_str(json_get(o, "error"), "code"), "invalid_api_key");
	json_object_put(o);
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "X-Api-Key: sk-b\r\n", STR(CHAT("")), &a), 200);
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "Authorization: Bearer sk-a\r\n", STR("{\"model\":\"z\","
	    "\"messages\":[1]}"), &a), 404);
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "GET", "/v1/models/n",
	    "Authorization: Bearer sk-a\r\n", STR(""), &a), 200);
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "Authorization: Bearer sk-a\r\n", STR("{\"model\":"), &a), 400);
	harness_answer_free(&a);
	stop();
}

static void
configure(const char *json)
{
	struct json_object *o = harness_json(control, "POST",
	    "/_mock/config", json);

	OK(json_object_get_boolean(json_get(o, "ok")));
	json_object_put(o);
}

static int
status_of(const char *headers, const char *body)
{
	struct harness_answer a;
	int status;

	status = harness_http(where, "POST", "/v1/chat/completions", headers,
	    str_of(body), &a);
	harness_answer_free(&a);
	return status;
}

TEST(rules)
{
	int i;

	start(NULL);
	configure("{\"rules\":[{\"every\":3,\"do\":\"status=503\"},"
	    "{\"model\":\"x*\",\"do\":\"status=418\"},"
	    "{\"key\":\"sk-bad\",\"nth\":2,\"do\":\"status=401\"}]}");
	for (i = 1; i <= 6; i++)
		EQ_INT(status_of("", CHAT("")), i % 3 == 0 ? 503 : 200);
	EQ_INT(status_of("", "{\"model\":\"xy\",\"messages\":[1]}"), 418);
	EQ_INT(status_of("x-api-key: sk-bad\r\n", CHAT("")), 200);
	configure("{\"rules\":[{\"key\":\"sk-bad\",\"nth\":2,"
	    "\"do\":\"status=401\"}]}");
	EQ_INT(status_of("x-api-key: sk-bad\r\n", CHAT("")), 200);
	EQ_INT(status_of("x-api-key: sk-bad\r\n", CHAT("")), 401);
	EQ_INT(status_of("x-api-key: sk-bad\r\n", CHAT("")), 200);
	stop();
}

TEST(words_from_everywhere)
{
	struct harness_answer a;
	struct json_object *o;
	char text[16];

	start(NULL);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "x-mock: status=429, retry-after=2, code=slow_down\r\n",
	    STR(CHAT("")), &a), 429);
	harness_header(&a, "retry-after", text, sizeof(text));
	EQ_STR(text, "2");
	json_parse(buf_str(&a.body), &o);
	EQ_S(json_get_str(json_get(o, "error"), "code"), "slow_down");
	json_object_put(o);
	harness_answer_free(&a);
	EQ_INT(status_of("", "{\"model\":\"m!status=500\",\"messages\":[1]}"),
	    500);
	EQ_INT(status_of("", "{\"model\":\"m\",\"messages\":[1],"
	    "\"user\":\"[[mock:status=502]]\"}"), 502);
	EQ_INT(status_of("x-mock: status=teapot\r\n", CHAT("")), 400);
	o = harness_json(control, "POST", "/_mock/config",
	    "{\"do\":\"nonsense\"}");
	OK(harness_get(o, "error") != NULL);
	json_object_put(o);
	o = harness_json(control, "POST", "/_mock/config", "{\"x\":1}");
	OK(harness_get(o, "error") != NULL);
	json_object_put(o);
	EQ_INT(status_of("", CHAT("")), 200);
	stop();
}

TEST(refuse_and_come_back)
{
	struct harness_answer a;

	start(NULL);
	configure("{\"refuse\":true}");
	EQ_INT(status_of("", CHAT("")), 0);
	configure("{\"refuse\":false}");
	while (harness_http(where, "GET", "/v1/models", "", STR(""), &a) == 0)
		harness_answer_free(&a);	/* reopens within 20 ms */
	EQ_INT(a.status, 200);
	harness_answer_free(&a);
	stop();
}

TEST(meter_and_records)
{
	static const char *const more[] = { "--workers", "2", NULL };
	unsigned char sha[CRYPTO_SHA256];
	struct harness_answer a;
	struct json_object *o;
	char id[64], hex[65], target[128];
	int i;

	start(more);
	for (i = 0; i < 20; i++)
		EQ_INT(status_of("x-api-key: k1\r\n", CHAT("")), 200);
	EQ_INT(status_of("x-mock: close=body\r\n", CHAT("")), 0);
	o = harness_json(control, "GET", "/_mock/meter", "");
	EQ_INT(harness_int(o, "total.requests"), 21);
	EQ_INT(harness_int(o, "total.complete"), 20);
	EQ_INT(harness_int(o, "total.aborted"), 1);
	EQ_INT(harness_int(o, "total.output"), 320);
	EQ_INT(json_object_array_length(json_get(o, "rows")), 2);
	json_object_put(o);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "x-request-id: mine-1\r\n", STR(CHAT(",\"stream\":true")), &a),
	    200);
	harness_header(&a, "x-request-id", id, sizeof(id));
	crypto_sha256(buf_str(&a.body), sha);
	crypto_hex(hex, sha, sizeof(sha));
	snprintf(target, sizeof(target), "/_mock/sent/%s", id);
	o = harness_json(control, "GET", target, "");
	EQ_S(json_get_str(o, "sha256"), hex);
	EQ_INT(harness_int(o, "bytes"), buf_len(&a.body));
	EQ_S(json_get_str(o, "marker"), "a1");
	EQ_S(json_get_str(o, "state"), "complete");
	json_object_put(o);
	harness_answer_free(&a);
	o = harness_json(control, "GET", "/_mock/sent/mine-1", "");
	EQ_S(json_get_str(o, "id"), id);
	json_object_put(o);
	o = harness_json(control, "GET", "/_mock/sent?since=20", "");
	EQ_INT(json_object_array_length(json_get(o, "sent")), 2);
	json_object_put(o);
	json_object_put(harness_json(control, "POST", "/_mock/reset", "{}"));
	o = harness_json(control, "GET", "/_mock/meter", "");
	EQ_INT(harness_int(o, "total.requests"), 0);
	json_object_put(o);
	stop();
}

TEST(same_seed_same_answer)
{
	struct buf first;
	struct harness_answer a;
	int i;

	buf_init(&first, 65536);
	for (i = 0; i < 2; i++) {
		start(NULL);
		EQ_INT(harness_http(where, "POST", "/v1/chat/completions", "",
		    STR(CHAT("")), &a), 200);
		if (i == 0)
			buf_adds(&first, buf_str(&a.body));
		else
			EQ_MEM(buf_ptr(&first), buf_len(&first),
			    buf_ptr(&a.body), buf_len(&a.body));
		harness_answer_free(&a);
		stop();
	}
	buf_free(&first);
}

static void
same_as_file(const struct harness_answer *a, const char *name)
{
	char path[512];
	struct buf b;

	buf_init(&b, 1u << 20);
	snprintf(path, sizeof(path), "%s/e2e/replay/%s", TEST_SRCDIR, name);
	EQ_INT(fd_read_file(path, &b), 0);
	EQ_MEM(buf_ptr(&b), buf_len(&b), buf_ptr(&a->body), buf_len(&a->body));
	buf_free(&b);
}

TEST(replay)
{
	static const char *const more[] = {
		"--replay", TEST_SRCDIR "/e2e/replay", NULL
	};
	struct harness_answer a;
	char text[64];
	int i, hello = 0;

	start(more);
	/* Equal as JSON, not as text; two that fit take turns. */
	for (i = 0; i < 4; i++) {
		EQ_INT(harness_http(where, "POST", "/v1/chat/completions", "",
		    STR("{\"temperature\":0.2,\"messages\":[{\"content\":"
		    "\"Say hello in French.\",\"role\":\"user\"}],"
		    "\"model\":\"mock-small\"}"), &a), 200);
		harness_header(&a, "x-ratelimit-remaining-requests", text,
		    sizeof(text));
		hello += strcmp(text, "41") == 0;
		same_as_file(&a, text[0] != '\0' ? "chat-hello.response.json" :
		    "chat-hello-again.response.json");
		harness_answer_free(&a);
	}
	EQ_INT(hello, 2);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "x-replay: chat-stream\r\n", STR(CHAT("")), &a), 200);
	same_as_file(&a, "chat-stream.response.sse");
	harness_answer_free(&a);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "", STR("{\"model\":\"mock-poor\",\"messages\":[{\"role\":\"user\","
	    "\"content\":\"Anything.\"}]}"), &a), 429);
	harness_header(&a, "retry-after", text, sizeof(text));
	EQ_STR(text, "20");
	harness_answer_free(&a);
	EQ_INT(status_of("", CHAT("")), 200);
	stop();
}

/* The recorded exchanges of real providers, when they are at hand. */
TEST(replay_recorded)
{
	const char *dir = getenv("AIGW_TRANSCRIPTS");
	const char *more[] = { "--replay", dir, NULL };
	struct harness_answer a;

	if (dir == NULL)
		tap_skip("AIGW_TRANSCRIPTS names no folder");
	start(more);
	EQ_INT(harness_http(where, "POST", "/v1/chat/completions",
	    "x-replay: openai-chat/stream-text-usage\r\n", STR(CHAT("")),
	    &a), 200);
	OK(str_ends(buf_str(&a.body), STR("data: [DONE]\n\n")));
	harness_answer_free(&a);
	stop();
}

TAP_BEGIN
TAP_ROW(chat_answer)
TAP_ROW(chat_stream)
TAP_ROW(tool_calls)
TAP_ROW(tool_stream)
TAP_ROW(json_answers)
TAP_ROW(other_endpoints)
TAP_ROW(responses_stream)
TAP_ROW(forms)
TAP_ROW(keys_and_models)
TAP_ROW(rules)
TAP_ROW(words_from_everywhere)
TAP_ROW(refuse_and_come_back)
TAP_ROW(meter_and_records)
TAP_ROW(same_seed_same_answer)
TAP_ROW(replay)
TAP_ROW(replay_recorded)
TAP_END
