/*
 * mock_openai_misc.c - the OpenAI endpoints beside chat.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 */
#include <stdio.h>

#include "base/json.h"
#include "mock/mock_answer.h"
#include "mock/mock_gen.h"
#include "mock/mock_openai.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

/* Number of inputs: elements of an array of texts or of token arrays. */
static unsigned
inputs(const struct jscan_want *w)
{
	struct str key, value;
	enum jscan_type type;
	size_t pos = 0;
	unsigned n = 0;

	if (w->type != JSCAN_ARRAY)
		return 1;
	while (jscan_each(w->raw, &pos, &key, &value, &type)) {
		if (type == JSCAN_NUMBER)
			return 1;	/* one input, as tokens */
		n++;
	}
	return n;
}

static float
coordinate(uint64_t seed, unsigned i)
{
	return (float)((double)(mock_text_mix(seed + i) >> 40) /
	    16777216.0 - 0.5);
}

void
mock_openai_vector(struct buf *b, uint64_t seed, unsigned n, int base64)
{
	struct buf raw;
	unsigned i;
	float v;

	if (!base64) {
		for (i = 0; i < n; i++)
			buf_printf(b, "%c%.8f", i == 0 ? '[' : ',',
			    (double)coordinate(seed, i));
		buf_addc(b, ']');
		return;
	}
	buf_init(&raw, 65536);
	for (i = 0; i < n; i++) {
		v = coordinate(seed, i);
		buf_add(&raw, &v, sizeof(v));	/* little-endian hosts */
	}
	buf_addc(b, '"');
	crypto_base64(b, buf_str(&raw));
	buf_addc(b, '"');
	buf_free(&raw);
}

static void
put_model(struct buf *b, const struct mock_call *c)
{
	buf_adds(b, STR("\"model\":\""));
	buf_add_json(b, str_of(c->model));
	buf_addc(b, '"');
}

void
mock_openai_input_usage(struct mock_call *c, struct str input)
{
	struct mock_tokens *t = &c->a->tokens;
	enum mock_usage how = c->a->act.usage;
	struct buf *b = &c->a->body;

	t->input = mock_text_count(input.n);
	if (how == MOCK_USAGE_MISSING)
		return;
	t->reported = how == MOCK_USAGE_TRUE;
	buf_adds(b, STR(",\"usage\":{"));
	mock_gen_number(b, "prompt_tokens", t->input, how);
	buf_addc(b, ',');
	mock_gen_number(b, "total_tokens", t->input, how);
	buf_addc(b, '}');
}

void
mock_openai_embeddings(struct mock_call *c)
{
	unsigned n = inputs(&c->w[MOCK_W_INPUT]), i, dim;
	struct buf *b = &c->a->body;
	char coding[16];

	if (c->w[MOCK_W_INPUT].type == JSCAN_NONE || n == 0) {
		mock_request_error(c, 400, NULL, "'$.input' is invalid.");
		return;
	}
	mock_request_text(c, MOCK_W_ENCODING, coding, sizeof(coding));
	dim = (unsigned)mock_request_int(c, MOCK_W_DIMENSIONS, 16);
	if (dim < 1 || dim > 4096)
		dim = 16;
	mock_openai_headers(c->a);
	buf_adds(b, STR("{\"object\":\"list\",\"data\":["));
	for (i = 0; i < n; i++) {
		buf_printf(b, "%s{\"object\":\"embedding\",\"index\":%u,"
		    "\"embedding\":", i == 0 ? "" : ",", i);
		mock_openai_vector(b, mock_text_mix(c->m->seed + i), dim,
		    strcmp(coding, "base64") == 0);
		buf_addc(b, '}');
	}
	buf_adds(b, STR("],"));
	put_model(b, c);
	mock_openai_input_usage(c, c->w[MOCK_W_INPUT].raw);
	buf_addc(b, '}');
}

void
mock_openai_moderations(struct mock_call *c)
{
	static const char *const kinds[] = {
		"harassment", "harassment/threatening", "hate",
		"hate/threatening", "illicit", "illicit/violent", "self-harm",
		"self-harm/instructions", "self-harm/intent", "sexual",
		"sexual/minors", "violence", "violence/graphic",
	};
	int flagged = str_find(c->w[MOCK_W_INPUT].raw, STR("kill")) >= 0;
	unsigned n = inputs(&c->w[MOCK_W_INPUT]), i, k;
	struct buf *b = &c->a->body;
	char id[40];

	mock_openai_headers(c->a);
	mock_text_id(id, sizeof(id), "modr-", 29, c->m->seed + c->seq);
	buf_printf(b, "{\"id\":\"%s\",\"model\":\"%s\",\"results\":[", id,
	    c->model[0] != '\0' ? c->model : "omni-moderation-latest");
	for (i = 0; i < n; i++) {
		buf_printf(b, "%s{\"flagged\":%s,\"categories\":{",
		    i == 0 ? "" : ",", flagged ? "true" : "false");
		for (k = 0; k < 13; k++)
			buf_printf(b, "%s\"%s\":%s", k == 0 ? "" : ",",
			    kinds[k], flagged && k == 11 ? "true" : "false");
		buf_adds(b, STR("},\"category_scores\":{"));
		for (k = 0; k < 13; k++)
			buf_printf(b, "%s\"%s\":%s", k == 0 ? "" : ",",
			    kinds[k], flagged && k == 11 ? "0.97" : "0.0001");
		buf_adds(b, STR("}}"));
	}
	buf_adds(b, STR("]}"));
}

/* The smallest PNG: one transparent pixel. */
static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA"
    "DUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

void
mock_openai_images(struct mock_call *c)
{
	int64_t n = mock_request_int(c, MOCK_W_N, 1), i;
	struct mock_tokens *t = &c->a->tokens;
	struct buf *b = &c->a->body;
	char format[16];

	mock_request_text(c, MOCK_W_RESPONSE_FORMAT, format, sizeof(format));
	mock_openai_headers(c->a);
	buf_printf(b, "{\"created\":%lld,\"data\":[",
	    (long long)mock_gen_created(c));
	for (i = 0; i < n && i < 10; i++) {
		if (strcmp(format, "url") == 0)
			buf_printf(b, "%s{\"url\":\"https://images.example/"
			    "%lld.png\"}", i == 0 ? "" : ",", (long long)i);
		else
			buf_printf(b, "%s{\"b64_json\":\"%s\"}",
			    i == 0 ? "" : ",", png);
	}
	t->input = mock_text_count(c->w[MOCK_W_PROMPT].raw.n);
	t->output = 272 * i;
	t->reported = c->a->act.usage == MOCK_USAGE_TRUE;
	buf_adds(b, STR("]"));
	if (c->a->act.usage != MOCK_USAGE_MISSING) {
		buf_adds(b, STR(",\"usage\":{"));
		mock_gen_number(b, "input_tokens", t->input,
		    c->a->act.usage);
		buf_addc(b, ',');
		mock_gen_number(b, "output_tokens", t->output,
		    c->a->act.usage);
		buf_printf(b, ",\"total_tokens\":%lld,\"input_tokens_details\""
		    ":{\"text_tokens\":%lld,\"image_tokens\":0}}",
		    (long long)(t->input + t->output), (long long)t->input);
	}
	buf_addc(b, '}');
}

/* Binary: 256 bytes per token asked for, an MPEG frame header first. */
void
mock_openai_speech(struct mock_call *c)
{
	int tokens = c->a->act.tokens >= 0 ? c->a->act.tokens : 16, i;
	char frame[256];

	mock_openai_headers(c->a);
	c->a->ctype = "audio/mpeg";
	for (i = 0; i < 256; i++)
		frame[i] = (char)i;
	frame[0] = (char)0xff;
	frame[1] = (char)0xfb;
	for (; tokens > 0; tokens--)
		buf_add(&c->a->body, frame, sizeof(frame));
}

/* The value of a form field, "" when absent. */
static struct str
form_field(struct str body, const char *name)
{
	char text[64];
	long at;

	snprintf(text, sizeof(text), "name=\"%s\"\r\n", name);
	if ((at = str_find(body, str_of(text))) < 0)
		return STR("");
	body = str_skip(body, (size_t)at);
	if ((at = str_find(body, STR("\r\n\r\n"))) < 0)
		return STR("");
	body = str_skip(body, (size_t)at + 4);
	at = str_find(body, STR("\r\n"));
	return at < 0 ? STR("") : str_make(body.p, (size_t)at);
}

static enum mock_next
transcript_next(struct mock_answer *a, struct buf *b)
{
	struct mock_gen *g = &a->gen;
	unsigned i;

	if (g->token < g->tokens) {
		buf_adds(b, STR("data: {\"type\":\"transcript.text.delta\","
		    "\"delta\":\""));
		mock_text_token(b, g->marker, 0, g->token++);
		buf_adds(b, STR("\"}\n\n"));
		return g->token < g->tokens ? MOCK_NEXT_TOKEN : MOCK_NEXT_NOW;
	}
	buf_adds(b, STR("data: {\"type\":\"transcript.text.done\","
	    "\"text\":\""));
	for (i = 0; i < g->tokens; i++)
		mock_text_token(b, g->marker, 0, i);
	buf_printf(b, "\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":"
	    "%lld,\"output_tokens\":%lld,\"total_tokens\":%lld}}\n\n",
	    (long long)a->tokens.input, (long long)a->tokens.output,
	    (long long)(a->tokens.input + a->tokens.output));
	a->tokens.reported = 1;
	return MOCK_NEXT_END;
}

void
mock_openai_transcription(struct mock_call *c)
{
	struct str format = form_field(c->body, "response_format");
	int tokens = c->a->act.tokens >= 0 ? c->a->act.tokens : 16, i;
	struct mock_tokens *t = &c->a->tokens;
	struct buf *b = &c->a->body;

	if (c->model[0] == '\0') {
		mock_request_error(c, 400, NULL, "you must provide a model "
		    "parameter");
		return;
	}
	if (str_find(c->body, STR("name=\"file\"")) < 0) {
		mock_request_error(c, 400, NULL, "file is a required field");
		return;
	}
	mock_openai_headers(c->a);
	t->input = mock_text_count(c->body.n);
	t->output = tokens;
	str_copy(c->a->gen.marker, MOCK_MARKER, c->marker);
	if (str_eqc(form_field(c->body, "stream"), "true")) {
		c->a->ctype = "text/event-stream; charset=utf-8";
		c->a->gen.tokens = (unsigned)tokens;
		c->a->next = transcript_next;
		return;
	}
	if (str_eqc(format, "text")) {
		c->a->ctype = "text/plain; charset=utf-8";
		for (i = 0; i < tokens; i++)
			mock_text_token(b, c->a->gen.marker, 0, (unsigned)i);
		buf_addc(b, '\n');
		return;
	}
	buf_adds(b, STR("{\"text\":\""));
	for (i = 0; i < tokens; i++)
		mock_text_token(b, c->a->gen.marker, 0, (unsigned)i);
	t->reported = c->a->act.usage == MOCK_USAGE_TRUE;
	buf_printf(b, "\",\"usage\":{\"type\":\"tokens\",\"total_tokens\":"
	    "%lld,\"input_tokens\":%lld,\"input_token_details\":{"
	    "\"text_tokens\":0,\"audio_tokens\":%lld},\"output_tokens\":"
	    "%lld}}", (long long)(t->input + t->output), (long long)t->input,
	    (long long)t->input, (long long)t->output);
}

void
mock_openai_rerank(struct mock_call *c)
{
	unsigned n = inputs(&c->w[MOCK_W_DOCUMENTS]), i, top;
	struct buf *b = &c->a->body;
	char id[48];

	mock_text_id(id, sizeof(id), "rerank-", 24, c->m->seed + c->seq);
	top = (unsigned)mock_request_int(c, MOCK_W_TOP_N, n);
	if (top > n)
		top = n;
	buf_printf(b, "{\"id\":\"%s\",\"results\":[", id);
	for (i = 0; i < top; i++)
		buf_printf(b, "%s{\"index\":%u,\"relevance_score\":%.6f}",
		    i == 0 ? "" : ",", i, 1.0 / (2.0 + i));
	buf_printf(b, "],\"meta\":{\"api_version\":{\"version\":\"2\"},"
	    "\"billed_units\":{\"search_units\":1}}");
	mock_openai_input_usage(c, c->w[MOCK_W_DOCUMENTS].raw);
	buf_addc(b, '}');
}

static const char *const usual_models[] = {
	"gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5-mini", "o4-mini",
	"text-embedding-3-small", "tts-1", "whisper-1", NULL
};

static void
put_entry(struct buf *b, const char *model)
{
	buf_adds(b, STR("{\"id\":\""));
	buf_add_json(b, str_of(model));
	buf_adds(b, STR("\",\"object\":\"model\",\"created\":1715367049,"
	    "\"owned_by\":\"system\"}"));
}

void
mock_openai_models(struct mock_call *c)
{
	const char *const *l = mock_gen_models(c, usual_models);
	size_t i;

	mock_openai_headers(c->a);
	buf_adds(&c->a->body, STR("{\"object\":\"list\",\"data\":["));
	for (i = 0; l[i] != NULL; i++) {
		if (i > 0)
			buf_addc(&c->a->body, ',');
		put_entry(&c->a->body, l[i]);
	}
	buf_adds(&c->a->body, STR("]}"));
}

void
mock_openai_model(struct mock_call *c)
{
	long at = str_find(c->head->path, STR("/models/"));
	struct str name = str_skip(c->head->path, (size_t)at + 8);
	const char *const *l = mock_gen_models(c, usual_models);
	char text[256];

	for (; *l != NULL; l++)
		if (str_eqc(name, *l)) {
			mock_openai_headers(c->a);
			put_entry(&c->a->body, *l);
			return;
		}
	snprintf(text, sizeof(text), "The model '%.*s' does not exist",
	    STR_ARG(name));
	mock_request_error(c, 404, "model_not_found", text);
}
