/*
 * ctl_request.c - requests of the control socket: JSON line to command row.
 *
 * Runs in: admin; pure (fuzzed).
 * Owns: nothing.
 */
#include <stdio.h>

#include "admin/ctl.h"
#include "base/err.h"

static int
ctl_request_arg(struct arena *a, struct json_object *o, const char **out)
{
	const char *p;
	size_t n;

	if (!json_object_is_type(o, json_type_string))
		return ERR_FORMAT;
	p = json_object_get_string(o);
	n = (size_t)json_object_get_string_len(o);
	if (n > CTL_ARG_MAX)
		return ERR_TOOBIG;
	if (memchr(p, '\0', n) != NULL)
		return ERR_FORMAT;
	*out = arena_strndup(a, p, n);
	return 0;
}

static int
ctl_request_args(struct arena *a, struct json_object *list,
    struct ctl_request *out)
{
	size_t i, n;
	int rc;

	if (!json_object_is_type(list, json_type_array))
		return ERR_FORMAT;
	n = json_object_array_length(list);
	if (n == 0)
		return ERR_FORMAT;
	if (n > CTL_ARGS_MAX)
		return ERR_TOOBIG;
	for (i = 0; i < n; i++) {
		rc = ctl_request_arg(a, json_object_array_get_idx(list, i),
		    &out->argv[i]);
		if (rc < 0)
			return rc;
	}
	out->argc = (int)n;
	return 0;
}

int
ctl_request_parse(struct arena *a, struct str line, struct ctl_request *out,
    char *err, size_t errsize)
{
	struct json_object *o = NULL, *json;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = line.n > CTL_LINE_MAX ? ERR_TOOBIG : json_parse(line, &o);
	if (rc == 0 && !json_object_is_type(o, json_type_object))
		rc = ERR_FORMAT;
	if (rc == 0)
		rc = ctl_request_args(a, json_get(o, "args"), out);
	if (rc == 0) {
		json = json_get(o, "json");
		out->json = json_object_is_type(json, json_type_boolean) &&
		    json_object_get_boolean(json);
	}
	json_object_put(o);
	if (rc < 0)
		snprintf(err, errsize, "request %s", err_str(rc));
	return rc;
}

/* How many of the words are the row's name; 0: it is another command. */
static int
ctl_request_name(const struct ctl_cmd *cmd, const struct ctl_request *req)
{
	struct str rest = str_of(cmd->name), part;
	int n = 0;

	while (str_split(&rest, ' ', &part)) {
		if (n >= req->argc || !str_eqc(part, req->argv[n]))
			return 0;
		n++;
	}
	return n;
}

static const struct ctl_opt *
ctl_request_opt(const struct ctl_cmd *cmd, struct str name)
{
	const struct ctl_opt *o;

	for (o = cmd->opts; o != NULL && o->name != NULL; o++)
		if (str_eqc(name, o->name))
			return o;
	return NULL;
}

/* One option at argv[*i], "--name value" or "--name=value". */
static int
ctl_request_option(struct ctl_call *call, int *i, char *err, size_t errsize)
{
	struct str name = str_of(call->req.argv[*i]);
	const char *value = strchr(call->req.argv[*i], '=');
	const struct ctl_opt *o;

	if (value != NULL)
		name.n = (size_t)(value++ - name.p);
	o = ctl_request_opt(call->cmd, name);
	if (o == NULL || (o->arg == NULL && value != NULL)) {
		snprintf(err, errsize, "%s: unknown option %.*s",
		    call->cmd->name, (int)(name.n > 64 ? 64 : name.n), name.p);
		return ERR_FORMAT;
	}
	if (o->arg != NULL && value == NULL) {
		if (*i + 1 >= call->req.argc) {
			snprintf(err, errsize, "%s: %s wants %s",
			    call->cmd->name, o->name, o->arg);
			return ERR_FORMAT;
		}
		value = call->req.argv[++*i];
	}
	if (call->n_opts >= CTL_OPTS_MAX) {
		snprintf(err, errsize, "%s: too many options",
		    call->cmd->name);
		return ERR_FORMAT;
	}
	call->opt[call->n_opts].opt = o;
	call->opt[call->n_opts++].value = value == NULL ? "" : value;
	return 0;
}

static int
ctl_request_sort(struct ctl_call *call, int from, char *err, size_t errsize)
{
	int i, rc, words = 0;

	for (i = from; i < call->req.argc; i++) {
		const char *arg = call->req.argv[i];

		if (!words && strcmp(arg, "--") == 0) {
			words = 1;
		} else if (!words && strcmp(arg, "--json") == 0) {
			call->req.json = 1;
		} else if (!words && arg[0] == '-' && arg[1] == '-') {
			rc = ctl_request_option(call, &i, err, errsize);
			if (rc < 0)
				return rc;
		} else
			call->word[call->n_words++] = arg;
	}
	if (call->n_words < call->cmd->min ||
	    call->n_words > call->cmd->max) {
		snprintf(err, errsize, "usage: %s %s", call->cmd->name,
		    call->cmd->args);
		return ERR_FORMAT;
	}
	return 0;
}

/* The first of two words: which may be the other? 0: it is none. */
static size_t
ctl_request_family(const struct ctl_cmd *table, const char *word, char *err,
    size_t errsize)
{
	size_t n = strlen(word), used = 0;
	const struct ctl_cmd *cmd;

	for (cmd = table; cmd->name != NULL; cmd++)
		if (strncmp(cmd->name, word, n) == 0 && cmd->name[n] == ' ' &&
		    used < errsize)
			used += (size_t)snprintf(err + used, errsize - used,
			    "%s%s%s", used == 0 ? word : "",
			    used == 0 ? " wants one of: " : ", ",
			    cmd->name + n + 1);
	return used;
}

int
ctl_request_match(const struct ctl_cmd *table, struct ctl_call *call,
    char *err, size_t errsize)
{
	const struct ctl_cmd *cmd;
	int n, best = 0;

	for (cmd = table; cmd->name != NULL; cmd++) {
		n = ctl_request_name(cmd, &call->req);
		if (n > best) {
			best = n;
			call->cmd = cmd;
		}
	}
	if (best == 0 && ctl_request_family(table, call->req.argv[0], err,
	    errsize) > 0)
		return ERR_FORMAT;
	if (best == 0) {
		snprintf(err, errsize,
		    "unknown command %.64s; \"aigwctl help\" lists all",
		    call->req.argv[0]);
		return ERR_FORMAT;
	}
	return ctl_request_sort(call, best, err, errsize);
}

const char *
ctl_opt_nth(const struct ctl_call *call, const char *name, int nth)
{
	int i;

	for (i = 0; i < call->n_opts; i++)
		if (strcmp(call->opt[i].opt->name, name) == 0 && nth-- == 0)
			return call->opt[i].value;
	return NULL;
}

const char *
ctl_opt(const struct ctl_call *call, const char *name)
{
	return ctl_opt_nth(call, name, 0);
}
