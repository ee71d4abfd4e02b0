/*
 * ctl_help.c - help from the table of commands.
 *
 * Runs in: admin.
 * Owns: nothing.
 */
#include <stdio.h>

#include "admin/ctl.h"

static void
help_options(struct ctl_call *call, const struct ctl_cmd *cmd)
{
	const struct ctl_opt *o;
	char name[48];

	for (o = cmd->opts; o != NULL && o->name != NULL; o++) {
		snprintf(name, sizeof(name), "%s %s", o->name,
		    o->arg == NULL ? "" : o->arg);
		ctl_print(call, "      %-24s %s\n", name, o->help);
	}
}

/* 1 when the row's name is these words or begins with them. */
static int
help_fits(const struct ctl_call *call, const struct ctl_cmd *cmd)
{
	struct str rest = str_of(cmd->name), part;
	int i;

	for (i = 0; i < call->n_words; i++)
		if (!str_split(&rest, ' ', &part) ||
		    !str_eqc(part, call->word[i]))
			return 0;
	return 1;
}

static struct json_object *
help_tree(const struct ctl_cmd *cmd)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const struct ctl_opt *p;

	ctl_set_str(o, "name", cmd->name);
	ctl_set_str(o, "args", cmd->args);
	ctl_set_str(o, "help", cmd->help);
	for (p = cmd->opts; p != NULL && p->name != NULL; p++)
		json_object_array_add(list, json_object_new_string(p->name));
	json_object_object_add(o, "options", list);
	return o;
}

enum ctl_next
ctl_help(struct ctl_call *call)
{
	struct json_object *list = json_object_new_array();
	const struct ctl_cmd *cmd;
	char line[96];
	int n = 0;

	for (cmd = ctl_table; cmd->name != NULL; cmd++) {
		if (!help_fits(call, cmd))
			continue;
		n++;
		if (call->req.json) {
			json_object_array_add(list, help_tree(cmd));
			continue;
		}
		snprintf(line, sizeof(line), "%s %s", cmd->name, cmd->args);
		ctl_print(call, "  %-34s %s\n", line, cmd->help);
		if (call->n_words > 0)
			help_options(call, cmd);
	}
	if (call->req.json && n > 0)
		ctl_print_json(call, list);
	else
		json_object_put(list);
	if (n == 0)
		return ctl_error(call, CTL_USAGE, "no command %s",
		    call->word[0]);
	return CTL_DONE;
}

enum ctl_next
ctl_version(struct ctl_call *call)
{
	if (call->req.json)
		ctl_print(call, "{\"version\":\"%s\"}\n", VERSION);
	else
		ctl_print(call, "aigw %s\n", VERSION);
	return CTL_DONE;
}
