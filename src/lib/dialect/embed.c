/*
 * embed.c - what the formats share of embeddings: lists of texts, vectors.
 *
 * Runs in: worker.
 * Owns: nothing; all lies in the caller's arena.
 *
 * Most vectors cross as they came. Numbers become base64 by a short cut: a
 * decimal of at most 15 digits and a small exponent is exact in a double, or
 * one rounding away; the rest is the C library's.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/slice.h"
#include "dialect/embed.h"

#define DIGITS		15	/* exact in a double */
#define PART		768u	/* floats encoded at a time: no padding */
#define CODED		(PART * sizeof(float) / 3 * 4)
#define NUMBER_MAX	64	/* characters */
#define PORTION		4096u
#define EXTRAS		64u	/* more than are told */

_Static_assert(PART * sizeof(float) % 3 == 0, "base64 would be padded");

/* --- requests ------------------------------------------------------------ */

int
embed_bad(struct ir_note *n, const char *member, const char *what)
{
	return ir_refuse(n, member, "%s %s", member, what);
}

int
embed_add(struct embed *e, struct jval text, struct ir_note *n)
{
	struct jval *more;

	if (e->n == EMBED_TEXTS)
		return ir_refuse(n, NULL, "the request has more than %u "
		    "texts, too many to be translated for this model",
		    EMBED_TEXTS);
	if ((e->n & (e->n - 1)) == 0) {		/* full, or empty */
		more = arena_alloc(e->q->a, (e->n == 0 ? 1 : 2 * e->n) *
		    sizeof(*more));
		if (e->n > 0)
			memcpy(more, e->text, e->n * sizeof(*more));
		e->text = more;
	}
	e->text[e->n++] = text;
	slice_use(16);
	return 0;
}

int
embed_texts(struct embed *e, struct jval v, const char *member,
    struct ir_note *n)
{
	struct jval one;
	size_t pos = 0;
	int rc = 0;

	if (v.type == JSCAN_STRING)
		return embed_add(e, v, n);
	if (v.type != JSCAN_ARRAY)
		return embed_bad(n, member, jt_is(v) ? "must be a string or a "
		    "list of strings" : "must be there");
	while (rc == 0 && jt_each(v, &pos, NULL, &one)) {
		if (one.type != JSCAN_STRING)
			return embed_bad(n, arena_printf(n->a, "%s[%u]",
			    member, e->n), "must be a string");
		rc = embed_add(e, one, n);
	}
	return rc != 0 || e->n > 0 ? rc : embed_bad(n, member, "must have at "
	    "least one text");
}

void
embed_put_texts(struct jw *w, const struct embed *e)
{
	unsigned i;

	jw_open(w, '[');
	for (i = 0; i < e->n; i++)
		jw_raw(w, e->text[i].raw);
	jw_close(w, ']');
}

int
embed_number(struct jval v, uint64_t *out)
{
	return !jt_is(v) || (v.type == JSCAN_NUMBER &&
	    jscan_u64(v.raw, out) == 0);
}

int
embed_flag(struct jval v, int *out)
{
	return !jt_is(v) || (*out = jt_bool(v)) >= 0;
}

void
embed_extra(struct embed *e, struct str name, struct jval v)
{
	if (jt_is(v) && e->extras++ < EXTRAS)
		ir_extra_add(e->q, arena_strndup(e->q->a, name.p, name.n),
		    v.raw);
}

/* Nobody else takes these. */
static int
lose_own(const struct embed *e, struct ir_note *n)
{
	int rc;

	if (e->only != NULL)
		return embed_bad(n, e->only, e->why);
	if ((e->task && (rc = ir_drop(n, "taskType")) != 0) ||
	    (e->title && (rc = ir_drop(n, "title")) != 0) ||
	    (e->joined && (rc = ir_change(n, "content.parts")) != 0))
		return rc;
	return ir_extra_lose(e->q, n);
}

int
embed_lose(const struct embed *e, unsigned has, struct ir_note *n)
{
	int rc;

	if (e->tokens.n > 0 && !(has & EMBED_HAS_TOKENS))
		return embed_bad(n, "input", "must be a string or a list of "
		    "strings: this model does not take numbers of tokens");
	if ((rc = lose_own(e, n)) != 0 || (e->q->user.n > 0 &&
	    !(has & EMBED_HAS_USER) && (rc = ir_drop(n, "user")) != 0))
		return rc;
	if (e->truncate < 0 || (has & EMBED_HAS_TRUNCATE))
		return 0;
	return ir_drop(n, e->q->from == DIALECT_GEMINI ? "autoTruncate" :
	    "truncate");
}

/* --- answers ------------------------------------------------------------- */

void
embed_room(struct embed_answer *an)
{
	an->v = arena_zalloc(an->a, (an->want + 1) * sizeof(*an->v));
}

/* A list of numbers, as jscan took it? */
static int
is_numbers(struct str raw)
{
	size_t i = 1, end, n;
	char c;

	while (i + 1 < raw.n) {
		n = raw.n - 1 - i > PORTION ? PORTION : raw.n - 1 - i;
		for (end = i + n; i < end; i++) {
			c = raw.p[i];
			if ((c < '0' || c > '9') && c != ',' && c != '.' &&
			    c != '-' && c != '+' && c != 'e' && c != 'E' &&
			    c > ' ')
				return 0;
		}
		slice_use(n);
	}
	return 1;
}

int
embed_vector(struct embed_answer *an, uint64_t i, struct jval v)
{
	if (i >= an->want || an->v[i].type != JSCAN_NONE ||
	    (v.type != JSCAN_STRING && v.type != JSCAN_ARRAY) ||
	    (v.type == JSCAN_ARRAY && !is_numbers(v.raw)))
		return ERR_FORMAT;
	an->v[i] = v;
	return 0;
}

int
embed_vectors(struct embed_answer *an, struct jval list, const char *name)
{
	struct jval one;
	size_t pos = 0;
	uint64_t i;

	for (i = 0; jt_each(list, &pos, NULL, &one); i++)
		if (embed_vector(an, i, name == NULL ? one :
		    jt_get(one, name)) != 0)
			return ERR_FORMAT;
	return embed_whole(an);
}

int
embed_whole(const struct embed_answer *an)
{
	unsigned i;

	for (i = 0; i < an->want; i++)
		if (an->v[i].type == JSCAN_NONE)
			return ERR_FORMAT;
	return 0;
}

/* --- vectors ------------------------------------------------------------- */

static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
	1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
	1e21, 1e22 };
#define TENS ((int)(sizeof(tens) / sizeof(tens[0])) - 1)

/* The number at *p, which moves behind it; by the library if it is long. */
static float
number_at(const char **p, const char *end)
{
	const char *s = *p, *from = s;
	uint64_t m = 0;
	int minus, digits = 0, point = 0, ten = 0, small = 0, e = 0;
	char text[NUMBER_MAX];
	double v;

	if ((minus = s < end && *s == '-') != 0)
		s++;
	for (; s < end && ((*s >= '0' && *s <= '9') || *s == '.'); s++) {
		if (*s == '.') {
			point = 1;
			continue;
		}
		if (m > 0 || *s != '0')
			digits++;
		if (digits <= DIGITS)
			m = m * 10 + (unsigned)(*s - '0');
		ten -= point;
	}
	if (s < end && (*s | 32) == 'e') {
		s++;
		small = s < end && *s == '-';
		if (s < end && (*s == '-' || *s == '+'))
			s++;
		for (; s < end && *s >= '0' && *s <= '9'; s++)
			e = e > 9999 ? e : e * 10 + *s - '0';
	}
	*p = s;
	ten += small ? -e : e;
	if (digits <= DIGITS && ten >= -TENS && ten <= TENS) {
		v = ten < 0 ? (double)m / tens[-ten] : (double)m * tens[ten];
		return (float)(minus ? -v : v);
	}
	if (str_copy(text, sizeof(text), str_make(from, (size_t)(s - from))) !=
	    0)
		return (float)strtod(from, NULL);	/* ends at a comma */
	return strtof(text, NULL);
}

static void
put_le(unsigned char *d, float f)
{
	uint32_t v;

	memcpy(&v, &f, sizeof(v));
	d[0] = (unsigned char)v;
	d[1] = (unsigned char)(v >> 8);
	d[2] = (unsigned char)(v >> 16);
	d[3] = (unsigned char)(v >> 24);
}

/* Numbers to base64. */
static int
encode(struct jw *w, struct str raw)
{
	const char *p = raw.p + 1, *end = raw.p + raw.n - 1;
	unsigned char part[PART * sizeof(float)];
	unsigned n = 0;
	float f;

	jw_raw(w, STR("\""));
	for (;;) {
		while (p < end && (*p == ',' || *p <= ' '))
			p++;
		if (n == PART || p >= end) {
			slice_use(n * 40);
			if (w->error == 0)
				w->error = crypto_base64(w->b, str_make(
				    (const char *)part, n * sizeof(float)));
			n = 0;
		}
		if (p >= end || w->error != 0)
			break;
		f = number_at(&p, end);
		if (!isfinite(f))
			return ERR_FORMAT;
		put_le(part + sizeof(float) * n++, f);
	}
	w->comma = 0;
	jw_raw(w, STR("\""));
	return 0;
}

/* As few digits as tell the float from others. */
static void
put_float(struct jw *w, float f)
{
	char text[32];
	int digits, n;

	for (digits = 6; digits <= FLT_DECIMAL_DIG; digits++) {
		n = snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	jw_raw(w, str_make(text, (size_t)n));
}

/* The floats of a part. */
static int
put_floats(struct jw *w, struct str le)
{
	const unsigned char *p = (const unsigned char *)le.p;
	uint32_t v;
	size_t i;
	float f;

	if (le.n % sizeof(f) != 0)
		return ERR_FORMAT;
	for (i = 0; i < le.n; i += sizeof(f)) {
		v = p[i] | (uint32_t)p[i + 1] << 8 |
		    (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
		memcpy(&f, &v, sizeof(f));
		if (!isfinite(f))
			return ERR_FORMAT;
		put_float(w, f);
		slice_use(600);
	}
	return 0;
}

/* Base64 to numbers. */
static int
decode(struct jw *w, struct str text)
{
	struct str part;
	struct buf b;
	int rc = 0;

	buf_init(&b, CODED);
	jw_open(w, '[');
	for (; rc == 0 && text.n > 0; text = str_skip(text, part.n)) {
		part = str_make(text.p, text.n < CODED ? text.n : CODED);
		buf_reset(&b);
		if ((rc = crypto_unbase64(&b, part)) == 0)
			rc = put_floats(w, buf_str(&b));
	}
	jw_close(w, ']');
	buf_free(&b);
	return rc;
}

int
embed_put_vector(struct jw *w, const struct embed_answer *an, unsigned i,
    int base64)
{
	struct jval v = an->v[i];

	slice_use(v.raw.n / 8 + 50);
	if ((v.type == JSCAN_STRING) == (base64 != 0)) {
		jw_raw(w, v.raw);
		return 0;
	}
	return base64 ? encode(w, v.raw) : decode(w,
	    jt_text(an->a, v));
}
