/*
 * opt_set.c - the option table: values from text.
 *
 * Runs in: every process.
 * Owns: nothing.
 *
 * One function for each type, in a table at the end. What they return is the
 * end of a sentence that begins with the name of the option.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/net.h"
#include "conf/opt.h"

struct value {
	struct arena	*a;
	const struct opt *o;
	void		*base;
	void		*field;
	const char	*text;
	struct str	 s;
};

#define FIELD(v, T)	(*(T *)(v)->field)

static const char *
out_of_range(const struct value *v)
{
	struct str lo = str_of(v->o->arg);
	long dots = str_find(lo, STR(".."));

	return arena_printf(v->a, "is %s: must be %.*s to %s", v->text,
	    (int)dots, lo.p, lo.p + dots + 2);
}

/* Parse the two ends of "lo..hi" with the type's own parser. */
#define RANGE(name, T, parse)						\
static int								\
name(const struct opt *o, T v)						\
{									\
	struct str lo, hi;						\
	T min, max;							\
	long dots;							\
									\
	if (o->arg == NULL)						\
		return 1;						\
	lo = hi = str_of(o->arg);					\
	dots = str_find(lo, STR(".."));					\
	ASSERT(dots > 0);						\
	lo.n = (size_t)dots;						\
	hi = str_skip(hi, lo.n + 2);					\
	if (parse(lo, &min) != 0 || parse(hi, &max) != 0)		\
		ASSERT(!"range of a row");				\
	return v >= min && v <= max;					\
}

static int
parse_double(struct str s, double *out)
{
	char buf[64], *end;

	if (str_copy(buf, sizeof(buf), s) != 0 || s.n == 0 ||
	    strspn(buf, "0123456789+-.eE") != s.n)
		return ERR_FORMAT;
	*out = strtod(buf, &end);
	return *end == '\0' && isfinite(*out) ? 0 : ERR_FORMAT;
}

RANGE(in_i64, int64_t, num_i64)
RANGE(in_time, int64_t, num_time_us)
RANGE(in_size, uint64_t, num_size)
RANGE(in_double, double, parse_double)

static const char *
get_i64(const struct value *v, int64_t *out)
{
	int rc = num_i64(v->s, out);

	if (rc == ERR_RANGE)
		return arena_printf(v->a, "is %s: too large", v->text);
	if (rc != 0)
		return arena_printf(v->a, "is %s: must be a whole number",
		    v->text);
	return in_i64(v->o, *out) ? NULL : out_of_range(v);
}

static const char *
set_bool(const struct value *v)
{
	if (str_ieq(v->s, STR("true")) || str_eqc(v->s, "1"))
		FIELD(v, int) = 1;
	else if (str_ieq(v->s, STR("false")) || str_eqc(v->s, "0"))
		FIELD(v, int) = 0;
	else
		return "must be true or false";
	return NULL;
}

static const char *
set_int(const struct value *v)
{
	const char *wrong;
	int64_t n = 0;

	if ((wrong = get_i64(v, &n)) == NULL)
		FIELD(v, int) = (int)n;
	return wrong;
}

static const char *
set_i64(const struct value *v)
{
	const char *wrong;
	int64_t n = 0;

	if ((wrong = get_i64(v, &n)) == NULL)
		FIELD(v, int64_t) = n;
	return wrong;
}

static const char *
set_u64(const struct value *v)
{
	const char *wrong;
	int64_t n = 0;

	if ((wrong = get_i64(v, &n)) != NULL)
		return wrong;
	if (n < 0)
		return arena_printf(v->a, "is %s: must not be negative",
		    v->text);
	FIELD(v, uint64_t) = (uint64_t)n;
	return NULL;
}

static const char *
set_num(const struct value *v)
{
	double d;

	if (parse_double(v->s, &d) != 0)
		return arena_printf(v->a, "is %s: must be a number", v->text);
	if (!in_double(v->o, d))
		return out_of_range(v);
	FIELD(v, double) = d;
	return NULL;
}

static const char *
not_a_choice(const struct value *v)
{
	struct str rest = str_of(v->o->arg), part;
	const char *like = NULL;
	char *list = arena_strdup(v->a, v->o->arg), *p;
	unsigned best = 3, d;

	while (str_split(&rest, '|', &part))
		if ((d = opt_distance(part, v->s)) < best && 2 * d < part.n) {
			best = d;
			like = arena_str(v->a, part).p;
		}
	if (like != NULL)
		return arena_printf(v->a,
		    "is \"%s\": did you mean \"%s\"?", v->text, like);
	for (p = list; *p != '\0'; p++)
		if (*p == '|')
			*p = ' ';
	return arena_printf(v->a, "is \"%s\": must be one of %s", v->text,
	    list);
}

static const char *
set_str(const struct value *v)
{
	if (v->o->arg != NULL && opt_choice(v->o->arg, v->s) < 0)
		return not_a_choice(v);
	FIELD(v, const char *) = arena_strdup(v->a, v->text);
	return NULL;
}

static const char *
set_enum(const struct value *v)
{
	int i = opt_choice(v->o->arg, v->s);

	if (i < 0)
		return not_a_choice(v);
	FIELD(v, int) = i;
	return NULL;
}

static const char *
set_level(const struct value *v)
{
	int i = log_level_parse(v->text);

	if (i < 0)
		return not_a_choice(v);
	FIELD(v, int) = i;
	return NULL;
}

static const char *
set_size(const struct value *v)
{
	uint64_t n;
	int rc = num_size(v->s, &n);

	if (rc == ERR_FORMAT)
		return arena_printf(v->a,
		    "is %s: must be a size such as \"64k\", \"32m\", \"1g\"",
		    v->text);
	if (rc != 0 || !in_size(v->o, n))
		return out_of_range(v);
	FIELD(v, uint64_t) = n;
	return NULL;
}

static const char *
get_time(const struct value *v, int64_t *out)
{
	int rc = num_time_us(v->s, out);

	if (rc == ERR_FORMAT)
		return arena_printf(v->a, "is %s: must be a time such as "
		    "\"250ms\", \"10s\", \"15m\", \"2h\", \"1d\"", v->text);
	if (rc != 0)
		return arena_printf(v->a, "is %s: too large", v->text);
	return in_time(v->o, *out) ? NULL : out_of_range(v);
}

static const char *
set_time(const struct value *v)
{
	const char *wrong;
	int64_t us;

	if ((wrong = get_time(v, &us)) == NULL)
		FIELD(v, int64_t) = us;
	return wrong;
}

static const char *
set_limit_time(const struct value *v)
{
	const char *wrong;
	int64_t us;

	if ((wrong = get_time(v, &us)) == NULL)
		FIELD(v, uint64_t) = (uint64_t)us;
	return wrong;
}

static const char *
get_money(const struct value *v, int scale, int64_t *out)
{
	int rc = num_decimal(v->s, scale, out);

	if (rc == ERR_RANGE)
		return arena_printf(v->a, "is %s: too large", v->text);
	if (rc != 0 || *out < 0)
		return arena_printf(v->a,
		    "is %s: must be an amount in USD such as 2.5", v->text);
	return NULL;
}

static const char *
set_usd(const struct value *v)
{
	const char *wrong;
	int64_t n = 0;

	if ((wrong = get_money(v, 12, &n)) == NULL)
		FIELD(v, int64_t) = n;
	return wrong;
}

static const char *
set_price(const struct value *v)
{
	const char *wrong;
	int64_t n = 0;
	int call = v->o->off2 != 0 &&
	    *(int *)(void *)((char *)v->base + v->o->off2) == PRICE_PER_CALL;

	if ((wrong = get_money(v, call ? 12 : 6, &n)) == NULL)
		FIELD(v, int64_t) = n;
	return wrong;
}

static const char *
add_bit(const struct value *v)
{
	int i = opt_choice(v->o->arg, v->s);

	if (i < 0)
		return not_a_choice(v);
	FIELD(v, unsigned) |= 1u << i;
	return NULL;
}

static const char *
add_str(const struct value *v)
{
	struct conf_strs *l = v->field;
	const char **grown;

	if ((l->n & (l->n - 1)) == 0) {		/* 0, 1, 2, 4, ... */
		grown = arena_alloc(v->a, (l->n == 0 ? 1 : 2 * l->n) *
		    sizeof(*grown));
		if (l->n > 0)
			memcpy(grown, l->v, l->n * sizeof(*grown));
		l->v = grown;
	}
	l->v[l->n++] = arena_strdup(v->a, v->text);
	return NULL;
}

static const char *
add_cidr(const struct value *v)
{
	struct conf_cidrs *l = v->field;
	struct conf_cidr net, *grown;
	const char *wrong = conf_cidr_parse(v->s, &net);

	if (wrong != NULL)
		return arena_printf(v->a, "is \"%s\": %s", v->text, wrong);
	if ((l->n & (l->n - 1)) == 0) {
		grown = arena_alloc(v->a, (l->n == 0 ? 1 : 2 * l->n) *
		    sizeof(*grown));
		if (l->n > 0)
			memcpy(grown, l->v, l->n * sizeof(*grown));
		l->v = grown;
	}
	l->v[l->n++] = net;
	return NULL;
}

/* One status or a range in either order. */
static int
add_statuses(struct conf_statuses *st, struct str part)
{
	uint64_t lo, hi, t;
	long dash;

	part = str_trim(part);
	dash = str_chr(part, '-');
	if (num_u64(str_trim(str_make(part.p, dash < 0 ? part.n :
	    (size_t)dash)), &lo) != 0)
		return ERR_FORMAT;
	hi = lo;
	if (dash >= 0 && num_u64(str_trim(str_skip(part, (size_t)dash + 1)),
	    &hi) != 0)
		return ERR_FORMAT;
	if (lo > hi) {
		t = lo;
		lo = hi;
		hi = t;
	}
	if (lo < 100 || hi > 599)
		return ERR_RANGE;
	for (; lo <= hi; lo++)
		st->bits[lo / 64] |= 1ull << lo % 64;
	return 0;
}

static const char *
set_statuses(const struct value *v)
{
	struct conf_statuses st = { 0 };
	struct str rest = v->s, part;

	while (v->s.n > 0 && str_split(&rest, ',', &part))
		if (add_statuses(&st, part) != 0)
			return arena_printf(v->a, "is \"%s\": must be a list "
			    "of statuses such as \"429,500,502-504\"",
			    v->text);
	st.set = v->s.n > 0;
	FIELD(v, struct conf_statuses) = st;
	return NULL;
}

static const char *
set_day(const struct value *v)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	int y, m, d, end = 0, leap;

	if (v->s.n != 0) {
		if (v->s.n != 10 || sscanf(v->text, "%4d-%2d-%2d%n", &y, &m,
		    &d, &end) != 3 || end != 10 || y < 1970 || m < 1 ||
		    m > 12 || d < 1)
			return arena_printf(v->a, "is \"%s\": must be a day "
			    "such as \"2027-12-31\"", v->text);
		leap = m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
		if (d > days[m - 1] + leap)
			return arena_printf(v->a, "is \"%s\": there is no such "
			    "day", v->text);
	}
	FIELD(v, const char *) = arena_strdup(v->a, v->text);
	return NULL;
}

static int
hex_bytes(struct str s, unsigned char *out, size_t n)
{
	uint64_t b;
	size_t i;

	if (s.n != 2 * n)
		return ERR_FORMAT;
	for (i = 0; i < n; i++) {
		if (num_hex(str_make(s.p + 2 * i, 2), &b) != 0)
			return ERR_FORMAT;
		out[i] = (unsigned char)b;
	}
	return 0;
}

static const char *
set_hash(const struct value *v)
{
	unsigned char h[32];

	if (!str_starts(v->s, STR("sha256:")) ||
	    hex_bytes(str_skip(v->s, 7), h, sizeof(h)) != 0)
		return "must be \"sha256:\" and 64 hexadecimal digits";
	memcpy(v->field, h, sizeof(h));
	return NULL;
}

static const char *
set_hex8(const struct value *v)
{
	return hex_bytes(v->s, v->field, 8) == 0 ? NULL :
	    "must be 16 hexadecimal digits";
}

#define S	(1u << FORM_STRING)
#define N	(1u << FORM_NUMBER)
#define Y	(1u << FORM_BOOL)
static const struct {
	const char	*(*set)(const struct value *);
	unsigned	 forms;
	const char	*want;
	int		 strs;
} types[OPT_TYPES] = {
	[OPT_BOOL] = { set_bool, Y, "must be true or false", 0 },
	[OPT_INT] = { set_int, N, "must be a number, without quotes", 0 },
	[OPT_UINT] = { set_int, N, "must be a number, without quotes", 0 },
	[OPT_U64] = { set_u64, N, "must be a number, without quotes", 0 },
	[OPT_I64] = { set_i64, N, "must be a number, without quotes", 0 },
	[OPT_NUM] = { set_num, N, "must be a number, without quotes", 0 },
	[OPT_STR] = { set_str, S, "must be a string in quotes", 0 },
	[OPT_SIZE] = { set_size, S | N,
	    "must be a size in quotes such as \"64k\"", 0 },
	[OPT_TIME] = { set_time, S,
	    "must be a time in quotes with its unit, such as \"10s\"", 0 },
	[OPT_ENUM] = { set_enum, S, "must be a string in quotes", 0 },
	[OPT_LEVEL] = { set_level, S, "must be a string in quotes", 0 },
	[OPT_BITS] = { add_bit, S, "must hold strings in quotes", 1 },
	[OPT_STRS] = { add_str, S, "must hold strings in quotes", 1 },
	[OPT_CIDRS] = { add_cidr, S, "must hold networks in quotes", 1 },
	[OPT_HASH] = { set_hash, S, "must be a string in quotes", 0 },
	[OPT_HEX8] = { set_hex8, S, "must be a string in quotes", 0 },
	[OPT_LIMIT] = { set_u64, N, "must be a number, without quotes", 0 },
	[OPT_LIMIT_TIME] = { set_limit_time, S,
	    "must be a time in quotes with its unit, such as \"10s\"", 0 },
	[OPT_SCORE] = { set_num, N, "must be a number, without quotes", 0 },
	[OPT_USD] = { set_usd, N, "must be a number, without quotes", 0 },
	[OPT_PRICE] = { set_price, N, "must be a number, without quotes", 0 },
	[OPT_STATUSES] = { set_statuses, S, "must be a string in quotes", 0 },
	[OPT_DAY] = { set_day, S, "must be a string in quotes", 0 },
};

int
opt_is_strs(const struct opt *o)
{
	return types[o->type].strs;
}

int
opt_is_plain(const struct opt *o)
{
	return types[o->type].set != NULL;
}

/* "a, b" of the environment. */
static const char *
set_parts(struct value *v)
{
	struct str rest = v->s, part;
	const char *wrong = NULL;

	while (wrong == NULL && str_split(&rest, ',', &part)) {
		v->s = str_trim(part);
		if (v->s.n == 0)
			continue;
		v->text = arena_strndup(v->a, v->s.p, v->s.n);
		v->s.p = v->text;
		wrong = types[v->o->type].set(v);
	}
	return wrong;
}

const char *
opt_set(struct arena *a, const struct opt *o, void *base, const char *text,
    enum opt_form form)
{
	struct value v = { a, o, base, (char *)base + o->off, text,
		str_of(text) };

	ASSERT(opt_is_plain(o));
	if (form != FORM_ENV && !(types[o->type].forms & 1u << form))
		return types[o->type].want;
	if (form == FORM_ENV && types[o->type].strs)
		return set_parts(&v);
	return types[o->type].set(&v);
}
