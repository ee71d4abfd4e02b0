/*
 * conf_wrong_test.c - what is said about wrong configurations: file, line,
 * option, remedy; all of a file in one run.
 */
#include "conf/headers.h"
#include "conf_help.h"

#define P(more) "providers = ({ id = \"p\"; dialect = \"openai\"; " \
	"base_url = \"https://p.example\"; keys = (\"k\"); " more " });"
#define URL(url) "providers = ({ id = \"p\"; dialect = \"ollama\";\n" \
	"base_url = \"" url "\"; });"
#define KEY(more) "keys = ({ name = \"k\"; secret = \"s\"; " more " });"

static const struct {
	const char	*text, *said;
} cases[] = {
	/* The text itself. */
	{ "user = \"x\"\ngroup = ;", ":2: mistake: syntax error: a value "
	    "expected, found \";\"" },
	{ "user \"x\";", "\"=\" expected, found a string" },
	{ "user = \"x\" 5\n;", ":1: mistake: syntax error: \";\" expected, "
	    "found a number" },
	{ "client = { max_body = \"1m\";\n\n", "found the end of the file" },
	{ "failure_keywords = ( \"a\"\n \"b\",\n);", ":3: mistake: syntax "
	    "error: a value (no comma in front of the closing bracket) "
	    "expected, found \")\"" },
	{ "failure_keywords = ( true\n 5 );", ":1: mistake: syntax error: "
	    "\",\" or the closing bracket expected, found a number" },
	{ "a = [ { } ];", "[ ... ] can hold single values only" },
	{ "a = [ 1, \"b\" ];", "mismatched element type in array" },
	{ "a = 1;; b = 2;", "the name of an option expected, found \";\"" },
	{ "a = @;", "found \"@\"" },
	{ "a = (((((((((((((((((((((((((((((((((1)));", "nested too deep" },
	{ "a = );", "found \")\"" },
	{ "a = { ];", "found \"]\"" },
	{ "user = \"a\";\nuser = \"b\";", ":2: mistake: user stands twice in "
	    "its group, the second time here: remove one" },
	{ "\n\nuser = \"abc;\n", ":3: mistake: a string has no closing quote" },
	{ "workers = 3000000000;", ":1: mistake: 3000000000: numbers above "
	    "2147483647 must end in L: 3000000000L" },
	{ "workers = 0xfffffffff;", ": numbers above 2147483647 must end" },
	{ "workers = 99999999999999999999L;", "the number is too large" },
	{ "user = \"a\\x00b\";", ":1: mistake: a string cannot hold \\x00" },
	{ "user = \"a\\x82\";", ":1: mistake: \\x80 to \\xff are not UTF-8: "
	    "write the character itself" },
	{ "user = \"a\\xFf\";", ":1: mistake: \\x80 to \\xff are not UTF-8" },
	{ "workers = 2;\n/* a\n * b\nsandbox = true;\n",
	    ":2: mistake: a comment has no end" },
	{ "# x\n  @include \"/etc/passwd\"\n",
	    ":2: mistake: @include is not used here: see include_dir" },
	{ "user = \"\xff\";", ":1: mistake: the file is not UTF-8 here" },
	{ "client = {\n max_body = \"1m\"; max_body = \"2m\"; };",
	    "stands twice in its group" },
	/* Names. */
	{ "log_levl = \"info\";", ":1: mistake: log_levl is not an option: did "
	    "you mean \"log_level\"?" },
	{ "client = {\n max_bdoy = \"1m\"; };", ":2: mistake: client.max_bdoy "
	    "is not an option: did you mean \"max_body\"?" },
	{ "max_body = \"1m\";", "max_body is not an option here: it belongs to "
	    "client" },
	{ "Xyzzyx = 1;", "Xyzzyx is not an option" },
	{ P("colour = 1;"), "providers.p.colour is not an option" },
	{ P("file = \"x\";"), "providers.p.file is not an option" },
	/* Types and ranges. */
	{ "workers = \"2\";", "workers must be a number, without quotes" },
	{ "workers = 1.5;", "workers is 1.5: must be a whole number" },
	{ "workers = 1000;", "workers is 1000: must be 0 to 240" },
	{ "workers = -1;", "workers is -1: must be 0 to 240" },
	{ "workers = ( 1 );", "workers must be a single value" },
	{ "sandbox = 1;", "sandbox must be true or false" },
	{ "sandbox = \"true\";", "sandbox must be true or false" },
	{ "user = 5;", "user must be a string in quotes" },
	{ "log_level = \"loud\";", "log_level is \"loud\": must be one of debug "
	    "info notice warn error" },
	{ P("http_version = \"3\";"), "http_version is \"3\": must be one of "
	    "1.1 2" },
	{ P("health = { method = \"PUT\"; };"), "method is \"PUT\": must be "
	    "one of GET HEAD POST" },
	{ "log_format = \"jason\";", "log_format is \"jason\": did you mean "
	    "\"json\"?" },
	{ "drain_timeout = 15;", "drain_timeout must be a time in quotes with "
	    "its unit, such as \"10s\"" },
	{ "drain_timeout = \"15\";", "drain_timeout is 15: must be a time such "
	    "as" },
	{ "drain_timeout = \"9999d\";", "drain_timeout is 9999d: must be 0 to "
	    "7d" },
	{ "client = { max_body = \"64q\"; };", "client.max_body is 64q: must be "
	    "a size such as" },
	{ "client = { max_body = \"9g\"; };", "client.max_body is 9g: must be "
	    "1k to 2g" },
	{ "client = 5;", "client must be a group { ... }" },
	{ "listen = \"x\";", "listen must be a list ( ... )" },
	{ "listen = ( 5 );", "listen[0] must be a group { ... }" },
	{ "failure_keywords = \"x\";", "failure_keywords must be a list such as "
	    "( \"a\", \"b\" )" },
	{ "failure_keywords = ( \"x\", 5 );", "failure_keywords[1] must hold "
	    "strings in quotes" },
	{ "failover = { min_failure_ratio = 1.5; };",
	    "failover.min_failure_ratio is 1.5: must be 0 to 1" },
	{ "prices = { default_input = -1; };", "prices.default_input is -1: must "
	    "be an amount in USD such as 2.5" },
	{ "prices = { default_input = 1e300; };", "is 1e+300: too large" },
	{ KEY("rps = -5;"), "keys.k.rps is -5: must not be negative" },
	{ KEY("cooldown = 5;"), "keys.k.cooldown must be a time in quotes" },
	{ KEY("metadata = { a = 1; };"), "keys.k.metadata.a must be a string in "
	    "quotes" },
	{ KEY("expires = \"2027-02-30\";"), "keys.k.expires is \"2027-02-30\": "
	    "there is no such day" },
	{ KEY("expires = \"tomorrow\";"), "must be a day such as" },
	{ KEY("budgets = ({ amount = 1; }, { amount = 1; }, { amount = 1; }, "
	    "{ amount = 1; }, { amount = 1; });"),
	    "keys.k.budgets has more than 4 items" },
	{ KEY("budgets = ({ period = \"month\"; });"),
	    "keys.k.budgets[0].amount is required" },
	{ P("retryable_status = \"abc\";"), "providers.p.retryable_status is "
	    "\"abc\": must be a list of statuses" },
	{ P("retryable_status = \"700\";"), "must be a list of statuses" },
	{ P("apis = (\"chatt\");"), "providers.p.apis[0] is \"chatt\": did you "
	    "mean \"chat\"?" },
	{ "client = { allow_from = ( \"10.0.0.1/8\" ); };",
	    "client.allow_from[0] is \"10.0.0.1/8\": there are address bits "
	    "behind the mask" },
	{ "client = { allow_from = ( \"10.0.0.0/40\" ); };",
	    "the length must be 0 to 32" },
	{ "client = { allow_from = ( \"::1/129\" ); };",
	    "the length must be 0 to 128" },
	{ "client = { allow_from = ( \"here\" ); };", "must be a network such "
	    "as" },
	{ "timezone = \"Moon/Base\";", ":1: mistake: timezone is \"Moon/Base\": "
	    "there is no such zone" },
	{ "timezone = \"../x\";", "there is no such zone" },
	{ "syslog = \"loud\";", "syslog is \"loud\": must be a facility" },
	{ "shared = { redis = \"http://x\"; };", "shared.redis must be" },
	{ "run_dir = \"\";", "must not be empty" },
	{ "client = { buffer_budget = \"1m\"; };", "client.buffer_budget is "
	    "smaller than client.max_body" },
	/* Listeners. */
	{ "listen = ();", "listen is empty" },
	{ "listen = ({ address = \"x\"; });", "listen.x.address must be" },
	{ "listen = ({ address = \"1.2.3.4:99999\"; });", "the port must be 0 "
	    "to 65535" },
	{ "listen = ({ address = \"::1:80\"; });", "IPv6 in brackets" },
	{ "listen = ({ address = \"[::g]:80\"; });", "must be an IPv6 address" },
	{ "listen = ({ address = \"unix:x\"; });", "needs a whole path" },
	{ "listen = ({ address = \"*:80\"; },\n{ address = \"*:80\"; });",
	    ":2: mistake: listen.*:80 is there twice" },
	{ "listen = ({ address = \"*:80\"; tls = { key = \"/k\"; }; });",
	    "listen.*:80.tls needs a certificate" },
	{ "listen = ({ address = \"*:80\"; tls = { certificate = \"/nowhere/c\";"
	    " key = \"/nowhere/k\"; }; });", "listen.*:80.tls.certificate: "
	    "cannot read /nowhere/c: No such file" },
	{ "listen = ({ address = \"unix:/x\"; mode = \"999\"; });", "must be "
	    "octal" },
	{ "listen = ({ mode = \"0660\"; });", "listen[0].address is required" },
	{ "admin = { listen = \"127.0.0.1:8080\"; };", "which is a public "
	    "listener too" },
	{ "listen = ({ address = \"*:80\"; });\nauth = { required = false; };",
	    ":2: mistake: auth.required = false opens the proxy to everybody" },
	{ "listen = ({ address = \"[::]:80\"; });\n"
	    "auth = { anonymous_unified_chat = true; };",
	    ":2: mistake: auth.anonymous_unified_chat opens POST /v1/chat" },
	/* Providers. */
	{ "providers = ({ id = \"p\"; });", "providers.p.dialect is required" },
	{ "providers = ({ id = \"p\"; });", "providers.p.base_url is required" },
	{ "providers = ({ dialect = \"openai\"; });",
	    "providers[0].id is required" },
	{ "providers = ({ id = \"P p\"; });", "providers.P p.id must be 1 to 63 "
	    "of a-z" },
	{ "providers = ({ id = \"admin\"; });", "providers.admin.id is a path of "
	    "the gateway itself" },
	{ "providers = (\n{ id = \"p\"; },\n{ id = \"p\"; });",
	    ":3: mistake: providers.p is there twice, first at configuration:2" },
	{ P("auth_format = \"Bearer\";"), "auth_format must hold {key}" },
	{ P("auth_header = \"a b\";"), "must be the name of a header" },
	{ P("headers = { Host = \"x\"; };"), "headers: Host cannot be set" },
	{ P("headers = { x-a = \"a\\nb\"; };"), "x-a has a control byte" },
	{ P("forward_headers = (\"TE\");"), "TE cannot be passed on" },
	{ P("proxy = \"ftp://x\";"), "providers.p.proxy must begin with" },
	{ P("proxy = \"socks5://x\";"), "providers.p.proxy must look the "
	    "provider's name up itself: write socks5h:// instead of socks5" },
	{ P("proxy = \"Socks4://x\";"), "providers.p.proxy must look the "
	    "provider's name up itself: write socks4a:// instead of Socks4" },
	{ P("tls = { client_key = \"/nowhere\"; };"), "belong together" },
	{ P("models_path = \"/a b\";"), "write other bytes" },
	{ P("http_version = \"3\";"), "providers.p.http_version is \"3\"" },
	{ P("keys = 5;"), "an option stands twice in its group" },
	/* Its base_url. */
	{ URL("ftp://x"), ":2: mistake: providers.p.base_url is \"ftp://x\": it "
	    "must begin with https:// or http://" },
	{ URL("https://"), "has no host" },
	{ URL("http://2130706433"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://0x7f.1"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://0177.0.0.1"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://127.1"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://127.0.0.1."),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://256.1.1.1"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://a.0x7F"),
	    "has a host that looks like an IPv4 address" },
	{ URL("http://a.1."),
	    "has a host that looks like an IPv4 address" },
	{ URL("https://u:p@x"), "must not have a user or password" },
	{ URL("https://x?a=b"), "must not have a query or fragment" },
	{ URL("https://x/y#z"), "must not have a query or fragment" },
	{ URL("https://x:0"), "must have a port of 1 to 65535" },
	{ URL("https://x:99999"), "must have a port of 1 to 65535" },
	{ URL("https://x:8 0"), "must have a port of 1 to 65535" },
	{ URL("https://[::1"), "has a \"[\" without" },
	{ URL("https://[1.2.3.4]"), "must have an IPv6 address in the" },
	{ URL("https://[::1]x"), "has text behind the" },
	{ URL("https://a..b"), "has a host name with an empty part" },
	{ URL("https://a_b!c"), "with a byte that cannot be in one" },
	{ URL("https://m\xc3\xbcller.de"), "in its xn-- form" },
	{ URL("https://x/a/../b"), "\"..\" part" },
	{ URL("https://x//a"), "has a path with an empty" },
	{ URL("https://x/a b"), "must be written as %xx" },
	/* Secrets. */
	{ P("weight = 1; name = \"\"; headers = {};  }, { id = \"q\"; dialect = "
	    "\"openai\"; base_url = \"https://x\"; keys = ( \"env:NOPE_X\" );"),
	    "providers.q.keys[0] needs the environment variable NOPE_X, which "
	    "is not set" },
	{ "auth = { gateway_token = \"env:EMPTY\"; };", "auth.gateway_token is "
	    "empty: environment variable EMPTY" },
	{ "auth = { gateway_token = \"env:LINES\"; };", "holds a line break" },
	{ "auth = { gateway_token = \"file:x\"; };", "must name a whole path" },
	{ "auth = { gateway_token = \"file:/nowhere/x\"; };",
	    "cannot read /nowhere/x: No such file" },
	{ "auth = { gateway_token = \"file:/\"; };", "cannot read /: Is a" },
	{ "auth = { gateway_token = \"cred:x\"; };", "CREDENTIALS_DIRECTORY is "
	    "not set" },
	{ "auth = { gateway_token = \"cred:../x\"; };",
	    "must name a credential" },
	{ "auth = { gateway_token = 5; };", "must be a string in quotes" },
	/* Tiers and client keys. */
	{ "default_tier = \"gold\";", "default_tier is \"gold\": there is no "
	    "such tier" },
	{ "tiers = ({ name = \"free\"; }, { name = \"free\"; });",
	    "tiers.free is there twice" },
	{ "tiers = ({ name = \"free\"; min_score = 9; max_score = 8; });",
	    "tiers.free.min_score is above max_score" },
	{ "tiers = ({ name = \"free\"; min_score = 101; });", "must be 0 to 100" },
	{ "keys = ({ name = \"k\"; });", "keys.k needs a secret or a hash" },
	{ "keys = ({ name = \"k\"; hash = \"sha256:12\"; });",
	    "keys.k.hash must be \"sha256:\" and 64" },
	{ KEY("hash = \"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822"
	    "cd15d6c15b0f00a08\";"), "is given beside secret" },
	{ "keys = ({ name = \"a\"; secret = \"x\"; },\n"
	    "{ name = \"a\"; secret = \"y\"; });",
	    ":2: mistake: keys.a is there twice" },
	{ "keys = ({ name = \"a\"; secret = \"x\"; },\n"
	    "{ name = \"b\"; secret = \"x\"; });",
	    ":2: mistake: keys.b has the same secret as keys.a" },
	{ KEY("role = \"king\";"), "must be one of user admin root" },
	/* References. */
	{ KEY("tier = \"por\";"), "keys.k.tier: there is no tier \"por\": did "
	    "you mean \"pro\"?" },
	{ KEY("groups = (\"g\");"), "keys.k.groups: there is no group \"g\"" },
	{ KEY("providers = (\"x\");"), "keys.k.providers: there is no provider "
	    "\"x\"" },
	{ P("") "groups = ({ name = \"g\";\ntargets = ({ provider = \"q\"; });"
	    " });", "groups.g.targets[0]: there is no provider \"q\": did you "
	    "mean \"p\"?" },
	{ P("") "groups = ({ name = \"g\";\nfallbacks = ( \"h1\" ); });",
	    ":2: mistake: groups.g.fallbacks: there is no group \"h1\"" },
	{ P("") "groups = ({ name = \"g\"; fallbacks = ( \"g\" ); });",
	    "a group cannot be its own fallback" },
	{ P("") "groups = ({ name = \"g\"; },\n{ name = \"g\"; });",
	    ":2: mistake: groups.g is there twice" },
	{ P("models = (\"m\");") "aliases = ({ match = \"x\";\nuse = \"gx\"; });",
	    ":2: mistake: aliases.x.use: there is no group \"gx\"" },
	{ P("models = (\"m\");") "aliases = ({ match = \"x\"; use = \"q/n\"; });",
	    "aliases.x.use: there is no group \"q/n\"" },
	{ P("models = (\"m\", \"\");"), "providers.p.models[1] is empty" },
	{ "session = {\nheader = \"Authorization\"; };", ":2: mistake: "
	    "session.header is \"Authorization\", which has a meaning of its "
	    "own and names no session: use another, such as "
	    "\"X-Session-Id\"" },
	{ "session = { header = \"x-session id\"; };", "session.header is "
	    "\"x-session id\": must be the name of a header" },
	{ "teams = ({ name = \"t\"; }, { name = \"t\"; });",
	    "teams.t is there twice" },
};

static char *env[] = { (char []){ "EMPTY= " }, (char []){ "LINES=a\nb" },
	NULL };

TEST(each_class_of_mistake)
{
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = conf_try(cases[i].text, env, 1);
		if (c != NULL || !conf_has_said(cases[i].said))
			tap_fail(__FILE__, __LINE__, "\"%s\" did not say "
			    "\"%s\" but: %s", cases[i].text, cases[i].said,
			    conf_said);
	}
}

TEST(a_mistake_brings_no_other)
{
	OK(conf_try("providers = ({ id = \"p\"; dialect = \"openai\";\n"
	    "base_url = \"api.example.com\"; keys = ( \"env:NONE\" ); });\n",
	    NULL, 1) == NULL);
	SAID("base_url is \"api.example.com\": it must begin with https://");
	SAID("keys[0] needs the environment variable NONE");
	OK(strstr(conf_said, "plain http") == NULL);
	OK(strstr(conf_said, "is empty") == NULL);
}

TEST(all_mistakes_in_one_run)
{
	struct conf *c = conf_try("workers = \"x\";\nlogdir = \"y\";\n"
	    "listen = ({ address = \"here\"; });\n"
	    P("weight = \"1\";") "\ngroups = ({ name = \"g\";\n"
	    "targets = ({ provider = \"zz\"; }); });\n", NULL, 1);

	OK(c == NULL);
	SAID("configuration:1: mistake: workers must be");
	SAID("configuration:2: mistake: logdir is not an option: did you mean "
	    "\"log_dir\"?");
	SAID("configuration:3: mistake: listen.here.address must");
	SAID("configuration:4: mistake: providers.p.weight must");
	SAID("configuration:6: mistake: groups.g.targets[0]: there is no");
}

TEST(a_report_has_an_end)
{
	struct conf_source src = { .resolve = 0 };
	struct conf_report r = { 0 };
	struct conf *c;
	struct buf b;
	int i;

	buf_init(&b, 1 << 20);
	for (i = 0; i < 3000; i++)
		buf_printf(&b, "nonsense%d = 1;\n", i);
	buf_addc(&b, '\0');
	src.text = b.data;
	EQ_INT(conf_load(&src, &c, &r), ERR_FORMAT);
	EQ_INT(r.mistakes, 3000);
	EQ_INT(r.n, 1000);
	EQ_STR(r.v[999].text, "there is more: mend these first");
	conf_report_free(&r);
	buf_free(&b);
}

static const struct {
	const char	*text, *said;
} told[] = {
	{ "user = \"x\";", "warning: there is no provider" },
	{ "providers = ({ id = \"p\"; dialect = \"openai\"; base_url = "
	    "\"https://x\"; });", "warning: providers.p has no keys" },
	{ "providers = ({ id = \"p\"; dialect = \"openai\"; base_url = "
	    "\"http://x\"; keys = (\"k\"); });",
	    "cross the network in clear" },
	{ P("tls = { verify = false; };"), "tls.verify is false" },
	{ "listen = ({ address = \"*:80\"; mode = \"0660\"; });",
	    "mode is for Unix sockets only" },
	{ "admin = { listen = \"0.0.0.0:1\"; };", "speaks plain HTTP" },
	{ P("") "aliases = ({ match = \"x\"; use = \"y\"; });",
	    "no group, and no model of a list" },
	{ P("models = (\"m\");") "aliases = ({ match = \"x\"; use = "
	    "\"p/n\"; });", "warning: aliases.x.use is \"p/n\": "
	    "provider p does not list that model in the file" },
	{ P("models = (\"m\"); enabled = false;") "aliases = ({ "
	    "match = \"x\"; use = \"m\"; });", "aliases.x.use is "
	    "\"m\": provider p is not enabled" },
	{ P("enabled = false;") "aliases = ({ match = \"x\"; use = "
	    "\"p/m\"; });", "\"p/m\": provider p is not enabled" },
	{ P("") "groups = ({ name = \"g\"; enabled = false; targets = "
	    "({ provider = \"p\"; model = \"m\"; }); });\naliases = "
	    "({ match = \"x\"; use = \"g\"; });",
	    "\"g\": that group is not enabled" },
	{ P("models = (\"m\");") "aliases = ({ match = \"x*\"; use = "
	    "\"m\"; }, { match = \"xy\"; use = \"m\"; });",
	    "aliases.xy is never used: aliases.x* stands before it" },
	{ P("models = (\"m\");") "groups = ({ name = \"g\"; targets = "
	    "({ provider = \"p\"; model = \"m\"; }); });\naliases = "
	    "({ match = \"g\"; use = \"m\"; });",
	    "aliases.g is never used: the group of that name" },
	{ P("forward_headers = (\"Cookie\");"),
	    "providers.p.forward_headers: Cookie is never passed on" },
	{ P("forward_headers = (\"Proxy-Authenticate\");"),
	    "Proxy-Authenticate is never passed on" },
	{ P("") KEY("expires = \"2020-01-01\";"),
	    "keys.k.expires: that day is over" },
	{ "session = { header = \"X-Auth-Ticket\"; };",
	    "session.header is \"X-Auth-Ticket\": its values are "
	    "written to the access log" },
	{ "providers = ({ id = \"p\"; dialect = \"openai\"; base_url = "
	    "\"https://x\"; keys = (\"k\", \"k\"); });",
	    "providers.p.keys[1] is the same as keys[0]" },
	{ "cache = { enabled = true; };",
	    "notice: cache.enabled is accepted, not active yet" },
	{ "teams = ({ name = \"t\"; });",
	    "teams is accepted, not active yet" },
	{ P("") "groups = ({ name = \"g\"; strategy = \"cheapest\"; "
	    "targets = ({ provider = \"p\"; }); });",
	    "groups.g.strategy is accepted, not active yet" },
};

TEST(warnings)
{
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		c = conf_try(told[i].text, NULL, 1);
		if (c == NULL || !conf_has_said(told[i].said))
			tap_fail(__FILE__, __LINE__, "\"%s\" did not say "
			    "\"%s\" but: %s", told[i].text, told[i].said,
			    conf_said);
		conf_free(&c);
	}
	c = conf_good(P("") "cache = { enabled = false; ttl = \"600s\"; };\n"
	    "default_strategy = \"balanced\";", NULL, 1);
	EQ_STR(conf_said, "");
	conf_free(&c);
}

/* A header that the gateway knows by its id is never taken for a session's. */
TEST(headers_with_a_meaning)
{
#define X(id, name, kind) name,
	static const char *const names[] = { HEADERS(X) };
#undef X
	char text[128];
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], "x-session-id") == 0)
			continue;
		snprintf(text, sizeof(text), "session = { header = \"%s\"; };",
		    names[i]);
		c = conf_try(text, NULL, 1);
		if (c != NULL || !conf_has_said("names no session"))
			tap_fail(__FILE__, __LINE__, "%s", text);
		conf_free(&c);
	}
	c = conf_good(P("models = (\"m\");") "session = { header = "
	    "\"X-Conversation\"; };\naliases = ({ match = \"x\"; use = "
	    "\"m\"; }, { match = \"y\"; use = \"p/m\"; }, { match = \"z\"; "
	    "use = \"other/m\"; });", NULL, 1);
	EQ_STR(conf_said, "");
	conf_free(&c);
}

/* What a worker keeps back is told by whoever names it, and nothing else. */
TEST(headers_kept_back)
{
	static const struct {
		const char	*name;
		int		 kind;
	} headers[] = {
#define X(id, name, kind) { name, kind },
		HEADERS(X)
#undef X
	};
	char text[512];
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		snprintf(text, sizeof(text), P("forward_headers = (\"%s\");"),
		    headers[i].name);
		c = conf_try(text, NULL, 1);
		if (conf_has_said("passed on") !=
		    ((headers[i].kind & HEADER_KEPT) != 0))
			tap_fail(__FILE__, __LINE__, "%s: %s", text, conf_said);
		conf_free(&c);
	}
}

TEST(modes_of_secret_files)
{
	char path[512], text[1024];
	struct conf *c;

	snprintf(path, sizeof(path), "%s",
	    conf_file("key", "  sk-from-a-file \r\n", 0600));
	snprintf(text, sizeof(text), "auth = { gateway_token = \"file:%s\"; };",
	    path);
	c = conf_good(text, NULL, 1);
	EQ_S(secret_reveal(c->auth.gateway_token), "sk-from-a-file");
	OK(!conf_has_said("key can be read"));
	conf_free(&c);
	chmod(path, 0604);
	c = conf_good(text, NULL, 1);
	SAID("auth.gateway_token");
	SAID("can be read by everybody: chmod 600");
	conf_free(&c);
	chmod(path, 0602);
	OK(conf_try(text, NULL, 1) == NULL);
	SAID("can be written by everybody");
	conf_file("key", "\n", 0600);
	OK(conf_try(text, NULL, 1) == NULL);
	SAID("is empty");
	c = conf_try_path(conf_file("a.conf", P(""), 0644));
	SAID("warning: providers.p.keys[0] stands in a file that everybody");
	conf_free(&c);
	c = conf_try_path(conf_file("a.conf", P(""), 0640));
	EQ_STR(conf_said, "");
	conf_free(&c);
	OK(conf_try_path("/nowhere/a.conf") == NULL);
	EQ_STR(conf_said, "/nowhere/a.conf: mistake: cannot read it: "
	    "No such file or directory\n");
	OK(conf_try_path(conf_file("b.conf",
	    "include_dir = \"/nowhere\";", 0600)) == NULL);
	SAID("b.conf:1: mistake: include_dir: cannot read /nowhere");
}

TEST(credentials_of_systemd)
{
	char dir[512];
	char *envp[] = { dir, NULL };
	struct conf *c;

	snprintf(dir, sizeof(dir), "CREDENTIALS_DIRECTORY=%s", tap_dir());
	conf_file("tok", "abc\n", 0400);
	c = conf_good("auth = { gateway_token = \"cred:tok\"; };", envp, 1);
	EQ_S(secret_reveal(c->auth.gateway_token), "abc");
	EQ_STR(c->auth.gateway_token_source, "cred:tok");
	conf_free(&c);
}

TEST(nothing_is_read_without_resolve)
{
	struct conf *c = conf_good("include_dir = \"/nowhere\";\n"
	    "auth = { gateway_token = \"file:/nowhere/x\"; };\n"
	    "timezone = \"Moon/Base\";\n"
	    "listen = ({ address = \"*:1\"; tls = { certificate = \"/no/c\"; "
	    "key = \"/no/k\"; }; });\n"
	    "keys = ({ name = \"a\"; secret = \"env:NOPE\"; },\n"
	    "{ name = \"b\"; secret = \"env:NOPE\"; });\n", NULL, 0);

	OK(c->auth.gateway_token == NULL);
	EQ_STR(c->auth.gateway_token_source, "file:/nowhere/x");
	OK(c->listen[0].tls_key_pem == NULL);
	conf_free(&c);
}

TAP_BEGIN
TAP_ROW(each_class_of_mistake)
TAP_ROW(a_mistake_brings_no_other)
TAP_ROW(all_mistakes_in_one_run)
TAP_ROW(a_report_has_an_end)
TAP_ROW(warnings)
TAP_ROW(headers_with_a_meaning)
TAP_ROW(headers_kept_back)
TAP_ROW(modes_of_secret_files)
TAP_ROW(credentials_of_systemd)
TAP_ROW(nothing_is_read_without_resolve)
TAP_END
