/* codec_anthropic_msgs_test.c - messages of others, written for Anthropic. */
#include "codec_rig.h"

#define OUT_HI "\"messages\":[{\"role\":\"user\",\"content\":" \
	"[{\"type\":\"text\",\"text\":\"hi\"}]}]"

/* A turn of one text. */
static struct ir_part *
say(struct ir_req *q, enum ir_role role, const char *text)
{
	struct ir_part *p = ir_part_add(q, &ir_turn_add(q, role)->parts,
	    IR_TEXT);

	p->text = str_of(text);
	return p;
}

/* A request of another dialect that says hi. */
static struct ir_req *
foreign(struct rig *r)
{
	struct ir_req *q = arena_zalloc(r->a, sizeof(*q));

	ir_req_init(q, r->a, DIALECT_OPENAI);
	q->max_output = 9;
	r->target.model = STR("claude-sonnet-4-5");
	return q;
}

static struct ir_req *
hello(struct rig *r)
{
	struct ir_req *q = foreign(r);

	say(q, IR_USER, "hi");
	return q;
}

/* What is written beside what hello always is; in [] what was noted. */
static const char *
written(struct rig *r, struct ir_req *q)
{
	const char *s = rig_write(r, &codec_anthropic, q), *noted;

	if (*s == '!')
		return s;
	noted = ir_dropped(&r->note);
	return *noted ? arena_printf(r->a, "%s [%s]", s, noted) : s;
}

#define OUT(members) "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9," \
	members "}"
#define OUT_HEAD "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9,"

TEST(write_head)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = foreign(&r);
	say(q, IR_SYSTEM, "a");
	say(q, IR_SYSTEM, "b");
	say(q, IR_USER, "hi");
	q->stream = 1;
	q->include_usage = 1;
	EQ_STR(written(&r, q), OUT("\"stream\":true,\"system\":["
	    "{\"type\":\"text\",\"text\":\"a\"},"
	    "{\"type\":\"text\",\"text\":\"b\"}]," OUT_HI));
	q = foreign(&r);
	say(q, IR_SYSTEM, "a");
	EQ_STR(written(&r, q), "! messages: there is no message of a user: "
	    "at least one is needed");
	q = foreign(&r);
	say(q, IR_ASSISTANT, "a");
	say(q, IR_USER, "b");
	EQ_STR(written(&r, q), "! messages: messages: a conversation with "
	    "Anthropic begins with a message of a user");
	rig_free(&r);
}

#define T(s) "{\"type\":\"text\",\"text\":\"" s "\"}"
#define M(role, content) "{\"role\":\"" role "\",\"content\":[" content "]}"

TEST(write_system_mid)
{
	struct ir_req *q;
	struct rig r;
	int i;

	for (i = 0; i < 2; i++) {
		rig_new(&r);
		q = hello(&r);
		say(q, IR_SYSTEM, "mid");
		say(q, IR_ASSISTANT, "a");
		say(q, IR_SYSTEM, "late");
		if (i == 0)
			EQ_STR(written(&r, q), OUT("\"messages\":["
			    M("user", T("hi") ","
			    T("<system>\\nmid\\n</system>")) ","
			    M("assistant", T("a")) ","
			    M("user", T("<system>\\nlate\\n</system>")) "]")
			    " [messages]");
		r.target.model = STR("claude-opus-5-1");
		if (i == 1)
			EQ_STR(written(&r, q), "{\"model\":\"claude-opus-5-1\","
			    "\"max_tokens\":9,\"messages\":["
			    M("user", T("hi")) ","
			    M("system", T("mid")) ","
			    M("assistant", T("a")) ","
			    M("user", T("<system>\\nlate\\n</system>")) "]}"
			    " [messages]");
		rig_free(&r);
	}
}

TEST(write_turns)
{
	struct ir_turn *t;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	/* One role after another; nothing empty; who says it. */
	q = hello(&r);
	say(q, IR_USER, "you");
	say(q, IR_ASSISTANT, " \n");
	say(q, IR_USER, "there");
	EQ_STR(written(&r, q), OUT("\"messages\":["
	    M("user", T("hi") "," T("you") "," T("there")) "]")
	    " [messages]");
	q = foreign(&r);
	say(q, IR_USER, "");
	EQ_STR(written(&r, q), "! messages: messages: a message of a user is "
	    "empty; it must say something");
	q = hello(&r);
	q->turns->name = STR("Bob");
	EQ_STR(written(&r, q), OUT("\"messages\":["
	    M("user", T("Bob: hi")) "]") " [name]");
	q = foreign(&r);
	t = ir_turn_add(q, IR_USER);
	t->name = STR("Bob");
	ir_part_add(q, &t->parts, IR_IMAGE)->media.url = STR("https://x/y");
	EQ_STR(written(&r, q), OUT("\"messages\":["
	    M("user", T("Bob:") ",{\"type\":\"image\",\"source\":{\"type\":"
	    "\"url\",\"url\":\"https://x/y\"}}") "]") " [name]");
	q = hello(&r);
	say(q, IR_ASSISTANT, "no")->kind = IR_REFUSAL;
	say(q, IR_USER, "why");
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", T("no")) "," M("user", T("why")) "]")
	    " [refusal]");
	rig_free(&r);
}

TEST(write_prefill)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r);
	say(q, IR_ASSISTANT, "```c \n");
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", T("```c")) "]"));
	r.target.model = STR("claude-opus-4-6");
	EQ_STR(written(&r, q), "! messages: messages: the model "
	    "claude-opus-4-6 does not continue a message of an assistant: "
	    "end with one of a user");
	rig_free(&r);
}

static struct ir_part *
media(struct rig *r, struct ir_req **q, enum ir_kind kind)
{
	*q = hello(r);
	return ir_part_add(*q, &(*q)->turns->parts, kind);
}

#define WITH(block) OUT("\"messages\":[" M("user", T("hi") "," block) "]")

TEST(write_images)
{
	struct ir_part *p;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	/* The first bytes tell the type, not the label. */
	p = media(&r, &q, IR_IMAGE);
	p->media.mime = STR("image/png");
	p->media.base64 = STR("/9j/4AAQ");
	p->media.detail = STR("auto");
	EQ_STR(written(&r, q), WITH("{\"type\":\"image\",\"source\":{\"type\":"
	    "\"base64\",\"media_type\":\"image/jpeg\","
	    "\"data\":\"/9j/4AAQ\"}}"));
	p->media.detail = STR("high");
	p->media.mime = STR("image/jpg");
	p->media.base64 = STR("AAAA");
	EQ_STR(written(&r, q), WITH("{\"type\":\"image\",\"source\":{\"type\":"
	    "\"base64\",\"media_type\":\"image/jpeg\",\"data\":\"AAAA\"}}")
	    " [detail]");
	p->media.mime = STR("image/bmp");
	EQ_STR(written(&r, q), "! messages: messages: an image of type "
	    "\"image/bmp\": Anthropic takes JPEG, PNG, GIF and WebP");
	p = media(&r, &q, IR_IMAGE);
	p->media.url = STR("http://x/y");
	EQ_STR(written(&r, q), "! url: url: Anthropic fetches https URLs "
	    "only; \"http://x/y\" is none: send an https URL or the data "
	    "itself");
	p = media(&r, &q, IR_IMAGE);
	p->media.file_id = STR("file-1");
	EQ_STR(written(&r, q), "! file_id: file_id: \"file-1\" is a file at "
	    "another provider; send its content or an https URL");
	rig_free(&r);
}

TEST(write_files)
{
	struct ir_part *p;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	p = media(&r, &q, IR_FILE);
	p->media.base64 = STR("JVBERi0=");
	p->media.filename = STR("a.pdf");
	EQ_STR(written(&r, q), WITH("{\"type\":\"document\",\"source\":"
	    "{\"type\":\"base64\",\"media_type\":\"application/pdf\","
	    "\"data\":\"JVBERi0=\"},\"title\":\"a.pdf\"}"));
	p = media(&r, &q, IR_FILE);
	p->media.mime = STR("text/csv");
	p->media.base64 = STR("YSxi");
	EQ_STR(written(&r, q), WITH("{\"type\":\"document\",\"source\":"
	    "{\"type\":\"text\",\"media_type\":\"text/plain\","
	    "\"data\":\"a,b\"}}"));
	p->media.mime = STR("application/zip");
	OK(*written(&r, q) == '!');
	p = media(&r, &q, IR_FILE);
	p->media.text = STR("plain");
	p->citations = STR("{\"x\":1}");
	EQ_STR(written(&r, q), WITH("{\"type\":\"document\",\"source\":"
	    "{\"type\":\"text\",\"media_type\":\"text/plain\","
	    "\"data\":\"plain\"},\"citations\":{\"enabled\":true}}"));
	media(&r, &q, IR_AUDIO);
	EQ_STR(written(&r, q),
	    "! messages: messages: Anthropic takes no audio");
	media(&r, &q, IR_VIDEO);
	EQ_STR(written(&r, q),
	    "! messages: messages: Anthropic takes no video");
	media(&r, &q, IR_OPAQUE)->raw = STR("{}");
	OK(*written(&r, q) == '!');
	rig_free(&r);
}

static struct ir_part *
call(struct ir_req *q, struct ir_turn *t, const char *id, const char *args)
{
	struct ir_part *p = ir_part_add(q, &t->parts, IR_CALL);

	p->id = str_of(id);
	p->name = STR("f");
	p->args = str_of(args);
	return p;
}

static struct ir_part *
result(struct ir_req *q, const char *id, const char *text)
{
	struct ir_part *p = ir_part_add(q, &ir_turn_add(q, IR_TOOL)->parts,
	    IR_RESULT);

	p->id = str_of(id);
	if (text != NULL)
		ir_part_add(q, &p->result, IR_TEXT)->text = str_of(text);
	return p;
}

#define USE(id, input) "{\"type\":\"tool_use\",\"id\":\"" id \
	"\",\"name\":\"f\",\"input\":" input "}"
#define RESULT(id, rest) "{\"type\":\"tool_result\",\"tool_use_id\":\"" id \
	"\"" rest "}"

TEST(write_tool_turns)
{
	struct ir_part *p;
	struct ir_turn *t;
	struct ir_req *q;
	struct rig r;

	/* All results of one message in one, first, even when text came
	 * between; ids that the API does not take become others. */
	rig_new(&r);
	q = hello(&r);
	t = ir_turn_add(q, IR_ASSISTANT);
	call(q, t, "a", " {\"x\": 1.0} ");
	call(q, t, "b", "");
	call(q, t, "c", "null");
	call(q, t, "d", "say \"x\"")->custom = 1;
	say(q, IR_USER, "wait");
	p = result(q, "a", "ra");
	p->error = 1;
	result(q, "b", "");
	p = result(q, "c", "rc");
	p = ir_part_add(q, &p->result, IR_IMAGE);
	p->media.url = STR("https://x/y");
	result(q, "d", NULL)->json = STR("{\"k\":1}");
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", USE("a", "{\"x\": 1.0}") "," USE("b", "{}") ","
	    USE("c", "{}") "," USE("d", "{\"input\":\"say \\\"x\\\"\"}")) ","
	    M("user", RESULT("a", ",\"content\":\"ra\",\"is_error\":true") ","
	    RESULT("b", "") ","
	    RESULT("c", ",\"content\":[" T("rc") ",{\"type\":\"image\","
	    "\"source\":{\"type\":\"url\",\"url\":\"https://x/y\"}}]") ","
	    RESULT("d", ",\"content\":\"{\\\"k\\\":1}\"") "," T("wait")) "]")
	    " [messages]");
	q = hello(&r);
	call(q, ir_turn_add(q, IR_ASSISTANT), "a", "[1]");
	result(q, "a", "x");
	EQ_STR(written(&r, q), "! messages: messages: the arguments of the "
	    "tool call \"a\" are no JSON object, which Anthropic wants");
	q = hello(&r);
	call(q, ir_turn_add(q, IR_ASSISTANT), "a:1", "{}");
	result(q, "a:1", "x");
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", USE("toolu_a_1_2b2c40a6706d9e5f", "{}")) ","
	    M("user", RESULT("toolu_a_1_2b2c40a6706d9e5f",
	    ",\"content\":\"x\"")) "]"));
	q = hello(&r);
	result(q, "a", "x");
	OK(*written(&r, q) == '!');
	rig_free(&r);
}

TEST(write_foreign_thinking)
{
	struct ir_part *p;
	struct ir_turn *t;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r);
	t = ir_turn_add(q, IR_ASSISTANT);
	p = ir_part_add(q, &t->parts, IR_THINKING);
	p->text = STR("t");
	p->signature = STR("s");
	p->from = DIALECT_GEMINI;
	ir_part_add(q, &t->parts, IR_TEXT)->text = STR("a");
	say(q, IR_USER, "b");
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", T("a")) "," M("user", T("b")) "]")
	    " [reasoning_content]");
	p->from = DIALECT_ANTHROPIC;
	EQ_STR(written(&r, q), OUT("\"messages\":[" M("user", T("hi")) ","
	    M("assistant", "{\"type\":\"thinking\",\"thinking\":\"t\","
	    "\"signature\":\"s\"}," T("a")) "," M("user", T("b")) "]"));
	r.note.strict = 1;
	p->from = DIALECT_GROQ;
	OK(*written(&r, q) == '!');
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(write_head)
TAP_ROW(write_system_mid)
TAP_ROW(write_turns)
TAP_ROW(write_prefill)
TAP_ROW(write_images)
TAP_ROW(write_files)
TAP_ROW(write_tool_turns)
TAP_ROW(write_foreign_thinking)
TAP_END
