/*
 * conf_ref.c - names that must be somebody's: providers, groups, tiers.
 *
 * Runs in: master.
 * Owns: nothing.
 */
#include <string.h>

#include "base/clock.h"
#include "conf/load.h"

static const char *
provider_at(const struct conf *c, unsigned i)
{
	return c->providers[i].id;
}

static const char *
group_at(const struct conf *c, unsigned i)
{
	return c->groups[i].name;
}

static const char *
tier_at(const struct conf *c, unsigned i)
{
	return c->tiers[i].name;
}

/* "there is no provider \"x\"", with the name most like it. */
static void
say_none(struct load *l, const void *field, const char *file, int line,
    const char *where, const char *what, const char *name)
{
	const char *(*at)(const struct conf *, unsigned) =
	    what[0] == 'p' ? provider_at : what[0] == 'g' ? group_at : tier_at;
	unsigned n = what[0] == 'p' ? l->c->n_providers :
	    what[0] == 'g' ? l->c->n_groups : l->c->n_tiers;
	const char *like = NULL;
	unsigned i, d, best = 3;

	for (i = 0; i < n; i++)
		if ((d = opt_distance(str_of(at(l->c, i)), str_of(name))) <
		    best) {
			best = d;
			like = at(l->c, i);
		}
	if (like != NULL)
		load_field(l, CONF_MISTAKE, field, file, line, "%s: there is "
		    "no %s \"%s\": did you mean \"%s\"?", where, what, name,
		    like);
	else
		load_field(l, CONF_MISTAKE, field, file, line,
		    "%s: there is no %s \"%s\"", where, what, name);
}

static void
check_groups(struct load *l, const struct conf_strs *names, const void *field,
    const char *file, int line, const char *where, const char *self)
{
	unsigned i;

	for (i = 0; i < names->n; i++) {
		if (conf_group(l->c, str_of(names->v[i])) == NULL)
			say_none(l, field, file, line, where, "group",
			    names->v[i]);
		else if (self != NULL && strcmp(names->v[i], self) == 0)
			load_field(l, CONF_MISTAKE, field, file, line,
			    "%s: a group cannot be its own fallback", where);
	}
}

#define SAY_GROUP(l, sev, g, ...) \
	load_field(l, sev, &(g)->name, (g)->file, (g)->line, __VA_ARGS__)

static void
check_targets(struct load *l, struct conf_group *g)
{
	unsigned i;

	for (i = 0; i < g->n_targets; i++)
		if (g->targets[i].provider_index < 0 &&
		    g->targets[i].provider[0] != '\0')
			say_none(l, &g->targets[i].provider, g->file, g->line,
			    arena_printf(l->tmp, "groups.%s.targets[%u]",
			    g->name, i), "provider", g->targets[i].provider);
	if (g->n_targets == 0)
		SAY_GROUP(l, CONF_WARNING, g,
		    "groups.%s has no targets", g->name);
}

static void
check_group(struct load *l, struct conf_group *g)
{
	struct conf_group *twin = conf_group(l->c, str_of(g->name));
	const struct {
		const char	*option;
		struct conf_strs *names;
	} lists[] = {
		{ "fallbacks", &g->fallbacks },
		{ "on_context_length", &g->on_context_length },
		{ "on_content_policy", &g->on_content_policy },
	};
	size_t i;

	if (g->name[0] == '\0' || strlen(g->name) >= CONF_NAME_MAX)
		SAY_GROUP(l, CONF_MISTAKE, g, "groups.%s.name must have 1 to "
		    "%d bytes", g->name, CONF_NAME_MAX - 1);
	if (twin != NULL && twin != g)
		SAY_GROUP(l, CONF_MISTAKE, g, "groups.%s is there twice, first "
		    "at %s:%d", g->name, twin->file, twin->line);
	check_targets(l, g);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		check_groups(l, lists[i].names, lists[i].names, g->file,
		    g->line, arena_printf(l->tmp, "groups.%s.%s", g->name,
		    lists[i].option), g->name);
}

static int
is_listed(const struct conf_provider *p, const char *model)
{
	unsigned i;

	for (i = 0; i < p->models.n; i++)
		if (strcmp(p->models.v[i], model) == 0)
			return 1;
	return 0;
}

/* What stands against a model of this name; NULL: a provider lists it, or is to
 * get it as it is. */
static const char *
against(const struct load *l, const char *use)
{
	const char *slash = strchr(use, '/'), *why = "";
	const struct conf_provider *p, *named = NULL;
	unsigned i;

	if (slash != NULL && slash > use && slash[1] != '\0')
		named = conf_provider(l->c, str_make(use,
		    (size_t)(slash - use)));
	if (named != NULL && named->enabled)
		return named->models.n == 0 || is_listed(named, slash + 1) ?
		    NULL : arena_printf(l->tmp, "provider %s does not list "
		    "that model in the file; it is asked for it all the same",
		    named->id);
	for (i = 0; i < l->c->n_providers; i++) {
		p = &l->c->providers[i];
		if (is_listed(p, use) || (slash != NULL &&
		    is_listed(p, slash + 1))) {
			if (p->enabled)
				return NULL;
			named = p;
		} else if (p->models.n == 0 && p->enabled)
			why = "no group, and no model of a list in the file; "
			    "it may be one that a provider names later";
	}
	return named != NULL ? arena_printf(l->tmp, "provider %s is not "
	    "enabled", named->id) : why;
}

/* What is looked at before it, so that it is never used. */
static void
check_hidden(struct load *l, const struct conf_alias *a)
{
	const struct conf_group *g = conf_group(l->c, str_of(a->match));
	const struct conf_alias *b;

	if (g != NULL && g->enabled)
		load_field(l, CONF_WARNING, &a->match, a->file, a->line,
		    "aliases.%s is never used: the group of that name goes "
		    "before it", a->match);
	for (b = l->c->aliases; b < a; b++)
		if (str_glob(b->match, str_of(a->match))) {
			load_field(l, CONF_WARNING, &a->match, a->file,
			    a->line, "aliases.%s is never used: aliases.%s "
			    "stands before it and covers the same",
			    a->match, b->match);
			break;
		}
}

static void
check_alias(struct load *l, struct conf_alias *a)
{
	const struct conf_group *g = conf_group(l->c, str_of(a->use));
	const char *why;

	check_hidden(l, a);
	if (a->match[0] == '\0' || a->use[0] == '\0' ||
	    (g != NULL && g->enabled) || (why = against(l, a->use)) == NULL)
		return;
	if (g != NULL)
		why = "that group is not enabled";
	if (why[0] != '\0')
		load_field(l, CONF_WARNING, &a->use, a->file, a->line,
		    "aliases.%s.use is \"%s\": %s", a->match, a->use, why);
	else
		say_none(l, &a->use, a->file, a->line, arena_printf(l->tmp,
		    "aliases.%s.use", a->match), "group", a->use);
}

static int
has_team(const struct conf *c, const char *name)
{
	unsigned i;

	for (i = 0; i < c->n_teams; i++)
		if (strcmp(c->teams[i].name, name) == 0)
			return 1;
	return 0;
}

static void
check_key(struct load *l, struct conf_key *k)
{
	unsigned i;

	if (strcmp(k->tier, l->c->default_tier) != 0 &&
	    conf_tier(l->c, k->tier) == NULL)
		say_none(l, &k->tier, k->file, k->line,
		    arena_printf(l->tmp, "keys.%s.tier", k->name), "tier",
		    k->tier);
	if (k->expires != 0 && l->from->resolve &&
	    k->expires <= clock_real_us())
		load_field(l, CONF_WARNING, &k->expires_day, k->file, k->line,
		    "keys.%s.expires: that day is over, the key is refused",
		    k->name);
	check_groups(l, &k->groups, &k->groups, k->file, k->line,
	    arena_printf(l->tmp, "keys.%s.groups", k->name), NULL);
	for (i = 0; i < k->providers.n; i++)
		if (conf_provider(l->c, str_of(k->providers.v[i])) == NULL)
			say_none(l, &k->providers, k->file, k->line,
			    arena_printf(l->tmp, "keys.%s.providers",
			    k->name), "provider", k->providers.v[i]);
	if (k->team[0] != '\0' && l->c->n_teams > 0 && !has_team(l->c, k->team))
		load_field(l, CONF_WARNING, &k->meta_names, k->file, k->line,
		    "keys.%s.metadata.team: there is no team \"%s\"", k->name,
		    k->team);
}

void
load_check_refs(struct load *l)
{
	struct conf *c = l->c;
	unsigned i, k;

	for (i = 0; i < c->n_groups; i++)
		check_group(l, &c->groups[i]);
	for (i = 0; i < c->n_aliases; i++)
		check_alias(l, &c->aliases[i]);
	for (i = 0; i < c->n_keys; i++)
		check_key(l, &c->keys[i]);
	for (i = 0; i < c->n_teams; i++)
		for (k = 0; k < i; k++)
			if (strcmp(c->teams[i].name, c->teams[k].name) == 0)
				load_field(l, CONF_MISTAKE, &c->teams[i].name,
				    "", 0, "teams.%s is there twice",
				    c->teams[i].name);
}
