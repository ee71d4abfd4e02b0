/*
 * conf.h - one configuration, immutable: what aigw.conf and the environment
 * say together.
 *
 * Everything lives in one arena; strings are never NULL, "" when unset. Times
 * are microseconds, sizes bytes, money pico-dollars. Names are those of the
 * file. A process never changes its configuration; it is replaced.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"
#include "conf/dialects.h"

#define CONF_NAME_MAX	64	/* bytes of an id or name, without NUL */

/* An IPv4 or IPv6 network; v4 is kept as v4-mapped. */
struct conf_cidr {
	unsigned char	addr[16];
	unsigned	bits;		/* 0..128 */
};

struct conf_strs {
	const char	**v;
	unsigned	 n;
};

struct conf_cidrs {
	struct conf_cidr *v;
	unsigned	 n;
};

struct conf_listen {
	const char	*address;	/* as written */
	int		 tls;
	const char	*tls_certificate, *tls_key, *tls_min_version;
	/* PEM texts, loaded by the master; NULL but in the workers' share */
	struct secret	*tls_certificate_pem, *tls_key_pem;
	const char	*mode;		/* of a Unix socket, "0660" */
	int		 admin;		/* the admin listener */
};

struct conf_upkey {
	struct secret	*key;		/* NULL but for worker and checker */
	const char	*source;	/* "env:NAME", "file:...", "literal" */
	unsigned char	 id[8];		/* first bytes of the SHA-256 */
	double		 weight;
	double		 max_qps;	/* 0: unlimited */
};

/* DIALECT_OPENAI and so on. */
enum conf_dialect {
#define X(id, name, ...) DIALECT_##id,
	DIALECTS(X)
#undef X
	DIALECT_COUNT
};

/*
 * What a provider speaks natively: bits of conf_provider.apis. CHAT is the
 * chat operation of the provider's own dialect; RESPONSES and MESSAGES are the
 * two other formats an OpenAI-like server may speak as well (MESSAGES is
 * always set for anthropic).
 */
#define CONF_API_CHAT		0x01u
#define CONF_API_RESPONSES	0x02u
#define CONF_API_EMBEDDINGS	0x04u
#define CONF_API_IMAGES		0x08u
#define CONF_API_AUDIO		0x10u
#define CONF_API_MODERATIONS	0x20u
#define CONF_API_COMPLETIONS	0x40u
#define CONF_API_RERANK		0x80u
#define CONF_API_MESSAGES	0x100u

enum conf_price_unit { PRICE_PER_MTOK, PRICE_PER_CALL };

struct conf_price {
	int		 set;
	enum conf_price_unit unit;
	int64_t		 input, output;	/* pico-dollars per token, or per call */
	int64_t		 cached_input;	/* -1: as input */
	int64_t		 cache_write;	/* -1: as input */
	int64_t		 reasoning;	/* -1: as output */
	/* told by price_find only */
	uint64_t	 max_output;	/* of the model; 0: unknown */
	int		 unknown;	/* nobody names a price: the default */
};

/* Set of HTTP statuses 0..599. */
struct conf_statuses {
	int		 set;		/* always 1 after conf_load */
	uint64_t	 bits[10];
};

struct conf_provider {
	const char	*id, *name;
	enum conf_dialect dialect;
	unsigned	 apis;
	const char	*base_url, *api_path;
	/* base_url in parts */
	int		 https;
	const char	*host;		/* no brackets */
	const char	*host_header;	/* with port when not the default */
	unsigned	 port;
	const char	*base_path;	/* "" or "/x", no slash at the end */
	/* base_path and api_path joined, no slash at the end: "/v1" */
	const char	*api_prefix;
	struct conf_upkey *keys;
	unsigned	 n_keys;
	const char	*auth_header, *auth_format;
	const char	*api_version;		/* azure: in the query */
	struct conf_strs header_names, header_values;
	struct conf_strs forward_headers;
	struct conf_strs models;
	/* whole request path, base_path included; may have a query */
	const char	*models_path;
	int64_t		 models_ttl;
	double		 weight;
	int		 priority;
	const char	*region;
	double		 max_qps;
	unsigned	 max_concurrency;
	struct conf_price price;
	struct conf_statuses retryable_status;
	int64_t		 connect_timeout, first_token_timeout, idle_timeout,
			 total_timeout;
	int		 drain_on_disconnect;	/* 0: cancel */
	int		 usage_leave;		/* 0: ask */
	struct conf_cidrs allow_private;
	const char	*proxy;
	int		 http2;
	int		 tls_verify;
	const char	*tls_ca_file, *tls_client_certificate, *tls_client_key;
	/* the texts of these files, as in conf_listen; NULL: none */
	struct secret	*tls_ca_pem, *tls_client_certificate_pem,
			*tls_client_key_pem;
	int		 mask_as_browser;
	const char	*mask_user_agent, *mask_origin, *mask_referer;
	struct {
		const char	*path;	/* whole, as models_path */
		const char	*method, *body;
		int64_t		 interval, timeout, unhealthy_retry;
	} health;
	int		 enabled;
	const char	*file;		/* where it was defined, or "env" */
	int		 line;
};

enum conf_strategy {
	STRATEGY_PRIORITY, STRATEGY_WEIGHTED, STRATEGY_ROUND_ROBIN,
	STRATEGY_BALANCED, STRATEGY_LATENCY_FIRST, STRATEGY_COST_FIRST,
	STRATEGY_RELIABILITY_FIRST, STRATEGY_CHEAPEST, STRATEGY_LEAST_BUSY,
	STRATEGY_TIER_SCORE, STRATEGY_PREFIX_AFFINITY, STRATEGY_COUNT
};

struct conf_target {
	const char	*provider, *model;	/* model "": as requested */
	int		 provider_index;	/* in conf.providers */
	int		 priority;
	double		 weight;
	const char	*region;
	struct conf_price price;
};

struct conf_group {
	const char	*name, *display_name, *description;
	struct conf_strs capabilities;
	enum conf_strategy strategy;
	struct conf_target *targets;
	unsigned	 n_targets;
	struct conf_strs fallbacks, on_context_length, on_content_policy;
	int		 hedge;
	const char	*hedge_after;
	double		 hedge_budget;
	int		 failure_keywords;
	int		 sticky;		/* 0 none, 1 session, 2 prefix */
	int		 strict;
	uint64_t	 reserve_output;
	int		 enabled;
	const char	*file;
	int		 line;
};

enum conf_period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_TOTAL };

struct conf_budget {
	int64_t		 amount;	/* pico-dollars */
	enum conf_period period;
};

#define CONF_UNSET	UINT64_MAX	/* a limit to be inherited */
#define CONF_BUDGETS	4

/* Limits of a tier or a key; CONF_UNSET: inherit; 0: unlimited. */
struct conf_limits {
	uint64_t	 rps, rpm, rpd, tpm, hourly_limit, daily_limit,
			 cooldown /* us */, max_concurrency, max_tokens;
	int64_t		 queue_priority;
	struct conf_budget budgets[CONF_BUDGETS];
	unsigned	 n_budgets;
};

struct conf_tier {
	const char	*name;
	struct conf_limits limits;
	double		 min_score, max_score;	/* < 0: open */
};

enum conf_role { ROLE_USER, ROLE_ADMIN, ROLE_ROOT };

struct conf_key {
	const char	*name;
	unsigned char	 hash[32];	/* SHA-256 of the secret */
	enum conf_role	 role;
	const char	*tier;
	struct conf_strs groups, providers, models;
	struct conf_limits limits;
	int64_t		 expires;	/* end of that day, real us; 0: never */
	const char	*expires_day;	/* "2027-12-31" as written, or "" */
	struct conf_cidrs allow_from;
	const char	*team;
	struct conf_strs meta_names, meta_values;
	int		 enabled;
	const char	*file;
	int		 line;
};

struct conf_team {
	const char	*name;
	struct conf_limits limits;
};

struct conf_alias {
	const char	*match, *use;
	const char	*file;
	int		 line;
};

enum conf_route { ROUTE_AUTO, ROUTE_ON, ROUTE_OFF };

struct conf {
	struct arena	*arena;
	struct hmap	*provider_by_id, *group_by_name;
	int64_t		 loaded_us;	/* real time; in a child of the share */

	const char	*include_dir, *user, *group;
	unsigned	 workers;	/* resolved: at least 1 */
	const char	*state_dir, *run_dir, *log_dir;
	int		 log_level;	/* enum log_level */
	int		 log_combined;	/* 0: json */
	const char	*syslog, *timezone;
	int64_t		 drain_timeout;
	int		 sandbox;
	struct secret	*secret_key;	/* NULL: the generated one */
	const char	*secret_key_source;	/* as conf_upkey.source, or "" */

	struct conf_listen *listen;
	unsigned	 n_listen;
	struct {
		const char	*listen;
		int		 public, metrics_public;
		const char	*username;
		struct secret	*password;	/* NULL: the generated one */
		const char	*password_source;
	} admin;
	struct {
		int64_t		 header_timeout, body_timeout, idle_timeout,
				 write_timeout;
		uint64_t	 max_header, max_body;
		unsigned	 max_connections;
		uint64_t	 buffer_budget, hold_max;
		int64_t		 commit_after, max_lag;
		struct conf_cidrs trusted_proxies;
		int		 proxy_protocol;
		struct conf_cidrs allow_from;
		struct conf_strs cors_origins;
	} client;
	struct {
		int		 required;
		struct secret	*gateway_token;	/* NULL: none */
		const char	*gateway_token_source;
		int		 anonymous_unified_chat;
	} auth;
	struct {
		enum conf_route
#define X(id, name, ...) name,
				 DIALECTS(X)	/* openai and so on */
#undef X
				 openrouter;
		int		 admin, models, unified, platforms, dashboard,
				 info;
	} routes;
	struct conf_provider *providers;
	unsigned	 n_providers;
	struct conf_group *groups;
	unsigned	 n_groups;
	struct {
		unsigned	 threshold;
		int64_t		 window;
		double		 min_failure_ratio;
		int64_t		 half_open_after;
		unsigned	 disable_after_consecutive_errors;
		double		 eject_slower_than;
		unsigned	 max_attempts;
	} failover;
	struct conf_strs failure_keywords;
	enum conf_strategy default_strategy;
	struct conf_alias *aliases;
	unsigned	 n_aliases;
	struct conf_tier *tiers;
	unsigned	 n_tiers;
	const char	*default_tier;
	struct conf_key	*keys;
	unsigned	 n_keys;
	struct conf_team *teams;
	unsigned	 n_teams;
	struct {
		int		 shadow;
		int64_t		 rotate_grace;
		unsigned	 queue_size;
		int64_t		 queue_wait;
	} limits;
	struct {
		const char	*file;
		int		 unknown;	/* 0 default 1 refuse 2 free */
		int64_t		 default_input, default_output; /* per token */
	} prices;
	struct {
		int		 enabled;
		int64_t		 ttl;
		uint64_t	 max_size, max_entry;
		int		 streams;
		int		 scope;		/* 0 key 1 team 2 all */
	} cache;
	struct {
		const char	*header;
		int64_t		 ttl;
		int		 context;
		unsigned	 context_entries;
		int64_t		 context_ttl;
	} session;
	struct {
		int64_t		 flush;
		uint64_t	 spool_max;
		int		 call_log, call_log_bodies;
		int64_t		 retention;
		uint64_t	 max_size;
	} ledger;
	struct {
		int64_t		 cache_ttl;
		int		 public;
	} models;
	struct {
		const char	*redis, *prefix;
		int64_t		 interval;
		const char	*on_outage;
	} shared;
	struct {
		const char	*endpoint;
		double		 sample;
	} otel;
};

enum conf_severity { CONF_NOTICE, CONF_WARNING, CONF_MISTAKE };

/* Everything that was said about a configuration, in order. */
struct conf_problem {
	enum conf_severity severity;
	const char	*file;		/* or "environment" */
	int		 line;		/* 0: unknown */
	const char	*text;		/* names the option and the remedy */
};

struct conf_report {
	struct arena	*arena;
	struct conf_problem *v;
	unsigned	 n, cap;
	unsigned	 mistakes;
};

struct conf_source {
	const char	*path;		/* NULL: no file, environment only */
	const char	*text;		/* instead of path: the file's text */
	const char	*env_file;	/* --env-file, or NULL */
	char		**env;		/* environ; NULL: none */
	int		 resolve;	/* 1: read secrets; 0: syntax only */
	int		 child;		/* 1: text made by conf_share */
	struct str	 secrets;	/* of a share: what is behind its text */
};

/*
 * Load and check. 0 and *out (conf_free), or ERR_FORMAT when the report has
 * mistakes (then *out is NULL). The report is filled in both cases and freed
 * with conf_report_free.
 */
int conf_load(const struct conf_source *src, struct conf **out,
    struct conf_report *report);
void conf_free(struct conf **cp);
void conf_report_free(struct conf_report *r);
/* "file:line: severity: text", one line each. */
int conf_report_print(const struct conf_report *r, struct buf *b);
/* The same to the error log, each at its level. */
void conf_report_log(const struct conf_report *r);

/* The effective configuration as text that conf_load reads; secrets masked. */
int conf_dump(const struct conf *c, struct buf *b);
/*
 * The share of one role, secrets resolved: what the sealed memfd carries. A
 * text in which each secret is a number, a NUL, then the secrets, each with a
 * NUL behind it: the parser of the text copies at will and wipes nothing. role
 * is an enum board_role. The caller wipes the buffer.
 */
int conf_share(const struct conf *c, int role, struct buf *b);
/* 1 when a header is a credential by its name: its value is masked. */
int conf_header_is_secret(const char *name);

struct conf_provider *conf_provider(const struct conf *c, struct str id);
struct conf_group *conf_group(const struct conf *c, struct str name);
struct conf_tier *conf_tier(const struct conf *c, const char *name);
/* An allow list: an empty one allows all, else one of its patterns must fit. */
int conf_allows(const struct conf_strs *l, struct str s);
const char *conf_dialect_name(enum conf_dialect d);
/* What only a restart can change, when that differs; else NULL. */
const char *conf_fixed(const struct conf *was, const struct conf *now);
/* Join two paths without doubling a segment: "/v1" and "/v1/models" are
 * "/v1/models"; "" and "/x/" are "/x". In the arena. */
const char *conf_join(struct arena *a, const char *base, const char *path);
/* 1 when addr (v4 mapped) lies in one of the networks. */
int conf_cidrs_match(const struct conf_cidrs *l, const unsigned char addr[16]);

#endif
