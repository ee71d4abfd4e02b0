/*
 * env_llm.c - providers from LLM_PROVIDERS and what is known of families.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * A provider that lacks something is left out with a warning, a number that
 * is none is replaced by its default with a warning: that is how this list has
 * always been read.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "conf/env_table.h"
#include "conf/load.h"

#define ENV	"environment"

static const struct family {
	const char	*id, *dialect, *base_url, *host;
} families[] = {
	{ "openai", "openai", "https://api.openai.com", "openai.com" },
	{ "anthropic", "anthropic", "https://api.anthropic.com",
	    "anthropic.com" },
	{ "gemini", "gemini", "https://generativelanguage.googleapis.com",
	    "generativelanguage.googleapis.com" },
	{ "mistral", "mistral", "https://api.mistral.ai", "mistral.ai" },
	{ "groq", "groq", "https://api.groq.com", "groq.com" },
	{ "openrouter", "openai", "https://openrouter.ai/api",
	    "openrouter.ai" },
	{ "deepseek", "openai", "https://api.deepseek.com",
	    "api.deepseek.com" },
};
#define N_FAMILIES	(sizeof(families) / sizeof(families[0]))

int
load_family(const char *id, const char **dialect, const char **base_url)
{
	size_t i;

	for (i = 0; i < N_FAMILIES; i++)
		if (strcmp(families[i].id, id) == 0) {
			*dialect = families[i].dialect;
			*base_url = families[i].base_url;
			return 0;
		}
	return ERR_NOTFOUND;
}

/* Host of an URL, lower case is not needed: compared without case. */
static struct str
host_of(const char *url)
{
	struct str s = str_of(url);
	long i = str_find(s, STR("://"));

	s = str_skip(s, i < 0 ? 0 : (size_t)i + 3);
	s.n = strcspn(s.p, "/:?#");
	return s;
}

static int
host_is(struct str host, const char *domain)
{
	struct str d = str_of(domain);

	if (host.n < d.n || (host.n > d.n && host.p[host.n - d.n - 1] != '.'))
		return 0;
	return str_ieq(str_skip(host, host.n - d.n), d);
}

const char *
load_guess_dialect(const char *base_url, const char *id)
{
	struct str host = host_of(base_url), s = str_of(id);
	size_t i;

	if (str_ends(str_of(base_url), STR("/openai")) ||
	    str_find(str_of(base_url), STR("/openai/v1beta")) >= 0)
		return host_is(host, "groq.com") ? "groq" : "openai";
	for (i = 0; i < N_FAMILIES; i++)
		if (host_is(host, families[i].host))
			return families[i].dialect;
	if (host_is(host, "openai.azure.com"))
		return "azure";
	if (str_find(s, STR("claude")) >= 0 || str_find(s, STR("anthropic")) >=
	    0)
		return "anthropic";
	if (str_find(s, STR("gemini")) >= 0)
		return "gemini";
	if (str_find(s, STR("mistral")) >= 0)
		return "mistral";
	if (str_find(s, STR("groq")) >= 0)
		return "groq";
	if (str_find(s, STR("ollama")) >= 0)
		return "ollama";
	return "openai";
}

struct llm {
	struct load	*l;
	struct load_src	*src;
	const char	*name;	/* as in LLM_PROVIDERS */
	char		*id;	/* lower case */
	config_setting_t *p;
};

/* LLM_PROVIDER_<name>_<part>, then with the name in capitals; or NULL. */
static const char *
part(struct llm *m, const char *end, const char **variable)
{
	char *up = arena_strdup(m->l->tmp, m->name), *c;
	const char *v;

	for (c = up; *c != '\0'; c++)
		*c = isalnum((unsigned char)*c) ?
		    (char)toupper((unsigned char)*c) : '_';
	*variable = arena_printf(m->l->tmp, "LLM_PROVIDER_%s_%s", m->name,
	    end);
	v = load_env(m->l, *variable);
	if (v == NULL && strcmp(up, m->name) != 0) {
		const char *other = arena_printf(m->l->tmp,
		    "LLM_PROVIDER_%s_%s", up, end);

		if ((v = load_env(m->l, other)) != NULL)
			*variable = other;
	}
	return v == NULL || v[0] == '\0' ? NULL : v;
}

static int
has_required(struct llm *m)
{
	static const char *const need[] = { "NAME", "BASE_URL", "API_KEY" };
	const char *variable;
	size_t i;

	for (i = 0; i < 3; i++)
		if (part(m, need[i], &variable) == NULL) {
			load_say(m->l, CONF_WARNING, ENV, 0, "LLM_PROVIDERS: "
			    "%s is left out because %s is not set", m->name,
			    variable);
			return 0;
		}
	return 1;
}

/* A value as the option takes it, tried on a provider that nobody sees. */
static int
is_good(struct llm *m, const char *path, const char *v, const char **wrong)
{
	struct conf_provider try = { 0 };
	struct conf_price price = { 0 };
	const char *dot = strchr(path, '.');
	const struct opt *o;

	if (dot != NULL) {
		o = opt_find(&opt_price, str_of(dot + 1));
		*wrong = opt_set(m->l->tmp, o, &price, v, FORM_ENV);
	} else {
		o = opt_find(&opt_provider, str_of(path));
		*wrong = opt_set(m->l->tmp, o, &try, v, FORM_ENV);
	}
	return *wrong == NULL;
}

/* The good parts of a list of statuses; the others are left out. */
static const char *
good_statuses(struct llm *m, const char *v)
{
	struct str rest = str_of(v), s;
	const char *out = "", *wrong, *one;

	while (str_split(&rest, ',', &s)) {
		s = str_trim(s);
		one = arena_strndup(m->l->tmp, s.p, s.n);
		if (s.n > 0 && is_good(m, "retryable_status", one, &wrong))
			out = arena_printf(m->l->tmp, "%s%s%s", out,
			    out[0] != '\0' ? "," : "", one);
	}
	return out;
}

static void
put_part(struct llm *m, const struct env_var *var)
{
	const char *variable, *wrong, *v = part(m, var->name, &variable);

	if (v == NULL)
		return;
	if (strcmp(var->path, "keys") == 0) {
		load_put_key(m->l, m->p, variable);
		return;
	}
	if (strcmp(var->path, "retryable_status") == 0) {
		const char *good = good_statuses(m, v);

		if (strcmp(good, v) != 0)
			load_say(m->l, CONF_WARNING, ENV, 0, "%s is \"%s\": "
			    "taken as \"%s\"", variable, v, good);
		v = good;
	}
	if (is_good(m, var->path, v, &wrong))
		load_put(m->l, m->p, var->path, v, variable);
	else
		load_say(m->l, CONF_WARNING, ENV, 0,
		    "%s %s; the default is taken", variable, wrong);
}

static int
id_is_usable(struct llm *m)
{
	struct load *l = m->l;
	struct conf_provider try = { 0 };
	const char *variable, *wrong;
	unsigned i;
	char *c;

	for (c = m->id; *c != '\0'; c++) {
		*c = (char)tolower((unsigned char)*c);
		if (!isalnum((unsigned char)*c) && strchr("_.-", *c) == NULL)
			*c = '-';
	}
	for (i = 0; i < l->c->n_providers; i++)
		if (strcmp(l->c->providers[i].id, m->id) == 0) {
			load_say(l, CONF_WARNING, ENV, 0, "LLM_PROVIDERS: %s "
			    "is left out because %s:%d has a provider of "
			    "that name", m->name, l->c->providers[i].file,
			    l->c->providers[i].line);
			return 0;
		}
	if (hmap_get(l->llm, str_of(m->id)) != NULL) {
		load_say(l, CONF_WARNING, ENV, 0,
		    "LLM_PROVIDERS: %s is there twice", m->name);
		return 0;
	}
	if (!has_required(m))
		return 0;
	try.base_url = part(m, "BASE_URL", &variable);
	if ((wrong = load_url(l->tmp, &try)) == NULL)
		return 1;
	load_say(l, CONF_WARNING, ENV, 0, "LLM_PROVIDERS: %s is left out "
	    "because %s %s", m->name, variable, wrong);
	return 0;
}

static void
put_provider(struct llm *m)
{
	const struct env_var *var;
	const char *variable;

	if (!id_is_usable(m))
		return;
	m->p = load_put_provider(m->l, m->src, m->id, "LLM_PROVIDERS");
	hmap_set(m->l->llm, str_of(m->id), m->id);
	for (var = env_vars; var->name != NULL; var++)
		if (var->kind == ENV_LLM_PART)
			put_part(m, var);
	if (config_setting_get_member(m->p, "dialect") == NULL)
		load_put(m->l, m->p, "dialect", load_guess_dialect(
		    part(m, "BASE_URL", &variable), m->id), "LLM_PROVIDERS");
	load_put(m->l, m->p, "mask_as_browser", "true", "LLM_PROVIDERS");
	load_say(m->l, CONF_NOTICE, ENV, 0,
	    "LLM_PROVIDERS adds the provider %s", m->id);
}

void
load_overlay_llm(struct load *l, struct load_src *src)
{
	const char *list = load_env(l, "LLM_PROVIDERS");
	struct llm m = { l, src };
	struct str rest, name;

	if (list == NULL)
		return;
	rest = str_of(list);
	while (str_split(&rest, ',', &name)) {
		name = str_trim(name);
		if (name.n == 0)
			continue;
		m.name = arena_strndup(l->tmp, name.p, name.n);
		m.id = arena_strndup(l->tmp, name.p, name.n);
		put_provider(&m);
	}
	if (hmap_count(l->llm) > 0 &&
	    load_origin(l, &l->c->session.context) == NULL &&
	    load_env(l, "AIGW_SESSION_CONTEXT") == NULL)
		load_put(l, config_root_setting(&src->cfg),
		    "session.context", "true", "LLM_PROVIDERS");
}
