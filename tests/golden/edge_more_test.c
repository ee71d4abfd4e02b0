/*
 * edge_more_test.c - what real clients send: pictures, odd JSON, whole clients.
 */
#include <string.h>

#include "base/err.h"
#include "edge.h"

#define PICTURE(url) "{'messages':[{'role':'user','content':[{'type':" \
	"'image_url','image_url':{'url':'" url "'}}]}]}"

POINT(edge_17_pictures)
{
	BEGIN;
	gets(OC, AN, NULL, PICTURE("DATA:image/PNG;a=b;base64,iVBOR w0K\\nGgo="),
	    "messages[0].content[0].source.media_type=image/png ;; "
	    "messages[0].content[0].source.data=iVBORw0KGgo=", "");
	/* What it is, its first bytes say; - and _ are another alphabet. */
	gets(OC, AN, NULL, PICTURE("data:image/png;base64,/9j_4A-A"),
	    "messages[0].content[0].source.media_type=image/jpeg ;; "
	    "messages[0].content[0].source.data=/9j/4A+A", "");
	gets(OC, AN, NULL, PICTURE("data:image/jpg;base64,AAAA"),
	    "messages[0].content[0].source.media_type=image/jpeg", "");
	refused(OC, AN, NULL, PICTURE("data:image/tiff;base64,AAAA"),
	    "messages");
	refused(OC, AN, NULL, PICTURE("http://zoo.example/a.png"),
	    "messages[0].content[0].image_url");
	END;
}

/* One that a model has made comes back in its own turn. */
POINT(pictures_of_models)
{
	BEGIN;
	gets(GE, OL, NULL, "{'contents':[{'role':'user','parts':[{'text':"
	    "'draw'}]},{'role':'model','parts':[{'text':'so'},{'inlineData':"
	    "{'mimeType':'image/png','data':'iVBORw0KGgo='}}]},{'role':'user',"
	    "'parts':[{'text':'more'}]}]}", "messages[1].role=assistant ;; "
	    "messages[1].images[0]=iVBORw0KGgo= ;; !messages[2].images?", "");
	END;
}

/* Where one effort ends and the next begins. */
POINT(budgets)
{
	static const char *const rows[][2] = {
		{ "1024", "low" }, { "2047", "low" }, { "2048", "medium" },
		{ "12287", "medium" }, { "12288", "high" },
		{ "32767", "high" },
	};
	size_t i;

	BEGIN;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		gets(AN, GR, NULL, arena_printf(edge_rig.a, "{'max_tokens':"
		    "40000,'thinking':{'type':'enabled','budget_tokens':%s}}",
		    rows[i][0]), arena_printf(edge_rig.a,
		    "reasoning_effort=%s", rows[i][1]), "thinking");
	END;
}

POINT(edge_21_cache_marks)
{
	BEGIN;
	gets(OC, AN, NULL, "{'messages':[{'role':'user','content':["
	    "{'type':'text','text':'1','prompt_cache_breakpoint':{'mode':"
	    "'explicit'}},"
	    "{'type':'text','text':'2','prompt_cache_breakpoint':{'mode':"
	    "'explicit'}},"
	    "{'type':'text','text':'3','prompt_cache_breakpoint':{'mode':"
	    "'explicit'}},"
	    "{'type':'text','text':'4','prompt_cache_breakpoint':{'mode':"
	    "'explicit'}},"
	    "{'type':'text','text':'5','prompt_cache_breakpoint':{'mode':"
	    "'explicit','ttl':'12h'}}]}]}",
	    "!messages[0].content[0].cache_control? ;; "
	    "messages[0].content[1].cache_control? ;; "
	    "messages[0].content[4].cache_control.ttl=1h",
	    "prompt_cache_breakpoint");
	END;
}

POINT(edge_23_stored_elsewhere)
{
	int p;

	BEGIN;
	for (p = 0; p < FORMATS; p++)
		if (p != OR)
			refused(OR, p, NULL, "{'previous_response_id':"
			    "'resp_1'}", "previous_response_id");
	END;
}

/* Not a byte of arguments is another one, however odd they are. */
POINT(edge_26_odd_json)
{
	static const char args[] = "{\\\"a\\\":1,\\\"a\\\":2,\\\"n\\\":"
	    "123456789012345678901234567890.50,\\\"s\\\":\\\"\\\\ud800\\\\u0000"
	    "\\\"}";
	static const char plain[] = "{\"a\":1,\"a\":2,\"n\":"
	    "123456789012345678901234567890.50,\"s\":\"\\ud800\\u0000\"}";
	const char *s, *body;

	BEGIN;
	body = arena_printf(edge_rig.a, "{\"model\":\"m\",\"max_completion_tokens\":9,"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":"
	    "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
	    "\"aaaaaaaa1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"look\",\"arguments\":\"%s\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"aaaaaaaa1\",\"content\":\"x\"}]}", args);
	s = golden_write(&edge_rig, body, OC, AN, formats[AN].model, 0);
	OK(s != NULL && strstr(s, plain) != NULL);
	s = golden_write(&edge_rig, body, OC, GE, formats[GE].model, 0);
	OK(s != NULL && strstr(s, plain) != NULL);
	s = golden_write(&edge_rig, body, OC, GR, formats[GR].model, 0);
	OK(s != NULL && strstr(s, args) != NULL);
	s = golden_write(&edge_rig, body, OC, OR, formats[OR].model, 0);
	OK(s != NULL && strstr(s, args) != NULL);
	END;
}

POINT(edge_27_no_object)
{
	static const char *const nothing[] = { "", "null", " " },
	    *const wrong[] = { "[]", "5", "true", "{\\\"a\\\"" };
	unsigned i;

	BEGIN;
	for (i = 0; i < 3; i++) {
		const char *ask = arena_printf(edge_rig.a, "{'messages':[" U("Hi") ","
		    CALLS(CALL("aaaaaaaa1", "%s")) "," TOLD("aaaaaaaa1", "x")
		    "]}", nothing[i]);

		gets(OC, AN, NULL, ask, "messages[1].content[0].input?", "");
		gets(OC, GE, NULL, ask, "contents[1].parts[0].functionCall"
		    ".args?", "");
	}
	for (i = 0; i < 4; i++) {
		const char *ask = arena_printf(edge_rig.a, "{'messages':[" U("Hi") ","
		    CALLS(CALL("aaaaaaaa1", "%s")) "," TOLD("aaaaaaaa1", "x")
		    "]}", wrong[i]);

		refused(OC, AN, NULL, ask, "messages");
		refused(OC, GE, NULL, ask, "messages");
		gets(OC, OR, NULL, ask, "input[1].arguments?", "");
	}
	END;
}

POINT(edge_28_prefill)
{
	static const char ask[] = MSG(U("Hi") ",{'role':'assistant','content':"
	    "'A zebra \\n'}");

	BEGIN;
	gets(OC, AN, NULL, ask, "messages[1].content[0].text=A zebra",
	    "");
	refused(OC, AN, "claude-opus-4-8", ask, "messages");
	END;
}

POINT(edge_29_claude_code)
{
	static const char ask[] = "{'system':[{'type':'text','text':'You are',"
	    "'cache_control':{'type':'ephemeral'}}],'messages':[" U("Hi") ",{"
	    "'role':'system','content':'mind'},{'role':'assistant','content':"
	    "'Yes'}," U("So?") "],'tools':[{'name':'Bash','description':'Runs',"
	    "'input_schema':{'type':'object','properties':{'command':{'type':"
	    "'string'}}},'cache_control':{'type':'ephemeral'}}],'thinking':{"
	    "'type':'adaptive','display':'omitted'},'output_config':{'effort':"
	    "'high'},'context_management':{'edits':[{'type':"
	    "'clear_thinking_20251015','keep':'all'}]},'metadata':{'user_id':"
	    "'u'}}";

	BEGIN;
	gets(AN, OC, "gpt-5.6", ask, "reasoning_effort=high ;; tools[0]"
	    ".function.name=Bash ;; safety_identifier=u ;; messages[2].role="
	    "developer|system",
	    "cache_control,context_management");
	OK(send_to(AN, OR, "gpt-5.6", ask) != NULL);
	OK(send_to(AN, GE, NULL, ask) != NULL);
	OK(send_to(AN, MI, NULL, ask) != NULL);
	OK(send_to(AN, GR, NULL, ask) != NULL);
	END;
}

POINT(edge_30_codex)
{
	static const char ask[] = "{'instructions':'You are','input':[{'type':"
	    "'message','role':'user','content':[{'type':'input_text','text':"
	    "'Hi'}]},{'type':'reasoning','summary':[],'encrypted_content':"
	    "'QUJD'},{'type':'custom_tool_call','call_id':'call_1','name':"
	    "'apply_patch','input':'*** Begin'},{'type':"
	    "'custom_tool_call_output','call_id':'call_1','output':'done'}],"
	    "'tools':[{'type':'custom','name':'apply_patch','description':"
	    "'Patches'},{'type':'function','name':'shell','strict':false,"
	    "'parameters':{'type':'object','properties':{}}}],'tool_choice':"
	    "'auto','parallel_tool_calls':true,'reasoning':{'effort':'medium',"
	    "'summary':'auto'},'store':false,'include':["
	    "'reasoning.encrypted_content'],'prompt_cache_key':'k'}";
	int p;

	BEGIN;
	gets(OR, AN, "claude-opus-4-8", ask, "messages[1].content[0].type="
	    "tool_use ;; messages[1].content[0].input.input=*** Begin ;; "
	    "messages[2].content[0].type=tool_result ;; output_config.effort="
	    "medium", "prompt_cache_key,reasoning.effort,tools,reasoning");
	for (p = 0; p < FORMATS; p++)
		if (p != OR)
			OK(send_to(OR, p, NULL, ask) != NULL);
	END;
}

POINT(edge_34_documents)
{
	BEGIN;
	refused(AN, OC, NULL, "{'messages':[{'role':'user','content':[{'type':"
	    "'document','citations':{'enabled':true},'source':{'type':'text',"
	    "'media_type':'text/plain','data':'z'}}]}]}", "citations");
	gets(AN, OC, NULL, "{'messages':[{'role':'user','content':[{'type':"
	    "'document','title':'Zoo','source':{'type':'text','media_type':"
	    "'text/plain','data':'zebra'}}]}]}", "messages[0].**~Zoo ;; "
	    "messages[0].**~zebra", "document");
	END;
}

POINT(edge_39_tool_names)
{
	BEGIN;
	gets(OC, GE, NULL, "{'tools':[" TOOL("1st") "," TOOL("_1st") "," TOOL(
	    "-a") "]}", "tools[0].functionDeclarations[0].name~_ ;; "
	    "tools[0].functionDeclarations[1].name=_1st ;; !tools[0]"
	    ".functionDeclarations[0].name=_1st|1st ;; !tools[0]"
	    ".functionDeclarations[2].name=-a", "tools.name");
	gets(GE, OC, NULL, "{'tools':[{'functionDeclarations':[{'name':'a.b'},"
	    "{'name':'a:b'}]}]}", "!tools[*].function.name=a.b|a:b|a_b",
	    "tools.name");
	END;
}

/* By the version that the client names; another provider or not. */
POINT(edge_40_api_version)
{
	static const struct {
		const char	*patch, *param;
	} rows[] = {
		{ "{'temperature':1}", "temperature" },
		{ "{'top_p':1}", "top_p" }, { "{'top_k':5}", "top_k" },
		{ "{'messages':[" U("Hi") ",{'role':'assistant','content':[{"
		    "'type':'document','source':{'type':'text','media_type':"
		    "'text/plain','data':'z'}}]}," U("So?") "]}",
		    "messages[1].content[0].type" },
		{ "{'messages':[{'role':'user','content':[{'type':'text',"
		    "'text':'z','citations':[{'type':'char_location'}]}]}]}",
		    "messages[0].content[0].citations" },
	};
	struct ir_note n;
	struct ir_req q;
	size_t i;
	int late;

	BEGIN;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *o = probe_parse(formats[AN].base),
		    *p = probe_parse(edge_json(rows[i / 2].patch));
		const char *s;

		late = i % 2 == 1;
		probe_merge(o, p);
		s = arena_strdup(edge_rig.a, json_object_to_json_string(o));
		json_object_put(o);
		json_object_put(p);
		memset(&n, 0, sizeof(n));
		n.a = edge_rig.a;
		ir_req_init(&q, edge_rig.a, DIALECT_ANTHROPIC);
		q.api_2026 = late;
		EQ_INT(codec_anthropic.read(&q, str_of(s), &n), late ?
		    ERR_FORMAT : 0);
		if (late)
			EQ_STR(n.param, rows[i / 2].param);
	}
	END;
}

/* What only has a signature stays where it came from. */
POINT(edge_41_empty_thinking)
{
	static const char ask[] = "{'messages':[" U("Hi") ",{'role':"
	    "'assistant','content':[{'type':'thinking','thinking':'',"
	    "'signature':'QUJD'},{'type':'text','text':'Yes'}]}," U("So?")
	    "]}";

	BEGIN;
	gets(AN, AN, NULL, ask, "messages[1].content[0].type=thinking ;; "
	    "messages[1].content[0].signature=QUJD", "");
	gets(AN, OC, NULL, ask, "messages[1].**=Yes ;; !**=QUJD", "thinking");
	END;
}

/* Another provider's reasoning in the middle of a tool loop. */
POINT(edge_42_switch_in_a_loop)
{
	static const char ask[] = "{'max_output_tokens':9000,'reasoning':{"
	    "'effort':'high'},'input':[" U("Hi") ",{'type':'reasoning','id':"
	    "'rs_1','summary':[],'encrypted_content':'QUJD'},{'type':"
	    "'function_call','call_id':'c1','name':'look','arguments':'{}'},{"
	    "'type':'function_call_output','call_id':'c1','output':'x'}]}";

	BEGIN;
	gets(OR, AN, "claude-sonnet-4-5", ask, "!thinking? ;; !**=QUJD ;; "
	    "messages[1].content[0].type=tool_use",
	    "reasoning.effort,reasoning");
	gets(OR, AN, "claude-opus-4-8", ask, "thinking.type=adaptive ;; "
	    "!**=QUJD", "reasoning.effort,reasoning");
	gets(OR, GE, NULL, ask, "!**=QUJD ;; contents[1].parts[0]"
	    ".thoughtSignature?", "reasoning,reasoning.effort");
	END;
}

/* --- many tools ---------------------------------------------------------- */

#define MANY 30000

/* As many tools as are allowed, and a call of each: looked up, not searched. */
POINT(many_tools)
{
	struct buf b;
	int i, p;

	BEGIN;
	buf_init(&b, 64u << 20);
	buf_printf(&b, "{\"model\":\"m\",\"max_output_tokens\":90,\"input\":"
	    "\"Hi\",\"tools\":[");
	for (i = 0; i < MANY; i++)
		buf_printf(&b, "%s{\"type\":\"function\",\"name\":\"t.%d\"}",
		    i == 0 ? "" : ",", i);
	buf_printf(&b, "],\"tool_choice\":{\"type\":\"allowed_tools\","
	    "\"mode\":\"auto\",\"tools\":[");
	for (i = 1; i < MANY; i++)
		buf_printf(&b, "%s{\"type\":\"function\",\"name\":\"t.%d\"}",
		    i == 1 ? "" : ",", MANY - i);
	buf_printf(&b, "]}}");
	for (p = 0; p < FORMATS; p++) {
		struct json_object *o, *list;
		const char *s = golden_write(&edge_rig, arena_strndup(edge_rig.a, buf_ptr(&b),
		    buf_len(&b)), OR, p, formats[p].model, 0);

		if (s == NULL)
			tap_fail(__FILE__, __LINE__, "%s: %s", formats[p].name,
			    edge_rig.note.message);
		o = probe_parse(s);
		list = json_get(o, "tools");
		if (p == GE)
			list = json_get(json_object_array_get_idx(list, 0),
			    "functionDeclarations");
		/* The first may not be called: it is sent where the others can
		 * be named. */
		EQ_INT(json_object_array_length(list), p == OC || p == OR ||
		    p == GE ? MANY : MANY - 1);
		json_object_put(o);
	}
	buf_free(&b);
	END;
}

/* Elsewhere the two names of a tool are one, which may be another's. */
POINT(edge_namespaces)
{
	BEGIN;
	refused(OR, AN, NULL, "{'tools':[{'type':'namespace','name':'a',"
	    "'tools':[{'type':'function','name':'b__c'}]},{'type':"
	    "'namespace','name':'a__b','tools':[{'type':'function','name':"
	    "'c'}]}]}", "tools");
	OK(strstr(edge_rig.note.message, "\"a__b__c\"") != NULL);
	END;
}

TAP_BEGIN
TAP_ROW(edge_namespaces)
TAP_ROW(edge_17_pictures)
TAP_ROW(pictures_of_models)
TAP_ROW(budgets)
TAP_ROW(edge_21_cache_marks)
TAP_ROW(edge_23_stored_elsewhere)
TAP_ROW(edge_26_odd_json)
TAP_ROW(edge_27_no_object)
TAP_ROW(edge_28_prefill)
TAP_ROW(edge_29_claude_code)
TAP_ROW(edge_30_codex)
TAP_ROW(edge_34_documents)
TAP_ROW(edge_39_tool_names)
TAP_ROW(edge_40_api_version)
TAP_ROW(edge_41_empty_thinking)
TAP_ROW(edge_42_switch_in_a_loop)
TAP_ROW(many_tools)
TAP_END
