/*
 * outcome.h - how an attempt ended, and what follows from it.
 *
 * One table: transport results and HTTP statuses to what the request engine
 * does. "change when we retry" is a change of rows here.
 */
#ifndef UPSTREAM_OUTCOME_H
#define UPSTREAM_OUTCOME_H

enum outcome {
	OUTCOME_OK,			/* complete, framing correct */
	OUTCOME_RESOLVE,		/* no address for the name */
	OUTCOME_GUARDED,		/* address refused (SSRF rule) */
	OUTCOME_CONNECT,		/* refused, unreachable */
	OUTCOME_CONNECT_TIMEOUT,
	OUTCOME_TLS,			/* handshake or verification */
	OUTCOME_SEND,			/* broke while sending */
	OUTCOME_RESET,			/* broke before the head was complete */
	OUTCOME_HEAD_TIMEOUT,		/* no head in time */
	OUTCOME_FIRST_TIMEOUT,		/* no content of a stream in time */
	OUTCOME_BAD_HEAD,		/* not HTTP, too large */
	OUTCOME_TRUNCATED,		/* ended before its length or mark */
	OUTCOME_BAD_BODY,		/* bad chunking, bad compression */
	OUTCOME_IDLE_TIMEOUT,		/* silence inside the body */
	OUTCOME_TOTAL_TIMEOUT,
	OUTCOME_NOMEM,
	OUTCOME_HEAD_TOO_LARGE,		/* the request's, not sent */
	OUTCOME_OURS,			/* no descriptor, no memory to try */
	OUTCOME_COUNT
};

/* Text for logs and errors: "connection refused or unreachable". */
const char *outcome_text(enum outcome o);
/* Short name for api-error.jsonl and metrics: "connect_timeout". */
const char *outcome_name(enum outcome o);
/* 1: provable that the provider processed nothing. */
int outcome_unprocessed(enum outcome o);
/* 1: it is no matter of the provider's: not counted against it. */
int outcome_not_theirs(enum outcome o);
/* Status for the client when this was the only or last attempt: 502, 504; 431
 * for OUTCOME_HEAD_TOO_LARGE. */
int outcome_status(enum outcome o);

/* What to do with an HTTP status of an attempt before first content. */
enum outcome_next {
	NEXT_RELAY,		/* it is the client's answer, also a 4xx */
	NEXT_TARGET,		/* retryable: next candidate */
	NEXT_KEY		/* our key's fault: next key, then next target */
};

/*
 * What the status of an attempt asks for, before any content was passed on:
 * NEXT_TARGET when it is one of the provider's retryable_status (unset: 408,
 * 429 and every 5xx) or a redirect, NEXT_KEY for 401, 402 and 403, NEXT_RELAY for all else.
 * An unknown model (404) is for the caller to see.
 */
struct conf_provider;
enum outcome_next outcome_status_next(const struct conf_provider *p,
    int status);
/* What a transport result asks for: NEXT_RELAY for OUTCOME_OK only. */
enum outcome_next outcome_next(enum outcome o);

#endif
