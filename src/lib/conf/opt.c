/*
 * opt.c - the option table: finding rows, hints, defaults.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "conf/opt.h"

const char opt_strategies[] = OPT_STRATEGIES;

const struct opt *
opt_find(const struct opt_section *s, struct str name)
{
	const struct opt *o;

	for (o = s->rows; o->name != NULL; o++)
		if (str_eqc(name, o->name))
			return o;
	return NULL;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

unsigned
opt_distance(struct str a, struct str b)
{
	unsigned row[65], diag, up;
	size_t i, j;

	if (a.n > 64 || b.n > 64)
		return 9;
	for (j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (i = 1; i <= a.n; i++) {
		diag = row[0];
		row[0] = (unsigned)i;
		for (j = 1; j <= b.n; j++) {
			up = row[j];
			row[j] = min3(up + 1, row[j - 1] + 1, diag +
			    (tolower((unsigned char)a.p[i - 1]) !=
			    tolower((unsigned char)b.p[j - 1])));
			diag = up;
		}
	}
	return row[b.n] > 9 ? 9 : row[b.n];
}

const char *
opt_like(const struct opt_section *s, struct str name)
{
	unsigned best = name.n < 4 ? 2 : 3, d;
	const char *like = NULL;
	const struct opt *o;

	for (o = s->rows; o->name != NULL; o++) {
		if (o->flags & OPT_F_SHARE)
			continue;
		d = opt_distance(str_of(o->name), name);
		if (d < best) {
			best = d;
			like = o->name;
		}
	}
	return like;
}

struct walk {
	void		(*fn)(void *, const char *, const struct opt *, size_t);
	void		*arg;
	char		 path[128];
	size_t		 len;
};

static void
walk_section(struct walk *w, const struct opt_section *s, size_t base)
{
	size_t len = w->len;
	const struct opt *o;

	for (o = s->rows; o->name != NULL; o++) {
		str_copy(w->path + len, sizeof(w->path) - len,
		    str_of(o->name));
		w->len = len + strlen(o->name);
		if (o->type == OPT_GROUP) {
			ASSERT(w->len + 1 < sizeof(w->path));
			w->path[w->len++] = '.';
			w->path[w->len] = '\0';
			walk_section(w, o->sub, base + o->off);
		} else if (o->type != OPT_LIST)
			w->fn(w->arg, w->path, o, base + o->off);
	}
	w->len = len;
}

void
opt_each(void (*fn)(void *arg, const char *path, const struct opt *o,
    size_t off), void *arg)
{
	struct walk w = { fn, arg, "", 0 };

	walk_section(&w, &opt_root, 0);
}

/* What a field without a default in its row holds. */
static void
set_unset(const struct opt *o, char *base)
{
	switch (o->type) {
	case OPT_STR:
	case OPT_DAY:
		*(const char **)(void *)(base + o->off) = "";
		break;
	case OPT_SECRET:
		*(const char **)(void *)(base + o->off2) = "";
		break;
	case OPT_LIMIT:
	case OPT_LIMIT_TIME:
		*(uint64_t *)(void *)(base + o->off) = CONF_UNSET;
		break;
	case OPT_PRICE:
		*(int64_t *)(void *)(base + o->off) = -1;
		break;
	case OPT_SCORE:
		*(double *)(void *)(base + o->off) = -1;
		break;
	default:
		break;
	}
}

void
opt_defaults(struct arena *a, const struct opt_section *s, void *base)
{
	const char *wrong;
	const struct opt *o;

	for (o = s->rows; o->name != NULL; o++) {
		if (o->type == OPT_GROUP)
			opt_defaults(a, o->sub, (char *)base + o->off);
		else if (o->def == NULL)
			set_unset(o, base);
		else {
			wrong = opt_set(a, o, base, o->def, FORM_ENV);
			ASSERT(wrong == NULL);
		}
	}
}

int
opt_choice(const char *choices, struct str s)
{
	struct str rest = str_of(choices), part;
	int i;

	for (i = 0; str_split(&rest, '|', &part); i++)
		if (str_eq(part, s))
			return i;
	return -1;
}

struct str
opt_choice_name(const char *choices, int i)
{
	struct str rest = str_of(choices), part;

	while (str_split(&rest, '|', &part))
		if (i-- == 0)
			return part;
	return STR("");
}
