/*
 * ctl_key_opts.c - options of the key commands, to fields of a record.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "admin/ctl_key.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "conf/conf.h"
#include "conf/net.h"

const struct ctl_opt ctl_key_options[] = {
	{ "--name", "NAME", "name, unique" },
	{ "--tier", "TIER", "tier whose limits apply" },
	{ "--role", "ROLE", "user, admin or root" },
	{ "--team", "TEAM", "team whose budgets apply too" },
	{ "--rps", "N", "requests in a second; 0: unlimited; inherit" },
	{ "--rpm", "N", "requests in a minute" },
	{ "--rpd", "N", "requests in 24 hours" },
	{ "--tpm", "N", "tokens in a minute" },
	{ "--hourly-limit", "N", "requests in a calendar hour" },
	{ "--daily-limit", "N", "requests in a calendar day" },
	{ "--cooldown", "TIME", "rest between two requests, \"2s\"" },
	{ "--max-concurrency", "N", "requests at the same time" },
	{ "--max-tokens", "N", "tokens for the life of the key" },
	{ "--budget", "USD/PERIOD",
	    "day, week, month or total; up to four times; \"none\"" },
	{ "--expires", "WHEN", "2027-12-31, 30d or never" },
	{ "--groups", "LIST", "only these groups, a,b,c; \"\": all" },
	{ "--models", "LIST", "only these models" },
	{ "--providers", "LIST", "only these providers" },
	{ "--allow-from", "LIST", "only from these networks" },
	{ NULL, NULL, NULL }
};

static const struct {
	const char	*option;
	size_t		 offset;
	int		 is_time;
} ctl_key_limits[] = {
	{ "--rps", offsetof(struct key_rec, rps), 0 },
	{ "--rpm", offsetof(struct key_rec, rpm), 0 },
	{ "--rpd", offsetof(struct key_rec, rpd), 0 },
	{ "--tpm", offsetof(struct key_rec, tpm), 0 },
	{ "--hourly-limit", offsetof(struct key_rec, hourly_limit), 0 },
	{ "--daily-limit", offsetof(struct key_rec, daily_limit), 0 },
	{ "--cooldown", offsetof(struct key_rec, cooldown), 1 },
	{ "--max-concurrency", offsetof(struct key_rec, max_concurrency), 0 },
	{ "--max-tokens", offsetof(struct key_rec, max_tokens), 0 },
};
#define CTL_KEY_LIMITS (sizeof(ctl_key_limits) / sizeof(ctl_key_limits[0]))

static const char *const ctl_key_roles[] = { "user", "admin", "root" };
static const char *const ctl_key_periods[] = {
	"day", "week", "month", "total"
};

const char *
ctl_key_role(enum key_role role)
{
	return (unsigned)role < 3 ? ctl_key_roles[role] : "unknown";
}

const char *
ctl_key_period(uint32_t period)
{
	return period < 4 ? ctl_key_periods[period] : "unknown";
}

void
ctl_key_blank(struct key_rec *rec)
{
	size_t i;

	memset(rec, 0, sizeof(*rec));
	rec->enabled = 1;
	for (i = 0; i < CTL_KEY_LIMITS; i++)
		*(uint64_t *)((char *)rec + ctl_key_limits[i].offset) =
		    KEY_UNSET;
}

int
ctl_key_name_ok(const char *name)
{
	size_t i, n = strlen(name);

	if (n == 0 || n > KEY_NAME_MAX || name[0] == '-' || name[0] == ' ' ||
	    name[n - 1] == ' ')
		return 0;
	for (i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f ||
		    name[i] == ',' || name[i] == '"' || name[i] == '\\')
			return 0;
	return 1;
}

static int
ctl_key_digits(const char *text, size_t at, size_t n, int *out)
{
	uint64_t v;

	if (num_u64(str_make(text + at, n), &v) < 0)
		return ERR_FORMAT;
	*out = (int)v;
	return 0;
}

/* The last second of a day in the process's zone. */
static int
ctl_key_day(const char *text, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 }, check;
	time_t t;
	int year;

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    ctl_key_digits(text, 0, 4, &year) < 0 ||
	    ctl_key_digits(text, 5, 2, &tm.tm_mon) < 0 ||
	    ctl_key_digits(text, 8, 2, &tm.tm_mday) < 0)
		return ERR_FORMAT;
	tm.tm_year = year - 1900;
	tm.tm_mon--;
	check = tm;
	tm.tm_mday++;			/* midnight after it */
	t = mktime(&tm);
	if (t == (time_t)-1 || check.tm_mon < 0 || check.tm_mon > 11 ||
	    check.tm_mday < 1 || year < 2000)
		return ERR_FORMAT;
	check.tm_isdst = -1;
	year = check.tm_mday;
	if (mktime(&check) == (time_t)-1 || check.tm_mday != year)
		return ERR_FORMAT;	/* February 30 */
	*out = (int64_t)t * CLOCK_US_S;
	return 0;
}

int
ctl_key_expires(const char *text, int64_t *out)
{
	int64_t us;

	if (strcmp(text, "never") == 0) {
		*out = 0;
		return 0;
	}
	if (num_time_us(str_of(text), &us) == 0 && us > 0) {
		*out = clock_real_us() + us;
		return 0;
	}
	return ctl_key_day(text, out);
}

int
ctl_key_budget(const char *text, int64_t *amount, uint32_t *period)
{
	struct str rest = str_of(text), part;

	if (!str_split(&rest, '/', &part) ||
	    num_decimal(part, 12, amount) < 0 || *amount <= 0)
		return ERR_FORMAT;
	for (*period = 0; *period < 4; (*period)++)
		if (str_eqc(rest, ctl_key_periods[*period]))
			return 0;
	return ERR_FORMAT;
}

static int
ctl_key_limit(const char *text, int is_time, uint64_t *out)
{
	int64_t us;

	if (strcmp(text, "inherit") == 0) {
		*out = KEY_UNSET;
		return 0;
	}
	if (!is_time)
		return num_u64(str_of(text), out);
	if (num_time_us(str_of(text), &us) < 0)
		return ERR_FORMAT;
	*out = (uint64_t)us;
	return 0;
}

static int
ctl_key_budgets(const struct ctl_call *call, struct key_rec *rec)
{
	const char *v;
	unsigned i;

	if ((v = ctl_opt(call, "--budget")) == NULL)
		return 0;
	rec->n_budgets = 0;
	if (strcmp(v, "none") == 0)
		return 0;
	for (i = 0; (v = ctl_opt_nth(call, "--budget", (int)i)) != NULL;
	    i++) {
		if (i >= KEY_BUDGETS || ctl_key_budget(v,
		    &rec->budgets[i].amount, &rec->budgets[i].period) < 0)
			return ERR_FORMAT;
		rec->n_budgets = i + 1;
	}
	return 0;
}

static int
ctl_key_networks(const char *list, char *err, size_t errsize)
{
	struct str rest = str_of(list), net;
	struct conf_cidr c;
	const char *why;

	while (rest.n > 0 && str_split(&rest, ',', &net))
		if ((net = str_trim(net)).n > 0 &&
		    (why = conf_cidr_parse(net, &c)) != NULL) {
			snprintf(err, errsize, "--allow-from: \"%.*s\": %s",
			    STR_ARG(net), why);
			return ERR_FORMAT;
		}
	return 0;
}

/* What is named now must be there; what was named earlier may have gone. */
static int
ctl_key_names(const struct ctl_call *call, char *err, size_t errsize)
{
	static const char *const options[] = { "--groups", "--providers" };
	const struct conf *conf = call->admin->c->conf;
	struct str rest, name;
	size_t i;

	for (i = 0; i < 2; i++) {
		rest = str_of(ctl_opt(call, options[i]));
		while (rest.n > 0 && str_split(&rest, ',', &name))
			if ((name = str_trim(name)).n > 0 &&
			    (i == 0 ? conf_group(conf, name) == NULL :
			    conf_provider(conf, name) == NULL)) {
				snprintf(err, errsize, "no %s is named %.*s",
				    i == 0 ? "group" : "provider",
				    STR_ARG(name));
				return ERR_FORMAT;
			}
	}
	return 0;
}

/* Commas alone restrict nothing, which nobody means who writes them. */
static int
ctl_key_is_list(const char *v)
{
	return *v == '\0' || v[strspn(v, ", \t")] != '\0';
}

/* Text fields: option, destination, its size, is it a list. */
static int
ctl_key_texts(const struct ctl_call *call, struct key_rec *rec, char *err,
    size_t errsize)
{
	const struct {
		const char	*option;
		char		*dst;
		size_t		 size;
		int		 list;
	} rows[] = {
		{ "--name", rec->name, sizeof(rec->name), 0 },
		{ "--tier", rec->tier, sizeof(rec->tier), 0 },
		{ "--team", rec->team, sizeof(rec->team), 0 },
		{ "--groups", rec->groups, sizeof(rec->groups), 1 },
		{ "--models", rec->models, sizeof(rec->models), 1 },
		{ "--providers", rec->providers, sizeof(rec->providers), 1 },
		{ "--allow-from", rec->allow_from, sizeof(rec->allow_from),
		    1 },
	};
	const char *v;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = ctl_opt(call, rows[i].option);
		if (v == NULL)
			continue;
		if (rows[i].list && !ctl_key_is_list(v)) {
			snprintf(err, errsize, "%s has no entry; without any "
			    "(\"\") all are allowed", rows[i].option);
			return ERR_FORMAT;
		}
		if (str_copy(rows[i].dst, rows[i].size, str_of(v)) < 0) {
			snprintf(err, errsize, "%s is too long",
			    rows[i].option);
			return ERR_FORMAT;
		}
	}
	return 0;
}

static int
ctl_key_check(const struct ctl_call *call, const struct key_rec *rec,
    char *err, size_t errsize)
{
	const struct conf *conf = call->admin->c->conf;

	if (rec->name[0] == '\0')
		snprintf(err, errsize, "the key needs a name: \"aigwctl key "
		    "create NAME\"");
	else if (!ctl_key_name_ok(rec->name))
		snprintf(err, errsize, "a name has 1 to %d bytes, no control "
		    "bytes, comma, quote or backslash", KEY_NAME_MAX);
	else if (rec->tier[0] != '\0' && conf_tier(conf, rec->tier) == NULL)
		snprintf(err, errsize, "no tier is named %s", rec->tier);
	else
		return ctl_key_networks(rec->allow_from, err, errsize) < 0 ||
		    ctl_key_names(call, err, errsize) < 0 ? ERR_FORMAT : 0;
	return ERR_FORMAT;
}

int
ctl_key_apply(const struct ctl_call *call, struct key_rec *rec, char *err,
    size_t errsize)
{
	const char *v;
	size_t i;

	for (i = 0; i < CTL_KEY_LIMITS; i++) {
		v = ctl_opt(call, ctl_key_limits[i].option);
		if (v != NULL && ctl_key_limit(v, ctl_key_limits[i].is_time,
		    (uint64_t *)((char *)rec + ctl_key_limits[i].offset)) <
		    0) {
			snprintf(err, errsize, "%s: %.64s is no %s",
			    ctl_key_limits[i].option, v,
			    ctl_key_limits[i].is_time ? "time" : "number");
			return ERR_FORMAT;
		}
	}
	v = ctl_opt(call, "--role");
	for (i = 0; v != NULL && i < 3; i++)
		if (strcmp(v, ctl_key_roles[i]) == 0) {
			rec->role = (enum key_role)i;
			v = NULL;
		}
	if (v != NULL) {
		snprintf(err, errsize, "--role is user, admin or root");
		return ERR_FORMAT;
	}
	if ((v = ctl_opt(call, "--expires")) != NULL &&
	    ctl_key_expires(v, &rec->expires_us) < 0) {
		snprintf(err, errsize,
		    "--expires wants 2027-12-31, 30d or never");
		return ERR_FORMAT;
	}
	if (v != NULL && rec->expires_us != 0 &&
	    rec->expires_us <= clock_real_us()) {
		snprintf(err, errsize, "--expires: %.32s is over; \"aigwctl "
		    "key disable\" stops a key now", v);
		return ERR_FORMAT;
	}
	if (ctl_key_budgets(call, rec) < 0) {
		snprintf(err, errsize, "--budget wants USD/PERIOD, as "
		    "25/month, at most %d times, or none", KEY_BUDGETS);
		return ERR_FORMAT;
	}
	if (ctl_key_texts(call, rec, err, errsize) < 0)
		return ERR_FORMAT;
	return ctl_key_check(call, rec, err, errsize);
}
