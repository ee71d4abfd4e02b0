/* conf_load_test.c - defaults, values, files, references. */
#include <sys/stat.h>
#include <time.h>

#include "conf_help.h"

#define PROVIDER "providers = ({ id = \"p\"; dialect = \"openai\"; " \
	"base_url = \"https://p.example\"; keys = (\"k\"); });\n"

TEST(defaults)
{
	struct conf *c = conf_good("", NULL, 1);

	EQ_INT(c->n_listen, 1);
	EQ_STR(c->listen[0].address, "127.0.0.1:8080");
	EQ_STR(c->admin.listen, "127.0.0.1:8081");
	EQ_STR(c->user, "aigw");
	OK(c->workers >= 1);
	EQ_STR(c->state_dir, "/var/lib/aigw");
	EQ_STR(c->run_dir, "/run/aigw");
	EQ_INT(c->drain_timeout, 900 * 1000000LL);
	EQ_INT(c->client.max_body, 64 << 20);
	EQ_INT(c->client.idle_timeout, 75 * 1000000LL);
	EQ_INT(c->auth.required, 1);
	EQ_INT(c->default_strategy, STRATEGY_BALANCED);
	EQ_INT(c->n_tiers, 3);
	EQ_INT(conf_tier(c, "pro")->limits.max_tokens, 10000000);
	EQ_INT(conf_tier(c, "free")->limits.rps, 5);
	OK(conf_tier(c, "free")->limits.tpm == CONF_UNSET);
	OK(conf_tier(c, "enterprise")->min_score == 85);
	OK(conf_tier(c, "enterprise")->max_score < 0);
	EQ_INT(c->prices.default_input, 5000000);
	EQ_INT(c->prices.default_output, 25000000);
	EQ_INT(c->routes.openai, ROUTE_AUTO);
	EQ_INT(c->routes.dashboard, 1);
	OK(c->auth.gateway_token == NULL);
	OK(c->admin.password == NULL);
	EQ_INT(c->n_providers, 0);
	conf_free(&c);
	OK(c == NULL);
}

TEST(a_provider_gets_what_its_dialect_needs)
{
	struct conf *c = conf_good(
	    "providers = (\n"
	    "{ id = \"o\"; dialect = \"openai\"; keys = (\"abc\");\n"
	    "  base_url = \"https://api.openai.com/v1\"; },\n"
	    "{ id = \"a\"; dialect = \"anthropic\"; keys = (\"abc\");\n"
	    "  base_url = \"https://api.anthropic.com\"; },\n"
	    "{ id = \"g\"; dialect = \"groq\"; keys = (\"abc\");\n"
	    "  base_url = \"https://api.groq.com/openai\"; },\n"
	    "{ id = \"z\"; dialect = \"openai\"; keys = (\"abc\");\n"
	    "  base_url = \"http://[::1]:81/api/paas/v4/\"; },\n"
	    "{ id = \"l\"; dialect = \"ollama\";\n"
	    "  base_url = \"http://LocalHost:11434\"; });\n", NULL, 1);
	struct conf_provider *p = conf_provider(c, STR("o"));

	EQ_STR(p->api_prefix, "/v1");
	EQ_STR(p->models_path, "/v1/models");
	EQ_STR(p->host, "api.openai.com");
	EQ_STR(p->host_header, "api.openai.com");
	EQ_INT(p->port, 443);
	EQ_INT(p->https, 1);
	EQ_STR(p->auth_header, "Authorization");
	EQ_STR(p->auth_format, "Bearer {key}");
	OK(p->retryable_status.set);
	OK(p->retryable_status.bits[529 / 64] >> 529 % 64 & 1);
	OK(!(p->retryable_status.bits[501 / 64] >> 501 % 64 & 1));
	OK(p->apis & CONF_API_RESPONSES);
	EQ_INT(p->keys[0].weight, 1);
	EQ_STR(p->keys[0].source, "literal");
	EQ_S(secret_reveal(p->keys[0].key), "abc");
	EQ_MEM(p->keys[0].id, 8, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
	p = conf_provider(c, STR("a"));
	EQ_STR(p->auth_header, "x-api-key");
	EQ_STR(p->health.path, "/v1/models");
	p = conf_provider(c, STR("g"));
	EQ_STR(p->api_prefix, "/openai/v1");
	OK(p->retryable_status.bits[501 / 64] >> 501 % 64 & 1);
	p = conf_provider(c, STR("z"));
	EQ_STR(p->api_path, "");
	EQ_STR(p->api_prefix, "/api/paas/v4");
	EQ_STR(p->models_path, "/api/paas/v4/models");
	EQ_STR(p->host, "::1");
	EQ_STR(p->host_header, "[::1]:81");
	p = conf_provider(c, STR("l"));
	EQ_STR(p->api_prefix, "");
	EQ_STR(p->models_path, "/api/tags");
	EQ_STR(p->host_header, "localhost:11434");
	OK(conf_provider(c, STR("nobody")) == NULL);
	conf_free(&c);
}

TEST(chat_brings_what_belongs_to_it)
{
	struct conf *c = conf_good("providers = ({ id = \"p\"; dialect = "
	    "\"openai\"; base_url = \"https://x\"; keys = (\"k\"); "
	    "apis = ( \"chat\" ); }, { id = \"q\"; dialect = \"openai\"; "
	    "base_url = \"https://x\"; keys = (\"k\"); "
	    "apis = ( \"embeddings\" ); });", NULL, 1);

	EQ_INT(c->providers[0].apis, CONF_API_CHAT | CONF_API_COMPLETIONS |
	    CONF_API_RERANK);
	EQ_INT(c->providers[1].apis, CONF_API_EMBEDDINGS);
	conf_free(&c);
}

TEST(joined_paths_double_nothing)
{
	static const struct {
		const char	*base, *path, *joined;
	} cases[] = {
		{ "", "", "" },
		{ "", "/v1/", "/v1" },
		{ "/v1", "/v1/models", "/v1/models" },
		{ "/api/v1", "/v1", "/api/v1" },
		{ "/api/v1", "/v1/models?x=/v1", "/api/v1/models?x=/v1" },
		{ "/v1", "/v1beta", "/v1/v1beta" },
		{ "/a/b", "/a/b/c", "/a/b/c" },
		{ "/a/b/", "c", "/a/b/c" },
		{ "/openai", "/openai/v1", "/openai/v1" },
		{ "/v1", "/v1?x", "/v1?x" },
	};
	struct arena *a = arena_new(256);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EQ_STR(conf_join(a, cases[i].base, cases[i].path),
		    cases[i].joined);
	arena_free(&a);
}

TEST(numbers_are_numbers)
{
	struct conf *c = conf_good("client = { max_connections = 25.0; };\n"
	    "failover = { threshold = 3; min_failure_ratio = 1; };\n"
	    "keys = ({ name = \"k\"; hash = \"sha256:9f86d081884c7d659a2feaa0"
	    "c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\";\n"
	    "  max_tokens = 5000000000L; rps = 0x10; tpm = 0;\n"
	    "  budgets = ({ amount = 25; }, { amount = 0.1;\n"
	    "    period = \"day\"; }); });\n", NULL, 1);

	EQ_INT(c->client.max_connections, 25);
	OK(c->failover.min_failure_ratio == 1);
	EQ_INT(c->keys[0].limits.max_tokens, 5000000000LL);
	EQ_INT(c->keys[0].limits.rps, 16);
	EQ_INT(c->keys[0].limits.tpm, 0);
	OK(c->keys[0].limits.rpm == CONF_UNSET);
	EQ_INT(c->keys[0].limits.n_budgets, 2);
	EQ_INT(c->keys[0].limits.budgets[0].amount, 25000000000000LL);
	EQ_INT(c->keys[0].limits.budgets[0].period, PERIOD_MONTH);
	EQ_INT(c->keys[0].limits.budgets[1].amount, 100000000000LL);
	EQ_INT(c->keys[0].hash[0], 0x9f);
	EQ_STR(c->keys[0].tier, "free");
	conf_free(&c);
}

TEST(comments_and_separators)
{
	struct conf *c = conf_good("/* a \n \" b */ user : \"x\" // \"\n"
	    "group = \"y\" \"z\", # ( {\nworkers = +2 sandbox = FALSE\n"
	    "failover = { eject_slower_than = 1.e1; window = \"1m\" }\n"
	    "failure_keywords = [ \"a\", \"b\" ]", NULL, 1);

	EQ_STR(c->user, "x");
	EQ_STR(c->group, "yz");
	EQ_INT(c->workers, 2);
	EQ_INT(c->sandbox, 0);
	OK(c->failover.eject_slower_than == 10);
	EQ_INT(c->failure_keywords.n, 2);
	conf_free(&c);
}

TEST(a_group_finds_its_providers)
{
	struct conf *c = conf_good(PROVIDER
	    "groups = ({ name = \"g\"; targets = ({ provider = \"p\";\n"
	    "  model = \"m\"; price = { input = 2.75; output = 11; }; });\n"
	    "  fallbacks = (\"h\"); hedge = { budget = 0.1; }; },\n"
	    "  { name = \"h\"; strategy = \"round_robin\";\n"
	    "    targets = ({ provider = \"p\"; }); });\n"
	    "aliases = ({ match = \"x*\"; use = \"g\"; },\n"
	    "  { match = \"y\"; use = \"p/m\"; });\n", NULL, 1);
	struct conf_group *g = conf_group(c, STR("g"));

	EQ_INT(g->targets[0].provider_index, 0);
	EQ_INT(g->targets[0].price.set, 1);
	EQ_INT(g->targets[0].price.input, 2750000);
	EQ_INT(g->targets[0].price.cached_input, -1);
	EQ_INT(g->hedge, 1);
	EQ_STR(g->hedge_after, "p95");
	EQ_INT(g->line, 2);
	EQ_INT(conf_group(c, STR("h"))->strategy, STRATEGY_ROUND_ROBIN);
	EQ_INT(conf_group(c, STR("h"))->hedge, 0);
	conf_free(&c);
}

TEST(networks)
{
	struct conf *c = conf_good("client = { allow_from = ( \"10.0.0.0/8\", "
	    "\"192.0.2.7\", \"2001:db8::/33\" ); };", NULL, 1);
	unsigned char v4[16] = { [10] = 0xff, [11] = 0xff, 10, 1, 2, 3 };
	unsigned char v6[16] = { 0x20, 1, 0xd, 0xb8, 0x7f };

	EQ_INT(conf_cidrs_match(&c->client.allow_from, v4), 1);
	v4[12] = 11;
	EQ_INT(conf_cidrs_match(&c->client.allow_from, v4), 0);
	memcpy(v4 + 12, "\xc0\x00\x02\x07", 4);
	EQ_INT(conf_cidrs_match(&c->client.allow_from, v4), 1);
	v4[15] = 8;
	EQ_INT(conf_cidrs_match(&c->client.allow_from, v4), 0);
	EQ_INT(conf_cidrs_match(&c->client.allow_from, v6), 1);
	v6[4] = 0x80;
	EQ_INT(conf_cidrs_match(&c->client.allow_from, v6), 0);
	conf_free(&c);
}

TEST(a_key_works_through_its_last_day)
{
	const char *key = "keys = ({ name = \"k\"; secret = \"abcdef\"; "
	    "expires = \"2027-12-31\"; });";
	char text[512];
	struct conf *c;

	c = conf_good(key, NULL, 1);
	EQ_INT(c->keys[0].expires, 1830297600LL * 1000000);
	conf_free(&c);
	snprintf(text, sizeof(text), "timezone = \"Europe/Berlin\";\n%s", key);
	c = conf_try(text, NULL, 1);
	if (c == NULL)
		tap_skip("no time zone data here");
	EQ_INT(c->keys[0].expires, (1830297600LL - 3600) * 1000000);
	EQ_STR(c->keys[0].expires_day, "2027-12-31");
	conf_free(&c);
}

TEST(include_dir_joins_lists_in_name_order)
{
	char dir[256], path[512];
	struct conf *c;

	snprintf(dir, sizeof(dir), "%s/conf.d", tap_dir());
	OK(mkdir(dir, 0700) == 0);
	conf_file("conf.d/20.conf", "failure_keywords = ( \"c\" );\n"
	    "log_level = \"debug\";\nclient = { hold_max = \"2m\"; };\n", 0600);
	conf_file("conf.d/10.conf", "failure_keywords = ( \"b\" );\n"
	    "providers = ({ id = \"q\"; dialect = \"ollama\"; "
	    "base_url = \"http://127.0.0.1\"; });\n", 0600);
	conf_file("conf.d/30.conf.off", "nonsense", 0600);
	snprintf(path, sizeof(path), "%s", conf_file("main.conf",
	    "include_dir = \"conf.d\";\nlog_level = \"warn\";\n"
	    "failure_keywords = ( \"a\" );\n" PROVIDER, 0600));
	c = conf_try_path(path);
	OK(c != NULL);
	EQ_INT(c->failure_keywords.n, 3);
	EQ_STR(c->failure_keywords.v[0], "a");
	EQ_STR(c->failure_keywords.v[1], "b");
	EQ_STR(c->failure_keywords.v[2], "c");
	EQ_INT(c->n_providers, 2);
	EQ_STR(c->providers[1].id, "q");
	EQ_STR(strrchr(c->providers[1].file, '/'), "/10.conf");
	EQ_INT(c->providers[1].line, 2);
	EQ_INT(c->log_level, 0);
	EQ_INT(c->client.hold_max, 2 << 20);
	SAID("20.conf:2: notice: log_level replaces the one at");
	conf_free(&c);
}

TEST(a_thousand_providers)
{
	struct timespec a, b;
	struct conf *c;
	struct buf t;
	int i;

	buf_init(&t, 1 << 24);
	buf_adds(&t, STR("providers = ("));
	for (i = 0; i < 1000; i++)
		buf_printf(&t, "%s{ id = \"p%d\"; dialect = \"openai\"; "
		    "base_url = \"https://h%d.example/v1\"; keys = ( "
		    "\"key-%d\" ); models = ( \"m%d\" ); weight = 2.5; }\n",
		    i > 0 ? "," : "", i, i, i, i);
	buf_adds(&t, STR(");\ngroups = ("));
	for (i = 0; i < 1000; i++)
		buf_printf(&t, "%s{ name = \"g%d\"; targets = ({ provider = "
		    "\"p%d\"; model = \"m%d\"; }); }\n", i > 0 ? "," : "", i,
		    i, i);
	buf_adds(&t, STR(");\n"));
	buf_addc(&t, '\0');
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	c = conf_good(t.data, NULL, 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	EQ_INT(c->n_providers, 1000);
	EQ_INT(conf_group(c, STR("g999"))->targets[0].provider_index, 999);
	OK(b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9 < 0.9);
	conf_free(&c);
	buf_free(&t);
}

TAP_BEGIN
TAP_ROW(defaults)
TAP_ROW(a_provider_gets_what_its_dialect_needs)
TAP_ROW(chat_brings_what_belongs_to_it)
TAP_ROW(joined_paths_double_nothing)
TAP_ROW(numbers_are_numbers)
TAP_ROW(comments_and_separators)
TAP_ROW(a_group_finds_its_providers)
TAP_ROW(networks)
TAP_ROW(a_key_works_through_its_last_day)
TAP_ROW(include_dir_joins_lists_in_name_order)
TAP_ROW(a_thousand_providers)
TAP_END
