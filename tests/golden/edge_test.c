/*
 * edge_test.c - what real clients send that is easily got wrong: requests.
 *
 * A point per case, by its number in the list of edge cases of the formats;
 * edge_more_test.c has the rest, edge_answer_test.c those of answers. Not among
 * them: 5 and 25, which matrix.rows and answers.* show, 22 (counting tokens), 24
 * (stored answers), 31 to 33 (paths, compression) and 38 (headers), in which no
 * codec has a part.
 */
#include <string.h>

#include "edge.h"

/* Ids that the provider takes, the same for a call and its result. */
POINT(edge_01_ids)
{
	static const char ask[] = MSG(U("Hi") "," CALLS(CALL("call:1/x", "{}"))
	    "," TOLD("call:1/x", "one"));
	struct json_object *o;
	struct str id;
	int p;

	BEGIN;
	for (p = AN; p <= MI; p += MI - AN) {
		const char *s = send_to(OC, p, NULL, ask);

		OK(s != NULL);
		o = probe_parse(s);
		id = p == MI ? json_get_str(json_object_array_get_idx(json_get(
		    json_object_array_get_idx(json_get(o, "messages"), 1),
		    "tool_calls"), 0), "id") : json_get_str(
		    json_object_array_get_idx(json_get(
		    json_object_array_get_idx(json_get(o, "messages"), 1),
		    "content"), 0), "id");
		OK(p == MI ? id.n == 9 : id.n > 0);
		OK(strspn(id.p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
		    "STUVWXYZ0123456789_-") == id.n);
		OK(probe(o, arena_printf(edge_rig.a, p == MI ?
		    "messages[2].tool_call_id=%.*s" :
		    "messages[2].content[0].tool_use_id=%.*s", STR_ARG(id)),
		    NULL));
		/* And the same in the next request. */
		EQ_STR(send_to(OC, p, NULL, ask), s);
		json_object_put(o);
	}
	END;
}

POINT(edge_02_results_together)
{
	static const char ask[] = MSG(U("Hi") "," CALLS(CALL("aaaaaaaa1", "{}")
	    "," CALL("aaaaaaaa2", "{}")) "," TOLD("aaaaaaaa2", "two") ","
	    TOLD("aaaaaaaa1", "one"));

	BEGIN;
	gets(OC, AN, NULL, ask, "messages[2].content[0].type=tool_result ;; "
	    "messages[2].content[1].type=tool_result ;; !messages[3]?", "");
	gets(OC, GE, NULL, ask, "contents[2].parts[0].functionResponse"
	    ".response.output=one ;; contents[2].parts[1].functionResponse"
	    ".response.output=two ;; !contents[3]?", "");
	END;
}

POINT(edge_03_text_beside_calls)
{
	static const char *const contents[] = { "'I look'", "''", "null" };
	const char *ask;
	int i;

	BEGIN;
	for (i = 0; i < 3; i++) {
		ask = arena_printf(edge_rig.a, "{'messages':[" U("Hi") ",{'role':"
		    "'assistant','content':%s,'tool_calls':["
		    CALL("aaaaaaaa1", "{}") "]}," TOLD("aaaaaaaa1", "one")
		    "]}", contents[i]);
		gets(OC, AN, NULL, ask, i == 0 ? "messages[1].content[0].text="
		    "I look ;; messages[1].content[1].type=tool_use" :
		    "messages[1].content[0].type=tool_use", "");
		gets(OC, OR, NULL, ask, i == 0 ? "input[1].**=I look ;; "
		    "input[2].type=function_call" : "input[1].type="
		    "function_call", "");
		gets(OC, GE, NULL, ask, i == 0 ? "contents[1].parts[0].text="
		    "I look ;; contents[1].parts[1].functionCall?" :
		    "contents[1].parts[0].functionCall?", "");
	}
	END;
}

/* What a user says between a call and its result comes behind the results. */
POINT(edge_04_text_between)
{
	static const char ask[] = MSG(U("Hi") "," CALLS(CALL("aaaaaaaa1", "{}"))
	    "," U("wait") "," TOLD("aaaaaaaa1", "one"));

	BEGIN;
	gets(OC, AN, NULL, ask, "messages[2].content[0].type=tool_result ;; "
	    "messages[2].content[1].text=wait", "messages");
	gets(OC, GE, NULL, ask, "contents[2].parts[0].functionResponse? ;; "
	    "contents[2].parts[1].text=wait", "messages");
	gets(OC, GR, NULL, ask, "messages[2].role=tool ;; messages[3].content="
	    "wait", "messages");
	END;
}

POINT(edge_06_developer)
{
	static const char ask[] = MSG("{'role':'developer','content':'zebra'},"
	    U("Hi"));

	BEGIN;
	gets(OC, MI, NULL, ask, "messages[0].role=system ;; !**=developer", "");
	gets(OC, AN, NULL, ask, "system[0].text=zebra", "");
	gets(OC, GE, NULL, ask, "systemInstruction.parts[0].text=zebra", "");
	gets(OC, OR, NULL, ask, "instructions=zebra", "");
	END;
}

POINT(edge_07_nothing_said)
{
	BEGIN;
	refused(OC, AN, NULL, MSG(U("")), "messages");
	refused(OC, GE, NULL, MSG(U("")), "messages");
	gets(OC, AN, NULL, MSG(U("Hi") ",{'role':'assistant','content':null},"
	    U("So?")), "messages[0].role=user ;; !messages[1]?", "messages");
	gets(OC, AN, NULL, MSG(U("Hi") "," CALLS(CALL("aaaaaaaa1", "{}")) ","
	    TOLD("aaaaaaaa1", "")), "messages[2].content[0].tool_use_id="
	    "aaaaaaaa1", "");
	gets(OC, GE, NULL, MSG(U("Hi") "," CALLS(CALL("aaaaaaaa1", "{}")) ","
	    TOLD("aaaaaaaa1", "")), "contents[2].parts[0].functionResponse"
	    ".response.output=", "");
	END;
}

POINT(edge_08_max_tokens)
{
	BEGIN;
	gets(OC, AN, NULL, "{'max_completion_tokens':null}",
	    "max_tokens=64000", "max_tokens");
	/* Room for the answer behind the thinking. */
	gets(OC, AN, NULL, "{'max_completion_tokens':null,'reasoning_effort':"
	    "'high'}", "max_tokens=64000 ;; thinking.budget_tokens=24576",
	    "max_tokens,reasoning_effort");
	gets(OC, AN, NULL, "{'max_completion_tokens':4000,'reasoning_effort':"
	    "'high'}", "max_tokens=4000 ;; thinking.budget_tokens=2976",
	    "reasoning_effort");
	refused(AN, OC, NULL, "{'max_tokens':0}", "max_tokens");
	refused(OC, AN, NULL, "{'max_completion_tokens':0}", "max_");
	END;
}

POINT(edge_09_which_max)
{
	BEGIN;
	gets(OC, GR, NULL, "{'max_completion_tokens':null,'max_tokens':7}",
	    "max_completion_tokens=7 ;; !max_tokens?", "");
	gets(OC, MI, NULL, "{'max_completion_tokens':7}",
	    "max_tokens=7 ;; !max_completion_tokens?", "");
	refused(OC, AN, NULL, "{'max_completion_tokens':7,'max_tokens':8}",
	    "max_tokens");
	END;
}

POINT(edge_10_temperature)
{
	BEGIN;
	gets(OC, AN, NULL, "{'temperature':1.9}", "temperature=1",
	    "temperature");
	gets(OC, AN, "claude-opus-4-8", "{'temperature':1}", "!temperature?",
	    "");
	refused(OC, AN, "claude-opus-4-8", "{'temperature':0.5}",
	    "temperature");
	refused(AN, OC, "o3", "{'temperature':0.5}", "temperature");
	gets(AN, OC, "o3", "{'temperature':1}", "!temperature?",
	    "temperature");
	END;
}

POINT(edge_11_stop)
{
	BEGIN;
	gets(OC, AN, NULL, "{'stop':'x'}", "stop_sequences[0]=x", "");
	gets(OC, AN, NULL, "{'stop':[]}", "!stop_sequences?", "");
	gets(OC, AN, NULL, "{'stop':['','x']}",
	    "stop_sequences[0]=x ;; !stop_sequences[1]?", "");
	refused(OC, AN, NULL, "{'stop':[' ']}", "stop");
	refused(OC, OR, NULL, "{'stop':['x']}", "stop");
	gets(OC, OR, NULL, "{'stop':null}", "!stop?", "");
	refused(AN, OC, NULL, "{'stop_sequences':['a','b','c','d','e']}",
	    "stop_sequences");
	gets(AN, GE, NULL, "{'stop_sequences':['a','b','c','d','e']}",
	    "generationConfig.stopSequences[4]=e", "");
	refused(AN, GE, NULL, "{'stop_sequences':['a','b','c','d','e','f']}",
	    "stop_sequences");
	END;
}

POINT(edge_12_several_answers)
{
	BEGIN;
	refused(OC, AN, NULL, "{'n':2}", "n");
	refused(OC, OR, NULL, "{'n':2}", "n");
	refused(OC, GR, NULL, "{'n':2}", "n");
	gets(OC, AN, NULL, "{'n':1}", "!n?", "");
	refused(GE, AN, NULL, "{'generationConfig':{'candidateCount':2}}",
	    "generationConfig.candidateCount");
	END;
}

POINT(edge_13_zero_is_nothing)
{
	BEGIN;
	gets(OC, AN, NULL, "{'frequency_penalty':0,'presence_penalty':0.0,"
	    "'logit_bias':{},'logprobs':false}", "!frequency_penalty? ;; "
	    "!logit_bias? ;; !logprobs?", "");
	gets(OC, OR, NULL, "{'frequency_penalty':0,'logit_bias':{}}",
	    "!frequency_penalty? ;; !logit_bias?", "");
	gets(OC, GR, NULL, "{'frequency_penalty':0,'logit_bias':{}}",
	    "!logit_bias?", "");
	refused(OC, MI, NULL, "{'logit_bias':{'1':1}}", "logit_bias");
	END;
}

/* OpenAI and Mistral want the word in the prompt. */
POINT(edge_14_the_word_json)
{
	BEGIN;
	gets(GE, OC, NULL, "{'generationConfig':{'responseMimeType':"
	    "'application/json'}}", "messages[*].content~JSON",
	    "responseMimeType");
	gets(GE, MI, NULL, "{'generationConfig':{'responseMimeType':"
	    "'application/json'}}", "messages[*].content~JSON",
	    "responseMimeType");
	gets(GE, OC, NULL, "{'contents':[{'parts':[{'text':'as JSON'}]}],"
	    "'generationConfig':{'responseMimeType':'application/json'}}",
	    "!messages[1]?", "");
	END;
}

POINT(edge_15_json_beside_tools)
{
	static const char ask[] = "{'tools':[" TOOL("look") "],"
	    "'response_format':{'type':'json_schema','json_schema':{'name':"
	    "'z','schema':{'type':'object'}}}}";

	BEGIN;
	refused(OC, GE, "gemini-2.5-flash", ask, "response_format");
	gets(OC, GE, "gemini-3-flash", ask, "tools[0]? ;; generationConfig"
	    ".responseJsonSchema.type=object", "");
	END;
}

/* Calls without ids: the n-th result is that of the n-th call of its name. */
POINT(edge_16_no_ids)
{
	static const char ask[] = "{'contents':[{'role':'user','parts':[{'text'"
	    ":'Hi'}]},{'role':'model','parts':[{'functionCall':{'name':'look',"
	    "'args':{'n':1}},'thoughtSignature':'QUJD'},{'functionCall':{"
	    "'name':'look','args':{'n':2}}}]},{'role':'function','parts':[{"
	    "'functionResponse':{'name':'look','response':{'output':'one'}}},{"
	    "'functionResponse':{'name':'look','response':{'k':[2]}}}]}]}";
	struct json_object *o;
	struct str id;
	const char *s;

	BEGIN;
	s = send_to(GE, OC, NULL, ask);
	OK(s != NULL);
	o = probe_parse(s);
	id = json_get_str(json_object_array_get_idx(json_get(
	    json_object_array_get_idx(json_get(o, "messages"), 1),
	    "tool_calls"), 1), "id");
	OK(id.n > 0);
	OK(probe(o, arena_printf(edge_rig.a, "messages[2].content=one ;; "
	    "messages[3].content={\"k\":[2]} ;; messages[3].tool_call_id=%.*s",
	    STR_ARG(id)), NULL));
	json_object_put(o);
	EQ_STR(send_to(GE, OC, NULL, ask), s);
	END;
}

TAP_BEGIN
TAP_ROW(edge_01_ids)
TAP_ROW(edge_02_results_together)
TAP_ROW(edge_03_text_beside_calls)
TAP_ROW(edge_04_text_between)
TAP_ROW(edge_06_developer)
TAP_ROW(edge_07_nothing_said)
TAP_ROW(edge_08_max_tokens)
TAP_ROW(edge_09_which_max)
TAP_ROW(edge_10_temperature)
TAP_ROW(edge_11_stop)
TAP_ROW(edge_12_several_answers)
TAP_ROW(edge_13_zero_is_nothing)
TAP_ROW(edge_14_the_word_json)
TAP_ROW(edge_15_json_beside_tools)
TAP_ROW(edge_16_no_ids)
TAP_END
