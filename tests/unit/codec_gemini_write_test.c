/* codec_gemini_write_test.c - what Gemini is asked for clients of others. */
#include "codec_gemini_rows.h"

static struct ir_part *
call(struct ir_req *q, struct ir_turn *t, const char *id, const char *args)
{
	struct ir_part *p = add(q, t, IR_CALL, "");

	p->id = str_of(id);
	p->name = STR("f");
	p->args = str_of(args);
	return p;
}

static struct ir_part *
result(struct ir_req *q, struct ir_turn *t, const char *id, const char *text)
{
	struct ir_part *p = add(q, t, IR_RESULT, "");

	p->id = str_of(id);
	ir_part_add(q, &p->result, IR_TEXT)->text = str_of(text);
	return p;
}

/* --- turns ------------------------------------------------------------------ */

MAKE(m_system)
{
	say(q, IR_SYSTEM, "a");
	say(q, IR_SYSTEM, "b");
	say(q, IR_USER, "Hi");
}

MAKE(m_system_mid)
{
	say(q, IR_USER, "Hi");
	say(q, IR_SYSTEM, "b");
}

MAKE(m_empty)
{
	struct ir_turn *t = say(q, IR_USER, "");

	add(q, t, IR_TEXT, "Hi");
}

MAKE(m_nothing)
{
	say(q, IR_USER, "");
}

MAKE(m_silent)
{
	say(q, IR_USER, "Hi");
	say(q, IR_ASSISTANT, "");
	say(q, IR_USER, "So?");
}

MAKE(m_twice)
{
	say(q, IR_USER, "Hi");
	say(q, IR_USER, "you");
}

MAKE(m_name)
{
	say(q, IR_USER, "Hi")->name = STR("Bo");
}

MAKE(m_prefill)
{
	say(q, IR_USER, "Hi");
	say(q, IR_ASSISTANT, "Well");
}

MAKE(m_refusal)
{
	struct ir_turn *t;

	say(q, IR_USER, "Hi");
	t = ir_turn_add(q, IR_ASSISTANT);
	add(q, t, IR_REFUSAL, "No.");
	say(q, IR_USER, "Oh");
}

MAKE(m_cache)
{
	say(q, IR_USER, "Hi")->parts->cache = STR("{}");
}

MAKE(m_opaque)
{
	struct ir_turn *t = say(q, IR_USER, "Hi");

	add(q, t, IR_OPAQUE, "")->raw = STR("{}");
}

TEST(turns)
{
	static const struct row rows[] = {
		{ "system_head", m_system, "{'systemInstruction':{'parts':["
		    "{'text':'a'},{'text':'b'}]},'contents':[{'role':'user',"
		    "'parts':[{'text':'Hi'}]}],'generationConfig':{}}", "",
		    NULL },
		{ "system_mid", m_system_mid, "'contents':[{'role':'user',"
		    "'parts':[{'text':'Hi'},{'text':'[System instructions]"
		    "\\nb'}]}]", "messages.system", NULL },
		{ "empty_text", m_empty, "'parts':[{'text':'Hi'}]",
		    "messages.content", NULL },
		{ "empty user", m_nothing, "! messages", "messages.content",
		    NULL },
		{ "empty assistant", m_silent, "'parts':[{'text':'Hi'},"
		    "{'text':'So?'}]", "messages.content,messages", NULL },
		{ "same_role", m_twice, "'parts':[{'text':'Hi'},{'text':"
		    "'you'}]", "messages", NULL },
		{ "name", m_name, "{'text':'Bo: Hi'}", "name", NULL },
		{ "prefill", m_prefill, "{'role':'model','parts':[{'text':"
		    "'Well'}]}]", "messages.prefill", NULL },
		{ "refusal_hist", m_refusal, "{'role':'model','parts':["
		    "{'text':'No.'}]}", "refusal", NULL },
		{ "cache_mark", m_cache, "[{'text':'Hi'}]", "cache_control",
		    NULL },
		{ "opaque", m_opaque, "! messages", "", NULL },
	};

	CHECK(rows);
}

/* --- media ------------------------------------------------------------------- */

static struct ir_part *
medium(struct ir_req *q, enum ir_kind kind)
{
	return add(q, ir_turn_add(q, IR_USER), kind, "");
}

MAKE(m_image)
{
	medium(q, IR_IMAGE)->media.base64 = STR("iVBORw0KGgo=");
}

MAKE(m_url)
{
	medium(q, IR_IMAGE)->media.url = STR("https://x.org/a.webp");
}

MAKE(m_detail)
{
	m_image(q);
	q->turns->parts->media.detail = STR("low");
}

MAKE(m_file_id)
{
	medium(q, IR_FILE)->media.file_id = STR("file-1");
}

MAKE(m_pdf)
{
	medium(q, IR_FILE)->media.base64 = STR("JVBERi0=");
	q->turns->parts->media.filename = STR("a.pdf");
}

MAKE(m_pdf_url)
{
	medium(q, IR_FILE)->media.url = STR("https://x.org/a");
}

MAKE(m_text)
{
	medium(q, IR_FILE)->media.text = STR("words");
	q->turns->parts->media.title = STR("T");
}

MAKE(m_audio)
{
	medium(q, IR_AUDIO)->media.base64 = STR("AAAA");
	q->turns->parts->media.mime = STR("audio/mpeg");
}

TEST(media)
{
	static const struct row rows[] = {
		{ "image_b64", m_image, "[{'inlineData':{'mimeType':"
		    "'image/png','data':'iVBORw0KGgo='}}]", "", NULL },
		{ "image_url", m_url, "[{'fileData':{'mimeType':'image/webp',"
		    "'fileUri':'https://x.org/a.webp'}}]", "", NULL },
		{ "image_detail", m_detail, "},'mediaResolution':{'level':"
		    "'MEDIA_RESOLUTION_LOW'}}]", "image_url.detail", NULL },
		{ "image_detail 2.5", m_detail, "'data':'iVBORw0KGgo='}}]",
		    "image_url.detail", "gemini-2.5-pro" },
		{ "image_file_id", m_file_id, "! file_id", "", NULL },
		{ "pdf", m_pdf, "[{'inlineData':{'mimeType':"
		    "'application/pdf','data':'JVBERi0='}}]", "filename",
		    NULL },
		{ "pdf url", m_pdf_url, "[{'fileData':{'mimeType':"
		    "'application/pdf','fileUri':'https://x.org/a'}}]", "",
		    NULL },
		{ "text_doc", m_text, "[{'text':'T\\nwords'}]", "document",
		    NULL },
		{ "audio_in", m_audio, "[{'inlineData':{'mimeType':"
		    "'audio/mp3','data':'AAAA'}}]", "", NULL },
	};

	CHECK(rows);
}

/* --- tools ------------------------------------------------------------------- */

static struct ir_tool *
tool(struct ir_req *q, const char *name)
{
	say(q, IR_USER, "Hi");
	return ir_tool_add(q, str_of(name));
}

MAKE(m_tool)
{
	struct ir_tool *t = tool(q, "f");

	t->description = STR("does f");
	t->schema = STR("{\"type\":\"object\"}");
}

MAKE(m_tool_name)
{
	tool(q, "1st");
	q->choice = IR_REQUIRED;
	q->allowed = &q->tools->name;
	q->n_allowed = 1;
}

MAKE(m_strict)
{
	tool(q, "f")->strict = 1;
}

MAKE(m_custom)
{
	tool(q, "f")->kind = IR_CUSTOM;
}

MAKE(m_grammar)
{
	m_custom(q);
	q->tools->format = STR("{\"type\":\"grammar\"}");
}

MAKE(m_builtin)
{
	tool(q, "web_search")->kind = IR_BUILTIN;
}

MAKE(m_auto)
{
	m_tool(q);
	q->choice = IR_AUTO;
}

MAKE(m_none)
{
	m_tool(q);
	q->choice = IR_NONE;
}

MAKE(m_required)
{
	m_tool(q);
	q->choice = IR_REQUIRED;
}

MAKE(m_subset)
{
	m_auto(q);
	q->allowed = &q->tools->name;
	q->n_allowed = 1;
}

MAKE(m_one_call)
{
	m_tool(q);
	q->parallel = 0;
}

#define MODE(s) "'toolConfig':{'functionCallingConfig':{'mode':'" s "'}}"

TEST(tools)
{
	static const struct row rows[] = {
		{ "tool_def", m_tool, "'tools':[{'functionDeclarations':[{"
		    "'name':'f','description':'does f','parametersJsonSchema'"
		    ":{'type':'object'}}]}],'generationConfig'", "", NULL },
		{ "tool_name_chars", m_tool_name, "'allowedFunctionNames':["
		    "'_1st_", "tools.name", NULL },
		{ "tool_strict", m_strict, MODE("VALIDATED"), "tools.strict",
		    NULL },
		{ "tool_custom", m_custom, "[{'name':'f',"
		    "'parametersJsonSchema':{'type':'object','properties':{"
		    "'input':{'type':'string'}},'required':['input']}}]",
		    "tools.custom", NULL },
		{ "grammar", m_grammar, "! tools", "", NULL },
		{ "tool_builtin", m_builtin, "! tools", "", NULL },
		{ "choice auto", m_auto, MODE("AUTO"), "", NULL },
		{ "choice none", m_none, MODE("NONE"), "", NULL },
		{ "choice_required", m_required, MODE("ANY"), "", NULL },
		{ "choice_subset", m_subset, "'mode':'VALIDATED',"
		    "'allowedFunctionNames':['f']", "", NULL },
		{ "no_parallel", m_one_call, "'name':'f'",
		    "parallel_tool_calls", NULL },
	};

	CHECK(rows);
}

/* --- calls and results --------------------------------------------------------- */

MAKE(m_loop)
{
	struct ir_turn *t;

	say(q, IR_USER, "Hi");
	t = say(q, IR_ASSISTANT, "");
	call(q, t, "a", "{\"x\":1.0}");
	call(q, t, "b", "");
	t = ir_turn_add(q, IR_TOOL);
	result(q, t, "b", "two");
	result(q, t, "a", " {\"k\":1}");
}

MAKE(m_error)
{
	struct ir_turn *t;

	m_loop(q);
	t = q->last_turn;
	t->parts->error = 1;
	say(q, IR_USER, "and");
}

MAKE(m_result_image)
{
	struct ir_part *p;

	m_loop(q);
	p = q->last_turn->parts;
	p = ir_part_add(q, &p->result, IR_IMAGE);
	p->media.base64 = STR("iVBORw0KGgo=");
}

MAKE(m_bad_args)
{
	struct ir_turn *t;

	say(q, IR_USER, "Hi");
	t = ir_turn_add(q, IR_ASSISTANT);
	call(q, t, "a", "[1]");
}

MAKE(m_custom_call)
{
	struct ir_turn *t;

	say(q, IR_USER, "Hi");
	t = ir_turn_add(q, IR_ASSISTANT);
	call(q, t, "a", "x\ny")->custom = 1;
	t = ir_turn_add(q, IR_TOOL);
	result(q, t, "a", "");
}

#define DUMMY "'thoughtSignature':" \
	"'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I='"
#define CALL_A "{'functionCall':{'id':'a','name':'f','args':{'x':1.0}}"
#define CALL_B "{'functionCall':{'id':'b','name':'f','args':{}}}"
#define RESULT(id, r) "{'functionResponse':{'id':'" id "','name':'f'," \
	"'response':" r "}}"
#define PNG "{'inlineData':{'mimeType':'image/png','data':" \
	"'iVBORw0KGgo='}}"

TEST(calls)
{
	static const struct row rows[] = {
		{ "tool_call_hist", m_loop, "{'role':'model','parts':["
		    CALL_A "," DUMMY "}," CALL_B "]}", "", NULL },
		{ "2.5", m_loop, "{'role':'model','parts':["
		    CALL_A "}," CALL_B "]}", "", "gemini-2.5-flash" },
		{ "tool_result", m_loop, "{'role':'user','parts':["
		    RESULT("a", " {'k':1}") "," RESULT("b", "{'output':'two'}")
		    "]}],", "", NULL },
		{ "tool_error", m_error, RESULT("b", "{'error':'two'}")
		    ",{'text':'and'}]}],", "", NULL },
		{ "tool_result_image", m_result_image, "'response':{'output':"
		    "'two'},'parts':[" PNG "]}}", "", NULL },
		{ "tool_result_image 2.5", m_result_image, RESULT("b",
		    "{'output':'two'}") "," PNG, "", "gemini-2.5-flash" },
		{ "bad args", m_bad_args, "! messages", "", NULL },
		{ "custom call", m_custom_call, "'args':{'input':'x\\ny'}}",
		    "tools.custom", NULL },
	};

	CHECK(rows);
}

static struct ir_part *
thought(struct ir_req *q, const char *text, const char *sig,
    enum conf_dialect from)
{
	struct ir_turn *t;
	struct ir_part *p;

	say(q, IR_USER, "Hi");
	t = ir_turn_add(q, IR_ASSISTANT);
	p = add(q, t, IR_THINKING, text);
	p->signature = str_of(sig);
	p->from = from;
	return p;
}

MAKE(m_foreign)
{
	thought(q, "hm", "s", DIALECT_ANTHROPIC);
	call(q, q->last_turn, "a", "{}");
	result(q, ir_turn_add(q, IR_TOOL), "a", "x");
}

MAKE(m_same)
{
	thought(q, "hm", "QUJD", DIALECT_GEMINI);
	call(q, q->last_turn, "a", "{}");
	result(q, ir_turn_add(q, IR_TOOL), "a", "x");
}

MAKE(m_same_end)
{
	thought(q, "", "QUJD", DIALECT_GEMINI);
	say(q, IR_USER, "So?");
}

MAKE(m_own_call)
{
	struct ir_part *p;
	struct ir_turn *t;

	say(q, IR_USER, "Hi");
	t = ir_turn_add(q, IR_ASSISTANT);
	p = call(q, t, "a", "{}");
	p->signature = STR("QUJD");
	p->from = DIALECT_GEMINI;
	result(q, ir_turn_add(q, IR_TOOL), "a", "x");
}

TEST(thoughts)
{
	static const struct row rows[] = {
		{ "thinking_foreign", m_foreign, "'model','parts':[{"
		    "'functionCall':{'id':'a','name':'f','args':{}}," DUMMY,
		    "reasoning_content", NULL },
		{ "thinking_same", m_same, "'model','parts':[{'text':'hm',"
		    "'thought':true},{'functionCall':{'id':'a','name':'f',"
		    "'args':{}},'thoughtSignature':'QUJD'}]", "", NULL },
		{ "at the end", m_same_end, "[{'text':'','thoughtSignature':"
		    "'QUJD'}]", "", NULL },
		{ "of a call", m_own_call, "'thoughtSignature':'QUJD'", "",
		    NULL },
	};

	CHECK(rows);
}

TAP_BEGIN
TAP_ROW(turns)
TAP_ROW(media)
TAP_ROW(tools)
TAP_ROW(calls)
TAP_ROW(thoughts)
TAP_END
