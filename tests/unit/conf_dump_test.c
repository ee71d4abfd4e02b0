/*
 * conf_dump_test.c - printing: the round trip, masks, and what each role's
 * share has and has not.
 */
#include <string.h>

#include "base/board.h"
#include "conf_help.h"

#define PEM_MARK	"MIGHAgEAMBMG"
#define SECRET_KEY	"sk-provider-secret-0001"
#define SECRET_FILE	"sk-provider-secret-0002"
#define SECRET_TOKEN	"gateway-token-secret-03"
#define SECRET_ADMIN	"admin-password-secret-4"
#define SECRET_SEAL	"sealing-secret-00000005"
#define SECRET_REDIS	"redis-password-secret-6"
#define SECRET_HEADER	"header-secret-000000007"
#define SECRET_PROXY	"proxy-password-secret-8"
#define CLIENT_HASH	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d" \
	"6c15b0f00a08"
#define PEM_CERT \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIBdTCCARugAwIBAgIUevsUZl1ajtqtB9pXy+v05NNmanwwCgYIKoZIzj0EAwIw\n" \
	"DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExMzA4MDdaGA8yMTI2MTAyODEzMDgw\n" \
	"N1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAVm\n" \
	"to2D1s+Ze8DiiiaeUGnGWTxY+LNzhB7l/+bUUPXKhakfvmY4RQQ768bOk6M2g8LA\n" \
	"6Emt09eni2MyG7+iuX+jUzBRMB0GA1UdDgQWBBQSy6e6TGvb5oPTCpNpuDRILDO2\n" \
	"8TAfBgNVHSMEGDAWgBQSy6e6TGvb5oPTCpNpuDRILDO28TAPBgNVHRMBAf8EBTAD\n" \
	"AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCYb47faJ1a2Emje+9pkAln7FVvaNME4zov\n" \
	"dXxsL6RaRgIgTSvBgXGLZLM5oC0ULSUWJJNgFdpsAvNLzVDkfzJAjY4=\n" \
	"-----END CERTIFICATE-----\n"
#define PEM_KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0Yq7qn5uXupbPhGW\n" \
	"3YysvIS9m/rQxtdb08OL+GjgjbChRANCAAQFZraNg9bPmXvA4oomnlBpxlk8WPiz\n" \
	"c4Qe5f/m1FD1yoWpH75mOEUEO+vGzpOjNoPCwOhJrdPXp4tjMhu/orl/\n" \
	"-----END PRIVATE KEY-----\n"

static char *env[] = { (char []){ "P_KEY=" SECRET_KEY },
	(char []){ "ADMIN_PW=" SECRET_ADMIN }, NULL };

/* A configuration with every kind of value and secret. */
static const char *
full(void)
{
	static char text[8192];
	char key[512], pem[512], crt[512];

	snprintf(key, sizeof(key), "%s",
	    conf_file("key", SECRET_FILE "\n", 0600));
	snprintf(crt, sizeof(crt), "%s", conf_file("c.pem", PEM_CERT, 0600));
	snprintf(pem, sizeof(pem), "%s", conf_file("k.pem", PEM_KEY, 0600));
	snprintf(text, sizeof(text),
	    "user = \"a\\\"b\\\\c\\n\\x07\xc3\xa9\";\n"
	    "secret_key = \"" SECRET_SEAL "\";\n"
	    "drain_timeout = \"1500ms\";\n"
	    "listen = ({ address = \"127.0.0.1:8080\"; },\n"
	    "  { address = \"*:8443\"; tls = { certificate = \"%s\";\n"
	    "    key = \"%s\"; min_version = \"1.3\"; }; });\n"
	    "admin = { password = \"env:ADMIN_PW\"; };\n"
	    "client = { max_body = \"1000000\"; hold_max = \"3k\";\n"
	    "  allow_from = ( \"10.0.0.0/8\", \"2001:db8::/32\" ); };\n"
	    "auth = { gateway_token = \"" SECRET_TOKEN "\"; };\n"
	    "providers = ({ id = \"p\"; dialect = \"openai\";\n"
	    "  base_url = \"https://p.example/api\"; region = \"eu\";\n"
	    "  keys = ( \"env:P_KEY\", { key = \"file:%s\"; weight = 0.1;\n"
	    "    max_qps = 33.333333333333336; } );\n"
	    "  headers = { x-secret-key = \"" SECRET_HEADER "\";\n"
	    "    x-org = \"org\"; };\n"
	    "  proxy = \"http://u:" SECRET_PROXY "@proxy:1\";\n"
	    "  tls = { client_certificate = \"%s\"; client_key = \"%s\"; };\n"
	    "  price = { input = 0.075; output = 10; reasoning = 1e-6; };\n"
	    "  retryable_status = \"500-502,429\"; weight = 1e-7; },\n"
	    "  { id = \"q\"; dialect = \"ollama\"; priority = -2;\n"
	    "  base_url = \"http://127.0.0.1:1/x/\"; models = (\"m\");\n"
	    "  price = { unit = \"per_call\"; input = 0.000000000001; }; });\n"
	    "groups = ({ name = \"g\"; targets = ({ provider = \"p\"; },\n"
	    "  { provider = \"q\"; weight = 2.0; }); hedge = { };\n"
	    "  fallbacks = (\"h\"); sticky = \"session\"; },\n"
	    "  { name = \"h\"; targets = ({ provider = \"q\"; }); });\n"
	    "aliases = ({ match = \"*\"; use = \"g\"; });\n"
	    "failure_keywords = ( \"x\", \"\" );\n"
	    "keys = ({ name = \"k\"; hash = \"sha256:" CLIENT_HASH "\";\n"
	    "  rpm = 5; tpm = 9000000000L; cooldown = \"90s\";\n"
	    "  expires = \"2030-01-01\"; metadata = { team = \"t\"; a = \"b\";\n"
	    "  }; budgets = ({ amount = 12.5; period = \"week\"; }); });\n"
	    "teams = ({ name = \"t\"; max_concurrency = 7; });\n"
	    "shared = { redis = \"redis://u:" SECRET_REDIS "@r:6379/1\"; };\n",
	    crt, pem, key, crt, pem);
	return text;
}

static struct conf *
load(const char *text)
{
	struct conf_source src = { .text = text, .env = env, .resolve = 1 };

	return conf_must(conf_from(&src));
}

static struct buf slots[3];

/* The share in a slot of print. */
static struct conf *
load_share(int slot)
{
	struct conf_source src = { .text = slots[slot].data, .resolve = 1,
		.child = 1 };

	src.secrets = str_skip(buf_str(&slots[slot]), strlen(src.text) + 1);
	src.secrets.n--;	/* print's NUL */
	return conf_must(conf_from(&src));
}

/* Text of the dump (role < 0) or a share; one at a time for each slot. */
static const char *
print(const struct conf *c, int role, int slot)
{
	slots[slot].max = 1 << 20;
	buf_reset(&slots[slot]);
	EQ_INT(role < 0 ? conf_dump(c, &slots[slot]) :
	    conf_share(c, role, &slots[slot]), 0);
	EQ_INT(buf_addc(&slots[slot], '\0'), 0);
	return slots[slot].data;
}

TEST(what_is_printed_loads_to_the_same)
{
	struct conf *c = load(full()), *again;
	const char *first = print(c, -1, 0), *second;

	again = load(first);
	second = print(again, -1, 1);
	OK(strstr(first, "providers = (") != NULL);
	/* Masks are what they are; all else is the same. */
	EQ_STR(first, second);
	EQ_STR(again->user, "a\"b\\c\n\x07\xc3\xa9");
	OK(again->providers[0].weight == 1e-7);
	OK(again->providers[0].keys[1].max_qps == 33.333333333333336);
	EQ_INT(again->providers[0].price.reasoning, 1);
	EQ_INT(again->providers[1].price.input, 1);
	EQ_INT(again->drain_timeout, 1500000);
	EQ_STR(again->providers[0].api_prefix, "/api/v1");
	EQ_STR(again->providers[0].models_path, "/api/v1/models");
	EQ_INT(again->groups[0].sticky, 1);
	EQ_INT(again->groups[0].hedge, 1);
	EQ_INT(again->keys[0].expires, c->keys[0].expires);
	EQ_STR(again->keys[0].team, "t");
	EQ_INT(again->failure_keywords.n, 2);
	conf_free(&again);
	conf_free(&c);
}

TEST(the_default_configuration_prints_and_loads)
{
	struct conf *c = load(""), *again;
	const char *first = print(c, -1, 0);

	again = load(first);
	EQ_STR(first, print(again, -1, 1));
	conf_free(&again);
	conf_free(&c);
}

TEST(no_secret_is_printed)
{
	struct conf *c = load(full());
	const char *t = print(c, -1, 0);

	OK(strstr(t, SECRET_KEY) == NULL);
	OK(strstr(t, SECRET_FILE) == NULL);
	OK(strstr(t, SECRET_TOKEN) == NULL);
	OK(strstr(t, SECRET_ADMIN) == NULL);
	OK(strstr(t, SECRET_SEAL) == NULL);
	OK(strstr(t, SECRET_REDIS) == NULL);
	OK(strstr(t, SECRET_HEADER) == NULL);
	OK(strstr(t, SECRET_PROXY) == NULL);
	OK(strstr(t, PEM_MARK) == NULL);
	OK(strstr(t, "key = \"env:P_KEY\";") != NULL);
	OK(strstr(t, "gateway_token = \"gate****\";") != NULL);
	OK(strstr(t, "password = \"env:ADMIN_PW\";") != NULL);
	OK(strstr(t, "redis = \"redis://****@r:6379/1\";") != NULL);
	OK(strstr(t, "proxy = \"http://****@proxy:1\";") != NULL);
	OK(strstr(t, "x-secret-key = \"****\"; x-org = \"org\";") != NULL);
	conf_free(&c);
}

static const struct {
	const char	*secret;
	int		 worker, checker, recorder, admin;
} who[] = {
	{ SECRET_KEY, 1, 1, 0, 0 },
	{ SECRET_FILE, 1, 1, 0, 0 },
	{ SECRET_TOKEN, 1, 0, 0, 0 },
	{ SECRET_ADMIN, 0, 0, 0, 1 },
	{ SECRET_SEAL, 1, 1, 0, 1 },
	{ SECRET_REDIS, 0, 0, 1, 0 },
	{ SECRET_HEADER, 1, 1, 0, 0 },
	{ SECRET_PROXY, 1, 1, 0, 0 },
	{ CLIENT_HASH, 1, 0, 0, 1 },
	{ PEM_MARK, 1, 1, 0, 0 },		/* also of the client certificate */
	{ "\t\t\tkey_pem", 1, 0, 0, 0 },
	{ "client_key_pem", 1, 1, 0, 0 },
};

static void
has(const char *share, const char *secret, int want, const char *role)
{
	struct str all = buf_str(&slots[0]);

	/* In the text nobody has any of the secrets that are options. */
	if (strcmp(secret, SECRET_KEY) == 0 || strcmp(secret, PEM_MARK) == 0)
		OK(strstr(share, secret) == NULL);
	if ((str_find(all, str_of(secret)) >= 0) != want)
		tap_fail(__FILE__, __LINE__, "the share of the %s %s %s", role,
		    want ? "lacks" : "has", secret);
}

TEST(a_share_has_what_the_role_needs)
{
	struct conf *c = load(full());
	size_t i;

	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		has(print(c, BOARD_WORKER, 0), who[i].secret, who[i].worker,
		    "worker");
		has(print(c, BOARD_CHECKER, 0), who[i].secret, who[i].checker,
		    "checker");
		has(print(c, BOARD_RECORDER, 0), who[i].secret,
		    who[i].recorder, "recorder");
		has(print(c, BOARD_ADMIN, 0), who[i].secret, who[i].admin,
		    "admin");
	}
	conf_free(&c);
}

TEST(a_child_loads_its_share)
{
	struct conf *c = load(full()), *w;

	(void)print(c, BOARD_WORKER, 0);
	w = load_share(0);
	(void)print(w, BOARD_WORKER, 1);
	EQ_MEM(slots[0].data, buf_len(&slots[0]), slots[1].data, buf_len(&slots[1]));
	EQ_S(secret_reveal(w->providers[0].keys[0].key), SECRET_KEY);
	EQ_STR(w->providers[0].keys[0].source, "env:P_KEY");
	EQ_MEM(w->providers[0].keys[0].id, 8, c->providers[0].keys[0].id, 8);
	EQ_S(secret_reveal(w->listen[1].tls_key_pem), PEM_KEY);
	EQ_S(secret_reveal(w->listen[1].tls_certificate_pem), PEM_CERT);
	EQ_S(secret_reveal(w->providers[0].tls_client_key_pem), PEM_KEY);
	EQ_INT(w->listen[0].tls, 0);
	EQ_STR(w->providers[0].file, c->providers[0].file);
	EQ_INT(w->providers[0].line, c->providers[0].line);
	EQ_INT(w->keys[0].expires, c->keys[0].expires);
	EQ_MEM(w->keys[0].hash, 32, c->keys[0].hash, 32);
	EQ_STR(w->providers[0].host_header, "p.example");
	EQ_INT(w->groups[0].targets[1].provider_index, 1);
	conf_free(&w);
	(void)print(c, BOARD_RECORDER, 0);
	w = load_share(0);
	OK(w->providers[0].keys[0].key == NULL);
	EQ_INT(w->providers[0].n_keys, 2);
	EQ_MEM(w->providers[0].keys[1].id, 8, c->providers[0].keys[1].id, 8);
	conf_free(&w);
	conf_free(&c);
}

TEST(a_secret_that_looks_like_a_reference)
{
	char *tricky[] = { (char []){ "T=file:/etc/passwd" }, NULL };
	struct conf_source src = { .env = tricky, .resolve = 1,
		.text = "auth = { gateway_token = \"env:T\"; };" };
	struct conf_report r = { 0 };
	struct conf *c, *w;

	EQ_INT(conf_load(&src, &c, &r), 0);
	(void)print(c, BOARD_WORKER, 0);
	w = load_share(0);
	EQ_S(secret_reveal(w->auth.gateway_token), "file:/etc/passwd");
	conf_free(&w);
	conf_free(&c);
	conf_report_free(&r);
}

TEST(a_buffer_that_is_too_small)
{
	struct conf *c = load("");
	struct buf b;

	buf_init(&b, 100);
	EQ_INT(conf_dump(c, &b), ERR_TOOBIG);
	EQ_INT(buf_len(&b), 0);
	buf_free(&b);
	conf_free(&c);
}

TAP_BEGIN
TAP_ROW(what_is_printed_loads_to_the_same)
TAP_ROW(the_default_configuration_prints_and_loads)
TAP_ROW(no_secret_is_printed)
TAP_ROW(a_share_has_what_the_role_needs)
TAP_ROW(a_child_loads_its_share)
TAP_ROW(a_secret_that_looks_like_a_reference)
TAP_ROW(a_buffer_that_is_too_small)
TAP_END
