/*
 * codec_anthropic_tool_test.c - tools, formats and cache marks of others,
 * written for Anthropic.
 */
#include "codec_rig.h"

#define MSGS "\"messages\":[{\"role\":\"user\",\"content\":" \
	"[{\"type\":\"text\",\"text\":\"hi\"}]}]"
#define OUT(members) "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9," \
	members MSGS "}"

static struct ir_req *
hello(struct rig *r, const char *model)
{
	struct ir_req *q = arena_zalloc(r->a, sizeof(*q));

	ir_req_init(q, r->a, DIALECT_OPENAI);
	ir_part_add(q, &ir_turn_add(q, IR_USER)->parts, IR_TEXT)->text =
	    STR("hi");
	q->max_output = 9;
	r->target.model = str_of(model);
	return q;
}

#define OLD "claude-sonnet-4-5"

static const char *
written(struct rig *r, struct ir_req *q)
{
	const char *s = rig_write(r, &codec_anthropic, q), *noted;

	if (*s == '!')
		return s;
	noted = ir_dropped(&r->note);
	return *noted ? arena_printf(r->a, "%s [%s]", s, noted) : s;
}

#define NONE "{\"type\":\"object\",\"properties\":{}}"
#define TOOLS(list) "\"tools\":[" list "],"

static struct ir_tool *
tool(struct ir_req *q, const char *name, const char *schema)
{
	struct ir_tool *t = ir_tool_add(q, str_of(name));

	t->kind = IR_FUNCTION;
	t->schema = str_of(schema);
	return t;
}

TEST(tools)
{
	struct ir_tool *t;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	t = tool(q, "f", "{\"type\": \"object\"}");
	t->description = STR("d");
	t->strict = 0;
	tool(q, "g", "");
	tool(q, "h", "{ }");
	tool(q, "i", "{ \"properties\":{}}");
	EQ_STR(written(&r, q), OUT(TOOLS("{\"name\":\"f\",\"description\":"
	    "\"d\",\"input_schema\":{\"type\": \"object\"}},"
	    "{\"name\":\"g\",\"input_schema\":" NONE "},"
	    "{\"name\":\"h\",\"input_schema\":{\"type\":\"object\"}},"
	    "{\"name\":\"i\",\"input_schema\":{\"type\":\"object\","
	    "\"properties\":{}}}")));
	q = hello(&r, OLD);
	t = tool(q, "patch", "");
	t->kind = IR_CUSTOM;
	EQ_STR(written(&r, q), OUT(TOOLS("{\"name\":\"patch\","
	    "\"input_schema\":{\"type\":\"object\",\"properties\":{\"input\":"
	    "{\"type\":\"string\"}},\"required\":[\"input\"],"
	    "\"additionalProperties\":false}}")) " [tools]");
	t->format = STR("{\"type\":\"grammar\",\"syntax\":\"lark\"}");
	EQ_STR(written(&r, q), "! tools: tools: the grammar of \"patch\" "
	    "cannot be enforced by Anthropic");
	q = hello(&r, OLD);
	tool(q, "web", "")->kind = IR_BUILTIN;
	EQ_STR(written(&r, q), "! tools: tools: \"web\" is run by its own "
	    "provider; Anthropic has no such tool");
	q = hello(&r, OLD);
	tool(q, "f", "{\"type\":\"string\"}");
	OK(strncmp(written(&r, q), "! tools:", 8) == 0);
	q = hello(&r, OLD);
	tool(q, "a.b", "");
	OK(strstr(written(&r, q), "\"a_b_") != NULL);
	EQ_STR(ir_dropped(&r.note), "tools");
	rig_free(&r);
}

TEST(strict_tools)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	tool(q, "f", "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":"
	    "\"number\",\"minimum\":0.0,\"maximum\":1.0},\"s\":{\"type\":"
	    "[\"string\",\"null\"],\"description\":\"d\",\"maxLength\":3}},"
	    "\"additionalProperties\":false}")->strict = 1;
	EQ_STR(written(&r, q), OUT(TOOLS("{\"name\":\"f\",\"input_schema\":"
	    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\","
	    "\"description\":\"{minimum: 0.0, maximum: 1.0}\"},"
	    "\"s\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],"
	    "\"description\":\"d\\n\\n{maxLength: 3}\"}},"
	    "\"additionalProperties\":false},\"strict\":true}")) " [tools]");
	q->tools->schema = STR("{\"type\":\"object\",\"properties\":{\"a/b\":"
	    "{\"oneOf\":[]}}}");
	EQ_STR(written(&r, q), "! tools: tools: /properties/a/b/oneOf is not "
	    "supported by Anthropic's structured outputs: leave it out");
	rig_free(&r);
}

TEST(choices)
{
	struct str one[] = { STR("f") }, none[] = { STR("x") };
	struct ir_req *q;
	struct rig r;

#define F TOOLS("{\"name\":\"f\",\"input_schema\":" NONE "}")
#define CHOICE(c) "\"tool_choice\":{" c "},"
	rig_new(&r);
	q = hello(&r, OLD);
	tool(q, "f", "");
	q->parallel = 1;
	EQ_STR(written(&r, q), OUT(F));
	q->parallel = 0;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"auto\","
	    "\"disable_parallel_tool_use\":true")));
	q->choice = IR_NONE;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"none\"")));
	q->parallel = -1;
	q->choice = IR_AUTO;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"auto\"")));
	q->choice = IR_REQUIRED;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"any\"")));
	q->allowed = one;
	q->n_allowed = 1;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"tool\","
	    "\"name\":\"f\"")));
	/* Some of several: only they are sent. */
	tool(q, "g", "");
	q->choice = IR_AUTO;
	EQ_STR(written(&r, q), OUT(F CHOICE("\"type\":\"auto\""))
	    " [tool_choice]");
	q->allowed = none;
	EQ_STR(written(&r, q),
	    "! tool_choice: tool_choice: \"x\" is not among the tools");
	q = hello(&r, OLD);
	q->choice = IR_NONE;
	EQ_STR(written(&r, q), OUT(""));
	q->choice = IR_REQUIRED;
	OK(strncmp(written(&r, q), "! tool_choice:", 14) == 0);
	rig_free(&r);
}

/* --- formats ------------------------------------------------------------- */

TEST(formats)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->format = IR_JSON_OBJECT;
	EQ_STR(written(&r, q), OUT("\"system\":[{\"type\":\"text\",\"text\":"
	    "\"Answer with one valid JSON object and nothing else.\"}],")
	    " [response_format]");
	q = hello(&r, OLD);
	q->format = IR_JSON_SCHEMA;
	q->schema_name = STR("dog");
	q->schema = STR("{\"type\":\"object\",\"properties\":{\"n\":"
	    "{\"type\":\"string\"}},\"required\":[\"n\"],"
	    "\"additionalProperties\":false}");
	EQ_STR(written(&r, q), OUT("\"output_config\":{\"format\":{\"type\":"
	    "\"json_schema\",\"schema\":{\"type\":\"object\",\"properties\":"
	    "{\"n\":{\"type\":\"string\"}},\"required\":[\"n\"],"
	    "\"additionalProperties\":false}}},"));
	/* A model that cannot: a tool that must be called. */
	r.target.model = STR("claude-sonnet-4-0");
	EQ_STR(written(&r, q), "{\"model\":\"claude-sonnet-4-0\","
	    "\"max_tokens\":9," TOOLS("{\"name\":\"dog\",\"input_schema\":"
	    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"string\"}"
	    "},\"required\":[\"n\"],\"additionalProperties\":false}}")
	    CHOICE("\"type\":\"tool\",\"name\":\"dog\"") MSGS
	    "} [response_format]");
	tool(q, "f", "");
	OK(strncmp(written(&r, q), "! response_format:", 18) == 0);
	rig_free(&r);
}

TEST(schemas)
{
	static const struct {
		const char	*in, *out;	/* NULL: refused */
	} rows[] = {
		{ "{\"type\":\"object\"}", "{\"type\":\"object\","
		    "\"additionalProperties\":false}" },
		{ "{\"type\":\"object\",\"additionalProperties\":true}",
		    "{\"type\":\"object\",\"additionalProperties\":false}" },
		{ "{\"type\":\"object\",\"additionalProperties\":"
		    "{\"type\":\"string\"}}", NULL },
		{ "{\"type\":\"array\",\"items\":{\"type\":\"string\","
		    "\"format\":\"uri\",\"pattern\":\"x\"},\"minItems\":1}",
		    "{\"type\":\"array\",\"items\":{\"type\":\"string\","
		    "\"format\":\"uri\",\"pattern\":\"x\"},\"minItems\":1}" },
		{ "{\"type\":\"array\",\"minItems\":2,\"maxItems\":3}",
		    "{\"type\":\"array\",\"description\":"
		    "\"{minItems: 2, maxItems: 3}\"}" },
		{ "{\"type\":\"string\",\"format\":\"x-mine\"}",
		    "{\"type\":\"string\",\"description\":"
		    "\"{format: \\\"x-mine\\\"}\"}" },
		{ "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"anyOf\":["
		    "{\"const\":1},{\"enum\":[2]}]}}}",
		    "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"anyOf\":["
		    "{\"const\":1},{\"enum\":[2]}]}}}" },
		{ "{\"type\":[\"object\",\"null\"]}", NULL },
		{ "{\"not\":{}}", NULL },
		{ "{\"items\":[{}]}", NULL },
		{ "{\"properties\":{\"a\":1}}", NULL },
		{ "{\"anyOf\":{}}", NULL },
	};
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		q = hello(&r, OLD);
		q->format = IR_JSON_SCHEMA;
		q->schema = str_of(rows[i].in);
		if (rows[i].out == NULL)
			OK(*written(&r, q) == '!');
		else
			EQ_STR(written(&r, q), arena_printf(r.a, "{\"model\":"
			    "\"" OLD "\",\"max_tokens\":9,\"output_config\":"
			    "{\"format\":{\"type\":\"json_schema\","
			    "\"schema\":%s}}," MSGS "}%s", rows[i].out,
			    strcmp(rows[i].in, rows[i].out) == 0 ? "" :
			    " [response_format]"));
		rig_free(&r);
	}
}

TEST(deep_schema)
{
	struct ir_req *q;
	struct rig r;
	struct buf b;
	int i;

	/* The scanner lets 64 levels pass; ours end before the stack. */
	rig_new(&r);
	q = hello(&r, OLD);
	q->format = IR_JSON_SCHEMA;
	buf_init(&b, 65536);
	for (i = 0; i < 60; i++)
		EQ_INT(buf_adds(&b, STR("{\"items\":")), 0);
	EQ_INT(buf_adds(&b, STR("{}")), 0);
	for (i = 0; i < 60; i++)
		EQ_INT(buf_addc(&b, '}'), 0);
	q->schema = arena_str(r.a, buf_str(&b));
	buf_free(&b);
	OK(strncmp(written(&r, q), "! response_format:", 18) == 0);
	rig_free(&r);
}

TEST(cache_marks)
{
	struct ir_part *p;
	struct ir_req *q;
	struct rig r;
	int i;

	/* Four at most, the last ones; times to live are Anthropic's two. */
	rig_new(&r);
	q = hello(&r, OLD);
	p = q->turns->parts;
	p->cache = STR("{\"mode\":\"explicit\",\"ttl\":\"30m\"}");
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":9,"
	    "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"hi\",\"cache_control\":{\"type\":"
	    "\"ephemeral\",\"ttl\":\"1h\"}}]}]} [cache_control]");
	for (i = 0; i < 4; i++) {
		p = ir_part_add(q, &q->turns->parts, IR_TEXT);
		p->text = STR("x");
		p->cache = STR("{\"mode\":\"explicit\"}");
	}
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":9,"
	    "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"hi\"},"
#define MARKED "{\"type\":\"text\",\"text\":\"x\",\"cache_control\":" \
	"{\"type\":\"ephemeral\"}}"
	    MARKED "," MARKED "," MARKED "," MARKED "]}]} [cache_control]");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(tools)
TAP_ROW(strict_tools)
TAP_ROW(choices)
TAP_ROW(formats)
TAP_ROW(schemas)
TAP_ROW(deep_schema)
TAP_ROW(cache_marks)
TAP_END
