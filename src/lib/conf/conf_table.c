/*
 * conf_table.c - the option table: everything outside of lists.
 *
 * Runs in: every process.
 * Owns: nothing; constant data.
 *
 * To add an option: a row here (or in conf_table_list.c), a field in conf.h, a
 * paragraph in aigw.conf.5 and a line in the sample file; a lint compares
 * them. A scalar outside of lists gets its variable by itself:
 * client.max_body is AIGW_CLIENT_MAX_BODY.
 */
#include "conf/opt.h"

#define C(f)	offsetof(struct conf, f)
#define LATER	OPT_F_LATER
#define ROUTES	"auto|on|off"
#define SWITCH	"off|on"

static const struct opt admin_rows[] = {
	{ "listen", OPT_STR, C(admin.listen), 0, "127.0.0.1:8081", NULL, NULL,
	    0, "address of the admin API, dashboard and metrics; \"\": none" },
	{ "public", OPT_BOOL, C(admin.public), 0, "false", NULL, NULL, LATER,
	    "serve them on the public listeners too" },
	{ "metrics_public", OPT_BOOL, C(admin.metrics_public), 0, "false",
	    NULL, NULL, LATER, "serve /metrics on the public listeners too" },
	{ "username", OPT_STR, C(admin.username), 0, "admin", NULL, NULL, LATER,
	    "name for the dashboard login" },
	{ "password", OPT_SECRET, C(admin.password), C(admin.password_source),
	    NULL, NULL, NULL, LATER | OPT_F_ADMIN,
	    "password for the dashboard login; unset: generated" },
	{ NULL }
};

static const struct opt client_rows[] = {
	{ "header_timeout", OPT_TIME, C(client.header_timeout), 0, "10s",
	    "1ms..1d", NULL, 0, "longest wait for a complete request head" },
	{ "body_timeout", OPT_TIME, C(client.body_timeout), 0, "60s",
	    "1ms..1d", NULL, 0, "longest silence inside a request body" },
	{ "idle_timeout", OPT_TIME, C(client.idle_timeout), 0, "75s",
	    "1ms..1d", NULL, 0, "how long an idle connection is kept" },
	{ "write_timeout", OPT_TIME, C(client.write_timeout), 0, "60s",
	    "1ms..1d", NULL, 0, "longest wait for a client that reads nothing" },
	{ "max_header", OPT_SIZE, C(client.max_header), 0, "64k", "1k..1m",
	    NULL, 0, "largest request head" },
	{ "max_body", OPT_SIZE, C(client.max_body), 0, "64m", "1k..2g",
	    NULL, 0, "largest request body" },
	{ "max_connections", OPT_UINT, C(client.max_connections), 0, "20000",
	    "1..10000000", NULL, 0, "client connections, all workers together" },
	{ "buffer_budget", OPT_SIZE, C(client.buffer_budget), 0, "1g",
	    "1m..1024g", NULL, 0,
	    "bodies and answers held in memory, all workers together" },
	{ "hold_max", OPT_SIZE, C(client.hold_max), 0, "1m", "0..64m", NULL, 0,
	    "JSON answers up to this size are held whole" },
	{ "commit_after", OPT_TIME, C(client.commit_after), 0, "15s",
	    "0..1h", NULL, 0, "a stream silent for so long gets its 200" },
	{ "max_lag", OPT_TIME, C(client.max_lag), 0, "50ms",
	    "0..10s", NULL, 0, "refuse requests that waited longer, when all "
	    "do; 0: never" },
	{ "trusted_proxies", OPT_CIDRS, C(client.trusted_proxies), 0, NULL,
	    NULL, NULL, 0, "networks whose X-Forwarded-For is believed" },
	{ "proxy_protocol", OPT_BOOL, C(client.proxy_protocol), 0, "false",
	    NULL, NULL, 0,
	    "trusted proxies begin connections with the PROXY protocol" },
	{ "allow_from", OPT_CIDRS, C(client.allow_from), 0, NULL, NULL, NULL,
	    0, "networks that may connect; empty: all" },
	{ "cors_origins", OPT_STRS, C(client.cors_origins), 0, NULL, NULL,
	    NULL, 0, "origins that browsers may call from" },
	{ NULL }
};

static const struct opt auth_rows[] = {
	{ "required", OPT_BOOL, C(auth.required), 0, "true", NULL, NULL, 0,
	    "a client key is needed; false: an open proxy" },
	{ "gateway_token", OPT_SECRET, C(auth.gateway_token),
	    C(auth.gateway_token_source), NULL, NULL, NULL, OPT_F_WORKER,
	    "clients may send base64 of it as their bearer token" },
	{ "anonymous_unified_chat", OPT_BOOL, C(auth.anonymous_unified_chat),
	    0, "false", NULL, NULL, 0, "POST /v1/chat without a key" },
	{ NULL }
};

#define FAMILY(f) { #f, OPT_ENUM, C(routes.f), 0, "auto", ROUTES, NULL, 0, \
	"paths of the " #f " family" }
#define PART(f, text) { #f, OPT_ENUM, C(routes.f), 0, "on", SWITCH, NULL, 0, \
	text }
static const struct opt routes_rows[] = {
#define X(id, name, ...) FAMILY(name),
	DIALECTS(X)
#undef X
	FAMILY(openrouter),
	PART(admin, "the admin API"),
	PART(models, "the model lists"),
	PART(unified, "POST /v1/chat"),
	PART(platforms, "the raw platform proxy"),
	PART(dashboard, "the dashboard"),
	PART(info, "/info and /routes"),
	{ NULL }
};

static const struct opt failover_rows[] = {
	{ "threshold", OPT_UINT, C(failover.threshold), 0, "2", "1..1000000",
	    NULL, 0, "failures in the window that open a breaker" },
	{ "window", OPT_TIME, C(failover.window), 0, "5m", "1s..1d", NULL,
	    0, "length of the failure window" },
	{ "min_failure_ratio", OPT_NUM, C(failover.min_failure_ratio), 0,
	    "0.5", "0..1", NULL, 0, "least share of failures in the window" },
	{ "half_open_after", OPT_TIME, C(failover.half_open_after), 0, "30s",
	    "100ms..1d", NULL, 0, "when an open breaker lets a probe through" },
	{ "disable_after_consecutive_errors", OPT_UINT,
	    C(failover.disable_after_consecutive_errors), 0, "5",
	    "0..1000000", NULL, LATER,
	    "errors in a row that switch a model of a provider off; 0: never" },
	{ "eject_slower_than", OPT_NUM, C(failover.eject_slower_than), 0,
	    "3.0", "0..1000", NULL, 0,
	    "eject a target this many times slower than the median; 0: never" },
	{ "max_attempts", OPT_UINT, C(failover.max_attempts), 0, "0",
	    "0..1000", NULL, 0, "attempts of a request; 0: every candidate" },
	{ NULL }
};

static const struct opt queue_rows[] = {
	{ "size", OPT_UINT, C(limits.queue_size), 0, "0", "0..1000000", NULL,
	    LATER, "requests that may wait for a place; 0: none" },
	{ "wait", OPT_TIME, C(limits.queue_wait), 0, "0s", "0..1h", NULL,
	    LATER, "longest wait for a place" },
	{ NULL }
};
static const struct opt_section queue_section = { "queue", queue_rows };

static const struct opt limits_rows[] = {
	{ "shadow", OPT_BOOL, C(limits.shadow), 0, "false", NULL, NULL, 0,
	    "log what would be refused, refuse nothing" },
	{ "rotate_grace", OPT_TIME, C(limits.rotate_grace), 0, "24h",
	    "0..365d", NULL, 0, "how long the secret before a rotation works" },
	{ "queue", OPT_GROUP, 0, 0, NULL, NULL, &queue_section, 0,
	    "waiting instead of an instant 429" },
	{ NULL }
};

static const struct opt prices_rows[] = {
	{ "file", OPT_STR, C(prices.file), 0, "/etc/aigw/prices.conf",
	    NULL, NULL, 0, "the price list" },
	{ "unknown", OPT_ENUM, C(prices.unknown), 0, "default",
	    "default|refuse|free", NULL, 0, "a model without a price" },
	{ "default_input", OPT_PRICE, C(prices.default_input), 0, "5.0", NULL,
	    NULL, 0, "USD per million input tokens of such a model" },
	{ "default_output", OPT_PRICE, C(prices.default_output), 0, "25.0",
	    NULL, NULL, 0, "USD per million output tokens of such a model" },
	{ NULL }
};

static const struct opt cache_rows[] = {
	{ "enabled", OPT_BOOL, C(cache.enabled), 0, "false", NULL, NULL,
	    LATER, "keep answers and give them again" },
	{ "ttl", OPT_TIME, C(cache.ttl), 0, "10m", "1s..365d", NULL, LATER,
	    "how long an answer is kept" },
	{ "max_size", OPT_SIZE, C(cache.max_size), 0, "256m", "1m..1024g",
	    NULL, LATER, "size of the cache" },
	{ "max_entry", OPT_SIZE, C(cache.max_entry), 0, "1m", "1k..64m", NULL,
	    LATER, "largest answer that is kept" },
	{ "streams", OPT_BOOL, C(cache.streams), 0, "false", NULL, NULL,
	    LATER, "keep streams too" },
	{ "scope", OPT_ENUM, C(cache.scope), 0, "key", "key|team|all", NULL,
	    LATER, "who may get an answer made for another" },
	{ NULL }
};

static const struct opt session_rows[] = {
	{ "header", OPT_STR, C(session.header), 0, "X-Session-Id", NULL, NULL,
	    0, "header that names the conversation" },
	{ "ttl", OPT_TIME, C(session.ttl), 0, "2h", "1s..365d", NULL, LATER,
	    "how long a conversation stays with its target" },
	{ "context", OPT_BOOL, C(session.context), 0, "false", NULL, NULL,
	    LATER | OPT_F_BYNAME,
	    "keep request and response pairs; true with LLM_PROVIDERS" },
	{ "context_entries", OPT_UINT, C(session.context_entries), 0, "50",
	    "1..1000", NULL, LATER, "pairs kept for a conversation" },
	{ "context_ttl", OPT_TIME, C(session.context_ttl), 0, "7d",
	    "1s..3650d", NULL, LATER, "how long they are kept" },
	{ NULL }
};

static const struct opt ledger_rows[] = {
	{ "flush", OPT_TIME, C(ledger.flush), 0, "1s", "10ms..1m", NULL, 0,
	    "longest time until usage is on disk" },
	{ "spool_max", OPT_SIZE, C(ledger.spool_max), 0, "256m", "1m..64g",
	    NULL, 0, "usage that may wait in run_dir while the disk is full" },
	{ "call_log", OPT_BOOL, C(ledger.call_log), 0, "true", NULL, NULL,
	    LATER, "keep a record of every call" },
	{ "call_log_bodies", OPT_BOOL, C(ledger.call_log_bodies), 0, "false",
	    NULL, NULL, LATER, "with request and response bodies" },
	{ "retention", OPT_TIME, C(ledger.retention), 0, "30d", "1d..3650d",
	    NULL, 0, "age at which the sums of sessions go" },
	{ "max_size", OPT_SIZE, C(ledger.max_size), 0, "16g", "64m..16384g",
	    NULL, 0, "largest size of the ledger" },
	{ NULL }
};

static const struct opt models_rows[] = {
	{ "cache_ttl", OPT_TIME, C(models.cache_ttl), 0, "5m", "1s..365d",
	    NULL, LATER, "how long the joined model list is kept" },
	{ "public", OPT_BOOL, C(models.public), 0, "false", NULL, NULL, 0,
	    "GET /api/models without a key" },
	{ NULL }
};

static const struct opt shared_rows[] = {
	{ "redis", OPT_STR, C(shared.redis), 0, "", NULL, NULL,
	    LATER | OPT_F_URL | OPT_F_LOCKED | OPT_F_RECORDER,
	    "Redis that several machines share their limits through" },
	{ "prefix", OPT_STR, C(shared.prefix), 0, "aigw:", NULL, NULL, LATER,
	    "beginning of its key names" },
	{ "interval", OPT_TIME, C(shared.interval), 0, "100ms", "10ms..1m",
	    NULL, LATER, "how often counts are exchanged" },
	{ "on_outage", OPT_STR, C(shared.on_outage), 0, "local",
	    "local|refuse", NULL, LATER, "when Redis is away" },
	{ NULL }
};

static const struct opt otel_rows[] = {
	{ "endpoint", OPT_STR, C(otel.endpoint), 0, "", NULL, NULL,
	    LATER | OPT_F_URL | OPT_F_LOCKED, "OTLP collector for traces" },
	{ "sample", OPT_NUM, C(otel.sample), 0, "1.0", "0..1", NULL, LATER,
	    "share of requests that are traced" },
	{ NULL }
};

#define SECTION(n) \
static const struct opt_section n##_section = { #n, n##_rows, 0, 0, 0 }
SECTION(admin);
SECTION(client);
SECTION(auth);
SECTION(routes);
SECTION(failover);
SECTION(limits);
SECTION(prices);
SECTION(cache);
SECTION(session);
SECTION(ledger);
SECTION(models);
SECTION(shared);
SECTION(otel);

#define GROUP(n, text) \
	{ #n, OPT_GROUP, 0, 0, NULL, NULL, &n##_section, 0, text }
static const struct opt root_rows[] = {
	{ "include_dir", OPT_STR, C(include_dir), 0, "", NULL, NULL,
	    OPT_F_NODUMP, "folder of further *.conf files" },
	{ "user", OPT_STR, C(user), 0, "aigw", NULL, NULL, 0,
	    "user of all processes but the master" },
	{ "group", OPT_STR, C(group), 0, "aigw", NULL, NULL, 0,
	    "group of all processes but the master" },
	{ "workers", OPT_UINT, C(workers), 0, "0", "0..240", NULL, 0,
	    "worker processes; 0: one per processor" },
	{ "state_dir", OPT_STR, C(state_dir), 0, "/var/lib/aigw", NULL, NULL,
	    0, "ledger, call log, cache" },
	{ "run_dir", OPT_STR, C(run_dir), 0, "/run/aigw", NULL, NULL, 0,
	    "hot state, pid file, control socket" },
	{ "log_dir", OPT_STR, C(log_dir), 0, "/var/log/aigw", NULL, NULL, 0,
	    "log files" },
	{ "log_level", OPT_LEVEL, C(log_level), 0, "info",
	    "debug|info|notice|warn|error", NULL, 0,
	    "least important line that is logged" },
	{ "log_format", OPT_ENUM, C(log_combined), 0, "json", "json|combined",
	    NULL, 0, "form of the access log" },
	{ "syslog", OPT_STR, C(syslog), 0, "", NULL, NULL, 0,
	    "facility: the error log goes to syslog too" },
	{ "timezone", OPT_STR, C(timezone), 0, "UTC", NULL, NULL, 0,
	    "zone of log lines, calendar limits and the dashboard" },
	{ "drain_timeout", OPT_TIME, C(drain_timeout), 0, "15m", "0..7d",
	    NULL, 0, "how long old workers may finish their streams" },
	{ "sandbox", OPT_BOOL, C(sandbox), 0, "true", NULL, NULL, 0,
	    "system call filter and Landlock" },
	{ "secret_key", OPT_SECRET, C(secret_key), C(secret_key_source), NULL,
	    NULL, NULL, LATER | OPT_F_WORKER | OPT_F_CHECKER | OPT_F_ADMIN,
	    "seals provider keys that come through the API" },
	{ "listen", OPT_LIST, C(listen), C(n_listen), NULL, NULL, &opt_listen,
	    0, "public listeners" },
	GROUP(admin, "the admin listener"),
	GROUP(client, "what clients may do"),
	GROUP(auth, "who may come in"),
	GROUP(routes, "which paths exist"),
	{ "providers", OPT_LIST, C(providers), C(n_providers), NULL, NULL,
	    &opt_provider, 0, "where answers come from" },
	{ "groups", OPT_LIST, C(groups), C(n_groups), NULL, NULL, &opt_group,
	    0, "logical models" },
	GROUP(failover, "when a provider is given up"),
	{ "failure_keywords", OPT_STRS, C(failure_keywords), 0, NULL, NULL,
	    NULL, 0, "an answer with one of these is a failure" },
	{ "default_strategy", OPT_ENUM, C(default_strategy), 0, "balanced",
	    opt_strategies, NULL, 0,
	    "order of providers that list one model no group names" },
	{ "aliases", OPT_LIST, C(aliases), C(n_aliases), NULL, NULL,
	    &opt_alias, 0, "other names of models" },
	{ "tiers", OPT_LIST, C(tiers), C(n_tiers), NULL, NULL, &opt_tier, 0,
	    "sets of limits" },
	{ "default_tier", OPT_STR, C(default_tier), 0, "free", NULL, NULL, 0,
	    "tier of keys that name none" },
	{ "keys", OPT_LIST, C(keys), C(n_keys), NULL, NULL, &opt_key, 0,
	    "client keys of the file" },
	{ "teams", OPT_LIST, C(teams), C(n_teams), NULL, NULL, &opt_team,
	    LATER, "limits that several keys share" },
	GROUP(limits, "how limits are applied"),
	GROUP(prices, "what tokens cost"),
	GROUP(cache, "the response cache"),
	GROUP(session, "conversations"),
	GROUP(ledger, "usage records"),
	GROUP(models, "model lists"),
	GROUP(shared, "limits over several machines"),
	GROUP(otel, "traces"),
	{ NULL }
};

const struct opt_section opt_root = { "", root_rows, sizeof(struct conf),
	0, 0 };

const char opt_default_lists[] =
    "listen = ( { address = \"127.0.0.1:8080\"; } );\n"
    "tiers = (\n"
    "  { name = \"free\"; rps = 5; rpm = 100; rpd = 1000;\n"
    "    max_tokens = 1000000L; min_score = 0; max_score = 70; },\n"
    "  { name = \"pro\"; rps = 20; rpm = 1000; rpd = 10000;\n"
    "    max_tokens = 10000000L; min_score = 50; },\n"
    "  { name = \"enterprise\"; rps = 100; rpm = 5000; rpd = 100000;\n"
    "    min_score = 85; }\n"
    ");\n";
