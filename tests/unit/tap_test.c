/* tap_test.c - what is seen of answers of Anthropic, Gemini, Responses. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "dialect/dialect.h"
#include "tap.h"

#define DATA_MAX (8u << 20)

static struct tap t;

static void
feed(const struct dialect *d, struct str s)
{
	struct sse_event ev;
	size_t seen = 0;
	long used;

	while ((used = sse_next(s, &seen, &ev)) > 0) {
		d->event(&t, &ev);
		s = str_skip(s, (size_t)used);
		seen = 0;
	}
}

static void
begin(const struct dialect *d, const char *s)
{
	memset(&t, 0, sizeof(t));
	feed(d, str_of(s));
}

static void
usage(unsigned in, unsigned out, unsigned cached, unsigned write,
    unsigned reasoning)
{
	OK(t.has_usage);
	EQ_INT(t.usage.input, in);
	EQ_INT(t.usage.output, out);
	EQ_INT(t.usage.cached, cached);
	EQ_INT(t.usage.cache_write, write);
	EQ_INT(t.usage.reasoning, reasoning);
}

TEST(anthropic_usage_is_of_the_whole_message)
{
	begin(&tap_anthropic, "event: message_start\ndata: {\"message\":{"
	    "\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":20,"
	    "\"cache_creation_input_tokens\":3,\"output_tokens\":1}}}\n\n");
	usage(28, 1, 20, 3, 0);
	OK(!t.content && t.partial);
	/* fields that are missing or null leave the earlier value */
	feed(&tap_anthropic, STR("event: message_delta\ndata: {\"usage\":{"
	    "\"input_tokens\":null,\"output_tokens\":9}}\n\n"));
	usage(28, 9, 20, 3, 0);
	OK(!t.partial);
	feed(&tap_anthropic, STR("event: message_delta\ndata: {\"usage\":{"
	    "\"input_tokens\":6,\"cache_read_input_tokens\":0,"
	    "\"output_tokens\":10,\"output_tokens_details\":{"
	    "\"thinking_tokens\":4}}}\n\n"));
	usage(9, 10, 0, 3, 4);
	OK(!t.finished);
	feed(&tap_anthropic, STR("event: message_stop\ndata: {}\n\n"));
	OK(t.finished && !t.error);
	begin(&tap_anthropic, "event: message_start\ndata: {\"message\":{"
	    "\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":30,"
	    "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,"
	    "\"ephemeral_1h_input_tokens\":20},\"output_tokens\":1}}}\n\n");
	usage(35, 1, 0, 30, 0);
	EQ_INT(t.usage.cache_hour, 20);
}

TEST(anthropic_content)
{
	static const char *const yes[] = {
		"event: content_block_delta\ndata: {\"delta\":{\"text\":"
		    "\"x\"}}\n\n",
		"event: content_block_delta\ndata: {\"delta\":{\"thinking\":"
		    "\"x\"}}\n\n",
		"event: content_block_delta\ndata: {\"delta\":{"
		    "\"partial_json\":\"{\"}}\n\n",
		"event: content_block_start\ndata: {\"content_block\":{"
		    "\"type\":\"tool_use\",\"name\":\"f\"}}\n\n",
	}, *const no[] = {
		"event: ping\ndata: {\"type\":\"ping\"}\n\n",
		"event: content_block_start\ndata: {\"content_block\":{"
		    "\"type\":\"text\",\"text\":\"\"}}\n\n",
		"event: content_block_delta\ndata: {\"delta\":{\"text\":"
		    "\"\"}}\n\n",
		"event: from_the_future\ndata: {\"text\":\"x\"}\n\n",
	};
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		begin(&tap_anthropic, yes[i]);
		OK(t.content);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		begin(&tap_anthropic, no[i]);
		OK(!t.content);
	}
	begin(&tap_anthropic, "event: error\ndata: {\"type\":\"error\","
	    "\"error\":{\"type\":\"overloaded_error\",\"message\":"
	    "\"Overloaded\"}}\n\n");
	OK(t.error);
	EQ_STR(t.error_text, "Overloaded");
}

/* Mistral's is the event itself. */
TEST(errors_of_chats)
{
	begin(&dialect_openai_chat, "data: {\"object\":\"error\",\"message\":"
	    "\"Unavailable\",\"code\":\"3000\"}\n\n");
	OK(t.error);
	EQ_STR(t.error_text, "Unavailable");
	begin(&dialect_openai_chat, "data: {\"object\":\"error\"}\n\n");
	OK(t.error);
	begin(&dialect_openai_chat, "data: {\"error\":{\"message\":"
	    "\"busy\"}}\n\n");
	OK(t.error);
	EQ_STR(t.error_text, "busy");
	begin(&dialect_openai_chat, "data: {\"object\":"
	    "\"chat.completion.chunk\",\"choices\":[{\"delta\":{"
	    "\"content\":\"x\",\"object\":\"error\"}}]}\n\n");
	OK(!t.error && t.content);
}

TEST(gemini_last_values_count)
{
	begin(&tap_gemini, "data: {\"usageMetadata\":{\"promptTokenCount\":8,"
	    "\"totalTokenCount\":8}}\r\n\r\n");
	usage(8, 0, 0, 0, 0);
	OK(!t.content && !t.finished);
	feed(&tap_gemini, STR("data: {\"candidates\":[{\"content\":{\"parts\":"
	    "[{\"text\":\"a\"}]}}]}\r\n\r\n"));
	OK(t.content && !t.finished);
	feed(&tap_gemini, STR("data: {\"candidates\":[{\"finishReason\":"
	    "\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":8,"
	    "\"cachedContentTokenCount\":3,\"candidatesTokenCount\":2,"
	    "\"thoughtsTokenCount\":5,\"toolUsePromptTokenCount\":1}}"
	    "\r\n\r\n"));
	usage(9, 7, 3, 0, 5);
	OK(t.finished);
	OK(!t.partial);
	/* a field that is missing leaves the earlier value */
	feed(&tap_gemini, STR("data: {\"usageMetadata\":{\"promptTokenCount\":"
	    "9,\"candidatesTokenCount\":3,\"totalTokenCount\":17}}\r\n\r\n"));
	usage(9, 8, 3, 0, 5);
	begin(&tap_gemini, "data: {\"candidates\":[{\"content\":{\"parts\":[{"
	    "\"text\":\"a\"}]}}],\"usageMetadata\":{\"promptTokenCount\":8}}"
	    "\r\n\r\n");
	OK(t.partial);
	begin(&tap_gemini, "data: {\"promptFeedback\":{\"blockReason\":"
	    "\"SAFETY\"}}\r\n\r\n");
	OK(t.finished);
	begin(&tap_gemini, "data: {\"error\":{\"code\":503,\"message\":"
	    "\"busy\"}}\r\n\r\n");
	OK(t.error && !t.finished);
	EQ_STR(t.error_text, "busy");
}

/* Mistral tells the cached tokens under several names. */
TEST(cached_tokens_by_other_names)
{
	begin(&dialect_openai_chat, "data: {\"usage\":{\"prompt_tokens\":9,"
	    "\"completion_tokens\":2,\"num_cached_tokens\":4,"
	    "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n");
	usage(9, 2, 4, 0, 0);
	begin(&dialect_openai_chat, "data: {\"usage\":{\"prompt_tokens\":9,"
	    "\"completion_tokens\":2,\"num_cached_tokens\":5}}\n\n");
	usage(9, 2, 5, 0, 0);
	begin(&dialect_openai_chat, "data: {\"usage\":{\"prompt_tokens\":9,"
	    "\"completion_tokens\":2,\"prompt_token_details\":{"
	    "\"cached_tokens\":6}}}\n\n");
	usage(9, 2, 6, 0, 0);
}

TEST(responses_end_with_everything)
{
	begin(&tap_responses, "event: response.created\ndata: {}\n\n");
	OK(!t.content);
	feed(&tap_responses, STR("event: response.output_text.delta\n"
	    "data: {\"delta\":\"hello\"}\n\n"));
	OK(t.content);
	EQ_INT(t.text_bytes, 5);
	feed(&tap_responses, STR("event: response.completed\ndata: {"
	    "\"response\":{\"error\":null,\"usage\":{\"input_tokens\":10,"
	    "\"input_tokens_details\":{\"cached_tokens\":4,"
	    "\"cache_write_tokens\":3},"
	    "\"output_tokens\":6,\"output_tokens_details\":{"
	    "\"reasoning_tokens\":2}}}}\n\n"));
	usage(10, 6, 4, 3, 2);
	OK(t.finished && !t.error);
	/* no more was read than there was */
	begin(&tap_responses, "event: response.completed\ndata: {"
	    "\"response\":{\"usage\":{\"input_tokens\":10,"
	    "\"input_tokens_details\":{\"cached_tokens\":40,"
	    "\"cache_write_tokens\":3},\"output_tokens\":6}}}\n\n");
	usage(10, 6, 10, 0, 0);
	begin(&tap_responses, "event: response.failed\ndata: {\"response\":{"
	    "\"error\":{\"message\":\"no luck\"}}}\n\n");
	OK(t.error && !t.finished);
	EQ_STR(t.error_text, "no luck");
}

TEST(bodies)
{
	memset(&t, 0, sizeof(t));
	tap_anthropic.body(&t, STR("{\"usage\":{\"input_tokens\":1,"
	    "\"output_tokens\":2,\"cache_read_input_tokens\":4}}"), NULL);
	usage(5, 2, 4, 0, 0);
	memset(&t, 0, sizeof(t));
	tap_gemini.body(&t, STR("{\"usageMetadata\":{\"promptTokenCount\":1,"
	    "\"candidatesTokenCount\":2}}"), NULL);
	usage(1, 2, 0, 0, 0);
	memset(&t, 0, sizeof(t));
	tap_gemini.body(&t, STR("<html>"), NULL);
	OK(t.malformed && !t.has_usage);
	/* numbers that nobody can believe are no usage */
	memset(&t, 0, sizeof(t));
	tap_anthropic.body(&t, STR("{\"usage\":{\"input_tokens\":-1,"
	    "\"output_tokens\":2}}"), NULL);
	OK(!t.has_usage);
}

/* What the real servers sent, when it is there. */
TEST(recorded_streams)
{
	static const struct {
		const char		*name;
		const struct dialect	*d;
	} v[] = {
		{ "anthropic/stream-thinking", &tap_anthropic },
		{ "anthropic/stream-text", &tap_anthropic },
		{ "anthropic/stream-text-then-tool", &tap_anthropic },
		{ "gemini/stream-text", &tap_gemini },
		{ "gemini/stream-thinking", &tap_gemini },
		{ "gemini/stream-tool-signature", &tap_gemini },
		{ "openai-responses/stream-text", &tap_responses },
		{ "openai-responses/stream-reasoning-tool", &tap_responses },
	};
	const char *dir = getenv("AIGW_TRANSCRIPTS");
	char path[512];
	struct buf b;
	size_t i;

	for (i = 0; dir != NULL && i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s.response.sse", dir,
		    v[i].name);
		buf_init(&b, DATA_MAX);
		if (fd_read_file(path, &b) == 0) {
			memset(&t, 0, sizeof(t));
			feed(v[i].d, buf_str(&b));
			if (!(t.finished && t.has_usage && t.content &&
			    !t.error && t.usage.input > 0))
				printf("# %s\n", v[i].name);
			OK(t.finished && t.has_usage && t.content);
			OK(!t.error && t.usage.input > 0 && t.usage.output > 0);
		}
		buf_free(&b);
	}
}

TEST(whole_responses)
{
	memset(&t, 0, sizeof(t));
	tap_responses.body(&t, STR("{\"output\":[],\"usage\":{"
	    "\"input_tokens\":4020,\"input_tokens_details\":{"
	    "\"cached_tokens\":3,\"cache_write_tokens\":4012},"
	    "\"output_tokens\":5}}"), NULL);
	usage(4020, 5, 3, 4012, 0);
	/* both names of a number are one number */
	memset(&t, 0, sizeof(t));
	dialect_openai_chat.body(&t, STR("{\"choices\":[],\"usage\":{"
	    "\"prompt_tokens\":7,\"input_tokens\":7,"
	    "\"completion_tokens\":2,\"output_tokens\":2}}"), NULL);
	usage(7, 2, 0, 0, 0);
}

TEST(base64_is_no_text)
{
	static char long_run[2000];
	size_t run = 0;

	EQ_INT(dialect_text(STR("{\"a\":\"some words\"}"), &run), 18);
	EQ_INT(run, 0);
	memset(long_run, 'Q', sizeof(long_run));
	EQ_INT(dialect_text(STR("\"abc"), &run), 1);
	EQ_INT(run, 3);			/* counts with its end, over reads */
	EQ_INT(dialect_text(STR("de\""), &run), 6);
	EQ_INT(dialect_text(str_make(long_run, 1024), &run), 0);
	EQ_INT(dialect_text(STR("\""), &run), 1025);
	EQ_INT(dialect_text(str_make(long_run, 1000), &run), 0);
	EQ_INT(dialect_text(str_make(long_run, 1000), &run), 0);
	EQ_INT(dialect_text(STR("==\"x\""), &run), 3);
	EQ_INT(run, 0);
}

TAP_BEGIN
TAP_ROW(anthropic_usage_is_of_the_whole_message)
TAP_ROW(anthropic_content)
TAP_ROW(errors_of_chats)
TAP_ROW(gemini_last_values_count)
TAP_ROW(cached_tokens_by_other_names)
TAP_ROW(responses_end_with_everything)
TAP_ROW(bodies)
TAP_ROW(recorded_streams)
TAP_ROW(whole_responses)
TAP_ROW(base64_is_no_text)
TAP_END
