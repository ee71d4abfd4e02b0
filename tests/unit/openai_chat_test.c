/* openai_chat_test.c - what the tap sees of OpenAI answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "dialect/dialect.h"
#include "tap.h"

static void
feed(struct tap *t, const char *data)
{
	char text[4096];
	struct sse_event ev;
	size_t seen = 0;

	snprintf(text, sizeof(text), "data: %s\n\n", data);
	OK(sse_next(str_of(text), &seen, &ev) > 0);
	dialect_openai_chat.event(t, &ev);
}

TEST(stream)
{
	struct tap t = { { 0 } };

	feed(&t, "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
	    "\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}");
	OK(!t.content);
	feed(&t, "{\"choices\":[{\"delta\":{\"content\":\"Hi \\\"x\\\"\"}}]}");
	OK(t.content);
	EQ_INT(t.text_bytes, 8);
	OK(!t.has_usage && !t.finished);
	feed(&t, "{\"choices\": [ ],\"usage\":{\"prompt_tokens\":14,"
	    "\"completion_tokens\":8,\"prompt_tokens_details\":"
	    "{\"cached_tokens\":3},\"completion_tokens_details\":"
	    "{\"reasoning_tokens\":2}}}");
	OK(t.has_usage);
	EQ_INT(t.usage.input, 14);
	EQ_INT(t.usage.output, 8);
	EQ_INT(t.usage.cached, 3);
	EQ_INT(t.usage.reasoning, 2);
	feed(&t, "[DONE]");
	OK(t.finished && !t.error);
}

TEST(text_that_looks_like_members)
{
	struct tap t = { { 0 } };

	feed(&t, "{\"choices\":[{\"delta\":{\"content\":"
	    "\"\\\"usage\\\":{\\\"prompt_tokens\\\":99},\\\"error\\\":1\"}}]}");
	OK(!t.has_usage && !t.error && t.content);
}

TEST(every_text_counts)
{
	struct tap t = { { 0 } };

	feed(&t, "{\"choices\":[{\"delta\":{\"role\":\"assistant\","
	    "\"content\":\"\",\"tool_calls\":null,\"refusal\":null},"
	    "\"finish_reason\":null}],\"error\":null,\"usage\":null}");
	OK(!t.content && !t.error && !t.malformed);
	feed(&t, "{\"choices\":[{\"delta\":{\"content\":\"abc\"}},"
	    "{\"delta\" : {\"content\" : \"de\\\\\"}}]}");
	EQ_INT(t.text_bytes, 7);
	t.content = 0;
	feed(&t, "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
	    "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}");
	OK(t.content);
	t.content = 0;
	feed(&t, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
	OK(t.content);
	EQ_INT(t.text_bytes, 7);
}

TEST(lines_of_one_event)
{
	struct tap t = { { 0 } };

	feed(&t, "{\ndata: \"choices\": [{\"delta\":\ndata: "
	    "{\"content\":\ndata: \"abc\"}}],\ndata: \"usage\": "
	    "{\"prompt_tokens\": 3,\ndata: \"completion_tokens\":4}}");
	EQ_INT(t.text_bytes, 3);
	OK(t.content && t.has_usage);
	EQ_INT(t.usage.output, 4);
}

/* What was remembered of the events before changes nothing of what is seen. */
TEST(memory)
{
#define HEAD "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{"
#define TAIL "},\"finish_reason\":null}],\"usage\":null}"
	static const char *const v[] = {
		HEAD "\"content\":\"a\"" TAIL,
		HEAD "\"content\":\"a longer one\"" TAIL,
		HEAD "\"content\": \"\\\"},\\\"usage\\\":{\"" TAIL,
		HEAD "\"content\":null" TAIL,
		HEAD "\"content\":\"\"" TAIL,
		HEAD "\"content\":" TAIL,
		HEAD "\"content\":\"not ended",
		HEAD "\"content\":",
		HEAD "\"content\"",
		HEAD "\"content\":[\"a\"],\"refusal\":\"no\"" TAIL,
		HEAD "\"reasoning\":\"r\",\"content\":\"a\"" TAIL,
		HEAD "\"content\":\"a\",\"reasoning\":\"r\"" TAIL,
		HEAD "\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
		HEAD "\"content\":\"a\"" TAIL " ",
		HEAD "\"tool_calls\":[{\"arguments\":\"{}\"}]" TAIL,
		HEAD "\"tool_calls\":[{\"arguments\":\"{}\"},{}]" TAIL,
		HEAD "},\"finish_reason\":\"length\"}],\"usage\":null}",
		HEAD "}}],\"usage\":{\"prompt_tokens\":5,"
		    "\"completion_tokens\":6}}",
		HEAD "}}],\"usage\":{\"prompt_tokens\":7,"
		    "\"completion_tokens\":8}}",
		HEAD "}}],\"usage\":\"finish_reason\":\"stop\"}",
		HEAD "\"content\":\"finish_reason\" : \"stop\"}",
		HEAD "\"content\":\"x\" : \"stop\"}",
		"{\"error\":{\"message\":\"one\"}}",
		"{\"error\":{\"message\":\"two\"}}",
		"{}", "",
	};
	enum { N = sizeof(v) / sizeof(v[0]) };
	static const struct jfind_memo none;
	struct tap a, b;
	unsigned i, k;

	for (i = 0; i < N * N * N; i++) {
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		for (k = 0; k < 3; k++) {
			const char *text = v[k == 0 ? i % N : k == 1 ?
			    i / N % N : i / N / N];

			feed(&a, text);
			b.memo = none;
			feed(&b, text);
		}
		a.memo = b.memo;
		if (memcmp(&a, &b, sizeof(a)) != 0)
			break;
	}
	EQ_INT(i, N * N * N);
}

TEST(error_inside_200)
{
	struct tap t = { { 0 } };

	feed(&t, "{\"error\":{\"message\":\"overloaded\",\"type\":"
	    "\"server_error\"}}");
	OK(t.error);
	EQ_STR(t.error_text, "overloaded");
	OK(!t.content);
}

TEST(hostile_usage)
{
	struct tap t = { { 0 } };

	dialect_openai_chat.body(&t, STR("{\"usage\":{\"prompt_tokens\":-5,"
	    "\"completion_tokens\":1e300,\"prompt_tokens_details\":"
	    "{\"cached_tokens\":77}}}"), NULL);
	OK(!t.has_usage && !t.malformed);
	EQ_INT(t.usage.input, 0);
	dialect_openai_chat.body(&t, STR("{\"usage\":{\"prompt_tokens\":5,"
	    "\"completion_tokens\":9000000000000000000}}"), NULL);
	OK(!t.has_usage);
	dialect_openai_chat.body(&t, STR("{\"usage\":{\"prompt_tokens\":5,"
	    "\"completion_tokens\":7,\"prompt_tokens_details\":"
	    "{\"cached_tokens\":77}}}"), NULL);
	OK(t.has_usage);
	EQ_INT(t.usage.cached, 5);
	memset(&t, 0, sizeof(t));
	dialect_openai_chat.body(&t, STR("{\"usage\":null}"), NULL);
	OK(!t.has_usage);
	OK(!t.malformed);
	dialect_openai_chat.body(&t, STR("not json"), NULL);
	OK(!t.has_usage && t.malformed);
}

TEST(other_endpoints)
{
	struct tap t = { { 0 } };

	dialect_openai_chat.body(&t, STR("{\"usage\":{\"prompt_tokens\":5,"
	    "\"total_tokens\":5}}"), NULL);
	EQ_INT(t.usage.input, 5);
	EQ_INT(t.usage.output, 0);
	memset(&t, 0, sizeof(t));
	dialect_openai_chat.body(&t, STR("{\"usage\":{\"input_tokens\":7,"
	    "\"output_tokens\":4,\"input_tokens_details\":"
	    "{\"cached_tokens\":2}}}"), NULL);
	EQ_INT(t.usage.input, 7);
	EQ_INT(t.usage.output, 4);
	EQ_INT(t.usage.cached, 2);
	EQ_INT(dialect_estimate(0), 0);
	EQ_INT(dialect_estimate(5), 2);
}

/* A look in slices, at least so many, sees what a look at once does. */
static void
in_slices(struct str text, int least)
{
	struct dialect_scan *scan = NULL;
	struct tap a = { { 0 } }, b = { { 0 } };
	int n = 1;

	EQ_INT(dialect_openai_chat.body(&a, text, NULL), 0);
	while (dialect_openai_chat.body(&b, text, &scan) == ERR_AGAIN)
		n++;
	OK(n >= least && scan == NULL);
	OK(a.finished && b.finished);
	EQ_INT(a.malformed, b.malformed);
	EQ_INT(a.error, b.error);
	EQ_STR(a.error_text, b.error_text);
	EQ_INT(a.text_bytes, b.text_bytes);
	EQ_INT(a.has_usage, b.has_usage);
	EQ_INT(a.usage.input, b.usage.input);
}

/* An answer of embeddings with more values than a scan takes by default. */
TEST(million_numbers)
{
	static const char head[] = "{\"data\":[{\"embedding\":[0";
	static const char tail[] = "]}],\"usage\":{\"prompt_tokens\":6,"
	    "\"total_tokens\":6}}";
	size_t n = 1500000, size = strlen(head) + 2 * n + strlen(tail);
	char *text = xmalloc(size), *p = text;
	struct tap t = { { 0 } };

	p = (char *)mempcpy(p, head, strlen(head));
	for (; n > 0; n--)
		p = (char *)mempcpy(p, ",1", 2);
	memcpy(p, tail, strlen(tail));
	dialect_openai_chat.body(&t, str_make(text, size), NULL);
	OK(t.has_usage);
	EQ_INT(t.usage.input, 6);
	in_slices(str_make(text, size), 20);
	free(text);
}

TEST(slices)
{
	static const char head[] = "{\"error\":\"";
	static const char *const tails[] = { "\"}", "\\\"}", "\"]" };
	size_t n = 300000, size = strlen(head) + n + 3, i;
	char *text = xmalloc(size);
	struct dialect_scan *scan = NULL;
	struct tap t = { { 0 } };

	for (i = 0; i < 3; i++) {
		memcpy(text, head, strlen(head));
		memset(text + strlen(head), 'x', n);
		memcpy(text + strlen(head) + n, tails[i], strlen(tails[i]));
		in_slices(str_make(text, strlen(head) + n +
		    strlen(tails[i])), 2);
	}
	/* Given up. */
	EQ_INT(dialect_openai_chat.body(&t, str_make(text, size), &scan),
	    ERR_AGAIN);
	OK(scan != NULL && !t.finished);
	dialect_scan_free(&scan);
	OK(scan == NULL);
	dialect_scan_free(&scan);
	free(text);
}

TAP_BEGIN
TAP_ROW(stream)
TAP_ROW(text_that_looks_like_members)
TAP_ROW(every_text_counts)
TAP_ROW(lines_of_one_event)
TAP_ROW(memory)
TAP_ROW(error_inside_200)
TAP_ROW(hostile_usage)
TAP_ROW(other_endpoints)
TAP_ROW(million_numbers)
TAP_ROW(slices)
TAP_END
