/*
 * http1_text.c - words of HTTP/1: methods, reasons, what errors are called.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 */
#include "net/http1.h"

/* Status to answer with, and what to tell the client. */
static const struct {
	int		 status;
	const char	*text;
} errors[] = {
	[HTTP1_OK] = { 200, "no error" },
	[HTTP1_BAD_LINE] = { 400, "the first line is malformed; send "
	    "\"METHOD /path HTTP/1.1\" and end each line with CR LF" },
	[HTTP1_BAD_METHOD] = { 400,
	    "the method is not a token; is this TLS on a plain port?" },
	[HTTP1_BAD_TARGET] = { 400, "the request target is malformed; send a "
	    "path that begins with \"/\" and percent-encode other bytes" },
	[HTTP1_BAD_VERSION] = { 505,
	    "this protocol version is not spoken here; use HTTP/1.1" },
	[HTTP1_BAD_HEADER] = { 400, "a header line is malformed; send "
	    "\"Name: value\" without folding, blanks before the colon or "
	    "control bytes, and end it with CR LF" },
	[HTTP1_BAD_HOST] = { 400, "send exactly one valid Host header that "
	    "agrees with the request target" },
	[HTTP1_BAD_LENGTH] = { 400,
	    "send at most one Content-Length, in decimal digits" },
	[HTTP1_BAD_ENCODING] = { 400, "the only transfer coding understood is "
	    "one \"Transfer-Encoding: chunked\" in HTTP/1.1" },
	[HTTP1_BOTH_LENGTHS] = { 400,
	    "send Content-Length or Transfer-Encoding, not both" },
	[HTTP1_TOO_MANY] = { 431, "too many header lines; send fewer" },
	[HTTP1_LINE_TOO_LONG] = { 414,
	    "the request line is too long; shorten the path or query" },
	[HTTP1_HEAD_TOO_LONG] = { 431,
	    "the header is too large; send fewer or shorter header lines" },
	[HTTP1_BAD_EXPECT] = { 417,
	    "the only expectation understood is \"Expect: 100-continue\"" },
	[HTTP1_BAD_STATUS] = { 502,
	    "the status line of the answer is malformed" },
	[HTTP1_BAD_CHUNK] = { 400, "the chunked body is malformed; send sizes "
	    "in hexadecimal digits, without extensions, and end each line "
	    "with CR LF" },
};

static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
	{ 429, "Too Many Requests" }, { 100, "Continue" },
	{ 101, "Switching Protocols" }, { 102, "Processing" },
	{ 103, "Early Hints" }, { 201, "Created" }, { 202, "Accepted" },
	{ 203, "Non-Authoritative Information" }, { 204, "No Content" },
	{ 205, "Reset Content" }, { 206, "Partial Content" },
	{ 207, "Multi-Status" }, { 208, "Already Reported" },
	{ 226, "IM Used" }, { 300, "Multiple Choices" },
	{ 301, "Moved Permanently" }, { 302, "Found" }, { 303, "See Other" },
	{ 304, "Not Modified" }, { 305, "Use Proxy" },
	{ 307, "Temporary Redirect" }, { 308, "Permanent Redirect" },
	{ 402, "Payment Required" }, { 403, "Forbidden" },
	{ 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" }, { 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
	{ 411, "Length Required" }, { 412, "Precondition Failed" },
	{ 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" }, { 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" }, { 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" }, { 423, "Locked" },
	{ 424, "Failed Dependency" }, { 425, "Too Early" },
	{ 426, "Upgrade Required" }, { 428, "Precondition Required" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 499, "Client Closed Request" }, { 500, "Internal Server Error" },
	{ 501, "Not Implemented" }, { 502, "Bad Gateway" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 506, "Variant Also Negotiates" }, { 507, "Insufficient Storage" },
	{ 508, "Loop Detected" }, { 511, "Network Authentication Required" },
	{ 529, "Site Overloaded" }
};

enum http1_method
http1_method(struct str name)
{
#define METHOD(m) \
	if (name.n == sizeof(#m) - 1 && \
	    memcmp(name.p, #m, sizeof(#m) - 1) == 0) \
		return HTTP1_##m
	METHOD(POST);
	METHOD(GET);
	METHOD(HEAD);
	METHOD(PUT);
	METHOD(DELETE);
	METHOD(PATCH);
	METHOD(OPTIONS);
	METHOD(CONNECT);
	METHOD(TRACE);
#undef METHOD
	return HTTP1_OTHER;
}

int
http1_error_status(enum http1_error e)
{
	return errors[e].status;
}

const char *
http1_error_text(enum http1_error e)
{
	return errors[e].text;
}

const char *
http1_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}
