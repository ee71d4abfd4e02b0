/*
 * http1.c - strict parser of HTTP/1 heads.
 *
 * Runs in: every process that speaks HTTP.
 * Owns: nothing.
 *
 * The parser goes over the head once, from left to right, and each fault has a
 * place: the same bytes give the same result whether they come at once or one
 * by one. A head that is not complete is parsed again from its beginning when
 * it is; until then only new bytes are looked at (look_ahead), for the end of
 * the head and for what can be refused early.
 */
#include "base/err.h"
#include "net/chars.h"
#include "net/hdr_lookup.h"
#include "net/http1_field.h"

#define MAX_LINE	8192
#define MAX_HEAD	65536

/* What one call works on. */
struct parse {
	const char	*p, *e;		/* to do: e is at most the limit */
	const char	*line_e;	/* the same for the first line */
	int		 head_cut, line_cut;	/* e, line_e are the limits */
	struct http1_head *out;
	struct http1_fields f;
	enum http1_error why;
};

static long
refuse(struct parse *x, enum http1_error why)
{
	x->why = why;
	return ERR_FORMAT;
}

/* All bytes are used up in the middle of a line. */
static long
short_of(struct parse *x)
{
	return x->head_cut ? refuse(x, HTTP1_HEAD_TOO_LONG) : ERR_AGAIN;
}

/* The same in the first line. */
static long
short_line(struct parse *x)
{
	return x->line_cut ? refuse(x, HTTP1_LINE_TOO_LONG) : short_of(x);
}

/* CR LF at x->p: 0, or the fault. */
static long
first_line_end(struct parse *x, enum http1_error why)
{
	const char *e = x->line_e;

	if (x->p < e && *x->p != '\r')
		return refuse(x, why);
	if (e - x->p > 1 && x->p[1] != '\n')
		return refuse(x, why);
	if (e - x->p < 2)
		return short_line(x);
	x->p += 2;
	return 0;
}

/* HTTP/1.0 or HTTP/1.1 at x->p, bytes behind it are the caller's. */
static long
version(struct parse *x)
{
	static const char text[] = "HTTP/1.";
	const char *s = x->p, *e = x->line_e;
	int i;

	if (e - s >= 8 && memcmp(s, text, 7) == 0 &&
	    (s[7] == '0' || s[7] == '1')) {
		x->out->minor = s[7] - '0';
		x->p = s + 8;
		return 0;
	}
	for (i = 0; i < 8; i++) {
		if (s + i == e)
			return short_line(x);
		if (i < 7 && s[i] == text[i])
			continue;
		if ((i != 5 && i != 7) || !chars_is(s[i], CHARS_DIGIT))
			return refuse(x, HTTP1_BAD_LINE);
		if (s + i + 1 == e)
			return short_line(x);
		/* One digit is a version, two are nothing. */
		return refuse(x, chars_is(s[i + 1], CHARS_DIGIT) ?
		    HTTP1_BAD_LINE : HTTP1_BAD_VERSION);
	}
	return refuse(x, HTTP1_BAD_VERSION);
}

/* One token and the blank behind it. */
static long
method(struct parse *x)
{
	const char *s = x->p, *e = x->line_e;

	x->p = chars_skip(s, e, CHARS_TOKEN);
	if (x->p == e)
		return short_line(x);
	if (*x->p != ' ' || x->p == s)
		return refuse(x, HTTP1_BAD_METHOD);
	x->out->method_text = str_make(s, (size_t)(x->p - s));
	x->out->method = http1_method(x->out->method_text);
	x->p++;
	return 0;
}

/* The target's bytes and the blank behind it; its form is judged later. */
static long
target(struct parse *x)
{
	struct http1_head *o = x->out;
	const char *s = x->p, *e = x->line_e, *q;

	q = x->p = chars_skip_plain(s, e, CHARS_PATH, '-', ':');
	o->path = str_make(s, (size_t)(q - s));
	o->query = STR_NULL;
	if (q < e && *q == '?') {
		x->p = chars_skip(q + 1, e, CHARS_QUERY);
		o->query = str_make(q + 1, (size_t)(x->p - q - 1));
	}
	if (x->p == e)
		return short_line(x);
	o->target = str_make(s, (size_t)(x->p - s));
	if (*x->p != ' ')
		return refuse(x, o->target.n > 0 && *x->p == '\r' ?
		    HTTP1_BAD_LINE : HTTP1_BAD_TARGET);
	if (o->target.n == 0)
		return refuse(x, HTTP1_BAD_TARGET);
	x->p++;
	return 0;
}

static long
request_line(struct parse *x)
{
	long rc;

	if ((rc = method(x)) != 0 || (rc = target(x)) != 0 ||
	    (rc = version(x)) != 0 ||
	    (rc = first_line_end(x, HTTP1_BAD_LINE)) != 0)
		return rc;
	if ((x->why = http1_target(x->out)) != HTTP1_OK)
		return ERR_FORMAT;
	return 0;
}

/* Three digits, then a blank and a reason, or the end of the line. */
static long
status_line(struct parse *x)
{
	struct http1_head *o = x->out;
	const char *s, *e = x->line_e;
	long rc;
	int i;

	if ((rc = version(x)) != 0)
		return rc;
	for (s = x->p, i = 0; i < 4; i++) {
		if (s + i == e)
			return short_line(x);
		if (i == 0 ? s[i] != ' ' : !chars_is(s[i], CHARS_DIGIT))
			return refuse(x, i == 0 ? HTTP1_BAD_LINE :
			    HTTP1_BAD_STATUS);
		if (i == 1 && (s[i] < '1' || s[i] > '5'))
			return refuse(x, HTTP1_BAD_STATUS);
	}
	o->status = (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
	s += 4;
	o->reason = str_make(s, 0);
	x->p = s;
	if (s == e || *s != ' ')
		return first_line_end(x, HTTP1_BAD_STATUS);
	x->p = chars_skip_text(++s, e);
	o->reason = str_make(s, (size_t)(x->p - s));
	return first_line_end(x, HTTP1_BAD_LINE);
}

/* Value of a field from p: its slice without blanks around it, and the byte
 * behind CR LF; NULL when there is none, *rc is what to return then. */
static inline const char *
value(struct parse *x, const char *p, struct str *v, long *rc)
{
	const char *e = x->e, *q = chars_skip_text(p, e);

	if (e - q < 2 || memcmp(q, "\r\n", 2) != 0) {
		*rc = q == e || (*q == '\r' && q + 1 == e) ? short_of(x) :
		    refuse(x, HTTP1_BAD_HEADER);
		return NULL;
	}
	/* Of the bytes up to q only blanks and tabs are <= ' '. CR stops. */
	if (*p == ' ')
		p++;
	while ((unsigned char)*p <= ' ' && p < q)
		p++;
	for (e = q; e > p && (unsigned char)e[-1] <= ' '; e--)
		;
	*v = str_make(p, (size_t)(e - p));
	return q + 2;
}

/* Field lines up to and with the empty line. */
static long
fields(struct parse *x)
{
	struct hdr *h = x->out->h;
	const char *p, *q, *e = x->e;
	long rc = 0;

	for (p = x->p; p < e && *p != '\r'; h++) {
		if (h == x->out->h + HTTP1_MAX_HEADERS)
			return refuse(x, HTTP1_TOO_MANY);
		q = chars_skip_plain(p, e, CHARS_TOKEN, '0', '9');
		if (q == e)
			return short_of(x);
		if (*q != ':' || q == p)
			return refuse(x, HTTP1_BAD_HEADER);
		h->name = str_make(p, (size_t)(q - p));
		h->id = hdr_lookup(h->name);
		if ((p = value(x, q + 1, &h->value, &rc)) == NULL)
			return rc;
		if (http1_is_framing(h->id)) {
			x->why = http1_field(&x->f, h);
			if (x->why != HTTP1_OK)
				return ERR_FORMAT;
		} else if (h->id == HDR_OTHER && h->name.n >= 14 &&
		    h->name.n <= 17 && http1_looks_framing(h->name))
			return refuse(x, HTTP1_BAD_HEADER);
	}
	x->out->n = (unsigned)(h - x->out->h);
	if (e - p < 2)
		return short_of(x);
	if (p[1] != '\n')
		return refuse(x, HTTP1_BAD_HEADER);
	x->p = p + 2;
	return 0;
}

/*
 * 1 when the head of p[0..n), of which seen bytes were looked at before, is
 * worth parsing: it is complete, or it is over a limit, or it has a fault, or
 * its first line is complete now.
 */
static int
look_ahead(const char *p, size_t n, size_t seen, size_t max_line,
    size_t max_head)
{
	const char *s, *e = p + n;

	if (n >= max_head || (n >= max_line && seen < max_line + 2))
		return 1;
	for (s = p + seen; (s = chars_skip_text(s, e)) < e; s++) {
		if (*s == '\r') {
			if (s + 1 < e && s[1] != '\n')
				return 1;
			continue;
		}
		if (*s != '\n' || s == p || s[-1] != '\r')
			return 1;
		if (s - p >= 3 && s[-2] == '\n')
			return 1;
		if (s - p > 1 && memchr(p + 2, '\n', (size_t)(s - p - 2)) ==
		    NULL)
			return 1;
	}
	return 0;
}

/* Parse p[0..n) from its beginning; the size of the head, or as above. */
static long
head(struct parse *x, const char *p, size_t n, size_t max_line,
    size_t max_head, int request)
{
	size_t left;
	long rc;

	if (request && n == 1 && p[0] == '\r')
		return ERR_AGAIN;
	x->head_cut = n >= max_head;
	x->e = p + (x->head_cut ? max_head : n);
	/* RFC 9112, 2.2: one empty line before a request is skipped. */
	x->p = p;
	if (request && x->e - p >= 2 && p[0] == '\r' && p[1] == '\n')
		x->p += 2;
	left = (size_t)(x->e - x->p);
	x->line_cut = left >= max_line;
	x->line_e = x->line_cut ? x->p + max_line : x->e;
	http1_fields_init(&x->f, x->out, request);
	rc = request ? request_line(x) : status_line(x);
	if (rc == 0)
		rc = fields(x);
	return rc == 0 ? x->p - p : rc;
}

/* What requests and responses share; the caller judges a complete head. */
static long
parse(struct parse *x, const char *p, size_t n, size_t *seen,
    const struct http1_limits *lim, int request)
{
	size_t max_line = lim == NULL || lim->max_line == 0 ? MAX_LINE :
	    lim->max_line;
	size_t max_head = lim == NULL || lim->max_head == 0 ? MAX_HEAD :
	    lim->max_head;
	long rc = ERR_AGAIN;

	ASSERT(*seen <= n);
	x->why = HTTP1_OK;
	if (n > *seen && (*seen == 0 ||
	    look_ahead(p, n, *seen, max_line, max_head)))
		rc = head(x, p, n, max_line, max_head, request);
	if (rc == ERR_AGAIN && n > 0)
		*seen = p[n - 1] == '\r' ? n - 1 : n;
	return rc;
}

long
http1_request(const char *p, size_t n, size_t *seen,
    const struct http1_limits *lim, struct http1_head *out,
    enum http1_error *why)
{
	struct parse x;
	long rc;

	x.out = out;
	rc = parse(&x, p, n, seen, lim, 1);
	if (rc > 0 && (x.why = http1_end_request(&x.f)) != HTTP1_OK)
		rc = ERR_FORMAT;
	*why = x.why;
	return rc;
}

long
http1_response(const char *p, size_t n, size_t *seen,
    const struct http1_limits *lim, enum http1_method asked,
    struct http1_head *out, enum http1_error *why)
{
	struct parse x;
	long rc;

	x.out = out;
	rc = parse(&x, p, n, seen, lim, 0);
	if (rc > 0)
		http1_end_response(&x.f, asked);
	*why = x.why;
	return rc;
}
