/*
 * jt.c - reading members of JSON text where they are.
 *
 * Runs in: worker, aigw-mock.
 * Owns: nothing.
 */
#include <stdlib.h>

#include "base/slice.h"
#include "dialect/jt.h"

#define PORTION 65536	/* looked at at once */

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct jval
jt_value(struct str text)
{
	struct jval v = { JSCAN_NONE, text };

	while (v.raw.n > 0 && is_blank(v.raw.p[0]))
		v.raw = str_skip(v.raw, 1);
	while (v.raw.n > 0 && is_blank(v.raw.p[v.raw.n - 1]))
		v.raw.n--;
	if (v.raw.n == 0)
		return v;
	switch (*v.raw.p) {
	case '{':
		v.type = JSCAN_OBJECT;
		break;
	case '[':
		v.type = JSCAN_ARRAY;
		break;
	case '"':
		v.type = JSCAN_STRING;
		break;
	case 't':
		v.type = JSCAN_TRUE;
		break;
	case 'f':
		v.type = JSCAN_FALSE;
		break;
	case 'n':
		v.type = JSCAN_NULL;
		break;
	default:
		v.type = JSCAN_NUMBER;
	}
	return v;
}

int
jt_each(struct jval v, size_t *pos, struct str *name, struct jval *out)
{
	struct str key;

	if ((v.type != JSCAN_OBJECT && v.type != JSCAN_ARRAY) ||
	    !jscan_each(v.raw, pos, &key, &out->raw, &out->type))
		return 0;
	if (name != NULL)
		*name = key.n >= 2 ? str_make(key.p + 1, key.n - 2) :
		    STR_NULL;
	return 1;
}

struct jval
jt_get(struct jval o, const char *name)
{
	struct jval found = { JSCAN_NONE, { NULL, 0 } }, v;
	struct str key;
	size_t pos = 0;

	if (o.type != JSCAN_OBJECT)
		return found;
	while (jt_each(o, &pos, &key, &v))
		if (str_eqc(key, name))
			found = v;
	return found;
}

int
jt_is(struct jval v)
{
	return v.type != JSCAN_NONE && v.type != JSCAN_NULL;
}

static int
hex4(const char *p, unsigned *out)
{
	unsigned v = 0, i;

	for (i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (unsigned)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + (unsigned)((c | 32) - 'a') + 10;
		else
			return 0;
	}
	*out = v;
	return 1;
}

static char *
put_utf8(char *d, unsigned c)
{
	if (c < 0x80)
		*d++ = (char)c;
	else if (c < 0x800) {
		*d++ = (char)(0xc0 | c >> 6);
		*d++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*d++ = (char)(0xe0 | c >> 12);
		*d++ = (char)(0x80 | (c >> 6 & 63));
		*d++ = (char)(0x80 | (c & 63));
	} else {
		*d++ = (char)(0xf0 | c >> 18);
		*d++ = (char)(0x80 | (c >> 12 & 63));
		*d++ = (char)(0x80 | (c >> 6 & 63));
		*d++ = (char)(0x80 | (c & 63));
	}
	return d;
}

/* The escape whose 'u' is at p; *used bytes from there. */
static unsigned
unescape(const char *p, const char *end, size_t *used)
{
	unsigned c, low;

	*used = 5;
	if (end - p < 5 || !hex4(p + 1, &c))
		return 0xfffd;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c < 0xdc00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u' &&
	    hex4(p + 7, &low) && low >= 0xdc00 && low <= 0xdfff) {
		*used = 11;
		return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return 0xfffd;
}

/* The first backslash in p[0..n), or NULL; of a long text a portion at once. */
static const char *
find_escape(const char *p, size_t n)
{
	const char *at;

	for (; n > PORTION; p += PORTION, n -= PORTION) {
		if ((at = memchr(p, '\\', PORTION)) != NULL)
			return at;
		slice_use(PORTION / 8);
	}
	return memchr(p, '\\', n);
}

/* Decode n bytes of the inside of a string; dst has room for as many. */
static size_t
decode(char *dst, const char *p, size_t n)
{
	static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *end = p + n, *at;
	char *d = dst;
	size_t used;

	while (p < end) {
		size_t most = end - p > PORTION ? PORTION : (size_t)(end - p);

		if ((at = memchr(p, '\\', most)) == NULL)
			at = p + most;
		memcpy(d, p, (size_t)(at - p));
		d += at - p;
		slice_use((size_t)(at - p) / 4 + 12);
		p = at;
		if (p == end || *p != '\\')
			continue;
		if (end - p < 2)
			break;
		p++;
		if (*p == 'u') {
			d = put_utf8(d, unescape(p, end, &used));
			p += used < (size_t)(end - p) ? used :
			    (size_t)(end - p);
		} else {
			at = strchr(plain, *p);
			*d++ = at == NULL ? *p : means[at - plain];
			p++;
		}
	}
	return (size_t)(d - dst);
}

struct str
jt_text(struct arena *a, struct jval v)
{
	char *d;

	if (v.type != JSCAN_STRING || v.raw.n < 3)
		return STR("");
	if (find_escape(v.raw.p, v.raw.n) == NULL)
		return str_make(v.raw.p + 1, v.raw.n - 2);
	d = arena_alloc(a, v.raw.n);
	return str_make(d, decode(d, v.raw.p + 1, v.raw.n - 2));
}

long
jt_lone(struct str text)
{
	const char *p = text.p, *end = p + text.n;
	size_t used, n;

	for (; p < end; p += used) {
		n = end - p > PORTION ? PORTION : (size_t)(end - p);
		slice_use(n / 16 + 4);
		if (*p != '\\') {
			const char *at = memchr(p, '\\', n);

			used = at == NULL ? n : (size_t)(at - p);
			continue;
		}
		if (end - p < 2)
			break;
		used = 2;
		if (p[1] == 'u' && unescape(p + 1, end, &used) == 0xfffd &&
		    end - p >= 6 && (p[2] | 32) == 'd')
			return p - text.p;
		if (p[1] == 'u')
			used++;
	}
	return -1;
}

int
jt_eq(struct jval v, const char *s)
{
	size_t len = strlen(s);
	char text[64];
	long n;

	/* No letter takes more than an escape of six. */
	if (v.type != JSCAN_STRING || v.raw.n < len + 2 ||
	    v.raw.n > 6 * len + 2)
		return 0;
	if (memchr(v.raw.p, '\\', v.raw.n) == NULL)
		return v.raw.n == len + 2 &&
		    memcmp(v.raw.p + 1, s, len) == 0;
	n = jscan_string(v.raw, text, sizeof(text));
	return n >= 0 && str_eqc(str_make(text, (size_t)n), s);
}

uint64_t
jt_u64(struct jval v, uint64_t dflt)
{
	uint64_t n;

	return v.type == JSCAN_NUMBER && jscan_u64(v.raw, &n) == 0 ? n : dflt;
}

int
jt_bool(struct jval v)
{
	return v.type == JSCAN_TRUE ? 1 : v.type == JSCAN_FALSE ? 0 : -1;
}

double
jt_double(struct jval v)
{
	char text[64];

	if (v.type != JSCAN_NUMBER || str_copy(text, sizeof(text), v.raw) != 0)
		return 0;
	return strtod(text, NULL);
}
