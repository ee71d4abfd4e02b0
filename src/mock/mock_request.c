/*
 * mock_request.c - from a request to an answer ready to be sent.
 *
 * Runs in: aigw-mock.
 * Owns: nothing.
 *
 * What shall go wrong is collected from the configuration, the rules, the
 * model name, the body and the header x-mock, the later over the earlier.
 */
#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "mock/mock_answer.h"
#include "mock/mock_dialects.h"
#include "mock/mock_replay.h"
#include "mock/mock_request.h"
#include "mock/mock_text.h"

#define TAG_AREA	16384		/* where [[...]] is looked for */

static const char *const wants[MOCK_WANTS] = {
	[MOCK_W_MODEL] = "model",
	[MOCK_W_STREAM] = "stream",
	[MOCK_W_USAGE] = "stream_options.include_usage",
	[MOCK_W_MESSAGES] = "messages",
	[MOCK_W_PROMPT] = "prompt",
	[MOCK_W_INPUT] = "input",
	[MOCK_W_TOOLS] = "tools",
	[MOCK_W_TOOL_CHOICE] = "tool_choice",
	[MOCK_W_N] = "n",
	[MOCK_W_MAX_TOKENS] = "max_tokens",
	[MOCK_W_MAX_COMPLETION] = "max_completion_tokens",
	[MOCK_W_MAX_OUTPUT] = "max_output_tokens",
	[MOCK_W_FORMAT] = "response_format.type",
	[MOCK_W_TEXT_FORMAT] = "text.format.type",
	[MOCK_W_EFFORT] = "reasoning_effort",
	[MOCK_W_CACHE_KEY] = "prompt_cache_key",
	[MOCK_W_ENCODING] = "encoding_format",
	[MOCK_W_DIMENSIONS] = "dimensions",
	[MOCK_W_DOCUMENTS] = "documents",
	[MOCK_W_TOP_N] = "top_n",
	[MOCK_W_RESPONSE_FORMAT] = "response_format",
	[MOCK_W_INSTRUCTIONS] = "instructions",
	[MOCK_W_CONTENTS] = "contents",
	[MOCK_W_TEXT] = "text",
	[MOCK_W_REASONING] = "reasoning.effort",
	[MOCK_W_SUMMARY] = "reasoning.summary",
	[MOCK_W_INCLUDE] = "include",
	[MOCK_W_LOGPROBS] = "logprobs",
};

void
mock_request_text(const struct mock_call *c, enum mock_want w, char *dst,
    size_t size)
{
	if (c->w[w].type != JSCAN_STRING ||
	    jscan_string(c->w[w].raw, dst, size) < 0)
		dst[0] = '\0';
}

int64_t
mock_request_int(const struct mock_call *c, enum mock_want w, int64_t dflt)
{
	uint64_t v;

	if (c->w[w].type != JSCAN_NUMBER ||
	    jscan_u64(c->w[w].raw, &v) != 0 || v > INT32_MAX)
		return dflt;
	return (int64_t)v;
}

int
mock_request_true(const struct mock_call *c, enum mock_want w)
{
	return c->w[w].type == JSCAN_TRUE;
}

struct str
mock_request_query(const struct mock_call *c, const char *name)
{
	struct str rest = c->head->query, part;
	size_t n = strlen(name);

	while (str_split(&rest, '&', &part))
		if (part.n > n && part.p[n] == '=' &&
		    memcmp(part.p, name, n) == 0)
			return str_skip(part, n + 1);
	return STR_NULL;
}

void
mock_request_error(struct mock_call *c, int status, const char *code,
    const char *message)
{
	c->dialect->error(c->a, status, code, message);
}

static struct str
credential(const struct mock_call *c)
{
	const struct http1_head *h = c->head;
	static const enum hdr_id ids[] = {
		HDR_X_API_KEY, HDR_API_KEY, HDR_X_GOOG_API_KEY
	};
	const struct hdr *f = hdr_find(h->h, h->n, HDR_AUTHORIZATION);
	size_t i;

	if (f != NULL && f->value.n > 7 &&
	    strncasecmp(f->value.p, "bearer ", 7) == 0)
		return str_trim(str_skip(f->value, 7));
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if ((f = hdr_find(h->h, h->n, ids[i])) != NULL)
			return f->value;
	return c->dialect == &mock_gemini ? mock_request_query(c, "key") :
	    STR("");
}

/* x-request-id: a mixed number, the same for the same seed and request. */
static void
make_id(struct mock_call *c)
{
	uint64_t v[2];

	v[0] = mock_text_mix(c->m->seed ^ c->seq * 2);
	v[1] = mock_text_mix(v[0] ^ c->seq);
	memcpy(c->id, "req_", 4);
	crypto_hex(c->id + 4, v, sizeof(v));
	str_copy(c->a->id, sizeof(c->a->id), str_of(c->id));
}

/* Where open stands in the first or last 16 KiB; NULL: nowhere. */
static const char *
find_tag(struct str body, struct str open)
{
	struct str first = str_make(body.p, body.n < TAG_AREA ? body.n :
	    TAG_AREA), last = str_skip(body, body.n - first.n);
	long at = str_find(first, open);

	if (at >= 0)
		return first.p + at;
	if (body.n > TAG_AREA && (at = str_find(last, open)) >= 0)
		return last.p + at;
	return NULL;
}

/* The text of [[name:text]] in the body, or STR_NULL. */
static struct str
tagged(struct str body, struct str open)
{
	const char *at = find_tag(body, open);
	long end;

	if (at == NULL)
		return STR_NULL;
	body = str_skip(body, (size_t)(at - body.p) + open.n);
	end = str_find(str_make(body.p, body.n < 512 ? body.n : 512),
	    STR("]]"));
	return end < 0 ? STR_NULL : str_make(body.p, (size_t)end);
}

/* The mark in any place of the body. */
static struct str
marked(struct str body)
{
	long at = str_find(body, STR("[[marker:")), end;

	if (at < 0)
		return STR("");
	body = str_skip(body, (size_t)at + 9);
	end = str_find(body, STR("]]"));
	return end < 0 || end >= MOCK_MARKER ? STR("") :
	    str_make(body.p, (size_t)end);
}

/* Words that are not understood make a 400, so that no test lies. */
static int
more_words(struct mock_call *c, struct str words)
{
	char text[160];
	struct str bad;

	if (words.p == NULL || mock_act_parse(&c->a->act, words, &bad) == 0)
		return 0;
	snprintf(text, sizeof(text), "x-mock: not understood: %.*s",
	    STR_ARG(bad));
	mock_act_init(&c->a->act);
	mock_request_error(c, 400, "mock_words", text);
	return ERR_FORMAT;
}

static int
collect_acts(struct mock_call *c, const struct mock_conf *conf,
    struct str model_words)
{
	struct mock_facts f = { c->head->method_text, c->head->path,
	    str_of(c->model), c->key };
	const struct hdr *x;
	struct str words;

	c->a->act = conf->base;
	mock_conf_rules(conf, c->m->sh, &f, &c->a->act);
	if (more_words(c, model_words) != 0)
		return ERR_FORMAT;
	if (find_tag(c->body, STR("[[m")) != NULL) {
		words = tagged(c->body, STR("[[marker:"));
		if (words.n < MOCK_MARKER)
			c->marker = words;
		if (more_words(c, tagged(c->body, STR("[[mock:"))) != 0)
			return ERR_FORMAT;
	}
	/* What a tool has said may stand anywhere. */
	if (c->marker.n == 0 && c->a->act.tool[0] != '\0')
		c->marker = marked(c->body);
	x = hdr_find_name(c->head->h, c->head->n, STR("x-mock"));
	return x == NULL ? 0 : more_words(c, x->value);
}

/* "!words" behind a model name are no part of it. */
static void
set_model(struct mock_call *c, char *full)
{
	char *bang = strchr(full, '!');

	if (bang != NULL)
		*bang = '\0';
	str_copy(c->model, sizeof(c->model), str_of(full));
}

/* .../models/NAME:operation or .../deployments/NAME/operation */
static void
scan_path(struct mock_call *c, struct str *model_words)
{
	static const char *const marks[] = { "/models/", "/deployments/" };
	struct str rest = STR_NULL;
	char full[512];
	long at;
	size_t i;

	for (i = 0; i < 2 && rest.p == NULL; i++)
		if ((at = str_find(c->head->path, str_of(marks[i]))) >= 0)
			rest = str_skip(c->head->path, (size_t)at +
			    strlen(marks[i]));
	if ((at = str_find(rest, i == 1 ? STR(":") : STR("/"))) >= 0)
		rest = str_make(rest.p, (size_t)at);
	if (rest.p == NULL || str_copy(full, sizeof(full), rest) != 0)
		return;
	if ((at = str_chr(rest, '!')) >= 0)
		*model_words = str_skip(rest, (size_t)at + 1);
	set_model(c, full);
}

const char *
mock_request_extra(struct json_object *o, const char *const *known)
{
	size_t i;

	if (!json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_foreach(o, name, value) {
		(void)value;
		for (i = 0; known[i] != NULL; i++)
			if (strcmp(name, known[i]) == 0)
				break;
		if (known[i] == NULL)
			return name;
	}
	return NULL;
}

/* Look at a JSON body: NULL, or what is wrong with it. */
static const char *
scan_body(struct mock_call *c, struct str *model_words)
{
	/* Embeddings of token numbers: more than a million may come. */
	static const struct jscan_opts opts = { .max_values = UINT_MAX };
	struct jscan_result res;
	char full[512];
	int i;

	for (i = 0; i < MOCK_WANTS; i++)
		c->w[i].path = wants[i];
	if (jscan(c->body, &opts, c->w, MOCK_WANTS, &res) != 0 ||
	    res.type != JSCAN_OBJECT)
		return "We could not parse the JSON body of your request.";
	mock_request_text(c, MOCK_W_MODEL, full, sizeof(full));
	if (strchr(full, '!') != NULL) {
		/* The words as they stand in the body: slices must live. */
		*model_words = str_skip(c->w[MOCK_W_MODEL].raw,
		    (size_t)str_chr(c->w[MOCK_W_MODEL].raw, '!') + 1);
		model_words->n--;
	}
	if (c->endpoint->flags & MOCK_IN_PATH)
		return NULL;
	set_model(c, full);
	return full[0] == '\0' && (c->endpoint->flags & MOCK_MODEL) ?
	    "you must provide a model parameter" : NULL;
}

/* The field "model" of a form. */
static void
scan_form(struct mock_call *c)
{
	long at = str_find(c->body, STR("name=\"model\"\r\n")), end;
	struct str rest;

	if (at < 0)
		return;
	rest = str_skip(c->body, (size_t)at);
	if ((at = str_find(rest, STR("\r\n\r\n"))) < 0)
		return;
	rest = str_skip(rest, (size_t)at + 4);
	if ((end = str_find(rest, STR("\r\n"))) >= 0)
		str_copy(c->model, sizeof(c->model),
		    str_make(rest.p, (size_t)end));
}

static int
listed(char **l, struct str s)
{
	for (; *l != NULL; l++)
		if (str_eqc(s, *l))
			return 1;
	return 0;
}

/*
 * Key, form and model in the order of a provider; bad: what is wrong with the
 * body, or NULL. 0, or the answer is an error.
 */
static int
check_known(struct mock_call *c, const struct mock_conf *conf,
    const char *bad)
{
	char text[256];

	if (conf->keys != NULL && !(c->endpoint->flags & MOCK_OPEN) &&
	    !listed(conf->keys, c->key)) {
		mock_request_error(c, 401, "invalid_api_key",
		    c->key.n == 0 ? "You didn't provide an API key." :
		    "Incorrect API key provided.");
		return ERR_DENIED;
	}
	if (bad != NULL) {
		mock_request_error(c, 400, NULL, bad);
		return ERR_FORMAT;
	}
	if ((c->endpoint->flags & MOCK_MODEL) && conf->models != NULL &&
	    !listed(conf->models, str_of(c->model))) {
		snprintf(text, sizeof(text), "The model `%s` does not exist "
		    "or you do not have access to it.", c->model);
		mock_request_error(c, 404, "model_not_found", text);
		return ERR_NOTFOUND;
	}
	return 0;
}

static void
scripted_error(struct mock_call *c)
{
	const struct mock_act *act = &c->a->act;

	if (act->retry_after >= 0)
		buf_printf(&c->a->extra, "retry-after: %lld\r\n",
		    (long long)act->retry_after);
	mock_request_error(c, act->status, act->code[0] == '\0' ? NULL :
	    act->code, act->message[0] == '\0' ? NULL : act->message);
}

static void
meter(struct mock_call *c, struct str head)
{
	const struct hdr *f = hdr_find(c->head->h, c->head->n,
	    HDR_X_REQUEST_ID);
	struct mock_answer *a = c->a;
	struct mock_arrival in = {
		str_of(c->id), f == NULL ? STR("") : f->value, c->marker,
		c->key, str_of(c->model), str_of(c->endpoint->label), head,
		c->body, c->a->no_digest
	};

	a->rec = mock_meter_begin(c->m->sh, c->seq, &in, &a->row);
	a->seq = c->seq;
	a->metered = 1;
}

static void
answer_call(struct mock_call *c, struct str head)
{
	const struct mock_conf *conf = mock_conf_get(c->m->sh, &c->m->conf);
	struct str words = STR_NULL;
	const char *bad = NULL;

	c->a->no_digest = conf->no_digest;
	if (c->endpoint->flags & MOCK_IN_PATH)
		scan_path(c, &words);
	if (c->endpoint->flags & MOCK_JSON)
		bad = scan_body(c, &words);
	else if ((c->endpoint->flags & (MOCK_FORM | MOCK_IN_PATH)) ==
	    MOCK_FORM)
		scan_form(c);
	if (collect_acts(c, conf, words) != 0) {
		meter(c, head);
		return;
	}
	meter(c, head);
	if (check_known(c, conf, bad) != 0)
		return;
	if (c->a->act.status != 0) {
		scripted_error(c);
		return;
	}
	if (c->m->replay == NULL || !mock_replay_find(c))
		c->endpoint->fn(c);
}

void
mock_request(struct mock_answer *a, const struct http1_head *h,
    struct str head, struct str body)
{
	struct mock_call c;

	memset(&c, 0, sizeof(c));
	c.m = a->m;
	c.head = h;
	c.body = body;
	c.a = a;
	c.marker = STR("");
	c.dialect = mock_dialect_find(h, &c.endpoint);
	a->dialect = c.dialect;
	c.key = credential(&c);
	if (str_starts(h->path, STR("/_mock/"))) {
		str_copy(a->id, sizeof(a->id), STR("control"));
		mock_control(&c);
		return;
	}
	c.seq = mock_meter_next(c.m->sh);
	make_id(&c);
	answer_call(&c, head);
}
