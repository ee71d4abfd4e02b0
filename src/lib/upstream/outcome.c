/*
 * outcome.c - how an attempt ended, and what follows from it.
 *
 * Runs in: worker, checker, aigwctl.
 * Owns: nothing.
 */
#include "base/err.h"
#include "conf/conf.h"
#include "upstream/outcome.h"

static const struct row {
	const char	*name, *text;
	int		 unprocessed;	/* provably nothing was done */
	int		 status;	/* for the client, as the last attempt */
	int		 not_theirs;	/* says nothing of the provider */
} rows[OUTCOME_COUNT] = {
	[OUTCOME_OK] = { "ok", "complete", 0, 200 },
	[OUTCOME_RESOLVE] = { "resolve",
	    "no address for the provider's name", 1, 502 },
	[OUTCOME_GUARDED] = { "guarded",
	    "address not allowed for this provider", 1, 502 },
	[OUTCOME_CONNECT] = { "connect",
	    "connection refused or unreachable", 1, 502 },
	[OUTCOME_CONNECT_TIMEOUT] = { "connect_timeout",
	    "no connection in time", 1, 504 },
	[OUTCOME_TLS] = { "tls", "TLS handshake failed", 1, 502 },
	[OUTCOME_SEND] = { "send", "connection broke while sending", 0, 502 },
	[OUTCOME_RESET] = { "reset",
	    "connection broke before an answer came", 0, 502 },
	[OUTCOME_HEAD_TIMEOUT] = { "head_timeout", "no answer in time", 0,
	    504 },
	[OUTCOME_FIRST_TIMEOUT] = { "first_timeout",
	    "no content of the stream in time", 0, 504 },
	[OUTCOME_BAD_HEAD] = { "bad_head", "the answer is not valid HTTP", 0,
	    502 },
	[OUTCOME_TRUNCATED] = { "truncated", "the answer was cut short", 0,
	    502 },
	[OUTCOME_BAD_BODY] = { "bad_body", "the answer's body is malformed", 0,
	    502 },
	[OUTCOME_IDLE_TIMEOUT] = { "idle_timeout",
	    "silence inside the answer", 0, 504 },
	[OUTCOME_TOTAL_TIMEOUT] = { "total_timeout",
	    "the answer took too long", 0, 504 },
	[OUTCOME_NOMEM] = { "nomem", "out of memory", 0, 503, 1 },
	[OUTCOME_HEAD_TOO_LARGE] = { "head_too_large",
	    "the request's head is too large to be sent", 1, 431, 1 },
	[OUTCOME_OURS] = { "ours",
	    "the gateway lacks descriptors or memory", 1, 503, 1 }
};

static const struct row *
row(enum outcome o)
{
	ASSERT((unsigned)o < OUTCOME_COUNT);
	return &rows[o];
}

const char *
outcome_text(enum outcome o)
{
	return row(o)->text;
}

const char *
outcome_name(enum outcome o)
{
	return row(o)->name;
}

int
outcome_unprocessed(enum outcome o)
{
	return row(o)->unprocessed;
}

int
outcome_not_theirs(enum outcome o)
{
	return row(o)->not_theirs;
}

int
outcome_status(enum outcome o)
{
	return row(o)->status;
}

enum outcome_next
outcome_next(enum outcome o)
{
	return row(o)->status == 200 ? NEXT_RELAY : NEXT_TARGET;
}

static int
retryable(const struct conf_statuses *s, int status)
{
	if (!s->set)
		return status == 408 || status == 429 || status >= 500;
	return status < 640 && (s->bits[status / 64] >> (status % 64) & 1);
}

enum outcome_next
outcome_status_next(const struct conf_provider *p, int status)
{
	/* A redirect is no answer to a model request: base_url is wrong. */
	if (status < 200 || (status >= 300 && status < 400) || status > 599)
		return NEXT_TARGET;
	if (retryable(&p->retryable_status, status))
		return NEXT_TARGET;
	if (status == 401 || status == 402 || status == 403)
		return NEXT_KEY;
	return NEXT_RELAY;
}
