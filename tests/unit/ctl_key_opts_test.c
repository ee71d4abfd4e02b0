/* ctl_key_opts_test.c - options of the key commands. */
#include <stdio.h>

#include "admin/ctl_key.h"
#include "base/clock.h"
#include "base/err.h"
#include "tap.h"

static struct conf_tier tier = { .name = "pro" };
static struct conf conf = { .tiers = &tier, .n_tiers = 1 };
static struct child child = { .conf = &conf };
static struct admin admin = { .c = &child };
static struct ctl_call call;
static struct key_rec rec;
static char err[200];

static void
blank(void)
{
	memset(&call, 0, sizeof(call));
	call.admin = &admin;
	ctl_key_blank(&rec);
	str_copy(rec.name, sizeof(rec.name), STR("ann"));
}

static void
give(const char *name, const char *value)
{
	const struct ctl_opt *o = ctl_key_options;

	while (o->name != NULL && strcmp(o->name, name) != 0)
		o++;
	OK(o->name != NULL);
	call.opt[call.n_opts].opt = o;
	call.opt[call.n_opts++].value = value;
}

static int
apply(void)
{
	err[0] = '\0';
	return ctl_key_apply(&call, &rec, err, sizeof(err));
}

TEST(blank_inherits_everything)
{
	blank();
	EQ_INT(apply(), 0);
	OK(rec.rps == KEY_UNSET && rec.max_tokens == KEY_UNSET);
	EQ_INT(rec.enabled, 1);
	EQ_INT(rec.role, KEY_USER);
}

TEST(limits)
{
	blank();
	give("--rps", "5");
	give("--tpm", "0");
	give("--cooldown", "2s");
	give("--rpd", "inherit");
	EQ_INT(apply(), 0);
	EQ_INT(rec.rps, 5);
	EQ_INT(rec.tpm, 0);
	EQ_INT(rec.cooldown, 2 * CLOCK_US_S);
	OK(rec.rpd == KEY_UNSET);
	blank();
	give("--rps", "-1");
	EQ_INT(apply(), ERR_FORMAT);
	EQ_STR(err, "--rps: -1 is no number");
	blank();
	give("--cooldown", "2");
	EQ_INT(apply(), ERR_FORMAT);
}

TEST(budgets_replace_all)
{
	blank();
	give("--budget", "25.5/month");
	give("--budget", "1/day");
	EQ_INT(apply(), 0);
	EQ_INT(rec.n_budgets, 2);
	EQ_INT(rec.budgets[0].amount, 25500000000000LL);
	EQ_STR(ctl_key_period(rec.budgets[0].period), "month");
	memset(&call, 0, sizeof(call));
	call.admin = &admin;
	give("--budget", "none");
	EQ_INT(apply(), 0);
	EQ_INT(rec.n_budgets, 0);
}

TEST(bad_budgets)
{
	static const char *const bad[] = {
		"", "5", "5/", "/day", "-1/day", "0/day", "5/year", "x/day",
		"5/day/week", "1e30/day",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		blank();
		give("--budget", bad[i]);
		if (apply() != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	}
	blank();
	for (i = 0; i < KEY_BUDGETS + 1; i++)
		give("--budget", "1/day");
	EQ_INT(apply(), ERR_FORMAT);
}

TEST(expiry)
{
	static const char *const bad[] = {
		"", "2026", "2026-13-01", "2026-00-10", "2026-02-30",
		"2026-1-1", "1999-01-01", "soon", "-1d", "2026-02-2x",
	};
	int64_t us, now = clock_real_us();
	size_t i;

	EQ_INT(clock_set_zone("UTC"), 0);
	EQ_INT(ctl_key_expires("never", &us), 0);
	EQ_INT(us, 0);
	EQ_INT(ctl_key_expires("2027-12-31", &us), 0);
	EQ_INT(us, 1830297600LL * CLOCK_US_S);	/* 2028-01-01T00:00Z */
	EQ_INT(ctl_key_expires("2028-02-29", &us), 0);
	EQ_INT(ctl_key_expires("30d", &us), 0);
	OK(us >= now + 30 * 86400 * CLOCK_US_S);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ctl_key_expires(bad[i], &us) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
}

TEST(names)
{
	char longest[KEY_NAME_MAX + 2];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	EQ_INT(ctl_key_name_ok(longest), 0);
	EQ_INT(ctl_key_name_ok(longest + 1), 1);
	OK(ctl_key_name_ok("ann@example.org") && ctl_key_name_ok("\xc3\xa4"));
	OK(!ctl_key_name_ok("") && !ctl_key_name_ok("a,b") &&
	    !ctl_key_name_ok("a\nb") && !ctl_key_name_ok("-x") &&
	    !ctl_key_name_ok(" x") && !ctl_key_name_ok("a\"b"));
}

TEST(texts)
{
	blank();
	give("--tier", "pro");
	give("--role", "root");
	give("--models", "a,b");
	give("--allow-from", "10.0.0.0/8,2001:db8::/32,127.0.0.1");
	EQ_INT(apply(), 0);
	EQ_INT(rec.role, KEY_ROOT);
	EQ_STR(rec.models, "a,b");
	blank();
	give("--tier", "gold");
	EQ_INT(apply(), ERR_FORMAT);
	EQ_STR(err, "no tier is named gold");
	blank();
	give("--role", "king");
	EQ_INT(apply(), ERR_FORMAT);
	blank();
	give("--allow-from", "10.0.0.0/33");
	EQ_INT(apply(), ERR_FORMAT);
	blank();
	give("--allow-from", "localhost");
	EQ_INT(apply(), ERR_FORMAT);
	blank();
	give("--allow-from", "");
	EQ_INT(apply(), 0);
	blank();
	give("--allow-from", ",");	/* "$A,$B" of a script */
	EQ_INT(apply(), ERR_FORMAT);
	EQ_STR(err, "--allow-from has no entry; without any (\"\") all are "
	    "allowed");
	blank();
	give("--models", " , ");
	EQ_INT(apply(), ERR_FORMAT);
}

TAP_BEGIN
TAP_ROW(blank_inherits_everything)
TAP_ROW(limits)
TAP_ROW(budgets_replace_all)
TAP_ROW(bad_budgets)
TAP_ROW(expiry)
TAP_ROW(names)
TAP_ROW(texts)
TAP_END
