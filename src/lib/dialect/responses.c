/*
 * responses.c - the OpenAI Responses API: its row, and strict schemas.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "dialect/resp.h"

#define STRICT_DEPTH	10	/* OpenAI's own limit */
#define STRICT_MOST	500	/* properties of one object that we look at */

static const char *const counted[] = { "model", "instructions", "input",
	"previous_response_id", "conversation", "tools", "tool_choice",
	"parallel_tool_calls", "reasoning", "text", "truncation", NULL };
static const struct codec_count count = {
	.path = "/responses/input_tokens",
	.takes = counted,
	.number = "input_tokens",
	.object = "response.input_tokens",
};

const struct codec codec_responses = {
	"responses", resp_req_read, resp_req_write, resp_event, resp_end,
	resp_body, resp_put, resp_put_body,
	.tap = &tap_responses,
	.path = "/responses",
	.others = "",
	.limit = "max_output_tokens",
	.count = &count,
};

/* The array of strings has one that is written like that. */
static int
has(struct jval list, struct str name)
{
	struct jval v;
	size_t pos = 0;

	while (jt_each(list, &pos, NULL, &v))
		if (v.raw.n == name.n + 2 &&
		    memcmp(v.raw.p + 1, name.p, name.n) == 0)
			return 1;
	return 0;
}

static int strict_at(struct jval v, int depth);

static int
strict_each(struct jval v, int depth)
{
	struct jval e;
	size_t pos = 0;

	while (jt_each(v, &pos, NULL, &e))
		if (!strict_at(e, depth))
			return 0;
	return 1;
}

static int
strict_object(struct jval v)
{
	struct jval required = jt_get(v, "required"), e;
	struct jval props = jt_get(v, "properties");
	struct str name;
	size_t pos = 0;
	unsigned n = 0;

	if (jt_get(v, "additionalProperties").type != JSCAN_FALSE)
		return 0;
	while (jt_each(props, &pos, &name, &e))
		if (n++ == STRICT_MOST || !has(required, name))
			return 0;
	return 1;
}

static int
strict_at(struct jval v, int depth)
{
	static const char *const never[] = { "oneOf", "allOf", "not", "if",
		"patternProperties" };
	struct jval props;
	size_t i;

	if (v.type != JSCAN_OBJECT || depth > STRICT_DEPTH)
		return 0;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (jt_is(jt_get(v, never[i])))
			return 0;
	props = jt_get(v, "properties");
	if ((jt_is(props) || jt_eq(jt_get(v, "type"), "object")) &&
	    !strict_object(v))
		return 0;
	if (jt_is(jt_get(v, "items")) &&
	    !strict_at(jt_get(v, "items"), depth + 1))
		return 0;
	return strict_each(props, depth + 1) &&
	    strict_each(jt_get(v, "anyOf"), depth + 1) &&
	    strict_each(jt_get(v, "$defs"), depth + 1);
}

int
resp_strict(struct str schema)
{
	struct jval v = jt_value(schema);

	return jt_eq(jt_get(v, "type"), "object") && strict_at(v, 0);
}
