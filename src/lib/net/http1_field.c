/*
 * http1_field.c - what the parts of an HTTP/1 head mean for its framing.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * Where two readers could differ about where a message ends or for whom it is,
 * the head is refused: a second Content-Length even if equal, Content-Length
 * beside Transfer-Encoding, any coding but "chunked", Transfer-Encoding in
 * HTTP/1.0, a second Host, a Host other than the target's. So is what RFC 9112
 * allows but readers take differently: leading zeros in a length (octal?), a
 * second Content-Type, Content_Length (a hyphen to some), %00 in a path.
 */
#include <stddef.h>

#include "net/addr.h"
#include "net/chars.h"
#include "net/http1_field.h"

#define MAX_LENGTH_DIGITS 18	/* less than 2^63 whatever the digits */

void
http1_fields_init(struct http1_fields *f, struct http1_head *out, int request)
{
	memset(f, 0, sizeof(*f));
	f->out = out;
	f->request = request != 0;
	memset(out, 0, offsetof(struct http1_head, h));
	out->n = 0;
	out->body = HTTP1_NO_BODY;
	out->length = 0;
	out->keep_alive = out->expect_continue = 0;
	out->upgrade = out->has_length = 0;
}

/* Decimal digits, at most 18: 1, and their value. */
static inline int
digits(struct str s, uint64_t *out)
{
	const char *p, *e = s.p + s.n;
	uint64_t v = 0;
	unsigned d;

	if (s.n - 1 >= MAX_LENGTH_DIGITS)	/* none, too */
		return 0;
	for (p = s.p; p < e; p++) {
		if ((d = (unsigned)(unsigned char)*p - '0') > 9)
			return 0;
		v = v * 10 + d;
	}
	*out = v;
	return 1;
}

/* Port digits: 1 when s is 0 to 65535. */
static int
port_valid(struct str s)
{
	uint64_t v = 0;

	return s.n <= 5 && digits(s, &v) && v <= 65535;
}

/* host or host:port; need_port: the latter only. */
static int
host_valid(struct str s, int need_port)
{
	const char *e = s.p + s.n, *q;
	unsigned char addr[16];
	long end;

	if (s.n == 0)
		return 0;
	if (s.p[0] == '[') {
		if ((end = str_chr(s, ']')) < 0 ||
		    addr_parse(str_make(s.p, (size_t)end + 1), addr) != 0)
			return 0;
		q = s.p + end + 1;
	} else if ((q = chars_skip(s.p, e, CHARS_HOST)) == s.p)
		return 0;
	if (q == e)
		return !need_port;
	return *q == ':' && port_valid(str_make(q + 1, (size_t)(e - q - 1)));
}

/* http://host:port/path; out->path is the text up to '?'. */
static enum http1_error
absolute_form(struct http1_head *out)
{
	struct str s = out->path;
	long slash;

	if (s.n >= 8 && strncasecmp(s.p, "https://", 8) == 0)
		s = str_skip(s, 8);
	else if (s.n >= 7 && strncasecmp(s.p, "http://", 7) == 0)
		s = str_skip(s, 7);
	else
		return HTTP1_BAD_TARGET;
	if ((slash = str_chr(s, '/')) >= 0) {
		out->path = str_skip(s, (size_t)slash);
		s.n = (size_t)slash;
	} else
		out->path = str_make(s.p - 1, 1);	/* the "/" before it */
	if (!host_valid(s, 0))
		return HTTP1_BAD_TARGET;
	out->host = s;
	return HTTP1_OK;
}

/* 1 when each '%' of a path begins two digits that are no control byte. */
static int
escapes_valid(struct str s)
{
	const char *p, *e = s.p + s.n;

	for (p = s.p; (p = memchr(p, '%', (size_t)(e - p))) != NULL; p++) {
		if (e - p < 3 || !chars_is(p[1], CHARS_HEX) ||
		    !chars_is(p[2], CHARS_HEX))
			return 0;
		if (p[1] < '2' || (p[1] == '7' && (p[2] | 0x20) == 'f'))
			return 0;
	}
	return 1;
}

enum http1_error
http1_target(struct http1_head *out)
{
	if (out->method == HTTP1_CONNECT) {
		if (!host_valid(out->target, 1))
			return HTTP1_BAD_TARGET;
		out->host = out->target;
		out->path = str_make(out->target.p + out->target.n, 0);
		return HTTP1_OK;
	}
	if (!escapes_valid(out->path))
		return HTTP1_BAD_TARGET;
	if (out->target.p[0] == '/')
		return HTTP1_OK;
	if (out->target.p[0] == '*')
		return out->method == HTTP1_OPTIONS && out->target.n == 1 ?
		    HTTP1_OK : HTTP1_BAD_TARGET;
	return absolute_form(out);
}

static enum http1_error
host_field(struct http1_fields *f, struct str v)
{
	if (f->host || !host_valid(v, 0))
		return HTTP1_BAD_HOST;
	if (f->out->host.p != NULL && !str_ieq(f->out->host, v))
		return HTTP1_BAD_HOST;
	f->host = 1;
	f->out->host = v;
	return HTTP1_OK;
}

static enum http1_error
length_field(struct http1_fields *f, struct str v)
{
	uint64_t n;

	if (f->length || !digits(v, &n) || (v.n > 1 && v.p[0] == '0'))
		return HTTP1_BAD_LENGTH;
	if (f->chunked)
		return HTTP1_BOTH_LENGTHS;
	f->length = 1;
	f->out->has_length = 1;
	f->out->length = n;
	return HTTP1_OK;
}

static enum http1_error
encoding_field(struct http1_fields *f, struct str v)
{
	if (f->chunked || f->out->minor == 0 || !chars_word(v, "chunked"))
		return HTTP1_BAD_ENCODING;
	if (f->length)
		return HTTP1_BOTH_LENGTHS;
	f->chunked = 1;
	return HTTP1_OK;
}

/* One option of Connection: 1 when it is one that is known. */
static int
option(struct http1_fields *f, struct str v)
{
	if (chars_word(v, "keep-alive"))
		f->keep_alive = 1;
	else if (chars_word(v, "close"))
		f->close = 1;
	else if (chars_word(v, "upgrade"))
		f->upgrade_token = 1;
	else
		return 0;
	return 1;
}

static enum http1_error
connection_field(struct http1_fields *f, struct str v)
{
	struct str part;

	if (option(f, v))
		return HTTP1_OK;
	while (str_split(&v, ',', &part))
		option(f, str_trim(part));
	return HTTP1_OK;
}

int
http1_looks_framing(struct str name)
{
	static const char *const names[] = { "content-length",
	    "transfer-encoding" };
	char c;
	size_t i, k;

	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		if (strlen(names[k]) != name.n)
			continue;
		for (i = 0; i < name.n; i++) {
			c = name.p[i] == '_' ? '-' : name.p[i];
			if (!chars_same1(&c, names[k] + i))
				break;
		}
		if (i == name.n)
			return 1;
	}
	return 0;
}

enum http1_error
http1_field(struct http1_fields *f, const struct hdr *h)
{
	switch (h->id) {
	case HDR_CONTENT_LENGTH:
		return length_field(f, h->value);
	case HDR_TRANSFER_ENCODING:
		return encoding_field(f, h->value);
	case HDR_CONNECTION:
		return connection_field(f, h->value);
	case HDR_HOST:
		return f->request ? host_field(f, h->value) : HTTP1_OK;
	case HDR_UPGRADE:
		f->upgrade = 1;
		return HTTP1_OK;
	case HDR_CONTENT_TYPE:
		if (f->type && f->request)
			return HTTP1_BAD_HEADER;
		f->type = 1;
		return HTTP1_OK;
	case HDR_EXPECT:
		if (f->request && !chars_word(h->value, "100-continue"))
			return HTTP1_BAD_EXPECT;
		f->expect = 1;
		return HTTP1_OK;
	default:
		return HTTP1_OK;
	}
}

static void
end_connection(struct http1_fields *f)
{
	struct http1_head *out = f->out;

	if (out->minor == 0) {
		out->keep_alive = f->keep_alive && !f->close;
		return;
	}
	out->keep_alive = !f->close;
	out->upgrade = f->upgrade && f->upgrade_token;
}

enum http1_error
http1_end_request(struct http1_fields *f)
{
	struct http1_head *out = f->out;

	if (!f->host && out->minor > 0)
		return HTTP1_BAD_HOST;
	end_connection(f);
	if (f->chunked)
		out->body = HTTP1_CHUNKED;
	else if (f->length)
		out->body = HTTP1_LENGTH;
	/* RFC 9110, 10.1.1: not of HTTP/1.0, and only before content. */
	if (f->expect)
		out->expect_continue = out->minor > 0 &&
		    (f->chunked || out->length > 0);
	return HTTP1_OK;
}

void
http1_end_response(struct http1_fields *f, enum http1_method asked)
{
	struct http1_head *out = f->out;
	int s = out->status;

	end_connection(f);
	if (s < 200 || s == 204) {
		/* RFC 9112, 6.3: no body whatever the fields say. With a
		 * coding, what follows is doubtful: not for another use. */
		if (f->chunked || out->length > 0)
			out->keep_alive = 0;
	} else if (asked == HTTP1_HEAD || s == 304 ||
	    (asked == HTTP1_CONNECT && s < 300))
		;
	else if (f->chunked)
		out->body = HTTP1_CHUNKED;
	else if (f->length)
		out->body = HTTP1_LENGTH;
	else {
		out->body = HTTP1_UNTIL_CLOSE;
		out->keep_alive = 0;
	}
}
