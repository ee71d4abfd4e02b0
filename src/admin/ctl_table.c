/*
 * ctl_table.c - the commands of the control socket, one row each.
 *
 * Runs in: admin.
 * Owns: the table of commands.
 *
 * The help of aigwctl comes from here; aigwctl.8 says more.
 */
#include "admin/ctl.h"
#include "admin/ctl_key.h"

static const struct ctl_opt ctl_stop_options[] = {
	{ "--fast", NULL, "break off what is under way" },
	{ NULL, NULL, NULL }
};
static const struct ctl_opt ctl_upgrade_options[] = {
	{ "--keep", NULL, "let the old one serve on beside the new one" },
	{ NULL, NULL, NULL }
};
static const struct ctl_opt ctl_rotate_options[] = {
	{ "--grace", "TIME", "how long the old secret works; "
	    "default limits.rotate_grace" },
	{ NULL, NULL, NULL }
};
static const struct ctl_opt ctl_usage_options[] = {
	{ "--days", "N", "today and the days before it; default 30" },
	{ "--by", "COLUMN", "key, provider, model, group, day, session or "
	    "agent" },
	{ "--session", "ID", "only this session, by agent" },
	{ NULL, NULL, NULL }
};

const struct ctl_cmd ctl_table[] = {
	{ "help", "[COMMAND]", "list the commands, or explain one", NULL,
	    0, 2, 0, ctl_help },
	{ "version", "", "version of the running gateway", NULL,
	    0, 0, 0, ctl_version },
	{ "status", "", "processes, providers, last reload, warnings", NULL,
	    0, 0, 0, ctl_status },
	{ "reload", "", "read the configuration again and report on it",
	    NULL, 0, 0, 1, ctl_reload },
	{ "reopen", "", "open the log files again", NULL,
	    0, 0, 1, ctl_reopen },
	{ "upgrade", "[--keep]", "change to the installed binary",
	    ctl_upgrade_options, 0, 0, 1, ctl_upgrade },
	{ "drain", "", "let the workers finish and leave", NULL,
	    0, 0, 1, ctl_drain },
	{ "stop", "[--fast]", "stop when what is under way has ended",
	    ctl_stop_options, 0, 0, 1, ctl_stop },
	{ "key create", "NAME [OPTIONS]", "make a client key, show its secret",
	    ctl_key_options, 0, 1, 1, ctl_key_create },
	{ "key set", "NAME OPTIONS", "change a client key",
	    ctl_key_options, 1, 1, 1, ctl_key_edit },
	{ "key list", "", "all client keys", NULL, 0, 0, 0, ctl_key_list },
	{ "key show", "NAME", "one client key", NULL, 1, 1, 0,
	    ctl_key_show },
	{ "key enable", "NAME", "let a client key work again", NULL, 1, 1, 1,
	    ctl_key_enable },
	{ "key disable", "NAME", "refuse a client key from now on", NULL,
	    1, 1, 1, ctl_key_disable },
	{ "key rotate", "NAME [--grace TIME]", "give a client key a new secret",
	    ctl_rotate_options, 1, 1, 1, ctl_key_rotate },
	{ "key delete", "NAME", "remove a client key", NULL, 1, 1, 1,
	    ctl_key_delete },
	{ "provider list", "", "providers and their keys' health", NULL,
	    0, 0, 0, ctl_provider_list },
	{ "provider show", "ID", "one provider", NULL, 1, 1, 0,
	    ctl_provider_show },
	{ "usage", "[OPTIONS]", "requests, tokens and cost",
	    ctl_usage_options, 0, 0, 0, ctl_usage },
	{ NULL, NULL, NULL, NULL, 0, 0, 0, NULL }
};
