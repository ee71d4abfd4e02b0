/*
 * catalog.h - what "model" means: providers, groups, aliases, model lists.
 *
 * Immutable and replaced whole. Built from a configuration (kept by
 * reference) and the model lists that the checker fetched.
 */
#ifndef ROUTE_CATALOG_H
#define ROUTE_CATALOG_H

#include "base/arena.h"
#include "conf/conf.h"
#include "route/slow.h"

struct catalog;

/* A provider's fetched list, for those with no models in the file. */
struct catalog_list {
	unsigned	 provider;	/* index in conf.providers */
	struct conf_strs ids;
};

/* The configuration must outlive it. Never NULL. lists are copied. */
struct catalog *catalog_new(const struct conf *c,
    const struct catalog_list *lists, unsigned n);
void catalog_free(struct catalog **cp);

struct catalog_target {
	const struct conf_provider *provider;
	unsigned	 index;		/* of the provider */
	struct str	 model;		/* name at the provider */
	const struct conf_target *target;	/* NULL: implicit group */
	int		 priority;
	double		 weight;
	enum slow_turn	 turn;		/* SLOW_PLACE unless it is slow */
};

enum catalog_answer {
	CATALOG_FOUND, CATALOG_NO_MODEL, CATALOG_DENIED
};

struct catalog_query {
	struct str	 model;
	/* allow lists of the caller; n = 0: all */
	struct conf_strs groups, providers, models;
	int		 pinned;	/* provider index of the path, or -1 */
	unsigned	 api;		/* CONF_API_* wanted, 0: any */
};

struct catalog_result {
	const struct conf_group *group;	/* NULL: implicit or pinned */
	struct str	 model;		/* after aliases */
	enum conf_strategy strategy;
	struct catalog_target *targets;
	unsigned	 n;
};

/*
 * Resolve, first hit wins: a group, an alias, "provider/model", a model that
 * providers list, the same after dropping what stands before the first "/".
 * Targets live in the arena a; those of disabled providers, of providers
 * without the wanted api, and those not allowed are left out (DENIED when that
 * leaves none).
 */
enum catalog_answer catalog_resolve(const struct catalog *cat, struct arena *a,
    const struct catalog_query *q, struct catalog_result *out);

/* Does the provider list that model? */
int catalog_lists(const struct catalog *cat, unsigned provider,
    struct str model);

/*
 * Walk the names a caller may use as model: groups first, then listed ids.
 * owner is the provider's id or "aigw"; providers: how many of those whom the
 * caller may use have it. fn returns 0 to go on.
 */
int catalog_each(const struct catalog *cat, const struct catalog_query *q,
    int (*fn)(void *arg, struct str id, struct str owner, unsigned providers),
    void *arg);

#endif
