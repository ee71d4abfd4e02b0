/*
 * req_auth.c - AUTH: who calls, from the head alone; and the path.
 *
 * Runs in: worker.
 * Owns: nothing.
 */
#include "base/clock.h"
#include "base/log.h"
#include "net/addr.h"
#include "worker/req.h"

static const char *
key_message(enum fault f)
{
	switch (f) {
	case FAULT_NO_KEY:
		return "no API key: send \"Authorization: Bearer KEY\", "
		    "x-api-key, api-key or x-goog-api-key";
	case FAULT_BAD_KEY:
		return "unknown API key";
	case FAULT_KEY_DISABLED:
		return "this API key is disabled";
	case FAULT_KEY_EXPIRED:
		return "this API key has expired";
	case FAULT_BAD_REQUEST:
		return "two different credentials in one request: send one";
	default:
		return "the key could not be checked, try again";
	}
}

/* May this path be asked by nobody in particular? */
static int
is_open(const struct req *r, enum fault f)
{
	const struct conf *c = r->w->conf;

	if ((f != FAULT_NO_KEY && f != FAULT_BAD_KEY) || r->ep.ep == NULL)
		return 0;
	return ((r->ep.ep->flags & ENDPOINT_UNIFIED) &&
	    c->auth.anonymous_unified_chat) ||
	    ((r->ep.ep->flags & ENDPOINT_PUBLIC) && c->models.public);
}

static enum step
no_caller(struct req *r, enum fault f)
{
	const char *text = key_message(f);

	board_add(CTR_auth_failures, 1);
	if ((f == FAULT_NO_KEY || f == FAULT_BAD_KEY) && r->ep.ep != NULL &&
	    (r->ep.ep->flags & ENDPOINT_UNIFIED))
		text = req_printf(r, "%s; auth.anonymous_unified_chat = true "
		    "opens POST /v1/chat to those who have none", text);
	return req_fail(r, f, text, NULL);
}

/* Is HOST[:PORT] an address, or a name that no stranger's DNS can answer for? */
static int
is_local_name(struct str host)
{
	unsigned char addr[16];
	long end = str_chr(host, ':');

	if (str_starts(host, STR("["))) {
		end = str_chr(host, ']');
		return end > 0 && addr_parse(str_make(host.p + 1,
		    (size_t)end - 1), addr) == 0;
	}
	if (end >= 0)
		host.n = (size_t)end;
	return str_chr(host, '.') < 0 || addr_parse(host, addr) == 0 ||
	    str_ends(host, STR(".localhost"));
}

static int
is_local_origin(struct str o)
{
	unsigned char addr[16];
	struct str host;
	long n;

	if (!str_starts(o, STR("http://")) && !str_starts(o, STR("https://")))
		return 0;
	host = str_skip(o, str_starts(o, STR("https://")) ? 8 : 7);
	if (str_starts(host, STR("[")) && (n = str_chr(host, ']')) > 0)
		host = str_make(host.p + 1, (size_t)n - 1);
	else if ((n = str_chr(host, ':')) >= 0)
		host.n = (size_t)n;
	return str_eqc(host, "localhost") || str_ends(host,
	    STR(".localhost")) || (addr_parse(host, addr) == 0 &&
	    addr_is_loopback(addr));
}

/*
 * Who needs no key since this is for local use may be a page in a local browser,
 * made by a stranger: its Origin tells, or its name, when that was made to lead
 * here (DNS rebinding). 0, or the FAIL step.
 */
static int
is_web_page(struct req *r, enum step *next)
{
	const struct conf *c = r->w->conf;
	const struct hdr *o = hdr_find(r->head->h, r->head->n, HDR_ORIGIN);

	if (r->caller.known || c->client.allow_from.n > 0 || (r->ep.ep != NULL &&
	    (r->ep.ep->flags & ENDPOINT_PUBLIC) && c->models.public))
		return 0;
	if (o != NULL && !is_local_origin(o->value) &&
	    !req_cors_allows(r, o->value)) {
		*next = req_fail(r, FAULT_ADDRESS, "pages of this Origin need "
		    "a key here, or to be in client.cors_origins", NULL);
		return 1;
	}
	if (is_local_name(r->head->host))
		return 0;
	*next = req_fail(r, FAULT_ADDRESS, "without a key this is for local "
	    "use: ask for localhost or an address, or set client.allow_from",
	    NULL);
	return 1;
}

static enum step
path_fault(struct req *r)
{
	const struct hdr *up = hdr_find(r->head->h, r->head->n, HDR_UPGRADE);

	/* Codex opens a WebSocket first, and takes that for "use HTTP". */
	if (r->ep.wrong_method && r->head->upgrade && up != NULL &&
	    hdr_has_token(up->value, STR("websocket")))
		return req_fail(r, FAULT_UPGRADE, "this path has no "
		    "WebSocket: use plain HTTP", NULL);
	if (r->ep.wrong_method)
		return req_fail(r, FAULT_METHOD, req_printf(r, "method %.*s "
		    "is not allowed for %.*s", STR_ARG(r->head->method_text),
		    (int)(r->head->path.n > 200 ? 200 : r->head->path.n),
		    r->head->path.p), NULL);
	return req_fail(r, FAULT_NO_PATH, req_printf(r, "unknown path %.*s: "
	    "see GET /routes", (int)(r->head->path.n > 200 ? 200 :
	    r->head->path.n), r->head->path.p), NULL);
}

/* A browser asks whether it may call; it never sends a key with that. A
 * provider behind the raw proxy may have an OPTIONS of its own. */
static int
is_preflight(const struct req *r)
{
	const struct http1_head *h = r->head;

	return h->method == HTTP1_OPTIONS &&
	    r->w->conf->client.cors_origins.n > 0 &&
	    (r->ep.wrong_method || (r->ep.kind == ENDPOINT_RAW &&
	    hdr_find(h->h, h->n, HDR_ORIGIN) != NULL &&
	    hdr_find_name(h->h, h->n,
	    STR("access-control-request-method")) != NULL));
}

/* The cheapest answer there is: no key is looked for. */
static enum step
overloaded(struct req *r)
{
	static struct log_limit lim = { 1 };

	board_add(CTR_overload_refused, 1);
	if (log_allow(&lim))
		log_warn("overloaded: requests that wait for longer than %lld "
		    "ms are refused",
		    (long long)r->w->conf->client.max_lag / 1000);
	r->retry_after_us = CLOCK_US_S;
	return req_fail(r, FAULT_OVERLOAD, "the gateway is overloaded, try "
	    "again", NULL);
}

/* On the path that all have in common: Anthropic's clients say their version,
 * Google's have a header for the key. */
static void
set_list_shape(struct req *r)
{
	const struct http1_head *h = r->head;

	if (hdr_find_name(h->h, h->n, STR("anthropic-version")) != NULL)
		r->ep.shape = SHAPE_ANTHROPIC;
	else if (r->ep.shape == SHAPE_OPENAI &&
	    hdr_find(h->h, h->n, HDR_X_GOOG_API_KEY) != NULL)
		r->ep.shape = SHAPE_GEMINI;
}

enum step
req_auth(struct req *r)
{
	const struct endpoint *ep = r->ep.ep;
	enum step next;
	enum fault f;

	if (r->too_late)
		return overloaded(r);
	if (is_preflight(r)) {
		req_answer_preflight(r);
		return STEP_ACCOUNT;
	}
	if (r->ep.kind == ENDPOINT_NONE)
		return path_fault(r);
	if (ep != NULL && (ep->flags & ENDPOINT_LIST))
		set_list_shape(r);
	f = caller_find(r->w, r->arena, r->head->h, r->head->n,
	    r->head->query, r->ep.shape == SHAPE_GEMINI, &r->caller);
	if (ep != NULL && (ep->flags & ENDPOINT_OPEN)) {
		/* The page is for all; what a key opens in it is not. */
		if (f != FAULT_NONE || !caller_address_ok(r->w, &r->caller,
		    r->addr, r->via))
			memset(&r->caller, 0, sizeof(r->caller));
		return STEP_LOCAL;
	}
	if (f != FAULT_NONE && !is_open(r, f))
		return no_caller(r, f);
	if (!caller_address_ok(r->w, &r->caller, r->addr, r->via))
		return req_fail(r, FAULT_ADDRESS, "requests from this "
		    "address are not allowed", NULL);
	if (is_web_page(r, &next))
		return next;
	return STEP_ADMIT;
}
