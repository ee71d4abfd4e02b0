/*
 * conf_env_test.c - the environment overlay: the .env files of the older
 * gateways' quick starts, AIGW_*, keys, and the example file.
 */
#include <ctype.h>
#include <string.h>

#include "base/fd.h"
#include "conf/env_table.h"
#include "conf/opt.h"
#include "conf_help.h"

/* Load with an --env-file of this text and a real environment. */
static struct conf *
load(const char *text, const char *env_file, char **env)
{
	struct conf_source src = { .text = text, .env = env, .resolve = 1 };

	if (env_file != NULL)
		src.env_file = conf_file(".env", env_file, 0600);
	return conf_from(&src);
}

static struct conf *
good(const char *text, const char *env_file, char **env)
{
	return conf_must(load(text, env_file, env));
}

TEST(quick_start_of_a_tiered_gateway)
{
	struct conf *c = good(NULL, "# Server\nPORT=3000\nLOG_LEVEL=info\n"
	    "ENABLE_OPENAI_ROUTES=true\nENABLE_GEMINI_ROUTES=false\n"
	    "ENABLE_ADMIN_ROUTES=0\nENABLE_GROQ_ROUTES=maybe\n"
	    "PROVIDER_API_KEY_OPENAI_DEFAULT=\"sk-abc\"\n"
	    "PROVIDER_API_KEY_ANTHROPIC=sk-ant\n"
	    "REDIS_URL=localhost:6379\nREDIS_USERNAME=default\n"
	    "REDIS_PASSWORD=x\nREDIS_DB=0\nREDIS_TLS=false\n"
	    "DATA_SOURCE_PREFERENCE=redis\nERROR_LOG_TO_REDIS=true\n"
	    "DEFAULT_ADMIN_USER_ID=admin\nDEFAULT_ADMIN_API_KEY=k\n", NULL);

	EQ_INT(c->n_listen, 1);
	EQ_STR(c->listen[0].address, "*:3000");
	EQ_INT(c->routes.openai, ROUTE_AUTO);
	EQ_INT(c->routes.gemini, ROUTE_OFF);
	EQ_INT(c->routes.admin, 0);
	EQ_INT(c->routes.groq, ROUTE_AUTO);
	SAID("warning: ENABLE_GROQ_ROUTES is \"maybe\", not true or false");
	EQ_INT(c->n_providers, 2);
	EQ_S(secret_reveal(conf_provider(c, STR("openai"))->keys[0].key),
	    "sk-abc");
	EQ_INT(conf_provider(c, STR("anthropic"))->dialect,
	    DIALECT_ANTHROPIC);
	EQ_STR(c->shared.redis, "redis://localhost:6379");
	EQ_INT(c->cache.enabled, 1);
	SAID("notice: DATA_SOURCE_PREFERENCE has no use here");
	SAID("notice: DEFAULT_ADMIN_API_KEY has no use here");
	conf_free(&c);
}

TEST(quick_start_of_a_dashboard_gateway)
{
	struct conf *c = good(NULL, "DATABASE_URL=sqlite:///./api_server.db\n"
	    "ADMIN_USERNAME=admin\nADMIN_PASSWORD=password\n", NULL);

	EQ_STR(c->admin.username, "admin");
	EQ_S(secret_reveal(c->admin.password), "password");
	EQ_STR(c->admin.password_source, "env:ADMIN_PASSWORD");
	SAID("notice: DATABASE_URL has no use here");
	conf_free(&c);
}

TEST(quick_start_of_a_platform_proxy)
{
	/* Its .env only holds keys that the configuration names. */
	struct conf *c = good("providers = ({ id = \"openrouter\"; "
	    "dialect = \"openai\"; base_url = \"https://openrouter.ai/api\"; "
	    "keys = ( \"env:OPENROUTER_KEY_1\", \"env:OPENROUTER_KEY_2\" ); "
	    "});", "OPENROUTER_KEY_1=sk-or-1\nOPENROUTER_KEY_2='sk-or-2'\n",
	    NULL);

	EQ_INT(c->providers[0].n_keys, 2);
	EQ_S(secret_reveal(c->providers[0].keys[1].key), "sk-or-2");
	EQ_STR(c->providers[0].api_prefix, "/api/v1");
	conf_free(&c);
}

TEST(quick_start_of_a_logical_model_gateway)
{
	struct conf *c = good(NULL, "REDIS_URL=redis://redis:6379/0\n"
	    "APIPROXY_AUTH_TOKEN=timeline\nLOG_LEVEL=INFO\n"
	    "LOG_TIMEZONE=UTC\nMODELS_CACHE_TTL=300\n"
	    "MASK_USER_AGENT=\"Mozilla/5.0 (X11)\"\n"
	    "LLM_PROVIDERS=openai, ,azure,Claude\n"
	    "LLM_PROVIDER_openai_NAME=OpenAI\n"
	    "LLM_PROVIDER_openai_BASE_URL=https://api.openai.com\n"
	    "LLM_PROVIDER_openai_API_KEY=sk-1\n"
	    "LLM_PROVIDER_openai_MODELS_PATH=/v1/models\n"
	    "LLM_PROVIDER_openai_WEIGHT=2.0\n"
	    "LLM_PROVIDER_openai_REGION=us\n"
	    "LLM_PROVIDER_openai_MAX_QPS=fifty\n"
	    "LLM_PROVIDER_openai_COST_INPUT=0.003\n"
	    "LLM_PROVIDER_openai_COST_OUTPUT=0.006\n"
	    "LLM_PROVIDER_openai_RETRYABLE_STATUS_CODES=504-502,x,429\n"
	    "LLM_PROVIDER_azure_NAME=Azure\n"
	    "LLM_PROVIDER_azure_BASE_URL=https://x.openai.azure.com\n"
	    "LLM_PROVIDER_Claude_NAME=Claude\n"
	    "LLM_PROVIDER_CLAUDE_BASE_URL=https://relay.example/v1\n"
	    "LLM_PROVIDER_Claude_API_KEY=sk-2\n", NULL);
	struct conf_provider *p = conf_provider(c, STR("openai"));

	EQ_INT(c->n_providers, 2);
	SAID("warning: LLM_PROVIDERS: azure is left out because "
	    "LLM_PROVIDER_azure_API_KEY is not set");
	EQ_STR(p->name, "OpenAI");
	EQ_INT(p->dialect, DIALECT_OPENAI);
	OK(p->weight == 2.0);
	EQ_STR(p->region, "us");
	OK(p->max_qps == 0);
	SAID("warning: LLM_PROVIDER_openai_MAX_QPS is fifty: must be a "
	    "number; the default is taken");
	EQ_INT(p->price.set, 1);
	EQ_INT(p->price.input, 3000);
	EQ_INT(p->price.output, 6000);
	OK(p->retryable_status.bits[503 / 64] >> 503 % 64 & 1);
	OK(p->retryable_status.bits[429 / 64] >> 429 % 64 & 1);
	OK(!(p->retryable_status.bits[500 / 64] >> 500 % 64 & 1));
	EQ_INT(p->mask_as_browser, 1);
	EQ_STR(p->mask_user_agent, "Mozilla/5.0 (X11)");
	EQ_STR(p->file, "env");
	p = conf_provider(c, STR("claude"));
	EQ_INT(p->dialect, DIALECT_ANTHROPIC);
	EQ_STR(p->api_prefix, "/v1");
	EQ_S(secret_reveal(c->auth.gateway_token), "timeline");
	EQ_INT(c->models.cache_ttl, 300 * 1000000LL);
	EQ_INT(c->session.context, 1);
	EQ_STR(c->shared.redis, "redis://redis:6379/0");
	conf_free(&c);
}

TEST(quick_start_of_a_unified_chat_gateway)
{
	struct conf *c = good(NULL, "PORT=8080\nOPENAI_API_KEY=sk-o\n"
	    "ANTHROPIC_API_KEY=sk-a\nMISTRAL_API_KEY=m\n"
	    "REDIS_URL=redis://localhost:6379\n", NULL);

	EQ_INT(c->n_providers, 3);
	EQ_STR(conf_provider(c, STR("mistral"))->host, "api.mistral.ai");
	EQ_STR(conf_provider(c, STR("anthropic"))->auth_header, "x-api-key");
	EQ_STR(conf_provider(c, STR("openai"))->keys[0].source,
	    "env:OPENAI_API_KEY");
	EQ_STR(c->listen[0].address, "*:8080");
	conf_free(&c);
}

TEST(options_by_name)
{
	char *env[] = { (char []){ "AIGW_CLIENT_MAX_BODY=8m" },
		(char []){ "AIGW_LOG_LEVEL=WARNING" },
		(char []){ "AIGW_SANDBOX=false" },
		(char []){ "AIGW_LIMITS_QUEUE_SIZE=7" },
		(char []){ "AIGW_CLIENT_ALLOW_FROM=10.0.0.0/8, ::1" },
		(char []){ "AIGW_AUTH_GATEWAY_TOKEN=tok" },
		(char []){ "AIGW_PRICES_DEFAULT_INPUT=1.5" },
		(char []){ "AIGW_CLIENT_MAX_BDOY=1" },
		(char []){ "AIGW_TOKEN=anything" }, NULL };
	struct conf *c = good("log_level = \"debug\";\nclient = { allow_from "
	    "= ( \"192.0.2.0/24\" ); };", NULL, env);

	EQ_INT(c->client.max_body, 8 << 20);
	EQ_INT(c->log_level, 3);
	EQ_INT(c->sandbox, 0);
	EQ_INT(c->limits.queue_size, 7);
	EQ_INT(c->client.allow_from.n, 2);
	EQ_INT(c->client.allow_from.v[0].bits, 104);
	EQ_S(secret_reveal(c->auth.gateway_token), "tok");
	EQ_INT(c->prices.default_input, 1500000);
	SAID("environment: notice: AIGW_CLIENT_MAX_BODY sets client.max_body");
	SAID("environment: warning: AIGW_CLIENT_MAX_BDOY is no option: did "
	    "you mean AIGW_CLIENT_MAX_BODY?");
	OK(!conf_has_said("AIGW_TOKEN"));
	conf_free(&c);
	env[0] = (char []){ "AIGW_CLIENT_MAX_BODY=big" };
	OK(load("", NULL, env) == NULL);
	SAID("environment: mistake: AIGW_CLIENT_MAX_BODY: client.max_body is "
	    "big: must be a size");
}

TEST(bytes_that_are_no_text)
{
	char *env[] = { (char []){ "AIGW_USER=\xff" }, NULL };
	struct conf *c;

	OK(load("", NULL, env) == NULL);
	SAID("environment: mistake: AIGW_USER is not UTF-8");
	env[0] = (char []){ "MASK_ORIGIN=\xff" };
	c = good("", NULL, env);
	SAID("environment: warning: MASK_ORIGIN is \"...\", not UTF-8");
	conf_free(&c);
}

TEST(keys_join_their_provider)
{
	char *env[] = { (char []){ "PROVIDER_API_KEY_MY_P_1=second" },
		(char []){ "PROVIDER_API_KEY_MY_P_1_DEFAULT=third" },
		(char []){ "PROVIDER_API_KEY_NOBODY=x" },
		(char []){ "PROVIDER_API_KEY_EMPTY=" },
		(char []){ "OPENAI_API_KEY=unused" },
		(char []){ "GROQ_API_KEY=" }, NULL };
	struct conf *c = good("providers = ({ id = \"my-p.1\"; dialect = "
	    "\"openai\"; base_url = \"https://x\"; keys = (\"first\"); });",
	    NULL, env);

	EQ_INT(c->n_providers, 1);
	EQ_INT(c->providers[0].n_keys, 3);
	EQ_S(secret_reveal(c->providers[0].keys[0].key), "first");
	EQ_S(secret_reveal(c->providers[0].keys[1].key), "second");
	EQ_S(secret_reveal(c->providers[0].keys[2].key), "third");
	OK(c->providers[0].keys[2].weight == 1);
	SAID("warning: PROVIDER_API_KEY_NOBODY is for a provider that is not");
	conf_free(&c);
}

TEST(masks_and_switches_over_a_file)
{
	char *env[] = { (char []){ "MASK_AS_BROWSER=yes" },
		(char []){ "MASK_ORIGIN=https://o" },
		(char []){ "PORT=x1" }, (char []){ "LOG_LEVEL=chatty" },
		(char []){ "LOG_TIMEZONE=Moon/Base" },
		(char []){ "REDIS_URL=nonsense" },
		(char []){ "MODELS_CACHE_TTL=soon" }, NULL };
	struct conf *c = good("providers = ({ id = \"p\"; dialect = "
	    "\"ollama\"; base_url = \"http://127.0.0.1\"; });\n"
	    "cache = { enabled = false; };", NULL, env);

	EQ_INT(c->providers[0].mask_as_browser, 1);
	EQ_STR(c->providers[0].mask_origin, "https://o");
	EQ_STR(c->listen[0].address, "127.0.0.1:8080");
	EQ_STR(c->timezone, "UTC");
	EQ_STR(c->shared.redis, "");
	SAID("warning: PORT is \"x1\", not a port: it is ignored");
	SAID("warning: LOG_LEVEL is \"chatty\"");
	SAID("warning: LOG_TIMEZONE is \"Moon/Base\"");
	SAID("warning: MODELS_CACHE_TTL is \"soon\"");
	conf_free(&c);
	env[5] = (char []){ "REDIS_URL=r:1" };
	c = good("cache = { enabled = false; };", NULL, env);
	EQ_INT(c->cache.enabled, 0);
	EQ_STR(c->shared.redis, "redis://r:1");
	conf_free(&c);
}

TEST(dialects_are_guessed)
{
	static const struct {
		const char	*id, *url;
		int		 dialect;
	} g[] = {
		{ "x", "https://api.openai.com/v1", DIALECT_OPENAI },
		{ "x", "https://API.Anthropic.com", DIALECT_ANTHROPIC },
		{ "claude", "https://api.openai.com", DIALECT_OPENAI },
		{ "my-claude", "https://relay.example", DIALECT_ANTHROPIC },
		{ "x", "https://notanthropic.com", DIALECT_OPENAI },
		{ "x", "https://api.groq.com/openai", DIALECT_GROQ },
		{ "x", "https://generativelanguage.googleapis.com",
		    DIALECT_GEMINI },
		{ "x", "https://generativelanguage.googleapis.com/v1beta/"
		    "openai", DIALECT_OPENAI },
		{ "x", "https://r.openai.azure.com", DIALECT_AZURE },
		{ "gemini", "http://127.0.0.1:1", DIALECT_GEMINI },
		{ "mistral", "http://127.0.0.1:1", DIALECT_MISTRAL },
		{ "groq2", "http://127.0.0.1:1", DIALECT_GROQ },
		{ "ollama", "http://127.0.0.1:1", DIALECT_OLLAMA },
		{ "x", "https://api.deepseek.com", DIALECT_OPENAI },
	};
	char url[200], name[100], key[100], list[100];
	char *env[] = { list, name, url, key, NULL };
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof(g) / sizeof(g[0]); i++) {
		snprintf(list, sizeof(list), "LLM_PROVIDERS=%s", g[i].id);
		snprintf(name, sizeof(name), "LLM_PROVIDER_%s_NAME=n",
		    g[i].id);
		snprintf(url, sizeof(url), "LLM_PROVIDER_%s_BASE_URL=%s",
		    g[i].id, g[i].url);
		snprintf(key, sizeof(key), "LLM_PROVIDER_%s_API_KEY=k",
		    g[i].id);
		c = good(NULL, NULL, env);
		if ((int)c->providers[0].dialect != g[i].dialect)
			tap_fail(__FILE__, __LINE__, "%s at %s is %s",
			    g[i].id, g[i].url,
			    conf_dialect_name(c->providers[0].dialect));
		conf_free(&c);
	}
}

TEST(a_list_of_providers_with_mistakes)
{
	char *env[] = { (char []){ "LLM_PROVIDERS=p,A/B,A-B,c" },
		(char []){ "LLM_PROVIDER_p_NAME=p" },
		(char []){ "LLM_PROVIDER_A/B_NAME=n" },
		(char []){ "LLM_PROVIDER_A/B_BASE_URL=https://x" },
		(char []){ "LLM_PROVIDER_A/B_API_KEY=k" },
		(char []){ "LLM_PROVIDER_c_NAME=n" },
		(char []){ "LLM_PROVIDER_c_BASE_URL=x.example" },
		(char []){ "LLM_PROVIDER_c_API_KEY=k" }, NULL };
	struct conf *c = good("providers = ({ id = \"p\"; dialect = "
	    "\"ollama\"; base_url = \"http://127.0.0.1\"; });", NULL, env);

	EQ_INT(c->n_providers, 2);
	EQ_STR(c->providers[1].id, "a-b");
	SAID("LLM_PROVIDERS: p is left out because configuration:1 has a "
	    "provider of that name");
	SAID("LLM_PROVIDERS: A-B is there twice");
	SAID("LLM_PROVIDERS: c is left out because LLM_PROVIDER_c_BASE_URL "
	    "must begin with https://");
	conf_free(&c);
}

TEST(what_is_nearly_something_is_said)
{
	char *env[] = { (char []){ "OPEN_AI_API_KEY=x" },
		(char []){ "LLM_PROVIDERS=my-a" },
		(char []){ "LLM_PROVIDER_MY_A_NAME=a" },
		(char []){ "LLM_PROVIDER_b_NAME=b" },
		(char []){ "PORT=81" }, (char []){ "EDITOR=vi" },
		(char []){ "GROQ_API_KEY=your-key-here" }, NULL };
	struct conf *c = good("", NULL, env);

	SAID("notice: OPEN_AI_API_KEY is not used: did you mean "
	    "OPENAI_API_KEY?");
	SAID("warning: LLM_PROVIDER_b_NAME is not used: LLM_PROVIDERS does "
	    "not name its provider");
	SAID("warning: LLM_PROVIDERS: my-a is left out because "
	    "LLM_PROVIDER_my-a_BASE_URL is not set");
	SAID("notice: PORT sets listen");
	SAID("warning: GROQ_API_KEY: providers.groq.keys[0] looks like the "
	    "place of a secret");
	OK(!conf_has_said("MY_A_NAME"));
	OK(!conf_has_said("EDITOR"));
	conf_free(&c);
}

TEST(env_file_syntax)
{
	char *env[] = { (char []){ "D=real" }, NULL };
	struct conf *c = good("providers = ({ id = \"p\"; dialect = "
	    "\"openai\"; base_url = \"https://x\"; keys = ( \"env:A\", "
	    "\"env:B\", \"env:C\", \"env:D\", \"env:E\", \"env:F\" ); });",
	    "\n# comment\nexport A = a b # tail\r\n  B=\"q\\\"\\\\ # $x\" # t\n"
	    "C='s\"\\n #'\nD=file\nE=x#y\nF=\"a=b\"\n", env);
	const struct conf_upkey *k = c->providers[0].keys;

	EQ_S(secret_reveal(k[0].key), "a b");
	EQ_S(secret_reveal(k[1].key), "q\"\\ # $x");
	EQ_S(secret_reveal(k[2].key), "s\"\\n #");
	EQ_S(secret_reveal(k[3].key), "real");
	EQ_S(secret_reveal(k[4].key), "x#y");
	EQ_S(secret_reveal(k[5].key), "a=b");
	conf_free(&c);
	OK(load("", "A=1\nnonsense\nB=\"x\nC=1\n", NULL) == NULL);
	SAID(".env:2: mistake: must be NAME=VALUE");
	SAID(".env:3: mistake: a value has no closing quote");
	OK(load("", "A=\"x\" y\n", NULL) == NULL);
	SAID(".env:1: mistake: there is text behind the closing quote");
}

/* The example file: each variable of the table is in it, and no other. */
static int
example_has(struct str text, const char *name)
{
	char line[256];

	snprintf(line, sizeof(line), "\n#%s=", name);
	return str_find(text, str_of(line)) >= 0;
}

/* 1 for a path of groups that ends at an option, "limits.queue.size". */
static int
is_option(const char *path)
{
	const struct opt_section *s = &opt_root;
	const struct opt *o = NULL;
	struct str rest = str_of(path), part;

	while (str_split(&rest, '.', &part)) {
		if (s == NULL || (o = opt_find(s, part)) == NULL)
			return 0;
		s = o->type == OPT_GROUP ? o->sub : NULL;
	}
	return o != NULL;
}

static int
is_known(struct str name)
{
	const struct env_var *v;
	char low[128], *p;

	for (v = env_vars; v->name != NULL; v++) {
		if (v->kind == ENV_LLM_PART) {
			snprintf(low, sizeof(low), "LLM_PROVIDER_example_%s",
			    v->name);
			if (str_eqc(name, low))
				return 1;
		} else if (v->kind == ENV_PATTERN ?
		    str_starts(name, STR("PROVIDER_API_KEY_")) :
		    str_eqc(name, v->name))
			return 1;
	}
	if (!str_starts(name, STR("AIGW_")))
		return 0;
	/* AIGW_CLIENT_MAX_BODY: try the points in all places. */
	str_copy(low, sizeof(low), str_skip(name, 5));
	for (p = low; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (is_option(low))
		return 1;
	for (p = low; *p != '\0'; p++) {
		if (*p != '_')
			continue;
		*p = '.';
		if (is_option(low))
			return 1;
		*p = '_';
	}
	return 0;
}

TEST(the_example_names_every_variable)
{
	const struct env_var *v;
	struct str text, rest, line;
	char name[128];
	struct buf b;

	buf_init(&b, 1 << 20);
	EQ_INT(fd_read_file(TEST_SRCDIR "/../etc/aigw.env.example", &b), 0);
	text = buf_str(&b);
	for (v = env_vars; v->name != NULL; v++) {
		snprintf(name, sizeof(name), "%s%s",
		    v->kind == ENV_LLM_PART ? "LLM_PROVIDER_example_" : "",
		    v->kind == ENV_PATTERN ? "PROVIDER_API_KEY_EXAMPLE" :
		    v->name);
		if (!example_has(text, name))
			tap_fail(__FILE__, __LINE__,
			    "the example does not have %s", name);
	}
	rest = text;
	while (str_split(&rest, '\n', &line)) {
		if (line.n < 2 || line.p[0] != '#' || line.p[1] == ' ' ||
		    str_chr(line, '=') < 0)
			continue;
		line = str_make(line.p + 1, (size_t)str_chr(line, '=') - 1);
		if (!is_known(line))
			tap_fail(__FILE__, __LINE__, "the example has %.*s, "
			    "which nobody reads", STR_ARG(line));
	}
	buf_free(&b);
}

TAP_BEGIN
TAP_ROW(quick_start_of_a_tiered_gateway)
TAP_ROW(quick_start_of_a_dashboard_gateway)
TAP_ROW(quick_start_of_a_platform_proxy)
TAP_ROW(quick_start_of_a_logical_model_gateway)
TAP_ROW(quick_start_of_a_unified_chat_gateway)
TAP_ROW(options_by_name)
TAP_ROW(bytes_that_are_no_text)
TAP_ROW(keys_join_their_provider)
TAP_ROW(masks_and_switches_over_a_file)
TAP_ROW(dialects_are_guessed)
TAP_ROW(a_list_of_providers_with_mistakes)
TAP_ROW(what_is_nearly_something_is_said)
TAP_ROW(env_file_syntax)
TAP_ROW(the_example_names_every_variable)
TAP_END
