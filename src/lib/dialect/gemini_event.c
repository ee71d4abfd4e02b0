/*
 * gemini_event.c - what Gemini answers becomes events.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the answer's arena.
 *
 * Every chunk of a stream is a whole answer's fragment, so a body is one chunk
 * (or an array of them). There is no end mark: the answer is whole when a
 * finish reason came and the connection ended cleanly.
 */
#include <stdio.h>

#include "base/err.h"
#include "dialect/gemini_in.h"

#define JOINED_MAX	(64u << 20)

struct ge_in *
ge_in(struct codec_in *in)
{
	if (in->state == NULL)
		in->state = arena_zalloc(in->a, sizeof(struct ge_in));
	return in->state;
}

static void
say(struct codec_in *in, const struct ir_event *ev)
{
	in->emit(in->arg, ev);
}

/* --- errors ------------------------------------------------------------------- */

static enum fault
fault_of(struct jval e)
{
	static const struct {
		const char	*status;
		enum fault	 fault;
	} rows[] = {
		{ "RESOURCE_EXHAUSTED", FAULT_RATE },
		{ "UNAVAILABLE", FAULT_OVERLOAD },
		{ "DEADLINE_EXCEEDED", FAULT_TIMEOUT },
		{ "INVALID_ARGUMENT", FAULT_BAD_REQUEST },
		{ "OUT_OF_RANGE", FAULT_BAD_REQUEST },
		{ "NOT_FOUND", FAULT_NO_MODEL },
		{ "UNAUTHENTICATED", FAULT_UPSTREAM_AUTH },
		{ "PERMISSION_DENIED", FAULT_UPSTREAM_AUTH },
	};
	struct jval status = jt_get(e, "status");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (jt_eq(status, rows[i].status))
			return rows[i].fault;
	return FAULT_UPSTREAM;
}

static void
fail(struct codec_in *in, enum fault fault, struct str text)
{
	struct ir_event ev = { .kind = IR_EV_ERROR, .from = DIALECT_GEMINI,
	    .fault = fault, .text = text };

	ge_in(in)->dead = 1;
	say(in, &ev);
}

/* --- parts --------------------------------------------------------------------- */

/* The name the client knows; *custom when its tool takes free text. */
static struct str
own_name(struct codec_in *in, struct str name, int *custom)
{
	const struct ir_tool *t = in->req == NULL ? NULL :
	    wire_find(in->req, &ge_names, name);

	*custom = t != NULL && t->kind == IR_CUSTOM;
	return t == NULL ? name : t->name;
}

static unsigned
turns_asked(const struct codec_in *in)
{
	const struct ir_turn *t;
	unsigned n = 0;

	for (t = in->req == NULL ? NULL : in->req->turns; t != NULL;
	    t = t->next)
		n += t->role != IR_SYSTEM;
	return n;
}

static void
sign(struct codec_in *in, unsigned choice, unsigned call, struct jval v)
{
	struct ir_event ev = { .kind = IR_EV_SIGNATURE, .choice = choice,
	    .call = call, .from = DIALECT_GEMINI };

	ev.text = jt_text(CODEC_TMP(in), v);
	if (ev.text.n > 0)
		say(in, &ev);
}

void
ge_call_begin(struct codec_in *in, unsigned choice, struct jval call,
    struct jval signature)
{
	struct ge_in *g = ge_in(in);
	struct ir_event ev = { .kind = IR_EV_CALL, .choice = choice,
	    .call = g->calls[choice]++, .from = DIALECT_GEMINI };

	if (choice == 0)
		in->calls = g->calls[0];
	ev.name = own_name(in, jt_text(CODEC_TMP(in), jt_get(call, "name")),
	    &ev.custom);
	ev.id = jt_text(CODEC_TMP(in), jt_get(call, "id"));
	if (ev.id.n == 0)
		ev.id = ge_id(CODEC_TMP(in), ev.name, turns_asked(in), ev.call +
		    100 * choice);
	g->custom = ev.custom;
	say(in, &ev);
	sign(in, choice, ev.call + 1, signature);
}

void
ge_call_args(struct codec_in *in, unsigned choice, struct str text)
{
	struct ir_event ev = { .kind = IR_EV_ARGS, .choice = choice,
	    .call = ge_in(in)->calls[choice] - 1, .text = text };

	if (text.n > 0)
		say(in, &ev);
}

void
ge_call_end(struct codec_in *in, unsigned choice)
{
	struct ir_event ev = { .kind = IR_EV_CALL_END, .choice = choice,
	    .call = ge_in(in)->calls[choice] - 1 };

	say(in, &ev);
}

static int
whole_call(struct codec_in *in, unsigned choice, struct jval call,
    struct jval signature)
{
	struct jval args = jt_get(call, "args");
	struct str text = jt_is(args) ? args.raw : STR("{}");

	if (jt_is(jt_get(call, "willContinue")) ||
	    jt_is(jt_get(call, "partialArgs")) || ge_in(in)->partial)
		return ge_partial(in, choice, call, signature);
	ge_call_begin(in, choice, call, signature);
	if (ge_in(in)->custom && jt_get(args, "input").type == JSCAN_STRING)
		text = jt_text(CODEC_TMP(in), jt_get(args, "input"));
	ge_call_args(in, choice, text);
	ge_call_end(in, choice);
	return 0;
}

static void
image(struct codec_in *in, unsigned choice, struct jval v)
{
	struct ir_event ev = { .kind = IR_EV_IMAGE, .choice = choice,
	    .from = DIALECT_GEMINI };

	ev.name = jt_text(CODEC_TMP(in), jt_get(v, "mimeType"));
	ev.text = jt_text(CODEC_TMP(in), jt_get(v, "data"));
	if (str_starts(ev.name, STR("image/")))
		say(in, &ev);
}

static int
part(struct codec_in *in, unsigned choice, struct jval v)
{
	struct ir_event ev = { .kind = IR_EV_TEXT, .choice = choice,
	    .from = DIALECT_GEMINI };
	struct jval m, text, call, data, signature;
	struct str key;
	size_t pos = 0;

	text = call = data = signature = (struct jval){ JSCAN_NONE,
	    STR_NULL };
	while (jt_each(v, &pos, &key, &m)) {
		if (str_eqc(key, "text"))
			text = m;
		else if (str_eqc(key, "thought"))
			ev.kind = m.type == JSCAN_TRUE ? IR_EV_THINKING :
			    IR_EV_TEXT;
		else if (str_eqc(key, "functionCall"))
			call = m;
		else if (str_eqc(key, "inlineData"))
			data = m;
		else if (str_eqc(key, "thoughtSignature"))
			signature = m;
	}
	if (call.type == JSCAN_OBJECT)
		return whole_call(in, choice, call, signature);
	ev.text = jt_text(CODEC_TMP(in), text);
	if (ev.text.n > 0)
		say(in, &ev);
	if (data.type == JSCAN_OBJECT)
		image(in, choice, data);
	sign(in, choice, 0, signature);
	return 0;
}

/* --- finish and usage ----------------------------------------------------------- */

static enum ir_finish
finish_of(struct jval v)
{
	static const struct {
		const char	*name;
		enum ir_finish	 finish;
	} rows[] = {
		{ "STOP", IR_STOP }, { "OTHER", IR_STOP },
		{ "MAX_TOKENS", IR_LENGTH },
		{ "SAFETY", IR_CONTENT_FILTER },
		{ "RECITATION", IR_CONTENT_FILTER },
		{ "LANGUAGE", IR_CONTENT_FILTER },
		{ "BLOCKLIST", IR_CONTENT_FILTER },
		{ "PROHIBITED_CONTENT", IR_CONTENT_FILTER },
		{ "SPII", IR_CONTENT_FILTER },
		{ "ESCALATION", IR_CONTENT_FILTER },
		{ "IMAGE_SAFETY", IR_CONTENT_FILTER },
		{ "IMAGE_PROHIBITED_CONTENT", IR_CONTENT_FILTER },
		{ "IMAGE_RECITATION", IR_CONTENT_FILTER },
		{ "IMAGE_OTHER", IR_CONTENT_FILTER },
		{ "NO_IMAGE", IR_CONTENT_FILTER },
		{ "MALFORMED_FUNCTION_CALL", IR_FAILED },
		{ "MALFORMED_RESPONSE", IR_FAILED },
		{ "MISSING_THOUGHT_SIGNATURE", IR_FAILED },
		{ "UNEXPECTED_TOOL_CALL", IR_FAILED },
		{ "TOO_MANY_TOOL_CALLS", IR_FAILED },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (jt_eq(v, rows[i].name))
			return rows[i].finish;
	return IR_STOP;
}

/* Keep it for the end of the chunk: usage comes first. */
static void
take_finish(struct codec_in *in, unsigned choice, struct jval reason,
    struct jval words)
{
	struct ge_in *g = ge_in(in);

	if (reason.type != JSCAN_STRING || g->finish[choice] != IR_FINISH_NONE ||
	    jt_eq(reason, "FINISH_REASON_UNSPECIFIED"))
		return;
	g->finish[choice] = finish_of(reason);
	if (g->finish[choice] == IR_STOP && g->calls[choice] > 0)
		g->finish[choice] = IR_TOOL_CALLS;
	g->native[choice] = jt_text(CODEC_TMP(in), reason);
	g->words[choice] = jt_text(CODEC_TMP(in), words);
	g->due = 1;
}

static void
put_finish(struct codec_in *in)
{
	struct ge_in *g = ge_in(in);
	struct ir_event ev = { .kind = IR_EV_FINISH, .from = DIALECT_GEMINI };
	unsigned i;

	for (i = 0; i < GE_CHOICES && g->due; i++) {
		if (g->finish[i] == IR_FINISH_NONE || g->said[i])
			continue;
		g->said[i] = 1;
		if (g->finish[i] == IR_FAILED) {
			fail(in, FAULT_UPSTREAM, str_of(arena_printf(CODEC_TMP(in),
			    "the model ended with %.*s%s%.*s",
			    STR_ARG(g->native[i]),
			    g->words[i].n > 0 ? ": " : "",
			    (int)(g->words[i].n > 300 ? 300 : g->words[i].n),
			    g->words[i].n > 0 ? g->words[i].p : "")));
			return;
		}
		ev.choice = i;
		ev.finish = g->finish[i];
		ev.native = g->native[i];
		ev.text = g->words[i];
		in->finished = 1;
		say(in, &ev);
	}
	g->due = 0;
}

/* Fields that are missing keep their last value; absurd numbers are none. */
static void
number(struct jval v, uint64_t *out)
{
	uint64_t n = jt_u64(v, UINT64_MAX);

	if (n <= 1000000000)
		*out = n;
}

static void
take_usage(struct codec_in *in, struct jval v)
{
	struct ge_in *g = ge_in(in);
	struct ir_event ev = { .kind = IR_EV_USAGE };
	struct price_usage *u = &ev.usage;
	struct str key;
	struct jval m;
	size_t pos = 0;

	while (jt_each(v, &pos, &key, &m)) {
		if (str_eqc(key, "promptTokenCount"))
			number(m, &g->prompt);
		else if (str_eqc(key, "toolUsePromptTokenCount"))
			number(m, &g->tool_use);
		else if (str_eqc(key, "cachedContentTokenCount"))
			number(m, &g->cached);
		else if (str_eqc(key, "candidatesTokenCount"))
			number(m, &g->output);
		else if (str_eqc(key, "thoughtsTokenCount"))
			number(m, &g->thoughts);
	}
	u->input = g->prompt + g->tool_use;
	u->cached = g->cached < u->input ? g->cached : u->input;
	u->output = g->output + g->thoughts;
	u->reasoning = g->thoughts;
	if (memcmp(u, &g->usage, sizeof(*u)) == 0)
		return;
	g->usage = *u;
	say(in, &ev);
}

/* --- chunks ----------------------------------------------------------------------- */

/* A source that has an address, in OpenAI's words. */
static void
cite(struct codec_in *in, unsigned choice, struct jval source)
{
	struct jval uri = jt_get(source, "uri"), title = jt_get(source,
	    "title");
	struct ir_event ev = { .kind = IR_EV_CITATION, .choice = choice,
	    .from = DIALECT_GEMINI };

	if (uri.type != JSCAN_STRING)
		return;
	ev.raw = str_of(arena_printf(CODEC_TMP(in),
	    "{\"type\":\"url_citation\",\"start_index\":%llu,"
	    "\"end_index\":%llu,\"url\":%.*s,\"title\":%.*s}",
	    (unsigned long long)jt_u64(jt_get(source, "startIndex"), 0),
	    (unsigned long long)jt_u64(jt_get(source, "endIndex"), 0),
	    STR_ARG(uri.raw), STR_ARG(title.type == JSCAN_STRING ? title.raw :
	    STR("\"\""))));
	say(in, &ev);
}

/* citationMetadata, or groundingMetadata. */
static void
citations(struct codec_in *in, unsigned choice, struct jval meta)
{
	struct jval list = jt_get(meta, "citationSources"), one;
	size_t pos = 0;

	while (jt_each(list, &pos, NULL, &one))
		cite(in, choice, one);
	list = jt_get(meta, "groundingChunks");
	for (pos = 0; jt_each(list, &pos, NULL, &one);)
		cite(in, choice, jt_get(one, "web"));
}

static int
candidate(struct codec_in *in, struct jval v)
{
	struct jval m, content, reason, words, logprobs, cited, one;
	struct ir_event ev = { .kind = IR_EV_LOGPROBS };
	struct str key;
	size_t pos = 0;
	uint64_t choice = 0;
	int rc;

	content = reason = words = logprobs = cited =
	    (struct jval){ JSCAN_NONE, STR_NULL };
	while (jt_each(v, &pos, &key, &m)) {
		if (str_eqc(key, "content"))
			content = m;
		else if (str_eqc(key, "finishReason"))
			reason = m;
		else if (str_eqc(key, "finishMessage"))
			words = m;
		else if (str_eqc(key, "logprobsResult"))
			logprobs = m;
		else if (str_eqc(key, "citationMetadata") ||
		    str_eqc(key, "groundingMetadata"))
			cited = m;
		else if (str_eqc(key, "index"))
			choice = jt_u64(m, 0);
	}
	if (choice >= GE_CHOICES)
		return ERR_FORMAT;
	content = jt_get(content, "parts");
	for (pos = 0; content.type == JSCAN_ARRAY &&
	    jt_each(content, &pos, NULL, &one);)
		if ((rc = part(in, (unsigned)choice, one)) != 0)
			return rc;
	if (logprobs.type == JSCAN_OBJECT) {
		ev.choice = (unsigned)choice;
		ev.raw = ge_logprobs_in(CODEC_TMP(in), logprobs);
		say(in, &ev);
	}
	if (cited.type == JSCAN_OBJECT)
		citations(in, (unsigned)choice, cited);
	take_finish(in, (unsigned)choice, reason, words);
	return 0;
}

/* A prompt that was blocked has no candidates. */
static void
blocked(struct codec_in *in, struct jval v)
{
	struct ge_in *g = ge_in(in);
	struct jval reason = jt_get(v, "blockReason");

	if (reason.type != JSCAN_STRING || g->finish[0] != IR_FINISH_NONE ||
	    jt_eq(reason, "BLOCK_REASON_UNSPECIFIED"))
		return;
	g->finish[0] = IR_CONTENT_FILTER;
	g->native[0] = jt_text(CODEC_TMP(in), reason);
	g->words[0] = jt_text(CODEC_TMP(in), jt_get(v, "blockReasonMessage"));
	g->due = 1;
}

static void
start(struct codec_in *in, struct jval id, struct jval model)
{
	struct ir_event ev = { .kind = IR_EV_START, .from = DIALECT_GEMINI };

	if (in->started)
		return;
	in->started = 1;
	ev.id = jt_text(CODEC_TMP(in), id);
	ev.model = jt_text(CODEC_TMP(in), model);
	say(in, &ev);
}

static int
chunk(struct codec_in *in, struct jval v)
{
	struct jval m, error, list, usage, id, model, feedback, one;
	struct str key;
	size_t pos = 0;
	int rc;

	error = list = usage = id = model = feedback =
	    (struct jval){ JSCAN_NONE, STR_NULL };
	if (v.type != JSCAN_OBJECT)
		return ERR_FORMAT;
	while (jt_each(v, &pos, &key, &m)) {
		if (str_eqc(key, "candidates"))
			list = m;
		else if (str_eqc(key, "usageMetadata"))
			usage = m;
		else if (str_eqc(key, "responseId"))
			id = m;
		else if (str_eqc(key, "modelVersion"))
			model = m;
		else if (str_eqc(key, "promptFeedback"))
			feedback = m;
		else if (str_eqc(key, "error"))
			error = m;
	}
	if (jt_is(error)) {
		fail(in, fault_of(error), jt_text(CODEC_TMP(in), error.type ==
		    JSCAN_STRING ? error : jt_get(error, "message")));
		return 0;
	}
	start(in, id, model);
	for (pos = 0; list.type == JSCAN_ARRAY &&
	    jt_each(list, &pos, NULL, &one);)
		if ((rc = candidate(in, one)) != 0)
			return rc;
	blocked(in, feedback);
	if (usage.type == JSCAN_OBJECT)
		take_usage(in, usage);
	put_finish(in);
	return 0;
}

static int
text(struct codec_in *in, struct str s)
{
	struct jscan_result res;
	struct jval v, one;
	size_t pos = 0;
	int rc = 0;

	if (jscan(s, NULL, NULL, 0, &res) != 0)
		return ERR_FORMAT;
	v = jt_value(s);
	if (v.type != JSCAN_ARRAY)
		return chunk(in, v);
	while (rc == 0 && !ge_in(in)->dead && jt_each(v, &pos, NULL, &one))
		rc = chunk(in, one);
	return rc;
}

int
ge_event(struct codec_in *in, const struct sse_event *ev)
{
	struct str s = ev->data;
	struct buf b;
	int rc;

	if (ev->data_lines == 0 || ge_in(in)->dead)
		return 0;
	if (ev->data_lines > 1) {
		buf_init(&b, JOINED_MAX);
		rc = sse_data(ev, &b);
		s = arena_str(CODEC_TMP(in), buf_str(&b));
		buf_free(&b);
		if (rc != 0)
			return rc;
	}
	return text(in, s);
}

int
ge_end(struct codec_in *in)
{
	struct ir_event ev = { .kind = IR_EV_END };

	if (in->ended || ge_in(in)->dead)
		return 0;
	if (!in->finished)
		return ERR_EOF;		/* broken off */
	in->ended = 1;
	say(in, &ev);
	return 0;
}

int
ge_body(struct codec_in *in, struct str body)
{
	int rc;

	if ((rc = text(in, body)) != 0)
		return rc;
	return ge_end(in);
}
