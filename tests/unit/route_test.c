/* route_test.c - what "model" means, and the order of candidates. */
#include <stdio.h>

#include "base/hmap.h"
#include "route/catalog.h"
#include "route/route.h"
#include "tap.h"

static struct conf conf;
static struct conf_provider prov[3];
static struct conf_group group[1];
static struct conf_target target[3];
static const char *m0[] = { "gpt-a", "shared" };
static const char *m1[] = { "shared", "org/deep" };
static struct conf_alias alias[1] = { { "old*", "pool" } };

static void
setup(void)
{
	static const char *const ids[] = { "one", "two", "three" };
	unsigned i;

	if (conf.providers != NULL)
		return;
	conf.provider_by_id = hmap_new();
	conf.group_by_name = hmap_new();
	for (i = 0; i < 3; i++) {
		prov[i].id = ids[i];
		prov[i].enabled = i != 2;
		prov[i].weight = 1;
		prov[i].priority = 1;
		prov[i].apis = CONF_API_CHAT;
		hmap_set(conf.provider_by_id, str_of(ids[i]), &prov[i]);
	}
	prov[0].models = (struct conf_strs){ m0, 2 };
	prov[1].models = (struct conf_strs){ m1, 2 };
	target[0] = (struct conf_target){ "one", "gpt-a", 0, 2, 1, "" };
	target[1] = (struct conf_target){ "two", "shared", 1, 1, 1, "" };
	target[2] = (struct conf_target){ "three", "off", 2, 1, 1, "" };
	group[0].name = "pool";
	group[0].targets = target;
	group[0].n_targets = 3;
	group[0].enabled = 1;
	hmap_set(conf.group_by_name, str_of("pool"), &group[0]);
	conf.providers = prov;
	conf.n_providers = 3;
	conf.groups = group;
	conf.n_groups = 1;
	conf.aliases = alias;
	conf.n_aliases = 1;
	conf.default_strategy = STRATEGY_BALANCED;
}

/* "provider:model provider:model" of the answer, in the catalogue's order. */
static enum catalog_answer
ask(const char *model, struct catalog_query *q, char *out, size_t size)
{
	struct catalog *cat;
	struct arena *a = arena_new(0);
	struct catalog_result res;
	enum catalog_answer ans;
	size_t n = 0;
	unsigned i;

	setup();
	cat = catalog_new(&conf, NULL, 0);
	q->model = str_of(model);
	ans = catalog_resolve(cat, a, q, &res);
	out[0] = '\0';
	for (i = 0; ans == CATALOG_FOUND && i < res.n; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s:%.*s",
		    i > 0 ? " " : "", res.targets[i].provider->id,
		    STR_ARG(res.targets[i].model));
	arena_free(&a);
	catalog_free(&cat);
	return ans;
}

#define ASK(model, q, want) do {					\
	char out_[256];							\
	EQ_INT(ask(model, q, out_, sizeof(out_)), CATALOG_FOUND);	\
	EQ_STR(out_, want);						\
} while (0)

TEST(what_model_means)
{
	struct catalog_query q = { .pinned = -1 };
	char out[256];

	ASK("pool", &q, "one:gpt-a two:shared");
	ASK("old-name", &q, "one:gpt-a two:shared");
	ASK("two/anything", &q, "two:anything");
	ASK("shared", &q, "one:shared two:shared");
	ASK("org/deep", &q, "two:org/deep");
	ASK("vendor/shared", &q, "one:shared two:shared");
	EQ_INT(ask("nobody", &q, out, sizeof(out)), CATALOG_NO_MODEL);
	EQ_INT(ask("three/x", &q, out, sizeof(out)), CATALOG_NO_MODEL);
	EQ_INT(ask("", &q, out, sizeof(out)), CATALOG_NO_MODEL);
}

TEST(pinned_path)
{
	struct catalog_query q = { .pinned = 0 };

	ASK("whatever", &q, "one:whatever");
	ASK("pool", &q, "one:gpt-a two:shared");
}

TEST(allow_lists)
{
	static const char *only_two[] = { "two" }, *only_pool[] = { "pool" },
	    *other[] = { "other" };
	struct catalog_query q = { .pinned = -1 };
	char out[256];

	q.providers = (struct conf_strs){ only_two, 1 };
	ASK("shared", &q, "two:shared");
	EQ_INT(ask("gpt-a", &q, out, sizeof(out)), CATALOG_DENIED);
	memset(&q.providers, 0, sizeof(q.providers));
	q.groups = (struct conf_strs){ only_pool, 1 };
	ASK("pool", &q, "one:gpt-a two:shared");
	EQ_INT(ask("shared", &q, out, sizeof(out)), CATALOG_DENIED);
	EQ_INT(ask("two/x", &q, out, sizeof(out)), CATALOG_DENIED);
	q.groups = (struct conf_strs){ other, 1 };
	EQ_INT(ask("pool", &q, out, sizeof(out)), CATALOG_DENIED);
}

static int
put_row(void *arg, struct str id, struct str owner, unsigned providers)
{
	char *out = arg;
	size_t n = strlen(out);

	snprintf(out + n, 256 - n, "%.*s by %.*s: %u; ", STR_ARG(id),
	    STR_ARG(owner), providers);
	return 0;
}

static void
list(const struct catalog_query *q, char out[256])
{
	struct catalog *cat;

	setup();
	cat = catalog_new(&conf, NULL, 0);
	out[0] = '\0';
	EQ_INT(catalog_each(cat, q, put_row, out), 0);
	catalog_free(&cat);
}

/* Each name once, with those providers that may be used: of a group each one
 * once, however many models of it the group has. */
TEST(lists)
{
	static const char *only_two[] = { "two" }, *only_pool[] = { "pool" };
	struct catalog_query q = { .pinned = -1 };
	struct conf_target twice[3];
	char out[256];

	list(&q, out);
	EQ_STR(out, "pool by aigw: 2; gpt-a by one: 1; shared by one: 2; "
	    "org/deep by two: 1; ");
	memcpy(twice, target, sizeof(twice));
	twice[1] = (struct conf_target){ "one", "shared", 0, 1, 1, "" };
	group[0].targets = twice;
	list(&q, out);
	OK(strncmp(out, "pool by aigw: 1; ", 17) == 0);
	group[0].targets = target;
	q.providers = (struct conf_strs){ only_two, 1 };
	list(&q, out);
	EQ_STR(out, "pool by aigw: 1; shared by two: 1; org/deep by two: 1; ");
	q.models = (struct conf_strs){ only_pool, 1 };
	list(&q, out);
	EQ_STR(out, "pool by aigw: 1; ");
	memset(&q.models, 0, sizeof(q.models));
	q.groups = (struct conf_strs){ only_pool, 1 };
	list(&q, out);
	EQ_STR(out, "pool by aigw: 1; ");
}

static uint64_t rnd_state = 88172645463325252ULL;

static uint64_t
rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state;
}

TEST(order)
{
	struct catalog_target t[3], in[3];
	struct route_fact facts[3] = { { 1 }, { 1 }, { 1 } };
	uint64_t cursor = 0;
	int first[3] = { 0 }, i;

	memset(in, 0, sizeof(in));
	for (i = 0; i < 3; i++) {
		in[i].index = (unsigned)i;
		in[i].priority = 1;
	}
	in[0].weight = 1;
	in[1].weight = 3;
	in[2].weight = 0;
	for (i = 0; i < 4000; i++) {
		memcpy(t, in, sizeof(t));
		route_order(t, 3, STRATEGY_WEIGHTED, facts, rnd, &cursor);
		first[t[0].index]++;
	}
	OK(first[1] > 2800 && first[1] < 3200);
	OK(first[0] > 800 && first[0] < 1200);
	EQ_INT(first[2], 0);
	/* Priority before weight; unusable last. */
	in[2].priority = 0;
	memcpy(t, in, sizeof(t));
	route_order(t, 3, STRATEGY_PRIORITY, facts, rnd, &cursor);
	EQ_INT(t[0].index, 2);
	facts[2].usable_keys = 0;
	memcpy(t, in, sizeof(t));
	route_order(t, 3, STRATEGY_PRIORITY, facts, rnd, &cursor);
	EQ_INT(t[2].index, 2);
	facts[1].open = 1;
	memcpy(t, in, sizeof(t));
	route_order(t, 3, STRATEGY_PRIORITY, facts, rnd, &cursor);
	EQ_INT(t[0].index, 0);
}

TEST(slow_ones)
{
	struct catalog_target t[3], in[3];
	struct route_fact facts[3] = { { 1 }, { 1 }, { 1 } };
	uint64_t cursor = 0;
	int i;

	memset(in, 0, sizeof(in));
	for (i = 0; i < 3; i++) {
		in[i].index = (unsigned)i;
		in[i].priority = i;
		in[i].weight = i;
	}
	/* Behind all that are well, before what fails. */
	in[0].turn = SLOW_LAST;
	facts[1].open = 1;
	memcpy(t, in, sizeof(t));
	route_order(t, 3, STRATEGY_PRIORITY, facts, rnd, &cursor);
	EQ_INT(t[0].index, 2);
	EQ_INT(t[1].index, 0);
	EQ_INT(t[2].index, 1);
	/* A probe is the first of its priority, and of that only. */
	facts[1].open = 0;
	in[0].priority = 1;
	in[0].turn = SLOW_PROBE;
	for (i = 0; i < 100; i++) {
		memcpy(t, in, sizeof(t));
		route_order(t, 3, STRATEGY_WEIGHTED, facts, rnd, &cursor);
		EQ_INT(t[0].index, 0);
		EQ_INT(t[1].index, 1);
	}
	in[0].priority = 2;
	memcpy(t, in, sizeof(t));
	route_order(t, 3, STRATEGY_WEIGHTED, facts, rnd, &cursor);
	EQ_INT(t[0].index, 1);
	EQ_INT(t[1].index, 0);
}

TEST(round_robin)
{
	struct catalog_target t[3];
	struct route_fact facts[3] = { { 1 }, { 1 }, { 1 } };
	uint64_t cursor = 0;
	int i, k;

	for (i = 0; i < 6; i++) {
		memset(t, 0, sizeof(t));
		for (k = 0; k < 3; k++)
			t[k].index = (unsigned)k;
		route_order(t, 3, STRATEGY_ROUND_ROBIN, facts, rnd, &cursor);
		for (k = 0; k < 3; k++)
			EQ_INT(t[k].index, (i + k) % 3);
	}
}

TAP_BEGIN
TAP_ROW(what_model_means)
TAP_ROW(pinned_path)
TAP_ROW(allow_lists)
TAP_ROW(lists)
TAP_ROW(order)
TAP_ROW(slow_ones)
TAP_ROW(round_robin)
TAP_END
