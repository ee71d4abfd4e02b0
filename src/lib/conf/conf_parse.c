/*
 * conf_parse.c - from the tree of libconfig to struct conf, by the table.
 *
 * Runs in: master; children for their share.
 * Owns: nothing.
 *
 * Options are taken in the order of the table, so that the name of an item is
 * known when something is said about its other options. What the table does
 * not know is a mistake.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/num.h"
#include "conf/load.h"

static void parse_section(struct load *l, const struct opt_section *sec,
    config_setting_t *s, void *base);

/* A scalar as text, and what it was written as; NULL: not a scalar. */
static const char *
scalar(struct load *l, config_setting_t *s, char num[64], enum opt_form *form)
{
	double d;

	*form = FORM_NUMBER;
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(num, 64, "%lld", config_setting_get_int64(s));
		return num;
	case CONFIG_TYPE_FLOAT:
		d = config_setting_get_float(s);
		snprintf(num, 64, "%.15g", d);
		if (strtod(num, NULL) != d)
			snprintf(num, 64, "%.17g", d);
		return num;
	case CONFIG_TYPE_BOOL:
		*form = FORM_BOOL;
		return config_setting_get_bool(s) ? "true" : "false";
	case CONFIG_TYPE_STRING:
		*form = l->cur->env ? FORM_ENV : FORM_STRING;
		return load_text(l, s);
	default:
		return NULL;
	}
}

static void
parse_plain(struct load *l, const struct opt *o, config_setting_t *s,
    void *base)
{
	const char *text, *wrong;
	enum opt_form form;
	char num[64];

	if ((text = scalar(l, s, num, &form)) == NULL) {
		load_about(l, CONF_MISTAKE, s,
		    "must be a single value, not a group or list");
		return;
	}
	wrong = opt_set(o->flags & OPT_F_LOCKED ? l->tmp : l->c->arena, o,
	    base, text, form);
	if (wrong != NULL)
		load_about(l, CONF_MISTAKE, s, "%s", wrong);
	else if (o->flags & OPT_F_LOCKED)
		*(const char **)(void *)((char *)base + o->off) =
		    load_lock(l, s, text);
}

/* A list of strings; those of several files are joined. */
static void
parse_strs(struct load *l, const struct opt *o, config_setting_t *s,
    void *base)
{
	int i, n = config_setting_length(s);
	size_t old;

	if (l->cur->env) {
		memset((char *)base + o->off, 0, o->type == OPT_BITS ?
		    sizeof(unsigned) : sizeof(struct conf_strs));
		parse_plain(l, o, s, base);
		return;
	}
	if (config_setting_type(s) != CONFIG_TYPE_LIST &&
	    config_setting_type(s) != CONFIG_TYPE_ARRAY) {
		load_about(l, CONF_MISTAKE, s,
		    "must be a list such as ( \"a\", \"b\" )");
		return;
	}
	for (i = 0; i < n; i++) {
		old = load_push(l, "[%d]", i);
		parse_plain(l, o, config_setting_get_elem(s, (unsigned)i),
		    base);
		load_pop(l, old);
	}
}

static void
parse_map(struct load *l, const struct opt *o, config_setting_t *s, char *base)
{
	struct opt names = { .name = o->name, .type = OPT_STRS,
		.off = o->off }, values = names;
	struct conf_strs *at = (void *)(base + o->off2);
	int locked = (o->flags & OPT_F_LOCKED) != 0;
	config_setting_t *m;
	enum opt_form form;
	const char *text;
	char num[64];
	size_t old;
	int i;

	values.off = o->off2;
	if (!config_setting_is_group(s)) {
		load_about(l, CONF_MISTAKE, s,
		    "must be a group such as { name = \"value\"; }");
		return;
	}
	for (i = 0; i < config_setting_length(s); i++) {
		m = config_setting_get_elem(s, (unsigned)i);
		old = load_push(l, ".%s", config_setting_name(m));
		text = scalar(l, m, num, &form);
		if (text == NULL || form != FORM_STRING)
			load_about(l, CONF_MISTAKE, m,
			    "must be a string in quotes");
		else {
			opt_set(l->c->arena, &names, base,
			    config_setting_name(m), FORM_STRING);
			opt_set(l->c->arena, &values, base, locked ? "" : text,
			    FORM_STRING);
			if (locked)
				at->v[at->n - 1] = load_lock(l, m, text);
		}
		load_pop(l, old);
	}
}

static void
parse_secret(struct load *l, const struct opt *o, config_setting_t *s,
    char *base)
{
	const char *text = load_text(l, s), *source = "";
	struct secret *sec = NULL;

	if (text == NULL) {
		load_about(l, CONF_MISTAKE, s, "must be a string in quotes");
		return;
	}
	if (load_secret(l, s, text, &sec, &source) != 0) {
		if (o->type == OPT_SECRET)	/* wrong, but not empty */
			*(const char **)(void *)(base + o->off2) = "wrong";
		return;
	}
	if (o->type == OPT_HASHED) {
		if (sec != NULL)
			crypto_sha256(secret_reveal(sec),
			    (unsigned char *)base + o->off);
		else if (source[0] == '\0')
			load_about(l, CONF_MISTAKE, s, "is empty");
		secret_free(&sec);	/* nobody needs more of it */
		return;
	}
	load_own(l->c->arena, sec);
	*(struct secret **)(void *)(base + o->off) = sec;
	if (o->type != OPT_PEM)
		*(const char **)(void *)(base + o->off2) = source;
}

/* How many items all sources have for a list at the top. */
static unsigned
count_items(struct load *l, const char *name)
{
	config_setting_t *s;
	unsigned i, n = l->room;

	for (i = 0; i < l->n_src; i++)
		if ((s = config_lookup(&l->src[i]->cfg, name)) != NULL)
			n += (unsigned)config_setting_length(s);
	return n;
}

/* The next free item of a list; NULL when an inline array is full. */
static void *
new_item(struct load *l, const struct opt *o, char *base, unsigned length)
{
	unsigned *n = (unsigned *)(void *)(base + o->off2);
	void **items = (void **)(void *)(base + o->off);
	unsigned cap = length;
	void *item;

	if (o->arg != NULL) {
		if (*n >= (unsigned)atoi(o->arg))
			return NULL;
		item = base + o->off + (*n)++ * o->sub->size;
	} else {
		if (base == (char *)l->c)
			cap = count_items(l, o->name);
		if (*items == NULL)
			*items = arena_zalloc(l->c->arena,
			    (cap > 0 ? cap : 1) * o->sub->size);
		item = (char *)*items + (*n)++ * o->sub->size;
	}
	opt_defaults(l->c->arena, o->sub, item);
	return item;
}

static void
set_place(struct load *l, const struct opt_section *sec, config_setting_t *s,
    char *item)
{
	if (sec->file == 0 || l->from->child)
		return;
	*(const char **)(void *)(item + sec->file) =
	    l->cur->env ? "env" : arena_strdup(l->c->arena, l->cur->name);
	*(int *)(void *)(item + sec->line) =
	    l->cur->env ? 0 : (int)config_setting_source_line(s);
}

/* Put the name of the item instead of its number into the path. */
static void
push_name(struct load *l, const struct opt_section *sec, config_setting_t *s,
    int i)
{
	config_setting_t *m = NULL;
	const char *name = NULL;

	if (config_setting_is_group(s))
		m = config_setting_get_member(s, sec->rows[0].name);
	if (m != NULL && sec->rows[0].type == OPT_STR)
		name = load_text(l, m);
	if (name != NULL && name[0] != '\0' && strlen(name) < CONF_NAME_MAX)
		load_push(l, ".%s", name);
	else
		load_push(l, "[%d]", i);
}

static void
parse_item(struct load *l, const struct opt *o, config_setting_t *s,
    char *item)
{
	set_place(l, o->sub, s, item);
	if (config_setting_is_group(s))
		parse_section(l, o->sub, s, item);
	else if (!(o->flags & OPT_F_SHORT) ||
	    config_setting_type(s) != CONFIG_TYPE_STRING)
		load_about(l, CONF_MISTAKE, s, o->flags & OPT_F_SHORT ?
		    "must be a string or a group { ... }" :
		    "must be a group { ... }");
	else if (o->sub->rows[0].type == OPT_SECRET)
		parse_secret(l, &o->sub->rows[0], s, item);
	else
		parse_plain(l, &o->sub->rows[0], s, item);
}

static void
parse_list(struct load *l, const struct opt *o, config_setting_t *s,
    char *base)
{
	int i, n = config_setting_length(s);
	size_t old;
	void *item;

	if (config_setting_type(s) != CONFIG_TYPE_LIST &&
	    config_setting_type(s) != CONFIG_TYPE_ARRAY) {
		load_about(l, CONF_MISTAKE, s, "must be a list ( ... )");
		return;
	}
	for (i = 0; i < n; i++) {
		config_setting_t *e = config_setting_get_elem(s, (unsigned)i);

		if ((item = new_item(l, o, base, (unsigned)n)) == NULL) {
			load_about(l, CONF_MISTAKE, e, "has more than %s items",
			    o->arg);
			return;
		}
		old = l->path_len;
		push_name(l, o->sub, e, i);
		parse_item(l, o, e, item);
		load_pop(l, old);
	}
}

/* Whether the parsed value differs from the default of its row. */
static int
is_changed(const struct opt *o, const char *base)
{
	union {
		max_align_t	 align;
		char		 bytes[sizeof(struct conf) + 64];
	} def = { .bytes = { 0 } };
	struct arena *a = arena_new(256);
	struct buf x, y;
	int changed = 1;

	buf_init(&x, 4096);
	buf_init(&y, 4096);
	ASSERT(o->off + 64 <= sizeof(def.bytes));
	opt_set(a, o, &def, o->def, FORM_ENV);
	if (opt_put(o, &def, &x) && opt_put(o, base, &y))
		changed = !str_eq(buf_str(&x), buf_str(&y));
	buf_free(&x);
	buf_free(&y);
	arena_free(&a);
	return changed;
}

/* Options that a later version brings to life: said once each. */
static void
note_later(struct load *l, const struct opt *o, config_setting_t *s,
    const char *base)
{
	const char *field = base + o->off;

	if (o->type == OPT_ENUM && o->arg == opt_strategies) {
		if (*(const int *)(const void *)field <= STRATEGY_ROUND_ROBIN
		    || !is_changed(o, base))
			return;
	} else if (!(o->flags & OPT_F_LATER))
		return;
	else if (opt_is_plain(o) && o->def != NULL && !is_changed(o, base))
		return;
	else if ((o->type == OPT_LIST || opt_is_strs(o)) &&
	    config_setting_length(s) == 0)
		return;
	else if (o->type == OPT_LIMIT && *(const uint64_t *)(const void *)
	    field == 0)
		return;
	if (hmap_set(l->later, str_of(o->help), l) == NULL)
		load_about(l, CONF_NOTICE, s, "is accepted, not active yet");
}

/* The same option in two files: the later one counts. */
static void
note_origin(struct load *l, const struct opt *o, config_setting_t *s,
    void *field)
{
	const struct load_origin *was = load_origin(l, field);

	if (was != NULL && o->type == OPT_HASH)
		load_about(l, CONF_MISTAKE, s,
		    "is given beside secret: one of them is enough");
	else if (was != NULL && !l->cur->env && !opt_is_strs(o))
		load_about(l, CONF_NOTICE, s, "replaces the one at %s:%d",
		    was->file, was->line);
	load_set_origin(l, field, s);
}

static void
parse_option(struct load *l, const struct opt *o, config_setting_t *s,
    char *base)
{
	if (o->type == OPT_GROUP && !config_setting_is_group(s)) {
		load_about(l, CONF_MISTAKE, s, "must be a group { ... }");
		return;
	}
	if (o->flags & OPT_F_MARK)
		*(int *)(void *)(base + o->off2) = 1;
	if (o->type != OPT_GROUP && o->type != OPT_LIST)
		note_origin(l, o, s, base + o->off);
	switch (o->type) {
	case OPT_GROUP:
		parse_section(l, o->sub, s, base + o->off);
		break;
	case OPT_LIST:
		parse_list(l, o, s, base);
		break;
	case OPT_MAP:
		parse_map(l, o, s, base);
		break;
	case OPT_SECRET:
	case OPT_PEM:
	case OPT_HASHED:
		parse_secret(l, o, s, base);
		break;
	default:
		if (opt_is_strs(o))
			parse_strs(l, o, s, base);
		else
			parse_plain(l, o, s, base);
	}
	if (!l->cur->builtin && !l->from->child)
		note_later(l, o, s, base);
}

/* The option of that name in another section, as a hint. */
static const char *
elsewhere(struct str name)
{
	static const struct opt_section *const secs[] = {
		&opt_listen, &opt_provider, &opt_group, &opt_tier, &opt_key
	};
	const struct opt *o;
	size_t i;

	if (opt_find(&opt_root, name) != NULL)
		return "the top of the file";
	for (o = opt_root.rows; o->name != NULL; o++)
		if (o->type == OPT_GROUP && opt_find(o->sub, name) != NULL)
			return o->name;
	for (i = 0; i < sizeof(secs) / sizeof(secs[0]); i++) {
		o = opt_find(secs[i], name);
		if (o != NULL && !(o->flags & OPT_F_SHARE))
			return secs[i]->name;
	}
	return NULL;
}

static void
unknown(struct load *l, const struct opt_section *sec, config_setting_t *m)
{
	const char *name = config_setting_name(m), *hint;
	size_t old = load_push(l, "%s%s", l->path_len > 0 ? "." : "", name);

	if ((hint = opt_like(sec, str_of(name))) != NULL)
		load_about(l, CONF_MISTAKE, m,
		    "is not an option: did you mean \"%s\"?", hint);
	else if ((hint = elsewhere(str_of(name))) != NULL)
		load_about(l, CONF_MISTAKE, m,
		    "is not an option here: it belongs to %s", hint);
	else
		load_about(l, CONF_MISTAKE, m, "is not an option");
	load_pop(l, old);
}

static int
allowed(const struct load *l, const struct opt *o)
{
	return l->from->child || !(o->flags & OPT_F_SHARE);
}

static void
parse_section(struct load *l, const struct opt_section *sec,
    config_setting_t *s, void *base)
{
	config_setting_t *m;
	const struct opt *o;
	size_t old;
	int i;

	for (o = sec->rows; o->name != NULL; o++) {
		if (!allowed(l, o))
			continue;
		m = config_setting_get_member(s, o->name);
		old = load_push(l, "%s%s", l->path_len > 0 ? "." : "",
		    o->name);
		if (m != NULL)
			parse_option(l, o, m, base);
		else if ((o->flags & OPT_F_REQUIRED) && !l->from->child)
			load_about(l, CONF_MISTAKE, s, "is required");
		load_pop(l, old);
	}
	for (i = 0; i < config_setting_length(s); i++) {
		m = config_setting_get_elem(s, (unsigned)i);
		o = opt_find(sec, str_of(config_setting_name(m)));
		if (o == NULL || !allowed(l, o))
			unknown(l, sec, m);
	}
}

void
load_parse_section(struct load *l, struct load_src *src,
    const struct opt_section *sec, void *base)
{
	l->cur = src;
	load_pop(l, 0);
	parse_section(l, sec, config_root_setting(&src->cfg), base);
}

void
load_parse(struct load *l, struct load_src *src)
{
	load_parse_section(l, src, &opt_root, l->c);
}
