/*
 * conf_table_key.c - the option table: tiers, client keys, teams.
 *
 * Runs in: every process.
 * Owns: nothing; constant data.
 */
#include "conf/opt.h"

#define LATER	OPT_F_LATER

#define B(f)	offsetof(struct conf_budget, f)
static const struct opt budget_rows[] = {
	{ "period", OPT_ENUM, B(period), 0, "month", "day|week|month|total",
	    NULL, 0, "when it begins again" },
	{ "amount", OPT_USD, B(amount), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "USD" },
	{ NULL }
};
static const struct opt_section opt_budget = { "budgets", budget_rows,
	sizeof(struct conf_budget), 0, 0 };

_Static_assert(CONF_BUDGETS == 4, "the row of budgets says 4");
/* All limits inherit; 0 is no limit. */
#define LIMIT(T, f, fl, text) { #f, OPT_LIMIT, offsetof(T, limits.f), 0, \
	NULL, NULL, NULL, fl, text }
#define LIMIT_ROWS(T) \
	LIMIT(T, rps, 0, "requests in a second"), \
	LIMIT(T, rpm, 0, "requests in 60 seconds"), \
	LIMIT(T, rpd, 0, "requests in 24 hours"), \
	LIMIT(T, tpm, 0, "tokens in 60 seconds"), \
	LIMIT(T, hourly_limit, 0, "requests in a calendar hour"), \
	LIMIT(T, daily_limit, 0, "requests in a calendar day"), \
	{ "cooldown", OPT_LIMIT_TIME, offsetof(T, limits.cooldown), 0, NULL, \
	    NULL, NULL, 0, "least time between two requests" }, \
	LIMIT(T, max_concurrency, 0, "requests at once"), \
	LIMIT(T, max_tokens, 0, "tokens in the life of the key"), \
	{ "queue_priority", OPT_I64, offsetof(T, limits.queue_priority), 0, \
	    "0", "-1000..1000", NULL, LATER, "higher is served first" }, \
	{ "budgets", OPT_LIST, offsetof(T, limits.budgets), \
	    offsetof(T, limits.n_budgets), NULL, "4", &opt_budget, LATER, \
	    "money that may be spent" }

static const struct opt tier_rows[] = {
	{ "name", OPT_STR, offsetof(struct conf_tier, name), 0, NULL, NULL,
	    NULL, OPT_F_REQUIRED, "name of the tier" },
	LIMIT_ROWS(struct conf_tier),
	{ "min_score", OPT_SCORE, offsetof(struct conf_tier, min_score), 0,
	    NULL, "0..100", NULL, LATER, "least score of its providers" },
	{ "max_score", OPT_SCORE, offsetof(struct conf_tier, max_score), 0,
	    NULL, "0..100", NULL, LATER, "highest score of its providers" },
	{ NULL }
};
const struct opt_section opt_tier = { "tiers", tier_rows,
	sizeof(struct conf_tier), 0, 0 };

#define K(f)	offsetof(struct conf_key, f)
static const struct opt key_rows[] = {
	{ "name", OPT_STR, K(name), 0, NULL, NULL, NULL, OPT_F_REQUIRED,
	    "name in logs and reports" },
	{ "secret", OPT_HASHED, K(hash), 0, NULL, NULL, NULL, OPT_F_NODUMP,
	    "the key itself" },
	{ "hash", OPT_HASH, K(hash), 0, NULL, NULL, NULL,
	    OPT_F_WORKER | OPT_F_ADMIN, "\"sha256:\" and its SHA-256 in hex" },
	{ "role", OPT_ENUM, K(role), 0, "user", "user|admin|root", NULL, 0,
	    "what it may do" },
	{ "tier", OPT_STR, K(tier), 0, "", NULL, NULL, 0,
	    "its tier; \"\": default_tier" },
	{ "groups", OPT_STRS, K(groups), 0, NULL, NULL, NULL, 0,
	    "groups it may use; empty: all" },
	{ "providers", OPT_STRS, K(providers), 0, NULL, NULL, NULL, 0,
	    "providers it may use; empty: all" },
	{ "models", OPT_STRS, K(models), 0, NULL, NULL, NULL, 0,
	    "models it may use; empty: all" },
	LIMIT_ROWS(struct conf_key),
	{ "expires", OPT_DAY, K(expires_day), 0, "", NULL, NULL, 0,
	    "last day it works, YYYY-MM-DD" },
	{ "allow_from", OPT_CIDRS, K(allow_from), 0, NULL, NULL, NULL, 0,
	    "networks it may be used from; empty: all" },
	{ "metadata", OPT_MAP, K(meta_names), K(meta_values), NULL, NULL,
	    NULL, 0, "names and values; team is its team" },
	{ "enabled", OPT_BOOL, K(enabled), 0, "true", NULL, NULL, 0,
	    "false: refused" },
	{ "expires_at", OPT_I64, K(expires), 0, "0", NULL, NULL,
	    OPT_F_SHARE, "" },
	{ "file", OPT_STR, K(file), 0, NULL, NULL, NULL, OPT_F_SHARE, "" },
	{ "line", OPT_INT, K(line), 0, NULL, NULL, NULL, OPT_F_SHARE, "" },
	{ NULL }
};
const struct opt_section opt_key = { "keys", key_rows,
	sizeof(struct conf_key), K(file), K(line) };

static const struct opt team_rows[] = {
	{ "name", OPT_STR, offsetof(struct conf_team, name), 0, NULL, NULL,
	    NULL, OPT_F_REQUIRED | LATER, "name of the team" },
	LIMIT_ROWS(struct conf_team),
	{ NULL }
};
const struct opt_section opt_team = { "teams", team_rows,
	sizeof(struct conf_team), 0, 0 };
