/*
 * edge_answer_test.c - what providers send that is easily got wrong: answers.
 */
#include <string.h>

#include "look.h"

static struct rig r;

#define CHUNK(choices) "data: {\"id\":\"a\",\"object\":" \
	"\"chat.completion.chunk\",\"created\":1,\"model\":\"up-2026\"," \
	"\"choices\":[" choices "]}\n\n"
#define SAID(i, t) "{\"index\":" i ",\"delta\":{\"content\":\"" t "\"}," \
	"\"finish_reason\":null}"
#define ENDS(i) "{\"index\":" i ",\"delta\":{},\"finish_reason\":\"stop\"}"
#define DONE "data: [DONE]\n\n"
#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" \
	rest "}\n\n"
#define START EVENT("message_start", ",\"message\":{\"id\":\"m\",\"type\":" \
	"\"message\",\"role\":\"assistant\",\"model\":\"up-2026\",\"content\":" \
	"[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{" \
	"\"input_tokens\":7,\"output_tokens\":1}}")
#define TEXT EVENT("content_block_start", ",\"index\":0,\"content_block\":{" \
	"\"type\":\"text\",\"text\":\"\"}") EVENT("content_block_delta", \
	",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Ze\"}") \
	EVENT("content_block_stop", ",\"index\":0")
#define STOP EVENT("message_delta", ",\"delta\":{\"stop_reason\":" \
	"\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}") \
	EVENT("message_stop", "")

/* What a client gets of a stream; looked at in *l. */
static const char *
translated(int provider, const char *sse, int client, struct look *l)
{
	const char *s;

	(void)rig_stream(&r, formats[provider].codec, str_of(sse));
	EQ_INT(r.rc, 0);
	s = rig_put(&r, formats[client].codec, r.ev, r.n);
	look_at(l, r.a, client, 1, 1, s, strlen(s));
	EQ_STR(l->wrong == NULL ? "" : l->wrong, "");
	return s;
}

/* A chat client that did not ask for usage sees no word of it. */
TEST(edge_18_usage_not_asked)
{
	struct look l;

	rig_new(&r);
	OK(strstr(translated(AN, START TEXT STOP, OC, &l), "usage") == NULL);
	OK(l.ended && !l.usage);
	look_free(&l);
	r.req.include_usage = 1;
	OK(strstr(translated(AN, START TEXT STOP, OC, &l), "usage") != NULL);
	EQ_INT(l.in, 7);
	EQ_INT(l.out, 5);
	look_free(&l);
	rig_free(&r);
}

/* Pings, and events that nobody knows yet, are for no one else. */
TEST(edge_19_unknown_events)
{
	struct look l;
	const char *plain;
	int c;

	for (c = 0; c < FORMATS; c++) {
		if (c == AN)
			continue;
		rig_new(&r);
		plain = translated(AN, START TEXT STOP, c, &l);
		look_free(&l);
		EQ_STR(translated(AN, START "event: ping\ndata: {\"type\": "
		    "\"ping\"}\n\n" EVENT("brand_new", ",\"x\":1") TEXT ": c\n\n"
		    EVENT("ping", "") STOP, c, &l), plain);
		look_free(&l);
		rig_free(&r);
	}
}

/* The last totals count, and what one of them leaves out is kept. */
TEST(edge_20_many_totals)
{
	struct look l;

	rig_new(&r);
	(void)translated(AN, START TEXT EVENT("message_delta", ",\"delta\":{"
	    "\"stop_reason\":null},\"usage\":{\"input_tokens\":9,"
	    "\"cache_read_input_tokens\":4,\"output_tokens\":3}") STOP, OR,
	    &l);
	EQ_INT(l.in, 13);
	EQ_INT(l.cached, 4);
	EQ_INT(l.out, 5);
	look_free(&l);
	rig_free(&r);
}

/* The client reads the name that it asked for. */
TEST(edge_35_model)
{
	struct look l;

	rig_new(&r);
	OK(strstr(translated(AN, START TEXT STOP, OC, &l),
	    "\"model\":\"m\"") != NULL);
	look_free(&l);
	OK(strstr(translated(OC, CHUNK(SAID("0", "Ze")) CHUNK(ENDS("0")) DONE,
	    AN, &l), "\"model\":\"m\"") != NULL);
	look_free(&l);
	rig_free(&r);
}

/* A stream that ends without a reason is none that ended well. */
TEST(edge_36_no_finish)
{
	struct look l;
	int c;

	for (c = 0; c < FORMATS; c++) {
		if (c == OC)
			continue;
		rig_new(&r);
		(void)translated(OC, CHUNK(SAID("0", "Ze")) DONE, c, &l);
		OK(l.error != NULL && !l.ended);
		look_free(&l);
		rig_free(&r);
	}
}

/* Two answers in one chunk, and in turns. */
TEST(edge_37_two_in_one)
{
	struct look l;

	rig_new(&r);
	(void)translated(OC, CHUNK(SAID("0", "Z") "," SAID("1", "L"))
	    CHUNK(SAID("1", "ion")) CHUNK(SAID("0", "ebra")) CHUNK(ENDS("1") ","
	    ENDS("0")) DONE, GE, &l);
	EQ_INT(l.n, 2);
	EQ_S(buf_str(&l.ch[0].text), "Zebra");
	EQ_S(buf_str(&l.ch[1].text), "Lion");
	EQ_STR(look_finish(&l, GE, 1), "stop");
	look_free(&l);
	rig_free(&r);
}

/* JSON that parsers disagree about is text like other: in ids, names, words. */
#define ODD "a\\u0000b\\ud800c"
static const struct {
	int		 provider;
	const char	*sse;
} odd[] = {
	{ OC, "data: {\"id\":\"" ODD "\",\"object\":\"chat.completion.chunk\","
	    "\"created\":1,\"model\":\"" ODD "\",\"\\u0000\":1,\"choices\":[{"
	    "\"index\":0,\"delta\":{\"content\":\"Z" ODD "\",\"tool_calls\":[{"
	    "\"index\":0,\"id\":\"" ODD "\",\"type\":\"function\",\"function\":{"
	    "\"name\":\"look\",\"arguments\":\"{}\"}}]},\"finish_reason\":"
	    "\"tool_calls\"}]}\n\n" DONE },
	{ AN, EVENT("message_start", ",\"message\":{\"id\":\"" ODD "\","
	    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"" ODD
	    "\",\"content\":[],\"stop_reason\":null,\"usage\":{"
	    "\"input_tokens\":7,\"output_tokens\":1}}")
	    EVENT("content_block_start", ",\"index\":0,\"content_block\":{"
	    "\"type\":\"text\",\"text\":\"Z" ODD "\"}")
	    EVENT("content_block_stop", ",\"index\":0")
	    EVENT("content_block_start", ",\"index\":1,\"content_block\":{"
	    "\"type\":\"tool_use\",\"id\":\"" ODD "\",\"name\":\"look\","
	    "\"input\":{}}") EVENT("content_block_stop", ",\"index\":1") STOP },
	{ OR, EVENT("response.created", ",\"response\":{\"id\":\"" ODD "\","
	    "\"model\":\"" ODD "\",\"output\":[]}")
	    EVENT("response.output_text.delta", ",\"output_index\":0,"
	    "\"content_index\":0,\"item_id\":\"" ODD "\",\"delta\":\"Z" ODD
	    "\"") EVENT("response.output_item.added", ",\"output_index\":1,"
	    "\"item\":{\"type\":\"function_call\",\"id\":\"" ODD "\","
	    "\"call_id\":\"" ODD "\",\"name\":\"look\",\"arguments\":\"\"}")
	    EVENT("response.function_call_arguments.delta", ",\"output_index\""
	    ":1,\"item_id\":\"" ODD "\",\"delta\":\"{}\"")
	    EVENT("response.completed", ",\"response\":{\"id\":\"" ODD "\","
	    "\"status\":\"completed\",\"output\":[],\"usage\":{"
	    "\"input_tokens\":1,\"output_tokens\":2}}") },
	{ GE, "data: {\"responseId\":\"" ODD "\",\"modelVersion\":\"" ODD "\","
	    "\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Z" ODD
	    "\"},{\"functionCall\":{\"id\":\"" ODD "\",\"name\":\"look\","
	    "\"args\":{}}}]},\"finishReason\":\"STOP\"}]}\n\n" },
	{ OL, "{\"model\":\"" ODD "\",\"message\":{\"role\":\"assistant\","
	    "\"content\":\"Z" ODD "\",\"tool_calls\":[{\"id\":\"" ODD "\","
	    "\"function\":{\"name\":\"look\",\"arguments\":{}}}]},\"done\":"
	    "true,\"done_reason\":\"stop\"}\n" },
};

TEST(odd_text_in_ids)
{
	struct tap t;
	struct look l;
	unsigned i;
	int c;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (c = 0; c < FORMATS; c++) {
			rig_new(&r);
			(void)translated(odd[i].provider, odd[i].sse, c, &l);
			OK(l.error == NULL);
			EQ_INT(l.ch[0].text.data[0], 'Z');
			EQ_S(buf_str(&l.ch[0].call[0].name), "look");
			look_free(&l);
			rig_free(&r);
		}
	memset(&t, 0, sizeof(t));
	EQ_INT(tap_ollama.body(&t, str_of(odd[i - 1].sse), NULL), 0);
	OK(!t.malformed);
}

TAP_BEGIN
TAP_ROW(odd_text_in_ids)
TAP_ROW(edge_18_usage_not_asked)
TAP_ROW(edge_19_unknown_events)
TAP_ROW(edge_20_many_totals)
TAP_ROW(edge_35_model)
TAP_ROW(edge_36_no_finish)
TAP_ROW(edge_37_two_in_one)
TAP_END
