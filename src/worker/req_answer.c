/*
 * req_answer.c - the bytes of an answer: head, framing, end.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/faultpoint.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "net/http1_out.h"
#include "worker/req.h"
#include "worker/translate.h"

/* More than a provider's head can have: ours must not be cut. */
#define HEAD_MAX (2u * 65536)

static void
line(struct buf *b, struct str name, struct str value)
{
	buf_adds(b, name);
	buf_add(b, ": ", 2);
	buf_adds(b, value);
	buf_add(b, "\r\n", 2);
}

static void
number(struct buf *b, struct str name, uint64_t v)
{
	char text[24];

	line(b, name, str_make(text, num_put_u64(text, v)));
}

/* The provider's limits, and who it says has asked, are those of our account,
 * not the client's. */
static int
is_of_account(struct str name)
{
	static const struct str begins[] = {
		{ "x-ratelimit-", 12 }, { "anthropic-ratelimit-", 20 },
		{ "access-control-", 15 }, { "cf-", 3 },
		{ "openai-organization", 19 }, { "openai-project", 14 },
		{ "anthropic-organization-id", 25 },
	};
	size_t i;

	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (name.n >= begins[i].n && strncasecmp(name.p, begins[i].p,
		    begins[i].n) == 0)
			return 1;
	return 0;
}

/* Provider headers that the client may see on a routed answer. */
static int
passes(const struct req *r, const struct hdr *h)
{
	static const struct str refused[] = {
		{ "set-cookie", 10 }, { "server", 6 }, { "date", 4 },
		{ "via", 3 }, { "alt-svc", 7 }, { "location", 8 },
		{ "strict-transport-security", 25 }, { "content-length", 14 },
		{ "x-request-id", 12 }, { "request-id", 10 },
		{ "content-type", 12 },
	};
	size_t i;

	if (hdr_hop_by_hop(h->id) || !hdr_valid(h->name, h->value))
		return 0;
	if (h->id == HDR_LOCATION && r->ep.kind == ENDPOINT_RAW)
		return 1;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (str_ieq(h->name, refused[i]))
			return 0;
	return r->ep.kind == ENDPOINT_RAW || !is_of_account(h->name);
}

static void
upstream_headers(struct req *r, struct buf *b)
{
	const struct hdr *id;
	unsigned i;

	for (i = 0; i < r->up_n; i++)
		if (passes(r, &r->up_h[i]))
			line(b, r->up_h[i].name, r->up_h[i].value);
	if ((id = hdr_find(r->up_h, r->up_n, HDR_X_REQUEST_ID)) == NULL)
		id = hdr_find(r->up_h, r->up_n, HDR_REQUEST_ID);
	if (id != NULL && hdr_valid(STR("x"), id->value))
		line(b, STR("x-upstream-request-id"), id->value);
}

static void
route_headers(struct req *r, struct buf *b)
{
	char usd[40];

	if (r->prov == NULL || r->n_attempts == 0)
		return;
	if (r->up_head)
		line(b, STR("x-aigw-provider"), str_of(r->prov->conf->id));
	if (r->up_head && r->target->model.n > 0 &&
	    hdr_valid(STR("x"), r->target->model))
		line(b, STR("x-aigw-model"), r->target->model);
	number(b, STR("x-aigw-attempts"), r->n_attempts);
	if (r->translate != NULL && *translate_dropped(r) != '\0' &&
	    hdr_valid(STR("x"), str_of(translate_dropped(r))))
		line(b, STR("x-aigw-dropped"), str_of(translate_dropped(r)));
	if (r->up_ended && !r->up_sse && r->up_status < 400)
		line(b, STR("x-aigw-cost"), str_make(usd,
		    num_put_usd(usd, r->cost, 9)));
}

/* A duration as the SDKs read it: "1500ms". */
static void
duration(struct buf *b, struct str name, int64_t us)
{
	char text[32];
	size_t n = num_put_u64(text, (uint64_t)((us + 999) / 1000));

	text[n++] = 'm';
	text[n++] = 's';
	line(b, name, str_make(text, n));
}

static void
limit_headers(struct req *r, struct buf *b)
{
	const struct act_admit *ad = &r->admit;

	if (ad->limit != 0) {
		number(b, STR("x-ratelimit-limit-requests"), ad->limit);
		number(b, STR("x-ratelimit-remaining-requests"),
		    ad->remaining);
		duration(b, STR("x-ratelimit-reset-requests"), ad->reset_us);
	}
	if (ad->tokens_limit == 0)
		return;
	number(b, STR("x-ratelimit-limit-tokens"), ad->tokens_limit);
	number(b, STR("x-ratelimit-remaining-tokens"), ad->tokens_remaining);
	if (ad->tokens_reset_us > 0)	/* of max_tokens: never */
		duration(b, STR("x-ratelimit-reset-tokens"),
		    ad->tokens_reset_us);
}

static void
preflight_headers(struct buf *b)
{
	line(b, STR("access-control-allow-methods"),
	    STR("GET, POST, PUT, PATCH, DELETE"));
	line(b, STR("access-control-allow-headers"),
	    STR("authorization, content-type, x-api-key, api-key, "
	    "x-goog-api-key, anthropic-version, anthropic-beta, openai-beta, "
	    "x-session-id, x-request-id"));
	line(b, STR("access-control-max-age"), STR("600"));
}

int
req_cors_allows(const struct req *r, struct str origin)
{
	const struct conf_strs *l = &r->w->conf->client.cors_origins;
	unsigned i;

	for (i = 0; i < l->n; i++)
		if (str_eqc(origin, l->v[i]) || strcmp(l->v[i], "*") == 0)
			return 1;
	return 0;
}

static void
cors_headers(struct req *r, struct buf *b)
{
	const struct hdr *o;

	if (r->w->conf->client.cors_origins.n == 0 || r->head->n == 0 ||
	    (o = hdr_find(r->head->h, r->head->n, HDR_ORIGIN)) == NULL ||
	    !req_cors_allows(r, o->value))
		return;
	line(b, STR("access-control-allow-origin"), o->value);
	line(b, STR("vary"), STR("origin"));
	if (r->preflight)
		preflight_headers(b);
}

/* No length that was told for a body that a HEAD does not bring. */
static void
head_framing(struct req *r, struct buf *b)
{
	const struct hdr *h = hdr_find(r->up_h, r->up_n, HDR_CONTENT_LENGTH);

	if (r->up_head && h != NULL && hdr_valid(h->name, h->value))
		line(b, STR("content-length"), h->value);
}

static void
framing(struct req *r, struct buf *b, int status, int64_t length)
{
	/* RFC 9110, 8.6 and RFC 9112, 6.1: no framing at all */
	if (status == 204 || status == 304)
		return;
	if (length < 0 && r->is_head) {
		head_framing(r, b);
		return;
	}
	if (length >= 0) {
		number(b, STR("content-length"), (uint64_t)length);
		return;
	}
	if (r->head->minor >= 1) {
		r->chunked = 1;
		line(b, STR("transfer-encoding"), STR("chunked"));
		return;
	}
	r->until_close = 1;
	r->keep = 0;		/* HTTP/1.0: the end is the close */
}

static void
own_headers(struct req *r, struct buf *b)
{
	struct str id = str_of(r->id);

	line(b, STR("x-request-id"), id);
	line(b, STR("request-id"), id);
	route_headers(r, b);
	limit_headers(r, b);
	if (r->guessed)
		line(b, STR("x-aigw-estimated"), STR("true"));
	if (r->retry_after_us > 0) {
		number(b, STR("retry-after"), (uint64_t)((r->retry_after_us +
		    CLOCK_US_S - 1) / CLOCK_US_S));
		number(b, STR("retry-after-ms"),
		    (uint64_t)((r->retry_after_us + 999) / 1000));
	}
	if (r->fault == FAULT_METHOD && r->ep.allow != NULL)
		line(b, STR("allow"), str_of(r->ep.allow));
	if (r->fault != FAULT_NONE && r->status >= 400 &&
	    !fault_retryable(r->fault))
		line(b, STR("x-should-retry"), STR("false"));
	/* RFC 9110, 15.5.22: what the path speaks, instead of WebSocket. */
	if (r->fault == FAULT_UPGRADE) {
		line(b, STR("upgrade"), STR("HTTP/1.1"));
		line(b, STR("connection"), STR("upgrade"));
	}
	cors_headers(r, b);
}

void
req_answer_head(struct req *r, int status, struct str type, int64_t length)
{
	static struct buf b;

	if (b.data == NULL) {	/* once: a head must not lose lines */
		buf_init(&b, HEAD_MAX);
		b.data = xmalloc(HEAD_MAX);
		b.cap = HEAD_MAX;
	}
	buf_reset(&b);
	r->head_sent = 1;
	if (r->w->draining || r->gone)
		r->keep = 0;
	http1_out_status(&b, status);
	http1_out_date(&b, r->real_us);
	if (type.n > 0)
		line(&b, STR("content-type"), type);
	if (r->up_head && status == r->up_status && r->fault == FAULT_NONE)
		upstream_headers(r, &b);
	if (r->up_sse && status < 300) {
		line(&b, STR("cache-control"), STR("no-cache"));
		line(&b, STR("x-accel-buffering"), STR("no"));
	}
	own_headers(r, &b);
	framing(r, &b, status, length);
	if (!r->keep)
		line(&b, STR("connection"), STR("close"));
	else if (r->head->minor == 0)
		line(&b, STR("connection"), STR("keep-alive"));
	http1_out_end(&b);
	client_write(r->cl, buf_ptr(&b), buf_len(&b));
	FAULT_POINT(answer_head);
}

void
req_answer_body(struct req *r, const char *p, size_t n)
{
	char size[HTTP1_OUT_CHUNK];

	if (r->cl == NULL || r->is_head || n == 0)
		return;
	FAULT_POINT(answer_body);
	r->sent += n;
	if (!r->chunked) {
		client_write(r->cl, p, n);
		return;
	}
	client_write(r->cl, size, http1_out_chunk(size, n));
	client_write(r->cl, p, n);
	client_write(r->cl, "\r\n", 2);
}

void
req_answer_end(struct req *r)
{
	FAULT_POINT(answer_end);
	if (r->cl != NULL && r->chunked)
		client_write(r->cl, "0\r\n\r\n", 5);
}

void
req_answer_json(struct req *r, struct buf *b)
{
	if (!client_skip_body(r->cl))
		r->keep = 0;
	req_answer_head(r, r->status, STR("application/json"),
	    (int64_t)buf_len(b));
	req_answer_body(r, buf_ptr(b), buf_len(b));
	buf_free(b);
}

void
req_answer_preflight(struct req *r)
{
	r->preflight = 1;
	r->status = 204;
	if (!r->cl->body.done)
		r->keep = 0;
	req_answer_head(r, 204, STR_NULL, 0);
}
