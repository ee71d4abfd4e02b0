/*
 * conf_finish.c - values that depend on others.
 *
 * Runs in: master; children for their share.
 * Owns: nothing.
 *
 * Facts of the dialects are data in dialects.h: state of November 2026.
 */
#include <ctype.h>
#include <sched.h>
#include <string.h>

#include "base/crypto.h"
#include "conf/load.h"

static const struct by_dialect {
	const char	*api_path;
	const char	*models;	/* behind api_path */
	const char	*auth_header, *auth_format;
	const char	*retry;
	unsigned	 apis;
} by_dialect[DIALECT_COUNT] = {
#define X(id, name, ...) [DIALECT_##id] = { __VA_ARGS__ },
	DIALECTS(X)
#undef X
};

/* "v1", "v4", "v1beta": a base_url that ends so names its version itself. */
static int
is_version(const char *seg)
{
	return seg[0] == 'v' && isdigit((unsigned char)seg[1]);
}

/*
 * The default of api_path. Not when base_url has a version of its own: then
 * the API is right there (https://host/api/paas/v4). Google's OpenAI-like
 * interface is one of these: .../v1beta/openai.
 */
static const char *
default_api_path(const struct conf_provider *p)
{
	const char *def = by_dialect[p->dialect].api_path;
	const char *last = strrchr(p->base_path, '/');
	const char *last_def = strrchr(def, '/');

	if (last == NULL || last_def == NULL || strcmp(last, last_def) == 0)
		return def;
	if (is_version(last + 1) || str_ends(str_of(p->base_path),
	    STR("/v1beta/openai")))
		return "";
	return def;
}

static void
key_ids(struct conf_provider *p)
{
	unsigned char hash[CRYPTO_SHA256];
	unsigned i;

	for (i = 0; i < p->n_keys; i++)
		if (p->keys[i].key != NULL) {
			crypto_sha256(secret_reveal(p->keys[i].key), hash);
			memcpy(p->keys[i].id, hash, sizeof(p->keys[i].id));
		}
}

static void
set_statuses(struct load *l, struct conf_provider *p, const char *text)
{
	const struct opt *o = opt_find(&opt_provider, STR("retryable_status"));

	opt_set(l->c->arena, o, p, text, FORM_ENV);
}

/* Azure names its version in the query, but for the newest interface. */
static int
versioned(const struct conf_provider *p)
{
	return p->dialect == DIALECT_AZURE &&
	    !str_ends(str_of(p->api_prefix), STR("/v1"));
}

static void
finish_paths(struct load *l, struct conf_provider *p)
{
	const struct by_dialect *d = &by_dialect[p->dialect];
	struct arena *a = l->c->arena;
	struct str api;

	if (load_origin(l, &p->api_path) == NULL)
		p->api_path = default_api_path(p);
	api = str_of(p->api_path);
	while (api.n > 0 && api.p[api.n - 1] == '/')
		api.n--;
	p->api_path = arena_printf(a, "%s%.*s", api.n > 0 && api.p[0] != '/' ?
	    "/" : "", STR_ARG(api));
	p->api_prefix = conf_join(a, p->base_path, p->api_path);
	if (p->models_path[0] == '\0')
		p->models_path = arena_printf(a, "%s%s%s%s", p->api_prefix,
		    d->models, versioned(p) ? "?api-version=" : "",
		    versioned(p) ? p->api_version : "");
	else
		p->models_path = conf_join(a, p->base_path, p->models_path);
	if (p->health.path[0] == '\0')
		p->health.path = p->models_path;
	else
		p->health.path = conf_join(a, p->base_path, p->health.path);
}

/* An URL without what stands in front of "@". */
static const char *
shown(struct load *l, const char *url)
{
	const char *at = strrchr(url, '@');

	return at == NULL ? url : arena_printf(l->tmp, "****%s", at);
}

void
load_finish_provider(struct load *l, struct conf_provider *p)
{
	const struct by_dialect *d = &by_dialect[p->dialect];
	const char *wrong;

	p->host = p->host_header = p->base_path = p->api_prefix = "";
	if (p->base_url[0] != '\0' &&
	    (wrong = load_url(l->c->arena, p)) != NULL)
		load_field(l, CONF_MISTAKE, &p->base_url, p->file, p->line,
		    "providers.%s.base_url is \"%s\": it %s", p->id,
		    shown(l, p->base_url), wrong);
	if (p->apis == 0)
		p->apis = d->apis;
	if (p->apis & CONF_API_CHAT)
		p->apis |= d->apis & (CONF_API_COMPLETIONS | CONF_API_RERANK);
	if (p->auth_header[0] == '\0')
		p->auth_header = d->auth_header;
	if (p->auth_format[0] == '\0')
		p->auth_format = load_origin(l, &p->auth_header) != NULL &&
		    strcasecmp(p->auth_header, "authorization") != 0 ?
		    "{key}" : d->auth_format;
	if (!p->retryable_status.set)
		set_statuses(l, p, d->retry);
	finish_paths(l, p);
	if (!l->from->child)
		key_ids(p);
}

static unsigned
processors(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > 240 ? 240 : (unsigned)n;
}

void
load_finish(struct load *l)
{
	struct conf *c = l->c;
	unsigned i, k;

	if (c->workers == 0)
		c->workers = processors();
	for (i = 0; i < c->n_providers; i++) {
		load_finish_provider(l, &c->providers[i]);
		if (conf_provider(c, str_of(c->providers[i].id)) == NULL)
			hmap_set(c->provider_by_id,
			    str_of(c->providers[i].id), &c->providers[i]);
	}
	for (i = 0; i < c->n_groups; i++) {
		struct conf_group *g = &c->groups[i];

		if (conf_group(c, str_of(g->name)) == NULL)
			hmap_set(c->group_by_name, str_of(g->name), g);
		for (k = 0; k < g->n_targets; k++) {
			struct conf_provider *p = conf_provider(c,
			    str_of(g->targets[k].provider));

			g->targets[k].provider_index = p == NULL ? -1 :
			    (int)(p - c->providers);
		}
	}
	for (i = 0; i < c->n_keys; i++) {
		struct conf_key *key = &c->keys[i];

		if (key->tier[0] == '\0')
			key->tier = c->default_tier;
		key->team = "";
		for (k = 0; k < key->meta_names.n; k++)
			if (strcmp(key->meta_names.v[k], "team") == 0)
				key->team = key->meta_values.v[k];
	}
	if (!l->from->child)
		load_finish_files(l);
}
