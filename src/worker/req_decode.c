/*
 * req_decode.c - DECODE: model and stream flag by a scan of the body.
 *
 * Runs in: worker.
 * Owns: nothing.
 *
 * The strict scanner accepts the bytes or the request ends here: what goes to
 * a provider was accepted; forms are in req_form.c. On the raw proxy anything
 * is forwarded, but only what the scanner accepts says anything about itself.
 *
 * A long body is looked at in slices, since others have theirs in between.
 */
#include <limits.h>

#include "base/err.h"
#include "base/jscan.h"
#include "worker/req.h"
#include "worker/speak.h"
#include "worker/style.h"
#include "worker/unified.h"
#include "worker/where.h"

#define SLICE	(64u << 10)	/* bytes scanned at a time */
#define MAX_CHOICES 1024	/* more is refused by every provider */

enum { W_MODEL, W_STREAM, W_MAX, W_MAX_NEW, W_OPTIONS, W_INCLUDE, W_CHOICES,
	W_CHAT_COUNT,
	/* where there may be other styles */
	W_MESSAGES = W_CHAT_COUNT, W_VERSION, W_SAMPLE, W_STYLES_COUNT,
	/* of other families than OpenAI's chat */
	W_LIMIT = W_CHAT_COUNT, W_OTHER_COUNT,
	/* of Gemini's, whose servers take each name in two spellings */
	W_LIMIT_LAST = W_LIMIT + 3, W_CANDIDATES, W_GEMINI_COUNT =
	W_CANDIDATES + 4,
	/* of the raw proxy, which may speak any: Gemini's and these */
	W_OUTPUT = W_GEMINI_COUNT, W_PREDICT, W_OLD, W_COUNT };

int
req_asks_stream(const struct req *r)
{
	struct str query = r->head->query, part;

	while (str_split(&query, '&', &part))
		if (str_eqc(part, "stream=true"))
			return 1;
	return 0;
}

static int
accepts_stream(const struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n, HDR_ACCEPT);

	return h != NULL && hdr_has_token(h->value, STR("text/event-stream"));
}

static void
set_stream(struct req *r, const struct jscan_want *w)
{
	if ((r->ep.ep->flags & ENDPOINT_COUNTS) || endpoint_embeds(r->ep.ep))
		return;
	if (r->ep.ep->family == FAMILY_GEMINI)
		r->stream = strcmp(r->ep.ep->suffix + 1,
		    "streamGenerateContent") == 0;
	else if (w->type == JSCAN_TRUE)
		r->stream = 1;
	else if (speak_client_codec(r->ep.ep)->streams)
		r->stream = w->type != JSCAN_FALSE;
	else if (req_asks_stream(r))
		r->stream = 1;
	else if ((r->ep.ep->flags & (ENDPOINT_CHAT | ENDPOINT_UNIFIED)) ==
	    ENDPOINT_CHAT && w->type != JSCAN_FALSE && accepts_stream(r))
		r->stream = 1;
}

static enum step
bad_json(struct req *r, const struct jscan_result *res)
{
	return req_fail(r, FAULT_BAD_JSON, req_printf(r, "the body is not "
	    "valid JSON: %s at byte %zu", res->what, res->at), NULL);
}

static int
read_model(struct req *r, const struct jscan_want *w)
{
	char name[512];
	long n = w->type != JSCAN_STRING ? 0 :
	    jscan_string(w->raw, name, sizeof(name));

	if (n <= 0)
		return ERR_FORMAT;
	r->model = str_make(arena_strndup(r->arena, name, (size_t)n),
	    (size_t)n);
	return 0;
}

/* The model of the path is the one; OpenAI's clients name it twice. */
static enum step
path_model(struct req *r, const struct jscan_want *w)
{
	r->model = where_unescape(r->arena, r->ep.rest);
	if (r->ep.ep->family == FAMILY_AZURE && w->type != JSCAN_NONE &&
	    w->type != JSCAN_NULL && w->type != JSCAN_STRING)
		return req_fail(r, FAULT_BAD_REQUEST, "model must be a "
		    "string", "model");
	return STEP_ROUTE;
}

static enum step
set_model(struct req *r, const struct jscan_want *w)
{
	if (r->ep.ep->flags & ENDPOINT_IN_PATH)
		return path_model(r, w);
	if (w->type == JSCAN_NONE || w->type == JSCAN_NULL) {
		if (r->ep.ep->flags & ENDPOINT_MODEL_OPTIONAL)
			return STEP_ROUTE;
		return req_fail(r, FAULT_BAD_REQUEST, "you must provide a "
		    "model parameter", "model");
	}
	if (w->type != JSCAN_STRING)
		return req_fail(r, FAULT_BAD_REQUEST, "model must be a "
		    "string", "model");
	if (read_model(r, w) != 0)
		return req_fail(r, FAULT_BAD_REQUEST, "model must be a "
		    "string of 1 to 511 bytes", "model");
	return STEP_ROUTE;
}

/* Of several members that say it a provider may read any: the largest. */
static uint64_t
largest(const struct jscan_want *w, unsigned from, unsigned to)
{
	uint64_t v, most = 0;

	for (; from <= to; from++)
		if (jscan_u64(w[from].raw, &v) == 0 && v > most)
			most = v;
	return most;
}

/* OpenAI's own members only; for the others there are more to look for. */
static int
is_chat(const struct req *r)
{
	return speak_client_codec(r->ep.ep)->limit == NULL;
}

static int
is_gemini(const struct req *r)
{
	return r->ep.ep->dialect == DIALECT_GEMINI;
}

/* What the answer may have at most. */
static void
set_bounds(struct req *r, const struct jscan_want *w)
{
	struct req_body_marks *m = &r->marks;

	if (is_chat(r)) {
		m->max_tokens = largest(w, W_MAX, W_MAX_NEW);
		m->choices = largest(w, W_CHOICES, W_CHOICES);
	} else if (is_gemini(r)) {
		m->max_tokens = largest(w, W_LIMIT, W_LIMIT_LAST);
		m->choices = largest(w, W_CANDIDATES, W_GEMINI_COUNT - 1);
	} else
		m->max_tokens = largest(w, W_LIMIT, W_LIMIT);
	if (m->choices > MAX_CHOICES)
		m->choices = 0;
}

struct decode {
	struct jscan_want w[W_COUNT];
	struct jscan_result res;
	struct media_run files;
	int		 rc;		/* of the whole scan */
	int		 again;		/* loose */
};

static step_fn decode_json;

/* Another style than the path's: 1, and *next is what comes of it. Then
 * nothing that was found in the body holds any more. */
static int
restyle(struct req *r, const struct jscan_want *w, enum step *next)
{
	int claude = w[W_VERSION].type != JSCAN_NONE ||
	    w[W_SAMPLE].type != JSCAN_NONE, rc;

	if (!claude && w[W_MESSAGES].type != JSCAN_NONE)
		return 0;
	switch (rc = style_adapt(r, claude)) {
	case 0:
		return 0;
	case 1:
		*next = decode_json(r);
		break;
	case ERR_AGAIN:
		*next = req_go_on(r);
		break;
	default:
		*next = req_fail(r, rc == ERR_TOOBIG ? FAULT_BODY_TOO_LARGE :
		    FAULT_OVERLOAD, rc == ERR_TOOBIG ? "the body is too "
		    "large for what it says" : "the gateway is short of "
		    "memory, try again", NULL);
	}
	return 1;
}

static enum step
take(struct req *r, const struct decode *d)
{
	const struct jscan_want *w = d->w;
	struct str body = buf_str(&r->body);
	enum step next;
	const char *brace;

	if (r->ep.ep->flags & ENDPOINT_UNIFIED) {
		set_stream(r, &w[W_STREAM]);
		return unified_decode(r);
	}
	if (d->res.type != JSCAN_OBJECT)
		return req_fail(r, FAULT_BAD_REQUEST, "the body must be a "
		    "JSON object", NULL);
	if ((next = set_model(r, &w[W_MODEL])) != STEP_ROUTE)
		return next;
	if ((r->ep.ep->flags & ENDPOINT_STYLES) &&
	    restyle(r, w, &next))
		return next;
	if (w[W_STREAM].type > JSCAN_TRUE)
		return req_fail(r, FAULT_BAD_REQUEST, "stream must be true "
		    "or false", "stream");
	set_stream(r, &w[W_STREAM]);
	brace = memchr(body.p, '{', body.n);
	r->marks.open = (size_t)(brace - body.p) + 1;
	r->marks.model_raw = w[W_MODEL].raw;
	r->marks.stream_raw = w[W_STREAM].raw;
	r->marks.options_raw = w[W_OPTIONS].raw;
	r->marks.include_raw = w[W_INCLUDE].raw;
	if (w[W_INCLUDE].type != JSCAN_TRUE)
		r->hide_usage = 1;	/* if we ask for it ourselves */
	set_bounds(r, w);
	return STEP_ROUTE;
}

static int
has_styles(const struct req *r)
{
	return r->ep.ep != NULL && (r->ep.ep->flags & ENDPOINT_STYLES);
}

static void
set_wants(const struct req *r, struct decode *d)
{
	static const char *const paths[W_COUNT] = {
		[W_MODEL] = "model",
		[W_STREAM] = "stream",
		[W_OPTIONS] = "stream_options",
		[W_INCLUDE] = "stream_options.include_usage",
		[W_MAX] = "max_tokens",
		[W_MAX_NEW] = "max_completion_tokens",
		[W_CHOICES] = "n",
		[W_LIMIT] = "generationConfig.maxOutputTokens",
		[W_LIMIT + 1] = "generationConfig.max_output_tokens",
		[W_LIMIT + 2] = "generation_config.maxOutputTokens",
		[W_LIMIT_LAST] = "generation_config.max_output_tokens",
		[W_CANDIDATES] = "generationConfig.candidateCount",
		[W_CANDIDATES + 1] = "generationConfig.candidate_count",
		[W_CANDIDATES + 2] = "generation_config.candidateCount",
		[W_CANDIDATES + 3] = "generation_config.candidate_count",
		[W_OUTPUT] = "max_output_tokens",
		[W_PREDICT] = "options.num_predict",
		[W_OLD] = "max_tokens_to_sample",
	};
	int i;

	for (i = 0; i < W_COUNT; i++)
		d->w[i].path = paths[i];
	if (r->ep.ep != NULL && !is_chat(r))
		d->w[W_LIMIT].path = speak_client_codec(r->ep.ep)->limit;
	if (req_counts(r) && r->ep.ep->family == FAMILY_GEMINI)
		d->w[W_MODEL].path = "generateContentRequest.model";
	if (!has_styles(r))
		return;
	d->w[W_MESSAGES].path = "messages";
	d->w[W_VERSION].path = "anthropic_version";
	d->w[W_SAMPLE].path = "max_tokens_to_sample";
}

/*
 * The scan needs no memory for a value, and max_body bounds it: a request for
 * embeddings may hold millions of token numbers. Key twins: a provider written
 * in Go would take "Model" for "model".
 */
static const struct jscan_opts strict = {
	.max_depth = 64, .max_values = UINT_MAX, .no_duplicates = 1,
	.no_case_twins = 1
};
/* Of the raw proxy, when it is not that: what the laxest provider may read. */
static const struct jscan_opts loose = {
	.max_depth = 1024, .max_values = UINT_MAX, .any_text = 1, .largest = 1
};

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The raw proxy: for the books, limits and allow lists. */
static enum step
take_raw(struct req *r, const struct decode *d)
{
	struct req_body_marks *m = &r->marks;

	r->stream = d->w[W_STREAM].type == JSCAN_TRUE;
	m->max_tokens = larger(larger(largest(d->w, W_MAX, W_MAX_NEW),
	    largest(d->w, W_LIMIT, W_LIMIT_LAST)),
	    largest(d->w, W_OUTPUT, W_OLD));
	m->choices = larger(largest(d->w, W_CHOICES, W_CHOICES),
	    largest(d->w, W_CANDIDATES, W_GEMINI_COUNT - 1));
	if (m->choices > MAX_CHOICES)
		m->choices = 0;
	if (r->json)		/* else it may stand twice: nobody knows */
		(void)read_model(r, &d->w[W_MODEL]);
	return STEP_ROUTE;
}

static enum step
scanned(struct req *r, const struct decode *d)
{
	r->json = d->rc == 0 && !d->again;
	if (r->ep.kind == ENDPOINT_RAW)
		return take_raw(r, d);
	return d->rc == 0 ? take(r, d) : bad_json(r, &d->res);
}

static unsigned
wanted(const struct req *r)
{
	return r->ep.kind == ENDPOINT_RAW ? W_COUNT :
	    has_styles(r) ? W_STYLES_COUNT :
	    is_chat(r) ? W_CHAT_COUNT :
	    is_gemini(r) ? W_GEMINI_COUNT : W_OTHER_COUNT;
}

/* Is it to be scanned once more, as what providers may take for JSON? */
static int
is_loose(const struct req *r, struct decode *d)
{
	if (d->rc == 0 || d->rc == ERR_AGAIN || d->again ||
	    r->ep.kind != ENDPOINT_RAW)
		return 0;
	return d->again = 1;
}

static enum step
decode_slice(struct req *r)
{
	struct decode *d = r->decode;
	struct str body = buf_str(&r->body);

	if (d == NULL) {
		d = r->decode = arena_zalloc(r->arena, sizeof(*d));
		set_wants(r, d);
		r->scan = jscan_begin(body, &strict, d->w, wanted(r),
		    &d->res);
	}
	if (r->scan != NULL)
		d->rc = jscan_some(r->scan, SLICE);
	if (d->rc != ERR_AGAIN)
		jscan_free(&r->scan);
	if (is_loose(r, d)) {
		r->scan = jscan_begin(body, &loose, d->w, W_COUNT, &d->res);
		d->rc = ERR_AGAIN;
	}
	if (d->rc == ERR_AGAIN || (d->rc == 0 && media_some(body, &d->files,
	    SLICE, &r->files) == ERR_AGAIN))
		return req_go_on(r);
	r->files_known = 1;
	return scanned(r, d);
}

static enum step
decode_json(struct req *r)
{
	struct decode d;

	if (buf_len(&r->body) > SLICE)
		return decode_slice(r);
	set_wants(r, &d);
	d.again = 0;
	d.rc = jscan(buf_str(&r->body), &strict, d.w, wanted(r), &d.res);
	if (is_loose(r, &d))
		d.rc = jscan(buf_str(&r->body), &loose, d.w, W_COUNT, &d.res);
	return scanned(r, &d);
}

static int
coded(const struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_CONTENT_ENCODING);

	return h != NULL && !str_ieq(h->value, STR("identity"));
}

enum step
req_decode(struct req *r)
{
	const struct hdr *h = hdr_find(r->head->h, r->head->n,
	    HDR_CONTENT_TYPE);
	enum step next;

	if (r->looking != NULL)
		return take(r, r->decode);
	if (r->gone)
		return req_fail(r, FAULT_CLIENT_GONE, "client went away",
		    NULL);
	if (r->ep.kind == ENDPOINT_RAW)
		return buf_len(&r->body) == 0 ? STEP_ROUTE : decode_json(r);
	if (r->ep.ep->family == FAMILY_AZURE &&
	    !endpoint_version(r->head->query))
		return req_fail(r, FAULT_BAD_REQUEST, "the query parameter "
		    "api-version is missing: add ?api-version=2024-10-21",
		    "api-version");
	if (coded(r))
		return req_fail(r, FAULT_BAD_REQUEST, "the body has a "
		    "content-encoding: send it without", NULL);
	if ((r->ep.ep->flags & ENDPOINT_MULTIPART) && h != NULL &&
	    strncasecmp(h->value.p, "multipart/form-data",
	    h->value.n < 19 ? h->value.n : 19) == 0)
		return req_form(r, h->value);
	if ((r->ep.ep->flags & ENDPOINT_UNIFIED) &&
	    (next = unified_type(r)) != STEP_DECODE)
		return next;
	return decode_json(r);
}
