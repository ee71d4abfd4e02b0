/* ctl_request_test.c - requests of the control socket: lines, words, options. */
#include <stdio.h>

#include "admin/ctl.h"
#include "base/err.h"
#include "tap.h"

static const struct ctl_opt opts[] = {
	{ "--tier", "TIER", "" }, { "--fast", NULL, "" },
	{ "--budget", "B", "" }, { NULL, NULL, NULL }
};
static const struct ctl_cmd table[] = {
	{ "key", "", "", NULL, 0, 9, 0, NULL },
	{ "key create", "NAME", "", opts, 1, 1, 0, NULL },
	{ "stop", "", "", opts, 0, 0, 0, NULL },
	{ "provider list", "", "", NULL, 0, 0, 0, NULL },
	{ "provider show", "ID", "", NULL, 1, 1, 0, NULL },
	{ NULL, NULL, NULL, NULL, 0, 0, 0, NULL }
};

static struct arena *arena;
static struct ctl_call call;
static char err[200];

static int
take(const char *line)
{
	int rc;

	arena_free(&arena);
	arena = arena_new(4096);
	memset(&call, 0, sizeof(call));
	err[0] = '\0';
	rc = ctl_request_parse(arena, str_of(line), &call.req, err,
	    sizeof(err));
	if (rc == 0)
		rc = ctl_request_match(table, &call, err, sizeof(err));
	return rc;
}

TEST(words_and_options)
{
	EQ_INT(take("{\"json\":true,\"args\":[\"key\",\"create\",\"--tier\","
	    "\"pro\",\"bob\",\"--budget=1/day\",\"--budget\",\"2/week\"]}"),
	    0);
	EQ_STR(call.cmd->name, "key create");
	EQ_INT(call.req.json, 1);
	EQ_INT(call.n_words, 1);
	EQ_STR(call.word[0], "bob");
	EQ_STR(ctl_opt(&call, "--tier"), "pro");
	EQ_STR(ctl_opt_nth(&call, "--budget", 1), "2/week");
	OK(ctl_opt_nth(&call, "--budget", 2) == NULL);
	OK(ctl_opt(&call, "--fast") == NULL);
}

TEST(longest_name_wins)
{
	EQ_INT(take("{\"args\":[\"key\",\"list\"]}"), 0);
	EQ_STR(call.cmd->name, "key");
	EQ_STR(call.word[0], "list");
	EQ_INT(take("{\"args\":[\"stop\",\"--json\",\"--fast\"]}"), 0);
	EQ_INT(call.req.json, 1);
	EQ_STR(ctl_opt(&call, "--fast"), "");
}

TEST(after_two_dashes_all_are_words)
{
	EQ_INT(take("{\"args\":[\"key\",\"create\",\"--\",\"--tier\"]}"), 0);
	EQ_STR(call.word[0], "--tier");
}

TEST(refused)
{
	static const char *const bad[] = {
		"", "{}", "[]", "null", "{\"args\":[]}", "{\"args\":\"x\"}",
		"{\"args\":[1]}", "{\"args\":[\"a\\u0000b\"]}",
		"{\"args\":[\"nonsense\"]}", "{\"args\":[\"stop\",\"x\"]}",
		"{\"args\":[\"stop\",\"--slow\"]}",
		"{\"args\":[\"stop\",\"--fast=1\"]}",
		"{\"args\":[\"key\",\"create\"]}",
		"{\"args\":[\"key\",\"create\",\"a\",\"--tier\"]}",
		"{\"args\":[\"key\",\"create\",\"a\",\"b\"]}",
		"{\"args\":[\"stop\"]} x",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (take(bad[i]) != ERR_FORMAT)
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
		OK(err[0] != '\0');
	}
}

TEST(first_of_two_words)
{
	EQ_INT(take("{\"args\":[\"provider\"]}"), ERR_FORMAT);
	EQ_STR(err, "provider wants one of: list, show");
	EQ_INT(take("{\"args\":[\"provider\",\"lits\"]}"), ERR_FORMAT);
	EQ_STR(err, "provider wants one of: list, show");
	EQ_INT(take("{\"args\":[\"prov\"]}"), ERR_FORMAT);
	EQ_STR(err, "unknown command prov; \"aigwctl help\" lists all");
}

TEST(limits)
{
	static char line[CTL_LINE_MAX + 100];
	size_t i, n;

	n = (size_t)snprintf(line, sizeof(line), "{\"args\":[\"key\"");
	for (i = 0; i < CTL_ARGS_MAX; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ",\"a\"");
	snprintf(line + n, sizeof(line) - n, "]}");
	EQ_INT(take(line), ERR_TOOBIG);
	n = (size_t)snprintf(line, sizeof(line), "{\"args\":[\"");
	memset(line + n, 'x', CTL_ARG_MAX + 1);
	n += CTL_ARG_MAX + 1;
	snprintf(line + n, sizeof(line) - n, "\"]}");
	EQ_INT(take(line), ERR_TOOBIG);
	memset(line, ' ', sizeof(line) - 1);
	EQ_INT(take(line), ERR_TOOBIG);
}

TAP_BEGIN
TAP_ROW(words_and_options)
TAP_ROW(longest_name_wins)
TAP_ROW(after_two_dashes_all_are_words)
TAP_ROW(refused)
TAP_ROW(first_of_two_words)
TAP_ROW(limits)
TAP_END
