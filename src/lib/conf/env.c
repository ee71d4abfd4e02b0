/*
 * env.c - the environment overlay: variables to options.
 *
 * Runs in: master.
 * Owns: nothing.
 *
 * What variables say becomes one more source, a tree like that of a file, so
 * that it is checked in the same place with the same words; the hook of each
 * setting is the name of its variable. A variable that an older gateway knew
 * and that holds nonsense draws a warning and is left out, as it did there;
 * a wrong AIGW_* is a mistake.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/env_table.h"
#include "conf/load.h"

#define ENV	"environment"

int
load_truth(const char *text)
{
	if (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 ||
	    strcasecmp(text, "yes") == 0 || strcasecmp(text, "on") == 0)
		return 1;
	if (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 ||
	    strcasecmp(text, "no") == 0 || strcasecmp(text, "off") == 0)
		return 0;
	return -1;
}

void
load_put(struct load *l, config_setting_t *parent, const char *path,
    const char *text, const char *variable)
{
	struct str rest = str_of(path), part;
	config_setting_t *m;
	const char *name;

	if (!load_is_utf8(text)) {
		load_say(l, CONF_MISTAKE, ENV, 0, "%s is not UTF-8", variable);
		return;
	}
	while (str_split(&rest, '.', &part)) {
		name = arena_strndup(l->tmp, part.p, part.n);
		m = config_setting_get_member(parent, name);
		if (m == NULL)
			m = config_setting_add(parent, name, rest.n > 0 ?
			    CONFIG_TYPE_GROUP : CONFIG_TYPE_STRING);
		ASSERT(m != NULL);
		config_setting_set_hook(m, arena_strdup(l->tmp, variable));
		parent = m;
	}
	load_set_text(l, parent, text);
}

config_setting_t *
load_put_provider(struct load *l, struct load_src *src, const char *id,
    const char *variable)
{
	config_setting_t *root = config_root_setting(&src->cfg), *list, *p;

	list = config_setting_get_member(root, "providers");
	if (list == NULL)
		list = config_setting_add(root, "providers", CONFIG_TYPE_LIST);
	p = config_setting_add(list, NULL, CONFIG_TYPE_GROUP);
	config_setting_set_hook(p, arena_strdup(l->tmp, variable));
	load_put(l, p, "id", id, variable);
	return p;
}

/* The option's variable: client.max_body, AIGW_CLIENT_MAX_BODY. */
void
env_option_name(const char *path, char *out, size_t size)
{
	size_t i, n;

	n = (size_t)snprintf(out, size, "AIGW_%s", path);
	for (i = 5; i < n && i < size - 1; i++)
		out[i] = out[i] == '.' ? '_' :
		    (char)toupper((unsigned char)out[i]);
}

struct scan {
	struct load	*l;
	struct load_src	*src;
	struct str	 name;	/* of the variable */
	const char	*value;
	int		 found;
	unsigned	 best;
	char		 like[128];
};

static void
match_option(void *arg, const char *path, const struct opt *o, size_t off)
{
	struct scan *s = arg;
	char name[128];
	unsigned d;

	(void)off;
	if (o->type == OPT_MAP || (o->flags & OPT_F_SHARE) ||
	    strcmp(path, "include_dir") == 0)
		return;
	env_option_name(path, name, sizeof(name));
	if (str_eqc(s->name, name)) {
		load_put(s->l, config_root_setting(&s->src->cfg), path,
		    s->value, name);
		load_say(s->l, CONF_NOTICE, ENV, 0, "%s sets %s", name, path);
		s->found = 1;
	} else if ((d = opt_distance(s->name, str_of(name))) < s->best) {
		s->best = d;
		str_copy(s->like, sizeof(s->like), str_of(name));
	}
}

/* AIGW_*: any option that is not in a list. Others may be names in env:. */
static void
take_options(struct load *l, struct load_src *src)
{
	struct scan s = { l, src };
	const char **e;

	for (e = l->env; *e != NULL; e++) {
		if (strncmp(*e, "AIGW_", 5) != 0)
			continue;
		s.name = str_make(*e, strcspn(*e, "="));
		s.value = *e + s.name.n + 1;
		s.found = 0;
		s.best = 3;
		opt_each(match_option, &s);
		if (!s.found && s.best < 3)
			load_say(l, CONF_WARNING, ENV, 0, "%.*s is no option: "
			    "did you mean %s?", STR_ARG(s.name), s.like);
	}
}

static void
bad_value(struct load *l, const char *name, const char *value,
    const char *want)
{
	load_say(l, CONF_WARNING, ENV, 0, "%s is \"%s\", not %s: it is "
	    "ignored", name, value, want);
}

static void
take_port(struct load *l, struct load_src *src, const char *name,
    const char *v)
{
	config_setting_t *root = config_root_setting(&src->cfg), *list, *m;
	uint64_t port;
	unsigned i;

	if (num_u64(str_trim(str_of(v)), &port) != 0 || port == 0 ||
	    port > 65535) {
		bad_value(l, name, v, "a port");
		return;
	}
	for (i = 0; i < l->c->n_listen; i++)
		load_say(l, CONF_NOTICE, ENV, 0, "%s replaces the listener %s",
		    name, l->c->listen[i].address);
	l->c->n_listen = 0;
	l->c->listen = NULL;
	list = config_setting_add(root, "listen", CONFIG_TYPE_LIST);
	m = config_setting_add(list, NULL, CONFIG_TYPE_GROUP);
	config_setting_set_hook(m, arena_strdup(l->tmp, name));
	load_put(l, m, "address", arena_printf(l->tmp, "*:%u",
	    (unsigned)port), name);
}

static void
take_redis(struct load *l, struct load_src *src, const char *name,
    const char *v)
{
	config_setting_t *root = config_root_setting(&src->cfg);
	struct str s = str_trim(str_of(v));

	if (!str_starts(s, STR("redis://")) && !str_starts(s, STR("rediss://"))
	    && (str_find(s, STR("://")) >= 0 || str_chr(s, ':') <= 0)) {
		bad_value(l, name, "...", "redis://... or host:port");
		return;
	}
	load_put(l, root, "shared.redis", arena_printf(l->tmp, "%s%.*s",
	    str_find(s, STR("://")) >= 0 ? "" : "redis://", STR_ARG(s)), name);
	if (load_origin(l, &l->c->cache.enabled) == NULL &&
	    load_env(l, "AIGW_CACHE_ENABLED") == NULL)
		load_put(l, root, "cache.enabled", "true", name);
}

/* A time in seconds without a unit, as older gateways have it. */
static void
take_seconds(struct load *l, struct load_src *src, const struct env_var *var,
    const char *v)
{
	int64_t us;
	uint64_t n;

	if (num_u64(str_of(v), &n) == 0 && n > 0 && n < 1000000000)
		v = arena_printf(l->tmp, "%llus", (unsigned long long)n);
	else if (num_time_us(str_of(v), &us) != 0) {
		bad_value(l, var->name, v, "a number of seconds");
		return;
	}
	load_put(l, config_root_setting(&src->cfg), var->path, v, var->name);
}

static void
take_route(struct load *l, struct load_src *src, const struct env_var *var,
    const char *v)
{
	int on = load_truth(v);

	if (on < 0)
		bad_value(l, var->name, v, "true or false");
	else
		load_put(l, config_root_setting(&src->cfg), var->path,
		    on ? var->arg : "off", var->name);
}

static void
take_zone(struct load *l, struct load_src *src, const struct env_var *var,
    const char *v)
{
	if (!load_zone_is_known(l, v))
		bad_value(l, var->name, v, "a known time zone");
	else
		load_put(l, config_root_setting(&src->cfg), var->path, v,
		    var->name);
}

/* MASK_*: for every provider. */
static void
take_mask(struct load *l, const struct env_var *var, const char *v)
{
	const struct opt *o = opt_find(&opt_provider, str_of(var->path));
	unsigned i;

	if (o->type == OPT_BOOL && load_truth(v) < 0) {
		bad_value(l, var->name, v, "true or false");
		return;
	}
	if (o->type == OPT_BOOL)
		v = load_truth(v) ? "true" : "false";
	for (i = 0; i < l->c->n_providers; i++)
		opt_set(l->c->arena, o, &l->c->providers[i], v, FORM_ENV);
}

static void
take_var(struct load *l, struct load_src *src, const struct env_var *var,
    const char *v)
{
	config_setting_t *root = config_root_setting(&src->cfg);

	switch (var->kind) {
	case ENV_OPTION:
		load_put(l, root, var->path, v, var->name);
		break;
	case ENV_SECRET:
		load_put(l, root, var->path, arena_printf(l->tmp, "env:%s",
		    var->name), var->name);
		break;
	case ENV_LEVEL:
		if (log_level_parse(v) < 0)
			bad_value(l, var->name, v, "a level");
		else
			load_put(l, root, var->path, v, var->name);
		break;
	case ENV_PORT:
		take_port(l, src, var->name, v);
		break;
	case ENV_REDIS:
		take_redis(l, src, var->name, v);
		break;
	case ENV_SECONDS:
		take_seconds(l, src, var, v);
		break;
	case ENV_ROUTE:
		take_route(l, src, var, v);
		break;
	case ENV_ZONE:
		take_zone(l, src, var, v);
		break;
	case ENV_UNUSED:
		load_say(l, CONF_NOTICE, ENV, 0, "%s has no use here: %s",
		    var->name, var->help);
		return;
	default:
		return;
	}
	if (config_lookup(&src->cfg, var->path) != NULL)
		load_say(l, CONF_NOTICE, ENV, 0, "%s sets %s", var->name,
		    var->path);
}

static int
names_known_provider(const struct conf *c, enum conf_dialect d)
{
	unsigned i;

	for (i = 0; i < c->n_providers; i++)
		if (c->providers[i].dialect == d)
			return 1;
	return 0;
}

static int
is_in_tree(struct load *l, struct load_src *src, const char *option,
    const char *value)
{
	config_setting_t *list = config_lookup(&src->cfg, "providers");
	const char *s;
	int i;

	for (i = 0; list != NULL && i < config_setting_length(list); i++)
		if ((s = load_text(l, config_setting_get_member(
		    config_setting_get_elem(list, (unsigned)i), option))) !=
		    NULL && strcmp(s, value) == 0)
			return 1;
	return 0;
}

/* OPENAI_API_KEY and its like: a provider, if the family has none. */
static void
take_family_key(struct load *l, struct load_src *src,
    const struct env_var *var)
{
	const char *dialect, *base_url;
	config_setting_t *p;
	int d;

	if (load_family(var->path, &dialect, &base_url) != 0)
		return;
	d = opt_choice(OPT_DIALECTS, str_of(dialect));
	if (names_known_provider(l->c, (enum conf_dialect)d) ||
	    is_in_tree(l, src, "dialect", dialect))
		return;
	p = load_put_provider(l, src, var->path, var->name);
	load_put(l, p, "dialect", dialect, var->name);
	load_put(l, p, "base_url", base_url, var->name);
	load_put_key(l, p, var->name);
	load_say(l, CONF_NOTICE, ENV, 0, "%s adds the provider %s at %s",
	    var->name, var->path, base_url);
}

void
load_put_key(struct load *l, config_setting_t *provider, const char *variable)
{
	config_setting_t *keys, *k;

	keys = config_setting_add(provider, "keys", CONFIG_TYPE_LIST);
	k = config_setting_add(keys, NULL, CONFIG_TYPE_STRING);
	load_set_text(l, k, arena_printf(l->tmp, "env:%s", variable));
	config_setting_set_hook(keys, arena_strdup(l->tmp, variable));
	config_setting_set_hook(k, arena_strdup(l->tmp, variable));
}

/* Is NAME, the end of PROVIDER_API_KEY_NAME, this id in capitals? */
static int
is_id_of(struct str name, const char *id)
{
	size_t i;

	for (i = 0; i < name.n && id[i] != '\0'; i++)
		if (name.p[i] != (isalnum((unsigned char)id[i]) ?
		    toupper((unsigned char)id[i]) : '_'))
			return 0;
	return i == name.n && id[i] == '\0';
}

static struct conf_provider *
provider_named(struct load *l, struct str name)
{
	unsigned i;

	for (i = 0; i < l->c->n_providers; i++)
		if (is_id_of(name, l->c->providers[i].id))
			return &l->c->providers[i];
	return NULL;
}

#define KEY_PREFIX	"PROVIDER_API_KEY_"
#define KEY_SUFFIX	"_DEFAULT"

/* The family that a PROVIDER_API_KEY_ name begins with, lower case, or NULL. */
static const char *
family_of(struct load *l, struct str name)
{
	char *id = arena_strndup(l->tmp, name.p, name.n), *p;
	const char *dialect, *url;

	for (p = id; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return load_family(id, &dialect, &url) == 0 ? id : NULL;
}

static void
take_provider_key(struct load *l, struct load_src *src, const char *variable)
{
	struct str name = str_skip(str_of(variable), sizeof(KEY_PREFIX) - 1);
	struct conf_provider *p = provider_named(l, name);
	const char *family, *dialect, *url;
	config_setting_t *s;

	if (p == NULL && str_ends(name, STR(KEY_SUFFIX))) {
		name.n -= sizeof(KEY_SUFFIX) - 1;
		p = provider_named(l, name);
	}
	if (p != NULL) {
		load_add_key(l, p, variable);
		load_say(l, CONF_NOTICE, ENV, 0,
		    "%s adds a key to the provider %s", variable, p->id);
	} else if ((family = family_of(l, name)) != NULL) {
		if (is_in_tree(l, src, "id", family))
			return;
		if (load_family(family, &dialect, &url) != 0)
			return;
		s = load_put_provider(l, src, family, variable);
		load_put(l, s, "dialect", dialect, variable);
		load_put(l, s, "base_url", url, variable);
		load_put_key(l, s, variable);
		load_say(l, CONF_NOTICE, ENV, 0, "%s adds the provider %s at "
		    "%s", variable, family, url);
	} else
		load_say(l, CONF_WARNING, ENV, 0,
		    "%s is for a provider that is not there", variable);
}

static void
take_provider_keys(struct load *l, struct load_src *src)
{
	const char **e;
	size_t n;

	for (e = l->env; *e != NULL; e++) {
		n = strcspn(*e, "=");
		if (strncmp(*e, KEY_PREFIX, sizeof(KEY_PREFIX) - 1) == 0 &&
		    n > sizeof(KEY_PREFIX) - 1 && (*e)[n] == '=' &&
		    (*e)[n + 1] != '\0')
			take_provider_key(l, src,
			    arena_strndup(l->tmp, *e, n));
	}
}

/* At most so many list items can come from the environment. */
static unsigned
count_room(struct load *l)
{
	const char **e, *p;
	unsigned n = 16;

	for (e = l->env; *e != NULL; e++) {
		n += strncmp(*e, KEY_PREFIX, sizeof(KEY_PREFIX) - 1) == 0;
		if (strncmp(*e, "LLM_PROVIDERS=", 14) == 0)
			for (p = *e; *p != '\0'; p++)
				n += *p == ',';
	}
	return n;
}

/* One round over the table for variables of some kinds. */
static void
take_table(struct load *l, struct load_src *src, int masks)
{
	const struct env_var *var;
	const char *v;

	for (var = env_vars; var->name != NULL; var++) {
		v = load_env(l, var->name);
		if (v == NULL || v[0] == '\0')
			continue;
		if (!load_is_utf8(v)) {
			if (!masks)
				bad_value(l, var->name, "...", "UTF-8");
		} else if (masks && var->kind == ENV_MASK)
			take_mask(l, var, v);
		else if (!masks && var->kind == ENV_FAMILY)
			take_family_key(l, src, var);
		else if (!masks)
			take_var(l, src, var, v);
	}
}

void
load_overlay_room(struct load *l)
{
	l->room = count_room(l);
}

void
load_overlay(struct load *l)
{
	struct load_src *src = load_src_new(l, ENV);

	src->env = 1;
	l->cur = src;
	load_overlay_notes(l);
	load_overlay_llm(l, src);
	take_table(l, src, 0);
	take_options(l, src);
	load_parse(l, src);
	/* Keys for providers from wherever; new families are one more. */
	src = load_src_new(l, ENV);
	src->env = 1;
	l->cur = src;
	take_provider_keys(l, src);
	load_parse(l, src);
	take_table(l, src, 1);
}
