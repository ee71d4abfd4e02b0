/*
 * fault.c - the neutral error kinds and how each client format spells them.
 *
 * Runs in: worker.
 * Owns: the table.
 */
#include <stdio.h>

#include "base/err.h"
#include "dialect/fault.h"

#define INVALID "invalid_request_error"

static const struct row {
	const char	*name;
	int		 status;
	int		 retry;
	const char	*oc_type, *oc_code;	/* OpenAI, Groq */
	const char	*an_type;		/* Anthropic */
	const char	*ge_status;		/* Google */
} rows[FAULT_COUNT] = {
	[FAULT_NONE] = { "none", 200, 0, "", "", "", "" },
	[FAULT_BAD_REQUEST] = { "bad_request", 400, 0, INVALID,
	    "invalid_request", INVALID, "INVALID_ARGUMENT" },
	[FAULT_BAD_JSON] = { "bad_json", 400, 0, INVALID, "invalid_json",
	    INVALID, "INVALID_ARGUMENT" },
	[FAULT_NO_KEY] = { "no_key", 401, 0, INVALID, "invalid_api_key",
	    "authentication_error", "UNAUTHENTICATED" },
	[FAULT_BAD_KEY] = { "bad_key", 401, 0, INVALID, "invalid_api_key",
	    "authentication_error", "UNAUTHENTICATED" },
	[FAULT_KEY_DISABLED] = { "key_disabled", 401, 0, INVALID,
	    "invalid_api_key", "authentication_error", "UNAUTHENTICATED" },
	[FAULT_KEY_EXPIRED] = { "key_expired", 401, 0, INVALID,
	    "invalid_api_key", "authentication_error", "UNAUTHENTICATED" },
	[FAULT_DENIED] = { "denied", 403, 0, "permission_denied_error",
	    "permission_denied", "permission_error", "PERMISSION_DENIED" },
	[FAULT_ADDRESS] = { "address", 403, 0, "permission_denied_error",
	    "address_not_allowed", "permission_error", "PERMISSION_DENIED" },
	[FAULT_CONTEXT] = { "context", 400, 0, INVALID,
	    "context_length_exceeded", INVALID, "INVALID_ARGUMENT" },
	[FAULT_NO_MODEL] = { "no_model", 404, 0, INVALID, "model_not_found",
	    "not_found_error", "NOT_FOUND" },
	[FAULT_NO_OPERATION] = { "no_operation", 400, 0, INVALID,
	    "unsupported_operation", INVALID, "INVALID_ARGUMENT" },
	[FAULT_NO_PATH] = { "no_path", 404, 0, INVALID, "unknown_url",
	    "not_found_error", "NOT_FOUND" },
	[FAULT_METHOD] = { "method", 405, 0, INVALID, "method_not_allowed",
	    INVALID, "INVALID_ARGUMENT" },
	[FAULT_BODY_TIMEOUT] = { "body_timeout", 408, 1, INVALID,
	    "request_timeout", INVALID, "DEADLINE_EXCEEDED" },
	[FAULT_BODY_TOO_LARGE] = { "body_too_large", 413, 0, INVALID,
	    "request_too_large", "request_too_large", "INVALID_ARGUMENT" },
	[FAULT_HEAD_TOO_LARGE] = { "head_too_large", 431, 0, INVALID,
	    "headers_too_large", INVALID, "INVALID_ARGUMENT" },
	[FAULT_LINE_TOO_LONG] = { "line_too_long", 414, 0, INVALID,
	    "uri_too_long", INVALID, "INVALID_ARGUMENT" },
	[FAULT_MEDIA_TYPE] = { "media_type", 415, 0, INVALID,
	    "unsupported_media_type", INVALID, "INVALID_ARGUMENT" },
	[FAULT_EXPECT] = { "expect", 417, 0, INVALID, "expectation_failed",
	    INVALID, "INVALID_ARGUMENT" },
	[FAULT_VERSION] = { "version", 505, 0, INVALID,
	    "http_version_not_supported", INVALID, "INVALID_ARGUMENT" },
	[FAULT_UPGRADE] = { "upgrade", 426, 0, INVALID, "upgrade_required",
	    INVALID, "INVALID_ARGUMENT" },
	[FAULT_RATE] = { "rate", 429, 1, "requests", "rate_limit_exceeded",
	    "rate_limit_error", "RESOURCE_EXHAUSTED" },
	[FAULT_TOKENS] = { "tokens", 429, 0, "insufficient_quota",
	    "insufficient_quota", "rate_limit_error", "RESOURCE_EXHAUSTED" },
	[FAULT_UPSTREAM] = { "upstream", 502, 1, "server_error",
	    "upstream_error", "api_error", "INTERNAL" },
	[FAULT_UPSTREAM_AUTH] = { "upstream_auth", 502, 0, "server_error",
	    "upstream_auth", "api_error", "INTERNAL" },
	[FAULT_NO_UPSTREAM] = { "no_upstream", 503, 1, "server_error",
	    "no_upstream", "overloaded_error", "UNAVAILABLE" },
	[FAULT_TIMEOUT] = { "timeout", 504, 1, "server_error", "timeout",
	    "timeout_error", "DEADLINE_EXCEEDED" },
	[FAULT_OVERLOAD] = { "overload", 503, 1, "server_error", "overloaded",
	    "overloaded_error", "UNAVAILABLE" },
	[FAULT_TRUNCATED] = { "truncated", 502, 1, "server_error",
	    "upstream_truncated", "api_error", "INTERNAL" },
	[FAULT_INTERNAL] = { "internal", 500, 1, "server_error",
	    "internal_error", "api_error", "INTERNAL" },
	[FAULT_CLIENT_GONE] = { "client_gone", 499, 0, INVALID, "client_gone",
	    INVALID, "CANCELLED" },
};

int
fault_status(enum fault f)
{
	ASSERT((unsigned)f < FAULT_COUNT);
	return rows[f].status;
}

const char *
fault_name(enum fault f)
{
	ASSERT((unsigned)f < FAULT_COUNT);
	return rows[f].name;
}

int
fault_retryable(enum fault f)
{
	ASSERT((unsigned)f < FAULT_COUNT);
	return rows[f].retry;
}

static int
put_string(struct buf *b, const char *before, struct str s)
{
	int rc;

	if ((rc = buf_adds(b, str_of(before))) != 0 ||
	    (rc = buf_addc(b, '"')) != 0 || (rc = buf_add_json(b, s)) != 0)
		return rc;
	return buf_addc(b, '"');
}

static int
write_openai(struct buf *b, const struct row *r, struct str message,
    struct str param)
{
	int rc;

	if ((rc = put_string(b, "{\"error\":{\"message\":", message)) != 0 ||
	    (rc = put_string(b, ",\"type\":", str_of(r->oc_type))) != 0)
		return rc;
	if (param.p == NULL)
		rc = buf_adds(b, STR(",\"param\":null"));
	else
		rc = put_string(b, ",\"param\":", param);
	if (rc != 0 ||
	    (rc = put_string(b, ",\"code\":", str_of(r->oc_code))) != 0)
		return rc;
	return buf_adds(b, STR("}}"));
}

static int
write_anthropic(struct buf *b, const struct row *r, struct str message,
    struct str request_id)
{
	int rc;

	if ((rc = put_string(b, "{\"type\":\"error\",\"error\":{\"type\":",
	    str_of(r->an_type))) != 0 ||
	    (rc = put_string(b, ",\"message\":", message)) != 0 ||
	    (rc = buf_addc(b, '}')) != 0)
		return rc;
	if (request_id.n > 0 &&
	    (rc = put_string(b, ",\"request_id\":", request_id)) != 0)
		return rc;
	return buf_addc(b, '}');
}

/* What POST /v1/chat calls it inside a stream; elsewhere all that a provider
 * did has one name. */
static const char *
unified_class(enum fault f, int stream)
{
	switch (f) {
	case FAULT_UPSTREAM:
	case FAULT_NO_UPSTREAM:
		return "Provider request failed";
	case FAULT_UPSTREAM_AUTH:
		return stream ? "Configuration error" :
		    "Provider request failed";
	case FAULT_TIMEOUT:
		return stream ? "Request timeout" :
		    "Provider request failed";
	case FAULT_TRUNCATED:
		return stream ? "Stream error" : "Provider request failed";
	default:
		return stream ? "Streaming failed" : NULL;
	}
}

static const char *
reason(int status)
{
	static const struct {
		int		 status;
		const char	*text;
	} words[] = {
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 413, "Payload Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].status == status)
			return words[i].text;
	return status < 500 ? "Bad Request" : "Internal Server Error";
}

/* What a provider did, or the gateway itself. */
static int
write_unified(struct buf *b, enum fault f, int stream, int status,
    struct str message)
{
	const char *class = unified_class(f, stream);
	int rc;

	if (class != NULL) {
		if ((rc = put_string(b, "{\"error\":", str_of(class))) != 0 ||
		    (rc = put_string(b, ",\"detail\":", message)) != 0)
			return rc;
		return buf_addc(b, '}');
	}
	if ((rc = buf_printf(b, "{\"statusCode\":%d,\"code\":\"%s\","
	    "\"error\":\"%s\"", status, rows[f].oc_code, reason(status)))
	    != 0 || (rc = put_string(b, ",\"message\":", message)) != 0)
		return rc;
	return buf_addc(b, '}');
}

int
fault_write(struct buf *b, enum fault_shape shape, enum fault f, int status,
    struct str message, struct str param, struct str request_id)
{
	const struct row *r = &rows[f];
	int rc;

	ASSERT((unsigned)f < FAULT_COUNT);
	switch (shape) {
	case SHAPE_OPENAI:
		return write_openai(b, r, message, param);
	case SHAPE_ANTHROPIC:
		return write_anthropic(b, r, message, request_id);
	case SHAPE_GEMINI:
		if ((rc = buf_printf(b, "{\"error\":{\"code\":%d", status))
		    != 0 ||
		    (rc = put_string(b, ",\"message\":", message)) != 0 ||
		    (rc = put_string(b, ",\"status\":",
		    str_of(r->ge_status))) != 0)
			return rc;
		return buf_adds(b, STR("}}"));
	case SHAPE_MISTRAL:
		if ((rc = put_string(b, "{\"object\":\"error\",\"message\":",
		    message)) != 0 ||
		    (rc = put_string(b, ",\"type\":", str_of(r->oc_type)))
		    != 0)
			return rc;
		return buf_printf(b, ",\"param\":null,\"code\":\"%d\"}",
		    status);
	case SHAPE_UNIFIED:
		return write_unified(b, f, 0, status, message);
	case SHAPE_OLLAMA:
	case SHAPE_PLAIN:
		break;
	}
	if ((rc = put_string(b, "{\"error\":", message)) != 0)
		return rc;
	return buf_addc(b, '}');
}

int
fault_write_wait(struct buf *b, enum fault_shape shape, int64_t us)
{
	int64_t ms = us / 1000;
	char part[8] = "";
	int rc;

	if (shape != SHAPE_GEMINI || ms <= 0)
		return 0;
	if (ms % 1000 != 0)
		snprintf(part, sizeof(part), ".%03d", (int)(ms % 1000));
	ASSERT(str_ends(buf_str(b), STR("}}")));
	b->len -= 2;
	if ((rc = buf_printf(b, ",\"details\":[{\"@type\":"
	    "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":"
	    "\"%lld%ss\"}]}}", (long long)(ms / 1000), part)) != 0)
		b->len += 2;
	return rc;
}

int
fault_event(struct buf *b, enum fault_shape shape, enum fault f,
    struct str message)
{
	int rc;

	if ((shape == SHAPE_ANTHROPIC || shape == SHAPE_UNIFIED) &&
	    (rc = buf_adds(b, STR("event: error\n"))) != 0)
		return rc;
	if (shape != SHAPE_OLLAMA && (rc = buf_adds(b, STR("data: "))) != 0)
		return rc;
	if (shape == SHAPE_UNIFIED) {
		if ((rc = write_unified(b, f, 1, fault_status(f), message))
		    != 0)
			return rc;
		return buf_adds(b, STR("\n\n"));
	}
	if ((rc = fault_write(b, shape, f, fault_status(f), message, STR_NULL,
	    STR_NULL)) != 0)
		return rc;
	return buf_adds(b, shape == SHAPE_GEMINI ? STR("\r\n\r\n") :
	    shape == SHAPE_OLLAMA ? STR("\n") : STR("\n\n"));
}
