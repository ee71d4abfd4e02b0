/*
 * http1_twin_test.c - heads: the parser against a plain twin, on mutations.
 *
 * The twin splits at CR LF and judges line by line with the rules as they are
 * written in RFC 9112 and in http1_field.c; it knows nothing of speed. Both
 * must agree on every mutation of a few heads: each byte replaced, inserted,
 * removed, and many bytes at once.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/addr.h"
#include "net/http1.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX		512

/* What the twin found out. */
struct twin {
	int		 good, minor, chunked, has_length, close, keep;
	int		 hosts, types;
	uint64_t	 length;
	struct str	 host, authority;
	unsigned	 n;
};

static int
all_in(struct str s, const char *extra)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || (!isalnum((unsigned char)s.p[i]) &&
		    strchr(extra, s.p[i]) == NULL))
			return 0;
	return s.n > 0;
}

static int
is_number(struct str s, uint64_t max, uint64_t *out)
{
	char t[32];

	if (s.n >= sizeof(t) || s.n == 0)
		return 0;
	str_copy(t, sizeof(t), s);
	if (strspn(t, "0123456789") != s.n)
		return 0;
	*out = strtoull(t, NULL, 10);
	return *out <= max;
}

static int
is_host(struct str s)
{
	unsigned char a[16];
	uint64_t port;
	size_t i = s.n;

	while (i > 0 && isdigit((unsigned char)s.p[i - 1]))
		i--;
	if (i > 0 && s.p[i - 1] == ':' && !(s.p[0] == '[' &&
	    memchr(s.p + i - 1, ']', s.n - i + 1) != NULL)) {
		if (s.n - i > 5 || !is_number(str_skip(s, i), 65535, &port))
			return 0;
		s.n = i - 1;
	}
	if (s.n > 0 && s.p[0] == '[')
		return s.p[s.n - 1] == ']' && addr_parse(s, a) == 0;
	return all_in(s, "-._~");
}

static int
is_target(struct twin *w, struct str m, struct str t)
{
	struct str path, rest = t;
	char hex[3] = "";
	size_t i;

	for (i = 0; i < t.n; i++)
		if (t.p[i] <= ' ' || t.p[i] > '~' ||
		    strchr("\"#<>", t.p[i]) != NULL)
			return 0;
	if (str_eqc(m, "CONNECT")) {
		w->authority = t;
		return is_host(t) && str_chr(t, ':') >= 0 &&
		    t.p[t.n - 1] != ']';
	}
	if (!str_split(&rest, '?', &path) || t.n == 0)
		return 0;
	for (i = 0; i < path.n; i++) {
		if (strchr("\\`{}", path.p[i]) != NULL)
			return 0;
		if (path.p[i] != '%')
			continue;
		if (i + 2 >= path.n || !isxdigit((unsigned char)path.p[i + 1])
		    || !isxdigit((unsigned char)path.p[i + 2]))
			return 0;
		memcpy(hex, path.p + i + 1, 2);
		if (iscntrl((int)strtol(hex, NULL, 16)))
			return 0;
	}
	if (t.p[0] == '/')
		return 1;
	if (t.p[0] == '*')
		return t.n == 1 && str_eqc(m, "OPTIONS");
	if (path.n > 7 && str_ieq(str_make(t.p, 7), STR("http://")))
		path = str_skip(path, 7);
	else if (path.n > 8 && str_ieq(str_make(t.p, 8), STR("https://")))
		path = str_skip(path, 8);
	else
		return 0;
	if (!str_split(&path, '/', &w->authority))
		return 0;
	return is_host(w->authority);
}

static int
first_line(struct twin *w, struct str line)
{
	struct str m, t, part;

	if (!str_split(&line, ' ', &m) || !str_split(&line, ' ', &t) ||
	    !str_split(&line, ' ', &part) || line.p != NULL)
		return 0;
	if (!str_eqc(part, "HTTP/1.1") && !str_eqc(part, "HTTP/1.0"))
		return 0;
	w->minor = part.p[7] - '0';
	return all_in(m, "!#$%&'*+-.^_`|~") && is_target(w, m, t);
}

static int
framing(struct twin *w, struct str name, struct str v)
{
	struct str part;

	if (str_ieq(name, STR("host"))) {
		w->host = v;
		return w->hosts++ == 0 && is_host(v);
	}
	if (str_ieq(name, STR("content-length")))
		return !w->has_length++ && is_number(v, 999999999999999999,
		    &w->length) && v.n <= 18 && (v.n == 1 || v.p[0] != '0');
	if (str_ieq(name, STR("transfer-encoding")))
		return !w->chunked++ && w->minor == 1 &&
		    str_ieq(v, STR("chunked"));
	if (str_ieq(name, STR("content-type")))
		return w->types++ == 0;
	if (str_ieq(name, STR("expect")))
		return str_ieq(v, STR("100-continue"));
	if (str_ieq(name, STR("connection")))
		while (str_split(&v, ',', &part)) {
			w->close |= str_ieq(str_trim(part), STR("close"));
			w->keep |= str_ieq(str_trim(part),
			    STR("keep-alive"));
		}
	return 1;
}

static int
field(struct twin *w, struct str line)
{
	long colon = str_chr(line, ':');
	struct str name, v;
	char text[32];
	size_t i;

	if (colon <= 0)
		return 0;
	name = str_make(line.p, (size_t)colon);
	v = str_trim(str_skip(line, (size_t)colon + 1));
	if (!all_in(name, "!#$%&'*+-.^_`|~"))
		return 0;
	for (i = 0; i < v.n; i++)
		if (v.p[i] != '\t' && iscntrl((unsigned char)v.p[i]))
			return 0;
	str_copy(text, sizeof(text), name);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] == '_')
			text[i] = '-';
	if (memchr(name.p, '_', name.n) != NULL && name.n < sizeof(text) &&
	    (strcasecmp(text, "content-length") == 0 ||
	    strcasecmp(text, "transfer-encoding") == 0))
		return 0;
	w->n++;
	return framing(w, name, v);
}

/* 1: w is what the head of p[0..n) says; 0: refused or not complete. */
static int
twin(struct twin *w, const char *p, size_t n)
{
	struct str rest = str_make(p, n), line;
	long end;

	memset(w, 0, sizeof(*w));
	if (str_starts(rest, STR("\r\n")))
		rest = str_skip(rest, 2);
	if ((end = str_find(rest, STR("\r\n"))) < 0 ||
	    !first_line(w, str_make(rest.p, (size_t)end)))
		return 0;
	for (;;) {
		rest = str_skip(rest, (size_t)end + 2);
		if ((end = str_find(rest, STR("\r\n"))) < 0)
			return 0;
		if (end == 0)
			break;
		line = str_make(rest.p, (size_t)end);
		if (!field(w, line))
			return 0;
	}
	if (w->hosts == 0 && w->minor == 1)
		return 0;
	if (w->authority.p != NULL && w->hosts > 0 &&
	    !str_ieq(w->authority, w->host))
		return 0;
	return !(w->chunked && w->has_length);
}

static unsigned long accepted, refused;

static void
compare(const char *p, size_t n)
{
	static struct http1_head h;
	enum http1_error why;
	struct twin w;
	size_t seen = 0;
	long rc = http1_request(p, n, &seen, NULL, &h, &why);

	if (twin(&w, p, n) != (rc > 0)) {
		tap_fail(__FILE__, __LINE__, "parser %ld (%d): %.*s", rc,
		    (int)why, (int)n, p);
	}
	if (rc <= 0) {
		refused++;
		return;
	}
	accepted++;
	EQ_INT(h.n, w.n);
	EQ_INT(h.minor, w.minor);
	EQ_INT(h.body == HTTP1_CHUNKED, w.chunked);
	EQ_INT(h.has_length, w.has_length);
	EQ_INT(h.length, w.length);
	EQ_INT(h.keep_alive, !w.close && (w.minor || w.keep));
}

static const char *const heads[] = {
	"POST /v1 HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 5\r\n\r\n",
	"POST /v1?a=b%20 HTTP/1.1\r\nHost: [::1]:80\r\n"
	    "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
	"GET /%41 HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n",
	"GET http://a.b:8/c?d HTTP/1.1\r\nhost: A.b:8\r\nX: y\r\n\r\n",
	"\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
	"PUT / HTTP/1.1\r\nHost: a\r\nContent-Type: b\r\nContent-Length: 12"
	    "\r\nX-Long-Name-Of-A-Field: text \xe9 text text text\r\n\r\n",
};

/* Each byte removed, and each of 256 in its place and before it. */
TEST(one_byte)
{
	char t[MAX];
	size_t i, k, n;
	int c;

	for (k = 0; k < COUNT(heads); k++) {
		n = strlen(heads[k]);
		compare(heads[k], n);
		for (i = 0; i < n; i++) {
			memcpy(t, heads[k], n);
			for (c = 0; c < 256; c++) {
				t[i] = (char)c;
				compare(t, n);
			}
			memmove(t + i + 1, heads[k] + i, n - i);
			for (c = 0; c < 256; c++) {
				t[i] = (char)c;
				compare(t, n + 1);
			}
			memmove(t + i, heads[k] + i + 1, n - i - 1);
			compare(t, n - 1);
		}
	}
	OK(accepted > 10000 && refused > 100000);
}

/* A line once more, in each other place, whole or without its first bytes. */
TEST(lines_again)
{
	char t[MAX];
	struct str s, line;
	size_t k, at, cut;
	long end;

	for (k = 0; k < COUNT(heads); k++)
		for (s = str_of(heads[k]); (end = str_find(s,
		    STR("\r\n"))) >= 0; s = str_skip(s, (size_t)end + 2))
			for (cut = 0; cut < 3; cut++)
				for (at = 0; heads[k][at] != '\0'; at++) {
					line = str_skip(str_make(s.p,
					    (size_t)end + 2), cut);
					memcpy(t, heads[k], at);
					memcpy(t + at, line.p, line.n);
					memcpy(t + at + line.n, heads[k] + at,
					    strlen(heads[k]) - at);
					compare(t, strlen(heads[k]) + line.n);
				}
}

/* Several places at once; the numbers are always the same. */
TEST(many_bytes)
{
	static const char bytes[] = "\r\n\t\v\f :,;/?#%@*+-_.[]0159aAxX\"\\"
	    "\x01\x7f\x80\xa0\xff";
	char t[MAX];
	uint64_t r = 88172645463325252ULL;
	size_t n, at, from;
	int i, m;

	for (i = 0; i < 300000; i++) {
		const char *h = heads[(unsigned)i % COUNT(heads)];

		n = strlen(h);
		memcpy(t, h, n);
		for (m = 0; m < 1 + i % 4; m++) {
			r ^= r << 13;
			r ^= r >> 7;
			r ^= r << 17;
			at = (r >> 8) % n;
			from = (r >> 24) % n;
			if ((r & 3) == 0)
				t[at] = t[from];
			else if ((r & 3) == 1)
				t[at] = (char)toupper((unsigned char)t[at]);
			else
				t[at] = bytes[(r >> 40) % (sizeof(bytes) -
				    ((r & 3) == 2))];
		}
		compare(t, n);
	}
}

TAP_BEGIN
TAP_ROW(one_byte)
TAP_ROW(lines_again)
TAP_ROW(many_bytes)
TAP_END
