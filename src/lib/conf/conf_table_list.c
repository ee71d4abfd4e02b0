/*
 * conf_table_list.c - the option table: the items of lists.
 *
 * Runs in: every process.
 * Owns: nothing; constant data.
 *
 * The first row of an item is its name: it stands in messages, and where a
 * bare string is allowed instead of a group it is the value of that row.
 */
#include "conf/opt.h"

#define LATER	OPT_F_LATER
#define SHARE	OPT_F_SHARE
#define KEYED	(OPT_F_WORKER | OPT_F_CHECKER)	/* who has providers' keys */

#define L(f)	offsetof(struct conf_listen, f)
static const struct opt listen_tls_rows[] = {
	{ "certificate", OPT_STR, L(tls_certificate), 0, "", NULL, NULL, 0,
	    "PEM file of the certificate and its chain" },
	{ "key", OPT_STR, L(tls_key), 0, "", NULL, NULL, 0,
	    "PEM file of its key" },
	{ "min_version", OPT_STR, L(tls_min_version), 0, "1.2", "1.2|1.3",
	    NULL, 0, "oldest TLS version" },
	{ "certificate_pem", OPT_PEM, L(tls_certificate_pem), 0, NULL, NULL,
	    NULL, SHARE | OPT_F_WORKER, "text of certificate" },
	{ "key_pem", OPT_PEM, L(tls_key_pem), 0, NULL, NULL, NULL,
	    SHARE | OPT_F_WORKER, "text of key" },
	{ NULL }
};
static const struct opt_section listen_tls = { "tls", listen_tls_rows };
static const struct opt listen_rows[] = {
	{ "address", OPT_STR, L(address), 0, NULL, NULL, NULL,
	    OPT_F_REQUIRED, "\"host:port\", \"[v6]:port\", \"*:port\" or "
	    "\"unix:/path\"" },
	{ "tls", OPT_GROUP, 0, L(tls), NULL, NULL, &listen_tls, OPT_F_MARK,
	    "speak TLS" },
	{ "mode", OPT_STR, L(mode), 0, "", NULL, NULL, 0,
	    "mode of a Unix socket, octal" },
	{ NULL }
};
const struct opt_section opt_listen = { "listen", listen_rows,
	sizeof(struct conf_listen), 0, 0 };

#define R(f)	offsetof(struct conf_price, f)
static const struct opt price_rows[] = {
	{ "unit", OPT_ENUM, R(unit), 0, "per_million_tokens",
	    "per_million_tokens|per_call", NULL, 0, "what the numbers mean" },
	{ "input", OPT_PRICE, R(input), R(unit), "0", NULL, NULL, 0,
	    "USD for input, or for a call" },
	{ "output", OPT_PRICE, R(output), R(unit), "0", NULL, NULL, 0,
	    "USD for output" },
	{ "cached_input", OPT_PRICE, R(cached_input), R(unit), NULL, NULL, NULL, 0,
	    "USD for input read from the provider's cache; unset: as input" },
	{ "cache_write", OPT_PRICE, R(cache_write), R(unit), NULL, NULL, NULL, 0,
	    "USD for input written to it; unset: as input" },
	{ "reasoning", OPT_PRICE, R(reasoning), R(unit), NULL, NULL, NULL, 0,
	    "USD for reasoning tokens; unset: as output" },
	{ NULL }
};
const struct opt_section opt_price = { "price", price_rows,
	sizeof(struct conf_price), 0, 0 };

#define K(f)	offsetof(struct conf_upkey, f)
static const struct opt upkey_rows[] = {
	{ "key", OPT_SECRET, K(key), K(source), NULL, NULL, NULL,
	    OPT_F_REQUIRED | KEYED, "the key" },
	{ "weight", OPT_NUM, K(weight), 0, "1.0", "0..1000000", NULL, 0,
	    "its share of the requests" },
	{ "max_qps", OPT_NUM, K(max_qps), 0, "0", "0..1000000000", NULL, 0,
	    "most requests per second; 0: any" },
	{ "source", OPT_STR, K(source), 0, NULL, NULL, NULL, SHARE,
	    "where it came from" },
	{ "id", OPT_HEX8, K(id), 0, NULL, NULL, NULL, SHARE, "its name" },
	{ NULL }
};
static const struct opt_section opt_upkey = { "keys", upkey_rows,
	sizeof(struct conf_upkey), 0, 0 };

#define P(f)	offsetof(struct conf_provider, f)
static const struct opt provider_tls_rows[] = {
	{ "verify", OPT_BOOL, P(tls_verify), 0, "true", NULL, NULL, 0,
	    "check the provider's certificate" },
	{ "ca_file", OPT_STR, P(tls_ca_file), 0, "", NULL, NULL, 0,
	    "PEM file of authorities; unset: the system's" },
	{ "client_certificate", OPT_STR, P(tls_client_certificate), 0, "",
	    NULL, NULL, 0, "PEM file of our certificate" },
	{ "client_key", OPT_STR, P(tls_client_key), 0, "", NULL, NULL, 0,
	    "PEM file of its key" },
	{ "ca_pem", OPT_PEM, P(tls_ca_pem), 0, NULL, NULL, NULL,
	    SHARE | KEYED, "text of ca_file" },
	{ "client_certificate_pem", OPT_PEM, P(tls_client_certificate_pem), 0,
	    NULL, NULL, NULL, SHARE | KEYED, "text of client_certificate" },
	{ "client_key_pem", OPT_PEM, P(tls_client_key_pem), 0, NULL, NULL,
	    NULL, SHARE | KEYED, "text of client_key" },
	{ NULL }
};
static const struct opt_section provider_tls = { "tls", provider_tls_rows };
static const struct opt health_rows[] = {
	{ "path", OPT_STR, P(health.path), 0, NULL, NULL, NULL, OPT_F_BYNAME,
	    "what a probe asks for; default: models_path" },
	{ "method", OPT_STR, P(health.method), 0, "GET", "GET|HEAD|POST",
	    NULL, 0, "method of a probe" },
	{ "body", OPT_STR, P(health.body), 0, "", NULL, NULL, 0,
	    "body of a probe" },
	{ "interval", OPT_TIME, P(health.interval), 0, "60s", "0..7d", NULL,
	    0, "time between probes; 0: none" },
	{ "timeout", OPT_TIME, P(health.timeout), 0, "20s", "10ms..10m", NULL,
	    0, "longest time a probe may take" },
	{ "unhealthy_retry", OPT_TIME, P(health.unhealthy_retry), 0, "60m",
	    "0..365d", NULL, 0, "when a bad key is tried again; 0: never" },
	{ NULL }
};
static const struct opt_section health_section = { "health", health_rows };
static const struct opt provider_rows[] = {
	{ "id", OPT_STR, P(id), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "name in paths, groups and logs" },
	{ "name", OPT_STR, P(name), 0, "", NULL, NULL, 0, "name for people" },
	{ "dialect", OPT_ENUM, P(dialect), 0, NULL, OPT_DIALECTS, NULL,
	    OPT_F_REQUIRED, "wire format of the provider" },
	{ "apis", OPT_BITS, P(apis), 0, NULL, OPT_APIS, NULL, OPT_F_BYNAME,
	    "what it speaks natively; default by dialect" },
	{ "base_url", OPT_STR, P(base_url), 0, NULL, NULL, NULL,
	    OPT_F_REQUIRED, "\"https://host[:port][/path]\"" },
	{ "api_path", OPT_STR, P(api_path), 0, NULL, NULL, NULL,
	    OPT_F_BYNAME, "path of its API; default by dialect" },
	{ "keys", OPT_LIST, P(keys), P(n_keys), NULL, NULL, &opt_upkey,
	    OPT_F_SHORT, "its keys" },
	{ "auth_header", OPT_STR, P(auth_header), 0, NULL, NULL, NULL,
	    OPT_F_BYNAME, "header of the credential; default by dialect" },
	{ "auth_format", OPT_STR, P(auth_format), 0, NULL, NULL, NULL,
	    OPT_F_BYNAME, "its value with {key}; default by dialect" },
	{ "api_version", OPT_STR, P(api_version), 0, "2024-10-21", NULL, NULL,
	    0, "azure: the api-version in the query" },
	{ "headers", OPT_MAP, P(header_names), P(header_values), NULL, NULL,
	    NULL, KEYED | OPT_F_LOCKED, "extra request headers" },
	{ "forward_headers", OPT_STRS, P(forward_headers), 0, NULL, NULL,
	    NULL, 0, "client headers that are passed on" },
	{ "models", OPT_STRS, P(models), 0, NULL, NULL, NULL, 0,
	    "what it serves; empty: fetched from models_path" },
	{ "models_path", OPT_STR, P(models_path), 0, NULL, NULL, NULL,
	    OPT_F_BYNAME, "where its list is; default by dialect" },
	{ "models_ttl", OPT_TIME, P(models_ttl), 0, "5m", "1s..365d", NULL, 0,
	    "age at which the list is fetched again" },
	{ "weight", OPT_NUM, P(weight), 0, "1.0", "0..1000000", NULL, 0,
	    "its share of the requests" },
	{ "priority", OPT_INT, P(priority), 0, "1", "-1000000..1000000",
	    NULL, 0, "lower comes first" },
	{ "region", OPT_STR, P(region), 0, "", NULL, NULL, 0,
	    "where it is, for preferred_region" },
	{ "max_qps", OPT_NUM, P(max_qps), 0, "0", "0..1000000000", NULL, 0,
	    "most requests per second; 0: any" },
	{ "max_concurrency", OPT_UINT, P(max_concurrency), 0, "0",
	    "0..10000000", NULL, LATER, "most requests at once; 0: any" },
	{ "price", OPT_GROUP, P(price), P(price.set), NULL, NULL, &opt_price,
	    OPT_F_MARK, "what its tokens cost" },
	{ "retryable_status", OPT_STATUSES, P(retryable_status), 0, NULL,
	    NULL, NULL, OPT_F_BYNAME, "statuses after which the next is tried" },
	{ "connect_timeout", OPT_TIME, P(connect_timeout), 0, "5s",
	    "1ms..10m", NULL, 0, "longest time to connect" },
	{ "first_token_timeout", OPT_TIME, P(first_token_timeout), 0, "60s",
	    "1ms..1d", NULL, 0, "longest wait for content, streams only" },
	{ "idle_timeout", OPT_TIME, P(idle_timeout), 0, "300s", "1ms..1d",
	    NULL, 0, "longest silence of the provider" },
	{ "total_timeout", OPT_TIME, P(total_timeout), 0, "30m", "1ms..7d",
	    NULL, 0, "longest time of an attempt" },
	{ "on_disconnect", OPT_ENUM, P(drain_on_disconnect), 0, "cancel",
	    "cancel|drain", NULL, 0, "when the client hangs up" },
	{ "usage_in_streams", OPT_ENUM, P(usage_leave), 0, "ask", "ask|leave",
	    NULL, 0, "ask for usage in every stream" },
	{ "allow_private", OPT_CIDRS, P(allow_private), 0, NULL, NULL, NULL,
	    0, "private networks it may be in" },
	{ "proxy", OPT_STR, P(proxy), 0, "", NULL, NULL,
	    OPT_F_URL | OPT_F_LOCKED | KEYED, "\"http://...\" or \"socks5h://...\"" },
	{ "http_version", OPT_ENUM, P(http2), 0, "1.1", "1.1|2", NULL, 0,
	    "HTTP version" },
	{ "tls", OPT_GROUP, 0, 0, NULL, NULL, &provider_tls, 0, "TLS to it" },
	{ "mask_as_browser", OPT_BOOL, P(mask_as_browser), 0, "false", NULL,
	    NULL, OPT_F_BYNAME, "send headers as a browser does" },
	{ "mask_user_agent", OPT_STR, P(mask_user_agent), 0, "", NULL, NULL,
	    0, "its User-Agent" },
	{ "mask_origin", OPT_STR, P(mask_origin), 0, "", NULL, NULL, 0,
	    "its Origin" },
	{ "mask_referer", OPT_STR, P(mask_referer), 0, "", NULL, NULL, 0,
	    "its Referer" },
	{ "health", OPT_GROUP, 0, 0, NULL, NULL, &health_section, 0,
	    "probes" },
	{ "enabled", OPT_BOOL, P(enabled), 0, "true", NULL, NULL, 0,
	    "false: as if it were not there" },
	{ "file", OPT_STR, P(file), 0, NULL, NULL, NULL, SHARE, "" },
	{ "line", OPT_INT, P(line), 0, NULL, NULL, NULL, SHARE, "" },
	{ NULL }
};
const struct opt_section opt_provider = { "providers", provider_rows,
	sizeof(struct conf_provider), P(file), P(line) };

#define T(f)	offsetof(struct conf_target, f)
static const struct opt target_rows[] = {
	{ "provider", OPT_STR, T(provider), 0, NULL, NULL, NULL,
	    OPT_F_REQUIRED, "id of a provider" },
	{ "model", OPT_STR, T(model), 0, "", NULL, NULL, 0,
	    "name of the model there; \"\": as the client wrote it" },
	{ "priority", OPT_INT, T(priority), 0, "1", "-1000000..1000000",
	    NULL, 0, "lower comes first" },
	{ "weight", OPT_NUM, T(weight), 0, "1.0", "0..1000000", NULL, 0,
	    "its share of the requests" },
	{ "region", OPT_STR, T(region), 0, "", NULL, NULL, 0,
	    "where it is; \"\": as the provider" },
	{ "price", OPT_GROUP, T(price), T(price.set), NULL, NULL, &opt_price,
	    OPT_F_MARK, "what its tokens cost" },
	{ NULL }
};
static const struct opt_section opt_target = { "targets", target_rows,
	sizeof(struct conf_target), 0, 0 };

#define G(f)	offsetof(struct conf_group, f)
static const struct opt hedge_rows[] = {
	{ "after", OPT_STR, G(hedge_after), 0, "p95", NULL, NULL, LATER,
	    "when the second attempt starts" },
	{ "budget", OPT_NUM, G(hedge_budget), 0, "0.05", "0..1", NULL, LATER,
	    "largest share of requests with a second attempt" },
	{ NULL }
};
static const struct opt_section hedge_section = { "hedge", hedge_rows };
static const struct opt group_rows[] = {
	{ "name", OPT_STR, G(name), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "what clients write as model" },
	{ "display_name", OPT_STR, G(display_name), 0, "", NULL, NULL, 0,
	    "name for people" },
	{ "description", OPT_STR, G(description), 0, "", NULL, NULL, 0,
	    "text for people" },
	{ "capabilities", OPT_STRS, G(capabilities), 0, NULL, NULL, NULL, 0,
	    "what it can do" },
	{ "strategy", OPT_ENUM, G(strategy), 0, "priority", opt_strategies,
	    NULL, 0, "order of the targets" },
	{ "targets", OPT_LIST, G(targets), G(n_targets), NULL, NULL,
	    &opt_target, 0, "who answers" },
	{ "fallbacks", OPT_STRS, G(fallbacks), 0, NULL, NULL, NULL, LATER,
	    "groups to try when every target failed" },
	{ "on_context_length", OPT_STRS, G(on_context_length), 0, NULL, NULL,
	    NULL, LATER, "groups to try when the request is too long" },
	{ "on_content_policy", OPT_STRS, G(on_content_policy), 0, NULL, NULL,
	    NULL, LATER, "groups to try when the provider will not answer" },
	{ "hedge", OPT_GROUP, 0, G(hedge), NULL, NULL, &hedge_section,
	    OPT_F_MARK | LATER, "a second attempt when the first is late" },
	{ "failure_keywords", OPT_BOOL, G(failure_keywords), 0, "true", NULL,
	    NULL, 0, "apply the failure keywords" },
	{ "sticky", OPT_ENUM, G(sticky), 0, "none", "none|session|prefix",
	    NULL, LATER, "what keeps a client with its target" },
	{ "strict", OPT_BOOL, G(strict), 0, "false", NULL, NULL, 0,
	    "refuse what a target cannot carry over" },
	{ "reserve_output", OPT_U64, G(reserve_output), 0, "0", NULL, NULL,
	    0, "tokens reserved when a request names no maximum" },
	{ "enabled", OPT_BOOL, G(enabled), 0, "true", NULL, NULL, 0,
	    "false: as if it were not there" },
	{ "file", OPT_STR, G(file), 0, NULL, NULL, NULL, SHARE, "" },
	{ "line", OPT_INT, G(line), 0, NULL, NULL, NULL, SHARE, "" },
	{ NULL }
};
const struct opt_section opt_group = { "groups", group_rows,
	sizeof(struct conf_group), G(file), G(line) };

#define A(f)	offsetof(struct conf_alias, f)
static const struct opt alias_rows[] = {
	{ "match", OPT_STR, A(match), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "model name, \"*\" covers anything" },
	{ "use", OPT_STR, A(use), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "group, provider/model or model it stands for" },
	{ NULL }
};
const struct opt_section opt_alias = { "aliases", alias_rows,
	sizeof(struct conf_alias), A(file), A(line) };
