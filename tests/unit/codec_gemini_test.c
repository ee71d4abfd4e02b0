/* codec_gemini_test.c - answers of Gemini, decoded and encoded. */
#include <stdio.h>

#include "base/err.h"
#include "codec_rig.h"
#include "dialect/jt.h"

/* Text with ' for ", as JSON wants it. */
static const char *
quoted(struct rig *r, const char *s)
{
	char *d = arena_strdup(r->a, s), *p;

	for (p = d; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return d;
}

#define J(s) quoted(&r, s)
#define STREAM(s) rig_stream(&r, &codec_gemini, str_of(J(s)))
#define BODY(s) rig_body(&r, &codec_gemini, str_of(J(s)))
#define PUT() rig_put(&r, &codec_gemini, r.ev, r.n)
#define WHOLE() rig_put_body(&r, &codec_gemini, r.ev, r.n)

/* What frames a chunk of a stream. */
#define CHUNK(parts) "data: {'candidates':[{'content':{'parts':[" parts \
	"],'role':'model'},'index':0}],'modelVersion':'m'," \
	"'responseId':'req_0123456789abcdef'}\r\n\r\n"
#define LAST(reason, usage) "data: {'candidates':[{'content':{'parts':[" \
	"{'text':''}],'role':'model'},'finishReason':'" reason \
	"','index':0}]," usage "'modelVersion':'m'," \
	"'responseId':'req_0123456789abcdef'}\r\n\r\n"

TEST(recorded_stream)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_stream(&r, &codec_gemini, rig_file(&r,
	    "gemini/stream-after-tool-result.response.sse")),
	    "start id=REVVabaiCdq4qtsPnZu96Qo model=gemini-3-pro-preview\n"
	    "text \"The capital of Mexico\"\n"
	    "usage in=55 out=4\n"
	    "text \" is Mexico City.\"\n"
	    "usage in=55 out=8\n"
	    "usage in=257 out=8\n"
	    "finish stop native=STOP\n"
	    "end\n");
	EQ_STR(PUT(), J(
	    CHUNK("{'text':'The capital of Mexico'}")
	    CHUNK("{'text':' is Mexico City.'}")
	    LAST("STOP", "'usageMetadata':{'promptTokenCount':257,"
	    "'candidatesTokenCount':8,'totalTokenCount':265},")));
	EQ_STR(WHOLE(), J("{'candidates':[{'content':{'parts':[{'text':"
	    "'The capital of Mexico is Mexico City.'}],'role':'model'},"
	    "'finishReason':'STOP','index':0}],'usageMetadata':{"
	    "'promptTokenCount':257,'candidatesTokenCount':8,"
	    "'totalTokenCount':265},'modelVersion':'m',"
	    "'responseId':'req_0123456789abcdef'}"));
	rig_free(&r);
}

/* Vertex sends the arguments of a call in pieces. */
TEST(recorded_partial_args)
{
	struct rig r;
	const char *s;

	rig_new(&r);
	s = rig_stream(&r, &codec_gemini, rig_file(&r,
	    "gemini/stream-function-args-partial.response.sse"));
	OK(strstr(s, "args 0 \"{\\\"location\\\":\\\"Boston\\\"}\"\n"
	    "call_end 0\ncall 1 id=getWeather_0_1 name=getWeather\n"
	    "args 1 \"{\\\"location\\\":\\\"San Francisco\\\"}\"\n"
	    "call_end 1\n"
	    "usage in=26 out=155 reasoning=132\n"
	    "finish tool_calls native=STOP\nend\n") != NULL);
	rig_free(&r);
}

TEST(recorded_bodies)
{
	struct rig r;
	const char *s;

	rig_new(&r);
	s = rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/json-parallel-tools.response.json"));
	OK(strstr(s, "call 0 id=generate_topic_0_0 name=generate_topic\n"
	    "signature call=1 from=gemini \"Es8F") != NULL);
	OK(strstr(s, "call 2 id=generate_topic_0_2 name=generate_topic\n"
	    "args 2 \"{}\"\ncall_end 2\n") != NULL);
	EQ_STR(rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/json-safety.response.json")),
	    "start id=5lpeaLOIBf__698Pv8HGgAg model=gemini-1.5-flash\n"
	    "usage in=14\n"
	    "finish content_filter native=SAFETY\n"
	    "end\n");
	EQ_STR(rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/json-max-tokens-empty.response.json")),
	    "start id=fH8oaunbEbr9qtsPjYGX4A0 model=gemini-2.5-pro\n"
	    "usage in=15 out=2 reasoning=2\n"
	    "finish length native=MAX_TOKENS\n"
	    "end\n");
	s = rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/stream-json-array.response.json"));
	OK(strstr(s, "usage in=32 out=42 reasoning=42\ncall 0 ") != NULL);
	OK(strstr(s, "finish tool_calls native=STOP") != NULL);
	s = rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/error-429-retryinfo.response.json"));
	OK(strncmp(s, "error rate \"You exceeded", 24) == 0);
	s = rig_body(&r, &codec_gemini, rig_file(&r,
	    "gemini/json-cached.response.json"));
	OK(strstr(s, "usage in=3520 out=53 cached=3512 reasoning=51\n") !=
	    NULL);
	rig_free(&r);
}

/* Each word for the end of an answer; and all that was counted. */
TEST(finishes)
{
	static const char *const words[][2] = {
		{ "STOP", "stop" }, { "OTHER", "stop" }, { "NEW", "stop" },
		{ "MAX_TOKENS", "length" }, { "SAFETY", "content_filter" },
		{ "RECITATION", "content_filter" },
		{ "LANGUAGE", "content_filter" },
		{ "BLOCKLIST", "content_filter" },
		{ "PROHIBITED_CONTENT", "content_filter" },
		{ "SPII", "content_filter" },
		{ "ESCALATION", "content_filter" },
		{ "IMAGE_SAFETY", "content_filter" },
		{ "IMAGE_PROHIBITED_CONTENT", "content_filter" },
		{ "IMAGE_RECITATION", "content_filter" },
		{ "IMAGE_OTHER", "content_filter" },
		{ "NO_IMAGE", "content_filter" },
		{ "MALFORMED_FUNCTION_CALL", NULL },
		{ "MALFORMED_RESPONSE", NULL },
		{ "MISSING_THOUGHT_SIGNATURE", NULL },
		{ "UNEXPECTED_TOOL_CALL", NULL },
		{ "TOO_MANY_TOOL_CALLS", NULL },
	};
	const char *end;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		rig_new(&r);
		end = words[i][1] == NULL ? arena_printf(r.a, "error upstream "
		    "\"the model ended with %s\"\n", words[i][0]) :
		    arena_printf(r.a, "finish %s native=%s\nend\n",
		    words[i][1], words[i][0]);
		EQ_STR(rig_body(&r, &codec_gemini, str_of(arena_printf(r.a,
		    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\""
		    "}]},\"finishReason\":\"%s\"}],\"usageMetadata\":{"
		    "\"promptTokenCount\":5,\"toolUsePromptTokenCount\":7,"
		    "\"cachedContentTokenCount\":2,\"candidatesTokenCount\":"
		    "3,\"thoughtsTokenCount\":4},\"responseId\":\"i\"}",
		    words[i][0]))), arena_printf(r.a, "start id=i\n"
		    "text \"a\"\nusage in=12 out=7 cached=2 reasoning=4\n"
		    "%s", end));
		rig_free(&r);
	}
}

/* A chunk without its candidates' last part is no end. */
TEST(broken_off)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(STREAM("data: {'candidates':[{'content':{'parts':[{'text':"
	    "'Hal'}]}}],'responseId':'i'}\r\n\r\n"),
	    "start id=i\ntext \"Hal\"\n! EOF\n");
	EQ_STR(STREAM("data: {'candidates':\r\n\r\n"), "! FORMAT\n");
	EQ_STR(STREAM("data: []\r\n\r\n"), "! EOF\n");
	EQ_STR(STREAM("data: 7\r\n\r\n"), "! FORMAT\n");
	EQ_STR(STREAM("data: {'candidates':[{'index':99}]}\r\n\r\n"),
	    "start\n! FORMAT\n");
	rig_free(&r);
}

TEST(errors)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(STREAM("data: {'candidates':[{'content':{'parts':[{'text':"
	    "'a'}]}}]}\r\n\r\ndata: {'error':{'code':503,'message':'busy',"
	    "'status':'UNAVAILABLE'}}\r\n\r\ndata: {'candidates':[]}\r\n\r\n"),
	    "start\ntext \"a\"\nerror overload \"busy\"\n");
	EQ_STR(PUT(), J(CHUNK("{'text':'a'}") "data: {'error':{'code':503,"
	    "'message':'busy','status':'UNAVAILABLE'}}\r\n\r\n"));
	EQ_STR(WHOLE(), J("{'error':{'code':503,'message':'busy','status':"
	    "'UNAVAILABLE'}}"));
	EQ_STR(BODY("[{'error':{'code':400,'message':'no','status':"
	    "'INVALID_ARGUMENT'}}]"), "error bad_request \"no\"\n");
	EQ_STR(BODY("{'error':'text'}"), "error upstream \"text\"\n");
	EQ_STR(BODY("{'candidates':[{'content':{},'finishReason':"
	    "'MALFORMED_FUNCTION_CALL','finishMessage':'bad call'}],"
	    "'usageMetadata':{'promptTokenCount':3}}"),
	    "start\nusage in=3\nerror upstream \"the model ended with "
	    "MALFORMED_FUNCTION_CALL: bad call\"\n");
	rig_free(&r);
}

TEST(blocked_prompt)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(BODY("{'promptFeedback':{'blockReason':'PROHIBITED_CONTENT'},"
	    "'usageMetadata':{'promptTokenCount':4,'totalTokenCount':4}}"),
	    "start\nusage in=4\n"
	    "finish content_filter native=PROHIBITED_CONTENT\nend\n");
	EQ_STR(PUT(), J(LAST("PROHIBITED_CONTENT", "'usageMetadata':{"
	    "'promptTokenCount':4,'totalTokenCount':4},")));
	rig_free(&r);
}

/* Names were changed for the target; free text was wrapped. */
TEST(calls_of_known_tools)
{
	struct rig r;
	struct ir_tool *t;

	rig_new(&r);
	ir_tool_add(&r.req, STR("1st-tool"));
	t = ir_tool_add(&r.req, STR("patch"));
	t->kind = IR_CUSTOM;
	ir_turn_add(&r.req, IR_USER);
	EQ_STR(BODY("{'candidates':[{'content':{'parts':[{'functionCall':"
	    "{'name':'_1st-tool_88569c61','args':{'a':1.0}}},{'functionCall':"
	    "{'id':'x','name':'patch','args':{'input':'a\\nb'}}}]},"
	    "'finishReason':'STOP'}]}"),
	    "start\n"
	    "call 0 id=1st-tool_1_0 name=1st-tool\n"
	    "args 0 \"{\\\"a\\\":1.0}\"\n"
	    "call_end 0\n"
	    "call 1 id=x name=patch custom\n"
	    "args 1 \"a\\nb\"\n"
	    "call_end 1\n"
	    "finish tool_calls native=STOP\n"
	    "end\n");
	rig_free(&r);
}

TEST(choices_and_logprobs)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(BODY("{'candidates':[{'content':{'parts':[{'text':'a'}]},"
	    "'finishReason':'STOP'},{'index':1,'content':{'parts':[{'text':"
	    "'b'}]},'finishReason':'MAX_TOKENS','logprobsResult':{"
	    "'chosenCandidates':[{'token':'b','logProbability':-0.5}],"
	    "'topCandidates':[{'candidates':[{'token':'b','logProbability':"
	    "-0.5}]}]}}]}"),
	    J("start\ntext 'a'\ntext choice=1 'b'\n"
	    "logprobs choice=1 {'content':[{'token':'b','logprob':-0.5,"
	    "'bytes':[98],'top_logprobs':[{'token':'b','logprob':-0.5,"
	    "'bytes':[98]}]}]}\n"
	    "finish stop native=STOP\nfinish choice=1 length "
	    "native=MAX_TOKENS\nend\n"));
	EQ_STR(WHOLE(), J("{'candidates':[{'content':{'parts':[{'text':'a'}],"
	    "'role':'model'},'finishReason':'STOP','index':0},{'content':{"
	    "'parts':[{'text':'b'}],'role':'model'},'logprobsResult':{"
	    "'chosenCandidates':[{'token':'b','logProbability':-0.5}],"
	    "'topCandidates':[{'candidates':[{'token':'b','logProbability':"
	    "-0.5}]}]},'finishReason':'MAX_TOKENS','index':1}],"
	    "'modelVersion':'m','responseId':'req_0123456789abcdef'}"));
	rig_free(&r);
}

/* --- events of other dialects --------------------------------------------- */

static const struct ir_event foreign[] = {
	{ .kind = IR_EV_START, .id = { "up", 2 }, .from = DIALECT_ANTHROPIC },
	{ .kind = IR_EV_THINKING, .text = { "hm", 2 } },
	{ .kind = IR_EV_SIGNATURE, .text = { "sig", 3 },
	    .from = DIALECT_ANTHROPIC },
	{ .kind = IR_EV_TEXT, .text = { "Let me", 6 } },
	{ .kind = IR_EV_CALL, .call = 0, .id = { "toolu_1", 7 },
	    .name = { "get", 3 } },
	{ .kind = IR_EV_ARGS, .call = 0, .text = { "{\n \"a\"", 6 } },
	{ .kind = IR_EV_CALL, .call = 1, .id = { "toolu_2", 7 },
	    .name = { "put", 3 } },
	{ .kind = IR_EV_ARGS, .call = 0, .text = { ":1}", 3 } },
	{ .kind = IR_EV_CALL_END, .call = 0 },
	{ .kind = IR_EV_FINISH, .finish = IR_TOOL_CALLS,
	    .native = { "tool_use", 8 }, .from = DIALECT_ANTHROPIC },
	{ .kind = IR_EV_USAGE, .usage = { .input = 9, .output = 7,
	    .cached = 2, .reasoning = 3 } },
	{ .kind = IR_EV_END },
};
#define N_FOREIGN (sizeof(foreign) / sizeof(foreign[0]))

#define GET "{'functionCall':{'id':'toolu_1','name':'get'," \
	"'args':{  'a':1}}}"
#define SET "{'functionCall':{'id':'toolu_2','name':'put','args':{}}}"
#define THOUGHT "{'text':'hm','thought':true}"
/* base64 of gw1.anthropic.c2ln */
#define SIGNED "{'text':'','thought':true,'thoughtSignature':" \
	"'Z3cxLmFudGhyb3BpYy5jMmxu'}"
#define SUM "'usageMetadata':{'promptTokenCount':9," \
	"'cachedContentTokenCount':2,'candidatesTokenCount':4," \
	"'thoughtsTokenCount':3,'totalTokenCount':16},"

/* Whole calls only; thoughts for who asked. */
TEST(put_calls)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_gemini, foreign, N_FOREIGN), J(
	    CHUNK("{'text':'Let me'}") CHUNK(GET) CHUNK(SET)
	    LAST("STOP", SUM)));
	rig_free(&r);
}

TEST(put_thoughts)
{
	struct rig r;

	rig_new(&r);
	r.req.show_thoughts = 1;
	EQ_STR(rig_put(&r, &codec_gemini, foreign, N_FOREIGN), J(
	    CHUNK(THOUGHT) CHUNK(SIGNED) CHUNK("{'text':'Let me'}")
	    CHUNK(GET) CHUNK(SET) LAST("STOP", SUM)));
	EQ_STR(rig_put_body(&r, &codec_gemini, foreign, N_FOREIGN), J(
	    "{'candidates':[{'content':{'parts':[" THOUGHT "," SIGNED ","
	    "{'text':'Let me'}," GET "," SET "],'role':'model'},"
	    "'finishReason':'STOP','index':0}]," SUM "'modelVersion':'m',"
	    "'responseId':'req_0123456789abcdef'}"));
	rig_free(&r);
}

TEST(put_array)
{
	static const struct ir_event text[] = {
		{ .kind = IR_EV_TEXT, .text = { "a", 1 } },
		{ .kind = IR_EV_FINISH, .finish = IR_LENGTH },
		{ .kind = IR_EV_END },
	}, error[] = {
		{ .kind = IR_EV_TEXT, .text = { "a", 1 } },
		{ .kind = IR_EV_ERROR, .fault = FAULT_TRUNCATED,
		    .text = { "cut", 3 } },
	};
	struct rig r;

	rig_new(&r);
	r.out.json_array = 1;
	EQ_STR(rig_put(&r, &codec_gemini, text, 3), J("[{'candidates':[{"
	    "'content':{'parts':[{'text':'a'}],'role':'model'},'index':0}],"
	    "'modelVersion':'m','responseId':'req_0123456789abcdef'},\r\n"
	    "{'candidates':[{'content':{'parts':[{'text':''}],'role':"
	    "'model'},'finishReason':'MAX_TOKENS','index':0}],"
	    "'modelVersion':'m','responseId':'req_0123456789abcdef'}]"));
	EQ_STR(rig_put(&r, &codec_gemini, error, 2), J("[{'candidates':[{"
	    "'content':{'parts':[{'text':'a'}],'role':'model'},'index':0}],"
	    "'modelVersion':'m','responseId':'req_0123456789abcdef'},\r\n"
	    "{'error':{'code':502,'message':'cut','status':'INTERNAL'}}]"));
	EQ_STR(rig_put(&r, &codec_gemini, error + 1, 1), J(
	    "[{'error':{'code':502,'message':'cut','status':'INTERNAL'}}]"));
	rig_free(&r);
}

TEST(put_finish)
{
	static const struct {
		enum ir_finish	 f;
		const char	*reason;
	} rows[] = {
		{ IR_STOP, "STOP" }, { IR_STOP_SEQUENCE, "STOP" },
		{ IR_LENGTH, "MAX_TOKENS" },
		{ IR_CONTEXT_FULL, "MAX_TOKENS" }, { IR_TOOL_CALLS, "STOP" },
		{ IR_CONTENT_FILTER, "SAFETY" }, { IR_REFUSED, "SAFETY" },
		{ IR_PAUSE, "STOP" }, { IR_FAILED, "OTHER" },
	};
	struct ir_event ev[2] = { { .kind = IR_EV_FINISH },
	    { .kind = IR_EV_END } };
	char want[64];
	struct rig r;
	size_t i;

	rig_new(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ev[0].finish = rows[i].f;
		snprintf(want, sizeof(want), "\"finishReason\":\"%s\"",
		    rows[i].reason);
		OK(strstr(rig_put(&r, &codec_gemini, ev, 2), want) != NULL);
	}
	rig_free(&r);
}

/* What is no JSON object reaches the client all the same. */
TEST(put_odd_arguments)
{
	struct ir_event ev[4] = { { .kind = IR_EV_CALL, .id = { "i", 1 },
	    .name = { "f", 1 } }, { .kind = IR_EV_ARGS },
	    { .kind = IR_EV_CALL_END } };
	struct rig r;

	rig_new(&r);
	ev[1].text = STR("null");
	EQ_STR(rig_put(&r, &codec_gemini, ev, 3), J(CHUNK(
	    "{'functionCall':{'id':'i','name':'f','args':{}}}")));
	ev[1].text = STR("[1");
	EQ_STR(rig_put(&r, &codec_gemini, ev, 3), J(CHUNK(
	    "{'functionCall':{'id':'i','name':'f','args':{'_raw':'[1'}}}")));
	rig_free(&r);
}

TEST(put_rest)
{
	static const struct ir_event ev[] = {
		{ .kind = IR_EV_REDACTED, .text = { "blob", 4 },
		    .from = DIALECT_ANTHROPIC },
		{ .kind = IR_EV_SIGNATURE, .text = { "QUJD", 4 },
		    .from = DIALECT_GEMINI },
		{ .kind = IR_EV_IMAGE, .name = { "image/png", 9 },
		    .text = { "iVBO", 4 } },
		{ .kind = IR_EV_REFUSAL, .text = { "No.", 3 } },
	};
	struct rig r;

	rig_new(&r);
	EQ_STR(rig_put(&r, &codec_gemini, ev, 4), J(
	    /* rgw1.anthropic.YmxvYg== */
	    CHUNK("{'text':'','thought':true,'thoughtSignature':"
	    "'cmd3MS5hbnRocm9waWMuWW14dllnPT0='}")
	    CHUNK("{'text':'','thoughtSignature':'QUJD'}")
	    CHUNK("{'inlineData':{'mimeType':'image/png','data':'iVBO'}}")
	    CHUNK("{'text':'No.'}")));
	rig_free(&r);
}

/* --- signatures that come back through other formats -------------------------- */

#define SIGNED_CALL "{'candidates':[{'content':{'parts':[{'text':'t'," \
	"'thought':true},{'functionCall':{'name':'f','args':{'a':1}}," \
	"'thoughtSignature':'QUJD'},{'functionCall':{'name':'g'}}]}," \
	"'finishReason':'STOP'}]}"
#define SIGNED_PARTS "{'functionCall':{'id':'f_0_0','name':'f','args':{" \
	"'a':1}},'thoughtSignature':'QUJD'},{'functionCall':{'id':'g_0_1'," \
	"'name':'g','args':{}}}]}"

/* What Gemini is asked when a client of c has sent its answer back. */
static const char *
loop(struct rig *r, const struct codec *c, enum conf_dialect d,
    const char *member, const char *before, const char *after)
{
	struct ir_req *q;
	struct jval v;

	rig_body(r, &codec_gemini, str_of(quoted(r, SIGNED_CALL)));
	r->req.from = d;
	r->req.show_thoughts = 1;
	v = jt_get(jt_value(str_of(rig_put_body(r, c, r->ev, r->n))), member);
	if (strcmp(member, "choices") == 0) {
		size_t pos = 0;

		OK(jt_each(v, &pos, NULL, &v));
		v = jt_get(v, "message");
	}
	if (v.type == JSCAN_ARRAY && strcmp(member, "output") == 0)
		v.raw = str_make(v.raw.p + 1, v.raw.n - 2);
	q = rig_read(r, c, d, arena_printf(r->a, "%s%.*s%s",
	    quoted(r, before), STR_ARG(v.raw), quoted(r, after)));
	if (q == NULL)
		return r->note.message;
	r->target.model = STR("gemini-3-flash");
	return rig_write(r, &codec_gemini, q);
}

TEST(signature_through_messages)
{
	struct rig r;

	rig_new(&r);
	OK(strstr(loop(&r, &codec_anthropic, DIALECT_ANTHROPIC, "content",
	    "{'model':'m','max_tokens':9,'messages':[{'role':'user',"
	    "'content':'Hi'},{'role':'assistant','content':",
	    "},{'role':'user','content':[{'type':'tool_result',"
	    "'tool_use_id':'f_0_0','content':'x'},{'type':'tool_result',"
	    "'tool_use_id':'g_0_1','content':'y'}]}]}"),
	    J(SIGNED_PARTS)) != NULL);
	rig_free(&r);
}

TEST(signature_through_chat)
{
	struct rig r;

	rig_new(&r);
	OK(strstr(loop(&r, &codec_openai_chat, DIALECT_OPENAI, "choices",
	    "{'model':'m','messages':[{'role':'user','content':'Hi'},",
	    ",{'role':'tool','tool_call_id':'f_0_0','content':'x'},{'role':"
	    "'tool','tool_call_id':'g_0_1','content':'y'}]}"),
	    J(SIGNED_PARTS)) != NULL);
	rig_free(&r);
}

TEST(signature_through_responses)
{
	struct rig r;

	rig_new(&r);
	OK(strstr(loop(&r, &codec_responses, DIALECT_OPENAI, "output",
	    "{'model':'m','input':[{'role':'user','content':'Hi'},",
	    ",{'type':'function_call_output','call_id':'f_0_0','output':"
	    "'x'},{'type':'function_call_output','call_id':'g_0_1',"
	    "'output':'y'}]}"), J(SIGNED_PARTS)) != NULL);
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(recorded_stream)
TAP_ROW(recorded_partial_args)
TAP_ROW(recorded_bodies)
TAP_ROW(finishes)
TAP_ROW(broken_off)
TAP_ROW(errors)
TAP_ROW(blocked_prompt)
TAP_ROW(calls_of_known_tools)
TAP_ROW(choices_and_logprobs)
TAP_ROW(put_calls)
TAP_ROW(put_thoughts)
TAP_ROW(put_array)
TAP_ROW(put_finish)
TAP_ROW(put_odd_arguments)
TAP_ROW(put_rest)
TAP_ROW(signature_through_messages)
TAP_ROW(signature_through_chat)
TAP_ROW(signature_through_responses)
TAP_END
