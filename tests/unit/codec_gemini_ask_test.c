/* codec_gemini_ask_test.c - numbers, thinking and hints of a request. */
#include "codec_gemini_rows.h"

/* --- numbers ------------------------------------------------------------------- */

static struct ir_num
num(const char *s)
{
	return (struct ir_num){ str_of(s), 0 };
}

MAKE(m_sampling)
{
	say(q, IR_USER, "Hi");
	q->temperature = num("1.90");
	q->top_p = num("0.5");
	q->top_k = num("7");
	q->n = num("2");
	q->presence_penalty = num("-1");
	q->frequency_penalty = num("1e0");
	q->max_output = 100;
	q->seed = num("12");
}

MAKE(m_seed)
{
	say(q, IR_USER, "Hi");
	q->seed = num("4294967297");
}

static struct str many[] = { { "a", 1 }, { "", 0 }, { "b", 1 }, { "c", 1 },
    { "d", 1 }, { "e", 1 }, { "f", 1 } };

MAKE(m_stop)
{
	say(q, IR_USER, "Hi");
	q->stop = many;
	q->n_stop = 6;
}

MAKE(m_stops)
{
	m_stop(q);
	q->n_stop = 7;
}

MAKE(m_logprobs)
{
	say(q, IR_USER, "Hi");
	q->logprobs = 1;
	q->top_logprobs = num("4");
}

MAKE(m_bias)
{
	say(q, IR_USER, "Hi");
	q->logit_bias = STR("{\"1\":2}");
}

MAKE(m_json)
{
	say(q, IR_USER, "Hi");
	q->format = IR_JSON_OBJECT;
}

MAKE(m_schema)
{
	m_json(q);
	q->format = IR_JSON_SCHEMA;
	q->schema = STR("{\"type\":\"object\"}");
}

MAKE(m_json_tools)
{
	say(q, IR_USER, "Hi");
	ir_tool_add(q, STR("f"));
	q->format = IR_JSON_OBJECT;
}

TEST(numbers)
{
	static const struct row rows[] = {
		{ "sampling", m_sampling, "'generationConfig':{'temperature':"
		    "1.90,'topP':0.5,'topK':7,'candidateCount':2,"
		    "'presencePenalty':-1,'frequencyPenalty':1e0,"
		    "'maxOutputTokens':100,'seed':12}", "", NULL },
		{ "seed", m_seed, "'seed':1}", "seed", NULL },
		{ "stop", m_stop, "'stopSequences':['a','b','c','d','e']", "",
		    NULL },
		{ "stop", m_stops, "! stop", "", NULL },
		{ "logprobs", m_logprobs, "'responseLogprobs':true,"
		    "'logprobs':4", "logprobs", NULL },
		{ "logit_bias", m_bias, "! logit_bias", "", NULL },
		{ "json_object", m_json, "{'responseMimeType':"
		    "'application/json'}", "", NULL },
		{ "json_schema", m_schema, "{'responseMimeType':"
		    "'application/json','responseJsonSchema':{'type':"
		    "'object'}}", "", NULL },
		{ "with tools", m_json_tools, "'responseMimeType'", "", NULL },
		{ "with tools", m_json_tools, "! response_format", "",
		    "gemini-2.5-flash" },
	};

	CHECK(rows);
}

/* --- thinking and hints ---------------------------------------------------------- */

static void
effort(struct ir_req *q, const char *s)
{
	say(q, IR_USER, "Hi");
	q->think = IR_EFFORT;
	q->effort = str_of(s);
}

MAKE(m_off)
{
	say(q, IR_USER, "Hi");
	q->think = IR_THINK_OFF;
}

MAKE(m_minimal)
{
	effort(q, "minimal");
}

MAKE(m_medium)
{
	effort(q, "medium");
	q->show_thoughts = 1;
}

MAKE(m_max)
{
	effort(q, "max");
}

MAKE(m_budget)
{
	say(q, IR_USER, "Hi");
	q->think = IR_BUDGET;
	q->budget = 30000;
}

MAKE(m_adaptive)
{
	say(q, IR_USER, "Hi");
	q->think = IR_ADAPTIVE;
}

#define THINKS(s) "'thinkingConfig':{" s "}"

TEST(thinking)
{
	static const struct row rows[] = {
		{ "off", m_off, THINKS("'thinkingLevel':'MINIMAL'"),
		    "reasoning_effort", NULL },
		{ "off", m_off, THINKS("'thinkingBudget':0"),
		    "reasoning_effort", "gemini-2.5-flash" },
		{ "off", m_off, THINKS("'thinkingBudget':128"),
		    "reasoning_effort", "gemini-2.5-pro" },
		{ "off", m_off, "'generationConfig':{}", "",
		    "gemini-2.0-flash" },
		{ "minimal", m_minimal, THINKS("'thinkingLevel':'LOW'"),
		    "reasoning_effort", "gemini-3.1-pro" },
		{ "medium", m_medium, THINKS("'includeThoughts':true,"
		    "'thinkingLevel':'LOW'"), "reasoning_effort",
		    "gemini-3-pro-preview" },
		{ "medium", m_medium, THINKS("'includeThoughts':true,"
		    "'thinkingBudget':8192"), "reasoning_effort",
		    "gemini-2.5-flash" },
		{ "medium", m_medium, "'generationConfig':{}",
		    "reasoning_effort", "gemini-2.0-flash" },
		{ "max", m_max, THINKS("'thinkingLevel':'HIGH'"),
		    "reasoning_effort", "gemini-flash-latest" },
		{ "max", m_max, THINKS("'thinkingBudget':24576"),
		    "reasoning_effort", "gemini-2.5-flash" },
		{ "budget", m_budget, THINKS("'thinkingBudget':30000"), "",
		    "gemini-2.5-pro" },
		{ "budget", m_budget, THINKS("'thinkingBudget':24576"),
		    "reasoning", "gemini-2.5-flash" },
		{ "budget", m_budget, THINKS("'thinkingLevel':'HIGH'"),
		    "reasoning", NULL },
		{ "adaptive", m_adaptive, THINKS("'thinkingBudget':-1"), "",
		    "gemini-2.5-pro" },
		{ "adaptive", m_adaptive, THINKS(""), "", NULL },
	};

	CHECK(rows);
}

MAKE(m_hints)
{
	say(q, IR_USER, "Hi");
	q->user = q->verbosity = q->cache_key = STR("x");
	q->metadata = STR("{}");
	q->service_tier = STR("default");
	q->store = 1;
	ir_extra_add(q, "prediction", STR("{}"));
}

MAKE(m_previous)
{
	say(q, IR_USER, "Hi");
	q->previous_id = STR("resp_1");
}

MAKE(m_must)
{
	say(q, IR_USER, "Hi");
	ir_extra_must(q, "moderation", STR("{}"));
}

TEST(hints)
{
	static const struct row rows[] = {
		{ "hints", m_hints, "'serviceTier':'standard'}",
		    "service_tier,user,metadata,verbosity,prompt_cache_key,"
		    "store,prediction", NULL },
		{ "state", m_previous, "! previous_response_id", "", NULL },
		{ "safety", m_must, "! moderation", "", NULL },
	};

	CHECK(rows);
}

TAP_BEGIN
TAP_ROW(numbers)
TAP_ROW(thinking)
TAP_ROW(hints)
TAP_END
