/*
 * env_file.c - the effective environment: the real one, then --env-file.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * Lines are KEY=VALUE, "export" in front allowed; '...' is taken as it is,
 * "..." knows \n \t \\ \" \$; an unquoted value ends at " #" and loses blanks
 * at its ends. $NAME is not replaced. The real environment wins.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "conf/load.h"

struct envfile {
	struct load	*l;
	const char	*name;
	const char	*p;
	int		 line;
	unsigned	 n, cap;
};

const char *
load_env(const struct load *l, const char *name)
{
	size_t n = strlen(name);
	const char **e;

	for (e = l->env; *e != NULL; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static void
add(struct envfile *f, const char *entry)
{
	const char **grown;

	if (f->n + 1 >= f->cap) {
		f->cap *= 2;
		grown = arena_alloc(f->l->tmp, f->cap * sizeof(*grown));
		memcpy(grown, f->l->env, f->n * sizeof(*grown));
		f->l->env = grown;
	}
	f->l->env[f->n++] = entry;
	f->l->env[f->n] = NULL;
}

static void
wrong(struct envfile *f, const char *text)
{
	load_say(f->l, CONF_MISTAKE, f->name, f->line, "%s", text);
	while (*f->p != '\0' && *f->p != '\n')
		f->p++;
}

static void
blanks(struct envfile *f)
{
	while (*f->p == ' ' || *f->p == '\t')
		f->p++;
}

/* What a backslash and c stand for inside of "..."; 0: both bytes. */
static char
unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '\\':
	case '"':
	case '$':
	case '`':
		return c;
	default:
		return 0;
	}
}

static struct str
quoted(struct envfile *f, char *out)
{
	char q = *f->p++, *o = out, c;
	int from = f->line;

	while (*f->p != q) {
		if (*f->p == '\0') {
			f->line = from;
			wrong(f, "a value has no closing quote");
			return STR_NULL;
		}
		f->line += *f->p == '\n';
		if (q == '"' && *f->p == '\\' &&
		    (c = unescape(f->p[1])) != 0) {
			*o++ = c;
			f->p += 2;
		} else
			*o++ = *f->p++;
	}
	f->p++;
	blanks(f);
	if (*f->p != '\0' && *f->p != '\n' && *f->p != '\r' && *f->p != '#') {
		wrong(f, "there is text behind the closing quote");
		return STR_NULL;
	}
	return str_make(out, (size_t)(o - out));
}

static struct str
unquoted(struct envfile *f)
{
	const char *from = f->p;
	struct str v;

	while (*f->p != '\0' && *f->p != '\n' &&
	    !(*f->p == '#' && f->p > from &&
	    (f->p[-1] == ' ' || f->p[-1] == '\t')))
		f->p++;
	v = str_make(from, (size_t)(f->p - from));
	if (v.n > 0 && v.p[v.n - 1] == '\r')
		v.n--;
	return str_trim(v);
}

static void
entry(struct envfile *f)
{
	struct str name, value;
	const char *known;

	if (strncmp(f->p, "export", 6) == 0 &&
	    (f->p[6] == ' ' || f->p[6] == '\t')) {
		f->p += 6;
		blanks(f);
	}
	name.p = f->p;
	while (isalnum((unsigned char)*f->p) || strchr("_-.", *f->p) != NULL) {
		if (*f->p == '\0')
			break;
		f->p++;
	}
	name.n = (size_t)(f->p - name.p);
	blanks(f);
	if (name.n == 0 || *f->p != '=') {
		wrong(f, "must be NAME=VALUE");
		return;
	}
	f->p++;
	blanks(f);
	value = *f->p == '"' || *f->p == '\'' ?
	    quoted(f, arena_alloc(f->l->tmp, strlen(f->p) + 1)) : unquoted(f);
	if (value.p == NULL)
		return;
	known = arena_strndup(f->l->tmp, name.p, name.n);
	if (load_env(f->l, known) == NULL)
		add(f, arena_printf(f->l->tmp, "%s=%.*s", known,
		    STR_ARG(value)));
}

static void
parse(struct envfile *f)
{
	while (*f->p != '\0') {
		while (isspace((unsigned char)*f->p))
			f->line += *f->p++ == '\n';
		if (*f->p != '#' && *f->p != '\0')
			entry(f);
		while (*f->p != '\0' && *f->p != '\n')
			f->p++;
	}
}

void
load_env_open(struct load *l)
{
	struct envfile f = { l, l->from->env_file, NULL, 1, 0, 64 };
	char **e;
	struct secret *s = NULL;
	struct str text;
	int rc;

	l->env = arena_zalloc(l->tmp, f.cap * sizeof(*l->env));
	for (e = l->from->env; e != NULL && *e != NULL; e++)
		add(&f, *e);
	if (f.name == NULL || l->from->child)
		return;
	rc = secret_from_file(f.name, 1024 * 1024, &s);
	text = secret_reveal(s);
	if (rc != 0)
		load_say(l, CONF_MISTAKE, f.name, 0, "cannot read it: %s",
		    rc == ERR_SYSTEM ? strerror(errno) : err_str(rc));
	else if (str_chr(text, '\0') >= 0)
		load_say(l, CONF_MISTAKE, f.name, 0,
		    "it holds a NUL byte: this is not a text file");
	else {
		f.p = text.p;
		parse(&f);
	}
	secret_free(&s);
}
