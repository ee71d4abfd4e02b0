/* count_test.c - tokens of a request: asked for in each format's way. */
#include "base/err.h"
#include "dialect/count.h"
#include "codec_rig.h"

#define SCHEMA "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"	\
	"\"string\"}},\"required\":[\"city\"]}"
#define AN "{\"model\":\"m\",\"system\":\"be kind\",\"messages\":[{\"role\":" \
	"\"user\",\"content\":\"hi\"}],\"tools\":[{\"name\":\"look\","	\
	"\"description\":\"d\",\"input_schema\":" SCHEMA "}],"		\
	"\"tool_choice\":{\"type\":\"any\"}}"
#define GE "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"	\
	"\"hi\"}]}],\"systemInstruction\":{\"parts\":[{\"text\":"	\
	"\"be kind\"}]},\"tools\":[{\"functionDeclarations\":[{\"name\":" \
	"\"look\",\"description\":\"d\",\"parametersJsonSchema\":" SCHEMA "}]}]," \
	"\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}}}"
#define OR "{\"model\":\"m\",\"instructions\":\"be kind\",\"input\":"	\
	"\"hi\",\"tools\":[{\"type\":\"function\",\"name\":\"look\","	\
	"\"description\":\"d\",\"parameters\":" SCHEMA ",\"strict\":false}]," \
	"\"tool_choice\":\"required\"}"

/* The request of one client, as it reaches a server of another format. */
static const char *
ask(struct rig *r, const struct codec *from, enum conf_dialect d,
    const char *body, const struct codec *to)
{
	struct ir_req *q = rig_read(r, from, d,
	    arena_printf(r->a, "%.*s", STR_ARG(count_chat(from->count,
	    str_of(body)))));
	const char *text;
	struct buf b;

	OK(q != NULL);
	r->target.dialect = to == &codec_gemini ? DIALECT_GEMINI :
	    to == &codec_anthropic ? DIALECT_ANTHROPIC : DIALECT_OPENAI;
	r->target.responses = to == &codec_responses;
	q->max_output = to->count->output;
	text = rig_write(r, to, q);
	OK(text[0] == '{');
	buf_init(&b, 1 << 20);
	EQ_INT(count_write(&b, to->count, str_of(text), r->target.model), 0);
	text = arena_printf(r->a, "%.*s", STR_ARG(buf_str(&b)));
	buf_free(&b);
	return text;
}

static void
crosses(const struct codec *from, enum conf_dialect d, const char *body,
    const struct codec *to, const char *want)
{
	struct rig r;

	rig_new(&r);
	EQ_STR(ask(&r, from, d, body, to), want);
	EQ_STR(ir_dropped(&r.note), "");
	rig_free(&r);
}

#define TO_AN "{\"model\":\"up\",\"system\":[{\"type\":\"text\",\"text\":"	\
	"\"be kind\"}],\"messages\":[{\"role\":\"user\",\"content\":[{"	\
	"\"type\":\"text\",\"text\":\"hi\"}]}],\"tools\":[{\"name\":"	\
	"\"look\",\"description\":\"d\",\"input_schema\":" SCHEMA "}],"	\
	"\"tool_choice\":{\"type\":\"any\"}}"
#define TO_GE "{\"generateContentRequest\":{\"model\":\"models/up\","	\
	"\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}],"	\
	"\"systemInstruction\":{\"parts\":[{\"text\":\"be kind\"}]},"	\
	"\"tools\":[{\"functionDeclarations\":[{\"name\":\"look\","	\
	"\"description\":\"d\",\"parametersJsonSchema\":" SCHEMA "}]}],"	\
	"\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}},"	\
	"\"generationConfig\":{}}}"
#define TO_OR "{\"model\":\"up\",\"instructions\":\"be kind\",\"input\":["	\
	"{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":"	\
	"\"function\",\"name\":\"look\",\"description\":\"d\","		\
	"\"parameters\":" SCHEMA ",\"strict\":false}],"			\
	"\"tool_choice\":\"required\"}"

TEST(requests)
{
	crosses(&codec_anthropic, DIALECT_ANTHROPIC, AN, &codec_gemini, TO_GE);
	crosses(&codec_anthropic, DIALECT_ANTHROPIC, AN, &codec_responses,
	    TO_OR);
	crosses(&codec_gemini, DIALECT_GEMINI, GE, &codec_anthropic, TO_AN);
	crosses(&codec_gemini, DIALECT_GEMINI, GE, &codec_responses, TO_OR);
	crosses(&codec_responses, DIALECT_OPENAI, OR, &codec_anthropic, TO_AN);
	crosses(&codec_responses, DIALECT_OPENAI, OR, &codec_gemini, TO_GE);
}

TEST(inside)
{
	const struct codec_count *c = codec_gemini.count;
	const char *inner = "{\"model\":\"models/m\",\"contents\":[]}";

	EQ_S(count_chat(c, STR("{\"generateContentRequest\":"
	    "{\"model\":\"models/m\",\"contents\":[]}}")), inner);
	EQ_S(count_chat(c, STR("{\"generate_content_request\":"
	    "{\"model\":\"models/m\",\"contents\":[]}}")), inner);
	EQ_S(count_chat(c, STR("{\"contents\":[]}")),
	    "{\"contents\":[]}");
	EQ_S(count_chat(codec_anthropic.count,
	    STR("{\"generateContentRequest\":1}")),
	    "{\"generateContentRequest\":1}");
}

TEST(names)
{
	struct buf b;

	buf_init(&b, 1024);
	EQ_INT(count_write(&b, codec_gemini.count, STR("{\"contents\":[1],"
	    "\"store\":false}"), STR("tunedModels/\"x")), 0);
	EQ_S(buf_str(&b), "{\"generateContentRequest\":{\"model\":"
	    "\"tunedModels/\\\"x\",\"contents\":[1]}}");
	buf_free(&b);
	buf_init(&b, 40);
	EQ_INT(count_write(&b, codec_gemini.count, STR("{\"contents\":[1]}"),
	    STR("a-model-of-many-letters")), ERR_TOOBIG);
	buf_free(&b);
}

static void
reads(const struct codec *c, const char *answer, long long want)
{
	uint64_t n = 0;
	int rc = count_read(c->count, str_of(answer), &n);

	EQ_INT(rc == 0 ? (long long)n : rc, want);
}

TEST(answers)
{
	struct buf b;

	reads(&codec_anthropic, "{\"input_tokens\":14}", 14);
	reads(&codec_gemini, "{\n \"totalTokens\": 61, \"x\": []}", 61);
	reads(&codec_responses, "{\"input_tokens\":0,\"object\":"
	    "\"response.input_tokens\"}", 0);
	reads(&codec_anthropic, "{\"input_tokens\":\"14\"}", ERR_FORMAT);
	reads(&codec_anthropic, "{\"input_tokens\":-1}", ERR_FORMAT);
	reads(&codec_anthropic, "{\"input_tokens\":1.5}", ERR_FORMAT);
	reads(&codec_anthropic, "{\"totalTokens\":1}", ERR_FORMAT);
	reads(&codec_anthropic, "{\"input_tokens\":1", ERR_FORMAT);
	reads(&codec_anthropic, "<html>", ERR_FORMAT);
	reads(&codec_anthropic, "", ERR_FORMAT);
	buf_init(&b, 1024);
	count_put(&b, codec_anthropic.count, 1);
	count_put(&b, codec_gemini.count, 2);
	count_put(&b, codec_responses.count, 3);
	EQ_S(buf_str(&b), "{\"input_tokens\":1}{\"totalTokens\":2}"
	    "{\"object\":\"response.input_tokens\",\"input_tokens\":3}");
	buf_free(&b);
}

/* Real ones are understood, and reach the others. */
TEST(recorded)
{
	static const struct {
		const struct codec *c;
		enum conf_dialect d;
		const char	*folder;
		long long	 tokens;
	} rows[] = {
		{ &codec_anthropic, DIALECT_ANTHROPIC, "anthropic", 588 },
		{ &codec_gemini, DIALECT_GEMINI, "gemini", 61 },
		{ &codec_responses, DIALECT_OPENAI, "openai-responses", 51 },
	};
	char name[64];
	struct rig r;
	size_t i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 3; k++) {
			rig_new(&r);
			snprintf(name, sizeof(name),
			    "%s/count-tokens.response.json", rows[i].folder);
			reads(rows[i].c, rig_file(&r, name).p,
			    rows[i].tokens);
			snprintf(name, sizeof(name),
			    "%s/count-tokens.request.json", rows[i].folder);
			OK(strstr(ask(&r, rows[i].c, rows[i].d,
			    rig_file(&r, name).p, rows[k].c),
			    "What is the ") != NULL);
			rig_free(&r);
		}
}

TAP_BEGIN
TAP_ROW(requests)
TAP_ROW(inside)
TAP_ROW(names)
TAP_ROW(answers)
TAP_ROW(recorded)
TAP_END
