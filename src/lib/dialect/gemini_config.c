/*
 * gemini_config.c - generationConfig, tools and toolConfig of a request.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/err.h"
#include "dialect/ge.h"

/* --- generationConfig -------------------------------------------------------- */

/* Numbers may be strings: protobuf writes 64-bit integers so. */
static int
take_number(struct ge_rd *r, const char *name, struct jval v,
    struct ir_num *out)
{
	struct jscan_result res;

	if (v.type == JSCAN_STRING) {
		v.raw = jt_text(r->q->a, v);
		if (jscan(v.raw, NULL, NULL, 0, &res) == 0)
			v.type = res.type;
	}
	if (v.type != JSCAN_NUMBER)
		return ge_wrong(r, name, "a number");
	out->raw = v.raw;
	out->v = jt_double(v);
	return 0;
}

static int
take_count(struct ge_rd *r, const char *name, struct jval v, uint64_t *out)
{
	struct ir_num num;
	int rc;

	if ((rc = take_number(r, name, v, &num)) != 0)
		return rc;
	if (jscan_u64(num.raw, out) != 0)
		return ge_wrong(r, name, "a whole number, zero or more");
	return 0;
}

#define NUMBER(fn, name, field)						\
static int								\
fn(struct ge_rd *r, struct jval v)					\
{									\
	return take_number(r, name, v, &r->q->field);			\
}

NUMBER(read_temperature, "temperature", temperature)
NUMBER(read_top_p, "topP", top_p)
NUMBER(read_top_k, "topK", top_k)
NUMBER(read_seed, "seed", seed)
NUMBER(read_presence, "presencePenalty", presence_penalty)
NUMBER(read_frequency, "frequencyPenalty", frequency_penalty)
NUMBER(read_top_logprobs, "logprobs", top_logprobs)
NUMBER(read_n, "candidateCount", n)

static int
read_logprobs(struct ge_rd *r, struct jval v)
{
	r->q->logprobs = jt_bool(v) == 1;
	return 0;
}

static int
read_max(struct ge_rd *r, struct jval v)
{
	return take_count(r, "maxOutputTokens", v, &r->q->max_output);
}

/* Strings of an array, in the arena. */
static int
take_strings(struct ge_rd *r, const char *name, struct jval v,
    struct str **out, unsigned *n)
{
	struct jval one;
	size_t pos = 0;
	unsigned k = 0;

	while (ge_each(v, &pos, &one)) {
		if (one.type != JSCAN_STRING)
			return ge_wrong(r, name, "an array of strings");
		k++;
	}
	*out = arena_alloc(r->q->a, (k + 1) * sizeof(**out));
	for (pos = 0, *n = 0; ge_each(v, &pos, &one);)
		(*out)[(*n)++] = jt_text(r->q->a, one);
	return 0;
}

static int
read_stop(struct ge_rd *r, struct jval v)
{
	return take_strings(r, "stopSequences", v, &r->q->stop,
	    &r->q->n_stop);
}

static int
read_mime(struct ge_rd *r, struct jval v)
{
	r->mime = jt_text(r->q->a, v);
	return 0;
}

static int
read_schema(struct ge_rd *r, struct jval v)
{
	r->q->schema = ge_schema(r->q->a, v.raw);
	if (str_find(v.raw, STR("\"propertyOrdering\"")) >= 0)
		unknown_add(r->q, "generationConfig.responseSchema.",
		    STR("propertyOrdering"), v);
	return 0;
}

static int
read_json_schema(struct ge_rd *r, struct jval v)
{
	r->q->schema = v.raw;
	return 0;
}

/* Anything but text is an answer that no other dialect gives. */
static int
read_modalities(struct ge_rd *r, struct jval v)
{
	struct jval one;
	size_t pos = 0;

	while (ge_each(v, &pos, &one))
		if (!jt_eq(one, "TEXT") && !jt_eq(one, "text") &&
		    !jt_eq(one, "Text")) {
			ir_extra_must(r->q,
			    "generationConfig.responseModalities", v.raw);
			break;
		}
	return 0;
}

static int
read_response_format(struct ge_rd *r, struct jval v)
{
	ir_extra_must(r->q, "generationConfig.responseFormat", v.raw);
	return 0;
}

static int
read_include(struct ge_rd *r, struct jval v)
{
	r->q->show_thoughts = jt_bool(v);
	return 0;
}

static int
think_twice(struct ge_rd *r)
{
	if (r->q->think == IR_THINK_UNSET)
		return 0;
	return ge_wrong(r, "thinkingLevel", "left out where thinkingBudget "
	    "is given: a request may have one of the two");
}

static int
read_budget(struct ge_rd *r, struct jval v)
{
	struct ir_num num;
	int rc;

	if ((rc = think_twice(r)) != 0 ||
	    (rc = take_number(r, "thinkingBudget", v, &num)) != 0)
		return rc;
	if (num.v < 0)
		r->q->think = IR_ADAPTIVE;
	else if (num.v == 0)
		r->q->think = IR_THINK_OFF;
	else {
		r->q->think = IR_BUDGET;
		return take_count(r, "thinkingBudget", v, &r->q->budget);
	}
	return 0;
}

static int
read_level(struct ge_rd *r, struct jval v)
{
	static const char *const levels[] = { "minimal", "low", "medium",
	    "high" };
	struct str s = jt_text(r->q->a, v);
	size_t i;
	int rc;

	if (s.n == 0 || str_eqc(s, "THINKING_LEVEL_UNSPECIFIED"))
		return 0;
	if ((rc = think_twice(r)) != 0)
		return rc;
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_ieq(s, str_of(levels[i]))) {
			r->q->think = IR_EFFORT;
			r->q->effort = str_of(levels[i]);
			return 0;
		}
	return ge_wrong(r, "thinkingLevel", "MINIMAL, LOW, MEDIUM or HIGH");
}

static const struct ge_member thinking[] = {
	{ "includeThoughts", JSCAN_TRUE, read_include },
	{ "thinkingBudget", JSCAN_NONE, read_budget },
	{ "thinkingLevel", JSCAN_STRING, read_level },
	{ NULL, JSCAN_NONE, NULL }
};

static int
read_thinking(struct ge_rd *r, struct jval v)
{
	int rc;

	r->scope = "generationConfig.thinkingConfig";
	rc = ge_members(r, v, thinking);
	r->scope = "generationConfig";
	return rc;
}

static const struct ge_member config[] = {
	{ "temperature", JSCAN_NONE, read_temperature },
	{ "topP", JSCAN_NONE, read_top_p },
	{ "topK", JSCAN_NONE, read_top_k },
	{ "candidateCount", JSCAN_NONE, read_n },
	{ "maxOutputTokens", JSCAN_NONE, read_max },
	{ "stopSequences", JSCAN_NONE, read_stop },
	{ "seed", JSCAN_NONE, read_seed },
	{ "presencePenalty", JSCAN_NONE, read_presence },
	{ "frequencyPenalty", JSCAN_NONE, read_frequency },
	{ "responseLogprobs", JSCAN_TRUE, read_logprobs },
	{ "logprobs", JSCAN_NONE, read_top_logprobs },
	{ "responseMimeType", JSCAN_STRING, read_mime },
	{ "responseSchema", JSCAN_OBJECT, read_schema },
	{ "responseJsonSchema", JSCAN_OBJECT, read_json_schema },
	{ "responseModalities", JSCAN_NONE, read_modalities },
	{ "responseFormat", JSCAN_OBJECT, read_response_format },
	{ "thinkingConfig", JSCAN_OBJECT, read_thinking },
	{ NULL, JSCAN_NONE, NULL }
};

/* An answer that is one word of a list: nobody else has it. */
static int
read_enum(struct ge_rd *r, struct jval config_v)
{
	struct jval v = ge_get(config_v, "responseSchema");

	ir_extra_must(r->q, "generationConfig.responseMimeType",
	    ge_get(config_v, "responseMimeType").raw);
	if (jt_is(v))
		ir_extra_must(r->q, "generationConfig.responseSchema", v.raw);
	r->q->schema = STR_NULL;
	return 0;
}

int
ge_read_config(struct ge_rd *r, struct jval v)
{
	int rc;

	r->scope = "generationConfig";
	rc = ge_members(r, v, config);
	if (rc == 0 && str_ieq(r->mime, STR("text/x.enum")))
		rc = read_enum(r, v);
	else if (rc == 0 && r->mime.n > 0 && r->q->schema.n == 0 &&
	    !str_ieq(r->mime, STR("text/plain")) &&
	    !str_ieq(r->mime, STR("application/json")))
		rc = ge_wrong(r, "responseMimeType", "text/plain, "
		    "application/json or text/x.enum");
	else if (r->q->schema.n > 0)
		r->q->format = IR_JSON_SCHEMA;
	else if (str_ieq(r->mime, STR("application/json")))
		r->q->format = IR_JSON_OBJECT;
	else if (r->mime.n > 0)
		r->q->format = IR_PLAIN;
	r->scope = "";
	return rc;
}

/* --- tools -------------------------------------------------------------------- */

static int
read_declaration(struct ge_rd *r, struct jval v)
{
	static const char *const known[] = { "name", "description",
	    "parameters", "parametersJsonSchema", NULL };
	struct jval name, what, schema;
	struct ir_tool *t;

	if (v.type != JSCAN_OBJECT)
		return ge_wrong(r, "tools.functionDeclarations", "an array "
		    "of objects");
	name = ge_get(v, "name");
	if (name.type != JSCAN_STRING || name.raw.n < 3)
		return ge_wrong(r, "tools.functionDeclarations.name",
		    "a string");
	what = ge_get(v, "description");
	if (jt_is(what) && what.type != JSCAN_STRING)
		return ge_wrong(r, "tools.functionDeclarations.description",
		    "a string");
	t = ir_tool_add(r->q, jt_text(r->q->a, name));
	t->description = jt_text(r->q->a, what);
	t->raw = v.raw;
	schema = ge_get(v, "parametersJsonSchema");
	if (jt_is(schema))
		t->schema = schema.raw;
	else if (jt_is(schema = ge_get(v, "parameters")))
		t->schema = ge_schema(r->q->a, schema.raw);
	if (jt_is(schema) && schema.type != JSCAN_OBJECT)
		return ge_wrong(r, "tools.functionDeclarations.parameters",
		    "an object");
	ge_unknown(r, "tools.functionDeclarations.", v, known);
	return 0;
}

/* Tools that Google runs keep their whole definition. */
static void
builtin(struct ge_rd *r, struct str key, struct jval v)
{
	struct ir_tool *t = ir_tool_add(r->q, arena_str(r->q->a, key));
	char *d = arena_alloc(r->q->a, key.n + v.raw.n + 5);

	t->kind = IR_BUILTIN;
	t->raw = str_make(d, key.n + v.raw.n + 5);
	*d++ = '{';
	*d++ = '"';
	memcpy(d, key.p, key.n);
	d += key.n;
	*d++ = '"';
	*d++ = ':';
	memcpy(d, v.raw.p, v.raw.n);
	d[v.raw.n] = '}';
}

int
ge_read_tools(struct ge_rd *r, struct jval v)
{
	struct jval tool, m, one;
	size_t pos = 0, at, each;
	struct str key;
	int rc;

	while (ge_each(v, &pos, &tool)) {
		if (tool.type != JSCAN_OBJECT)
			return ge_wrong(r, "tools", "an array of objects");
		for (at = 0; jt_each(tool, &at, &key, &m);) {
			if (!jt_is(m))
				continue;
			if (!ge_is(key, "functionDeclarations")) {
				builtin(r, key, m);
				continue;
			}
			for (each = 0; ge_each(m, &each, &one);)
				if ((rc = read_declaration(r, one)) != 0)
					return rc;
		}
	}
	return 0;
}

/* --- toolConfig ---------------------------------------------------------------- */

static int
read_mode(struct ge_rd *r, struct jval v)
{
	struct str s = jt_text(r->q->a, v);

	if (str_ieq(s, STR("AUTO")))
		r->q->choice = IR_AUTO;
	else if (str_ieq(s, STR("ANY")))
		r->q->choice = IR_REQUIRED;
	else if (str_ieq(s, STR("NONE")))
		r->q->choice = IR_NONE;
	else if (str_ieq(s, STR("VALIDATED"))) {
		r->q->choice = IR_AUTO;
		r->validated = 1;
	} else if (!str_ieq(s, STR("MODE_UNSPECIFIED")))
		return ge_wrong(r, "mode", "AUTO, ANY, NONE or VALIDATED");
	return 0;
}

static int
read_allowed(struct ge_rd *r, struct jval v)
{
	return take_strings(r, "allowedFunctionNames", v, &r->q->allowed,
	    &r->q->n_allowed);
}

static const struct ge_member calling[] = {
	{ "mode", JSCAN_STRING, read_mode },
	{ "allowedFunctionNames", JSCAN_NONE, read_allowed },
	{ NULL, JSCAN_NONE, NULL }
};

static int
read_calling(struct ge_rd *r, struct jval v)
{
	int rc;

	r->scope = "toolConfig.functionCallingConfig";
	rc = ge_members(r, v, calling);
	r->scope = "toolConfig";
	return rc;
}

static const struct ge_member tool_config[] = {
	{ "functionCallingConfig", JSCAN_OBJECT, read_calling },
	{ NULL, JSCAN_NONE, NULL }
};

int
ge_read_tool_config(struct ge_rd *r, struct jval v)
{
	int rc;

	r->scope = "toolConfig";
	rc = ge_members(r, v, tool_config);
	r->scope = "";
	return rc;
}
