/* codec_gemini_req_test.c - requests of Gemini, read and written. */
#include "codec_rig.h"

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

/* What a request says, or its refusal. */
static const char *
said(struct rig *r, const char *body)
{
	struct ir_req *q;

	r->note.param = r->note.message = NULL;
	q = rig_read(r, &codec_gemini, DIALECT_GEMINI, quoted(r, body));
	return q == NULL ? arena_printf(r->a, "! %s", r->note.param) :
	    rig_req(r, q);
}

/* Read and written again for Gemini 3. */
static const char *
again(struct rig *r, const char *body, const char *model)
{
	struct ir_req *q;

	q = rig_read(r, &codec_gemini, DIALECT_GEMINI, quoted(r, body));
	r->target.dialect = DIALECT_GEMINI;
	r->target.model = str_of(model);
	return q == NULL ? r->note.message : rig_write(r, &codec_gemini, q);
}

#define SAID(body, want) EQ_STR(said(&r, body), J(want))
#define HI "'contents':[{'parts':[{'text':'Hi'}]}]"

TEST(spellings)
{
	struct rig r;

	rig_new(&r);
	SAID("{'contents':{'parts':{'text':'Hi'}},'system_instruction':"
	    "'Be brief.','generation_config':{'max_output_tokens':'7',"
	    "'top_p':0.5,'response_mime_type':'application/json'}}",
	    "system\n text 'Be brief.'\nuser\n text 'Hi'\n"
	    "format json_object\nmax_output 7\ntop_p 0.5\n");
	SAID("{" HI ",'systemInstruction':{'role':'x','parts':[{'text':'a'},"
	    "{'text':'b'}]}}",
	    "system\n text 'a'\n text 'b'\nuser\n text 'Hi'\n");
	SAID("{" HI ",'systemInstruction':{'parts':{'text':'a'}}}",
	    "system\n text 'a'\nuser\n text 'Hi'\n");
	SAID("{" HI ",'model':'models/x','store':null,'tools':[]}",
	    "user\n text 'Hi'\n");
	rig_free(&r);
}

TEST(sampling)
{
	struct rig r;

	rig_new(&r);
	SAID("{" HI ",'generationConfig':{'temperature':1.50,'topP':0.9,"
	    "'topK':40.0,'candidateCount':2,'maxOutputTokens':9,"
	    "'stopSequences':['x','y'],'seed':-4,'presencePenalty':0.1,"
	    "'frequencyPenalty':0.2,'responseLogprobs':true,'logprobs':3}}",
	    "user\n text 'Hi'\nmax_output 9\nstop 'x'\nstop 'y'\n"
	    "temperature 1.50\ntop_p 0.9\ntop_k 40.0\nseed -4\n"
	    "frequency_penalty 0.2\npresence_penalty 0.1\nn 2\n"
	    "logprobs 1\ntop_logprobs 3\n");
	rig_free(&r);
}

TEST(thinking)
{
	struct rig r;

	rig_new(&r);
#define THINK(s) "{" HI ",'generationConfig':{'thinkingConfig':{" s "}}}"
	SAID(THINK("'thinkingBudget':0"), "user\n text 'Hi'\nthink off\n");
	SAID(THINK("'thinkingBudget':-1,'includeThoughts':true"),
	    "user\n text 'Hi'\nthink adaptive\nshow_thoughts 1\n");
	SAID(THINK("'thinking_budget':512"),
	    "user\n text 'Hi'\nthink budget\nbudget 512\n");
	SAID(THINK("'thinkingLevel':'HIGH','includeThoughts':false"),
	    "user\n text 'Hi'\nthink effort\neffort high\n"
	    "show_thoughts 0\n");
	SAID(THINK("'thinkingLevel':'LOW','thinkingBudget':1"),
	    "! generationConfig.thinkingConfig.thinkingLevel");
	SAID(THINK("'thinkingLevel':'MUCH'"),
	    "! generationConfig.thinkingConfig.thinkingLevel");
	rig_free(&r);
}

TEST(tools)
{
	struct rig r;

	rig_new(&r);
	SAID("{" HI ",'tools':[{'functionDeclarations':[{'name':'a',"
	    "'description':null,'parameters':{'type':'OBJECT','properties':{"
	    "'type':{'type':'STRING','nullable':true,'format':'enum','enum':"
	    "['x']},'n':{'type':'ARRAY','min_items':'2','items':{'type':"
	    "'INTEGER'}}},'propertyOrdering':['n'],'required':['n']}},"
	    "{'name':'b','parameters_json_schema':{'type':'object'}},"
	    "{'name':'c','description':'d'}]},{'googleSearch':{}}],"
	    "'toolConfig':{'functionCallingConfig':{'mode':'any',"
	    "'allowedFunctionNames':['a']}}}",
	    "user\n text 'Hi'\n"
	    "tool function name=a schema={'type':'object','properties':{"
	    "'type':{'type':['string','null'],'enum':['x']},'n':{'type':"
	    "'array','minItems':2,'items':{'type':'integer'}}},"
	    "'required':['n']}\n"
	    "tool function name=b schema={'type':'object'}\n"
	    "tool function name=c 'd'\n"
	    "tool builtin from=gemini name=googleSearch raw={'googleSearch':{}}\n"
	    "choice required\nallowed 'a'\n");
	SAID("{" HI ",'toolConfig':{'functionCallingConfig':{'mode':"
	    "'VALIDATED'}},'tools':{'functionDeclarations':[{'name':'a'}]}}",
	    "user\n text 'Hi'\ntool function name=a strict=1\n"
	    "choice auto\n");
	rig_free(&r);
}

TEST(schemas)
{
	struct rig r;

	rig_new(&r);
	SAID("{" HI ",'generationConfig':{'responseMimeType':"
	    "'application/json','responseSchema':{'type':'ARRAY','items':{"
	    "'anyOf':[{'type':'STRING','example':1},{'type':'NULL'}]}}}}",
	    "user\n text 'Hi'\nformat json_schema\nschema {'type':'array',"
	    "'items':{'anyOf':[{'type':'string','examples':[1]},"
	    "{'type':'null'}]}}\n");
	SAID("{" HI ",'generationConfig':{'responseMimeType':'text/x.enum',"
	    "'responseSchema':{'type':'STRING','enum':['a']}}}",
	    "user\n text 'Hi'\n"
	    "extra must generationConfig.responseMimeType 'text/x.enum'\n"
	    "extra must generationConfig.responseSchema {'type':'STRING',"
	    "'enum':['a']}\n");
	SAID("{" HI ",'generationConfig':{'responseMimeType':'text/html'}}",
	    "! generationConfig.responseMimeType");
	rig_free(&r);
}

/* Results find their calls by name and order; ids are made of the place. */
TEST(missing_ids)
{
	struct rig r;

	rig_new(&r);
	SAID("{'contents':[{'parts':[{'text':'Hi'}]},{'role':'model','parts':"
	    "[{'functionCall':{'name':'f','args':{'n':1e2}}},{'functionCall':"
	    "{'name':'g.h'}},{'functionCall':{'name':'f'}}]},{'role':"
	    "'function','parts':[{'functionResponse':{'name':'f','response':"
	    "{'output':'one'}}},{'text':'go on'},{'functionResponse':{'name':"
	    "'f','response':{'error':'no'}}},{'functionResponse':{'name':"
	    "'g.h','response':{'a':1}}}]}]}",
	    "user\n text 'Hi'\nassistant\n call id=f_1_0 name=f "
	    "'{\\'n\\':1e2}'\n call id=g_h_1_1 name=g.h '{}'\n"
	    " call id=f_1_2 name=f '{}'\n"
	    "tool\n result id=f_1_0 name=f\n  text 'one'\n"
	    " result id=f_1_2 name=f error\n  text 'no'\n"
	    " result id=g_h_1_1 name=g.h json={'a':1}\n"
	    "  text '{\\'a\\':1}'\n"
	    "user\n text 'go on'\n");
	/* Known ids win over the order. */
	SAID("{'contents':[{'role':'model','parts':[{'functionCall':{'id':"
	    "'x','name':'f'}},{'functionCall':{'id':'y','name':'f'}}]},"
	    "{'parts':[{'functionResponse':{'id':'y','name':'f','response':"
	    "{}}},{'functionResponse':{'name':'f','response':{'result':"
	    "{'k':[]}}}}]}]}",
	    "assistant\n call id=x name=f '{}'\n call id=y name=f '{}'\n"
	    "tool\n result id=y name=f\n  text ''\n"
	    " result id=x name=f json={'result':{'k':[]}}\n"
	    "  text '{\\'result\\':{\\'k\\':[]}}'\n");
	SAID("{'contents':[{'parts':[{'functionResponse':{'name':'f',"
	    "'response':{}}}]}]}", "! contents[0].parts[0].functionResponse");
	rig_free(&r);
}

TEST(media)
{
	struct rig r;

	rig_new(&r);
	SAID("{'contents':[{'parts':["
	    "{'inline_data':{'mime_type':'image/jpg','data':'-_8='}},"
	    "{'inlineData':{'data':'iVBORw0KGgo'}},"
	    "{'inlineData':{'mimeType':'audio/wav','data':'AAAA'}},"
	    "{'inlineData':{'mimeType':'text/plain','data':'SGk='}},"
	    "{'inlineData':{'mimeType':'application/pdf','data':'AAAA',"
	    "'displayName':'a.pdf'}},"
	    "{'fileData':{'fileUri':'https://x.org/a.png?b'},"
	    "'mediaResolution':{'level':'MEDIA_RESOLUTION_LOW'}},"
	    "{'fileData':{'mimeType':'image/png','fileUri':"
	    "'https://generativelanguage.googleapis.com/v1beta/files/1'}},"
	    "{'fileData':{'fileUri':'https://youtu.be/x'},'videoMetadata':"
	    "{'fps':1}}]}]}",
	    "user\n"
	    " image mime=image/jpeg base64=+/8=\n"
	    " image mime=image/png base64=iVBORw0KGgo=\n"
	    " audio mime=audio/wav base64=AAAA\n"
	    " file mime=text/plain text='Hi'\n"
	    " file mime=application/pdf base64=AAAA filename=a.pdf\n"
	    " image mime=image/png url=https://x.org/a.png?b detail=low\n"
	    " image from=gemini mime=image/png file_id=https://generativelanguage."
	    "googleapis.com/v1beta/files/1\n"
	    " video url=https://youtu.be/x raw={'fileData':{'fileUri':"
	    "'https://youtu.be/x'},'videoMetadata':{'fps':1}}\n");
	SAID("{'contents':[{'parts':[{'inlineData':{'data':'a*b'}}]}]}",
	    "! contents[0].parts[0].inlineData.data");
	rig_free(&r);
}

TEST(thoughts)
{
	struct rig r;

	rig_new(&r);
	/* Google's own; one of Anthropic in four pieces; one redacted. */
	SAID("{'contents':[{'role':'model','parts':[{'text':'t','thought':"
	    "true},{'functionCall':{'id':'i','name':'f'},'thoughtSignature':"
	    "'QUJD'}]},{'parts':[{'functionResponse':{'name':'f'}}]},{'role':"
	    "'model','parts':[{'text':'a','thought':true},{'text':'y','thought"
	    "':true},{'text':'z','thought':true},{'text':'','thought"
	    "':true,'thoughtSignature':'Z3cxLmFudGhyb3BpYy5jMmxu'},{'text':"
	    "'','thought':true,'thoughtSignature':"
	    "'cmd3MS5hbnRocm9waWMuWW14dllnPT0='},{'text':'b'}]}]}",
	    "assistant\n thinking 't'\n"
	    " call from=gemini id=i name=f signature=QUJD '{}'\n"
	    "tool\n result id=i name=f\n  text ''\n"
	    "assistant\n thinking from=anthropic signature=sig 'ayz'\n"
	    " thinking from=anthropic redacted signature=blob\n"
	    " text 'b'\n");
	rig_free(&r);
}

TEST(extras)
{
	struct rig r;

	rig_new(&r);
	SAID("{" HI ",'cachedContent':'cachedContents/x','serviceTier':"
	    "'FLEX','store':true,'labels':{'a':'b'},'safetySettings':[{"
	    "'category':'X','threshold':'OFF'}],'generationConfig':{"
	    "'responseModalities':['TEXT','IMAGE'],'speech_config':{}}}",
	    "user\n text 'Hi'\nservice_tier flex\nstore 1\n"
	    "extra must cachedContent 'cachedContents/x'\n"
	    "extra labels {'a':'b'}\n"
	    "extra safetySettings [{'category':'X','threshold':'OFF'}]\n"
	    "extra must generationConfig.responseModalities "
	    "['TEXT','IMAGE']\n"
	    "extra generationConfig.speech_config {}\n");
	rig_free(&r);
}

TEST(wrong_types)
{
	static const char *const rows[][2] = {
		{ "[]", "" },
		{ "{}", "contents" },
		{ "{'contents':'Hi'}", "contents" },
		{ "{'contents':[]}", "contents" },
		{ "{'contents':[7]}", "contents[0]" },
		{ "{'contents':[{'parts':[]}]}", "contents[0].parts" },
		{ "{'contents':[{'parts':7}]}", "contents[0].parts" },
		{ "{'contents':[{'parts':['x']}]}", "contents[0].parts[0]" },
		{ "{'contents':[{'parts':[{'text':7}]}]}",
		    "contents[0].parts[0].text" },
		{ "{'contents':[{'parts':[{}]}]}", "contents[0].parts[0]" },
		{ "{'contents':[{'parts':[{'text':'a','functionCall':{}}]}]}",
		    "contents[0].parts[0]" },
		{ "{'contents':[{'role':'system','parts':[{'text':'a'}]}]}",
		    "contents[0].role" },
		{ "{'contents':[{'role':'model','parts':[{'functionCall':{"
		    "'name':'a','args':[]}}]}]}",
		    "contents[0].parts[0].functionCall.args" },
		{ "{" HI ",'generationConfig':7}", "generationConfig" },
		{ "{" HI ",'generationConfig':{'temperature':'x'}}",
		    "generationConfig.temperature" },
		{ "{" HI ",'generationConfig':{'stopSequences':[1]}}",
		    "generationConfig.stopSequences" },
		{ "{" HI ",'generationConfig':{'maxOutputTokens':-1}}",
		    "generationConfig.maxOutputTokens" },
		{ "{" HI ",'systemInstruction':{'parts':[{'inlineData':{}}]}}",
		    "systemInstruction.parts" },
		{ "{" HI ",'tools':[{'functionDeclarations':[{'name':7}]}]}",
		    "tools.functionDeclarations.name" },
		{ "{" HI ",'toolConfig':{'functionCallingConfig':{'mode':"
		    "'SOME'}}}", "toolConfig.functionCallingConfig.mode" },
	};
	struct rig r;
	size_t i;

	rig_new(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_STR(said(&r, rows[i][0]), arena_printf(r.a, "! %s",
		    rows[i][1]));
	rig_free(&r);
}

/* What is read is written, and says the same when it is read again. */
TEST(round_trip)
{
	static const char *const files[] = { "stream-after-tool-result",
	    "json-foreign-tool-ids", "json-schema", "json-response-schema",
	    "json-image-inline", "json-parallel-tools", "stream-json-array",
	    "stream-thinking", "json-safety", "json-cached", "json-text",
	    "json-max-tokens-empty", "stream-text",
	    "stream-tool-signature" };
	struct ir_req *q;
	const char *was;
	struct str text;
	struct rig r;
	size_t i;

	rig_new(&r);
	r.target.dialect = DIALECT_GEMINI;
	r.target.model = STR("gemini-3-flash");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text = rig_file(&r, arena_printf(r.a,
		    "gemini/%s.request.json", files[i]));
		q = rig_read(&r, &codec_gemini, DIALECT_GEMINI,
		    arena_strndup(r.a, text.p, text.n));
		OK(q != NULL);
		was = rig_req(&r, q);
		q = rig_read(&r, &codec_gemini, DIALECT_GEMINI,
		    rig_write(&r, &codec_gemini, q));
		OK(q != NULL);
		EQ_STR(rig_req(&r, q), was);
		EQ_STR(ir_dropped(&r.note), "");
	}
	rig_free(&r);
}

TEST(same_dialect)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(again(&r, "{" HI ",'safetySettings':[{'threshold':'HIGH'}],"
	    "'generationConfig':{'temperature':1.50,'stopSequences':['a'],"
	    "'speechConfig':{'a':1}},'toolConfig':{'retrievalConfig':{}},"
	    "'tools':[{'urlContext':{}}]}", "gemini-3-pro"),
	    J("{'contents':[{'role':'user','parts':[{'text':'Hi'}]}],"
	    "'tools':[{'urlContext':{}}],'toolConfig':{'retrievalConfig':{}},"
	    "'generationConfig':{'temperature':1.50,'stopSequences':['a'],"
	    "'speechConfig':{'a':1}},'safetySettings':[{'threshold':"
	    "'HIGH'}]}"));
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(spellings)
TAP_ROW(sampling)
TAP_ROW(thinking)
TAP_ROW(tools)
TAP_ROW(schemas)
TAP_ROW(missing_ids)
TAP_ROW(media)
TAP_ROW(thoughts)
TAP_ROW(extras)
TAP_ROW(wrong_types)
TAP_ROW(round_trip)
TAP_ROW(same_dialect)
TAP_END
