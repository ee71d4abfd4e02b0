/*
 * conf_secret.c - env:, file: and cred: in the place of secrets.
 *
 * Runs in: master; children get their secrets resolved.
 * Owns: nothing; secrets are wiped when the configuration is freed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "conf/load.h"

#define SECRET_MAX	(64 * 1024)

struct job {
	struct load	*l;
	const config_setting_t *s;
	struct secret	*out;
};

/* What example files have in the place of keys. */
static int
is_placeholder(struct str text)
{
	struct str low = text;

	if (text.n > 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
		return 1;
	low.n = text.n < 4 ? text.n : 4;
	return str_ieq(low, STR("your")) || str_ieq(text, STR("changeme")) ||
	    str_eqc(text, "sk-...") || str_find(text, STR("xxxx")) >= 0;
}

/* Whether text can be a secret; says so if not. */
static int
check_text(struct job *j, struct str text, const char *source)
{
	size_t i;

	if (text.n == 0) {
		load_about(j->l, CONF_MISTAKE, j->s, "is empty: %s", source);
		return ERR_FORMAT;
	}
	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f) {
			load_about(j->l, CONF_MISTAKE, j->s,
			    "holds a line break or control byte: %s", source);
			return ERR_FORMAT;
		}
	if (is_placeholder(text))
		load_about(j->l, CONF_WARNING, j->s, "looks like the place "
		    "of a secret, not like a secret: %s", source);
	j->out = secret_new(text);
	return 0;
}

static int
from_env(struct job *j, const char *name)
{
	const char *v = load_env(j->l, name);

	if (v == NULL) {
		load_about(j->l, CONF_MISTAKE, j->s,
		    "needs the environment variable %s, which is not set",
		    name);
		return ERR_NOTFOUND;
	}
	return check_text(j, str_trim(str_of(v)),
	    arena_printf(j->l->tmp, "environment variable %s", name));
}

static int
check_mode(struct job *j, const char *path)
{
	struct stat st;
	int wrong = stat(path, &st) != 0 ? errno :
	    S_ISDIR(st.st_mode) ? EISDIR : 0;

	if (wrong != 0) {
		load_about(j->l, CONF_MISTAKE, j->s, "cannot read %s: %s",
		    path, strerror(wrong));
		return ERR_SYSTEM;
	}
	if (st.st_mode & S_IWOTH) {
		load_about(j->l, CONF_MISTAKE, j->s, "%s can be written by "
		    "everybody: chmod 600 %s", path, path);
		return ERR_DENIED;
	}
	if (st.st_mode & S_IROTH)
		load_about(j->l, CONF_WARNING, j->s, "%s can be read by "
		    "everybody: chmod 600 %s", path, path);
	return 0;
}

static int
from_file(struct job *j, const char *path)
{
	struct secret *s = NULL;
	struct str text;
	int rc;

	if (path[0] != '/') {
		load_about(j->l, CONF_MISTAKE, j->s,
		    "must name a whole path: \"file:/path\"");
		return ERR_FORMAT;
	}
	if ((rc = check_mode(j, path)) != 0)
		return rc;
	rc = secret_from_file(path, SECRET_MAX, &s);
	if (rc == ERR_TOOBIG)
		load_about(j->l, CONF_MISTAKE, j->s, "%s is too large", path);
	else if (rc != 0)
		load_about(j->l, CONF_MISTAKE, j->s, "cannot read %s: %s",
		    path, strerror(errno));
	else {
		text = secret_reveal(s);
		while (text.n > 0 && (text.p[text.n - 1] == '\n' ||
		    text.p[text.n - 1] == '\r'))
			text.n--;
		rc = check_text(j, str_trim(text), path);
	}
	secret_free(&s);
	return rc;
}

static int
from_cred(struct job *j, const char *name)
{
	const char *dir = load_env(j->l, "CREDENTIALS_DIRECTORY");

	if (name[0] == '\0' || strchr(name, '/') != NULL) {
		load_about(j->l, CONF_MISTAKE, j->s,
		    "must name a credential: \"cred:NAME\"");
		return ERR_FORMAT;
	}
	if (dir == NULL || dir[0] != '/') {
		load_about(j->l, CONF_MISTAKE, j->s, "needs the credential "
		    "%s, but CREDENTIALS_DIRECTORY is not set: give it with "
		    "LoadCredential= in the systemd unit", name);
		return ERR_NOTFOUND;
	}
	return from_file(j, arena_printf(j->l->tmp, "%s/%s", dir, name));
}

static int
literal(struct job *j, const char *text)
{
	if (j->l->cur->exposed)
		load_about(j->l, CONF_WARNING, j->s, "stands in a file that "
		    "everybody can read: chmod 640 it, or write "
		    "\"env:NAME\" or \"file:/path\"");
	return check_text(j, str_of(text), "the value");
}

/* The secret for which a share has a number; asked for in order, mostly. */
static int
from_share(struct job *j, struct str number)
{
	struct load *l = j->l;
	const char *end;
	uint64_t n;

	if (num_u64(number, &n) != 0 || n < l->n_secrets) {
		l->secrets = l->from->secrets;
		l->n_secrets = 0;
	}
	while (l->secrets.n > 0 && num_u64(number, &n) == 0 &&
	    (end = memchr(l->secrets.p, '\0', l->secrets.n)) != NULL) {
		struct str s = str_make(l->secrets.p,
		    (size_t)(end - l->secrets.p));

		l->secrets = str_skip(l->secrets, s.n + 1);
		if (l->n_secrets++ != n)
			continue;
		j->out = secret_new(s);
		return 0;
	}
	load_about(l, CONF_MISTAKE, j->s, "is not in this share");
	return ERR_FORMAT;
}

static void
free_secret(void *arg)
{
	struct secret *s = arg;

	secret_free(&s);
}

void
load_own(struct arena *a, struct secret *s)
{
	if (s != NULL)
		arena_cleanup(a, free_secret, s);
}

int
load_secret(struct load *l, const config_setting_t *s, const char *text,
    struct secret **out, const char **source)
{
	struct str t = str_of(text);
	struct job j = { l, s, NULL };
	int outside = l->from->resolve, rc = 0;

	*out = NULL;
	*source = "";
	if (t.n == 0)
		return 0;
	if (l->from->child)
		rc = from_share(&j, t);
	else if (str_starts(t, STR("env:")))
		rc = outside ? from_env(&j, text + 4) : 0;
	else if (str_starts(t, STR("file:")))
		rc = outside ? from_file(&j, text + 5) : 0;
	else if (str_starts(t, STR("cred:")))
		rc = outside ? from_cred(&j, text + 5) : 0;
	else {
		rc = literal(&j, text);
		text = "literal";
	}
	if (rc != 0)
		return rc;
	*out = j.out;
	*source = l->from->child ? "" : arena_strdup(l->c->arena, text);
	return 0;
}

const char *
load_lock(struct load *l, const config_setting_t *s, const char *text)
{
	struct job j = { l, s, NULL };

	if (text[0] == '\0')
		return "";
	if (!l->from->child)
		j.out = secret_new(str_of(text));
	else if (from_share(&j, str_of(text)) != 0)
		return "";
	load_own(l->c->arena, j.out);
	return secret_text(j.out);
}

void
load_add_key(struct load *l, struct conf_provider *p, const char *name)
{
	struct conf_upkey *grown, *k;
	size_t old = l->path_len;
	const struct opt *keys = opt_find(&opt_provider, STR("keys"));

	grown = arena_zalloc(l->c->arena, (p->n_keys + 1) * sizeof(*grown));
	if (p->n_keys > 0)
		memcpy(grown, p->keys, p->n_keys * sizeof(*grown));
	k = &grown[p->n_keys];
	opt_defaults(l->c->arena, keys->sub, k);
	load_push(l, "providers.%s.keys[%u]", p->id, p->n_keys);
	if (load_secret(l, NULL, arena_printf(l->tmp, "env:%s", name),
	    &k->key, &k->source) == 0) {
		load_own(l->c->arena, k->key);
		p->keys = grown;
		p->n_keys++;
	}
	load_pop(l, old);
}
