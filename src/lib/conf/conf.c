/*
 * conf.c - asking a configuration.
 *
 * Runs in: every process.
 * Owns: nothing.
 */
#include <string.h>

#include "base/hmap.h"
#include "conf/conf.h"
#include "conf/opt.h"

void
conf_free(struct conf **cp)
{
	struct arena *a;

	if (*cp == NULL)
		return;
	a = (*cp)->arena;
	*cp = NULL;
	arena_free(&a);
}

struct conf_provider *
conf_provider(const struct conf *c, struct str id)
{
	return hmap_get(c->provider_by_id, id);
}

int
conf_allows(const struct conf_strs *l, struct str s)
{
	unsigned i;

	for (i = 0; i < l->n; i++)
		if (str_glob(l->v[i], s))
			return 1;
	return l->n == 0;
}

struct conf_group *
conf_group(const struct conf *c, struct str name)
{
	return hmap_get(c->group_by_name, name);
}

struct conf_tier *
conf_tier(const struct conf *c, const char *name)
{
	unsigned i;

	for (i = 0; i < c->n_tiers; i++)
		if (strcmp(c->tiers[i].name, name) == 0)
			return &c->tiers[i];
	return NULL;
}

const char *
conf_dialect_name(enum conf_dialect d)
{
	static const char *const names[DIALECT_COUNT] = {
#define X(id, name, ...) #name,
		DIALECTS(X)
#undef X
	};

	return (unsigned)d < DIALECT_COUNT ? names[d] : "unknown";
}

/* Longest end of base that is also the beginning of path, whole segments. */
static size_t
overlap(struct str base, struct str path)
{
	struct str tail;
	size_t i;

	for (i = 0; i < base.n; i++) {
		if (base.p[i] != '/')
			continue;
		tail = str_skip(base, i);
		if (str_starts(path, tail) && (path.n == tail.n ||
		    path.p[tail.n] == '/' || path.p[tail.n] == '?'))
			return tail.n;
	}
	return 0;
}

const char *
conf_join(struct arena *a, const char *base, const char *path)
{
	struct str b = str_of(base), p = str_of(path);

	while (b.n > 0 && b.p[b.n - 1] == '/')
		b.n--;
	if (p.n > 0 && p.p[0] != '/')
		p = str_of(arena_printf(a, "/%s", path));
	p = str_skip(p, overlap(b, p));
	while (p.n > 0 && p.p[p.n - 1] == '/')
		p.n--;
	return arena_printf(a, "%.*s%.*s", STR_ARG(b), STR_ARG(p));
}

const char *
conf_fixed(const struct conf *was, const struct conf *now)
{
	if (strcmp(was->run_dir, now->run_dir) != 0)
		return "run_dir changes: restart to do that";
	if (strcmp(was->state_dir, now->state_dir) != 0)
		return "state_dir changes: restart to do that";
	if (strcmp(was->user, now->user) != 0 ||
	    strcmp(was->group, now->group) != 0)
		return "user or group changes: restart to do that";
	return NULL;
}
