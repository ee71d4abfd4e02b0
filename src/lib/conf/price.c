/*
 * price.c - what a token costs: prices.conf and the prices of the file.
 *
 * Runs in: worker; the master checks the file.
 * Owns: the list's arena.
 *
 * Names are compared in lower case. The exact name counts, then the longest
 * prefix. Money is whole pico-dollars from end to end: a price per million
 * tokens with up to six decimals is a whole number of them per token.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "conf/load.h"
#include "conf/price.h"

#define NAME_MAX_BYTES	128

struct entry {
	const char	*match;
	struct str	 name;		/* lower case, without the "*" */
	struct conf_price price;
	struct price_model model;
};

struct price_list {
	struct arena	*arena;
	struct entry	*v;
	unsigned	 n;
	struct hmap	*exact;
	/* By first byte, the longest first; those with byte b begin at from[b].
	 * The empty one, which fits all, has byte 0. */
	struct entry	**prefix;
	unsigned	 n_prefix;
	unsigned	 from[257];
};

#define E(f)	offsetof(struct entry, f)
#define MONEY(name, f) { name, OPT_PRICE, E(price.f), E(price.unit), NULL, \
	NULL, NULL, 0, "" }
static const struct opt entry_rows[] = {
	{ "match", OPT_STR, E(match), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "name of a model" },
	{ "unit", OPT_ENUM, E(price.unit), 0, "per_million_tokens",
	    "per_million_tokens|per_call", NULL, 0, "" },
	MONEY("input", input),
	MONEY("output", output),
	MONEY("cached_input", cached_input),
	MONEY("cache_write", cache_write),
	MONEY("reasoning", reasoning),
	{ "context", OPT_U64, E(model.context), 0, "0", NULL, NULL, 0, "" },
	{ "max_output", OPT_U64, E(model.max_output), 0, "0", NULL, NULL, 0, "" },
	{ "can", OPT_BITS, E(model.can), 0, NULL, PRICE_TRAITS, NULL, 0, "" },
	{ "cannot", OPT_BITS, E(model.cannot), 0, NULL, PRICE_TRAITS, NULL, 0,
	    "" },
	{ NULL }
};
static const struct opt_section entry_section = { "models", entry_rows,
	sizeof(struct entry), 0, 0 };
static const struct opt list_rows[] = {
	{ "models", OPT_LIST, offsetof(struct price_list, v),
	    offsetof(struct price_list, n), NULL, NULL, &entry_section, 0,
	    "" },
	{ NULL }
};
static const struct opt_section list_section = { "", list_rows, 0, 0, 0 };

static unsigned char
first_byte(struct str s)
{
	return s.n == 0 ? 0 : (unsigned char)*s.p;
}

static int
in_order(const void *a, const void *b)
{
	struct str x = (*(struct entry *const *)a)->name;
	struct str y = (*(struct entry *const *)b)->name;

	if (first_byte(x) != first_byte(y))
		return first_byte(x) < first_byte(y) ? -1 : 1;
	return (x.n < y.n) - (x.n > y.n);
}

static void
sort_prefixes(struct price_list *l)
{
	unsigned i;

	qsort(l->prefix, l->n_prefix, sizeof(l->prefix[0]), in_order);
	for (i = 0; i < l->n_prefix; i++)
		l->from[first_byte(l->prefix[i]->name) + 1]++;
	for (i = 0; i < 256; i++)
		l->from[i + 1] += l->from[i];
}

static void
free_map(void *arg)
{
	struct hmap *m = arg;

	hmap_free(&m);
}

/* Lower case, and sorted into exact names and prefixes. */
static void
sort_entries(struct price_list *l)
{
	struct entry *e;
	unsigned i;
	char *p;

	l->prefix = arena_alloc(l->arena, (l->n + 1) * sizeof(struct entry *));
	for (i = 0; i < l->n; i++) {
		e = &l->v[i];
		e->price.set = 1;
		if (e->price.input < 0)
			e->price.input = 0;
		if (e->price.output < 0)
			e->price.output = 0;
		e->match = p = arena_strdup(l->arena, e->match);
		for (; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		e->name = str_of(e->match);
		if (str_ends(e->name, STR("*"))) {
			e->name.n--;
			l->prefix[l->n_prefix++] = e;
		} else if (hmap_get(l->exact, e->name) == NULL)
			hmap_set(l->exact, e->name, e);
	}
	sort_prefixes(l);
}

/* A missing file at the default place may be where make install put it. */
static const char *
place(const char *path)
{
	return strcmp(path, "/etc/aigw/prices.conf") == 0 &&
	    access(path, F_OK) != 0 &&
	    access(SYSCONFDIR "/aigw/prices.conf", R_OK) == 0 ?
	    SYSCONFDIR "/aigw/prices.conf" : path;
}

int
price_load(const char *path, struct price_list **out,
    struct conf_report *report)
{
	struct arena *a = arena_new(64 * 1024);
	struct price_list *l = arena_zalloc(a, sizeof(*l));
	int rc;

	l->arena = a;
	l->exact = hmap_new();
	arena_cleanup(a, free_map, l->exact);
	rc = load_other_file(place(path), &list_section, l, a, report);
	if (rc != 0)
		l->n = 0;
	sort_entries(l);
	*out = l;
	if (rc != 0 && rc != ERR_NOTFOUND)
		price_free(out);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

void
price_free(struct price_list **pp)
{
	struct arena *a;

	if (*pp == NULL)
		return;
	a = (*pp)->arena;
	*pp = NULL;
	arena_free(&a);
}

int
price_check(const struct conf *c, struct conf_report *report)
{
	struct price_list *l = NULL;
	int rc = price_load(c->prices.file, &l, report);

	price_free(&l);
	return rc;
}

static const struct entry *
find_prefix(const struct price_list *l, unsigned char byte, struct str name)
{
	unsigned i;

	for (i = l->from[byte]; i < l->from[byte + 1]; i++)
		if (str_starts(name, l->prefix[i]->name))
			return l->prefix[i];
	return NULL;
}

static const struct entry *
find_name(const struct price_list *l, struct str name)
{
	const struct entry *e = hmap_get(l->exact, name);

	if (e == NULL && name.n > 0)
		e = find_prefix(l, first_byte(name), name);
	return e != NULL ? e : find_prefix(l, 0, name);
}

static const struct entry *
find(const struct price_list *l, struct str model)
{
	char low[NAME_MAX_BYTES];
	const struct entry *e;
	size_t i, last = 0;

	if (l == NULL || model.n > sizeof(low))
		return NULL;
	for (i = 0; i < model.n; i++) {
		low[i] = (char)tolower((unsigned char)model.p[i]);
		if (low[i] == '/')
			last = i + 1;
	}
	e = find_name(l, str_make(low, model.n));
	if (e == NULL && last > 0)
		e = find_name(l, str_make(low + last, model.n - last));
	return e;
}

static void
take_entry(struct conf_price *out, const struct entry *e)
{
	*out = e->price;
	out->max_output = e->model.max_output;
}

int
price_find(const struct price_list *l, const struct conf *c,
    const struct conf_provider *p, const struct conf_target *t,
    struct str model, struct conf_price *out)
{
	const struct entry *e;

	if (t != NULL && t->price.set)
		*out = t->price;
	else if (p != NULL && p->price.set)
		*out = p->price;
	else if ((e = find(l, model)) != NULL)
		take_entry(out, e);
	else if (c->prices.unknown == 1)
		return ERR_NOTFOUND;
	else {
		*out = (struct conf_price){ .set = 1, .unknown = 1, .cached_input = -1,
			.cache_write = -1, .reasoning = -1 };
		if (c->prices.unknown == 0) {
			out->input = c->prices.default_input;
			out->output = c->prices.default_output;
		}
	}
	return 0;
}

static unsigned __int128
part(uint64_t tokens, int64_t price, int64_t instead)
{
	if (price < 0)
		price = instead;
	return price <= 0 ? 0 : (unsigned __int128)tokens * (uint64_t)price;
}

/*
 * Anthropic takes 1.25 times the price of input for what is cached for five
 * minutes, which is the price of a write, and 2 times for an hour.
 */
static unsigned __int128
more_for_an_hour(uint64_t tokens, const struct conf_price *p)
{
	return part(tokens, p->cache_write, 0) * 3 / 5;
}

int64_t
price_cost(const struct conf_price *p, const struct price_usage *u)
{
	uint64_t cached, write, reasoning;
	unsigned __int128 sum;

	if (p->unit == PRICE_PER_CALL)
		sum = part(1, p->input, 0) + part(1, p->output, 0);
	else {
		/* Parts cannot be larger than the whole, whatever is said. */
		cached = u->cached < u->input ? u->cached : u->input;
		write = u->cache_write < u->input - cached ?
		    u->cache_write : u->input - cached;
		reasoning = u->reasoning < u->output ? u->reasoning :
		    u->output;
		sum = part(u->input - cached - write, p->input, 0);
		sum += part(cached, p->cached_input, p->input);
		sum += part(write, p->cache_write, p->input);
		sum += more_for_an_hour(u->cache_hour < write ?
		    u->cache_hour : write, p);
		sum += part(u->output - reasoning, p->output, 0);
		sum += part(reasoning, p->reasoning, p->output);
	}
	return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

uint64_t
price_max_output(const struct price_list *l, struct str model)
{
	const struct entry *e = find(l, model);

	return e == NULL ? 0 : e->model.max_output;
}

uint64_t
price_context(const struct price_list *l, struct str model)
{
	const struct entry *e = find(l, model);

	return e == NULL ? 0 : e->model.context;
}

struct price_model
price_model(const struct price_list *l, struct str model)
{
	const struct entry *e = find(l, model);

	return e == NULL ? (struct price_model){ .can = 0 } : e->model;
}
