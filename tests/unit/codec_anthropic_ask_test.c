/*
 * codec_anthropic_ask_test.c - what others ask for, asked of Anthropic:
 * limits, sampling, thinking, hints.
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
#define NEW "claude-opus-4-7"

static const char *
written(struct rig *r, struct ir_req *q)
{
	const char *s = rig_write(r, &codec_anthropic, q), *noted;

	if (*s == '!')
		return s;
	noted = ir_dropped(&r->note);
	return *noted ? arena_printf(r->a, "%s [%s]", s, noted) : s;
}

static struct ir_num
num(const char *raw, double v)
{
	return (struct ir_num){ str_of(raw), v };
}

TEST(refused)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->n = num("2", 2);
	EQ_STR(written(&r, q), "! n: n: has no equivalent at Anthropic: leave "
	    "it out or choose another model");
	q = hello(&r, OLD);
	q->frequency_penalty = num("0.5", 0.5);
	OK(strncmp(written(&r, q), "! frequency_penalty:", 20) == 0);
	q = hello(&r, OLD);
	q->presence_penalty = num("-1", -1);
	OK(strncmp(written(&r, q), "! presence_penalty:", 19) == 0);
	q = hello(&r, OLD);
	q->logit_bias = STR("{\"1\":2}");
	OK(strncmp(written(&r, q), "! logit_bias:", 13) == 0);
	q = hello(&r, OLD);
	q->logprobs = 1;
	OK(strncmp(written(&r, q), "! logprobs:", 11) == 0);
	q = hello(&r, OLD);
	q->previous_id = STR("resp_1");
	OK(strncmp(written(&r, q), "! previous_response_id:", 23) == 0);
	q = hello(&r, OLD);
	ir_extra_must(q, "safetySettings", STR("[]"));
	OK(strncmp(written(&r, q), "! safetySettings:", 17) == 0);
	/* What asks for nothing is no fault. */
	q = hello(&r, OLD);
	q->n = num("1", 1);
	q->frequency_penalty = num("0.0", 0);
	q->presence_penalty = num("0", 0);
	q->logit_bias = STR("{}");
	q->store = 0;
	EQ_STR(written(&r, q), OUT(""));
	rig_free(&r);
}

TEST(dropped)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->seed = num("1", 1);
	q->cache_key = STR("k");
	q->metadata = STR("{\"a\":\"b\"}");
	q->verbosity = STR("low");
	q->store = 1;
	ir_extra_add(q, "prediction", STR("{}"));
	q->user = STR("u");
	EQ_STR(written(&r, q), "{\"model\":\"claude-sonnet-4-5\","
	    "\"max_tokens\":9," MSGS ",\"metadata\":{\"user_id\":\"u\"}} "
	    "[seed,prompt_cache_key,metadata,verbosity,store,prediction]");
	r.note.strict = 1;
	OK(strncmp(written(&r, q), "! seed:", 7) == 0);
	rig_free(&r);
}

TEST(tiers)
{
	static const struct {
		const char	*tier, *sent, *noted;
	} rows[] = {
		{ "default", ",\"service_tier\":\"standard_only\"}",
		    " [service_tier]" },
		{ "priority", ",\"service_tier\":\"auto\"}",
		    " [service_tier]" },
		{ "flex", "}", " [service_tier]" },
	};
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		q = hello(&r, OLD);
		q->service_tier = str_of(rows[i].tier);
		EQ_STR(written(&r, q), arena_printf(r.a, "{\"model\":\"" OLD
		    "\",\"max_tokens\":9," MSGS "%s%s", rows[i].sent,
		    rows[i].noted));
		rig_free(&r);
	}
}

TEST(max_tokens)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->max_output = 0;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":4096,"
	    MSGS "} [max_tokens]");
	r.target.known.max_output = 64000;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":64000,"
	    MSGS "} [max_tokens]");
	q->max_output = 64001;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":64000,"
	    MSGS "} [max_tokens]");
	q->max_output = 64000;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":64000,"
	    MSGS "}");
	rig_free(&r);
}

TEST(sampling)
{
	static const struct {
		const char	*model, *raw;
		double		 v;
		const char	*out;		/* NULL: refused */
	} rows[] = {
		{ OLD, "0.70", 0.7, "\"temperature\":0.70," },
		{ OLD, "1.5", 1.5, "\"temperature\":1," },
		{ NEW, "1.0", 1, "" },
		{ NEW, "0.7", 0.7, NULL },
		{ "somebody/model", "0.7", 0.7, "\"temperature\":0.7," },
	};
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		q = hello(&r, rows[i].model);
		q->temperature = num(rows[i].raw, rows[i].v);
		if (rows[i].out == NULL)
			OK(strncmp(written(&r, q), "! temperature:", 14) ==
			    0);
		else
			EQ_STR(written(&r, q), arena_printf(r.a,
			    "{\"model\":\"%s\",\"max_tokens\":9,%s" MSGS
			    "}%s", rows[i].model, rows[i].out,
			    rows[i].v > 1 ? " [temperature]" : ""));
		rig_free(&r);
	}
	rig_new(&r);
	q = hello(&r, OLD);
	q->top_p = num("0.9", 0.9);
	q->top_k = num("5", 5);
	EQ_STR(written(&r, q), OUT("\"top_p\":0.9,\"top_k\":5,"));
	q = hello(&r, NEW);
	q->top_p = num("0.99", 0.99);
	EQ_STR(written(&r, q), "{\"model\":\"" NEW "\",\"max_tokens\":9,"
	    MSGS "}");
	q->top_p = num("0.9", 0.9);
	OK(strncmp(written(&r, q), "! top_p:", 8) == 0);
	q->top_p = num("", 0);
	q->top_k = num("5", 5);
	OK(strncmp(written(&r, q), "! top_k:", 8) == 0);
	rig_free(&r);
}

TEST(stop)
{
	struct str stop[2] = { STR("a"), STR("") };
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->stop = stop;
	q->n_stop = 2;
	EQ_STR(written(&r, q), OUT("\"stop_sequences\":[\"a\"],"));
	stop[1] = STR("\n");
	OK(strncmp(written(&r, q), "! stop:", 7) == 0);
	rig_free(&r);
}

TEST(words)
{
	static const struct {
		enum conf_dialect from;
		int		 responses;
		const char	*refusal, *noted;
	} rows[] = {
		{ DIALECT_OPENAI, 0, "! stop: stop: ",
		    "seed,verbosity,max_tokens" },
		{ DIALECT_OPENAI, 1, "! stop: stop: ",
		    "seed,text.verbosity,max_output_tokens" },
		{ DIALECT_MISTRAL, 0, "! stop: stop: ",
		    "random_seed,verbosity,max_tokens" },
		{ DIALECT_GEMINI, 0, "! generationConfig.stopSequences: ",
		    "generationConfig.seed,verbosity,"
		    "generationConfig.maxOutputTokens" },
	};
	struct str stop[1] = { STR(" ") };
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		q = hello(&r, OLD);
		q->from = rows[i].from;
		q->responses = rows[i].responses;
		q->max_output = 0;
		q->seed = num("1", 1);
		q->verbosity = STR("low");
		OK(*written(&r, q) == '{');
		EQ_STR(ir_dropped(&r.note), rows[i].noted);
		q->stop = stop;
		q->n_stop = 1;
		OK(strncmp(written(&r, q), rows[i].refusal,
		    strlen(rows[i].refusal)) == 0);
		rig_free(&r);
	}
}

/* --- thinking ------------------------------------------------------------ */

#define BUDGET(n) "\"thinking\":{\"type\":\"enabled\"," \
	"\"budget_tokens\":" n "},"
#define ADAPTIVE "\"thinking\":{\"type\":\"adaptive\"},"
#define EFFORT(e) "\"output_config\":{\"effort\":\"" e "\"},"
#define NOTED " [reasoning_effort]"

TEST(efforts)
{
	static const struct {
		const char	*model, *effort;
		uint64_t	 max;
		const char	*out, *noted;
	} rows[] = {
		{ OLD, "minimal", 9000, BUDGET("1024"), NOTED },
		{ OLD, "low", 9000, BUDGET("2048"), NOTED },
		{ OLD, "medium", 9000, BUDGET("7976"), NOTED },
		{ OLD, "medium", 30000, BUDGET("8192"), NOTED },
		{ OLD, "high", 30000, BUDGET("24576"), NOTED },
		{ OLD, "max", 60000, BUDGET("32768"), NOTED },
		{ OLD, "high", 2000, "", NOTED },
		{ OLD, "none", 9000, "", "" },
		{ "claude-3-5-haiku-latest", "high", 9000, "", NOTED },
		{ NEW, "minimal", 9000, ADAPTIVE EFFORT("low"), NOTED },
		{ NEW, "medium", 9000, ADAPTIVE EFFORT("medium"), NOTED },
		{ NEW, "xhigh", 9000, ADAPTIVE EFFORT("xhigh"), NOTED },
		{ NEW, "none", 9000, "\"thinking\":{\"type\":\"disabled\"},",
		    "" },
		{ "claude-opus-4-6", "xhigh", 9000, ADAPTIVE EFFORT("high"),
		    NOTED },
		{ "claude-opus-4-6", "max", 9000, ADAPTIVE EFFORT("max"),
		    NOTED },
	};
	struct ir_req *q;
	struct rig r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rig_new(&r);
		q = hello(&r, rows[i].model);
		q->think = IR_EFFORT;
		q->effort = str_of(rows[i].effort);
		q->max_output = rows[i].max;
		EQ_STR(written(&r, q), arena_printf(r.a, "{\"model\":\"%s\","
		    "\"max_tokens\":%u,%s" MSGS "}%s", rows[i].model,
		    (unsigned)rows[i].max, rows[i].out, rows[i].noted));
		rig_free(&r);
	}
	rig_new(&r);
	q = hello(&r, OLD);
	q->think = IR_EFFORT;
	q->effort = STR("hard");
	EQ_STR(written(&r, q),
	    "! reasoning_effort: reasoning_effort: there is no effort "
	    "\"hard\"");
	/* Nobody said how long the answer may be: the budget fits. */
	q->effort = STR("high");
	q->max_output = 0;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":25600,"
	    BUDGET("24576") MSGS "} [max_tokens,reasoning_effort]");
	rig_free(&r);
}

TEST(budgets)
{
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->from = DIALECT_GEMINI;
	q->think = IR_BUDGET;
	q->budget = 2000;
	q->max_output = 3000;
	q->show_thoughts = 1;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":3000,"
	    BUDGET("2000") MSGS "}");
	r.target.model = STR(NEW);
	EQ_STR(written(&r, q), "{\"model\":\"" NEW "\",\"max_tokens\":3000,"
	    "\"thinking\":{\"type\":\"adaptive\",\"display\":"
	    "\"summarized\"}," EFFORT("low") MSGS "} "
	    "[generationConfig.thinkingConfig]");
	q->budget = 20000;
	OK(strstr(written(&r, q), EFFORT("high")) != NULL);
	q->budget = 40000;
	OK(strstr(written(&r, q), EFFORT("xhigh")) != NULL);
	q->budget = 0;
	OK(strstr(written(&r, q), "\"disabled\"") != NULL);
	/* Adaptive where there is none. */
	q = hello(&r, OLD);
	q->think = IR_ADAPTIVE;
	q->max_output = 20000;
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":20000,"
	    BUDGET("8192") MSGS "} [reasoning_effort]");
	rig_free(&r);
}

TEST(thinking_conflicts)
{
	struct ir_turn *t;
	struct ir_part *p;
	struct ir_req *q;
	struct rig r;

	rig_new(&r);
	q = hello(&r, OLD);
	q->think = IR_EFFORT;
	q->effort = STR("low");
	q->max_output = 9000;
	q->temperature = num("0.2", 0.2);
	q->top_k = num("3", 3);
	EQ_STR(written(&r, q), "{\"model\":\"" OLD "\",\"max_tokens\":9000,"
	    BUDGET("2048") MSGS "} [reasoning_effort,temperature,top_k]");
	q->temperature.raw = q->top_k.raw = STR_NULL;
	ir_tool_add(q, STR("f"))->kind = IR_FUNCTION;
	q->choice = IR_REQUIRED;
	OK(strncmp(written(&r, q), "! tool_choice:", 14) == 0);
	/* Results of a call whose thinking is gone: no thinking. */
	q->choice = IR_CHOICE_UNSET;
	q->tools = NULL;
	t = ir_turn_add(q, IR_ASSISTANT);
	p = ir_part_add(q, &t->parts, IR_CALL);
	p->id = STR("a");
	p->name = STR("f");
	ir_part_add(q, &ir_turn_add(q, IR_TOOL)->parts, IR_RESULT)->id =
	    STR("a");
	OK(strstr(written(&r, q), "\"thinking\"") == NULL);
	EQ_STR(ir_dropped(&r.note), "reasoning_effort");
	rig_free(&r);
}

TAP_BEGIN
TAP_ROW(refused)
TAP_ROW(dropped)
TAP_ROW(tiers)
TAP_ROW(max_tokens)
TAP_ROW(sampling)
TAP_ROW(stop)
TAP_ROW(words)
TAP_ROW(efforts)
TAP_ROW(budgets)
TAP_ROW(thinking_conflicts)
TAP_END
