/*
 * fault.h - the neutral error kinds and how each client format spells them.
 *
 * One table row per kind: status, and the words that each format's clients
 * match on. Bodies follow the API documents of OpenAI, Anthropic, Google and
 * Mistral; SHAPE_PLAIN is the raw platform proxy's {"error": text}, and
 * SHAPE_UNIFIED that of POST /v1/chat (unified.h).
 */
#ifndef DIALECT_FAULT_H
#define DIALECT_FAULT_H

#include "base/buf.h"
#include "base/str.h"

enum fault {
	FAULT_NONE,
	FAULT_BAD_REQUEST,	/* malformed HTTP or fields */
	FAULT_BAD_JSON,
	FAULT_NO_KEY,
	FAULT_BAD_KEY,		/* unknown */
	FAULT_KEY_DISABLED,
	FAULT_KEY_EXPIRED,
	FAULT_DENIED,		/* this key may not */
	FAULT_ADDRESS,		/* this address may not */
	FAULT_CONTEXT,		/* the prompt is too long for the model */
	FAULT_NO_MODEL,
	FAULT_NO_OPERATION,	/* the model has it nowhere */
	FAULT_NO_PATH,
	FAULT_METHOD,
	FAULT_BODY_TIMEOUT,
	FAULT_BODY_TOO_LARGE,
	FAULT_HEAD_TOO_LARGE,
	FAULT_LINE_TOO_LONG,	/* the request line */
	FAULT_MEDIA_TYPE,	/* the body is no JSON */
	FAULT_EXPECT,		/* an expectation we do not know */
	FAULT_VERSION,		/* of HTTP */
	FAULT_UPGRADE,		/* WebSocket where there is none */
	FAULT_RATE,		/* a rate: waiting helps */
	FAULT_TOKENS,		/* the token budget is used up */
	FAULT_UPSTREAM,		/* the only candidate failed */
	FAULT_UPSTREAM_AUTH,	/* our key or our catalogue is at fault */
	FAULT_NO_UPSTREAM,	/* every candidate failed */
	FAULT_TIMEOUT,
	FAULT_OVERLOAD,		/* we are full */
	FAULT_TRUNCATED,	/* the provider broke off in mid-stream */
	FAULT_INTERNAL,
	FAULT_CLIENT_GONE,	/* only in logs: 499 */
	FAULT_COUNT
};

enum fault_shape {
	SHAPE_OPENAI, SHAPE_ANTHROPIC, SHAPE_GEMINI, SHAPE_MISTRAL,
	SHAPE_OLLAMA, SHAPE_UNIFIED, SHAPE_PLAIN
};

/* What a provider says about a request that it refuses; do not copy it. */
struct fault_said {
	enum fault	 fault;		/* what kind of thing */
	struct str	 text, param;	/* STR_NULL: not told */
	char		 text_space[2048], param_space[128];
};
void fault_read(struct fault_said *f, struct str body, int status);

int fault_status(enum fault f);
/* Name for logs: "bad_json". */
const char *fault_name(enum fault f);
/* 1 when the same request may succeed later (x-should-retry). */
int fault_retryable(enum fault f);
/*
 * Append the body in that shape. message names what and the remedy; param is
 * the field at fault or STR_NULL; request_id is shown where the shape has it.
 * 0 or a buf.h error.
 */
int fault_write(struct buf *b, enum fault_shape shape, enum fault f,
    int status, struct str message, struct str param, struct str request_id);
/* Put into the body that fault_write just wrote when to come again, where the
 * shape has a place for it beside the headers: Google's RetryInfo. */
int fault_write_wait(struct buf *b, enum fault_shape shape, int64_t us);
/* Append the event that ends a broken stream in that shape. */
int fault_event(struct buf *b, enum fault_shape shape, enum fault f,
    struct str message);

#endif
