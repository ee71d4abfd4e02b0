/*
 * codec_chat_cell_test.c - what becomes of each feature of other formats at
 * OpenAI, Mistral and Groq: the cells of the translation table.
 */
#include "codec_rig.h"

static struct rig r;
static struct ir_req *q;

static struct ir_part *
part(enum ir_role role, enum ir_kind kind)
{
	return ir_part_add(q, &ir_turn_add(q, role)->parts, kind);
}

/* A call and its result; the result. */
static struct ir_part *
called(void)
{
	struct ir_part *p = part(IR_ASSISTANT, IR_CALL);

	p->id = STR("abcdefghi");
	p->name = STR("f");
	p->args = STR("{}");
	p = part(IR_TOOL, IR_RESULT);
	p->id = STR("abcdefghi");
	p->name = STR("f");
	return p;
}

static void
in_result(enum ir_kind kind)
{
	struct ir_part *p = called();

	p = ir_part_add(q, &p->result, kind);
	if (kind == IR_IMAGE)
		p->media.url = STR("https://x/y.png");
	else
		p->text = STR("t");
}

/* One feature each; the request has a first message of the user already. */
static void
top_k(void)
{
	q->top_k.raw = STR("3");
	q->top_k.v = 3;
}

/* What Google's clients always send is a loss, no refusal. */
static void
top_k_usual(void)
{
	q->from = DIALECT_GEMINI;
	q->top_k.raw = STR("64");
	q->top_k.v = 64;
}

static void
top_k_off(void)
{
	q->top_k.raw = STR("0");
}

static void
budget(void)
{
	q->think = IR_BUDGET;
	q->budget = 20000;
}

static void
off(void)
{
	q->think = IR_THINK_OFF;
}

static void
adaptive(void)
{
	q->think = IR_ADAPTIVE;
}

static void
state(void)
{
	q->previous_id = STR("resp_1");
}

static void
user_id(void)
{
	q->user = STR("u");
}

static void
no_calls(void)
{
	called()->json = STR("{\"a\":1}");
}

static void
failed(void)
{
	in_result(IR_TEXT);
	q->last_part->text = STR("t");
	q->last_turn->parts->error = 1;
}

static void
result_image(void)
{
	in_result(IR_IMAGE);
}

static void
result_text(void)
{
	in_result(IR_TEXT);
}

static void
prefill(void)
{
	part(IR_ASSISTANT, IR_TEXT)->text = STR("a");
}

static void
video(void)
{
	part(IR_USER, IR_VIDEO)->media.url = STR("x");
}

static void
audio(void)
{
	struct ir_part *p = part(IR_USER, IR_AUDIO);

	p->media.mime = STR("audio/mpeg");
	p->media.base64 = STR("AAAA");
}

static void
flac(void)
{
	audio();
	q->last_part->media.mime = STR("audio/flac");
}

static void
image_id(void)
{
	part(IR_USER, IR_IMAGE)->media.file_id = STR("f");
}

static void
file_id(void)
{
	part(IR_USER, IR_FILE)->media.file_id = STR("f");
}

static void
pdf(void)
{
	struct ir_part *p = part(IR_USER, IR_FILE);

	p->media.mime = STR("application/pdf");
	p->media.base64 = STR("JVBERi0=");
}

static void
pdf_url(void)
{
	struct ir_part *p = part(IR_USER, IR_FILE);

	p->media.mime = STR("application/pdf");
	p->media.url = STR("https://x/y.pdf");
}

static void
document(void)
{
	part(IR_USER, IR_FILE)->media.text = STR("t");
}

static void
cited(void)
{
	document();
	q->last_part->citations = STR("{\"enabled\":true}");
}

static void
cites(void)
{
	prefill();
	q->last_part->citations = STR("[1]");
	part(IR_USER, IR_TEXT)->text = STR("b");
}

static void
marked(void)
{
	q->turns->parts->cache = STR("{\"type\":\"ephemeral\",\"ttl\":\"1h\"}");
}

static void
thought(void)
{
	part(IR_ASSISTANT, IR_THINKING)->text = STR("hm");
	part(IR_USER, IR_TEXT)->text = STR("b");
}

static void
redacted(void)
{
	thought();
	q->turns->next->parts->redacted = 1;
}

static void
empty(void)
{
	part(IR_USER, IR_TEXT);
}

static void
tool(void)
{
	ir_tool_add(q, STR("a:b"));
}

static void
strict_tool(void)
{
	ir_tool_add(q, STR("a"))->strict = 1;
}

static void
builtin(void)
{
	tool();
	q->tools->kind = IR_BUILTIN;
}

static void
hidden(void)
{
	q->show_thoughts = 0;
}

static void
shown(void)
{
	q->show_thoughts = 1;
}

/* "": nothing to report; "!x": refused for x; else what is reported. */
static const struct cell {
	const char	*name;
	void		(*make)(void);
	const char	*openai, *mistral, *groq;
} cells[] = {
	{ "top_k", top_k, "!top_k", "!top_k", "!top_k" },
	{ "top_k off", top_k_off, "", "", "" },
	{ "top_k of Google's clients", top_k_usual, "topK", "topK", "topK" },
	{ "budget", budget, "thinking", "thinking", "thinking" },
	{ "thinking off", off, "", "", "" },
	{ "adaptive", adaptive, "thinking", "thinking", "thinking" },
	{ "shown", shown, "thinking.display", "thinking.display", "" },
	{ "hidden", hidden, "", "", "" },
	{ "state", state, "!previous_response_id", "!previous_response_id",
	    "!previous_response_id" },
	{ "user_id", user_id, "", "metadata.user_id", "" },
	{ "tool_result json", no_calls, "", "", "" },
	{ "tool_result", result_text, "", "", "" },
	{ "tool_error", failed, "is_error", "is_error", "is_error" },
	{ "tool_result_image", result_image, "tool_result", "", "" },
	{ "prefill", prefill, "prefill", "", "" },
	{ "video_in", video, "!messages", "!messages", "!messages" },
	{ "audio_in", audio, "", "", "!messages" },
	{ "audio_in flac", flac, "!messages", "", "!messages" },
	{ "image_file_id", image_id, "!messages", "!messages", "!messages" },
	{ "file_id", file_id, "!messages", "!messages", "!messages" },
	{ "pdf", pdf, "document", "document", "!messages" },
	{ "pdf url", pdf_url, "!messages", "document", "!messages" },
	{ "text_doc", document, "document", "document", "document" },
	{ "citations_req", cited, "!citations", "!citations",
	    "!citations" },
	{ "citations of history", cites, "citations", "citations",
	    "citations" },
	{ "cache_mark", marked, "cache_control", "cache_control",
	    "cache_control" },
	{ "thinking_foreign", thought, "thinking", "thinking", "thinking" },
	{ "redacted", redacted, "thinking", "thinking", "thinking" },
	{ "empty_text", empty, "", "", "" },
	{ "tool_name_chars", tool, "tools.name", "tools.name",
	    "tools.name" },
	{ "tool_strict", strict_tool, "", "", "" },
	{ "tool_builtin", builtin, "!tools", "!tools", "!tools" },
};

static void
check(const struct codec *c, const struct cell *cell, const char *want)
{
	const char *got;

	rig_new(&r);
	q = arena_zalloc(r.a, sizeof(*q));
	ir_req_init(q, r.a, DIALECT_ANTHROPIC);
	part(IR_USER, IR_TEXT)->text = STR("hi");
	cell->make();
	got = rig_write(&r, c, q);
	got = *got == '!' ? arena_printf(r.a, "!%s", r.note.param) :
	    ir_dropped(&r.note);
	EQ_STR(arena_printf(r.a, "%s to %s: %s", cell->name, c->name, got),
	    arena_printf(r.a, "%s to %s: %s", cell->name, c->name, want));
	rig_free(&r);
}

TEST(cells)
{
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		check(&codec_openai_chat, &cells[i], cells[i].openai);
		check(&codec_mistral, &cells[i], cells[i].mistral);
		check(&codec_groq, &cells[i], cells[i].groq);
	}
}

/* Strict groups refuse what is merely reported elsewhere. */
TEST(strict_cells)
{
	const char *got;
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		rig_new(&r);
		r.note.strict = 1;
		q = arena_zalloc(r.a, sizeof(*q));
		ir_req_init(q, r.a, DIALECT_ANTHROPIC);
		part(IR_USER, IR_TEXT)->text = STR("hi");
		cells[i].make();
		got = rig_write(&r, &codec_mistral, q);
		EQ_INT(*got == '!', *cells[i].mistral != '\0');
		rig_free(&r);
	}
}

/* What becomes of it where there is a form. */
static void
sent(const struct codec *c, void (*make)(void), const char *model,
    const char *want)
{
	rig_new(&r);
	q = arena_zalloc(r.a, sizeof(*q));
	ir_req_init(q, r.a, DIALECT_ANTHROPIC);
	part(IR_USER, IR_TEXT)->text = STR("hi");
	make();
	r.target.model = str_of(model);
	EQ_STR(strstr(rig_write(&r, c, q), want) == NULL ? "" : want, want);
	rig_free(&r);
}

TEST(forms)
{
	sent(&codec_openai_chat, marked, "gpt-5.6", "\"text\":\"hi\","
	    "\"prompt_cache_breakpoint\":{\"mode\":\"explicit\",\"ttl\":"
	    "\"12h\"}");
	sent(&codec_openai_chat, marked, "gpt-5.5", "\"content\":[{\"type\":"
	    "\"text\",\"text\":\"hi\"}]");
	sent(&codec_openai_chat, budget, "o3",
	    "\"reasoning_effort\":\"high\"");
	sent(&codec_groq, off, "openai/gpt-oss-20b",
	    "\"reasoning_effort\":\"low\"");
	sent(&codec_groq, shown, "openai/gpt-oss-20b",
	    "\"reasoning_format\":\"parsed\"");
	sent(&codec_groq, result_image, "m", "\"tool_call_id\":\"abcdefghi\","
	    "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
	    "\"https://x/y.png\"}}]");
	sent(&codec_mistral, pdf_url, "m", "{\"type\":\"document_url\","
	    "\"document_url\":\"https://x/y.pdf\"}");
	sent(&codec_mistral, failed, "m", "\"content\":\"Error: t\"");
	sent(&codec_mistral, no_calls, "m", "\"content\":\"{\\\"a\\\":1}\"");
	sent(&codec_mistral, user_id, "m", "\"content\":\"hi\"}]}");
	sent(&codec_groq, user_id, "m", "\"user\":\"u\"");
	sent(&codec_openai_chat, audio, "m", "\"input_audio\":{\"data\":"
	    "\"AAAA\",\"format\":\"mp3\"}");
	sent(&codec_openai_chat, pdf, "m", "\"filename\":\"document.pdf\"");
}

TAP_BEGIN
TAP_ROW(cells)
TAP_ROW(strict_cells)
TAP_ROW(forms)
TAP_END
