/*
 * conf_dump.c - a configuration as text: masked for people, or one role's
 * share with its secrets.
 *
 * Runs in: master; admin (masked).
 * Owns: nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "conf/opt.h"

struct dump {
	struct buf	*b;
	int		 role;		/* enum board_role; -1: for people */
	int		 indent;
	struct buf	*secrets;	/* of a share */
	unsigned	 n_secrets;
};

static void put_section(struct dump *d, const struct opt_section *sec,
    const char *base);

static void
newline(struct dump *d)
{
	static const char tabs[] = "\t\t\t\t\t\t\t\t";

	buf_addc(d->b, '\n');
	buf_add(d->b, tabs, (size_t)(d->indent < 8 ? d->indent : 8));
}

/* Whether this text has the option at all. */
static int
wanted(const struct dump *d, const struct opt *o)
{
	if (o->flags & OPT_F_NODUMP)
		return 0;
	if (d->role < 0)
		return !(o->flags & OPT_F_SHARE);
	return (o->flags & OPT_F_ROLES) == 0 ||
	    (o->flags & OPT_F_ROLE(d->role)) != 0;
}

int
conf_header_is_secret(const char *name)
{
	static const char *const words[] = { "auth", "key", "token", "secret",
	    "cookie", "password" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]) != NULL)
			return 1;
	return 0;
}

/* In a share: its number; the text goes to the others. */
static void
put_number(struct dump *d, struct str text)
{
	buf_printf(d->b, "\"%u\"", d->n_secrets++);
	buf_adds(d->secrets, text);
	buf_addc(d->secrets, '\0');
}

static int
is_number(const struct dump *d, const struct opt *o, const char *text)
{
	return d->role >= 0 && (o->flags & OPT_F_LOCKED) && text[0] != '\0';
}

static void
put_map(struct dump *d, const struct opt *o, const char *base)
{
	const struct conf_strs *names = (const void *)(base + o->off);
	const struct conf_strs *values = (const void *)(base + o->off2);
	unsigned i;

	buf_adds(d->b, STR("{"));
	for (i = 0; i < names->n; i++) {
		buf_printf(d->b, " %s = ", names->v[i]);
		if (is_number(d, o, values->v[i]))
			put_number(d, str_of(values->v[i]));
		else
			opt_put_string(d->b, d->role < 0 &&
			    conf_header_is_secret(names->v[i]) ?
			    STR("****") : str_of(values->v[i]));
		buf_addc(d->b, ';');
	}
	buf_adds(d->b, STR(" }"));
}

/* An URL; for people without what stands in front of "@". */
static void
put_url(struct dump *d, const struct opt *o, const char *url)
{
	struct str u = str_of(url), host;
	long from = str_find(u, STR("://"));
	size_t at = 0, i;
	struct buf t;

	host = str_skip(u, from < 0 ? 0 : (size_t)from + 3);
	host.n = strcspn(host.p, "/?#");
	for (i = 0; i < host.n; i++)
		if (host.p[i] == '@')
			at = i;
	if (is_number(d, o, url)) {
		put_number(d, u);
		return;
	}
	if (d->role >= 0 || at == 0) {
		opt_put_string(d->b, u);
		return;
	}
	buf_init(&t, u.n + 8);
	buf_add(&t, u.p, (size_t)(host.p - u.p));
	buf_printf(&t, "****%s", host.p + at);
	opt_put_string(d->b, buf_str(&t));
	buf_free(&t);
}

/* The source of a secret is no secret; a literal is masked. */
static void
put_secret(struct dump *d, const struct opt *o, const char *base)
{
	const struct secret *s = *(struct secret *const *)(const void *)
	    (base + o->off);
	const char *source = o->type == OPT_PEM ? "" :
	    *(const char *const *)(const void *)(base + o->off2);
	struct str text = s == NULL ? STR("") : secret_reveal(s);
	char mask[SECRET_MASK_SIZE];

	if (d->role >= 0)
		put_number(d, text);
	else if (source[0] == '\0' || strcmp(source, "literal") != 0)
		opt_put_string(d->b, str_of(source));
	else if (text.n < SECRET_MASK_SIZE && str_ends(text, STR("****")))
		opt_put_string(d->b, text);	/* printed before */
	else {
		secret_mask(s, mask);
		opt_put_string(d->b, str_of(mask));
	}
}

static void
put_list(struct dump *d, const struct opt *o, const char *base)
{
	unsigned i, n = *(const unsigned *)(const void *)(base + o->off2);
	const char *items = o->arg != NULL ? base + o->off :
	    *(const char *const *)(const void *)(base + o->off);

	buf_addc(d->b, '(');
	d->indent++;
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(d->b, ',');
		newline(d);
		buf_adds(d->b, STR("{"));
		d->indent++;
		put_section(d, o->sub, items + i * o->sub->size);
		d->indent--;
		newline(d);
		buf_addc(d->b, '}');
	}
	d->indent--;
	newline(d);
	buf_addc(d->b, ')');
}

static void
put_group(struct dump *d, const struct opt *o, const char *base)
{
	buf_addc(d->b, '{');
	d->indent++;
	put_section(d, o->sub, base + o->off);
	d->indent--;
	newline(d);
	buf_addc(d->b, '}');
}

/* The value behind "name = "; 0 when there is none. */
static int
put_value(struct dump *d, const struct opt *o, const char *base)
{
	switch (o->type) {
	case OPT_GROUP:
		put_group(d, o, base);
		return 1;
	case OPT_LIST:
		put_list(d, o, base);
		return 1;
	case OPT_MAP:
		put_map(d, o, base);
		return 1;
	case OPT_SECRET:
	case OPT_PEM:
		put_secret(d, o, base);
		return 1;
	default:
		if (o->type == OPT_STR && (o->flags & OPT_F_URL)) {
			put_url(d, o, *(const char *const *)(const void *)
			    (base + o->off));
			return 1;
		}
		return opt_put(o, base, d->b);
	}
}

static int
is_absent(const struct dump *d, const struct opt *o, const char *base)
{
	if ((o->flags & OPT_F_MARK) &&
	    !*(const int *)(const void *)(base + o->off2))
		return 1;
	if (o->type == OPT_PEM || (o->type == OPT_SECRET && d->role >= 0))
		return *(struct secret *const *)(const void *)
		    (base + o->off) == NULL;
	return 0;
}

static void
put_section(struct dump *d, const struct opt_section *sec, const char *base)
{
	const struct opt *o;
	size_t mark;

	for (o = sec->rows; o->name != NULL; o++) {
		if (!wanted(d, o) || is_absent(d, o, base))
			continue;
		mark = d->b->len;
		newline(d);
		buf_printf(d->b, "%s = ", o->name);
		if (put_value(d, o, base))
			buf_addc(d->b, ';');
		else
			d->b->len = mark;
	}
}

/* The text, in a share with the secrets behind it, goes into b as a whole. */
static int
dump(const struct conf *c, int role, struct buf *b)
{
	struct buf all, secrets;
	struct dump d = { &all, role, 0, &secrets, 0 };
	struct str text;
	int rc;

	buf_init(&all, SIZE_MAX / 4);
	buf_init_wiped(&secrets, SIZE_MAX / 4);
	rc = buf_reserve(&all, 4 * arena_size(c->arena) + 64 * 1024);
	if (rc == 0 && role >= 0)
		rc = buf_reserve(&secrets, secret_mapped());
	if (rc == 0) {
		put_section(&d, &opt_root, (const char *)c);
		buf_addc(&all, '\n');
		if (role >= 0)
			buf_addc(&all, '\0');
		text = str_skip(buf_str(&all), 1);
		if ((rc = buf_reserve(b, text.n + buf_len(&secrets))) == 0 &&
		    (rc = buf_adds(b, text)) == 0)
			rc = buf_adds(b, buf_str(&secrets));
	}
	buf_free(&all);
	buf_free(&secrets);
	return rc;
}

int
conf_dump(const struct conf *c, struct buf *b)
{
	return dump(c, -1, b);
}

int
conf_share(const struct conf *c, int role, struct buf *b)
{
	return dump(c, role, b);
}
