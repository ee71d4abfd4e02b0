/*
 * jscan.c - a strict RFC 8259 scanner that keeps positions, not a tree.
 *
 * Runs in: every child.
 * Owns: nothing; a scan lives on the stack, bounded by DEPTH_MAX and KEYS_MAX.
 *
 * One loop over values; open containers are a stack of bytes, never calls.
 * Wanted members are a bit each. The mask of a container holds those whose
 * path leads through it, so in all but a few containers it is 0 and a key
 * costs no comparison.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/jscan_text.h"
#include "base/num.h"
#include "base/slice.h"
#include "base/xalloc.h"

#define DEPTH_MAX	1024
#define DEPTH_DEFAULT	64
#define VALUES_DEFAULT	1000000
#define KEYS_MAX	512		/* top-level members, no_duplicates */
#define WANTS_MAX	64
#define PARTS_MAX	4
#define PORTION		65536u

typedef uint64_t mask_t;

struct level {
	mask_t		 mask;		/* wants whose path leads through it */
	mask_t		 seen;		/* of these, the key was there */
	mask_t		 ends;		/* wants that this container is */
	unsigned	 index;		/* of the element under way */
};

struct key {
	const char	*p;
	uint32_t	 n;
	uint32_t	 hash;		/* of the characters it stands for */
};

struct jscan_run {
	const char		*p, *end, *begin;
	const char		*stop;		/* of the slice */
	const char		*inside;	/* a string, where to go on */
	int			 inside_escaped;
	const struct jscan_opts	*opts;
	struct jscan_want	*wants;
	unsigned		 n_wants;
	struct jscan_result	*res;
	unsigned		 depth, max_depth;
	unsigned		 values;	/* how many more are allowed */
	mask_t			 mask;		/* of the value that comes */
	unsigned		 n_keys;
	struct level		 level[PARTS_MAX + 2];	/* [1]: the top */
	struct str		 part[WANTS_MAX][PARTS_MAX];
	unsigned		 n_parts[WANTS_MAX];
	mask_t			 letter[32];	/* wants by the bits that the first
						   one has in either case */
	struct key		 keys[KEYS_MAX];
	char			 kind[DEPTH_MAX + 1];
};

static int
fail(struct jscan_run *s, int error, const char *at, const char *what)
{
	s->res->error = error;
	s->res->at = (size_t)(at - s->begin);
	s->res->what = what;
	return error;
}

/* What stands at p is not what may stand there. */
static int
unexpected(struct jscan_run *s, const char *what)
{
	return fail(s, ERR_FORMAT, s->p, s->p == s->end ? "unexpected end" :
	    what);
}

static inline void
blanks(struct jscan_run *s)
{
	const char *p = s->p;

	while (p < s->end && (unsigned char)*p <= ' ' && (*p == ' ' ||
	    *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	s->p = p;
}

static void
split_paths(struct jscan_run *s)
{
	const char *p, *end;
	unsigned i, n;

	ASSERT(s->n_wants <= WANTS_MAX);
	for (i = 0; i < s->n_wants; i++) {
		p = s->wants[i].path;
		s->letter[*p & 31] |= (mask_t)1 << i;
		s->mask |= (mask_t)1 << i;
		n = 0;
		do {
			ASSERT(n < PARTS_MAX);
			end = strchrnul(p, '.');
			s->part[i][n++] = str_make(p, (size_t)(end - p));
			p = end + 1;
		} while (*end != '\0');
		s->n_parts[i] = n;
	}
}

/* Neither NUL nor half a surrogate pair: parsers disagree about those. */
static int
check_clean(struct jscan_run *s, struct str raw)
{
	const char *p = raw.p, *at, *end = raw.p + raw.n;
	uint32_t c;

	while (p < end) {
		at = p;
		c = jscan_text_next(&p, end);
		if (c == 0)
			return fail(s, ERR_FORMAT, at,
			    "\\u0000 where it is not allowed");
		if (c >= 0xd800 && c <= 0xdfff)
			return fail(s, ERR_FORMAT, at, "lone surrogate");
	}
	return 0;
}

/* Which wants of the level does this key belong to? Into s->mask. */
static int
match_key(struct jscan_run *s, struct level *l, struct str raw, int escaped)
{
	unsigned d = s->depth - 1, i;
	mask_t left = l->mask, hit = 0;
	int same;

	if (d == 0 && raw.n > 0 && *raw.p != '\\' && (*raw.p & 0x80) == 0)
		left &= s->letter[*raw.p & 31];
	for (; left != 0; left &= left - 1) {
		i = (unsigned)__builtin_ctzll(left);
		same = !escaped && str_eq(raw, s->part[i][d]);
		if (!same && jscan_text_may_be(raw, s->part[i][d]))
			same = jscan_text_is(raw, s->part[i][d]);
		if (same < 0 && s->opts->no_case_twins)
			return fail(s, ERR_FORMAT, raw.p,
			    "key differs by case only");
		if (same > 0 || (same < 0 && s->opts->largest))
			hit |= (mask_t)1 << i;
	}
	if ((hit & l->seen) && !s->opts->largest)
		return fail(s, ERR_FORMAT, raw.p, "duplicate key");
	l->seen |= hit;
	s->mask = hit;
	return 0;
}

/* Remember a top-level key; refuse it when it was there. */
static int
note_key(struct jscan_run *s, struct str raw)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	uint32_t hash = 2166136261u;
	unsigned i;

	while (p < end)
		hash = (hash ^ jscan_text_next(&p, end)) * 16777619u;
	for (i = 0; i < s->n_keys; i++)
		if (s->keys[i].hash == hash && jscan_text_same(
		    str_make(s->keys[i].p, s->keys[i].n), raw))
			return fail(s, ERR_FORMAT, raw.p, "duplicate key");
	if (s->n_keys == KEYS_MAX || raw.n > UINT32_MAX)
		return fail(s, ERR_TOOBIG, raw.p, "too many keys");
	s->keys[s->n_keys++] = (struct key){ raw.p, (uint32_t)raw.n, hash };
	return 0;
}

static int
text_end(struct jscan_run *s, const char **close, int *escaped)
{
	const char *at, *what;

	*close = jscan_text_end(s->p + 1, s->end, s->end, escaped, &at,
	    &what);
	return *close == NULL ? fail(s, ERR_FORMAT, at, what) : 0;
}

/* A member's key and colon; s->mask becomes that of its value. */
static int
member(struct jscan_run *s)
{
	struct level *l = s->depth <= PARTS_MAX ? &s->level[s->depth] : NULL;
	int top = s->depth == 1 && s->opts->no_duplicates, escaped, rc;
	const char *close;
	struct str raw;

	blanks(s);
	if (s->p == s->end || *s->p != '"')
		return unexpected(s, "expected a key");
	if ((rc = text_end(s, &close, &escaped)) != 0)
		return rc;
	raw = str_make(s->p + 1, (size_t)(close - s->p - 1));
	s->mask = 0;
	if (top || (l != NULL && l->mask != 0)) {
		if (escaped && !s->opts->any_text &&
		    (rc = check_clean(s, raw)) != 0)
			return rc;
		if (l->mask != 0 && (rc = match_key(s, l, raw, escaped)) != 0)
			return rc;
		if (top && (rc = note_key(s, raw)) != 0)
			return rc;
	}
	s->p = close + 1;
	blanks(s);
	if (s->p == s->end || *s->p != ':')
		return unexpected(s, "expected a colon");
	s->p++;
	return 0;
}

/* The next element of an array begins: which wants does it belong to? */
static void
element(struct jscan_run *s)
{
	struct level *l;
	mask_t left;
	unsigned i, k, v;

	s->mask = 0;
	if (s->depth > PARTS_MAX || (l = &s->level[s->depth])->mask == 0)
		return;
	for (left = l->mask; left != 0; left &= left - 1) {
		i = (unsigned)__builtin_ctzll(left);
		struct str name = s->part[i][s->depth - 1];

		for (v = 0, k = 0; k < name.n && k < 7; k++) {
			if (name.p[k] < '0' || name.p[k] > '9')
				break;
			v = v * 10 + (unsigned)(name.p[k] - '0');
		}
		if (k == name.n && v == l->index)
			s->mask |= (mask_t)1 << i;
	}
	l->index++;
}

/* The value at from, of this type, begins; those wants that end here are set.
 * Returns them. */
static mask_t
note_value(struct jscan_run *s, const char *from, enum jscan_type type)
{
	mask_t left, ends = 0;
	unsigned i;

	for (left = s->mask; left != 0; left &= left - 1) {
		i = (unsigned)__builtin_ctzll(left);
		if (s->n_parts[i] != s->depth)
			continue;
		if (s->opts->largest && jscan_stays(&s->wants[i],
		    str_make(from, (size_t)(s->p - from)))) {
			s->mask &= ~((mask_t)1 << i);
			continue;
		}
		s->wants[i].type = type;
		s->wants[i].raw = str_make(from, (size_t)(s->p - from));
		ends |= (mask_t)1 << i;
	}
	return ends;
}

static int
open_container(struct jscan_run *s)
{
	enum jscan_type type = *s->p == '{' ? JSCAN_OBJECT : JSCAN_ARRAY;
	struct level *l;
	mask_t ends;

	if (s->depth == s->max_depth)
		return fail(s, ERR_TOOBIG, s->p, "nested too deep");
	ends = s->mask == 0 ? 0 : note_value(s, s->p, type);
	s->kind[++s->depth] = *s->p++;
	if (s->depth < sizeof(s->level) / sizeof(s->level[0])) {
		l = &s->level[s->depth];
		l->mask = s->mask & ~ends;
		l->ends = ends;
		l->seen = 0;
		l->index = 0;
	}
	return 0;
}

static void
close_container(struct jscan_run *s)
{
	struct level *l;
	mask_t left;
	unsigned i;

	s->p++;
	if (s->depth < sizeof(s->level) / sizeof(s->level[0])) {
		l = &s->level[s->depth];
		for (left = l->ends; left != 0; left &= left - 1) {
			i = (unsigned)__builtin_ctzll(left);
			s->wants[i].raw.n =
			    (size_t)(s->p - s->wants[i].raw.p);
		}
	}
	s->depth--;
}

static int
digits(struct jscan_run *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p == from ? unexpected(s, "expected a digit") : 0;
}

static int
fits_64_bits(const char *p, const char *end)
{
	struct str text = str_make(p, (size_t)(end - p));
	uint64_t u;
	int64_t i;

	return text.n < 19 || num_i64(text, &i) == 0 ||
	    num_u64(text, &u) == 0;
}

static int
number(struct jscan_run *s)
{
	const char *from = s->p;
	int rc;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if ((rc = digits(s)) != 0)
		return rc;
	if (s->opts->no_big_integers && (s->p == s->end ||
	    (*s->p != '.' && *s->p != 'e' && *s->p != 'E')) &&
	    !fits_64_bits(from, s->p))
		return fail(s, ERR_FORMAT, from, "integer out of range");
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if ((rc = digits(s)) != 0)
			return rc;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if ((rc = digits(s)) != 0)
			return rc;
	}
	return 0;
}

static int
string(struct jscan_run *s)
{
	const char *close, *at, *what;
	int escaped, rc;

	close = jscan_text_end(s->inside != NULL ? s->inside : s->p + 1,
	    s->end, s->stop, &escaped, &at, &what);
	escaped |= s->inside_escaped;
	s->inside = NULL;
	s->inside_escaped = 0;
	if (close == NULL && what == NULL) {	/* the slice is over */
		s->inside = at;
		s->inside_escaped = escaped;
		return ERR_AGAIN;
	}
	if (close == NULL)
		return fail(s, ERR_FORMAT, at, what);
	if (escaped && s->mask != 0 && !s->opts->any_text &&
	    (rc = check_clean(s, str_make(s->p + 1,
	    (size_t)(close - s->p - 1)))) != 0)
		return rc;
	s->p = close + 1;
	return 0;
}

static int
word(struct jscan_run *s, struct str w)
{
	size_t i;

	for (i = 0; i < w.n; i++, s->p++)
		if (s->p == s->end || *s->p != w.p[i])
			return unexpected(s, "expected a value");
	return 0;
}

/* A value that is no container. */
static int
scalar(struct jscan_run *s)
{
	const char *from = s->p;
	enum jscan_type type;
	int rc;

	switch (*s->p) {
	case '"':
		type = JSCAN_STRING;
		rc = string(s);
		break;
	case 't':
		type = JSCAN_TRUE;
		rc = word(s, STR("true"));
		break;
	case 'f':
		type = JSCAN_FALSE;
		rc = word(s, STR("false"));
		break;
	case 'n':
		type = JSCAN_NULL;
		rc = word(s, STR("null"));
		break;
	default:
		if (*s->p != '-' && (*s->p < '0' || *s->p > '9'))
			return unexpected(s, "expected a value");
		type = JSCAN_NUMBER;
		rc = number(s);
	}
	if (s->depth == 0)
		s->res->type = type;
	if (rc == 0 && s->mask != 0)
		note_value(s, from, type);
	return rc;
}

/* Behind a value: close what ends here and stop before the next value, or at
 * the end of the whole (*done = 1). */
static int
after_value(struct jscan_run *s, int *done)
{
	char kind;

	while (s->depth > 0) {
		blanks(s);
		kind = s->kind[s->depth];
		if (s->p == s->end)
			return unexpected(s, "");
		if (*s->p == (kind == '{' ? '}' : ']')) {
			close_container(s);
			continue;
		}
		if (*s->p != ',')
			return unexpected(s, kind == '{' ?
			    "expected a comma or a brace" :
			    "expected a comma or a bracket");
		s->p++;
		if (kind == '{')
			return member(s);
		element(s);
		return 0;
	}
	*done = 1;
	return 0;
}

/* One value, or the beginning of a container up to its first value. */
static int
value(struct jscan_run *s, int *done)
{
	int rc;

	blanks(s);
	if (s->p == s->end)
		return unexpected(s, "");
	if (s->values-- == 0)
		return fail(s, ERR_TOOBIG, s->p, "too many values");
	if (*s->p != '{' && *s->p != '[') {
		if ((rc = scalar(s)) != 0) {
			s->values += rc == ERR_AGAIN;	/* it comes again */
			return rc;
		}
		return after_value(s, done);
	}
	if (s->depth == 0)
		s->res->type = *s->p == '{' ? JSCAN_OBJECT : JSCAN_ARRAY;
	if ((rc = open_container(s)) != 0)
		return rc;
	blanks(s);
	if (s->p < s->end && *s->p == (s->kind[s->depth] == '{' ? '}' : ']'))
		return after_value(s, done);
	if (s->kind[s->depth] == '{')
		return member(s);
	element(s);
	return 0;
}

/* Values up to about bytes further on: 0 all is scanned, ERR_AGAIN, or why
 * not. */
static int
go_on(struct jscan_run *s, size_t bytes)
{
	const char *from = s->inside != NULL ? s->inside : s->p;
	int done = 0, rc;

	s->stop = (size_t)(s->end - from) > bytes ? from + bytes : s->end;
	do
		if ((rc = value(s, &done)) != 0)
			return rc;
	while (!done && (s->p < s->stop || s->stop == s->end));
	if (!done)
		return ERR_AGAIN;
	blanks(s);
	if (s->p != s->end)
		return fail(s, ERR_FORMAT, s->p, "something behind the value");
	return 0;
}

static void
forget_wants(struct jscan_run *s)
{
	unsigned i;

	for (i = 0; i < s->n_wants; i++) {
		s->wants[i].type = JSCAN_NONE;
		s->wants[i].raw = STR_NULL;
	}
}

static void
begin(struct jscan_run *s, struct str text, const struct jscan_opts *opts,
    struct jscan_want *wants, unsigned n_wants, struct jscan_result *res)
{
	static const struct jscan_opts none;

	s->opts = opts != NULL ? opts : &none;
	s->begin = s->p = text.n > 0 ? text.p : "";
	s->end = s->p + text.n;
	s->wants = wants;
	s->n_wants = n_wants;
	s->res = res;
	s->inside = NULL;
	s->inside_escaped = 0;
	s->mask = s->depth = s->n_keys = 0;
	memset(s->letter, 0, sizeof(s->letter));
	s->max_depth = s->opts->max_depth != 0 ? s->opts->max_depth :
	    DEPTH_DEFAULT;
	ASSERT(s->max_depth <= DEPTH_MAX);
	s->values = s->opts->max_values != 0 ? s->opts->max_values :
	    VALUES_DEFAULT;
	*res = (struct jscan_result){ 0, 0, "", JSCAN_NONE };
	split_paths(s);
	forget_wants(s);
}

/* Nothing of a text that was refused may be used. */
static int
refused(struct jscan_run *s)
{
	forget_wants(s);
	s->res->type = JSCAN_NONE;
	return s->res->error;
}

int
jscan(struct str text, const struct jscan_opts *opts,
    struct jscan_want *wants, unsigned n_wants, struct jscan_result *res)
{
	struct jscan_run s;
	int rc;

	begin(&s, text, opts, wants, n_wants, res);
	while ((rc = go_on(&s, PORTION)) == ERR_AGAIN)
		slice_use(PORTION);
	return rc == 0 ? 0 : refused(&s);
}

struct jscan_run *
jscan_begin(struct str text, const struct jscan_opts *opts,
    struct jscan_want *wants, unsigned n_wants, struct jscan_result *res)
{
	struct jscan_run *r = xmalloc(sizeof(*r));

	begin(r, text, opts, wants, n_wants, res);
	return r;
}

int
jscan_some(struct jscan_run *r, size_t bytes)
{
	int rc = go_on(r, bytes);

	return rc == 0 || rc == ERR_AGAIN ? rc : refused(r);
}
